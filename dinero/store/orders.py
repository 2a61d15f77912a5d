"""The orders that the shop told, and what was decided about them here."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any

from dinero.model.clock import utc_text
from dinero.model.documents import Event, Figures, OrderKey, State, StoredOrder
from dinero.model.findings import Finding, dumps
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.store.database import Database
from dinero.store.history import History
from dinero.store.leases import Lease, Leases
from dinero.store.search import OrderSearch, folded

# What an order's row holds for lists and counters (see assessing.figures).
FIGURES = ("zone", "country", "net_ore", "vat_ore", "eu_net_ore", "cancelled")

WITHOUT_DOCUMENT = "not exists (select 1 from documents d where d.source = orders.shop and d.subject = orders.id)"


_TOLD = (
    "shop",
    "id",
    "number",
    "placed_at",
    "placed_on",
    "customer",
    "email",
    "total_ore",
    "currency",
    "paid",
    "sent",
    "payment_method",
    "payment_title",
    "raw",
    "raw_hash",
    "credit_of",
    *FIGURES,
    "email_folded",
)


_INSERT = (
    f"insert into orders ({', '.join(_TOLD)}, state, reasons, first_seen_at, seen_at) "
    f"values ({', '.join('?' for _ in _TOLD)}, ?, ?, ?, ?) on conflict (shop, id) do nothing"
)
_NOT_CHECKED = (
    "update orders set checked_at = null where shop = ? and id = ? and checked_at is not null and "
    f"(number, placed_on, email, total_ore) is not (?, ?, ?, ?) and {WITHOUT_DOCUMENT}"
)
_UPDATE = (
    f"update orders set {', '.join(f'{name} = ?' for name in _TOLD[2:])}, seen_at = ?, forgotten_at = null, "
    "gone_at = null where shop = ? and id = ? and (forgotten_at is null or raw_hash != ?)"
)


class Orders(OrderSearch):
    """All orders that were read, by shop and id."""

    def __init__(self, database: Database, leases: Leases, history: History) -> None:
        super().__init__(database)
        self._leases = leases
        self._history = history

    def save(self, orders: Iterable[StoredOrder]) -> None:
        """Inserts or updates orders as the shop tells them. State and reasons are for orders without a document; one
        that has one keeps what its document says, and may have a change. An order whose customer was forgotten stays
        as it is until the shop tells something new of it."""
        stamp = self._database.stamp()
        with self._database.transaction() as db:
            for order in orders:
                told = [*(getattr(order, name) for name in _TOLD[:-1]), folded(order.email)]
                added = [*told, order.state, dumps(order.reasons), stamp, stamp]
                if db.execute(_INSERT, added).rowcount == 1:
                    self._remember_state(order.key, order.state, order.reasons)
                    continue
                # What the check of older orders compared is another now: it has not looked for this order.
                compared = [order.number, order.placed_on, order.email, order.total_ore]
                db.execute(_NOT_CHECKED, [*order.key, *compared])
                if db.execute(_UPDATE, [*told[2:], stamp, *order.key, order.raw_hash]).rowcount == 1:
                    self._set_state(order.key, order.state, order.reasons)
                    self._set_change(order.key, order.change)

    def _set_change(self, order: OrderKey, change: Mapping[str, Any] | None) -> None:
        packed = json.dumps(change, ensure_ascii=False) if change is not None else None
        changed = self._database.change(
            "update orders set change = ? where shop = ? and id = ? and change is not ?",
            [packed, *order, packed],
        )
        if changed and change is not None:
            text = Text("The order was changed in the shop after it was booked.")
            self._history.add(Event("changed", text, order=order, detail=change))

    def accept_change(
        self,
        order: OrderKey,
        *,
        reason: str | None = None,
        raw: str | None = None,
        lease: Lease | None = None,
    ) -> None:
        """The order as it is now (or as it was: `raw`) is what later changes are compared with. A `reason` is the
        owner's, for leaving the invoice as it is. Raises LeaseLost for a worker whose `lease` was taken over."""
        with self._database.transaction() as db:
            if lease is not None:
                self._leases.renew(lease)
            db.execute("update orders set change = null where shop = ? and id = ?", order)
            db.execute(
                "update documents set raw = coalesce(?, (select o.raw from orders o where o.shop = documents.source "
                "and o.id = documents.subject)) where source = ? and subject = ? and current = 1",
                [raw or None, *order],
            )
            if reason is not None:
                text = Text("The invoice was left as it is: {reason}", reason=reason)
                self._history.add(Event("change accepted", text, order=order))

    def set_rebook(self, lease: Lease, order: OrderKey) -> None:
        """The order is to be booked anew: it gets its state by the checks again, until its next claim. Raises LeaseLost
        when another worker has taken over, who may have booked it anew already."""
        with self._database.transaction() as db:
            self._leases.renew(lease)
            db.execute("update orders set rebook = 1 where shop = ? and id = ?", order)

    def answer(self, order: OrderKey, key: str, value: str | None, *, text: Text, actor: str = "") -> None:
        """Remembers the answer to a question for one order, and who gave it; None takes it back."""
        with self._database.transaction() as db:
            db.execute(
                "update orders set answers = json_patch(answers, ?) where shop = ? and id = ?",
                [json.dumps({key: value}), *order],
            )
            self._history.add(Event("answered", text, order=order, detail={"actor": actor} if actor else None))

    def first_day(self) -> date | None:
        """The Copenhagen date of the oldest order."""
        row = self._database.row("select min(placed_on) as day from orders")
        return date.fromisoformat(row["day"]) if row and row["day"] else None

    def set_figures(self, told: Iterable[tuple[OrderKey, Figures]]) -> None:
        """Stores orders' figures anew."""
        assigned = ", ".join(f"{name} = ?" for name in FIGURES)
        with self._database.transaction() as db:
            for order, figures in told:
                values = [getattr(figures, name) for name in FIGURES]
                db.execute(f"update orders set {assigned} where shop = ? and id = ?", [*values, *order])

    def set_suspects(self, suspects: Iterable[tuple[OrderKey, str]]) -> None:
        """Stores of each order which document in Dinero may be the order's; "" for none."""
        with self._database.transaction() as db:
            for order, suspect in suspects:
                db.execute("update orders set suspect = ? where shop = ? and id = ?", [suspect, *order])

    def mark_checked(self, orders: Iterable[StoredOrder], suspects: Mapping[OrderKey, str]) -> None:
        """Remembers that these orders were looked for in Dinero now, as they were when they were read, and which
        document was found that may be the order's. The owner's answer about one
        document is none about another."""
        with self._database.transaction() as db:
            for order in orders:
                suspect = suspects.get(order.key, "")
                db.execute(
                    "update orders set checked_at = ?, suspect = ?, answers = iif(suspect in ('', ?), answers, "
                    "json_remove(answers, '$.already_in_dinero')) where shop = ? and id = ? and raw_hash = ?",
                    [self._database.stamp(), suspect, suspect, *order.key, order.raw_hash],
                )

    def forget_checks(self, first: str, last: str, *, before: datetime | None = None) -> None:
        """Orders placed from `first` to `last` (Copenhagen dates) that have no document count as not looked for in
        Dinero; with `before` only those that were looked for earlier than that."""
        with self._database.transaction() as db:
            db.execute(
                "update orders set checked_at = null where placed_on between ? and ? "
                f"and (? is null or checked_at < ?) and {WITHOUT_DOCUMENT}",
                [first, last, *2 * [utc_text(before) if before else None]],
            )

    def set_states(self, states: Iterable[tuple[OrderKey, State, Sequence[Finding]]]) -> None:
        """Stores state and reasons of orders that have no document; others stay as they are."""
        with self._database.transaction():
            for order, state, reasons in states:
                self._set_state(order, state, reasons)

    def ignore(self, order: OrderKey, reason: str | None, *, text: Text, actor: str) -> None:
        """Remembers the reason to leave an order out, and who gave it; None takes it back."""
        with self._database.transaction() as db:
            db.execute("update orders set ignored_reason = ? where shop = ? and id = ?", [reason, *order])
            self._history.add(Event("left out", text, order=order, detail={"actor": actor}))

    def leave_waiting(self) -> int:
        """Leaves all orders that wait now to the owner's own click; returns how many there are."""
        return self._database.change("update orders set by_hand = 1 where state = 'waiting' and by_hand = 0")

    def take_up(self, orders: Iterable[tuple[str, str]] | None = None) -> None:
        """Orders (all without `orders`) are no longer left to the owner's own click."""
        if orders is None:
            self._database.change("update orders set by_hand = 0 where by_hand = 1")
            return
        with self._database.transaction() as db:
            for order in orders:
                db.execute("update orders set by_hand = 0 where shop = ? and id = ? and by_hand = 1", order)

    def forget(self, order: StoredOrder) -> None:
        """Stores an order without its customer: raw, reasons and the owner's reason as they are given."""
        self._database.change(
            "update orders set customer = '', email = '', email_folded = '', raw = ?, reasons = ?, "
            "ignored_reason = ?, forgotten_at = ? where shop = ? and id = ?",
            [order.raw, dumps(order.reasons), order.ignored_reason, self._database.stamp(), *order.key],
        )

    def _set_state(self, order: OrderKey, state: State, reasons: Sequence[Finding]) -> None:
        packed = dumps(reasons)
        changed = self._database.change(
            "update orders set state = ?, reasons = ? where shop = ? and id = ? and (state, reasons) != (?, ?) "
            "and (rebook = 1 or "
            "not exists (select 1 from documents d where d.source = orders.shop and d.subject = orders.id))",
            [state, packed, *order, state, packed],
        )
        if changed:
            self._remember_state(order, state, reasons)

    def _remember_state(self, order: OrderKey, state: State, reasons: Sequence[Finding]) -> None:
        self._history.add(Event("state", reasons[0].text if reasons else None, order, state=state))

    def credited_in_shop(self, order: OrderKey, number: str, currency: str) -> Money | None:
        """What the shop's own credit notes take back of an order, by its id or number; None when there are none. Those
        that are cancelled, gone from the shop or left out by the owner take nothing back."""
        row = self._database.row(
            "select sum(-total_ore) as ore from orders where shop = ? and credit_of in (?, ?) and credit_of != '' "
            "and total_ore < 0 and currency = ? and ignored_reason is null and gone_at is null "
            "and coalesce(cancelled, 0) = 0",
            [order.shop, order.id, number, currency],
        )
        return Money(row["ore"], currency) if row is not None and row["ore"] is not None else None

    def same_in_other_shop(self, order: OrderKey, number: str, placed_at: str) -> str | None:
        """The shop of the same system from which an order goes that has this id and number and was placed at this very
        second: the one with a document of it, else the one that was added first. None where there is none."""
        row = self._database.row(
            "select o.shop from orders o join shops s on s.name = o.shop join shops mine on mine.name = ? "
            "where o.id = ? and o.shop != mine.name and s.system = mine.system and o.number = ? and o.placed_at = ? "
            "and (exists (select 1 from documents d where d.source = o.shop and d.subject = o.id) "
            "or (s.state != 'removed' and o.gone_at is null and s.rowid < mine.rowid)) order by s.rowid limit 1",
            [order.shop, order.id, number, placed_at],
        )
        return None if row is None else str(row["shop"])

    def booked_not_among(self, shop: str, there: Set[str], at_most: int) -> list[str]:
        """The ids of a shop's booked orders that are not among `there`, were there before and have no open change,
        those first that were read longest ago."""
        rows = self._database.rows(
            "select id from orders where shop = ? and state = 'done' and gone_at is null and forgotten_at is null "
            "and change is null and rebook = 0 order by seen_at, id",
            [shop],
        )
        return [row["id"] for row in rows if row["id"] not in there][:at_most]

    def set_gone_after_booking(self, order: OrderKey, change: Mapping[str, Any]) -> None:
        """Marks an order that the shop no longer has as changed since it was booked; told once, until it is back."""
        with self._database.transaction() as db:
            db.execute("update orders set gone_at = ? where shop = ? and id = ?", [self._database.stamp(), *order])
            self._set_change(order, change)

    def seen_since(self, shop: str, moment: datetime) -> set[str]:
        """The ids of a shop's orders that were read since a moment."""
        rows = self._database.rows("select id from orders where shop = ? and seen_at >= ?", [shop, utc_text(moment)])
        return {row["id"] for row in rows}

    def not_among(self, shop: str, there: Set[str]) -> list[str]:
        """The ids of a shop's orders without a document that are not among `there`, and were there before."""
        rows = self._database.rows(
            f"select id from orders where shop = ? and gone_at is null and {WITHOUT_DOCUMENT}", [shop]
        )
        return [row["id"] for row in rows if row["id"] not in there]

    def set_gone(self, shop: str, there: Set[str]) -> list[str]:
        """Marks the orders without a document that are not among those which the shop has, all of which were read.
        Returns the ids of those that were there before."""
        gone = self.not_among(shop, there)
        with self._database.transaction() as db:
            for order_id in gone:
                db.execute(
                    "update orders set gone_at = ? where shop = ? and id = ?", [self._database.stamp(), shop, order_id]
                )
        return gone
