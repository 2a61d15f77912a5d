"""The pages without a browser: what a run draws, and that a selection never points at another order."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero import __version__
from dinero.dashboard import dashboard as library
from dinero.dashboard.dashboard import Dashboard
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Action
from dinero.model.i18n import Text
from dinero.model.settings import FeeRate
from dinero.reports.reconcile import ACTIONS, MISSING
from dinero.store.sums import Sums
from pages import ui


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame with the orders page, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).switch_page("orders.py")


def selection_key(page: AppTest) -> str:
    (key,) = [key for key in page.session_state if key.startswith("orders/")]
    return key


def push_buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button if button.key == "push"]


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
        "backfill.py",
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


@pytest.mark.parametrize("path", ["reconcile.py", "backfill.py"])
def test_a_sentence_with_a_date_is_no_list(world: World, page: AppTest, path: str) -> None:
    today = copenhagen_date(world.clock.now())
    world.dashboard.proof.reconcile(today, today)
    world.dashboard.older.let_in(today, today)
    page.run()
    page.switch_page(path).run()
    shown = [element.value for element in (*page.markdown, *page.caption)]
    assert any(ui.day(today) in text for text in shown)
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
    shown = " ".join(element.value for element in page.markdown)
    (problem,) = [row for row in result.rows if row.status == MISSING]
    for text in (*problem.texts, ACTIONS[MISSING]):
        assert ui.escape(text.render("da")) in shown
    assert ui.escape(f"{da('Order')} {problem.number}") in shown


def test_text_of_others_that_looks_like_a_list_stays_text() -> None:
    assert [ui.escape(text)[:3] for text in ("1. x", "- x", "+ x")] == ["1\\.", "\\- ", "\\+ "]


@pytest.mark.usefixtures("world")
def test_the_set_up_has_one_primary_button(page: AppTest) -> None:
    def primary() -> int:
        links = sum('class="goto"' in html.proto.body for html in page.get("html"))
        return links + sum(button.proto.type == "primary" for button in page.button)

    page.run()
    page.switch_page("setup.py").run()
    assert primary() == 1, "all is done: go to the orders"
    library.dashboard().connection.disconnect()
    page.run()
    assert primary() == 1


@pytest.mark.usefixtures("world")
def test_the_set_up_ends_with_the_version(page: AppTest) -> None:
    page.run()
    page.switch_page("setup.py").run()
    assert page.caption[-1].value == f"Version {__version__}"


def test_results_of_a_transfer_have_their_own_currency(world: World, page: AppTest) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1, currency="EUR")
    page.run()
    select(page, 0)
    next(button for button in page.button if button.key == "push").click().run()
    (table,) = page.dataframe
    assert "737,00\xa0€".encode() in table.proto.SerializeToString()


def test_days_of_transfer_hide_no_order_that_needs_the_owner(world: World, page: AppTest) -> None:
    world.order(1, currency="EUR")
    page.query_params.update({"view": "owner", "done_from": "2026-11-01", "done_to": "2026-11-30"})
    page.run()
    assert not page.success, "nothing says that no order needs the owner"
    assert len(page.dataframe) == 1


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
    assert len(page.dataframe[0].value) == 1


def test_when_all_orders_are_selected_no_row_can_be_ticked_beside_them(world: World, page: AppTest) -> None:
    for number in (1, 2, 3):
        world.order(number)
    page.run()
    select(page, 0)
    assert push_buttons(page)[0].startswith("Overfør 1 ")
    page.checkbox[0].check().run()
    assert push_buttons(page)[0].startswith("Overfør 3 ")
    assert list(page.dataframe[0].proto.selection_mode) == []
    page.checkbox[0].uncheck().run()
    assert push_buttons(page) == []


def test_a_search_that_fits_in_another_view_only_says_so(world: World, page: AppTest) -> None:
    world.order(1)
    page.query_params.update({"view": "owner", "search": "1001"})
    page.run()
    next(button for button in page.button if button.label == da("Search in all orders")).click().run()
    assert len(page.dataframe[0].value) == 1


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
    page.query_params["view"] = "owner"
    page.run()
    select(page, 0)
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
    next(button for button in page.button if button.key == "push").click().run()
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
    next(button for button in page.button if button.key == "push").click().run()
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


def test_the_accountant_sees_three_pages_and_no_button_that_changes_anything(
    world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push()
    monkeypatch.setattr("pages.ui.role", lambda: "reader")
    page.query_params["order"] = "1"
    page.run()
    page.switch_page("history.py").run()
    assert not page.exception
    assert [title.value for title in page.title] == [da("History")]
    assert not page.button
    for path, title in (("reconcile.py", "Reconciliation"), ("oss.py", "EU sales")):
        page.switch_page(path).run()
        assert not page.exception
        assert [shown.value for shown in page.title] == [da(title)]


@pytest.mark.parametrize("path", ["overview.py", "orders.py", "setup.py", "raw.py", "backfill.py", "automatic.py"])
def test_a_page_of_the_owner_s_does_not_open_for_the_accountant(
    world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    world.order(1)
    monkeypatch.setattr("pages.ui.role", lambda: "reader")
    page.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        page.switch_page(path)
    # Streamlit can run a page's script by itself in a fresh process (see test_gate_on_a_fresh_server).
    alone = AppTest.from_file(f"../pages/{path}", default_timeout=30).run()
    assert not alone.title
    assert not alone.button


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


def test_what_was_chosen_for_a_way_to_pay_that_is_not_shown_stays(
    world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    chosen = {
        "rules": {"payment:Sjælden": "terms", "payment:Kort": "money"},
        "method_accounts": {"Sjælden": 55100},
        "fee_rates": {"Sjælden": FeeRate(Decimal(1), 70)},
    }
    world.dashboard.settings.save(**chosen)
    monkeypatch.setattr(Sums, "payment_methods", lambda self: ["Kort"])
    page.run()
    page.switch_page("setup.py").run()
    for form in ("methods", "fees"):
        (save,) = [button for button in page.button if button.proto.form_id == form]
        save.click().run()
    assert not page.exception
    now = world.dashboard.settings.load()
    assert (now.rules, dict(now.method_accounts)) == (chosen["rules"], chosen["method_accounts"])
    assert dict(world.dashboard.settings.load().fee_rates) == chosen["fee_rates"]
