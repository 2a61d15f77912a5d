"""Cells that are no longer what the acquirer wrote: numbers that a spreadsheet rounded, and formulas."""

import re
from collections.abc import Iterable, Sequence

from dinero.acquirers.acquirer import TableRow
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem

# "2,03E+11" and "#####": how a spreadsheet shows a number that it has no room for, and how it then saves it.
_LOST_LOOKS = r"[-+]?\d(?:[.,]\d+)?[Ee][+-]?\d{1,3}|#{3,}|#(?:REF|VALUE|VÆRDI|NAME|NAVN|NUM|N/A|I/T|DIV/0)[!?]?"
_LOST = re.compile(_LOST_LOOKS)
# What may follow a plus or a minus that begins a number, a phone number or a mere dash.
_NUMBER_LOOKS = r"[\d\t .,()/'’\N{MINUS SIGN}\N{NO-BREAK SPACE}-]*[A-Za-z]{0,3}\.?"
_NUMBER = re.compile(_NUMBER_LOOKS)
# Either, in any of many cells with a line each; it finds no less.
_EITHER = re.compile(rf"^[^\S\n]*(?:[=@].|[+-](?!{_NUMBER_LOOKS}$)|(?:{_LOST_LOOKS})[^\S\n]*$)", re.MULTILINE)


def is_lost(cell: str) -> bool:
    """Whether a spreadsheet has saved only the look of a number."""
    return _LOST.fullmatch(cell.strip()) is not None


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would work the cell out. Here nothing ever is: a formula is its text, never its value."""
    text = cell.strip()
    if len(text) < 2 or text[0] not in "=@+-" or is_lost(text):
        return False
    return text[0] in "=@" or _NUMBER.fullmatch(text[1:]) is None


def spoiled(rows: Sequence[TableRow], columns: Iterable[tuple[int, str]]) -> list[RowProblem]:
    """What is spoiled in the columns that are read, which are told by place (from 0) and name; one problem each.

    Columns that are not read may hold anything: a customer's message may well begin with "=".
    """
    found = []
    for place, name in columns:
        if _EITHER.search("\n".join({row.cells[place] for row in rows})) is None:
            continue
        first = next((row for row in rows if is_lost(row.cells[place]) or is_formula(row.cells[place])), None)
        if first is not None:
            found += spoiled_cell(first.number, first.cells[place], name)
    return found


def spoiled_cell(row: int, cell: str, column: str) -> list[RowProblem]:
    """What is spoiled in one cell; nothing where it is neither lost nor a formula."""
    if is_lost(cell):
        text = Text(
            "The file was saved in Excel, and the numbers in column “{column}” are lost (row {row}). Fetch it again "
            "from the acquirer, and upload it without opening it first.",
            column=column,
            row=row,
        )
        return [RowProblem(row, "numbers_lost", text)]
    if is_formula(cell):
        text = Text(
            "Row {row} has a formula in column “{column}”. It is not worked out here: fetch the file again from the "
            "acquirer.",
            row=row,
            column=column,
        )
        return [RowProblem(row, "formula", text)]
    return []
