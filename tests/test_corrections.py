"""Credit notes, corrections, terms and currencies against the sandbox: once each, to the øre, whatever goes wrong."""

import copy
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from conftest import World
from dinero.api.client import Dinero
from dinero.booking.claims import ClaimedMeanwhile, claim
from dinero.booking.run import Run
from dinero.intake.assessing import Assessor
from dinero.model.documents import Action, OperationOrder, OrderKey
from dinero.model.errors import UNSURE, AnswerUnknown, SettingsError
from dinero.model.plans import Kind
from dinero.rules import changes
from dinero.sandbox import make_order
from dinero.store.documents import Documents


def answer(world: World, number: int, value: str, *, as_rule: bool = False) -> None:
    """Answers the first question about an order."""
    row = world.row(number)
    (question,) = [finding.question for finding in row.reasons if finding.question]
    world.dashboard.orders.answer(row, question, value, as_rule=as_rule)


def refund(of: int, **changes: Any) -> dict[str, Any]:
    """The shop's credit note for everything in an order."""
    raw = make_order()
    products = [{**line, "amount": -line["amount"]} for line in raw["products"]]
    return {
        "products": products,
        "total_price": -raw["total_price"],
        "price": -raw["price"],
        "vat": -raw["vat"],
        "shipping_price": -raw["shipping_price"],
        "credited_order_id": of,
        "paid": None,
        "status": "new",
    } | changes


def correct(world: World, number: int, action: str, reason: str = "fejl") -> list[OperationOrder]:
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(number), Action(action), reason=reason, actor="test")
    world.dashboard.transfers.run(operation_id)
    return world.dashboard.store.operations.orders_of(operation_id)


def change_of(world: World, number: int) -> changes.Change:
    """What the shop changed of a booked order."""
    packed = world.row(number).change
    assert packed is not None
    return changes.from_json(packed)


def dying_at(place: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`Documents.advance` and `Documents.set_mark` of a process that dies at its commit of this number."""
    left = [place]

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def dies(*arguments: Any, **more: Any) -> Any:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            return real(*arguments, **more)

        return dies

    return dying(Documents.advance), dying(Documents.set_mark)


def edit(world: World, number: int, **changes: Any) -> None:
    """The owner edits an order in the shop, and it is fetched."""
    world.clock.sleep(60)
    world.order(number, **changes)


def fewer_pieces() -> dict[str, Any]:
    """The order of `make_order` with one cup instead of two."""
    raw = copy.deepcopy(make_order())
    cup = raw["products"][0]
    less = Decimal(str(cup["unit_price"]))
    cup["amount"] = 1
    total = Decimal(str(raw["total_price"])) - less
    return {
        "products": raw["products"],
        "total_price": float(total),
        "price": float(total),
        "vat": float(Decimal(str(raw["vat"])) - less / 5),
    }


def balance(world: World, account: int) -> Decimal:
    """The sum of an account's postings in the sandbox's books."""
    day = world.clock.now().date()
    entries = world.sandbox.books.entries(day.replace(month=1, day=1), day.replace(month=12, day=31))
    return sum((Decimal(str(e["Amount"])) for e in entries if e["AccountNumber"] == account), Decimal(0))


def notes(world: World) -> list[dict[str, Any]]:
    return [note for note in world.sandbox.books.credit_notes.values() if note["Status"] == "Booked"]


def cup_back(of: int, **more: Any) -> dict[str, Any]:
    """The shop's credit note for one cup of an order."""
    cup = {**make_order()["products"][0], "amount": -1}
    return refund(of, products=[cup], total_price=-149.5, price=-149.5, vat=-29.9, shipping_price=0) | more


def net(world: World) -> Decimal:
    """What is booked as sold, less what is credited."""
    sold = [i["TotalInclVat"] for i in world.sandbox.books.invoices.values() if i["Status"] == "Booked"]
    credited = [note["TotalInclVat"] for note in notes(world)]
    return sum((Decimal(str(amount)) for amount in sold), Decimal(0)) - sum(
        (Decimal(str(amount)) for amount in credited), Decimal(0)
    )


def open_invoices(world: World) -> list[str]:
    """The booked invoices that are not wholly credited."""
    books = world.sandbox.books
    return [
        i["Guid"]
        for i in books.invoices.values()
        if i["Status"] == "Booked" and books.credited(i["Guid"]) < round(i["TotalInclVat"] * 100)
    ]


def delete_the_next_draft(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody deletes each draft in Dinero before it is booked, until the patch is undone."""
    real = Dinero.book

    def delete_first(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        world.sandbox.books.delete_draft(guid)
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", delete_first)


def expect_all_taken_back(world: World) -> None:
    """One invoice, one credit note, one payment, one refund; nothing is left on any account."""
    books = world.sandbox.books
    (invoice,) = [i for i in books.invoices.values() if i["Status"] == "Booked"]
    (note,) = notes(world)
    assert note["CreditNoteFor"] == invoice["Guid"]
    assert note["TotalInclVat"] == invoice["TotalInclVat"]
    assert [p["Amount"] for p in books.payments] == [invoice["TotalInclVat"], -invoice["TotalInclVat"]]
    assert books.payments_of(invoice["Guid"])["RemainingAmount"] == 0
    assert {account: balance(world, account) for account in (1000, 1350, 53000, 55100, 64000)} == dict.fromkeys(
        (1000, 1350, 53000, 55100, 64000), 0
    )


# --- returns in the shop -----------------------------------------------------------------------------------------


def test_a_return_becomes_a_credit_note_on_the_invoice_with_its_refund(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1))
    (row,) = world.push(2)
    assert (row.result, row.credited, row.booked, row.paid) == ("done", 1, 0, 0)
    expect_all_taken_back(world)
    assert world.row(2).kind == "credit note"


def test_a_return_pushed_again_is_not_booked_again(world: World) -> None:
    world.order(1)
    world.order(2, **refund(1))
    world.push()
    world.push()
    world.push()
    expect_all_taken_back(world)


def test_a_return_waits_for_its_order_and_goes_in_the_same_push(world: World) -> None:
    world.order(1)
    world.order(2, **refund(1))
    assert world.row(2).state == "not due"
    assert [row.result for row in world.push()] == ["done", "done"]
    expect_all_taken_back(world)


def test_a_return_waits_no_longer_when_its_order_was_transferred(world: World) -> None:
    world.order(1)
    world.order(2, **refund(1))
    world.push(1)
    assert world.row(2).state == "waiting"


def test_a_return_that_is_read_before_its_order_waits_for_it(world: World) -> None:
    world.sandbox.shop.add(make_order(order_id=2, email="kunde1@example.com", **refund(1)))
    world.order(1)
    assert world.row(2).state == "not due"


def test_a_part_of_an_order_is_credited_without_its_freight(world: World) -> None:
    world.order(1)
    world.push(1)
    cup = {**make_order()["products"][0], "amount": -1}
    world.order(2, **refund(1, products=[cup], total_price=-149.5, price=-149.5, vat=-29.9, shipping_price=0))
    world.push(2)
    (note,) = notes(world)
    assert (note["TotalInclVat"], note["TotalVat"]) == (149.5, 29.9)
    assert [p["Amount"] for p in world.sandbox.books.payments][1:] == [-149.5]


def test_two_returns_can_not_take_more_than_the_invoice(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1))
    world.order(3, **refund(1))
    world.push(2)
    assert [row.result for row in world.push(3)] == ["held"]
    assert len(notes(world)) == 1


def test_a_return_of_an_order_that_was_left_out_is_held(world: World) -> None:
    world.order(1)
    world.dashboard.orders.ignore(world.row(1), "i hånden")
    world.order(2, **refund(1))
    assert world.row(2).state == "held"
    assert world.row(2).reasons[0].code == "credit_of_left_out"


def test_a_return_of_an_unknown_order_is_never_taken_for_another_customers_order_of_that_number(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1001), email="en.anden@example.com")
    assert world.row(2).state == "held"
    world.order(3, **refund(1001), email="Kunde1@example.com")
    assert world.row(3).state == "waiting"


def test_a_return_that_names_no_order_is_asked_about_with_the_customers_orders(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1, credited_order_id=None), email="kunde1@example.com")
    answer(world, 2, "1")
    assert [row.result for row in world.push(2)] == ["done"]
    expect_all_taken_back(world)


CUP, TALK = make_order()["products"][0], {"own_id": "FOREDRAG", "name": "Foredrag", "unit_price": 150.0, "vat": 0}


def sold_with_and_without_vat(world: World) -> None:
    """Two cups with VAT, a talk without it, and freight were sold; then the owner chose other accounts."""
    world.dashboard.settings.save(rules={"vat_free:FOREDRAG": "exempt"})
    talk = {**CUP, **TALK, "amount": 1}
    world.order(
        1, products=[CUP, talk], total_price=488, price=488, vat=67.6, shipping_price=39, voucher_discount_amount=0
    )
    assert [row.result for row in world.push(1)] == ["done"], world.row(1).reasons
    others = {"sales.domestic": 1010, "sales.domestic_free": 1255, "shipping.domestic": 1010}
    world.dashboard.settings.save(accounts=others)


@pytest.mark.parametrize(
    ("back", "rules", "expected"),
    [
        (
            {"products": [{**CUP, "amount": -1}], "total_price": -149.5, "price": -149.5, "vat": -29.9},
            {},
            {1000: (149.5, 29.9)},
        ),
        (
            {"products": [{**CUP, **TALK, "amount": -1}], "total_price": -150, "price": -150, "vat": 0},
            {},
            {1050: (150, 0)},
        ),
        (
            {"products": [], "total_price": -100, "price": -100, "vat": -20},
            {"credit_rate": "taxed"},
            {1000: (100, 20)},
        ),
        (
            {"products": [], "total_price": -100, "price": -100, "vat": 0},
            {"credit_rate": "free"},
            {1050: (100, 0)},
        ),
        (
            {"products": [{**CUP, "amount": -1}], "total_price": -188.5, "price": -188.5, "vat": -37.7}
            | {"shipping_price": -39},
            {},
            {1000: (149.5, 29.9), 1350: (39, 7.8)},
        ),
    ],
    ids=["a cup", "the talk", "a sum with VAT", "a sum without VAT", "a cup and the freight"],
)
def test_a_return_goes_to_the_accounts_of_its_invoice_whatever_was_chosen_since(
    world: World, back: dict[str, Any], rules: dict[str, str], expected: dict[int, tuple[float, float]]
) -> None:
    sold_with_and_without_vat(world)
    world.dashboard.settings.save(rules={"vat_free:FOREDRAG": "exempt", **rules})
    world.order(2, **({"shipping_price": 0, "credited_order_id": 1, "paid": None, "status": "new"} | back))
    assert [row.result for row in world.push(2)] == ["done"], world.row(2).reasons
    (note,) = notes(world)
    told = {
        line["AccountNumber"]: (
            line["TotalAmountInclVat"],
            round(line["TotalAmountInclVat"] - line["TotalAmount"], 2),
        )
        for line in note["ProductLines"]
    }
    assert told == expected


def test_what_is_left_after_a_part_of_one_rate_came_back_has_the_vat_it_was_sold_with(world: World) -> None:
    sold_with_and_without_vat(world)
    talk = {**CUP, **TALK, "amount": -1}
    back = {"products": [talk], "total_price": -150, "price": -150, "vat": 0, "shipping_price": 0}
    world.order(2, **refund(1) | back)
    assert [row.result for row in world.push(2)] == ["done"], world.row(2).reasons
    assert [row.result for row in correct(world, 1, Action.UNDO)] == ["credited"]
    _, rest = notes(world)
    assert (rest["TotalInclVat"], rest["TotalVat"]) == (338, 67.6)
    assert {account: balance(world, account) for account in (1000, 1050, 1350, 53000, 64000)} == dict.fromkeys(
        (1000, 1050, 1350, 53000, 64000), 0
    )


CREDIT_WRITES = [r"/sales/creditnotes$", r"/creditnotes/[^/]+/book$", r"/invoices/[^/]+/payments$"]


@pytest.mark.parametrize("kind", ["drop", "reset", "status", "garbage"])
@pytest.mark.parametrize("after_work", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("path", CREDIT_WRITES)
def test_a_lost_answer_never_doubles_a_credit_note_or_its_refund(
    world: World, path: str, after_work: bool, kind: Any
) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1))
    world.sandbox.fault(kind, method="POST", path=path, after_work=after_work)
    world.push(2)
    world.push(2)
    expect_all_taken_back(world)
    assert world.row(2).state == "done"


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("step", ["create", "book", "pay_invoice"])
def test_a_process_that_dies_at_a_step_of_an_undo_leaves_nothing_double(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    world.order(1)
    world.push(1)
    real = getattr(Dinero, step)

    def dies(self: Dinero, *arguments: Any) -> Any:
        if after:
            real(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, step, dies)
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(1), Action.UNDO, reason="fejl", actor="test")
    with pytest.raises(KeyboardInterrupt):
        world.dashboard.transfers.run(operation_id)
    monkeypatch.undo()
    restarted = world.restart()
    restarted.transfers.run(operation_id)
    expect_all_taken_back(world)
    assert world.row(1).state == "credited"


@pytest.mark.parametrize("place", ["documents.set_state", "orders.accept_change", "orders.set_rebook"])
def test_a_process_that_dies_while_it_records_a_correction_books_anew_exactly_once(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    world.order(1)
    world.push(1)
    store = world.dashboard.store

    def dies(*arguments: Any, **more: Any) -> Any:
        raise KeyboardInterrupt

    part, name = place.split(".")
    monkeypatch.setattr(getattr(store, part), name, dies)
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(1), Action.REBOOK, reason="fejl", actor="test")
    with pytest.raises(KeyboardInterrupt):
        world.dashboard.transfers.run(operation_id)
    monkeypatch.undo()
    world.restart().transfers.run(operation_id)
    assert len([i for i in world.sandbox.books.invoices.values() if i["Status"] == "Booked"]) == 2
    assert len(notes(world)) == 1
    assert world.row(1).state == "done"


def test_a_refund_that_landed_is_recognised_though_another_credit_note_is_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    cup = {**make_order()["products"][0], "amount": -1}
    part = {"products": [cup], "total_price": -149.5, "price": -149.5, "vat": -29.9, "shipping_price": 0}
    world.order(2, **refund(1, **part))
    real = Dinero.pay_invoice

    def dies(self: Dinero, *arguments: Any) -> Any:
        real(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, "pay_invoice", dies)
    with pytest.raises(KeyboardInterrupt):
        world.push(2)
    monkeypatch.undo()
    books = world.sandbox.books
    (note,) = notes(world)
    line = {
        "baseamountvalue": 50,
        "quantity": 1,
        "discount": 0,
        "accountnumber": 1000,
        "unit": "parts",
        "description": "Godtgørelse",
    }
    made = books.create_credit_note(
        {
            "contactguid": note["ContactGuid"],
            "creditnotefor": note["CreditNoteFor"],
            "showlinesinclvat": True,
            "productlines": [line],
        }
    )
    books.book_credit_note(made["Guid"], {"timestamp": made["TimeStamp"]})
    assert [row.result for row in world.push(2)] == ["done"]
    assert [p["Amount"] for p in books.payments] == [737, -149.5]


def test_each_order_counts_once_in_the_chart_of_transfers(world: World) -> None:
    world.order(1)
    world.push(1)
    correct(world, 1, Action.REBOOK)
    (row,) = world.dashboard.store.sums.transfers_by_day("2026-01-01", "2026-12-31")
    assert (row.n, row.ore) == (1, 73700)
    correct(world, 1, Action.UNDO)
    assert world.dashboard.store.sums.transfers_by_day("2026-01-01", "2026-12-31") == []


# --- undo ----------------------------------------------------------------------------------------------------------


def test_an_undo_takes_back_everything_once_and_says_so_in_the_history(world: World) -> None:
    world.order(1)
    world.push(1)
    (row,) = correct(world, 1, Action.UNDO, "forkert konto")
    assert (row.result, row.credited) == ("credited", 1)
    expect_all_taken_back(world)
    assert world.row(1).state == "credited"
    texts = [str(step.text) for step in world.dashboard.store.history.list(order=("shoporama", "1"))]
    assert any("forkert konto" in text for text in texts)


def test_the_preview_of_an_undo_is_what_is_booked(world: World) -> None:
    world.order(1)
    world.push(1)
    plan = world.dashboard.corrections.preview(world.row(1), Action.UNDO)
    assert plan is not None
    correct(world, 1, Action.UNDO)
    (note,) = notes(world)
    assert note["TotalInclVat"] == plan.total.json_number()
    assert [line["AccountNumber"] for line in note["ProductLines"]] == [line.account for line in plan.lines]


def test_a_second_undo_finds_nothing_left(world: World) -> None:
    world.order(1)
    world.push(1)
    correct(world, 1, Action.UNDO)
    (row,) = correct(world, 1, Action.UNDO)
    assert row.result_reasons[0].code == "nothing_left"
    expect_all_taken_back(world)


def test_a_double_click_on_undo_is_one_credit_note(world: World) -> None:
    world.order(1)
    world.push(1)
    operation_id = str(uuid.uuid4())
    for _ in range(2):
        world.dashboard.corrections.start(operation_id, world.row(1), Action.UNDO, reason="fejl", actor="test")
        world.dashboard.transfers.run(operation_id)
    expect_all_taken_back(world)


def test_a_credited_order_is_not_transferred_again_by_a_push(world: World) -> None:
    world.order(1)
    world.push(1)
    correct(world, 1, Action.UNDO)
    assert [row.result for row in world.push(1)] == ["credited"]
    expect_all_taken_back(world)


def test_an_undo_wants_a_reason(world: World) -> None:
    world.order(1)
    world.push(1)
    with pytest.raises(SettingsError):
        world.dashboard.corrections.start(str(uuid.uuid4()), world.row(1), Action.UNDO, reason=" ", actor="test")


def test_an_undo_after_a_partial_return_takes_back_the_rest(world: World) -> None:
    world.order(1)
    world.push(1)
    cup = {**make_order()["products"][0], "amount": -1}
    world.order(2, **refund(1, products=[cup], total_price=-149.5, price=-149.5, vat=-29.9, shipping_price=0))
    world.push(2)
    correct(world, 1, Action.UNDO)
    assert [balance(world, account) for account in (1000, 1350, 53000, 55100, 64000)] == [0] * 5
    assert world.row(1).state == "credited"


def test_an_undo_in_another_organization_than_the_invoices_sends_nothing(world: World) -> None:
    world.order(1)
    world.push(1)
    world.sandbox.books.organizations["210002"] |= {"HasPro": True, "Personal": True}
    world.dashboard.accounts.choose_organization("210002")
    world.dashboard.accounts.choose_booking_account(55100)
    (row,) = correct(world, 1, Action.UNDO)
    assert row.result_reasons[0].code == "other_organization"
    assert world.sandbox.books.credit_notes == {}


def test_of_two_workers_that_saw_the_same_order_free_one_claims_it(world: World) -> None:
    world.order(1)
    store = world.dashboard.store
    seen = store.documents.generations(OrderKey("shoporama", "1"))
    world.push(1)
    lease = store.leases.acquire("push:210001", seconds=60.0)
    assert lease is not None
    settings = world.dashboard.settings.load()
    run = Run("late", lease, world.dashboard.connection.dinero(), store, settings, Assessor(store, settings))
    with pytest.raises(ClaimedMeanwhile):
        claim(run, OrderKey("shoporama", "1"), seen)
    assert [document["generation"] for document in store.rows("select generation from documents")] == [1]


def test_a_credit_note_that_dinero_links_to_another_invoice_is_not_booked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    real = Dinero.create

    def unlinked(self: Dinero, kind: Kind, body: Any) -> Any:
        return real(self, kind, {name: value for name, value in body.items() if name != "CreditNoteFor"})

    monkeypatch.setattr(Dinero, "create", unlinked)
    (row,) = correct(world, 1, Action.UNDO)
    assert row.result_reasons[0].code == "draft_differs"
    assert notes(world) == []


def test_a_credit_note_that_is_found_booked_on_another_invoice_is_not_taken_for_the_orders(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.order(2)
    world.push()
    other = world.row(2).guid
    real = Dinero.book

    def booked_elsewhere(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        real(self, kind, guid, timestamp)
        world.sandbox.books.credit_notes[guid]["CreditNoteFor"] = other
        raise AnswerUnknown(UNSURE)

    monkeypatch.setattr(Dinero, "book", booked_elsewhere)
    world.order(3, **refund(1))
    (row,) = world.push(3)
    assert [finding.code for finding in row.result_reasons] == [changes.DIFFERS]
    assert [p["Amount"] for p in world.sandbox.books.payments] == [737, 737], "no refund is registered"


def test_a_refund_that_lands_between_the_look_and_the_retry_is_not_made_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1))
    pay, look = Dinero.pay_invoice, Dinero.payments
    under_way: list[tuple[str, Any]] = []
    landed: list[str] = []

    def is_lost(self: Dinero, guid: str, body: Any) -> Any:
        if landed:
            return pay(self, guid, body)
        under_way.append((guid, body))
        raise AnswerUnknown(UNSURE)

    def lands_after_the_look(self: Dinero, guid: str, currency: str) -> Any:
        seen = look(self, guid, currency)
        while under_way:
            landed.append(pay(self, *under_way.pop()))
        return seen

    monkeypatch.setattr(Dinero, "pay_invoice", is_lost)
    monkeypatch.setattr(Dinero, "payments", lands_after_the_look)
    world.push(2)
    assert [p["Guid"] for p in world.sandbox.books.payments][1:] == landed
    assert len(landed) == 1, "the refund must land late, or the test shows nothing"
    expect_all_taken_back(world)


def test_an_undo_without_an_accounting_year_for_today_changes_nothing(world: World) -> None:
    world.order(1)
    world.push(1)
    world.sandbox.books.years = [(y, z) for y, z in world.sandbox.books.years if y.year == 2025]
    world.dashboard.accounts.refresh()
    (row,) = correct(world, 1, Action.UNDO)
    assert row.result_reasons[0].code == "no_year"
    assert world.row(1).state == "done"
    assert world.sandbox.books.credit_notes == {}


def test_an_undo_after_a_return_on_an_account_that_the_invoice_has_not_takes_back_only_what_is_left(
    world: World,
) -> None:
    world.order(1, shipping_price=0, total_price=698, price=698, vat=139.6)
    world.push(1)
    world.order(2, **cup_back(1, shipping_price=-39, total_price=-188.5, price=-188.5, vat=-37.7))
    assert [row.result for row in world.push(2)] == ["done"]
    correct(world, 1, Action.UNDO)
    assert net(world) == balance(world, 53000) == balance(world, 55100) == 0
    assert world.row(1).state == "credited"


def test_an_order_from_before_a_later_take_over_is_booked_anew_all_the_same(world: World) -> None:
    world.order(1)
    world.push(1)
    world.dashboard.settings.save(take_over_date=date(2026, 11, 23))
    correct(world, 1, Action.REBOOK)
    assert world.row(1).state == "done", world.row(1).reasons
    assert len(open_invoices(world)) == 1


@pytest.mark.usefixtures("deletion")
def test_a_rebook_whose_draft_was_deleted_in_dinero_is_booked_anew_by_a_later_push(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    delete_the_next_draft(world, monkeypatch)
    assert [row.result for row in correct(world, 1, Action.REBOOK)] == ["refused"]
    monkeypatch.undo()
    for _ in range(3):
        world.push(1)
    assert (len(open_invoices(world)), world.row(1).state) == (1, "done")


@pytest.mark.parametrize(
    ("second", "left", "state"), [(Action.UNDO, "0", "credited"), (Action.DIFFERENCE, "587.5", "done")]
)
@pytest.mark.usefixtures("deletion")
def test_another_correction_than_the_one_whose_draft_was_deleted_is_what_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch, second: str, left: str, state: str
) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    delete_the_next_draft(world, monkeypatch)
    correct(world, 1, Action.REBOOK)
    monkeypatch.undo()
    correct(world, 1, second)
    assert (net(world), world.row(1).state) == (Decimal(left), state)


def test_an_order_with_a_return_is_not_booked_anew_without_it(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **cup_back(1))
    world.push(2)
    (row,) = correct(world, 1, Action.REBOOK)
    (reason,) = row.result_reasons
    assert reason.code == "has_return"
    assert "1002" in str(reason.text), "the return is named"
    assert reason.fix is not None
    assert world.dashboard.corrections.why_none(world.row(1), Action.REBOOK) == reason, "the page says the same"
    assert net(world) == Decimal("587.5")
    assert [row.result for row in correct(world, 1, Action.UNDO)] == ["credited"]
    assert net(world) == 0


def test_a_difference_that_is_none_says_why_and_what_to_do(world: World) -> None:
    world.order(1, **fewer_pieces())
    world.push(1)
    raw = make_order()
    edit(world, 1, **{name: raw[name] for name in ("products", "total_price", "price", "vat")})
    (row,) = correct(world, 1, Action.DIFFERENCE)
    (reason,) = row.result_reasons
    assert (reason.code, bool(reason.fix)) == ("no_difference", True)


def test_an_undo_of_an_order_whose_payment_is_not_registered_yet_registers_and_undoes_it(world: World) -> None:
    world.order(1)
    world.sandbox.fault("status", method="POST", path=r"/payments$", status=400, body={"code": 44, "message": "no"})
    assert [row.result for row in world.push(1)] == ["refused"]
    assert [row.result for row in correct(world, 1, Action.UNDO)] == ["credited"]
    expect_all_taken_back(world)


def refuse_credit_notes(world: World, path: str = r"/creditnotes$") -> None:
    """Dinero says no to the next credit note."""
    world.sandbox.fault("status", method="POST", path=path, status=400, body={"code": 47, "message": "no"})


@pytest.mark.parametrize("step", [r"/creditnotes$", r"/creditnotes/[^/]+/book$"], ids=["nothing yet", "a draft"])
def test_a_return_that_names_another_order_before_it_is_booked_counts_on_that_orders_invoice_alone(
    world: World, step: str
) -> None:
    world.order(1, email="ib@example.com")
    world.order(3, email="ib@example.com")
    world.push(1, 3)
    world.order(2, **refund(1))
    refuse_credit_notes(world, step)
    assert [row.result for row in world.push(2)] == ["refused"]
    edit(world, 2, **refund(3))
    if [row.result for row in world.push(2)] == ["refused"]:  # a draft for another invoice must be deleted first
        assert world.row(2).reasons[0].code == "changed_since_draft"
        assert notes(world) == []
        return
    assert len(notes(world)) == 1
    correct(world, 3, Action.UNDO)
    assert net(world) == 737, "the invoice of order 3 is credited once, that of order 1 stands"


def test_no_payment_is_registered_on_an_invoice_whose_undo_is_under_way(world: World) -> None:
    world.order(1, payment_gateway="other", payment_gateway_id=314)
    world.dashboard.settings.save(rules={"payment:Bankoverførsel": "terms"})
    world.push(1)
    refuse_credit_notes(world)
    correct(world, 1, Action.UNDO)
    (row,) = correct(world, 1, Action.PAY)
    assert row.result_reasons[0].code == "nothing_to_pay"
    world.push(1)
    assert world.sandbox.books.payments == []
    assert world.row(1).state == "credited"


# --- changed after booking -----------------------------------------------------------------------------------------


def test_an_order_cancelled_after_it_was_booked_is_found_and_undo_is_proposed(world: World) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, status="cancelled")
    change = change_of(world, 1)
    assert change.codes == ("cancelled",)
    assert change.actions[0] == Action.UNDO
    correct(world, 1, change.actions[0])
    expect_all_taken_back(world)
    assert world.row(1).change is None


def test_an_edited_order_is_shown_line_by_line_and_its_difference_credited(world: World) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    change = change_of(world, 1)
    assert [(line.text, line.before, line.after) for line in change.lines] == [("Keramikkop", 29900, 14950)]
    assert change.actions[0] == Action.DIFFERENCE
    (row,) = correct(world, 1, Action.DIFFERENCE)
    assert row.result == "done"
    (note,) = notes(world)
    assert note["TotalInclVat"] == 149.5
    assert world.row(1).change is None
    assert world.row(1).state == "done"
    assert balance(world, 53000) == 0
    assert -balance(world, 1000) == Decimal("438.80")


def test_the_second_correction_of_an_invoice_has_a_refund_of_its_own(world: World) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    correct(world, 1, Action.DIFFERENCE)
    correct(world, 1, Action.UNDO)
    assert [p["Amount"] for p in world.sandbox.books.payments] == [737, -149.5, -587.5]
    assert world.row(1).state == "credited"
    assert net(world) == balance(world, 53000) == 0


def test_an_order_that_became_dearer_is_credited_and_booked_anew(world: World) -> None:
    world.order(1, **fewer_pieces())
    world.push(1)
    raw = make_order()
    edit(world, 1, **{name: raw[name] for name in ("products", "total_price", "price", "vat")})
    change = change_of(world, 1)
    assert change.actions[0] == Action.REBOOK
    (row,) = correct(world, 1, Action.REBOOK)
    assert row.result == "done"
    live = [i for i in world.sandbox.books.invoices.values() if i["Status"] == "Booked"]
    assert sorted(i["TotalInclVat"] for i in live) == [587.5, 737]
    assert len(notes(world)) == 1
    assert balance(world, 53000) == 0
    assert balance(world, 55100) == 737
    assert world.row(1).state == "done"


def test_an_order_that_can_not_be_booked_anew_waits_for_the_owner(world: World) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, total_price=999, price=999)
    correct(world, 1, Action.REBOOK)
    assert world.row(1).state == "held"
    assert "sum_differs" in [finding.code for finding in world.row(1).reasons]
    raw = make_order()
    edit(world, 1, total_price=raw["total_price"], price=raw["price"])
    assert world.row(1).state == "waiting"
    assert [row.result for row in world.push(1)] == ["done"]
    assert balance(world, 55100) == 737


def test_a_change_can_be_left_with_a_reason_until_the_next_one(world: World) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    world.dashboard.corrections.leave(world.row(1), "aftalt med kunden")
    assert world.row(1).change is None
    edit(world, 1, **fewer_pieces(), comments="ring først")
    assert world.row(1).change is None
    edit(world, 1, **fewer_pieces(), status="cancelled")
    assert world.row(1).change is not None


def test_a_change_that_does_not_matter_to_the_books_is_none(world: World) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, comments="stil den ved døren", tracking_number="123")
    assert world.row(1).change is None


def test_an_edit_in_the_shop_while_the_invoice_is_being_booked_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.book

    def edited_meanwhile(self: Dinero, *arguments: Any) -> Any:
        edit(world, 1, status="cancelled")
        return real(self, *arguments)

    monkeypatch.setattr(Dinero, "book", edited_meanwhile)
    world.push(1)
    monkeypatch.undo()
    world.dashboard.orders.fetch()
    assert world.row(1).state == "done"
    assert change_of(world, 1).codes == ("cancelled",)


def test_an_order_that_is_paid_while_its_invoice_with_terms_is_a_draft_waits_for_its_payment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.dashboard.settings.save(rules={"payment:Bankoverførsel": "terms"})
    world.order(1, paid=None, payment_gateway="other", payment_gateway_id=314)
    real = Dinero.drafts

    def paid_meanwhile(self: Dinero) -> Any:
        edit(world, 1, payment_gateway="other", payment_gateway_id=314)
        return real(self)

    monkeypatch.setattr(Dinero, "drafts", paid_meanwhile)
    world.push(1)
    monkeypatch.undo()
    world.dashboard.orders.fetch()
    assert change_of(world, 1).actions[0] == Action.PAY


def test_a_return_that_the_shop_changes_after_its_credit_note_was_booked_is_shown(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **cup_back(1))
    world.push(2)
    edit(world, 2, **cup_back(1), comments="ring først")
    assert world.row(2).change is None
    edit(world, 2, **refund(1))
    change = change_of(world, 2)
    assert (change.before, change.after, change.actions) == (14950, 73700, (Action.LEAVE,))
    world.dashboard.corrections.leave(world.row(2), "rettet i Dinero")
    world.dashboard.orders.fetch()
    assert world.row(2).change is None


# --- terms, electronic invoices, currencies --------------------------------------------------------------------------


def test_an_invoice_with_days_to_pay_gets_no_payment_until_the_shop_has_it_paid(world: World) -> None:
    world.order(1, payment_gateway="other", payment_gateway_id=314)
    answer(world, 1, "terms", as_rule=True)
    assert [row.result for row in world.push(1)] == ["done"]
    (invoice,) = world.sandbox.books.invoices.values()
    assert (invoice["PaymentConditionType"], invoice["PaymentConditionNumberOfDays"]) == ("Netto", 8)
    assert world.sandbox.books.payments == []


def test_a_late_payment_is_registered_once_when_the_owner_says_so(world: World) -> None:
    world.order(1, paid=None, payment_gateway="other", payment_gateway_id=314)
    world.dashboard.settings.save(rules={"payment:Bankoverførsel": "terms"})
    world.push(1)
    edit(world, 1, payment_gateway="other", payment_gateway_id=314)
    change = change_of(world, 1)
    assert change.actions[0] == Action.PAY
    correct(world, 1, Action.PAY)
    correct(world, 1, Action.PAY)
    assert [p["Amount"] for p in world.sandbox.books.payments] == [737]


@pytest.mark.parametrize("as_rule", [True, False], ids=["as a rule", "for this order"])
def test_a_late_payment_that_the_owner_registers_by_hand_leaves_the_change_and_says_so(
    world: World, as_rule: bool
) -> None:
    bank = {"currency": "EUR", "payment_gateway": "other", "payment_gateway_id": 314}
    world.dashboard.settings.save(rules={"payment:Bankoverførsel": "terms"})
    world.order(1, paid=None, **bank)
    answer(world, 1, "by_hand", as_rule=as_rule)
    world.push(1)
    edit(world, 1, **bank)
    (row,) = correct(world, 1, Action.PAY)
    (reason,) = row.result_reasons
    assert (row.result, reason.code, bool(reason.fix)) == ("done", "paid_by_hand", True)
    assert world.sandbox.books.payments == []
    assert world.row(1).change is not None


def test_a_payment_is_never_registered_on_an_invoice_that_was_taken_back(world: World) -> None:
    world.order(1, payment_gateway="other", payment_gateway_id=314)
    world.dashboard.settings.save(rules={"payment:Bankoverførsel": "terms"})
    world.push(1)
    correct(world, 1, Action.UNDO)
    (row,) = correct(world, 1, Action.PAY)
    assert row.result_reasons[0].code == "nothing_to_pay"
    assert world.sandbox.books.payments == []
    assert world.row(1).state == "credited"


@pytest.mark.usefixtures("deletion")
def test_a_correction_whose_draft_was_deleted_in_dinero_is_made_anew_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    real = Dinero.book

    def delete_first(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        world.sandbox.books.delete_draft(guid)
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", delete_first)
    assert [row.result for row in correct(world, 1, Action.UNDO)] == ["refused"]
    monkeypatch.undo()
    for _ in range(3):
        world.push(1)
    expect_all_taken_back(world)
    assert world.row(1).state == "credited"


def municipality(**more: Any) -> dict[str, Any]:
    return {"ean_number": "5790000000005", "order_company_name": "Køge Kommune", "paid": None} | more


def test_an_ean_order_is_booked_with_days_to_pay_and_sent_once(world: World) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    world.push(1)
    world.push(1)
    assert len(world.sandbox.books.e_invoices) == 1
    assert world.sandbox.books.payments == []
    contact = next(c for c in world.sandbox.books.contacts.values() if c["EanNumber"])
    assert (contact["EanNumber"], contact["IsPerson"], bool(contact["AttPerson"])) == ("5790000000005", False, True)


@pytest.mark.parametrize("after_work", [False, True], ids=["not sent", "sent"])
def test_a_lost_answer_never_sends_an_electronic_invoice_twice(world: World, after_work: bool) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    world.sandbox.fault("drop", method="POST", path="/e-invoice", after_work=after_work)
    world.push(1)
    world.push(1)
    assert len(world.sandbox.books.e_invoices) == 1
    assert world.row(1).state == "done"


def test_two_ean_numbers_with_one_e_mail_are_two_customers(world: World) -> None:
    world.dashboard.settings.save(rules={"ean": "invoice"})
    world.order(1, **municipality(email="indkoeb@example.org"))
    world.order(2, **municipality(email="indkoeb@example.org", ean_number="5790000000012"))
    world.push()
    assert len({i["ContactGuid"] for i in world.sandbox.books.invoices.values()}) == 2


def test_a_company_is_found_by_its_cvr_number_whatever_its_e_mail(world: World) -> None:
    firm = {"order_company_name": "Friis ApS", "vat_number": "DK 13 58 56 28"}
    world.order(1, email="ib@friis.example", **firm)
    world.order(2, email="faktura@friis.example", **firm)
    world.push()
    assert len({i["ContactGuid"] for i in world.sandbox.books.invoices.values()}) == 1


def test_two_companies_with_one_e_mail_are_two_customers(world: World) -> None:
    world.order(1, email="bogholder@example.org", order_company_name="Friis ApS", vat_number="13585628")
    world.order(2, email="bogholder@example.org", order_company_name="Bak ApS", vat_number="25063864")
    world.push()
    assert len({i["ContactGuid"] for i in world.sandbox.books.invoices.values()}) == 2


def test_orders_without_an_e_mail_share_one_customer_and_keep_their_own_address(world: World) -> None:
    world.dashboard.settings.save(rules={"no_email": "collective"})
    world.order(1, email="", order_name="Ida Lund")
    world.order(2, email="", order_name="Bo Bak")
    world.push()
    invoices = world.sandbox.books.invoices.values()
    assert len({i["ContactGuid"] for i in invoices}) == 1
    assert {i["Address"].splitlines()[0] for i in invoices} == {"Ida Lund", "Bo Bak"}


@pytest.mark.parametrize("currency", ["EUR", "SEK", "NOK", "USD"])
def test_another_currency_is_invoiced_in_it_and_paid_with_both_amounts(world: World, currency: str) -> None:
    world.order(1, currency=currency)
    assert world.row(1).state == "held"
    answer(world, 1, "dinero_rate", as_rule=True)
    assert [row.result for row in world.push(1)] == ["done"]
    (invoice,) = world.sandbox.books.invoices.values()
    (payment,) = world.sandbox.books.payments
    assert (invoice["Currency"], invoice["TotalInclVat"], invoice["PaymentStatus"]) == (currency, 737, "Paid")
    assert balance(world, 53000) == balance(world, 1445) == 0
    body = next(c.body for c in world.sandbox.calls if c.path.endswith("/payments") and c.method == "POST")
    assert body["AmountInForeignCurrency"] == 737
    assert body["Amount"] == payment["_dkk"] / 100


def test_a_return_in_another_currency_is_refunded_in_it(world: World) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1, currency="EUR")
    world.push(1)
    world.order(2, **refund(1, currency="EUR"))
    assert [row.result for row in world.push(2)] == ["done"]
    assert [balance(world, account) for account in (1000, 53000, 55100, 64000)] == [0] * 4


def test_orders_in_two_currencies_are_never_added_up(world: World) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1, currency="EUR")
    world.order(2)
    world.push()
    assert sorted(i["Currency"] for i in world.sandbox.books.invoices.values()) == ["DKK", "EUR"]


# --- rules ---------------------------------------------------------------------------------------------------------


def test_an_answer_for_one_order_is_no_rule_for_the_next(world: World) -> None:
    for number in (1, 2):
        world.order(number, currency="EUR")
    answer(world, 1, "dinero_rate")
    assert (world.row(1).state, world.row(2).state) == ("waiting", "held")


def test_a_rule_answers_the_question_for_all_and_can_be_taken_back(world: World) -> None:
    for number in (1, 2):
        world.order(number, currency="EUR")
    answer(world, 1, "dinero_rate", as_rule=True)
    assert (world.row(1).state, world.row(2).state) == ("waiting", "waiting")
    world.dashboard.orders.forget_rule("currency:EUR")
    assert (world.row(1).state, world.row(2).state) == ("held", "held")


def test_the_counter_of_eu_consumers_holds_the_order_that_passes_the_limit_and_all_after_it(world: World) -> None:
    sweden = {"order_country_id": 1002, "order_country": "Sverige", "del_country_id": 1002, "del_country": "Sverige"}
    world.dashboard.settings.save(rules={"eu_consumers": "danish"}, eu_limit=150_000)
    for number, day in ((3, "22"), (1, "20"), (2, "21")):
        world.order(number, time=f"2026-11-{day} 12:00:00", paid=f"2026-11-{day} 12:01:00", **sweden)
    assert world.dashboard.store.sums.eu_sales(2026) == 3 * 58960
    assert [world.row(number).state for number in (1, 2, 3)] == ["waiting", "waiting", "held"]
    assert world.row(3).reasons[0].code == "eu_limit"
    world.dashboard.settings.save(eu_sales_elsewhere=100_000)
    assert [world.row(number).state for number in (1, 2, 3)] == ["held", "held", "held"]


def test_the_assessment_of_a_stored_order_is_what_the_preview_shows(world: World) -> None:
    world.order(1)
    (shown,) = world.dashboard.orders.previews([world.row(1)])
    assert Assessor(world.dashboard.store, world.dashboard.settings.load())(world.row(1)).plan == shown.plan


# --- a correction beside a return that is not at its end -----------------------------------------------------------


def half_begun_return(world: World) -> None:
    """Order 1 is booked; the draft of the credit note for a part of it is in Dinero, and not booked."""
    world.order(1)
    world.push(1)
    cup = {**make_order()["products"][0], "amount": -1}
    world.order(2, **refund(1, products=[cup], total_price=-149.5, price=-149.5, vat=-29.9, shipping_price=0))
    world.sandbox.fault("status", path=r"^/v.*/creditnotes/[^/]+/book$", times=1, status=400)
    world.push(2)


@pytest.mark.parametrize("action", [Action.REBOOK, Action.UNDO])
def test_a_correction_waits_for_a_return_of_the_same_invoice_that_is_begun(world: World, action: str) -> None:
    half_begun_return(world)
    (row,) = correct(world, 1, action)
    assert len(open_invoices(world)) == 1
    assert (row.result, row.result_reasons[0].code) == ("done", "credit_under_way")
    world.push(2)
    correct(world, 1, action)  # an order with a return is never booked anew: the return would be lost
    assert (len(open_invoices(world)), len(notes(world))) == ((1, 1) if action == Action.REBOOK else (0, 2))


def test_an_invoice_is_not_credited_by_a_return_that_is_only_a_draft(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())

    def dies(self: Dinero, *arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, "pay_invoice", dies)
    with pytest.raises(KeyboardInterrupt):
        correct(world, 1, Action.DIFFERENCE)
    monkeypatch.undo()
    begun = str(world.dashboard.store.operations.next())
    rest = fewer_pieces()
    products = [{**line, "amount": -line["amount"]} for line in rest["products"]]
    amounts = {name: -rest[name] for name in ("total_price", "price", "vat")}
    world.order(2, **refund(1, products=products, **amounts))
    monkeypatch.setattr(Dinero, "book", dies)
    with pytest.raises(KeyboardInterrupt):
        world.push(2)
    monkeypatch.undo()
    world.restart().transfers.run(begun)
    assert (world.row(1).state, net(world)) == ("done", Decimal("587.5"))
    assert [row.result for row in world.push(2)] == ["done"]
    assert net(world) == balance(world, 53000) == balance(world, 55100) == 0


@pytest.mark.usefixtures("deletion")
def test_a_return_whose_draft_was_deleted_does_not_count_as_credited(world: World) -> None:
    half_begun_return(world)
    (draft,) = [guid for guid, note in world.sandbox.books.credit_notes.items() if note["Status"] == "Draft"]
    world.sandbox.books.delete_draft(draft)
    world.push(2)
    correct(world, 1, Action.UNDO)
    assert open_invoices(world) == []


@pytest.mark.usefixtures("deletion")
def test_a_return_that_was_too_large_waits_again_as_soon_as_the_other_one_is_gone(world: World) -> None:
    half_begun_return(world)
    world.order(3, **refund(1))
    assert [reason.code for reason in world.row(3).reasons] == ["credit_too_large"]
    (draft,) = [guid for guid, note in world.sandbox.books.credit_notes.items() if note["Status"] == "Draft"]
    world.sandbox.books.delete_draft(draft)
    world.push(2)
    assert world.row(3).state == "waiting"


def test_a_return_that_was_refused_before_anything_of_it_was_sent_is_no_hindrance(world: World) -> None:
    world.order(1)
    world.push(1)
    cup = {**make_order()["products"][0], "amount": -1}
    world.order(2, **refund(1, products=[cup], total_price=-149.5, price=-149.5, vat=-29.9, shipping_price=0))
    world.sandbox.fault("status", path=r"^/v.*/creditnotes$", times=1, status=400)
    world.push(2)
    assert world.row(2).state == "refused"
    correct(world, 1, Action.UNDO)
    assert open_invoices(world) == []
    assert [row.result for row in world.push(2)] != ["done"]
    assert len(notes(world)) == 1


def test_an_edit_in_the_shop_while_a_difference_is_being_credited_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    real = Dinero.book

    def edited_meanwhile(self: Dinero, *arguments: Any) -> Any:
        edit(world, 1, **fewer_pieces(), status="cancelled")
        return real(self, *arguments)

    monkeypatch.setattr(Dinero, "book", edited_meanwhile)
    correct(world, 1, Action.DIFFERENCE)
    monkeypatch.undo()
    world.dashboard.orders.fetch()
    assert world.row(1).state == "done"
    assert world.row(1).change is not None


@pytest.mark.usefixtures("deletion")
def test_an_order_that_changed_after_its_draft_is_transferred_once_the_draft_is_deleted(world: World) -> None:
    world.order(1)
    world.sandbox.fault("status", path=r"^/v.*/invoices/[^/]+/book$", times=1, status=400)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    (row,) = world.push(1)
    assert row.result_reasons[0].code == "changed_since_draft"
    (draft,) = world.sandbox.books.invoices
    world.sandbox.books.delete_draft(draft)
    world.push(1)
    (row,) = world.push(1)
    assert row.result == "done"
    assert len(open_invoices(world)) == 1


def test_more_than_was_sold_of_a_line_asks_nothing_that_changes_nothing(world: World) -> None:
    cup = make_order()["products"][0] | {"amount": 1, "unit_price": 100, "vat": 25}
    talk = cup | {"own_id": "FOREDRAG", "name": "Foredrag", "vat": 0, "unit_price": 150}
    world.dashboard.settings.save(rules={"vat_free:FOREDRAG": "exempt"})
    money = {"total_price": 250, "price": 250, "vat": 20, "shipping_price": 0, "voucher_discount_amount": 0}
    world.order(1, **money, products=[cup, talk])
    world.push(1)
    back = {
        "total_price": -120,
        "price": -120,
        "vat": -24,
        "shipping_price": 0,
        "paid": None,
        "status": "new",
        "credited_order_id": 1,
        "voucher_discount_amount": 0,
    }
    world.order(2, **back, products=[cup | {"amount": -1, "unit_price": 120}])
    [finding] = world.row(2).reasons
    assert (finding.code, finding.question) == ("credit_rate_exceeded", None)
    assert finding.fix is not None

    world.order(3, **back, products=[cup | {"own_id": "", "name": "Refundering", "amount": -1, "unit_price": 120}])
    [finding] = world.row(3).reasons
    assert finding.question is not None, "a sum that names no line may be of the others"
    assert [choice.value for choice in finding.question.choices] == ["invoice", "free"]


def test_another_credit_note_of_the_same_number_is_no_order_that_can_be_credited(world: World) -> None:
    world.order(1)
    world.push(1)
    part = {
        "products": [make_order()["products"][0] | {"amount": -1}],
        "total_price": -149.5,
        "price": -149.5,
        "vat": -29.9,
        "shipping_price": 0,
        "email": "kunde1@example.com",
        "webshop_order_id": 1001,
    }
    world.order(2, **refund(1001, **part))
    world.order(3, **refund(1001, **part))
    assert [row.result for row in world.push(2, 3)] == ["done", "done"]
