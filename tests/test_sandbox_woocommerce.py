"""The sandbox's WooCommerce over HTTP: its answers have the form of the recorded ones (tests/data/woocommerce/), its
lists and hosts the traps of real ones."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from dinero.cli.demo import demo_keys
from dinero.cli.main import parser
from dinero.model.clock import SimulatedClock
from dinero.sandbox import Sandbox
from dinero.sandbox.server import IN_WOOCOMMERCE
from dinero.sandbox.woocommerce import WooCommerce
from dinero.sandbox.woocommerce_cart import Cart, Coupon, Fee, GiftCard, Item, Settings

RECORDED = Path(__file__).parent / "data" / "woocommerce"
ORDERS = sorted(
    path.name
    for path in RECORDED.glob("real-*.json")
    if "line_items" in json.loads(path.read_text()) and "refunds" not in path.name.split(".")
)
# How the shop was set when it answered.
SET = {
    "excl": Settings(prices_include_tax=False),
    "exclsub": Settings(prices_include_tax=False, round_at_subtotal=True),
    "d0": Settings(decimals=0),
    "yith.default-in-0-decimals": Settings(decimals=0),
}
HIDDEN = ("_links", "payment_url")  # they have the shop's address in them


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text())


class Shop:
    """The sandbox's WooCommerce and a client that knows its key."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.woo: WooCommerce = sandbox.woocommerce
        self.told = sandbox.environment(woocommerce=True)
        self.base = self.told["WOOCOMMERCE_URL"]
        self.key = (self.told["WOOCOMMERCE_KEY"], self.told["WOOCOMMERCE_SECRET"])

    def ask(self, path: str, **params: Any) -> requests.Response:
        return requests.get(f"{self.base}/wp-json/wc/v3{path}", params=params, auth=self.key, timeout=10)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.ask(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, **params: Any) -> list[int]:
        return [order["id"] for order in self.get("/orders", **params)]


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
def shop(clock: SimulatedClock) -> Iterator[Shop]:
    with Sandbox(orders=0, clock=clock, woocommerce=0) as sandbox:
        yield Shop(sandbox)


def shape(value: Any) -> Any:
    """Keys in their order, and types; a list is its first entry's, numbers are one type."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


# --- the form of the answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ORDERS)
def test_a_recorded_order_is_told_again_word_for_word(file: str, shop: Shop) -> None:
    name, _, how = file.removeprefix("real-").removesuffix(".json").partition(".")
    told = recorded(file)
    shop.woo.settings = SET.get(f"{name}.{how}", SET.get(name, Settings()))
    shop.woo.add(told)
    if (RECORDED / f"real-{name}.refunds.json").exists():
        shop.woo.put_refunds(told["id"], recorded(f"real-{name}.refunds.json"))
    dp = {"": {"dp": 2}, "dp6": {"dp": 6}}.get(how, {})
    got = shop.get(f"/orders/{told['id']}", **dp)
    assert list(got) == list(told)
    assert {key: got[key] for key in got if key not in HIDDEN} == {key: told[key] for key in told if key not in HIDDEN}
    assert shape(got["_links"]) == shape(told["_links"])
    assert shop.get("/orders", **dp) == [got]


@pytest.mark.parametrize("name", ["refund-amount-only", "refund-full-by-status", "refund-partial-line"])
def test_recorded_refunds_are_told_again_word_for_word(name: str, shop: Shop) -> None:
    told, order = recorded(f"real-{name}.refunds.json"), recorded(f"real-{name}.json")
    shop.woo.put_refunds(shop.woo.add(order), told)
    got = shop.get(f"/orders/{order['id']}/refunds", dp=2)
    assert [{**refund, "_links": 0} for refund in got] == [{**refund, "_links": 0} for refund in told]
    assert shape(got) == shape(told)


def test_a_sold_order_has_the_form_of_a_recorded_one(shop: Shop) -> None:
    coupon = shop.woo.sell(("Kop", 249, 1), coupons=[Coupon("ti", "percent", Decimal(10))], method="bacs")
    fee = shop.woo.sell(("Kop", 249, 1), fees=[Fee("Gebyr", Decimal(4))], status="completed", method="bacs")
    yith = shop.woo.sell(gift_cards=[GiftCard("ABCD", Decimal(100))])
    assert shape(shop.get(f"/orders/{coupon}", dp=2)) == shape(recorded("real-coupon-percent.json"))
    assert shape(shop.get(f"/orders/{fee}")["fee_lines"]) == shape(recorded("real-fee-taxed.json")["fee_lines"])
    told = recorded("real-yith.json")["meta_data"]
    assert [shape(entry["value"]) if entry["key"] != "_ywgc_applied_gift_cards" else 0 for entry in told] == [
        shape(entry["value"]) if entry["key"] != "_ywgc_applied_gift_cards" else 0
        for entry in shop.get(f"/orders/{yith}")["meta_data"]
    ]


def test_refunds_that_are_made_have_the_form_of_recorded_ones(shop: Shop, clock: SimulatedClock) -> None:
    lines, amount, status = (shop.woo.sell(("Kop", 249, 2), method="bacs") for _ in range(3))
    clock.advance(60)
    shop.woo.refund(lines, {"Kop": 1}, reason="Retur af 1 kop")
    shop.woo.refund(amount, amount=50, reason="Prisafslag")
    shop.woo.change(status, status="refunded")
    for order_id, name in (
        (lines, "refund-partial-line"),
        (amount, "refund-amount-only"),
        (status, "refund-full-by-status"),
    ):
        told = recorded(f"real-{name}.refunds.json")
        got = shop.get(f"/orders/{order_id}/refunds", dp=2)
        assert shape(got) == shape(told)
        order = shop.get(f"/orders/{order_id}", dp=2)
        assert shape(order["refunds"]) == shape(recorded(f"real-{name}.json")["refunds"])
        assert order["date_modified_gmt"] == "2026-11-24T09:01:00"
    assert shop.get(f"/orders/{lines}/refunds")[0]["line_items"][0]["total_tax"] == "-49.80"
    assert shop.get(f"/orders/{status}")["status"] == "refunded"
    assert {refund["parent_id"] for refund in shop.get("/refunds")} == {lines, amount, status}


def test_errors_are_the_recorded_ones(shop: Shop) -> None:
    told = recorded("real-errors.json")
    stranger = requests.get(f"{shop.base}/wp-json/wc/v3/orders", auth=("ck_x", "cs_x"), timeout=10)
    order_id = shop.woo.sell()
    refund_id = shop.woo.refund(order_id, amount=5)
    got = {
        "401 wrong key": stranger,
        "404 order": shop.ask("/orders/999999"),
        "404 route": shop.ask("/nothing"),
        "400 date": shop.ask("/orders", modified_after="yesterday"),
        "400 per_page": shop.ask("/orders", per_page=101),
    }
    assert {name: answer.json() for name, answer in got.items()} == told
    assert {name: answer.status_code for name, answer in got.items()} == {name: int(name[:3]) for name in told}
    assert shop.ask(f"/orders/{refund_id}").json() == told["404 order"]
    shop.woo.delete(order_id)
    assert shop.ask(f"/orders/{order_id}").json() == told["404 order"]


def test_settings_rates_and_ways_to_pay_have_the_recorded_form(shop: Shop) -> None:
    assert shop.get("/settings/tax", _fields="id,value") == recorded("real-settings-tax.json")
    shop.woo.settings = Settings()
    assert [{**rate, "_links": 0} for rate in shop.get("/taxes")] == [
        {**rate, "_links": 0} for rate in recorded("real-taxes.json")
    ]
    assert shape(shop.get("/payment_gateways", _fields="id,title,enabled")) == shape(
        recorded("real-payment-gateways.json")
    )
    general = {row["id"]: row["value"] for row in shop.get("/settings/general")}
    assert (general["woocommerce_price_num_decimals"], general["woocommerce_calc_taxes"]) == ("2", "yes")
    shop.woo.settings = Settings(decimals=0, round_at_subtotal=True)
    assert shop.get("/settings/general/woocommerce_price_num_decimals")["value"] == "0"
    assert shop.get("/settings/tax/woocommerce_tax_round_at_subtotal")["value"] == "yes"


# --- lists ---------------------------------------------------------------------------------------------------


def test_a_list_has_pages_with_their_counts_and_an_empty_one_beyond_the_last(shop: Shop) -> None:
    ids = [shop.woo.sell() for _ in range(5)]
    answer = shop.ask("/orders", per_page=2, page=2, order="asc", orderby="id")
    assert [order["id"] for order in answer.json()] == ids[2:4]
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("5", "3")
    assert 'rel="prev"' in answer.headers["Link"]
    assert 'rel="next"' in answer.headers["Link"]
    assert shop.ids(page=9) == []
    assert shop.ids(offset=4, order="asc") == ids[4:]
    assert shop.ids(include=f"{ids[3]},{ids[1]}", orderby="include") == [ids[3], ids[1]]
    assert shop.ids(**{"exclude[]": ids[1:]}) == ids[:1]
    assert len(shop.ids(modified_aftr="2030-01-01T00:00:00")) == 5  # a name that nobody knows


def test_bounds_are_exclusive_and_a_zone_with_gmt_is_moved_to_local_time(shop: Shop, clock: SimulatedClock) -> None:
    first = shop.woo.sell()
    clock.advance(1)
    second = shop.woo.sell()
    asked = {"orderby": "modified", "order": "asc", "dates_are_gmt": "true"}
    assert shop.ids(modified_after="2026-11-24T09:00:00", **asked) == [second]
    assert shop.ids(modified_before="2026-11-24T09:00:01", **asked) == [first]
    assert shop.ids(modified_after="2026-11-24T08:59:59", **asked) == [first, second]
    # The trap: the same second with a zone is taken for an hour later.
    assert shop.ids(modified_after="2026-11-24T08:59:59Z", **asked) == []
    assert shop.ids(modified_after="2026-11-24T07:59:59Z", **asked) == [first, second]
    assert shop.ids(modified_after="2026-11-24T08:59:59Z") == [second, first]
    assert shop.ids(modified_after="2026-11-24T09:59:59") == [second, first]  # local time without a zone
    assert shop.ids(modified_after="2026-11-24T10:00:00") == [second]
    assert shop.ask("/orders", modified_after="2026-11-24").status_code == 400
    plus = requests.get(f"{shop.base}/wp-json/wc/v3/orders?after=2026-11-24T09:00:00+01:00", auth=shop.key, timeout=10)
    assert plus.status_code == 400  # a + in an address is a blank
    assert shop.ids(after="2026-11-24T10:00:00+01:00") == [second]


def test_any_hides_the_trash_drafts_and_statuses_whose_plugin_is_off(shop: Shop) -> None:
    seen = shop.woo.sell()
    trashed, draft, odd = shop.woo.sell(), shop.woo.sell(status="checkout-draft"), shop.woo.sell(status="afhentes")
    shop.woo.trash(trashed)
    assert shop.ids() == [odd, seen]
    assert shop.ids(status="trash") == [trashed]
    assert shop.ids(status="afhentes,processing") == [odd, seen]
    shop.woo.trouble.off = {"afhentes"}
    assert shop.ids() == [seen]
    assert shop.ask("/orders", status="afhentes").json()["code"] == "rest_invalid_param"
    assert [shop.get(f"/orders/{order_id}")["status"] for order_id in (trashed, draft, odd)] == [
        "trash",
        "checkout-draft",
        "afhentes",
    ]
    totals = {row["slug"]: row["total"] for row in shop.get("/reports/orders/totals")}
    assert (totals["processing"], totals["checkout-draft"]) == (1, 1)
    assert "afhentes" not in totals
    assert "trash" not in totals


def test_an_order_that_changes_between_two_pages_costs_another(shop: Shop, clock: SimulatedClock) -> None:
    ids = []
    for _ in range(4):
        ids.append(shop.woo.sell())
        clock.advance(10)
    asked = {"orderby": "modified", "order": "asc", "per_page": 2}
    shop.woo.after(1, lambda: shop.woo.change(ids[0], customer_note="Ring på"))
    assert shop.ids(**asked, page=1) == ids[:2]
    assert shop.ids(**asked, page=2) == [ids[3], ids[0]]  # ids[2] is lost


def test_other_filters_and_fields(shop: Shop) -> None:
    one = shop.woo.sell(Item("Vase", Decimal(99), product_id=77), customer_id=5, created_via="admin")
    other = shop.woo.sell()
    assert shop.ids(product=77) == shop.ids(customer=5) == shop.ids(created_via="admin,rest-api") == [one]
    assert shop.ids(parent=other) == []
    cut = shop.get("/orders", _fields="id,billing.email", include=other)
    assert cut == [{"id": other, "billing": {"email": "kunde@example.com"}}]


# --- what happens in the shop --------------------------------------------------------------------------------


def test_a_deleted_refund_leaves_its_order_as_it_was(shop: Shop, clock: SimulatedClock) -> None:
    order_id = shop.woo.sell()
    refund_id = shop.woo.refund(order_id, amount=50)
    before = shop.get(f"/orders/{order_id}")
    clock.advance(60)
    shop.woo.delete_refund(refund_id)
    after = shop.get(f"/orders/{order_id}")
    assert (after["refunds"], after["date_modified"]) == ([], before["date_modified"])
    assert shop.get(f"/orders/{order_id}/refunds") == []


def test_a_refund_may_be_an_ore_too_large_and_a_whole_one_ends_the_order(shop: Shop) -> None:
    order_id = shop.woo.sell()
    shop.woo.refund(order_id, {"Kop": 1}, "288.01", freight=True)
    order = shop.get(f"/orders/{order_id}")
    assert (order["status"], order["refunds"][0]["total"]) == ("refunded", "-288.01")
    refund = shop.get(f"/orders/{order_id}/refunds")[0]
    assert (refund["shipping_lines"][0]["total"], refund["tax_lines"][0]["shipping_tax_total"]) == ("-31.20", "-7.80")


def test_a_refund_of_everything_has_each_line_and_the_whole_amount(shop: Shop) -> None:
    order_id = shop.woo.sell(("Kop", 249, 2), fees=[Fee("Gebyr", Decimal(4))])
    shop.woo.refund(order_id, {"Kop": 2}, freight=True, fees=True)
    order, refund = shop.get(f"/orders/{order_id}"), shop.get(f"/orders/{order_id}/refunds")[0]
    assert (refund["amount"], order["status"]) == (order["total"], "refunded")
    assert [refund[kind][0]["total"] for kind in ("line_items", "shipping_lines", "fee_lines")] == [
        "-398.40",
        "-31.20",
        "-4.00",
    ]
    assert order["refunds"][0]["total_tax"] == f"-{order['total_tax']}"


def test_orders_and_refunds_have_their_ids_from_one_sequence(shop: Shop) -> None:
    first = shop.woo.sell()
    refund = shop.woo.refund(first, amount=1)
    assert [first, refund, shop.woo.sell()] == [10400, 10401, 10402]


def test_a_status_brings_its_dates(shop: Shop, clock: SimulatedClock) -> None:
    bank, cod = shop.woo.sell(status="on-hold", method="bacs"), shop.woo.sell(method="cod")
    assert shop.get(f"/orders/{bank}")["date_paid"] is None
    assert shop.get(f"/orders/{cod}")["date_paid"] is None
    clock.advance(3600)
    shop.woo.change(bank, status="processing")
    shop.woo.change(cod, status="completed")
    assert shop.get(f"/orders/{bank}")["date_paid_gmt"] == "2026-11-24T10:00:00"
    told = shop.get(f"/orders/{cod}")
    assert told["date_completed_gmt"] == told["date_paid_gmt"] == told["date_modified_gmt"] == "2026-11-24T10:00:00"


def test_decimals_that_are_switched_change_old_orders(shop: Shop) -> None:
    order_id = shop.woo.sell()
    assert shop.get(f"/orders/{order_id}")["shipping_total"] == "31.20"
    shop.woo.configure({"decimals": 0})
    assert shop.get(f"/orders/{order_id}")["shipping_total"] == "31"
    assert shop.get(f"/orders/{order_id}", dp=2)["shipping_lines"][0]["total_tax"] == "8.00"


def test_a_month_has_every_kind_and_shares_numbers_and_customers_with_the_other_shop(clock: SimulatedClock) -> None:
    with Sandbox(orders=60, clock=clock) as sandbox:
        shop = Shop(sandbox)
        orders = shop.get("/orders", per_page=100, order="asc", orderby="id", dp=2)
    assert [order["number"] for order in orders] == [str(10400 + place) for place in range(60)]
    assert {order["webshop_order_id"] for order in sandbox.shop.orders} & {int(order["number"]) for order in orders}
    emails = {order["email"] for order in sandbox.shop.orders}
    assert sum(order["billing"]["email"] in emails for order in orders) >= 5
    assert {order["status"] for order in orders} >= {
        *("completed", "processing", "on-hold", "pending", "cancelled", "failed", "refunded")
    }
    assert {order["billing"]["country"] for order in orders} == {"DK", "DE", "NO"}
    assert {coupon["discount_type"] for order in orders for coupon in order["coupon_lines"]} == {
        "percent",
        "fixed_cart",
    }
    assert [refund["total_tax"] == "0.00" for order in orders for refund in order["refunds"]].count(True) >= 2
    keys = {entry["key"] for order in orders for entry in order["meta_data"]}
    assert keys >= {"_billing_cvr", "_ywgc_applied_gift_cards", "TRANSACTION_ORDER_ID"}
    now = clock.now()
    moments = [datetime.fromisoformat(order["date_modified_gmt"]).replace(tzinfo=UTC) for order in orders]
    assert now - timedelta(days=31) < min(moments) <= max(moments) < now


# --- keys, and hosts in the way ------------------------------------------------------------------------------


def signed(shop: Shop, **told: str) -> dict[str, str]:
    """Parameters with a signature of OAuth 1.0a, as any client makes it."""
    seconds = str(int(shop.woo.clock.now().timestamp()))
    told |= {"oauth_consumer_key": shop.key[0], "oauth_timestamp": seconds, "oauth_nonce": f"n{len(told)}"}
    told |= {"oauth_signature_method": "HMAC-SHA256"}
    listed = "&".join(f"{quote(key, safe='')}={quote(told[key], safe='')}" for key in sorted(told))
    address = quote(f"{shop.base}/wp-json/wc/v3/orders", safe="")
    base = f"GET&{address}&{quote(listed, safe='')}"
    digest = hmac.new(f"{shop.key[1]}&".encode(), base.encode(), hashlib.sha256).digest()
    return told | {"oauth_signature": base64.b64encode(digest).decode()}


def bare(shop: Shop, **params: str) -> int:
    """The status of a call without a header."""
    return requests.get(f"{shop.base}/wp-json/wc/v3/orders", params=params, timeout=10).status_code


def test_a_host_that_strips_the_header_and_one_without_https(shop: Shop) -> None:
    in_query = {"consumer_key": shop.key[0], "consumer_secret": shop.key[1]}
    assert (shop.ask("/orders").status_code, bare(shop, **in_query)) == (200, 200)
    shop.woo.trouble.header_stripped = True
    assert (shop.ask("/orders").status_code, bare(shop, **in_query)) == (401, 200)
    shop.woo.trouble.header_stripped, shop.woo.trouble.https_believed = False, False
    assert (shop.ask("/orders").status_code, bare(shop, **in_query)) == (401, 401)
    good = signed(shop, status="any", search="å+b")
    assert bare(shop, **good) == 200
    assert bare(shop, **good) == 401  # the same nonce again
    assert bare(shop, **signed(shop, status="any") | {"status": "trash"}) == 401
    assert bare(shop, **signed(shop, page="1", dp="2", order="asc") | {"oauth_timestamp": "1"}) == 401


def test_a_wrong_secret_and_a_key_that_may_not_write_are_told_apart_from_no_key(shop: Shop) -> None:
    wrong = requests.get(f"{shop.base}/wp-json/wc/v3/orders", auth=(shop.key[0], "cs_x"), timeout=10)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "woocommerce_rest_authentication_error")
    write = requests.post(f"{shop.base}/wp-json/wc/v3/orders", auth=shop.key, timeout=10)
    assert (write.status_code, write.json()["code"]) == (401, "woocommerce_rest_authentication_error")


def test_without_permalinks_only_the_index_answers(shop: Shop) -> None:
    assert requests.get(f"{shop.base}/wp-json/", timeout=10).json()["namespaces"].count("wc/v3") == 1
    shop.woo.trouble.permalinks = False
    assert shop.ask("/orders").status_code == 404
    assert "wc/v3" in requests.get(f"{shop.base}/?rest_route=/", timeout=10).json()["namespaces"]
    plain = requests.get(f"{shop.base}/", params={"rest_route": "/wc/v3/orders"}, auth=shop.key, timeout=10)
    assert plain.json() == recorded("real-errors.json")["401 wrong key"]


def test_pages_in_the_way_are_no_json(shop: Shop) -> None:
    told = []
    for switch in ({"login_page": True}, {"login_page": False, "busy": 7}, {"busy": None, "down": True}):
        answer = requests.post(f"{shop.sandbox.url}/_sandbox/settings", json={"woocommerce": switch}, timeout=10)
        assert answer.status_code == 200
        got = shop.ask("/orders")
        told.append((got.status_code, got.headers.get("Retry-After"), got.headers["Content-Type"][:9]))
    assert told == [(200, None, "text/html"), (429, "7", "text/html"), (503, "600", "text/html")]


def test_what_happens_can_be_told_over_http(shop: Shop) -> None:
    def tell(**wanted: Any) -> Any:
        address = f"{shop.sandbox.url}/_sandbox/settings"
        return requests.post(address, json={"woocommerce": wanted}, timeout=10).json()["woocommerce"]

    order_id, refund_id = tell(do=[["sell", ["Kop", "249", 1], {"status": "completed"}], ["refund", 10400, {}]])
    assert (order_id, refund_id, shop.get("/orders/10400")["status"]) == (10400, 10401, "refunded")
    tell(after=[1, [["trash", 10400]]], missing_report=True)
    assert (shop.ids(), shop.ids()) == ([10400], [])
    assert shop.ask("/reports/orders/totals").json() == recorded("real-errors.json")["404 route"]


# --- letting a program in ------------------------------------------------------------------------------------


class Receiver(BaseHTTPRequestHandler):
    """Takes the key that the shop's server hands over."""

    got: list[Any]
    status: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    handler = type("One", (Receiver,), {"got": [], "status": 200})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/callback", handler
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_the_key_is_handed_over_and_the_owner_taken_back(shop: Shop, receiver: tuple[str, type[Receiver]]) -> None:
    callback, handler = receiver
    address = f"{shop.base}/wc-auth/v1/authorize"
    asked = {"app_name": "Ordrebro", "user_id": "once", "return_url": "http://127.0.0.1/back", "scope": "read"}
    asked["callback_url"] = callback
    refused = requests.get(address, params=asked, timeout=10)
    assert (refused.status_code, "https" in refused.text) == (401, True)
    shop.woo.authorize.loopback_callback = True
    assert requests.get(address, params=asked | {"scope": ""}, timeout=10).status_code == 401
    page = requests.get(address, params=asked, timeout=10)
    assert "Ordrebro" in page.text
    assert 'id="approve"' in page.text
    back = requests.post(address, data=asked | {"answer": "approve"}, allow_redirects=False, timeout=10)
    assert parse_qs(urlsplit(back.headers["Location"]).query) == {"success": ["1"], "user_id": ["once"]}
    told = {"key_id": 1, "user_id": "once", "consumer_key": shop.key[0], "consumer_secret": shop.key[1]}
    assert handler.got == [("application/json", told | {"key_permissions": "read"})]
    no = requests.post(address, data=asked | {"answer": "deny"}, allow_redirects=False, timeout=10)
    assert parse_qs(urlsplit(no.headers["Location"]).query)["success"] == ["0"]
    handler.status = 500
    assert requests.post(address, data=asked | {"answer": "approve"}, timeout=10).status_code == 401
    assert len(handler.got) == 2


# --- the variables -------------------------------------------------------------------------------------------


def test_the_variables_name_it_only_where_it_is_asked_for(shop: Shop) -> None:
    assert not [name for name in shop.sandbox.environment() if name.startswith("WOOCOMMERCE")]
    assert shop.told["WOOCOMMERCE_URL"] == f"{shop.sandbox.url}/butik"
    assert demo_keys(shop.told)["DINERO_DEMO_WOOCOMMERCE_KEY"] == shop.key[0]
    assert "DINERO_DEMO_WOOCOMMERCE_KEY" not in demo_keys(shop.sandbox.environment())


def test_the_command_serves_it_with_sixty_orders_unless_told() -> None:
    asked = [parser().parse_args(["sandbox", *words]).woocommerce for words in ([], ["--woocommerce"])]
    assert asked == [None, IN_WOOCOMMERCE]
    assert parser().parse_args(["sandbox", "--woocommerce", "5"]).woocommerce == 5


def test_a_whole_cart_can_be_added_and_lines_of_any_kind_are_told_as_they_are(shop: Shop) -> None:
    order_id = shop.woo.add(Cart([Item("Kop", Decimal(249))]), status="on-hold", method="bacs")
    assert shop.get(f"/orders/{order_id}")["status"] == "on-hold"
    odd = recorded("real-bacs.json") | {"id": 7, "line_items": [{"id": 1, "total": "x", "taxes": 5}, None]}
    shop.woo.add(odd)
    assert shop.get("/orders/7")["line_items"] == [{"id": 1, "total": "x", "taxes": 5}, None]
