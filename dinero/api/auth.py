"""Both ways to connect to Dinero, with Authlib: Visma Connect and the personal integration.

One refresher at a time for all threads and processes (a lease in the store), the new token stored before it is
used, and network trouble never marks a connection dead (facts.md, Dinero 1.14-1.21, 1.34-1.36). Tokens live in the
vault.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests

from dinero.model.clock import Clock
from dinero.model.documents import Event
from dinero.model.errors import (
    BROKEN,
    NO_CONTACT_WITH,
    RECONNECT,
    ConnectionStopped,
    DashboardError,
    SettingsError,
    TryLater,
)
from dinero.model.i18n import Text
from dinero.model.settings import CONNECT, PERSONAL
from dinero.store import Store
from dinero.store.vault import Vault

if TYPE_CHECKING:  # imported when a token is fetched, which is once an hour
    from authlib.integrations.requests_client import OAuth2Session

log = logging.getLogger(__name__)

CONNECT_SCOPE = "dineropublicapi:read dineropublicapi:write offline_access"
PERSONAL_SCOPE = "read write"
STATE_PURPOSE = "dinero"
STATE_AGE = timedelta(minutes=10)
EARLY = timedelta(seconds=60)
LEASE_SECONDS = 90.0
TIMEOUT = (5.0, 30.0)

CREDENTIALS = "dinero.credentials"
TOKEN = "dinero.token"  # noqa: S105 - the name of a secret
DEAD = "dinero.dead"

# Errors of a token endpoint that no waiting mends (RFC 6749 5.2).
_FINAL = {
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
    "invalid_request",
    "unsupported_grant_type",
    "invalid_scope",
    "access_denied",
}

WRONG_KEYS = Text(
    "Dinero does not accept these keys. Check Client ID, Client Secret and API key in Dinero under Integrations, "
    "API keys, and enter them again."
)


@dataclass(frozen=True)
class Connection:
    """What is needed to ask for tokens. `kind` is CONNECT or PERSONAL."""

    kind: str
    client_id: str
    client_secret: str
    api_key: str = ""

    def __repr__(self) -> str:
        return f"Connection({self.kind!r})"


class Auth:
    """The one connection to Dinero of this data folder; gives access tokens to `Session`."""

    def __init__(self, vault: Vault, store: Store, clock: Clock, *, token_url: str, connect_url: str) -> None:
        self._vault = vault
        self._store = store
        self._clock = clock
        self._token_url = token_url
        self._connect_url = connect_url

    # --- connecting ----------------------------------------------------------------------------------

    def connect_personal(self, client_id: str, client_secret: str, api_key: str) -> None:
        """Proves the owner's own keys by asking for a token, then stores both.

        Raises ConnectionStopped for wrong keys (nothing is stored) and TryLater for network trouble.
        """
        if not (client_id and client_secret and api_key):
            raise SettingsError(Text("Fill in Client ID, Client Secret and API key."))
        connection = Connection(PERSONAL, client_id, client_secret, api_key)
        self._keep(connection, self._fetch_personal(connection))

    def start_connect(self, client_id: str, client_secret: str, redirect_uri: str) -> str:
        """Visma Connect's address to send the owner to. The state is single-use and lives 10 minutes."""
        if not (client_id and client_secret):
            raise SettingsError(
                Text("Fill in the Client ID and Client Secret of your app in the Visma Developer Portal.")
            )
        verifier = secrets.token_urlsafe(64)
        session = self._session(
            Connection(CONNECT, client_id, client_secret), redirect_uri=redirect_uri, code_challenge_method="S256"
        )
        # A form_post comes back as a cross-site POST; to plain http on this machine browsers warn about it.
        extra = {"response_mode": "form_post"} if redirect_uri.startswith("https:") else {}
        url, state = session.create_authorization_url(
            f"{self._connect_url}/connect/authorize", code_verifier=verifier, ui_locales="da-DK", **extra
        )
        payload = f"{verifier}\n{redirect_uri}\n{client_id}\n{client_secret}".encode()
        self._store.states.open(_hash(state), STATE_PURPOSE, self._vault.seal(payload))
        return str(url)

    def finish_connect(self, answer: Mapping[str, str]) -> None:
        """Takes Visma Connect's answer (query or form_post), exchanges the code and stores the token.

        Raises SettingsError or ConnectionStopped with what to do; the state is spent in any case.
        """
        sealed = self._store.states.spend(_hash(answer.get("state", "")), STATE_PURPOSE, max_age=STATE_AGE)
        if sealed is None:
            raise SettingsError(Text("This sign-in has been used or is too old. Press the button to connect again."))
        if answer.get("error") == "access_denied":
            raise SettingsError(Text("You said no at Visma. Nothing is connected."))
        if answer.get("error") or not answer.get("code"):
            log.warning("Visma Connect answered %s", str(answer.get("error"))[:40])
            raise SettingsError(Text("Visma did not complete the sign-in. Press the button to try again."))
        verifier, redirect_uri, client_id, client_secret = self._vault.unseal(sealed).decode().split("\n")
        connection = Connection(CONNECT, client_id, client_secret)
        session = self._session(connection, redirect_uri=redirect_uri)
        # The grant is named: without it Authlib guesses client_credentials when the code is missing.
        token = self._ask(
            lambda: session.fetch_token(
                f"{self._connect_url}/connect/token",
                grant_type="authorization_code",
                code=answer["code"],
                code_verifier=verifier,
            ),
            final=Text("Visma refused the sign-in. Check the app's Client ID and Client Secret, then connect again."),
        )
        self._keep(connection, token)

    def disconnect(self) -> None:
        """Forgets tokens and keys. The right itself is withdrawn in Dinero (facts.md, Dinero 1.26)."""
        for name in (CREDENTIALS, TOKEN):
            self._vault.put(name, None)
        self._store.settings.put({"connection": None, DEAD: None})
        self._store.history.add(Event("disconnected", Text("The connection to Dinero was removed.")))

    @property
    def dead(self) -> bool:
        """Whether Dinero has said that the owner must connect again."""
        return bool(self._store.settings.all().get(DEAD))

    def _keep(self, connection: Connection, token: dict[str, Any]) -> None:
        self._vault.put(
            CREDENTIALS, [connection.kind, connection.client_id, connection.client_secret, connection.api_key]
        )
        self._vault.put(TOKEN, token)
        self._store.settings.put({"connection": connection.kind, DEAD: None})
        self._store.history.add(Event("connected", Text("Dinero was connected.")))

    # --- tokens --------------------------------------------------------------------------------------

    def token(self, spend: Callable[[], None] = lambda: None) -> str:
        """A token that is valid for at least a minute. Raises ConnectionStopped or TryLater."""
        token = self._current()
        if token is not None and self._is_fresh(token):
            return str(token["access_token"])
        return self._refresh(token["access_token"] if token else "", spend)

    def renew(self, refused: str, spend: Callable[[], None] = lambda: None) -> str:
        """Another token after a 401. Raises ConnectionStopped or TryLater."""
        return self._refresh(refused, spend)

    def _current(self) -> dict[str, Any] | None:
        if self.dead:
            raise ConnectionStopped(RECONNECT)
        token = self._vault.get(TOKEN)
        return token if isinstance(token, dict) else None

    def _is_fresh(self, token: Mapping[str, Any]) -> bool:
        return datetime.fromisoformat(token["expires_at"]) - EARLY > self._clock.now()

    def _refresh(self, stale: str, spend: Callable[[], None]) -> str:
        # Whoever gets the lease asks; everybody else waits and finds the new token in the store.
        for _ in range(int(LEASE_SECONDS * 5)):
            lease = self._store.leases.acquire("token", seconds=LEASE_SECONDS)
            if lease is not None:
                break
            self._clock.sleep(0.2)
        else:
            raise TryLater(BROKEN, detail="another process holds the token lease")
        try:
            current = self._current()
            if current is not None and current["access_token"] != stale and self._is_fresh(current):
                return str(current["access_token"])
            stored = self._vault.get(CREDENTIALS)
            if stored is None:
                raise ConnectionStopped(Text("Dinero is not connected. Connect to Dinero on the set-up page."))
            connection = Connection(*stored)
            spend()
            try:
                fresh = (
                    self._fetch_personal(connection)
                    if connection.kind == PERSONAL
                    else self._fetch_refreshed(connection, current or {})
                )
            except ConnectionStopped:
                self._store.settings.put({DEAD: True})
                self._store.history.add(Event("connection lost", RECONNECT))
                raise
            self._vault.put(TOKEN, fresh)
            return str(fresh["access_token"])
        finally:
            self._store.leases.release(lease)

    def _fetch_personal(self, connection: Connection) -> dict[str, Any]:
        session = self._session(connection)
        return self._ask(
            lambda: session.fetch_token(
                self._token_url,
                grant_type="password",
                username=connection.api_key,
                password=connection.api_key,
                scope=PERSONAL_SCOPE,
            ),
            final=WRONG_KEYS,
        )

    def _fetch_refreshed(self, connection: Connection, token: Mapping[str, Any]) -> dict[str, Any]:
        refresh_token = token.get("refresh_token")
        if not refresh_token:
            raise ConnectionStopped(RECONNECT, detail="no refresh token")
        session = self._session(connection)
        fresh = self._ask(
            lambda: session.refresh_token(f"{self._connect_url}/connect/token", refresh_token=refresh_token),
            final=RECONNECT,
        )
        # A re-used refresh token is not sent again (facts.md, Dinero 1.20).
        return {"refresh_token": refresh_token, **fresh}

    def _session(self, connection: Connection, **options: Any) -> "OAuth2Session":
        from authlib.integrations.requests_client import OAuth2Session

        personal = connection.kind == PERSONAL
        session = OAuth2Session(
            connection.client_id,
            connection.client_secret,
            token_endpoint_auth_method="client_secret_basic" if personal else "client_secret_post",
            scope=PERSONAL_SCOPE if personal else CONNECT_SCOPE,
            default_timeout=TIMEOUT,
            **options,
        )
        session.max_redirects = 0  # a redirect would carry the secret to another address
        return session

    def _ask(self, fetch: Callable[[], Mapping[str, Any]], *, final: Text) -> dict[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from authlib.integrations.base_client.errors import OAuthError

        try:
            answer = fetch()
        except OAuthError as error:
            raise _token_error(str(error.error), final) from None
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            known = "invalid_client" if status in (400, 401) else f"http {status}"
            raise _token_error(known, final) from None
        except requests.RequestException as error:
            raise TryLater(NO_CONTACT_WITH, detail=f"token: {type(error).__name__}") from None
        except (AuthlibBaseError, ValueError) as error:
            raise TryLater(BROKEN, detail=f"token: {type(error).__name__}") from None
        access_token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(access_token, str) or not access_token:
            raise TryLater(BROKEN, detail="token answer without a token")
        lifetime = timedelta(
            seconds=int(seconds) if isinstance(seconds, int | str) and str(seconds).isdecimal() else 3600
        )
        token = {"access_token": access_token, "expires_at": (self._clock.now() + lifetime).isoformat()}
        if isinstance(answer.get("refresh_token"), str):
            token["refresh_token"] = answer["refresh_token"]
        return token


def _token_error(error: str, final: Text) -> DashboardError:
    log.warning("the token endpoint answered %s", error[:40])
    if error in _FINAL:
        return ConnectionStopped(final, code=error[:40])
    return TryLater(BROKEN, code=error[:40])


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
