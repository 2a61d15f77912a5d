"""The proof of a booking account on a day (facts.md, Payouts 10.5): of what Dinero's balance is made, to the øre.

Dinero's balance = what was registered from here − what was moved for payouts + what others booked + what was there
before the start. A payout is *settled* when all of it is moved; then its lines are paid out of the orders' sales, and
what is left of each order is a row. What Dinero shows of our own documents and items otherwise than is known here is
unexplained.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from dinero.model.balance import Balance, BalanceRow, Difference, OpeningAsked, RowKind, oldest_first
from dinero.model.documents import OrderKey
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.settlements import LedgerEntry, Opening, Registered
from dinero.rules.balance_rows import covered_by_periods, rows_of_orders, rows_of_payout, without_released
from dinero.rules.settled import PaidOut, Settling, own_vouchers
from dinero.rules.ties import Moved, Ties, tie


@dataclass(frozen=True, slots=True)
class Books:
    """What the proof of `account` at the end of day `on` is made from.

    `dinero_ore` is Dinero's balance, `entries` its postings on the account without what years began with; `first_ore`
    is what the first year that was read began with, and `gap_ore` what the year of `on` began with in Dinero beyond
    what the years before it came to. `registered` and `untied` are sales and refunds: those of orders to be looked at,
    and those whose postings are to be found. Pairs that are beyond doubt, and orders that are paid out, may be left
    out. `unread` are Guids of documents that changed after Dinero was asked. `start` is the dashboard's first day.
    `elsewhere` are orders that are registered on another account; `acquirers` says by the shop's way to pay where a
    sale is paid out from, with "" for the others.
    """

    account: int
    name: str
    on: date
    asked_at: datetime
    dinero_ore: int
    entries: Sequence[LedgerEntry] = ()
    registered: Sequence[Registered] = ()
    untied: Sequence[Registered] = ()
    moved: Sequence[Moved] = ()
    payouts: Sequence[PaidOut] = ()
    start: date = date.min
    opening: Opening | None = None
    first_ore: int = 0
    gap_ore: int = 0
    year_start: date = date.min
    unread: frozenset[str] = frozenset()
    elsewhere: frozenset[OrderKey] = frozenset()
    acquirers: Mapping[str, str] = field(default_factory=dict)


def prove(books: Books) -> Balance:
    """The proof. Whatever the books say, its rows and what is unexplained add up to Dinero's balance."""
    ties = tie(books.untied, books.moved, books.entries)
    missed = _missed(books, ties)
    registered = [sale for sale in books.registered if sale.on <= books.on and sale.guid not in missed]
    start = books.opening.on if books.opening else books.start
    others = [entry for entry in ties.others if entry.on >= start]
    payouts = sorted(books.payouts, key=lambda paid: (paid.payout.paid_on, paid.payout.id))
    vouchers = own_vouchers(payouts, _said(books, ties, date.max), others)
    settling = Settling(payouts, _said(books, ties, books.on), vouchers, books.on)

    rows, asked, differences = _opening(books, ties, start)
    covered, period_rows = covered_by_periods(registered, settling, books.on)
    rows += period_rows
    rows += rows_of_orders(
        [sale for sale in registered if sale.guid not in covered],
        settling,
        books.on,
        elsewhere=books.elsewhere,
        acquirers=books.acquirers,
    )
    kept = [row for paid in settling.settled for row in rows_of_payout(paid, settling, books.on)]
    rows += without_released(kept)
    rows += [row for paid in settling.begun for row in _part(paid, settling, books.on)]
    rows += _strangers(settling, {paid.payout.id for paid in payouts}, books.on)
    rows += _others(others, settling.vouchers, books.on)
    differences += _of_documents(books, ties, missed) + _of_items(books, ties)
    if books.gap_ore:
        differences.append(_gap(books))
    days = _changes(books, ties, missed, differences)
    return Balance(
        account=books.account,
        name=books.name,
        on=books.on,
        asked_at=books.asked_at,
        dinero_ore=books.dinero_ore,
        rows=tuple(oldest_first(rows)),
        differences=tuple(sorted(differences, key=lambda difference: (difference.on, difference.number))),
        since=_since(days, books.on) if differences else None,
        opening=asked,
    )


def _missed(books: Books, ties: Ties) -> set[str]:
    """Documents that became what they are after Dinero was asked, and are not there yet."""
    return {
        sale.guid
        for place, sale in enumerate(books.untied)
        if sale.guid in books.unread and place not in ties.registered
    }


def _said(books: Books, ties: Ties, until: date) -> list[Moved]:
    """What ledger items move as it is known here, up to a day: an item that Dinero may have booked moves what its
    postings show."""
    said = []
    for place, item in enumerate(books.moved):
        shown = [entry for entry in ties.moved.get(place, ()) if entry.on <= until]
        if item.is_booked:
            if item.on <= until and (shown or not item.is_unread):
                said.append(item)
        elif shown:
            there = -sum(entry.ore for entry in shown)
            whole = there == item.ore
            said.append(
                Moved(
                    item.payout,
                    item.guid,
                    item.voucher_number,
                    shown[0].on,
                    there,
                    item.reserve_ore if whole else 0,
                    item.other_ore if whole else 0,
                    item.exchange_ore if whole else 0,
                )
            )
    return said


def _opening(books: Books, ties: Ties, start: date) -> tuple[list[BalanceRow], OpeningAsked | None, list[Difference]]:
    """What was there before the start: a row once the owner has confirmed it."""
    before = books.first_ore + sum(e.ore for e in ties.others if e.on < start and e.on <= books.on)
    chosen = books.opening
    if chosen is None:
        if not before:
            return [], None, []
        text = Text("{there} was on the account before {date}, which you have not confirmed.")
        text = Text(text.message, there=Money(before), date=start)
        return [], OpeningAsked(start, before), [Difference(min(start, books.on), before, 0, text)]
    ore = chosen.ore if books.on >= start else before
    text = Text("On the account before {date}, as you confirmed.", date=start)
    rows = [_row(books, RowKind.OPENING, ore, min(start, books.on), text)] if ore else []
    if before == ore:
        return rows, None, []
    text = Text(
        "{there} was on the account before {date}, but you confirmed {confirmed}: something was booked there since.",
        there=Money(before),
        date=start,
        confirmed=Money(ore),
    )
    return rows, None, [Difference(start, before, ore, text)]


def _part(paid: PaidOut, settling: Settling, on: date) -> Iterable[BalanceRow]:
    moved = settling.moved(paid)
    text = Text(
        "{moved} of {whole} is moved in Dinero for payout {payout}.",
        moved=Money(moved),
        whole=Money(settling.whole(paid)),
        payout=paid.payout.payout,
    )
    day = min(paid.payout.paid_on, on)
    yield BalanceRow(
        RowKind.PART,
        -moved,
        day,
        text,
        (on - day).days,
        payout=paid.payout.id,
        payout_name=paid.payout.payout,
        acquirer=paid.payout.acquirer,
    )


def _strangers(settling: Settling, known: set[int], on: date) -> list[BalanceRow]:
    """What was moved for payouts that are not this account's, by items of before that was chosen."""
    rows = []
    for number, items in settling.items.items():
        moved = sum(item.ore for item in items)
        if number not in known and moved:
            text = Text("{moved} was moved for a payout that is not of this account.", moved=Money(moved))
            day = items[0].on
            rows.append(BalanceRow(RowKind.PART, -moved, day, text, (on - day).days, payout=number))
    return rows


def _others(others: Sequence[LedgerEntry], vouchers: Mapping[int, Sequence[LedgerEntry]], on: date) -> list[BalanceRow]:
    """What others booked, a row a voucher."""
    own = {entry.guid for entries in vouchers.values() for entry in entries}
    groups: dict[tuple[str, str, date | None], list[LedgerEntry]] = defaultdict(list)
    for entry in others:
        if entry.guid not in own and entry.on <= on:
            groups[entry.voucher_guid, entry.voucher_number, None if entry.voucher_guid else entry.on].append(entry)
    rows = []
    for group in groups.values():
        first, ore = group[0], sum(entry.ore for entry in group)
        if ore:
            words = ", ".join(dict.fromkeys(entry.text for entry in group if entry.text))
            text = Text("Voucher {voucher}: {text}", voucher=first.voucher_number or "–", text=words or "–")
            days = (on - first.on).days
            rows.append(BalanceRow(RowKind.OTHER, ore, first.on, text, days, voucher=first.voucher_number))
    return rows


def _of_documents(books: Books, ties: Ties, missed: set[str]) -> list[Difference]:
    found = []
    for place, sale in enumerate(books.untied):
        entries = [entry for entry in ties.registered.get(place, ()) if entry.on <= books.on]
        shown, said = sum(entry.ore for entry in entries), sale.ore if sale.on <= books.on else 0
        if shown == said or sale.guid in missed:
            continue
        text = Text(
            "Order {order} (invoice {invoice}): {said} was registered from here, but Dinero has {shown}.",
            order=sale.order_number or sale.order_id,
            invoice=sale.number,
            said=Money(said),
            shown=Money(shown),
        )
        day = min([sale.on, *(entry.on for entry in entries)])
        key = OrderKey(sale.shop, sale.order_id)
        found.append(Difference(day, shown, said, text, key, sale.order_number, voucher=sale.number))
    return found


def _of_items(books: Books, ties: Ties) -> list[Difference]:
    found = []
    names = {paid.payout.id: paid.payout.payout for paid in books.payouts}
    for place, item in enumerate(books.moved):
        entries = [entry for entry in ties.moved.get(place, ()) if entry.on <= books.on]
        shown = sum(entry.ore for entry in entries)
        said = -item.ore if item.on <= books.on else 0
        if shown == said or not item.is_booked or (item.is_unread and not entries):
            continue
        text = Text(
            "Payout {payout} (voucher {voucher}): {said} was booked from here, but Dinero has {shown}.",
            payout=names.get(item.payout, ""),
            voucher=item.voucher_number,
            said=Money(said),
            shown=Money(shown),
        )
        day = min([item.on, *(entry.on for entry in entries)])
        found.append(Difference(day, shown, said, text, payout=item.payout, voucher=item.voucher_number))
    return found


def _gap(books: Books) -> Difference:
    text = Text(
        "The accounting year began with another balance in Dinero on {date} than the year before ended with: {gap} "
        "more.",
        date=books.year_start,
        gap=Money(books.gap_ore),
    )
    return Difference(books.year_start, books.gap_ore, 0, text)


def _changes(books: Books, ties: Ties, missed: set[str], differences: Sequence[Difference]) -> dict[date, int]:
    """By day, how what Dinero shows of our own moved away from what is said here."""
    days: dict[date, int] = defaultdict(int)
    for place, sale in enumerate(books.untied):
        if sale.guid not in missed:
            days[sale.on] -= sale.ore
        for entry in ties.registered.get(place, ()):
            days[entry.on] += entry.ore
    for place, item in enumerate(books.moved):
        entries = ties.moved.get(place, ())
        if item.is_booked and not (item.is_unread and not entries):
            days[item.on] += item.ore
            for entry in entries:
                days[entry.on] += entry.ore
    for difference in differences:
        if difference.order is None and difference.payout is None:
            days[difference.on] += difference.ore
    return days


def _since(days: Mapping[date, int], on: date) -> date | None:
    """The first day of those up to `on` from which on the sum is not 0."""
    since, left = None, 0
    for day in sorted(day for day in days if day <= on):
        left += days[day]
        if left == 0:
            since = None
        elif since is None:
            since = day
    return since


def _row(books: Books, kind: RowKind, ore: int, on: date, text: Text) -> BalanceRow:
    return BalanceRow(kind, ore, on, text, (books.on - on).days)


def overdue(balance: Balance, normal_days: Mapping[str, int], otherwise: int = 14) -> list[BalanceRow]:
    """Sales that wait for longer than their acquirer normally needs (days, by its key; `otherwise` where that was never
    measured): sold, and never paid out."""
    slowest = max(normal_days.values(), default=otherwise)
    return [
        row
        for row in balance.of(RowKind.SALE)
        if row.days > (normal_days.get(row.acquirer, otherwise) if row.acquirer else slowest)
    ]
