"""The organization's chart of accounts as Dinero told it last, and what follows from an account.

A sales line has no VAT field: the account's own VatCode decides (facts.md, Dinero 4.30), so every plan reads it here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from dinero.api.client import Dinero
from dinero.api.client import field as value_of
from dinero.model.errors import NotUnderstood
from dinero.store.database import Store

BANK_NUMBER = 55000
WEBSHOP_ACCOUNT_NAME = "Webshop salg"
# Numbers first tried for a new account between; 55000-55099 hold bank and cash in the standard chart.
_FIRST_FREE = range(55100, 56000, 10)

# Sales VAT codes and their rates (facts.md, Dinero 5a); a code that is not here is not a sales code we know.
SALES_VAT = {"U25": Decimal("0.25")} | dict.fromkeys(("", "none", "UEUV", "UEUV2", "UEUY", "UVV", "UVY"), Decimal(0))


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


def cache_key(organization: str, kind: str) -> str:
    """Where the store keeps a look-up of an organization: kind is entry, deposit, years or no bank details."""
    return f"accounts:{organization}:{kind}"


def load_chart(store: Store, organization: str | None) -> Chart:
    """The chart as it was fetched last; empty when it never was."""
    if not organization:
        return Chart()
    found = {kind: store.cached(cache_key(organization, kind)) for kind in ("entry", "deposit", "years")}
    rows = {kind: entry[0] if entry else [] for kind, entry in found.items()}
    return Chart(
        accounts={account.number: account for account in map(_account, rows["entry"])},
        deposits={account.number: account for account in map(_deposit, rows["deposit"])},
        years=tuple(_years(rows["years"])),
    )


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        number=int(value_of(row, "AccountNumber")),
        name=str(value_of(row, "Name") or ""),
        vat_code=str(value_of(row, "VatCode") or ""),
        hidden=bool(value_of(row, "IsHidden")),
    )


def _deposit(row: Mapping[str, Any]) -> DepositAccount:
    bank = ("BankRegistrationNumber", "BankAccountNumber", "BankSwiftNumber", "BankIbanNumber")
    return DepositAccount(
        number=int(value_of(row, "AccountNumber")),
        name=str(value_of(row, "Name") or ""),
        is_default=bool(value_of(row, "IsDefault")),
        hidden=bool(value_of(row, "IsHidden")),
        has_bank_details=any(value_of(row, name) for name in bank),
    )


def _years(rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[date, date]]:
    for row in rows:
        first, last = value_of(row, "FromDate"), value_of(row, "ToDate")
        if first and last:
            yield date.fromisoformat(str(first)[:10]), date.fromisoformat(str(last)[:10])


def refresh_chart(dinero: Dinero, store: Store, *, years_too: bool = True) -> Chart:
    """Fetches accounts (and accounting years) anew and returns the chart. Raises DashboardError."""
    organization = dinero.organization
    store.save_cached(cache_key(organization, "entry"), dinero.entry_accounts())
    store.save_cached(cache_key(organization, "deposit"), _deposit_rows(dinero, store))
    if years_too or store.cached(cache_key(organization, "years")) is None:
        store.save_cached(cache_key(organization, "years"), dinero.accounting_years())
    return load_chart(store, organization)


def _deposit_rows(dinero: Dinero, store: Store) -> list[dict[str, Any]]:
    """The deposit accounts, with their bank details if Dinero gives them. That it does not is remembered: calls that
    are refused again and again get an integration cut off (facts.md, Dinero 3)."""
    refused = cache_key(dinero.organization, "no bank details")
    if store.cached(refused) is None:
        try:
            return dinero.deposit_accounts(bank_details=True)
        except NotUnderstood:
            store.save_cached(refused, True)
    return dinero.deposit_accounts(bank_details=False)
