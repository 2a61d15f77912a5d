"""The invoice or credit note that an order becomes, as data: everything that is sent to Dinero, and nothing else is."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from dinero.model.money import DKK, Money
from dinero.model.orders import LineKind
from dinero.model.zones import Zone


class Kind(StrEnum):
    """What is written in Dinero for an order."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"


_NAMESPACE = uuid.UUID("0f8f2f6e-3c1a-4d0e-9d6a-5a2c6d1b7e40")


def document_guid(organization: str, shop: str, order_id: str, kind: Kind, generation: int) -> str:
    """Our own Guid for a document, Dinero's idempotency key (facts.md, rule 1)."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join([organization, shop, order_id, kind, str(generation)])))


def contact_guid(organization: str, key: str, is_person: bool, generation: int) -> str:
    """Our own Guid for a customer: the e-mail (or CVR or EAN number) is the key, people and companies apart."""
    kind = "person" if is_person else "company"
    return str(uuid.uuid5(_NAMESPACE, "\n".join([organization, "contact", kind, key, str(generation)])))


@dataclass(frozen=True, slots=True)
class Customer:
    """The contact that the invoice is for. `email` is the key, in lower case; "" is the collective customer.

    `vat_number` is a CVR number's eight digits or another EU country's number with its prefix.
    """

    email: str
    name: str
    is_person: bool
    street: str = ""
    zipcode: str = ""
    city: str = ""
    country: str = "DK"
    phone: str = ""
    vat_number: str = ""
    attention: str = ""
    ean: str = ""
    needs_number: bool = False  # the document has no VAT because of the number, so the contact must have it
    told_number: str = ""  # the buyer's number where the contact can't have it: for documents only

    @property
    def language(self) -> str:
        """The language of the customer's documents, as Dinero names it."""
        return "da-DK" if self.country in ("DK", "GL", "FO") else "en-GB"

    @property
    def key(self) -> str:
        """What our own Guid for the contact is made of."""
        if self.ean:
            return f"ean:{self.ean}"
        return self.email or (f"vat:{self.vat_number}" if self.vat_number else "collective")

    def body(self, guid: str) -> dict[str, Any]:
        """Dinero's ContactCreateModel (facts.md, Dinero 4.39)."""
        body: dict[str, Any] = {
            "ContactGuid": guid,
            "Name": self.name,
            "Street": self.street or None,
            "ZipCode": self.zipcode or None,
            "City": self.city or None,
            "CountryKey": self.country,
            "Phone": self.phone or None,
            "Email": self.email or None,
            "IsPerson": self.is_person,
            "IsMember": False,
            "UseCvr": False,
        }
        if not self.is_person:
            body |= {"VatNumber": self.vat_number or None, "AttPerson": self.attention or None}
        if self.ean:
            body |= {"EanNumber": self.ean, "InvoiceMailOutOptionKey": "GLN"}
        return body


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line as Dinero gets it: `quantity` pieces at `unit`, `amount` incl. VAT in all; `vat` is the part that is
    VAT. `key` names the order's line, so that a later change or credit is compared with it."""

    text: str
    quantity: int
    account: int
    account_name: str
    vat_code: str
    amount: Money
    vat: Money
    unit: Money
    kind: str = LineKind.PRODUCT.value
    key: str = ""
    rate: str = ""  # another country's VAT in per cent, which Dinero does not know of (see rules/oss)
    item: str = ""  # the shop's own id of the order's line; "" where it has none, and in plans from before it was kept


@dataclass(frozen=True, slots=True)
class PlanPayment:
    """What is registered as paid, on which account, on which Copenhagen date. Negative for a refund.

    In another currency than kroner the DKK side is Dinero's own value of the invoice (facts.md, Dinero 4.29).
    """

    account: int
    account_name: str
    amount: Money
    on: date
    reference: str


@dataclass(frozen=True, slots=True)
class InvoicePlan:
    """The invoice or credit note an order becomes: everything that is sent, and nothing else is.

    `days` are the days to pay, None for an invoice that is paid. `credit_for` is the Guid of the invoice that a
    credit note credits; its lines are positive (facts.md, Dinero 4.24).
    """

    shop: str
    order_id: str
    number: str
    issued_on: date
    lines: tuple[PlanLine, ...]
    total: Money
    vat: Money
    customer: Customer
    address: str
    comment: str
    reference: str
    payment: PlanPayment | None = None
    kind: Kind = Kind.INVOICE
    zone: str = Zone.DOMESTIC.value
    days: int | None = None
    e_invoice: bool = False
    credit_for: str = ""
    country: str = ""  # where the goods go, which decides another country's VAT; "" in plans from before it was kept
    notes: tuple[str, ...] = ()  # what the owner is told beside it, as packed Texts

    def body(self, guid: str, contact: str) -> dict[str, Any]:
        """Dinero's InvoiceCreateModel or SalesCreditNoteCreateModel."""
        body = {
            "Guid": guid,
            "ContactGuid": contact,
            "Date": self.issued_on.isoformat(),
            "Currency": self.total.currency,
            "Language": self.customer.language,
            "ShowLinesInclVat": True,
            "ExternalReference": self.reference,
            "Comment": self.comment,
            "Address": self.address or None,
            "ProductLines": [
                {
                    "LineType": "Product",
                    "Description": line.text,
                    "Quantity": line.quantity,
                    "Unit": "parts",
                    "BaseAmountValue": line.unit.json_number(),
                    "Discount": 0,
                    "AccountNumber": line.account,
                }
                for line in self.lines
            ],
        }
        if self.kind is Kind.CREDIT_NOTE:
            return body | {"CreditNoteFor": self.credit_for}
        # Paid already, so nobody is asked to pay again (facts.md, Dinero 4.7, 4.8).
        terms: dict[str, Any] = {"PaymentConditionType": "Paid"}
        if self.days is not None:
            terms = {"PaymentConditionType": "Netto", "PaymentConditionNumberOfDays": self.days}
        return body | terms | {"IsMobilePayInvoiceEnabled": False, "IsPensoPayEnabled": False}

    def payment_body(self, timestamp: str, dkk: Money | None = None) -> dict[str, Any]:
        """Dinero's PaymentCreateModel: the sale on the booking account; fees come with the payout. `dkk` is the
        value in kroner of a payment in another currency. Raises ValueError when nothing is to be paid."""
        payment = self.payment
        if payment is None or (dkk is None and payment.amount.currency != DKK):
            raise ValueError("there is no payment, or no value of it in kroner")
        word = "Kreditnota til webshop-ordre" if self.kind is Kind.CREDIT_NOTE else "Webshop-ordre"
        foreign = payment.amount.currency != DKK
        body: dict[str, Any] = {
            "Timestamp": timestamp,
            "DepositAccountNumber": payment.account,
            "Description": f"{word} {self.number}",
            "Amount": (dkk if foreign and dkk is not None else payment.amount).json_number(),
            "RemainderIsFee": False,
            "PaymentDate": payment.on.isoformat(),
            "ExternalReference": payment.reference,
        }
        return body | {"AmountInForeignCurrency": payment.amount.json_number()} if foreign else body

    def to_json(self) -> dict[str, Any]:
        """JSON for the store; `plan_from_json` reads it back to an equal plan."""
        packed = asdict(self)
        packed["issued_on"] = self.issued_on.isoformat()
        if self.payment is not None:
            packed["payment"]["on"] = self.payment.on.isoformat()
        return packed


def plan_from_json(packed: Mapping[str, Any]) -> InvoicePlan:
    """The plan that `to_json` packed: what was claimed is what is sent, also after a restart."""
    values = dict(packed)
    if "reference" not in values:
        values = _from_first_version(values)
    values["kind"] = Kind(values.get("kind", Kind.INVOICE))
    values["notes"] = tuple(values.get("notes", ()))
    values["lines"] = tuple(
        PlanLine(**{**line, **{name: Money(**line[name]) for name in ("amount", "vat", "unit")}})
        for line in values["lines"]
    )
    if (payment := values.get("payment")) is not None:
        amount, on = Money(**payment["amount"]), date.fromisoformat(payment["on"])
        values["payment"] = PlanPayment(**{**payment, "amount": amount, "on": on})
    values["total"], values["vat"] = Money(**values["total"]), Money(**values["vat"])
    values["customer"] = Customer(**values["customer"])
    values["issued_on"] = date.fromisoformat(values["issued_on"])
    return InvoicePlan(**values)


def _from_first_version(old: dict[str, Any]) -> dict[str, Any]:
    """A plan that was stored before there were credit notes and payment terms."""
    values = {**old, "reference": f"{old['shop']}:{old['order_id']}"}
    values["lines"] = [{**line, "unit": line["amount"]} for line in old["lines"]]
    customer = dict(old["customer"])
    customer["vat_number"] = customer.pop("cvr", "")
    values["customer"] = customer
    values["payment"] = {
        "account": values.pop("booking_account"),
        "account_name": values.pop("booking_account_name"),
        "amount": old["total"],
        "on": values.pop("paid_on"),
        "reference": f"{values['reference']}:payment",
    }
    return values
