"""Two processes and two tabs push the same 500 orders at once: 500 invoices and 500 payments. Half of them are a second
shop's, with the ids and numbers of the others.

`make race`. Each tab stores a push of its own and has a worker thread of its own in a dashboard of its own; the two
processes do the same from outside.
"""

import argparse
import sys
import threading
import time

from benchmarks.world import World, count, first, second, world
from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.model.clock import SystemClock


def race(made: World, orders: int) -> None:
    """Sells `orders` orders, half of them in each shop, and lets two processes and two threads push all of them at
    once."""
    made.add_second_shop()
    for number in range(1, orders // 2 + 1):
        made.sell(number)
        made.sell_a_lamp(number)
    made.dashboard.orders.fetch()
    pushes = [made.open_push() for _ in range(4)]
    workers = [made.worker(operation_id) for operation_id in pushes[:2]]
    tabs = [threading.Thread(target=_tab, args=(made, operation_id)) for operation_id in pushes[2:]]
    for tab in tabs:
        tab.start()
    codes = [worker.wait(600) for worker in workers]
    for tab in tabs:
        tab.join(600)
    if codes != [0, 0]:
        raise RuntimeError(f"a worker ended with {codes}")


def _tab(made: World, operation_id: str) -> None:
    dashboard = Dashboard(Environment.read(made.variables()), clock=made.clock)
    while not dashboard.transfers.run(operation_id):
        made.clock.sleep(0.05)


def main() -> int:
    """Prints the counts; 0 when each order is booked and paid once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=500)
    options = parser.parse_args()
    started = time.monotonic()
    with world(SystemClock()) as made:
        race(made, options.orders)
        numbers = range(1, options.orders // 2 + 1)
        found = count(made, dict.fromkeys([of(number) for of in (first, second) for number in numbers], "done"))
        books = made.sandbox.books
        print(
            f"2 processes and 2 tabs, the same {options.orders} orders: {len(books.invoices)} invoices, "
            f"{len(books.payments)} payments, {found.doubled} doubled, {found.lost} lost, {found.crossed} crossed, "
            f"{found.untrue} with an untrue state; {time.monotonic() - started:.0f} s"
        )
        exact = len(books.invoices) == len(books.payments) == 2 * len(numbers)
    return 0 if found.fine and exact else 1


if __name__ == "__main__":
    sys.exit(main())
