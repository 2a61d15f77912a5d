"""Shopify Payments, the CSV of “Export transactions” (facts.md, Payouts 4.11)."""

from datetime import date

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.kinds import Kinds, by_sign
from dinero.acquirers.sentences import days_differ, does_not_add_up, not_paid_yet, other_currency, sum_not_told
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns, optional
from dinero.acquirers.words import NO_WORDS, Words
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine, RowProblem

_COLUMNS = (
    column("at", "Transaction Date"),
    *map(column, ("Type", "Order", "Payout Status", "Payout Date", "Payout ID", "Amount", "Fee", "Net", "Currency")),
    *map(optional, ("Checkout", "Presentment Amount", "Presentment Currency")),
)
_WORDS = {
    "charge": Movement.SALE,
    "refund": Movement.REFUND,
    "chargeback": Movement.CHARGEBACK,
    "adjustment": Movement.CORRECTION,
    "reserve": Movement.RESERVE,
}
_PAID = "paid"
_UNPAID = ("", "pending", "scheduled", "in_transit", "failed", "canceled")


class ShopifyPayments:
    """Reads the transactions. Shopify's fee is positive in the file."""

    name = "shopify"
    acquirer = "shopify"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the transactions; the summary of payouts has no orders and is another."""
        return has_columns(file, "Transaction Date", "Type", "Order", "Payout Status", "Net")

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each id of one that was paid; rows of others are a note."""
        sheet = Sheet(file, _COLUMNS)
        # No row is the payout's own, so that nothing would prove what was left out: an unknown word is a movement.
        kinds = Kinds(sheet, "Type", _WORDS.get, words, amount="Amount", currency="Currency", choices=(*Movement,))
        problems, waiting, payouts = sheet.problems, 0, dict[str, _Collected]()
        for row in sheet.rows:
            try:
                kind, status = kinds.of(row), row.text("Payout Status").casefold()
                if status not in (_PAID, *_UNPAID):
                    row.unknown("Payout Status")
                if not isinstance(kind, Movement):
                    continue
                line = _line(row, kind)
                if name := row.reference("Payout ID"):
                    collected = payouts.get(name) or payouts.setdefault(name, _Collected(row, name))
                    collected.add(row, line)
                elif status == _PAID:
                    row.id("Payout ID")
                else:
                    waiting += 1
            except CellError as error:
                problems.append(error.problem)
        paid = [one.payout(self.acquirer) for one in payouts.values() if one.status == _PAID]
        waiting += sum(len(one.lines) for one in payouts.values() if one.status != _PAID)
        return kinds.checked(paid, problems, (*not_paid_yet(waiting), *sum_not_told(len(paid))))


class _Collected:
    """The rows of one payout, which say the same of it."""

    def __init__(self, row: Row, name: str) -> None:
        self.name = name
        self.status = row.text("Payout Status").casefold()
        self.day: date = row.day("Payout Date")
        self.currency = row.currency("Currency")
        self.lines: list[PayoutLine] = []

    def add(self, row: Row, line: PayoutLine) -> None:
        """Takes a row. Raises CellError where it says something else of the payout than the first."""
        if line.net.currency != self.currency:
            raise CellError(other_currency(row.number))
        if (day := row.day("Payout Date")) != self.day:
            raise CellError(days_differ(row.number, self.name, day, self.day))
        if row.text("Payout Status").casefold() != self.status:
            text = Text("Row {row}: the status of payout {payout} is another above.", row=row.number, payout=self.name)
            raise CellError(RowProblem(row.number, "payout_status", text))
        self.lines.append(line)

    def payout(self, acquirer: str) -> Payout:
        """The payout of the rows."""
        whole = Money(sum(line.net.ore for line in self.lines), self.currency)
        return Payout(acquirer, "", self.name, self.day, whole, (*self.lines,), is_unproven=True)


def _line(row: Row, kind: Movement) -> PayoutLine:
    """The row as a line. Shopify names no transaction, so what it says of it is its id."""
    word, currency = row.text("Type").casefold(), row.currency("Currency")
    gross, fee, net = (Money(row.ore(key), currency) for key in ("Amount", "Fee", "Net"))
    if gross.ore - fee.ore != net.ore:
        raise CellError(does_not_add_up(row.number, row.spelled("Net"), net, gross - fee))
    at, order, checkout = row.moment("at"), row.reference("Order"), row.reference("Checkout").removeprefix("#")
    name = f"{order}|{word}|{at.isoformat()}|{gross.ore}|{checkout}"
    kind, text, sold_for = by_sign(kind, net), "" if kind in OF_ORDERS else word, _sold_for(row, currency)
    if kind is Movement.FEE:
        gross, fee = Money(0, currency), -net
    return PayoutLine(
        row.number, kind, name, gross, -fee, net, order.removeprefix("#"), checkout, at, sold_for, text=text
    )


def _sold_for(row: Row, currency: str) -> Money | None:
    """What the customer paid, where that was in another currency."""
    if not row.text("Presentment Currency") or not row.text("Presentment Amount"):
        return None
    paid_in = row.currency("Presentment Currency")
    return Money(row.ore("Presentment Amount"), paid_in) if paid_in != currency else None
