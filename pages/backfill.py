"""Older orders: a period from before the take-over, checked first, then let in and transferred with pauses."""

import uuid

import streamlit as st

from dinero.intake.backfill import Backfill
from dinero.model.documents import State
from dinero.model.i18n import Text
from dinero.rules.states import NOT_CHECKED, STRADDLING
from pages import progress, ui
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
store = dashboard.store
CARD = 165  # pixels: two in a row on a phone
MAX_LINKS = 10

CODES = {
    "already_in_dinero": Text("may be in Dinero already"),
    "period_reported": Text("are in a VAT period that was reported"),
    "no_year": Text("have no accounting year in Dinero"),
}


def check() -> None:
    """The period and the check that comes before anything is let in."""
    between = ui.period(
        "older",
        t("Order dates"),
        t("Check the period"),
        icon=":material/fact_check:",
        primary="backfill" not in st.session_state,
    )
    if between is None:
        return
    with st.spinner(t("Reading documents from Dinero …")):
        done = ui.attempt(lambda: st.session_state.update(backfill=dashboard.older.check(between[0], between[1])))
    if done:
        st.rerun()


def draw(plan: Backfill) -> None:
    """The plan with count, sum and time, what stands in the way, and the button that starts it."""
    minutes = max(1, -(-plan.seconds // 60))
    numbers = {
        t("Ready"): ui.number(len(plan.ready)),
        t("Needs you"): ui.number(sum(plan.held.values())),
        t("May be in Dinero"): ui.number(plan.suspects),
        t("Time needed"): t("{n} minute", "{n} minutes", n=minutes),
    }
    with st.container(horizontal=True, gap="small"):
        for name, number in numbers.items():
            st.metric(name, number, border=True, width=CARD)
    for problem in plan.problems:
        st.error(f"{ui.say(problem.text)} {ui.say(problem.fix) if problem.fix else ''}", icon=":material/error:")
    for code, n in plan.held.items():
        if code in CODES:
            st.warning(
                t("{n} order {what}.", "{n} orders {what}.", n=n, what=ui.say(CODES[code])), icon=":material/warning:"
            )
    st.caption(
        t("Orders that need you are held with their reasons once the period is let in; nothing of them is sent.")
    )
    st.caption(
        t(
            "Only the orders of this check are let in. What the shop tells of later is held until the period is "
            "checked again."
        )
    )
    with st.container(horizontal=True):
        label = t(
            "Let the period in and transfer {n} order ({total})",
            "Let the period in and transfer {n} orders ({total})",
            n=len(plan.ready),
            total=plan.total,
        )
        if st.button(label, type="primary", disabled=bool(plan.problems) or not plan.ready, icon=":material/send:"):
            start(plan)
        if st.button(t("Let the period in only"), disabled=bool(plan.problems)):
            dashboard.older.let_in(plan.first, plan.last)
            st.session_state.pop("backfill", None)
            st.rerun()


def start(plan: Backfill) -> None:
    operation_id = st.session_state.setdefault("backfill_operation", str(uuid.uuid4()))
    dashboard.older.let_in(plan.first, plan.last)
    dashboard.transfers.push(operation_id, plan.ready, actor="owner")
    for name in ("backfill", "backfill_operation"):
        st.session_state.pop(name, None)
    st.session_state["watching"] = operation_id
    st.rerun()


def ranges() -> None:
    """The periods that were let in, and what of them was never checked."""
    late = [row.placed_on or "" for row in store.orders.with_reason(State.HELD, NOT_CHECKED.code)]
    for first, last in dashboard.settings.load().backfills:
        if n := sum(first.isoformat() <= day <= last.isoformat() for day in late):
            st.warning(
                t(
                    "{n} order of {first} – {last} is not checked yet, and is held. Check the period again.",
                    "{n} orders of {first} – {last} are not checked yet, and are held. Check the period again.",
                    n=n,
                    first=first,
                    last=last,
                ),
                icon=":material/fact_check:",
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("Let in: {first} – {last}", first=first, last=last))
            if st.button(t("Keep it out again"), key=f"out/{first}/{last}"):
                dashboard.older.keep_out(first, last)
                st.rerun()


def straddling() -> None:
    """Orders from before the take-over that were paid or sent after it, and that nobody has answered for."""
    rules = dashboard.settings.load().rules
    open_ = [
        row
        for row in store.orders.with_reason(State.IGNORED, STRADDLING.key)
        if STRADDLING.answer({**rules, **row.answers}) is None
    ]
    if not open_:
        return
    with st.container(border=True):
        st.markdown(
            t(
                "**{n} order is from before the take-over, but was paid or sent after it.** It is left out here, "
                "as the order's date says. If what you used before was switched off by then, nobody has it: "
                "select the order, and answer.",
                "**{n} orders are from before the take-over, but were paid or sent after it.** They are left out "
                "here, as the orders' dates say. If what you used before was switched off by then, nobody has "
                "them: select an order, and answer, for it or as a rule for all.",
                n=len(open_),
            )
        )
        with st.container(horizontal=True):
            for row in open_[:MAX_LINKS]:
                number = row.number or row.id
                st.page_link(
                    "orders.py",
                    label=t("See order {number}", number=ui.escape(number)),
                    icon=":material/arrow_forward:",
                    query_params={"view": "ignored", "search": number},
                )
        if len(open_) > MAX_LINKS:
            st.caption(t("The first {n} are shown; an answer as a rule counts for all.", n=MAX_LINKS))


st.title(t("Older orders"))
st.markdown(
    t(
        "Orders from before the dashboard took over are left alone. Here you can let a period in, after a check that "
        "Dinero does not have them already from another integration or by hand."
    )
)
if dashboard.settings.load().missing():
    st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
else:
    if watching := st.session_state.get("watching") or store.operations.unfinished():
        progress.watch(watching)
    straddling()
    check()
    if (found := st.session_state.get("backfill")) is not None:
        draw(found)
    ranges()
