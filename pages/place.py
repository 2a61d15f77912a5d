"""Where the owner is among the orders, as the address says it: the view, the search, the page, the open order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dinero.model.documents import StoredOrder
from dinero.reports.overview import GROUPS
from pages import drawn, ui, which_shop
from pages.ui import t

PAGE_SIZE = 25
HERE = "/orders"
DAYS = ("done_from", "done_to", "day")
STATES = {
    "waiting": GROUPS["waiting"],
    "not due": GROUPS["not due"],
    "done": GROUPS["done"],
    "ignored": GROUPS["ignored"],
    "all": (),
}


def name_of(view: str) -> str:
    """A view's name."""
    return {
        "waiting": t("Waiting"),
        "not due": t("Not due yet"),
        "done": t("Transferred"),
        "ignored": t("Left out"),
        "all": t("All"),
    }[view]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the owner is, as the address says it."""

    view: str
    search: str
    page: int
    order: str
    days: dict[str, str]
    shop: str = ""  # "" for all

    def to(self, **other: str) -> str:
        """The address of a place beside this one; what is "" is left out."""
        here = {"view": self.view, "search": self.search, "page": str(self.page) if self.page > 1 else ""}
        return drawn.to(HERE, **{**here, "shop": self.shop, "order": self.order, **self.days, **other})


@dataclass(frozen=True, slots=True)
class Listed:
    """The orders of a view: those of the page that is shown, and how many there are."""

    rows: list[StoredOrder]
    found: int
    filters: dict[str, Any]


def where() -> Place:
    """The place that the address names, with what it does not name as usual."""
    asked = st.query_params
    view = asked.get("view", "")
    if view == "owner":  # it has a page of its own
        kept = {name: asked[name] for name in ("search", "shop", "order") if name in asked}
        st.switch_page("attention.py", query_params=kept)
    page = asked.get("page", "")
    days = {name: asked[name] for name in DAYS if name in asked and is_day(asked[name])}
    return Place(
        view=view if view in STATES else "waiting",
        search=asked.get("search", "").strip(),
        page=max(int(page), 1) if page.isdecimal() and len(page) < 6 else 1,
        order=asked.get("order", ""),
        days=days,
        shop=which_shop.chosen(),
    )


def is_day(text: str) -> bool:
    """Whether a text of the address is a day."""
    try:
        return bool(ui.day(text))
    except ValueError:
        return False


def listed(place: Place, known: int) -> Listed:
    """The orders of the place, read from the store; `known` is how many of its shop there are without a search and
    days."""
    states: Sequence[str] = STATES[place.view]
    filters: dict[str, Any] = {"search": place.search}
    if "day" in place.days:
        filters["placed_on"] = (place.days["day"], place.days["day"])
    if place.view == "done" and {"done_from", "done_to"} <= place.days.keys():
        filters["done_on"] = (place.days["done_from"], place.days["done_to"])
        # What was transferred in some days and taken back since is not in the sums of those days.
        states = ("done",)
    filtered = place.search or len(filters) > 1
    filters |= {"states": states, "shop": place.shop}
    found = ui.dashboard().store.orders.count(**filters) if filtered else known
    offset = (min(place.page, -(-found // PAGE_SIZE) or 1) - 1) * PAGE_SIZE
    return Listed(ui.dashboard().store.orders.list(**filters, limit=PAGE_SIZE, offset=offset), found, filters)
