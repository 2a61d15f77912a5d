"""Where a file's table begins, and what its columns are called."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dinero.acquirers.acquirer import HEADER_WITHIN, PayoutFile, TableRow
from dinero.acquirers.limits import no_table
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem

_NO_NAME = re.compile(r"(?=\D*\d)[-+(\d.,:/\s'’)%]+(?:[TZ][\d.,:+Z-]*)?")  # a number, a date or a time


@dataclass(frozen=True)
class Layout:
    """The rows of a table, and its columns' names: those of the file, numbered where two are the same, else the
    letters of a spreadsheet. `header_row` is None where no row has names."""

    names: tuple[str, ...]
    rows: tuple[TableRow, ...]
    header_row: int | None

    @cached_property
    def places(self) -> dict[str, int]:
        """The columns' places, from 0."""
        return {name: place for place, name in enumerate(self.names)}

    @property
    def fingerprint(self) -> str:
        """What a mapping for such files is kept under; "" where there are no names to know them by."""
        return "" if self.header_row is None else fingerprint(self.names)

    def cells(self, name: str) -> tuple[str, ...]:
        """A column from top to bottom, of a table that is not ragged."""
        return self._columns[self.places[name]]

    def different(self, name: str) -> frozenset[str]:
        """The cells of a column, each once."""
        if name not in self._different:
            self._different[name] = frozenset(self.cells(name))
        return self._different[name]

    @cached_property
    def _different(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _columns(self) -> list[tuple[str, ...]]:
        return list(zip(*(row.cells for row in self.rows), strict=True)) or [()] * len(self.names)

    def ragged(self) -> RowProblem | None:
        """The first row with more or fewer cells than there are columns: which of them is missing, nobody can tell."""
        for row in self.rows:
            if len(row.cells) != len(self.names):
                text = Text(
                    "Row {row} has another number of cells than there are columns. Fetch the file again, and upload it "
                    "as it is.",
                    row=row.number,
                )
                return RowProblem(row.number, "cells", text)
        return None


def fingerprint(header: Sequence[str]) -> str:
    """The same for the same names in any order. Where a name is there twice, the order counts: nothing else tells
    such columns apart."""
    names = [_tidy(name) for name in header]
    told = sorted(names) if len(set(names)) == len(names) and not _numbered(names) else ["", *names]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def layout_of(file: PayoutFile) -> Layout | RowProblem:
    """The table of a file. Its names are the first row, of the first twenty, all of whose cells are filled and none a
    number or a date, as wide as most rows."""
    if not file.rows:
        return no_table()
    filled = Counter(_filled(row.cells) for row in file.rows)
    usual = filled.most_common(1)[0][0]
    for place, row in enumerate(file.rows[: HEADER_WITHIN + 1]):
        width = _width(row.cells)
        if width >= max(usual, 2) and all(row.cells[:width]) and not any(map(_NO_NAME.fullmatch, row.cells)):
            return _layout(_unique(row.cells[:width]), file.rows[place + 1 :], row.number)
    width = Counter(_width(row.cells) for row in file.rows).most_common(1)[0][0]
    width = max(width, *(len(row.cells) if _width(row.cells) > width else 0 for row in file.rows), 1)
    return _layout(tuple(map(_letter, range(width))), file.rows, None)


def _layout(names: tuple[str, ...], rows: Sequence[TableRow], header_row: int | None) -> Layout:
    """Empty cells beyond the last name are the separators that some files end their lines with."""
    width = len(names)
    cut = tuple(
        TableRow(row.number, row.cells[:width]) if len(row.cells) > width and not any(row.cells[width:]) else row
        for row in rows
    )
    return Layout(names, cut, header_row)


def _unique(cells: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names = []
    for cell in map(_tidy, cells):
        seen[cell] += 1
        names.append(cell if seen[cell] == 1 else f"{cell} ({seen[cell]})")
    return tuple(names)


def _numbered(names: Sequence[str]) -> bool:
    """Whether names were made different by `_unique`."""
    return any(re.fullmatch(r".+ \(\d+\)", name) and name.rpartition(" (")[0] in names for name in names)


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _filled(cells: Sequence[str]) -> int:
    return len(cells) - cells.count("")


def _width(cells: Sequence[str]) -> int:
    """Up to the last cell with something in it."""
    return max((place for place, cell in enumerate(cells, 1) if cell), default=0)


def _letter(place: int) -> str:
    """A, B … Z, AA: what a spreadsheet calls a column."""
    first, last = divmod(place, 26)
    return (_letter(first - 1) if first else "") + chr(ord("A") + last)
