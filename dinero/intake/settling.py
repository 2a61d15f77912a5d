"""How payouts stand: assessed as settings, lines and Dinero's postings are now, each with one state and its reasons."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from dinero.model.clock import copenhagen_date
from dinero.model.documents import Event, OrderKey
from dinero.model.ledger import LedgerPlan
from dinero.model.money import DKK
from dinero.model.settings import Settings
from dinero.model.settlements import LedgerEntry, PayoutState, StoredLine, StoredPayout
from dinero.rules.payout_checks import NEAR, Standing, may_be_same, standing, voucher_of, with_currency
from dinero.rules.payout_plans import own_texts, taken_back_text, tied_voucher
from dinero.store import Store

UNASKED = (PayoutState.HELD, PayoutState.READY, PayoutState.LEFT)


def assess_payouts(store: Store, settings: Settings, numbers: Sequence[int] | None = None) -> None:
    """Gives payouts (all, without `numbers`) that nobody has asked for and that are not booked their state and reasons
    as they are now. What newly needs the owner is a row of the history."""
    payouts = _unasked(store, numbers)
    assessor = PayoutAssessor(store, settings, payouts)
    for payout in payouts:
        found = assessor.standing(payout)
        with store.transaction():
            changed = store.payouts.assessed(payout, found.state, found.reasons)
            if changed and found.state is PayoutState.HELD and _is_news(payout, found):
                store.history.add(Event("payout held", found.reasons[0].text, payout=payout.id))


def _unasked(store: Store, numbers: Sequence[int] | None) -> list[StoredPayout]:
    if numbers is None:
        listed = store.payouts.listed(states=UNASKED)
    else:
        listed = [payout for number in numbers if (payout := store.payouts.get(number)) is not None]
    return [payout for payout in listed if payout.wanted_at is None and payout.state in UNASKED]


def _is_news(before: StoredPayout, now: Standing) -> bool:
    """Whether a payout is held for another reason than it was: the same with other figures is none."""
    known = {finding.code for finding in before.reasons} if before.state is PayoutState.HELD else set()
    return not {finding.code for finding in now.reasons} <= known


def plan_of(store: Store, settings: Settings, number: int) -> LedgerPlan | None:
    """What would be sent for a payout now; None while anything stands in its way."""
    payout = store.payouts.get(number)
    return PayoutAssessor(store, settings, [payout]).standing(payout).plan if payout is not None else None


def with_currencies(store: Store, lines: Iterable[StoredLine]) -> list[StoredLine]:
    """Lines with the currency of those orders whose currency the acquirer did not tell."""
    found = []
    for line in lines:
        known = line.order_id and not line.sold_for_currency and line.registered_ore != line.gross_ore
        order = store.orders.get(OrderKey(line.shop, line.order_id)) if known else None
        found.append(with_currency(line, order.currency or DKK, order.total_ore) if order is not None else line)
    return found


class PayoutAssessor:
    """Assesses payouts under one set of settings; Dinero's postings around their days are read once, out of the mirror.
    `earlier` are those of before the mirror's first day."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        payouts: Sequence[StoredPayout],
        earlier: Sequence[LedgerEntry] = (),
    ) -> None:
        self._store = store
        self._settings = replace(settings, today=copenhagen_date(store.clock.now()))
        self._around = _Around(store, self._settings, payouts, earlier)

    def standing(self, payout: StoredPayout) -> Standing:
        """How a payout stands now."""
        return standing(payout, self._lines(payout), self._settings, self._around.of(payout), self._around.twin(payout))

    def was_booked_from_here(self, payout: StoredPayout) -> bool:
        """Whether Dinero has a posting that was made from here for a payout and that nothing here knows of: a backup
        was put back. Its Id finds it."""
        return payout.id in self._around.lost

    def _lines(self, payout: StoredPayout) -> list[StoredLine]:
        return with_currencies(self._store, self._store.payouts.lines(payout.id))


class _Around:
    """Dinero's postings around the days of payouts that are not ours."""

    def __init__(
        self, store: Store, settings: Settings, payouts: Sequence[StoredPayout], earlier: Sequence[LedgerEntry]
    ) -> None:
        days = [payout.paid_on for payout in payouts]
        self._by_day: dict[date, list[LedgerEntry]] = defaultdict(list)
        self._tied: dict[tuple[str, date], int] = {}
        self._by_net: dict[int, list[StoredPayout]] = defaultdict(list)
        self.lost = set[int]()  # payouts that were booked from here, as a text tells, and of which nothing is known
        organization = settings.organization
        if not days or organization is None:
            return
        first, last = min(days) - NEAR, max(days) + NEAR
        near_ones = store.payouts.listed(first=first - NEAR, last=last + NEAR)
        for near in near_ones:
            self._by_net[near.net_ore].append(near)
        accounts = {
            account
            for key in {payout.acquirer for payout in payouts}
            for account in (settings.acquirer(key).account, settings.acquirer(key).bank_account)
            if account is not None
        }
        entries = store.entries.between(organization, sorted(accounts), first, last)
        entries += [entry for entry in earlier if entry.account in accounts]
        guids, vouchers = store.ledger_items.vouchers(organization, first, last)
        documents = store.documents.by_guid(sorted({entry.voucher_guid for entry in entries if entry.voucher_guid}))
        ours = guids | documents.keys()
        texts = dict[str, int]()
        for payout in near_ones:
            texts |= dict.fromkeys(own_texts(payout), payout.id)
            tied = tied_voucher(payout)
            if tied is not None:
                self._tied[tied.number, tied.on] = payout.id
        # Payments of ours are told by their account, day and amount: how Dinero names their vouchers is not known.
        payments = Counter(store.registered.payments(organization, sorted(accounts), first, last))
        theirs = list[LedgerEntry]()
        for entry in entries:
            if entry.voucher_guid in ours or (entry.voucher_number, entry.on) in vouchers:
                payments[entry.account, entry.on, entry.ore] -= 1
            else:
                theirs.append(entry)
        for entry in theirs:
            payment = (entry.account, entry.on, entry.ore)
            if payments[payment] > 0:
                payments[payment] -= 1
                continue
            if (text := taken_back_text(entry.text)) in texts:
                self.lost.add(texts[text])
            else:
                self._by_day[entry.on].append(entry)

    def twin(self, payout: StoredPayout) -> StoredPayout | None:
        """The first payout that was read before it and may be the same."""
        found = [one for one in self._by_net[payout.net_ore] if one.id < payout.id and may_be_same(one, payout)]
        return min(found, key=lambda one: one.id, default=None)

    def of(self, payout: StoredPayout) -> list[LedgerEntry]:
        """Those near its day that are not tied to another payout."""
        days = [payout.paid_on + timedelta(days=away) for away in range(-NEAR.days, NEAR.days + 1)]
        return [
            entry
            for day in days
            for entry in self._by_day.get(day, ())
            if self._tied.get((voucher_of(entry), entry.on), payout.id) == payout.id
        ]
