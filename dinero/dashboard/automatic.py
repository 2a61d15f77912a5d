"""Running by itself, as the owner sees and wakes it."""

import threading

from dinero.automatic.alarms import Alarms
from dinero.automatic.runner import ASKED, NUDGED, Runner, Status, Work, load_status
from dinero.dashboard.orders import Orders
from dinero.dashboard.settings import Choices
from dinero.dashboard.shop import Shop
from dinero.dashboard.transfers import Transfers
from dinero.model.clock import Clock
from dinero.store import Store


def work_of(settings: Choices, orders: Orders, transfers: Transfers, shop: Shop) -> Work:
    """What a round of the runner is made of, by the same parts that the owner's own clicks use."""
    return Work(
        settings=settings.load,
        fetch=lambda: orders.fetch().new,
        push=lambda operation_id, keys: transfers.push(operation_id, keys, actor="automatic"),
        run=transfers.run,
        shop_calls=shop.calls_today,
        shop_calls_a_day=shop.calls_a_day,
    )


class Automatic:
    """What runs by itself in one data folder."""

    def __init__(self, store: Store, clock: Clock, alarms: Alarms, work: Work) -> None:
        self._store = store
        self._clock = clock
        self._alarms = alarms
        self._work = work

    def runner(self, where: str, *, stop: threading.Event | None = None, minutes: float | None = None) -> Runner:
        """A runner for this process; `where` says which ("dashboard" or "command"). `minutes` between rounds go before
        the settings'."""
        return Runner(self._store, self._clock, self._alarms, self._work, where, stop=stop, minutes=minutes)

    def status(self) -> Status | None:
        """What the runner of this data folder does; None when none has run."""
        return load_status(self._store)

    def run_now(self) -> None:
        """Asks the runner for a round now, also when it has stopped."""
        self._store.look_ups.put(ASKED, True)

    def nudge(self) -> None:
        """The shop says that something happened there: the runner looks soon. Nothing of the call is believed."""
        self._store.look_ups.put(NUDGED, True)
