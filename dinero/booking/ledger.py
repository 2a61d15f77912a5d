"""The way of a ledger item through Dinero, as a table of stages, in the hands of the driver that takes documents along.

Booking is asynchronous (facts.md, Payouts 7.1): what was asked for once is never sent again, only looked at.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from dinero.booking import driver
from dinero.booking.driver import LOOKED, Discipline, Held, OutcomeOf, StageOf, WriteOf
from dinero.booking.ledger_run import LedgerRun
from dinero.intake.assessing import logged
from dinero.model.documents import Mark, State, Step
from dinero.model.errors import BROKEN, UNSURE, AnswerUnknown, Deleted, NotFound, Unread
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem
from dinero.model.responses import LedgerStatus
from dinero.model.settlements import LedgerEntry
from dinero.rules.ledger_compare import DELETE_ITEM, DIFFERS, draft_difference, of_item, posting_difference

ITEM_DELETED = Text("The item was deleted in Dinero's ledger (kassekladde).")
VOUCHER_GONE = Text("Dinero no longer knows the voucher of this payout.")
BOOK_AGAIN = Text("Book the payout again: a new item is laid in the ledger then.")
STILL_BOOKING = Text("Dinero is still booking it. The next run looks again; nothing is sent twice.")
UNREAD_ITEM = Text(
    "Dinero could not show what it has of this payout, so nothing more was sent. The next run looks again."
)
FELL_BACK = Finding(
    "fell_back",
    Text("Dinero began to book the payout and laid it back in the ledger (kassekladde) unbooked."),
    Text("Look at it there: Dinero may say what is missing. Then book the payout again here."),
)


def drive(run: LedgerRun, item: LedgerItem, until: Collection[Step] = ()) -> LedgerItem | None:
    """Takes an item to one of the steps `until` or to its end; None when its payout has its result already."""
    return driver.take_along(ITEMS, run, item, until)


def lay(run: LedgerRun, item: LedgerItem) -> WriteOf[LedgerItem]:
    """Lays the item in the ledger, under our own Id."""

    def laid(marked: LedgerItem, version: str) -> OutcomeOf[LedgerItem]:
        if not version:
            raise AnswerUnknown(UNSURE, detail="a ledger item without a Version")
        after = replace(marked, pending=None, step=Step.DRAFTED, state=State.DRAFTED, timestamp=version)
        return OutcomeOf(after, "drafted", Text("The payout was laid in Dinero's ledger (kassekladde)."))

    return WriteOf.of(item, lambda: run.dinero.create_ledger_item(item.plan, item.guid), laid)


def look(run: LedgerRun, item: LedgerItem) -> OutcomeOf[LedgerItem]:
    """What became of an item that was sent, or whose booking was."""
    try:
        status = run.dinero.ledger_status(item.guid)
    except NotFound:
        if item.step is not Step.CLAIMED:
            raise Deleted(ITEM_DELETED) from None
        # Laid there once more under the same Id: if it is there after all, Dinero says so (409/72).
        return OutcomeOf(replace(item, pending=None, state=State.CLAIMED), "looked", LOOKED)
    return told(item, status)


def look_for_own(run: LedgerRun, item: LedgerItem) -> OutcomeOf[LedgerItem]:
    """What Dinero has under an Id that it says is taken."""
    try:
        status = run.dinero.ledger_status(item.guid)
    except NotFound:
        if item.guid in run.claimed:  # made just now, and perhaps not readable yet
            raise AnswerUnknown(UNSURE, detail="there and not there") from None
        raise Deleted(ITEM_DELETED) from None
    return told(item, status)


def compare(run: LedgerRun, item: LedgerItem) -> OutcomeOf[LedgerItem]:
    """Compares what lies in the ledger with the plan (facts.md, rule 4)."""
    found = run.drafts.get(item.guid)
    if found is None or found.version != item.timestamp:
        try:
            found = run.dinero.ledger_drafts([item.guid]).get(item.guid)
        except NotFound:
            found = None
    if found is None:  # booked in Dinero meanwhile, or deleted
        return look(run, item)
    if (different := draft_difference(found, item.plan)) is not None:
        raise Held([different])
    after = replace(item, step=Step.VERIFIED, state=State.VERIFIED, timestamp=found.version or item.timestamp)
    return OutcomeOf(after, "verified", Text("The item in Dinero was compared with the payout: it fits to the øre."))


def book(run: LedgerRun, item: LedgerItem) -> WriteOf[LedgerItem]:
    """Asks Dinero to book it for good."""

    def begun(marked: LedgerItem, _: None) -> OutcomeOf[LedgerItem]:
        return OutcomeOf(replace(marked, pending=None, step=Step.BOOKING))

    return WriteOf.of(item, lambda: run.dinero.book_ledger_item(item.guid, item.timestamp), begun)


def wait(run: LedgerRun, item: LedgerItem) -> OutcomeOf[LedgerItem]:
    """What became of a booking that was begun. Raises AnswerUnknown while it is not known."""
    status = run.statuses.get(item.guid)
    if status is None:
        try:
            status = run.dinero.ledger_status(item.guid)
        except NotFound:
            raise Deleted(ITEM_DELETED) from None
    if status.is_draft:
        raise Held([FELL_BACK])
    if not status.is_settled:
        raise AnswerUnknown(STILL_BOOKING)
    return told(item, status)


def check(run: LedgerRun, item: LedgerItem) -> OutcomeOf[LedgerItem]:
    """Reads back what Dinero posted and compares it with the plan, to the øre."""
    number, on = item.voucher_number or "", item.plan.on
    entries = of_item(_numbered(run.posted.values(), item), item.guid, item.plan)
    if not entries:
        posted = run.dinero.entries(on, on, primo=False)
        entries = of_item(_numbered(posted, item), item.guid, item.plan)
    if not entries:
        raise Unread(BROKEN, detail=f"no posting of voucher {number} on {on}")
    if (different := posting_difference(entries, item.plan)) is not None:
        raise Held([different])
    after = replace(item, step=Step.DONE, state=State.DONE)
    return OutcomeOf(after, "done", Text("What Dinero posted was read back: it fits to the øre."))


def _numbered(entries: Iterable[LedgerEntry], item: LedgerItem) -> list[LedgerEntry]:
    return [one for one in entries if one.voucher_number == item.voucher_number and one.on == item.plan.on]


def told(item: LedgerItem, found: LedgerStatus) -> OutcomeOf[LedgerItem]:
    """What an item's status means for it."""
    if found.is_settled:
        text = Text("The payout was booked with voucher number {voucher}.", voucher=found.voucher_number)
        if item.kind is ItemKind.COUNTER:
            text = Text(
                "The item that takes it back was booked with voucher number {voucher}.", voucher=found.voucher_number
            )
        after = replace(item, pending=None, step=Step.BOOKED, state=State.BOOKED, voucher_number=found.voucher_number)
        return OutcomeOf(after, "booked", text)
    if found.is_draft:  # laid there, or not booked: it is compared before it is booked
        after = replace(item, pending=None, step=Step.DRAFTED, state=State.DRAFTED, timestamp=found.version)
        return OutcomeOf(after, "looked", LOOKED)
    return OutcomeOf(replace(item, pending=None, step=Step.BOOKING, state=State.VERIFIED), "looked", LOOKED)


# --- what an earlier run left ---------------------------------------------------------------------------


def resume(run: LedgerRun, item: LedgerItem) -> LedgerItem:
    """Takes up an item of an earlier run, whose payout or settings may have changed since. One that was refused while
    it was booked had fallen back, and is asked for anew. Raises Held or Deleted."""
    if item.is_booked:
        return run.note(item, replace(item, state=State(item.step)))
    if item.step is Step.BOOKING and item.state is not State.REFUSED:
        return run.note(item, replace(item, state=State.VERIFIED))
    if item.kind is ItemKind.COUNTER:  # its plan depends on what was booked alone, which does not change
        return _again(run, item)
    payout = run.store.payouts.get(item.payout)
    if payout is None:
        raise ValueError("an item without its payout")
    found = run.assess.standing(payout)
    if item.step is not Step.CLAIMED and found.plan != item.plan:
        try:
            status = run.dinero.ledger_status(item.guid)
        except NotFound:
            raise Deleted(ITEM_DELETED) from None
        if not status.is_draft:  # the owner has booked it there
            return run.record(item, told(item, status))
    if found.plan is None:
        raise Held(found.reasons)
    if item.step is Step.CLAIMED:  # nothing of it is in Dinero
        return _again(run, replace(item, plan=found.plan))
    if found.plan != item.plan:
        text = Text("The payout or the accounts were changed after it was laid in Dinero's ledger (kassekladde).")
        raise Held([Finding("changed_since_draft", text, DELETE_ITEM)])
    return _again(run, item)


def _again(run: LedgerRun, item: LedgerItem) -> LedgerItem:
    """What lies in the ledger is compared anew; what was only claimed stays claimed."""
    step = Step.CLAIMED if item.step is Step.CLAIMED else Step.DRAFTED
    return run.note(run.reread(item), replace(item, step=step, state=State(step)))


def leave_deleted(run: LedgerRun, item: LedgerItem) -> None:
    """Leaves an item that was deleted in Dinero. Another one is made when the owner asks for it; what was booked is
    never booked again."""
    if item.is_booked:
        run.refuse(item, [Finding(DIFFERS, VOUCHER_GONE, Text("Look for it in Dinero."))])
    else:
        gone = replace(item, step=Step.DELETED, pending=None)
        run.refuse(item, [Finding("deleted", ITEM_DELETED, BOOK_AGAIN)], gone)


def _mistake() -> Finding:
    text = Text(
        "The dashboard made a mistake with this payout. Report it with the reference {reference}.",
        reference=logged("payout"),
    )
    return Finding("mistake", text)


class Stage(StageOf[LedgerItem]):
    """One step on an item's way."""


LAY = Stage(
    name="lay",
    after=Step.CLAIMED,
    write=lay,
    does="lay it in the ledger, under our own Id",
    mark=Mark.CREATE,
    look=look,
    taken=look_for_own,
    if_lost="ask its status. There: compare it. Not there: lay it again, same Id",
)
COMPARE = Stage(
    name="compare",
    after=Step.DRAFTED,
    write=compare,
    does="compare what lies in the ledger with the plan, to the øre",
)
BOOK = Stage(
    name="book",
    after=Step.VERIFIED,
    write=book,
    does="ask Dinero to book it, with the Version of what was compared; what is left to the owner ends here",
    mark=Mark.BOOK,
    look=look,
    is_timed=True,
    may_be_done=True,
    if_lost="ask its status. Booked: take its number. Being booked: wait. Draft: compare again",
)
WAIT = Stage(
    name="wait",
    after=Step.BOOKING,
    write=wait,
    does="ask its status, with growing pauses and in the next run again; it is never sent twice",
)
CHECK = Stage(
    name="check",
    after=Step.BOOKED,
    write=check,
    does="read back what was posted and compare it with the plan, to the øre",
)
WAY: Sequence[StageOf[LedgerItem]] = (LAY, COMPARE, BOOK, WAIT, CHECK)


def _way(item: LedgerItem) -> Sequence[StageOf[LedgerItem]]:
    """The way of an item, whatever it books."""
    return WAY


ITEMS: Discipline[LedgerItem] = Discipline(
    way=_way,
    resume=resume,
    found=lambda run, item, outcome: outcome,
    leave_deleted=leave_deleted,
    unread=Finding("unsure", UNREAD_ITEM),
    mistake=_mistake,
)
