"""Older orders, a part of Opsætning: a period from before the take-over, checked first, then included and transferred
with pauses."""

import uuid
from html import escape

import streamlit as st

from dinero.intake.backfill import Backfill
from dinero.model.documents import State
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.rules.states import NOT_CHECKED, STRADDLING
from pages import controls, drawn, ui
from pages.ui import t

dashboard = ui.dashboard
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
        done = ui.attempt(lambda: st.session_state.update(backfill=dashboard().older.check(between[0], between[1])))
    if done:
        st.rerun()


def draw(plan: Backfill) -> None:
    """The plan in a sentence, what stands in the way, and the button that starts it."""
    held, ready = sum(plan.held.values()), len(plan.ready)
    if not ready and not held:
        st.info(t("There is no order in this period that is not here already."), icon=":material/inbox:")
        return
    st.markdown(f"**{summary(plan)}**")
    for problem in plan.problems:
        st.error(f"{ui.say(problem.text)} {ui.say(problem.fix) if problem.fix else ''}", icon=":material/error:")
    for code, n in plan.held.items():
        if code in CODES:
            st.warning(
                t("{n} order {what}.", "{n} orders {what}.", n=n, what=ui.say(CODES[code])), icon=":material/warning:"
            )
    if held:
        st.caption(
            t("Orders that need you are held with their reasons once the period is included; nothing of them is sent.")
        )
    st.caption(
        t(
            "Only the orders of this check are included. What the webshop tells of later is held until the period is "
            "checked again."
        )
    )
    with st.container(horizontal=True):
        label = t(
            "Include the period and transfer {n} order ({total})",
            "Include the period and transfer {n} orders ({total})",
            n=ready,
            total=plan.total,
        )
        if ready and st.button(label, type="primary", disabled=bool(plan.problems), icon=":material/send:"):
            start(plan)
        if st.button(t("Include the period without transferring"), disabled=bool(plan.problems)):
            dashboard().older.let_in(plan.first, plan.last)
            st.session_state.pop("backfill", None)
            controls.saved(t("The period is included."))


def summary(plan: Backfill) -> str:
    """What of the period is ready, what needs the owner, and how long it takes."""
    told = []
    if plan.ready:
        minutes = max(1, -(-plan.seconds // 60))
        told = [
            t("{n} order is ready ({total}).", "{n} orders are ready ({total}).", n=len(plan.ready), total=plan.total),
            t("It takes about {n} minute.", "It takes about {n} minutes.", n=minutes),
        ]
    if held := sum(plan.held.values()):
        told.append(t("{n} order needs you.", "{n} orders need you.", n=held))
    if plan.suspects:
        told.append(t("{n} may be in Dinero already.", "{n} may be in Dinero already.", n=plan.suspects))
    return " ".join(told)


def start(plan: Backfill) -> None:
    operation_id = st.session_state.setdefault("backfill_operation", str(uuid.uuid4()))
    dashboard().older.let_in(plan.first, plan.last)
    dashboard().transfers.push(operation_id, plan.ready, actor="owner")
    for name in ("backfill", "backfill_operation"):
        st.session_state.pop(name, None)
    st.session_state["watching"] = operation_id
    st.switch_page("orders.py")


def ranges(chosen: Settings) -> None:
    """The periods that were let in, and what of them was never checked."""
    late = [row.placed_on or "" for row in dashboard().store.orders.with_reason(State.HELD, NOT_CHECKED.code)]
    for first, last in chosen.backfills:
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
            st.markdown(t("Included: {first} – {last}", first=first, last=last))
            if st.button(t("Leave it out again"), key=f"out/{first}/{last}"):
                dashboard().older.keep_out(first, last)
                st.rerun()


def straddling(chosen: Settings) -> None:
    """Orders from before the take-over that were paid or sent after it, and that nobody has answered for."""
    open_ = [
        row
        for row in dashboard().store.orders.with_reason(State.IGNORED, STRADDLING.key)
        if STRADDLING.answer({**chosen.rules, **row.answers}) is None
    ]
    if not open_:
        return
    with st.container(border=True):
        st.markdown(
            t(
                "**{n} order is from before the start date, but was paid or sent after it.** It is left out here, "
                "as the order's date says. If what you used before was switched off by then, nobody has it: "
                "select the order, and answer.",
                "**{n} orders are from before the start date, but were paid or sent after it.** They are left out "
                "here, as the orders' dates say. If what you used before was switched off by then, nobody has "
                "them: select an order, and answer, for it or as a rule for all.",
                n=len(open_),
            )
        )
        with st.container(horizontal=True):
            links = (
                drawn.link(
                    drawn.to("/orders", view="ignored", order=row.key.address),
                    t("See order {number}", number=row.number or row.id),
                )
                for row in open_[:MAX_LINKS]
            )
            st.html(" · ".join(links))
        if len(open_) > MAX_LINKS:
            st.caption(t("The first {n} are shown; an answer as a rule counts for all.", n=MAX_LINKS))


def part(chosen: Settings, *, opened: bool) -> None:
    """The part of Opsætning: the periods that are included, and, when it is opened, the check of another one."""
    controls.part_head(t("Older orders"), "" if opened else "older", tab="books", label=t("Include a period"))
    if not opened:
        said = [t("Included: {first} – {last}", first=first, last=last) for first, last in chosen.backfills]
        st.html("".join(f"<p>{escape(text)}</p>" for text in said or [t("Orders from before the start are left out.")]))
        return
    st.markdown(
        t(
            "Orders from before the start date are not touched. Here you can include a period, after a check that "
            "Dinero does not have them already from another integration or by hand."
        )
    )
    if chosen.missing():
        return
    straddling(chosen)
    check()
    if (found := st.session_state.get("backfill")) is not None:
        draw(found)
    ranges(chosen)
