"""One working off of payouts by the holder of the lease: what it knows, and how it notes what became of an item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dinero.api.client import Dinero
from dinero.booking.driver import Held, OutcomeOf
from dinero.intake.settling import PayoutAssessor
from dinero.model.documents import Event, Mark, State
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem
from dinero.model.responses import LedgerDraft, LedgerStatus
from dinero.model.settings import Settings
from dinero.model.settlements import LedgerEntry, PayoutState
from dinero.store import Store
from dinero.store.leases import Lease


@dataclass
class LedgerRun:
    """One working off of payouts. What one call told of several items is kept here until each has used it."""

    lease: Lease
    dinero: Dinero
    store: Store
    settings: Settings
    assess: PayoutAssessor
    unsure_before: frozenset[int] = frozenset()  # payouts that were unsure when it began
    unsure_in_a_row: int = 0
    checked: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)  # Guids that were claimed by it
    drafts: Mapping[str, LedgerDraft] = field(default_factory=dict)
    statuses: dict[str, LedgerStatus] = field(default_factory=dict)
    posted: dict[str, LedgerEntry] = field(default_factory=dict)

    @property
    def organization(self) -> str:
        """The organization that is written to."""
        return self.dinero.organization

    def note(
        self,
        before: LedgerItem,
        after: LedgerItem,
        event: str | None = None,
        text: Text | None = None,
        *,
        reasons: Sequence[Finding] = (),
    ) -> LedgerItem:
        """Commits a change of an item, with the reasons that it stands still for now; with an event also a row of the
        history. Raises LeaseLost."""
        told = Event(event, text, state=after.state, payout=before.payout) if event is not None else None
        return self.store.ledger_items.advance(self.lease, before, replace(after, reasons=tuple(reasons)), told)

    def mark(self, item: LedgerItem, mark: Mark) -> LedgerItem:
        """Commits that a write is about to leave. Raises LeaseLost."""
        return self.store.ledger_items.set_mark(self.lease, replace(item, pending=mark))

    def take_mark_back(self, item: LedgerItem) -> None:
        """Commits that the write was not made: the item is as it was before its mark. Raises LeaseLost."""
        self.store.ledger_items.set_mark(self.lease, item)

    def record(self, before: LedgerItem, outcome: OutcomeOf[LedgerItem]) -> LedgerItem:
        """Commits what became of an item. Raises Held where it stops there."""
        item = self.note(before, outcome.document, outcome.event, outcome.text)
        if outcome.held:
            raise Held(outcome.held)
        return item

    def reread(self, item: LedgerItem) -> LedgerItem:
        """The item as it is stored now."""
        return self.store.ledger_items.get(item.id) or item

    def refuse(self, before: LedgerItem, findings: Sequence[Finding], after: LedgerItem | None = None) -> None:
        """Records that this payout stops here, with what the owner can do."""
        after = replace(after or before, state=State.REFUSED)
        with self.store.transaction():
            self.finish(self.note(before, after, "refused", findings[0].text, reasons=findings))

    def finish(self, item: LedgerItem) -> None:
        """Gives an item's payout its result. One that is unsure stays asked for: the next run looks. So does what lies
        in the ledger for the owner to book."""
        payout = self.store.payouts.get(item.payout)
        if payout is None:
            return
        if item.state is State.UNSURE:
            if payout.wanted_at is not None:
                self.store.payouts.set_state(payout.id, PayoutState.UNSURE, item.reasons)
        elif item.state is State.REFUSED:
            self.store.payouts.settle(payout.id, PayoutState.REFUSED, item.reasons)
        elif item.kind is ItemKind.COUNTER:
            self._taken_back(item)
        else:
            self.store.payouts.settle(payout.id, PayoutState.BOOKED)

    def _taken_back(self, item: LedgerItem) -> None:
        """A payout that was taken back stands as before its booking."""
        with self.store.transaction():
            text = Text(
                "The booking of the payout was taken back with voucher {voucher}.", voucher=item.voucher_number or ""
            )
            self.store.history.add(Event("taken back", text, payout=item.payout))
            self.store.payouts.settle(item.payout, PayoutState.HELD)
            payout = self.store.payouts.get(item.payout)
            if payout is not None:
                found = self.assess.standing(payout)
                self.store.payouts.settle(item.payout, found.state, found.reasons)

    def was_unsure(self, item: LedgerItem) -> bool:
        """Whether an item's payout was unsure before this run."""
        return item.payout in self.unsure_before
