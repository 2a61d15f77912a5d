"""The dashboard as `streamlit run app.py` starts it: whatever is asked first, nobody gets past the gate.

Streamlit can run a page's script without the main script in a process where no session has called st.navigation yet,
so a deep link as the very first request is the dangerous one.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from conftest import stop
from dinero import __version__
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Event, OrderKey, State, StoredOrder
from dinero.model.i18n import Text
from dinero.signin.sessions import READER, SignIn
from dinero.store import Store
from dinero.store.vault import Vault
from dinero.web.gate import OPEN
from dinero.web.words import NAME, WORDS

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
NOWHERE = "http://127.0.0.1:9"
PASSWORD = "rødgrød med fløde"
ENDED = "Your session has ended. Sign in again. What you pressed last was not done."
HTML = {"Accept": "text/html,application/xhtml+xml"}
PAGES = ["/", "/orders", "/history", "/setup", "/raw?id=1", "/navigation", "/ui", "/findes-ikke"]
ROUTES = ["/password", "/logout", "/oauth/start", "/oauth/shop/start", "/oauth2callback", "/auth/login"]
PARTS = [
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/script-health-check",
    "/_stcore/agent/openapi.json",
    "/_stcore/upload_file/x/y",
    "/media/x.png",
    "/static/index.html",
    "/static/js/x.js",
    "/component/x/index.html",
    "/app/static/x",
    "/favicon.png",
    "/index.html",
    "/pages/setup.py",
    "/_stcore/bidi-components/x/y",
]
FIRST = ["/setup", "/history"]


@dataclass
class Server:
    """A server that nobody has asked anything."""

    port: int
    log: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        return requests.request(method, self.origin + path, allow_redirects=False, timeout=60, **options)

    def websocket(self, path: str = "/_stcore/stream", **headers: str) -> Any:
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            origin=Origin(self.origin),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=headers,
            proxy=None,
            open_timeout=60,
        )


def fill(folder: Path) -> None:
    """A transferred order, so that the history has something to draw."""
    store = Store(folder)
    order = StoredOrder(
        shop="shoporama",
        id="1",
        number="1001",
        placed_at="2026-11-20T10:00:00+00:00",
        placed_on="2026-11-20",
        customer="Åse Ærlig",
        email="aase@example.com",
        total_ore=24900,
        currency="DKK",
        paid=True,
        sent=True,
        payment_method="card",
        raw="{}",
        raw_hash="x",
        state=State.WAITING,
    )
    store.orders.save([order])
    store.history.add(Event("done", Text(""), order=OrderKey("shoporama", "1"), state=State.DONE))
    with store.transaction() as db:
        db.execute("update orders set state = 'done', done_on = ?", [copenhagen_date(store.clock.now()).isoformat()])


@contextlib.contextmanager
def started(folder: Path, **more: str) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    addresses = ("DINERO_API_URL", "DINERO_CONNECT_URL", "DINERO_TOKEN_URL", "SHOPORAMA_URL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINERO_", "STREAMLIT_"))}
    environment |= dict.fromkeys(addresses, NOWHERE) | {"DINERO_DATA_DIR": str(folder / "data")} | more
    server = Server(port, folder / "log.txt")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with server.log.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield server
    finally:
        stop(process)


def wait_for(server: Server) -> None:
    """Waits until the port is open. No request is made: the first one is the test's."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(server.log.read_text())


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Fresh servers, one for each of FIRST, started at the same time; the first has something to show."""
    folders = [tmp_path_factory.mktemp("fresh") for _ in FIRST]
    fill(folders[0] / "data")
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(started(folder)) for folder in folders]
        for server in running:
            wait_for(server)
        yield running


@pytest.fixture(scope="module")
def first_answers(servers: list[Server]) -> list[requests.Response]:
    """What each server answered to its very first request, a deep link."""
    return [server.ask(path, headers=HTML) for server, path in zip(servers, FIRST, strict=True)]


@pytest.fixture
def server(servers: list[Server], first_answers: list[requests.Response]) -> Server:
    """The first server, after its first request."""
    return servers[0]


def test_a_deep_link_as_the_first_request_of_a_server_leads_to_the_sign_in(
    first_answers: list[requests.Response],
) -> None:
    for answer, path in zip(first_answers, FIRST, strict=True):
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={path}")
        assert answer.text == ""


@pytest.mark.parametrize("path", [*PAGES, *ROUTES, *PARTS])
def test_signed_out_nothing_of_the_dashboard_is_served(server: Server, path: str) -> None:
    navigation, other = server.ask(path, headers=HTML), server.ask(path)
    assert navigation.status_code == 303
    assert navigation.headers["Location"].startswith("/login?next=/")
    assert other.status_code == 401
    assert "streamlit" not in (navigation.text + other.text).lower()


LIST_ROUTES = """
import json, app
def walk(routes, before=""):
    for route in routes:
        path = before + getattr(route, "path", "")
        yield [path, sorted(getattr(route, "methods", None) or []), type(route).__name__]
        yield from walk(getattr(route, "routes", None) or [], path)
print(json.dumps(list(walk(app.app._build_starlette_app().routes))))
"""


def every_route(folder: Path) -> list[tuple[str, list[str], str]]:
    """Path, methods and kind of each route of the app, Streamlit's and ours, as the server has them."""
    names = {name: value for name, value in os.environ.items() if not name.startswith(("DINERO_", "STREAMLIT_"))}
    done = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=names | {"DINERO_DATA_DIR": str(folder)},
    )
    return [tuple(route) for route in json.loads(done.stdout.splitlines()[-1])]


def test_signed_out_no_route_of_the_app_serves_anything_but_the_open_ones(server: Server, tmp_path: Path) -> None:
    routes = every_route(tmp_path)
    assert len(routes) > 25
    opened = set()
    for path, methods, kind in routes:
        asked = re.sub(r"{[^}]*}", "x", path) or "/"
        if "WebSocket" in kind:
            with pytest.raises(InvalidStatus):
                server.websocket(asked)
            continue
        for method in {*methods, "GET", "POST"}:
            answer = server.ask(asked, method, headers=HTML | {"Origin": server.origin})
            if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/login?next="):
                assert "Åse" not in answer.text
                continue
            opened.add((method, asked))
            assert "Åse" not in answer.text
            assert "streamlit" not in answer.text.lower()
    paths = {path for _, path in opened}
    assert paths <= OPEN | {"/webhooks/x/x"}, paths
    assert server.ask("/webhooks/shoporama/x", "POST").status_code == 404
    assert "/webhooks/" not in server.log.read_text(), "the address is a secret, so no log may name it"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_signed_out_nothing_can_be_sent(server: Server, method: str) -> None:
    for path in ("/", "/_stcore/upload_file/x/y", "/_stcore/agent/interact", "/_stcore/agent/mcp"):
        answer = server.ask(path, method, headers=HTML | {"Origin": server.origin})
        assert answer.status_code == 401


# The shop's call is open; nothing else may be reached by an address that only begins like it.
DEEPER = ["", "x", "x/y", "x/_stcore/upload_file/x/y", "_stcore/upload_file/x/y", "x%2F..%2F..%2F_stcore%2Fhealth"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_signed_out_no_deeper_path_of_the_shop_s_call_does_anything(server: Server, method: str) -> None:
    for path in DEEPER:
        answer = server.ask(f"/webhooks/shoporama/{path}", method, headers={"Origin": server.origin})
        assert "streamlit" not in answer.text.lower()
        assert "Åse" not in answer.text
        if answer.status_code == 308:  # Streamlit's way to an address without its last slash, which is shut
            leads_to = urljoin(f"/webhooks/shoporama/{path}", answer.headers["Location"])
            answer = server.ask(leads_to, method, headers={"Origin": server.origin})
        assert answer.status_code in (400, 401, 404, 405), (path, answer.status_code)
    answer = server.ask("/_stcore/upload_file/x/y", method, headers={"Origin": server.origin})
    assert answer.status_code == 401, "the same path outside of it"


@pytest.mark.parametrize("path", ["/_stcore/stream", "/", "/login", "/health", "/oauth/callback"])
def test_signed_out_no_websocket_opens(server: Server, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        server.websocket(path)
    assert refused.value.response.status_code == 403


def test_the_open_paths_answer_and_show_no_page(server: Server) -> None:
    nothing = {"ok_at": None, "failed_at": None, "text": ""}
    assert server.ask("/health").json() == {
        "status": "ok",
        "version": __version__,
        "connections": {"dinero": nothing, "shop": nothing},
    }
    assert "<form" in server.ask("/login").text
    assert server.ask("/oauth/callback?code=x&state=y").headers["Location"].startswith("/?problem=")
    assert server.ask("/oauth/shop/callback?state=y").headers["Location"].startswith("/?problem=")
    assert server.ask("/login", headers={"Host": "evil.example"}).status_code == 400


def test_after_the_sign_in_the_dashboard_opens(servers: list[Server], first_answers: list[requests.Response]) -> None:
    server = servers[1]  # the other one is signed in to by the browser
    chosen = {"password": PASSWORD, "again": PASSWORD, "next": "/history"}
    answer = server.ask("/login", "POST", data=chosen, headers={"Origin": server.origin})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")
    cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
    for path in ("/", "/history", "/_stcore/health"):
        assert server.ask(path, headers=HTML | cookie).status_code == 200
    assert server.ask("/logout", headers=HTML | cookie).status_code == 405
    with server.websocket(**cookie) as websocket:
        assert websocket.subprotocol == "streamlit"
    assert PASSWORD not in server.log.read_text()


def test_behind_a_proxy_on_a_port_the_public_page_reaches_streamlit_whatever_port_the_proxy_tells(
    tmp_path: Path,
) -> None:
    public, password = "https://shop.example.dk:8443", {"password": PASSWORD, "next": "/"}
    store = Store(tmp_path / "data")
    SignIn(store, Vault(store), store.clock).set_password(PASSWORD)
    with started(tmp_path, DINERO_PUBLIC_URL=public) as server:
        wait_for(server)
        proxied = {"Host": "shop.example.dk", "X-Forwarded-Proto": "https"}
        answer = server.ask("/login", "POST", data=password, headers=proxied | {"Origin": public})
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        for host, origin, status in [
            ("shop.example.dk", public, 101),
            ("shop.example.dk:8443", public, 101),
            ("shop.example.dk", "https://evil.example", 403),
        ]:
            lines = [
                "GET /_stcore/stream HTTP/1.1",
                f"Host: {host}",
                f"Origin: {origin}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                f"Sec-WebSocket-Key: {'A' * 22}==",
                "Sec-WebSocket-Protocol: streamlit",
                f"Cookie: {cookie}",
            ]
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as raw:
                raw.sendall("\r\n".join([*lines, "", ""]).encode())
                assert int(raw.recv(100).split()[1]) == status, (host, origin)


@pytest.mark.browser
def test_in_a_browser_every_page_draws_within_the_rules_for_content(server: Server) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    from playwright.sync_api import expect, sync_playwright

    complaints, elsewhere = [], []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        tab = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments).new_page()
        tab.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on(
            "request",
            lambda sent: None if sent.url.startswith((server.origin, "data:", "blob:")) else elsewhere.append(sent.url),
        )
        tab.goto(f"{server.origin}/history")
        for field in ("password", "again"):
            tab.locator(f"#{field}").fill(PASSWORD)
        tab.locator("button").last.click()
        tab.locator(".days").first.wait_for()
        expect(tab).to_have_url(f"{server.origin}/history")
        for path in ("/", "/setup", "/raw"):
            tab.goto(server.origin + path)
            tab.get_by_test_id("stMain").locator("h1, h2, h3").first.wait_for()
            expect(tab.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            expect(tab.get_by_test_id("stException")).to_have_count(0)
        # The session ends while a page is open, and then something is pressed on it.
        tab.goto(f"{server.origin}/setup?tab=access")
        tab.get_by_test_id("stMain").locator("input[type=radio]").first.wait_for(state="attached")
        expect(tab.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        store = Store(server.log.parent / "data")
        SignIn(store, Vault(store), store.clock).sign_out_everywhere()
        tab.get_by_text("English", exact=True).click()
        tab.wait_for_url("**/login?ended&next=*")
        expect(tab.locator("body")).to_contain_text(Text(ENDED).render("da"))
        tab.locator("#password").fill(PASSWORD)
        tab.locator("button").last.click()
        tab.get_by_text("English", exact=True).wait_for()
        expect(tab).to_have_url(f"{server.origin}/setup?tab=access")
        tab.locator("details.menu summary").click()
        tab.locator('form[action="/logout"] button').click()
        tab.wait_for_url("**/login")
        tab.goto(f"{server.origin}/setup")
        expect(tab.locator("#password")).to_have_count(1)
    assert elsewhere == []
    # Streamlit looks for its own folder below a deep link first, and finds none.
    # The gate refuses what the page asks for after its session has ended.
    refused = [text for text in complaints if re.search("status of 40[13]|code: 40[13]", text)]
    assert [text for text in complaints if "status of 404" not in text and text not in refused] == []
    assert refused


SHOWN = """() => [document.body, ...document.querySelectorAll("body *")].flatMap((node) => [
  ...["aria-label", "title", "placeholder"].map((name) => node.getAttribute(name)),
  ...[...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data.trim()),
]).filter(Boolean)"""


@pytest.mark.browser
def test_in_a_browser_nothing_is_said_in_english_when_an_address_is_mistyped_or_the_server_is_away(
    tmp_path: Path,
) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    from playwright.sync_api import expect, sync_playwright

    fill(tmp_path / "data")
    store = Store(tmp_path / "data")
    sign_in = SignIn(store, Vault(store), store.clock)
    sign_in.set_password(PASSWORD)
    whole = {english for english, text in WORDS.items() if text.render("da") != english and NAME not in english}
    with contextlib.ExitStack() as away, sync_playwright() as playwright:
        server = away.enter_context(started(tmp_path))
        wait_for(server)
        # Streamlit says something else to whoever is at "localhost".
        origin = f"http://localhost:{server.port}"
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        context = browser.new_context(locale="da-DK")
        context.add_cookies([{"name": "dinero_session", "value": sign_in.make_cookie(), "url": origin}])
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        tab.goto(f"{origin}/findes-ikke")
        dialog = tab.get_by_role("dialog")
        for english in (
            "Page not found",
            "The page that you have requested does not seem to exist. Running the app's main page.",
        ):
            expect(dialog).to_contain_text(WORDS[english].render("da"))
        assert set(tab.evaluate(SHOWN)) & whole == set()
        dialog.get_by_label(WORDS["Close"].render("da")).click()
        tab.goto(f"{origin}/reconciliation")
        expect(tab.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        with context.expect_page() as opened:
            tab.locator("a.help").click()
        expect(opened.value.locator("h2:target")).to_be_visible()
        picture = opened.value.locator("main img").first
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 100
        away.close()
        for english in ("Connection error", "Connection timed out."):
            expect(dialog).to_contain_text(WORDS[english].render("da"))
        expect(tab.get_by_text("streamlit run")).not_to_be_visible()
        assert set(tab.evaluate(SHOWN)) & whole == set()


@pytest.mark.browser
def test_in_a_browser_the_accountant_is_told_at_each_of_the_owner_s_addresses_that_the_access_is_for_reading(
    tmp_path: Path,
) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    from playwright.sync_api import expect, sync_playwright

    fill(tmp_path / "data")
    store = Store(tmp_path / "data")
    sign_in = SignIn(store, Vault(store), store.clock)
    sign_in.set_password(PASSWORD)
    sign_in.set_reader_password("fire helt tilfældige ord")
    cookie = sign_in.make_cookie(READER)
    with started(tmp_path) as server, sync_playwright() as playwright:
        wait_for(server)
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        context = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments).new_context(locale="da-DK")
        context.add_cookies([{"name": "dinero_session", "value": cookie, "url": server.origin}])
        tab = context.new_page()
        expect.set_options(timeout=20_000)
        for path in ("orders", "setup", "automatic", "raw?id=1"):
            tab.goto(f"{server.origin}/{path}")
            expect(tab.locator("h1")).to_have_text(Text("This page is the owner's.").render("da"))
            expect(tab.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            expect(tab.get_by_role("dialog")).to_have_count(0)
            expect(tab.get_by_test_id("stMain").get_by_role("button")).to_have_count(0)
        tab.get_by_test_id("stMain").locator("h1 ~ a.go").click()
        expect(tab.locator("h1")).to_have_text(Text("Reconciliation").render("da"))
        expect(tab).to_have_url(f"{server.origin}/reconciliation")
