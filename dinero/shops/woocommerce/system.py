"""WooCommerce as a shop system: the contract of `dinero/shops/shop_system.py`, fulfilled by the modules beside this."""

from collections.abc import Mapping
from typing import Any

from dinero.model.i18n import Text
from dinero.model.orders import Order
from dinero.shops import values
from dinero.shops.shop_system import Access, FieldRead, Key, ReadContext, Ring, ShopSystem
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce import explain, orders
from dinero.shops.woocommerce.client import WooCommerce
from dinero.shops.woocommerce.hooks import is_ping, is_signed
from dinero.shops.woocommerce.refunds import is_refund


class _WooCommerceSystem:
    """Orders over `wc/v3`, refunds as credit notes of their own (facts.md, WooCommerce 1)."""

    key = "woocommerce"
    name = "WooCommerce"
    keys: tuple[Key, ...] = (
        Key("key", Text("Consumer key (ck_…)"), "WOOCOMMERCE_KEY"),
        Key("secret", Text("Consumer secret (cs_…)"), "WOOCOMMERCE_SECRET"),
    )
    address = ""
    address_variable = "WOOCOMMERCE_URL"
    calls_a_day: int | None = None
    # Paid is mostly reserved, and completed is when gateways take the money (facts.md, WooCommerce 2.8).
    proposed_trigger: str | None = "sent"

    def client(self, access: Access) -> WooCommerce:
        """Speaks to one shop."""
        return WooCommerce(access)

    def id_of(self, raw: Any) -> str:
        """The id of an order or a refund: they come from one sequence (facts.md, WooCommerce 2.1)."""
        told = raw["refund"] if is_refund(raw) else raw
        try:
            return values.identifier(told.get("id")) if isinstance(told, dict) else ""
        except Unreadable:
            return ""

    def digest(self, raw: Any) -> str:
        """A hash by which a change of the order is seen."""
        return explain.digest(raw)

    def read(self, raw: Any, context: ReadContext) -> Order:
        """The order or credit note that `raw` tells of."""
        return orders.read(raw, context)

    def explain(self, raw: Any, order: Order, language: str) -> list[FieldRead]:
        """How each field of `raw` was read into `order`."""
        return explain.explain(raw, order, language)

    def unused_keys(self, raw: Any) -> list[str]:
        """The keys of `raw` that are not known, sorted."""
        return explain.unused_keys(raw)

    def without_customer(self, raw: Any) -> Any:
        """The order without who bought it."""
        return explain.without_customer(raw)

    def names_in(self, raw: Any) -> list[str]:
        """What the order calls its customer."""
        return explain.names_in(raw)

    def ring(self, body: bytes, headers: Mapping[str, str], secret: str) -> Ring:
        """What a call to the webhook's address is: saving a webhook pings, unsigned (facts.md, WooCommerce 2.5)."""
        if is_ping(body, headers.get("content-type", "")):
            return Ring.PING
        return Ring.RUNG if is_signed(body, headers.get("x-wc-webhook-signature", ""), secret) else Ring.FORGED

    def page_of(self, raw: Any, address: str) -> str:
        """The order's page in WordPress; a refund is shown on its order's."""
        order_id = self.id_of(raw["order"] if is_refund(raw) and isinstance(raw.get("order"), dict) else raw)
        return f"{address.rstrip('/')}/wp-admin/post.php?post={order_id}&action=edit" if order_id else ""


WOOCOMMERCE: ShopSystem = _WooCommerceSystem()
