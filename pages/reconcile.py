"""Afstemning: every order of a period beside every document in Dinero, the totals, and the live numbers of the
promise. The accountant gets it as PDF or CSV."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dinero.model.clock import copenhagen_date
from dinero.model.i18n import show
from dinero.model.zones import ZONE_NAMES, Zone
from dinero.reports.export import consultations_csv, kind_name, reconciliation_csv, reconciliation_pdf, status_name
from dinero.reports.reconcile import ACTIONS, EQUAL, NAMES, PROBLEMS, Reconciliation, made_at
from pages import ui
from pages.ui import t

dashboard = ui.dashboard()
store = dashboard.store
CARD = 165  # pixels: two in a row on a phone
MAX_PROBLEMS = 20  # shown one by one
# A status is told by sign and word; those of orders without a document have their state's.
SIGNS = {EQUAL: "✓", **dict.fromkeys(PROBLEMS, "✕")}


def sign(status: str) -> str:
    return SIGNS.get(status) or ui.sign(status)


def choose_period() -> None:
    """The period, and the button that compares it."""
    today = copenhagen_date(dashboard.clock.now())
    first = today.replace(day=1)
    between = ui.period("period", t("Period"), t("Compare with Dinero"), icon=":material/rule:", value=(first, today))
    if between is None:
        return
    with st.spinner(t("Reading documents from Dinero …")):
        done = ui.attempt(lambda: dashboard.proof.reconcile(between[0], between[1]))
    if done:
        st.rerun()


def promise(result: Reconciliation) -> None:
    """The promise as live numbers, and how many rows are what."""
    numbers = {
        t("Booked twice"): result.doubled,
        t("Forgotten"): result.left_out,
        t("In both and equal"): result.counts[EQUAL],
        t("To look at"): result.problems,
    }
    with st.container(horizontal=True, gap="small"):
        for name, n in numbers.items():
            st.metric(name, ui.number(n), border=True, width=CARD)
    days = [show(date.fromisoformat(day), ui.language()) for day in (result.first, result.last)]
    when = show(made_at(result), ui.language())
    st.caption(
        t(
            "Compared {when} with {n} call to Dinero: {first} – {last}.",
            "Compared {when} with {n} calls to Dinero: {first} – {last}.",
            first=days[0],
            last=days[1],
            when=when,
            n=result.calls,
        )
    )
    if result.fine:
        st.success(t("No order is booked twice, and none is forgotten."), icon=":material/verified:")
    else:
        st.error(t("Some rows need a look. They come first below, each with what to do."), icon=":material/error:")


def problems(result: Reconciliation) -> None:
    """What is not as it should be, one by one: why, and what to do."""
    n = result.problems
    language, invoices = ui.language(), dashboard.connection.invoice_pages()
    for row in dashboard.proof.entries(PROBLEMS, limit=MAX_PROBLEMS, offset=0) if n else ():
        with st.container(border=True, gap="xsmall"):
            what = [t("Order") + f" {row.number}" if row.number else "", row.customer, ui.day(row.day)]
            st.markdown(
                f":red[:material/error:] **{status_name(row, language)}** · "
                + ui.escape(" · ".join(part for part in what if part))
            )
            sums = {t("Here"): row.ours, t("In Dinero"): row.theirs}
            told = [f"{name} {ui.amount(ore, row.currency)}" for name, ore in sums.items() if ore is not None]
            st.markdown(ui.escape(" ".join([*(ui.say(text) for text in row.texts), f"({', '.join(told)})"])))
            st.markdown(f"**{t('What to do')}:** {ui.escape(ui.say(ACTIONS[row.status]))}")
            with st.container(horizontal=True):
                if row.guid:
                    st.link_button(t("See it in Dinero"), invoices + row.guid, icon=":material/open_in_new:")
                if row.order_id:
                    st.page_link(
                        "history.py",
                        label=t("What happened"),
                        icon=":material/history:",
                        query_params={"order": row.order_id},
                    )
    if n > MAX_PROBLEMS:
        st.caption(t("The first {n} are shown; the table below has all of them.", n=MAX_PROBLEMS))


def totals(result: Reconciliation) -> None:
    """The sums by VAT zone and by booking account, and the count of each state."""
    zones, accounts, states = st.columns([3, 2, 2])
    with zones:
        names = [t("Net"), t("VAT"), t("Total")]
        rows = [[ui.say(ZONE_NAMES[Zone(total.name)]), total.net, total.vat, total.gross] for total in result.zones]
        total_table(t("By VAT zone"), [t("VAT zone"), *names], rows, [total.currency for total in result.zones])
    with accounts:
        rows = [[total.name, total.gross] for total in result.accounts]
        total_table(
            t("By booking account"),
            [t("Booking account"), t("Registered")],
            rows,
            [total.currency for total in result.accounts],
        )
    with states:
        st.subheader(t("Count"))
        rows = [[ui.say(NAMES[status]), n] for status, n in result.counts.most_common() if status in NAMES]
        ui.whole_table(pd.DataFrame(rows, columns=[t("Status"), t("Count")]), {t("Count"): ui.number})


def total_table(title: str, columns: list[str], rows: list[list[Any]], currencies: list[str]) -> None:
    """One table of sums: a name, then amounts."""
    st.subheader(title)
    if rows:
        formats = dict.fromkeys(columns[1:], ui.amount)
        ui.whole_table(pd.DataFrame(rows, columns=columns), formats, currencies=currencies)
    else:
        st.caption(t("Nothing of the period is booked in Dinero."))


def rows_of(result: Reconciliation) -> None:
    """The rows side by side, problems first, each with its action."""
    counts = result.counts
    statuses = [status for status in NAMES if counts[status]]
    wanted = st.multiselect(
        t("Show"),
        statuses,
        format_func=lambda name: ui.say(NAMES[name]),
        placeholder=t("All"),
        key="status",
        bind="query-params",
    )
    found = sum(n for status, n in counts.items() if not wanted or status in wanted)
    page = ui.page_of(found, f"reconciliation/{result.first}/{result.last}/{wanted}")
    shown = dashboard.proof.entries(wanted, limit=ui.PAGE_SIZE, offset=(page - 1) * ui.PAGE_SIZE)
    if not shown:
        st.info(t("There are no orders here."), icon=":material/inbox:")
        return
    language, invoices = ui.language(), dashboard.connection.invoice_pages()
    frame = pd.DataFrame(
        {
            t("Status"): [f"{sign(row.status)} {status_name(row, language)}" for row in shown],
            t("Order"): [row.number for row in shown],
            t("Customer"): [row.customer for row in shown],
            t("Date"): [row.day for row in shown],
            t("Here"): ui.amounts(row.ours for row in shown),
            t("In Dinero"): ui.amounts(row.theirs for row in shown),
            t("Kind"): [ui.say(kind_name(row)) for row in shown],
            t("Invoice"): [row.invoice_number for row in shown],
            t("Reason"): [" ".join(ui.say(text) for text in row.texts) for row in shown],
            t("What to do"): [ui.say(ACTIONS[row.status]) if row.status in ACTIONS else "" for row in shown],
            t("In Dinero's pages"): [invoices + row.guid if row.guid else None for row in shown],
            t("History"): [f"/history?order={row.order_id}" if row.order_id else None for row in shown],
        }
    )
    ui.table(
        frame,
        {t("Date"): ui.day, t("Here"): ui.amount, t("In Dinero"): ui.amount},
        currencies=[row.currency for row in shown],
        height=min(38 + 35 * len(shown), 560),
        alt=t("Reconciliation"),
        column_config={
            t("Here"): st.column_config.Column(width=105),
            t("In Dinero"): st.column_config.Column(width=105),
            t("In Dinero's pages"): st.column_config.LinkColumn(display_text=t("See")),
            t("History"): st.column_config.LinkColumn(display_text=t("See")),
            t("Reason"): st.column_config.TextColumn(width="large"),
            t("What to do"): st.column_config.TextColumn(width="medium"),
        },
    )
    ui.link_note()


# On paper: the numbers, problems and totals. What can only be pressed is left out, and the long table, of which a
# screen draws a part; the PDF has all of it.
PRINT = """<style>@media print {
  header, [data-testid=stForm], [data-testid=stToolbar], [data-testid=stLinkButton], [data-testid=stPageLink],
  .st-key-files, .st-key-rows { display: none }
  [data-testid=stMain], [data-testid=stAppViewContainer] { overflow: visible; position: static }
}</style>"""


def whole(result: Reconciliation) -> Reconciliation:
    """The result with all of its rows, read when a file is asked for."""
    return dashboard.proof.whole() or result


def save(result: Reconciliation) -> None:
    """The result as PDF and CSV for the accountant."""
    language, organization = ui.language(), dashboard.settings.load().organization_name
    name = f"afstemning-{result.first}-{result.last}"
    st.caption(t("The page can be printed: numbers, problems and totals. The PDF holds every row."))
    with st.container(horizontal=True):
        st.download_button(
            t("Save as PDF"),
            lambda: reconciliation_pdf(whole(result), organization, language),
            f"{name}.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
        )
        st.download_button(
            t("Save as CSV"),
            lambda: reconciliation_csv(whole(result), language),
            f"{name}.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        if asked := store.consultations.between(result.first, result.last):
            st.download_button(
                t("Save the answers of VIES as CSV"),
                lambda: consultations_csv(asked, language),
                f"vies-{result.first}-{result.last}.csv",
                "text/csv",
                icon=":material/verified:",
                on_click="ignore",
            )


st.html(PRINT)
st.title(t("Reconciliation"))
st.markdown(t("Every order of a period beside every invoice and credit note in Dinero that was made from here."))
if dashboard.settings.load().missing():
    st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
else:
    choose_period()
    if (found := dashboard.proof.last()) is not None:
        promise(found)
        problems(found)
        with st.container(key="files"):
            save(found)
        totals(found)
        with st.container(key="rows"):
            rows_of(found)
    else:
        st.info(t("Nothing was compared yet. Choose a period."), icon=":material/rule:")
