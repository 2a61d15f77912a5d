"""Orders from before the take-over: checked in Dinero, and let in or kept out by the period."""

from dataclasses import replace
from datetime import date, timedelta

from dinero.dashboard.accounts import Accounts
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.proof import check_period
from dinero.dashboard.settings import Choices
from dinero.intake.backfill import Backfill, plan_backfill
from dinero.intake.reassessing import reassess
from dinero.model.clock import Clock
from dinero.model.settings import Settings
from dinero.store import Store

CHECK_AGE = timedelta(days=1)  # how long a check of older orders may be ago when they are let in


class OlderOrders:
    """The periods of older orders that the owner lets in."""

    def __init__(
        self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection, accounts: Accounts
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._accounts = accounts

    def check(self, first: date, last: date) -> Backfill:
        """What a transfer of the older orders of a period would be, checked in Dinero. Orders of a period that is let
        in already may go then, if Dinero does not have them. Raises DashboardError."""
        check_period(first, last)
        dinero = self._connection.dinero()
        self._accounts.fetch(dinero)
        chosen, calls = self._settings.load(), self._connection.calls_per_minute
        plan = plan_backfill(dinero, self._store, chosen, first, last, calls_per_minute=calls)
        if chosen.backfills:
            reassess(self._store)
        return plan

    def let_in(self, first: date, last: date) -> Settings:
        """Lets the orders of a period in that `check` looked at within a day, though they are from before the
        take-over; any other order of the period is held until the period is checked again."""
        chosen, period = self._settings.load(), (first, last)
        if period not in chosen.backfills:
            self._store.orders.forget_checks(first.isoformat(), last.isoformat(), before=self._clock.now() - CHECK_AGE)
        backfills = (*(r for r in chosen.backfills if r != period), period)
        shops = {
            name: replace(one, not_let_in=tuple(r for r in one.not_let_in if r != period))
            for name, one in chosen.shops.items()
        }
        return self._settings.save(backfills=backfills, shops=shops)

    def keep_out(self, first: date, last: date) -> Settings:
        """Leaves a period's orders to what was used before, as they were; what was transferred stays. If the period
        is let in again, its orders are checked anew: Dinero may have got them meanwhile."""
        self._store.orders.forget_checks(first.isoformat(), last.isoformat())
        let_in = self._settings.load().backfills
        return self._settings.save(backfills=tuple(r for r in let_in if r != (first, last)))
