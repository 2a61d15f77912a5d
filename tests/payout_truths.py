"""What must hold of payouts after every step of a random sequence, counted in the sandbox's books and at the acquirers.

The proof is made as of now after every step, and nothing of it is kept, so that the library goes on with whatever it
knew. Nothing is unexplained, also where an answer was lost: what Dinero booked then is known by our own Guid, or is
a row of others' until it is looked for. Only `otherwise` may be, with a backup that was put back.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis.stateful import invariant

from dinero.api.answers import entry
from dinero.api.client import Dinero
from dinero.intake.matching import match
from dinero.intake.postings import sync_entries
from dinero.intake.settling import assess_payouts
from dinero.model.acquirers import Way
from dinero.model.balance import Balance, RowKind
from dinero.model.documents import OrderKey
from dinero.model.ledger import ItemKind, item_guid
from dinero.model.payouts import OF_ORDERS, Movement, Payout
from dinero.model.settlements import LedgerEntry, PayoutState, StoredPayout
from dinero.reports.balance import balance_of
from dinero.sandbox.books import Books
from dinero.sandbox.server import ORGANIZATION
from payout_events import BANK, BOOKING_ACCOUNT, FEES, PayoutEvents
from shop_truths import order_in

GENERATIONS = 12
WITH_A_REASON = (PayoutState.HELD, PayoutState.REFUSED, PayoutState.UNSURE, PayoutState.LEFT)
Posted = Mapping[tuple[int, int], int]  # by account and balancing account, in øre


class _NotKept(Exception):
    pass


class Postings(Dinero):
    """Dinero's postings straight from the sandbox's books: no call is made, so nothing goes wrong with it."""

    def __init__(self, books: Books) -> None:
        self.organization = ORGANIZATION
        self._books = books

    def entries(self, first: date, last: date, *, primo: bool) -> list[LedgerEntry]:
        return _told(self._books.entries(first, last, primo=primo))

    def entries_changed(self, since: datetime, until: datetime) -> list[LedgerEntry]:
        return _told(self._books.entries_changed(since.replace(microsecond=0), until.replace(microsecond=0)))


def _told(entries: list[dict[str, Any]]) -> list[LedgerEntry]:
    return [entry(told) for told in json.loads(json.dumps(entries), parse_float=Decimal)]


class PayoutTruths(PayoutEvents):
    """The events, and what must hold after each of them. Without `knows_all`, what was booked and taken back since a
    backup is not known here."""

    knows_all = True

    def ours(self) -> dict[str, tuple[Payout, ItemKind]]:
        """All Ids that an item of a payout may have."""
        return {
            item_guid(ORGANIZATION, payout.key, kind, generation): (payout, kind)
            for payout in self.sandbox.payouts
            for kind in ItemKind
            for generation in range(1, GENERATIONS + 1)
        }

    def booked_items(self) -> dict[str, list[tuple[ItemKind, Posted]]]:
        """What Dinero has booked for each payout, by the acquirer's id of it."""
        found: dict[str, list[tuple[ItemKind, Posted]]] = {payout.id: [] for payout in self.sandbox.payouts}
        ours = self.ours()
        for guid, item in self.sandbox.books.ledger_items.items():
            assert guid in ours, "an item of no payout"
            payout, kind = ours[guid]
            if item["Status"] == "Booked":
                found[payout.id].append((kind, _posted(item)))
        return found

    def standing(self) -> dict[str, Posted]:
        """The one booking of each payout that stands in Dinero: booked, and not taken back."""
        found: dict[str, Posted] = {}
        for name, items in self.booked_items().items():
            sums: Counter[tuple[int, int]] = Counter()
            for _, posted in items:
                sums.update(posted)
            left = {place: ore for place, ore in sums.items() if ore}
            kinds = Counter(kind for kind, _ in items)
            times = kinds[ItemKind.PAYOUT] - kinds[ItemKind.COUNTER]
            assert times in (0, 1), f"payout {name} stands {times} times in Dinero"
            if not times:
                assert not left, f"what was taken back of payout {name} left {left}"
            else:
                assert left in [posted for kind, posted in items if kind is ItemKind.PAYOUT], left
                found[name] = left
        return found

    @invariant()
    def each_payout_is_booked_at_most_once_and_to_the_ore(self) -> None:
        payouts = {payout.id: payout for payout in self.sandbox.payouts}
        for name, posted in self.standing().items():
            payout = payouts[name]
            assert all(balancing == BOOKING_ACCOUNT for _, balancing in posted)
            assert posted.get((BANK, BOOKING_ACCOUNT), 0) in (0, payout.net.ore), (name, posted)
            assert posted.get((FEES, BOOKING_ACCOUNT), 0) == -payout.fees.ore, (name, posted)
            rest = {account: ore for (account, _), ore in posted.items() if account not in (BANK, FEES)}
            kept = -_gross(payout, Movement.RESERVE, Movement.RESERVE_RELEASED)
            corrected = -_gross(payout, Movement.CORRECTION)
            assert set(rest.values()) <= {kept, corrected}, (name, posted)

    @invariant()
    def what_is_booked_here_is_booked_in_dinero(self) -> None:
        store, books = self.dashboard.store, self.sandbox.books
        standing = self.standing()
        for item in store.ledger_items.listed(ORGANIZATION):
            there = books.ledger_items.get(item.guid)
            if item.voucher_number is not None:
                assert there is not None
                assert (there["Status"], str(there["VoucherNumber"])) == ("Booked", item.voucher_number)
                is_planned = _posted(there) == _planned(item.plan.body(item.guid))
                assert is_planned or item.payout in self.otherwise(), "booked otherwise than planned"
        for payout in store.payouts.listed():
            if payout.state is PayoutState.BOOKED:
                assert payout.payout in standing or self.is_forgotten(payout), f"{payout.payout} is booked here alone"

    def otherwise(self) -> set[int]:
        """The payouts that Dinero may have booked otherwise than they are planned here."""
        return set()

    def is_forgotten(self, payout: StoredPayout) -> bool:
        """Whether Dinero has an item of a payout of which nothing is known here: a backup was put back."""
        known = {item.guid for item in self.dashboard.store.ledger_items.of(payout.id)}
        return any(
            guid not in known and of.key == payout.key and guid in self.sandbox.books.ledger_items
            for guid, (of, _) in self.ours().items()
        )

    @invariant()
    def every_payout_has_a_state_and_where_it_stands_still_a_reason(self) -> None:
        store = self.dashboard.store
        for payout in store.payouts.listed():
            told = f"payout {payout.payout} is {payout.state}"
            if payout.state in WITH_A_REASON:
                assert payout.reasons, told
            if payout.state is PayoutState.BOOKING:
                assert payout.wanted_at is not None, told
            if payout.state in (PayoutState.BOOKED, PayoutState.IN_LEDGER):
                assert store.ledger_items.newest(payout.id) is not None, told

    @invariant()
    def the_account_is_what_the_proof_says(self) -> None:
        try:
            with self.dashboard.store.transaction():
                self.check_proof()
                raise _NotKept
        except _NotKept:
            pass

    def check_the_end(self) -> None:
        """After a quiet run nothing is in doubt: what stands in Dinero is booked here too, and the proof's rows are
        what was registered less what was paid out."""
        store, standing = self.dashboard.store, self.standing()
        kept = store.payouts.listed()
        # A file tells of a reserve before it comes back.
        assert {payout.payout for payout in kept} >= {payout.id for payout in self.sandbox.payouts}, "one was left out"
        for payout in kept:
            told = f"payout {payout.payout} is {payout.state}: {[reason.code for reason in payout.reasons]}"
            assert payout.state not in (PayoutState.READY, PayoutState.UNSURE, PayoutState.BOOKING), told
            is_right = (payout.payout in standing) == (payout.state is PayoutState.BOOKED)
            assert is_right or payout.id in self.otherwise(), told
        changed = match(store, self.dashboard.settings.load())
        assert changed == 0, "an order was looked for too late"
        before = [(payout.state, payout.reasons) for payout in kept]
        assess_payouts(store, self.dashboard.settings.load())
        assert before == [(payout.state, payout.reasons) for payout in store.payouts.listed()], "a state was kept"
        balance = self.check_proof()
        by_hand = {str(v["VoucherNumber"]) for v in self.sandbox.books.vouchers.values()}
        called_others = {row.voucher for row in balance.of(RowKind.OTHER)}
        assert called_others <= by_hand or not self.knows_all, "a posting of ours is called others'"
        if self.is_all_ours(standing):
            self.check_rows(balance, standing)

    def is_all_ours(self, standing: Mapping[str, Posted]) -> bool:
        """Whether all that was booked of payouts was booked from here, whole, and of payouts that name their orders."""
        choices = self.dashboard.settings.load().acquirers
        return all(
            payout.payout not in standing or (standing[payout.payout].get((BANK, BOOKING_ACCOUNT), 0) == payout.net_ore)
            for payout in self.dashboard.store.payouts.listed()
        ) and not any(
            choices[payout.acquirer].way is not Way.BOOK
            or payout.state in (PayoutState.LEFT, PayoutState.IN_LEDGER)
            or {"same", "rest"} & set(payout.answers.values())
            or any(line.is_sum for line in self.dashboard.store.payouts.lines(payout.id))
            for payout in self.dashboard.store.payouts.listed()
        )

    def check_rows(self, balance: Balance, standing: Mapping[str, Posted]) -> None:
        """By order, with its returns: what was registered, in the books, less what was paid out, by the payouts that
        stand there."""
        left: Counter[OrderKey | None] = Counter()
        books = self.sandbox.books
        for entry_ in books._paid():
            if entry_["AccountNumber"] == BOOKING_ACCOUNT:
                payment = next(p for p in books.payments if p["RelatedVoucherId"] == entry_["VoucherGuid"])
                document = (books.invoices | books.credit_notes)[payment["InvoiceGuid"]]
                left[self.sale_of(order_in(document["ExternalReference"]))] += entry_["_ore"]
        for payout in self.dashboard.store.payouts.listed():
            if payout.payout in standing:
                for line in self.dashboard.store.payouts.lines(payout.id):
                    if line.kind in OF_ORDERS:
                        of = OrderKey(line.shop, line.order_id)
                        left[self.sale_of(of) if of.id else None] -= line.gross_ore
        shown: Counter[OrderKey | None] = Counter()
        for row in balance.rows:
            if row.order is not None:
                shown[self.sale_of(row.order)] += row.ore
            elif row.kind in (RowKind.NO_ORDER, RowKind.CHARGEBACK):
                shown[None] += row.ore
        assert +shown == +left, (shown, left)
        assert -shown == -left, (shown, left)
        noise = [row for row in balance.rows if row.order is not None and not left[self.sale_of(row.order)]]
        assert not {row.kind for row in noise} - {RowKind.CHARGEBACK, RowKind.NOT_TRANSFERRED}, noise

    def check_proof(self) -> Balance:
        store, chosen = self.dashboard.store, self.dashboard.settings.load()
        mirror = sync_entries(Postings(self.sandbox.books), store, chosen)
        balance = balance_of(store, chosen, mirror, BOOKING_ACCOUNT, self.today)
        there = sum(
            entry["_ore"]
            for entry in self.sandbox.books._all()
            if entry["AccountNumber"] == BOOKING_ACCOUNT and entry["Date"] <= self.today.isoformat()
        )
        assert balance.dinero_ore == there
        assert sum(difference.ore for difference in balance.differences) == balance.unexplained_ore
        told = [one.text.render("en") for one in balance.differences if one.payout not in self.otherwise()]
        assert not told, told
        return balance


def _posted(item: Mapping[str, Any]) -> Posted:
    sums: Counter[tuple[int, int]] = Counter()
    for line in item["Lines"]:
        sums[line["AccountNumber"], line["BalancingAccountNumber"]] += round(line["Amount"] * 100)
    return sums


def _planned(body: Mapping[str, Any]) -> Posted:
    return _posted({"Lines": [{**line, "Amount": float(line["Amount"])} for line in body["Lines"]]})


def _gross(payout: Payout, *kinds: Movement) -> int:
    return sum(line.gross.ore for line in payout.lines if line.kind in kinds)
