"""The database file: SQLite through sqlite-utils.

A connection a use (0.1 ms), WAL, foreign keys on. Every write runs in `transaction()`, which begins
IMMEDIATE: a deferred BEGIN that reads first and writes later fails at once when another process wrote in
between, without waiting (facts.md, Streamlit 4). Constraints decide races, not look-ups.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlite_utils

from dinero.model.clock import Clock, utc_text
from dinero.model.errors import BUSY, DISK_FULL, STORAGE, StorageFailed
from dinero.store.migrations import migrations

Row = dict[str, Any]
Rows = list[Row]
BUSY_SECONDS = 15.0  # how long a write waits for another process's
READ_AT_ONCE = 5000  # rows of a list that is read to its end a part at a time


class Database:
    """The file of the database. Safe to share between threads: each has a connection of its own."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self._mine = threading.local()
        with self.connect() as db:
            db.enable_wal()
            # Two starters at once: the second waits here, then finds nothing left to do.
            db.execute("BEGIN IMMEDIATE")
            migrations.apply(db)
            db.conn.commit()
        path.chmod(0o600)

    @contextmanager
    def connect(self) -> Iterator[sqlite_utils.Database]:
        """A connection for one use, in this thread only; inside another use it is the same one. Raises
        StorageFailed."""
        open_one: sqlite_utils.Database | None = getattr(self._mine, "db", None)
        if open_one is not None:
            yield open_one
            return
        with _storage_errors():
            db = sqlite_utils.Database(sqlite3.connect(self.path, timeout=BUSY_SECONDS), strict=True)
            self._mine.db = db
            try:
                db.execute("pragma foreign_keys=on")
                db.execute("pragma synchronous=full")
                db.execute("pragma secure_delete=on")  # what was removed is overwritten, not only unlinked
                yield db
            finally:
                self._mine.db = None
                db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite_utils.Database]:
        """A write transaction: committed at the end, rolled back on anything that is raised, stop signals too. Inside
        another one it is a part of that, rolled back alone."""
        with self.connect() as db:
            begin, keep, undo = _PART if db.conn.in_transaction else _WHOLE
            db.conn.execute(begin)
            try:
                yield db
                db.conn.execute(keep)
            except BaseException:
                if db.conn.in_transaction:  # a full disk undid all of it
                    for statement in undo:
                        db.conn.execute(statement)
                raise

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Rows:
        """The rows of a SELECT."""
        with self.connect() as db:
            return list(db.query(sql, parameters))

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(sql, parameters)), None)

    def change(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> int:
        """How many rows a statement changed, in a transaction of its own or as a part of one."""
        with self.connect() as db, nullcontext() if db.conn.in_transaction else self.transaction():
            return int(db.execute(sql, parameters).rowcount)

    def stamp(self) -> str:
        """The time of now, as it is stored."""
        return utc_text(self.clock.now())


class Part:
    """What is asked of some tables of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database


# How a transaction begins, is kept, and is undone.
_WHOLE = ("begin immediate", "commit", ("rollback",))
_PART = ("savepoint part", "release part", ("rollback to part", "release part"))


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Trouble with the disk or the file as StorageFailed; our own mistakes in SQL stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = _STORAGE_TEXTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if text is None:
            raise
        raise StorageFailed(text, detail=str(error)) from error


_STORAGE_TEXTS = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    **dict.fromkeys(
        (
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_PERM,
        ),
        STORAGE,
    ),
}
