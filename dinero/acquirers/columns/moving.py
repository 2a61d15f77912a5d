"""The rows of a table as amounts in øre, dates and kinds, by the columns that the owner named."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from functools import partial
from typing import NamedTuple, TypeVar

from dinero.acquirers.acquirer import TableRow
from dinero.acquirers.columns.asking import Ask, Trouble
from dinero.acquirers.columns.forms import DateForm, amount_form, date_form, moment_of, ore_of
from dinero.acquirers.columns.layout import Layout
from dinero.acquirers.columns.mapping import (
    AMOUNTS,
    DATES,
    ColumnMapping,
    DayOrder,
    Role,
    order_in,
)
from dinero.acquirers.spoiled import spoiled_cell
from dinero.acquirers.words import Apart, Meaning, plain_word
from dinero.model.clock import copenhagen_date
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.payouts import RowProblem

T = TypeVar("T")
LONGEST_ID = 200  # characters; no acquirer's own is near it
MOST_WORDS = 100  # a column with more words than these is none of kinds
_CURRENCY = re.compile(r"[A-Z]{3}")
# ISO 4217's numbers, which card systems write.
_NUMBERED = {"208": "DKK", "578": "NOK", "752": "SEK", "826": "GBP", "840": "USD", "978": "EUR"}


class Told(NamedTuple):
    """A row as the file has it: amounts in øre with the file's own signs, None where a cell is empty. Columns without a
    role leave nothing in it."""

    row: int
    word: str
    meaning: Meaning | None  # None: its word was not explained, or its sign says what it is
    gross: int | None
    fee: int | None
    net: int | None
    currency: str
    order: str
    transaction: str
    payout: str
    paid_on: date | None
    at: datetime | None


def told_rows(layout: Layout, mapping: ColumnMapping, trouble: Trouble) -> list[Told]:
    """The table's rows; what can't be told of them is noted in `trouble`, once a column."""
    columns = _Columns(layout, mapping, trouble)
    amounts, words = columns.amounts(), columns.words()
    transactions, payouts = columns.ids(Role.TRANSACTION), columns.ids(Role.PAYOUT)
    days = [None if moment is None else copenhagen_date(moment) for moment in columns.moments(Role.PAID_ON)]
    each = zip(
        (row.number for row in layout.rows),
        words,
        *amounts,
        columns.currencies(),
        columns.orders(),
        transactions,
        payouts,
        days,
        columns.moments(Role.AT),
        strict=True,
    )
    meanings = {word: mapping.meaning(word) for word in set(words)}
    return [Told(row, word, meanings[word], *rest) for row, word, *rest in each]


def named_orders(layout: Layout, mapping: ColumnMapping) -> list[tuple[str, Meaning | None]]:
    """The order that each row names, "" for none, and what the row is."""
    columns = _Columns(layout, mapping, Trouble())
    words = columns.words()
    meanings = {word: mapping.meaning(word) for word in set(words)}
    return [(order, meanings[word]) for order, word in zip(columns.orders(), words, strict=True)]


class _Columns:
    """Reads the columns of one table, each cell that is there more than once only once."""

    def __init__(self, layout: Layout, mapping: ColumnMapping, trouble: Trouble) -> None:
        self._layout = layout
        self._mapping = mapping
        self._trouble = trouble

    def words(self) -> Sequence[str]:
        """What the column of kinds says in each row; asks what each word means that nobody explained."""
        cells = self._cells(Role.KIND)
        name = self._name(Role.KIND)
        if name is None:
            return cells
        known: dict[str, str] = {}
        for cell in dict.fromkeys(cells):
            known.setdefault(plain_word(cell), cell)
        if len(known) > MOST_WORDS:
            text = Text("Column “{column}” has too many words to be one of kinds.", column=name)
            self._trouble.refuse(None, "too_many_kinds", text)
            return cells
        for plain, word in known.items():
            if self._mapping.meaning(plain) is None:
                text = Text("What are rows with “{word}” in column “{column}”?", word=word[:LONGEST_SHOWN], column=name)
                if not word:
                    text = Text("What are rows with nothing in column “{column}”?", column=name)
                self._trouble.ask(Ask.KIND, text, column=name, word=plain)
        return cells

    def orders(self) -> list[str]:
        """The order that each row names; "" where it names none."""
        found = {cell: order_in(cell, self._mapping.pattern) for cell in set(self._cells(Role.ORDER))}
        return [found[cell] for cell in self._cells(Role.ORDER)]

    def ids(self, role: Role) -> list[str]:
        """Cells that name something, "" where there are none."""
        return [cell or "" for cell in self._read(role, _id, Text("What stands there is no id."))]

    def currencies(self) -> list[str]:
        """The currency of each row."""
        name = self._name(Role.CURRENCY)
        if name is None:
            return [self._mapping.currency] * len(self._layout.rows)
        read = self._read(Role.CURRENCY, _currency, Text("There is no currency there."), may_be_empty=False)
        return [cell or "" for cell in read]

    def moments(self, role: Role) -> list[datetime | None]:
        """The moments of a column of dates."""
        name = self._name(role)
        if name is None:
            return [None] * len(self._layout.rows)
        form = date_form(self._layout.different(name))
        if form.clash:
            text = Text(
                "Column “{column}” has both {one} and {other}, which are not dates of one form. The file was perhaps "
                "saved in Excel; fetch it again from the acquirer.",
                column=name,
                one=form.clash[0][:LONGEST_SHOWN],
                other=form.clash[1][:LONGEST_SHOWN],
            )
            self._trouble.refuse(None, "dates_clash", text)
            return [None] * len(self._layout.rows)
        order = form.order or self._mapping.days.get(name) or self._order_of_others(form)
        if form.open and order is None:
            text = Text(
                "Does {cell} in column “{column}” begin with the day or the month?", cell=form.open, column=name
            )
            self._trouble.ask(Ask.DAY_ORDER, text, column=name)
        return self._read(role, partial(moment_of, order=order), Text("There is no date there."))

    def _order_of_others(self, form: DateForm) -> DayOrder | None:
        """One program writes the dates of all its columns alike."""
        names = [name for role in DATES if (name := self._name(role))]
        others = [date_form(self._layout.different(name)) for name in names]
        found = {other.order for other in others if other.by == form.by and other.order and not other.clash}
        return found.pop() if len(found) == 1 else None

    def amounts(self) -> list[list[int | None]]:
        """Gross, fee and net of each row."""
        names = {role: name for role in AMOUNTS if (name := self._name(role))}
        signs: dict[Role, str] = {}
        not_told = False
        for role, name in names.items():
            form = amount_form(self._layout.different(name))
            signs[role] = form.sign or self._mapping.decimals.get(name, "")
            not_told |= bool(form.clash or (form.open and not signs[role]))
            if form.clash:
                text = Text(
                    "Column “{column}” has both {one} and {other}, so which sign its decimals have can't be told. The "
                    "file was perhaps saved in Excel; fetch it again from the acquirer.",
                    column=name,
                    one=form.clash[0][:LONGEST_SHOWN],
                    other=form.clash[1][:LONGEST_SHOWN],
                )
                self._trouble.refuse(None, "decimals_clash", text)
            elif form.open and not signs[role]:
                text = Text("How much is {cell} in column “{column}”?", cell=form.open, column=name)
                self._trouble.ask(Ask.DECIMAL, text, column=name)
        if not_told:
            return [[None] * len(self._layout.rows) for _ in AMOUNTS]
        in_ore = not any(signs.values()) and self._mapping.in_ore
        if in_ore is None and names:
            text = Text("No amount has decimals. Are they whole kroner or øre?")
            self._trouble.ask(Ask.UNIT, text)
        no_amount = Text("There is no amount there, or one with parts of an øre.")
        return [
            self._read(role, partial(ore_of, sign=signs.get(role, ""), in_ore=bool(in_ore)), no_amount)
            for role in AMOUNTS
        ]

    def _name(self, role: Role) -> str | None:
        name = self._mapping.column(role)
        return name if name in self._layout.places else None

    def _cells(self, role: Role) -> Sequence[str]:
        name = self._name(role)
        return self._layout.cells(name) if name else ("",) * len(self._layout.rows)

    def _read(self, role: Role, read: Callable[[str], T], why: Text, *, may_be_empty: bool = True) -> list[T | None]:
        """A column's values; None where a cell is empty or can't be read. The first that can't is a problem, which does
        not repeat the cell: in a file that is broken a customer's name may stand anywhere."""
        name = self._name(role)
        if name is None:
            return [None] * len(self._layout.rows)
        cells = self._layout.cells(name)
        values: dict[str, T | None] = {}
        bad: set[str] = set()
        for cell in self._layout.different(name):
            values[cell] = None
            try:
                if cell or not may_be_empty:
                    values[cell] = read(cell)
            except ValueError:
                bad.add(cell)
        first = self._first(cells, bad) if bad else None
        if first is not None:
            row = first.number
            text = Text("Row {row}, column “{column}”: {why}", row=row, column=name[:LONGEST_SHOWN], why=why)
            broken = spoiled_cell(row, first.cells[self._layout.places[name]], name[:LONGEST_SHOWN])
            self._trouble.problems += broken or [RowProblem(row, f"no_{role}", text)]
        return [values[cell] for cell in cells]

    def _first(self, cells: Sequence[str], bad: Collection[str]) -> TableRow | None:
        """The first row with such a cell, but for rows that are left out: a line of sums may hold anything."""
        words = self._cells(Role.KIND) if self._name(Role.KIND) else (None,) * len(cells)
        each = zip(self._layout.rows, cells, words, strict=True)
        return next((row for row, cell, word in each if cell in bad and not self._is_left_out(word)), None)

    def _is_left_out(self, word: str | None) -> bool:
        return word is not None and self._mapping.meaning(word) is Apart.LEFT_OUT


def _id(cell: str) -> str:
    if len(cell) > LONGEST_ID:
        raise ValueError("too long")
    return cell


def _currency(cell: str) -> str:
    currency = _NUMBERED.get(cell, cell.upper())
    if not _CURRENCY.fullmatch(currency):
        raise ValueError("no currency")
    return currency
