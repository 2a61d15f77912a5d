"""The owner's data kept safe: backup and restore, an export of everything, and customers who want to be forgotten."""

import csv
import io
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from dinero.errors import SettingsError
from dinero.export import cell, decimal
from dinero.findings import Finding, dumps
from dinero.i18n import Text
from dinero.migrations import migrations
from dinero.shops.shoporama_orders import without_person
from dinero.signin import SignIn
from dinero.store import Store
from dinero.vault import Vault

SETTLED = ("done", "credited", "ignored", "not due")
MAX_ORDERS = 10_000
# What an export holds; secrets, sessions, look-ups and counters are none of it.
TABLES = {
    "orders": "select * from orders order by placed_at, id",
    "documents": "select * from documents order by id",
    "history": "select * from history order by id",
    "operations": "select * from operations order by rowid",
    "operation_orders": "select * from operation_orders order by rowid",
    "contacts": "select * from contacts order by organization, guid",
    "alarms": "select * from alarms order by id",
}
NOT_A_BACKUP = Text("This file is not a backup of the dashboard, or it is damaged. Nothing was changed.")


# --- backup and restore ----------------------------------------------------------------------------------


def backup(store: Store, target: Path) -> None:
    """A whole, consistent copy of the database while others go on writing. Stored secrets are in it, encrypted; the key
    that opens them is not. Raises SettingsError when the file is there already or can't be written."""
    if target.exists():
        raise SettingsError(Text("{file} is there already. Choose another name.", file=target.name))
    try:
        descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=".backup-")
        os.close(descriptor)
        try:
            with store.connect() as db:
                _copy(db.conn, Path(draft))
            os.link(draft, target)
        finally:
            os.unlink(draft)
    except OSError as error:
        text = Text("{file} can't be written. Choose a folder that is there and has room.", file=target.name)
        raise SettingsError(text) from error


def _copy(source: sqlite3.Connection, target: Path) -> None:
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        copy.execute("pragma journal_mode=delete")  # one file, nothing beside it
    finally:
        copy.close()


def restore(store: Store, source: Path) -> Path:
    """Puts a backup in the place of the present data, which is kept beside it; returns where.

    What was transferred after the backup is not lost: it is in Dinero under the Guid that its order gets again, so the
    next transfer finds it there. All sessions end, and transfers that were under way at the time of the backup are
    stopped. Raises SettingsError.
    """
    _check(source)
    if store.is_working():
        raise SettingsError(Text("A transfer is under way. Stop the dashboard, then restore the backup."))
    kept = store.folder / f"before-restore-{store.clock.now().astimezone(UTC):%Y%m%d-%H%M%S}.db"
    backup(store, kept)
    given = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
    try:
        with store.connect() as db:
            given.backup(db.conn)
    finally:
        given.close()
    fresh = Store(store.folder, clock=store.clock)
    reasons = dumps([Finding("restored", Text("A backup was restored. Transfer the orders again."))])
    fresh.forget_what_runs(reasons)
    SignIn(fresh, Vault(fresh), fresh.clock).sign_out_everywhere()
    made = datetime.fromtimestamp(source.stat().st_mtime, UTC)
    fresh.remember(event="restored", text=Text("A backup of {time} was restored.", time=made))
    return kept


def _check(source: Path) -> None:
    if not source.is_file():
        raise SettingsError(Text("There is no file {file}.", file=source.name))
    try:
        given = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
        try:
            whole = given.execute("pragma integrity_check").fetchone()[0] == "ok"
            applied = {name for (name,) in given.execute(
                "select name from _sqlite_migrations where migration_set = ?", [migrations.name])}  # fmt: skip
            given.execute("select 1 from documents, orders, history limit 1")
        finally:
            given.close()
    except sqlite3.DatabaseError as error:
        raise SettingsError(NOT_A_BACKUP) from error
    if not whole or not applied:
        raise SettingsError(NOT_A_BACKUP)
    if applied - {migration.name for migration in migrations.pending(Database(memory=True))}:
        raise SettingsError(Text("The backup is of a newer version of the dashboard. Update the dashboard first."))


# --- export ----------------------------------------------------------------------------------------------


def export_everything(store: Store, target: Path) -> None:
    """A zip with all tables as CSV and JSON, of one moment; no secret and no password is in it. Rows are written one by
    one, however many there are."""
    with store.connect() as db, zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        target.chmod(0o600)
        db.execute("begin")  # one moment for all tables
        for name, sql in TABLES.items():
            with archive.open(f"{name}.csv", "w", force_zip64=True) as raw:
                _write_csv(io.TextIOWrapper(raw, "utf-8-sig", newline="", write_through=True), db.conn, sql)
            with archive.open(f"{name}.json", "w", force_zip64=True) as raw:
                _write_json(io.TextIOWrapper(raw, "utf-8", write_through=True), db.conn, sql)
        settings = {key: value for key, value in store.settings().items() if not key.startswith("sign_in.")}
        archive.writestr("settings.json", json.dumps(settings, ensure_ascii=False, indent=1))


def _rows(connection: sqlite3.Connection, sql: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    for values in cursor:
        row = dict(zip(names, values, strict=True))
        for name in names:
            if name.endswith("_ore"):
                row[name.removesuffix("_ore")] = decimal(row[name])
        yield row


def _write_csv(out: io.TextIOWrapper, connection: sqlite3.Connection, sql: str) -> None:
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for number, row in enumerate(_rows(connection, sql)):
        if number == 0:
            writer.writerow(row)
        writer.writerow([value if isinstance(value, int) else cell(value) for value in row.values()])
    out.detach()


def _write_json(out: io.TextIOWrapper, connection: sqlite3.Connection, sql: str) -> None:
    before = "["
    for row in _rows(connection, sql):
        out.write(f"{before}\n{json.dumps(row, ensure_ascii=False)}")
        before = ","
    out.write("[]" if before == "[" else "\n]")
    out.detach()


# --- customers -------------------------------------------------------------------------------------------


def forget_customer(store: Store, email: str) -> int:
    """Removes what tells who a customer is, from orders, documents and the mirror of Dinero's contacts; returns how
    many orders it was in. Amounts, lines, numbers, dates and history stay (bogføringsloven § 12).

    Raises SettingsError while an order of the customer's is not settled.
    """
    wanted = email.strip()
    if "@" not in wanted:
        raise SettingsError(Text("“{text}” is not an e-mail address.", text=wanted[:60]))
    rows = store.orders_of_customer(wanted, states=(), limit=MAX_ORDERS)
    open_ones = [row["number"] for row in rows if row["state"] not in SETTLED or row["change"] is not None]
    if open_ones:
        raise SettingsError(
            Text("Order {number} of this customer is not settled. Transfer it or leave it out first.",
                 number=", ".join(open_ones[:5]))
        )  # fmt: skip
    orders, documents = [], []
    for row in rows:
        orders.append((row["shop"], row["id"], _scrub_raw(row["raw"])))
        for document in store.all_documents_of(row["shop"], row["id"]):
            plan = json.loads(document["plan"])
            plan["customer"] = {key: "" if isinstance(value, str) and key != "country" else value
                                for key, value in plan["customer"].items()}  # fmt: skip
            plan["address"] = ""
            documents.append((document["id"], json.dumps(plan, ensure_ascii=False), _scrub_raw(document["raw"])))
    store.forget(wanted, orders, documents)
    if rows:
        store.remember(event="customer forgotten", text=Text("A customer was forgotten on request, with {n} order.",
                       "A customer was forgotten on request, with {n} orders.", n=len(rows)))  # fmt: skip
    return len(rows)


def _scrub_raw(raw: str | None) -> str:
    try:
        return json.dumps(without_person(json.loads(raw or "{}")), ensure_ascii=False)
    except ValueError:
        return "{}"
