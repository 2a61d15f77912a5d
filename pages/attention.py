"""What needs the owner."""

import streamlit as st

st.switch_page("orders.py", query_params={"view": "owner"})
