"""Shoporama behind the contract of all shop systems."""

from collections.abc import Mapping
from typing import Any

from dinero.model.i18n import Text
from dinero.model.orders import Order
from dinero.shops import values
from dinero.shops.shop_system import Access, FieldRead, Key, ReadContext, Ring
from dinero.shops.shoporama.client import Shoporama
from dinero.shops.shoporama.explain import explain, unused_keys
from dinero.shops.shoporama.orders import id_of, read_order
from dinero.shops.shoporama.personal import names_in, without_customer


class ShoporamaSystem:
    """Shoporama: one address for all shops, and the key decides which one is meant (facts.md, Shoporama 1)."""

    key = "shoporama"
    name = "Shoporama"
    keys = (Key("key", Text("API key"), "SHOPORAMA_KEY"),)
    address = "https://www.shoporama.dk"
    address_variable = "SHOPORAMA_URL"
    calls_a_day = 1000  # facts.md, Shoporama 1
    proposed_trigger = None

    def client(self, access: Access) -> Shoporama:
        """Speaks to the shop of the key."""
        return Shoporama(
            access.address,
            access.keys.get("key", ""),
            clock=access.clock,
            spend=access.spend,
            timeout=access.timeout,
            on_outcome=access.on_outcome,
        )

    def id_of(self, raw: Any) -> str:
        """See ShopSystem."""
        return id_of(raw)

    def digest(self, raw: Any) -> str:
        """See ShopSystem: every field counts, because no real answer is publicly known."""
        return values.digest(raw)

    def read(self, raw: Any, context: ReadContext) -> Order:
        """See ShopSystem."""
        return read_order(
            raw,
            shop=context.shop,
            countries=context.look_ups.get("countries", {}),
            gateways=context.look_ups.get("gateways", {}),
            prices_include_vat=context.look_ups.get("prices_include_vat", True),
            currency=context.currency,
        )

    def explain(self, raw: Any, order: Order, language: str) -> list[FieldRead]:
        """See ShopSystem."""
        return explain(raw, order, language)

    def unused_keys(self, raw: Any) -> list[str]:
        """See ShopSystem."""
        return unused_keys(raw)

    def without_customer(self, raw: Any) -> Any:
        """See ShopSystem."""
        return without_customer(raw)

    def names_in(self, raw: Any) -> list[str]:
        """See ShopSystem."""
        return names_in(raw)

    def ring(self, body: bytes, headers: Mapping[str, str], secret: str) -> Ring:
        """See ShopSystem: Shoporama signs nothing, so the address alone is the secret."""
        return Ring.RUNG

    def page_of(self, raw: Any, address: str) -> str:
        """See ShopSystem: where an order is in Shoporama's own pages is not known."""
        return ""
