"""The page on which an owner lets a program read the sandbox's WooCommerce, and the key that its server then hands over
(facts.md's chapter WooCommerce)."""

import asyncio
import html
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import requests
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dinero.sandbox.connect import PAGE
from dinero.sandbox.woocommerce_keys import Keys

ASKED = ("app_name", "user_id", "return_url", "callback_url", "scope")
SCOPES = {"read": "læse", "write": "skrive", "read_write": "læse og skrive"}
SECONDS = 10


class Authorize:
    """/wc-auth/v1/authorize. The key goes to an https address only; `loopback_callback` lets it go to this machine, for
    tests."""

    def __init__(self, name: str, keys: Keys) -> None:
        self._name = name
        self._keys = keys
        self.loopback_callback = False

    def routes(self, folder: str) -> list[Route]:
        """The page, and what it is answered with."""
        path = f"{folder}/wc-auth/v1/authorize"
        return [Route(path, self.ask, methods=["GET"]), Route(path, self.decide, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Asks the owner."""
        given = {name: request.query_params.get(name, "") for name in ASKED}
        if (wrong := self._wrong(given)) is not None:
            return wrong
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value, quote=True)}">'
            for name, value in given.items()
        )
        body = (
            f"<p>Webshop: <b>{html.escape(self._name)}</b></p>"
            f"<p><b>{html.escape(given['app_name'])}</b> beder om at {SCOPES[given['scope']]} i WooCommerce.</p>"
            f'<form method="post">{hidden}<button class="main" name="answer" value="approve" id="approve">Godkend'
            '</button><button name="answer" value="deny" id="deny">Nej tak</button></form>'
        )
        return HTMLResponse(PAGE.format(title="Godkend adgang til WooCommerce", body=body))

    async def decide(self, request: Request) -> Response:
        """Hands the key over from server to server, and takes the owner back."""
        form = await request.form()
        given = {name: str(form.get(name, "")) for name in ASKED}
        if (wrong := self._wrong(given)) is not None:
            return wrong
        if form.get("answer") != "approve":
            return _back(given, success=0)
        key: dict[str, str | int] = {
            "key_id": 1,
            "user_id": given["user_id"],
            "consumer_key": self._keys.key,
            "consumer_secret": self._keys.secret,
            "key_permissions": given["scope"],
        }
        if not await asyncio.to_thread(_hand_over, given["callback_url"], key):
            return _error("Nøglen kunne ikke afleveres, og den er slettet igen.")
        return _back(given, success=1)

    def _wrong(self, given: Mapping[str, str]) -> Response | None:
        """What WooCommerce has against a request."""
        missing = next((name for name in ASKED if not given[name]), None)
        if missing is not None:
            return _error(f"Der mangler en oplysning: {missing}")
        if given["scope"] not in SCOPES:
            return _error("Den adgang findes ikke.")
        callback = urlsplit(given["callback_url"])
        if callback.scheme != "https" and not (self.loopback_callback and _is_loopback(callback.hostname)):
            return _error("Adressen, som nøglen sendes til, skal begynde med https.")
        return None


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _hand_over(callback: str, key: Mapping[str, str | int]) -> bool:
    """Sends the key; only a 200 counts."""
    try:
        answer = requests.post(callback, json=dict(key), timeout=SECONDS, allow_redirects=False)
    except requests.RequestException:
        return False
    return answer.status_code == 200


def _back(given: Mapping[str, str], success: int) -> Response:
    address = given["return_url"]
    query = urlencode({"success": success, "user_id": given["user_id"]})
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{query}", 303)


def _error(sentence: str) -> Response:
    return HTMLResponse(PAGE.format(title="Noget er galt", body=f"<p>{html.escape(sentence)}</p>"), 401)
