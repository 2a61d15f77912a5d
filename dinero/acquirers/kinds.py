"""What each row of a file is, by its word: as the reader knows it, or else as the owner said."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dinero.acquirers.acquirer import FileRead, checked
from dinero.acquirers.sheet import CellError, Row, Sheet
from dinero.acquirers.words import MEANINGS, USUAL, Meaning, UnknownWord, Words, plain_word
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, RowProblem

MOST_ASKED = 30  # words; a column with more than these unknown is none of kinds


class Kinds:
    """The kinds of the rows of one `sheet`, by the words of its `column`. `known` is what the reader itself knows of a
    plain word, and `said` what the owner said of others, as far as it is one of `choices`. `amount` and `currency` are
    the columns by which the owner knows the rows of a word again."""

    def __init__(
        self,
        sheet: Sheet,
        column: str,
        known: Callable[[str], Meaning | None],
        said: Words,
        *,
        amount: str,
        currency: str,
        choices: tuple[Meaning, ...] = MEANINGS,
    ) -> None:
        self._column = column
        self._spelled = sheet.spelled(column)
        self._known = known
        self._said = said
        self._amount, self._currency = amount, currency
        self._choices = choices
        self._meanings: dict[str, Meaning | None] = {}
        self._unknown: dict[str, UnknownWord] = {}

    def of(self, row: Row) -> Meaning | None:
        """What a row is; None for a word that is to be asked about, which is noted with the row's amount."""
        word = row.text(self._column)
        if word not in self._meanings:
            self._meanings[word] = self._meaning(plain_word(word))
        meaning = self._meanings[word]
        if meaning is None:
            self._note(row, word)
        return meaning

    @property
    def is_open(self) -> bool:
        """Whether there is a word to be asked about, so that there can't be payouts."""
        return bool(self._unknown)

    def checked(
        self, payouts: Sequence[Payout], problems: Sequence[RowProblem] = (), notes: Iterable[Text] = ()
    ) -> FileRead:
        """What the reader made of the file, or what is to be asked first; that only where nothing else is wrong."""
        if not self.is_open:
            return checked(payouts, problems, [*notes])
        unknown = tuple(self._unknown.values())
        if len(unknown) > MOST_ASKED:
            text = Text("Column “{column}” has too many words to be one of kinds.", column=self._spelled)
            return FileRead(problems=(*problems, RowProblem(None, "too_many_kinds", text)))
        questions = [word.problem for word in unknown]
        return FileRead(problems=(*problems, *questions), unknown=() if problems else unknown)

    def _meaning(self, plain: str) -> Meaning | None:
        known = self._known(plain)
        if known is not None:
            return known
        said = self._said.get(plain)
        return said if said in self._choices else None

    def _note(self, row: Row, word: str) -> None:
        plain = plain_word(word)
        try:
            amount = Money(row.ore(self._amount), row.currency(self._currency))
        except CellError:
            amount = None
        before = self._unknown.get(plain)
        if before is None:
            usual = USUAL.get(plain)
            suggestion = usual if usual in self._choices else None
            found = UnknownWord(word, self._spelled, row.number, 1, amount, self._choices, suggestion)
        else:
            found = replace(before, rows=before.rows + 1, total=_sum(before.total, amount))
        self._unknown[plain] = found


def _sum(one: Money | None, other: Money | None) -> Money | None:
    """Both together; None where one can't be told, or they are in two currencies."""
    return one + other if one and other and one.currency == other.currency else None


def by_sign(kind: Movement, amount: Money) -> Movement:
    """The kind of a row whose word says only that something was kept back or released: its sign says which."""
    if kind in (Movement.RESERVE, Movement.RESERVE_RELEASED):
        return Movement.RESERVE if amount.ore < 0 else Movement.RESERVE_RELEASED
    return kind
