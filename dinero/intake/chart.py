"""The mirror of Dinero's chart of accounts."""

from typing import Any

from dinero.api.client import Dinero
from dinero.model.chart import Chart
from dinero.model.errors import NotUnderstood
from dinero.store import Store
from dinero.store.charts import cache_key


def refresh_chart(dinero: Dinero, store: Store, *, years_too: bool = True) -> Chart:
    """Fetches accounts (and accounting years) anew and returns the chart. Raises DashboardError."""
    organization = dinero.organization
    store.look_ups.put(cache_key(organization, "entry"), dinero.entry_accounts())
    store.look_ups.put(cache_key(organization, "deposit"), _deposit_rows(dinero, store))
    if years_too or store.look_ups.get(cache_key(organization, "years")) is None:
        store.look_ups.put(cache_key(organization, "years"), dinero.accounting_years())
    return store.look_ups.chart(organization)


def _deposit_rows(dinero: Dinero, store: Store) -> list[dict[str, Any]]:
    """The deposit accounts, with their bank details if Dinero gives them. That it does not is remembered: calls that
    are refused again and again get an integration cut off (facts.md, Dinero 3)."""
    refused = cache_key(dinero.organization, "no bank details")
    if store.look_ups.get(refused) is None:
        try:
            return dinero.deposit_accounts(bank_details=True)
        except NotUnderstood:
            store.look_ups.put(refused, True)
    return dinero.deposit_accounts(bank_details=False)
