"""The rows of an XLSX file, which is looked through before it is unpacked."""

import io
import warnings
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zipfile import ZipFile

from dinero.acquirers.acquirer import TableRow
from dinero.acquirers.limits import MAX_COLUMNS, MAX_ROWS, no_table, too_many_columns, too_many_rows
from dinero.model.i18n import Text
from dinero.model.money import without_noise
from dinero.model.payouts import RowProblem

UNPACKED = 150_000_000  # bytes of all parts; MAX_ROWS rows of a report are some 80 MB of XML
_OTHER_PARTS = 10_000_000  # bytes of one that is read at once: styles, names of sheets
_PARTS = 1_000
_CHUNK = 1_000_000
_LAST_ROW = 1_048_576  # of a sheet
_EXACT = 10**15  # a spreadsheet keeps 15 digits


class _TooLarge(Exception):
    """What is packed is more than any report."""


class _Locked(Exception):
    """A part has a password."""


def rows_of_workbook(data: bytes) -> tuple[TableRow, ...] | RowProblem:
    """The rows of its only sheet with something in it, by their numbers there; else why there are none. Never raises.

    A formula is its text ("=A1+A2"), never the value that was saved with it.
    """
    try:
        _look_through(data)
        return _rows(data)
    except _TooLarge:
        text = Text("Unpacked, the Excel file is far larger than any payout report. It was not opened.")
        return RowProblem(None, "too_large_unpacked", text)
    except _Locked:
        text = Text("The Excel file has a password. Save it without, or fetch the report as CSV.")
        return RowProblem(None, "encrypted", text)
    except Exception:  # noqa: BLE001 - a stranger's file can break zipfile, the XML parser and openpyxl in any way
        text = Text("The Excel file is broken or not whole. Fetch it again from the acquirer.")
        return RowProblem(None, "broken_workbook", text)


def _look_through(data: bytes) -> None:
    """Stops at what unpacks to too much, as the file says itself and as it turns out, before anything parses it."""
    with ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise _Locked
        if len(parts) > _PARTS or sum(part.file_size for part in parts) > UNPACKED:
            raise _TooLarge
        left = UNPACKED
        for part in parts:
            is_table = "sharedStrings" in part.filename or "worksheets/" in part.filename
            with packed.open(part) as opened:
                size = 0
                while chunk := opened.read(_CHUNK):
                    size, left = size + len(chunk), left - len(chunk)
                    one_row = "worksheets/" in part.filename and len(chunk) == _CHUNK and b"row" not in chunk
                    if left < 0 or one_row or (not is_table and part.filename.endswith("l") and size > _OTHER_PARTS):
                        raise _TooLarge


def _rows(data: bytes) -> tuple[TableRow, ...] | RowProblem:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which are of no use here
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheets = []
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what it says of its own size
                rows = _rows_of_sheet(sheet.iter_rows(values_only=True))
                if isinstance(rows, RowProblem):
                    return rows
                sheets += [(str(sheet.title), rows)] if rows else []
    if not sheets:
        return no_table()
    if len(sheets) > 1:
        text = Text(
            "The Excel file has several sheets ({sheets}). Save the one with the payouts as a file of its own.",
            sheets=", ".join(name for name, _ in sheets)[:200],
        )
        return RowProblem(None, "several_sheets", text)
    rows = sheets[0][1]
    width = max(len(row.cells) for row in rows)
    return tuple(TableRow(row.number, row.cells + ("",) * (width - len(row.cells))) for row in rows)


def _rows_of_sheet(values: Iterable[Iterable[object]]) -> tuple[TableRow, ...] | RowProblem:
    rows: list[TableRow] = []
    for number, row in enumerate(values, 1):
        if number > _LAST_ROW:
            raise _TooLarge
        told = tuple(row)
        if not any(value is not None for value in told):
            continue
        if len(told) > MAX_COLUMNS:
            return too_many_columns(number)
        cells = tuple("" if value is None else value.strip() if type(value) is str else _told(value) for value in told)
        if any(cells):
            rows.append(TableRow(number, cells))
        if len(rows) > MAX_ROWS + 1:
            return too_many_rows()
    return tuple(rows)


def _told(value: object) -> str:
    """A cell as text: a number as its plain decimal without a computer's noise, a moment as ISO, a day without time as
    its date."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # Digits that a spreadsheet rounded away are not to look like digits.
        return f"{value:.14E}" if abs(value) >= _EXACT else f"{without_noise(Decimal(repr(value))).normalize():f}"
    if isinstance(value, datetime):  # a count of days with a fraction, which misses the second by a little
        whole = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return whole.date().isoformat() if whole.time() == time() else whole.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip() if isinstance(value, str | timedelta) else "=…"
