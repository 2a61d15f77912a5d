"""Shoporama's sign-in: where the owner is sent, and what the browser brings back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.shops import values

NO_TOKEN = Text("Shoporama sent no usable key back. Connect again under Set-up.")


@dataclass(frozen=True, slots=True)
class ShopGrant:
    """What Shoporama's sign-in brings back. `token` is a key to the shop: a secret.

    `shop_url` is the shop's own address, "" if it is none; `api_url` is where calls may go with the key.
    """

    token: str = field(repr=False)
    shop_name: str
    shop_url: str
    webshop_id: str
    access_level: str
    prices_include_vat: bool | None
    currency: str
    api_url: str


def oauth_start_url(shop_url: str, redirect_uri: str, state: str, client_id: str = "Dinero-dashboard") -> str:
    """Where the owner is sent to give access (facts.md, Shoporama 1, OAuth). `state` must be a fresh secret."""
    query = urlencode({"client_id": client_id, "redirect_uri": redirect_uri, "state": state})
    return f"{shop_url.rstrip('/')}/admin/oauth/login?{query}"


def read_oauth_return(query: Mapping[str, str], shop_url: str) -> ShopGrant:
    """The grant in the query of the browser's return. The caller has checked `state`.

    The parameters for currency and VAT are not confirmed, so None and "" mean not told. `api_endpoint` counts only
    when it is on the configured `shop_url`: a forged return must not send calls elsewhere. Raises SettingsError
    when there is no usable token.
    """
    token = query.get("token", "").strip()
    if not token or len(token) > 1000 or not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError(NO_TOKEN, detail="no usable token in the return")
    include = ("prices_include_vat", "prices_incl_vat", "prices_including_vat", "price_incl_vat", "incl_vat")
    told = next((query[name].strip().lower() for name in include if query.get(name)), "")
    currency = (query.get("currency") or query.get("currency_code") or "").strip().upper()
    endpoint = query.get("api_endpoint", "").strip()
    return ShopGrant(
        token=token,
        shop_name=values.text(query.get("shop_name", "")),
        shop_url=_web_address(query.get("shop_url", "")),
        webshop_id=values.text(query.get("webshop_id", ""), 64),
        access_level=values.text(query.get("access_level", ""), 64),
        prices_include_vat={"1": True, "true": True, "0": False, "false": False}.get(told),
        currency=currency if len(currency) == 3 and currency.isascii() and currency.isalpha() else "",
        api_url=endpoint if _origin(endpoint) == _origin(shop_url) else shop_url.rstrip("/") + "/REST",
    )


def _web_address(written: str) -> str:
    """An address that may be shown as a link, else ""; a bare host counts as https."""
    address = values.text(written)
    if address and "://" not in address:
        address = f"https://{address}"
    origin = _origin(address)
    return address if origin is not None and origin[0] in ("https", "http") else ""


def _origin(address: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(address)
        if not parts.hostname or parts.username is not None or parts.password is not None or "\\" in address:
            return None
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None
