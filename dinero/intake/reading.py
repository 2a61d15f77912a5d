"""Reads stored orders, each as its shop's system does, with the look-ups that were fetched last."""

from collections.abc import Callable, Mapping
from typing import Any

from dinero.model.documents import StoredOrder
from dinero.model.orders import Order
from dinero.model.settings import Settings
from dinero.shops import values
from dinero.shops.shop_system import ReadContext, ShopSystem
from dinero.shops.systems import SYSTEMS
from dinero.store import Store
from dinero.store.look_ups import of_shop

LOOK_UPS = "look_ups"  # of a shop: what its client looked up

OrderReader = Callable[[StoredOrder], Order]


def order_reader(store: Store, settings: Settings) -> OrderReader:
    """A reader of stored orders."""
    contexts: dict[str, tuple[ShopSystem, ReadContext]] = {}

    def read(row: StoredOrder) -> Order:
        if row.shop not in contexts:
            contexts[row.shop] = system_of_shop(settings, row.shop), context_of(store, settings, row.shop)
        system, context = contexts[row.shop]
        return system.read(values.loads(row.raw), context)

    return read


def context_of(store: Store, settings: Settings, shop: str) -> ReadContext:
    """What a reader needs of a shop besides its orders."""
    return ReadContext(shop, settings.of_shop(shop).shop_currency, look_ups_of(store, shop))


def look_ups_of(store: Store, shop: str) -> Mapping[str, Any]:
    """What a shop's client looked up last; empty where it never did."""
    cached = store.look_ups.get(of_shop(shop, LOOK_UPS))
    return cached[0] if cached else {}


def system_of_shop(settings: Settings, shop: str) -> ShopSystem:
    """The system of a shop; an order of no known shop is read as the system that its shop is called after."""
    known = settings.known_shops.get(shop)
    return SYSTEMS[known.system if known is not None else shop]
