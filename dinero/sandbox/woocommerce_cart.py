"""A cart's sums as WooCommerce 11.0.1 makes them: what an order keeps, before anybody reads it.

The rules are told by recorded answers (facts.md's chapter WooCommerce) and by WooCommerce's own order of steps: VAT and
discounts are made in the shop's smallest unit, an øre or, in a shop that shows no decimals, a krone. What is kept has
six decimals. What an API answers is rounded once more, when it is read: see woocommerce_json.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Literal

ZERO, UNIT, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
MICRO = Decimal("0.000001")
STANDARD = ""  # the tax class of most goods

Taxes = Mapping[int, Decimal]  # by the id of the rate


@dataclass(frozen=True, slots=True)
class Rate:
    """A VAT rate of the shop: `percent` for goods of a class that go to a country, and for their freight or not."""

    id: int
    country: str
    percent: Decimal
    label: str
    tax_class: str = STANDARD
    on_freight: bool = True

    @property
    def code(self) -> str:
        """As an order names it."""
        return f"{self.country}-{self.label.upper()}-1"


RATES = (
    Rate(1, "DK", Decimal(25), "Moms"),
    Rate(2, "DE", Decimal(19), "MwSt"),
    Rate(3, "DK", ZERO, "Momsfri", "zero-rate", on_freight=False),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a shop chose about prices and VAT; `decimals` is how many it shows."""

    prices_include_tax: bool = True
    round_at_subtotal: bool = False
    decimals: int = 2
    calc_taxes: bool = True
    country: str = "DK"
    currency: str = "DKK"
    rates: Sequence[Rate] = RATES

    @property
    def tax_rounding(self) -> str:
        """How half a unit of VAT is rounded: down where prices have VAT in them."""
        return ROUND_HALF_DOWN if self.calc_taxes and self.prices_include_tax else ROUND_HALF_UP

    def rate(self, country: str, tax_class: str) -> Rate | None:
        """The rate for goods that go to a country."""
        if not self.calc_taxes:
            return None
        return next((one for one in self.rates if one.country == country and one.tax_class == tax_class), None)


@dataclass(frozen=True, slots=True)
class Item:
    """Goods in a cart: kroner a piece as the shop's prices are, with or without VAT."""

    name: str
    price: Decimal
    quantity: int = 1
    tax_class: str = STANDARD
    sku: str = ""
    product_id: int = 0
    variation_id: int = 0
    meta: Mapping[str, Any] = field(default_factory=dict)
    taxable: bool = True


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount on the goods: so many per cent, or kroner off the whole cart."""

    code: str
    kind: Literal["percent", "fixed_cart"]
    amount: Decimal
    id: int = 14


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee, in kroner without VAT; below 0 it is a discount. `after`: a payment plugin adds it to the order when the
    payment is authorized, never with VAT (facts.md's chapter WooCommerce)."""

    name: str
    amount: Decimal
    taxable: bool = True
    after: bool = False


@dataclass(frozen=True, slots=True)
class GiftCard:
    """What is paid with a gift card, in kroner, and whose plugin tells of it. PW tells nothing."""

    code: str
    amount: Decimal
    plugin: Literal["yith", "official", "pw"] = "yith"


@dataclass(frozen=True, slots=True)
class Cart:
    """What a customer is about to buy. `freight` is None for goods that are not sent; its price is without VAT in every
    shop."""

    items: Sequence[Item]
    coupons: Sequence[Coupon] = ()
    fees: Sequence[Fee] = ()
    freight: Decimal | None = Decimal("31.20")
    freight_title: str = "GLS pakkeshop"
    gift_cards: Sequence[GiftCard] = ()
    country: str = "DK"
    exempt: bool = False


@dataclass(slots=True, eq=False)
class LineSum:
    """One line's sums, in the shop's unit: goods, freight or a fee."""

    total: Decimal
    rate: Rate | None = None
    taxes: Taxes = field(default_factory=dict)
    subtotal: Decimal = ZERO
    subtotal_taxes: Taxes = field(default_factory=dict)
    price: Decimal = ZERO
    includes: bool = False
    discount: Decimal = ZERO
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class CouponSum:
    """What a coupon took off, without VAT and its VAT, in the shop's unit."""

    discount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """A cart's sums, in the shop's unit (`scale` of them to a krone)."""

    scale: Decimal
    lines: Sequence[LineSum]
    coupons: Sequence[CouponSum]
    fees: Sequence[tuple[Fee, LineSum]]
    freight: LineSum | None
    discount_total: Decimal
    discount_tax: Decimal
    cart_tax: Decimal
    cart_taxes: Taxes
    freight_tax: Decimal
    freight_taxes: Taxes
    total: Decimal


def calculate(cart: Cart, settings: Settings) -> Sums:
    """A cart's sums. Goods first, then coupons, freight and fees, as WooCommerce goes through them."""
    scale = Decimal(10) ** settings.decimals
    lines = [_goods(item, cart, settings, scale) for item in cart.items]
    coupons = _discounted(lines, cart, scale)
    for line in lines:
        line.total = line.price - line.discount
        line.taxes = _tax(line.total, line.rate, line.includes)
        if line.includes:
            line.total -= sum(line.taxes.values(), ZERO)
    freight = _freight(cart, settings, scale)
    fees = _fees(cart, lines, freight, settings, scale)
    item_taxes = _merged(lines, settings)
    fee_taxes = _merged([line for _, line in fees], settings)
    freight_tax = sum(freight.taxes.values(), ZERO) if freight is not None else ZERO
    total = (
        _items_total(lines, settings)
        + sum((line.total for _, line in fees), ZERO)
        + (freight.total if freight is not None else ZERO)
        + sum(item_taxes.values(), ZERO)
        + sum(fee_taxes.values(), ZERO)
        + sum((_line_tax(tax, settings) for tax in freight.taxes.values()) if freight is not None else (), ZERO)
    )
    # The VAT line of fees is summed before it is rounded, that of goods after.
    cart_taxes = _added(item_taxes, *(line.taxes for _, line in fees))
    return Sums(
        scale=scale,
        lines=lines,
        coupons=coupons,
        fees=fees,
        freight=freight,
        discount_total=sum((coupon.discount for coupon in coupons), ZERO),
        discount_tax=sum((coupon.tax for coupon in coupons), ZERO),
        cart_tax=sum(item_taxes.values(), ZERO) + sum(fee_taxes.values(), ZERO),
        cart_taxes=cart_taxes,
        freight_tax=freight_tax,
        freight_taxes=freight.taxes if freight is not None else {},
        total=max(ZERO, _whole(total)),
    )


def _goods(item: Item, cart: Cart, settings: Settings, scale: Decimal) -> LineSum:
    """A line of goods before discounts. A price with Danish VAT is the same net abroad: the gross differs there."""
    price = _micro(item.price * item.quantity) * scale
    includes = settings.calc_taxes and settings.prices_include_tax
    rate = settings.rate(cart.country, item.tax_class) if item.taxable else None
    base = settings.rate(settings.country, item.tax_class) if item.taxable else None
    if includes and cart.exempt:
        price = _whole(price - sum(_tax(price, base, includes=True).values(), ZERO))
        includes = False
    elif includes and rate != base:
        net = price - sum(_tax(price, base, includes=True).values(), ZERO)
        price = net + sum(_tax(net, rate, includes=False).values(), ZERO)
    rate = None if cart.exempt else rate
    taxes = _tax(price, rate, includes)
    net = price - sum(taxes.values(), ZERO) if includes else price
    return LineSum(ZERO, rate, {}, net, taxes, price, includes, pieces=item.quantity)


def _freight(cart: Cart, settings: Settings, scale: Decimal) -> LineSum | None:
    """The freight, whose VAT is that of the goods: the standard rate, if any of them has it."""
    if cart.freight is None:
        return None
    classes = [item.tax_class for item in cart.items]
    rate = settings.rate(cart.country, STANDARD if STANDARD in classes or not classes else classes[0])
    if cart.exempt or (rate is not None and not rate.on_freight):
        rate = None
    # The cart rounds it half up, an API half down where prices have VAT in them: a freight of 31.22 has a VAT of 7.81
    # in the order's head and 7.80 in its line. No recorded answer shows one; it is WooCommerce's own order of steps.
    taxes = {
        key: tax if settings.round_at_subtotal else _whole(tax)
        for key, tax in _tax(cart.freight * scale, rate, includes=False).items()
    }
    return LineSum(_micro(cart.freight) * scale, rate, taxes)


def _fees(
    cart: Cart, lines: Sequence[LineSum], freight: LineSum | None, settings: Settings, scale: Decimal
) -> list[tuple[Fee, LineSum]]:
    """The fees, the highest first; one below 0 gets VAT in proportion to what is bought, even if it asked for none
    (facts.md's chapter WooCommerce), and takes no more than there is."""
    standard = None if cart.exempt else settings.rate(cart.country, STANDARD)
    made: list[tuple[Fee, LineSum]] = []
    for fee in sorted((fee for fee in cart.fees if not fee.after), key=lambda fee: -fee.amount):
        total = _micro(fee.amount) * scale
        if total < 0:
            most = _items_total(lines, settings) + sum((line.total for _, line in made), ZERO)
            total = max(total, -_whole(most + (freight.total if freight is not None else ZERO)))
            taxes = _shared(total, cart, lines, made, freight, settings)
        else:
            taxes = _tax(total, standard if fee.taxable else None, includes=False)
        made.append((fee, LineSum(total, taxes=taxes)))
    return made


def _shared(
    total: Decimal,
    cart: Cart,
    lines: Sequence[LineSum],
    fees: Sequence[tuple[Fee, LineSum]],
    freight: LineSum | None,
    settings: Settings,
) -> Taxes:
    """The VAT of a negative fee, by the tax classes that it is spread over."""
    if not settings.calc_taxes or cart.exempt:
        return {}
    costs: dict[str | None, Decimal] = {}
    for item, line in zip(cart.items, lines, strict=True):
        tax_class = item.tax_class if item.taxable else None
        costs[tax_class] = costs.get(tax_class, ZERO) + line.total
    for fee, line in fees:
        tax_class = STANDARD if fee.taxable else None
        costs[tax_class] = costs.get(tax_class, ZERO) + max(line.total, ZERO)
    if freight is not None:
        first = cart.items[0].tax_class if cart.items else STANDARD
        costs[first] = costs.get(first, ZERO) + freight.total
    whole = sum(costs.values(), ZERO)
    parts = [
        _tax(total * cost / whole, settings.rate(cart.country, tax_class), includes=False)
        for tax_class, cost in costs.items()
        if cost and tax_class is not None
    ]
    return _added({}, *parts)


def _discounted(lines: Sequence[LineSum], cart: Cart, scale: Decimal) -> list[CouponSum]:
    """Takes the coupons off the lines, and says what each took: per cents before kroner."""
    taken: dict[int, CouponSum] = {}
    # The dearest line first; WooCommerce multiplies a line's price by its pieces once more.
    order = sorted(lines, key=lambda line: -line.price * line.pieces)
    ranked = sorted(range(len(cart.coupons)), key=lambda place: cart.coupons[place].kind != "percent")
    for place in ranked:
        coupon = cart.coupons[place]
        before = [line.discount for line in lines]
        left = [line for line in order if _left(line) > 0]
        if coupon.kind == "percent":
            _percent_off(left, coupon.amount)
        else:
            _kroner_off(left, _micro(coupon.amount) * scale)
        cuts = [line.discount - old for line, old in zip(lines, before, strict=True)]
        parts = [sum(_tax(cut, line.rate, line.includes).values(), ZERO) for cut, line in zip(cuts, lines, strict=True)]
        inside = sum((part for part, line in zip(parts, lines, strict=True) if line.includes), ZERO)
        taken[place] = CouponSum(sum(cuts, ZERO) - inside, sum(parts, ZERO))
    return [taken[place] for place in range(len(cart.coupons))]


def _percent_off(lines: Sequence[LineSum], percent: Decimal) -> None:
    given, whole = ZERO, ZERO
    for line in lines:
        price = _whole(line.price)
        cut = min(_left(line), (price * percent / HUNDRED).to_integral_value(ROUND_FLOOR))
        line.discount += cut
        given += cut
        whole += price
    wanted = _whole(whole * percent / HUNDRED, ROUND_HALF_DOWN)
    if given < wanted:
        _unit_by_unit(lines, wanted - given)


def _kroner_off(lines: Sequence[LineSum], amount: Decimal) -> None:
    """The same for each piece; what a cheap one can't take is spread over the others again."""
    while amount > 0:
        lines = [line for line in lines if _left(line) > 0]
        count = sum(line.pieces for line in lines)
        if not count:
            return
        each = (amount / count).to_integral_value(ROUND_FLOOR)
        if not each:
            _unit_by_unit(lines, amount)
            return
        for line in lines:
            cut = min(_left(line), each * line.pieces)
            line.discount += cut
            amount -= cut


def _unit_by_unit(lines: Iterable[LineSum], amount: Decimal) -> None:
    for line in lines:
        for _ in range(line.pieces):
            cut = min(_left(line), UNIT)
            line.discount += cut
            amount -= cut
            if amount <= 0:
                return


def _left(line: LineSum) -> Decimal:
    return abs(_whole(line.price - line.discount))


def _tax(amount: Decimal, rate: Rate | None, includes: bool) -> Taxes:
    """The VAT of an amount, in it or on top of it, to six decimals of the shop's unit."""
    if rate is None:
        return {}
    percent = rate.percent
    return {rate.id: _micro(amount * percent / (HUNDRED + percent if includes else HUNDRED))}


def _items_total(lines: Iterable[LineSum], settings: Settings) -> Decimal:
    totals = (line.total for line in lines)
    return sum(totals if settings.round_at_subtotal else map(_whole, totals), ZERO)


def _merged(lines: Iterable[LineSum], settings: Settings) -> Taxes:
    return _added({}, *({key: _line_tax(tax, settings) for key, tax in line.taxes.items()} for line in lines))


def _line_tax(tax: Decimal, settings: Settings) -> Decimal:
    return tax if settings.round_at_subtotal else _whole(tax, settings.tax_rounding)


def _added(*parts: Taxes) -> dict[int, Decimal]:
    whole: dict[int, Decimal] = {}
    for part in parts:
        for key, tax in part.items():
            whole[key] = whole.get(key, ZERO) + tax
    return whole


def _whole(amount: Decimal, rounding: str = ROUND_HALF_UP) -> Decimal:
    return amount.quantize(UNIT, rounding)


def _micro(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO, ROUND_HALF_UP)
