"""One order of WooCommerce's JSON as an `Order`.

Whatever does not fit becomes a Problem, which holds the order. Nothing here raises on bad input.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Line, LineKind, Order
from dinero.model.words import Status, is_collected, is_gift_card, is_known_voucher, status_of
from dinero.shops import values
from dinero.shops.shop_system import ReadContext
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce.fields import Row, meta_of
from dinero.shops.woocommerce.heads import currency_of, includes_vat, payment_title, reckons_in_kroner
from dinero.shops.woocommerce.lines import (
    Priced,
    Taxed,
    as_charged,
    gift_card_lines,
    in_whole_kroner,
    is_in_whole_kroner,
    lines_of,
    rates_of,
    with_freight_of_the_head,
)
from dinero.shops.woocommerce.people import delivery_of, numbers_of, party_of
from dinero.shops.woocommerce.refunds import is_refund, read_refund

# WooCommerce's own statuses (facts.md, WooCommerce 2.2). Any other is a plugin's.
PENDING, ON_HOLD, PROCESSING, COMPLETED, REFUNDED = "pending", "on-hold", "processing", "completed", "refunded"
CANCELLED = ("cancelled", "trash")
OWN_STATUSES = (PENDING, ON_HOLD, PROCESSING, COMPLETED, REFUNDED, *CANCELLED, "failed", "checkout-draft", "auto-draft")
# What gateways write on a payment that was a test, and with which value (facts.md, WooCommerce 2.8).
TESTS = {
    "wc_onpay_test_mode": ("1", "yes", "true", "on"),
    "_wcpay_mode": ("test", "dev"),
    "_ppcp_paypal_payment_mode": ("sandbox",),
    "_mollie_payment_mode": ("test",),
}
YITH = "_ywgc_applied_gift_cards"
_PHP_PAIR = re.compile(r's:\d+:"([^"]{1,64})";(?:[di]:|s:\d+:")(\d+(?:\.\d+)?)')
_COLLECTED_BY = ("local_pickup", "pickup_location")


def read(raw: Any, context: ReadContext) -> Order:
    """The order, or the refund as a credit note, that `raw` (JSON as `values.loads` gives it) tells of. Never raises.

    What can't be read is None or empty and in `problems`. An order without a readable id has the id "".
    """
    if is_refund(raw):
        return read_refund(raw, context)
    order = Row(raw if isinstance(raw, dict) else {})
    if not isinstance(raw, dict):
        order.problem("not_an_order", Text("The shop sent something that is no order. Fetch the orders again."))
    order_id = order.identifier("id")
    if not order_id and isinstance(raw, dict) and not order.problems:
        order.problem("id_missing", Text("The order has no id, so it can't be told from others."))
    placed_at, paid_at, completed_at = (order.moment(f"date_{what}") for what in ("created", "paid", "completed"))
    if placed_at is None and not order.problems:
        order.problem("time_missing", Text("The order does not say when it was placed."))
    status = order.text("status", 64)
    currency = currency_of(order, context)
    total = order.amount("total", currency)
    vat = order.read("total_tax", lambda value: values.rounded(value, currency), None)
    lines, with_vat, smallest = _lines(order, context, total, vat)
    negative = [line.text for line in lines if line.kind is LineKind.DISCOUNT]
    code, kind, is_percent = _voucher(order, negative)
    return Order(
        shop=context.shop,
        id=order_id,
        number=order.text("number", 64) or order_id,
        placed_at=placed_at,
        status=_status(order, status, total, currency),
        paid=paid_at is not None,
        paid_at=paid_at,
        sent=status == COMPLETED or completed_at is not None,
        sent_at=completed_at,
        cancelled=status in CANCELLED,
        currency=currency,
        lines=tuple(lines),
        total=total,
        vat=vat,
        prices_include_vat=with_vat,
        billing=party_of(order.party("billing")),
        delivery=delivery_of(order),
        email=order.party("billing").text("email", 320),
        phone=order.party("billing").text("phone", 40),
        payment_method=order.text("payment_method", 64),
        payment_title=payment_title(order, context),
        voucher_code=code,
        voucher_is_percent=is_percent,
        voucher_kind=kind,
        shipping_method=_shipping_method(order),
        comment=order.text("customer_note", 1000),
        is_test=any(values.text_or_nothing(value).lower() in TESTS.get(key, ()) for key, value in meta_of(raw)),
        numbers=numbers_of(raw),
        smallest_ore=smallest,
        problems=tuple(order.problems),
    )


def _lines(order: Row, context: ReadContext, total: Money | None, vat: Money | None) -> tuple[list[Line], bool, int]:
    """The lines, whether they are with VAT, and to how many øre the shop rounds."""
    currency = currency_of(Row(order.raw), context)
    priced = lines_of(order, Taxed(currency, rates_of(order), vat is not None and vat.ore != 0))
    _check_cards(order, priced)
    cards = gift_card_lines(_cards(order, currency))
    with_vat = includes_vat(order, context)
    paid = None if total is None else Money(total.ore - sum(card.total.ore for card in cards), currency)
    if with_vat and paid is not None:
        priced = with_freight_of_the_head(order, priced, paid)
    if reckons_in_kroner(order) or is_in_whole_kroner(priced, paid, vat, with_vat=with_vat):
        return [*in_whole_kroner(priced), *cards], True, 100
    return [*as_charged(priced, with_vat=with_vat), *cards], with_vat, 1


def _status(order: Row, status: str, total: Money | None, currency: str) -> str:
    """The status as the rules read it. A plugin's status that looks like one of a sale is told with its whole name,
    which is asked about once: in another shop the word may mean a sale, here nobody said so. “refunded” is no change
    of an order whose refunds are credit notes of their own: it stays what it was before."""
    if status == REFUNDED:
        back = [row.read("total", lambda value: values.amount(value, currency), None) for row in order.rows("refunds")]
        all_of_it = total is not None and sum(abs(part.ore) for part in back if part is not None) >= total.ore > 0
        sent = not values.is_empty(order.raw.get("date_completed_gmt") or order.raw.get("date_completed"))
        return status if not all_of_it else COMPLETED if sent else PROCESSING
    own = status in OWN_STATUSES or not status
    return f"wc-{status}" if not own and status_of(status) is Status.GOOD else status


def _shipping_method(order: Row) -> str:
    for row in order.rows("shipping_lines"):
        title = row.text("method_title", 80)
        collected = values.text_or_nothing(row.raw.get("method_id")) in _COLLECTED_BY
        return f"{title} (afhentning)".strip() if collected and not is_collected(title) else title
    return ""


def _voucher(order: Row, negative_fees: list[str]) -> tuple[str, str, bool]:
    """Codes and kind of the coupons, and whether they are a percentage of the goods. Coupons are in the lines already
    (facts.md, WooCommerce 1.4); a fee below zero that is called a gift card stands where its code does, so that it is
    asked about."""
    codes, kinds = list[str](), list[str]()
    for row in order.rows("coupon_lines"):
        codes.append(row.text("code", 64))
        kinds.append(values.text_or_nothing(row.raw.get("discount_type")) or _kind_in_meta(row))
    kind = next((one for one in kinds if not is_known_voucher(one)), next(iter(kinds), ""))
    named = [text for text in negative_fees if is_gift_card(text)]
    is_percent = bool(kinds) and not negative_fees and all(one.endswith("percent") for one in kinds)
    return (named[0] if named else ", ".join(code for code in codes if code))[:200], kind[:64], is_percent


def _kind_in_meta(coupon: Row) -> str:
    """A coupon's kind where older versions tell it: `coupon_info` is [id, code, kind, amount] with nothing for a fixed
    amount, `coupon_data` an object (facts.md, WooCommerce 1.4)."""
    for key, value in meta_of(coupon.raw):
        told = _json(value)
        if key == "coupon_info" and isinstance(told, list) and len(told) > 2:
            return values.text_or_nothing(told[2]) or "fixed_cart"
        if key == "coupon_data" and isinstance(told, dict):
            return values.text_or_nothing(told.get("discount_type"))
    return ""


def _check_cards(order: Row, lines: list[Priced]) -> None:
    """An answer about a fee below zero counts for all of them, so one that is called a gift card stands alone."""
    named = [is_gift_card(one.line.text) for one in lines if one.line.kind is LineKind.DISCOUNT]
    if any(named) and not all(named):
        text = Text("A discount and a gift card are both taken off as fees. Enter the order in Dinero by hand.")
        order.problem("fees_mixed", text)


def _cards(order: Row, currency: str) -> Iterator[tuple[str, Money]]:
    """Codes and amounts of the gift cards that an order was paid with (facts.md, WooCommerce 2.7)."""
    told = list[tuple[Any, Any]]()
    for row in order.rows("gift_cards"):
        told.append((row.raw.get("code"), row.raw.get("amount")))
    for key, value in meta_of(order.raw):
        if key == YITH:
            told += _pairs(value)
    for code, amount in told:
        try:
            found = values.amount(amount, currency)
        except Unreadable:
            found = None
            text = Text("The gift card's amount “{amount}” can't be read.", amount=values.text_or_nothing(amount, 40))
            order.problem("gift_card_unreadable", text)
        if found is not None and found.ore:
            yield values.text_or_nothing(code, 64), Money(abs(found.ore), currency)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    """Codes and amounts in the forms that YITH's field was seen to have: an object, a list, or either as a text."""
    told = _json(value)
    if isinstance(told, dict):
        return list(told.items())[:20]
    if isinstance(told, list):
        pairs = list[tuple[Any, Any]]()
        for one in told[:20]:
            if isinstance(one, dict):
                pairs.append((one.get("code"), one.get("amount")))
            elif isinstance(one, list) and len(one) == 2:
                pairs.append((one[0], one[1]))
        return pairs
    return [(code, Decimal(amount)) for code, amount in _PHP_PAIR.findall(told[:4000])] if isinstance(told, str) else []


def _json(value: Any) -> Any:
    """A value that may be JSON as a text; the value itself where it is none."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return values.loads(value)
        except ValueError:
            return value
    return value
