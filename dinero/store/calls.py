"""Call budgets that all processes share."""

from dinero.store.database import Part


class Calls(Part):
    """Calls that were made lately, in sliding windows of named buckets."""

    def take(self, bucket: str, *, limit: int, window: float) -> float:
        """Takes one call from a sliding window shared by all processes.

        Returns 0 when the call may go now, else the seconds until one may.
        """
        now = self._database.clock.now().timestamp()
        with self._database.transaction() as db:
            db.execute("delete from calls where bucket = ? and at <= ?", [bucket, now - window])
            taken, oldest, newest = db.execute(
                "select count(*), min(at), max(at) from calls where bucket = ?", [bucket]
            ).fetchone()
            if newest is not None and newest > now:  # a pause after a 429, entered as calls to come
                return float(newest - now)
            if taken >= limit:
                return float(oldest + window - now) + 0.001
            db.execute("insert into calls values (?, ?)", [bucket, now])
        return 0.0

    def forget(self, prefix: str, *, window: float) -> None:
        """Removes calls of all buckets that begin with `prefix` and are older than `window` seconds."""
        with self._database.transaction() as db:
            db.execute(
                "delete from calls where bucket >= ? and bucket < ? and at <= ?",
                [prefix, prefix + "\uffff", self._database.clock.now().timestamp() - window],
            )

    def pause(self, bucket: str, seconds: float) -> None:
        """No call of this bucket before `seconds` have passed, in any process."""
        with self._database.transaction() as db:
            db.execute("insert into calls values (?, ?)", [bucket, self._database.clock.now().timestamp() + seconds])

    def count(self, bucket: str, *, window: float) -> int:
        """Calls taken in the last `window` seconds."""
        since = self._database.clock.now().timestamp() - window
        row = self._database.row("select count(*) as n from calls where bucket = ? and at > ?", [bucket, since])
        return int(row["n"]) if row else 0
