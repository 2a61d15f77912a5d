"""Which of Dinero's organizations is booked in, and on which of its accounts."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dinero.api.client import Dinero
from dinero.dashboard.connection import CHOOSE_AGAIN, DineroConnection
from dinero.dashboard.settings import Choices
from dinero.intake.chart import refresh_chart
from dinero.intake.customers import sync_contacts
from dinero.intake.reassessing import reassess
from dinero.model.chart import RESERVE_ACCOUNT_NAME, WEBSHOP_ACCOUNT_NAME, Chart, DepositAccount
from dinero.model.clock import Clock
from dinero.model.documents import Event
from dinero.model.errors import NO_PRO, AnswerUnknown, ConnectionStopped, SettingsError
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.store import Store

log = logging.getLogger(__name__)


def deposit_account(chosen: Settings, number: int) -> DepositAccount:
    """The deposit account of a number, in use in Dinero. Raises SettingsError."""
    account = chosen.chart.deposits.get(number)
    if account is None or account.hidden:
        raise SettingsError(
            Text("Account {number} is not a deposit account in use in Dinero. Choose another.", number=str(number))
        )
    return account


class Accounts:
    """The chosen organization and its accounts."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection

    def choose_organization(self, organization_id: str) -> Settings:
        """Chooses an organization and fetches its accounts. Raises SettingsError or ConnectionStopped (no Pro)."""
        reached = self._connection.organizations(fresh=True)
        found = next((organization for organization in reached if organization.id == organization_id), None)
        if found is None:
            raise SettingsError(CHOOSE_AGAIN)
        if not found.has_pro:
            raise ConnectionStopped(NO_PRO)
        self.fetch(self._connection.dinero(found.id))
        other = self._settings.load().organization not in (None, found.id)
        account: dict[str, Any] = {}
        if other:
            chosen = self._settings.load().shops
            shops = {name: replace(one, booking_account=None, booking_account_name="") for name, one in chosen.items()}
            account = {"booking_account": None, "booking_account_name": None, "shops": shops}
        return self._settings.save(organization=found.id, organization_name=found.name, **account)

    def refresh(self) -> Chart:
        """Fetches accounts, accounting years and customers anew. Raises DashboardError."""
        chart = self.fetch(self._connection.dinero())
        reassess(self._store)
        return chart

    def fetch(self, dinero: Dinero) -> Chart:
        """Fetches what is booked on and to, without giving the orders their states anew. Raises DashboardError."""
        # Customers too: the preview says which of them are in Dinero already.
        sync_contacts(dinero, self._store)
        return refresh_chart(dinero, self._store)

    def age(self) -> timedelta | None:
        """How long ago the accounts were fetched, or None."""
        fetched_at = self._store.charts.accounts_fetched_at(self._settings.load().organization or "")
        return self._clock.now() - fetched_at if fetched_at else None

    def choose_booking_account(self, number: int) -> Settings:
        """Chooses the deposit account on which sales are registered. Raises SettingsError."""
        account = deposit_account(self._settings.load(), number)
        return self._settings.save(booking_account=number, booking_account_name=account.name)

    def create_webshop_account(self) -> Settings:
        """Creates the deposit account "Webshop salg" on a free number, or finds it, and chooses it."""
        return self.choose_booking_account(self._deposit_account(WEBSHOP_ACCOUNT_NAME))

    def create_reserve_account(self, acquirer: str) -> int:
        """Creates the deposit account of what an acquirer (by its name) keeps back for a time, or finds it; answers its
        number."""
        return self._deposit_account(RESERVE_ACCOUNT_NAME.format(acquirer=acquirer))

    def _deposit_account(self, name: str) -> int:
        """The number of the deposit account with this name, which is created on a free number where there is none."""
        dinero = self._connection.dinero()
        chart = refresh_chart(dinero, self._store)
        existing = next((a for a in chart.deposits.values() if a.name == name and not a.hidden), None)
        if existing is not None:
            return existing.number
        number = chart.free_number()
        if number is None:
            raise SettingsError(Text("There is no free number for a new account. Create the account in Dinero."))
        self._create(dinero, number, name)
        return number

    def _create(self, dinero: Dinero, number: int, name: str) -> None:
        try:
            dinero.create_deposit_account(number, name)
        except AnswerUnknown:
            log.warning("the answer to creating account %d was lost; looking", number)
        refresh_chart(dinero, self._store)
        self._store.history.add(
            Event(
                "account created",
                Text("Account {number} {name} was created in Dinero.", number=str(number), name=name),
            )
        )
