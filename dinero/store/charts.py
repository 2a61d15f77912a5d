"""The chart of accounts as it was fetched last."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from dinero.model.chart import Account, Chart, DepositAccount


def cache_key(organization: str, kind: str) -> str:
    """Where the store keeps a look-up of an organization: kind is entry, deposit, years or no bank details."""
    return f"accounts:{organization}:{kind}"


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        number=int(row["accountnumber"]),
        name=str(row.get("name") or ""),
        vat_code=str(row.get("vatcode") or ""),
        hidden=bool(row.get("ishidden")),
    )


def _deposit(row: Mapping[str, Any]) -> DepositAccount:
    bank = ("bankregistrationnumber", "bankaccountnumber", "bankswiftnumber", "bankibannumber")
    return DepositAccount(
        number=int(row["accountnumber"]),
        name=str(row.get("name") or ""),
        is_default=bool(row.get("isdefault")),
        hidden=bool(row.get("ishidden")),
        has_bank_details=any(row.get(name) for name in bank),
    )


def _years(rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[date, date]]:
    for row in rows:
        first, last = row.get("fromdate"), row.get("todate")
        if first and last:
            yield date.fromisoformat(str(first)[:10]), date.fromisoformat(str(last)[:10])


def read_chart(
    entries: Iterable[Mapping[str, Any]], deposits: Iterable[Mapping[str, Any]], years: Iterable[Mapping[str, Any]]
) -> Chart:
    """The chart of Dinero's own lists, whatever the case of their keys."""
    return Chart(
        accounts={account.number: account for account in map(_account, map(_lower, entries))},
        deposits={account.number: account for account in map(_deposit, map(_lower, deposits))},
        years=tuple(_years(map(_lower, years))),
    )


def _lower(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in row.items()}
