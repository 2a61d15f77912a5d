"""A raw order beside how it was read: where a wrong name in the shop's answer is seen."""

import pandas as pd
import streamlit as st

from dinero.intake.reading import order_reader
from dinero.shops import values
from dinero.shops.shoporama.explain import explain, unused_keys
from dinero.shops.shoporama.meanings import meaning
from pages import ui
from pages.ui import t

ui.owner_only()
store = ui.dashboard().store

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
            t("Meaning"): [ui.say(meaning(field.name)) for field in read],
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
