"""Backup, restore, export and forgetting: nothing is lost, nothing is booked twice, and no secret gets out."""

import contextlib
import csv
import io
import json
import sqlite3
import threading
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from conftest import World, started
from dinero.api.client import Dinero
from dinero.intake.fetching import SCANNED, fetch_orders
from dinero.model.clock import SimulatedClock
from dinero.model.consultation import Consultation
from dinero.model.documents import Action, Contact, Document, Event, Mark, OrderKey
from dinero.model.errors import SettingsError
from dinero.model.findings import dumps
from dinero.model.i18n import LANGUAGES, Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.plans import plan_from_json
from dinero.safekeeping.backup import backup, restore
from dinero.safekeeping.export import export_everything
from dinero.safekeeping.forgetting import forget_customer
from dinero.sandbox import make_order
from dinero.shops.shoporama.client import Shoporama
from dinero.store import Store, leases
from dinero.store.database import Row
from dinero.store.documents import Documents
from dinero.store.leases import LeaseLost
from dinero.store.look_ups import RESTORED
from dinero.store.migrations import migrations
from dinero.store.orders import FIGURES
from dinero.store.vault import KEY_FILE, Vault
from factory import make_plan
from test_corrections import balance, correct, dying_at, edit, expect_all_taken_back, fewer_pieces
from test_exactly_once import expect_one_of_each
from test_store import lease, row

STEPS = migrations.names


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def store(tmp_path: Path, clock: SimulatedClock) -> Store:
    return Store(tmp_path / "data", clock=clock)


def expect_sentence(error: SettingsError) -> str:
    for language in LANGUAGES:
        assert error.text.render(language).endswith("."), error.text
    return error.text.render("en")


def everything(store: Store, table: str) -> list[dict[str, Any]]:
    with store.connect() as db:
        return db.query(f"select * from {table}")  # noqa: S608 - a name of ours


def left_behind(folder: Path) -> list[str]:
    """What a job that is over should have cleared away."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


# --- the database ----------------------------------------------------------------------------------------


def test_the_database_writes_ahead_and_holds_foreign_keys(store: Store) -> None:
    with store.connect() as db:
        names = ("journal_mode", "foreign_keys", "secure_delete")
        assert [db.execute(f"pragma {name}").fetchone()[0] for name in names] == ["wal", 1, 1]
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        store.consultations.add(OrderKey("s", "no such order"), Consultation("DE1", "valid", store.clock.now()))


# A row for every table of the first version, by columns that every later version has too.
FIRST_ROWS: dict[str, dict[str, Any]] = {
    "settings": {"key": "trigger", "value": '"paid"'},
    "secrets": {"name": "shop.key", "value": b"sealed", "updated_at": "x"},
    "oauth_states": {"state_hash": "h", "purpose": "shop", "payload": b"", "created_at": "x"},
    "cache": {"key": "k", "value": "[1]", "fetched_at": "2026-11-20T10:00:00+00:00"},
    "calls": {"bucket": "dinero", "at": 1.5},
    "leases": {"name": "push:1", "owner": "host/1/x", "expires_at": "2026-11-20T10:00:00+00:00"},
    "contacts": {
        "organization": "1",
        "guid": "c",
        "email": "a@example.com",
        "name": "Åse",
        "is_person": 1,
        "deleted": 0,
        "created_at": "x",
    },
    "orders": {
        "shop": "s",
        "id": "1",
        "number": "1",
        "placed_at": "2026-11-20T10:00:00+00:00",
        "placed_on": "2026-11-20",
        "customer": "Åse",
        "email": "a@example.com",
        "total_ore": 24900,
        "currency": "DKK",
        "paid": 1,
        "sent": 0,
        "payment_method": "kort",
        "raw": "{}",
        "raw_hash": "x",
        "state": "done",
        "first_seen_at": "x",
        "seen_at": "x",
    },
    "documents": {
        "organization": "1",
        "shop": "s",
        "order_id": "1",
        "kind": "invoice",
        "generation": 1,
        "guid": "g",
        "plan": '{"issued_on": "2026-11-20"}',
        "step": "done",
        "state": "done",
        "operation_id": "op",
        "invoice_number": "7",
        "created_at": "x",
        "updated_at": "x",
    },
    "operations": {"id": "op", "actor": "owner", "status": "finished", "created_at": "x"},
    "operation_orders": {"operation_id": "op", "position": 0, "shop": "s", "order_id": "1", "state": "done"},
    "history": {
        "at": "2026-11-20T23:30:00.000+00:00",
        "shop": "s",
        "order_id": "1",
        "event": "done",
        "state": "done",
        "text": Text("The settings were changed.").dumps(),
    },
}


# What m014 calls the columns of documents.
NAMED_SINCE = {"shop": "source", "order_id": "subject"}


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_database_of_any_earlier_version_keeps_every_row_and_is_read(tmp_path: Path, step: str) -> None:
    with closing(sqlite3.connect(tmp_path / "dinero.db")) as connection:
        migrations.apply(connection, stop_before=step)
        db = Database(connection)
        db.execute("pragma foreign_keys=off")
        renamed = NAMED_SINCE if step > "m014_sources_of_documents" else {}
        for table, values in FIRST_ROWS.items():
            names = renamed if table == "documents" else {}
            db.table(table).insert({names.get(name, name): value for name, value in values.items()})
        if step > "m005_overview":  # from then on it is written with the state
            db.execute("update orders set done_on = '2026-11-21'")
        db.conn.commit()
    store = Store(tmp_path)
    for table, values in FIRST_ROWS.items():
        names = NAMED_SINCE if table == "documents" else {}
        kept = [{name: found[names.get(name, name)] for name in values} for found in everything(store, table)]
        assert kept == [values], table
    assert store.settings.all() == {"trigger": "paid"}
    assert [(found.state, found.invoice_number) for found in store.orders.list()] == [("done", "7")]
    assert [event.number for event in store.history.list()] == ["1"]
    assert store.sums.transfers_by_day("2026-11-21", "2026-11-21"), "the Copenhagen day on which it became done"
    assert store.operations.orders_of("op")[0].result == "done"
    assert store.contacts.by_email("1", "a@example.com")[0].name == "Åse"
    assert store.rows("pragma foreign_key_check") == []
    assert store.rows("pragma integrity_check") == [{"integrity_check": "ok"}]


# --- backup ----------------------------------------------------------------------------------------------


def test_a_backup_is_consistent_while_another_thread_writes(store: Store, tmp_path: Path) -> None:
    stop, errors = threading.Event(), list[BaseException]()

    def write() -> None:
        n = 0
        try:
            while not stop.is_set():
                n += 1
                with store.transaction() as db:
                    for key in "ab":
                        db.execute("insert or replace into settings values (?, ?)", [key, json.dumps([n, "x" * 9000])])
                store.orders.save([row(str(n))])
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    counts = []
    try:
        for n in range(12):
            target = tmp_path / f"copy{n}.db"
            backup(store, target)
            with closing(sqlite3.connect(target)) as db:
                assert db.execute("pragma integrity_check").fetchone() == ("ok",)
                assert len({value for (value,) in db.execute("select value from settings")}) <= 1
                orders = [count for (count,) in db.execute("select count(*) from orders")]
                assert orders == [count for (count,) in db.execute("select count(*) from history")]
                counts += orders
    finally:
        stop.set()
        thread.join()
    assert errors == []
    assert counts[-1] > counts[0], "nothing was written meanwhile"


def test_a_backup_is_one_private_file_with_the_secrets_sealed_and_without_the_key(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    Vault(store).put("shop.key", "hemmelig-nøgle")
    key = (store.folder / KEY_FILE).read_bytes()
    target = tmp_path / "backup.db"
    backup(store, target)
    written = target.read_bytes()
    assert key.strip() not in written
    assert b"hemmelig" not in written
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "data"]
    with closing(sqlite3.connect(target)) as db:
        assert db.execute("pragma journal_mode").fetchone() == ("delete",)
        assert db.execute("select value from secrets").fetchone()[0] == store.secrets.get("shop.key")


def test_a_backup_and_an_export_never_replace_a_file(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.write_text("bilag")
    for write in (backup, export_everything):
        with pytest.raises(SettingsError) as caught:
            write(store, target)
        assert "taken" in expect_sentence(caught.value)
        with pytest.raises(SettingsError) as caught:
            write(store, tmp_path / "no such folder" / "x")
        expect_sentence(caught.value)
    assert target.read_text() == "bilag"
    assert left_behind(tmp_path) == []


def test_a_name_that_is_taken_meanwhile_is_not_replaced_either(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backup.db"
    monkeypatch.setattr("dinero.store.files.is_whole", lambda draft: bool(target.write_text("bilag")))
    with pytest.raises(SettingsError, match="already"):
        backup(store, target)
    assert target.read_text() == "bilag"
    assert left_behind(tmp_path) == []


def test_a_damaged_database_is_told_and_no_backup_is_made_of_it(store: Store, tmp_path: Path) -> None:
    store.orders.save([row(str(n), raw=json.dumps("x" * 3000)) for n in range(50)])
    store.close()
    damage(store.path)
    with pytest.raises(SettingsError) as caught:
        backup(store, tmp_path / "backup.db")
    assert "damaged" in expect_sentence(caught.value)
    assert not (tmp_path / "backup.db").exists()


def damage(path: Path) -> None:
    """Overwrites everything but the first page."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode=delete")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


# --- restore: nothing is booked twice ----------------------------------------------------------------------


@pytest.mark.parametrize("fetched", [False, True], ids=["not fetched yet", "waiting"])
def test_an_order_booked_after_the_backup_is_not_booked_again(world: World, tmp_path: Path, fetched: bool) -> None:
    saved = tmp_path / "backup.db"
    if not fetched:
        backup(world.dashboard.store, saved)
    world.order(1)
    if fetched:
        backup(world.dashboard.store, saved)
    world.push()
    expect_one_of_each(world)
    number = world.row(1).invoice_number

    restored = restore(world.dashboard.store.folder, saved, clock=world.clock)
    assert restored.secrets_open
    world.dashboard = world.restart()
    world.dashboard.orders.fetch()
    assert world.row(1).state == "waiting"
    assert [result.result for result in world.push()] == ["done"]
    expect_one_of_each(world)
    assert world.row(1).invoice_number == number
    assert len(world.sandbox.books.invoices) == len(world.sandbox.books.payments) == 1


def test_an_order_taken_back_and_booked_anew_after_the_backup_is_not_booked_a_third_time(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push()
    assert correct(world, 1, "rebook")[0].result == "done"
    before = len(world.sandbox.books.invoices), len(world.sandbox.books.payments)
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    world.push()
    assert (len(world.sandbox.books.invoices), len(world.sandbox.books.payments)) == before


def test_an_order_that_was_changed_after_it_was_booked_is_not_taken_for_its_invoice_after_a_restore(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push()
    edit(world, 1, **fewer_pieces())
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    for _ in range(3):
        world.push()
        assert world.row(1).state == "refused"
        assert {finding.code for finding in world.row(1).reasons} == {"booked_differs"}


def test_a_correction_after_the_backup_is_not_taken_for_a_larger_one_after_a_restore(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push()
    edit(world, 1, **fewer_pieces())
    backup(world.dashboard.store, tmp_path / "backup.db")
    correct(world, 1, "difference")
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    (row,) = correct(world, 1, "rebook")
    assert [finding.code for finding in row.result_reasons] == ["found_credit"]
    for _ in range(3):
        world.push()
    assert len([i for i in world.sandbox.books.invoices.values() if i["Status"] == "Booked"]) == 1
    assert len(world.sandbox.books.credit_notes) == 1
    assert world.row(1).state == "done"


def test_an_order_that_was_taken_back_after_the_backup_is_not_shown_as_transferred(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push(1)
    correct(world, 1, "undo")
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    world.push(1)
    assert world.row(1).state != "done"


@pytest.mark.parametrize("action", ["undo", "rebook"])
def test_what_was_corrected_after_the_backup_is_taken_over_from_dinero(
    world: World, tmp_path: Path, action: str
) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push(1)
    correct(world, 1, action)
    known = documents(world)
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    books = world.sandbox.books
    before = len(books.invoices), len(books.credit_notes), len(books.payments)
    state = {"undo": "credited", "rebook": "done"}[action]
    assert [row.result for row in world.push(1)] == [state]
    assert world.row(1).state == state
    assert (len(books.invoices), len(books.credit_notes), len(books.payments)) == before
    assert documents(world) == known


def test_several_credited_differences_after_the_backup_are_all_taken_over(world: World, tmp_path: Path) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push(1)
    edit(world, 1, **fewer_pieces())
    correct(world, 1, "difference")
    correct(world, 1, "undo")
    raw = make_order()
    edit(world, 1, **{name: raw[name] for name in ("products", "total_price", "price", "vat")})
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    world.push(1)
    assert world.row(1).state == "credited", world.row(1).reasons
    expect_nothing_left(world)
    assert [document["state"] for document in documents(world)] == ["credited"] * 3


def test_a_process_that_dies_while_it_takes_over_corrections_takes_them_over_at_the_next_start(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    world.push(1)
    correct(world, 1, "undo")
    for place in range(18):
        restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
        world.dashboard.orders.fetch()
        for name, dies in zip(("advance", "set_mark"), dying_at(place), strict=True):
            monkeypatch.setattr(Documents, name, dies)
        with contextlib.suppress(KeyboardInterrupt):
            world.push(1)
        monkeypatch.undo()
        if (begun := world.dashboard.store.operations.next()) is not None:
            world.restart().transfers.run(begun)
        assert world.row(1).state == "credited", place
        expect_all_taken_back(world)


def documents(world: World) -> list[Row]:
    """What the store knows of all documents, generation by generation."""
    return world.dashboard.store.rows(
        "select kind, guid, state, invoice_number, payment_guid, issued_on from documents order by kind, generation"
    )


def expect_nothing_left(world: World) -> None:
    assert [balance(world, account) for account in (1000, 1350, 53000, 55100, 64000)] == [0] * 5


def booked_otherwise(world: World, tmp_path: Path) -> None:
    """Order 1 was booked with 737 kr. after the backup and then changed to 587.50 kr. in the shop."""
    world.order(1)
    backup(world.dashboard.store, tmp_path / "backup.db")
    with contextlib.suppress(KeyboardInterrupt):
        world.push()
    edit(world, 1, **fewer_pieces())
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    assert [row.result for row in world.push()] == ["refused"]


def test_an_invoice_that_differs_can_be_taken_over_as_it_is_with_a_reason_and_then_be_taken_back(
    world: World, tmp_path: Path
) -> None:
    booked_otherwise(world, tmp_path)
    assert [row.result for row in correct(world, 1, "accept", "den gamle ordre gælder")] == ["done"]
    steps = world.dashboard.store.history.list(order=("shoporama", "1"), events=["accepted"])
    assert ["den gamle ordre gælder" in str(step.text) for step in steps] == [True]
    before = world.writes()
    assert [row.result for row in world.push()] == ["done"]
    assert world.writes() == before, "nothing is sent for an invoice that is taken over"
    assert [row.result for row in correct(world, 1, "undo")] == ["credited"]
    expect_all_taken_back(world)


def test_an_invoice_that_differs_and_is_not_paid_is_not_paid_from_here_when_it_is_taken_over(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(self: Dinero, *arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, "pay_invoice", dies)
    booked_otherwise(world, tmp_path)
    monkeypatch.undo()
    for _ in range(2):
        correct(world, 1, "accept")
        world.push()
    assert (world.row(1).state, bool(world.row(1).done_on)) == ("done", True)
    assert world.sandbox.books.payments == [], "what was paid is not what the invoice says: the owner decides"
    assert [row.result for row in correct(world, 1, "undo")] == ["credited"]
    assert [balance(world, account) for account in (1000, 1350, 53000, 55100, 64000)] == [0] * 5


def test_a_credit_note_that_differs_can_be_taken_over_as_it_is(world: World, tmp_path: Path) -> None:
    world.order(1)
    world.push()
    edit(world, 1, **fewer_pieces())
    backup(world.dashboard.store, tmp_path / "backup.db")
    correct(world, 1, "difference")
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()
    world.dashboard.store.look_ups.put(RESTORED, None)  # booked otherwise while nothing said to look for it
    assert [row.result for row in correct(world, 1, "undo")] == ["refused"]
    assert [row.result for row in correct(world, 1, "accept")] == ["done"]
    assert [row.result for row in correct(world, 1, "undo")] == ["credited"]
    assert [balance(world, account) for account in (1000, 1350, 53000, 55100, 64000)] == [0] * 5


def test_only_what_differs_in_dinero_can_be_taken_over(world: World) -> None:
    world.order(1)
    world.push()
    (row,) = correct(world, 1, "accept")
    assert (row.result, [finding.code for finding in row.result_reasons]) == ("done", ["nothing_differs"])


def test_a_backup_made_in_the_middle_of_a_push_is_taken_up_where_dinero_is(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    saved = tmp_path / "backup.db"
    real = Documents.set_mark

    def save_first(self: Documents, lease: leases.Lease, document: Document) -> Document:
        if document.pending is Mark.BOOK:
            backup(world.dashboard.store, saved)
        return real(self, lease, document)

    monkeypatch.setattr(Documents, "set_mark", save_first)
    world.push()
    monkeypatch.undo()
    restore(world.dashboard.store.folder, saved, clock=world.clock)
    assert world.row(1).state == "verified"
    (operation,) = world.dashboard.store.operations.list()
    assert operation.status == "stopped"
    assert world.dashboard.store.operations.next() is None
    world.push()
    expect_one_of_each(world)


def test_without_the_key_file_the_owner_is_told_to_connect_again_and_then_all_goes_on(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.dashboard.connection.save_app_keys("app", "hemmelig")
    saved = tmp_path / "backup.db"
    backup(world.dashboard.store, saved)
    world.push()
    elsewhere = tmp_path / "new machine"
    assert not restore(elsewhere, saved, clock=world.clock).secrets_open

    dashboard = started(world.sandbox, elsewhere)
    told = {finding.code: finding.text.render("en") for finding in dashboard.checkup.findings()}
    assert set(told) == {"dinero", "shop"}
    assert all("connect again" in text for text in told.values())
    assert dashboard.connection.app_keys() == ("", "")
    dashboard.transfers.push("op", [("shoporama", "1")], actor="test")
    with pytest.raises(SettingsError, match="connect again"):
        dashboard.transfers.run("op")

    world.dashboard = dashboard
    dashboard.set_up.from_environment()
    assert dashboard.checkup.findings() == []
    dashboard.orders.fetch()
    world.push()
    expect_one_of_each(world)


# --- restore: what it changes, and what it does not -------------------------------------------------------


def make_backup(tmp_path: Path, *orders: str, clock: SimulatedClock | None = None) -> Path:
    """A backup of another folder with these orders."""
    source = Store(tmp_path / f"source-{uuid.uuid4().hex}", clock=clock)
    source.orders.save([row(number) for number in orders])
    target = source.folder.with_suffix(".db")
    backup(source, target)
    return target


def test_a_restore_keeps_the_database_as_it_was_with_what_was_only_in_its_log(store: Store, tmp_path: Path) -> None:
    saved = make_backup(tmp_path, "1")
    with closing(sqlite3.connect(store.path)) as reader:  # the log is not merged while somebody reads
        reader.execute("begin")
        reader.execute("select * from orders").fetchall()
        store.orders.save([row("2"), row("3")])
        assert store.path.with_name("dinero.db-wal").stat().st_size > 0
        restored = restore(store.folder, saved, clock=store.clock)
    again = restore(store.folder, saved, clock=store.clock)
    assert [order.id for order in store.orders.list()] == ["1"]
    assert restored.orders == 1
    assert restored.kept is not None
    assert again.kept not in (None, restored.kept)
    assert restored.kept.name == "before-restore-2026-11-24-100000.db"
    assert restored.kept.stat().st_mode & 0o077 == store.path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(restored.kept)) as kept:
        assert kept.execute("select id from orders order by id").fetchall() == [("2",), ("3",)]
    assert left_behind(store.folder) == []
    with store.connect() as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)


def test_another_process_sees_the_old_database_or_the_new_one_and_nothing_between(store: Store, tmp_path: Path) -> None:
    store.orders.save([row(f"old{n}", raw=json.dumps("x" * 2000)) for n in range(200)])
    saved = make_backup(tmp_path, *(f"new{n}" for n in range(300)))
    seen: set[tuple[str, ...]] = set()
    stop, errors = threading.Event(), list[BaseException]()

    def read() -> None:
        try:
            with closing(sqlite3.connect(store.path, timeout=15)) as db:
                while not stop.is_set():
                    rows = db.execute("select substr(id, 1, 3), count(*), max(forgotten_at) from orders group by 1")
                    seen.add(tuple(f"{name} {count}" for name, count, _ in rows))
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for _ in range(5):
            restore(store.folder, saved, clock=store.clock)
    finally:
        stop.set()
        thread.join()
    assert errors == []
    assert seen <= {("old 200",), ("new 300",)}


def test_a_restore_ends_sessions_leases_and_pushes_and_lets_the_next_fetch_read_everything(world: World) -> None:
    world.order(1)
    store, sign_in = world.dashboard.store, world.dashboard.sign_in
    sign_in.set_password("rødgrød med fløde")
    old = sign_in.make_cookie()
    world.dashboard.transfers.push("op", [("shoporama", "1")], actor="test")
    held = lease(store)
    saved = store.folder / "backup.db"
    backup(store, saved)
    document = store.documents.claim(
        held,
        organization="1",
        generation=1,
        guid="g",
        plan=make_plan("shoporama", "1"),
        operation_id="op",
        text=Text("The settings were changed."),
    )
    assert document is not None
    sign_in.sign_out_everywhere()
    later = sign_in.make_cookie()

    restore(store.folder, saved, clock=world.clock)
    assert not sign_in.read_cookie(old), "a session that had been ended came back to life"
    assert not sign_in.read_cookie(later)
    assert sign_in.check("rødgrød med fløde")
    with pytest.raises(LeaseLost):
        store.documents.advance(held, document, document)
    assert store.leases.acquire("push", seconds=60) is not None
    operation = store.operations.get("op")
    assert operation is not None
    assert operation.status == "stopped"
    assert [finding.code for finding in operation.reasons] == ["restored"]
    assert store.look_ups.get(f"shoporama/{SCANNED}") is None
    assert [event.event for event in store.history.list(limit=1)] == ["restored"]


def test_a_fetch_that_a_restore_cuts_in_two_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = world.dashboard.store
    saved = store.folder / "backup.db"
    backup(store, saved)
    for number in (1, 2):
        world.sandbox.shop.add(make_order(order_id=number, last_modified="2026-11-10 12:00:00"))
    shop = world.dashboard.shops.client("shoporama")
    assert isinstance(shop, Shoporama)
    real = shop.orders

    def cut(since: Any, on_page: Any) -> Iterator[Any]:
        for raw in real(since, on_page):
            yield raw
            if store.orders.count() == 1:
                restore(store.folder, saved, clock=world.clock)

    monkeypatch.setattr("dinero.shops.shoporama.client.BATCH", 1)
    monkeypatch.setattr(shop, "orders", cut)
    fetch_orders(shop, store, "shoporama")
    monkeypatch.undo()
    assert store.orders.count() < 2, "the restore took no order away"
    world.clock.sleep(timedelta(hours=2).total_seconds())
    world.dashboard.orders.fetch()
    assert store.orders.count() == 2


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table orders (id)")
        db.commit()


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('dinero', 'm999', 'x')")
        db.commit()


def damage_an_index(path: Path) -> None:
    """Which no query stumbles over that does not need it."""
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("select rootpage from sqlite_master where name = 'history_by_event'").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096 + 3000)
        file.write(b"\xa5" * 1096)


def another_programs(path: Path) -> None:
    path.unlink()
    foreign(path)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.unlink(), "not a database"),
    "a text": (lambda path: path.write_text("Kære revisor, her er tallene. " * 200), "not a database"),
    "empty": (lambda path: path.write_bytes(b""), "not a database"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:10_000]), "damaged"),
    "damaged": (damage, "damaged"),
    "damaged in one place": (damage_an_index, "damaged"),
    "another program's": (another_programs, "not a database"),
    "newer": (newer, "newer"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_good_backup_is_refused_and_changes_nothing(store: Store, tmp_path: Path, kind: str) -> None:
    store.orders.save([row("2")])
    saved = make_backup(tmp_path, "1")
    spoil, word = BAD[kind]
    spoil(saved)
    before = sorted(path.name for path in store.folder.iterdir())
    with pytest.raises(SettingsError) as caught:
        restore(store.folder, saved, clock=store.clock)
    assert word in expect_sentence(caught.value)
    assert [order.id for order in store.orders.list()] == ["2"]
    assert [event.event for event in store.history.list()] == ["state"]
    assert sorted(path.name for path in store.folder.iterdir()) == before


def test_a_backup_that_the_caller_refuses_changes_nothing(store: Store, tmp_path: Path) -> None:
    def refuse(prepared: Store) -> None:
        assert [order.id for order in prepared.orders.list()] == ["1"]
        raise SettingsError(Text("The settings were changed."))

    with pytest.raises(SettingsError):
        restore(store.folder, make_backup(tmp_path, "1"), clock=store.clock, check=refuse)
    assert store.orders.list() == []


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_backup_of_an_earlier_version_is_brought_up_to_date(store: Store, tmp_path: Path, step: str) -> None:
    saved = tmp_path / "old.db"
    with closing(sqlite3.connect(saved)) as connection:
        migrations.apply(connection, stop_before=step)
        db = Database(connection)
        db.table("orders").insert(FIRST_ROWS["orders"])
        db.conn.commit()
    assert restore(store.folder, saved, clock=store.clock).orders == 1
    assert store.orders.list()[0].forgotten_at is None


@pytest.mark.parametrize("spoil", [damage, lambda path: path.write_bytes(b"\0" * 5000)], ids=["damaged", "zeros"])
def test_a_damaged_database_is_put_aside_and_the_backup_takes_its_place(
    store: Store, tmp_path: Path, spoil: Any
) -> None:
    store.orders.save([row("2")])
    store.close()  # all of it is in the file that the disk spoils
    spoil(store.path)
    spoiled = store.path.read_bytes()
    restored = restore(store.folder, make_backup(tmp_path, "1"), clock=store.clock)
    assert [order.id for order in store.orders.list()] == ["1"]
    assert restored.kept is not None
    assert restored.kept.stat().st_size >= len(spoiled) // 2
    backup(store, tmp_path / "sound.db")


# --- everything as files -----------------------------------------------------------------------------------

SECRETS = ["hemmelig-klient", "hemmelig-apinøgle", "hemmelig-butik", "hemmeligt kodeord"]


def members(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist()}


def sheet(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_export_has_everything_and_no_secret(world: World, tmp_path: Path) -> None:
    store, vault = world.dashboard.store, world.dashboard.vault
    vault.put("dinero.credentials", ["personal", "id", SECRETS[0], SECRETS[1]])
    vault.put("shop.key", SECRETS[2])
    world.dashboard.sign_in.set_password(SECRETS[3])
    cookie = world.dashboard.sign_in.make_cookie()
    world.dashboard.set_up.from_environment()
    world.order(1)
    world.order(2, paid=None)
    world.push(1)
    target = tmp_path / "alt.zip"
    export_everything(store, target)
    assert target.stat().st_mode & 0o777 == 0o600

    found = members(target)
    assert set(found) == {
        "orders.csv",
        "orders.json",
        "documents.csv",
        "documents.json",
        "history.csv",
        "history.json",
        "operations.csv",
        "contacts.csv",
        "settings.json",
        "consultations.csv",
        "consultations.json",
        "payouts.csv",
        "payouts.json",
        "payout_lines.csv",
        "ledger_items.csv",
        "ledger_items.json",
    }
    given = world.sandbox.environment()
    planted = [*SECRETS, cookie, (store.folder / KEY_FILE).read_text().strip()]
    planted += [given[name] for name in ("DINERO_CLIENT_SECRET", "DINERO_API_KEY", "SHOPORAMA_KEY")]
    planted += [str(value) for key, value in store.settings.all().items() if key.startswith("sign_in.")]
    planted += ["argon2", "gAAAA"]  # a password's hash, and whatever the vault has sealed
    text = "".join(found.values())
    assert [word for word in planted if word in text] == []

    known = world.row(1)
    (first, second) = json.loads(found["orders.json"])
    assert first["raw"]["email"] == known.email
    assert (first["total_ore"], first["total"]) == (known.total_ore, f"{(known.total_ore or 0) / 100:.2f}")
    assert (second["state"], second["reason"]) == ("not due", "Ordren er ikke betalt endnu.")
    (line, _) = sheet(found["orders.csv"])
    assert (line["total_ore"], line["total"]) == (
        str(known.total_ore),
        f"{(known.total_ore or 0) / 100:.2f}".replace(".", ","),
    )
    assert line["invoice_number"] == known.invoice_number
    (document,) = json.loads(found["documents.json"])
    assert (document["number"], document["total_ore"], document["currency"]) == ("1001", known.total_ore, "DKK")
    assert plan_from_json(document["plan"]).total.ore == known.total_ore
    assert sheet(found["documents.csv"])[0]["guid"] == known.guid
    assert (
        len(sheet(found["history.csv"]))
        == len(json.loads(found["history.json"]))
        == len(store.history.list(limit=1000))
    )
    assert not any((event["text"] or "").startswith("[") for event in json.loads(found["history.json"]))
    assert [(push["status"], push["orders"]) for push in sheet(found["operations.csv"])] == [("finished", "1")]
    assert known.email in [contact["email"] for contact in sheet(found["contacts.csv"])]
    assert json.loads(found["settings.json"])["booking_account"] == 55100


def test_the_export_has_payouts_with_their_lines_and_amounts(world: World, tmp_path: Path) -> None:
    store = world.dashboard.store
    world.order(1)
    lines = (
        PayoutLine(2, Movement.SALE, "t1", Money(24900), Money(-361), Money(24539), order="1001"),
        PayoutLine(3, Movement.RESERVE, "r1", Money(-500), Money(0), Money(-500), text="=Rolling reserve"),
    )
    payout = Payout("clearhaus", "1234567", "p1", date(2026, 11, 24), Money(24039), lines, bank_text="CH1234567")
    store.payouts.add([payout], source="clearhaus.csv")
    target = tmp_path / "alt.zip"
    export_everything(store, target)
    found = members(target)
    (told,) = sheet(found["payouts.csv"])
    assert (told["payout"], told["net_ore"], told["net"], told["fees"]) == ("p1", "24039", "240,39", "-3,61")
    assert [(row["order_ref"], row["gross"], row["words"]) for row in sheet(found["payout_lines.csv"])] == [
        ("1001", "249,00", ""),
        ("", "-5,00", "'=Rolling reserve"),
    ]
    assert json.loads(found["payouts.json"])[0]["other"] == "-5.00"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_export_is_run_as_a_formula(store: Store, tmp_path: Path, start: str) -> None:
    formula = f"{start}HYPERLINK(1)"
    store.orders.save([row(customer=formula, number=formula, total_ore=-100)])
    store.contacts.save(
        "1",
        [Contact("c", "a", formula, is_person=True, deleted=False, created_at="")],
    )
    store.operations.open("op", [("s", "1")], actor="owner", detail=formula)
    store.history.add(Event("settings", Text("{reason}", reason=formula)))
    export_everything(store, tmp_path / "alt.zip")
    found = members(tmp_path / "alt.zip")
    cells = [
        (f"{name} {column}", value)
        for name, text in found.items()
        if name.endswith(".csv")
        for line in sheet(text)
        for column, value in line.items()
    ]
    assert {place for place, value in cells if value == f"'{formula}"} == {
        "orders.csv id",
        "orders.csv customer",
        "orders.csv number",
        "history.csv order_id",
        "history.csv number",
        "history.csv text",
        "operations.csv detail",
        "contacts.csv name",
    }
    numbers = ("-100", "-1,00")
    assert [place for place, value in cells if value.startswith(start) and value not in numbers] == []


def test_an_empty_database_is_exported_too(store: Store, tmp_path: Path) -> None:
    export_everything(store, tmp_path / "alt.zip")
    found = members(tmp_path / "alt.zip")
    assert [json.loads(text) for name, text in found.items() if name.endswith(".json")] == [[]] * 6 + [{}]


def test_a_large_export_holds_few_rows_at_a_time(store: Store, tmp_path: Path) -> None:
    raw = json.dumps({"comments": "x" * 10_000})
    store.orders.save([row(str(n), raw=raw) for n in range(5000)])
    tracemalloc.start()
    export_everything(store, tmp_path / "alt.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000, "5,000 orders are 50 MB"
    assert len(json.loads(members(tmp_path / "alt.zip")["orders.json"])) == 5000


# --- a customer who is to be forgotten ----------------------------------------------------------------------

EMAIL = "Xantippe.Quist@glemmig.example"
PERSON = {
    "email": EMAIL,
    "order_name": "Xantippe Quist",
    "order_address": "Zebravej 77",
    "order_zipcode": "9990Q",
    "order_city": "Skagenby",
    "del_name": "Valdemar Quist",
    "del_company_name": "Quistens Ferielejlighed",
    "del_address": "Gedestien 88",
    "del_zipcode": "9981X",
    "del_city": "Jerupby",
    "phone": "31415926",
    "comments": "Ring på hos Zarah",
    "extras": {"Hilsen": "Kære Zacharias"},
    "pickup_address": "Døgnboks Zenith",
    "some_new_field": {"nickname": "Xanti"},
}
TRACES = [
    "Xantippe",
    "Quist",
    "glemmig",
    "Zebravej",
    "9990Q",
    "Skagenby",
    "Valdemar",
    "Gedestien",
    "9981X",
    "Jerupby",
    "31415926",
    "Zarah",
    "Zacharias",
    "Zenith",
    "Xanti",
]


def person(world: World, number: int = 1, **changes: Any) -> None:
    world.order(number, **(PERSON | changes))


def traces(store: Store, *tables: str) -> set[str]:
    """Which of the customer's data is in these tables; in the files of the database without them."""
    if tables:
        data = json.dumps([everything(store, table) for table in tables], default=str, ensure_ascii=False)
        packed = data.encode()
    else:
        packed = b"".join(path.read_bytes() for path in store.folder.glob("dinero.db*"))
    escaped = packed.lower()
    return {trace for trace in TRACES if trace.lower().encode() in escaped}


ACCOUNTS = "select {} from orders o join documents d on d.source = o.shop and d.subject = o.id"
TRAIL = (
    "o.id, o.number, o.placed_at, o.total_ore, o.currency, o.vat_ore, o.net_ore, o.zone, o.country, o.state, "
    "o.eu_net_ore, o.payment_method, d.guid, d.contact_guid, d.invoice_number, d.payment_guid, d.issued_on, "
    "d.state as document"
)


def test_a_forgotten_customer_is_nowhere_in_the_database_and_the_accounts_are_as_before(world: World) -> None:
    store = world.dashboard.store
    person(world)
    person(
        world,
        2,
        email=EMAIL.lower(),
        products=[{**make_order()["products"][0], "name": "Skål"}],
        total_price=338,
        price=338,
        vat=67.6,
    )
    world.order(3)
    world.push()
    world.dashboard.proof.reconcile(world.clock.now().date() - timedelta(days=30), world.clock.now().date())
    assert traces(store) >= set(TRACES) - {"Zenith"}
    before = store.rows(ACCOUNTS.format(TRAIL)), store.history.list(limit=1000)
    booked = store.documents.newest(OrderKey("shoporama", "1"))
    assert booked is not None

    with closing(sqlite3.connect(store.path)) as other:  # a page that is open keeps the log from being merged
        other.execute("select * from orders").fetchone()
        assert forget_customer(store, f" {EMAIL.upper()} ") == 2
        assert traces(store) == set()
    assert store.rows(ACCOUNTS.format(TRAIL)) == before[0]
    forgotten, *history = store.history.list(limit=1000)
    kept = [replace(event, customer=None) for event in before[1]]
    assert [replace(event, customer=None) for event in history] == kept
    assert (forgotten.event, forgotten.detail) == ("customer forgotten", {"orders": ["1", "2"]})
    kept_document = store.documents.newest(OrderKey("shoporama", "1"))
    assert kept_document is not None
    plan = kept_document.plan
    assert (plan.lines, plan.customer.name, plan.customer.country) == (booked.plan.lines, "", "DK")
    assert world.row(3).customer, "another customer's order"
    assert forget_customer(store, EMAIL) == 0


def test_what_a_forgotten_order_says_of_goods_money_and_vat_is_read_as_before(world: World) -> None:
    person(world)
    world.push()
    reader = started(world.sandbox, world.dashboard.store.folder)

    def read() -> Any:
        (shown,) = reader.orders.previews([world.row(1)])
        order = shown.order
        return order.lines, order.total, order.vat, order.currency, order.placed_at, order.paid_at, order.payment_method

    before = read()
    forget_customer(world.dashboard.store, EMAIL)
    assert read() == before


def test_a_later_fetch_of_the_same_order_does_not_bring_the_customer_back(world: World) -> None:
    person(world)
    world.push()
    forget_customer(world.dashboard.store, EMAIL)
    for _ in range(2):
        world.clock.sleep(timedelta(days=2).total_seconds())
        assert world.dashboard.orders.fetch().seen == 1
    world.dashboard.settings.save(trigger="sent")
    assert traces(world.dashboard.store) == set()
    assert world.row(1).forgotten_at


def test_a_fetch_that_read_the_order_before_it_was_forgotten_does_not_bring_it_back_either(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(world)
    world.push()
    store = world.dashboard.store
    real = store.orders.save

    def forget_first(orders: Any) -> None:
        forget_customer(store, EMAIL)
        real(orders)

    monkeypatch.setattr(store.orders, "save", forget_first)
    world.clock.sleep(timedelta(days=2).total_seconds())
    world.dashboard.orders.fetch()
    assert traces(store) == set()


def test_an_order_that_the_shop_changes_after_its_customer_was_forgotten_is_taken_in(world: World) -> None:
    person(world)
    world.push()
    forget_customer(world.dashboard.store, EMAIL)
    world.clock.sleep(60)
    person(world, comments="Ring på hos Zarah, to gange")
    assert world.row(1).email == EMAIL
    assert (world.row(1).forgotten_at, world.row(1).change) == (None, None), "nothing that counts was changed"
    world.clock.sleep(60)
    forget_customer(world.dashboard.store, EMAIL)
    person(world, **fewer_pieces())
    assert (world.row(1).change or {})["codes"] == ["edited"]
    assert correct(world, 1, "difference")[0].result == "done"


def test_an_invoice_of_a_forgotten_customer_can_be_taken_back_and_is_not_booked_anew_without_its_customer(
    world: World,
) -> None:
    person(world)
    world.push()
    forget_customer(world.dashboard.store, EMAIL)
    correct(world, 1, "rebook")
    (invoice,) = world.sandbox.books.invoices.values()
    (note,) = world.sandbox.books.credit_notes.values()
    assert (note["Status"], note["CreditNoteFor"], note["TotalInclVat"]) == (
        "Booked",
        invoice["Guid"],
        invoice["TotalInclVat"],
    )
    assert note["ContactGuid"] == invoice["ContactGuid"]
    assert (world.row(1).state, [f.code for f in world.row(1).reasons]) == ("held", ["forgotten"])
    world.push()
    assert len(world.sandbox.books.invoices) == 1


def test_an_order_that_was_left_out_is_forgotten_and_is_held_when_it_is_let_in_again(world: World) -> None:
    person(world)
    world.dashboard.orders.ignore(world.row(1), "Xantippe Quist betalte kontant")
    assert forget_customer(world.dashboard.store, EMAIL) == 1
    assert traces(world.dashboard.store) == set()
    assert world.row(1).state == "ignored"
    assert "betalte kontant" in world.row(1).reasons[0].text.render("da")
    world.dashboard.orders.ignore(world.row(1), None)
    assert (world.row(1).state, [f.code for f in world.row(1).reasons]) == ("held", ["forgotten"])
    world.push()
    assert world.sandbox.books.invoices == {}
    world.clock.sleep(60)
    person(world, comments="Ny besked")
    assert world.row(1).state == "waiting"


def test_a_forgotten_order_keeps_the_zone_that_its_address_had(world: World) -> None:
    names: dict[str, Any] = {
        f"{side}_{name}": value
        for side in ("order", "del")
        for name, value in (("country_id", 1007), ("country", "Storbritannien"), ("zipcode", "BT1 1AA"))
    }
    person(world, vat=0, **names)
    world.dashboard.orders.ignore(world.row(1), "privat")
    before = world.row(1)
    forget_customer(world.dashboard.store, EMAIL)
    world.dashboard.settings.save(trigger="sent")
    assert [getattr(world.row(1), name) for name in FIGURES] == [getattr(before, name) for name in FIGURES]


@pytest.mark.parametrize("state", ["waiting", "not due", "under way", "in a push", "changed"])
def test_a_customer_with_an_order_that_is_not_finished_is_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    store = world.dashboard.store
    person(world)
    world.push()
    person(world, 2, paid=None if state == "not due" else make_order()["paid"])
    if state == "under way":
        world.sandbox.fault("drop", method="POST", path=r"/book$", after_work=True)
        world.sandbox.fault("reset", method="GET", path=r"/invoices/[^/]+", times=20)
        world.push(2)
        assert world.row(2).state == "unsure"
    elif state == "in a push":
        world.push(2)
        world.dashboard.corrections.start("op", world.row(2), Action.UNDO, reason="fejl", actor="test")
    elif state == "changed":
        world.push(2)
        world.clock.sleep(60)
        person(world, 2, **fewer_pieces())
    before = traces(store), world.row(1)
    with pytest.raises(SettingsError) as caught:
        forget_customer(store, EMAIL)
    assert "1002" in expect_sentence(caught.value)
    assert "1001" not in expect_sentence(caught.value)
    assert (traces(store), world.row(1)) == before


def test_an_empty_e_mail_forgets_nobody(world: World) -> None:
    world.order(1, email="")
    world.dashboard.orders.ignore(world.row(1), "prøve")
    with pytest.raises(SettingsError):
        forget_customer(world.dashboard.store, "  ")
    assert world.row(1).customer


def test_the_history_never_names_a_customer(world: World) -> None:
    store = world.dashboard.store
    person(world)
    world.push()
    correct(world, 1, "undo", reason=f"aftalt med Xantippe Quist ({EMAIL})")
    person(world, 2)
    world.push(2)
    world.clock.sleep(60)
    person(world, 2, **fewer_pieces())
    world.dashboard.corrections.leave(world.row(2), "XANTIPPE QUIST er enig")
    person(world, 3, email="Xantippe.Quist(at)glemmig.example")  # a finding that repeats it
    assert "glemmig" in dumps(world.row(3).reasons)
    person(world, 4)
    message = f"Kunden Xantippe Quist <{EMAIL.lower()}> er spærret"  # an answer that repeats it
    world.sandbox.fault("status", method="POST", path=r"/invoices$", status=400, body={"code": 1, "message": message})
    world.push(4)
    assert "glemmig" in dumps(world.row(4).reasons)
    person(world, 5)
    world.dashboard.orders.ignore(world.row(5), "Xantippe Quist fortrød")
    assert traces(store, "orders") >= {"Xantippe", "Quist", "glemmig"}
    assert traces(store, "history") == set()
    texts = [event.text.render("da") for event in store.history.list(limit=1000) if event.text]
    assert any("fortrød" in text for text in texts)
    assert any("spærret" in text for text in texts)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("ÅSE@Example.com", "åse@example.com"),
        ("ærlig@Øl.example", "ÆRLIG@ØL.EXAMPLE"),
        ("A\u030ase@x.dk", "åse@X.dk"),
        ("müller@x.de", "MÜLLER@X.DE"),
    ],
)
def test_a_customer_is_forgotten_whatever_capitals_the_e_mail_has(world: World, written: str, asked: str) -> None:
    world.order(1, email=written)
    world.dashboard.orders.ignore(world.row(1), "En prøve")
    assert world.dashboard.orders.forget_customer(asked) == 1
    assert world.row(1).email == ""
    assert world.dashboard.store.rows("select email_folded from orders") == [{"email_folded": ""}]


def test_e_mails_of_the_version_before_are_found_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.transaction() as db:
        db.execute(
            "insert into orders (shop, id, number, customer, email, currency, paid, sent, payment_method, raw, "
            "raw_hash, state, first_seen_at, seen_at) values ('shoporama', '1', '1', 'Åse', 'ÅSE@x.dk', 'DKK', "
            "1, 1, '', '{}', '', 'done', '', '')"
        )
        db.execute("drop index orders_by_customer")
        db.execute("alter table orders drop column email_folded")
        db.execute("create index orders_by_email on orders (email)")
        db.execute("delete from _sqlite_migrations where name like 'm012%'")
    assert len(Store(tmp_path).orders.of_customer("åse@X.dk", states=(), limit=5)) == 1
