"""Payouts, as pages and commands ask for them: read from files, looked at, booked and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.settings import Choices
from dinero.model.clock import Clock
from dinero.model.documents import OrderKey, PastEvent
from dinero.model.i18n import Text
from dinero.model.ledger import LedgerItem, LedgerPlan
from dinero.model.payouts import RowProblem
from dinero.model.settlements import LineState, PayoutState, StoredLine, StoredPayout
from dinero.store import Store


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: the rows of its new payouts, how many were here already, and what it has besides; or why
    nothing of it was stored, or the columns that the owner is to choose."""

    name: str
    new: tuple[int, ...] = ()
    known: int = 0
    notes: tuple[Text, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    proposal: Any = None  # a ColumnMapping; None where the columns are known


class Payouts:
    """The payouts of one data folder."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection

    # --- read ----------------------------------------------------------------------------------------

    def read(
        self, name: str, data: bytes, *, reader: str = "", mapping: Any = None, another: bool = False
    ) -> FileOutcome:
        """Reads a file by the reader that recognizes it, the one that is named, or the columns that are chosen, and
        stores its payouts, all or none. `another` lets in a merchant account that no file was of before. Raises
        SettingsError for a reader that is not known."""
        raise NotImplementedError

    def hits(self, references: Sequence[str]) -> int:
        """How many of these are orders' numbers."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Ties lines to orders and gives payouts their states anew; cheap when nothing has changed."""
        raise NotImplementedError

    # --- looked at -----------------------------------------------------------------------------------

    def listed(
        self,
        states: Sequence[PayoutState] = (),
        acquirer: str = "",
        first: date | None = None,
        last: date | None = None,
        limit: int = -1,
        offset: int = 0,
    ) -> list[StoredPayout]:
        """Payouts, the newest first; `first` and `last` are days of payment, both included."""
        return self._store.payouts.listed(
            states=states, acquirer=acquirer, first=first, last=last, limit=limit, offset=offset
        )

    def count(
        self,
        states: Sequence[PayoutState] = (),
        acquirer: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> int:
        """How many payouts there are."""
        return self._store.payouts.count(states=states, acquirer=acquirer, first=first, last=last)

    def acquirers(self) -> list[str]:
        """The acquirers that payouts were read of."""
        return self._store.payouts.acquirers()

    def get(self, number: int) -> StoredPayout | None:
        """A payout by its row."""
        return self._store.payouts.get(number)

    def named(self, text: str) -> list[StoredPayout]:
        """The payouts with this id of an acquirer's, bank text or row number."""
        return self._store.payouts.named(text)

    def lines(
        self, number: int, states: Sequence[LineState] = (), limit: int = -1, offset: int = 0
    ) -> list[StoredLine]:
        """A payout's lines in the file's order."""
        return self._store.payouts.lines(number, states=states, limit=limit, offset=offset)

    def line_states(self, number: int) -> dict[LineState, int]:
        """How many lines of a payout are in each state."""
        return self._store.payouts.line_states(number)

    def events(self, number: int) -> list[PastEvent]:
        """What happened with a payout, oldest first."""
        return self._store.history.list(payout=number, oldest_first=True, limit=-1)

    def items(self, number: int) -> list[LedgerItem]:
        """What was written in Dinero for a payout, the oldest first."""
        return self._store.ledger_items.of(number)

    # --- booked --------------------------------------------------------------------------------------

    def plan(self, number: int) -> LedgerPlan | None:
        """What would be sent, by the function that sends; None while a choice for it is missing."""
        raise NotImplementedError

    def book(self, numbers: Sequence[int], *, actor: str) -> int:
        """Asks for the booking of payouts that are ready, refused or unsure; returns of how many. `work` does it."""
        raise NotImplementedError

    def work(self) -> bool:
        """Works off what was asked for; False while another worker has the organization. Raises DashboardError."""
        raise NotImplementedError

    def undo_plan(self, number: int) -> LedgerPlan | None:
        """The item that would take a booked payout back, line by line; None where nothing is booked."""
        raise NotImplementedError

    def undo(self, number: int, *, reason: str, actor: str) -> None:
        """Asks for the counter item of a booked payout; `work` does it. Raises SettingsError."""
        raise NotImplementedError

    # --- the owner's words ---------------------------------------------------------------------------

    def answer(self, number: int, key: str, value: str) -> None:
        """Answers a question of a payout. Raises SettingsError."""
        raise NotImplementedError

    def choose_order(self, number: int, place: int, order: OrderKey | None) -> None:
        """Says which order a line is of; None takes it back. Raises SettingsError."""
        raise NotImplementedError

    def suggestion(self, number: int, place: int) -> Any:
        """The only order with the line's amount and way to pay, with its evidence; None where there is not one."""
        raise NotImplementedError
