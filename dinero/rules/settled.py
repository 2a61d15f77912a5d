"""Which payouts are settled on a day: all of what they move from the booking account is moved, by a ledger item of ours
or by a voucher of the owner's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dinero.model.payouts import Movement
from dinero.model.settlements import LedgerEntry, StoredLine, StoredPayout
from dinero.rules.ties import Moved

NEAR_DAYS = 5  # between a payout and the voucher with which the owner books it

SUMMED = (Movement.SALE, Movement.REFUND)  # what a period's sums are compared with
RESERVES = (Movement.RESERVE, Movement.RESERVE_RELEASED)
CORRECTIONS = (Movement.CORRECTION, Movement.OTHER, Movement.FEE)


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payout in kroner with those of its lines that matter: lines of orders that are closed may be left out.

    `by_owner`: the owner books it, or a part of it. `voucher` is the number and day ("7|2026-11-24") by which the owner
    said that it is booked. `is_carried`: what the owner owes is taken from the next payout. `named` are the kinds of
    lines that are booked on an account of their own. `methods` are the ways to pay that its acquirer stands for,
    `not_methods` those that are others' (for a payout without orders).
    """

    payout: StoredPayout
    lines: tuple[StoredLine, ...] = ()
    by_owner: bool = False
    voucher: str = ""
    is_carried: bool = False
    named: frozenset[Movement] = frozenset()
    methods: tuple[str, ...] = ()
    not_methods: frozenset[str] = frozenset()
    covered_ore: int = 0

    @property
    def gross_ore(self) -> int:
        """What its lines are of, before fees."""
        return self.payout.net_ore - self.payout.fees_ore

    def gross_of(self, kinds: Iterable[Movement]) -> int:
        """The gross of its lines of some kinds."""
        return sum(line.gross_ore for line in self.lines if line.kind in kinds)

    @property
    def carried_ore(self) -> int:
        """What of it is moved by the next payout: what the owner owes, below 0."""
        return min(self.payout.net_ore, 0) if self.is_carried else 0

    def takes(self, method: str) -> bool:
        """Whether a sale that was paid this way comes through its acquirer, as far as the owner has said."""
        return method in self.methods if self.methods else method not in self.not_methods

    @property
    def period(self) -> list[date]:
        """The days of its period, none where it names none."""
        first, last = self.payout.first_day, self.payout.last_day
        if first is None or last is None:
            return []
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    @property
    def has_sums(self) -> bool:
        """Whether it tells sums of its period and no orders; of chargebacks there may be a sum beside orders."""
        return any(line.is_sum and line.kind in SUMMED for line in self.lines)


Vouchers = Mapping[int, Sequence[LedgerEntry]]


class Settling:
    """What is moved for each payout at the end of a day, by what is known here. `vouchers` are the owner's, by
    payout."""

    def __init__(self, payouts: Sequence[PaidOut], said: Iterable[Moved], vouchers: Vouchers, on: date) -> None:
        self.items: dict[int, list[Moved]] = defaultdict(list)
        for item in said:
            self.items[item.payout].append(item)
        self.vouchers = {number: [entry for entry in entries if entry.on <= on] for number, entries in vouchers.items()}
        due = [(paid, paid.payout.paid_on <= on and self.moved(paid) == self.whole(paid)) for paid in payouts]
        self.settled = [paid for paid, is_settled in due if is_settled]
        self.begun = [paid for paid, is_settled in due if not is_settled and self.moved(paid)]

    def moved(self, paid: PaidOut) -> int:
        """What is moved from the account for a payout."""
        booked = sum(item.ore for item in self.items.get(paid.payout.id, ()))
        return booked - sum(entry.ore for entry in self.vouchers.get(paid.payout.id, ()))

    def whole(self, paid: PaidOut) -> int:
        """What a payout moves when it is wholly booked."""
        return whole(paid, self.items.get(paid.payout.id, ()))

    def reserve(self, paid: PaidOut) -> int:
        """What of it is moved because it is kept back (below 0: because it was released)."""
        return _named(paid, self.items.get(paid.payout.id, ()))[0]

    def other(self, paid: PaidOut) -> int:
        """What of it is moved for corrections and the like."""
        return _named(paid, self.items.get(paid.payout.id, ()))[1]

    def exchange(self, paid: PaidOut) -> int:
        """What of it is moved as a difference of exchange."""
        return sum(item.exchange_ore for item in self.items.get(paid.payout.id, ()))


def whole(paid: PaidOut, items: Sequence[Moved]) -> int:
    """What a payout moves from the account when it is wholly booked: what customers paid, and what is on accounts of
    its own."""
    exchange = sum(item.exchange_ore for item in items)
    return paid.gross_ore - paid.carried_ore + sum(_named(paid, items)) + exchange


def _named(paid: PaidOut, items: Sequence[Moved]) -> tuple[int, int]:
    """What is moved to named accounts: reserves, and the rest. The ledger item says it; where there is none, the
    choices do."""
    if sum(item.ore for item in items):
        return sum(item.reserve_ore for item in items), sum(item.other_ore for item in items)
    return (
        -paid.gross_of([kind for kind in RESERVES if kind in paid.named]),
        -paid.gross_of([kind for kind in (Movement.CORRECTION, Movement.OTHER) if kind in paid.named]),
    )


def own_vouchers(payouts: Sequence[PaidOut], said: Sequence[Moved], others: Sequence[LedgerEntry]) -> Vouchers:
    """The vouchers with which the owner booked payouts: those that were named, then those that are what is missing, or
    the net that the bank got, within some days. Each is of one payout."""
    work = _Vouchers(said, others)
    for paid in payouts:
        work.named(paid)
    for amount in (work.missing, work.net, work.missing):
        pairs = [pair for paid in payouts if paid.by_owner for pair in work.pairs(paid, amount(paid))]
        served = set[int]()
        for _, number, paid, key in sorted(pairs, key=lambda pair: pair[:2]):
            if number not in served and work.give(paid, key, amount(paid)):
                served.add(number)
    return work.given


VoucherKey = tuple[str, str, date]


class _Vouchers:
    def __init__(self, said: Sequence[Moved], others: Sequence[LedgerEntry]) -> None:
        self.items: dict[int, list[Moved]] = defaultdict(list)
        for item in said:
            self.items[item.payout].append(item)
        self.groups: dict[VoucherKey, list[LedgerEntry]] = defaultdict(list)
        for entry in others:
            self.groups[entry.voucher_number, entry.voucher_guid, entry.on].append(entry)
        self.by_amount: dict[int, list[VoucherKey]] = defaultdict(list)
        for key, group in self.groups.items():
            for ore in {sum(entry.ore for entry in group), *(entry.ore for entry in group)}:
                self.by_amount[ore].append(key)
        self.given: dict[int, list[LedgerEntry]] = {}

    def missing(self, paid: PaidOut) -> int:
        """What is still to be moved."""
        items = self.items.get(paid.payout.id, ())
        given = sum(entry.ore for entry in self.given.get(paid.payout.id, ()))
        return whole(paid, items) - sum(item.ore for item in items) + given

    def net(self, paid: PaidOut) -> int:
        return paid.payout.net_ore

    def named(self, paid: PaidOut) -> None:
        number, _, day = paid.voucher.partition("|")
        for (there, _, on), group in self.groups.items() if number else ():
            if there == number and on.isoformat() == day:
                self.given.setdefault(paid.payout.id, []).extend(group)
                group.clear()

    def pairs(self, paid: PaidOut, ore: int) -> list[tuple[int, int, PaidOut, VoucherKey]]:
        """The vouchers that may be a payout's, with the days between."""
        if not ore or not self.missing(paid):
            return []
        found = [(abs((key[2] - paid.payout.paid_on).days), key) for key in self.by_amount.get(-ore, ())]
        return [(days, paid.payout.id, paid, key) for days, key in found if days <= NEAR_DAYS]

    def give(self, paid: PaidOut, key: VoucherKey, ore: int) -> bool:
        """Gives a voucher to a payout, or the posting of it that is the amount; whether that is still there."""
        group = self.groups[key]
        if group and sum(entry.ore for entry in group) == -ore:
            taken = list(group)
        else:
            taken = [entry for entry in group if entry.ore == -ore][:1]
        if taken:
            self.given.setdefault(paid.payout.id, []).extend(taken)
            self.groups[key] = [entry for entry in group if entry not in taken]
        return bool(taken)
