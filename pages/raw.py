"""The order as the shop sent it, as it was read: by customer, goods and payment; fields and JSON are for support."""

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

# By the first part of a field's name, whichever system's it is.
CUSTOMER = (
    "billing",
    "delivery_",
    "shipping.",
    "email",
    "phone",
    "vat_number",
    "ean_number",
    "comment",
    "customer_note",
    "meta_data",
)
PAYMENT = (
    "paid",
    "payment_",
    "transaction",
    "date_paid",
    "amount",
    "refunded",
    "currency",
    "total",
    "price",
    "vat",
    "cart_tax",
    "shipping_total",
    "shipping_tax",
    "discount",
    "voucher",
    "gift",
    "credit_of",
)
# A shop's inner numbers and marks, and times that are told a second time: for support alone.
INNER = frozenset(
    {
        "price",
        "order_key",
        "cart_hash",
        "version",
        "created_via",
        "customer_ip_address",
        "customer_user_agent",
        "currency_symbol",
        "payment_url",
        "is_editable",
        "needs_payment",
        "needs_processing",
        "refunded_by",
        "date_created",
        "date_modified",
        "date_completed",
        "date_paid",
    }
)


def group_of(name: str) -> str:
    """Which part of the page a field is in; "" for what is drawn as lines, or is for support alone."""
    name = name.removeprefix("refund.").removeprefix("order.")
    if name.startswith(("lines", "_")) or "[" in name or name.endswith("_id") or name in INNER:
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
    """Each field with the shop system's name of it, and the order as it was sent."""
    frame = pd.DataFrame(
        {
            t("Meaning"): [ui.say(field.meaning) for field in fields],
            t("{name}'s name", name=system.name): [field.source or "–" for field in fields],
            t("Value"): [field.value for field in fields],
        }
    )
    st.dataframe(frame, hide_index=True, height=38 + 35 * len(frame), alt=t("How it was read"))
    if unused := system.unused_keys(raw):
        st.caption(t("Not used: {names}", names=", ".join(unused)))
    # st.json has less contrast than WCAG AA asks for, and the keyboard does not reach a box with a height.
    st.code(values.pretty(raw), language=None, wrap_lines=True)


row = store.orders.with_id(st.query_params.get("id", ""))
if row is None:
    st.title(t("The order as the webshop sent it"))
    st.error(t("This order is not known here."))
    st.stop()
raw = values.loads(row.raw)
order = order_reader(store, ui.dashboard().settings.load())(row)
system, shop = system_of_shop(ui.dashboard().settings.load(), row.shop), store.shops.get(row.shop)
read = system.explain(raw, order, ui.language())
st.title(t("The order from {name}", name=system.name))
back = f"‹ {details.name_of(row, order)}"
ways = [drawn.link(drawn.to("/orders", view="all", order=row.key.address), back)]
if shop is not None and (page := system.page_of(raw, shop.address)):
    ways.append(drawn.out(page, t("See the order in {name}", name=system.name), "plain"))
st.html(f'<p class="links">{"".join(ways)}</p>')
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
