"""The owner's main job in a real browser: from a new password to booked, paid invoices, and what the pages show."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from dinero.model.i18n import show
from dinero.model.settings import EXAMPLE_SALE
from dinero.sandbox import Sandbox, make_order
from dinero.sandbox.generate import make_orders
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import CLEARHAUS, make_payouts
from screen import (
    LANGUAGE,
    OUTLINE,
    START,
    Owner,
    Served,
    at_the_screen,
    chromium,
    say,
    serious,
    serving,
    unseen_focus,
)

PASSWORD = "rødgrød med fløde"
ORDERS = 100

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=0, webshop_account=False, calls_per_minute=100_000) as running:
        running.shop.orders += make_orders(ORDERS, 5, running.clock.now(), returns=True)
        yield running


@pytest.fixture(scope="module")
def served(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(sandbox, tmp_path_factory.mktemp("dashboard")) as dashboard:
        yield dashboard


@pytest.fixture(scope="module")
def owner(browser: Browser, served: Served) -> Owner:
    return at_the_screen(browser, served)


def test_the_owner_walks_from_a_new_password_to_booked_and_paid_invoices(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    # A password at the first start.
    page.goto(owner.address + "/")
    owner.show("login")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("form button").last.click()
    owner.sees(say("Demo: nothing is sent to Dinero"))

    # Overblik is the set-up; the other pages say what is left, and lead there.
    left = "{n} of {all} steps is left.", "{n} of {all} steps are left."
    expect(page.locator("h1")).to_have_text(say(*left, n=6, all=6))
    owner.show("overview-first")
    owner.open("/orders")
    owner.follow("Go on with the set-up")

    # Connect: cancelled once, then approved. Each time one is back where the next step is open.
    page.click("#connect-dinero")
    page.click("#cancel")
    owner.sees(say("You said no at Visma. Nothing is connected."))
    page.click("#connect-dinero")
    page.click("#approve")
    owner.sees(say("{system} is connected.", system="Dinero"))
    owner.sees_no(say("You said no at Visma. Nothing is connected."))
    expect(page.locator("h1")).to_have_text(say(*left, n=5, all=6))

    # The organization and the moment: the usual answer is there.
    owner.sees("Eksempel Webshop ApS")
    owner.press("Use this")
    owner.sees(say("When it is paid (the usual)"))
    owner.press("Use this")

    # The booking account: 249 and 241 are drawn beside the choice, and the bank account is warned against.
    owner.sees(show(EXAMPLE_SALE, LANGUAGE).replace(",00", ""))
    owner.show("setup-account")
    page.get_by_text(say("Choose another account"), exact=True).click()
    page.get_by_role("combobox", name=say("Booking account")).click()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").filter(has_text="55000").click()
    owner.settle()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    owner.show("setup-bank")
    owner.press("Create the account “Webshop salg”")
    owner.sees("55100 Webshop salg")
    assert [account["Name"] for account in sandbox.books.deposits.values()].count("Webshop salg") == 1

    # The shop, and from when the dashboard takes over.
    page.click("#connect-shop")
    page.click("#approve")
    owner.sees(say("{system} is connected.", system="Shoporama"))
    page.get_by_text(say("From an order number"), exact=True).click()
    expect(page.get_by_label(say("First order number"))).to_be_visible()
    page.get_by_label(say("First order number")).fill("10400")
    page.get_by_label(say("First order number")).press("Enter")
    owner.settle()
    owner.press("Use this")
    owner.sees(say("Fetch the orders"))
    owner.show("setup-done")

    # The orders, and the first invoice: drawn as what it will be, with its postings.
    owner.press("Fetch the orders")
    owner.follow("See the first invoice")
    papers = page.locator(".papers").first
    expect(papers).to_be_visible()
    for word in ("Debit", "Credit"):
        expect(papers).to_contain_text(say(word))
    owner.show("first-invoice")
    page.get_by_role("link", name=re.compile(say("Close"))).first.click()
    owner.settle()

    # 50 and more are selected and pushed with a double click, after the one second look of a first transfer.
    every = page.get_by_text(re.compile(say("Select {n} order", "Select all {n} orders", n=99).replace("99", r"\d+")))
    expect(every).to_have_text(re.compile(r"\d{2,}"))
    count = int(re.sub(r"\D", "", every.text_content() or ""))
    assert count >= 50
    every.click()
    owner.settle()
    owner.show("orders-selected")
    expect(page.locator(".doing")).to_contain_text(say("{n} invoice", "{n} invoices", n=count))
    page.locator(".st-key-look button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".papers").first).to_be_visible()
    owner.show("orders-second-look")
    dialog.locator(".st-key-push button").dblclick()
    owner.sees(say("You can close the page. The work goes on, also after a restart."))
    card = owner.transferred(1)
    assert say("{n} invoice", "{n} invoices", n=count) in card
    assert "55100 Webshop salg" in card
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


def test_the_record_of_a_transfer_is_the_same_in_a_second_tab_and_after_a_restart(owner: Owner) -> None:
    owner.open("/")
    card = owner.page.locator(".transfer").first.inner_text()
    second = owner.page.context.new_page()
    second.goto(owner.address + "/orders")
    owner.served.stop()
    owner.served.start()
    second.goto(owner.address + "/")
    expect(second.locator(".transfer").first).to_have_text(re.compile(re.escape(card.splitlines()[0])))
    links = second.locator(".transfer a[target=_blank]")
    assert requests.get(links.first.get_attribute("href") or "", timeout=10).ok
    second.close()
    owner.errors.clear()  # a page that was open says that its server was away


def test_payouts_of_a_file_wait_until_the_owner_says_how_they_are_booked(
    owner: Owner, sandbox: Sandbox, tmp_path: Path
) -> None:
    page = owner.page
    payouts = make_payouts(sandbox.shop.orders, 5, sandbox.clock.now())
    settled = [payout for payout in payouts if payout.acquirer == CLEARHAUS]
    (tmp_path / "settlements.csv").write_bytes(write(settled, "clearhaus"))
    owner.open("/payouts")
    page.locator("input[type=file]").set_input_files(tmp_path / "settlements.csv")
    owner.press("Read the files")
    owner.sees(say("{n} new payout was read.", "{n} new payouts were read.", n=len(settled)))
    owner.open("/payouts?payout=1")
    expect(page.get_by_role("button", name=say("Book the payout"))).to_have_count(0)
    owner.follow("Go to the set-up")
    owner.sees(say("What is done with its payouts"))
    owner.open("/payouts?proof=today")
    owner.press("Ask Dinero now")
    owner.sees(say("On the account in Dinero"))


def test_what_needs_the_owner_says_why_and_what_to_do_and_back_comes_home(owner: Owner) -> None:
    page = owner.page
    owner.open("/needs-you")
    owner.show("needs-you")
    owner.open_row("")
    owner.sees(say("Leave the order out, because"))
    owner.show("needs-you-order")
    opened = page.url
    page.reload()
    owner.settle()
    expect(page.locator(".st-key-order")).to_be_visible()
    assert page.url == opened
    page.go_back()
    owner.settle()
    expect(page.locator(".st-key-order")).to_have_count(0)
    assert page.url == owner.address + "/needs-you"


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_the_reason_of_a_held_order_lies_inside_the_screen(owner: Owner, width: int) -> None:
    page = owner.page
    page.set_viewport_size({"width": width, "height": 844})
    owner.open("/needs-you?group=one-by-one")
    notes = page.locator("ul.rows:visible .note")
    expect(notes.first).to_be_visible()
    for note in notes.all():
        box = note.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert (note.text_content() or "").strip()
    for path in PATHS:
        owner.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.set_viewport_size({"width": 1400, "height": 900})


def test_back_comes_home_to_the_view_the_search_and_the_order(owner: Owner) -> None:
    page = owner.page
    owner.open("/orders?view=done")
    name = (page.locator("ul.rows:visible .title").first.inner_text()).split()[-1]
    owner.open(f"/orders?view=done&search={name}")
    home = page.url
    owner.open_row(name)
    page.locator(".st-key-order").get_by_role("link", name=say("History")).click()
    owner.settle()
    assert page.url.startswith(owner.address + "/history?order=")
    page.go_back()
    owner.settle()
    expect(page.locator(".st-key-order")).to_be_visible()
    page.go_back()
    owner.settle()
    assert page.url == home
    expect(page.locator("nav.views a[aria-current=page]")).to_contain_text(say("Transferred"))
    expect(page.locator("input[type=text]").first).to_have_value(name)


def test_the_history_shows_every_step_of_an_order_and_a_link_to_its_invoice(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    owner.open("/history")
    expect(page.locator(".days a")).to_have_count(90)
    owner.show("history")
    page.locator("ul.transfers > li a.go").first.click()
    owner.settle()
    owner.show("history-transfer")
    number = raw_of(sandbox, booked_invoices(sandbox)[0])["webshop_order_id"]
    owner.open(f"/history?find={number}")
    page.locator("ul.events > li").first.click()
    owner.settle()
    expect(page.locator("ol.way > li")).not_to_have_count(0)
    page.get_by_text(re.compile(rf"^{say('{n} event', 'All {n} events', n=9).replace('9', '[0-9]+')}$")).click()
    owner.sees(say("The draft in Dinero was compared with the order: it fits to the øre."))
    link = page.get_by_role("link").filter(has_text=re.compile(r"Dinero ↗"))
    address = link.first.get_attribute("href")
    assert address is not None
    assert requests.get(address, timeout=10).ok
    owner.show("history-order")
    owner.follow("See the order")
    owner.follow("The order from {name}", name="Shoporama")
    owner.settle()
    owner.show("raw")


def find(owner: Owner, view: str, number: Any) -> None:
    """The orders page with one order, opened."""
    owner.open(f"/orders?view={view}&search={number}")
    if view == "waiting":  # a table on a wide screen; its rows are cells of a canvas
        order = next(row for row in owner.store.orders.find(str(number)))
        owner.open(f"/orders?view={view}&search={number}&order={order.id}")
    else:
        owner.open_row(number)
    owner.sees(say("Order {number}", number=str(number)))


def fetch(owner: Owner, orders: int) -> None:
    """Fetches, until so many orders are known."""
    owner.open("/orders?view=all")
    owner.fetch()
    expect(owner.view("All")).to_contain_text(show(Decimal(orders), LANGUAGE))


def booked_invoices(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [i for i in sandbox.books.invoices.values() if i["Status"] == "Booked"]


def raw_of(sandbox: Sandbox, invoice: dict[str, Any]) -> dict[str, Any]:
    """The shop's order of an invoice."""
    order_id = invoice["ExternalReference"].split(":")[1]
    return next(raw for raw in sandbox.shop.orders if str(raw["order_id"]) == order_id)


def test_a_partial_refund_in_the_shop_becomes_a_linked_credit_note(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    transfers = len(owner.store.operations.list(limit=1000))
    row = next(row for row in owner.store.orders.list(states=("waiting",), limit=100) if row.is_credit)
    owner.open(f"/orders?order={row.id}")
    expect(page.locator(".papers").first).to_be_visible()
    owner.show("return-preview")
    page.locator(".st-key-order button[kind=primary]").click()
    card = owner.transferred(transfers + 1)
    assert say("{n} credit note", "{n} credit notes", n=1) in card
    (note,) = sandbox.books.credit_notes.values()
    assert note["Status"] == "Booked"
    invoice = sandbox.books.invoices[note["CreditNoteFor"]]
    assert note["TotalInclVat"] <= invoice["TotalInclVat"]
    assert sandbox.books.payments_of(invoice["Guid"])["RemainingAmount"] == 0


def test_the_owner_takes_a_wrong_transfer_back(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    transfers = len(owner.store.operations.list(limit=1000))
    credited = {note["CreditNoteFor"] for note in sandbox.books.credit_notes.values()}
    invoice = next(i for i in booked_invoices(sandbox) if i["Guid"] not in credited)
    find(owner, "done", raw_of(sandbox, invoice)["webshop_order_id"])
    page.get_by_text(say("Credit invoice {number}", number=str(invoice["Number"])), exact=True).click()
    owner.sees(say("Why?"))
    owner.show("undo-preview")
    page.get_by_label(say("Why?")).fill("Ordren var en test")
    page.get_by_role("button").filter(has_text=say("Take the invoice back")).last.click()
    assert say("{n} credit note", "{n} credit notes", n=1) in owner.transferred(transfers + 1)
    (note,) = [n for n in sandbox.books.credit_notes.values() if n["CreditNoteFor"] == invoice["Guid"]]
    assert (note["Status"], note["TotalInclVat"]) == ("Booked", invoice["TotalInclVat"])
    assert sandbox.books.payments_of(invoice["Guid"])["RemainingAmount"] == 0


def test_an_order_changed_after_booking_is_shown_line_by_line_and_credited(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    transfers = len(owner.store.operations.list(limit=1000))
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
    owner.fetch()
    owner.open("/needs-you")
    owner.open_row(raw["webshop_order_id"])
    owner.sees(say("What should happen to the invoice?"))
    owner.show("changed-order")
    page.get_by_label(say("Why?")).fill("Kunden fortrød en vare")
    page.get_by_role("button").filter(has_text=say("Credit the difference")).last.click()
    assert say("{n} credit note", "{n} credit notes", n=1) in owner.transferred(transfers + 1)
    (note,) = [n for n in sandbox.books.credit_notes.values() if n["CreditNoteFor"] == invoice["Guid"]]
    assert Decimal(str(note["TotalInclVat"])) == less


def test_a_question_is_answered_once_for_its_group_and_remembered_as_a_rule(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    day = (sandbox.clock.now() - timedelta(days=1)).strftime("%Y-%m-%d 12:00:00")
    numbers = (20002, 20012)
    for number in numbers:
        sandbox.shop.add(
            make_order(
                order_id=880000 + number,
                webshop_order_id=number,
                time=day,
                paid=day,
                del_country_id=1002,
                del_country="Sverige",
                last_modified="2099-01-01 00:00:00",
            )
        )
    fetch(owner, ORDERS + len(numbers))
    owner.open(f"/needs-you?search={numbers[0]}")
    group = page.locator("ul.rows:visible li a.title").first
    expect(group).to_be_visible()
    owner.open("/needs-you")
    answer = say("I am below the limit: Danish VAT, as long as the year's counter is below it")
    owner.show("question")
    box = page.get_by_test_id("stVerticalBlock").filter(has=page.get_by_role("button", name=answer)).last
    box.get_by_text(say("Remember it as a rule for all orders")).click()
    owner.settle()
    page.get_by_role("button", name=answer).click()
    owner.settle()
    owner.show("question-answered")
    for number in numbers:
        find(owner, "waiting", number)
        expect(owner.page.locator(".papers").first).to_contain_text(say("Of which Danish VAT, 25 %"))
    owner.open("/eu-sales")
    owner.sees(say("OSS sales by country"))
    owner.show("eu-sales")


def test_the_reconciliation_proves_that_the_books_are_complete(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    owner.open("/reconciliation")
    compare(owner)
    owner.sees(say("No order is booked twice, and none is forgotten."))
    owner.show("reconciliation")
    page.emulate_media(media="print")
    expect(page.locator(".st-key-files")).to_be_hidden()
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
    compare(owner)
    owner.sees(say("Booked twice"))
    owner.show("reconciliation-problems")
    sandbox.books.invoices[first["Guid"]] = first
    del sandbox.books.invoices["other"]


def compare(owner: Owner) -> None:
    """Compares this month and the last one, through the form."""
    page = owner.page
    today = owner.served.store.clock.now().date()
    page.get_by_role("button", name=re.compile(say("Another period"))).first.click()
    for place, day in enumerate((today - timedelta(days=45), today)):
        page.get_by_role("spinbutton", name=re.compile("^(day|dag)")).nth(place).click()
        page.keyboard.type(f"{day:%d%m%Y}")
    owner.button("Compare with Dinero").focus()  # the calendar lies over it
    page.keyboard.press("Enter")
    owner.settle()


def test_older_orders_are_checked_before_they_are_let_in(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    day = sandbox.clock.now().date() - timedelta(days=70)
    stamp = f"{day.isoformat()} 12:00:00"
    sandbox.shop.add(
        make_order(order_id=900001, webshop_order_id=9001, time=stamp, paid=stamp, last_modified="2099-01-01 00:00:00")
    )
    fetch(owner, ORDERS + 3)
    owner.open("/older")
    for place in (0, 1):  # the first and the last day, each typed part by part
        page.get_by_role("spinbutton", name=re.compile("^(day|dag)")).nth(place).click()
        page.keyboard.type(f"{day:%d%m%Y}")
    owner.button("Check the period").focus()  # the calendar lies over it
    page.keyboard.press("Enter")
    owner.sees(say("It takes about {n} minute.", "It takes about {n} minutes.", n=1))
    owner.show("older")


def test_the_accountants_settings_are_there(owner: Owner) -> None:
    owner.open("/setup?tab=vat")
    owner.sees(say("Consumers in other EU countries"))
    owner.show("setup-accountant")
    for part in ("accounts", "methods", "eu", "exactness"):
        owner.open(f"/setup?tab=vat&show={part}")
        expect(owner.button("Save changes")).to_be_disabled()
    for tab in ("connections", "books", "access"):
        owner.open(f"/setup?tab={tab}")
        owner.show(f"setup-{tab}")


def test_it_runs_by_itself_when_switched_on(owner: Owner, sandbox: Sandbox) -> None:
    sandbox.shop.add(
        make_order(
            order_id=990_001, webshop_order_id=990_001, email="automat@example.com", last_modified="2099-01-01 00:00:00"
        )
    )
    owner.open("/automatic")
    owner.show("automatic-off")
    owner.page.locator(".st-key-on button").click()
    expect(owner.page.get_by_text(say("Runs by itself."))).to_be_visible(timeout=START * 1000)
    deadline = time.monotonic() + START
    while not any(i["ExternalReference"] == "shoporama:990001" for i in sandbox.books.invoices.values()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    owner.show("automatic")
    owner.open("/orders")
    expect(owner.page.get_by_text(re.compile(say("Last run {ago}", ago="")))).to_be_visible()
    owner.open("/automatic")
    owner.page.locator(".st-key-off button").click()
    expect(owner.page.locator(".st-key-on button")).to_be_visible()


def test_the_daily_minute_is_two_clicks(owner: Owner, sandbox: Sandbox) -> None:
    """Open the dashboard, press, and it is done."""
    page = owner.page
    while owner.store.operations.unfinished():
        time.sleep(0.2)
    sandbox.shop.add(make_order(order_id=990_010, webshop_order_id=990_010, last_modified="2099-01-01 00:00:00"))
    owner.open("/orders")
    owner.fetch()
    transfers = len(owner.store.operations.list(limit=1000))
    owner.follow("Overview")  # the first click
    owner.show("overview")
    page.locator(".st-key-day button").click()  # the second
    assert say("{n} invoice", "{n} invoices", n=1) in owner.transferred(transfers + 1)
    assert any(i["ExternalReference"] == "shoporama:990010" for i in sandbox.books.invoices.values())


def test_overview_is_never_green_while_the_shop_or_dinero_is_away(owner: Owner, sandbox: Sandbox) -> None:
    page = owner.page
    owner.open("/")
    key = sandbox.shop.key
    sandbox.shop.key = "another"
    page.locator(".st-key-day button").click()
    expect(page.locator(".say.red")).to_be_visible()
    owner.open("/history")
    owner.open("/")
    expect(page.locator(".say.red")).to_be_visible()
    owner.show("overview-trouble")
    sandbox.shop.key = key
    page.locator(".st-key-day button").click()
    expect(page.locator(".say.red")).to_have_count(0)


def test_the_owners_data_and_access_are_in_the_set_up(owner: Owner) -> None:
    owner.open("/setup?tab=access")
    with owner.page.expect_download() as download:
        owner.page.get_by_text(say("Download a backup")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"SQLite format 3")
    owner.page.goto(f"{owner.address}/password")
    owner.show("password")


@pytest.mark.skipif(LANGUAGE == "en", reason="the whole walk is in English")
def test_every_page_can_be_had_in_english_and_then_in_danish_again(owner: Owner) -> None:
    page = owner.page
    owner.open("/setup?tab=access")
    page.get_by_text("English", exact=True).click()
    owner.press("Save changes")
    owner.sees("The accountant's access")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    danish = [title for title in map(say, TITLES.values()) if title not in TITLES.values()]
    for path, title in TITLES.items():
        owner.open(path)
        expect(page.locator("h1").first).to_have_text(title)
        for word in danish:
            expect(page.get_by_test_id("stApp"), path).not_to_contain_text(word)
        owner.show(f"en-{path.strip('/').split('?')[0] or 'overview'}")
    owner.open("/setup?tab=access")
    page.get_by_text("Dansk", exact=True).click()
    page.get_by_role("button", name="Save changes").click()
    owner.sees(say("The accountant's access"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "da")


@pytest.mark.parametrize("path", ["/", "/orders", "/needs-you", "/history", "/setup?tab=vat", "/automatic"])
def test_tab_finds_a_visible_outline_on_every_control(owner: Owner, path: str) -> None:
    owner.open(path)
    passed, unseen = unseen_focus(owner.page)
    assert len(passed) > 6
    assert unseen == []


def test_the_keyboard_reaches_the_places_opens_a_row_and_transfers(owner: Owner, sandbox: Sandbox) -> None:
    sandbox.shop.add(make_order(order_id=900003, webshop_order_id=20003, last_modified="2099-01-01 00:00:00"))
    page = owner.page
    owner.open("/orders?view=waiting")
    owner.fetch()
    owner.open("/orders?view=waiting")

    def tab_to(name: re.Pattern[str]) -> list[str]:
        """Presses Tab until what has this name is reached; the names on the way."""
        passed: list[str] = []
        for _ in range(80):
            page.keyboard.press("Tab")
            passed.append(page.evaluate(OUTLINE)[1])
            if name.search(passed[-1]):
                return passed
        pytest.fail(f"Tab does not reach {name.pattern}: {passed}")

    every = say("Select {n} order", "Select all {n} orders", n=1).split(" ")[0]
    passed = " ".join(tab_to(re.compile(f"^{every} ")))
    for text in (
        "Overview",
        "History",
        "More",
        "Fetch orders",
        "Search for number, customer, e-mail, amount or invoice",
    ):
        assert say(text) in passed
    page.keyboard.press("Space")
    owner.settle()
    tab_to(re.compile(rf"{say('Transfer {what} ({total})', what='1', total='').split('1')[0]}\d"))
    # A row is opened by Enter.
    owner.open("/orders?view=done")
    title = page.locator("ul.rows:visible .title").first.inner_text()
    tab_to(re.compile(re.escape(title)))
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-order")).to_be_visible()


TITLES = {
    "/": "Overview",
    "/orders?view=done": "Orders",
    "/needs-you": "Needs you",
    "/history": "History",
    "/reconciliation": "Reconciliation",
    "/eu-sales": "EU sales",
    "/automatic": "Automatic",
    "/payouts": "Payouts",
    "/setup": "Set-up",
}
PATHS = [
    "/",
    "/orders",
    "/orders?view=all",
    "/needs-you",
    "/history",
    "/reconciliation",
    "/eu-sales",
    "/automatic",
    "/setup?tab=connections",
    "/setup?tab=books",
    "/setup?tab=vat",
    "/setup?tab=access",
    "/setup?tab=payouts",
    "/payouts",
    "/payouts?payout=1",
    "/payouts?proof=today",
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
        found += [(path, *violation) for violation in serious(owner.page)]
    owner.page.emulate_media(color_scheme="light")
    assert found == []


def test_a_number_of_the_overview_leads_to_its_list(owner: Owner) -> None:
    page = owner.page
    owner.open("/")
    owner.show("overview-end")
    page.locator("a.tile").filter(
        has_text=say("Transferred in {month} (whatever the order's date)", month="").split(" (")[0].strip()
    ).click()
    owner.settle()
    owner.sees(say("All days"))
    chosen = page.locator("nav.views a[aria-current=page]")
    expect(chosen).to_contain_text(say("Transferred"))
    page.reload()
    owner.settle()
    expect(chosen).to_contain_text(say("Transferred"))


def test_no_page_logged_an_error_in_the_browser(owner: Owner) -> None:
    assert owner.errors == []


def test_signing_out_ends_the_session(owner: Owner) -> None:
    owner.open("/orders")
    owner.page.locator("details.menu summary").click()
    owner.page.get_by_role("button", name=say("Sign out")).click()
    owner.page.wait_for_url("**/login*")
    owner.page.goto(owner.address + "/history")
    expect(owner.page).to_have_url(re.compile("/login"))
