"""The chart of accounts of each organization as it was fetched last."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from dinero.model.chart import Account, Chart, DepositAccount
from dinero.store.look_ups import LookUps

Year = tuple[date, date]


class Charts:
    """Accounts, deposit accounts and accounting years, each list with its time."""

    def __init__(self, look_ups: LookUps) -> None:
        self._look_ups = look_ups

    def load(self, organization: str | None) -> Chart:
        """The chart as it was fetched last; empty when it never was."""
        if not organization:
            return Chart()
        accounts, deposits, years = (self._look_ups.get(_key(organization, kind)) for kind in KINDS)
        entries = [Account(**row) for row in (accounts[0] if accounts else [])]
        places = [DepositAccount(**row) for row in (deposits[0] if deposits else [])]
        return Chart(
            accounts={account.number: account for account in entries},
            deposits={account.number: account for account in places},
            years=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in (years[0] if years else [])),
        )

    def save_accounts(self, organization: str, accounts: Sequence[Account], deposits: Sequence[DepositAccount]) -> None:
        """Keeps the accounts, with the time of now."""
        self._look_ups.put(_key(organization, "entry"), [asdict(account) for account in accounts])
        self._look_ups.put(_key(organization, "deposit"), [asdict(account) for account in deposits])

    def save_years(self, organization: str, years: Sequence[Year]) -> None:
        """Keeps the accounting years, with the time of now."""
        packed = [[first.isoformat(), last.isoformat()] for first, last in years]
        self._look_ups.put(_key(organization, "years"), packed)

    def accounts_fetched_at(self, organization: str) -> datetime | None:
        """When the accounts were fetched last, None when they never were."""
        return self._fetched_at(organization, "deposit")

    def years_fetched_at(self, organization: str) -> datetime | None:
        """When the accounting years were fetched last, None when they never were."""
        return self._fetched_at(organization, "years")

    def gives_bank_details(self, organization: str) -> bool:
        """Whether Dinero may still be asked for the banks' details: it has not refused them."""
        return self._look_ups.get(_key(organization, "no bank details")) is None

    def refuse_bank_details(self, organization: str) -> None:
        """Remembers that Dinero refuses the banks' details."""
        self._look_ups.put(_key(organization, "no bank details"), True)

    def _fetched_at(self, organization: str, kind: str) -> datetime | None:
        found = self._look_ups.get(_key(organization, kind))
        return found[1] if found else None


KINDS = ("entry", "deposit", "years")


def _key(organization: str, kind: str) -> str:
    return f"accounts:{organization}:{kind}"
