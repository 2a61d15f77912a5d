"""Older orders: checked before they are let in, never booked beside another integration, paused and resumed."""

import uuid
from datetime import date

import pytest

from conftest import World
from dinero.booking.push import BATCH, FIRST_BATCHES
from dinero.intake.fetching import ids
from dinero.model.documents import OrderKey
from dinero.model.errors import SettingsError

OLD = "2026-03-10 12:00:00"
MARCH = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def late(world: World) -> World:
    """The library, having taken over in June."""
    world.dashboard.settings.save(take_over_date=date(2026, 6, 1))
    return world


def test_older_orders_are_left_alone_until_their_period_is_let_in(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    assert late.row(1).state == "ignored"
    late.dashboard.older.check(*MARCH)
    assert late.row(1).state == "ignored"
    late.dashboard.older.let_in(*MARCH)
    assert late.row(1).state == "waiting"
    late.dashboard.older.keep_out(*MARCH)
    assert late.row(1).state == "ignored"


def test_the_plan_says_how_many_how_much_and_how_long(late: World) -> None:
    for number in (1, 2, 3):
        late.order(number, time=OLD, paid=OLD)
    late.order(4, time=OLD, paid=OLD, total_price=1, price=1)
    late.order(5, time="2026-04-01 12:00:00", paid=OLD)
    plan = late.dashboard.older.check(*MARCH)
    assert ([order_id for _, order_id in plan.ready], plan.total.ore) == (["1", "2", "3"], 3 * 73700)
    assert plan.held == {"short_of_lines": 1}
    assert plan.problems == ()


def test_a_period_without_an_accounting_year_is_told_before_anything_is_let_in(late: World) -> None:
    plan = late.dashboard.older.check(date(2024, 12, 1), date(2025, 1, 31))
    assert [problem.code for problem in plan.problems] == ["no_year"]


def test_a_period_that_was_reported_is_told(late: World) -> None:
    late.dashboard.settings.save(reported_until=date(2026, 3, 31))
    assert [problem.code for problem in late.dashboard.older.check(*MARCH).problems] == ["period_reported"]


def test_a_period_must_end_after_it_begins(late: World) -> None:
    with pytest.raises(SettingsError):
        late.dashboard.older.check(date(2026, 3, 2), date(2026, 3, 1))


def foreign_invoice(world: World, **changes: object) -> None:
    """An invoice that somebody else booked in Dinero for the customer of order 1."""
    books = world.sandbox.books
    contact = {
        "name": "Kunde",
        "countrykey": "DK",
        "email": "kunde1@example.com",
        "isperson": True,
        "ismember": False,
        "usecvr": False,
    }
    line = {
        "baseamountvalue": 737,
        "quantity": 1,
        "discount": 0,
        "accountnumber": 1000,
        "unit": "parts",
        "description": "Varer",
    }
    body = {
        "contactguid": books.create_contact(contact)["ContactGuid"],
        "date": "2026-03-12",
        "showlinesinclvat": True,
        "productlines": [line],
    }
    guid = books.create_invoice(body | changes)["Guid"]
    books.book(guid, {"timestamp": books.invoices[guid]["TimeStamp"]})


def check_and_let_in(world: World) -> None:
    world.dashboard.older.check(*MARCH)
    world.dashboard.older.let_in(*MARCH)


def why(world: World, number: int = 1) -> tuple[str, list[str]]:
    """An order's state and the codes of its reasons."""
    row = world.row(number)
    return row.state, [finding.code for finding in row.reasons]


NOT_CHECKED = ("held", ["not_checked"])


def test_an_order_that_comes_after_the_check_is_held_until_the_period_is_checked_again(late: World) -> None:
    late.order(2, time=OLD, paid=OLD)
    foreign_invoice(late)
    check_and_let_in(late)
    late.order(1, time=OLD, paid=OLD)
    assert why(late) == NOT_CHECKED
    (result,) = [row for row in late.push() if row.order_id == "1"]
    assert result.result == "held"
    assert len(late.writes("/invoices")) == 2 + 1, "order 2: an invoice, booked and paid"
    late.dashboard.older.check(*MARCH)
    assert why(late) == ("held", ["already_in_dinero"])


def test_an_order_that_came_after_the_check_goes_when_the_next_check_does_not_find_it(late: World) -> None:
    check_and_let_in(late)
    late.order(1, time=OLD, paid=OLD)
    assert why(late) == NOT_CHECKED
    assert [order_id for _, order_id in late.dashboard.older.check(*MARCH).ready] == ["1"]
    assert why(late) == ("waiting", [])


def test_a_period_that_is_let_in_without_a_check_lets_nothing_go(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    late.order(2, time=OLD, paid=OLD, total_price=-737, price=-737, credited_order_id=77)
    late.dashboard.older.let_in(*MARCH)
    assert why(late) == why(late, 2) == NOT_CHECKED


def test_a_wider_period_lets_in_no_order_that_was_not_checked(late: World) -> None:
    check_and_let_in(late)
    late.order(1, time="2026-04-01 12:00:00", paid=OLD)
    late.order(2, time="2026-05-31 23:59:59", paid=OLD)
    late.dashboard.older.let_in(date(2026, 1, 1), date(2026, 12, 31))
    assert why(late) == why(late, 2) == NOT_CHECKED


def test_orders_from_the_take_over_on_need_no_check_though_the_period_goes_on(late: World) -> None:
    late.dashboard.older.let_in(date(2026, 3, 1), date(2026, 12, 31))
    late.order(1, time="2026-06-01 00:00:00")
    assert why(late) == ("waiting", [])


@pytest.mark.parametrize(
    "changes",
    [
        {"webshop_order_id": 4711},
        {"email": "en.anden@example.com"},
        {"total_price": 737.5, "price": 738},
        {"time": "2026-03-28 12:00:00"},
    ],
    ids=["number", "e-mail", "total", "date"],
)
def test_an_order_that_is_another_since_the_check_is_checked_again(late: World, changes: dict[str, object]) -> None:
    late.order(1, time=OLD, paid=OLD)
    check_and_let_in(late)
    assert why(late) == ("waiting", [])
    late.clock.advance(60)
    late.order(1, **{"time": OLD, "paid": OLD, **changes})
    assert why(late) == NOT_CHECKED
    late.dashboard.older.check(*MARCH)
    assert "not_checked" not in why(late)[1]


def test_an_order_that_only_got_a_remark_since_the_check_stays_checked(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    check_and_let_in(late)
    late.clock.advance(60)
    late.order(1, time=OLD, paid=OLD, order_remark="Tak", phone="12345678")
    assert why(late) == ("waiting", [])


def test_a_period_that_was_kept_out_and_is_let_in_again_is_checked_anew(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    check_and_let_in(late)
    late.dashboard.older.keep_out(*MARCH)
    foreign_invoice(late)
    late.dashboard.older.let_in(*MARCH)
    assert why(late) == NOT_CHECKED


def test_a_check_of_last_week_lets_nothing_in(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    late.dashboard.older.check(*MARCH)
    late.clock.advance(7 * 86_400)
    foreign_invoice(late)
    late.dashboard.older.let_in(*MARCH)
    assert why(late) == NOT_CHECKED


def test_every_order_of_the_period_is_checked_however_many_there_are(
    late: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dinero.store.search.READ_AT_ONCE", 2)
    for number in range(1, 8):
        late.order(number, time=OLD, paid=OLD)  # all at the same second
    assert sorted(order_id for _, order_id in late.dashboard.older.check(*MARCH).ready) == list("1234567")
    late.dashboard.older.let_in(*MARCH)
    assert {late.row(number).state for number in range(1, 8)} == {"waiting"}


def test_a_return_that_another_integration_credited_is_held_with_a_question(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    check_and_let_in(late)
    late.push()
    late.order(
        2,
        time=OLD,
        paid=OLD,
        email="kunde1@example.com",
        total_price=-737,
        price=-737,
        vat=-147.4,
        shipping_price=0,
        credited_order_id=1,
    )
    foreign_invoice(late)
    assert late.dashboard.older.check(*MARCH).suspects == 0, "an invoice is no return"
    late.dashboard.store.orders.set_suspects([(OrderKey("shoporama", "2"), "5 2026-03-12 737,00 kr.")])
    assert "already_in_dinero" in codes_of_assessment(late, 2)


def codes_of_assessment(world: World, number: int) -> list[str]:
    (preview,) = world.dashboard.orders.previews([world.row(number)])
    return [finding.code for finding in preview.findings]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "description": "Ordre 1001",
            "productlines": [
                {
                    "baseamountvalue": 1,
                    "quantity": 1,
                    "discount": 0,
                    "accountnumber": 1000,
                    "unit": "parts",
                    "description": "x",
                }
            ],
        },
        {"externalreference": "webshop-1001", "date": "2026-03-30"},
    ],
    ids=["same customer, amount and days", "the number in the text", "the number in the reference"],
)
def test_an_order_that_another_integration_booked_is_held_with_a_question(
    late: World, changes: dict[str, object]
) -> None:
    late.order(1, time=OLD, paid=OLD)
    late.order(2, time=OLD, paid=OLD)
    foreign_invoice(late, **changes)
    plan = late.dashboard.older.check(*MARCH)
    assert (plan.suspects, [order_id for _, order_id in plan.ready]) == (1, ["2"])
    late.dashboard.older.let_in(*MARCH)
    assert late.row(1).state == "held"
    (finding,) = late.row(1).reasons
    assert finding.code == "already_in_dinero"
    assert finding.question is not None
    assert not finding.question.can_be_rule
    late.dashboard.orders.answer(late.row(1), finding.question, "another")
    assert late.row(1).state == "waiting"


def test_an_answer_about_one_document_is_none_about_another(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    foreign_invoice(late)
    check_and_let_in(late)
    (finding,) = late.row(1).reasons
    assert finding.question is not None
    late.dashboard.orders.answer(late.row(1), finding.question, "another")
    late.dashboard.older.check(*MARCH)
    assert why(late) == ("waiting", []), "the same document is asked about once"
    foreign_invoice(late, description="Ordre 1001")
    late.dashboard.older.check(*MARCH)
    assert why(late) == ("held", ["already_in_dinero"])


def test_the_same_amount_long_before_is_no_suspect(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    foreign_invoice(late, date="2026-02-01")
    assert late.dashboard.older.check(*MARCH).suspects == 0


def test_our_own_documents_are_no_suspects(late: World) -> None:
    late.order(1, time=OLD, paid=OLD)
    check_and_let_in(late)
    late.push()
    late.order(2, time=OLD, paid=OLD, email="kunde1@example.com")
    assert late.dashboard.older.check(*MARCH).suspects == 0


def test_a_push_can_be_paused_between_orders_and_goes_on_where_it_stopped(world: World) -> None:
    for number in range(1, BATCH + 11):
        world.sandbox.shop.add(
            {**_raw(number), "last_modified": world.now()},
        )
    world.dashboard.orders.fetch()
    rows = world.dashboard.store.orders.list(limit=1000)
    operation_id = str(uuid.uuid4())
    world.dashboard.transfers.push(operation_id, ids(rows), actor="test")
    store = world.dashboard.store
    real = store.operations.mark

    def pause_at_the_first(*arguments: object, **more: object) -> None:
        world.dashboard.transfers.pause(operation_id)
        real(*arguments, **more)  # type: ignore[arg-type]

    store.operations.mark = pause_at_the_first  # type: ignore[method-assign]
    world.dashboard.transfers.run(operation_id)
    store.operations.mark = real  # type: ignore[method-assign]
    done = [row for row in store.operations.orders_of(operation_id) if row.result == "done"]
    assert len(done) == FIRST_BATCHES[0]
    assert [operation.status for operation in store.operations.list(limit=1)] == ["paused"]
    assert store.operations.next() is None
    world.dashboard.transfers.resume(operation_id)
    assert store.operations.next() == operation_id
    world.dashboard.transfers.run(operation_id)
    assert {row.result for row in store.operations.orders_of(operation_id)} == {"done"}
    assert len(world.sandbox.books.payments) == BATCH + 10


def _raw(number: int) -> dict[str, object]:
    from dinero.sandbox import make_order

    return make_order(order_id=number, webshop_order_id=1000 + number, email="en@example.com")
