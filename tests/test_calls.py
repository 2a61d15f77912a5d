"""How Dinero is asked: how long an answer is waited for, what a 429 says, and what is never sent."""

from typing import Any

import pytest
from dinero.dashboard.connection import DINERO_PAGES

from conftest import World
from dinero.api import session


def test_an_answer_is_waited_for_as_long_as_the_slowest_list_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dinero's list of one customer's invoices was seen to take more than 20 seconds."""
    waited: set[tuple[float, float]] = set()
    real = session.exchange

    def watch(*arguments: Any, timeout: tuple[float, float], **options: Any) -> Any:
        waited.add(timeout)
        return real(*arguments, timeout=timeout, **options)

    monkeypatch.setattr(session, "exchange", watch)
    world.order(1)
    world.push()
    assert waited == {(5.0, 30.0)}


@pytest.mark.parametrize(("told", "at_least", "below"), [(17, 17, 60), (None, 60, 75), (100_000, 120, 135)])
def test_a_429_is_waited_for_as_long_as_it_says_and_else_a_minute(
    world: World, told: int | None, at_least: float, below: float
) -> None:
    world.order(1)
    world.sandbox.fault(
        "status", method="POST", path="/invoices$", status=429, body="API calls quota exceeded!", retry_after=told
    )
    before = world.clock.now()
    world.push()
    assert world.row(1).state == "done"
    assert at_least <= (world.clock.now() - before).total_seconds() < below


def test_lists_are_never_asked_for_in_an_order(world: World) -> None:
    """With `sort`, Dinero was seen to answer 500 to the list of invoices."""
    world.order(1)
    world.order(2, currency="EUR")
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.push()
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(today.replace(day=1), today)
    world.dashboard.older.check(today.replace(day=1), today)
    gets = [call for call in world.sandbox.calls if call.method == "GET"]
    lists = [call for call in gets if call.path.endswith(("/invoices", "/sales"))]
    assert len(lists) > 2
    assert not [call.query for call in lists if {"sort", "sortOrder"} & set(call.query)]


def test_the_address_of_dineros_own_pages_is_one_place_and_the_sandboxs_has_its_form(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.dashboard.connection.invoice_pages() == f"{world.sandbox.url}/210001/sales/"
    monkeypatch.setattr(
        "dinero.dashboard.connection.DINERO_PAGES", "https://example.com/{organization}/2026/documents/"
    )
    assert world.dashboard.connection.invoice_pages() == f"{world.sandbox.url}/210001/2026/documents/"
    assert DINERO_PAGES.startswith("https://app.dinero.dk/")
