"""What acquirers really keep and how long they really take, measured on the payouts that were read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dinero.model.clock import copenhagen_date
from dinero.model.settings import Settings
from dinero.rules.fees import MeasuredFee
from dinero.store import Store
from dinero.store.fees import Delay, PaidOut

DAYS = 90  # of payouts that rates are measured on
NEWEST = 1000  # sales that an acquirer's days are measured on
_KEPT = "payouts:fees"


@dataclass(frozen=True, slots=True)
class MeasuredFees:
    """What was kept of sales in kroner, by the shop's ways to pay and by acquirer. `paid_since` are the ways to pay
    that payouts were read of order by order, with the first day (ISO) of their sales."""

    methods: Mapping[str, MeasuredFee] = field(default_factory=dict)
    acquirers: Mapping[str, MeasuredFee] = field(default_factory=dict)
    paid_since: Mapping[str, str] = field(default_factory=dict)

    def of_methods(self, settings: Settings) -> Mapping[str, MeasuredFee]:
        """By way to pay; one that no sale was measured of has its acquirer's, as far as the owner said which that
        is."""
        found = {
            method: self.acquirers[key]
            for key, choice in settings.acquirers.items()
            if key in self.acquirers
            for method in choice.methods
        }
        return {**found, **self.methods}


@dataclass(frozen=True, slots=True)
class NormalDays:
    """How many days an acquirer takes from a sale to its payout: half of `count` sales were paid out after at most
    `median` days, and 95 of 100 after at most `slowest`."""

    median: int
    slowest: int
    count: int


def measured(store: Store, today: date) -> MeasuredFees:
    """What was kept in the payouts of the last days to `today` (Copenhagen)."""
    token = [today.isoformat(), *store.fees.token()]
    looked_up = store.look_ups.get(_KEPT)
    kept = looked_up[0] if looked_up else None
    if kept is None or kept["token"] != token:
        first = (today - timedelta(days=DAYS)).isoformat()
        acquirers = {
            row.acquirer: [0, row.payouts, row.sold_ore, -row.fees_ore]
            for row in store.fees.by_acquirer(first)
            if row.sold_ore > 0
        }
        methods = _by_method(store.fees.by_method(first))
        since = store.fees.first_days(first)
        earlier = kept["since"] if kept is not None else {}
        since |= {method: min(day, since.get(method, day)) for method, day in earlier.items()}
        kept = {"token": token, "methods": methods, "acquirers": acquirers, "since": since}
        store.look_ups.put(_KEPT, kept)
    return MeasuredFees(
        {name: MeasuredFee(*told) for name, told in kept["methods"].items()},
        {name: MeasuredFee(*told) for name, told in kept["acquirers"].items()},
        kept["since"],
    )


def _by_method(rows: Iterable[PaidOut]) -> dict[str, list[int]]:
    """Of each way to pay: sales, payouts, øre sold and øre kept. Where an acquirer tells its fees in lines of their
    own, each way to pay has its share of them."""
    found: dict[str, list[int]] = {}
    for row in rows:
        fee = row.fee_ore
        if not fee and row.sold_ore > 0:
            fee = row.fees_ore * row.gross_ore // row.sold_ore
        kept = found.setdefault(row.method, [0, 0, 0, 0])
        for place, value in enumerate((row.sales, 1, row.gross_ore, -fee)):
            kept[place] += value
    return {method: told for method, told in found.items() if told[2] > 0}


def normal_days(store: Store, acquirer: str) -> NormalDays | None:
    """How long an acquirer takes, by its newest sales; None where nothing tells it."""
    days = sorted(day for row in store.fees.delays(acquirer, limit=NEWEST) for day in _days(row))
    if not days:
        return None
    return NormalDays(days[(len(days) - 1) // 2], days[(len(days) * 95 + 99) // 100 - 1], len(days))


def _days(row: Delay) -> list[int]:
    paid_on = date.fromisoformat(row.paid_on)
    if row.at:
        sold = [copenhagen_date(datetime.fromisoformat(row.at))]
    elif row.registered_on:
        sold = [date.fromisoformat(row.registered_on)]
    elif row.first_day and row.last_day:
        first, last = date.fromisoformat(row.first_day), date.fromisoformat(row.last_day)
        sold = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    else:
        return []
    return [(paid_on - day).days for day in sold if day <= paid_on]
