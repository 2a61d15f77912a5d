"""What a reader of an acquirer's files is, and the check that each file passes before anything of it is shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from dinero.acquirers.words import NO_WORDS, UnknownWord, Words
from dinero.model.i18n import Text
from dinero.model.payouts import Payout, RowProblem, problems_of, repeated

HEADER_WITHIN = 20  # rows that may stand above the names of the columns


class TableRow(NamedTuple):
    """A row by its number (from 1, as a spreadsheet counts), its cells as text without spaces around it: a number as
    its plain decimal, a moment as ISO, "" where there is nothing."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the names of the columns, which are as the file spells them."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class PayoutFile:
    """A file that could be opened: the rows of its table, or what it tells as JSON; never both."""

    name: str
    rows: tuple[TableRow, ...] = ()
    json: Any = None

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """The first rows, each of which may hold the names of the columns."""
        return tuple(row.cells for row in self.rows[:HEADER_WITHIN])

    def table(self, header: Sequence[str]) -> Table:
        """The rows below one of `headers`."""
        place = self.headers.index(tuple(header))
        return Table(self.headers[place], self.rows[place + 1 :])


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: its payouts, or why none of it can be used. Never both. `notes` say what the file has
    besides, such as sales that are not paid out yet. Where words that the owner can explain are all that stands in the
    way, `unknown` has them, and `problems` ask about each."""

    payouts: tuple[Payout, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[Text, ...] = ()
    unknown: tuple[UnknownWord, ...] = ()


class PayoutReader(Protocol):
    """Reads one format of one acquirer. `name` is what it is asked for by (`payouts read --as NAME`)."""

    name: str
    acquirer: str  # a key of ACQUIRERS in dinero/model/acquirers.py

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file is of this format, told by the names of its columns alone. Never raises."""

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """The file's payouts with the signs of `model/payouts.py`, as `checked` gives them. `words` is what the owner
        said that words for a row's kind mean, where the reader does not know them; the figures must hold all the same.
        Never raises: what can't be read is a problem with the number of its row."""


def checked(payouts: Sequence[Payout], problems: Sequence[RowProblem] = (), notes: Sequence[Text] = ()) -> FileRead:
    """What a reader made of a file, with what is wrong with the figures. One problem refuses the whole file: the rest
    would be a payout of other sales."""
    found = [*problems, *(problem for payout in payouts for problem in problems_of(payout))]
    found += _in_two_payouts(payouts)
    if not payouts and not found:
        found.append(RowProblem(None, "no_payouts", Text("There is no payout in the file.")))
    return FileRead(problems=tuple(found)) if found else FileRead(payouts=tuple(payouts), notes=tuple(notes))


def _in_two_payouts(payouts: Sequence[Payout]) -> list[RowProblem]:
    """Lines and payouts that come a second time, in another payout of the file."""
    found: list[RowProblem] = []
    for account in dict.fromkeys((payout.acquirer, payout.account) for payout in payouts):
        same = [payout for payout in payouts if (payout.acquirer, payout.account) == account]
        across = repeated(line for payout in same for line in payout.lines) if len(same) > 1 else []
        within = {problem.row for payout in same for problem in repeated(payout.lines)} if across else set()
        found += [problem for problem in across if problem.row not in within]
        ids = Counter(payout.id for payout in same)
        for name in (name for name, times in ids.items() if times > 1):
            text = Text("Payout {payout} is there twice.", payout=name)
            found.append(RowProblem(None, "payout_twice", text))
    return found
