"""The main script: the frame that all pages share, and the list of pages."""

import html

import streamlit as st

from dinero.reports.overview import GROUPS
from dinero.signin.sessions import OWNER as THE_OWNER
from dinero.signin.sessions import may_answer
from dinero.web.guide import chapter
from dinero.web.page import NAME
from dinero.web.requests import LOGOUT
from pages import ui

st.set_page_config(page_icon="dinero/web/static/mark.svg", layout="wide")

dashboard = ui.dashboard()
chosen = dashboard.settings.load()
st.session_state[ui.LANGUAGE] = chosen.language
owner = ui.role() == THE_OWNER


def owners(file: str, title: str, path: str) -> st.Page:
    """A page of the owner's: for anybody else a sentence stands at its address, and no button of it is ever drawn."""
    return st.Page(file if owner else "forbidden.py", title=title, url_path=path)


reconciliation = st.Page("reconcile.py", title=ui.t("Reconciliation"), url_path="reconciliation")
payouts = st.Page("payouts.py", title=ui.t("Payouts"), url_path="payouts")
history = st.Page("history.py", title=ui.t("History"), url_path="history")
eu_sales = st.Page("oss.py", title=ui.t("EU sales"), url_path="eu-sales")
answers = may_answer(ui.role(), chosen)
attention = st.Page(
    "attention.py", title=ui.t("Needs you") if answers else ui.t("Needs the owner"), url_path="needs-you"
)
rules = st.Page("read_only.py", title=ui.t("Rules and accounts"), url_path="rules")
orders = owners("orders.py", ui.t("Orders"), "orders")
automatic = owners("automatic.py", ui.t("Automatic"), "automatic")
setup = owners("setup.py", ui.t("Set-up"), "setup")
raw = owners("raw.py", ui.t("The order as the webshop sent it"), "raw")
if owner:
    start = st.Page("overview.py", title=ui.t("Overview"), default=True)
    places, rare = [start, orders, attention, history], [payouts, reconciliation, eu_sales, automatic, setup]
else:  # the reconciliation has its own address too, for links that the owner sends
    start = st.Page("reconcile.py", title=ui.t("Reconciliation"), url_path="start", default=True)
    places, rare = [reconciliation, attention, history, eu_sales], [payouts, rules]
pages = [start, orders, attention, history, payouts, reconciliation, eu_sales, rules, automatic, setup, raw]
page = st.navigation(pages, position="hidden")
st.set_page_config(page_title=f"{page.title} · {NAME}")
here = reconciliation if page is start and not owner else page


def address(of: st.Page) -> str:
    """A page's path; the default page is at the root."""
    return f"/{of.url_path}"


def place(of: st.Page, count: int = 0, mark: str = "") -> str:
    """A link to a page, with how much waits there."""
    current = ' aria-current="page"' if of is here else ""
    number = f' <b class="{mark}">{ui.number(count)}</b>' if count else ""
    return f'<a class="go" href="{address(of)}"{current}>{html.escape(of.title)}{number}</a>'


def head() -> str:
    """The name, the places with their counts, and the rest under "More"."""
    counts = {attention: (dashboard.attention.count(), "owner")}
    if owner:
        counts[orders] = (dashboard.store.orders.count(states=GROUPS["waiting"]), "")
    links = "".join(place(of, *counts.get(of, ())) for of in places)
    more = "".join(place(of) for of in rare)
    current = ' aria-current="page"' if page in rare else ""
    sign_out = f'<form method="post" action="{LOGOUT}"><button>{html.escape(ui.t("Sign out"))}</button></form>'
    organization = f"<small>{html.escape(chosen.organization_name)}</small>" if chosen.organization_name else ""
    name, _, told = ui.t("Demo: nothing is sent to Dinero").partition(":")  # a phone shows the name alone
    demo = f'<span class="tag violet">{html.escape(name)}<i>:{html.escape(told)}</i></span>' if dashboard.demo else ""
    about = html.escape(ui.t("What the guide says of this page"))
    guide = chapter(here.url_path, ui.language())
    help_ = f'<a class="help" href="{guide}" target="_blank" aria-label="{about}" title="{about}">?</a>'
    access = ui.t("Reads and answers") if answers else ui.t("Reading only")
    reading = "" if owner else f'<span class="tag blue">{html.escape(access)}</span>'
    return (
        f'<div class="head"><a class="go brand" href="/"><img src="/mark.svg" alt=""><span>{NAME}</span></a>'
        f'<nav aria-label="{html.escape(ui.t("Pages"))}">{links}<details class="menu"><summary{current}>'
        f'{html.escape(ui.t("More"))} <span aria-hidden="true">▾</span></summary><div>'
        f"{more}<hr>{organization}{sign_out}</div></details></nav>"
        f'<span class="aside">{reading}{demo}{help_}</span></div>'
    )


st.html(head())

if dashboard.connection.has_ended:
    st.error(
        ui.t("The connection to Dinero has ended. Connect again under Set-up; nothing is lost."),
        icon=":material/link_off:",
    )
    if owner and page.url_path != "setup":
        st.page_link("setup.py", label=ui.t("Go to the set-up"), icon=":material/arrow_forward:")

page.run()
