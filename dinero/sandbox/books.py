"""What the sandbox's Dinero remembers, and its rules; no HTTP. Facts: dinero/FACTS, sections 2-5.

One ledger for all organizations: the sandbox shows how Dinero answers, not a second company's numbers.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stdnum import ean
from stdnum.dk import cvr

from dinero.clock import Clock, copenhagen_date
from dinero.money import AmountError, Money, decimal_from_json, net_of_vat

Json = dict[str, Any]

# Drafts carry huge placeholder numbers (FACTS 4.11).
PLACEHOLDER = 2_100_000_000
UNITS = {
    "hours", "parts", "km", "day", "week", "month", "kilogram", "cubicMetre", "set", "litre", "box", "case", "carton",
    "metre", "package", "shipment", "squareMetre", "session", "tonne",
}  # fmt: skip
# The standard chart (FACTS 5a): number, name, VAT code, category.
CHART = (
    (1000, "Salg af varer/ydelser m/moms", "U25", "Income"),
    (1050, "Salg af varer/ydelser u/moms", None, "Income"),
    (1100, "EU-leverancer varer", "UEUV", "Income"),
    (1150, "EU-leverancer varer, ikke indberettet", "UEUV2", "Income"),
    (1200, "EU-leverancer ydelser", "UEUY", "Income"),
    (1255, "Salg af varer til udlandet", "UVV", "Income"),
    (1260, "Salg af ydelser til udlandet", "UVY", "Income"),
    (1300, "Salg af fragt, momsfri", None, "Income"),
    (1350, "Salg af fragt, momspligtig", "U25", "Income"),
    (1400, "Rykkergebyrer, administrationsgebyr mv.", None, "Income"),
    (1445, "Valutakursdifferencer, eksport", None, "Income"),
    (2000, "Vareforbrug", "I25", "Expense"),
    (2050, "Vareforbrug EU varer", "IEUV", "Expense"),
    (2100, "Vareforbrug EU ydelser", "IEUY", "Expense"),
    (7220, "Porto og gebyrer", None, "Expense"),
    (7340, "Konstateret tab på debitorer", "U25", "Expense"),
    (7380, "Registrerede kassedifferencer", None, "Expense"),
    (7400, "Betalingsløsning", "I25", "Expense"),
    (7420, "Indløsere", None, "Expense"),
    (9000, "Bankrenter", None, "Expense"),
    (53000, "Debitorer", None, "Asset"),
    (54040, "Øvrige tilgodehavender", None, "Asset"),
    (63000, "Kreditorer", None, "Liability"),
    (63080, "Gavekort", None, "Liability"),
    (63100, "Udlæg ansatte og ejer", None, "Liability"),
    (64000, "Salgsmoms", None, "Liability"),
    (64060, "Købsmoms", None, "Liability"),
    (64100, "Momsafregning", None, "Liability"),
)
VAT_RATES = {"U25": Decimal("0.25")}
# Kroner for 100 units: Dinero sets the day's rate itself (FACTS 4.29); the sandbox's never moves.
RATES = {
    "DKK": Decimal(100), "EUR": Decimal(746), "SEK": Decimal(66), "NOK": Decimal(64), "USD": Decimal(690),
    "GBP": Decimal(870),
}  # fmt: skip
RECEIVABLES, OUTPUT_VAT, EXCHANGE = 53000, 64000, 1445


class Refusal(Exception):
    """Dinero says no: an HTTP status and an error body (FACTS 3)."""

    def __init__(
        self, status: int, code: int, message: str, *, validation: Json | None = None, errors: list[Json] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "validationErrors": validation, "errorMessageList": errors}


def invalid(name: str, text: str) -> Refusal:
    """A validation error on one field."""
    return Refusal(400, 42, "Validation Error", validation={name: text})


class Books:
    """The ledger. `invoices` and `contacts` are by Guid, in Dinero's own field names; `payments` is a list."""

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        self._clock = clock
        self._version = 0
        self._next_number = 1
        self.organizations: dict[str, Json] = {
            "210001": {"Name": "Eksempel Webshop ApS", "VatNumber": "13585628", "HasPro": True, "Personal": True},
            "210002": {"Name": "Ea Ejers Fritidsfirma", "VatNumber": None, "HasPro": False, "Personal": False},
        }
        self.accounts: dict[int, Json] = {
            number: {"AccountNumber": number, "Name": name, "VatCode": vat, "Category": category, "IsHidden": False}
            for number, name, vat, category in CHART
        }
        self.deposits: dict[int, Json] = {}
        self._deposit(55000, "Bank", IsDefault=True, BankRegistrationNumber="9999", BankAccountNumber="0001234567")
        self._deposit(55040, "Kontanter")
        if webshop_account:
            self._deposit(55100, "Webshop salg")
        year = copenhagen_date(clock.now()).year
        self.years = [(date(y, 1, 1), date(y, 12, 31)) for y in (year - 1, year)]
        self.contacts: dict[str, Json] = {}
        self.invoices: dict[str, Json] = {}
        self.credit_notes: dict[str, Json] = {}
        self.payments: list[Json] = []
        self.e_invoices: list[Json] = []
        self.ledger_items: dict[str, Json] = {}
        # How a deleted document answers: False as a document with DeletedAt, True as 400 with code 65.
        self.deleted_is_refused = False

    # --- what a test or the owner in Dinero's own pages does -----------------------------------------------

    def hide_account(self, number: int) -> None:
        """Hides an account."""
        for chart in (self.accounts, self.deposits):
            if number in chart:
                chart[number]["IsHidden"] = True

    def rename_account(self, number: int, name: str) -> None:
        """Renames an account."""
        for chart in (self.accounts, self.deposits):
            if number in chart:
                chart[number]["Name"] = name

    def set_pro(self, organization: str, has_pro: bool) -> None:
        """Gives or takes the subscription that the API needs."""
        self.organizations[organization]["HasPro"] = has_pro

    def close_years(self) -> None:
        """Removes all accounting years."""
        self.years = []

    def touch(self, guid: str) -> None:
        """Somebody saves the document in Dinero without changing it: a new TimeStamp."""
        self._stamp((self.invoices | self.credit_notes)[guid])

    def delete_draft(self, guid: str) -> None:
        """Somebody deletes a draft in Dinero."""
        self._delete((self.invoices | self.credit_notes)[guid], {})

    def delete_contact(self, guid: str) -> None:
        """Somebody deletes a contact in Dinero."""
        self.contacts[guid] |= {"DeletedAt": self._now(), "UpdatedAt": self._now()}

    # --- organizations and accounts ------------------------------------------------------------------------

    def require_pro(self, organization: str) -> None:
        """Every call on an organization needs its Pro (FACTS 1.24). Raises Refusal."""
        found = self.organizations.get(organization)
        if found is None:
            raise Refusal(403, 41, "No access to this organization")
        if not found["HasPro"]:
            raise Refusal(403, 90, "The organization has no active Pro subscription")

    def create_deposit(self, body: Json) -> None:
        """Creates a deposit account on an unused number in 55000-55999."""
        number, name = body.get("number"), body.get("name")
        if not isinstance(number, int) or not 55000 <= number <= 55999:
            raise invalid("Number", "must be from 55000 to 55999")
        if number in self.deposits or number in self.accounts:
            raise invalid("Number", "is used already")
        if not isinstance(name, str) or not name.strip():
            raise invalid("Name", "is required")
        self._deposit(number, name)

    def _deposit(self, number: int, name: str, **more: Any) -> None:
        empty = dict.fromkeys(
            ("BankRegistrationNumber", "BankAccountNumber", "BankSwiftNumber", "BankIbanNumber"), None
        )
        self.deposits[number] = {
            "AccountNumber": number, "PublicStandardNumber": None, "Name": name, "IsDefault": False, "IsHidden": False,
        } | empty | more  # fmt: skip

    def entry_accounts(self) -> list[Json]:
        """All accounts, deposit accounts too."""
        liquid = [
            {"AccountNumber": d["AccountNumber"], "Name": d["Name"], "VatCode": None, "Category": "Liquid",
             "IsHidden": d["IsHidden"]}
            for d in self.deposits.values()
        ]  # fmt: skip
        return [*self.accounts.values(), *liquid]

    # --- contacts ------------------------------------------------------------------------------------------

    def create_contact(self, body: Json) -> Json:
        """Creates a contact, under the caller's own ContactGuid if one is given."""
        for name in ("Name", "CountryKey"):
            if not isinstance(body.get(name.lower()), str) or not body[name.lower()].strip():
                raise invalid(name, "is required")
        for name in ("IsPerson", "IsMember", "UseCvr"):
            if not isinstance(body.get(name.lower()), bool):
                raise invalid(name, "is required")
        guid = _guid(body.get("contactguid"), "ContactGuid")
        if guid in self.contacts:
            raise Refusal(
                400, 42, "Validation Error", errors=[{"Code": "guidMustBeUnique", "Message": "ContactGuid is used"}]
            )
        number = body.get("vatnumber")
        if number and body["countrykey"] == "DK" and not cvr.is_valid(str(number)):
            raise invalid("VatNumber", "is not valid")
        if body.get("eannumber") and not _is_ean(body["eannumber"]):
            raise Refusal(400, 57, "The EAN number is invalid")
        now = self._now()
        texts = ("ExternalReference", "Name", "Street", "ZipCode", "City", "CountryKey", "Phone", "Email", "Webpage",
                 "AttPerson", "VatNumber", "EanNumber", "SENumber", "PNumber", "InvoiceMailOutOptionKey")  # fmt: skip
        self.contacts[guid] = {"ContactGuid": guid, "CreatedAt": now, "UpdatedAt": now, "DeletedAt": None} | {
            name: body.get(name.lower()) for name in texts
        } | {
            "IsPerson": body["isperson"], "IsMember": body["ismember"], "UseCvr": body["usecvr"], "IsDebitor": True,
            "IsCreditor": False, "PaymentConditionType": "Netto", "PaymentConditionNumberOfDays": 8,
        }  # fmt: skip
        return {"ContactGuid": guid}

    def contact(self, guid: str) -> Json:
        """One contact; unknown is 404 (FACTS 3, "Not found differs")."""
        if guid.lower() not in self.contacts:
            raise Refusal(404, 40, "Contact not found")
        return self.contacts[guid.lower()]

    def restore_contact(self, guid: str) -> None:
        """Takes back the deletion of a contact."""
        self.contact(guid)["DeletedAt"] = None

    # --- invoices ------------------------------------------------------------------------------------------

    def create_invoice(self, body: Json) -> Json:
        """Creates a draft, under the caller's own Guid if one is given; a Guid that was used is 409/72."""
        more = {
            "LatestMailOutType": None, "IsSentToDebtCollection": False, "FikCode": None, "DepositAccountNumber": None,
        }  # fmt: skip
        return self._create(self.invoices, body, self.compute(body) | more)

    def create_credit_note(self, body: Json) -> Json:
        """Creates a draft of a credit note; `CreditNoteFor` must be a booked invoice (FACTS 4.24)."""
        return self._create(self.credit_notes, body, self.compute_credit_note(body) | {"LatestMailOutType": None})

    def _create(self, documents: dict[str, Json], body: Json, document: Json) -> Json:
        guid = _guid(body.get("guid"), "Guid")
        if guid in self.invoices or guid in self.credit_notes:
            raise Refusal(409, 72, "Duplicated entity")
        now = self._now()
        document |= {
            "Guid": guid, "CreatedAt": now, "UpdatedAt": now, "DeletedAt": None, "Status": "Draft",
            "PaymentStatus": "Draft", "Number": PLACEHOLDER + len(self.invoices) + len(self.credit_notes),
            "MailOutStatus": "NotSent",
        }  # fmt: skip
        self._stamp(document)
        documents[guid] = document
        return {"Guid": guid, "TimeStamp": document["TimeStamp"]}

    def compute_credit_note(self, body: Json) -> Json:
        """A credit note as Dinero would show it."""
        credited = body.get("creditnotefor")
        if credited is not None:
            invoice = self.invoices.get(str(credited).lower())
            if invoice is None or invoice["Status"] != "Booked":
                raise invalid("CreditNoteFor", "is not a booked invoice")
        without = ("PaymentDate", "PaymentConditionType", "PaymentConditionNumberOfDays", "IsMobilePayInvoiceEnabled",
                   "IsPensoPayEnabled")  # fmt: skip
        computed = {name: value for name, value in self.compute(body).items() if name not in without}
        return computed | {"CreditNoteFor": str(credited).lower() if credited is not None else None}

    def compute(self, body: Json) -> Json:
        """An invoice as Dinero would show it: lines, VAT by the account, totals (FACTS 4.30-4.32)."""
        contact = self._contact_of(body.get("contactguid"))
        incl = bool(body.get("showlinesinclvat"))
        lines = body.get("productlines")
        if not isinstance(lines, list) or not lines:
            raise invalid("ProductLines", "is required")
        condition, days = body.get("paymentconditiontype") or "Netto", body.get("paymentconditionnumberofdays")
        if condition not in ("Netto", "NettoCash", "CurrentMonthOut", "Paid"):
            raise invalid("PaymentConditionType", "is not valid")
        if condition in ("NettoCash", "Paid") and days is not None:
            raise invalid("PaymentConditionNumberOfDays", "must be empty")
        reference = body.get("externalreference")
        if isinstance(reference, str) and len(reference) > 128:
            raise invalid("ExternalReference", "is longer than 128")
        day = _date(body.get("date"), "Date") or copenhagen_date(self._clock.now())
        currency = body.get("currency") or "DKK"
        if currency not in RATES:
            raise invalid("Currency", "is not known")
        read = [self._line({str(k).lower(): v for k, v in line.items()}, incl) for line in lines]
        net, vat = sum(line["_net"] for line in read), sum(line["_vat"] for line in read)
        if net + vat < 0:  # whether Dinero takes negative lines at all is UNKNOWN (FACTS 5b.5)
            raise invalid("ProductLines", "come to less than 0")
        vatable = sum(line["_net"] for line in read if line["_vat"])
        return {
            "ContactGuid": contact["ContactGuid"] if contact else None,
            "ContactName": contact["Name"] if contact else None,
            "ShowLinesInclVat": incl,
            "Date": day.isoformat(),
            "PaymentDate": day.isoformat(),
            "PaymentConditionType": condition,
            "PaymentConditionNumberOfDays": days or 0,
            "Currency": currency,
            "Language": body.get("language") or "da-DK",
            "ExternalReference": reference,
            "Description": body.get("description") or "Faktura",
            "Comment": body.get("comment"),
            "Address": body.get("address"),
            "InvoiceTemplateId": body.get("invoicetemplateid"),
            "IsMobilePayInvoiceEnabled": bool(body.get("ismobilepayinvoiceenabled")),
            "IsPensoPayEnabled": bool(body.get("ispensopayenabled")),
            "TotalExclVat": _kroner(net),
            "TotalVat": _kroner(vat),
            "TotalInclVat": _kroner(net + vat),
            "TotalVatableAmount": _kroner(vatable),
            "TotalNonVatableAmount": _kroner(net - vatable),
            "TotalLines": [],
            "ProductLines": [{k: v for k, v in line.items() if not k.startswith("_")} for line in read],
        }

    def _line(self, line: Json, incl: bool) -> Json:
        for name in ("BaseAmountValue", "Quantity", "Discount", "AccountNumber"):
            if line.get(name.lower()) is None:
                raise invalid(name, "is required")
        kind = line.get("linetype") or "Product"
        if kind == "Product" and line.get("unit") not in UNITS:
            raise invalid("Unit", "is not valid")
        if not line.get("description") and not line.get("productguid"):
            raise invalid("Description", "is required")
        account = self.accounts.get(line["accountnumber"])
        if account is None or account["IsHidden"]:
            raise invalid("AccountNumber", "is not an account in use")
        try:
            base, quantity, discount = (
                decimal_from_json(line[name]) for name in ("baseamountvalue", "quantity", "discount")
            )
        except AmountError as error:
            raise invalid("BaseAmountValue", str(error)) from error
        amount = int((base * 100 * quantity * (100 - discount) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        rate = VAT_RATES.get(account["VatCode"] or "", Decimal(0))
        if incl:
            net = net_of_vat(Money(amount), rate).ore
            vat = amount - net
        else:
            net = amount
            vat = int((Decimal(amount) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        return {
            "ProductGuid": line.get("productguid"), "Description": line.get("description"),
            "Comments": line.get("comments"), "Quantity": _plain(quantity), "AccountNumber": account["AccountNumber"],
            "AccountName": account["Name"], "Unit": line.get("unit"), "Discount": _plain(discount), "LineType": kind,
            "BaseAmountValue": _plain(base), "BaseAmountValueInclVat": _plain(base if incl else base * (1 + rate)),
            "TotalAmount": _kroner(net), "TotalAmountInclVat": _kroner(net + vat), "_net": net, "_vat": vat,
        }  # fmt: skip

    def invoice(self, guid: str) -> Json:
        """One invoice; unknown is 400/63 (FACTS 3)."""
        return self._document(self.invoices, guid)

    def credit_note(self, guid: str) -> Json:
        """One credit note; unknown is 400/63."""
        return self._document(self.credit_notes, guid)

    def _document(self, documents: dict[str, Json], guid: str) -> Json:
        if guid.lower() not in documents:
            raise Refusal(400, 63, "Invalid InvoiceGuid/CreditNoteGuid, no results found")
        found = documents[guid.lower()]
        if found["DeletedAt"] and self.deleted_is_refused:
            raise Refusal(400, 65, "Item is deleted")
        return found

    def book(self, guid: str, body: Json) -> Json:
        """Books a draft for good, on the next number of the one series (FACTS 4.12, 4.13)."""
        invoice = self.invoice(guid)
        self._book(invoice, body)
        # Whether an invoice of 0 can be booked is UNKNOWN (FACTS 6.25).
        invoice["PaymentStatus"] = "Paid" if self._ore(invoice["TotalInclVat"]) == 0 else "Booked"
        return invoice

    def book_credit_note(self, guid: str, body: Json) -> Json:
        """Books a credit note, which is set off against its invoice by itself (FACTS 4.25). The answer is documented
        as an invoice."""
        note = self.credit_note(guid)
        self._book(note, body)
        note["PaymentStatus"] = "Paid" if note["CreditNoteFor"] else "Booked"
        if note["CreditNoteFor"]:
            self._settle(self.invoices[note["CreditNoteFor"]])
        more = {"PaymentDate": note["Date"], "PaymentConditionType": "Netto", "PaymentConditionNumberOfDays": 0,
                "FikCode": None, "DepositAccountNumber": None, "IsSentToDebtCollection": False,
                "IsMobilePayInvoiceEnabled": False, "IsPensoPayEnabled": False}  # fmt: skip
        return {name: value for name, value in note.items() if name != "CreditNoteFor"} | more

    def _book(self, document: Json, body: Json) -> None:
        self._newest(document, body)
        if document["DeletedAt"] or document["Status"] == "Booked":
            raise Refusal(400, 45, "The document can't be booked")
        if not document["ContactGuid"]:
            raise invalid("ContactGuid", "is required")
        self._require_year(date.fromisoformat(document["Date"]))
        both = (*self.invoices.values(), *self.credit_notes.values())
        taken = {other["Number"] for other in both if other["Status"] == "Booked"}
        number = body.get("number")
        if number is None:
            while self._next_number in taken:
                self._next_number += 1
            number = self._next_number
            self._next_number += 1
        elif not isinstance(number, int) or number in taken:
            raise invalid("Number", "is taken")
        document |= {"Number": number, "Status": "Booked"}
        self._stamp(document)

    def _require_year(self, day: date) -> None:
        if not any(first <= day <= last for first, last in self.years):
            raise Refusal(400, 47, "Accounting year not found")

    def delete_invoice(self, guid: str, body: Json) -> None:
        """Deletes a draft; the document stays with DeletedAt set, so its Guid is not free again."""
        self._delete(self.invoice(guid), body)

    def delete_credit_note(self, guid: str, body: Json) -> None:
        """Deletes a draft of a credit note."""
        self._delete(self.credit_note(guid), body)

    def _delete(self, document: Json, body: Json) -> None:
        if body.get("timestamp") is not None:
            self._newest(document, body)
        if document["Status"] == "Booked":
            raise Refusal(400, 45, "A booked document can't be deleted")
        document["DeletedAt"] = self._now()
        self._stamp(document)

    def send_e_document(self, document: Json, body: Json) -> None:
        """Sends a booked document to the contact's EAN number (FACTS 4.28; codes 56, 57, 59)."""
        if body.get("paymentmeanenum") not in ("Domestic", "International", "FIK"):
            raise invalid("PaymentMeanEnum", "is not valid")
        if document["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        if body.get("timestamp") is not None:
            self._newest(document, body)
        contact = self.contacts[document["ContactGuid"]]
        if not contact["EanNumber"]:
            raise Refusal(400, 56, "The receiver has no EAN number")
        person = body.get("attperson") or contact["AttPerson"]
        if not person:
            raise invalid("AttPerson", "is required")
        document |= {"MailOutStatus": "Sent", "LatestMailOutType": "EInvoice"}
        self._stamp(document)
        self.e_invoices.append(
            {"Guid": document["Guid"], "OrderReference": body.get("orderreference"), "AttPerson": person}
        )

    # --- payments ------------------------------------------------------------------------------------------

    def pay(self, guid: str, body: Json) -> Json:
        """Registers a payment on a booked invoice (FACTS 4.17)."""
        invoice = self.invoice(guid)
        for name in ("Timestamp", "DepositAccountNumber", "Description", "Amount", "RemainderIsFee"):
            if body.get(name.lower()) is None:
                raise invalid(name, f"The {name} field is required")
        self._newest(invoice, body)
        if invoice["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        account = self.deposits.get(body["depositaccountnumber"])
        if account is None or account["IsHidden"]:
            raise invalid("DepositAccountNumber", "is not a deposit account")
        amount, foreign = _amount(body, "Amount"), None
        if invoice["Currency"] != "DKK":
            foreign = _amount(body, "AmountInForeignCurrency")
        day = _date(body.get("paymentdate"), "PaymentDate") or copenhagen_date(self._clock.now())
        self._require_year(day)
        rate = Decimal(100) if foreign is None else Decimal(amount) * 100 / foreign
        payment = {
            "Guid": str(uuid.uuid4()), "DepositAccountNumber": account["AccountNumber"],
            "Currency": invoice["Currency"], "ExchangeRate": _plain(round(rate, 4)), "PaymentClass": "Payment",
            "RelatedVoucherId": str(uuid.uuid4()), "ExternalReference": body.get("externalreference"),
            "PaymentDate": day.isoformat(), "Description": body["description"],
            # In which currency a payment's own Amount is told is UNKNOWN; the document's fits RemainingAmount.
            "Amount": _kroner(amount if foreign is None else foreign), "InvoiceGuid": invoice["Guid"],
            "_dkk": amount,
        }  # fmt: skip
        self.payments.append(payment)
        self._settle(invoice)
        return {
            "Guid": payment["Guid"], "TimeStamp": invoice["TimeStamp"],
            "RelatedVoucherGuid": payment["RelatedVoucherId"],
        }  # fmt: skip

    def delete_payment(self, guid: str, payment_guid: str, body: Json) -> Json:
        """Takes a payment back (FACTS 4.23)."""
        invoice = self.invoice(guid)
        self._newest(invoice, body)
        kept = [p for p in self.payments if p["Guid"] != payment_guid]
        if len(kept) == len(self.payments):
            raise Refusal(404, 40, "Payment not found")
        self.payments[:] = kept
        self._settle(invoice)
        return {"TimeStamp": invoice["TimeStamp"]}

    def _settle(self, invoice: Json) -> None:
        remaining = self._ore(invoice["TotalInclVat"]) - self.paid(invoice["Guid"]) - self.credited(invoice["Guid"])
        invoice["PaymentStatus"] = "Paid" if remaining == 0 else "OverPaid" if remaining < 0 else "Booked"
        self._stamp(invoice)

    def paid(self, guid: str) -> int:
        """What is paid on an invoice, in øre of its currency."""
        return sum(self._ore(p["Amount"]) for p in self.payments if p["InvoiceGuid"] == guid)

    def credited(self, guid: str) -> int:
        """What booked credit notes took off an invoice, in øre of its currency."""
        return sum(self._ore(note["TotalInclVat"]) for note in self._credits_of(guid))

    def _credits_of(self, guid: str) -> list[Json]:
        notes = self.credit_notes.values()
        return [note for note in notes if note["CreditNoteFor"] == guid and note["Status"] == "Booked"]

    def payments_of(self, guid: str) -> Json:
        """The v2 answer on an invoice's payments (FACTS 4.18), with what was set off against it (4.25)."""
        invoice = self.invoice(guid)
        total = self._ore(invoice["TotalInclVat"])
        settled = self.paid(invoice["Guid"]) + self.credited(invoice["Guid"])
        mine = [p for p in self.payments if p["InvoiceGuid"] == invoice["Guid"]]
        shown = [{k: v for k, v in p.items() if k not in ("InvoiceGuid", "_dkk")} for p in mine]
        # How Dinero shows a set-off here is UNKNOWN; it is told apart by its class, and has no reference of ours.
        shown += [
            {
                "Guid": note["Guid"], "DepositAccountNumber": None, "Currency": note["Currency"], "ExchangeRate": 100,
                "PaymentClass": "CreditNote", "RelatedVoucherId": note["Guid"], "ExternalReference": None,
                "PaymentDate": note["Date"], "Description": "Kreditnota", "Amount": note["TotalInclVat"],
            }
            for note in self._credits_of(invoice["Guid"])
        ]  # fmt: skip
        return {
            "Payments": shown,
            "RemainingAmount": _kroner(total - settled),
            "PaidAmount": _kroner(settled),
            "InvoiceTotalIncludingReminderExpenses": _kroner(total),
            "RemainderAsFeeAvailable": total - settled > 0,
        }

    def in_kroner(self, document: Json, name: str) -> int | float:
        """An amount of a document in DKK, at the day's rate."""
        ore = Decimal(self._ore(document[name])) * RATES[document["Currency"]] / 100
        return _kroner(int(ore.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    # --- ledger --------------------------------------------------------------------------------------------

    def add_ledger_items(self, items: list[Json]) -> Json:
        """Adds drafts of ledger items under their own Ids; a repeat is 409/72 (FACTS 5c.7)."""
        for item in items:
            id_ = _guid(item.get("id"), "Id")
            if id_ in self.ledger_items:
                raise Refusal(409, 72, "Duplicated entity")
            if not item.get("lines"):
                raise invalid("Lines", "is required")
            self._version += 1
            self.ledger_items[id_] = {"Id": id_, "Version": f"AAAAAAY{self._version:05X}", "Status": "Draft",
                                      "VoucherNumber": None, "Lines": item["lines"],
                                      "VoucherDate": item.get("voucherdate")}  # fmt: skip
        last = self.ledger_items[id_]
        return {"Id": last["Id"], "Version": last["Version"]}

    def book_ledger_items(self, items: list[Json]) -> None:
        """Begins to book; the status tells when it is done (FACTS 5c.7)."""
        for item in items:
            found = self._ledger_item(item)
            if item.get("version") not in (None, found["Version"]):
                raise Refusal(400, 58, "The Version is not the newest")
            found["Status"] = "PendingBooking"

    def ledger_status(self, items: list[Json]) -> list[Json]:
        """The items' status; what was pending is booked when it is asked for again."""
        answer = []
        for item in items:
            found = self._ledger_item(item)
            answer.append({name: found[name] for name in ("Id", "Version", "Status", "VoucherNumber")})
            if found["Status"] == "PendingBooking":
                found |= {"Status": "Booked", "VoucherNumber": len(self.ledger_items)}
        return answer

    def _ledger_item(self, item: Json) -> Json:
        found = self.ledger_items.get(str(item.get("id")).lower())
        if found is None:
            raise Refusal(
                400, 42, "Validation Error", errors=[{"Code": "ledgerItemNotFound", "Message": "Id is unknown"}]
            )
        return found

    def entries(self, first: date, last: date) -> list[Json]:
        """Postings of booked documents and payments (EntryReadModel), in DKK: debit is positive."""
        found: list[Json] = []

        def post(day: str, account: int, ore: int, text: str, number: int) -> None:
            if ore and first.isoformat() <= day <= last.isoformat():
                name = (self.accounts.get(account) or self.deposits[account])["Name"]
                found.append(
                    {"AccountNumber": account, "AccountName": name, "Date": day, "VoucherNumber": number,
                     "VoucherType": text, "Description": text, "VatType": "", "VatCode": "", "Amount": _kroner(ore),
                     "EntryGuid": str(uuid.uuid4()), "ContactGuid": None, "Type": "Normal"}
                )  # fmt: skip

        for sign, documents in ((1, self.invoices), (-1, self.credit_notes)):
            for document in documents.values():
                if document["Status"] != "Booked":
                    continue
                rate = RATES[document["Currency"]] / 100
                total = sign * self._ore(self.in_kroner(document, "TotalInclVat"))
                rest = total
                word = "Faktura" if sign == 1 else "Kreditnota"
                for line in document["ProductLines"]:
                    ore = sign * int(self._ore(line["TotalAmount"]) * rate)
                    rest -= ore
                    post(document["Date"], line["AccountNumber"], -ore, word, document["Number"])
                post(document["Date"], OUTPUT_VAT, -rest, word, document["Number"])
                post(document["Date"], RECEIVABLES, total, word, document["Number"])
        for payment in self.payments:
            invoice = self.invoices[payment["InvoiceGuid"]]
            value = int(self._ore(payment["Amount"]) * RATES[invoice["Currency"]] / 100)
            day, number = payment["PaymentDate"], invoice["Number"]
            post(day, payment["DepositAccountNumber"], payment["_dkk"], "Betaling", number)
            post(day, RECEIVABLES, -value, "Betaling", number)
            post(day, EXCHANGE, value - payment["_dkk"], "Betaling", number)
        return found

    # --- inside --------------------------------------------------------------------------------------------

    def _contact_of(self, guid: Any) -> Json | None:
        if guid is None:
            return None
        found = self.contacts.get(str(guid).lower())
        if found is None or found["DeletedAt"]:
            raise Refusal(
                400, 42, "Validation Error", errors=[{"Code": "invalidContactId", "Message": "ContactGuid is unknown"}]
            )
        return found

    def _newest(self, invoice: Mapping[str, Any], body: Json) -> None:
        if not body.get("timestamp"):
            raise invalid("Timestamp", "The Timestamp field is required.")
        if body["timestamp"] != invoice["TimeStamp"]:
            raise Refusal(400, 58, "The Timestamp is not the newest")

    def _stamp(self, document: Json) -> None:
        self._version += 1
        document["TimeStamp"] = f"{0x1A2B_0000_0000 + self._version * 7:016X}"
        document["UpdatedAt"] = self._now()

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    @staticmethod
    def _ore(kroner: int | float) -> int:
        return Money.from_json(Decimal(str(kroner))).ore


def select(rows: Iterable[Json], fields: str | None, default: str, allowed: Iterable[str]) -> list[Json]:
    """Sparse rows with the keys spelled as they were asked for (FACTS 2.4). Raises Refusal for an unknown name."""
    known = {name.lower(): name for name in allowed}
    asked = [name.strip() for name in (fields or default).split(",") if name.strip()]
    if unknown := [name for name in asked if name.lower() not in known]:
        raise Refusal(400, 46, f"Unknown field {unknown[0]}")
    return [{name: row.get(known[name.lower()]) for name in asked} for row in rows]


def changed_since(rows: Iterable[Json], since: str | None) -> list[Json]:
    """Rows created, changed or deleted at or after a UTC time (FACTS 2.14). Raises Refusal for another form."""
    if not since:
        return list(rows)
    try:
        moment = datetime.strptime(since, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal(400, 46, "changesSince must be YYYY-MM-DDTHH:mm:ssZ") from error
    return [row for row in rows if datetime.fromisoformat(row["UpdatedAt"]) >= moment]


def matching(rows: Iterable[Json], query: str | None, allowed: Iterable[str]) -> list[Json]:
    """Rows that a queryFilter lets through: `Field eq|contains 'value'`, joined by `;` (FACTS 2.8)."""
    found = list(rows)
    known = {name.lower(): name for name in allowed}
    for condition in (query or "").split(";") if query else []:
        parts = condition.strip().split(" ", 2)
        quoted = len(parts) == 3 and len(parts[2]) >= 2 and parts[2].startswith("'") and parts[2].endswith("'")
        if not quoted or parts[0].lower() not in known or parts[1].lower() not in ("eq", "contains"):
            raise Refusal(400, 46, "Wrong filter format")
        name, wanted = known[parts[0].lower()], parts[2][1:-1].replace("''", "'").lower()
        exact = parts[1].lower() == "eq"
        found = [
            row for row in found
            if (text := str(row.get(name) if row.get(name) is not None else "").lower()) == wanted
            or (not exact and wanted in text)
        ]  # fmt: skip
    return found


def _amount(body: Json, name: str) -> int:
    """An amount in øre that must be there and differ from 0."""
    if body.get(name.lower()) is None:
        raise invalid(name, f"The {name} field is required")
    try:
        ore = Money.from_json(body[name.lower()]).ore
    except AmountError as error:
        raise invalid(name, str(error)) from error
    if ore == 0:
        raise invalid(name, "must not be 0")
    return ore


def _is_ean(number: Any) -> bool:
    return isinstance(number, str) and len(number) == 13 and bool(ean.is_valid(number))


def _guid(value: Any, name: str) -> str:
    if value is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(str(value)))
    except ValueError as error:
        raise invalid(name, "is not a Guid") from error


def _date(value: Any, name: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(name, "must be YYYY-MM-DD") from error


def _kroner(ore: int) -> int | float:
    return Money(ore).json_number()


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
