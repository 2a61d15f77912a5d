"""The page of the payouts, and where else a payout is told of: by its name, with what became of it."""

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.acquirers import acquirer_of
from dinero.sandbox.settlements import CLEARHAUS
from test_history_page import drawn, rows
from test_payouts_desk import payouts_of, read, ready


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30)


def at(page: AppTest, file: str, **query: str) -> str:
    """A page at an address, as the HTML of ours that it draws."""
    page.query_params.clear()
    page.query_params.update(query)
    page.run()
    page.switch_page(file).run()
    assert not page.exception
    return drawn(page)


def test_the_end_of_a_booking_is_told_with_its_sum_and_the_proof_is_of_after_it(world: World, page: AppTest) -> None:
    ready(world)
    at(page, "payouts.py")
    page.button(key="book_all").click().run()
    assert "udbetalinger er ved at blive bogført" in drawn(page)
    world.dashboard.payouts.work()
    told = drawn(page.run())
    total = sum(row.net_ore for row in world.dashboard.payouts.listed())
    assert f"2 af 2 udbetalinger er i Dinero: {total // 100},{total % 100:02d}" in told
    balance = world.dashboard.balance.latest()
    assert balance is not None
    assert balance.dinero_ore == -sum(row.sold_ore for row in world.dashboard.payouts.listed())


def test_the_history_names_the_payout_its_acquirer_and_its_amount(world: World, page: AppTest) -> None:
    number, _ = ready(world)
    world.dashboard.payouts.book([number], actor="owner")
    world.dashboard.payouts.work()
    payout = world.dashboard.payouts.get(number)
    assert payout is not None
    html = at(page, "history.py", show="ended")
    (row,) = [row for row in rows(html) if "læst tilbage" in row]
    assert all(part in row for part in (payout.bank_text, acquirer_of(CLEARHAUS).name, "✓ Bogført")), row
    assert f"/payouts?payout={number}" in html
    (event,) = world.dashboard.past.events(("done",), "", "", "", limit=5, offset=0)
    assert (event.total_ore, event.currency, event.order) == (payout.net_ore, "DKK", None)


def test_the_acquirer_that_is_asked_about_stands_first_and_has_the_only_primary_button(
    world: World, page: AppTest
) -> None:
    read(world, payouts_of())
    at(page, "setup.py", tab="payouts", show=CLEARHAUS)
    keys = [button.key for button in page.button]
    assert keys.index(f"save/{CLEARHAUS}") < keys.index("save_payout_accounts")
    primary = [button.key for button in page.button if button.proto.type == "primary"]
    assert primary == [f"save/{CLEARHAUS}"]
