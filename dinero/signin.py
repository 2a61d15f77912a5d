"""The owner's one password, and the signed cookie that shows who has given it.

Passwords are kept as scrypt hashes (n=2^15, r=8, p=1: about 90 ms and 32 MiB a try) and are never logged.
"""

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from datetime import timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlite_utils import Database

from dinero.clock import Clock
from dinero.errors import SettingsError, TryLater
from dinero.i18n import Text
from dinero.store import Store
from dinero.vault import Vault

SHORTEST = 8  # characters
LONGEST = 1024  # bytes
TRIES = 10
TRIES_WINDOW = 300.0  # seconds
SESSION = timedelta(days=14)

PASSWORD = "sign_in.password"  # noqa: S105 - the name of a setting
GENERATION = "sign_in.generation"
SIGNED_OUT = "signed-out:"

N, R, P = 2**15, 8, 1
MAX_MEMORY = 2 * 128 * N * R  # bytes; OpenSSL's own limit is just below what these numbers need

_INSERT = "insert or ignore into settings values (?, ?)"
_UPSERT = "insert into settings values (?, ?) on conflict do update set value = excluded.value"


class SignIn:
    """The password of a data folder, and the sessions that it opened."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._cookies = URLSafeSerializer(
            vault.derive("session"),
            salt="dinero.session",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    # --- the password --------------------------------------------------------------------------------

    def is_set(self) -> bool:
        """Whether a password has been chosen."""
        return self._setting(PASSWORD) is not None

    def set_password(self, password: str) -> None:
        """Chooses the password, once. Raises SettingsError for a bad one, and when there is one already."""
        hashed = _hash(_checked(password))
        with self._store.transaction() as db:
            # The key decides which of two first starters wins.
            if db.execute(_INSERT, [PASSWORD, json.dumps(hashed)]).rowcount != 1:
                raise SettingsError(Text("A password has been chosen already. Sign in with it."))
            end_sessions(db)

    def check(self, password: str) -> bool:
        """Whether this is the password. Raises TryLater after TRIES tries in TRIES_WINDOW, right or wrong."""
        self._spend_try()
        stored = self._setting(PASSWORD)
        return stored is not None and _matches(password, stored)

    def change_password(self, old: str, new: str) -> None:
        """Replaces the password and ends all sessions. Raises SettingsError or TryLater."""
        new = _checked(new)
        self._spend_try()
        stored = self._setting(PASSWORD)
        if stored is None or not _matches(old, stored):
            raise SettingsError(Text("The present password is not right. Nothing was changed. Try again."))
        hashed = _hash(new)
        with self._store.transaction() as db:
            replaced = db.execute(
                "update settings set value = ? where key = ? and value = ?",
                [json.dumps(hashed), PASSWORD, json.dumps(stored)],
            ).rowcount
            if replaced != 1:
                raise SettingsError(Text("The password was changed meanwhile. Sign in again."))
            end_sessions(db)

    def forget_password(self) -> None:
        """Removes the password and ends all sessions: the next visitor chooses a new one."""
        with self._store.transaction() as db:
            db.execute("delete from settings where key = ?", [PASSWORD])
            end_sessions(db)

    def setup_code(self) -> str:
        """The code (8 characters) that a first start from another machine must give.

        It follows from the vault's key, so every process knows the same one and nothing is stored.
        """
        digest = bytes.fromhex(self._vault.derive("set-up code"))
        return base64.b32encode(digest[:5]).decode()

    def check_setup_code(self, code: str) -> bool:
        """Whether this is the set-up code. Raises TryLater like `check`."""
        self._spend_try()
        return hmac.compare_digest(code.strip().upper().encode(), self.setup_code().encode())

    def _spend_try(self) -> None:
        # Counted before the answer is known, in the store: parallel requests and restarts count too.
        seconds = self._store.take_call("signin", limit=TRIES, window=TRIES_WINDOW)
        if seconds > 0:
            minutes = int(seconds // 60) + 1
            raise TryLater(
                Text(
                    "There were too many tries. Wait {n} minute and try again.",
                    "There were too many tries. Wait {n} minutes and try again.",
                    n=minutes,
                ),
                seconds=seconds,
            )

    # --- sessions ------------------------------------------------------------------------------------

    def make_cookie(self) -> str:
        """A signed cookie for a new session of 14 days."""
        until = int((self._clock.now() + SESSION).timestamp())
        return str(self._cookies.dumps([self._setting(GENERATION), secrets.token_hex(8), until]))

    def read_cookie(self, value: str) -> bool:
        """Whether this cookie is ours, in time, and of a session that nobody has ended."""
        generation, session, until = self._unpack(value)
        if self._clock.now().timestamp() >= until:
            return False
        # Asked for every file of a page, so it is one query.
        row = self._store.row(
            "select value from settings where key = ? and not exists (select 1 from cache where key = ?)",
            [GENERATION, SIGNED_OUT + session],
        )
        return row is not None and bool(json.loads(row["value"]) == generation)

    def sign_out(self, value: str) -> None:
        """Ends the session of this cookie, so that a copy of it is worth nothing."""
        if self.read_cookie(value):
            self._store.save_cached(SIGNED_OUT + self._unpack(value)[1], True)

    def sign_out_everywhere(self) -> None:
        """Ends all sessions."""
        with self._store.transaction() as db:
            end_sessions(db)

    def _unpack(self, value: str) -> tuple[str | None, str, int]:
        """Generation, session and end (Unix time) of a cookie of ours; of any other, an end that is long past."""
        try:
            generation, session, until = self._cookies.loads(value)
        except (BadData, ValueError):
            return None, "", 0
        return generation, session, until

    def _setting(self, key: str) -> str | None:
        row = self._store.row("select value from settings where key = ?", [key])
        return None if row is None else str(json.loads(row["value"]))


def end_sessions(db: Database) -> None:
    """Ends all sessions, as a part of a transaction."""
    db.execute(_UPSERT, [GENERATION, json.dumps(secrets.token_hex(8))])


def _checked(password: str) -> str:
    if len(password) < SHORTEST:
        raise SettingsError(Text("The password is too short. Choose at least {count} characters.", count=SHORTEST))
    if len(_bytes(password)) > LONGEST:
        raise SettingsError(Text("The password is too long. Choose a shorter one."))
    return password


def _bytes(password: str) -> bytes:
    # The same letters (å) may come as one character or as two, by keyboard and system. A lone surrogate is kept.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(_bytes(password), salt=salt, n=N, r=R, p=P, maxmem=MAX_MEMORY)


def _hash(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt:{N}:{R}:{P}:{salt.hex()}:{_scrypt(password, salt).hex()}"


def _matches(password: str, stored: str) -> bool:
    *_, salt, digest = stored.split(":")
    if len(_bytes(password)) > LONGEST:
        return False
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), bytes.fromhex(digest))
