"""The books' invoices and credit notes: drafts, booking, lists (facts.md, Dinero 4.1-4.16, 4.24)."""

from datetime import date
from typing import Any

from dinero.model.clock import Clock
from dinero.sandbox.chart import RATES
from dinero.sandbox.lines import Lines, shown
from dinero.sandbox.values import Json, Refusal, guid, invalid, kroner, rounded, to_ore

# A draft's number in lists: the largest that fits its type (seen live; facts.md, Dinero 4.11).
NO_NUMBER = 2**63 - 1


class Documents(Lines):
    """`invoices` and `credit_notes` by Guid, in Dinero's own field names; names with _ are the sandbox's own."""

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        super().__init__(clock, webshop_account=webshop_account)
        self._next_number = 1
        self._used_numbers: set[int] = set()
        self.invoices: dict[str, Json] = {}
        self.credit_notes: dict[str, Json] = {}

    # --- drafts --------------------------------------------------------------------------------------------

    def create_invoice(self, body: Json) -> Json:
        """Creates a draft, under the caller's own Guid if one is given; a Guid that was used is 409/72."""
        deposit = next((number for number, account in self.deposits.items() if account["IsDefault"]), None)
        more = {"IsSentToDebtCollection": False, "FikCode": None, "DepositAccountNumber": deposit}
        return self._create(self.invoices, body, self.compute(body) | more)

    def create_credit_note(self, body: Json) -> Json:
        """Creates a draft of a credit note; `CreditNoteFor` must be a booked invoice (facts.md, Dinero 4.24)."""
        return self._create(self.credit_notes, body, self.compute_credit_note(body))

    def credit_all_of(self, number: str, body: Json) -> Json:
        """Makes a draft of a credit note for the whole of a booked invoice, under a Guid of Dinero's."""
        invoice = self.invoice(number)
        self._newest_if_given(invoice, body)
        if invoice["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        without = ("description", "date", "externalreference")
        kept = {name: value for name, value in invoice["_body"].items() if name not in without}
        return self.create_credit_note(kept | {"creditnotefor": invoice["Guid"]})

    def _create(self, documents: dict[str, Json], body: Json, document: Json) -> Json:
        number = guid(body.get("guid"), "Guid")
        if number in self.invoices or number in self.credit_notes:
            raise Refusal(409, 72, "Duplicated entity")
        now = self._now()
        document |= {
            "Guid": number,
            "CreatedAt": now,
            "UpdatedAt": now,
            "DeletedAt": None,
            "Status": "Draft",
            "PaymentStatus": "Draft",
            "Number": NO_NUMBER,
            "MailOutStatus": "NotSent",
            "LatestMailOutType": None,
        }
        self._stamp(document)
        documents[number] = document
        return {"Guid": number, "TimeStamp": document["TimeStamp"]}

    def compute_credit_note(self, body: Json) -> Json:
        """A credit note as Dinero would show it. Raises Refusal when it is not for a booked invoice."""
        credited = body.get("creditnotefor")
        if credited is not None:
            invoice = self.invoices.get(str(credited).lower())
            if invoice is None or invoice["Status"] != "Booked":
                raise invalid("CreditNoteFor", "is not a booked invoice")
        return super().compute_credit_note(body)

    def update_invoice(self, number: str, body: Json) -> Json:
        """Replaces all of a draft (facts.md, Dinero 4.16)."""
        invoice = self.invoice(number)
        self._require_draft(invoice, body)
        return self._update(invoice, self.compute(body))

    def update_credit_note(self, number: str, body: Json) -> Json:
        """Replaces all of a credit note's draft."""
        note = self.credit_note(number)
        self._require_draft(note, body)
        return self._update(note, self.compute_credit_note(body))

    def _require_draft(self, document: Json, body: Json) -> None:
        self._newest(document, body)
        self._require_undeleted(document)
        if document["Status"] == "Booked":
            raise Refusal(400, 45, "A booked document can't be changed")

    def _update(self, document: Json, computed: Json) -> Json:
        document |= computed
        self._stamp(document)
        return {"Guid": document["Guid"], "TimeStamp": document["TimeStamp"]}

    def delete_invoice(self, number: str, body: Json) -> None:
        """Deletes a draft; the document stays with DeletedAt set, so its Guid is not free again."""
        self._delete(self.invoice(number), body)

    def delete_credit_note(self, number: str, body: Json) -> None:
        """Deletes a draft of a credit note."""
        self._delete(self.credit_note(number), body)

    def _delete(self, document: Json, body: Json) -> None:
        self._newest_if_given(document, body)
        if document["Status"] == "Booked":
            raise Refusal(400, 45, "A booked document can't be deleted")
        document["DeletedAt"] = self._now()
        self._stamp(document)

    # --- reading -------------------------------------------------------------------------------------------

    def invoice(self, number: str) -> Json:
        """One invoice as it is kept; unknown is 400/63 (facts.md, Dinero 3), and a deleted one may be 400/65."""
        return self._document(self.invoices, number)

    def credit_note(self, number: str) -> Json:
        """One credit note as it is kept; unknown is 400/63."""
        return self._document(self.credit_notes, number)

    def _document(self, documents: dict[str, Json], number: str) -> Json:
        if number.lower() not in documents:
            raise Refusal(400, 63, "Invalid InvoiceGuid/CreditNoteGuid, no results found")
        found = documents[number.lower()]
        if self.deleted_is_refused:
            self._require_undeleted(found)
        self._age(found)
        return found

    def show(self, document: Json) -> Json:
        """A document as GET answers it: a draft with the number that it would get now."""
        return shown(document, **({"Number": self._free_number()} if document["Status"] == "Draft" else {}))

    def listed(self, kinds: tuple[str, ...] = ("Invoice", "CreditNote")) -> list[Json]:
        """Rows of the lists of sales, of one kind or both: `Status` is the payment's there (API-NOTES)."""
        rows = []
        for kind, documents in (("Invoice", self.invoices), ("CreditNote", self.credit_notes)):
            for document in documents.values() if kind in kinds else ():
                self._age(document)
                booked = document["Status"] == "Booked"
                values = {f"{n}InDkk": self.in_kroner(document, n) for n in ("TotalExclVat", "TotalInclVat")}
                number = str(document["Number"]) if booked else None
                rows.append({"PaymentDate": None} | document | {"Type": kind, "_number": number} | values)
        return rows

    def in_kroner(self, document: Json, name: str) -> int | float:
        """An amount of a document in DKK, at the day's rate."""
        return kroner(rounded(to_ore(document[name]) * RATES[document["Currency"]] / 100))

    def _age(self, document: Json) -> None:
        """An invoice that is not paid in time is overdue from the day after; nothing else of it changes by that."""
        due = document.get("PaymentDate")
        if document["PaymentStatus"] == "Booked" and due and date.fromisoformat(due) < self._today():
            document["PaymentStatus"] = "Overdue"

    # --- booking -------------------------------------------------------------------------------------------

    def _book(self, document: Json, body: Json) -> None:
        """Gives a draft the next number of the one series, or the one that is asked for (facts.md, Dinero 4.12, 4.13)."""
        self._newest(document, body)
        if document["DeletedAt"] or document["Status"] == "Booked":
            raise Refusal(400, 45, "The document can't be booked")
        if not document["ContactGuid"]:
            raise invalid("ContactGuid", "is required")
        self._require_year(date.fromisoformat(document["Date"]))
        number: Any = body.get("number")
        if number is None:
            number = self._free_number()
        elif not isinstance(number, int) or number < 1 or number in self._used_numbers:
            raise invalid("Number", "is taken")
        self._used_numbers.add(number)
        document |= {"Number": number, "Status": "Booked", "PaymentStatus": "Booked", "_booked_at": self._now()}
        self._stamp(document)

    def _free_number(self) -> int:
        """The next number; a number that was used never comes back."""
        while self._next_number in self._used_numbers:
            self._next_number += 1
        return self._next_number
