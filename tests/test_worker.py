"""The threads of the dashboard's process: pushes are worked off while pages only watch."""

import threading
from collections.abc import Callable

import pytest

from conftest import World
from dinero.automatic.worker import Worker
from dinero.model.errors import TryLater
from dinero.model.i18n import Text

SECONDS = 60.0  # a busy machine may take its time


def worker_with(world: World, run: Callable[[str], bool], book: Callable[[], bool] = lambda: True) -> Worker:
    automatic = world.dashboard.automatic
    return Worker(
        world.dashboard.store,
        run=run,
        book=book,
        runner=lambda stop: automatic.runner("test", stop=stop),
        wanted=lambda: False,
    )


def end(worker: Worker) -> None:
    worker.stop()
    for thread in worker._threads:
        thread.join(SECONDS)
        assert not thread.is_alive(), "it was asked to end"


def test_a_stored_push_is_worked_off_though_the_first_try_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dinero.automatic.worker.IDLE_SECONDS", 0.01)
    troubles: list[Exception] = [TryLater(Text("Later.")), ZeroDivisionError()]
    done = threading.Event()

    def run(operation_id: str) -> bool:
        if troubles:
            raise troubles.pop()
        worked = world.dashboard.transfers.run(operation_id)
        done.set()
        return worked

    world.order(1)
    world.dashboard.transfers.push("one", [("shoporama", "1")], actor="owner")
    worker = worker_with(world, run)
    worker.start()
    try:
        assert done.wait(SECONDS)
    finally:
        end(worker)
    assert world.row(1).state == "done"


def test_a_worker_that_runs_is_not_started_twice_and_one_that_ended_is(world: World) -> None:
    worker = worker_with(world, lambda _: False)
    worker.start()
    first = list(worker._threads)
    worker.start()
    try:
        assert worker._threads == first
    finally:
        end(worker)
    worker.start()
    try:
        assert all(thread.is_alive() for thread in worker._threads)
        assert not set(first) & set(worker._threads)
    finally:
        end(worker)


def test_payouts_that_are_asked_for_are_worked_off_and_not_looked_for_all_the_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dinero.automatic.worker.IDLE_SECONDS", 0.01)
    looked: list[bool] = []
    done, idle = threading.Event(), threading.Event()
    wanted: list[object] = []

    def look() -> list[object]:
        looked.append(True)
        if len(looked) > 3:
            idle.set()
        return wanted

    def book() -> bool:
        done.set()
        return True  # Dinero has begun, and is not through

    monkeypatch.setattr(world.dashboard.store.payouts, "wanted", look)
    worker = worker_with(world, lambda _: False, book)
    worker.start()
    try:
        assert idle.wait(SECONDS)
        assert not done.is_set(), "nothing was asked for"
        wanted.append("a payout")
        assert done.wait(SECONDS)
    finally:
        end(worker)
    assert worker._book_after > 0, "it waits before it asks Dinero again"
