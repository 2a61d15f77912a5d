"""Overblik without a browser: it is green only after a success, its button does exactly what it says, once, and the
last transfer is the same for everybody who looks."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard import dashboard as library
from dinero.dashboard.dashboard import Dashboard
from dinero.intake.matching import match
from dinero.model.errors import DashboardError
from dinero.model.money import Money
from dinero.model.settings import FeeRate
from payouts import line, read

ORGANIZATION = "210001"
Break = Callable[[World], None]


@pytest.fixture
def used(world: World) -> World:
    """Overblik is the set-up until the first transfer; here one has been."""
    world.order(9, time="2026-11-01 12:00:00")
    world.push(9)
    return world


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame with Overblik, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return opened()


def opened() -> AppTest:
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).switch_page("overview.py")


def shown(page: AppTest) -> str:
    """All of our own HTML on the page."""
    assert not page.exception
    return unescape(" ".join(str(html.proto.body) for html in page.get("html"))).replace("\xa0", " ")


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def said(page: AppTest) -> tuple[str, str]:
    """The colour of the sentence, and its words."""
    (found,) = re.findall(r'<div class="say (\w+)">(.*?)</div>', shown(page))
    return found[0], re.sub("<[^>]+>", "", found[1])


def connection(page: AppTest, name: str) -> str:
    cards: list[str] = re.findall(r'<div class="connection">.*?</div>', shown(page))
    return next(card for card in cards if f"<b>{name}" in card)


def a_revoked_key(world: World) -> None:
    world.sandbox.shop.key = "another"
    with pytest.raises(DashboardError):
        world.dashboard.orders.fetch()


def no_pro(world: World) -> None:
    world.sandbox.books.set_pro(ORGANIZATION, False)
    world.order(2)
    with pytest.raises(DashboardError):
        world.push(2)


def dinero_away(world: World) -> None:
    world.sandbox.fault("status", path=r"^/v\d", status=503, times=9)
    with pytest.raises(DashboardError):
        world.dashboard.accounts.refresh()


@pytest.mark.parametrize(
    ("breaks", "name"), [(a_revoked_key, "Shoporama"), (no_pro, "Dinero"), (dinero_away, "Dinero")]
)
def test_it_is_green_after_a_success_and_never_after_a_failed_call(
    world: World, page: AppTest, breaks: Break, name: str
) -> None:
    world.order(1)
    world.push(1)
    colour, sentence = said(page.run())
    assert colour == "green"
    assert "alt er overført" in sentence
    assert "✓" in connection(page, name)
    breaks(world)
    colour, sentence = said(page.run())
    assert colour == "red"
    problem = next(part.problem for part in world.dashboard.health.connections() if part.problem)
    assert sentence.startswith(f"Overblik✕ Forbindelsen til {name} har et problem."), "what is wrong comes first"
    assert "✓" not in connection(page, name)
    assert problem.render("da") in connection(page, name)


def test_a_connection_that_is_tried_again_is_well_again(world: World, page: AppTest) -> None:
    world.order(1)
    world.push(1)
    dinero_away(world)
    page.run()
    world.sandbox.faults.clear()
    page.button(key="retry/dinero").click().run()
    assert said(page)[0] == "green"
    assert "✓" in connection(page, "Dinero")


def test_over_old_orders_it_says_how_old_they_are_and_nothing_of_all(world: World, page: AppTest) -> None:
    world.order(1)
    world.push(1)
    world.clock.advance(timedelta(hours=7).total_seconds())
    colour, sentence = said(page.run())
    assert colour != "green"
    assert "overført" not in sentence
    assert "sidst hentet" in sentence
    assert page.button(key="day").label == "Hent ordrer"
    assert said(page.button(key="day").click().run())[0] == "green"


def test_the_button_transfers_what_it_counted_and_once(used: World, page: AppTest) -> None:
    world = used
    world.order(1)
    world.order(2)
    button = page.run().button(key="day")
    assert plain(button.label) == "Hent og overfør 2 ordrer (1.474,00 kr.)"
    world.sandbox.shop.add(world.sandbox.shop.orders[0] | {"order_id": 3, "webshop_order_id": 1003})
    button.click()
    button.click()
    page.run()
    operation_id = world.dashboard.store.operations.unfinished()
    assert operation_id is not None
    assert [row.order_id for row in world.dashboard.store.operations.orders_of(operation_id)] == ["1", "2"]
    assert page.button(key="day").label == "Hent ordrer", "no second transfer is offered while one is under way"
    assert "0 af 2 ordrer" in shown(page)
    world.dashboard.transfers.run(operation_id)
    assert world.dashboard.transfers.count() == 1 + 1
    assert plain(page.run().button(key="day").label) == "Hent og overfør 1 ordre (737,00 kr.)"


def test_more_than_a_usual_day_is_looked_at_once_more_before_it_is_transferred(
    used: World, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = used
    monkeypatch.setattr("dinero.dashboard.orders.MANY", 1)
    world.order(1)
    world.order(2)
    page.run().button(key="look").click().run()
    assert world.dashboard.store.operations.unfinished() is None, "nothing is begun by the first click"
    assert "2 fakturaer" in shown(page)
    sure = page.button(key="day")
    assert plain(sure.label) == "Hent og overfør 2 ordrer (1.474,00 kr.)"
    sure.click()
    page.run()
    operation_id = world.dashboard.store.operations.unfinished()
    assert operation_id is not None
    assert [row.order_id for row in world.dashboard.store.operations.orders_of(operation_id)] == ["1", "2"]


def test_a_click_that_was_cut_off_is_not_taken_up_later(used: World, page: AppTest) -> None:
    used.order(1)
    page.run()
    wanted = (used.clock.now() - timedelta(minutes=2), "cut", used.dashboard.day.ready().orders)
    page.session_state["overview/wanted"] = wanted
    page.run()
    assert used.dashboard.store.operations.get("cut") is None
    page.session_state["overview/wanted"] = (used.clock.now(), *wanted[1:])
    page.run()
    assert used.dashboard.store.operations.get("cut") is not None


def test_when_the_shop_does_not_answer_nothing_is_transferred_and_that_is_said(used: World, page: AppTest) -> None:
    world = used
    world.order(1)
    page.run()
    world.sandbox.shop.key = "another"
    page.button(key="day").click().run()
    assert world.dashboard.transfers.count() == 1, "the one before"
    assert said(page)[0] == "red"
    assert "Intet blev overført" in shown(page)


def test_with_a_refused_key_to_connect_again_comes_next(used: World, page: AppTest) -> None:
    assert page.run().button(key="day").proto.type == "primary"
    a_revoked_key(used)
    assert page.run().button(key="day").proto.type == "secondary"
    assert 'class="go button primary"' in shown(page)


def test_the_last_transfer_is_the_same_in_another_session_and_after_a_restart(world: World, page: AppTest) -> None:
    world.order(1)
    world.push(1)

    def card(page: AppTest) -> str:
        return shown(page.run()).split('<div class="transfer">')[1].split("</div>")[0]

    told = card(page)
    assert "1 faktura, 737,00 kr. på 55100" in told
    assert card(opened()) == told
    library.dashboard.cache_clear()
    assert card(opened()) == told


def test_a_transfer_that_stopped_stays_with_its_reason_until_it_is_dismissed(world: World, page: AppTest) -> None:
    no_pro(world)
    world.sandbox.books.set_pro(ORGANIZATION, True)
    world.dashboard.health.retry("dinero")
    stopped = world.dashboard.transfers.records()[0].id
    assert said(page.run())[0] == "red"
    assert "Pro" in shown(page)
    page.button(key=f"close/{stopped}").click().run()
    assert said(page)[0] != "red"


def test_running_by_itself_is_offered_once_and_may_be_declined(world: World, page: AppTest) -> None:
    world.order(1)
    world.push(1)
    assert "/automatic" in shown(page.run()).split('class="offer"')[1]
    page.button(key="no_automatic").click().run()
    assert 'class="offer"' not in shown(page)
    assert 'class="offer"' not in shown(opened().run())


def test_nothing_waiting_is_a_tick_without_an_invitation_and_a_number_leads_to_its_orders(
    world: World, page: AppTest
) -> None:
    world.order(1)
    world.push(1)
    page.run()
    assert 'href="/needs-you"' not in re.findall(r'<div class="tiles">.*?</div><p', shown(page))[0]
    world.order(2, currency="EUR")
    tiles = re.findall(r'<div class="tiles">.*?</div><p', shown(page.run()))[0]
    assert '<a class="go tile" href="/needs-you">' in tiles
    assert "1 faktura" in tiles


def test_each_day_of_the_chart_leads_to_its_orders(used: World, page: AppTest) -> None:
    used.order(1, time="2026-11-10 12:00:00")
    placed = [used.row(number).placed_on for number in (9, 1)]
    days = re.findall(r'href="(/orders\?[^"]*)" title=', shown(page.run()))
    assert days == [f"/orders?view=all&day={day}" for day in placed]


def test_rates_are_asked_for_where_they_are_missed_and_the_sums_are_exact_with_them(
    world: World, page: AppTest
) -> None:
    world.order(1)
    world.push(1)
    assert "ca. 713 kr. i banken" in shown(page.run())
    rate = FeeRate(Decimal("1.45"), 0)
    world.dashboard.settings.save(fee_rates={world.row(1).payment_method: rate})
    assert "726,31 kr. i banken" in shown(page.run())
    assert Money(72631) == world.dashboard.orders.overview().payout.received


def test_fees_that_were_measured_are_told_instead_of_the_estimate(used: World, page: AppTest) -> None:
    store = used.dashboard.store
    assert "vi regner med et eksempel" in shown(page.run())
    read(store, line("1009", 73700, -1069), on="2026-11-23")
    match(store, used.dashboard.settings.load())
    told = shown(page.run())
    assert "Målt på 1 ordre: 1,45 %." in told
    assert "10,69 kr." in told
    assert "eksempel" not in told
