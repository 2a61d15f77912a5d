"""One order of Shoporama's JSON as an `Order`, and beside it how each field was read.

No real answer is publicly known (FACTS 0.1), so the names are a table that is corrected in one place, and
whatever does not fit becomes a Problem, which holds the order. Nothing here raises on bad input.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, TypeVar

from dinero.i18n import DEFAULT_LANGUAGE, Text, show
from dinero.money import DKK, AmountError, Money
from dinero.orders import Line, LineKind, Order, Party, Problem
from dinero.shops import values
from dinero.shops.values import Unreadable

SHOP = "shoporama"
MAX_LINES = 500
MAX_PIECES = 1_000_000

# Our name → the names it may have in the JSON. Names that Shoporama confirms come first (FACTS 4a), then those
# its theme suggests (4b), then plausible others. The first one with a value counts. The first real answer that
# is seen corrects these two tables.
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
    "credit_of": ("credited_order_id", "credit_order_id", "credit_of", "original_order_id"),
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

# The same for a line. `amount` is the number of pieces (FACTS 4b).
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
            text = Text(
                "“{field}” is “{value}”, which can't be read. Check the field on the order in the shop.",
                field=f"{self.place}{self.source(name)}",
                value=_shown(self.value(name)),
            )
            self.problem(f"{name}_unreadable", text)
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
    `currency` is the shop's, for orders that name none (FACTS 5: one shop, one currency).
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
    credit_of = order.identifier("credit_of")
    is_credit = bool(credit_of) or (total is not None and total.ore < 0)
    voucher_code = order.text("voucher_code", 64)
    products = _products(order, currency)
    parts = _parts(order, currency, is_credit=is_credit, voucher_code=voucher_code)
    lines = [*_with_line_discounts(order, products, parts, total), *parts]
    total = _total(order, currency, lines)

    return Order(
        shop=shop,
        id=order_id,
        number=number or order_id,
        placed_at=placed_at,
        status=status,
        paid=paid,
        paid_at=paid_at,
        sent=sent or status.lower() == "sent",
        sent_at=sent_at,
        cancelled=cancelled or status.lower() in ("cancelled", "canceled"),
        currency=currency,
        lines=tuple(lines),
        total=total,
        vat=order.amount("vat", currency),
        prices_include_vat=prices_include_vat,
        billing=_party(order, "billing", countries),
        delivery=_party(order, "delivery", countries),
        email=order.text("email", 320),
        phone=order.text("phone", 40),
        vat_number=order.text("vat_number", 40),
        ean_number=order.text("ean_number", 40),
        payment_method=_payment_method(order, gateways),
        payment_type=order.text("payment_method", 40).lower(),
        voucher_code=voucher_code,
        voucher_is_percent=_is_percent(order, lines),
        extras=_extras(order),
        withdrawn=order.happened("withdrawn")[0],
        comment=order.text("comment", 1000),
        credit_of=credit_of,
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
        line = _product(line_reader, order.currency)
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


def _currency(order: _Reader, otherwise: str) -> str:
    written = order.text("currency", 20).upper()
    if not written or (len(written) == 3 and written.isascii() and written.isalpha()):
        return written or otherwise
    order.problem(
        "currency_unreadable",
        Text("The currency “{currency}” is not understood. Check the order in the shop.", currency=written),
    )
    return otherwise


def _total(order: _Reader, currency: str, lines: list[Line]) -> Money | None:
    """`total_price`, which the shop shows as what is paid, else `price`. What sets them apart is unknown
    (FACTS 4b), so where they differ the lines must add up to the first and a part of them to the second."""
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


def _products(order: _Reader, currency: str) -> list[Line]:
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


def _product(row: _Reader, currency: str, place: int = 0) -> Line | None:
    """One product line, or None when its quantity, price or sum can't be read; `place` counts from 1."""
    quantity = row.read("quantity", _quantity, None)
    price = row.read("unit_price", values.number, None)
    if quantity is None or price is None:
        if values.is_empty(row.value("quantity")) or values.is_empty(row.value("unit_price")):
            text = Text("Line {line} has no quantity or no price. Look at the order in the shop.", line=place)
            row.problem("line_incomplete", text)
        return None
    try:
        total = _times(row, quantity, price, currency, place)
    except AmountError:
        text = Text("Line {line} has an amount beyond all bounds. Look at the order in the shop.", line=place)
        row.problem("line_unreadable", text)
        return None
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
        row.problem("line_total_differs", text)
    try:
        unit_price = Money.from_json(price, currency)
    except AmountError:
        unit_price = None  # Parts of an øre a piece; the line itself comes to whole øre or has a problem.
    return Line(
        kind=LineKind.PRODUCT,
        text=_line_text(row),
        quantity=quantity,
        total=total,
        unit_price=unit_price,
        vat_rate=row.read("vat_rate", _vat_rate, None),
        sku=row.text("sku", 64),
    )


def _quantity(value: Any) -> Decimal | None:
    found = values.number(value)
    if found is not None and abs(found) > MAX_PIECES:
        raise Unreadable("too many pieces")
    return found


def _times(row: _Reader, quantity: Decimal, price: Decimal, currency: str, place: int) -> Money:
    """Quantity × unit price, exactly; parts of an øre are a problem, and rounded only to be shown."""
    with localcontext(prec=80):
        exact = quantity * price * 100
        whole = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    if whole != exact:
        text = Text(
            "Line {line}: {quantity} × {price} is not whole øre, and how the shop rounds is not known. Enter the "
            "order in Dinero by hand.",
            line=place,
            quantity=quantity,
            price=price,
        )
        row.problem("line_rounding", text)
    return Money(int(whole), currency)


def _vat_rate(value: Any) -> Decimal | None:
    """25 and 0.25 are both a quarter; nothing is not told."""
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

    Which of the two holds is not known (FACTS 4b), so the order's total decides: exactly one way must add up.
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
            if cut else line
            for line, cut in zip(products, cuts, strict=True)
        ]  # fmt: skip
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


def _parts(order: _Reader, currency: str, *, is_credit: bool, voucher_code: str) -> list[Line]:
    """Shipping, payment fee, discount and gift card as lines."""
    lines = []
    for name, kind, text in (("shipping", LineKind.SHIPPING, "Fragt"), ("payment_fee", LineKind.FEE, "Gebyr")):
        amount = None if _is_nothing(order.value(name)) else order.amount(name, currency)
        if amount is not None and amount.ore:
            lines.append(Line(kind, text, Decimal(1), amount, amount))
    kinds = {"gift_card": LineKind.GIFT_CARD, "discount": LineKind.DISCOUNT}
    for name, kind in kinds.items():
        amount = order.amount(name, currency)
        if amount is not None and amount.ore:
            # A sale's discount takes off, whichever sign it is stored with; a credit note's sign is kept as told.
            off = Money(-amount.ore if is_credit else -abs(amount.ore), currency)
            if name == "discount" and _is_gift_card(order.text("voucher_type", 64)):
                kind = LineKind.GIFT_CARD
            word = "Rabat" if kind is LineKind.DISCOUNT else "Gavekort"
            lines.append(Line(kind, f"{word} {voucher_code}".strip(), Decimal(1), off, off))
    return lines


def _is_gift_card(words: str) -> bool:
    return "gift" in words.lower() or "gavekort" in words.lower()


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
    kinds = {"shipping": LineKind.SHIPPING, "discount": LineKind.DISCOUNT, "gift_card": LineKind.GIFT_CARD,
             "payment_fee": LineKind.FEE}  # fmt: skip
    if name in kinds:
        return next((show(line.total, language) for line in order.lines if line.kind is kinds[name]), "")
    if name == "extras":
        return ", ".join(f"{key}: {value}" for key, value in order.extras)
    value = getattr(order, name) if name in Order.__slots__ else reader.value(name)
    if isinstance(value, bool):
        return str(value).lower()
    return show(value, language) if isinstance(value, Money | datetime) else _shown(value)
