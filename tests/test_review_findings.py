"""What does not hold yet: each test fails as its reason says."""

from pathlib import Path
from typing import Any

import pytest

from conftest import World
from dinero import changes
from dinero.api.client import Dinero
from dinero.safekeeping import backup, restore
from test_corrections import correct, edit, fewer_pieces


@pytest.mark.xfail(strict=True, reason="corrected() accepts the order as it is now, not as the credit note was made of")
def test_an_edit_in_the_shop_while_a_difference_is_being_credited_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    real = Dinero.book

    def edited_meanwhile(self: Dinero, *arguments: Any) -> Any:
        edit(world, 1, **fewer_pieces(), status="cancelled")
        return real(self, *arguments)

    monkeypatch.setattr(Dinero, "book", edited_meanwhile)
    correct(world, 1, changes.DIFFERENCE)
    monkeypatch.undo()
    world.dashboard.fetch()
    assert world.row(1)["state"] == "done"
    assert world.row(1)["change"] is not None


@pytest.mark.xfail(strict=True, reason="an invoice that is found in Dinero is not looked at for its credit notes")
def test_an_order_that_was_taken_back_after_the_backup_is_not_shown_as_transferred(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push(1)
    correct(world, 1, changes.UNDO)
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.fetch()
    world.push(1)
    assert world.row(1)["state"] != "done"
