"""The sandbox's Clearhaus and Vipps MobilePay: both tell of the same payouts that its files are written from
(facts.md, Payouts 3a.1, 4a.1)."""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dinero.model.clock import Clock, copenhagen_date
from dinero.model.payouts import Payout
from dinero.sandbox.clearhaus import settlements_of, transactions_of
from dinero.sandbox.settlements import CLEARHAUS, HOUSES, VIPPS
from dinero.sandbox.vipps import Report, fees_of, funds_of

CLEARHAUS_CLIENT_ID = "sandbox-clearhaus-client"
CLEARHAUS_CLIENT_SECRET = "sandbox-clearhaus-secret"
VIPPS_CLIENT_ID = "sandbox-vipps-client"
VIPPS_CLIENT_SECRET = "sandbox-vipps-secret"
VIPPS_SUBSCRIPTION_KEY = "sandbox-vipps-subscription-key"
MSN = HOUSES[VIPPS].account
LEDGER = "302321"
LIFETIME = 3600
MOST_PER_PAGE = 100
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")


class Acquirers:
    """Clearhaus under /clearhaus and Vipps MobilePay under /vipps. `payouts` gives those that they made or will make;
    what is later than the clock is not told yet. `page_size` is how many entries a page of Vipps's report has."""

    def __init__(self, clock: Clock, payouts: Callable[[], Sequence[Payout]]) -> None:
        self._payouts = payouts
        self.page_size = 1000
        self._clock = clock
        self._tokens: dict[str, tuple[str, datetime]] = {}

    def routes(self) -> list[Route]:
        """Both APIs."""
        ledger = "/vipps/report/v2/ledgers/{ledger}/{topic}/dates/{on}"
        return [
            Route("/clearhaus/oauth/token", self.clearhaus_token, methods=["POST"]),
            Route("/clearhaus/settlements", self.settlements, methods=["GET"]),
            Route("/clearhaus/settlements/{id}/transactions", self.transactions, methods=["GET"]),
            Route("/vipps/accesstoken/get", self.vipps_token, methods=["POST"]),
            Route("/vipps/settlement/v1/ledgers", self.ledgers, methods=["GET"]),
            Route(ledger, self.report, methods=["GET"]),
        ]

    def environment(self, url: str) -> dict[str, str]:
        """The variables by which both are found and signed in to, where the sandbox is at `url`."""
        return {
            "CLEARHAUS_URL": f"{url}/clearhaus",
            "CLEARHAUS_CLIENT_ID": CLEARHAUS_CLIENT_ID,
            "CLEARHAUS_CLIENT_SECRET": CLEARHAUS_CLIENT_SECRET,
            "VIPPS_URL": f"{url}/vipps",
            "VIPPS_CLIENT_ID": VIPPS_CLIENT_ID,
            "VIPPS_CLIENT_SECRET": VIPPS_CLIENT_SECRET,
            "VIPPS_SUBSCRIPTION_KEY": VIPPS_SUBSCRIPTION_KEY,
            "VIPPS_MSN": MSN,
        }

    def expire(self) -> None:
        """Every token is expired from now on."""
        self._tokens.clear()

    # --- Clearhaus -----------------------------------------------------------------------------------------

    async def clearhaus_token(self, request: Request) -> Response:
        """OAuth's client credentials, for this API alone."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        if _basic(request) != (CLEARHAUS_CLIENT_ID, CLEARHAUS_CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        audience = f"{str(request.base_url).rstrip('/')}/clearhaus"
        if (form.get("grant_type"), form.get("audience")) != ("client_credentials", audience):
            return JSONResponse({"error": "invalid_request"}, 400)
        return JSONResponse(self._issue(CLEARHAUS) | {"expires_in": LIFETIME})

    async def settlements(self, request: Request) -> Response:
        """The settlements that a query asks for, the newest first."""
        rows = settlements_of(self._of(CLEARHAUS), copenhagen_date(self._clock.now()))
        for modifier in request.query_params.get("query", "").split():
            name, _, value = modifier.partition(":")
            found = _RANGE.fullmatch(value)
            if name == "settled" and value in ("true", "false"):
                rows = [row for row in rows if row["settled"] is (value == "true")]
            elif name in ("payout.date", "reserve.date") and found:
                part = name.split(".")[0]
                rows = [row for row in rows if found[1] <= (row[part]["date"] or "") <= found[2]]
            else:
                return JSONResponse({"message": f"unknown modifier {name}"}, 400)
        return self._page(request, "ch:settlements", rows)

    async def transactions(self, request: Request) -> Response:
        """The transactions of one settlement."""
        name = request.path_params["id"]
        payout = next((payout for payout in self._of(CLEARHAUS) if payout.id == name), None)
        if payout is None:
            return JSONResponse({"message": "not found"}, 404)
        return self._page(request, "ch:transactions", transactions_of(payout, copenhagen_date(self._clock.now())))

    def _page(self, request: Request, name: str, rows: list[dict[str, object]]) -> Response:
        if not self._knows(request, CLEARHAUS):
            return JSONResponse({"message": "unauthorized"}, 401)
        asked = request.query_params
        page, size = (_number(asked.get(key), otherwise) for key, otherwise in (("page", 1), ("per_page", 20)))
        if not page or not size or size > MOST_PER_PAGE:
            return JSONResponse({"message": "bad page"}, 400)
        links = {"self": {"href": str(request.url)}}
        if page * size < len(rows):
            links["next"] = {"href": str(request.url.include_query_params(page=page + 1))}
        return JSONResponse({"_links": links, "_embedded": {name: rows[(page - 1) * size : page * size]}})

    # --- Vipps MobilePay -----------------------------------------------------------------------------------

    async def vipps_token(self, request: Request) -> Response:
        """A token for the keys of a sales unit, which come as headers."""
        given = tuple(request.headers.get(name) for name in ("client_id", "client_secret"))
        if given != (VIPPS_CLIENT_ID, VIPPS_CLIENT_SECRET) or not self._subscribes(request):
            return JSONResponse({"error": "unauthorized"}, 401)
        return JSONResponse(self._issue(VIPPS) | {"expires_in": str(LIFETIME)})

    async def ledgers(self, request: Request) -> Response:
        """The ledger that settles for a handle."""
        if not self._may_report(request):
            return JSONResponse({"title": "Unauthorized"}, 401)
        today, handle = copenhagen_date(self._clock.now()), f"api:{MSN}"
        paid = [payout for payout in self._of(VIPPS) if payout.paid_on < today]
        row = {
            "ledgerId": LEDGER,
            "currency": "DKK",
            "payoutBankAccount": {"scheme": "BBAN:DK", "id": "00000000000000"},
            "firstPayout": paid[0].id if paid else None,
            "lastPayout": paid[-1].id if paid else None,
            "owner": {"scheme": "business:DK:CVR", "id": "00000000"},
            "settlesForRecipientHandles": [handle],
        }
        wanted = request.query_params.get("settlesForRecipientHandles", handle)
        return JSONResponse({"items": [row] if wanted == handle else [], "cursor": ""})

    async def report(self, request: Request) -> Response:
        """A finished day's entries of one topic."""
        if not self._may_report(request):
            return JSONResponse({"title": "Unauthorized"}, 401)
        ledger, topic, on = (request.path_params[name] for name in ("ledger", "topic", "on"))
        if ledger != LEDGER or topic not in ("funds", "fees"):
            return JSONResponse({"title": "Not Found"}, 404)
        place = _number(request.query_params.get("cursor"), 0)
        if place is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", on):
            return JSONResponse({"title": "Bad Request"}, 400)
        today = copenhagen_date(self._clock.now())
        if on >= today.isoformat():
            return JSONResponse({"cursor": "", "tryLater": True, "items": []})
        told: Report = (funds_of if topic == "funds" else fees_of)(self._of(VIPPS), f"api:{MSN}", LEDGER)
        rows = [row for row in told if row["ledgerDate"] == on]
        end = place + self.page_size
        cursor = str(end) if end < len(rows) else ""
        return JSONResponse({"cursor": cursor, "tryLater": False, "items": rows[place:end]})

    def _may_report(self, request: Request) -> bool:
        return self._subscribes(request) and self._knows(request, VIPPS)

    def _subscribes(self, request: Request) -> bool:
        given = (request.headers.get("ocp-apim-subscription-key"), request.headers.get("merchant-serial-number"))
        return given == (VIPPS_SUBSCRIPTION_KEY, MSN)

    # --- both ----------------------------------------------------------------------------------------------

    def _of(self, acquirer: str) -> list[Payout]:
        """An acquirer's payouts, the oldest first."""
        return sorted(
            (one for one in self._payouts() if one.acquirer == acquirer), key=lambda one: (one.paid_on, one.id)
        )

    def _issue(self, acquirer: str) -> dict[str, str]:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (acquirer, self._clock.now() + timedelta(seconds=LIFETIME))
        return {"access_token": token, "token_type": "Bearer"}

    def _knows(self, request: Request, acquirer: str) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        whose, until = self._tokens.get(token, ("", self._clock.now()))
        return scheme == "Bearer" and whose == acquirer and until > self._clock.now()


def _basic(request: Request) -> tuple[str, ...]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    return tuple(given.split(":", 1))


def _number(text: str | None, otherwise: int) -> int | None:
    """A whole number of a query; None for what is none."""
    if text is None:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
