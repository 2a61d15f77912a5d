"""The driver: takes a document along its way, exactly once.

It alone commits the mark of a write, lets the write leave, clears the mark with the answer, and looks in Dinero where
no answer came, so whatever was cut off (a lost answer, a kill, a power failure) is seen by the next run, which looks
first (facts.md, rule 1-5). What goes wrong with one order stays with that order; only trouble with the connection is
raised.
"""

import logging
from collections.abc import Collection
from dataclasses import replace

from dinero.booking import resuming, unknown
from dinero.booking.run import Held, Outcome, Run
from dinero.booking.ways import Look, Stage, has_passed, next_stage, stage_marked
from dinero.intake.assessing import mistake
from dinero.model.documents import Document, State, Step
from dinero.model.errors import (
    BROKEN,
    DRAFT_DELETED,
    UNREAD,
    UNREAD_FIX,
    AnswerUnknown,
    DashboardError,
    Deleted,
    Duplicate,
    Refused,
    Stale,
    TryLater,
    Unread,
)
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.rules.compare import DOCUMENT_DELETED, booked_otherwise
from dinero.store.leases import LeaseLost

log = logging.getLogger(__name__)

# An order takes four writes and as many looks; more rounds than this mean that it goes in circles.
MAX_ROUNDS = 24
MAX_LOST = 2  # answers that may be lost of one order in a run: it is looked for once, and then by the next run
MAX_UNSURE = 3
PUSH_AGAIN = Text("Transfer the order again.")


def drive(run: Run, document: Document, until: Collection[Step] = ()) -> Document | None:
    """Takes a document to one of the steps `until` or to its end; None when its order has its result already. A
    document that is done has none yet: what follows from it is the caller's to do (whole_way.follow)."""
    lost = 0
    for _ in range(MAX_ROUNDS):
        settled = document.pending is None and document.guid in run.checked
        if settled and document.step in (*until, Step.DONE):
            run.unsure_in_a_row = 0
            return document
        try:
            document = _advance(run, document)
        except AnswerUnknown as error:
            lost += 1
            document = _note_unsure(run, document, Finding("unsure", error.text))
            if lost == MAX_LOST:
                leave_unsure(run, document)
                return None
        except Unread:
            leave_unread(run, document)
            return None
        except TryLater:
            document = run.reread(document)
            if document.state is State.UNSURE:
                run.finish(document)
            raise
        except Held as held:
            run.refuse(run.reread(document), held.findings)
            return None
        except Deleted:
            _leave_deleted(run, run.reread(document))
            return None
        except Refused as error:
            run.refuse(run.reread(document), [Finding(error.code or "refused", error.text)])
            return None
        except (DashboardError, LeaseLost):
            raise
        except Exception:  # noqa: BLE001 - see assessing.mistake
            run.refuse(run.reread(document), [mistake()])
            return None
    log.error("an order went in circles at step %s", document.step)
    run.refuse(document, [Finding("circles", BROKEN)])
    return None


def _advance(run: Run, document: Document) -> Document:
    """One step: a look at what is in doubt, a check of what an earlier run left, or the next stage."""
    if document.pending is not None:
        stage = stage_marked(document.kind, document.pending)
        return _look(run, document, stage.look)
    if document.guid not in run.checked:
        document = resuming.resume(run, document)
        run.checked.add(document.guid)
        return document
    return _take(run, document, next_stage(document))


def _take(run: Run, document: Document, stage: Stage) -> Document:
    """Takes a stage: the mark is committed before the write leaves, and cleared with its answer."""
    ready = stage.write(run, document)
    if isinstance(ready, Outcome):
        return _record(run, document, ready)
    if stage.mark is None:
        raise ValueError(f"the stage {stage.name} writes without a mark")
    marked = run.mark(ready.document, stage.mark)
    try:
        answer = ready.call()
    except Refused as no:
        return _after_no(run, document, marked, stage, no)
    return _record(run, marked, ready.record(marked, answer))


def _after_no(run: Run, before: Document, marked: Document, stage: Stage, no: Refused) -> Document:
    """What Dinero's clear no to a write means: it is there already, it was changed meanwhile, or it was not done."""
    if isinstance(no, Stale) and stage.is_timed:
        return _look(run, marked, stage.look)
    if isinstance(no, Duplicate) or stage.may_be_done:
        looked = _look(run, marked, stage.taken or stage.look if isinstance(no, Duplicate) else stage.look)
        if has_passed(looked, stage):
            return looked
        raise no
    run.take_mark_back(before)
    raise no


def _look(run: Run, document: Document, look: Look | None) -> Document:
    if look is None:
        raise ValueError("a write that can't be looked for")
    return _record(run, document, look(run, document))


def _record(run: Run, document: Document, outcome: Outcome) -> Document:
    if outcome.found is not None:
        # Booked though nothing here says so: what came after it may have been done as well.
        unknown.claim_credit_notes(run, document, outcome.found)
        outcome = replace(outcome, document=replace(outcome.document, pending=next_stage(outcome.document).mark))
    return run.record(document, outcome)


def _leave_deleted(run: Run, document: Document) -> None:
    """Leaves a document that was deleted in Dinero. The next push makes a draft anew, as a new generation; what was
    booked is never booked again."""
    if document.is_booked:
        run.refuse(document, booked_otherwise([DOCUMENT_DELETED]))
    else:
        gone = replace(document, step=Step.DELETED, pending=None)
        run.refuse(document, [Finding("deleted", DRAFT_DELETED, PUSH_AGAIN)], gone)


def leave_unread(run: Run, document: Document) -> None:
    """Leaves an order of which Dinero's answer can't be read; that is said once, not by each run."""
    leave_unsure(run, _note_unsure(run, document, Finding("unsure", UNREAD, UNREAD_FIX), once=True))


def _note_unsure(run: Run, document: Document, finding: Finding, *, once: bool = False) -> Document:
    document = run.reread(document)
    event = None if once and document.state is State.UNSURE else "unsure"
    return run.note(document, replace(document, state=State.UNSURE), event, finding.text, reasons=[finding])


def leave_unsure(run: Run, document: Document) -> None:
    """Leaves an order for the next run. Several in a row are no bad luck: then the run stops. One that was unsure
    before says nothing about Dinero now, or three such orders would keep all others from going. Raises TryLater."""
    run.finish(document)
    if document.order in run.unsure_before:
        return
    run.unsure_in_a_row += 1
    if run.unsure_in_a_row >= MAX_UNSURE:
        raise TryLater(BROKEN, detail="several answers in a row were lost")
