"""The owner's minute: nothing is green without a success, and one click transfers exactly what it counted, once."""

import uuid
from datetime import timedelta
from functools import partial

import pytest

from conftest import World
from dinero.dashboard.day import Tone
from dinero.model.documents import OrderKey, Progress
from dinero.model.errors import DashboardError
from dinero.model.health import DINERO, SHOP
from dinero.model.money import Money

ORGANIZATION = "210001"


def tone(world: World) -> Tone:
    return world.dashboard.day.minute().tone


@pytest.fixture
def well(world: World) -> World:
    """All is transferred, and both connections were used just now."""
    world.order(1)
    world.push(1)
    assert tone(world) is Tone.WELL
    return world


def test_without_a_success_of_both_connections_nothing_is_green(world: World) -> None:
    world.dashboard.orders.fetch()
    assert tone(world) is Tone.TO_DO


def test_when_the_shops_key_was_revoked_it_is_trouble_until_a_fetch_succeeds(well: World) -> None:
    key = well.sandbox.shop.key
    well.sandbox.shop.key = "another"
    with pytest.raises(DashboardError):
        well.dashboard.orders.fetch()
    assert tone(well) is Tone.TROUBLE
    well.sandbox.shop.key = key
    well.dashboard.health.retry(SHOP)
    assert tone(well) is Tone.TROUBLE, "the orders were not fetched yet"
    well.dashboard.orders.fetch()
    assert tone(well) is Tone.WELL


def test_when_pro_is_gone_it_is_trouble_until_dinero_gives_access_again(well: World) -> None:
    well.sandbox.books.set_pro(ORGANIZATION, False)
    well.order(2)
    with pytest.raises(DashboardError):
        well.push(2)
    assert tone(well) is Tone.TROUBLE
    well.sandbox.books.set_pro(ORGANIZATION, True)
    well.dashboard.health.retry(DINERO)
    assert tone(well) is Tone.TROUBLE, "the transfer that stopped is not seen to"
    assert well.dashboard.transfers.retry("again", well.dashboard.transfers.records()[0].id, actor="owner")
    well.dashboard.transfers.run("again")
    assert tone(well) is Tone.WELL


def test_when_dinero_is_away_it_is_trouble_until_it_answers(well: World) -> None:
    well.sandbox.fault("status", path=r"^/v\d", status=503, times=9)
    with pytest.raises(DashboardError):
        well.dashboard.accounts.refresh()
    assert tone(well) is Tone.TROUBLE
    well.sandbox.faults.clear()
    well.dashboard.health.retry(DINERO)
    assert tone(well) is Tone.WELL


def test_nothing_is_green_over_old_orders(well: World) -> None:
    well.clock.advance(timedelta(hours=7).total_seconds())
    assert tone(well) is Tone.TO_DO
    assert "overført" not in " ".join(str(text) for text in well.dashboard.day.minute().overview.sentence)


def test_what_needs_the_owner_is_told_before_what_waits(world: World) -> None:
    world.order(1)
    assert tone(world) is Tone.TO_DO
    world.order(2, currency="EUR")
    assert tone(world) is Tone.OWNER


def test_one_click_transfers_the_orders_that_were_counted_and_no_other(world: World) -> None:
    world.order(1)
    world.order(2)
    ready = world.dashboard.day.ready()
    assert (ready.counted.count, ready.counted.sums) == (2, {"DKK": 2 * 73700})
    world.sandbox.shop.add(world.sandbox.shop.orders[0] | {"order_id": 3, "webshop_order_id": 1003})
    assert world.dashboard.day.fetch_and_push("one", ready.orders)
    world.dashboard.transfers.run("one")
    assert [row.order_id for row in world.dashboard.store.operations.orders_of("one")] == ["1", "2"]
    assert world.row(3).state == "waiting", "what is new with the fetch waits for a click of its own"
    assert [key.id for key in world.dashboard.day.ready().orders] == ["3"]


def test_a_double_click_is_one_transfer(world: World) -> None:
    world.order(1)
    orders = world.dashboard.day.ready().orders
    click = partial(world.dashboard.day.fetch_and_push, "one", orders)
    assert (click(), click()) == (True, False)
    assert world.dashboard.transfers.count() == 1
    world.dashboard.transfers.run("one")
    assert not click()
    assert len(world.writes("/book")) == 1


def test_when_the_orders_can_not_be_fetched_nothing_is_transferred(world: World) -> None:
    world.order(1)
    orders = world.dashboard.day.ready().orders
    world.sandbox.shop.key = "another"
    with pytest.raises(DashboardError):
        world.dashboard.day.fetch_and_push("one", orders)
    assert world.dashboard.transfers.count() == 0


def test_an_order_that_is_cancelled_meanwhile_is_not_transferred(world: World) -> None:
    world.order(1)
    orders = world.dashboard.day.ready().orders
    world.sandbox.shop.orders[0] |= {"status": "cancelled", "paid": None, "last_modified": world.now()}
    assert world.dashboard.day.fetch_and_push("one", orders)
    world.dashboard.transfers.run("one")
    assert world.writes("/book") == []


def test_the_oldest_orders_are_counted_first(world: World) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    world.order(2, time="2026-11-19 10:00:00")
    assert world.dashboard.day.ready().orders == (OrderKey("shoporama", "2"), OrderKey("shoporama", "1"))
    assert world.dashboard.store.orders.first(("waiting",), limit=1) == [
        (OrderKey("shoporama", "2"), Money(world.row(2).total_ore or 0))
    ]


def test_the_last_transfer_is_the_same_for_another_session_and_after_a_restart(world: World) -> None:
    world.order(1)
    world.push(1)
    told = world.dashboard.day.minute().latest
    assert told is not None
    assert (told.status, told.sums) == (Progress.FINISHED, {"DKK": 73700})
    assert world.dashboard.day.minute().latest == told
    assert world.restart().day.minute().latest == told


def test_running_by_itself_is_offered_after_a_good_transfer_by_hand_until_it_is_declined(world: World) -> None:
    day = world.dashboard.day
    assert not day.offers_automatic(day.minute().latest)
    world.order(1)
    automatic = str(uuid.uuid4())
    world.dashboard.transfers.push(automatic, day.ready().orders, actor="automatic")
    world.dashboard.transfers.run(automatic)
    assert not day.offers_automatic(day.minute().latest)
    world.order(2)
    world.push(2)
    assert day.offers_automatic(day.minute().latest)
    day.decline_automatic()
    assert not world.restart().day.offers_automatic(day.minute().latest)
