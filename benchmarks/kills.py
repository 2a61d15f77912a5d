"""kill -9 at random moments of pushes of 50 orders, of fetches and of bookings of 10 payouts: nothing twice, nothing
lost, nothing crossed.

`make kills`. Half of the orders are a second shop's, with the ids and numbers of the others. A worker process fetches
them and is killed, until one comes to its end; a worker process pushes 50 orders and is killed; the next one goes on
with the same push and is killed as well, until one comes to its end; then 50 more orders are sold. Ends after 200 kills
in pushes. Then payouts, ten at a time, are
booked and taken back in the same way, for 60 kills.
"""

import argparse
import random
import sys
import threading
import time

from benchmarks.world import FETCH, FETCH_ALL, PAYOUTS, World, count, count_payouts, first, second, world
from dinero.model.clock import SystemClock
from dinero.model.documents import OrderKey

ORDERS = 50
AT_ONCE = 10  # payouts
MOST_FETCHES, FETCH_SECONDS = 5, 0.8  # kills of a fetch, and within how long


def main() -> int:
    """Prints what the kills did; 0 when nothing is doubled or lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--payout-kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    dice = random.Random(options.seed)
    started = time.monotonic()
    kills = pushes = fetches = 0
    orders: dict[OrderKey, str] = {}
    steps: dict[str, int] = {}
    with world(SystemClock()) as made:
        made.add_second_shop()
        while kills < options.kills:
            for _ in range(ORDERS // 2):
                number = len(orders) // 2 + 1
                orders |= {first(number): "done", second(number): "done"}
                # Some customers come again, to the other shop too.
                one, other = (f"kunde{dice.randrange(1, 1 + max(10, len(orders)))}@example.com" for _ in range(2))
                made.sell(number, email=one)
                made.sell_a_lamp(number, email=other)
            fetches += _killed(made, MOST_FETCHES, dice, dice.choice((FETCH, FETCH_ALL)), FETCH_SECONDS)
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
        f"{found.doubled} doubled, {found.lost} lost, {found.crossed} crossed, {found.untrue} with an "
        f"untrue state; {fetches} more kills in fetches; {time.monotonic() - started:.0f} s"
    )
    print(f"Where the kills left orders: {left}")
    return 0 if found.fine and kills >= options.kills and _kill_payouts(options.payout_kills, dice) else 1


def _kill_payouts(wanted: int, dice: random.Random) -> bool:
    """Kills workers that book payouts and take some of them back; whether nothing is doubled or lost."""
    started = time.monotonic()
    kills, payouts = 0, dict[int, str]()
    with world(SystemClock()) as made:
        made.choose_payouts()
        while kills < wanted:
            names = [f"CH{len(payouts) + place}" for place in range(AT_ONCE)]
            payouts |= dict.fromkeys(made.pay_out(*names), "booked")
            kills += _killed(made, wanted - kills, dice)
            for number in dice.sample(sorted(payouts), 3):
                if made.dashboard.store.payouts.want_back(number, reason="prøve", actor="bench"):
                    payouts[number] = "ready"
            kills += _killed(made, wanted - kills, dice)
        made.finish_payouts()
        found = count_payouts(made, payouts)
    print(
        f"{kills} kills in bookings of {len(payouts)} payouts: {found.doubled} doubled, {found.lost} lost, "
        f"{found.untrue} with an untrue state; {time.monotonic() - started:.0f} s"
    )
    return found.fine


def _killed(made: World, most: int, dice: random.Random, work: str = PAYOUTS, seconds: float = 1.8) -> int:
    """Lets workers do some work and kills them within so many seconds, until one comes to its end; how many were
    killed."""
    kills = 0
    while kills < most:
        worker = made.worker(work)
        moment = threading.Timer(dice.uniform(0.05, seconds), worker.kill)
        moment.start()
        code = worker.wait()
        moment.cancel()
        if code == 0:
            break
        kills += 1
    return kills


if __name__ == "__main__":
    sys.exit(main())
