"""What a reader of an acquirer's files is, and the check that each file passes before anything of it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dinero.model.i18n import Text
from dinero.model.payouts import Payout, RowProblem, problems_of, repeated


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: its payouts, or why none of it can be used. Never both."""

    payouts: tuple[Payout, ...] = ()
    problems: tuple[RowProblem, ...] = ()


class PayoutReader(Protocol):
    """Reads the files of one acquirer."""

    acquirer: str

    def recognizes(self, header: Sequence[str]) -> bool:
        """Whether a file with these names of columns, as the file spells them, is this acquirer's. Never raises."""

    def read(self, data: bytes) -> FileRead:
        """The file's payouts with the signs of `model/payouts.py`, as `checked` gives them. Never raises: what
        can't be read is a problem with the number of its row."""


def checked(payouts: Sequence[Payout], problems: Sequence[RowProblem] = ()) -> FileRead:
    """What a reader made of a file, with what is wrong with the figures. One problem refuses the whole file: the rest
    would be a payout of other sales."""
    found = [*problems, *(problem for payout in payouts for problem in problems_of(payout))]
    found += _in_two_payouts(payouts)
    if not payouts and not found:
        found.append(RowProblem(None, "no_payouts", Text("There is no payout in the file.")))
    return FileRead(problems=tuple(found)) if found else FileRead(payouts=tuple(payouts))


def _in_two_payouts(payouts: Sequence[Payout]) -> list[RowProblem]:
    """Lines and payouts that come a second time, in another payout of the file."""
    found: list[RowProblem] = []
    for account in dict.fromkeys((payout.acquirer, payout.account) for payout in payouts):
        same = [payout for payout in payouts if (payout.acquirer, payout.account) == account]
        within = {problem.row for payout in same for problem in repeated(payout.lines)}
        across = repeated(line for payout in same for line in payout.lines)
        found += [problem for problem in across if problem.row not in within]
        ids = [payout.id for payout in same]
        for name in dict.fromkeys(name for name in ids if ids.count(name) > 1):
            text = Text("Payout {payout} is there twice.", payout=name)
            found.append(RowProblem(None, "payout_twice", text))
    return found
