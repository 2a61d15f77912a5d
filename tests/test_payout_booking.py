"""A payout is booked exactly once, whatever goes wrong: counted in the sandbox's books."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from conftest import World
from dinero.acquirers.columns.mapping import BankFigure, ColumnMapping, FeeSign, Role
from dinero.booking import ledger
from dinero.booking.driver import OutcomeOf, StageOf
from dinero.booking.ledger_work import work_off_payouts
from dinero.dashboard.dashboard import Dashboard
from dinero.intake.settling import assess_payouts, plan_of
from dinero.model.acquirers import NO_VAT, AcquirerChoice, Way
from dinero.model.balance import RowKind
from dinero.model.documents import Mark, Step
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError
from dinero.model.ledger import ItemKind, LedgerItem
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.settlements import PayoutState, StoredPayout

BOOKING, BANK, FEES = 55100, 55000, 7420
CHOSEN = AcquirerChoice(way=Way.BOOK, fee_vat=NO_VAT)
DAY = date(2026, 11, 20)


def a_line(row: int, gross: int, fee: int = 0, kind: Movement = Movement.SALE, name: str = "") -> PayoutLine:
    return PayoutLine(row, kind, name or f"t{row}", Money(gross), Money(fee), Money(gross + fee), order=str(1000 + row))


def a_payout(name: str, *lines: PayoutLine, on: date = DAY) -> Payout:
    named = tuple(replace(line, id=f"{name}-{line.id}") for line in lines)
    net = Money(sum(line.net.ore for line in lines))
    return Payout("clearhaus", "1234567", name, on, net, named, bank_text=f"CH1234567 {name}")


SALE = (a_line(2, 24900, -361), a_line(3, 10000, -145))


class Acquirer:
    """The owner's choices, payouts that were read, and the worker."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.choose()

    @property
    def dashboard(self) -> Dashboard:
        return self.world.dashboard

    def choose(self, choice: AcquirerChoice = CHOSEN, **settings: Any) -> None:
        self.dashboard.settings.save(bank_account=BANK, acquirers={"clearhaus": choice}, **settings)

    def read(self, *payouts: Payout) -> list[int]:
        numbers = list(self.dashboard.store.payouts.add(payouts, source="test.csv").new)
        self.assess()
        return numbers

    def assess(self) -> None:
        assess_payouts(self.dashboard.store, self.dashboard.settings.load())

    def work(self, dashboard: Dashboard | None = None) -> bool:
        used = dashboard or self.dashboard
        return work_off_payouts(used.connection.dinero(), used.store, used.settings.load)

    def book(self, *numbers: int) -> None:
        self.dashboard.store.payouts.want(numbers, actor="test")
        self.work()

    def take_back(self, number: int, reason: str = "prøve") -> None:
        assert self.dashboard.store.payouts.want_back(number, reason=reason, actor="test")
        self.work()

    def get(self, number: int) -> StoredPayout:
        found = self.dashboard.store.payouts.get(number)
        assert found is not None
        return found

    def item(self, number: int) -> LedgerItem:
        found = self.dashboard.store.ledger_items.newest(number)
        assert found is not None
        return found

    def codes(self, number: int) -> list[str]:
        return [finding.code for finding in self.get(number).reasons]

    def events(self, number: int) -> list[str]:
        return [event.event for event in self.dashboard.store.history.list(payout=number, oldest_first=True)]

    def booked(self) -> list[dict[str, Any]]:
        """The ledger items that Dinero has booked."""
        return [item for item in self.world.sandbox.books.ledger_items.values() if item["Status"] == "Booked"]

    def balance(self, account: int) -> int:
        """What Dinero has on an account, in øre."""
        entries = self.world.sandbox.books.entries(date(2026, 1, 1), date(2026, 12, 31))
        return sum(
            entry["_ore"] if "_ore" in entry else round(entry["Amount"] * 100)
            for entry in entries
            if entry["AccountNumber"] == account
        )

    def calls(self, path: str) -> int:
        return sum(path in call for call in self.world.writes())


@pytest.fixture
def acquirer(world: World) -> Acquirer:
    return Acquirer(world)


def test_a_payout_is_laid_compared_booked_and_read_back(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("2026-11-20", *SALE))
    assert acquirer.get(number).state == PayoutState.READY
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1
    assert (acquirer.balance(BOOKING), acquirer.balance(BANK), acquirer.balance(FEES)) == (-34900, 34394, 506)
    assert acquirer.events(number) == ["claimed", "drafted", "verified", "booked", "done"]
    assert acquirer.item(number).voucher_number == "1"


def test_one_payout_takes_six_calls_and_many_take_fewer_each(acquirer: Acquirer) -> None:
    (number, before) = acquirer.read(a_payout("one", *SALE), a_payout("before", *SALE))
    acquirer.book(before)  # the mirror of postings is read once from the year's beginning
    assert calls_made(acquirer, lambda: acquirer.book(number)) == [
        "GET entries/changes",  # has somebody booked it?
        "POST ledgeritems",
        "POST ledgeritems/ledgers",
        "POST ledgeritems/book",
        "POST ledgeritems/status",
        "GET entries",
    ]
    numbers = acquirer.read(*[a_payout(f"many{n}", *SALE) for n in range(10)])
    assert len(calls_made(acquirer, lambda: acquirer.book(*numbers))) <= 2 * 10 + 5
    weekly = [a_payout(f"week{n}", *SALE, on=DAY - timedelta(weeks=n)) for n in range(20)]
    assert len(calls_made(acquirer, lambda: acquirer.book(*acquirer.read(*weekly)))) <= 2 * 20 + 10


def calls_made(acquirer: Acquirer, work: Callable[[], object]) -> list[str]:
    before = len(acquirer.world.sandbox.calls)
    work()
    made = [call for call in acquirer.world.sandbox.calls[before:] if "/210001/" in call.path]
    return [f"{call.method} {call.path.split('/', 3)[3]}" for call in made if "/accounts" not in call.path]


def test_the_accounts_are_fetched_anew_once_an_hour(acquirer: Acquirer) -> None:
    first, second, third = acquirer.read(*[a_payout(name, *SALE) for name in ("one", "two", "three")])
    calls = acquirer.world.sandbox.calls
    acquirer.world.clock.sleep(3601)
    acquirer.book(first)
    fetched = sum("/accounts/entry" in call.path for call in calls)
    acquirer.book(second)
    assert sum("/accounts/entry" in call.path for call in calls) == fetched
    acquirer.world.clock.sleep(3601)
    acquirer.book(third)
    assert sum("/accounts/entry" in call.path for call in calls) == fetched + 1


def test_repeated_clicks_and_runs_book_a_payout_once(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    wanted = [acquirer.dashboard.store.payouts.want([number], actor="test") for _ in range(3)]
    assert wanted == [1, 0, 0]
    acquirer.work()
    acquirer.work()
    assert acquirer.dashboard.store.payouts.want([number], actor="test") == 0
    assert len(acquirer.booked()) == 1


def test_a_second_worker_finds_the_organization_taken(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    store = acquirer.dashboard.store
    store.payouts.want([number], actor="test")
    lease = store.leases.acquire("push:210001", seconds=60)
    assert lease is not None
    assert not acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKING
    store.leases.release(lease)
    assert acquirer.work()
    assert len(acquirer.booked()) == 1


def test_workers_who_begin_at_once_book_each_payout_once(acquirer: Acquirer) -> None:
    numbers = acquirer.read(*[a_payout(f"p{n}", *SALE) for n in range(6)])
    dashboards = [acquirer.world.restart() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        for dashboard in dashboards:
            dashboard.store.payouts.want(numbers, actor="test")
            threads.submit(acquirer.work, dashboard)
    acquirer.work()
    for dashboard in dashboards:
        dashboard.store.close()
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.BOOKED] * 6
    assert len(acquirer.booked()) == len(acquirer.world.sandbox.books.ledger_items) == 6


def test_a_worker_that_lost_its_lease_writes_nothing_more(acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    store = acquirer.dashboard.store

    def lose(*_: object) -> None:
        store.leases.clear()
        assert store.leases.acquire("push:210001", seconds=60) is not None

    with monkeypatch.context() as losing, at_call(losing, ledger.BOOK, after=lose):
        store.payouts.want([number], actor="test")
        assert not acquirer.work()
    store.leases.clear()
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1


# --- every call goes wrong ------------------------------------------------------------------------------

CALLS = {
    "create": r"/ledgeritems$",
    "compare": r"/ledgeritems/ledgers$",
    "book": r"/ledgeritems/book$",
    "status": r"/ledgeritems/status$",
    "entries": r"/entries$",
}
FAULTS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "drop"},
    "lost call": {"kind": "drop", "after_work": False},
    "500 done": {"kind": "status", "status": 500, "after_work": True},
    "500": {"kind": "status", "status": 500},
    "garbage": {"kind": "garbage", "after_work": True},
    "stale": {"kind": "status", "status": 400, "body": {"code": "58", "message": "stale"}},
    "no": {"kind": "status", "status": 400, "body": {"code": "99", "message": "no"}},
    "429": {"kind": "status", "status": 429, "retry_after": 1},
    "403": {"kind": "status", "status": 403, "body": {"code": "90", "message": "no Pro"}},
}


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_whatever_goes_wrong_with_a_call_two_payouts_are_booked_once_each(
    acquirer: Acquirer, call: str, fault: str, times: int
) -> None:
    numbers = acquirer.read(a_payout("one", *SALE), a_payout("two", a_line(2, 50000, -725)))
    acquirer.world.sandbox.fault(path=CALLS[call], times=times, **FAULTS[fault])
    acquirer.dashboard.store.payouts.want(numbers, actor="test")
    for _ in range(3):
        try:
            acquirer.work()
        except DashboardError:
            acquirer.world.clock.sleep(300)
    acquirer.world.sandbox.faults.clear()
    acquirer.world.clock.sleep(300)
    acquirer.work()
    acquirer.dashboard.store.payouts.want(numbers, actor="test")  # those that were refused
    acquirer.work()
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.BOOKED] * 2
    assert len(acquirer.booked()) == len(acquirer.world.sandbox.books.ledger_items) == 2
    assert acquirer.balance(BOOKING) == -84900
    assert acquirer.balance(BANK) + acquirer.balance(FEES) == 84900


def test_one_bad_payout_stops_no_other(acquirer: Acquirer) -> None:
    numbers = acquirer.read(*[a_payout(name, *SALE) for name in ("one", "two", "three")])
    acquirer.world.sandbox.fault("status", status=400, body={"code": "99", "message": "no"}, path=r"/ledgeritems$")
    acquirer.book(*numbers)
    assert [acquirer.get(number).state for number in numbers] == ["refused", "booked", "booked"]
    acquirer.book(numbers[0])
    assert len(acquirer.booked()) == 3


def test_a_broken_connection_stops_the_run_and_nothing_is_refused(acquirer: Acquirer) -> None:
    numbers = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))
    body = {"code": "90", "message": "no Pro"}
    acquirer.world.sandbox.fault("status", status=403, body=body, path=r"/ledgeritems$", times=9)
    with pytest.raises(ConnectionStopped):
        acquirer.book(*numbers)
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.BOOKING] * 2
    assert acquirer.world.sandbox.books.ledger_items == {}
    acquirer.world.sandbox.faults.clear()
    acquirer.work()
    assert len(acquirer.booked()) == 2


# --- killed ---------------------------------------------------------------------------------------------


@contextmanager
def at_call(
    monkeypatch: pytest.MonkeyPatch,
    stage: StageOf[LedgerItem],
    *,
    before: Callable[[LedgerItem], None] = lambda item: None,
    after: Callable[[LedgerItem], None] = lambda item: None,
) -> Iterator[None]:
    """Lets something happen before a stage's call leaves and after its answer came."""

    def write(run: Any, item: LedgerItem) -> Any:
        ready = stage.write(run, item)
        if isinstance(ready, OutcomeOf):
            return ready

        def call() -> object:
            before(item)
            answer = ready.call()
            after(item)
            return answer

        return replace(ready, call=call)

    way = tuple(replace(one, write=write) if one is stage else one for one in ledger.WAY)
    monkeypatch.setattr(ledger, "WAY", way)
    yield


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("stage", "mark"), [(ledger.LAY, Mark.CREATE), (ledger.BOOK, Mark.BOOK)], ids=["lay", "book"])
def test_a_worker_that_dies_at_a_call_leaves_its_mark_and_the_next_one_books_once(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch, stage: StageOf[LedgerItem], mark: Mark, when: str
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    marks: list[Mark | None] = []

    def die(item: LedgerItem) -> None:
        marks.append(acquirer.item(number).pending)
        raise KeyboardInterrupt

    killed = {when: die}
    with monkeypatch.context() as dying, at_call(dying, stage, **killed), pytest.raises(KeyboardInterrupt):
        acquirer.book(number)
    assert marks == [mark]
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == len(acquirer.world.sandbox.books.ledger_items) == 1


@pytest.mark.parametrize("stage", ledger.WAY, ids=lambda stage: str(stage.name))
def test_a_worker_that_dies_before_any_stage_is_followed_by_one_that_books_once(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch, stage: StageOf[LedgerItem]
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))

    def die(*_: object) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(ledger, "WAY", tuple(replace(one, write=die) if one is stage else one for one in ledger.WAY))
        with pytest.raises(KeyboardInterrupt):
            acquirer.book(number)
    assert acquirer.item(number).step is stage.after
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1


def forget_what_was_booked(acquirer: Acquirer) -> None:
    """A backup of before the booking is put back."""
    database = acquirer.dashboard.store.payouts._database
    database.change("delete from ledger_items")
    database.change("update payouts set state = 'held'")
    acquirer.assess()


def test_a_restored_backup_finds_what_was_booked_since(acquirer: Acquirer) -> None:
    numbers = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))
    acquirer.book(*numbers)
    forget_what_was_booked(acquirer)
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.READY] * 2
    acquirer.book(*numbers)
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.BOOKED] * 2
    assert len(acquirer.booked()) == 2
    assert [acquirer.item(number).voucher_number for number in numbers] == ["1", "2"]


def test_a_restored_backup_finds_a_later_generation_that_was_booked(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, way=Way.DRAFT))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.world.sandbox.books.ledger_items.clear()
    acquirer.work()
    acquirer.choose(CHOSEN)
    acquirer.book(number)
    assert (acquirer.item(number).generation, acquirer.get(number).state) == (2, PayoutState.BOOKED)
    forget_what_was_booked(acquirer)
    acquirer.book(number)
    assert (acquirer.item(number).generation, acquirer.get(number).state) == (2, PayoutState.BOOKED)
    assert len(acquirer.booked()) == len(acquirer.world.sandbox.books.ledger_items) == 1


@pytest.mark.parametrize("was_deleted", [True, False])
def test_a_restored_backup_finds_what_only_lies_in_the_ledger(acquirer: Acquirer, was_deleted: bool) -> None:
    acquirer.choose(replace(CHOSEN, way=Way.DRAFT))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.IN_LEDGER
    if was_deleted:
        acquirer.world.sandbox.books.ledger_items.clear()
    acquirer.choose(CHOSEN)
    forget_what_was_booked(acquirer)
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1


def test_a_restored_backup_books_what_was_booked_and_taken_back_since(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.take_back(number)
    forget_what_was_booked(acquirer)
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.balance(BOOKING) == -34900
    acquirer.take_back(number)
    assert acquirer.get(number).state == PayoutState.READY
    assert acquirer.balance(BOOKING) == 0


def test_a_restored_backup_finds_that_a_booking_was_taken_back_since(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)

    def delete(item: LedgerItem) -> None:
        acquirer.world.sandbox.books.ledger_items.pop(item.guid)

    with monkeypatch.context() as deleting, at_call(deleting, ledger.LAY, after=delete):
        acquirer.take_back(number)
    assert acquirer.get(number).state == PayoutState.REFUSED
    acquirer.take_back(number)
    assert (acquirer.item(number).generation, acquirer.balance(BOOKING)) == (2, 0)
    database = acquirer.dashboard.store.payouts._database
    database.change("delete from ledger_items where kind = ?", [ItemKind.COUNTER])
    database.change("update payouts set state = 'booked'")
    acquirer.take_back(number)
    assert acquirer.get(number).state == PayoutState.READY
    assert len(acquirer.booked()) == 2
    assert acquirer.balance(BOOKING) == 0


# --- what Dinero does in its own time -------------------------------------------------------------------


def test_a_booking_that_takes_a_minute_is_waited_for(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.pending_calls = 4
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.calls("ledgeritems/book") == 1


def test_a_booking_that_takes_long_is_taken_up_by_the_next_run_and_never_sent_twice(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.pending_calls = 20
    begun = acquirer.world.clock.now()
    acquirer.book(number)
    assert acquirer.world.clock.now() - begun < timedelta(minutes=4)
    assert acquirer.get(number).state == PayoutState.BOOKING
    for _ in range(3):
        acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.calls("ledgeritems/book") == 1
    assert len(acquirer.booked()) == 1


@pytest.mark.parametrize("late", [1, 3, 30])
def test_a_number_that_comes_late_is_waited_for(acquirer: Acquirer, late: int) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.late_numbers = late
    acquirer.book(number)
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.item(number).voucher_number == "1"


def test_what_falls_back_to_a_draft_is_refused_and_booked_again_only_when_asked_for(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.failing_bookings = 1
    acquirer.book(number)
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.REFUSED, ["fell_back"])
    acquirer.work()
    assert acquirer.calls("ledgeritems/book") == 1
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == len(acquirer.world.sandbox.books.ledger_items) == 1


def test_what_fell_back_and_was_booked_by_hand_since_is_asked_about(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.failing_bookings = 1
    acquirer.book(number)
    acquirer.world.sandbox.books.book_by_hand(BANK, BOOKING, 34394, DAY)
    acquirer.book(number)
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.REFUSED, ["already_booked"])
    assert acquirer.booked() == []


def test_a_posting_that_differs_from_the_plan_is_refused_with_both_figures(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    books = acquirer.world.sandbox.books
    real = books.book_ledger_items

    def book(items: list[dict[str, Any]]) -> None:
        real(items)
        for item in items:
            books._ledger_item(item)["Lines"][1]["Amount"] = 5.07

    monkeypatch.setattr(books, "book_ledger_items", book)
    acquirer.book(number)
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.REFUSED, ["ledger_differs"])
    told = acquirer.get(number).reasons[0].text.render("en")
    assert "5,07" in told
    assert "5,06" in told
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.REFUSED
    assert len(acquirer.booked()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("Amount", 5.07), ("AccountVatCode", None), ("AccountNumber", 7220), ("BalancingAccountNumber", BANK)],
)
def test_what_lies_in_the_ledger_otherwise_than_planned_is_never_booked(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))

    def change(item: LedgerItem) -> None:
        acquirer.world.sandbox.books.ledger_items[item.guid]["Lines"][1][name] = value

    with monkeypatch.context() as changing, at_call(changing, ledger.LAY, after=change):
        acquirer.book(number)
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.REFUSED, ["ledger_differs"])
    assert acquirer.calls("ledgeritems/book") == 0


def test_an_item_that_was_saved_in_dinero_meanwhile_is_compared_again(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    touched: list[str] = []

    def touch(item: LedgerItem) -> None:
        if not touched:
            acquirer.world.sandbox.books.ledger_items[item.guid]["Version"] = "AAAAAAYFFFFF"
            touched.append(item.guid)

    with monkeypatch.context() as changing, at_call(changing, ledger.BOOK, before=touch):
        acquirer.book(number)
    assert touched
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1


def test_an_item_that_was_deleted_in_dinero_is_made_anew_only_when_asked_for(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    deleted: list[str] = []

    def delete(item: LedgerItem) -> None:
        if not deleted:
            del acquirer.world.sandbox.books.ledger_items[item.guid]
            deleted.append(item.guid)

    with monkeypatch.context() as deleting, at_call(deleting, ledger.BOOK, before=delete):
        acquirer.book(number)
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.REFUSED, ["deleted"])
    acquirer.work()
    assert acquirer.booked() == []
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.item(number).generation == 2
    assert len(acquirer.booked()) == 1


@pytest.mark.parametrize("way", [Way.FEE, Way.NOTHING])
def test_an_item_that_the_owner_booked_in_dinero_is_booked_whatever_was_chosen_since(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))

    def die(item: LedgerItem) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, at_call(dying, ledger.BOOK, before=die), pytest.raises(KeyboardInterrupt):
        acquirer.book(number)
    books = acquirer.world.sandbox.books
    books.book_ledger_items([{"id": acquirer.item(number).guid}])
    books.ledger_status([{"id": acquirer.item(number).guid}])
    acquirer.dashboard.store.ledger_items._database.change("update ledger_items set pending = null")
    acquirer.choose(replace(CHOSEN, way=way))
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1


# --- laid in the ledger, for the owner ------------------------------------------------------------------


def test_another_way_changes_nothing_of_what_is_laid_in_the_ledger(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, way=Way.DRAFT))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.choose(CHOSEN)
    acquirer.assess()
    assert acquirer.dashboard.store.payouts.want([number], actor="test") == 0
    assert acquirer.get(number).state == PayoutState.IN_LEDGER


def test_what_is_laid_in_the_ledger_is_left_to_the_owner_and_seen_when_it_is_booked(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, way=Way.DRAFT))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.IN_LEDGER
    assert acquirer.calls("ledgeritems/book") == 0
    books = acquirer.world.sandbox.books
    books.book_ledger_items([{"id": acquirer.item(number).guid}])
    books.ledger_status([{"id": acquirer.item(number).guid}])
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.balance(BOOKING) == -34900


def test_what_the_owner_deletes_of_the_ledger_is_not_laid_there_again_by_itself(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, way=Way.DRAFT))
    one, two = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))
    acquirer.book(one, two)
    del acquirer.world.sandbox.books.ledger_items[acquirer.item(one).guid]
    acquirer.work()
    assert (acquirer.get(one).state, acquirer.get(two).state) == (PayoutState.REFUSED, PayoutState.IN_LEDGER)
    acquirer.assess()
    acquirer.work()
    assert acquirer.get(one).state == PayoutState.REFUSED
    acquirer.book(one)
    assert acquirer.get(one).state == PayoutState.IN_LEDGER
    assert acquirer.item(one).generation == 2


# --- taken back -----------------------------------------------------------------------------------------


def test_a_booked_payout_is_taken_back_and_booked_again(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.take_back(number, "forkert konto")
    assert acquirer.get(number).state == PayoutState.READY
    assert [acquirer.balance(account) for account in (BOOKING, BANK, FEES)] == [0, 0, 0]
    counter = acquirer.item(number)
    assert (counter.kind, counter.plan.on) == (ItemKind.COUNTER, DAY)
    assert all(line.text.startswith("Tilbageført bilag 1: ") for line in counter.plan.lines)
    history = acquirer.dashboard.store.history.list(payout=number)
    assert any(event.text and "forkert konto" in event.text.render("en") for event in history)
    assert "taken back" in acquirer.events(number)
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.balance(BOOKING) == -34900
    assert acquirer.item(number).generation == 2
    acquirer.take_back(number)
    acquirer.book(number)
    assert acquirer.balance(BOOKING) == -34900
    assert len(acquirer.booked()) == 5


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", ["create", "book", "status", "entries"])
def test_whatever_goes_wrong_with_taking_back_it_is_done_once(acquirer: Acquirer, call: str, fault: str) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.world.sandbox.fault(path=CALLS[call], times=2, **FAULTS[fault])
    assert acquirer.dashboard.store.payouts.want_back(number, reason="prøve", actor="test")
    for _ in range(3):
        try:
            acquirer.work()
        except DashboardError:
            acquirer.world.clock.sleep(300)
    acquirer.world.sandbox.faults.clear()
    acquirer.world.clock.sleep(300)
    acquirer.work()
    acquirer.dashboard.store.payouts.want_back(number, reason="prøve", actor="test")
    acquirer.work()
    assert acquirer.get(number).state == PayoutState.READY
    assert len(acquirer.booked()) == 2
    assert acquirer.balance(BOOKING) == 0


def test_only_what_is_booked_can_be_taken_back(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    assert not acquirer.dashboard.store.payouts.want_back(number, reason="", actor="test")
    acquirer.book(number)
    assert acquirer.dashboard.store.payouts.want_back(number, reason="", actor="test")
    assert not acquirer.dashboard.store.payouts.want_back(number, reason="", actor="test")


def test_a_counter_item_that_dinero_refused_leaves_the_payout_booked(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    acquirer.world.sandbox.fault("status", status=400, body={"code": "99", "message": "no"}, path=r"/ledgeritems$")
    acquirer.take_back(number)
    assert acquirer.get(number).state == PayoutState.REFUSED
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert len(acquirer.booked()) == 1


# --- booked by somebody already -------------------------------------------------------------------------


@pytest.mark.parametrize("away", [-5, 0, 5])
@pytest.mark.parametrize("ore", [34394, 34900])
def test_what_somebody_has_booked_is_asked_about_before_it_is_booked(acquirer: Acquirer, ore: int, away: int) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.book_by_hand(BANK, BOOKING, ore, DAY + timedelta(days=away))
    acquirer.book(number)
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.HELD, ["already_booked"])
    assert acquirer.booked() == []
    (question,) = [finding.question for finding in acquirer.get(number).reasons]
    assert question is not None
    assert not question.can_be_rule
    acquirer.dashboard.store.payouts.answer(number, {question.key: "same"})
    acquirer.assess()
    assert acquirer.get(number).state == PayoutState.LEFT
    acquirer.dashboard.store.payouts.answer(number, {question.key: "other"})
    acquirer.assess()
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    acquirer.assess()
    assert acquirer.get(number).state == PayoutState.BOOKED


def test_the_bank_s_amount_alone_leaves_the_fee_to_be_booked(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.book_by_hand(BANK, BOOKING, 34394, DAY)
    acquirer.book(number)
    (question,) = [finding.question for finding in acquirer.get(number).reasons]
    assert question is not None
    acquirer.dashboard.store.payouts.answer(number, {question.key: "rest"})
    acquirer.assess()
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert [acquirer.balance(account) for account in (BOOKING, BANK, FEES)] == [-34900, 34394, 506]


def test_a_voucher_that_is_one_payout_is_not_asked_about_for_another(acquirer: Acquirer) -> None:
    one, two = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))
    acquirer.world.sandbox.books.book_by_hand(BANK, BOOKING, 34394, DAY)
    acquirer.book(one)
    (question,) = [finding.question for finding in acquirer.get(one).reasons]
    assert question is not None
    acquirer.dashboard.store.payouts.answer(one, {question.key: "same"})
    acquirer.assess()
    assert acquirer.get(two).state == PayoutState.READY


@pytest.mark.parametrize(("ore", "away"), [(34395, 0), (34394, 6), (-34394, 0)])
def test_another_amount_or_day_is_not_asked_about(acquirer: Acquirer, ore: int, away: int) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.book_by_hand(BANK, BOOKING, ore, DAY - timedelta(days=away))
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED


# --- settings that changed ------------------------------------------------------------------------------


def test_a_choice_that_is_taken_back_holds_what_was_asked_for(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.dashboard.store.payouts.want([number], actor="test")
    acquirer.choose(AcquirerChoice())
    acquirer.work()
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.HELD, ["way_not_chosen"])
    assert acquirer.get(number).wanted_at is None


def test_another_account_after_it_was_laid_there_is_refused_until_the_item_is_deleted(
    acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))

    def die(*_: object) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, at_call(dying, ledger.BOOK, before=die), pytest.raises(KeyboardInterrupt):
        acquirer.book(number)
    acquirer.choose(replace(CHOSEN, fee_account=7220))
    acquirer.work()
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.REFUSED, ["changed_since_draft"])
    acquirer.world.sandbox.books.ledger_items.clear()
    acquirer.book(number)
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.balance(7220) == 506


def test_another_organization_stops_the_run(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    dinero = acquirer.dashboard.connection.dinero()
    acquirer.dashboard.store.payouts.want([number], actor="test")
    settings = replace(acquirer.dashboard.settings.load(), organization="210009")
    with pytest.raises(SettingsError):
        work_off_payouts(dinero, acquirer.dashboard.store, lambda: settings)
    assert acquirer.get(number).state == PayoutState.BOOKING


def test_a_fee_with_reverse_charge_is_read_back_to_the_ore(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, fee_vat="IEUY"))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED


def test_a_fee_with_danish_vat_is_read_back_to_the_ore(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, fee_vat="I25", fee_account=7400))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.balance(7400) == 405


def test_the_account_s_own_vat_code_is_never_used(acquirer: Acquirer) -> None:
    acquirer.choose(replace(CHOSEN, fee_account=7400))
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.book(number)
    assert acquirer.get(number).state == PayoutState.BOOKED
    assert acquirer.balance(7400) == 506


def test_nothing_is_asked_of_dinero_while_nothing_is_wanted(acquirer: Acquirer) -> None:
    acquirer.read(a_payout("one", *SALE))
    before = len(acquirer.world.sandbox.calls)
    assert acquirer.work()
    assert len(acquirer.world.sandbox.calls) == before


def test_the_preview_is_what_is_sent(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    shown = plan_of(acquirer.dashboard.store, acquirer.dashboard.settings.load(), number)
    acquirer.book(number)
    assert acquirer.item(number).plan == shown


# --- how payouts stand ----------------------------------------------------------------------------------


def test_what_newly_needs_the_owner_is_told_once(acquirer: Acquirer) -> None:
    acquirer.choose(AcquirerChoice())
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.assess()
    assert (acquirer.get(number).state, acquirer.events(number)) == (PayoutState.HELD, ["payout held"])
    acquirer.choose(CHOSEN)
    acquirer.assess()
    assert (acquirer.get(number).state, acquirer.events(number)) == (PayoutState.READY, ["payout held"])
    acquirer.choose(replace(CHOSEN, way=Way.NOTHING))
    acquirer.assess()
    assert (acquirer.get(number).state, acquirer.codes(number)) == (PayoutState.LEFT, ["left_by_choice"])


def test_what_was_asked_for_or_booked_is_not_assessed(acquirer: Acquirer) -> None:
    booked, wanted = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))
    acquirer.book(booked)
    acquirer.dashboard.store.payouts.want([wanted], actor="test")
    acquirer.choose(AcquirerChoice())
    acquirer.assess()
    assert [acquirer.get(number).state for number in (booked, wanted)] == [PayoutState.BOOKED, PayoutState.BOOKING]


def test_only_the_payouts_that_are_named_are_assessed(acquirer: Acquirer) -> None:
    one, two = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))
    acquirer.choose(AcquirerChoice())
    assess_payouts(acquirer.dashboard.store, acquirer.dashboard.settings.load(), [two])
    assert [acquirer.get(number).state for number in (one, two)] == [PayoutState.READY, PayoutState.HELD]


def test_the_currency_of_an_order_counts_where_the_acquirer_does_not_tell_it(acquirer: Acquirer) -> None:
    acquirer.world.order(1, currency="EUR")
    (number,) = acquirer.read(a_payout("one", a_line(2, 74000, -1000)))
    order = acquirer.world.row(1)
    acquirer.dashboard.store.payouts._database.change(
        "update payout_lines set shop = ?, order_id = ?, state = 'differs', registered_ore = 74600", [*order.key]
    )
    acquirer.assess()
    expected = ["exchange_account_unnamed"] if order.currency == "EUR" else []
    assert acquirer.codes(number) == expected
    acquirer.choose(CHOSEN, exchange_account=1445)
    acquirer.assess()
    acquirer.book(number)
    assert (acquirer.balance(BOOKING), acquirer.balance(1445)) == (-74600, 600)


def test_a_question_that_a_run_asks_is_told_in_the_history(acquirer: Acquirer) -> None:
    (number,) = acquirer.read(a_payout("one", *SALE))
    acquirer.world.sandbox.books.book_by_hand(BANK, BOOKING, 34394, DAY)
    acquirer.book(number)
    assert acquirer.events(number) == ["payout held"]
    acquirer.assess()
    assert acquirer.events(number) == ["payout held"]


# --- the way itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [stage for stage in ledger.WAY if stage.mark], ids=lambda stage: str(stage.name))
def test_every_write_can_be_looked_for_by_its_mark_alone(stage: StageOf[LedgerItem]) -> None:
    assert stage.look is not None
    assert stage.if_lost
    assert [one for one in ledger.WAY if one.mark is stage.mark] == [stage]


@pytest.mark.parametrize("step", [Step.CLAIMED, Step.DRAFTED, Step.VERIFIED, Step.BOOKING, Step.BOOKED])
def test_every_step_but_the_last_has_a_stage_that_follows_it(step: Step) -> None:
    assert [stage for stage in ledger.WAY if stage.after is step]


def test_a_mistake_of_ours_stops_one_payout_and_no_other(acquirer: Acquirer, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = acquirer.read(a_payout("one", *SALE), a_payout("two", *SALE))

    def err(item: LedgerItem) -> None:
        if item.payout == numbers[0]:
            raise ZeroDivisionError

    with monkeypatch.context() as wrong, at_call(wrong, ledger.LAY, before=err):
        acquirer.book(*numbers)
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.REFUSED, PayoutState.BOOKED]
    assert acquirer.codes(numbers[0]) == ["mistake"]
    acquirer.book(numbers[0])
    assert len(acquirer.booked()) == 2


def test_a_payout_that_was_read_in_two_ways_is_asked_about_and_booked_once(acquirer: Acquirer) -> None:
    payout = a_payout("1", *SALE)
    (first,) = acquirer.read(payout)
    lines = tuple(replace(line, id=f"other-{line.id}") for line in payout.lines)
    again = replace(payout, account="", id="2026-11-20 345.43", paid_on=DAY + timedelta(days=1), lines=lines)
    (second,) = acquirer.dashboard.store.payouts.add([again], source="columns.csv").new
    acquirer.assess()
    assert (acquirer.get(first).state, acquirer.codes(second)) == (PayoutState.READY, ["may_be_twin"])
    acquirer.book(first, second)
    assert len(acquirer.booked()) == 1
    acquirer.dashboard.payouts.answer(second, f"same_payout:{first}", "same")
    assert (acquirer.get(second).state, acquirer.codes(second)) == (PayoutState.LEFT, ["read_twice"])
    acquirer.dashboard.payouts.take_answer_back(second, f"same_payout:{first}")
    acquirer.dashboard.payouts.answer(second, f"same_payout:{first}", "other")
    assert acquirer.get(second).state is PayoutState.READY


def test_a_payout_that_was_booked_from_another_account_is_told_on_both(acquirer: Acquirer) -> None:
    acquirer.world.order(1)
    acquirer.world.push()
    acquirer.choose(replace(CHOSEN, account=55040))
    sold = acquirer.world.row(1).total_ore or 0
    (number,) = acquirer.read(a_payout("1", replace(a_line(2, sold, -361), order="1001")))
    acquirer.dashboard.payouts.refresh()
    acquirer.book(number)
    acquirer.choose(CHOSEN)  # the mistake is mended for the next one
    balances = acquirer.dashboard.balance
    assert balances.accounts() == [BOOKING, 55040]
    for account, ore, told in ((BOOKING, sold, "of another booking account"), (55040, -sold, "on another account")):
        balance = balances.ask(account)
        assert balance.unexplained_ore == 0
        assert [(row.kind, row.ore, row.payout) for row in balance.rows] == [(RowKind.OTHER_ACCOUNT, ore, number)]
        assert told in balance.rows[0].text.render("en")


def test_a_booked_exchange_difference_leaves_nothing_though_the_acquirer_told_no_currency(acquirer: Acquirer) -> None:
    acquirer.choose(rules={"currency:EUR": "dinero_rate"}, exchange_account=1445)
    acquirer.world.order(1, currency="EUR")
    acquirer.world.push()
    balances = acquirer.dashboard.balance
    (sale,) = balances.ask().rows
    (number,) = acquirer.read(a_payout("1", replace(a_line(2, sale.ore - 2500, -361), order="1001")))
    acquirer.dashboard.payouts.refresh()
    acquirer.book(number)
    assert acquirer.get(number).state is PayoutState.BOOKED
    balance = balances.ask()
    assert (balance.dinero_ore, balance.unexplained_ore, balance.rows) == (0, 0, ())


def test_a_file_without_payout_ids_that_is_read_again_with_another_day_is_asked_about(acquirer: Acquirer) -> None:
    roles = {"Ref": Role.ORDER, "Amount": Role.GROSS, "Fee": Role.FEE}
    chosen = ColumnMapping("Clearhaus", roles, is_one_payout=True, fee_sign=FeeSign.SIGNED)
    numbers = list[int]()
    for day in (DAY, DAY + timedelta(days=1)):
        mapping = replace(chosen, figures={"": BankFigure(Money(24539), day)})
        outcome = acquirer.dashboard.payouts.read("f.csv", b"Ref,Amount,Fee\n1001,249.00,-3.61\n", mapping=mapping)
        numbers += outcome.new
        acquirer.world.clock.advance(60)
    first, second = numbers
    assert (acquirer.get(first).state, acquirer.codes(second)) == (PayoutState.READY, ["may_be_twin"])
    acquirer.book(first, second)
    assert len(acquirer.booked()) == 1


def test_equal_payouts_of_one_source_are_two(acquirer: Acquirer) -> None:
    numbers = acquirer.read(a_payout("1", *SALE), a_payout("2", *SALE, on=DAY + timedelta(days=1)))
    assert [acquirer.get(number).state for number in numbers] == [PayoutState.READY] * 2


def test_a_voucher_of_somebody_else_is_not_taken_for_a_payment_of_ours_with_its_amount(acquirer: Acquirer) -> None:
    world = acquirer.world
    world.order(1)
    world.push()
    world.give_back(1, 2)
    world.push()
    dashboard = acquirer.dashboard
    on = date.fromisoformat(dashboard.store.history.list(limit=1)[0].at[:10])
    dashboard.balance.ask()
    (number,) = acquirer.read(a_payout("1", a_line(2, 15000, -50), on=on))
    assert acquirer.get(number).state is PayoutState.READY, "a refund of 149,50 is no payout of 149,50"
    world.sandbox.books.book_by_hand(BANK, BOOKING, 14950, on, "Clearhaus")
    dashboard.balance.ask()
    acquirer.assess()
    assert acquirer.codes(number) == ["already_booked"]
