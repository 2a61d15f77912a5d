"""Hours of unattended running against a sandbox with random faults, on a clock that is sped up.

`make hour`. Orders are sold all the time, in two shops with the same ids and numbers, some with something the owner
must decide; faults strike at random, a few of them need the owner, who comes back after a while and connects again. At
the end every due order is done, and each alarm is printed with its cause.
"""

import argparse
import random
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.world import SECOND, World, count, first, second, world
from dinero.model.documents import NEEDS_OWNER, OrderKey
from dinero.model.shops import FIRST_SHOP

PASSING: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "after_work": True},
    {"kind": "reset"},
    {"kind": "reset", "after_work": True},
    {"kind": "drop"},
    {"kind": "garbage"},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 401},
    {"kind": "garbage", "after_work": True},
)
FOR_THE_OWNER: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 403, "body": {"code": "90"}, "times": 10**6},
    {"kind": "status", "status": 480, "times": 10**6},
)
PATHS = ("^/v", "^/v", "^/v", "/contacts", "/invoices$", "/book$", "/payments", "/sales", "oauth/token")
OF_SHOPS = ("^/REST/order", "^/butik/")
AWAY = 20 * 60.0  # seconds until the owner has seen an alarm


def live(made: World, minutes: float, dice: random.Random) -> dict[OrderKey, str]:
    """Lets the runner work for a while; returns the orders with what each should be."""
    made.add_second_shop()
    runner = made.dashboard.automatic.runner("bench")
    orders: dict[OrderKey, str] = {}
    end = made.clock.now().timestamp() + minutes * 60
    broken_at: float | None = None
    while (now := made.clock.now().timestamp()) < end:
        if dice.random() < 0.10:
            number = sum(key.shop == FIRST_SHOP for key in orders) + 1
            held = dice.random() < 0.05
            orders[first(number)] = "held" if held else "done"
            made.sell(number, **({"currency": "EUR"} if held else {}))
        if dice.random() < 0.05:
            number = sum(key.shop == SECOND for key in orders) + 1
            orders[second(number)] = "done"
            made.sell_a_lamp(number)
        if dice.random() < 0.03:
            made.dashboard.automatic.nudge()
        if dice.random() < 0.03:
            made.sandbox.fault(
                **{"path": dice.choice(PATHS + OF_SHOPS), "times": dice.randrange(1, 12), **dice.choice(PASSING)}
            )
        if broken_at is None and dice.random() < 0.002:
            made.sandbox.fault(**{"path": "^/v", **dice.choice(FOR_THE_OWNER)})
            broken_at = now
        if broken_at is not None and now - broken_at > AWAY:
            made.sandbox.faults.clear()
            given = made.dashboard.environment
            made.dashboard.connection.connect_personal(given.client_id, given.client_secret, given.api_key)
            broken_at = None
        if dice.random() < 0.01:  # the program is started anew
            runner.let_go()
            runner = made.restart().automatic.runner("bench")
        made.clock.sleep(max(runner.tick(), 5.0))
    made.sandbox.faults.clear()
    made.dashboard.automatic.run_now()
    for _ in range(2):
        made.clock.sleep(1)
        runner.tick()
    runner.let_go()
    return orders


def main() -> int:
    """Prints what happened; 0 when each due order is done once and each held one is held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    started = time.monotonic()
    with world() as made:
        orders = live(made, options.hours * 60, random.Random(options.seed))
        found = count(made, orders)
        status = made.dashboard.automatic.status()
        wanted = Counter(orders.values())
        answered = Counter(call.status for call in made.sandbox.calls)
        print(
            f"{options.hours:g} h by itself (seed {options.seed}), in {time.monotonic() - started:.0f} s: "
            f"{wanted['done']} due orders, {wanted['held']} for the owner; {found.doubled} doubled, "
            f"{found.lost} lost, {found.crossed} crossed, {found.untrue} with an untrue state; "
            f"the runner is {status.phase if status else 'missing'}"
        )
        print("Answers:", ", ".join(f"{n} × {status or 'none'}" for status, n in sorted(answered.items())))
        alarms = made.dashboard.store.alarms.list(limit=1000)
        for row in reversed(alarms):
            print(f"alarm {row.created_at[11:16]} {row.cause}: {row.text.render('en')}")
        told = made.dashboard.store.orders.count(states=NEEDS_OWNER) == 0 or any(a.cause == "orders" for a in alarms)
    return 0 if found.fine and told and status is not None and status.phase == "waiting" else 1


if __name__ == "__main__":
    sys.exit(main())
