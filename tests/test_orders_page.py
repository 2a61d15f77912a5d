"""The page of the orders: the place is in the address, what is selected is what is sent, and what came of it stays."""

import re
from datetime import date
from html import unescape
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.dashboard.transfers import Transfers
from dinero.model.documents import Progress, StoredOrder
from dinero.model.errors import StorageFailed
from dinero.model.i18n import Text, Value
from dinero.model.transfers import TransferProgress
from dinero.sandbox.server import ORGANIZATION
from pages import progress, ticking
from pages.place import PAGE_SIZE
from stories import line, total

RETURN = {
    "shipping_price": 0,
    "paid": None,
    "status": "new",
    "products": [line("Keramikkop", 149.5, 25, -2)],
    **total(-299, -59.8),
}


def da(message: str, plural: str | None = None, /, **values: Value) -> str:
    return Text(message, plural, **values).render("da")


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame with the orders page, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return new_tab()


def new_tab() -> AppTest:
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).switch_page("orders.py")


def html_of(page: AppTest, name: str) -> str:
    shown = [element.proto.body for element in page.get("html")]
    return " ".join(body for body in shown if f'class="{name}' in body)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")).strip()


def addresses(html: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'href="([^"]+)"', html)]


def select(page: AppTest, *rows: int) -> None:
    (key,) = [key for key in page.session_state if key.startswith("orders/")]
    page.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    page.run()
    assert not page.exception


def keys(page: AppTest) -> set[str]:
    return {button.key for button in page.button if button.key}


def table(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value.columns)


# --- the place ----------------------------------------------------------------------------------------------------


def test_an_order_opens_beside_its_list_and_keeps_view_search_and_page(world: World, page: AppTest) -> None:
    for number in range(1, PAGE_SIZE + 3):
        world.order(number, time=f"2026-11-20 10:{number:02}:00")
    page.query_params.update({"view": "all", "search": "kunde", "page": "2"})
    page.run()
    rows = addresses(html_of(page, "rows"))
    assert rows == ["/orders?view=all&search=kunde&page=2&order=2", "/orders?view=all&search=kunde&page=2&order=1"]
    page.query_params["order"] = "2"
    page.run()
    assert not page.exception
    assert "1002" in html_of(page, "order-head")
    assert 'aria-current="true"' in html_of(page, "rows")
    assert addresses(html_of(page, "go back")) == ["/orders?view=all&search=kunde&page=2"]


def test_a_sent_link_to_an_order_that_is_not_known_shows_the_list(world: World, page: AppTest) -> None:
    world.order(1)
    page.query_params.update({"order": "77", "view": "no such view", "page": "900", "day": "yesterday"})
    page.run()
    assert not page.exception
    assert "1001" in html_of(page, "rows")
    assert not html_of(page, "order-head")


def test_a_search_that_nothing_fits_leads_back_to_all_of_the_view(world: World, page: AppTest) -> None:
    world.order(1)
    page.query_params.update({"view": "all", "search": "findes ikke"})
    page.run()
    assert "/orders?view=all" in addresses(html_of(page, "empty"))


def test_a_day_of_the_overview_leads_to_the_orders_of_that_day(world: World, page: AppTest) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    world.order(2, time="2026-11-21 10:00:00")
    page.query_params.update({"view": "all", "day": "2026-11-20"})
    page.run()
    assert html_of(page, "rows").count("data-row") == 1
    assert da("Ordered {day}", day=date(2026, 11, 20)) in text_of(html_of(page, "quiet"))


def test_the_views_tell_how_many_orders_each_has_and_keep_the_search(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2, currency="EUR")
    page.query_params["search"] = "kunde"
    page.run()
    shown = html_of(page, "views")
    assert text_of(shown).startswith(f"{da('Waiting')} 1 ")
    assert text_of(shown).endswith(f"{da('All')} 2")
    assert all("search=kunde" in address for address in addresses(shown))
    assert da("Needs you") not in text_of(shown), "it is a page of its own"


def test_a_click_on_a_cell_opens_its_order_and_leaves_the_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"k": {"selection": {"rows": [0], "columns": [], "cells": [(1, "Number")]}}}
    asked: dict[str, str] = {"view": "waiting", "search": "x"}
    monkeypatch.setattr(ticking, "st", SimpleNamespace(session_state=state, query_params=asked))
    ticking.open_clicked("k", "base", [StoredOrder("shoporama", "7"), StoredOrder("shoporama", "8")])
    assert asked == {"view": "waiting", "search": "x", "order": "8"}
    assert ticking.kept_ticks("base") == [0]
    assert ticking.kept_ticks("another table") == [], "a tick never points at another order"


def test_what_all_rows_have_in_common_is_no_column(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2)
    page.run()
    assert table(page) == [da("Number"), da("Customer"), da("Amount")]
    world.order(3, credited_order_id=1, **RETURN)
    world.push(1)
    world.dashboard.orders.fetch()
    page.run()
    assert da("Kind") in table(page)
    assert da("credit note of order {number}", number="1001") in page.dataframe[0].value[da("Kind")].tolist()


# --- the transfer -------------------------------------------------------------------------------------------------


def test_the_first_transfer_of_all_is_looked_at_twice_and_later_ones_go_with_one_click(
    world: World, page: AppTest
) -> None:
    for number in (1, 2):
        world.order(number)
    page.run()
    select(page, 0)
    assert "push" not in keys(page)
    page.button(key="look").click().run()
    assert world.dashboard.store.operations.list() == [], "nothing is begun by looking"
    assert "Overfør 1 " in page.button(key="push").label
    page.button(key="push").click().run()
    (operation,) = world.dashboard.store.operations.list()
    world.dashboard.transfers.run(operation.id)
    page = new_tab().run()
    select(page, 0)
    assert "look" not in keys(page)
    page.button(key="push").click().run()
    assert len(world.dashboard.store.operations.list()) == 2


def test_a_double_click_is_one_push_and_its_callback_draws_nothing(
    world: World, process: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a callback draws takes the place of the dialog that the button is in, and breaks the page."""
    world.order(1)
    monkeypatch.setattr(progress, "st", SimpleNamespace(session_state={}))
    for _ in range(2):
        progress.start("one id", [world.row(1).key])
    assert len(world.dashboard.store.operations.list()) == 1


def test_a_transfer_that_could_not_be_begun_is_said(
    world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push()
    world.order(2)
    page.run()
    select(page, 0)

    def full(*_: object, **__: object) -> bool:
        raise StorageFailed(Text("The disk is full."))

    monkeypatch.setattr(Transfers, "push", full)
    page.button(key="push").click().run()
    assert not page.exception
    assert [error.value for error in page.error] == ["The disk is full."]
    assert "push" in keys(page), "it can be tried again"


def test_the_line_above_the_button_tells_what_will_be_booked_by_kind(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    world.order(2)
    world.order(3, credited_order_id=1, **RETURN)
    page.run()
    select(page, 0, 1)
    told = text_of(html_of(page, "doing"))
    assert told.startswith("1 faktura og 1 kreditnota · 438,00 kr. · heraf moms 87,60 kr. · 1 ny kunde · dateret ")
    select(page, [row.id for row in world.dashboard.store.orders.list(states=("waiting",))].index("3"))
    assert page.button(key="push").label.replace("\xa0", " ") == "Overfør 1 kreditnota (−299,00 kr.)"


def test_an_order_that_is_being_transferred_has_no_button_of_its_own(world: World, page: AppTest) -> None:
    world.order(1)
    page.query_params["order"] = "1"
    page.run()
    page.button(key="push/1").click().run()
    assert not page.exception
    assert "push/1" not in keys(page)
    page.toggle(key="meanwhile").set_value(True).run()
    assert "push/1" not in keys(page)


# --- while it runs, and after -------------------------------------------------------------------------------------


def test_looking_on_reads_nothing_anew_while_nothing_changed(
    world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.dashboard.transfers.push("p", [world.row(1).key], actor="owner")
    read: list[str] = []
    whole = Transfers.progress

    def counted(self: Transfers, operation_id: str) -> TransferProgress | None:
        read.append(operation_id)
        return whole(self, operation_id)

    monkeypatch.setattr(Transfers, "progress", counted)
    for _ in range(3):
        page.run()
    assert read == ["p"]
    assert da("You can close the page. The work goes on, also after a restart.") in [c.value for c in page.caption]
    world.dashboard.transfers.pause("p")
    page.run()
    assert read == ["p", "p"]
    assert da("Go on") in [button.label for button in page.button]


def test_the_four_stages_are_told_in_their_order(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    world.dashboard.transfers.push("p", [world.row(1).key, world.row(2).key], actor="owner")
    page.run()
    assert "Kunde 0 Kladde 0 Bogført 0 Registreret 0 af 2" in text_of(html_of(page, "progress"))


def test_the_last_transfer_is_told_in_another_tab_too(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    page.run()
    told = text_of(html_of(page, "quiet"))
    assert "1 faktura, 737,00 kr. på 55100 Webshop salg." in told


def test_a_transfer_that_stopped_stays_in_sight_until_it_is_tried_again(world: World, page: AppTest) -> None:
    world.order(1)
    world.dashboard.transfers.push("p", [world.row(1).key], actor="owner")
    world.dashboard.store.operations.update("p", status=Progress.STOPPED)
    for tab in (page, new_tab()):
        tab.run()
        assert da("Try again") in [button.label for button in tab.button]
    page.button(key="again/p").click().run()
    assert not page.exception
    assert len(world.dashboard.store.operations.list()) == 2
    assert da("Try again") not in [button.label for button in new_tab().run().button]


def test_two_tabs_that_try_a_stopped_transfer_again_make_one_transfer(world: World, page: AppTest) -> None:
    world.order(1)
    world.dashboard.transfers.push("p", [world.row(1).key], actor="owner")
    world.dashboard.store.operations.update("p", status=Progress.STOPPED)
    tabs = page.run(), new_tab().run()
    assert "stoppede overførslen" in text_of(html_of(page, "transfer"))
    for tab in tabs:
        tab.button(key="again/p").click().run()
        assert not tab.exception
    assert len(world.dashboard.store.operations.list()) == 2


def test_a_transfer_of_orders_that_another_one_had_done_says_that_and_not_that_nothing_was_booked(
    world: World, page: AppTest
) -> None:
    world.order(1)
    for operation_id in ("one", "two"):
        world.dashboard.transfers.push(operation_id, [world.row(1).key], actor="owner")
    for operation_id in ("one", "two"):
        world.dashboard.transfers.run(operation_id)
    told = text_of(html_of(page.run(), "quiet"))
    assert "intet nyt blev bogført; ordren var allerede overført" in told
    newest, first = world.dashboard.transfers.records()
    assert newest.found_done
    assert not first.found_done


def test_a_connection_that_failed_is_said_with_the_way_to_where_it_is_mended(world: World, page: AppTest) -> None:
    world.order(1)
    world.sandbox.books.set_pro(ORGANIZATION, False)
    world.dashboard.health.retry("dinero")
    page.run()
    (error,) = page.error
    assert "Pro" in error.value
    assert "/setup" in addresses(html_of(page, "go button"))
    world.sandbox.books.set_pro(ORGANIZATION, True)
    world.dashboard.health.retry("dinero")
    assert not page.run().error


def test_what_a_fetch_found_stays_and_so_does_its_failure(world: World, page: AppTest) -> None:
    world.order(1)
    page.run()
    assert any(" 1 nye" in caption.value for caption in page.caption)
    world.sandbox.shop.key = "another"
    page.button(key="fetch").click().run()
    for tab in (page, new_tab().run()):
        assert not tab.exception
        assert tab.error
    assert any(" 1 nye" in caption.value for caption in page.caption), "it is still said when they were read"


def test_where_nothing_was_fetched_the_button_that_fetches_is_the_page_s_own(world: World, page: AppTest) -> None:
    page.run()
    assert page.button(key="fetch").proto.type == "primary"
    assert da("No orders have been fetched yet.") in text_of(html_of(page, "empty"))
    world.order(1)
    page.run()
    assert page.button(key="fetch").proto.type == "secondary"


# --- the order from the shop --------------------------------------------------------------------------------------


def test_the_order_from_the_shop_is_told_by_customer_payment_and_goods(world: World, page: AppTest) -> None:
    world.order(1)
    page.run()
    page.query_params["id"] = "1"
    page.switch_page("raw.py").run()
    assert not page.exception
    told = text_of(html_of(page, "papers"))
    for part in (da("Customer"), da("Payment"), da("Goods"), da("Other"), "kunde1@example.com", "Keramikkop"):
        assert part in told
    assert not page.dataframe, "fields and JSON are behind a click"
    page.session_state["support"] = True
    page.run()
    assert len(page.dataframe) == 1
    assert "webshop_order_id" in page.code[0].value
