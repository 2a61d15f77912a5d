"""Unattended running: rounds, waiting, stopping with one alarm, waking, and one runner at a time."""

import smtplib
from datetime import timedelta
from email.message import EmailMessage

import pytest

from conftest import World, started
from dinero.automatic.runner import CALM, MISTAKE, Runner, Status
from dinero.cli.main import main
from dinero.model.errors import SettingsError
from dinero.model.settings import MailSettings
from test_corrections import refund

MAIL = MailSettings("mail.example.com", 587, "starttls", "ea", "dashboard@example.com", "ejer@example.com")


class Postman:
    """Keeps the mails; `broken` makes the server refuse them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.broken: Exception | None = None

    def __call__(self, mail: MailSettings, password: str, message: EmailMessage) -> None:
        if self.broken is not None:
            raise self.broken
        self.mails.append(message)


@pytest.fixture
def post(world: World) -> Postman:
    postman = Postman()
    dashboard = world.dashboard
    dashboard.settings.save_mail(MAIL, "hemmelig-mail")
    dashboard.alarms._send = postman
    return postman


@pytest.fixture
def runner(world: World) -> Runner:
    world.sandbox.calls.clear()
    return world.dashboard.automatic.runner("dashboard")


def run_for(world: World, runner: Runner, minutes: float) -> None:
    """Lets the runner work for a while of the simulated clock."""
    end = world.clock.now() + timedelta(minutes=minutes)
    while world.clock.now() < end:
        world.clock.sleep(max(runner.tick(), 30))


def status(world: World) -> Status:
    found = world.dashboard.automatic.status()
    assert found is not None
    return found


def rounds(world: World) -> int:
    return sum(call.path == "/REST/order" for call in world.sandbox.calls)


def sell(world: World, number: int, **overrides: object) -> None:
    from dinero.sandbox import make_order

    values = {
        "order_id": number,
        "webshop_order_id": number,
        "email": f"kunde{number}@example.com",
        "last_modified": world.now(),
    }
    world.sandbox.shop.add(make_order(**(values | overrides)))


def test_a_round_fetches_and_transfers_what_is_due(world: World, runner: Runner) -> None:
    sell(world, 1)
    runner.tick()
    assert world.row(1).state == "done"
    assert (status(world).phase, status(world).new, status(world).done) == ("waiting", 1, 1)


def test_the_next_round_comes_after_the_chosen_minutes(world: World, runner: Runner) -> None:
    world.dashboard.settings.save(every_minutes=20)
    run_for(world, runner, 19)
    assert rounds(world) == 1
    run_for(world, runner, 2)
    assert rounds(world) == 2


def test_the_heartbeat_goes_on_between_rounds(world: World, runner: Runner) -> None:
    runner.tick()
    first = status(world).beat
    run_for(world, runner, 1)
    assert status(world).beat > first


def test_the_oldest_order_gets_the_lowest_number_however_many_wait(
    world: World, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dinero.automatic.runner.PUSH_AT_ONCE", 2)
    for number in range(1, 6):
        sell(world, number, created_at=f"2026-11-{20 - number} 10:00:00", time=f"2026-11-{20 - number} 10:00:00")
    runner.tick()
    booked = sorted((int(world.row(n).invoice_number or 0), world.row(n).placed_at or "") for n in range(1, 6))
    assert [placed for _, placed in booked] == sorted(placed for _, placed in booked)


def test_a_second_runner_stands_by_until_the_first_lets_go(world: World, runner: Runner) -> None:
    other = started(world.sandbox, world.dashboard.store.folder).automatic.runner("command")
    runner.tick()
    sell(world, 1)
    world.clock.sleep(3600)
    runner._keep()
    other.tick()
    assert rounds(world) == 1
    runner.let_go()
    other.tick()
    assert world.row(1).state == "done"
    assert status(world).where == "command"


@pytest.mark.parametrize(("answer", "code"), [(403, "90"), (480, "")])
def test_it_stops_with_one_alarm_when_the_connection_needs_the_owner(
    world: World, runner: Runner, post: Postman, answer: int, code: str
) -> None:
    sell(world, 1)
    world.sandbox.fault("status", path="^/v", status=answer, body={"code": code}, times=10_000)
    run_for(world, runner, 180)
    assert status(world).phase == "stopped"
    assert len(world.dashboard.store.alarms.list()) == 1
    assert len(post.mails) == 1
    assert rounds(world) == 1, "nothing is asked while it is stopped"


def test_it_goes_on_when_the_owner_has_connected_again(world: World, runner: Runner, post: Postman) -> None:
    sell(world, 1)
    world.sandbox.fault("status", path="^/v", status=480, times=10_000)
    run_for(world, runner, 5)
    world.sandbox.faults.clear()
    run_for(world, runner, 60)
    assert status(world).phase == "stopped"
    given = world.dashboard.environment
    world.dashboard.connection.connect_personal(given.client_id, given.client_secret, given.api_key)
    run_for(world, runner, 1)
    assert (status(world).phase, world.row(1).state) == ("waiting", "done")


def test_the_owner_can_ask_for_a_round_at_once(world: World, runner: Runner) -> None:
    runner.tick()
    sell(world, 1)
    world.clock.sleep(1)
    world.dashboard.automatic.run_now()
    runner.tick()
    assert world.row(1).state == "done"


def test_an_incomplete_set_up_is_one_alarm_and_ends_with_its_completion(world: World, runner: Runner) -> None:
    world.dashboard.settings.save(trigger=None)
    run_for(world, runner, 60)
    assert [row.cause for row in world.dashboard.store.alarms.list()] == ["settings"]
    world.dashboard.settings.save(trigger="paid")
    run_for(world, runner, 1)
    assert status(world).phase == "waiting"


def test_trouble_is_tried_again_later_each_time_and_told_after_an_hour(
    world: World, runner: Runner, post: Postman
) -> None:
    sell(world, 1)
    world.sandbox.fault("status", path="^/REST/order", status=503, times=10_000)
    run_for(world, runner, 30)
    few = rounds(world)
    assert status(world).phase == "trouble"
    assert 3 <= few // 3 <= 6, "each round asks the shop three times"
    assert post.mails == []
    run_for(world, runner, 60)
    assert len(post.mails) == 1
    world.sandbox.faults.clear()
    run_for(world, runner, 20)
    assert (status(world).phase, world.row(1).state) == ("waiting", "done")


def test_a_call_of_the_shop_wakes_it_but_not_more_than_once_a_minute(world: World, runner: Runner) -> None:
    runner.tick()
    sell(world, 1)
    for _ in range(30):
        world.dashboard.automatic.nudge()
        world.clock.sleep(CALM / 30 + 0.1)
        runner.tick()
    assert world.row(1).state == "done"
    assert rounds(world) == 2


def test_a_shop_that_sends_all_orders_each_time_is_asked_less_often(world: World, runner: Runner) -> None:
    world.dashboard.settings.save(every_minutes=1)
    for number in range(1, 601):
        sell(world, number, paid=None, last_modified="2030-01-01 00:00:00")
    before = world.dashboard.shops.calls_today()
    run_for(world, runner, 120)
    assert world.dashboard.shops.calls_today() - before <= 1000 * 2 / 24
    assert status(world).phase == "waiting"


def test_orders_that_need_the_owner_are_told_once(world: World, runner: Runner, post: Postman) -> None:
    sell(world, 1, currency="EUR")
    run_for(world, runner, 40)
    assert [row.cause for row in world.dashboard.store.alarms.list()] == ["orders"]
    sell(world, 2, currency="EUR")
    run_for(world, runner, 90)
    assert len(post.mails) == 2
    assert "kunde" not in post.mails[0].get_content()


def test_of_one_cause_at_most_one_mail_goes_out_in_an_hour(world: World, runner: Runner, post: Postman) -> None:
    for number in range(1, 7):
        sell(world, number, currency="EUR")
        run_for(world, runner, 16)
    assert len(world.dashboard.store.alarms.list()) == 6
    run_for(world, runner, 70)
    assert len(post.mails) == 3, "the first at once, then one an hour with what came meanwhile"


def test_a_mail_that_fails_is_sent_later_and_the_page_can_tell_why(world: World, runner: Runner, post: Postman) -> None:
    sell(world, 1, currency="EUR")
    post.broken = smtplib.SMTPAuthenticationError(535, b"no: hemmelig-mail")
    run_for(world, runner, 10)
    trouble = world.dashboard.alarms.trouble()
    assert trouble is not None
    assert "hemmelig-mail" not in str(trouble)
    post.broken = None
    run_for(world, runner, 10)
    assert len(post.mails) == 1
    assert world.dashboard.alarms.trouble() is None


def test_a_summary_comes_once_each_morning_when_wanted(world: World, runner: Runner, post: Postman) -> None:
    world.dashboard.settings.save_mail(
        MailSettings("m.example.com", 587, "tls", "", "a@example.com", "b@example.com", True)
    )
    sell(world, 1)
    for _ in range(100):
        runner.tick()
        world.clock.sleep(1800)
    texts = [mail.get_content() for mail in post.mails]
    assert len(texts) == 3
    assert "1 ordre blev overført" in texts[1]


def test_a_mistake_of_ours_is_an_alarm_and_does_not_end_the_runner(
    world: World, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(world.dashboard.orders, "fetch", broken)
        runner.tick()
    assert status(world).text == MISTAKE
    sell(world, 1)
    run_for(world, runner, 5)
    assert world.row(1).state == "done"


def test_a_push_that_the_owner_paused_is_not_gone_around(world: World, runner: Runner) -> None:
    world.order(1)
    world.dashboard.transfers.push("paused-by-the-owner", [("shoporama", "1")], actor="owner")
    world.dashboard.transfers.pause("paused-by-the-owner")
    run_for(world, runner, 40)
    assert world.row(1).state == "waiting"


@pytest.mark.parametrize(
    "mail",
    [
        MailSettings("mail.example.com", 25, "none", "", "a@example.com", "b@example.com"),
        MailSettings("mail.example.com", 25, "tls", "", "a@example.com\nBcc: c@example.com", "b@example.com"),
        MailSettings("", 25, "tls", "", "a@example.com", "b@example.com"),
    ],
)
def test_a_mail_server_without_encryption_and_addresses_that_are_none_are_refused(
    world: World, mail: MailSettings
) -> None:
    with pytest.raises(SettingsError):
        world.dashboard.settings.save_mail(mail)


@pytest.mark.usefixtures("process")
def test_run_once_ends_with_the_exit_code_of_what_happened(world: World) -> None:
    sell(world, 1)
    assert main(["run", "--once"]) == 0
    assert world.row(1).state == "done"
    sell(world, 2, currency="EUR")
    assert main(["run", "--once"]) == 1
    world.sandbox.fault("status", path="^/v", status=480, times=99)
    sell(world, 3)
    assert main(["run", "--once"]) == 3


# --- begun with new orders only ------------------------------------------------------------------------------------


def test_what_the_first_round_would_book_is_told_before_it_is_switched_on(world: World, runner: Runner) -> None:
    world.order(1)
    world.order(2)
    world.push(2)
    world.order(3, **refund(2))
    world.order(4, currency="EUR")
    first = world.dashboard.automatic.first_round()
    assert (first.count, first.invoices, first.credit_notes) == (2, 1, 1)
    assert first.sums == {"DKK": (world.row(1).total_ore or 0) + (world.row(3).total_ore or 0)}
    world.dashboard.automatic.switch_on()
    runner.tick()
    assert status(world).done == first.count


def test_orders_that_wait_are_left_to_the_owner_when_it_begins_with_new_ones(world: World, runner: Runner) -> None:
    automatic = world.dashboard.automatic
    world.order(1)
    world.order(2)
    world.order(3, paid=None)
    assert automatic.switch_on(new_only=True).automatic
    sell(world, 4)
    sell(world, 3)  # paid now
    runner.tick()
    assert {number: world.row(number).state for number in (1, 2, 3, 4)} == {
        1: "waiting",
        2: "waiting",
        3: "done",
        4: "done",
    }
    assert automatic.left_to_owner() == 2
    assert world.dashboard.orders.overview().waiting.count == 2, "nothing is left out in silence"
    run_for(world, runner, 60)
    assert automatic.left_to_owner() == 2
    world.push(1)
    assert (world.row(1).state, automatic.left_to_owner()) == ("done", 1)
    automatic.take_all()
    run_for(world, runner, 20)
    assert (world.row(2).state, automatic.left_to_owner()) == ("done", 0)


def test_what_the_owner_has_begun_goes_on_by_itself(world: World, runner: Runner) -> None:
    world.order(1)
    world.dashboard.automatic.switch_on(new_only=True)
    world.sandbox.fault("drop", method="POST", path="/book")
    world.sandbox.fault("status", path="/v1/.*/invoices/", status=503, times=9)
    world.push(1)
    assert world.row(1).state == "unsure"
    world.sandbox.faults.clear()
    run_for(world, runner, 20)
    assert world.row(1).state == "done"


def test_switched_on_anew_it_takes_everything_unless_told_otherwise(world: World, runner: Runner) -> None:
    automatic = world.dashboard.automatic
    world.order(1)
    automatic.switch_on(new_only=True)
    assert not automatic.switch_off().automatic
    assert automatic.first_round().count == 1
    automatic.switch_on()
    assert automatic.left_to_owner() == 0
    runner.tick()
    assert world.row(1).state == "done"
