"""The proof of a booking account, made from the mirror of Dinero's postings and from what the store knows.

Only what is open is looked at one by one: postings that are a sale's beyond doubt, and orders that a settled payout
paid out to the øre, add nothing to the proof.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dinero.intake.postings import Mirror, first_day
from dinero.model.acquirers import STAYS, AcquirerChoice, Way
from dinero.model.balance import Balance
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
from dinero.rules.settled import PaidOut, whole
from dinero.rules.ties import Moved, surely_tied
from dinero.store import Store
from dinero.store.payouts import PlainLine
from dinero.store.registered import Plain

# The owner books these, or a part of them.
_BY_OWNER = (Way.FEE, Way.DRAFT, Way.NOTHING)
_LEFT = (PayoutState.LEFT, PayoutState.IN_LEDGER)
# Answers to a payout's questions: a voucher of the owner's ("already_booked:2026-11-24:7") is this payout, or its
# bank line; what the owner owes is taken from the next payout.
_ALREADY, _TIED = "already_booked:", ("same", "rest")
_NEGATIVE, _CARRIED = "negative_payout", "carried"
_ORDERS_PAID = (Movement.SALE, Movement.REFUND)


def balance_of(store: Store, settings: Settings, mirror: Mirror, account: int, on: date) -> Balance:
    """The proof of a deposit account at the end of a day. Raises SettingsError for a day before the mirror's first."""
    if on < mirror.first:
        raise SettingsError(
            Text("Dinero's postings were read from {date} on. Choose a day from then on.", date=mirror.first)
        )
    return prove(_Reading(store, settings, mirror, account, on).books())


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
        registered = self.store.registered.plain(self.organization, self.account, date.max)
        entries = self.store.entries.plain(self.organization, self.account)
        ours, theirs = surely_tied(((s.number, s.day, s.ore) for s in registered), (e[1:] for e in entries))
        items = self._items()
        left = [sale for place, sale in enumerate(registered) if place not in ours]
        untied = {sale.guid for sale in left}
        payouts, open_orders = self._payouts(items, registered, {(sale.shop, sale.order_id) for sale in left})
        last = self.on.isoformat()
        of_open = {s.guid for s in registered if (s.shop, s.order_id) in open_orders and s.day <= last}
        sales = {sale.guid: sale for sale in self.store.registered.of(sorted(untied | of_open))}
        asked_at = utc_text(self.mirror.at)
        first_ore, gap_ore, year_start, dinero_ore = self._sums()
        orders = sorted({OrderKey(ln.shop, ln.order_id) for paid in payouts for ln in paid.lines if ln.order_id})
        today = copenhagen_date(self.mirror.at)
        return Books(
            account=self.account,
            name=self._name(),
            on=self.on,
            asked_at=self.mirror.at,
            dinero_ore=dinero_ore,
            entries=self.store.entries.of(
                self.organization, [entry.guid for place, entry in enumerate(entries) if place not in theirs]
            ),
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
            elsewhere=frozenset(self.store.registered.other_accounts(self.organization, self.account, orders)),
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

    def _items(self) -> list[Moved]:
        asked_at = utc_text(self.mirror.at)
        found = []
        for item in self.store.ledger_items.listed(self.organization):
            if any(self.account in (line.balancing, line.account) for line in item.plan.lines):
                found.append(_moved(item, self.account, asked_at))
        return found

    def _payouts(
        self, items: Sequence[Moved], registered: Iterable[Plain], in_doubt: set[tuple[str, str]]
    ) -> tuple[list[PaidOut], set[tuple[str, str]]]:
        """The payouts on the account with those lines that matter, and the orders that are open."""
        of_payout: dict[int, list[Moved]] = defaultdict(list)
        for item in items:
            of_payout[item.payout].append(item)
        choices = self._choices()
        here = [
            payout
            for payout in self.store.payouts.listed()
            if payout.currency == DKK and self._is_here(payout, of_payout[payout.id], choices[payout.acquirer])
        ]
        plain = {payout.id: self._paid_out(payout, choices) for payout in here}
        surely = {number for number, paid in plain.items() if _is_surely_settled(paid, of_payout[number], self.on)}
        lines = self.store.payouts.plain_lines([payout.id for payout in here])
        is_open = in_doubt | _open_orders(lines, registered, surely, self.on.isoformat())
        wanted = [
            (line.payout, line.place)
            for line in lines
            if not line.order_id or (line.shop, line.order_id) in is_open or line.kind not in _ORDERS_PAID
        ]
        kept: dict[int, list[StoredLine]] = defaultdict(list)
        for line in self.store.payouts.lines_at(wanted):
            kept[line.payout].append(line)
        return [self._paid_out(payout, choices, kept[payout.id]) for payout in here], is_open

    def _choices(self) -> dict[str, AcquirerChoice]:
        keys = {*self.store.payouts.acquirers(), *self.settings.acquirers}
        return {key: self.settings.acquirer(key) for key in keys}

    def _is_here(self, payout: StoredPayout, items: Sequence[Moved], choice: AcquirerChoice) -> bool:
        """Whether a payout is the account's: its booked item says it, else the choice of its acquirer."""
        return sum(item.ore for item in items) != 0 or choice.account == self.account

    def _paid_out(
        self, payout: StoredPayout, choices: dict[str, AcquirerChoice], lines: Sequence[StoredLine] = ()
    ) -> PaidOut:
        choice = choices[payout.acquirer]
        named = {Movement(kind) for kind, number in choice.accounts.items() if number != STAYS}
        if Movement.RESERVE in named:
            named.add(Movement.RESERVE_RELEASED)
        others = (other for key, other in choices.items() if key != payout.acquirer and other.account == self.account)
        return PaidOut(
            payout,
            tuple(lines),
            by_owner=choice.way in _BY_OWNER or payout.state in _LEFT,
            voucher=_tied_voucher(payout),
            is_carried=payout.answers.get(_NEGATIVE) == _CARRIED,
            named=frozenset(named),
            methods=choice.methods,
            not_methods=frozenset(method for other in others for method in other.methods),
        )

    def _by_method(self) -> dict[str, str]:
        """The acquirer of each way to pay; of all others ("") where there is but one acquirer here."""
        here = {key: choice for key, choice in self._choices().items() if choice.account == self.account}
        found = {method: key for key, choice in here.items() for method in choice.methods}
        return found | ({"": next(iter(here))} if len(here) == 1 else {})


def _tied_voucher(payout: StoredPayout) -> str:
    """The number and day of the voucher that the owner said to be this payout, "" where there is none."""
    for key, answer in payout.answers.items():
        if key.startswith(_ALREADY) and answer in _TIED:
            day, _, number = key.removeprefix(_ALREADY).partition(":")
            return f"{number}|{day}"
    return ""


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


def _is_surely_settled(paid: PaidOut, items: Sequence[Moved], on: date) -> bool:
    """Whether a payout is settled whatever Dinero shows: its one item is booked and read, and moves all of it."""
    if len(items) != 1 or paid.by_owner or paid.payout.paid_on > on:
        return False
    (item,) = items
    return item.is_booked and not item.is_unread and item.on <= on and item.ore == whole(paid, items)


def _open_orders(
    lines: Iterable[PlainLine], registered: Iterable[Plain], surely: set[int], last: str
) -> set[tuple[str, str]]:
    """The orders of which something may be left: all but those whose sales and refunds are paid out, each to the øre,
    in payouts that are settled."""
    left: dict[tuple[str, str], list[int]] = {}
    is_open = set[tuple[str, str]]()
    for sale in registered:
        if sale.day <= last:
            sums = left.setdefault((sale.shop, sale.order_id), [0, 0, 0])
            sums[sale.ore < 0] += sale.ore
    for line in lines:
        if not line.order_id or line.is_sum:
            continue
        key = line.shop, line.order_id
        sums = left.setdefault(key, [0, 0, 0])
        sums[2] += 1
        if line.payout not in surely or line.sold_for_currency or line.kind not in _ORDERS_PAID:
            is_open.add(key)
        else:
            sums[line.kind == Movement.REFUND] -= line.gross_ore
    return is_open | {key for key, (sold, refunded, n) in left.items() if sold or refunded or not n}
