"""The proof of the booking account: every øre that Dinero has on it has its row."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis.strategies import integers, randoms

from any_books import DAYS, FIRST, any_books, proof
from conftest import World


def test_what_was_registered_is_explained_order_by_order(world: World) -> None:
    world.order(1)
    world.order(2)
    world.push()
    balance = world.dashboard.balance.ask()
    assert balance.unexplained_ore == 0
    assert [(row.kind, row.number) for row in balance.rows] == [("sale", "1001"), ("sale", "1002")]
    assert balance.dinero_ore == sum(row.ore for row in balance.rows) > 0


@settings(max_examples=400, deadline=None)
@given(randoms(use_true_random=False), integers(0, 60), integers(0, DAYS + 20))
def test_whatever_happened_every_ore_is_explained_on_every_day(random: Random, events: int, days: int) -> None:
    made = any_books(random, events)
    balance = proof(made, FIRST + timedelta(days=days))
    assert balance.differences == ()
    assert balance.unexplained_ore == 0
    assert balance.since is None
