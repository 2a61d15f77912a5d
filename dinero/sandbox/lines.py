"""What an invoice or credit note comes to: lines, VAT by the account, totals, day of payment (facts.md, Dinero 4.30-4.32)."""

import calendar
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dinero.model.money import Money, net_of_vat
from dinero.sandbox.chart import RATES, rate_of
from dinero.sandbox.contacts import TERMS, UNITS, Contacts
from dinero.sandbox.values import (
    Json,
    day,
    decimal,
    flag,
    invalid,
    kroner,
    lowered,
    plain,
    reference,
    rounded,
)

LANGUAGES = ("da-DK", "en-GB")
_HEADINGS = {
    ("invoice", "da-DK"): "Faktura",
    ("invoice", "en-GB"): "Invoice",
    ("credit note", "da-DK"): "Kreditnota",
    ("credit note", "en-GB"): "Credit note",
}


class Lines(Contacts):
    """Computes documents; nothing is kept here."""

    def compute(self, body: Json, kind: str = "invoice") -> Json:
        """An invoice as Dinero would show it. Raises Refusal."""
        contact = self._contact_of(body.get("contactguid"))
        incl = flag(body, "ShowLinesInclVat")
        lines = body.get("productlines")
        if not isinstance(lines, list) or not lines or not all(isinstance(line, dict) for line in lines):
            raise invalid("ProductLines", "is required")
        issued = day(body.get("date"), "Date") or self._today()
        condition, days = self._terms(body, contact)
        currency, language = body.get("currency") or "DKK", body.get("language") or "da-DK"
        if currency not in RATES:
            raise invalid("Currency", "is not known")
        if language not in LANGUAGES:
            raise invalid("Language", "is not known")
        fee = body.get("reminderfee")
        if fee is not None and not 0 <= decimal(fee, "ReminderFee") <= 100:
            raise invalid("ReminderFee", "must be from 0 to 100")
        read = [self._line(lowered(line), incl) for line in lines]
        net, vat = sum(line["_net"] for line in read), sum(line["_vat"] for line in read)
        if net + vat < 0:  # whether Dinero takes negative lines at all is UNKNOWN (facts.md, Dinero 5b.5)
            raise invalid("ProductLines", "come to less than 0")
        vatable = sum(line["_net"] for line in read if line["_vat"])
        return {
            "ContactGuid": contact["ContactGuid"] if contact else None,
            "ContactName": contact["Name"] if contact else None,
            "ShowLinesInclVat": incl,
            "Date": issued.isoformat(),
            "PaymentDate": _due(issued, condition, days).isoformat(),
            "PaymentConditionType": condition if condition != "Paid" else "NettoCash",
            "PaymentConditionNumberOfDays": days or 0,
            "Currency": currency,
            "Language": language,
            "ExternalReference": reference(body),
            "Description": body.get("description") or _HEADINGS[kind, language],
            "Comment": body.get("comment"),
            "Address": body.get("address") or (_address(contact) if contact else None),
            "InvoiceTemplateId": body.get("invoicetemplateid"),
            "IsMobilePayInvoiceEnabled": flag(body, "IsMobilePayInvoiceEnabled"),
            "IsPensoPayEnabled": flag(body, "IsPensoPayEnabled"),
            "TotalExclVat": kroner(net),
            "TotalVat": kroner(vat),
            "TotalInclVat": kroner(net + vat),
            "TotalVatableAmount": kroner(vatable),
            "TotalNonVatableAmount": kroner(net - vatable),
            "TotalLines": _total_lines(net, vatable, vat, language),
            "ProductLines": [{k: v for k, v in line.items() if not k.startswith("_")} for line in read],
            "_body": {k: v for k, v in body.items() if k not in ("guid", "timestamp")},
        }

    def compute_credit_note(self, body: Json) -> Json:
        """A credit note as Dinero would show it; terms and ways to pay are an invoice's alone."""
        without = (
            "PaymentDate",
            "PaymentConditionType",
            "PaymentConditionNumberOfDays",
            "IsMobilePayInvoiceEnabled",
            "IsPensoPayEnabled",
        )
        computed = {name: value for name, value in self.compute(body, "credit note").items() if name not in without}
        credited = body.get("creditnotefor")
        return computed | {"CreditNoteFor": str(credited).lower() if credited is not None else None}

    def _terms(self, body: Json, contact: Json | None) -> tuple[str, int | None]:
        """Terms of payment: the document's, else the customer's, else the organization's (facts.md, Dinero 4.8)."""
        condition, days = body.get("paymentconditiontype"), body.get("paymentconditionnumberofdays")
        if condition is not None and condition not in (*TERMS, "Paid"):
            raise invalid("PaymentConditionType", "is not valid")
        if condition in ("NettoCash", "Paid"):
            if days is not None:
                raise invalid("PaymentConditionNumberOfDays", "must be empty")
            return str(condition), None
        if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 0):
            raise invalid("PaymentConditionNumberOfDays", "must be a number of days")
        defaults = contact or self.settings
        if condition is None and days is None:
            return defaults["PaymentConditionType"], defaults["PaymentConditionNumberOfDays"]
        return condition or "Netto", days if days is not None else self.settings["PaymentConditionNumberOfDays"]

    def _line(self, line: Json, incl: bool) -> Json:
        kind = line.get("linetype") or "Product"
        if kind not in ("Product", "Text"):
            raise invalid("LineType", "is not valid")
        product = self._product_of(line)
        if not line.get("description") and product is None:
            raise invalid("Description", "is required")
        if kind == "Text":  # counts in nothing; what else it carries is not looked at
            return {
                "ProductGuid": None,
                "Description": line["description"],
                "Comments": line.get("comments"),
                "Quantity": 0,
                "AccountNumber": self.settings["DefaultAccountNumber"],
                "AccountName": None,
                "Unit": None,
                "Discount": 0,
                "LineType": kind,
                "BaseAmountValue": 0,
                "BaseAmountValueInclVat": 0,
                "TotalAmount": 0,
                "TotalAmountInclVat": 0,
                "_net": 0,
                "_vat": 0,
            }
        for name in ("BaseAmountValue", "Quantity", "AccountNumber"):
            if line.get(name.lower()) is None:
                raise invalid(name, "is required")
        if line.get("unit") not in UNITS:
            raise invalid("Unit", "is not valid")
        account = self.accounts.get(line["accountnumber"])
        if account is None or account["IsHidden"]:
            raise invalid("AccountNumber", "is not an account in use")
        base, quantity, discount = (
            decimal(line.get(name.lower()) or 0, name) for name in ("BaseAmountValue", "Quantity", "Discount")
        )
        if not 0 <= discount <= 100:
            raise invalid("Discount", "must be from 0 to 100")
        amount, rate = rounded(base * 100 * quantity * (100 - discount) / 100), rate_of(account["VatCode"])
        net = net_of_vat(Money(amount), rate).ore if incl else amount
        vat = amount - net if incl else rounded(amount * rate)
        # On read the unit's price is without VAT, whichever way it was written.
        unit = base / (1 + rate) if incl else base
        return {
            "ProductGuid": product["ProductGuid"] if product else None,
            "Description": line.get("description") or (product or {}).get("Name"),
            "Comments": line.get("comments"),
            "Quantity": plain(quantity),
            "AccountNumber": account["AccountNumber"],
            "AccountName": account["Name"],
            "Unit": line.get("unit"),
            "Discount": plain(discount),
            "LineType": kind,
            "BaseAmountValue": _price(unit),
            "BaseAmountValueInclVat": _price(base if incl else base * (1 + rate)),
            "TotalAmount": kroner(net),
            "TotalAmountInclVat": kroner(net + vat),
            "_net": net,
            "_vat": vat,
        }

    def _product_of(self, line: Json) -> Json | None:
        if line.get("productguid") is None:
            return None
        found = self.products.get(str(line["productguid"]).lower())
        if found is None or found["DeletedAt"]:
            raise invalid("ProductGuid", "is not a product")
        return found


def _due(issued: date, condition: str, days: int | None) -> date:
    """The day by which an invoice is to be paid."""
    if condition == "CurrentMonthOut":
        issued = issued.replace(day=calendar.monthrange(issued.year, issued.month)[1])
    return issued + timedelta(days=days or 0)


def _total_lines(net: int, vatable: int, vat: int, language: str) -> list[Json]:
    """The lines under a document's lines; amounts in øre (or cents). Which are shown when is ours; the document
    names their types only."""
    danish = language == "da-DK"
    lines: list[tuple[str, int, str]] = [("SubTotal", net, "Subtotal")]
    if vat and vatable != net:
        lines = [
            ("SubTotalWithVat", vatable, "Momspligtigt beløb" if danish else "Subject to VAT"),
            ("SubTotalWithoutVat", net - vatable, "Momsfrit beløb" if danish else "Free of VAT"),
        ]
    if vat:
        lines.append(("Vat", vat, "Moms (25,00%)" if danish else "VAT (25.00%)"))
    lines.append(("Total", net + vat, "Total"))
    return [
        {"Type": kind, "TotalAmount": kroner(ore), "Position": position, "Label": label}
        for position, (kind, ore, label) in enumerate(lines, 1)
    ]


def _price(value: Decimal) -> int | float:
    """A unit's price to the øre."""
    return kroner(rounded(value * 100))


def _address(contact: Json) -> str | None:
    place = " ".join(part for part in (contact["ZipCode"], contact["City"]) if part)
    return "\n".join(part for part in (contact["Street"], place) if part) or None


def shown(document: Json, **changes: Any) -> Json:
    """A document without what the sandbox keeps beside it."""
    return {name: value for name, value in document.items() if not name.startswith("_")} | changes
