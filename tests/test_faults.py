"""A part of the fault matrix (`make faults` runs all of it): each call of a transfer with two of the troubles."""

import random

import pytest

from benchmarks import hour
from benchmarks.faults import CALLS, TROUBLES, Call, Trouble, run
from benchmarks.race import race
from benchmarks.world import count, first, second, world
from dinero.model.clock import SystemClock

# Each call meets two troubles, so that all troubles are met.
PARTS = [(call, TROUBLES[(place + step) % len(TROUBLES)]) for place, call in enumerate(CALLS) for step in (0, 10)]


@pytest.mark.parametrize(("call", "trouble"), PARTS, ids=lambda part: part.name)
def test_no_trouble_with_a_call_books_twice_or_loses_an_order(call: Call, trouble: Trouble) -> None:
    cell = run(call, trouble)
    assert cell.struck, "the trouble must meet the call, or the test shows nothing"
    assert cell.fine, cell


def test_the_parts_meet_every_call_and_every_trouble() -> None:
    assert {call for call, _ in PARTS} == set(CALLS)
    assert {trouble.name for _, trouble in PARTS} == {trouble.name for trouble in TROUBLES}


def test_two_processes_and_two_tabs_that_push_the_same_orders_book_each_once() -> None:
    with world(SystemClock()) as made:
        race(made, 40)
        assert count(made, dict.fromkeys([of(n) for of in (first, second) for n in range(1, 21)], "done")).fine
        assert len(made.sandbox.books.invoices) == len(made.sandbox.books.payments) == 40


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_half_an_hour_by_itself_with_random_faults_ends_with_every_due_order_done(seed: int) -> None:
    with world() as made:
        orders = hour.live(made, 30, random.Random(seed))
        assert "done" in orders.values()
        assert count(made, orders).fine
        status = made.dashboard.automatic.status()
        assert status is not None
        assert status.phase == "waiting"
