"""Any sequence with backups that are put back: what only Dinero knows then is found again, once, or its order says why
not. CI tries the same sequences each time; `make any-sequence` tries others, and more.
"""

import contextlib
import os
import tempfile
import uuid
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from dinero.intake.fetching import ids
from dinero.model.documents import Action, OrderKey, Step, StoredOrder
from dinero.reports.reconcile import Entry
from dinero.rules import changes
from dinero.safekeeping.backup import backup, restore
from dinero.sandbox import make_order
from second_shop import SECOND
from shop_truths import order_in
from test_any_sequence import ACTIONS, WRITES, Bookkeeping

STEPS = int(os.environ.get("DINERO_STEPS", "120"))
STEPS_EACH = 20
READS = st.sampled_from(["document", "invoice", "payments", "sales", "drafts"])
BACKUPS = 3


class Restoring(Bookkeeping):
    """The same, with an owner who also makes backups and puts them back."""

    knows_all = False
    # test_any_sequence has enough of these: the fewer there are here, the more is done with backups.
    # Hypothesis leaves out a rule whose name is no rule any more.
    the_runner_works_for_a_while = the_same_click_in_two_tabs = None  # type: ignore[assignment]
    push_while_another_worker_pushes_too = leave_out_and_take_in = None  # type: ignore[assignment]
    somebody_saves_a_draft_in_dinero = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.safe = Path(tempfile.mkdtemp())
        self.backups: list[Path] = []

    @initialize(pushed=st.booleans())
    def begin_with_an_order_and_a_backup(self, pushed: bool) -> None:
        self.sell(1)
        if pushed:
            self.push()
        self.save()

    # --- what the shop does ----------------------------------------------------------------------------------------

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data())
    def put_a_piece_on(self, data: st.DataObject) -> None:
        raw = self.raw(data.draw(st.sampled_from(self.orders)))
        if raw["products"][0]["amount"] == 1:
            raw["products"][0]["amount"] = 2
            total = Decimal(str(raw["total_price"])) + Decimal("149.5")
            vat = Decimal(str(raw["vat"])) + Decimal("29.9")
            self.put(raw | {"total_price": float(total), "price": float(total), "vat": float(vat)})

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data())
    def go_on_after_all(self, data: st.DataObject) -> None:
        self.put(self.raw(data.draw(st.sampled_from(self.orders))) | {"status": make_order()["status"]})

    # --- what the owner does ---------------------------------------------------------------------------------------

    @precondition(lambda self: bool(self.orders))
    @rule()
    def save(self) -> None:
        target = self.safe / f"{uuid.uuid4()}.db"
        backup(self.dashboard.store, target)
        self.backups = [*self.backups, target][-BACKUPS:]

    @precondition(lambda self: bool(self.backups))
    @rule(data=st.data(), fetched=st.booleans())
    def put_back(self, data: st.DataObject, fetched: bool) -> None:
        restore(self.folder, data.draw(st.sampled_from(self.backups)), clock=self.clock)
        self.restart()
        if fetched:
            self.fetch()

    def push_these(self, rows: list[StoredOrder]) -> None:
        operation_id = str(uuid.uuid4())
        self.dashboard.transfers.push(operation_id, ids(rows), actor="test")
        self.work(operation_id)

    @precondition(lambda self: self.dashboard.store.orders.count() > 0)
    @rule(data=st.data())
    def push_one(self, data: st.DataObject) -> None:
        rows = sorted(self.dashboard.store.orders.list(limit=100), key=lambda row: row.key)
        self.push_these([data.draw(st.sampled_from(rows))])

    @precondition(lambda self: bool(self.backups))
    @rule(
        data=st.data(),
        step=st.one_of(WRITES, READS),
        after=st.booleans(),
        nth=st.integers(0, 3),
        action=st.one_of(st.none(), ACTIONS),
    )
    def put_back_in_the_middle(self, data: st.DataObject, step: str, after: bool, nth: int, action: str | None) -> None:
        """A backup is put back while a worker is between two steps."""
        source = data.draw(st.sampled_from(self.backups))

        def put_back() -> None:
            restore(self.folder, source, clock=self.clock)

        self.interrupted(step, nth, after, put_back, lambda: self.transfer_or_correct(data, action))
        self.restart()
        self.fetch()

    @rule(
        data=st.data(),
        step=st.one_of(WRITES, READS),
        after=st.booleans(),
        nth=st.integers(0, 3),
        action=st.one_of(st.none(), ACTIONS),
    )
    def stall_in_the_middle(self, data: st.DataObject, step: str, after: bool, nth: int, action: str | None) -> None:
        """A worker sleeps for longer than its lease, between any two steps, and another one works meanwhile."""
        other = type(self.dashboard)(self.dashboard.environment, clock=self.clock)

        def push() -> None:
            self.clock.sleep(1000)
            for _ in range(2):
                if (begun := other.store.operations.next()) is not None:
                    with contextlib.suppress(Exception):
                        other.transfers.run(begun)
            operation_id = str(uuid.uuid4())
            other.transfers.push(operation_id, ids(other.store.orders.list(limit=1000)), actor="other")
            with contextlib.suppress(Exception):
                other.transfers.run(operation_id)

        self.interrupted(step, nth, after, push, lambda: self.transfer_or_correct(data, action))

    def transfer_or_correct(self, data: st.DataObject, action: str | None) -> None:
        if action is None or not self.dashboard.store.orders.count(states=("done",)):
            self.push()
        else:
            self.correct(data, action)

    @precondition(lambda self: bool(self.orders) and self.dashboard.store.orders.count(states=("done",)) > 0)
    @rule(data=st.data(), action=ACTIONS)
    def correct_and_put_back(self, data: st.DataObject, action: str) -> None:
        self.correct(data, action)
        self.put_back(data, True)

    def differing(self) -> list[StoredOrder]:
        rows = self.dashboard.store.orders.list(states=("refused",), limit=100)
        return sorted((row for row in rows if changes.can_accept(row.state, row.reasons)), key=lambda row: row.key)

    def accept(self, row: StoredOrder) -> None:
        operation_id = str(uuid.uuid4())
        self.dashboard.corrections.start(operation_id, row, Action.ACCEPT, reason="fordi", actor="test")
        self.work(operation_id)

    @precondition(lambda self: bool(self.differing()))
    @rule(data=st.data())
    def take_over_what_differs(self, data: st.DataObject) -> None:
        self.accept(data.draw(st.sampled_from(self.differing())))

    def otherwise(self) -> set[int]:
        """A payout that was booked since the backup, and is to be booked in another way now, is found by its Id; it is
        refused with both figures when its postings are read."""
        items = self.dashboard.store.ledger_items.listed("210001")
        return {item.payout for item in items if item.step is Step.BOOKED}

    # --- what must hold --------------------------------------------------------------------------------------------

    def to_the_end(self) -> None:
        """When all is mended: every order's state is what the books say, or there is a reason why not."""
        self.sandbox.faults.clear()
        self.restart()
        self.open_the_shop()
        for _ in range(40):
            self.go_on()
        for _ in range(4):
            self.push()
        self.payouts_to_the_end()
        self.agree_with_the_books()
        for row in self.differing():
            self.accept(row)
        for _ in range(2):
            self.push()
        self.payouts_to_the_end()
        self.agree_with_the_books()
        self.check_the_end()

    def order_of(self, entry: Entry) -> OrderKey:
        """The order of a line of Afstemning: by its document, here or in Dinero; two shops have the same ids."""
        for row in self.dashboard.store.rows("select source, subject from documents where guid = ?", [entry.guid]):
            return OrderKey(row["source"], row["subject"])
        books = self.sandbox.books
        return order_in((books.invoices | books.credit_notes)[entry.guid]["ExternalReference"])

    def agree_with_the_books(self) -> None:
        store = self.dashboard.store
        self.nothing_is_booked_or_paid_twice()
        first, today = self.clock.now().date().replace(month=1, day=1), self.clock.now().date()
        counted = self.dashboard.proof.reconcile(first, today)
        # What is behind an invoice that differs is only looked at after the owner's answer.
        refused = {row.key for row in store.orders.list(states=("refused",), limit=1000)}
        wrong = [
            row for row in counted.rows if row.status in ("twice", "missing") and self.order_of(row) not in refused
        ]
        assert (wrong, counted.left_out) == ([], 0), counted.rows
        strangers = {self.order_of(row) for row in counted.rows if row.status == "unknown"}
        for key in self.told:
            self.says_what_the_books_say(key, key in strangers)
        for number in self.refunds:
            self.says_what_the_books_say(OrderKey(SECOND, str(number)), OrderKey(SECOND, str(number)) in strangers)

    def says_what_the_books_say(self, key: OrderKey, is_a_stranger: bool) -> None:
        books, store = self.sandbox.books, self.dashboard.store
        row = store.orders.get(key)
        if row is None:
            assert key.shop == SECOND, "every order of the shop is known here"
            return  # see nothing_waits
        state, told = row.state, [finding.code for finding in row.reasons]
        documents = [
            (d["kind"], d["generation"], d["state"])
            for d in store.rows("select * from documents where source = ? and subject = ?", list(key))
        ]
        where = f"{key} is {state} {told}: {documents}"
        assert state in ("done", "credited", "held", "ignored", "refused", "not due"), where
        assert told or state in ("done", "credited"), where
        if key not in self.sold_orders():
            notes = [
                n
                for n in books.credit_notes.values()
                if n["Status"] == "Booked" and n["ExternalReference"] == f"{key.shop}:{key.id}"
            ]
            # The refund of an invoice that was taken over without its payment is the owner's.
            by_hand = (state, told) == ("refused", ["other_payments"])
            assert (state == "done") == bool(notes) or by_hand or is_a_stranger, where
            return
        invoices, _ = self.booked(key)
        standing = [i for i in invoices if books.credited(i["Guid"]) < round(i["TotalInclVat"] * 100)]
        if state in ("done", "credited"):
            assert invoices, where
            assert bool(standing) == (state == "done") or self.is_refunded(key), where
            for invoice in invoices:
                left = books.payments_of(invoice["Guid"])["RemainingAmount"]
                assert left == 0, f"{where}: {left} of {invoice['Number']}"
        elif state != "refused":
            assert not standing or is_a_stranger, where

    def is_refunded(self, key: OrderKey) -> bool:
        """Whether the second shop gave all of an order back."""
        back = sum(self.refunded[refund] for refund, of in self.refunds.items() if OrderKey(SECOND, str(of)) == key)
        return back >= min(self.told[key])


Restoring.TestCase.settings = settings(
    max_examples=max(1, STEPS // STEPS_EACH),
    stateful_step_count=STEPS_EACH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="DINERO_STEPS" not in os.environ,
)
TestAnyRestore = Restoring.TestCase
