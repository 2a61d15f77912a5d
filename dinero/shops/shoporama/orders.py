"""One order of Shoporama's JSON as an `Order`, and beside it how each field was read.

No real answer is publicly known (facts.md, Shoporama 0.1), so the names are a table that is corrected in one place, and
whatever does not fit becomes a Problem, which holds the order. Nothing here raises on bad input.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, TypeVar

from dinero.model.i18n import DEFAULT_LANGUAGE, Text, show
from dinero.model.money import DKK, MAX_ORE, NOISE, AmountError, Money, whole_parts
from dinero.model.orders import Line, LineKind, Order, Party, Problem
from dinero.rules.words import Status, is_gift_card, is_sent, plain, status_of
from dinero.shops import values
from dinero.shops.values import Unreadable

SHOP = "shoporama"
MAX_LINES = 500
MAX_PIECES = 1_000_000

# Our name → the names it may have in the JSON. Names that Shoporama confirms come first (facts.md, Shoporama 4a), then
# those its theme suggests (facts.md, Shoporama 4b), then plausible others. The first one with a value counts. The first
# real answer that is seen corrects these two tables.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("order_id", "id"),
    "number": ("webshop_order_id", "order_number", "number"),
    "placed_at": ("time", "created", "created_at", "order_time", "date"),
    "modified_at": ("last_modified", "modified", "modified_at", "updated_at"),
    "status": ("status", "order_status"),
    "paid": ("paid", "is_paid"),
    "paid_at": ("paid_time", "paid_at", "paid_date", "payment_time"),
    "sent": ("sent", "shipped", "is_sent", "is_shipped"),
    "sent_at": ("sent_time", "sent_at", "sent_date", "shipped_time", "shipped_at", "shipped_date"),
    "cancelled": ("cancelled", "canceled", "is_cancelled", "cancelled_time", "cancelled_at", "canceled_at"),
    "currency": ("currency", "currency_code"),
    "total": ("total_price", "total"),
    "price": ("price",),
    "vat": ("vat", "vat_amount", "total_vat", "tax"),
    "shipping": ("shipping_price", "shipping_cost", "shipping_amount", "freight"),
    "payment_fee": (
        "payment_fee",
        "payment_price",
        "payment_gateway_price",
        "payment_gateway_fee",
        "transaction_fee",
        "card_fee",
        "fee",
    ),
    "discount": ("voucher_discount_amount", "discount_amount"),
    "voucher_rate": ("voucher_discount",),
    "voucher_code": ("voucher_code", "discount_code"),
    "voucher_type": ("voucher_type",),
    "shipping_method": ("shipping_name", "shipping_title", "shipping_method"),
    "test": ("test", "is_test", "test_order", "testmode"),
    "refunded": ("refunded_amount", "amount_refunded", "refund_amount", "total_refunded"),
    "paid_amount": ("paid_amount", "amount_paid"),
    "gift_card": ("gift_card_amount", "giftcard_amount", "gift_card_discount", "gift_card"),
    "lines": ("products", "order_products", "order_lines", "lines"),
    "email": ("email", "order_email", "customer_email"),
    "phone": ("phone", "order_phone", "customer_phone"),
    "vat_number": ("vat_number", "cvr", "cvr_number"),
    "ean_number": ("ean_number", "ean"),
    "payment_method": ("payment_gateway", "payment_gateway_name", "payment_method"),
    "payment_method_id": ("payment_gateway_id",),
    "comment": ("comments", "comment"),
    "extras": ("extras",),
    "withdrawn": ("withdrawn", "order_withdrawn", "is_withdrawn"),
    "credit_of": ("credited_order_id", "credit_order_id", "credit_of"),
    # Other shops' name for what a renewal or a copy was made of: of a credit note only where the amount is negative.
    "made_of": ("original_order_id",),
    "billing_name": ("order_name", "billing_name", "name"),
    "billing_company": ("order_company_name", "order_company", "billing_company", "company_name"),
    "billing_street": ("order_address", "billing_address", "address"),
    "billing_zipcode": ("order_zipcode", "billing_zipcode", "zipcode"),
    "billing_city": ("order_city", "billing_city", "city"),
    "billing_country": ("order_country", "order_country_code", "billing_country", "country"),
    "billing_country_id": ("order_country_id", "country_id"),
    "delivery_name": ("del_name", "delivery_name"),
    "delivery_company": ("del_company_name", "del_company", "delivery_company"),
    "delivery_street": ("del_address", "delivery_address"),
    "delivery_zipcode": ("del_zipcode", "delivery_zipcode"),
    "delivery_city": ("del_city", "delivery_city"),
    "delivery_country": ("del_country", "del_country_code", "delivery_country"),
    "delivery_country_id": ("del_country_id",),
}

# The same for a line. `amount` is the number of pieces (facts.md, Shoporama 4b).
LINE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("name", "title", "product_name"),
    "quantity": ("amount", "quantity", "qty", "count"),
    "unit_price": ("unit_price", "price"),
    "line_total": ("total_price", "line_total", "total"),
    "vat_rate": ("vat", "vat_rate", "vat_percent", "tax_rate"),
    "discount": ("discount", "discount_amount", "voucher_discount_amount", "discount_price", "rebate"),
    "sku": ("own_id", "sku", "item_number", "product_number"),
    "attributes": ("attributes", "variant", "variants"),
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FieldRead:
    """How one field was read: our `name`, the JSON key it came from (None: none there), the `value` as shown."""

    name: str
    source: str | None
    value: str


@dataclass(slots=True)
class _Reader:
    """Fields of one JSON object by our names; what can't be read is noted in `problems`. `place` is for texts."""

    raw: Mapping[str, Any]
    names: Mapping[str, tuple[str, ...]]
    place: str = ""
    problems: list[Problem] = field(default_factory=list)

    def source(self, name: str) -> str | None:
        """The key that counts: the first with a value, else the first that is there."""
        there = [key for key in self.names[name] if key in self.raw]
        return next((key for key in there if not values.is_empty(self.raw[key])), there[0] if there else None)

    def value(self, name: str) -> Any:
        key = self.source(name)
        return None if key is None else self.raw[key]

    def read(self, name: str, reader: Callable[[Any], T], otherwise: T) -> T:
        try:
            return reader(self.value(name))
        except Unreadable:
            self.problem(f"{name}_unreadable", _unreadable(self, name))
            return otherwise

    def text(self, name: str, longest: int = 200) -> str:
        return self.read(name, lambda value: values.text(value, longest), "")

    def identifier(self, name: str) -> str:
        return self.read(name, values.identifier, "")

    def moment(self, name: str) -> datetime | None:
        return self.read(name, values.moment, None)

    def amount(self, name: str, currency: str) -> Money | None:
        return self.read(name, lambda value: values.amount(value, currency), None)

    def happened(self, flag: str, time: str | None = None) -> tuple[bool, datetime | None]:
        """A flag that may be a time itself, or have its time in another field."""
        nothing: tuple[bool, datetime | None] = (False, None)
        did, when = self.read(flag, values.flag_or_moment, nothing)
        later = self.moment(time) if time else None
        if later is None:
            return did, when
        if not did and not values.is_empty(self.value(flag)):
            text = Text(
                "The order says both {flag} = “{value}” and {time}. Check in the shop which of them is right.",
                flag=str(self.source(flag)),
                value=_shown(self.value(flag)),
                time=later,
            )
            self.problem(f"{flag}_contradictory", text)
            return False, None
        return True, when or later

    def problem(self, code: str, text: Text) -> None:
        self.problems.append(Problem(code, text))


def _unreadable(row: _Reader, name: str) -> Text:
    return Text(
        "“{field}” is “{value}”, which can't be read. Check the field on the order in the shop.",
        field=f"{row.place}{row.source(name)}",
        value=_shown(row.value(name)),
    )


def read_order(
    raw: Any,
    *,
    shop: str,
    countries: Mapping[str, str],
    gateways: Mapping[str, str],
    prices_include_vat: bool = True,
    currency: str = DKK,
) -> Order:
    """The order that `raw` (JSON as `values.loads` gives it) tells of. Never raises.

    `countries` and `gateways` map ids (text) to a country's name or ISO code and a payment gateway's name;
    `currency` is the shop's, for orders that name none (facts.md, Shoporama 5: one shop, one currency).
    What can't be read is None or empty and in `problems`. An order without a readable id has the id "".
    """
    order = _Reader(raw if isinstance(raw, dict) else {}, FIELDS)
    if not isinstance(raw, dict):
        order.problem("not_an_order", Text("The shop sent something that is no order. Fetch the orders again."))
    order_id = order.identifier("id")
    if not order_id and isinstance(raw, dict) and not order.problems:
        order.problem("id_missing", Text("The order has no id, so it can't be told from others. Look in the shop."))
    number = order.text("number", 64)
    placed_at = order.moment("placed_at")
    if values.is_empty(order.value("placed_at")) and isinstance(raw, dict):
        order.problem("time_missing", Text("The order does not say when it was placed. Look at it in the shop."))

    status = order.text("status", 64)
    paid, paid_at = order.happened("paid", "paid_at")
    sent, sent_at = order.happened("sent", "sent_at")
    cancelled, _ = order.happened("cancelled")

    currency = _currency(order, currency)
    total = order.amount("total", currency)
    credit_of = _credit_of(order, total, paid=paid)
    credits = "" if paid or total is None or total.ore <= 0 else order.identifier("credit_of")
    is_credit = bool(credit_of) or (total is not None and total.ore < 0)
    voucher_code = order.text("voucher_code", 64)
    priced = _products(order, currency)
    parts = _parts(order, currency, is_credit=is_credit, voucher_code=voucher_code)
    settle(order, priced, parts, total)
    products = [one.line for one in priced]
    lines = [*_with_line_discounts(order, products, [one.line for one in parts], total), *(one.line for one in parts)]
    total = _total(order, currency, lines)

    return Order(
        shop=shop,
        id=order_id,
        number=number or order_id,
        placed_at=placed_at,
        status=status,
        paid=paid,
        paid_at=paid_at,
        sent=sent or is_sent(status),
        sent_at=sent_at,
        cancelled=cancelled or status_of(status) is Status.CANCELLED,
        currency=currency,
        lines=tuple(lines),
        total=total,
        vat=order.read("vat", lambda value: values.rounded(value, currency), None),
        prices_include_vat=prices_include_vat,
        billing=_party(order, "billing", countries),
        delivery=_party(order, "delivery", countries),
        email=_email(order),
        phone=order.text("phone", 40),
        vat_number=order.text("vat_number", 40),
        ean_number=order.text("ean_number", 40),
        payment_method=_payment_method(order, gateways),
        payment_type=order.text("payment_method", 40).lower(),
        voucher_code=voucher_code,
        voucher_is_percent=_is_percent(order, lines),
        voucher_kind=order.text("voucher_type", 64),
        shipping_method=order.text("shipping_method", 100),
        extras=_extras(order),
        withdrawn=order.happened("withdrawn")[0],
        is_test=order.happened("test")[0],
        paid_amount=order.amount("paid_amount", currency),
        refunded=order.amount("refunded", currency),
        comment=order.text("comment", 1000),
        credit_of=credit_of,
        may_credit=credits,
        refers_to=order.identifier("credit_of") or order.identifier("made_of"),
        problems=tuple(order.problems),
    )


def modified_at(raw: Any) -> datetime | None:
    """When the shop last changed the order (UTC); None when it does not say or it can't be read. Never raises."""
    return _Reader(raw if isinstance(raw, dict) else {}, FIELDS).moment("modified_at")


def id_of(raw: Any) -> str:
    """The order's id in the shop, "" when there is none that can be read. Never raises."""
    return _Reader(raw if isinstance(raw, dict) else {}, FIELDS).identifier("id")


def explain(raw: Any, order: Order, language: str = DEFAULT_LANGUAGE) -> list[FieldRead]:
    """How each field of `raw` was read into `order`, for a page that shows both. Never raises.

    Fields of lines are called "lines.1.quantity" with the source "products[0].amount".
    """
    reader = _Reader(raw if isinstance(raw, dict) else {}, FIELDS)
    fields = [FieldRead(name, reader.source(name), _as_read(name, reader, order, language)) for name in FIELDS]
    for i, product in enumerate(_rows(reader.value("lines")) or []):
        if i == MAX_LINES:
            break
        line_reader = _Reader(product if isinstance(product, dict) else {}, LINE_FIELDS)
        priced = _product(line_reader, order.currency)
        line = priced.line if priced is not None else None
        for name in LINE_FIELDS:
            key = line_reader.source(name)
            source = None if key is None else f"{reader.source('lines')}[{i}].{key}"
            value = getattr(line, name) if hasattr(line, name) else _shown(line_reader.value(name))
            fields.append(FieldRead(f"lines.{i + 1}.{name}", source, show(value, language)))
    return fields


def unused_keys(raw: Any) -> list[str]:
    """The keys of `raw` that no field reads, sorted; those of lines as "products[].weight". Never raises."""
    if not isinstance(raw, dict):
        return []
    known = {key for names in FIELDS.values() for key in names}
    unused = {str(key) for key in raw if key not in known}
    reader = _Reader(raw, FIELDS)
    line_known = {key for names in LINE_FIELDS.values() for key in names}
    for product in (_rows(reader.value("lines")) or [])[:MAX_LINES]:
        if isinstance(product, dict):
            unused |= {f"{reader.source('lines')}[].{key}" for key in product if key not in line_known}
    return sorted(unused)


# Currencies as shops write them beside their ISO codes.
_CURRENCIES = {
    "KR": "DKK",
    "DKR": "DKK",
    "DANSKE KRONER": "DKK",
    "KRONER": "DKK",
    "€": "EUR",
    "EURO": "EUR",
    "£": "GBP",
}


def _currency(order: _Reader, otherwise: str) -> str:
    written = order.text("currency", 20).upper()
    written = _CURRENCIES.get(written.rstrip("."), written)
    if not written or (len(written) == 3 and written.isascii() and written.isalpha()):
        return written or otherwise
    order.problem(
        "currency_unreadable",
        Text("The currency “{currency}” is not understood. Check the order in the shop.", currency=written),
    )
    return otherwise


def _total(order: _Reader, currency: str, lines: list[Line]) -> Money | None:
    """`total_price`, which the shop shows as what is paid, else `price`. What sets them apart is unknown
    (facts.md, Shoporama 4b), so where they differ the lines must add up to the first and a part of them to the
    second."""
    total, price = order.amount("total", currency), order.amount("price", currency)
    if total is not None and price is not None and total != price:
        sums = {sum(line.total.ore for line in lines if line.kind in kinds) for kinds in _PARTIAL_SUMS}
        if sum(line.total.ore for line in lines) == total.ore and price.ore in sums:
            return total
        text = Text(
            "The order has two totals, {total} and {price}. Find out in the shop which one the customer paid.",
            total=total,
            price=price,
        )
        order.problem("total_ambiguous", text)
    return price if total is None else total


_PARTIAL_SUMS: tuple[tuple[LineKind, ...], ...] = (
    (LineKind.PRODUCT,),
    (LineKind.PRODUCT, LineKind.DISCOUNT),
    (LineKind.PRODUCT, LineKind.SHIPPING),
    (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.DISCOUNT),
    (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE, LineKind.DISCOUNT),
)


def _rows(value: Any) -> list[Any] | None:
    """A list, also where PHP wrote it as an object with the keys 0, 1, 2…; None for anything else."""
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        return list(value.values())
    if values.is_empty(value):
        return []
    return value if isinstance(value, list) else None


def _credit_of(order: _Reader, total: Money | None, *, paid: bool) -> str:
    """The order that this one credits. A positive order is none by itself, whatever it refers to: its fields' names are
    guesses, and a renewal, an exchange or a copy names an order too (facts.md, Shoporama 6). The owner is asked where
    it is unpaid.
    """
    if total is not None and total.ore < 0:
        return order.identifier("credit_of") or order.identifier("made_of")
    return "" if paid or (total is not None and total.ore > 0) else order.identifier("credit_of")


def _email(order: _Reader) -> str:
    written = order.text("email", 320)
    return written[len("mailto:") :].strip() if written.lower().startswith("mailto:") else written


@dataclass(slots=True)
class Priced:
    """A line with the øre that the shop's numbers give exactly, which may have parts, and the line's own total where it
    tells one that is another. `problem` is what is said where the order's total does not settle it."""

    line: Line
    exact: Decimal
    told: int | None = None
    problem: Problem | None = None


def _products(order: _Reader, currency: str) -> list[Priced]:
    rows = _rows(order.value("lines"))
    if rows is None:
        order.problem("lines_unreadable", Text("The order's lines can't be read. Look at the order in the shop."))
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
            text = Text("Line {line} can't be read. Look at the order in the shop.", line=i + 1)
            order.problem("line_unreadable", text)
            continue
        reader = _Reader(row, LINE_FIELDS, f"{order.source('lines')}[{i}].", order.problems)
        if (line := _product(reader, currency, i + 1)) is not None:
            lines.append(line)
    return lines


def _product(row: _Reader, currency: str, place: int = 0) -> Priced | None:
    """One product line, or None when its quantity, price or sum can't be read; `place` counts from 1."""
    quantity = row.read("quantity", _quantity, None)
    price = row.read("unit_price", values.number, None)
    if quantity is None or price is None:
        if values.is_empty(row.value("quantity")) or values.is_empty(row.value("unit_price")):
            text = Text("Line {line} has no quantity or no price. Look at the order in the shop.", line=place)
            row.problem("line_incomplete", text)
        return None
    exact = _times(quantity, price)
    if abs(exact) > MAX_ORE:
        text = Text("Line {line} has an amount beyond all bounds. Look at the order in the shop.", line=place)
        row.problem("line_unreadable", text)
        return None
    total = Money(_half_up(exact), currency)
    problem = None
    if exact != total.ore:
        text = Text(
            "Line {line}: {quantity} × {price} is not whole øre, and how the shop rounds is not known. Enter the "
            "order in Dinero by hand.",
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
            "Line {line} says {told}, but its pieces come to {total}. Look at the order in the shop.",
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


def settle(order: _Reader, products: list[Priced], parts: list[Priced], total: Money | None) -> None:
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


def _line_text(row: _Reader) -> str:
    """The name with its variant: "T-shirt (Farve: Sort, Størrelse: M)"."""
    name = row.text("text", 300)
    raw = row.value("attributes")
    parts: list[str] = []
    entries = list(raw.items()) if isinstance(raw, dict) else raw if isinstance(raw, list) else [raw]
    for entry in entries[:20]:
        if isinstance(entry, dict):
            entry = (entry.get("name"), next((entry[key] for key in ("val", "value") if key in entry), None))
        pair = entry if isinstance(entry, tuple) else (None, entry)
        words = [_text_or_nothing(word) for word in pair]
        if words[1]:
            parts.append(": ".join(word for word in words if word))
    return (f"{name} ({', '.join(parts)})" if parts else name)[:300]


def _text_or_nothing(value: Any) -> str:
    try:
        return values.text(value, 100)
    except Unreadable:
        return ""


def _with_line_discounts(order: _Reader, products: list[Line], parts: list[Line], total: Money | None) -> list[Line]:
    """The products, less the discounts that lines name for themselves where the price does not have them yet.

    Which of the two holds is not known (facts.md, Shoporama 4b), so the order's total decides: exactly one way must add
    up.
    """
    cuts = [_line_discount(order, i) for i in range(len(_rows(order.value("lines")) or []))]
    if not any(cuts) or len(cuts) != len(products) or total is None:
        if any(cuts):
            text = Text("A line has a discount of its own, and the lines can't be added up. Look in the shop.")
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
        "Lines have discounts of their own of {discount} in all, and the order adds up neither with nor without "
        "them. Compare with the order in the shop.",
        discount=Money(sum(cuts), total.currency),
    )
    order.problem("line_discount", text)
    return products


def _line_discount(order: _Reader, place: int) -> int:
    """A line's own discount in øre, 0 for none or one that can't be read (which is a problem already)."""
    row = (_rows(order.value("lines")) or [])[place]
    if not isinstance(row, dict):
        return 0
    try:
        found = values.amount(_Reader(row, LINE_FIELDS).value("discount"), DKK)
    except Unreadable:
        return 0
    return abs(found.ore) if found is not None else 0


def _parts(order: _Reader, currency: str, *, is_credit: bool, voucher_code: str) -> list[Priced]:
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


def _part(order: _Reader, name: str, kind: LineKind, text: str, currency: str) -> Priced | None:
    """An amount of the order as a line; None where it is none or can't be read (which is a problem)."""
    value = order.read(name, values.number, None)
    if value is None or not value:
        return None
    exact = _times(Decimal(1), value)
    if abs(exact) > MAX_ORE:
        order.problem(f"{name}_unreadable", _unreadable(order, name))
        return None
    amount = Money(_half_up(exact), currency)
    problem = None if exact == amount.ore else Problem(f"{name}_unreadable", _unreadable(order, name))
    return Priced(Line(kind, text, Decimal(1), amount, amount), exact, None, problem)


def _is_gift_card(words: str) -> bool:
    """Whether the shop's own kind of a voucher names a gift card; “voucher” alone says nothing here."""
    return is_gift_card(words) and plain(words) != "voucher"


def _is_percent(order: _Reader, lines: list[Line]) -> bool:
    """Whether the voucher is a percentage of the goods, so that it is no gift card: the amount fits the rate."""
    try:
        rate = values.number(order.value("voucher_rate"))
    except Unreadable:
        return False
    goods = sum(line.total.ore for line in lines if line.kind is LineKind.PRODUCT)
    off = -sum(line.total.ore for line in lines if line.kind is LineKind.DISCOUNT)
    return rate is not None and 0 < rate <= 100 and abs(goods * rate / 100 - off) <= len(lines)


def _extras(order: _Reader) -> tuple[tuple[str, str], ...]:
    """The customer's free-text extras; whatever is no pair of short texts is left to the raw order."""
    told = order.value("extras")
    pairs = list(told.items()) if isinstance(told, dict) else []
    found = ((_text_or_nothing(key), _text_or_nothing(value)) for key, value in pairs[:20])
    return tuple((key, value) for key, value in found if key and value)


def _party(order: _Reader, which: str, countries: Mapping[str, str]) -> Party:
    name, company, street, city = (order.text(f"{which}_{part}") for part in ("name", "company", "street", "city"))
    zipcode = order.text(f"{which}_zipcode", 40)
    told, told_id = order.text(f"{which}_country"), order.text(f"{which}_country_id", 64)
    told_id = "" if told_id == "0" else told_id
    named = _text_or_nothing(countries.get(told_id)) if told_id else ""
    code = values.country_code(told) or values.country_code(_text_or_nothing(countries.get(told)))
    by_id = values.country_code(named)
    country_text = told or named or told_id
    if code and by_id and code != by_id:
        # Two countries would be two ways to charge VAT: neither is taken.
        code, country_text = None, f"{told} / {named}"
    else:
        code = code or by_id
    return Party(name, company, street, zipcode, city, code, country_text)


def _payment_method(order: _Reader, gateways: Mapping[str, str]) -> str:
    told, told_id = order.text("payment_method"), order.text("payment_method_id", 64)
    known = (_text_or_nothing(gateways.get(key)) for key in (told_id, told) if key)
    return next((name for name in known if name), told or told_id)


def _shown(value: Any) -> str:
    """A raw value for a sentence: short, and without looking into objects and lists."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return values.text(value, 60)
    except Unreadable:
        return "…"


def _as_read(name: str, reader: _Reader, order: Order, language: str) -> str:
    which, _, part = name.partition("_")
    if which in ("billing", "delivery") and part in Party.__slots__:
        return show(getattr(getattr(order, which), part), language)
    if name == "lines":
        return str(sum(line.kind is LineKind.PRODUCT for line in order.lines))
    kinds = {
        "shipping": LineKind.SHIPPING,
        "discount": LineKind.DISCOUNT,
        "gift_card": LineKind.GIFT_CARD,
        "payment_fee": LineKind.FEE,
    }
    if name in kinds:
        return next((show(line.total, language) for line in order.lines if line.kind is kinds[name]), "")
    if name == "extras":
        return ", ".join(f"{key}: {value}" for key, value in order.extras)
    value = getattr(order, name) if name in Order.__slots__ else reader.value(name)
    if isinstance(value, bool):
        return str(value).lower()
    return show(value, language) if isinstance(value, Money | datetime) else _shown(value)
