"""Sign-in at an identity provider: what is checked of its answer, and where the visitor comes out."""

import hashlib
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dinero.environment import Environment
from dinero.model.clock import SimulatedClock
from dinero.model.errors import DashboardError, SettingsError
from dinero.signin.oidc import Oidc, read_provider
from dinero.store import Store
from dinero.store.vault import Vault

BACK = "https://dinero.example.com/oidc/callback"
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1"})


class Idp:
    """An identity provider on loopback; `claims` and `sign` can be bent by a test."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.change: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.key: Any = KEY
        self.algorithms: list[str] | None = None
        self.asked: dict[str, str] = {}
        self.issuer_said: str | None = None
        routes = [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/token", self.token, methods=["POST"]),
            Route("/jwks", lambda _: JSONResponse({"keys": [KEY.as_dict(private=False)]})),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            threading.Event().wait(0.005)
        self.issuer = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    async def configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer_said or self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
        )

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if form["code"] != "code" or challenge != self.asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": "client",
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "email": "Ea@example.com",
            "email_verified": True,
        }
        claims = {name: value for name, value in (claims | self.change).items() if value is not None}
        if self.header["alg"] == "none":
            parts = [
                urlsafe_b64encode(str(part).replace("'", '"').replace("True", "true").encode()).rstrip(b"=")
                for part in (self.header, claims)
            ]
            return JSONResponse({"id_token": b".".join([*parts, b""]).decode()})
        return JSONResponse({"id_token": jwt.encode(self.header, claims, self.key, algorithms=self.algorithms)})

    def consent(self, address: str) -> dict[str, str]:
        """What the provider sends back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {"code": "code", "state": self.asked["state"]}


@pytest.fixture
def idp(clock: SimulatedClock) -> Iterator[Idp]:
    running = Idp(clock)
    yield running
    running.server.should_exit = True
    running.thread.join(10)


@pytest.fixture
def oidc(idp: Idp, tmp_path: Path, clock: SimulatedClock) -> Oidc:
    store = Store(tmp_path, clock=clock)
    provider = read_provider(environment(idp.issuer))
    assert provider is not None
    return Oidc(provider, store, Vault(store), clock)


def environment(issuer: str, **more: str) -> Environment:
    variables = {
        "DINERO_OIDC_ISSUER": issuer,
        "DINERO_OIDC_CLIENT_ID": "client",
        "DINERO_OIDC_CLIENT_SECRET": "s",
        "DINERO_OIDC_OWNERS": "ea@example.com",
        "DINERO_OIDC_READERS": "revisor@example.com",
    }
    return Environment.read(variables | more)


def sign_in(oidc: Oidc, idp: Idp, wanted: str = "/history?order=7") -> tuple[str, str]:
    return oidc.finish(idp.consent(oidc.start(BACK, wanted, "browser")), "browser")


def test_the_owner_comes_back_to_where_they_wanted_to_go(oidc: Oidc, idp: Idp) -> None:
    assert sign_in(oidc, idp) == ("owner", "/history?order=7")


def test_the_accountant_is_a_reader(oidc: Oidc, idp: Idp) -> None:
    idp.change = {"email": "revisor@example.com"}
    assert sign_in(oidc, idp)[0] == "reader"


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"iss": "https://evil.example.com"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": "fremmed@example.com"},
        {"email": None},
        {"aud": ["client", "other"]},
    ],
    ids=str,
)
def test_a_token_that_does_not_prove_who_it_is_opens_nothing(oidc: Oidc, idp: Idp, change: dict[str, Any]) -> None:
    idp.change = change
    with pytest.raises(SettingsError):
        sign_in(oidc, idp)


def test_a_token_without_a_signature_opens_nothing(oidc: Oidc, idp: Idp) -> None:
    idp.header = {"alg": "none"}
    with pytest.raises(SettingsError):
        sign_in(oidc, idp)


def test_a_token_signed_with_another_key_opens_nothing(oidc: Oidc, idp: Idp) -> None:
    idp.key = OTHER_KEY
    with pytest.raises(SettingsError):
        sign_in(oidc, idp)


def test_the_public_key_is_not_taken_for_a_shared_secret(oidc: Oidc, idp: Idp) -> None:
    idp.key = OctKey.import_key(KEY.as_pem(private=False)[:64])
    idp.header, idp.algorithms = {"alg": "HS256", "kid": "k1"}, ["HS256"]
    with pytest.raises(SettingsError):
        sign_in(oidc, idp)


def test_an_answer_counts_once_in_the_browser_that_asked_and_in_time(
    oidc: Oidc, idp: Idp, clock: SimulatedClock
) -> None:
    answer = idp.consent(oidc.start(BACK, "/", "browser"))
    oidc.finish(answer, "browser")
    with pytest.raises(SettingsError):
        oidc.finish(answer, "browser")
    with pytest.raises(SettingsError):
        oidc.finish(idp.consent(oidc.start(BACK, "/", "browser")), "another browser")
    late = idp.consent(oidc.start(BACK, "/", "browser"))
    clock.sleep(601)
    with pytest.raises(SettingsError):
        oidc.finish(late, "browser")
    with pytest.raises(SettingsError):
        oidc.finish({"code": "code", "state": "made-up"}, "browser")


@pytest.mark.parametrize("configured", ["", "/"])
@pytest.mark.parametrize("said", ["", "/"])
def test_an_issuer_that_ends_with_a_slash_lets_in(
    idp: Idp, tmp_path: Path, clock: SimulatedClock, configured: str, said: str
) -> None:
    provider = read_provider(environment(idp.issuer + configured))
    assert provider is not None
    store = Store(tmp_path, clock=clock)
    idp.issuer_said = idp.change["iss"] = idp.issuer + said
    assert sign_in(Oidc(provider, store, Vault(store), clock), idp)[0] == "owner"


@pytest.mark.parametrize("more", ["//", "/x", "/x/"])
def test_an_issuer_that_is_more_than_a_slash_away_is_another(oidc: Oidc, idp: Idp, more: str) -> None:
    idp.change["iss"] = idp.issuer + more
    with pytest.raises(SettingsError):
        sign_in(oidc, idp)


def test_a_provider_that_says_it_is_another_is_not_believed(oidc: Oidc, idp: Idp) -> None:
    idp.issuer_said = "https://evil.example.com"
    with pytest.raises(DashboardError):
        oidc.start(BACK, "/", "browser")


def test_a_provider_on_a_private_address_or_half_a_set_up_is_refused() -> None:
    for issuer in ("http://login.example.com", "https://10.0.0.1", "https://login"):
        with pytest.raises(SettingsError):
            read_provider(environment(issuer))
    with pytest.raises(SettingsError):
        read_provider(environment("https://login.example.com", DINERO_OIDC_OWNERS=""))


def test_no_secret_of_the_provider_is_in_its_printed_form() -> None:
    given = environment("https://login.example.com", DINERO_OIDC_CLIENT_SECRET="hemmelig-nøgle")
    assert "hemmelig-nøgle" not in repr(read_provider(given)) + repr(given)
