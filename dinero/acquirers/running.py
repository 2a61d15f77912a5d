"""A running balance as proof: that no row of a ledger is missing, and which way its rows run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dinero.acquirers.sentences import balance_differs, other_currency
from dinero.acquirers.sheet import Row
from dinero.model.money import Money
from dinero.model.payouts import RowProblem


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that moved the balance by `amount` to `balance`."""

    row: Row
    amount: Money
    balance: Money

    @property
    def before(self) -> Money:
        """The balance that it found."""
        return self.balance - self.amount


def oldest_first(entries: Sequence[Entry]) -> list[Entry]:
    """The entries in the order in which they moved the balance, where the file has the newest first."""
    forward, backward = [*entries], [*reversed(entries)]
    broken = len(_breaks(forward))
    return backward if broken and len(_breaks(backward)) < broken else forward


def first_break(entries: Sequence[Entry]) -> list[RowProblem]:
    """Where the balance of an entry does not follow from the one before, or is in another currency; empty where all
    are sound."""
    other = [e.row.number for e in entries if e.amount.currency != entries[0].amount.currency]
    if other:
        return [other_currency(other[0])]
    return [balance_differs(e.row.number, e.balance, before.balance + e.amount) for before, e in _breaks(entries)[:1]]


def _breaks(entries: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    return [(one, other) for one, other in pairwise(entries) if one.balance.ore + other.amount.ore != other.balance.ore]
