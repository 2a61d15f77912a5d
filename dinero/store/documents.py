"""What is written in Dinero for orders: the claims, and how far each is."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from dinero.model.clock import copenhagen_date
from dinero.model.documents import Document, Event, ListedDocument, Mark, OrderKey, State, Step
from dinero.model.findings import dumps, loads
from dinero.model.i18n import Text
from dinero.model.plans import InvoicePlan, Kind, plan_from_json
from dinero.store.database import READ_AT_ONCE, Database, Part, Row
from dinero.store.history import History
from dinero.store.leases import Lease, Leases

_LISTED = (
    "select d.*, o.number, o.customer, o.change from documents d "
    "join orders o on o.shop = d.source and o.id = d.subject"
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
        plan: InvoicePlan,
        generation: int,
        guid: str,
        operation_id: str,
        text: Text,
        raw: str = "",
        contact_guid: str | None = None,
    ) -> Document | None:
        """Commits the claim on an order's document before anything is sent.

        Returns the document, or None when it is claimed already: the unique key (source,
        subject, kind, generation) decides (facts.md, rule 2). Raises LeaseLost.
        """
        key = OrderKey(plan.shop, plan.order_id)
        with self._database.transaction():
            self._leases.renew(lease)
            values = {
                "organization": organization,
                "source": key.shop,
                "subject": key.id,
                "kind": plan.kind,
                "generation": generation,
                "guid": guid,
                **_plan_columns(plan),
                "step": Step.CLAIMED,
                "state": State.CLAIMED,
                "operation_id": operation_id,
                "created_at": self._database.stamp(),
                "updated_at": self._database.stamp(),
                "raw": raw,
                "contact_guid": contact_guid,
                "current": 0,
            }
            names, marks = ", ".join(values), ", ".join("?" for _ in values)
            sql = f"insert or ignore into documents ({names}) values ({marks})"
            if self._database.change(sql, list(values.values())) != 1:
                return None
            self._make_current(key, plan.kind, guid)
            self._database.change(
                "update orders set state = 'claimed', reasons = '[]', rebook = 0 where shop = ? and id = ?", key
            )
            self._history.add(Event("claimed", text, key, operation_id, State.CLAIMED))
            return self._one("guid = ?", [guid])

    def _make_current(self, key: OrderKey, kind: Kind, guid: str) -> None:
        """The document that stands for the order: its invoice, or a return's own credit note. A credit note that takes
        the order's own invoice back stands beside it."""
        if kind is Kind.INVOICE or self.newest(key, Kind.INVOICE) is None:
            self._database.change(
                "update documents set current = (guid = ?) where source = ? and subject = ?", [guid, *key]
            )

    def newest(self, key: OrderKey, kind: Kind | None = None) -> Document | None:
        """The newest document of an order, of one kind or (without it) the one that is worked on or stands for it:
        an open one goes first. A credit note beside its invoice is open until it is "credited", and only the newest
        generation of a kind counts."""
        if kind is not None:
            condition = "source = ? and subject = ? and kind = ? order by generation desc limit 1"
            return self._one(condition, [*key, kind])
        return self._one(
            "source = ? and subject = ? and generation = (select max(n.generation) from "
            "documents n where n.source = d.source and n.subject = d.subject and n.kind = d.kind) "
            "order by state != 'credited' and (state != 'done' or (kind = 'credit note' and current = 0)) desc, "
            "current desc, id desc limit 1",
            key,
        )

    def generations(self, key: OrderKey) -> dict[Kind, int]:
        """The newest generation of each kind of document that an order has. A claim is made for the next one as it
        was read before the order was looked at, so that the unique key decides between two who looked."""
        rows = self._database.rows(
            "select kind, max(generation) as newest from documents where source = ? and subject = ? group by kind", key
        )
        return {Kind(row["kind"]): row["newest"] for row in rows}

    def of(self, key: OrderKey) -> list[Document]:
        """All documents of an order, oldest first."""
        return self._all("source = ? and subject = ? order by id", key)

    def forget(self, document: Document) -> None:
        """Stores a document whose plan, order and reasons no longer name its customer."""
        packed = json.dumps(document.plan.to_json(), ensure_ascii=False)
        self._database.change(
            "update documents set plan = ?, raw = ?, reasons = ? where id = ?",
            [packed, document.raw, dumps(document.reasons), document.id],
        )

    def booked_of(self, key: OrderKey) -> list[Document]:
        """All documents of an order that were booked, oldest first."""
        return self._all("source = ? and subject = ? and invoice_number is not null order by id", key)

    def get(self, document_id: int) -> Document | None:
        """A document as it is stored now."""
        return self._one("id = ?", [document_id])

    def credits_of(self, guid: str) -> list[Document]:
        """The credit notes of an invoice that were begun or booked, oldest first; deleted drafts don't count."""
        return self._all("credit_for = ? and step != 'deleted' order by id", [guid])

    def credit_notes_until(self, document: Document) -> list[Document]:
        """An order's credit notes up to this one, newest first."""
        return self._all(
            "source = ? and subject = ? and kind = ? and generation <= ? order by generation desc",
            [*document.order, document.kind, document.generation],
        )

    def between(self, first: str, last: str) -> Iterator[ListedDocument]:
        """All documents dated from `first` to `last` (Copenhagen dates), with their order's number and customer,
        however many there are."""
        condition = " where d.issued_on between ? and ? and (d.issued_on, d.id) > (?, ?)"
        after: tuple[str, int] = ("", 0)
        while rows := self._database.rows(
            _LISTED + condition + " order by d.issued_on, d.id limit ?", [first, last, *after, READ_AT_ONCE]
        ):
            yield from map(_listed, rows)
            after = (rows[-1]["issued_on"], rows[-1]["id"])

    def listed(self, guids: Sequence[str]) -> dict[str, ListedDocument]:
        """Documents by their Guid, those of `guids` that are known here, each with its order's number and customer."""
        rows = self._database.rows(f"{_LISTED} where d.guid in (select value from json_each(?))", [json.dumps(guids)])
        return {row["guid"]: _listed(row) for row in rows}

    def by_guid(self, guids: Sequence[str]) -> dict[str, Document]:
        """Documents by their Guid, those of `guids` that are known here."""
        found = self._all("guid in (select value from json_each(?))", [json.dumps(guids)])
        return {document.guid: document for document in found}

    def set_state(self, lease: Lease, document: Document, state: State) -> None:
        """Stores another document's state, such as that of an invoice which a credit note took back."""
        with self._database.transaction():
            self._leases.renew(lease)
            self._database.change(
                "update documents set state = ?, updated_at = ? where id = ?",
                [state, self._database.stamp(), document.id],
            )

    def advance(
        self,
        lease: Lease,
        before: Document,
        after: Document,
        event: Event | None = None,
        *,
        order_state: State | None = None,
    ) -> Document:
        """Commits what became of a document, its order's state and the event, all at once. Only what differs is
        written, and always the reasons.

        The order gets the document's state (unless `order_state` says otherwise) and its reasons. Raises LeaseLost
        when another worker has taken over: then nothing is written.
        """
        changes = _changed(before, after) | {"reasons": dumps(after.reasons), "updated_at": self._database.stamp()}
        assigned = ", ".join(f"{name} = ?" for name in changes)
        with self._database.transaction():
            self._leases.renew(lease)
            self._database.change(f"update documents set {assigned} where id = ?", [*changes.values(), after.id])
            self._database.change(
                "update orders set state = ?, reasons = ? where shop = ? and id = ?",
                [order_state or after.state, changes["reasons"], *after.order],
            )
            if event is not None:
                self._add(event, after)
            return self.get(after.id) or after

    def set_mark(self, lease: Lease, document: Document) -> Document:
        """Commits which write is on its way, and the contact that it is for; nothing became of the order by that.
        Raises LeaseLost."""
        with self._database.transaction():
            self._leases.renew(lease)
            self._database.change(
                "update documents set pending = ?, contact_guid = ?, updated_at = ? where id = ?",
                [document.pending, document.contact_guid, self._database.stamp(), document.id],
            )
            return self.get(document.id) or document

    def _add(self, event: Event, document: Document) -> None:
        if event.event == "done" and document.current:
            today = copenhagen_date(self._database.clock.now()).isoformat()
            self._database.change("update orders set done_on = ? where shop = ? and id = ?", [today, *document.order])
        self._history.add(event)

    def _all(self, condition: str, parameters: Sequence[Any]) -> list[Document]:
        rows = self._database.rows(f"select * from documents d where {condition}", parameters)
        return [_document(row) for row in rows]

    def _one(self, condition: str, parameters: Sequence[Any]) -> Document | None:
        return next(iter(self._all(condition, parameters)), None)


def _document(row: Row) -> Document:
    return Document(
        id=row["id"],
        organization=row["organization"],
        source=row["source"],
        subject=row["subject"],
        kind=Kind(row["kind"]),
        generation=row["generation"],
        guid=row["guid"],
        plan=plan_from_json(json.loads(row["plan"])),
        step=Step(row["step"]),
        state=State(row["state"]),
        operation_id=row["operation_id"],
        current=bool(row["current"]),
        pending=Mark(row["pending"]) if row["pending"] else None,
        timestamp=row["timestamp"] or "",
        contact_guid=row["contact_guid"],
        invoice_number=row["invoice_number"],
        payment_guid=row["payment_guid"],
        deposit_account=row["deposit_account"],
        deposit_ore=row["deposit_ore"],
        reasons=tuple(loads(row["reasons"])),
        raw=row["raw"] or "",
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _listed(row: Row) -> ListedDocument:
    return ListedDocument(_document(row), row["number"], row["customer"], row["change"] is not None)


# What of a document becomes another; the rest is settled by its claim.
_CHANGING = (
    "step",
    "state",
    "pending",
    "timestamp",
    "contact_guid",
    "invoice_number",
    "payment_guid",
    "deposit_account",
    "deposit_ore",
    "raw",
)


def _changed(before: Document, after: Document) -> dict[str, Any]:
    """The columns in which a document became another, with their new values."""
    names = (name for name in _CHANGING if getattr(before, name) != getattr(after, name))
    plan = _plan_columns(after.plan) if after.plan != before.plan else {}
    return {name: getattr(after, name) for name in names} | plan


def _plan_columns(plan: InvoicePlan) -> dict[str, Any]:
    return {
        "plan": json.dumps(plan.to_json(), ensure_ascii=False),
        "issued_on": plan.issued_on.isoformat(),
        "deposit_on": plan.payment.on.isoformat() if plan.payment else None,
        "credit_for": plan.credit_for or None,
        "total_ore": plan.total.ore,
        "currency": plan.total.currency,
    }
