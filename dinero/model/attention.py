"""What needs the owner, as values: orders in short, and the groups that say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dinero.model.documents import OrderKey, State
from dinero.model.findings import Finding, Question
from dinero.model.i18n import Text


@dataclass(frozen=True, slots=True)
class NeedingOrder:
    """An order that needs the owner: its total in øre or cents, and why it stands still. `answers` are the owner's
    about this order; `changed` means that the shop changed it after it was booked."""

    key: OrderKey
    ore: int
    currency: str
    state: State
    reasons: tuple[Finding, ...]
    answers: Mapping[str, str]
    changed: bool


class Need(StrEnum):
    """What a group of orders needs, in the order in which the owner should look: first where money is involved."""

    REFUSED = "refused"
    UNSURE = "unsure"
    CHANGED = "changed"
    QUESTION = "question"
    PROBLEM = "problem"
    OVERDUE = "overdue"  # sold, and never paid out


@dataclass(frozen=True, slots=True)
class Group:
    """Orders that need the owner for the same reason, newest first, and their sums, each currency by itself (øre or
    cents). `id` names the group in an address. A value in which the orders differ is "…" in `title`
    and `fix`. `question` is what they all ask, None where each asks by itself or nothing is asked. `shop` is the name
    of the one shop that the answer is about, "" where it is about any."""

    id: str
    need: Need
    title: Text
    fix: Text | None
    question: Question | None
    keys: tuple[OrderKey, ...]
    sums: Mapping[str, int]
    shop: str = ""

    @property
    def count(self) -> int:
        """How many orders are in it."""
        return len(self.keys)

    @property
    def for_all(self) -> bool:
        """Whether one answer may count for all of them. Where the answer of one order says nothing of the next
        (`Question.can_be_rule`), each is answered by itself."""
        return self.question is not None and self.question.can_be_rule


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer for several orders: how many it was given for, how many did not ask any more, and how
    many of the answered are in each state now."""

    orders: int
    skipped: int
    states: Mapping[State, int]

    @property
    def sentences(self) -> list[Text]:
        """What to tell whoever answered."""
        said = [Text("{n} order is answered.", "{n} orders are answered.", n=self.orders)]
        for state, text in _NOW.items():
            if n := self.states.get(state, 0):
                said.append(Text(text.message, text.plural, n=n))
        if self.skipped:
            said.append(
                Text(
                    "{n} order did not ask this any more, and was not answered.",
                    "{n} orders did not ask this any more, and were not answered.",
                    n=self.skipped,
                )
            )
        return said


_NOW = {
    State.WAITING: Text("{n} now waits for its transfer.", "{n} now wait for their transfer."),
    State.NOT_DUE: Text("{n} is not due yet.", "{n} are not due yet."),
    State.IGNORED: Text("{n} is left out.", "{n} are left out."),
    State.HELD: Text("{n} still needs you.", "{n} still need you."),
}
