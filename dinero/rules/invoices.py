"""`plan_invoice` makes the invoice that an order becomes. The preview and the transfer use this same function.

Amounts incl. VAT, line by line. A line is sent as pieces and unit price only where no rounding can happen at all
(whole øre of VAT on each piece); else as Quantity 1 with the line's total, whose rounding is proven (facts.md, Dinero
4.32). Discounts are taken off the lines they belong to, so that VAT follows. The only lines that may be negative are a
gift card's part and a rounding: unproven (facts.md, Dinero 7), so the draft is compared to the øre before it is booked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from dinero.model.i18n import Text
from dinero.model.i18n import money as show_money
from dinero.model.money import Money, net_of_vat, total
from dinero.model.orders import Line, LineKind, Order
from dinero.model.plans import Customer, InvoicePlan, PlanLine
from dinero.model.settings import Settings
from dinero.model.zones import Zone
from dinero.rules.accounts import account_role
from dinero.rules.charged import goods_of, line_rates, spread_discount
from dinero.rules.interpreting import interpret, is_empty_line
from dinero.rules.oss import Part, oss_country, oss_lines, oss_rates, oss_vat
from dinero.rules.payments import has_terms, invoice_date, plan_payment
from dinero.rules.places import located
from dinero.rules.vat_numbers import danish_number, eu_vat_number
from dinero.rules.zones import zone_of

MAX_COMMENT = 1000


def plan_invoice(order: Order, settings: Settings) -> InvoicePlan:
    """The invoice for an order that has passed `checks.check_order`.

    Raises ValueError for an order that has not: the checks say why in the owner's words.
    """
    whole, order = order, interpret(order, settings)
    day, zone = invoice_date(order, settings), zone_of(order, settings).zone
    if order.total is None or settings.booking_account is None or day is None or zone is None:
        raise ValueError("the order has findings")
    lines = plan_lines(order, settings, zone)
    reference = f"{order.shop}:{order.id}"
    amount = total([line.amount for line in lines], order.currency)
    terms = has_terms(order, settings)
    customer = plan_customer(order, settings)
    by_number = zone in (Zone.EU_BUSINESS, Zone.REVERSE_CHARGE) and not customer.told_number
    customer = replace(customer, needs_number=by_number)
    return InvoicePlan(
        shop=order.shop,
        order_id=order.id,
        number=order.number,
        issued_on=day,
        lines=tuple(lines),
        total=amount,
        vat=total([line.vat for line in lines], order.currency),
        customer=customer,
        address=_address(order),
        comment=_comment(order, settings, "" if _only_gift_cards(order) else vat_sentence(zone.value, customer)),
        reference=reference,
        payment=plan_payment(order, settings, day, amount, reference),
        zone=zone.value,
        country=oss_country(order),
        notes=notes_on(whole) + _notes_on_customer(customer),
        days=settings.payment_days if terms else None,
        e_invoice=terms and bool(order.ean_number) and settings.rules.get("ean") == "e_invoice",
    )


def plan_lines(order: Order, settings: Settings, zone: Zone) -> list[PlanLine]:
    """The lines of an interpreted order; each has its account, and they add up to the order's total.

    Raises ValueError when the order has findings.
    """
    if zone is Zone.OSS:
        return _oss_lines(order, settings)
    rates = line_rates(order)
    if order.total is not None and order.total.ore == 0 and rates is None:
        rates = [line.vat_rate or Decimal(0) for line in goods_of(order)]
    if rates is None or order.total is None:
        raise ValueError("the order has findings")
    lines, keys = [], _Keys()
    for line, rate, cut in zip(goods_of(order), rates, spread_discount(order), strict=True):
        role, _ = account_role(line, rate, zone)
        amount = line.total + cut
        if line.kind is LineKind.SHIPPING and cut.ore and not amount.ore:
            continue  # a voucher paid the freight
        quantity, unit = _pieces(line, amount, rate)
        lines.append(
            _plan_line(
                settings, settings.account(role), line, _line_text(line, cut, quantity), amount, quantity, unit, keys
            )
        )
    return lines + _no_goods(order, settings, lines, keys)


def _no_goods(order: Order, settings: Settings, goods: Sequence[PlanLine], keys: "_Keys") -> list[PlanLine]:
    """What was paid with a gift card, and what rounding leaves: the lines that make the goods the order's total."""
    if order.total is None:
        raise ValueError("the order has findings")
    number = settings.account("gift_card")
    lines = [
        _plan_line(settings, number, line, line.text, line.total, 1, line.total, keys)
        for line in order.lines
        if line.kind is LineKind.GIFT_CARD
    ]
    difference = order.total - total([line.amount for line in (*goods, *lines)], order.currency)
    if difference.ore:
        if settings.rounding_account is None or abs(difference.ore) > settings.rounding_limit:
            raise ValueError("the order has findings")
        rounding = Line(LineKind.DISCOUNT, "Øreafrunding", Decimal(1), difference)
        lines.append(
            _plan_line(settings, settings.rounding_account, rounding, rounding.text, difference, 1, difference, keys)
        )
    return lines


def _oss_lines(order: Order, settings: Settings) -> list[PlanLine]:
    rates, accounts = oss_rates(order), settings.chart.accounts
    goods, liability = (accounts.get(settings.account(role)) for role in ("sales.oss", "oss_vat"))
    if rates is None or goods is None or liability is None:
        raise ValueError("the order has findings")
    keys, parts, cards = _Keys(), [], []
    for line, cut, rate in zip(goods_of(order), spread_discount(order), rates, strict=True):
        amount = line.total + cut
        if line.kind is LineKind.GIFT_CARD_SOLD:  # a debt to its holder, no sale with another country's VAT
            number = settings.account("gift_card")
            cards.append(_plan_line(settings, number, line, _line_text(line, cut, 1), amount, 1, amount, keys))
        elif amount.ore or not (line.kind is LineKind.SHIPPING and cut.ore):
            parts.append(Part(_line_text(line, cut, 1), amount, rate, line.kind.value, keys.of(line), line.item))
    lines = [*oss_lines(parts, oss_vat(order), oss_country(order), goods, liability), *cards]
    return lines + _no_goods(order, settings, lines, keys)


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
        item=line.item,
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
    country = located(party).country or order.delivery.country or "DK"
    country = "GB" if country == "XI" else country
    number = _number_of(order)
    # Dinero checks the number of a contact in Denmark as a CVR number, and refuses all others.
    foreign = country == "DK" and number[:2].isalpha()
    if not order.email and not order.ean_number and (not number or foreign):
        return Customer(email="", name=COLLECTIVE, is_person=True, country="DK", told_number=number)
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
        vat_number="" if foreign else number,
        attention=party.name if company and (party.company or ean) else "",
        ean=ean,
        told_number=number if foreign else "",
    )


def _number_of(order: Order) -> str:
    """The buyer's CVR or VAT number as it stands on documents; "" for a private customer."""
    return (danish_number(order) or eu_vat_number(order) or "") if order.is_company else ""


def _notes_on_customer(customer: Customer) -> tuple[str, ...]:
    if not customer.told_number or not customer.email:
        return ()
    text = Text(
        "The number {number} is not written on the customer in Dinero, which takes only CVR numbers for "
        "customers in Denmark.",
        number=customer.told_number,
    )
    return (text.dumps(),)


COLLECTIVE = "Webshop-kunder uden e-mail"


def _line_text(line: Line, reduction: Money, quantity: int) -> str:
    inside = line.discount or Money(0, reduction.currency)
    pieces, reduction = line.quantity.normalize(), reduction - inside
    text = line.text if pieces == 1 or quantity != 1 else f"{f'{pieces:f}'.replace('.', ',')} × {line.text}"
    return f"{text} (rabat {show_money(-reduction)})" if reduction.ore else text


def _address(order: Order) -> str:
    party = located(order.billing)
    rows = [party.company, party.name, party.street, f"{party.zipcode} {party.city}".strip()]
    if party.country not in (None, "DK"):
        as_told = party.country == order.billing.country
        rows.append((party.country_text if as_told else PLACES.get(party.country or "")) or party.country or "")
    return "\n".join(row for row in rows if row)


# Territories that are known by their postcode, as an address has them.
PLACES = {"GL": "Grønland", "FO": "Færøerne", "AX": "Åland"}


def numbered(number: str, label: str) -> str:
    """An order's number as documents have it: with the shop's name (`Settings.shop_label`) where there are several."""
    return f"{number}, {label}" if label else number


def _comment(order: Order, settings: Settings, law: str) -> str:
    code = f" Rabatkode: {order.voucher_code}." if order.voucher_code else ""
    name = f"Webshop-ordre {numbered(order.number, settings.shop_label)}"
    extras = "".join(f"\n{key}: {value}" for key, value in order.extras)
    told = "\n".join(part for part in (f"{name}.{code}", law) if part)
    return f"{told}{extras}"[:MAX_COMMENT]


def _only_gift_cards(order: Order) -> bool:
    return all(line.kind is LineKind.GIFT_CARD_SOLD for line in goods_of(order))


# What a document without VAT must say (ML § 52 a; Directive 2006/112 art. 226(4), (11), (11a)), in its language.
_LAW: Mapping[tuple[str, str], str] = {
    (Zone.EU_BUSINESS.value, "da-DK"): "Omvendt betalingspligt: momsfri EU-leverance (momssystemdirektivet art. 138). "
    "Købers momsnr.: {number}.",
    (Zone.EU_BUSINESS.value, "en-GB"): "Reverse charge: VAT-exempt intra-Community supply (Directive 2006/112/EC "
    "art. 138). Customer's VAT no.: {number}.",
    (Zone.WORLD.value, "da-DK"): "Eksport uden moms (ML § 34, stk. 1, nr. 5).",
    (Zone.WORLD.value, "en-GB"): "Export, exempt from VAT (Directive 2006/112/EC art. 146).",
    (Zone.REVERSE_CHARGE.value, "da-DK"): "Omvendt betalingspligt: køber afregner momsen (ML § 46). "
    "Købers CVR-nr.: {number}.",
    (Zone.REVERSE_CHARGE.value, "en-GB"): "Reverse charge: the customer accounts for the VAT (ML § 46). "
    "Customer's CVR no.: {number}.",
}


def vat_sentence(zone: str, customer: Customer) -> str:
    """The sentence of the law for a document without VAT, with the buyer's number; "" where there is VAT."""
    pattern, number = _LAW.get((zone, customer.language), ""), customer.vat_number or customer.told_number
    if zone == Zone.WORLD.value and number:
        pattern += " Købers nr.: {number}." if customer.language == "da-DK" else " Customer's no.: {number}."
    return pattern.format(number=number)


def notes_on(order: Order) -> tuple[str, ...]:
    """What of an order, as the shop tells it, is not on its document: packed Texts for the owner."""
    gone = [line.text or "–" for line in order.lines if is_empty_line(line)]
    return tuple(
        Text("“{product}” has 0 pieces and is left out of the document.", product=text[:80]).dumps() for text in gone
    )
