"""What each field of WooCommerce's JSON means, in the owner's words."""

import re
from collections.abc import Mapping

from dinero.model.i18n import Text

# Of the order itself; the others stand under the object that they are in.
MEANINGS: Mapping[str, Text] = {
    "id": Text("WooCommerce's own number"),
    "parent_id": Text("Part of order"),
    "number": Text("Order number"),
    "status": Text("Status"),
    "currency": Text("Currency"),
    "currency_symbol": Text("Currency's sign"),
    "version": Text("WooCommerce's version"),
    "prices_include_tax": Text("Prices are with VAT"),
    "date_created": Text("Ordered"),
    "date_modified": Text("Changed"),
    "date_completed": Text("Sent on"),
    "date_paid": Text("Paid on"),
    "discount_total": Text("Discount without VAT"),
    "discount_tax": Text("VAT of the discount"),
    "shipping_total": Text("Shipping without VAT"),
    "shipping_tax": Text("VAT of the shipping"),
    "cart_tax": Text("VAT of the goods"),
    "total": Text("Total"),
    "total_tax": Text("VAT"),
    "customer_id": Text("Customer's number"),
    "order_key": Text("The order's key"),
    "cart_hash": Text("The basket's mark"),
    "created_via": Text("Made by"),
    "billing": Text("Bill to"),
    "shipping": Text("Deliver to"),
    "payment_method": Text("Payment method"),
    "payment_method_title": Text("Payment method's name"),
    "transaction_id": Text("Payment's number"),
    "customer_note": Text("Comment"),
    "customer_ip_address": Text("Customer's IP address"),
    "customer_user_agent": Text("Customer's browser"),
    "meta_data": Text("Plugins' fields"),
    "line_items": Text("Order lines"),
    "shipping_lines": Text("Shipping"),
    "fee_lines": Text("Fees"),
    "coupon_lines": Text("Coupons"),
    "tax_lines": Text("VAT rates"),
    "gift_cards": Text("Gift cards"),
    "refunds": Text("Refunds"),
    "payment_url": Text("Address to pay at"),
    "is_editable": Text("Can be edited"),
    "needs_payment": Text("Needs payment"),
    "needs_processing": Text("Needs processing"),
    "_links": Text("Links"),
    "_dp": Text("Decimals that were asked for"),
    "amount": Text("Amount"),
    "reason": Text("Reason"),
    "refunded_by": Text("Refunded by"),
    "refunded_payment": Text("Paid back through the webshop"),
    "refund": Text("Refund"),
    "order": Text("Order"),
    "first_name": Text("First name"),
    "last_name": Text("Last name"),
    "company": Text("Company"),
    "address_1": Text("Street"),
    "address_2": Text("Floor and door"),
    "city": Text("City"),
    "state": Text("Region"),
    "postcode": Text("Postal code"),
    "country": Text("Country"),
    "email": Text("E-mail"),
    "phone": Text("Phone"),
    "name": Text("Name"),
    "product_id": Text("Product's number"),
    "variation_id": Text("Variant's number"),
    "quantity": Text("Quantity"),
    "tax_class": Text("VAT class"),
    "tax_status": Text("Has VAT"),
    "subtotal": Text("Without VAT, before discount"),
    "subtotal_tax": Text("VAT before discount"),
    "taxes": Text("VAT by rate"),
    "sku": Text("Item number"),
    "global_unique_id": Text("Item's barcode"),
    "price": Text("Price each"),
    "image": Text("Picture"),
    "parent_name": Text("Product"),
    "method_title": Text("Shipping method"),
    "method_id": Text("Kind of shipping"),
    "instance_id": Text("Shipping method's number"),
    "code": Text("Code"),
    "discount": Text("Discount without VAT"),
    "discount_type": Text("Kind of voucher"),
    "nominal_amount": Text("Discount or percent"),
    "free_shipping": Text("Free shipping"),
    "rate_code": Text("VAT rate's code"),
    "rate_id": Text("VAT rate's number"),
    "label": Text("VAT rate's name"),
    "compound": Text("VAT on top of VAT"),
    "tax_total": Text("VAT of the goods"),
    "shipping_tax_total": Text("VAT of the shipping"),
    "rate_percent": Text("VAT rate in percent"),
    "bundled_by": Text("Part of a bundle"),
    "bundled_items": Text("The bundle's parts"),
    "composite_parent": Text("Part of a composite product"),
}
# Of a line "total" is without VAT, of an order with it.
_OF_A_LINE: Mapping[str, Text] = {"total": Text("Without VAT"), "id": Text("The line's number")}
_ONE_OF: Mapping[str, Text] = {
    "line_items": Text("Order line"),
    "shipping_lines": Text("Shipping"),
    "fee_lines": Text("Fee"),
    "coupon_lines": Text("Coupon"),
    "tax_lines": Text("VAT rate"),
    "gift_cards": Text("Gift card"),
    "refunds": Text("Refund"),
}
_LINE = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


def meaning(name: str) -> Text:
    """A field's name in words: "line_items[1].quantity" is the second line's quantity, "refund.amount" a refund's
    amount. A name that is not known stands for itself."""
    line = _LINE.fullmatch(name.removeprefix("refund.").removeprefix("order."))
    if line is not None:
        field = _OF_A_LINE.get(line[3]) or MEANINGS.get(line[3]) or Text("“{name}”", name=line[3])
        kind = _ONE_OF.get(line[1]) or Text("“{name}”", name=line[1])
        return Text("{kind} {n}: {field}", kind=kind, n=str(int(line[2]) + 1), field=field)
    side, _, part = name.rpartition(".")
    if side in MEANINGS:
        return Text("{party}: {field}", party=MEANINGS[side], field=meaning(part))
    gmt = name.removesuffix("_gmt")
    return MEANINGS.get(gmt) or Text("“{name}”", name=name[:60])
