"""Running by itself, as the owner sees and wakes it."""

import threading

from dinero.automatic.alarms import Alarms
from dinero.automatic.payouts import PayoutWork
from dinero.automatic.runner import ASKED, NUDGED, SHARE, Round, Runner, Status, Work, load_status
from dinero.automatic.runner import AUTOMATIC as TAKEN
from dinero.dashboard.balance import Balances
from dinero.dashboard.orders import Orders
from dinero.dashboard.payouts import Payouts
from dinero.dashboard.settings import Choices
from dinero.dashboard.shops import DAY, Shops
from dinero.dashboard.sources import Sources
from dinero.dashboard.transfers import AUTOMATIC, Transfers
from dinero.model.clock import Clock
from dinero.model.settings import Settings
from dinero.reports.overview import Tile, tile_of
from dinero.shops.systems import system_of
from dinero.store import Store


def work_of(
    settings: Choices,
    orders: Orders,
    transfers: Transfers,
    shops: Shops,
    payouts: Payouts,
    sources: Sources,
    balance: Balances,
) -> Work:
    """What a round of the runner is made of, by the same parts that the owner's own clicks use."""
    return Work(
        settings=settings.load,
        fetch=lambda: _fetch(orders, shops),
        push=lambda operation_id, keys: transfers.push(operation_id, keys, actor=AUTOMATIC),
        run=transfers.run,
        payouts=PayoutWork(
            fetch=sources.fetch,
            ask=lambda: payouts.book_by_themselves(actor=AUTOMATIC),
            run=payouts.work,
            troubles=sources.troubles,
            prove=balance.tell,
        ),
    )


def _fetch(orders: Orders, shops: Shops) -> Round:
    """Reads all shops' orders. When a shop sends all of its orders each time, the calls of a day set the pace
    (facts.md, Shoporama 1)."""
    before = shops.calls()
    found = orders.fetch()
    waits = (
        (n - before.get(name, 0)) * DAY / ((system_of(shops.named(name).system).calls_a_day or 1) * SHARE)
        for name, n in shops.calls().items()
    )
    failed = {name: (shops.named(name).title, error) for name, error in found.failed.items()}
    return Round(found.new, failed, max(waits, default=0.0))


class Automatic:
    """What runs by itself in one data folder."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, alarms: Alarms, work: Work) -> None:
        self._store = store
        self._settings = settings
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

    # --- the switch ----------------------------------------------------------------------------------

    def first_round(self) -> Tile:
        """What the first round would transfer if it ran now: all that waits or is under way. Asks nobody."""
        return tile_of(self._store.sums.by_state(TAKEN))

    def switch_on(self, *, new_only: bool = False) -> Settings:
        """Fetches and transfers by itself from now on. With `new_only` the orders that wait now are left to the owner:
        they still wait, and no round takes them before the owner has transferred them or said `take_all`."""
        with self._store.transaction():
            self._store.orders.take_up()
            if new_only:
                self._store.orders.leave_waiting()
            return self._settings.save(automatic=True)

    def switch_off(self) -> Settings:
        """Only the owner's clicks transfer from now on."""
        return self._settings.save(automatic=False)

    def left_to_owner(self) -> int:
        """How many orders wait for the owner's own click, because running by itself began with new orders only."""
        return self._store.orders.count_left()

    def take_all(self) -> None:
        """The orders that were left to the owner are taken by the next round, too."""
        self._store.orders.take_up()

    # --- rounds --------------------------------------------------------------------------------------

    def run_now(self) -> None:
        """Asks the runner for a round now, also when it has stopped."""
        self._store.look_ups.put(ASKED, True)

    def nudge(self) -> None:
        """The shop says that something happened there: the runner looks soon. Nothing of the call is believed."""
        self._store.look_ups.put(NUDGED, True)
