"""A WooCommerce shop as it was seen to answer (facts.md, WooCommerce 3-6), in place of `exchange`: no network."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from dinero.model.clock import SimulatedClock
from dinero.shops.shop_system import Access
from dinero.shops.woocommerce.client import WooCommerce

KEY, SECRET = "ck_" + "1" * 40, "cs_" + "2" * 40
START = datetime.fromisoformat("2026-11-01T08:00:00")
Answered = tuple[int, Any, dict[str, str]]

CANNOT_VIEW = {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."}
NOT_THERE = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID."}
NO_ROUTE = {"code": "rest_no_route", "message": "No route was found."}


def not_authentic(message: str) -> Answered:
    return 401, {"code": "woocommerce_rest_authentication_error", "message": message, "data": {"status": 401}}, {}


def at(seconds: int) -> str:
    """A time as WooCommerce writes it, so many seconds after the shop's start."""
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class FakeShop:
    """One shop. What is switched on here is what hosts and plugins were seen to do."""

    base: str = "https://shop.example"
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    believes_in_https: bool = True
    strips_header: bool = False
    takes_signatures: bool = True
    may_read: bool = True
    has_permalinks: bool = True
    has_woocommerce: bool = True
    has_reports: bool = True
    knows_changes: bool = True
    most_per_page: int = 100
    ignores: frozenset[str] = frozenset()
    hidden: frozenset[int] = frozenset()  # orders that its list loses
    broken: dict[int, Answered] = field(default_factory=dict)  # what it says instead of an order's refunds
    page: str = ""  # what stands before everything
    failures: list[Answered] = field(default_factory=list)
    between: Callable[["FakeShop", int], None] = lambda shop, number: None
    headers: dict[str, str] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    def add(self, number: int, seconds: int, **told: Any) -> dict[str, Any]:
        """An order that was changed so many seconds after the shop's start."""
        order = {
            "id": number,
            "number": str(number),
            "status": "processing",
            "version": "11.0.1",
            "date_created_gmt": at(0),
            "date_modified_gmt": at(seconds),
            "date_modified": at(seconds + 3600),
            "refunds": [],
            "total": "10.00",
            **told,
        }
        self.orders[number] = order
        return order

    def exchange(self, http: Any, method: str, url: str, *, authorization: str, **_: Any) -> Any:
        self.urls.append(url)
        self.authorizations.append(authorization)
        assert method == "GET"
        assert len(url) < 6000
        status, told, headers = self._answer(url, authorization)
        self.between(self, len(self.urls))
        body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        return status, body, {**self.headers, **headers}

    def _answer(self, url: str, authorization: str) -> Answered:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if self.failures:
            return self.failures.pop(0)
        if self.page:
            return 200, self.page, {}
        path = parts.path.removeprefix(urlsplit(self.base).path)
        if asked.get("rest_route") == "/" or (path == "/wp-json/" and self.has_permalinks):
            return 200, {"name": "Kops webshop", "namespaces": ["wp/v2"]}, {}
        if not self.has_permalinks or not path.startswith("/wp-json/"):
            return 404, "<html>Not found</html>", {}
        if not self.has_woocommerce:
            return 404, NO_ROUTE, {}
        refused = self._refused(url, asked, "" if self.strips_header else authorization)
        return refused or self._route(path.removeprefix("/wp-json/wc/v3"), asked)

    def _refused(self, url: str, asked: Mapping[str, str], authorization: str) -> Answered | None:
        key = secret = ""
        if self.believes_in_https and url.startswith("https:"):
            if "consumer_secret" in asked:
                key, secret = asked["consumer_key"], asked["consumer_secret"]
            elif authorization.startswith("Basic "):
                key, _, secret = b64decode(authorization[6:]).decode().partition(":")
            if key == KEY and secret != SECRET:
                return not_authentic("Consumer secret is invalid.")
        if key != KEY and "oauth_signature" in asked and self.takes_signatures:
            key = asked["oauth_consumer_key"]
            if key != KEY:
                return not_authentic("Consumer key is invalid.")
            if asked["oauth_signature"] != self._signature(url, asked):
                return not_authentic("Invalid signature - provided signature does not match.")
        if key != KEY:
            return 401, CANNOT_VIEW, {}
        return None if self.may_read else not_authentic("The API key provided does not have read permissions.")

    def _signature(self, url: str, asked: Mapping[str, str]) -> str:
        scheme = "https" if self.believes_in_https and url.startswith("https:") else "http"
        address = f"{scheme}://{url.partition('?')[0].partition('://')[2]}"
        pairs = sorted((_escaped(k), _escaped(v)) for k, v in asked.items() if k != "oauth_signature")
        base = f"GET&{_escaped(address)}&{_escaped('&'.join(f'{k}={v}' for k, v in pairs))}"
        return b64encode(hmac.new(f"{SECRET}&".encode(), base.encode(), hashlib.sha256).digest()).decode()

    def _route(self, path: str, asked: Mapping[str, str]) -> Answered:
        match path.strip("/").split("/"):
            case ["orders"]:
                return self._list(asked)
            case ["orders", number]:
                order = self.orders.get(int(number))
                return (200, order, {}) if order is not None else (404, NOT_THERE, {})
            case ["orders", number, "refunds"] if int(number) in self.broken:
                return self.broken[int(number)]
            case ["orders", number, "refunds"]:
                rows = self.refunds.get(int(number), [])
                first = (int(asked.get("page", 1)) - 1) * int(asked["per_page"])
                return 200, rows[first : first + int(asked["per_page"])], {}
            case ["refunds"]:
                every = [{**row, "parent_id": number} for number, rows in self.refunds.items() for row in rows]
                return 200, [row for row in every if str(row["id"]) in asked["include"].split(",")], {}
            case ["reports", "orders", "totals"] if self.has_reports:
                return 200, self._totals(), {}
            case ["system_status"]:
                return 200, {"environment": {"version": "5.4.2"}}, {}
            case ["payment_gateways"]:
                return 200, [{"id": "bacs", "title": "Bankoverførsel", "enabled": True}], {}
            case ["settings", "general"]:
                return (
                    200,
                    [
                        {"id": "woocommerce_price_num_decimals", "value": "0"},
                        {"id": "woocommerce_currency", "value": "DKK"},
                        {"id": "woocommerce_calc_taxes", "value": "no"},
                    ],
                    {},
                )
            case ["settings", "tax"]:
                return 403, {"code": "woocommerce_rest_cannot_view", "message": "Nej."}, {}
            case _:
                return 404, NO_ROUTE, {}

    def _totals(self) -> list[dict[str, Any]]:
        listed = ("processing", "completed", "checkout-draft", "trash")
        statuses = [order["status"] for order in self.orders.values()]
        return [{"slug": slug, "name": slug, "total": statuses.count(slug)} for slug in listed]

    def _list(self, asked: Mapping[str, str]) -> Answered:
        told = {name: value for name, value in asked.items() if name not in self.ignores}
        if not self.knows_changes:
            told = {name: value for name, value in told.items() if not name.startswith("modified")}
        rows = [
            order
            for order in self.orders.values()
            if order["status"] not in ("checkout-draft", "trash") and order["id"] not in self.hidden
        ]
        for name, keep in (("modified_after", 1), ("modified_before", -1)):
            if name in told:
                # A zone beside dates_are_gmt is moved to local time first: an hour of winter is lost.
                limit = datetime.fromisoformat(told[name].rstrip("Z"))
                limit += timedelta(hours=told[name].endswith("Z"))
                rows = [row for row in rows if (_time(row) - limit).total_seconds() * keep > 0]
                assert told["dates_are_gmt"] == "true"
        left_out = set(told.get("exclude", "").split(","))
        rows = [row for row in rows if str(row["id"]) not in left_out]
        by_id = told["orderby"] == "id"
        rows.sort(key=lambda row: row["id"] if by_id else (_time(row), row["id"]), reverse=told.get("order") != "asc")
        first, most = int(told.get("offset", 0)), min(int(told["per_page"]), self.most_per_page)
        return 200, rows[first : first + most], {"X-WP-Total": str(len(rows))}


def _time(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["date_modified_gmt"])


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> FakeShop:
    """A shop that answers instead of the network."""
    made = FakeShop()
    monkeypatch.setattr("dinero.shops.woocommerce.calls.exchange", made.exchange)
    return made


def client(shop: FakeShop, *, look_ups: Mapping[str, Any] | None = None, **keys: str) -> WooCommerce:
    """A client of the shop with its key, an hour after its start."""
    told = {"key": KEY, "secret": SECRET, **keys}
    clock = SimulatedClock(datetime.fromisoformat(f"{at(3600 * 24)}+00:00"))
    return WooCommerce(Access(shop.base, told, clock, look_ups or {}))
