"""How things are, for the owner's one minute a day: a sentence, a few numbers, the last weeks and both connections.

Every number is summed by SQL and is the length of the list that the page leads to.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dinero.model.attention import Group
from dinero.model.clock import COPENHAGEN, copenhagen_date, midnight
from dinero.model.documents import CHANGED, NEEDS_OWNER, UNDER_WAY, OrderSum
from dinero.model.health import FetchRecord
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.settings import Settings
from dinero.reports.fees import measured
from dinero.rules.fees import PayoutEstimate, Sales, estimate_payout, is_direct_method
from dinero.store import Store

CHART_DAYS = 30
OWNER = (*NEEDS_OWNER, CHANGED)
# Each state in exactly one of the owner's words. "unsure" is the owner's, although the next transfer of it looks first.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "done": ("done", "credited"),
    "waiting": ("waiting", *(state for state in UNDER_WAY if state != "unsure")),
    "owner": NEEDS_OWNER,
    "not due": ("not due",),
    "ignored": ("ignored",),
}
# The few that are not at their end; the others are counted as the rest.
OPEN = tuple(state for group, states in GROUPS.items() if group != "done" for state in states)
GROUP_OF = {state: group for group, states in GROUPS.items() for state in states}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of orders or documents, how many of them are invoices and how many credit notes, and their sums, credit
    notes taken off, each currency by itself (øre or cents)."""

    count: int
    sums: Mapping[str, int]
    invoices: int = 0
    credit_notes: int = 0


@dataclass(frozen=True, slots=True)
class DaySum:
    """Orders placed on a Copenhagen day that are in a group of GROUPS: count and sum in øre (DKK)."""

    day: date
    group: str
    count: int
    ore: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it.

    `month` are the orders that were transferred this month, whatever their dates, and `month_by_date` the documents
    that are dated in it, whenever they were booked, as the reconciliation counts them. `payout` is what the bank
    receives of `month`. `recent` is what was transferred since `yesterday` began, and `fetched` how many new orders
    were read since then. `deposit` is what was registered from here on the booking account. `has_done` says
    that anything was ever transferred. `now` (aware) is when this was summed, and `last_fetch` how the last fetch
    went.
    """

    waiting: Tile
    owner: Tile
    not_due: Tile
    month: Tile
    month_by_date: Tile
    recent: Tile
    fetched: int
    first_of_month: date
    yesterday: date
    today: date
    payout: PayoutEstimate
    days: tuple[DaySum, ...]
    deposit: Money | None
    has_orders: bool
    has_done: bool
    now: datetime
    last_fetch: FetchRecord | None = None

    def with_overdue(self, overdue: Group | None) -> "Overview":
        """The same, with the orders that need the owner because they were sold and never paid out."""
        if overdue is None:
            return self
        sums = Counter(self.owner.sums)
        sums.update(overdue.sums)
        return replace(self, owner=replace(self.owner, count=self.owner.count + overdue.count, sums=dict(sums)))

    @property
    def is_current(self) -> bool:
        """Whether the shop's orders are known as they are now: nothing is said of all of them otherwise."""
        return self.last_fetch is not None and self.last_fetch.is_current(self.now)

    @property
    def all_well(self) -> bool:
        """Whether all that is ready is transferred, as of now."""
        return self.has_orders and self.is_current and not (self.owner.count or self.waiting.count)

    @property
    def sentence(self) -> list[Text]:
        """How things are, in one to four sentences: what needs the owner, what waits, then the rest, with its time."""
        if not self.has_orders:
            return [Text("No orders have been fetched from the shop yet.")]
        said = []
        if self.owner.count:
            said.append(Text("{n} order needs you.", "{n} orders need you.", n=self.owner.count))
        if self.waiting.count and said:
            said.append(Text("{n} waits.", "{n} wait.", n=self.waiting.count))
        elif self.waiting.count:
            said.append(Text("{n} order waits.", "{n} orders wait.", n=self.waiting.count))
        if self.not_due.count:
            said.append(Text("{n} order is not due yet.", "{n} orders are not due yet.", n=self.not_due.count))
        return self._with_the_rest(said)

    def _with_the_rest(self, said: list[Text]) -> list[Text]:
        at = self.last_fetch.at if self.last_fetch is not None else None
        if not self.is_current or at is None:
            if self.last_fetch is not None and self.last_fetch.is_partial:
                return [*said, Text("The orders of one of the webshops have not been fetched yet.")]
            return [*said, _fetched_then(at, self.today)]
        if self.owner.count or self.waiting.count:
            return [*said, Text("The rest is transferred.")] if self.has_done else said
        if said:
            return [Text("At {time}: all that is ready is transferred.", time=_time_of_day(at)), *said]
        return [Text("At {time}: all is transferred.", time=_time_of_day(at))]


def _fetched_then(at: datetime | None, today: date) -> Text:
    if at is None:
        return Text("It is not known when orders were last fetched.")
    day = copenhagen_date(at)
    if day == today:
        return Text("Orders were last fetched at {time}.", time=_time_of_day(at))
    if day == today - timedelta(days=1):
        return Text("Orders were last fetched yesterday at {time}.", time=_time_of_day(at))
    return Text("Orders were last fetched on {day} at {time}.", day=day, time=_time_of_day(at))


def _time_of_day(moment: datetime) -> time:
    return moment.astimezone(COPENHAGEN).time().replace(second=0, microsecond=0)


def look(store: Store, now: datetime, settings: Settings, last_fetch: FetchRecord | None = None) -> Overview:
    """How things are at a moment (aware)."""
    today = copenhagen_date(now)
    first, yesterday = today.replace(day=1), today - timedelta(days=1)
    transferred = store.sums.transfers_by_method(first.isoformat(), today.isoformat())
    account = settings.booking_account
    start = today - timedelta(days=CHART_DAYS - 1)
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in store.sums.by_day(start.isoformat(), today.isoformat()):
        if row.currency == DKK:
            key = (row.day, GROUP_OF[row.state or ""])
            count, ore = sums.get(key, (0, 0))
            sums[key] = (count + row.n, ore + row.ore)
    states = store.sums.by_state(OPEN)

    def tile(*names: str) -> Tile:
        return tile_of([row for row in states if row.state in names])

    needs = tile(*NEEDS_OWNER)
    return Overview(
        waiting=tile(*GROUPS["waiting"]),
        owner=replace(needs, count=store.orders.count(states=OWNER)),
        not_due=tile("not due"),
        month=tile_of(transferred),
        month_by_date=tile_of(store.sums.documents(first.isoformat(), today.isoformat())),
        recent=tile_of(store.sums.transfers_by_day(yesterday.isoformat(), today.isoformat())),
        fetched=store.sums.seen_since(midnight(yesterday)),
        first_of_month=first,
        yesterday=yesterday,
        today=today,
        payout=estimate_payout(
            _sales(transferred, store.sums.unregistered_by_method(first.isoformat(), today.isoformat()), settings),
            settings.fee_rates,
            measured(store, today).of_methods(settings),
        ),
        days=tuple(
            DaySum(date.fromisoformat(day), group, count, ore) for (day, group), (count, ore) in sorted(sums.items())
        ),
        deposit=Money(store.sums.deposits(account)) if account is not None else None,
        has_orders=store.sums.has_orders(),
        has_done=bool(store.orders.list(states=GROUPS["done"], limit=1)),
        now=now,
        last_fetch=last_fetch,
    )


def _sales(transferred: Iterable[OrderSum], unregistered: Iterable[OrderSum], settings: Settings) -> Iterable[Sales]:
    """What was transferred in kroner, by method; what the customers pay by invoice apart."""
    direct = {row.payment_method: row for row in unregistered if row.currency == DKK}
    for row in transferred:
        if row.currency != DKK:
            continue
        left, n = row.ore, row.n
        if part := direct.get(row.payment_method):
            yield Sales(row.payment_method, Money(part.ore), part.n, is_direct=True)
            left, n = left - part.ore, n - part.n
        if n:
            yield Sales(row.payment_method, Money(left), n, is_direct_method(row.payment_method, settings.rules))


def tile_of(rows: Iterable[OrderSum]) -> Tile:
    """All of them in one."""
    sums: dict[str, int] = {}
    count = credit_notes = 0
    for row in rows:
        count += row.n
        credit_notes += row.credit_notes
        sums[row.currency] = sums.get(row.currency, 0) + row.ore
    return Tile(count, sums, count - credit_notes, credit_notes)
