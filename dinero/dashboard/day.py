"""The owner's minute a day: how things are at a glance, and the one click that does the day's work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dinero.dashboard.attention import Attention
from dinero.dashboard.health import Health
from dinero.dashboard.orders import Orders
from dinero.dashboard.settings import Choices
from dinero.dashboard.transfers import AUTOMATIC, Transfers
from dinero.model.documents import Action, OrderKey, Progress
from dinero.model.health import ConnectionHealth
from dinero.model.i18n import Text
from dinero.model.transfers import TransferRecord
from dinero.reports.overview import GROUPS, Overview, Tile
from dinero.shops.shop_system import OnPage
from dinero.store import Store

MOST = 1000  # orders that one click transfers
_DECLINED = "automatic_declined"


class Tone(StrEnum):
    """What the owner's eye should be told before any word is read."""

    WELL = "well"  # all is transferred, as of now, and the last call of each connection succeeded
    TO_DO = "to do"
    OWNER = "owner"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Minute:
    """How things are: the overview, both connections, the newest transfer, the one that is under way (its id), and the
    one that stopped and is not seen to."""

    overview: Overview
    connections: tuple[ConnectionHealth, ...]
    latest: TransferRecord | None
    running: str | None
    stopped: TransferRecord | None

    @property
    def tone(self) -> Tone:
        """Never WELL without a success: neither after a failed call nor over old orders."""
        if self.stopped is not None or self.problems:
            return Tone.TROUBLE
        if self.overview.owner.count:
            return Tone.OWNER
        well = self.overview.all_well and self.running is None and all(part.well for part in self.connections)
        return Tone.WELL if well else Tone.TO_DO

    @property
    def problems(self) -> tuple[Text, ...]:
        """What is wrong with the connections and the last fetch, each once."""
        fetch = self.overview.last_fetch
        found = [part.problem for part in self.connections] + [fetch.problem if fetch else None]
        return tuple({text.dumps(): text for text in found if text is not None}.values())


@dataclass(frozen=True, slots=True)
class Ready:
    """The orders that one click transfers, the oldest first and at most MOST, and what they come to."""

    orders: tuple[OrderKey, ...]
    counted: Tile


class Day:
    """The day's work of one data folder."""

    def __init__(
        self,
        store: Store,
        settings: Choices,
        health: Health,
        orders: Orders,
        transfers: Transfers,
        attention: Attention,
    ) -> None:
        self._store = store
        self._settings = settings
        self._health = health
        self._orders = orders
        self._transfers = transfers
        self._attention = attention

    def minute(self) -> Minute:
        """How things are now. Asks nobody."""
        return Minute(
            overview=self._orders.overview().with_overdue(self._attention.overdue()),
            connections=self._health.connections(),
            latest=self._transfers.latest(),
            running=self._store.operations.unfinished(),
            stopped=self._transfers.needs_attention(),
        )

    def _overview(self) -> Overview:
        """The overview; what was sold and never paid out needs the owner, too."""
        found, late = self._orders.overview(), self._attention.overdue()
        if late is None:
            return found
        sums = dict(found.owner.sums)
        for currency, ore in late.sums.items():
            sums[currency] = sums.get(currency, 0) + ore
        return replace(found, owner=replace(found.owner, count=found.owner.count + late.count, sums=sums))

    def ready(self) -> Ready:
        """What waits, as it is counted on the button."""
        found = self._store.orders.first(GROUPS["waiting"], limit=MOST)
        sums: dict[str, int] = {}
        for _, amount in found:
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.ore
        returns = sum(amount.ore < 0 for _, amount in found)
        return Ready(tuple(key for key, _ in found), Tile(len(found), sums, len(found) - returns, returns))

    def fetch_and_push(self, operation_id: str, orders: Sequence[OrderKey], *, on_page: OnPage | None = None) -> bool:
        """Fetches, then asks for the transfer of exactly these orders: what is new with the fetch waits for a click of
        its own, and so do those of a shop that could not be read. Returns False, and does nothing, when the id was used
        before: a double click. Raises DashboardError when no orders can be fetched; nothing is transferred then."""
        if self._store.operations.get(operation_id) is not None:
            return False
        failed = self._orders.fetch(on_page=on_page).failed
        known = [order for order in orders if order.shop not in failed]
        return self._transfers.push(operation_id, known, actor="owner")

    # --- running by itself, offered ------------------------------------------------------------------

    def offers_automatic(self, latest: TransferRecord | None) -> bool:
        """Whether it is time to ask if it should run by itself: the `latest` transfer was by hand and went well."""
        if latest is None or self._settings.load().automatic or self._store.settings.get(_DECLINED):
            return False
        by_hand = latest.action is Action.PUSH and latest.actor != AUTOMATIC
        return by_hand and latest.status is Progress.FINISHED and latest.outcomes.all_done and latest.outcomes.done > 0

    def decline_automatic(self) -> None:
        """The owner does not want to be asked again."""
        self._store.settings.put({_DECLINED: True})
