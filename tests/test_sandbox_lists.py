"""Lists of the sandbox's Dinero do what the OpenAPI document says of their parameters, or refuse."""

from typing import Any

import pytest
import requests

from caller import LINE, Caller, error
from dinero.model.clock import SimulatedClock
from dinero.sandbox import Sandbox
from dinero.sandbox.connect import API_KEY, PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET

SALES = "/v1/ORG/invoices"


@pytest.mark.parametrize("scope", ["read", "write read", "read write offline_access", "READ WRITE", ""])
def test_a_personal_token_is_asked_for_with_the_scope_read_write_and_no_other(sandbox: Sandbox, scope: str) -> None:
    body = {"grant_type": "password", "scope": scope, "username": API_KEY, "password": API_KEY}
    answer = requests.post(
        f"{sandbox.url}/dineroapi/oauth/token", body, auth=(PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET), timeout=10
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (SALES, "select"),
        ("/v1/ORG/contacts", "freeTextSearch"),
        ("/v1/ORG/accounts/deposit", "categoryFilter"),
        ("/v1/ORG/vatTypes", "page"),
        ("/v2/ORG/contacts", "sort"),
        ("/v1.1/organizations", "fields"),
    ],
)
def test_a_parameter_that_the_document_does_not_know_is_refused(dinero: Caller, path: str, name: str) -> None:
    assert dinero("GET", path, **{name: "x"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sort": "Number"}, 46),
        ({"sortOrder": "up"}, 46),
        ({"statusFilter": "Sent"}, 46),
        ({"fields": "TimeStamp"}, 46),
        ({"deletedOnly": "maybe"}, 44),
        ({"page": "first"}, 44),
        ({"startDate": "2026-11-01"}, 46),
        ({"startDate": "1/11/2026", "endDate": "2026-11-30"}, 44),
        ({"changesSince": "2026-11-01"}, 46),
        ({"queryFilter": "Number eq '1'"}, 46),
        ({"queryFilter": "Description like 'x'"}, 46),
        ({"queryFilter": "Description eq x"}, 46),
    ],
)
def test_a_value_of_another_form_is_refused(dinero: Caller, query: dict[str, str], code: int) -> None:
    assert error(dinero("GET", SALES, **query)) == (400, code)


def test_filter_values_are_read_as_their_fields_kind(dinero: Caller) -> None:
    answer = dinero("GET", SALES, queryFilter="ContactGuid eq 'Åse'")
    assert error(answer) == (400, 46)
    assert answer.json()["message"] == "Could not parse value input 'Åse' as guid."
    assert error(dinero("GET", "/v1/ORG/contacts", queryFilter="IsPerson eq 'yes'")) == (400, 46)
    company = dinero.contact(IsPerson=False, Name="Å ApS")
    found = dinero.rows("/v1/ORG/contacts", queryFilter="IsPerson eq 'FALSE';Name contains 'å aps'")
    assert [row["contactGuid"] for row in found] == [company]


def test_invoices_of_one_customer_are_found_whatever_the_guids_case(dinero: Caller) -> None:
    guid = dinero.contact()
    mine = dinero.draft(ContactGuid=guid)["Guid"]
    dinero.draft()
    assert [row["Guid"] for row in dinero.rows(SALES, queryFilter=f"ContactGuid eq '{guid.upper()}'")] == [mine]


def test_documents_are_sorted_as_asked_and_the_status_has_one_order(dinero: Caller) -> None:
    for name, date in (("Bo", "2026-11-03"), ("Ea", "2026-11-01"), ("Ib", "2026-11-02")):
        dinero.booked(ContactGuid=dinero.contact(Name=name), Date=date)
    dinero.draft(ContactGuid=dinero.contact(Name="Yo"))

    def names(**query: str) -> list[str]:
        return [row["ContactName"] for row in dinero.rows(SALES, **query)]

    assert names() == ["Yo", "Ib", "Ea", "Bo"]
    assert names(statusFilter="Booked,Overdue", sort="VoucherDate", sortOrder="ascending") == ["Ea", "Ib", "Bo"]
    assert names(statusFilter="Booked,Overdue", sort="contact") == ["Ib", "Ea", "Bo"]
    assert names(sort="Status,Contact", sortOrder="ascending")[0] == "Yo"
    assert names(sort="Status", sortOrder="descending")[0] == "Yo"


def test_free_text_is_looked_for_in_number_customer_heading_and_total(dinero: Caller) -> None:
    dinero.booked(ContactGuid=dinero.contact(Name="Bo Bech"), Description="Julehandel")
    dinero.booked(ContactGuid=dinero.contact(Name="Ea"), ProductLines=[LINE | {"BaseAmountValue": 1050.5}])

    def found(text: str) -> list[str]:
        return [row["ContactName"] for row in dinero.rows(SALES, freeTextSearch=text)]

    assert (found("bech"), found("JULE"), found("1050,50"), found("1050.5")) == (
        ["Bo Bech"],
        ["Bo Bech"],
        ["Ea"],
        ["Ea"],
    )
    assert found("2") == ["Ea", "Bo Bech"]  # number 2, and 12.35
    assert found("nobody") == []


def test_deletions_are_told_with_changes_and_alone_when_asked(
    dinero: Caller, sandbox: Sandbox, clock: SimulatedClock
) -> None:
    kept, gone = dinero.draft()["Guid"], dinero.draft()["Guid"]
    clock.advance(60)
    since = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    sandbox.books.delete_draft(gone)
    sandbox.books.touch(kept)

    def guids(**query: str) -> set[str]:
        return {row["Guid"] for row in dinero.rows(SALES, **query)}

    assert guids() == {kept}
    assert guids(deletedOnly="true") == {gone}
    assert guids(changesSince=since) == {kept, gone}
    assert guids(changesSince=since, deletedOnly="True") == {gone}


def test_the_second_list_of_customers_has_the_deleted_ones_unless_they_alone_are_asked_for(
    dinero: Caller, sandbox: Sandbox
) -> None:
    gone = dinero.contact(Name="Gone")
    sandbox.books.delete_contact(gone)
    query = {"queryFilter": "Name eq 'Gone'"}
    assert dinero.rows("/v1/ORG/contacts", **query) == []
    assert len(dinero.rows("/v2/ORG/contacts", **query, deletedOnly="false")) == 1
    assert len(dinero.rows("/v1/ORG/contacts", **query, deletedOnly="true")) == 1


def test_deposit_accounts_have_four_fields_and_the_banks_only_with_the_switch(dinero: Caller, sandbox: Sandbox) -> None:
    path = "/v1/ORG/accounts/deposit"
    assert set(dinero("GET", path).json()[0]) == {"AccountNumber", "Name"}
    assert error(dinero("GET", path, fields="Name,BankIbanNumber")) == (400, 46)
    sandbox.books.gives_bank_details = True
    assert dinero("GET", path, fields="BankAccountNumber").json()[0] == {"BankAccountNumber": "0001234567"}


def test_accounts_have_dineros_categories_and_are_filtered_by_them(dinero: Caller) -> None:
    accounts = dinero("GET", "/v1/ORG/accounts/entry", fields="AccountNumber,Category").json()
    by_number = {account["AccountNumber"]: account["Category"] for account in accounts}
    assert (by_number[1000], by_number[55100], by_number[64000]) == ("Turnover", "Liquid Assets", "Vat Due")
    liquid = dinero("GET", "/v1/ORG/accounts/entry", categoryFilter="liquid assets").json()
    assert [account["AccountNumber"] for account in liquid] == [55000, 55040, 55100]
    assert error(dinero("GET", "/v1/ORG/accounts/entry", categoryFilter="Income")) == (400, 46)
    purchases = dinero("GET", "/v1/ORG/accounts/purchase").json()
    assert {"CategoryName", "VatCode"} <= set(purchases[0])
    assert all(2000 <= account["AccountNumber"] <= 9399 for account in purchases)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (
            "/v1/organizations",
            "Name,Id,Type,IsPro,IsPayingPro,IsVatFree,Email,Phone,Street,City,ZipCode,AttPerson,"
            "IsTaxFreeUnion,VatNumber",
        ),
        (
            "/v2/ORG/contacts",
            "Name,ContactGuid,ExternalReference,IsPerson,Street,ZipCode,City,CountryKey,Phone,Email,"
            "Webpage,AttPerson,VatNumber,EanNumber,PaymentConditionType,PaymentConditionNumberOfDays,"
            "IsMember,MemberNumber,CompanyStatus,VatRegionKey,CreatedAt,UpdatedAt,DeletedAt,"
            "PreferredInvoiceLanguageKey,PreferredInvoiceCurrencyKey",
        ),
        (
            "/v1/ORG/products",
            "Name,ProductNumber,Quantity,Unit,AccountNumber,BaseAmountValue,BaseAmountValueInclVat,"
            "TotalAmount,TotalAmountInclVat,ExternalReference,CreatedAt,UpdatedAt,DeletedAt",
        ),
    ],
)
def test_all_fields_of_the_document_can_be_asked_for(dinero: Caller, path: str, fields: str) -> None:
    dinero(
        "POST",
        "/v1/ORG/products",
        {"Name": "Kop", "BaseAmountValue": 80, "Quantity": 1, "AccountNumber": 1000, "Unit": "parts"},
    )
    answer: Any = dinero("GET", path, fields=fields).json()
    rows = answer["Collection"] if isinstance(answer, dict) else answer
    assert set(rows[0]) == set(fields.split(","))
