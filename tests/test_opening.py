"""Files of strangers: each is opened to the last cell, or told in a sentence why it is not."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from dinero.acquirers import opening, workbook
from dinero.acquirers.acquirer import PayoutFile, TableRow
from dinero.acquirers.limits import MAX_COLUMNS, MAX_ROWS
from dinero.acquirers.opening import LARGEST, open_file
from dinero.acquirers.spoiled import is_formula, is_lost, spoiled
from dinero.model.payouts import RowProblem

PLAIN = "Ordre;Beløb;Gebyr\n1001;249,00;-3,61\n1002;150,00;-2,18\n"


def opened(data: bytes | str, name: str = "payouts.csv") -> PayoutFile:
    file = open_file(name, data.encode() if isinstance(data, str) else data)
    assert isinstance(file, PayoutFile), file
    return file


def refused(data: bytes | str, name: str = "payouts.csv") -> RowProblem:
    problem = open_file(name, data.encode() if isinstance(data, str) else data)
    assert isinstance(problem, RowProblem), problem
    assert problem.text.render("da") != problem.text.render("en"), "said in Danish"
    return problem


def cells(file: PayoutFile) -> list[tuple[str, ...]]:
    return [row.cells for row in file.rows]


def xlsx(*rows: tuple[object, ...], hidden: tuple[tuple[object, ...], ...] = (), second: bool = False) -> bytes:
    book = Workbook()
    sheets = [
        book.active,
        *([book.create_sheet("Skjult")] if hidden else []),
        *([book.create_sheet()] if second else []),
    ]
    for sheet, content in zip(sheets, [rows, *([hidden] if hidden else []), *([rows] if second else [])], strict=True):
        for row in content:
            sheet.append(row)
    if hidden:
        book["Skjult"].sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def repacked(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """An XLSX file with other contents in some of its parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, parts.get(part, old.read(part)))
        for part in parts.keys() - set(old.namelist()):
            new.writestr(part, parts[part])
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_the_same_in_every_encoding_with_every_separator(encoding: str, separator: str, end: str) -> None:
    text = '"Ordre";"Beløb";"Gebyr"\n"1001";"249,00";"-3,61"\n"1002";"150,00";"-2,18"\n'
    file = opened(text.replace(";", separator).replace("\n", end).encode(encoding))
    assert cells(file) == [("Ordre", "Beløb", "Gebyr"), ("1001", "249,00", "-3,61"), ("1002", "150,00", "-2,18")]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    file = opened('a,b,c\n\n1,"two\nlines",3\n,,\n4,5,6\n')
    assert [(row.number, row.cells[0]) for row in file.rows] == [(1, "a"), (3, "1"), (5, "4")]
    assert file.rows[1].cells[1] == "two\nlines"
    assert [row.number for row in opened("sep=;\na;b;c\n1;2;3\n").rows] == [1, 2], "Excel shows no row of that"


def test_a_decimal_comma_is_no_separator() -> None:
    assert cells(opened("a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5\n"))[1] == ("1,5", "2,5", "3,5")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty"),
        (b"\x00" * 500, "empty"),
        (b"x" * (LARGEST + 1), "too_large"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"\x89PNG\r\n\x1a\n....", "picture"),
        (b"\xff\xd8\xff\xe0....", "picture"),
        (b"\n  <!DOCTYPE html><html><form>Log ind</form></html>", "page"),
        (b"<table><tr><td>1</td></tr></table>", "page"),
        (b'<?xml version="1.0"?><a/>', "xml"),
        (b"\x1f\x8b\x08....", "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"a;b;c\n1;2;\x003\n", "encoding"),
        (b"a;b;c\n1;2;\x9d\n", "encoding"),
        ("a;b;c\n1;2;�\n".encode(), "encoding"),
        ("a;b;c\n1;2;3\n".encode("utf-16-le"), "encoding"),
        ("a;b;c\n".encode("utf-16")[:-1], "encoding"),
        (b"only one line of words", "no_table"),
        (b'a;b;c\n1;"2;3\n4;5;6\n', "broken_row"),
        (b'a;b;c\n1;"2"x;3\n', "broken_row"),
        (b"a;b;c\n1;2;3\n4;5", "half_a_file"),
        (b'{"items": [{"amount": 1', "broken_json"),
        (b'[{"amount": NaN}]', "broken_json"),
        (b'[{"amount": 1e999999}]', "broken_json"),
        (b"[" * 100_000, "broken_json"),
        (b"[" + b"9" * 100_000 + b"]", "broken_json"),
        (b"a;b;c\n" + b"1;2;3\n" * (MAX_ROWS + 1), "too_many_rows"),
        (b";".join([b"1"] * (MAX_COLUMNS + 1)) + b"\n", "too_many_columns"),
        (b"PK\x03\x04 and no more", "broken_workbook"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence_of_its_own(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_two_hundred_megabytes_are_refused_without_being_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_decoded", lambda data: pytest.fail("looked at"))
    problem = refused(b"a;b;c\n" * 34_000_000)
    assert problem.code == "too_large"
    assert "larger than 25 MB" in problem.text.render("en")


def test_half_a_file_is_told_with_its_row_and_a_last_line_without_an_end_is_none() -> None:
    assert refused("a;b;c\n1;2;3\n4;5").row == 3
    assert refused('a;b;c\n1;2;3\n4;"5').row == 3
    assert len(opened("a;b;c\n1;2;3\n4;5;6").rows) == 3


def test_as_many_rows_as_a_file_may_have_are_read() -> None:
    assert len(opened("a;b;c\n" + "1;2;3\n" * MAX_ROWS).rows) == MAX_ROWS + 1


def test_json_keeps_its_numbers_exact() -> None:
    file = opened('\ufeff  {"net": 985.50, "id": 12345678901234567890}')
    assert (file.rows, file.json) == ((), {"net": Decimal("985.50"), "id": 12345678901234567890})


def test_a_workbook_gives_numbers_without_noise_and_moments_as_iso() -> None:
    row = (
        "1001",
        249,
        14.309999999999999,
        -0.1,
        datetime(2026, 11, 2),  # noqa: DTZ001 - a sheet knows no zone
        datetime(2026, 11, 2, 13, 5, 7),  # noqa: DTZ001
        True,
        None,
        "x",
    )
    file = opened(xlsx(("a",) * 9, row, (date(2026, 11, 3), 1.0, 1e-7, 2652.75, 1234567.89)))
    assert cells(file)[1] == ("1001", "249", "14.31", "-0.1", "2026-11-02", "2026-11-02T13:05:07", "true", "", "x")
    assert cells(file)[2] == ("2026-11-03", "1", "0", "2652.75", "1234567.89", "", "", "", "")


def test_digits_that_excel_rounded_away_look_like_none() -> None:
    (_, row) = cells(opened(xlsx(("a", "b"), (2.03e22, 5))))
    assert is_lost(row[0])


def test_rows_of_a_workbook_have_the_numbers_that_are_shown() -> None:
    assert [row.number for row in opened(xlsx(("a", "b"), (), ("1", "2"))).rows] == [1, 3]


def test_a_formula_in_a_workbook_is_its_text_and_never_a_value() -> None:
    file = opened(xlsx(("Ordre", "Beløb"), ("1001", "=1+1"), ("1002", "=HYPERLINK(1)")))
    assert [row.cells[1] for row in file.rows] == ["Beløb", "=1+1", "=HYPERLINK(1)"]
    assert [problem.code for problem in spoiled(file.rows, [(0, "Ordre"), (1, "Beløb")])] == ["formula"]


def test_hidden_sheets_are_not_read_and_several_are_asked_about() -> None:
    assert len(opened(xlsx(("a", "b"), (1, 2), hidden=(("c",),))).rows) == 2
    assert refused(xlsx(("a", "b"), (1, 2), second=True)).code == "several_sheets"


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_half_a_workbook_is_broken(kept: float) -> None:
    data = xlsx(("a", "b"), (1, 2))
    assert refused(data[: int(len(data) * kept)]).code == "broken_workbook"


def test_a_workbook_that_unpacks_to_gigabytes_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_rows", lambda data: pytest.fail("opened"))
    sheet = b"<worksheet><sheetData>" + b" " * (workbook.UNPACKED + 1)
    bomb = repacked(xlsx(("a", "b")), {"xl/worksheets/sheet1.xml": sheet})
    assert len(bomb) < LARGEST
    assert refused(bomb).code == "too_large_unpacked"
    many = repacked(xlsx(("a", "b")), {f"xl/media/{n}": b"x" for n in range(1_001)})
    assert refused(many).code == "too_large_unpacked"
    styles = repacked(xlsx(("a", "b")), {"xl/styles.xml": b" " * 11_000_000})
    assert refused(styles).code == "too_large_unpacked"
    one_row = b"<worksheet><sheetData><row>" + b"<c/>" * 1_000_000 + b"</row></sheetData></worksheet>"
    assert refused(repacked(xlsx(("a", "b")), {"xl/worksheets/sheet1.xml": one_row})).code == "too_large_unpacked"


def test_a_workbook_that_lies_about_its_size_is_stopped_while_it_unpacks() -> None:
    sheet = b"<worksheet><sheetData>" + b" " * 3_000_000
    data = bytearray(repacked(xlsx(("a", "b")), {"xl/worksheets/sheet1.xml": sheet}))
    for size in (len(sheet).to_bytes(4, "little"),):
        while (place := data.find(size)) >= 0:
            data[place : place + 4] = (50).to_bytes(4, "little")
    assert refused(bytes(data)).code == "broken_workbook"


def test_an_entity_that_grows_is_not_expanded() -> None:
    grows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    xml = f'<!DOCTYPE w [<!ENTITY e0 "haha">{grows}]><w><row><c t="str"><v>&e8;</v></c></row></w>'
    assert refused(repacked(xlsx(("a", "b")), {"xl/worksheets/sheet1.xml": xml.encode()})).code == "broken_workbook"


def test_a_cell_far_away_costs_nothing() -> None:
    def sheet(cell: str) -> bytes:
        begin = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        row = "".join(char for char in cell if char.isdigit())
        text = f'{begin}<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>'
        return repacked(xlsx(("a", "b")), {"xl/worksheets/sheet1.xml": text.encode()})

    assert refused(sheet("XFD1")).code == "too_many_columns"
    assert refused(sheet("A99999999999")).code == "too_large_unpacked"
    assert [row.number for row in opened(sheet("B1048576")).rows] == [1_048_576]


@pytest.mark.parametrize("cell", ["2,03E+11", "1.23E+09", "1E+15", "-2,5e+10", "#####", "#REF!", "#VÆRDI!", "#DIV/0!"])
def test_a_number_that_excel_destroyed_is_known(cell: str) -> None:
    assert is_lost(cell)
    assert not is_formula(cell)


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", " =A1", "=…"])
def test_a_formula_is_known(cell: str) -> None:
    assert is_formula(cell)


@pytest.mark.parametrize(
    "cell", ["", "-", "-3,61", "+45 12 34 56 78", "−3,61", "-1.234,50 kr.", "#1001", "CH1E5X", "249"]
)
def test_what_acquirers_write_is_neither_destroyed_nor_a_formula(cell: str) -> None:
    assert not is_lost(cell)
    assert not is_formula(cell)


def test_what_is_spoiled_in_a_column_that_is_not_read_does_not_count() -> None:
    rows = (TableRow(2, ("1001", "=)")), TableRow(3, ("2,03E+11", "hej")))
    assert spoiled(rows[:1], [(0, "Ordre")]) == []
    (problem,) = spoiled(rows, [(0, "Ordre")])
    assert (problem.row, problem.code) == (3, "numbers_lost")


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"{", b"\xff\xfe", b'a;b;c\n1;2;"']))
def test_no_bytes_whatever_make_it_fall(data: bytes, begin: bytes) -> None:
    found = open_file("x", begin + data)
    assert isinstance(found, PayoutFile | RowProblem)
