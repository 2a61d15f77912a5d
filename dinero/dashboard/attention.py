"""What needs the owner, as the pages ask it."""

from collections.abc import Sequence

from dinero.dashboard.settings import Choices
from dinero.model.attention import Group
from dinero.model.documents import OrderKey, StoredOrder
from dinero.model.findings import Finding
from dinero.reports.attention import first_reason, group_orders
from dinero.reports.overview import OWNER
from dinero.store import Store


class Attention:
    """The orders of one data folder that need the owner."""

    def __init__(self, store: Store, settings: Choices) -> None:
        self._store = store
        self._settings = settings

    def groups(self, *, search: str = "", limit: int | None = None) -> list[Group]:
        """The orders that need the owner (and that a search means) in groups, at most `limit` of these. Each order is
        in one of them, so without a search and a limit their counts sum to the count in the head of the pages."""
        return group_orders(self._store.attention.list(OWNER, search), self._settings.load())[:limit]

    def rows(self, keys: Sequence[OrderKey], *, offset: int = 0, limit: int) -> list[StoredOrder]:
        """Some orders of a group, in its order."""
        found = (self._store.orders.get(key) for key in keys[offset : offset + limit])
        return [row for row in found if row is not None]

    def reasons(self, row: StoredOrder) -> list[Finding]:
        """Why an order needs the owner: the reason that its group stands for first, then the others."""
        first = first_reason(row.reasons, row.answers, self._settings.load())
        return [] if first is None else [first, *(reason for reason in row.reasons if reason != first)]
