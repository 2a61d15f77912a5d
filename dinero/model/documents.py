"""What the store keeps, as values: orders and their documents, transfers, history, customers.

Times are UTC (ISO text, as they sort), dates are Copenhagen's, amounts are øre or cents of the row's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from dinero.model.consultation import Consultation
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import DKK
from dinero.model.plans import InvoicePlan, Kind
from dinero.model.shops import FIRST_SHOP


class OrderKey(NamedTuple):
    """Which order: the shop's name here, and the order's id there."""

    shop: str
    id: str

    @property
    def address(self) -> str:
        """As addresses of pages and commands name it: two shops may have the same ids. The first shop's are alone, as
        they were before there could be several."""
        return self.id if self.shop == FIRST_SHOP else f"{self.shop}:{self.id}"


class Step(StrEnum):
    """What Dinero has confirmed of a document."""

    CLAIMED = "claimed"
    DRAFTED = "drafted"
    VERIFIED = "verified"
    BOOKING = "booking"  # a ledger item whose booking was begun: Dinero does it in its own time
    BOOKED = "booked"
    SETTLING = "settling"  # a booked credit note whose invoice was looked at, so that its refund can be registered
    DONE = "done"
    DELETED = "deleted"  # the draft, in Dinero: the order's next document is another generation


class Mark(StrEnum):
    """The write of which no answer is recorded yet: it may have been made, so it is looked for before anything else."""

    CONTACT = "contact"
    CREATE = "create"
    BOOK = "book"
    PAY = "pay"
    SEND = "send"


class Did(StrEnum):
    """What a transfer counts of an order."""

    BOOKED = "booked"
    PAID = "paid"
    CREDITED = "credited"


class State(StrEnum):
    """An order's one state; that of its document once it has one (facts.md, "States of an order document")."""

    NOT_DUE = "not due"
    WAITING = "waiting"
    HELD = "held"
    CLAIMED = "claimed"
    DRAFTED = "drafted"
    VERIFIED = "verified"
    BOOKED = "booked"
    UNSURE = "unsure"
    REFUSED = "refused"
    DONE = "done"
    CREDITED = "credited"
    IGNORED = "ignored"


UNDER_WAY = (State.CLAIMED, State.DRAFTED, State.VERIFIED, State.BOOKED, State.UNSURE)
FINISHED = (State.DONE, State.CREDITED)
# What a push of everything takes up: what waits, what a cut run left, and what Dinero refused last time.
PUSHABLE = (State.WAITING, *UNDER_WAY, State.REFUSED)
NEEDS_OWNER = (State.HELD, State.REFUSED, State.UNSURE)
# No state, but a word for lists: orders that the shop changed after they were booked.
CHANGED = "changed"
STATES = tuple(State)
# The steps at which Dinero has a document booked.
BOOKED_STEPS = (Step.BOOKED, Step.SETTLING, Step.DONE)


class Action(StrEnum):
    """What is done with orders: an operation transfers them or corrects what was booked; to leave a change as it is
    needs none."""

    PUSH = "push"
    UNDO = "undo"
    REBOOK = "rebook"
    DIFFERENCE = "difference"
    PAY = "pay"
    ACCEPT = "accept"
    LEAVE = "leave"


# What a worker does with a booked order.
CORRECTIONS = (Action.UNDO, Action.REBOOK, Action.DIFFERENCE, Action.PAY, Action.ACCEPT)


class Progress(StrEnum):
    """How far an operation is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order as the shop told it last, its state here, and its current document in short, if it has one."""

    shop: str
    id: str
    number: str = ""
    placed_at: str | None = None
    placed_on: str | None = None
    customer: str = ""
    email: str = ""
    total_ore: int | None = None
    currency: str = DKK
    paid: bool = False
    sent: bool = False
    payment_method: str = ""
    payment_title: str = ""
    raw: str = ""
    raw_hash: str = ""
    state: State = State.NOT_DUE
    reasons: tuple[Finding, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    ignored_reason: str | None = None  # the owner's, for leaving it out
    suspect: str = ""  # a document in Dinero that may be this order's
    change: Mapping[str, Any] | None = None  # what the shop changed since it was booked
    rebook: bool = False
    credit_of: str = ""
    zone: str = ""
    country: str = ""
    net_ore: int | None = None
    vat_ore: int | None = None
    eu_net_ore: int | None = None
    cancelled: bool | None = None
    first_seen_at: str = ""
    seen_at: str = ""
    checked_at: str | None = None
    gone_at: str | None = None
    forgotten_at: str | None = None
    done_on: str | None = None
    guid: str | None = None
    kind: Kind | None = None
    step: Step | None = None
    invoice_number: str | None = None
    document_at: str | None = None

    @property
    def key(self) -> OrderKey:
        """Which order it is."""
        return OrderKey(self.shop, self.id)

    @property
    def way_to_pay(self) -> str:
        """The payment method as the shop shows it."""
        return self.payment_title or self.payment_method

    @property
    def is_credit(self) -> bool:
        """Whether it is a return of goods: a credit note of its own."""
        return (self.total_ore or 0) < 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What lists and counters need of an order: VAT zone, country, øre without and of VAT, its part of the year's sales
    to EU consumers in øre, and whether the shop cancelled it."""

    zone: str = ""
    country: str = ""
    net_ore: int | None = None
    vat_ore: int | None = None
    eu_net_ore: int | None = None
    cancelled: bool | None = None


@dataclass(frozen=True, slots=True)
class OrderSum:
    """How many orders there are of a currency, how many of them are credit notes, and what they sum to, by what they
    were asked for: a Copenhagen day, a state or a payment method."""

    n: int
    ore: int
    currency: str
    day: str = ""
    state: State | None = None
    payment_method: str = ""
    credit_notes: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """What is written in Dinero for an order, and how far it is.

    `source` and `subject` name what it is for: a shop and one of its orders. `reasons` say why it stands still.
    """

    id: int
    organization: str
    source: str
    subject: str
    kind: Kind
    generation: int
    guid: str
    plan: InvoicePlan
    step: Step
    state: State
    operation_id: str
    current: bool  # whether it is the one that stands for its order
    pending: Mark | None = None
    timestamp: str = ""
    contact_guid: str | None = None
    invoice_number: str | None = None
    payment_guid: str | None = None
    deposit_account: int | None = None
    # What was registered on that account from here, in øre of kroner; a refund's is negative. Both are None for a
    # payment in another currency whose value is not known yet.
    deposit_ore: int | None = None
    reasons: tuple[Finding, ...] = ()
    raw: str = ""  # the order as it was when it was claimed
    created_at: str = ""
    updated_at: str = ""

    @property
    def order(self) -> OrderKey:
        """The order that it is for."""
        return OrderKey(self.source, self.subject)

    @property
    def credit_for(self) -> str:
        """The Guid of the invoice that a credit note credits, "" for an invoice."""
        return self.plan.credit_for

    @property
    def is_booked(self) -> bool:
        """Whether Dinero has it booked, as far as is known here."""
        return self.step in BOOKED_STEPS


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document with what a list tells of its order."""

    document: Document
    number: str
    customer: str
    changed: bool  # in the shop, since it was booked


@dataclass(frozen=True, slots=True)
class Operation:
    """A transfer or correction that was asked for with one click; `reasons` say why it stopped."""

    id: str
    actor: str
    status: Progress
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    reasons: tuple[Finding, ...] = ()
    calls: int = 0
    action: Action = Action.PUSH
    detail: str = ""
    orders: int = 0
    finished: int = 0  # of its orders


@dataclass(frozen=True, slots=True)
class OperationOrder:
    """One order of an operation: its result there, and the order as it is now."""

    position: int
    shop: str
    order_id: str
    result: State | None
    result_reasons: tuple[Finding, ...]
    booked: bool
    paid: bool
    credited: bool
    number: str | None
    customer: str | None
    total_ore: int | None
    currency: str | None
    state: State | None
    reasons: tuple[Finding, ...]
    invoice_number: str | None
    step: Step | None
    booked_ore: int | None = None  # what the operation booked of it, a credit note's below zero

    @property
    def key(self) -> OrderKey:
        """Which order it is."""
        return OrderKey(self.shop, self.order_id)

    @property
    def is_credit(self) -> bool:
        """Whether it is a return of goods: a credit note of its own."""
        return (self.total_ore or 0) < 0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as the history keeps it. An order's customer is never named in its text."""

    event: str
    text: Text | None = None
    order: OrderKey | None = None
    operation_id: str | None = None
    state: State | None = None
    detail: Mapping[str, Any] | None = None
    payout: int | None = None  # the payout's row in the store


@dataclass(frozen=True, slots=True)
class PastEvent(Event):
    """An event of the history with its time and what is known of its order or payout now. `customer` is the acquirer
    of a payout, and `number` the name under which the bank shows it."""

    id: int = 0
    at: str = ""
    number: str | None = None
    customer: str | None = None
    total_ore: int | None = None
    currency: str | None = None
    invoice_number: str | None = None
    guid: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer in Dinero, mirrored."""

    guid: str
    email: str  # lower case
    name: str
    is_person: bool
    deleted: bool
    created_at: str
    vat_number: str = ""
    ean: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something the owner must know of."""

    id: int
    cause: str
    text: Text
    created_at: str
    mailed_at: str | None = None


@dataclass(frozen=True, slots=True)
class ListedConsultation:
    """What VIES said of an order's VAT number, with what a list tells of the order."""

    consultation: Consultation
    order_number: str
    placed_on: str
    customer: str
    invoice_number: str | None
    shop: str = FIRST_SHOP


# The states of an order as the owner reads them.
STATE_NAMES: Mapping[State, Text] = {
    State.NOT_DUE: Text("Not due yet"),
    State.WAITING: Text("Waiting"),
    State.HELD: Text("Held"),
    State.CLAIMED: Text("Begun"),
    State.DRAFTED: Text("Draft in Dinero"),
    State.VERIFIED: Text("Draft compared"),
    State.BOOKED: Text("Booked, not paid"),
    State.UNSURE: Text("Unsure"),
    State.REFUSED: Text("Refused"),
    State.DONE: Text("Transferred"),
    State.CREDITED: Text("Credited"),
    State.IGNORED: Text("Left out"),
}
