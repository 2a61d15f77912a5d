"""A raw order beside how it was read: where a wrong name in the shop's answer is seen."""

import pandas as pd
import streamlit as st

from dinero.intake.reading import order_reader
from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shoporama.explain import explain, unused_keys
from pages import ui
from pages.ui import t

ui.owner_only()
store = ui.dashboard().store

MEANINGS = {
    "id": Text("Shoporama's own number"),
    "number": Text("Order number"),
    "placed_at": Text("Ordered"),
    "modified_at": Text("Changed"),
    "status": Text("Status"),
    "paid": Text("Paid"),
    "paid_at": Text("Paid on"),
    "sent": Text("Sent"),
    "sent_at": Text("Sent on"),
    "cancelled": Text("Cancelled"),
    "currency": Text("Currency"),
    "total": Text("Total"),
    "price": Text("Price"),
    "vat": Text("VAT"),
    "shipping": Text("Shipping"),
    "shipping_method": Text("Shipping method"),
    "payment_fee": Text("Payment fee"),
    "discount": Text("Discount"),
    "voucher_rate": Text("Discount in percent"),
    "voucher_code": Text("Voucher code"),
    "voucher_type": Text("Kind of voucher"),
    "gift_card": Text("Gift card"),
    "lines": Text("Order lines"),
    "email": Text("E-mail"),
    "phone": Text("Phone"),
    "vat_number": Text("VAT number (CVR)"),
    "ean_number": Text("EAN number"),
    "payment_method": Text("Payment method"),
    "payment_method_id": Text("Payment method's number"),
    "comment": Text("Comment"),
    "extras": Text("Additions"),
    "withdrawn": Text("Withdrawn by the customer"),
    "credit_of": Text("Return of order"),
    "made_of": Text("Made of order"),
    "paid_amount": Text("Paid amount"),
    "refunded": Text("Refunded"),
    "test": Text("Test order"),
    "text": Text("Text"),
    "quantity": Text("Quantity"),
    "unit_price": Text("Price each"),
    "line_total": Text("Line's total"),
    "vat_rate": Text("VAT rate"),
    "sku": Text("Item number"),
    "attributes": Text("Variant"),
    "name": Text("Name"),
    "company": Text("Company"),
    "street": Text("Street"),
    "zipcode": Text("Postal code"),
    "city": Text("City"),
    "country": Text("Country"),
    "country_id": Text("Country's number"),
}


def meaning(name: str) -> str:
    """A field's name in words: "lines.2.quantity" is the second line's quantity."""
    place, _, field = name.rpartition(".")
    if place:
        return t("Line {n}: {field}", n=place.removeprefix("lines."), field=meaning(field))
    for prefix, party in (("billing_", t("Bill to")), ("delivery_", t("Deliver to"))):
        if name.startswith(prefix):
            return f"{party}: {meaning(name.removeprefix(prefix))}"
    return ui.say(MEANINGS[name])


st.title(t("Raw order"))
wanted = st.query_params.get("id", "")
row = next((row for row in store.orders.find(wanted) if row.id == wanted), None)
if row is None:
    st.error(t("This order is not known here."))
    st.stop()
st.markdown(f"**{t('Order')} {ui.escape(row.number or row.id)}** {ui.state_mark(row.state)}")
if row.reasons:
    st.markdown(ui.escape(ui.reasons(row.reasons)))
raw = values.loads(row.raw)
left, right = st.columns(2)
with left:
    st.subheader(t("How it was read"))
    read = explain(raw, order_reader(store, ui.dashboard().settings.load().shop_currency)(row), ui.language())
    frame = pd.DataFrame(
        {
            t("Meaning"): [meaning(field.name) for field in read],
            t("Shoporama's name"): [field.source or "–" for field in read],
            t("Value"): [field.value for field in read],
        }
    )
    st.dataframe(frame, hide_index=True, height=min(38 + 35 * len(frame), 900), alt=t("How it was read"))
    unused = unused_keys(raw)
    if unused:
        st.caption(t("Not used: {names}", names=", ".join(unused)))
with right:
    st.subheader(t("As Shoporama sent it"))
    # st.json has less contrast than WCAG AA asks for, and the keyboard does not reach a box with a height.
    st.code(values.pretty(raw), language=None, wrap_lines=True)
