"""The shop systems that there are. A new one is a folder and a line here."""

from collections.abc import Mapping

from dinero.shops.shop_system import ShopSystem
from dinero.shops.shoporama.system import ShoporamaSystem
from dinero.shops.woocommerce.system import WOOCOMMERCE

_ALL: tuple[ShopSystem, ...] = (ShoporamaSystem(), WOOCOMMERCE)
SYSTEMS: Mapping[str, ShopSystem] = {system.key: system for system in _ALL}


def system_of(key: str) -> ShopSystem:
    """A system by its key; every stored shop has one of them."""
    return SYSTEMS[key]
