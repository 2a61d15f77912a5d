"""What a transfer of some orders will do, in figures: the line above the button that can't be taken back."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from conftest import World
from dinero.dashboard import orders as library
from dinero.dashboard import selection
from dinero.dashboard.orders import MANY, Preview
from dinero.dashboard.selection import Selection
from dinero.model.documents import Document, StoredOrder
from stories import line, total


def rows(world: World) -> list[StoredOrder]:
    return world.dashboard.store.orders.list(limit=10_000)


def summary(world: World) -> Selection:
    return world.dashboard.orders.summary(rows(world))


def test_the_figures_are_those_of_the_documents_that_are_sent(world: World) -> None:
    for number in (1, 2):
        world.order(number)
    told = summary(world)
    assert (told.invoices, told.credit_notes, told.new_customers) == (2, 0, 2)
    assert told.sums == {"DKK": 2 * 73700}
    assert told.vat == {"DKK": 2 * 14740}
    assert told.exact
    assert told.first == told.last
    world.push()
    assert {document.plan.issued_on for row in rows(world) for document in documents(world, row)} == {told.first}
    assert sum(document.plan.vat.ore for row in rows(world) for document in documents(world, row)) == told.vat["DKK"]


def documents(world: World, row: StoredOrder) -> list[Document]:
    return world.dashboard.store.documents.booked_of(row.key)


def test_invoices_and_credit_notes_are_counted_apart_and_taken_off_the_sums(world: World) -> None:
    world.order(1)
    world.push()
    world.order(2)
    world.order(3, credited_order_id=1, **RETURN)
    told = world.dashboard.orders.summary([world.row(2), world.row(3)])
    assert (told.invoices, told.credit_notes) == (1, 1)
    assert told.sums == {"DKK": 73700 + (world.row(3).total_ore or 0)}
    assert told.vat["DKK"] < 14740
    assert told.new_customers == 1, "the credit note's customer is known"


RETURN = {
    "shipping_price": 0,
    "paid": None,
    "status": "new",
    "products": [line("Keramikkop", 149.5, 25, -2)],
    **total(-299, -59.8),
}


def test_two_currencies_are_never_added_up(world: World) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1)
    world.order(2, currency="EUR")
    told = summary(world)
    assert told.sums == {"DKK": 73700, "EUR": 73700}
    assert told.payout.sold.ore == 73700


def test_a_customer_that_dinero_has_is_not_new(world: World) -> None:
    world.order(1)
    world.push()
    world.order(2, email="kunde1@example.com")
    world.order(3)
    world.order(4, email="kunde3@example.com")
    told = world.dashboard.orders.summary([world.row(number) for number in (2, 3, 4)])
    assert told.new_customers == 1


def test_of_very_many_orders_none_is_planned_and_the_figures_are_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(9)
    world.push()
    for number in (1, 2, 3):
        world.order(number)
    world.order(4, email="kunde9@example.com")
    chosen = [row for row in rows(world) if row.state == "waiting"]
    exact = world.dashboard.orders.summary(chosen)
    monkeypatch.setattr(library, "EXACT", 3)
    monkeypatch.setattr(world.dashboard.orders, "previews", lambda rows: pytest.fail("each order was planned"))
    world.dashboard.orders._summed = None
    told = world.dashboard.orders.summary(chosen)
    assert not told.exact
    for name in ("invoices", "credit_notes", "sums", "vat", "new_customers", "payout"):
        assert getattr(told, name) == getattr(exact, name)


def test_orders_are_planned_once_while_nothing_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(1)
    planned = []
    previews = world.dashboard.orders.previews

    def counted(rows: Iterable[StoredOrder]) -> list[Preview]:
        planned.append(rows)
        return previews(rows)

    monkeypatch.setattr(world.dashboard.orders, "previews", counted)
    for _ in range(3):
        summary(world)
    assert len(planned) == 1
    world.dashboard.settings.save(payment_days=14)
    summary(world)
    world.order(1, order_name="En anden")
    summary(world)
    assert len(planned) == 3


def test_the_first_transfer_of_all_wants_a_second_look_and_the_daily_handful_never_does(world: World) -> None:
    asked = world.dashboard.orders.is_unusual
    assert asked(1)
    world.order(1)
    world.push()
    assert not asked(1)
    assert not asked(MANY)
    assert asked(MANY + 1), "a usual day has one order at most"
    world.clock.advance(timedelta(days=400).total_seconds())
    assert not asked(MANY), "an old shop is no new one"


def test_what_is_usual_for_a_large_shop_wants_no_second_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(1)
    world.push()
    day = world.dashboard.store.sums.transfers_by_day("2026-01-01", "2027-12-31")[0]
    many = [type(day)(n=30 * 60, ore=0, currency="DKK")]
    monkeypatch.setattr(type(world.dashboard.store.sums), "transfers_by_day", lambda *_: many)
    assert not world.dashboard.orders.is_unusual(200)
    assert world.dashboard.orders.is_unusual(601)


def test_so_many_are_planned_that_a_page_stays_quick() -> None:
    assert selection.EXACT <= 200
