"""The routes of the sandbox's Dinero over its books: paths, names and answers as in Dinero's OpenAPI document."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dinero.clock import Clock
from dinero.sandbox.books import Books, Json, Refusal, changed_since, matching, select
from dinero.sandbox.connect import Tokens

CONTACT_FIELDS = (
    "ContactGuid", "CreatedAt", "UpdatedAt", "DeletedAt", "IsDebitor", "IsCreditor", "ExternalReference", "Name",
    "Street", "ZipCode", "City", "CountryKey", "Phone", "Email", "Webpage", "AttPerson", "VatNumber", "EanNumber",
    "IsPerson", "IsMember", "UseCvr", "PaymentConditionType", "PaymentConditionNumberOfDays",
)  # fmt: skip
CONTACT_FILTERS = ("ExternalReference", "Name", "Email", "VatNumber", "EanNumber", "IsPerson", "Phone")
INVOICE_FIELDS = (
    "Number", "Guid", "ExternalReference", "ContactName", "ContactGuid", "Date", "PaymentDate", "Description",
    "Currency", "Status", "MailOutStatus", "LatestMailOutType", "TotalExclVatInDkk", "TotalInclVatInDkk",
    "TotalExclVat", "TotalInclVat", "CreatedAt", "UpdatedAt", "DeletedAt",
)  # fmt: skip
INVOICE_FILTERS = ("ExternalReference", "ContactGuid", "Description")
ENTRY_FIELDS = ("AccountNumber", "Name", "VatCode", "Category", "IsHidden")
DEPOSIT_FIELDS = (
    "AccountNumber", "PublicStandardNumber", "Name", "IsDefault", "IsHidden", "BankRegistrationNumber",
    "BankAccountNumber", "BankSwiftNumber", "BankIbanNumber",
)  # fmt: skip
ORGANIZATION_FIELDS = ("Name", "Id", "IsPro", "IsPayingPro", "IsVatFree", "VatNumber", "Email")
PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
WINDOW = 60.0
TOO_MANY = "API calls quota exceeded! maximum admitted {limit} per 1m."

Work = Callable[[Request, Json], Any]


class DineroApi:
    """Dinero's API: who may call, how often, and what each path answers."""

    def __init__(self, books: Books, tokens: Tokens, clock: Clock, calls_per_minute: int | None) -> None:
        self.books = books
        self.tokens = tokens
        self.clock = clock
        self.calls_per_minute = calls_per_minute
        self._taken: dict[tuple[str, str], list[float]] = {}

    def routes(self) -> list[Route]:
        """All paths that the sandbox knows."""
        org = "{organization}"
        return [
            self._route("GET", "/v1/organizations", self._organizations),
            self._route("GET", "/v1.1/organizations", self._organizations_v2),
            self._route("GET", "/v1/countries", self._countries),
            self._route("GET", f"/v1/{org}/accounts/entry", self._entry_accounts),
            self._route("GET", f"/v1/{org}/accounts/deposit", self._deposit_accounts),
            self._route("POST", f"/v1/{org}/accounts/deposit", lambda r, body: self.books.create_deposit(body)),
            self._route("GET", f"/v1/{org}/accountingyears", self._years),
            self._route("GET", f"/v1/{org}/vatTypes", self._vat_types),
            self._route("GET", f"/v1/{org}/contacts", lambda r, b: self._contacts(r, live_only=True)),
            self._route("GET", f"/v2/{org}/contacts", lambda r, b: self._contacts(r, live_only=False)),
            self._route("POST", f"/v1/{org}/contacts", lambda r, body: self.books.create_contact(body)),
            self._route("GET", f"/v1/{org}/contacts/{{guid}}", lambda r, b: self.books.contact(r.path_params["guid"])),
            self._route(
                "POST", f"/v1/{org}/contacts/{{guid}}/restore",
                lambda r, b: self.books.restore_contact(r.path_params["guid"]),
            ),
            self._route("GET", f"/v1/{org}/invoices", self._invoices),
            self._route("POST", f"/v1/{org}/invoices", lambda r, body: self.books.create_invoice(body)),
            self._route("POST", f"/v1/{org}/invoices/fetch", self._fetch),
            self._route("GET", f"/v1/{org}/invoices/{{guid}}", lambda r, b: self.books.invoice(r.path_params["guid"])),
            self._route(
                "DELETE", f"/v1/{org}/invoices/{{guid}}",
                lambda r, body: self.books.delete_invoice(r.path_params["guid"], body),
            ),
            self._route(
                "POST", f"/v1/{org}/invoices/{{guid}}/book",
                lambda r, body: self.books.book(r.path_params["guid"], body),
            ),
            self._route(
                "POST", f"/v1/{org}/invoices/{{guid}}/payments",
                lambda r, body: self.books.pay(r.path_params["guid"], body),
            ),
            self._route(
                "GET", f"/v2/{org}/invoices/{{guid}}/payments",
                lambda r, b: self.books.payments_of(r.path_params["guid"]),
            ),
            self._route(
                "DELETE", f"/v1/{org}/invoices/{{guid}}/payments/{{payment}}",
                lambda r, body: self.books.delete_payment(r.path_params["guid"], r.path_params["payment"], body),
            ),
            self._route(
                "POST", f"/v3/{org}/invoices/{{guid}}/e-invoice",
                lambda r, body: self.books.send_e_document(self.books.invoice(r.path_params["guid"]), body),
            ),
            self._route("GET", f"/v1/{org}/sales", self._sales),
            self._route("GET", f"/v1/{org}/sales/creditnotes", self._credit_notes),
            self._route("POST", f"/v1/{org}/sales/creditnotes", lambda r, body: self.books.create_credit_note(body)),
            self._route("POST", f"/v1/{org}/sales/creditnotes/fetch", self._fetch_credit_note),
            self._route(
                "GET", f"/v1/{org}/sales/creditnotes/{{guid}}",
                lambda r, b: self.books.credit_note(r.path_params["guid"]),
            ),
            self._route(
                "DELETE", f"/v1/{org}/sales/creditnotes/{{guid}}",
                lambda r, body: self.books.delete_credit_note(r.path_params["guid"], body),
            ),
            self._route(
                "POST", f"/v1/{org}/sales/creditnotes/{{guid}}/book",
                lambda r, body: self.books.book_credit_note(r.path_params["guid"], body),
            ),
            self._route(
                "POST", f"/v3/{org}/sales/creditnotes/{{guid}}/e-creditNote",
                lambda r, body: self.books.send_e_document(self.books.credit_note(r.path_params["guid"]), body),
            ),
            self._route("GET", f"/v1/{org}/entries", self._entries),
            self._route("POST", f"/v1.2/{org}/ledgeritems", lambda r, b: self.books.add_ledger_items(b["items"])),
            self._route("POST", f"/v1/{org}/ledgeritems/book", lambda r, b: self.books.book_ledger_items(b["items"])),
            self._route("POST", f"/v1/{org}/ledgeritems/status", lambda r, b: self.books.ledger_status(b["items"])),
        ]  # fmt: skip

    def _route(self, method: str, path: str, work: Work) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, work)

        endpoint.__name__ = work.__name__
        return Route(path, endpoint, methods=[method])

    async def _answer(self, request: Request, work: Work) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        client = self.tokens.client_of(token) if scheme.lower() == "bearer" else None
        if client is None:
            return JSONResponse({"message": "Authorization has been denied for this request."}, 401)
        organization = str(request.path_params.get("organization", ""))
        limit = self.calls_per_minute or (60 if client.personal else 100)
        seconds = self._over(organization, client.client_id, limit)
        if seconds > 0:
            return PlainTextResponse(TOO_MANY.format(limit=limit), 429, {"Retry-After": str(int(seconds) + 1)})
        try:
            if organization:
                if client.personal and not self.books.organizations.get(organization, {}).get("Personal"):
                    raise Refusal(403, 41, "No access to this organization")
                self.books.require_pro(organization)
            body = await self._body(request)
            answer = work(request, body)
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)
        return Response(status_code=201) if answer is None else JSONResponse(answer)

    async def _body(self, request: Request) -> Json:
        raw = await request.body()
        if not raw:
            return {}
        try:
            body = json.loads(raw, parse_float=Decimal)
        except ValueError as error:
            raise Refusal(400, 44, "Wrong format") from error
        if isinstance(body, list) and all(isinstance(item, dict) for item in body):  # ledger items
            return {"items": [{str(name).lower(): value for name, value in item.items()} for item in body]}
        if not isinstance(body, dict):
            raise Refusal(400, 45, "Invalid request")
        return {str(name).lower(): value for name, value in body.items()}

    def _over(self, organization: str, client_id: str, limit: int) -> float:
        """Seconds until this call would be within the limit of the last minute; 0 counts it."""
        now = self.clock.now().timestamp()
        taken = self._taken.setdefault((organization, client_id), [])
        taken[:] = [at for at in taken if at > now - WINDOW]
        if len(taken) >= limit:
            return taken[0] + WINDOW - now
        taken.append(now)
        return 0.0

    # --- what the paths answer -----------------------------------------------------------------------------

    def _visible(self, request: Request) -> dict[str, Json]:
        token = request.headers.get("authorization", "").partition(" ")[2]
        client = self.tokens.client_of(token)
        personal = client is not None and client.personal
        return {id_: o for id_, o in self.books.organizations.items() if o["Personal"] or not personal}

    def _organizations(self, request: Request, body: Json) -> list[Json]:
        rows = [
            {"Id": int(id_), "Name": o["Name"], "IsPro": o["HasPro"], "IsPayingPro": o["HasPro"], "IsVatFree": False,
             "VatNumber": o["VatNumber"], "Email": "ea@example.com"}
            for id_, o in self._visible(request).items()
        ]  # fmt: skip
        return select(rows, request.query_params.get("fields"), "id,name,isPro", ORGANIZATION_FIELDS)

    def _organizations_v2(self, request: Request, body: Json) -> list[Json]:
        return [
            {
                "Id": int(id_), "Name": o["Name"], "VatNumber": o["VatNumber"], "RoleKey": "Owner", "IsVatFree": False,
                "IsTaxFreeUnion": False,
                "Subscription": {"HasPro": o["HasPro"], "HasPayingPro": o["HasPro"], "HasStarterPlus": False,
                                 "HasTotal": False, "HasYfs": False},
            }
            for id_, o in self._visible(request).items()
        ]  # fmt: skip

    def _countries(self, request: Request, body: Json) -> list[Json]:
        danish, english = (dict[str, str](Locale.parse(language).territories) for language in ("da", "en"))
        keys = sorted(key for key in english if len(key) == 2 and key.isalpha() and key in danish)
        return [{"Key": key, "DanishName": danish[key], "EnglishName": english[key]} for key in keys]

    def _entry_accounts(self, request: Request, body: Json) -> list[Json]:
        fields = request.query_params.get("fields")
        return select(self.books.entry_accounts(), fields, "AccountNumber,Name,VatCode,Category", ENTRY_FIELDS)

    def _deposit_accounts(self, request: Request, body: Json) -> list[Json]:
        default = "AccountNumber,Name,IsDefault,IsHidden"
        return select(self.books.deposits.values(), request.query_params.get("fields"), default, DEPOSIT_FIELDS)

    def _years(self, request: Request, body: Json) -> list[Json]:
        return [
            {"Name": str(first.year), "FromDate": first.isoformat(), "ToDate": last.isoformat(),
             "SalarySumTaxStateEnum": "None"}
            for first, last in self.books.years
        ]  # fmt: skip

    def _vat_types(self, request: Request, body: Json) -> list[Json]:
        rates = {"U25": 0.25, "UEUV": 0, "UEUV2": 0, "UEUY": 0, "UVV": 0, "UVY": 0, "I25": 0.25}
        return [{"VatCode": code, "Name": code, "VatRate": rate} for code, rate in rates.items()]

    def _contacts(self, request: Request, *, live_only: bool) -> Json:
        query = request.query_params
        rows = changed_since(self.books.contacts.values(), query.get("changesSince"))
        rows = matching(rows, query.get("queryFilter"), CONTACT_FILTERS)
        if query.get("deletedOnly") == "true":
            rows = [row for row in rows if row["DeletedAt"]]
        elif live_only and not query.get("changesSince"):
            rows = [row for row in rows if not row["DeletedAt"]]
        return self._paged(request, rows, "name,contactGuid", CONTACT_FIELDS)

    def _invoices(self, request: Request, body: Json) -> Json:
        rows = [row | {"Type": "Invoice"} for row in self.books.invoices.values()]
        return self._documents(request, rows, INVOICE_FIELDS)

    def _credit_notes(self, request: Request, body: Json) -> Json:
        rows = [row | {"Type": "CreditNote", "PaymentDate": None} for row in self.books.credit_notes.values()]
        return self._documents(request, rows, INVOICE_FIELDS)

    def _sales(self, request: Request, body: Json) -> Json:
        rows = [row | {"Type": "Invoice"} for row in self.books.invoices.values()]
        rows += [row | {"Type": "CreditNote", "PaymentDate": None} for row in self.books.credit_notes.values()]
        return self._documents(request, rows, ("Type", *INVOICE_FIELDS))

    def _documents(self, request: Request, rows: list[Json], allowed: tuple[str, ...]) -> Json:
        query = request.query_params
        rows = changed_since(rows, query.get("changesSince"))
        rows = matching(rows, query.get("queryFilter"), INVOICE_FILTERS)
        if not query.get("changesSince"):
            deleted = query.get("deletedOnly") == "true"
            rows = [row for row in rows if bool(row["DeletedAt"]) is deleted]
        first, last = query.get("startDate"), query.get("endDate")
        if bool(first) != bool(last):
            raise Refusal(400, 46, "startDate and endDate must come together")
        if first and last:  # drafts ignore the dates (FACTS 6.15)
            rows = [row for row in rows if row["Status"] == "Draft" or first <= row["Date"] <= last]
        if wanted := query.get("statusFilter"):
            states = {name.strip().lower() for name in wanted.split(",")}
            if not states <= {"draft", "booked", "paid", "overpaid", "overdue"}:
                raise Refusal(400, 46, "Wrong statusFilter")
            rows = [row for row in rows if row["PaymentStatus"].lower() in states]
        # On list rows `Status` holds the payment's values.
        rows = [row | {"Status": row["PaymentStatus"]} for row in rows]
        names = ("TotalExclVat", "TotalInclVat")
        rows = [row | {f"{name}InDkk": self.books.in_kroner(row, name) for name in names} for row in rows]
        rows.sort(key=lambda row: (row["Date"], row["Number"]), reverse=query.get("sortOrder") != "ascending")
        return self._paged(request, rows, "Guid,ContactName,Date,Description", allowed)

    def _entries(self, request: Request, body: Json) -> list[Json]:
        try:
            first, last = (date.fromisoformat(request.query_params.get(n, "")) for n in ("fromDate", "toDate"))
        except ValueError as error:
            raise Refusal(400, 44, "fromDate and toDate must be YYYY-MM-DD") from error
        if first.year != last.year:
            raise Refusal(400, 45, "The period crosses accounting years")
        return self.books.entries(first, last)

    def _fetch_credit_note(self, request: Request, body: Json) -> Json:
        return {"Number": 0} | self.books.compute_credit_note(body)

    def _fetch(self, request: Request, body: Json) -> Json:
        # A dry run: nothing is saved (FACTS 4.9).
        return {"Number": 0, "CanEnableMobilePayInvoice": False, "CanEnablePensoPay": False} | {
            name: value
            for name, value in self.books.compute(body).items()
            if name not in ("IsMobilePayInvoiceEnabled", "IsPensoPayEnabled")
        }

    def _paged(self, request: Request, rows: list[Json], default: str, allowed: tuple[str, ...]) -> Json:
        query = request.query_params
        try:
            page, size = int(query.get("page", 0)), int(query.get("pageSize", PAGE_SIZE))
        except ValueError as error:
            raise Refusal(400, 44, "Wrong page") from error
        if page < 0 or not 0 < size <= MAX_PAGE_SIZE:
            raise Refusal(400, 43, "Page or page size out of bounds")
        shown = select(rows[page * size : (page + 1) * size], query.get("fields"), default, allowed)
        return {
            "Collection": shown,
            "Pagination": {
                "MaxPageSizeAllowed": MAX_PAGE_SIZE, "PageSize": size, "Result": len(shown),
                "ResultWithoutFilter": len(rows), "Page": page,
            },
        }  # fmt: skip
