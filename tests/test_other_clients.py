"""The sandbox answers other clients of Dinero's API, not ours alone.

Each test sends the requests of a kind of public client, told again in our own words: how it spells names, what it
leaves out, what it filters by, and which of its mistakes it would learn of.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from caller import error
from dinero.model.clock import SimulatedClock
from dinero.sandbox import Sandbox
from dinero.sandbox.connect import API_KEY, PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET


class Client:
    """A client with a base address for each version, a token that it fetches once, and nothing else of ours."""

    def __init__(self, url: str) -> None:
        self.url = url
        form = {"grant_type": "password", "scope": "read write", "username": API_KEY, "password": API_KEY}
        answer = requests.post(
            f"{url}/dineroapi/oauth/token", data=form, timeout=10, auth=(PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET)
        )
        assert answer.json()["expires_in"] == 3600
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def send(self, method: str, path: str, version: str = "v1", **options: Any) -> requests.Response:
        return self.http.request(method, f"{self.url}/{version}/210001/{path}", timeout=10, **options)

    def ok(self, method: str, path: str, version: str = "v1", **options: Any) -> Any:
        answer = self.send(method, path, version, **options)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    found = Client(sandbox.url)
    yield found
    found.http.close()


def test_a_booking_system_that_writes_names_in_camel_case(client: Client, sandbox: Sandbox) -> None:
    """Contact, invoice, book and pay in a row, each with the TimeStamp of the answer before; then the PDF."""
    person = {
        "name": "Ida Lund",
        "email": "ida@example.com",
        "isPerson": True,
        "isMember": False,
        "useCvr": False,
        "countryKey": "DK",
    }
    contact = client.ok("POST", "contacts", json=person)["ContactGuid"]
    line = {
        "description": "Leje af sal",
        "quantity": 2,
        "unit": "hours",
        "lineType": "Product",
        "baseAmountValue": 5.5,
        "accountNumber": 1000,
    }
    draft = client.ok(
        "POST",
        "invoices",
        json={
            "currency": "DKK",
            "language": "en-GB",
            "externalReference": "booking: 7",
            "description": "Hall 1",
            "date": "2026-11-24",
            "productLines": [line],
            "contactGuid": contact,
            "showLinesInclVat": True,
        },
    )
    booked = client.ok("POST", f"invoices/{draft['Guid']}/book", json={"timestamp": draft["TimeStamp"]})
    assert booked["Guid"] == draft["Guid"]
    client.ok(
        "POST",
        f"invoices/{booked['Guid']}/payments",
        json={
            "description": "booking: 7",
            "amount": 10,
            "depositAccountNumber": 55100,
            "remainderIsFee": True,
            "timestamp": booked["TimeStamp"],
        },
    )
    pdf = client.send("GET", f"invoices/{booked['Guid']}", headers={"Accept": "application/octet-stream"})
    assert pdf.content.startswith(b"%PDF-")
    found = client.ok("GET", f"invoices/{booked['Guid']}")
    assert (found["TotalInclVat"], found["PaymentStatus"], found["Language"]) == (11, "Paid", "en-GB")
    assert len(client.ok("GET", "accounts/entry")) > 20


def test_a_customer_system_that_looks_first_and_sends_by_mail(client: Client, sandbox: Sandbox) -> None:
    """Finds a company by its CVR number, then its name; keeps it up to date; leaves out what has a default."""

    def look(query: str) -> list[str]:
        wanted = {"queryFilter": query, "pageSize": "1000", "fields": "ContactGuid,DeletedAt"}
        rows = client.ok("GET", "contacts", "v2", params=wanted)["Collection"]
        return [row["ContactGuid"] for row in rows if not row["DeletedAt"]]

    company = {
        "Name": "Friis & Søn's ApS",
        "Cvr": "13585628",
        "VatNumber": "13585628",
        "Email": "bo@example.com",
        "Street": "Vesterbro 18",
        "ZipCode": "9000",
        "City": "Aalborg",
        "CountryKey": "DK",
        "IsPerson": False,
        "PaymentConditionType": "Netto",
        "PaymentConditionNumberOfDays": 8,
    }
    assert look("VatNumber eq '13585628'") == look("Name contains 'Friis & Søn''s'") == []
    contact = client.ok("POST", "contacts", json=company)["ContactGuid"]
    assert look("VatNumber eq '13585628'") == look("Name contains 'friis & søn''s'") == [contact]
    client.ok("PUT", f"contacts/{contact}", json=company | {"Phone": "98000000"})
    assert client.ok("GET", f"contacts/{contact}")["Phone"] == "98000000"

    line = {"Description": "Hjemmeside", "Quantity": 1, "Unit": "parts", "BaseAmountValue": 1000, "AccountNumber": 1000}
    invoice = {
        "ContactGuid": contact,
        "Date": "2026-11-24",
        "Comment": "Kvartal 4",
        "PaymentConditionType": "Netto",
        "PaymentConditionNumberOfDays": 8,
        "IsMobilePayInvoiceEnabled": False,
        "IsPensoPayEnabled": False,
        "ProductLines": [line],
    }
    draft = client.ok("POST", "invoices", json=invoice)
    booked = client.ok("POST", f"invoices/{draft['Guid']}/book", json={"Timestamp": draft["TimeStamp"]})
    mail = {"Receiver": "bo@example.com", "AddVoucherAsPdfAttachment": True, "ShouldAddTrustPilotEmailAsBcc": False}
    stale = client.send("POST", f"invoices/{draft['Guid']}/email", json=mail | {"Timestamp": draft["TimeStamp"]})
    assert error(stale) == (400, 58)
    client.ok("POST", f"invoices/{draft['Guid']}/email", json=mail | {"Timestamp": booked["TimeStamp"]})
    found = client.ok("GET", f"invoices/{draft['Guid']}")
    assert (found["Number"], found["TotalInclVat"], found["PaymentDate"]) == (1, 1250, "2026-12-02")
    assert (found["Status"], found["PaymentStatus"], found["MailOutStatus"]) == ("Booked", "Booked", "Sent")

    sandbox.books.delete_contact(contact)
    assert look("VatNumber eq '13585628'") == []
    refused = client.send("POST", "invoices", json=invoice)
    assert refused.status_code == 400
    assert "invalidContactId" in refused.text
    anew = client.ok("POST", "contacts", json=company)["ContactGuid"]
    client.ok("POST", "invoices", json=invoice | {"ContactGuid": anew})


def test_a_shops_system_that_finds_its_own_by_reference(client: Client) -> None:
    """Looks for customer and invoice by ExternalReference, creates once, books, pays, reads the payment back."""
    assert client.http.get(f"{client.url}/v1/organizations?fields=Name,Id,IsPro", timeout=10).json() == [
        {"Name": "Eksempel Webshop ApS", "Id": 210001, "IsPro": True}
    ]

    def first(path: str, query: str, fields: str) -> Any:
        rows = client.ok("GET", path, params={"queryFilter": query, "fields": fields})["Collection"]
        return rows[0] if rows else None

    person = {
        "Name": "Ea Holm",
        "CountryKey": "DK",
        "IsPerson": True,
        "IsMember": False,
        "UseCvr": False,
        "Email": "ea.holm@example.com",
        "ExternalReference": "shop-contact-3",
    }
    queries = ("ExternalReference eq 'shop-contact-3'", "Email eq 'ea.holm@example.com'")
    assert [first("contacts", query, "ContactGuid") for query in queries] == [None, None]
    contact = client.ok("POST", "contacts", json=person)
    assert [first("contacts", query, "ContactGuid") for query in queries] == [contact, contact]
    line = {
        "Description": "Kop",
        "Quantity": 1,
        "AccountNumber": 1000,
        "Unit": "parts",
        "Discount": 0,
        "LineType": "Product",
        "BaseAmountValue": 249,
    }
    order = {
        "ContactGuid": contact["ContactGuid"],
        "Date": "2026-11-24",
        "Currency": "DKK",
        "Language": "da-DK",
        "ShowLinesInclVat": True,
        "Description": "Ordre #3",
        "ExternalReference": "shop-order-3",
        "ProductLines": [line],
    }
    draft = client.ok("POST", "invoices", json=order)
    listed = first("invoices", "ExternalReference eq 'SHOP-ORDER-3'", "Guid,Number,TotalInclVat,Status")
    assert (listed["Guid"], listed["TotalInclVat"], listed["Status"]) == (draft["Guid"], 249, "Draft")
    path = f"invoices/{draft['Guid']}"
    booked = client.ok("POST", f"{path}/book", json={"Timestamp": draft["TimeStamp"]})
    payment = {
        "Timestamp": booked["TimeStamp"],
        "Amount": 249,
        "DepositAccountNumber": 55100,
        "PaymentDate": "2026-11-24",
        "Description": "Kort",
        "RemainderIsFee": False,
    }
    paid = client.ok("POST", f"{path}/payments", json=payment)
    (read,) = client.ok("GET", f"{path}/payments", "v2")["Payments"]
    assert (read["Guid"], read["Amount"]) == (paid["Guid"], 249)


def test_a_reader_that_lists_everything_with_filters(client: Client, sandbox: Sandbox, clock: SimulatedClock) -> None:
    """A year's invoices by status, customers with their kinds, accounts, postings, products."""
    test_a_shops_system_that_finds_its_own_by_reference(client)
    year = {"startDate": "2026-01-01", "endDate": "2026-12-31"}
    fields = "Guid,Number,ContactName,TotalExclVat,TotalInclVat,Status,Date,PaymentDate,Currency"
    for status, count in (("Draft", 0), ("Booked", 0), ("Paid", 1), ("OverPaid", 0), ("Overdue", 0)):
        query = {"statusFilter": status, "fields": fields, "pageSize": "100"} | year
        rows = client.ok("GET", "invoices", params=query)["Collection"]
        assert len(rows) == count, status
        assert all(set(row) == set(fields.split(",")) for row in rows)
    fields = (
        "ContactGuid,ExternalReference,Name,Email,Phone,Street,City,ZipCode,CountryKey,VatNumber,IsPerson,"
        "IsDebitor,IsCreditor"
    )
    contacts = client.ok("GET", "contacts", "v2", params={"fields": fields, "pageSize": "200"})["Collection"]
    assert any(row["Name"] == "Ea Holm" and row["IsDebitor"] for row in contacts)
    postings = client.ok(
        "GET", "entries", params={"fromDate": "2026-01-01", "toDate": "2026-12-31", "includePrimo": "true"}
    )
    assert round(sum(entry["Amount"] for entry in postings), 2) == 0
    added = client.ok("GET", "entries/changes", params={"changesFrom": clock.now().strftime("%Y-%m-%dT00:00:00Z")})
    assert len(added) == len(postings)
    product = {"Name": "Kop", "BaseAmountValue": 199.2, "Quantity": 1, "AccountNumber": 1000, "Unit": "parts"}
    client.ok("POST", "products", json=product)
    fields = "ProductGuid,Name,Comment,ProductNumber,BaseAmountValue,BaseAmountValueInclVat,Unit,AccountNumber"
    wanted = {"fields": fields, "freeTextSearch": "kop", "pageSize": "200"}
    (row,) = client.ok("GET", "products", params=wanted)["Collection"]
    assert row["BaseAmountValueInclVat"] == 249


def test_a_library_that_sends_every_name_with_null_for_what_is_not_given(client: Client) -> None:
    """Then a payer that reads the deposit account off the invoice."""
    contact = client.ok("POST", "contacts", json={"name": "Bo", "countryKey": "DK", "isPerson": True, "email": ""})
    names = (
        "currency",
        "language",
        "externalReference",
        "description",
        "comment",
        "date",
        "address",
        "guid",
        "showLinesInclVat",
        "invoiceTemplateId",
        "paymentConditionNumberOfDays",
        "paymentConditionType",
        "reminderFee",
        "reminderInterestRate",
        "isMobilePayInvoiceEnabled",
        "isPensoPayEnabled",
    )
    line = {
        "baseAmountValue": 80,
        "description": "Kop",
        "quantity": 1,
        "accountNumber": 1000,
        "unit": "parts",
        "discount": None,
        "comments": None,
        "productGuid": None,
        "lineType": None,
    }
    body = dict.fromkeys(names) | {"productLines": [line], "contactGuid": contact["ContactGuid"]}
    assert client.ok("POST", "invoices/fetch", json=body)["TotalInclVat"] == 100
    draft = client.ok("POST", "invoices", json=body)
    draft = client.ok("PUT", f"invoices/{draft['Guid']}", "v1.2", json=body | {"timestamp": draft["TimeStamp"]})
    client.ok("POST", f"invoices/{draft['Guid']}/book", json={"timestamp": draft["TimeStamp"], "number": None})
    found = client.ok("GET", f"invoices/{draft['Guid']}")
    assert found["DepositAccountNumber"] == 55000
    client.ok(
        "POST",
        f"invoices/{draft['Guid']}/payments",
        json={
            "externalReference": "match - 9",
            "paymentDate": "2026-11-24",
            "description": "Registreret",
            "amount": 100.0,
            "timestamp": found["TimeStamp"],
            "depositAccountNumber": found["DepositAccountNumber"],
            "remainderIsFee": False,
        },
    )
    assert client.ok("GET", f"invoices/{draft['Guid']}")["PaymentStatus"] == "Paid"


def test_the_mistakes_of_public_clients_are_told_to_them(client: Client) -> None:
    assert error(client.send("GET", "contacts", params={"queryFilter": "bo@example.com"})) == (400, 46)
    assert error(client.send("GET", "invoices", params={"fields": "Guid,TimeStamp"})) == (400, 46)
    assert client.send("GET", "invoices", params={"fields[0]": "Guid"}).status_code == 400
    assert error(client.send("GET", "invoices", params={"startDate": "2026-01-01"})) == (400, 46)
    line = {"Description": "Kop", "Quantity": 1, "AccountNumber": 1000, "Unit": "parts"}
    unpriced = client.send("POST", "invoices", json={"ProductLines": [line | {"BaseAmountExclVat": 80}]})
    assert error(unpriced) == (400, 42)
    assert unpriced.json()["validationErrors"] == {"BaseAmountValue": "is required"}
    draft = client.ok("POST", "invoices", json={"ProductLines": [line | {"BaseAmountValue": 80}]})
    without = client.send("POST", f"invoices/{draft['Guid']}/book", json={"Timestamp": draft.get("Timestamp")})
    assert without.json()["validationErrors"] == {"Timestamp": "The Timestamp field is required."}
    for path in ("sales/invoices", "invoices/booked/x", f"invoices/{draft['Guid']}/send", "reports/saldo"):
        assert client.send("POST", path, json={}).status_code in (404, 405), path
    assert client.send("GET", f"invoices/{draft['Guid']}/payments").status_code in (404, 405), "v1 was retired"
