"""An order as it is booked: the owner's answers over what the shop tells."""

from dataclasses import replace
from decimal import Decimal

from dinero.model.findings import Answers
from dinero.model.money import Money
from dinero.model.orders import UNKNOWN_ORDER, Line, LineKind, Order, Party
from dinero.model.settings import Settings
from dinero.model.words import (
    is_discount,
    is_no_company,
    is_nothing,
)
from dinero.model.zones import DANISH_VAT
from dinero.rules.cards import with_card_for_voucher, with_untold_card
from dinero.rules.charged import NO_GOODS, goods_of, line_rates, spread_discount
from dinero.rules.net_prices import with_vat
from dinero.rules.number_fields import numbers_told
from dinero.rules.places import collected_here, may_be_collected_here
from dinero.rules.questions import (
    COLLECTED,
    SALE_OR_CREDIT,
    below_zero_rule,
    card_text,
    collected_rule,
    country_rule,
    gift_card_rule,
    voucher_answer,
)
from dinero.rules.vat_free import SENT, THIS_ORDER, contains_vat, with_vat_inside
from dinero.rules.whole_kroner import with_exact_vat


def interpret(order: Order, settings: Settings) -> Order:
    """The order with the owner's answers applied, amounts incl. VAT, and a credit note's amounts positive.

    What it can't make out it leaves as it is, for the checks to tell. Doing it twice changes nothing.
    """
    order = as_answered(order, settings.rules)
    if order.total is not None and order.total.ore < 0:
        order = _positive(order)
    order = _buyer(order, settings)
    lines = tuple(_by_answers(line, order, settings) for line in order.lines if not is_empty_line(line))
    order = with_vat(with_untold_card(replace(order, lines=lines), settings.rules))
    order = _with_vat_inside(with_card_for_voucher(order, settings.rules), settings)
    return with_exact_vat(order, settings.rules)


def as_answered(order: Order, rules: Answers) -> Order:
    """An order with what the owner said of it: one that is a credit note told with positive amounts as one, and the
    buyer's numbers where they stand."""
    vat_number, ean_number = numbers_told(order, rules)
    if (vat_number, ean_number) != (order.vat_number, order.ean_number):
        order = replace(order, vat_number=vat_number, ean_number=ean_number)
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
        return replace(line, kind=LineKind.GIFT_CARD, text=card_text(order))
    return line
