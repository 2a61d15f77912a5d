"""The database file, in SQLite.

One connection a thread (see connections.py), WAL, foreign keys on. Every write runs in `transaction()`, which begins
IMMEDIATE: a deferred BEGIN that reads first and writes later fails at once when another process wrote in
between, without waiting (facts.md, Streamlit 4). Constraints decide races, not look-ups.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from dinero.model.clock import Clock, utc_text
from dinero.model.errors import BUSY, DISK_FULL, STORAGE, StorageFailed
from dinero.store.connections import Connection, Connections
from dinero.store.migrations import migrations

Row = dict[str, Any]
Rows = list[Row]
BUSY_SECONDS = 15.0  # how long a write waits for another process's
READ_AT_ONCE = 5000  # rows of a list that is read to its end a part at a time
# What SQLite raises, for those who know no sqlite3. Trouble with the disk is told as StorageFailed instead, so from the
# store it is a mistake of ours in SQL, or a file that is no database.
DatabaseMistake = sqlite3.Error


class Database:
    """The file of the database. Safe to share between threads: each has a connection of its own."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self._connections = Connections(path, timeout=BUSY_SECONDS)
        with _storage_errors():
            self._migrate()
            self._connections.keep()
        path.chmod(0o600)

    def _migrate(self) -> None:
        with self.connect() as db:
            db.execute("pragma journal_mode=wal")
            if migrations.missing(db):
                # Two starters at once: the second waits here, then finds nothing left to do.
                with self.transaction():
                    migrations.apply(db)

    def close(self) -> None:
        """Closes the database, so that the log is merged into it. A later use opens it again."""
        self._connections.close()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """This thread's connection, the same one inside of a transaction. Raises StorageFailed."""
        with _storage_errors(), self._connections.use() as db:
            yield db

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back on anything that is raised, stop signals too.
        Inside another one of this thread it is a part of that, rolled back alone."""
        with self.connect() as db:
            begin, keep, undo = _PART if db.in_transaction else _WHOLE
            db.execute(begin)
            try:
                yield db
                db.execute(keep)
            except BaseException:
                _undo(db, undo)
                raise

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is in the middle of a write, which keeps all others from writing."""
        with self.connect() as db:
            return db.in_transaction

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Rows:
        """The rows of a SELECT."""
        with self.connect() as db:
            return db.query(sql, parameters)

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(sql, parameters)), None)

    def tuples(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT as they are, without the names of their columns."""
        with self.connect() as db:
            return db.execute(sql, parameters).fetchall()

    def change(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> int:
        """How many rows a statement changed, in a transaction of its own or as a part of one."""
        with self.connect() as db, nullcontext() if db.in_transaction else self.transaction():
            return int(db.execute(sql, parameters).rowcount)

    def stamp(self) -> str:
        """The time of now, as it is stored."""
        return utc_text(self.clock.now())

    def merge_log(self) -> None:
        """Merges the log into the file, so that pages of before are not kept in it."""
        with self.connect() as db:
            db.execute("pragma wal_checkpoint(truncate)")


class Part:
    """What is asked of some tables of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database


# How a transaction begins, is kept, and is undone.
_WHOLE = ("begin immediate", "commit", ("rollback",))
_PART = ("savepoint part", "release part", ("rollback to part", "release part"))


def _undo(db: Connection, statements: Sequence[str]) -> None:
    if not db.in_transaction:
        # A full disk undid all of it. Nothing that follows may be written by itself, so the connection is no use.
        db.close()
        return
    for statement in statements:
        db.execute(statement)


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
