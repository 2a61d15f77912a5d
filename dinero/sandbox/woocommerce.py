"""The sandbox's WooCommerce: WordPress in a folder, its REST API with a key that may read, and the trouble that real
hosts make (facts.md's chapter WooCommerce)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dinero.model.clock import Clock
from dinero.sandbox.connect import PAGE
from dinero.sandbox.woocommerce_answers import gateways, index, settings_of, tax_rates
from dinero.sandbox.woocommerce_authorize import Authorize
from dinero.sandbox.woocommerce_cart import Settings
from dinero.sandbox.woocommerce_json import Raw, shown, shown_refund
from dinero.sandbox.woocommerce_keys import Called, Keys
from dinero.sandbox.woocommerce_lists import (
    Asked,
    Found,
    Invalid,
    asked,
    cut,
    encoded,
    error,
    found,
    known_statuses,
    page_of,
    within,
)
from dinero.sandbox.woocommerce_shop import WooCommerceShop
from dinero.sandbox.woocommerce_store import STATUSES, UNSEEN

FOLDER = "/butik"  # where WordPress is on the sandbox's address
_JSON = "application/json; charset=UTF-8"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(slots=True)
class Trouble:
    """What goes wrong until it is switched off again. `busy` is 429 with that many seconds in Retry-After; `off` are
    statuses whose plugin is off."""

    header_stripped: bool = False
    https_believed: bool = True
    permalinks: bool = True
    login_page: bool = False
    busy: int | None = None
    down: bool = False
    missing_report: bool = False
    off: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint says: JSON, and the headers of a list."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One call to an endpoint: its parameters, the rest of its path, and the refusal that its key earns."""

    pairs: Sequence[tuple[str, str]]
    parts: Sequence[str]
    address: str
    url: str
    refused: Raw | None


class WooCommerce(WooCommerceShop):
    """WordPress under /butik. Its shop is played by the methods of WooCommerceShop, its host by `trouble`."""

    def __init__(self, clock: Clock, settings: Settings | None = None, name: str = "Lampehuset") -> None:
        super().__init__(clock, settings)
        self.name = name
        self.keys = Keys()
        self.trouble = Trouble()
        self.authorize = Authorize(name, self.keys)
        self.pages_listed = 0
        self._after: dict[int, list[Callable[[], object]]] = {}
        self._endpoints: list[tuple[re.Pattern[str], Callable[[_Ask], Answer]]] = [
            (re.compile(rf"/wc/v3{pattern}/?"), endpoint)
            for pattern, endpoint in (
                ("", lambda ask: Answer({"namespace": "wc/v3", "routes": {}})),
                ("/orders", self._list),
                (r"/orders/(\d+)", self._one),
                (r"/orders/(\d+)/refunds", self._refunds_of),
                (r"/orders/(\d+)/refunds/(\d+)", self._refund),
                ("/refunds", self._all_refunds),
                (r"/settings/(\w+)", self._settings),
                (r"/settings/(\w+)/(\w+)", self._setting),
                ("/taxes", self._taxes),
                ("/payment_gateways", self._gateways),
                ("/reports/orders/totals", self._totals),
            )
        ]

    def environment(self, url: str) -> dict[str, str]:
        """The variables by which the shop is found and read, where the sandbox is at `url`."""
        return {
            "WOOCOMMERCE_URL": f"{url}{FOLDER}",
            "WOOCOMMERCE_KEY": self.keys.key,
            "WOOCOMMERCE_SECRET": self.keys.secret,
        }

    def after(self, page: int, action: Callable[[], object]) -> None:
        """Does something once so many more pages of a list of orders were answered."""
        self._after.setdefault(self.pages_listed + page, []).append(action)

    def configure(self, wanted: Mapping[str, Any]) -> list[Any]:
        """Sets switches of `trouble`, settings of the shop, key and secret by their names; "do" is a list of what is to
        happen in the shop, each [method, values…, {names: values}], and "after" [pages, such a list]. Returns what the
        methods answered."""
        for name, value in wanted.items():
            if name in Trouble.__dataclass_fields__:
                setattr(self.trouble, name, set(value) if name == "off" else value)
            elif name in Settings.__dataclass_fields__:
                self.settings = replace(self.settings, **{name: value})
            elif name in ("key", "secret"):
                setattr(self.keys, name, str(value))
            elif name == "loopback_callback":
                self.authorize.loopback_callback = bool(value)
            elif name == "after":
                pages, happenings = value
                self.after(int(pages), lambda happenings=happenings: self._happen(happenings))  # type: ignore[misc]
            elif name != "do":
                raise ValueError(name)
        return self._happen(wanted.get("do", []))

    def _happen(self, happenings: Sequence[Sequence[Any]]) -> list[Any]:
        answers = []
        for method, *values in happenings:
            if method not in ("add", "sell", "change", "refund", "delete_refund", "delete", "trash"):
                raise ValueError(method)
            named = values.pop() if method != "add" and values and isinstance(values[-1], dict) else {}
            answers.append(getattr(self, method)(*values, **named))
        return answers

    def routes(self) -> list[Route]:
        """WordPress's addresses."""
        return [
            *self.authorize.routes(FOLDER),
            Route(f"{FOLDER}/wp-json/{{path:path}}", self._pretty, methods=_METHODS),
            Route(f"{FOLDER}/wp-json", self._pretty, methods=_METHODS),
            Route(f"{FOLDER}/", self._plain, methods=_METHODS),
        ]

    async def _pretty(self, request: Request) -> Response:
        path = f"/{request.path_params.get('path', '')}"
        if (page := self._in_the_way()) is not None:
            return page
        if not self.trouble.permalinks:
            return HTMLResponse("<!DOCTYPE HTML><title>404 Not Found</title><h1>Not Found</h1>", 404)
        return self._answer(request, path, with_keys=True)

    async def _plain(self, request: Request) -> Response:
        """`?rest_route=`: the keys are not looked at there. Without it the shop's front page."""
        path = request.query_params.get("rest_route")
        if (page := self._in_the_way()) is not None:
            return page
        if path is None:
            return HTMLResponse(PAGE.format(title=self.name, body="<p>Velkommen i webshoppen.</p>"))
        return self._answer(request, path, with_keys=False)

    def _in_the_way(self) -> Response | None:
        """A page that answers before WordPress's API does."""
        if self.trouble.down:
            body = "<p>Siden er lukket et øjeblik på grund af vedligeholdelse.</p>"
            return HTMLResponse(PAGE.format(title="Vedligeholdelse", body=body), 503, {"Retry-After": "600"})
        if self.trouble.busy is not None:
            return HTMLResponse("<h1>429 Too Many Requests</h1>", 429, {"Retry-After": str(self.trouble.busy)})
        if self.trouble.login_page:
            body = '<form method="post"><input name="log" aria-label="Brugernavn"><button>Log ind</button></form>'
            return HTMLResponse(PAGE.format(title="Log ind", body=body))
        return None

    def _answer(self, request: Request, path: str, *, with_keys: bool) -> Response:
        base = f"{str(request.base_url).rstrip('/')}{FOLDER}"
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        if path in ("", "/"):
            return _sent(Answer(index(self.name, base)), "")
        url = f"{base}/wp-json{path}"
        headers = {} if self.trouble.header_stripped else dict(request.headers)
        call = Called(request.method, url, pairs, headers, int(self.clock.now().timestamp()))
        refused = self.keys.refusal(
            call if with_keys else replace(call, pairs=(), headers={}), believes_https=self._is_ssl
        )
        if refused is not None and refused["code"] == "woocommerce_rest_authentication_error":
            return _sent(Answer(refused, 401), "")
        if refused is None and request.method not in ("GET", "HEAD"):
            message = "The API key provided does not have write permissions."
            return _sent(Answer(error("woocommerce_rest_authentication_error", message, 401), 401), "")
        for pattern, endpoint in self._endpoints:
            if (match := pattern.fullmatch(path)) and request.method in ("GET", "HEAD"):
                try:
                    answer = endpoint(_Ask(pairs, match.groups(), base, url, refused))
                except Invalid as invalid:
                    answer = Answer(invalid.body, 400)
                return _sent(answer, dict(pairs).get("_fields", ""))
        return _sent(Answer(_NO_ROUTE, 404), "")

    @property
    def _is_ssl(self) -> bool:
        return self.trouble.https_believed

    # --- endpoints -----------------------------------------------------------------------------------------

    def _list(self, ask: _Ask) -> Answer:
        wanted = asked(ask.pairs, self._statuses())
        if ask.refused is not None:
            return Answer(ask.refused, 401)
        page = page_of(wanted, self.orders, self.trouble.off)
        rows = [self._shown(order_id, wanted.dp, ask.address) for order_id in page.ids]
        answer = Answer(rows, headers=_headers(ask, page, wanted))
        self.pages_listed += 1
        for action in self._after.pop(self.pages_listed, ()):
            action()
        return answer

    def _one(self, ask: _Ask) -> Answer:
        dp = asked([pair for pair in ask.pairs if pair[0] == "dp"], frozenset()).dp
        order_id = int(ask.parts[0])
        if order_id not in self.orders:
            return Answer(_NO_ORDER, 404)
        return _refused(ask) or Answer(self._shown(order_id, dp, ask.address))

    def _refunds_of(self, ask: _Ask) -> Answer:
        wanted = asked(ask.pairs, self._statuses())
        if ask.refused is not None:
            return Answer(ask.refused, 401)
        return self._refund_page(ask, self.orders.refunds_of(int(ask.parts[0])), wanted, alone=False)

    def _all_refunds(self, ask: _Ask) -> Answer:
        wanted = asked(ask.pairs, self._statuses())
        if ask.refused is not None:
            return Answer(ask.refused, 401)
        newest = sorted(self.orders.refunds.values(), key=lambda one: (one["date_created_gmt"], one["id"]))[::-1]
        return self._refund_page(ask, newest, wanted, alone=True)

    def _refund_page(self, ask: _Ask, refunds: Sequence[Raw], wanted: Asked, *, alone: bool) -> Answer:
        ids = [refund["id"] for refund in refunds if within(refund, wanted)]
        page = found(ids if wanted.order == "desc" else ids[::-1], wanted)
        rows = [
            shown_refund(self.orders.refunds[id_], self.settings, wanted.dp, ask.address, alone=alone)
            for id_ in page.ids
        ]
        return Answer(rows, headers=_headers(ask, page, wanted))

    def _refund(self, ask: _Ask) -> Answer:
        dp = asked([pair for pair in ask.pairs if pair[0] == "dp"], frozenset()).dp
        refund = self.orders.refunds.get(int(ask.parts[1]))
        if refund is None or refund["parent_id"] != int(ask.parts[0]):
            return Answer(error("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 404), 404)
        return _refused(ask) or Answer(shown_refund(refund, self.settings, dp, ask.address))

    def _settings(self, ask: _Ask) -> Answer:
        rows = settings_of(ask.parts[0], self.settings, ask.address)
        if rows is None:
            return Answer(error("rest_setting_setting_group_invalid", "Invalid setting group.", 404), 404)
        return _refused(ask) or Answer(rows)

    def _setting(self, ask: _Ask) -> Answer:
        rows = settings_of(ask.parts[0], self.settings, ask.address) or []
        row = next((row for row in rows if row["id"] == ask.parts[1]), None)
        if row is None:
            return Answer(error("rest_setting_setting_invalid", "Invalid setting.", 404), 404)
        return _refused(ask) or Answer(row)

    def _taxes(self, ask: _Ask) -> Answer:
        wanted = asked([pair for pair in ask.pairs if pair[0] in ("page", "per_page", "offset")], frozenset())
        rates = self.settings.rates
        page = found(range(len(rates)), wanted)
        rows = tax_rates([rates[place] for place in page.ids], ask.address)
        return _refused(ask) or Answer(rows, headers=_headers(ask, page, wanted))

    def _gateways(self, ask: _Ask) -> Answer:
        return _refused(ask) or Answer(gateways(ask.address))

    def _totals(self, ask: _Ask) -> Answer:
        if self.trouble.missing_report:
            return Answer(_NO_ROUTE, 404)
        counted = {slug: len(self.orders.by_status.get(slug, ())) for slug in self._statuses()}
        order = [slug for slug in (*STATUSES, *sorted(counted)) if slug in counted]
        rows = [
            {"slug": slug, "name": STATUSES.get(slug, slug.replace("-", " ").capitalize()), "total": counted[slug]}
            for slug in dict.fromkeys(order)
        ]
        return _refused(ask) or Answer(rows)

    def _shown(self, order_id: int, dp: int | None, address: str) -> Raw:
        kept = self.orders.get(order_id) or {}
        return shown(kept, self.orders.refunds_of(order_id), self.settings, dp, address)

    def _statuses(self) -> set[str]:
        """The statuses that are known now: those of plugins that are on, too."""
        used = {status for status, ids in self.orders.by_status.items() if ids and status not in UNSEEN}
        return known_statuses(used) - self.trouble.off


_NO_ROUTE = error("rest_no_route", "No route was found matching the URL and request method.", 404)
_NO_ORDER = error("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)


def _refused(ask: _Ask) -> Answer | None:
    """The refusal of a call for one thing."""
    if ask.refused is None:
        return None
    return Answer({**ask.refused, "message": "Sorry, you cannot view this resource."}, 401)


def _headers(ask: _Ask, page: Found, wanted: Asked) -> dict[str, str]:
    """How many there are, and where the pages beside this one are."""
    links = []
    for rel, number, there in (("prev", page.page - 1, page.page > 1), ("next", page.page + 1, page.page < page.pages)):
        if there:
            others = [pair for pair in ask.pairs if pair[0] != "page" and "consumer" not in pair[0]]
            query = urlencode([*others, ("page", number)])
            links.append(f'<{ask.url}?{query}>; rel="{rel}"')
    told = {"X-WP-Total": str(page.total), "X-WP-TotalPages": str(page.pages)}
    return told | ({"Link": ", ".join(links)} if links else {})


def _sent(answer: Answer, fields: str) -> Response:
    body = answer.body
    if fields and answer.status == 200:
        body = [cut(row, fields) for row in body] if isinstance(body, list) else cut(body, fields)
    return Response(encoded(body), answer.status, dict(answer.headers), _JSON)
