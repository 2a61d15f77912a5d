"""The set-up as the owner walks through it: one step open at a time on Overblik, and Opsætning with one save a tab."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from conftest import PLENTY, World
from dinero import __version__
from dinero.cli.demo import TOLD, demo_keys
from dinero.dashboard import dashboard as library
from dinero.dashboard.dashboard import Dashboard
from dinero.model.clock import SimulatedClock, copenhagen_date
from dinero.model.i18n import Text
from dinero.model.settings import FeeRate
from dinero.sandbox import Sandbox
from dinero.store.sums import Sums


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


@pytest.fixture
def newcomer(tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """The library on a sandbox with orders, as a page finds it at a demo's first start: nothing is chosen."""
    with Sandbox(orders=12, clock=clock, calls_per_minute=PLENTY, webshop_account=False) as sandbox:
        given = sandbox.environment()
        told = {name: given[name] for name in TOLD} | demo_keys(given) | {"DINERO_DATA_DIR": str(tmp_path)}
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("dinero.dashboard.dashboard.SystemClock", lambda: clock)
        library.dashboard.cache_clear()
        yield library.dashboard()
        library.dashboard().store.close()
        library.dashboard.cache_clear()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame, at Overblik, as the owner."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30)


def drawn(page: AppTest) -> str:
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def lines(page: AppTest) -> list[str]:
    """Each step of the list by how it is drawn: done, now or later."""
    return [part.split('"')[0] for part in drawn(page).split('<li class="')[1:] if '<ol class="steps">' in drawn(page)]


def primary(page: AppTest) -> list[str]:
    """What is pressed next: the one primary button, or link, of the page."""
    links = [part.split(">")[1].split("<")[0] for part in drawn(page).split("<a ")[1:] if "button primary" in part]
    return links + [button.label for button in page.button if button.proto.type == "primary"]


def press(page: AppTest, message: str, plural: str | None = None, /, **values: object) -> None:
    (button,) = [button for button in page.button if button.label == da(message, plural, **values)]
    button.click().run()
    assert not page.exception
    assert not page.error


def open_setup(page: AppTest, tab: str, show: str = "") -> None:
    page.run()
    page.switch_page("setup.py")
    page.query_params["tab"] = tab
    if show:
        page.query_params["show"] = show
    page.run()
    assert not page.exception


def save_button(page: AppTest) -> tuple[bool, int]:
    """Whether the save can be pressed, and how many there are."""
    saves = [button for button in page.button if button.label == da("Save changes")]
    return not saves[0].disabled, len(saves)


def connect(dashboard: Dashboard) -> None:
    keys = dashboard.environment.demo_keys
    dashboard.connection.connect_personal(keys["CLIENT_ID"], keys["CLIENT_SECRET"], keys["API_KEY"])


# --- the list of steps --------------------------------------------------------------------------------------------


def test_one_step_is_open_and_the_primary_button_leads_from_the_first_to_the_first_invoice(
    newcomer: Dashboard, page: AppTest
) -> None:
    page.run()
    assert [title.value for title in page.title] == [
        da("{n} of {all} steps is left.", "{n} of {all} steps are left.", n=6, all=6)
    ]
    assert lines(page) == ["now", *["later"] * 7]
    assert primary(page) == [da("Set the demo up for me")]
    connect(newcomer)
    page.run()
    assert lines(page) == ["done", "now", *["later"] * 6]
    for done in range(1, 4):  # the organization, when, and the account, each with the usual answer
        assert lines(page) == ["done"] * done + ["now"] + ["later"] * (7 - done)
        (label,) = primary(page)
        (button,) = [button for button in page.button if button.label == label]
        button.click().run()
        assert not page.exception
    chosen = newcomer.settings.load()
    assert (chosen.organization, chosen.trigger, chosen.booking_account_name) == ("210001", "paid", "Webshop salg")
    assert primary(page) == [da("Connect to Shoporama")]
    newcomer.shops.add("shoporama", {"key": newcomer.environment.demo_keys["SHOP_KEY"]})
    page.run()
    press(page, "Use this")
    assert newcomer.settings.load().take_over_date == date(2026, 1, 1)
    assert [title.value for title in page.title] == [da("Everything is set up.")]
    assert primary(page) == [da("Fetch the orders")]
    press(page, "Fetch the orders")
    assert lines(page) == [*["done"] * 7, "now"]
    assert primary(page) == [da("See the first invoice")]
    first = newcomer.store.orders.list(states=("waiting",), limit=1, oldest_first=True)[0]
    assert f"/orders?view=waiting&order={first.id}" in drawn(page)


def test_a_done_step_is_a_line_with_its_answer_and_opens_again(world: World, process: Dashboard, page: AppTest) -> None:
    page.run()
    assert lines(page) == [*["done"] * 6, "now", "later"]
    assert "<b>55100 Webshop salg</b>" in drawn(page)
    assert not page.radio
    page.query_params["show"] = "trigger"
    page.run()
    assert lines(page) == ["done", "done", "now", *["done"] * 3, "later", "later"]
    page.radio[0].set_value("sent").run()
    assert process.settings.load().trigger == "paid", "nothing is stored before the button is pressed"
    press(page, "Use this")
    assert process.settings.load().trigger == "sent"
    assert "show" not in page.query_params
    assert lines(page) == [*["done"] * 6, "now", "later"]
    assert [toast.value for toast in page.toast] == [da("Saved.")]


def test_the_list_ends_with_the_first_transfer_and_comes_back_while_a_step_is_missing(
    world: World, process: Dashboard, page: AppTest
) -> None:
    world.order(1)
    page.run()
    assert lines(page)
    world.push(1)
    page.run()
    assert not page.exception
    assert lines(page) == []
    process.connection.disconnect()
    page.run()
    assert lines(page)[0] == "now"
    assert da("The first invoice") not in drawn(page), "it is long since sent"


def test_a_connection_that_ended_hides_nothing_of_an_owner_who_transfers(
    world: World, process: Dashboard, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    monkeypatch.setattr("dinero.dashboard.connection.DineroConnection.has_ended", True)
    page.run()
    assert not page.exception
    assert lines(page) == []
    open_automatic(page)
    assert da("Go on with the set-up") not in drawn(page), "it would lead nowhere"


def test_back_from_the_approval_one_line_says_what_came_of_it(newcomer: Dashboard, page: AppTest) -> None:
    connect(newcomer)
    page.query_params["connected"] = "dinero"
    page.run()
    assert [box.value for box in page.success] == [da("{system} is connected.", system="Dinero")]
    assert lines(page)[:2] == ["done", "now"]
    press(page, "Use this")
    assert not page.success
    assert "connected" not in page.query_params


def test_a_no_at_visma_is_said_until_another_way_is_tried(newcomer: Dashboard, page: AppTest) -> None:
    newcomer.store.look_ups.put("problem:1", Text("Visma refused.").to_json())
    page.query_params["problem"] = "1"
    page.run()
    assert [box.value for box in page.error] == ["Visma refused."]
    for label, name in (("Client ID", "CLIENT_ID"), ("Client Secret", "CLIENT_SECRET"), (da("API key"), "API_KEY")):
        (field,) = [field for field in page.text_input if field.label == label and field.proto.form_id == "personal"]
        field.set_value(newcomer.environment.demo_keys[name])
    press(page, "Connect")
    assert lines(page)[:2] == ["done", "now"]


def test_in_the_demo_one_button_does_all_six_and_fetches(newcomer: Dashboard, page: AppTest) -> None:
    page.run()
    press(page, "Set the demo up for me")
    assert newcomer.settings.load().missing() == []
    assert primary(page) == [da("See the first invoice")]
    assert da("Set the demo up for me") not in [button.label for button in page.button]


def test_outside_the_demo_it_is_not_offered(world: World, process: Dashboard, page: AppTest) -> None:
    process.connection.disconnect()
    page.run()
    assert da("Set the demo up for me") not in [button.label for button in page.button]


def test_a_number_that_is_none_is_not_taken_over_from(world: World, process: Dashboard, page: AppTest) -> None:
    page.query_params["show"] = "orders"
    page.run()
    page.radio[0].set_value("number").run()
    for typed, usable in (("12²", False), ("", False), ("1200", True)):
        page.text_input[0].set_value(typed).run()
        (button,) = [button for button in page.button if button.label == da("Use this")]
        assert button.disabled is not usable
    press(page, "Use this")
    chosen = process.settings.load()
    assert (chosen.take_over_number, chosen.take_over_date) == (1200, None)


# --- the page Opsætning -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["connections", "books", "vat", "access"])
@pytest.mark.usefixtures("world", "process")
def test_a_tab_has_one_save_which_waits_for_a_change(page: AppTest, tab: str) -> None:
    open_setup(page, tab, {"vat": "exactness"}.get(tab, ""))
    assert save_button(page) == (False, 1)
    assert len([button for button in page.button if button.proto.type == "primary"]) == 1


def test_what_is_saved_is_there_after_a_reload_and_nothing_else_is_changed(
    world: World, process: Dashboard, page: AppTest
) -> None:
    before = process.settings.load()
    open_setup(page, "books")
    page.radio[0].set_value("sent").run()
    assert save_button(page) == (True, 1)
    assert process.settings.load().trigger == "paid"
    press(page, "Save changes")
    assert save_button(page) == (False, 1)
    after = process.settings.load()
    assert (after.trigger, after.booking_account, after.take_over_date) == (
        "sent",
        before.booking_account,
        before.take_over_date,
    )
    anew = AppTest.from_file("../pages/navigation.py", default_timeout=30)
    open_setup(anew, "books")
    assert anew.radio[0].value == "sent"
    assert save_button(anew) == (False, 1)


def test_what_was_chosen_for_a_way_to_pay_that_is_not_shown_stays(
    world: World, process: Dashboard, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    chosen = {
        "rules": {"payment:Sjælden": "terms", "payment:Kort": "money"},
        "method_accounts": {"Sjælden": 55100},
        "fee_rates": {"Sjælden": FeeRate(Decimal(1), 70)},
    }
    world.dashboard.settings.save(**chosen)
    monkeypatch.setattr(Sums, "payment_methods", lambda self: ["Kort"])
    open_setup(page, "vat", "methods")
    page.number_input[0].set_value(14).run()
    press(page, "Save changes")
    open_setup(page, "books", "fees")
    page.text_input[0].set_value("1,5").run()
    press(page, "Save changes")
    now = process.settings.load()
    assert (now.rules, dict(now.method_accounts), now.payment_days) == (chosen["rules"], chosen["method_accounts"], 14)
    assert now.fee_rates == {"Sjælden": FeeRate(Decimal(1), 70), "Kort": FeeRate(Decimal("1.5"), 0)}


@pytest.mark.usefixtures("world", "process")
def test_a_rate_that_can_not_be_read_can_not_be_saved(world: World, page: AppTest) -> None:
    world.order(1)
    open_setup(page, "books", "fees")
    page.text_input[0].set_value("meget").run()
    assert save_button(page) == (False, 1)
    assert page.error


def test_the_accountant_s_access_is_said_with_its_date(world: World, process: Dashboard, page: AppTest) -> None:
    open_setup(page, "access")
    assert not page.toggle
    (field,) = page.text_input
    field.set_value("revisorens egen kode")
    press(page, "Give the accountant access")
    today = copenhagen_date(world.clock.now())
    assert [box.value for box in page.success] == [da("The accountant has access since {date}.", date=today)]
    page.toggle[0].set_value(True).run()
    press(page, "Save changes")
    assert process.settings.load().reader_may_answer
    press(page, "Take the access away")
    assert not page.success
    assert not process.sign_in.has_reader()


@pytest.mark.usefixtures("world", "process")
def test_the_set_up_tells_its_version(page: AppTest) -> None:
    open_setup(page, "access")
    assert page.caption[-1].value == f"Version {__version__}"


def test_what_is_chosen_is_read_without_a_control(world: World, process: Dashboard, page: AppTest) -> None:
    process.settings.save(rules={"currency:EUR": "dinero_rate"}, method_accounts={"<b>Kort</b>": 55100})
    open_setup(page, "vat")
    assert not page.selectbox
    assert "1000 Salg af varer/ydelser m/moms" in drawn(page)
    bodies = " ".join(element.proto.body for element in page.get("html"))
    assert "&lt;b&gt;Kort&lt;/b&gt;" in bodies


READ = """
from pages import rules, ui
rules.read_only(ui.dashboard().settings.load())
"""


def test_the_accountant_reads_all_that_is_chosen_and_is_led_nowhere(world: World, process: Dashboard) -> None:
    process.settings.save(rules={"currency:EUR": "dinero_rate"}, reported_until=date(2026, 9, 30))
    read = AppTest.from_string(READ, default_timeout=30).run()
    assert not read.exception
    shown = drawn(read)
    for text in (
        "1000 Salg af varer/ydelser m/moms",
        "55100 Webshop salg",
        "30. sep. 2026",
        da("paid at Dinero's rate"),
    ):
        assert text in shown
    assert "<a " not in shown
    assert not read.button


def test_a_rule_says_who_made_it_and_when(world: World, process: Dashboard, page: AppTest) -> None:
    world.order(1, currency="EUR")
    row = world.row(1)
    question = next(finding.question for finding in row.reasons if finding.question)
    process.settings.save(reader_may_answer=True)
    process.orders.answer(row, question, question.choices[0].value, as_rule=True, actor="reader")
    open_setup(page, "vat")
    assert da("the accountant") in drawn(page).split("<table")[-1]


def test_no_period_without_orders_is_offered(world: World, process: Dashboard, page: AppTest) -> None:
    open_setup(page, "books", "older")
    page.session_state["backfill"] = process.older.check(date(2025, 1, 1), date(2025, 1, 31))
    page.run()
    assert not page.exception
    assert not [button for button in page.button if "0" in button.label]
    assert da("Include the period without transferring") not in [button.label for button in page.button]


# --- Automatik ----------------------------------------------------------------------------------------------------


def open_automatic(page: AppTest) -> None:
    page.run()
    page.switch_page("automatic.py").run()
    assert not page.exception


def test_what_the_first_round_books_is_on_the_button_that_switches_it_on(
    world: World, process: Dashboard, page: AppTest
) -> None:
    world.order(1)
    world.order(2)
    open_automatic(page)
    total = (world.row(1).total_ore or 0) + (world.row(2).total_ore or 0)
    label = da(
        "Switch on, and transfer {what} ({total})",
        what=da("{n} order", "{n} orders", n=2),
        total=f"{total // 100:,}".replace(",", ".") + f",{total % 100:02} kr.",
    )
    assert [button.label.replace("\xa0", " ") for button in page.button if button.proto.type == "primary"] == [label]
    assert not process.settings.load().automatic, "nothing begins before it is pressed"
    next(button for button in page.button if button.key == "on").click().run()
    assert process.settings.load().automatic
    assert process.automatic.left_to_owner() == 0
    press(page, "Switch off")
    assert not process.settings.load().automatic


def test_begun_with_new_orders_those_that_wait_are_left_and_can_be_taken(
    world: World, process: Dashboard, page: AppTest
) -> None:
    world.order(1)
    open_automatic(page)
    page.radio[0].set_value(True).run()
    press(page, "Switch on for new orders")
    assert process.automatic.left_to_owner() == 1
    press(page, "Transfer them in the next round")
    assert process.automatic.left_to_owner() == 0


def test_without_the_set_up_it_can_not_be_switched_on(world: World, process: Dashboard, page: AppTest) -> None:
    process.connection.disconnect()
    open_automatic(page)
    assert next(button for button in page.button if button.key == "on").disabled
    assert da("Go on with the set-up") in drawn(page)


def test_a_known_mail_server_needs_no_port(world: World, process: Dashboard, page: AppTest) -> None:
    open_automatic(page)
    fields = {field.label: field for field in page.text_input}
    fields[da("Your e-mail address there")].set_value("ejer@example.com")
    fields[da("Password")].set_value("hemmelig")
    fields[da("To (your own address)")].set_value("ejer@example.com")
    press(page, "Save")
    mail = process.settings.load().mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security, mail.sender) == (
        "smtp.gmail.com",
        587,
        "starttls",
        "ejer@example.com",
    )


def test_order_numbers_in_an_alarm_lead_to_the_orders(world: World, process: Dashboard, page: AppTest) -> None:
    process.alarms.raise_("orders", Text("{n} orders need you: {numbers}.", n=2, numbers="1001, 1002"))
    open_automatic(page)
    assert "/orders?view=all&search=1001" in drawn(page)
    assert "/orders?view=all&search=1002" in drawn(page)
