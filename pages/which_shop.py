"""Which shop an order is of, and the links that show one shop's orders alone. While there is one shop, none of it is
seen."""

from collections.abc import Callable
from html import escape

import streamlit as st

from pages import ui
from pages.ui import t


def titles() -> dict[str, str]:
    """What the owner calls each shop there ever was, by its name; empty while there is one alone."""
    shops = ui.dashboard().store.shops.all()
    return {name: shop.title for name, shop in shops.items()} if len(shops) > 1 else {}


def chosen() -> str:
    """The shop that the address names; "" for all of them."""
    asked = st.query_params.get("shop", "")
    return asked if asked in titles() else ""


def titles_in(shop: str) -> dict[str, str]:
    """What a list says of its rows: nothing where all of them are of one chosen `shop`."""
    return {} if shop else titles()


def links(to: Callable[[str], str], shop: str) -> None:
    """The ways to all orders and to each shop's alone; `to` is the address for one, `shop` the one that is shown."""
    named = titles()
    if not named:
        return
    drawn = "".join(
        f'<a class="go" href="{escape(to(name))}"{" aria-current=true" * (name == shop)}>{escape(title)}</a>'
        for name, title in {"": t("All webshops"), **named}.items()
    )
    st.html(f'<nav class="views shops" aria-label="{escape(t("Webshop"))}">{drawn}</nav>')


def failed_fetches() -> dict[str, str]:
    """Why the last fetch of a shop failed, by the shop's name; with its title where there are others."""
    told, named = {}, titles()
    for name, record in ui.dashboard().orders.last_fetches().items():
        if record is not None and record.problem is not None:
            problem = ui.say(record.problem)
            told[name] = f"{named[name]}: {problem}" if name in named else problem
    return told
