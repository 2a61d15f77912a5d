"""How the calls of each connection went last, remembered for the pages."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dinero.model.clock import utc_text
from dinero.model.errors import DashboardError
from dinero.model.health import OF_THE_ORGANIZATION, Remedy, remedy_of
from dinero.model.i18n import Text
from dinero.store import Store

log = logging.getLogger(__name__)

# Calls are many: a success is written down again only when the one that is kept is older than this.
FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a connection. Times are aware."""

    ok_at: datetime | None = None
    failed_at: datetime | None = None
    problem: Text | None = None
    remedy: Remedy = Remedy.NONE


class Outcomes:
    """The last outcome of each connection, by its name ("dinero", "shop", an acquirer's key)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, name: str) -> Kept:
        """What is remembered of a connection."""
        cached = self._store.look_ups.get(_key(name))
        if cached is None:
            return Kept()
        kept: dict[str, Any] = cached[0]
        text = kept.get("text")
        return Kept(
            _moment(kept.get("ok_at")),
            _moment(kept.get("failed_at")),
            Text.from_json(text) if text else None,
            Remedy(kept.get("remedy", Remedy.NONE)),
        )

    def succeeded(self, name: str, *, whole: bool = True) -> None:
        """Remembers that a call succeeded. What was told of the organization is disproved by a `whole` call only, one
        that names it. Never raises: a call is never broken by what is noted of it."""
        try:
            kept, now = self.of(name), self._store.clock.now()
            if kept.problem is not None and kept.remedy in OF_THE_ORGANIZATION and not whole:
                return
            if kept.problem is not None or kept.ok_at is None or now - kept.ok_at > FRESH:
                self._put(name, Kept(now, kept.failed_at))
        except Exception:
            log.exception("the outcome of a call could not be noted")

    def failed(self, name: str, error: DashboardError) -> None:
        """Remembers that a call failed. Never raises."""
        try:
            kept, now = self.of(name), self._store.clock.now()
            same = kept.problem == error.text and kept.failed_at is not None and now - kept.failed_at <= FRESH
            if not same:
                self._put(name, Kept(kept.ok_at, now, error.text, remedy_of(error)))
        except Exception:
            log.exception("the outcome of a call could not be noted")

    def clear(self, name: str) -> None:
        """Forgets a connection's outcomes: it was made anew, or ended."""
        self._store.look_ups.put(_key(name), None)

    def _put(self, name: str, kept: Kept) -> None:
        packed = {
            "ok_at": utc_text(kept.ok_at) if kept.ok_at else None,
            "failed_at": utc_text(kept.failed_at) if kept.failed_at else None,
            "text": kept.problem.to_json() if kept.problem else None,
            "remedy": kept.remedy,
        }
        self._store.look_ups.put(_key(name), packed)


def _key(name: str) -> str:
    return f"health:{name}"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
