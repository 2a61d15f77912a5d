"""The sandbox's Visma Connect with its consent page, and the token server of personal integrations (facts.md, Dinero
1)."""

import base64
import binascii
import hashlib
import html
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dinero.model.clock import Clock

CONNECT_CLIENT_ID = "isv_sandbox_dashboard"
CONNECT_CLIENT_SECRET = "sandbox-connect-secret"
PERSONAL_CLIENT_ID = "sandbox-personal-client"
PERSONAL_CLIENT_SECRET = "sandbox-personal-secret"
API_KEY = "sandbox0api0key0sandbox0api0key0"
LIFETIME = 3600
SCOPES = {"dineropublicapi:read", "dineropublicapi:write", "offline_access"}

PAGE = """<!doctype html><html lang="da"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;background:#f2f4f7;margin:0;display:grid;
place-items:center;min-height:100vh}}main{{background:#fff;border-radius:12px;padding:2rem;max-width:26rem;margin:1rem;
box-shadow:0 2px 14px #0002}}h1{{font-size:1.3rem;margin:0 0 .6rem}}p{{margin:.4rem 0}}.mark{{background:#ede4ff;
color:#4b2a91;border-radius:6px;padding:.1rem .5rem;font-size:.8rem}}form{{display:flex;gap:.7rem;margin-top:1.2rem}}
button{{font:inherit;border-radius:8px;border:1px solid #c5ccd6;background:#fff;padding:.55rem 1.1rem;cursor:pointer}}
button.main{{background:#1d5fa8;border-color:#1d5fa8;color:#fff}}</style><main><span class="mark">Sandkasse</span>
<h1>{title}</h1>{body}</main></html>"""


@dataclass(frozen=True)
class Client:
    """Who a token belongs to."""

    client_id: str
    personal: bool


@dataclass
class _Token:
    client: Client
    expires_at: datetime


@dataclass
class _Code:
    redirect_uri: str
    challenge: str
    scope: str
    expires_at: datetime


class Tokens:
    """Codes, access tokens and one-time refresh tokens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._access: dict[str, _Token] = {}
        self._codes: dict[str, _Code] = {}
        # refresh token -> grant; a grant that was voided is not in `_grants` any more.
        self._refresh: dict[str, str] = {}
        self._grants: dict[str, str] = {}

    def client_of(self, token: str) -> Client | None:
        """The client of a token that is valid now."""
        found = self._access.get(token)
        return found.client if found and found.expires_at > self._clock.now() else None

    def expire(self) -> None:
        """Every access token is expired from now on."""
        for token in self._access.values():
            token.expires_at = self._clock.now()

    def revoke(self) -> None:
        """The user takes back the consent: no token works any more."""
        self._grants.clear()
        self.expire()

    def routes(self) -> list[Route]:
        """Consent page and both token endpoints."""
        return [
            Route("/connect/authorize", self.authorize, methods=["GET"]),
            Route("/connect/authorize", self.decide, methods=["POST"]),
            Route("/connect/token", self.connect_token, methods=["POST"]),
            Route("/dineroapi/oauth/token", self.personal_token, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """The consent page."""
        asked = request.query_params
        wrong = (
            asked.get("client_id") != CONNECT_CLIENT_ID
            or asked.get("response_type") != "code"
            or asked.get("code_challenge_method") != "S256"
            or not asked.get("code_challenge")
            or asked.get("response_mode", "query") not in ("query", "form_post")
            or not set(asked.get("scope", "").split()) <= SCOPES
            or urlsplit(asked.get("redirect_uri", "")).path != "/oauth/callback"
        )
        if wrong:
            return HTMLResponse(PAGE.format(title="Noget er galt", body="<p>Anmodningen er ikke gyldig.</p>"), 400)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""), quote=True)}">'
            for name in ("redirect_uri", "state", "scope", "code_challenge", "response_mode")
        )
        body = (
            "<p>Logget ind som <b>Ea Ejer</b>.</p><p><b>Ordrebro</b> beder om at læse og skrive i dine "
            f'regnskaber i Dinero.</p><form method="post">{hidden}<button class="main" id="approve" name="answer" '
            'value="approve">Godkend</button><button id="cancel" name="answer" value="cancel">Annullér</button></form>'
        )
        return HTMLResponse(PAGE.format(title="Godkend adgang til Dinero", body=body))

    async def decide(self, request: Request) -> Response:
        """Takes the user back with a code, or with access_denied."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        answer = {"state": form.get("state", "")}
        if form.get("answer") == "approve":
            code = secrets.token_urlsafe(24)
            self._codes[code] = _Code(
                form["redirect_uri"],
                form["code_challenge"],
                form.get("scope", ""),
                self._clock.now() + timedelta(minutes=5),
            )
            answer |= {"code": code, "scope": form.get("scope", ""), "iss": str(request.base_url).rstrip("/")}
        else:
            answer |= {"error": "access_denied"}
        if form.get("response_mode") != "form_post":
            return RedirectResponse(f"{form['redirect_uri']}?{urlencode(answer)}", 303)
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value, quote=True)}">'
            for name, value in answer.items()
        )
        action = html.escape(form["redirect_uri"], quote=True)
        return HTMLResponse(
            f'<form id="back" method="post" action="{action}">{fields}</form>'
            "<script>document.getElementById('back').submit()</script>"
        )

    async def connect_token(self, request: Request) -> Response:
        """Exchanges a code (PKCE) or a one-time refresh token (facts.md, Dinero 1.11-1.19)."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        given = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        if given != (CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET):
            return _no("invalid_client", 401)
        if form.get("grant_type") == "authorization_code":
            code = self._codes.pop(form.get("code", ""), None)
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            fits = code is not None and (code.redirect_uri, code.challenge) == (form.get("redirect_uri"), challenge)
            if code is None or not fits or code.expires_at < self._clock.now():
                return _no("invalid_grant")
            grant = secrets.token_hex(8)
            self._grants[grant] = code.scope
            return self._issue(grant)
        if form.get("grant_type") == "refresh_token":
            old_grant = self._refresh.get(form.get("refresh_token", ""))
            if old_grant is None or old_grant not in self._grants:
                return _no("invalid_grant")
            # Used twice: the whole grant is void (facts.md, Dinero 1.19).
            if self._newest(old_grant) != form["refresh_token"]:
                del self._grants[old_grant]
                return _no("invalid_grant")
            return self._issue(old_grant)
        return _no("unsupported_grant_type")

    def _newest(self, grant: str) -> str:
        return [token for token, owner in self._refresh.items() if owner == grant][-1]

    def _issue(self, grant: str) -> Response:
        scope = self._grants[grant]
        answer = self._access_token(Client(CONNECT_CLIENT_ID, personal=False)) | {"scope": scope}
        if "offline_access" in scope.split():
            refresh = secrets.token_hex(32)
            self._refresh[refresh] = grant
            answer["refresh_token"] = refresh
        return JSONResponse(answer)

    async def personal_token(self, request: Request) -> Response:
        """The password grant of personal integrations (facts.md, Dinero 1.35)."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        if _basic(request) != (PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET):
            return _no("invalid_client", 401)
        if form.get("grant_type") != "password" or form.get("scope") != "read write":
            return _no("invalid_request")
        if (form.get("username"), form.get("password")) != (API_KEY, API_KEY):
            return _no("invalid_grant")
        answer = self._access_token(Client(PERSONAL_CLIENT_ID, personal=True))
        return JSONResponse(answer | {"refresh_token": secrets.token_hex(16)})

    def _access_token(self, client: Client) -> dict[str, str | int]:
        token = secrets.token_urlsafe(32)
        self._access[token] = _Token(client, self._clock.now() + timedelta(seconds=LIFETIME))
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret


def _no(error: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": "Sandbox says no."}, status)
