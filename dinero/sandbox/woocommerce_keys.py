"""Who may read the sandbox's WooCommerce: Basic and keys in the query where WordPress believes in https, OAuth 1.0a
where it does not (facts.md's chapter WooCommerce)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from dinero.sandbox.woocommerce_json import Raw
from dinero.sandbox.woocommerce_lists import error

KEY = "ck_sandbox00000000000000000000000000000000"
SECRET = "cs_sandbox00000000000000000000000000000000"
_NEWEST_SECONDS = 15 * 60
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_NEEDED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


@dataclass(frozen=True, slots=True)
class Called:
    """A request as WordPress sees it: `address` without the query, and the parameters as they were sent, decoded."""

    method: str
    address: str
    pairs: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    seconds: int


@dataclass(slots=True)
class Keys:
    """The one key that reads, and the signatures that were used."""

    key: str = KEY
    secret: str = SECRET
    permissions: str = "read"
    _nonces: set[tuple[str, str]] = field(default_factory=set)

    def refusal(self, call: Called, *, believes_https: bool) -> Raw | None:
        """Why a call is refused, None where it may read. Nothing that is understood is the same 401 as a wrong key."""
        query = dict(call.pairs)
        given = _basic(call.headers, query) if believes_https else None
        if given is not None and given[0] == self.key:
            return None if hmac.compare_digest(given[1], self.secret) else _no("Consumer secret is invalid.")
        signed = {name: query[name] for name in query if name.startswith("oauth_")} or _in_header(call.headers)
        if not all(signed.get(name) for name in _NEEDED):
            return error("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
        return self._unsigned(call, signed)

    def _unsigned(self, call: Called, signed: Mapping[str, str]) -> Raw | None:
        """What is wrong with a signature."""
        if signed["oauth_consumer_key"] != self.key:
            return _no("Consumer key is invalid.")
        if signed["oauth_signature_method"] not in _HASHES:
            return _no("Invalid signature - signature method is invalid.")
        told = dict(call.pairs) | dict(signed)
        expected = signature(call.method, call.address, told, self.secret)
        if not hmac.compare_digest(expected, signed["oauth_signature"].replace(" ", "+")):
            return _no("Invalid signature - provided signature does not match.")
        written = signed["oauth_timestamp"]
        if not written.isdecimal() or abs(call.seconds - int(written)) > _NEWEST_SECONDS:
            return _no("Invalid timestamp.")
        used = (written, signed["oauth_nonce"])
        if used in self._nonces:
            return _no("Invalid nonce - nonce has already been used.")
        self._nonces.add(used)
        return None


def signature(method: str, address: str, told: Mapping[str, str], secret: str) -> str:
    """The signature of a call with some parameters, those of OAuth among them (RFC 5849, 3.4; one-legged)."""
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in told.items() if name != "oauth_signature")
    listed = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method, _escaped(address), _escaped(listed)))
    made = hmac.new(f"{secret}&".encode(), base.encode(), _HASHES[told["oauth_signature_method"]])
    return base64.b64encode(made.digest()).decode()


def _basic(headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[str, str] | None:
    """Key and secret as the query or a Basic header has them."""
    if query.get("consumer_key") and query.get("consumer_secret"):
        return query["consumer_key"], query["consumer_secret"]
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return key, secret


def _in_header(headers: Mapping[str, str]) -> dict[str, str]:
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "oauth":
        return {}
    parts = (part.strip().partition("=") for part in rest.split(","))
    return {name: unquote(value.strip('"')) for name, _, value in parts if name.startswith("oauth_")}


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


def _no(message: str) -> Raw:
    return error("woocommerce_rest_authentication_error", message, 401)
