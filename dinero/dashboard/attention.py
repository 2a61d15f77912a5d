"""What needs the owner, as the pages ask it."""

from dinero.dashboard.settings import Choices
from dinero.model.attention import Group
from dinero.model.documents import StoredOrder
from dinero.reports.attention import group_orders
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

    def rows(self, group: Group, *, offset: int = 0, limit: int) -> list[StoredOrder]:
        """Some orders of a group, newest first."""
        found = (self._store.orders.get(key) for key in group.keys[offset : offset + limit])
        return [row for row in found if row is not None]
