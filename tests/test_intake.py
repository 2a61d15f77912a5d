"""Orders from the shop: every one is kept, none twice, and trouble with the shop loses nothing."""

from typing import Any

import pytest

from conftest import World
from dinero.intake import assessing
from dinero.intake.reassessing import reassess
from dinero.model.documents import OrderKey
from dinero.model.errors import DashboardError
from dinero.rules.states import assess
from dinero.sandbox import make_order


def codes(world: World, number: int | str) -> list[str]:
    row = world.dashboard.store.orders.get(OrderKey("shoporama", str(number)))
    assert row is not None
    return [finding.code for finding in row.reasons]


def test_the_same_order_twice_in_one_answer_is_one_order(world: World) -> None:
    world.sandbox.shop.orders += [make_order(order_id=1), make_order(order_id=1)]
    world.dashboard.orders.fetch()
    assert world.dashboard.store.orders.count() == 1


def test_an_order_that_the_shop_changed_is_read_anew(world: World) -> None:
    world.order(1, paid=None)
    assert world.row(1).state == "not due"
    world.order(1)
    assert world.row(1).state == "waiting"


def test_a_change_that_the_filter_does_not_show_is_found_by_the_daily_scan(world: World) -> None:
    world.dashboard.orders.fetch()
    world.sandbox.shop.add(make_order(order_id=5, last_modified="2026-01-01 00:00:00"))
    world.dashboard.orders.fetch()
    assert world.dashboard.store.orders.count() == 0
    world.clock.advance(86_401)
    world.dashboard.orders.fetch()
    assert world.dashboard.store.orders.count() == 1


def test_more_orders_than_a_page_holds_are_all_read(world: World) -> None:
    for number in range(1, 251):
        world.sandbox.shop.orders.append(make_order(order_id=number, webshop_order_id=number))
    fetched = world.dashboard.orders.fetch()
    assert (fetched.seen, fetched.new) == (250, 250)
    assert world.dashboard.store.orders.count() == 250


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"products": []}, "no_lines"),
        ({"products": None}, "no_lines"),
        ({"total_price": 1000, "price": 1000}, "sum_differs"),
        ({"total_price": 1, "price": 1}, "short_of_lines"),
        ({"email": None}, "email_missing"),
        ({"email": "karen(at)example.com"}, "email_malformed"),
        ({"currency": "EUR"}, "currency"),
        ({"del_country_id": 1002, "del_country": "Sverige"}, "eu_consumer"),
        ({"ean_number": "5790000000012", "paid": None}, "ean"),
    ],
)
def test_a_bad_order_is_held_and_the_others_go(world: World, changes: dict[str, Any], code: str) -> None:
    world.order(1, **changes)
    world.order(2)
    assert world.row(1).state == "held"
    assert code in codes(world, 1)
    assert world.row(2).state == "waiting"


def test_a_negative_order_is_held_as_a_credit_note(world: World) -> None:
    raw = make_order()
    for line in raw["products"]:
        line["unit_price"] = -line["unit_price"]
    world.order(
        1,
        products=raw["products"],
        total_price=-raw["total_price"],
        price=-raw["price"],
        vat=-raw["vat"],
        shipping_price=-raw["shipping_price"],
    )
    assert world.row(1).state == "held"
    assert "credit_of_unknown" in codes(world, 1)


def test_an_order_without_an_id_is_seen_and_held_and_not_left_out(world: World) -> None:
    world.sandbox.shop.orders.append(make_order(order_id=None))
    world.dashboard.orders.fetch()
    (row,) = world.dashboard.store.orders.list()
    assert row.state == "held"


def test_a_shop_that_answers_html_is_told_in_a_sentence_and_loses_nothing(world: World) -> None:
    world.order(1)
    world.sandbox.fault("garbage", path="/REST/order", times=9)
    with pytest.raises(DashboardError) as caught:
        world.dashboard.orders.fetch()
    assert caught.value.text.render("da").endswith(".")
    world.sandbox.faults.clear()
    assert world.row(1).state == "waiting"
    world.dashboard.orders.fetch()


def test_a_key_that_no_longer_works_is_told_in_a_sentence(world: World) -> None:
    world.sandbox.shop.key = "another"
    with pytest.raises(DashboardError) as caught:
        world.dashboard.orders.fetch()
    assert "API" in caught.value.text.render("da")


def test_orders_from_before_the_take_over_are_left_out_with_that_reason(world: World) -> None:
    world.order(1, time="2025-12-31 12:00:00")
    assert world.row(1).state == "ignored"
    assert codes(world, 1) == ["before_take_over"]
    world.push()
    assert world.writes("/invoices") == []


def test_an_order_that_the_owner_left_out_stays_out_until_it_is_taken_back(world: World) -> None:
    world.order(1)
    world.dashboard.orders.ignore(world.row(1), "bogført i hånden")
    world.dashboard.orders.fetch()
    assert world.row(1).state == "ignored"
    world.push()
    assert world.row(1).state == "ignored"
    assert world.writes("/invoices") == []
    world.dashboard.orders.ignore(world.row(1), None)
    assert world.row(1).state == "waiting"


def test_every_order_of_the_shop_has_exactly_one_state(world: World) -> None:
    from dinero.sandbox.generate import make_orders

    world.sandbox.shop.orders += make_orders(150, 7, world.clock.now())
    world.dashboard.orders.fetch()
    counts = world.dashboard.store.sums.state_counts()
    assert sum(n for n, _ in counts.values()) == 150
    assert counts["waiting"][0] > 90
    assert counts["held"][0] >= 10


def test_a_whole_scan_now_finds_what_the_shops_filter_does_not_tell(world: World) -> None:
    world.order(1)
    world.sandbox.shop.add(make_order(order_id=2, webshop_order_id=1002, last_modified="2026-01-01 00:00:00"))
    assert world.dashboard.orders.fetch().new == 0, "the filter hides it"
    found = world.dashboard.orders.fetch(whole=True)
    assert (found.seen, found.new) == (2, 1)
    world.clock.advance(3600)
    world.sandbox.shop.add(make_order(order_id=3, webshop_order_id=1003, last_modified="2026-01-01 00:00:00"))
    assert world.dashboard.orders.fetch().new == 0, "it counts as the day's whole scan"


def huge_line() -> dict[str, Any]:
    line: dict[str, Any] = make_order()["products"][0]
    return line | {"amount": 999_999, "unit_price": 90_000}


def test_an_order_beyond_all_bounds_stops_no_fetch_and_no_other_order(world: World) -> None:
    world.sandbox.shop.add(make_order(order_id=1, webshop_order_id=1, products=[huge_line(), huge_line()], paid=None))
    world.sandbox.shop.add(make_order(order_id=3, webshop_order_id=3, email="b@example.com"))
    world.sandbox.shop.add(
        make_order(order_id=2, webshop_order_id=2, products=[huge_line() | {"discount": 10**12}], paid="2026-11-20")
    )
    assert world.dashboard.orders.fetch().seen == 3
    assert {number: world.row(number).state for number in (1, 2, 3)} == {1: "not due", 2: "held", 3: "waiting"}
    assert [row.result for row in world.push(3)] == ["done"]
    world.dashboard.orders.fetch()


def test_a_return_with_a_gift_card_stops_no_fetch_while_dinero_has_no_account_for_gift_cards(world: World) -> None:
    del world.sandbox.books.accounts[63080]
    world.dashboard.accounts.refresh()
    world.order(1)
    world.push(1)
    world.order(
        2,
        credited_order_id=1,
        paid=None,
        status="new",
        total_price=-50,
        price=-50,
        vat=-10,
        products=[make_order()["products"][0] | {"amount": -1, "unit_price": 100}],
        gift_card_amount=-50,
        shipping_price=0,
    )
    assert world.row(2).state == "held"
    world.order(3, email="b@example.com")
    assert world.row(3).state == "waiting"


def test_our_own_mistake_with_one_order_holds_it_with_a_reference_and_lets_the_others_go(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = assess

    def fails_with_one(order: Any, *arguments: Any, **more: Any) -> Any:
        if order.id == "1":
            raise ZeroDivisionError("kunde1@example.com")
        return real(order, *arguments, **more)

    monkeypatch.setattr(assessing, "assess", fails_with_one)
    world.order(1)
    world.order(2)
    assert codes(world, 1) == ["mistake"]
    assert world.row(2).state == "waiting"
    reference = world.row(1).reasons[0].text.values["reference"]
    assert reference in caplog.text
    assert [row.result for row in world.push()] == ["held", "done"]
    monkeypatch.setattr(assessing, "assess", real)
    reassess(world.dashboard.store)
    assert world.row(1).state == "waiting", "it goes when the mistake is mended"


def test_an_order_that_the_shop_has_no_more_is_held_until_it_is_there_again(world: World) -> None:
    world.order(1)
    world.order(2)
    raw = next(order for order in world.sandbox.shop.orders if order["order_id"] == 1)
    world.sandbox.shop.orders.remove(raw)
    world.dashboard.orders.fetch()
    assert world.row(1).state == "waiting", "a part of the list proves nothing"
    world.dashboard.orders.fetch(whole=True)
    assert (world.row(1).state, codes(world, 1)) == ("held", ["gone"])
    assert world.row(2).state == "waiting"
    world.sandbox.shop.add(raw)
    world.dashboard.orders.fetch(whole=True)
    assert world.row(1).state == "waiting"


def test_a_list_that_breaks_off_makes_no_order_gone(world: World) -> None:
    for number in range(1, 4):
        world.order(number)
    world.sandbox.fault("garbage", path="/REST/order", times=9)
    with pytest.raises(DashboardError):
        world.dashboard.orders.fetch(whole=True)
    world.sandbox.faults.clear()
    assert {world.row(number).state for number in (1, 2, 3)} == {"waiting"}


def test_an_answer_about_one_order_can_be_taken_back(world: World) -> None:
    world.order(1, status="refunded")
    row = world.row(1)
    question = row.reasons[0].question
    assert question is not None
    world.dashboard.orders.answer(row, question, "book")
    assert world.row(1).state == "waiting"
    world.dashboard.orders.take_answer_back(world.row(1), question.key)
    assert (world.row(1).state, codes(world, 1)) == ("held", ["status_refunded"])
