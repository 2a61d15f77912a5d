"""Where the owner is among what needs the owner, as the address says it: the group, the shop, the page, the order."""

from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from pages import drawn, which_shop
from pages.ui import t

PATH = "/needs-you"
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Place:
    """Where the owner is, as the address says: a group or the list of all, a page of it, the opened order."""

    group: str = ""
    order: str = ""
    search: str = ""
    page: int = 1
    shop: str = ""  # "" for all

    @classmethod
    def read(cls) -> "Place":
        """The place that the address names."""
        group, order, search, page = (
            st.query_params.get(name, "").strip() for name in ("group", "order", "search", "page")
        )
        number = int(page) if page.isdecimal() and 0 < int(page) < 10**6 else 1
        return cls(group, order, search, number, which_shop.chosen())

    @property
    def address(self) -> str:
        """The address of the place."""
        return drawn.to(PATH, **self._query)

    @property
    def _query(self) -> dict[str, str]:
        page = str(self.page) if self.page > 1 else ""
        return {"search": self.search, "shop": self.shop, "group": self.group, "page": page, "order": self.order}

    def go(self) -> None:
        """Writes the place into the address: what stood there is gone, or done."""
        for name, value in self._query.items():
            if value:
                st.query_params[name] = value
            elif name in st.query_params:
                del st.query_params[name]


def pages(found: int, place: Place) -> None:
    """The ways to the next and the last rows of a long list."""
    last = -(-found // PAGE_SIZE)
    if last < 2:
        return
    links = []
    if place.page > 1:
        links.append(drawn.link(replace(place, order="", page=place.page - 1).address, "‹ " + t("Previous")))
    links.append(escape(t("Page {page} of {pages}", page=place.page, pages=last)))
    if place.page < last:
        links.append(drawn.link(replace(place, order="", page=place.page + 1).address, t("Next") + " ›"))
    st.html(f'<nav class="need-pages" aria-label="{escape(t("Pages"))}">{" ".join(links)}</nav>')
