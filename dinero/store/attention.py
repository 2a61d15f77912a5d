"""The orders that need the owner, with what they are grouped by and no more: there may be thousands."""

import json
from collections.abc import Sequence

from dinero.model.attention import NeedingOrder
from dinero.model.documents import OrderKey, State
from dinero.model.findings import Finding, loads
from dinero.store.database import Part
from dinero.store.search import order_filter


class Attention(Part):
    """Orders that need the owner, each in short."""

    def list(self, states: Sequence[str], search: str = "", *, shop: str = "") -> list[NeedingOrder]:
        """All orders in these states (of one shop, where it is named) that a search means (see `OrderSearch.list`),
        newest first."""
        where, parameters = order_filter(states, search, shop=shop)
        rows = self._database.tuples(
            "select o.shop, o.id, o.total_ore, o.currency, o.state, o.reasons, o.answers, o.change is not null "
            f"from orders o{where} order by o.placed_at desc, o.id desc",
            parameters,
        )
        read: dict[str, tuple[Finding, ...]] = {}  # many say the same
        for packed in {row[5] for row in rows}:
            read[packed] = tuple(loads(packed))
        return [
            NeedingOrder(
                OrderKey(shop, order_id),
                total_ore or 0,
                currency,
                State(state),
                read[reasons],
                {} if answers == "{}" else json.loads(answers),
                bool(changed),
            )
            for shop, order_id, total_ore, currency, state, reasons, answers, changed in rows
        ]

    def among(self, orders: Sequence[OrderKey], states: Sequence[str]) -> set[OrderKey]:
        """Those of these orders that are in one of the states."""
        if not orders:
            return set()
        where, parameters = order_filter(states, "")
        rows = self._database.tuples(
            "select o.shop, o.id from json_each(?) k cross join orders o on o.shop = k.value ->> 0 and "
            f"o.id = k.value ->> 1{where}",
            [json.dumps(orders), *parameters],
        )
        return {OrderKey(*row) for row in rows}
