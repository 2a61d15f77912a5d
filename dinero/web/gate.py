"""What every request passes before it reaches our routes or Streamlit.

In this order: headers on every answer, our own host names only, small bodies, no forms from other sites, and the
gate. The gate looks at `scope["path"]`, the path that routes are chosen by, and at nothing that is built from headers.
"""

import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dinero.model.i18n import Text
from dinero.signin.sessions import READER
from dinero.store.look_ups import ORIGIN_REFUSED
from dinero.web.requests import (
    DINERO_CALLBACK,
    DINERO_START,
    DOWNLOAD_BACKUP,
    GRANT_BACK,
    GRANT_KEYS,
    GRANT_START,
    HEALTH,
    LOGIN,
    LOGOUT,
    MARK,
    OIDC_CALLBACK,
    OIDC_START,
    PASSWORD,
    SHOP_CALLBACK,
    SHOP_START,
    WEBHOOK,
    Parts,
    host_name,
    is_loopback,
    see_other,
    session_cookie,
)

log = logging.getLogger(__name__)

OPEN = frozenset({LOGIN, HEALTH, DINERO_CALLBACK, SHOP_CALLBACK, OIDC_START, OIDC_CALLBACK, MARK})
# What the accountant, who may read, can't reach.
OWNERS_ONLY = frozenset({PASSWORD, DINERO_START, SHOP_START, GRANT_START, GRANT_BACK, DOWNLOAD_BACKUP})
SMALL_BODIES = frozenset({LOGIN, LOGOUT, PASSWORD, DINERO_CALLBACK, GRANT_KEYS})
BODY_LIMIT = 64 * 1024  # bytes
WEBHOOK_LIMIT = 1024 * 1024  # a shop's call carries a whole order; one that is refused again and again is switched off
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Streamlit 1.67 needs styles that are set by script (Emotion), and blob and data images; its charts do without eval.
# The hash is that of the one inline script in its index.html, a mark for search engines that nobody misses if a later
# version's is blocked.
_INDEX_SCRIPT = "\n      window.prerenderReady = false\n    "


def source_hash(text: str) -> str:
    """What a content policy calls a script or style of this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' {source_hash(_INDEX_SCRIPT)}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, browsers send our own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Puts HEADERS on every answer that does not bring its own. `https` adds HSTS for a year."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class OwnHosts:
    """Refuses (400) a Host that is neither this machine nor the public address: DNS rebinding ends here."""

    def __init__(self, app: ASGIApp, *, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._public = urlsplit(parts.public_url or "").hostname

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = host_name(Headers(scope=scope)) if scope["type"] in ("http", "websocket") else ""
        if scope["type"] == "lifespan" or is_loopback(name) or (name and name == self._public):
            await self._app(scope, receive, send)
            return
        text = Text(
            "This is not the dashboard's own address. Open it on the machine that it runs on, or set {name} "
            "to its https address.",
            name="DINERO_PUBLIC_URL",
        )
        await _refuse(scope, receive, send, 400, text, self._parts)


class SmallBodies:
    """Refuses (413) bodies above BODY_LIMIT, or above WEBHOOK_LIMIT from shops, to our own routes; uploads are
    Streamlit's matter."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] in SMALL_BODIES or scope["path"].startswith(WEBHOOK)):
            await self._app(scope, receive, send)
            return
        most = WEBHOOK_LIMIT if scope["path"].startswith(WEBHOOK) else BODY_LIMIT
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > most:
            await Response(status_code=413)(scope, receive, send)
            return
        seen = 0

        async def receive_little() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_little, send)


class SameOrigin:
    """Refuses (403) what another site's page sends: forms, uploads and websockets.

    The way back from Visma is such a form; its single-use state vouches for it. A page at the public address is ours
    whatever port a proxy tells as Host; Streamlit, which compares the two as well, is then told the public one.
    """

    def __init__(self, app: ASGIApp, *, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._public = _origin(parts.public_url or "")
        self._told: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and self._is_at_the_public_address(scope):
            scope = _with_host(scope, urlsplit(self._parts.public_url or "").netloc)
        if scope["type"] == "lifespan" or _is_harmless(scope) or _is_from_our_page(scope):
            await self._app(scope, receive, send)
            return
        self._tell_of(Headers(scope=scope))
        text = Text("This was not sent from the dashboard's own page. Open the dashboard and try again there.")
        await _refuse(scope, receive, send, 403, text, self._parts)

    def _is_at_the_public_address(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        here = self._public is not None and host_name(headers) == self._public[1]
        return here and _origin(headers.get("origin", "")) == self._public

    def _tell_of(self, headers: Headers) -> None:
        """A proxy or DINERO_PUBLIC_URL that does not fit leaves the pages empty: the log and `doctor` name it."""
        origin, host = headers.get("origin", "")[:200], headers.get("host", "")[:200]
        found = _origin(origin)
        if found is None or found[1] != host_name(headers) or (origin, host) in self._told or len(self._told) >= 20:
            return
        self._told.add((origin, host))
        public = self._parts.public_url or ""
        log.warning(
            "a page at %r was refused: Host is %r, and DINERO_PUBLIC_URL is %r. Set it to the address that the "
            "browser shows",
            origin,
            host,
            public,
        )
        self._parts.store.look_ups.put(ORIGIN_REFUSED, [origin, host, public])


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address; None when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def _with_host(scope: Scope, host: str) -> Scope:
    others = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": [(b"host", host.encode("latin-1")), *others]}


def _is_harmless(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    return scope["method"] in SAFE_METHODS or scope["path"] == DINERO_CALLBACK or _is_of_a_shop(scope)


def _is_of_a_shop(scope: Scope) -> bool:
    """Whether a shop's server calls: it has no session, and what it brings counts only with a secret."""
    path = scope["path"]
    return bool(scope["method"] == "POST" and (path.startswith(WEBHOOK) or path == GRANT_KEYS))


def _is_from_our_page(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    # Websockets come without Sec-Fetch-Site in some browsers, and always with an Origin.
    site = headers.get("sec-fetch-site") if scope["type"] == "http" else None
    if site is not None:
        return site == "same-origin"
    host = headers.get("host", "")
    return headers.get("origin") in (f"http://{host}", f"https://{host}")


class Gate:
    """Lets through who has signed in; everybody else gets the open paths only.

    A navigation is sent to the sign-in page (303), anything else is refused: http 401, a websocket before it opens.
    A websocket that is open when its session ends is closed at its next message.
    """

    def __init__(self, app: ASGIApp, *, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and (scope["path"] in OPEN or _is_of_a_shop(scope))):
            await self._app(scope, receive, send)
        elif (role := self._role(scope)) is None:
            await self._turn_away(scope, receive, send)
        elif role == READER and scope["path"] in OWNERS_ONLY:
            await _refuse(scope, receive, send, 403, Text("Your access is for reading. Ask the owner."), self._parts)
        elif scope["type"] == "websocket":
            await self._app(scope, self._while_signed_in(scope, receive), send)
        else:
            await self._app(scope, receive, send)

    def _role(self, scope: Scope) -> str | None:
        cookie = session_cookie(scope, self._parts)
        return self._parts.sign_in.read_cookie(cookie) if cookie else None

    def _while_signed_in(self, scope: Scope, receive: Receive) -> Callable[[], Awaitable[Message]]:
        async def checked_receive() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and self._role(scope) is None:
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return checked_receive

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(scope["path"]) + (f"?{query}" if query else "")
            await see_other(f"{LOGIN}?next={quote(wanted, safe='/')}")(scope, receive, send)
            return
        await _refuse(scope, receive, send, 401, Text("Sign in to the dashboard first."), self._parts)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: Text, parts: Parts) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the browser gets a 403
        return
    answer = PlainTextResponse(text.render(parts.language()), status, headers={"Cache-Control": "no-store"})
    await answer(scope, receive, send)
