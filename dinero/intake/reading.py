"""Reads stored orders with the shop's look-ups as they were fetched last."""

from collections.abc import Callable, Mapping
from typing import Any

from dinero.model.money import DKK
from dinero.model.orders import Order
from dinero.shops import values
from dinero.shops.shoporama.client import read_order
from dinero.store import Store

COUNTRIES = "shop:countries"
GATEWAYS = "shop:gateways"
PRICES = "shop:prices_include_vat"

OrderReader = Callable[[Mapping[str, Any]], Order]


def order_reader(store: Store, currency: str = DKK) -> OrderReader:
    """A reader of rows with "shop" and "raw"; `currency` is the shop's, for orders that name none."""
    countries, gateways, prices = (store.look_ups.get(key) for key in (COUNTRIES, GATEWAYS, PRICES))

    def read(row: Mapping[str, Any]) -> Order:
        return read_order(
            values.loads(row["raw"]),
            shop=row["shop"],
            countries=countries[0] if countries else {},
            gateways=gateways[0] if gateways else {},
            prices_include_vat=prices[0] if prices else True,
            currency=currency,
        )

    return read
