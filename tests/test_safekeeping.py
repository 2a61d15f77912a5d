"""Backup, restore, export, and customers who want to be forgotten."""

import csv
import io
import json
import sqlite3
import threading
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import World
from dinero import safekeeping
from dinero.cli import main
from dinero.errors import SettingsError
from dinero.intake import ids
from dinero.sandbox import make_order
from dinero.sandbox.connect import API_KEY, PERSONAL_CLIENT_SECRET
from dinero.services import Services, services
from dinero.settings import Environment
from dinero.store import Store
from dinero.vault import KEY_FILE

PASSWORD = "rødgrød med fløde"
PERSON = {"email": "zebulon@example.com", "order_name": "Zebulon Ørneklo", "order_address": "Snurretop 77",
          "order_zipcode": "3782", "order_city": "Klemensker", "phone": "77665544", "comments": "Stil den hos naboen",
          "del_name": "Zebulon Ørneklo", "del_address": "Snurretop 77",
          "pickup_address": "Snurretop Kiosk"}  # fmt: skip
TELLTALE = ("zebulon", "ørneklo", "snurretop", "klemensker", "77665544", "naboen", "\\u00f8rneklo")


def everything_in(folder: Path) -> str:
    """Every byte of the database and what lies beside it, as text."""
    found = b"".join(path.read_bytes() for path in folder.glob("dinero.db*"))
    return found.decode("utf-8", "ignore").lower()


# --- backup and restore ----------------------------------------------------------------------------------


def test_a_backup_is_one_whole_file_without_the_key(world: World, tmp_path: Path) -> None:
    world.order(1)
    world.push()
    target = tmp_path / "copy.db"
    world.dashboard.backup(target)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("copy.db*")] == ["copy.db"]
    key = (world.dashboard.store.folder / KEY_FILE).read_bytes().strip()
    content = target.read_bytes()
    assert key not in content
    assert API_KEY.encode() not in content
    with sqlite3.connect(target) as copy:
        assert copy.execute("select state from orders").fetchall() == [("done",)]
        assert copy.execute("select count(*) from secrets").fetchone()[0] > 0


def test_a_backup_made_while_others_write_is_of_one_moment(world: World, tmp_path: Path) -> None:
    store, stop = world.dashboard.store, threading.Event()

    def write() -> None:
        while not stop.is_set():
            with store.transaction() as db:  # both or neither
                db.execute("insert into cache values (?, '1', 'x')", [f"left-{uuid.uuid4()}"])
                db.execute("insert into cache values (?, '1', 'x')", [f"right-{uuid.uuid4()}"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            world.dashboard.backup(tmp_path / f"{n}.db")
    finally:
        stop.set()
        writer.join()
    for n in range(5):
        with sqlite3.connect(tmp_path / f"{n}.db") as copy:
            left, right = (copy.execute("select count(*) from cache where key like ?", [f"{side}-%"]).fetchone()[0]
                           for side in ("left", "right"))  # fmt: skip
            assert left == right


def test_a_backup_overwrites_nothing(world: World, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("kære minder")
    with pytest.raises(SettingsError):
        world.dashboard.backup(target)
    assert target.read_text() == "kære minder"
    with pytest.raises(SettingsError):
        world.dashboard.backup(tmp_path / "no such folder" / "copy.db")


def test_what_was_transferred_after_the_backup_is_found_in_dinero_and_not_booked_again(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.dashboard.backup(tmp_path / "copy.db")
    world.order(2)
    world.push()
    assert len(world.sandbox.books.invoices) == 2
    kept = safekeeping.restore(world.dashboard.store, tmp_path / "copy.db")
    assert world.row(1)["state"] == "waiting"
    assert world.dashboard.store.order("shoporama", "2") is None
    dashboard = world.restart()
    dashboard.fetch()
    world.push(dashboard=dashboard)
    assert len(world.sandbox.books.invoices) == len(world.sandbox.books.payments) == 2
    assert [world.row(n)["state"] for n in (1, 2)] == ["done", "done"]
    with sqlite3.connect(kept) as copy:
        assert copy.execute("select count(*) from documents").fetchone()[0] == 2


def test_after_a_restore_no_old_session_lives_and_nothing_runs(world: World, tmp_path: Path) -> None:
    world.order(1)
    sign_in = world.dashboard.sign_in
    sign_in.set_password(PASSWORD)
    cookie = sign_in.make_cookie()
    world.dashboard.push("begun", [("shoporama", "1")], actor="owner")
    world.dashboard.backup(tmp_path / "copy.db")
    safekeeping.restore(world.dashboard.store, tmp_path / "copy.db")
    dashboard = world.restart()
    assert dashboard.sign_in.read_cookie(cookie) is None
    assert dashboard.sign_in.check(PASSWORD) == "owner"
    assert dashboard.store.next_operation() is None


def test_a_restore_waits_for_what_runs(world: World, tmp_path: Path) -> None:
    world.dashboard.backup(tmp_path / "copy.db")
    world.dashboard.store.acquire("push:210001", seconds=60)
    with pytest.raises(SettingsError):
        safekeeping.restore(world.dashboard.store, tmp_path / "copy.db")


@pytest.mark.parametrize("kind", ["missing", "text", "another database", "cut", "newer"])
def test_what_is_no_backup_of_ours_is_refused_and_changes_nothing(world: World, tmp_path: Path, kind: str) -> None:
    world.order(1)
    source = tmp_path / "copy.db"
    if kind == "text":
        source.write_text("ikke en database" * 1000)
    elif kind == "another database":
        with sqlite3.connect(source) as other:
            other.execute("create table x (y)")
    elif kind == "cut":
        world.dashboard.backup(tmp_path / "whole.db")
        whole = (tmp_path / "whole.db").read_bytes()
        source.write_bytes(whole[: len(whole) // 2])
    elif kind == "newer":
        world.dashboard.backup(source)
        with sqlite3.connect(source) as newer:
            newer.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values "
                          "('dinero', 'm999_from_the_future', 'x')")  # fmt: skip
    with pytest.raises(SettingsError):
        safekeeping.restore(world.dashboard.store, source)
    assert world.row(1)["state"] == "waiting"


def test_without_the_key_a_restored_database_says_to_connect_again(world: World, tmp_path: Path) -> None:
    world.order(1)
    world.dashboard.backup(tmp_path / "copy.db")
    elsewhere = Store(tmp_path / "elsewhere", clock=world.clock)
    safekeeping.restore(elsewhere, tmp_path / "copy.db")
    variables = world.sandbox.environment() | {"DINERO_DATA_DIR": str(tmp_path / "elsewhere")}
    dashboard = Services(Environment.read(variables), clock=world.clock)
    assert dashboard.store.order("shoporama", "1") is not None
    with pytest.raises(SettingsError) as caught:
        dashboard.fetch()
    assert "connect again" in caught.value.text.render("en")


# --- export ----------------------------------------------------------------------------------------------


def test_an_export_holds_everything_and_no_secret(world: World, tmp_path: Path) -> None:
    world.dashboard.sign_in.set_password(PASSWORD)
    world.order(1, order_name="=HYPERLINK(1)")
    world.push()
    world.dashboard.export(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    for name in safekeeping.TABLES:
        rows = list(csv.DictReader(io.StringIO(texts[f"{name}.csv"]), delimiter=";"))
        assert len(rows) == len(json.loads(texts[f"{name}.json"]))
    order = next(csv.DictReader(io.StringIO(texts["orders.csv"]), delimiter=";"))
    assert order["customer"].startswith("'="), "a spreadsheet must not run a name as a formula"
    assert Decimal(order["total"].replace(",", ".")) * 100 == int(order["total_ore"]) == world.row(1)["total_ore"]
    whole = "".join(texts.values())
    key = (world.dashboard.store.folder / KEY_FILE).read_text().strip()
    for secret in (API_KEY, PERSONAL_CLIENT_SECRET, world.sandbox.shop.key, PASSWORD, "scrypt:", key, "sign_in."):
        assert secret not in whole
    assert world.row(1)["guid"] in whole


# --- customers -------------------------------------------------------------------------------------------


def test_a_forgotten_customer_is_nowhere_in_the_database_and_the_trail_stays(world: World) -> None:
    world.order(1, **PERSON)
    world.push()
    before = world.row(1)
    world.dashboard.reconcile(before_day(world), world.clock.now().date())
    assert "zebulon" in everything_in(world.dashboard.store.folder), "or this test shows nothing"
    assert world.dashboard.forget_customer(" Zebulon@Example.com ") == 1
    after = world.row(1)
    found = everything_in(world.dashboard.store.folder)
    assert [word for word in TELLTALE if word in found] == []
    for name in ("number", "total_ore", "vat_ore", "net_ore", "zone", "country", "invoice_number", "guid", "state",
                 "placed_on"):  # fmt: skip
        assert after[name] == before[name], name


def before_day(world: World):
    return world.clock.now().date().replace(month=1, day=1)


def test_the_history_never_held_the_customer_s_data(world: World) -> None:
    world.order(1, **PERSON)
    world.push()
    raw = next(order for order in world.sandbox.shop.orders if order["order_id"] == 1)
    raw["products"][0]["amount"] = 1
    world.sandbox.shop.add(raw | {"total_price": 587.5, "price": 587.5, "vat": 117.5, "last_modified": world.now()})
    world.dashboard.fetch()
    operation_id = str(uuid.uuid4())
    world.dashboard.correct(operation_id, world.row(1), "undo", reason="prøve", actor="owner")
    world.dashboard.run_push(operation_id)
    history = json.dumps(world.dashboard.store.history(limit=1000), ensure_ascii=False)
    rows = json.loads(history)
    for row in rows:  # what the page adds from the order itself
        row.pop("customer", None)
    text = json.dumps(rows, ensure_ascii=False).lower()
    assert [word for word in TELLTALE if word in text] == []


def test_a_forgotten_order_does_not_come_back_with_the_next_fetch(world: World) -> None:
    world.order(1, **PERSON)
    world.push()
    world.dashboard.forget_customer(PERSON["email"])
    world.dashboard.store.save_cached("fetch.whole_scan", None)
    assert world.dashboard.fetch().seen >= 1
    assert world.row(1)["customer"] == ""
    assert world.row(1)["change"] is None
    assert "zebulon" not in everything_in(world.dashboard.store.folder)


def test_a_forgotten_order_that_changes_in_the_shop_is_not_left_out(world: World) -> None:
    world.order(1, **PERSON)
    world.push()
    world.dashboard.forget_customer(PERSON["email"])
    world.order(1, **PERSON, status="cancelled")
    change = json.loads(world.row(1)["change"])
    assert change["codes"] == ["cancelled"], "and nothing else counts as changed"


def test_a_forgotten_customer_s_invoice_can_still_be_taken_back(world: World) -> None:
    world.order(1, **PERSON)
    world.push()
    world.dashboard.forget_customer(PERSON["email"])
    operation_id = str(uuid.uuid4())
    world.dashboard.correct(operation_id, world.row(1), "undo", reason="prøve", actor="owner")
    world.dashboard.run_push(operation_id)
    assert world.row(1)["state"] == "credited"


def test_a_customer_with_an_order_that_is_not_settled_is_not_forgotten_yet(world: World) -> None:
    world.order(1, **PERSON)
    with pytest.raises(SettingsError) as caught:
        world.dashboard.forget_customer(PERSON["email"])
    assert world.row(1)["number"] in caught.value.text.render("en")
    assert world.row(1)["customer"] == "Zebulon Ørneklo"


def test_only_that_customer_is_forgotten(world: World) -> None:
    world.order(1, **PERSON)
    world.order(2)
    world.push()
    world.dashboard.forget_customer(PERSON["email"])
    assert world.row(2)["email"] == "kunde2@example.com"
    with pytest.raises(SettingsError):
        world.dashboard.forget_customer("%")


def test_a_forgotten_customer_who_buys_again_is_a_customer_again(world: World) -> None:
    world.order(1, **PERSON)
    world.push()
    world.dashboard.forget_customer(PERSON["email"])
    world.order(2, **PERSON)
    world.push(2)
    assert world.row(2)["state"] == "done"
    assert len(ids(world.dashboard.store.orders())) == 2


# --- the commands ----------------------------------------------------------------------------------------


def test_the_commands_do_the_same(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in world.sandbox.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DINERO_DATA_DIR", str(world.dashboard.store.folder))
    services.cache_clear()
    services().clock = world.clock
    try:
        world.sandbox.shop.add(make_order(order_id=1, webshop_order_id=1, **PERSON, last_modified=world.now()))
        world.dashboard.fetch()
        world.push()
        assert main(["backup", str(tmp_path / "a.db")]) == 0
        assert main(["backup", str(tmp_path / "a.db")]) == 2
        assert main(["export", str(tmp_path / "a.zip")]) == 0
        assert main(["forget", PERSON["email"]]) == 0
        assert world.row(1)["customer"] == ""
        assert main(["restore", str(tmp_path / "a.db")]) == 0
        assert world.row(1)["customer"] == "Zebulon Ørneklo"
        assert main(["restore", str(tmp_path / "missing.db")]) == 2
    finally:
        services.cache_clear()
