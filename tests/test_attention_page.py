"""Kræver dig without a browser: groups with their answers, and an order beside its list."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.documents import OrderKey, State, StoredOrder
from dinero.model.i18n import Text
from dinero.sandbox import make_order
from dinero.store.orders import Orders
from test_corrections import edit


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


BY_HAND = da("Register no payment; I register it in Dinero when the money comes")
RULE = da("Remember it as a rule for all orders")


@pytest.fixture
def page(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The frame with the page, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).run().switch_page("attention.py")


@pytest.fixture
def alone(process: Dashboard, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page by itself, for the accountant."""
    monkeypatch.setattr("pages.ui.role", lambda: "reader")
    return AppTest.from_file("../pages/attention.py", default_timeout=30)


def drawn(page: AppTest) -> str:
    return "\n".join(html.proto.body for html in page.get("html")).replace("&amp;", "&")


def rows(page: AppTest) -> list[str]:
    """The numbers of the orders that are listed."""
    return re.findall(r'class="go title"[^>]*>(\d+) ·', drawn(page))


def press(page: AppTest, label: str) -> None:
    (button,) = [button for button in page.button if button.label.replace("\\", "") == label]
    button.click().run()
    assert not page.exception


def told(page: AppTest) -> list[str]:
    return [box.value for box in page.success]


def euros(world: World, *numbers: int) -> None:
    """Orders in euro, which ask how their payments are registered."""
    for number in numbers:
        world.order(number, currency="EUR", time=f"2026-11-20 10:{number:02}:00")


def group_of(world: World) -> str:
    return world.dashboard.attention.groups()[0].id


def test_nothing_needs_the_owner_as_of_the_last_fetch(world: World, page: AppTest) -> None:
    assert da("No orders have been fetched from the shop yet.") in drawn(page.run())
    world.order(1)
    shown = drawn(page.run())
    assert da("Nothing needs you.") in shown
    assert "Ordrerne er sidst hentet for under et minut siden." in shown
    assert not page.button


def test_an_answer_for_the_group_is_told_until_the_owner_goes_on(world: World, page: AppTest) -> None:
    euros(world, 1, 2)
    page.run()
    assert rows(page) == ["1002", "1001"]
    press(page, BY_HAND)
    assert told(page) == ["2 ordrer er besvaret. 2 venter nu på overførsel."]
    assert [world.row(number).state for number in (1, 2)] == ["waiting", "waiting"]
    assert world.dashboard.settings.load().rules == {}, "no rule unless it was ticked"
    page.run()
    assert len(told(page)) == 1
    page.query_params["search"] = "1001"
    page.run()
    assert told(page) == []


def test_a_rule_is_offered_beside_the_answer(world: World, page: AppTest) -> None:
    euros(world, 1, 2)
    page.run()
    (rule,) = [box for box in page.checkbox if box.label == RULE]
    assert not rule.value
    rule.check().run()
    press(page, BY_HAND)
    assert world.dashboard.settings.load().rules == {"currency:EUR": "by_hand"}


def test_an_order_opens_beside_its_list_and_the_next_one_after_its_answer(world: World, page: AppTest) -> None:
    euros(world, 1, 2, 3, 4)
    page.query_params.update({"group": group_of(world), "order": "3"})
    page.run()
    assert not page.exception
    assert rows(page) == ["1004", "1003", "1002", "1001"]
    assert f'group={group_of(world).replace(":", "%3A")}&order=3" aria-current="true"' in drawn(page)
    for number, following in ((3, "2"), (2, "1"), (1, "4")):
        row = world.row(number)
        (question,) = [finding.question for finding in row.reasons if finding.question]
        world.dashboard.orders.answer(row, question, "by_hand")
        page.run()
        assert page.query_params["order"] == following
    world.dashboard.orders.ignore(world.row(4), "Prøve")
    page.run()
    assert "order" not in page.query_params
    assert "group" not in page.query_params
    assert da("Nothing needs you.") in drawn(page)


def test_a_link_to_an_order_that_needs_nothing_any_more_shows_it(world: World, page: AppTest) -> None:
    euros(world, 1, 2)
    page.query_params.update({"group": group_of(world), "order": "1"})
    world.dashboard.orders.ignore(world.row(1), "Prøve")
    page.run()
    assert not page.exception
    assert page.query_params["order"] == "1"
    assert da("Left out") in drawn(page)


def test_an_address_of_nothing_shows_all(world: World, page: AppTest) -> None:
    euros(world, 1, 2)
    page.query_params.update({"group": "gone", "order": "99", "page": "x"})
    page.run()
    assert not page.exception
    assert rows(page) == ["1002", "1001"]


def test_orders_that_alone_say_what_they_say_are_one_list_with_reason_and_what_to_do(
    world: World, page: AppTest
) -> None:
    euros(world, 1)
    world.order(2, email="karen(at)example.com", order_name="<b>Karen</b>")
    page.run()
    assert sorted(rows(page)) == ["1001", "1002"]
    shown = drawn(page)
    fix = "Correct the customer's e-mail on the order in {shop}, then fetch again."
    assert da(fix, shop="Shoporama") in shown
    assert "<b>Karen" not in shown
    assert "group=one-by-one&order=2" in shown
    assert not [button for button in page.button if button.label == BY_HAND], "it is answered beside its list"


def test_what_may_be_booked_stands_first(world: World, page: AppTest) -> None:
    euros(world, 3, 4)
    world.order(1)
    world.order(2)
    world.push(1)
    edit(world, 1, status="cancelled")
    refused = {"status": 400, "body": {"code": "15", "message": "The field is too large"}}
    world.sandbox.fault("status", method="POST", path="/invoices$", **refused)
    world.push(2)
    assert world.row(2).state == State.REFUSED
    page.run()
    assert rows(page) == ["1002", "1001", "1004", "1003"]
    shown = drawn(page)
    assert da("The transfer was refused. Mend the reason, then transfer the order again.") in shown
    assert da("Changed in the shop after the invoice was booked.") in shown
    page.query_params.update({"group": "changed", "order": "1"})
    page.run()
    assert not page.exception
    assert rows(page) == ["1001"]


def test_many_choices_are_a_list_to_choose_from(world: World, page: AppTest) -> None:
    for number in (1, 2):
        world.order(number, order_country="Kongeriget", order_country_id=0, del_country="", del_country_id=0)
    page.run()
    (pick,) = page.selectbox
    assert all(button.disabled for button in page.button)
    pick.set_value("DK").run()
    press(page, "Besvar 2 ordrer")
    assert [dict(world.row(number).answers) for number in (1, 2)] == [{"country:kongeriget": "DK"}] * 2


def test_a_long_group_is_listed_a_part_at_a_time(world: World, page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 31):
        world.sandbox.shop.add(
            make_order(order_id=number, webshop_order_id=1000 + number, currency="EUR", last_modified=world.now())
        )
    world.dashboard.orders.fetch()
    read = []
    get = Orders.get

    def counted(self: Orders, key: OrderKey) -> StoredOrder | None:
        read.append(key)
        return get(self, key)

    monkeypatch.setattr(Orders, "get", counted)
    page.query_params["group"] = group_of(world)
    page.run()
    assert len(rows(page)) == len(read) == 25
    page.query_params["page"] = "2"
    page.run()
    assert len(rows(page)) == 5


def test_the_accountant_reads_and_answers_only_where_the_owner_lets_them(world: World, alone: AppTest) -> None:
    euros(world, 1, 2)
    for place in ({}, {"group": group_of(world), "order": "1"}):
        alone.query_params.update(place)
        alone.run()
        assert not alone.exception
        assert rows(alone) == ["1002", "1001"]
        assert not alone.button
        assert not alone.checkbox
    world.dashboard.settings.save(reader_may_answer=True)
    alone.run()
    press(alone, BY_HAND)
    assert [world.row(number).state for number in (1, 2)] == [State.WAITING, State.WAITING]
    (told_of, *_) = world.dashboard.store.rows("select detail from history where event = 'answered'")
    assert "reader" in told_of["detail"]


def test_after_the_last_order_of_a_part_the_one_before_it_opens(world: World, page: AppTest) -> None:
    for number in range(1, 27):
        values = {"order_id": number, "webshop_order_id": 1000 + number, "last_modified": world.now()}
        world.sandbox.shop.add(make_order(currency="EUR", **values))
    world.dashboard.orders.fetch()
    (group,) = world.dashboard.attention.groups()
    last = group.keys[-1]
    page.query_params.update({"group": group.id, "page": "2", "order": last.id})
    page.run()
    assert len(rows(page)) == 1
    world.dashboard.orders.ignore(world.row(int(last.id)), "Prøve")
    page.run()
    assert page.query_params["order"] == group.keys[-2].id
    assert len(rows(page)) == 25
