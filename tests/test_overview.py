"""The overview: each number is the length of its list, each order is in one group, and the sentence is true."""

from datetime import date, timedelta

import pytest

from conftest import World
from dinero.model.clock import midnight, utc_text
from dinero.model.documents import STATE_NAMES, STATES
from dinero.model.errors import ConnectionStopped
from dinero.model.money import Money
from dinero.model.settings import FeeRate
from dinero.reports.overview import GROUP_OF, GROUPS, OWNER
from dinero.rules.fees import estimate_fees
from dinero.sandbox import make_order
from dinero.sandbox.shop import KEY
from test_corrections import refund


def test_every_state_is_in_exactly_one_group() -> None:
    assert set(GROUP_OF) == set(STATES) == set(STATE_NAMES)


def test_without_orders_it_says_so(world: World) -> None:
    assert [str(text) for text in world.dashboard.orders.overview().sentence] == [
        "Der er ikke hentet ordrer fra webshoppen endnu."
    ]


def test_the_sentence_says_what_waits_what_is_not_due_and_what_needs_the_owner(world: World) -> None:
    world.order(1)
    world.push(1)
    assert sentence(world) == "Kl. 10.00: alt er overført."
    world.order(3, paid=None)
    assert sentence(world) == "Kl. 10.00: alt, der er klar, er overført. 1 ordre er ikke klar endnu."
    world.order(2)
    assert sentence(world) == "1 ordre venter. 1 ordre er ikke klar endnu. Resten er overført."
    world.order(4, currency="EUR")
    assert sentence(world) == "1 ordre kræver dig. 1 venter. 1 ordre er ikke klar endnu. Resten er overført."


def sentence(world: World) -> str:
    return " ".join(str(text) for text in world.dashboard.orders.overview().sentence)


def test_nothing_is_said_to_be_all_over_orders_that_are_old(world: World) -> None:
    world.order(1)
    world.push(1)
    overview = world.dashboard.orders.overview
    assert (overview().is_current, overview().all_well) == (True, True)
    world.clock.advance(6 * 3600)
    assert overview().all_well
    world.clock.advance(1)
    assert sentence(world) == "Ordrerne er sidst hentet kl. 10.00."
    assert (overview().is_current, overview().all_well) == (False, False)
    world.clock.advance(24 * 3600 - 6 * 3600)
    assert sentence(world) == "Ordrerne er sidst hentet i går kl. 10.00."
    world.clock.advance(24 * 3600)
    assert sentence(world) == "Ordrerne er sidst hentet den 24. nov. 2026 kl. 10.00."
    world.dashboard.orders.fetch()
    assert overview().all_well


def test_a_fetch_that_failed_takes_the_word_all_away(world: World) -> None:
    world.order(1)
    world.push(1)
    world.sandbox.shop.key = "another"
    world.clock.advance(600)
    with pytest.raises(ConnectionStopped):
        world.dashboard.orders.fetch()
    assert sentence(world) == "Ordrerne er sidst hentet kl. 10.00."
    found = world.dashboard.orders.last_fetch()
    assert found is not None
    assert (found.seen, found.new, found.changed) == (1, 1, 0)
    assert found.at is not None
    assert found.failed_at == world.clock.now()
    assert str(found.problem).startswith("Shoporama godkender ikke nøglen")
    world.sandbox.shop.key = KEY
    world.dashboard.orders.fetch()
    found = world.dashboard.orders.last_fetch()
    assert found is not None
    assert (found.problem, found.new, found.at) == (None, 0, world.clock.now())


def test_fetching_tells_of_each_page(world: World) -> None:
    for number in range(1, 251):
        world.sandbox.shop.add(make_order(order_id=number, webshop_order_id=number))
    told: list[tuple[int, int]] = []
    world.dashboard.orders.fetch(on_page=lambda pages, orders: told.append((pages, orders)))
    assert told == [(1, 100), (2, 200), (3, 250)]


def test_a_month_has_two_sums_each_by_its_own_day(world: World) -> None:
    world.order(1, time="2026-10-30 12:00:00", paid="2026-10-30 12:00:00")
    world.order(2)
    world.order(3, **refund(2))
    world.push(1, 2)
    world.push(3)
    now = world.dashboard.orders.overview()
    credited = world.row(3).total_ore or 0
    assert (now.month.count, now.month.invoices, now.month.credit_notes) == (3, 2, 1)
    assert now.month.sums == {"DKK": 2 * 73700 + credited}
    by_date = now.month_by_date
    assert (by_date.count, by_date.invoices, by_date.credit_notes) == (2, 1, 1)
    assert by_date.sums == {"DKK": 73700 + credited}


def test_each_number_is_the_length_of_its_list(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2)
    world.order(3, currency="EUR")
    now, store = world.dashboard.orders.overview(), world.dashboard.store
    month = (now.first_of_month.isoformat(), now.today.isoformat())
    assert now.waiting.count == store.orders.count(states=GROUPS["waiting"]) == 1
    assert [row.id for row in store.orders.list(states=GROUPS["waiting"])] == ["2"]
    assert now.owner.count == store.orders.count(states=OWNER) == len(store.orders.list(states=OWNER)) == 1
    assert now.month.count == store.orders.count(states=("done",), done_on=month) == 1
    assert store.orders.list(states=("done",), done_on=month)[0].id == "1"
    assert now.month.sums == {"DKK": world.row(1).total_ore}
    assert now.owner.sums == {"EUR": world.row(3).total_ore}, "amounts of two currencies are never added up"


def test_an_order_is_counted_on_the_copenhagen_day_of_its_transfer(world: World) -> None:
    world.order(1)
    world.push(1)
    today = world.dashboard.orders.overview().today
    assert world.row(1).done_on == today.isoformat()
    yesterday = (today - timedelta(days=1)).isoformat()
    assert world.dashboard.store.orders.list(done_on=(yesterday, yesterday)) == []


def test_what_it_did_since_yesterday_leaves_out_what_is_older(world: World) -> None:
    world.order(1)
    world.push(1)
    world.clock.advance(timedelta(days=2).total_seconds())
    world.order(2)
    world.order(3)
    world.push(2)
    world.clock.advance(timedelta(days=1).total_seconds())
    now = world.dashboard.orders.overview()
    assert (now.recent.count, now.fetched) == (1, 2)
    days = (now.yesterday.isoformat(), now.today.isoformat())
    assert [row.id for row in world.dashboard.store.orders.list(states=("done",), done_on=days)] == ["2"]
    assert now.recent.sums == {"DKK": world.row(2).total_ore}
    world.clock.advance(timedelta(days=1).total_seconds())
    assert (world.dashboard.orders.overview().recent.count, world.dashboard.orders.overview().fetched) == (0, 0)


def test_yesterday_begins_at_midnight_in_copenhagen() -> None:
    assert utc_text(midnight(date(2026, 7, 1))) == "2026-06-30T22:00:00.000+00:00"
    assert utc_text(midnight(date(2026, 12, 1))) == "2026-11-30T23:00:00.000+00:00"


def test_the_chart_holds_every_order_of_its_days_once(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2)
    days = world.dashboard.orders.overview().days
    assert sorted((part.group, part.count) for part in days) == [("done", 1), ("waiting", 1)]
    assert {type(part.day) for part in days} == {date}


def test_the_booking_account_holds_what_was_registered_less_refunds(world: World) -> None:
    world.order(1)
    world.push(1)
    cup = {**make_order()["products"][0], "amount": -1}
    world.order(
        2,
        products=[cup],
        total_price=-149.5,
        price=-149.5,
        vat=-29.9,
        shipping_price=0,
        paid=None,
        credited_order_id=1,
        status="new",
    )
    world.push(2)
    assert world.dashboard.orders.overview().deposit == Money(73700 - 14950)


def test_fees_are_a_share_of_the_sum_and_a_fixed_part_of_each_sale() -> None:
    from decimal import Decimal

    rates = {"Kort": FeeRate(Decimal("1.5"), 100)}
    assert estimate_fees([("Kort", 3, Money(100_000))], rates) == (Money(1500 + 300), False)
    assert estimate_fees([("MobilePay", 1, Money(24900))], rates) == (Money(800), True)


def test_a_search_finds_number_name_part_amount_and_invoice(world: World) -> None:
    world.order(1)
    world.order(
        2,
        products=[{**make_order()["products"][0], "amount": 1}],
        total_price=149.5,
        price=149.5,
        vat=29.9,
        shipping_price=0,
    )
    world.push(1)
    store = world.dashboard.store

    def found(search: str) -> list[str]:
        rows = store.orders.list(search=search)
        assert len(rows) == store.orders.count(search=search)
        return sorted(row.id for row in rows)

    assert found("149,50") == ["2"]
    assert found("737,00") == ["1"]
    assert found(str(world.row(1).invoice_number)) == ["1"]
    assert found(world.row(1).customer[1:5].upper()) == ["1", "2"]
    assert found("findes ikke%") == []
    assert {row.order and row.order.id for row in store.history.list(search="149,50")} == {"2"}
