"""Cells of a CSV that a spreadsheet does not run as formulas."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from dinero.model.i18n import Text
from dinero.model.money import Money

# What the owner calls each shop, by its name; empty where there is one alone, and then no list has a column for it.
Titles = Mapping[str, str]
NO_TITLES: Titles = {}
SHOP = Text("Webshop")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> str:
    """A cell that a spreadsheet does not run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def shop_column(titles: Titles) -> tuple[Text, ...]:
    """The column that says which shop a row is of, where there are several."""
    return (SHOP,) if titles else ()


def shop_cell(titles: Titles, shop: str) -> tuple[str, ...]:
    """A row's cell in it."""
    return (titles.get(shop, shop),) if titles else ()


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """All of `write_csv` as a text."""
    out = io.StringIO()
    write_csv(out, columns, rows)
    return out.getvalue()


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV with semicolons, as Danish spreadsheets read it. Numbers must come as numbers or as `decimal` texts."""
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([cell(column) for column in columns])
    for row in rows:
        writer.writerow([value if isinstance(value, int | _Number) else cell(value) for value in row])


class _Number(str):
    """A decimal number as Danes write it; a minus in front is meant."""

    __slots__ = ()


def decimal(ore: int | None) -> str:
    """Øre as kroner with a comma and no thousands, for a spreadsheet: "-1234,50"; empty for none."""
    return _Number("" if ore is None else f"{Money(ore).decimal:.2f}".replace(".", ","))
