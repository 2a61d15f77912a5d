"""The ways to a shop and back: the owner approves at its own site, and it calls when something happened there."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from dinero.dashboard.shops import Shops
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.shops import FIRST_SHOP, ShopState
from dinero.shops.shop_system import Ring
from dinero.shops.shoporama.sign_in import oauth_start_url, read_oauth_return
from dinero.shops.systems import system_of
from dinero.store import Store

STATE, STATE_AGE = "shop", timedelta(minutes=10)
FORM, FORM_AGE = "shop form", timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WantedShop:
    """What the owner chose for a shop before approving at its site: for a new one, or for one that is there, by its
    name (`shop`). `in_query`: its keys may go in addresses."""

    shop: str = ""
    title: str = ""
    address: str = ""
    trigger: str | None = None
    first: date | None = None
    in_query: bool = False

    def dumps(self) -> bytes:
        """As it travels with a state."""
        return json.dumps({**asdict(self), "first": self.first.isoformat() if self.first else None}).encode()

    @classmethod
    def loads(cls, payload: bytes) -> "WantedShop":
        """What `dumps` made."""
        told = json.loads(payload)
        return cls(**{**told, "first": date.fromisoformat(told["first"]) if told["first"] else None})


class ShopForms:
    """What was chosen on the page travels to the address that leaves for the shop's site under a ticket that nobody
    can guess: else another site's link could add a shop of its own here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, wanted: WantedShop) -> str:
        """The ticket for what was chosen; it can be used once."""
        ticket = secrets.token_urlsafe(32)
        self._store.states.open(state_hash(ticket), FORM, wanted.dumps())
        return ticket

    def take(self, ticket: str) -> WantedShop:
        """What was chosen. Raises SettingsError for a ticket that is old, used or made up."""
        payload = self._store.states.spend(state_hash(ticket), FORM, max_age=FORM_AGE)
        if payload is None:
            raise SettingsError(Text("This way to the webshop is too old or was used before. Fill in the form again."))
        return WantedShop.loads(payload)


class ShoporamaWay:
    """The way to Shoporama, where the owner approves, and back with a key."""

    def __init__(self, store: Store, shops: Shops, forms: ShopForms) -> None:
        self._store = store
        self._shops = shops
        self._forms = forms

    def start(self, redirect_uri: str, shop: str = "", form: str = "") -> str:
        """The address at Shoporama where the owner approves: for a shop by its name, or for a new one, with what was
        chosen for it under the ticket `form`. Raises SettingsError."""
        wanted = self._forms.take(form) if form else WantedShop(shop=shop[:200])
        state = secrets.token_urlsafe(32)
        self._store.states.open(state_hash(state), STATE, wanted.dumps())
        return oauth_start_url(self._shops.address_of(system_of(FIRST_SHOP)), redirect_uri, state)

    def finish(self, answer: Mapping[str, str]) -> None:
        """Takes Shoporama's answer, which carries the key. Raises DashboardError with what to do."""
        payload = self._store.states.spend(state_hash(answer.get("state", "")), STATE, max_age=STATE_AGE)
        if payload is None:
            raise SettingsError(Text("The answer from Shoporama is too old or was used before. Connect again."))
        wanted = WantedShop.loads(payload)
        system = system_of(FIRST_SHOP)
        grant = read_oauth_return(answer, self._shops.address_of(system))
        told = None if grant.prices_include_vat is None else {"prices_include_vat": grant.prices_include_vat}
        if wanted.shop:
            self._shops.connect(wanted.shop, {"key": grant.token}, look_ups=told)
        else:
            self._shops.add(
                system.key,
                {"key": grant.token},
                title=wanted.title or grant.shop_name,
                trigger=wanted.trigger,
                take_over_date=wanted.first,
                look_ups=told,
            )


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


def state_hash(state: str) -> str:
    """By which a state is kept: what is stored lets nobody come back with it."""
    return hashlib.sha256(state.encode()).hexdigest()
