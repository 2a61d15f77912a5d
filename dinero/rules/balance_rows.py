"""The rows of a booking account's proof: what is left of orders and of payouts, once those that are settled are taken
off."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dinero.model.acquirers import acquirer_of
from dinero.model.balance import BalanceRow, RowKind
from dinero.model.documents import OrderKey
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement
from dinero.model.settlements import Registered, StoredLine
from dinero.rules.settled import CORRECTIONS, RESERVES, SUMMED, PaidOut, Settling

CHARGEBACKS = (Movement.CHARGEBACK, Movement.CHARGEBACK_RETURNED)


def is_of_order(line: StoredLine) -> bool:
    """Whether a line is of an order that is known."""
    return line.kind in OF_ORDERS and not line.is_sum and bool(line.order_id)


# --- payouts that name a period and no orders -----------------------------------------------------------------


def covered_by_periods(
    registered: Sequence[Registered], settling: Settling, on: date
) -> tuple[set[str], list[BalanceRow]]:
    """The documents that payouts without orders paid out, by the day of payment, and what differs from their sums.
    Each is of one payout, and of none where its order has a line."""
    sums = [paid for paid in settling.settled if paid.has_sums]
    if not sums:
        return set(), []
    lined = {(line.shop, line.order_id) for paid in settling.settled for line in paid.lines if is_of_order(line)}
    left: dict[date, list[Registered]] = defaultdict(list)
    for sale in registered:
        if (sale.shop, sale.order_id) not in lined:
            left[sale.on].append(sale)
    covered, rows = set[str](), list[BalanceRow]()
    for paid in sums:
        mine = [sale for day in paid.period for sale in left.get(day, ()) if paid.takes(sale.method)]
        mine = [sale for sale in mine if sale.guid not in covered]
        covered |= {sale.guid for sale in mine}
        told = sum(line.gross_ore for line in paid.lines if line.is_sum and line.kind in SUMMED)
        ore = sum(sale.ore for sale in mine) + paid.covered_ore
        if ore != told:
            rows.append(_of_payout(paid, RowKind.PERIOD, ore - told, on, _period_text(paid, ore, told)))
    return covered, rows


def _period_text(paid: PaidOut, ore: int, told: int) -> Text:
    if paid.payout.first_day is None or paid.payout.last_day is None:
        return Text(
            "Payout {payout} of {paid} tells neither orders nor a period.", payout=paid.payout.payout, paid=Money(told)
        )
    return Text(
        "{registered} is registered from {first} to {last}, but {paid} was paid out. A day that ends at 21:00 and "
        "other transfer dates can cause it.",
        registered=Money(ore),
        paid=Money(told),
        first=paid.payout.first_day,
        last=paid.payout.last_day,
    )


# --- orders ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Order:
    """One order's sales, refunds and lines of settled payouts."""

    sales: list[Registered] = field(default_factory=list)
    refunds: list[Registered] = field(default_factory=list)
    lines: list[tuple[PaidOut, StoredLine, int]] = field(default_factory=list)  # with the øre that it takes

    def taken(self, *kinds: Movement) -> int:
        return sum(ore for _, line, ore in self.lines if line.kind in kinds)

    def last(self, *kinds: Movement) -> tuple[PaidOut, StoredLine]:
        return next((paid, line) for paid, line, _ in reversed(self.lines) if line.kind in kinds)

    def has(self, *kinds: Movement) -> bool:
        return any(line.kind in kinds for _, line, _ in self.lines)


def rows_of_orders(
    registered: Iterable[Registered],
    settling: Settling,
    on: date,
    *,
    elsewhere: Collection[OrderKey],
    acquirers: Mapping[str, str],
) -> list[BalanceRow]:
    """What is left of each order: registered less what was paid out."""
    orders: dict[OrderKey, _Order] = defaultdict(_Order)
    for sale in registered:
        order = orders[OrderKey(sale.shop, sale.order_id)]
        (order.sales if sale.ore >= 0 else order.refunds).append(sale)
    for paid in settling.settled:
        as_registered = _exchanged(paid, settling)
        for line in paid.lines:
            if is_of_order(line):
                ore = line.registered_ore if as_registered and line.sold_for_currency else None
                taken = line.gross_ore if ore is None else ore
                orders[OrderKey(line.shop, line.order_id)].lines.append((paid, line, taken))
    rows = []
    for key, order in orders.items():
        rows += [replace(row, order=key) for row in _rows_of(order, on, key in elsewhere, acquirers)]
    return rows


def _exchanged(paid: PaidOut, settling: Settling) -> bool:
    """Whether the difference of exchange that was booked is that of the sales in other currencies whose value in kroner
    is known, to the øre."""
    ore = settling.exchange(paid)
    foreign = [line for line in paid.lines if line.sold_for_currency and is_of_order(line)]
    known = [line.registered_ore - line.gross_ore for line in foreign if line.registered_ore is not None]
    return ore != 0 and sum(known) == ore


def _rows_of(order: _Order, on: date, is_elsewhere: bool, acquirers: Mapping[str, str]) -> list[BalanceRow]:
    sold = sum(sale.ore for sale in order.sales) - order.taken(Movement.SALE)
    refunded = sum(sale.ore for sale in order.refunds) - order.taken(Movement.REFUND)
    charged = -order.taken(*CHARGEBACKS)
    if not sold + refunded + charged:
        return []
    # A credit note for a chargeback decides it; one for an invoice that was booked anew is no refund.
    charged, refunded = _cancelled(charged, refunded)
    if order.lines:
        sold, refunded = _cancelled(sold, refunded)
    rows = []
    if sold:
        rows.append(_sold(order, sold, on, is_elsewhere, acquirers))
    if refunded:
        rows.append(_refunded(order, refunded, on, is_elsewhere))
    if charged:
        paid, line = order.last(*CHARGEBACKS)
        text = Text("Chargeback of order {order}, undecided.", order=line.number or line.order_ref)
        rows.append(_of_payout(paid, RowKind.CHARGEBACK, charged, on, text, line.number))
    return rows


def _cancelled(there: int, back: int) -> tuple[int, int]:
    """Two amounts less what of them takes each other back."""
    if there * back >= 0:
        return there, back
    both = min(abs(there), abs(back))
    return (there - both, back + both) if there > 0 else (there + both, back - both)


def _sold(order: _Order, ore: int, on: date, is_elsewhere: bool, acquirers: Mapping[str, str]) -> BalanceRow:
    if not order.has(Movement.SALE):
        if not order.sales:  # a refund's line beyond what was cancelled
            paid, line = order.last(*(line.kind for _, line, _ in order.lines))
            return _of_payout(paid, RowKind.DIFFERS, ore, on, _both(0, -ore), line.number)
        first = min(order.sales, key=lambda sale: sale.on)
        days = (on - first.on).days
        text = Text("Sold {n} day ago, not paid out.", "Sold {n} days ago, not paid out.", n=days)
        if not days:
            text = Text("Sold today, not paid out.")
        acquirer = acquirers.get(first.method, acquirers.get("", ""))
        return BalanceRow(RowKind.SALE, ore, first.on, text, days, number=first.order_number, acquirer=acquirer)
    paid, line = order.last(Movement.SALE)
    if order.sales:
        text = _both(sum(sale.ore for sale in order.sales), order.taken(Movement.SALE))
        return _of_payout(paid, RowKind.DIFFERS, ore, on, text, line.number)
    if is_elsewhere:
        text = Text("Paid out here, but registered on another account.")
        return _of_payout(paid, RowKind.OTHER_ACCOUNT, ore, on, text, line.number)
    text = Text("Paid out, but the order is not transferred.")
    return _of_payout(paid, RowKind.NOT_TRANSFERRED, ore, on, text, line.number)


def _refunded(order: _Order, ore: int, on: date, is_elsewhere: bool) -> BalanceRow:
    if not order.has(Movement.REFUND):
        first = min(order.refunds, key=lambda sale: sale.on)
        text = Text("Credited, and not taken from a payout yet.")
        days = (on - first.on).days
        return BalanceRow(RowKind.REFUND, ore, first.on, text, days, number=first.order_number)
    paid, line = order.last(Movement.REFUND)
    if order.refunds:
        text = _both(sum(sale.ore for sale in order.refunds), order.taken(Movement.REFUND))
        return _of_payout(paid, RowKind.DIFFERS, ore, on, text, line.number)
    if is_elsewhere and not order.sales:
        text = Text("Paid back here, but registered on another account.")
        return _of_payout(paid, RowKind.OTHER_ACCOUNT, ore, on, text, line.number)
    text = Text("Paid back, but there is no credit note.")
    return _of_payout(paid, RowKind.NO_CREDIT_NOTE, ore, on, text, line.number)


def _both(registered: int, paid: int) -> Text:
    return Text("{registered} is registered, but {paid} was paid out.", registered=Money(registered), paid=Money(paid))


# --- what is of a payout and of no order ----------------------------------------------------------------------


def rows_of_payout(paid: PaidOut, settling: Settling, on: date) -> list[BalanceRow]:
    """What a settled payout leaves on the account beside its orders."""
    rows = []
    for line in paid.lines:
        if line.kind in CHARGEBACKS and not is_of_order(line):
            text = Text("Chargeback of an order that is not known, undecided.")
            rows.append(_of_payout(paid, RowKind.CHARGEBACK, -line.gross_ore, on, text, line.order_ref))
        elif line.kind in OF_ORDERS and not line.is_sum and not line.order_id:
            text = Text("{gross}, but there is no such order.", gross=Money(line.gross_ore))
            rows.append(_of_payout(paid, RowKind.NO_ORDER, -line.gross_ore, on, text, line.order_ref))
    acquirer = paid.payout.acquirer
    kept = -paid.gross_of(RESERVES) - settling.reserve(paid)
    text = Text("Kept back by {acquirer}.", acquirer=_name(acquirer))
    rows.append(_of_payout(paid, RowKind.RESERVE, kept, on, text))
    corrected = -paid.gross_of(CORRECTIONS) - settling.other(paid)
    words = ", ".join(dict.fromkeys(line.text for line in paid.lines if line.kind in CORRECTIONS and line.text))
    text = Text("A correction by {acquirer}: {text}", acquirer=_name(acquirer), text=words or "–")
    rows.append(_of_payout(paid, RowKind.CORRECTION, corrected, on, text))
    text = Text("To be taken from the next payout of {acquirer}.", acquirer=_name(acquirer))
    rows.append(_of_payout(paid, RowKind.CORRECTION, paid.carried_ore, on, text))
    if (exchange := settling.exchange(paid)) and not _exchanged(paid, settling):
        text = Text("Booked as a difference of exchange.")
        rows.append(_of_payout(paid, RowKind.DIFFERS, -exchange, on, text))
    return [row for row in rows if row.ore]


def without_released(rows: Sequence[BalanceRow]) -> list[BalanceRow]:
    """The rows, with reserves that were released taken off those that were kept, the oldest first."""
    left: list[BalanceRow] = []
    for row in sorted(rows, key=lambda row: row.on):
        ore = row.ore
        for place, before in enumerate(left):
            same = (before.kind, before.acquirer) == (row.kind, row.acquirer) == (RowKind.RESERVE, before.acquirer)
            if same and ore * before.ore < 0:
                rest, ore = _cancelled(before.ore, ore)
                left[place] = replace(before, ore=rest)
        if ore:
            left.append(replace(row, ore=ore))
    return [row for row in left if row.ore]


def _name(acquirer: str) -> str:
    return acquirer_of(acquirer).name


def _of_payout(paid: PaidOut, kind: RowKind, ore: int, on: date, text: Text, number: str = "") -> BalanceRow:
    payout = paid.payout
    return BalanceRow(
        kind,
        ore,
        payout.paid_on,
        text,
        (on - payout.paid_on).days,
        number=number,
        payout=payout.id,
        payout_name=payout.payout,
        acquirer=payout.acquirer,
    )
