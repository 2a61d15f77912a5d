"""Any sequence of fetches, pushes, corrections, edits in the shop, faults, crashes and restarts: nothing twice, nothing
lost. `make any-sequence` tries more than CI does.
"""

import contextlib
import copy
import os
import uuid
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from any_machine import FAULTS, Crash
from conftest import started
from dinero.api.client import Dinero
from dinero.intake.fetching import ids
from dinero.model.clock import COPENHAGEN
from dinero.model.documents import Action, OrderKey
from dinero.model.errors import DashboardError
from dinero.model.shops import FIRST_SHOP
from dinero.sandbox import make_order
from dinero.store.documents import Documents
from dinero.store.orders import Orders
from payout_truths import PayoutTruths

STEPS = int(os.environ.get("DINERO_STEPS", "250"))
STEPS_EACH = 25
PATHS = st.sampled_from(
    [r"/contacts$", r"/invoices$", r"/creditnotes$", r"/book$", r"/payments$", r"/sales$", r"/invoices/[^/]+$", r"/"]
)
ACTIONS = st.sampled_from([Action.UNDO, Action.REBOOK, Action.DIFFERENCE])
ADVANCE = (Documents, "advance")
COMMITS = st.sampled_from(
    [
        ADVANCE,
        ADVANCE,
        (Documents, "set_mark"),
        (Documents, "set_state"),
        (Orders, "set_rebook"),
        (Orders, "accept_change"),
    ]
)
WRITES = st.sampled_from(["create_contact", "create", "book", "pay_invoice"])


class Bookkeeping(PayoutTruths):
    """Two shops, a Dinero and the library between them, with an owner who does anything in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.returned: set[int] = set()

    @initialize(sold=st.integers(1, 3), lamps=st.integers(0, 3), pushed=st.booleans(), data=st.data())
    def begin_with_orders(self, sold: int, lamps: int, pushed: bool, data: st.DataObject) -> None:
        """So that all can happen from the first step on."""
        for customer in range(sold):
            self.sell(customer)
        for customer in range(lamps):
            self.sell_a_lamp(customer, 1 + customer % 2, "completed", True)
        if pushed:
            self.push()
        for number in self.orders[: data.draw(st.integers(0, sold), "paid out")]:
            on = self.next_day("clearhaus")
            cost = self.costs[OrderKey(FIRST_SHOP, str(number))]
            self.unread.append(self.sandbox.settle("clearhaus", [(str(number), cost)], on=on))

    def teardown(self) -> None:
        try:
            self.to_the_end()
        finally:
            self.sandbox.stop()

    # --- what the shop does ----------------------------------------------------------------------------------------

    def put(self, raw: dict[str, Any]) -> None:
        self.clock.sleep(60)
        now = self.clock.now().astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")
        key = OrderKey(FIRST_SHOP, str(raw["order_id"]))
        self.cost(key, abs(round(Decimal(str(raw["total_price"])) * 100)))
        self.bought_by[key] = raw["email"]
        self.sandbox.shop.add(raw | {"last_modified": now})

    def raw(self, number: int) -> dict[str, Any]:
        return copy.deepcopy(next(o for o in self.sandbox.shop.orders if o["order_id"] == number))

    @rule(customer=st.integers(1, 3))
    def sell(self, customer: int) -> None:
        number = 100 + len(self.sandbox.shop.orders)
        self.orders.append(number)
        self.put(make_order(order_id=number, webshop_order_id=number, email=f"kunde{customer}@example.com"))
        self.fetch()

    @precondition(lambda self: len(self.returned) < len(self.orders))
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        sold = data.draw(st.sampled_from([n for n in self.orders if n not in self.returned]))
        self.returned.add(sold)
        cup = {**make_order()["products"][0], "amount": -1}
        number = 100 + len(self.sandbox.shop.orders)
        self.put(
            make_order(
                order_id=number,
                webshop_order_id=number,
                email=self.raw(sold)["email"],
                products=[cup],
                total_price=-149.5,
                price=-149.5,
                vat=-29.9,
                shipping_price=0,
                paid=None,
                credited_order_id=sold,
            )
        )
        self.fetch()

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data())
    def take_a_piece_off(self, data: st.DataObject) -> None:
        raw = self.raw(data.draw(st.sampled_from(self.orders)))
        if raw["products"][0]["amount"] == 2:
            raw["products"][0]["amount"] = 1
            total = Decimal(str(raw["total_price"])) - Decimal("149.5")
            vat = Decimal(str(raw["vat"])) - Decimal("29.9")
            self.put(raw | {"total_price": float(total), "price": float(total), "vat": float(vat)})

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.put(self.raw(data.draw(st.sampled_from(self.orders))) | {"status": "cancelled"})

    # --- what goes wrong -------------------------------------------------------------------------------------------

    @rule(kind=FAULTS, path=PATHS, after=st.booleans(), times=st.integers(1, 3))
    def break_something(self, kind: Any, path: str, after: bool, times: int) -> None:
        self.sandbox.fault(kind, path=f"^/v.*{path}", after_work=after, times=times)

    def drafts(self) -> list[str]:
        both = self.sandbox.books.invoices | self.sandbox.books.credit_notes
        return sorted(guid for guid, row in both.items() if row["Status"] == "Draft" and not row["DeletedAt"])

    @precondition(lambda self: bool(self.drafts()))
    @rule(refused=st.booleans())
    def somebody_deletes_a_draft_in_dinero(self, refused: bool) -> None:
        self.sandbox.books.deleted_is_refused = refused
        self.sandbox.books.delete_draft(self.drafts()[0])

    @precondition(lambda self: bool(self.drafts()))
    @rule()
    def somebody_saves_a_draft_in_dinero(self) -> None:
        self.sandbox.books.touch(self.drafts()[0])

    @rule()
    def mend(self) -> None:
        self.sandbox.faults.clear()

    @rule()
    def start_again(self) -> None:
        self.restart()

    # --- what the owner does ---------------------------------------------------------------------------------------

    @rule()
    def fetch(self) -> None:
        self.dashboard.orders.fetch()

    def work(self, operation_id: str) -> None:
        try:
            self.dashboard.transfers.run(operation_id)
        except (DashboardError, Crash):
            self.restart()

    @rule()
    def push(self) -> None:
        rows = self.dashboard.store.orders.list(limit=1000)  # those that are done too: a command may name any order
        operation_id = str(uuid.uuid4())
        self.dashboard.transfers.push(operation_id, ids(rows), actor="test")
        self.work(operation_id)

    @rule(step=WRITES, after=st.booleans(), nth=st.integers(0, 2))
    def push_and_die_at_a_write(self, step: str, after: bool, nth: int) -> None:
        self.dying(Dinero, step, nth, after, self.push)

    @rule(nth=st.integers(0, 12), after=st.booleans())
    def push_and_die_at_a_commit(self, nth: int, after: bool) -> None:
        self.dying(Documents, "advance", nth, after, self.push)

    @rule(after=st.booleans(), nth=st.integers(0, 5))
    def push_and_die_at_a_mark(self, after: bool, nth: int) -> None:
        self.dying(Documents, "set_mark", nth, after, self.push)

    @rule(step=WRITES, after=st.booleans(), nth=st.integers(0, 2), stalled=st.booleans())
    def push_while_another_worker_pushes_too(self, step: str, after: bool, nth: int, stalled: bool) -> None:
        """Another process pushes everything in the middle of a write of ours; when we have `stalled` for longer than
        our lease, it takes over, and we come back with our write."""
        other = started(self.sandbox, self.folder)

        def meanwhile() -> None:
            if stalled:
                self.clock.sleep(1000)
            operation_id = str(uuid.uuid4())
            other.transfers.push(operation_id, ids(other.store.orders.list(limit=1000)), actor="other")
            with contextlib.suppress(DashboardError):
                other.transfers.run(operation_id)

        self.interrupted(step, nth, after, meanwhile, self.push)

    @rule(twice=st.booleans())
    def the_same_click_in_two_tabs(self, twice: bool) -> None:
        rows = ids(self.dashboard.store.orders.list(limit=1000))
        clicks = [str(uuid.uuid4()), str(uuid.uuid4())]
        for operation_id in [*clicks, clicks[0]] if twice else clicks:
            self.dashboard.transfers.push(operation_id, rows, actor="tab")
        for operation_id in clicks:
            self.work(operation_id)

    @rule(minutes=st.integers(1, 120))
    def the_runner_works_for_a_while(self, minutes: int) -> None:
        runner = self.dashboard.automatic.runner("test")
        for _ in range(3):
            runner.tick()
            self.clock.sleep(minutes * 20)
        runner.let_go()

    @precondition(lambda self: self.dashboard.store.orders.count(states=("waiting",)) > 0)
    @rule(data=st.data())
    def leave_out_and_take_in(self, data: st.DataObject) -> None:
        rows = sorted(self.dashboard.store.orders.list(states=("waiting",), limit=100), key=lambda row: row.key)
        row = data.draw(st.sampled_from(rows))
        self.dashboard.orders.ignore(row, "prøve")
        self.push()
        self.dashboard.orders.ignore(row, None)

    @precondition(lambda self: self.dashboard.store.orders.count(states=("done",)) > 0)
    @rule(data=st.data(), action=ACTIONS)
    def correct(self, data: st.DataObject, action: str) -> None:
        rows = sorted(self.dashboard.store.orders.list(states=("done",), limit=100), key=lambda row: row.key)
        row = data.draw(st.sampled_from(rows))
        operation_id = str(uuid.uuid4())
        self.corrected.add(self.sale_of(row.key))
        self.dashboard.corrections.start(operation_id, row, Action(action), reason="fordi", actor="test")
        self.work(operation_id)

    @precondition(lambda self: self.dashboard.store.orders.count(states=("done",)) > 0)
    @rule(data=st.data(), action=ACTIONS, place=COMMITS, nth=st.integers(0, 12), after=st.booleans())
    def correct_and_die(self, data: st.DataObject, action: str, place: tuple[type, str], nth: int, after: bool) -> None:
        self.dying(*place, nth if place == ADVANCE else 0, after, lambda: self.correct(data, action))

    @rule()
    def go_on(self) -> None:
        operation_id = self.dashboard.store.operations.next()
        if operation_id is not None:
            self.work(operation_id)

    # --- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_booked_or_paid_twice(self) -> None:
        books = self.sandbox.books
        for key in self.sold_orders():
            invoices, _ = self.booked(key)
            open_ones = [i for i in invoices if books.credited(i["Guid"]) < round(i["TotalInclVat"] * 100)]
            assert len(open_ones) <= 1, f"{key} is booked twice"
            assert all(books.credited(i["Guid"]) <= round(i["TotalInclVat"] * 100) for i in invoices)
            paid = [p for p in books.payments if p["InvoiceGuid"] in {i["Guid"] for i in invoices} and p["Amount"] > 0]
            assert len(paid) <= len(invoices), f"{key} is paid twice"
        references = [p["ExternalReference"] for p in books.payments if p["Amount"] < 0]
        assert len(references) == len(set(references)), "a refund was registered twice"
        notes = [n["ExternalReference"] for n in books.credit_notes.values() if n["Status"] == "Booked"]
        assert len(notes) == len(set(notes)), "a credit note was booked twice"
        emails = [c["Email"] for c in books.contacts.values() if not c["DeletedAt"] and c["IsPerson"]]
        assert len(emails) == len(set(emails)), "a customer was created twice"

    def to_the_end(self) -> None:
        """When all is mended: what is done is in Dinero to the øre, and what is not is not."""
        self.sandbox.faults.clear()
        self.restart()
        self.open_the_shop()
        for _ in range(40):
            self.go_on()
        for _ in range(4):
            self.push()
        self.payouts_to_the_end()
        self.check_the_end()
        self.nothing_waits()
        for key in self.sold_orders():
            self.agrees_with_the_books(key)
        self.nothing_is_booked_or_paid_twice()
        self.nothing_is_crossed()
        self.a_refund_is_credited_once_and_to_the_ore()
        counted = self.dashboard.proof.reconcile(
            self.clock.now().date().replace(month=1, day=1), self.clock.now().date()
        )
        assert (counted.doubled, counted.left_out) == (0, 0)

    def agrees_with_the_books(self, key: OrderKey) -> None:
        """An order's state is what the books say of it."""
        row = self.dashboard.store.orders.get(key)
        if row is None:
            assert key.shop != FIRST_SHOP, "every order of the shop is known here"
            return  # it was gone before it was read
        invoices, notes = self.booked(key)
        net = sum(round(i["TotalInclVat"] * 100) for i in invoices) - sum(round(n["TotalInclVat"] * 100) for n in notes)
        if row.state == "credited":
            assert net == 0
        elif row.state == "done":
            assert net > 0 or int(key.id) in (self.returned if key.shop == FIRST_SHOP else self.refunds.values())
        elif row.state in ("held", "ignored", "not due"):
            assert net == 0, row.reasons
        if row.state in ("done", "credited"):
            for invoice in invoices:
                assert self.sandbox.books.payments_of(invoice["Guid"])["RemainingAmount"] == 0


Bookkeeping.TestCase.settings = settings(
    max_examples=max(1, STEPS // STEPS_EACH),
    stateful_step_count=STEPS_EACH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnySequence = Bookkeeping.TestCase
