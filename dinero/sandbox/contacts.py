"""The books' customers and products (facts.md, Dinero 4.39-4.42)."""

from decimal import Decimal
from typing import Any

from stdnum.dk import cvr

from dinero.model.clock import Clock
from dinero.sandbox.chart import Chart, rate_of
from dinero.sandbox.values import (
    Json,
    Refusal,
    decimal,
    flag,
    guid,
    invalid,
    is_ean,
    kroner,
    listed_error,
    plain,
    reference,
    required_text,
    rounded,
)

UNITS = {
    "hours",
    "parts",
    "km",
    "day",
    "week",
    "month",
    "kilogram",
    "cubicMetre",
    "set",
    "litre",
    "box",
    "case",
    "carton",
    "metre",
    "package",
    "shipment",
    "squareMetre",
    "session",
    "tonne",
}
TERMS = ("Netto", "NettoCash", "CurrentMonthOut")
EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
_TEXTS = (
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
    "SENumber",
    "PNumber",
    "MemberNumber",
    "CompanyTypeKey",
    "InvoiceMailOutOptionKey",
    "PreferredInvoiceLanguageKey",
    "PreferredInvoiceCurrencyKey",
)


class Contacts(Chart):
    """Customers (`contacts`) and products (`products`) by Guid, in Dinero's own field names."""

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        super().__init__(clock, webshop_account=webshop_account)
        self.contacts: dict[str, Json] = {}
        self.products: dict[str, Json] = {}

    # --- contacts ------------------------------------------------------------------------------------------

    def create_contact(self, body: Json) -> Json:
        """Creates a contact, under the caller's own ContactGuid if one is given."""
        values = self._contact_values(body)
        number = guid(body.get("contactguid"), "ContactGuid")
        if number in self.contacts:
            raise listed_error("guidMustBeUnique", "ContactGuid is used")
        now = self._now()
        self.contacts[number] = {
            "ContactGuid": number,
            "CreatedAt": now,
            "UpdatedAt": now,
            "DeletedAt": None,
            "IsDebitor": True,
            "IsCreditor": False,
            "CompanyStatus": None,
        } | values
        return {"ContactGuid": number}

    def update_contact(self, number: str, body: Json) -> None:
        """Replaces all of a contact: what is left out is lost (facts.md, Dinero 4.41)."""
        found = self.contact(number)
        self._require_undeleted(found)
        found |= self._contact_values(body) | {"UpdatedAt": self._now()}

    def contact(self, number: str) -> Json:
        """One contact; unknown is 404 (facts.md, Dinero 3, "Not found differs")."""
        if number.lower() not in self.contacts:
            raise Refusal(404, 40, "Contact not found")
        return self.contacts[number.lower()]

    def delete_contact(self, number: str) -> None:
        """Deletes a contact; it stays, with DeletedAt."""
        self.contact(number).update({"DeletedAt": self._now(), "UpdatedAt": self._now()})

    def restore_contact(self, number: str) -> None:
        """Takes back the deletion of a contact."""
        self.contact(number).update({"DeletedAt": None, "UpdatedAt": self._now()})

    def _contact_values(self, body: Json) -> Json:
        required_text(body, "Name")
        country = required_text(body, "CountryKey").upper()
        if len(country) != 2 or not country.isalpha():
            raise invalid("CountryKey", "is not a country")
        reference(body)
        flags = {"IsPerson": flag(body, "IsPerson", default=None)}
        flags |= {name: flag(body, name) for name in ("IsMember", "UseCvr")}  # real clients leave these out
        number = body.get("vatnumber")
        if number and country == "DK" and not cvr.is_valid(str(number)):
            raise invalid("VatNumber", "is not valid")
        if body.get("eannumber") and not is_ean(body["eannumber"]):
            raise Refusal(400, 57, "The EAN number is invalid")
        condition, days = body.get("paymentconditiontype"), body.get("paymentconditionnumberofdays")
        if condition is not None and condition not in TERMS:
            raise invalid("PaymentConditionType", "is not valid")
        if condition == "NettoCash" and days is not None:
            raise invalid("PaymentConditionNumberOfDays", "must be empty")
        if condition is None:
            condition, days = self.settings["PaymentConditionType"], self.settings["PaymentConditionNumberOfDays"]
        elif days is None and condition != "NettoCash":
            days = self.settings["PaymentConditionNumberOfDays"]
        region = "DK" if country == "DK" else "EU" if country in EU else "World"
        terms = {"PaymentConditionType": condition, "PaymentConditionNumberOfDays": days, "VatRegionKey": region}
        return {name: body.get(name.lower()) for name in _TEXTS} | {"CountryKey": country} | flags | terms

    def _contact_of(self, number: Any) -> Json | None:
        if number is None:
            return None
        found = self.contacts.get(str(number).lower())
        if found is None or found["DeletedAt"]:
            raise listed_error("invalidContactId", "ContactGuid is unknown")
        return found

    def _require_undeleted(self, found: Json) -> None:
        if found["DeletedAt"]:
            raise Refusal(400, 65, "Item is deleted")

    # --- products ------------------------------------------------------------------------------------------

    def create_product(self, body: Json) -> Json:
        """Creates a product, which lines can name by its Guid."""
        number, now = guid(None, "ProductGuid"), self._now()
        self.products[number] = {"ProductGuid": number, "CreatedAt": now, "DeletedAt": None, "UpdatedAt": now} | (
            self._product_values(body)
        )
        return {"ProductGuid": number}

    def update_product(self, number: str, body: Json) -> None:
        """Replaces all of a product."""
        found = self.product(number)
        self._require_undeleted(found)
        found |= self._product_values(body) | {"UpdatedAt": self._now()}

    def product(self, number: str) -> Json:
        """One product; unknown is 404."""
        if number.lower() not in self.products:
            raise Refusal(404, 40, "Product not found")
        return self.products[number.lower()]

    def delete_product(self, number: str) -> None:
        """Deletes a product; it stays, with DeletedAt."""
        self.product(number).update({"DeletedAt": self._now(), "UpdatedAt": self._now()})

    def _product_values(self, body: Json) -> Json:
        for name in ("BaseAmountValue", "Quantity", "AccountNumber"):
            if body.get(name.lower()) is None:
                raise invalid(name, "is required")
        if body.get("unit") not in UNITS:
            raise invalid("Unit", "is not valid")
        if len(str(body.get("comment") or "")) > 128:
            raise invalid("Comment", "is longer than 128")
        account = self.accounts.get(body["accountnumber"])
        if account is None:
            raise invalid("AccountNumber", "is not an account")
        base, quantity = (decimal(body[name.lower()], name) for name in ("BaseAmountValue", "Quantity"))
        gross = base * (1 + rate_of(account["VatCode"]))
        return {
            "ProductNumber": body.get("productnumber"),
            "Name": body.get("name"),
            "Unit": body["unit"],
            "AccountNumber": account["AccountNumber"],
            "ExternalReference": reference(body),
            "Comment": body.get("comment"),
            "Quantity": plain(quantity),
            "BaseAmountValue": plain(base),
            "BaseAmountValueInclVat": plain(gross.quantize(Decimal("0.01"))),
            "TotalAmount": kroner(rounded(base * quantity * 100)),
            "TotalAmountInclVat": kroner(rounded(gross * quantity * 100)),
        }
