"""The proof of completeness: a period's orders beside what Dinero has."""

from collections.abc import Sequence
from datetime import date

from dinero.dashboard.connection import CHOOSE_AGAIN, DineroConnection
from dinero.dashboard.settings import Choices
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.reports.reconcile import Entry, Reconciliation, from_json, reconcile
from dinero.store import Store

MAX_PERIOD_DAYS = 400


class Proof:
    """Reconciliations with Dinero; the last one is kept."""

    def __init__(self, store: Store, settings: Choices, connection: DineroConnection) -> None:
        self._store = store
        self._settings = settings
        self._connection = connection

    def reconcile(self, first: date, last: date) -> Reconciliation:
        """Compares a period with Dinero and keeps the result. Raises DashboardError."""
        check_period(first, last)
        if self._settings.load().organization is None:
            raise SettingsError(CHOOSE_AGAIN)
        result = reconcile(self._connection.dinero(), self._store, first, last)
        self._store.reconciliations.save(result.head(), result.entries())
        text = Text(
            "{first} – {last} was reconciled: {doubled} booked twice, {left_out} forgotten.",
            first=first,
            last=last,
            doubled=result.doubled,
            left_out=result.left_out,
        )
        self._store.history.add(Event("reconciled", text, detail=dict(result.counts)))
        return result

    def last(self) -> Reconciliation | None:
        """The result of the last comparison, without its rows."""
        head = self._store.reconciliations.head()
        return from_json(head) if head else None

    def whole(self) -> Reconciliation | None:
        """The result of the last comparison with all of its rows, for a file."""
        head = self._store.reconciliations.head()
        return from_json(head | {"rows": self._store.reconciliations.entries()}) if head else None

    def entries(self, statuses: Sequence[str], *, shop: str = "", limit: int, offset: int) -> list[Entry]:
        """Rows of the last comparison, those to look at first; all statuses and all shops if none is named."""
        found = self._store.reconciliations.entries(statuses, shop=shop, limit=limit, offset=offset)
        return [Entry(**packed) for packed in found]


def check_period(first: date, last: date) -> None:
    """Raises SettingsError for a period that is turned round or too long to ask Dinero about."""
    if last < first or (last - first).days > MAX_PERIOD_DAYS:
        raise SettingsError(Text("Choose a period of at most {days} days.", days=MAX_PERIOD_DAYS))
