"""The set-up without a walk: what the environment says, or the whole demo at one click; each step is checked against
Dinero, the shop and the acquirers."""

from collections.abc import Mapping
from datetime import date

from dinero.dashboard.accounts import Accounts
from dinero.dashboard.acquirers import Acquirers
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.orders import Orders
from dinero.dashboard.settings import Choices
from dinero.dashboard.shops import Shops
from dinero.dashboard.sources import CLEARHAUS, KEYS, VIPPS, Sources
from dinero.environment import Environment
from dinero.model.acquirers import ACQUIRERS, EXCHANGE_ACCOUNT, FEE_ACCOUNT, NO_VAT, Way, acquirer_of
from dinero.model.chart import BANK_NUMBER
from dinero.model.clock import Clock
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.payouts import Movement
from dinero.model.settings import TRIGGERS, Settings, first_of_year, parse_date
from dinero.model.shops import FIRST_SHOP, Shop
from dinero.shops.shop_system import OnPage, ShopSystem
from dinero.shops.systems import SYSTEMS, system_of
from dinero.store import Store


class SetUp:
    """Stores what the environment says."""

    def __init__(
        self,
        environment: Environment,
        store: Store,
        clock: Clock,
        settings: Choices,
        connection: DineroConnection,
        accounts: Accounts,
        shops: Shops,
        orders: Orders,
        acquirers: Acquirers,
        sources: Sources,
    ) -> None:
        self._given = environment
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._accounts = accounts
        self._shops = shops
        self._orders = orders
        self._acquirers = acquirers
        self._sources = sources

    def from_environment(self) -> Settings:
        """The headless set-up. Raises DashboardError."""
        given = self._given
        connected = self._acquirers_of_environment()
        shops = self._shops_of_environment()
        self._connection.connect_personal(given.client_id, given.client_secret, given.api_key)
        self._accounts.choose_organization(self._organization())
        self._accounts.choose_booking_account(_number(given.booking_account, "DINERO_BOOKING_ACCOUNT"))
        first = parse_date(given.from_date) if given.from_date else first_of_year(self._clock)
        if given.trigger not in TRIGGERS:
            raise SettingsError(Text("Set {name} to paid or sent.", name="DINERO_TRIGGER"))
        for system, keys in shops.items():
            self._connect(system, keys, first)
        for acquirer, keys in connected.items():
            self._sources.connect(acquirer, **keys)
        if given.fee_account:
            self._acquirers.choose_fee_account(_number(given.fee_account, "DINERO_FEE_ACCOUNT"))
        if given.bank_account:
            self._acquirers.choose_bank_account(_number(given.bank_account, "DINERO_BANK_ACCOUNT"))
            self._book_what_is_a_fact()
        return self._settings.save(trigger=given.trigger, take_over_date=first, take_over_number=None)

    def add_shop(self, system: str, *, title: str = "") -> Shop:
        """Adds the shop of a system that the environment names; one that is known already is the same shop again.
        Raises DashboardError."""
        given, keys = self._given, self._shops_of_environment().get(system)
        if keys is None:
            names = ", ".join(_variables(system_of(system)))
            raise SettingsError(Text("Set {names} to the shop's keys.", names=names))
        first = parse_date(given.from_date) if given.from_date else None
        address = given.told(system_of(system).address_variable)
        trigger = given.trigger or None
        return self._shops.add(system, keys, address=address, title=title, trigger=trigger, take_over_date=first)

    def _connect(self, system: str, keys: Mapping[str, str], first: date) -> None:
        """Connects the shop of the environment: the one that is there, with its keys as they are now, or a new one."""
        given, address = self._given, self._given.told(system_of(system).address_variable)
        own = "" if system_of(system).address else address
        there = [shop for shop in self._store.shops.all().values() if (shop.system, shop.address) == (system, own)]
        if there:
            shop = self._shops.connect(there[0].name, keys)
        else:
            shop = self._shops.add(system, keys, address=address, trigger=given.trigger, take_over_date=first)
        if shop.name in self._settings.load().shops:
            self._shops.choose(shop.name, trigger=given.trigger, take_over_date=first, take_over_number=None)

    def _shops_of_environment(self) -> dict[str, Mapping[str, str]]:
        """The keys of the shops that the environment names, by system. Raises SettingsError for a group that is not
        whole."""
        found: dict[str, Mapping[str, str]] = {}
        for system in SYSTEMS.values():
            missing = [name for name in _variables(system) if not self._given.told(name)]
            keys = {key.name: self._given.told(key.variable) for key in system.keys}
            if missing and any(keys.values()):
                text = Text(
                    "{system} can't be connected: set {names}, too.", system=system.name, names=", ".join(missing)
                )
                raise SettingsError(text)
            if not missing:
                found[system.key] = keys
        return found

    def _acquirers_of_environment(self) -> dict[str, Mapping[str, str]]:
        """The keys of the acquirers that the environment names. Raises SettingsError for a group that is not whole."""
        found: dict[str, Mapping[str, str]] = {}
        for acquirer, keys in KEYS.items():
            told = {key.name: self._given.told(key.variable) for key in keys}
            missing = [key.variable for key in keys if not told[key.name]]
            if len(missing) == len(keys):
                continue
            if missing:
                text = Text(
                    "{acquirer} can't be connected: set {names}, too.",
                    acquirer=acquirer_of(acquirer).name,
                    names=", ".join(missing),
                )
                raise SettingsError(text)
            found[acquirer] = told
        return found

    def _book_what_is_a_fact(self) -> None:
        """Payouts are booked to the bank account that was named, where fees are known to be without VAT; how far the
        others are taken is the owner's to say, and what was said stays."""
        said = self._settings.load().acquirers
        for key, acquirer in ACQUIRERS.items():
            if acquirer.fee_vat is not None and (key not in said or said[key].way is None):
                self._acquirers.choose(key, way=Way.BOOK, fee_vat=acquirer.fee_vat)

    @property
    def is_open(self) -> bool:
        """Whether the owner is still setting up: a step is missing, or nothing was ever transferred."""
        missing = self._settings.load().missing() or not self._shops.is_connected
        return bool(missing) or not self._store.transfers.count()

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
        self._shops.add(FIRST_SHOP, {"key": keys.get("SHOP_KEY", "")}, title="Keramikhuset")
        first = first_of_year(self._clock)
        self._settings.save(trigger="paid", take_over_date=first, take_over_number=None)
        if address := keys.get("WOOCOMMERCE_URL"):
            told = {"key": keys.get("WOOCOMMERCE_KEY", ""), "secret": keys.get("WOOCOMMERCE_SECRET", "")}
            self._shops.add("woocommerce", told, address=address, title="Lampehuset", take_over_date=first)
        self._orders.fetch(on_page=on_page)
        self._choose_for_demo(keys)
        return self._settings.load()

    def _choose_for_demo(self, keys: Mapping[str, str]) -> None:
        """Connects the sandbox's acquirers, chooses for them what an owner would be asked, and fetches what they paid
        out."""
        self._acquirers.choose_bank_account(BANK_NUMBER)
        self._acquirers.choose_exchange_account(EXCHANGE_ACCOUNT)
        for acquirer in (CLEARHAUS, VIPPS):
            reserve = self._accounts.create_reserve_account(acquirer_of(acquirer).name)
            named = {Movement.RESERVE: reserve, Movement.CORRECTION: FEE_ACCOUNT, Movement.OTHER: FEE_ACCOUNT}
            self._acquirers.choose(acquirer, way=Way.BOOK, fee_vat=NO_VAT, accounts=named)
            told = {key.name: keys.get(key.variable, "") for key in KEYS[acquirer]}
            self._sources.connect(acquirer, **told)
        for fetched in self._sources.fetch():
            if fetched.error is not None:
                raise fetched.error

    def _organization(self) -> str:
        """The id that is named, or that of the only one there is."""
        reached = self._connection.organizations()
        return self._given.organization or (reached[0].id if len(reached) == 1 else "")


def _variables(system: ShopSystem) -> list[str]:
    """The variables that name a shop of a system."""
    own_address = [] if system.address else [system.address_variable]
    return [*own_address, *(key.variable for key in system.keys)]


def _number(told: str, name: str) -> int:
    """The number of an account, as a variable tells it. Raises SettingsError."""
    if not (told.isascii() and told.isdecimal()):
        raise SettingsError(Text("Set {name} to the number of an account.", name=name))
    return int(told)
