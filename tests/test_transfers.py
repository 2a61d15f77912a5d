"""A transfer is a record that survives restart, reload and other tabs; its progress is told in stages, and the time
that is said to be left never grows."""

import time
import uuid
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

from conftest import World, started
from dinero.booking import push
from dinero.booking.push import BATCH, FIRST_BATCHES
from dinero.dashboard.dashboard import Dashboard
from dinero.intake.fetching import ids
from dinero.model.documents import Action, Progress
from dinero.model.errors import ConnectionStopped
from dinero.model.transfers import Outcomes, TransferRecord
from dinero.sandbox import make_order
from dinero.store import Store
from test_corrections import correct, refund
from test_store_of_before import put

SALE = 73700  # øre, of make_order


def opened(world: World, *numbers: int, dashboard: Dashboard | None = None, actor: str = "owner") -> str:
    """A transfer of these orders that waits for its worker."""
    rows = [world.row(number) for number in numbers]
    operation_id = str(uuid.uuid4())
    assert (dashboard or world.dashboard).transfers.push(operation_id, ids(rows), actor=actor)
    return operation_id


def sell(world: World, *numbers: int, **overrides: Any) -> None:
    for number in numbers:
        values = {"order_id": number, "webshop_order_id": 1000 + number, "email": f"kunde{number}@example.com"}
        world.sandbox.shop.add(make_order(**(values | {"last_modified": world.now()} | overrides)))
    world.dashboard.orders.fetch()


def latest(world: World) -> TransferRecord:
    found = world.dashboard.transfers.latest()
    assert found is not None
    assert found == world.restart().transfers.latest(), "the same after a restart, in another tab"
    assert found == world.dashboard.transfers.record(found.id)
    return found


def stopped(world: World, *numbers: int) -> str:
    """A transfer that stops because Pro is gone."""
    operation_id = opened(world, *numbers)
    world.sandbox.books.set_pro("210001", False)
    with pytest.raises(ConnectionStopped):
        world.dashboard.transfers.run(operation_id)
    world.sandbox.books.set_pro("210001", True)
    return operation_id


def test_a_record_tells_what_was_booked_where_and_how_long_it_took(world: World) -> None:
    assert world.dashboard.transfers.latest() is None
    sell(world, 1, 2)
    sell(world, 3, currency="EUR")
    operation_id = opened(world, 1, 2, 3)
    waiting = latest(world)
    assert (waiting.status, waiting.orders, waiting.seconds, waiting.is_over) == (Progress.WAITING, 3, None, False)
    world.clock.advance(5)
    began = world.clock.now()
    world.dashboard.transfers.run(operation_id)
    found = latest(world)
    assert (found.id, found.actor, found.action, found.status) == (
        operation_id,
        "owner",
        Action.PUSH,
        Progress.FINISHED,
    )
    assert found.outcomes == Outcomes(done=2, owner=1, refused=0, left=0)
    assert (found.invoices, found.credit_notes, found.payments) == (2, 0, 2)
    assert found.sums == {"DKK": 2 * SALE}
    assert (found.account, found.account_name, found.other_accounts) == (55100, "Webshop salg", False)
    assert (found.created_at, found.started_at) == (waiting.created_at, began)
    assert found.finished_at is not None
    assert found.seconds == round((found.finished_at - began).total_seconds())
    assert (found.is_over, found.reasons, found.dismissed) == (True, (), False)


def test_a_record_stays_as_it_was_when_the_order_and_the_account_change(world: World) -> None:
    sell(world, 1)
    world.push(1)
    before = latest(world)
    sell(world, 1, total_price=1, price=1)
    world.dashboard.settings.save(booking_account=55000, booking_account_name="Bank")
    assert world.row(1).total_ore == 100
    assert latest(world) == before


def test_returns_and_corrections_are_taken_off(world: World) -> None:
    sell(world, 1, 2)
    world.push(1, 2)
    sell(world, 3, **refund(2) | {"email": "kunde2@example.com"})
    world.push(3)
    credited = world.row(3).total_ore or 0
    assert credited < 0
    returned = latest(world)
    assert (returned.invoices, returned.credit_notes, returned.sums) == (0, 1, {"DKK": credited})
    assert returned.account == 55100
    correct(world, 1, "undo")
    undone = latest(world)
    assert (undone.action, undone.invoices, undone.credit_notes) == (Action.UNDO, 0, 1)
    assert undone.sums == {"DKK": -SALE}
    assert undone.outcomes == Outcomes(done=1)


def test_methods_with_an_account_of_their_own_are_told(world: World) -> None:
    method = make_order()["payment_gateway_id"]
    sell(world, 1, 2)
    name = world.row(1).payment_method
    sell(world, 3, payment_gateway_id=next(other for other in range(1, 7) if other != method))
    assert world.row(3).payment_method != name
    world.dashboard.settings.save(method_accounts={world.row(3).payment_method: 55000})
    world.push(1, 2, 3)
    found = latest(world)
    assert found.payments == 3
    assert (found.account, found.other_accounts) == (55100, True)


def test_a_transfer_that_stopped_stays_in_sight_until_one_ends_well(world: World) -> None:
    sell(world, 1, 2)
    operation_id = stopped(world, 1, 2)
    transfers = world.dashboard.transfers
    found = transfers.needs_attention()
    assert found == latest(world)
    assert found is not None
    assert (found.id, found.status, found.outcomes) == (operation_id, Progress.STOPPED, Outcomes(left=2))
    assert "Pro" in str(found.reasons[0].text)
    assert world.restart().transfers.needs_attention() == found
    again = stopped(world, 1, 2)
    newest = transfers.needs_attention()
    assert newest is not None
    assert newest.id == again, "the newest"
    world.push(1)
    assert transfers.needs_attention() is None
    assert latest(world).status is Progress.FINISHED


def test_one_that_was_dismissed_is_out_of_sight(world: World) -> None:
    sell(world, 1)
    first, second = stopped(world, 1), stopped(world, 1)
    world.dashboard.transfers.dismiss(second)
    assert world.dashboard.transfers.needs_attention() is None, "nor one before it"
    assert latest(world).dismissed
    record = world.dashboard.transfers.record(first)
    assert record is not None
    assert not record.dismissed
    world.push(1)
    world.dashboard.transfers.dismiss(latest(world).id)
    assert not latest(world).dismissed, "only what stopped can be dismissed"


def test_a_correction_that_stopped_is_not_mended_by_a_transfer(world: World) -> None:
    sell(world, 1, 2)
    world.push(1)
    world.sandbox.books.set_pro("210001", False)
    with pytest.raises(ConnectionStopped):
        correct(world, 1, "undo")
    world.sandbox.books.set_pro("210001", True)
    world.push(2)
    found = world.dashboard.transfers.needs_attention()
    assert found is not None
    assert found.action is Action.UNDO
    assert world.dashboard.transfers.retry("again", found.id, actor="owner")
    assert world.dashboard.transfers.record(found.id) != found, "it is seen to"
    waiting = world.dashboard.transfers.progress("again")
    assert waiting is not None
    assert (waiting.total, waiting.customers, waiting.booked) == (1, 0, 0), "its credit note, not the invoice"
    world.dashboard.transfers.run("again")
    told = world.dashboard.store.history.list(events=["correction started"])
    assert [row.operation_id for row in told] == ["again", found.id]
    done = world.dashboard.transfers.progress("again")
    assert done is not None
    assert (done.customers, done.drafted, done.booked, done.registered, done.finished) == (1, 1, 1, 1, 1)
    assert (world.row(1).state, world.dashboard.transfers.needs_attention()) == ("credited", None)


def test_trying_again_takes_what_is_not_at_its_end_and_once(world: World) -> None:
    sell(world, 1, 2, 3, 4)
    operation_id = stopped(world, 1, 2, 3, 4)
    world.dashboard.orders.ignore(world.row(2), "en prøve")
    world.push(1)  # one that was done meanwhile
    transfers = world.dashboard.transfers
    assert transfers.retry("again", operation_id, actor="owner")
    assert not transfers.retry("again", operation_id, actor="owner")
    assert [row.order_id for row in world.dashboard.store.operations.orders_of("again")] == ["3", "4"]
    assert transfers.needs_attention() is None
    transfers.run("again")
    assert {number: world.row(number).state for number in (1, 2, 3, 4)} == {
        1: "done",
        2: "ignored",
        3: "done",
        4: "done",
    }
    assert len(world.writes("/book")) == 3


def test_trying_again_with_nothing_left_only_dismisses(world: World) -> None:
    sell(world, 1)
    operation_id = stopped(world, 1)
    world.push(1)
    assert not world.dashboard.transfers.retry("again", operation_id, actor="owner")
    assert world.dashboard.transfers.record("again") is None
    assert not world.dashboard.transfers.retry("again", "unknown", actor="owner")


def test_records_come_in_pages_the_newest_first(world: World) -> None:
    sell(world, 1)
    for number in range(5):
        world.dashboard.transfers.push(f"op{number}", [("shoporama", "1")], actor="owner")
    transfers = world.dashboard.transfers
    assert transfers.count() == 5
    assert [record.id for record in transfers.records(limit=2)] == ["op4", "op3"]
    assert [record.id for record in transfers.records(limit=2, offset=3)] == ["op1", "op0"]
    assert transfers.records(limit=2, offset=5) == []


def test_the_transfers_of_the_version_before_have_their_record(tmp_path: Path) -> None:
    put(tmp_path)
    records = Store(tmp_path).transfers.records(limit=20)
    first = records[-1]
    assert (first.invoices, first.payments, first.sums) == (1, 1, {"DKK": SALE})
    assert (first.account, first.account_name) == (55100, "Webshop salg")
    undone = next(record for record in records if record.action is Action.UNDO)
    assert (undone.credit_notes, undone.sums) == (1, {"DKK": -SALE})
    rebooked = next(record for record in records if record.action is Action.REBOOK)
    assert (rebooked.invoices, rebooked.credit_notes, rebooked.sums) == (1, 1, {"DKK": 0})
    assert {record.orders for record in records} == {sum(astuple(record.outcomes)) for record in records} == {1}


def test_a_page_of_records_is_fast_in_a_store_of_many_orders(world: World) -> None:
    with world.dashboard.store.transaction() as db:
        db.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into operations "
            "(id, actor, status, created_at) select 'op' || i, 'owner', 'finished', '2026-01-01T00:00:00+00:00' from n"
        )
        db.execute(
            "with recursive n(i) as (select 0 union all select i + 1 from n where i < 99999) insert into "
            "operation_orders (operation_id, position, shop, order_id, state, booked, booked_ore, currency) "
            "select 'op' || (i / 100 + 1), i, 'shoporama', i, 'done', 1, 100, 'DKK' from n"
        )
    taken = []
    for _ in range(5):
        before = time.thread_time()
        records = world.dashboard.transfers.records(limit=25)
        world.dashboard.transfers.needs_attention()
        taken.append(time.thread_time() - before)
    assert [record.sums for record in records] == [{"DKK": 10000}] * 25
    assert min(taken) < 0.025


# --- watched -----------------------------------------------------------------------------------------------------


class Watch:
    """Looks at a transfer after each order that has a result."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, operation_id: str) -> None:
        self.seen: list[Any] = []
        self.tokens: list[str] = []
        finish = world.dashboard.store.operations.finish_order

        def look(*given: Any) -> None:
            finish(*given)
            self.tokens.append(world.dashboard.transfers.progress_token(operation_id))
            self.seen.append(world.dashboard.transfers.progress(operation_id))

        monkeypatch.setattr(world.dashboard.store.operations, "finish_order", look)


def test_the_first_invoice_is_there_after_a_small_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(world, *range(1, 21))
    operation_id = opened(world, *range(1, 21))
    world.sandbox.calls.clear()
    world.dashboard.transfers.run(operation_id)
    paths = [f"{call.method} {call.path.rsplit('/', 1)[-1]}" for call in world.sandbox.calls]
    first = paths.index("POST book")
    assert paths[:first].count("POST invoices") == FIRST_BATCHES[0] == 5
    assert first <= 16, "within ten seconds at 60 calls a minute and more than half a second each"
    assert paths.count("POST book") == 20


def test_a_pause_is_obeyed_after_the_batch_that_is_begun(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(world, *range(1, 21))
    operation_id = opened(world, *range(1, 21))
    finish = world.dashboard.store.operations.finish_order

    def pause(*given: Any) -> None:
        finish(*given)
        world.dashboard.transfers.pause(operation_id)

    monkeypatch.setattr(world.dashboard.store.operations, "finish_order", pause)
    world.dashboard.transfers.run(operation_id)
    monkeypatch.undo()
    now = world.dashboard.transfers.progress(operation_id)
    assert now is not None
    assert (now.status, now.finished, now.seconds_left) == (Progress.PAUSED, 5, None)
    began = latest(world).started_at
    world.clock.advance(3600)
    world.dashboard.transfers.resume(operation_id)
    world.dashboard.transfers.run(operation_id)
    found = latest(world)
    assert (found.outcomes, found.started_at) == (Outcomes(done=20), began)


def test_batches_grow_to_a_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    monkeypatch.setattr(push, "_batch", lambda run, rows: sizes.append(len(rows)))
    sell(world, *range(1, 101))
    world.dashboard.transfers.run(opened(world, *range(1, 101)))
    assert sizes == [5, 10, 25, 50, 10]
    assert max(sizes) == BATCH


def test_progress_is_told_in_four_stages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(world, *range(1, 11))
    sell(world, 99, currency="EUR")
    operation_id = opened(world, *range(1, 11), 99)
    before = world.dashboard.transfers.progress(operation_id)
    assert before is not None
    assert (before.total, before.customers, before.drafted, before.booked, before.registered) == (11, 0, 0, 0, 0)
    assert (before.finished, before.latest) == (0, ())
    watch = Watch(world, monkeypatch, operation_id)
    world.dashboard.transfers.run(operation_id)
    stages = [(now.customers, now.drafted, now.booked, now.registered, now.finished) for now in watch.seen]
    assert stages[0] == (5, 5, 1, 1, 1)
    assert stages[4] == (5, 5, 5, 5, 5)
    assert stages[-1] == (10, 10, 10, 10, 11)
    assert all(list(stage[:4]) == sorted(stage[:4], reverse=True) for stage in stages)
    now = watch.seen[2]
    assert [row.order_id for row in now.latest[:3]] == ["2", "10", "1"]
    assert len(watch.seen[-1].latest) == 8
    assert [now.token for now in watch.seen] == watch.tokens


def test_the_token_changes_when_anything_changed_and_only_then(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(world, 1, 2)
    operation_id = opened(world, 1, 2)
    token = world.dashboard.transfers.progress_token
    assert token("unknown") == ""
    first = token(operation_id)
    assert first == token(operation_id)
    world.dashboard.transfers.progress(operation_id)
    assert first == token(operation_id), "looking changes nothing"
    world.dashboard.transfers.pause(operation_id)
    paused = token(operation_id)
    world.dashboard.transfers.resume(operation_id)
    assert len({first, paused, token(operation_id)}) == 3
    seen = set()
    advance = world.dashboard.store.documents.advance

    def look(*given: Any, **named: Any) -> Any:
        seen.add(token(operation_id))
        return advance(*given, **named)

    monkeypatch.setattr(world.dashboard.store.documents, "advance", look)
    world.dashboard.transfers.run(operation_id)
    assert len(seen) >= 10, "each step of each order"


def test_the_time_left_is_the_calls_left_by_the_limit_and_never_grows(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sandbox.api.calls_per_minute = 60
    world.dashboard = started(world.sandbox, world.dashboard.store.folder, DINERO_CALLS_PER_MINUTE="60")
    sell(world, *range(1, 61))
    operation_id = opened(world, *range(1, 61))
    before = world.dashboard.transfers.progress(operation_id)
    assert before is not None
    assert before.seconds_left == 4 * 60 * 60 / 60, "four calls for each order that nothing is known of"
    watch = Watch(world, monkeypatch, operation_id)
    began = world.clock.now()
    world.dashboard.transfers.run(operation_id)
    told = [now.seconds_left for now in watch.seen]
    assert told[0] is not None
    assert told == sorted(told, reverse=True)
    assert all(seconds % (10 if seconds <= 60 else 60) == 0 for seconds in told)
    took = (world.clock.now() - began).total_seconds()
    assert told[0] == pytest.approx(took, rel=0.4)
    over = world.dashboard.transfers.progress(operation_id)
    assert over is not None
    assert over.seconds_left is None


def test_the_time_left_is_no_shorter_than_it_went_so_far(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(world, *range(1, 21))
    operation_id = opened(world, *range(1, 21))
    before = world.dashboard.transfers.progress(operation_id)
    assert before is not None
    assert before.seconds_left == 10
    watch = Watch(world, monkeypatch, operation_id)
    book = world.dashboard.store.documents.claim

    def slowly(*given: Any, **named: Any) -> Any:
        world.clock.advance(60)
        return book(*given, **named)

    monkeypatch.setattr(world.dashboard.store.documents, "claim", slowly)
    world.dashboard.transfers.run(operation_id)
    told = [now.seconds_left for now in watch.seen]
    assert set(told) <= {10, None}, "what was said first is not raised, though each order takes a minute"


def test_the_time_left_is_by_the_pace_where_that_is_slower_than_the_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(world, *range(1, 21))
    operation_id = opened(world, *range(1, 21))
    watch = Watch(world, monkeypatch, operation_id)
    claim = world.dashboard.store.documents.claim

    def slowly(*given: Any, **named: Any) -> Any:
        world.clock.advance(60)
        return claim(*given, **named)

    monkeypatch.setattr(world.dashboard.store.documents, "claim", slowly)
    world.dashboard.transfers.run(operation_id)
    assert [now.seconds_left for now in watch.seen[:5]] == [5700, 2700, 1740, 1200, 900]


def test_two_who_watch_are_told_the_same(world: World) -> None:
    sell(world, *range(1, 31))
    operation_id = opened(world, *range(1, 31))
    one, other = world.dashboard.transfers.progress(operation_id), world.restart().transfers.progress(operation_id)
    assert one == other
    assert one is not None
