"""What stands at an address of the owner's for the accountant."""

from html import escape

import streamlit as st

from pages import drawn
from pages.ui import t

whose = t("This page is the owner's.")
st.html(
    f'<h1 class="forbidden">{escape(t("Your access is for reading only."))}</h1>'
    f"<p>{escape(whose)}</p>"
    f"{drawn.link('/reconciliation', t('To the reconciliation'), 'button')}"
)
