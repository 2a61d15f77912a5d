"""The acquirers that are connected: the owner's keys, and the payouts that are fetched with them."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dinero.acquirers.clearhaus_api import Clearhaus
from dinero.acquirers.source import Batch, PayoutSource
from dinero.acquirers.vipps_api import VippsMobilePay
from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.settings import Choices
from dinero.environment import Environment
from dinero.model.acquirers import acquirer_of
from dinero.model.clock import Clock
from dinero.model.documents import Event
from dinero.model.errors import DashboardError, SettingsError, StorageFailed, TryLater
from dinero.model.health import Remedy
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem
from dinero.model.settings import first_of_year
from dinero.store import Store
from dinero.store.look_ups import RESTORED
from dinero.store.payouts import Refused
from dinero.store.vault import Vault

log = logging.getLogger(__name__)

CLEARHAUS, VIPPS = "clearhaus", "vipps_mobilepay"
SOURCE = "api"  # what a payout's source is when it was fetched
# Neither acquirer tells its limit; a shop's year is far below this one, and a loop of ours is stopped by it.
CALLS_AN_HOUR, HOUR = 1000, 3600.0
LONGEST_KEY = 500
LONG = timedelta(days=1)  # after which trouble that may pass by itself is told, too


@dataclass(frozen=True, slots=True)
class Key:
    """One of the keys of a connection: its name in `connect`, what the acquirer calls it, and the variable of the
    headless set-up."""

    name: str
    label: Text
    variable: str
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class FetchedPayouts:
    """What a fetch from one acquirer brought: the rows of its new payouts, how many were here already, why others can't
    be used, and what kept it from coming to its end."""

    acquirer: str
    new: tuple[int, ...] = ()
    known: int = 0
    problems: tuple[RowProblem, ...] = ()
    error: DashboardError | None = None


KEYS: Mapping[str, tuple[Key, ...]] = {
    CLEARHAUS: (
        Key("client_id", Text("Client ID"), "CLEARHAUS_CLIENT_ID", is_secret=False),
        Key("client_secret", Text("Client Secret"), "CLEARHAUS_CLIENT_SECRET"),
    ),
    VIPPS: (
        Key("client_id", Text("Client ID"), "VIPPS_CLIENT_ID", is_secret=False),
        Key("client_secret", Text("Client Secret"), "VIPPS_CLIENT_SECRET"),
        Key("subscription_key", Text("Subscription key"), "VIPPS_SUBSCRIPTION_KEY"),
        Key("msn", Text("Merchant serial number (MSN)"), "VIPPS_MSN", is_secret=False),
    ),
}


class Sources:
    """The connected acquirers of one data folder. `refresh` ties what came to orders and gives it its states."""

    def __init__(
        self,
        environment: Environment,
        store: Store,
        vault: Vault,
        clock: Clock,
        settings: Choices,
        outcomes: Outcomes,
        refresh: Callable[[], None],
    ) -> None:
        self._given = environment
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings
        self._outcomes = outcomes
        self._refresh = refresh

    # --- connecting ----------------------------------------------------------------------------------

    def is_connected(self, acquirer: str) -> bool:
        """Whether keys are stored."""
        return self._store.secrets.get(_secret(acquirer)) is not None

    def connected(self) -> list[str]:
        """The acquirers whose keys are stored."""
        return [acquirer for acquirer in KEYS if self.is_connected(acquirer)]

    def connect(self, acquirer: str, **keys: str) -> None:
        """Proves the owner's keys (by the names of KEYS) with one call and stores them, encrypted. Raises
        DashboardError."""
        if acquirer not in KEYS:
            raise SettingsError(Text("There is no such acquirer or choice."))
        given = {key.name: str(keys.get(key.name, "")).strip() for key in KEYS[acquirer]}
        missing = [key.label for key in KEYS[acquirer] if not given[key.name]]
        if missing or any(len(value) > LONGEST_KEY for value in given.values()):
            label = missing[0] if missing else KEYS[acquirer][0].label
            raise SettingsError(Text("Fill in {key} from {acquirer}.", key=label, acquirer=_name(acquirer)))
        self._source(acquirer, given).check()
        self._vault.put(_secret(acquirer), given)
        self._outcomes.clear(acquirer)
        self._outcomes.succeeded(acquirer)
        text = Text("{acquirer} was connected.", acquirer=_name(acquirer))
        self._store.history.add(Event("connected", text))

    def disconnect(self, acquirer: str) -> None:
        """Forgets the keys. The payouts that were read stay."""
        if not self.is_connected(acquirer):
            return
        self._vault.put(_secret(acquirer), None)
        self._outcomes.clear(acquirer)
        self._store.look_ups.put(_troubles(acquirer), None)
        text = Text("{acquirer} was disconnected.", acquirer=_name(acquirer))
        self._store.history.add(Event("disconnected", text))

    def check(self, acquirer: str) -> None:
        """One call with the stored keys. Raises DashboardError."""
        self._source(acquirer).check()

    # --- fetching ------------------------------------------------------------------------------------

    def fetch(self) -> list[FetchedPayouts]:
        """Reads what is new from each acquirer that is connected. One that fails stops no other; its error is told and
        noted, and what it gave before is kept. Raises StorageFailed."""
        fetched = [self._fetch(acquirer) for acquirer in self.connected()]
        self._refresh()
        return fetched

    def problems(self, acquirer: str) -> list[RowProblem]:
        """Why payouts that an acquirer told of last time can't be used."""
        cached = self._store.look_ups.get(_troubles(acquirer))
        return [RowProblem(row, code, Text.from_json(text)) for row, code, text in (cached[0] if cached else [])]

    def troubles(self) -> list[Text]:
        """What is wrong with the connected acquirers and what they told, where waiting does not mend it."""
        found = []
        for acquirer in self.connected():
            kept = self._outcomes.of(acquirer)
            silent = kept.ok_at is None or self._clock.now() - kept.ok_at >= LONG
            if kept.problem is not None and (kept.remedy is not Remedy.RETRY or silent):
                found.append(kept.problem)
            found += [problem.text for problem in self.problems(acquirer)]
        return found

    def _fetch(self, acquirer: str) -> FetchedPayouts:
        taken = _Taken(self._store, acquirer)
        error: DashboardError | None = None
        try:
            keys = self._vault.get(_secret(acquirer))
            source = self._source(acquirer, keys, note=True)
            place = _Place.of(self._store, acquirer, keys, self._since())
            for batch in source.payouts(place.cursor):
                if not taken.take(batch, place):
                    break
        except StorageFailed:
            raise
        except DashboardError as stopped:
            log.warning("payouts of %s: %s", acquirer, stopped)
            error = stopped
        if error is None:
            self._store.look_ups.put(_troubles(acquirer), [[p.row, p.code, p.text.to_json()] for p in taken.problems])
        if taken.detailed:
            text = Text("{acquirer} told which orders are in payouts that were read before.", acquirer=_name(acquirer))
            self._store.history.add(Event("payouts fetched", text))
        if taken.new:
            text = Text(
                "{n} payout was fetched from {acquirer}.",
                "{n} payouts were fetched from {acquirer}.",
                n=len(taken.new),
                acquirer=_name(acquirer),
            )
            self._store.history.add(Event("payouts fetched", text))
        return FetchedPayouts(acquirer, tuple(taken.new), taken.known, tuple(taken.problems), error)

    def _since(self) -> date:
        """The first day whose payouts are of interest: before the first order none can be of one."""
        taken_over = self._settings.load().take_over_date or first_of_year(self._clock)
        return max(taken_over, self._store.orders.first_day() or taken_over)

    def _source(self, acquirer: str, keys: Mapping[str, str] | None = None, *, note: bool = False) -> PayoutSource:
        """A source with these keys, or those that are stored. Only what is stored is noted. Raises SettingsError."""
        if keys is None:
            keys, note = self._vault.get(_secret(acquirer)), True
        if not keys:
            text = Text("{acquirer} is not connected. Enter its keys under Set-up.", acquirer=_name(acquirer))
            raise SettingsError(text)
        common: dict[str, Any] = {"since": self._since(), "clock": self._clock, "spend": lambda: self._spend(acquirer)}
        if note:
            common["on_outcome"] = lambda error: self._note(acquirer, error)
        if acquirer == CLEARHAUS:
            return Clearhaus(self._given.clearhaus_url, keys["client_id"], keys["client_secret"], **common)
        return VippsMobilePay(
            self._given.vipps_url,
            keys["client_id"],
            keys["client_secret"],
            keys["subscription_key"],
            keys["msn"],
            **common,
        )

    def _spend(self, acquirer: str) -> None:
        seconds = self._store.calls.take(f"payouts:{acquirer}", limit=CALLS_AN_HOUR, window=HOUR)
        if seconds > 0:
            text = Text(
                "{acquirer} was asked {calls} times within an hour. The rest is fetched later by itself.",
                acquirer=_name(acquirer),
                calls=CALLS_AN_HOUR,
            )
            raise TryLater(text, seconds=seconds)

    def _note(self, acquirer: str, error: DashboardError | None) -> None:
        if error is None:
            self._outcomes.succeeded(acquirer)
        elif not isinstance(error, StorageFailed):
            self._outcomes.failed(acquirer, error)


@dataclass(frozen=True, slots=True)
class _Place:
    """How far an acquirer was read with some keys and from some day on: other keys, or an earlier day, begin anew. What
    is read a second time then is known by its id."""

    owner: str
    since: date
    cursor: str = ""

    @classmethod
    def of(cls, store: Store, acquirer: str, keys: Mapping[str, str], since: date) -> "_Place":
        owner = hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()[:16]
        cached = store.look_ups.get(_cursor(acquirer))
        if cached is not None:
            kept = cls(cached[0]["owner"], date.fromisoformat(cached[0]["since"]), cached[0]["cursor"])
            if kept.owner == owner and kept.since <= since:
                return kept
        return cls(owner, since)

    def packed(self, cursor: str) -> dict[str, str]:
        """As it is kept, once what a cursor stands for is stored."""
        return {"owner": self.owner, "since": self.since.isoformat(), "cursor": cursor}


class _Taken:
    """What one fetch has stored so far."""

    def __init__(self, store: Store, acquirer: str) -> None:
        self._store = store
        self._acquirer = acquirer
        self._restored = store.look_ups.get(RESTORED)
        self._is_behind = False  # a payout could not be stored: no later cursor may leave it behind
        self.new: list[int] = []
        self.detailed: list[int] = []
        self.known = 0
        self.problems: list[RowProblem] = []

    def take(self, batch: Batch, place: _Place) -> bool:
        """Stores a batch, and how far was read with it, at once. False when the database was put back meanwhile: what
        was stored before is gone, and must be read again."""
        self.problems += batch.problems
        if batch.problems:
            return True
        try:
            with self._store.transaction():
                if self._store.look_ups.get(RESTORED) != self._restored:
                    return False
                added = self._store.payouts.add(batch.payouts, source=SOURCE)
                if not self._is_behind:
                    self._store.look_ups.put(_cursor(self._acquirer), place.packed(batch.cursor))
        except Refused as error:
            self.problems.append(error.problem)
            self._is_behind = True
        else:
            self.new += added.new
            self.detailed += added.detailed
            self.known += added.known
        return True


def _name(acquirer: str) -> str:
    return acquirer_of(acquirer).name


def _secret(acquirer: str) -> str:
    return f"acquirer.{acquirer}"


def _cursor(acquirer: str) -> str:
    return f"payouts.cursor:{acquirer}"


def _troubles(acquirer: str) -> str:
    return f"payouts.problems:{acquirer}"
