"""What the head of an order says of all of its amounts, for the order and for its refunds."""

from collections.abc import Mapping

from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shop_system import ReadContext
from dinero.shops.woocommerce.fields import Row


def currency_of(order: Row, context: ReadContext) -> str:
    """The order's currency, the shop's where it names none."""
    written = order.text("currency", 20).upper()
    if not written or (len(written) == 3 and written.isascii() and written.isalpha()):
        return written or context.currency
    order.problem("currency_unreadable", Text("We don't know the currency “{currency}”.", currency=written))
    return context.currency


def includes_vat(order: Row, context: ReadContext) -> bool:
    """Whether prices were with VAT when the order was made."""
    told = order.raw.get("prices_include_tax")
    if isinstance(told, bool):
        return told
    written = values.text_or_nothing(told).lower()
    if written in ("yes", "true", "1", "no", "false", "0"):
        return written in ("yes", "true", "1")
    return context.look_ups.get("prices_include_tax") is not False


def payment_title(order: Row, context: ReadContext) -> str:
    """What the shop calls the way to pay."""
    titles = context.look_ups.get("payment_gateways")
    known = titles.get(values.text_or_nothing(order.raw.get("payment_method"))) if isinstance(titles, Mapping) else None
    return order.text("payment_method_title") or values.text_or_nothing(known)


def reckons_in_kroner(order: Row) -> bool:
    """Whether an order was asked for without øre, because its shop shows none."""
    return values.text_or_nothing(order.raw.get("_dp")) == "0"
