"""Whatever happens on the way, an order ends as one booked invoice with one payment, to the øre."""

import contextlib
import re
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from conftest import World
from dinero.api.client import Dinero
from dinero.model.documents import OrderKey, State
from dinero.model.errors import UNSURE, AnswerUnknown, ConnectionStopped
from dinero.model.findings import Finding
from dinero.model.plans import Kind, document_guid
from dinero.sandbox import make_order

CONTACT, CREATE, BOOK, PAY = r"/contacts$", r"/invoices$", r"/invoices/[^/]+/book$", r"/invoices/[^/]+/payments$"


def expect_one_of_each(world: World, number: int = 1) -> None:
    """One contact, one booked invoice with the order's total, one payment of the same."""
    books = world.sandbox.books
    row = world.row(number)
    assert row.state == "done", row.reasons
    booked = [i for i in books.invoices.values() if i["ExternalReference"] == f"shoporama:{number}"]
    assert [i["Status"] for i in booked] == ["Booked"]
    invoice = booked[0]
    assert Decimal(str(invoice["TotalInclVat"])) * 100 == row.total_ore
    assert str(invoice["Number"]) == row.invoice_number
    payments = [p for p in books.payments if p["ExternalReference"] == f"shoporama:{number}:payment"]
    document = world.dashboard.store.documents.newest(OrderKey("shoporama", str(number)))
    assert document is not None
    assert [p["Guid"] for p in payments] == [document.payment_guid]
    assert [Decimal(str(p["Amount"])) * 100 for p in payments] == [row.total_ore]
    contacts = [c for c in books.contacts.values() if c["Email"] == row.email.lower() and not c["DeletedAt"]]
    assert len(contacts) == 1
    assert invoice["ContactGuid"] == contacts[0]["ContactGuid"]


def codes(reasons: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in reasons]


def test_an_order_becomes_one_booked_and_paid_invoice(world: World) -> None:
    world.order(1)
    assert [row.result for row in world.push()] == ["done"]
    expect_one_of_each(world)


def test_pushing_again_changes_nothing(world: World) -> None:
    world.order(1)
    world.push()
    before = world.writes()
    assert [row.result for row in world.push()] == ["done"]
    assert world.writes() == before


def test_the_second_order_of_a_customer_uses_the_first_contact(world: World) -> None:
    world.order(1, email="Ida@Example.com")
    world.push()
    world.order(2, email="ida@example.com")
    world.push()
    expect_one_of_each(world, 1)
    expect_one_of_each(world, 2)


@pytest.mark.parametrize("step", [CONTACT, CREATE, BOOK, PAY])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "after_work": True},
        {"kind": "reset"},
        {"kind": "reset", "after_work": True},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "after_work": True},
        {"kind": "garbage", "after_work": True},
        {"kind": "status", "status": 302, "after_work": True},
    ],
    ids=[
        "dropped after the work",
        "reset before",
        "reset after",
        "500 before",
        "503 after",
        "garbage after",
        "a proxy's redirect after",
    ],
)
def test_a_lost_answer_ends_with_one_invoice_and_one_payment(world: World, step: str, fault: dict[str, Any]) -> None:
    world.order(1)
    world.sandbox.fault(method="POST", path=step, **fault)
    world.push()
    expect_one_of_each(world)
    calls = [call for call in world.sandbox.calls if call.path.startswith("/v")]
    lost = next(place for place, call in enumerate(calls) if call.method == "POST" and re.search(step, call.path))
    assert calls[lost + 1].method == "GET", "what became of the write is looked up before anything else is sent"


@pytest.mark.parametrize("step", [CONTACT, CREATE, BOOK, PAY])
def test_when_the_look_fails_too_the_order_is_unsure_and_the_next_push_finds_out(world: World, step: str) -> None:
    world.order(1)
    world.sandbox.fault("drop", method="POST", path=step, after_work=True)
    world.sandbox.fault("reset", method="GET", path=r"/(contacts|invoices)/[^/]+", times=20)
    assert [row.result for row in world.push()] == ["unsure"]
    assert world.row(1).state == "unsure"
    world.sandbox.faults.clear()
    world.push()
    expect_one_of_each(world)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("step", ["create_contact", "create", "book", "pay_invoice"])
def test_a_process_that_dies_at_a_write_leaves_nothing_double(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    world.order(1)
    real = getattr(Dinero, step)

    def dies(self: Dinero, *arguments: Any) -> Any:
        if after:
            real(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, step, dies)
    with pytest.raises(KeyboardInterrupt):
        world.push()
    monkeypatch.undo()
    left = world.dashboard.store.operations.next()
    assert left is not None, "the push is taken up at the next start"
    world.restart().transfers.run(left)
    expect_one_of_each(world)


def test_a_double_click_is_one_push(world: World) -> None:
    world.order(1)
    assert world.dashboard.transfers.push("the same id", [("shoporama", "1")], actor="owner")
    assert not world.dashboard.transfers.push("the same id", [("shoporama", "1")], actor="owner")
    world.dashboard.transfers.run("the same id")
    expect_one_of_each(world)


def test_two_workers_with_the_same_orders_make_one_invoice_each(world: World) -> None:
    for number in range(1, 9):
        world.order(number)
    others = [world.restart(), world.restart()]
    for name, dashboard in zip("ab", others, strict=True):
        dashboard.transfers.push(name, [("shoporama", str(number)) for number in range(1, 9)], actor=name)
    errors: list[BaseException] = []

    def work(name: str, index: int) -> None:
        try:
            while not others[index].transfers.run(name):
                threading.Event().wait(0.01)
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name, index)) for index, name in enumerate("ab")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    for number in range(1, 9):
        expect_one_of_each(world, number)


def test_a_draft_that_was_touched_in_dinero_is_compared_again_and_booked_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.book
    touched: list[str] = []

    def touch_first(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        if not touched:
            touched.append(guid)
            world.sandbox.books.touch(guid)
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", touch_first)
    world.push()
    expect_one_of_each(world)
    assert len(world.writes("/book")) == 2


def test_a_payment_with_a_stale_timestamp_is_looked_up_before_it_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.pay_invoice
    touched: list[str] = []

    def touch_first(self: Dinero, guid: str, body: Any) -> Any:
        if not touched:
            touched.append(guid)
            world.sandbox.books.touch(guid)
        return real(self, guid, body)

    monkeypatch.setattr(Dinero, "pay_invoice", touch_first)
    world.push()
    expect_one_of_each(world)


@pytest.mark.parametrize("left", ["the answer is lost", "the process dies"])
def test_a_payment_that_lands_between_the_look_and_the_retry_is_not_made_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    world.order(1)
    pay, look = Dinero.pay_invoice, Dinero.payments
    under_way: list[tuple[str, Any]] = []
    landed: list[str] = []

    def is_lost(self: Dinero, guid: str, body: Any) -> Any:
        if under_way or landed:
            return pay(self, guid, body)
        under_way.append((guid, body))
        raise KeyboardInterrupt if left == "the process dies" else AnswerUnknown(UNSURE)

    def lands_after_the_look(self: Dinero, guid: str, currency: str) -> Any:
        seen = look(self, guid, currency)
        while under_way:
            landed.append(pay(self, *under_way.pop()))
        return seen

    monkeypatch.setattr(Dinero, "pay_invoice", is_lost)
    monkeypatch.setattr(Dinero, "payments", lands_after_the_look)
    with contextlib.suppress(KeyboardInterrupt):
        world.push()
    if (begun := world.dashboard.store.operations.next()) is not None:
        world.restart().transfers.run(begun)
    assert [payment["Guid"] for payment in world.sandbox.books.payments] == landed
    assert len(landed) == 1, "the payment must land late, or the test shows nothing"
    expect_one_of_each(world)


def test_a_draft_that_differs_in_dinero_is_not_booked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(1)
    real = Dinero.create

    def other_account(self: Dinero, kind: Kind, body: Any) -> Any:
        lines = [line | {"AccountNumber": 1050} for line in body["ProductLines"]]
        return real(self, kind, body | {"ProductLines": lines})

    monkeypatch.setattr(Dinero, "create", other_account)
    assert [row.result for row in world.push()] == ["refused"]
    assert world.writes("/book") == []
    assert "draft_differs" in codes(world.row(1).reasons)


def move_to_another_date(draft: Any) -> None:
    draft["Date"] = "2026-01-05"


def move_to_another_account(draft: Any) -> None:
    for line in draft["ProductLines"]:
        line["AccountNumber"] = 1010  # with the same VAT code


def move_one_line(draft: Any) -> None:
    draft["ProductLines"][-1]["AccountNumber"] = 1010


def move_an_amount_between_lines(draft: Any) -> None:
    first, last = draft["ProductLines"][0], draft["ProductLines"][-1]
    last["AccountNumber"], first["AccountNumber"] = 1010, 1011


def move_to_another_currency(draft: Any) -> None:
    draft["Currency"] = "EUR"


def move_to_another_customer(draft: Any) -> None:
    draft["ContactGuid"] = "11111111-2222-3333-4444-555555555555"


MOVES = [
    move_to_another_date,
    move_to_another_account,
    move_one_line,
    move_an_amount_between_lines,
    move_to_another_currency,
    move_to_another_customer,
]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("moment", ["drafts", "book"])
def test_a_draft_that_was_moved_in_dinero_is_not_booked(
    world: World, monkeypatch: pytest.MonkeyPatch, move: Callable[[Any], None], moment: str
) -> None:
    world.order(1)
    real = getattr(Dinero, moment)

    def moved_first(self: Dinero, *arguments: Any) -> Any:
        for guid, draft in world.sandbox.books.invoices.items():
            move(draft)
            world.sandbox.books.touch(guid)
        return real(self, *arguments)

    monkeypatch.setattr(Dinero, moment, moved_first)
    assert [row.result for row in world.push()] == ["refused"]
    assert {row["Status"] for row in world.sandbox.books.invoices.values()} == {"Draft"}
    assert "draft_differs" in codes(world.row(1).reasons)


def test_a_draft_that_dinero_dated_otherwise_by_itself_is_not_booked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.create

    def another_date(self: Dinero, kind: Kind, body: Any) -> Any:
        return real(self, kind, body | {"Date": "2026-02-01"})

    monkeypatch.setattr(Dinero, "create", another_date)
    assert [row.result for row in world.push()] == ["refused"]
    assert world.writes("/book") == []
    assert "draft_differs" in codes(world.row(1).reasons)


@pytest.mark.usefixtures("deletion")
def test_a_draft_that_was_deleted_in_dinero_gets_a_new_generation_at_the_next_push(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.book

    def delete_first(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        world.sandbox.books.delete_draft(guid)
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", delete_first)
    assert [row.result for row in world.push()] == ["refused"]
    monkeypatch.undo()
    assert [row.result for row in world.push()] == ["done"]
    assert [row.result for row in world.push()] == ["done"], "the deleted generation is over"
    live = [i for i in world.sandbox.books.invoices.values() if not i["DeletedAt"]]
    assert [i["Status"] for i in live] == ["Booked"]


DELETED = {"code": 65, "message": "Item is deleted"}


@pytest.mark.usefixtures("deletion")
def test_a_draft_whose_answer_was_lost_and_that_was_then_deleted_is_made_anew(world: World) -> None:
    world.order(1)
    world.sandbox.fault("drop", method="POST", path="/invoices$")
    world.sandbox.fault("drop", method="GET", path="/invoices/[^/]+$", times=9)
    world.push()
    world.sandbox.faults.clear()
    (draft,) = world.sandbox.books.invoices
    world.sandbox.books.delete_draft(draft)
    world.push()
    assert [row.result for row in world.push()] == ["done"]
    live = [i for i in world.sandbox.books.invoices.values() if not i["DeletedAt"]]
    assert [i["PaymentStatus"] for i in live] == ["Paid"]


def test_a_booked_invoice_that_is_said_to_be_deleted_is_never_booked_anew(world: World) -> None:
    world.order(1)
    world.sandbox.fault("status", method="POST", path="/payments$", status=400, body=DELETED)
    assert [row.result for row in world.push()] == ["refused"]
    world.sandbox.fault("status", method="GET", path="/invoices/[^/]+$", status=400, body=DELETED)
    assert [row.result for row in world.push()] == ["refused"]
    assert codes(world.row(1).reasons) == ["booked_differs"]
    assert [row.result for row in world.push()] == ["done"]
    expect_one_of_each(world)


def test_a_customer_that_is_said_to_be_deleted_is_made_anew(world: World) -> None:
    world.order(1)
    world.sandbox.fault("reset", method="POST", path="/contacts$", after_work=True)
    world.sandbox.fault("status", method="GET", path="/contacts/[^/]+$", status=400, body=DELETED)
    for _ in range(2):
        world.push()
    assert world.row(1).state == "done"


def test_an_invoice_that_the_owner_paid_in_dinero_gets_no_second_payment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.pay_invoice

    def paid_by_hand(self: Dinero, guid: str, body: Any) -> Any:
        real(self, guid, {**body, "ExternalReference": "by hand"})
        return real(self, guid, body)

    monkeypatch.setattr(Dinero, "pay_invoice", paid_by_hand)
    assert [row.result for row in world.push()] == ["done"]
    assert len(world.sandbox.books.payments) == 1


def test_a_customer_that_was_deleted_in_dinero_is_created_anew(world: World) -> None:
    world.order(1)
    world.push()
    (contact,) = [c for c in world.sandbox.books.contacts.values() if c["Email"] == "kunde1@example.com"]
    world.sandbox.books.delete_contact(contact["ContactGuid"])
    world.order(2, email="kunde1@example.com")
    world.push()
    expect_one_of_each(world, 2)


def test_an_order_that_changed_after_its_draft_is_not_booked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(1)

    def dies(self: Dinero, *arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, "drafts", dies)
    with pytest.raises(KeyboardInterrupt):
        world.push()
    monkeypatch.undo()
    world.order(1, shipping_price=0, **consistent(make_order()))
    assert [row.result for row in world.push()] == ["refused"]
    assert codes(world.row(1).reasons) == ["changed_since_draft"]
    assert world.writes("/book") == []


def test_an_order_whose_e_mail_changed_after_its_draft_is_not_booked_to_the_customer_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)

    def dies(self: Dinero, *arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, "drafts", dies)
    with pytest.raises(KeyboardInterrupt):
        world.push()
    monkeypatch.undo()
    world.order(1, email="en.anden@example.com")
    assert [row.result for row in world.push()] == ["refused"]
    assert codes(world.row(1).reasons) == ["changed_since_draft"]
    assert world.writes("/book") == []


def consistent(raw: dict[str, Any]) -> dict[str, Any]:
    """Total and VAT of an order of 25 % lines without shipping and discount."""
    ore = sum(round(Decimal(str(line["unit_price"])) * 100) * int(line["amount"]) for line in raw["products"])
    vat = Decimal(ore) - (Decimal(ore) * 4 / 5).quantize(Decimal(1))
    return {
        "total_price": float(Decimal(ore) / 100),
        "price": float(Decimal(ore) / 100),
        "vat": float(vat / 100),
        "voucher_discount_amount": 0,
    }


def test_an_order_begun_in_one_organization_is_never_sent_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)

    def dies(self: Dinero, *arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, "book", dies)
    with pytest.raises(KeyboardInterrupt):
        world.push()
    monkeypatch.undo()
    world.sandbox.books.organizations["210002"] |= {"HasPro": True, "Personal": True}
    world.dashboard.accounts.choose_organization("210002")
    world.dashboard.accounts.choose_booking_account(55100)
    before = world.writes()
    world.push()
    assert world.writes() == before
    world.dashboard.accounts.choose_organization("210001")
    world.dashboard.accounts.choose_booking_account(55100)
    world.push()
    expect_one_of_each(world)


@pytest.mark.parametrize("place", ["drafts", "book", "pay_invoice"])
def test_what_an_earlier_run_left_is_paid_on_the_booking_account_that_is_chosen_now(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    world.order(1)

    def dies(self: Dinero, *arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dinero, place, dies)
    with pytest.raises(KeyboardInterrupt):
        world.push()
    monkeypatch.undo()
    world.dashboard.accounts.choose_booking_account(55040)
    world.push()
    expect_one_of_each(world)
    assert [payment["DepositAccountNumber"] for payment in world.sandbox.books.payments] == [55040]


# --- the run as a whole --------------------------------------------------------------------------------


def test_one_refused_order_does_not_stop_the_others(world: World) -> None:
    for number in (1, 2, 3):
        world.order(number)
    world.sandbox.fault(
        "status", method="POST", path=CREATE, status=400, body={"code": 47, "message": "no accounting year"}
    )
    assert sorted(str(row.result) for row in world.push()) == ["done", "done", "refused"]
    assert [row.result for row in world.push()] == ["done", "done", "done"]
    for number in (1, 2, 3):
        expect_one_of_each(world, number)


def test_a_429_is_waited_for_and_the_run_goes_on(world: World) -> None:
    world.order(1)
    world.sandbox.fault(
        "status", method="POST", path=BOOK, status=429, body="API calls quota exceeded!", retry_after=17
    )
    before = world.clock.now()
    world.push()
    expect_one_of_each(world)
    assert (world.clock.now() - before).total_seconds() >= 17


def test_a_token_that_expires_in_the_middle_is_renewed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(1)
    real = Dinero.book

    def expire_first(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        world.sandbox.expire_tokens()
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", expire_first)
    world.push()
    expect_one_of_each(world)
    assert 401 in [call.status for call in world.sandbox.calls]


def test_a_token_renewed_while_the_contacts_are_listed_is_kept_though_the_list_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    real = Dinero.contacts_changed_since

    def expire_first(self: Dinero, since: Any) -> Any:
        world.sandbox.expire_tokens()
        yield from real(self, since)

    def fetched() -> int:
        return sum("/token" in call.path for call in world.sandbox.calls)

    before = fetched()
    monkeypatch.setattr(Dinero, "contacts_changed_since", expire_first)
    world.sandbox.fault("status", method="GET", path=CONTACT, status=401)
    world.sandbox.fault("status", method="GET", path=CONTACT, times=3)
    assert [row.result for row in world.push()] == [None]
    assert fetched() == before + 1
    monkeypatch.undo()
    world.push()
    expect_one_of_each(world)
    assert fetched() == before + 1, "the next run has the token that was renewed"


def test_a_lost_subscription_stops_the_run_with_one_alarm_and_the_next_push_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        world.order(number)
    real = Dinero.book

    def lose_pro(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        world.sandbox.books.set_pro("210001", False)
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", lose_pro)
    with pytest.raises(ConnectionStopped):
        world.push()
    monkeypatch.undo()
    assert len(world.dashboard.store.history.list(events=["push stopped"])) == 1
    assert [world.row(number).state for number in (1, 2, 3)].count(State.REFUSED) == 0
    world.sandbox.books.set_pro("210001", True)
    world.push()
    for number in (1, 2, 3):
        expect_one_of_each(world, number)


def test_a_hidden_booking_account_holds_the_order_before_anything_is_sent(world: World) -> None:
    world.order(1)
    world.sandbox.books.hide_account(55100)
    assert [row.result for row in world.push()] == ["held"]
    assert world.writes("/invoices") == []
    assert codes(world.row(1).reasons) == ["booking_account_missing"]


def test_a_renamed_booking_account_holds_the_order_until_it_is_chosen_again(world: World) -> None:
    world.order(1)
    world.sandbox.books.rename_account(55100, "Noget andet")
    assert [row.result for row in world.push()] == ["held"]
    world.dashboard.accounts.choose_booking_account(55100)
    world.push()
    expect_one_of_each(world)


def test_an_account_whose_vat_code_was_changed_holds_the_order(world: World) -> None:
    world.order(1)
    world.sandbox.books.accounts[1000]["VatCode"] = "none"
    assert [row.result for row in world.push()] == ["held"]
    assert "account_vat" in codes(world.row(1).reasons)


def test_several_lost_answers_in_a_row_stop_the_run(world: World) -> None:
    for number in range(1, 8):
        world.order(number)
    world.sandbox.fault("status", method="POST", path=CREATE, status=500, times=100)
    results = [row.result for row in world.push()]
    assert results.count(State.UNSURE) == 3
    assert results.count(None) == 4
    world.sandbox.faults.clear()
    world.push()
    for number in range(1, 8):
        expect_one_of_each(world, number)


def hide(world: World, *numbers: int) -> None:
    """The payment of these orders loses its answer, and Dinero answers 500 to every look at their invoices."""
    for number in numbers:
        guid = document_guid("210001", "shoporama", str(number), Kind.INVOICE, 1)
        world.sandbox.fault("drop", method="POST", path=f"{guid}/payments$")
        world.sandbox.fault("status", method="GET", path=guid, times=1000)


def test_a_document_that_dinero_never_shows_stays_unsure_and_the_others_go(world: World) -> None:
    for number in (1, 2):
        world.order(number)
    hide(world, 1)
    assert [row.result for row in world.push()] == ["unsure", "done"]
    world.order(3)
    before = world.writes()
    assert [row.result for row in world.push()] == ["unsure", "done", "done"]
    guid = str(world.row(1).guid)
    assert not [write for write in world.writes()[len(before) :] if guid in write], "nothing is sent blindly"
    assert codes(world.row(1).reasons) == ["unsure"]
    assert len(world.dashboard.store.history.list(order=("shoporama", "1"), events=["unsure"])) <= 2
    world.sandbox.faults.clear()
    world.push()
    for number in (1, 2, 3):
        expect_one_of_each(world, number)


def test_three_documents_in_a_row_that_dinero_does_not_show_stop_the_run_with_one_alarm(world: World) -> None:
    for number in range(1, 6):
        world.order(number)
    hide(world, *range(1, 6))
    assert [row.result for row in world.push()] == ["unsure"] * 3 + [None] * 2
    assert len(world.dashboard.store.history.list(events=["push stopped"])) == 1
    world.sandbox.faults.clear()
    world.push()
    for number in range(1, 6):
        expect_one_of_each(world, number)


def test_orders_that_were_unsure_before_do_not_stop_a_run_again(world: World) -> None:
    for number in range(1, 5):
        world.order(number)
    hide(world, 1, 2, 3)
    world.push()
    assert [row.result for row in world.push()] == ["unsure"] * 3 + ["done"]


def test_a_connection_that_fails_at_a_look_stops_the_run_at_once(world: World) -> None:
    for number in (1, 2):
        world.order(number)
    guid = document_guid("210001", "shoporama", "1", Kind.INVOICE, 1)
    world.sandbox.fault("drop", method="POST", path=f"{guid}/payments$")
    world.sandbox.fault("status", method="GET", path=guid, times=1000, status=403, body={"code": 90, "message": "no"})
    with pytest.raises(ConnectionStopped):
        world.push()
    assert world.row(2).state == "verified"
