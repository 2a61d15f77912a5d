"""Who may enter: the owner's password, the accountant's, and the signed cookie that shows who has given one."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from itsdangerous import BadData, URLSafeSerializer

from dinero.model.clock import Clock, utc_text
from dinero.model.errors import SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.signin.passwords import Passwords, checked
from dinero.store import Store
from dinero.store.vault import Vault

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
READER_SINCE = "sign_in.reader_since"
SIGNED_OUT = "signed-out:"

# The owner may do everything; a reader (the accountant) sees, and may answer questions where the owner lets them.
OWNER, READER = "owner", "reader"
_KEYS = {OWNER: (PASSWORD, GENERATION), READER: (READER_PASSWORD, READER_GENERATION)}
# Every session belongs to one of these; a new value ends those that were begun under the old one.
GENERATIONS = (GENERATION, READER_GENERATION)


def may_answer(role: str | None, chosen: Settings) -> bool:
    """Whether somebody of this role may answer questions about orders and leave orders out."""
    return role == OWNER or (role == READER and chosen.reader_may_answer)


class SignIn:
    """The password of a data folder, and the sessions that it opened."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, passwords: Passwords | None = None) -> None:
        self._passwords = passwords or Passwords()
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
        hashed = self._passwords.hash(checked(password))
        # The store decides which of two first starters wins.
        if not self._store.sessions.choose_password(PASSWORD, hashed, ends=GENERATIONS):
            raise SettingsError(Text("A password has been chosen already. Sign in with it."))

    def check(self, password: str, client: str = "") -> str | None:
        """Whose password this is: OWNER, READER or None. A hash that is dated is renewed when its password is given.

        Raises TryLater after TRIES tries of a `client` (its address) in TRIES_WINDOW, right or wrong.
        """
        self.count_try(client)
        found = None
        for role, (key, _) in _KEYS.items():
            stored = self._setting(key)
            if stored is not None and self._passwords.fits(password, stored):
                self._renew(key, password, stored)
                found = found or role
        return found

    def _renew(self, key: str, password: str, stored: str) -> None:
        if self._passwords.is_dated(stored):
            # Only in the place of the hash that was looked at: a password that was changed meanwhile stays changed.
            self._store.sessions.replace_password(key, stored, self._passwords.hash(password))

    def has_reader(self) -> bool:
        """Whether the accountant has a password."""
        return self._setting(READER_PASSWORD) is not None

    def set_reader_password(self, password: str | None) -> None:
        """Gives the accountant a password, or takes it away (None); the accountant's sessions end. Raises
        SettingsError."""
        hashed = None if password is None else self._passwords.hash(checked(password))
        owners = self._setting(PASSWORD)
        if password is not None and owners is not None and self._passwords.fits(password, owners):
            raise SettingsError(Text("That is your own password. Choose another one for the accountant."))
        since = None if password is None else utc_text(self._clock.now())
        with self._store.transaction():
            self._store.sessions.save_password(READER_PASSWORD, hashed, ends=[READER_GENERATION])
            self._store.settings.put({READER_SINCE: since})

    def reader_since(self) -> datetime | None:
        """Since when the accountant has the present password; None without one, and for one of before this was kept."""
        since = self._setting(READER_SINCE)
        return datetime.fromisoformat(since) if since and self.has_reader() else None

    def change_password(self, old: str, new: str) -> None:
        """Replaces the password and ends all sessions. Raises SettingsError or TryLater."""
        new = checked(new)
        # Counted by itself: strangers at the sign-in can't keep the owner, who is signed in, from a new password.
        self._spend("password", TRIES)
        stored = self._setting(PASSWORD)
        if stored is None or not self._passwords.fits(old, stored):
            raise SettingsError(Text("The present password is wrong. Nothing was changed. Try again."))
        if not self._store.sessions.replace_password(PASSWORD, stored, self._passwords.hash(new), ends=GENERATIONS):
            raise SettingsError(Text("The password was changed meanwhile. Sign in again."))

    def forget_password(self) -> None:
        """Removes the passwords and ends all sessions: the next visitor chooses a new one."""
        self._store.sessions.forget_passwords([PASSWORD, READER_PASSWORD], ends=GENERATIONS)

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
        self._store.sessions.begin(GENERATIONS)

    def read_cookie(self, value: str) -> str | None:
        """The role of the session that this cookie opens; None when it is not ours, too old or ended."""
        generation, session, until, role = self._unpack(value)
        if self._clock.now().timestamp() >= until or role not in _KEYS:
            return None
        begun = self._store.sessions.generation_of(_KEYS[role][1], unless=SIGNED_OUT + session)
        return role if begun is not None and begun == generation else None

    def sign_out(self, value: str) -> None:
        """Ends the session of this cookie, so that a copy of it is worth nothing."""
        if self.read_cookie(value):
            self._store.look_ups.put(SIGNED_OUT + self._unpack(value)[1], True)

    def sign_out_everywhere(self) -> None:
        """Ends all sessions, the accountant's too."""
        self._store.sessions.end(GENERATIONS)

    def _unpack(self, value: str) -> tuple[str | None, str, int, str]:
        """Generation, session, end (Unix time) and role of a cookie of ours; of any other, an end that is long past.
        The cookies of the first version had no role: there was the owner only."""
        try:
            generation, session, until, *role = self._cookies.loads(value)
        except (BadData, ValueError):
            return None, "", 0, ""
        return generation, session, until, role[0] if role else OWNER

    def _setting(self, key: str) -> str | None:
        value = self._store.settings.get(key)
        return None if value is None else str(value)


def _network(client: str) -> str:
    """The part of an address that one client can't change at will: all of IPv4, the first 64 bits of IPv6."""
    try:
        address = ip_address(client)
    except ValueError:
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
