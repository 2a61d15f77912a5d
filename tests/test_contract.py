"""The client's calls and the sandbox's answers agree with Dinero's OpenAPI document (skipped where it is not there)."""

import re
import uuid
from typing import Any

import requests

from caller import LINE, Caller
from conftest import World
from contract import document, operation_for, problems
from dinero.model.documents import Action
from dinero.sandbox import Sandbox
from test_corrections import correct, municipality, refund

NOT_DINERO = ("/REST", "/connect", "/dineroapi", "/admin", "/_sandbox", "/vies")


def judged(sandbox: Sandbox) -> list[str]:
    return [
        told
        for call in sandbox.calls
        if not call.path.startswith(NOT_DINERO)
        for told in problems(call.method, call.path, call.query, call.body, call.status, call.answer)
    ]


def test_every_call_of_the_main_job_and_every_answer_to_it_is_in_the_document(world: World) -> None:
    document()
    world.order(1)
    world.order(2, order_company_name="Friis ApS", vat_number="DK13585628")
    world.sandbox.fault("drop", method="POST", path="/book$")
    world.sandbox.fault("drop", method="POST", path="/payments$")
    world.push()
    world.push()
    assert {world.row(number).state for number in (1, 2)} == {"done"}
    assert len([c for c in world.sandbox.calls if "/invoices" in c.path]) > 8
    assert judged(world.sandbox) == []


def test_every_call_of_credit_notes_corrections_and_comparisons_is_in_the_document(world: World) -> None:
    document()
    world.dashboard.settings.save(rules={"ean": "e_invoice", "currency:EUR": "dinero_rate"})
    world.order(1)
    world.order(2, **refund(1))
    world.order(3, **municipality())
    world.order(4, currency="EUR")
    world.order(5)
    world.sandbox.fault("drop", method="POST", path="/creditnotes/[^/]+/book$")
    world.push()
    world.push()
    correct(world, 5, Action.REBOOK)
    today = world.clock.now().date()
    world.dashboard.proof.reconcile(today.replace(day=1), today)
    world.dashboard.older.check(today.replace(day=1), today)
    assert {world.row(number).state for number in range(1, 6)} == {"done"}
    paths = {call.path.split("/", 3)[-1].split("/")[0] for call in world.sandbox.calls if call.path.startswith("/v")}
    assert {"sales", "invoices", "contacts"} <= paths
    assert any("creditnotes" in call.path for call in world.sandbox.calls)
    assert any("e-invoice" in call.path for call in world.sandbox.calls)
    assert judged(world.sandbox) == []


def test_the_sandboxs_credit_notes_ledger_and_entries_agree_with_the_document(world: World) -> None:
    document()
    world.order(1)
    world.push()
    (invoice,) = world.sandbox.books.invoices.values()
    headers = {"Authorization": f"Bearer {world.dashboard.connection.auth.token()}"}
    base = f"{world.sandbox.url}/v1/210001"

    def send(method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, path, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    line = {
        "BaseAmountValue": 100,
        "Quantity": 1,
        "Discount": 0,
        "AccountNumber": 1000,
        "Unit": "parts",
        "Description": "Kop",
        "LineType": "Product",
    }
    note = {
        "ProductLines": [line],
        "ShowLinesInclVat": True,
        "CreditNoteFor": invoice["Guid"],
        "ContactGuid": invoice["ContactGuid"],
    }
    send("POST", f"{base}/sales/creditnotes/fetch", note)
    draft = send("POST", f"{base}/sales/creditnotes", note)
    send("DELETE", f"{base}/sales/creditnotes/{draft['Guid']}", {"Timestamp": draft["TimeStamp"]})
    made = send("POST", f"{base}/sales/creditnotes", note)
    send("GET", f"{base}/sales/creditnotes/{made['Guid']}")
    send("POST", f"{base}/sales/creditnotes/{made['Guid']}/book", {"Timestamp": made["TimeStamp"]})
    send("GET", f"{base}/sales/creditnotes?startDate=2026-01-01&endDate=2026-12-31")
    send("GET", f"{base}/sales?statusFilter=Paid,Booked")
    send("GET", f"{world.sandbox.url}/v2/210001/invoices/{invoice['Guid']}/payments")
    payment = world.sandbox.books.payments[0]["Guid"]
    send("DELETE", f"{base}/invoices/{invoice['Guid']}/payments/{payment}", {"Timestamp": invoice["TimeStamp"]})
    assert send("GET", f"{base}/entries?fromDate=2026-01-01&toDate=2026-12-31")
    item = {
        "Id": str(uuid.uuid4()),
        "VoucherDate": "2026-11-24",
        "Lines": [
            {"Amount": 241, "AccountNumber": 55000, "BalancingAccountNumber": 55100, "Description": "Udbetaling"}
        ],
    }
    added = send("POST", f"{world.sandbox.url}/v1.2/210001/ledgeritems", [item])
    send("POST", f"{base}/ledgeritems/book", [added])
    states = [send("POST", f"{base}/ledgeritems/status", [{"Id": item["Id"]}])[0]["Status"] for _ in range(2)]
    assert states == ["PendingBooking", "Booked"]
    assert judged(world.sandbox) == []


def test_every_route_of_the_sandboxs_dinero_is_in_the_document(sandbox: Sandbox) -> None:
    document()
    for route in sandbox.api.routes():
        path = re.sub(r"{\w+}", str(uuid.uuid4()), route.path.replace("{organization}", "210001"))
        for method in (route.methods or set()) - {"HEAD"}:
            assert operation_for(method, path) is not None, f"{method} {route.path}"


def test_the_sandboxs_other_answers_agree_with_the_document(world: World) -> None:
    document()
    headers = {"Authorization": f"Bearer {world.dashboard.connection.auth.token()}"}
    base = f"{world.sandbox.url}/v1/210001"
    line = {
        "BaseAmountValue": 12.35,
        "Quantity": 1,
        "Discount": 0,
        "AccountNumber": 1000,
        "Unit": "parts",
        "Description": "Kop",
        "LineType": "Product",
    }
    body = {"ProductLines": [line], "ShowLinesInclVat": True}
    assert requests.post(f"{base}/invoices/fetch", json=body, headers=headers, timeout=10).ok
    for path in ("/v1/organizations", "/v1.1/organizations", "/v1/countries"):
        assert requests.get(world.sandbox.url + path, headers=headers, timeout=10).ok
    for path in ("accounts/entry", "accounts/deposit", "accountingyears", "vatTypes", "contacts", "invoices"):
        assert requests.get(f"{base}/{path}", headers=headers, timeout=10).ok
    assert judged(world.sandbox) == []


def test_the_sandboxs_documents_and_what_becomes_of_them_agree_with_the_document(
    dinero: Caller, sandbox: Sandbox
) -> None:
    document()
    booked, draft = dinero.booked(), dinero.draft()
    invoice, invoices = f"/v1/ORG/invoices/{booked['Guid']}", "/v1/ORG/invoices"
    body = {"ContactGuid": booked["ContactGuid"], "ProductLines": [LINE], "ShowLinesInclVat": True}
    changed = done(dinero("PUT", f"/v1.2/ORG/invoices/{draft['Guid']}", body | {"Timestamp": draft["TimeStamp"]}))
    done(dinero("DELETE", f"{invoices}/{draft['Guid']}", {"Timestamp": changed["TimeStamp"]}))
    done(dinero("POST", f"{invoice}/email", {"ShouldAddTrustPilotEmailAsBcc": False}))
    for path in ("mailouts", "mailouts?includeSms=false&changesSince=2026-01-01T00:00:00Z"):
        done(dinero("GET", f"{invoice}/{path}"))
    done(dinero("GET", f"/v2/ORG/invoices/{booked['Guid']}/email/template"))
    done(dinero("GET", f"{invoices}/templates"))
    done(dinero("GET", "/v1/ORG/sales/settings"))
    note = done(dinero("POST", f"{invoice}/generate-creditnote", {}))
    notes = f"/v1/ORG/sales/creditnotes/{note['Guid']}"
    body |= {"CreditNoteFor": booked["Guid"], "Timestamp": note["TimeStamp"]}
    note = done(dinero("PUT", f"/v1.2/ORG/sales/creditnotes/{note['Guid']}", body))
    done(dinero("POST", f"{notes}/book", {"Timestamp": note["TimeStamp"]}))
    done(dinero("POST", f"{notes}/email", {"ShouldAddTrustPilotEmailAsBcc": False}))
    for path in ("mailouts", "email/template", "payments"):
        done(dinero("GET", f"{notes}/{path}"))
    pay = {
        "Timestamp": done(dinero("GET", notes))["TimeStamp"],
        "DepositAccountNumber": 55100,
        "Description": "x",
        "Amount": 1,
        "RemainderIsFee": False,
    }
    paid = done(dinero("POST", f"{notes}/payments", pay))
    done(dinero("DELETE", f"{notes}/payments/{paid['Guid']}", {"Timestamp": paid["TimeStamp"]}))
    for path in ("invoices", "sales", "sales/creditnotes"):
        for query in (
            {"sort": "Status,Contact", "sortOrder": "ascending", "freeTextSearch": "Å"},
            {"deletedOnly": "true"},
        ):
            done(dinero("GET", f"/v1/ORG/{path}", **query))
    assert judged(sandbox) == []


def test_the_sandboxs_customers_products_files_and_vouchers_agree_with_the_document(
    dinero: Caller, sandbox: Sandbox
) -> None:
    document()
    contact = {"Name": "Bo", "CountryKey": "DK", "IsPerson": True, "IsMember": False, "UseCvr": False}
    guid = dinero.contact()
    for version in ("v1", "v2"):
        done(dinero("PUT", f"/{version}/ORG/contacts/{guid}", contact))
        done(dinero("GET", f"/{version}/ORG/contacts", fields="Name,VatRegionKey,CompanyStatus", deletedOnly="false"))
    done(dinero("DELETE", f"/v1/ORG/contacts/{guid}"))
    done(dinero("POST", f"/v1/ORG/contacts/{guid}/restore"))
    done(dinero("GET", f"/v1/ORG/contacts/{guid}"))
    dinero.booked(ContactGuid=guid)
    assert done(dinero("GET", f"/v1/ORG/state-of-account/{guid}", hideClosed="false"))["Entries"]
    product = {"Name": "Kop", "BaseAmountValue": 80, "Quantity": 1, "AccountNumber": 1000, "Unit": "parts"}
    guid = done(dinero("POST", "/v1/ORG/products", product))["ProductGuid"]
    done(dinero("PUT", f"/v1/ORG/products/{guid}", product))
    done(dinero("GET", f"/v1/ORG/products/{guid}"))
    done(dinero("GET", "/v1/ORG/products", fields="Name,TotalAmount", freeTextSearch="kop"))
    done(dinero("DELETE", f"/v1/ORG/products/{guid}"))
    done(dinero("POST", "/v1/ORG/accounts/entry", {"Number": 1010, "Name": "Kurser", "VatCode": "none"}))
    done(dinero("GET", "/v1/ORG/accounts/purchase"))
    done(dinero("GET", "/v1/ORG/accounts/entry", fields="Name,Category", categoryFilter="Turnover"))
    for path in ("files", "files/attachment"):
        done(dinero("POST", f"/v1/ORG/{path}", files={"file": ("x.pdf", b"%PDF-1.4", "application/pdf")}))
    done(dinero("GET", "/v1/ORG/files", uploadedAfter="2026/01/01", fileStatus="Unused", extensions="pdf"))
    line = {"Amount": 8, "AccountNumber": 7420, "BalancingAccountNumber": 55100, "Description": "Gebyr"}
    voucher = done(dinero("POST", "/v1/ORG/vouchers/manuel", {"VoucherDate": "2026-11-24", "Lines": [line]}))
    path = f"/v1/ORG/vouchers/manuel/{voucher['Guid']}"
    voucher = done(dinero("PUT", path, {"Timestamp": voucher["Timestamp"], "Lines": [line]}))
    voucher = done(dinero("POST", f"{path}/book", {"Timestamp": voucher["Timestamp"]}))
    done(dinero("GET", path))
    done(dinero("DELETE", path, {"Timestamp": voucher["Timestamp"]}))
    item = {"Id": str(uuid.uuid4()), "VoucherDate": "2026-11-24", "Lines": [line]}
    added = done(dinero("POST", "/v1.2/ORG/ledgeritems", [item]))
    (added,) = done(dinero("PUT", "/v1/ORG/ledgeritems", [item | {"Version": added["Version"]}]))
    done(dinero("POST", "/v1/ORG/ledgeritems/ledgers", [added]))
    done(dinero("DELETE", "/v1/ORG/ledgeritems/delete", [added]))
    changes = {"changesFrom": "2026-11-20T00:00:00Z", "changesTo": "2026-11-30T00:00:00Z", "includePrimo": "true"}
    assert done(dinero("GET", "/v1/ORG/entries/changes", **changes))
    assert judged(sandbox) == []


def done(answer: requests.Response) -> Any:
    """The JSON of an answer that is no refusal."""
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def test_the_judge_finds_an_unknown_field_a_missing_one_and_an_unknown_query(sandbox: Sandbox) -> None:
    document()
    path = "/v1/210001/invoices"
    line = {"BaseAmountValue": 1, "Quantity": 1, "Discount": 0, "AccountNumber": 1000}
    assert problems("POST", path, {}, {"ProductLines": [line]}, 200, None) == []
    assert problems("POST", path, {}, {"ProductLines": [line | {"VatScale": 1}]}, 200, None)
    assert problems("POST", path, {}, {}, 200, None)
    assert problems("GET", path, {"select": "x"}, None, 200, None)
    assert problems("GET", path, {}, None, 200, {"Collection": [{"NoSuchField": 1}], "Pagination": {}})
    assert problems("POST", "/v1/210001/invoices/booked", {}, None, 200, None)
