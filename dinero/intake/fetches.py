"""When the orders were fetched last and what came of it, remembered for the pages."""

from datetime import datetime
from typing import Any

from dinero.intake.fetching import CURSOR, Fetched
from dinero.model.clock import utc_text
from dinero.model.health import FetchRecord
from dinero.model.i18n import Text
from dinero.store import Store

LAST = "fetch.last"


class Fetches:
    """The record of the last fetch, and of a try after it that failed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last(self) -> FetchRecord | None:
        """The record; None when nobody has tried. After a backup was restored no fetch counts: what is here is as old
        as the backup."""
        cached, cursor = self._store.look_ups.get(LAST), self._store.look_ups.get(CURSOR)
        if cached is None and cursor is None:
            return None
        kept: dict[str, Any] = cached[0] if cached else {"at": cursor[0] if cursor else None}
        text = kept.get("text")
        return FetchRecord(
            at=_moment(kept.get("at")) if cursor else None,
            seen=kept.get("seen", 0),
            new=kept.get("new", 0),
            changed=kept.get("changed", 0),
            failed_at=_moment(kept.get("failed_at")),
            problem=Text.from_json(text) if text else None,
        )

    def succeeded(self, found: Fetched) -> None:
        """Remembers a fetch that came to its end now."""
        now = self._store.clock.now()
        told = {"seen": found.seen, "new": found.new, "changed": found.changed}
        self._store.look_ups.put(LAST, {"at": utc_text(now), **told})
        self._store.past.note_fetch(now)

    def failed(self, problem: Text) -> None:
        """Remembers a try that failed now, beside the fetch before it."""
        cached = self._store.look_ups.get(LAST)
        kept = cached[0] if cached else {}
        told = {"failed_at": utc_text(self._store.clock.now()), "text": problem.to_json()}
        self._store.look_ups.put(LAST, kept | told)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
