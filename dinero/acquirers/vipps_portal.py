"""Vipps MobilePay's settlement report, CSV or XLSX of its portal, in Norwegian, Danish or English (facts.md,
Payouts 4.7).

A sale names no payout: it is of the next payout row of its point of sale, and the balance of 0 there proves it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.kinds import Kinds, by_sign
from dinero.acquirers.running import Entry, first_break, oldest_first
from dinero.acquirers.sentences import does_not_add_up, not_paid_yet, sum_differs
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns
from dinero.acquirers.words import NO_WORDS, Apart, Meaning, Words, plain_word
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine, RowProblem

# Of the Danish names only some are known, and of the English ones none: the others are as likely as they are harmless,
# for a file whose columns are other ones does not add up. One that is not among them is missed by name.
_TYPE = ("Type", "Transaktionstype", "Transaksjonstype", "Transaction type")
_AMOUNT = ("Beløb", "Beløp", "Amount")
_NET = ("Nettobeløb", "Nettobeløp", "Net amount")
_BOOKED = ("Bogføringsdato", "Bokføringsdato", "Booking date", "Ledger date")
_COLUMNS = (
    column("msn", "MSN", "MSN/Vippsnummer", "Vippsnummer", "MSN/MobilePay-nummer", "MSN/Vipps number", "Vipps number"),
    column("time", "Tidspunkt", "Time", "Timestamp"),
    column("booked", *_BOOKED),
    column("type", *_TYPE),
    column("amount", *_AMOUNT),
    column("balance", "Balance", "Balanse", "Saldo"),
    column("fee", "Gebyr", "Fee"),
    column("net", *_NET),
    column("currency", "Valuta", "Currency"),
    column("id", "PSP-reference", "PSP-referanse", "PSP reference"),
    column(
        "order", "Ordre-ID/Reference", "Ordre-ID/Referanse", "Order ID/Reference", "Ordre-ID", "Order ID", "Reference"
    ),
    column("payout", "Udbetalingsnummer", "Utbetalingsnummer", "Payout number"),
    column(
        "paid_on",
        "Planlagt udbetalingsdato",
        "Planlagt utbetalingsdato",
        "Scheduled payout date",
        "Planned payout date",
    ),
)
# What rows are called in Danish is known of sales alone: any other word is asked about (facts.md, Payouts 10.2).
_WORDS: Mapping[str, Meaning] = {
    "belastning": Movement.SALE,
    "betaling gennemført": Movement.SALE,
    "gebyrer fratrukket": Movement.FEE,
    "utbetaling planlagt": Apart.PAYOUT,
}


@dataclass(slots=True)
class _Period:
    """The rows of a point of sale since its last payout."""

    moved: list[tuple[Entry, Movement, Money, Money]] = field(
        default_factory=list
    )  # each with its own fee, and less it
    fees: list[Entry] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [*(entry for entry, *_ in self.moved), *self.fees]


class VippsPortal:
    """Reads the settlement report. Names, phone numbers and messages are never looked at."""

    name = "vipps-mobilepay"
    acquirer = "vipps_mobilepay"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the report, in one of its languages."""
        return has_columns(file, _TYPE, _AMOUNT, _NET, _BOOKED)

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each payout row; rows after the last one are a note."""
        sheet = Sheet(file, _COLUMNS)
        kinds = Kinds(sheet, "type", _WORDS.get, words, amount="amount", currency="currency")
        problems, payouts, points = sheet.problems, list[Payout](), dict[str, list[Entry]]()
        for row in sheet.rows:
            try:
                # What is left out has moved no balance: the balance of the next row is the proof.
                if kinds.of(row) is not Apart.LEFT_OUT:
                    points.setdefault(row.id("msn"), []).append(_entry(row))
            except CellError as error:
                problems.append(error.problem)
        left = 0
        for msn, unsorted in points.items() if not problems and not kinds.is_open else ():
            entries = oldest_first(unsorted)
            broken = first_break(entries)
            problems += broken
            if broken:
                continue
            try:
                left += self._read_point(msn, entries, kinds, payouts)
            except CellError as error:
                problems.append(error.problem)
        return kinds.checked(payouts, problems, not_paid_yet(left))

    def _read_point(self, msn: str, entries: Sequence[Entry], kinds: Kinds, payouts: list[Payout]) -> int:
        """Adds the payouts of a point of sale; how many rows are after its last one."""
        period = _Period()
        for entry in entries:
            kind = kinds.of(entry.row)
            if kind is Movement.FEE:
                period.fees.append(entry)
            elif isinstance(kind, Movement):
                period.moved.append((entry, by_sign(kind, entry.amount), *_own_fee(entry)))
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
        own = Money(sum(fee.ore for _, _, fee, _ in period.moved), paid.currency)
        kept = Money(sum(one.amount.ore for one in period.fees), paid.currency)
        is_gross = not period.fees and own.ore != 0
        if own != kept and not is_gross:
            raise CellError(does_not_add_up(period.fees[-1].row.number, row.spelled("amount"), kept, own))
        if is_gross:
            _refuse_fees_by_another_word(period, own)
        days = [one.row.day("booked") for one in period.entries] or [row.day("booked")]
        lines = (*_lines(period, is_gross),)
        text, paid_on = row.reference("order"), row.day("paid_on")
        return Payout(self.acquirer, msn, name, paid_on, paid, lines, text, min(days), max(days), is_gross)


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


def _refuse_fees_by_another_word(period: _Period, own: Money) -> None:
    """Refuses rows that come to the fees which the sales tell: the owner said that they are something else, and the
    sum of the payout can't tell it."""
    sums: Counter[str] = Counter()
    last: dict[str, Row] = {}
    for entry, *_ in period.moved:
        word = plain_word(entry.row.text("type"))
        sums[word] += entry.amount.ore
        last[word] = entry.row
    for word, row in last.items():
        if sums[word] == own.ore:
            text = Text(
                "Row {row}: rows with “{word}” come to {sum}, and so do the fees of the sales. They seem to be fees.",
                row=row.number,
                word=row.text("type")[:LONGEST_SHOWN],
                sum=own,
            )
            row.refuse("fees", text)


def _lines(period: _Period, is_gross: bool) -> Iterator[PayoutLine]:
    """What moved money, each with its own fee: the rows of fees are the same money a second time."""
    for entry, kind, own, left in period.moved:
        fee, net = (Money(0, own.currency), entry.amount) if is_gross else (own, left)
        row = entry.row
        name, order, at = row.id("id"), row.reference("order"), row.moment("time")
        text = ""
        if kind not in OF_ORDERS:
            order, text = "", row.text("type")[:LONGEST_SHOWN]
        yield PayoutLine(row.number, kind, name, entry.amount, fee, net, order, name, at, text=text)


def _not_emptied(row: int, balance: Money) -> RowProblem:
    text = Text(
        "Row {row}: {balance} is left after the payout, so what it is of can't be told.",
        row=row,
        balance=balance,
    )
    return RowProblem(row, "balance", text)
