"""The owner's main job in a real browser: from a new password to booked, paid invoices, and what the pages show.

Screenshots of each page at 1400 and 390 px lie in the folder DINERO_SCREENSHOTS, if it is set. The walk is in Danish,
or in the language DINERO_WALK_LANGUAGE ("en").
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from conftest import stop, wait_until_healthy
from dinero.model.i18n import Text, show
from dinero.model.settings import EXAMPLE_SALE
from dinero.sandbox import Sandbox, make_order
from dinero.sandbox.connect import CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET
from dinero.sandbox.generate import make_orders
from dinero.store import Store

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
LANGUAGE = os.environ.get("DINERO_WALK_LANGUAGE", "da")
PASSWORD = "rødgrød med fløde"
ORDERS = 100
# A machine that is busy with other work is slow, not wrong.
WAIT = 120_000  # milliseconds
LOST = 20_000  # milliseconds after which a click was lost, if nothing came of it
START = 180  # seconds for a server to answer, or for a run by itself
TRANSFER = 400_000  # milliseconds for a hundred orders

GIVE_BACK = {"da": "Husk at tilbagebetale kunden", "en": "Give the money back"}[LANGUAGE]

# WCAG 2.1 A and AA. What lies in Streamlit's own grid (a canvas with a table for screen readers) is its own.
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


pytestmark = pytest.mark.browser


def say(message: str, plural: str | None = None, /, **values: Any) -> str:
    """A text as the page shows it in the walk's language."""
    return Text(message, plural, **values).render(LANGUAGE)


def all_done(n: int, part: str, **values: int) -> str:
    """What the page says of a transfer whose orders are all done."""
    return (
        say("{done} of {n} order is done.", "{done} of {n} orders are done.", done=n, n=n) + " " + say(part, **values)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
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


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=0, webshop_account=False, calls_per_minute=100_000) as running:
        running.shop.orders += make_orders(ORDERS, 5, running.clock.now(), returns=True)
        yield running


@pytest.fixture(scope="module")
def address(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard as the owner starts it, on the sandbox, with the app's keys in its environment."""
    folder = tmp_path_factory.mktemp("dashboard")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("DINERO_API_URL", "DINERO_CONNECT_URL", "DINERO_TOKEN_URL", "SHOPORAMA_URL", "DINERO_CALLS_PER_MINUTE")
    given = sandbox.environment()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DINERO_", "SHOPORAMA_", "STREAMLIT_"))}
    environment |= {name: given[name] for name in names} | {
        "DINERO_DATA_DIR": str(folder / "data"),
        "DINERO_CONNECT_CLIENT_ID": CONNECT_CLIENT_ID,
        "DINERO_CONNECT_CLIENT_SECRET": CONNECT_CLIENT_SECRET,
    }
    Store(folder / "data").settings.put({"language": LANGUAGE})
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", process, START)
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(process)
    assert "Traceback" not in (folder / "log.txt").read_text()


class Owner:
    """The owner at the screen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
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
        expect(self.page.locator("h1").first).to_be_visible()
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
            self.page.wait_for_timeout(400)
            height = self.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight || 900")
            self.page.set_viewport_size({"width": width, "height": min(max(height, 900), 4000)})
            self.page.wait_for_timeout(600)
            self.page.screenshot(path=f"{folder}/{name}-{width}.png")
        self.page.set_viewport_size({"width": 1400, "height": 900})

    def view(self, message: str) -> Locator:
        """A view of the orders page; its name is followed by the number of its orders."""
        return self.page.get_by_role("radio", name=re.compile(rf"^{re.escape(say(message))} · [\d.]+$"))

    def tick_row(self, row: int, *, shows: str) -> None:
        """Ticks a row of the first table until the page shows what belongs to it: a click while the table is being
        drawn anew is lost."""
        for _ in range(4):
            self.click_row(row)
            with contextlib.suppress(AssertionError):
                expect(self.page.get_by_text(shows).first).to_be_visible(timeout=LOST)
                return
        self.sees(shows)

    def click_row(self, row: int) -> None:
        """Clicks the box of a row of the first table: the grid is drawn on a canvas."""
        grid = self.page.get_by_test_id("stDataFrame").first
        expect(grid.locator("canvas").first).to_be_visible()
        box, before = grid.bounding_box(), None
        while box is None or box != before:  # a chart above may still push it down
            self.page.wait_for_timeout(300)
            box, before = grid.bounding_box(), box
        self.page.mouse.click(box["x"] + 18, box["y"] + 36 + 35 * row + 17)
        self.settle()


@pytest.fixture(scope="module")
def owner(browser: Browser, address: str) -> Owner:
    context = browser.new_context(
        locale={"da": "da-DK", "en": "en-GB"}[LANGUAGE],
        timezone_id="Europe/Copenhagen",
        viewport={"width": 1400, "height": 900},
    )
    return Owner(context.new_page(), address)


def test_the_owner_walks_from_a_new_password_to_booked_and_paid_invoices(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    # A password at the first start.
    page.goto(owner.address + "/setup")
    owner.show("login")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("form button").first.click()
    owner.sees(say("Demo: nothing reaches Dinero"))

    # Before the set-up every page says what to do first.
    for path, name in (("/", "overview-first"), ("/orders", "orders-first")):
        owner.open(path)
        owner.sees(say("Go to the set-up"))
        owner.show(name)

    # Connect: cancelled once, then approved.
    owner.open("/setup")
    owner.show("setup-empty")
    page.click("#connect-dinero")
    page.click("#cancel")
    owner.sees(say("You said no at Visma. Nothing is connected."))
    page.click("#connect-dinero")
    page.click("#approve")
    owner.sees(say("{system} is connected.", system="Dinero"))

    # The organization, with its Pro.
    page.get_by_text("Eksempel Webshop ApS").first.click()
    owner.settle()
    owner.press("Choose this organization")
    owner.sees(say("Create the account “Webshop salg”"))

    # The moment and the booking account, with the warning against the bank.
    page.get_by_text(say("when they are paid"), exact=True).click()
    owner.sees(say("You have changes in step 3 or 4 that are not saved."))
    page.get_by_role("combobox", name=say("Booking account")).click()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").filter(has_text="55000").click()
    owner.settle()
    owner.sees(show(EXAMPLE_SALE, LANGUAGE))
    owner.show("setup-bank")
    owner.press("Save")
    owner.sees_no(say("You have changes in step 3 or 4 that are not saved."))
    owner.press("Create the account “Webshop salg”")
    owner.sees("55100 Webshop salg")
    assert [account["Name"] for account in sandbox.books.deposits.values()].count("Webshop salg") == 1

    # The shop, and from when the dashboard takes over.
    page.click("#connect-shop")
    page.click("#approve")
    owner.sees(say("{system} is connected.", system="Shoporama"))
    page.get_by_text(say("from an order number"), exact=True).click()
    expect(page.get_by_label(say("First order number"))).to_be_visible()
    page.get_by_label(say("First order number")).fill("10400")
    page.get_by_role("button", name=say("Save"), exact=True).last.click()
    owner.sees(say("Everything is set up. Orders can be transferred."))
    owner.show("setup-done")

    # Orders: fetched, one previewed, 50 and more selected, pushed with a double click.
    owner.open("/orders")
    owner.press("Fetch orders")
    every = page.get_by_text(re.compile(say("Select {n} order", "Select all {n} orders", n=99).replace("99", r"\d+")))
    expect(every).to_have_text(re.compile(r"\d{2,}"))
    count = int(re.sub(r"\D", "", every.text_content() or ""))
    assert count >= 50
    owner.tick_row(0, shows=say("will be created in Dinero"))
    owner.show("orders-preview")
    owner.click_row(0)
    owner.sees_no(say("will be created in Dinero"))
    every.click()
    transfer = page.get_by_test_id("stMain").get_by_role("button").filter(has_text=f"{count} ").last
    expect(transfer).to_be_visible()
    owner.show("orders-selected")
    transfer.dblclick()
    owner.sees(all_done(count, "Invoices booked: {booked}.", booked=count), TRANSFER)
    owner.sees(say("Sales registered: {paid}.", paid=count))
    owner.show("orders-done")

    # Dinero has each order once, to the øre.
    books = sandbox.books
    booked = {i["ExternalReference"]: Decimal(str(i["TotalInclVat"])) for i in books.invoices.values()}
    paid = {p["ExternalReference"]: Decimal(str(p["Amount"])) for p in books.payments}
    assert len(books.invoices) == len(books.payments) == len(booked) == len(paid) == count
    assert {i["PaymentStatus"] for i in books.invoices.values()} == {"Paid"}
    for raw in sandbox.shop.orders:
        reference = f"shoporama:{raw['order_id']}"
        if reference in booked:
            assert booked[reference] == paid[f"{reference}:payment"] == Decimal(str(raw["total_price"]))

    # What is held says why, and what to do.
    owner.press("Close")
    owner.sees_no(say("Sales registered: {paid}.", paid=count))
    owner.view("Needs you").click()
    owner.sees_no(say("There are no orders here."))
    owner.settle()
    owner.tick_row(0, shows=say("Leave the order out, because"))
    owner.show("orders-held")


def test_the_history_shows_every_step_of_an_order_and_a_link_to_its_invoice(owner: Owner, sandbox: Sandbox) -> None:
    owner.open("/history")
    owner.show("history")
    search = owner.page.get_by_label(say("Search for number, customer, e-mail, amount or invoice"))
    search.fill(str(raw_of(sandbox, booked_invoices(sandbox)[0])["webshop_order_id"]))
    search.press("Enter")
    owner.settle()
    owner.tick_row(0, shows=say("The draft in Dinero was compared with the order: it fits to the øre."))
    link = owner.page.get_by_role("link").filter(has_text=re.compile(r"Dinero"))
    address = link.first.get_attribute("href")
    assert address is not None
    assert requests.get(address, timeout=10).ok
    owner.show("history-trace")
    owner.page.get_by_role("link", name=say("Raw order")).first.click()
    owner.sees(say("As Shoporama sent it"))
    owner.settle()
    owner.show("raw")


def find(owner: Owner, view: str, number: Any) -> None:
    """The orders page with one order, ticked."""
    owner.open("/orders")
    choice = owner.view(view)
    for _ in range(4):  # a click while the page is still being drawn for the first time is lost
        choice.click()
        owner.settle()
        with contextlib.suppress(AssertionError):
            expect(choice).to_be_checked(timeout=LOST)
            break
    expect(choice).to_be_checked()
    search = owner.page.get_by_label(say("Search for number, customer, e-mail, amount or invoice"))
    search.fill(str(number))
    search.press("Enter")
    expect(owner.page.get_by_text(say("{n} order", "{n} orders", n=1), exact=True).first).to_be_visible()
    owner.settle()
    owner.tick_row(0, shows=f"{say('Order')} {number}")


def fetch(owner: Owner, orders: int) -> None:
    """Fetches, until so many orders are known."""
    owner.open("/orders")
    owner.press("Fetch orders")
    owner.sees(
        say(
            "{n} order was read from the shop, and each has exactly one state.",
            "{n} orders were read from the shop, and each has exactly one state.",
            n=orders,
        )
    )


def booked_invoices(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [i for i in sandbox.books.invoices.values() if i["Status"] == "Booked"]


def raw_of(sandbox: Sandbox, invoice: dict[str, Any]) -> dict[str, Any]:
    """The shop's order of an invoice."""
    order_id = invoice["ExternalReference"].split(":")[1]
    return next(raw for raw in sandbox.shop.orders if str(raw["order_id"]) == order_id)


def test_a_partial_refund_in_the_shop_becomes_a_linked_credit_note(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    owner.open("/orders")
    owner.tick_row(0, shows=GIVE_BACK)
    owner.show("return-preview")
    one = say("Transfer {n} order ({total})", n=1, total="").split(" (")[0]
    page.get_by_test_id("stMain").get_by_role("button").filter(has_text=one).last.click()
    owner.sees(all_done(1, "Credit notes booked: {credited}.", credited=1), TRANSFER)
    owner.show("return-done")
    (note,) = sandbox.books.credit_notes.values()
    assert note["Status"] == "Booked"
    invoice = sandbox.books.invoices[note["CreditNoteFor"]]
    assert note["TotalInclVat"] <= invoice["TotalInclVat"]
    assert sandbox.books.payments_of(invoice["Guid"])["RemainingAmount"] == 0
    owner.press("Close")


def test_the_owner_takes_a_wrong_transfer_back(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    credited = {note["CreditNoteFor"] for note in sandbox.books.credit_notes.values()}
    invoice = next(i for i in booked_invoices(sandbox) if i["Guid"] not in credited)
    find(owner, "Transferred", raw_of(sandbox, invoice)["webshop_order_id"])
    page.get_by_text(say("Take the transfer back"), exact=True).click()
    owner.sees(say("Why?"))
    owner.show("undo-preview")
    page.get_by_label(say("Why?")).fill("Ordren var en test")
    page.get_by_role("button").filter(has_text=say("Take the invoice back")).last.click()
    owner.sees(all_done(1, "Credit notes booked: {credited}.", credited=1), TRANSFER)
    owner.show("undo-done")
    (note,) = [n for n in sandbox.books.credit_notes.values() if n["CreditNoteFor"] == invoice["Guid"]]
    assert (note["Status"], note["TotalInclVat"]) == ("Booked", invoice["TotalInclVat"])
    assert sandbox.books.payments_of(invoice["Guid"])["RemainingAmount"] == 0
    owner.press("Close")


def test_an_order_changed_after_booking_is_shown_line_by_line_and_credited(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    credited = {note["CreditNoteFor"] for note in sandbox.books.credit_notes.values()}
    invoice = next(
        i
        for i in booked_invoices(sandbox)
        if i["Guid"] not in credited
        and not raw_of(sandbox, i)["voucher_code"]
        and len(raw_of(sandbox, i)["products"]) > 1
        and all(p["vat"] for p in raw_of(sandbox, i)["products"])
    )
    raw = raw_of(sandbox, invoice)
    gone = raw["products"][0]
    less = Decimal(str(gone["unit_price"])) * int(gone["amount"])
    net = (less * 4 / 5).quantize(Decimal("0.01"))
    total = Decimal(str(raw["total_price"])) - less
    sandbox.shop.add(
        raw
        | {
            "products": raw["products"][1:],
            "total_price": float(total),
            "price": float(total),
            "vat": float(Decimal(str(raw["vat"])) - (less - net)),
            "last_modified": "2099-01-01 00:00:00",
        }
    )
    owner.open("/orders")
    owner.press("Fetch orders")
    owner.sees(
        say(
            "{n} order was changed in the shop after it was booked. It is under “Needs you”.",
            "{n} orders were changed in the shop after they were booked. They are under “Needs you”.",
            n=1,
        )
    )
    find(owner, "Needs you", raw["webshop_order_id"])
    owner.sees(say("What should happen to the invoice?"))
    owner.show("changed-order")
    page.get_by_label(say("Why?")).fill("Kunden fortrød en vare")
    page.get_by_role("button").filter(has_text=say("Credit the difference")).last.click()
    owner.sees(all_done(1, "Credit notes booked: {credited}.", credited=1), TRANSFER)
    (note,) = [n for n in sandbox.books.credit_notes.values() if n["CreditNoteFor"] == invoice["Guid"]]
    assert Decimal(str(note["TotalInclVat"])) == less
    owner.press("Close")


def test_a_question_is_answered_once_and_remembered_as_a_rule(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    day = (sandbox.clock.now() - timedelta(days=1)).strftime("%Y-%m-%d 12:00:00")
    raw = make_order(
        order_id=900002,
        webshop_order_id=20002,
        time=day,
        paid=day,
        del_country_id=1002,
        del_country="Sverige",
        last_modified="2099-01-01 00:00:00",
    )
    sandbox.shop.add(raw)
    fetch(owner, ORDERS + 1)
    find(owner, "Needs you", raw["webshop_order_id"])
    owner.sees(say("Remember it as a rule for all orders"))
    owner.show("question")
    page.get_by_text(say("I am below the limit: Danish VAT, as long as the year's counter is below it")).click()
    page.get_by_text(say("Remember it as a rule for all orders")).click()
    page.get_by_role("button", name=say("Save the answer")).click()
    owner.sees_no(say("Remember it as a rule for all orders"))
    find(owner, "Waiting", raw["webshop_order_id"])
    owner.sees(say("EU, consumer (Danish VAT)"))
    owner.open("/eu-sales")
    owner.sees(say("OSS sales by country"))
    owner.show("eu-sales")


def test_the_reconciliation_proves_that_the_books_are_complete(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    owner.open("/reconciliation")
    owner.press("Compare with Dinero")
    owner.sees(say("No order is booked twice, and none is forgotten."))
    owner.show("reconciliation")
    page.emulate_media(media="print")
    expect(owner.button("Compare with Dinero")).to_be_hidden()
    expect(page.get_by_text(say("By VAT zone"))).to_be_visible()
    page.emulate_media(media="screen")
    with page.expect_download() as saved:
        page.get_by_role("button", name=say("Save as PDF")).click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
    with page.expect_download() as saved:
        page.get_by_role("button", name=say("Save as CSV")).click()
    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert say("In both and equal") in text
    # Somebody deletes an invoice's trace and books another by hand: both are told.
    (first, second) = booked_invoices(sandbox)[-2:]
    del sandbox.books.invoices[first["Guid"]]
    sandbox.books.invoices["other"] = second | {"Guid": "other", "Number": 9999}
    owner.press("Compare with Dinero")
    owner.sees(say("Some rows need a look. They come first below, each with what to do."))
    owner.sees(say("Booked twice"))
    owner.show("reconciliation-problems")
    sandbox.books.invoices[first["Guid"]] = first
    del sandbox.books.invoices["other"]


def test_older_orders_are_checked_before_they_are_let_in(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    day = sandbox.clock.now().date() - timedelta(days=70)
    stamp = f"{day.isoformat()} 12:00:00"
    sandbox.shop.add(
        make_order(order_id=900001, webshop_order_id=9001, time=stamp, paid=stamp, last_modified="2099-01-01 00:00:00")
    )
    fetch(owner, ORDERS + 2)
    owner.open("/older")
    for place in (0, 1):  # the first and the last day, each typed part by part
        page.get_by_role("spinbutton", name=re.compile("^day")).nth(place).click()
        page.keyboard.type(f"{day:%d%m%Y}")
    page.keyboard.press("Escape")
    owner.press("Check the period")
    owner.sees(say("Time needed"))
    owner.show("older")


def test_the_accountants_settings_are_there(owner: Owner) -> None:
    owner.open("/setup")
    for name in (
        "Accounts by VAT zone",
        "Payment methods",
        "EU sales and currencies",
        "Øre differences and reported VAT periods",
    ):
        owner.page.get_by_text(say(name), exact=True).click()
        owner.settle()
    owner.page.get_by_text(re.compile(say("Rules ({n})", n=1).replace("(", r"\(").replace(")", r"\)"))).click()
    owner.sees(say("Consumers in other EU countries"))
    owner.show("setup-accountant")


def test_it_runs_by_itself_when_switched_on(owner: Owner, sandbox: Sandbox) -> None:
    sandbox.shop.add(
        make_order(
            order_id=990_001, webshop_order_id=990_001, email="automat@example.com", last_modified="2099-01-01 00:00:00"
        )
    )
    owner.open("/automatic")
    owner.page.get_by_text(say("Transfer automatically")).click()
    expect(owner.page.get_by_text(say("Runs by itself."))).to_be_visible(timeout=START * 1000)
    deadline = time.monotonic() + START
    while not any(i["ExternalReference"] == "shoporama:990001" for i in sandbox.books.invoices.values()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    owner.page.get_by_text(say("Alarms by e-mail")).click()
    owner.show("automatic")
    owner.open("/orders")
    expect(owner.page.get_by_text(re.compile(say("Last run {ago}", ago="")))).to_be_visible()
    owner.show("orders-automatic")
    owner.open("/automatic")
    owner.page.get_by_text(say("Transfer automatically")).click()
    expect(owner.page.get_by_text(say("It does not run by itself."))).to_be_visible()


def test_the_owners_data_and_access_are_in_the_set_up(owner: Owner) -> None:
    owner.open("/setup")
    for name in ("Your data", "The accountant's access", "Password"):
        owner.page.get_by_text(say(name), exact=True).click()
    with owner.page.expect_download() as download:
        owner.page.get_by_text(say("Download a backup")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"SQLite format 3")
    owner.show("setup-data")
    owner.page.goto(f"{owner.address}/password")
    owner.show("password")


@pytest.mark.skipif(LANGUAGE == "en", reason="the whole walk is in English")
def test_every_page_can_be_had_in_english_and_then_in_danish_again(owner: Owner) -> None:
    owner.open("/setup")
    owner.page.get_by_text(say("Language"), exact=True).first.click()
    owner.page.get_by_text("English", exact=True).click()
    owner.sees("Choose the booking account")
    danish = [title for title in map(say, TITLES.values()) if title not in TITLES.values()]
    for path, title in TITLES.items():
        owner.open(path)
        expect(owner.page.locator("h1").first).to_have_text(title)
        for word in danish:
            expect(owner.page.get_by_test_id("stApp"), path).not_to_contain_text(word)
        owner.show(f"en-{path.strip('/').split('?')[0] or 'overview'}")
    owner.open("/orders?view=owner")
    owner.tick_row(0, shows="Leave the order out, because")
    owner.show("en-held")
    owner.open("/setup")
    owner.page.get_by_text("Language", exact=True).first.click()
    owner.page.get_by_text("Dansk", exact=True).click()
    owner.sees(say("Choose the booking account"))


def test_the_keyboard_reaches_the_pages_the_filters_and_the_transfer(owner: Owner, sandbox: Sandbox) -> None:
    sandbox.shop.add(make_order(order_id=900003, webshop_order_id=20003, last_modified="2099-01-01 00:00:00"))
    every = say("Select {n} order", "Select all {n} orders", n=1)
    page = owner.page
    owner.open("/orders?view=waiting")
    owner.press("Fetch orders")
    owner.sees(every)
    owner.open("/orders?view=waiting")

    def tab_to(name: re.Pattern[str]) -> list[str]:
        """Presses Tab until what has this name is reached; the names on the way."""
        passed: list[str] = []
        for _ in range(60):
            page.keyboard.press("Tab")
            name_of = "e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText.slice(0, 60)"
            passed.append(page.evaluate(f"({name_of})(document.activeElement)"))
            if name.search(passed[-1]):
                return passed
        pytest.fail(f"Tab does not reach {name.pattern}: {passed}")

    passed = " ".join(tab_to(re.compile(every)))
    for text in (
        "Overview",
        "History",
        "Set-up",
        "Fetch orders",
        "Search for number, customer, e-mail, amount or invoice",
    ):
        assert say(text) in passed
    page.keyboard.press("Space")
    transfer = say("Transfer {n} order ({total})", n=1, total="").split(" (")[0]
    expect(page.get_by_test_id("stMain").get_by_role("button").filter(has_text=transfer).last).to_be_visible()
    owner.settle()
    tab_to(re.compile(say("Transfer {n} order ({total})", n=1, total="").split("1")[0]))


TITLES = {
    "/": "Overview",
    "/orders?view=done": "Orders",
    "/history": "History",
    "/reconciliation": "Reconciliation",
    "/eu-sales": "EU sales",
    "/older": "Older orders",
    "/automatic": "Automatic",
    "/setup": "Set-up",
}
PATHS = [
    "/",
    "/orders?view=all",
    "/orders?view=owner",
    "/history",
    "/reconciliation",
    "/eu-sales",
    "/older",
    "/automatic",
    "/setup",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(owner: Owner, sandbox: Sandbox, scheme: Any) -> None:
    owner.page.emulate_media(color_scheme=scheme)
    found = []
    raw = f"/raw?id={sandbox.shop.orders[0]['order_id']}"
    for path in [*PATHS, raw, "/password"]:
        if path == "/password":  # no page of Streamlit's
            owner.page.goto(owner.address + path)
        else:
            owner.open(path)
        if scheme == "dark":
            owner.show(f"dark-{path.strip('/').split('?')[0] or 'overview'}")
        for violation in Axe().run(owner.page, options=AXE).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                nodes = [(node["html"][:160], node.get("failureSummary", "")[:200]) for node in violation["nodes"][:3]]
                found.append((path, violation["id"], nodes))
    owner.page.emulate_media(color_scheme="light")
    assert found == []


def test_a_number_of_the_overview_leads_to_its_list(owner: Owner) -> None:
    owner.open("/")
    owner.sees(say("Sales of the last {days} days, and what became of them", days=30))
    owner.show("overview")
    owner.page.get_by_role("link", name=say("See the orders")).click()
    owner.sees(say("All days"))
    expect(owner.view("Transferred")).to_be_checked()
    owner.page.reload()
    owner.settle()
    expect(owner.view("Transferred")).to_be_checked()


def test_no_page_logged_an_error_in_the_browser(owner: Owner) -> None:
    assert owner.errors == []


def test_signing_out_ends_the_session(owner: Owner) -> None:
    owner.open("/orders")
    owner.page.get_by_role("button", name=say("Sign out")).click()
    owner.page.wait_for_url("**/login*")
    owner.page.goto(owner.address + "/history")
    expect(owner.page).to_have_url(re.compile("/login"))
