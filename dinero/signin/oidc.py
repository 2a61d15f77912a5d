"""Optional sign-in at an identity provider (OpenID Connect, code flow with PKCE), instead of or beside the password.

Authlib speaks to the provider, as it does to Visma (`dinero/api/auth.py`), and knows which claims must hold. By hand is
what it leaves to its user: the stored state, bounds on every answer, and an issuer that may end with a slash or not.

The way there and back is bound to one browser and used once; where the visitor wanted to go travels in the sealed
state, so deep links survive. The ID token's signature, issuer, audience, times and nonce are checked, and the verified
e-mail decides who it is.
"""

import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dinero.environment import Environment, is_safe_url
from dinero.http import exchange, read_whole
from dinero.model.clock import Clock
from dinero.model.errors import SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.signin.sessions import OWNER, READER
from dinero.store import Store
from dinero.store.vault import Vault

log = logging.getLogger(__name__)

PURPOSE = "oidc"
STATE_AGE = timedelta(minutes=10)
TIMEOUT = (5.0, 15.0)
ANSWER_BYTES = 500_000
LEEWAY = 60  # seconds between the clocks
ALGORITHMS = ["RS256", "ES256", "PS256"]

NOT_REACHED = Text(
    "The sign-in provider can't be reached or does not answer as it should. Try again, or sign in with the password."
)
AGAIN = Text("This sign-in has been used, is too old or was begun in another browser. Sign in again.")
NOT_PROVEN = Text("The sign-in provider did not prove who you are. Sign in again.")


@dataclass(frozen=True)
class Provider:
    """What the environment says of the provider; e-mails are lower case."""

    issuer: str
    client_id: str
    client_secret: str
    owners: frozenset[str]
    readers: frozenset[str]
    only: bool

    def __repr__(self) -> str:
        return f"Provider({self.issuer!r})"


def read_provider(environment: Environment) -> Provider | None:
    """The provider of the environment, if there is one. Raises SettingsError when it is not complete."""
    given = environment.oidc
    if not given.get("ISSUER"):
        return None
    if not (given.get("CLIENT_ID") and given.get("CLIENT_SECRET") and given.get("OWNERS")):
        raise SettingsError(Text("Set {name} too.", name="DINERO_OIDC_CLIENT_ID, _CLIENT_SECRET, _OWNERS"))
    if not is_safe_url(given["ISSUER"]):
        raise SettingsError(
            Text(
                "{name} must be an https address on the internet; http is accepted on this machine only.",
                name="DINERO_OIDC_ISSUER",
            )
        )
    return Provider(
        given["ISSUER"].rstrip("/"),
        given["CLIENT_ID"],
        given["CLIENT_SECRET"],
        _emails(given.get("OWNERS", "")),
        _emails(given.get("READERS", "")),
        given.get("ONLY", "") == "1",
    )


def _emails(text: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in text.split(",") if part.strip())


class Oidc:
    """Sends visitors to the provider and takes them back."""

    def __init__(self, provider: Provider, store: Store, vault: Vault, clock: Clock) -> None:
        self._provider = provider
        self._store = store
        self._vault = vault
        self._clock = clock
        self.only = provider.only
        self.name = urlsplit(provider.issuer).hostname or provider.issuer

    def start(self, redirect_uri: str, wanted: str, browser: str) -> str:
        """The provider's address to send the visitor to; `browser` is a secret that its cookie keeps. Raises
        TryLater."""
        found = self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        payload = json.dumps([redirect_uri, wanted, _digest(browser), nonce, verifier]).encode()
        self._store.states.open(_digest(state), PURPOSE, self._vault.seal(payload))
        session = self._session(redirect_uri)
        address, _ = session.create_authorization_url(
            found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
        return str(address)

    def finish(self, answer: Mapping[str, str], browser: str) -> tuple[str, str]:
        """The visitor's role and where they wanted to go. Raises SettingsError or TryLater."""
        sealed = self._store.states.spend(_digest(answer.get("state", "")), PURPOSE, max_age=STATE_AGE)
        if sealed is None:
            raise SettingsError(AGAIN)
        redirect_uri, wanted, mark, nonce, verifier = json.loads(self._vault.unseal(sealed))
        if not hmac.compare_digest(_digest(browser), mark):
            raise SettingsError(AGAIN)
        if answer.get("error") or not answer.get("code"):
            raise SettingsError(Text("The sign-in was not completed. Try again."))
        found = self._discover()
        if answer.get("iss", self._provider.issuer).rstrip("/") != self._provider.issuer:
            raise SettingsError(NOT_PROVEN)
        token = self._exchange_code(found["token_endpoint"], answer["code"], redirect_uri, verifier)
        claims = self._claims(token, found["jwks_uri"], nonce)
        return self._role(claims), wanted

    def _session(self, redirect_uri: str) -> OAuth2Session:
        return OAuth2Session(
            self._provider.client_id,
            self._provider.client_secret,
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the name of a method
            scope="openid email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
        )

    def _exchange_code(self, url: str, code: str, redirect_uri: str, verifier: str) -> Mapping[str, Any]:
        session, started = self._session(redirect_uri), time.monotonic()
        session.register_compliance_hook("access_token_response", lambda response: _bounded(response, started))
        try:
            with session:
                # The grant is named: without it Authlib guesses. Streamed: the answer is read to its bound only.
                answer = session.fetch_token(
                    url,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                    stream=True,
                )
        except (requests.RequestException, AuthlibBaseError, OSError, ValueError) as error:
            told = error if isinstance(error, requests.HTTPError) else type(error).__name__
            raise TryLater(NOT_REACHED, detail=f"oidc: {told}") from None
        return dict(answer)

    def _role(self, claims: Mapping[str, Any]) -> str:
        email = str(claims.get("email", "")).lower()
        if claims.get("email_verified") is not True or not email:
            raise SettingsError(Text("The sign-in provider does not vouch for your e-mail address."))
        if email in self._provider.owners:
            return OWNER
        if email in self._provider.readers:
            return READER
        raise SettingsError(Text("Your e-mail address has no access to this dashboard. Ask its owner."))

    def _claims(self, answer: Mapping[str, Any], jwks_uri: str, nonce: str) -> dict[str, Any]:
        keys = self._look_up(jwks_uri)
        issuer, client_id = self._provider.issuer, self._provider.client_id
        try:
            known = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            token = jwt.decode(str(answer.get("id_token", "")), known, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                token.claims,
                token.header,
                # Some issuers end with a slash (and the set-up may have it or not): they are the same.
                options={
                    "iss": {"essential": True, "values": [issuer, f"{issuer}/"]},
                    "aud": {"essential": True, "value": client_id},
                },
                params={"nonce": nonce, "client_id": client_id, "access_token": answer.get("access_token")},
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("an ID token was refused: %s", type(error).__name__)
            raise SettingsError(NOT_PROVEN) from None
        return dict(claims)

    def _discover(self) -> dict[str, str]:
        found = self._look_up(f"{self._provider.issuer}/.well-known/openid-configuration")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        fits = str(found.get("issuer", "")).rstrip("/") == self._provider.issuer
        if not fits or not all(is_safe_url(str(found.get(name, ""))) for name in wanted):
            raise TryLater(NOT_REACHED, detail="the provider's configuration does not fit")
        return {name: str(found[name]) for name in wanted}

    def _look_up(self, url: str) -> dict[str, Any]:
        try:
            with requests.Session() as http:
                status, body, _ = exchange(http, "GET", url, authorization="", timeout=TIMEOUT, most=ANSWER_BYTES)
            answer = json.loads(body)
        except (requests.RequestException, OSError, ValueError) as error:
            raise TryLater(NOT_REACHED, detail=f"oidc: {type(error).__name__}") from None
        if status != 200 or not isinstance(answer, dict):
            raise TryLater(NOT_REACHED, detail=f"oidc: {status}")
        return answer


def _bounded(response: requests.Response, started: float) -> requests.Response:
    """The same answer with its body read to its bound. Raises requests.RequestException for one that is larger, and
    for any that is not 200: Authlib would take a token from a redirect or an error too."""
    with response:
        if response.status_code != 200:
            raise requests.HTTPError(f"status {response.status_code}")
        body = read_whole(response, started=started, most=ANSWER_BYTES)
    whole = requests.Response()
    whole.status_code, whole.raw = response.status_code, BytesIO(body)
    return whole


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
