"""The proof of a booking account, made from the mirror of Dinero's postings and from what the store knows.

Only what is open is looked at one by one: postings that are a sale's beyond doubt, and orders that a settled payout
paid out to the øre, add nothing to the proof.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from dinero.intake.postings import Mirror, first_day
from dinero.intake.settling import with_currencies
from dinero.model.acquirers import STAYS, AcquirerChoice, Way
from dinero.model.balance import Balance, BalanceRow, RowKind
from dinero.model.clock import copenhagen_date, utc_text
from dinero.model.documents import BOOKED_STEPS, OrderKey
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.ledger import LedgerItem, Purpose
from dinero.model.money import DKK
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.model.settlements import PayoutState, StoredLine, StoredPayout
from dinero.rules.balance import Books, prove
from dinero.rules.payout_plans import NEGATIVE, tied_voucher
from dinero.rules.settled import PaidOut, whole
from dinero.rules.ties import Moved
from dinero.store import Store
from dinero.store.matches import PaidOut as InPayout

# The owner books these, or a part of them.
_BY_OWNER = (Way.FEE, Way.DRAFT, Way.NOTHING)
_LEFT = (PayoutState.LEFT, PayoutState.IN_LEDGER)


def balance_of(store: Store, settings: Settings, mirror: Mirror, account: int, on: date) -> Balance:
    """The proof of a deposit account at the end of a day. Raises SettingsError for a day before the mirror's first."""
    if on < mirror.first:
        raise SettingsError(
            Text("Dinero's postings were read from {date} on. Choose a day from then on.", date=mirror.first)
        )
    books = _Reading(store, settings, mirror, account, on).books()
    balance = prove(books)
    return replace(balance, rows=tuple(_with_unbooked(store, balance, {one.payout.id for one in books.payouts})))


def _with_unbooked(store: Store, balance: Balance, here: Collection[int]) -> Iterable[BalanceRow]:
    """The rows; sales and refunds that are in a payout which was read say so: they wait for its booking alone, or it is
    none of the account's payouts, which are `here`."""
    kinds = {RowKind.SALE: Movement.SALE, RowKind.REFUND: Movement.REFUND}
    orders = [row.order for row in balance.of(*kinds) if row.order is not None]
    paid, sums = store.matches.paid_out(orders, balance.on), _unbooked_sums(store, balance.on)
    payout_of = cache(store.payouts.get)  # many rows, few payouts
    for row in balance.rows:
        kind = kinds.get(row.kind)
        found = paid.get((row.order, kind)) if row.order is not None and kind is not None else None
        if found is None and kind is not None:
            found = next((of for payout, of in sums if _is_in_period(row, payout)), None)
        if found is None:
            yield row
            continue
        told, text = RowKind.UNBOOKED, Text("Paid out {date} in {payout}, which is not booked yet.")
        payout = payout_of(found.payout)
        if payout is not None and payout.currency == DKK and payout.id not in here:
            told = RowKind.OTHER_ACCOUNT
            text = Text("Registered here, but paid out {date} in {payout}, which is of another booking account.")
        text = Text(text.message, date=found.on, payout=found.name)
        yield replace(row, kind=told, text=text, payout=found.payout, payout_name=found.id)


def _unbooked_sums(store: Store, on: date) -> list[tuple[StoredPayout, InPayout]]:
    """The payouts that name a period and no orders, and that are not booked."""
    return [
        (payout, InPayout(payout.id, payout.payout, payout.bank_text or payout.payout, payout.paid_on))
        for payout in store.payouts.listed(states=[state for state in PayoutState if state is not PayoutState.BOOKED])
        if not payout.orders and payout.paid_on <= on
    ]


def _is_in_period(row: BalanceRow, payout: StoredPayout) -> bool:
    """Whether a payout without orders pays a sale out: by its day, as when it is booked."""
    if payout.first_day is None or payout.last_day is None or row.acquirer not in ("", payout.acquirer):
        return False
    return payout.first_day <= row.on <= payout.last_day


@dataclass(frozen=True)
class _Reading:
    store: Store
    settings: Settings
    mirror: Mirror
    account: int
    on: date

    @property
    def organization(self) -> str:
        return self.settings.organization or ""

    def books(self) -> Books:
        of = (self.organization, self.account)
        in_doubt = self.store.ties.in_doubt(*of)
        untied = dict(self.store.registered.in_doubt(*of, in_doubt))
        all_items = self.store.ledger_items.listed(self.organization)
        items, strange = self._items(all_items), self._of_others(all_items)
        payouts, orders = self._payouts(items, strange, set(untied.values()))
        if any(paid.has_sums for paid in payouts):
            payouts, of_open = self._summed(payouts, items, orders, untied)
        else:
            of_open = set(self.store.registered.of_orders(*of, self.on, sorted(orders)))
        sales = {sale.guid: sale for sale in self.store.registered.of(sorted(untied.keys() | of_open))}
        asked_at = utc_text(self.mirror.at)
        first_ore, gap_ore, year_start, dinero_ore = self._sums()
        lined = sorted({OrderKey(ln.shop, ln.order_id) for one in payouts for ln in one.lines if ln.order_id})
        today = copenhagen_date(self.mirror.at)
        return Books(
            account=self.account,
            name=self._name(),
            on=self.on,
            asked_at=self.mirror.at,
            dinero_ore=dinero_ore,
            entries=self.store.entries.in_doubt(*of, in_doubt),
            registered=[sale for guid, sale in sales.items() if guid in of_open],
            untied=[sale for guid, sale in sales.items() if guid in untied],
            moved=items,
            payouts=payouts,
            start=first_day(self.store, self.settings, today, self.account),
            opening=self.settings.openings.get(self.account),
            first_ore=first_ore,
            gap_ore=gap_ore,
            year_start=year_start,
            unread=frozenset(guid for guid, sale in sales.items() if sale.at > asked_at),
            elsewhere=frozenset(self.store.registered.other_accounts(self.organization, self.account, lined)),
            acquirers=self._by_method(),
        )

    def _name(self) -> str:
        deposit = self.settings.chart.deposits.get(self.account)
        return deposit.name if deposit else str(self.account)

    # --- what Dinero has -----------------------------------------------------------------------------------

    def _sums(self) -> tuple[int, int, date, int]:
        """What the first year began with, what this year began with beyond what the years before it came to, its first
        day, and the balance."""
        first = self.mirror.first
        first_ore = self._sum(first, first, primo=True)
        year = next((start for start, end in self.settings.chart.years if start <= self.on <= end), first)
        gap = 0
        if year > first and year in self.mirror.years:
            before = first_ore + self._sum(first, year - timedelta(days=1))
            gap = self._sum(year, year, primo=True) - before
        return first_ore, gap, year, first_ore + self._sum(first, self.on) + gap

    def _sum(self, first: date, last: date, *, primo: bool = False) -> int:
        return self.store.entries.sum(self.organization, self.account, first, last, primo=primo)

    # --- what was moved for payouts ----------------------------------------------------------------------------

    def _items(self, items: Sequence[LedgerItem]) -> list[Moved]:
        asked_at = utc_text(self.mirror.at)
        return [_moved(item, self.account, asked_at) for item in items if self._is_of(item)]

    def _is_of(self, item: LedgerItem) -> bool:
        return any(self.account in (line.balancing, line.account) for line in item.plan.lines)

    def _of_others(self, items: Sequence[LedgerItem]) -> set[int]:
        """The payouts that were booked from another account, and not taken back there."""
        moved: dict[int, int] = defaultdict(int)
        for item in items:
            if item.voucher_number is not None and not self._is_of(item):
                moved[item.payout] += item.plan.moved.ore
        return {payout for payout, ore in moved.items() if ore}

    def _payouts(self, items: Sequence[Moved], strange: set[int], in_doubt: set[str]) -> tuple[list[PaidOut], set[str]]:
        """The payouts on the account with those lines that matter, and the orders that are open. Where a payout is, its
        booked item says, else the choice of its acquirer; `strange` were booked from another account."""
        of_payout = _by_payout(items)
        choices = self._choices()
        here = [
            payout
            for payout in self.store.payouts.listed()
            if payout.currency == DKK
            and (
                sum(item.ore for item in of_payout.get(payout.id, [])) != 0
                or (choices[payout.acquirer].account == self.account and payout.id not in strange)
            )
        ]
        surely = [
            payout.id
            for payout in here
            if _is_surely_settled(self._paid_out(payout, choices), of_payout.get(payout.id, []), self.on)
        ]
        known = set(surely)
        others = [payout.id for payout in here if payout.id not in known]
        is_open = in_doubt | set(self.store.ties.open_orders(self.organization, self.account, self.on, surely))
        is_open |= self.store.payouts.orders_of(others)
        kept: dict[int, list[StoredLine]] = defaultdict(list)
        lines = self.store.payouts.lines_but([payout.id for payout in here], surely, sorted(is_open))
        for line in with_currencies(self.store, lines):
            kept[line.payout].append(line)
        return [self._paid_out(payout, choices, kept[payout.id]) for payout in here], is_open

    def _summed(
        self, payouts: list[PaidOut], items: Sequence[Moved], orders: set[str], untied: Collection[str]
    ) -> tuple[list[PaidOut], set[str]]:
        """The payouts with what those without orders paid out beyond doubt, because the day is one payout's alone and
        no line is of the order; and the documents of open orders that are left."""
        with_sums = [paid for paid in payouts if paid.has_sums]
        of_day: dict[str, list[PaidOut]] = defaultdict(list)
        for paid in with_sums:
            for day in paid.period:
                of_day[day.isoformat()].append(paid)
        of_payout = _by_payout(items)
        surely = {p.payout.id for p in with_sums if _is_surely_settled(p, of_payout.get(p.payout.id, []), self.on)}
        lined = self.store.payouts.orders_of([paid.payout.id for paid in payouts])
        chosen = any(paid.methods or paid.not_methods for paid in with_sums)
        methods = self.store.registered.methods(self.organization, self.account) if chosen else {}
        takers_of: dict[tuple[str, str], list[PaidOut]] = {}
        covered: dict[int, int] = defaultdict(int)
        left = set[str]()
        for on, ore, guid, order in self.store.registered.days(self.organization, self.account, self.on):
            method = methods.get(order, "")
            if (takers := takers_of.get((on, method))) is None:
                takers = takers_of[on, method] = [paid for paid in of_day.get(on, []) if paid.takes(method)]
            if len(takers) == 1 and takers[0].payout.id in surely and order not in lined and guid not in untied:
                covered[takers[0].payout.id] += ore
            elif order in orders:
                left.add(guid)
        return [replace(paid, covered_ore=covered.get(paid.payout.id, 0)) for paid in payouts], left

    def _choices(self) -> dict[str, AcquirerChoice]:
        keys = {*self.store.payouts.acquirers(), *self.settings.acquirers}
        return {key: self.settings.acquirer(key) for key in keys}

    def _paid_out(
        self, payout: StoredPayout, choices: dict[str, AcquirerChoice], lines: Sequence[StoredLine] = ()
    ) -> PaidOut:
        choice, tied = choices[payout.acquirer], tied_voucher(payout)
        named = {Movement(kind) for kind, number in choice.accounts.items() if number != STAYS}
        if Movement.RESERVE in named:
            named.add(Movement.RESERVE_RELEASED)
        others = (other for key, other in choices.items() if key != payout.acquirer and other.account == self.account)
        return PaidOut(
            payout,
            tuple(lines),
            by_owner=choice.way in _BY_OWNER or payout.state in _LEFT,
            voucher=f"{tied.number}|{tied.on.isoformat()}" if tied else "",
            is_carried=NEGATIVE.answer(payout.answers) == "carried",
            named=frozenset(named),
            methods=choice.methods,
            not_methods=frozenset(method for other in others for method in other.methods),
        )

    def _by_method(self) -> dict[str, str]:
        """The acquirer of each way to pay; of all others ("") where there is but one acquirer here."""
        here = {key: choice for key, choice in self._choices().items() if choice.account == self.account}
        found = {method: key for key, choice in here.items() for method in choice.methods}
        return found | ({"": next(iter(here))} if len(here) == 1 else {})


def _moved(item: LedgerItem, account: int, asked_at: str) -> Moved:
    """What an item of ours moves from the account."""

    def ore(*purposes: Purpose) -> int:
        lines = [line for line in item.plan.lines if not purposes or line.purpose in purposes]
        return sum(line.amount.ore * ((line.balancing == account) - (line.account == account)) for line in lines)

    return Moved(
        item.payout,
        item.guid,
        item.voucher_number or "",
        item.plan.on,
        ore(),
        ore(Purpose.RESERVE),
        ore(Purpose.OTHER),
        ore(Purpose.EXCHANGE),
        is_booked=item.voucher_number is not None or (item.step in BOOKED_STEPS and not item.plan.leave_unbooked),
        is_unread=item.updated_at > asked_at,
    )


def _by_payout(items: Sequence[Moved]) -> dict[int, list[Moved]]:
    found: dict[int, list[Moved]] = defaultdict(list)
    for item in items:
        found[item.payout].append(item)
    return found


def _is_surely_settled(paid: PaidOut, items: Sequence[Moved], on: date) -> bool:
    """Whether a payout is settled whatever Dinero shows: its one item is booked and read, and moves all of it."""
    if len(items) != 1 or paid.by_owner or paid.payout.paid_on > on:
        return False
    (item,) = items
    return item.is_booked and not item.is_unread and item.on <= on and item.ore == whole(paid, items)
