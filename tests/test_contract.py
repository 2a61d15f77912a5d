"""The client's calls and the sandbox's answers agree with Dinero's OpenAPI document (skipped where it is not there)."""

import uuid
from typing import Any

import requests

from conftest import World
from contract import document, operation_for, problems
from dinero import changes
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
    assert {world.row(number)["state"] for number in (1, 2)} == {"done"}
    assert len([c for c in world.sandbox.calls if "/invoices" in c.path]) > 8
    assert judged(world.sandbox) == []


def test_every_call_of_credit_notes_corrections_and_comparisons_is_in_the_document(world: World) -> None:
    document()
    world.dashboard.save(rules={"ean": "e_invoice", "currency:EUR": "dinero_rate"})
    world.order(1)
    world.order(2, **refund(1))
    world.order(3, **municipality())
    world.order(4, currency="EUR")
    world.order(5)
    world.sandbox.fault("drop", method="POST", path="/creditnotes/[^/]+/book$")
    world.push()
    world.push()
    correct(world, 5, changes.REBOOK)
    today = world.clock.now().date()
    world.dashboard.reconcile(today.replace(day=1), today)
    world.dashboard.backfill(today.replace(day=1), today)
    assert {world.row(number)["state"] for number in range(1, 6)} == {"done"}
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
    headers = {"Authorization": f"Bearer {world.dashboard.auth.token()}"}
    base = f"{world.sandbox.url}/v1/210001"

    def send(method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, path, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    line = {"BaseAmountValue": 100, "Quantity": 1, "Discount": 0, "AccountNumber": 1000, "Unit": "parts",
            "Description": "Kop", "LineType": "Product"}  # fmt: skip
    note = {"ProductLines": [line], "ShowLinesInclVat": True, "CreditNoteFor": invoice["Guid"],
            "ContactGuid": invoice["ContactGuid"]}  # fmt: skip
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
    item = {"Id": str(uuid.uuid4()), "VoucherDate": "2026-11-24", "Lines": [
        {"Amount": 241, "AccountNumber": 55000, "BalancingAccountNumber": 55100, "Description": "Udbetaling"}
    ]}  # fmt: skip
    added = send("POST", f"{world.sandbox.url}/v1.2/210001/ledgeritems", [item])
    send("POST", f"{base}/ledgeritems/book", [added])
    states = [send("POST", f"{base}/ledgeritems/status", [{"Id": item["Id"]}])[0]["Status"] for _ in range(2)]
    assert states == ["PendingBooking", "Booked"]
    assert judged(world.sandbox) == []


def test_every_route_of_the_sandboxs_dinero_is_in_the_document(sandbox: Sandbox) -> None:
    document()
    for route in sandbox.api.routes():
        path = route.path.replace("{organization}", "210001").replace("{guid}", str(uuid.uuid4()))
        path = path.replace("{payment}", str(uuid.uuid4()))
        for method in (route.methods or set()) - {"HEAD"}:
            assert operation_for(method, path) is not None, f"{method} {route.path}"


def test_the_sandboxs_other_answers_agree_with_the_document(world: World) -> None:
    document()
    headers = {"Authorization": f"Bearer {world.dashboard.auth.token()}"}
    base = f"{world.sandbox.url}/v1/210001"
    line = {"BaseAmountValue": 12.35, "Quantity": 1, "Discount": 0, "AccountNumber": 1000, "Unit": "parts",
            "Description": "Kop", "LineType": "Product"}  # fmt: skip
    body = {"ProductLines": [line], "ShowLinesInclVat": True}
    assert requests.post(f"{base}/invoices/fetch", json=body, headers=headers, timeout=10).ok
    for path in ("/v1/organizations", "/v1.1/organizations", "/v1/countries"):
        assert requests.get(world.sandbox.url + path, headers=headers, timeout=10).ok
    for path in ("accounts/entry", "accounts/deposit", "accountingyears", "vatTypes", "contacts", "invoices"):
        assert requests.get(f"{base}/{path}", headers=headers, timeout=10).ok
    assert judged(world.sandbox) == []


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
