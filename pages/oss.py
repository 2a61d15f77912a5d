"""EU sales: the year's counter towards the limit, and the OSS sales by country and quarter with their orders."""

from collections import defaultdict
from decimal import Decimal
from html import escape

import streamlit as st

from dinero.model.clock import copenhagen_date
from dinero.model.documents import StoredOrder
from dinero.model.money import Money
from dinero.reports.export import oss_csv, oss_rate
from dinero.rules.oss import OSS_BOOKING
from dinero.signin.sessions import OWNER
from pages import controls, drawn, ui, which_shop
from pages.ui import t

PATH = "/eu-sales"
PAGE_SIZE = 25
NEAR = 0.8  # of the limit
LAST_DAYS = {1: "03-31", 2: "06-30", 3: "09-30", 4: "12-31"}

dashboard = ui.dashboard()
store = dashboard.store
chosen = dashboard.settings.load()
today = copenhagen_date(dashboard.clock.now())


def counter() -> None:
    """This year's sales to EU consumers against the limit."""
    sold = store.sums.eu_sales(today.year) + chosen.eu_sales_elsewhere
    limit = chosen.eu_limit
    share = min(max(sold / limit, 0.0), 1.0) if limit > 0 else 1.0
    text = t(
        "{sold} of {limit} without VAT were sold to consumers in other EU countries in {year}.",
        sold=Money(sold),
        limit=Money(limit),
        year=str(today.year),
    )
    colour = "red" if sold > limit else "orange" if share >= NEAR else "green"
    bar = drawn.bar([drawn.Part(share, colour), drawn.Part(1 - share, "pale")], alt=text)
    note = t("The limit counts this year and the last, and sales from elsewhere too: enter them under Set-up.")
    if ui.role() != OWNER:
        note = t(
            "The limit counts this year and the last, and sales from elsewhere too: the owner enters them under Set-up."
        )
    st.html(f'<div class="counter"><b>{escape(text)}</b>{bar}<p class="quiet">{escape(note)}</p></div>')
    if chosen.rules.get("eu_consumers") == "oss":
        held = t("You are registered for OSS: these orders are held and listed below.")
        booked = t("You are registered for OSS: these orders are booked as your accountant says, and listed below.")
        st.info(booked if chosen.rules.get(OSS_BOOKING.key) else held, icon=":material/euro:")
    elif sold > limit:
        st.error(
            t("The limit is passed. From that order on the buyer's country's VAT applies: register for OSS."),
            icon=":material/error:",
        )
    elif share >= NEAR:
        st.warning(
            t("The limit is near. Talk to your accountant about OSS before it is passed."), icon=":material/warning:"
        )


def quarter() -> tuple[str, str]:
    """The quarter that the address names, as its first and last day; the ways to the others."""
    names = [(year, q) for year in (today.year, today.year - 1) for q in (4, 3, 2, 1)]
    names = [(year, q) for year, q in names if (year, q) <= (today.year, (today.month + 2) // 3)]
    addresses = {f"{year}-{q}": (year, q) for year, q in names}
    year, q = addresses.get(st.query_params.get("quarter", ""), names[0])
    links = "".join(
        f'<a class="go" href="{escape(drawn.to(PATH, quarter=address))}"{" aria-current=true" * (name == (year, q))}>'
        f"{escape(t('{quarter}. quarter of {year}', quarter=str(name[1]), year=str(name[0])))}</a>"
        for address, name in addresses.items()
    )
    st.html(f'<nav class="views" aria-label="{escape(t("Quarter"))}">{links}</nav>')
    return f"{year}-{q * 3 - 2:02d}-01", f"{year}-{LAST_DAYS[q]}"


def sales(rows: list[StoredOrder], others: list[StoredOrder]) -> None:
    """The sums of `rows` by country, rate and currency, and the orders behind each; `others` are not counted."""
    sums: dict[tuple[str, Decimal, str], list[StoredOrder]] = defaultdict(list)
    for row in rows:
        sums[row.country, oss_rate(row), row.currency].append(row)
    table = [
        (
            ui.country(country),
            f"{ui.number(percent)} %",
            ui.number(len(found)),
            ui.amount(sum(row.net_ore or 0 for row in found), currency),
            ui.amount(sum(row.vat_ore or 0 for row in found), currency),
        )
        for (country, percent, currency), found in sorted(sums.items())
    ]
    names = [t("Country"), t("VAT rate"), t("Orders"), t("Net"), t("VAT")]
    html = controls.facts_table(names, table) if table else ""
    if others:
        left_out = t(
            "{n} more order is not counted: cancelled, not paid, left out or taken back.",
            "{n} more orders are not counted: cancelled, not paid, left out or taken back.",
            n=len(others),
        )
        html += f'<p class="quiet">{escape(left_out)}</p>'
    st.html(html)
    st.download_button(
        t("Save as CSV"),
        lambda: oss_csv(rows, others, ui.language(), which_shop.titles()),
        "oss.csv",
        "text/csv",
        icon=":material/table:",
        on_click="ignore",
    )
    listed = [*((row, True) for row in rows), *((row, False) for row in others)]
    expander = st.expander(t("The orders behind the numbers"), key="orders", on_change="rerun")
    if expander.open:
        with expander:
            orders(listed)


def orders(listed: list[tuple[StoredOrder, bool]]) -> None:
    """The orders behind the sums, 25 at a time; the file has all."""
    shop = which_shop.chosen()
    which_shop.links(lambda name: drawn.to(PATH, quarter=st.query_params.get("quarter", ""), shop=name), shop)
    titles = which_shop.titles_in(shop)
    listed = [(row, counted) for row, counted in listed if shop in ("", row.shop)]
    last = max(1, -(-len(listed) // PAGE_SIZE))
    page = st.pagination(last, key=f"page/{shop}") if last > 1 else 1
    drawn.rows(
        [
            drawn.Row(
                drawn.to("/history", order=row.key.address),
                " · ".join(part for part in (row.number or row.id, row.customer) if part),
                ui.amount((row.net_ore or 0) + (row.vat_ore or 0), row.currency),
                state=row.state,
                when=ui.day(row.placed_on),
                note=t(
                    "{country}, {rate} %: {net} and VAT {vat}.",
                    country=ui.country(row.country),
                    rate=oss_rate(row),
                    net=Money(row.net_ore or 0, row.currency),
                    vat=Money(row.vat_ore or 0, row.currency),
                )
                + ("" if counted else " " + t("Not counted.")),
                shop=titles.get(row.shop, ""),
            )
            for row, counted in listed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        ],
        alt=t("The orders behind the numbers"),
    )


st.title(t("EU sales"))
counter()
about = t(
    "Orders with another EU country's VAT. They are held until your accountant has named accounts for them; "
    "the return is filed with SKAT."
)
st.html(f'<h2 class="of">{escape(t("OSS sales by country"))}</h2><p class="quiet">{escape(about)}</p>')
days = quarter()
found, left_out = store.sums.oss(*days), store.sums.oss_not_counted(*days)
if found or left_out:
    sales(found, left_out)
else:
    st.html(f'<p class="quiet">{escape(t("There are no such orders in this quarter."))}</p>')
