"""Texts: English in the code, Danish on the screen.

A `Text` is a sentence with its values still apart. It is stored that way (findings, history), so that the
language is chosen when it is read, and amounts and dates are written as the reader's country writes them.
"""

import gettext
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from dinero.model.clock import COPENHAGEN
from dinero.model.former import FORMER, FORMER_VALUES
from dinero.model.money import Money

if TYPE_CHECKING:  # what babel knows of the world is read by who shows something, not at each start
    from babel import Locale

LANGUAGES = ("da", "en")
DEFAULT_LANGUAGE = "da"
LOCALE_DIR = Path(__file__).parents[1] / "locale"
_LOCALES = {"da": "da_DK", "en": "en_DK"}
MINUS = "\N{MINUS SIGN}"

Value: TypeAlias = "str | int | Money | date | datetime | time | Decimal | Text | tuple[Text, ...] | None"


@dataclass(frozen=True)
class Text:
    """A translatable sentence; `values` fill its {names}. `plural` and an int value `n` choose the form.

    A value may be a Text itself, or a list of them, which are told one after another.
    """

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None

    def __init__(self, message: str, plural: str | None = None, /, **values: Value) -> None:
        object.__setattr__(self, "message", message)
        object.__setattr__(self, "plural", plural)
        object.__setattr__(self, "values", values)

    def render(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The sentence in `language` ("da" or "en")."""
        catalogue = translations(language)
        if self.plural is None:
            pattern = catalogue.gettext(self.message) if self.message else ""
        else:
            pattern = catalogue.ngettext(self.message, self.plural, int(self.values.get("n", 0)))
        text = pattern.format_map({name: show(value, language) for name, value in self.values.items()})
        return text.replace("kr..", "kr.")  # an amount at the end of a sentence

    def __str__(self) -> str:
        return self.render()

    def without(self, named: re.Pattern[str]) -> "Text":
        """The sentence with what `mask` finds taken out of its values."""
        values = {name: _masked(value, named) for name, value in self.values.items()}
        return Text(self.message, self.plural, **values)

    def filled(self, **known: Value) -> "Text":
        """The sentence with those of these values that it names and has not, also in the sentences that it holds."""
        values = {name: _filled(value, known) for name, value in self.values.items()}
        places = f"{self.message}{self.plural or ''}"
        more = {name: value for name, value in known.items() if name not in values and f"{{{name}}}" in places}
        return Text(self.message, self.plural, **values, **more)

    def to_json(self) -> list[Any]:
        """A JSON-ready form that `Text.from_json` reads back to an equal Text."""
        values = {name: _pack(value) for name, value in self.values.items()}
        return [self.message, values] if self.plural is None else [self.message, values, self.plural]

    @classmethod
    def from_json(cls, packed: list[Any]) -> "Text":
        """The Text that `to_json` packed, in today's words where an earlier version packed it."""
        values = {name: _unpack(value) for name, value in packed[1].items()}
        message, *plural = (FORMER.get(form, form) for form in (packed[0], *packed[2:]))
        text = cls(message, *plural, **values)
        return text.filled(**FORMER_VALUES) if packed[0] in FORMER else text

    def dumps(self) -> str:
        """`to_json` as a string, for the store."""
        return json.dumps(self.to_json(), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> "Text":
        """The Text that `dumps` wrote."""
        return cls.from_json(json.loads(text))


LONGEST_SHOWN = 80  # characters of a value that a sentence repeats


def mask(words: Iterable[str]) -> re.Pattern[str]:
    """Finds these words or names as wholes, in any case; nothing where there are none."""
    wanted = sorted({word.strip()[:LONGEST_SHOWN] for word in words} - {""}, key=len, reverse=True)
    # One that was cut off may go on.
    found = "|".join(re.escape(word) + (r"(?!\w)" if len(word) < LONGEST_SHOWN else "") for word in wanted)
    return re.compile(rf"(?<!\w)(?:{found})" if found else r"(?!)", re.IGNORECASE)


def show(value: Value, language: str = DEFAULT_LANGUAGE) -> str:
    """A value as people in `language` read it; amounts "−1.234,50 kr.", dates "24. nov. 2026"."""
    if value is None or isinstance(value, str | int):
        return "" if value is None else str(value)
    if isinstance(value, time):  # of a Copenhagen day
        return f"{value.hour}.{value:%M}" if language == "da" else f"{value:%H:%M}"
    if isinstance(value, Text):
        return value.render(language)
    if isinstance(value, tuple):
        return ", ".join(text.render(language) for text in value)
    from babel.dates import format_date, format_datetime
    from babel.numbers import format_decimal

    locale = _LOCALES[language]
    if isinstance(value, Money):
        return money(value, language).replace("-", MINUS)
    if isinstance(value, datetime):
        return format_datetime(
            value.astimezone(COPENHAGEN),
            "d. MMM y HH.mm" if language == "da" else "d MMM y HH:mm",
            locale=_babel_locale(locale),
        )
    if isinstance(value, date):
        return format_date(value, "d. MMM y" if language == "da" else "d MMM y", locale=_babel_locale(locale))
    return str(format_decimal(value, locale=_babel_locale(locale), decimal_quantization=False)).replace("-", MINUS)


def money(amount: Money, language: str = DEFAULT_LANGUAGE) -> str:
    """The amount with its currency, "1.234,50 kr."; in English too, because the owner's papers are Danish.

    As it stands on a document: below zero it has a hyphen, which every program reads. `show` has the minus sign.
    """
    from babel.numbers import format_currency

    return str(format_currency(amount.decimal, amount.currency, locale=_babel_locale(_LOCALES[language])))


@cache
def _babel_locale(name: str) -> "Locale":
    from babel import Locale

    return Locale.parse(name)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of `language`, compiled in memory from its .po file; English needs none."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "dinero.po"
    if language == "en" or not path.exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, domain="dinero")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _filled(value: Value, known: Mapping[str, Value]) -> Value:
    if isinstance(value, Text):
        return value.filled(**known)
    return tuple(text.filled(**known) for text in value) if isinstance(value, tuple) else value


def _masked(value: Value, named: re.Pattern[str]) -> Value:
    if isinstance(value, Text):
        return value.without(named)
    if isinstance(value, tuple):
        return tuple(text.without(named) for text in value)
    return named.sub("…", value) if isinstance(value, str) else value


def _pack(value: Value) -> Any:
    if isinstance(value, Text):
        return {"text": value.to_json()}
    if isinstance(value, tuple):
        return {"texts": [text.to_json() for text in value]}
    if isinstance(value, Money):
        return {"ore": value.ore, "currency": value.currency}
    if isinstance(value, datetime):
        return {"datetime": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return value


def _unpack(value: Any) -> Value:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "text" in value:
        return Text.from_json(value["text"])
    if "texts" in value:
        return tuple(Text.from_json(text) for text in value["texts"])
    if "ore" in value:
        return Money(value["ore"], value["currency"])
    if "datetime" in value:
        return datetime.fromisoformat(value["datetime"])
    if "time" in value:
        return time.fromisoformat(value["time"])
    if "date" in value:
        return date.fromisoformat(value["date"])
    return Decimal(value["decimal"])
