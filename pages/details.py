"""One order: why it is where it is, the questions about it, and what can be done, in place."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from dinero.dashboard.orders import Preview
from dinero.model.clock import copenhagen_date
from dinero.model.consultation import INVALID, UNANSWERED, VALID
from dinero.model.documents import PUSHABLE, Action, Document, State, StoredOrder
from dinero.model.findings import Finding, Question
from dinero.model.i18n import Text
from dinero.model.orders import LineKind, Order
from dinero.model.plans import Customer, InvoicePlan, Kind
from dinero.rules import changes
from dinero.rules.answers import is_of_shop
from dinero.rules.changes import Change
from dinero.rules.evidence import NOT_ANSWERED, sentence
from dinero.rules.invoices import plan_customer
from pages import drawn, paper, progress, ui, which_shop
from pages.rules import named
from pages.ui import t

dashboard = ui.dashboard
ANCHOR = "order"

ACTIONS = {
    Action.UNDO: Text("Take the invoice back"),
    Action.REBOOK: Text("Take the invoice back and book the order anew"),
    Action.DIFFERENCE: Text("Credit the difference"),
    Action.PAY: Text("Register the payment"),
    Action.LEAVE: Text("Leave the invoice as it is"),
    Action.ACCEPT: Text("Take it over as it is in Dinero"),
}


def _document_links(row: StoredOrder) -> list[str]:
    invoices = dashboard().connection.invoice_pages()
    return [
        drawn.out(invoices + document.guid, t("{document} in Dinero", document=_name(document)))
        for document in dashboard().store.documents.booked_of(row.key)
    ]


def _name(document: Document) -> str:
    return paper.title(document.plan, document.invoice_number)


def order_details(
    row: StoredOrder, *, may_change: bool = True, may_answer: bool | None = None, primary: bool = True
) -> None:
    """One order: what it is, why it is where it is with the questions about it, what was or will be booked, and what
    can be done. Without `may_change` it is only to be read; `may_answer` (the same, unless told) is for questions. A
    page has one `primary` button."""
    answering = may_change if may_answer is None else may_answer
    seen = dashboard().orders.previews([row])[0]
    progress.tell()
    with st.container(border=True, key="order"):
        draw_head(row, seen.order)
        for finding in row.reasons:
            ui.findings([finding])
            if finding.question is not None and answering and _may_answer(row):
                ask(row, finding, finding.question)
        if answering and _may_answer(row):
            answers(row)
        draw_evidence(row, row.reasons)
        if row.change:
            draw_change(row, changes.from_json(row.change), may_change=may_change)
        elif changes.can_accept(row.state, row.reasons) and may_change:
            correct(row, Action.ACCEPT)
        if may_change:
            transfer(row, seen, primary=primary)
        draw_papers(row, seen)
        draw_links(row, may_change=may_change)
        if may_change and row.state == "done" and row.kind == "invoice" and not row.change:
            take_back(row)
        if answering:
            leave_out(row, row.reasons)


def draw_head(row: StoredOrder, order: Order) -> None:
    """Number, state, customer, amount, dates and payment."""
    title = name_of(row, order)
    shop = drawn.of_shop(which_shop.titles().get(row.shop, ""))
    facts = [
        ui.amount(row.total_ore, row.currency),
        credit_text(row),
        ui.day(row.placed_on),
        row.way_to_pay,
        *([] if row.is_credit else [paid_text(row, _day(order.paid_at)), sent_text(row, _day(order.sent_at))]),
        t("to {country}", country=ui.country(row.country)) if row.country not in ("", "DK") else "",
    ]
    told = " · ".join(f"<span>{escape(fact)}</span>" for fact in facts if fact)
    st.html(
        f'<div class="order-head"><h2 id="{ANCHOR}">{escape(title)} {shop}</h2>{drawn.state(ui.state_of(row))}'
        f"<p><b>{escape(row.customer)}</b></p><p>{told}</p></div>"
    )


def name_of(row: StoredOrder, order: Order) -> str:
    """What an order is called: a return of goods, or money that was given back alone, is no order."""
    number = row.number or row.id
    if not row.is_credit:
        return t("Order {number}", number=number)
    is_of_goods = any(line.kind is LineKind.PRODUCT for line in order.lines)
    return t("Return {number}", number=number) if is_of_goods else t("Refund {number}", number=number)


def paid_text(row: StoredOrder, day: date | None) -> str:
    """ "paid 27. nov. 2026", as the shop tells it."""
    if not row.paid:
        return t("not paid")
    return t("paid {day}", day=day) if day else t("paid")


def sent_text(row: StoredOrder, day: date | None) -> str:
    """The same of the goods."""
    if not row.sent:
        return t("not sent")
    return t("sent {day}", day=day) if day else t("sent")


def _day(at: datetime | None) -> date | None:
    return copenhagen_date(at) if at else None


def credited_number(row: StoredOrder) -> str:
    """The number of the order that a credit note is for, "" when it is not known here."""
    if not row.credit_of:
        return ""
    known = dashboard().store.orders.find(row.credit_of)
    found = [other for other in known if other.shop == row.shop and other.id != row.id]
    return found[0].number or found[0].id if len(found) == 1 else ""


def credit_text(row: StoredOrder) -> str:
    """Of which order a credit note is, "" for a sale."""
    if not row.is_credit:
        return ""
    number = credited_number(row)
    return t("credit note of order {number}", number=number) if number else t("credit note")


def transfer(row: StoredOrder, seen: Preview, *, primary: bool) -> None:
    """The button for this order alone; what it will book is drawn right below."""
    if row.state not in PUSHABLE or dashboard().store.operations.is_busy(row.key):
        return
    if row.state == State.WAITING and seen.plan is None:
        ui.findings(seen.findings)
        return
    progress.bank([row])
    label = t("Transfer this order ({total})", total=ui.amount(row.total_ore, row.currency))
    progress.push_button(label, [row], key=f"push/{row.key.address}", primary=primary)


def draw_papers(row: StoredOrder, seen: Preview) -> None:
    """The document of an order as it was booked or will be, beside its postings; the order's own lines while there is
    none."""
    documents = dashboard().store.documents
    booked = [document for document in documents.booked_of(row.key) if document.current] if not row.rebook else []
    plan, number = (booked[-1].plan, booked[-1].invoice_number) if booked else (seen.plan, None)
    if plan is None:
        draw_lines(seen.order, t("In the webshop"))
        return
    paper.draw(
        plan,
        number=number,
        credits=credited(plan),
        customer_known=None if booked else seen.customer_known,
        notes=() if booked else seen.notes,
    )


def credited(plan: InvoicePlan) -> str | None:
    """The number of the invoice that a credit note credits."""
    found = dashboard().store.documents.by_guid([plan.credit_for]) if plan.credit_for else {}
    return found[plan.credit_for].invoice_number if plan.credit_for in found else None


def draw_lines(order: Order, title: str) -> None:
    """An order's lines as the shop tells them."""
    if not order.lines:
        return
    lines = "".join(
        f"<tr><td>{escape(line.text or '–')}</td><td>{escape(ui.number(line.quantity))}</td>"
        f"<td>{escape(ui.amount(line.total.ore, line.total.currency))}</td></tr>"
        for line in order.lines
    )
    total = escape(ui.amount(order.total.ore, order.total.currency)) if order.total else "–"
    names = "".join(f"<th>{name}</th>" for name in (t("Text"), t("Quantity"), t("Amount")))
    foot = f'<tr class="total"><td colspan="2">{t("Total")}</td><td>{total}</td></tr>'
    st.html(
        f'<div class="papers"><section class="postings"><table><caption>{title}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{lines}</tbody>"
        f"<tfoot>{foot}</tfoot></table></section></div>"
    )


def draw_links(row: StoredOrder, *, may_change: bool) -> None:
    """Where more of the order is: its documents in Dinero, its history, and what the shop told."""
    documents = _document_links(row)
    links = [*documents, drawn.link(drawn.to("/history", order=row.key.address), t("History"))]
    if may_change:
        told = t("The order from {name}", name=which_shop.system_name(row.shop))
        links.append(drawn.link(drawn.to("/raw", id=row.key.address), told))
    st.html(f'<p class="links">{"".join(links)}</p>')
    if documents:
        ui.link_note()


def take_back(row: StoredOrder) -> None:
    """Crediting what was booked; drawn when it is opened."""
    title = t("Credit invoice {number}", number=row.invoice_number)
    box = st.expander(title, icon=":material/undo:", on_change="rerun", key=f"undo/{row.key.address}")
    if box.open:
        with box:
            book_anew = st.checkbox(t("Book the order anew after that"), key=f"anew/{row.key.address}")
            correct(row, Action.REBOOK if book_anew else Action.UNDO)


VIES_SIGNS = {VALID: "verified", INVALID: "gpp_bad", UNANSWERED: "hourglass_empty"}


def draw_evidence(row: StoredOrder, found: Sequence[Finding]) -> None:
    """What VIES said of the buyer's VAT number."""
    store = dashboard().store
    for number in dict.fromkeys(kept.number for kept in store.consultations.of(row.key)):
        consultation = store.consultations.latest(row.key, number)
        if consultation is None:
            continue
        told = ui.say(sentence(consultation))
        if consultation.name:
            told += " " + t("The company's name there is {name}.", name=consultation.name)
        waits = consultation.outcome == UNANSWERED and any(finding.code == NOT_ANSWERED for finding in found)
        draw = st.caption if waits else st.markdown  # the reason above says as much
        draw(f":material/{VIES_SIGNS[consultation.outcome]}: {ui.escape(told)}")


def _may_answer(row: StoredOrder) -> bool:
    return row.guid is None or bool(row.rebook) or row.state == "refused"


def answers(row: StoredOrder) -> None:
    """What the owner answered about this order alone; each answer can be taken back."""
    given = row.answers
    for key, value in sorted(given.items()):
        asked, answer = named(key, value)
        with st.container(horizontal=True, vertical_alignment="center"):
            told = {"question": ui.escape(asked), "answer": ui.escape(answer)}
            st.markdown(t("You answered: **{question}**: {answer}", **told))
            if st.button(t("Take the answer back"), key=f"answered/{row.key.address}/{key}", icon=":material/undo:"):
                ui.attempt(partial(dashboard().orders.take_answer_back, row, key, actor=ui.role()))
                st.rerun()


def ask(row: StoredOrder, finding: Finding, question: Question) -> None:
    """A question with its explanation and choices; the answer counts for this order, or for all as a rule."""
    given = question.answer(dashboard().settings.load().of_order(row.shop, row.answers).rules)
    with st.form(f"answer/{row.key.address}/{question.key}", border=True):
        st.markdown(f":material/help: {ui.escape(ui.say(question.explanation))}")
        names = {choice.value: ui.say(choice.text) for choice in question.choices}
        index = list(names).index(given) if given is not None else None
        value = st.radio(t("Answer"), list(names), format_func=names.__getitem__, index=index)
        rule = which_shop.as_rule(row.shop if is_of_shop(question.key) else "")
        as_rule = question.can_be_rule and st.checkbox(rule)
        if st.form_submit_button(t("Save the answer"), type="primary"):
            if value is None:
                st.error(t("Choose one of the answers."))
            elif ui.attempt(lambda: dashboard().orders.answer(row, question, value, as_rule=as_rule, actor=ui.role())):
                _tell_new_state(row)
                st.rerun()


def _tell_new_state(row: StoredOrder) -> None:
    """What an order is now: it may have left the list that it was selected in."""
    now = dashboard().store.orders.get(row.key) or row
    st.toast(
        t(
            "Saved. Order {number} is now: {state}.",
            number=ui.escape(row.number or row.id),
            state=ui.state(now.state),
        ),
        icon=":material/check:",
    )


def draw_change(row: StoredOrder, change: Change, *, may_change: bool = True) -> None:
    """What the shop changed after the invoice was booked, line by line, with what can be done."""
    for text in change.texts:
        st.warning(ui.say(text), icon=":material/published_with_changes:")
    if "buyer" in change.codes:
        draw_buyers(row)
    if change.lines or change.before != change.after:
        draw_amounts(change)
    if not may_change:
        return
    actions = change.actions
    action = st.radio(
        t("What should happen to the invoice?"),
        actions,
        format_func=lambda name: ui.say(ACTIONS[name]) + (f" ({t('proposed')})" if name == actions[0] else ""),
        key=f"action/{row.key.address}",
    )
    correct(row, action)


def draw_buyers(row: StoredOrder) -> None:
    """Who the invoice is for, and who the shop says now."""
    document = dashboard().store.documents.newest(row.key, Kind.INVOICE)
    if document is None:
        return
    before = document.plan.customer
    now = plan_customer(dashboard().orders.previews([row])[0].order, dashboard().settings.load())
    st.markdown(
        t("**Booked** {buyer}", buyer=_buyer(before)) + "  \n" + t("**In the shop now** {buyer}", buyer=_buyer(now))
    )


def _buyer(customer: Customer) -> str:
    return ui.escape(", ".join(part for part in (customer.name, customer.vat_number, customer.ean) if part))


def draw_amounts(change: Change) -> None:
    """What was booked beside what the shop says now, line by line."""
    before, after = t("Booked"), t("In the shop now")
    rows = [(line.text, line.before, line.after) for line in change.lines]
    rows.append((t("Total"), change.before, change.after))
    frame = pd.DataFrame(
        {
            t("Text"): [text for text, _, _ in rows],
            before: ui.amounts(old for _, old, _ in rows),
            after: ui.amounts(new for _, _, new in rows),
            t("Difference"): ui.amounts((new or 0) - (old or 0) for _, old, new in rows),
        }
    )
    formats = dict.fromkeys((before, after, t("Difference")), ui.amount)
    ui.table(frame, formats, currencies=[change.currency] * len(frame), alt=t("What was changed"))


def correct(row: StoredOrder, action: Action) -> None:
    """The preview of a correction, the owner's reason, and the button that starts it."""
    plan = None
    if action not in (Action.LEAVE, Action.PAY, Action.ACCEPT):
        plan = dashboard().corrections.preview(row, action)
        if plan is None:
            ui.findings([dashboard().corrections.why_none(row, action)])
            return
        st.markdown(
            t(
                "This credit note is booked and linked to invoice {invoice}. It can't be deleted.",
                invoice=str(row.invoice_number),
            )
        )
        paper.draw(plan, credits=row.invoice_number)
    # What takes something back never looks like what books.
    box = f"{'takes_back' if plan else 'corrects'}_{row.key.address}"
    with st.container(key=box), st.form(f"correct/{row.key.address}/{action}", border=False):
        reason = st.text_input(t("Why?"), max_chars=300)
        label = ui.say(ACTIONS[action]) + (f" ({ui.amount(plan.total.ore, plan.total.currency)})" if plan else "")
        if not st.form_submit_button(label):
            return
    if action == Action.LEAVE:
        if ui.attempt(lambda: dashboard().corrections.leave(row, reason), t("Saved.")):
            st.rerun()
        return
    operation_id = st.session_state.setdefault(f"correction/{row.key.address}", str(uuid.uuid4()))
    if ui.attempt(lambda: dashboard().corrections.start(operation_id, row, action, reason=reason, actor="owner")):
        st.session_state.pop(f"correction/{row.key.address}", None)
        progress.follow(operation_id)
        st.rerun()


def leave_out(row: StoredOrder, found: Sequence[Finding]) -> None:
    """Leaving an order out with a reason, or taking it back in."""
    codes = {finding.code for finding in found}
    if row.guid is not None and not row.rebook:
        return
    if row.ignored_reason is not None:
        if st.button(t("Take the order back in"), key=f"back/{row.key.address}"):
            ui.attempt(lambda: dashboard().orders.ignore(row, None, actor=ui.role()))
            st.rerun()
    elif row.state in ("waiting", "held", "not due") and "set_up" not in codes:
        with st.form(f"ignore/{row.key.address}", border=False):
            reason = st.text_input(t("Leave the order out, because"), max_chars=300)
            if st.form_submit_button(t("Leave out")) and ui.attempt(
                lambda: dashboard().orders.ignore(row, reason, actor=ui.role())
            ):
                st.rerun()
