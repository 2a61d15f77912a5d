"""The routes of the sandbox's Dinero over its books: paths, names and answers as in Dinero's OpenAPI document."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

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
        names = (("DK", "Danmark", "Denmark"), ("SE", "Sverige", "Sweden"), ("DE", "Tyskland", "Germany"))
        return [{"Key": key, "DanishName": danish, "EnglishName": english} for key, danish, english in names]

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
        return [{"VatCode": "U25", "Name": "Salgsmoms", "VatRate": 0.25}]

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
        query = request.query_params
        rows = changed_since(self.books.invoices.values(), query.get("changesSince"))
        rows = matching(rows, query.get("queryFilter"), INVOICE_FILTERS)
        if not query.get("changesSince"):
            deleted = query.get("deletedOnly") == "true"
            rows = [row for row in rows if bool(row["DeletedAt"]) is deleted]
        if wanted := query.get("statusFilter"):
            states = {name.strip().lower() for name in wanted.split(",")}
            if not states <= {"draft", "booked", "paid", "overpaid", "overdue"}:
                raise Refusal(400, 46, "Wrong statusFilter")
            rows = [row for row in rows if row["PaymentStatus"].lower() in states]
        rows = [row | {f"{n}InDkk": row[n] for n in ("TotalExclVat", "TotalInclVat")} for row in rows]
        return self._paged(request, rows, "Guid,ContactName,Date,Description", INVOICE_FIELDS)

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
