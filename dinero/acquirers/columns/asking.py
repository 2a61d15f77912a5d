"""What is still to be asked about a file, and what is wrong with it: collected by every step of its reading."""

from dataclasses import dataclass, field
from enum import StrEnum

from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem


class Ask(StrEnum):
    """What the owner is asked; a page draws each in its own way."""

    ACQUIRER = "acquirer"  # its name
    AMOUNT = "amount"  # which column is gross or net
    PAYOUT = "payout"  # which column tells payouts apart, or that the file is one
    DECIMAL = "decimal"  # of `column`: "," or "."
    UNIT = "unit"  # kroner or øre
    DAY_ORDER = "day_order"  # of `column`
    FEE_SIGN = "fee_sign"
    KIND = "kind"  # what rows with `word` are
    BANK_FIGURE = "bank_figure"  # what came to the bank for `payout`, and when where no column tells it


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `needs_date`: the day when the payout came is asked with its figure."""

    ask: Ask
    text: Text
    column: str = ""
    word: str = ""
    payout: str = ""
    needs_date: bool = False


@dataclass(slots=True)
class Trouble:
    """What stands between a file and its payouts."""

    questions: list[Question] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def ask(self, ask: Ask, text: Text, *, column: str = "", word: str = "") -> None:
        """Notes a question."""
        self.questions.append(Question(ask, text, column, word))

    def refuse(self, row: int | None, code: str, text: Text) -> None:
        """Notes a problem."""
        self.problems.append(RowProblem(row, code, text))

    def __bool__(self) -> bool:
        return bool(self.questions or self.problems)

    @property
    def stops(self) -> bool:
        """Whether the file can't be read further: all but the acquirer's name must be known for that."""
        return bool(self.problems) or any(one.ask is not Ask.ACQUIRER for one in self.questions)

    def all(self) -> list[RowProblem]:
        """The problems, and what was not answered as more of them."""
        return self.problems + [RowProblem(None, f"ask_{one.ask}", one.text) for one in self.questions]
