"""What happened, which only grows."""

import json
from collections.abc import Sequence
from typing import Any

from dinero.model.documents import Event, OrderKey, PastEvent, State
from dinero.model.i18n import Text, mask
from dinero.store.database import Database, Part, Row
from dinero.store.search import found_by

HELD = "held"  # no event of its own: an order's new state, when it needs the owner
_HELD = "h.event = 'state' and h.state = 'held'"
FEW = 500  # orders whose events are read one order after the other
Listed = list[PastEvent]  # the name of the class is hidden by a method


class History(Part):
    """Events, oldest first."""

    def add(self, event: Event) -> None:
        """Adds an event. An order's customer is never named in it, because nobody could be forgotten then."""
        shop, order_id = event.order or (None, None)
        text = event.text.without(mask(self._customer(event.order))) if event.text and event.order else event.text
        self._database.change(
            "insert into history (at, shop, order_id, operation_id, event, state, text, detail, payout) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._database.stamp(),
                shop,
                order_id,
                event.operation_id,
                event.event,
                event.state,
                text.dumps() if text else None,
                json.dumps(event.detail, ensure_ascii=False) if event.detail else None,
                event.payout,
            ],
        )

    def _customer(self, order: OrderKey) -> tuple[str, ...]:
        row = self._database.row("select customer, email from orders where shop = ? and id = ?", order)
        return (row["customer"], row["email"]) if row else ()

    def list(
        self,
        *,
        order: tuple[str, str] | None = None,
        payout: int | None = None,
        events: Sequence[str] = (),
        search: str = "",
        since: str = "",
        until: str = "",
        shop: str = "",
        limit: int = 200,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> Listed:
        """History rows with the order's number, of these `events` (HELD among them) or all; `since` and `until`
        (exclusive) are UTC ISO texts, `shop` is the one whose orders they are about."""
        where, parameters, index = ["1 = 1"], list[Any](), ""
        if since:
            where.append("h.at >= ?")
            parameters.append(since)
        if until:
            where.append("h.at < ?")
            parameters.append(until)
        if order:
            where.append("h.shop = ? and h.order_id = ?")
            parameters += order
        of_few = bool(shop) and self._has_few(shop)
        if shop:
            # The events of few orders are read one by one; of many some are met soon in the order of time, to which
            # the + keeps.
            index = "indexed by history_by_order" if of_few else ""
            where.append(f"{'' if of_few else '+'}h.shop = ?")
            parameters.append(shop)
        if payout is not None:
            where.append("h.payout = ?")
            parameters.append(payout)
        if search:
            index, condition, more = _found(self._database, search)
            where.append(condition)
            parameters += more
        sorted_by = "h.at asc, h.id asc" if oldest_first else "h.at desc, h.id desc"
        if events and (order or search or of_few):
            named = [event for event in events if event != HELD]
            held = f" or ({_HELD})" if HELD in events else ""
            where.append(f"(+h.event in ({', '.join('?' for _ in named)}){held})")
            parameters += named
        elif events:
            # The first of each kind by its index, then the first of them all: nothing is sorted but what is shown.
            first = f"{' and '.join(where)} order by {sorted_by} limit ?"
            up_to = [*parameters, limit + offset if limit >= 0 else limit]
            kinds = [(_HELD, up_to) if event == HELD else ("h.event = ?", [event, *up_to]) for event in events]
            parts = [f"select * from (select h.id from history h where {kind} and {first})" for kind, _ in kinds]
            where, parameters = [f"h.id in ({' union all '.join(parts)})"], [one for _, given in kinds for one in given]
        rows = self._database.rows(
            "select h.*, coalesce(o.number, nullif(p.bank_text, ''), p.payout) as number, "
            "coalesce(o.customer, p.acquirer) as customer, coalesce(o.total_ore, p.net_ore) as total_ore, "
            "coalesce(o.currency, p.currency) as currency, d.invoice_number, d.guid from history h "
            f"{index} left join orders o on o.shop = h.shop and o.id = h.order_id left join payouts p on "
            "p.id = h.payout left join documents d on d.source = h.shop and d.subject = h.order_id and d.current = 1 "
            f"where {' and '.join(where)} "
            f"order by {sorted_by} limit ? offset ?",
            [*parameters, limit, offset],
        )
        return [_event(row) for row in rows]

    def _has_few(self, shop: str) -> bool:
        rows = self._database.tuples(f"select 1 from orders where shop = ? limit {FEW + 1}", [shop])
        return len(rows) <= FEW

    def rules_made(self) -> Listed:
        """The answers that were kept as rules for all orders, oldest first."""
        rows = self._database.rows("select * from history where event = 'answered' and shop is null order by id")
        return [_event(row) for row in rows]


def _found(database: Database, search: str) -> tuple[str, str, list[Any]]:
    """How the events of the orders that a search means are read (an index, a condition and its values): few orders by
    their own events, many by walking the history in its order of time, where some are met soon."""
    found, more = found_by(search)
    keys = database.tuples(f"select shop, id from orders where rowid in ({found}) limit {FEW + 1}", more)
    if len(keys) > FEW:
        return "indexed by history_by_time", f"o.rowid in ({found})", more
    named = "(h.shop, h.order_id) in (select value ->> 0, value ->> 1 from json_each(?))"
    return "indexed by history_by_order", named, [json.dumps(keys)]


def _event(row: Row) -> PastEvent:
    shop, order_id = row.pop("shop"), row.pop("order_id")
    read = {
        "order": OrderKey(shop, order_id) if shop is not None else None,
        "state": State(row["state"]) if row["state"] else None,
        "text": Text.loads(row["text"]) if row["text"] else None,
        "detail": json.loads(row["detail"]) if row["detail"] else None,
    }
    return PastEvent(**row | read)
