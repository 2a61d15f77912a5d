"""EU sales: the year's counter towards the limit, and the OSS sales by country and quarter with their orders."""

from collections import defaultdict
from decimal import Decimal

import pandas as pd
import streamlit as st

from dinero.model.clock import copenhagen_date
from dinero.model.documents import StoredOrder
from dinero.model.money import Money
from dinero.reports.export import oss_csv, oss_rate
from dinero.rules.oss import OSS_BOOKING
from pages import ui
from pages.ui import t

dashboard = ui.dashboard()
store = dashboard.store
chosen = dashboard.settings.load()


def counter() -> None:
    """This year's sales to EU consumers against the limit."""
    year = copenhagen_date(dashboard.clock.now()).year
    sold = store.sums.eu_sales(year) + chosen.eu_sales_elsewhere
    limit = chosen.eu_limit
    share = min(max(sold / limit, 0.0), 1.0) if limit > 0 else 1.0
    text = t(
        "{sold} of {limit} without VAT were sold to consumers in other EU countries in {year}.",
        sold=Money(sold),
        limit=Money(limit),
        year=str(year),
    )
    st.progress(share, text)
    answer = chosen.rules.get("eu_consumers")
    if answer == "oss":
        held = t("You are registered for OSS: these orders are held and listed below.")
        booked = t("You are registered for OSS: these orders are booked as your accountant says, and listed below.")
        st.info(booked if chosen.rules.get(OSS_BOOKING.key) else held, icon=":material/euro:")
    elif sold > limit:
        st.error(
            t("The limit is passed. From that order on the buyer's country's VAT applies: register for OSS."),
            icon=":material/error:",
        )
    elif share >= 0.8:
        st.warning(
            t("The limit is near. Talk to your accountant about OSS before it is passed."), icon=":material/warning:"
        )
    st.caption(t("The limit counts this year and the last, and sales from elsewhere too: enter them under Set-up."))


def quarter() -> tuple[str, str]:
    """The quarter that is chosen, as its first and last day."""
    today = copenhagen_date(dashboard.clock.now())
    names = [(year, q) for year in (today.year, today.year - 1) for q in (4, 3, 2, 1)]
    names = [(year, q) for year, q in names if (year, q) <= (today.year, (today.month + 2) // 3)]
    year, q = st.selectbox(
        t("Quarter"),
        names,
        format_func=lambda name: t("{quarter}. quarter of {year}", quarter=str(name[1]), year=str(name[0])),
    )
    last = {1: "03-31", 2: "06-30", 3: "09-30", 4: "12-31"}[q]
    return f"{year}-{q * 3 - 2:02d}-01", f"{year}-{last}"


def sales(rows: list[StoredOrder], others: list[StoredOrder]) -> None:
    """The sums of `rows` by country, rate and currency, and the orders behind each; `others` are not counted."""
    sums: dict[tuple[str, Decimal, str], list[StoredOrder]] = defaultdict(list)
    for row in rows:
        sums[row.country, oss_rate(row), row.currency].append(row)
    summed = sorted(sums.items())
    amounts = {t("Net"): ui.amount, t("VAT"): ui.amount}
    frame = pd.DataFrame(
        columns=[t("Country"), t("VAT rate"), t("Orders"), t("Net"), t("VAT")],
        data=[
            {
                t("Country"): ui.country(country),
                t("VAT rate"): f"{ui.number(percent)} %",
                t("Orders"): len(found),
                t("Net"): sum(row.net_ore or 0 for row in found),
                t("VAT"): sum(row.vat_ore or 0 for row in found),
            }
            for (country, percent, _), found in summed
        ],
    )
    ui.whole_table(frame, amounts, currencies=[currency for (_, _, currency), _ in summed])
    if others:
        st.caption(
            t(
                "{n} more order is not counted: cancelled, not paid, left out or taken back.",
                "{n} more orders are not counted: cancelled, not paid, left out or taken back.",
                n=len(others),
            )
        )
    listed = [*((row, t("yes")) for row in rows), *((row, t("no")) for row in others)]
    st.download_button(
        t("Save as CSV"),
        lambda: oss_csv(rows, others, ui.language()),
        "oss.csv",
        "text/csv",
        icon=":material/table:",
        on_click="ignore",
    )
    with st.expander(t("The orders behind the numbers")):
        shown = pd.DataFrame(
            {
                t("Country"): [ui.country(row.country) for row, _ in listed],
                t("Order"): [row.number for row, _ in listed],
                t("Date"): [row.placed_on for row, _ in listed],
                t("Customer"): [row.customer for row, _ in listed],
                t("VAT rate"): [f"{ui.number(oss_rate(row))} %" for row, _ in listed],
                t("Net"): ui.amounts(row.net_ore for row, _ in listed),
                t("VAT"): ui.amounts(row.vat_ore for row, _ in listed),
                t("Counted"): [counted for _, counted in listed],
                t("State"): [ui.state_cell(row.state) for row, _ in listed],
            }
        )
        ui.table(
            shown,
            {t("Date"): ui.day, **amounts},
            currencies=[row.currency for row, _ in listed],
            alt=t("The orders behind the numbers"),
        )


st.title(t("EU sales"))
counter()
st.subheader(t("OSS sales by country"))
st.markdown(
    t(
        "Orders with another EU country's VAT. They are held until your accountant has named accounts for them; "
        "the return is filed with SKAT."
    )
)
days = quarter()
found, left_out = store.sums.oss(*days), store.sums.oss_not_counted(*days)
if found or left_out:
    sales(found, left_out)
else:
    st.info(t("There are no such orders in this quarter."), icon=":material/inbox:")
