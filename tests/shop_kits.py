"""What the tests of every shop system need of one: a shop of it in the sandbox, and how its orders come and change."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Protocol

from dinero.model.clock import COPENHAGEN
from dinero.sandbox import Sandbox, make_order
from dinero.sandbox.woocommerce import FOLDER
from dinero.sandbox.woocommerce_keys import KEY, SECRET
from dinero.shops.shop_system import Access, ShopSystem
from dinero.shops.systems import SYSTEMS


class ShopKit(Protocol):
    """A shop of one system in the sandbox."""

    system: ShopSystem

    def access(self, sandbox: Sandbox) -> Access:
        """How it is reached."""

    def orders(self, sandbox: Sandbox) -> list[str]:
        """The ids of all of its orders and refunds."""

    def sell(self, sandbox: Sandbox, number: int) -> str:
        """A new, plain, paid and sent order, now; returns its id."""

    def change(self, sandbox: Sandbox, order_id: str) -> None:
        """An order is changed, now."""


class ShoporamaKit:
    """Shoporama in the sandbox."""

    system = SYSTEMS["shoporama"]

    def access(self, sandbox: Sandbox) -> Access:
        """See ShopKit."""
        return Access(sandbox.url, {"key": sandbox.shop.key}, sandbox.clock)

    def orders(self, sandbox: Sandbox) -> list[str]:
        """See ShopKit."""
        return [str(order["order_id"]) for order in sandbox.shop.orders]

    def sell(self, sandbox: Sandbox, number: int) -> str:
        """See ShopKit."""
        now = _local(sandbox)
        sandbox.shop.add(make_order(order_id=number, webshop_order_id=number, time=now, last_modified=now, paid=now))
        return str(number)

    def change(self, sandbox: Sandbox, order_id: str) -> None:
        """See ShopKit."""
        (order,) = (order for order in sandbox.shop.orders if str(order["order_id"]) == order_id)
        sandbox.shop.add(order | {"last_modified": _local(sandbox), "comments": "Ring først"})


def _local(sandbox: Sandbox) -> str:
    return sandbox.clock.now().astimezone(UTC).astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")


class WooCommerceKit:
    """WooCommerce in the sandbox."""

    system = SYSTEMS["woocommerce"]

    def access(self, sandbox: Sandbox) -> Access:
        """See ShopKit."""
        keys = {"key": KEY, "secret": SECRET}
        return Access(f"{sandbox.url}{FOLDER}", keys, sandbox.clock)

    def orders(self, sandbox: Sandbox) -> list[str]:
        """See ShopKit."""
        shown = [one for one in sandbox.woocommerce.orders if _is_listed(sandbox, one)]
        refunds = [refund["id"] for one in shown for refund in sandbox.woocommerce.orders.refunds_of(one)]
        return [str(one) for one in (*shown, *refunds)]

    def sell(self, sandbox: Sandbox, number: int) -> str:
        """See ShopKit."""
        email = f"kunde{number}@example.com"
        return str(sandbox.woocommerce.sell(email=email, status="completed", id=number))

    def change(self, sandbox: Sandbox, order_id: str) -> None:
        """See ShopKit."""
        if int(order_id) in sandbox.woocommerce.orders:  # a refund never changes
            sandbox.woocommerce.change(int(order_id), customer_note="Ring først")


def _is_listed(sandbox: Sandbox, order_id: int) -> bool:
    order = sandbox.woocommerce.orders.get(order_id)
    return order is not None and order["status"] not in ("trash", "checkout-draft", "auto-draft")


KITS: Mapping[str, ShopKit] = {"shoporama": ShoporamaKit(), "woocommerce": WooCommerceKit()}


def listed(kit: ShopKit, sandbox: Sandbox) -> list[Any]:
    """All orders of a kit's shop, as raw as its client brings them."""
    client = kit.system.client(kit.access(sandbox))
    return [raw for batch in client.fetch(None, lambda ids: frozenset()) for raw in batch.rows]
