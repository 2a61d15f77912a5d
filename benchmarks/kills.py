"""kill -9 at random moments of pushes of 50 orders: nothing twice, nothing lost.

`make kills`. A worker process pushes 50 orders and is killed; the next one goes on with the same push and is killed as
well, until one comes to its end; then 50 more orders are sold. Ends after 200 kills.
"""

import argparse
import random
import sys
import threading
import time

from benchmarks.world import count, world
from dinero.model.clock import SystemClock

ORDERS = 50


def main() -> int:
    """Prints what the kills did; 0 when nothing is doubled or lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    dice = random.Random(options.seed)
    started = time.monotonic()
    kills = pushes = 0
    orders: dict[int, str] = {}
    steps: dict[str, int] = {}
    with world(SystemClock()) as made:
        while kills < options.kills:
            for _ in range(ORDERS):
                number = len(orders) + 1
                orders[number] = "done"
                # Some customers come again.
                made.sell(number, email=f"kunde{dice.randrange(1, 1 + max(10, len(orders)))}@example.com")
            made.dashboard.orders.fetch()
            operation_id = made.open_push(states=["waiting"])
            pushes += 1
            while True:
                worker = made.worker(operation_id)
                moment = threading.Timer(dice.uniform(0.05, 1.2), worker.kill)
                moment.start()
                code = worker.wait()
                moment.cancel()
                if code == 0 or kills >= options.kills:
                    break
                kills += 1
                for state, (n, _) in made.dashboard.store.sums.state_counts().items():
                    steps[state] = steps.get(state, 0) + (n if state != "done" else 0)
        made.finish()
        found = count(made, orders)
    left = ", ".join(f"{n} {state}" for state, n in sorted(steps.items()) if n)
    print(
        f"{kills} kills in {pushes} pushes of {ORDERS} orders (seed {options.seed}), {len(orders)} orders: "
        f"{found.doubled} doubled, {found.lost} lost, {found.untrue} with an untrue state; "
        f"{time.monotonic() - started:.0f} s"
    )
    print(f"Where the kills left orders: {left}")
    return 0 if found.fine and kills >= options.kills else 1


if __name__ == "__main__":
    sys.exit(main())
