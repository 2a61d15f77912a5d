"""Dinero's other paths over the sandbox's books: accounts, customers, products, files, ledger, entries."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel import Locale

from dinero.sandbox.books import Books
from dinero.sandbox.chart import CATEGORIES, VAT_TYPES
from dinero.sandbox.endpoints import ORG, PAGING, Asked, Download, Endpoint
from dinero.sandbox.lists import Kind, Query, changed_since, living, matching, paged, searched, select
from dinero.sandbox.values import Json, Refusal, pdf, plain

CONTACT_FIELDS = (
    "ContactGuid",
    "CreatedAt",
    "UpdatedAt",
    "DeletedAt",
    "IsDebitor",
    "IsCreditor",
    "ExternalReference",
    "Name",
    "Street",
    "ZipCode",
    "City",
    "CountryKey",
    "Phone",
    "Email",
    "Webpage",
    "AttPerson",
    "VatNumber",
    "EanNumber",
    "IsPerson",
    "IsMember",
    "MemberNumber",
    "UseCvr",
    "PaymentConditionType",
    "PaymentConditionNumberOfDays",
    "CompanyStatus",
    "VatRegionKey",
    "PreferredInvoiceLanguageKey",
    "PreferredInvoiceCurrencyKey",
)
CONTACT_FILTERS: dict[str, Kind] = {
    "ExternalReference": "text",
    "Name": "text",
    "Email": "text",
    "VatNumber": "text",
    "EanNumber": "text",
    "IsPerson": "bool",
    "Phone": "text",
}
CONTACT_LIST = ("fields", "queryFilter", "changesSince", "deletedOnly", *PAGING)
STATE = ("from", "to", "hideClosed")
PRODUCT_FIELDS = (
    "ProductGuid",
    "Name",
    "ProductNumber",
    "Quantity",
    "Unit",
    "AccountNumber",
    "BaseAmountValue",
    "BaseAmountValueInclVat",
    "TotalAmount",
    "TotalAmountInclVat",
    "ExternalReference",
    "Comment",
    "CreatedAt",
    "UpdatedAt",
    "DeletedAt",
)
PRODUCT_FILTERS: dict[str, Kind] = {"Name": "text", "ProductNumber": "text", "ExternalReference": "text"}
ENTRY_FIELDS = ("AccountNumber", "Name", "VatCode", "Category", "IsHidden")
PURCHASE_FIELDS = (*ENTRY_FIELDS, "CategoryName")
DEPOSIT_FIELDS = ("AccountNumber", "Name", "IsDefault", "IsHidden")
BANK_FIELDS = ("BankRegistrationNumber", "BankAccountNumber", "BankSwiftNumber", "BankIbanNumber")
ORGANIZATION_FIELDS = (
    "Name",
    "Id",
    "Type",
    "IsPro",
    "IsPayingPro",
    "IsVatFree",
    "Email",
    "Phone",
    "Street",
    "City",
    "ZipCode",
    "AttPerson",
    "IsTaxFreeUnion",
    "VatNumber",
)
LONGEST_CHANGES = timedelta(days=31)


def other_endpoints(books: Books) -> list[Endpoint]:
    """All of them, the more literal paths first."""
    o = f"/v1/{ORG}"

    def contacts(asked: Asked, *, deleted_too: bool) -> Json:
        query = asked.query
        rows = changed_since(books.contacts.values(), query.text("changesSince"))
        rows = matching(rows, query.text("queryFilter"), CONTACT_FILTERS)
        return paged(query, living(rows, query, all_by_default=deleted_too), "name,contactGuid", CONTACT_FIELDS)

    def products(asked: Asked) -> Json:
        query = asked.query
        rows = changed_since(books.products.values(), query.text("changesSince"))
        rows = living(matching(rows, query.text("queryFilter"), PRODUCT_FILTERS), query)
        rows = searched(rows, query.text("freeTextSearch"), ("Name", "ProductNumber"))
        rows.sort(key=lambda row: row["UpdatedAt"])
        return paged(query, rows, "Name,ProductGuid", PRODUCT_FIELDS)

    def state(asked: Asked) -> Json:
        query = asked.query
        return books.state_of_account(
            asked.guid, query.day("from"), query.day("to"), hide_closed=query.flag("hideClosed")
        )

    def deposits(asked: Asked) -> list[Json]:
        allowed = DEPOSIT_FIELDS + (BANK_FIELDS if books.gives_bank_details else ())
        return select(books.deposits.values(), asked.query.text("fields"), "AccountNumber,Name", allowed)

    def entry_accounts(asked: Asked) -> list[Json]:
        rows, wanted = books.entry_accounts(), asked.query.text("categoryFilter")
        if wanted:
            if wanted.lower() not in {name.lower() for name in CATEGORIES}:
                raise Refusal(400, 46, "Unknown categoryFilter")
            rows = [row for row in rows if row["Category"].lower() == wanted.lower()]
        return select(rows, asked.query.text("fields"), "AccountNumber,Name,IsHidden", ENTRY_FIELDS)

    def purchase_accounts(asked: Asked) -> list[Json]:
        fields = asked.query.text("fields")
        return select(books.purchase_accounts(), fields, ",".join(PURCHASE_FIELDS), PURCHASE_FIELDS)

    return [
        Endpoint("GET", "/v1/organizations", lambda a: _organizations(books, a), ("fields",)),
        Endpoint("GET", "/v1.1/organizations", lambda a: _organizations_v2(books, a)),
        Endpoint("GET", "/v1/countries", lambda a: _countries()),
        Endpoint("GET", f"{o}/accounts/entry", entry_accounts, ("fields", "categoryFilter")),
        Endpoint("POST", f"{o}/accounts/entry", lambda a: books.create_account(a.body)),
        Endpoint("GET", f"{o}/accounts/purchase", purchase_accounts, ("fields",)),
        Endpoint("GET", f"{o}/accounts/deposit", deposits, ("fields",)),
        Endpoint("POST", f"{o}/accounts/deposit", lambda a: books.create_deposit(a.body)),
        Endpoint("GET", f"{o}/accountingyears", lambda a: _years(books)),
        Endpoint("GET", f"{o}/vatTypes", lambda a: _vat_types()),
        Endpoint("GET", f"{o}/contacts", lambda a: contacts(a, deleted_too=False), CONTACT_LIST),
        Endpoint("GET", f"/v2/{ORG}/contacts", lambda a: contacts(a, deleted_too=True), CONTACT_LIST),
        Endpoint("POST", f"{o}/contacts", lambda a: books.create_contact(a.body)),
        Endpoint("GET", f"{o}/contacts/{{guid}}", lambda a: books.contact(a.guid)),
        Endpoint("PUT", f"{o}/contacts/{{guid}}", lambda a: books.update_contact(a.guid, a.body)),
        Endpoint("PUT", f"/v2/{ORG}/contacts/{{guid}}", lambda a: books.update_contact(a.guid, a.body)),
        Endpoint("DELETE", f"{o}/contacts/{{guid}}", lambda a: books.delete_contact(a.guid)),
        Endpoint("POST", f"{o}/contacts/{{guid}}/restore", lambda a: books.restore_contact(a.guid)),
        Endpoint("GET", f"{o}/state-of-account/{{guid}}", state, STATE),
        Endpoint("GET", f"{o}/state-of-account/{{guid}}/pdf", lambda a: Download(pdf(f"Kontoudtog {a.guid}")), STATE),
        Endpoint(
            "GET",
            f"{o}/products",
            products,
            ("fields", "freeTextSearch", "queryFilter", "changesSince", "deletedOnly", *PAGING),
        ),
        Endpoint("POST", f"{o}/products", lambda a: books.create_product(a.body)),
        Endpoint("GET", f"{o}/products/{{guid}}", lambda a: books.product(a.guid)),
        Endpoint("PUT", f"{o}/products/{{guid}}", lambda a: books.update_product(a.guid, a.body)),
        Endpoint("DELETE", f"{o}/products/{{guid}}", lambda a: books.delete_product(a.guid)),
        Endpoint("GET", f"{o}/entries", lambda a: _entries(books, a), ("fromDate", "toDate", "includePrimo")),
        Endpoint(
            "GET", f"{o}/entries/changes", lambda a: _changes(books, a), ("changesFrom", "changesTo", "includePrimo")
        ),
        Endpoint("POST", f"/v1.2/{ORG}/ledgeritems", lambda a: books.add_ledger_items(a.items)),
        Endpoint("PUT", f"{o}/ledgeritems", lambda a: books.update_ledger_items(a.items)),
        Endpoint("POST", f"{o}/ledgeritems/ledgers", lambda a: books.read_ledger_items(a.items)),
        Endpoint("POST", f"{o}/ledgeritems/book", lambda a: books.book_ledger_items(a.items)),
        Endpoint("POST", f"{o}/ledgeritems/status", lambda a: books.ledger_status(a.items)),
        Endpoint("DELETE", f"{o}/ledgeritems/delete", lambda a: books.delete_ledger_items(a.items)),
        Endpoint("POST", f"{o}/vouchers/manuel", lambda a: books.create_voucher(a.body)),
        Endpoint("GET", f"{o}/vouchers/manuel/{{guid}}", lambda a: books.show_voucher(a.guid)),
        Endpoint("PUT", f"{o}/vouchers/manuel/{{guid}}", lambda a: books.update_voucher(a.guid, a.body)),
        Endpoint("DELETE", f"{o}/vouchers/manuel/{{guid}}", lambda a: books.delete_voucher(a.guid, a.body)),
        Endpoint("POST", f"{o}/vouchers/manuel/{{guid}}/book", lambda a: books.book_voucher(a.guid, a.body)),
        Endpoint("POST", f"{o}/files", lambda a: books.upload(a.content_type, a.raw, archived=True), form=True),
        Endpoint(
            "GET",
            f"{o}/files",
            lambda a: _files(books, a.query),
            ("extensions", "uploadedBefore", "uploadedAfter", "fileStatus", *PAGING),
        ),
        Endpoint(
            "POST", f"{o}/files/attachment", lambda a: books.upload(a.content_type, a.raw, archived=False), form=True
        ),
        Endpoint("GET", f"{o}/files/{{guid}}", lambda a: Download(books.file(a.guid))),
    ]


def _organizations(books: Books, asked: Asked) -> list[Json]:
    rows = [
        {
            "Id": int(id_),
            "Name": o["Name"],
            "Type": "normal",
            "IsPro": o["HasPro"],
            "IsPayingPro": o["HasPro"],
            "IsVatFree": False,
            "VatNumber": o["VatNumber"],
            "Email": "ea@example.com",
            "Phone": None,
            "Street": None,
            "City": None,
            "ZipCode": None,
            "AttPerson": None,
            "IsTaxFreeUnion": False,
        }
        for id_, o in _visible(books, asked).items()
    ]
    return select(rows, asked.query.text("fields"), "id,name,isPro", ORGANIZATION_FIELDS)


def _organizations_v2(books: Books, asked: Asked) -> list[Json]:
    return [
        {
            "Id": int(id_),
            "Name": o["Name"],
            "VatNumber": o["VatNumber"],
            "RoleKey": "Owner",
            "IsVatFree": False,
            "IsTaxFreeUnion": False,
            "Subscription": {
                "HasPro": o["HasPro"],
                "HasPayingPro": o["HasPro"],
                "HasStarterPlus": False,
                "HasTotal": False,
                "HasYfs": False,
            },
        }
        for id_, o in _visible(books, asked).items()
    ]


def _visible(books: Books, asked: Asked) -> dict[str, Json]:
    return {id_: o for id_, o in books.organizations.items() if o["Personal"] or not asked.client.personal}


def _countries() -> list[Json]:
    danish, english = (dict[str, str](Locale.parse(language).territories) for language in ("da", "en"))
    keys = sorted(key for key in english if len(key) == 2 and key.isalpha() and key in danish)
    return [{"Key": key, "DanishName": danish[key], "EnglishName": english[key]} for key in keys]


def _years(books: Books) -> list[Json]:
    return [
        {
            "Name": str(first.year),
            "FromDate": first.isoformat(),
            "ToDate": last.isoformat(),
            "SalarySumTaxStateEnum": "None",
        }
        for first, last in books.years
    ]


def _vat_types() -> list[Json]:
    return [{"VatCode": code, "Name": name, "VatRate": plain(rate)} for code, (name, rate) in VAT_TYPES.items()]


def _entries(books: Books, asked: Asked) -> list[Json]:
    first, last = _required(asked.query, "fromDate"), _required(asked.query, "toDate")
    if not any(start <= first <= last <= end for start, end in books.years):
        raise Refusal(400, 45, "The period is not within one accounting year")
    return books.entries(first, last, primo=asked.query.flag("includePrimo", default=True))


def _changes(books: Books, asked: Asked) -> list[Json]:
    first, last = asked.query.moment("changesFrom"), asked.query.moment("changesTo") or books.now
    if first is None:
        raise Refusal(400, 44, "changesFrom is required")
    if not timedelta(0) <= last - first <= LONGEST_CHANGES:
        raise Refusal(400, 45, "The time is longer than 31 days")
    return books.entries_changed(first, last, primo=asked.query.flag("includePrimo", default=True))


def _required(query: Query, name: str) -> date:
    found = query.day(name)
    if found is None:
        raise Refusal(400, 44, f"{name} is required")
    return found


def _files(books: Books, query: Query) -> list[Json]:
    rows = books.archive()
    if extensions := query.text("extensions"):
        wanted = {name.strip().lower() for name in extensions.split(",")}
        rows = [row for row in rows if row["Extension"] in wanted]
    status = (query.text("fileStatus") or "All").lower()
    if status not in ("all", "used", "unused"):
        raise Refusal(400, 46, "fileStatus must be All, Used or Unused")
    if status != "all":
        rows = [row for row in rows if bool(row["Linked"]) is (status == "used")]
    before, after = _slashed(query, "uploadedBefore"), _slashed(query, "uploadedAfter")
    rows = [row for row in rows if not before or row["UploadedAt"] < before]
    rows = [row for row in rows if not after or row["UploadedAt"] > after]
    page, size = query.number("page", 0), query.number("pageSize", 1000)
    if page < 0 or size < 1:
        raise Refusal(400, 43, "Page or page size out of bounds")
    return rows[page * size : (page + 1) * size]


def _slashed(query: Query, name: str) -> Any:
    """A day written yyyy/MM/dd, as the times of files are compared with it."""
    value = query.text(name)
    try:
        return datetime.strptime(value, "%Y/%m/%d").replace(tzinfo=UTC).date().isoformat() if value else None
    except ValueError as error:
        raise Refusal(400, 44, f"{name} must be yyyy/MM/dd") from error
