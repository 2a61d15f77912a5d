"""A transfer or correction while it runs. The work runs in the library; this starts it and looks on."""

import uuid
from collections.abc import Sequence

import streamlit as st

from dinero.intake.fetching import ids
from dinero.model.documents import Action, OperationOrder, Progress, StoredOrder
from dinero.model.errors import DashboardError
from dinero.model.money import DKK
from dinero.model.transfers import TransferProgress
from pages import drawn, transfer_card, ui, which_shop
from pages.ui import t

dashboard = ui.dashboard
EVERY = 2.0  # seconds between two looks
RUNNING = (Progress.WAITING, Progress.RUNNING)
WATCHING = "watching"
TOLD = "started"


def push_button(label: str, rows: Sequence[StoredOrder], *, key: str = "push", primary: bool = True) -> bool:
    """The button that transfers exactly these orders; whether it was pressed. Its id was made when it was drawn and is
    claimed in the store, so that a double click is one push (facts.md, Streamlit 1.1 B)."""
    operation_id = st.session_state.setdefault(f"operation/{key}", str(uuid.uuid4()))
    return st.button(
        label,
        type=ui.kind(primary),
        icon=":material/send:",
        key=key,
        disabled=bool(dashboard().settings.load().missing()),
        on_click=start,
        args=(operation_id, ids(rows), key),
    )


def bank(rows: Sequence[StoredOrder]) -> None:
    """The warning against booking on the bank account, where orders are about to be."""
    chosen = dashboard().settings.load()
    account = chosen.chart.deposits.get(chosen.booking_account or 0)
    if account is not None and account.is_bank:
        ui.bank_warning(dashboard().orders.estimate(rows))


def start(operation_id: str, orders: Sequence[tuple[str, str]], key: str = "push") -> None:
    """Starts a push and follows it; `key` is that of the button whose id is spent. It draws nothing itself: what the
    callback of a button in a dialog draws takes the dialog's place, at which Streamlit's page breaks."""
    try:
        dashboard().transfers.push(operation_id, orders, actor="owner")
    except DashboardError as error:
        st.session_state[TOLD] = ui.say(error.text)
        return
    st.session_state.pop(f"operation/{key}", None)
    follow(operation_id)
    st.session_state[TOLD] = ""


def tell() -> None:
    """Says once what became of the button that was pressed."""
    told = st.session_state.pop(TOLD, None)
    if told:
        st.error(told, icon=":material/error:")
    elif told is not None:
        st.toast(t("The transfer has started."), icon=":material/send:")


def follow(operation_id: str) -> None:
    """Shows this operation at the top of the page, whose selection of orders is spent."""
    st.session_state[WATCHING] = operation_id
    st.session_state["table_version"] = st.session_state.get("table_version", 0) + 1


def at_top() -> bool:
    """The operation that was started here, or one that runs (after a reload, or from a command), drawn where this is
    called: at the top of a page. Returns whether it still runs."""
    tell()
    watched = st.session_state.get(WATCHING) or dashboard().store.operations.unfinished()
    return watch(watched) if watched else False


def watch(operation_id: str) -> bool:
    """The progress of an operation, and its record once it is over; returns whether it still runs."""
    record = dashboard().transfers.record(operation_id)
    if record is None:
        st.session_state.pop(WATCHING, None)
        return False
    if record.is_over:
        transfer_card.draw(record, close=st.session_state.get(WATCHING) == operation_id)
        return False
    drawn_status = record.status

    @st.fragment(run_every=EVERY if drawn_status in RUNNING else None)
    def look() -> None:
        now = _now(operation_id)
        if now is None or (now.status != drawn_status and {now.status, drawn_status} - set(RUNNING)):
            st.rerun()  # over, paused or going on: the page around it changes too
        else:
            draw(now)

    look()
    return drawn_status in RUNNING


def _now(operation_id: str) -> TransferProgress | None:
    """How far it is, read anew only when its token says that something changed: looking on is cheap."""
    kept = st.session_state.get("progress")
    if isinstance(kept, TransferProgress) and kept.id == operation_id:
        token = dashboard().transfers.progress_token(operation_id)
    else:
        kept, token = None, ""
    if kept is not None and kept.token == token:
        return kept
    now = dashboard().transfers.progress(operation_id)
    st.session_state["progress"] = now
    return now


def draw(now: TransferProgress) -> None:
    """The four stages as one bar, the latest orders, and what can be done."""
    paused = now.status is Progress.PAUSED
    with st.container(border=True, key="progress"):
        st.html(f'<div class="progress" aria-live="polite"><h2>{_headline(now)}</h2>{_stages(now)}</div>')
        with st.container(horizontal=True, vertical_alignment="center"):
            told = t("You can close the page. The work goes on, also after a restart.")
            if paused:
                told = t("Paused. What was begun is brought to its end.")
            st.caption(told)
            if paused:
                st.button(
                    t("Go on"),
                    type="primary",
                    icon=":material/play_arrow:",
                    on_click=dashboard().transfers.resume,
                    args=(now.id,),
                )
            elif now.action is Action.PUSH and now.total > 1:
                st.button(t("Pause"), icon=":material/pause:", on_click=dashboard().transfers.pause, args=(now.id,))
        if now.latest:
            titles = which_shop.titles()
            drawn.rows((_row(row, titles.get(row.shop, "")) for row in now.latest), alt=t("The latest orders"))


def _headline(now: TransferProgress) -> str:
    text = t("Transferring {n} order", "Transferring {n} orders", n=now.total)
    if now.action is not Action.PUSH:
        text = t("Correcting what was booked")
    if now.status is Progress.PAUSED:
        text = t("Paused: {done} of {n} orders transferred", done=now.finished, n=now.total)
    seconds = now.seconds_left
    if seconds is None:
        return text
    left = t("about {n} s", n=seconds) if seconds < 60 else t("about {n} min.", n=seconds // 60)
    return f"{text} <small>{left}</small>"


def _stages(now: TransferProgress) -> str:
    """Each stage counts those of the next, too; the bar shows each order once, where it is."""
    reached = [
        (t("Customer"), now.customers, "gray"),
        (t("Draft"), now.drafted, "blue"),
        (t("Booked"), now.booked, "violet"),
        (t("Registered"), now.registered, "green"),
    ]
    beyond = [now.drafted, now.booked, now.registered, 0]
    parts = [drawn.Part(count - more, colour) for (_, count, colour), more in zip(reached, beyond, strict=True)]
    parts = [*reversed(parts), drawn.Part(now.total - now.customers, "pale")]
    words = "".join(f'<span><i class="{colour}"></i>{name} {count}</span>' for name, count, colour in reached)
    alt = t(
        "Of {n} orders: customer {customers}, draft {drafts}, booked {booked}, registered {registered}",
        n=now.total,
        customers=now.customers,
        drafts=now.drafted,
        booked=now.booked,
        registered=now.registered,
    )
    legend = f'<div class="legend">{words}<span>{t("of {n}", n=now.total)}</span></div>'
    return drawn.bar(parts, alt=alt) + legend


def _row(row: OperationOrder, shop: str) -> drawn.Row:
    reasons = ui.reasons(row.result_reasons if row.result else row.reasons)
    return drawn.Row(
        drawn.to("/orders", view="all", order=row.key.address),
        f"{row.number or row.order_id} {row.customer or ''}".strip(),
        amount=ui.amount(row.total_ore, row.currency or DKK),
        state=row.result or row.state or "",
        when=t("Invoice {number}", number=row.invoice_number) if row.invoice_number and not row.is_credit else "",
        note=reasons,
        shop=shop,
    )
