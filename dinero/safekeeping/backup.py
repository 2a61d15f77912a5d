"""The owner's data, kept safe: backup and restore, everything as files, and a customer who is to be forgotten.

The key for the secrets (secret.key) is in none of the files that are made here.
"""

import json
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from io import TextIOWrapper
from pathlib import Path
from re import Pattern
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from sqlite_utils import Database

from dinero.intake.fetching import CURSOR, SCANNED
from dinero.model import findings
from dinero.model.clock import COPENHAGEN, Clock, utc_text
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.findings import Finding
from dinero.model.i18n import DEFAULT_LANGUAGE, Text, mask
from dinero.model.money import Money
from dinero.model.settings import Settings
from dinero.reports.export import decimal, write_csv
from dinero.shops import values
from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS
from dinero.signin.sessions import end_sessions
from dinero.store import Store
from dinero.store.database import Row
from dinero.store.look_ups import RESTORED
from dinero.store.migrations import migrations
from dinero.store.reconciliations import RECONCILIATION
from dinero.store.search import folded
from dinero.store.vault import Vault

PAGE = 1000  # rows that are held in memory at a time

OURS = frozenset({"settings", "secrets", "orders", "documents", "operations", "operation_orders", "history"})
FOREIGN = Text("{file} is not a database of the dashboard. Choose a file that the dashboard's backup made.")
BROKEN_BACKUP = Text("The backup {file} is damaged. Choose an older one.")
DAMAGED = Text(
    "The database is damaged, so nothing was saved. Keep your earlier backups and restore the newest of them."
)
TAKEN = Text("There is already something with the name {file}. Choose another name.")
UNWRITABLE = Text("{file} can't be written. Check the folder, your right to write there, and the space on the disk.")
STOPPED = Text("A backup was restored while this transfer was under way. Transfer the orders again.")


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """A draft beside `target` that gets its name, and rights for the owner alone, when it is whole."""
    if os.path.lexists(target):
        raise SettingsError(Text(TAKEN.message, file=target.name))
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".draft-") as folder:
            draft = Path(folder) / "draft"
            yield draft
            draft.chmod(0o600)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            # Whoever makes the name owns it, so that nothing of somebody else's is replaced.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
            os.replace(draft, target)
    except FileExistsError:
        raise SettingsError(Text(TAKEN.message, file=target.name)) from None
    except OSError as error:
        raise SettingsError(Text(UNWRITABLE.message, file=target.name), detail=type(error).__name__) from error


def _copy(source: Path, target: Path, *, one_file: bool = True) -> None:
    """Copies a database, also one in use, as it was at one moment. The target's readers see all of it or nothing."""
    address = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
        if one_file:
            here.execute("pragma journal_mode=delete")


def _is_whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("pragma integrity_check").fetchone() == ("ok",))


# --- backup and restore ----------------------------------------------------------------------------------


def backup(store: Store, target: Path) -> None:
    """Writes the whole database to `target` as one file, while others may work in it.

    Raises SettingsError when the name is taken or can't be written, or the database is damaged.
    """
    with _new_file(target) as draft:
        try:
            _copy(store.path, draft)
            whole = _is_whole(draft)
        except sqlite3.DatabaseError:
            whole = False
        if not whole:
            raise SettingsError(DAMAGED)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored folder: `orders` are in it, the database as it was before is the file `kept` (None for none), and
    `secrets_open` says whether the folder's key opens the connections' secrets."""

    orders: int
    kept: Path | None
    secrets_open: bool


def restore(
    folder: Path, source: Path, *, clock: Clock | None = None, check: Callable[[Store], None] = lambda store: None
) -> Restored:
    """Puts a backup in place of the folder's database, for other processes in one step.

    All sessions are ended, pushes that were under way are stopped, and the next fetch reads everything: what was
    booked since the backup is found in Dinero by its Guid. `check` may refuse the backup by raising.
    Raises SettingsError when the file is no backup, damaged, or newer than this program; nothing is changed then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    live = folder / "dinero.db"
    with TemporaryDirectory(dir=folder, prefix=".restore-") as place:
        draft = Path(place) / live.name
        _take_in(source, draft)
        try:
            prepared = Store(Path(place), clock=clock)
            check(prepared)
            _prepare(prepared, source.name)
            orders = prepared.orders.count()
            with closing(sqlite3.connect(draft)) as db:
                db.execute("pragma journal_mode=delete")
        except sqlite3.Error as error:
            raise SettingsError(Text(FOREIGN.message, file=source.name), detail=str(error)) from error
        kept = _free_name(prepared, folder) if live.exists() else None
        try:
            _replace(live, draft, kept)
        except (sqlite3.Error, OSError) as error:
            raise SettingsError(Text(UNWRITABLE.message, file=live.name), detail=str(error)) from error
    store = Store(folder, clock=clock)
    return Restored(orders, kept, _secrets_open(store))


def _take_in(source: Path, draft: Path) -> None:
    """Copies the backup and checks that it is whole, ours, and not newer than this program."""
    try:
        _copy(source, draft)
        if not _is_whole(draft):
            raise SettingsError(Text(BROKEN_BACKUP.message, file=source.name))
        with closing(Database(sqlite3.connect(draft))) as db:
            tables, applied = set(db.table_names()), {migration.name for migration in migrations.applied(db)}
    except sqlite3.Error as error:
        damaged = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT
        text = BROKEN_BACKUP if damaged else FOREIGN
        raise SettingsError(Text(text.message, file=source.name), detail=str(error)) from error
    if not applied or not tables >= OURS:
        raise SettingsError(Text(FOREIGN.message, file=source.name))
    with closing(Database(memory=True)) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    if not applied <= known:
        text = Text(
            "The backup {file} was made by a newer version of the dashboard. Update the dashboard first.",
            file=source.name,
        )
        raise SettingsError(text)


def _prepare(store: Store, name: str) -> None:
    """What no longer holds in a database of yesterday: sessions, leases, pushes, and where the fetch had come to."""
    stamp = _stamp(store)
    with store.transaction() as db:
        end_sessions(db)
        db.execute("delete from leases")
        db.execute("delete from oauth_states")
        db.execute("delete from cache where key in (?, ?)", [CURSOR, SCANNED])
        db.execute(
            "update operations set status = 'stopped', finished_at = ?, reasons = ? "
            "where status in ('waiting', 'running', 'paused')",
            [stamp, findings.dumps([Finding("restored", STOPPED)])],
        )
        text = Text(
            "The backup {file} was restored. What was done here since it was made is not in this history.", file=name
        )
        store.history.add(Event("restored", text))
    # Not the simulated or coarse time alone: two restores are two.
    store.look_ups.put(RESTORED, [stamp, os.urandom(8).hex()])


def _free_name(store: Store, folder: Path) -> Path:
    moment = store.clock.now().astimezone(COPENHAGEN).strftime("%Y-%m-%d-%H%M%S")
    names = (f"before-restore-{moment}{end}.db" for end in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for name in names if not os.path.lexists(path := folder / name))


def _replace(live: Path, draft: Path, kept: Path | None) -> None:
    """Keeps the present database under `kept` and writes the draft over it."""
    try:
        if kept is not None:
            _copy(live, kept)
        _copy(draft, live, one_file=False)
    except sqlite3.DatabaseError as error:
        if kept is None or error.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        # Damaged beyond reading, so nobody works in it: it is put aside as it is.
        for end in ("", "-wal", "-shm"):
            if (part := live.with_name(live.name + end)).exists():
                os.replace(part, kept.with_name(kept.name + end))
        os.replace(draft, live)
    live.chmod(0o600)
    if kept is not None:
        kept.chmod(0o600)


def _secrets_open(store: Store) -> bool:
    try:
        vault = Vault(store)
        for row in store.rows("select name from secrets"):
            vault.get(row["name"])
    except SettingsError:
        return False
    return True


# --- everything as files ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file of the export. A column "total" is the column "total_ore" as a decimal number; "text" and "reason" are
    sentences. `packed` are columns that only the JSON has, as they are stored."""

    name: str
    sql: str
    columns: tuple[str, ...]
    packed: tuple[str, ...] = ()
    json: bool = True


_SHEETS = (
    _Sheet(
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
    _Sheet(
        "documents",
        "select d.*, d.source as shop, d.subject as order_id, d.reasons as reason, o.number, "
        "json_extract(d.plan, '$.total.currency') as currency, "
        "json_extract(d.plan, '$.total.ore') as total_ore, json_extract(d.plan, '$.vat.ore') as vat_ore "
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
    _Sheet(
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
    _Sheet(
        "history",
        "select h.*, o.number from history h left join orders o on o.shop = h.shop and o.id = h.order_id order by h.id",
        ("id", "at", "shop", "order_id", "number", "event", "state", "text", "operation_id"),
        ("detail",),
    ),
    _Sheet(
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
    _Sheet(
        "contacts",
        "select * from contacts order by organization, created_at, guid",
        ("organization", "guid", "name", "email", "is_person", "vat_number", "ean", "created_at", "deleted"),
        json=False,
    ),
)
# The owner's choices by name: what else is in the settings (password, sessions) stays here.
_CHOICES = frozenset(item.name for item in fields(Settings)) | {"kind"}


def export_everything(store: Store, file: Path) -> None:
    """Writes orders, documents, history and the rest to a zip of CSV and JSON files, all of the same moment.

    No secret, password or session is in it. Raises SettingsError when the name is taken or can't be written.
    """
    language = str(store.settings.all().get("language", DEFAULT_LANGUAGE))
    with _new_file(file) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed, store.connect() as db:
        db.execute("begin")
        for sheet in _SHEETS:
            with _member(packed, f"{sheet.name}.csv") as out:
                rows = (_told(row, language) for row in _rows(db, sheet.sql))
                write_csv(out, sheet.columns, ([row[name] for name in sheet.columns] for row in rows))
            if sheet.json:
                with _member(packed, f"{sheet.name}.json") as out:
                    _write_json(out, (_told_json(sheet, row, language) for row in _rows(db, sheet.sql)))
        chosen = {row["key"]: json.loads(row["value"]) for row in _rows(db, "select * from settings order by key")}
        with _member(packed, "settings.json") as out:
            json.dump({key: value for key, value in chosen.items() if key in _CHOICES}, out, indent=1)


@contextmanager
def _member(packed: zipfile.ZipFile, name: str) -> Iterator[TextIOWrapper]:
    with (
        packed.open(name, "w", force_zip64=True) as member,
        TextIOWrapper(member, "utf-8", errors="replace", newline="") as out,
    ):
        yield out


def _write_json(out: TextIO, rows: Iterable[Row]) -> None:
    before = "[\n"
    for row in rows:
        out.write(before + json.dumps(row))
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


def _rows(db: Database, sql: str) -> Iterator[Row]:
    cursor = db.execute(sql)
    names = [column[0] for column in cursor.description]
    while page := cursor.fetchmany(PAGE):
        for row in page:
            yield dict(zip(names, row, strict=True))


def _told(row: Row, language: str) -> Row:
    """A row with its sentences in words, and its amounts as decimal numbers too."""
    told = dict(row)
    for name in row:
        if name.endswith("_ore"):
            told[name.removesuffix("_ore")] = decimal(row[name])
    if row.get("text"):
        told["text"] = Text.loads(row["text"]).render(language)
    if "reason" in row:
        told["reason"] = " ".join(finding.text.render(language) for finding in findings.loads(row["reason"]))
    return told


def _told_json(sheet: _Sheet, row: Row, language: str) -> Row:
    told = {name: value for name, value in _told(row, language).items() if name in sheet.columns}
    for name in row:
        if name.endswith("_ore") and row[name] is not None:
            told[name.removesuffix("_ore")] = f"{Money(row[name]).decimal:.2f}"
    return told | {name: json.loads(row[name]) if row[name] else None for name in sheet.packed}


# --- a customer who is to be forgotten ---------------------------------------------------------------------

# An order that goes no further. One that may still do so needs its customer.
FORGETTABLE = ("done", "credited", "ignored")
_PERSONAL = (
    "email",
    "phone",
    "comment",
    "extras",
    *(
        f"{side}_{part}"
        for side in ("billing", "delivery")
        for part in ("name", "company", "street", "zipcode", "city")
    ),
)
# Whatever else the shop sends is removed too: it may be anything, and no figure depends on it.
_KEPT_KEYS = frozenset(key for name, keys in FIELDS.items() if name not in _PERSONAL for key in keys)
_KEPT_LINE_KEYS = frozenset(key for keys in LINE_FIELDS.values() for key in keys)
_KEPT_OF_CUSTOMER = frozenset({"is_person", "country", "vat_number", "cvr", "ean"})
_NAMING = (
    "email",
    "phone",
    *(f"{side}_{part}" for side in ("billing", "delivery") for part in ("name", "company", "street")),
)


def forget_customer(store: Store, email: str) -> int:
    """Removes name, e-mail, addresses, phone and comments of a customer; returns how many orders had them.

    Numbers, amounts, dates, VAT figures and the history stay. Raises SettingsError while an order of the customer
    is not finished, and then nothing is removed.
    """
    email = email.strip()
    if not email:
        raise SettingsError(Text("Write the customer's e-mail."))
    with store.transaction() as db:
        rows = list(db.query("select * from orders where email_folded = ? order by placed_at, id", [folded(email)]))
        unfinished = [row["number"] or row["id"] for row in rows if not _is_finished(db, row)]
        if unfinished:
            text = Text(
                "These orders of the customer are not finished: {orders}. Transfer them, leave them out, or "
                "decide about their change first. Nothing was removed.",
                orders=", ".join(unfinished[:10]),
            )
            raise SettingsError(text)
        for row in rows:
            _forget(db, row, _stamp(store))
        named = {row["email"] for row in db.query("select distinct email from contacts")}
        same = [name for name in named if folded(name) == folded(email)]
        contacts = sum(db.execute("delete from contacts where email = ?", [name]).rowcount for name in same)
        if rows or contacts:
            # It lists customers, and it can be made again.
            db.execute("delete from cache where key = ?", [RECONCILIATION])
            db.execute("delete from reconciliation")
            text = Text(
                "The customer of {n} order was forgotten.", "The customer of {n} orders was forgotten.", n=len(rows)
            )
            store.history.add(Event("customer forgotten", text, detail={"orders": [row["id"] for row in rows]}))
    with store.connect() as db:
        db.execute("pragma wal_checkpoint(truncate)")  # the log still has the old pages
    return len(rows)


def _is_finished(db: Database, row: Row) -> bool:
    busy = db.execute(
        "select 1 from operation_orders r join operations p on p.id = r.operation_id where r.shop = ? and "
        "r.order_id = ? and r.state is null and p.status in ('waiting', 'running', 'paused')",
        [row["shop"], row["id"]],
    ).fetchone()
    return row["state"] in FORGETTABLE and row["change"] is None and not row["rebook"] and busy is None


def _forget(db: Database, row: Row, stamp: str) -> None:
    key = [row["shop"], row["id"]]
    documents = list(db.query("select id, plan, raw, reasons from documents where source = ? and subject = ?", key))
    # Sentences may repeat the name as the order has it now, or as it was booked.
    told = [row["raw"], *(document["raw"] for document in documents)]
    named = mask([row["customer"], row["email"], *(name for raw in told for name in _names(raw))])
    for document in documents:
        reasons = _reasons_without(document["reasons"], named)
        db.execute(
            "update documents set plan = ?, raw = ?, reasons = ? where id = ?",
            [_plan_without(document["plan"]), _raw_without(document["raw"]), reasons, document["id"]],
        )
    db.execute(
        "update orders set customer = '', email = '', email_folded = '', raw = ?, reasons = ?, ignored_reason = ?, "
        "forgotten_at = ? where shop = ? and id = ?",
        [
            _raw_without(row["raw"]),
            _reasons_without(row["reasons"], named),
            None if row["ignored_reason"] is None else named.sub("…", row["ignored_reason"]),
            stamp,
            *key,
        ],
    )
    db.execute("update consultations set name = '' where shop = ? and order_id = ? and name != ''", key)
    for result in list(
        db.query(
            "select r.operation_id, r.reasons, p.detail from operation_orders r join operations p on "
            "p.id = r.operation_id where r.shop = ? and r.order_id = ?",
            key,
        )
    ):
        db.execute(
            "update operation_orders set reasons = ? where operation_id = ? and shop = ? and order_id = ?",
            [_reasons_without(result["reasons"], named), result["operation_id"], *key],
        )
        detail = named.sub("…", result["detail"])
        db.execute("update operations set detail = ? where id = ?", [detail, result["operation_id"]])


def _names(raw: str | None) -> list[str]:
    """What an order calls its customer, in sentences that repeat it."""
    told = values.loads(raw) if raw else None
    if not isinstance(told, dict):
        return []
    return [value for name in _NAMING for key in FIELDS[name] if isinstance(value := told.get(key), str)]


def _reasons_without(packed: str, named: Pattern[str]) -> str:
    kept = [
        replace(found, text=found.text.without(named), fix=found.fix and found.fix.without(named))
        for found in findings.loads(packed)
    ]
    return findings.dumps(kept)


def _raw_without(raw: str | None) -> str | None:
    """The shop's order without the customer: only what is known to be about goods, money, VAT and time is left."""
    if not raw:
        return raw
    told = values.loads(raw)
    if not isinstance(told, dict):
        return "{}"
    kept: dict[str, Any] = {}
    for key, value in told.items():
        if key in FIELDS["lines"]:
            kept[key] = _lines_without(value)
        elif key in _KEPT_KEYS and not isinstance(value, dict | list):
            kept[key] = value
    return values.dumps(kept)


def _lines_without(lines: Any) -> Any:
    if isinstance(lines, dict):
        return {key: _lines_without([line])[0] for key, line in lines.items()}
    if not isinstance(lines, list):
        return None
    return [
        {key: value for key, value in line.items() if key in _KEPT_LINE_KEYS} if isinstance(line, dict) else None
        for line in lines
    ]


def _plan_without(packed: str) -> str:
    plan: dict[str, Any] = json.loads(packed)
    plan |= {name: "" for name in ("address", "comment") if name in plan}
    if "customer" in plan:
        plan["customer"] = {
            name: value if name in _KEPT_OF_CUSTOMER else "" for name, value in plan["customer"].items()
        }
    return json.dumps(plan, ensure_ascii=False)


def _stamp(store: Store) -> str:
    return utc_text(store.clock.now())
