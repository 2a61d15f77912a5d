"""One order of Shoporama's JSON as an `Order`.

Whatever does not fit becomes a Problem, which holds the order. Nothing here raises on bad input.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.orders import Line, LineKind, Order, Party
from dinero.model.words import Status, is_sent, status_of
from dinero.shops import values
from dinero.shops.shoporama.fields import FIELDS, Reader
from dinero.shops.shoporama.lines import parts_of, products_of, settle, with_line_discounts
from dinero.shops.values import Unreadable


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
    order = Reader(raw if isinstance(raw, dict) else {}, FIELDS)
    if not isinstance(raw, dict):
        order.problem("not_an_order", Text("The shop sent something that is no order. Fetch the orders again."))
    order_id = order.identifier("id")
    if not order_id and isinstance(raw, dict) and not order.problems:
        order.problem("id_missing", Text("The order has no id, so it can't be told from others."))
    number = order.text("number", 64)
    placed_at = order.moment("placed_at")
    if values.is_empty(order.value("placed_at")) and isinstance(raw, dict):
        order.problem("time_missing", Text("The order does not say when it was placed."))

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
    priced = products_of(order, currency)
    parts = parts_of(order, currency, is_credit=is_credit, voucher_code=voucher_code)
    settle(order, priced, parts, total)
    products = [one.line for one in priced]
    lines = [*with_line_discounts(order, products, [one.line for one in parts], total), *(one.line for one in parts)]
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
    return Reader(raw if isinstance(raw, dict) else {}, FIELDS).moment("modified_at")


def id_of(raw: Any) -> str:
    """The order's id in the shop, "" when there is none that can be read. Never raises."""
    return Reader(raw if isinstance(raw, dict) else {}, FIELDS).identifier("id")


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


def _currency(order: Reader, otherwise: str) -> str:
    written = order.text("currency", 20).upper()
    written = _CURRENCIES.get(written.rstrip("."), written)
    if not written or (len(written) == 3 and written.isascii() and written.isalpha()):
        return written or otherwise
    order.problem(
        "currency_unreadable",
        Text("We don't know the currency “{currency}”.", currency=written),
    )
    return otherwise


def _total(order: Reader, currency: str, lines: list[Line]) -> Money | None:
    """`total_price`, which the shop shows as what is paid, else `price`. What sets them apart is unknown
    (facts.md, Shoporama 4b), so where they differ the lines must add up to the first and a part of them to the
    second."""
    total, price = order.amount("total", currency), order.amount("price", currency)
    if total is not None and price is not None and total != price:
        sums = {sum(line.total.ore for line in lines if line.kind in kinds) for kinds in _PARTIAL_SUMS}
        if sum(line.total.ore for line in lines) == total.ore and price.ore in sums:
            return total
        text = Text(
            "The order has two totals, {total} and {price}. Find out which one the customer paid.",
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


def _credit_of(order: Reader, total: Money | None, *, paid: bool) -> str:
    """The order that this one credits. A positive order is none by itself, whatever it refers to: its fields' names are
    guesses, and a renewal, an exchange or a copy names an order too (facts.md, Shoporama 6). The owner is asked where
    it is unpaid.
    """
    if total is not None and total.ore < 0:
        return order.identifier("credit_of") or order.identifier("made_of")
    return "" if paid or (total is not None and total.ore > 0) else order.identifier("credit_of")


def _email(order: Reader) -> str:
    written = order.text("email", 320)
    return written[len("mailto:") :].strip() if written.lower().startswith("mailto:") else written


def _is_percent(order: Reader, lines: list[Line]) -> bool:
    """Whether the voucher is a percentage of the goods, so that it is no gift card: the amount fits the rate."""
    try:
        rate = values.number(order.value("voucher_rate"))
    except Unreadable:
        return False
    goods = sum(line.total.ore for line in lines if line.kind is LineKind.PRODUCT)
    off = -sum(line.total.ore for line in lines if line.kind is LineKind.DISCOUNT)
    return rate is not None and 0 < rate <= 100 and abs(goods * rate / 100 - off) <= len(lines)


def _extras(order: Reader) -> tuple[tuple[str, str], ...]:
    """The customer's free-text extras; whatever is no pair of short texts is left to the raw order."""
    told = order.value("extras")
    pairs = list(told.items()) if isinstance(told, dict) else []
    found = ((values.text_or_nothing(key), values.text_or_nothing(value)) for key, value in pairs[:20])
    return tuple((key, value) for key, value in found if key and value)


def _party(order: Reader, which: str, countries: Mapping[str, str]) -> Party:
    name, company, street, city = (order.text(f"{which}_{part}") for part in ("name", "company", "street", "city"))
    zipcode = order.text(f"{which}_zipcode", 40)
    told, told_id = order.text(f"{which}_country"), order.text(f"{which}_country_id", 64)
    told_id = "" if told_id == "0" else told_id
    named = values.text_or_nothing(countries.get(told_id)) if told_id else ""
    code = values.country_code(told) or values.country_code(values.text_or_nothing(countries.get(told)))
    by_id = values.country_code(named)
    country_text = told or named or told_id
    if code and by_id and code != by_id:
        # Two countries would be two ways to charge VAT: neither is taken.
        code, country_text = None, f"{told} / {named}"
    else:
        code = code or by_id
    return Party(name, company, street, zipcode, city, code, country_text)


def _payment_method(order: Reader, gateways: Mapping[str, str]) -> str:
    told, told_id = order.text("payment_method"), order.text("payment_method_id", 64)
    known = (values.text_or_nothing(gateways.get(key)) for key in (told_id, told) if key)
    return next((name for name in known if name), told or told_id)
