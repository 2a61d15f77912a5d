"""One order: why it is where it is, the questions about it, and what can be done, in place."""

import uuid
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dinero.model.consultation import INVALID, UNANSWERED, VALID
from dinero.model.documents import Action, StoredOrder
from dinero.model.findings import Finding, Question
from dinero.model.i18n import Text, Value
from dinero.model.money import DKK
from dinero.model.plans import Customer, InvoicePlan, Kind
from dinero.model.zones import ZONE_NAMES, Zone
from dinero.rules import changes
from dinero.rules.changes import Change
from dinero.rules.evidence import NOT_ANSWERED, sentence
from dinero.rules.invoices import plan_customer, vat_sentence
from dinero.rules.places import TERRITORIES
from pages import ui
from pages.rules import named
from pages.ui import t

dashboard = ui.dashboard
ANCHOR = "order"
# Choices of several lines stand apart on a phone.
CHOICES = "<style>[role=radiogroup] label { padding-block: .2rem }</style>"

ACTIONS = {
    Action.UNDO: Text("Take the invoice back"),
    Action.REBOOK: Text("Take the invoice back and book the order anew"),
    Action.DIFFERENCE: Text("Credit the difference"),
    Action.PAY: Text("Register the payment"),
    Action.LEAVE: Text("Leave the invoice as it is"),
    Action.ACCEPT: Text("Take it over as it is in Dinero"),
}


def draw_plan(plan: InvoicePlan, *, customer_known: bool, notes: Sequence[Text] = ()) -> None:
    """An invoice or credit note line by line, as it will be sent, with what the owner should know beside it."""
    incl, vat = t("Amount incl. VAT"), t("of which VAT")
    frame = pd.DataFrame(
        {
            t("Text"): [line.text for line in plan.lines],
            t("Quantity"): [line.quantity for line in plan.lines],
            t("Account"): [f"{line.account} {line.account_name}" for line in plan.lines],
            t("VAT code"): [line.vat_code or "–" for line in plan.lines],
            incl: [line.amount.ore for line in plan.lines],
            vat: [line.vat.ore for line in plan.lines],
        }
    )
    currencies = [plan.total.currency] * len(frame)
    ui.table(frame, {incl: ui.amount, vat: ui.amount}, currencies=currencies, alt=t("Preview of the invoices"))
    credited = dashboard().store.documents.by_guid([plan.credit_for]).get(plan.credit_for)
    if credited is not None:
        st.markdown(
            t(
                "**Credit note** for invoice {invoice}, order {number}.",
                number=ui.escape(credited.plan.number),
                invoice=credited.invoice_number,
            )
        )
    known = t("is in Dinero already") if customer_known else t("will be created in Dinero")
    lines = [
        t("**Total** {total}, of which VAT {vat}. Dated {date}.", total=plan.total, vat=plan.vat, date=plan.issued_on),
        t("**VAT zone** {zone}.", zone=ui.say(ZONE_NAMES[Zone(plan.zone)])),
        t(
            "**Customer** {name}, {email}: {known}.",
            name=ui.escape(plan.customer.name),
            email=ui.escape(plan.customer.email or "–"),
            known=known,
        ),
        _payment_line(plan),
    ]
    if plan.customer.country in TERRITORIES:
        lines.append(ui.say(TERRITORIES[plan.customer.country].reason))
    law = vat_sentence(plan.zone, plan.customer)
    if law and law in plan.comment:
        lines.append(t("**On the document** {sentence}", sentence=ui.escape(law)))
    lines += [ui.escape(ui.say(note)) for note in notes]
    st.markdown("  \n".join(lines))


def _payment_line(plan: InvoicePlan) -> str:
    payment = plan.payment
    if plan.e_invoice:
        return t(
            "**Payment** within {days} days; the invoice is sent electronically to EAN {ean}.",
            days=plan.days,
            ean=plan.customer.ean,
        )
    if plan.days is not None:
        return t("**Payment** within {days} days; no payment is registered from here.", days=plan.days)
    if payment is None:
        return t("**Payment** none is registered from here.")
    account: dict[str, Value] = {
        "number": str(payment.account),
        "name": ui.escape(payment.account_name),
        "date": payment.on,
    }
    if plan.kind == Kind.CREDIT_NOTE:
        return t(
            "**Refund** {total} is registered on {number} {name} on {date}. Give the money back in the payment "
            "gateway, if it has not been done.",
            total=plan.total,
            **account,
        )
    text = t(
        "**Booking account** {number} {name}: {total} is registered as paid on {date}.", total=plan.total, **account
    )
    if payment.amount.currency != DKK:
        text += " " + t(
            "Its value in kroner is Dinero's own; the difference to what the bank pays out comes with the "
            "payout (account 1445)."
        )
    return text


def document_links(row: StoredOrder) -> bool:
    """An order's booked invoices and credit notes, each with its page in Dinero. Returns whether there are any, so that
    `ui.link_note` can be put below them."""
    invoices = dashboard().connection.invoice_pages()
    documents = dashboard().store.documents.booked_of(row.key)
    for document in documents:
        number = document.invoice_number
        label = t("Invoice {number} in Dinero", number=number)
        if document.kind == Kind.CREDIT_NOTE:
            label = t("Credit note {number} in Dinero", number=number)
        st.link_button(label, invoices + document.guid, icon=":material/open_in_new:")
    return bool(documents)


def order_details(row: StoredOrder) -> None:
    """Why one order is where it is, and what can be done about it."""
    with st.container(border=True):
        st.subheader(f"{t('Order')} {ui.escape(row.number or row.id)} {ui.state_mark(row.state)}", anchor=ANCHOR)
        st.html(CHOICES)
        found = row.reasons
        for finding in found:
            ui.findings([finding])
            if finding.question is not None and _may_answer(row):
                ask(row, finding, finding.question)
        if _may_answer(row):
            answers(row)
        draw_evidence(row, found)
        if row.change:
            draw_change(row, changes.from_json(row.change))
        elif changes.can_accept(row.state, found):
            correct(row, Action.ACCEPT)
        elif row.state == "done" and row.kind == "invoice":
            with st.expander(t("Take the transfer back"), icon=":material/undo:"):
                book_anew = st.checkbox(t("Book the order anew after that"), key=f"anew/{row.id}")
                correct(row, Action.REBOOK if book_anew else Action.UNDO)
        with st.container(horizontal=True, vertical_alignment="center"):
            linked = document_links(row)
            st.page_link("raw.py", label=t("Raw order"), icon=":material/data_object:", query_params={"id": row.id})
            st.page_link(
                "history.py", label=t("What happened"), icon=":material/history:", query_params={"order": row.id}
            )
        if linked:
            ui.link_note()
        leave_out(row, found)


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
            if st.button(t("Take the answer back"), key=f"answered/{row.id}/{key}", icon=":material/undo:"):
                ui.attempt(partial(dashboard().orders.take_answer_back, row, key))
                st.rerun()


def ask(row: StoredOrder, finding: Finding, question: Question) -> None:
    """A question with its explanation and choices; the answer counts for this order, or for all as a rule."""
    given = question.answer(dashboard().settings.load().with_answers(row.answers).rules)
    with st.form(f"answer/{row.id}/{question.key}", border=True):
        st.markdown(f":material/help: {ui.escape(ui.say(question.explanation))}")
        names = {choice.value: ui.say(choice.text) for choice in question.choices}
        index = list(names).index(given) if given is not None else None
        value = st.radio(t("Answer"), list(names), format_func=names.__getitem__, index=index)
        as_rule = question.can_be_rule and st.checkbox(t("Remember it as a rule for all orders"))
        if st.form_submit_button(t("Save the answer"), type="primary"):
            if value is None:
                st.error(t("Choose one of the answers."))
            elif ui.attempt(lambda: dashboard().orders.answer(row, question, value, as_rule=as_rule)):
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


def draw_change(row: StoredOrder, change: Change) -> None:
    """What the shop changed after the invoice was booked, line by line, with what can be done."""
    for text in change.texts:
        st.warning(ui.say(text), icon=":material/published_with_changes:")
    if "buyer" in change.codes:
        draw_buyers(row)
    if change.lines or change.before != change.after:
        draw_amounts(change)
    actions = change.actions
    action = st.radio(
        t("What should happen to the invoice?"),
        actions,
        format_func=lambda name: ui.say(ACTIONS[name]) + (f" ({t('proposed')})" if name == actions[0] else ""),
        key=f"action/{row.id}",
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


def correct(row: StoredOrder, action: str) -> None:
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
        draw_plan(plan, customer_known=True)
    with st.form(f"correct/{row.id}/{action}", border=False):
        reason = st.text_input(t("Why?"), max_chars=300)
        label = ui.say(ACTIONS[action]) + (f" ({ui.amount(plan.total.ore, plan.total.currency)})" if plan else "")
        if not st.form_submit_button(label, type="primary"):
            return
    if action == Action.LEAVE:
        if ui.attempt(lambda: dashboard().corrections.leave(row, reason), t("Saved.")):
            st.rerun()
        return
    operation_id = st.session_state.setdefault(f"correction/{row.id}", str(uuid.uuid4()))
    if ui.attempt(lambda: dashboard().corrections.start(operation_id, row, action, reason=reason, actor="owner")):
        st.session_state.pop(f"correction/{row.id}", None)
        st.session_state["watching"] = operation_id
        st.session_state["table_version"] = st.session_state.get("table_version", 0) + 1
        st.rerun()


def leave_out(row: StoredOrder, found: Sequence[Finding]) -> None:
    """Leaving an order out with a reason, or taking it back in."""
    codes = {finding.code for finding in found}
    if row.guid is not None and not row.rebook:
        return
    if row.ignored_reason is not None:
        if st.button(t("Take the order back in"), key=f"back/{row.id}"):
            ui.attempt(lambda: dashboard().orders.ignore(row, None))
            st.rerun()
    elif row.state in ("waiting", "held", "not due") and "set_up" not in codes:
        with st.form(f"ignore/{row.id}", border=False):
            reason = st.text_input(t("Leave the order out, because"), max_chars=300)
            if st.form_submit_button(t("Leave out")) and ui.attempt(lambda: dashboard().orders.ignore(row, reason)):
                st.rerun()
