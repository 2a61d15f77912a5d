"""The lines of one order: products, shipping, fees, discounts and gift cards in whole øre."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from dinero.model.i18n import Text
from dinero.model.money import DKK, MAX_ORE, NOISE, AmountError, Money, whole_parts
from dinero.model.orders import Line, LineKind, Problem
from dinero.model.words import is_gift_card, plain
from dinero.shops import values
from dinero.shops.shoporama.fields import LINE_FIELDS, Reader, unreadable
from dinero.shops.values import Unreadable

MAX_LINES = 500
MAX_PIECES = 1_000_000


@dataclass(slots=True)
class Priced:
    """A line with the øre that the shop's numbers give exactly, which may have parts, and the line's own total where it
    tells one that is another. `problem` is what is said where the order's total does not settle it."""

    line: Line
    exact: Decimal
    told: int | None = None
    problem: Problem | None = None


def products_of(order: Reader, currency: str) -> list[Priced]:
    """The product lines, in the shop's order; one that can't be read is a problem."""
    rows = values.listed(order.value("lines"))
    if rows is None:
        order.problem("lines_unreadable", Text("The order's lines can't be read."))
        return []
    if len(rows) > MAX_LINES:
        text = Text(
            "The order has {count} lines, and at most {most} are read. Enter it in Dinero by hand.",
            count=len(rows),
            most=MAX_LINES,
        )
        order.problem("too_many_lines", text)
    lines = []
    for i, row in enumerate(rows[:MAX_LINES]):
        if not isinstance(row, dict):
            text = Text("Line {line} can't be read.", line=i + 1)
            order.problem("line_unreadable", text)
            continue
        reader = Reader(row, LINE_FIELDS, f"lines.{i + 1}.", order.problems)
        if (line := product_of(reader, currency, i + 1)) is not None:
            lines.append(line)
    return lines


def product_of(row: Reader, currency: str, place: int = 0) -> Priced | None:
    """One product line, or None when its quantity, price or sum can't be read; `place` counts from 1."""
    quantity = row.read("quantity", _quantity, None)
    price = row.read("unit_price", values.number, None)
    if quantity is None or price is None:
        if values.is_empty(row.value("quantity")) or values.is_empty(row.value("unit_price")):
            text = Text("Line {line} lacks its quantity or its price.", line=place)
            row.problem("line_incomplete", text)
        return None
    exact = _times(quantity, price)
    if abs(exact) > MAX_ORE:
        text = Text("Line {line} has an amount that is too large to be right.", line=place)
        row.problem("line_unreadable", text)
        return None
    total = Money(_half_up(exact), currency)
    problem = None
    if exact != total.ore:
        text = Text(
            "Line {line}: {quantity} × {price} is not whole øre, and we don't know how the shop rounds. Enter "
            "the order in Dinero by hand.",
            line=place,
            quantity=quantity,
            price=price,
        )
        problem = Problem("line_rounding", text)
    told = row.amount("line_total", currency)
    discount = None if _is_nothing(row.value("discount")) else row.amount("discount", currency)
    reduced = None if discount is None else total.ore - abs(discount.ore) * (1 if total.ore >= 0 else -1)
    if told is not None and told != total and told.ore != reduced:
        text = Text(
            "Line {line} says {told}, but its pieces come to {total}.",
            line=place,
            told=told,
            total=total,
        )
        problem = Problem("line_total_differs", text)
    else:
        told = told if told is not None and told == total else None
    try:
        unit_price = Money.from_json(price, currency)
    except AmountError:
        unit_price = None  # Parts of an øre a piece; the line itself comes to whole øre or has a problem.
    line = Line(
        kind=LineKind.PRODUCT,
        text=_line_text(row),
        quantity=quantity,
        total=total,
        unit_price=unit_price,
        vat_rate=row.read("vat_rate", _vat_rate, None),
        sku=row.text("sku", 64),
    )
    return Priced(line, exact, told.ore if told is not None else None, problem)


def settle(order: Reader, products: list[Priced], parts: list[Priced], total: Money | None) -> None:
    """Makes whole øre of what the shop's numbers leave open, where the order's total says how: a line's own total
    before its pieces, and parts of an øre rounded so that the sum fits. What stays open is a problem."""
    everything = [*products, *parts]
    if not any(one.problem for one in everything):
        return
    for by_lines in (True, False):
        if by_lines and not any(one.told is not None for one in everything):
            continue
        exact = [Decimal(one.told) if by_lines and one.told is not None else one.exact for one in everything]
        whole = None if total is None else whole_parts(exact, total.ore)
        if whole is None or (
            not by_lines
            and any(one.told is not None and one.told != ore for one, ore in zip(everything, whole, strict=True))
        ):
            continue
        for one, ore in zip(everything, whole, strict=True):
            if one.line.total.ore != ore or one.problem is not None:
                amount = Money(ore, one.line.total.currency)
                same = one.line.unit_price is not None and one.line.unit_price.ore * one.line.quantity == ore
                one.line = replace(one.line, total=amount, unit_price=one.line.unit_price if same else None)
        return
    order.problems += [one.problem for one in everything if one.problem is not None]


def _quantity(value: Any) -> Decimal | None:
    found = values.number(value)
    if found is not None and abs(found) > MAX_PIECES:
        raise Unreadable("too many pieces")
    return found


def _times(quantity: Decimal, price: Decimal) -> Decimal:
    """Quantity × unit price in øre, exactly but for a computer's noise."""
    with localcontext(prec=80):
        exact = quantity * price * 100
        whole = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return whole if abs(exact - whole) < NOISE else exact


def _half_up(ore: Decimal) -> int:
    with localcontext(prec=80):
        return int(ore.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _vat_rate(value: Any) -> Decimal | None:
    """25, 0.25, "25 %" and "25,00" are all a quarter; nothing is not told."""
    if isinstance(value, str):
        value = value.replace("%", "").strip().replace(",", ".", 1)
    found = values.number(value)
    if found is None:
        return None
    if not 0 <= found <= 100:
        raise Unreadable("no VAT rate")
    return found if found < 1 else found / 100


def _is_nothing(value: Any) -> bool:
    """Whether an amount of unknown meaning is surely none: empty, false or zero."""
    if values.is_empty(value) or value is False:
        return True
    try:
        return not values.number(value)
    except Unreadable:
        return False


def _line_text(row: Reader) -> str:
    """The name with its variant: "T-shirt (Farve: Sort, Størrelse: M)"."""
    name = row.text("text", 300)
    raw = row.value("attributes")
    parts: list[str] = []
    entries = list(raw.items()) if isinstance(raw, dict) else raw if isinstance(raw, list) else [raw]
    for entry in entries[:20]:
        if isinstance(entry, dict):
            entry = (entry.get("name"), next((entry[key] for key in ("val", "value") if key in entry), None))
        pair = entry if isinstance(entry, tuple) else (None, entry)
        words = [values.text_or_nothing(word) for word in pair]
        if words[1]:
            parts.append(": ".join(word for word in words if word))
    return (f"{name} ({', '.join(parts)})" if parts else name)[:300]


def with_line_discounts(order: Reader, products: list[Line], parts: list[Line], total: Money | None) -> list[Line]:
    """The products, less the discounts that lines name for themselves where the price does not have them yet.

    Which of the two holds is not known (facts.md, Shoporama 4b), so the order's total decides: exactly one way must add
    up.
    """
    cuts = [_line_discount(order, i) for i in range(len(values.listed(order.value("lines")) or []))]
    if not any(cuts) or len(cuts) != len(products) or total is None:
        if any(cuts):
            text = Text("A line has a discount of its own, and the lines can't be added up.")
            order.problem("line_discount", text)
        return products
    base = sum(line.total.ore for line in [*products, *parts])
    sign = -1 if total.ore < 0 else 1
    off = sign * sum(cuts)
    if base == total.ore:
        return products
    if base - off == total.ore:
        return [
            replace(line, total=Money(line.total.ore - sign * cut, line.total.currency), unit_price=None)
            if cut
            else line
            for line, cut in zip(products, cuts, strict=True)
        ]
    text = Text(
        "Lines have discounts of their own of {discount} in all, and the order adds up neither with nor without them.",
        discount=Money(sum(cuts), total.currency),
    )
    order.problem("line_discount", text)
    return products


def _line_discount(order: Reader, place: int) -> int:
    """A line's own discount in øre, 0 for none or one that can't be read (which is a problem already)."""
    row = (values.listed(order.value("lines")) or [])[place]
    if not isinstance(row, dict):
        return 0
    try:
        found = values.amount(Reader(row, LINE_FIELDS).value("discount"), DKK)
    except Unreadable:
        return 0
    return abs(found.ore) if found is not None else 0


def parts_of(order: Reader, currency: str, *, is_credit: bool, voucher_code: str) -> list[Priced]:
    """Shipping, payment fee, discount and gift card as lines."""
    found = []
    for name, kind, text in (("shipping", LineKind.SHIPPING, "Fragt"), ("payment_fee", LineKind.FEE, "Gebyr")):
        if not _is_nothing(order.value(name)):
            found.append(_part(order, name, kind, text, currency))
    kinds = {"gift_card": LineKind.GIFT_CARD, "discount": LineKind.DISCOUNT}
    for name, kind in kinds.items():
        if name == "discount" and _is_gift_card(order.text("voucher_type", 64)):
            kind = LineKind.GIFT_CARD
        word = "Rabat" if kind is LineKind.DISCOUNT else "Gavekort"
        part = _part(order, name, kind, f"{word} {voucher_code}".strip(), currency)
        if part is not None:
            # A sale's discount takes off, whichever sign it is stored with; a credit note's sign is kept as told.
            exact = -part.exact if is_credit else -abs(part.exact)
            amount = Money(_half_up(exact), currency)
            found.append(replace(part, exact=exact, line=replace(part.line, total=amount, unit_price=amount)))
    return [part for part in found if part is not None]


def _part(order: Reader, name: str, kind: LineKind, text: str, currency: str) -> Priced | None:
    """An amount of the order as a line; None where it is none or can't be read (which is a problem)."""
    value = order.read(name, values.number, None)
    if value is None or not value:
        return None
    exact = _times(Decimal(1), value)
    if abs(exact) > MAX_ORE:
        order.problems.append(unreadable(order, name))
        return None
    amount = Money(_half_up(exact), currency)
    problem = None if exact == amount.ore else unreadable(order, name)
    return Priced(Line(kind, text, Decimal(1), amount, amount), exact, None, problem)


def _is_gift_card(words: str) -> bool:
    """Whether the shop's own kind of a voucher names a gift card; “voucher” alone says nothing here."""
    return is_gift_card(words) and plain(words) != "voucher"
