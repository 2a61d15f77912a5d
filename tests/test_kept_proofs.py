"""Proofs that took long are shown as they were last while they are made anew, so no page waits for one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, randoms

from any_books import DAYS, FIRST, AnyBooks, any_books, proof
from conftest import World
from dinero.dashboard import balance as kept_proofs
from dinero.dashboard.balance import Balances
from dinero.dashboard.dashboard import Dashboard
from dinero.model.acquirers import AcquirerChoice, Way
from dinero.model.balance import Balance, BalanceRow, OpeningAsked, RowKind, balance_from_json
from dinero.model.clock import copenhagen_date
from dinero.model.errors import SettingsError, StorageFailed
from dinero.model.i18n import Text
from dinero.model.ledger import Purpose
from dinero.model.payouts import Movement
from dinero.rules.balance import overdue
from dinero.store import Store
from test_balance import LATE, book, line_of, store_payout

MINUTE = 60


class Beside:
    """Work that is to be done beside, which waits until a test does it."""

    def __init__(self) -> None:
        self.left: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.left.append(work)

    def do(self) -> int:
        """How much was left, which is done now."""
        works, self.left = self.left, []
        for work in works:
            work()
        return len(works)


@pytest.fixture
def beside() -> Beside:
    return Beside()


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every proof takes long."""
    monkeypatch.setattr(kept_proofs, "LONG", 0.0)


def balances(dashboard: Dashboard, beside: Beside) -> Balances:
    return Balances(dashboard.store, dashboard.clock, dashboard.settings, dashboard.connection, beside=beside)


def numbers(balance: Balance | None) -> list[str]:
    assert balance is not None
    return [row.number for row in balance.rows]


def asked(world: World, *orders: int) -> None:
    """These orders are registered, and Dinero was asked since, by another process."""
    for number in orders:
        world.order(number)
    world.push(*orders)
    world.clock.advance(MINUTE)
    world.dashboard.balance.ask()


@pytest.mark.usefixtures("long")
def test_a_proof_that_takes_long_is_shown_as_it_was_and_made_anew_once_beside(world: World, beside: Beside) -> None:
    asked(world, 1)
    kept = balances(world.restart(), beside)
    world.dashboard.store.look_ups.put("balance:210001:55100", None)
    assert (numbers(kept.latest()), beside.left) == (["1001"], []), "nothing to show yet"
    asked(world, 2)
    assert numbers(kept.latest()) == numbers(kept.latest()) == ["1001"]
    assert beside.do() == 1
    assert (numbers(kept.latest()), beside.left) == (["1001", "1002"], [])


@pytest.mark.usefixtures("long")
def test_it_is_made_anew_no_sooner_than_its_cost_allows(
    world: World, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_proofs, "PACE", 10**9)
    asked(world, 1)
    kept = balances(world.restart(), beside)
    kept.latest(exact=True)
    asked(world, 2)
    assert (numbers(kept.latest()), beside.left) == (["1001"], [])
    world.clock.advance(10 * 365 * 86400)
    assert (numbers(kept.latest()), len(beside.left)) == (["1001"], 1), "it is shown from another day too"


@pytest.mark.usefixtures("long")
def test_a_start_shows_the_last_proof_at_once_and_makes_it_anew_beside(world: World, beside: Beside) -> None:
    asked(world, 1)
    before = world.dashboard.balance.latest()
    kept = balances(world.restart(), beside)
    assert kept.latest() == kept.latest() == before
    assert beside.do() == 1
    assert kept.latest() == before
    assert beside.left == []


@pytest.mark.usefixtures("long")
def test_a_proof_that_another_version_kept_is_made_anew(world: World, beside: Beside) -> None:
    asked(world, 1)
    look_ups = world.dashboard.store.look_ups
    (packed, _), before = look_ups.get("balance:210001:55100") or ({}, None), world.dashboard.balance.latest()
    row = {**packed["balance"]["rows"][0], "kind": "of tomorrow"}
    others: list[dict[str, object]] = [
        {},
        {"rows": []},
        {**packed["balance"], "rows": [row]},
        {**packed["balance"], "more": 1},
    ]
    for other in others:
        look_ups.put("balance:210001:55100", {"took": 1.0, "balance": other})
        assert balances(world.restart(), beside).latest() == before
    assert beside.left == []


@pytest.mark.usefixtures("long")
def test_another_organization_is_never_shown_this_ones_proof(world: World, beside: Beside) -> None:
    asked(world, 1)
    kept = balances(world.restart(), beside)
    assert numbers(kept.latest()) == ["1001"]
    mirror, _ = world.dashboard.store.look_ups.get("entries:210001") or ({}, None)
    world.dashboard.store.look_ups.put("entries:210002", mirror)
    world.dashboard.store.settings.save(organization="210002")
    assert numbers(kept.latest(55100)) == []


@pytest.mark.usefixtures("long")
def test_what_the_owner_confirms_and_the_accountants_file_are_never_of_before(world: World, beside: Beside) -> None:
    asked(world, 1)
    store_payout(world, line_of(2, Movement.SALE, 100, 0, "1099"))
    kept = balances(world.restart(), beside)
    kept.latest(exact=True)
    asked(world, 2)
    assert numbers(kept.latest()) == ["1001"]
    today = copenhagen_date(world.clock.now())
    period = kept.of_period(today, today)
    assert period is not None
    assert numbers(period.balances[0]) == ["1001", "1002"]
    asked(world, 3)
    with pytest.raises(SettingsError):
        kept.confirm_opening(55100, 1, date(2026, 1, 1))
    assert numbers(kept.latest()) == ["1001", "1002", "1003"]
    asked(world, 4)
    assert numbers(kept.ask()) == ["1001", "1002", "1003", "1004"]


@pytest.mark.usefixtures("long")
def test_an_older_proof_that_is_done_late_does_not_take_a_newer_ones_place(world: World, beside: Beside) -> None:
    asked(world, 1)
    kept = balances(world.restart(), beside)
    kept.latest(exact=True)
    asked(world, 2)
    kept.latest()
    newer = kept.ask()
    assert beside.do() == 1
    assert kept.latest() is newer


@pytest.mark.usefixtures("long")
def test_trouble_beside_is_not_the_pages_and_the_next_look_tries_again(
    world: World, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(world, 1)
    kept = balances(world.restart(), beside)
    kept.latest(exact=True)
    asked(world, 2)
    kept.latest()
    with monkeypatch.context() as patch:
        patch.setattr(kept_proofs, "balance_of", failing)
        beside.do()
    assert numbers(kept.latest()) == ["1001"]
    beside.do()
    assert numbers(kept.latest()) == ["1001", "1002"]


@pytest.mark.usefixtures("long")
def test_where_no_thread_is_to_be_had_a_later_look_tries_again(world: World, beside: Beside) -> None:
    asked(world, 1)

    def none_left(work: Callable[[], None]) -> None:
        if not tried:
            tried.append(work)
            raise RuntimeError("can't start new thread")
        beside(work)

    tried: list[Callable[[], None]] = []
    dashboard = world.restart()
    kept = Balances(dashboard.store, dashboard.clock, dashboard.settings, dashboard.connection, beside=none_left)
    kept.latest(exact=True)
    asked(world, 2)
    assert numbers(kept.latest()) == numbers(kept.latest()) == ["1001"]
    assert (len(tried), beside.do()) == (1, 1)
    assert numbers(kept.latest()) == ["1001", "1002"]


def failing(*_: object) -> Balance:
    raise StorageFailed(Text("The set-up."))


def test_a_proof_that_is_made_quickly_is_always_the_newest_and_nothing_is_remembered(
    world: World, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(kept_proofs, "LONG", 0.0)
        asked(world, 1)
    monkeypatch.setattr(kept_proofs, "LONG", 10.0)
    asked(world, 2)
    kept = balances(world.restart(), beside)
    assert (numbers(kept.latest()), beside.left) == (["1001", "1002"], [])
    asked(world, 3)
    assert (numbers(kept.latest()), beside.left) == (["1001", "1002", "1003"], [])
    assert remembered(world.dashboard.store) is None


def remembered(store: Store) -> object:
    return store.look_ups.get("balance:210001:55100")


@settings(max_examples=100, deadline=None)
@given(randoms(use_true_random=False), integers(0, 60), integers(0, DAYS + 20))
def test_any_proof_comes_back_from_the_store_as_it_was(random: Random, events: int, days: int) -> None:
    made = any_books(random, events)
    for balance in (proof(made, FIRST + timedelta(days=days)), of_trouble(made)):
        assert balance_from_json(json.loads(json.dumps(balance.to_json()))) == balance


def of_trouble(made: AnyBooks) -> Balance:
    """A proof with a difference, and a time before the start to be confirmed."""
    made.sell(31337)
    made.entries.pop()
    balance = replace(proof(made, LATE), opening=OpeningAsked(FIRST, 5))
    assert balance.since is not None
    return balance


def test_a_page_asks_once_which_sales_are_overdue_and_says_one_number_everywhere(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(world, 1, 2)
    dashboard = world.dashboard
    ore = {row.number: row.ore for row in dashboard.balance.ask().rows}
    number = store_payout(world, line_of(2, Movement.SALE, ore["1001"], -361, "1001"))
    book(world, number, (Purpose.BANK, ore["1001"] - 361, 55000), (Purpose.FEE, 361, 7420))
    world.order(3, currency="EUR")
    world.clock.advance(34 * 86400)
    dashboard.balance.ask()
    counted: list[int] = []

    def counting(balance: Balance, normal_days: dict[str, int]) -> list[BalanceRow]:
        counted.append(balance.account)
        return overdue(balance, normal_days)

    monkeypatch.setattr("dinero.dashboard.balance.overdue", counting)
    now = dashboard.day.minute().overview
    groups = dashboard.attention.groups()
    assert dashboard.attention.count() == now.owner.count == sum(group.count for group in groups) == 2
    assert now.owner.sums == {"EUR": world.row(3).total_ore, "DKK": ore["1002"]}
    assert str(now.sentence[0]) == "2 ordrer kræver dig."
    assert counted == [55100]
    dashboard.attention.count()
    assert counted == [55100], "the next page has it still"


def test_an_order_that_needs_the_owner_for_two_reasons_is_counted_once(world: World) -> None:
    asked(world, 1, 2)
    dashboard = world.dashboard
    store_payout(world, line_of(2, Movement.SALE, 5000, 0, "1099"))
    world.clock.advance(34 * 86400)
    dashboard.balance.ask()
    assert dashboard.attention.count() == 2
    with dashboard.store.transaction() as db:
        db.execute("update orders set state = 'held' where number = '1001'")
    assert [group.count for group in dashboard.attention.groups()] == [1, 1]
    assert dashboard.attention.count() == dashboard.day.minute().overview.owner.count == 2


def test_sums_of_a_period_are_those_of_the_ways_to_pay_that_the_owner_named(world: World) -> None:
    asked(world, 1)
    dashboard = world.dashboard
    method = dashboard.store.orders.list(limit=1)[0].payment_method
    (row,) = dashboard.balance.ask().rows
    for methods, left in (((method,), []), (("another",), ["1001"])):
        dashboard.settings.save(acquirers={"clearhaus": AcquirerChoice(Way.NOTHING, methods=methods)})
        payout = replace(line_of(2, Movement.SALE, row.ore), is_sum=True)
        if methods == (method,):
            number = store_payout(world, payout)
            with dashboard.store.transaction() as db:
                db.execute("update payouts set first_day = ?, last_day = ?", [row.on.isoformat()] * 2)
            book(world, number, (Purpose.BANK, row.ore, 55000))
            dashboard.balance.ask()
        found = dashboard.balance.latest()
        assert found is not None
        assert [one.number for one in found.of(RowKind.SALE)] == left
        assert found.is_explained
