"""Orders: what waits, why the others don't, and the one button that transfers the selected ones."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dinero.model.documents import CHANGED, PUSHABLE, StoredOrder
from dinero.model.errors import DashboardError
from dinero.reports.overview import GROUPS, OPEN, OWNER
from pages import details, paper, progress, ui
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
store = dashboard.store
chosen = dashboard.settings.load()
MAX_SELECTED = 2000
HEIGHT = 545  # pixels: half a row shows that there are more
DAYS = ("done_from", "done_to")

VIEWS = {
    "waiting": (t("Waiting"), GROUPS["waiting"]),
    "owner": (t("Needs you"), OWNER),
    "not due": (t("Not due yet"), GROUPS["not due"]),
    "done": (t("Transferred"), GROUPS["done"]),
    "ignored": (t("Left out"), GROUPS["ignored"]),
    "all": (t("All"), ()),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many orders each view holds, and what those that are not at their end come to."""

    orders: dict[str, int]
    sums: dict[str, str]


def count() -> Counts:
    """The promise as live numbers: every order that was read has one state, and so its place in one of the views."""
    found = store.sums.by_state(OPEN)
    rows = {group: [row for row in found if row.state in states] for group, states in GROUPS.items()}
    orders = {group: sum(row.n for row in part) for group, part in rows.items()}
    total = store.orders.count()
    orders |= {"done": total - sum(orders.values()), "owner": store.orders.count(states=OWNER), "all": total}
    sums = {
        group: " + ".join(ui.amount(ore, currency) for currency, ore in ui.by_currency(part).items())
        for group, part in rows.items()
    }
    return Counts(orders, sums)


def changed_orders() -> None:
    if changed := store.orders.count(states=(CHANGED,)):
        st.warning(
            t(
                "{n} order was changed in the shop after it was booked. It is under “Needs you”.",
                "{n} orders were changed in the shop after they were booked. They are under “Needs you”.",
                n=changed,
            ),
            icon=":material/published_with_changes:",
        )


def fetch() -> None:
    with st.spinner(t("Reading orders from the shop …")):
        try:
            fetched = dashboard.orders.fetch()
        except DashboardError as error:
            st.error(ui.say(error.text), icon=":material/error:")
            return
    st.toast(t("{new} new and {changed} changed orders.", new=fetched.new, changed=fetched.changed))
    st.rerun()


def transferred_days() -> tuple[str, str] | None:
    """The days of transfer that the address names (a number of the overview leads here), shown with a way out."""
    first, last = (st.query_params.get(name, "") for name in DAYS)
    try:
        days = ui.day(first), ui.day(last)
    except ValueError:
        return None
    if not (first and last):
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("Transferred from {first} to {last}", first=days[0], last=days[1]))
        if st.button(t("All days"), icon=":material/close:", key="all_days"):
            for name in DAYS:
                del st.query_params[name]
            st.rerun()
    return first, last


def choose_view(counts: Counts) -> str:
    """The view, with the number of its orders. The address holds the view's own name, whatever the language; the
    widget begins anew with each."""
    asked = st.query_params.get("view", "")
    shown = asked if asked in VIEWS else "waiting"
    view = st.segmented_control(
        t("Show"),
        list(VIEWS),
        format_func=lambda name: f"{VIEWS[name][0]} · {ui.number(counts.orders[name])}",
        default=shown,
        required=True,
        key=f"view/{shown}",
        label_visibility="collapsed",
        wrap=True,
    )
    if view and view != shown:
        for name in set(DAYS) & set(st.query_params):  # they belong to what was transferred
            del st.query_params[name]
        st.query_params["view"] = view
        st.rerun()
    return shown


def empty(view: str, search: str, *, filtered: bool) -> None:
    """A list without orders says why, and what comes next."""
    elsewhere = store.orders.count(search=search) if search else 0
    if elsewhere:
        st.info(
            t(
                "No order under “{view}” fits the search, but {n} elsewhere does.",
                "No order under “{view}” fits the search, but {n} elsewhere do.",
                view=VIEWS[view][0],
                n=elsewhere,
            ),
            icon=":material/search_off:",
        )
        if st.button(t("Search in all orders"), icon=":material/search:"):
            st.query_params["view"] = "all"
            st.rerun()
    elif filtered:
        st.info(t("No order fits the search."), icon=":material/search_off:")
    elif not store.sums.has_orders():
        st.info(t("No orders have been fetched from the shop yet."), icon=":material/inbox:")
    elif view == "waiting":
        st.success(t("No order waits for its transfer."), icon=":material/check_circle:")
    elif view == "owner":
        st.success(t("No order needs you."), icon=":material/check_circle:")
    else:
        st.info(t("There are no orders here."), icon=":material/inbox:")


def select_orders() -> list[StoredOrder]:
    """Draws the filters and the table, and returns the rows that are selected, read anew from the store."""
    counts = count()
    view = choose_view(counts)
    search = st.text_input(
        t("Search for number, customer, e-mail, amount or invoice"),
        key="search",
        bind="query-params",
        placeholder=t("Search for number, customer, e-mail, amount or invoice"),
        label_visibility="collapsed",
        icon=":material/search:",
    ).strip()
    done_on = transferred_days() if view == "done" else None
    # What was transferred in some days and taken back since is not in the sums of those days.
    states = ("done",) if done_on else VIEWS[view][1]
    filtered = bool(search or done_on)
    found = store.orders.count(states=states, search=search, done_on=done_on) if filtered else counts.orders[view]
    listed = [t("{n} order", "{n} orders", n=found), "" if filtered else counts.sums.get(view, "")]
    read = t(
        "{n} order was read from the shop, and each has exactly one state.",
        "{n} orders were read from the shop, and each has exactly one state.",
        n=counts.orders["all"],
    )
    st.caption(f"**{', '.join(part for part in listed if part)}** · {read}")
    version = st.session_state.setdefault("table_version", 0)
    page = ui.page_of(found, f"orders/{view}/{search}/{done_on}")
    rows = store.orders.list(
        states=states, search=search, done_on=done_on, limit=ui.PAGE_SIZE, offset=(page - 1) * ui.PAGE_SIZE
    )
    if not rows:
        empty(view, search, filtered=filtered)
        return []
    every = False
    if view == "waiting":
        label = t("Select {n} order", "Select all {n} orders", n=found)
        if found > MAX_SELECTED:
            label = t("Select the newest {n} of {all} orders", n=MAX_SELECTED, all=ui.number(found))
        every = st.checkbox(label, key=f"all/{version}/{search}")
    columns = {
        t("Number"): [row.number for row in rows],
        t("Customer"): [row.customer for row in rows],
        t("Amount"): ui.amounts(row.total_ore for row in rows),
        t("State"): [ui.state_cell(row.state) for row in rows],
        t("Reason"): [ui.row_reasons(row) for row in rows],
        t("Date"): [row.placed_on for row in rows],
        t("Paid"): [bool(row.paid) for row in rows],
        t("Sent"): [bool(row.sent) for row in rows],
        t("Kind"): [t("Credit note") if row.is_credit else "" for row in rows],
        t("Invoice"): [row.invoice_number or "" for row in rows],
    }
    for name in (t("Kind"), t("Reason"), t("Invoice")):
        if not any(columns[name]):
            del columns[name]
    frame = pd.DataFrame(columns)
    # A selection is a position in this frame, so the key names everything that can move the rows: a selection
    # never points at another order (facts.md, Streamlit 1.1 C).
    rows_shown = hash(tuple((row.id, row.state) for row in rows))
    # When all are selected there are no rows to tick, or two selections would contradict each other.
    ticks: dict[str, Any] = {} if every else {"on_select": "rerun", "selection_mode": "multi-row"}
    event = ui.table(
        frame,
        {t("Amount"): ui.amount, t("Date"): ui.day},
        currencies=[row.currency for row in rows],
        key=f"orders/{version}/{view}/{page}/{search}/{rows_shown}/{every}",
        height=min(38 + 35 * len(rows), HEIGHT),
        **ticks,
        alt=t("Orders"),
        column_config={t("Reason"): st.column_config.TextColumn(width="large")},
    )
    if every:
        return store.orders.list(states=states, search=search, done_on=done_on, limit=MAX_SELECTED)
    return [rows[position] for position in event.selection.rows if position < len(rows)]


def preview(rows: list[StoredOrder]) -> None:
    """One order's invoice line by line, made by the function that the transfer uses."""
    credits_only = all(row.is_credit for row in rows)
    title = t("Preview of the credit notes") if credits_only else t("Preview of the invoices")
    with st.expander(title, expanded=len(rows) == 1, icon=":material/visibility:"):
        row = rows[0]
        if len(rows) > 1:
            row = st.selectbox(
                t("Order"),
                rows,
                format_func=lambda r: f"{r.number} · {r.customer} · {ui.amount(r.total_ore, r.currency)}",
            )
        draw_preview(row)


def draw_preview(row: StoredOrder) -> None:
    found = dashboard.orders.previews([row])[0]
    if found.plan is None:
        ui.findings(found.findings)
        return
    paper.draw(found.plan, customer_known=found.customer_known, notes=found.notes)


def payout_of(rows: list[StoredOrder]) -> None:
    """What the bank will receive of a transfer, and the warning against booking on it."""
    payout = dashboard.orders.estimate(rows)
    account = chosen.chart.deposits.get(chosen.booking_account or 0)
    if account is not None and account.is_bank:
        ui.bank_warning(payout)
    elif payout.sold.ore > 0:
        st.caption(
            t("The bank will receive about {received} of {sold}.", received=payout.received, sold=payout.sold)
            + " "
            + ui.payout_note(payout)
        )


def push_button(rows: list[StoredOrder]) -> None:
    """The button with count and sum, and that there is no way back."""
    label = t("Transfer {n} order ({total})", "Transfer {n} orders ({total})", n=len(rows), total=ui.sums(rows))
    progress.push_button(label, rows)
    st.caption(t("What is booked can't be deleted, only credited."))


with st.container(horizontal=True, vertical_alignment="center"):
    st.title(t("Orders"), width="content")
    st.space("stretch")
    calls = t("{calls} of 1,000 calls to Shoporama used in the last 24 hours", calls=dashboard.shop.calls_today())
    fetch_now = st.button(
        t("Fetch orders"), icon=":material/refresh:", disabled=not dashboard.shop.is_connected, help=calls
    )
missing = chosen.missing()
if missing or not dashboard.shop.is_connected:
    st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
    st.page_link("setup.py", label=t("Go to the set-up"), icon=":material/arrow_forward:")
    if not store.sums.has_orders():
        st.stop()
changed_orders()
ui.heartbeat()
if fetch_now:
    fetch()
# The push that was started here, or one that runs (after a reload of the page, or from a command).
if st.session_state.get("watching") or store.operations.unfinished():
    running = progress.at_top()
    # Until it is closed, a short page shows what the button started and what came of it.
    label = t("Show the orders meanwhile") if running else t("Show the orders")
    if "watching" in st.session_state and not st.toggle(label, key="meanwhile"):
        st.stop()
selected = select_orders()
pushable = [row for row in selected if row.state in PUSHABLE]
if pushable:
    preview(pushable)
    payout_of(pushable)
if pushable or len(selected) == 1:
    # In sight, however long the list is.
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        if pushable:
            push_button(pushable)
        if len(selected) == 1:
            name = ui.escape(selected[0].number or selected[0].id)
            st.markdown(f"[:material/arrow_downward: {t('See order {number}', number=name)}](#{details.ANCHOR})")
if len(selected) == 1:
    details.order_details(selected[0])
elif len(pushable) < len(selected):
    st.caption(t("Select one order to see what can be done about it."))
