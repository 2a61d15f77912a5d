"""What Dinero has and nothing here knows of, after a backup was put back: taken over as it is, once, and to its end."""

import contextlib
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conftest import World
from dinero.api.client import Dinero
from dinero.intake.fetching import ids
from dinero.model.documents import PUSHABLE, Action, Event, OperationOrder
from dinero.model.errors import ConnectionStopped, DashboardError
from dinero.model.plans import Kind, document_guid
from dinero.safekeeping.backup import backup, restore
from dinero.sandbox import make_order
from dinero.store.documents import Documents
from test_corrections import correct, cup_back, dying_at, edit, fewer_pieces, municipality, net, notes, refund
from test_safekeeping import booked_otherwise


def save(world: World, tmp_path: Path) -> None:
    backup(world.dashboard.store, tmp_path / "backup.db")


def put_back(world: World, tmp_path: Path) -> None:
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    world.dashboard.orders.fetch()


def saved_in_the_middle(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, owner: type, name: str
) -> None:
    """A push of an order that dies at a method (`name` of `owner`), a backup, and then the rest of that push."""
    monkeypatch.setattr(owner, name, dies)
    with contextlib.suppress(KeyboardInterrupt):
        world.push(number)
    monkeypatch.undo()
    save(world, tmp_path)
    world.restart().transfers.run(str(world.dashboard.store.operations.next()))


def states(world: World) -> list[tuple[str, int, str]]:
    return [
        (row["kind"], row["generation"], row["state"])
        for row in world.dashboard.store.rows("select kind, generation, state from documents order by kind, generation")
    ]


def looks_after_restore(world: World) -> int:
    """How often Dinero's documents were listed because a backup was put back."""
    return sum(
        call.path.endswith("/sales") and call.query.get("startDate", "").startswith("2000")
        for call in world.sandbox.calls
    )


def dies(*arguments: Any, **more: Any) -> Any:
    raise KeyboardInterrupt


def test_an_order_taken_back_after_the_backup_is_not_booked_anew_for_an_older_rebook(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, total_price=1.0)  # does not add up: held after its invoice is taken back
    assert [row.result for row in correct(world, 1, Action.REBOOK)] == ["held"]
    save(world, tmp_path)
    edit(world, 1, total_price=make_order()["total_price"])
    assert [row.result for row in world.push(1)] == ["done"]
    assert [row.result for row in correct(world, 1, Action.UNDO)] == ["credited"]
    put_back(world, tmp_path)
    world.push(1)
    assert net(world) == 0, states(world)
    assert world.row(1).state == "credited"


def test_an_order_done_before_and_taken_back_after_the_backup_is_not_credited_twice(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    correct(world, 1, Action.UNDO)
    put_back(world, tmp_path)
    world.order(2, **refund(1))
    world.push()
    assert (net(world), [p["Amount"] for p in world.sandbox.books.payments]) == (Decimal(0), [737, -737])


def test_an_order_booked_anew_after_the_backup_is_not_credited_while_its_new_invoice_stands(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    correct(world, 1, Action.REBOOK)
    put_back(world, tmp_path)
    correct(world, 1, Action.UNDO)
    world.push(1)
    assert (world.row(1).state == "credited") == (net(world) == 0), states(world)


@pytest.mark.usefixtures("deletion")
def test_a_draft_deleted_between_hides_no_later_invoice(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    real = Dinero.book

    def delete_first(self: Dinero, kind: Kind, guid: str, timestamp: str) -> Any:
        if kind == "invoice":
            world.sandbox.books.delete_draft(guid)
        return real(self, kind, guid, timestamp)

    monkeypatch.setattr(Dinero, "book", delete_first)
    correct(world, 1, Action.REBOOK)
    monkeypatch.undo()
    world.push(1)
    assert (world.row(1).state, net(world)) == ("done", Decimal(737))
    put_back(world, tmp_path)
    for _ in range(3):
        world.push(1)
    assert (world.row(1).state, net(world)) == ("done", Decimal(737)), states(world)


def test_a_rebook_of_an_order_under_way_books_it_anew_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    saved_in_the_middle(world, tmp_path, monkeypatch, 1, Dinero, "book")
    correct(world, 1, Action.UNDO)
    put_back(world, tmp_path)
    correct(world, 1, Action.REBOOK)
    assert len([i for i in world.sandbox.books.invoices.values() if i["Status"] == "Booked"]) == 2, states(world)


def two_corrections(world: World, tmp_path: Path) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    correct(world, 1, Action.DIFFERENCE)
    correct(world, 1, Action.UNDO)
    raw = make_order()
    edit(world, 1, **{name: raw[name] for name in ("products", "total_price", "price", "vat")})
    put_back(world, tmp_path)


def test_two_corrections_are_taken_over_though_a_process_dies_between(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_corrections(world, tmp_path)
    for place in range(22):
        put_back(world, tmp_path)
        stops, stops_at_a_mark = dying_at(place)

        monkeypatch.setattr(Documents, "advance", stops)
        monkeypatch.setattr(Documents, "set_mark", stops_at_a_mark)
        with contextlib.suppress(KeyboardInterrupt):
            world.push(1)
        monkeypatch.undo()
        if (begun := world.dashboard.store.operations.next()) is not None:
            world.restart().transfers.run(begun)
        for _ in range(3):
            world.push(1)
        assert world.row(1).state == "credited", (place, states(world))


def test_a_first_correction_that_dinero_does_not_show_once_is_looked_at_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_corrections(world, tmp_path)
    guid = document_guid("210001", "shoporama", "1", Kind.CREDIT_NOTE, 1)
    real, looks = Dinero.document, [0]

    def document(self: Dinero, kind: Kind, wanted: str) -> Any:
        looks[0] += wanted == guid
        if wanted == guid and looks[0] == 2:
            world.sandbox.fault("status", method="GET", path=guid, times=3)
        return real(self, kind, wanted)

    monkeypatch.setattr(Dinero, "document", document)
    for _ in range(3):
        world.push(1)
    assert world.row(1).state == "credited", states(world)


def test_a_new_invoice_that_dinero_does_not_show_stops_no_other_order(world: World, tmp_path: Path) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    correct(world, 1, Action.REBOOK)
    put_back(world, tmp_path)
    world.order(2)
    guid = document_guid("210001", "shoporama", "1", Kind.INVOICE, 2)
    world.sandbox.fault("status", method="GET", path=guid, times=1000)
    world.push()
    world.push()
    assert world.row(2).state == "done"


def test_an_invoice_taken_over_is_not_sent_to_its_ean_number_again(world: World, tmp_path: Path) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    save(world, tmp_path)
    world.push(1)
    edit(world, 1, **municipality(ean_number="5790000000012"))
    put_back(world, tmp_path)
    assert [row.result for row in world.push(1)] == ["refused"]
    correct(world, 1, Action.ACCEPT)
    assert len(world.sandbox.books.e_invoices) == 1


def test_an_invoice_paid_by_hand_and_taken_over_is_not_sent_to_its_ean_again(world: World, tmp_path: Path) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    save(world, tmp_path)
    world.push(1)
    (invoice,) = world.sandbox.books.invoices.values()
    by_hand = {
        "Timestamp": invoice["TimeStamp"],
        "DepositAccountNumber": 55000,
        "Description": "Betalt",
        "Amount": 737,
        "RemainderIsFee": False,
        "PaymentDate": "2026-11-21",
    }
    world.dashboard.connection.dinero().pay_invoice(invoice["Guid"], by_hand)
    edit(world, 1, **municipality(**fewer_pieces()))
    put_back(world, tmp_path)
    world.push(1)
    correct(world, 1, Action.ACCEPT)
    assert len(world.sandbox.books.e_invoices) == 1


def test_an_invoice_taken_over_that_was_not_sent_yet_is_sent_or_said_not_to_be(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    save(world, tmp_path)
    monkeypatch.setattr(Dinero, "send_e_invoice", dies)
    with contextlib.suppress(KeyboardInterrupt):
        world.push(1)
    monkeypatch.undo()
    edit(world, 1, **municipality(**fewer_pieces()))
    put_back(world, tmp_path)
    world.push(1)
    correct(world, 1, Action.ACCEPT)
    assert (world.row(1).state, len(world.sandbox.books.e_invoices)) == ("done", 1)


def test_a_refund_made_after_the_restore_has_the_day_of_its_credit_note(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    world.clock.sleep(14 * 86400)
    monkeypatch.setattr(Dinero, "pay_invoice", dies)
    with contextlib.suppress(KeyboardInterrupt):
        correct(world, 1, Action.UNDO)
    monkeypatch.undo()
    put_back(world, tmp_path)
    world.push(1)
    (note,) = world.sandbox.books.credit_notes.values()
    _, refunded = world.sandbox.books.payments
    assert refunded["PaymentDate"] == note["Date"]


def test_an_invoice_taken_over_is_reconciled_on_the_day_that_dinero_has(world: World, tmp_path: Path) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    world.clock.sleep(20 * 86400)
    edit(world, 1, **fewer_pieces(), paid=world.now())
    put_back(world, tmp_path)
    world.push(1)
    assert [row.result for row in correct(world, 1, Action.ACCEPT)] == ["done"]
    today = world.clock.now().date()
    result = world.dashboard.proof.reconcile(today - timedelta(days=3), today + timedelta(days=1))
    assert (result.left_out, dict(result.counts)) == (0, {})


def test_an_invoice_taken_over_is_credited_to_its_own_customer(world: World, tmp_path: Path) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    edit(world, 1, email="en.anden@example.com")
    put_back(world, tmp_path)
    assert [row.result for row in world.push(1)] == ["refused"]
    assert [row.result for row in correct(world, 1, Action.ACCEPT)] == ["done"]
    assert [row.result for row in correct(world, 1, Action.UNDO)] == ["credited"]
    (invoice,) = world.sandbox.books.invoices.values()
    (note,) = world.sandbox.books.credit_notes.values()
    assert note["ContactGuid"] == invoice["ContactGuid"]


def test_a_payment_that_was_never_registered_is_in_no_sum(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Dinero, "pay_invoice", dies)
    booked_otherwise(world, tmp_path)
    monkeypatch.undo()
    correct(world, 1, Action.ACCEPT)
    today = world.clock.now().date()
    result = world.dashboard.proof.reconcile(today - timedelta(days=60), today + timedelta(days=1))
    assert world.sandbox.books.payments == []
    assert result.accounts == ()
    assert not any("was registered from here" in str(text) for row in result.rows for text in row.texts)


def test_payments_that_can_not_be_read_are_not_taken_for_none(world: World, tmp_path: Path) -> None:
    booked_otherwise(world, tmp_path)
    assert [p["Amount"] for p in world.sandbox.books.payments] == [737]
    world.sandbox.fault("status", method="GET", path=r"/payments$", status=200, body={})
    correct(world, 1, Action.ACCEPT)
    told = [str(step.text) for step in world.dashboard.store.history.list(order=("shoporama", "1"))]
    assert not any("No payment was registered from here" in text for text in told)


def test_nothing_says_that_an_invoice_was_taken_over_while_its_payments_can_not_be_read(
    world: World, tmp_path: Path
) -> None:
    booked_otherwise(world, tmp_path)
    world.sandbox.fault("status", method="GET", path=r"/payments$", times=50)
    correct(world, 1, Action.ACCEPT)
    history = world.dashboard.store.history
    assert history.list(order=("shoporama", "1"), events=["accepted", "done"]) == []
    assert (world.row(1).state, {finding.code for finding in world.row(1).reasons}) == ("refused", {"booked_differs"})
    world.sandbox.faults.clear()
    assert [row.result for row in correct(world, 1, Action.ACCEPT)] == ["done"]
    assert len(history.list(order=("shoporama", "1"), events=["accepted"])) == 1


def test_a_correction_found_with_its_invoice_is_the_orders_state_while_it_is_open(world: World, tmp_path: Path) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    correct(world, 1, Action.UNDO)
    put_back(world, tmp_path)
    no_access = {"code": 90, "message": "no"}
    world.sandbox.fault("status", method="POST", path="/creditnotes$", times=50, status=403, body=no_access)
    with pytest.raises(ConnectionStopped):
        world.push(1)
    assert states(world) == [("credit note", 1, "claimed"), ("invoice", 1, "done")]
    assert world.row(1).state == "claimed"
    assert world.row(1).state in PUSHABLE, "a push of everything takes it up"
    world.sandbox.faults.clear()
    world.push(1)
    assert (world.row(1).state, len(notes(world))) == ("credited", 1)
    assert net(world) == 0


def test_a_take_over_cut_off_between_its_two_notes_counts_on_its_day(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Dinero, "pay_invoice", dies)
    booked_otherwise(world, tmp_path)
    monkeypatch.undo()
    real = Documents.advance

    def stops(*arguments: Any, **more: Any) -> Any:
        if any(isinstance(argument, Event) and argument.event == "done" for argument in arguments):
            raise KeyboardInterrupt
        return real(*arguments, **more)

    monkeypatch.setattr(Documents, "advance", stops)
    with contextlib.suppress(KeyboardInterrupt):
        correct(world, 1, Action.ACCEPT)
    monkeypatch.undo()
    world.restart().transfers.run(str(world.dashboard.store.operations.next()))
    world.push()
    assert (world.row(1).state, bool(world.row(1).done_on)) == ("done", True)


def test_a_take_over_cut_off_before_its_end_is_brought_to_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked_otherwise(world, tmp_path)
    real, looks = Dinero.payments, [0]

    def stops(self: Dinero, *arguments: Any) -> Any:
        looks[0] += 1
        if looks[0] == 2:
            raise KeyboardInterrupt
        return real(self, *arguments)

    monkeypatch.setattr(Dinero, "payments", stops)
    with contextlib.suppress(KeyboardInterrupt):
        correct(world, 1, Action.ACCEPT)
    monkeypatch.undo()
    begun = str(world.dashboard.store.operations.next())
    world.restart().transfers.run(begun)
    assert [(row.result, row.result_reasons) for row in world.dashboard.store.operations.orders_of(begun)] == [
        ("done", ())
    ]


def test_what_a_return_took_back_after_the_backup_is_not_credited_again(world: World, tmp_path: Path) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    one = {**make_order()["products"][0], "amount": -1}
    world.order(
        2,
        products=[one],
        total_price=-149.5,
        price=-149.5,
        vat=-29.9,
        shipping_price=0,
        paid=None,
        credited_order_id=1,
        status="new",
    )
    assert [row.result for row in world.push(2)] == ["done"]
    put_back(world, tmp_path)
    assert world.row(2).state == "waiting"
    (row,) = correct(world, 1, Action.UNDO)
    assert [finding.code for finding in row.result_reasons] == ["found_credit"]
    assert world.row(2).state == "done"
    correct(world, 1, Action.UNDO)
    assert (net(world), [p["Amount"] for p in world.sandbox.books.payments]) == (Decimal(0), [737, -149.5, -587.5])
    assert {world.row(1).state, world.row(2).state} <= {"credited", "done"}


def test_the_look_after_a_restore_is_made_once(world: World, tmp_path: Path) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    put_back(world, tmp_path)

    for number in (2, 3):
        world.order(number)
        world.push(number)
    assert looks_after_restore(world) == 1
    put_back(world, tmp_path)
    world.order(4)
    world.push(4)
    assert looks_after_restore(world) == 2


def test_a_credit_note_of_an_order_that_was_not_fetched_yet_stops_the_transfer_with_what_to_do(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    world.order(2, **refund(1))
    world.push(2)
    restore(world.dashboard.store.folder, tmp_path / "backup.db", clock=world.clock)
    with contextlib.suppress(DashboardError):
        correct(world, 1, Action.UNDO)
    (operation, *_) = world.dashboard.store.operations.list()
    assert operation.status == "stopped"
    assert "Fetch the orders" in operation.reasons[0].text.message
    world.dashboard.orders.fetch()
    world.push()
    assert net(world) == 0


# --- what is left of an invoice, when its returns are not known here ------------------------------------------------


def sold_and_one_cup_back(world: World, tmp_path: Path) -> None:
    """Order 1 was booked, and order 2 credited a cup of it, after the backup."""
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    world.order(2, **cup_back(1))
    world.push(2)


def test_an_invoice_is_not_taken_back_whole_when_neither_it_nor_its_return_was_known(
    world: World, tmp_path: Path
) -> None:
    sold_and_one_cup_back(world, tmp_path)
    put_back(world, tmp_path)
    world.push(1)
    (row,) = correct(world, 1, Action.UNDO)
    assert [finding.code for finding in row.result_reasons] == ["found_credit"]
    correct(world, 1, Action.UNDO)
    assert (world.row(1).state, world.row(2).state, net(world)) == ("credited", "done", Decimal(0)), states(world)


def test_a_return_in_the_same_transfer_as_one_that_was_not_known_takes_no_more_than_is_left(
    world: World, tmp_path: Path
) -> None:
    sold_and_one_cup_back(world, tmp_path)
    world.order(3, **refund(1))
    put_back(world, tmp_path)
    operation_id = str(uuid.uuid4())
    world.dashboard.transfers.push(operation_id, [("shoporama", number) for number in "132"], actor="test")
    world.dashboard.transfers.run(operation_id)
    assert (world.row(2).state, world.row(3).state, net(world)) == ("done", "held", Decimal("587.5")), states(world)


def test_an_order_under_way_is_not_taken_back_whole_when_its_return_was_not_known(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    saved_in_the_middle(world, tmp_path, monkeypatch, 1, Dinero, "book")
    world.order(2, **cup_back(1))
    world.push(2)
    put_back(world, tmp_path)
    (row,) = correct(world, 1, Action.UNDO)
    assert [finding.code for finding in row.result_reasons] == ["found_credit"]
    correct(world, 1, Action.UNDO)
    assert (world.row(1).state, net(world)) == ("credited", Decimal(0)), states(world)


def test_an_invoice_that_a_return_and_a_correction_took_back_is_credited(world: World, tmp_path: Path) -> None:
    sold_and_one_cup_back(world, tmp_path)
    correct(world, 1, Action.UNDO)
    put_back(world, tmp_path)
    for _ in range(2):
        world.push()
    assert (world.row(1).state, world.row(2).state, net(world)) == ("credited", "done", Decimal(0)), states(world)


def test_a_return_is_not_measured_by_an_invoice_that_dinero_has_otherwise(world: World, tmp_path: Path) -> None:
    world.order(1, **fewer_pieces())
    save(world, tmp_path)
    world.push(1)
    raw = make_order()
    edit(world, 1, **{name: raw[name] for name in ("products", "total_price", "price", "vat")})
    put_back(world, tmp_path)
    assert [row.result for row in world.push(1)] == ["refused"]
    world.order(2, **refund(1))
    assert [row.result for row in world.push(2)] == ["not due"]
    correct(world, 1, Action.ACCEPT)
    assert [row.result for row in world.push(2)] == ["held"], "it is over more than the invoice"
    assert net(world) == 587.5


def test_a_return_of_an_invoice_booked_anew_is_not_taken_for_one_of_the_first(world: World, tmp_path: Path) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **cup_back(1))
    save(world, tmp_path)
    correct(world, 1, Action.REBOOK)
    world.push(2)
    put_back(world, tmp_path)
    for _ in range(3):
        world.push(2)
    (document,) = world.dashboard.store.rows("select credit_for from documents where subject = '2'")
    (note,) = [note for note in notes(world) if note["ExternalReference"] == "shoporama:2"]
    assert document["credit_for"] == note["CreditNoteFor"]
    assert (world.row(1).state, world.row(2).state, net(world)) == ("done", "done", Decimal("587.5")), states(world)


def test_a_return_that_was_only_claimed_in_the_backup_counts(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **cup_back(1))
    saved_in_the_middle(world, tmp_path, monkeypatch, 2, Documents, "advance")
    put_back(world, tmp_path)
    for _ in range(2):
        correct(world, 1, Action.UNDO)
    assert (world.row(1).state, net(world)) == ("credited", Decimal(0)), states(world)


# --- a credit note in Dinero that can't be taken over ---------------------------------------------------------------


def codes(row: OperationOrder) -> list[str]:
    return [finding.code for finding in row.result_reasons]


def one_cup_back_of_a_lost_order(world: World, tmp_path: Path) -> None:
    """A cup of order 1 was credited after the backup, by order 2, which the shop no longer has."""
    world.order(2, **cup_back(1))
    assert [row.result for row in world.push(2)] == ["done"]
    world.sandbox.shop.orders[:] = [raw for raw in world.sandbox.shop.orders if raw["order_id"] != 2]
    put_back(world, tmp_path)


@pytest.mark.parametrize("asked", ["a return", Action.UNDO, Action.REBOOK])
def test_nothing_more_is_credited_of_an_invoice_with_a_credit_note_that_is_not_known_here(
    world: World, tmp_path: Path, asked: str
) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    one_cup_back_of_a_lost_order(world, tmp_path)
    if asked == "a return":
        world.order(3, **refund(1))
        (row,) = world.push(3)
        assert (row.result, world.row(3).state) == ("waiting", "waiting")
    else:
        (row,) = correct(world, 1, asked)
        assert (row.result, world.row(1).state) == ("done", "done")
    assert codes(row) == ["unknown_credit"]
    assert net(world) == 587.5


def test_a_return_that_dinero_has_of_another_invoice_than_the_shop_now_says_waits(world: World, tmp_path: Path) -> None:
    for number in (1, 3):
        world.order(number, email="ib@example.com")
    world.push()
    save(world, tmp_path)
    world.order(2, **cup_back(3))
    world.push(2)
    edit(world, 2, **cup_back(1, email="ib@example.com"))
    put_back(world, tmp_path)
    (row,) = world.push(2)
    assert (row.result, codes(row)) == ("waiting", ["unknown_credit"])
    assert net(world) == 2 * 737 - 149.5


def test_a_correction_is_not_settled_while_a_credit_note_of_its_invoice_is_not_known_here(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push(1)
    edit(world, 1, **fewer_pieces())
    monkeypatch.setattr(Dinero, "book", dies)
    with contextlib.suppress(KeyboardInterrupt):
        correct(world, 1, Action.DIFFERENCE)
    monkeypatch.undo()
    save(world, tmp_path)
    world.restart().transfers.run(str(world.dashboard.store.operations.next()))
    one_cup_back_of_a_lost_order(world, tmp_path)
    (row,) = world.push(1)
    assert (row.result, codes(row)) == ("unsure", ["unknown_credit"])
    assert net(world) == 737 - 2 * Decimal("149.5")


def test_a_draft_of_a_correction_that_dinero_has_takes_nothing_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    monkeypatch.setattr(Dinero, "book", dies)
    with contextlib.suppress(KeyboardInterrupt):
        correct(world, 1, Action.UNDO)
    monkeypatch.undo()
    assert [note["Status"] for note in world.sandbox.books.credit_notes.values()] == ["Draft"]
    put_back(world, tmp_path)
    assert [row.result for row in world.push(1)] == ["done"]
    assert (world.row(1).state, states(world)) == ("done", [("invoice", 1, "done")])
    assert net(world) == 737


# --- what is not transferred anew, and who else works ---------------------------------------------------------------


def test_an_order_that_was_cancelled_after_it_was_booked_says_that_dinero_has_its_invoice(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    edit(world, 1, status="cancelled", paid=None)
    put_back(world, tmp_path)
    assert world.row(1).state == "ignored"
    world.push()
    codes = [finding.code for finding in world.row(1).reasons]
    assert (world.row(1).state, codes) == ("held", ["already_in_dinero", "cancelled"])


def test_an_order_booked_anew_that_was_cancelled_is_not_said_to_be_twice_in_dinero(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    correct(world, 1, Action.REBOOK)
    edit(world, 1, status="cancelled")
    put_back(world, tmp_path)
    world.push()
    today = world.clock.now().date()
    result = world.dashboard.proof.reconcile(today - timedelta(days=60), today)
    assert (world.row(1).state, result.doubled, result.counts["unknown"]) == ("held", 0, 1)


def test_a_worker_that_slept_while_it_looked_for_the_next_invoice_does_not_let_a_third_be_booked(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    save(world, tmp_path)
    world.push(1)
    correct(world, 1, Action.REBOOK)
    put_back(world, tmp_path)
    other, real, slept = world.restart(), Dinero.invoice, list[str]()
    second = document_guid("210001", "shoporama", "1", Kind.INVOICE, 2)

    def sleeps(self: Dinero, guid: str) -> Any:
        answer = real(self, guid)
        if guid == second and not slept:
            slept.append(guid)
            world.clock.sleep(1000)
            other.transfers.push("other", ids(other.store.orders.list()), actor="other")
            while (begun := other.store.operations.next()) is not None:
                other.transfers.run(begun)
        return answer

    monkeypatch.setattr(Dinero, "invoice", sleeps)
    world.push(1)
    monkeypatch.undo()
    assert slept
    for _ in range(2):
        world.push()
    assert (world.row(1).state, net(world)) == ("done", Decimal(737)), states(world)


def test_a_credit_note_of_an_order_that_the_shop_no_longer_has_stops_no_other_order(
    world: World, tmp_path: Path
) -> None:
    world.order(1)
    world.push(1)
    save(world, tmp_path)
    world.order(2)
    world.push(2)
    correct(world, 2, Action.UNDO)
    world.sandbox.shop.orders = [raw for raw in world.sandbox.shop.orders if raw["order_id"] != 2]
    put_back(world, tmp_path)
    for number in (3, 4):
        world.order(number)
        assert [row.result for row in world.push(number)] == ["done"]
    assert looks_after_restore(world) == 1, "there is nothing to find any more"
