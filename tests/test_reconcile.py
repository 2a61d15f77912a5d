"""The proof of completeness: what is in both, missing, differing, twice or unknown, and what the accountant gets."""

import copy
import csv
import io
import re
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from conftest import World
from dinero.api.client import Dinero
from dinero.model.documents import Action, OrderKey, State
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.plans import Kind
from dinero.model.responses import SalesDocument
from dinero.reports.cells import cell
from dinero.reports.export import reconciliation_csv, reconciliation_pdf
from dinero.reports.reconcile import ACTIONS, DIFFERS, EQUAL, MISSING, TWICE, UNKNOWN, Reconciliation, from_json

YEAR = date(2026, 1, 1), date(2026, 12, 31)


def compare(world: World) -> Reconciliation:
    return world.dashboard.proof.reconcile(*YEAR)


def statuses(result: Reconciliation) -> dict[str, str]:
    return {row.number or row.invoice_number: row.status for row in result.rows}


def test_transferred_orders_are_in_both_and_equal(world: World) -> None:
    world.order(1)
    world.order(2)
    world.push()
    result = compare(world)
    assert statuses(result) == {"1001": EQUAL, "1002": EQUAL}
    assert result.fine
    assert (result.doubled, result.left_out) == (0, 0)


def test_the_totals_are_those_of_dinero_by_zone_and_by_booking_account(world: World) -> None:
    world.order(1)
    world.push()
    result = compare(world)
    assert [(t.name, t.net, t.vat, t.gross) for t in result.zones] == [("domestic", 58960, 14740, 73700)]
    assert [(t.name, t.gross) for t in result.accounts] == [("55100 Webshop salg", 73700)]


def test_a_document_that_is_gone_from_dinero_is_missing_and_counts_as_left_out(world: World) -> None:
    world.order(1)
    world.push()
    world.sandbox.books.invoices.clear()
    result = compare(world)
    assert statuses(result) == {"1001": MISSING}
    assert (result.left_out, result.fine) == (1, False)


def test_an_order_that_a_transfer_has_begun_is_under_way_and_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    world.order(1)
    monkeypatch.setattr(Dinero, "book", dies)
    with pytest.raises(KeyboardInterrupt):
        world.push()
    result = compare(world)
    assert statuses(result) == {"1001": "verified"}
    assert (result.left_out, result.fine) == (0, True)
    assert "verified" in ACTIONS, "what to do is told beside it"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TotalInclVat": 738}, "totalen"),
        ({"TotalExclVat": 600}, "momsen"),
        ({"Currency": "EUR"}, "EUR"),
        ({"Date": "2026-11-19"}, "19. nov"),
        ({"Number": 99}, "99"),
        ({"PaymentStatus": "Overdue"}, "betalt"),
    ],
)
def test_a_document_that_differs_says_how(world: World, change: dict[str, Any], said: str) -> None:
    world.order(1)
    world.push()
    (invoice,) = world.sandbox.books.invoices.values()
    invoice |= change
    (row,) = compare(world).rows
    assert row.status == DIFFERS
    assert said in " ".join(str(text) for text in row.texts).lower() or said in " ".join(str(t) for t in row.texts)


def test_a_second_invoice_with_our_reference_is_told_as_twice(world: World) -> None:
    world.order(1)
    world.push()
    invoices = world.sandbox.books.invoices
    (invoice,) = invoices.values()
    other = copy.deepcopy(invoice) | {"Guid": str(uuid.uuid4()), "Number": 77}
    invoices[other["Guid"]] = other
    result = compare(world)
    assert sorted(row.status for row in result.rows) == [EQUAL, TWICE]
    assert result.doubled == 1


def test_an_invoice_of_an_order_that_the_shop_does_not_know_is_told_as_unknown(world: World) -> None:
    world.order(1)
    world.push()
    invoices = world.sandbox.books.invoices
    (invoice,) = invoices.values()
    invoices["x"] = copy.deepcopy(invoice) | {"Guid": "x", "Number": 78, "ExternalReference": "shoporama:999"}
    assert sorted(row.status for row in compare(world).rows) == [EQUAL, UNKNOWN]


def test_documents_of_others_are_left_alone(world: World) -> None:
    world.order(1)
    world.push()
    invoices = world.sandbox.books.invoices
    (invoice,) = invoices.values()
    invoices["x"] = copy.deepcopy(invoice) | {"Guid": "x", "Number": 78, "ExternalReference": None}
    assert compare(world).fine


def test_what_was_deleted_in_dinero_and_drafts_of_others_are_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    world.push()
    real = Dinero.sales

    def deleted_too(self: Dinero, first: date, last: date) -> Iterator[SalesDocument]:
        for row in real(self, first, last):
            yield row
            yield replace(row, guid=str(uuid.uuid4()), number="77", deleted=True)

    monkeypatch.setattr(Dinero, "sales", deleted_too)
    second(world, Status="Draft", PaymentStatus="Draft", Number=None)
    second(world, Status="Draft", PaymentStatus="Draft", Number=None, ExternalReference="shoporama:999")
    assert statuses(compare(world)) == {"1001": EQUAL}
    assert compare(world).fine


def test_a_document_that_dinero_dates_in_the_period_and_we_do_not_is_ours_with_another_date(world: World) -> None:
    world.order(1)
    world.push()
    (invoice,) = world.sandbox.books.invoices.values()
    invoice["Date"] = "2026-10-15"
    (row,) = world.dashboard.proof.reconcile(date(2026, 10, 1), date(2026, 10, 31)).rows
    assert (row.status, row.number) == (DIFFERS, "1001")
    assert "15. okt" in str(row.texts[0]) or "15 Oct" in str(row.texts[0])


def test_a_document_whose_order_the_shop_changed_differs_and_says_so(world: World) -> None:
    world.order(1)
    world.push()
    world.clock.sleep(60)
    world.order(1, status="cancelled")
    (row,) = compare(world).rows
    assert row.status == DIFFERS
    assert [text.render("en") for text in row.texts] == ["The order was changed in the shop after it was booked."]


def test_an_order_that_was_taken_back_and_can_not_be_booked_anew_is_told_with_its_reason(world: World) -> None:
    world.order(1)
    world.push()
    world.clock.sleep(60)
    world.order(1, total_price=1, price=1)
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(1), Action.REBOOK, reason="fejl", actor="test")
    world.dashboard.transfers.run(operation_id)
    result = compare(world)
    assert sorted(row.status for row in result.rows) == [EQUAL, EQUAL, "held"]
    assert [bool(row.texts) for row in result.rows if row.status == "held"] == [True]


def test_a_document_of_an_order_that_is_to_be_booked_anew_is_unknown_and_not_its_second(world: World) -> None:
    test_an_order_that_was_taken_back_and_can_not_be_booked_anew_is_told_with_its_reason(world)
    second(world)
    result = compare(world)
    assert (result.counts[UNKNOWN], result.counts[TWICE], result.doubled) == (1, 0, 0)


def test_an_order_without_a_reason_counts_as_left_out(world: World) -> None:
    world.order(1, paid=None, status="new")
    assert compare(world).left_out == 0
    world.dashboard.store.orders.set_states([(OrderKey("shoporama", "1"), State.HELD, [])])
    result = compare(world)
    assert (result.left_out, result.fine) == (1, False)


def test_an_order_that_was_taken_back_and_booked_anew_is_not_twice(world: World) -> None:
    world.order(1)
    world.push()
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(1), Action.REBOOK, reason="fejl", actor="test")
    world.dashboard.transfers.run(operation_id)
    result = compare(world)
    assert [row.status for row in result.rows] == [EQUAL] * 3
    assert (result.doubled, result.left_out, result.fine) == (0, 0, True)
    assert [t.gross for t in result.zones] == [73700]
    assert [t.gross for t in result.accounts] == [73700]


def test_orders_without_a_document_are_there_with_their_state_and_reason(world: World) -> None:
    world.order(1, total_price=1, price=1)
    world.order(2, paid=None, status="new")
    world.order(3)
    result = compare(world)
    assert statuses(result) == {"1001": "held", "1002": "not due", "1003": "waiting"}
    assert all(row.reasons for row in result.rows if row.status != "waiting")
    assert result.left_out == 0


def test_a_comparison_of_five_thousand_orders_takes_at_most_fifteen_calls(world: World) -> None:
    world.order(1)
    world.push()
    (invoice,) = world.sandbox.books.invoices.values()
    with world.dashboard.store.transaction() as db:
        order = next(iter(db.query("select * from orders")))
        document = next(iter(db.query("select * from documents")))
        for n in range(2, 5001):
            guid = str(uuid.UUID(int=n))
            world.sandbox.books.invoices[guid] = invoice | {
                "Guid": guid,
                "Number": n,
                "ExternalReference": f"shoporama:{n}",
            }
            names = ", ".join(order)
            db.execute(
                f"insert into orders ({names}) values ({', '.join('?' for _ in order)})",  # noqa: S608
                list((order | {"id": str(n), "number": str(1000 + n)}).values()),
            )
            new = document | {"id": n, "subject": str(n), "guid": guid, "invoice_number": str(n)}
            names = ", ".join(new)
            db.execute(
                f"insert into documents ({names}) values ({', '.join('?' for _ in new)})",  # noqa: S608
                list(new.values()),
            )
    result = compare(world)
    assert result.counts == {EQUAL: 5000}
    assert result.calls <= 15


def test_the_result_is_kept_and_noted_in_the_history(world: World) -> None:
    world.order(1)
    world.push()
    result = compare(world)
    dashboard = world.dashboard
    assert dashboard.proof.whole() == result == from_json(result.to_json())
    assert dashboard.proof.last() == replace(result, rows=())
    assert dashboard.proof.entries((), limit=10, offset=0) == list(result.rows)
    assert dashboard.proof.entries((EQUAL,), limit=10, offset=0) == [row for row in result.rows if row.status == EQUAL]
    assert dashboard.proof.entries((), limit=10, offset=len(result.rows)) == []
    assert "reconciled" in [row.event for row in world.dashboard.store.history.list()]


FORMULAS = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


def test_the_csv_has_every_row_and_no_formulas(world: World) -> None:
    world.order(1, order_name='=cmd|" /C calc"!A0', email="a@example.com")
    world.order(2, order_name="Åse; Ørum", email="b@example.com")
    world.push()
    text = reconciliation_csv(compare(world), "da")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 3
    customers = {row[3] for row in rows[1:]}
    assert customers == {'\'=cmd|" /C calc"!A0', "Åse; Ørum"}
    assert {row[6] for row in rows[1:]} == {"737,00"}


@pytest.mark.parametrize("name", ["<b>Ib</b> **fed** {\\rtf}", "李小龍 🏺", "Ærø " * 80])
def test_the_pdf_takes_any_name(world: World, name: str) -> None:
    world.order(1, order_name=name)
    world.push()
    pdf = reconciliation_pdf(compare(world), "Åse & <Søn>", "da")
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 1000


def test_an_amount_below_zero_has_a_hyphen_in_files_and_none_is_a_question_mark(world: World) -> None:
    world.order(1)
    world.push()
    text = Text("The total in Dinero is {there}, but the order's is {here}.", there=Money(-29900), here=Money(-19900))
    (row,) = compare(world).rows
    result = replace(
        compare(world), rows=(replace(row, ours=-29900, theirs=-29900, status=DIFFERS, reasons=[text.to_json()]),)
    )
    streams = re.findall(rb"stream\n(.*?)\nendstream", reconciliation_pdf(result, "Åse", "da"), re.DOTALL)
    told = b"".join(zlib.decompress(stream) for stream in streams)
    assert told.count(b"(-299,00 kr.)") == 2
    assert b"Totalen i Dinero er -299,00 kr." in told
    assert list(csv.reader(io.StringIO(reconciliation_csv(result, "da")), delimiter=";"))[1][6:8] == ["-299,00"] * 2


def test_what_was_booked_in_another_organization_is_not_missing_in_this_one(world: World) -> None:
    world.order(1)
    world.push()
    world.sandbox.books.organizations["210002"] |= {"HasPro": True, "Personal": True}
    world.dashboard.accounts.choose_organization("210002")
    world.sandbox.books.invoices.clear()  # the sandbox has one ledger for all organizations
    assert (compare(world).rows, compare(world).left_out) == ((), 0)


def test_a_draft_that_was_given_up_here_and_booked_in_dinero_after_all_is_twice(world: World) -> None:
    world.order(1)
    books, store = world.sandbox.books, world.dashboard.store
    world.sandbox.fault("status", method="POST", path="/book$", status=400, body={"code": 45, "message": "no"})
    world.push()
    (draft,) = books.invoices.values()
    draft["DeletedAt"] = "2026-11-24T10:00:00.000Z"
    world.push()
    assert world.row(1).state == "refused"
    world.push()
    assert store.row("select count(*) as n from documents") == {"n": 2}
    draft["DeletedAt"] = None
    books.book(draft["Guid"], {"timestamp": draft["TimeStamp"]})
    assert compare(world).doubled == 1


def second(world: World, number: int = 1, **changes: Any) -> None:
    """Another booked document in Dinero, like the first invoice of an order but for `changes`."""
    invoices = world.sandbox.books.invoices
    first = next(row for row in invoices.values() if row["ExternalReference"] == f"shoporama:{number}")
    guid = str(uuid.uuid4())
    invoices[guid] = copy.deepcopy(first) | {"Guid": guid, "Number": 900 + len(invoices)} | changes


def known_here(world: World) -> None:
    """What Dinero has more of order 1 is known here too: booked by a second generation of its invoice."""
    with world.dashboard.store.transaction() as db:
        known = {row["guid"] for row in db.query("select guid from documents")}
        document = next(iter(db.query("select * from documents where subject = '1'")))
        for guid, invoice in world.sandbox.books.invoices.items():
            if guid not in known:
                row = document | {
                    "guid": guid,
                    "id": None,
                    "invoice_number": str(invoice["Number"]),
                    "current": 0,
                    "generation": invoice["Number"],
                }
                db.execute(
                    f"insert into documents ({', '.join(row)}) values ({', '.join('?' for _ in row)})",  # noqa: S608
                    list(row.values()),
                )


@pytest.mark.parametrize("more", [1, 2])
def test_two_invoices_of_an_order_that_are_both_known_here_are_one_too_many(world: World, more: int) -> None:
    world.order(1)
    world.order(2)
    world.push()
    for _ in range(more):
        second(world)
    known_here(world)
    result = compare(world)
    assert sorted(row.status for row in result.rows) == sorted([EQUAL, EQUAL, *[TWICE] * more])
    assert (result.doubled, result.fine) == (more, False)
    assert all(row.texts for row in result.rows if row.status == TWICE)


def test_two_unknown_invoices_of_an_unknown_order_are_one_too_many(world: World) -> None:
    world.order(1)
    world.push()
    for _ in range(2):
        second(world, ExternalReference="shoporama:999")
    result = compare(world)
    assert sorted(row.status for row in result.rows) == sorted([EQUAL, TWICE, UNKNOWN])
    assert result.doubled == 1


def credit(world: World, ore: int) -> None:
    """A booked credit note for order 1 in Dinero that nothing here knows of, over a part of its invoice (737.00)."""
    notes, (invoice, *_) = world.sandbox.books.credit_notes, world.sandbox.books.invoices.values()
    guid = str(uuid.uuid4())
    notes[guid] = copy.deepcopy(invoice) | {
        "Guid": guid,
        "Number": 500 + len(notes),
        "ExternalReference": f"shoporama:1:credit:{len(notes) + 1}",
        "TotalInclVat": ore / 100,
        "TotalExclVat": round(ore * 0.8) / 100,
    }


@pytest.mark.parametrize(
    ("credited", "doubled"),
    [([], 1), ([73700], 0), ([10000], 1), ([10000, 63700], 0), ([10000, 60000], 1), ([73699], 1)],
)
def test_a_credit_note_takes_an_invoice_back_only_if_it_credits_all_of_it(
    world: World, credited: list[int], doubled: int
) -> None:
    world.order(1)
    world.push()
    second(world)
    known_here(world)
    for ore in credited:
        credit(world, ore)
    twice = [row for row in compare(world).rows if row.status == TWICE and row.kind == Kind.INVOICE]
    assert len(twice) == doubled


def test_an_order_taken_back_after_the_period_and_booked_anew_in_it_is_not_twice(world: World) -> None:
    world.order(1, time="2026-11-02 12:00:00", paid="2026-11-02 12:00:00")
    world.push()
    world.clock.advance(14 * 86_400)
    operation_id = str(uuid.uuid4())
    world.dashboard.corrections.start(operation_id, world.row(1), Action.REBOOK, reason="fejl", actor="test")
    world.dashboard.transfers.run(operation_id)
    books = world.sandbox.books.invoices.values()
    assert sum(row["Date"] < "2026-12-01" for row in books) == 2
    result = world.dashboard.proof.reconcile(date(2026, 11, 1), date(2026, 11, 30))
    assert (result.doubled, result.fine) == (0, True)


def test_a_comparison_has_every_document_and_every_order_however_many_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 12):
        world.order(number, **({"total_price": 1, "price": 1} if number > 6 else {}))
    world.push()
    for part in ("documents", "search"):  # all of the same day and second
        monkeypatch.setattr(f"dinero.store.{part}.READ_AT_ONCE", 2)
    assert compare(world).counts == {EQUAL: 6, "held": 5}
