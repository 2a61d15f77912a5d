"""Payouts, as pages and commands ask for them: read from files, looked at, booked and taken back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dinero.acquirers.columns.mapping import ColumnMapping
from dinero.acquirers.words import NO_WORDS, Words
from dinero.booking.ledger_work import work_off_payouts
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.payout_files import Columns, FileOutcome, Files
from dinero.dashboard.settings import Choices
from dinero.intake.matching import match, needs_match
from dinero.intake.settling import assess_payouts, plan_of
from dinero.intake.suggesting import Suggestion, choose_order, evidence, suggestion
from dinero.model.clock import Clock, copenhagen_date, utc_text
from dinero.model.documents import Event, OrderKey, PastEvent, Step
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem, LedgerPlan
from dinero.model.payouts import RowProblem
from dinero.model.settings import Settings
from dinero.model.settlements import LineState, PayoutState, StoredLine, StoredPayout
from dinero.reports.fees import normal_days
from dinero.rules.payout_plans import counter_plan
from dinero.signin.sessions import OWNER
from dinero.store import Store

# What is booked without a click: what Dinero refused is left alone, as with orders.
BY_THEMSELVES = (PayoutState.READY, PayoutState.UNSURE)
# Nothing of these is in Dinero.
PLANNED = (PayoutState.HELD, PayoutState.READY, PayoutState.LEFT)
LONGEST_REASON = 200
ENOUGH, WEEK_END = 20, 4  # sales that tell how long an acquirer takes; days
ASSESSED = "payouts:assessed"  # what decided about their states when they were given last


class Payouts:
    """The payouts of one data folder."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._files = Files(store)
        self._normal: tuple[list[int], dict[str, int]] | None = None

    # --- read ----------------------------------------------------------------------------------------

    def read(
        self,
        name: str,
        data: bytes,
        *,
        reader: str = "",
        mapping: ColumnMapping | None = None,
        words: Words = NO_WORDS,
        another: bool = False,
    ) -> FileOutcome:
        """Reads a file by the columns that are chosen, by the reader that is named (one of `readers`), or by what
        recognizes it, and stores its payouts, all or none. `words` is what the owner says that words mean which the
        reader does not know; it is kept for the next file when the figures hold. `another` lets in a merchant account
        that nothing was read of before. Raises SettingsError for a reader that is not known."""
        outcome = self._files.read(name, data, reader=reader, mapping=mapping, words=words, another=another)
        if not outcome.is_refused:
            self.refresh()
        return outcome

    def readers(self) -> list[str]:
        """The formats that are known, by the names that `read` takes."""
        return self._files.readers()

    def columns(self, name: str, data: bytes, mapping: ColumnMapping) -> Columns | RowProblem:
        """What a file would be with these columns, as far as they are chosen; nothing is stored."""
        return self._files.columns(name, data, mapping)

    def hits(self, references: Sequence[str]) -> int:
        """How many of these mean an order that is here, and one alone."""
        return self._files.hits(references)

    def refresh(self) -> None:
        """Ties lines to orders and gives payouts their states anew; cheap when nothing has changed."""
        settings = self._settings.load()
        if needs_match(self._store, settings):
            match(self._store, settings)
        now = self._what_decides(settings)
        cached = self._store.look_ups.get(ASSESSED)
        if cached is None or cached[0] != now:
            assess_payouts(self._store, settings)
            self._store.look_ups.put(ASSESSED, now)

    def _what_decides(self, settings: Settings) -> list[Any]:
        """What payouts' states follow from, in short: another list when one of them may be another."""
        organization = settings.organization or ""
        fetched_at = self._store.charts.accounts_fetched_at(organization)
        return [
            self._store.matches.newest_event(),
            self._store.matches.newest_payout(),
            utc_text(fetched_at) if fetched_at else "",
            copenhagen_date(self._clock.now()).isoformat(),
            self._store.entries.count(organization),
        ]

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

    def normal_days(self) -> dict[str, int]:
        """After how many days a sale is late, by acquirer: longer than its slowest payouts took, with a long week-end
        more, where enough sales were paid out to tell."""
        token = self._store.fees.token()
        if self._normal is None or self._normal[0] != token:
            measured = {acquirer: normal_days(self._store, acquirer) for acquirer in self.acquirers()}
            found = {
                acquirer: days.slowest + WEEK_END
                for acquirer, days in measured.items()
                if days is not None and days.count >= ENOUGH
            }
            self._normal = token, found
        return dict(self._normal[1])

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
        """What would be sent, by the function that sends; None while anything stands in its way, and once it is
        booked: `items` have what was sent."""
        payout = self.get(number)
        if payout is None or payout.state not in PLANNED:
            return None
        return plan_of(self._store, self._settings.load(), number)

    def book(self, numbers: Sequence[int], *, actor: str) -> int:
        """Asks for the booking of payouts that are ready, refused or unsure; returns of how many. `work` does it."""
        self.refresh()
        with self._store.transaction():
            asked = self._store.payouts.want(numbers, actor=actor)
            if asked:
                text = Text(
                    "The booking of {n} payout was asked for.", "The booking of {n} payouts was asked for.", n=asked
                )
                self._store.history.add(Event("payouts asked", text, detail={"actor": actor}))
        return asked

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
        worked = work_off_payouts(self._connection.dinero(), self._store, self._settings.load)
        self.refresh()
        return worked

    def undo_plan(self, number: int) -> LedgerPlan | None:
        """The item that would take a booked payout back, line by line; None where nothing is booked."""
        item = self._store.ledger_items.newest(number)
        if item is None or item.kind is not ItemKind.PAYOUT or item.step is not Step.DONE:
            return None
        return counter_plan(item, self._settings.load(), copenhagen_date(self._clock.now()))

    def undo(self, number: int, *, reason: str, actor: str) -> None:
        """Asks for the counter item of a booked payout, also once more where it was refused; `work` does it. Raises
        SettingsError."""
        reason = " ".join(reason.split())
        if not 0 < len(reason) <= LONGEST_REASON:
            raise SettingsError(Text("Write why, in at most {most} characters.", most=LONGEST_REASON))
        if not self._store.payouts.want_back(number, reason=reason, actor=actor):
            raise SettingsError(Text("The payout is not booked, or it is being taken back already."))

    # --- the owner's words ---------------------------------------------------------------------------

    def answer(self, number: int, key: str, value: str, *, actor: str = OWNER) -> None:
        """Answers a question that holds a payout. Raises SettingsError for one that it does not ask, or no such
        choice."""
        self.refresh()
        payout = self.get(number)
        questions = {q.key: q for reason in payout.reasons if (q := reason.question)} if payout is not None else {}
        asked = questions.get(key)
        choice = next((one for one in asked.choices if one.value == value), None) if asked is not None else None
        if choice is None:
            raise SettingsError(Text("The payout does not ask that any more. Look at it anew."))
        text = Text("A question of the payout was answered: {choice}", choice=choice.text)
        self._keep_answer(number, {key: value}, Event("answered", text, payout=number, detail={"actor": actor}))

    def take_answer_back(self, number: int, key: str, *, actor: str = OWNER) -> None:
        """Takes an answer back: its question is asked again. Raises SettingsError for none, and for a payout that is
        booked or asked for."""
        payout = self.get(number)
        if payout is None or key not in payout.answers or payout.state not in PLANNED or payout.wanted_at is not None:
            raise SettingsError(Text("That answer can't be taken back any more."))
        text = Text("An answer about the payout was taken back.")
        self._keep_answer(number, {key: None}, Event("answered", text, payout=number, detail={"actor": actor}))

    def _keep_answer(self, number: int, answer: Mapping[str, str | None], event: Event) -> None:
        with self._store.transaction():
            self._store.payouts.answer(number, answer)
            self._store.history.add(event)
        self.refresh()

    def choose_order(self, number: int, place: int, order: OrderKey | None, *, actor: str = OWNER) -> None:
        """Says which order a line is of; None takes it back. Raises SettingsError."""
        choose_order(self._store, self._settings.load(), number, place, order, actor=actor)
        self.refresh()

    def suggestion(self, number: int, place: int) -> Suggestion | None:
        """The order that a line without one may be of, with its evidence; None where none is likely."""
        line = self._line(number, place)
        return suggestion(self._store, self._settings.load(), line) if line is not None else None

    def evidence(self, number: int, place: int) -> list[Text]:
        """How a line was tied to its order, and what its state comes from."""
        line = self._line(number, place)
        return evidence(self._store, self._settings.load(), line) if line is not None else []

    def _line(self, number: int, place: int) -> StoredLine | None:
        return next(iter(self.lines(number, limit=1, offset=place - 1)), None) if place > 0 else None
