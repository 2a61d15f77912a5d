"""Transfers as one looks back at them, and as one watches them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dinero.model.documents import Action, OperationOrder, Progress
from dinero.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of a transfer's orders; together they are all of them. `left` is what was not done: the transfer
    stopped before it, or the order was not to be transferred (any more)."""

    done: int = 0
    owner: int = 0
    refused: int = 0
    left: int = 0

    @property
    def all_done(self) -> bool:
        """Whether each order came to its end."""
        return not (self.owner or self.refused or self.left)


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """What one transfer or correction was and did, as the store keeps it. Times are aware.

    `actor` is "owner", "automatic", "command" or another word for who asked for it. `sums` are of what was booked in
    it, credit notes taken off, in øre or cents by currency. `account` and `account_name` are those on which most of it
    was or is to be registered, as they were then; `other_accounts` says that there were others. `reasons` say why it
    stopped; `dismissed` that the owner has seen to that; `unmended` that it stopped, and that neither the owner has
    seen to it nor a later one of its kind has come to its end.
    """

    id: str
    actor: str
    action: Action
    status: Progress
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    orders: int = 0
    outcomes: Outcomes = Outcomes()
    invoices: int = 0
    credit_notes: int = 0
    payments: int = 0
    sums: Mapping[str, int] = field(default_factory=dict)
    account: int | None = None
    account_name: str = ""
    other_accounts: bool = False
    reasons: tuple[Finding, ...] = ()
    dismissed: bool = False
    unmended: bool = False

    @property
    def seconds(self) -> int | None:
        """How long it took, pauses included; None before it is over."""
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds())

    @property
    def found_done(self) -> bool:
        """Whether it came to orders that another one had brought to their end, as when two tabs ask for the same."""
        well = self.status is Progress.FINISHED and self.orders > 0 and self.outcomes.all_done
        return well and self.action is Action.PUSH and not (self.invoices or self.credit_notes or self.payments)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done in it."""
        return self.status in (Progress.FINISHED, Progress.STOPPED)


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How far a transfer is: of `total` orders, how many have their customer known, their draft made, their document
    booked, and are at their end (`registered`); each counts those of the next, too. `finished` have a result, good or
    not. `latest` are the orders that changed last, the newest first. `token` is another whenever anything changed.

    `seconds_left` is rounded up and never grows during one transfer; None while it is paused and when it is over.
    """

    id: str
    action: Action
    status: Progress
    total: int
    customers: int
    drafted: int
    booked: int
    registered: int
    finished: int
    token: str
    latest: tuple[OperationOrder, ...] = ()
    seconds_left: int | None = None


@dataclass(frozen=True, slots=True)
class Stages:
    """What the store counts of a transfer's orders, see TransferProgress; of those without a result, `to_draft` have
    their customer, `to_book` their draft, and `to_register` are booked. `working_since` is when its worker began or
    went on last, with `done_before` orders finished then, and `seconds_left` what was said last to be left."""

    id: str
    action: Action
    status: Progress
    total: int
    finished: int
    registered: int
    booked: int
    drafted: int
    customers: int
    to_register: int
    to_book: int
    to_draft: int
    working_since: datetime | None
    done_before: int
    seconds_left: int | None
    token: str

    @property
    def calls_left(self) -> int:
        """Calls to Dinero that are left at most, by what is known: customer, draft, booking, payment."""
        begun = self.to_register + self.to_book + self.to_draft
        untouched = self.total - self.finished - begun
        return 4 * untouched + 3 * self.to_draft + 2 * self.to_book + self.to_register
