"""What the sandbox's WooCommerce keeps: orders and refunds, each found by id, by time and by status without a walk
through all of them."""

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Set
from itertools import count

from dinero.sandbox.woocommerce_json import DERIVED, Raw

Key = tuple[str, int]  # a time as it is kept, and the order's id

# The statuses that WooCommerce itself has, with their names. `any` hides the last, and the trash.
STATUSES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
UNSEEN = frozenset({"trash", "auto-draft", "checkout-draft"})


class Orders:
    """Orders and refunds, with ids from one sequence. Orders are kept as the bytes of their JSON, so that a hundred
    thousand of them fit."""

    def __init__(self) -> None:
        self._ids, self.item_ids = count(10400), count(1)
        self._kept: dict[int, bytes] = {}
        self._keys: dict[int, tuple[str, str, str]] = {}  # created, modified, status
        self._sorted: dict[str, list[Key]] | None = None
        self.by_status: dict[str, set[int]] = {}
        self.refunds: dict[int, Raw] = {}
        self._refunds_of: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, order_id: object) -> bool:
        return order_id in self._kept

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._kept))

    def next_id(self) -> int:
        """The next id of an order or a refund that is free."""
        return next(id_ for id_ in self._ids if id_ not in self._kept and id_ not in self.refunds)

    def get(self, order_id: int) -> Raw | None:
        """An order as it is kept, a copy."""
        kept = self._kept.get(order_id)
        order: Raw | None = json.loads(kept) if kept is not None else None
        return order

    def put(self, order: Raw) -> int:
        """Keeps an order, new or instead of the one with its id."""
        order = {key: value for key, value in order.items() if key not in DERIVED}
        order_id: int = order["id"]
        self._forget(order_id)
        created, modified = str(order.get("date_created_gmt") or ""), str(order.get("date_modified_gmt") or "")
        status = str(order.get("status") or "")
        self._kept[order_id] = json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()
        self._keys[order_id] = (created, modified, status)
        self.by_status.setdefault(status, set()).add(order_id)
        if self._sorted is not None:
            for name, key in (("date", created), ("modified", modified), ("id", "")):
                insort(self._sorted[name], (key, order_id))
        return order_id

    def delete(self, order_id: int) -> None:
        """The order is gone, with its refunds."""
        self._forget(order_id)
        self._kept.pop(order_id, None)
        self._keys.pop(order_id, None)
        for refund_id in self._refunds_of.pop(order_id, ()):
            self.refunds.pop(refund_id, None)

    def _forget(self, order_id: int) -> None:
        if order_id not in self._keys:
            return
        created, modified, status = self._keys[order_id]
        self.by_status[status].discard(order_id)
        if self._sorted is not None:
            for name, key in (("date", created), ("modified", modified), ("id", "")):
                keys = self._sorted[name]
                del keys[bisect_left(keys, (key, order_id))]

    def sorted_by(self, name: str) -> list[Key]:
        """All orders by "date", "modified" or "id", which also breaks ties. Sorted once; it is kept so."""
        if self._sorted is None:
            keys = self._keys.items()
            self._sorted = {
                "date": sorted((created, order_id) for order_id, (created, _, _) in keys),
                "modified": sorted((modified, order_id) for order_id, (_, modified, _) in keys),
                "id": sorted(("", order_id) for order_id in self._kept),
            }
        return self._sorted[name]

    def created(self, order_id: int) -> str:
        """When an order was made, as it is kept."""
        return self._keys[order_id][0]

    def modified(self, order_id: int) -> str:
        """When an order was changed, as it is kept."""
        return self._keys[order_id][1]

    def with_status(self, statuses: Iterable[str]) -> Set[int]:
        """The ids of orders that have one of some statuses."""
        return set().union(*(self.by_status.get(status, set()) for status in statuses))

    def put_refund(self, refund: Raw) -> int:
        """Keeps a refund of an order."""
        refund_id: int = refund["id"]
        self.refunds[refund_id] = refund
        self._refunds_of.setdefault(refund["parent_id"], []).append(refund_id)
        return refund_id

    def delete_refund(self, refund_id: int) -> None:
        """The refund is gone; its order says nothing of it (facts.md's chapter WooCommerce)."""
        refund = self.refunds.pop(refund_id)
        self._refunds_of[refund["parent_id"]].remove(refund_id)

    def refunds_of(self, order_id: int) -> list[Raw]:
        """An order's refunds, the newest first."""
        return [self.refunds[refund_id] for refund_id in reversed(self._refunds_of.get(order_id, ()))]
