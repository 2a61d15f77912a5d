"""One refund as a credit note (facts.md, WooCommerce 2.4-2.5).

WooCommerce keeps refunds under their order, without currency, customer and number. So a refund is kept beside what is
needed of its order: {"refund": {…}, "order": {…}}.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import UNKNOWN_ORDER, Line, LineKind, Order
from dinero.shops import values
from dinero.shops.shop_system import ReadContext
from dinero.shops.woocommerce.fields import Row
from dinero.shops.woocommerce.heads import currency_of, payment_title, reckons_in_kroner
from dinero.shops.woocommerce.lines import (
    Taxed,
    as_charged,
    in_whole_kroner,
    is_in_whole_kroner,
    rates_of,
    refund_lines_of,
)
from dinero.shops.woocommerce.people import delivery_of, numbers_of, party_of

# What a credit note needs of its order.
OF_ORDER = (
    "id",
    "number",
    "currency",
    "prices_include_tax",
    "date_created_gmt",
    "payment_method",
    "payment_method_title",
    "billing",
    "shipping",
    "total",
    "total_tax",
    "tax_lines",
    "_dp",
)


def wrapped(refund: Mapping[str, Any], order: Mapping[str, Any]) -> dict[str, Any]:
    """A refund as it is kept."""
    return {"refund": dict(refund), "order": {name: order[name] for name in OF_ORDER if name in order}}


def is_refund(raw: Any) -> bool:
    """Whether JSON is a refund as it is kept."""
    return isinstance(raw, dict) and isinstance(raw.get("refund"), dict)


def read_refund(raw: Mapping[str, Any], context: ReadContext) -> Order:
    """The credit note that a refund is. Never raises.

    Its amount counts: what its lines leave over is a line of its own, and where they come to more, or there are none,
    it has no lines, and its VAT and accounts follow the invoice.
    """
    order = Row(told if isinstance(told := raw.get("order"), dict) else {}, "order.")
    refund = Row(raw["refund"], "refund.", order.problems)
    refund_id, order_id = refund.identifier("id"), order.identifier("id")
    if not order.problems and not (refund_id and order_id):
        order.problem("id_missing", Text("The refund does not say which order it is of."))
    placed_at = refund.moment("date_created")
    if placed_at is None and not order.problems:
        order.problem("time_missing", Text("The order does not say when it was placed."))
    currency = currency_of(order, context)
    amount = refund.amount("amount", currency)
    total = None if amount is None else Money(-abs(amount.ore), currency)
    lines, is_explained, smallest = _lines(refund, order, context, total)
    number = order.text("number", 64) or order_id
    return Order(
        shop=context.shop,
        id=refund_id,
        number=f"{number}-R{refund_id}",
        placed_at=placed_at,
        currency=currency,
        lines=tuple(lines),
        total=total,
        vat=_vat(refund, currency) if is_explained else None,
        billing=party_of(order.party("billing")),
        delivery=delivery_of(order),
        email=order.party("billing").text("email", 320),
        phone=order.party("billing").text("phone", 40),
        payment_method=order.text("payment_method", 64),
        payment_title=payment_title(order, context),
        comment=refund.text("reason", 1000),
        credit_of=order_id or UNKNOWN_ORDER,
        numbers=numbers_of(order.raw),
        smallest_ore=smallest,
        problems=tuple(order.problems),
    )


def _lines(refund: Row, order: Row, context: ReadContext, total: Money | None) -> tuple[list[Line], bool, int]:
    """The lines with VAT, whether they are all of the refund, and to how many øre the shop rounds."""
    currency = currency_of(Row(order.raw), context)
    rates = rates_of(Row(order.raw)) | rates_of(refund)
    vat = Money(0 if (found := _vat(Row(order.raw), currency)) is None else found.ore, currency)
    priced = refund_lines_of(refund, Taxed(currency, rates, vat.ore != 0))
    told = Money(sum(line.vat for line in priced), currency)
    in_kroner = reckons_in_kroner(order) or is_in_whole_kroner(priced, total, told, with_vat=True)
    lines = in_whole_kroner(priced) if in_kroner else as_charged(priced, with_vat=True)
    smallest = 100 if in_kroner else 1
    if total is None or not lines:
        return [], False, smallest
    rest = total.ore - sum(line.total.ore for line in lines)
    if rest > 0:
        return [], False, smallest
    if rest < 0:
        more = Money(rest, currency)
        lines.append(Line(LineKind.PRODUCT, "Refundering", Decimal(-1), more))
    return lines, not rest, smallest


def _vat(row: Row, currency: str) -> Money | None:
    """The VAT of an order's head, or of all lines of a refund."""
    if "total_tax" in row.raw:
        return row.read("total_tax", lambda value: values.rounded(value, currency), None)
    told = [
        line.read("total_tax", lambda value: values.rounded(value, currency), None)
        for name in ("line_items", "shipping_lines", "fee_lines")
        for line in Row(row.raw).rows(name)
    ]
    return Money(sum(amount.ore for amount in told if amount is not None), currency)
