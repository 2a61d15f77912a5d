"""The set-up without a walk: what the environment says, or the whole demo at one click; each step is checked against
Dinero and the shop."""

from dinero.dashboard.accounts import Accounts
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.orders import Orders
from dinero.dashboard.settings import Choices
from dinero.dashboard.shop import Shop
from dinero.environment import Environment
from dinero.model.clock import Clock
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.settings import TRIGGERS, Settings, first_of_year, parse_date
from dinero.shops.shoporama.client import OnPage


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
        orders: Orders,
    ) -> None:
        self._given = environment
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._accounts = accounts
        self._shop = shop
        self._orders = orders

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

    @property
    def has_demo(self) -> bool:
        """Whether this is a demo that can set itself up."""
        return self._given.demo and bool(self._given.demo_keys)

    def demo(self, on_page: OnPage | None = None) -> Settings:
        """Sets the whole demo up without a walk, with its sandbox's keys, and fetches the orders; again does no harm.
        `on_page` is told of pages read and orders seen. Raises DashboardError, and SettingsError where it is no
        demo."""
        keys = self._given.demo_keys
        if not self.has_demo:
            raise SettingsError(Text("Only the demo can set itself up."))
        self._connection.connect_personal(
            keys.get("CLIENT_ID", ""), keys.get("CLIENT_SECRET", ""), keys.get("API_KEY", "")
        )
        self._accounts.choose_organization(keys.get("ORGANIZATION", ""))
        self._accounts.create_webshop_account()
        self._shop.connect(keys.get("SHOP_KEY", ""))
        chosen = self._settings.save(trigger="paid", take_over_date=first_of_year(self._clock), take_over_number=None)
        self._orders.fetch(on_page=on_page)
        return chosen

    def _organization(self) -> str:
        """The id that is named, or that of the only one there is."""
        reached = self._connection.organizations()
        return self._given.organization or (reached[0].id if len(reached) == 1 else "")
