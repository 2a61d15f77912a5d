"""`plan_invoice` makes the invoice that an order becomes. The preview and the transfer use this same function.

Amounts incl. VAT, line by line. A line is sent as pieces and unit price only where no rounding can happen at all
(whole øre of VAT on each piece); else as Quantity 1 with the line's total, whose rounding is proven (FACTS 4.32).
Discounts are taken off the lines they belong to, so that VAT follows. The only lines that may be negative are a
gift card's part and a rounding: unproven (FACTS 7), so the draft is compared to the øre before it is booked.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from dinero.clock import copenhagen_date
from dinero.i18n import money as show_money
from dinero.money import DKK, Money, net_of_vat, total
from dinero.orders import Line, LineKind, Order
from dinero.settings import Settings
from dinero.zones import (
    DANISH_VAT,
    ZONE_CODES,
    Decision,
    Zone,
    danish_number,
    decide,
    destination,
    eu_vat_number,
    territory,
)

INVOICE = "invoice"
CREDIT_NOTE = "credit note"
_NAMESPACE = uuid.UUID("0f8f2f6e-3c1a-4d0e-9d6a-5a2c6d1b7e40")
MAX_COMMENT = 1000
# Parts of a total that are no goods: they have no VAT of their own.
_NO_GOODS = (LineKind.DISCOUNT, LineKind.GIFT_CARD)


def document_guid(organization: str, shop: str, order_id: str, kind: str, generation: int) -> str:
    """Our own Guid for a document, Dinero's idempotency key (DESIGN rule 1)."""
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

    @property
    def key(self) -> str:
        """What our own Guid for the contact is made of."""
        return f"ean:{self.ean}" if self.ean else self.email or "collective"

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


@dataclass(frozen=True, slots=True)
class PlanPayment:
    """What is registered as paid, on which account, on which Copenhagen date. Negative for a refund.

    In another currency than kroner the DKK side is Dinero's own value of the invoice (FACTS 4.29).
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
    credit note credits; its lines are positive (FACTS 4.24).
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
    kind: str = INVOICE
    zone: str = Zone.DOMESTIC.value
    days: int | None = None
    e_invoice: bool = False
    credit_for: str = ""

    def body(self, guid: str, contact: str) -> dict[str, Any]:
        """Dinero's InvoiceCreateModel or SalesCreditNoteCreateModel."""
        body = {
            "Guid": guid,
            "ContactGuid": contact,
            "Date": self.issued_on.isoformat(),
            "Currency": self.total.currency,
            "Language": "da-DK" if self.customer.country in ("DK", "GL", "FO") else "en-GB",
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
        if self.kind == CREDIT_NOTE:
            return body | {"CreditNoteFor": self.credit_for}
        # Paid already, so nobody is asked to pay again (FACTS 4.7, 4.8).
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
        word = "Kreditnota til webshop-ordre" if self.kind == CREDIT_NOTE else "Webshop-ordre"
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


# --- an order as it is booked ----------------------------------------------------------------------------------


def interpret(order: Order, settings: Settings) -> Order:
    """The order with the owner's answers applied, amounts incl. VAT, and a credit note's amounts positive.

    What it can't make out it leaves as it is, for the checks to tell. Doing it twice changes nothing.
    """
    if order.total is not None and order.total.ore < 0:
        order = _positive(order)
    lines = tuple(_by_answers(line, order, settings) for line in order.lines)
    return _with_vat(replace(order, lines=lines))


def _positive(order: Order) -> Order:
    lines = tuple(
        replace(
            line,
            total=-line.total,
            quantity=abs(line.quantity),
            unit_price=Money(abs(line.unit_price.ore), line.total.currency) if line.unit_price else None,
        )
        for line in order.lines
    )
    return replace(
        order,
        lines=lines,
        total=-order.total if order.total is not None else None,
        vat=Money(abs(order.vat.ore), order.currency) if order.vat is not None else None,
        credit_of=order.credit_of or UNKNOWN_ORDER,
    )


# What `credit_of` is when a negative total says that it is a credit note, but not of which order.
UNKNOWN_ORDER = "?"


def gift_card_rule(line: Line) -> str:
    """The key of the question whether a product is a gift card: its item number, else its name."""
    return f"gift_card_product:{line.sku or line.text}"


def voucher_rule(order: Order) -> str:
    """The key of the question whether a voucher is a gift card."""
    return f"voucher:{order.voucher_code}"


ANY_VOUCHER = "voucher:*"


def _by_answers(line: Line, order: Order, settings: Settings) -> Line:
    rules = settings.rules
    if line.kind is LineKind.PRODUCT and rules.get(gift_card_rule(line)) == "multi":
        return replace(line, kind=LineKind.GIFT_CARD_SOLD, vat_rate=Decimal(0))
    if line.kind is LineKind.DISCOUNT and not order.voucher_is_percent:
        answer = rules.get(voucher_rule(order), rules.get(ANY_VOUCHER))
        if answer == "gift_card":
            return replace(line, kind=LineKind.GIFT_CARD, text=f"Gavekort {order.voucher_code}".strip())
    return line


def _with_vat(order: Order) -> Order:
    """Prices without VAT as prices with it, where sum, total and VAT prove that they are (FACTS 5)."""
    if order.total is None or order.vat is None or not order.lines:
        return order
    net, vat = total([line.total for line in order.lines], order.currency), order.vat
    if vat.ore == 0:
        return replace(order, prices_include_vat=True) if net == order.total else order
    adds_up_without = order.total == net + vat
    if order.prices_include_vat and (order.total == net or not adds_up_without):
        return order
    if not adds_up_without and order.total != net:
        return order
    goods = goods_of(order)
    rates = [DANISH_VAT if line.vat_rate is None else line.vat_rate for line in goods]
    nets = [line.total + cut for line, cut in zip(goods, spread_discount(order), strict=True)]
    charged = sum((Decimal(amount.ore) * rate for amount, rate in zip(nets, rates, strict=True)), Decimal(0))
    if abs(charged - vat.ore) > vat_slack(order):
        return order
    others = [line for line in order.lines if line.kind is LineKind.GIFT_CARD]
    gross = (net + vat).ore - sum(line.total.ore for line in others)
    exact = [Decimal(amount.ore) * (1 + rate) for amount, rate in zip(nets, rates, strict=True)]
    amounts = _whole_parts(exact, gross)
    if amounts is None:
        return order
    lines = []
    for line, amount, rate in zip(goods, amounts, rates, strict=True):
        before = Decimal(line.total.ore) * (1 + rate)
        off = Money(int(before.to_integral_value()) - amount, order.currency)
        text = f"{line.text} (rabat {show_money(off)})" if abs(off.ore) > 1 else line.text
        lines.append(replace(line, total=Money(amount, order.currency), unit_price=None, vat_rate=rate, text=text))
    return replace(order, lines=(*lines, *others), total=net + vat, prices_include_vat=True)


def _whole_parts(exact: Sequence[Decimal], wanted: int) -> list[int] | None:
    """Whole øre that add up to `wanted`, each within one øre of its exact part; None when that can't be."""
    whole = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in exact]
    left = wanted - sum(whole)
    if not 0 <= left <= len(whole):
        return None
    by_remainder = sorted(range(len(whole)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[:left]:
        whole[i] += 1
    return whole


# --- VAT and accounts of lines ---------------------------------------------------------------------------------


def line_rates(order: Order) -> list[Decimal] | None:
    """The VAT rate the shop charged on each line of goods (fractions), or None when it can't be told.

    Where the shop names no rate on a line, the order's VAT decides: none at all, or 25 % of everything. Abroad an
    order without VAT has none, whatever rate the product's own field names (FACTS 8, "unknown").
    """
    goods = goods_of(order)
    stated = {line.vat_rate for line in goods if line.vat_rate is not None}
    if order.vat is None or order.total is None:
        return None
    where = territory(destination(order))
    abroad = where is not None and where.kind != "dk"
    if order.vat.ore == 0 and (stated <= {Decimal(0)} or abroad):
        return [Decimal(0)] * len(goods)
    base = total([line.total for line in order.lines if line.kind is not LineKind.GIFT_CARD], order.currency)
    paid_by_card = base - total([line.total for line in order.lines], order.currency)
    slack = vat_slack(order)
    # A shop that takes a gift card for a discount tells the VAT of the rest; the sale's VAT is of the whole.
    expected = [order.vat.ore]
    if paid_by_card.ore:
        expected.append(order.vat.ore + paid_by_card.ore - net_of_vat(paid_by_card, DANISH_VAT).ore)
    everything = base - net_of_vat(base, DANISH_VAT)
    if stated <= {DANISH_VAT} and any(abs(everything.ore - vat) <= slack for vat in expected):
        return [DANISH_VAT] * len(goods)
    # Mixed: every product must name its rate; shipping and fee without one are tried with VAT, then without.
    named = (LineKind.PRODUCT, LineKind.GIFT_CARD_SOLD)
    if any(line.vat_rate is None for line in goods if line.kind in named) or stated - {Decimal(0), DANISH_VAT}:
        return None
    reductions = spread_discount(order)
    for other_rate in (DANISH_VAT, Decimal(0)):
        rates = [other_rate if line.vat_rate is None else line.vat_rate for line in goods]
        charged = sum(
            (line.total + cut).ore - net_of_vat(line.total + cut, rate).ore
            for line, cut, rate in zip(goods, reductions, rates, strict=True)
        )
        if any(abs(charged - vat) <= slack for vat in expected):
            return rates
    return None


def goods_of(order: Order) -> list[Line]:
    """The lines that are sold: all but discounts and what was paid with a gift card."""
    return [line for line in order.lines if line.kind not in _NO_GOODS]


def charged_vat(order: Order) -> str | None:
    """What VAT the shop charged: "none", "danish" (25 %, or 25 % and exempt lines), "other"; None: not told."""
    if order.vat is None or order.total is None or order.total.ore <= 0:
        return None
    rates = line_rates(order)
    if rates is None:
        return "other"
    return "danish" if any(rates) else "none"


def zone_of(order: Order, settings: Settings) -> Decision:
    """The VAT zone of an interpreted order."""
    charged = charged_vat(order)
    where = territory(destination(order))
    if order.total is not None and order.total.ore == 0 and where is not None:
        # Nothing is charged, so nothing speaks against the VAT that the goods would have.
        charged = "none" if where.kind == "world" or (where.kind == "eu" and eu_vat_number(order)) else "danish"
    return decide(order, settings.rules, charged)


def vat_slack(order: Order) -> int:
    """By how many øre VAT rounded line by line may differ from VAT rounded once: half an øre a line, and one."""
    return 1 + len(order.lines) // 2


def spread_discount(order: Order) -> list[Money]:
    """What is taken off each line of goods (zero or negative): products first, then the rest, in proportion.

    Whole øre by the largest remainders, so that the parts add up to the discount exactly. A gift card that is sold
    is never cheaper by a discount: its holder gets its full value.
    """
    goods = goods_of(order)
    left = -sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)
    parts = [0] * len(goods)
    for kinds in ((LineKind.PRODUCT,), (LineKind.SHIPPING,), (LineKind.FEE,)):
        weights = [line.total.ore if line.kind in kinds else 0 for line in goods]
        base = sum(weights)
        share = min(left, base)
        if share <= 0 or any(weight < 0 for weight in weights):
            continue
        cuts = _whole_parts([Decimal(share * weight) / base for weight in weights], share)
        if cuts is None:
            continue
        parts = [part + cut for part, cut in zip(parts, cuts, strict=True)]
        left -= share
    return [Money(-part, order.currency) for part in parts]


def account_role(line: Line, rate: Decimal, zone: Zone) -> tuple[str, frozenset[str]]:
    """The role of a line's account, and the VAT codes that the account must have (FACTS 5b)."""
    if line.kind is LineKind.GIFT_CARD_SOLD:
        return "gift_card", ZONE_CODES[Zone.DOMESTIC_FREE]
    if zone in (Zone.DOMESTIC, Zone.EU_CONSUMER) and not rate:
        zone = Zone.DOMESTIC_FREE
    word = "shipping" if line.kind is LineKind.SHIPPING else "sales"
    return f"{word}.{zone.value}", ZONE_CODES[zone]


# --- payment ---------------------------------------------------------------------------------------------------

# Names of ways to pay whose paid mark may be set without money (FACTS 5, gateway type "Other").
_WITHOUT_MONEY = ("other", "faktura", "invoice", "bankoverførsel", "bank transfer", "kontant", "efterkrav", "ean")


def payment_rule(order: Order) -> str:
    """The key of the question what a payment method's paid mark is worth."""
    return f"payment:{order.payment_method}"


def proves_money(order: Order, settings: Settings) -> bool | None:
    """Whether the paid mark of the order's payment method means that the money has come; None: the owner must say.

    "Other" gateways can mark every order as paid (FACTS 5), so theirs proves nothing by itself.
    """
    answer = settings.rules.get(payment_rule(order))
    if answer in ("money", "terms"):
        return answer == "money"
    names = (order.payment_type, order.payment_method.lower())
    doubtful = any(name == word or name.startswith(word) for name in names for word in _WITHOUT_MONEY)
    return None if doubtful else True


def has_terms(order: Order, settings: Settings) -> bool:
    """Whether the order becomes an invoice that is still to be paid."""
    if order.paid and proves_money(order, settings):
        return False
    if order.ean_number:
        return settings.rules.get("ean") in ("e_invoice", "invoice")
    return settings.rules.get(payment_rule(order)) == "terms"


def invoice_date(order: Order, settings: Settings) -> date | None:
    """The Copenhagen date on which the moment of transfer came: sent or paid, else ordered. A credit note has its
    own day (FACTS 4.36)."""
    if order.is_credit:
        moment = order.placed_at
    else:
        moment = order.sent_at if settings.trigger == "sent" or has_terms(order, settings) else None
        moment = moment or order.paid_at or order.placed_at
    return copenhagen_date(moment) if moment else None


def payment_date(order: Order, otherwise: date) -> date:
    """The Copenhagen date of the payment, as far as the shop tells it."""
    return copenhagen_date(order.paid_at) if order.paid_at and not order.is_credit else otherwise


def currency_rule(order: Order) -> str:
    """The key of the question how payments in a currency are registered."""
    return f"currency:{order.currency}"


def plan_payment(order: Order, settings: Settings, day: date, amount: Money, reference: str) -> PlanPayment | None:
    """The payment of the invoice; none for an invoice with terms, a zero total, or by the owner's choice."""
    number = settings.booking_account_of(order.payment_method)
    by_hand = order.currency != DKK and settings.rules.get(currency_rule(order)) == "by_hand"
    if number is None or has_terms(order, settings) or by_hand or amount.ore == 0:
        return None
    deposit = settings.chart.deposits.get(number)
    return PlanPayment(
        account=number,
        account_name=deposit.name if deposit else "",
        amount=amount,
        on=payment_date(order, day),
        reference=f"{reference}:payment",
    )


# --- plans -----------------------------------------------------------------------------------------------------


def plan_invoice(order: Order, settings: Settings) -> InvoicePlan:
    """The invoice for an order that has passed `checks.check_order`.

    Raises ValueError for an order that has not: the checks say why in the owner's words.
    """
    order = interpret(order, settings)
    day, zone = invoice_date(order, settings), zone_of(order, settings).zone
    if order.total is None or settings.booking_account is None or day is None or zone is None:
        raise ValueError("the order has findings")
    lines = plan_lines(order, settings, zone)
    reference = f"{order.shop}:{order.id}"
    amount = total([line.amount for line in lines], order.currency)
    terms = has_terms(order, settings)
    return InvoicePlan(
        shop=order.shop,
        order_id=order.id,
        number=order.number,
        issued_on=day,
        lines=tuple(lines),
        total=amount,
        vat=total([line.vat for line in lines], order.currency),
        customer=plan_customer(order, settings),
        address=_address(order),
        comment=_comment(order),
        reference=reference,
        payment=plan_payment(order, settings, day, amount, reference),
        zone=zone.value,
        days=settings.payment_days if terms else None,
        e_invoice=terms and bool(order.ean_number) and settings.rules.get("ean") == "e_invoice",
    )


def plan_lines(order: Order, settings: Settings, zone: Zone) -> list[PlanLine]:
    """The lines of an interpreted order; each has its account, and they add up to the order's total.

    Raises ValueError when the order has findings.
    """
    rates = line_rates(order)
    if order.total is not None and order.total.ore == 0 and rates is None:
        rates = [line.vat_rate or Decimal(0) for line in goods_of(order)]
    if rates is None or order.total is None:
        raise ValueError("the order has findings")
    lines, keys = [], _Keys()
    for line, rate, cut in zip(goods_of(order), rates, spread_discount(order), strict=True):
        role, _ = account_role(line, rate, zone)
        amount = line.total + cut
        quantity, unit = _pieces(line, amount, rate)
        lines.append(
            _plan_line(settings, settings.account(role), line, _line_text(line, cut, quantity), amount,
                       quantity, unit, keys)
        )  # fmt: skip
    for line in order.lines:
        if line.kind is LineKind.GIFT_CARD:
            number = settings.account("gift_card")
            lines.append(_plan_line(settings, number, line, line.text, line.total, 1, line.total, keys))
    difference = order.total - total([line.amount for line in lines], order.currency)
    if difference.ore:
        if settings.rounding_account is None or abs(difference.ore) > settings.rounding_limit:
            raise ValueError("the order has findings")
        rounding = Line(LineKind.DISCOUNT, "Øreafrunding", Decimal(1), difference)
        lines.append(
            _plan_line(settings, settings.rounding_account, rounding, rounding.text, difference, 1, difference, keys)
        )
    return lines


class _Keys:
    """Names for lines: kind, item and which of several alike."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, line: Line) -> str:
        name = f"{line.kind.value}:{line.sku}:{line.text}" if line.kind is LineKind.PRODUCT else line.kind.value
        self._seen[name] = self._seen.get(name, 0) + 1
        return f"{name}:{self._seen[name]}"


def _plan_line(
    settings: Settings, number: int, line: Line, text: str, amount: Money, quantity: int, unit: Money, keys: _Keys
) -> PlanLine:
    account = settings.chart.accounts[number]
    return PlanLine(
        text=text,
        quantity=quantity,
        account=account.number,
        account_name=account.name,
        vat_code=account.vat_code,
        amount=amount,
        vat=amount - net_of_vat(amount, account.vat_rate or Decimal(0)),
        unit=unit,
        kind=line.kind.value,
        key=keys.of(line),
    )


MAX_PIECES = 1000


def _pieces(line: Line, amount: Money, rate: Decimal) -> tuple[int, Money]:
    """Pieces and unit price where each piece's VAT is whole øre, so that nothing is rounded; else one line total.

    With 25 % that is when the unit price is a multiple of five øre.
    """
    whole = line.quantity == line.quantity.to_integral_value() and 1 < line.quantity <= MAX_PIECES
    if line.unit_price is not None and whole and line.unit_price.times(line.quantity) == amount:
        unit = line.unit_price
        if Decimal(unit.ore) / (1 + rate) % 1 == 0:
            return int(line.quantity), unit
    return 1, amount


def plan_customer(order: Order, settings: Settings) -> Customer:
    """The customer of an order: a company where there is one, with the e-mail as key.

    Without an e-mail it is the one collective contact; the order's own address is on the invoice all the same.
    """
    party = order.billing
    # The buyer's own country, wherever the goods go. Dinero knows Northern Ireland (XI) as a part of GB.
    country = party.country or order.delivery.country or "DK"
    country = "GB" if country == "XI" else country
    if not order.email and not order.ean_number:
        return Customer(email="", name=COLLECTIVE, is_person=True, country="DK")
    company = order.is_company
    name = party.company or party.name if company else party.name or order.delivery.name
    ean = order.ean_number if has_terms(order, settings) else ""
    return Customer(
        email=order.email.strip().lower(),
        name=name or order.customer_name,
        is_person=not company,
        street=party.street,
        zipcode=party.zipcode,
        city=party.city,
        country=country,
        phone=order.phone,
        vat_number=(danish_number(order) or eu_vat_number(order) or "") if company else "",
        attention=party.name if company and (party.company or ean) else "",
        ean=ean,
    )


COLLECTIVE = "Webshop-kunder uden e-mail"


def _line_text(line: Line, reduction: Money, quantity: int) -> str:
    pieces = line.quantity.normalize()
    text = line.text if pieces == 1 or quantity != 1 else f"{f'{pieces:f}'.replace('.', ',')} × {line.text}"
    return f"{text} (rabat {show_money(-reduction)})" if reduction.ore else text


def _address(order: Order) -> str:
    party = order.billing
    rows = [party.company, party.name, party.street, f"{party.zipcode} {party.city}".strip()]
    if party.country not in (None, "DK"):
        rows.append(party.country_text or party.country or "")
    return "\n".join(row for row in rows if row)


def _comment(order: Order) -> str:
    code = f" Rabatkode: {order.voucher_code}." if order.voucher_code else ""
    extras = "".join(f"\n{key}: {value}" for key, value in order.extras)
    return f"Webshop-ordre {order.number}.{code}{extras}"[:MAX_COMMENT]
