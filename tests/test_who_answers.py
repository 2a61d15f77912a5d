"""Who answered is in the history: the owner, or the accountant where the owner lets them."""

import pytest

from conftest import World
from dinero.model.documents import OrderKey, PastEvent
from dinero.model.findings import Question

KEY = OrderKey("shoporama", "1")


def events(world: World, *names: str) -> list[PastEvent]:
    return world.dashboard.store.history.list(events=names, oldest_first=True)


def told(world: World, *names: str) -> list[tuple[str, str]]:
    return [(str(row.text), (row.detail or {}).get("actor", "")) for row in events(world, *names)]


@pytest.fixture(autouse=True)
def allowed(world: World) -> None:
    """The owner lets the accountant answer; tests/test_reader.py has what happens without."""
    world.dashboard.settings.save(reader_may_answer=True)


def question(world: World) -> Question:
    world.order(1, currency="EUR")
    asked = next(finding.question for finding in world.row(1).reasons if finding.question is not None)
    assert asked is not None
    return asked


def test_an_answer_about_one_order_and_its_taking_back_name_who_gave_it(world: World) -> None:
    asked, orders = question(world), world.dashboard.orders
    value = asked.choices[0].value
    orders.answer(world.row(1), asked, value)
    orders.take_answer_back(world.row(1), asked.key)
    orders.answer(world.row(1), asked, value, actor="reader")
    orders.take_answer_back(world.row(1), asked.key, actor="reader")
    said = told(world, "answered")
    assert [actor for _, actor in said] == ["owner", "owner", "reader", "reader"]
    assert [text.startswith("Revisoren ") for text, _ in said] == [False, False, True, True]
    assert [row.order for row in events(world, "answered")] == [KEY] * 4


def test_a_rule_for_all_orders_names_who_made_it(world: World) -> None:
    asked = question(world)
    value = asked.choices[0].value
    world.dashboard.orders.answer(world.row(1), asked, value, as_rule=True, actor="reader")
    ((text, actor),) = told(world, "answered")
    assert text.startswith("Revisoren besvarede")
    assert actor == "reader"
    assert world.dashboard.settings.load().rules == {asked.key: value}


def test_leaving_an_order_out_and_in_again_names_who_did_it_and_no_customer(world: World) -> None:
    world.order(1)
    name = world.row(1).customer
    orders = world.dashboard.orders
    orders.ignore(world.row(1), f"{name} fortrød", actor="reader")
    assert world.row(1).state == "ignored"
    orders.ignore(world.row(1), None)
    assert world.row(1).state == "waiting"
    assert told(world, "left out") == [
        ("Revisoren udelod ordren.", "reader"),
        ("Ejeren udelader ikke længere ordren.", "owner"),
    ]


def test_letting_the_accountant_answer_matters_to_no_order(world: World) -> None:
    world.order(1)
    before = world.row(1)
    assert world.dashboard.settings.save(reader_may_answer=True).reader_may_answer
    assert world.dashboard.settings.load().reader_may_answer
    assert world.row(1) == before
    assert world.dashboard.settings.save(reader_may_answer=None).reader_may_answer is False
