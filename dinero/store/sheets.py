"""The tables as they are written to files, all of the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dinero.store.database import Part, Row

PAGE = 1000  # rows that are held in memory at a time


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of the export. A column "total" is the column "total_ore" as a decimal number; "text" and "reason" are
    sentences. `packed` are columns that only the JSON has, as they are stored."""

    name: str
    sql: str
    columns: tuple[str, ...]
    packed: tuple[str, ...] = ()
    json: bool = True


SHEETS = (
    Sheet(
        "orders",
        "select o.*, o.reasons as reason, d.kind, d.invoice_number, d.guid from orders o left join documents d on "
        "d.source = o.shop and d.subject = o.id and d.current = 1 order by o.placed_at, o.id",
        (
            "shop",
            "id",
            "number",
            "placed_on",
            "placed_at",
            "customer",
            "email",
            "currency",
            "total_ore",
            "total",
            "net_ore",
            "net",
            "vat_ore",
            "vat",
            "zone",
            "country",
            "paid",
            "sent",
            "payment_method",
            "state",
            "reason",
            "kind",
            "invoice_number",
            "guid",
            "first_seen_at",
            "seen_at",
            "forgotten_at",
        ),
        ("answers", "change", "raw"),
    ),
    Sheet(
        "documents",
        "select d.*, d.source as shop, d.subject as order_id, d.reasons as reason, o.number, "
        "json_extract(d.plan, '$.vat.ore') as vat_ore "
        "from documents d join orders o on o.shop = d.source and o.id = d.subject order by d.id",
        (
            "organization",
            "shop",
            "order_id",
            "number",
            "kind",
            "generation",
            "guid",
            "invoice_number",
            "issued_on",
            "currency",
            "total_ore",
            "total",
            "vat_ore",
            "vat",
            "state",
            "step",
            "reason",
            "contact_guid",
            "payment_guid",
            "credit_for",
            "operation_id",
            "created_at",
            "updated_at",
        ),
        ("plan", "raw"),
    ),
    Sheet(
        "consultations",
        "select c.*, o.number as order_number from consultations c join orders o on o.shop = c.shop and "
        "o.id = c.order_id order by c.id",
        (
            "shop",
            "order_id",
            "order_number",
            "number",
            "outcome",
            "asked_at",
            "consultation_number",
            "name",
            "requester",
            "error",
        ),
    ),
    Sheet(
        "history",
        "select h.*, o.number from history h left join orders o on o.shop = h.shop and o.id = h.order_id order by h.id",
        ("id", "at", "shop", "order_id", "number", "payout", "event", "state", "text", "operation_id"),
        ("detail",),
    ),
    Sheet(
        "payouts",
        "select p.*, p.reasons as reason from payouts p order by p.paid_on, p.id",
        (
            "id",
            "acquirer",
            "account",
            "payout",
            "paid_on",
            "currency",
            "sold_ore",
            "sold",
            "refunded_ore",
            "refunded",
            "fees_ore",
            "fees",
            "other_ore",
            "other",
            "net_ore",
            "net",
            "bank_text",
            "first_day",
            "last_day",
            "lines",
            "orders",
            "matched",
            "state",
            "reason",
            "source",
            "read_at",
        ),
        ("answers",),
    ),
    Sheet(
        "payout_lines",
        "select l.payout, l.place, l.kind, l.line_id, l.order_ref, l.transaction_id, l.at, l.gross_ore, l.fee_ore, "
        "l.net_ore, l.text as words, l.shop, l.order_id, o.number, l.matched_by, l.state, l.registered_ore "
        "from payout_lines l left join orders o on o.shop = l.shop and o.id = l.order_id order by l.payout, l.place",
        (
            "payout",
            "place",
            "kind",
            "line_id",
            "order_ref",
            "transaction_id",
            "at",
            "gross_ore",
            "gross",
            "fee_ore",
            "fee",
            "net_ore",
            "net",
            "words",
            "shop",
            "order_id",
            "number",
            "matched_by",
            "state",
            "registered_ore",
            "registered",
        ),
        json=False,
    ),
    Sheet(
        "ledger_items",
        "select i.*, i.reasons as reason, p.payout as payout_id from ledger_items i join payouts p on p.id = i.payout "
        "order by i.id",
        (
            "organization",
            "payout",
            "payout_id",
            "kind",
            "generation",
            "guid",
            "voucher_number",
            "step",
            "state",
            "reason",
            "created_at",
            "updated_at",
        ),
        ("plan",),
    ),
    Sheet(
        "operations",
        "select p.*, p.reasons as reason, (select count(*) from operation_orders r where r.operation_id = p.id) "
        "as orders from operations p order by p.created_at, p.rowid",
        (
            "id",
            "actor",
            "action",
            "detail",
            "status",
            "reason",
            "orders",
            "calls",
            "created_at",
            "started_at",
            "finished_at",
        ),
        json=False,
    ),
    Sheet(
        "contacts",
        "select * from contacts order by organization, created_at, guid",
        ("organization", "guid", "name", "email", "is_person", "vat_number", "ean", "created_at", "deleted"),
        json=False,
    ),
)


class Sheets(Part):
    """What is exported."""

    @contextmanager
    def of_one_moment(self) -> Iterator[None]:
        """What is read inside is all of the same moment."""
        with self._database.connect() as db:
            db.execute("begin")
            try:
                yield
            finally:
                db.execute("rollback")

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """A sheet's rows, a page at a time."""
        with self._database.connect() as db:
            cursor = db.execute(sheet.sql)
            names = [column[0] for column in cursor.description]
            while page := cursor.fetchmany(PAGE):
                for row in page:
                    yield dict(zip(names, row, strict=True))
