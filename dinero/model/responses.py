"""What Dinero told, as values. How its JSON is read is decided in api/answers.py alone."""

from dataclasses import dataclass

from dinero.model.documents import OrderKey
from dinero.model.money import Money
from dinero.model.plans import Kind


@dataclass(frozen=True, slots=True)
class Organization:
    """A company in Dinero; the API needs its Pro subscription (facts.md, Dinero 1.24). `vat_number` is a CVR number's
    eight digits or another country's number with its prefix, "" for none."""

    id: str
    name: str
    has_pro: bool
    vat_number: str


@dataclass(frozen=True, slots=True)
class SalesLine:
    """A product line. None is what the answer did not tell, or not to the øre."""

    text: str
    account: int | None
    gross: Money | None
    net: Money | None


@dataclass(frozen=True, slots=True)
class SalesDocument:
    """An invoice or a credit note. "" and None are what the answer did not tell: a list tells no lines, and not which
    invoice a credit note is for. `date` is ISO as far as Dinero's is; Guids are in lower case."""

    guid: str
    kind: Kind
    number: str
    status: str
    date: str
    currency: str
    gross: Money | None
    net: Money | None
    contact_guid: str
    contact_name: str = ""
    reference: str = ""  # our ExternalReference, or another integration's
    description: str = ""
    credit_for: str = ""
    value_in_kroner: Money | None = None
    lines: tuple[SalesLine, ...] | None = None
    timestamp: str = ""
    is_sent: bool = False  # to the customer's EAN number, or by e-mail
    deleted: bool = False

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note."""
        return self.kind is Kind.CREDIT_NOTE

    @property
    def is_draft(self) -> bool:
        """Whether it is not booked. Lists have several words for what is booked, such as Paid and Overdue."""
        return self.status.lower() == "draft"

    @property
    def is_booked(self) -> bool:
        """Whether a single document's answer says that it is booked."""
        return self.status == "Booked"

    @property
    def is_unpaid(self) -> bool:
        """Whether a list says that it is booked and not paid."""
        return self.status.lower() in ("booked", "overdue")

    @property
    def order(self) -> OrderKey:
        """The order that its reference names, if it is one of ours."""
        shop, _, rest = self.reference.partition(":")
        return OrderKey(shop, rest.partition(":")[0])

    @property
    def vat(self) -> Money | None:
        """Its VAT, None where either sum is not known."""
        return self.gross - self.net if self.gross is not None and self.net is not None else None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the answer to a new draft tells."""

    guid: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that is registered on an invoice."""

    guid: str
    reference: str


@dataclass(frozen=True, slots=True)
class Payments:
    """An invoice's payments, and what remains of it in the invoice's currency."""

    payments: tuple[Payment, ...]
    remaining: Money

    def ours(self, reference: str) -> Payment | None:
        """The payment with our reference, if it is registered."""
        return next((payment for payment in self.payments if payment.reference == reference), None)


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """How far Dinero is with a ledger item: `status` is Draft, PendingBooking or Booked."""

    status: str
    version: str
    voucher_number: str = ""

    @property
    def is_draft(self) -> bool:
        """Whether it lies in kassekladde, and nothing books it."""
        return self.status.lower() == "draft"

    @property
    def is_booked(self) -> bool:
        """Whether it is booked for good."""
        return self.status.lower() == "booked"

    @property
    def is_settled(self) -> bool:
        """Whether it is booked and its voucher's number is told."""
        return self.is_booked and bool(self.voucher_number)


@dataclass(frozen=True, slots=True)
class LedgerDraftLine:
    """A line of an item that lies unbooked. None is what the answer did not tell, or not to the øre; a VAT code of None
    lets the account's own count."""

    amount: Money | None
    account: int | None
    vat_code: str | None
    balancing: int | None
    balancing_vat_code: str | None


@dataclass(frozen=True, slots=True)
class LedgerDraft:
    """A ledger item as it lies unbooked; `on` is ISO as far as Dinero's is."""

    guid: str
    version: str
    on: str
    lines: tuple[LedgerDraftLine, ...]
