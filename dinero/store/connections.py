"""SQLite connections that are kept: one for each thread, and one that only stays open.

Opening a connection is cheap, but when the last one closes SQLite merges the log (WAL) into the file and deletes it,
and the next one makes it again: with a connection for each use that was nearly half of a push. So one connection, on
which nobody works, stays open as long as the store. Threads never share one: a transaction belongs to its connection.
"""

import atexit
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

_Identity = tuple[int, int]  # the device and the number of a file
_PRAGMAS = (
    "pragma foreign_keys=on",
    "pragma recursive_triggers=on",  # a row that "insert or replace" takes away is deleted for the triggers too
    "pragma synchronous=full",
    "pragma secure_delete=on",  # what was removed is overwritten, not only unlinked
)
# Connections that a fork left in this process. Closing one here would give up the locks of the process it belongs to.
_INHERITED: list["Connection"] = []
# Closed when the process ends, so that the file has everything: somebody may copy it without its log.
_OPEN: "WeakSet[Connections]" = WeakSet()


class Connection(sqlite3.Connection):
    """A connection whose rows have names."""

    def query(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """The rows of a statement. All are read at once: an unfinished statement would keep later ones from seeing
        what was written meanwhile."""
        cursor = self.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        if len(set(names)) < len(names):
            raise ValueError("two columns have the same name")
        return [dict(zip(names, row, strict=True)) for row in cursor]


class Connections:
    """The connections to one database file. A thread that ends closes its own."""

    def __init__(self, path: Path, *, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._keeper: _Held | None = None
        self._closings = 0
        _OPEN.add(self)

    @contextmanager
    def use(self) -> Iterator[Connection]:
        """This thread's connection; a use inside another one has the same. What is left of a transaction is rolled
        back, and after an error the connection is not used again."""
        held = self._held()
        held.uses += 1
        failed = True
        try:
            yield held.db
            failed = False
        finally:
            held.uses -= 1
            if not held.uses and (failed or held.db.in_transaction):
                self._mine.held = None
                held.close()

    def keep(self) -> None:
        """Opens the connection that stays open, unless there is one on the present file."""
        with self._lock:
            if self._keeper is None or not self._keeper.fits(self._path, self._closings):
                self._keeper = self._open()
                # A connection has the log open from its first look on.
                self._keeper.db.execute("select 1 from sqlite_master limit 1").fetchall()

    def close(self) -> None:
        """Closes what is open; another thread's connection is closed by its next use. A later use opens anew."""
        with self._lock:
            self._closings += 1
            keeper, self._keeper = self._keeper, None
        for held in (keeper, getattr(self._mine, "held", None)):
            if held is not None:
                held.close()
        self._mine.held = None

    def _held(self) -> "_Held":
        held: _Held | None = getattr(self._mine, "held", None)
        if held is not None and (held.uses or held.fits(self._path, self._closings)):
            return held
        if held is not None:  # a backup took the file's place, or this is a fork
            held.close()
            if self._keeper is not None:
                self.keep()
        self._mine.held = held = self._open()
        return held

    def _open(self) -> "_Held":
        closings = self._closings
        before = _identity(self._path)
        db = sqlite3.connect(self._path, timeout=self._timeout, factory=Connection, check_same_thread=False)
        # None of what is done here begins a transaction unasked.
        db.isolation_level = None
        for pragma in _PRAGMAS:
            db.execute(pragma)
        return _Held(db, before or _identity(self._path), closings)


class _Held:
    """A connection, the file it was opened on, and the process and the count of closings at that time."""

    def __init__(self, db: Connection, identity: _Identity | None, closings: int) -> None:
        self.db = db
        self.uses = 0
        self._identity = identity
        self._closings = closings
        self._process = os.getpid()

    def fits(self, path: Path, closings: int) -> bool:
        """Whether it may still be used: on the file that is there now, by the process that opened it."""
        now = (os.getpid(), closings, _identity(path))
        return now == (self._process, self._closings, self._identity)

    def close(self) -> None:
        """Closes the connection, or leaves it alone in a fork."""
        if self._process == os.getpid():
            self.db.close()
        else:
            _INHERITED.append(self.db)

    def __del__(self) -> None:
        self.close()


def _identity(path: Path) -> _Identity | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@atexit.register
def _close_all() -> None:
    for connections in list(_OPEN):
        connections.close()
