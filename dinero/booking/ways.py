"""The way of each kind of document through Dinero, as a table of stages.

The driver (driver.py) is the only code that commits a mark, sends a write, clears the mark and looks on doubt, so a
new kind of document, or a new stage, can't forget to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dinero.booking import customers, payments, sales
from dinero.booking.driver import StageOf, marked_of, next_of
from dinero.booking.run import Outcome, Run, Write
from dinero.model.documents import Document, Mark, Step
from dinero.model.plans import Kind


def has_no_customer(document: Document) -> bool:
    """Whether it is not known which contact the document is for."""
    return document.contact_guid is None


def has_payment(document: Document) -> bool:
    """Whether a payment or refund is to be registered."""
    return document.plan.payment is not None


def is_e_invoice(document: Document) -> bool:
    """Whether it goes to an EAN number, to be paid later."""
    return document.plan.payment is None and document.plan.e_invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(StageOf[Document]):
    """One step on a document's way."""

    write: Callable[[Run, Document], Write | Outcome]


CUSTOMER = Stage(
    name="customer",
    after=Step.CLAIMED,
    when=has_no_customer,
    write=customers.find_or_create,
    does="find the customer in the mirror, or create it under our own Guid",
    mark=Mark.CONTACT,
    look=customers.look,
    if_lost="fetch the contact. There: go on. Not there: find or create again",
)
DRAFT = Stage(
    name="draft",
    after=Step.CLAIMED,
    write=sales.make_draft,
    does="create the draft, under our own Guid",
    mark=Mark.CREATE,
    look=sales.look,
    taken=sales.look_for_own,
    if_lost="fetch the document. There: compare it. Not there: create again, same Guid",
)
COMPARE = Stage(
    name="compare",
    after=Step.DRAFTED,
    write=sales.compare,
    does="compare the draft with the plan, to the øre",
)
BOOK = Stage(
    name="book",
    after=Step.VERIFIED,
    write=sales.book,
    does="book it, with the TimeStamp of the draft that was compared",
    mark=Mark.BOOK,
    look=sales.look,
    is_timed=True,
    may_be_done=True,
    if_lost="fetch it. Booked: take its number. Draft: compare again",
)
PAY = Stage(
    name="pay",
    after=Step.BOOKED,
    when=has_payment,
    write=payments.pay,
    does="register the payment, with the invoice's TimeStamp",
    mark=Mark.PAY,
    is_timed=True,
    look=payments.look,
    if_lost="fetch the invoice, then its payments. Ours there: done. None there, and the whole amount remains: pay. "
    "Nothing remains: done, it was paid in Dinero. Anything else: refused, the owner looks",
)
SEND = Stage(
    name="send",
    after=Step.BOOKED,
    when=is_e_invoice,
    write=payments.send,
    does="send the e-invoice",
    mark=Mark.SEND,
    is_timed=True,
    look=payments.look_whether_sent,
    if_lost="fetch the invoice; its `MailOutStatus` says whether it went out",
)
LOOK_BEFORE_REFUND = Stage(
    name="look before the refund",
    after=Step.BOOKED,
    when=has_payment,
    write=payments.look_before_refund,
    does="fetch the invoice that is credited: it must be overpaid by exactly the refund",
)
REFUND = Stage(
    name="refund",
    after=Step.SETTLING,
    write=payments.pay,
    does="register the refund as a negative payment on the invoice, with its TimeStamp",
    mark=Mark.PAY,
    is_timed=True,
    look=payments.look,
    if_lost="fetch the credit note, the invoice, then its payments. Ours there: done. Overpaid by exactly the refund: "
    "refund. Nothing remains: done, it was settled in Dinero. Anything else: refused, the owner looks",
)
CLOSE = Stage(
    name="close",
    after=Step.BOOKED,
    write=payments.close,
    does="nothing is to be paid from here",
)

WAYS: Mapping[Kind, tuple[Stage, ...]] = {
    Kind.INVOICE: (CUSTOMER, DRAFT, COMPARE, BOOK, PAY, SEND, CLOSE),
    Kind.CREDIT_NOTE: (CUSTOMER, DRAFT, COMPARE, BOOK, LOOK_BEFORE_REFUND, REFUND, CLOSE),
}


def way_of(document: Document) -> Sequence[StageOf[Document]]:
    """The way of a document."""
    return WAYS[document.kind]


def next_stage(document: Document) -> StageOf[Document]:
    """The stage that comes next on a document's way: the first that follows what Dinero has confirmed."""
    return next_of(way_of(document), document)


def stage_marked(kind: Kind, mark: Mark) -> StageOf[Document]:
    """The stage whose write a mark stands for."""
    return marked_of(WAYS[kind], mark)
