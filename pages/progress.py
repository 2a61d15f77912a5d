"""The progress of a push or a correction, an order at a time. The work runs in the library; this only looks."""

import pandas as pd
import streamlit as st

from dinero.model.documents import Operation, OperationOrder
from dinero.model.money import DKK
from pages import ui
from pages.ui import t

dashboard = ui.dashboard
SHOWN_RESULTS = 500


def watch(operation_id: str) -> bool:
    """The progress of a push, an order at a time; whether it still runs. The work is the library's; this only looks."""
    operation = dashboard().store.operations.get(operation_id)
    if operation is None:
        st.session_state.pop("watching", None)
        return False
    running = operation.status in ("waiting", "running")

    @st.fragment(run_every=1.0 if running else None)
    def look() -> None:
        now = dashboard().store.operations.get(operation_id) or operation
        rows = dashboard().store.operations.orders_of(operation_id)
        finished = [row for row in rows if row.result]
        steps = sum(STEP_SHARE.get(row.step or "", 0.0) if not row.result else 1.0 for row in rows)
        with st.container(border=True):
            if now.status in ("waiting", "running"):
                text = t("{done} of {n} orders transferred", done=len(finished), n=len(rows))
                st.progress(min(steps / max(len(rows), 1), 1.0), f"{text}{remaining(operation_id)}")
                if now.action == "push" and len(rows) > 1 and st.button(t("Pause"), icon=":material/pause:"):
                    dashboard().transfers.pause(operation_id)
                    st.rerun()
            elif now.status == "paused":
                st.warning(
                    t(
                        "Paused: {done} of {n} orders transferred. What was begun is brought to its end.",
                        done=len(finished),
                        n=len(rows),
                    ),
                    icon=":material/pause_circle:",
                )
                if st.button(t("Go on"), type="primary", icon=":material/play_arrow:"):
                    dashboard().transfers.resume(operation_id)
                    st.rerun()
            else:
                if running:
                    st.rerun()
                summary(now, rows)
            draw_results(rows)
            if len(rows) > SHOWN_RESULTS:
                st.caption(t("The first {n} are shown; History has all of them.", n=SHOWN_RESULTS))

    look()
    return running


STEP_SHARE = {"claimed": 0.1, "drafted": 0.35, "verified": 0.4, "booked": 0.7, "done": 1.0}


def remaining(operation_id: str) -> str:
    """How long it will take."""
    now = dashboard().transfers.progress(operation_id)
    seconds = now.seconds_left if now is not None else None
    if seconds is None:
        return ""
    left = (
        t("{n} minute", "{n} minutes", n=-(-seconds // 60))
        if seconds > 90
        else t("{n} second", "{n} seconds", n=seconds)
    )
    return t(" · about {left} left", left=left)


def summary(operation: Operation, rows: list[OperationOrder]) -> None:
    booked, paid = sum(row.booked for row in rows), sum(row.paid for row in rows)
    credited = sum(row.credited for row in rows)
    done = sum(row.result in ("done", "credited") and not row.result_reasons for row in rows)
    told = [
        t("{done} of {n} order is done.", "{done} of {n} orders are done.", done=done, n=len(rows)),
        t("Invoices booked: {booked}.", booked=booked) if booked else "",
        t("Credit notes booked: {credited}.", credited=credited) if credited else "",
        t("Sales registered: {paid}.", paid=paid) if paid else "",
    ]
    text = " ".join(part for part in told if part)
    if operation.status == "stopped":
        st.error(f"{ui.reasons(operation.reasons)} {text}", icon=":material/pan_tool:")
    elif done == len(rows):
        st.success(text, icon=":material/check_circle:")
    else:
        st.warning(text, icon=":material/info:")
    if st.button(t("Close"), key="close"):
        st.session_state.pop("watching", None)
        st.rerun()


def draw_results(rows: list[OperationOrder]) -> None:
    """The orders one by one, those with a reason first."""
    rows = sorted(rows, key=lambda row: not row.result_reasons)[:SHOWN_RESULTS]
    why = [ui.reasons(row.result_reasons if row.result else row.reasons) for row in rows]
    frame = pd.DataFrame(
        {
            t("Number"): [row.number for row in rows],
            t("Customer"): [row.customer for row in rows],
            t("Amount"): ui.amounts(row.total_ore for row in rows),
            t("State"): [ui.state_cell(row.result or row.state) for row in rows],
            t("Invoice"): [row.invoice_number or "" for row in rows],
        }
        | ({t("Reason"): why} if any(why) else {})
    )
    ui.table(
        frame,
        {t("Amount"): ui.amount},
        currencies=[row.currency or DKK for row in rows],
        height=min(38 + 35 * len(frame), 400),
        alt=t("Results"),
    )
