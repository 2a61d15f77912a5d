"""What the shop charged: the VAT rate of each line, and what discounts take off it. No rule of the owner's."""

from collections.abc import Iterator, Sequence, Set
from decimal import ROUND_HALF_UP, Decimal

from dinero.model.money import Money, net_of_vat, total, whole_parts
from dinero.model.orders import Line, LineKind, Order
from dinero.model.words import is_free_freight
from dinero.model.zones import DANISH_VAT
from dinero.rules.places import destination, territory

# Parts of a total that are no goods: they have no VAT of their own.
NO_GOODS = (LineKind.DISCOUNT, LineKind.GIFT_CARD)


def line_rates(order: Order) -> list[Decimal] | None:
    """The VAT rate the shop charged on each line of goods (fractions), or None when it can't be told.

    Where the shop names no rate on a line, the order's VAT decides: none at all, or 25 % of everything. Abroad an
    order without VAT has none, whatever rate the product's own field names (facts.md, Shoporama 5).
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
    # A shop that takes a gift card for a discount, all of them or one, tells the VAT of the rest; the sale's VAT is of
    # the whole.
    expected = [order.vat.ore]
    by_cards = [-line.total for line in order.lines if line.kind is LineKind.GIFT_CARD]
    for card in {paid_by_card, *by_cards} if paid_by_card.ore else ():
        expected.append(order.vat.ore + card.ore - net_of_vat(card, DANISH_VAT).ore)
    everything = base - net_of_vat(base, DANISH_VAT)
    if stated <= {DANISH_VAT} and any(abs(everything.ore - vat) <= slack for vat in expected):
        return [DANISH_VAT] * len(goods)
    # Mixed: every product must name its rate; freight and fees without one are tried with VAT, then without.
    named = (LineKind.PRODUCT, LineKind.GIFT_CARD_SOLD)
    if stated - {Decimal(0), DANISH_VAT}:
        return None
    # A gift card that is sold has no VAT by what it is: beside it alone, goods that name no rate are tried with 25 %.
    told = any(line.vat_rate is not None for line in goods if line.kind is LineKind.PRODUCT)
    if told and any(line.vat_rate is None for line in goods if line.kind in named):
        return None
    reductions = spread_discount(order)
    for rates in possible_rates(goods):
        charged = vat_of(order, rates, reductions)
        if any(abs(charged - vat) <= slack for vat in expected):
            return rates
    return None


def rates_of(order: Order) -> list[Decimal] | None:
    """As `line_rates`, also where every line names another country's rate and the order's VAT is what they make."""
    rates = line_rates(order)
    if rates is not None or order.vat is None:
        return rates
    named = [line.vat_rate for line in goods_of(order) if line.vat_rate is not None]
    if not named or len(named) < len(goods_of(order)):
        return None
    fits = abs(vat_of(order, named, spread_discount(order)) - order.vat.ore) <= vat_slack(order)
    return named if fits else None


# What shops charge no VAT on beside goods that have it: payment fees above all, which their plugins add untaxed.
_UNTAXED = (
    (),
    (LineKind.FEE,),
    (LineKind.SHIPPING,),
    (LineKind.FEE, LineKind.SHIPPING),
    (LineKind.FEE, LineKind.SHIPPING, LineKind.PRODUCT, LineKind.GIFT_CARD_SOLD),
)


def possible_rates(goods: Sequence[Line]) -> Iterator[list[Decimal]]:
    """The rates that lines may have, the likeliest first: those that name none have 25 %, or some kinds of them
    nothing."""
    for untaxed in _UNTAXED:
        yield [
            line.vat_rate if line.vat_rate is not None else Decimal(0) if line.kind in untaxed else DANISH_VAT
            for line in goods
        ]


def goods_of(order: Order) -> list[Line]:
    """The lines that are sold: all but discounts and what was paid with a gift card."""
    return [line for line in order.lines if line.kind not in NO_GOODS]


def charged_vat(order: Order) -> str | None:
    """What VAT the shop charged: "none", "danish" (25 %, or 25 % and exempt lines), "other"; None: not told."""
    if order.vat is None or order.total is None or order.total.ore <= 0:
        return None
    rates = line_rates(order)
    if rates is None:
        return "other"
    return "danish" if any(rates) else "none"


def vat_slack(order: Order) -> int:
    """By how many øre VAT rounded line by line may differ from VAT rounded once: half an øre a line, and one; half a
    krone where the shop rounds to whole kroner."""
    return order.smallest_ore + len(order.lines) * order.smallest_ore // 2


def spread_discount(order: Order) -> list[Money]:
    """What is taken off each line of goods (zero or negative): products first, then the rest, in proportion; freight
    first where the voucher pays the freight.

    Whole øre by the largest remainders, so that the parts add up to the discount exactly. A gift card that is sold
    is never cheaper by a discount: its holder gets its full value.
    """
    usual = _spread(order, _ONE_BY_ONE)
    off = [line for line in order.lines if line.kind is LineKind.DISCOUNT]
    if not off:
        return usual
    if is_free_freight(order.voucher_code) or is_free_freight(order.voucher_kind):
        return _spread(order, [_FREIGHT, _PRODUCTS, _FEES])
    rates = [DANISH_VAT if line.vat_rate is None else line.vat_rate for line in goods_of(order)]
    if order.vat is None or len(set(rates)) < 2:
        return usual
    # Which goods it is taken off changes the VAT: the way that the shop's own VAT fits, if that is one alone.
    taxed, free = (
        {id(line) for line, rate in zip(goods_of(order), rates, strict=True) if bool(rate) is with_vat}
        for with_vat in (True, False)
    )
    ways = [
        _spread(order, [_FREIGHT, _PRODUCTS, _FEES]),
        _spread(order, _ONE_BY_ONE, taxed),
        _spread(order, _ONE_BY_ONE, free),
        _spread(order, [_PRODUCTS | _FREIGHT | _FEES]),  # as WooCommerce's fees below zero (facts.md, WooCommerce 1.5)
    ]
    vat, slack = order.vat.ore, vat_slack(order)
    fitting = [cuts for cuts in ways if _is_whole(order, cuts) and abs(vat_of(order, rates, cuts) - vat) <= slack]
    alike = all(_by_rate(cuts, rates) == _by_rate(fitting[0], rates) for cuts in fitting)
    return fitting[0] if fitting and alike and abs(vat_of(order, rates, usual) - vat) > slack else usual


_PRODUCTS, _FREIGHT, _FEES = ({kind} for kind in (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE))
_ONE_BY_ONE = (_PRODUCTS, _FREIGHT, _FEES)


def _by_rate(cuts: Sequence[Money], rates: Sequence[Decimal]) -> dict[Decimal, int]:
    found: dict[Decimal, int] = {}
    for cut, rate in zip(cuts, rates, strict=True):
        found[rate] = found.get(rate, 0) + cut.ore
    return found


def _is_whole(order: Order, cuts: Sequence[Money]) -> bool:
    """Whether all of the discount is taken off."""
    off = sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)
    return sum(cut.ore for cut in cuts) == off


def _spread(order: Order, groups: Sequence[Set[LineKind]], only: Set[int] | None = None) -> list[Money]:
    """The discount taken off these groups of kinds of lines one after the other, in proportion; off lines of `only`
    (their ids) where it is given."""
    goods = goods_of(order)
    left = -sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)
    parts = [0] * len(goods)
    for kinds in groups:
        weights = [line.total.ore if line.kind in kinds and (only is None or id(line) in only) else 0 for line in goods]
        base = sum(weights)
        share = min(left, base)
        if share <= 0 or any(weight < 0 for weight in weights):
            continue
        cuts = whole_parts([Decimal(share * weight) / base for weight in weights], share)
        if cuts is None:
            continue
        parts = [part + cut for part, cut in zip(parts, cuts, strict=True)]
        left -= share
    return [Money(-part, order.currency) for part in parts]


def vat_of(order: Order, rates: Sequence[Decimal], cuts: Sequence[Money]) -> int:
    """The VAT in øre of an order's goods at these rates, line by line, less what is taken off."""
    amounts = [line.total + cut for line, cut in zip(goods_of(order), cuts, strict=True)]
    if not order.prices_include_vat:
        on_top = (Decimal(amount.ore) * rate for amount, rate in zip(amounts, rates, strict=True))
        return sum(int(vat.to_integral_value(ROUND_HALF_UP)) for vat in on_top)
    return sum(amount.ore - net_of_vat(amount, rate).ore for amount, rate in zip(amounts, rates, strict=True))
