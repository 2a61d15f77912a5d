"""The names that each field of an order may have in Shoporama's JSON, and how a field is read.

No real answer is publicly known (facts.md, Shoporama 0.1), so the names are a table that is corrected in one place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Problem
from dinero.shops import values
from dinero.shops.shoporama.meanings import meaning
from dinero.shops.values import Unreadable

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


@dataclass(slots=True)
class Reader:
    """Fields of one JSON object by our names; what can't be read is noted in `problems`.

    `place` is what stands before the names of a line's fields in texts: "lines.2." for the second line.
    """

    raw: Mapping[str, Any]
    names: Mapping[str, tuple[str, ...]]
    place: str = ""
    problems: list[Problem] = field(default_factory=list)

    def source(self, name: str) -> str | None:
        """The key that counts: the first with a value, else the first that is there."""
        there = [key for key in self.names[name] if key in self.raw]
        return next((key for key in there if not values.is_empty(self.raw[key])), there[0] if there else None)

    def value(self, name: str) -> Any:
        """The value as the shop told it; None where there is none."""
        key = self.source(name)
        return None if key is None else self.raw[key]

    def read(self, name: str, reader: Callable[[Any], T], otherwise: T) -> T:
        """The value as `reader` reads it; `otherwise`, and a problem, where it can't."""
        try:
            return reader(self.value(name))
        except Unreadable:
            self.problems.append(unreadable(self, name))
            return otherwise

    def text(self, name: str, longest: int = 200) -> str:
        """A text of at most `longest` characters, "" for none."""
        return self.read(name, lambda value: values.text(value, longest), "")

    def identifier(self, name: str) -> str:
        """An id as text, "" for none."""
        return self.read(name, values.identifier, "")

    def moment(self, name: str) -> datetime | None:
        """A time, in UTC."""
        return self.read(name, values.moment, None)

    def amount(self, name: str, currency: str) -> Money | None:
        """An amount of whole øre."""
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
                "The order says both {flag} = “{value}” and {time}. Find out which of them is right.",
                flag=str(self.source(flag)),
                value=values.shown(self.value(flag)),
                time=later,
            )
            self.problem(f"{flag}_contradictory", text)
            return False, None
        return True, when or later

    def problem(self, code: str, text: Text) -> None:
        """Notes what is wrong with the order, which holds it."""
        self.problems.append(Problem(code, text))


def unreadable(row: Reader, name: str) -> Problem:
    """What is told of a field that can't be read."""
    field, value = meaning(f"{row.place}{name}"), values.shown(row.value(name))
    return Problem(
        f"{name}_unreadable",
        Text("“{field}” is “{value}” and can't be read.", field=field, value=value),
        Text("“{field}” is “{value}”", field=field, value=value),
    )
