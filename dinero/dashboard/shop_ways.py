"""The ways to a shop and back: the owner approves at its own site, and it calls when something happened there."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

from dinero.dashboard.shops import Shops
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.shops import FIRST_SHOP, ShopState
from dinero.shops.shop_system import Ring
from dinero.shops.shoporama.sign_in import oauth_start_url, read_oauth_return
from dinero.shops.systems import system_of
from dinero.store import Store

STATE, STATE_AGE = "shop", timedelta(minutes=10)


class ShoporamaWay:
    """The way to Shoporama, where the owner approves, and back with a key."""

    def __init__(self, store: Store, shops: Shops) -> None:
        self._store = store
        self._shops = shops

    def start(self, redirect_uri: str, shop: str = "") -> str:
        """The address at Shoporama where the owner approves: for a shop by its name, or for a new one."""
        state = secrets.token_urlsafe(32)
        self._store.states.open(_hash(state), STATE, shop.encode()[:200])
        return oauth_start_url(self._shops.address_of(system_of(FIRST_SHOP)), redirect_uri, state)

    def finish(self, answer: Mapping[str, str]) -> None:
        """Takes Shoporama's answer, which carries the key. Raises DashboardError with what to do."""
        shop = self._store.states.spend(_hash(answer.get("state", "")), STATE, max_age=STATE_AGE)
        if shop is None:
            raise SettingsError(Text("The answer from Shoporama is too old or was used before. Connect again."))
        system = system_of(FIRST_SHOP)
        grant = read_oauth_return(answer, self._shops.address_of(system))
        told = None if grant.prices_include_vat is None else {"prices_include_vat": grant.prices_include_vat}
        if shop:
            self._shops.connect(shop.decode(), {"key": grant.token}, look_ups=told)
        else:
            self._shops.add(system.key, {"key": grant.token}, title=grant.shop_name, look_ups=told)


class Bell:
    """A shop says that something happened there: it is read soon. Nothing of the call is believed."""

    def __init__(self, shops: Shops, nudge: Callable[[], None]) -> None:
        self._shops = shops
        self._nudge = nudge

    def ring(self, name: str, secret: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Takes a call with the secret part of its address; the HTTP status to answer with."""
        wanted = self._shops.webhook_secret(name)
        if not hmac.compare_digest(secret.encode(), wanted.encode()):
            return 404
        shop = next((one for one in self._shops.all() if one.name == name), None)
        if shop is None or shop.state is not ShopState.ACTIVE:
            return 204
        rung = system_of(shop.system).ring(body, headers, wanted)
        if rung is Ring.FORGED:
            return 401
        if rung is Ring.RUNG:
            self._nudge()
        return 204 if rung is Ring.RUNG else 200


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
