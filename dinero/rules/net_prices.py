"""Prices without VAT as prices with it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from dinero.model.i18n import money as show_money
from dinero.model.money import Money, total, whole_parts
from dinero.model.orders import Line, LineKind, Order
from dinero.rules.charged import goods_of, possible_rates, spread_discount, vat_slack


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
    if vat.ore == 0:
        return replace(order, prices_include_vat=True) if net == order.total else order
    adds_up_without = order.total == net + vat
    if order.prices_include_vat and (order.total == net or not adds_up_without):
        return order
    if not adds_up_without and order.total != net:
        return order
    goods = goods_of(order)
    nets = [line.total + cut for line, cut in zip(goods, spread_discount(order), strict=True)]
    fitting = (rates for rates in possible_rates(goods) if abs(_vat_on(nets, rates) - vat.ore) <= vat_slack(order))
    rates = next(fitting, None)
    if rates is None:
        return order
    others = [line for line in order.lines if line.kind is LineKind.GIFT_CARD]
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
    return replace(order, lines=(*lines, *others), total=net + vat, prices_include_vat=True)


def _with_vat(line: Line, amount: Money, rate: Decimal, step: int) -> Line:
    """A line without VAT that is this amount with it; what a discount takes off it, more than the `step` (øre) that
    rounding does, stands in its text."""
    before = Decimal(line.total.ore) * (1 + rate)
    off = Money(int(before.to_integral_value()) - amount.ore, amount.currency)
    text = f"{line.text} (rabat {show_money(off)})" if abs(off.ore) > step else line.text
    inside = line.discount
    if inside is not None:
        exact = (Decimal(inside.ore) * (1 + rate)).quantize(Decimal(1), ROUND_HALF_UP)
        inside = Money(int(exact), amount.currency)
    return replace(line, total=amount, unit_price=None, vat_rate=rate, text=text, discount=inside)


def _vat_on(nets: Sequence[Money], rates: Sequence[Decimal]) -> Decimal:
    return sum((Decimal(amount.ore) * rate for amount, rate in zip(nets, rates, strict=True)), Decimal(0))
