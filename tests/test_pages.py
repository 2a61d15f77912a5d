"""The pages without a browser: what a run draws, and that a selection never points at another order."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Action
from dinero.model.i18n import Text
from dinero.reports.reconcile import ACTIONS, MISSING
from pages import ui


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame with the orders page, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).switch_page("orders.py")


def html(page: AppTest) -> str:
    """What the page draws as HTML of its own."""
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def selection_key(page: AppTest) -> str:
    (key,) = [key for key in page.session_state if key.startswith("orders/")]
    return key


def html_of(page: AppTest, name: str) -> str:
    """Our own HTML that has something of this class."""
    shown = [element.proto.body for element in page.get("html")]
    return " ".join(body for body in shown if f'class="{name}' in body)


def push_buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button if button.key in ("push", "look")]


def push(page: AppTest) -> None:
    """Presses the button; before the first transfer of all there is a second look."""
    if any(button.key == "look" for button in page.button):
        page.button(key="look").click().run()
    page.button(key="push").click().run()
    assert not page.exception


def select(page: AppTest, *rows: int) -> None:
    page.session_state[selection_key(page)] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    page.run()


@pytest.mark.parametrize(
    "path",
    [
        "overview.py",
        "orders.py",
        "history.py",
        "reconcile.py",
        "oss.py",
        "automatic.py",
        "setup.py",
        "raw.py",
    ],
)
def test_every_page_draws_without_orders_and_with_them(world: World, page: AppTest, path: str) -> None:
    for _ in range(2):
        page.run()
        page.switch_page(path).run()
        assert not page.exception
        world.order(1)


@pytest.mark.parametrize(("path", "query"), [("reconcile.py", {}), ("setup.py", {"tab": "books", "show": "older"})])
def test_a_sentence_with_a_date_is_no_list(world: World, page: AppTest, path: str, query: dict[str, str]) -> None:
    today = copenhagen_date(world.clock.now())
    world.dashboard.proof.reconcile(today, today)
    world.dashboard.older.let_in(today, today)
    page.run()
    page.switch_page(path)
    page.query_params |= query
    page.run()
    shown = [element.value for element in (*page.markdown, *page.caption)]
    assert any(ui.day(today) in text for text in (*shown, html(page)))
    assert [text for text in shown if re.match(r"\d+[.)] ", text)] == []


def test_each_problem_of_a_reconciliation_stands_with_its_reason_and_what_to_do(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    world.push()
    world.sandbox.books.invoices.popitem()
    today = copenhagen_date(world.clock.now())
    result = world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    page.run()
    page.switch_page("reconcile.py").run()
    assert not page.exception
    (problem,) = [row for row in result.rows if row.status == MISSING]
    for text in (*problem.texts, ACTIONS[MISSING]):
        assert text.render("da") in html(page)
    assert da("Order {number}", number=problem.number) in html(page)


def test_text_of_others_that_looks_like_a_list_stays_text() -> None:
    assert [ui.escape(text)[:3] for text in ("1. x", "- x", "+ x")] == ["1\\.", "\\- ", "\\+ "]


def test_results_of_a_transfer_have_their_own_currency(world: World, page: AppTest) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1, currency="EUR")
    page.run()
    select(page, 0)
    push(page)
    (operation,) = world.dashboard.store.operations.list()
    world.dashboard.transfers.run(operation.id)
    page.run()
    assert "737,00\xa0€" in html_of(page, "transfer")


def test_what_needs_the_owner_has_a_page_of_its_own_and_no_days_of_transfer(world: World, page: AppTest) -> None:
    world.order(1, currency="EUR")
    page.query_params.update({"view": "owner", "done_from": "2026-11-01", "done_to": "2026-11-30", "search": "1001"})
    page.run()
    assert not page.exception
    assert [title.value for title in page.title] == [da("Needs you")]
    assert "done_from" not in page.query_params
    assert page.query_params["search"] == "1001"


def test_the_months_number_is_the_length_of_its_list_after_one_was_taken_back(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    world.push()
    operation_id = str(uuid.uuid4())
    assert world.dashboard.corrections.start(operation_id, world.row(1), Action.UNDO, reason="Fortrudt", actor="test")
    world.dashboard.transfers.run(operation_id)
    now = world.dashboard.orders.overview()
    assert now.month.count == 1
    page.query_params.update(
        {"view": "done", "done_from": now.first_of_month.isoformat(), "done_to": now.today.isoformat()}
    )
    page.run()
    assert html_of(page, "rows").count("data-row") == 1


def test_when_all_orders_are_selected_they_are_ticked_and_one_that_is_unticked_is_left_out(
    world: World, page: AppTest
) -> None:
    for number in (1, 2, 3):
        world.order(number)
    page.run()
    select(page, 0)
    assert push_buttons(page)[0].startswith("Overfør 1 ")
    page.checkbox[0].check().run()
    assert push_buttons(page)[0].startswith("Overfør 3 ")
    assert page.session_state[selection_key(page)]["selection"]["rows"] == [0, 1, 2]
    select(page, 0, 2)
    assert push_buttons(page)[0].startswith("Overfør 2 ")
    page.checkbox[0].uncheck().run()
    assert push_buttons(page) == []


def test_a_search_that_fits_in_another_view_only_says_so(world: World, page: AppTest) -> None:
    world.order(1)
    page.query_params.update({"view": "done", "search": "1001"})
    page.run()
    shown = html_of(page, "empty")
    assert da("No order here fits, but {n} other does.", "No order here fits, but {n} others do.", n=1) in shown
    (address,) = re.findall(r'href="([^"]+)"', shown)
    assert address == "/orders?view=all&amp;search=1001"
    page.query_params["view"] = "all"
    page.run()
    assert html_of(page, "rows").count("data-row") == 1


def test_the_button_says_how_many_orders_and_how_much(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2)
    page.run()
    select(page, 0, 1)
    total = sum(world.row(number).total_ore or 0 for number in (1, 2))
    (label,) = push_buttons(page)
    assert label.startswith("Overfør 2 ordrer")
    assert f"{total // 100:,}".replace(",", ".") in label


def test_amounts_of_two_currencies_are_never_added_up_on_the_button(world: World, page: AppTest) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1)
    world.order(2, currency="EUR")
    page.run()
    select(page, 0, 1)
    (label,) = push_buttons(page)
    assert "737,00\xa0kr. + 737,00\xa0€" in label


def test_a_question_is_asked_with_its_choices_and_answered_in_place(world: World, page: AppTest) -> None:
    world.order(1, currency="EUR")
    page.query_params.update({"view": "all", "order": "1"})
    page.run()
    (answer,) = [radio for radio in page.radio if len(radio.options) == 2]
    answer.set_value("by_hand")
    next(button for button in page.button if button.label == da("Save the answer")).click().run()
    assert world.row(1).state == "waiting"
    assert world.dashboard.settings.load().rules == {}


def test_a_selection_is_gone_when_the_rows_have_moved(world: World, page: AppTest) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    page.run()
    select(page, 0)
    assert push_buttons(page)
    world.order(2, time="2026-11-21 10:00:00")  # newer: it takes the first place in the table
    page.run()
    assert push_buttons(page) == []


def test_one_click_is_one_push_of_exactly_the_selected_orders(world: World, page: AppTest) -> None:
    for number in (1, 2, 3):
        world.order(number, time=f"2026-11-20 1{number}:00:00")
    page.run()
    select(page, 0, 2)
    push(page)
    (operation,) = world.dashboard.store.operations.list()
    rows = world.dashboard.store.operations.orders_of(operation.id)
    assert [row.order_id for row in rows] == ["1", "3"], "the oldest first"
    assert push_buttons(page) == [], "the selection is spent"
    assert world.writes("/invoices") == [], "no page sends anything to Dinero itself"


def test_a_push_is_paused_and_goes_on_by_its_buttons(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    page.run()
    select(page, 0, 1)
    push(page)
    for label, status in ((da("Pause"), "paused"), (da("Go on"), "waiting")):
        next(button for button in page.button if button.label == label).click().run()
        assert [known.status for known in world.dashboard.store.operations.list()] == [status]


def test_the_bank_account_is_warned_against_where_orders_are_pushed(world: World, page: AppTest) -> None:
    world.dashboard.accounts.choose_booking_account(55000)
    world.order(1)
    page.run()
    assert not page.warning
    select(page, 0)
    (warning,) = page.warning
    assert "Nets, Clearhaus" in warning.value


def test_texts_of_others_are_shown_as_they_are_and_not_as_markdown(world: World, page: AppTest) -> None:
    name = "<script>alert(1)</script> [x](javascript:1) **fed**"
    world.order(1, order_name=name)
    page.run()
    select(page, 0)
    shown = "\n".join(element.value for element in page.markdown)
    assert "<script>" not in shown
    assert "[x](" not in shown


def test_a_visitor_without_a_cookie_may_only_read() -> None:
    assert ui.role() == "reader"


def test_it_is_said_that_links_into_dineros_pages_are_not_certain(world: World, page: AppTest) -> None:
    world.order(1)
    today = copenhagen_date(world.clock.now())
    note = da(
        "Dinero does not publish the addresses of its pages. If a link does not lead to the document, find its "
        "number under sales in Dinero."
    )
    world.push()
    world.dashboard.proof.reconcile(today - timedelta(days=30), today)
    page.run()
    page.switch_page("reconcile.py").run()
    assert note in [caption.value for caption in page.caption]
