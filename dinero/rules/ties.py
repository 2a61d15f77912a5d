"""Which of Dinero's postings on an account are of our own documents and ledger items, and which are others'.

What a posting tells of its voucher is only partly known, so several ties are tried, the strongest first: our own Guid;
the number with amount and day; a voucher of which a posting is tied already; day and amount; the number with the
amount; the number with the day. A posting is tied once, and one to one.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from dinero.model.settlements import LedgerEntry, Registered


@dataclass(frozen=True, slots=True)
class Moved:
    """What a ledger item of ours takes from the account (øre; below 0 for a counter item), and what of it is a reserve,
    another named amount, or a difference of exchange. Without `is_booked` it is not known here whether Dinero has
    booked it: what its postings show counts."""

    payout: int
    guid: str
    voucher_number: str
    on: date
    ore: int
    reserve_ore: int = 0
    other_ore: int = 0
    exchange_ore: int = 0
    is_booked: bool = True
    is_unread: bool = False  # it became so after Dinero was asked


@dataclass(frozen=True, slots=True)
class Ties:
    """Postings by what they are tied to: the place of a sale or refund, the place of a ledger item, or nothing."""

    registered: dict[int, list[LedgerEntry]] = field(default_factory=dict)
    moved: dict[int, list[LedgerEntry]] = field(default_factory=dict)
    others: tuple[LedgerEntry, ...] = ()


def tie(registered: Sequence[Registered], moved: Sequence[Moved], entries: Iterable[LedgerEntry]) -> Ties:
    """Ties the postings of one account (without what years began with)."""
    work = _Work(registered, moved, entries)
    work.by_guid()
    work.items_by_number()
    work.one_to_one(_number_day_amount, _numbers_day_amount)
    work.by_learned_vouchers()
    work.one_to_one(_day_amount, _days_amounts)
    work.items_by_day()
    work.vouchers_by_day()
    work.one_to_one(_number_amount, _numbers_amount)
    work.one_to_one(_number_day_way, _numbers_day_way)
    work.items_by_number(exactly=False)
    return Ties(work.of_registered, work.of_moved, tuple(entry for entry in work.entries if entry.guid in work.left))


Keys = Callable[[Registered], Iterator[Hashable]]


class _Work:
    def __init__(
        self, registered: Sequence[Registered], moved: Sequence[Moved], entries: Iterable[LedgerEntry]
    ) -> None:
        self.registered = registered
        self.moved = moved
        self.entries = sorted(entries, key=lambda entry: (entry.on, entry.guid))
        self.left = {entry.guid: entry for entry in self.entries}
        self.of_registered: dict[int, list[LedgerEntry]] = {}
        self.of_moved: dict[int, list[LedgerEntry]] = {}

    def _take(self, place: int, entry: LedgerEntry, of: dict[int, list[LedgerEntry]]) -> None:
        del self.left[entry.guid]
        of.setdefault(place, []).append(entry)

    def by_guid(self) -> None:
        """Vouchers with a Guid of ours. Several payments may be of one invoice: each posting goes to the one with its
        day and amount, else to the one that it fits best."""
        items = {item.guid: place for place, item in enumerate(self.moved)}
        documents: dict[str, list[int]] = defaultdict(list)
        for place, sale in enumerate(self.registered):
            for guid in {sale.guid, sale.payment_guid, sale.invoice_guid} - {""}:
                documents[guid].append(place)
        later: list[tuple[list[int], LedgerEntry]] = []
        for entry in self.entries:
            if entry.voucher_guid in items:
                self._take(items[entry.voucher_guid], entry, self.of_moved)
            elif places := documents.get(entry.voucher_guid):
                same = [n for n in places if n not in self.of_registered and self._is_same(n, entry)]
                if same:
                    self._take(same[0], entry, self.of_registered)
                else:
                    later.append((places, entry))
        for places, entry in later:
            self._take(self._best(places, entry), entry, self.of_registered)

    def _is_same(self, place: int, entry: LedgerEntry) -> bool:
        sale = self.registered[place]
        return (sale.on, sale.ore) == (entry.on, entry.ore)

    def _best(self, places: Sequence[int], entry: LedgerEntry) -> int:
        free = [place for place in places if place not in self.of_registered]
        same = [place for place in free if self.registered[place].ore == entry.ore]
        # What takes a posting back goes to whoever has that posting.
        turned = [place for place in places if self._shown(place) == -entry.ore]
        way = [place for place in free if self.registered[place].ore * entry.ore > 0]
        return next(iter([*same, *turned, *way, *places]))

    def _shown(self, place: int) -> int:
        return sum(entry.ore for entry in self.of_registered.get(place, ()))

    def items_by_number(self, *, exactly: bool = True) -> None:
        """Ledger items by their voucher's number and day: the voucher that moves what they do, or goes the same
        way."""
        by_number: dict[tuple[str, date], list[list[LedgerEntry]]] = defaultdict(list)
        for group in self._vouchers():
            by_number[group[0].voucher_number, group[0].on].append(group)
        for place, item in self._open_items():
            for group in by_number.get((item.voucher_number, item.on), []) if item.voucher_number else []:
                there = -sum(entry.ore for entry in group)
                if there == item.ore or (not exactly and there * item.ore > 0):
                    self._take_group(place, group)
                    break

    def items_by_day(self) -> None:
        """Ledger items by day and amount alone."""
        by_amount: dict[tuple[date, int], list[list[LedgerEntry]]] = defaultdict(list)
        for group in self._vouchers():
            by_amount[group[0].on, -sum(entry.ore for entry in group)].append(group)
        for place, item in self._open_items():
            if item.ore and (groups := by_amount.get((item.on, item.ore))):
                self._take_group(place, groups.pop(0))

    def vouchers_by_day(self) -> None:
        """Sales that have no posting yet, each with a voucher of several that come to it on its day."""
        by_amount: dict[tuple[date, int], list[list[LedgerEntry]]] = defaultdict(list)
        for group in self._vouchers():
            if len(group) > 1:
                by_amount[group[0].on, sum(entry.ore for entry in group)].append(group)
        for place, sale in enumerate(self.registered):
            if place not in self.of_registered and (groups := by_amount.get((sale.on, sale.ore))):
                for entry in groups.pop(0):
                    self._take(place, entry, self.of_registered)

    def _open_items(self) -> list[tuple[int, Moved]]:
        return [(place, item) for place, item in enumerate(self.moved) if item.is_booked and place not in self.of_moved]

    def _take_group(self, place: int, group: Sequence[LedgerEntry]) -> None:
        for entry in group:
            if entry.guid in self.left:
                self._take(place, entry, self.of_moved)

    def _vouchers(self) -> list[list[LedgerEntry]]:
        """What is left, by voucher and day."""
        found: dict[tuple[str, str, date], list[LedgerEntry]] = defaultdict(list)
        for entry in self.left.values():
            found[entry.voucher_number, entry.voucher_guid, entry.on].append(entry)
        return list(found.values())

    def one_to_one(self, of_entry: Callable[[LedgerEntry], Hashable], of_sale: Keys) -> None:
        """Sales that have no posting yet, each with the first posting that has one of its keys."""
        by_key: dict[Hashable, list[LedgerEntry]] = defaultdict(list)
        for entry in reversed(self.left.values()):
            by_key[of_entry(entry)].append(entry)
        for place, sale in enumerate(self.registered):
            if place in self.of_registered:
                continue
            found = next((entries for key in of_sale(sale) if (entries := by_key.get(key))), None)
            if found:
                self._take(place, found.pop(), self.of_registered)

    def by_learned_vouchers(self) -> None:
        """What else is posted on a voucher that is one document's: it was corrected or taken back there."""
        owners: dict[str, set[int]] = defaultdict(set)
        for place, entries in self.of_registered.items():
            for entry in entries:
                owners[entry.voucher_guid].add(place)
        for entry in list(self.left.values()):
            places = owners.get(entry.voucher_guid, set()) if entry.voucher_guid else set()
            if len(places) == 1:
                self._take(next(iter(places)), entry, self.of_registered)


def _numbers(sale: Registered) -> Iterator[str]:
    # A refund is posted under its invoice's number, as far as is known; its own is as good.
    yield from (number for number in (sale.number, sale.invoice_number) if number)


def _number_day_amount(entry: LedgerEntry) -> Hashable:
    return entry.voucher_number, entry.on, entry.ore


def _numbers_day_amount(sale: Registered) -> Iterator[Hashable]:
    return ((number, sale.on, sale.ore) for number in _numbers(sale))


def _number_amount(entry: LedgerEntry) -> Hashable:
    return entry.voucher_number, entry.ore


def _numbers_amount(sale: Registered) -> Iterator[Hashable]:
    return ((number, sale.ore) for number in _numbers(sale))


def _day_amount(entry: LedgerEntry) -> Hashable:
    return entry.on, entry.ore


def _days_amounts(sale: Registered) -> Iterator[Hashable]:
    yield sale.on, sale.ore


def _number_day_way(entry: LedgerEntry) -> Hashable:
    return entry.voucher_number, entry.on, entry.ore > 0


def _numbers_day_way(sale: Registered) -> Iterator[Hashable]:
    return ((number, sale.on, sale.ore > 0) for number in _numbers(sale))
