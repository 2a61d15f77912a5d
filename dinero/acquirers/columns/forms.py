"""How a column writes its amounts and its dates, told by all of its cells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from dinero.acquirers.columns.mapping import DayOrder
from dinero.model.clock import COPENHAGEN
from dinero.model.money import MAX_ORE, without_noise

_SPACES = " '’\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"  # what stands between thousands, but , and .
_GROUP_SIGNS = re.compile(f"[{_SPACES}]")
_MINUS = ("-", "\N{MINUS SIGN}", "\N{EN DASH}")


def _amounts(sign: str, other: str) -> re.Pattern[str]:
    """Amounts with a decimal sign; all thousands are parted by the same other sign."""
    groups = rf"[0-9]{{1,3}}(?P<by>[{_SPACES}{other}])[0-9]{{3}}(?:(?P=by)[0-9]{{3}}){{0,4}}"
    return re.compile(rf"(?P<whole>[0-9]{{1,15}}|{groups})(?:\{sign}(?P<part>[0-9]{{1,30}}))?")


_AMOUNTS = {".": _amounts(".", ","), ",": _amounts(",", ".")}
# What nearly all cells are, so that a long file is read at once.
_USUAL = {
    ".": re.compile(r"-?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})\.[0-9]{2}"),
    ",": re.compile(r"-?(?:[0-9]{1,9}|[0-9]{1,3}(?:\.[0-9]{3}){1,2}),[0-9]{2}"),
}
_DATE = re.compile(
    r"(?:(?P<basic>20[0-9]{6})|(?P<first>[0-9]{1,4})(?P<by>[-./])(?P<second>[0-9]{1,2})(?P=by)(?P<third>[0-9]{1,4}))"
    r"(?:(?:T|,? +)(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<s>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
)
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class AmountForm:
    """A column's decimal sign; "" where no cell tells one, and then `open` is a cell that may be read in two ways, such
    as "1.234". `clash` are two cells of which each contradicts the other."""

    sign: str = ""
    open: str = ""
    clash: tuple[str, str] | None = None


def amount_form(cells: Iterable[str]) -> AmountForm:
    """The form of a column of amounts. Cells that are no amounts tell nothing."""
    told: dict[str, str] = {}
    opened = ""
    rest = list(cells)
    for sign, usual in _USUAL.items():
        odd = [cell for cell in rest if not usual.fullmatch(cell)]
        if len(odd) < len(rest):
            told[sign] = next(cell for cell in rest if usual.fullmatch(cell))
        rest = odd
    for cell in rest:
        sign = _decimal_sign(cell)
        if sign == "?":
            opened = min(opened or cell, cell)
        elif sign:
            told[sign] = min(told.get(sign, cell), cell)
    if len(told) > 1:
        return AmountForm(clash=(told["."], told[","]))
    return AmountForm(next(iter(told)) if told else "", "" if told else opened)


def _decimal_sign(cell: str) -> str:
    """The decimal sign that a cell proves; "?" where it has one sign that may be either, "" where it has none."""
    body = _unsigned(cell)[0]
    signs = [char for char in body if char in ".,"]
    if not signs or not all(char.isdigit() or char in ".," or _GROUP_SIGNS.match(char) for char in body):
        return ""
    last = signs[-1]
    other = "," if last == "." else "."
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return other
    before, _, after = body.partition(last)
    is_group = len(after) == 3 and before.isdigit() and len(before) <= 3 and not before.startswith("0")
    return "?" if is_group else last


def ore_of(cell: str, sign: str, *, in_ore: bool = False) -> int:
    """Whole øre of a cell, where `sign` is the decimal sign; a minus may stand before, behind or as brackets.

    Raises ValueError for what is no such amount or not whole øre.
    """
    if not in_ore and sign and _USUAL[sign].fullmatch(cell):
        return int(cell.replace(".", "").replace(",", ""))
    body, negative = _unsigned(cell)
    found = _AMOUNTS[sign or "."].fullmatch(body)
    if found is None:
        raise ValueError("no amount")
    whole = int(_GROUP_SIGNS.sub("", found["whole"]).replace(".", "").replace(",", ""))
    part = found["part"] or ""
    if len(part) > 2:
        exact = without_noise(Decimal(f"{whole}.{part}")) * 100
        if exact != exact.to_integral_value():
            raise ValueError("not whole øre")
        ore = int(exact)
    else:
        ore = whole * 100 + int(part.ljust(2, "0") or 0)
    if in_ore:
        ore, rest = divmod(ore, 100)
        if rest:
            raise ValueError("a part of an øre")
    if ore > MAX_ORE:
        raise ValueError("out of bounds")
    return -ore if negative else ore


def _unsigned(cell: str) -> tuple[str, bool]:
    """A cell without its sign, and whether that is a minus."""
    body = cell.strip()
    if body.startswith("(") and body.endswith(")"):
        return body[1:-1].strip(), True
    if body.startswith(_MINUS):
        return body[1:].strip(), True
    if body.endswith(_MINUS):
        return body[:-1].strip(), True
    return body.removeprefix("+"), False


@dataclass(frozen=True, slots=True)
class DateForm:
    """Which of day and month is first in a column, and the sign `by` which they are parted; None where nothing tells,
    and then `open` is a date that may be two. `clash` are two cells that can't be of one form: a spreadsheet has turned
    some of them around."""

    order: DayOrder | None = None
    by: str = ""
    open: str = ""
    clash: tuple[str, str] | None = None


def date_form(cells: Iterable[str]) -> DateForm:
    """The form of a column of dates. Cells that are no dates tell nothing."""
    shapes: dict[str, str] = {}
    orders: dict[DayOrder, str] = {}
    opened = ""
    for cell in sorted({cell.split()[0].partition("T")[0] for cell in cells if cell.strip()}):
        found = _DATE.fullmatch(cell)
        if found is None:
            continue
        year_first = bool(found["basic"]) or len(found["first"]) == 4
        shapes.setdefault(f"{year_first}{found['by']}", cell)
        if year_first:
            continue
        first, second = int(found["first"]), int(found["second"])
        if first > 12 or found["by"] == ".":  # with points nobody writes the month first
            orders.setdefault(DayOrder.DAY_FIRST, cell)
        elif second > 12:
            orders.setdefault(DayOrder.MONTH_FIRST, cell)
        elif first != second:
            opened = opened or cell
    for several in (tuple(shapes.values()), tuple(orders.values())):
        if len(several) > 1:
            return DateForm(clash=several[:2])  # type: ignore[arg-type]
    by = next(iter(shapes), "").removeprefix("False")
    return DateForm(next(iter(orders), None), by, "" if orders else opened)


def moment_of(cell: str, order: DayOrder | None) -> datetime:
    """The aware moment of a cell; a time without a zone is Copenhagen's, a day without a time begins there.

    Raises ValueError for what is no date, or none of this century.
    """
    found = _DATE.fullmatch(cell.strip())
    if found is None:
        raise ValueError("no date")
    if found["basic"]:
        year, month, day = int(found["basic"][:4]), int(found["basic"][4:6]), int(found["basic"][6:])
    else:
        first, month, third = (int(found[name]) for name in ("first", "second", "third"))
        year, day = (first, third) if len(found["first"]) == 4 else (third, first)
        if len(found["first"]) != 4 and order is DayOrder.MONTH_FIRST:
            day, month = month, day
    if year not in _YEARS:
        raise ValueError("no year of payouts")
    clock = time(int(found["hour"] or 0), int(found["minute"] or 0), int(found["s"] or 0))
    return datetime.combine(date(year, month, day), clock, _zone(found["zone"]))


def _zone(told: str | None) -> tzinfo:
    if not told:
        return COPENHAGEN
    if told in ("Z", "UTC", "GMT"):
        return UTC
    digits = told[1:].replace(":", "").ljust(4, "0")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if told[0] == "-" else away)
