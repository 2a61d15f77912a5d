"""Unattended running: fetch, transfer, look after the payouts, and again every few minutes.

One runner works for a data folder, by a lease in the store; the others stand by. What it does is kept as a status
that the page shows. Trouble is met as its error says (errors.py): the connection or the set-up needs the owner,
then it stops with one alarm until something is mended; else it waits longer each time, and an hour of trouble is an
alarm too.
"""

import hashlib
import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dinero.automatic.alarms import Alarms
from dinero.automatic.payouts import PayoutWork, look_after
from dinero.intake.fetching import ids
from dinero.model.clock import Clock, utc_text
from dinero.model.documents import CHANGED, NEEDS_OWNER, PUSHABLE, Progress, StoredOrder
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, StorageFailed, TryLater
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.rules.evidence import NOT_ANSWERED
from dinero.store import Store
from dinero.store.leases import Lease, LeaseLost

log = logging.getLogger(__name__)

LEASE, LEASE_SECONDS = "run", 600.0
POLL = 3.0  # seconds between two looks at what is due
BEAT = timedelta(seconds=15)
PUSH_AT_ONCE = 100
CALM = 60.0  # seconds between two rounds at least, however often the shop calls
LONG = timedelta(hours=1)
FIRST_WAIT = 60.0  # seconds after the first failure; doubled with each
NAMED = 10  # orders that an alarm names
# Of the shop's calls a day, what unattended running may use; the owner's own clicks have the rest.
SHARE = 0.8

STATUS, NUDGED, ASKED, TOLD = "runner", "runner.nudged", "runner.asked", "runner.told"
TOLD_SHOPS = "runner.told_shops"
# Left alone: Dinero said no, and asking again every few minutes changes nothing.
AUTOMATIC = tuple(state for state in PUSHABLE if state != "refused")

SETTING_UP = Text("The set-up is not complete. Go on under Set-up.")
MISTAKE = Text("The dashboard made a mistake while running by itself. See the log; it tries again.")


@dataclass(frozen=True, slots=True)
class Status:
    """What the runner does. Times are UTC ISO texts, "" when there was none.

    `phase` is "working", "waiting" (all is well), "trouble" (tries again by itself) or "stopped" (needs the owner);
    `reason` is a packed Text. `marks` tells connection and settings apart from others, to see that they were changed.
    """

    phase: str = "waiting"
    beat: str = ""
    began: str = ""
    ended: str = ""
    next: str = ""
    since: str = ""
    failures: int = 0
    reason: list[Any] | None = None
    marks: str = ""
    new: int = 0
    done: int = 0
    where: str = ""

    @property
    def text(self) -> Text | None:
        """Why it is stopped or in trouble."""
        return Text.from_json(self.reason) if self.reason else None


def load_status(store: Store) -> Status | None:
    """The runner's status; None when none has run in this data folder."""
    cached = store.look_ups.get(STATUS)
    return Status(**cached[0]) if cached else None


@dataclass(frozen=True, slots=True)
class Round:
    """What reading the shops' orders brought: how many are new, the shops that failed (by name, with what the owner
    calls them and the error) while others did not, and the least seconds until they may be read again."""

    new: int
    failed: Mapping[str, tuple[str, DashboardError]] = field(default_factory=dict)
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """What a round is made of; whoever makes a runner gives it. Each may raise a DashboardError."""

    settings: Callable[[], Settings]
    fetch: Callable[[], Round]  # reads the shops' orders
    push: Callable[[str, Sequence[tuple[str, str]]], object]  # stores a push of these orders by its id
    run: Callable[[str], bool]  # works it off; False while another worker has the organization
    payouts: PayoutWork


class Runner:
    """Works for one process; `where` says which ("dashboard" or "command"). `minutes` between rounds go before the
    settings'."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        alarms: Alarms,
        work: Work,
        where: str,
        *,
        stop: threading.Event | None = None,
        minutes: float | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._alarms = alarms
        self._work = work
        self._where = where
        self._minutes = minutes
        self._stop = stop or threading.Event()
        self._lease: Lease | None = None

    def loop(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Runs until the stop event is set, while `wanted`."""
        while not self._stop.is_set():
            self._stop.wait(self.tick() if self._is_wanted(wanted) else POLL)
        self.let_go()

    def _is_wanted(self, wanted: Callable[[], bool]) -> bool:
        try:
            if wanted():
                return True
            self.let_go()
        except StorageFailed as error:
            log.warning("%s", error)
        return False

    def let_go(self) -> None:
        """Gives the lease back, so that another runner may work at once."""
        if self._lease is not None:
            self._store.leases.release(self._lease)
            self._lease = None

    def tick(self) -> float:
        """Does what is due now; returns the seconds until it wants to be called again. Never raises."""
        try:
            if not self._hold():
                return POLL
            status = load_status(self._store) or Status()
            if self._is_due(status):
                self._round(status)
            elif self._clock.now() - _moment(status.beat) >= BEAT:
                self._keep()
                self._save(status)
            else:
                return POLL
            self._alarms.deliver()
        except StorageFailed as error:
            log.warning("%s", error)
        except LeaseLost:
            self._lease = None
        except Exception:
            log.exception("the runner failed")
        return POLL

    def once(self) -> DashboardError | None:
        """One round now, and why it did not come to its end. Raises TryLater while another runner works."""
        if not self._hold():
            raise TryLater(Text("Another runner works on this data folder already."))
        try:
            return self._round(load_status(self._store) or Status())
        finally:
            self._alarms.deliver()
            self.let_go()

    def _hold(self) -> bool:
        if self._lease is None:
            self._lease = self._store.leases.acquire(LEASE, seconds=LEASE_SECONDS)
        return self._lease is not None

    def _is_due(self, status: Status) -> bool:
        now, began = self._clock.now(), _moment(status.began)
        if self._called(ASKED) > began:
            return True
        if status.phase == "stopped":
            return status.marks != self._marks()
        if now >= _moment(status.next):
            return True
        calm = now - began >= timedelta(seconds=CALM)
        return status.phase == "waiting" and calm and self._called(NUDGED) > began

    def _called(self, key: str) -> datetime:
        cached = self._store.look_ups.get(key)
        return cached[1] if cached else datetime.min.replace(tzinfo=UTC)

    def _marks(self) -> str:
        text = json.dumps([self._store.settings.all(), self._store.secrets.changed_at()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _round(self, status: Status) -> DashboardError | None:
        failure: DashboardError | None = None
        every = timedelta(minutes=self._minutes or self._work.settings().every_minutes)
        self._keep()
        status = self._save(replace(status, phase="working", began=self._stamp(), new=0, done=0))
        fetched = Round(0)
        try:
            fetched = self._work.fetch()
            self._tell_of_shops(fetched.failed)
            status = replace(status, new=fetched.new)
            status = replace(status, done=self._push(but=fetched.failed))
        except (ConnectionStopped, SettingsError) as error:
            self._stopped(status, error)
            failure = error
        except StorageFailed:
            raise
        except DashboardError as error:
            self._in_trouble(status, error.text, getattr(error, "seconds", 0.0), every)
            failure = error
        except LeaseLost:
            raise
        except Exception:
            log.exception("a round failed")
            self._alarms.raise_("mistake", MISTAKE)
            self._in_trouble(status, MISTAKE, 0.0, every)
            failure = TryLater(MISTAKE)
        else:
            waits = self._stamp(max(every, timedelta(seconds=fetched.wait)))
            self._save(
                replace(status, phase="waiting", ended=self._stamp(), next=waits, failures=0, since="", reason=None)
            )
        self._tell_of_orders()
        if not isinstance(failure, ConnectionStopped | SettingsError):
            self._keep()
            look_after(self._work.payouts, self._store, self._alarms, self._again)
        return failure

    def _push(self, *, but: Iterable[str]) -> int:
        """Transfers what waits, the oldest first, a hundred at a time; returns how many orders are done. Orders of the
        shops in `but`, which could not be read, wait: they may have been cancelled since."""
        chosen = self._work.settings()
        if chosen.missing():
            raise SettingsError(SETTING_UP, detail=", ".join(chosen.missing()))
        done, left = 0, set[tuple[str, str]]()
        while not self._stop.is_set() and not self._is_paused():
            rows = self._store.orders.due_by_themselves(AUTOMATIC, limit=PUSH_AT_ONCE + len(left), but=list(but))
            rows = [row for row in rows if row.key not in left]
            if not rows:
                break
            operation_id = str(uuid.uuid4())
            self._work.push(operation_id, ids(rows))
            while not self._work.run(operation_id):
                if not self._again():
                    return done
            self._keep()
            operation = self._store.operations.get(operation_id)
            if operation is not None and operation.status == Progress.STOPPED:
                (finding, *_) = operation.reasons
                raise (ConnectionStopped if finding.code == "needs_owner" else TryLater)(finding.text)
            results = self._store.operations.orders_of(operation_id)
            done += sum(row.result == "done" for row in results)
            left |= {(row.shop, row.order_id) for row in results if row.state in AUTOMATIC}
        return done

    def _again(self) -> bool:
        """Waits a moment for another worker; False when it is time to end."""
        if self._stop.is_set():
            return False
        self._keep()
        self._clock.sleep(0.5)
        return True

    def _keep(self) -> None:
        if self._lease is not None:
            self._store.leases.renew(self._lease)

    def _is_paused(self) -> bool:
        operation = self._store.operations.get(self._store.operations.unfinished() or "")
        return operation is not None and operation.status == "paused"

    def _stopped(self, status: Status, error: DashboardError) -> None:
        log.warning("stopped until the owner acts: %s", error)
        # The marks are taken after the failure: what it changed itself is no sign that it is mended.
        marks = self._marks()
        if status.reason != error.text.to_json():
            cause = "connection" if isinstance(error, ConnectionStopped) else "settings"
            self._alarms.raise_(cause, error.text)
        self._save(replace(status, phase="stopped", ended=self._stamp(), reason=error.text.to_json(), marks=marks))

    def _in_trouble(self, status: Status, text: Text, seconds: float, every: timedelta) -> None:
        log.warning("trouble, tried again later: %s", text.render("en"))
        now = self._clock.now()
        wait = max(seconds, min(FIRST_WAIT * 2**status.failures, every.total_seconds()))
        since = status.since or now.isoformat()
        if now - datetime.fromisoformat(since) >= LONG:
            told = Text(
                "For an hour or more nothing could be transferred: {reason} It goes on by itself when that is mended.",
                reason=text.render(self._work.settings().language),
            )
            self._alarms.raise_("trouble", told)
            since = now.isoformat()
        self._save(
            replace(
                status,
                phase="trouble",
                ended=self._stamp(),
                failures=min(status.failures + 1, 20),
                since=since,
                next=self._stamp(timedelta(seconds=wait)),
                reason=text.to_json(),
            )
        )

    def _tell_of_shops(self, failed: Mapping[str, tuple[str, DashboardError]]) -> None:
        """One alarm for each shop that can't be read while others can, and again when its reason is another."""
        cached = self._store.look_ups.get(TOLD_SHOPS)
        told = cached[0] if cached else {}
        now = {name: error.text.dumps() for name, (_, error) in failed.items()}
        for name, (title, error) in failed.items():
            if told.get(name) != now[name]:
                language = self._work.settings().language
                reason = error.text.render(language)
                self._alarms.raise_(f"shop {name}", Text("{webshop}: {reason}", webshop=title, reason=reason))
        if told != now:
            self._store.look_ups.put(TOLD_SHOPS, now)

    def _tell_of_orders(self) -> None:
        """One alarm for the orders that need the owner since the last look."""
        rows = self._store.orders.list(states=(*NEEDS_OWNER, CHANGED), limit=-1)
        rows = [row for row in rows if not self._may_end_by_itself(row)]
        cached = self._store.look_ups.get(TOLD)
        told = set(cached[0]) if cached else set()
        fresh = [row for row in rows if row.key.address not in told]
        if fresh:
            numbers = ", ".join(row.number for row in fresh[:NAMED])
            if len(fresh) > NAMED:
                text = Text(
                    "{n} orders need you, among them {numbers}. Open “Needs you” under Orders: the reason and "
                    "what to do stand beside each.",
                    n=len(fresh),
                    numbers=numbers,
                )
            else:
                text = Text(
                    "{n} order needs you: {numbers}. Open “Needs you” under Orders: the reason and what to do "
                    "stand beside it.",
                    "{n} orders need you: {numbers}. Open “Needs you” under Orders: the "
                    "reason and what to do stand beside each.",
                    n=len(fresh),
                    numbers=numbers,
                )
            self._alarms.raise_("orders", text)
        now = {row.key.address for row in rows}
        if told != now:
            self._store.look_ups.put(TOLD, sorted(now))

    def _may_end_by_itself(self, row: StoredOrder) -> bool:
        """Whether an order waits for nothing but VIES, and not for long."""
        if row.state != "held" or row.change is not None:
            return False
        found = row.reasons
        since = found[0].text.values.get("since") if [item.code for item in found] == [NOT_ANSWERED] else ""
        return since is None or (isinstance(since, datetime) and self._clock.now() - since < LONG)

    def _save(self, status: Status) -> Status:
        status = replace(status, beat=self._stamp(), where=self._where)
        self._store.look_ups.put(STATUS, asdict(status))
        return status

    def _stamp(self, later: timedelta = timedelta(0)) -> str:
        return utc_text(self._clock.now() + later)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp) if stamp else datetime.min.replace(tzinfo=UTC)
