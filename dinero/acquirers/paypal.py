"""PayPal's activity download, CSV in English (facts.md, Payouts 4.9).

PayPal is an account of its own: a withdrawal takes some of its balance, and names no sales. So a payout here is a
withdrawal with everything that moved the balance since the one before, and what the balance has grown by stands as kept
back (RESERVE, and RESERVE_RELEASED where it has shrunk): sales, fees and refunds are all there, once, and the sum is
what the bank got, to the øre. The rows before the first withdrawal are of it only if the balance was 0 before them, as
only then none can be missing: a payout is the same whatever day the file begins with.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dinero.acquirers.acquirer import FileRead, PayoutFile, checked
from dinero.acquirers.cells import days_of, moment_of
from dinero.acquirers.kinds import Kinds, by_sign
from dinero.acquirers.running import Entry, first_break, oldest_first
from dinero.acquirers.sentences import does_not_add_up, not_paid_yet
from dinero.acquirers.sheet import CellError, Row, Sheet, column, has_columns, optional
from dinero.acquirers.words import NO_WORDS, Apart, Meaning, Words, plain_word
from dinero.model.clock import COPENHAGEN
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine, RowProblem

_COLUMNS = (
    *map(column, ("Date", "Time", "Type", "Status", "Currency", "Gross", "Fee", "Net", "Transaction ID", "Balance")),
    column("zone", "TimeZone", "Time Zone"),
    *map(optional, ("Invoice Number", "Custom Number", "Reference Txn ID", "Balance Impact")),
)
_ZONES: Mapping[str, tzinfo] = {
    "CET": COPENHAGEN,
    "CEST": COPENHAGEN,
    "GMT": UTC,
    "UTC": UTC,
    "PST": ZoneInfo("America/Los_Angeles"),
    "PDT": ZoneInfo("America/Los_Angeles"),
}
# Which way the money goes of what has the same word for either way.
_EITHER: Mapping[Movement, int] = {Movement.SALE: 1, Movement.REFUND: -1}
_HOLDS = frozenset({"hold", "reserve"})
_COMPLETED, _PENDING = "completed", "pending"


class PaypalActivity:
    """Reads the activity download. PayPal's fee is negative in the file."""

    name = "paypal"
    acquirer = "paypal"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file has the columns of the activity, in English; a monthly statement has others."""
        return has_columns(file, "Date", "Time", "Type", "Status", "Gross", "Fee", "Net", "Transaction ID")

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each withdrawal; rows after the last one are a note."""
        sheet = Sheet(file, _COLUMNS)
        # Nothing but its word tells a withdrawal, and the sum of whatever is one holds: nobody may say that of a word.
        choices = (*Movement, Apart.LEFT_OUT)
        kinds = Kinds(sheet, "Type", _known, words, amount="Net", currency="Currency", choices=choices)
        problems = sheet.problems
        # A memo moves no balance; one that waits is told as what waits.
        rows = [row for row in sheet.rows if not _is_memo(row) or not _is_completed(row)]
        unsorted = []
        for row in rows:
            try:
                if entry := _entry(row):
                    unsorted.append(entry)
            except CellError as error:
                problems.append(error.problem)
        problems += _other_currencies(unsorted)
        if problems or not unsorted:
            return checked([], problems)
        try:
            # What is left out has moved no balance: the balance of the next entry is the proof.
            entries = [one for one in _counted(oldest_first(unsorted)) if kinds.of(one.row) is not Apart.LEFT_OUT]
            problems += first_break(entries)
            withdrawals = _Withdrawals(self.acquirer, entries, kinds, _moments(entries))
            payouts = [] if problems or kinds.is_open else [*withdrawals.payouts()]
        except CellError as error:
            return checked([], [*problems, error.problem])
        if withdrawals.begun and not payouts and not kinds.is_open:
            problems.append(_begins_within(withdrawals.begun[0].row.number))
        notes = (*not_paid_yet(len(rows) - withdrawals.used), *withdrawals.notes)
        return kinds.checked(payouts, problems, notes)


class _Withdrawals:
    """The entries of a file, from withdrawal to withdrawal. `moments` are theirs by the number of their row."""

    def __init__(self, acquirer: str, entries: Sequence[Entry], kinds: Kinds, moments: Mapping[int, datetime]) -> None:
        self.acquirer = acquirer
        self.entries = entries
        self.kinds = kinds
        self.moments = moments
        self.begun: list[Entry] = []  # those that began before the file
        self.used = 0  # rows up to the last one

    @property
    def notes(self) -> Iterator[Text]:
        """What is told of the withdrawals that can't be read."""
        for entry in self.begun:
            day = self._day(entry)
            yield Text(
                "The payout of {date} began before the file. Fetch the file from an earlier day to read it.", date=day
            )

    def payouts(self) -> Iterator[Payout]:
        """A payout for each withdrawal. Raises CellError."""
        since: list[Entry] = []
        is_whole = bool(self.entries) and not self.entries[0].before.ore
        for entry in self.entries:
            if self.kinds.of(entry.row) is not Apart.PAYOUT:
                since.append(entry)
                continue
            self.used += len(since) + 1
            if is_whole:
                yield self._payout(entry, since)
            else:
                self.begun.append(entry)
            since, is_whole = [], True

    def _payout(self, entry: Entry, since: Sequence[Entry]) -> Payout:
        row, name, none = entry.row, entry.row.id("Transaction ID"), Money(0, entry.amount.currency)
        paid, fee = (Money(row.ore(key), none.currency) for key in ("Gross", "Fee"))
        if paid.ore > 0:
            row.unknown("Type")  # a withdrawal that the bank sent back
        lines = [self._line(one) for one in since]
        if fee.ore:
            lines.append(PayoutLine(row.number, Movement.FEE, name, none, fee, fee, at=self.moments[row.number]))
        kept = (since[0] if since else entry).before - entry.balance
        if kept.ore:
            kind = Movement.RESERVE if kept.ore < 0 else Movement.RESERVE_RELEASED
            lines.append(PayoutLine(row.number, kind, f"{name}:balance", kept, none, kept, text="Balance"))
        days = [self._day(one) for one in (*since, entry)]
        return Payout(self.acquirer, "", name, days[-1], -paid, (*lines,), first_day=min(days), last_day=max(days))

    def _line(self, entry: Entry) -> PayoutLine:
        row, net = entry.row, entry.amount
        gross, fee = (Money(row.ore(key), net.currency) for key in ("Gross", "Fee"))
        name, kind = row.id("Transaction ID"), self._kind(row, gross)
        if kind is Movement.FEE:
            gross, fee = Money(0, net.currency), net
        text = "" if kind in OF_ORDERS else row.text("Type")[:LONGEST_SHOWN]
        order = "" if text else row.reference("Invoice Number") or row.reference("Custom Number")
        # What went back names the sale that it is of, which is what the webshop knows.
        of = name if kind is Movement.SALE else row.reference("Reference Txn ID") or name
        return PayoutLine(row.number, kind, name, gross, fee, net, order, of, self.moments[row.number], text=text)

    def _kind(self, row: Row, gross: Money) -> Movement:
        """What a row is that is no withdrawal. Money that the owner paid from PayPal, or got back there, is no sale:
        PayPal has one word for both."""
        kind = self.kinds.of(row)
        if not isinstance(kind, Movement):
            row.unknown("Type")
        if kind is _known(plain_word(row.text("Type"))) and kind in _EITHER and gross.ore * _EITHER[kind] <= 0:
            return Movement.OTHER
        return by_sign(kind, gross)

    def _day(self, entry: Entry) -> date:
        return self.moments[entry.row.number].astimezone(COPENHAGEN).date()


def _entry(row: Row) -> Entry | None:
    """The row as a movement of the balance; None for one that was not completed and tells of none."""
    if "currency conversion" in row.text("Type").casefold():
        text = Text("Row {row} changes money into another currency. Such a file can't be read.", row=row.number)
        row.refuse("conversion", text)
    if not _is_completed(row) and (_is_memo(row) or not row.text("Balance")):
        return None
    currency = row.currency("Currency")
    gross, fee, net, balance = (Money(row.ore(key), currency) for key in ("Gross", "Fee", "Net", "Balance"))
    if gross + fee != net:
        raise CellError(does_not_add_up(row.number, row.spelled("Net"), net, gross + fee))
    return Entry(row, net, balance)


def _other_currencies(entries: Sequence[Entry]) -> Iterator[RowProblem]:
    """Each currency has a balance of its own: where there are two, the first row of the second."""
    for entry in entries:
        if entry.amount.currency != entries[0].amount.currency:
            row = entry.row.number
            text = Text("Row {row} is in another currency than the rows above. Such a file can't be read.", row=row)
            yield RowProblem(row, "currencies", text)
            return


def _counted(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that moved the balance for good. What waits and has moved it ends them: PayPal tells it again when it
    is completed. What waits or was stopped and has not moved the balance is passed over, and so is a mere hold."""
    counted: list[Entry] = []
    for entry in entries:
        is_completed = _is_completed(entry.row)
        has_moved = bool(counted) and entry.amount.ore != 0 and entry.before == counted[-1].balance
        stays = not counted or entry.balance == counted[-1].balance
        if is_completed and not (_is_hold(entry.row) and stays):
            counted.append(entry)
        elif not is_completed and has_moved:
            if entry.row.text("Status").casefold() != _PENDING:
                entry.row.unknown("Status")
            break
    return counted


def _known(word: str) -> Meaning | None:
    """What a plain word means, as far as it is known."""
    if word.startswith("general withdrawal"):
        return Apart.PAYOUT
    if word == "payment refund":
        return Movement.REFUND
    if word == "chargeback":
        return Movement.CHARGEBACK
    if word.endswith(" payment") or word.startswith("express checkout"):
        return Movement.SALE
    return Movement.RESERVE if not _HOLDS.isdisjoint(word.split()) else None


def _is_completed(row: Row) -> bool:
    return row.text("Status").casefold() == _COMPLETED


def _is_memo(row: Row) -> bool:
    return row.text("Balance Impact").casefold() == "memo"


def _is_hold(row: Row) -> bool:
    return not _HOLDS.isdisjoint(row.text("Type").casefold().split())


def _moments(entries: Sequence[Entry]) -> dict[int, datetime]:
    """When each entry was, by the number of its row. Raises CellError."""
    try:
        days = days_of([entry.row.text("Date") for entry in entries])
    except ValueError:
        text = Text("The month can't be told from the day in the file's dates. Fetch it for a longer time.")
        raise CellError(RowProblem(None, "date", text)) from None
    found = {}
    for day, entry in zip(days, entries, strict=True):
        row, zone = entry.row, _zone(entry.row)
        try:
            found[row.number] = moment_of(f"{day.isoformat()} {row.text('Time')}", zone)
        except ValueError:
            row.no_date("Time")
    return found


def _zone(row: Row) -> tzinfo:
    name = row.text("zone")
    try:
        return _ZONES.get(name) or ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        text = Text("Row {row}: the time zone “{zone}” is not known.", row=row.number, zone=name[:LONGEST_SHOWN])
        row.refuse("zone", text)


def _begins_within(row: int) -> RowProblem:
    text = Text(
        "Row {row}: the payout began before the file, and there is no other. Fetch the file from an earlier day.",
        row=row,
    )
    return RowProblem(row, "payout_begun", text)
