"""Corrections of what is booked: previewed, started with the owner's reason, or left alone with it."""

from dinero.booking.corrections import no_correction, preview_correction
from dinero.dashboard.orders import LONGEST_REASON
from dinero.dashboard.settings import Choices
from dinero.intake.assessing import Assessor
from dinero.model.clock import Clock
from dinero.model.documents import CORRECTIONS, Action, Event, StoredOrder
from dinero.model.errors import SettingsError
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import InvoicePlan
from dinero.store import Store


class Corrections:
    """The corrections of booked orders."""

    def __init__(self, store: Store, clock: Clock, settings: Choices) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    def start(self, operation_id: str, row: StoredOrder, action: Action, *, reason: str, actor: str) -> bool:
        """Stores the correction of a booked order for the worker: one of CORRECTIONS.

        Returns False when this id was used before. Raises SettingsError without a reason.
        """
        if action not in CORRECTIONS:
            raise ValueError(action)
        if not reason.strip():
            raise SettingsError(Text("Write why the invoice is corrected."))
        told = reason.strip()[:LONGEST_REASON]
        opened = self._store.operations.open(operation_id, [row.key], actor=actor, action=action, detail=told)
        if opened:
            text = Text("A correction was started: {reason}", reason=told)
            self._store.history.add(Event("correction started", text, order=row.key, operation_id=operation_id))
        return opened

    def preview(self, row: StoredOrder, action: Action) -> InvoicePlan | None:
        """The credit note that a correction would book now; None when there is nothing to credit this way."""
        return preview_correction(self._assessor(), row, action, self._clock)

    def why_none(self, row: StoredOrder, action: Action) -> Finding:
        """Why `preview` gives none, and what to do instead."""
        original = self._assessor().original(*row.key)
        return no_correction(row.id, original, action)

    def leave(self, row: StoredOrder, reason: str) -> None:
        """Leaves an invoice as it is though the shop changed the order. Raises SettingsError without a reason."""
        if not reason.strip():
            raise SettingsError(Text("Write why the invoice stays as it is."))
        self._store.orders.accept_change(row.key, reason=reason.strip()[:LONGEST_REASON])

    def _assessor(self) -> Assessor:
        return Assessor(self._store, self._settings.load())
