"""When a shop's orders were fetched last and what came of it, remembered for the pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dinero.intake.fetching import CURSOR, Fetched
from dinero.model.clock import utc_text
from dinero.model.health import FetchRecord
from dinero.model.i18n import Text
from dinero.store import Store
from dinero.store.look_ups import of_shop

LAST = "last_fetch"


class Fetches:
    """The record of the last fetch from one shop, and of a try after it that failed."""

    def __init__(self, store: Store, shop: str) -> None:
        self._store = store
        self._last, self._cursor = of_shop(shop, LAST), of_shop(shop, CURSOR)

    def last(self) -> FetchRecord | None:
        """The record; None when nobody has tried. After a backup was restored no fetch counts: what is here is as old
        as the backup."""
        cached, cursor = self._store.look_ups.get(self._last), self._store.look_ups.get(self._cursor)
        if cached is None and cursor is None:
            return None
        kept: dict[str, Any] = cached[0] if cached else {"at": utc_text(cursor[1]) if cursor else None}
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
        self._store.look_ups.put(self._last, {"at": utc_text(now), **told})
        self._store.past.note_fetch(now)

    def failed(self, problem: Text) -> None:
        """Remembers a try that failed now, beside the fetch before it."""
        cached = self._store.look_ups.get(self._last)
        kept = cached[0] if cached else {}
        told = {"failed_at": utc_text(self._store.clock.now()), "text": problem.to_json()}
        self._store.look_ups.put(self._last, kept | told)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def of_all(records: Mapping[str, FetchRecord | None]) -> FetchRecord | None:
    """One record of several shops': as old as the oldest, with what came of all, and the first one's trouble. None
    when nobody has tried."""
    known = [record for record in records.values() if record is not None]
    if not known:
        return None
    ats = [record.at for record in known if record.at is not None]
    troubled = [record for record in known if record.problem is not None]
    return FetchRecord(
        at=min(ats) if len(ats) == len(records) else None,
        seen=sum(record.seen for record in known),
        new=sum(record.new for record in known),
        changed=sum(record.changed for record in known),
        failed_at=troubled[0].failed_at if troubled else None,
        problem=troubled[0].problem if troubled else None,
        is_partial=0 < len(ats) < len(records),
    )
