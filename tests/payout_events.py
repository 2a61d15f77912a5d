"""What happens with payouts in a random sequence: acquirers pay out, the owner books here, in Dinero, or both, and
changes his mind, while calls fail and processes die."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from any_machine import FAULTS, Crash
from conftest import started
from dinero.api.client import Dinero
from dinero.dashboard.dashboard import Dashboard
from dinero.model.acquirers import NO_VAT, STAYS, AcquirerChoice, Way
from dinero.model.documents import OrderKey
from dinero.model.errors import DashboardError, SettingsError
from dinero.model.payouts import OF_ORDERS, Movement, Payout
from dinero.model.settlements import PayoutState, StoredPayout
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import CLEARHAUS, VIPPS
from dinero.store.ledger_items import LedgerItems
from dinero.store.payouts import Payouts
from shop_truths import ShopTruths

BOOKING_ACCOUNT, BANK, FEES, RESERVES, CORRECTIONS = 55100, 55000, 7420, 54040, 7220
DAY = 86400
LEDGER_PATHS = st.sampled_from(
    [r"/ledgeritems$", r"/ledgeritems/ledgers$", r"/ledgeritems/book$", r"/ledgeritems/status$", r"/entries", r"/"]
)
LEDGER_CALLS = st.sampled_from(
    ["create_ledger_item", "book_ledger_item", "ledger_drafts", "ledger_statuses", "entries"]
)
LEDGER_COMMITS = st.sampled_from(
    [(LedgerItems, "claim"), (LedgerItems, "set_mark"), (LedgerItems, "advance"), (Payouts, "settle")]
)
CHOICES = st.builds(
    AcquirerChoice,
    way=st.sampled_from([Way.BOOK, Way.BOOK, Way.BOOK, Way.FEE, Way.DRAFT, Way.NOTHING]),
    fee_vat=st.sampled_from([NO_VAT, NO_VAT, "I25", "IEUY"]),
    accounts=st.fixed_dictionaries(
        {
            Movement.RESERVE: st.sampled_from([STAYS, RESERVES]),
            Movement.CORRECTION: st.sampled_from([STAYS, CORRECTIONS]),
        }
    ),
)
ACQUIRERS = (CLEARHAUS, VIPPS)
UNBOOKED = (PayoutState.READY, PayoutState.REFUSED, PayoutState.UNSURE)
STRANGER = "999"  # a number that the shop never gave


class PayoutEvents(ShopTruths):
    """Acquirers, and an owner who does anything with what they pay out. `unread` was not read from them yet."""

    def __init__(self) -> None:
        super().__init__()
        self.unread: list[Payout] = []
        book = AcquirerChoice(way=Way.BOOK, fee_vat=NO_VAT, accounts={Movement.RESERVE: STAYS, Movement.CORRECTION: 0})
        self.dashboard.settings.save(bank_account=BANK, fee_account=FEES, acquirers=dict.fromkeys(ACQUIRERS, book))

    # --- what the acquirers do ----------------------------------------------------------------------------------

    def amount(self, order: OrderKey) -> int:
        """What an order was sold for, in øre, as its shop tells it."""
        return self.costs[order]

    @precondition(lambda self: bool(self.sold_orders()))
    @rule(
        data=st.data(),
        acquirer=st.sampled_from(ACQUIRERS),
        off=st.sampled_from([0, 0, 0, 0, -100, 50]),
        stranger=st.booleans(),
        kept=st.sampled_from([0, 0, 0, 1000]),
        corrected=st.sampled_from([0, 0, 0, 3750, -700]),
        is_read=st.booleans(),
    )
    def pay_out(
        self,
        data: st.DataObject,
        acquirer: str,
        off: int,
        stranger: bool,
        kept: int,
        corrected: int,
        is_read: bool,
    ) -> None:
        """Some orders, also those that are not transferred, held, or paid out before; some money goes back."""
        known = st.sampled_from(self.sold_orders())
        sold = data.draw(st.lists(known, min_size=1, max_size=4), "sold")
        refunded = data.draw(st.lists(known, max_size=1), "refunded")
        charged = data.draw(st.lists(known, max_size=1), "charged back") if stranger else []
        sales = [(order.id, self.costs[order]) for order in sold]
        sales[0] = (sales[0][0], sales[0][1] + off)
        if stranger:
            sales.append((STRANGER, 5000))
        refunds = [(order.id, min(self.costs[order], 14950)) for order in refunded]
        chargebacks = [(order.id, self.costs[order]) for order in charged]
        on = self.next_day(acquirer)
        self.unread.append(self.sandbox.settle(acquirer, sales, refunds, chargebacks, kept, corrected, on=on))
        if is_read:
            self.read_payouts(False)

    def next_day(self, acquirer: str) -> date:
        """The day of an acquirer's next payout, which has come."""
        paid = [payout.paid_on for payout in self.sandbox.payouts if payout.acquirer == acquirer]
        if paid and max(paid) >= self.today:
            self.clock.advance(DAY)
        return self.today

    @precondition(lambda self: bool(self.kept()))
    @rule(data=st.data())
    def release_a_reserve(self, data: st.DataObject) -> None:
        kept = data.draw(st.sampled_from(self.kept()))
        self.unread.append(self.sandbox.release(kept, self.next_day(kept.acquirer)))

    def kept(self) -> list[Payout]:
        """The payouts of which something is still kept back."""
        back = {payout.id for payout in self.sandbox.payouts}
        reserved = [p for p in self.sandbox.payouts if any(line.kind is Movement.RESERVE for line in p.lines)]
        return [payout for payout in reserved if f"{payout.id}-reserve" not in back]

    @precondition(lambda self: bool(self.sandbox.payouts))
    @rule(again=st.booleans())
    def read_payouts(self, again: bool) -> None:
        """As from the API; what was read before may be told again."""
        self.dashboard.store.payouts.add(self.sandbox.payouts if again else self.unread, source="api")
        self.unread = []
        self.refresh()

    @precondition(lambda self: any(payout.acquirer == CLEARHAUS for payout in self.sandbox.payouts))
    @rule()
    def read_a_file_of_sums(self) -> None:
        """Clearhaus's settlements: what is told with its orders later takes its place."""
        payouts = [payout for payout in self.sandbox.payouts if payout.acquirer == CLEARHAUS]
        outcome = self.dashboard.payouts.read("settlements.csv", write(payouts, "clearhaus"))
        assert not outcome.is_refused, outcome.sentences
        self.refresh()

    # --- what the owner does ------------------------------------------------------------------------------------

    @rule()
    def refresh(self) -> None:
        """Lines find their orders, and payouts their states."""
        self.dashboard.payouts.refresh()

    def stored(self, *states: PayoutState) -> list[int]:
        """The rows of payouts in some states, or in any."""
        return sorted(payout.id for payout in self.dashboard.store.payouts.listed(states=states))

    def one_of(self, data: st.DataObject, *states: PayoutState) -> StoredPayout:
        found = self.dashboard.payouts.get(data.draw(st.sampled_from(self.stored(*states)), "payout"))
        assert found is not None
        return found

    def work_payouts(self, dashboard: Dashboard | None = None) -> None:
        used = dashboard or self.dashboard
        try:
            used.payouts.work()
        except (DashboardError, Crash):
            if dashboard is None:
                self.restart()

    @rule()
    def work_off(self) -> None:
        """What was left by an earlier run, or lies in the ledger for the owner."""
        self.work_payouts()

    def want(self, numbers: Sequence[int]) -> None:
        self.dashboard.payouts.book(numbers, actor="test")

    @rule()
    def book_payouts(self) -> None:
        self.want(self.stored(*UNBOOKED))
        self.work_payouts()

    @precondition(lambda self: bool(self.stored(*UNBOOKED)))
    @rule(data=st.data())
    def book_a_payout(self, data: st.DataObject) -> None:
        self.want([self.one_of(data, *UNBOOKED).id])
        self.work_payouts()

    @precondition(lambda self: bool(self.stored(PayoutState.BOOKED)))
    @rule(data=st.data(), again=st.booleans())
    def take_back_a_payout(self, data: st.DataObject, again: bool) -> None:
        payout = self.one_of(data, PayoutState.BOOKED)
        self.dashboard.payouts.undo(payout.id, reason="fordi", actor="test")
        self.work_payouts()
        if again:
            self.book_payouts()

    def asked(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """The payouts' questions, with their answers."""
        return [
            (payout.id, finding.question.key, tuple(choice.value for choice in finding.question.choices))
            for payout in sorted(self.dashboard.payouts.listed(), key=lambda payout: payout.id)
            for finding in payout.reasons
            if finding.question is not None
        ]

    @precondition(lambda self: bool(self.asked()))
    @rule(data=st.data())
    def answer_a_payout(self, data: st.DataObject) -> None:
        number, key, choices = data.draw(st.sampled_from(self.asked()))
        self.answer(number, key, data.draw(st.sampled_from(choices)))

    def answer(self, number: int, key: str, value: str) -> None:
        with contextlib.suppress(SettingsError):  # it is not asked any more
            self.dashboard.payouts.answer(number, key, value)

    def known_orders(self) -> list[OrderKey]:
        """The sold orders that were fetched: a line is tied to no other."""
        return [order for order in self.sold_orders() if self.dashboard.store.orders.get(order) is not None]

    @precondition(lambda self: bool(self.known_orders() and self.stored()))
    @rule(data=st.data(), is_taken_back=st.booleans())
    def say_which_order_a_line_is_of(self, data: st.DataObject, is_taken_back: bool) -> None:
        payout = self.one_of(data)
        lines = [line for line in self.dashboard.payouts.lines(payout.id) if line.kind in OF_ORDERS and not line.is_sum]
        if lines:
            place = data.draw(st.sampled_from(lines)).place
            order = data.draw(st.sampled_from(self.known_orders()))
            self.dashboard.payouts.choose_order(payout.id, place, None if is_taken_back else order)

    @rule(acquirer=st.sampled_from(ACQUIRERS), choice=CHOICES)
    def choose_another_way(self, acquirer: str, choice: AcquirerChoice) -> None:
        chosen = self.dashboard.settings.load().acquirers
        self.dashboard.settings.save(acquirers={**chosen, acquirer: choice})
        self.refresh()

    @rule()
    def ask_for_the_proof(self) -> None:
        with contextlib.suppress(DashboardError):
            self.dashboard.balance.ask()

    # --- what is done in Dinero itself --------------------------------------------------------------------------

    @precondition(lambda self: bool(self.stored()))
    @rule(
        data=st.data(),
        away=st.integers(-6, 6),
        is_net=st.booleans(),
        off=st.sampled_from([0, 0, 0, 1]),
        on_bank=st.booleans(),
    )
    def somebody_books_in_dinero(self, data: st.DataObject, away: int, is_net: bool, off: int, on_bank: bool) -> None:
        """What may be a payout: the bank's amount, or all of it, or nearly."""
        payout = self.one_of(data)
        ore = (payout.net_ore if is_net else payout.net_ore - payout.fees_ore) + off
        if ore:
            day = payout.paid_on + timedelta(days=away)
            account = BANK if on_bank else FEES
            self.sandbox.books.book_by_hand(account, BOOKING_ACCOUNT, ore, day, "Overførsel")

    @precondition(lambda self: bool(self.stored(*UNBOOKED)))
    @rule(data=st.data(), is_whole=st.booleans())
    def the_owner_books_a_payout_in_dinero_and_says_so(self, data: st.DataObject, is_whole: bool) -> None:
        payout = self.one_of(data, *UNBOOKED)
        if not payout.net_ore or payout.net_ore == payout.fees_ore:
            return
        ore = payout.net_ore - payout.fees_ore if is_whole else payout.net_ore
        self.sandbox.books.book_by_hand(BANK, BOOKING_ACCOUNT, ore, payout.paid_on, "Afstemt")
        self.want([payout.id])
        self.work_payouts()
        for asked, key, choices in self.asked():
            wanted = "same" if is_whole else "rest"
            if asked == payout.id and wanted in choices:
                self.answer(payout.id, key, wanted)

    def ledger_drafts(self) -> list[str]:
        return sorted(guid for guid, item in self.sandbox.books.ledger_items.items() if item["Status"] == "Draft")

    @precondition(lambda self: bool(self.ledger_drafts()))
    @rule(data=st.data(), what=st.sampled_from(["book", "book", "delete", "save"]))
    def the_owner_sees_to_the_ledger(self, data: st.DataObject, what: str) -> None:
        books = self.sandbox.books
        guid = data.draw(st.sampled_from(self.ledger_drafts()))
        if what == "book":
            books.book_ledger_items([{"id": guid}])
            books.ledger_status([{"id": guid}])
        elif what == "delete":
            books.delete_ledger_items([{"id": guid}])
        else:
            books.ledger_items[guid]["Version"] += "0"

    # --- what goes wrong ----------------------------------------------------------------------------------------

    @rule(kind=FAULTS, path=LEDGER_PATHS, after=st.booleans(), times=st.integers(1, 3))
    def break_a_ledger_call(self, kind: str, path: str, after: bool, times: int) -> None:
        self.sandbox.fault(kind, path=f"^/v.*{path}", after_work=after, times=times)  # type: ignore[arg-type]

    @rule(looks=st.integers(1, 12), late=st.integers(0, 2), failing=st.sampled_from([0, 0, 1]))
    def dinero_takes_its_time(self, looks: int, late: int, failing: int) -> None:
        books = self.sandbox.books
        books.pending_calls, books.late_numbers, books.failing_bookings = looks, late, failing

    @precondition(lambda self: bool(self.stored(*UNBOOKED, PayoutState.BOOKED)))
    @rule(step=LEDGER_CALLS, after=st.booleans(), nth=st.integers(0, 2), back=st.booleans(), data=st.data())
    def die_at_a_ledger_call(self, step: str, after: bool, nth: int, back: bool, data: st.DataObject) -> None:
        self.dying(Dinero, step, nth, after, self.booking_or_back(data, back))

    @precondition(lambda self: bool(self.stored(*UNBOOKED, PayoutState.BOOKED)))
    @rule(place=LEDGER_COMMITS, after=st.booleans(), nth=st.integers(0, 5), back=st.booleans(), data=st.data())
    def die_at_a_commit_of_payouts(
        self, place: tuple[type, str], after: bool, nth: int, back: bool, data: st.DataObject
    ) -> None:
        self.dying(*place, nth, after, self.booking_or_back(data, back))

    def booking_or_back(self, data: st.DataObject, back: bool) -> Callable[[], None]:
        if back and self.stored(PayoutState.BOOKED):
            return lambda: self.take_back_a_payout(data, False)
        return self.book_payouts

    @precondition(lambda self: bool(self.stored(*UNBOOKED, PayoutState.BOOKED)))
    @rule(
        step=LEDGER_CALLS,
        after=st.booleans(),
        nth=st.integers(0, 2),
        stalled=st.booleans(),
        back=st.booleans(),
        data=st.data(),
    )
    def another_worker_books_payouts_too(
        self, step: str, after: bool, nth: int, stalled: bool, back: bool, data: st.DataObject
    ) -> None:
        """In the middle of a call of ours; when we have `stalled` for longer than our lease, it takes over."""
        other = started(self.sandbox, self.folder)

        def meanwhile() -> None:
            if stalled:
                self.clock.sleep(1000)
            other.payouts.book(self.stored(*UNBOOKED), actor="other")
            self.work_payouts(other)

        self.interrupted(step, nth, after, meanwhile, self.booking_or_back(data, back))

    # --- at the end ---------------------------------------------------------------------------------------------

    def payouts_to_the_end(self) -> None:
        """When all is mended: what was read is booked, or says why it is not."""
        books = self.sandbox.books
        books.pending_calls, books.late_numbers, books.failing_bookings = 1, 0, 0
        self.read_payouts(True)
        for _ in range(4):
            self.book_payouts()
