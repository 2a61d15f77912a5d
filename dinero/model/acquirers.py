"""Acquirers as they are known here, and what the owner chose for each: which accounts, and how far a payout is taken.

Which fees are without VAT: facts.md, Payouts 8.2. What is not a fact is None, and the owner is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dinero.model.i18n import Text
from dinero.model.payouts import Movement

NO_VAT = "none"  # Dinero's word for a line whose account's own VAT code is not to be used
# The VAT codes that fees may have in Dinero (facts.md, Payouts 8.4).
FEE_VATS: Mapping[str, Text] = {
    NO_VAT: Text("No VAT (moving money is exempt)"),
    "IEUY": Text("Service from another EU country, reverse charge"),
    "IVY": Text("Service from outside the EU, reverse charge"),
    "I25": Text("Danish VAT, 25 %"),
}
FEE_ACCOUNT = 7420  # Indløsere, in the standard chart (facts.md, Payouts 8.2)
EXCHANGE_ACCOUNT = 1445  # Valutakursdifferencer, in the standard chart
STAYS = 0  # an account's number for what is left on the booking account


class Way(StrEnum):
    """How far a payout is taken in Dinero."""

    BOOK = "book"  # payout and fee
    FEE = "fee"  # the fee alone: the owner matches the bank's line in Dinero
    DRAFT = "draft"  # payout and fee are laid in kassekladde, unbooked
    NOTHING = "nothing"


# Kinds of lines that are booked on an account which the owner names once for each acquirer; STAYS leaves them.
NAMED_KINDS = (Movement.RESERVE, Movement.CORRECTION, Movement.OTHER)


@dataclass(frozen=True, slots=True)
class Acquirer:
    """One that payouts come from. `fee_vat` is the VAT code of its fees, None where it is the accountant's to say."""

    name: str
    fee_vat: str | None = None


ACQUIRERS: Mapping[str, Acquirer] = {
    "clearhaus": Acquirer("Clearhaus", NO_VAT),
    "vipps_mobilepay": Acquirer("MobilePay"),
    "stripe": Acquirer("Stripe"),
    "paypal": Acquirer("PayPal"),
    "nets_easy": Acquirer("Nets Easy", NO_VAT),
    "shopify": Acquirer("Shopify Payments"),
}


def acquirer_of(key: str) -> Acquirer:
    """An acquirer by its key; one that is read by columns which the owner chose is called as the owner calls it."""
    return ACQUIRERS.get(key) or Acquirer(key)


@dataclass(frozen=True, slots=True)
class AcquirerChoice:
    """The owner's choices for one acquirer; None is not chosen yet, and then its payouts are held.

    `account` is the booking account that its sales are registered on and `bank_account` where its payouts arrive
    (None: those of the settings). `accounts` are those of NAMED_KINDS, STAYS for what is left on the booking account.
    `methods` are the shop's ways to pay that come through it, which a payout without orders is compared with.
    `by_itself`: ready payouts are booked without a click.
    """

    way: Way | None = None
    account: int | None = None
    bank_account: int | None = None
    fee_account: int | None = None
    fee_vat: str | None = None
    accounts: Mapping[str, int] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    by_itself: bool = False


def acquirer_choice(packed: Mapping[str, Any]) -> AcquirerChoice:
    """The choices that were stored as JSON by their names."""
    way, methods = packed.get("way"), tuple(packed.get("methods", ()))
    return AcquirerChoice(**{**packed, "way": Way(way) if way else None, "methods": methods})
