"""Opens a file that somebody uploaded: what it is, told by its first bytes and never by its name, and its rows.

The rows of a text are those of the csv module in its strict mode, which neither guesses nor drops: pandas gives up at a
row that is longer than the first, makes an index of it where names are given, and takes text after a closing quote.
"""

import csv
import io
import json
import re
from collections import Counter
from decimal import Decimal
from itertools import islice
from typing import Any

from dinero.acquirers.acquirer import PayoutFile, TableRow
from dinero.acquirers.limits import MAX_COLUMNS, MAX_ROWS, no_table, too_many_columns, too_many_rows
from dinero.collector import collector_at_rest
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem

LARGEST = 25_000_000  # bytes
SEPARATORS = ";,\t|"
_SNIFFED = 500  # rows that the separator is told by
_NUMBERS_WITHIN = 4000  # digits of a JSON number; no amount comes near it

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "workbook"),
    (b"PK\x05\x06", "archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# No acquirer writes these: C0 but tab and line ends, C1, what could not be decoded once before, and no characters.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
_EXCEL_S_OWN = re.compile(r'"?sep=([;,\t|])"?\r?\n', re.IGNORECASE)


@collector_at_rest()
def open_file(name: str, data: bytes) -> PayoutFile | RowProblem:
    """The file's rows, or what it tells as JSON; else why it can't be opened. Never raises, and evaluates nothing."""
    if len(data) > LARGEST:
        # How much larger is not told: whoever opened it may have stopped there.
        text = Text("The file is larger than {most} MB. Fetch a shorter period.", most=LARGEST // 1_000_000)
        return RowProblem(None, "too_large", text)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return RowProblem(None, "empty", Text("The file is empty. Fetch it again from the acquirer."))
    kind = next((kind for begin, kind in _KINDS if data.startswith(begin)), "")
    if kind == "workbook":
        from dinero.acquirers.workbook import rows_of_workbook

        rows = rows_of_workbook(data)
        return rows if isinstance(rows, RowProblem) else PayoutFile(name, rows)
    if kind:
        return _not_a_table("encrypted" if kind == "old_workbook" and _ENCRYPTED in data else kind)
    text_or_none = _decoded(data)
    if text_or_none is None:
        text = Text("The file is no text that can be read. Fetch it again from the acquirer, as CSV or XLSX.")
        return RowProblem(None, "encoding", text)
    return _of_text(name, text_or_none)


def _not_a_table(kind: str) -> RowProblem:
    texts = {
        "pdf": Text("This is a PDF, which is made to be read by people. Fetch the same report as CSV or XLSX."),
        "picture": Text("This is a picture. Fetch the acquirer's report as CSV or XLSX."),
        "page": Text(
            "This is a web page, perhaps the acquirer's sign-in. Sign in there, and fetch the report as CSV or XLSX."
        ),
        "xml": Text("This is XML, which is not read here. Fetch the same report as CSV or XLSX."),
        "archive": Text("This is a compressed archive. Unpack it, and upload the file in it."),
        "old_workbook": Text(
            "This is a file of an old Excel (.xls). Fetch the report as CSV, or save it as XLSX without changing it."
        ),
        "encrypted": Text("The Excel file has a password. Save it without, or fetch the report as CSV."),
    }
    return RowProblem(None, kind, texts[kind])


def _decoded(data: bytes) -> str | None:
    """UTF-8 and, by its mark, UTF-16; what is neither is Windows' own. None for what no text looks like."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _NO_TEXT.search(text) else text
    return None


def _of_text(name: str, text: str) -> PayoutFile | RowProblem:
    begin = text.lstrip()[:200].lower()
    if begin.startswith(("{", "[")):
        return _of_json(name, text)
    if begin.startswith(("<!doctype html", "<html", "<head", "<body", "<table", "<script")):
        return _not_a_table("page")
    if begin.startswith("<"):
        return _not_a_table("xml")
    rows = _rows_of_text(text)
    return rows if isinstance(rows, RowProblem) else PayoutFile(name, rows)


def _of_json(name: str, text: str) -> PayoutFile | RowProblem:
    try:
        told: Any = json.loads(text, parse_float=_exact, parse_int=_exact_int, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        problem = Text("The file begins as JSON and is not whole. Fetch it again from the acquirer.")
        return RowProblem(None, "broken_json", problem)
    return PayoutFile(name, json=told)


def _exact(number: str) -> Decimal:
    value = Decimal(number)
    if not value.is_finite() or not -40 <= value.adjusted() <= 40:
        raise ValueError("no amount")
    return value


def _exact_int(number: str) -> int:
    if len(number) > _NUMBERS_WITHIN:
        raise ValueError("no amount")
    return int(number)


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _rows_of_text(text: str) -> tuple[TableRow, ...] | RowProblem:
    """The rows with something in them, by the number that a spreadsheet gives them: a line break in quotes makes no row
    of its own, and an empty line does."""
    named = _EXCEL_S_OWN.match(text)
    if named:
        text = text[named.end() :]
    lines = io.StringIO(text, newline="")  # with their ends, so that one in quotes stays as it is
    separator = named[1] if named else _separator(lines)
    if separator is None:
        return no_table()
    rows: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=separator, strict=True), 1):
            if number > MAX_ROWS + 1:
                return too_many_rows()
            if len(cells) > MAX_COLUMNS:
                return too_many_columns(number)
            if any(cells):
                rows.append((number, cells))
    except csv.Error:
        problem = Text(
            "The file can't be read from row {row}: a quotation mark has no end, or text follows it. It may be only "
            "half of the file: fetch it again from the acquirer.",
            row=number + 1,
        )
        return RowProblem(number + 1, "broken_row", problem)
    return _whole(rows, ends=text.endswith(("\n", "\r")))


def _whole(rows: list[tuple[int, list[str]]], *, ends: bool) -> tuple[TableRow, ...] | RowProblem:
    """The rows as they are, short ones too: what is missing in one may be anywhere in it. Or why they are not all."""
    if not rows:
        return no_table()
    usual = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    number, last = rows[-1]
    if len(last) < usual and not ends:
        text = Text("The file ends in the middle of row {row}. Fetch it again from the acquirer.", row=number)
        return RowProblem(number, "half_a_file", text)
    return tuple([TableRow(number, tuple(map(str.strip, cells))) for number, cells in rows])


def _separator(lines: io.StringIO) -> str | None:
    """The sign that gives the most rows the same number of cells, at least two; and the most cells where several do.
    The lines are at their beginning again."""
    found = []
    for sign in SEPARATORS:
        widths = _widths(lines, sign)
        counted = Counter(width for width in widths if width > 1)
        if not counted:
            continue
        width, rows = max(counted.items(), key=lambda item: (item[1], item[0]))
        found.append((width > 2, rows, width, sign))
    return max(found, key=lambda one: one[:3])[3] if found else None


def _widths(lines: io.StringIO, sign: str) -> list[int]:
    """How many cells each of the first rows has when `sign` separates them."""
    try:
        return [len(cells) for cells in islice(csv.reader(lines, delimiter=sign), _SNIFFED) if cells]
    except csv.Error:
        return []
    finally:
        lines.seek(0)
