"""The gate, the sign-in page and the ways back, on a real socket with a small app in Streamlit's place."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dinero.model.clock import SimulatedClock
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.safekeeping.backup import restore
from dinero.signin.passwords import Passwords
from dinero.signin.sessions import SignIn
from dinero.store import Store
from dinero.store.look_ups import ORIGIN_REFUSED
from dinero.store.vault import Vault
from dinero.web.requests import Parts, local_path
from dinero.web.routes import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

CHROMIUM = Path("/usr/bin/chromium")
GOOD = "rødgrød med fløde"
SECRET_PAGE = "Ordrerne ses her"
HTML = {"Accept": "text/html"}
INSIDE = [
    "/",
    "/orders",
    "/history?p=2",
    "/setup",
    "/password",
    "/oauth/start",
    "/oauth/shop/start",
    "/connect/woocommerce/start?form=x",
    "/connect/woocommerce/back?success=1&user_id=s",
    "/connect/woocommerce/keys",
    "/logout",
    "/download/backup",
    "/download/export",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/static/x.js",
    "/media/x.png",
    "/component/x/index.html",
    "/favicon.png",
    "/login/",
    "/login/x",
    "//login",
    "/health/",
    "/Health",
    "/download/backup",
    "/download/export",
    "/download/backup/",
    "/oauth/callback/",
    "/healthz",
    "/oauth/callback/../../setup",
    "/%2e%2e/health",
    "/login;x",
    "/login%00",
]


QUICK = Passwords(passes=1, memory=8)  # what a hash costs is no matter here


class Elsewhere:
    """A system that sends the owner on, and notes what it is asked."""

    def __init__(self, name: str, stub: "Stub") -> None:
        self._name = name
        self._stub = stub

    def start(self, redirect_uri: str, shop: str = "", form: str = "") -> str:
        self._note(redirect_uri)
        return f"https://{self._name}.example/approve?state=s%20t"

    def finish(self, answer: Mapping[str, str]) -> None:
        self._note(dict(answer))

    def _note(self, asked: Any) -> None:
        if self._stub.problem:
            raise SettingsError(self._stub.problem)
        self._stub.asked.append((self._name, asked))


class WooCommerce:
    """A shop whose server brings a key, and notes what it is asked."""

    def __init__(self, name: str, stub: "Stub") -> None:
        self._name = name
        self._stub = stub

    def start(self, form: str, *, back: str, keys: str) -> str:
        self._note("start", form, back, keys)
        return f"https://{self._name}.example/wc-auth/v1/authorize?user_id=s3cret"

    def take_key(self, body: bytes, content_type: str) -> int:
        self._stub.asked.append(("key", body, content_type))
        return 200 if body == b"{}" else 401

    def back(self, answer: Mapping[str, str]) -> str:
        self._note("back", dict(answer))
        return "woocommerce"

    def _note(self, *asked: Any) -> None:
        if self._stub.problem:
            raise SettingsError(self._stub.problem)
        self._stub.asked.append(asked)


class Stub(Parts):
    """Parts that note what they are asked."""

    oidc: Any

    def __init__(self, folder: Path, *, public_url: str | None = None) -> None:
        store = Store(folder)
        vault = Vault(store)
        super().__init__(
            store=store,
            vault=vault,
            sign_in=SignIn(store, vault, SimulatedClock(), QUICK),
            oidc=None,
            public_url=public_url,
            demo=False,
            language=lambda: "en",
            dinero=Elsewhere("dinero", self),
            shop=Elsewhere("shop", self),
            woocommerce=WooCommerce("woocommerce", self),
            health=lambda: {"status": "ok"},
            ring=self._ring,
            in_set_up=lambda: self.setting_up,
        )
        self.asked: list[Any] = []
        self.problem: Text | None = None
        self.nudges = 0
        self.setting_up = True

    def _ring(self, shop: str, secret: str, body: bytes, headers: Mapping[str, str]) -> int:
        if (shop, secret) != ("shoporama", "hemmelig-webhook"):
            return 404
        self.nudges += 1
        return 204


class Site:
    """The dashboard at an address, and a browser's ways to ask it."""

    def __init__(self, parts: Stub, port: int) -> None:
        self.parts = parts
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> requests.Response:
        headers = {"Origin": self.origin} | options.get("headers", {})
        options["headers"] = {name: value for name, value in headers.items() if value is not None}
        return self.ask("POST", path, data=data, **options)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        request = requests.Request(method, self.origin, **options).prepare()
        request.url = self.origin + path  # as it is: requests would tidy the path
        with requests.Session() as session:
            return session.send(request, allow_redirects=False, timeout=10)

    def cookie(self) -> dict[str, str]:
        if not self.parts.sign_in.is_set():
            self.parts.sign_in.set_password(GOOD)
        return {"Cookie": f"dinero_session={self.parts.sign_in.make_cookie()}"}

    def websocket(self, headers: dict[str, str], **options: Any) -> Any:
        origin = options.pop("origin", self.origin)
        return connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=origin,
            additional_headers=headers,
            proxy=None,
            **options,
        )


@contextlib.contextmanager
def serving(app: Any) -> Iterator[int]:
    """Serves an ASGI app on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            deadline = time.monotonic() + 10
            while not server.started and time.monotonic() < deadline:
                time.sleep(0.01)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse(SECRET_PAGE)


async def take_body(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@contextlib.contextmanager
def site_of(parts: Stub) -> Iterator[Site]:
    routes, middleware = build(parts)
    rest = [
        WebSocketRoute("/_stcore/stream", echo),
        Route("/upload", take_body, methods=["PUT"]),
        Mount("/", Starlette(routes=[Route("/{path:path}", page)])),
    ]
    with serving(Starlette(routes=[*routes, *rest], middleware=middleware)) as port:
        yield Site(parts, port)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_of(Stub(tmp_path)) as running:
        yield running


@pytest.fixture
def public_site(tmp_path: Path) -> Iterator[Site]:
    with site_of(Stub(tmp_path, public_url="https://bogholderi.example")) as running:
        yield running


PUBLIC = {"Host": "bogholderi.example", "Origin": "https://bogholderi.example"}


# --- the gate --------------------------------------------------------------------------------------------


def test_signed_out_a_page_sends_to_the_sign_in_and_anything_else_is_refused(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    for path in INSIDE:
        navigation, other = site.get(path, headers=HTML), site.get(path)
        assert navigation.status_code == 303, path
        assert urlsplit(navigation.headers["Location"]).path == "/login"
        assert other.status_code == 401, path
        assert SECRET_PAGE not in navigation.text + other.text
    assert site.parts.asked == []


def test_signed_in_the_pages_are_there(site: Site) -> None:
    answer = site.get("/orders", headers=HTML | site.cookie())
    assert (answer.status_code, answer.text) == (200, SECRET_PAGE)


def test_the_gate_remembers_where_one_was_going(site: Site) -> None:
    location = site.get("/history?q=a%26b&p=2", headers=HTML).headers["Location"]
    assert parse_qs(urlsplit(location).query) == {"next": ["/history?q=a%26b&p=2"]}


def test_a_wrong_cookie_is_no_cookie(site: Site) -> None:
    good = site.cookie()["Cookie"]
    for cookie in (f"{good}x", good.replace("dinero_session", "other"), "dinero_session=", f"__Host-{good}"):
        assert site.get("/", headers={"Cookie": cookie}).status_code == 401


def test_health_is_open_and_tells_no_more_than_it_is_given(site: Site) -> None:
    answer = site.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


WEBHOOK = "/webhooks/shoporama/hemmelig-webhook"


def test_the_shop_s_call_wakes_and_tells_nothing(site: Site) -> None:
    answer = site.ask("POST", WEBHOOK, data=b"{}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert site.parts.nudges == 1


@pytest.mark.parametrize("secret", ["", "hemmelig", "hemmelig-webhoo", "hemmelig-webhook/x", "hemmelig-webhookx"])
def test_a_call_without_the_secret_wakes_nothing(site: Site, secret: str) -> None:
    answer = site.ask("POST", f"/webhooks/shoporama/{secret}", data=b"{}")
    assert answer.status_code in (401, 404, 405)
    assert SECRET_PAGE not in answer.text
    assert site.parts.nudges == 0
    assert site.get(WEBHOOK).status_code == 401, "only a call is open"


def test_a_large_call_of_the_shop_is_refused(site: Site) -> None:
    assert site.ask("POST", WEBHOOK, data=b"x" * 1_100_000).status_code == 413
    assert site.parts.nudges == 0


def test_the_accountant_gets_in_and_not_at_what_is_the_owner_s(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    site.parts.sign_in.set_reader_password("fire helt tilfældige ord")
    answer = site.post("/login", {"password": "fire helt tilfældige ord", "next": "/history"})
    cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
    assert answer.headers["Location"] == "/history"
    assert SECRET_PAGE in site.get("/history", headers=cookie).text
    grant = ("/connect/woocommerce/start", "/connect/woocommerce/back")
    for path in ("/password", "/oauth/start", "/oauth/shop/start", "/download/backup", *grant):
        assert site.get(path, headers=cookie | HTML).status_code == 403, path
    assert site.parts.asked == []
    owner = site.cookie()
    site.post("/logout", {"everywhere": "1"}, headers=cookie)
    assert site.get("/", headers=owner).status_code == 200, "the owner's session is not the accountant's to end"


def test_signing_out_everywhere_ends_the_sessions_of_all_browsers(site: Site) -> None:
    mine, other = site.cookie(), site.cookie()
    assert "everywhere" in site.get("/password", headers=mine).text
    site.post("/logout", {"everywhere": "1"}, headers=mine)
    assert [site.get("/", headers=cookie).status_code for cookie in (mine, other)] == [401, 401]


class Provider:
    """An identity provider that vouches for everybody."""

    name, only = "login.example.com", False

    def start(self, redirect_uri: str, wanted: str, browser: str) -> str:
        self.began = (redirect_uri, wanted, browser)
        return "https://login.example.com/authorize"

    def finish(self, answer: Mapping[str, str], browser: str) -> tuple[str, str]:
        if browser != self.began[2]:
            raise SettingsError(Text("Sign in again."))
        return "reader", self.began[1]


def test_a_sign_in_elsewhere_comes_back_to_the_deep_link_in_the_same_browser_only(site: Site) -> None:
    site.parts.oidc = Provider()
    site.parts.sign_in.open_sessions()
    page = site.get("/login?next=/history%3Fp%3D2")
    assert "/oidc/start?next=%2Fhistory%3Fp%3D2" in page.text
    start = site.get("/oidc/start?next=%2Fhistory%3Fp%3D2")
    assert start.headers["Location"] == "https://login.example.com/authorize"
    assert site.get("/oidc/callback?state=x&code=y").status_code == 403, "another browser has no cookie"
    cookie = start.headers["Set-Cookie"].split(";")[0]
    back = site.get("/oidc/callback?state=x&code=y", headers={"Cookie": cookie})
    assert (back.status_code, back.headers["Location"]) == (303, "/history?p=2")
    assert "Max-Age=43200" in back.headers["Set-Cookie"], "the provider is asked again twice a day"
    session = back.headers["Set-Cookie"].split(";")[0]
    assert site.get("/history", headers={"Cookie": session}).status_code == 200


def test_sign_ins_elsewhere_are_counted_like_tries_of_the_password(site: Site) -> None:
    site.parts.oidc = Provider()
    answers = [site.get("/oidc/start").status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]


def test_a_sign_in_elsewhere_leads_nowhere_else(site: Site) -> None:
    site.parts.oidc = Provider()
    site.get("/oidc/start?next=//evil.example")
    assert site.parts.oidc.began[1] == "/"


def test_a_sign_in_elsewhere_comes_back_to_this_server_whatever_was_kept_of_where_it_wanted_to_go(site: Site) -> None:
    site.parts.oidc = Provider()
    site.parts.sign_in.open_sessions()
    cookie = site.get("/oidc/start?next=/history").headers["Set-Cookie"].split(";")[0]
    redirect_uri, _, browser = site.parts.oidc.began
    site.parts.oidc.began = (redirect_uri, "https://evil.example/", browser)
    back = site.get("/oidc/callback?state=x&code=y", headers={"Cookie": cookie})
    assert (back.status_code, back.headers["Location"]) == (303, "/")


def test_where_only_the_provider_counts_a_password_opens_nothing(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    site.parts.oidc = Provider()
    site.parts.oidc.only = True
    answer = site.post("/login", {"password": GOOD})
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (403, None)
    assert "<input" not in answer.text.replace('type="hidden"', "")


def test_without_a_provider_there_is_no_such_way(site: Site) -> None:
    assert site.get("/oidc/start").status_code == 404
    assert site.get("/oidc/callback?state=x&code=y").status_code == 404


def test_a_websocket_opens_only_for_who_is_signed_in(site: Site) -> None:
    with site.websocket(site.cookie()) as websocket:
        websocket.send("hej")
        assert websocket.recv(timeout=5) == "hej"
    elsewhere = ["http://evil.example", "http://127.0.0.1:1", "null", None]
    for headers, options in [({}, {}), *((site.cookie(), {"origin": origin}) for origin in elsewhere)]:
        with pytest.raises(InvalidStatus) as refused:
            site.websocket(headers, **options)
        assert refused.value.response.status_code == 403


def test_an_open_websocket_ends_with_its_session(site: Site) -> None:
    cookie = site.cookie()
    with site.websocket(cookie) as websocket:
        assert site.post("/logout", headers=cookie).status_code == 303
        websocket.send("er jeg her endnu")
        with pytest.raises(ConnectionClosed):
            websocket.recv(timeout=5)


# --- hosts, headers, bodies, other sites -----------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "bogholderi.example",
        "localhost@evil.example",
        "192.168.1.5",
        "",
        "a b",
        "localhost:x",
        "[::1",
        "evil.example:8501",
    ],
)
def test_another_host_name_is_refused_everywhere(site: Site, host: str) -> None:
    cookie = site.cookie()
    for path in ("/", "/login", "/health"):
        answer = site.get(path, headers=HTML | cookie | {"Host": host})
        assert answer.status_code == 400
        assert SECRET_PAGE not in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "127.0.0.1", "127.9.9.9:80", "[::1]:8501"])
def test_the_names_of_this_machine_are_ours(site: Site, host: str) -> None:
    assert site.get("/health", headers={"Host": host}).status_code == 200


def test_the_public_address_is_ours(public_site: Site) -> None:
    assert public_site.get("/health", headers={"Host": "bogholderi.example"}).status_code == 200
    assert public_site.get("/health", headers={"Host": "bogholderi.example:443"}).status_code == 200
    assert public_site.get("/health", headers={"Host": "x.bogholderi.example"}).status_code == 400


def test_a_websocket_under_another_host_name_is_refused(site: Site) -> None:
    headers = site.cookie() | {"Host": "evil.example"}
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as raw:
        lines = ["GET /_stcore/stream HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {'A' * 22}==", "Origin: http://evil.example"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 403")


def upgrade(site: Site, **headers: str) -> int:
    """The status of a websocket's handshake with these headers."""
    lines = ["GET /_stcore/stream HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {'A' * 22}=="]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as raw:
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(raw.recv(100).split()[1])


PORT = {"Host": "bogholderi.example", "Origin": "https://bogholderi.example:8443"}


@pytest.fixture
def on_a_port(tmp_path: Path) -> Iterator[Site]:
    """A dashboard whose proxy listens on a port, and passes Host on without it."""
    with site_of(Stub(tmp_path, public_url="https://bogholderi.example:8443")) as running:
        running.parts.sign_in.set_password(GOOD)
        yield running


def secure_cookie(site: Site, headers: dict[str, str]) -> dict[str, str]:
    answer = site.post("/login", {"password": GOOD}, headers=headers)
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


@pytest.mark.parametrize("host", ["bogholderi.example", "bogholderi.example:8443", "BOGHOLDERI.example:80"])
def test_the_public_page_opens_its_websocket_whatever_port_the_proxy_tells(on_a_port: Site, host: str) -> None:
    cookie = secure_cookie(on_a_port, PORT)
    assert upgrade(on_a_port, **PORT | cookie | {"Host": host}) == 101
    assert on_a_port.parts.store.look_ups.get(ORIGIN_REFUSED) is None


@pytest.mark.parametrize(
    "origin",
    [
        "https://bogholderi.example",
        "http://bogholderi.example:8443",
        "https://bogholderi.example:9443",
        "https://evil.example:8443",
        "null",
        "https://bogholderi.example:8443.evil.example",
        "https://[bogholderi",
    ],
)
def test_no_other_page_opens_the_public_websocket(on_a_port: Site, origin: str) -> None:
    cookie = secure_cookie(on_a_port, PORT)
    host = {"Host": "bogholderi.example:1"}
    assert upgrade(on_a_port, **PORT | cookie | {"Origin": origin} | host) == 403


def test_a_public_address_without_the_port_that_browsers_show_is_named(
    public_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    public_site.parts.sign_in.set_password(GOOD)
    cookie = secure_cookie(public_site, PUBLIC)
    for _ in range(3):
        assert upgrade(public_site, **PORT | cookie) == 403
    told = [record.getMessage() for record in caplog.records if "DINERO_PUBLIC_URL" in record.getMessage()]
    assert len(told) == 1
    assert "https://bogholderi.example:8443" in told[0]
    cached = public_site.parts.store.look_ups.get(ORIGIN_REFUSED)
    assert cached is not None
    assert cached[0] == [PORT["Origin"], PORT["Host"], "https://bogholderi.example"]


def test_strangers_pages_are_not_named_in_the_log(public_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    assert upgrade(public_site, **PUBLIC | {"Origin": "https://evil.example"}) == 403
    assert "evil" not in caplog.text


def test_who_comes_from_a_session_that_ended_reads_why(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    assert "session has ended" in site.get("/login?ended&next=/orders").text
    assert "session has ended" not in site.get("/login?next=/orders").text


def test_every_answer_has_the_security_headers(site: Site) -> None:
    cookie = site.cookie()
    gets = ["/login", "/", "/health", "/oauth/callback"]
    answers = [site.get(path, headers=headers) for path in gets for headers in ({}, HTML, cookie, {"Host": "x"})]
    answers += [site.post("/login", headers={"Origin": "null"}), site.post("/login", b"x" * 70_000)]
    for answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "Strict-Transport-Security" not in answer.headers


def test_https_is_demanded_where_it_is_the_public_address(public_site: Site) -> None:
    assert "max-age" in public_site.get("/health", headers=PUBLIC).headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/login", "/logout", "/password", "/oauth/callback"])
def test_a_large_body_is_refused_whether_it_is_announced_or_not(site: Site, path: str) -> None:
    cookie = site.cookie()
    form = {"Content-Type": "application/x-www-form-urlencoded"} | cookie
    assert site.post(path, b"a" * 70_000, headers=form).status_code == 413
    if path != "/logout":  # which reads no body

        def pieces() -> Iterator[bytes]:
            yield from [b"password=", *[b"a" * 10_000] * 7]

        assert site.post(path, pieces(), headers=form).status_code == 413
    assert site.parts.asked == []


def test_uploads_to_streamlit_may_be_large(site: Site) -> None:
    answer = site.ask("PUT", "/upload", data=b"a" * 100_000, headers=site.cookie() | {"Origin": site.origin})
    assert answer.text == "100000"


def test_a_form_with_too_many_fields_or_a_file_is_refused(site: Site) -> None:
    assert site.post("/login", [("a", "b")] * 30).status_code == 400
    assert site.post("/login", files={"password": ("x.txt", b"x")}).status_code == 400


@pytest.mark.parametrize("path", ["/login", "/logout", "/password", "/upload"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": None},
    ],
)
def test_a_form_of_another_site_is_refused(site: Site, path: str, headers: dict[str, str | None]) -> None:
    cookie = site.cookie()
    answer = site.post(path, {"password": GOOD}, headers=headers | cookie)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert site.get("/", headers=cookie).status_code == 200


# --- signing in and out ----------------------------------------------------------------------------------


def test_the_first_start_asks_for_a_password_twice_and_opens_the_dashboard(site: Site) -> None:
    assert "Choose a password" in site.get("/login").text
    differing = site.post("/login", {"password": GOOD, "again": "noget andet"})
    assert (differing.status_code, "not the same" in differing.text) == (400, True)
    short = site.post("/login", {"password": "kort", "again": "kort"})
    assert (short.status_code, "too short" in short.text) == (400, True)
    answer = site.post("/login", {"password": GOOD, "again": GOOD, "next": "/setup"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup")
    assert site.parts.sign_in.check(GOOD)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(site: Site) -> None:
    set_cookie = site.post("/login", {"password": GOOD, "again": GOOD}).headers["Set-Cookie"]
    value, *attributes = set_cookie.split("; ")
    assert value.startswith("dinero_session=")
    assert set(attributes) == {"HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=lax"}
    assert site.get("/", headers={"Cookie": value}).text == SECRET_PAGE


def test_behind_https_the_cookie_is_secure_and_of_this_host_only(public_site: Site) -> None:
    public_site.parts.sign_in.set_password(GOOD)
    set_cookie = public_site.post("/login", {"password": GOOD}, headers=PUBLIC).headers["Set-Cookie"]
    value, *attributes = set_cookie.split("; ")
    assert value.startswith("__Host-dinero_session=")
    assert "Secure" in attributes
    assert "Path=/" in attributes
    assert public_site.get("/", headers=PUBLIC | {"Cookie": value}).text == SECRET_PAGE
    plain = value.removeprefix("__Host-")
    assert public_site.get("/", headers=PUBLIC | {"Cookie": plain}).status_code == 401


def test_a_wrong_password_is_answered_with_a_sentence_and_no_cookie(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    answer = site.post("/login", {"password": "forkert kodeord", "next": '/setup"><script>'})
    assert answer.status_code == 401
    assert "Wrong password." in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "forkert" not in answer.text
    assert "<script" not in answer.text


def test_too_many_tries_are_answered_with_how_long_to_wait(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    answers = [site.post("/login", {"password": "forkert kodeord"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert "minutes" in answers[-1].text
    assert site.post("/login", {"password": GOOD}).status_code == 429


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/history?p=2", "/history?p=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nX: y", "/"),
        ("", "/"),
        ("history", "/"),
        ("/\t/evil.example", "/"),
        ("/a b", "/"),
        ("/" * 3, "/"),
        ("/" + "a" * 5000, "/"),
    ],
)
def test_after_the_sign_in_one_stays_on_this_server(site: Site, wanted: str, goes: str) -> None:
    assert local_path(wanted) == goes
    site.parts.sign_in.set_password(GOOD)
    assert site.post("/login", {"password": GOOD, "next": wanted}).headers["Location"] == goes
    signed_in = site.get(f"/login?{urlencode({'next': wanted})}", headers=site.cookie())
    assert signed_in.headers["Location"] == goes


def test_signing_out_ends_the_session_and_needs_a_button(site: Site) -> None:
    cookie = site.cookie()
    assert site.get("/logout", headers=cookie | HTML).status_code == 405
    answer = site.post("/logout", headers=cookie)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert 'dinero_session=""' in answer.headers["Set-Cookie"]
    assert site.get("/", headers=cookie).status_code == 401


def test_a_new_password_signs_out_everywhere_else(site: Site) -> None:
    here, elsewhere = site.cookie(), site.cookie()
    assert "Present password" in site.get("/password", headers=here).text
    new = {"password": "et nyt kodeord", "again": "et nyt kodeord"}
    assert site.post("/password", new | {"old": "forkert"}, headers=here).status_code == 400
    assert site.post("/password", new | {"old": GOOD, "again": "x"}, headers=here).status_code == 400
    answer = site.post("/password", new | {"old": GOOD}, headers=here)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup?tab=access")
    assert site.get("/", headers=elsewhere).status_code == 401
    assert site.get("/", headers={"Cookie": answer.headers["Set-Cookie"].split(";")[0]}).text == SECRET_PAGE


@pytest.mark.parametrize(
    "far",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        PUBLIC,
    ],
)
def test_from_another_machine_the_first_start_asks_for_the_set_up_code(public_site: Site, far: dict[str, str]) -> None:
    sign_in = public_site.parts.sign_in
    assert 'name="code"' in public_site.get("/login", headers=far).text
    chosen = {"password": GOOD, "again": GOOD}
    for code in ({}, {"code": "WRONG234"}):
        refused = public_site.post("/login", chosen | code, headers=far)
        assert (refused.status_code, "set-up code" in refused.text) == (400, True)
    assert not sign_in.is_set()
    accepted = public_site.post("/login", chosen | {"code": sign_in.setup_code()}, headers=far)
    assert accepted.status_code == 303
    assert sign_in.is_set()


def test_on_this_machine_the_first_start_asks_for_no_code(site: Site) -> None:
    assert 'name="code"' not in site.get("/login").text


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1", "[::1]", "127.9.9.9"])
def test_behind_a_proxy_that_leaves_no_trace_no_host_name_waives_the_set_up_code(public_site: Site, host: str) -> None:
    said = {"Host": host, "Origin": f"http://{host}"}
    assert 'name="code"' in public_site.get("/login", headers={"Host": host}).text
    refused = public_site.post("/login", {"password": GOOD, "again": GOOD}, headers=said)
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (400, False)
    assert not public_site.parts.sign_in.is_set()


# --- the demo, without a password ------------------------------------------------------------------------

OPEN_DEMO = {"demo": "1", "next": "/"}


def test_on_its_own_machine_the_demo_opens_without_a_password_once(site: Site) -> None:
    site.parts.demo = True
    assert 'name="demo"' in site.get("/login").text
    answer = site.post("/login", OPEN_DEMO)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert site.get("/", headers={"Cookie": answer.headers["Set-Cookie"].split(";")[0]}).text == SECRET_PAGE
    assert site.parts.sign_in.is_set(), "nothing stays open"
    assert 'name="demo"' not in site.get("/login").text
    for given in (OPEN_DEMO, OPEN_DEMO | {"password": "1"}, {"password": ""}):
        again = site.post("/login", given)
        assert again.status_code >= 400
        assert "Set-Cookie" not in again.headers


def refused(site: Site, **headers: str) -> None:
    """No button, and whoever sends what it would gets nothing."""
    assert 'name="demo"' not in site.get("/login", headers=headers).text
    answer = site.post("/login", OPEN_DEMO, headers=headers)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert not site.parts.sign_in.is_set()


def test_outside_the_demo_nothing_opens_without_a_password(site: Site) -> None:
    refused(site)


@pytest.mark.parametrize("trace", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_behind_a_proxy_the_demo_asks_for_a_password(site: Site, trace: str) -> None:
    site.parts.demo = True
    refused(site, **{trace: "127.0.0.1"})


def test_from_another_machine_the_demo_asks_for_a_password(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.parts.demo = True
    monkeypatch.setattr("dinero.web.requests.is_loopback", lambda name: False)  # as the browser's address is told
    refused(site)


@pytest.mark.parametrize("headers", [PUBLIC, {"Host": "localhost", "Origin": "http://localhost"}])
def test_at_a_public_address_the_demo_asks_for_a_password(public_site: Site, headers: dict[str, str]) -> None:
    public_site.parts.demo = True
    refused(public_site, **headers)


def test_where_only_the_provider_counts_the_demo_asks_it(site: Site) -> None:
    site.parts.demo = True
    site.parts.oidc = SimpleNamespace(name="login.example.com", only=True)
    assert 'name="demo"' not in site.get("/login").text
    answer = site.post("/login", OPEN_DEMO)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


# --- the owner's data as files ---------------------------------------------------------------------------


def leftovers(site: Site) -> list[Path]:
    """Folders of downloads that are still there; a finished one is cleared away just after its last byte was sent."""
    deadline = time.monotonic() + 5
    while (found := list(site.parts.store.folder.glob(".download-*"))) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


@pytest.mark.parametrize(
    ("path", "name", "start"),
    [
        ("/download/backup", r"dinero-backup-\d{4}-\d\d-\d\d\.db", b"SQLite format 3\0"),
        ("/download/export", r"dinero-export-\d{4}-\d\d-\d\d\.zip", b"PK\x03\x04"),
    ],
)
def test_a_download_is_for_the_owner_is_kept_nowhere_and_leaves_nothing_behind(
    site: Site, path: str, name: str, start: bytes
) -> None:
    refused = site.get(path), site.get(path, headers=HTML), site.get(path, headers={"Cookie": "dinero_session=x"})
    assert [answer.status_code for answer in refused] == [401, 303, 401]
    assert not any(start in answer.content for answer in refused)
    answer = site.get(path, headers=site.cookie())
    assert (answer.status_code, answer.content[: len(start)]) == (200, start)
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(f'attachment; filename="{name}"', answer.headers["Content-Disposition"])
    assert leftovers(site) == []
    assert site.post(path, headers=site.cookie()).status_code == 405


def test_a_downloaded_backup_has_what_is_stored(site: Site, tmp_path: Path) -> None:
    site.parts.store.settings.put({"shop_name": "Keramik"})
    saved = tmp_path / "saved.db"
    saved.write_bytes(site.get("/download/backup", headers=site.cookie()).content)
    restore(tmp_path / "elsewhere", saved)
    assert Store(tmp_path / "elsewhere").settings.all()["shop_name"] == "Keramik"


def test_a_download_that_the_browser_breaks_off_leaves_nothing_behind(site: Site) -> None:
    site.parts.store.settings.put({"shop_name": "x" * 20_000_000})
    with requests.get(site.origin + "/download/backup", headers=site.cookie(), stream=True, timeout=10) as answer:
        assert answer.raw.read(1000)
    assert leftovers(site) == []


def test_a_download_that_can_not_be_made_is_told_in_a_sentence(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = site.cookie()
    monkeypatch.setattr("dinero.store.files.is_whole", lambda draft: False)
    answer = site.get("/download/backup", headers=cookie)
    assert (answer.status_code, "The database is damaged" in answer.text) == (500, True)
    assert leftovers(site) == []


# --- the way to Dinero and the shop, and back ------------------------------------------------------------


@pytest.mark.parametrize(("path", "system"), [("/oauth/start", "dinero"), ("/oauth/shop/start", "shop")])
def test_the_start_sends_the_owner_out_with_the_way_back(site: Site, path: str, system: str) -> None:
    answer = site.get(path, headers=site.cookie() | {"Host": f"localhost:{site.port}"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://{system}.example/approve?state=s%20t"
    callback = path.replace("start", "callback")
    assert site.parts.asked == [(system, f"http://localhost:{site.port}{callback}")]


def test_the_way_back_is_the_public_address_where_there_is_one(public_site: Site) -> None:
    public_site.get("/oauth/start", headers=public_site.cookie())
    assert public_site.parts.asked == [("dinero", "https://bogholderi.example/oauth/callback")]


def test_the_answer_comes_back_in_the_address_or_in_a_form_and_needs_no_cookie(site: Site) -> None:
    given = {"code": "hemmelig-kode", "state": "tilstand"}
    answers = [
        site.get(f"/oauth/callback?{urlencode(given)}"),
        site.post("/oauth/callback", given, headers={"Origin": "https://connect.visma.com"}),
        site.get(f"/oauth/shop/callback?{urlencode(given)}"),
    ]
    systems = ["dinero", "dinero", "shop"]
    assert [answer.headers["Location"] for answer in answers] == [f"/?connected={system}" for system in systems]
    assert site.parts.asked == [(system, given) for system in systems]
    for answer in answers:
        assert answer.status_code == 303
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "hemmelig" not in str(answer.headers) + answer.text


KEYS = "/connect/woocommerce/keys"


def test_the_owner_is_sent_to_a_woocommerce_shop_with_what_was_filled_in_and_comes_back(site: Site) -> None:
    out = site.get("/connect/woocommerce/start?form=billet", headers=site.cookie())
    assert (out.status_code, out.headers["Referrer-Policy"]) == (303, "no-referrer")
    assert out.headers["Location"] == "https://woocommerce.example/wc-auth/v1/authorize?user_id=s3cret"
    assert site.parts.asked == [("start", "billet", "/connect/woocommerce/back", KEYS)]
    back = site.get("/connect/woocommerce/back?success=1&user_id=s3cret", headers=site.cookie())
    assert back.headers["Location"] == "/?connected=woocommerce"
    assert site.parts.asked[-1] == ("back", {"success": "1", "user_id": "s3cret"})
    site.parts.setting_up = False
    again = site.get("/connect/woocommerce/back?success=1&user_id=s3cret", headers=site.cookie())
    assert again.headers["Location"] == "/setup?connected=woocommerce&tab=connections&shop=woocommerce"
    site.parts.setting_up = True
    site.parts.problem = Text("You said no.")
    for path in ("back?success=0", "start?form=x"):
        answer = site.get(f"/connect/woocommerce/{path}", headers=site.cookie())
        assert answer.headers["Location"].startswith("/?problem=")


def test_a_shop_s_server_brings_its_key_without_a_session_and_hears_whether_it_was_taken(site: Site) -> None:
    site.parts.sign_in.set_password(GOOD)
    headers = {"Content-Type": "application/json", "Origin": "https://shop.example"}
    taken, refused = (site.ask("POST", KEYS, data=body, headers=headers) for body in (b"{}", b"[]"))
    assert [(answer.status_code, answer.content) for answer in (taken, refused)] == [(200, b""), (401, b"")]
    assert site.parts.asked == [("key", b"{}", "application/json"), ("key", b"[]", "application/json")]
    assert site.ask("PUT", KEYS, data=b"{}").status_code in (401, 403, 405)
    assert SECRET_PAGE not in site.get(KEYS, headers=HTML).text


def test_a_key_that_is_too_long_for_one_is_not_read(site: Site) -> None:
    assert site.ask("POST", KEYS, data=b"x" * 70_000).status_code == 413
    assert site.parts.asked == []


def test_after_the_set_up_the_way_back_leads_to_its_page(site: Site) -> None:
    site.parts.setting_up = False
    assert site.get("/oauth/callback?code=k&state=t").headers["Location"] == "/setup?connected=dinero"
    site.parts.problem = Text("Visma refused.")
    assert site.get("/oauth/shop/callback").headers["Location"].startswith("/setup?problem=")


def test_the_page_for_older_orders_is_a_part_of_the_set_up_now(site: Site) -> None:
    answer = site.get("/older", headers=HTML | site.cookie())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup?tab=books&show=older")


def test_a_form_may_not_come_back_for_the_shop(site: Site) -> None:
    assert site.post("/oauth/shop/callback", {"state": "x"}, headers=site.cookie()).status_code == 405


def test_a_problem_is_kept_for_the_set_up_page_and_repeats_add_no_rows(site: Site) -> None:
    site.parts.problem = Text("Visma refused {what}.", what="this")
    places = ["/oauth/callback?code=hemmelig-kode", "/oauth/callback", "/oauth/shop/callback"]
    locations = {site.get(place).headers["Location"] for place in places}
    locations.add(site.get("/oauth/start", headers=site.cookie()).headers["Location"])
    (location,) = locations
    problem = re.fullmatch(r"/\?problem=([0-9a-f]{20})", location)
    assert problem is not None
    number = problem[1]
    kept = site.parts.store.rows("select * from cache where key like 'problem:%'")
    assert [row["key"] for row in kept] == [f"problem:{number}"]
    assert Text.from_json(json.loads(kept[0]["value"])) == site.parts.problem


# --- in a browser ----------------------------------------------------------------------------------------


@pytest.fixture
def browser() -> "Iterator[Browser]":
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


def signed_in_context(browser: "Browser", site: Site) -> "BrowserContext":
    context = browser.new_context()
    name, _, value = site.cookie()["Cookie"].partition("=")
    context.add_cookies([{"name": name, "value": value, "url": site.origin, "httpOnly": True, "sameSite": "Lax"}])
    return context


@pytest.mark.browser
def test_in_a_browser_the_sign_in_page_works_and_breaks_no_rule(site: Site, browser: "Browser") -> None:
    tab = browser.new_page()
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.goto(site.origin + "/history?p=2")
    tab.get_by_label("New password, at least 8 characters").fill(GOOD)
    tab.get_by_label("The new password once more").fill(GOOD)
    assert tab.evaluate("getComputedStyle(document.querySelector('button')).backgroundColor") == "rgb(27, 94, 125)"
    tab.get_by_role("button").click()
    tab.get_by_text(SECRET_PAGE).wait_for()
    assert tab.url == site.origin + "/history?p=2"
    assert complaints == []


@pytest.mark.browser
def test_in_a_browser_a_form_from_visma_s_site_leads_back_to_the_set_up_signed_in(
    site: Site, browser: "Browser"
) -> None:
    async def visma(request: Request) -> HTMLResponse:
        return HTMLResponse(
            f'<form method="post" action="{site.origin}/oauth/callback"><input name="code" value="k">'
            '<input name="state" value="t"></form><script>document.forms[0].submit()</script>'
        )

    context = signed_in_context(browser, site)
    with serving(Starlette(routes=[Route("/", visma)])) as port:
        tab = context.new_page()
        tab.goto(f"http://localhost:{port}/")  # another site than 127.0.0.1
        tab.get_by_text(SECRET_PAGE).wait_for()
    assert tab.url == site.origin + "/?connected=dinero"
    assert site.parts.asked == [("dinero", {"code": "k", "state": "t"})]


@pytest.mark.browser
def test_in_a_browser_a_foreign_page_can_neither_sign_out_nor_show_the_dashboard_in_a_frame(
    site: Site, browser: "Browser"
) -> None:
    async def evil(request: Request) -> HTMLResponse:
        return HTMLResponse(
            f'<iframe src="{site.origin}/login"></iframe>'
            f'<form method="post" action="{site.origin}/logout"><button>Vind</button></form>'
        )

    context = signed_in_context(browser, site)
    with serving(Starlette(routes=[Route("/", evil)])) as port:
        tab = context.new_page()
        tab.goto(f"http://localhost:{port}/")
        assert "Password" not in tab.frames[1].content()
        tab.get_by_role("button").click()
        tab.get_by_text("not sent from the dashboard").wait_for()
    (cookie,) = context.cookies(site.origin)
    assert site.get("/", headers={"Cookie": f"{cookie['name']}={cookie['value']}"}).status_code == 200
