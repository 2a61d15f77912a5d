"""Optional sign-in at an identity provider (OpenID Connect, code flow with PKCE), instead of or beside the password.

The way there and back is bound to one browser and used once; where the visitor wanted to go travels in the sealed
state, so deep links survive. The ID token's signature, issuer, audience, times and nonce are checked, and the verified
e-mail decides who it is.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dinero.environment import Environment, is_safe_url
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
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{found['authorization_endpoint']}?{urlencode(asked)}"

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
        token = self._ask(
            "POST",
            found["token_endpoint"],
            {
                "grant_type": "authorization_code",
                "code": answer["code"],
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
                "client_id": self._provider.client_id,
            },
        )
        claims = self._claims(str(token.get("id_token", "")), found["jwks_uri"], nonce)
        return self._role(claims), wanted

    def _role(self, claims: Mapping[str, Any]) -> str:
        email = str(claims.get("email", "")).lower()
        if claims.get("email_verified") is not True or not email:
            raise SettingsError(Text("The sign-in provider does not vouch for your e-mail address."))
        if email in self._provider.owners:
            return OWNER
        if email in self._provider.readers:
            return READER
        raise SettingsError(Text("Your e-mail address has no access to this dashboard. Ask its owner."))

    def _claims(self, id_token: str, jwks_uri: str, nonce: str) -> dict[str, Any]:
        keys = self._ask("GET", jwks_uri)
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=LEEWAY,
            # Some issuers end with a slash (and the set-up may have it or not): they are the same.
            iss={"essential": True, "values": [self._provider.issuer, f"{self._provider.issuer}/"]},
            aud={"essential": True, "value": self._provider.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            registry.validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("an ID token was refused: %s", type(error).__name__)
            raise SettingsError(NOT_PROVEN) from None
        audience = token.claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and token.claims.get("azp") != self._provider.client_id:
            raise SettingsError(NOT_PROVEN)
        return dict(token.claims)

    def _discover(self) -> dict[str, str]:
        found = self._ask("GET", f"{self._provider.issuer}/.well-known/openid-configuration")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        fits = str(found.get("issuer", "")).rstrip("/") == self._provider.issuer
        if not fits or not all(is_safe_url(str(found.get(name, ""))) for name in wanted):
            raise TryLater(NOT_REACHED, detail="the provider's configuration does not fit")
        return {name: str(found[name]) for name in wanted}

    def _ask(self, method: str, url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        secret = (self._provider.client_id, self._provider.client_secret) if form else None
        try:
            with requests.request(
                method,
                url,
                data=form,
                auth=secret,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                headers={"Accept": "application/json"},
            ) as response:
                body = response.raw.read(ANSWER_BYTES + 1, decode_content=True)
                status = response.status_code
            answer = json.loads(body) if len(body) <= ANSWER_BYTES else None
        except (requests.RequestException, OSError, ValueError) as error:
            raise TryLater(NOT_REACHED, detail=f"oidc: {type(error).__name__}") from None
        if status != 200 or not isinstance(answer, dict):
            raise TryLater(NOT_REACHED, detail=f"oidc: {status}")
        return answer


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
