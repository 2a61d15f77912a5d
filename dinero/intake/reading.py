"""Reads stored orders with the shop's look-ups as they were fetched last."""

from collections.abc import Callable

from dinero.model.documents import StoredOrder
from dinero.model.money import DKK
from dinero.model.orders import Order
from dinero.shops import values
from dinero.shops.shoporama.orders import read_order
from dinero.store import Store

COUNTRIES = "shop:countries"
GATEWAYS = "shop:gateways"
PRICES = "shop:prices_include_vat"

OrderReader = Callable[[StoredOrder], Order]


def order_reader(store: Store, currency: str = DKK) -> OrderReader:
    """A reader of stored orders; `currency` is the shop's, for orders that name none."""
    countries, gateways, prices = (store.look_ups.get(key) for key in (COUNTRIES, GATEWAYS, PRICES))

    def read(row: StoredOrder) -> Order:
        return read_order(
            values.loads(row.raw),
            shop=row.shop,
            countries=countries[0] if countries else {},
            gateways=gateways[0] if gateways else {},
            prices_include_vat=prices[0] if prices else True,
            currency=currency,
        )

    return read
