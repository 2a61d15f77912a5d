"""What an earlier run left: taken up as the order and the settings are now."""

from dataclasses import replace

from dinero.booking import payments
from dinero.booking.corrections import is_correction
from dinero.booking.driver import Held
from dinero.booking.run import Run
from dinero.booking.sales import require_equal
from dinero.model.documents import Document, State, Step
from dinero.model.errors import DRAFT_DELETED, Deleted, NotFound
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import Kind
from dinero.rules.compare import DELETE_DRAFT, is_another_draft


def resume(run: Run, document: Document) -> Document:
    """Takes up a document of an earlier run, whose order or settings may have changed since. Raises Held or Deleted."""
    if document.step is Step.DONE:
        if document.state is not State.UNSURE:
            return document
        return run.note(document, replace(document, state=State.DONE))
    if document.is_booked:
        return _resume_booked(run, document)
    if is_correction(run, document):  # its plan depends on the invoice alone, which does not change
        return _again(run, document)
    row = run.store.orders.get(document.order)
    if row is None:
        raise ValueError("a document without its order")
    found = run.assess(row)
    if found.plan is None:
        raise Held(found.findings)
    if document.step is Step.CLAIMED:  # nothing of it is in Dinero but perhaps the customer
        contact = found.original.contact_guid if found.original else None
        fresh = replace(document, plan=found.plan, contact_guid=contact, state=State.CLAIMED, raw=row.raw)
        return run.note(document, fresh)
    if is_another_draft(document.plan, found.plan):
        if _is_deleted(run, document):
            raise Deleted(DRAFT_DELETED)
        text = Text("The order or the accounts were changed after the draft was made in Dinero.")
        raise Held([Finding("changed_since_draft", text, DELETE_DRAFT)])
    # The payment is not in the draft: it goes where and when it would go now.
    return _again(run, document, replace(document, plan=replace(document.plan, payment=found.plan.payment)))


def _again(run: Run, document: Document, after: Document | None = None) -> Document:
    """A draft is compared anew; what was only claimed stays claimed."""
    step = Step.CLAIMED if document.step is Step.CLAIMED else Step.DRAFTED
    return run.note(document, replace(after or document, step=step, state=State(step)))


def _is_deleted(run: Run, document: Document) -> bool:
    """Whether the owner has deleted a draft in Dinero, as the reason of `changed_since_draft` asks for."""
    try:
        return run.dinero.document(document.kind, document.guid).deleted
    except (NotFound, Deleted):
        return True


def _resume_booked(run: Run, document: Document) -> Document:
    """A booked document: a payment that is open may be registered by now, and goes to the booking account as it is
    chosen now."""
    if document.plan.payment is not None:
        return run.record(document, payments.look(run, _to_chosen_account(run, document)))
    found = run.dinero.document(document.kind, document.guid)
    require_equal(document, found)
    return run.note(document, replace(document, step=Step.BOOKED, state=State.BOOKED, timestamp=found.timestamp))


def _to_chosen_account(run: Run, document: Document) -> Document:
    payment = document.plan.payment
    row = run.store.orders.get(document.order)
    number = run.settings.booking_account_of(row.payment_method if row else "")
    if payment is None or document.kind is Kind.CREDIT_NOTE or number in (None, payment.account):
        return document
    deposit = run.settings.chart.deposits.get(number)
    payment = replace(payment, account=number, account_name=deposit.name if deposit else "")
    return replace(document, plan=replace(document.plan, payment=payment))
