"""A month's sales of an invented Danish webshop on WooCommerce."""

from dinero.model.clock import Clock
from dinero.sandbox.woocommerce import WooCommerce


def make_shop(count: int, seed: int, clock: Clock) -> WooCommerce:
    """A shop with `count` orders."""
    shop = WooCommerce(clock)
    for _ in range(count):
        shop.sell()
    return shop
