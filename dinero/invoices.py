"""`plan_invoice` makes the invoice that an order becomes. The preview and the transfer use this same function.

One line an order line, Quantity 1 with the line's total incl. VAT: the only shape whose rounding is proven
(FACTS 4.32). Discounts are taken off the lines they belong to, so that VAT follows and no line is negative
(negative lines are unproven, FACTS 7).
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dinero.clock import copenhagen_date
from dinero.i18n import money as show_money
from dinero.money import Money, net_of_vat, total
from dinero.orders import Line, LineKind, Order
from dinero.settings import Settings

INVOICE = "invoice"
_NAMESPACE = uuid.UUID("0f8f2f6e-3c1a-4d0e-9d6a-5a2c6d1b7e40")
DANISH_VAT = Decimal("0.25")


def document_guid(organization: str, shop: str, order_id: str, kind: str, generation: int) -> str:
    """Our own Guid for a document, Dinero's idempotency key (DESIGN rule 1)."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join([organization, shop, order_id, kind, str(generation)])))


def contact_guid(organization: str, email: str, is_person: bool, generation: int) -> str:
    """Our own Guid for a customer: the e-mail is the key, people and companies apart."""
    kind = "person" if is_person else "company"
    return str(uuid.uuid5(_NAMESPACE, "\n".join([organization, "contact", kind, email, str(generation)])))


@dataclass(frozen=True, slots=True)
class Customer:
    """The contact that the invoice is for. `email` is the key, in lower case."""

    email: str
    name: str
    is_person: bool
    street: str = ""
    zipcode: str = ""
    city: str = ""
    country: str = "DK"
    phone: str = ""
    cvr: str = ""
    attention: str = ""

    def body(self, guid: str) -> dict[str, Any]:
        """Dinero's ContactCreateModel (FACTS 4.39)."""
        body: dict[str, Any] = {
            "ContactGuid": guid,
            "Name": self.name,
            "Street": self.street or None,
            "ZipCode": self.zipcode or None,
            "City": self.city or None,
            "CountryKey": self.country,
            "Phone": self.phone or None,
            "Email": self.email,
            "IsPerson": self.is_person,
            "IsMember": False,
            "UseCvr": False,
        }
        if not self.is_person:
            body |= {"VatNumber": self.cvr or None, "AttPerson": self.attention or None}
        return body


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line as Dinero gets it: `amount` incl. VAT for the whole line; `vat` is the part that is VAT."""

    text: str
    quantity: int
    account: int
    account_name: str
    vat_code: str
    amount: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class InvoicePlan:
    """The invoice an order becomes: everything that is sent, and nothing else is."""

    shop: str
    order_id: str
    number: str
    issued_on: date
    paid_on: date
    lines: tuple[PlanLine, ...]
    total: Money
    vat: Money
    customer: Customer
    address: str
    comment: str
    booking_account: int
    booking_account_name: str

    @property
    def reference(self) -> str:
        """ExternalReference on the invoice; the payment's is this and ":payment"."""
        return f"{self.shop}:{self.order_id}"

    @property
    def payment_reference(self) -> str:
        """ExternalReference on the payment: how a payment is found again after a lost answer."""
        return f"{self.reference}:payment"

    def body(self, guid: str, contact: str) -> dict[str, Any]:
        """Dinero's InvoiceCreateModel. Paid already, so nobody is asked to pay again (FACTS 4.7, 4.8)."""
        return {
            "Guid": guid,
            "ContactGuid": contact,
            "Date": self.issued_on.isoformat(),
            "Currency": self.total.currency,
            "Language": "da-DK",
            "ShowLinesInclVat": True,
            "PaymentConditionType": "Paid",
            "IsMobilePayInvoiceEnabled": False,
            "IsPensoPayEnabled": False,
            "ExternalReference": self.reference,
            "Comment": self.comment,
            "Address": self.address or None,
            "ProductLines": [
                {
                    "LineType": "Product",
                    "Description": line.text,
                    "Quantity": line.quantity,
                    "Unit": "parts",
                    "BaseAmountValue": line.amount.json_number(),
                    "Discount": 0,
                    "AccountNumber": line.account,
                }
                for line in self.lines
            ],
        }

    def payment_body(self, timestamp: str) -> dict[str, Any]:
        """Dinero's PaymentCreateModel: the whole sale on the booking account; fees come with the payout."""
        return {
            "Timestamp": timestamp,
            "DepositAccountNumber": self.booking_account,
            "Description": f"Webshop-ordre {self.number}",
            "Amount": self.total.json_number(),
            "RemainderIsFee": False,
            "PaymentDate": self.paid_on.isoformat(),
            "ExternalReference": self.payment_reference,
        }

    def to_json(self) -> dict[str, Any]:
        """JSON for the store; `plan_from_json` reads it back to an equal plan."""
        packed = asdict(self)
        packed |= {"issued_on": self.issued_on.isoformat(), "paid_on": self.paid_on.isoformat()}
        return packed


def plan_from_json(packed: Mapping[str, Any]) -> InvoicePlan:
    """The plan that `to_json` packed: what was claimed is what is sent, also after a restart."""
    values = dict(packed)
    values["lines"] = tuple(
        PlanLine(**{**line, "amount": Money(**line["amount"]), "vat": Money(**line["vat"])}) for line in values["lines"]
    )
    values["total"], values["vat"] = Money(**values["total"]), Money(**values["vat"])
    values["customer"] = Customer(**values["customer"])
    values["issued_on"] = date.fromisoformat(values["issued_on"])
    values["paid_on"] = date.fromisoformat(values["paid_on"])
    return InvoicePlan(**values)


def plan_invoice(order: Order, settings: Settings) -> InvoicePlan:
    """The invoice for an order that has passed `checks.check_order`.

    Raises ValueError for an order that has not: the checks say why in the owner's words.
    """
    if order.total is None or settings.booking_account is None:
        raise ValueError("the order has findings")
    day = invoice_date(order, settings)
    if day is None:
        raise ValueError("the order has findings")
    rates = line_rates(order)
    if rates is None:
        raise ValueError("the order has findings")
    lines = []
    goods = [line for line in order.lines if line.kind is not LineKind.DISCOUNT]
    for line, rate, reduction in zip(goods, rates, spread_discount(order), strict=True):
        account = settings.chart.accounts[account_number(line, rate, settings)]
        amount = line.total + reduction
        lines.append(
            PlanLine(
                text=_line_text(line, reduction),
                quantity=1,
                account=account.number,
                account_name=account.name,
                vat_code=account.vat_code,
                amount=amount,
                vat=amount - net_of_vat(amount, account.vat_rate or Decimal(0)),
            )
        )
    deposit = settings.chart.deposits.get(settings.booking_account)
    return InvoicePlan(
        shop=order.shop,
        order_id=order.id,
        number=order.number,
        issued_on=day,
        paid_on=payment_date(order, day),
        lines=tuple(lines),
        total=total([line.amount for line in lines], order.currency),
        vat=total([line.vat for line in lines], order.currency),
        customer=plan_customer(order),
        address=_address(order),
        comment=_comment(order),
        booking_account=settings.booking_account,
        booking_account_name=deposit.name if deposit else "",
    )


def plan_customer(order: Order) -> Customer:
    """The customer of an order: a company where there is one, with the e-mail as key."""
    party = order.billing
    company = order.is_company
    name = party.company or party.name if company else party.name or order.delivery.name
    return Customer(
        email=order.email.lower(),
        name=name,
        is_person=not company,
        street=party.street,
        zipcode=party.zipcode,
        city=party.city,
        country=party.country or "DK",
        phone=order.phone,
        cvr=cvr_digits(order.vat_number) if company else "",
        attention=party.name if company and party.company else "",
    )


def cvr_digits(vat_number: str) -> str:
    """A Danish VAT number as Dinero keeps it: eight digits without DK, spaces or dashes (FACTS 6.9)."""
    compact = "".join(character for character in vat_number.upper() if character.isalnum())
    return compact.removeprefix("DK")


def invoice_date(order: Order, settings: Settings) -> date | None:
    """The Copenhagen date on which the moment of transfer came: sent or paid, else ordered."""
    moment = order.sent_at if settings.trigger == "sent" else None
    moment = moment or order.paid_at or order.placed_at
    return copenhagen_date(moment) if moment else None


def payment_date(order: Order, otherwise: date) -> date:
    """The Copenhagen date of the payment, as far as the shop tells it."""
    return copenhagen_date(order.paid_at) if order.paid_at else otherwise


def line_rates(order: Order) -> list[Decimal] | None:
    """The VAT rate the shop charged on each line but discounts (fractions), or None when it can't be told.

    Where the shop names no rate on a line, the order's VAT decides: none at all, or 25 % of everything.
    """
    goods = [line for line in order.lines if line.kind is not LineKind.DISCOUNT]
    stated = {line.vat_rate for line in goods if line.vat_rate is not None}
    if order.vat is None or order.total is None:
        return None
    if order.vat.ore == 0 and stated <= {Decimal(0)}:
        return [Decimal(0)] * len(goods)
    everything = order.total - net_of_vat(order.total, DANISH_VAT)
    slack = vat_slack(order)
    full = abs(everything.ore - order.vat.ore) <= slack
    if full and stated <= {DANISH_VAT}:
        return [DANISH_VAT] * len(goods)
    # Mixed: every product must name its rate; shipping without one is tried with VAT, then without.
    if any(line.vat_rate is None for line in goods if line.kind is LineKind.PRODUCT):
        return None
    reductions = spread_discount(order)
    for shipping_rate in (DANISH_VAT, Decimal(0)):
        rates = [shipping_rate if line.vat_rate is None else line.vat_rate for line in goods]
        charged = sum(
            (line.total + cut).ore - net_of_vat(line.total + cut, rate).ore
            for line, cut, rate in zip(goods, reductions, rates, strict=True)
        )
        if abs(charged - order.vat.ore) <= slack:
            return rates
    return None


def vat_slack(order: Order) -> int:
    """By how many øre VAT rounded line by line may differ from VAT rounded once: half an øre a line, and one."""
    return 1 + len(order.lines) // 2


def spread_discount(order: Order) -> list[Money]:
    """What is taken off each line but discounts (zero or negative): products first, then shipping, in proportion.

    Whole øre by the largest remainders, so that the parts add up to the discount exactly.
    """
    goods = [line for line in order.lines if line.kind is not LineKind.DISCOUNT]
    left = -sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)
    parts = [0] * len(goods)
    for kind in (LineKind.PRODUCT, LineKind.SHIPPING):
        weights = [line.total.ore if line.kind is kind else 0 for line in goods]
        base = sum(weights)
        share = min(left, base)
        if share <= 0 or any(weight < 0 for weight in weights):
            continue
        exact = [Decimal(share * weight) / base for weight in weights]
        whole = [int(value) for value in exact]
        by_remainder = sorted(range(len(goods)), key=lambda i: (whole[i] - exact[i], i))
        for i in by_remainder[: share - sum(whole)]:
            whole[i] += 1
        parts = [part + value for part, value in zip(parts, whole, strict=True)]
        left -= share
    return [Money(-part, order.currency) for part in parts]


def account_number(line: Line, rate: Decimal, settings: Settings) -> int:
    """The account of a line, by what it is and whether the shop charged VAT on it (FACTS 5b)."""
    if line.kind is LineKind.SHIPPING:
        return settings.shipping_account if rate else settings.shipping_account_without_vat
    return settings.sales_account if rate else settings.sales_account_without_vat


def _line_text(line: Line, reduction: Money) -> str:
    quantity = line.quantity.normalize()
    text = line.text if quantity == 1 else f"{f'{quantity:f}'.replace('.', ',')} × {line.text}"
    return f"{text} (rabat {show_money(-reduction)})" if reduction.ore else text


def _address(order: Order) -> str:
    party = order.billing
    rows = [party.company, party.name, party.street, f"{party.zipcode} {party.city}".strip()]
    return "\n".join(row for row in rows if row)


def _comment(order: Order) -> str:
    code = f" Rabatkode: {order.voucher_code}." if order.voucher_code else ""
    return f"Webshop-ordre {order.number}.{code}"
