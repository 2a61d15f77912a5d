"""What an owner feels, measured in Chromium: click → complete page, a transfer with its tab open, and the first load.

`make bench-browser`. All in one run on one machine. Pages of two dashboards (1,000 and 100,000 orders, and a thousand
payouts in each) take turns with an empty page of Streamlit as it comes, so that noise strikes all alike, and medians
are compared; an empty page with the dashboard's own configuration, which collects no garbage after each run, is told
beside it. A page is complete when its script has ended, its heading is there, and nothing is still to be drawn. Exits
non-zero when a page at 100,000 orders takes more than MOST_TIMES the empty page, when the server uses more than
MOST_CPU times as much for a transfer with the tab open as with it closed, or when the first load of the overview is
more than MOST_BYTES over the wire.
"""

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pages import compare, multiply, pay_out
from benchmarks.world import World
from dinero.model.clock import SystemClock

ROOT = Path(__file__).parent.parent
CHROMIUM = "/usr/bin/chromium"
SIZES = (1_000, 100_000)
PAGES = (
    "/",
    "/orders",
    "/needs-you",
    "/history",
    "/reconciliation",
    "/eu-sales",
    "/automatic",
    "/setup",
    "/payouts",
    "/payouts?payout=1",
    "/payouts?proof=today",
    "/setup?tab=payouts",
)
ROUNDS = int(os.environ.get("ROUNDS", "7"))
MOST_TIMES = 2.0
TRANSFERRED, CALLS_PER_MINUTE, LATENCY = 150, 600, 0.05
MOST_CPU = 2.0
MOST_BYTES = 1_500_000

EMPTY = """import streamlit as st
st.navigation([st.Page(lambda: st.title("one"), title="one", url_path="one"),
               st.Page(lambda: st.title("two"), title="two", url_path="two")], position="top").run()
"""
# Clicks a link and resolves with the milliseconds until the page that it leads to is complete.
CLICK = """([selector, path]) => new Promise((resolve, reject) => {
  const app = document.querySelector("[data-testid=stApp]"), old = document.querySelector("h1")?.textContent;
  const state = () => app.getAttribute("data-test-script-state");
  let ran = false;
  const started = performance.now();
  document.querySelector(selector).click();
  const look = () => {
    ran ||= state() !== "notRunning";
    const waits = document.querySelector("[data-testid=stSkeleton]")
      || [...document.querySelectorAll("[data-testid=stDataFrame]")].some(e => !e.querySelector("canvas"));
    const heading = document.querySelector("h1");
    const there = location.pathname + (path.includes("?") ? location.search : "");
    if (there === path && heading && (ran || heading.textContent !== old) && state() === "notRunning"
        && !waits)
      return resolve(performance.now() - started);
    if (performance.now() - started > 60000) return reject(new Error("not complete: " + path));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
# A link of ours to a page that no link of the head leads to.
LINK = """path => {
  document.getElementById("asked")?.remove();
  document.body.append(Object.assign(document.createElement("a"), {id: "asked", className: "go", href: path}));
}"""


@dataclass
class Server:
    """A Streamlit server that was started here."""

    process: "subprocess.Popen[bytes]"
    address: str
    cookie: str = ""

    def cpu(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serve(script: str, log: Path, environment: dict[str, str], *, folder: Path = ROOT) -> Iterator[Server]:
    """Serves a script from a folder, whose Streamlit configuration counts, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DINERO_", "STREAMLIT_"))}
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=kept | environment, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{address}/_stcore/health", timeout=5).status_code in (200, 401):
                    break
            time.sleep(0.1)
        yield Server(process, address)
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def dashboard_of(made: World, log: Path, **more: str) -> Iterator[Server]:
    """The dashboard on a world, with somebody signed in."""
    made.dashboard.sign_in.set_password("fire helt tilfældige ord")
    with serve("app.py", log, made.variables() | more) as server:
        server.cookie = made.dashboard.sign_in.make_cookie()
        yield server


def tab(browser: Browser, server: Server) -> Page:
    """A window with an empty cache."""
    context = browser.new_context(locale="da-DK", viewport={"width": 1400, "height": 900})
    if server.cookie:
        context.add_cookies([{"name": "dinero_session", "value": server.cookie, "url": server.address}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page


def complete(page: Page) -> None:
    """Waits until a page that was opened is complete."""
    page.locator("h1").first.wait_for()
    page.wait_for_selector('[data-testid=stApp][data-test-script-state="notRunning"]')


def pages(browser: Browser, folder: Path) -> bool:
    """Click → complete page, beside an empty one; whether all are fast enough."""
    (folder / "empty.py").write_text(EMPTY)
    with contextlib.ExitStack() as stack:
        servers = {}
        for size in SIZES:
            made = World(folder / str(size), SystemClock())
            stack.callback(made.stop)
            multiply(made, size)
            compare(made, size)
            pay_out(made)
            servers[size] = stack.enter_context(dashboard_of(made, folder / f"{size}.log"))
        quiet = {"STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
        (folder / "ours").mkdir()
        (folder / "ours" / "empty.py").write_text(EMPTY)
        shutil.copytree(ROOT / ".streamlit", folder / "ours" / ".streamlit")
        nothing = {
            "as it comes": stack.enter_context(serve("empty.py", folder / "empty.log", quiet, folder=folder)),
            "configured as ours": stack.enter_context(
                serve("empty.py", folder / "ours.log", quiet, folder=folder / "ours")
            ),
        }
        tabs = {size: tab(browser, server) for size, server in servers.items()}
        for size, page in tabs.items():
            for path in PAGES:  # what a browser loads once is there
                page.goto(servers[size].address + path)
                complete(page)
        empty = {name: tab(browser, server) for name, server in nothing.items()}
        for name, page in empty.items():
            page.goto(nothing[name].address + "/two")
            complete(page)
        base: dict[str, list[float]] = {name: [] for name in nothing}
        taken: dict[tuple[str, int], list[float]] = {}
        for _ in range(ROUNDS):
            for path in PAGES:
                for size, page in tabs.items():
                    for kind, other in empty.items():
                        for selector, to in (('a[href$="/"]', "/"), ('a[href$="two"]', "/two")):
                            base[kind].append(other.evaluate(CLICK, [selector, to]))
                    elsewhere = "/eu-sales" if path == "/automatic" else "/automatic"
                    if not page.url.startswith(servers[size].address + elsewhere):
                        page.evaluate(CLICK, [f'.head a[href="{elsewhere}"]', elsewhere])
                        page.wait_for_timeout(300)
                    page.evaluate(LINK, path)
                    link = "#asked" if "?" in path else f'.head a[href="{path}"]'
                    taken.setdefault((path, size), []).append(page.evaluate(CLICK, [link, path]))
    return told({kind: statistics.median(times) for kind, times in base.items()}, taken)


def told(empty: dict[str, float], taken: dict[tuple[str, int], list[float]]) -> bool:
    """Prints the table of pages; whether all are fast enough."""
    for kind, milliseconds in empty.items():
        print(f"empty page of Streamlit {kind}: {milliseconds:.0f} ms")
    nothing, ours = empty.values()
    print(f"{'page':22}" + "".join(f"{size:>12,}" for size in SIZES) + "   × empty   × empty configured as ours")
    fine = True
    for path in PAGES:
        medians = [statistics.median(taken[path, size]) for size in SIZES]
        holds = medians[-1] <= MOST_TIMES * nothing
        fine = fine and holds
        columns = "".join(f"{one:9.0f} ms" for one in medians)
        print(
            f"{path:22}{columns}{medians[-1] / nothing:10.2f}{medians[-1] / ours:10.2f}{'' if holds else '   too slow'}"
        )
    return fine


def transfer(browser: Browser, folder: Path) -> bool:
    """Processor time of a transfer of 150 orders, with its tab closed and with it open, in turns."""
    used: dict[bool, float] = {}
    for watched in (False, True):
        made = World(folder / f"watched-{watched}", SystemClock())
        made.sandbox.latency = LATENCY
        for number in range(1, TRANSFERRED + 1):
            made.sell(number)
        made.dashboard.orders.fetch()
        try:
            log = folder / f"watched-{watched}.log"
            with dashboard_of(made, log, DINERO_CALLS_PER_MINUTE=str(CALLS_PER_MINUTE)) as server:
                page = tab(browser, server)
                page.goto(server.address + "/orders")
                complete(page)
                page.wait_for_timeout(2000)
                before, started = server.cpu(), time.monotonic()
                operation_id = made.open_push()
                if watched:
                    page.reload()
                else:
                    page.close()
                while made.dashboard.store.operations.unfinished():
                    time.sleep(0.2)
                seconds = time.monotonic() - started
                used[watched] = server.cpu() - before
                done = made.dashboard.store.operations.get(operation_id)
                print(
                    f"{TRANSFERRED} orders with the tab {'open' if watched else 'closed'}: {seconds:.0f} s, "
                    f"{used[watched]:.1f} s of processor time ({done.status if done else 'gone'})"
                )
        finally:
            made.stop()
    print(f"open / closed: {used[True] / used[False]:.2f}")
    return used[True] <= MOST_CPU * used[False]


def first_load(browser: Browser, folder: Path) -> bool:
    """Bytes over the wire of the overview with an empty cache."""
    made = World(folder / "first", SystemClock())
    try:
        multiply(made, SIZES[0])
        with dashboard_of(made, folder / "first.log") as server:
            page = tab(browser, server)
            session = page.context.new_cdp_session(page)
            received: list[float] = []
            session.send("Network.enable")
            session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
            session.on(
                "Network.webSocketFrameReceived", lambda event: received.append(len(event["response"]["payloadData"]))
            )
            page.goto(server.address)
            complete(page)
            page.wait_for_timeout(3000)
            print(f"first load of the overview: {sum(received) / 1e6:.2f} MB in {len(received)} parts")
            return sum(received) <= MOST_BYTES
    finally:
        made.stop()


def main() -> int:
    """Prints the figures; 0 when the bounds hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("only", nargs="?", choices=("pages", "transfer", "first"))
    only = parser.parse_args().only
    parts = {"pages": pages, "transfer": transfer, "first": first_load}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=da"],
        )
        fine = [part(browser, Path(folder)) for name, part in parts.items() if only in (None, name)]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
