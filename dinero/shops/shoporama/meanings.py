"""What each field of an order means, in the owner's words."""

from collections.abc import Mapping

from dinero.model.i18n import Text

MEANINGS: Mapping[str, Text] = {
    "id": Text("Shoporama's own number"),
    "number": Text("Order number"),
    "placed_at": Text("Ordered"),
    "modified_at": Text("Changed"),
    "status": Text("Status"),
    "paid": Text("Paid"),
    "paid_at": Text("Paid on"),
    "sent": Text("Sent"),
    "sent_at": Text("Sent on"),
    "cancelled": Text("Cancelled"),
    "currency": Text("Currency"),
    "total": Text("Total"),
    "price": Text("Price"),
    "vat": Text("VAT"),
    "shipping": Text("Shipping"),
    "shipping_method": Text("Shipping method"),
    "payment_fee": Text("Payment fee"),
    "discount": Text("Discount"),
    "voucher_rate": Text("Discount in percent"),
    "voucher_code": Text("Voucher code"),
    "voucher_type": Text("Kind of voucher"),
    "gift_card": Text("Gift card"),
    "lines": Text("Order lines"),
    "email": Text("E-mail"),
    "phone": Text("Phone"),
    "vat_number": Text("VAT number (CVR)"),
    "ean_number": Text("EAN number"),
    "payment_method": Text("Payment method"),
    "payment_method_id": Text("Payment method's number"),
    "comment": Text("Comment"),
    "extras": Text("Additions"),
    "withdrawn": Text("Withdrawn by the customer"),
    "credit_of": Text("Return of order"),
    "made_of": Text("Made of order"),
    "paid_amount": Text("Paid amount"),
    "refunded": Text("Refunded"),
    "test": Text("Test order"),
    "text": Text("Text"),
    "quantity": Text("Quantity"),
    "unit_price": Text("Price each"),
    "line_total": Text("Line's total"),
    "vat_rate": Text("VAT rate"),
    "sku": Text("Item number"),
    "attributes": Text("Variant"),
    "name": Text("Name"),
    "company": Text("Company"),
    "street": Text("Street"),
    "zipcode": Text("Postal code"),
    "city": Text("City"),
    "country": Text("Country"),
    "country_id": Text("Country's number"),
}


def meaning(name: str) -> Text:
    """A field's name in words: "lines.2.quantity" is the second line's quantity. Raises KeyError for no field."""
    place, _, field = name.rpartition(".")
    if place:
        return Text("Line {n}: {field}", n=place.removeprefix("lines."), field=meaning(field))
    for prefix, party in (("billing_", Text("Bill to")), ("delivery_", Text("Deliver to"))):
        if name.startswith(prefix):
            return Text("{party}: {field}", party=party, field=meaning(name.removeprefix(prefix)))
    return MEANINGS[name]
