"""What the dashboard remembers: SQLite through sqlite-utils.

One connection a use (0.1 ms), WAL, foreign keys on. Every write runs in `transaction()`, which begins
IMMEDIATE: a deferred BEGIN that reads first and writes later fails at once when another process wrote in
between, without waiting (facts.md, Streamlit 4). Constraints decide races, not look-ups.

The store knows no accounting rule: states and texts are handed to it.
"""

import json
import os
import socket
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from dinero.model.clock import Clock, SystemClock, copenhagen_date, utc_text
from dinero.model.consultation import UNANSWERED, VALID, Consultation
from dinero.model.errors import BUSY, DISK_FULL, STORAGE, StorageFailed
from dinero.model.i18n import Text, mask
from dinero.model.money import DKK, AmountError, Money
from dinero.model.orders import folded
from dinero.store.migrations import migrations

Row = dict[str, Any]
Days = tuple[str, str]  # a first and a last Copenhagen date (ISO), both included

# An order's state is its document's state once it has one (DESIGN, "States of an order document").
UNDER_WAY = ("claimed", "drafted", "verified", "booked", "unsure")
FINISHED = ("done", "credited")
STATES = ("not due", "waiting", "held", *UNDER_WAY, "refused", "done", "credited", "ignored")
# What a push of everything takes up: what waits, what a cut run left, and what Dinero refused last time.
PUSHABLE = ("waiting", *UNDER_WAY, "refused")
NEEDS_OWNER = ("held", "refused", "unsure")
# No state, but a word for lists: orders that the shop changed after they were booked.
CHANGED = "changed"


RECONCILIATION = "reconciliation"  # where its head is cached
ORIGIN_REFUSED = "web.origin_refused"  # cached: an origin, a Host and a public address that did not fit each other
RESTORED = "restored"  # cached, and another with each backup that takes the database's place

# How long a write waits for another process's.
BUSY_SECONDS = 15.0
LOOKED_FOR = ("number", "placed_on", "email", "total_ore")  # of an order, by the check of older orders
METHODS_SHOWN = 30  # payment methods that the set-up lists, the most used first
READ_AT_ONCE = 5000  # rows of a list that is read to its end a part at a time
# What an order's row holds for lists and counters (see assessing.figures).
FIGURES = ("zone", "country", "net_ore", "vat_ore", "eu_net_ore", "cancelled")


class LeaseLost(Exception):
    """Somebody else works for this name now; the holder must stop before its next write."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work alone under a name, until it expires or is given back."""

    name: str
    owner: str
    seconds: float


class Store:
    """The database in a data folder. Safe to share between threads: each use opens its own connection."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.path = folder / "dinero.db"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        with self.connect() as db:
            db.enable_wal()
            # Two starters at once: the second waits here, then finds nothing left to do.
            db.execute("BEGIN IMMEDIATE")
            migrations.apply(db)
            db.conn.commit()
        self.path.chmod(0o600)

    @contextmanager
    def connect(self) -> Iterator[Database]:
        """A connection for one use, in this thread only. Raises StorageFailed."""
        with _storage_errors():
            db = Database(sqlite3.connect(self.path, timeout=BUSY_SECONDS), strict=True)
            try:
                db.execute("pragma foreign_keys=on")
                db.execute("pragma synchronous=full")
                db.execute("pragma secure_delete=on")  # what was removed is overwritten, not only unlinked
                yield db
            finally:
                db.close()

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """A write transaction: committed at the end, rolled back on anything that is raised, stop signals too."""
        with self.connect() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.conn.commit()
            except BaseException:
                db.conn.rollback()
                raise

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """The rows of a SELECT."""
        with self.connect() as db:
            return list(db.query(sql, parameters))

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(sql, parameters)), None)

    def _stamp(self) -> str:
        return utc_text(self.clock.now())

    # --- settings, secrets, look-ups -------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """All settings by key."""
        return {row["key"]: json.loads(row["value"]) for row in self.rows("select key, value from settings")}

    def save_settings(self, changes: Mapping[str, Any]) -> None:
        """Stores settings; None removes one."""
        with self.transaction() as db:
            for key, value in changes.items():
                if value is None:
                    db.execute("delete from settings where key = ?", [key])
                else:
                    db.execute(
                        "insert into settings values (?, ?) on conflict do update set value = excluded.value",
                        [key, json.dumps(value)],
                    )

    def secret(self, name: str) -> bytes | None:
        """An encrypted secret, as it is stored."""
        row = self.row("select value from secrets where name = ?", [name])
        return bytes(row["value"]) if row else None

    def save_secret(self, name: str, value: bytes | None) -> None:
        """Stores an encrypted secret; None forgets it."""
        with self.transaction() as db:
            if value is None:
                db.execute("delete from secrets where name = ?", [name])
            else:
                db.execute(
                    "insert into secrets values (?, ?, ?) on conflict do update set "
                    "value = excluded.value, updated_at = excluded.updated_at",
                    [name, value, self._stamp()],
                )

    def secrets_changed_at(self) -> str:
        """When a secret was stored last, "" when there is none."""
        row = self.row("select max(updated_at) as at from secrets")
        return (row["at"] or "") if row else ""

    def cached(self, key: str) -> tuple[Any, datetime] | None:
        """A look-up that was fetched earlier, and when."""
        row = self.row("select value, fetched_at from cache where key = ?", [key])
        return (json.loads(row["value"]), datetime.fromisoformat(row["fetched_at"])) if row else None

    def save_cached(self, key: str, value: Any) -> None:
        """Keeps a look-up (JSON) with the time of now; None forgets it."""
        with self.transaction() as db:
            if value is None:
                db.execute("delete from cache where key = ?", [key])
            else:
                self._put_cached(db, key, value)

    def _put_cached(self, db: Database, key: str, value: Any) -> None:
        db.execute(
            "insert into cache values (?, ?, ?) on conflict do update set "
            "value = excluded.value, fetched_at = excluded.fetched_at",
            [key, json.dumps(value), self._stamp()],
        )

    # --- the last reconciliation -----------------------------------------------------------------------

    def save_reconciliation(self, head: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> None:
        """Keeps a reconciliation (JSON) in the place of the last one: its `head`, and its `entries` in their order,
        each with its "status"."""
        with self.transaction() as db:
            self._put_cached(db, RECONCILIATION, head)
            db.execute("delete from reconciliation")
            packed = ((place, entry["status"], json.dumps(entry)) for place, entry in enumerate(entries))
            db.conn.executemany("insert into reconciliation values (?, ?, ?)", packed)

    def reconciliation(self) -> dict[str, Any] | None:
        """The head of the last reconciliation."""
        found = self.cached(RECONCILIATION)
        return found[0] if found else None

    def reconciled(self, statuses: Sequence[str] = (), *, limit: int = -1, offset: int = 0) -> list[dict[str, Any]]:
        """Entries of the last reconciliation in their order; all of them without a limit."""
        chosen = "where status in (select value from json_each(?)) " if statuses else ""
        sql = f"select entry from reconciliation {chosen}order by place limit ? offset ?"
        parameters = [json.dumps(list(statuses))] if statuses else []
        return [json.loads(row["entry"]) for row in self.rows(sql, [*parameters, limit, offset])]

    # --- one-time states of a sign-in elsewhere --------------------------------------------------------

    def open_state(self, state_hash: str, purpose: str, payload: bytes) -> None:
        """Remembers a state that is about to leave for another site."""
        long_ago = utc_text(self.clock.now() - timedelta(days=1))
        with self.transaction() as db:
            db.execute("delete from oauth_states where created_at < ?", [long_ago])
            db.execute(
                "insert into oauth_states values (?, ?, ?, ?, null)", [state_hash, purpose, payload, self._stamp()]
            )

    def spend_state(self, state_hash: str, purpose: str, *, max_age: timedelta) -> bytes | None:
        """The payload of an unused, fresh state, which is used from now on; None for any other."""
        oldest = utc_text(self.clock.now() - max_age)
        with self.transaction() as db:
            row = next(
                iter(
                    db.query(
                        "update oauth_states set used_at = ? where state_hash = ? and purpose = ? and "
                        "used_at is null and created_at >= ? returning payload",
                        [self._stamp(), state_hash, purpose, oldest],
                    )
                ),
                None,
            )
            db.execute("delete from oauth_states where created_at < ?", [oldest])
        return bytes(row["payload"]) if row else None

    # --- call budgets ----------------------------------------------------------------------------------

    def take_call(self, bucket: str, *, limit: int, window: float) -> float:
        """Takes one call from a sliding window shared by all processes.

        Returns 0 when the call may go now, else the seconds until one may.
        """
        now = self.clock.now().timestamp()
        with self.transaction() as db:
            db.execute("delete from calls where bucket = ? and at <= ?", [bucket, now - window])
            taken, oldest, newest = db.execute(
                "select count(*), min(at), max(at) from calls where bucket = ?", [bucket]
            ).fetchone()
            if newest is not None and newest > now:  # a pause after a 429, entered as calls to come
                return float(newest - now)
            if taken >= limit:
                return float(oldest + window - now) + 0.001
            db.execute("insert into calls values (?, ?)", [bucket, now])
        return 0.0

    def forget_calls(self, prefix: str, *, window: float) -> None:
        """Removes calls of all buckets that begin with `prefix` and are older than `window` seconds."""
        with self.transaction() as db:
            db.execute(
                "delete from calls where bucket >= ? and bucket < ? and at <= ?",
                [prefix, prefix + "\uffff", self.clock.now().timestamp() - window],
            )

    def pause_calls(self, bucket: str, seconds: float) -> None:
        """No call of this bucket before `seconds` have passed, in any process."""
        with self.transaction() as db:
            db.execute("insert into calls values (?, ?)", [bucket, self.clock.now().timestamp() + seconds])

    def count_calls(self, bucket: str, *, window: float) -> int:
        """Calls taken in the last `window` seconds."""
        since = self.clock.now().timestamp() - window
        row = self.row("select count(*) as n from calls where bucket = ? and at > ?", [bucket, since])
        return int(row["n"]) if row else 0

    # --- leases ----------------------------------------------------------------------------------------

    def acquire(self, name: str, *, seconds: float) -> Lease | None:
        """The lease, or None while somebody else holds it. A holder whose process has died holds nothing."""
        owner = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"
        now = self.clock.now()
        with self.transaction() as db:
            row = next(iter(db.query("select owner, expires_at from leases where name = ?", [name])), None)
            if row and datetime.fromisoformat(row["expires_at"]) > now and not _has_died(row["owner"]):
                return None
            db.execute(
                "insert into leases values (?, ?, ?) on conflict do update set owner = excluded.owner, "
                "expires_at = excluded.expires_at",
                [name, owner, (now + timedelta(seconds=seconds)).isoformat()],
            )
        return Lease(name, owner, seconds)

    def renew(self, lease: Lease, *, extra: float = 0.0) -> None:
        """Keeps the lease for its seconds and `extra` more. Raises LeaseLost."""
        with self.transaction() as db:
            self._renew(db, lease, extra)

    def release(self, lease: Lease) -> None:
        """Gives the lease back."""
        with self.transaction() as db:
            db.execute("delete from leases where name = ? and owner = ?", [lease.name, lease.owner])

    def _renew(self, db: Database, lease: Lease, extra: float = 0.0) -> None:
        expires = (self.clock.now() + timedelta(seconds=lease.seconds + extra)).isoformat()
        cursor = db.execute(
            "update leases set expires_at = ? where name = ? and owner = ?", [expires, lease.name, lease.owner]
        )
        if cursor.rowcount != 1:
            raise LeaseLost(lease.name)

    # --- orders ----------------------------------------------------------------------------------------

    def save_orders(self, orders: Iterable[Row]) -> None:
        """Inserts or updates orders as the shop tells them. `state` and `reasons` are for orders without a
        document; an order that has one keeps what its document says, and may have a `change` (JSON or None).
        An order whose customer was forgotten stays as it is until the shop tells something new of it."""
        columns = (
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
            "raw",
            "raw_hash",
            "credit_of",
            *FIGURES,
            "email_folded",
        )
        stamp = self._stamp()
        names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
        assigned = ", ".join(f"{name} = ?" for name in columns[2:])
        with self.transaction() as db:
            for order in orders:
                order = {"cancelled": None, "credit_of": "", **order, "email_folded": folded(order["email"])}
                shop, order_id, *values = (order[name] for name in columns)
                state, reasons = order["state"], order["reasons"]
                added = db.execute(
                    f"insert into orders ({names}, state, reasons, first_seen_at, seen_at) values ({marks}, ?, ?, ?, ?)"
                    " on conflict (shop, id) do nothing",
                    [shop, order_id, *values, state, reasons, stamp, stamp],
                )
                if added.rowcount == 1:
                    self._remember_state(db, shop, order_id, state, reasons)
                    continue
                # What the check of older orders compared is another now: it has not looked for this order.
                db.execute(
                    "update orders set checked_at = null where shop = ? and id = ? and checked_at is not null and "
                    f"(number, placed_on, email, total_ore) is not (?, ?, ?, ?) and {_WITHOUT_DOCUMENT}",
                    [shop, order_id, *(order[name] for name in LOOKED_FOR)],
                )
                updated = db.execute(
                    f"update orders set {assigned}, seen_at = ?, forgotten_at = null, gone_at = null where shop = ? "
                    "and id = ? and (forgotten_at is null or raw_hash != ?)",
                    [*values, stamp, shop, order_id, order["raw_hash"]],
                )
                if updated.rowcount == 1:
                    self._set_state(db, shop, order_id, state, reasons)
                    self._set_change(db, shop, order_id, order.get("change"))

    def _set_change(self, db: Database, shop: str, order_id: str, change: str | None) -> None:
        cursor = db.execute(
            "update orders set change = ? where shop = ? and id = ? and change is not ?",
            [change, shop, order_id, change],
        )
        if cursor.rowcount == 1 and change is not None:
            text = Text("The order was changed in the shop after it was booked.")
            self._remember(db, event="changed", shop=shop, order_id=order_id, text=text, detail=json.loads(change))

    def accept_change(
        self,
        shop: str,
        order_id: str,
        *,
        reason: str | None = None,
        raw: str | None = None,
        lease: Lease | None = None,
    ) -> None:
        """The order as it is now (or as it was: `raw`) is what later changes are compared with. A `reason` is the
        owner's, for leaving the invoice as it is. Raises LeaseLost for a worker whose `lease` was taken over."""
        with self.transaction() as db:
            if lease is not None:
                self._renew(db, lease)
            db.execute("update orders set change = null where shop = ? and id = ?", [shop, order_id])
            db.execute(
                "update documents set raw = coalesce(?, (select o.raw from orders o where o.shop = documents.shop and "
                "o.id = documents.order_id)) where shop = ? and order_id = ? and current = 1",
                [raw or None, shop, order_id],
            )
            if reason is not None:
                text = Text("The change was left as it is: {reason}", reason=reason)
                self._remember(db, event="change accepted", shop=shop, order_id=order_id, text=text)

    def set_rebook(self, lease: Lease, shop: str, order_id: str) -> None:
        """The order is to be booked anew: it gets its state by the checks again, until its next claim. Raises LeaseLost
        when another worker has taken over, who may have booked it anew already."""
        with self.transaction() as db:
            self._renew(db, lease)
            db.execute("update orders set rebook = 1 where shop = ? and id = ?", [shop, order_id])

    def answer(self, shop: str, order_id: str, key: str, value: str | None, *, text: Text) -> None:
        """Remembers the owner's answer to a question for one order; None takes it back."""
        with self.transaction() as db:
            db.execute(
                "update orders set answers = json_patch(answers, ?) where shop = ? and id = ?",
                [json.dumps({key: value}), shop, order_id],
            )
            self._remember(db, event="answered", shop=shop, order_id=order_id, text=text)

    def set_figures(self, rows: Iterable[Row]) -> None:
        """Stores orders' figures anew: rows of shop, id and FIGURES."""
        assigned = ", ".join(f"{name} = :{name}" for name in FIGURES)
        with self.transaction() as db:
            for row in rows:
                db.execute(f"update orders set {assigned} where shop = :shop and id = :id", row)

    def set_suspects(self, suspects: Iterable[tuple[str, str, str]]) -> None:
        """Stores (shop, id, document in Dinero that may be this order's; "" for none)."""
        with self.transaction() as db:
            for shop, order_id, suspect in suspects:
                db.execute("update orders set suspect = ? where shop = ? and id = ?", [suspect, shop, order_id])

    def mark_checked(self, rows: Iterable[Row], suspects: Mapping[tuple[str, str], str]) -> None:
        """Remembers that these orders were looked for in Dinero now, as they were when these rows of them were read,
        and what was found of them: by (shop, id), a document that may be the order's. The owner's answer about one
        document is none about another."""
        with self.transaction() as db:
            for row in rows:
                key = row["shop"], row["id"]
                suspect = suspects.get(key, "")
                db.execute(
                    "update orders set checked_at = ?, suspect = ?, answers = iif(suspect in ('', ?), answers, "
                    "json_remove(answers, '$.already_in_dinero')) where shop = ? and id = ? and raw_hash = ?",
                    [self._stamp(), suspect, suspect, *key, row["raw_hash"]],
                )

    def forget_checks(self, first: str, last: str, *, before: datetime | None = None) -> None:
        """Orders placed from `first` to `last` (Copenhagen dates) that have no document count as not looked for in
        Dinero; with `before` only those that were looked for earlier than that."""
        with self.transaction() as db:
            db.execute(
                "update orders set checked_at = null where placed_on between ? and ? "
                f"and (? is null or checked_at < ?) and {_WITHOUT_DOCUMENT}",
                [first, last, *2 * [utc_text(before) if before else None]],
            )

    def eu_limit_passed(self, limit: int, *, year: int, elsewhere: int) -> dict[int, tuple[str, str]]:
        """For each Copenhagen year, the first order (placed_at, id) that took the year's sales to EU consumers above
        `limit` øre; in `year`, `elsewhere` øre were sold that no order here tells of."""
        rows = self.rows(
            "select year, placed_at, id from (select cast(substr(placed_on, 1, 4) as integer) as year, placed_at, id, "
            "sum(eu_net_ore) over (partition by substr(placed_on, 1, 4) order by placed_at, id) as sold from orders "
            "where eu_net_ore is not null and placed_at is not null) "
            "where sold + case when year = ? then ? else 0 end > ? order by placed_at desc, id desc",
            [year, elsewhere, limit],
        )
        return {row["year"]: (row["placed_at"], row["id"]) for row in rows}

    def eu_sales(self, year: int) -> int:
        """The year's sales to EU consumers in øre without VAT."""
        row = self.row(
            "select coalesce(sum(eu_net_ore), 0) as ore from orders "
            "indexed by orders_by_eu_sales where eu_net_ore is not null "
            "and placed_on between ? and ?",
            [f"{year}-01-01", f"{year}-12-31"],
        )
        return int(row["ore"]) if row else 0

    def oss_orders(self, first: str, last: str) -> list[Row]:
        """All sales and returns with another EU country's VAT, placed from `first` to `last` (Copenhagen dates), by
        country, the oldest first. What was cancelled or never paid is no sale (unless it is booked), nor is what the
        owner left out or what was taken back."""
        return [row for row in self._oss(first, last) if row["counted"]]

    def oss_not_counted(self, first: str, last: str) -> list[Row]:
        """The other orders with another EU country's VAT of these days, which are no sales (or no longer)."""
        return [row for row in self._oss(first, last) if not row["counted"]]

    def _oss(self, first: str, last: str) -> list[Row]:
        counted = (
            "o.ignored_reason is null and o.state != 'credited' and (coalesce(d.step, '') in ('booked', 'settling', "
            "'done') or (coalesce(o.cancelled, 0) = 0 and (o.paid = 1 or coalesce(o.total_ore, 0) < 0)))"
        )
        return self.rows(
            _ORDERS.replace("select o.*", f"select o.*, {counted} as counted", 1)
            + " where o.zone = 'oss' and o.placed_on between ? and ? order by o.country, o.placed_at, o.id",
            [first, last],
        )

    def orders_of_customer(self, email: str, *, states: Sequence[str], limit: int) -> list[Row]:
        """A customer's orders in these states (in all without any), newest first."""
        marks = ", ".join("?" for _ in states)
        chosen = f" and o.state in ({marks})" if states else ""
        return self.rows(
            _ORDERS + f" where o.email_folded = ?{chosen} order by o.placed_at desc, o.id desc limit ?",
            [folded(email), *states, limit],
        )

    def orders_between(self, first: str, last: str) -> Iterator[Row]:
        """All orders placed from `first` to `last` (Copenhagen dates), oldest first, however many there are. They are
        read a part at a time, each part after the last one's end, so that what comes meanwhile moves none of them."""
        after = ("", "", "")
        condition = " where o.placed_on between ? and ? and (coalesce(o.placed_at, ''), o.id, o.shop) > (?, ?, ?)"
        order = " order by coalesce(o.placed_at, ''), o.id, o.shop limit ?"
        while rows := self.rows(_ORDERS + condition + order, [first, last, *after, READ_AT_ONCE]):
            yield from rows
            after = (rows[-1]["placed_at"] or "", rows[-1]["id"], rows[-1]["shop"])

    def orders_with_reason(self, state: str, code: str) -> list[Row]:
        """All orders in a state for a reason (the code of a finding)."""
        return self.rows(_ORDERS + " where o.state = ? and instr(o.reasons, ?) > 0", [state, json.dumps(code)])

    def set_order_states(self, states: Iterable[tuple[str, str, str, str]]) -> None:
        """Stores (shop, id, state, reasons as JSON) for orders that have no document; others stay as they are."""
        with self.transaction() as db:
            for shop, order_id, state, reasons in states:
                self._set_state(db, shop, order_id, state, reasons)

    def ignore_order(self, shop: str, order_id: str, reason: str | None) -> None:
        """Remembers the owner's reason to leave an order out; None takes it back."""
        with self.transaction() as db:
            db.execute("update orders set ignored_reason = ? where shop = ? and id = ?", [reason, shop, order_id])

    def _set_state(self, db: Database, shop: str, order_id: str, state: str, reasons: str) -> None:
        cursor = db.execute(
            "update orders set state = ?, reasons = ? where shop = ? and id = ? and (state, reasons) != (?, ?) "
            "and (rebook = 1 or "
            "not exists (select 1 from documents d where d.shop = orders.shop and d.order_id = orders.id))",
            [state, reasons, shop, order_id, state, reasons],
        )
        if cursor.rowcount == 1:
            self._remember_state(db, shop, order_id, state, reasons)

    def _remember_state(self, db: Database, shop: str, order_id: str, state: str, reasons: str) -> None:
        packed = json.loads(reasons)
        text = Text.from_json(packed[0]["text"]) if packed else None
        self._remember(db, event="state", shop=shop, order_id=order_id, state=state, text=text)

    def order(self, shop: str, order_id: str) -> Row | None:
        """One order with its document, if it has one."""
        return self.row(_ORDERS + " where o.shop = ? and o.id = ?", [shop, order_id])

    def orders_by_id(self, shop: str, order_ids: Sequence[str]) -> dict[str, Row]:
        """Those of these orders that are known, by id, each with its document."""
        chosen = " where o.shop = ? and o.id in (select value from json_each(?))"
        return {row["id"]: row for row in self.rows(_ORDERS + chosen, [shop, json.dumps(list(order_ids))])}

    def credited_in_shop(self, shop: str, order_id: str, number: str, currency: str) -> Money | None:
        """What the shop's own credit notes take back of an order, by its id or number; None when there are none. Those
        that are cancelled, gone from the shop or left out by the owner take nothing back."""
        row = self.row(
            "select sum(-total_ore) as ore from orders where shop = ? and credit_of in (?, ?) and credit_of != '' "
            "and total_ore < 0 and currency = ? and ignored_reason is null and gone_at is null "
            "and coalesce(cancelled, 0) = 0",
            [shop, order_id, number, currency],
        )
        return Money(row["ore"], currency) if row is not None and row["ore"] is not None else None

    def set_gone(self, shop: str, there: Set[str]) -> list[str]:
        """Marks the orders without a document that are not among those which the shop has, all of which were read.
        Returns the ids of those that were there before."""
        rows = self.rows(
            "select o.id from orders o where o.shop = ? and o.gone_at is null and not exists "
            "(select 1 from documents d where d.shop = o.shop and d.order_id = o.id)",
            [shop],
        )
        gone = [row["id"] for row in rows if row["id"] not in there]
        with self.transaction() as db:
            for order_id in gone:
                db.execute("update orders set gone_at = ? where shop = ? and id = ?", [self._stamp(), shop, order_id])
        return gone

    def sells_with_vat(self) -> bool:
        """Whether any product was ever sold with 25 % VAT."""
        return self.row("select 1 from products_with_vat limit 1") is not None

    def products_with_vat(self, shop: str, products: Iterable[str]) -> dict[str, str]:
        """Those of these products that were sold with 25 % VAT, each with the number of an order in which it was."""
        chosen = "shop = ? and product in (select value from json_each(?))"
        rows = self.rows(
            f"select product, order_number from products_with_vat where {chosen}", [shop, json.dumps(sorted(products))]
        )
        return {row["product"]: row["order_number"] for row in rows}

    def all_products_with_vat(self, shop: str) -> set[str]:
        """All products that were sold with 25 % VAT."""
        return {row["product"] for row in self.rows("select product from products_with_vat where shop = ?", [shop])}

    def save_products_with_vat(self, shop: str, products: Mapping[str, str]) -> None:
        """Remembers products that were sold with 25 % VAT, each with the number of an order in which it was."""
        with self.transaction() as db:
            for product, number in products.items():
                db.execute(
                    "insert into products_with_vat values (?, ?, ?) on conflict do nothing", [shop, product, number]
                )

    def find_orders(self, wanted: str) -> list[Row]:
        """Orders whose id or number is `wanted`."""
        return self.rows(_ORDERS + " where o.id = ? or o.number = ?", [wanted, wanted])

    def orders(
        self,
        *,
        states: Sequence[str] = (),
        search: str = "",
        done_on: Days | None = None,
        placed_on: Days | None = None,
        limit: int = 100,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> list[Row]:
        """Orders, newest first unless told otherwise, at most `limit` (-1: all of them); `search` looks in number,
        customer, e-mail, amount and invoice number, `done_on` and `placed_on` are the days on which they were
        transferred and sold."""
        way = "asc" if oldest_first else "desc"
        order = f" order by o.placed_at {way}, o.id {way} limit ? offset ?"
        if search or done_on or placed_on or not states:
            where, parameters = _order_filter(states, search, done_on, placed_on)
            return self.rows(_ORDERS + where + order, [*parameters, limit, offset])
        # Each state's first rows by its index, then the first of them all: nothing is sorted but what is shown.
        first = f"order by placed_at {way}, id {way} limit ?"
        parts, parameters = [], list[Any]()
        for state in dict.fromkeys(states):
            condition = "change is not null" if state == CHANGED else "state = ?"
            parts.append(f"select * from (select rowid from orders where {condition} {first})")
            parameters += [limit + offset] if state == CHANGED else [state, limit + offset]
        return self.rows(f"{_ORDERS} where o.rowid in ({' union '.join(parts)}){order}", [*parameters, limit, offset])

    def orders_to_assess(self, *, after: int, limit: int) -> list[Row]:
        """Orders that get their state by the checks (without a document, or to be booked anew), with their `place` in
        the table; the next ones have a place `after` the last one's."""
        return self.rows(
            _ORDERS.replace("select o.*", "select o.*, o.rowid as place", 1)
            + " where o.rowid > ? and (d.guid is null or o.rebook = 1) order by o.rowid limit ?",
            [after, limit],
        )

    def count_orders(
        self,
        *,
        states: Sequence[str] = (),
        search: str = "",
        done_on: Days | None = None,
        placed_on: Days | None = None,
    ) -> int:
        """How many orders `orders` would list without a limit."""
        where, parameters = _order_filter(states, search, done_on, placed_on)
        row = self.row(f"select count(*) as n from orders o{where}", parameters)
        return int(row["n"]) if row else 0

    def sums_by_day(self, first: str, last: str) -> list[Row]:
        """Orders placed from `first` to `last` (Copenhagen dates): day, state, currency, count `n` and sum `ore`."""
        return self.rows(
            "select placed_on as day, state, currency, count(*) as n, coalesce(sum(total_ore), 0) as ore from orders "
            "where placed_on between ? and ? group by placed_on, state, currency",
            [first, last],
        )

    def transfers_by_day(self, first: str, last: str) -> list[Row]:
        """Orders that became done from `first` to `last` (Copenhagen dates) and still are: day, currency, count `n` and
        sum in øre. An order whose invoice was taken back is not among them."""
        return self.rows(
            "select done_on as day, currency, count(*) as n, coalesce(sum(total_ore), 0) as ore from orders "
            "indexed by orders_by_done where done_on between ? and ? and state = 'done' group by done_on, currency",
            [first, last],
        )

    def transfers_by_method(self, first: str, last: str) -> list[Row]:
        """The same by payment method: payment_method, currency, `n` and `ore`."""
        return self.rows(
            "select payment_method, currency, count(*) as n, coalesce(sum(total_ore), 0) as ore from orders "
            "indexed by orders_by_done where done_on between ? and ? and state = 'done' "
            "group by payment_method, currency",
            [first, last],
        )

    def seen_since(self, moment: datetime) -> int:
        """How many orders were read for the first time at `moment` or later."""
        row = self.row("select count(*) as n from orders where first_seen_at >= ?", [utc_text(moment)])
        return int(row["n"]) if row else 0

    def has_orders(self) -> bool:
        """Whether any order was read."""
        return bool(self.rows("select 1 from orders limit 1"))

    def deposits(self, account: int) -> int:
        """The sum of what was registered from here on a deposit account, refunds taken off, in øre (DKK)."""
        row = self.row(
            "select coalesce(sum(deposit_ore), 0) as ore from documents where deposit_account = ?", [account]
        )
        return int(row["ore"]) if row else 0

    def sums_by_state(self, states: Sequence[str] = ()) -> list[Row]:
        """For each state (of `states`, if there are any) and currency: how many orders (`n`), and their sum (`ore`)."""
        where, parameters = _order_filter(states, "")
        return self.rows(
            f"select state, currency, count(*) as n, coalesce(sum(total_ore), 0) as ore from orders o{where} "
            "group by state, currency",
            parameters,
        )

    def state_counts(self) -> dict[str, tuple[int, int]]:
        """For each state: how many orders, and their sum in øre (DKK orders only)."""
        found: dict[str, tuple[int, int]] = {}
        for row in self.sums_by_state():
            n, ore = found.get(row["state"], (0, 0))
            found[row["state"]] = (n + row["n"], ore + (row["ore"] if row["currency"] == DKK else 0))
        return found

    def payment_methods(self, *, limit: int = METHODS_SHOWN) -> list[str]:
        """The payment methods that orders name, the most used first."""
        rows = self.rows(
            "select payment_method from orders group by payment_method order by count(*) desc limit ?", [limit]
        )
        return [row["payment_method"] for row in rows]

    # --- consultations: evidence of VAT numbers ----------------------------------------------------------

    def add_consultation(self, shop: str, order_id: str, consultation: Consultation) -> None:
        """Keeps what VIES said of an order's VAT number. Nothing of it is ever changed."""
        with self.transaction() as db:
            db.execute(
                "insert into consultations (shop, order_id, number, outcome, asked_at, consultation_number, name, "
                "requester, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    shop,
                    order_id,
                    consultation.number,
                    consultation.outcome,
                    utc_text(consultation.asked_at),
                    consultation.consultation_number,
                    consultation.name,
                    consultation.requester,
                    consultation.error,
                ],
            )

    def consultation(self, shop: str, order_id: str, number: str) -> Consultation | None:
        """The latest consultation about an order's VAT number. A yes or no is not undone by a later silence."""
        rows = self.rows(
            "select * from consultations where shop = ? and order_id = ? and number = ? order by id desc",
            [shop, order_id, number],
        )
        answered = next((row for row in rows if row["outcome"] != UNANSWERED), None)
        if not rows or answered is not None:
            return _consultation(answered) if answered else None
        since = datetime.fromisoformat(rows[-1]["asked_at"])
        return replace(_consultation(rows[0]), since=since, times=len(rows))

    def valid_consultation(self, number: str, *, since: datetime) -> Consultation | None:
        """The latest yes about a VAT number that VIES gave at `since` or later, for whichever order."""
        row = self.row(
            "select * from consultations where number = ? and asked_at >= ? and outcome = ? order by asked_at desc "
            "limit 1",
            [number, utc_text(since), VALID],
        )
        return _consultation(row) if row else None

    def consultations_since(self, moment: datetime) -> list[Row]:
        """All consultations at `moment` or later, in the order of time."""
        return self.rows("select * from consultations where asked_at >= ? order by asked_at, id", [utc_text(moment)])

    def consultations_of(self, shop: str, order_id: str) -> list[Row]:
        """All consultations about an order's VAT number, oldest first."""
        return self.rows("select * from consultations where shop = ? and order_id = ? order by id", [shop, order_id])

    def consultations_between(self, first: str, last: str) -> list[Row]:
        """All consultations about orders placed from `first` to `last` (Copenhagen dates), by order and in their order,
        with the order's number, date, customer and invoice."""
        return self.rows(
            "select c.*, o.number as order_number, o.placed_on, o.customer, d.invoice_number from consultations c "
            "cross join orders o on c.shop = o.shop and c.order_id = o.id left join documents d "
            "on d.shop = o.shop and d.order_id = o.id and d.current = 1 "
            "where o.placed_on between ? and ? "
            "order by o.placed_at, o.id, c.id",
            [first, last],
        )

    def orders_to_consult(self, reason: str, zone: str, *, limit: int) -> list[Row]:
        """Orders that may need a consultation, oldest first: held for `reason`, or of this VAT `zone` and on their way
        without a yes from VIES."""
        return self.rows(
            f"{_ORDERS} where o.rowid in (select rowid from orders where state = 'held' and instr(reasons, ?) > 0 "
            "union select rowid from orders where zone = ? and state in (select value from json_each(?)) and not "
            "exists (select 1 from consultations c where c.shop = orders.shop and c.order_id = orders.id and "
            "c.outcome = ?)) order by o.placed_at, o.id limit ?",
            [json.dumps(reason), zone, json.dumps(["waiting", "refused", *UNDER_WAY]), VALID, limit],
        )

    # --- documents: the claims -------------------------------------------------------------------------

    def claim(
        self,
        lease: Lease,
        *,
        organization: str,
        shop: str,
        order_id: str,
        kind: str,
        generation: int,
        guid: str,
        plan: Mapping[str, Any],
        operation_id: str,
        text: Text,
        raw: str = "",
        contact_guid: str | None = None,
    ) -> Row | None:
        """Commits the claim on an order's document before anything is sent.

        Returns the document, or None when it is claimed already: the unique key (shop, order, kind,
        generation) decides (facts.md, rule 2). Raises LeaseLost.
        """
        stamp = self._stamp()
        with self.transaction() as db:
            self._renew(db, lease)
            cursor = db.execute(
                "insert or ignore into documents (organization, shop, order_id, kind, generation, guid, plan, step, "
                "state, operation_id, created_at, updated_at, credit_for, issued_on, raw, contact_guid, current) "
                "values (?, ?, ?, ?, ?, ?, ?, 'claimed', 'claimed', ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    organization,
                    shop,
                    order_id,
                    kind,
                    generation,
                    guid,
                    json.dumps(plan, ensure_ascii=False),
                    operation_id,
                    stamp,
                    stamp,
                    plan.get("credit_for") or None,
                    plan["issued_on"],
                    raw,
                    contact_guid,
                    0,
                ],
            )
            if cursor.rowcount != 1:
                return None
            # The document that stands for the order: its invoice, or a return's own credit note. A credit note
            # that takes the order's own invoice back stands beside it.
            invoice = db.execute(
                "select 1 from documents where shop = ? and order_id = ? and kind = 'invoice'", [shop, order_id]
            ).fetchone()
            if kind == "invoice" or invoice is None:
                db.execute(
                    "update documents set current = (guid = ?) where shop = ? and order_id = ?", [guid, shop, order_id]
                )
            db.execute(
                "update orders set state = 'claimed', reasons = '[]', rebook = 0 where shop = ? and id = ?",
                [shop, order_id],
            )
            self._remember(
                db, event="claimed", shop=shop, order_id=order_id, operation_id=operation_id, state="claimed", text=text
            )
            return next(iter(db.query("select * from documents where guid = ?", [guid])))

    def document(self, shop: str, order_id: str, kind: str | None = None) -> Row | None:
        """The newest document of an order, of one kind or (without it) the one that is worked on or stands for it:
        an open one goes first. A credit note beside its invoice is open until it is "credited", and only the newest
        generation of a kind counts."""
        if kind is not None:
            return self.row(
                "select * from documents where shop = ? and order_id = ? and kind = ? order by generation desc limit 1",
                [shop, order_id, kind],
            )
        return self.row(
            "select * from documents d where shop = ? and order_id = ? and generation = (select max(n.generation) from "
            "documents n where n.shop = d.shop and n.order_id = d.order_id and n.kind = d.kind) "
            "order by state != 'credited' and (state != 'done' or (kind = 'credit note' and current = 0)) desc, "
            "current desc, id desc limit 1",
            [shop, order_id],
        )

    def generations(self, shop: str, order_id: str) -> dict[str, int]:
        """The newest generation of each kind of document that an order has. A claim is made for the next one as it
        was read before the order was looked at, so that the unique key decides between two who looked."""
        rows = self.rows(
            "select kind, max(generation) as newest from documents where shop = ? and order_id = ? group by kind",
            [shop, order_id],
        )
        return {row["kind"]: row["newest"] for row in rows}

    def documents_of(self, shop: str, order_id: str) -> list[Row]:
        """All documents of an order that were booked, oldest first."""
        return self.rows(
            "select * from documents where shop = ? and order_id = ? and invoice_number is not null order by id",
            [shop, order_id],
        )

    def document_by_id(self, document_id: int) -> Row | None:
        """A document as it is stored now."""
        return self.row("select * from documents where id = ?", [document_id])

    def credits_of(self, guid: str) -> list[Row]:
        """The credit notes of an invoice that were begun or booked, oldest first; deleted drafts don't count."""
        return self.rows("select * from documents where credit_for = ? and step != 'deleted' order by id", [guid])

    def credit_notes_until(self, document: Row) -> list[Row]:
        """An order's credit notes up to this one, newest first."""
        return self.rows(
            "select * from documents where shop = ? and order_id = ? and kind = ? and generation <= ? "
            "order by generation desc",
            [document["shop"], document["order_id"], document["kind"], document["generation"]],
        )

    def documents_between(self, first: str, last: str) -> Iterator[Row]:
        """All documents dated from `first` to `last` (Copenhagen dates), with their order's number and customer,
        however many there are."""
        condition = " where d.issued_on between ? and ? and (d.issued_on, d.id) > (?, ?)"
        after: tuple[str, int] = ("", 0)
        while rows := self.rows(
            _DOCUMENTS + condition + " order by d.issued_on, d.id limit ?", [first, last, *after, READ_AT_ONCE]
        ):
            yield from rows
            after = (rows[-1]["issued_on"], rows[-1]["id"])

    def documents_by_guid(self, guids: Sequence[str]) -> dict[str, Row]:
        """Documents by their Guid, those of `guids` that are known here."""
        found: dict[str, Row] = {}
        for start in range(0, len(guids), 500):
            part = guids[start : start + 500]
            marks = ", ".join("?" for _ in part)
            for row in self.rows(f"{_DOCUMENTS} where d.guid in ({marks})", part):
                found[row["guid"]] = row
        return found

    def set_document_state(self, lease: Lease, document: Row, state: str) -> None:
        """Stores another document's state, such as that of an invoice which a credit note took back."""
        with self.transaction() as db:
            self._renew(db, lease)
            db.execute(
                "update documents set state = ?, updated_at = ? where id = ?", [state, self._stamp(), document["id"]]
            )

    def advance(
        self,
        lease: Lease,
        document: Row,
        *,
        event: str | None,
        text: Text | None = None,
        operation_id: str | None = None,
        reasons: str = "[]",
        order_state: str | None = None,
        **changes: Any,
    ) -> Row:
        """Commits what became of a document, its order's state and (with an event) the history row, all at once.

        The order's state is the document's, unless `order_state` says otherwise.

        Raises LeaseLost when another worker has taken over: then nothing is written.
        """
        changes["updated_at"] = self._stamp()
        assigned = ", ".join(f"{name} = ?" for name in changes)
        with self.transaction() as db:
            self._renew(db, lease)
            db.execute(
                f"update documents set {assigned}, reasons = ? where id = ?",
                [*changes.values(), reasons, document["id"]],
            )
            if "state" in changes:
                db.execute(
                    "update orders set state = ?, reasons = ? where shop = ? and id = ?",
                    [order_state or changes["state"], reasons, document["shop"], document["order_id"]],
                )
            if event == "done" and document["current"]:
                db.execute(
                    "update orders set done_on = ? where shop = ? and id = ?",
                    [copenhagen_date(self.clock.now()).isoformat(), document["shop"], document["order_id"]],
                )
            if event is not None:
                self._remember(
                    db,
                    event=event,
                    shop=document["shop"],
                    order_id=document["order_id"],
                    operation_id=operation_id,
                    state=changes.get("state"),
                    text=text,
                )
            return next(iter(db.query("select * from documents where id = ?", [document["id"]])))

    # --- operations ------------------------------------------------------------------------------------

    def open_operation(
        self,
        operation_id: str,
        orders: Sequence[tuple[str, str]],
        *,
        actor: str,
        action: str = "push",
        detail: str = "",
    ) -> bool:
        """Stores a push of these (shop, order id) under an id made when its form was drawn.

        Another `action` than "push" is a correction of what was booked; `detail` is the owner's reason for it.

        Returns False when that id is there already: a double click is one push (facts.md, rule 13).
        """
        with self.transaction() as db:
            cursor = db.execute(
                "insert or ignore into operations (id, actor, status, created_at, action, detail) "
                "values (?, ?, 'waiting', ?, ?, ?)",
                [operation_id, actor, self._stamp(), action, detail],
            )
            if cursor.rowcount != 1:
                return False
            for position, (shop, order_id) in enumerate(dict.fromkeys(orders)):
                db.execute(
                    "insert into operation_orders (operation_id, position, shop, order_id) values (?, ?, ?, ?)",
                    [operation_id, position, shop, order_id],
                )
        return True

    def operation(self, operation_id: str) -> Row | None:
        """A push."""
        return self.row("select * from operations where id = ?", [operation_id])

    def next_operation(self) -> str | None:
        """The oldest push that is not finished."""
        return self._oldest_operation("waiting", "running")

    def unfinished_operation(self) -> str | None:
        """The oldest push that is not finished, paused ones too."""
        return self._oldest_operation("waiting", "running", "paused")

    def _oldest_operation(self, *statuses: str) -> str | None:
        marks = ", ".join("?" for _ in statuses)
        row = self.row(
            f"select id from operations where status in ({marks}) order by created_at, rowid limit 1", statuses
        )
        return row["id"] if row else None

    def operations(self, *, limit: int = 20) -> list[Row]:
        """The latest pushes, newest first."""
        return self.rows(
            "select p.*, (select count(*) from operation_orders r where r.operation_id = p.id) as orders, "
            "(select count(*) from operation_orders r where r.operation_id = p.id and r.state is not null) "
            "as finished from operations p order by p.created_at desc, p.rowid desc limit ?",
            [limit],
        )

    def operation_rows(self, operation_id: str) -> list[Row]:
        """A push's orders in their order, each with its result so far."""
        return self.rows(
            "select r.position, r.shop, r.order_id, r.state as result, r.reasons as result_reasons, r.booked, "
            "r.paid, r.credited, o.number, o.customer, o.total_ore, o.currency, o.state, o.reasons, "
            "d.invoice_number, d.step "
            "from operation_orders r left join orders o on o.shop = r.shop and o.id = r.order_id "
            "left join documents d on d.shop = r.shop and d.order_id = r.order_id and d.current = 1 "
            "where r.operation_id = ? order by r.position",
            [operation_id],
        )

    def update_operation(self, operation_id: str, **changes: Any) -> None:
        """Stores a push's status, reason (JSON of texts), calls or times."""
        for name in ("started_at", "finished_at"):
            if changes.get(name) is True:
                changes[name] = self._stamp()
        assigned = ", ".join(f"{name} = ?" for name in changes)
        with self.transaction() as db:
            db.execute(f"update operations set {assigned} where id = ?", [*changes.values(), operation_id])

    def pause_operation(self, operation_id: str) -> None:
        """Marks a push as paused; one that is over stays so."""
        self._change_status(operation_id, "paused", ("waiting", "running"))

    def resume_operation(self, operation_id: str) -> None:
        """Lets a paused push wait for its worker again."""
        self._change_status(operation_id, "waiting", ("paused",))

    def _change_status(self, operation_id: str, status: str, before: tuple[str, ...]) -> None:
        marks = ", ".join("?" for _ in before)
        with self.transaction() as db:
            db.execute(
                f"update operations set status = ? where id = ? and status in ({marks})",
                [status, operation_id, *before],
            )

    def finish_operation_order(self, operation_id: str, shop: str, order_id: str, state: str, reasons: str) -> None:
        """Stores the result of one order of a push."""
        with self.transaction() as db:
            db.execute(
                "update operation_orders set state = ?, reasons = ? where operation_id = ? and shop = ? "
                "and order_id = ?",
                [state, reasons, operation_id, shop, order_id],
            )

    def mark_result(
        self,
        operation_id: str,
        shop: str,
        order_id: str,
        *,
        booked: bool = False,
        paid: bool = False,
        credited: bool = False,
    ) -> None:
        """Stores that this push booked an order's invoice, registered its payment, or booked a credit note."""
        with self.transaction() as db:
            db.execute(
                "update operation_orders set booked = max(booked, ?), paid = max(paid, ?), credited = max(credited, ?) "
                "where operation_id = ? and shop = ? and order_id = ?",
                [int(booked), int(paid), int(credited), operation_id, shop, order_id],
            )

    # --- alarms ----------------------------------------------------------------------------------------

    def add_alarm(self, cause: str, text: Text) -> None:
        """Keeps an alarm to be mailed."""
        with self.transaction() as db:
            db.execute(
                "insert into alarms (cause, text, created_at) values (?, ?, ?)", [cause, text.dumps(), self._stamp()]
            )

    def alarms(self, *, limit: int = 50) -> list[Row]:
        """The latest alarms, newest first."""
        return self.rows("select * from alarms order by id desc limit ?", [limit])

    def unmailed_alarms(self, *, since: datetime, limit: int) -> list[Row]:
        """Alarms from `since` that no mail has told of, oldest first."""
        return self.rows(
            "select * from alarms where mailed_at is null and created_at >= ? order by id limit ?",
            [utc_text(since), limit],
        )

    def alarms_mailed(self, numbers: Sequence[int]) -> None:
        """Remembers that these alarms (ids) were mailed."""
        with self.transaction() as db:
            for number in numbers:
                db.execute("update alarms set mailed_at = ? where id = ?", [self._stamp(), number])

    def claim_mail(self, cause: str, *, before: datetime) -> bool:
        """Takes the right to mail of a cause now; False when one went out at `before` or later."""
        with self.transaction() as db:
            cursor = db.execute(
                "insert into mails values (?, ?) on conflict do update set last_at = excluded.last_at "
                "where last_at < ?",
                [cause, self._stamp(), utc_text(before)],
            )
            return bool(cursor.rowcount == 1)

    def release_mail(self, cause: str) -> None:
        """Gives the right back: the mail did not go out."""
        with self.transaction() as db:
            db.execute("delete from mails where cause = ?", [cause])

    def mailed_since(self, cause: str, since: datetime) -> bool:
        """Whether `claim_mail` was given for this cause after `since`."""
        return self.row("select 1 from mails where cause = ? and last_at > ?", [cause, utc_text(since)]) is not None

    # --- history ---------------------------------------------------------------------------------------

    def remember(
        self,
        *,
        event: str,
        text: Text | None = None,
        shop: str | None = None,
        order_id: str | None = None,
        operation_id: str | None = None,
        state: str | None = None,
        detail: Mapping[str, Any] | None = None,
        db: Database | None = None,
    ) -> None:
        """Adds a row to the history, which only grows; with `db` as a part of that transaction. An order's customer
        is never named in it, because nobody could be forgotten then."""
        with nullcontext(db) if db is not None else self.transaction() as db:
            self._remember(
                db,
                event=event,
                text=text,
                shop=shop,
                order_id=order_id,
                operation_id=operation_id,
                state=state,
                detail=detail,
            )

    def _remember(
        self,
        db: Database,
        *,
        event: str,
        text: Text | None = None,
        shop: str | None = None,
        order_id: str | None = None,
        operation_id: str | None = None,
        state: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        if text is not None and order_id is not None:
            named = db.execute("select customer, email from orders where shop = ? and id = ?", [shop, order_id])
            text = text.without(mask(named.fetchone() or ()))
        db.execute(
            "insert into history (at, shop, order_id, operation_id, event, state, text, detail) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._stamp(),
                shop,
                order_id,
                operation_id,
                event,
                state,
                text.dumps() if text else None,
                json.dumps(detail, ensure_ascii=False) if detail else None,
            ],
        )

    def history(
        self,
        *,
        order: tuple[str, str] | None = None,
        events: Sequence[str] = (),
        search: str = "",
        since: str = "",
        until: str = "",
        limit: int = 200,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> list[Row]:
        """History rows with the order's number; `since` and `until` (exclusive) are UTC ISO texts."""
        where, parameters = ["1 = 1"], list[Any]()
        if order:
            where.append("h.shop = ? and h.order_id = ?")
            parameters += order
        if events:
            where.append(f"h.event in ({', '.join('?' for _ in events)})")
            parameters += events
        if search:
            found, more = _search(search)
            where.append(f"(h.shop, h.order_id) in (select shop, id from orders where rowid in ({found}))")
            parameters += more
        if since:
            where.append("h.at >= ?")
            parameters.append(since)
        if until:
            where.append("h.at < ?")
            parameters.append(until)
        return self.rows(
            "select h.*, o.number, o.customer, o.total_ore, o.currency, d.invoice_number, d.guid from history h "
            "left join orders o on o.shop = h.shop and o.id = h.order_id left join documents d on d.shop = h.shop and "
            f"d.order_id = h.order_id and d.current = 1 where {' and '.join(where)} "
            f"order by h.id {'asc' if oldest_first else 'desc'} limit ? offset ?",
            [*parameters, limit, offset],
        )

    # --- customers, mirrored from Dinero ---------------------------------------------------------------

    def save_contacts(self, organization: str, contacts: Iterable[Row]) -> None:
        """Mirrors contacts: rows of guid, name, email (lower case), is_person, deleted, created_at, vat_number, ean,
        country."""
        with self.transaction() as db:
            for contact in contacts:
                db.execute(
                    "insert into contacts values (:organization, :guid, :email, :name, :is_person, :deleted, "
                    ":created_at, :vat_number, :ean, :country) on conflict do update set email = excluded.email, "
                    "name = excluded.name, is_person = excluded.is_person, deleted = excluded.deleted, "
                    "created_at = excluded.created_at, vat_number = excluded.vat_number, ean = excluded.ean, "
                    "country = excluded.country",
                    {"country": "", **contact, "organization": organization},
                )

    def contacts(self, organization: str, email: str) -> list[Row]:
        """The mirrored contacts with this e-mail (lower case), oldest first, deleted ones too."""
        return self._contacts(organization, "email", email)

    def contacts_by_number(self, organization: str, name: str, number: str) -> list[Row]:
        """The mirrored contacts with this number ("vat_number" or "ean"), oldest first, deleted ones too."""
        return self._contacts(organization, {"vat_number": "vat_number", "ean": "ean"}[name], number)

    def _contacts(self, organization: str, column: str, value: str) -> list[Row]:
        return self.rows(
            f"select * from contacts where organization = ? and {column} = ? order by created_at, guid",
            [organization, value],
        )

    def contact(self, organization: str, guid: str) -> Row | None:
        """One mirrored contact."""
        return self.row("select * from contacts where organization = ? and guid = ?", [organization, guid])


def _consultation(row: Row) -> Consultation:
    told = {name: row[name] for name in ("number", "outcome", "consultation_number", "name", "requester", "error")}
    return Consultation(asked_at=datetime.fromisoformat(row["asked_at"]), **told)


_ORDERS = (
    "select o.*, d.guid, d.kind, d.invoice_number, d.step, d.updated_at as document_at from orders o "
    "left join documents d on d.shop = o.shop and d.order_id = o.id and d.current = 1"
)

_WITHOUT_DOCUMENT = "not exists (select 1 from documents d where d.shop = orders.shop and d.order_id = orders.id)"

_DOCUMENTS = (
    "select d.*, o.number, o.customer, o.state as order_state, o.change from documents d "
    "join orders o on o.shop = d.shop and o.id = d.order_id"
)


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Trouble with the disk or the file as StorageFailed; our own mistakes in SQL stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = _STORAGE_TEXTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if text is None:
            raise
        raise StorageFailed(text, detail=str(error)) from error


_STORAGE_TEXTS = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    **dict.fromkeys(
        (
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_PERM,
        ),
        STORAGE,
    ),
}


def _order_filter(
    states: Sequence[str], search: str, done_on: Days | None = None, placed_on: Days | None = None
) -> tuple[str, list[Any]]:
    where, parameters = ["1 = 1"], list[Any]()
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
        found, more = _search(search)
        where.append(f"o.rowid in ({found})")
        parameters += more
    return " where " + " and ".join(where), parameters


def _search(search: str) -> tuple[str, list[Any]]:
    """A query for the rowids of the orders that a search means: a whole number, id, invoice number or amount, or a part
    of the customer's name or e-mail. Each part is answered by an index alone."""
    parts = [
        "select rowid from orders indexed by orders_by_words where number = ? or id = ? or customer like ? escape '\\' "
        "or email like ? escape '\\'",
        "select o.rowid from documents d join orders o on o.shop = d.shop and o.id = d.order_id "
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


def _has_died(owner: str) -> bool:
    """Whether a lease's owner was a process of this machine that no longer runs."""
    host, pid, _ = owner.split("/", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
