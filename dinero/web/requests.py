"""What a request to our own routes tells: its host, its cookie, its form; and where the routes are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse
from starlette.types import Scope

from dinero.signin.sessions import SignIn
from dinero.store import Store
from dinero.store.vault import Vault

if TYPE_CHECKING:
    from dinero.signin.oidc import Oidc

DOWNLOAD_BACKUP, DOWNLOAD_EXPORT = "/download/backup", "/download/export"
LOGIN, LOGOUT, PASSWORD, HEALTH = "/login", "/logout", "/password", "/health"
MARK = "/mark.svg"  # the product's own; the sign-in shows it too
GUIDE, GUIDE_PICTURES = "/guide", "/guide/pictures"
PAGE_FILES = ("/page.js", "/page.css", MARK)  # what each page loads
OIDC_START, OIDC_CALLBACK = "/oidc/start", "/oidc/callback"
DINERO_START, DINERO_CALLBACK = "/oauth/start", "/oauth/callback"
SHOP_START, SHOP_CALLBACK = "/oauth/shop/start", "/oauth/shop/callback"
# A WooCommerce shop: the owner leaves for it, its server brings a key (open, and it counts only with the state that the
# owner left with), and the browser comes back.
GRANT_START, GRANT_KEYS, GRANT_BACK = (f"/connect/woocommerce/{name}" for name in ("start", "keys", "back"))
# Shops call this, with their name and a secret behind it; it is open, and nothing in it is believed.
WEBHOOK = "/webhooks/"
OLDER = "/older"  # a page that is a part of another one now

FIELD_LIMIT = 20

COOKIE = "dinero_session"
SECURE_COOKIE = "__Host-dinero_session"
# Binds a sign-in elsewhere to the browser that began it.
OIDC_COOKIE = "dinero_oidc"

# A path on this server; "//elsewhere" and "/\elsewhere" lead away.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,2000}")
_HOST = re.compile(r"(?P<name>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Way(Protocol):
    """The way to another system, where the owner approves, and back."""

    def start(self, redirect_uri: str) -> str:
        """The address to send the owner to. Raises DashboardError."""

    def finish(self, answer: Mapping[str, str]) -> None:
        """Takes the answer that came back. Raises DashboardError."""


class ShopWay(Protocol):
    """The way to a shop's site, for one that is there or a new one (the `form` that was filled in), and back."""

    def start(self, redirect_uri: str, shop: str = "", form: str = "") -> str:
        """The address to send the owner to. Raises DashboardError."""

    def finish(self, answer: Mapping[str, str]) -> None:
        """Takes the answer that came back. Raises DashboardError."""


class GrantWay(Protocol):
    """The way to a shop whose server brings its key here, and back."""

    def start(self, form: str, *, back: str, keys: str) -> str:
        """The address to send the owner to; `back` and `keys` are paths here. Raises DashboardError."""

    def take_key(self, body: bytes, content_type: str) -> int:
        """Takes what the shop's server brings; the HTTP status to answer with."""

    def back(self, answer: Mapping[str, str]) -> str:
        """The name of the shop that was connected. Raises DashboardError."""


@dataclass
class Parts:
    """What the gate and the routes are given of the dashboard."""

    store: Store
    vault: Vault
    sign_in: SignIn
    oidc: "Oidc | None"
    public_url: str | None
    demo: bool
    language: Callable[[], str]  # that the owner chose, "da" or "en"
    dinero: Way
    shop: ShopWay
    woocommerce: GrantWay
    health: Callable[[], dict[str, Any]]  # whether the server works; holds no secret
    ring: Callable[[str, str, bytes, Mapping[str, str]], int]  # a shop calls: its name, the secret, body and headers
    in_set_up: Callable[[], bool]  # the owner is still setting up: Overblik is the list of steps


def local_path(wanted: str) -> str:
    """`wanted` if it is a path on this server, else "/"."""
    return wanted if _LOCAL_PATH.fullmatch(wanted) else "/"


def host_name(headers: Headers) -> str:
    """The name in the Host header, lower case; "" when there is not exactly one that can be read."""
    hosts = headers.getlist("host")
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return found["name"].strip("[]").lower() if found else ""


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def is_secure(scope: Scope, parts: Parts) -> bool:
    """Whether the browser speaks https: to us, or to a proxy that stands before us at the public address."""
    public = urlsplit(parts.public_url or "")
    behind_proxy = public.scheme == "https" and host_name(Headers(scope=scope)) == public.hostname
    return scope["scheme"] in ("https", "wss") or behind_proxy


def cookie_name(scope: Scope, parts: Parts) -> str:
    """The session cookie's name: over https it is bound to the host."""
    return SECURE_COOKIE if is_secure(scope, parts) else COOKIE


def session_cookie(scope: Scope, parts: Parts) -> str:
    """The session cookie of a request, "" when there is none."""
    return HTTPConnection(scope).cookies.get(cookie_name(scope, parts), "")


def is_at_this_machine(request: Request, parts: Parts) -> bool:
    """Whether the browser runs on this machine. A proxy does too, so its traces count against it; and where there is a
    public address there is a proxy, which may leave no trace and pass on any Host."""
    if parts.public_url:
        return False
    client = request.client.host if request.client else ""
    behind_proxy = any(name in request.headers for name in _PROXY_HEADERS)
    return is_loopback(client) and is_loopback(host_name(request.headers)) and not behind_proxy


async def form_fields(request: Request) -> dict[str, str]:
    """The text fields of a form. Raises HTTPException for files and for too many fields."""
    async with request.form(max_files=0, max_fields=FIELD_LIMIT) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def see_other(address: str) -> RedirectResponse:
    """Sends the browser on (303)."""
    # no-referrer: where we were asked to go from may be an address with a code in it.
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
