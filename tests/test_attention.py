"""What needs the owner: each order in exactly one group, and an answer for exactly those that ask."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cases import CASES
from conftest import World
from dinero.model.attention import Group, Need, NeedingOrder
from dinero.model.documents import OrderKey, State
from dinero.model.errors import SettingsError
from dinero.model.findings import Choice, Finding, Question, dumps, loads
from dinero.model.i18n import Text
from dinero.model.settings import Settings
from dinero.reports.attention import first_reason, group_orders
from dinero.reports.overview import OWNER
from dinero.rules.states import assess
from dinero.sandbox.generate import make_orders

PAYMENT = Question(
    "payment:Faktura", Text("Explained."), (Choice("money", Text("Yes")), Choice("terms", Text("No, by invoice")))
)


def needing(
    number: int,
    *reasons: Finding,
    state: State = State.HELD,
    ore: int = 100_00,
    currency: str = "DKK",
    answers: Mapping[str, str] | None = None,
    changed: bool = False,
) -> NeedingOrder:
    """An order that needs the owner, its reasons as the store gives them back."""
    read = tuple(loads(dumps(reasons)))
    return NeedingOrder(OrderKey("shoporama", str(number)), ore, currency, state, read, answers or {}, changed)


def asked(question: Question = PAYMENT, **values: str) -> Finding:
    return Finding("paid_without_proof", Text("Is the money there, {method}?", **values), question=question)


def wrong_number(number: str) -> Finding:
    return Finding("cvr", Text("“{number}” is no CVR number.", number=number), Text("Correct it."))


def numbers(groups: Iterable[Group]) -> list[list[str]]:
    return [[key.id for key in group.keys] for group in groups]


# --- groups ----------------------------------------------------------------------------------------------------------


def test_every_held_order_of_the_table_is_in_exactly_one_group() -> None:
    orders = []
    for number, case in enumerate(CASES):
        state, findings = assess(
            case.order,
            case.settings,
            original=case.original,
            suspect=case.suspect,
            consultation=case.consultation,
            checked=case.checked,
        )
        if state == State.HELD:
            orders.append(needing(number, *findings, answers=case.settings.rules))
    groups = group_orders(orders, Settings())
    assert len(orders) > 80
    found = [key for group in groups for key in group.keys]
    assert sorted(found) == sorted(order.key for order in orders)
    assert len({group.id for group in groups}) == len(groups), "an address is one group's"
    asking = [group.question.key for group in groups if group.for_all and group.question]
    assert len(set(asking)) == len(asking), "a question that can be a rule is one group, and asked in one way"


@pytest.mark.parametrize("seed", [5, 6])
def test_the_groups_count_what_the_head_counts(world: World, seed: int) -> None:
    for raw in make_orders(150, seed, world.clock.now(), returns=True):
        world.sandbox.shop.add(raw)
    world.dashboard.orders.fetch()
    groups = world.dashboard.attention.groups()
    assert sum(group.count for group in groups) == world.dashboard.store.orders.count(states=OWNER) > 10


def test_the_same_question_is_one_group_with_its_count_and_its_sums() -> None:
    (group,) = group_orders(
        [needing(1, asked()), needing(2, asked(), ore=50, currency="EUR"), needing(3, asked(), ore=-30_00)], Settings()
    )
    assert (group.need, group.count, dict(group.sums)) == (Need.QUESTION, 3, {"DKK": 70_00, "EUR": 50})
    assert group.question == PAYMENT
    assert group.for_all


def test_an_order_stands_with_its_first_reason_that_is_not_answered() -> None:
    reasons = (asked(), wrong_number("1"))
    rule = Settings(rules={PAYMENT.key: "money"})
    assert [group.need for group in group_orders([needing(1, *reasons)], Settings())] == [Need.QUESTION]
    for chosen, order in (
        (rule, needing(1, *reasons)),
        (Settings(), needing(1, *reasons, answers={PAYMENT.key: "money"})),
    ):
        assert [group.need for group in group_orders([order], chosen)] == [Need.PROBLEM]
        assert first_reason(order.reasons, order.answers, chosen) == order.reasons[1]
    # A question that holds the order although it is answered ("hold these orders") is no question any more.
    (group,) = group_orders([needing(1, asked())], rule)
    assert (group.need, group.question) == (Need.PROBLEM, None)


def test_what_may_be_booked_comes_first_and_then_the_groups_of_most_orders() -> None:
    other = replace(PAYMENT, key="payment:Kontant")
    groups = group_orders(
        [
            needing(1, wrong_number("1")),
            needing(2, asked(other)),
            needing(3, asked()),
            needing(4, asked()),
            needing(5, state=State.DONE, changed=True),
            needing(6, state=State.UNSURE, changed=True),
            needing(7, wrong_number("2"), state=State.REFUSED),
            needing(8),
        ],
        Settings(),
    )
    assert numbers(groups) == [["7"], ["6"], ["5"], ["3", "4"], ["2"], ["1"], ["8"]]


def test_values_in_which_the_orders_differ_are_left_open() -> None:
    (group,) = group_orders([needing(1, wrong_number("12")), needing(2, wrong_number("34"))], Settings())
    assert group.title.render("en") == "“…” is no CVR number."
    (alone,) = group_orders([needing(1, wrong_number("12"))], Settings())
    assert alone.title.render("en") == "“12” is no CVR number."
    assert alone.id == group.id, "the address stays the same"


def test_numbers_of_a_plural_are_never_mixed() -> None:
    def several(n: int) -> Finding:
        return Finding("several", Text("{n} order has it.", "{n} orders have it.", n=n))

    groups = group_orders([needing(1, several(2)), needing(2, several(2)), needing(3, several(3))], Settings())
    assert [group.title.render("en") for group in groups] == ["2 orders have it.", "3 orders have it."]


def test_choices_that_are_one_orders_own_are_not_offered_for_another() -> None:
    def which(order: str) -> Finding:
        choices = (Choice(order, Text("Order {number}", number=order)),)
        return asked(Question("credit_of", Text("Which?"), choices, can_be_rule=False))

    (group,) = group_orders([needing(1, which("8")), needing(2, which("9"))], Settings())
    assert (group.id, group.question, group.for_all) == ("credit_of", None, False)


def test_the_same_key_with_other_choices_is_another_question() -> None:
    other = replace(PAYMENT, choices=PAYMENT.choices[:1])
    groups = group_orders([needing(1, asked()), needing(2, asked(other))], Settings())
    assert [group.count for group in groups] == [1, 1]
    assert all(group.question in (PAYMENT, other) for group in groups)


# --- answers ---------------------------------------------------------------------------------------------------------


def euros(world: World, *numbers: int) -> Group:
    """Orders in euro, which ask how their payments are registered, as a group."""
    for number in numbers:
        world.order(number, currency="EUR")
    (group,) = world.dashboard.attention.groups()
    return group


def answered(world: World, number: int) -> int:
    """How many answers the history tells of an order."""
    (row,) = world.dashboard.store.rows(
        "select count(*) as n from history where event = 'answered' and order_id = ?", [str(number)]
    )
    return int(row["n"])


def test_an_answer_counts_for_all_of_the_group_and_for_no_other(world: World) -> None:
    group = euros(world, 1, 2)
    world.order(3, currency="EUR")  # came after the group was drawn
    assert group.question is not None
    result = world.dashboard.orders.answer_all(group.keys, group.question, "by_hand")
    assert (result.orders, result.skipped, dict(result.states)) == (2, 0, {State.WAITING: 2})
    assert [world.row(number).state for number in (1, 2, 3)] == ["waiting", "waiting", "held"]
    assert [answered(world, number) for number in (1, 2, 3)] == [1, 1, 0]
    assert world.dashboard.settings.load().rules == {}
    assert world.writes() == [], "an answer books nothing"
    assert " ".join(map(str, result.sentences)) == "2 ordrer er besvaret. 2 venter nu på overførsel."


def test_an_answer_that_is_remembered_as_a_rule_counts_for_later_orders_too(world: World) -> None:
    group = euros(world, 1, 2)
    assert group.question is not None
    result = world.dashboard.orders.answer_all(group.keys, group.question, "by_hand", as_rule=True)
    assert (result.orders, dict(result.states)) == (2, {State.WAITING: 2})
    assert world.dashboard.settings.load().rules == {"currency:EUR": "by_hand"}
    world.order(3, currency="EUR")
    assert world.row(3).state == "waiting"


@pytest.mark.parametrize("as_rule", [False, True])
def test_two_clicks_answer_once(world: World, as_rule: bool) -> None:
    group = euros(world, 1, 2)
    question = group.question
    assert question is not None

    def click(_: int) -> int:
        return world.dashboard.orders.answer_all(group.keys, question, "by_hand", as_rule=as_rule).orders

    with ThreadPoolExecutor(4) as pool:
        counts = sorted(pool.map(click, range(4)))
    assert counts == [0, 0, 0, 2]
    (events,) = world.dashboard.store.rows("select count(*) as n from history where event = 'answered'")
    assert events["n"] == (1 if as_rule else 2)


def test_an_order_that_asks_something_else_by_now_is_left_alone_and_told(world: World) -> None:
    group = euros(world, 1, 2, 3)
    assert group.question is not None
    world.dashboard.orders.answer(world.row(1), group.question, "dinero_rate")
    world.dashboard.orders.ignore(world.row(2), "Prøve")
    result = world.dashboard.orders.answer_all(group.keys, group.question, "by_hand")
    assert (result.orders, result.skipped) == (1, 2)
    assert world.row(1).answers == {"currency:EUR": "dinero_rate"}
    assert not world.row(2).answers
    assert "2 ordrer spurgte ikke om det længere" in " ".join(map(str, result.sentences))


def test_what_is_no_choice_or_is_answered_order_by_order_is_refused(world: World) -> None:
    group = euros(world, 1, 2)
    assert group.question is not None
    with pytest.raises(SettingsError):
        world.dashboard.orders.answer_all(group.keys, group.question, "whatever")
    alone = replace(group.question, can_be_rule=False)
    with pytest.raises(SettingsError):
        world.dashboard.orders.answer_all(group.keys, alone, "by_hand")
    assert [world.row(number).state for number in (1, 2)] == ["held", "held"]
