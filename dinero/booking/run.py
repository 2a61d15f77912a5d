"""One transfer by the holder of the lease: what it knows, and how it notes what became of a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dinero.api.client import Dinero
from dinero.booking.driver import Held, OutcomeOf, WriteOf
from dinero.intake.assessing import Assessor
from dinero.model.documents import Did, Document, Event, Mark, OrderKey, State
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.responses import SalesDocument
from dinero.model.settings import Settings
from dinero.store import Store
from dinero.store.leases import Lease


@dataclass(frozen=True, slots=True)
class Outcome(OutcomeOf[Document]):
    """What became of a document. `did` is counted in the transfer's result. `found` is a document that Dinero has
    booked though nothing here says that it was."""

    did: Did | None = None
    found: SalesDocument | None = None


class Write(WriteOf[Document]):
    """A write of a document that is ready to leave."""


@dataclass
class Run:
    """One transfer by the holder of the lease."""

    operation_id: str
    lease: Lease
    dinero: Dinero
    store: Store
    settings: Settings
    assess: Assessor
    unsure_before: frozenset[OrderKey] = frozenset()  # orders that were unsure when it began
    unsure_in_a_row: int = 0
    # Documents whose order was checked in this run: claimed now, or taken up from an earlier run.
    checked: set[str] = field(default_factory=set)
    # By an invoice's Guid: its credit notes that Dinero has and nothing here knows of, each with its order.
    unknown_credits: Mapping[str, dict[str, OrderKey]] = field(default_factory=dict)

    @property
    def organization(self) -> str:
        """The organization that is written to."""
        return self.dinero.organization

    def note(
        self,
        before: Document,
        after: Document,
        event: str | None = None,
        text: Text | None = None,
        *,
        reasons: Sequence[Finding] = (),
        order_state: State | None = None,
    ) -> Document:
        """Commits a change of a document, with the reasons that it stands still for now; with an event also a row of
        the history. Raises LeaseLost."""
        told = Event(event, text, before.order, self.operation_id, after.state) if event is not None else None
        after = replace(after, reasons=tuple(reasons))
        with self.store.transaction():
            self.store.operations.touch(self.operation_id, after.order)
            return self.store.documents.advance(self.lease, before, after, told, order_state=order_state)

    def mark(self, document: Document, mark: Mark) -> Document:
        """Commits that a write is about to leave, as `document` stands while its answer is awaited. Raises
        LeaseLost."""
        return self.store.documents.set_mark(self.lease, replace(document, pending=mark))

    def take_mark_back(self, document: Document) -> None:
        """Commits that the write was not made: the document is as it was before its mark. Raises LeaseLost."""
        self.store.documents.set_mark(self.lease, document)

    def record(self, before: Document, outcome: OutcomeOf[Document]) -> Document:
        """Commits what became of a document. Raises Held where the order stops there."""
        with self.store.transaction():
            document = self.note(before, outcome.document, outcome.event, outcome.text)
            if isinstance(outcome, Outcome) and outcome.did is not None:
                self.store.operations.mark(self.operation_id, document, outcome.did)
        if outcome.held:
            raise Held(outcome.held)
        return document

    def reread(self, document: Document) -> Document:
        """The document as it is stored now."""
        return self.store.documents.get(document.id) or document

    def refuse(self, before: Document, findings: Sequence[Finding], after: Document | None = None) -> None:
        """Records that this order stops here, with what the owner can do."""
        after = replace(after or before, state=State.REFUSED)
        self.finish(self.note(before, after, "refused", findings[0].text, reasons=findings))

    def finish(self, document: Document, findings: Sequence[Finding] | None = None) -> None:
        """Gives a document's order its result: the document's state, and its reasons unless others are given."""
        self.result(document.order, document.state, document.reasons if findings is None else findings)

    def was_unsure(self, document: Document) -> bool:
        """Whether a document's order was unsure before this run."""
        return document.order in self.unsure_before

    def result(self, order: OrderKey, state: State, findings: Sequence[Finding] = ()) -> None:
        """Gives an order its result in this transfer."""
        self.store.operations.finish_order(self.operation_id, order, state, findings)
