"""Look-ups that were fetched earlier, and small things that are remembered between starts."""

import json
from datetime import datetime
from typing import Any

from dinero.store.database import Part

ORIGIN_REFUSED = "web.origin_refused"  # an origin, a Host and a public address that did not fit each other
RESTORED = "restored"  # another with each backup that takes the database's place


class LookUps(Part):
    """What was looked up elsewhere (JSON), by key, each with its time."""

    def get(self, key: str) -> tuple[Any, datetime] | None:
        """A look-up that was fetched earlier, and when."""
        row = self._database.row("select value, fetched_at from cache where key = ?", [key])
        return (json.loads(row["value"]), datetime.fromisoformat(row["fetched_at"])) if row else None

    def put(self, key: str, value: Any) -> None:
        """Keeps a look-up (JSON) with the time of now; None forgets it."""
        with self._database.transaction() as db:
            if value is None:
                db.execute("delete from cache where key = ?", [key])
                return
            db.execute(
                "insert into cache values (?, ?, ?) on conflict do update set "
                "value = excluded.value, fetched_at = excluded.fetched_at",
                [key, json.dumps(value), self._database.stamp()],
            )


def of_shop(shop: str, name: str) -> str:
    """The key of what is looked up or remembered of one shop."""
    return f"{shop}/{name}"
