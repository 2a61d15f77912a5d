"""How passwords are kept: as Argon2id hashes (32 MiB, 4 passes, one lane: about 90 ms a try), never in the log.

Earlier versions made scrypt hashes ("scrypt:n:r:p:salt:digest"); they still fit, and are renewed at the next sign-in.
"""

import hashlib
import hmac
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from dinero.model.errors import SettingsError
from dinero.model.i18n import Text

SHORTEST = 8  # characters
LONGEST = 1024  # bytes

PASSES, MEMORY, LANES = 4, 32 * 1024, 1  # memory in KiB
# So many at once: a hundred tries must not take the memory of a small machine.
_HASHING = threading.Semaphore(2)
_SCRYPT = "scrypt:"


class Passwords:
    """Makes and checks hashes. What one costs (`memory` in KiB) is told by the hash itself, so all earlier ones fit."""

    def __init__(self, *, passes: int = PASSES, memory: int = MEMORY, lanes: int = LANES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)

    def hash(self, password: str) -> str:
        """A new hash with a salt of its own."""
        with _HASHING:
            return self._hasher.hash(_bytes(password))

    def fits(self, password: str, stored: str) -> bool:
        """Whether a password has this hash, made with whatever costs were usual when it was stored."""
        given = _bytes(password)
        if len(given) > LONGEST:
            return False
        with _HASHING:
            return _fits_scrypt(given, stored) if stored.startswith(_SCRYPT) else self._fits_argon2(given, stored)

    def is_dated(self, stored: str) -> bool:
        """Whether a hash was made in another way, or at other costs, than new ones are."""
        return stored.startswith(_SCRYPT) or self._hasher.check_needs_rehash(stored)

    def _fits_argon2(self, password: bytes, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False


def checked(password: str) -> str:
    """The password, if it may be chosen. Raises SettingsError for one that is too short, too long or too common."""
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


def _bytes(password: str) -> bytes:
    # The same letters (å) may come as one character or as two, by keyboard and system. A lone surrogate is kept.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _fits_scrypt(password: bytes, stored: str) -> bool:
    _, n, r, p, salt, digest = stored.split(":")
    costs = {"n": int(n), "r": int(r), "p": int(p)}
    # OpenSSL's own limit on memory is just below what these costs need (128 bytes × r × (n + p), and some more).
    most = 2 * 128 * costs["r"] * (costs["n"] + costs["p"]) + 2**20
    made = hashlib.scrypt(password, salt=bytes.fromhex(salt), maxmem=most, **costs)
    return hmac.compare_digest(made, bytes.fromhex(digest))
