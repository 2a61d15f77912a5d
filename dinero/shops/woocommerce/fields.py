"""How a field of WooCommerce's JSON is read; what can't be read is noted as a problem."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Problem
from dinero.shops import values
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce.meanings import meaning

T = TypeVar("T")
MOST_META = 500  # a plugin that writes more is not followed


@dataclass(slots=True)
class Row:
    """One JSON object. `place` says where it stands, for the sentences: "line_items[0]."."""

    raw: Mapping[str, Any]
    place: str = ""
    problems: list[Problem] = field(default_factory=list)

    def read(self, name: str, reader: Callable[[Any], T], otherwise: T) -> T:
        """The value as `reader` reads it; `otherwise`, and a problem, where it can't."""
        try:
            return reader(self.raw.get(name))
        except Unreadable:
            self.unreadable(name)
            return otherwise

    def text(self, name: str, longest: int = 200) -> str:
        """A text of at most `longest` characters, "" for none."""
        return self.read(name, lambda value: values.text(value, longest), "")

    def identifier(self, name: str) -> str:
        """An id as text, "" for none."""
        return self.read(name, values.identifier, "")

    def amount(self, name: str, currency: str) -> Money | None:
        """An amount of whole øre."""
        return self.read(name, lambda value: values.amount(value, currency), None)

    def moment(self, name: str) -> datetime | None:
        """A time: UTC under its `_gmt` name, else the shop's local time, taken for Danish (facts.md, WooCommerce
        2.3)."""
        gmt = f"{name}_gmt"
        if values.is_empty(self.raw.get(gmt)):
            return self.read(name, values.moment, None)
        return self.read(gmt, _utc, None)

    def rows(self, name: str) -> Iterator["Row"]:
        """The objects of a list; anything else is a problem."""
        told = values.listed(self.raw.get(name))
        if told is None:
            self.unreadable(name)
            return
        for i, row in enumerate(told):
            place = f"{self.place}{name}[{i}]."
            if isinstance(row, dict):
                yield Row(row, place, self.problems)
            else:
                self.unreadable(name)

    def party(self, name: str) -> "Row":
        """The object under a name; an empty one for anything else, with a problem where there is something."""
        told = self.raw.get(name)
        if not isinstance(told, dict):
            if not values.is_empty(told):
                self.unreadable(name)
            told = {}
        return Row(told, f"{name}.", self.problems)

    def unreadable(self, name: str) -> None:
        """Notes that a field can't be read."""
        what, value = meaning(f"{self.place}{name}"), values.shown(self.raw.get(name))
        self.problems.append(
            Problem(
                f"{name}_unreadable",
                Text("“{field}” is “{value}” and can't be read.", field=what, value=value),
                Text("“{field}” is “{value}”", field=what, value=value),
            )
        )

    def problem(self, code: str, text: Text) -> None:
        """Notes what is wrong, which holds the order."""
        self.problems.append(Problem(code, text))


def _utc(value: Any) -> datetime | None:
    """A `_gmt` time, which has no zone (facts.md, WooCommerce 2.3)."""
    if isinstance(value, str) and ("T" in value or " " in value.strip()) and value[-1:].isdigit() and "+" not in value:
        value = f"{value}Z"
    return values.moment(value)


def meta_of(raw: Any) -> Iterator[tuple[str, Any]]:
    """Keys and values of `meta_data`; what is none is passed over. Never raises."""
    told = values.listed(raw.get("meta_data")) if isinstance(raw, dict) else None
    for row in (told or [])[:MOST_META]:
        if isinstance(row, dict) and isinstance(key := row.get("key"), str):
            yield key, row.get("value")
