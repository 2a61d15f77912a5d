"""The proof of the booking account: every øre that Dinero has on it has its row."""

from conftest import World


def test_what_was_registered_is_explained_order_by_order(world: World) -> None:
    world.order(1)
    world.order(2)
    world.push()
    balance = world.dashboard.balance.ask()
    assert balance.unexplained_ore == 0
    assert [(row.kind, row.number) for row in balance.rows] == [("sale", "1001"), ("sale", "1002")]
    assert balance.dinero_ore == sum(row.ore for row in balance.rows) > 0
