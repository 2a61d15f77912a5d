"""What pages, routes and commands may ask, in parts, for one data folder.

Pages draw and the parts decide: no page speaks HTTP or SQL, and no push runs inside a page (facts.md, rule 13).
"""

from functools import cache
from typing import TYPE_CHECKING

from dinero.automatic.alarms import Alarms
from dinero.automatic.worker import Worker
from dinero.dashboard.accounts import Accounts
from dinero.dashboard.acquirers import Acquirers
from dinero.dashboard.attention import Attention
from dinero.dashboard.automatic import Automatic, work_of
from dinero.dashboard.balance import Balances
from dinero.dashboard.checkup import CheckUp
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.corrections import Corrections
from dinero.dashboard.day import Day
from dinero.dashboard.health import Health
from dinero.dashboard.older import OlderOrders
from dinero.dashboard.orders import Orders
from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.past import Past
from dinero.dashboard.payouts import Payouts
from dinero.dashboard.proof import Proof
from dinero.dashboard.set_up import SetUp
from dinero.dashboard.settings import Choices
from dinero.dashboard.shop_ways import Bell, ShopForms, ShoporamaWay
from dinero.dashboard.shops import Shops
from dinero.dashboard.sources import Sources
from dinero.dashboard.transfers import Transfers
from dinero.dashboard.vat_numbers import VatNumbers
from dinero.dashboard.woocommerce_way import WooCommerceWay
from dinero.environment import Environment
from dinero.model.clock import Clock, SystemClock
from dinero.signin.sessions import SignIn
from dinero.store import Store
from dinero.store.vault import Vault

if TYPE_CHECKING:
    from dinero.signin.oidc import Oidc


class Dashboard:
    """The dashboard of one data folder: it makes the parts, gives each what it needs, and decides nothing."""

    def __init__(self, environment: Environment, *, clock: Clock | None = None) -> None:
        self.environment = environment
        self.demo = environment.demo
        self.public_url = environment.public_url
        self.clock = clock or SystemClock()
        self.store = Store(environment.data_dir, clock=self.clock)
        self.store.settings.pin_kind(demo=environment.demo)
        self.vault = Vault(self.store)
        self.sign_in = SignIn(self.store, self.vault, self.clock)
        self.oidc = self._oidc()
        self._make_the_sides()
        self._make_the_work()
        self._make_what_runs_by_itself()

    def _oidc(self) -> "Oidc | None":
        if not self.environment.oidc:
            return None
        from dinero.signin.oidc import Oidc, read_provider  # few have one, and its library is heavy

        provider = read_provider(self.environment)
        if provider is None:
            return None
        self.sign_in.open_sessions()
        return Oidc(provider, self.store, self.vault, self.clock)

    def _make_the_sides(self) -> None:
        """Dinero on one side, the shop and the acquirers on the other, as the owner chose them."""
        given, store, vault, clock = self.environment, self.store, self.vault, self.clock
        self.settings = Choices(store, vault)
        outcomes = Outcomes(store)
        self.connection = DineroConnection(given, store, vault, clock, self.settings, outcomes)
        self.accounts = Accounts(store, clock, self.settings, self.connection)
        self.shops = Shops(given, store, vault, clock, self.settings, outcomes)
        self.shop_forms = ShopForms(store)
        self.shoporama_way = ShoporamaWay(store, self.shops, self.shop_forms)
        self.woocommerce_way = WooCommerceWay(store, self.shops, self.shop_forms, self.public_url)
        self.acquirers = Acquirers(store, self.settings)
        self.payouts = Payouts(store, clock, self.settings, self.connection)
        self.sources = Sources(given, store, vault, clock, self.settings, outcomes, self.payouts.refresh)
        self.health = Health(outcomes, self.settings, self.connection, self.shops, self.sources)
        self.checkup = CheckUp(
            store, self.settings, self.accounts, self.shops, self.sources, self.health, public_url=given.public_url
        )

    def _make_the_work(self) -> None:
        """From orders to invoices, and the proof."""
        store, clock, settings, connection = self.store, self.clock, self.settings, self.connection
        self.vat_numbers = VatNumbers(store, clock, settings, connection, url=self.environment.vies_url)
        self.orders = Orders(store, clock, settings, self.shops, self.vat_numbers)
        self.balance = Balances(store, clock, settings, connection, self.payouts.normal_days)
        self.attention = Attention(store, settings, self.balance)
        self.set_up = SetUp(
            self.environment,
            store,
            clock,
            settings,
            connection,
            self.accounts,
            self.shops,
            self.orders,
            self.acquirers,
            self.sources,
        )
        self.older = OlderOrders(store, clock, settings, connection, self.accounts)
        self.transfers = Transfers(store, clock, settings, connection, self.vat_numbers)
        self.day = Day(store, settings, self.health, self.orders, self.transfers, self.attention)
        self.corrections = Corrections(store, clock, settings)
        self.past = Past(store, clock)
        self.proof = Proof(store, settings, connection)

    def _make_what_runs_by_itself(self) -> None:
        store, settings = self.store, self.settings
        self.alarms = Alarms(store, self.vault, self.clock, settings.load, address=self.public_url or "")
        work = work_of(settings, self.orders, self.transfers, self.shops, self.payouts, self.sources, self.balance)
        self.automatic = Automatic(store, self.clock, settings, self.alarms, work)
        self.bell = Bell(self.shops, self.automatic.nudge)
        self.worker = Worker(
            store,
            run=work.run,
            book=self.payouts.work,
            runner=lambda stop: self.automatic.runner("dashboard", stop=stop),
            wanted=lambda: settings.load().automatic,
        )


@cache
def dashboard() -> Dashboard:
    """The dashboard of this process, from its environment."""
    return Dashboard(Environment.read())
