"""How each field of an order was read, for the page that shows both."""

from datetime import datetime
from typing import Any

from dinero.model.i18n import DEFAULT_LANGUAGE, Text, show
from dinero.model.money import Money
from dinero.model.orders import LineKind, Order, Party
from dinero.shops import values
from dinero.shops.shop_system import FieldRead
from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS, Reader
from dinero.shops.shoporama.lines import MAX_LINES, product_of
from dinero.shops.shoporama.meanings import meaning


def explain(raw: Any, order: Order, language: str = DEFAULT_LANGUAGE) -> list[FieldRead]:
    """How each field of `raw` was read into `order`, for a page that shows both. Never raises.

    Fields of lines are called "lines.1.quantity" with the source "products[0].amount".
    """
    reader = Reader(raw if isinstance(raw, dict) else {}, FIELDS)
    fields = [
        FieldRead(name, reader.source(name), _as_read(name, reader, order, language), meaning(name)) for name in FIELDS
    ]
    for i, product in enumerate(values.listed(reader.value("lines")) or []):
        if i == MAX_LINES:
            break
        line_reader = Reader(product if isinstance(product, dict) else {}, LINE_FIELDS)
        priced = product_of(line_reader, order.currency)
        line = priced.line if priced is not None else None
        for name in LINE_FIELDS:
            key = line_reader.source(name)
            source = None if key is None else f"{reader.source('lines')}[{i}].{key}"
            value = getattr(line, name) if hasattr(line, name) else values.shown(line_reader.value(name))
            ours = f"lines.{i + 1}.{name}"
            fields.append(FieldRead(ours, source, show(value, language), meaning(ours)))
    return fields


def unused_keys(raw: Any) -> list[str]:
    """The keys of `raw` that no field reads, sorted; those of lines as "products[].weight". Never raises."""
    if not isinstance(raw, dict):
        return []
    known = {key for names in FIELDS.values() for key in names}
    unused = {str(key) for key in raw if key not in known}
    reader = Reader(raw, FIELDS)
    line_known = {key for names in LINE_FIELDS.values() for key in names}
    for product in (values.listed(reader.value("lines")) or [])[:MAX_LINES]:
        if isinstance(product, dict):
            unused |= {f"{reader.source('lines')}[].{key}" for key in product if key not in line_known}
    return sorted(unused)


def _as_read(name: str, reader: Reader, order: Order, language: str) -> str:
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
        return (Text("yes") if value else Text("no")).render(language)
    return show(value, language) if isinstance(value, Money | datetime) else values.shown(value)
