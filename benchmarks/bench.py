"""Calls an order and a comparison, and the time of a batch against the floor that the rate limit sets.

`make bench`. The clock is simulated on both sides of the wire, so minutes of waiting take no time; the calls
themselves are real HTTP on loopback. Fails when an order costs more calls than it may, or when a 429 was met.
"""

import sys
import tempfile
import time
import uuid

from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.intake.fetching import ids
from dinero.model.clock import SimulatedClock
from dinero.sandbox import Sandbox, make_order

ORDERS = 100
LIMIT = 100  # calls a minute
COMPARED, COMPARE_CALLS = 5000, 15


def measure(name: str, *, known: bool, allowed: float) -> bool:
    """Pushes a batch of 100 orders; prints its calls and times; returns whether all is as it should be."""
    clock = SimulatedClock()
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(orders=0, clock=clock, calls_per_minute=LIMIT, webshop_account=True) as sandbox,
    ):
        environment = sandbox.environment() | {"DINERO_DATA_DIR": folder}
        dashboard = Dashboard(Environment.read(environment), clock=clock)
        dashboard.set_up.from_environment()
        if known:
            for number in range(ORDERS):
                add(sandbox, 1 + number, mail(number))
            transfer(dashboard)
        for number in range(ORDERS):
            add(sandbox, 1001 + number, mail(number))
        clock.sleep(120)
        before, started = len(sandbox.calls), clock.now()
        done = transfer(dashboard)
        calls = [call for call in sandbox.calls[before:] if not call.path.startswith("/REST")]
        seconds = (clock.now() - started).total_seconds()
        # A hundred calls go at once, and each further hundred a minute later.
        floor = (len(calls) - 1) // LIMIT * 60
        refused = sum(call.status == 429 for call in calls)
        each = len(calls) / ORDERS
        print(
            f"{name}: {done} of {ORDERS} orders done, {len(calls)} calls, {each:.2f} an order (allowed {allowed}), "
            f"{seconds:.0f} s against a floor of {floor:.0f} s ({seconds / max(floor, 1):.2f}), {refused} times 429"
        )
        return done == ORDERS and each <= allowed and refused == 0


def compare() -> bool:
    """Compares 5,000 orders with Dinero; the documents are put into both sides, because booking them is not the
    question here. Prints the calls and the seconds; returns whether the calls are within what is allowed."""
    clock = SimulatedClock()
    with tempfile.TemporaryDirectory() as folder, Sandbox(orders=0, clock=clock, calls_per_minute=LIMIT) as sandbox:
        dashboard = Dashboard(Environment.read(sandbox.environment() | {"DINERO_DATA_DIR": folder}), clock=clock)
        dashboard.set_up.from_environment()
        add(sandbox, 1, mail(1))
        transfer(dashboard)
        (invoice,) = sandbox.books.invoices.values()
        with dashboard.store.transaction() as db:
            order = next(iter(db.query("select * from orders")))
            document = next(iter(db.query("select * from documents")))
            for n in range(2, COMPARED + 1):
                guid = str(uuid.UUID(int=n))
                reference = {"Guid": guid, "Number": n, "ExternalReference": f"shoporama:{n}"}
                sandbox.books.invoices[guid] = invoice | reference
                db["orders"].insert(order | {"id": str(n), "number": str(n)})
                copied = {"id": n, "subject": str(n), "guid": guid, "invoice_number": str(n)}
                db["documents"].insert(document | copied)
        started = time.monotonic()
        day = clock.now().date()
        result = dashboard.proof.reconcile(day.replace(month=1, day=1), day.replace(month=12, day=31))
        seconds = time.monotonic() - started
        equal = result.counts["equal"]
        print(
            f"comparison: {equal} of {COMPARED} orders equal, {result.calls} calls (allowed {COMPARE_CALLS}), "
            f"{seconds:.1f} s with the sandbox's own work"
        )
        return equal == COMPARED and result.calls <= COMPARE_CALLS


def transfer(dashboard: Dashboard) -> int:
    """Fetches and pushes everything that waits; returns how many orders are done."""
    dashboard.orders.fetch()
    waiting = dashboard.store.orders.list(states=["waiting"], limit=10 * ORDERS)
    operation_id = str(uuid.uuid4())
    dashboard.transfers.push(operation_id, ids(waiting), actor="bench")
    dashboard.transfers.run(operation_id)
    return sum(row.result == "done" for row in dashboard.store.operations.orders_of(operation_id))


def add(sandbox: Sandbox, number: int, email: str) -> None:
    """An order in the shop that is new to the dashboard."""
    order = make_order(order_id=number, webshop_order_id=number, email=email, last_modified="2026-12-31 12:00:00")
    sandbox.shop.add(order)


def mail(number: int) -> str:
    return f"kunde{number}@example.com"


def main() -> int:
    """Runs all; 0 when all are within what is allowed."""
    print(f"Limit: {LIMIT} calls a minute, on a simulated clock.")
    fine = [
        measure("known customers", known=True, allowed=3.1),
        measure("new customers", known=False, allowed=4.1),
        compare(),
    ]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
