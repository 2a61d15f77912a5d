"""The driver: takes what is written in Dinero along its way, exactly once, be it a document or a ledger item.

It alone commits the mark of a write, lets the write leave, clears the mark with the answer, and looks in Dinero where
no answer came, so whatever was cut off (a lost answer, a kill, a power failure) is seen by the next run, which looks
first (facts.md, rule 1-5). What goes wrong with one of them stays with that one; only trouble with the connection is
raised.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar

from dinero.model.documents import Document, Mark, State, Step
from dinero.model.errors import (
    BROKEN,
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
from dinero.model.ledger import LedgerItem
from dinero.store.leases import LeaseLost

log = logging.getLogger(__name__)

# An order takes four writes and as many looks; more rounds than this mean that it goes in circles.
MAX_ROUNDS = 24
MAX_LOST = 2  # answers that may be lost of one thing in a run: it is looked for once, and then by the next run
MAX_UNSURE = 3

LOOKED = Text("Checked in Dinero whether the last step succeeded.")

Thing = TypeVar("Thing", Document, LedgerItem)
Answer = TypeVar("Answer")


class Held(Exception):
    """Our own checks stop this one."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__([finding.code for finding in findings])
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class OutcomeOf(Generic[Thing]):
    """What became of a document or item, to be recorded: it as it is after it, and the history's row. With `held` it
    stops there."""

    document: Thing
    event: str | None = None
    text: Text | None = None
    held: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteOf(Generic[Thing]):
    """A write that is ready to leave: what it is of as it stands while the answer is awaited, the call that is made
    when that is committed, and what its answer means."""

    document: Thing
    call: Callable[[], object]
    record: Callable[[Thing, object], OutcomeOf[Thing]]

    @classmethod
    def of(
        cls, document: Thing, call: Callable[[], Answer], record: Callable[[Thing, Answer], OutcomeOf[Thing]]
    ) -> Self:
        """A write whose record fits its answer."""
        return cls(document, call, record)  # type: ignore[arg-type]


def always(document: Any) -> bool:
    """A stage that every document of its kind passes."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOf(Generic[Thing]):
    """One step on the way of a document or item.

    `write` reads what the step needs and returns the write that is ready to leave, or at once what became of the
    document. A stage with a `mark` writes; `look` finds out what became of that write. `taken` is the look after Dinero
    said that our Guid is there already. With `is_timed` the write carries the document's TimeStamp, so that Dinero may
    say that it was changed or done meanwhile, and it is looked at. With `may_be_done` any clear no may mean that it was
    done before. `does` and `if_lost` are what docs/architecture.md says of it.
    """

    name: str
    after: Step  # what Dinero must have confirmed
    write: Callable[[Any, Thing], WriteOf[Thing] | OutcomeOf[Thing]]
    does: str
    when: Callable[[Thing], bool] = always
    mark: Mark | None = None
    look: Callable[[Any, Thing], OutcomeOf[Thing]] | None = None
    taken: Callable[[Any, Thing], OutcomeOf[Thing]] | None = None
    is_timed: bool = False
    may_be_done: bool = False
    if_lost: str = ""


class RunOf(Protocol[Thing]):
    """What the driver needs of a run by the holder of the lease."""

    unsure_in_a_row: int
    checked: set[str]  # Guids of what was checked in this run: claimed now, or taken up from an earlier run

    def note(
        self,
        before: Thing,
        after: Thing,
        event: str | None = None,
        text: Text | None = None,
        *,
        reasons: Sequence[Finding] = (),
    ) -> Thing:
        """Commits a change, with the reasons that it stands still for now; with an event also a row of the history.
        Raises LeaseLost."""

    def mark(self, document: Thing, mark: Mark) -> Thing:
        """Commits that a write is about to leave. Raises LeaseLost."""

    def take_mark_back(self, document: Thing) -> None:
        """Commits that the write was not made. Raises LeaseLost."""

    def record(self, before: Thing, outcome: OutcomeOf[Thing]) -> Thing:
        """Commits what became of it. Raises Held where it stops there."""

    def reread(self, document: Thing) -> Thing:
        """It as it is stored now."""

    def refuse(self, before: Thing, findings: Sequence[Finding], after: Thing | None = None) -> None:
        """Records that it stops here, with what the owner can do."""

    def finish(self, document: Thing) -> None:
        """Gives what it is for its result: its state and reasons."""

    def was_unsure(self, document: Thing) -> bool:
        """Whether what it is for was unsure before this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discipline(Generic[Thing]):
    """What differs between the kinds of things that are driven.

    `resume` takes up what an earlier run left, `found` is told of each outcome before it is recorded, `leave_deleted`
    leaves one whose draft was deleted in Dinero, `unread` is why one is left whose answer can't be read, and `mistake`
    what one says that our own code failed with.
    """

    way: Callable[[Thing], Sequence[StageOf[Thing]]]
    resume: Callable[[Any, Thing], Thing]
    found: Callable[[Any, Thing, OutcomeOf[Thing]], OutcomeOf[Thing]]
    leave_deleted: Callable[[Any, Thing], None]
    unread: Finding
    mistake: Callable[[], Finding]

    def next_stage(self, document: Thing) -> StageOf[Thing]:
        """The stage that comes next: the first that follows what Dinero has confirmed."""
        return next_of(self.way(document), document)

    def has_passed(self, document: Thing, stage: StageOf[Thing]) -> bool:
        """Whether a document or item is further on its way than a stage."""
        way = self.way(document)
        return document.step is Step.DONE or way.index(self.next_stage(document)) > way.index(stage)


def next_of(way: Sequence[StageOf[Thing]], document: Thing) -> StageOf[Thing]:
    """The stage of a way that comes next."""
    for stage in way:
        if stage.after is document.step and stage.when(document):
            return stage
    raise ValueError(f"no stage of {document.kind} follows {document.step}")


def marked_of(way: Sequence[StageOf[Thing]], mark: Mark) -> StageOf[Thing]:
    """The stage whose write a mark stands for."""
    return next(stage for stage in way if stage.mark is mark)


def take_along(
    rules: Discipline[Thing], run: RunOf[Thing], document: Thing, until: Collection[Step] = ()
) -> Thing | None:
    """Takes a document or item to one of the steps `until` or to its end; None when it has its result already. One
    that is done has none yet: what follows from it is the caller's to do."""
    lost = 0
    for _ in range(MAX_ROUNDS):
        settled = document.pending is None and document.guid in run.checked
        if settled and document.step in (*until, Step.DONE):
            run.unsure_in_a_row = 0
            return document
        try:
            document = _advance(rules, run, document)
        except AnswerUnknown as error:
            lost += 1
            document = _note_unsure(run, document, Finding("unsure", error.text))
            if lost == MAX_LOST:
                _leave_unsure(run, document)
                return None
        except Unread:
            leave_unread(rules, run, document)
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
            rules.leave_deleted(run, run.reread(document))
            return None
        except Refused as error:
            run.refuse(run.reread(document), [Finding(error.code or "refused", error.text)])
            return None
        except (DashboardError, LeaseLost):
            raise
        except Exception:  # noqa: BLE001 - see assessing.mistake
            run.refuse(run.reread(document), [rules.mistake()])
            return None
    log.error("%s went in circles at step %s", document.kind, document.step)
    run.refuse(document, [Finding("circles", BROKEN)])
    return None


def _advance(rules: Discipline[Thing], run: RunOf[Thing], document: Thing) -> Thing:
    """One step: a look at what is in doubt, a check of what an earlier run left, or the next stage."""
    if document.pending is not None:
        return _look(rules, run, document, marked_of(rules.way(document), document.pending).look)
    if document.guid not in run.checked:
        document = rules.resume(run, document)
        run.checked.add(document.guid)
        return document
    return _take(rules, run, document, rules.next_stage(document))


def _take(rules: Discipline[Thing], run: RunOf[Thing], document: Thing, stage: StageOf[Thing]) -> Thing:
    """Takes a stage: the mark is committed before the write leaves, and cleared with its answer."""
    ready = stage.write(run, document)
    if isinstance(ready, OutcomeOf):
        return _record(rules, run, document, ready)
    if stage.mark is None:
        raise ValueError(f"the stage {stage.name} writes without a mark")
    marked = run.mark(ready.document, stage.mark)
    try:
        answer = ready.call()
    except Refused as no:
        return _after_no(rules, run, document, marked, stage, no)
    return _record(rules, run, marked, ready.record(marked, answer))


def _after_no(
    rules: Discipline[Thing], run: RunOf[Thing], before: Thing, marked: Thing, stage: StageOf[Thing], no: Refused
) -> Thing:
    """What Dinero's clear no to a write means: it is there already, it was changed meanwhile, or it was not done."""
    if isinstance(no, Stale) and stage.is_timed:
        return _look(rules, run, marked, stage.look)
    if isinstance(no, Duplicate) or stage.may_be_done:
        looked = _look(rules, run, marked, stage.taken or stage.look if isinstance(no, Duplicate) else stage.look)
        if rules.has_passed(looked, stage):
            return looked
        raise no
    run.take_mark_back(before)
    raise no


def _look(
    rules: Discipline[Thing],
    run: RunOf[Thing],
    document: Thing,
    look: Callable[[Any, Thing], OutcomeOf[Thing]] | None,
) -> Thing:
    if look is None:
        raise ValueError("a write that can't be looked for")
    return _record(rules, run, document, look(run, document))


def _record(rules: Discipline[Thing], run: RunOf[Thing], document: Thing, outcome: OutcomeOf[Thing]) -> Thing:
    return run.record(document, rules.found(run, document, outcome))


def leave_unread(rules: Discipline[Thing], run: RunOf[Thing], document: Thing) -> None:
    """Leaves one of which Dinero's answer can't be read; that is said once, not by each run."""
    _leave_unsure(run, _note_unsure(run, document, rules.unread, once=True))


def _note_unsure(run: RunOf[Thing], document: Thing, finding: Finding, *, once: bool = False) -> Thing:
    document = run.reread(document)
    event = None if once and document.state is State.UNSURE else "unsure"
    return run.note(document, replace(document, state=State.UNSURE), event, finding.text, reasons=[finding])


def _leave_unsure(run: RunOf[Thing], document: Thing) -> None:
    """Leaves one for the next run. Several in a row are no bad luck: then the run stops. One that was unsure before
    says nothing about Dinero now, or three such orders would keep all others from going. Raises TryLater."""
    run.finish(document)
    if run.was_unsure(document):
        return
    run.unsure_in_a_row += 1
    if run.unsure_in_a_row >= MAX_UNSURE:
        raise TryLater(BROKEN, detail="several answers in a row were lost")
