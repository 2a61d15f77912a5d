"""The connections: the last outcome of each, with its time and what mends it."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

import streamlit as st

from dinero.model.acquirers import acquirer_of
from dinero.model.health import DINERO, ConnectionHealth, Remedy, shop_of
from pages import drawn, shops, ui
from pages.ui import t

dashboard = ui.dashboard


def draw(found: Sequence[ConnectionHealth], *, primary: bool = False) -> None:
    """A card for each, two side by side where there is room. `primary`: to connect again is what comes next."""
    for first in range(0, len(found), 2):
        for column, health in zip(st.columns(2), found[first : first + 2], strict=False):
            with column.container(border=True, key=f"connection_{health.name}"):
                _card(health, primary=primary)


def name_of(connection: str) -> str:
    """What a connection is called: a webshop by its system, or by its title where there are several."""
    return _names(connection)[0]


def _names(connection: str) -> tuple[str, str]:
    """What a connection is called, and what is told beside it."""
    if connection == DINERO:
        return "Dinero", dashboard().settings.load().organization_name
    if (name := shop_of(connection)) == "":
        return acquirer_of(connection).name, ""
    shop = dashboard().settings.load().known_shops.get(name)
    if shop is None:
        return t("The webshop"), ""
    return shops.names_of(shop, titled=dashboard().shops.several)


def _card(health: ConnectionHealth, *, primary: bool) -> None:
    called, of = _names(health.name)
    name = escape(called)
    colour, sign = ("green", "✓") if health.well else ("red", "✕") if health.problem else ("gray", "○")
    st.html(
        f'<div class="connection"><p><span class="{colour}" aria-hidden="true">{sign}</span> <b>{name}</b>'
        f"{f' · {escape(of)}' if of and health.connected else ''}</p>{_outcome(health)}{_details(health)}</div>"
    )
    if not health.connected or health.remedy is Remedy.CONNECT:
        label = t("Connect again") if health.connected else t("Connect")
        to = shops.place(shop_of(health.name)) if health.connected and dashboard().shops.several else "/setup"
        st.html(drawn.link(to, label, "button primary" if primary else "button"))
    elif not health.well and health.remedy is not Remedy.UPDATE:
        label = t("Test the connection") if health.problem else t("Try it now")
        st.button(label, key=f"retry/{health.name}", icon=":material/refresh:", on_click=_retry, args=(health.name,))


def _outcome(health: ConnectionHealth) -> str:
    if not health.connected:
        return f"<p>{escape(t('Not connected'))}</p>"
    if health.problem is not None:
        since = f' <span class="quiet">{escape(ui.when(health.failed_at))}</span>' if health.failed_at else ""
        before = f'<p class="quiet">{escape(_worked(health.ok_at))}</p>' if health.ok_at else ""
        return f'<p class="red">{escape(ui.say(health.problem))}{since}</p>{before}'
    if health.ok_at is None:
        return f'<p class="quiet">{escape(t("Not used yet."))}</p>'
    return f'<p class="quiet">{escape(_worked(health.ok_at))}</p>'


def _worked(at: datetime) -> str:
    return t("Last call that succeeded: {when}", when=ui.when(at))


def _details(health: ConnectionHealth) -> str:
    """What only those who look for it want to know."""
    left = dashboard().shops.calls_left(shop) if (shop := shop_of(health.name)) and health.connected else None
    if not health.connected or (left is None and health.name != DINERO):
        return ""
    if health.name == DINERO:
        calls = ui.number(dashboard().connection.calls_per_minute)
        told = [t("At most {calls} calls a minute; the dashboard waits by itself.", calls=calls)]
        age = dashboard().accounts.age()
        told += [t("Accounts fetched {ago}.", ago=ui.ago_of(age))] if age is not None else []
    else:
        told = [t("{calls} calls left today.", calls=ui.number(left or 0))]
    return f"<details><summary>{escape(t('Details'))}</summary><p>{escape(' '.join(told))}</p></details>"


def _retry(name: str) -> None:
    dashboard().health.retry(name)
