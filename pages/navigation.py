"""The main script: the frame that all pages share, and the list of pages."""

import streamlit as st

from dinero.signin.sessions import OWNER
from dinero.web.routes import SESSION_SCRIPT
from pages import ui

st.set_page_config(page_icon="🧾", layout="wide")

dashboard = ui.dashboard()
chosen = dashboard.settings.load()
st.session_state[ui.LANGUAGE] = chosen.language

history = st.Page("history.py", title=ui.t("History"), icon=":material/history:", url_path="history")
reconciliation = st.Page(
    "reconcile.py", title=ui.t("Reconciliation"), icon=":material/rule:", url_path="reconciliation"
)
eu_sales = st.Page("oss.py", title=ui.t("EU sales"), icon=":material/euro:", url_path="eu-sales")
if ui.role() == OWNER:
    pages = [
        st.Page("overview.py", title=ui.t("Overview"), icon=":material/dashboard:", default=True),
        st.Page("orders.py", title=ui.t("Orders"), icon=":material/shopping_cart:", url_path="orders"),
        history,
        reconciliation,
        eu_sales,
        st.Page("backfill.py", title=ui.t("Older orders"), icon=":material/history_toggle_off:", url_path="older"),
        st.Page("automatic.py", title=ui.t("Automatic"), icon=":material/autorenew:", url_path="automatic"),
        st.Page("setup.py", title=ui.t("Set-up"), icon=":material/tune:", url_path="setup"),
        st.Page("raw.py", title=ui.t("Raw order"), url_path="raw", visibility="hidden"),
    ]
else:  # what is not in this list can't be opened, and a button that is not drawn can't be pressed
    start = st.Page(
        lambda: st.switch_page(history), title=ui.t("History"), url_path="start", default=True, visibility="hidden"
    )
    pages = [start, history, reconciliation, eu_sales]
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · Dinero")

if st.context.theme.type == "dark":  # a chosen segment is written in the primary colour, which is too dark to be read
    st.html("<style>[role=radio][aria-checked=true] p { color: #9fd4ef }</style>")

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    if dashboard.demo:
        st.badge(ui.t("Demo: nothing reaches Dinero"), icon=":material/science:", color="violet")
    if chosen.organization_name:
        st.caption(ui.escape(chosen.organization_name))
    st.space("stretch")
    st.html(
        '<form method="post" action="/logout" style="margin:0">'
        '<button style="all:unset;cursor:pointer;font-size:.85rem;color:inherit;text-decoration:underline">'
        f'{ui.t("Sign out")}</button></form><script src="{SESSION_SCRIPT}"></script>',
        width="content",
        unsafe_allow_javascript=True,  # our own script, which leads to the sign-in when the session has ended
    )

if dashboard.connection.has_ended:
    st.error(
        ui.t("The connection to Dinero has ended. Connect again under Set-up; nothing is lost."),
        icon=":material/link_off:",
    )
    if ui.role() == OWNER and page.url_path != "setup":
        st.page_link("setup.py", label=ui.t("Go to the set-up"), icon=":material/arrow_forward:")

page.run()
