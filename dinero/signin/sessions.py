"""The owner's password, the accountant's, and the signed cookie that shows who has given one.

Passwords are kept as scrypt hashes (n=2^15, r=8, p=1: about 90 ms and 32 MiB a try) and are never logged.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import unicodedata
from datetime import timedelta
from ipaddress import ip_address, ip_network

from itsdangerous import BadData, URLSafeSerializer
from sqlite_utils import Database

from dinero.model.clock import Clock
from dinero.model.errors import SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.store import Store
from dinero.store.vault import Vault

SHORTEST = 8  # characters
LONGEST = 1024  # bytes
TRIES = 10  # of one client
ALL_TRIES = 100  # of all clients together
TRIES_WINDOW = 300.0  # seconds
SESSION = timedelta(days=14)
# Whoever the provider no longer lets in is out after this at the latest.
PROVIDER_SESSION = timedelta(hours=12)

PASSWORD = "sign_in.password"  # noqa: S105 - the name of a setting
GENERATION = "sign_in.generation"
READER_PASSWORD = "sign_in.reader_password"  # noqa: S105 - the name of a setting
READER_GENERATION = "sign_in.reader_generation"
SIGNED_OUT = "signed-out:"

# The owner may do everything; a reader (the accountant) sees history, reconciliation and EU sales.
OWNER, READER = "owner", "reader"
_KEYS = {OWNER: (PASSWORD, GENERATION), READER: (READER_PASSWORD, READER_GENERATION)}

N, R, P = 2**15, 8, 1

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

    def check(self, password: str, client: str = "") -> str | None:
        """Whose password this is: OWNER, READER or None.

        Raises TryLater after TRIES tries of a `client` (its address) in TRIES_WINDOW, right or wrong.
        """
        self.count_try(client)
        found = None
        for role, (key, _) in _KEYS.items():
            stored = self._setting(key)
            if stored is not None and _matches(password, stored):
                found = found or role
        return found

    def has_reader(self) -> bool:
        """Whether the accountant has a password."""
        return self._setting(READER_PASSWORD) is not None

    def set_reader_password(self, password: str | None) -> None:
        """Gives the accountant a password, or takes it away (None); the accountant's sessions end. Raises
        SettingsError."""
        hashed = None if password is None else _hash(_checked(password))
        owners = self._setting(PASSWORD)
        if password is not None and owners is not None and _matches(password, owners):
            raise SettingsError(Text("That is your own password. Choose another one for the accountant."))
        with self._store.transaction() as db:
            if hashed is None:
                db.execute("delete from settings where key = ?", [READER_PASSWORD])
            else:
                db.execute(_UPSERT, [READER_PASSWORD, json.dumps(hashed)])
            db.execute(_UPSERT, [READER_GENERATION, json.dumps(secrets.token_hex(8))])

    def change_password(self, old: str, new: str) -> None:
        """Replaces the password and ends all sessions. Raises SettingsError or TryLater."""
        new = _checked(new)
        # Counted by itself: strangers at the sign-in can't keep the owner, who is signed in, from a new password.
        self._spend("password", TRIES)
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
        """Removes the passwords and ends all sessions: the next visitor chooses a new one."""
        with self._store.transaction() as db:
            db.execute("delete from settings where key in (?, ?)", [PASSWORD, READER_PASSWORD])
            end_sessions(db)

    def setup_code(self) -> str:
        """The code (8 characters) that a first start from another machine must give.

        It follows from the vault's key, so every process knows the same one and nothing is stored.
        """
        digest = bytes.fromhex(self._vault.derive("set-up code"))
        return base64.b32encode(digest[:5]).decode()

    def check_setup_code(self, code: str, client: str = "") -> bool:
        """Whether this is the set-up code. Raises TryLater like `check`."""
        self.count_try(client)
        return hmac.compare_digest(code.strip().upper().encode(), self.setup_code().encode())

    def count_try(self, client: str) -> None:
        """Counts a try to sign in from a client's address. Raises TryLater when there were too many."""
        self._spend("signin:" + _network(client), TRIES)
        self._spend("signin", ALL_TRIES)
        self._store.calls.forget("signin:", window=TRIES_WINDOW)

    def _spend(self, bucket: str, limit: int) -> None:
        # Counted before the answer is known, in the store: parallel requests and restarts count too.
        seconds = self._store.calls.take(bucket, limit=limit, window=TRIES_WINDOW)
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

    def make_cookie(self, role: str = OWNER, lasts: timedelta = SESSION) -> str:
        """A signed cookie for a new session."""
        _, generation = _KEYS[role]
        until = int((self._clock.now() + lasts).timestamp())
        return str(self._cookies.dumps([self._setting(generation), secrets.token_hex(8), until, role]))

    def open_sessions(self) -> None:
        """Makes sessions possible where nobody has chosen a password: an identity provider opens them."""
        with self._store.transaction() as db:
            for _, generation in _KEYS.values():
                db.execute(_INSERT, [generation, json.dumps(secrets.token_hex(8))])

    def read_cookie(self, value: str) -> str | None:
        """The role of the session that this cookie opens; None when it is not ours, too old or ended."""
        generation, session, until, role = self._unpack(value)
        if self._clock.now().timestamp() >= until or role not in _KEYS:
            return None
        # Asked for every file of a page, so it is one query.
        row = self._store.row(
            "select value from settings where key = ? and not exists (select 1 from cache where key = ?)",
            [_KEYS[role][1], SIGNED_OUT + session],
        )
        return role if row is not None and json.loads(row["value"]) == generation else None

    def sign_out(self, value: str) -> None:
        """Ends the session of this cookie, so that a copy of it is worth nothing."""
        if self.read_cookie(value):
            self._store.look_ups.put(SIGNED_OUT + self._unpack(value)[1], True)

    def sign_out_everywhere(self) -> None:
        """Ends all sessions, the accountant's too."""
        with self._store.transaction() as db:
            end_sessions(db)

    def _unpack(self, value: str) -> tuple[str | None, str, int, str]:
        """Generation, session, end (Unix time) and role of a cookie of ours; of any other, an end that is long past.
        The cookies of the first version had no role: there was the owner only."""
        try:
            generation, session, until, *role = self._cookies.loads(value)
        except (BadData, ValueError):
            return None, "", 0, ""
        return generation, session, until, role[0] if role else OWNER

    def _setting(self, key: str) -> str | None:
        row = self._store.row("select value from settings where key = ?", [key])
        return None if row is None else str(json.loads(row["value"]))


def end_sessions(db: Database) -> None:
    """Ends all sessions, the accountant's too, as a part of a transaction."""
    for _, generation in _KEYS.values():
        db.execute(_UPSERT, [generation, json.dumps(secrets.token_hex(8))])


def _checked(password: str) -> str:
    if len(password) < SHORTEST:
        raise SettingsError(Text("The password is too short. Choose at least {count} characters.", count=SHORTEST))
    if len(_bytes(password)) > LONGEST:
        raise SettingsError(Text("The password is too long. Choose a shorter one."))
    if _is_common(password):
        raise SettingsError(
            Text(
                "The password is one of those that are tried first. Choose a less common one, for "
                "example four words that have nothing to do with each other."
            )
        )
    return password


# What guessing begins with: these words with digits and signs behind, rows of keys, and few different characters.
_WORDS = frozenset(
    {
        "adgangskode",
        "kodeord",
        "password",
        "passw0rd",
        "welcome",
        "velkommen",
        "qwerty",
        "qwertyui",
        "dinero",
        "dashboard",
        "shoporama",
        "webshop",
        "administrator",
        "admin",
        "regnskab",
        "danmark",
        "denmark",
        "iloveyou",
        "football",
        "fodbold",
        "sommer",
        "vinter",
        "hemmelig",
        "secret",
        "letmein",
        "monkey",
        "dragon",
        "sunshine",
        "princess",
        "superman",
    }
)
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyzæøå", "qwertyuiopå", "asdfghjklæø", "zxcvbnm")


def _is_common(password: str) -> bool:
    lowered = unicodedata.normalize("NFC", password).casefold()
    word = lowered.strip("0123456789!?.,-_*#@ ")
    # Runs of a row, both ways: "12345678", "87654321", "qwertyui".
    in_a_row = any(lowered in row or lowered[::-1] in row for row in _ROWS)
    return word in _WORDS or in_a_row or len(set(lowered)) < 4


def _network(client: str) -> str:
    """The part of an address that one client can't change at will: all of IPv4, the first 64 bits of IPv6."""
    try:
        address = ip_address(client)
    except ValueError:
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def _bytes(password: str) -> bytes:
    # The same letters (å) may come as one character or as two, by keyboard and system. A lone surrogate is kept.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


# Each takes 32 MiB: a hundred tries at once must not take the machine's memory.
_HASHING = threading.Semaphore(2)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _HASHING:
        # OpenSSL's own limit on memory is just below what today's costs need (128 bytes × r × (n + p), and some more).
        most = 2 * 128 * r * (n + p) + 2**20
        return hashlib.scrypt(_bytes(password), salt=salt, n=n, r=r, p=p, maxmem=most)


def _hash(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt:{N}:{R}:{P}:{salt.hex()}:{_scrypt(password, salt, N, R, P).hex()}"


def _matches(password: str, stored: str) -> bool:
    """Whether a password has this hash, made with the costs that were usual when it was stored."""
    _, n, r, p, salt, digest = stored.split(":")
    if len(_bytes(password)) > LONGEST:
        return False
    made = _scrypt(password, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(made, bytes.fromhex(digest))
