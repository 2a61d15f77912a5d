"""Database files as files: copied while they are in use, checked, and put aside, without a store around them.

Each raises DatabaseMistake; `is_damaged` and `is_unreadable` say what it means.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from dinero.store.database import DatabaseMistake
from dinero.store.migrations import migrations

_ONE_FILE = "pragma journal_mode=delete"
_LOGS = ("-wal", "-shm")  # what SQLite keeps beside a database


def copy(source: Path, target: Path, *, one_file: bool = True) -> None:
    """Copies a database, also one in use, as it was at one moment. The target's readers see all of it or nothing.
    `one_file` is for a target that is new: it is whole without its log."""
    address = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
        if one_file:
            here.execute(_ONE_FILE)


def make_one_file(path: Path) -> None:
    """Makes a database that nobody uses whole without its log."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(_ONE_FILE)


def is_whole(path: Path) -> bool:
    """Whether SQLite finds nothing broken in a database."""
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("pragma integrity_check").fetchone() == ("ok",))


def tables(path: Path) -> set[str]:
    """The names of a database's tables."""
    with closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}


def steps(path: Path) -> set[str]:
    """The steps of our tables (see migrations.py) that were applied to a database; none to somebody else's."""
    with closing(sqlite3.connect(path)) as db:
        return set(migrations.applied(db))


def put_aside(path: Path, target: Path) -> None:
    """Gives a database, with its log, another name, as it is."""
    for end in ("", *_LOGS):
        if (part := path.with_name(path.name + end)).exists():
            os.replace(part, target.with_name(target.name + end))


def is_damaged(error: DatabaseMistake) -> bool:
    """Whether the file is a database of which something is broken."""
    return _code(error) == sqlite3.SQLITE_CORRUPT


def is_unreadable(error: DatabaseMistake) -> bool:
    """Whether the file is damaged, or not even a database."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(error: DatabaseMistake) -> int | None:
    """SQLite's number of an error; None where it comes from Python's side."""
    return getattr(error, "sqlite_errorcode", None)
