"""The way to a WooCommerce shop, where the owner approves a key that may read, and back (facts.md, WooCommerce 4.3).

The shop's own server brings the key, to an address that anybody can call: what is brought counts only with the state
that the owner left with, once. WooCommerce deletes the key again unless it is answered with 200, so that is said only
when the shop is connected.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from dinero.dashboard.shop_ways import ShopForms, WantedShop, state_hash
from dinero.dashboard.shops import Shops
from dinero.model.errors import DashboardError, SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.model.shops import Shop
from dinero.shops.woocommerce.hooks import Grant, authorize_url, read_grant
from dinero.store import Store

SYSTEM = "woocommerce"
APP_NAME = "Dinero Dashboard"  # as WooCommerce asks the owner about it, and names the key
STATE_AGE = timedelta(minutes=30)  # the owner may have to sign in there first
CAME = "woocommerce.grant"  # what came of the last key that was brought, in the look-ups
CAME_AGE = timedelta(hours=1)
OK, WRONG, STRANGER, LATER = 200, 400, 401, 503


class WooCommerceWay:
    """The way there and back. It needs an https address of the dashboard that the shop's server can call."""

    def __init__(self, store: Store, shops: Shops, forms: ShopForms, public_url: str | None) -> None:
        self._store = store
        self._shops = shops
        self._forms = forms
        self._public_url = public_url or ""

    @property
    def is_open(self) -> bool:
        """Whether a shop can bring a key here."""
        return self._public_url.startswith("https://")

    def start(self, form: str, *, back: str, keys: str) -> str:
        """The address at the shop where the owner approves what was chosen under the ticket `form`. `back` and `keys`
        are the paths here for the browser and for the shop's server. Raises SettingsError."""
        if not self.is_open:
            raise SettingsError(Text("The webshop can only bring its key to a dashboard with an https address."))
        wanted = self._forms.take(form)
        address = self._shops.named(wanted.shop).address if wanted.shop else wanted.address
        state = secrets.token_urlsafe(32)
        self._store.states.open(state_hash(state), SYSTEM, wanted.dumps())
        self._store.look_ups.put(CAME, None)
        return authorize_url(
            address,
            app_name=APP_NAME,
            state=state,
            return_url=self._public_url + back,
            callback_url=self._public_url + keys,
        )

    def take_key(self, body: bytes, content_type: str) -> int:
        """Takes what a shop's server brings; the HTTP status to answer with."""
        try:
            grant = read_grant(body, content_type)
        except DashboardError:
            return WRONG
        left_with = state_hash(grant.state)
        payload = self._store.states.spend(left_with, SYSTEM, max_age=STATE_AGE)
        if payload is None:
            return STRANGER
        try:
            shop = self._connect(WantedShop.loads(payload), grant)
        except DashboardError as error:
            self._note(left_with, "", error.text)
            return LATER if isinstance(error, TryLater) else WRONG
        more = Text("The key may write too. One that may only read is enough, and safer.") if grant.can_write else None
        self._note(left_with, shop.name, more)
        return OK

    def _connect(self, wanted: WantedShop, grant: Grant) -> Shop:
        keys = {**grant.keys, **({"in_query": "yes"} if wanted.in_query else {})}
        if wanted.shop:
            return self._shops.connect(wanted.shop, keys)
        return self._shops.add(
            SYSTEM,
            keys,
            address=wanted.address,
            title=wanted.title,
            trigger=wanted.trigger,
            take_over_date=wanted.first,
        )

    def _note(self, left_with: str, shop: str, text: Text | None) -> None:
        told = {"state": left_with, "shop": shop, "text": text.to_json() if text is not None else None}
        self._store.look_ups.put(CAME, told)

    def back(self, answer: Mapping[str, str]) -> str:
        """The browser is back: the name of the shop that was connected, and what is the same for all of its orders is
        looked up. Raises DashboardError with what came of it instead."""
        came = self._store.look_ups.get(CAME)
        if answer.get("success") == "0":
            raise SettingsError(Text("You said no at the webshop, so nothing was connected."))
        if came is None or came[0]["state"] != state_hash(answer.get("user_id", "")):
            raise SettingsError(Text("The webshop has brought no key. Connect again, or type the keys."))
        if not came[0]["shop"]:
            raise SettingsError(Text.from_json(came[0]["text"]))
        shop = str(came[0]["shop"])
        self._shops.look_up(shop)
        return shop

    def forget(self) -> None:
        """What came of the key that was brought last is not told any more: another way was taken."""
        self._store.look_ups.put(CAME, None)

    def told(self) -> Text | None:
        """What the owner is to know of the key that was brought last: why it was refused, or that it may too much."""
        came = self._store.look_ups.get(CAME)
        if came is None or came[0]["text"] is None or self._store.clock.now() - came[1] > CAME_AGE:
            return None
        return Text.from_json(came[0]["text"])
