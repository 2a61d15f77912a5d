"""An order of the sandbox's WooCommerce as JSON: as it is kept, and as `wc/v3` answers it.

Kept are amounts with up to six decimals, times in UTC, and nothing that follows from the rest. An answer has as many
decimals as it was asked for (`dp`), or as the shop shows; the VAT of each line is rounded anew each time it is read, as
the shop's settings are at that moment (facts.md's chapter WooCommerce).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any

from dinero.model.clock import COPENHAGEN
from dinero.sandbox.woocommerce_cart import MICRO, ZERO, Cart, Coupon, CouponSum, LineSum, Settings, Sums, Taxes

Raw = dict[str, Any]

AMOUNTS = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax")
LINES = ("line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines")
MOMENTS = ("date_created", "date_modified", "date_completed", "date_paid")
# The keys of an order, as WooCommerce 11.0.1 writes them; what a plugin adds comes before the currency's sign.
_HEAD = (
    "id parent_id status currency version prices_include_tax date_created date_modified discount_total discount_tax "
    "shipping_total shipping_tax cart_tax total total_tax customer_id order_key billing shipping payment_method "
    "payment_method_title transaction_id customer_ip_address customer_user_agent created_via customer_note "
    "date_completed date_paid cart_hash number meta_data line_items tax_lines shipping_lines fee_lines coupon_lines "
    "refunds payment_url is_editable needs_payment needs_processing date_created_gmt date_modified_gmt "
    "date_completed_gmt date_paid_gmt"
)
HEAD = tuple(_HEAD.split())
TAIL = ("currency_symbol", "_links")
# What follows from the rest, and so is not kept.
DERIVED = frozenset(MOMENTS) | {"payment_url", "is_editable", "needs_payment", "refunds", *TAIL}
SIGNS = {"DKK": "kr.", "SEK": "kr", "NOK": "kr", "EUR": "€", "GBP": "&pound;", "USD": "&#36;"}
_ALLOWED = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def kept_amounts(sums: Sums, cart: Cart, settings: Settings, ids: Iterator[int]) -> Raw:
    """The part of an order that a cart's sums make: amounts in the head, lines, and what gift cards tell. `ids` gives
    the next id of a line or a meta entry."""
    line_items = [
        {
            "id": next(ids),
            "name": item.name,
            "product_id": item.product_id,
            "variation_id": item.variation_id,
            "quantity": item.quantity,
            "tax_class": item.tax_class,
            "subtotal": _kroner(line.subtotal, sums),
            "total": _kroner(line.total, sums),
            "taxes": [
                {"id": key, "total": _kroner(line.taxes[key], sums), "subtotal": _kroner(tax, sums)}
                for key, tax in line.subtotal_taxes.items()
            ],
            "meta_data": [meta(next(ids), key, value, shown=True) for key, value in item.meta.items()],
            "sku": item.sku,
        }
        for item, line in zip(cart.items, sums.lines, strict=True)
    ]
    late = [fee for fee in cart.fees if fee.after]
    fees = [_fee(fee.name, fee.amount, fee.taxable, line, sums, next(ids)) for fee, line in sums.fees]
    freights = [_freight(cart, sums.freight, sums, ids)] if sums.freight is not None else []
    taxes: list[Raw] = [
        {
            "id": next(ids),
            "rate_code": rate.code,
            "rate_id": rate.id,
            "label": rate.label,
            "compound": False,
            "tax_total": _kroner(sums.cart_taxes.get(rate.id, ZERO), sums),
            "shipping_tax_total": _kroner(sums.freight_taxes.get(rate.id, ZERO), sums),
            "rate_percent": number(rate.percent),
            "meta_data": [],
        }
        for rate in settings.rates
        if rate.id in sums.cart_taxes or rate.id in sums.freight_taxes
    ]
    coupons = [
        _coupon(coupon, took, sums, settings, ids) for coupon, took in zip(cart.coupons, sums.coupons, strict=True)
    ]
    fees += [
        _fee(fee.name, fee.amount, False, LineSum(fee.amount * sums.scale), sums, next(ids))
        | {"tax_class": "", "tax_status": "none"}
        for fee in late
    ]
    cards, paid = _gift_cards(cart, sums.total / sums.scale)
    total = sums.total / sums.scale - paid + sum((fee.amount for fee in late), ZERO)
    tax = (sums.cart_tax + sums.freight_tax) / sums.scale
    return {
        "prices_include_tax": settings.prices_include_tax,
        "discount_total": _kroner(sums.discount_total, sums),
        "discount_tax": _kroner(sums.discount_tax, sums),
        "shipping_total": _kroner(sums.freight.total if sums.freight is not None else ZERO, sums),
        "shipping_tax": _kroner(sums.freight_tax, sums),
        "cart_tax": _kroner(sums.cart_tax, sums),
        "total": plain(rounded(total, settings.decimals)),
        "total_tax": plain(rounded(tax, settings.decimals, settings.tax_rounding)),
        "line_items": line_items,
        "tax_lines": taxes,
        "shipping_lines": freights,
        "fee_lines": fees,
        "coupon_lines": coupons,
        "meta_data": [meta(next(ids), key, value) for key, value in cards.pop("meta_data", {}).items()],
        **cards,
    }


def meta(id_: int, key: str, value: Any, *, shown: bool = False) -> Raw:
    """An entry of meta_data; those of lines are `shown` once more."""
    entry = {"id": id_, "key": key, "value": value}
    return entry | {"display_key": key, "display_value": value} if shown else entry


def _freight(cart: Cart, line: LineSum, sums: Sums, ids: Iterator[int]) -> Raw:
    goods = ", ".join(f"{item.name} &times; {item.quantity}" for item in cart.items)
    return {
        "id": next(ids),
        "method_title": cart.freight_title,
        "method_id": "flat_rate",
        "instance_id": "1",
        "total": _kroner(line.total, sums),
        # The rate's own VAT is kept unrounded, also where the cart has rounded it (facts.md's chapter WooCommerce).
        "taxes": _line_taxes(_unrounded(line), sums),
        "tax_status": "taxable",
        "meta_data": [meta(next(ids), "Items", goods, shown=True)],
    }


def _unrounded(line: LineSum) -> Taxes:
    return {key: line.total * line.rate.percent / 100 for key in line.taxes if line.rate is not None}


def _fee(name: str, amount: Decimal, taxable: bool, line: LineSum, sums: Sums, id_: int) -> Raw:
    return {
        "id": id_,
        "name": name,
        "tax_class": "" if taxable else "0",
        "tax_status": "taxable",
        "amount": plain(amount),
        "total": _kroner(line.total, sums),
        "taxes": _line_taxes(line.taxes, sums),
        "meta_data": [],
    }


def _coupon(coupon: Coupon, took: CouponSum, sums: Sums, settings: Settings, ids: Iterator[int]) -> Raw:
    """Its discounts are texts, rounded half down when the order is placed and never again: "40", "7.8"."""
    amount = plain(coupon.amount)
    told = f'"percent",{amount}' if coupon.kind == "percent" else f"null,{amount}"
    return {
        "id": next(ids),
        "code": coupon.code,
        "discount": plain(rounded(took.discount / sums.scale, settings.decimals, ROUND_HALF_DOWN)),
        "discount_tax": plain(rounded(took.tax / sums.scale, settings.decimals, ROUND_HALF_DOWN)),
        "meta_data": [meta(next(ids), "coupon_info", f'[{coupon.id},"{coupon.code}",{told}]', shown=True)],
        "discount_type": coupon.kind,
        "nominal_amount": number(coupon.amount),
        "free_shipping": False,
    }


def _gift_cards(cart: Cart, total: Decimal) -> tuple[Raw, Decimal]:
    """What the gift cards' plugins write into the order, and what was paid with them."""
    told: Raw = {}
    left = total
    for card in cart.gift_cards:
        used = min(card.amount, left)
        left -= used
        if not used:
            continue
        if card.plugin == "yith":
            codes = told.setdefault("meta_data", {}).setdefault("_ywgc_applied_gift_cards", {})
            codes[card.code] = number(used)
        elif card.plugin == "official":
            cards = told.setdefault("gift_cards", [])
            cards.append({"id": len(cards) + 1, "code": card.code, "amount": number(used)})
    if "meta_data" in told:
        used_here = sum((card.amount for card in cart.gift_cards if card.plugin == "yith"), ZERO)
        told["meta_data"] |= {
            "_ywgc_applied_gift_cards_order_total": at(plain(left), 2),
            "_ywgc_applied_gift_cards_totals": plain(min(used_here, total)),
        }
    return told, total - left


def _line_taxes(taxes: Taxes, sums: Sums) -> list[Raw]:
    return [{"id": key, "total": _kroner(tax, sums), "subtotal": ""} for key, tax in taxes.items()]


def _kroner(amount: Decimal, sums: Sums) -> str:
    return plain((amount / sums.scale).quantize(MICRO, ROUND_HALF_UP))


def plain(amount: Decimal) -> str:
    """An amount without zeros at its end: "40", "7.8"."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(amount: Decimal) -> int | float:
    """A JSON number, for the few amounts that WooCommerce writes as numbers."""
    whole = int(amount)
    return whole if whole == amount else int(amount.scaleb(6)) / 1_000_000


# --- reading -------------------------------------------------------------------------------------------------


def shown(kept: Mapping[str, Any], refunds: Sequence[Raw], settings: Settings, dp: int | None, address: str) -> Raw:
    """An order as the API answers it, with `dp` decimals or as many as the shop shows."""
    places = settings.decimals if dp is None else dp
    derived = _derived(kept, refunds, places, address)
    values = {**kept, **derived}
    for key in AMOUNTS:
        if key in values:
            values[key] = at(values[key], places)
    for key in LINES:
        if key in values:
            values[key] = [_read_line(key, line, settings, places) for line in values[key]]
    others = [key for key in values if key not in _KNOWN]
    return {key: values[key] for key in (*HEAD, *others, *TAIL) if key in values}


_KNOWN = frozenset((*HEAD, *TAIL))


def _derived(kept: Mapping[str, Any], refunds: Sequence[Raw], places: int, address: str) -> Raw:
    id_, status = kept["id"], kept.get("status")
    orders = f"{address}/wp-json/wc/v3/orders"
    return {
        **{key: _local(kept.get(f"{key}_gmt")) for key in MOMENTS},
        "refunds": [
            {
                "id": refund["id"],
                "reason": refund.get("reason") or "",
                "total": at(f"-{refund['amount']}", places),
                "total_tax": at(plain(refund_tax(refund)), places),
            }
            for refund in refunds
        ],
        "payment_url": f"{address}/checkout/order-pay/{id_}/?pay_for_order=true&key={kept.get('order_key')}",
        "is_editable": status in ("pending", "on-hold", "auto-draft"),
        "needs_payment": status in ("pending", "failed") and at(kept.get("total"), 6) not in ("0.000000", None),
        "currency_symbol": SIGNS.get(str(kept.get("currency")), str(kept.get("currency"))),
        "_links": {
            "self": [{"href": f"{orders}/{id_}", "targetHints": {"allow": list(_ALLOWED)}}],
            "collection": [{"href": orders}],
            "email_templates": [{"embeddable": True, "href": f"{orders}/{id_}/actions/email_templates"}],
        },
    }


def shown_refund(
    kept: Mapping[str, Any], settings: Settings, dp: int | None, address: str, *, alone: bool = False
) -> Raw:
    """A refund as the API answers it; `alone` is that of the list of all refunds, which names its order."""
    places = settings.decimals if dp is None else dp
    here = f"{address}/wp-json/wc/v3/orders/{kept['parent_id']}"
    refund: Raw = {"id": kept["id"]}
    if alone:
        refund["parent_id"] = kept["parent_id"]
    return refund | {
        "date_created": _local(kept["date_created_gmt"]),
        "date_created_gmt": kept["date_created_gmt"],
        "amount": at(kept["amount"], places),
        "reason": kept["reason"],
        "refunded_by": kept["refunded_by"],
        "refunded_payment": kept["refunded_payment"],
        "meta_data": kept["meta_data"],
        **{
            key: [_line(key, line, settings, places) for line in kept[key]]
            for key in ("line_items", "shipping_lines", "tax_lines", "fee_lines")
        },
        "_links": {
            "self": [{"href": f"{here}/refunds/{kept['id']}", "targetHints": {"allow": ["GET", "DELETE"]}}],
            "collection": [{"href": f"{here}/refunds"}],
            "up": [{"href": here}],
        },
    }


def refund_tax(kept: Mapping[str, Any]) -> Decimal:
    """The VAT that a refund's lines tell, below 0; nothing where it has no lines."""
    totals = (line.get(key) for line in kept["tax_lines"] for key in ("tax_total", "shipping_tax_total"))
    return sum((Decimal(total) for total in totals if total), ZERO)


_LINE_KEYS = {
    "line_items": "id name product_id variation_id quantity tax_class subtotal subtotal_tax total total_tax taxes "
    "meta_data sku global_unique_id price image parent_name",
    "tax_lines": "id rate_code rate_id label compound tax_total shipping_tax_total rate_percent meta_data",
    "shipping_lines": "id method_title method_id instance_id total total_tax taxes tax_status meta_data",
    "fee_lines": "id name tax_class tax_status amount total total_tax taxes meta_data",
}
_ORDER_OF_KEYS = {kind: keys.split() for kind, keys in _LINE_KEYS.items()}
_LINE_AMOUNTS = ("subtotal", "subtotal_tax", "total", "total_tax", "tax_total", "shipping_tax_total")


def _read_line(kind: str, kept: Any, settings: Settings, places: int) -> Any:
    """A line as it is read; one that makes no sense is told as it is kept."""
    try:
        return _line(kind, kept, settings, places)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return kept


def _line(kind: str, kept: Mapping[str, Any], settings: Settings, places: int) -> Raw:
    """A line with its amounts rounded; a coupon's never are (facts.md's chapter WooCommerce)."""
    if kind == "coupon_lines":
        return dict(kept)
    line = dict(kept)
    taxes = line.get("taxes")
    if taxes is not None and kind != "tax_lines":
        told = ("subtotal", "total") if kind == "line_items" else ("total",)
        for key in told:
            if taxes or f"{key}_tax" not in line:
                line[f"{key}_tax"] = _vat_read([tax.get(key) for tax in taxes], settings)
        line["taxes"] = [
            {name: at(value, places) if name != "id" else value for name, value in tax.items()} for tax in taxes
        ]
    if kind == "line_items":
        line.setdefault("price", _each(line))
        line.setdefault("global_unique_id", "")
        line.setdefault("image", {"id": "", "src": ""})
        line.setdefault("parent_name", None)
    for key in _LINE_AMOUNTS:
        if key in line:
            line[key] = at(line[key], places)
    order = _ORDER_OF_KEYS[kind]
    return {key: line[key] for key in (*order, *(other for other in line if other not in order)) if key in line}


def _vat_read(taxes: Sequence[str | None], settings: Settings) -> str:
    if len(taxes) == 1 and taxes[0] and len(taxes[0].partition(".")[2]) <= settings.decimals:
        return taxes[0]  # nothing to round or to add
    amounts = [Decimal(tax) for tax in taxes if tax]
    if not settings.round_at_subtotal:
        amounts = [rounded(amount, settings.decimals, settings.tax_rounding) for amount in amounts]
    return plain(sum(amounts, ZERO))


def _each(line: Mapping[str, Any]) -> int | float:
    quantity = line.get("quantity") or 0
    total = Decimal(line["total"])
    if not quantity or not total:
        return 0
    each = number(total) / quantity
    return int(each) if each == int(each) else each


def at(amount: Any, places: int) -> Any:
    """An amount's text with so many decimals, half up; what is no amount stays as it is."""
    if not isinstance(amount, str) or not amount:
        return amount
    whole, _, part = amount.partition(".")
    if len(part) <= places and (part.isdigit() or not part) and whole.isdigit():  # nothing to round
        return f"{whole}.{part:0<{places}}" if places else whole
    try:
        value = Decimal(amount).quantize(_step(places), ROUND_HALF_UP)
    except InvalidOperation:
        return amount
    return format(value if value else abs(value), "f")


def rounded(amount: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """An amount at so many decimals."""
    return amount.quantize(_step(places), rounding)


@cache
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


@lru_cache(4096)
def _local(moment: str | None) -> str | None:
    """A time in UTC as the clock on the wall in Copenhagen shows it."""
    if not moment:
        return None
    utc = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return f"{utc.astimezone(COPENHAGEN):%Y-%m-%dT%H:%M:%S}"


def gmt(moment: datetime) -> str:
    """A moment as WooCommerce keeps it: UTC to the second, without a zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
