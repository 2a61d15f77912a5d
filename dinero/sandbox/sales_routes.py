"""Dinero's paths of invoices and credit notes over the sandbox's books, as in the OpenAPI document."""

from collections.abc import Callable
from typing import Any

from dinero.sandbox.books import Books
from dinero.sandbox.endpoints import ORG, PAGING, Asked, Download, Endpoint
from dinero.sandbox.lines import shown
from dinero.sandbox.lists import (
    Kind,
    changed_since,
    dated,
    living,
    matching,
    ordered,
    paged,
    searched,
    with_status,
)
from dinero.sandbox.values import Json

FIELDS = (
    "Number",
    "Guid",
    "ExternalReference",
    "ContactName",
    "ContactGuid",
    "Date",
    "PaymentDate",
    "Description",
    "Currency",
    "Status",
    "MailOutStatus",
    "LatestMailOutType",
    "TotalExclVatInDkk",
    "TotalInclVatInDkk",
    "TotalExclVat",
    "TotalInclVat",
    "CreatedAt",
    "UpdatedAt",
    "DeletedAt",
)
FILTERS: dict[str, Kind] = {"ExternalReference": "text", "ContactGuid": "guid", "Description": "text"}
LIST = (
    "startDate",
    "endDate",
    "fields",
    "freeTextSearch",
    "statusFilter",
    "queryFilter",
    "changesSince",
    "deletedOnly",
    "sort",
    "sortOrder",
    *PAGING,
)
SEARCHED = ("_number", "ContactName", "Description", "TotalInclVat")
INVOICES, NOTES = f"{ORG}/invoices", f"{ORG}/sales/creditnotes"


def sales_endpoints(books: Books) -> list[Endpoint]:
    """All of them, the more literal paths first."""

    def invoice(asked: Asked) -> Json:
        return books.invoice(asked.guid)

    def note(asked: Asked) -> Json:
        return books.credit_note(asked.guid)

    def listed(*kinds: str, fields: tuple[str, ...], default: str) -> Callable[[Asked], Json]:
        def work(asked: Asked) -> Json:
            query = asked.query
            rows = changed_since(books.listed(kinds), query.text("changesSince"))
            rows = living(matching(rows, query.text("queryFilter"), FILTERS), query)
            rows = with_status(dated(rows, query), query.text("statusFilter"))
            rows = ordered(searched(rows, query.text("freeTextSearch"), SEARCHED), query)
            return paged(query, [row | {"Status": row["PaymentStatus"]} for row in rows], default, fields)

        return work

    def one(find: Callable[[Asked], Json]) -> Callable[[Asked], Any]:
        def work(asked: Asked) -> Any:
            found = find(asked)
            return Download(books.pdf_of(found)) if asked.wants_pdf else books.show(found)

        return work

    def mailouts(find: Callable[[Asked], Json]) -> Callable[[Asked], list[Json]]:
        def work(asked: Asked) -> list[Json]:
            rows = changed_since(books.mailouts_of(find(asked)), asked.query.text("changesSince"))
            return [{name: value for name, value in row.items() if name != "UpdatedAt"} for row in rows]

        return work

    def fetch(asked: Asked) -> Json:  # a dry run: nothing is saved (facts.md, Dinero 4.9)
        computed = shown(books.compute(asked.body))
        for name in ("IsMobilePayInvoiceEnabled", "IsPensoPayEnabled"):
            del computed[name]
        return {"Number": 0, "CanEnableMobilePayInvoice": False, "CanEnablePensoPay": False} | computed

    default = "Guid,ContactName,Date,Description"
    both = ("Type", *FIELDS)
    note_fields = tuple(name for name in both if name != "LatestMailOutType")
    v1 = f"/v1/{INVOICES}/{{guid}}"
    n1 = f"/v1/{NOTES}/{{guid}}"
    return [
        Endpoint("GET", f"/v1/{INVOICES}", listed("Invoice", fields=FIELDS, default=default), LIST),
        Endpoint("POST", f"/v1/{INVOICES}", lambda a: books.create_invoice(a.body)),
        Endpoint("POST", f"/v1/{INVOICES}/fetch", fetch),
        Endpoint("GET", f"/v1/{INVOICES}/templates", lambda a: books.templates()),
        Endpoint("GET", v1, one(invoice)),
        Endpoint("DELETE", v1, lambda a: books.delete_invoice(a.guid, a.body)),
        Endpoint("PUT", f"/v1.2/{INVOICES}/{{guid}}", lambda a: books.update_invoice(a.guid, a.body)),
        Endpoint("POST", f"{v1}/book", lambda a: books.book(a.guid, a.body)),
        Endpoint("POST", f"{v1}/email", lambda a: books.send_mail(invoice(a), a.body)),
        Endpoint(
            "GET",
            f"/v2/{INVOICES}/{{guid}}/email/template",
            lambda a: {"SendAsSms": False, "SmsReceiverPhoneNumber": None} | books.mail_template(invoice(a)),
        ),
        Endpoint("GET", f"{v1}/email/pre-reminder/template", lambda a: books.mail_template(invoice(a))),
        Endpoint("POST", f"{v1}/email/pre-reminder", lambda a: books.send_pre_reminder(invoice(a), a.body)),
        Endpoint("GET", f"{v1}/mailouts", mailouts(invoice), ("changesSince", "includeSms")),
        Endpoint("POST", f"/v3/{INVOICES}/{{guid}}/e-invoice", lambda a: books.send_e_document(invoice(a), a.body)),
        Endpoint("POST", f"{v1}/payments", lambda a: books.pay(a.guid, a.body)),
        Endpoint("GET", f"/v2/{INVOICES}/{{guid}}/payments", lambda a: books.payments_of(a.guid)),
        Endpoint(
            "DELETE", f"{v1}/payments/{{payment}}", lambda a: books.delete_payment(a.guid, a.path["payment"], a.body)
        ),
        Endpoint("POST", f"{v1}/generate-creditnote", lambda a: books.credit_all_of(a.guid, a.body)),
        Endpoint(
            "GET", f"/v1/{ORG}/sales", listed("Invoice", "CreditNote", fields=both, default=f"{default},Type"), LIST
        ),
        Endpoint("GET", f"/v1/{ORG}/sales/settings", lambda a: books.settings),
        Endpoint("GET", f"/v1/{NOTES}", listed("CreditNote", fields=note_fields, default=f"{default},Type"), LIST),
        Endpoint("POST", f"/v1/{NOTES}", lambda a: books.create_credit_note(a.body)),
        Endpoint("POST", f"/v1/{NOTES}/fetch", lambda a: {"Number": 0} | shown(books.compute_credit_note(a.body))),
        Endpoint("GET", n1, one(note)),
        Endpoint("GET", f"{n1}/pdf", lambda a: Download(books.pdf_of(note(a)))),
        Endpoint("DELETE", n1, lambda a: books.delete_credit_note(a.guid, a.body)),
        Endpoint("PUT", f"/v1.2/{NOTES}/{{guid}}", lambda a: books.update_credit_note(a.guid, a.body)),
        Endpoint("POST", f"{n1}/book", lambda a: books.book_credit_note(a.guid, a.body)),
        Endpoint("POST", f"{n1}/email", lambda a: books.send_mail(note(a), a.body)),
        Endpoint("GET", f"{n1}/email/template", lambda a: books.mail_template(note(a))),
        Endpoint("GET", f"{n1}/mailouts", mailouts(note), ("changesSince",)),
        Endpoint("POST", f"/v3/{NOTES}/{{guid}}/e-creditNote", lambda a: books.send_e_document(note(a), a.body)),
        Endpoint("POST", f"{n1}/payments", lambda a: books.pay_credit_note(a.guid, a.body)),
        Endpoint("GET", f"{n1}/payments", lambda a: books.payments_of_credit_note(a.guid)),
        Endpoint(
            "DELETE",
            f"{n1}/payments/{{payment}}",
            lambda a: books.delete_credit_note_payment(a.guid, a.path["payment"], a.body),
        ),
    ]
