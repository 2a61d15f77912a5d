"""What a shop sold, free of any shop's format.

A reader (`dinero/shops/`) fills these in and never raises on bad input: what it could not read is None, and
`problems` says why in words the owner understands. Such an order is held, never booked.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from dinero.model.clock import copenhagen_date
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money


class LineKind(StrEnum):
    """What a line is, which decides its account."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    FEE = "fee"  # what the customer pays for the way of paying
    DISCOUNT = "discount"
    GIFT_CARD_SOLD = "gift_card_sold"  # a multi-purpose gift card: a debt to its holder, no sale yet
    GIFT_CARD = "gift_card"  # the part that was paid with a gift card: negative, no discount


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. `total` is the line's amount as the shop charged it (with VAT if the order's
    prices have it); a discount and a gift card are negative. `vat_rate` is a fraction (0.25), None when the shop
    does not say. `unit_price` is one piece's, where `total` is exactly that times `quantity`. `item` is the shop's own
    id of this line of this order, where it has one that stays: a credit note's line names the line it is of with it.
    `discount` is what was taken off before `total` (positive, in the same prices): its coupon is in `total` already.
    `is_card`: the shop's own data says that the line is a gift card that is sold."""

    kind: LineKind
    text: str
    quantity: Decimal
    total: Money
    unit_price: Money | None = None
    vat_rate: Decimal | None = None
    sku: str = ""
    item: str = ""
    discount: Money | None = None
    is_card: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """A name and address. `country` is ISO 3166 alpha-2, or None when what the shop says is not understood."""

    name: str = ""
    company: str = ""
    street: str = ""
    zipcode: str = ""
    city: str = ""
    country: str | None = None
    country_text: str = ""


@dataclass(frozen=True, slots=True)
class NumberField:
    """A value in a field of the shop's that may be the buyer's CVR, VAT or EAN number: what it means is the owner's to
    say, once for each `name`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the shop's answer that could not be read or does not add up.

    `field` names the field and its value, where that is all there is to say: several are told in one sentence.
    """

    code: str
    text: Text
    field: Text | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order (or, with a negative total, one credit note) of a shop."""

    shop: str
    id: str
    number: str
    placed_at: datetime | None
    status: str = ""
    paid: bool = False
    paid_at: datetime | None = None
    sent: bool = False
    sent_at: datetime | None = None
    cancelled: bool = False
    currency: str = DKK
    lines: tuple[Line, ...] = ()
    total: Money | None = None
    vat: Money | None = None
    prices_include_vat: bool = True
    billing: Party = field(default_factory=Party)
    delivery: Party = field(default_factory=Party)
    email: str = ""
    phone: str = ""
    vat_number: str = ""
    ean_number: str = ""
    payment_method: str = ""  # what rules, accounts and fees hang on: a stable id where the shop has one, else its name
    payment_title: str = ""  # what the shop calls it, where that is another word than `payment_method`
    payment_type: str = ""
    voucher_code: str = ""
    voucher_is_percent: bool = False
    voucher_kind: str = ""  # the shop's own word for it
    shipping_method: str = ""
    comment: str = ""
    extras: tuple[tuple[str, str], ...] = ()
    withdrawn: bool = False
    is_test: bool = False
    paid_amount: Money | None = None  # where the shop tells it apart from the total
    refunded: Money | None = None  # what the shop says was paid back already
    credit_of: str = ""
    may_credit: str = ""  # the order that a positive, unpaid one names as credited: the owner says what it is
    refers_to: str = ""  # another order that the shop names with this one, whatever it means
    numbers: tuple[NumberField, ...] = ()  # company numbers in fields that the owner has not said the meaning of
    smallest_ore: int = 1  # what the shop rounds to: 100 where it reckons in whole kroner
    problems: tuple[Problem, ...] = ()

    @property
    def placed_on(self) -> date | None:
        """The Copenhagen date on which the order was placed."""
        return copenhagen_date(self.placed_at) if self.placed_at else None

    @property
    def is_credit(self) -> bool:
        """Whether this is a credit note: it names the order it credits, or its total is negative."""
        return bool(self.credit_of) or (self.total is not None and self.total.ore < 0)

    @property
    def is_company(self) -> bool:
        """Whether the buyer is a company: a company name, a VAT number or an EAN number is there."""
        return bool(self.billing.company or self.vat_number or self.ean_number)

    @property
    def way_to_pay(self) -> str:
        """The payment method as the shop shows it."""
        return self.payment_title or self.payment_method

    @property
    def customer_name(self) -> str:
        """The name that a customer list shows."""
        return self.billing.company or self.billing.name or self.delivery.company or self.delivery.name


# What `credit_of` is when a negative total says that it is a credit note, but not of which order.
UNKNOWN_ORDER = "?"
