"""The sandbox's Shoporama: REST with a key, and its OAuth return (facts.md, Shoporama 1-3)."""

import html
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dinero.model.clock import Clock
from dinero.sandbox.connect import PAGE
from dinero.sandbox.stock import COUNTRIES, GATEWAYS

KEY = "sandbox-shop-key"
CALLS_A_DAY = 1000
MAX_PAGE = 100
DAY = 86_400.0


class Shop:
    """Orders, as raw as Shoporama would send them. `add` puts one more in; a known order_id is replaced."""

    def __init__(self, orders: list[dict[str, Any]], clock: Clock) -> None:
        self.orders = orders
        self.key = KEY
        self.calls_a_day = CALLS_A_DAY
        self._clock = clock
        self._taken: list[float] = []

    def add(self, raw: dict[str, Any]) -> None:
        """Adds an order, or replaces the one with its order_id."""
        self.orders[:] = [order for order in self.orders if order.get("order_id") != raw.get("order_id")]
        self.orders.append(raw)

    def routes(self) -> list[Route]:
        """REST and the OAuth page."""
        return [
            Route("/REST/order", self.list_orders, methods=["GET"]),
            Route("/REST/order/{id}", self.one_order, methods=["GET"]),
            Route("/REST/country", self.countries, methods=["GET"]),
            Route("/REST/payment-gateway", self.gateways, methods=["GET"]),
            Route("/REST/shipping", self.shipping, methods=["GET"]),
            Route("/admin/oauth/login", self.login, methods=["GET"]),
            Route("/admin/oauth/login", self.approve, methods=["POST"]),
        ]

    def _refusal(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        if given.removeprefix("Shoporama ").removeprefix("Bearer ") != self.key:
            return JSONResponse({"error": "Invalid API key"}, 401)
        now = self._clock.now().timestamp()
        self._taken[:] = [at for at in self._taken if at > now - DAY]
        if len(self._taken) >= self.calls_a_day:
            return JSONResponse({"error": "Daily limit reached"}, 429)
        self._taken.append(now)
        return None

    async def list_orders(self, request: Request) -> Response:
        """A page of orders in Shoporama's envelope."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        since = request.query_params.get("last_modified", "").replace("T", " ")
        rows = [order for order in self.orders if str(order.get("last_modified") or "9") >= since]
        return JSONResponse(_envelope(request, "orders", rows))

    async def one_order(self, request: Request) -> Response:
        """One order, without an envelope."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        wanted = request.path_params["id"]
        found = next((order for order in self.orders if str(order.get("order_id")) == wanted), None)
        return JSONResponse(found) if found is not None else JSONResponse({"error": "Not found"}, 404)

    async def countries(self, request: Request) -> Response:
        """The names behind country ids."""
        rows = [{"country_id": id_, "name": name, "iso": iso} for id_, (iso, name) in COUNTRIES.items()]
        return self._refusal(request) or JSONResponse(_envelope(request, "countries", rows))

    async def gateways(self, request: Request) -> Response:
        """The names behind payment gateway ids."""
        rows = [{"payment_gateway_id": id_, "name": name} for id_, (_, name) in GATEWAYS.items()]
        return self._refusal(request) or JSONResponse(_envelope(request, "payment_gateways", rows))

    async def shipping(self, request: Request) -> Response:
        """Shipping methods; some of Shoporama's lists are bare arrays."""
        return self._refusal(request) or JSONResponse([{"shipping_id": 52, "name": "GLS til pakkeshop"}])

    async def login(self, request: Request) -> Response:
        """The page on which the owner picks the shop and approves."""
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(request.query_params.get(name, ""), quote=True)}">'
            for name in ("redirect_uri", "state")
        )
        body = (
            "<p>Webshop: <b>Keramikhuset</b></p><p><b>Ordrebro</b> beder om at læse ordrer.</p>"
            f'<form method="post">{hidden}<button class="main" id="approve">Godkend</button></form>'
        )
        return HTMLResponse(PAGE.format(title="Godkend adgang til Shoporama", body=body))

    async def approve(self, request: Request) -> Response:
        """Takes the owner back with the key in the query, as Shoporama does."""
        form = await request.form()
        base = str(request.base_url).rstrip("/")
        answer = {
            "token": self.key,
            "shop_url": base,
            "shop_name": "Keramikhuset",
            "api_endpoint": f"{base}/REST",
            "webshop_id": "4711",
            "access_level": "read",
            "state": str(form.get("state", "")),
            "currency": "DKK",
            "prices_include_vat": "1",
        }
        return RedirectResponse(f"{form.get('redirect_uri')}?{urlencode(answer)}", 303)


def _envelope(request: Request, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    asked = [request.query_params.get(key, "") for key in ("limit", "offset")]
    limit, offset = (int(value) if value.isascii() and value.isdigit() else 0 for value in asked)
    limit = min(limit or MAX_PAGE, MAX_PAGE)
    page = rows[offset : offset + limit]
    return {"paging": {"offset": offset, "limit": limit, "count": len(page), "total": len(rows)}, name: page}
