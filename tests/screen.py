"""What the browser tests share: a dashboard as the owner starts it, and the owner at the screen.

Screenshots of each page at 1400 and 390 px lie in the folder DINERO_SCREENSHOTS, if it is set. The walks are in Danish,
or in the language DINERO_WALK_LANGUAGE ("en").
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from conftest import stop, wait_until_healthy
from dinero.intake.fetches import Fetches
from dinero.model.i18n import Text
from dinero.sandbox import Sandbox
from dinero.sandbox.connect import CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET
from dinero.store import Store

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
LANGUAGE = os.environ.get("DINERO_WALK_LANGUAGE", "da")
# A machine that is busy with other work is slow, not wrong.
WAIT = 120_000  # milliseconds
START = 180  # seconds for a server to answer, or for a run by itself
TRANSFER = 400_000  # milliseconds for a hundred orders

# WCAG 2.1 A and AA. What lies in Streamlit's own grid (a canvas with a table for screen readers) is its own.
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

# The height of a page in pixels, from its top; an order beside its list scrolls by itself.
WHOLE = """() => {
  const main = document.querySelector("[data-testid=stMain]"), columns = document.querySelectorAll(".stColumn");
  main?.scrollTo(0, 0);
  const beside = [...columns].map(one => one.getBoundingClientRect().top + one.scrollHeight + 32);
  return Math.ceil(Math.max(main?.scrollHeight || 900, ...beside));
}"""

OUTLINE = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect();
  const drawn = [e, e.parentElement, ...e.querySelectorAll("*")].some(n => {
    const style = getComputedStyle(n);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  });
  return [drawn || e === document.body, e.getAttribute("aria-label") || e.labels?.[0]?.innerText
    || e.innerText?.slice(0, 60) || e.outerHTML.slice(0, 160), e.tagName, box.width];
}"""


def say(message: str, plural: str | None = None, /, **values: Any) -> str:
    """A text as the page shows it in the walk's language."""
    return Text(message, plural, **values).render(LANGUAGE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser until the end of the block; the test is skipped where there is none and none is required."""
    if not CHROMIUM.exists():
        if os.environ.get("DINERO_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here and is not installed")
        pytest.skip("Chromium (Debian's package) is not installed")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", f"--lang={LANGUAGE}"],
            env={**os.environ, "LANGUAGE": LANGUAGE},
        )


def own_environment() -> dict[str, str]:
    """This process's environment, without what it says of any dashboard."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("DINERO_", "SHOPORAMA_", "STREAMLIT_"))}


def free_port() -> int:
    """A port that nothing on this machine listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Served:
    """A dashboard as the owner starts it."""

    def __init__(self, folder: Path, port: int, environment: dict[str, str]) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.store = Store(folder / "data")
        self._command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        self._environment = environment
        self.log = folder / "log.txt"

    def start(self) -> None:
        with self.log.open("a") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        wait_until_healthy(self.address, self._process, START)

    def stop(self) -> None:
        stop(self._process)


@contextmanager
def serving(sandbox: Sandbox, folder: Path) -> Iterator[Served]:
    """A dashboard on a sandbox, with the app's keys in its environment and its data in `folder`/data, until the end of
    the block; it must have logged no error."""
    names = ("DINERO_API_URL", "DINERO_CONNECT_URL", "DINERO_TOKEN_URL", "SHOPORAMA_URL", "DINERO_CALLS_PER_MINUTE")
    given = sandbox.environment()
    environment = own_environment() | {name: given[name] for name in names}
    environment |= {
        "DINERO_DATA_DIR": str(folder / "data"),
        "DINERO_CONNECT_CLIENT_ID": CONNECT_CLIENT_ID,
        "DINERO_CONNECT_CLIENT_SECRET": CONNECT_CLIENT_SECRET,
    }
    dashboard = Served(folder, free_port(), environment)
    dashboard.store.settings.put({"language": LANGUAGE})
    try:
        dashboard.start()
        yield dashboard
    finally:
        dashboard.stop()
    assert "Traceback" not in dashboard.log.read_text()


class Owner:
    """The owner at the screen."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page = page
        self.served = served
        self.address = served.address
        self.store = served.store  # as another process sees it
        self.errors: list[str] = []
        page.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        page.on("console", lambda message: self.errors.append(message.text) if self.is_error(message) else None)

    @staticmethod
    def is_error(message: Any) -> bool:
        # Streamlit probes for its own base path with two 404s on every deep link (facts.md, Streamlit 1.2).
        return message.type == "error" and "404" not in message.text

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        expect(self.page.locator("h1").first).to_be_attached()
        self.settle()

    def settle(self) -> None:
        """Waits until the page's script has run to its end, and what the browser loads by parts is drawn."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)

    def press(self, message: str, plural: str | None = None, /, **values: Any) -> None:
        self.button(message, plural, **values).click()
        self.settle()

    def button(self, message: str, plural: str | None = None, /, **values: Any) -> Locator:
        return self.page.get_by_role("button", name=say(message, plural, **values), exact=True).first

    def sees(self, text: str, timeout: float = WAIT) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=timeout)

    def sees_no(self, text: str) -> None:
        expect(self.page.get_by_text(text)).to_have_count(0)

    def show(self, name: str) -> None:
        """Keeps a picture of the page, wide and narrow."""
        folder = os.environ.get("DINERO_SCREENSHOTS")
        if not folder:
            return
        for width in (1400, 390):
            self.page.set_viewport_size({"width": width, "height": 900})
            for _ in range(2):  # what was opened may still grow
                self.page.wait_for_timeout(500)
                height = self.page.evaluate(WHOLE)
                self.page.set_viewport_size({"width": width, "height": min(max(height, 900), 4000)})
            self.page.wait_for_timeout(600)
            # What is said for a moment would lie over the page.
            # The sign-in's own content policy lets no style be added, and it has no toasts.
            hidden = "[data-testid=stToast] { display: none }" if self.page.get_by_test_id("stApp").count() else None
            self.page.screenshot(path=f"{folder}/{name}-{width}.png", style=hidden)
        self.page.set_viewport_size({"width": 1400, "height": 900})

    def fetch(self) -> None:
        """Fetches the orders on the page Ordrer, and waits until that came to its end."""
        before = Fetches(self.store, "shoporama").last()
        self.button("Fetch orders").click()
        deadline = time.monotonic() + START
        while Fetches(self.store, "shoporama").last() == before:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.settle()

    def view(self, message: str) -> Locator:
        """A view of the orders page; its name is followed by the number of its orders."""
        return self.page.locator("nav.views a").filter(has_text=re.compile(rf"^{re.escape(say(message))} [\d.]+$"))

    def row(self, text: Any) -> Locator:
        """The first row of a list that says this."""
        return self.page.locator("ul.rows:visible > li").filter(has_text=str(text)).first

    def open_row(self, text: Any) -> None:
        """Clicks a row, beside its link, and waits until its order is open."""
        self.row(text).click(position={"x": 5, "y": 5})
        expect(self.page.locator(".st-key-order").first).to_be_visible()
        self.settle()

    def follow(self, message: str, **values: Any) -> None:
        """Follows a link of this text."""
        self.page.get_by_role("link", name=say(message, **values)).first.click()
        self.settle()

    def transferred(self, operations: int) -> str:
        """Waits until so many transfers are over, and the newest one's card is there; what the card says."""
        card = self.page.locator(".transfer h2").first
        deadline = time.monotonic() + TRANSFER / 1000
        while self.store.operations.unfinished() or len(self.store.operations.list(limit=1000)) < operations:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        expect(card).to_be_visible(timeout=TRANSFER)
        self.settle()
        return card.inner_text()


def at_the_screen(browser: Browser, served: Served) -> Owner:
    """The owner in a new window of 1400 px, in the walk's language."""
    context = browser.new_context(
        locale={"da": "da-DK", "en": "en-GB"}[LANGUAGE],
        timezone_id="Europe/Copenhagen",
        viewport={"width": 1400, "height": 900},
    )
    return Owner(context.new_page(), served)


def serious(page: Page) -> list[tuple[str, list[tuple[str, str]]]]:
    """What axe finds on a page that is serious or worse: the rule, and where."""
    found = []
    for violation in Axe().run(page, options=AXE).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            nodes = [(node["html"][:160], node.get("failureSummary", "")[:200]) for node in violation["nodes"][:3]]
            found.append((violation["id"], nodes))
    return found


def unseen_focus(page: Page, most: int = 80) -> tuple[list[str], list[tuple[str, str]]]:
    """Goes through a page with Tab: the names of what was reached, and what shows no outline of itself."""
    passed, unseen = [], []
    for _ in range(most):
        page.keyboard.press("Tab")
        seen, name, tag, _ = page.evaluate(OUTLINE)
        if tag == "BODY":
            break
        passed.append(name)
        if not seen:
            unseen.append((tag, name))
    return passed, unseen
