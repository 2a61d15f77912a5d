"""MobilePay's transfer overview of the MyShop portal, until 2023-24: each row names its transfer, none an order
(facts.md, Payouts 4.7)."""

from collections.abc import Mapping, Sequence

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.kinds import Kinds, by_sign
from dinero.acquirers.sentences import not_paid_yet, other_currency, payout_twice, sum_differs
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns
from dinero.acquirers.words import NO_WORDS, Apart, Meaning, Words
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine, RowProblem

_COLUMNS = (
    *map(column, ("Event", "Currency", "Amount", "Date and time", "TransactionID", "TransferID", "MyShop-Number")),
)
_WORDS: Mapping[str, Meaning] = {
    "transfer": Apart.PAYOUT,
    "payment": Movement.SALE,
    "refund": Movement.REFUND,
    "retainable": Movement.FEE,
}
_Told = tuple[Row, Meaning]


class MobilepayTransfers:
    """Reads the transfer overview. A fee row is the fee of the payment with the same transaction."""

    name = "mobilepay-transfers"
    acquirer = "vipps_mobilepay"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the overview; the sales overview has no transfers and is another."""
        return has_columns(file, "Event", "Amount", "TransferID", "MyShop-Number")

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each transfer; rows that name none are a note."""
        sheet = Sheet(file, _COLUMNS)
        kinds = Kinds(sheet, "Event", _WORDS.get, words, amount="Amount", currency="Currency")
        problems, waiting = sheet.problems, 0
        transfers: dict[tuple[str, str], list[_Told]] = {}
        for row in sheet.rows:
            try:
                kind = kinds.of(row)
                if kind is None or kind is Apart.LEFT_OUT:  # the row of the transfer is the proof
                    continue
                if name := row.reference("TransferID"):
                    transfers.setdefault((row.id("MyShop-Number"), name), []).append((row, kind))
                else:
                    waiting += 1
            except CellError as error:
                problems.append(error.problem)
        payouts = []
        for (account, name), rows in transfers.items() if not kinds.is_open else ():
            try:
                payouts.append(self._payout(account, name, rows))
            except CellError as error:
                problems.append(error.problem)
        return kinds.checked(payouts, problems, not_paid_yet(waiting))

    def _payout(self, account: str, name: str, rows: Sequence[_Told]) -> Payout:
        heads = [row for row, kind in rows if kind is Apart.PAYOUT]
        if len(heads) != 1:
            raise CellError(payout_twice(heads[1].number, name) if heads else _no_transfer(rows[0][0].number, name))
        paid = _amount(heads[0])
        for row, _ in rows:
            if row.currency("Currency") != paid.currency:
                raise CellError(other_currency(row.number))
        lines = _lines([(row, kind) for row, kind in rows if isinstance(kind, Movement)])
        whole = Money(sum(line.net.ore for line in lines), paid.currency)
        if whole != paid:
            raise CellError(sum_differs(heads[0].number, name, whole, paid))
        return Payout(self.acquirer, account, name, heads[0].day("Date and time"), paid, lines)


def _lines(rows: Sequence[tuple[Row, Movement]]) -> tuple[PayoutLine, ...]:
    sold = {row.text("TransactionID") for row, kind in rows if kind is Movement.SALE}
    fees: dict[str, Money] = {}
    lines = []
    for row, kind in rows:
        if kind is not Movement.FEE:
            continue
        fee, of = _amount(row), row.reference("TransactionID")
        if of in sold:
            fees[of] = fees[of] + fee if of in fees else fee
        else:
            at = row.moment("Date and time")
            name = of or at.isoformat()
            lines.append(PayoutLine(row.number, kind, name, Money(0, fee.currency), fee, fee, at=at))
    for row, kind in rows:
        if kind is Movement.FEE:
            continue
        gross, at = _amount(row), row.moment("Date and time")
        name, text = row.reference("TransactionID"), ""
        if kind in OF_ORDERS:
            name = row.id("TransactionID")
        else:
            name, text = name or at.isoformat(), row.text("Event")[:LONGEST_SHOWN]
        none = Money(0, gross.currency)
        # The second payment of a transaction is told as a repeated line, so its fee may not be counted twice.
        fee = fees.pop(name, none) if kind is Movement.SALE else none
        kind = by_sign(kind, gross)
        lines.append(PayoutLine(row.number, kind, name, gross, fee, gross + fee, transaction=name, at=at, text=text))
    return tuple(sorted(lines, key=lambda line: line.row))


def _amount(row: Row) -> Money:
    return Money(row.ore("Amount"), row.currency("Currency"))


def _no_transfer(row: int, name: str) -> RowProblem:
    text = Text(
        "Row {row}: the row of transfer {payout} itself is missing. Fetch the file again, for a longer time.",
        row=row,
        payout=name,
    )
    return RowProblem(row, "payout_missing", text)
