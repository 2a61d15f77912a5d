"""The sandbox behaves as Dinero does, as far as that is known: what it forgave would be found too late."""

import uuid
from typing import Any

import pytest
import requests

from caller import LINE, Caller, error
from dinero.model.clock import SimulatedClock
from dinero.sandbox import Sandbox
from dinero.sandbox.generate import make_orders


def test_a_guid_of_our_own_is_accepted_once_and_burnt_by_a_deletion(dinero: Caller, sandbox: Sandbox) -> None:
    guid = str(uuid.uuid4())
    assert dinero.draft(Guid=guid)["Guid"] == guid
    body = {"Guid": guid, "ProductLines": [LINE]}
    assert error(dinero("POST", "/v1/ORG/invoices", body)) == (409, 72)
    assert dinero("DELETE", f"/v1/ORG/invoices/{guid}", {}).ok
    assert error(dinero("POST", "/v1/ORG/invoices", body)) == (409, 72)
    assert dinero("GET", f"/v1/ORG/invoices/{guid}").json()["DeletedAt"]


def test_a_contact_guid_that_is_used_is_named_in_the_error_list(dinero: Caller) -> None:
    guid = dinero.contact()
    body = {"ContactGuid": guid, "Name": "Å", "CountryKey": "DK", "IsPerson": True, "IsMember": False, "UseCvr": False}
    answer = dinero("POST", "/v1/ORG/contacts", body)
    assert error(answer) == (400, 42)
    assert answer.json()["errorMessageList"][0]["Code"] == "guidMustBeUnique"


def test_not_found_differs_between_invoices_and_contacts(dinero: Caller) -> None:
    assert error(dinero("GET", f"/v1/ORG/invoices/{uuid.uuid4()}")) == (400, 63)
    assert dinero("GET", f"/v1/ORG/contacts/{uuid.uuid4()}").status_code == 404


def test_an_invoice_to_a_deleted_contact_is_refused(dinero: Caller, sandbox: Sandbox) -> None:
    guid = dinero.contact()
    sandbox.books.delete_contact(guid)
    answer = dinero("POST", "/v1/ORG/invoices", {"ContactGuid": guid, "ProductLines": [LINE]})
    assert answer.json()["errorMessageList"][0]["Code"] == "invalidContactId"


def test_the_timestamp_changes_at_every_write_and_an_old_one_is_refused(dinero: Caller) -> None:
    draft = dinero.draft()
    path = f"/v1/ORG/invoices/{draft['Guid']}"
    booked = dinero("POST", f"{path}/book", {"Timestamp": draft["TimeStamp"]}).json()
    assert booked["TimeStamp"] != draft["TimeStamp"]
    payment = {"DepositAccountNumber": 55100, "Description": "x", "Amount": 12.35, "RemainderIsFee": False}
    stale = dinero("POST", f"{path}/payments", payment | {"Timestamp": draft["TimeStamp"]})
    assert error(stale) == (400, 58)
    paid = dinero("POST", f"{path}/payments", payment | {"Timestamp": booked["TimeStamp"]})
    assert paid.ok
    assert error(dinero("POST", f"{path}/payments", payment | {"Timestamp": booked["TimeStamp"]})) == (400, 58)


def test_drafts_carry_huge_placeholder_numbers_and_booking_gives_the_next_of_one_series(dinero: Caller) -> None:
    draft = dinero.draft()
    (row,) = dinero("GET", "/v1/ORG/invoices", fields="Number", statusFilter="Draft").json()["Collection"]
    assert row["Number"] == 2**63 - 1
    assert [dinero.booked()["Number"] for _ in range(3)] == [1, 2, 3]
    assert dinero("GET", f"/v1/ORG/invoices/{draft['Guid']}").json()["Number"] == 4


def test_a_booked_invoice_can_be_neither_booked_again_nor_deleted(dinero: Caller) -> None:
    booked = dinero.booked()
    path = f"/v1/ORG/invoices/{booked['Guid']}"
    assert dinero("POST", f"{path}/book", {"Timestamp": booked["TimeStamp"]}).status_code == 400
    assert dinero("DELETE", path, {"Timestamp": booked["TimeStamp"]}).status_code == 400


def test_vat_follows_the_account_with_the_proven_rounding(dinero: Caller) -> None:
    lines = [LINE, LINE | {"AccountNumber": 1050, "BaseAmountValue": 100}]
    guid = dinero.draft(ProductLines=lines)["Guid"]
    invoice = dinero("GET", f"/v1/ORG/invoices/{guid}").json()
    assert (invoice["TotalExclVat"], invoice["TotalVat"], invoice["TotalInclVat"]) == (109.88, 2.47, 112.35)


def test_unknown_fields_are_dropped_and_keys_are_read_in_any_case(dinero: Caller) -> None:
    line = {name[0].lower() + name[1:]: value for name, value in LINE.items()} | {"vatScale": 7}
    guid = dinero.draft(ProductLines=[line], NoSuchField=1)["Guid"]
    assert "NoSuchField" not in dinero("GET", f"/v1/ORG/invoices/{guid}").json()


@pytest.mark.parametrize(
    "change",
    [{"Unit": "stk"}, {"AccountNumber": 9}, {"Description": None}, {"Quantity": None}, {"BaseAmountValue": None}],
)
def test_a_line_that_is_not_whole_is_refused(dinero: Caller, change: dict[str, Any]) -> None:
    assert error(dinero("POST", "/v1/ORG/invoices", {"ProductLines": [LINE | change]})) == (400, 42)


def test_payments_go_on_booked_invoices_and_deposit_accounts_only(dinero: Caller) -> None:
    draft, booked = dinero.draft(), dinero.booked()
    body = {"DepositAccountNumber": 55100, "Description": "x", "Amount": 12.35, "RemainderIsFee": False}
    unbooked = dinero("POST", f"/v1/ORG/invoices/{draft['Guid']}/payments", body | {"Timestamp": draft["TimeStamp"]})
    assert error(unbooked) == (400, 59)
    for change in ({"DepositAccountNumber": 1000}, {"Amount": 0}, {"Description": None}):
        refused = dinero(
            "POST", f"/v1/ORG/invoices/{booked['Guid']}/payments", body | {"Timestamp": booked["TimeStamp"]} | change
        )
        assert error(refused) == (400, 42), change


def test_what_is_paid_shows_in_the_payments_and_in_the_status(dinero: Caller) -> None:
    booked = dinero.booked()
    path = f"ORG/invoices/{booked['Guid']}"
    body = {"DepositAccountNumber": 55100, "Description": "x", "RemainderIsFee": False, "ExternalReference": "ref"}
    first = dinero("POST", f"/v1/{path}/payments", body | {"Amount": 10, "Timestamp": booked["TimeStamp"]}).json()
    answer = dinero("GET", f"/v2/{path}/payments").json()
    assert (answer["PaidAmount"], answer["RemainingAmount"]) == (10, 2.35)
    assert answer["Payments"][0]["ExternalReference"] == "ref"
    dinero("POST", f"/v1/{path}/payments", body | {"Amount": 2.35, "Timestamp": first["TimeStamp"]})
    assert dinero("GET", f"/v1/{path}").json()["PaymentStatus"] == "Paid"


def test_list_rows_are_sparse_and_spelled_as_asked(dinero: Caller) -> None:
    dinero.draft()
    (row,) = dinero("GET", "/v1/ORG/invoices", fields="guid,TOTALINCLVAT", statusFilter="Draft").json()["Collection"]
    assert set(row) == {"guid", "TOTALINCLVAT"}


def test_lists_come_in_pages_from_0_and_never_more_than_1000(dinero: Caller) -> None:
    for number in range(3):
        dinero.contact(Email=f"{number}@example.com")
    page = dinero("GET", "/v1/ORG/contacts", page=1, pageSize=2).json()
    assert page["Pagination"]["Page"] == 1
    assert page["Pagination"]["ResultWithoutFilter"] > 2
    assert dinero("GET", "/v1/ORG/contacts", pageSize=1001).status_code == 400


def test_a_filter_of_another_form_is_code_46(dinero: Caller) -> None:
    dinero.contact()
    found = dinero("GET", "/v1/ORG/contacts", queryFilter="Email eq 'AASE@example.com'").json()
    assert len(found["Collection"]) == 1
    assert error(dinero("GET", "/v1/ORG/contacts", queryFilter="aase@example.com")) == (400, 46)


def test_changes_are_told_at_or_after_a_time_and_deleted_contacts_too(
    dinero: Caller, sandbox: Sandbox, clock: SimulatedClock
) -> None:
    clock.advance(1500)
    guid = dinero.contact()
    clock.advance(1500)
    sandbox.books.delete_contact(guid)
    since = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    (row,) = dinero("GET", "/v2/ORG/contacts", changesSince=since, fields="ContactGuid,DeletedAt").json()["Collection"]
    assert row["ContactGuid"] == guid
    assert row["DeletedAt"]


def test_an_expired_token_is_401(dinero: Caller, clock: SimulatedClock) -> None:
    clock.advance(3601)
    assert dinero("GET", "/v1/ORG/accountingyears").status_code == 401
    dinero.sign_in()
    assert dinero("GET", "/v1/ORG/accountingyears").ok


def test_without_pro_every_call_but_the_organizations_is_403_with_code_90(dinero: Caller, sandbox: Sandbox) -> None:
    sandbox.books.set_pro("210001", False)
    assert error(dinero("GET", "/v1/ORG/accountingyears")) == (403, 90)
    assert dinero("GET", "/v1.1/organizations").json()[0]["Subscription"]["HasPro"] is False


def test_a_date_without_an_accounting_year_can_not_be_booked(dinero: Caller) -> None:
    draft = dinero.draft(Date="2019-05-01")
    answer = dinero("POST", f"/v1/ORG/invoices/{draft['Guid']}/book", {"Timestamp": draft["TimeStamp"]})
    assert error(answer) == (400, 47)


def test_the_61st_call_of_a_personal_integration_in_a_minute_is_a_429_in_plain_text(clock: SimulatedClock) -> None:
    with Sandbox(orders=0, clock=clock) as limited:
        caller = Caller(limited)
        answers = [caller("GET", "/v1/ORG/accountingyears") for _ in range(61)]
        assert [a.status_code for a in answers] == [200] * 60 + [429]
        assert answers[-1].text.startswith("API calls quota exceeded!")
        clock.advance(61)
        assert caller("GET", "/v1/ORG/accountingyears").ok


@pytest.mark.parametrize(("kind", "done"), [("drop", True), ("reset", False)])
def test_a_fault_on_the_wire_leaves_the_caller_without_an_answer(
    dinero: Caller, sandbox: Sandbox, kind: Any, done: bool
) -> None:
    before = len(sandbox.books.contacts)
    sandbox.fault(kind, method="POST", path="contacts$")
    with pytest.raises(requests.ConnectionError):
        dinero.contact()
    assert (len(sandbox.books.contacts) > before) is done
    dinero.contact(Email="next@example.com")


def test_every_call_is_logged_with_its_answer(dinero: Caller, sandbox: Sandbox) -> None:
    dinero("GET", "/v1/ORG/accountingyears")
    last = sandbox.calls[-1]
    assert (last.method, last.path, last.status) == ("GET", "/v1/210001/accountingyears", 200)


def test_orders_are_the_same_for_the_same_seed_and_of_every_kind(clock: SimulatedClock) -> None:
    orders = make_orders(200, 1, clock.now())
    assert orders == make_orders(200, 1, clock.now())
    assert orders != make_orders(200, 2, clock.now())
    assert len({str(order["order_id"]) for order in orders}) == 200
    assert {order["currency"] for order in orders} == {"DKK", "EUR"}
    assert {order["order_country"] for order in orders} >= {"Danmark", "Sverige", "Tyskland", "Norge", "USA"}
    assert any(order["ean_number"] for order in orders)
    assert any(not order["paid"] for order in orders)
    assert any(order["status"] == "new" and order["paid"] for order in orders)
    assert any(order["voucher_discount_amount"] for order in orders)
    assert any(line["attributes"] for order in orders for line in order["products"])
    assert any(line["vat"] == 0 for order in orders for line in order["products"])


# --- credit notes, currencies, electronic invoices -----------------------------------------------------------------


def credit_note(dinero: Caller, invoice: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "ContactGuid": invoice["ContactGuid"],
        "ProductLines": [LINE],
        "ShowLinesInclVat": True,
        "CreditNoteFor": invoice["Guid"],
    }
    draft = dinero("POST", "/v1/ORG/sales/creditnotes", body | changes).json()
    path = f"/v1/ORG/sales/creditnotes/{draft['Guid']}/book"
    booked: dict[str, Any] = dinero("POST", path, {"Timestamp": draft["TimeStamp"]}).json()
    return booked


def pay(dinero: Caller, guid: str, amount: float, **more: Any) -> requests.Response:
    invoice = dinero("GET", f"/v1/ORG/invoices/{guid}").json()
    body = {
        "Timestamp": invoice["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "x",
        "Amount": amount,
        "RemainderIsFee": False,
    }
    return dinero("POST", f"/v1/ORG/invoices/{guid}/payments", body | more)


def remaining(dinero: Caller, guid: str) -> float:
    return float(dinero("GET", f"/v2/ORG/invoices/{guid}/payments").json()["RemainingAmount"])


def test_invoices_and_credit_notes_share_one_series_of_numbers(dinero: Caller) -> None:
    invoice = dinero.booked()
    note = credit_note(dinero, invoice)
    assert note["Number"] == invoice["Number"] + 1


def test_a_booked_credit_note_is_set_off_and_a_negative_payment_settles_it(dinero: Caller) -> None:
    invoice = dinero.booked()
    assert pay(dinero, invoice["Guid"], 12.35).ok
    before = dinero("GET", f"/v1/ORG/invoices/{invoice['Guid']}").json()["TimeStamp"]
    credit_note(dinero, invoice)
    after = dinero("GET", f"/v1/ORG/invoices/{invoice['Guid']}").json()
    assert (after["PaymentStatus"], remaining(dinero, invoice["Guid"])) == ("OverPaid", -12.35)
    assert after["TimeStamp"] != before
    assert pay(dinero, invoice["Guid"], -12.35).ok
    assert remaining(dinero, invoice["Guid"]) == 0


def test_a_credit_note_is_for_a_booked_invoice(dinero: Caller) -> None:
    body = {"ProductLines": [LINE], "ShowLinesInclVat": True}
    for guid in (dinero.draft()["Guid"], str(uuid.uuid4())):
        assert dinero("POST", "/v1/ORG/sales/creditnotes", body | {"CreditNoteFor": guid}).status_code == 400


def test_a_guid_is_used_once_for_invoices_and_credit_notes_together(dinero: Caller) -> None:
    guid = str(uuid.uuid4())
    dinero.draft(Guid=guid)
    answer = dinero("POST", "/v1/ORG/sales/creditnotes", {"ProductLines": [LINE], "Guid": guid})
    assert (answer.status_code, answer.json()["code"]) == (409, 72)


def test_an_unknown_credit_note_is_400_with_63(dinero: Caller) -> None:
    answer = dinero("GET", f"/v1/ORG/sales/creditnotes/{uuid.uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (400, 63)


def test_a_document_may_not_come_to_less_than_nothing(dinero: Caller) -> None:
    negative = LINE | {"BaseAmountValue": -5, "AccountNumber": 63080}
    assert dinero("POST", "/v1/ORG/invoices", {"ProductLines": [LINE, negative], "ShowLinesInclVat": True}).ok
    assert dinero("POST", "/v1/ORG/invoices", {"ProductLines": [negative], "ShowLinesInclVat": True}).status_code == 400


def test_a_payment_in_another_currency_needs_both_amounts(dinero: Caller) -> None:
    draft = dinero.draft(Currency="EUR")
    dinero("POST", f"/v1/ORG/invoices/{draft['Guid']}/book", {"Timestamp": draft["TimeStamp"]})
    assert pay(dinero, draft["Guid"], 92.13).status_code == 400
    assert pay(dinero, draft["Guid"], 92.13, AmountInForeignCurrency=12.35).ok
    assert remaining(dinero, draft["Guid"]) == 0


def test_the_list_of_sales_has_both_kinds_in_a_period_and_their_value_in_kroner(dinero: Caller) -> None:
    credit_note(dinero, dinero.booked())
    fields = {"fields": "Type,TotalInclVatInDkk,Status"}
    day = dinero.sandbox.clock.now().date().isoformat()
    rows = dinero("GET", "/v1/ORG/sales", startDate=day, endDate=day, **fields).json()["Collection"]
    assert sorted(row["Type"] for row in rows) == ["CreditNote", "Invoice"]
    assert {row["TotalInclVatInDkk"] for row in rows} == {12.35}
    other = dinero("GET", "/v1/ORG/sales", startDate="2020-01-01", endDate="2020-12-31", **fields).json()
    assert other["Collection"] == []
    assert dinero("GET", "/v1/ORG/sales", startDate=day).status_code == 400


def test_an_electronic_invoice_needs_a_booked_invoice_an_ean_number_and_an_attention_person(dinero: Caller) -> None:
    invoice = dinero.booked()
    send = {"PaymentMeanEnum": "Domestic"}
    path = f"/v3/ORG/invoices/{invoice['Guid']}/e-invoice"
    assert dinero("POST", path, send).json()["code"] == 56
    kommune = dinero.contact(IsPerson=False, EanNumber="5790000000005")
    draft = dinero.draft(ContactGuid=kommune)
    path = f"/v3/ORG/invoices/{draft['Guid']}/e-invoice"
    assert dinero("POST", path, send).json()["code"] == 59
    dinero("POST", f"/v1/ORG/invoices/{draft['Guid']}/book", {"Timestamp": draft["TimeStamp"]})
    assert dinero("POST", path, send).status_code == 400
    assert dinero("POST", path, send | {"AttPerson": "Bo"}).ok
    assert len(dinero.sandbox.books.e_invoices) == 1


def test_the_postings_of_a_sale_its_payment_and_its_credit_come_to_nothing(dinero: Caller) -> None:
    invoice = dinero.booked()
    pay(dinero, invoice["Guid"], 12.35)
    credit_note(dinero, invoice)
    pay(dinero, invoice["Guid"], -12.35)
    year = dinero.sandbox.clock.now().year
    entries = dinero("GET", "/v1/ORG/entries", fromDate=f"{year}-01-01", toDate=f"{year}-12-31").json()
    sums: dict[int, float] = {}
    for entry in entries:
        sums[entry["AccountNumber"]] = round(sums.get(entry["AccountNumber"], 0) + entry["Amount"], 2)
    assert set(sums) == {1000, 53000, 55100, 64000}
    assert set(sums.values()) == {0}
