"""Payouts, as pages and commands ask for them: read from files, looked at, booked and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.columns.layout import layout_of
from dinero.acquirers.columns.mapping import ColumnMapping
from dinero.acquirers.columns.proposing import Proposal, proposal
from dinero.acquirers.columns.reading import order_refs, read_by_columns
from dinero.acquirers.opening import open_file
from dinero.acquirers.readers import READERS, recognized
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.settings import Choices
from dinero.model.acquirers import acquirer_of
from dinero.model.clock import Clock
from dinero.model.documents import Event, OrderKey, PastEvent
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.ledger import LedgerItem, LedgerPlan
from dinero.model.payouts import Payout, RowProblem
from dinero.model.settlements import LineState, PayoutState, StoredLine, StoredPayout
from dinero.store import Store
from dinero.store.payouts import Refused

LONGEST_FILE_NAME = 80
# What is booked without a click: what Dinero refused is left alone, as with orders.
BY_THEMSELVES = (PayoutState.READY, PayoutState.UNSURE)
OTHER_ACCOUNT = "other_account"  # the problem of a file that is of another merchant account than those before


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: the rows of its new payouts, how many were here already, and what it has besides. Or why
    nothing of it was stored, or the columns about which the owner is asked."""

    name: str
    new: tuple[int, ...] = ()
    known: int = 0
    notes: tuple[Text, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    proposal: Proposal | None = None

    @property
    def is_refused(self) -> bool:
        """Whether nothing of the file could be used."""
        return bool(self.problems) or self.proposal is not None

    @property
    def sentences(self) -> tuple[Text, ...]:
        """What became of it, in words."""
        if self.problems:
            return tuple(problem.text for problem in self.problems)
        if self.proposal is not None:
            return (COLUMNS_UNKNOWN,)
        told = [Text("{n} new payout was read.", "{n} new payouts were read.", n=len(self.new))] if self.new else []
        if self.known:
            text = Text("{n} payout was read before.", "{n} payouts were read before.", n=self.known)
            told.append(text)
        return (*told, *self.notes)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file would be with a mapping, and of the rows that name an order (`named`) how many name one that is here
    (`hits`)."""

    proposal: Proposal
    named: int
    hits: int


COLUMNS_UNKNOWN = Text("The file's columns are not known yet. Open it under Payouts, and say what each of them is.")


class Payouts:
    """The payouts of one data folder."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection

    # --- read ----------------------------------------------------------------------------------------

    def read(
        self, name: str, data: bytes, *, reader: str = "", mapping: ColumnMapping | None = None, another: bool = False
    ) -> FileOutcome:
        """Reads a file by the columns that are chosen, by the reader that is named (one of `readers`), or by what
        recognizes it, and stores its payouts, all or none. `another` lets in a merchant account that nothing was read
        of before. Raises SettingsError for a reader that is not known."""
        if reader and reader not in self.readers():
            raise SettingsError(
                Text(
                    "There is no reader “{name}”. There are {known}.", name=reader[:40], known=", ".join(self.readers())
                )
            )
        name = _file_name(name)
        file = open_file(name, data)
        if isinstance(file, RowProblem):
            return FileOutcome(name, problems=(file,))
        told = self._told(file, reader, mapping)
        if isinstance(told, Proposal):
            return FileOutcome(name, proposal=told)
        problems = told.problems or (() if another else self._of_others(told.payouts))
        if problems:
            return FileOutcome(name, problems=problems, proposal=proposal(file, mapping) if mapping else None)
        return self._stored(file, told, mapping)

    def readers(self) -> list[str]:
        """The formats that are known, by the names that `read` takes."""
        return [one.name for one in READERS]

    def columns(self, name: str, data: bytes, mapping: ColumnMapping) -> Columns | RowProblem:
        """What a file would be with these columns, as far as they are chosen; nothing is stored."""
        file = open_file(_file_name(name), data)
        if isinstance(file, RowProblem):
            return file
        named = [reference for reference in order_refs(file, mapping) if reference]
        return Columns(proposal(file, mapping), len(named), self.hits(named))

    def hits(self, references: Sequence[str]) -> int:
        """How many of these are orders' numbers."""
        raise NotImplementedError

    def _told(self, file: PayoutFile, reader: str, mapping: ColumnMapping | None) -> FileRead | Proposal:
        """What a file says, or what the owner is to be asked about it."""
        if mapping is not None:
            return read_by_columns(file, mapping)
        chosen = next((one for one in READERS if one.name == reader), None) or recognized(file)
        if chosen is not None:
            return chosen.read(file)
        layout = layout_of(file)
        if isinstance(layout, RowProblem):
            return FileRead(problems=(layout,))
        kept = _mapping(self._store.payouts.mapping(layout.fingerprint))
        if kept is not None:
            told = read_by_columns(file, kept)
            return told if told.payouts else proposal(file, kept)
        last = _mapping(self._store.payouts.last_mapping())
        if last is not None and 2 * len(last.roles.keys() & layout.places.keys()) > len(last.roles):
            return proposal(file, last)
        return proposal(file)

    def _of_others(self, payouts: Sequence[Payout]) -> tuple[RowProblem, ...]:
        """Why a file may be another merchant's: the first account of an acquirer is the owner's, any other is asked
        about."""
        found = []
        for acquirer in dict.fromkeys(payout.acquirer for payout in payouts):
            accounts = list(dict.fromkeys(payout.account for payout in payouts if payout.acquirer == acquirer))
            known = self._store.payouts.accounts(acquirer) or accounts[:1]
            found += [_of_other(acquirer, account, known) for account in accounts if account not in known]
        return tuple(found)

    def _stored(self, file: PayoutFile, told: FileRead, mapping: ColumnMapping | None) -> FileOutcome:
        try:
            with self._store.transaction():
                added = self._store.payouts.add(told.payouts, source=file.name)
                layout = layout_of(file) if mapping is not None else None
                if mapping is not None and not isinstance(layout, RowProblem) and layout and layout.fingerprint:
                    self._store.payouts.keep_mapping(layout.fingerprint, mapping.kept().to_json())
                self._store.history.add(_read(file.name, len(added.new), added.known))
        except Refused as error:
            return FileOutcome(file.name, problems=(error.problem,))
        self.refresh()
        return FileOutcome(file.name, added.new, added.known, told.notes)

    def refresh(self) -> None:
        """Ties lines to orders and gives payouts their states anew; cheap when nothing has changed."""

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

    def book_by_themselves(self, *, actor: str) -> int:
        """Asks for the booking of what is ready, or was unsure, of the acquirers whose payouts are booked without a
        click; returns of how many."""
        self.refresh()
        chosen = self._settings.load().acquirers
        rows = [
            row.id
            for acquirer, choice in chosen.items()
            if choice.by_itself
            for row in self._store.payouts.listed(states=BY_THEMSELVES, acquirer=acquirer)
        ]
        return self.book(rows, actor=actor) if rows else 0

    def work(self) -> bool:
        """Works off what was asked for; False while another worker has the organization. Raises DashboardError."""
        if not self._store.payouts.wanted():
            return True
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


def _file_name(name: str) -> str:
    """A file's name as it is told: without folders and signs that are not shown, and not too long."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable())
    return plain[:LONGEST_FILE_NAME] or "–"


def _of_other(acquirer: str, account: str, known: Sequence[str]) -> RowProblem:
    text = Text(
        "The file is of account {account} at {acquirer}, and what was read before is of {known}. If {account} is yours "
        "too, say so.",
        account=account,
        acquirer=acquirer_of(acquirer).name,
        known=", ".join(known),
    )
    return RowProblem(None, OTHER_ACCOUNT, text)


def _mapping(packed: Any) -> ColumnMapping | None:
    """A mapping that was kept; None where there is none, or one that a newer or older version wrote."""
    try:
        return ColumnMapping.from_json(packed) if packed else None
    except (KeyError, ValueError, TypeError):
        return None


def _read(name: str, new: int, known: int) -> Event:
    text = Text("{file} was read: {new} new payouts, {known} that were read before.", file=name, new=new, known=known)
    return Event("payouts read", text, detail={"new": new, "known": known})
