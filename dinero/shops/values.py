"""Values in a shop's JSON, whose types drift: a number may be a text, a flag 0, "0" or null (facts.md, Shoporama 2).

Every reader gives the value, None for an empty one, or raises Unreadable; nothing else is ever raised.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from html import unescape
from typing import Any

from babel import Locale
from babel.core import get_global

from dinero.model.clock import COPENHAGEN
from dinero.model.money import AmountError, Money, decimal_from_json, without_noise

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?(Z|[+-]\d\d:?\d\d))?)?")
_UNIX_SECONDS = re.compile(r"\d{9,10}")
_AMOUNT = re.compile(r"(-?)(0|[1-9]\d{0,11})\.(\d\d)")
_ID = re.compile(r"[!-~]{1,64}")
# Babel lists these among the territories, but nobody lives in them.
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_ALSO_CALLED = {
    "holland": "NL",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "uk": "GB",
    "great britain": "GB",
    "xi": "XI",
    "northern ireland": "XI",
    "nordirland": "XI",
    "færøerne": "FO",
    "faroes": "FO",
    "føroyar": "FO",
    "kalaallit nunaat": "GL",
    "el": "GR",
    "deutschland": "DE",
    "sverige": "SE",
    "norge": "NO",
    "suomi": "FI",
    "czech republic": "CZ",
    "tjekkiet": "CZ",
    "usa": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "u.k.": "GB",
    "svalbard": "SJ",
    "jan mayen": "SJ",
    "ålandsøerne": "AX",
    "aland": "AX",
    "osterreich": "AT",
    "espana": "ES",
    "turkey": "TR",
    "republic of ireland": "IE",
}


class Unreadable(ValueError):
    """The value is none of the forms that are understood."""


def loads(text: str | bytes) -> Any:
    """JSON with exact numbers: fractions as Decimal. Numbers beyond all use, NaN and Infinity stay texts.

    Raises ValueError when it is no JSON.
    """
    try:
        return json.loads(text, parse_float=_fraction, parse_int=_whole, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(raw: Any) -> str:
    """Compact JSON that `loads` reads back to the same amounts, ASCII only so that any text can be stored."""
    return json.dumps(raw, default=_number, separators=(",", ":"))


def digest(raw: Any) -> str:
    """A hash of JSON, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(raw, default=_number, sort_keys=True).encode()).hexdigest()


def pretty(raw: Any) -> str:
    """JSON for people: a field a line, letters as letters; half a surrogate pair stays an escape."""
    text = json.dumps(raw, default=_number, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode()


def is_empty(value: Any) -> bool:
    """Whether the shop says nothing: empty is null, "" or [] (facts.md, Shoporama 2). 0 and false say something."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def text(value: Any, longest: int = 200) -> str:
    """A text or a number as one clean line: HTML's entities decoded once ("S&oslash;n &amp; Co"), no control
    characters, no lone surrogates, at most `longest` long.

    Raises Unreadable for true, objects and lists that are not empty.
    """
    if is_empty(value) or value is False:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**30:
            raise Unreadable("a number too long")
        return str(value)[:longest]
    if isinstance(value, Decimal):
        return str(value)[:longest]
    if not isinstance(value, str):
        raise Unreadable(f"a text as {type(value).__name__}")
    if len(value) <= longest and value.isprintable() and "&" not in value and "  " not in value:
        return value.strip()  # as nearly all are: nothing to clean
    words = " ".join(unescape(value[: 8 * longest]).split())
    return "".join(c for c in words if not unicodedata.category(c).startswith("C"))[:longest].strip()


def text_or_nothing(value: Any, longest: int = 100) -> str:
    """A short text, "" for whatever is none. Never raises."""
    try:
        return text(value, longest)
    except Unreadable:
        return ""


def shown(value: Any) -> str:
    """A raw value for a sentence: short, and without looking into objects and lists. Never raises."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return text(value, 60)
    except Unreadable:
        return "…"


def listed(value: Any) -> list[Any] | None:
    """A list, also where PHP wrote it as an object with the keys 0, 1, 2…; [] for nothing, None for anything else."""
    if isinstance(value, list):
        return value
    if is_empty(value):
        return []
    if isinstance(value, dict) and all(str(key).isdigit() for key in value):
        return list(value.values())
    return None


def identifier(value: Any) -> str:
    """An id, number or text; "" for none: null, empty or 0. Never shortened, so that two ids never become one.

    Raises Unreadable for fractions, spaces, more than 64 characters and anything but printable ASCII.
    """
    if is_empty(value) or value is False:
        return ""
    if isinstance(value, bool | Decimal):
        raise Unreadable("not an id")
    written = value.strip() if isinstance(value, str) else text(value)
    if not _ID.fullmatch(written):
        raise Unreadable("not an id")
    return "" if written == "0" else written


def number(value: Any) -> Decimal | None:
    """A number with at most 15 digits before the point, without a computer's noise: 14.309999999999999 is 14.31, and
    of 33.333333333333336 twelve decimals are kept. Raises Unreadable."""
    if is_empty(value):
        return None
    try:
        found = decimal_from_json(value)
    except AmountError as error:
        raise Unreadable("not a plain number") from error
    exponent = found.as_tuple().exponent
    # Within these bounds Money's arithmetic never rounds (28 digits) and never overflows.
    if not isinstance(exponent, int) or (found and found.adjusted() > 14) or exponent > 15:
        raise Unreadable("a number too large")
    near = without_noise(found)
    return round(near, 12) if near is found and exponent < -12 else near


def amount(value: Any, currency: str) -> Money | None:
    """An amount of money. Raises Unreadable for "1.234,50" and parts of an øre."""
    if isinstance(value, str) and (plain := _AMOUNT.fullmatch(value)) is not None and value.isascii():
        return Money(int(plain[1] + plain[2] + plain[3]), currency)  # as nearly all texts are
    found = number(value)
    try:
        return None if found is None else Money.from_json(found, currency)
    except AmountError as error:
        raise Unreadable("not whole øre") from error


def rounded(value: Any, currency: str) -> Money | None:
    """An amount of money whose parts of an øre are rounded, half up; for figures that only compare. Raises
    Unreadable."""
    found = number(value)
    if found is None:
        return None
    return amount(found.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), currency)


def moment(value: Any) -> datetime | None:
    """A time in UTC, from Danish local time, ISO 8601 with a zone, or unix seconds (facts.md, Shoporama 2, "Time
    stamps").

    A local time that the clocks passed twice is the first of the two; one they skipped counts from before the
    change. MySQL's zero date is empty. Raises Unreadable for other forms and years outside 2000 to 2099.
    """
    if is_empty(value) or (isinstance(value, str) and value.startswith("0000-00-00")):
        return None
    written = text(value, 40)
    try:
        if _UNIX_SECONDS.fullmatch(written) and written.isascii():
            found = datetime.fromtimestamp(int(written), UTC)
        elif _MOMENT.fullmatch(written) and written.isascii():
            found = datetime.fromisoformat(written.replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
        else:
            raise Unreadable("not a time")
        if not 2000 <= found.year <= 2099:
            raise Unreadable("a time out of bounds")
        found = (found if found.tzinfo else found.replace(tzinfo=COPENHAGEN)).astimezone(UTC)
    except Unreadable:
        raise
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("not a time") from error
    return found


def flag_or_moment(value: Any) -> tuple[bool, datetime | None]:
    """Whether something happened, and when if the shop tells: 0/1 in any form, or the time. Raises Unreadable."""
    if is_empty(value):
        return False, None
    if isinstance(value, bool):
        return value, None
    written = text(value, 40).lower()
    if written in ("1", "true"):
        return True, None
    if written in ("0", "false"):
        return False, None
    when = moment(value)
    return when is not None, when


def country_code(written: str) -> str | None:
    """The ISO 3166 alpha-2 code of a code (also alpha-3) or of a country's name in one of the languages that shops were
    seen to use; None if not understood. "Danmark (DK)" is Denmark, "Danmark (Grønland)" is neither."""
    name = " ".join(unicodedata.normalize("NFC", written).casefold().split())
    if (code := _named(name)) is not None:
        return code
    match = re.fullmatch(r"([^()]+)\(([^()]*)\)", name)
    if match is None:
        return None
    code = _named(match[1].strip())
    return code if _named(match[2].strip()) in (None, code) else None


def _named(name: str) -> str | None:
    return _countries().get(name, _countries().get(name.removeprefix("the ")))


@cache
def _countries() -> Mapping[str, str]:
    known: dict[str, str] = dict(_ALSO_CALLED)
    for language in ("en", "da"):
        for code, name in _territories(language):
            known[name] = known[code.casefold()] = code
    others: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in _territories(language):
            others.setdefault(name, set()).add(code)
    for code, meant in get_global("territory_aliases").items():
        if len(code) == 3 and code.isalpha() and code.isascii():
            others.setdefault(code.casefold(), set()).update(meant)
    # A name that means different countries in different languages says nothing.
    return {name: code for name, codes in others.items() if len(codes) == 1 for code in codes} | known


_LANGUAGES = ("de", "sv", "nb", "nn", "nl", "fr", "es", "fi", "pl", "it", "pt", "cs", "is", "fo")


def _territories(language: str) -> list[tuple[str, str]]:
    return [
        (code, name.casefold())
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]


def _fraction(written: str) -> Decimal | str:
    try:
        return Decimal(written)
    except InvalidOperation:
        return written[:100]


def _whole(written: str) -> int | str:
    return int(written) if len(written) <= 30 else written[:100]


def _number(value: Any) -> float | str:
    """A Decimal as a JSON number when that is exact, else as a text, which the readers take just as well."""
    if not isinstance(value, Decimal):
        raise TypeError(f"no JSON: {type(value).__name__}")
    near = float(value)
    return near if value.is_finite() and abs(near) < 1e15 and Decimal(repr(near)) == value else str(value)
