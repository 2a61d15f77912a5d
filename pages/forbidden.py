"""What stands at an address of the owner's for the accountant."""

from html import escape

import streamlit as st

from dinero.signin.sessions import may_answer
from pages import drawn, ui
from pages.ui import t

reads = "" if may_answer(ui.role(), ui.dashboard().settings.load()) else t("Your access is for reading only.")
whose = t("This page is the owner's.")
st.html(
    f'<h1 class="forbidden">{escape(whose)}</h1>'
    f"<p>{escape(reads)}</p>"
    f"{drawn.link('/reconciliation', t('To the reconciliation'), 'button')}"
)
