"""How things are, for the owner's one minute a day: a sentence, a few numbers, the last weeks and both connections.

Every number is summed by SQL and is the length of the list that the page leads to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dinero.model.clock import midnight
from dinero.model.documents import CHANGED, NEEDS_OWNER, UNDER_WAY, OrderSum
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.settings import FeeRate
from dinero.rules.fees import estimate_fees
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
    """A number of orders and their sums, each currency by itself (øre or cents)."""

    count: int
    sums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DaySum:
    """Orders placed on a Copenhagen day that are in a group of GROUPS: count and sum in øre (DKK)."""

    day: date
    group: str
    count: int
    ore: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it. `fees` is what the acquirers will keep of `month`'s transfers, estimated by the owner's rates or,
    where `fees_by_example`, by the example of Shoporama's guide. `recent` is what was transferred since `yesterday`
    began, and `fetched` how many new orders were read since then. `deposit` is what was registered from here on the
    booking account."""

    waiting: Tile
    owner: Tile
    not_due: Tile
    month: Tile
    recent: Tile
    fetched: int
    first_of_month: date
    yesterday: date
    today: date
    fees: Money
    fees_by_example: bool
    days: tuple[DaySum, ...]
    deposit: Money | None
    has_orders: bool

    @property
    def sentence(self) -> list[Text]:
        """How things are, in one to three sentences; the first says whether all is well."""
        if not self.has_orders:
            return [Text("No orders have been fetched from the shop yet.")]
        said = []
        if self.waiting.count:
            said.append(
                Text("{n} order waits for its transfer.", "{n} orders wait for their transfer.", n=self.waiting.count)
            )
        elif self.owner.count or self.not_due.count:
            said.append(Text("All that is ready is transferred."))
        else:
            said.append(Text("All is transferred."))
        if self.not_due.count:
            said.append(Text("{n} order is not due yet.", "{n} orders are not due yet.", n=self.not_due.count))
        if self.owner.count:
            said.append(Text("{n} order needs you.", "{n} orders need you.", n=self.owner.count))
        return said


def look(store: Store, today: date, rates: Mapping[str, FeeRate], account: int | None) -> Overview:
    """How things are on a Copenhagen day; `account` is the booking account, `rates` the owner's fees by method."""
    first, yesterday = today.replace(day=1), today - timedelta(days=1)
    transferred = store.sums.transfers_by_method(first.isoformat(), today.isoformat())
    methods = [(row.payment_method, row.n, Money(row.ore)) for row in transferred if row.currency == DKK]
    fees, by_example = estimate_fees(methods, rates)
    start = today - timedelta(days=CHART_DAYS - 1)
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in store.sums.by_day(start.isoformat(), today.isoformat()):
        if row.currency == DKK:
            key = (row.day, GROUP_OF[row.state or ""])
            count, ore = sums.get(key, (0, 0))
            sums[key] = (count + row.n, ore + row.ore)
    states = store.sums.by_state(OPEN)

    def tile(*names: str) -> Tile:
        return _tile([row for row in states if row.state in names])

    needs = tile(*NEEDS_OWNER)
    return Overview(
        waiting=tile(*GROUPS["waiting"]),
        owner=Tile(store.orders.count(states=OWNER), needs.sums),
        not_due=tile("not due"),
        month=_tile(transferred),
        recent=_tile(store.sums.transfers_by_day(yesterday.isoformat(), today.isoformat())),
        fetched=store.sums.seen_since(midnight(yesterday)),
        first_of_month=first,
        yesterday=yesterday,
        today=today,
        fees=fees,
        fees_by_example=by_example,
        days=tuple(
            DaySum(date.fromisoformat(day), group, count, ore) for (day, group), (count, ore) in sorted(sums.items())
        ),
        deposit=Money(store.sums.deposits(account)) if account is not None else None,
        has_orders=store.sums.has_orders(),
    )


def _tile(rows: Iterable[OrderSum]) -> Tile:
    sums: dict[str, int] = {}
    count = 0
    for row in rows:
        count += row.n
        sums[row.currency] = sums.get(row.currency, 0) + row.ore
    return Tile(count, sums)
