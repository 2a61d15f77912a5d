"""The store: constraints decide races, history only grows, and starters and workers don't trip over each other."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from dinero.model.clock import SimulatedClock
from dinero.model.documents import Event, Mark, OrderKey, State, StoredOrder
from dinero.model.i18n import Text
from dinero.store import Store
from dinero.store.connections import Connection
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
    values: dict[str, Any] = {"organization": "1", "generation": 1, "guid": "g"} | changes
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
    with pytest.raises(LeaseLost):  # and sends nothing, because its mark is not committed
        store.documents.set_mark(first, replace(document, pending=Mark.CREATE))
    kept = store.documents.newest(OrderKey("s", "1"))
    assert kept is not None
    assert (kept.state, kept.pending) == (State.CLAIMED, None)


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
    with closing(sqlite3.connect(tmp_path / "dinero.db")) as connection:
        migrations.apply(connection, stop_before="m002_every_order")
        db = sqlite_utils.Database(connection)
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
    plans: list[str] = []

    def explained(database: Database, sql: str, parameters: Any = ()) -> list[Row]:
        with database.connect() as db:
            plans.extend(row["detail"] for row in db.query(f"explain query plan {sql}", parameters))
        return []

    monkeypatch.setattr(Database, "tuples", explained)
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


# --- the connections that stay open ------------------------------------------------------------------------


def log_of(store: Store) -> Path:
    return store.path.with_name("dinero.db-wal")


def in_a_thread(job: Callable[[], Any]) -> Any:
    """What a job returns that another thread does."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(job).result(60)


def test_the_log_is_not_merged_and_deleted_after_each_write_but_by_closing(store: Store) -> None:
    identity = log_of(store).stat().st_ino
    for number in range(3):
        store.settings.put({"a": number})
        in_a_thread(lambda: store.settings.put({"b": 1}))
        assert log_of(store).stat().st_ino == identity
        assert log_of(store).stat().st_size > 0
    store.close()
    assert not log_of(store).exists()
    assert store.settings.all() == {"a": 2, "b": 1}


def test_the_log_stays_when_every_thread_that_wrote_has_ended(tmp_path: Path) -> None:
    store = in_a_thread(lambda: Store(tmp_path))
    in_a_thread(lambda: store.settings.put({"a": 1}))
    assert log_of(store).stat().st_size > 0


def test_a_thread_keeps_its_connection_and_shares_it_with_no_other(store: Store) -> None:
    def mine() -> int:
        with store.connect() as db:
            return id(db)

    with store.connect() as held:
        assert mine() == id(held)
        assert in_a_thread(mine) != id(held)
    assert mine() == id(held)


def test_what_one_thread_writes_another_reads_though_both_keep_their_connections(store: Store) -> None:
    with ThreadPoolExecutor(1) as pool:
        for number in range(3):
            store.settings.put({"a": number})
            assert pool.submit(store.settings.all).result(60) == {"a": number}
            pool.submit(store.settings.put, {"a": -number}).result(60)
            assert store.settings.all() == {"a": -number}


def test_a_connection_that_was_left_in_a_transaction_holds_up_nobody(store: Store, tmp_path: Path) -> None:
    with store.connect() as db:
        db.execute("begin immediate")
        db.execute("insert into settings values ('a', '1')")
    assert store.settings.all() == {}
    in_a_thread(lambda: Store(tmp_path).settings.put({"b": 2}))
    assert store.settings.all() == {"b": 2}


def test_a_read_that_was_not_finished_hides_nothing_that_is_written_later(store: Store) -> None:
    store.orders.save([row("1"), row("2")])

    def cut(db: Connection) -> None:
        found = iter(db.execute("select * from orders"))
        next(found)
        raise LookupError

    with pytest.raises(LookupError) as kept, store.connect() as db:  # `kept` has the frame with the unfinished read
        cut(db)
    in_a_thread(lambda: store.settings.put({"a": 1}))
    assert store.settings.all() == {"a": 1}
    assert kept.value is not None


def test_when_another_file_takes_the_place_an_open_store_reads_and_keeps_that(store: Store, tmp_path: Path) -> None:
    store.settings.put({"which": "old"})
    other = Store(tmp_path / "other")
    other.settings.put({"which": "new"})
    other.close()
    with ThreadPoolExecutor(1) as pool:  # its thread has a connection of before too
        assert pool.submit(store.settings.all).result(60) == {"which": "old"}
        for end in ("-wal", "-shm"):
            store.path.with_name(f"dinero.db{end}").rename(tmp_path / f"before{end}")
        os.replace(other.path, store.path)
        store.settings.put({"since": 1})
        assert pool.submit(store.settings.all).result(60) == {"which": "new", "since": 1}
    assert log_of(store).stat().st_size > 0  # those who had the old file open did not take its log away
    assert Store(tmp_path).settings.all() == {"which": "new", "since": 1}


def test_a_fork_opens_its_own_connection_and_leaves_those_it_was_born_with(store: Store) -> None:
    with store.connect() as inherited:
        inherited.execute("insert into settings values ('a', '1')")
    child = os.fork()
    if not child:
        try:
            store.settings.put({"b": 2})
            with store.connect() as db:
                os._exit(1 if db is inherited else 0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert log_of(store).exists()
    store.settings.put({"c": 3})
    assert store.settings.all() == {"a": 1, "b": 2, "c": 3}


def test_a_store_that_was_closed_by_another_thread_is_opened_by_the_next_use(store: Store) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(store.settings.put, {"a": 1}).result(60)
        store.close()
        pool.submit(store.settings.put, {"b": 2}).result(60)
        assert store.settings.all() == {"a": 1, "b": 2}


LEAVES = """
import sys, threading
from functools import cache
from pathlib import Path
from dinero.store import Store
store = cache(lambda: Store(Path(sys.argv[1])))
read = threading.Event()
def stay():
    mine = store()  # this thread never lets go of it
    mine.settings.all()
    read.set()
    threading.Event().wait()
store().settings.put({"a": 1})
threading.Thread(target=stay, daemon=True).start()
read.wait(30)
"""


def test_after_a_process_that_ended_the_file_has_everything_without_its_log(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVES, str(tmp_path)], check=True, timeout=60)
    (tmp_path / "copied").mkdir()
    shutil.copy(tmp_path / "dinero.db", tmp_path / "copied")
    assert Store(tmp_path / "copied").settings.all() == {"a": 1}


def test_a_part_of_a_transaction_is_undone_alone(store: Store) -> None:
    with store.transaction():
        store.settings.put({"kept": 1})
        with pytest.raises(KeyboardInterrupt), store.transaction():  # noqa: PT012 - the cut comes in the middle
            store.settings.put({"inner": 2})
            with store.transaction():
                store.settings.put({"innermost": 3})
            raise KeyboardInterrupt
        store.settings.put({"after": 4})
    assert store.settings.all() == {"kept": 1, "after": 4}


def test_what_a_part_wrote_goes_with_the_whole(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction():  # noqa: PT012 - the cut comes in the middle
        with store.transaction():
            store.settings.put({"a": 1})
        assert store.settings.all() == {"a": 1}
        assert in_a_thread(store.settings.all) == {}
        raise KeyboardInterrupt
    assert store.settings.all() == {}


def test_a_part_whose_trouble_undid_the_whole_lets_nothing_be_written_after_it(store: Store) -> None:
    with pytest.raises(sqlite3.ProgrammingError), store.transaction() as db:  # noqa: PT012 - it goes on after trouble
        db.execute("insert into settings values ('a', '1')")
        with contextlib.suppress(LookupError), store.transaction():
            db.execute("rollback")  # as SQLite does by itself when the disk is full
            raise LookupError
        db.execute("insert into settings values ('b', '2')")
    assert store.settings.all() == {}
