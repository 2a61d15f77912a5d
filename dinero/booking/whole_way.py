"""One order's whole way: its document is begun, driven to its end, and what follows from that is done.

What follows may be another document, which is brought to its end in turn: a correction, then the order's next invoice.
That ends, because each of them is begun once, by an answer of the owner's or a credit note that Dinero has.
"""

from dataclasses import replace

from dinero.booking.claims import ClaimedMeanwhile, claim, other_organization
from dinero.booking.corrections import (
    claim_correction,
    correction_of,
    is_correction,
    is_finished,
    open_corrections,
    record_correction,
)
from dinero.booking.machine import drive, leave_unread
from dinero.booking.run import Run
from dinero.booking.unknown import UNKNOWN_CREDIT, is_barred
from dinero.model.documents import Action, Document, OrderKey, State, Step
from dinero.model.errors import Unread
from dinero.model.plans import Kind
from dinero.store.leases import LeaseLost

MAX_CLAIMS = 20


def begin(run: Run, order: OrderKey) -> Document | None:
    """The order's document, claimed now or earlier; None when the order has its result."""
    for _ in range(MAX_CLAIMS):
        try:
            return _begin(run, order)
        except ClaimedMeanwhile:  # each time another worker has claimed one more document of it
            continue
    raise LeaseLost(f"others claim documents of {order} all the time")


def begin_correction(run: Run, order: OrderKey, action: Action, reason: str) -> Document | None:
    """The credit note that an action asks for, claimed now; None when the order has its result."""
    try:
        return claim_correction(run, order, action, reason, run.store.documents.generations(order))
    except ClaimedMeanwhile:
        return begin(run, order)


def bring_to_end(run: Run, document: Document) -> None:
    """Drives a document to its end, and does what follows from it."""
    settled = drive(run, document)
    if settled is not None:
        follow(run, settled)


def follow(run: Run, document: Document) -> None:
    """What follows from a document that is done: its invoice is credited and the order booked anew, a correction that
    waited for its invoice is taken up, or nothing is left to do and the order has its result."""
    if document.state is State.DONE and is_correction(run, document):
        _follow_correction(run, document)
    elif waiting := open_corrections(run, document):
        bring_to_end(run, waiting[0])  # it begins the next one when it is settled
    else:
        run.finish(document)


def _follow_correction(run: Run, document: Document) -> None:
    if is_barred(run, document.credit_for, but=document.order):  # with a return it may have taken back all
        unsure = replace(document, state=State.UNSURE)
        run.finish(run.note(document, unsure, "unsure", UNKNOWN_CREDIT.text, reasons=[UNKNOWN_CREDIT]))
        return
    try:
        record_correction(run, document)
    except Unread:
        leave_unread(run, document)
        return
    fresh = begin(run, document.order)
    if fresh is not None:
        bring_to_end(run, fresh)


def _begin(run: Run, order: OrderKey) -> Document | None:
    seen = run.store.documents.generations(order)
    document = run.store.documents.newest(order)
    invoice = run.store.documents.newest(order, Kind.INVOICE)
    if document is not None and invoice is not None and invoice.state is State.DONE:
        document = next(iter(open_corrections(run, invoice)), document)
    if document is None:
        return claim(run, order, seen)
    if is_finished(run, document):
        row = run.store.orders.get(order)
        if row is not None and row.rebook:
            return claim(run, order, seen)
        run.finish(document, [])
        return None
    if document.organization != run.organization:
        run.finish(document, [other_organization(document.organization)])
        return None
    if document.step is Step.DELETED:
        if is_correction(run, document):
            return claim_correction(run, order, *correction_of(run, document), seen)
        return claim(run, order, seen)
    return document
