"""What an acquirer paid out, and of which sales: the values in which every reader of its files ends.

Signs are fixed here once, whatever a file's are: `gross` is above 0 for what customers paid and below it for what went
back to them, `fee` is below 0 for what the acquirer keeps, and `net` above 0 is the owner's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from dinero.model.i18n import Text
from dinero.model.money import Money, total


class Movement(StrEnum):
    """What moved the money of a line."""

    SALE = "sale"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    CHARGEBACK_RETURNED = "chargeback_returned"
    FEE = "fee"
    RESERVE = "reserve"
    RESERVE_RELEASED = "reserve_released"
    CORRECTION = "correction"
    OTHER = "other"


# Kinds whose line is one order's, and which therefore want an order.
OF_ORDERS = frozenset({Movement.SALE, Movement.REFUND, Movement.CHARGEBACK, Movement.CHARGEBACK_RETURNED})

# Which way the money of a line goes, where its kind says so: 1 from customers, -1 back to them.
WAYS: Mapping[Movement, int] = {
    Movement.SALE: 1,
    Movement.REFUND: -1,
    Movement.CHARGEBACK: -1,
    Movement.CHARGEBACK_RETURNED: 1,
}


class PayoutKey(NamedTuple):
    """Which payout: the acquirer's name here, the owner's account there, and the acquirer's own id of the payout."""

    acquirer: str
    account: str
    id: str


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One sale, refund or charge of a payout, as the file tells it in its `row` (from 1, as a spreadsheet counts)."""

    row: int
    kind: Movement
    id: str  # the acquirer's own
    gross: Money
    fee: Money
    net: Money
    order: str = ""  # the shop's order, as the shop or its gateway told the acquirer
    transaction: str = ""
    at: datetime | None = None  # aware
    sold_for: Money | None = None  # what the customer paid, where that was in another currency than the payout's
    is_sum: bool = False  # stands for all movements of its kind in the payout's period, not for one order's
    text: str = ""  # the acquirer's words for what is no sale or refund; never a customer's

    @property
    def is_of_order(self) -> bool:
        """Whether it is one order's."""
        return self.kind in OF_ORDERS and not self.is_sum


@dataclass(frozen=True, slots=True)
class Payout:
    """One transfer to the owner's bank account: `net` on the Copenhagen date `paid_on`, and the lines that it is of."""

    acquirer: str
    account: str  # the owner's with the acquirer
    id: str
    paid_on: date
    net: Money
    lines: tuple[PayoutLine, ...]
    bank_text: str = ""  # what the owner's bank statement says
    # The Copenhagen dates whose movements it is of, both included, where the file tells them.
    first_day: date | None = None
    last_day: date | None = None
    is_gross: bool = False  # all that was sold is paid, and the fee comes with an invoice
    is_unproven: bool = False  # the file does not tell what came to the bank, so that a lost row can't be seen

    @property
    def key(self) -> PayoutKey:
        """Which payout it is, whatever file told of it."""
        return PayoutKey(self.acquirer, self.account, self.id)

    @property
    def sold(self) -> Money:
        """What customers paid."""
        return self._gross(Movement.SALE)

    @property
    def refunded(self) -> Money:
        """What went back to customers, below 0."""
        return self._gross(Movement.REFUND)

    @property
    def fees(self) -> Money:
        """What the acquirer kept, below 0."""
        return total([line.fee for line in self.lines], self.net.currency)

    @property
    def other(self) -> Money:
        """Chargebacks, reserves, corrections and the like: the rest, so that the four are the net."""
        return self.net - self.sold - self.refunded - self.fees

    @property
    def has_orders(self) -> bool:
        """Whether it tells of which orders it is; some files tell sums alone."""
        return any(line.is_of_order for line in self.lines)

    def _gross(self, kind: Movement) -> Money:
        return total([line.gross for line in self.lines if line.kind is kind], self.net.currency)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a file can't be used. `row` counts from 1; None where it is no single row."""

    row: int | None
    code: str
    text: Text


def problems_of(payout: Payout) -> list[RowProblem]:
    """Why a payout's figures are not to be trusted: one currency, each line and the whole add up to the øre, money goes
    the way that its kind says, and no line is there twice. Empty for a payout that is sound."""
    currencies = [_currency_differs(line) for line in payout.lines if not _is_in(line, payout.net.currency)]
    if currencies:
        return currencies
    found = [problem for line in payout.lines if not _is_sound(line) for problem in _problems_of_line(line)]
    found += repeated(payout.lines)
    net = total([line.net for line in payout.lines], payout.net.currency)
    if net != payout.net:
        text = Text(
            "The lines of payout {payout} add up to {lines}, but {net} was paid out.",
            payout=payout.id,
            lines=net,
            net=payout.net,
        )
        found.append(RowProblem(None, "payout_sum", text))
    return found


def repeated(lines: Iterable[PayoutLine]) -> list[RowProblem]:
    """The lines that were there before: one acquirer's id and kind stand for one movement of money."""
    told = [(line.id, line.kind, line.row) for line in lines]
    seen: set[tuple[str, Movement]] = {(name, kind) for name, kind, _ in told}
    if len(seen) == len(told):
        return []
    seen.clear()
    found = []
    for name, kind, row in told:
        if (name, kind) in seen:
            found.append(RowProblem(row, "line_twice", Text("Row {row} is there twice.", row=row)))
        seen.add((name, kind))
    return found


def _is_in(line: PayoutLine, currency: str) -> bool:
    return line.gross.currency == line.fee.currency == line.net.currency == currency


def _currency_differs(line: PayoutLine) -> RowProblem:
    text = Text("Row {row} is in another currency than its payout.", row=line.row)
    return RowProblem(line.row, "line_currency", text)


def _is_sound(line: PayoutLine) -> bool:
    """Whether `_problems_of_line` finds nothing in a line of one currency: nearly all, so in whole øre and at once."""
    gross, fee = line.gross.ore, line.fee.ore
    is_right_way = gross * WAYS.get(line.kind, 0) >= 0
    return gross + fee == line.net.ore and is_right_way and (fee <= 0 or line.kind is not Movement.SALE)


def _problems_of_line(line: PayoutLine) -> list[RowProblem]:
    found, way = [], WAYS.get(line.kind)
    if line.gross + line.fee != line.net:
        text = Text(
            "Row {row}: {gross} and a fee of {fee} are not {net}.",
            row=line.row,
            gross=line.gross,
            fee=line.fee,
            net=line.net,
        )
        found.append(RowProblem(line.row, "line_sum", text))
    if way is not None and line.gross.ore * way < 0:
        text = Text("Row {row}: an amount of {gross} goes the wrong way.", row=line.row, gross=line.gross)
        found.append(RowProblem(line.row, "line_way", text))
    if line.kind is Movement.SALE and line.fee.ore > 0:
        text = Text("Row {row}: a fee of {fee} would be money to you.", row=line.row, fee=line.fee)
        found.append(RowProblem(line.row, "fee_way", text))
    return found
