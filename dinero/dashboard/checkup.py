"""The check-up: what is missing or broken, each with what to do."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from dinero import __version__
from dinero.dashboard.accounts import Accounts
from dinero.dashboard.health import Health
from dinero.dashboard.settings import Choices
from dinero.dashboard.shops import Shops
from dinero.dashboard.sources import Sources
from dinero.model.acquirers import Way, acquirer_of
from dinero.model.errors import DashboardError
from dinero.model.findings import Finding
from dinero.model.health import shop_connection
from dinero.model.i18n import Text
from dinero.store import Store
from dinero.store.look_ups import ORIGIN_REFUSED

MISSING: dict[str, tuple[Text, Text]] = {
    "connection": (Text("Dinero is not connected."), Text("Connect to Dinero on the set-up page.")),
    "organization": (Text("No organization is chosen."), Text("Choose the organization on the set-up page.")),
    "trigger": (
        Text("It is not chosen when orders are transferred."),
        Text("Choose on the set-up page: when paid or when sent."),
    ),
    "booking_account": (Text("No booking account is chosen."), Text("Choose the booking account on the set-up page.")),
    "take_over": (
        Text("It is not chosen which orders to take."),
        Text("Choose which orders to take under Set-up."),
    ),
    "shop": (Text("The shop is not connected."), Text("Connect the shop on the set-up page.")),
}


class CheckUp:
    """Looks whether all is well; `public_url` is the dashboard's own address on the internet, if any."""

    def __init__(
        self,
        store: Store,
        settings: Choices,
        accounts: Accounts,
        shops: Shops,
        sources: Sources,
        health: Health,
        *,
        public_url: str | None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._accounts = accounts
        self._shops = shops
        self._sources = sources
        self._health = health
        self._public_url = public_url

    def health(self) -> dict[str, Any]:
        """Whether the server runs and its database answers, its version, and how each connection's last calls went, in
        the chosen language. Anybody may ask for it: it tells no secret and nothing of the shop's customers and
        orders."""
        told = self._health.to_json(self._settings.language())
        return {"status": "ok", "version": __version__, "connections": told}

    def findings(self) -> list[Finding]:
        """What is missing or broken, each with what to do; empty when all is well. Asks Dinero, the shop and the
        acquirers that are connected."""
        return [*self._missing(), *self._not_chosen(), *self._refused_pages(), *self._broken()]

    def _missing(self) -> Iterator[Finding]:
        for name in self._settings.load().missing():
            yield Finding(name, *MISSING[name])
        if not self._shops.is_connected:
            yield Finding("shop", *MISSING["shop"])

    def _not_chosen(self) -> Iterator[Finding]:
        """What the payouts that were read still want to know."""
        chosen = self._settings.load()
        ways = {acquirer: chosen.acquirer(acquirer) for acquirer in self._store.payouts.acquirers()}
        for acquirer, choice in ways.items():
            if choice.way is None:
                name = acquirer_of(acquirer).name
                text = Text("It is not chosen how far payouts of {acquirer} are taken.", acquirer=name)
                yield Finding("payouts_way", text, Text("Choose it under Set-up."))
        if any(choice.way in (Way.BOOK, Way.DRAFT) and choice.bank_account is None for choice in ways.values()):
            text = Text("It is not chosen on which account payouts arrive.")
            yield Finding("bank_account", text, Text("Choose the bank account under Set-up."))

    def _refused_pages(self) -> Iterator[Finding]:
        cached = self._store.look_ups.get(ORIGIN_REFUSED)
        if cached is None:
            return
        origin, host, public_url = cached[0]
        if public_url != (self._public_url or ""):
            return  # it was set anew since
        told = Text("A page at {origin} was refused: the proxy tells the host {host}.", origin=origin, host=host)
        fix = Text(
            "Set {name} to the address that the browser shows, and start the dashboard anew.", name="DINERO_PUBLIC_URL"
        )
        yield Finding("public_url", told, fix)

    def _broken(self) -> Iterator[Finding]:
        for code, ask in self._questions():
            try:
                ask()
            except DashboardError as error:
                yield Finding(code, error.text)

    def _questions(self) -> Iterator[tuple[str, Callable[[], object]]]:
        chosen = self._settings.load()
        if chosen.connection and chosen.organization:
            yield "dinero", self._accounts.refresh
        for shop in self._shops.active():
            yield shop_connection(shop.name), partial(self._check_shop, shop.name)
        for acquirer in self._sources.connected():
            yield acquirer, partial(self._sources.check, acquirer)

    def _check_shop(self, name: str) -> None:
        self._shops.client(name).check()
