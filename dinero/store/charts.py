"""The chart of accounts as it was fetched last."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from dinero.model.chart import Account, DepositAccount


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
