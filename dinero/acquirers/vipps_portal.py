"""Vipps MobilePay's settlement report, CSV or XLSX of its portal, in Norwegian or Danish (facts.md, Payouts 4.7).

A sale names no payout: it is of the next payout row of its point of sale, and the balance of 0 there proves it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dinero.acquirers.acquirer import FileRead, PayoutFile, checked
from dinero.acquirers.running import Entry, first_break, oldest_first
from dinero.acquirers.sentences import does_not_add_up, not_paid_yet, sum_differs
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem

# Of the Danish names and words only some are known. A name that is not among them is missed by name, and a word stops
# the file: a guess would be a wrong booking.
_TYPE, _AMOUNT, _NET = ("Type",), ("Beløb", "Beløp"), ("Nettobeløb", "Nettobeløp")
_BOOKED = ("Bogføringsdato", "Bokføringsdato")
_COLUMNS = (
    column("msn", "MSN", "MSN/Vippsnummer", "Vippsnummer"),
    column("time", "Tidspunkt"),
    column("booked", *_BOOKED),
    column("type", *_TYPE),
    column("amount", *_AMOUNT),
    column("balance", "Balance", "Balanse", "Saldo"),
    column("fee", "Gebyr"),
    column("net", *_NET),
    column("currency", "Valuta"),
    column("id", "PSP-reference", "PSP-referanse"),
    column("order", "Ordre-ID/Reference", "Ordre-ID/Referanse"),
    column("payout", "Udbetalingsnummer", "Utbetalingsnummer"),
    column("paid_on", "Planlagt udbetalingsdato", "Planlagt utbetalingsdato"),
)
_SALE, _FEE, _PAYOUT = "sale", "fee", "payout"
_WORDS = {
    "belastning": _SALE,
    "betaling gennemført": _SALE,
    "gebyrer fratrukket": _FEE,
    "utbetaling planlagt": _PAYOUT,
}


@dataclass(slots=True)
class _Period:
    """The rows of a point of sale since its last payout."""

    sales: list[tuple[Entry, Money, Money]] = field(default_factory=list)  # each with its own fee, and less it
    fees: list[Entry] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [*(entry for entry, _, _ in self.sales), *self.fees]


class VippsPortal:
    """Reads the settlement report. Names, phone numbers and messages are never looked at."""

    name = "vipps-mobilepay"
    acquirer = "vipps_mobilepay"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the report, in either language."""
        return has_columns(file, _TYPE, _AMOUNT, _NET, _BOOKED)

    def read(self, file: PayoutFile) -> FileRead:
        """A payout for each payout row; rows after the last one are a note."""
        sheet = Sheet(file, _COLUMNS)
        problems, payouts, points = sheet.problems, list[Payout](), dict[str, list[Entry]]()
        for row in sheet.rows:
            try:
                if _kind(row) is None:
                    row.unknown("type")
                points.setdefault(row.id("msn"), []).append(_entry(row))
            except CellError as error:
                problems.append(error.problem)
        left = 0
        for msn, unsorted in points.items() if not problems else ():
            entries = oldest_first(unsorted)
            broken = first_break(entries)
            problems += broken
            if broken:
                continue
            try:
                left += self._read_point(msn, entries, payouts)
            except CellError as error:
                problems.append(error.problem)
        return checked(payouts, problems, not_paid_yet(left))

    def _read_point(self, msn: str, entries: Sequence[Entry], payouts: list[Payout]) -> int:
        """Adds the payouts of a point of sale; how many rows are after its last one."""
        period = _Period()
        for entry in entries:
            kind = _kind(entry.row)
            if kind == _SALE:
                period.sales.append((entry, *_own_fee(entry)))
            elif kind == _FEE:
                period.fees.append(entry)
            else:
                payouts.append(self._payout(msn, entry, period))
                period = _Period()
        return len(period.entries)

    def _payout(self, msn: str, entry: Entry, period: _Period) -> Payout:
        row, paid, name = entry.row, -entry.amount, entry.row.id("payout")
        whole = Money(sum(one.amount.ore for one in period.entries), paid.currency)
        if whole != paid:
            raise CellError(sum_differs(row.number, name, whole, paid))
        if entry.balance.ore:
            raise CellError(_not_emptied(row.number, entry.balance))
        own = Money(sum(fee.ore for _, fee, _ in period.sales), paid.currency)
        kept = Money(sum(one.amount.ore for one in period.fees), paid.currency)
        is_gross = not period.fees and own.ore != 0
        if own != kept and not is_gross:
            raise CellError(does_not_add_up(period.fees[-1].row.number, row.spelled("amount"), kept, own))
        days = [one.row.day("booked") for one in period.entries] or [row.day("booked")]
        lines = (*_lines(period, is_gross),)
        text, paid_on = row.reference("order"), row.day("paid_on")
        return Payout(self.acquirer, msn, name, paid_on, paid, lines, text, min(days), max(days), is_gross)


def _kind(row: Row) -> str | None:
    return _WORDS.get(row.text("type").casefold())


def _entry(row: Row) -> Entry:
    currency = row.currency("currency")
    return Entry(row, Money(row.ore("amount"), currency), Money(row.ore("balance"), currency))


def _own_fee(entry: Entry) -> tuple[Money, Money]:
    """The fee that the row of a sale tells of it, and what is left. Raises CellError where its own net is another."""
    row, currency = entry.row, entry.amount.currency
    fee = Money(row.ore_or_nothing("fee"), currency)
    net = entry.amount + fee
    if (row.text("net") or fee.ore) and row.ore("net") != net.ore:
        raise CellError(does_not_add_up(row.number, row.spelled("net"), Money(row.ore("net"), currency), net))
    return fee, net


def _lines(period: _Period, is_gross: bool) -> Iterator[PayoutLine]:
    """The sales, each with its own fee: the rows of fees are the same money a second time."""
    for entry, own, left in period.sales:
        fee, net = (Money(0, own.currency), entry.amount) if is_gross else (own, left)
        row = entry.row
        name, order, at = row.id("id"), row.reference("order"), row.moment("time")
        yield PayoutLine(row.number, Movement.SALE, name, entry.amount, fee, net, order, name, at)


def _not_emptied(row: int, balance: Money) -> RowProblem:
    text = Text(
        "Row {row}: {balance} is left after the payout, so what it is of can't be told.",
        row=row,
        balance=balance,
    )
    return RowProblem(row, "balance", text)
