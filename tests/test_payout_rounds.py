"""Payouts in unattended running: fetched and booked by themselves, told of once, and no order waits for them."""

from datetime import date, timedelta

import pytest

from conftest import World, keys_to_acquirers
from dinero.automatic.runner import Runner
from dinero.dashboard.sources import CLEARHAUS, KEYS, VIPPS
from dinero.model.acquirers import NO_VAT, Way
from dinero.model.settlements import PayoutState
from test_runner import sell, status

FIRST, SECOND = date(2026, 11, 12), date(2026, 11, 19)


@pytest.fixture
def runner(world: World) -> Runner:
    """A runner, with both acquirers connected."""
    given = keys_to_acquirers(world.sandbox)
    for acquirer, keys in KEYS.items():
        world.dashboard.sources.connect(acquirer, **{key.name: given[key.variable] for key in keys})
    world.sandbox.calls.clear()
    return world.dashboard.automatic.runner("dashboard")


def rounds(world: World, runner: Runner, n: int = 1) -> None:
    for _ in range(n):
        runner.tick()
        world.clock.advance(timedelta(minutes=16).total_seconds())


def choose(world: World, *, by_itself: bool) -> None:
    world.dashboard.acquirers.choose_bank_account(55000)
    for acquirer in (CLEARHAUS, VIPPS):
        world.dashboard.acquirers.choose(acquirer, way=Way.BOOK, fee_vat=NO_VAT, by_itself=by_itself)


def states(world: World) -> list[PayoutState]:
    return [payout.state for payout in world.dashboard.payouts.listed()]


def alarms(world: World) -> list[str]:
    rows = world.dashboard.store.history.list(events=["alarm"], oldest_first=True)
    return [row.text.render("en") for row in rows if row.text is not None]


def laid(world: World) -> int:
    return sum(call.method == "POST" and call.path.endswith("/ledgeritems") for call in world.sandbox.calls)


def test_a_round_fetches_payouts_once_and_books_what_the_owner_said(world: World, runner: Runner) -> None:
    choose(world, by_itself=True)
    world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    world.sandbox.settle(VIPPS, [("1002", 24900)], on=FIRST)
    rounds(world, runner, 3)
    assert states(world) == [PayoutState.BOOKED] * 2
    assert laid(world) == 2
    assert alarms(world) == []


def test_without_the_owner_s_word_a_payout_waits_for_a_click(world: World, runner: Runner) -> None:
    choose(world, by_itself=False)
    world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    rounds(world, runner, 2)
    assert states(world) == [PayoutState.READY]
    assert laid(world) == 0


def test_what_was_asked_for_by_a_click_is_worked_off_by_a_round(world: World, runner: Runner) -> None:
    choose(world, by_itself=False)
    world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    rounds(world, runner)
    (payout,) = world.dashboard.payouts.listed()
    world.dashboard.payouts.book([payout.id], actor="owner")
    rounds(world, runner)
    assert states(world) == [PayoutState.BOOKED]


@pytest.mark.parametrize("fault", [{"status": 401}, {"status": 500}, {"status": 429}, {"status": 200, "body": []}])
def test_an_acquirer_that_fails_stops_no_order_and_no_other_acquirer(
    world: World, runner: Runner, fault: dict[str, object]
) -> None:
    world.sandbox.settle(VIPPS, [("1002", 24900)], on=FIRST)
    world.sandbox.fault("status", path="^/clearhaus", times=99, **fault)
    sell(world, 1, time="2026-11-10 10:00:00")
    rounds(world, runner)
    assert world.row(1).state == "done"
    assert status(world).phase == "waiting"
    assert len(states(world)) == 1


def test_a_mistake_of_ours_with_payouts_stops_no_order(
    world: World, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dinero.dashboard.sources.Clearhaus.payouts", lambda *given: broken())
    sell(world, 1, time="2026-11-10 10:00:00")
    rounds(world, runner, 2)
    assert world.row(1).state == "done"
    assert status(world).phase == "waiting"
    assert len([text for text in alarms(world) if "mistake with the payouts" in text]) == 1


def test_keys_that_are_refused_are_told_once_until_they_are_mended(world: World, runner: Runner) -> None:
    world.sandbox.fault("status", path="^/clearhaus", status=401, times=999)
    rounds(world, runner, 3)
    assert len(alarms(world)) == 1
    assert "Clearhaus" in alarms(world)[0]
    world.sandbox.faults.clear()
    rounds(world, runner)
    world.sandbox.fault("status", path="^/clearhaus", status=401, times=999)
    rounds(world, runner, 2)
    assert len(alarms(world)) == 2


def test_payouts_that_need_the_owner_are_told_once(world: World, runner: Runner) -> None:
    first = world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    rounds(world, runner, 2)
    (told,) = alarms(world)
    assert "1 payout needs you" in told
    assert first.bank_text in told
    world.sandbox.settle(CLEARHAUS, [("1002", 24900)], on=SECOND)
    rounds(world, runner, 2)
    assert len(alarms(world)) == 2
    assert "1 payout needs you" in alarms(world)[1]


def test_a_sale_that_is_never_paid_out_is_told_once(world: World, runner: Runner) -> None:
    choose(world, by_itself=True)
    sell(world, 1)
    world.sandbox.settle(CLEARHAUS, [("1002", 24900)], on=date(2026, 11, 23))
    rounds(world, runner)
    assert alarms(world) == []
    world.clock.advance(timedelta(days=40).total_seconds())
    rounds(world, runner, 2)
    (told,) = [text for text in alarms(world) if "never paid out" in text]
    assert told.startswith("1 order was sold 44 days ago, and never paid out: 1.")


def test_a_folder_without_payouts_costs_dinero_no_call_more(world: World) -> None:
    world.sandbox.calls.clear()
    rounds(world, world.dashboard.automatic.runner("dashboard"), 2)
    assert [call.path for call in world.sandbox.calls if "entries" in call.path or "ledger" in call.path] == []
