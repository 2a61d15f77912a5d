"""One payout: its arithmetic and picture, what is asked, the posting, its lines with their orders, what happened."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dinero.model.documents import OrderKey
from dinero.model.findings import Finding, Question
from dinero.model.ledger import ItemKind, LedgerItem
from dinero.model.payouts import Movement
from dinero.model.settlements import LINE_STATE_NAMES, SETTLED_LINES, LineState, PayoutState, StoredLine, StoredPayout
from dinero.signin.sessions import OWNER
from pages import drawn, events, payout_drawn, ui, which_shop
from pages.ui import t

PATH = "/payouts"
LISTED = 25
MAY_BOOK = (PayoutState.READY, PayoutState.REFUSED, PayoutState.UNSURE)

dashboard = ui.dashboard


def opened(name: str, *, may_change: bool) -> None:
    """A payout by the row that the address names."""
    view = st.query_params.get("view", "")
    st.html(drawn.link(drawn.to(PATH, view=view), f"‹ {t('Payouts')}"))
    dashboard().payouts.refresh()
    found = dashboard().payouts.get(int(name)) if name.isdecimal() and len(name) < 12 else None
    if found is None:
        st.error(t("This payout is not known here."))
        return
    head(found)
    for finding in found.reasons:
        ui.findings([finding])
        if finding.question is not None and may_change:
            ask(found, finding, finding.question)
    if may_change and (setup := payout_drawn.setup_of(found)):
        st.html(drawn.link(setup, t("Go to the set-up"), "button primary"))
    if may_change:
        answers(found)
        act(found)
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(f'<h2 class="of">{escape(t("From sold to the bank"))}</h2>{payout_drawn.waterfall(found)}')
    with right:
        postings(found)
    lines(found, view, may_change=may_change)
    happened(found)


def head(found: StoredPayout) -> None:
    """Who paid, how much and when, and how far it is."""
    facts = [
        period(found),
        t("account {account} there", account=found.account) if found.account else "",
        t("read {when}", when=ui.moment(found.read_at)) if found.read_at else "",
    ]
    title = f"{payout_drawn.title(found)} · {ui.amount(found.net_ore, found.currency)}"
    st.html(
        f'<div class="orderhead"><h2>{escape(title)}</h2>{payout_drawn.state(found.state)}</div>'
        f"<p>{escape(payout_drawn.arithmetic(found))}</p>"
        f'<p class="quiet">{escape(" · ".join(fact for fact in facts if fact))}</p>'
    )


def period(found: StoredPayout) -> str:
    """The days that a payout is for; "" where its file does not tell them."""
    if not found.first_day or not found.last_day:
        return ""
    if found.first_day == found.last_day:
        return t("for {day}", day=found.first_day)
    return t("for {first} – {last}", first=found.first_day, last=found.last_day)


def ask(found: StoredPayout, finding: Finding, question: Question) -> None:
    """A question with a button for each answer."""
    st.markdown(ui.escape(ui.say(question.explanation)))
    with st.container(horizontal=True, key=f"ask/{finding.code}"):
        for choice in question.choices:
            st.button(
                ui.say(choice.text),
                key=f"answer/{found.id}/{question.key}/{choice.value}",
                on_click=answer,
                args=(found.id, question.key, choice.value),
            )


def answer(number: int, key: str, value: str) -> None:
    """Keeps the answer; the page comes with what follows from it."""
    ui.attempt(lambda: dashboard().payouts.answer(number, key, value))


def answers(found: StoredPayout) -> None:
    """The way to take an answer back, as long as nothing was booked on it."""
    if not found.answers or found.state not in (PayoutState.HELD, PayoutState.READY, PayoutState.LEFT):
        return
    with st.container(horizontal=True, key="answers"):
        for key in found.answers:
            st.button(
                t("Take the answer back"), key=f"back/{found.id}/{key}", on_click=take_answer_back, args=(found.id, key)
            )


def take_answer_back(number: int, key: str) -> None:
    """Forgets an answer; the question is asked anew."""
    ui.attempt(lambda: dashboard().payouts.take_answer_back(number, key))


def act(found: StoredPayout) -> None:
    """The one button of a payout: book it; once it is booked, take it back."""
    if found.state in MAY_BOOK:
        st.button(
            t("Book the payout"),
            type="primary",
            icon=":material/account_balance:",
            key="book",
            on_click=book,
            args=(found.id,),
        )
    elif found.state is PayoutState.BOOKING:
        st.html(f'<p class="running">{escape(t("The payout is being booked."))}</p>')
        watch(found.id)
    elif found.state is PayoutState.BOOKED:
        take_back(found)


def book(number: int) -> None:
    """Asks for the booking; the worker does it."""
    ui.attempt(lambda: dashboard().payouts.book([number], actor="owner"))


@st.fragment(run_every=1.0)
def watch(number: int) -> None:
    """Draws the page anew when the booking has come to its end."""
    now = dashboard().payouts.get(number)
    if now is not None and now.state is not PayoutState.BOOKING:
        st.rerun()


def take_back(found: StoredPayout) -> None:
    """A counter item, shown before it is asked for."""
    inside = st.expander(t("Take the posting back"), icon=":material/undo:", on_change="rerun", key="take_back")
    if not inside.open:
        return
    with inside:
        plan = dashboard().payouts.undo_plan(found.id)
        if plan is None:
            st.markdown(t("There is nothing to take back."))
            return
        told = t("A booked voucher can't be deleted: a counter item with the same lines takes it back.")
        st.html(payout_drawn.posting(plan, booked=False, sentences=[told]))
        with st.form("undo", border=False):
            reason = st.text_input(t("Why?"))
            if st.form_submit_button(t("Take the posting back")):
                if not reason.strip():
                    st.error(t("Say why: it stays in the history."))
                elif ui.attempt(lambda: dashboard().payouts.undo(found.id, reason=reason.strip(), actor="owner")):
                    st.rerun()


def postings(found: StoredPayout) -> None:
    """What was booked, or what will be."""
    items = dashboard().payouts.items(found.id)
    if items:
        st.html("".join(map(item, items)))
        if found.state in (PayoutState.BOOKED, PayoutState.IN_LEDGER, PayoutState.BOOKING):
            return
    plan = dashboard().payouts.plan(found.id)
    if plan is not None and plan.lines:
        st.html(payout_drawn.posting(plan, booked=False))
    elif not items:
        heading, told = t("How it will be booked"), t("Nothing is booked of this payout from here.")
        st.html(f'<h2 class="of">{escape(heading)}</h2><p class="quiet">{escape(told)}</p>')


def item(one: LedgerItem) -> str:
    """A ledger item as it is in Dinero, in HTML."""
    told = t("Voucher {number} in Dinero", number=one.voucher_number) if one.voucher_number else ""
    if one.kind is ItemKind.COUNTER:
        told = f"{t('Takes the voucher before it back.')} {told}".strip()
    return payout_drawn.posting(one.plan, booked=bool(one.voucher_number), sentences=[told] if told else [])


# --- lines ------------------------------------------------------------------------------------------------


def lines(found: StoredPayout, view: str, *, may_change: bool) -> None:
    """The lines in views by their state, those to look at first."""
    states = dashboard().payouts.line_states(found.id)
    looked = [state for state in LineState if state not in SETTLED_LINES and states.get(state)]
    asked = st.query_params.get("lines", "")
    chosen: Sequence[LineState] = ()
    if asked in {str(state) for state in states}:
        chosen = (LineState(asked),)
    names = [("", t("All"), sum(states.values()))]
    names += [(str(state), ui.say(LINE_STATE_NAMES[state]), states[state]) for state in LineState if states.get(state)]
    links = "".join(
        f'<a class="go" href="{escape(drawn.to(PATH, view=view, payout=str(found.id), lines=value))}"'
        f"{' aria-current=page' if value == asked else ''}>{escape(name)} <b>{ui.number(n)}</b></a>"
        for value, name, n in names
    )
    heading = t("Its lines")
    st.html(f'<h2 class="of">{escape(heading)}</h2><nav class="views" aria-label="{escape(heading)}">{links}</nav>')
    if looked and not asked:
        n = sum(states[state] for state in looked)
        st.caption(
            t(
                "{n} line needs a look: what is missing stays on the booking account under its name.",
                "{n} lines need a look: what is missing stays on the booking account under its name.",
                n=n,
            )
            if found.state in (PayoutState.BOOKED, PayoutState.BOOKING, PayoutState.IN_LEDGER, PayoutState.LEFT)
            else t(
                "{n} line needs a look. The payout can be booked all the same: what is missing stays on the booking "
                "account under its name.",
                "{n} lines need a look. The payout can be booked all the same: what is missing stays on the booking "
                "account under its name.",
                n=n,
            )
        )
    page = drawn.page_of()
    shown = dashboard().payouts.lines(found.id, states=chosen, limit=LISTED + 1, offset=(page - 1) * LISTED)
    rows = "".join(line(found, one) for one in shown[:LISTED])
    st.html(f'<ul class="rows lines" aria-label="{escape(heading)}">{rows}</ul>')
    drawn.turn(PATH, page, more=len(shown) > LISTED)
    if may_change:
        suggest(found, shown[:LISTED])


def line(found: StoredPayout, one: StoredLine) -> str:
    """A line with its order, its fee, and what can be done about it."""
    name = t("Order {number}", number=one.number or one.order_ref) if one.number or one.order_ref else kind(one)
    title = f'<span class="title">{escape(name)}</span>'
    if one.order_id:
        path = "/orders" if ui.role() == OWNER else "/history"
        address = drawn.to(
            path, view="all" if path == "/orders" else "", order=OrderKey(one.shop, one.order_id).address
        )
        link = f'<a class="go title" href="{escape(address)}">{escape(name)}</a>'
        title = drawn.with_shop(link, which_shop.titles().get(one.shop, ""))
    fee = t("fee {amount}", amount=ui.amount(-one.fee_ore, found.currency)) if one.fee_ore else ""
    note = " · ".join(part for part in (kind(one) if name != kind(one) else "", fee, one.text) if part)
    advice = todo(found, one)
    colour = "green" if one.state in SETTLED_LINES else "orange"
    return (
        f'<li data-row>{title}<span class="amount">{escape(ui.amount(one.gross_ore or one.net_ore, found.currency))}'
        f'</span><span class="state {colour}">{escape(ui.say(LINE_STATE_NAMES[one.state]))}</span>'
        f'<span class="note">{escape(note)}</span>'
        f"{f'<span class=note>{escape(advice)}</span>' if advice else ''}</li>"
    )


def kind(one: StoredLine) -> str:
    """What moved the money of a line."""
    return {
        Movement.SALE: t("Sale"),
        Movement.REFUND: t("Refund"),
        Movement.CHARGEBACK: t("Chargeback"),
        Movement.CHARGEBACK_RETURNED: t("Chargeback returned"),
        Movement.FEE: t("Fee"),
        Movement.RESERVE: t("Kept back"),
        Movement.RESERVE_RELEASED: t("Released"),
        Movement.CORRECTION: t("Correction"),
        Movement.OTHER: t("Other"),
    }[one.kind]


def todo(found: StoredPayout, one: StoredLine) -> str:
    """What a line's state asks for, a sentence; "" for nothing."""
    if one.state is LineState.DIFFERS:
        return t(
            "The payout says {paid}, and {registered} is registered in Dinero. Compare the order with the acquirer.",
            paid=ui.amount(one.gross_ore, found.currency),
            registered=ui.amount(one.registered_ore or 0),
        )
    return {
        LineState.NOT_TRANSFERRED: t("Transfer the order: the money came, and the sale is not in Dinero."),
        LineState.NO_CREDIT_NOTE: t("Make a credit note: the customer got money back, and the books don't say so."),
        LineState.OTHER_ACCOUNT: t("Register this way to pay on the payout's account under Set-up."),
        LineState.TWICE: t("Ask the acquirer: the order was paid out before."),
        LineState.NO_ORDER: t("No order here has this number. Was it sold elsewhere, or before the take-over?"),
        LineState.CHARGEBACK: t(
            "The customer disputes the payment. Make a credit note when it is lost; it stays on the account till then."
        ),
    }.get(one.state, "")


def suggest(found: StoredPayout, shown: Sequence[StoredLine]) -> None:
    """For lines without an order: the one order that fits, with its evidence, taken with a click."""
    for one in shown:
        if one.state is not LineState.NO_ORDER:
            continue
        suggestion = dashboard().payouts.suggestion(found.id, one.place)
        if suggestion is None:
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                t("Row {row}, {amount}:", row=one.row, amount=ui.amount(one.gross_ore, found.currency))
                + " "
                + ui.escape(ui.say(suggestion.evidence))
            )
            for order in suggestion.orders:
                shop, number = which_shop.titles().get(order.shop), order.number or order.id
                label = t("It is order {number}", number=number)
                if shop is not None:
                    label = t("It is order {number} of {webshop}", number=number, webshop=ui.escape(shop))
                st.button(
                    label,
                    key=f"take/{found.id}/{one.place}/{order.shop}/{order.id}",
                    on_click=take,
                    args=(found.id, one.place, order.key),
                )


def take(number: int, place: int, order: OrderKey) -> None:
    """Takes a suggestion."""
    ui.attempt(lambda: dashboard().payouts.choose_order(number, place, order))


def happened(found: StoredPayout) -> None:
    """Everything that happened with the payout."""
    log = dashboard().payouts.events(found.id)
    n = len(log)
    if not n:
        return
    whole = st.expander(
        t("{n} event", "All {n} events", n=n), icon=":material/list:", key="payout_log", on_change="rerun"
    )
    if whole.open:
        with whole:
            st.html(events.order_log(log))
