"""The connection to Dinero: how the owner makes and ends it, what it reaches, and the client that uses it."""

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from dinero.api.answers import organization as read_organization
from dinero.api.auth import Auth
from dinero.api.client import Dinero
from dinero.api.session import Session
from dinero.dashboard.outcomes import Outcomes
from dinero.dashboard.settings import Choices
from dinero.environment import Environment
from dinero.intake.reassessing import reassess
from dinero.model.clock import Clock
from dinero.model.errors import DashboardError, SettingsError, StorageFailed
from dinero.model.health import DINERO, is_of_connection
from dinero.model.i18n import Text
from dinero.model.responses import Organization
from dinero.model.settings import PERSONAL
from dinero.store import Store
from dinero.store.vault import Vault

log = logging.getLogger(__name__)

CONNECT_CALLS, PERSONAL_CALLS = 100, 60  # a minute (facts.md, Dinero 3, "Limits")
# Where a document is seen in Dinero's own pages, with its Guid at the end. Seen in one public client only, and not
# documented: this is the one place to change. The sandbox has the same path.
DINERO_PAGES = "https://app.dinero.dk/{organization}/sales/"
DINERO_APP = "dinero.app"
ORGANIZATIONS = "organizations"
CHOOSE_AGAIN = Text("Choose an organization that your connection to Dinero reaches.")


class DineroConnection:
    """The one connection to Dinero of a data folder."""

    def __init__(
        self, environment: Environment, store: Store, vault: Vault, clock: Clock, settings: Choices, outcomes: Outcomes
    ) -> None:
        self._environment = environment
        self._store = store
        self._vault = vault
        self._clock = clock
        self._settings = settings
        self._outcomes = outcomes
        self.auth = Auth(vault, store, clock, token_url=environment.token_url, connect_url=environment.connect_url)

    # --- made and ended ------------------------------------------------------------------------------

    def connect_personal(self, client_id: str, client_secret: str, api_key: str) -> None:
        """Connects with the owner's own keys. Raises DashboardError with what to do."""
        self.auth.connect_personal(client_id.strip(), client_secret.strip(), api_key.strip())
        self._outcomes.clear(DINERO)
        self.organizations(fresh=True)

    def app_keys(self) -> tuple[str, str]:
        """Client id and secret of the app at Visma, from the environment or as the owner typed them."""
        try:
            stored = self._vault.get(DINERO_APP) or ["", ""]
        except SettingsError:  # kept under another key: they are typed again
            stored = ["", ""]
        given = self._environment
        return (given.connect_client_id or stored[0], given.connect_client_secret or stored[1])

    def save_app_keys(self, client_id: str, client_secret: str) -> None:
        """Keeps client id and secret of the app at Visma, encrypted."""
        if not (client_id.strip() and client_secret.strip()):
            raise SettingsError(
                Text("Fill in the Client ID and Client Secret of your app in the Visma Developer Portal.")
            )
        self._vault.put(DINERO_APP, [client_id.strip(), client_secret.strip()])

    def start(self, redirect_uri: str) -> str:
        """The address at Visma Connect where the owner approves."""
        return self.auth.start_connect(*self.app_keys(), redirect_uri)

    def finish(self, answer: Mapping[str, str]) -> None:
        """Takes Visma Connect's answer. Raises DashboardError with what to do."""
        self.auth.finish_connect(answer)
        self._outcomes.clear(DINERO)
        self.organizations(fresh=True)

    def disconnect(self) -> None:
        """Forgets the connection to Dinero."""
        self.auth.disconnect()
        self._outcomes.clear(DINERO)
        self._store.look_ups.put(ORGANIZATIONS, None)
        reassess(self._store)

    @property
    def has_ended(self) -> bool:
        """Whether Dinero has said that the owner must connect again."""
        return self.auth.dead

    # --- used ----------------------------------------------------------------------------------------

    @property
    def calls_per_minute(self) -> int:
        """Dinero's limit for this connection, or what the environment says."""
        usual = PERSONAL_CALLS if self._settings.load().connection == PERSONAL else CONNECT_CALLS
        return self._environment.calls_per_minute or usual

    def dinero(self, organization: str | None = None) -> Dinero:
        """A client for the chosen organization, on the budget that all share."""
        session = Session(
            self._environment.api_url,
            self.auth,
            self._store,
            calls_per_minute=self.calls_per_minute,
            clock=self._clock,
            on_outcome=self._note,
        )
        return Dinero(session, organization or self._settings.load().organization or "")

    def _note(self, path: str, error: DashboardError | None) -> None:
        if error is not None and is_of_connection(error):
            self._outcomes.failed(DINERO, error)
        elif not isinstance(error, StorageFailed):
            self._outcomes.succeeded(DINERO, whole=not path.endswith(f"/{ORGANIZATIONS}"))

    def organizations(self, *, fresh: bool = False) -> list[Organization]:
        """The organizations that the connection reaches, as fetched last. Raises DashboardError."""
        if fresh or self._store.look_ups.get(ORGANIZATIONS) is None:
            self._store.look_ups.put(ORGANIZATIONS, self.dinero().organizations())
        return self._reached()

    def own_vat_number(self) -> str:
        """The organization's VAT number with its prefix, "" when it has none or it is not known."""
        if self._store.look_ups.get(ORGANIZATIONS) is None:
            try:
                self.organizations()
            except DashboardError as error:
                log.warning("the organization's VAT number is not known: %s", type(error).__name__)
        chosen = self._settings.load().organization
        number = next((reached.vat_number for reached in self._reached() if reached.id == chosen), "")
        return number if number[:2].isalpha() else f"DK{number}" if number else ""

    def _reached(self) -> list[Organization]:
        rows, _ = self._store.look_ups.get(ORGANIZATIONS) or ([], None)
        return [read_organization(row) for row in rows]

    def invoice_pages(self) -> str:
        """Where invoices are seen in Dinero's own pages (not certain, see DINERO_PAGES), or in the sandbox: an address
        that a Guid completes."""
        address = DINERO_PAGES.format(organization=self._settings.load().organization)
        return self._environment.api_url + urlsplit(address).path if self._environment.demo else address
