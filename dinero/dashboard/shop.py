"""The webshop: its key, its calls a day, and the address that it may call."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.settings import Choices
from dinero.intake import reading
from dinero.model.clock import Clock
from dinero.model.documents import Event
from dinero.model.errors import DashboardError, SettingsError, StorageFailed, TryLater
from dinero.model.health import SHOP
from dinero.model.i18n import Text
from dinero.shops.shoporama.client import Shoporama
from dinero.shops.shoporama.sign_in import oauth_start_url, read_oauth_return
from dinero.store import Store
from dinero.store.vault import Vault

SHOP_CALLS_A_DAY = 1000  # facts.md, Shoporama 1
DAY = 86_400.0
SHOP_STATE = "shop"
SHOP_STATE_AGE = timedelta(minutes=10)
SHOP_KEY = "shop.key"
BUDGET = "shoporama"


class Shop:
    """The shop of one data folder, at `url`; `public_url` is the dashboard's own address on the internet, if any."""

    calls_a_day = SHOP_CALLS_A_DAY

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        settings: Choices,
        outcomes: Outcomes,
        *,
        url: str,
        public_url: str | None,
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings
        self._outcomes = outcomes
        self._url = url
        self._public_url = public_url

    # --- connecting ----------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether a key to the shop is stored."""
        return self._store.secrets.get(SHOP_KEY) is not None

    def connect(self, key: str) -> None:
        """Proves the shop's API key with one call and stores it. Raises DashboardError."""
        if not key.strip():
            raise SettingsError(Text("Enter the shop's API key."))
        self.client(key.strip()).check()
        self._vault.put(SHOP_KEY, key.strip())
        self._outcomes.clear(SHOP)
        self._outcomes.succeeded(SHOP)
        self._store.history.add(Event("connected", Text("The shop was connected.")))

    def start(self, redirect_uri: str) -> str:
        """The address at Shoporama where the owner approves."""
        state = secrets.token_urlsafe(32)
        self._store.states.open(_hash(state), SHOP_STATE, b"")
        return oauth_start_url(self._url, redirect_uri, state)

    def finish(self, answer: Mapping[str, str]) -> None:
        """Takes Shoporama's answer, which carries the key. Raises DashboardError with what to do."""
        state = answer.get("state", "")
        if self._store.states.spend(_hash(state), SHOP_STATE, max_age=SHOP_STATE_AGE) is None:
            raise SettingsError(Text("The answer from Shoporama is too old or was used before. Connect again."))
        grant = read_oauth_return(answer, self._url)
        self.connect(grant.token)
        if grant.prices_include_vat is not None:
            self._store.look_ups.put(reading.PRICES, grant.prices_include_vat)
        self._settings.save(shop_name=grant.shop_name or None)

    # --- calls to it, and from it --------------------------------------------------------------------

    def client(self, key: str | None = None) -> Shoporama:
        """A client for the shop. Raises SettingsError when no key is there."""
        if key:  # one that is tried, which says nothing about the one that is stored
            return Shoporama(self._url, key, clock=self._clock, spend=self._spend_call)
        key = self._vault.get(SHOP_KEY)
        if not key:
            raise SettingsError(Text("The shop is not connected. Enter the shop's API key on the set-up page."))
        return Shoporama(self._url, key, clock=self._clock, spend=self._spend_call, on_outcome=self._note)

    def _note(self, error: DashboardError | None) -> None:
        if error is None:
            self._outcomes.succeeded(SHOP)
        elif not isinstance(error, StorageFailed):
            self._outcomes.failed(SHOP, error)

    def _spend_call(self) -> None:
        seconds = self._store.calls.take(BUDGET, limit=SHOP_CALLS_A_DAY, window=DAY)
        if seconds > 0:
            text = Text(
                "Shoporama allows {calls} calls a day, and they are used. Fetch again later.", calls=SHOP_CALLS_A_DAY
            )
            raise TryLater(text, seconds=seconds)

    def calls_today(self) -> int:
        """Calls to the shop in the last 24 hours, of `calls_a_day`."""
        return self._store.calls.count(BUDGET, window=DAY)

    def calls_left(self) -> int:
        """Calls to the shop that are left of the last 24 hours' allowance."""
        return max(0, SHOP_CALLS_A_DAY - self.calls_today())

    def webhook_address(self) -> str:
        """The address that the shop may call; without a public https address it is only its path."""
        return f"{self._public_url or ''}/webhooks/shoporama/{self.webhook_secret()}"

    def webhook_secret(self) -> str:
        """The last part of the address that the shop may call. It follows from the vault's key."""
        return self._vault.derive("shoporama webhook")[:40]


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
