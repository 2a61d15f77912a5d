"""Documents of the sandbox's Dinero: terms, totals, PDFs, e-mail, corrections, and what is beside them."""

import uuid
from typing import Any

import pytest

from caller import LINE, Caller, error
from dinero.model.clock import SimulatedClock
from dinero.sandbox import Sandbox

NOTES = "/v1/ORG/sales/creditnotes"


def invoice(dinero: Caller, guid: str) -> Any:
    return dinero("GET", f"/v1/ORG/invoices/{guid}").json()


def test_what_real_clients_leave_out_is_not_required(dinero: Caller) -> None:
    contact = dinero("POST", "/v1/ORG/contacts", {"Name": "Åse", "CountryKey": "DK", "IsPerson": True})
    assert contact.ok, contact.text
    line = {name: value for name, value in LINE.items() if name not in ("Discount", "LineType")}
    lines = [line, {"Description": "Tak for handlen", "LineType": "Text"}]
    draft = dinero.draft(ContactGuid=contact.json()["ContactGuid"], ProductLines=lines)
    found = invoice(dinero, draft["Guid"])
    assert found["TotalInclVat"] == 12.35
    assert [line["LineType"] for line in found["ProductLines"]] == ["Product", "Text"]


def test_a_units_price_is_read_without_vat_whichever_way_it_was_written(dinero: Caller) -> None:
    line = LINE | {"BaseAmountValue": 100, "Quantity": 2}
    incl = invoice(dinero, dinero.draft(ProductLines=[line])["Guid"])["ProductLines"][0]
    assert (incl["BaseAmountValue"], incl["BaseAmountValueInclVat"], incl["TotalAmountInclVat"]) == (80, 100, 200)
    excl = invoice(dinero, dinero.draft(ProductLines=[line], ShowLinesInclVat=False)["Guid"])["ProductLines"][0]
    assert (excl["BaseAmountValue"], excl["BaseAmountValueInclVat"], excl["TotalAmountInclVat"]) == (100, 125, 250)


def test_the_lines_under_the_lines_come_to_the_total(dinero: Caller) -> None:
    mixed = [LINE, LINE | {"AccountNumber": 1050, "BaseAmountValue": 100}]
    found = invoice(dinero, dinero.draft(ProductLines=mixed)["Guid"])["TotalLines"]
    assert [(line["Type"], line["TotalAmount"]) for line in found] == [
        ("SubTotalWithVat", 9.88),
        ("SubTotalWithoutVat", 100),
        ("Vat", 2.47),
        ("Total", 112.35),
    ]
    plain = invoice(dinero, dinero.draft()["Guid"])["TotalLines"]
    assert [line["Type"] for line in plain] == ["SubTotal", "Vat", "Total"]


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ({"PaymentConditionType": "Netto", "PaymentConditionNumberOfDays": 14}, "2026-11-24"),
        ({"PaymentConditionType": "NettoCash"}, "2026-11-10"),
        ({"PaymentConditionType": "Paid"}, "2026-11-10"),
        ({"PaymentConditionType": "CurrentMonthOut", "PaymentConditionNumberOfDays": 10}, "2026-12-10"),
        ({}, "2026-11-13"),
    ],
)
def test_the_day_of_payment_follows_the_terms_and_else_the_customers(
    dinero: Caller, terms: dict[str, Any], due: str
) -> None:
    contact = dinero.contact(PaymentConditionType="Netto", PaymentConditionNumberOfDays=3)
    draft = dinero.draft(ContactGuid=contact, Date="2026-11-10", **terms)
    assert invoice(dinero, draft["Guid"])["PaymentDate"] == due


def test_an_invoice_is_overdue_from_the_day_after_until_it_is_paid(dinero: Caller, clock: SimulatedClock) -> None:
    booked = dinero.booked(PaymentConditionType="Netto", PaymentConditionNumberOfDays=8)
    clock.advance(8 * 86400)
    dinero.sign_in()
    assert invoice(dinero, booked["Guid"])["PaymentStatus"] == "Booked"
    clock.advance(86400)
    dinero.sign_in()
    found = invoice(dinero, booked["Guid"])
    assert (found["Status"], found["PaymentStatus"], found["TimeStamp"]) == ("Booked", "Overdue", booked["TimeStamp"])
    assert len(dinero.rows("/v1/ORG/sales", statusFilter="Overdue")) == 1
    pay = {
        "Timestamp": found["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "x",
        "Amount": 12.35,
        "RemainderIsFee": False,
    }
    assert dinero("POST", f"/v1/ORG/invoices/{booked['Guid']}/payments", pay).ok
    assert invoice(dinero, booked["Guid"])["PaymentStatus"] == "Paid"


def test_a_draft_is_replaced_whole_with_its_newest_timestamp_until_it_is_booked(dinero: Caller) -> None:
    draft = dinero.draft(Comment="Før")
    path = f"/v1.2/ORG/invoices/{draft['Guid']}"
    body = {"ContactGuid": dinero.contact(), "ProductLines": [LINE | {"BaseAmountValue": 20}], "ShowLinesInclVat": True}
    assert error(dinero("PUT", path, body)) == (400, 42)
    changed = dinero("PUT", path, body | {"Timestamp": draft["TimeStamp"]}).json()
    found = invoice(dinero, draft["Guid"])
    assert (found["TotalInclVat"], found["Comment"], found["TimeStamp"]) == (20, None, changed["TimeStamp"])
    assert error(dinero("PUT", path, body | {"Timestamp": draft["TimeStamp"]})) == (400, 58)
    dinero("POST", f"/v1/ORG/invoices/{draft['Guid']}/book", {"Timestamp": changed["TimeStamp"]})
    newest = invoice(dinero, draft["Guid"])["TimeStamp"]
    assert dinero("PUT", path, body | {"Timestamp": newest}).status_code == 400


@pytest.mark.usefixtures("deletion")
def test_what_is_done_with_a_deleted_document_is_refused(dinero: Caller, sandbox: Sandbox) -> None:
    draft = dinero.draft()
    sandbox.books.delete_draft(draft["Guid"])
    newest = sandbox.books.invoices[draft["Guid"]]["TimeStamp"]
    path = f"ORG/invoices/{draft['Guid']}"
    pay = {"DepositAccountNumber": 55100, "Description": "x", "Amount": 1, "RemainderIsFee": False}
    answers = [
        dinero("PUT", f"/v1.2/{path}", {"Timestamp": newest, "ProductLines": [LINE]}),
        dinero("POST", f"/v1/{path}/book", {"Timestamp": newest}),
        dinero("POST", f"/v1/{path}/payments", pay | {"Timestamp": newest}),
    ]
    assert {answer.status_code for answer in answers} == {400}
    if sandbox.books.deleted_is_refused:
        answers += [dinero("GET", f"/v1/{path}"), dinero("DELETE", f"/v1/{path}", {})]
        assert {error(answer) for answer in answers} == {(400, 65)}
    else:
        assert dinero("GET", f"/v1/{path}").json()["DeletedAt"]


def test_a_booked_document_comes_as_a_pdf_where_one_is_asked_for(dinero: Caller) -> None:
    booked, draft = dinero.booked(), dinero.draft()
    answer = dinero("GET", f"/v1/ORG/invoices/{booked['Guid']}", accept="application/octet-stream")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.rstrip().endswith(b"%%EOF")
    table = int(answer.content.rpartition(b"startxref")[2].split()[0])
    assert answer.content[table:].startswith(b"xref")
    refused = dinero("GET", f"/v1/ORG/invoices/{draft['Guid']}", accept="application/octet-stream")
    assert error(refused) == (400, 59)
    note = dinero("POST", f"/v1/ORG/invoices/{booked['Guid']}/generate-creditnote", {}).json()
    dinero("POST", f"{NOTES}/{note['Guid']}/book", {"Timestamp": note["TimeStamp"]})
    assert dinero("GET", f"{NOTES}/{note['Guid']}/pdf").content.startswith(b"%PDF-")


def test_an_e_mail_needs_a_booked_invoice_and_a_receiver_and_is_listed(dinero: Caller) -> None:
    draft = dinero.draft()
    assert error(dinero("POST", f"/v1/ORG/invoices/{draft['Guid']}/email", {})) == (400, 59)
    booked = dinero.booked(ContactGuid=dinero.contact(Email=None))
    path = f"/v1/ORG/invoices/{booked['Guid']}"
    assert error(dinero("POST", f"{path}/email", {"Timestamp": booked["TimeStamp"]})) == (400, 55)
    body = {"Timestamp": booked["TimeStamp"], "Receiver": "a@example.com, b@example.com"}
    assert error(dinero("POST", f"{path}/email", body | {"Message": "Hej"})) == (400, 42)
    sent = dinero("POST", f"{path}/email", body | {"Message": "Hej [link-to-pdf]"}).json()
    assert [to["Email"] for to in sent["Recipients"]] == ["a@example.com", "b@example.com"]
    found = invoice(dinero, booked["Guid"])
    assert (found["MailOutStatus"], found["LatestMailOutType"]) == ("Sent", "Mailout")
    assert found["TimeStamp"] != booked["TimeStamp"]
    (mailout,) = dinero("GET", f"{path}/mailouts").json()
    assert mailout["Message"] == "Hej [link-to-pdf]"
    template = dinero("GET", f"/v2/ORG/invoices/{booked['Guid']}/email/template").json()
    assert "[link-to-pdf]" in template["Message"]


def test_a_generated_credit_note_takes_all_of_the_invoice_back(dinero: Caller) -> None:
    booked = dinero.booked(ProductLines=[LINE | {"Quantity": 3}])
    path = f"/v1/ORG/invoices/{booked['Guid']}/generate-creditnote"
    assert error(dinero("POST", path, {"Timestamp": "0"})) == (400, 58)
    note = dinero("POST", path, {"Timestamp": booked["TimeStamp"]}).json()
    found = dinero("GET", f"{NOTES}/{note['Guid']}").json()
    assert (found["CreditNoteFor"], found["TotalInclVat"]) == (booked["Guid"], booked["TotalInclVat"])


def test_a_credit_note_of_its_own_is_paid_back_and_the_payment_taken_back(dinero: Caller) -> None:
    draft = dinero("POST", NOTES, {"ContactGuid": dinero.contact(), "ProductLines": [LINE], "ShowLinesInclVat": True})
    path = f"{NOTES}/{draft.json()['Guid']}"
    booked = dinero("POST", f"{path}/book", {"Timestamp": draft.json()["TimeStamp"]}).json()
    pay = {
        "Timestamp": booked["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "Retur",
        "Amount": 12.35,
        "RemainderIsFee": False,
    }
    made = dinero("POST", f"{path}/payments", pay).json()
    assert dinero("GET", f"{path}/payments").json()["RemainingAmount"] == 0
    assert dinero("GET", path).json()["PaymentStatus"] == "Paid"
    assert dinero("DELETE", f"{path}/payments/{made['Guid']}", {}).ok
    assert dinero("GET", f"{path}/payments").json()["RemainingAmount"] == 12.35


def test_the_rest_of_a_payment_is_booked_as_a_fee_when_asked(dinero: Caller) -> None:
    booked = dinero.booked()
    pay = {
        "Timestamp": booked["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "x",
        "Amount": 12,
        "RemainderIsFee": True,
    }
    assert dinero("POST", f"/v1/ORG/invoices/{booked['Guid']}/payments", pay).ok
    assert invoice(dinero, booked["Guid"])["PaymentStatus"] == "Paid"
    sums = balances(dinero)
    assert (sums[7220], sums[55100], sums.get(53000, 0)) == (0.35, 12, 0)


def balances(dinero: Caller) -> dict[int, float]:
    year = dinero.sandbox.clock.now().year
    sums: dict[int, float] = {}
    for entry in dinero("GET", "/v1/ORG/entries", fromDate=f"{year}-01-01", toDate=f"{year}-12-31").json():
        sums[entry["AccountNumber"]] = round(sums.get(entry["AccountNumber"], 0) + entry["Amount"], 2)
    return {account: amount for account, amount in sums.items() if amount}


# --- customers, products, files, ledger ---------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_customer_is_replaced_whole_deleted_and_restored(dinero: Caller, version: str) -> None:
    guid = dinero.contact(Phone="12345678")
    path = f"/v1/ORG/contacts/{guid}"
    changed = {"Name": "Åse Bo", "CountryKey": "SE", "IsPerson": True}
    assert dinero("PUT", f"/{version}/ORG/contacts/{guid}", changed).ok
    found = dinero("GET", path).json()
    assert (found["Name"], found["Phone"], found["VatRegionKey"]) == ("Åse Bo", None, "EU")
    assert dinero("DELETE", path).ok
    assert dinero("GET", path).json()["DeletedAt"]
    assert error(dinero("PUT", f"/{version}/ORG/contacts/{guid}", changed)) == (400, 65)
    assert dinero("POST", f"{path}/restore").ok
    assert dinero("GET", path).json()["DeletedAt"] is None
    assert dinero("PUT", f"/v1/ORG/contacts/{uuid.uuid4()}", changed).status_code == 404


def test_a_product_is_kept_found_and_put_on_lines(dinero: Caller) -> None:
    body = {
        "Name": "Kop",
        "ProductNumber": "K-1",
        "BaseAmountValue": 80,
        "Quantity": 1,
        "AccountNumber": 1000,
        "Unit": "parts",
    }
    guid = dinero("POST", "/v1/ORG/products", body).json()["ProductGuid"]
    path = f"/v1/ORG/products/{guid}"
    assert dinero("GET", path).json()["TotalAmountInclVat"] == 100
    assert dinero.rows("/v1/ORG/products", freeTextSearch="k-1") == [{"Name": "Kop", "ProductGuid": guid}]
    line = {name: value for name, value in LINE.items() if name != "Description"} | {"ProductGuid": guid}
    assert invoice(dinero, dinero.draft(ProductLines=[line])["Guid"])["ProductLines"][0]["Description"] == "Kop"
    assert dinero("PUT", path, body | {"Name": "Krus"}).ok
    assert dinero("DELETE", path).ok
    assert dinero.rows("/v1/ORG/products") == []
    assert error(dinero("POST", "/v1/ORG/invoices", {"ProductLines": [line]})) == (400, 42)


def test_files_are_kept_listed_and_fetched(dinero: Caller) -> None:
    path = "/v1/ORG/files"
    made = dinero("POST", path, files={"file": ("bilag.pdf", b"%PDF-1.4", "application/pdf")}).json()
    assert dinero("GET", f"{path}/{made['FileGuid']}").content == b"%PDF-1.4"
    attached = dinero("POST", f"{path}/attachment", files={"file": ("x.png", b"png", "image/png")})
    assert attached.ok
    (row,) = dinero("GET", path, extensions="pdf,png", fileStatus="Unused").json()
    assert (row["FileGuid"], row["Extension"], row["Size"]) == (made["FileGuid"], "pdf", 8)
    for name, content in (("x.exe", b"x"), ("large.pdf", b"x" * (6 * 1024 * 1024 + 1))):
        refused = dinero("POST", path, files={"file": (name, content, "application/pdf")})
        assert (refused.status_code, type(refused.json())) == (400, str)


def test_a_manual_voucher_is_booked_with_its_vat_and_taken_back_by_a_deletion(dinero: Caller) -> None:
    line = {"Description": "Gebyr", "AccountNumber": 7400, "BalancingAccountNumber": 55000, "Amount": 125}
    draft = dinero("POST", "/v1/ORG/vouchers/manuel", {"VoucherDate": "2026-11-20", "Lines": [line]}).json()
    path = f"/v1/ORG/vouchers/manuel/{draft['Guid']}"
    assert (draft["Status"], draft["Lines"][0]["VatAmountValue"]) == ("Draft", 25)
    assert balances(dinero) == {}
    changed = dinero("PUT", path, {"Timestamp": draft["Timestamp"], "Lines": [line | {"Amount": 250}]}).json()
    assert error(dinero("POST", f"{path}/book", {"Timestamp": draft["Timestamp"]})) == (400, 58)
    booked = dinero("POST", f"{path}/book", {"Timestamp": changed["Timestamp"]}).json()
    assert booked["Status"] == "Booked"
    assert balances(dinero) == {7400: 200, 64060: 50, 55000: -250}
    assert dinero("DELETE", path, {"Timestamp": booked["Timestamp"]}).ok
    assert balances(dinero) == {}
    assert error(dinero("GET", path)) == (400, 65)


def test_ledger_items_are_changed_and_deleted_with_their_version_and_posted_when_booked(dinero: Caller) -> None:
    line = {"Description": "Udbetaling", "AccountNumber": 55000, "BalancingAccountNumber": 55100, "Amount": 241}
    first, second = ({"Id": str(uuid.uuid4()), "VoucherDate": "2026-11-20", "Lines": [line]} for _ in range(2))
    dinero("POST", "/v1.2/ORG/ledgeritems", [first, second])
    lying = dinero("POST", "/v1/ORG/ledgeritems/ledgers", []).json()
    version = {item["Id"]: item["Version"] for item in lying}
    changed = first | {"Version": version[first["Id"]], "Lines": [line | {"Amount": 240}]}
    (kept,) = dinero("PUT", "/v1/ORG/ledgeritems", [changed]).json()
    assert error(dinero("PUT", "/v1/ORG/ledgeritems", [changed])) == (400, 58)
    gone = [{"Id": second["Id"], "Version": version[second["Id"]]}]
    assert dinero("DELETE", "/v1/ORG/ledgeritems/delete", gone).ok
    assert (
        dinero("POST", "/v1/ORG/ledgeritems/status", gone).json()["errorMessageList"][0]["Code"] == "ledgerItemNotFound"
    )
    dinero("POST", "/v1/ORG/ledgeritems/book", [kept])
    for _ in range(2):
        dinero("POST", "/v1/ORG/ledgeritems/status", [{"Id": first["Id"]}])
    assert balances(dinero) == {55000: 240, 55100: -240}
    assert dinero("DELETE", "/v1/ORG/ledgeritems/delete", [kept]).status_code == 400


def test_entries_have_dineros_types_and_guids_that_stay(dinero: Caller, clock: SimulatedClock) -> None:
    booked = dinero.booked()
    line = {"Description": "Gebyr", "AccountNumber": 7420, "BalancingAccountNumber": 55100, "Amount": 8}
    voucher = dinero("POST", "/v1/ORG/vouchers/manuel", {"Lines": [line]}).json()
    clock.advance(3600)
    dinero.sign_in()
    since = clock.now()
    dinero("POST", f"/v1/ORG/vouchers/manuel/{voucher['Guid']}/book", {"Timestamp": voucher["Timestamp"]})
    pay = {
        "Timestamp": booked["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "x",
        "Amount": 12.35,
        "RemainderIsFee": False,
    }
    dinero("POST", f"/v1/ORG/invoices/{booked['Guid']}/payments", pay)
    year = {"fromDate": "2026-01-01", "toDate": "2026-12-31"}
    entries = dinero("GET", "/v1/ORG/entries", **year).json()
    assert entries == dinero("GET", "/v1/ORG/entries", **year).json()
    assert {entry["VoucherType"] for entry in entries} == {"Sales", "manuel", None}
    changes = {"changesFrom": since.isoformat(), "changesTo": since.replace(day=since.day + 1).isoformat()}
    added = dinero("GET", "/v1/ORG/entries/changes", **changes).json()
    assert {entry["VoucherType"] for entry in added} == {"manuel", None}
    long = {"changesFrom": "2026-10-01T00:00:00Z", "changesTo": "2026-11-24T00:00:00Z"}
    assert dinero("GET", "/v1/ORG/entries/changes", **long).status_code == 400
    assert dinero("GET", "/v1/ORG/entries", fromDate="2025-12-01", toDate="2026-01-31").status_code == 400


def test_a_year_begins_with_what_the_balance_accounts_had(dinero: Caller) -> None:
    line = {"Description": "Udbetaling", "AccountNumber": 55000, "BalancingAccountNumber": 7420, "Amount": 100}
    voucher = dinero("POST", "/v1/ORG/vouchers/manuel", {"VoucherDate": "2025-12-30", "Lines": [line]}).json()
    dinero("POST", f"/v1/ORG/vouchers/manuel/{voucher['Guid']}/book", {"Timestamp": voucher["Timestamp"]})
    year = {"fromDate": "2026-01-01", "toDate": "2026-12-31"}
    (primo,) = dinero("GET", "/v1/ORG/entries", **year).json()
    assert (primo["Type"], primo["AccountNumber"], primo["Amount"]) == ("Primo", 55000, 100)
    assert dinero("GET", "/v1/ORG/entries", **year, includePrimo="false").json() == []


def test_the_organizations_settings_and_templates_can_be_read(dinero: Caller) -> None:
    settings = dinero("GET", "/v1/ORG/sales/settings").json()
    assert (settings["DefaultAccountNumber"], settings["LinesInclVat"]) == (1000, True)
    assert [template["IsDefault"] for template in dinero("GET", "/v1/ORG/invoices/templates").json()] == [True]


def test_an_account_is_created_on_an_unused_number(dinero: Caller) -> None:
    body = {"Number": 1010, "Name": "Salg af kurser", "VatCode": "U25"}
    assert dinero("POST", "/v1/ORG/accounts/entry", body).ok
    assert error(dinero("POST", "/v1/ORG/accounts/entry", body)) == (400, 42)
    found = invoice(dinero, dinero.draft(ProductLines=[LINE | {"AccountNumber": 1010}])["Guid"])
    assert found["TotalVat"] == 2.47


def test_an_overdue_invoice_can_be_reminded_of_and_no_other(dinero: Caller, clock: SimulatedClock) -> None:
    booked = dinero.booked(PaymentConditionType="NettoCash")
    path = f"/v1/ORG/invoices/{booked['Guid']}/email/pre-reminder"
    assert dinero("POST", path, {}).status_code == 400
    clock.advance(86400)
    dinero.sign_in()
    assert "[link-to-pdf]" in dinero("GET", f"{path}/template").json()["Message"]
    assert dinero("POST", path, {}).ok
    assert invoice(dinero, booked["Guid"])["LatestMailOutType"] == "PreReminder"


def test_a_customers_state_of_account_is_what_was_sold_and_paid(dinero: Caller) -> None:
    contact = dinero.contact()
    booked = dinero.booked(ContactGuid=contact)
    dinero.draft(ContactGuid=contact)
    pay = {
        "Timestamp": booked["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "Kort",
        "Amount": 12,
        "RemainderIsFee": False,
    }
    dinero("POST", f"/v1/ORG/invoices/{booked['Guid']}/payments", pay)
    path = f"/v1/ORG/state-of-account/{contact}"
    found = dinero("GET", path, hideClosed="true").json()
    assert [(entry["Amount"], entry["Balance"]) for entry in found["Entries"]] == [(12.35, 12.35), (-12, 0.35)]
    assert found["Income"] == 12.35
    assert dinero("GET", f"{path}/pdf").content.startswith(b"%PDF-")
    assert dinero("GET", path, **{"from": "2020-01-01", "to": "2020-12-31"}).json()["Entries"] == []
