"""How a webshop is told to wake the dashboard: the address that it calls, and what is entered there."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from dinero.model.i18n import Text
from dinero.model.shops import FIRST_SHOP, Shop
from pages import ui
from pages.ui import t

HOW: Mapping[str, Text] = {
    FIRST_SHOP: Text(
        "Make a webhook in Shoporama for the events “paid” and “new status” with this address. It only "
        "wakes the dashboard, which then reads the orders itself, at most once a minute."
    ),
    "woocommerce": Text(
        "In WordPress: WooCommerce → Settings → Advanced → Webhooks → Add webhook. Make four, with the topics “Order "
        "created”, “Order updated”, “Order deleted” and “Order restored”, each with this address and this secret. They "
        "only wake the dashboard, which then reads the orders itself, at most once a minute."
    ),
}


def draw(shop: Shop) -> None:
    """A webshop's address for webhooks, and how it is entered there."""
    shops = ui.dashboard().shops
    st.markdown(ui.say(HOW[shop.system]))
    st.caption(t("Address"))
    st.code(shops.webhook_address(shop.name), language=None)
    if shop.system != FIRST_SHOP:
        st.caption(t("Secret"))
        st.code(shops.webhook_secret(shop.name), language=None)
    st.caption(t("The address is a secret: whoever knows it can wake the dashboard, but nothing else."))


def can_be_reached() -> bool:
    """Whether webshops can call the dashboard; why not is said."""
    if ui.dashboard().public_url:
        return True
    st.info(t("The webshop can only reach a dashboard with an address on the internet."), icon=":material/public_off:")
    said = t("Whoever looks after the machine sets {name}.", name="DINERO_PUBLIC_URL")
    st.html(f"<details><summary>{escape(t('Details'))}</summary><p>{escape(said)}</p></details>")
    return False
