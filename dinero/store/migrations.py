"""The tables, step by step. A step that has been released is never edited: add a new one.

Long because the steps are one list, which only grows.
"""

import json
import sqlite3
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dinero.model.clock import copenhagen_date

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]
NAME = "dinero"


class Steps:
    """The steps in their order. sqlite-utils, which remembers what was applied, brings pandas along: it is imported
    when a step must run, and not at each start."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def __call__(self) -> Callable[[Step], Step]:
        """Adds a step."""

        def add(step: Step) -> Step:
            self._steps.append(step)
            return step

        return add

    @property
    def names(self) -> list[str]:
        """All steps, by name."""
        return [step.__name__ for step in self._steps]

    def applied(self, db: sqlite3.Connection) -> list[str]:
        """The steps that a database has had, newer ones than ours too."""
        if db.execute("select 1 from sqlite_master where name = '_sqlite_migrations'").fetchone() is None:
            return []
        sql = "select name from _sqlite_migrations where migration_set = ? order by rowid"
        return [name for (name,) in db.execute(sql, [NAME]).fetchall()]

    def missing(self, db: sqlite3.Connection) -> list[str]:
        """The steps that a database has not had yet."""
        applied = set(self.applied(db))
        return [name for name in self.names if name not in applied]

    def apply(self, db: sqlite3.Connection, *, stop_before: str | None = None) -> None:
        """Runs what is missing, up to a step that is named."""
        from sqlite_utils import Database, Migrations

        wrapped = Migrations(NAME)
        for step in self._steps:
            wrapped()(step)
        wrapped.apply(Database(db, strict=True), stop_before=stop_before)


migrations = Steps()


@migrations()
def m001_first_tables(db: "Database") -> None:
    """The first version's tables, with a history that can only grow."""
    for statement in _FIRST_TABLES:
        db.execute(statement)


@migrations()
def m002_every_order(db: "Database") -> None:
    """Answers, changes after booking, VAT figures, credit notes and corrections."""
    for statement in _EVERY_ORDER:
        db.execute(statement)


@migrations()
def m003_by_itself(db: "Database") -> None:
    """Alarms and mails, and indexes for a shop with 100,000 orders."""
    for statement in _BY_ITSELF:
        db.execute(statement)


_BY_ITSELF = (
    "create table alarms (id integer primary key, cause text not null, text text not null, created_at text not null, "
    "mailed_at text) strict",
    "create index alarms_to_mail on alarms (id) where mailed_at is null",
    # When a mail of each cause went out last: of one cause at most one in an hour.
    "create table mails (cause text primary key, last_at text not null) strict",
    # Lists and counters of a shop with 100,000 orders are read from these alone.
    "drop index orders_by_state",
    "create index orders_by_state on orders (state, placed_at, id)",
    "create index orders_by_sum on orders (state, currency, total_ore)",
    "create index orders_by_method on orders (payment_method)",
)


@migrations()
def m004_safekeeping(db: "Database") -> None:
    """When a customer's data was removed from an order."""
    # When the customer's data was removed from an order, which is then no longer booked from here.
    db.execute("alter table orders add column forgotten_at text")


@migrations()
def m005_overview(db: "Database") -> None:
    """When each order became done, and what was registered on which account, for sums that SQL makes alone."""
    for statement in _OVERVIEW:
        db.execute(statement)
    done = db.query("select shop, order_id, max(at) as at from history where event = 'done' group by shop, order_id")
    for row in list(done):
        day = copenhagen_date(datetime.fromisoformat(row["at"])).isoformat()
        db.execute(
            "update orders set done_on = ? where shop = ? and id = ? and state in ('done', 'credited')",
            [day, row["shop"], row["order_id"]],
        )


_OVERVIEW = (
    "alter table orders add column done_on text",  # a Copenhagen date
    # The payment that was registered from here: its account and amount in øre, DKK only; a refund's is negative.
    "alter table documents add column deposit_account integer",
    "alter table documents add column deposit_ore integer",
    "update documents set deposit_account = coalesce(json_extract(plan, '$.payment.account'), "
    "json_extract(plan, '$.booking_account')), deposit_ore = coalesce(json_extract(plan, '$.payment.amount.ore'), "
    "json_extract(plan, '$.total.ore')) where payment_guid is not null and "
    "json_extract(plan, '$.total.currency') = 'DKK'",
    "create index documents_by_deposit on documents (deposit_account, deposit_ore) where deposit_account is not null",
    # Sums by day, by month and by method, and searches for a part of a name, are read from these alone.
    "create index orders_by_done on orders (done_on, state, currency, payment_method, total_ore) "
    "where done_on is not null",
    "drop index orders_by_day",
    "create index orders_by_day on orders (placed_on, state, currency, total_ore)",
    "create index orders_by_words on orders (customer, email, number, id)",
    "create index orders_by_amount on orders (total_ore)",
)


@migrations()
def m006_by_id(db: "Database") -> None:
    """An order is found by its id alone too, as a credit note or an address names it."""
    db.execute("create index orders_by_id on orders (id)")


@migrations()
def m007_rows_of_a_reconciliation(db: "Database") -> None:
    """The rows of the last reconciliation one by one, so that a page reads only those it shows."""
    db.execute("delete from cache where key = 'reconciliation'")  # it held them all; it can be made again
    db.execute(
        "create table reconciliation (place integer primary key, status text not null, entry text not null) strict"
    )
    db.execute("create index reconciliation_by_status on reconciliation (status, place)")


@migrations()
def m008_seen_lately(db: "Database") -> None:
    """The orders that came since yesterday are counted from an index."""
    db.execute("create index orders_by_first_seen on orders (first_seen_at)")


@migrations()
def m009_right_or_asked(db: "Database") -> None:
    """What decides whether an order is plainly right: VAT of before, its credit notes, whether it is still there."""
    for statement in _RIGHT_OR_ASKED:
        db.execute(statement)


_RIGHT_OR_ASKED = (
    "alter table orders add column gone_at text",  # since when the shop no longer lists it
    "alter table orders add column credit_of text not null default ''",
    "create index orders_by_credit on orders (shop, credit_of) where credit_of != ''",
    # Products that were sold with 25 % VAT, each with the number of an order in which they were.
    "create table products_with_vat (shop text not null, product text not null, order_number text not null, "
    "primary key (shop, product)) strict, without rowid",
    # The customers are mirrored anew with their country.
    "alter table contacts add column country text not null default ''",
    "delete from cache where key like 'contacts:%'",
)


@migrations()
def m010_consultations(db: "Database") -> None:
    """What VIES said of EU companies' VAT numbers, kept as evidence."""
    for statement in _CONSULTATIONS:
        db.execute(statement)


_CONSULTATIONS = (
    "create table consultations (id integer primary key, shop text not null, order_id text not null, "
    "number text not null, outcome text not null, asked_at text not null, consultation_number text not null, "
    "name text not null, requester text not null, error text not null, "
    "foreign key (shop, order_id) references orders (shop, id)) strict",
    "create index consultations_by_order on consultations (shop, order_id, number, id)",
    "create index consultations_by_number on consultations (number, asked_at)",
    "create index consultations_by_time on consultations (asked_at)",
    # Evidence only grows. What may go is the company's name, when its customer is forgotten.
    "create trigger consultations_are_never_changed before update on consultations when new.name != '' or "
    "(old.id, old.shop, old.order_id, old.number, old.outcome, old.asked_at, old.consultation_number, old.requester, "
    "old.error) is not (new.id, new.shop, new.order_id, new.number, new.outcome, new.asked_at, "
    "new.consultation_number, new.requester, new.error) "
    "begin select raise(abort, 'consultations only grow'); end",
    "create trigger consultations_are_never_deleted before delete on consultations "
    "begin select raise(abort, 'consultations only grow'); end",
)


@migrations()
def m011_checked_orders(db: "Database") -> None:
    """When each older order was looked for in Dinero: orders are let in, not the days of a period."""
    # UTC; null for an order that no check has seen. What has a document went through before.
    db.execute("alter table orders add column checked_at text")
    db.execute(
        "update orders set checked_at = seen_at where exists "
        "(select 1 from documents d where d.shop = orders.shop and d.order_id = orders.id)"
    )


@migrations()
def m012_capitals_of_any_alphabet(db: "Database") -> None:
    """E-mails without regard to capitals, which SQLite knows from a to z only."""
    db.execute("alter table orders add column email_folded text not null default ''")
    for (email,) in db.execute("select distinct email from orders where email != ''").fetchall():
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).casefold())
        db.execute("update orders set email_folded = ? where email = ?", [folded, email])
    db.execute("create index orders_by_customer on orders (email_folded)")
    db.execute("drop index orders_by_email")


@migrations()
def m013_cancelled_orders(db: "Database") -> None:
    """Whether the shop cancelled an order, for sums that must not count it."""
    db.execute("alter table orders add column cancelled integer")
    db.execute(
        """update orders set cancelled = 1 where instr(reasons, '"cancelled"') or """
        """instr(reasons, '"cancelled_paid"')"""
    )


@migrations()
def m014_sources_of_documents(db: "Database") -> None:
    """A document is for a subject of a source: a shop's order, or what an acquirer paid out. Which is why it no longer
    refers to the orders."""
    for statement in _SOURCES_OF_DOCUMENTS:
        db.execute(statement)


@migrations()
def m015_accounts_as_they_are_read(db: "Database") -> None:
    """The chart of accounts is kept as it was read, no longer as Dinero spells it."""
    for key, packed in db.execute("select key, value from cache where key like 'accounts:%'").fetchall():
        rows = json.loads(packed)
        if isinstance(rows, list):
            kept = _accounts(key.rpartition(":")[2], [{n.lower(): v for n, v in row.items()} for row in rows])
            db.execute("update cache set value = ? where key = ?", [json.dumps(kept), key])


@migrations()
def m016_records_of_transfers(db: "Database") -> None:
    """What each transfer booked and on which account, as it was then, and which orders wait for the owner's click."""
    for statement in _RECORDS_OF_TRANSFERS:
        db.execute(statement)


@migrations()
def m017_documents_without_payment(db: "Database") -> None:
    """Invoices that the customer still pays are found without looking through all documents."""
    db.execute(
        "create index documents_without_payment on documents (source, subject) "
        "where deposit_account is null and current = 1 and step = 'done'"
    )


@migrations()
def m018_the_past_by_days(db: "Database") -> None:
    """The days on which a fetch came to its end, also one that found nothing new; and the orders that were held, the
    latest first."""
    db.execute("create table fetched_days (day text primary key) strict, without rowid")
    for (at,) in db.execute("select at from history where event = 'fetched'").fetchall():
        day = copenhagen_date(datetime.fromisoformat(at)).isoformat()
        db.execute("insert or ignore into fetched_days (day) values (?)", [day])
    db.execute("create index history_by_state on history (state, at) where event = 'state'")


@migrations()
def m019_payouts(db: "Database") -> None:
    """What acquirers paid out, what became of it in Dinero, and Dinero's postings on the accounts that it moves."""
    for statement in _PAYOUTS:
        db.execute(statement)


@migrations()
def m020_matching(db: "Database") -> None:
    """What is registered of an order is read from an index, without its documents' plans."""
    db.execute(
        "create index documents_of_orders on documents "
        "(source, subject, kind, guid, credit_for, deposit_account, deposit_ore, currency)"
    )


@migrations()
def m021_payouts_taken_back(db: "Database") -> None:
    """What was asked for with a payout: its booking, or the item that takes it back, and the owner's reason."""
    db.execute("alter table payouts add column wanted_kind text")
    db.execute("alter table payouts add column wanted_reason text not null default ''")


@migrations()
def m022_registered_by_day(db: "Database") -> None:
    """What was registered on a booking account, by the day of payment, read from an index alone."""
    for statement in _REGISTERED:
        db.execute(statement)


@migrations()
def m023_shops(db: "Database") -> None:
    """Several shops: what was of "the shop" becomes a shop's own. The first one keeps its name: Guids hang on it."""
    for statement in _SHOPS:
        db.execute(statement)
    cached = {key: (json.loads(value), at) for key, value, at in db.execute("select key, value, fetched_at from cache")}
    chosen = {key: json.loads(value) for key, value in db.execute("select key, value from settings").fetchall()}
    _keep_first_shop(db, cached, chosen)


def _keep_first_shop(db: "Database", cached: dict[str, tuple[Any, str]], chosen: dict[str, Any]) -> None:
    since = db.execute(
        "select min(at) from (select min(updated_at) as at from secrets where name = 'shop.key' "
        "union all select min(first_seen_at) from orders)"
    ).fetchone()[0]
    if since is None and "fetch.since" not in cached:
        return
    at = since or cached["fetch.since"][1]
    title = chosen.get("shop_name") or "Shoporama"
    db.execute("insert into shops values ('shoporama', 'shoporama', ?, '', 'active', ?)", [title, at])
    if since := cached.get("fetch.since"):
        _keep_look_up(db, "shoporama/cursor", {"since": since[0]}, since[1])
    for old, new in (("fetch.whole_scan", "whole_scan"), ("fetch.last", "last_fetch")):
        if old in cached:
            _keep_look_up(db, f"shoporama/{new}", *cached[old])
    told = {
        new: cached[f"shop:{new}"] for new in ("countries", "gateways", "prices_include_vat") if f"shop:{new}" in cached
    }
    if told:
        values = {name: value for name, (value, _) in told.items()}
        _keep_look_up(db, "shoporama/look_ups", values, min(at for _, at in told.values()))
    db.execute("delete from cache where key like 'fetch.%' or key like 'shop:%'")
    rules = chosen.get("rules", {})
    own = {key: value for key, value in rules.items() if key.partition(":")[0] in _SHOPS_OWN}
    if own:
        _keep_setting(db, "rules", {key: value for key, value in rules.items() if key not in own})
        _keep_setting(db, "shops", {"shoporama": {"rules": own}})
    db.execute("delete from settings where key = 'shop_name'")


def _keep_look_up(db: "Database", key: str, value: Any, at: str) -> None:
    db.execute("insert or replace into cache values (?, ?, ?)", [key, json.dumps(value), at])


def _keep_setting(db: "Database", key: str, value: Any) -> None:
    db.execute("insert or replace into settings values (?, ?)", [key, json.dumps(value)])


# What answers that count for all orders were about, where that is one shop's own.
_SHOPS_OWN = frozenset(
    [
        "vat_free",
        "domestic_free",
        "gift_card_product",
        "voucher",
        "voucher_kind",
        "payment",
        "refund",
        "status",
        "collected",
        "below_zero",
    ]
)
_SHOPS = (
    "create table shops (name text primary key, system text not null, title text not null, address text not null, "
    "state text not null, added_at text not null) strict",
    "alter table orders add column payment_title text not null default ''",
    "create index orders_by_shop on orders (shop, state, placed_at, id)",
)


@migrations()
def m024_done_of_shop(db: "Database") -> None:
    """What was transferred of each shop is summed from the index of what is done."""
    db.execute("drop index orders_by_done")
    db.execute(
        "create index orders_by_done on orders (done_on, state, currency, payment_method, total_ore, shop) "
        "where done_on is not null"
    )


def _booked_then(what: str, kind: str) -> str:
    """What is known of the document that a transfer booked of an order: one that was begun in it, or the first."""
    document = (
        f"select {what} from documents d where d.source = operation_orders.shop "
        f"and d.subject = operation_orders.order_id and d.kind = '{kind}' and d.invoice_number is not null"
    )
    begun = f"{document} and d.operation_id = operation_orders.operation_id order by d.generation desc limit 1"
    return f"coalesce(({begun}), ({document} order by d.generation limit 1))"


def _booked_of_either(what: str) -> str:
    return f"coalesce({_booked_then(what, 'invoice')}, {_booked_then(what, 'credit note')})"


_ACCOUNT_NAME = "json_extract(d.plan, '$.payment.account_name')"
_RECORDS_OF_TRANSFERS = (
    # A document's total in øre or cents of its currency (a credit note's is positive too), for sums by SQL alone.
    "alter table documents add column total_ore integer",
    "alter table documents add column currency text",
    "update documents set total_ore = json_extract(plan, '$.total.ore'), "
    "currency = json_extract(plan, '$.total.currency')",
    "drop index documents_by_day",
    "create index documents_by_day on documents (issued_on, step, kind, currency, total_ore)",
    # When its worker began or went on last and with how many orders at their end, the shortest time that was said to
    # be left, when the owner has seen that it stopped, and a count of all that changed.
    "alter table operations add column working_since text",
    "alter table operations add column done_before integer not null default 0",
    "alter table operations add column seconds_left integer",
    "alter table operations add column dismissed_at text",
    "alter table operations add column changes integer not null default 0",
    "create index operations_by_time on operations (created_at)",
    "create index operations_by_status on operations (status)",
    # What was booked in it of an order (a credit note's is negative), the account of its payment, and at which count
    # of changes the order changed last.
    "alter table operation_orders add column booked_ore integer",
    "alter table operation_orders add column currency text",
    "alter table operation_orders add column account integer",
    "alter table operation_orders add column account_name text",
    "alter table operation_orders add column changed integer not null default 0",
    "update operation_orders set "
    f"booked_ore = iif(booked, coalesce({_booked_then('d.total_ore', 'invoice')}, 0), 0) - "
    f"iif(credited, coalesce({_booked_then('d.total_ore', 'credit note')}, 0), 0), "
    f"currency = {_booked_of_either('d.currency')} where booked or credited",
    f"update operation_orders set account = {_booked_of_either('d.deposit_account')}, "
    f"account_name = {_booked_of_either(_ACCOUNT_NAME)} "
    "where booked or paid or credited",
    "update operation_orders set account_name = null where account is null",
    "create index operation_orders_by_outcome on operation_orders "
    "(operation_id, state, currency, account, account_name, booked, credited, paid, booked_ore)",
    # Orders that waited when running by itself was switched on for new ones only: left to the owner's own click.
    "alter table orders add column by_hand integer not null default 0",
    "create index orders_by_hand on orders (state) where by_hand = 1",
)


_REGISTERED = (
    "alter table documents add column deposit_on text",
    "update documents set deposit_on = coalesce(json_extract(plan, '$.payment.on'), json_extract(plan, '$.paid_on'))",
    "create index documents_registered_by_day on documents (organization, deposit_account, deposit_on, deposit_ore, "
    "invoice_number, source, subject, kind, guid, payment_guid, credit_for, updated_at) "
    "where payment_guid is not null and deposit_account is not null",
    "drop index ledger_entries_by_day",
    "create index ledger_entries_by_day on ledger_entries "
    "(organization, account, day, is_primo, ore, voucher_number, voucher_guid)",
    # Payments in another currency, until Dinero's postings tell what they are in kroner.
    "create index documents_without_value on documents (organization, currency, guid) "
    "where payment_guid is not null and deposit_account is null",
)


_PAYOUTS = (
    # Sums in øre or cents; see StoredPayout. `wanted_at` is when its booking was asked for.
    "create table payouts (id integer primary key, acquirer text not null, account text not null, "
    "payout text not null, paid_on text not null, currency text not null, net_ore integer not null, "
    "sold_ore integer not null, refunded_ore integer not null, fees_ore integer not null, other_ore integer not null, "
    "lines integer not null, orders integer not null, matched integer not null default 0, "
    "bank_text text not null, first_day text, last_day text, is_gross integer not null, "
    "is_unproven integer not null default 0, source text not null, "
    "read_at text not null, state text not null, reasons text not null default '[]', "
    "answers text not null default '{}', wanted_at text, wanted_by text, unique (acquirer, account, payout)) strict",
    "create index payouts_by_day on payouts (paid_on, id)",
    "create index payouts_by_state on payouts (state, paid_on)",
    "create index payouts_wanted on payouts (wanted_at) where wanted_at is not null",
    # One movement of money is in one payout: the acquirer's id and the kind name it.
    "create table payout_lines (payout integer not null references payouts (id), place integer not null, "
    "row integer not null, acquirer text not null, account text not null, kind text not null, line_id text not null, "
    "gross_ore integer not null, fee_ore integer not null, net_ore integer not null, order_ref text not null, "
    "transaction_id text not null, at text, sold_for_ore integer, sold_for_currency text not null, "
    "is_sum integer not null, text text not null, shop text not null default '', order_id text not null default '', "
    "matched_by text not null default '', state text not null, registered_ore integer, "
    "primary key (payout, place), unique (acquirer, account, line_id, kind)) strict, without rowid",
    "create index payout_lines_by_order on payout_lines (shop, order_id) where order_id != ''",
    "create index payout_lines_by_reference on payout_lines (order_ref) where order_ref != ''",
    # What is written in Dinero's ledger for a payout: whoever inserted the row does the work.
    "create table ledger_items (id integer primary key, organization text not null, "
    "payout integer not null references payouts (id), kind text not null, generation integer not null, "
    "guid text not null unique, plan text not null, step text not null, state text not null, pending text, "
    "timestamp text, voucher_number text, reasons text not null default '[]', created_at text not null, "
    "updated_at text not null, unique (payout, kind, generation)) strict",
    "create index ledger_items_by_state on ledger_items (state)",
    # Dinero's postings on deposit accounts, mirrored; debit is positive.
    "create table ledger_entries (organization text not null, guid text not null, account integer not null, "
    "day text not null, ore integer not null, text text not null, voucher_number text not null, "
    "voucher_guid text not null, voucher_type text not null, is_primo integer not null, "
    "primary key (organization, guid)) strict, without rowid",
    "create index ledger_entries_by_day on ledger_entries (organization, account, day)",
    # How a file's columns are read, by the sorted set of their names.
    "create table column_mappings (fingerprint text primary key, mapping text not null, saved_at text not null) strict",
    "alter table history add column payout integer",
    "create index history_by_payout on history (payout, id) where payout is not null",
)


def _accounts(kind: str, rows: list[dict[str, Any]]) -> list[Any]:
    if kind == "years":
        days = [(str(row.get("fromdate") or "")[:10], str(row.get("todate") or "")[:10]) for row in rows]
        return [[first, last] for first, last in days if first and last]
    bank = ("bankregistrationnumber", "bankaccountnumber", "bankswiftnumber", "bankibannumber")
    kept = []
    for row in rows:
        told = {"number": int(row["accountnumber"]), "name": str(row.get("name") or "")}
        told |= {"hidden": bool(row.get("ishidden"))}
        if kind == "entry":
            told |= {"vat_code": str(row.get("vatcode") or "")}
        else:
            told |= {"is_default": bool(row.get("isdefault")), "has_bank_details": any(row.get(name) for name in bank)}
        kept.append(told)
    return kept


_SOURCES_OF_DOCUMENTS = (
    "create table documents_by_source (id integer primary key, organization text not null, source text not null, "
    "subject text not null, kind text not null, generation integer not null, guid text not null unique, "
    "contact_guid text, plan text not null, step text not null, state text not null, pending text, timestamp text, "
    "invoice_number text, payment_guid text, operation_id text not null, reasons text not null default '[]', "
    "created_at text not null, updated_at text not null, current integer not null default 1, credit_for text, "
    "issued_on text, raw text, deposit_account integer, deposit_ore integer, "
    "unique (source, subject, kind, generation)) strict",
    "insert into documents_by_source select id, organization, shop, order_id, kind, generation, guid, contact_guid, "
    "plan, step, state, pending, timestamp, invoice_number, payment_guid, operation_id, reasons, created_at, "
    "updated_at, current, credit_for, issued_on, raw, deposit_account, deposit_ore from documents",
    "drop table documents",
    "alter table documents_by_source rename to documents",
    "create index documents_by_number on documents (invoice_number)",
    "create index documents_by_invoice on documents (credit_for) where credit_for is not null",
    "create index documents_by_day on documents (issued_on)",
    "create index documents_by_deposit on documents (deposit_account, deposit_ore) where deposit_account is not null",
)


_EVERY_ORDER = (
    # Answers to questions, a document in Dinero that may be this order's already, and what changed since booking.
    "alter table orders add column answers text not null default '{}'",
    "alter table orders add column suspect text not null default ''",
    "alter table orders add column change text",
    # To be booked anew, because the owner had its invoice taken back for that.
    "alter table orders add column rebook integer not null default 0",
    # For the EU counter and the OSS list: VAT zone, country, amounts in øre without and of VAT.
    "alter table orders add column zone text not null default ''",
    "alter table orders add column country text not null default ''",
    "alter table orders add column net_ore integer",
    "alter table orders add column vat_ore integer",
    "alter table orders add column eu_net_ore integer",
    "create index orders_by_zone on orders (zone, placed_on)",
    "create index orders_by_eu_sales on orders (placed_at, id) where eu_net_ore is not null",
    "create index orders_by_change on orders (placed_at) where change is not null",
    "create index orders_by_day on orders (placed_on)",
    "create index orders_by_email on orders (email)",
    # The invoice a credit note credits, the document's date, and the order as it was when it was claimed.
    "alter table documents add column credit_for text",
    "alter table documents add column issued_on text",
    "alter table documents add column raw text",
    "update documents set issued_on = json_extract(plan, '$.issued_on')",
    "update documents set raw = (select o.raw from orders o where o.shop = documents.shop "
    "and o.id = documents.order_id)",
    "create index documents_by_invoice on documents (credit_for) where credit_for is not null",
    "create index documents_by_day on documents (issued_on)",
    "alter table operations add column action text not null default 'push'",
    "alter table operations add column detail text not null default '{}'",
    "alter table operation_orders add column credited integer not null default 0",
    # Customers are found by CVR and EAN number too, so the mirror is read anew.
    "alter table contacts add column vat_number text not null default ''",
    "alter table contacts add column ean text not null default ''",
    "create index contacts_by_vat_number on contacts (organization, vat_number)",
    "delete from cache where key like 'contacts:%'",
)

_FIRST_TABLES = (
    "create table settings (key text primary key, value text not null) strict",
    "create table secrets (name text primary key, value blob not null, updated_at text not null) strict",
    "create table oauth_states (state_hash text primary key, purpose text not null, payload blob not null, "
    "created_at text not null, used_at text) strict",
    "create table cache (key text primary key, value text not null, fetched_at text not null) strict",
    "create table calls (bucket text not null, at real not null) strict",
    "create index calls_by_time on calls (bucket, at)",
    "create table leases (name text primary key, owner text not null, expires_at text not null) strict",
    "create table contacts (organization text not null, guid text not null, email text not null, name text not null, "
    "is_person integer not null, deleted integer not null, created_at text not null, "
    "primary key (organization, guid)) strict",
    "create index contacts_by_email on contacts (organization, email)",
    "create table orders (shop text not null, id text not null, number text not null, placed_at text, placed_on text, "
    "customer text not null, email text not null, total_ore integer, currency text not null, paid integer not null, "
    "sent integer not null, payment_method text not null, raw text not null, raw_hash text not null, "
    "state text not null, reasons text not null default '[]', ignored_reason text, "
    "first_seen_at text not null, seen_at text not null, "
    "primary key (shop, id)) strict",
    "create index orders_by_state on orders (state, placed_at)",
    "create index orders_by_time on orders (placed_at, id)",
    "create index orders_by_number on orders (number)",
    # The claim: whoever inserts the row does the work, everybody else finds it taken.
    "create table documents (id integer primary key, organization text not null, shop text not null, "
    "order_id text not null, kind text not null, generation integer not null, guid text not null unique, "
    "contact_guid text, plan text not null, step text not null, state text not null, pending text, timestamp text, "
    "invoice_number text, "
    "payment_guid text, operation_id text not null, reasons text not null default '[]', created_at text not null, "
    "updated_at text not null, current integer not null default 1, "
    "unique (shop, order_id, kind, generation), foreign key (shop, order_id) references orders (shop, id)) strict",
    "create index documents_by_number on documents (invoice_number)",
    "create table operations (id text primary key, actor text not null, status text not null, "
    "created_at text not null, "
    "started_at text, finished_at text, reasons text not null default '[]', calls integer not null default 0) strict",
    "create table operation_orders (operation_id text not null references operations (id), position integer not null, "
    "shop text not null, order_id text not null, state text, reasons text not null default '[]', "
    "booked integer not null default 0, paid integer not null default 0, "
    "primary key (operation_id, shop, order_id)) strict",
    "create table history (id integer primary key autoincrement, at text not null, shop text, order_id text, "
    "operation_id text, event text not null, state text, text text, detail text) strict",
    "create index history_by_order on history (shop, order_id, id)",
    "create index history_by_time on history (at)",
    "create index history_by_event on history (event, at)",
    "create trigger history_is_never_changed before update on history "
    "begin select raise(abort, 'history only grows'); end",
    "create trigger history_is_never_deleted before delete on history "
    "begin select raise(abort, 'history only grows'); end",
)
