"""Transfers to Dinero: stored when the owner asks, worked off by whoever comes to it."""

from collections.abc import Sequence
from datetime import datetime

from dinero.booking.push import run_operation
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.settings import Choices
from dinero.dashboard.vat_numbers import VatNumbers
from dinero.intake.fetching import reassess_credits
from dinero.model.clock import Clock
from dinero.model.documents import Event, Operation
from dinero.model.i18n import Text
from dinero.store import Store

LEAST_CALLS = 3  # an order of a known customer: create, book, pay


class Transfers:
    """The transfers of one data folder."""

    def __init__(
        self, store: Store, clock: Clock, settings: Choices, connection: DineroConnection, vat_numbers: VatNumbers
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._connection = connection
        self._vat_numbers = vat_numbers

    def push(self, operation_id: str, orders: Sequence[tuple[str, str]], *, actor: str) -> bool:
        """Stores a push for the worker. Returns False when this id was used before: a double click."""
        opened = self._store.operations.open(operation_id, orders, actor=actor)
        if opened:
            text = Text("A transfer of {n} order was started.", "A transfer of {n} orders was started.", n=len(orders))
            self._store.history.add(Event("push started", text, operation_id=operation_id))
        return opened

    def run(self, operation_id: str) -> bool:
        """Works a push or a correction off here and now; False while another worker has the organization.

        Raises ConnectionStopped or SettingsError when the owner must act; the push is stopped then.
        """
        self._vat_numbers.consult()
        worked = run_operation(
            operation_id, dinero=self._connection.dinero(), store=self._store, load_settings=self._settings.load
        )
        if worked:
            reassess_credits(self._store)
        return worked

    def pause(self, operation_id: str) -> None:
        """Asks a push to stop after the orders it has begun."""
        self._store.operations.pause(operation_id)

    def resume(self, operation_id: str) -> None:
        """Lets a paused push go on."""
        self._store.operations.resume(operation_id)

    def seconds_left(self, operation: Operation, done: float, orders: int) -> int | None:
        """How long a transfer still takes when `done` of its `orders` are done (parts of orders count): as it went so
        far, but no faster than Dinero's call limit, which the first minute does not show. None before there is
        anything to judge by."""
        if not operation.started_at or done < 1:
            return None
        elapsed = (self._clock.now() - datetime.fromisoformat(operation.started_at)).total_seconds()
        left = orders - done
        return int(max(elapsed / done * left, left * LEAST_CALLS * 60 / self._connection.calls_per_minute)) + 1
