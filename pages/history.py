"""History: what happened to every order, as a chart, as a table, and step by step for one order."""

from datetime import timedelta

import altair as alt
import pandas as pd
import streamlit as st

from dinero.model.clock import copenhagen_date, midnight, utc_text
from dinero.model.documents import PastEvent
from dinero.model.i18n import Text
from dinero.signin.sessions import OWNER
from pages import details, ui
from pages.ui import t

dashboard = ui.dashboard()
store = dashboard.store
MAX_PAGES = 1_000_000

EVENTS = {
    "done": Text("Transferred"),
    "booked": Text("Booked"),
    "refused": Text("Refused"),
    "unsure": Text("Unsure"),
    "credited": Text("Credited"),
    "changed": Text("Changed in the shop"),
    "change accepted": Text("Change left as it is"),
    "accepted": Text("Taken over as it is in Dinero"),
    "correction started": Text("Correction started"),
    "answered": Text("Question answered"),
    "left out": Text("Left out or taken in again"),
    "reconciled": Text("Reconciled"),
    "drafted": Text("Draft made"),
    "verified": Text("Draft compared"),
    "claimed": Text("Begun"),
    "customer created": Text("Customer created"),
    "customer found": Text("Customer found"),
    "looked": Text("Looked in Dinero"),
    "note": Text("To know"),
    "state": Text("New state"),
    "fetched": Text("Orders fetched"),
    "push started": Text("Transfer started"),
    "push stopped": Text("Transfer stopped"),
    "settings": Text("Settings changed"),
    "connected": Text("Connected"),
    "disconnected": Text("Disconnected"),
    "connection lost": Text("Connection lost"),
    "account created": Text("Account created"),
    "alarm": Text("Alarm"),
    "customer forgotten": Text("Customer forgotten"),
    "restored": Text("Backup restored"),
}


def chart() -> None:
    """Transfers a day: a day without any is a gap that can be seen."""
    periods = {30: t("30 days"), 90: t("90 days"), 365: t("One year")}
    days = st.segmented_control(t("Period"), list(periods), format_func=periods.__getitem__, default=30, required=True)
    today = copenhagen_date(dashboard.clock.now())
    first = today - timedelta(days=(days or 30) - 1)
    rows = [row for row in store.sums.transfers_by_day(first.isoformat(), today.isoformat()) if row.currency == "DKK"]
    if not rows:
        st.info(t("Nothing was transferred in this period."), icon=":material/bar_chart:")
        return
    found = {row.day: row for row in rows}
    every_day = [(first + timedelta(days=n)).isoformat() for n in range(days or 30)]
    sums = pd.DataFrame(
        {
            "sum": [found[day].ore if day in found else 0 for day in every_day],
            "count": [found[day].n if day in found else 0 for day in every_day],
        },
        index=every_day,
    )
    drawn = pd.DataFrame(
        {
            "day": every_day,
            "kroner": sums["sum"] / 100,
            "orders": sums["count"],
            "amount": [ui.amount(ore) for ore in sums["sum"]],
        }
    )
    bars = (
        alt.Chart(drawn)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format=ui.day_format("%b"), labelOverlap=True)),
            y=alt.Y("kroner:Q", title=t("Transferred a day, kr."), axis=alt.Axis(format=",.0f", tickMinStep=1)),
            tooltip=[
                alt.Tooltip("day:T", title=t("Date"), format=ui.day_format("%B %Y")),
                alt.Tooltip("orders:Q", title=t("Orders")),
                alt.Tooltip("amount:N", title=t("Amount")),
            ],
        )
        .properties(height=240)
    )
    st.altair_chart(bars, alt=t("Transferred a day, kr."))
    n, ore = int(sums["count"].sum()), int(sums["sum"].sum())
    st.caption(t("{n} order, {total} in all", "{n} orders, {total} in all", n=n, total=ui.amount(ore)))


def trace(order_id: str) -> None:
    """One order's way, step by step, oldest first."""
    row = next((row for row in store.orders.find(order_id) if row.id == order_id), None)
    if row is None:
        st.error(t("This order is not known here."))
        return
    with st.container(border=True):
        total = ui.amount(row.total_ore, row.currency)
        st.subheader(ui.escape(f"{t('Order')} {row.number or row.id} · {row.customer} · {total}"))
        st.markdown(f"{ui.state_mark(row.state)} {ui.escape(ui.reasons(row.reasons))}")
        for step in store.history.list(order=row.key, oldest_first=True, limit=-1):
            if step.text or step.state:
                draw_step(step)
        with st.container(horizontal=True, vertical_alignment="center"):
            linked = details.document_links(row)
            if ui.role() == OWNER:
                raw = {"id": row.id}
                st.page_link("raw.py", label=t("Raw order"), icon=":material/data_object:", query_params=raw)
            if st.button(t("Close")):
                del st.query_params["order"]
                st.rerun()
        if linked:
            ui.link_note()


def told(step: PastEvent) -> str:
    """What an event says. An answer was stored in English, and is said in the owner's language."""
    text = step.text
    if text is None:
        return ""
    answer = text.values.get("answer") if step.event == "answered" else None
    if not isinstance(answer, str) or "{" in answer or "}" in answer:
        return ui.say(text)
    return ui.say(Text(answer))


def draw_step(step: PastEvent) -> None:
    name = ui.say(EVENTS[step.event]) if step.event in EVENTS else step.event
    mark = f" {ui.state_mark(step.state)}" if step.event == "state" and step.state else ""
    text = f" — {ui.escape(told(step))}" if step.text else ""
    st.markdown(f"`{ui.moment(step.at)}` **{name}**{mark}{text}")


def page_of(listed: str) -> int:
    """The page that the address names; another filter (`listed`) begins at the first. The events are not counted:
    there are ten for each order."""
    if st.session_state.setdefault("listed", listed) != listed:
        st.session_state["listed"] = listed
        st.query_params.pop("page", None)
    asked = st.query_params.get("page", "")
    return min(int(asked), MAX_PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 9 and int(asked) else 1


def events() -> None:
    """The history as a table with filters, newest first."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            t("Search for number, customer, e-mail, amount or invoice"), key="find", bind="query-params"
        ).strip()
        wanted = st.multiselect(
            t("Events"),
            list(EVENTS),
            format_func=lambda name: ui.say(EVENTS[name]),
            placeholder=t("All"),
            key="events",
            bind="query-params",
        )
        between = st.date_input(t("Dates"), value=[], format="DD-MM-YYYY", key="dates", bind="query-params")
    days = between if isinstance(between, tuple) else ()
    since = utc_text(midnight(days[0])) if days else ""
    until = utc_text(midnight(days[1] + timedelta(days=1))) if len(days) == 2 else ""
    page = page_of(f"history/{search}/{wanted}/{since}/{until}")
    rows = store.history.list(
        search=search, events=wanted, since=since, until=until, limit=ui.PAGE_SIZE + 1, offset=(page - 1) * ui.PAGE_SIZE
    )
    shown = rows[: ui.PAGE_SIZE]
    if not shown:
        filtered = bool(search or wanted or since or until)
        text = t("Nothing fits the filters.") if filtered else t("Nothing has happened yet.")
        st.info(text, icon=":material/search_off:" if filtered else ":material/inbox:")
    else:
        frame = pd.DataFrame(
            {
                t("Time"): [row.at for row in shown],
                t("Order"): [row.number or "" for row in shown],
                t("Customer"): [row.customer or "" for row in shown],
                t("Event"): [ui.say(EVENTS[row.event]) if row.event in EVENTS else row.event for row in shown],
                t("Text"): [told(row) or ui.state(row.state) for row in shown],
                t("Invoice"): [row.invoice_number or "" for row in shown],
            }
        )
        key = f"history/{shown[0].id}/{len(shown)}/{page}/{search}"

        def show_order() -> None:
            """Names the picked order in the address, before the page is drawn anew."""
            for position in st.session_state[key].selection.rows:
                if order := shown[position].order:
                    st.query_params["order"] = order.id

        ui.table(
            frame,
            {t("Time"): ui.moment},
            on_select=show_order,
            selection_mode="single-row",
            key=key,
            alt=t("History"),
            column_config={t("Text"): st.column_config.TextColumn(width="large")},
        )
        st.caption(t("Select a row to see the order's way step by step."))
    with st.container(horizontal=True):
        if page > 1 and st.button(t("Newer"), icon=":material/chevron_left:"):
            st.query_params["page"] = str(page - 1)
            st.rerun()
        if len(rows) > ui.PAGE_SIZE and st.button(t("Older"), icon=":material/chevron_right:"):
            st.query_params["page"] = str(page + 1)
            st.rerun()


st.title(t("History"))
if "order" in st.query_params:
    trace(st.query_params["order"])
chart()
events()
