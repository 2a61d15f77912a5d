"""The words by which a file says what its rows are: what they mean, and those about which the owner is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, RowProblem


class Apart(StrEnum):
    """What a row may be besides a movement of money."""

    PAYOUT = "payout"  # the transfer itself, with which the others must agree
    LEFT_OUT = "left_out"  # no part of a payout: an authorization, a subtotal


Meaning = Movement | Apart
MEANINGS: tuple[Meaning, ...] = (*Movement, *Apart)
Words = Mapping[str, Meaning]  # by their plain form
NO_WORDS: Words = MappingProxyType({})
UNKNOWN_KIND = "unknown_kind"  # the problem of a row whose word is not known

# What words mean in the files that are known; for any other file no more than a proposal.
_USUAL: Mapping[Meaning, str] = {
    Movement.SALE: "sale|sales|charge|capture|payment|salg|betaling|betaling gennemført|køb|belastning",
    Movement.REFUND: "refund|refusion|refusjon|refundering|tilbagebetaling|return|retur",
    Movement.CHARGEBACK: "chargeback|dispute|indsigelse",
    Movement.FEE: "fee|fees|gebyr|gebyrer|gebyrer fratrukket|retainable",
    Movement.RESERVE: "reserve|tilbageholdt|tilbageholdelse",
    Movement.RESERVE_RELEASED: "reserve released|frigivet|frigivelse",
    Movement.CORRECTION: "correction|adjustment|korrektion|regulering",
    Apart.PAYOUT: "payout|transfer|udbetaling|utbetaling planlagt|udbetaling planlagt",
}
USUAL: Words = {word: meaning for meaning, words in _USUAL.items() for word in words.split("|")}


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that nobody explained, as the file's first row with it (`row`, from 1) spells it. `total` is what its rows
    come to with the file's own signs, None where that can't be told; `choices` are what it may mean."""

    word: str
    column: str
    row: int
    rows: int
    total: Money | None
    choices: tuple[Meaning, ...] = MEANINGS
    suggestion: Meaning | None = None

    @property
    def key(self) -> str:
        """The word as it is compared."""
        return plain_word(self.word)

    @property
    def problem(self) -> RowProblem:
        """The question, as what stands in the file's way."""
        column, word = self.column[:LONGEST_SHOWN], self.word[:LONGEST_SHOWN]
        if not word:
            text = Text("What are rows with nothing in column “{column}”?", column=column)
        elif self.total is None:
            text = Text("What are rows with “{word}” in column “{column}”?", word=word, column=column)
        else:
            text = Text(
                "What are rows with “{word}” in column “{column}”? There is {n} such row, of {sum}.",
                "What are rows with “{word}” in column “{column}”? There are {n} such rows, {sum} in all.",
                n=self.rows,
                word=word,
                column=column,
                sum=self.total,
            )
        return RowProblem(self.row, UNKNOWN_KIND, text)


def meaning_of(word: str) -> Meaning:
    """A meaning by its value. Raises ValueError for none."""
    return Apart(word) if word in {one.value for one in Apart} else Movement(word)


def plain_word(word: str) -> str:
    """A word of a kind as it is compared."""
    return " ".join(word.split()).casefold()
