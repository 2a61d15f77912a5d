"""Whether Dinero, the shop and the acquirers are well: what their last calls came to."""

from typing import Any

from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.settings import Choices
from dinero.dashboard.shops import Shops
from dinero.dashboard.sources import Sources
from dinero.model.clock import utc_text
from dinero.model.errors import RECONNECT, DashboardError
from dinero.model.health import DINERO, SHOP, ConnectionHealth, Remedy, shop_connection, shop_of
from dinero.model.shops import ShopState


class Health:
    """The connections of a data folder."""

    def __init__(
        self, outcomes: Outcomes, settings: Choices, connection: DineroConnection, shops: Shops, sources: Sources
    ) -> None:
        self._outcomes = outcomes
        self._settings = settings
        self._connection = connection
        self._shops = shops
        self._sources = sources

    def connections(self) -> tuple[ConnectionHealth, ...]:
        """Dinero's, the shops' and those of the acquirers that are connected, in this order. Asks nobody."""
        shops = [shop_connection(shop.name) for shop in self._shops.all() if shop.state is ShopState.ACTIVE]
        none = [] if self._shops.all() else [SHOP]
        return tuple(self.of(name) for name in (DINERO, *shops, *none, *self._sources.connected()))

    def of(self, name: str) -> ConnectionHealth:
        """One connection's: "dinero", a shop's (see shop_connection) or an acquirer's key. Asks nobody."""
        kept = self._outcomes.of(name)
        if not self._is_connected(name):
            return ConnectionHealth(name, connected=False)
        problem, remedy = kept.problem, kept.remedy
        if name == DINERO and self._connection.has_ended:
            problem, remedy = problem or RECONNECT, Remedy.CONNECT
        return ConnectionHealth(name, True, kept.ok_at, kept.failed_at, problem, remedy)

    def _is_connected(self, name: str) -> bool:
        if name == DINERO:
            return self._settings.is_connected()
        shop = shop_of(name)
        return self._shops.has_keys(shop) if shop else self._sources.is_connected(name)

    def retry(self, name: str) -> ConnectionHealth:
        """Makes one cheap call, and tells what the connection is like after it."""
        try:
            if shop := shop_of(name):
                self._shops.client(shop).check()
            elif name != DINERO:
                self._sources.check(name)
            elif self._settings.load().organization:
                self._connection.dinero().accounting_years()
            else:
                self._connection.organizations(fresh=True)
        except DashboardError:
            pass  # noted, and told by what is answered
        return self.of(name)

    def to_json(self, language: str) -> dict[str, Any]:
        """For those who look without a browser: of each connection when a call succeeded and failed last (UTC ISO, or
        None), and the sentence of what is wrong now, "" when nothing is. No secret and no customer's data."""
        return {
            health.name: {
                "ok_at": utc_text(health.ok_at) if health.ok_at else None,
                "failed_at": utc_text(health.failed_at) if health.failed_at else None,
                "text": health.problem.render(language) if health.problem else "",
            }
            for health in self.connections()
        }
