"""The mirror of Dinero's postings on deposit accounts, of which a booking account's balance is made.

It is read once from the beginning of the accounting year in which the dashboard began, a month a call, and then by what
was added since the last time: Dinero's postings are never changed, only what a year began with is (facts.md, Dinero
2.16). All of a reading is stored at once, with its time, or nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dinero.api.client import Dinero
from dinero.model.chart import Chart
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Document
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.model.settlements import LedgerEntry
from dinero.store import Store

# What is asked for again each time, because clocks differ, and how long a time one call may ask for.
OVERLAP = timedelta(minutes=10)
LONGEST = timedelta(days=31)
GAP = timedelta(days=366)  # after so long, reading anew is as cheap, and heals what was missed
AHEAD = timedelta(seconds=1)  # Dinero is asked in whole seconds

Year = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Mirror:
    """How far the mirror is: as of when (UTC), its first day, the accounts that it is of, and the years of which it has
    what they began with, by their first day."""

    at: datetime
    first: date
    accounts: frozenset[int]
    years: frozenset[date]

    def to_json(self) -> Mapping[str, Any]:
        """As JSON."""
        return asdict(self) | {
            "at": self.at.isoformat(),
            "first": self.first.isoformat(),
            "accounts": sorted(self.accounts),
            "years": sorted(day.isoformat() for day in self.years),
        }


def mirror_of(store: Store, organization: str) -> Mirror | None:
    """How far the mirror of an organization is; None when it was never read."""
    found = store.look_ups.get(_key(organization))
    if found is None:
        return None
    told = found[0]
    return Mirror(
        datetime.fromisoformat(told["at"]),
        date.fromisoformat(told["first"]),
        frozenset(told["accounts"]),
        frozenset(map(date.fromisoformat, told["years"])),
    )


def first_day(store: Store, settings: Settings, today: date, account: int | None = None) -> date:
    """The dashboard's first day, of one account or of all: the take-over date, or what was registered, or confirmed of
    the time before, earlier than it."""
    days = [settings.take_over_date, store.registered.first_day(settings.organization or "", account)]
    days += [opening.on for number, opening in settings.openings.items() if account in (None, number)]
    return min((day for day in days if day is not None), default=today)


def sync_entries(dinero: Dinero, store: Store, settings: Settings) -> Mirror:
    """Brings the mirror of the postings on all deposit accounts up to now. Raises DashboardError, and then the mirror
    is as it was."""
    now = store.clock.now().astimezone(UTC)
    chart = _with_years(dinero, store, copenhagen_date(now))
    accounts = frozenset(chart.deposits)
    first = _year_of(chart.years, first_day(store, settings, copenhagen_date(now)))
    mirror = mirror_of(store, dinero.organization)
    fits = mirror and first >= mirror.first and accounts <= mirror.accounts and now - mirror.at < GAP
    if mirror is None or not fits:
        after = _read_all(dinero, store, Mirror(now, first, accounts, frozenset()), chart.years)
    else:
        after = _read_changes(dinero, store, mirror, now, chart.years)
    _learn_values(store, dinero.organization)
    return after


def _with_years(dinero: Dinero, store: Store, today: date) -> Chart:
    """The chart, with this accounting year. Raises SettingsError without any."""
    chart = store.charts.load(dinero.organization)
    if not any(start <= today <= end for start, end in chart.years):
        store.charts.save_years(dinero.organization, dinero.accounting_years())
        chart = store.charts.load(dinero.organization)
    if not chart.years:
        raise SettingsError(Text("There is no accounting year in Dinero. Create it there, then try again."))
    return chart


def _year_of(years: Sequence[Year], day: date) -> date:
    """The first day of the accounting year of a day, or of the first year after it."""
    return min((start for start, end in years if end >= day), default=max(start for start, _ in years))


def _read_all(dinero: Dinero, store: Store, mirror: Mirror, years: Sequence[Year]) -> Mirror:
    found: list[LedgerEntry] = []
    read = set[date]()
    for start, end in sorted(years):
        for first, last in _parts(start, end, copenhagen_date(mirror.at)) if end >= mirror.first else ():
            found += _of(dinero.entries(first, last, primo=first == start), mirror.accounts)
        if end >= mirror.first and (start == mirror.first or _has_beginning(found, start)):
            read.add(start)
    after = Mirror(mirror.at, mirror.first, mirror.accounts, frozenset(read))
    with store.transaction():
        store.entries.forget(dinero.organization)
        keep(store, dinero.organization, found, after)
    return after


def _parts(start: date, end: date, today: date) -> Iterator[tuple[date, date]]:
    """The parts in which a year is asked for: month by month up to this one, and then the rest at once."""
    day = start
    while day <= end:
        last = date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)
        last = min(last, end) if last < today else end
        yield day, last
        day = last + timedelta(days=1)


def _read_changes(dinero: Dinero, store: Store, mirror: Mirror, now: datetime, years: Sequence[Year]) -> Mirror:
    """What was added since, and what years began with where that may have become another: an account that began with
    nothing is not told of, so those are read whole."""
    since, until = mirror.at - OVERLAP, max(now, mirror.at) + AHEAD
    found: list[LedgerEntry] = []
    while since < until:
        last = min(since + LONGEST, until)
        found += _of(dinero.entries_changed(since, last), mirror.accounts)
        since = last
    new = store.entries.unknown(dinero.organization, [entry.guid for entry in found])
    moved = [entry.on for entry in found if entry.guid in new and not entry.is_primo]
    earliest = min(moved, default=date.max)
    begun = [start for start, _ in years if mirror.first <= start <= copenhagen_date(now)]
    read = set(mirror.years)
    beginnings: dict[date, list[LedgerEntry]] = {}
    for start in begun:
        if start > earliest or start not in mirror.years:
            beginnings[start] = _of(dinero.entries(start, start, primo=True), mirror.accounts)
            if _has_beginning(beginnings[start], start):
                read.add(start)
    after = Mirror(now, mirror.first, mirror.accounts, frozenset(read))
    with store.transaction():
        for start, entries in beginnings.items():
            store.entries.forget_beginning(dinero.organization, start)
            found = [entry for entry in found if not (entry.is_primo and entry.on == start)] + entries
        keep(store, dinero.organization, found, after)
    return after


def _has_beginning(entries: Iterable[LedgerEntry], start: date) -> bool:
    """Whether Dinero has carried balances over to a year."""
    return any(entry.is_primo and entry.on == start for entry in entries)


def _of(entries: Iterable[LedgerEntry], accounts: frozenset[int]) -> list[LedgerEntry]:
    return [entry for entry in entries if entry.account in accounts]


def keep(store: Store, organization: str, entries: Iterable[LedgerEntry], mirror: Mirror) -> None:
    """Stores postings of a reading and how far it is."""
    # What is dated before the mirror's first day is in what that year began with.
    store.entries.save(organization, (entry for entry in entries if entry.on >= mirror.first))
    store.look_ups.put(_key(organization), mirror.to_json())


def _key(organization: str) -> str:
    return f"entries:{organization}"


def _learn_values(store: Store, organization: str) -> None:
    """Payments in another currency: what they are in kroner is what Dinero posted, where that can be but one
    posting."""
    guids = store.registered.without_value(organization)
    if not guids:
        return
    documents = store.documents.by_guid(guids)
    invoices = store.documents.by_guid([document.credit_for for document in documents.values() if document.credit_for])
    for document in documents.values():
        payment = document.plan.payment
        if payment is None:
            continue
        invoice = invoices.get(document.credit_for)
        there = store.entries.between(organization, [payment.account], payment.on, payment.on)
        found = [e for e in there if e.ore * payment.amount.ore > 0 and _is_of(e, document, invoice)]
        if len(found) == 1:
            store.registered.set_value(document, payment.account, found[0].ore)


def _is_of(entry: LedgerEntry, document: Document, invoice: Document | None) -> bool:
    guids = {document.guid, document.payment_guid, document.credit_for}
    numbers = {document.invoice_number, invoice.invoice_number if invoice else None} - {None}
    return entry.voucher_guid in guids or entry.voucher_number in numbers
