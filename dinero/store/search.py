"""Orders that are looked for: by state, day, words or reason."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from dinero.model.consultation import VALID
from dinero.model.documents import CHANGED, STATES, UNDER_WAY, OrderKey, State, Step, StoredOrder
from dinero.model.findings import loads
from dinero.model.money import AmountError, Money
from dinero.model.plans import Kind
from dinero.model.shops import FIRST_SHOP
from dinero.store.database import READ_AT_ONCE, Part

Days = tuple[str, str]  # a first and a last Copenhagen date (ISO), both included

Found = list[StoredOrder]  # the name of the class is hidden by a method
Placed = list[tuple[int, StoredOrder]]
Amounts = list[tuple[OrderKey, Money]]

_NAMES = [item.name for item in fields(StoredOrder)]
_OF_DOCUMENT = {"document_at": "d.updated_at"} | {
    name: f"d.{name}" for name in ("guid", "kind", "step", "invoice_number")
}
# All columns of StoredOrder in their order.
ORDERS = (
    f"select {', '.join(_OF_DOCUMENT.get(name, f'o.{name}') for name in _NAMES)} from orders o "
    "left join documents d on d.source = o.shop and d.subject = o.id and d.current = 1"
)


def folded(email: str) -> str:
    """An e-mail as it is compared: without regard to capitals, in any alphabet, however its letters are put
    together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).casefold())


class OrderSearch(Part):
    """Orders, each with its document in short."""

    def get(self, order: OrderKey) -> StoredOrder | None:
        """One order with its document, if it has one."""
        return next(iter(self._read(ORDERS + " where o.shop = ? and o.id = ?", order)), None)

    def by_id(self, shop: str, order_ids: Sequence[str]) -> dict[str, StoredOrder]:
        """Those of these orders that are known, by id, each with its document."""
        chosen = " where o.shop = ? and o.id in (select value from json_each(?))"
        return {row.id: row for row in self._read(ORDERS + chosen, [shop, json.dumps(list(order_ids))])}

    def find(self, wanted: str) -> Found:
        """Orders whose id or number is `wanted`, in all shops or in the one that it names ("shop:number")."""
        shop, _, of_shop = wanted.partition(":")
        if of_shop and (found := self._read(f"{ORDERS} where o.shop = ? and ? in (o.id, o.number)", [shop, of_shop])):
            return found
        return self._read(ORDERS + " where o.id = ? or o.number = ?", [wanted, wanted])

    def with_id(self, address: str) -> StoredOrder | None:
        """The order that an address of a page names (see OrderKey.address); None when there is none, or several."""
        shop, _, order_id = address.partition(":")
        if order_id and (found := self.get(OrderKey(shop, order_id))) is not None:
            return found
        rows = [row for row in self.find(address) if row.id == address]
        first = [row for row in rows if row.shop == FIRST_SHOP]
        return rows[0] if len(rows) == 1 else first[0] if first else None

    def list(
        self,
        *,
        states: Sequence[str] = (),
        search: str = "",
        done_on: Days | None = None,
        placed_on: Days | None = None,
        shop: str = "",
        limit: int = 100,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> Found:
        """Orders, newest first unless told otherwise, at most `limit` (-1: all of them); `search` looks in number,
        customer, e-mail, amount and invoice number, `done_on` and `placed_on` are the days on which they were
        transferred and sold, `shop` is the one that they are of."""
        way = "asc" if oldest_first else "desc"
        # Orders of two shops may have the same time and id: the row, by which an index ends, makes each page go on
        # where the one before ended.
        order = f" order by o.placed_at {way}, o.id {way}, o.rowid {way} limit ? offset ?"
        if search or done_on or placed_on or not (states or shop):
            where, parameters = order_filter(states, search, done_on, placed_on, shop)
            return self._read(ORDERS + where + order, [*parameters, limit, offset])
        up_to = limit + offset if limit >= 0 else -1
        found, parameters = _first_of_each(states or STATES, way, up_to, shop=shop)
        return self._read(f"{ORDERS} where o.rowid in ({found}){order}", [*parameters, limit, offset])

    def due_by_themselves(self, states: Sequence[str], *, limit: int, but: Sequence[str] = ()) -> Found:
        """Orders in these states, the oldest first, without those that are left to the owner's own click and those of
        the shops in `but`."""
        found, parameters = _first_of_each(states, "asc", limit, "by_hand = 0", but)
        order = " order by o.placed_at, o.id limit ?"
        return self._read(f"{ORDERS} where o.rowid in ({found}){order}", [*parameters, limit])

    def count_left(self) -> int:
        """How many orders wait for the owner's own click though the rest goes by itself."""
        row = self._database.row("select count(*) as n from orders where state = 'waiting' and by_hand = 1")
        return int(row["n"]) if row else 0

    def first(self, states: Sequence[str], *, limit: int) -> Amounts:
        """The oldest `limit` orders in these states, each with its amount: a short reading of what may be many."""
        part = "select * from (select rowid from orders where state = ? order by placed_at, id limit ?)"
        rows = self._database.tuples(
            "select shop, id, coalesce(total_ore, 0), currency from orders where rowid in "
            f"({' union '.join(part for _ in states)}) order by placed_at, id limit ?",
            [*(value for state in states for value in (state, limit)), limit],
        )
        return [(OrderKey(shop, order), Money(ore, currency)) for shop, order, ore, currency in rows]

    def count(
        self,
        *,
        states: Sequence[str] = (),
        search: str = "",
        done_on: Days | None = None,
        placed_on: Days | None = None,
        shop: str = "",
    ) -> int:
        """How many orders `list` would list without a limit."""
        # What was changed is counted beside those in the other states: few, by an index of their own.
        named = [state for state in states if state != CHANGED]
        is_by_index = bool(named) and len(named) < len(states) and not (search or done_on or placed_on)
        where, parameters = order_filter(named if is_by_index else states, search, done_on, placed_on, shop)
        row = self._database.row(f"select count(*) as n from orders o{where}", parameters)
        found = int(row["n"]) if row else 0
        return found + self._count_changed(named, shop) if is_by_index else found

    def _count_changed(self, but: Sequence[str], shop: str) -> int:
        """How many orders the shop changed after they were booked, without those in some states."""
        rows = self._database.tuples(
            "select count(*) from orders where change is not null and +state not in (select value from json_each(?)) "
            "and (? = '' or +shop = ?)",
            [json.dumps(list(but)), shop, shop],
        )
        return int(rows[0][0])

    def of_customer(self, email: str, *, states: Sequence[str], limit: int) -> Found:
        """A customer's orders in these states (in all without any), newest first."""
        marks = ", ".join("?" for _ in states)
        chosen = f" and o.state in ({marks})" if states else ""
        return self._read(
            ORDERS + f" where o.email_folded = ?{chosen} order by o.placed_at desc, o.id desc limit ?",
            [folded(email), *states, limit],
        )

    def between(self, first: str, last: str) -> Iterator[StoredOrder]:
        """All orders placed from `first` to `last` (Copenhagen dates), oldest first, however many there are. They are
        read a part at a time, each part after the last one's end, so that what comes meanwhile moves none of them."""
        after = ("", "", "")
        condition = " where o.placed_on between ? and ? and (coalesce(o.placed_at, ''), o.id, o.shop) > (?, ?, ?)"
        order = " order by coalesce(o.placed_at, ''), o.id, o.shop limit ?"
        while rows := self._read(ORDERS + condition + order, [first, last, *after, READ_AT_ONCE]):
            yield from rows
            after = (rows[-1].placed_at or "", rows[-1].id, rows[-1].shop)

    def with_reason(self, state: State, code: str) -> Found:
        """All orders in a state for a reason (the code of a finding)."""
        return self._read(ORDERS + " where o.state = ? and instr(o.reasons, ?) > 0", [state, json.dumps(code)])

    def to_assess(self, *, after: int, limit: int) -> Placed:
        """Orders that get their state by the checks (without a document, or to be booked anew), each with its place in
        the table; the next ones have a place `after` the last one's."""
        rows = self._database.tuples(
            ORDERS.replace("select", "select o.rowid,", 1)
            + " where o.rowid > ? and (d.guid is null or o.rebook = 1) order by o.rowid limit ?",
            [after, limit],
        )
        return [(place, stored_order(row)) for place, *row in rows]

    def to_consult(self, reason: str, zone: str, *, limit: int) -> Found:
        """Orders that may need a consultation, oldest first: held for `reason`, or of this VAT `zone` and on their way
        without a yes from VIES."""
        return self._read(
            f"{ORDERS} where o.rowid in (select rowid from orders where state = 'held' and instr(reasons, ?) > 0 "
            "union select rowid from orders where zone = ? and state in (select value from json_each(?)) and not "
            "exists (select 1 from consultations c where c.shop = orders.shop and c.order_id = orders.id and "
            "c.outcome = ?)) order by o.placed_at, o.id limit ?",
            [json.dumps(reason), zone, json.dumps(["waiting", "refused", *UNDER_WAY]), VALID, limit],
        )

    def _read(self, sql: str, parameters: Sequence[Any]) -> Found:
        return [stored_order(row) for row in self._database.tuples(sql, parameters)]


def _first_of_each(
    states: Sequence[str], way: str, limit: int, which: str = "1 = 1", but: Sequence[str] = (), shop: str = ""
) -> tuple[str, list[Any]]:
    """A query for the rowids of each state's first orders, and its values: by its index, so that nothing is sorted but
    what is shown. Orders of the shops in `but` are left out, and with a `shop` those of all others."""
    if shop:
        which += " and shop = ?"
    if but:
        which += f" and shop not in ({', '.join('?' for _ in but)})"
    parts, parameters = [], list[Any]()
    for state in dict.fromkeys(states):
        condition = "change is not null" if state == CHANGED else "state = ?"
        first = f"order by placed_at {way}, id {way}, rowid {way} limit ?"
        parts.append(f"select * from (select rowid from orders where {condition} and {which} {first})")
        parameters += [*([] if state == CHANGED else [state]), *([shop] if shop else []), *but, limit]
    return " union ".join(parts), parameters


def _is_true(value: int | None) -> bool | None:
    return None if value is None else bool(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "state": {state.value: state for state in State}.__getitem__,
    "kind": ({kind.value: kind for kind in Kind} | {None: None}).__getitem__,
    "step": ({step.value: step for step in Step} | {None: None}).__getitem__,
    "reasons": lambda packed: () if packed == "[]" else tuple(loads(packed)),
    "answers": lambda packed: {} if packed == "{}" else json.loads(packed),
    "change": lambda packed: json.loads(packed) if packed else None,
    **dict.fromkeys(("paid", "sent", "rebook", "cancelled"), _is_true),
}
# A list may have 100,000 orders, and the constructor of a frozen class sets each value through a method.
_SLOTS = [(StoredOrder.__dict__[name].__set__, _READERS.get(name)) for name in _NAMES]


def stored_order(values: Sequence[Any]) -> StoredOrder:
    """The order of a row of ORDERS."""
    order = object.__new__(StoredOrder)
    for (put, read), value in zip(_SLOTS, values, strict=True):
        put(order, value if read is None else read(value))
    return order


def order_filter(
    states: Sequence[str],
    search: str,
    done_on: Days | None = None,
    placed_on: Days | None = None,
    shop: str = "",
) -> tuple[str, list[Any]]:
    """The condition, and its values, of the orders `o` that a list shows."""
    where, parameters = ["1 = 1"], list[Any]()
    if shop:
        # Days and words find fewer rows than a shop; the + keeps its index out.
        where.append(f"{'+' if search or done_on or placed_on else ''}o.shop = ?")
        parameters.append(shop)
    if states:
        named = [state for state in states if state != CHANGED]
        # A day of transfer finds fewer rows than a state; the + keeps the state's index out.
        condition = f"{'+' if done_on else ''}o.state in ({', '.join('?' for _ in named)})"
        if CHANGED in states:
            parts = f"select rowid from orders o where {condition} union select rowid from orders"
            condition = f"o.rowid in ({parts} where change is not null)"
        where.append(condition)
        parameters += named
    if done_on is not None:
        where.append("o.done_on between ? and ?")
        parameters += done_on
    if placed_on is not None:
        where.append("o.placed_on between ? and ?")
        parameters += placed_on
    if search:
        found, more = found_by(search)
        where.append(f"o.rowid in ({found})")
        parameters += more
    return " where " + " and ".join(where), parameters


def found_by(search: str) -> tuple[str, list[Any]]:
    """A query for the rowids of the orders that a search means: a whole number, id, invoice number or amount, or a part
    of the customer's name or e-mail. Each part is answered by an index alone."""
    parts = [
        "select rowid from orders indexed by orders_by_words where number = ? or id = ? or customer like ? escape '\\' "
        "or email like ? escape '\\'",
        "select o.rowid from documents d join orders o on o.shop = d.source and o.id = d.subject "
        "where d.invoice_number = ?",
    ]
    parameters: list[Any] = [search, search, _like(search), _like(search), search]
    if (ore := _ore(search)) is not None:
        parts.append("select rowid from orders where total_ore in (?, ?)")
        parameters += [ore, -ore]
    return " union ".join(parts), parameters


def _ore(search: str) -> int | None:
    """The amount that a search names ("249,00", "1.249,5 kr."), in øre; None when it is none."""
    try:
        return Money.from_danish(search).ore
    except AmountError:
        return None


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
