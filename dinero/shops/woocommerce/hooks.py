"""What a WooCommerce shop sends by itself: the key that an owner grants, and the bell that an order was changed."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from dinero.model.errors import DashboardError
from dinero.shops import values
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce import sentences
from dinero.shops.woocommerce.calls import base_of

MOST_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Grant:
    """What WooCommerce sends when the owner has approved. `state` is the one that the owner was sent with, which the
    caller checks: anybody can call. `can_write` says that the key may more than it was asked to."""

    state: str = field(repr=False)
    key: str = field(repr=False)
    secret: str = field(repr=False)
    can_write: bool = False

    @property
    def keys(self) -> Mapping[str, str]:
        """The key as it is kept."""
        return {"key": self.key, "secret": self.secret}


def authorize_url(address: str, *, app_name: str, state: str, return_url: str, callback_url: str) -> str:
    """Where the owner is sent to make a key that may read (facts.md, WooCommerce 4.3). `state` must be a fresh secret;
    `callback_url` must be https, and is called by the shop's server. Raises DashboardError for no address."""
    query = {
        "app_name": app_name,
        "scope": "read",
        "user_id": state,
        "return_url": return_url,
        "callback_url": callback_url,
    }
    return f"{base_of(address)}/wc-auth/v1/authorize?{urlencode(query)}"


def read_grant(body: bytes, content_type: str) -> Grant:
    """The key that the shop's server sent (facts.md, WooCommerce 4.3). Raises DashboardError for anything else."""
    if _kind(content_type) != "application/json" or len(body) > MOST_BYTES:
        raise DashboardError(sentences.NO_GRANT, detail="a grant of another kind or size")
    try:
        told = values.loads(body)
        if not isinstance(told, dict):
            raise Unreadable("no object")
        state, key, secret, rights = (
            values.text(told.get(name), 200)
            for name in ("user_id", "consumer_key", "consumer_secret", "key_permissions")
        )
    except ValueError:
        raise DashboardError(sentences.NO_GRANT, detail="an unreadable grant") from None
    if not (state and key.startswith("ck_") and secret.startswith("cs_")) or not f"{key}{secret}".isascii():
        raise DashboardError(sentences.NO_GRANT, detail="a grant without a key")
    if rights not in ("read", "write", "read_write"):
        raise DashboardError(sentences.NO_GRANT, detail="a grant without rights")
    if rights == "write":
        raise DashboardError(sentences.RIGHT_MISSING, detail="a grant that may not read")
    return Grant(state, key, secret, rights == "read_write")


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether a webhook's body has the signature that its secret gives (facts.md, WooCommerce 5.1)."""
    if not secret:
        return False
    made = hmac.new(unescape(secret).encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(b64encode(made), signature.strip().encode("utf-8", "surrogateescape"))


def is_ping(body: bytes, content_type: str) -> bool:
    """Whether a call is what a shop sends when a webhook is saved: a form with its number, unsigned (facts.md,
    WooCommerce 5.2)."""
    head, _, number = body[:100].partition(b"=")
    return _kind(content_type) == "application/x-www-form-urlencoded" and head == b"webhook_id" and number.isdigit()


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
