"""A second webshop in a real browser: added, both read and transferred from, each order found in the history and in the
reconciliation. Both shops have the same order numbers."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.model.clock import COPENHAGEN
from dinero.sandbox import Sandbox, make_order
from dinero.sandbox.woocommerce import FOLDER
from dinero.sandbox.woocommerce_keys import KEY, SECRET
from screen import Owner, Served, at_the_screen, chromium, say, serious, serving, unseen_focus

NUMBERS = (1041, 1042, 1043)
PATHS = (
    "/setup?tab=connections",
    "/setup?tab=connections&show=new",
    "/setup?tab=connections&shop=lampehuset",
    "/orders?view=all",
    "/orders?view=all&shop=lampehuset",
    "/history",
    "/reconciliation",
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A Shoporama shop and a WooCommerce shop that have sold under the same ids and numbers."""
    with Sandbox(orders=0, woocommerce=0, calls_per_minute=100_000) as running:
        for number in NUMBERS:
            at = running.clock.now() - timedelta(days=1)
            told = at.astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")
            own = {"order_id": number, "webshop_order_id": number, "email": f"kunde{number}@example.com"}
            running.shop.add(make_order(**own, time=told, paid=told, last_modified=told, order_name="Karen Kop"))
            running.woocommerce.sell(id=number, status="completed", when=at, email=f"lampe{number}@example.com")
        yield running


@pytest.fixture(scope="module")
def dashboard(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    """The library where the owner has one shop."""
    folder = tmp_path_factory.mktemp("shops")
    made = Dashboard(Environment.read(sandbox.environment() | {"DINERO_DATA_DIR": str(folder / "data")}))
    made.set_up.from_environment()
    made.sign_in.set_password("rødgrød med fløde")
    return made


@pytest.fixture(scope="module")
def served(sandbox: Sandbox, dashboard: Dashboard) -> Iterator[Served]:
    with serving(sandbox, dashboard.store.folder.parent) as running:
        yield running


@pytest.fixture(scope="module")
def owner(browser: Browser, served: Served, dashboard: Dashboard) -> Owner:
    person = at_the_screen(browser, served)
    cookie = dashboard.sign_in.make_cookie()
    person.page.context.add_cookies([{"name": "dinero_session", "value": cookie, "url": person.address}])
    return person


def test_a_dashboard_with_one_shop_says_nothing_of_shops(owner: Owner) -> None:
    owner.open("/orders")
    owner.fetch()
    owner.open("/orders?view=all")
    owner.sees("1041")
    expect(owner.page.get_by_role("link", name="Shoporama", exact=True)).to_have_count(0)
    owner.show("shops-1-one")


def test_a_woocommerce_shop_is_added_in_a_few_steps(owner: Owner, sandbox: Sandbox) -> None:
    owner.open("/setup?tab=connections")
    owner.follow("Add a webshop")
    page = owner.page
    page.get_by_text("WooCommerce", exact=True).first.click()
    owner.settle()
    page.get_by_label(say("What you call the webshop")).fill("Lampehuset")
    page.get_by_label(say("The webshop's address")).fill(f"{sandbox.url}{FOLDER}")
    page.keyboard.press("Tab")
    owner.settle()
    expect(page.get_by_role("radio", name=say("When it is sent"))).to_be_checked()
    page.get_by_label(say("First order date")).first.get_by_role("spinbutton").first.click()
    page.keyboard.type("01012026")
    page.keyboard.press("Tab")
    owner.settle()
    page.get_by_label(say("Consumer key (ck_…)")).fill(KEY)
    page.get_by_label(say("Consumer secret (cs_…)")).fill(SECRET)
    owner.show("shops-2-new")
    owner.press("Connect")
    owner.sees("Lampehuset")
    owner.show("shops-3-connections")
    (_, added) = owner.store.shops.all().values()
    assert (added.name, added.system, added.title) == ("lampehuset", "woocommerce", "Lampehuset")
    chosen = owner.store.settings.load().shops["lampehuset"]
    assert chosen.trigger == "sent"
    assert str(chosen.take_over_date) == "2026-01-01"


def test_both_shops_are_read_and_transferred_from_with_one_click(owner: Owner) -> None:
    owner.open("/orders")
    owner.fetch()
    assert owner.store.sums.by_shop() == {"shoporama": 3, "lampehuset": 3}
    owner.open("/orders?view=waiting&select=all")
    owner.show("shops-4-waiting")
    transfer = re.compile(r"(Overfør|Transfer) 6 ")
    owner.page.locator("button").filter(has_text=transfer).first.click()
    owner.page.get_by_role("dialog").locator("button").filter(has_text=transfer).click()
    owner.transferred(1)
    owner.show("shops-5-transferred")
    states = {(row.shop, row.id): row.state for row in owner.store.orders.list(limit=-1)}
    assert states == {(shop, str(n)): "done" for shop in ("shoporama", "lampehuset") for n in NUMBERS}


def test_what_reached_dinero_is_each_order_once(sandbox: Sandbox) -> None:
    references = sorted(str(invoice["ExternalReference"]) for invoice in sandbox.books.invoices.values())
    assert references == sorted(f"{shop}:{n}" for shop in ("shoporama", "lampehuset") for n in NUMBERS)
    comments = {
        str(invoice["ExternalReference"]): str(invoice["Comment"]) for invoice in sandbox.books.invoices.values()
    }
    assert "Lampehuset" in comments["lampehuset:1041"]
    assert "Lampehuset" not in comments["shoporama:1041"]


def test_each_order_is_found_in_the_history_by_its_shop(owner: Owner) -> None:
    for shop, whose in (("", "Karen Kop"), ("lampehuset:", "Test Kunde")):
        owner.open(f"/history?order={shop}1042")
        owner.sees(whose)
    owner.open("/history?search=1042")
    owner.show("shops-6-history")
    owner.open("/orders?view=all&shop=lampehuset")
    expect(owner.page.locator("ul.rows:visible > li")).to_have_count(3)
    owner.sees("Lampehuset")
    owner.show("shops-7-filter")


def test_the_reconciliation_has_both_shops_orders_once_each(owner: Owner) -> None:
    owner.open("/reconciliation")
    owner.page.locator("button").filter(has_text=re.compile(r"^(Sammenlign|Compare) \w+$")).first.click()
    owner.sees("Lampehuset")
    owner.settle()
    found = owner.store.reconciliations.entries()
    assert sorted((str(row["shop"]), str(row["number"]), str(row["status"])) for row in found) == sorted(
        (shop, str(n), "equal") for shop in ("shoporama", "lampehuset") for n in NUMBERS
    )
    owner.show("shops-8-reconciliation")


def test_the_list_of_shops_says_of_each_how_it_is(owner: Owner) -> None:
    owner.open("/setup?tab=connections")
    for name in ("Dinero", "Lampehuset"):
        owner.sees(name)
    owner.show("shops-8b-list")


@pytest.mark.parametrize("path", PATHS)
def test_the_pages_of_several_shops_can_be_used_by_everybody(owner: Owner, path: str) -> None:
    owner.open(path)
    assert serious(owner.page) == []
    passed, unseen = unseen_focus(owner.page)
    assert passed
    assert unseen == []
    owner.page.set_viewport_size({"width": 390, "height": 900})
    assert owner.page.evaluate("document.documentElement.scrollWidth") <= 390
    owner.page.set_viewport_size({"width": 1400, "height": 900})
    assert owner.errors == []


def test_a_paused_shop_says_so_and_goes_on(owner: Owner) -> None:
    owner.open("/setup?tab=connections&shop=lampehuset")
    owner.press("Pause the webshop")
    expect(owner.button("Go on with the webshop")).to_be_visible()
    assert owner.store.shops.all()["lampehuset"].state == "paused"
    owner.show("shops-9-paused")
    owner.press("Go on with the webshop")
    expect(owner.button("Pause the webshop")).to_be_visible()
    assert owner.store.shops.all()["lampehuset"].state == "active"
