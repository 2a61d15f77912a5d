"""An order as WooCommerce 11.0.1 keeps it when a cart is bought: its head, and the sums of woocommerce_cart.py."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dinero.sandbox.woocommerce_cart import Cart, Settings, calculate
from dinero.sandbox.woocommerce_json import Raw, kept_amounts, meta

WITHOUT_MONEY = ("bacs", "cheque", "cod", "")  # ways to pay that tell of no transaction
METHODS = {
    "bacs": "Bankoverførsel",
    "cheque": "Check payments",
    "cod": "Efterkrav",
    "quickpay": "Betalingskort",
    "mobilepay": "MobilePay",
    "onpay_card": "Dankort/Visa/Mastercard",
}
_ADDRESS = {
    "first_name": "Test",
    "last_name": "Kunde",
    "company": "",
    "address_1": "Prøvevej 1",
    "address_2": "",
    "city": "København Ø",
    "state": "",
    "postcode": "2100",
    "country": "DK",
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, and how it is paid: `address` replaces parts of the customer's, `told` are entries of meta_data."""

    email: str = "kunde@example.com"
    method: str = "quickpay"
    address: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


def placed(
    order_id: int,
    cart: Cart,
    settings: Settings,
    buyer: Buyer,
    ids: Iterator[int],
    moment: str,
    *,
    status: str = "processing",
    paid: bool = True,
) -> Raw:
    """The order of a cart that is bought at a moment, as it is kept. `ids` gives the next id of a line or an entry."""
    amounts = kept_amounts(calculate(cart, settings), cart, settings, ids)
    where = _ADDRESS | {"country": cart.country} | dict(buyer.address)
    sent = where if cart.freight is not None else dict.fromkeys(where, "")
    secret = hashlib.sha256(f"{order_id}".encode()).hexdigest()
    entries = [meta(next(ids), key, value) for key, value in buyer.told.items()]
    exemption = meta(next(ids), "is_vat_exempt", "yes" if cart.exempt else "no")
    return {
        "id": order_id,
        "parent_id": 0,
        "status": status,
        "currency": settings.currency,
        "version": "11.0.1",
        "customer_id": 0,
        "order_key": f"wc_order_{secret[:13]}",
        "billing": {**where, "email": buyer.email, "phone": "12345678"},
        "shipping": {**sent, "phone": ""},
        "payment_method": buyer.method,
        "payment_method_title": METHODS.get(buyer.method, buyer.method),
        "transaction_id": "" if buyer.method in WITHOUT_MONEY or not paid else f"txn_{order_id}",
        "customer_ip_address": "192.0.2.1",
        "customer_user_agent": "",
        "created_via": "checkout",
        "customer_note": "",
        "cart_hash": secret[:32],
        "number": str(order_id),
        "needs_processing": True,
        "date_created_gmt": moment,
        "date_modified_gmt": moment,
        "date_completed_gmt": moment if status == "completed" else None,
        "date_paid_gmt": moment if paid else None,
        **amounts,
        "meta_data": [*entries, *amounts["meta_data"], exemption],
    }
