"""The order's panel: what it says of an order, and the button that transfers that order alone."""

import re
from datetime import date
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.i18n import Text, Value
from pages import ui


def da(message: str, **values: Value) -> str:
    return Text(message, **values).render("da").replace("\xa0", " ")


def panel() -> None:
    import streamlit as st

    from pages import details, ui

    (row,) = ui.dashboard().store.orders.find("1")
    details.order_details(row, may_change=st.session_state.get("may_change", True))


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_function(panel, default_timeout=30)


def shown(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def text_of(page: AppTest) -> str:
    """All that is drawn, without tags, and with the spaces that a line may break at."""
    return unescape(re.sub(r"<[^>]+>", " ", shown(page))).replace("\xa0", " ")


def labels(page: AppTest) -> list[str]:
    return [button.label.replace("\xa0", " ") for button in page.button]


def test_a_waiting_order_tells_who_what_and_how_it_was_paid(world: World, page: AppTest) -> None:
    world.order(1)
    page.run()
    assert not page.exception
    told = text_of(page)
    for part in ("1001", "Mette Sørensen", "737,00 kr.", "MobilePay", da("paid {day}", day=date(2026, 11, 20))):
        assert part in told
    assert ui.state("waiting") in told


def test_the_document_is_drawn_as_an_invoice_beside_its_postings(world: World, page: AppTest) -> None:
    world.order(1)
    page.run()
    told = text_of(page)
    organization = world.dashboard.settings.load().organization_name
    for part in (organization, "kunde1@example.com", "Keramikkop", da("Of which Danish VAT, 25 %"), "147,40 kr."):
        assert part in told
    for account in (da("Receivables"), "1000 Salg af varer/ydelser m/moms", da("VAT on sales"), "55100 Webshop salg"):
        assert account in told
    assert da("New in Dinero") in told
    assert da("How it will be booked") in told


def test_one_order_is_transferred_by_its_own_button_and_nothing_is_sent_by_the_page(
    world: World, page: AppTest
) -> None:
    for number in (1, 2):
        world.order(number)
    page.run()
    (label,) = [label for label in labels(page) if label.startswith("Overfør")]
    assert label == "Overfør denne ordre (737,00 kr.)"
    page.button(key="push/1").click().run()
    assert not page.exception
    (operation,) = world.dashboard.store.operations.list()
    assert [row.order_id for row in world.dashboard.store.operations.orders_of(operation.id)] == ["1"]
    assert world.writes("/invoices") == []


def test_the_bank_account_is_warned_against_where_one_order_is_transferred(world: World, page: AppTest) -> None:
    world.order(1)
    page.run()
    assert not page.warning
    world.dashboard.accounts.choose_booking_account(55000)
    page.run()
    assert len(page.warning) == 1
    world.push()
    page.run()
    assert not page.warning


def test_a_booked_order_shows_its_invoice_with_the_number_and_links_to_dinero(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    page.run()
    number = world.row(1).invoice_number
    assert number
    told = text_of(page)
    assert da("Invoice {number}", number=number) in told
    assert da("How it was booked") in told
    assert world.dashboard.connection.invoice_pages() in shown(page)
    assert da("New in Dinero") not in told
    assert [label for label in labels(page) if label.startswith("Overfør")] == []


def test_undo_is_named_by_its_invoice_and_is_never_the_page_s_primary_button(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    page.session_state["undo/1"] = True
    page.run()
    (box,) = page.expander
    assert box.label == da("Credit invoice {number}", number=world.row(1).invoice_number)
    (undo,) = [button for button in page.button if button.label.startswith(da("Take the invoice back"))]
    assert undo.proto.type != "primary"


def test_an_order_that_was_changed_after_it_was_booked_is_not_shown_as_done(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    world.order(1, order_name="Mette Hansen", price=800, vat=160)
    assert world.row(1).change
    page.run()
    assert not page.exception
    assert da("Changed in the webshop") in text_of(page)
    assert ui.state("done") not in text_of(page)


def test_a_held_order_shows_what_the_shop_sold_beside_its_question(world: World, page: AppTest) -> None:
    world.order(1, currency="EUR")
    page.run()
    assert len(page.radio) == 1
    told = text_of(page)
    for part in (da("In the webshop"), "Keramikkop", "737,00 €"):
        assert part in told


def test_whoever_may_only_read_gets_no_button_and_no_question(world: World, page: AppTest) -> None:
    page.session_state["may_change"] = False
    world.order(1, currency="EUR")
    for _ in range(2):
        page.run()
        assert not page.exception
        assert not page.button
        assert not page.radio
        assert "/raw" not in shown(page)
        world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})


def test_what_others_wrote_is_shown_as_it_is(world: World, page: AppTest) -> None:
    name = "<script>alert(1)</script> <b>fed</b>"
    world.order(1, order_name=name)
    page.run()
    assert "<script>" not in shown(page)
    assert "<b>fed" not in shown(page)
    assert unescape(shown(page)).count(name) >= 2, "in the head and on the invoice"
