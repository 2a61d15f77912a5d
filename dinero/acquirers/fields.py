"""Values in an acquirer's JSON: whole øre, dates, moments and short texts; what is none of these is Unreadable."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from dinero.model.money import MAX_ORE

LONGEST = 120
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Unreadable(ValueError):
    """A field is none of the forms that are understood. Its text is the field's name."""


def loads(answer: bytes) -> Any:
    """JSON whose fractions are Decimal, so that no amount is ever a float. Raises ValueError when it is no JSON."""
    try:
        return json.loads(answer, parse_float=Decimal)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def part(row: Any, name: str) -> Mapping[str, Any]:
    """The object under `name`; an empty one where there is none. Raises Unreadable."""
    value = _of(row, name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(name)
    return value


def rows(row: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects of the list under `name`; none where there is no list. Raises Unreadable."""
    value = _of(row, name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Unreadable(name)
    return value


def ore(row: Any, name: str) -> int:
    """Whole øre; 0 where the field is missing or null. Raises Unreadable."""
    value = _of(row, name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_ORE:
        raise Unreadable(name)
    return value


def needed(row: Any, name: str) -> int:
    """Whole øre that must be there. Raises Unreadable."""
    if _of(row, name) is None:
        raise Unreadable(name)
    return ore(row, name)


def text(row: Any, name: str) -> str:
    """A text on one line, shortened to LONGEST; "" where the field is missing. Raises Unreadable."""
    value = _of(row, name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable(name)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())[:LONGEST]


def currency(row: Any, name: str = "currency") -> str:
    """An ISO code. Raises Unreadable."""
    value = _of(row, name)
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise Unreadable(name)
    return value


def day(row: Any, name: str) -> date | None:
    """A date; None where the field is missing. Raises Unreadable."""
    value = _of(row, name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise Unreadable(name)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Unreadable(name) from None


def moment(row: Any, name: str, zone: tzinfo | None = None) -> datetime | None:
    """A moment with its zone, or in `zone` where it has none; None where the field is missing. Raises Unreadable."""
    value = _of(row, name)
    if value is None or value == "":
        return None
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Unreadable(name)
    try:
        told = datetime.fromisoformat(f"{found[1]}{(found[2] or '')[:7]}{found[3] or ''}")
    except ValueError:
        raise Unreadable(name) from None
    if told.tzinfo is None and zone is None:
        raise Unreadable(name)
    return told if told.tzinfo is not None else told.replace(tzinfo=zone)


def days(first: date, last: date) -> Iterator[date]:
    """The dates from `first` to `last`, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


def _of(row: Any, name: str) -> Any:
    if not isinstance(row, Mapping):
        raise Unreadable(name)
    return row.get(name)
