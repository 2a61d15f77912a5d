"""What the sandbox's Dinero remembers, and its rules; no HTTP. Facts: dinero/FACTS, sections 2-5.

One ledger for all organizations: the sandbox shows how Dinero answers, not a second company's numbers.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

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
    (1200, "EU-leverancer ydelser", "UEUY", "Income"),
    (1255, "Salg af varer til udlandet", "UVV", "Income"),
    (1260, "Salg af ydelser til udlandet", "UVY", "Income"),
    (1300, "Salg af fragt, momsfri", None, "Income"),
    (1350, "Salg af fragt, momspligtig", "U25", "Income"),
    (1400, "Rykkergebyrer, administrationsgebyr mv.", None, "Income"),
    (7220, "Porto og gebyrer", None, "Expense"),
    (7420, "Indløsere", None, "Expense"),
    (53000, "Debitorer", None, "Asset"),
    (63080, "Gavekort", None, "Liability"),
    (64000, "Salgsmoms", None, "Liability"),
)
VAT_RATES = {"U25": Decimal("0.25")}


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
        self.payments: list[Json] = []

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
        """Somebody saves the invoice in Dinero without changing it: a new TimeStamp."""
        self._stamp(self.invoices[guid])

    def delete_draft(self, guid: str) -> None:
        """Somebody deletes a draft in Dinero."""
        self.invoices[guid]["DeletedAt"] = self._now()
        self._stamp(self.invoices[guid])

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
        if number and not cvr.is_valid(str(number)):
            raise invalid("VatNumber", "is not valid")
        now = self._now()
        texts = ("ExternalReference", "Name", "Street", "ZipCode", "City", "CountryKey", "Phone", "Email", "Webpage",
                 "AttPerson", "VatNumber", "EanNumber", "SENumber", "PNumber")  # fmt: skip
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
        guid = _guid(body.get("guid"), "Guid")
        if guid in self.invoices:
            raise Refusal(409, 72, "Duplicated entity")
        invoice = self.compute(body)
        now = self._now()
        invoice |= {
            "Guid": guid, "CreatedAt": now, "UpdatedAt": now, "DeletedAt": None, "Status": "Draft",
            "PaymentStatus": "Draft", "Number": PLACEHOLDER + len(self.invoices), "MailOutStatus": None,
            "LatestMailOutType": None, "IsSentToDebtCollection": False, "FikCode": None, "DepositAccountNumber": None,
        }  # fmt: skip
        self._stamp(invoice)
        self.invoices[guid] = invoice
        return {"Guid": guid, "TimeStamp": invoice["TimeStamp"]}

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
        read = [self._line({str(k).lower(): v for k, v in line.items()}, incl) for line in lines]
        net, vat = sum(line["_net"] for line in read), sum(line["_vat"] for line in read)
        vatable = sum(line["_net"] for line in read if line["_vat"])
        return {
            "ContactGuid": contact["ContactGuid"] if contact else None,
            "ContactName": contact["Name"] if contact else None,
            "ShowLinesInclVat": incl,
            "Date": day.isoformat(),
            "PaymentDate": day.isoformat(),
            "PaymentConditionType": condition,
            "PaymentConditionNumberOfDays": days or 0,
            "Currency": body.get("currency") or "DKK",
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
        if guid.lower() not in self.invoices:
            raise Refusal(400, 63, "Invalid InvoiceGuid, no results found")
        return self.invoices[guid.lower()]

    def book(self, guid: str, body: Json) -> Json:
        """Books a draft for good, on the next number of the one series (FACTS 4.12, 4.13)."""
        invoice = self.invoice(guid)
        self._newest(invoice, body)
        if invoice["DeletedAt"] or invoice["Status"] == "Booked":
            raise Refusal(400, 45, "The invoice can't be booked")
        if not invoice["ContactGuid"]:
            raise invalid("ContactGuid", "is required")
        day = date.fromisoformat(invoice["Date"])
        if not any(first <= day <= last for first, last in self.years):
            raise Refusal(400, 47, "Accounting year not found")
        taken = {other["Number"] for other in self.invoices.values() if other["Status"] == "Booked"}
        number = body.get("number")
        if number is None:
            while self._next_number in taken:
                self._next_number += 1
            number = self._next_number
            self._next_number += 1
        elif not isinstance(number, int) or number in taken:
            raise invalid("Number", "is taken")
        invoice |= {"Number": number, "Status": "Booked", "PaymentStatus": "Booked"}
        self._stamp(invoice)
        return invoice

    def delete_invoice(self, guid: str, body: Json) -> None:
        """Deletes a draft; the document stays with DeletedAt set, so its Guid is not free again."""
        invoice = self.invoice(guid)
        if body.get("timestamp") is not None:
            self._newest(invoice, body)
        if invoice["Status"] == "Booked":
            raise Refusal(400, 45, "A booked invoice can't be deleted")
        self.delete_draft(guid.lower())

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
        try:
            amount = Money.from_json(body["amount"]).ore
        except AmountError as error:
            raise invalid("Amount", str(error)) from error
        if amount == 0:
            raise invalid("Amount", "must not be 0")
        day = _date(body.get("paymentdate"), "PaymentDate") or copenhagen_date(self._clock.now())
        payment = {
            "Guid": str(uuid.uuid4()), "DepositAccountNumber": account["AccountNumber"], "Currency": "DKK",
            "ExchangeRate": 100, "PaymentClass": "Payment", "RelatedVoucherId": str(uuid.uuid4()),
            "ExternalReference": body.get("externalreference"), "PaymentDate": day.isoformat(),
            "Description": body["description"], "Amount": _kroner(amount), "InvoiceGuid": invoice["Guid"],
        }  # fmt: skip
        self.payments.append(payment)
        remaining = self._ore(invoice["TotalInclVat"]) - self.paid(invoice["Guid"])
        invoice["PaymentStatus"] = "Paid" if remaining == 0 else "OverPaid" if remaining < 0 else "Booked"
        self._stamp(invoice)
        return {
            "Guid": payment["Guid"], "TimeStamp": invoice["TimeStamp"],
            "RelatedVoucherGuid": payment["RelatedVoucherId"],
        }  # fmt: skip

    def paid(self, guid: str) -> int:
        """What is paid on an invoice, in øre."""
        return sum(self._ore(p["Amount"]) for p in self.payments if p["InvoiceGuid"] == guid)

    def payments_of(self, guid: str) -> Json:
        """The v2 answer on an invoice's payments (FACTS 4.18)."""
        invoice = self.invoice(guid)
        total, paid = self._ore(invoice["TotalInclVat"]), self.paid(invoice["Guid"])
        mine = [p for p in self.payments if p["InvoiceGuid"] == invoice["Guid"]]
        return {
            "Payments": [{k: v for k, v in p.items() if k != "InvoiceGuid"} for p in mine],
            "RemainingAmount": _kroner(total - paid),
            "PaidAmount": _kroner(paid),
            "InvoiceTotalIncludingReminderExpenses": _kroner(total),
            "RemainderAsFeeAvailable": total - paid > 0,
        }

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
