"""After the booking: the payment of an invoice, the refund of a credit note, the sending to an EAN number."""

from dataclasses import replace

from dinero.booking.driver import Held
from dinero.booking.run import Outcome, Run, Write
from dinero.booking.sales import require_equal
from dinero.model.documents import Did, Document, State, Step
from dinero.model.errors import UNSURE, AnswerUnknown
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.plans import Kind, PlanPayment
from dinero.model.responses import SalesDocument


def pay(run: Run, document: Document) -> Write:
    """Registers the sale on the booking account, or the refund of a credit note on its invoice."""
    kroner = _in_kroner(run, document)
    body = document.plan.payment_body(document.timestamp, kroner)

    def paid(marked: Document, payment: str) -> Outcome:
        if not payment:
            raise AnswerUnknown(UNSURE, detail="a payment without a Guid")
        return _registered(marked, payment, kroner)

    return Write.of(document, lambda: run.dinero.pay_invoice(_paid_on(document), body), paid)


def look(run: Run, document: Document) -> Outcome:
    """Whether a payment is registered that was in doubt, and whether the document is still as it was booked."""
    found = run.dinero.document(document.kind, document.guid)
    require_equal(document, found)
    invoice = run.dinero.invoice(document.credit_for) if document.kind is Kind.CREDIT_NOTE else found
    return _look_at(run, document, invoice)


def look_before_refund(run: Run, document: Document) -> Outcome:
    """Looks at the invoice that a credit note credits: its TimeStamp, and what the refund has to be."""
    return _look_at(run, document, run.dinero.invoice(document.credit_for))


def _look_at(run: Run, document: Document, invoice: SalesDocument) -> Outcome:
    """Whether the payment or refund is registered on the invoice. `invoice` was fetched first: a payment that lands
    after that changes its TimeStamp, so the next attempt with that TimeStamp is refused instead of paying twice."""
    payment = _planned(document)
    refund = document.kind is Kind.CREDIT_NOTE
    found = run.dinero.payments(_paid_on(document), document.plan.total.currency)
    if (ours := found.ours(payment.reference)) is not None:
        return _registered(document, ours.guid)
    # A booked credit note is set off against its invoice, so exactly the refund is overpaid (facts.md, Dinero 4.25).
    if found.remaining == payment.amount and (refund or not found.payments):
        text = Text("Checked in Dinero: the sale is not registered yet.")
        if refund:
            text = Text("Checked in Dinero: the refund is not registered yet.")
        step = Step.SETTLING if refund else Step.BOOKED
        after = replace(document, pending=None, step=step, state=State.BOOKED, timestamp=invoice.timestamp)
        return Outcome(after, "looked", text)
    if found.remaining.ore == 0:
        text = Text("The invoice was paid in Dinero already, so no payment was registered from here.")
        if refund:
            text = Text("The credit note was settled in Dinero already, so no refund was registered from here.")
        return _done(document, text)
    text = Text(
        "Invoice {invoice} has other payments in Dinero: {remaining} of {total} remain.",
        invoice=document.invoice_number,
        remaining=found.remaining,
        total=document.plan.total,
    )
    fix = Text("Look at the invoice's payments in Dinero and register there what is missing.")
    raise Held([Finding("other_payments", text, fix)])


def is_registered(run: Run, document: Document) -> bool:
    """Whether Dinero has our payment of a document already."""
    payment = document.plan.payment
    found = run.dinero.payments(_paid_on(document), document.plan.total.currency)
    return payment is not None and found.ours(payment.reference) is not None


def send(run: Run, document: Document) -> Write:
    """Sends a booked invoice to the customer's EAN number."""
    plan = document.plan
    body = {
        "PaymentMeanEnum": "Domestic",
        "OrderReference": plan.number,
        "AttPerson": plan.customer.attention or None,
        "Timestamp": document.timestamp,
    }
    return Write.of(
        document, lambda: run.dinero.send_e_invoice(document.guid, body), lambda marked, _: _was_sent(marked)
    )


def look_whether_sent(run: Run, document: Document) -> Outcome:
    """Whether the invoice was sent, and whether it is still as it was booked."""
    found = run.dinero.document(document.kind, document.guid)
    require_equal(document, found)
    if found.is_sent:
        return _was_sent(document)
    after = replace(document, pending=None, step=Step.BOOKED, state=State.BOOKED, timestamp=found.timestamp)
    return Outcome(after)


def close(run: Run, document: Document) -> Outcome:
    """Ends the way of a document that has nothing to be registered as paid."""
    text = Text("No payment is due from here.")
    if document.plan.days is not None:
        text = Text("The invoice is to be paid within {days} days.", days=document.plan.days)
    return _done(document, text)


def _planned(document: Document) -> PlanPayment:
    if document.plan.payment is None:
        raise ValueError("a payment of nothing")
    return document.plan.payment


def _paid_on(document: Document) -> str:
    """The Guid of the invoice on which a payment or refund is registered."""
    return document.credit_for or document.guid


def _in_kroner(run: Run, document: Document) -> Money | None:
    """Dinero's own value of a document in another currency, with the payment's sign; the difference to what the bank
    pays out comes with the payout (facts.md, Dinero 4.29)."""
    plan = document.plan
    if plan.total.currency == DKK:
        return None
    value = run.dinero.value_in_kroner(document.guid, plan.reference)
    if value is None or value.ore == 0:
        text = Text(
            "Dinero does not tell what invoice {invoice} is worth in kroner, so its payment can't be registered.",
            invoice=document.invoice_number,
        )
        raise Held([Finding("no_value", text, Text("Register the payment in Dinero by hand."))])
    return Money(abs(value.ore) if _planned(document).amount.ore > 0 else -abs(value.ore))


def _registered(document: Document, guid: str, kroner: Money | None = None) -> Outcome:
    """The sale or the refund is registered: the order is done. `kroner` is what was sent of another currency; of a
    payment that was found Dinero does not tell it, and its posting does later (see intake/postings.py)."""
    plan, payment = document.plan, _planned(document)
    refund = document.kind is Kind.CREDIT_NOTE
    text = Text("{total} was registered on {account}.", total=plan.total, account=payment.account_name)
    if refund:
        text = Text(
            "The refund of {total} was registered on {account}.", total=plan.total, account=payment.account_name
        )
    value = payment.amount if payment.amount.currency == DKK else kroner
    registered = replace(document, payment_guid=guid)
    if value is not None:
        registered = replace(registered, deposit_account=payment.account, deposit_ore=value.ore)
    done = _done(registered, text)
    return done if refund else replace(done, did=Did.PAID)


def _was_sent(document: Document) -> Outcome:
    return _done(document, Text("The invoice was sent to EAN number {ean}.", ean=document.plan.customer.ean))


def _done(document: Document, text: Text) -> Outcome:
    return Outcome(replace(document, pending=None, step=Step.DONE, state=State.DONE), "done", text)
