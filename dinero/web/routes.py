"""The routes beside the pages, and what every request passes before it reaches them or Streamlit.

In this order: headers on every answer, our own host names only, small bodies, no forms from other sites, and the
gate. The gate looks at `scope["path"]`, the path that routes are chosen by, and at nothing that is built from headers.
"""

import base64
import hashlib
import hmac
import logging
import re
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dinero.model.clock import copenhagen_date
from dinero.model.errors import DashboardError, SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.safekeeping.backup import backup, export_everything
from dinero.signin.oidc import Oidc
from dinero.signin.sessions import OWNER, PROVIDER_SESSION, READER, SESSION, SHORTEST, SignIn
from dinero.store import Store
from dinero.store.look_ups import ORIGIN_REFUSED
from dinero.store.vault import Vault

log = logging.getLogger(__name__)

DOWNLOAD_BACKUP, DOWNLOAD_EXPORT = "/download/backup", "/download/export"
LOGIN, LOGOUT, PASSWORD, HEALTH = "/login", "/logout", "/password", "/health"
# What each page loads, so that it leads to the sign-in when its session has ended.
SESSION_SCRIPT = "/session.js"
OIDC_START, OIDC_CALLBACK = "/oidc/start", "/oidc/callback"
DINERO_START, DINERO_CALLBACK = "/oauth/start", "/oauth/callback"
SHOP_START, SHOP_CALLBACK = "/oauth/shop/start", "/oauth/shop/callback"

OPEN = frozenset({LOGIN, HEALTH, DINERO_CALLBACK, SHOP_CALLBACK, OIDC_START, OIDC_CALLBACK})
# What the accountant, who may read, can't reach.
OWNERS_ONLY = frozenset({PASSWORD, DINERO_START, SHOP_START, DOWNLOAD_BACKUP})
SMALL_BODIES = frozenset({LOGIN, LOGOUT, PASSWORD, DINERO_CALLBACK})
# Shoporama calls this with the secret behind it; it is open, its body is not read and nothing in it is believed.
WEBHOOK = "/webhooks/shoporama/"
BODY_LIMIT = 64 * 1024  # bytes
FIELD_LIMIT = 20
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

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


@dataclass
class Parts:
    """What the gate and the routes are given of the dashboard."""

    store: Store
    vault: Vault
    sign_in: SignIn
    oidc: Oidc | None
    public_url: str | None
    demo: bool
    language: Callable[[], str]  # that the owner chose, "da" or "en"
    dinero: Way
    shop: Way
    health: Callable[[], dict[str, Any]]  # whether the server works; holds no secret
    webhook_secret: Callable[[], str]  # what the shop's calls must carry
    nudge: Callable[[], None]  # the shop says that something happened


def build(parts: Parts) -> tuple[list[Route], list[Middleware]]:
    """The routes and the middleware, for `st.App`."""
    own = _Routes(parts)
    routes = [
        Route(LOGIN, own.show_login, methods=["GET"]),
        Route(LOGIN, own.login, methods=["POST"]),
        # GET too: what no route takes, Streamlit answers with its page.
        Route(LOGOUT, own.logout, methods=["GET", "POST"]),
        Route(PASSWORD, own.show_password, methods=["GET"]),
        Route(PASSWORD, own.password, methods=["POST"]),
        Route(DINERO_START, own.start_dinero, methods=["GET"]),
        Route(DINERO_CALLBACK, own.finish_dinero, methods=["GET", "POST"]),
        Route(SHOP_START, own.start_shop, methods=["GET"]),
        Route(SHOP_CALLBACK, own.finish_shop, methods=["GET"]),
        Route(WEBHOOK + "{secret}", own.webhook, methods=["POST"]),
        Route(OIDC_START, own.start_oidc, methods=["GET"]),
        Route(OIDC_CALLBACK, own.finish_oidc, methods=["GET"]),
        Route(DOWNLOAD_BACKUP, own.download_backup, methods=["GET"]),
        Route(DOWNLOAD_EXPORT, own.download_export, methods=["GET"]),
        Route(HEALTH, own.health, methods=["GET"]),
        Route(SESSION_SCRIPT, own.session_script, methods=["GET"]),
    ]
    middleware = [
        Middleware(SecurityHeaders, https=(parts.public_url or "").startswith("https:")),
        Middleware(OwnHosts, parts=parts),
        Middleware(SmallBodies),
        Middleware(SameOrigin, parts=parts),
        Middleware(Gate, parts=parts),
    ]
    return routes, middleware


# --- what a request tells --------------------------------------------------------------------------------


def local_path(wanted: str) -> str:
    """`wanted` if it is a path on this server, else "/"."""
    return wanted if _LOCAL_PATH.fullmatch(wanted) else "/"


def _host_name(headers: Headers) -> str:
    hosts = headers.getlist("host")
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return found["name"].strip("[]").lower() if found else ""


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _is_secure(scope: Scope, parts: Parts) -> bool:
    """Whether the browser speaks https: to us, or to a proxy that stands before us at the public address."""
    public = urlsplit(parts.public_url or "")
    behind_proxy = public.scheme == "https" and _host_name(Headers(scope=scope)) == public.hostname
    return scope["scheme"] in ("https", "wss") or behind_proxy


def _cookie_name(scope: Scope, parts: Parts) -> str:
    return SECURE_COOKIE if _is_secure(scope, parts) else COOKIE


def _cookie(scope: Scope, parts: Parts) -> str:
    return HTTPConnection(scope).cookies.get(_cookie_name(scope, parts), "")


def _is_at_this_machine(request: Request, parts: Parts) -> bool:
    """Whether the browser runs on this machine. A proxy does too, so its traces count against it; and where there is a
    public address there is a proxy, which may leave no trace and pass on any Host."""
    if parts.public_url:
        return False
    client = request.client.host if request.client else ""
    behind_proxy = any(name in request.headers for name in _PROXY_HEADERS)
    return _is_loopback(client) and _is_loopback(_host_name(request.headers)) and not behind_proxy


async def _form(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=FIELD_LIMIT) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


# --- middleware ------------------------------------------------------------------------------------------

# Streamlit 1.67 needs styles that are set by script (Emotion), and blob and data images; its charts do without eval.
# The hash is that of the one inline script in its index.html, a mark for search engines that nobody misses if a later
# version's is blocked.
_INDEX_SCRIPT = "\n      window.prerenderReady = false\n    "


def _source_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' {_source_hash(_INDEX_SCRIPT)}",
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


# Streamlit's page asks the server whether it is there when its websocket was closed, and shows the gate's 401 as an
# error of its own in English. The owner is led to the sign-in instead, and back from there.
SESSION_ENDED = """(() => {
  let leaving = false;
  const look = (status, url) => {
    if (leaving || status !== 401 || new URL(url || "/", location.href).origin !== location.origin) return;
    leaving = true;
    location.assign("/login?ended&next=" + encodeURIComponent(location.pathname + location.search));
  };
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (...given) {
    this.addEventListener("loadend", () => look(this.status, this.responseURL));
    return open.apply(this, given);
  };
  const ask = window.fetch;
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    look(answer.status, answer.url);
    return answer;
  };
})();
"""


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
        name = _host_name(Headers(scope=scope)) if scope["type"] in ("http", "websocket") else ""
        if scope["type"] == "lifespan" or _is_loopback(name) or (name and name == self._public):
            await self._app(scope, receive, send)
            return
        text = Text(
            "This is not the dashboard's own address. Open it on the machine that it runs on, or set {name} "
            "to its https address.",
            name="DINERO_PUBLIC_URL",
        )
        await _refuse(scope, receive, send, 400, text, self._parts)


class SmallBodies:
    """Refuses (413) bodies above BODY_LIMIT to our own routes; uploads are Streamlit's matter."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] in SMALL_BODIES or scope["path"].startswith(WEBHOOK)):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > BODY_LIMIT:
            await Response(status_code=413)(scope, receive, send)
            return
        seen = 0

        async def receive_little() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > BODY_LIMIT:
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
        here = self._public is not None and _host_name(headers) == self._public[1]
        return here and _origin(headers.get("origin", "")) == self._public

    def _tell_of(self, headers: Headers) -> None:
        """A proxy or DINERO_PUBLIC_URL that does not fit leaves the pages empty: the log and `doctor` name it."""
        origin, host = headers.get("origin", "")[:200], headers.get("host", "")[:200]
        found = _origin(origin)
        if found is None or found[1] != _host_name(headers) or (origin, host) in self._told or len(self._told) >= 20:
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
    return scope["method"] in SAFE_METHODS or scope["path"] == DINERO_CALLBACK or _is_webhook(scope)


def _is_webhook(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"].startswith(WEBHOOK))


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
        if scope["type"] == "lifespan" or (scope["type"] == "http" and (scope["path"] in OPEN or _is_webhook(scope))):
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
        cookie = _cookie(scope, self._parts)
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
            await _go(f"{LOGIN}?next={quote(wanted, safe='/')}")(scope, receive, send)
            return
        await _refuse(scope, receive, send, 401, Text("Sign in to the dashboard first."), self._parts)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: Text, parts: Parts) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the browser gets a 403
        return
    answer = PlainTextResponse(text.render(parts.language()), status, headers={"Cache-Control": "no-store"})
    await answer(scope, receive, send)


def _go(address: str) -> RedirectResponse:
    # no-referrer: where we were asked to go from may be an address with a code in it.
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


# --- routes ----------------------------------------------------------------------------------------------


class _Routes:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sign_in = parts.sign_in

    def health(self, request: Request) -> Response:
        return JSONResponse(self._parts.health(), headers={"Cache-Control": "no-store"})

    def session_script(self, request: Request) -> Response:
        return Response(SESSION_ENDED, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    def webhook(self, request: Request) -> Response:
        given, wanted = request.path_params["secret"], self._parts.webhook_secret()
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return PlainTextResponse("", 404)
        self._parts.nudge()
        return Response(status_code=204)

    # --- signing in and out

    def show_login(self, request: Request) -> Response:
        wanted = local_path(request.query_params.get("next", "/"))
        if self._sign_in.read_cookie(_cookie(request.scope, self._parts)):
            return _go(wanted)
        ended = Text("Your session has ended. Sign in again. What you pressed last was not done.")
        return self._login_page(request, wanted, ended if "ended" in request.query_params else None)

    async def login(self, request: Request) -> Response:
        given = await _form(request)
        at_this_machine = _is_at_this_machine(request, self._parts)
        client = request.client.host if request.client else ""
        wanted = local_path(given.get("next", "/"))
        if self._parts.oidc is not None and self._parts.oidc.only:
            return self._login_page(request, wanted, Text("Sign in through your organization."), 403)

        def attempt() -> Response:
            if self._sign_in.is_set():
                role = self._sign_in.check(given.get("password", ""), client)
                if role is None:
                    return self._login_page(request, wanted, Text("That is not the password. Try again."), 401)
                return self._with_session(request, _go(wanted), role)
            _same_twice(given)
            if not at_this_machine and not self._sign_in.check_setup_code(given.get("code", ""), client):
                raise SettingsError(Text("That is not the set-up code. It is in the log of the dashboard's start."))
            self._sign_in.set_password(given.get("password", ""))
            return self._with_session(request, _go(wanted))

        try:
            return await run_in_threadpool(attempt)
        except DashboardError as error:
            return self._login_page(request, wanted, error.text, _status(error))

    async def logout(self, request: Request) -> Response:
        if request.method != "POST":
            raise HTTPException(405)
        given, cookie = await _form(request), _cookie(request.scope, self._parts)
        if given.get("everywhere") and await run_in_threadpool(self._sign_in.read_cookie, cookie) == OWNER:
            await run_in_threadpool(self._sign_in.sign_out_everywhere)
        else:
            await run_in_threadpool(self._sign_in.sign_out, cookie)
        answer = _go(LOGIN)
        name = _cookie_name(request.scope, self._parts)
        answer.delete_cookie(
            name, path="/", secure=_is_secure(request.scope, self._parts), httponly=True, samesite="lax"
        )
        return answer

    def show_password(self, request: Request) -> Response:
        return self._password_page()

    async def password(self, request: Request) -> Response:
        given = await _form(request)

        def attempt() -> Response:
            _same_twice(given)
            self._sign_in.change_password(given.get("old", ""), given.get("password", ""))
            return self._with_session(request, _go("/setup"))

        try:
            return await run_in_threadpool(attempt)
        except DashboardError as error:
            return self._password_page(error.text, _status(error))

    # --- signing in elsewhere

    async def start_oidc(self, request: Request) -> Response:
        wanted = local_path(request.query_params.get("next", "/"))
        oidc, browser = self._parts.oidc, secrets.token_urlsafe(24)
        if oidc is None:
            raise HTTPException(404)
        try:
            # Open to strangers, and each one costs a row and a call to the provider.
            await run_in_threadpool(self._sign_in.count_try, request.client.host if request.client else "")
            address = await run_in_threadpool(oidc.start, self._own_address(request) + OIDC_CALLBACK, wanted, browser)
        except DashboardError as error:
            return self._login_page(request, wanted, error.text, _status(error))
        answer = _go(address)
        answer.set_cookie(
            OIDC_COOKIE,
            browser,
            max_age=600,
            path=OIDC_CALLBACK,
            httponly=True,
            samesite="lax",
            secure=_is_secure(request.scope, self._parts),
        )
        return answer

    async def finish_oidc(self, request: Request) -> Response:
        oidc = self._parts.oidc
        if oidc is None:
            raise HTTPException(404)
        browser = request.cookies.get(OIDC_COOKIE, "")
        try:
            role, wanted = await run_in_threadpool(oidc.finish, dict(request.query_params), browser)
        except DashboardError as error:
            return self._login_page(request, "/", error.text, 403)
        return self._with_session(request, _go(local_path(wanted)), role, PROVIDER_SESSION)

    def _own_address(self, request: Request) -> str:
        own = self._parts.public_url or f"{request.scope['scheme']}://{request.headers['host']}"
        return own.rstrip("/")

    def _with_session(
        self, request: Request, answer: Response, role: str = OWNER, lasts: timedelta = SESSION
    ) -> Response:
        answer.set_cookie(
            _cookie_name(request.scope, self._parts),
            self._sign_in.make_cookie(role, lasts),
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=_is_secure(request.scope, self._parts),
            httponly=True,
            samesite="lax",
        )
        return answer

    def _login_page(self, request: Request, wanted: str, problem: Text | None = None, status: int = 200) -> Response:
        hidden = f'<input type="hidden" name="next" value="{escape(wanted)}">'
        if self._sign_in.is_set():
            title, button = Text("Sign in"), Text("Sign in")
            fields = [_password_field("password", Text("Password"), "current-password")]
        else:
            title, button = Text("Choose a password"), Text("Choose and sign in")
            fields = _new_password_fields()
            if not _is_at_this_machine(request, self._parts):
                fields.append(("code", Text("Set-up code (it is in the log of the dashboard's start)"), "text", "off"))
        oidc = self._parts.oidc
        elsewhere = ""
        if oidc is not None:
            label = escape(Text("Sign in with {name}", name=oidc.name).render(self._parts.language()))
            elsewhere = f'<p><a class="button" href="{OIDC_START}?next={quote(wanted, safe="")}">{label}</a></p>'
            if oidc.only:
                fields = []
        return self._page(LOGIN, title, fields, button, problem, status, hidden, elsewhere)

    def _password_page(self, problem: Text | None = None, status: int = 200) -> Response:
        fields = [_password_field("old", Text("Present password"), "current-password"), *_new_password_fields()]
        title, button = Text("Change the password"), Text("Change and sign out everywhere else")
        everywhere = escape(Text("Sign out everywhere").render(self._parts.language()))
        below = (
            f'<form method="post" action="{LOGOUT}"><input type="hidden" name="everywhere" value="1">'
            f'<button class="second">{everywhere}</button></form>'
        )
        return self._page(PASSWORD, title, fields, button, problem, status, below=below)

    def _page(
        self,
        action: str,
        title: Text,
        fields: list["_Field"],
        button: Text,
        problem: Text | None,
        status: int,
        hidden: str = "",
        below: str = "",
    ) -> Response:
        language = self._parts.language()

        def say(text: Text) -> str:
            return escape(text.render(language))

        inputs = "".join(
            f'<label for="{name}">{say(label)}</label><input id="{name}" name="{name}" type="{kind}" '
            f'autocomplete="{complete}" required{" autofocus" if position == 0 else ""}>'
            for position, (name, label, kind, complete) in enumerate(fields)
        )
        demo = Text("Demo: a sandbox on this machine, nothing reaches Dinero")
        html = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
            f"<title>{say(title)} – Dinero</title><style>{_STYLE}</style></head><body><main><h1>{say(title)}</h1>"
            + (f'<p class="note">{say(demo)}</p>' if self._parts.demo else "")
            + (f'<p role="alert">{say(problem)}</p>' if problem else "")
            + (
                f'<form method="post" action="{action}">{hidden}{inputs}<button>{say(button)}</button></form>'
                if fields
                else ""
            )
            + f"{below}</main></body></html>"
        )
        return HTMLResponse(
            html, status, headers={"Cache-Control": "no-store", "Content-Security-Policy": _FORM_POLICY}
        )

    # --- the owner's data as files

    def download_backup(self, request: Request) -> Response:
        return self._download(backup, "backup", "db")

    def download_export(self, request: Request) -> Response:
        return self._download(export_everything, "export", "zip")

    def _download(self, write: Callable[[Store, Path], None], name: str, ending: str) -> Response:
        store = self._parts.store
        # Beside the database: there is room for it, and nobody else can read there.
        folder = Path(tempfile.mkdtemp(dir=store.folder, prefix=".download-"))
        file = folder / f"dinero-{name}-{copenhagen_date(store.clock.now())}.{ending}"
        try:
            write(store, file)
        except BaseException as error:
            shutil.rmtree(folder)
            if not isinstance(error, DashboardError):
                raise
            text = error.text.render(self._parts.language())
            return PlainTextResponse(text, 500, headers={"Cache-Control": "no-store"})
        return _Download(file, filename=file.name, headers={"Cache-Control": "no-store"})

    # --- the way to Dinero and the shop, and back

    async def start_dinero(self, request: Request) -> Response:
        return await self._start(request, self._parts.dinero.start, DINERO_CALLBACK)

    async def start_shop(self, request: Request) -> Response:
        return await self._start(request, self._parts.shop.start, SHOP_CALLBACK)

    async def finish_dinero(self, request: Request) -> Response:
        answer = dict(request.query_params) if request.method != "POST" else await _form(request)
        return await self._finish(answer, self._parts.dinero.finish, "dinero")

    async def finish_shop(self, request: Request) -> Response:
        return await self._finish(dict(request.query_params), self._parts.shop.finish, "shop")

    async def _start(self, request: Request, start: Callable[[str], str], callback: str) -> Response:
        try:
            address = await run_in_threadpool(start, self._own_address(request) + callback)
        except DashboardError as error:
            return self._problem(error.text)
        return _go(address)

    async def _finish(
        self, answer: Mapping[str, str], finish: Callable[[Mapping[str, str]], None], system: str
    ) -> Response:
        try:
            await run_in_threadpool(finish, answer)
        except DashboardError as error:
            return self._problem(error.text)
        return _go(f"/setup?connected={system}")

    def _problem(self, text: Text) -> Response:
        # The number follows from the text: whoever calls an open path again and again adds no rows.
        key = self._parts.vault.derive("problem")
        number = hmac.new(key.encode(), text.dumps().encode(), hashlib.sha256).hexdigest()[:20]
        self._parts.store.look_ups.put(f"problem:{number}", text.to_json())
        return _go(f"/setup?problem={number}")


class _Download(FileResponse):
    """A file that is deleted, with its folder, when it was sent or the browser went away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent)


def _same_twice(given: Mapping[str, str]) -> None:
    if given.get("password") != given.get("again"):
        raise SettingsError(Text("The two passwords are not the same. Type the new password twice."))


def _status(error: DashboardError) -> int:
    return 429 if isinstance(error, TryLater) else 400


# A field's name, label, type and autocomplete.
_Field = tuple[str, Text, str, str]


def _password_field(name: str, label: Text, complete: str) -> _Field:
    return name, label, "password", complete


def _new_password_fields() -> list[_Field]:
    return [
        _password_field("password", Text("New password, at least {count} characters", count=SHORTEST), "new-password"),
        _password_field("again", Text("The new password once more"), "new-password"),
    ]


_STYLE = """
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:#f3f6f8;color:#1c2a33;
font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;padding:2rem;background:#fff;border:1px solid #d5dee4;border-radius:.5rem}
h1{margin:0 0 1rem;font-size:1.4rem}
label{display:block;margin:1rem 0 .25rem}
input{width:100%;padding:.6rem;font:inherit;color:inherit;background:#fff;border:1px solid #66757f;border-radius:.4rem}
button{width:100%;margin-top:1.5rem;padding:.7rem;font:inherit;font-weight:600;color:#fff;background:#1b5e7d;border:0;
border-radius:.4rem;cursor:pointer}
button:hover{background:#154a63}
.second{margin-top:.75rem;color:#1b5e7d;background:#fff;border:1px solid #1b5e7d}
.second:hover{color:#fff}
a.button{display:block;margin-top:1rem;padding:.7rem;text-align:center;color:#1b5e7d;border:1px solid #1b5e7d;
border-radius:.4rem}
:focus-visible{outline:3px solid #d08a2e;outline-offset:2px}
[role=alert]{margin:0 0 1rem;padding:.6rem .8rem;background:#fdecec;border-left:4px solid #b3261e}
.note{margin:0 0 1rem;color:#4a5963}
@media (prefers-color-scheme:dark){
body{background:#12191f;color:#e6edf1;color-scheme:dark}
main{background:#1b252d;border-color:#3a4852}
input{background:#12191f;border-color:#7d8a92}
.note{color:#a9b6be}
[role=alert]{color:#ff9a92;background:#3a1d1b}
.second,a.button{color:#86c8ea;background:#1b252d;border-color:#86c8ea}}
"""
_FORM_POLICY = (
    f"default-src 'none'; style-src {_source_hash(_STYLE)}; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
