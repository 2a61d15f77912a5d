"""MobilePay's transfer overview of the MyShop portal, until 2023-24: each row names its transfer, none an order
(facts.md, Payouts 4.7)."""

from collections.abc import Sequence

from dinero.acquirers.acquirer import FileRead, PayoutFile, checked
from dinero.acquirers.sentences import not_paid_yet, other_currency, payout_twice, sum_differs
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem

_COLUMNS = (
    *map(column, ("Event", "Currency", "Amount", "Date and time", "TransactionID", "TransferID", "MyShop-Number")),
)
_TRANSFER, _FEE = "transfer", "retainable"
_LINES = {"payment": Movement.SALE, "refund": Movement.REFUND}


class MobilepayTransfers:
    """Reads the transfer overview. A fee row is the fee of the payment with the same transaction."""

    name = "mobilepay-transfers"
    acquirer = "vipps_mobilepay"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the overview; the sales overview has no transfers and is another."""
        return has_columns(file, "Event", "Amount", "TransferID", "MyShop-Number")

    def read(self, file: PayoutFile) -> FileRead:
        """A payout for each transfer; rows that name none are a note."""
        sheet = Sheet(file, _COLUMNS)
        problems, waiting = sheet.problems, 0
        transfers: dict[tuple[str, str], list[Row]] = {}
        for row in sheet.rows:
            try:
                if row.text("Event").casefold() not in (_TRANSFER, _FEE, *_LINES):
                    row.unknown("Event")
                if name := row.reference("TransferID"):
                    transfers.setdefault((row.id("MyShop-Number"), name), []).append(row)
                else:
                    waiting += 1
            except CellError as error:
                problems.append(error.problem)
        payouts = []
        for (account, name), rows in transfers.items():
            try:
                payouts.append(self._payout(account, name, rows))
            except CellError as error:
                problems.append(error.problem)
        return checked(payouts, problems, not_paid_yet(waiting))

    def _payout(self, account: str, name: str, rows: Sequence[Row]) -> Payout:
        heads = [row for row in rows if _event(row) == _TRANSFER]
        if len(heads) != 1:
            raise CellError(payout_twice(heads[1].number, name) if heads else _no_transfer(rows[0].number, name))
        paid = _amount(heads[0])
        for row in rows:
            if row.currency("Currency") != paid.currency:
                raise CellError(other_currency(row.number))
        lines = _lines([row for row in rows if _event(row) != _TRANSFER])
        whole = Money(sum(line.net.ore for line in lines), paid.currency)
        if whole != paid:
            raise CellError(sum_differs(heads[0].number, name, whole, paid))
        return Payout(self.acquirer, account, name, heads[0].day("Date and time"), paid, lines)


def _lines(rows: Sequence[Row]) -> tuple[PayoutLine, ...]:
    sold = {row.text("TransactionID") for row in rows if _event(row) == "payment"}
    fees: dict[str, Money] = {}
    lines = []
    for row in rows:
        if _event(row) != _FEE:
            continue
        fee, of = _amount(row), row.reference("TransactionID")
        if of in sold:
            fees[of] = fees[of] + fee if of in fees else fee
        else:
            at = row.moment("Date and time")
            name = of or at.isoformat()
            lines.append(PayoutLine(row.number, Movement.FEE, name, Money(0, fee.currency), fee, fee, at=at))
    for row in rows:
        if _event(row) == _FEE:
            continue
        kind, gross, name = _LINES[_event(row)], _amount(row), row.id("TransactionID")
        none = Money(0, gross.currency)
        # The second payment of a transaction is told as a repeated line, so its fee may not be counted twice.
        fee = fees.pop(name, none) if kind is Movement.SALE else none
        at = row.moment("Date and time")
        lines.append(PayoutLine(row.number, kind, name, gross, fee, gross + fee, transaction=name, at=at))
    return tuple(sorted(lines, key=lambda line: line.row))


def _event(row: Row) -> str:
    return row.text("Event").casefold()


def _amount(row: Row) -> Money:
    return Money(row.ore("Amount"), row.currency("Currency"))


def _no_transfer(row: int, name: str) -> RowProblem:
    text = Text(
        "Row {row}: the row of transfer {payout} itself is missing. Fetch the file again, for a longer time.",
        row=row,
        payout=name,
    )
    return RowProblem(row, "payout_missing", text)
