"""What the pages draw as HTML of their own: links, lists and bars. Their look is in dinero/web/static/page.css.

A link of the class "go" changes the page without loading it anew (dinero/web/static/page.js), so a place is always an
address: Back, a reload and a sent link come home. Text of others is escaped here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

import streamlit as st

from pages import ui

MAX_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: what it is, and below it why it is here. A click anywhere on it opens `address`."""

    address: str
    title: str
    amount: str = ""
    state: str = ""  # a state's name, drawn with its sign, word and colour
    when: str = ""
    note: str = ""
    mark: str = ""  # what stands in the place of the state where all rows have the same
    out: str = ""  # an address out of the dashboard, which the mark leads to
    shop: str = ""  # the title of the shop that it is of, where there are several


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: its share, its colour ("green", "orange", …) and what it is."""

    share: float
    colour: str
    label: str = ""


def to(path: str, **query: str) -> str:
    """An address in the dashboard; what is empty in the query is left out."""
    given = {name: value for name, value in query.items() if value}
    return path + (f"?{urlencode(given)}" if given else "")


def link(address: str, label: str, look: str = "") -> str:
    """A link to a place in the dashboard; `look` is "button", "button primary" or none."""
    return f'<a class="go {look}" href="{escape(address)}">{escape(label)}</a>'


def out(address: str, label: str, look: str = "") -> str:
    """A link out of the dashboard, in a tab of its own."""
    return f'<a class="{look}" href="{escape(address)}" target="_blank">{escape(label)} ↗</a>'


def state(name: str) -> str:
    """A state's sign and word in its colour."""
    colour = ui.STATE_COLOURS.get(name, ui.UNDER_WAY_COLOUR)
    return f'<span class="state {colour}">{escape(ui.state_cell(name))}</span>'


def rows(listed: Iterable[Row], *, alt: str, opened: str = "") -> None:
    """A list whose rows open where one clicks or presses Enter; `opened` is the address of the one that is open."""
    st.html(list_of(listed, alt=alt, opened=opened))


def list_of(listed: Iterable[Row], *, alt: str, opened: str = "") -> str:
    """The same list as a part of something larger."""
    return f'<ul class="rows" aria-label="{escape(alt)}">{"".join(_row(row, opened) for row in listed)}</ul>'


def _row(row: Row, opened: str) -> str:
    current = ' aria-current="true"' if row.address == opened else ""
    title = f'<a class="go title" href="{escape(row.address)}"{current}>{escape(row.title)}</a>'
    cells = [
        with_shop(title, row.shop),
        f'<span class="amount">{escape(row.amount)}</span>' if row.amount else "",
        state(row.state) if row.state else "",
        f'<span class="state">{out(row.out, row.mark) if row.out else escape(row.mark)}</span>'
        if row.mark and not row.state
        else "",
        f'<span class="when">{escape(row.when)}</span>' if row.when else "",
        f'<span class="note">{escape(row.note)}</span>' if row.note else "",
    ]
    return f"<li data-row>{''.join(cells)}</li>"


def of_shop(title: str) -> str:
    """The shop that something is of, as a quiet word; "" where there is one shop alone."""
    return f'<small class="shop">{escape(title)}</small>' if title else ""


def with_shop(named: str, title: str) -> str:
    """The first cell of a row, with the shop that it is of."""
    return f"<span>{named} {of_shop(title)}</span>" if title else named


def bar(parts: Sequence[Part], *, alt: str, thin: bool = False) -> str:
    """One bar of coloured parts, and below it what each is; `thin` is without the words, for a row of a list."""
    whole = sum(part.share for part in parts) or 1
    pieces = "".join(
        f'<i class="{part.colour}" style="width:{part.share / whole:.4%}"></i>' for part in parts if part.share > 0
    )
    words = "".join(f'<span><i class="{part.colour}"></i>{escape(part.label)}</span>' for part in parts if part.label)
    legend = "" if thin or not words else f'<div class="legend">{words}</div>'
    look = "bar thin" if thin else "bar"
    return f'<div class="{look}" role="img" aria-label="{escape(alt)}">{pieces}</div>{legend}'


def page_of(key: str = "page") -> int:
    """The page number that the address has under a name; 1 where it has none."""
    asked = st.query_params.get(key, "")
    return min(int(asked), MAX_PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 9 and int(asked) else 1


def turn(path: str, page: int, *, more: bool, key: str = "page", back: str = "", on: str = "") -> None:
    """Links to the pages before and after of a list whose page is in the address under a name; the rest of the address
    stays. `back` and `on` are their words."""
    here = [(name, value) for name in st.query_params if name != key for value in st.query_params.get_all(name)]

    def at(number: int, label: str) -> str:
        chosen = urlencode([*here, *([(key, str(number))] if number > 1 else [])])
        return link(path + (f"?{chosen}" if chosen else ""), label, "button")

    links = [at(page - 1, f"‹ {back or ui.t('Previous')}")] if page > 1 else []
    links += [at(page + 1, f"{on or ui.t('Next')} ›")] if more else []
    if links:
        st.html(f'<nav class="turn" aria-label="{escape(ui.t("Pages of the list"))}">{"".join(links)}</nav>')
