"""The demo as a newcomer meets it: from a server that is ready to the first booked and paid batch in five clicks."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from conftest import wait_until_healthy
from dinero.model.balance import ROW_NAMES, RowKind
from dinero.model.i18n import Text
from dinero.model.payouts import Movement
from dinero.model.settlements import PayoutState
from dinero.store import Store

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
CLICKS = 5
SECONDS = 30.0

pytestmark = pytest.mark.browser


def da(message: str, plural: str | None = None, /, **values: int) -> str:
    return Text(message, plural, **values).render("da")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[str, Store]]:
    """`make demo`, and its store."""
    if not CHROMIUM.exists():
        if os.environ.get("DINERO_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here and is not installed")
        pytest.skip("Chromium (Debian's package) is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DINERO_", "SHOPORAMA_", "STREAMLIT_"))}
    command = [sys.executable, "-m", "dinero", "demo", "--port", str(port), "--orders", "40"]
    with (tmp_path / "log.txt").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=kept | {"DINERO_DATA_DIR": str(tmp_path)}, stdout=log, stderr=log
        )
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", process, 180)
            yield f"http://127.0.0.1:{port}", Store(tmp_path / "demo" / str(port))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def a_month_of_payouts_is_booked_and_explained_after_one_click(page: Page, address: str, store: Store) -> None:
    """What the demo's own set-up fetched from two acquirers, with a chargeback and a reserve in it."""
    payouts = store.payouts.count()
    kinds = {line.kind for payout in store.payouts.listed() for line in store.payouts.lines(payout.id)}
    assert {Movement.CHARGEBACK, Movement.RESERVE} <= kinds
    page.goto(f"{address}/payouts")
    page.locator(".st-key-book_all button").click()
    deadline = time.monotonic() + 60
    while store.payouts.count(states=(PayoutState.BOOKED,)) < payouts:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    page.goto(f"{address}/payouts?proof=today")
    page.locator(".st-key-ask_dinero button").click()
    expect(page.locator(".verdict.green")).to_contain_text("forklaret til øren")
    expect(page.locator(".sums")).to_contain_text(ROW_NAMES[RowKind.CHARGEBACK].render("da"))


def test_a_newcomer_books_the_first_batch_in_five_clicks_and_half_a_minute(demo: tuple[str, Store]) -> None:
    address, store = demo
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=da"]
        page = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments).new_page(locale="da-DK")
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        started = time.monotonic()
        page.goto(address)
        clicks = [
            page.get_by_role("button", name=da("Open the demo")),
            page.get_by_role("button", name=da("Set the demo up for me")),
            page.get_by_role("link", name=da("Select {n} order", "Select all {n} orders", n=2).split("2")[0]),
            page.locator(".st-key-look button"),
            page.get_by_role("dialog").locator(".st-key-push button"),
        ]
        for place in clicks:
            place.click()
        expect(page.locator(".transfer h2")).to_be_visible()
        seconds = time.monotonic() - started
        a_month_of_payouts_is_booked_and_explained_after_one_click(page, address, store)
    assert len(clicks) <= CLICKS
    (operation,) = store.operations.list()
    rows = store.operations.orders_of(operation.id)
    assert len(rows) > 20
    assert all(row.result == "done" for row in rows)
    assert seconds <= SECONDS
