"""Payouts and the booking account as the store keeps them: what became of each line, and what Dinero has posted.

Times are UTC (ISO text), dates are Copenhagen's, amounts are øre of the row's currency, signs are those of
`model/payouts.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind
from dinero.model.payouts import Movement, PayoutKey


class PayoutState(StrEnum):
    """How far a payout is."""

    HELD = "held"
    READY = "ready"
    BOOKING = "booking"  # asked for, or under way
    UNSURE = "unsure"
    REFUSED = "refused"
    IN_LEDGER = "in ledger"  # lies in kassekladde, for the owner to book
    BOOKED = "booked"
    LEFT = "left"  # the owner books it, or has


class LineState(StrEnum):
    """What is known of a line's order."""

    MATCHED = "matched"
    NOT_TRANSFERRED = "not transferred"  # the order is here, and not registered in Dinero
    NO_CREDIT_NOTE = "no credit note"
    DIFFERS = "differs"
    OTHER_ACCOUNT = "other account"  # registered on another booking account than the payout's
    TWICE = "twice"  # the order is in another payout already
    NO_ORDER = "no order"
    CHARGEBACK = "chargeback"
    SUM = "sum"  # stands for many orders
    NONE = "none"  # a fee, reserve or correction, which is of no order


# States of a line that call for nothing.
SETTLED_LINES = (LineState.MATCHED, LineState.SUM, LineState.NONE)

PAYOUT_STATE_NAMES: Mapping[PayoutState, Text] = {
    PayoutState.HELD: Text("Held"),
    PayoutState.READY: Text("Ready"),
    PayoutState.BOOKING: Text("Being booked"),
    PayoutState.UNSURE: Text("Unsure"),
    PayoutState.REFUSED: Text("Refused"),
    PayoutState.IN_LEDGER: Text("In the ledger, unbooked"),
    PayoutState.BOOKED: Text("Booked"),
    PayoutState.LEFT: Text("Left to you"),
}

LINE_STATE_NAMES: Mapping[LineState, Text] = {
    LineState.MATCHED: Text("Fits"),
    LineState.NOT_TRANSFERRED: Text("Order not transferred"),
    LineState.NO_CREDIT_NOTE: Text("Refund without credit note"),
    LineState.DIFFERS: Text("Amount differs"),
    LineState.OTHER_ACCOUNT: Text("On another account"),
    LineState.TWICE: Text("In two payouts"),
    LineState.NO_ORDER: Text("No such order"),
    LineState.CHARGEBACK: Text("Chargeback"),
    LineState.SUM: Text("Sum of the period"),
    LineState.NONE: Text("No order"),
}


@dataclass(frozen=True, slots=True)
class StoredPayout:
    """A payout as it was read, with what is counted of its lines and what became of it.

    `sold_ore` + `refunded_ore` + `fees_ore` + `other_ore` = `net_ore`. `orders` counts the lines that are one order's,
    `matched` those of them that fit. `wanted_at` is when somebody asked for its booking,
    or for its being taken back.
    """

    id: int
    acquirer: str
    account: str
    payout: str  # the acquirer's own id
    paid_on: date
    currency: str
    net_ore: int
    sold_ore: int
    refunded_ore: int
    fees_ore: int
    other_ore: int
    lines: int
    orders: int
    matched: int
    bank_text: str = ""
    first_day: date | None = None
    last_day: date | None = None
    is_gross: bool = False
    is_unproven: bool = False
    source: str = ""  # the file's name, or "api"
    read_at: str = ""
    state: PayoutState = PayoutState.HELD
    reasons: tuple[Finding, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    wanted_at: str | None = None
    wanted_by: str | None = None
    wanted_kind: ItemKind | None = None  # its booking, or the item that takes it back
    wanted_reason: str = ""  # the owner's, for taking it back

    @property
    def key(self) -> PayoutKey:
        """Which payout it is."""
        return PayoutKey(self.acquirer, self.account, self.payout)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of a payout with the order that it is of, as far as that is known, and its one state.

    `shop` and `order_id` are "" where no order is known. `matched_by` is "number", "transaction" or "owner".
    `registered_ore` is what is registered in Dinero of it (kroner, a refund's below 0); None where nothing is.
    """

    payout: int
    place: int  # from 1, in the file's order
    row: int
    kind: Movement
    line_id: str
    gross_ore: int
    fee_ore: int
    net_ore: int
    order_ref: str = ""
    transaction: str = ""
    at: datetime | None = None
    sold_for_ore: int | None = None
    sold_for_currency: str = ""
    is_sum: bool = False
    text: str = ""
    shop: str = ""
    order_id: str = ""
    number: str = ""  # the order's number, for the eye
    matched_by: str = ""
    state: LineState = LineState.NO_ORDER
    registered_ore: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A posting on an account as Dinero has it: `ore` is positive in debit."""

    guid: str
    account: int
    on: date
    ore: int
    text: str = ""
    voucher_number: str = ""
    voucher_guid: str = ""
    voucher_type: str = ""
    is_primo: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """A sale (or a refund, below 0) that was registered on a booking account from here, in øre of kroner.

    `invoice_guid` and `invoice_number` are of the invoice that a refund was registered on. `at` is when the document
    became what it is (UTC), so that a posting made later than Dinero was asked is not missed there.
    """

    guid: str  # the document's
    payment_guid: str
    number: str  # the invoice's or credit note's, in Dinero
    shop: str
    order_id: str
    order_number: str
    method: str
    account: int
    ore: int
    on: date
    is_credit: bool = False
    invoice_guid: str = ""
    invoice_number: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was on a booking account before the dashboard's first day `on`, as the owner has said."""

    on: date
    ore: int
