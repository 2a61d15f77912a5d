"""What an acquirer's API is to those who fetch payouts by themselves: keys that are proved, and what is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from dinero.model.payouts import Payout, RowProblem


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read: payouts, or why they can't be used; never both. Without either it only tells how far was read.

    `cursor` is kept once the payouts are stored. One with problems is not stored and moves nothing: its cursor is the
    one of before, so that the same is read and told again until it is mended.
    """

    cursor: str
    payouts: tuple[Payout, ...] = ()
    problems: tuple[RowProblem, ...] = ()


class PayoutSource(Protocol):
    """Reads one acquirer's payouts with the owner's keys, and never writes.

    Both methods raise ConnectionStopped (keys refused), TryLater (limits, network, trouble there), or another
    DashboardError for an answer that is not understood.
    """

    acquirer: str  # a key of ACQUIRERS in dinero/model/acquirers.py

    def check(self) -> None:
        """One call, after the one for a token, that proves the keys."""

    def payouts(self, cursor: str) -> Iterator[Batch]:
        """What is new after `cursor`, the oldest first; "" begins with the first date that the source was made with.

        Each batch's cursor holds for all batches before it. A payout that can't be used does not stop those after it,
        and no cursor leaves it behind. What was given is not given again.
        """
