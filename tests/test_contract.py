"""The client's calls and the sandbox's answers agree with Dinero's OpenAPI document (skipped where it is not there)."""

import uuid

import requests

from conftest import World
from contract import document, operation_for, problems
from dinero.sandbox import Sandbox

NOT_DINERO = ("/REST", "/connect", "/dineroapi", "/admin", "/_sandbox")


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


def test_every_route_of_the_sandboxs_dinero_is_in_the_document(sandbox: Sandbox) -> None:
    document()
    for route in sandbox.api.routes():
        path = route.path.replace("{organization}", "210001").replace("{guid}", str(uuid.uuid4()))
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
