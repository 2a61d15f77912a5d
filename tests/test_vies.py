"""VIES: a sale without VAT to an EU company goes when its VAT number is valid, and nothing else waits for that."""

import csv
import io
import json
import logging
import threading
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World, started
from dinero.api.vies import Vies
from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.intake import consulting
from dinero.intake.assessing import Assessor
from dinero.intake.consulting import consult
from dinero.model.consultation import Consultation
from dinero.model.documents import OrderKey
from dinero.model.errors import DISK_FULL, SettingsError, StorageFailed
from dinero.model.orders import Party
from dinero.reports.export import consultations_csv
from dinero.rules.evidence import VIES_INVALID, VIES_UNANSWERED, check_vies, number_to_check, sentence
from dinero.safekeeping.export import export_everything
from dinero.safekeeping.forgetting import forget_customer
from factory import SETTINGS, line, order

NUMBER, FRENCH, SWEDISH = "DE136695976", "FR40303265045", "SE556188840401"
OWN = "DK13585628"
LAND = {"DE": "Tyskland", "FR": "Frankrig", "SE": "Sverige"}


def company(number: str = NUMBER, **overrides: Any) -> dict[str, Any]:
    """An EU company's order without VAT, as the shop sends it."""
    land = LAND[number[:2]]
    return {
        "order_company_name": "Keramik GmbH",
        "vat_number": number,
        "vat": 0,
        "order_country_id": None,
        "order_country": land,
        "del_country_id": None,
        "del_country": land,
    } | overrides


def evidence(world: World, number: int = 1) -> list[Consultation]:
    return world.dashboard.store.consultations.of(OrderKey("shoporama", str(number)))


def codes(world: World, number: int = 1) -> list[str]:
    return [finding.code for finding in world.row(number).reasons]


def later(world: World, minutes: float = 5.1) -> None:
    world.clock.advance(minutes * 60)


def client(world: World, *, requester: str = OWN, timeout: float = 5.0) -> Vies:
    return Vies(world.dashboard.environment.vies_url, world.clock, requester=requester, timeout=(5.0, timeout))


# --- the client ----------------------------------------------------------------------------------------------------


def test_a_valid_number_comes_with_its_name_and_the_consultation_number(world: World) -> None:
    answer = client(world).ask(FRENCH)
    assert (answer.outcome, answer.name, answer.requester, answer.error) == ("valid", f"Firma {FRENCH}", OWN, "")
    assert answer.consultation_number.startswith("WAPI")
    assert answer.asked_at == world.clock.now()
    call = world.sandbox.calls[-1]
    assert call.body == {
        "countryCode": "FR",
        "vatNumber": "40303265045",
        "requesterMemberStateCode": "DK",
        "requesterNumber": "13585628",
    }


def test_a_country_that_tells_no_names_tells_none(world: World) -> None:
    assert client(world).ask(NUMBER).name == ""


def test_a_number_that_is_not_registered_is_invalid_and_so_is_one_that_can_not_exist(world: World) -> None:
    world.sandbox.vies.invalid.add(NUMBER)
    assert client(world).ask(NUMBER).outcome == "invalid"
    assert client(world).ask("DE1").outcome == "invalid"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}, "MS_UNAVAILABLE"),
        (
            {"actionSucceed": False, "errorWrappers": [{"error": "GLOBAL_MAX_CONCURRENT_REQ", "message": "x"}]},
            "GLOBAL_MAX_CONCURRENT_REQ",
        ),
        ({"valid": False, "userError": "SERVICE_UNAVAILABLE"}, "SERVICE_UNAVAILABLE"),
        ({"valid": False, "userError": "TIMEOUT"}, "TIMEOUT"),
        ({"valid": True, "userError": "IP_BLOCKED"}, "IP_BLOCKED"),
        ({"actionSucceed": False}, "ERROR"),
        ({"actionSucceed": False, "errorWrappers": "?"}, "ERROR"),
        ({"valid": "true"}, "UNREADABLE"),
        ({"valid": 1}, "UNREADABLE"),
        ({"valid": True, "countryCode": "DE", "vatNumber": "811569869"}, "ANOTHER_NUMBER"),
        ({"valid": True, "countryCode": "AT", "vatNumber": "136695976"}, "ANOTHER_NUMBER"),
        ({"valid": False, "countryCode": "DE", "vatNumber": "811569869"}, "ANOTHER_NUMBER"),
        ({}, "UNREADABLE"),
        ([True], "UNREADABLE"),
        ("<html>busy</html>", "UNREADABLE"),
    ],
)
def test_whatever_is_no_plain_yes_or_no_is_no_answer(world: World, body: Any, error: str) -> None:
    world.sandbox.fault("status", path="^/vies", status=200, body=body)
    answer = client(world).ask(NUMBER)
    assert (answer.outcome, answer.error, answer.consultation_number) == ("unanswered", error, "")


@pytest.mark.parametrize("body", [{"valid": True, "userError": "VALID"}, {"isValid": True}, {"valid": True}])
def test_a_yes_may_come_in_either_of_its_forms(world: World, body: Any) -> None:
    world.sandbox.fault("status", path="^/vies", status=200, body=body)
    assert client(world).ask(NUMBER).outcome == "valid"


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("status", {"status": 500, "body": {"valid": True}}, "HTTP_500"),
        ("status", {"status": 503, "body": "<html>"}, "HTTP_503"),
        ("status", {"status": 302, "body": {"valid": True}}, "HTTP_302"),
        ("garbage", {}, "UNREADABLE"),
        ("reset", {}, "UNREACHABLE"),
        ("drop", {}, "UNREACHABLE"),
    ],
)
def test_trouble_on_the_way_is_no_answer(world: World, kind: Any, options: Any, error: str) -> None:
    world.sandbox.fault(kind, path="^/vies", **options)
    answer = client(world).ask(NUMBER)
    assert (answer.outcome, answer.error) == ("unanswered", error)


def test_a_register_that_is_slow_is_not_waited_for(world: World) -> None:
    world.sandbox.vies.slow.add("DE")
    assert client(world).ask(NUMBER).outcome == "valid"
    answer = client(world, timeout=0.1).ask(NUMBER)
    assert (answer.outcome, answer.error) == ("unanswered", "TIMEOUT")
    assert client(world, timeout=0.1).ask(FRENCH).outcome == "valid"


def test_when_the_owners_number_is_refused_it_is_asked_without_and_that_is_noted(world: World) -> None:
    world.sandbox.vies.refused.add(OWN)
    vies = client(world)
    for number in (NUMBER, FRENCH):
        answer = vies.ask(number)
        assert (answer.outcome, answer.consultation_number, answer.requester) == ("valid", "", "")
        assert answer.error == "INVALID_REQUESTER_INFO"
        assert "no consultation number" in sentence(answer).render("en")
    assert world.sandbox.vies.asked == [NUMBER, NUMBER, FRENCH]


def test_no_credentials_of_the_machine_go_to_vies(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ea password planted")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[Any] = []
    check = world.sandbox.app._app

    async def look(scope: Any, receive: Any, send: Any) -> None:
        seen.append([value for name, value in scope["headers"] if name == b"authorization"])
        await check(scope, receive, send)

    monkeypatch.setattr(world.sandbox.app, "_app", look)
    assert client(world).ask(NUMBER).outcome == "valid"
    assert seen == [[]]


# --- orders --------------------------------------------------------------------------------------------------------


def test_a_valid_number_is_asked_about_once_and_kept_with_its_consultation_number(world: World) -> None:
    world.order(1, **company())
    assert (world.row(1).state, codes(world)) == ("waiting", [])
    (kept,) = evidence(world)
    assert (kept.number, kept.outcome, kept.requester) == (NUMBER, "valid", OWN)
    assert kept.consultation_number.startswith("WAPI")
    world.clock.advance(3 * 86_400)
    world.dashboard.orders.fetch()
    world.dashboard.settings.save(payment_days=9)
    (result,) = world.push()
    assert result.result == "done"
    assert world.sandbox.vies.asked == [NUMBER]


def test_only_sales_without_vat_to_eu_companies_are_asked_about(world: World) -> None:
    world.order(1)
    world.order(2, order_company_name="Friis ApS", vat_number=OWN)
    world.order(3, **company(vat_number="DE136695977"))
    world.order(4, **company(vat=49.8))
    world.order(5, **company(del_country="Danmark", vat=49.8))
    world.order(6, **company(paid=None))
    assert world.sandbox.vies.asked == []
    assert world.row(6).state == "not due"


def test_a_credit_note_is_never_asked_about(world: World) -> None:
    from test_corrections import refund

    world.order(1, **company())
    world.push()
    world.clock.advance(2 * 86_400)
    world.order(2, **(company() | refund(1) | {"vat": 0}))
    world.push()
    assert world.sandbox.vies.asked == [NUMBER]


def test_an_order_with_another_obstacle_is_asked_about_when_that_is_out_of_the_way(world: World) -> None:
    world.order(1, **company(email="karen(at)example"))
    assert world.row(1).state == "held"
    assert "vies_unanswered" not in codes(world)
    assert world.sandbox.vies.asked == []
    later(world)
    world.order(1, **company())
    assert world.row(1).state == "waiting"


def test_the_same_company_is_asked_about_once_a_day(world: World) -> None:
    world.order(1, **company())
    world.clock.advance(86_000)
    world.order(2, **company())
    assert world.sandbox.vies.asked == [NUMBER]
    first, second = evidence(world, 1)[0], evidence(world, 2)[0]
    assert first == second
    world.clock.advance(1000)
    world.order(3, **company())
    assert world.sandbox.vies.asked == [NUMBER, NUMBER]
    assert [world.row(number).state for number in (1, 2, 3)] == ["waiting"] * 3


def test_an_invalid_number_is_a_question_with_two_ways_on(world: World) -> None:
    world.sandbox.vies.invalid.add(NUMBER)
    for number in (1, 2):
        world.order(number, **company())
    assert [codes(world, number) for number in (1, 2)] == [["vies_invalid"], ["vies_invalid"]]
    assert [row.result for row in world.push()] == ["held", "held"]
    world.dashboard.orders.answer(world.row(1), VIES_INVALID, "book")
    world.dashboard.orders.answer(world.row(2), VIES_INVALID, "consumer")
    assert world.row(1).state == "waiting"
    assert codes(world, 2) == ["eu_without_vat"]
    with pytest.raises(SettingsError):
        world.dashboard.orders.answer(world.row(1), VIES_INVALID, "book", as_rule=True)
    assert [row.result for row in world.push()] == ["done", "held"]


def test_the_owner_may_go_on_without_an_answer(world: World) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    world.dashboard.orders.answer(world.row(1), VIES_UNANSWERED, "book")
    assert [row.result for row in world.push()] == ["done"]


def test_a_no_that_comes_after_the_owners_word_is_still_asked_about() -> None:
    sold = order(line(24900, rate="0"), vat_number=NUMBER, billing=Party(company="Keramik GmbH", country="DE"))
    chosen = SETTINGS.with_answers({"vies_unanswered": "book"})
    assert number_to_check(sold, chosen) == NUMBER
    assert sold.placed_at is not None
    no = Consultation(NUMBER, "invalid", sold.placed_at + timedelta(hours=1))
    assert check_vies(sold, chosen, None) == []
    assert [finding.code for finding in check_vies(sold, chosen, no)] == ["vies_invalid"]


def test_an_answer_from_long_before_the_sale_or_about_another_number_does_not_count() -> None:
    sold = order(line(24900, rate="0"), vat_number=NUMBER, billing=Party(company="Keramik GmbH", country="DE"))
    assert sold.placed_at is not None
    for number, hours, held in (
        (NUMBER, 24 * 400, False),
        (NUMBER, 0, False),
        (NUMBER, -24, False),
        (NUMBER, -25, True),
        (FRENCH, 1, True),
    ):
        yes = Consultation(number, "valid", sold.placed_at + timedelta(hours=hours))
        assert bool(check_vies(sold, SETTINGS, yes)) is held


def test_an_answer_counts_no_longer_when_the_order_gets_another_number(world: World) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    world.dashboard.orders.answer(world.row(1), VIES_UNANSWERED, "book")
    assert world.row(1).state == "waiting"
    world.order(1, **company(customer_comment="Hej"))
    assert world.row(1).state == "waiting"
    world.order(1, **company(FRENCH))
    assert (world.row(1).state, codes(world)) == ("held", ["vies_unanswered"])
    world.sandbox.vies.unavailable = False
    later(world)
    world.dashboard.orders.fetch()
    assert world.row(1).state == "waiting"
    assert [row.number for row in evidence(world)] == [NUMBER, FRENCH]


def test_greece_and_northern_ireland_are_asked_about_by_the_names_that_vies_has_for_them(world: World) -> None:
    world.dashboard.settings.save(rules={"northern_ireland": "eu"})
    world.order(1, **company(vat_number="GR094259216", order_country="Grækenland", del_country="Grækenland"))
    world.order(
        2,
        **company(
            vat_number="XI980780684",
            order_country="Storbritannien",
            del_country="Storbritannien",
            order_zipcode="BT1 1AA",
            del_zipcode="BT1 1AA",
        ),
    )
    assert [world.row(number).state for number in (1, 2)] == ["waiting"] * 2
    assert world.sandbox.vies.asked == ["EL094259216", "XI980780684"]


# --- when VIES is down ---------------------------------------------------------------------------------------------


def test_when_vies_is_down_its_orders_are_held_and_the_others_are_booked(world: World) -> None:
    world.sandbox.vies.unavailable = True
    for number in (1, 2, 3):
        world.order(number, **company())
    world.order(4)
    assert len(world.sandbox.vies.asked) == 1
    assert [row.result for row in world.push()] == ["held", "held", "held", "done"]
    assert codes(world) == ["vies_unanswered"]
    world.sandbox.vies.unavailable = False
    later(world)
    assert [row.result for row in world.push()] == ["done"] * 4
    assert len(world.sandbox.vies.asked) == 2
    assert [row.outcome for row in evidence(world)] == ["unanswered", "valid"]


def test_one_countrys_register_that_is_down_keeps_no_other_countrys_orders(world: World) -> None:
    world.sandbox.vies.down.add("DE")
    for number, vat_number in enumerate((NUMBER, NUMBER, FRENCH, SWEDISH), 1):
        world.order(number, **company(vat_number))
    assert [world.row(number).state for number in range(1, 5)] == ["held", "held", "waiting", "waiting"]
    assert world.sandbox.vies.asked == [NUMBER, FRENCH, SWEDISH]


def test_a_silent_register_is_asked_again_after_some_minutes_and_by_the_hour_after_many_times(world: World) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    for _ in range(4):
        world.dashboard.orders.fetch()
    assert len(world.sandbox.vies.asked) == 1
    for _ in range(40):
        later(world)
        world.dashboard.vat_numbers.consult()
    assert 12 < len(world.sandbox.vies.asked) < 17
    known = world.dashboard.store.consultations.latest(OrderKey("shoporama", "1"), NUMBER)
    assert known is not None
    assert known.times == len(world.sandbox.vies.asked)
    assert "without an answer" in sentence(known).render("en")
    # The reason stays the same sentence, so the history does not grow with each question.
    held = [row for row in world.dashboard.store.history.list(order=("shoporama", "1")) if row.state == "held"]
    assert len(held) <= 2


def test_a_round_asks_no_more_than_a_number_of_questions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consulting, "MAX_ASKED", 2)
    world.sandbox.vies.unavailable = True
    numbers = (NUMBER, FRENCH, SWEDISH)
    for number, vat_number in enumerate(numbers, 1):
        world.order(number, **company(vat_number))
    world.sandbox.vies.unavailable = False
    world.sandbox.vies.asked.clear()
    later(world)
    assert world.dashboard.vat_numbers.consult() == 2
    assert world.dashboard.vat_numbers.consult() == 1
    assert world.sandbox.vies.asked == list(numbers)


def test_a_round_that_takes_long_ends(world: World) -> None:
    world.sandbox.vies.unavailable = True
    for number, vat_number in enumerate((NUMBER, FRENCH, SWEDISH), 1):
        world.order(number, **company(vat_number))
    later(world)

    class Slow:
        def ask(self, number: str) -> Consultation:
            world.clock.advance(50)
            return Consultation(number, "valid", world.clock.now())

    assert consult(world.dashboard.store, world.dashboard.settings.load(), Slow) == 2


def test_an_order_that_can_not_be_assessed_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    world.order(2, **company())
    world.sandbox.vies.unavailable = False
    later(world)
    assess = Assessor.__call__

    def broken(self: Any, row: Any) -> Any:
        if row.id == "1":
            raise RuntimeError("planted")
        return assess(self, row)

    monkeypatch.setattr(Assessor, "__call__", broken)
    assert world.dashboard.vat_numbers.consult() == 1
    assert [world.row(number).state for number in (1, 2)] == ["held", "waiting"]


def test_an_order_that_waited_before_vies_was_asked_is_asked_about_by_its_transfer(world: World) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    with world.dashboard.store.transaction() as db:
        db.execute("update orders set state = 'waiting', reasons = '[]'")
    world.sandbox.vies.unavailable = False
    later(world)
    assert [row.result for row in world.push()] == ["done"]
    assert [row.outcome for row in evidence(world)] == ["unanswered", "valid"]


def test_two_at_once_ask_once(world: World) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    world.sandbox.vies.unavailable = False
    later(world)
    asking, go_on = threading.Event(), threading.Event()

    class Held:
        def ask(self, number: str) -> Consultation:
            asking.set()
            assert go_on.wait(10)
            return Consultation(number, "valid", world.clock.now())

    dashboard = world.dashboard
    first = threading.Thread(target=lambda: consult(dashboard.store, dashboard.settings.load(), Held))
    first.start()
    assert asking.wait(10)
    assert world.restart().vat_numbers.consult() == 0
    assert [row.result for row in world.push()] == ["held"]
    go_on.set()
    first.join(10)
    assert world.row(1).state == "waiting"
    assert len(evidence(world)) == 2
    assert [row.result for row in world.push()] == ["done"]


def test_the_runner_books_an_order_when_vies_is_back_and_tells_of_it_only_when_it_takes_long(world: World) -> None:
    world.sandbox.vies.unavailable = True
    world.order(1, **company())
    runner = world.dashboard.automatic.runner("test")
    for _ in range(4):
        assert runner.once() is None
        later(world, 16)
    assert world.dashboard.store.alarms.list() == []
    assert runner.once() is None
    assert [alarm.cause for alarm in world.dashboard.store.alarms.list()] == ["orders"]
    world.sandbox.vies.unavailable = False
    later(world, 61)
    assert runner.once() is None
    assert world.row(1).state == "done"


def test_a_storage_that_fails_is_told_and_nothing_is_swallowed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise StorageFailed(DISK_FULL)

    monkeypatch.setattr(world.dashboard.store.consultations, "add", full)
    with pytest.raises(StorageFailed):
        world.order(1, **company())


# --- evidence ------------------------------------------------------------------------------------------------------


def test_the_evidence_is_in_the_accountants_list_and_in_the_export(world: World, tmp_path: Path) -> None:
    world.order(1, **company(FRENCH))
    world.order(2)
    world.push()
    day = str(world.row(1).placed_on)
    rows = world.dashboard.store.consultations.between(day, day)
    table = list(csv.reader(io.StringIO(consultations_csv(rows, "en").lstrip("\ufeff")), delimiter=";"))
    told = dict(zip(*table, strict=True))
    number = evidence(world)[0].consultation_number
    assert (told["Order"], told["VAT number"], told["Answer of VIES"]) == ("1001", FRENCH, "valid")
    assert (told["Consultation number"], told["Asked by"], told["Invoice"]) == (number, OWN, "1")
    export_everything(world.dashboard.store, tmp_path / "alt.zip")
    with zipfile.ZipFile(tmp_path / "alt.zip") as packed:
        (row,) = json.loads(packed.read("consultations.json"))
        assert number in packed.read("consultations.csv").decode()
    assert (row["number"], row["outcome"], row["order_number"]) == (FRENCH, "valid", "1001")


def test_the_evidence_can_not_be_changed_and_forgetting_a_customer_takes_the_name_alone(world: World) -> None:
    world.order(1, **company(FRENCH))
    world.push()
    store = world.dashboard.store
    for sql in (
        "update consultations set outcome = 'invalid'",
        "update consultations set name = 'x'",
        "delete from consultations",
        "update consultations set name = '', asked_at = ''",
    ):
        with pytest.raises(Exception, match="consultations only grow"), store.transaction() as db:
            db.execute(sql)
    (before,) = evidence(world)
    assert before.name == f"Firma {FRENCH}"
    assert forget_customer(store, "kunde1@example.com") == 1
    assert evidence(world) == [replace(before, name="")]


def test_the_order_shows_what_vies_said(world: World, process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    world.dashboard.settings.save(language="en")
    world.sandbox.vies.invalid.add(NUMBER)
    world.order(1, **company())
    page = AppTest.from_file("../pages/navigation.py", default_timeout=30).run().switch_page("attention.py")
    page.query_params["order"] = "1"
    page.run()
    assert not page.exception
    shown = " ".join(element.value.replace("\\", "") for element in page.markdown)
    assert "VIES says that the VAT number DE136695976 is not valid" in shown
    assert "VIES: DE136695976 not valid, asked 24 Nov 2026 10:00" in shown


def test_the_accountant_can_save_the_answers_of_a_period_that_has_some(
    world: World, process: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.role", lambda: "reader")
    world.dashboard.settings.save(language="en")
    page = AppTest.from_file("../pages/navigation.py", default_timeout=30).switch_page("reconcile.py")
    day = world.clock.now().date()
    for number, vat_number in ((1, OWN), (2, FRENCH)):
        world.order(number, **(company(FRENCH) if number == 2 else {"vat_number": vat_number}))
        world.dashboard.proof.reconcile(day - timedelta(days=60), day)
        page.run()
        assert not page.exception
        page.switch_page("reconcile.py").run()
        labels = [element.proto.label for element in page.get("download_button")]
        assert ("Save the answers of VIES as CSV" in labels) is (number == 2)


def test_nothing_of_the_customer_is_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="dinero")
    world.sandbox.vies.refused.add(OWN)
    world.order(1, **company(FRENCH))
    world.sandbox.vies.down.add("DE")
    world.order(2, **company())
    world.sandbox.fault("reset", path="^/vies")
    world.order(3, **company(SWEDISH))
    world.push()
    assert "VIES about a number of FR: valid" in caplog.text
    for secret in (FRENCH, FRENCH[2:], NUMBER[2:], SWEDISH[2:], OWN, OWN[2:], "Firma", "Keramik", "WAPI"):
        assert secret not in caplog.text


# --- the environment -----------------------------------------------------------------------------------------------


def test_vies_is_the_eus_own_unless_it_is_told_otherwise_and_a_sandbox_has_its_own(tmp_path: Path) -> None:
    assert Environment.read({}).vies_url == "https://ec.europa.eu/taxation_customs/vies/rest-api"
    named = ("DINERO_API_URL", "DINERO_CONNECT_URL", "DINERO_TOKEN_URL", "SHOPORAMA_URL")
    sandbox = dict.fromkeys(named, "http://127.0.0.1:8600")
    assert Environment.read(sandbox).vies_url == "http://127.0.0.1:8600/vies"
    assert Environment.read(sandbox | {"VIES_URL": ""}).vies_url == "http://127.0.0.1:8600/vies"
    assert Environment.read({"VIES_URL": "https://vies.example.com/api/"}).vies_url == "https://vies.example.com/api"


@pytest.mark.parametrize("address", ["http://vies.example.com", "https://10.0.0.1", "http://127.0.0.1:8600/vies"])
def test_a_wrong_address_of_vies_is_refused(address: str) -> None:
    with pytest.raises(SettingsError):
        Environment.read({"VIES_URL": address})


def test_an_owner_without_a_vat_number_gets_no_consultation_number(world: World, tmp_path: Path) -> None:
    world.sandbox.books.organizations["210001"]["VatNumber"] = None
    other = started(world.sandbox, tmp_path / "other")
    other.set_up.from_environment()
    assert other.vat_numbers.vies().ask(NUMBER).consultation_number == ""
    assert other.vat_numbers.vies().ask(NUMBER).outcome == "valid"
