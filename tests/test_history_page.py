"""The page of the history: the strip and what a day opens, a transfer as a record, one order's way, and every event."""

import re
import uuid
from collections import Counter
from datetime import timedelta
from html import unescape

import pytest
from babel.dates import format_date
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Action, Progress
from dinero.model.errors import ConnectionStopped
from dinero.model.i18n import Text
from dinero.model.past import DAY_NAMES
from dinero.model.transfers import TransferRecord
from pages import past, ui
from test_corrections import refund

NO_PRO = {"status": 403, "body": {"code": 90, "message": "no"}}


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30)


def opened(tab: AppTest, **query: str) -> str:
    """The page at an address, as the HTML of ours that it draws."""
    tab.query_params.clear()
    tab.query_params.update(query)
    tab.run()
    tab.switch_page("history.py").run()
    assert not tab.exception
    return drawn(tab)


def drawn(page: AppTest) -> str:
    return "\n".join(html.proto.body for html in page.get("html") if 'class="head"' not in html.proto.body)


def rows(html: str) -> list[str]:
    """The texts of all rows of lists."""
    return [unescape(re.sub(r"<[^>]+>", " ", row)).strip() for row in re.findall(r"<li[ >].*?</li>", html)]


def said(message: str, **values: object) -> str:
    return Text(message, **values).render("da")  # type: ignore[arg-type]


def stopped(world: World) -> TransferRecord:
    """A transfer of order 1 that Dinero stopped."""
    world.order(1)
    world.sandbox.fault("status", method="GET", times=50, **NO_PRO)
    with pytest.raises(ConnectionStopped):
        world.push()
    world.sandbox.faults.clear()
    record = world.dashboard.transfers.latest()
    assert record is not None
    assert record.status is Progress.STOPPED
    return record


# --- the strip -----------------------------------------------------------------------------------


def test_each_of_ninety_days_is_a_link_that_says_its_date_and_its_state_in_words(world: World, page: AppTest) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    world.push()
    days = re.findall(r'<a class="go day (\w+)"[^>]* href="([^"]+)" title="([^"]+)" aria-label="([^"]+)"', opened(page))
    assert len(days) == 90
    strip = world.dashboard.past.strip()
    for (colour, address, title, label), day in zip(days, strip, strict=True):
        assert address == f"/history?day={day.day}"
        assert title == label
        assert unescape(label).startswith(f"{ui.day(day.day)}: {DAY_NAMES[day.state].render('da')}.")
        assert colour == past.DAYS[day.state][1]
    assert Counter(colour for colour, *_ in days)["green"] == 1


def test_no_two_states_of_a_day_or_step_have_the_same_sign() -> None:
    for looks in (past.DAYS, past.STANDINGS):
        assert len({sign for sign, _ in looks.values()}) == len(looks)


def test_a_day_opens_its_own_orders_and_transfers_and_has_a_way_out(world: World, page: AppTest) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    world.order(2, time="2026-11-21 10:00:00")
    world.push()
    shown = opened(page, day="2026-11-20")
    assert [row.split()[0] for row in rows(shown)] == ["1001"]
    assert 'aria-current="date"' in shown
    assert f'<a class="go button" href="/history">{said("All days")}</a>' in shown
    assert 'href="/history?day=2026-11-20&amp;order=1"' in shown
    today = copenhagen_date(world.clock.now())
    shown = opened(page, day=str(today))
    (record,) = world.dashboard.past.transfers(today, limit=10)
    assert f'href="/history?day={today}&amp;transfer={record.id}"' in shown


@pytest.mark.parametrize("day", ["", "i går", "2026-13-40"])
def test_what_is_no_day_is_all_days(world: World, page: AppTest, day: str) -> None:
    assert 'aria-current="date"' not in opened(page, day=day)


# --- transfers -----------------------------------------------------------------------------------


def test_a_transfer_is_a_row_with_who_how_many_how_much_and_what_became_of_them(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2, currency="EUR")
    world.push()
    shown = opened(page)
    (row,) = rows(shown)
    assert "2 ordrer" in row
    assert "737,00\xa0kr." in row
    assert re.search(r'<i class="green" style="width:50.*<i class="orange" style="width:50', shown)
    assert 'aria-label="1 er overført, 1 kræver dig"' in shown


def test_an_order_of_a_transfer_names_its_document_and_the_transfer_its_account(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2, **refund(1))
    world.push(1)
    world.push(2)
    credit_note, invoice = world.dashboard.transfers.records()
    (row,) = rows(shown := opened(page, transfer=invoice.id))
    assert row.endswith(f"Faktura {world.row(1).invoice_number}")
    assert "737,00\xa0kr. på 55" in unescape(shown)
    (row,) = rows(opened(page, transfer=credit_note.id))
    assert row.endswith(f"Kreditnota {world.row(2).invoice_number}")


def test_the_strip_says_what_it_is_and_where_the_months_begin(world: World, page: AppTest) -> None:
    shown = opened(page)
    assert "De seneste 90 dage" in re.sub(r"<[^>]+>", "", shown)
    begun = [day.day for day in world.dashboard.past.strip() if day.day.day == 1]
    assert len(begun) in (2, 3)
    names = [format_date(day, "LLL", locale="da").strip(".") for day in begun]
    assert re.findall(r"--weekday:8\">(\w+)<", shown) == names


def test_a_stopped_transfer_says_why_in_its_row_and_is_tried_again_from_its_page(world: World, page: AppTest) -> None:
    record = stopped(world)
    reason = record.reasons[0].text.render("da")
    assert reason in rows(opened(page))[0]
    shown = opened(page, transfer=record.id)
    assert reason in unescape(shown)
    (again,) = [button for button in page.button if button.label == said("Try again")]
    again.click().run()
    assert not page.exception
    new, old = world.dashboard.transfers.records()
    assert (old.id, old.dismissed) == (record.id, True)
    assert page.query_params["transfer"] in (new.id, [new.id])
    assert world.dashboard.store.operations.next() == new.id
    opened(page, transfer=record.id)
    assert not page.button, "it is seen to"


def test_a_stopped_transfer_is_put_away_by_its_button(world: World, page: AppTest) -> None:
    record = stopped(world)
    opened(page, transfer=record.id)
    next(button for button in page.button if button.label == said("Close")).click().run()
    assert world.dashboard.transfers.needs_attention() is None
    assert not page.button


def test_a_transfers_page_has_its_orders_with_their_reasons(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2, currency="EUR")
    world.push()
    (record,) = world.dashboard.transfers.records()
    shown = opened(page, transfer=record.id)
    held, done = rows(shown)
    assert held.startswith("1002")
    assert world.row(2).reasons[0].text.render("da") in held
    assert done.startswith("1001")
    assert "55100 Webshop salg" in shown
    assert f'href="/history?transfer={record.id}&amp;order=2"' in shown
    assert said("This transfer is not known here.") in opened_errors(page, transfer="x")


def opened_errors(page: AppTest, **query: str) -> list[str]:
    opened(page, **query)
    return [error.value for error in page.error]


def test_lists_are_twenty_five_rows_a_page(world: World, page: AppTest) -> None:
    for n in range(30):
        world.dashboard.transfers.push(f"op{n}", [("shoporama", "1")], actor="automatic")
    first, second = opened(page), opened(page, page="2")
    assert (len(rows(first)), len(rows(second))) == (25, 5)
    assert "page=2" in first
    assert "page=3" not in second


# --- one order -----------------------------------------------------------------------------------


def test_an_orders_way_has_its_steps_its_links_and_no_event_until_it_is_asked_for(world: World, page: AppTest) -> None:
    world.order(1)
    world.clock.advance(7200)
    world.push()
    shown = opened(page, order="1")
    assert shown.count('<li class="green">') == 5
    assert "2 timer efter" in shown
    assert "737,00\xa0kr. registreret på Webshop salg" in shown
    assert world.dashboard.connection.invoice_pages() + str(world.row(1).guid) in shown
    assert 'href="/orders?view=all&amp;order=1"' in shown
    events = world.dashboard.store.history.list(order=("shoporama", "1"), limit=-1)
    assert [expander.label for expander in page.expander] == [f"Alle {len(events)} hændelser"]
    assert 'class="log"' not in shown
    page.session_state["order_log"] = True
    page.run()
    assert drawn(page).count("<time>") == 5 + len(events)


def test_a_held_orders_way_says_why_it_stands_still(world: World, page: AppTest) -> None:
    world.order(1, currency="EUR")
    shown = opened(page, order="1")
    assert '<li class="orange">' in shown
    assert world.row(1).reasons[0].text.render("da") in unescape(shown)


def test_an_orders_way_leads_back_to_the_transfer_or_day_it_was_opened_from(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    (record,) = world.dashboard.transfers.records()
    assert 'href="/history"' in opened(page, order="1")
    assert 'href="/history?day=2026-11-20"' in opened(page, order="1", day="2026-11-20")
    assert f'href="/history?transfer={record.id}"' in opened(page, order="1", transfer=record.id)


def test_text_of_others_is_escaped_wherever_the_history_shows_it(world: World, page: AppTest) -> None:
    name = "<img src=x onerror=alert(1)>"
    world.order(1, order_name=name, time="2026-11-20 10:00:00", currency="EUR")
    world.push()
    (record,) = world.dashboard.transfers.records()
    for query in ({"order": "1"}, {"day": "2026-11-20"}, {"transfer": record.id}, {"find": "1001"}):
        assert "<img" not in opened(page, **query)
        assert "&lt;img" in drawn(page)
    assert "<script" not in opened(page, order="<script>", transfer="<script>", day="<script>")


def test_an_unknown_order_is_said_to_be_unknown(world: World, page: AppTest) -> None:
    assert opened_errors(page, order="77") == [said("This order is not known here.")]


# --- every event ---------------------------------------------------------------------------------


def events(page: AppTest) -> list[str]:
    (listed,) = re.findall(r'<ul class="rows events".*?</ul>', drawn(page))
    return rows(listed)


def test_the_log_is_drawn_when_it_is_asked_for_and_begins_with_what_ended(world: World, page: AppTest) -> None:
    world.order(1)
    world.order(2, currency="EUR")
    world.push()
    assert 'class="rows events"' not in opened(page)
    page.session_state["log"] = True
    page.run()
    ended = events(page)
    assert len(ended) == 2
    assert any("1001" in row and "Overført" in row for row in ended)
    assert any("1002" in row and world.row(2).reasons[0].text.render("da") in row for row in ended)
    opened(page, show="all")
    assert len(events(page)) == len(world.dashboard.store.history.list(limit=25))
    opened(page, show="all", events="booked,connected")
    assert len(events(page)) == 1 + len(world.dashboard.store.history.list(events=["connected"]))


def test_the_filters_of_the_log_are_in_the_address(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    world.push()
    opened(page, find="1002")
    assert page.text_input(key="find").value == "1002"
    assert [row.split()[0] for row in events(page)] == ["1002"]


def test_the_kinds_of_events_that_are_chosen_are_in_the_address(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
    world.push()
    opened(page, show="all")
    page.multiselect[0].select("booked").run()
    assert not page.exception
    assert page.query_params["events"] in ("booked", ["booked"])
    assert len(events(page)) == 2


def test_the_log_of_a_day_is_of_that_day(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number)
        world.push(number)
        world.clock.advance(86_400)
    yesterday = copenhagen_date(world.clock.now()) - timedelta(days=1)
    opened(page, day=str(yesterday), show="ended")
    assert [row.split()[0] for row in events(page)] == ["1002"]


# --- the accountant ------------------------------------------------------------------------------


def test_the_accountant_sees_all_of_it_and_may_change_nothing(
    world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = stopped(world)
    monkeypatch.setattr("pages.ui.role", lambda: "reader")
    for query in ({}, {"transfer": record.id}, {"order": "1"}, {"show": "all"}, {"day": "2026-11-24"}):
        shown = opened(page, **query)
        assert not page.button
        assert 'href="/orders' not in shown
    assert record.reasons[0].text.render("da") in unescape(opened(page, transfer=record.id))


def test_what_was_taken_back_stands_below_zero_and_not_as_the_invoice(world: World, page: AppTest) -> None:
    world.order(1)
    world.push()
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(1), Action.UNDO, reason="Fortrudt", actor="owner")
    world.dashboard.transfers.run(operation_id)
    (row,) = rows(opened(page, transfer=operation_id))
    assert ui.amount(-(world.row(1).total_ore or 0)) in row
    assert said("Invoice {number}", number="1") not in row
