"""The owner's shops: added, paused, removed; their keys and their calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from dinero.dashboard.accounts import deposit_account
from dinero.dashboard.known_shops import KnownShops, trimmed
from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.settings import Choices
from dinero.environment import Environment, is_safe_url
from dinero.intake.fetches import Fetches
from dinero.intake.reading import LOOK_UPS, look_ups_of
from dinero.intake.reassessing import reassess
from dinero.model.clock import Clock
from dinero.model.documents import Event
from dinero.model.errors import DashboardError, SettingsError, StorageFailed, TryLater
from dinero.model.health import FetchRecord, shop_connection
from dinero.model.i18n import Text
from dinero.model.settings import is_loopback
from dinero.model.shops import FIRST_SHOP, Shop, ShopState
from dinero.shops.shop_system import Access, Checked, ShopClient, ShopSystem
from dinero.shops.systems import SYSTEMS, system_of
from dinero.store import Store
from dinero.store.look_ups import of_shop
from dinero.store.vault import Vault

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class ShopStatus:
    """A shop as it stands: how many of its orders are known, when they were fetched last, and what is wrong now."""

    shop: Shop
    orders: int
    fetched: FetchRecord | None
    reason: Text | None

    @property
    def fetched_at(self) -> datetime | None:
        """When its orders were read last."""
        return self.fetched.at if self.fetched is not None else None


class Shops:
    """The shops of one data folder."""

    def __init__(
        self, given: Environment, store: Store, vault: Vault, clock: Clock, settings: Choices, outcomes: Outcomes
    ) -> None:
        self._given = given
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings
        self._outcomes = outcomes
        self._known = KnownShops(store, settings, self._keys)

    # --- seen ----------------------------------------------------------------------------------------

    def all(self) -> list[Shop]:
        """The shops that were not removed, the oldest first."""
        return [shop for shop in self._store.shops.all().values() if shop.state is not ShopState.REMOVED]

    def active(self) -> list[Shop]:
        """The shops that orders are fetched from."""
        return [shop for shop in self.all() if shop.state is ShopState.ACTIVE]

    @property
    def several(self) -> bool:
        """Whether orders may be of more than one shop, removed ones too."""
        return len(self._store.shops.all()) > 1

    @property
    def is_connected(self) -> bool:
        """Whether there is a shop with its keys."""
        return any(self.has_keys(shop.name) for shop in self.all())

    def has_keys(self, name: str) -> bool:
        """Whether the keys of a shop are stored."""
        return self._store.secrets.get(_secret(name)) is not None

    def statuses(self) -> list[ShopStatus]:
        """Every shop as it stands, removed ones too."""
        counted = self._store.sums.by_shop()
        return [self._status(shop, counted.get(shop.name, 0)) for shop in self._store.shops.all().values()]

    def _status(self, shop: Shop, orders: int) -> ShopStatus:
        fetched = Fetches(self._store, shop.name).last()
        reason = self._outcomes.of(shop_connection(shop.name)).problem or (fetched.problem if fetched else None)
        return ShopStatus(shop, orders, fetched, reason if shop.state is ShopState.ACTIVE else None)

    def named(self, name: str) -> Shop:
        """A shop by its name or by what the owner calls it. Raises SettingsError."""
        shops = self._store.shops.all()
        found = shops.get(name) or next((shop for shop in shops.values() if shop.title == name), None)
        if found is None:
            names = ", ".join(shops) or "–"
            raise SettingsError(Text("There is no shop “{name}”. The shops: {names}", name=name[:40], names=names))
        return found

    # --- added and changed ---------------------------------------------------------------------------

    def add(
        self,
        system: str,
        keys: Mapping[str, str],
        *,
        address: str = "",
        title: str = "",
        trigger: str | None = None,
        take_over_date: date | None = None,
        take_over_number: int | None = None,
        look_ups: Mapping[str, Any] | None = None,
    ) -> Shop:
        """Proves keys with few calls, and adds their shop; one that is known already, a removed one too, is the same
        shop again: its orders are never another's. A shop beside others has its own moment of transfer and its own
        start, those of all shops where none is told. Raises DashboardError."""
        if system not in SYSTEMS:
            raise SettingsError(Text("There is no shop system “{name}”.", name=system[:40]))
        of = system_of(system)
        address = self.checked_address(of, address)
        checked = self.client_of(of, self._complete(of, keys), address).check()
        address = (checked.address or address) if not of.address else ""
        shop = self._known.same(of, address, keys, checked)
        if shop is not None and address and shop.address != address and shop.state is not ShopState.REMOVED:
            raise SettingsError(
                Text(
                    "These orders are those of {webshop}, which is read at {address}. If the shop has moved, remove it "
                    "and add it again. Leave a copy of it out.",
                    webshop=shop.title,
                    address=shop.address,
                )
            )
        if shop is None:
            shop = self._known.new(of, address, title.strip(), checked.name)
            self._start(shop, trigger or of.proposed_trigger, take_over_date, take_over_number)
        elif title.strip() and title.strip() != shop.title:
            shop = replace(shop, title=self._known.free_title(title.strip(), but=shop.name))
        return self._keep(replace(shop, address=address, state=ShopState.ACTIVE), keys, checked, look_ups)

    def connect(self, name: str, keys: Mapping[str, str], *, look_ups: Mapping[str, Any] | None = None) -> Shop:
        """Proves other keys for a shop and stores them. Raises DashboardError, and SettingsError for those of another
        shop: its orders would be taken for this one's."""
        shop = self.named(name)
        if shop.state is ShopState.REMOVED:
            shop = replace(shop, state=ShopState.ACTIVE)
        of = system_of(shop.system)
        checked = self.client_of(of, self._complete(of, keys), self._address(shop)).check()
        same = self._known.same(of, shop.address, keys, checked)
        if (same is not None and same.name != name) or self._known.has_order(of, shop, checked.sample) is False:
            raise SettingsError(
                Text("These keys are of another shop than {webshop}. Add it as a new shop.", webshop=shop.title)
            )
        return self._keep(shop, keys, checked, look_ups)

    def _keep(self, shop: Shop, keys: Mapping[str, str], checked: Checked, look_ups: Mapping[str, Any] | None) -> Shop:
        name, connection = shop.name, shop_connection(shop.name)
        was = self._store.shops.get(name)
        with self._store.transaction():
            self._store.shops.save(shop)
            self._vault.put(_secret(name), {**trimmed(keys), **checked.keys})
            if look_ups is not None:
                self._store.look_ups.put(of_shop(name, LOOK_UPS), {**look_ups_of(self._store, name), **look_ups})
            self._outcomes.clear(connection)
            self._outcomes.succeeded(connection)
            text = Text("The shop was connected.")
            if self.several:
                text = Text("The shop {webshop} was connected.", webshop=shop.title)
            self._store.history.add(Event("connected", text))
        if was is None or was.state is not shop.state:
            reassess(self._store)
        return shop

    def _start(self, shop: Shop, trigger: str | None, first: date | None, number: int | None) -> None:
        """What a new shop's orders go by. The first shop's choices are those of all."""
        if len(self._store.shops.all()) == 0:
            return
        chosen = self._settings.load()
        has_start = first is not None or number is not None
        self.choose(
            shop.name,
            trigger=trigger,
            take_over_date=first if has_start else chosen.take_over_date,
            take_over_number=number if has_start else chosen.take_over_number,
            not_let_in=chosen.backfills,
        )

    def choose(self, name: str, **choices: Any) -> None:
        """Stores choices for one shop alone (fields of ShopChoice). Raises SettingsError."""
        if (number := choices.get("booking_account")) is not None:
            choices["booking_account_name"] = deposit_account(self._settings.load(), number).name
        self._settings.save_of_shop(name, **choices)

    def rename(self, name: str, title: str) -> Shop:
        """Gives a shop another title. Guids and references stay. Raises SettingsError."""
        shop = replace(self.named(name), title=self._known.free_title(title.strip(), but=name))
        self._store.shops.save(shop)
        return shop

    def pause(self, name: str) -> Shop:
        """Fetches and transfers no more from a shop; what was begun in Dinero is brought to its end."""
        text = Text("The shop {webshop} was paused.", webshop=self.named(name).title)
        return self._set_state(name, ShopState.PAUSED, text)

    def resume(self, name: str) -> Shop:
        """Fetches and transfers from a paused shop again. Raises SettingsError for one that was removed."""
        shop = self.named(name)
        if shop.state is ShopState.REMOVED or not self.has_keys(shop.name):
            text = Text("The shop {webshop} was removed. Add it again with its keys.", webshop=shop.title)
            raise SettingsError(text)
        return self._set_state(name, ShopState.ACTIVE, Text("The shop {webshop} goes on.", webshop=shop.title))

    def remove(self, name: str) -> Shop:
        """Forgets a shop's keys. Its orders and all that was booked of them stay."""
        shop = self.named(name)
        self._vault.put(_secret(shop.name), None)
        self._outcomes.clear(shop_connection(shop.name))
        return self._set_state(name, ShopState.REMOVED, Text("The shop {webshop} was removed.", webshop=shop.title))

    def _set_state(self, name: str, state: ShopState, text: Text) -> Shop:
        shop = self.named(name)
        if shop.state is not state:
            shop = replace(shop, state=state)
            with self._store.transaction():
                self._store.shops.save(shop)
                self._store.history.add(Event("settings", text))
            reassess(self._store)
        return shop

    # --- where it is ---------------------------------------------------------------------------------

    def checked_address(self, of: ShopSystem, address: str) -> str:
        """Where a shop's calls go. Raises SettingsError for an address that keys may not be sent to."""
        if of.address:
            return self.address_of(of)
        address = address.strip().rstrip("/")
        if address and "://" not in address:
            address = f"https://{address}"
        if not is_safe_url(address):
            raise SettingsError(Text("Enter the shop's address as it is on the internet: https://…"))
        if is_loopback(urlsplit(address).hostname) != self._given.demo:
            raise SettingsError(Text("A demo has shops of the demo only, and the real Dinero has real shops only."))
        return address

    def address_of(self, of: ShopSystem) -> str:
        """Where all shops of a system are; "" where each has an address of its own."""
        return of.address and (self._given.told(of.address_variable) or of.address)

    def _address(self, shop: Shop) -> str:
        return self.checked_address(system_of(shop.system), shop.address)

    @staticmethod
    def _complete(of: ShopSystem, keys: Mapping[str, str]) -> dict[str, str]:
        told = trimmed(keys)
        if any(not told.get(key.name) for key in of.keys):
            raise SettingsError(Text("Enter the shop's keys: {names}.", names=tuple(key.label for key in of.keys)))
        return told

    # --- calls to it, and from it --------------------------------------------------------------------

    def client(self, name: str) -> ShopClient:
        """A client for a shop, whose outcomes are noted. Raises SettingsError when its keys are not there."""
        shop, keys = self.named(name), self._keys(name)
        if not keys:
            text = Text("The shop {webshop} is not connected. Enter its keys under Set-up.", webshop=shop.title)
            raise SettingsError(text)
        of = system_of(shop.system)
        connection = shop_connection(name)

        def note(error: DashboardError | None) -> None:
            if error is None:
                self._outcomes.succeeded(connection)
            elif not isinstance(error, StorageFailed):
                self._outcomes.failed(connection, error)

        access = Access(
            self._address(shop), keys, self._clock, look_ups_of(self._store, name), self._spend(of, name), note
        )
        return of.client(access)

    def client_of(self, of: ShopSystem, keys: Mapping[str, str], address: str) -> ShopClient:
        """A client for keys that are tried: what comes of it says nothing about those that are stored."""
        return of.client(Access(address, keys, self._clock, spend=self._spend(of, of.key)))

    def look_up(self, name: str) -> Mapping[str, Any]:
        """Asks a shop what is the same for all of its orders, and keeps it. Raises DashboardError."""
        found = {**look_ups_of(self._store, name), **self.client(name).look_ups()}
        self._store.look_ups.put(of_shop(name, LOOK_UPS), found)
        return found

    def look_ups(self, name: str) -> Mapping[str, Any]:
        """What a shop told last of what is the same for all of its orders; empty where it was never asked."""
        return look_ups_of(self._store, name)

    def _keys(self, name: str) -> dict[str, str]:
        kept = self._vault.get(_secret(name))
        return {"key": kept} if isinstance(kept, str) else dict(kept or {})  # as it was kept when there was one shop

    def _spend(self, of: ShopSystem, name: str) -> Callable[[], None]:
        def spend() -> None:
            seconds = self._store.calls.take(name, limit=of.calls_a_day or UNBOUNDED, window=DAY)
            if seconds > 0:
                text = Text(
                    "The webshop allows {calls} calls a day, and they are used. Fetch again later.",
                    calls=of.calls_a_day,
                )
                raise TryLater(text, seconds=seconds)

        return spend

    def calls_today(self, name: str = FIRST_SHOP) -> int:
        """Calls to a shop in the last 24 hours."""
        return self._store.calls.count(name, window=DAY)

    def calls_left(self, name: str = FIRST_SHOP) -> int | None:
        """Calls to a shop that are left of the last 24 hours' allowance; None where its system allows any number."""
        allowed = system_of(self.named(name).system).calls_a_day
        return None if allowed is None else max(0, allowed - self.calls_today(name))

    def calls(self) -> dict[str, int]:
        """Calls in the last 24 hours to each active shop whose system allows a number of them."""
        return {shop.name: self.calls_today(shop.name) for shop in self.active() if system_of(shop.system).calls_a_day}

    def webhook_address(self, name: str) -> str:
        """The address that a shop may call; without a public https address it is only its path."""
        return f"{self._given.public_url or ''}/webhooks/{name}/{self.webhook_secret(name)}"

    def webhook_secret(self, name: str) -> str:
        """The last part of the address that a shop may call. It follows from the vault's key."""
        return self._vault.derive(f"{name} webhook")[:40]


UNBOUNDED = 1_000_000


def _secret(name: str) -> str:
    return "shop.key" if name == FIRST_SHOP else f"shop.key:{name}"
