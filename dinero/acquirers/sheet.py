"""A file's rows by the names of its columns, with a sentence for each cell that is not what its column promises."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import NoReturn

from dinero.acquirers.acquirer import PayoutFile, TableRow
from dinero.acquirers.cells import currency_of, day_of, is_broken_number, moment_of, ore_of
from dinero.acquirers.words import UNKNOWN_KIND
from dinero.model.clock import COPENHAGEN
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.payouts import RowProblem

LONGEST_ID = 200  # characters; no acquirer's own is near it
_SPREADSHEETS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a reader asks for by `key`, under each of its `names`; letters' case does not count."""

    key: str
    names: tuple[str, ...]
    needed: bool = True


def column(key: str, *names: str) -> Column:
    """A column without which the file can't be read."""
    return Column(key, names or (key,))


def optional(key: str, *names: str) -> Column:
    """A column that is used where it is there."""
    return Column(key, names or (key,), needed=False)


class CellError(ValueError):
    """A row that can't be read, with the sentence that says why."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Row:
    """One row's cells by the keys of the reader's columns. What can't be read raises CellError.

    No sentence repeats a cell but those of words and ids: a broken file may have a customer's name anywhere.
    """

    __slots__ = ("_cells", "_places", "_sheet", "number")

    def __init__(self, number: int, cells: Sequence[str], sheet: "Sheet") -> None:
        self.number = number
        self._cells = cells
        self._places = sheet.places
        self._sheet = sheet

    def text(self, key: str) -> str:
        """The cell; "" where it is empty or the file has no such column."""
        place = self._places.get(key)
        return "" if place is None else self._cells[place]

    def word(self, key: str) -> str:
        """A filled cell."""
        text = self.text(key)
        if not text:
            self.refuse("empty", Text("Row {row}: column “{column}” is empty.", **self._where(key)))
        return text

    def id(self, key: str) -> str:
        """A filled cell that names something, as a spreadsheet has not changed it."""
        return self.reference(key) or self.word(key)

    def reference(self, key: str) -> str:
        """A cell that names something, or "". Never what a spreadsheet made of it."""
        text = self.text(key)
        if is_broken_number(text):
            self.refuse(
                "spreadsheet",
                Text(
                    "Row {row}: the number in column “{column}” was lost when the file was saved in a spreadsheet. "
                    "Fetch the file again, and upload it as it is.",
                    **self._where(key),
                ),
            )
        if text[:1] == "=" or len(text) > LONGEST_ID:
            self.refuse("id", Text("Row {row}: what stands in column “{column}” is no id.", **self._where(key)))
        return text

    def ore(self, key: str) -> int:
        """An amount in øre with the file's own sign."""
        try:
            return ore_of(self.text(key))
        except ValueError:
            self.refuse("amount", Text("Row {row}: there is no amount in column “{column}”.", **self._where(key)))

    def ore_or_nothing(self, key: str) -> int:
        """An amount in øre; 0 where the cell is empty."""
        return self.ore(key) if self.text(key) else 0

    def currency(self, key: str) -> str:
        """A currency's three letters."""
        try:
            return currency_of(self.text(key))
        except ValueError:
            self.refuse("currency", Text("Row {row}: there is no currency in column “{column}”.", **self._where(key)))

    def day(self, key: str, zone: tzinfo = COPENHAGEN) -> date:
        """The Copenhagen date of a cell."""
        try:
            return day_of(self.text(key), zone)
        except ValueError:
            self.no_date(key)

    def moment(self, key: str, zone: tzinfo = COPENHAGEN) -> datetime:
        """The aware moment of a cell, in `zone` where it tells none."""
        try:
            return moment_of(self.text(key), zone)
        except ValueError:
            self.no_date(key)

    def spelled(self, key: str) -> str:
        """A column's name as the file has it."""
        return self._sheet.spelled(key)

    def no_date(self, key: str) -> NoReturn:
        """Refuses a cell that is no date or time."""
        self.refuse("date", Text("Row {row}: there is no date in column “{column}”.", **self._where(key)))

    def unknown(self, key: str) -> NoReturn:
        """Refuses a word that the reader does not know, and names it."""
        text = Text(
            "Row {row}: “{word}” in column “{column}” is a kind of row that is not known here. Choose yourself what "
            "the file's columns are, and say what it is.",
            **self._where(key),
            word=self.text(key)[:LONGEST_SHOWN],
        )
        self.refuse(UNKNOWN_KIND, text)

    def refuse(self, code: str, text: Text) -> NoReturn:
        """Raises the CellError of this row."""
        raise CellError(RowProblem(self.number, code, text))

    def _where(self, key: str) -> dict[str, int | str]:
        return {"row": self.number, "column": self._sheet.spelled(key)[:LONGEST_SHOWN]}


class Sheet:
    """The rows below the names of the columns, wherever in the file and in whatever order these stand. Columns that
    nobody asks for are not looked at; `problems` say which are missing and which rows are cut off."""

    def __init__(self, file: PayoutFile, columns: Sequence[Column]) -> None:
        self.problems: list[RowProblem] = []
        self.places: dict[str, int] = {}
        self.header: tuple[str, ...] = ()
        self.rows: list[Row] = []
        wanted = {_plain(name): one.key for one in columns for name in one.names}
        known = [len({wanted[name] for name in map(_plain, header) if name in wanted}) for header in file.headers]
        if not any(known):
            self.problems.append(RowProblem(None, "no_header", Text("The file has none of the columns of its kind.")))
            return
        best = known.index(max(known))
        self.header = file.headers[best]
        self._find(wanted, columns, file.rows[best].number)
        if not self.problems:
            self._take(file.rows[best + 1 :], is_spreadsheet=file.name.lower().endswith(_SPREADSHEETS))

    def spelled(self, key: str) -> str:
        """A column's name as the file has it."""
        return self.header[self.places[key]] if key in self.places else key

    def others(self, start: str) -> Iterable[str]:
        """The file's columns whose names begin so, each as a key that its rows take."""
        for place, name in enumerate(self.header):
            if _plain(name).startswith(start):
                self.places.setdefault(_plain(name), place)
                yield _plain(name)

    def _find(self, wanted: dict[str, str], columns: Sequence[Column], row: int) -> None:
        for place, name in enumerate(self.header):
            key = wanted.get(_plain(name))
            if key in self.places:
                text = Text("There are two columns “{column}”. Keep the one that the file came with.", column=name)
                self.problems.append(RowProblem(row, "column_twice", text))
            elif key is not None:
                self.places[key] = place
        for one in columns:
            if one.needed and one.key not in self.places:
                text = Text(
                    "Column “{column}” is missing. Fetch the file again with it, or choose yourself what its "
                    "columns are.",
                    column=" / ".join(one.names),
                )
                self.problems.append(RowProblem(row, "column_missing", text))

    def _take(self, rows: Sequence[TableRow], is_spreadsheet: bool) -> None:
        filled = [row for row in rows if any(map(str.strip, row.cells))]
        width = max(place for place, name in enumerate(self.header) if name.strip()) + 1
        # A separator may end every row; one that ends some is a cell too many in these.
        longest = max(len(self.header), min((len(row.cells) for row in filled), default=0))
        for row in filled:
            cells = row.cells
            if len(cells) != width:
                fits = is_spreadsheet or width <= len(cells) <= longest
                if not fits or any(cells[width:]):
                    self.problems.append(_cells_differ(row, width))
                    continue
                cells = (*cells, *("",) * (width - len(cells)))
            self.rows.append(Row(row.number, cells, self))


def _cells_differ(row: TableRow, columns: int) -> RowProblem:
    text = Text(
        "Row {row} has {cells} cells, but there are {columns} columns. Fetch the file again, and upload it as it is.",
        row=row.number,
        cells=len(row.cells),
        columns=columns,
    )
    return RowProblem(row.number, "cells", text)


def has_columns(file: PayoutFile, *names: str | tuple[str, ...]) -> bool:
    """Whether one of the file's first rows has all these names; of a tuple one."""
    for header in file.headers:
        there = {_plain(cell) for cell in header}
        if all(there & {_plain(one) for one in ((name,) if isinstance(name, str) else name)} for name in names):
            return True
    return False


def _plain(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").casefold().split())
