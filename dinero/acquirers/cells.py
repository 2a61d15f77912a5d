"""What stands in a cell of an acquirer's file, read strictly: what could be two things is neither."""

import re
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache

from dinero.model.clock import COPENHAGEN
from dinero.model.i18n import MINUS
from dinero.model.money import MAX_ORE, AmountError, Money

_EXACT = re.compile(r"-?[0-9]{1,11}[.,][0-9]{2}")
_SHORT = re.compile(r"(-?[0-9]{1,11})(?:[.,]([0-9]))?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]{2}|(?:,[0-9]{3})+\.[0-9]{2})")
_NOISY = re.compile(r"-?[0-9]{1,11}\.[0-9]{4,}")  # a computer's 14.309999999999999; three digits may be a thousand
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)? ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_USUAL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z| ?[+-][0-9]{2}:?[0-9]{2})?"
)  # of _ISO
_DANISH = re.compile(
    r"([0-9]{1,2})([-.])([0-9]{1,2})\2([0-9]{4})(?:[T ]([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?)?"
)
_YEARS = range(2000, 2100)
_SLASHES = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_BROKEN = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)


def ore_of(text: str) -> int:
    """Whole øre of "123.45", "123,45", "84", "2602.5", "1.234,50" or "1,234.50", with a minus in front of it.

    Raises AmountError for anything else, such as "1.234", which may be either.
    """
    if _EXACT.fullmatch(text):
        return int(text[:-3] + text[-2:])
    text = text.strip().replace(MINUS, "-")
    if found := _SHORT.fullmatch(text):
        return int(f"{found[1]}{found[2] or '0'}0")
    if _EXACT.fullmatch(text) or _GROUPED.fullmatch(text):
        ore = int(text.replace(".", "").replace(",", ""))
        if abs(ore) > MAX_ORE:
            raise AmountError("out of bounds")
        return ore
    if _NOISY.fullmatch(text):
        return Money.from_json(text).ore
    raise AmountError("no amount, or either of two")


def moment_of(text: str, zone: tzinfo = COPENHAGEN) -> datetime:
    """The aware moment of "2026-03-23 14:24:30", "2021-08-27T03:43:24.0339786+02:00", "2026-08-30 16:59:53 +0400" or
    "23-03-2026 14:24"; in `zone` where the text tells none, at midnight where it has no time.

    Raises ValueError for anything else.
    """
    if _USUAL.fullmatch(text):
        moment = datetime.fromisoformat(text[:19] + text[19:].lstrip())
    elif found := _ISO.fullmatch(text):
        told = {"Z": "+00:00", "UTC": "+00:00", None: ""}.get(found[3], found[3])
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{told}")
    elif found := _DANISH.fullmatch(text):
        day, month, year, hour, minute, second = (int(found[n] or 0) for n in (1, 3, 4, 5, 6, 7))
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes below
    elif _DAY.fullmatch(text):
        moment = datetime.combine(date.fromisoformat(text), datetime.min.time())
    else:
        raise ValueError(f"no date: {text!r:.40}")
    if moment.year not in _YEARS:
        raise ValueError(f"no year of payouts: {moment.year}")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


@lru_cache(maxsize=4096)
def day_of(text: str, zone: tzinfo = COPENHAGEN) -> date:
    """The Copenhagen date of what `moment_of` reads. Raises ValueError for anything else."""
    return moment_of(text, zone).astimezone(COPENHAGEN).date()


def days_of(texts: Sequence[str]) -> list[date]:
    """The dates of a column in which "03/04/2026" is of one month or the other: all rows tell which, by a day above 12
    or by running one way. Raises ValueError where they don't, or where a text is no date."""
    parts = [_SLASHES.fullmatch(text) for text in texts]
    if not any(parts):
        return [day_of(text) for text in texts]
    told = [(int(found[3]), int(found[2]), int(found[1])) for found in parts if found is not None]
    if len(told) < len(texts):
        raise ValueError("dates of several forms")
    found = [days for days in (_valid(told), _valid([(year, day, month) for year, month, day in told])) if days]
    if len(found) == 2 and found[0] != found[1]:
        found = [days for days in found if days in (sorted(days), sorted(days, reverse=True))]
    if not found or found[0] != found[-1]:
        raise ValueError("the month can't be told from the day")
    return found[0]


def _valid(told: Sequence[tuple[int, int, int]]) -> list[date]:
    """The dates of years, months and days; none where one of them is no date."""
    try:
        return [date(*one) for one in told] if all(one[0] in _YEARS for one in told) else []
    except ValueError:
        return []


@lru_cache(maxsize=64)
def currency_of(text: str) -> str:
    """A currency's three letters, "DKK". Raises ValueError for anything else."""
    if not _CURRENCY.fullmatch(text.upper()):
        raise ValueError(f"no currency: {text!r:.20}")
    return text.upper()


def is_broken_number(text: str) -> bool:
    """Whether an id was made a number by a spreadsheet, "2,03E+11", and its digits are lost."""
    return "+" in text and _BROKEN.fullmatch(text) is not None
