"""The chart of accounts as it was fetched last."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from dinero.api.client import field as value_of
from dinero.model.chart import Account, Chart, DepositAccount
from dinero.store import Store


def cache_key(organization: str, kind: str) -> str:
    """Where the store keeps a look-up of an organization: kind is entry, deposit, years or no bank details."""
    return f"accounts:{organization}:{kind}"


def load_chart(store: Store, organization: str | None) -> Chart:
    """The chart as it was fetched last; empty when it never was."""
    if not organization:
        return Chart()
    found = {kind: store.look_ups.get(cache_key(organization, kind)) for kind in ("entry", "deposit", "years")}
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
