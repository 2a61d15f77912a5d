"""Prices without VAT as prices with it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from dinero.model.money import Money, total, whole_parts
from dinero.model.orders import Line, LineKind, Order
from dinero.model.zones import DANISH_VAT
from dinero.rules.charged import goods_of, possible_rates, spread_discount, vat_slack
from dinero.rules.questions import card_text


def with_vat(order: Order) -> Order:
    """Prices without VAT as prices with it, where sum, total and VAT prove that they are (facts.md, Shoporama 5)."""
    if order.total is None or not order.lines:
        return order
    net = total([line.total for line in order.lines], order.currency)
    vat = order.vat
    if vat is None and order.is_credit and not order.prices_include_vat:
        vat = order.total - net  # what goes back has its invoice's VAT, and the amounts alone must fit
    if vat is None or vat.ore < 0:
        return order
    lowered = not order.prices_include_vat and any(
        line.kind is LineKind.GIFT_CARD and line.text == card_text(order) for line in order.lines
    )
    if vat.ore == 0 and not lowered:
        return replace(order, prices_include_vat=True) if net == order.total else order
    adds_up_without = order.total == net + vat
    if order.prices_include_vat and (order.total == net or not adds_up_without):
        return order
    if not adds_up_without and order.total != net:
        return order
    goods, others = goods_of(order), [line for line in order.lines if line.kind is LineKind.GIFT_CARD]
    rates, whole = _fitting(order, vat), vat
    if rates is None:
        # A gift card that was taken off as a fee lowered the VAT, and what it paid is more by it (facts.md, WooCommerce
        # 1.5); the sale's VAT is of the whole.
        cards = [_card_with_vat(line) if line.text == card_text(order) else line for line in others]
        whole = (
            vat
            + total([line.total for line in others], order.currency)
            - total([line.total for line in cards], order.currency)
        )
        rates, others = _fitting(order, whole), cards
    if rates is None:
        return order
    nets = [line.total + cut for line, cut in zip(goods, spread_discount(order), strict=True)]
    gross = (net + vat).ore - sum(line.total.ore for line in others)
    step = order.smallest_ore
    exact = [Decimal(amount.ore) * (1 + rate) / step for amount, rate in zip(nets, rates, strict=True)]
    amounts = whole_parts(exact, gross // step) if gross % step == 0 else None
    if amounts is None:
        return order
    lines = [
        _with_vat(line, Money(amount * step, order.currency), rate, step)
        for line, amount, rate in zip(goods, amounts, rates, strict=True)
    ]
    return replace(
        order,
        lines=(*lines, *others),
        total=net + vat,
        vat=whole if order.vat is not None else None,
        prices_include_vat=True,
    )


def _fitting(order: Order, vat: Money) -> list[Decimal] | None:
    """The rates that make an order's VAT of its lines without."""
    goods = goods_of(order)
    nets = [line.total + cut for line, cut in zip(goods, spread_discount(replace(order, vat=vat)), strict=True)]
    fitting = (rates for rates in possible_rates(goods) if abs(_vat_on(nets, rates) - vat.ore) <= vat_slack(order))
    return next(fitting, None)


def _card_with_vat(line: Line) -> Line:
    off = Money(int((Decimal(line.total.ore) * (1 + DANISH_VAT)).to_integral_value(ROUND_HALF_UP)), line.total.currency)
    return replace(line, total=off, unit_price=off)


def _with_vat(line: Line, amount: Money, rate: Decimal, step: int) -> Line:
    """A line without VAT that is this amount with it. What a discount takes off it, more than the `step` (øre) that
    rounding does, is inside of it now, where it is asked whether it was a gift card."""
    off = int((Decimal(line.total.ore) * (1 + rate)).to_integral_value()) - amount.ore
    inside = Decimal(line.discount.ore if line.discount is not None else 0) * (1 + rate)
    ore = int(inside.quantize(Decimal(1), ROUND_HALF_UP)) + (off if abs(off) > step else 0)
    discount = Money(ore, amount.currency) if ore else None
    return replace(line, total=amount, unit_price=None, vat_rate=rate, discount=discount)


def _vat_on(nets: Sequence[Money], rates: Sequence[Decimal]) -> Decimal:
    return sum((Decimal(amount.ore) * rate for amount, rate in zip(nets, rates, strict=True)), Decimal(0))
