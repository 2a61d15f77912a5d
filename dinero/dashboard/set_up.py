"""The set-up without a browser: what the environment says, each step checked against Dinero and the shop."""

from dinero.dashboard.accounts import Accounts
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.settings import Choices
from dinero.dashboard.shop import Shop
from dinero.environment import Environment
from dinero.model.clock import Clock
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.settings import TRIGGERS, Settings, first_of_year, parse_date


class SetUp:
    """Stores what the environment says."""

    def __init__(
        self,
        environment: Environment,
        clock: Clock,
        settings: Choices,
        connection: DineroConnection,
        accounts: Accounts,
        shop: Shop,
    ) -> None:
        self._given = environment
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._accounts = accounts
        self._shop = shop

    def from_environment(self) -> Settings:
        """The headless set-up. Raises DashboardError."""
        given = self._given
        self._connection.connect_personal(given.client_id, given.client_secret, given.api_key)
        self._accounts.choose_organization(self._organization())
        if not given.booking_account.isdecimal():
            raise SettingsError(Text("Set {name} to the number of a deposit account.", name="DINERO_BOOKING_ACCOUNT"))
        self._accounts.choose_booking_account(int(given.booking_account))
        first = parse_date(given.from_date) if given.from_date else first_of_year(self._clock)
        if given.shop_key:
            self._shop.connect(given.shop_key)
        if given.trigger not in TRIGGERS:
            raise SettingsError(Text("Set {name} to paid or sent.", name="DINERO_TRIGGER"))
        return self._settings.save(trigger=given.trigger, take_over_date=first, take_over_number=None)

    def _organization(self) -> str:
        """The id that is named, or that of the only one there is."""
        reached = self._connection.organizations()
        return self._given.organization or (reached[0].id if len(reached) == 1 else "")
