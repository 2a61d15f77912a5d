"""The sandbox's kassekladde: what a payout meets there, and the switches by which tests make it late or fail."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from caller import Caller, error
from dinero.model.clock import SimulatedClock
from test_sandbox_documents import balances

BANK = {"Description": "Udbetaling", "AccountNumber": 55000, "AccountVatCode": "none", "Amount": 241}
FEE = {"Description": "Gebyr", "AccountNumber": 7420, "AccountVatCode": "none", "Amount": 8}


def item(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    against = {"BalancingAccountNumber": 55100, "BalancingAccountVatCode": "none"}
    return {
        "Id": str(uuid.uuid4()),
        "VoucherDate": "2026-11-20",
        "Lines": [line | against for line in lines],
    } | more


def made(dinero: Caller, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An item that lies in the ledger: Id and Version."""
    found: dict[str, Any] = dinero("POST", "/v1.2/ORG/ledgeritems", [item(*lines, **more)]).json()
    return found


def book(dinero: Caller, *items: dict[str, Any]) -> requests.Response:
    return dinero("POST", "/v1/ORG/ledgeritems/book", list(items))


def status(dinero: Caller, one: dict[str, Any]) -> tuple[str, int | None]:
    (told,) = dinero("POST", "/v1/ORG/ledgeritems/status", [{"Id": one["Id"]}]).json()
    return told["Status"], told["VoucherNumber"]


def entries(dinero: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dinero(
        "GET", "/v1/ORG/entries", fromDate="2026-01-01", toDate="2026-12-31", includePrimo=False
    ).json()
    return found


def test_a_payout_s_two_lines_are_four_postings_with_one_voucher_number(dinero: Caller) -> None:
    one = made(dinero, BANK, FEE)
    assert entries(dinero) == []
    assert book(dinero, one).ok
    assert status(dinero, one) == ("PendingBooking", None)
    told, number = status(dinero, one)
    assert told == "Booked"
    assert {(e["AccountNumber"], e["Amount"], e["Description"]) for e in entries(dinero)} == {
        (55000, 241, "Udbetaling"),
        (55100, -241, "Udbetaling"),
        (7420, 8, "Gebyr"),
        (55100, -8, "Gebyr"),
    }
    assert {e["VoucherNumber"] for e in entries(dinero)} == {number}
    assert {e["VoucherGuid"] for e in entries(dinero)} == {one["Id"]}


def test_reverse_charge_on_a_fee_is_posted_on_both_sides_and_moves_no_money(dinero: Caller) -> None:
    one = made(dinero, BANK, FEE | {"AccountVatCode": "IEUY"})
    book(dinero, one)
    status(dinero, one)
    assert balances(dinero) == {55000: 241, 55100: -249, 7420: 8, 64060: 2, 64040: -2}
    (fee,) = [e for e in entries(dinero) if e["AccountNumber"] == 7420]
    assert fee["VatCode"] == "IEUY"


def test_an_account_s_own_vat_code_counts_unless_the_line_says_none(dinero: Caller) -> None:
    line = {"Description": "Gebyr", "AccountNumber": 7400, "Amount": 125}
    for code in (None, "none"):
        one = made(dinero, line | {"AccountVatCode": code})
        book(dinero, one)
        status(dinero, one)
    assert balances(dinero) == {7400: 100 + 125, 64060: 25, 55100: -250}


def test_the_same_id_twice_is_refused_and_makes_no_second_item(dinero: Caller) -> None:
    twice = item(BANK)
    assert dinero("POST", "/v1.2/ORG/ledgeritems", [twice]).ok
    assert error(dinero("POST", "/v1.2/ORG/ledgeritems", [twice])) == (409, 72)
    assert len(dinero("POST", "/v1/ORG/ledgeritems/ledgers", []).json()) == 1


def test_an_item_is_booked_once_and_only_in_its_newest_version(dinero: Caller) -> None:
    one = made(dinero, BANK)
    stale = one | {"Version": "AAAAAAYFFFFF"}
    assert error(book(dinero, stale)) == (400, 58)
    assert book(dinero, one).ok
    assert error(book(dinero, one)) == (400, 45)
    for method, path in (("PUT", "/v1/ORG/ledgeritems"), ("DELETE", "/v1/ORG/ledgeritems/delete")):
        assert error(dinero(method, path, [item(BANK) | one])) == (400, 45)
    status(dinero, one)
    assert error(book(dinero, one)) == (400, 45)
    assert balances(dinero) == {55000: 241, 55100: -241}


def test_a_change_that_is_refused_changes_none_of_the_items(dinero: Caller) -> None:
    first, second = made(dinero, BANK), made(dinero, BANK)
    good, bad = item(FEE) | first, item(FEE | {"AccountNumber": 1}) | second
    assert error(dinero("PUT", "/v1/ORG/ledgeritems", [good, bad])) == (400, 42)
    lying = dinero("POST", "/v1/ORG/ledgeritems/ledgers", []).json()
    assert [line["Amount"] for one in lying for line in one["Lines"]] == [241, 241]


def test_a_status_that_names_an_unknown_item_is_refused_and_books_nothing(dinero: Caller) -> None:
    one = made(dinero, BANK)
    book(dinero, one)
    asked = [{"Id": one["Id"]}, {"Id": str(uuid.uuid4())}]
    answer = dinero("POST", "/v1/ORG/ledgeritems/status", asked)
    assert answer.json()["errorMessageList"][0]["Code"] == "ledgerItemNotFound"
    assert entries(dinero) == []


def test_a_wanted_voucher_number_is_given(dinero: Caller) -> None:
    one = made(dinero, BANK, VoucherNumber=4711)
    book(dinero, one)
    status(dinero, one)
    assert status(dinero, one) == ("Booked", 4711)


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_booking_is_pending_for_as_many_calls_as_a_test_wants(dinero: Caller, calls: int) -> None:
    dinero.sandbox.books.pending_calls = calls
    one = made(dinero, BANK)
    book(dinero, one)
    for _ in range(calls):
        assert entries(dinero) == []
        assert status(dinero, one) == ("PendingBooking", None)
    assert status(dinero, one) == ("Booked", 1)


def test_a_booking_that_fails_ends_as_a_draft_that_can_be_booked_again(dinero: Caller) -> None:
    dinero.sandbox.books.failing_bookings = 1
    one = made(dinero, BANK)
    book(dinero, one)
    assert status(dinero, one) == ("PendingBooking", None)
    assert status(dinero, one) == ("Draft", None)
    assert entries(dinero) == []
    assert book(dinero, one).ok
    status(dinero, one)
    assert status(dinero, one) == ("Booked", 1)
    assert balances(dinero) == {55000: 241, 55100: -241}


def test_a_voucher_number_may_come_later_than_the_booking(dinero: Caller) -> None:
    dinero.sandbox.books.late_numbers = 2
    one = made(dinero, BANK)
    book(dinero, one)
    told = [status(dinero, one) for _ in range(4)]
    assert told == [("PendingBooking", None), ("Booked", None), ("Booked", None), ("Booked", 1)]


def test_another_process_sets_the_switches_over_http(dinero: Caller) -> None:
    wanted = {"pending_calls": 5, "failing_bookings": 2, "late_numbers": 3}
    assert requests.post(f"{dinero.sandbox.url}/_sandbox/settings", json=wanted, timeout=10).ok
    books = dinero.sandbox.books
    assert (books.pending_calls, books.failing_bookings, books.late_numbers) == (5, 2, 3)


def test_changes_tell_of_an_item_when_it_was_booked_and_not_when_it_was_laid_there(
    dinero: Caller, clock: SimulatedClock
) -> None:
    one = made(dinero, BANK)
    clock.advance(3600)
    dinero.sign_in()
    between = clock.now()
    book(dinero, one)
    status(dinero, one)

    def added(first: Any, last: Any) -> list[int]:
        asked = {"changesFrom": first.isoformat(), "changesTo": last.isoformat(), "includePrimo": "false"}
        return [e["AccountNumber"] for e in dinero("GET", "/v1/ORG/entries/changes", **asked).json()]

    assert added(between, between + timedelta(hours=1)) == [55000, 55100]
    assert added(between - timedelta(hours=2), between - timedelta(minutes=1)) == []


def test_somebody_else_books_in_dinero(dinero: Caller) -> None:
    voucher = dinero.sandbox.books.book_by_hand(55000, 55100, 24100, date(2026, 11, 21), "CH7654321 2026-11-21")
    assert voucher["Status"] == "Booked"
    assert balances(dinero) == {55000: 241, 55100: -241}
    assert {(e["Description"], e["VoucherType"], e["Date"]) for e in entries(dinero)} == {
        ("CH7654321 2026-11-21", "manuel", "2026-11-21")
    }
