"""One-time states of a sign-in elsewhere."""

from datetime import timedelta

from dinero.model.clock import utc_text
from dinero.store.database import Part


class States(Part):
    """States that left for another site and may come back once."""

    def open(self, state_hash: str, purpose: str, payload: bytes) -> None:
        """Remembers a state that is about to leave for another site."""
        long_ago = utc_text(self._database.clock.now() - timedelta(days=1))
        with self._database.transaction() as db:
            db.execute("delete from oauth_states where created_at < ?", [long_ago])
            db.execute(
                "insert into oauth_states values (?, ?, ?, ?, null)",
                [state_hash, purpose, payload, self._database.stamp()],
            )

    def clear(self) -> None:
        """Forgets all states."""
        self._database.change("delete from oauth_states")

    def spend(self, state_hash: str, purpose: str, *, max_age: timedelta) -> bytes | None:
        """The payload of an unused, fresh state, which is used from now on; None for any other."""
        oldest = utc_text(self._database.clock.now() - max_age)
        with self._database.transaction() as db:
            row = next(
                iter(
                    db.query(
                        "update oauth_states set used_at = ? where state_hash = ? and purpose = ? and "
                        "used_at is null and created_at >= ? returning payload",
                        [self._database.stamp(), state_hash, purpose, oldest],
                    )
                ),
                None,
            )
            db.execute("delete from oauth_states where purpose = ? and created_at < ?", [purpose, oldest])
        return bytes(row["payload"]) if row else None
