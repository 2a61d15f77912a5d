"""Invoice and credit note: the draft, its comparison, the booking, and the look for what became of each."""

from dataclasses import replace

from dinero.booking.driver import LOOKED, Held
from dinero.booking.run import Outcome, Run, Write
from dinero.model.documents import Did, Document, State, Step
from dinero.model.errors import DRAFT_DELETED, UNSURE, AnswerUnknown, Deleted, NotFound
from dinero.model.i18n import Text
from dinero.model.plans import Kind
from dinero.model.responses import Draft, SalesDocument
from dinero.rules.compare import booked_otherwise, differences, draft_differences


def make_draft(run: Run, document: Document) -> Write:
    """Creates the draft under our own Guid."""
    body = document.plan.body(document.guid, document.contact_guid or "")

    def made(marked: Document, answer: Draft) -> Outcome:
        if answer.guid != marked.guid or not answer.timestamp:
            raise AnswerUnknown(UNSURE, detail="a created draft without our Guid or a TimeStamp")
        after = replace(marked, pending=None, step=Step.DRAFTED, state=State.DRAFTED, timestamp=answer.timestamp)
        return Outcome(after, "drafted", Text("The draft was made in Dinero."))

    return Write.of(document, lambda: run.dinero.create(document.kind, body), made)


def look_for_own(run: Run, document: Document) -> Outcome:
    """What Dinero has under a Guid that it says is taken."""
    try:
        found = run.dinero.document(document.kind, document.guid)
    except NotFound:
        if document.operation_id == run.operation_id:  # made just now, and perhaps not readable yet
            raise AnswerUnknown(UNSURE, detail="there and not there") from None
        raise Deleted(DRAFT_DELETED) from None
    return _found(document, found)


def compare(run: Run, document: Document) -> Outcome:
    """Fetches the draft and compares it with the plan (facts.md, rule 4)."""
    try:
        found = run.dinero.document(document.kind, document.guid)
    except NotFound:
        return Outcome(replace(document, step=Step.CLAIMED, state=State.CLAIMED))
    if found.deleted:
        raise Deleted(DRAFT_DELETED)
    if found.is_booked:
        return _found_booked(document, found)
    if different := draft_differences(found, document.plan, document.contact_guid):
        raise Held(different)
    return fits(replace(document, timestamp=found.timestamp))


def compare_listed(document: Document, found: SalesDocument | None) -> Outcome | None:
    """The comparison with a row of Dinero's list of drafts; None when the draft is to be fetched by itself. The list
    does not tell which invoice a credit note is for."""
    if document.step is not Step.DRAFTED or found is None or document.kind is Kind.CREDIT_NOTE:
        return None
    return None if differences(found, document.plan, document.contact_guid) else fits(document)


def fits(document: Document) -> Outcome:
    """A draft that is as planned."""
    text = Text("The draft in Dinero was compared with the order: it fits to the øre.")
    return Outcome(replace(document, step=Step.VERIFIED, state=State.VERIFIED), "verified", text)


def book(run: Run, document: Document) -> Write:
    """Books the draft for good."""

    def was_booked(marked: Document, answer: SalesDocument) -> Outcome:
        if not answer.is_booked or not answer.number:
            raise AnswerUnknown(UNSURE, detail="a booked invoice without a number")
        return _booked(marked, answer)

    return Write.of(document, lambda: run.dinero.book(document.kind, document.guid, document.timestamp), was_booked)


def look(run: Run, document: Document) -> Outcome:
    """What became of the draft or of its booking."""
    try:
        found = run.dinero.document(document.kind, document.guid)
    except NotFound:
        # Created once more under the same Guid: if it is there after all, Dinero says so (409/72).
        after = replace(document, pending=None, step=Step.CLAIMED, state=State.CLAIMED)
        return Outcome(after, "looked", LOOKED)
    return _found(document, found)


def require_equal(document: Document, found: SalesDocument) -> None:
    """A document that was booked with other amounts is never taken for the order's, however often it is pushed. Its
    customer may have been put together with another one in Dinero since. Raises Held."""
    if different := booked_otherwise(differences(found, document.plan, found.contact_guid)):
        raise Held(different)


def _found(document: Document, found: SalesDocument) -> Outcome:
    if found.is_booked:
        return _found_booked(document, found)
    # A draft, created or not booked: it is compared again before it is booked.
    after = replace(document, pending=None, step=Step.DRAFTED, state=State.DRAFTED, timestamp=found.timestamp)
    return Outcome(after, "looked", LOOKED)


def _found_booked(document: Document, found: SalesDocument) -> Outcome:
    if document.is_booked:  # what is in doubt comes after it
        require_equal(document, found)
        return Outcome(replace(document, pending=None, step=Step.BOOKED, state=State.BOOKED), found=found)
    return replace(_booked(document, found), found=found)


def _booked(document: Document, found: SalesDocument) -> Outcome:
    is_credit = document.kind is Kind.CREDIT_NOTE
    text = Text("The invoice was booked with number {invoice}.", invoice=found.number)
    if is_credit:
        text = Text("The credit note was booked with number {invoice}.", invoice=found.number)
    after = replace(
        document,
        pending=None,
        step=Step.BOOKED,
        state=State.BOOKED,
        invoice_number=found.number,
        timestamp=found.timestamp,
    )
    held = booked_otherwise(differences(found, document.plan, document.contact_guid))
    return Outcome(after, "booked", text, did=Did.CREDITED if is_credit else Did.BOOKED, held=held)
