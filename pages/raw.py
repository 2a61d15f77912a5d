"""The order from Shoporama, as it was read: by customer, goods and payment; its fields and JSON are for support."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from dinero.intake.reading import order_reader, system_of_shop
from dinero.shops import values
from dinero.shops.shop_system import FieldRead, ShopSystem
from pages import details, drawn, ui
from pages.ui import t

ui.owner_only()
store = ui.dashboard().store

CUSTOMER = ("billing_", "delivery_", "email", "phone", "vat_number", "ean_number", "comment")
PAYMENT = (
    "paid",
    "payment_",
    "refunded",
    "currency",
    "total",
    "price",
    "vat",
    "discount",
    "voucher",
    "gift",
    "credit_of",
)


def group_of(name: str) -> str:
    """Which part of the page a field is in; the lines are drawn as lines, and the shop's inner numbers are for support
    alone."""
    if name.startswith("lines") or name.endswith("_id") or name == "price":
        return ""
    if name.startswith(CUSTOMER):
        return t("Customer")
    return t("Payment") if name.startswith(PAYMENT) else t("Other")


def part(title: str, fields: Sequence[FieldRead]) -> str:
    """A part of the order: what the shop told, and nothing of what it left out."""
    rows = "".join(
        f"<tr><td>{escape(ui.say(field.meaning))}</td><td>{escape(field.value)}</td></tr>"
        for field in fields
        if group_of(field.name) == title and field.source is not None and field.value
    )
    return f'<section class="postings"><table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table></section>'


def for_support(system: ShopSystem, raw: object, fields: Sequence[FieldRead]) -> None:
    """Each field with Shoporama's name of it, and the order as it was sent."""
    frame = pd.DataFrame(
        {
            t("Meaning"): [ui.say(field.meaning) for field in fields],
            t("Shoporama's name"): [field.source or "–" for field in fields],
            t("Value"): [field.value for field in fields],
        }
    )
    st.dataframe(frame, hide_index=True, height=38 + 35 * len(frame), alt=t("How it was read"))
    if unused := system.unused_keys(raw):
        st.caption(t("Not used: {names}", names=", ".join(unused)))
    # st.json has less contrast than WCAG AA asks for, and the keyboard does not reach a box with a height.
    st.code(values.pretty(raw), language=None, wrap_lines=True)


st.title(t("The order from Shoporama"))
wanted = st.query_params.get("id", "")
row = store.orders.with_id(wanted)
if row is None:
    st.error(t("This order is not known here."))
    st.stop()
raw = values.loads(row.raw)
order = order_reader(store, ui.dashboard().settings.load())(row)
system = system_of_shop(ui.dashboard().settings.load(), row.shop)
read = system.explain(raw, order, ui.language())
st.html(
    drawn.link(
        drawn.to("/orders", view="all", order=row.key.address), f"‹ {t('Order {number}', number=row.number or row.id)}"
    )
)
details.draw_head(row, order)
ui.findings(row.reasons)
st.html(f'<div class="papers">{part(t("Customer"), read)}{part(t("Payment"), read)}</div>')
details.draw_lines(order, t("Goods"))
st.html(f'<div class="papers">{part(t("Other"), read)}</div>')
support = st.expander(
    t("Fields and JSON, for support"), icon=":material/data_object:", on_change="rerun", key="support"
)
if support.open:
    with support:
        for_support(system, raw, read)
