"""What is written in Dinero for orders: the claims, and how far each is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dinero.model.clock import copenhagen_date
from dinero.model.i18n import Text
from dinero.store.database import READ_AT_ONCE, Database, Part, Row, Rows
from dinero.store.history import History
from dinero.store.leases import Lease, Leases

DOCUMENTS = (
    "select d.*, o.number, o.customer, o.state as order_state, o.change from documents d "
    "join orders o on o.shop = d.shop and o.id = d.order_id"
)


class Documents(Part):
    """Documents by order, kind and generation."""

    def __init__(self, database: Database, leases: Leases, history: History) -> None:
        super().__init__(database)
        self._leases = leases
        self._history = history

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
        generation) decides (DESIGN rule 2). Raises LeaseLost.
        """
        stamp = self._database.stamp()
        with self._database.transaction() as db:
            self._leases.renew(lease)
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
            self._history.add(
                event="claimed", shop=shop, order_id=order_id, operation_id=operation_id, state="claimed", text=text
            )
            return next(iter(db.query("select * from documents where guid = ?", [guid])))

    def newest(self, shop: str, order_id: str, kind: str | None = None) -> Row | None:
        """The newest document of an order, of one kind or (without it) the one that is worked on or stands for it:
        an open one goes first. A credit note beside its invoice is open until it is "credited", and only the newest
        generation of a kind counts."""
        if kind is not None:
            return self._database.row(
                "select * from documents where shop = ? and order_id = ? and kind = ? order by generation desc limit 1",
                [shop, order_id, kind],
            )
        return self._database.row(
            "select * from documents d where shop = ? and order_id = ? and generation = (select max(n.generation) from "
            "documents n where n.shop = d.shop and n.order_id = d.order_id and n.kind = d.kind) "
            "order by state != 'credited' and (state != 'done' or (kind = 'credit note' and current = 0)) desc, "
            "current desc, id desc limit 1",
            [shop, order_id],
        )

    def generations(self, shop: str, order_id: str) -> dict[str, int]:
        """The newest generation of each kind of document that an order has. A claim is made for the next one as it
        was read before the order was looked at, so that the unique key decides between two who looked."""
        rows = self._database.rows(
            "select kind, max(generation) as newest from documents where shop = ? and order_id = ? group by kind",
            [shop, order_id],
        )
        return {row["kind"]: row["newest"] for row in rows}

    def booked_of(self, shop: str, order_id: str) -> Rows:
        """All documents of an order that were booked, oldest first."""
        return self._database.rows(
            "select * from documents where shop = ? and order_id = ? and invoice_number is not null order by id",
            [shop, order_id],
        )

    def get(self, document_id: int) -> Row | None:
        """A document as it is stored now."""
        return self._database.row("select * from documents where id = ?", [document_id])

    def credits_of(self, guid: str) -> Rows:
        """The credit notes of an invoice that were begun or booked, oldest first; deleted drafts don't count."""
        return self._database.rows(
            "select * from documents where credit_for = ? and step != 'deleted' order by id", [guid]
        )

    def credit_notes_until(self, document: Row) -> Rows:
        """An order's credit notes up to this one, newest first."""
        return self._database.rows(
            "select * from documents where shop = ? and order_id = ? and kind = ? and generation <= ? "
            "order by generation desc",
            [document["shop"], document["order_id"], document["kind"], document["generation"]],
        )

    def between(self, first: str, last: str) -> Iterator[Row]:
        """All documents dated from `first` to `last` (Copenhagen dates), with their order's number and customer,
        however many there are."""
        condition = " where d.issued_on between ? and ? and (d.issued_on, d.id) > (?, ?)"
        after: tuple[str, int] = ("", 0)
        while rows := self._database.rows(
            DOCUMENTS + condition + " order by d.issued_on, d.id limit ?", [first, last, *after, READ_AT_ONCE]
        ):
            yield from rows
            after = (rows[-1]["issued_on"], rows[-1]["id"])

    def by_guid(self, guids: Sequence[str]) -> dict[str, Row]:
        """Documents by their Guid, those of `guids` that are known here."""
        found: dict[str, Row] = {}
        for start in range(0, len(guids), 500):
            part = guids[start : start + 500]
            marks = ", ".join("?" for _ in part)
            for row in self._database.rows(f"{DOCUMENTS} where d.guid in ({marks})", part):
                found[row["guid"]] = row
        return found

    def set_state(self, lease: Lease, document: Row, state: str) -> None:
        """Stores another document's state, such as that of an invoice which a credit note took back."""
        with self._database.transaction() as db:
            self._leases.renew(lease)
            db.execute(
                "update documents set state = ?, updated_at = ? where id = ?",
                [state, self._database.stamp(), document["id"]],
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
        changes["updated_at"] = self._database.stamp()
        assigned = ", ".join(f"{name} = ?" for name in changes)
        with self._database.transaction() as db:
            self._leases.renew(lease)
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
                    [copenhagen_date(self._database.clock.now()).isoformat(), document["shop"], document["order_id"]],
                )
            if event is not None:
                self._history.add(
                    event=event,
                    shop=document["shop"],
                    order_id=document["order_id"],
                    operation_id=operation_id,
                    state=changes.get("state"),
                    text=text,
                )
            return next(iter(db.query("select * from documents where id = ?", [document["id"]])))
