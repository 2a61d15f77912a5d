"""What acquirers pay out of the sandbox's orders: weeks of cards, bank days of MobilePay, and one each of what is rare.

When who pays: facts.md, Payouts 2.2, 2.5, 3.2, 4.7. The percentages, the fee of a chargeback, the size of the
reserve and its time are the sandbox's own: they are agreed with each shop.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from dinero.model.clock import COPENHAGEN, copenhagen_date, midnight
from dinero.model.money import DKK, Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.sandbox.chart import RATES
from dinero.sandbox.generate import Raw, is_plain
from dinero.sandbox.values import rounded

CLEARHAUS, VIPPS = "clearhaus", "vipps_mobilepay"
CHARGEBACK_FEE = Money(-15000)
CORRECTION, CORRECTION_TEXT = Money(3750), "Correction of fees"
RESERVE_PERCENT, RESERVE_DAYS = Decimal(5), 14
DISPUTED_AFTER = timedelta(days=9)
# A reservation lasts for a week: what is not sent by then is captured all the same, but for the first such order.
RESERVED_FOR = timedelta(days=7)
RELEASED = "-reserve"  # behind the id of the payout whose reserve comes back
OWN_RATE = Decimal("0.995")  # of the day's rate, for what was sold in another currency
_SPACE = uuid.UUID("0f7bb5ac-6b8c-4f0e-8d8f-0c7a6a1f9e52")


class Period(NamedTuple):
    """The days, both included, that are paid out together, and when."""

    first: date
    last: date
    paid_on: date


class Moved(NamedTuple):
    """Money that moved at the acquirer, for an order by its number."""

    at: datetime
    kind: Movement
    gross: Money
    order: str = ""
    fee: Money = Money(0)
    sold_for: Money | None = None
    text: str = ""


def _week(day: date) -> Period:
    """Tuesday to Monday, paid on Thursday (facts.md, Payouts 2.2)."""
    first = day - timedelta(days=(day.weekday() - 1) % 7)
    return Period(first, first + timedelta(days=6), first + timedelta(days=9))


def _until_bank_day(day: date) -> Period:
    """The days before a bank day back to the bank day before: a Monday pays Friday, Saturday and Sunday. The sandbox
    has no holidays."""
    paid_on = day + timedelta(days=(1, 1, 1, 1, 3, 2, 1)[day.weekday()])
    first = paid_on - timedelta(days=(3, 1, 1, 1, 1)[paid_on.weekday()])
    return Period(first, paid_on - timedelta(days=1), paid_on)


@dataclass(frozen=True, slots=True)
class House:
    """An acquirer as the sandbox plays it: the owner's account there, the fee of a sale, and when it pays what."""

    key: str
    account: str
    percent: Decimal
    fixed_ore: int
    period: Callable[[date], Period]

    def fee(self, sold: Money) -> Money:
        """What is kept of a sale, rounded half up: 14,50 of 1.000,00 with 1,45 % (facts.md, Payouts 3.2)."""
        return Money(-rounded(Decimal(sold.ore) * self.percent / 100) - self.fixed_ore)

    def name_of(self, period: Period, place: int) -> str:
        """The id of a payout: Clearhaus has Guids, Vipps MobilePay numbers."""
        if self.key == CLEARHAUS:
            return str(uuid.uuid5(_SPACE, f"{self.account} {period.first} {place}"))
        return str(2_000_101 + place)

    def line_name(self, payout: str, place: int) -> str:
        """The id of what moved."""
        return str(uuid.uuid5(_SPACE, f"{payout} {place}")) if self.key == CLEARHAUS else f"{payout}{place:05}"

    def bank_text(self, payout: str, paid_on: date) -> str:
        """What the bank shows (facts.md, Payouts 3.2; the Norwegian one of 4.7, as the Danish is not known)."""
        if self.key == CLEARHAUS:
            return f"CH{self.account} {paid_on}"
        return f"Utb. {payout} Vippsnr {self.account}"


HOUSES: Mapping[str, House] = {
    CLEARHAUS: House(CLEARHAUS, "7654321", Decimal("1.45"), 0, _week),
    VIPPS: House(VIPPS, "602345", Decimal(1), 75, _until_bank_day),
}
# Which of the shop's gateways ends where; what is paid straight into the bank is in no payout.
THROUGH = {"quickpayv10": CLEARHAUS, "nets": CLEARHAUS, "mobilepay": VIPPS}


def make_payouts(orders: list[Raw], seed: int, now: datetime) -> list[Payout]:
    """All that was paid out of the shop's orders until `now`, the oldest first; the newest sales still wait.

    Held orders are in it too, as in life: the acquirer knows nothing of the dashboard. The first order that is paid
    and was never sent was never captured, and is in no payout. Clearhaus's have one chargeback, one reserve that comes
    back in a payout of its own, and one correction.
    """
    moved = _moved(orders, Random(seed), now)
    today = copenhagen_date(now)
    found = [payout for house in HOUSES.values() for payout in _paid_out(house, moved[house.key], today)]
    for kept in list(found):
        if reserved(kept).ore and (on := kept.paid_on + timedelta(days=RESERVE_DAYS)) <= today:
            found.append(release(kept, on))
    return sorted(found, key=lambda payout: (payout.paid_on, payout.acquirer, back_of(payout)))


def settle(
    payouts: Sequence[Payout],
    acquirer: str,
    sales: Iterable[tuple[str, int]],
    refunds: Iterable[tuple[str, int]] = (),
    chargebacks: Iterable[tuple[str, int]] = (),
    reserve_ore: int = 0,
    correction_ore: int = 0,
    *,
    on: date,
) -> Payout:
    """The payout that follows `payouts`, paid on a day: orders by number with the øre that moved, all above 0.
    `reserve_ore` is kept back; a correction may go either way. An acquirer pays once a day: ValueError otherwise."""
    house = HOUSES[acquirer]
    before = [payout for payout in payouts if payout.acquirer == acquirer and payout.last_day]
    last = on - timedelta(days=1)
    first = max((payout.last_day + timedelta(days=1) for payout in before if payout.last_day), default=last)
    if first > last:
        raise ValueError(f"{acquirer} has paid out until {first - timedelta(days=1)}")
    at = midnight(last) + timedelta(hours=12)
    moved = [Moved(at, Movement.SALE, Money(ore), number, house.fee(Money(ore))) for number, ore in sales]
    moved += [Moved(at, Movement.REFUND, Money(-ore), number) for number, ore in refunds]
    moved += [Moved(at, Movement.CHARGEBACK, Money(-ore), number, CHARGEBACK_FEE) for number, ore in chargebacks]
    if correction_ore:
        moved.append(Moved(at, Movement.CORRECTION, Money(correction_ore), text=CORRECTION_TEXT))
    if reserve_ore:
        moved.append(Moved(at, Movement.RESERVE, Money(-reserve_ore)))
    return _payout(house, Period(first, last, on), len(before), moved)


def release(kept: Payout, on: date) -> Payout:
    """The payout by which a payout's reserve comes back."""
    amount = reserved(kept)
    line = PayoutLine(1, Movement.RESERVE_RELEASED, kept.id + RELEASED, amount, Money(0), amount)
    text = f"CH{kept.account} reserve {on}"
    return Payout(kept.acquirer, kept.account, kept.id + RELEASED, on, amount, (line,), text)


def reserved(payout: Payout) -> Money:
    """What was kept back of a payout, above 0."""
    return Money(-sum(line.net.ore for line in payout.lines if line.kind is Movement.RESERVE))


def back_of(payout: Payout) -> str:
    """The id of the payout whose reserve this one gives back; "" for any other."""
    return payout.id.removesuffix(RELEASED) if payout.id.endswith(RELEASED) else ""


def _moved(orders: list[Raw], dice: Random, now: datetime) -> dict[str, list[Moved]]:
    """What moved until now at each acquirer, in the order of time, with a reserve, a correction and a chargeback."""
    found: dict[str, list[Moved]] = {key: [] for key in HOUSES}
    sold: dict[str, tuple[str, Moved]] = {}  # by the order's id: where, and what
    unsent = 0
    for order in orders:
        key, total = THROUGH.get(str(order["payment_gateway"]), ""), _total(order)
        paid_at = _moment(order["paid"])
        if paid_at is None or not key or total.ore <= 0 or order["status"] == "cancelled":
            continue
        if key == VIPPS and total.currency != DKK:  # MobilePay is for kroner
            continue
        unsent += order["status"] != "sent"
        if order["status"] != "sent" and unsent == 1:
            continue
        day = copenhagen_date(paid_at) + (timedelta(days=1) if order["status"] == "sent" else RESERVED_FOR)
        at = midnight(day) + timedelta(minutes=8 * 60 + dice.randrange(9 * 60))
        if at > now:
            continue
        gross = _in_kroner(total)
        sale = Moved(
            at,
            Movement.SALE,
            gross,
            str(order["webshop_order_id"]),
            HOUSES[key].fee(gross),
            total if total.currency != DKK else None,
        )
        sold[str(order["order_id"])] = key, sale
        found[key].append(sale)
    refunds = list(_refunds(orders, sold, now))
    for key, refund in refunds:
        found[key].append(refund)
    plain = {str(order["webshop_order_id"]) for order in orders if is_plain(order)}
    plain -= {refund.order for _, refund in refunds}
    found[CLEARHAUS] += _rare(found[CLEARHAUS], plain, copenhagen_date(now))
    for moves in found.values():
        moves.sort(key=lambda move: move.at)
    return found


def _refunds(orders: list[Raw], sold: Mapping[str, tuple[str, Moved]], now: datetime) -> Iterable[tuple[str, Moved]]:
    """The shop's credit notes of what was captured, each an hour after it was written at the earliest."""
    for order in orders:
        key, sale = sold.get(str(order.get("credited_order_id")), ("", None))
        written = _moment(order["time"])
        if sale is None or written is None:
            continue
        at = max(written, sale.at) + timedelta(hours=1)
        if at <= now:
            yield key, Moved(at, Movement.REFUND, _in_kroner(_total(order)), sale.order)


def _rare(moves: list[Moved], plain: set[str], today: date) -> list[Moved]:
    """A reserve in the second week that is paid, a correction in the middle one, and a chargeback of an older order,
    in a week that is paid."""
    weeks = sorted({_week(copenhagen_date(move.at)) for move in moves})
    weeks = [week for week in weeks if week.paid_on <= today]
    if not weeks:
        return []
    second = weeks[min(1, len(weeks) - 1)]
    sold = sum(
        move.gross.ore for move in moves if move.kind is Movement.SALE and _week(copenhagen_date(move.at)) == second
    )
    kept = rounded(sold * RESERVE_PERCENT / 100)
    middle = weeks[len(weeks) // 2]
    found = [
        Moved(midnight(second.last) + timedelta(hours=20), Movement.RESERVE, Money(-kept)),
        Moved(midnight(middle.last) + timedelta(hours=20), Movement.CORRECTION, CORRECTION, text=CORRECTION_TEXT),
    ]
    old = [
        move for move in moves if move.order in plain and copenhagen_date(move.at + DISPUTED_AFTER) <= weeks[-1].last
    ]
    if old:
        disputed = old[len(old) // 2]
        at = disputed.at + DISPUTED_AFTER
        found.append(Moved(at, Movement.CHARGEBACK, -disputed.gross, disputed.order, CHARGEBACK_FEE))
    return [move for move in found if move.gross.ore]


def _paid_out(house: House, moves: list[Moved], today: date) -> Iterable[Payout]:
    """The payouts until today. Where more went back than came in, it is carried on to the next one (facts.md, Payouts
    2.5, of Vipps MobilePay)."""
    periods: dict[Period, list[Moved]] = {}
    for move in moves:
        periods.setdefault(house.period(copenhagen_date(move.at)), []).append(move)
    carried: list[Moved] = []
    first, place = None, 0
    for period, moved in sorted(periods.items(), key=lambda item: item[0]):
        if period.paid_on > today:
            return
        carried, first = carried + moved, first or period.first
        if sum(move.gross.ore + move.fee.ore for move in carried) > 0:
            yield _payout(house, period._replace(first=first), place, carried)
            carried, first, place = [], None, place + 1


def _payout(house: House, period: Period, place: int, moves: list[Moved]) -> Payout:
    id_ = house.name_of(period, place)
    lines = tuple(
        PayoutLine(
            row,
            move.kind,
            name := house.line_name(id_, row),
            move.gross,
            move.fee,
            move.gross + move.fee,
            move.order,
            name if move.order else "",
            move.at,
            move.sold_for,
            text=move.text,
        )
        for row, move in enumerate(moves, 1)
    )
    net = Money(sum(line.net.ore for line in lines))
    text = house.bank_text(id_, period.paid_on)
    return Payout(house.key, house.account, id_, period.paid_on, net, lines, text, period.first, period.last)


def _total(order: Raw) -> Money:
    """What the order's customer paid, also where the shop writes it as no computer should."""
    told, currency = str(order["total_price"]), str(order["currency"])
    try:
        return Money.from_json(Decimal(told), currency)
    except ArithmeticError:
        return Money.from_danish(told, currency)


def _in_kroner(amount: Money) -> Money:
    if amount.currency == DKK:
        return amount
    return Money(rounded(Decimal(amount.ore) * RATES[amount.currency] * OWN_RATE / 100))


def _moment(told: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(told)).replace(tzinfo=COPENHAGEN)
    except ValueError:
        return None
