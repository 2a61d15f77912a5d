"""The ways in which a call to WooCommerce carries its key (facts.md, WooCommerce 4.1-4.2)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

BASIC, OAUTH, QUERY, NOTHING = "basic", "oauth", "query", "nothing"
_METHOD = "HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Way:
    """How the key is carried. `scheme` is the one that a signature is made for: WordPress checks it with http where it
    does not believe in https; "" is the address's own."""

    name: str = BASIC
    scheme: str = ""

    @property
    def keys(self) -> Mapping[str, str]:
        """The way as it is kept beside the key."""
        return {"way": self.name} | ({"scheme": self.scheme} if self.scheme else {})


def way_of(keys: Mapping[str, str]) -> Way:
    """The way that a check found, Basic where there was none yet."""
    name = keys.get("way", "")
    return Way(name if name in (OAUTH, QUERY) else BASIC, keys.get("scheme", ""))


def basic(key: str, secret: str) -> str:
    """The Authorization header of a key."""
    return f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}"


def in_query(key: str, secret: str) -> dict[str, str]:
    """A key as parameters of the address. They end in the host's log."""
    return {"consumer_key": key, "consumer_secret": secret}


def signed(
    url: str, parameters: Mapping[str, str], key: str, secret: str, *, nonce: str, seconds: int
) -> dict[str, str]:
    """The parameters of a GET with a signature of OAuth 1.0a (RFC 5849, one-legged): the secret is not sent."""
    told = {
        **parameters,
        "oauth_consumer_key": key,
        "oauth_nonce": nonce,
        "oauth_signature_method": _METHOD,
        "oauth_timestamp": str(seconds),
        "oauth_version": "1.0",
    }
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in told.items())
    listed = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(("GET", _escaped(url), _escaped(listed)))
    signature = hmac.new(f"{_escaped(secret)}&".encode(), base.encode(), hashlib.sha256).digest()
    return {**told, "oauth_signature": b64encode(signature).decode()}


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
