"""The lines of one order or refund in whole øre (facts.md, WooCommerce 1).

WooCommerce tells a line's amount without VAT and its VAT; both together are what the customer paid, and coupons are
taken off already. Where the prices are without VAT, these add up, and the VAT is the order's (facts.md, WooCommerce
1.2). A line's `price` is a fraction and never used.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Line, LineKind
from dinero.shops import values
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce.fields import Row, meta_of

MAX_LINES = 500
MAX_PIECES = 1_000_000
KRONE = 100
_ONE, _ZERO = Decimal(1), Decimal(0)
# What the gift-card plugins write on a line that sells a card (facts.md, WooCommerce 2.7).
CARD = re.compile(r"_?(pw_gift_card|ywgc|wc_gc)(_|$)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,200}>")
_YES = ("1", "yes", "true")
REFUNDED_ITEM = "_refunded_item_id"


@dataclass(frozen=True, slots=True)
class Priced:
    """A line as it is read, without its amount yet: net and VAT in øre as the shop tells them, and the same before the
    discount where it is told."""

    line: Line
    net: int
    vat: int
    before: int | None = None  # net before the discount
    vat_before: int | None = None

    def with_amount(self, *, gross: bool, smallest: int = 1) -> Line:
        """The line with its amount, with VAT or without, in multiples of `smallest` øre."""
        currency = self.line.total.currency
        ore = _to(self.net + (self.vat if gross else 0), smallest)
        off = None
        if self.before is not None and self.vat_before is not None:
            was = _to(self.before + (self.vat_before if gross else 0), smallest)
            off = Money(was - ore, currency) if was > ore >= 0 else None
        each = _ore_each(ore, self.line.quantity)
        unit = None if each is None else Money(each, currency)
        return replace(self.line, total=Money(ore, currency), unit_price=unit, discount=off)


@dataclass(frozen=True, slots=True)
class Rate:
    """A VAT rate that the order was made with. `rate` is a fraction; None where the shop does not say."""

    rate: Decimal | None
    compound: bool = False


def rates_of(row: Row) -> dict[str, Rate]:
    """The VAT rates of an order by their ids."""
    found = {}
    for line in row.rows("tax_lines"):
        percent = line.read("rate_percent", values.number, None)
        if percent is not None and not 0 <= percent <= 100:
            line.unreadable("rate_percent")
            percent = None
        rate = None if percent is None else percent / 100
        found[line.identifier("rate_id")] = Rate(rate, values.shown(line.raw.get("compound")) in _YES)
    return found


@dataclass(frozen=True, slots=True)
class Taxed:
    """What the lines of one order share: currency, VAT rates, and whether there is any VAT at all."""

    currency: str
    rates: Mapping[str, Rate]
    has_vat: bool


def lines_of(order: Row, taxed: Taxed) -> list[Priced]:
    """Products, shipping and fees, in the shop's order. A fee below zero is a discount with VAT (facts.md, WooCommerce
    1.5); freight of nothing is none."""
    found = list[Priced]()
    for row in _bounded(order, "line_items"):
        if (line := _product(row, taxed)) is not None:
            found.append(line)
    for name, kind, text in (
        ("shipping_lines", LineKind.SHIPPING, "Fragt"),
        ("fee_lines", LineKind.FEE, "Gebyr"),
    ):
        for row in _bounded(order, name):
            line = _line(row, taxed, kind, row.text("method_title" if kind is LineKind.SHIPPING else "name") or text)
            if line is None or not (line.net or line.vat):
                continue
            if kind is LineKind.FEE and line.net < 0:
                line = replace(line, line=replace(line.line, kind=LineKind.DISCOUNT, vat_rate=None))
            found.append(line)
    return found


def refund_lines_of(refund: Row, taxed: Taxed) -> list[Priced]:
    """What a refund gives back, negative, each naming the order's line that it is of. A fee that was a discount is
    taken back with the opposite sign."""
    found = []
    for line in lines_of(refund, taxed):
        kind, quantity = line.line.kind, line.line.quantity
        if kind in (LineKind.FEE, LineKind.DISCOUNT):
            kind = LineKind.FEE if line.net < 0 else LineKind.DISCOUNT
        if not (line.net or line.vat):
            continue
        # A part of a line's price is given back with 0 pieces.
        found.append(replace(line, line=replace(line.line, kind=kind, quantity=quantity or _ONE, discount=None)))
    return found


def as_charged(lines: Sequence[Priced], *, with_vat: bool) -> list[Line]:
    """The lines as they are in a shop that shows øre: with VAT, or without where its prices are so."""
    return [line.with_amount(gross=with_vat) for line in lines]


def with_freight_of_the_head(order: Row, lines: list[Priced], total: Money) -> list[Priced]:
    """The lines with the VAT of the freight as the order's head tells it, where they miss the total without and hit it
    with: of half an øre the line is rounded down and the head, which the total is made of, up (facts.md, WooCommerce
    1.6)."""
    freight = [line for line in lines if line.line.kind is LineKind.SHIPPING]
    try:
        told = values.amount(order.raw.get("shipping_tax"), total.currency)
    except Unreadable:
        return lines
    if len(freight) != 1 or told is None or abs(told.ore - freight[0].vat) != 1:
        return lines
    if sum(line.net + line.vat for line in lines) + told.ore - freight[0].vat != total.ore:
        return lines
    return [replace(line, vat=told.ore) if line is freight[0] else line for line in lines]


def is_in_whole_kroner(lines: Sequence[Priced], total: Money | None, vat: Money | None, *, with_vat: bool) -> bool:
    """Whether an order that tells øre is of a shop that reckons in whole kroner: total and VAT are whole, a net amount
    is not, and so the lines miss the total, which in whole kroner they come to, or nearly (facts.md, WooCommerce
    1.3)."""
    if total is None or vat is None or any(ore % KRONE for ore in (total.ore, vat.ore, *(line.vat for line in lines))):
        return False
    if not any(line.net % KRONE for line in lines):
        return False
    told = sum(line.net + line.vat for line in lines) if with_vat else sum(line.net for line in lines) + vat.ore
    near = sum(line.total.ore for line in in_whole_kroner(lines)) - total.ore
    return told != total.ore and abs(near) <= KRONE


def in_whole_kroner(lines: Sequence[Priced]) -> list[Line]:
    """The lines with VAT, each in whole kroner as the shop shows it."""
    return [line.with_amount(gross=True, smallest=KRONE) for line in lines]


def gift_card_lines(cards: Iterable[tuple[str, Money]]) -> list[Line]:
    """What was paid with gift cards, below zero."""
    return [Line(LineKind.GIFT_CARD, f"Gavekort {code}".strip(), _ONE, -amount, -amount) for code, amount in cards]


def _bounded(order: Row, name: str) -> Iterator[Row]:
    for i, row in enumerate(order.rows(name)):
        if i == MAX_LINES:
            text = Text(
                "The order has more than {most} lines, and no more are read. Enter it in Dinero by hand.",
                most=MAX_LINES,
            )
            order.problem("too_many_lines", text)
            return
        yield row


def _product(row: Row, taxed: Taxed) -> Priced | None:
    quantity = row.read("quantity", _quantity, None)
    line = _line(row, taxed, LineKind.PRODUCT, _product_text(row))
    if line is None or quantity is None:
        if quantity is None and values.is_empty(row.raw.get("quantity")):
            row.unreadable("quantity")
        return None
    is_card = any(CARD.match(key) for key, _ in meta_of(row.raw))
    return replace(
        line,
        line=replace(line.line, quantity=quantity, is_card=is_card),
        before=_quiet(row, "subtotal", taxed),
        vat_before=_quiet(row, "subtotal_tax", taxed),
    )


def _line(row: Row, taxed: Taxed, kind: LineKind, text: str) -> Priced | None:
    net, vat = row.amount("total", taxed.currency), row.amount("total_tax", taxed.currency)
    if net is None:
        if values.is_empty(row.raw.get("total")):
            row.unreadable("total")
        return None
    item = next((_id(value) for key, value in meta_of(row.raw) if key == REFUNDED_ITEM), "")
    line = Line(kind, text, _ONE, net, vat_rate=_rate_of(row, taxed, net, vat), item=item or row.identifier("id"))
    return Priced(line, net.ore, vat.ore if vat is not None else 0)


def _rate_of(row: Row, taxed: Taxed, net: Money, vat: Money | None) -> Decimal | None:
    """A line's VAT rate as a fraction: the percent of the one rate that it was taxed with. 0 for a line without VAT in
    an order that has some; None where the shop tells nothing."""
    told = [(_id(tax.raw.get("id")), _figure(tax.raw.get("total"))) for tax in row.rows("taxes")]
    ids = list(dict.fromkeys(one for one, amount in told if amount)) or list(dict.fromkeys(one for one, _ in told))
    if not ids or (not any(amount for _, amount in told) and vat is not None and vat.ore):
        return _ZERO if taxed.has_vat and not (vat is not None and vat.ore) else None
    found = [taxed.rates.get(one, Rate(None)) for one in ids]
    if len(found) > 1:
        if not any(amount for _, amount in told):  # rates of nothing
            return _ZERO if taxed.has_vat and net.ore else None
        text = Text(
            "“{line}” has VAT of several rates, and only one can be booked. Enter the order in Dinero by hand.",
            line=values.text_or_nothing(row.raw.get("name") or row.raw.get("method_title"), 60),
        )
        row.problem("several_rates", text)
        return None
    rate = found[0].rate
    if found[0].compound and not (rate is not None and vat is not None and abs(net.ore * rate - vat.ore) <= 1):
        text = Text(
            "“{line}” has VAT on top of VAT (“compound”), and that can't be booked. Enter the order in Dinero by hand.",
            line=values.text_or_nothing(row.raw.get("name") or row.raw.get("method_title"), 60),
        )
        row.problem("compound_rate", text)
        return None
    return rate


def _product_text(row: Row) -> str:
    """The name with its variant, where the name does not say it already: "T-shirt (Farve: Sort)"."""
    name = row.text("name", 300)
    parts = []
    told = row.raw.get("meta_data")
    for meta in told[:20] if isinstance(told, list) else []:
        if not isinstance(meta, dict):
            continue
        key, label = values.text_or_nothing(meta.get("key")), values.text_or_nothing(meta.get("display_key"))
        value = _TAG.sub(" ", values.text_or_nothing(meta.get("display_value"))).strip()
        hidden = key.startswith("_") or label.startswith("_") or "Items" in (key, label) or CARD.match(key)
        if label and value and not hidden and value.casefold() not in name.casefold():
            parts.append(f"{_TAG.sub('', label)}: {value}")
    return (f"{name} ({', '.join(parts)})" if parts else name)[:300]


def _quantity(value: Any) -> Decimal | None:
    found = values.number(value)
    if found is not None and abs(found) > MAX_PIECES:
        raise Unreadable("too many pieces")
    return found


def _quiet(row: Row, name: str, taxed: Taxed) -> int | None:
    """An amount that only tells more, in øre."""
    try:
        found = values.rounded(row.raw.get(name), taxed.currency)
    except Unreadable:
        return None
    return found.ore if found is not None else None


def _figure(value: Any) -> Decimal:
    """A figure of which only counts whether it is one: it may have more decimals than amounts have."""
    try:
        return values.number(value) or _ZERO
    except Unreadable:
        return _ZERO


def _id(value: Any) -> str:
    try:
        return values.identifier(value)
    except Unreadable:
        return ""


def _to(ore: int, smallest: int) -> int:
    if smallest == 1:
        return ore
    return int((Decimal(ore) / smallest).quantize(_ONE, rounding=ROUND_HALF_UP)) * smallest


def _ore_each(ore: int, quantity: Decimal) -> int | None:
    """One piece's øre, where the line is exactly that times its pieces."""
    if quantity == _ONE:
        return ore
    if not quantity:
        return None
    each = Decimal(ore) / quantity
    whole = int(each.to_integral_value(rounding=ROUND_HALF_UP))
    return whole if whole * quantity == ore else None
