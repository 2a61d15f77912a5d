"""The webshops on the tab "Connections" of Opsætning: each with how it is, and the way to its own choices."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from dinero.dashboard.shops import ShopStatus
from dinero.model.health import ConnectionHealth, Remedy, shop_connection
from dinero.model.settings import Settings
from dinero.model.shops import Shop, ShopState
from pages import controls, drawn, new_shop, ui
from pages.ui import t

dashboard = ui.dashboard
NEW = "new"  # the form for one more webshop, in the address


def place(shop: str = "", show: str = "") -> str:
    """The address of the tab, of a webshop's own choices, or of the form for one more."""
    return drawn.to("/setup", tab="connections", shop=shop, show=show)


def boxes(chosen: Settings) -> None:
    """Every webshop that was not removed, and how one more is added."""
    statuses = dashboard().shops.statuses()
    there = [status for status in statuses if status.shop.state is not ShopState.REMOVED]
    for status in there:
        with st.container(border=True, key=f"webshop_{status.shop.name}"):
            box(status, titled=len(statuses) > 1)
    if not there:
        with st.container(border=True):
            st.html(f"<p><b>{escape(t('The webshop'))}</b> · {escape(t('Not connected'))}</p>")
            new_shop.form(chosen, primary=False)
    removed = [status.shop for status in statuses if status.shop.state is ShopState.REMOVED]
    links = [drawn.link(place(show=NEW), t("Add a webshop"), "button")] if there else []
    if removed:
        names = ", ".join(drawn.link(place(shop.name), shop.title) for shop in removed)
        links.append(f'<span class="quiet">{escape(t("Removed:"))} {names}</span>')
    st.html(f'<p class="links">{" ".join(links)}</p>')


def box(status: ShopStatus, *, titled: bool) -> None:
    """One webshop: how its connection is, how many orders, when they were fetched, and what mends it."""
    shop = status.shop
    now = dashboard().health.of(shop_connection(shop.name))
    connection(now, *names_of(shop, titled=titled), partial(new_shop.again, shop), paused=is_paused(shop))
    offer_fetch(status, now)
    st.html(f'<p class="quiet">{escape(counted(status))} · {drawn.link(place(shop.name), t("Choices and pause"))}</p>')


def offer_fetch(status: ShopStatus, now: ConnectionHealth, *, primary: bool = False) -> None:
    """The way on where a webshop's orders were never fetched, or the last try failed, though it can be reached."""
    if not now.connected or now.problem is not None or status.shop.state is not ShopState.ACTIVE:
        return
    if status.reason is not None:
        st.warning(ui.say(status.reason), icon=":material/error:")
        label = t("Fetch the orders again")
    elif status.fetched_at is None:
        st.html(f"<p>{escape(t('Its orders are next. Nothing is sent to Dinero by fetching them.'))}</p>")
        label = t("Fetch the orders")
    else:
        return
    name = status.shop.name
    if st.button(label, key=f"fetch/{name}", icon=":material/refresh:", type=ui.kind(primary)):
        with st.spinner(t("Fetching the orders …")):
            done = ui.attempt(lambda: dashboard().orders.fetch(shop=name))
        if done:
            controls.saved(t("The orders are fetched."))


def names_of(shop: Shop, *, titled: bool) -> tuple[str, str]:
    """What a webshop's line begins with: its title where there are several, else its system; and the other of the two,
    where it is another word."""
    if shop.title == shop.system_name:
        return shop.title, ""
    return (shop.title, shop.system_name) if titled else (shop.system_name, shop.title)


def is_paused(shop: Shop) -> bool:
    """Whether nothing is fetched from a webshop, because the owner said so."""
    return shop.state is ShopState.PAUSED


def counted(status: ShopStatus) -> str:
    """How many orders are known, and when they were fetched last."""
    n = t("{n} order", "{n} orders", n=status.orders)
    if status.fetched_at is None:
        return f"{n} · {t('not fetched yet')}"
    return f"{n} · {t('fetched {when}', when=ui.when_said(status.fetched_at))}"


def connection(
    now: ConnectionHealth, name: str, more: str, connect: Callable[[], None], *, paused: bool = False
) -> bool:
    """One connection, called `name`, with the words that follow; whether it is made and can be used."""
    if not now.connected:
        st.html(f"<p><b>{escape(name)}</b> · {escape(t('Not connected'))}</p>")
        connect()
        return False
    mark, colour = ("✓", "green") if now.well else ("✕", "red") if now.problem else ("○", "gray")
    if paused:
        mark, colour = "○", "gray"
    when = t("Paused") if paused else t("Last answer {time}", time=now.ok_at) if now.ok_at else ""
    told = [f"<b>{escape(name)}</b>", escape(more), f'<span class="quiet">{escape(when)}</span>' if when else ""]
    st.html(f'<p><span class="{colour}">{mark}</span> &nbsp;{" · ".join(part for part in told if part)}</p>')
    if paused:
        return True
    if now.problem is not None:
        st.error(ui.say(now.problem), icon=":material/error:")
        if st.button(t("Try again"), key=f"retry/{now.name}", icon=":material/refresh:"):
            with st.spinner(t("Asking {system} …", system=name)):
                dashboard().health.retry(now.name)
            st.rerun()
    again = now.remedy is Remedy.CONNECT
    anew = st.expander(
        t("Connect again, or with other keys"), expanded=again, on_change="rerun", key=f"anew/{now.name}"
    )
    if anew.open:
        with anew:
            connect()
    return not again
