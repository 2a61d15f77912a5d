"""What is known of a payout's lines beside what was registered in Dinero for their order (facts.md, Payouts 10.4).

All lines of one order are judged together, also those of other payouts, the first paid out first: so it is no matter in
which order payouts were read. Amounts are compared whole, one with one, or the first lines with all that is registered;
never any combination.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from dinero.model.money import DKK
from dinero.model.payouts import Movement
from dinero.model.settlements import LineState


class OrderLine(NamedTuple):
    """A line of an order's: `gross_ore` is of the payout's `currency`, `account` the booking account of its acquirer's
    sales (None: not chosen). The lines of an order are sorted as they are here: by the day of payment, then by name."""

    paid_on: date | str
    name: tuple[str, ...]
    place: int
    payout: int
    kind: Movement
    gross_ore: int
    currency: str = DKK
    sold_for_ore: int | None = None
    sold_for_currency: str = ""
    account: int | None = None


class Registration(NamedTuple):
    """What is registered in Dinero for a document of the order: `amount_ore` of its `currency`, below 0 for a refund,
    on a deposit account; `ore` is the same in kroner, None where that is not known."""

    is_credit: bool
    account: int
    amount_ore: int
    currency: str = DKK
    ore: int | None = None


class Verdict(NamedTuple):
    """A line's state, and the kroner that are registered of it on its acquirer's account (None: nothing)."""

    state: LineState
    registered_ore: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An order's lines in their order, each with its verdict, and what they were compared with."""

    lines: tuple[OrderLine, ...]
    verdicts: tuple[Verdict, ...]
    registered: tuple[Registration, ...]


def judge(lines: Iterable[OrderLine], registered: Sequence[Registration]) -> Judged:
    """Each line of an order with its verdict."""
    told = tuple(sorted(lines))
    found: dict[int, Verdict] = {}
    for account in dict.fromkeys(line.account for line in told):
        mine = [n for n, line in enumerate(told) if line.account == account]
        chosen = [told[n] for n in mine]
        own = [part for part in registered if account in (None, part.account)]
        verdicts = _Order(chosen, own).verdicts()
        if registered and not own:
            # The lines on the account where it is registered are first to be covered by it.
            before = [line for line in told if line.account != account]
            there = _Order([*before, *chosen], registered).verdicts()[len(before) :]
            verdicts = [_elsewhere(line, verdict) for line, verdict in zip(chosen, there, strict=True)]
        found.update(zip(mine, verdicts, strict=True))
    return Judged(told, tuple(found[n] for n in range(len(told))), tuple(registered))


def _elsewhere(line: OrderLine, verdict: Verdict) -> Verdict:
    """What is registered on another account is nothing on the payout's own."""
    if line.kind in (Movement.SALE, Movement.REFUND) and verdict.state in (LineState.MATCHED, LineState.DIFFERS):
        return Verdict(LineState.OTHER_ACCOUNT)
    return Verdict(verdict.state)


class _Order:
    """The lines of an order beside what is registered of it on one account. Both are places in their lists; amounts are
    of the one currency that all of them tell, else kroner."""

    def __init__(self, lines: Sequence[OrderLine], parts: Sequence[Registration]) -> None:
        currencies = {part.currency for part in parts}
        currency = currencies.pop() if len(currencies) == 1 else DKK
        told = [_amount(line, currency) for line in lines]
        if None in told:
            currency, told = DKK, [_amount(line, DKK) for line in lines]
        self._is_dkk = currency == DKK
        self._lines, self._told = lines, told
        self._kroner = [part.ore for part in parts]
        self._parts = [part.amount_ore if part.currency == currency else part.ore for part in parts]
        self._invoices = [n for n, part in enumerate(parts) if not part.is_credit]
        self._credits = [n for n, part in enumerate(parts) if part.is_credit]
        self._found: dict[int, Verdict] = {}
        self._of_disputes: set[int] = set()

    def verdicts(self) -> list[Verdict]:
        sales, refunds = self._of(Movement.SALE), self._of(Movement.REFUND)
        sales_left, invoices_left = self._match(sales, self._invoices)
        refunds_left, credits_left = self._match(refunds, self._credits)
        kept = self._disputes(credits_left)
        self._of_disputes, credits_left = {n for n in credits_left if n not in kept}, kept
        self._set_off(invoices_left, credits_left)
        if not self._invoices:
            self._found |= dict.fromkeys(sales_left, Verdict(LineState.NOT_TRANSFERRED))
        else:
            known = {self._sum(self._parts, self._invoices), *(self._parts[n] for n in self._invoices)}
            known |= {self._told[n] for n in sales if n in self._found}
            self._compare(sales_left, invoices_left, lambda line: _too_much(self._told[line], known))
        self._compare(refunds_left, credits_left, lambda line: Verdict(LineState.NO_CREDIT_NOTE))
        self._balance([*sales, *refunds])
        return [self._found[n] for n in range(len(self._lines))]

    def _of(self, *kinds: Movement) -> list[int]:
        return [n for n, line in enumerate(self._lines) if line.kind in kinds]

    def _match(self, lines: list[int], parts: list[int]) -> tuple[list[int], list[int]]:
        """Finds the first lines that are all that is registered, else each that is one payment or refund; returns the
        others of both."""
        wanted = self._sum(self._parts, parts)
        first = self._first_that_are(wanted, lines) if parts and wanted is not None else 0
        left, unused = self._pair(lines[:first] or lines, parts)
        if not first:
            return left, unused
        self._share(left, unused, LineState.MATCHED)
        return lines[first:], []

    def _first_that_are(self, wanted: int, lines: list[int]) -> int:
        """How many of the lines, from the first on, add up to an amount: all of them if they do; 0 for none."""
        sums = [*accumulate(self._told[n] or 0 for n in lines)]
        if not sums or self._sum(self._told, lines) is None or wanted not in sums:
            return 0
        return len(sums) if sums[-1] == wanted else sums.index(wanted) + 1

    def _pair(self, lines: list[int], parts: list[int]) -> tuple[list[int], list[int]]:
        left, unused = [], list(parts)
        for line in lines:
            part = next((n for n in unused if self._parts[n] == self._told[line] is not None), None)
            if part is None:
                left.append(line)
            else:
                unused.remove(part)
                self._found[line] = Verdict(LineState.MATCHED, self._kroner[part])
        return left, unused

    def _share(self, lines: list[int], parts: list[int], state: LineState) -> None:
        """Gives each line its part of what is registered, the last one the rest, so that nothing is lost."""
        amounts, kroner = self._sum(self._parts, parts), self._sum(self._kroner, parts)
        for n, line in enumerate(lines, start=1):
            amount, share = self._told[line], kroner
            if n < len(lines) and kroner is not None:
                share = 0
                if amount and amounts:
                    share = kroner if abs(amount) >= abs(amounts) else kroner * amount // amounts
                    amounts -= amount if abs(amount) < abs(amounts) else amounts
            kroner = kroner - share if kroner is not None and share is not None else None
            self._found[line] = Verdict(state, share)

    def _disputes(self, credits_left: list[int]) -> list[int]:
        """A chargeback is the owner's to follow, until a credit note is made for it or the money came back."""
        taken, back = self._of(Movement.CHARGEBACK), self._of(Movement.CHARGEBACK_RETURNED)
        left, unused = self._pair(taken, credits_left)
        is_even = self._sum(self._told, left + back) == 0
        came = Counter(self._told[n] or 0 for n in back)
        went = Counter(-(self._told[n] or 0) for n in left)
        for lines, sign, even in ((left, -1, came & went), (back, 1, came & went)):
            for line in lines:
                amount = sign * (self._told[line] or 0)
                is_closed = is_even or even[amount] > 0
                even[amount] -= 1
                self._found[line] = Verdict(LineState.MATCHED if is_closed else LineState.CHARGEBACK)
        return unused

    def _set_off(self, invoices: list[int], credits: list[int]) -> None:
        """An invoice that was taken back in Dinero alone moved no money."""
        for part in list(invoices):
            note = next((n for n in credits if self._parts[n] == -(self._parts[part] or 0)), None)
            if note is not None:
                invoices.remove(part)
                credits.remove(note)

    def _compare(self, lines: list[int], parts: list[int], otherwise: Callable[[int], Verdict]) -> None:
        """What is neither all nor one of the payments differs from what is left of them."""
        if parts:
            self._share(lines, parts, LineState.DIFFERS)
        for line in lines:
            if not parts or self._found[line].registered_ore == 0:
                self._found[line] = otherwise(line)

    def _balance(self, lines: list[int]) -> None:
        """What was sold less what went back is what is registered, though not one by one: an order that was refunded
        before it was transferred, or booked anew with another amount. A rate is each payment's own, so kroner only."""
        if not self._is_dkk or not self._invoices:
            return
        if all(self._found[n].state is LineState.MATCHED for n in lines):
            return
        taken = [n for n in self._credits if n not in self._of_disputes]
        registered = self._sum(self._parts, [*self._invoices, *taken])
        if registered is not None and self._sum(self._told, lines) == registered:
            self._found |= {n: Verdict(LineState.MATCHED, self._told[n]) for n in lines}

    @staticmethod
    def _sum(amounts: Sequence[int | None], places: Iterable[int]) -> int | None:
        chosen = [amounts[n] for n in places]
        return None if None in chosen else sum(amount for amount in chosen if amount is not None)


def _too_much(amount: int | None, known: set[int | None]) -> Verdict:
    """More of a sale than is registered: another time the same, or an amount that nobody knows of."""
    return Verdict(LineState.TWICE) if amount in known else Verdict(LineState.DIFFERS, 0)


def _amount(line: OrderLine, currency: str) -> int | None:
    """A line's amount in a currency, with its gross amount's sign; None where the file does not tell it."""
    if line.currency == currency:
        return line.gross_ore
    if line.sold_for_ore is None or line.sold_for_currency != currency:
        return None
    return abs(line.sold_for_ore) if line.gross_ore >= 0 else -abs(line.sold_for_ore)
