"""Alarms, and the mails that tell of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dinero.model.clock import utc_text
from dinero.model.documents import Alarm
from dinero.model.i18n import Text
from dinero.store.database import Part

Listed = list[Alarm]  # the name of the class is hidden by a method


class Alarms(Part):
    """What the owner must know of, and when a mail of it went out."""

    def add(self, cause: str, text: Text) -> None:
        """Keeps an alarm to be mailed."""
        with self._database.transaction() as db:
            db.execute(
                "insert into alarms (cause, text, created_at) values (?, ?, ?)",
                [cause, text.dumps(), self._database.stamp()],
            )

    def list(self, *, limit: int = 50) -> Listed:
        """The latest alarms, newest first."""
        return self._read("order by id desc limit ?", [limit])

    def unmailed(self, *, since: datetime, limit: int) -> Listed:
        """Alarms from `since` that no mail has told of, oldest first."""
        return self._read(
            "where mailed_at is null and created_at >= ? order by id limit ?",
            [utc_text(since), limit],
        )

    def _read(self, condition: str, parameters: Sequence[Any]) -> Listed:
        rows = self._database.rows(f"select * from alarms {condition}", parameters)
        return [Alarm(**row | {"text": Text.loads(row["text"])}) for row in rows]

    def set_mailed(self, numbers: Sequence[int]) -> None:
        """Remembers that these alarms (ids) were mailed."""
        with self._database.transaction() as db:
            for number in numbers:
                db.execute("update alarms set mailed_at = ? where id = ?", [self._database.stamp(), number])

    def claim_mail(self, cause: str, *, before: datetime) -> bool:
        """Takes the right to mail of a cause now; False when one went out at `before` or later."""
        with self._database.transaction() as db:
            cursor = db.execute(
                "insert into mails values (?, ?) on conflict do update set last_at = excluded.last_at "
                "where last_at < ?",
                [cause, self._database.stamp(), utc_text(before)],
            )
            return bool(cursor.rowcount == 1)

    def release_mail(self, cause: str) -> None:
        """Gives the right back: the mail did not go out."""
        with self._database.transaction() as db:
            db.execute("delete from mails where cause = ?", [cause])

    def mailed_since(self, cause: str, since: datetime) -> bool:
        """Whether `claim_mail` was given for this cause after `since`."""
        return (
            self._database.row("select 1 from mails where cause = ? and last_at > ?", [cause, utc_text(since)])
            is not None
        )
