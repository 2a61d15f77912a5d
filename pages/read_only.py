"""The rules and accounts that the owner and the accountant have chosen, to be read."""

import streamlit as st

from pages import rules, ui
from pages.ui import t

chosen = ui.dashboard().settings.load()

st.title(t("Rules and accounts"))
st.markdown(t("How orders are booked. Only the owner changes it, under Set-up."))
rules.read_only(chosen)
