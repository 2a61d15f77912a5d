"""What was paid with a gift card or a store credit that the shop tells as something else, or not at all.

A gift card is a payment: the whole sale has its VAT, and the card's amount is taken from the debt to its holder
(facts.md, Dinero 5b.5). Some plugins take it off the total and tell it nowhere (facts.md, rule 15), others take it off
the lines as a coupon does, and with it off the VAT.
"""

from dataclasses import replace
from decimal import Decimal

from dinero.model.findings import Answers, Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import Money, net_of_vat, total
from dinero.model.orders import Line, LineKind, Order
from dinero.rules.charged import NO_GOODS, rates_of
from dinero.rules.net_prices import with_vat
from dinero.rules.questions import card_text, voucher_answer

CARD = "gift_card"
SHORT_OF_LINES = Question(
    "short_of_lines",
    Text(
        "Some gift card plugins (PW Gift Cards is one) take the card off the total and tell it nowhere else. A gift "
        "card is a payment: the whole sale is booked with its VAT, and the difference is taken from the gift card "
        "account."
    ),
    (Choice(CARD, Text("The difference was paid with a gift card: take it from the gift card account")),),
)


def short_of_lines(order: Order) -> Money | None:
    """By how much an order's total is below its lines, where the VAT it tells is that of all of the lines and not that
    of the total: a part was paid in a way that the shop does not tell. None for any other order."""
    if order.is_credit or order.total is None or order.vat is None or not order.lines:
        return None
    lines = total([line.total for line in order.lines], order.currency)
    whole = lines if order.prices_include_vat else lines + order.vat
    short = whole - order.total
    if short.ore <= 0 or order.vat.ore <= 0 or order.total.ore < 0:
        return None
    full = with_vat(replace(order, total=whole))
    if not full.prices_include_vat or rates_of(full) is None:
        return None
    # Less VAT would be told of a discount, wherever it is taken off.
    off = Line(LineKind.DISCOUNT, "", Decimal(1), -short)
    lowered = replace(full, lines=(*full.lines, off), total=order.total)
    return short if rates_of(lowered) is None else None


def found_short(order: Order) -> Finding | None:
    """What is asked of an order whose total is short of its lines."""
    short = short_of_lines(order)
    if short is None:
        return None
    text = Text(
        "The total of {total} is {difference} below the lines, and the VAT of {vat} is that of all of them.",
        total=order.total,
        difference=short,
        vat=order.vat,
    )
    fix = Text("If it was paid in another way, enter the order in Dinero by hand, then leave it out here.")
    return Finding("short_of_lines", text, fix, SHORT_OF_LINES)


def with_untold_card(order: Order, rules: Answers) -> Order:
    """The order with what its total is short of its lines as a gift card, where the owner says that it was one."""
    if rules.get(SHORT_OF_LINES.key) != CARD:
        return order
    short = short_of_lines(order)
    if short is None:
        return order
    return replace(order, lines=(*order.lines, Line(LineKind.GIFT_CARD, "Gavekort", Decimal(1), -short, -short)))


def takes_off_lines(order: Order) -> bool:
    """Whether a voucher of a fixed amount is taken off inside of the lines' totals, and not as a line of its own beside
    a coupon that is."""
    named = bool(order.voucher_code or order.voucher_kind) and not order.voucher_is_percent
    is_a_line = any(line.kind is LineKind.GIFT_CARD and line.text == card_text(order) for line in order.lines)
    return named and not is_a_line and any(line.discount is not None and line.discount.ore for line in order.lines)


def with_card_for_voucher(order: Order, rules: Answers) -> Order:
    """The order (prices with VAT) with a voucher inside of its lines as a gift card, where the owner says that it is
    one: the lines are what was sold, and their VAT too."""
    if order.is_credit or not takes_off_lines(order) or voucher_answer(order, rules) != CARD:
        return order
    rates = rates_of(order)
    if order.vat is None or rates is None or not order.prices_include_vat:
        return order
    told, lines, vat, paid = iter(rates), list[Line](), order.vat.ore, 0
    for line in order.lines:
        rate = Decimal(0) if line.kind in NO_GOODS else next(told)
        if line.discount is None or not line.discount.ore:
            lines.append(line)
            continue
        whole = line.total + line.discount
        vat += (whole.ore - net_of_vat(whole, rate).ore) - (line.total.ore - net_of_vat(line.total, rate).ore)
        paid += line.discount.ore
        lines.append(replace(line, total=whole, unit_price=None, discount=None))
    off = Money(-paid, order.currency)
    card = Line(LineKind.GIFT_CARD, card_text(order), Decimal(1), off, off)
    return replace(order, lines=(*lines, card), vat=Money(vat, order.currency))
