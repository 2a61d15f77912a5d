"""The store: constraints decide races, history only grows, and starters and workers don't trip over each other."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from dinero.model.clock import SimulatedClock
from dinero.model.documents import Event, OrderKey, State, StoredOrder
from dinero.model.i18n import Text
from dinero.store import Store
from dinero.store.database import Database, Row
from dinero.store.leases import Lease, LeaseLost
from dinero.store.migrations import migrations
from factory import make_plan

HELLO = Text("The settings were changed.")


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def store(tmp_path: Path, clock: SimulatedClock) -> Store:
    return Store(tmp_path, clock=clock)


def row(number: str = "1", **changes: Any) -> StoredOrder:
    told = StoredOrder(
        shop="s",
        id=number,
        number=number,
        placed_at="2026-11-20T10:00:00+00:00",
        placed_on="2026-11-20",
        customer="Åse",
        email="a@example.com",
        total_ore=24900,
        paid=True,
        payment_method="kort",
        raw="{}",
        raw_hash="x",
        state=State.WAITING,
        net_ore=0,
        vat_ore=0,
    )
    return replace(told, **changes)


def claim(store: Store, lease: Lease, **changes: Any) -> Any:
    values = {"organization": "1", "generation": 1, "guid": "g"} | changes
    return store.documents.claim(lease, **values, plan=make_plan("s", "1"), operation_id="op", text=HELLO)


def lease(store: Store, name: str = "push") -> Lease:
    held = store.leases.acquire(name, seconds=60)
    assert held is not None
    return held


def test_an_order_can_be_claimed_once(store: Store) -> None:
    store.orders.save([row()])
    held = lease(store)
    assert claim(store, held) is not None
    assert claim(store, held, guid="another") is None


def test_an_order_booked_in_one_organization_can_not_be_claimed_in_another(store: Store) -> None:
    store.orders.save([row()])
    held = lease(store)
    assert claim(store, held) is not None
    assert claim(store, held, organization="2", guid="another") is None


def test_only_one_of_many_threads_gets_the_claim(store: Store) -> None:
    store.orders.save([row()])
    held = lease(store)
    won: list[Any] = []
    threads = [threading.Thread(target=lambda n=n: won.append(claim(store, held, guid=f"g{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([document for document in won if document is not None]) == 1


def test_a_worker_that_lost_its_lease_writes_nothing_more(store: Store, clock: SimulatedClock) -> None:
    store.orders.save([row()])
    first = lease(store)
    document = claim(store, first)
    clock.advance(61)
    lease(store)
    with pytest.raises(LeaseLost):
        store.documents.advance(first, document, replace(document, state=State.DRAFTED), Event("drafted", HELLO))
    kept = store.documents.newest(OrderKey("s", "1"))
    assert kept is not None
    assert kept.state is State.CLAIMED


def test_a_lease_is_held_until_it_expires(store: Store, clock: SimulatedClock) -> None:
    lease(store)
    assert store.leases.acquire("push", seconds=60) is None
    clock.advance(61)
    assert store.leases.acquire("push", seconds=60) is not None


def test_the_lease_of_a_process_that_died_is_free_at_once(store: Store, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dinero.store import Store; "
        "from dinero.model.clock import SimulatedClock;"
        "assert Store(Path(sys.argv[1]), clock=SimulatedClock()).leases.acquire('push', seconds=600)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
    assert store.leases.acquire("push", seconds=60) is not None


@pytest.mark.parametrize("statement", ["update history set event = 'x'", "delete from history"])
def test_the_history_can_not_be_changed(store: Store, statement: str) -> None:
    store.history.add(Event("settings", HELLO))
    with pytest.raises(sqlite3.IntegrityError, match="history only grows"), store.transaction() as db:
        db.execute(statement)
    assert len(store.history.list()) == 1


def test_a_transaction_that_is_cut_by_a_stop_signal_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction() as db:  # noqa: PT012 - the cut comes in the middle
        db.execute("insert into settings values ('a', '1')")
        raise KeyboardInterrupt
    assert store.settings.all() == {}


def test_a_write_waits_for_another_writer_instead_of_failing(store: Store) -> None:
    began, go = threading.Event(), threading.Event()

    def slow() -> None:
        with store.transaction() as db:
            db.execute("insert into settings values ('slow', '1')")
            began.set()
            go.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait(10)
    threading.Timer(0.2, go.set).start()
    store.settings.put({"quick": 2})
    thread.join()
    assert store.settings.all() == {"slow": 1, "quick": 2}


def test_many_starters_at_once_migrate_once(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            Store(tmp_path).settings.put({"a": 1})
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_data_folder_is_the_owners_alone(store: Store) -> None:
    assert store.folder.stat().st_mode & 0o077 == 0
    assert store.path.stat().st_mode & 0o077 == 0


def test_the_same_order_twice_in_one_answer_is_one_order(store: Store) -> None:
    store.orders.save([row(), row(customer="Ida")])
    assert [order.customer for order in store.orders.list()] == ["Ida"]


def test_an_order_with_a_document_keeps_its_state_when_the_shop_tells_it_again(store: Store) -> None:
    store.orders.save([row()])
    claim(store, lease(store))
    store.orders.save([row(state="held", paid=False)])
    assert [order.state for order in store.orders.list()] == [State.CLAIMED]


def test_every_change_of_state_is_in_the_history_once(store: Store) -> None:
    store.orders.save([row(state="not due")])
    store.orders.save([row(state="not due")])
    store.orders.save([row(state="waiting")])
    assert [event.state for event in store.history.list(oldest_first=True)] == ["not due", "waiting"]


@pytest.mark.parametrize("search", ["%", "_", "'", '"', "\\", "50%", "; drop table orders"])
def test_what_an_owner_searches_for_is_taken_as_it_is(store: Store, search: str) -> None:
    store.orders.save([row()])
    assert store.orders.list(search=search) == []
    assert store.history.list(search=search) == []


def test_calls_are_taken_from_one_budget_by_all(store: Store, tmp_path: Path, clock: SimulatedClock) -> None:
    other = Store(tmp_path, clock=clock)
    for turn in range(4):
        assert (store if turn % 2 else other).calls.take("dinero", limit=4, window=60) == 0
    waiting = other.calls.take("dinero", limit=4, window=60)
    assert 59 < waiting < 61
    clock.advance(waiting)
    assert store.calls.take("dinero", limit=4, window=60) == 0


def test_a_pause_after_a_429_holds_for_everybody(store: Store, clock: SimulatedClock) -> None:
    store.calls.pause("dinero", 30)
    waiting = store.calls.take("dinero", limit=100, window=60)
    assert 29 < waiting <= 30
    clock.advance(waiting + 0.01)
    assert store.calls.take("dinero", limit=100, window=60) == 0


def test_a_state_of_a_sign_in_elsewhere_can_be_used_once_and_not_for_long(store: Store, clock: SimulatedClock) -> None:
    age = timedelta(minutes=10)
    store.states.open("a", "dinero", b"x")
    assert store.states.spend("a", "shop", max_age=age) is None
    assert store.states.spend("a", "dinero", max_age=age) == b"x"
    assert store.states.spend("a", "dinero", max_age=age) is None
    store.states.open("b", "dinero", b"x")
    clock.advance(601)
    assert store.states.spend("b", "dinero", max_age=age) is None


def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with closing(sqlite_utils.Database(sqlite3.connect(tmp_path / "dinero.db"))) as db:
        migrations.apply(db, stop_before="m002_every_order")
        db.execute(
            "insert into orders (shop, id, number, customer, email, currency, paid, sent, payment_method, raw, "
            "raw_hash, state, first_seen_at, seen_at) values ('s', '1', '1', '', '', 'DKK', 1, 1, '', '{}', '', "
            "'done', 'x', 'x')"
        )
        db.execute(
            "insert into documents (organization, shop, order_id, kind, generation, guid, plan, step, state, "
            "operation_id, created_at, updated_at) values ('1', 's', '1', 'invoice', 1, 'g', "
            "?, 'done', 'done', 'op', 'x', 'x')",
            [json.dumps(make_plan("s", "1").to_json())],
        )
        db.conn.commit()
    store = Store(tmp_path)
    document = store.documents.newest(OrderKey("s", "1"))
    assert document is not None
    assert (document.plan, document.raw) == (make_plan("s", "1"), "{}")
    assert [row["issued_on"] for row in store.rows("select issued_on from documents")] == ["2026-11-20"]
    assert store.orders.list(limit=1)[0].answers == {}


def test_an_order_is_found_by_id_or_number_without_reading_the_whole_table(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []

    def explained(database: Database, sql: str, parameters: Any = ()) -> list[Row]:
        with database.connect() as db:
            plans.extend(row["detail"] for row in db.query(f"explain query plan {sql}", parameters))
        return []

    monkeypatch.setattr(Database, "rows", explained)
    store.orders.find("1042")
    store.orders.by_id("shoporama", ["1", "2"])
    store.orders.get(OrderKey("shoporama", "1"))
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan] == []


def test_a_list_without_a_limit_has_every_order(store: Store) -> None:
    store.orders.save([row(str(number), state="held" if number % 2 else "refused") for number in range(250)])
    assert len(store.orders.list(states=["held", "refused"], limit=-1)) == 250
    assert len(store.orders.list(states=["held"], limit=-1)) == 125
    assert len(store.orders.list(limit=-1)) == len(list(store.orders.between("2026-11-20", "2026-11-20"))) == 250


def test_only_what_was_looked_for_as_it_is_counts_as_checked(store: Store) -> None:
    store.orders.save([row("1"), row("2")])
    read = list(store.orders.between("2026-11-20", "2026-11-20"))
    store.orders.save([row("2", total_ore=100, raw_hash="y")])  # told anew while Dinero was asked
    store.orders.mark_checked(read, {OrderKey("s", "1"): "invoice 7"})
    two, one = store.orders.list()
    assert (bool(one.checked_at), one.suspect) == (True, "invoice 7")
    assert (two.checked_at, two.suspect) == (None, "")
