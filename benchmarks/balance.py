"""The proof of a booking account over a year: 100,000 registered sales, 1,000 booked payouts and Dinero's postings of
all of it; first the payouts tell their orders, then only sums of their days.

`make bench-balance`. Times are the processor's and the thread's own, so that other work on the machine does not count.
Fails when a page's part of it, which is drawn with each page, takes more than MOST milliseconds.
"""

import json
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.world import insert
from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.intake.postings import Mirror, keep
from dinero.model.acquirers import NO_VAT, AcquirerChoice, Way
from dinero.model.balance import Balance, RowKind
from dinero.model.chart import DepositAccount
from dinero.model.clock import SimulatedClock
from dinero.model.documents import Event, State, Step
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerLine, LedgerPlan, Purpose, item_guid
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.settlements import LedgerEntry
from dinero.store import Store
from dinero.store.connections import Connection

SALES, UNPAID, LATE = 100_000, 500, 100
DAYS = 334  # of sales that are paid out, by three acquirers each
ACQUIRERS = ("clearhaus", "vipps", "shopify")
MOST = 50.0  # milliseconds
FIRST, TODAY = date(2026, 1, 1), date(2026, 12, 31)
ORGANIZATION, ACCOUNT, BANK, FEES = "210001", 55100, 55000, 7420


def main() -> int:
    """Prints the times, and 1 when what a page draws takes too long."""
    slow = [name for with_sums in (False, True) for name in measure(with_sums=with_sums)]
    print(f"at most {MOST:.0f} ms where pages draw it: {', '.join(slow) or 'all of it'}")
    return int(bool(slow))


def measure(*, with_sums: bool) -> list[str]:
    """Prints the times of one kind of payouts; what takes a page too long."""
    print("payouts tell sums of their days" if with_sums else "payouts tell their orders")
    clock = SimulatedClock(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(Path(folder))
        dashboard = Dashboard(environment, clock=clock)
        fill(dashboard, with_sums=with_sums)
        found: list[Balance | None] = []
        seconds_of("the first proof ever", lambda: found.append(dashboard.balance.latest()))
        expect(found[0])
        dashboard.store.close()
        started = Dashboard(environment, clock=clock)
        slow = draws(started, "after a start")
        renewal()
        slow += draws(started, "kept")
        with started.store.transaction() as db:
            insert_sales(db, started.store, [SALES])
        started.store.history.add(Event("registered", Text("The set-up.")))
        clock.sleep(60)
        slow += draws(started, "one more sale")
        renewal()
        started.balance.forget()
        seconds_of("a proof that is asked for", lambda: started.balance.latest(exact=True))
        started.store.close()
    return slow


def draws(dashboard: Dashboard, when: str) -> list[str]:
    """Prints what pages need of it; what of that takes too long."""
    balance, attention = dashboard.balance, dashboard.attention
    work: dict[str, Callable[[], object]] = {
        "the head of a page": attention.count,
        "the head again": attention.count,
        "Overview's, with its head": lambda: (
            attention.count(),
            balance.latest(),
            attention.overdue(),
            attention.groups(),
        ),
    }
    return [name for name, draw in work.items() if seconds_of(f"{name}, {when}", draw) * 1000 > MOST]


def seconds_of(name: str, draw: Callable[[], object]) -> float:
    """Prints how long something takes its thread, and tells it."""
    start = time.thread_time()
    draw()
    took = time.thread_time() - start
    print(f"  {name:44}{took * 1000:9.1f} ms")
    return took


def renewal() -> None:
    """Waits until the proof that is made beside the pages is there."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread.daemon:
            thread.join(30)


def expect(balance: Balance | None) -> None:
    """Ends here where the proof is not that of what was filled in."""
    if balance is None or not balance.is_explained or balance.differences or len(balance.of(RowKind.SALE)) != UNPAID:
        raise SystemExit(f"not as filled in: {balance and balance.sentence()}")


# --- the store ---------------------------------------------------------------------------------------------------


def fill(dashboard: Dashboard, *, with_sums: bool) -> None:
    """A year of sales, paid out by three acquirers day by day, as if all of it went well."""
    store = dashboard.store
    store.charts.save_accounts(
        ORGANIZATION, [], [DepositAccount(ACCOUNT, "Webshop salg"), DepositAccount(BANK, "Bank")]
    )
    store.charts.save_years(ORGANIZATION, [(FIRST, TODAY)])
    choices = {key: AcquirerChoice(Way.BOOK, fee_vat=NO_VAT, methods=(key,)) for key in ACQUIRERS}
    store.settings.save(
        organization=ORGANIZATION,
        booking_account=ACCOUNT,
        bank_account=BANK,
        fee_account=FEES,
        take_over_date=FIRST,
        acquirers=choices,
    )
    entries = [
        LedgerEntry(f"o{n}", ACCOUNT, FIRST + timedelta(n * 7), 1000 + n, "Renter", f"x{n}", f"x{n}") for n in range(20)
    ]
    with store.transaction() as db:
        insert_sales(db, store, range(SALES))
        for n in range(SALES):
            entries.append(LedgerEntry(f"s{n}", ACCOUNT, day_of(n), amount(n), "", str(n), f"v{n}"))
        places: dict[tuple[date, str], list[int]] = {}
        for n in range(SALES - UNPAID):
            places.setdefault((day_of(n), ACQUIRERS[n % 3]), []).append(n)
        payouts = [payout_of(*place, sales, with_sums=with_sums) for place, sales in places.items()]
        numbers = store.payouts.add(payouts, source="bench").new
        db.execute(
            "update payout_lines set shop = 'shoporama', order_id = order_ref, state = 'matched' where order_ref != ''"
        )
        db.execute("update payouts set state = 'booked', matched = orders")
        for number, payout in zip(numbers, payouts, strict=True):
            plan = plan_of(payout)
            insert(db, "ledger_items", item_row(number, plan))
            for line in plan.lines:
                place = f"{number}{line.purpose}"
                entries.append(LedgerEntry(place, ACCOUNT, plan.on, -line.amount.ore, "", f"k{number}", f"k{number}"))
    now = dashboard.clock.now()
    keep(store, ORGANIZATION, entries, Mirror(now, FIRST, frozenset({ACCOUNT, BANK}), frozenset({FIRST})))


def day_of(n: int) -> date:
    """When an order was sold: those that are never paid out late in the year."""
    if n < SALES - UNPAID:
        return FIRST + timedelta(n * DAYS // SALES)
    return date(2026, 12, 10) if n < SALES - UNPAID + LATE else date(2026, 12, 28)


def amount(n: int) -> int:
    """What an order is of, in øre."""
    return 10_000 + n % 90_000


def insert_sales(db: Connection, store: Store, places: Iterable[int]) -> None:
    """Orders with their invoices, booked and registered as paid."""
    for n in places:
        day, guid = day_of(n).isoformat(), str(uuid.UUID(int=n))
        order: dict[str, object] = {
            "shop": "shoporama",
            "id": str(n),
            "number": str(n),
            "placed_at": f"{day}T10:00:00",
            "placed_on": day,
        }
        order |= {"customer": "", "email": "", "total_ore": amount(n), "currency": "DKK", "paid": 1, "sent": 1}
        order |= {"payment_method": ACQUIRERS[n % 3], "raw": "{}", "raw_hash": "", "state": "done"}
        insert(db, "orders", order | {"first_seen_at": "", "seen_at": ""})
        document: dict[str, object] = {
            "organization": ORGANIZATION,
            "source": "shoporama",
            "subject": str(n),
            "kind": "invoice",
        }
        document |= {"generation": 1, "guid": guid, "plan": "{}", "step": "done", "state": "done", "operation_id": ""}
        document |= {"created_at": "", "updated_at": "" if n < SALES else store.clock.now().isoformat()}
        document |= {"invoice_number": str(n), "payment_guid": f"p{n}", "issued_on": day, "currency": "DKK"}
        document |= {"deposit_account": ACCOUNT, "deposit_ore": amount(n), "deposit_on": day, "total_ore": amount(n)}
        insert(db, "documents", document)


def payout_of(day: date, acquirer: str, sales: Sequence[int], *, with_sums: bool) -> Payout:
    """A day's sales, paid out two days later; now and then with a chargeback, a reserve or a correction."""
    name = f"{acquirer} {day}"
    if with_sums:
        ore = sum(amount(n) for n in sales)
        fee = ore * 145 // 10_000
        lines = [PayoutLine(2, Movement.SALE, name, Money(ore), Money(-fee), Money(ore - fee), is_sum=True)]
    else:
        lines = [line_of(place, n) for place, n in enumerate(sales, start=2)]
    extra = day.toordinal() % 50
    more = {0: (Movement.CHARGEBACK, -5000, -10000), 1: (Movement.RESERVE, -3000, 0), 2: (Movement.CORRECTION, -70, 0)}
    if extra in more:
        kind, gross, fee = more[extra]
        order = str(sales[0]) if kind is Movement.CHARGEBACK and not with_sums else ""
        place = len(lines) + 2
        lines.append(
            PayoutLine(place, kind, f"{name} {kind}", Money(gross), Money(fee), Money(gross + fee), order=order)
        )
    net = Money(sum(line.net.ore for line in lines))
    paid_on, last = day + timedelta(days=2), day if with_sums else None
    return Payout(acquirer, "1", name, paid_on, net, tuple(lines), first_day=last, last_day=last)


def line_of(place: int, n: int) -> PayoutLine:
    """A sale in a payout."""
    fee = amount(n) * 145 // 10_000
    gross = Money(amount(n))
    return PayoutLine(place, Movement.SALE, f"t{n}", gross, Money(-fee), gross - Money(fee), order=str(n))


def plan_of(payout: Payout) -> LedgerPlan:
    """What was booked of it: the bank's line, and the fee's."""
    amounts = ((Purpose.BANK, payout.net, BANK), (Purpose.FEE, -payout.fees, FEES))
    lines = tuple(
        LedgerLine(purpose, payout.id, ore, account, "", "none", ACCOUNT, "Webshop salg")
        for purpose, ore, account in amounts
    )
    return LedgerPlan(payout.key, ItemKind.PAYOUT, payout.paid_on, payout.id, lines)


def item_row(number: int, plan: LedgerPlan) -> dict[str, object]:
    """Its row in the store, booked."""
    guid = item_guid(ORGANIZATION, plan.payout, plan.kind, 1)
    row: dict[str, object] = {
        "organization": ORGANIZATION,
        "payout": number,
        "kind": plan.kind,
        "generation": 1,
        "guid": guid,
    }
    row |= {"plan": json.dumps(plan.to_json()), "step": Step.DONE, "state": State.DONE, "voucher_number": f"k{number}"}
    return row | {"created_at": "", "updated_at": ""}


if __name__ == "__main__":
    sys.exit(main())
