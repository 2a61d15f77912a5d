"""The hashes of passwords, and the generations that sessions are begun under. Both are settings."""

import json
import secrets
from collections.abc import Iterable

from dinero.store.database import Part

_INSERT = "insert or ignore into settings values (?, ?)"
_UPSERT = "insert into settings values (?, ?) on conflict do update set value = excluded.value"


class Sessions(Part):
    """Passwords and sessions by the names of their settings. Each change of a password ends sessions with it."""

    def choose_password(self, key: str, hashed: str, *, ends: Iterable[str]) -> bool:
        """Stores a first password's hash, unless one is there, and ends the sessions of the generations in `ends`.
        False, with nothing done, when there was one."""
        with self._database.transaction():
            if self._database.change(_INSERT, [key, json.dumps(hashed)]) != 1:
                return False
            self.end(ends)
        return True

    def replace_password(self, key: str, old: str, new: str, *, ends: Iterable[str] = ()) -> bool:
        """Puts a hash in another's place and ends sessions; False, with nothing done, when `old` is not there."""
        values = [json.dumps(new), key, json.dumps(old)]
        with self._database.transaction():
            if self._database.change("update settings set value = ? where key = ? and value = ?", values) != 1:
                return False
            self.end(ends)
        return True

    def save_password(self, key: str, hashed: str | None, *, ends: Iterable[str]) -> None:
        """Stores a hash, whatever was there; None removes it. Ends sessions."""
        with self._database.transaction():
            if hashed is None:
                self._database.change("delete from settings where key = ?", [key])
            else:
                self._database.change(_UPSERT, [key, json.dumps(hashed)])
            self.end(ends)

    def forget_passwords(self, keys: Iterable[str], *, ends: Iterable[str]) -> None:
        """Removes passwords and ends sessions."""
        with self._database.transaction():
            for key in keys:
                self._database.change("delete from settings where key = ?", [key])
            self.end(ends)

    def begin(self, generations: Iterable[str]) -> None:
        """Gives generations that have no value one, so that sessions can be begun under them."""
        with self._database.transaction():
            for generation in generations:
                self._database.change(_INSERT, [generation, json.dumps(secrets.token_hex(8))])

    def end(self, generations: Iterable[str]) -> None:
        """Ends all sessions of these generations."""
        with self._database.transaction():
            for generation in generations:
                self._database.change(_UPSERT, [generation, json.dumps(secrets.token_hex(8))])

    def generation_of(self, key: str, *, unless: str) -> str | None:
        """The value that sessions of a generation carry; None when there is none or `unless` is in the cache."""
        # Asked for every file of a page, so it is one query.
        row = self._database.row(
            "select value from settings where key = ? and not exists (select 1 from cache where key = ?)",
            [key, unless],
        )
        return None if row is None else str(json.loads(row["value"]))
