"""Dinero's endpoints, one method each. Paths and names are Dinero's own; see its OpenAPI document (facts.md, Dinero
2.2).

What they answer is read in answers.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from dinero.api import answers
from dinero.api.session import Session
from dinero.model.chart import Account, DepositAccount
from dinero.model.documents import Contact
from dinero.model.errors import Unread
from dinero.model.i18n import Text
from dinero.model.ledger import LedgerPlan
from dinero.model.money import Money
from dinero.model.plans import Kind
from dinero.model.responses import Draft, LedgerDraft, LedgerStatus, Payments, SalesDocument
from dinero.model.settlements import LedgerEntry

PAGE_SIZE = 1000
MAX_PAGES = 1000
ENTRIES_BYTES = 100_000_000  # postings come without pages: a month of a large shop is some 20 MB

ENDED_EARLY = Text("Dinero's list ended at {read} of {total} rows and was not used. Try again in a few minutes.")
TOO_LONG = Text("Dinero's list has no end and was not used. Choose a shorter period.")

CONTACT_FIELDS = "ContactGuid,Name,Email,IsPerson,CountryKey,DeletedAt,CreatedAt,VatNumber,EanNumber"
DEPOSIT_FIELDS = "AccountNumber,Name,IsDefault,IsHidden"
BANK_FIELDS = ",BankRegistrationNumber,BankAccountNumber,BankSwiftNumber,BankIbanNumber"
DRAFT_FIELDS = "Guid,ExternalReference,ContactGuid,Date,Currency,Status,TotalExclVat,TotalInclVat,DeletedAt"
SALES_FIELDS = (
    "Type,Number,Guid,ExternalReference,ContactName,ContactGuid,Date,Description,Currency,Status,"
    "TotalInclVatInDkk,TotalExclVat,TotalInclVat,DeletedAt"
)


class Dinero:
    """One organization in Dinero."""

    def __init__(self, session: Session, organization: str = "") -> None:
        self.session = session
        self.organization = organization

    def _path(self, version: str, rest: str) -> str:
        return f"/{version}/{quote(self.organization, safe='')}/{rest}"

    def organizations(self) -> list[dict[str, Any]]:
        """All organizations that the user reaches, with Subscription.HasPro. Works without Pro (facts.md, Dinero
        1.24)."""
        return answers.rows(self.session.get("/v1.1/organizations"))

    def entry_accounts(self) -> list[Account]:
        """All accounts with their VAT code, which decides a sales line's VAT (facts.md, Dinero 4.30)."""
        fields = "AccountNumber,Name,VatCode,Category,IsHidden"
        return answers.all_of(answers.account, self.session.get(self._path("v1", "accounts/entry"), {"fields": fields}))

    def deposit_accounts(self, *, bank_details: bool) -> list[DepositAccount]:
        """The accounts a payment can be registered on (facts.md, Dinero 5c.2). Bank details are in the answer's model,
        but not among the `fields` that the OpenAPI document lists: raises NotUnderstood when Dinero refuses them."""
        fields = DEPOSIT_FIELDS + BANK_FIELDS if bank_details else DEPOSIT_FIELDS
        answer = self.session.get(self._path("v1", "accounts/deposit"), {"fields": fields})
        return answers.all_of(answers.deposit_account, answer)

    def create_deposit_account(self, number: int, name: str) -> None:
        """Creates a deposit account under an unused number."""
        self.session.post(self._path("v1", "accounts/deposit"), {"Number": number, "Name": name})

    def accounting_years(self) -> list[tuple[date, date]]:
        """The accounting years by their first and last day."""
        return answers.accounting_years(self.session.get(self._path("v1", "accountingyears")))

    def contacts_changed_since(self, since: datetime | None) -> Iterator[Contact]:
        """Contacts created, changed or deleted at or after `since` (UTC), deleted ones too; all without it."""
        parameters: dict[str, str | int] = {"fields": CONTACT_FIELDS, "deletedOnly": "false"}
        if since is not None:
            parameters["changesSince"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield from map(answers.contact, self._pages(self._path("v2", "contacts"), parameters))

    def contact(self, guid: str) -> Contact:
        """One contact. Raises NotFound."""
        return answers.contact(self.session.get(self._path("v1", f"contacts/{guid}")))

    def create_contact(self, body: Mapping[str, Any]) -> None:
        """Creates a contact under our own ContactGuid. Raises Duplicate when it is there already."""
        self.session.post(self._path("v1", "contacts"), body)

    def create(self, kind: Kind, body: Mapping[str, Any]) -> Draft:
        """Creates a draft under our own Guid. Raises Duplicate (409/72)."""
        return answers.draft(self.session.post(self._path("v1", _DOCUMENTS[kind]), body))

    def document(self, kind: Kind, guid: str) -> SalesDocument:
        """One invoice or credit note, whole, with its TimeStamp. Raises NotFound (400/63)."""
        return answers.sales_document(self.session.get(self._path("v1", f"{_DOCUMENTS[kind]}/{guid}")), kind)

    def book(self, kind: Kind, guid: str, timestamp: str) -> SalesDocument:
        """Books a draft for good; answers the document with its Number. Raises Stale (58)."""
        path = self._path("v1", f"{_DOCUMENTS[kind]}/{guid}/book")
        return answers.sales_document(self.session.post(path, {"Timestamp": timestamp}), kind)

    def invoice(self, guid: str) -> SalesDocument:
        """One invoice, whole, with its TimeStamp. Raises NotFound (400/63)."""
        return self.document(Kind.INVOICE, guid)

    def drafts(self) -> Iterator[SalesDocument]:
        """All drafts of invoices and credit notes, a thousand a call, with what is compared before booking."""
        parameters: dict[str, str | int] = {"fields": DRAFT_FIELDS, "statusFilter": "Draft"}
        yield from map(answers.sales_document, self._pages(self._path("v1", "sales"), parameters))

    def sales(self, first: date, last: date) -> Iterator[SalesDocument]:
        """All invoices and credit notes dated from `first` to `last`, a thousand a call."""
        parameters: dict[str, str | int] = {
            "fields": SALES_FIELDS,
            "startDate": first.isoformat(),
            "endDate": last.isoformat(),
        }
        yield from map(answers.sales_document, self._pages(self._path("v1", "sales"), parameters))

    def value_in_kroner(self, guid: str, reference: str) -> Money | None:
        """TotalInclVatInDkk of a booked document, Dinero's own value of it (facts.md, Dinero 4.29); None when not
        listed."""
        quoted = reference.replace("'", "''")
        parameters: dict[str, str | int] = {"fields": SALES_FIELDS, "queryFilter": f"ExternalReference eq '{quoted}'"}
        found = map(answers.sales_document, self._pages(self._path("v1", "sales"), parameters))
        return next((document.value_in_kroner for document in found if document.guid == guid), None)

    def send_e_invoice(self, guid: str, body: Mapping[str, Any]) -> None:
        """Sends a booked invoice to the contact's EAN number (codes 51, 56, 57, 59)."""
        self.session.post(self._path("v3", f"invoices/{guid}/e-invoice"), body)

    def payments(self, guid: str, currency: str) -> Payments:
        """The payments of an invoice in `currency` (v2; the v1 call was retired, facts.md, Dinero 4.19). Raises
        Unread."""
        return answers.payments(self.session.get(self._path("v2", f"invoices/{guid}/payments")), currency)

    def pay_invoice(self, guid: str, body: Mapping[str, Any]) -> str:
        """Registers a payment on a booked invoice; answers the payment's Guid, "" if it told none. Raises Stale
        (58)."""
        return answers.text(self.session.post(self._path("v1", f"invoices/{guid}/payments"), body), "Guid")

    # --- the ledger (kassekladde) and what is posted -----------------------------------------------------

    def create_ledger_item(self, plan: LedgerPlan, guid: str) -> str:
        """Lays a ledger item in kassekladde under our own Id; answers its Version. Raises Duplicate (409/72)."""
        answer = self.session.post(self._path("v1.2", "ledgeritems"), [plan.body(guid)])
        return answers.text(answer, "Version")

    def book_ledger_item(self, guid: str, version: str) -> None:
        """Asks Dinero to book a ledger item; its status tells when that is done. Raises Stale (58)."""
        self.session.post(self._path("v1", "ledgeritems/book"), [{"Id": guid, "Version": version}])

    def ledger_status(self, guid: str) -> LedgerStatus:
        """How far a ledger item is. Raises NotFound."""
        return self.ledger_statuses([guid])[guid]

    def ledger_statuses(self, guids: Sequence[str]) -> dict[str, LedgerStatus]:
        """How far ledger items are, each by its Id. One that is unknown refuses them all: raises NotFound then."""
        answer = self.session.ask(self._path("v1", "ledgeritems/status"), [{"Id": guid} for guid in guids])
        return {guid: answers.ledger_status(answer, guid) for guid in guids}

    def ledger_drafts(self, guids: Sequence[str]) -> dict[str, LedgerDraft]:
        """What lies unbooked of ledger items, by their Ids; one that is booked is not among them. One that is unknown
        may refuse them all: raises NotFound then."""
        answer = self.session.ask(self._path("v1", "ledgeritems/ledgers"), [{"Id": guid} for guid in guids])
        return {draft.guid: draft for draft in answers.all_of(answers.ledger_draft, answer)}

    def entries(self, first: date, last: date, *, primo: bool) -> list[LedgerEntry]:
        """All postings from `first` to `last`, within one accounting year; with `primo` what the year began with."""
        parameters: dict[str, str | int] = {
            "fromDate": first.isoformat(),
            "toDate": last.isoformat(),
            "includePrimo": "true" if primo else "false",
        }
        return answers.all_of(
            answers.entry, self.session.get(self._path("v1", "entries"), parameters, most=ENTRIES_BYTES)
        )

    def entries_changed(self, since: datetime, until: datetime) -> list[LedgerEntry]:
        """The postings that were added in a time of at most 31 days, and what years began with that they changed."""
        parameters: dict[str, str | int] = {
            "changesFrom": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "changesTo": until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "includePrimo": "true",
        }
        return answers.all_of(
            answers.entry, self.session.get(self._path("v1", "entries/changes"), parameters, most=ENTRIES_BYTES)
        )

    def _pages(self, path: str, parameters: Mapping[str, str | int]) -> Iterator[dict[str, Any]]:
        """All rows of a list, by what its answers say of their pages (Pagination, facts.md, Dinero 2.7): a smaller page
        than was asked for is followed. Raises Unread when fewer rows came than there are, and when the list has no
        end."""
        size, read, promised = PAGE_SIZE, 0, 0
        last: list[dict[str, Any]] = []
        for page in range(MAX_PAGES):
            answer = self.session.get(path, {**parameters, "page": page, "pageSize": size})
            rows = answers.rows(answers.field(answer, "Collection"))
            if rows and rows == last:
                raise Unread(TOO_LONG, detail=f"GET {path}: page {page} is the page before it")
            yield from rows
            read, last = read + len(rows), rows
            told = answers.field(answer, "Pagination")
            # A row that is deleted while the pages are read moves another one between them: the most that was told.
            promised = max(promised, answers.count(told, "ResultWithoutFilter"))
            in_force = [number for name in ("PageSize", "MaxPageSizeAllowed") if (number := answers.count(told, name))]
            size = min([size, *in_force])
            # Without a word on its pages one that is not full may be the largest, so only an empty one ends.
            if not rows or (len(rows) < size and read >= promised and in_force):
                break
            if page == 0:
                size = min(size, len(rows))
        else:
            raise Unread(TOO_LONG, detail=f"GET {path}: over {MAX_PAGES} pages, {read} rows")
        if read < promised:
            text = Text(ENDED_EARLY.message, read=read, total=promised)
            raise Unread(text, detail=f"GET {path}: ended at {read} of {promised}")


_DOCUMENTS = {Kind.INVOICE: "invoices", Kind.CREDIT_NOTE: "sales/creditnotes"}
