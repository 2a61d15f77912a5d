"""What does not hold yet: each test fails as its reason says."""

from pathlib import Path

import pytest

from conftest import World
from dinero import changes
from dinero.safekeeping import backup, restore
from test_corrections import correct


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
