"""Which shop an order is of, and the links that show one shop's orders alone. While there is one shop, none of it is
seen."""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape

import streamlit as st

from dinero.model.shops import FIRST_SHOP, ShopState
from dinero.shops.systems import system_of
from pages import drawn, ui
from pages.ui import t


def titles() -> dict[str, str]:
    """What the owner calls each shop there ever was, by its name; empty while there is one alone."""
    return ui.dashboard().store.shops.titles()


def paused() -> dict[str, str]:
    """The same of the shops that are paused, of one alone too."""
    return {shop.name: shop.title for shop in ui.dashboard().shops.all() if shop.state is ShopState.PAUSED}


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
    told = "".join(
        f'<a class="go" href="{escape(to(name))}"{" aria-current=true" * (name == shop)}>{escape(title)}</a>'
        for name, title in {"": t("All webshops"), **named}.items()
    )
    st.html(f'<nav class="views shops" aria-label="{escape(t("Webshop"))}">{told}</nav>')


def paused_line() -> str:
    """Which shops are paused, in HTML, each with the way to go on with it; "" where none is."""
    to = partial(drawn.to, "/setup", tab="connections")
    links = ", ".join(drawn.link(to(shop=name), title) for name, title in paused().items())
    return f'<p class="quiet">{escape(t("Paused:"))} {links}</p>' if links else ""


def as_rule(shop: str) -> str:
    """What it is called to keep an answer: as a rule of one `shop`, or ("") of all."""
    named = titles()
    if shop in named:
        return t("Remember it as a rule for all orders of {webshop}", webshop=ui.escape(named[shop]))
    return t("Remember it as a rule for all orders")


def transferred(head: str, days: Mapping[str, str]) -> str:
    """What was transferred of each shop on the days that `/orders` calls done_from and done_to, in HTML; each leads to
    its orders."""
    named, sums = titles(), dict[str, dict[str, int]]()
    if named:
        sums = ui.dashboard().store.sums.transfers_by_shop(days["done_from"], days["done_to"])
    links = [
        f"{drawn.link(drawn.to('/orders', view='done', shop=name, **days), title)} {escape(ui.by_currency(sums[name]))}"
        for name, title in named.items()
        if name in sums
    ]
    return f'<p class="quiet">{escape(head)}: {" · ".join(links)}</p>' if links else ""


def system_name(name: str) -> str:
    """What a shop's system is called."""
    shop = ui.dashboard().store.shops.get(name)
    return shop.system_name if shop is not None else system_of(FIRST_SHOP).name
