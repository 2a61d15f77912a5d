"""Invoices and credit notes in the driver's hands: what is theirs alone in how they are taken along (driver.py)."""

from collections.abc import Collection
from dataclasses import replace

from dinero.booking import driver, resuming, unknown, ways
from dinero.booking.driver import Discipline, OutcomeOf
from dinero.booking.run import Outcome, Run
from dinero.intake.assessing import mistake
from dinero.model.documents import Document, Step
from dinero.model.errors import DRAFT_DELETED, UNREAD, UNREAD_FIX
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.rules.compare import DOCUMENT_DELETED, booked_otherwise

PUSH_AGAIN = Text("Transfer the order again.")


def drive(run: Run, document: Document, until: Collection[Step] = ()) -> Document | None:
    """Takes a document to one of the steps `until` or to its end; None when its order has its result already. A
    document that is done has none yet: what follows from it is the caller's to do (whole_way.follow)."""
    return driver.take_along(DOCUMENTS, run, document, until)


def leave_unread(run: Run, document: Document) -> None:
    """Leaves an order of which Dinero's answer can't be read; that is said once, not by each run."""
    driver.leave_unread(DOCUMENTS, run, document)


def _found(run: Run, document: Document, outcome: OutcomeOf[Document]) -> OutcomeOf[Document]:
    if isinstance(outcome, Outcome) and outcome.found is not None:
        # Booked though nothing here says so: what came after it may have been done as well.
        unknown.claim_credit_notes(run, document, outcome.found)
        return replace(outcome, document=replace(outcome.document, pending=ways.next_stage(outcome.document).mark))
    return outcome


def _leave_deleted(run: Run, document: Document) -> None:
    """Leaves a document that was deleted in Dinero. The next push makes a draft anew, as a new generation; what was
    booked is never booked again."""
    if document.is_booked:
        run.refuse(document, booked_otherwise([DOCUMENT_DELETED]))
    else:
        gone = replace(document, step=Step.DELETED, pending=None)
        run.refuse(document, [Finding("deleted", DRAFT_DELETED, PUSH_AGAIN)], gone)


DOCUMENTS: Discipline[Document] = Discipline(
    way=ways.way_of,
    resume=resuming.resume,
    found=_found,
    leave_deleted=_leave_deleted,
    unread=Finding("unsure", UNREAD, UNREAD_FIX),
    mistake=mistake,
)
