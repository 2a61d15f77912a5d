"""After Dinero's clear no, and after a look that failed: looked at once, said once and as it is, and nothing sent that
was not to be sent."""

import re
from typing import Any

import pytest

from conftest import World
from dinero.model.documents import Document, Mark, OrderKey
from dinero.model.errors import UNREAD, ConnectionStopped
from dinero.model.plans import Kind
from test_corrections import municipality, refund
from test_exactly_once import codes, expect_one_of_each

INVOICE = r"/invoices/[^/]+$"
NO_ACCESS = {"status": 403, "body": {"code": 90, "message": "no"}}
TOO_LARGE = {"status": 400, "body": {"code": 43, "message": "no"}}
MAX_CALLS = 20  # of a whole push that meets one no; one that goes in circles needs many more


def document_of(world: World, number: int, kind: Kind = Kind.INVOICE) -> Document:
    found = world.dashboard.store.documents.newest(OrderKey("shoporama", str(number)), kind)
    assert found is not None
    return found


def events(world: World, number: int, event: str) -> int:
    """How many rows of this kind an order's history has."""
    return len(world.dashboard.store.history.list(order=("shoporama", str(number)), events=[event]))


def calls_in(world: World, number: int) -> int:
    """How many calls to Dinero the push of an order takes."""
    before = len(world.sandbox.calls)
    world.push(number)
    return sum(call.path.startswith("/v") for call in world.sandbox.calls[before:])


# --- a no that stays a no ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/book$", 409, "72"),
        ("/payments$", 409, "72"),
        ("/e-invoice$", 409, "72"),
        ("/invoices$", 400, "58"),
    ],
)
def test_a_no_that_stays_a_no_is_looked_at_once_and_refused_with_its_code(
    world: World, path: str, status: int, code: str
) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **(municipality() if "e-invoice" in path else {}))
    said = {"code": int(code), "message": "no"}
    world.sandbox.fault("status", method="POST", path=path, times=500, status=status, body=said)
    assert calls_in(world, 1) <= MAX_CALLS
    sent = [call for call in world.sandbox.calls if call.method == "POST" and re.search(path, call.path)]
    assert len(sent) == 1, "a no is no reason to send it again"
    assert (world.row(1).state, codes(world.row(1).reasons)) == ("refused", [code])
    world.sandbox.faults.clear()
    world.push(1)
    assert world.row(1).state == "done"


def test_a_refused_payment_stays_refused_with_its_reason_when_the_next_look_stops_the_run(world: World) -> None:
    world.order(1)
    world.sandbox.fault("status", method="POST", path="/payments$", **TOO_LARGE)
    world.push()
    assert codes(world.row(1).reasons) == ["43"]
    world.sandbox.fault("status", method="GET", path=INVOICE, times=50, **NO_ACCESS)
    with pytest.raises(ConnectionStopped):
        world.push()
    assert (world.row(1).state, codes(world.row(1).reasons)) == ("refused", ["43"])
    world.sandbox.faults.clear()
    world.push()
    expect_one_of_each(world)


def test_an_e_invoice_that_was_refused_is_sent_though_the_owner_mailed_the_invoice_since(world: World) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    no_such_number = {"code": 56, "message": "no such EAN number"}
    world.sandbox.fault("status", method="POST", path="/e-invoice$", status=400, body=no_such_number)
    assert [row.result for row in world.push(1)] == ["refused"]
    (invoice,) = world.sandbox.books.invoices.values()
    invoice |= {"MailOutStatus": "Sent", "LatestMailOutType": "Mailout"}
    assert [row.result for row in world.push(1)] == ["done"]
    assert len(world.sandbox.books.e_invoices) == 1


@pytest.mark.parametrize("is_in_doubt", [True, False], ids=["payment in doubt", "payment refused"])
@pytest.mark.parametrize("status", [404, 400])
def test_a_booked_invoice_that_dinero_no_longer_knows_is_refused_and_never_made_anew(
    world: World, is_in_doubt: bool, status: int
) -> None:
    world.order(1)
    world.sandbox.fault("drop" if is_in_doubt else "status", method="POST", path="/payments$", **TOO_LARGE)
    if is_in_doubt:
        world.sandbox.fault("status", method="GET", path=INVOICE, times=50)
    world.push()
    assert document_of(world, 1).pending is (Mark.PAY if is_in_doubt else None)
    before = world.writes()
    world.sandbox.faults.clear()
    unknown = {"code": 63, "message": "no such invoice"}
    world.sandbox.fault("status", method="GET", path=INVOICE, times=50, status=status, body=unknown)
    for _ in range(2):
        assert [row.result for row in world.push()] == ["refused"]
        assert codes(world.row(1).reasons) == ["63"]
    assert world.writes() == before
    assert (document_of(world, 1).is_booked, document_of(world, 1).generation) == (True, 1)
    world.sandbox.faults.clear()
    world.push()
    expect_one_of_each(world)


# --- what could not be read --------------------------------------------------------------------------------------


def test_a_credit_note_whose_invoice_can_not_be_read_is_said_to_be_unsure_once(world: World) -> None:
    world.order(1)
    world.push()
    world.order(2, **refund(1))
    world.sandbox.fault("status", method="GET", path=INVOICE, times=500)
    for _ in range(4):
        assert [row.result for row in world.push(2)] == ["unsure"]
    assert document_of(world, 2, Kind.CREDIT_NOTE).is_booked
    assert events(world, 2, "unsure") == 1
    world.sandbox.faults.clear()
    assert [row.result for row in world.push(2)] == ["done"]
    assert [payment["Amount"] for payment in world.sandbox.books.payments] == [737, -737]


def test_an_order_says_why_it_is_unsure_now_and_not_why_it_was_before(world: World) -> None:
    world.order(1)
    busy: dict[str, Any] = {"status": 429, "body": "API calls quota exceeded!"}
    world.sandbox.fault("drop", method="POST", path="/book$")
    world.sandbox.fault("status", method="GET", path=INVOICE, times=50, **busy)
    world.push()
    assert [finding.text for finding in world.row(1).reasons] != [UNREAD]
    world.sandbox.faults.clear()
    world.sandbox.fault("status", method="GET", path=INVOICE, times=50)
    world.push()
    assert [finding.text for finding in world.row(1).reasons] == [UNREAD]
    assert [finding.text for finding in document_of(world, 1).reasons] == [UNREAD]


@pytest.mark.parametrize("left", ["in doubt", "refused"])
def test_a_booked_invoice_that_dinero_has_otherwise_now_is_never_paid_from_here(world: World, left: str) -> None:
    world.order(1)
    trouble = {"status": 500} if left == "in doubt" else TOO_LARGE
    world.sandbox.fault("status", method="POST", path="/payments$", **trouble)
    world.sandbox.fault("status", method="GET", path=r"/payments$", times=9, status=500)
    world.push(1)
    world.sandbox.faults.clear()
    (invoice,) = world.sandbox.books.invoices.values()
    invoice["TotalInclVat"] += 1
    (row,) = world.push(1)
    assert (row.result, codes(row.result_reasons)) == ("refused", ["booked_differs", "booked_differs"])
    assert world.sandbox.books.payments == []
