"""`plan_invoice` makes the invoice that an order becomes. The preview and the transfer use this same function.

Amounts incl. VAT, line by line. A line is sent as pieces and unit price only where no rounding can happen at all
(whole øre of VAT on each piece); else as Quantity 1 with the line's total, whose rounding is proven (facts.md, Dinero
4.32). Discounts are taken off the lines they belong to, so that VAT follows. The only lines that may be negative are a
gift card's part and a rounding: unproven (facts.md, Dinero 7), so the draft is compared to the øre before it is booked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from dinero.model.clock import copenhagen_date
from dinero.model.findings import Answers
from dinero.model.i18n import Text
from dinero.model.i18n import money as show_money
from dinero.model.money import DKK, Money, net_of_vat, total, whole_parts
from dinero.model.orders import Line, LineKind, Order, Party
from dinero.model.plans import Customer, InvoicePlan, PlanLine, PlanPayment
from dinero.model.settings import Settings
from dinero.rules.charged import NO_GOODS, charged_vat, goods_of, line_rates, spread_discount, vat_slack
from dinero.rules.oss import Part, oss_country, oss_lines, oss_rates, oss_vat
from dinero.rules.places import collected_here, destination, located, may_be_collected_here, territory
from dinero.rules.vat_free import EXEMPT, SENT, THIS_ORDER, contains_vat, is_reverse_charge, product_of, with_vat_inside
from dinero.rules.words import (
    is_discount,
    is_gift_card,
    is_known_voucher,
    is_no_company,
    is_nothing,
    plain,
    proves_payment,
)
from dinero.rules.zones import DANISH_VAT, ZONE_CODES, Decision, Zone, danish_number, decide, eu_vat_number

MAX_COMMENT = 1000


# --- an order as it is booked ----------------------------------------------------------------------------------


def interpret(order: Order, settings: Settings) -> Order:
    """The order with the owner's answers applied, amounts incl. VAT, and a credit note's amounts positive.

    What it can't make out it leaves as it is, for the checks to tell. Doing it twice changes nothing.
    """
    order = as_answered(order, settings.rules)
    if order.total is not None and order.total.ore < 0:
        order = _positive(order)
    order = _buyer(order, settings)
    lines = tuple(_by_answers(line, order, settings) for line in order.lines if not is_empty_line(line))
    return _with_vat_inside(_with_vat(replace(order, lines=lines)), settings)


# The key of the question what an order is that is positive and names another as credited.
SALE_OR_CREDIT = "sale_or_credit"


def as_answered(order: Order, rules: Answers) -> Order:
    """An order that the owner says is a credit note told with positive amounts, as one."""
    if order.may_credit and not order.credit_of and rules.get(SALE_OR_CREDIT) == "credit":
        return replace(order, credit_of=order.may_credit)
    return order


def is_empty_line(line: Line) -> bool:
    """Whether a line is of 0 pieces and no money: an item that was taken off the order."""
    return line.quantity == 0 and line.total.ore == 0


def _buyer(order: Order, settings: Settings) -> Order:
    """Who buys and where the goods go, as the owner answered."""
    rules, number = settings.rules, order.vat_number
    if number and (is_nothing(number) or rules.get("vat_number_wrong") == "consumer"):
        order = replace(order, vat_number="")
    if order.billing.company and is_no_company(order.billing.company):
        order = replace(order, billing=replace(order.billing, company=""))
    order = replace(order, billing=_in_country(order.billing, rules), delivery=_in_country(order.delivery, rules))
    place = rules.get("danish_place")
    if place in ("GL", "FO"):
        order = replace(order, billing=_moved(order.billing, place), delivery=_moved(order.delivery, place))
    where_to = rules.get(collected_rule(order)) if may_be_collected_here(order) else None
    if SENT in (where_to, rules.get(THIS_ORDER)):
        order = replace(order, shipping_method="")
    elif where_to == COLLECTED:
        order = collected_here(order)
    return order


COLLECTED = "collected"


def collected_rule(order: Order) -> str:
    """The key of the question where goods with a shipping method are collected."""
    return f"collected:{plain(order.shipping_method)}"


def country_rule(party: Party) -> str:
    """The key of the question which country a word means."""
    return f"country:{plain(party.country_text)}"


def _in_country(party: Party, rules: Answers) -> Party:
    """An address whose country's word is not understood in the country that the owner named."""
    country = rules.get(country_rule(party)) if party.country is None and party.country_text else None
    return replace(party, country=country) if country else party


def _moved(party: Party, country: str) -> Party:
    return replace(party, country=country) if party.country == "DK" else party


def _with_vat_inside(order: Order, settings: Settings) -> Order:
    """25 % in the price of what the shop charged no VAT on by mistake, as the owner answered (see vat_free)."""
    if settings.rules.get(THIS_ORDER) and order.vat is not None and not order.vat.ore and not order.is_credit:
        # The shop took off VAT that its lines still name: the owner's answer counts, not their rates.
        order = replace(
            order, lines=tuple(replace(line, vat_rate=None) if line.vat_rate else line for line in order.lines)
        )
    rates = line_rates(order)
    if order.vat is None or rates is None or order.is_credit:
        return order
    goods, more = goods_of(order), 0
    told: dict[int, Decimal] = {}
    for i, (line, rate, cut) in enumerate(zip(goods, rates, spread_discount(order), strict=True)):
        inside = contains_vat(line, rate, order, settings)
        told[i] = DANISH_VAT if inside else rate
        more += with_vat_inside(line.total + cut).ore if inside else 0
    if not more:
        return order
    rated = iter(told.values())
    lines = tuple(line if line.kind in NO_GOODS else replace(line, vat_rate=next(rated)) for line in order.lines)
    return replace(order, lines=lines, vat=Money(order.vat.ore + more, order.currency))


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
    return f"gift_card_product:{product_of(line)}"


def voucher_rule(order: Order) -> str:
    """The key of the question whether a voucher is a gift card."""
    return f"voucher:{order.voucher_code}"


def voucher_kind_rule(order: Order) -> str:
    """The key of the question whether vouchers of an unknown kind are gift cards."""
    return f"voucher_kind:{plain(order.voucher_kind)}"


ANY_VOUCHER = "voucher:*"


def voucher_answer(order: Order, rules: Answers) -> str | None:
    """What the owner said of an order's voucher: of this one, of its kind (unless its code looks like a gift card), or
    of any."""
    keys = [voucher_rule(order)]
    if not is_known_voucher(order.voucher_kind) and not is_gift_card(order.voucher_code):
        keys.append(voucher_kind_rule(order))
    given = (rules.get(key) for key in (*keys, ANY_VOUCHER))
    return next((answer for answer in given if answer in ("discount", "gift_card")), None)


def below_zero_rule(line: Line) -> str:
    """The key of the question what freight, a fee or a product called a discount is that is below zero."""
    return f"below_zero:{line.text if line.kind is LineKind.PRODUCT else line.kind.value}"


def _by_answers(line: Line, order: Order, settings: Settings) -> Line:
    rules = settings.rules
    if line.kind is LineKind.PRODUCT and line.total.ore < 0 and order.is_credit and is_discount(line.text):
        return replace(line, kind=LineKind.DISCOUNT, vat_rate=None)  # what the sale's discount took off
    if line.total.ore < 0 and not order.is_credit and rules.get(below_zero_rule(line)) == "discount":
        return replace(line, kind=LineKind.DISCOUNT, vat_rate=None)
    if line.kind is LineKind.PRODUCT and rules.get(gift_card_rule(line)) == "multi":
        return replace(line, kind=LineKind.GIFT_CARD_SOLD, vat_rate=Decimal(0))
    may_be_card = line.kind is LineKind.DISCOUNT and not order.voucher_is_percent
    if may_be_card and voucher_answer(order, rules) == "gift_card":
        return replace(line, kind=LineKind.GIFT_CARD, text=f"Gavekort {order.voucher_code}".strip())
    return line


def _with_vat(order: Order) -> Order:
    """Prices without VAT as prices with it, where sum, total and VAT prove that they are (facts.md, Shoporama 5)."""
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
    amounts = whole_parts(exact, gross)
    if amounts is None:
        return order
    lines = []
    for line, amount, rate in zip(goods, amounts, rates, strict=True):
        before = Decimal(line.total.ore) * (1 + rate)
        off = Money(int(before.to_integral_value()) - amount, order.currency)
        text = f"{line.text} (rabat {show_money(off)})" if abs(off.ore) > 1 else line.text
        lines.append(replace(line, total=Money(amount, order.currency), unit_price=None, vat_rate=rate, text=text))
    return replace(order, lines=(*lines, *others), total=net + vat, prices_include_vat=True)


# --- VAT and accounts of lines ---------------------------------------------------------------------------------


def zone_of(order: Order, settings: Settings) -> Decision:
    """The VAT zone of an interpreted order."""
    charged = charged_vat(order)
    where = territory(destination(order))
    if order.total is not None and order.total.ore == 0 and where is not None:
        # Nothing is charged, so nothing speaks against the VAT that the goods would have.
        charged = "none" if where.kind == "world" or (where.kind == "eu" and eu_vat_number(order)) else "danish"
    decision = decide(order, settings.rules, charged)
    if decision.zone is Zone.DOMESTIC_FREE and is_reverse_charge(order, settings.rules):
        return Decision(Zone.REVERSE_CHARGE)
    without = {finding.code for finding in decision.findings} & {"eu_without_vat", "danish_company_abroad"}
    if without and charged == "none" and _is_free_everywhere(order, settings):
        return Decision(Zone.DOMESTIC_FREE)
    return decision


def _is_free_everywhere(order: Order, settings: Settings) -> bool:
    """Whether an order to another EU country has no VAT because of what is sold: gift cards alone, or what the owner
    said of this order. What is exempt in Denmark by rule may not be so where it goes."""
    products = [line for line in goods_of(order) if line.kind in (LineKind.PRODUCT, LineKind.GIFT_CARD_SOLD)]
    cards = bool(products) and all(line.kind is LineKind.GIFT_CARD_SOLD for line in products)
    return cards or settings.rules.get(THIS_ORDER) == EXEMPT


def account_role(line: Line, rate: Decimal, zone: Zone) -> tuple[str, frozenset[str]]:
    """The role of a line's account, and the VAT codes that the account must have (facts.md, Dinero 5b)."""
    if line.kind is LineKind.GIFT_CARD_SOLD:
        return "gift_card", ZONE_CODES[Zone.DOMESTIC_FREE]
    if zone in (Zone.DOMESTIC, Zone.EU_CONSUMER) and not rate:
        zone = Zone.DOMESTIC_FREE
    if zone is Zone.REVERSE_CHARGE:  # goods and freight on the account that the accountant names
        return "sales.reverse_charge", ZONE_CODES[zone]
    word = "shipping" if line.kind is LineKind.SHIPPING else "sales"
    return f"{word}.{zone.value}", ZONE_CODES[zone]


# --- payment ---------------------------------------------------------------------------------------------------


def payment_rule(order: Order) -> str:
    """The key of the question what a payment method's paid mark is worth."""
    return f"payment:{order.payment_method}"


def proves_money(order: Order, settings: Settings) -> bool | None:
    """Whether the paid mark of the order's payment method means that the money has come; None: the owner must say.

    Only known ways to pay prove it (see words.py): "Other" gateways can mark every order as paid (facts.md, Shoporama
    5).
    """
    answer = settings.rules.get(payment_rule(order))
    if answer in ("money", "terms"):
        return answer == "money"
    nothing_due = order.total is not None and order.total.ore == 0
    return True if nothing_due or proves_payment((order.payment_type, order.payment_method)) else None


def has_terms(order: Order, settings: Settings) -> bool:
    """Whether the order becomes an invoice that is still to be paid."""
    if order.paid and proves_money(order, settings):
        return False
    if order.ean_number:
        return settings.rules.get("ean") in ("e_invoice", "invoice")
    return settings.rules.get(payment_rule(order)) == "terms"


def invoice_date(order: Order, settings: Settings) -> date | None:
    """The Copenhagen date on which the moment of transfer came: sent or paid, else ordered. A credit note has its
    own day (facts.md, Dinero 4.36)."""
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
        comment=_comment(order, "" if _only_gift_cards(order) else vat_sentence(zone.value, customer)),
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
            parts.append(Part(_line_text(line, cut, 1), amount, rate, line.kind.value, keys.of(line)))
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
    pieces = line.quantity.normalize()
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


def _comment(order: Order, law: str) -> str:
    code = f" Rabatkode: {order.voucher_code}." if order.voucher_code else ""
    extras = "".join(f"\n{key}: {value}" for key, value in order.extras)
    told = "\n".join(part for part in (f"Webshop-ordre {order.number}.{code}", law) if part)
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
