"""The organization's chart of accounts as Dinero told it last, and what follows from an account.

A sales line has no VAT field: the account's own VatCode decides (facts.md, Dinero 4.30), so every plan reads it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

BANK_NUMBER = 55000
WEBSHOP_ACCOUNT_NAME = "Webshop salg"
RESERVE_ACCOUNT_NAME = "Tilbageholdt hos {acquirer}"  # of what an acquirer keeps back for a time
# Numbers first tried for a new account between; 55000-55099 hold bank and cash in the standard chart.
_FIRST_FREE = range(55100, 56000, 10)

# Sales VAT codes and their rates (facts.md, Dinero 5a); a code that is not here is not a sales code we know.
SALES_VAT = {"U25": Decimal("0.25")} | dict.fromkeys(("", "none", "UEUV", "UEUV2", "UEUY", "UVV", "UVY"), Decimal(0))

# Purchase VAT codes and their rates. What is bought abroad owes VAT and deducts it again: no money moves, so the rate
# is 0 (facts.md, Payouts 8.6).
PURCHASE_VAT = {"I25": Decimal("0.25")} | dict.fromkeys(("IEUV", "IEUY", "IVV", "IVY"), Decimal(0))


@dataclass(frozen=True, slots=True)
class Account:
    """An entry account. `vat_code` is "" where the account has none."""

    number: int
    name: str
    vat_code: str = ""
    hidden: bool = False

    @property
    def vat_rate(self) -> Decimal | None:
        """The rate of VAT a sales line on this account gets (a fraction); None for a code we don't know."""
        return SALES_VAT.get(self.vat_code)


@dataclass(frozen=True, slots=True)
class DepositAccount:
    """An account on which payments can be registered."""

    number: int
    name: str
    is_default: bool = False
    hidden: bool = False
    has_bank_details: bool = False

    @property
    def is_bank(self) -> bool:
        """Whether this seems to be the bank account, where sales must not be registered: the payout is less the fees.

        Told by its bank details; where Dinero does not give them, by its number, its name, and by being the default.
        """
        if self.has_bank_details or self.number == BANK_NUMBER:
            return True
        name = self.name.casefold()
        return name != WEBSHOP_ACCOUNT_NAME.casefold() and (self.is_default or "bank" in name)


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts by number, and accounting years as (first, last) day."""

    accounts: Mapping[int, Account] = field(default_factory=dict)
    deposits: Mapping[int, DepositAccount] = field(default_factory=dict)
    years: tuple[tuple[date, date], ...] = ()

    def free_number(self) -> int | None:
        """An unused number for a new deposit account, or None when 55100-55990 are all taken."""
        taken = self.accounts.keys() | self.deposits.keys()
        return next((number for number in _FIRST_FREE if number not in taken), None)

    def name_of(self, number: int) -> str:
        """An account's name, "" for one that is not known."""
        found = self.deposits.get(number) or self.accounts.get(number)
        return found.name if found else ""

    def is_in_use(self, number: int) -> bool:
        """Whether an account is there and not hidden."""
        found = self.deposits.get(number) or self.accounts.get(number)
        return found is not None and not found.hidden
