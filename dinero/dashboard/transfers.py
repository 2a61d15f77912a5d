"""Transfers to Dinero: stored when the owner asks, worked off by whoever comes to it."""

import math
import uuid
from collections.abc import Sequence

from dinero.booking.push import run_operation
from dinero.dashboard.connection import DineroConnection
from dinero.dashboard.settings import Choices
from dinero.dashboard.vat_numbers import VatNumbers
from dinero.intake.reassessing import reassess_credits
from dinero.model.clock import Clock
from dinero.model.documents import Action, Event, OrderKey, Progress
from dinero.model.i18n import Text
from dinero.model.transfers import Stages, TransferProgress, TransferRecord
from dinero.store import Store

AUTOMATIC = "automatic"  # who asks for a transfer when nobody does
LATEST = 8  # orders that are shown while a transfer runs


def retry_id(operation_id: str) -> str:
    """The id of the one retry of a transfer that stopped: two tabs that ask for it ask for the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, operation_id))


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
        with self._store.transaction():
            opened = self._store.operations.open(operation_id, orders, actor=actor)
            if opened:
                text = Text(
                    "A transfer of {n} order was started.", "A transfer of {n} orders was started.", n=len(orders)
                )
                self._store.history.add(Event("push started", text, operation_id=operation_id))
                if actor != AUTOMATIC:
                    self._store.orders.take_up(orders)
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

    # --- looked back at ------------------------------------------------------------------------------

    def latest(self) -> TransferRecord | None:
        """The newest transfer or correction, under way or over."""
        return next(iter(self.records(limit=1)), None)

    def record(self, operation_id: str) -> TransferRecord | None:
        """One transfer or correction."""
        return self._store.transfers.record(operation_id)

    def records(self, limit: int = 25, offset: int = 0) -> list[TransferRecord]:
        """Transfers and corrections, the newest first."""
        return self._store.transfers.records(limit=limit, offset=offset)

    def count(self) -> int:
        """How many records there are."""
        return self._store.transfers.count()

    def needs_attention(self) -> TransferRecord | None:
        """The newest transfer that stopped, until it is dismissed, tried again, or followed by one that ended well."""
        return self._store.transfers.needing_attention()

    def dismiss(self, operation_id: str) -> None:
        """The owner has seen that it stopped, and wants no more of it."""
        self._store.transfers.dismiss(operation_id)

    def retry(self, new_id: str, operation_id: str, *, actor: str) -> bool:
        """Asks anew, under a new id, for what a stopped transfer left, which is seen to by that. Returns False when the
        new id was used before (a double click), and when nothing is left to do."""
        with self._store.transaction():
            before = self._store.operations.get(operation_id)
            left = self._store.transfers.left_of(operation_id)
            if before is None or self._store.operations.get(new_id) is not None:
                return False
            self.dismiss(operation_id)
            if not left:
                return False
            if before.action is Action.PUSH:
                return self.push(new_id, left, actor=actor)
            text = Text("A correction was started: {reason}", reason=before.detail)
            for shop, order_id in left:
                told = Event("correction started", text, OrderKey(shop, order_id), operation_id=new_id)
                self._store.history.add(told)
            return self._store.operations.open(new_id, left, actor=actor, action=before.action, detail=before.detail)

    # --- watched -------------------------------------------------------------------------------------

    def progress_token(self, operation_id: str) -> str:
        """Another text whenever anything of a transfer changed, by one small query; "" for one that is not there."""
        return self._store.transfers.token(operation_id)

    def progress(self, operation_id: str) -> TransferProgress | None:
        """How far a transfer is; None for one that is not there."""
        now = self._store.transfers.stages(operation_id)
        if now is None:
            return None
        return TransferProgress(
            id=now.id,
            action=now.action,
            status=now.status,
            total=now.total,
            customers=now.customers,
            drafted=now.drafted,
            booked=now.booked,
            registered=now.registered,
            finished=now.finished,
            token=now.token,
            latest=tuple(self._store.operations.latest(operation_id, limit=LATEST)),
            seconds_left=self._seconds_left(now),
        )

    def _seconds_left(self, now: Stages) -> int | None:
        """By the calls that are left and Dinero's limit, and no faster than it went so far. What was said once is never
        raised again: the least that was said is kept, so that all who watch are told the same."""
        if now.status not in (Progress.WAITING, Progress.RUNNING):
            return None
        seconds = now.calls_left * 60 / self._connection.calls_per_minute
        done = now.finished - now.done_before
        if now.working_since is not None and done > 0:
            elapsed = (self._clock.now() - now.working_since).total_seconds()
            seconds = max(seconds, elapsed / done * (now.total - now.finished))
        told = _rounded(seconds)
        if now.seconds_left is not None and now.seconds_left <= told:
            return now.seconds_left
        self._store.transfers.shorten(now.id, told)
        return told


def _rounded(seconds: float) -> int:
    """Up to whole tens, above a minute to whole minutes: it is an estimate."""
    step = 10 if seconds <= 60 else 60
    return max(1, math.ceil(seconds / step)) * step
