"""What needs the owner, as the pages ask it."""

from collections.abc import Sequence

from dinero.dashboard.balance import Balances
from dinero.dashboard.settings import Choices
from dinero.model.attention import Group
from dinero.model.documents import OrderKey, StoredOrder
from dinero.model.findings import Finding
from dinero.reports.attention import first_reason, group_orders, overdue_finding, overdue_group
from dinero.reports.overview import OWNER
from dinero.store import Store


class Attention:
    """The orders of one data folder that need the owner."""

    def __init__(self, store: Store, settings: Choices, balance: Balances) -> None:
        self._store = store
        self._settings = settings
        self._balance = balance

    def groups(self, *, search: str = "", shop: str = "", limit: int | None = None) -> list[Group]:
        """The orders that need the owner (of one shop, where it is named, and that a search means) in groups, at most
        `limit` of these. Each order is in one of them, so without any of these their counts sum to `count`. Those that
        were sold and never paid out come last; a search does not mean them."""
        found = group_orders(self._store.attention.list(OWNER, search, shop=shop), self._settings.load())
        overdue = None if search else self.overdue(shop=shop)
        return [*found, *([overdue] if overdue else [])][:limit]

    def count(self) -> int:
        """How many orders need the owner."""
        overdue = self.overdue()
        return self._store.orders.count(states=OWNER) + (overdue.count if overdue else 0)

    def overdue(self, *, shop: str = "") -> Group | None:
        """The orders (of one shop, where it is named) that were sold and never paid out, without those that need the
        owner for another reason."""
        rows = [row for row in self._balance.overdue() if not shop or (row.order and row.order.shop == shop)]
        others = self._store.attention.among([row.order for row in rows if row.order is not None], OWNER)
        return overdue_group([row for row in rows if row.order not in others])

    def rows(self, keys: Sequence[OrderKey], *, offset: int = 0, limit: int) -> list[StoredOrder]:
        """Some orders of a group, in its order."""
        found = (self._store.orders.get(key) for key in keys[offset : offset + limit])
        return [row for row in found if row is not None]

    def reasons(self, row: StoredOrder) -> list[Finding]:
        """Why an order needs the owner: the reason that its group stands for first, then the others."""
        first = first_reason(row.reasons, row.answers, self._settings.load().of_shop(row.shop))
        if first is None:
            return [overdue_finding(late) for late in self._balance.overdue() if late.order == row.key][:1]
        return [first, *(reason for reason in row.reasons if reason != first)]
