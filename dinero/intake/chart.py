"""The mirror of Dinero's chart of accounts."""

from collections.abc import Sequence

from dinero.api.client import Dinero
from dinero.model.chart import Chart, DepositAccount
from dinero.model.errors import NotUnderstood
from dinero.store import Store


def refresh_chart(dinero: Dinero, store: Store, *, years_too: bool = True) -> Chart:
    """Fetches accounts (and accounting years) anew and returns the chart. Raises DashboardError."""
    organization = dinero.organization
    store.charts.save_accounts(organization, dinero.entry_accounts(), _deposit_accounts(dinero, store))
    if years_too or store.charts.years_fetched_at(organization) is None:
        store.charts.save_years(organization, dinero.accounting_years())
    return store.charts.load(organization)


def _deposit_accounts(dinero: Dinero, store: Store) -> Sequence[DepositAccount]:
    """The deposit accounts, with their bank details if Dinero gives them. That it does not is remembered: calls that
    are refused again and again get an integration cut off (facts.md, Dinero 3)."""
    if store.charts.gives_bank_details(dinero.organization):
        try:
            return dinero.deposit_accounts(bank_details=True)
        except NotUnderstood:
            store.charts.refuse_bank_details(dinero.organization)
    return dinero.deposit_accounts(bank_details=False)
