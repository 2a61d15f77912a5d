"""The connections: the last outcome of each, with its time and what mends it."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

import streamlit as st

from dinero.model.acquirers import acquirer_of
from dinero.model.health import DINERO, SHOP, ConnectionHealth, Remedy
from pages import drawn, ui
from pages.ui import t

dashboard = ui.dashboard
NAMES = {DINERO: "Dinero", SHOP: "Shoporama"}


def draw(found: Sequence[ConnectionHealth], *, primary: bool = False) -> None:
    """A card for each, two side by side where there is room. `primary`: to connect again is what comes next."""
    for first in range(0, len(found), 2):
        for column, health in zip(st.columns(2), found[first : first + 2], strict=False):
            with column.container(border=True, key=f"connection_{health.name}"):
                _card(health, primary=primary)


def name_of(connection: str) -> str:
    """What a connection is called."""
    return NAMES.get(connection) or acquirer_of(connection).name


def _card(health: ConnectionHealth, *, primary: bool) -> None:
    chosen = dashboard().settings.load()
    of = {DINERO: chosen.organization_name, SHOP: ui.shop_titles()}.get(health.name, "")
    name = escape(name_of(health.name))
    colour, sign = ("green", "✓") if health.well else ("red", "✕") if health.problem else ("gray", "○")
    st.html(
        f'<div class="connection"><p><span class="{colour}" aria-hidden="true">{sign}</span> <b>{name}</b>'
        f"{f' · {escape(of)}' if of and health.connected else ''}</p>{_outcome(health)}{_details(health)}</div>"
    )
    if not health.connected or health.remedy is Remedy.CONNECT:
        label = t("Connect again") if health.connected else t("Connect")
        st.html(drawn.link("/setup", label, "button primary" if primary else "button"))
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
    if not health.connected or health.name not in NAMES:
        return ""
    if health.name == DINERO:
        calls = ui.number(dashboard().connection.calls_per_minute)
        told = [t("At most {calls} calls a minute; the dashboard waits by itself.", calls=calls)]
        age = dashboard().accounts.age()
        told += [t("Accounts fetched {ago}.", ago=ui.ago_of(age))] if age is not None else []
    else:
        told = [t("{calls} of 1,000 calls left today.", calls=ui.number(dashboard().shops.calls_left() or 0))]
    return f"<details><summary>{escape(t('Details'))}</summary><p>{escape(' '.join(told))}</p></details>"


def _retry(name: str) -> None:
    dashboard().health.retry(name)
