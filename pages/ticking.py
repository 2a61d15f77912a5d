"""The waiting orders as a table whose rows can be ticked."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dinero.model.documents import OrderKey, StoredOrder
from pages import details, ui, which_shop
from pages.place import PAGE_SIZE, Listed, Place
from pages.ui import t

MAX_SELECTED = 2000


def tick_list(place: Place, shown: Listed) -> list[StoredOrder]:
    """The waiting orders as a table whose rows can be ticked; a click anywhere else on a row opens it beside the list.
    Returns the ticked ones. "Select all" keeps the rows ticked, and what is unticked then is left out."""
    version = st.session_state.setdefault("table_version", 0)
    label = t("Select {n} order", "Select all {n} orders", n=shown.found)
    if shown.found > MAX_SELECTED:
        label = t("Select the newest {n} of {all} orders", n=MAX_SELECTED, all=ui.number(shown.found))
    asked = st.query_params.get("select") == "all"  # the set-up's last step leads here
    every = st.checkbox(label, value=asked, key=f"all/{version}/{place.search}/{place.days}/{place.shop}")
    # A selection is a position in this frame, so the key names everything that can move the rows: a selection never
    # points at another order (facts.md, Streamlit 1.1 C).
    rows = shown.rows
    moved = hash(tuple((row.key, row.state) for row in rows))
    base = f"orders/{version}/{place.page}/{place.search}/{moved}/{every}"
    # Once the order that was opened in it is closed, it is another table with the same ticks: so the same cell can be
    # clicked again. While one is open it stays, with the keyboard's focus.
    if not place.order and st.session_state.pop("opened_in_table", False):
        st.session_state["table_closed"] = st.session_state.get("table_closed", 0) + 1
    key = f"{base}/{st.session_state.get('table_closed', 0)}"
    cells = [(n, t("Number")) for n, row in enumerate(rows) if row.key.address == place.order]
    left_out: set[OrderKey] = st.session_state.setdefault(
        f"left_out/{version}/{place.search}/{place.days}/{place.shop}", set()
    )
    ticked = [n for n, row in enumerate(rows) if row.key not in left_out] if every else kept_ticks(base)
    with st.container(key="tick_list"):
        event = ui.table(
            frame_of(rows),
            {t("Amount"): ui.amount},
            currencies=[row.currency for row in rows],
            key=key,
            height=39 + 35 * len(rows),
            on_select=lambda: open_clicked(key, base, rows),
            selection_mode=["multi-row", "single-cell"],
            selection_default={"selection": {"rows": ticked, "cells": cells}},
            alt=t("Orders"),
        )
    positions = [position for position in event.selection.rows if position < len(rows)]
    st.session_state["ticks"] = (base, positions)
    if not every:
        return [rows[position] for position in positions]
    here = {row.key for row in rows}
    left_out -= here
    left_out |= here - {rows[position].key for position in positions}
    found = ui.dashboard().store.orders.list(**shown.filters, limit=MAX_SELECTED)
    chosen = [row for row in found if row.key not in left_out]
    if shown.found > PAGE_SIZE:
        st.caption(t("{n} selected, also on other pages", n=ui.number(len(chosen))))
    return chosen


def kept_ticks(base: str) -> list[int]:
    """The rows that were ticked in this very table before it was drawn anew."""
    kept, positions = st.session_state.get("ticks", ("", []))
    return list(positions) if kept == base else []


def open_clicked(key: str, base: str, rows: Sequence[StoredOrder]) -> None:
    """A click on a cell opens its order; the ticks stay."""
    selection = st.session_state[key]["selection"]
    st.session_state["ticks"] = (base, list(selection["rows"]))
    cells = selection.get("cells") or []
    if cells and cells[0][0] < len(rows):
        st.query_params["order"] = rows[cells[0][0]].key.address
        st.session_state["opened_in_table"] = True


def frame_of(rows: Sequence[StoredOrder]) -> pd.DataFrame:
    """What tells waiting orders from each other; a column that says the same of all is left out."""
    paid, titles = ui.dashboard().orders.paid_on(rows), which_shop.titles()
    columns = {
        t("Number"): [row.number for row in rows],
        t("Customer"): [row.customer for row in rows],
        t("Webshop"): [titles.get(row.shop, "") for row in rows],
        t("Amount"): ui.amounts(row.total_ore for row in rows),
        t("State"): [ui.state_cell(row.state) for row in rows],
        t("Paid"): ["" if row.is_credit else details.paid_text(row, day) for row, day in zip(rows, paid, strict=True)],
        t("Payment method"): [row.way_to_pay for row in rows],
        t("To"): [row.country or "" for row in rows],
        t("Kind"): [details.credit_text(row) for row in rows],
    }
    always = (t("Number"), t("Customer"), t("Amount"))
    return pd.DataFrame({name: values for name, values in columns.items() if name in always or len(set(values)) > 1})
