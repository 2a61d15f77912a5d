"""How each field of an order was read, for the page that shows both; and what stays of one whose customer is forgotten.

Both go by the same tables: what is read, what is known and not needed, and what of it says who bought.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dinero.model.i18n import DEFAULT_LANGUAGE, Text, show
from dinero.model.orders import Order, Party
from dinero.shops import values
from dinero.shops.shop_system import FieldRead
from dinero.shops.woocommerce.fields import Row, meta_of
from dinero.shops.woocommerce.lines import CARD, MAX_LINES, REFUNDED_ITEM
from dinero.shops.woocommerce.meanings import meaning
from dinero.shops.woocommerce.orders import TESTS, YITH
from dinero.shops.woocommerce.people import numbers_of
from dinero.shops.woocommerce.refunds import is_refund

LISTS = ("line_items", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines", "gift_cards", "refunds")
DEEPEST = 40  # no field is nested so deeply
_ADDRESSES = ("billing", "shipping")
_DATES = ("date_created", "date_modified", "date_completed", "date_paid")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# The keys of an order that are goods, money, VAT and time. Nothing else is left of a forgotten customer's.
_KEPT = _words(
    "id parent_id number status currency currency_symbol version prices_include_tax discount_total discount_tax "
    "shipping_total shipping_tax cart_tax total total_tax created_via payment_method payment_method_title _dp amount "
    "refunded_payment"
) | {f"{name}{zone}" for name in _DATES for zone in ("", "_gmt")}
_KEPT_OF_ADDRESS = _words("country state")
_KEPT_OF_LINE = _words(
    "id name product_id variation_id quantity tax_class tax_status subtotal subtotal_tax total total_tax taxes sku "
    "global_unique_id price method_title method_id instance_id amount code discount discount_tax discount_type "
    "nominal_amount free_shipping rate_code rate_id label compound tax_total shipping_tax_total rate_percent "
    "parent_name bundled_by bundled_items composite_parent"
)
_KEPT_OF_TAX = _words("id total subtotal")
# Of the plugins' fields what an amount or its kind is read from: whose line a refund's is, gift cards, tests.
_KEPT_META = frozenset({REFUNDED_ITEM, YITH, *TESTS})
# What else is known, and is read by nothing.
_KNOWN = _KEPT | _words(
    "customer_id order_key cart_hash transaction_id customer_note customer_ip_address customer_user_agent meta_data "
    "billing shipping reason refunded_by payment_url is_editable needs_payment needs_processing _links"
)
_KNOWN_OF_LINE = _KEPT_OF_LINE | {"meta_data", "image", "reason"}
# What changes without the order changing (facts.md, WooCommerce 2.1).
_FLEETING = _words(
    "payment_url is_editable needs_payment needs_processing _links currency_symbol date_modified date_modified_gmt "
    "date_created date_completed date_paid"
)
_FLEETING_OF_LINE = _words(
    "sku image parent_name price global_unique_id product_id variation_id display_key display_value"
)


def explain(raw: Any, order: Order, language: str = DEFAULT_LANGUAGE) -> list[FieldRead]:
    """How each field of `raw` was read into `order`. Never raises. Fields of lines have the source
    "line_items[0].quantity", those of a refund "refund.amount"."""
    return [
        FieldRead(source, source, _as_read(source, value, order, language), meaning(source))
        for source, value in _fields(raw)
    ]


def unused_keys(raw: Any) -> list[str]:
    """The keys of `raw` that are not known, sorted; those of lines as "line_items[].weight". Never raises."""
    found = set[str]()
    for place, part in _parts(raw):
        found |= {f"{place}{key}" for key in part if key not in _KNOWN and key not in LISTS}
        for name in LISTS:
            for row in _rows(part, name):
                found |= {f"{place}{name}[].{key}" for key in row if key not in _KNOWN_OF_LINE}
    return sorted(found)


def without_customer(raw: Any) -> Any:
    """The order without who bought it: only what is known to be about goods, money, VAT and time is left."""
    if is_refund(raw):
        return {place: _without(raw.get(place)) for place in ("refund", "order")}
    return _without(raw)


def names_in(raw: Any) -> list[str]:
    """What the order calls its customer, in sentences that repeat it."""
    found = list[str]()
    for _, part in _parts(raw):
        for side in _ADDRESSES:
            told = part.get(side)
            if not isinstance(told, dict):
                continue
            both = " ".join(
                name for key in ("first_name", "last_name") if (name := values.text_or_nothing(told.get(key)))
            )
            keys = ("company", "address_1", "email", "phone")
            found += [both, *(told[key] for key in keys if isinstance(told.get(key), str))]
    found += [number.value for number in numbers_of(raw)]
    return [name for name in dict.fromkeys(found) if len(name.strip()) > 2]


def digest(raw: Any) -> str:
    """A hash by which a change of the order is seen: of all that says something about it."""
    return values.digest(_lasting(raw, is_line=False))


def _lasting(value: Any, *, is_line: bool, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return None
    if isinstance(value, list):
        return [
            _lasting(one, is_line=is_line, depth=depth + 1) if isinstance(one, dict | list) else one for one in value
        ]
    if not isinstance(value, dict):
        return value
    left_out = _FLEETING_OF_LINE if is_line else _FLEETING
    kept = {}
    for key, one in value.items():
        if key in left_out:
            continue
        if key == "meta_data":
            kept[key] = sorted(([name, values.dumps(told)] for name, told in meta_of(value)), key=str)
        elif isinstance(one, dict | list):
            kept[key] = _lasting(one, is_line=is_line or key in LISTS, depth=depth + 1)
        else:
            kept[key] = one
    if not is_line:  # a local time counts where there is no other
        kept |= {key: value[key] for key in _DATES[::2] if key in value and f"{key}_gmt" not in value}
    return kept


def _fields(raw: Any) -> Iterator[tuple[str, Any]]:
    """All fields with where they stand."""
    for place, part in _parts(raw):
        for key, value in part.items():
            if key in _ADDRESSES and isinstance(value, dict):
                yield from ((f"{place}{key}.{name}", inner) for name, inner in value.items())
            elif key in LISTS and (rows := values.listed(value)) is not None:
                for i, row in enumerate(rows[:MAX_LINES]):
                    if isinstance(row, dict):
                        yield from ((f"{place}{key}[{i}].{name}", inner) for name, inner in row.items())
            else:
                yield f"{place}{key}", value


def _as_read(source: str, value: Any, order: Order, language: str) -> str:
    name = source.removeprefix("refund.").removeprefix("order.")
    if source.startswith("order.") and name in _OF_THE_REFUND:
        return _by_itself(name, value, order, language)  # what was read is the refund's
    if name in _AS_READ:
        told = getattr(order, _AS_READ[name])
        if isinstance(told, bool):
            return (Text("yes") if told else Text("no")).render(language)
        return show(told, language) if told is not None else ""
    side, _, part = name.rpartition(".")
    if side in _ADDRESSES and part in _OF_PARTY:
        party: Party = order.billing if side == "billing" else order.delivery
        return str(show(getattr(party, _OF_PARTY[part]), language))
    if name == "meta_data":
        return ", ".join(f"{number.name}: {number.value}" for number in order.numbers)
    return _by_itself(name, value, order, language)


def _by_itself(name: str, value: Any, order: Order, language: str) -> str:
    """A field that no part of the order is read from alone: an amount and a time as such, else as it was sent."""
    row = Row({name: value})
    if name in _AMOUNTS and (amount := row.amount(name, order.currency)) is not None:
        return show(amount, language)
    if name in _TIMES and (at := row.moment(name.removesuffix("_gmt"))) is not None:
        return show(at, language)
    return values.shown(value)


_AMOUNTS = _words("discount_total discount_tax shipping_total shipping_tax cart_tax total total_tax amount")
_TIMES = frozenset(f"{name}_gmt" for name in _DATES)
_AS_READ: Mapping[str, str] = {
    "id": "id",
    "number": "number",
    "currency": "currency",
    "total": "total",
    "total_tax": "vat",
    "amount": "total",
    "date_created_gmt": "placed_at",
    "date_paid_gmt": "paid_at",
    "date_completed_gmt": "sent_at",
    "prices_include_tax": "prices_include_vat",
    "customer_note": "comment",
    "payment_method": "payment_method",
    "payment_method_title": "payment_title",
    "billing.email": "email",
    "billing.phone": "phone",
}
_OF_THE_REFUND = _words("id number total total_tax date_created_gmt date_paid_gmt date_completed_gmt")
_OF_PARTY: Mapping[str, str] = {
    "company": "company",
    "city": "city",
    "postcode": "zipcode",
    "country": "country",
}


def _parts(raw: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects that fields stand in: the order, or a refund and its order."""
    if is_refund(raw):
        for place in ("refund", "order"):
            if isinstance(raw.get(place), dict):
                yield f"{place}.", raw[place]
    elif isinstance(raw, dict):
        yield "", raw


def _rows(part: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [row for row in (values.listed(part.get(name)) or [])[:MAX_LINES] if isinstance(row, dict)]


def _without(order: Any) -> dict[str, Any]:
    if not isinstance(order, dict):
        return {}
    kept: dict[str, Any] = {key: order[key] for key in order if key in _KEPT and _is_plain(order[key])}
    for side in _ADDRESSES:
        if isinstance(order.get(side), dict):
            kept[side] = {
                key: value for key, value in order[side].items() if key in _KEPT_OF_ADDRESS and _is_plain(value)
            }
    for name in LISTS:
        if name in order:
            kept[name] = [_line_without(row) for row in _rows(order, name)]
    if "meta_data" in order:
        kept["meta_data"] = [{"key": key, "value": value} for key, value in meta_of(order) if key in _KEPT_META]
    return kept


def _line_without(row: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: row[key] for key in row if key in _KEPT_OF_LINE and _is_plain(row[key])}
    if isinstance(row.get("taxes"), list):
        kept["taxes"] = [{key: tax[key] for key in tax if key in _KEPT_OF_TAX} for tax in _rows(row, "taxes")]
    # That a line sells a gift card stays; to whom it goes does not.
    told = [
        (key, value if key in _KEPT_META else "") for key, value in meta_of(row) if key in _KEPT_META or CARD.match(key)
    ]
    if told:
        kept["meta_data"] = [{"key": key, "value": value} for key, value in told if _is_plain(value)]
    return kept


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)
