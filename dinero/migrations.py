"""The tables, step by step. A step that has been released is never edited: add a new one."""

from sqlite_utils import Database, Migrations

migrations = Migrations("dinero")


@migrations()
def m001_first_tables(db: Database) -> None:
    for statement in _FIRST_TABLES:
        db.execute(statement)


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
