"""What the owner asks for with one booked order: take its invoice back, credit a difference, register a late payment,
or take over what Dinero has."""

from dataclasses import replace

from dinero.booking import payments
from dinero.booking.claims import other_organization
from dinero.booking.corrections import is_correction, is_finished
from dinero.booking.restored import FOUND_CREDIT, look_after_restore
from dinero.booking.run import Outcome, Run
from dinero.booking.whole_way import begin, begin_correction, bring_to_end
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Action, Document, Event, OrderKey, State, Step, StoredOrder
from dinero.model.errors import Deleted
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import InvoicePlan, Kind
from dinero.model.responses import SalesDocument
from dinero.rules import changes
from dinero.rules.compare import as_booked
from dinero.rules.payments import payment_date, plan_payment
from dinero.rules.questions import payment_rule

NO_PAYMENT = Text("No payment was registered from here.")


def act(run: Run, order: OrderKey, action: Action, reason: str) -> None:
    """Does what was asked for with an order."""
    if action is Action.PAY:
        _pay_later(run, order)
    elif action is Action.ACCEPT:
        _accept(run, order, reason)
    else:
        _correct(run, order, action, reason)


def _correct(run: Run, order: OrderKey, action: Action, reason: str) -> None:
    """Takes an invoice back, or credits a difference."""
    document = run.store.documents.newest(order)
    last = run.store.documents.newest(order, Kind.CREDIT_NOTE)
    # Settled by this operation, which was cut off before it recorded its result.
    if last is not None and last.operation_id == run.operation_id:
        credit = begin(run, order)
    elif document is None or is_finished(run, document) or document.step is Step.DELETED:
        # A correction whose draft was deleted is begun anew, as the owner asks for it now.
        credit = begin_correction(run, order, action, reason)
    elif document.kind is Kind.INVOICE:
        if not _bring_invoice_to_end(run, order):
            return
        credit = begin_correction(run, order, action, reason)
    else:
        credit = begin(run, order)
    if credit is not None:
        bring_to_end(run, credit)


def _bring_invoice_to_end(run: Run, order: OrderKey) -> bool:
    """Brings an invoice that is still on its way to its end, so that it can be corrected; False when the order has its
    result already."""
    before = run.store.documents.generations(order).get(Kind.INVOICE)
    if (document := begin(run, order)) is not None:
        bring_to_end(run, document)
    invoice = run.store.documents.newest(order, Kind.INVOICE)
    after = run.store.documents.generations(order).get(Kind.INVOICE)
    if invoice is None or invoice.state is not State.DONE or after != before:
        return False
    if order in look_after_restore(run):
        run.result(order, invoice.state, [FOUND_CREDIT])
        return False
    return True


def _pay_later(run: Run, order: OrderKey) -> None:
    """Registers the payment of an invoice that was booked with days to pay, now that the shop has it paid."""
    document, row = run.store.documents.newest(order, Kind.INVOICE), run.store.orders.get(order)
    if document is not None and document.organization != run.organization:
        run.finish(document, [other_organization(document.organization)])
        return
    if document is not None and not is_finished(run, document):
        bring_to_end(run, document)
        return
    if document is None or row is None or not _can_be_paid(run, document):
        text = Text("There is no booked invoice without a payment for this order.")
        run.result(order, row.state if row else State.HELD, [Finding("nothing_to_pay", text)])
        return
    plan = _with_payment(run, document, row)
    if plan.payment is None and plan.total.ore:
        text = Text(
            "No payment was registered: payments in {currency} are registered by hand, as you chose.",
            currency=plan.total.currency,
        )
        fix = Text("Register the payment in Dinero, then leave the invoice here as it is.")
        run.finish(document, [Finding("paid_by_hand", text, fix)])
        return
    document = run.note(document, replace(document, plan=plan, step=Step.BOOKED, state=State.BOOKED))
    run.store.orders.accept_change(order, lease=run.lease)
    bring_to_end(run, document)


def _can_be_paid(run: Run, document: Document) -> bool:
    newest = run.store.documents.newest(document.order)
    taken_back = newest is not None and is_correction(run, newest) and not is_finished(run, newest)
    return document.state is State.DONE and document.plan.payment is None and not taken_back


def _with_payment(run: Run, document: Document, row: StoredOrder) -> InvoicePlan:
    """The plan with the payment that the shop tells of now."""
    order, plan = run.assess.read(row), document.plan
    day = payment_date(order, copenhagen_date(run.store.clock.now()))
    rules = run.settings.of_order(row.shop, {**row.answers, payment_rule(order): "money"})
    payment = plan_payment(replace(order, ean_number=""), rules, day, plan.total, plan.reference)
    return replace(plan, payment=payment, e_invoice=False)


def _accept(run: Run, order: OrderKey, reason: str) -> None:
    """Takes over a document that Dinero has booked with other amounts, as it is there and for the owner's reason.

    A payment of another amount than planned is never registered: it is not known what was paid of it.
    """
    document, row = run.store.documents.newest(order), run.store.orders.get(order)
    if document is not None and document.organization != run.organization:
        run.finish(document, [other_organization(document.organization)])
        return
    if document is not None and _was_accepted(run, document):
        bring_to_end(run, document)
        return
    if document is None or not changes.can_accept(document.state, document.reasons):
        text = Text("Nothing of this order differs from Dinero.")
        run.result(order, row.state if row else State.HELD, [Finding("nothing_differs", text)])
        return
    found = _fetched(run, document)
    plan = as_booked(found, document.plan, run.settings.chart) if found is not None else None
    if found is None or plan is None:
        text = Text(
            "What Dinero has can't be taken over: its lines don't add up, or it is in another currency or "
            "for another invoice."
        )
        fix = Text("Make a credit note for it in Dinero, and enter the order there by hand.")
        run.refuse(document, [Finding(changes.DIFFERS, text, fix)])
        return
    text = Text("It was taken over as it is in Dinero, {total}: {reason}", total=plan.total, reason=reason or "–")
    outcome = _as_it_is(run, document, found, plan)
    with run.store.transaction():
        run.store.history.add(Event("accepted", text, order, run.operation_id))
        document = run.record(document, outcome)
    bring_to_end(run, document)


def _as_it_is(run: Run, document: Document, found: SalesDocument, plan: InvoicePlan) -> Outcome:
    if plan.e_invoice and found.is_sent:
        plan = replace(plan, e_invoice=False)
    after = replace(document, pending=None, plan=plan, contact_guid=found.contact_guid or None)
    other_amount = plan.payment is not None and plan.total != document.plan.total
    if other_amount and not payments.is_registered(run, after):
        return Outcome(replace(after, step=Step.DONE, state=State.DONE), "done", NO_PAYMENT)
    return Outcome(replace(after, step=Step.BOOKED, state=State.BOOKED))


def _fetched(run: Run, document: Document) -> SalesDocument | None:
    try:
        return run.dinero.document(document.kind, document.guid)
    except Deleted:
        return None


def _was_accepted(run: Run, document: Document) -> bool:
    """Whether this operation has taken a document over already, and was cut off after that."""
    last = next(iter(run.store.history.list(order=document.order, events=("accepted",), limit=1)), None)
    return document.state is not State.REFUSED and last is not None and last.operation_id == run.operation_id
