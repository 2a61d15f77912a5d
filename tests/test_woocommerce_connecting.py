"""Connecting a WooCommerce shop: which way the key goes, and a sentence for each reason why it does not."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dinero.model.errors import DashboardError, TryLater
from dinero.model.i18n import Text
from dinero.shops.woocommerce import sentences
from dinero.shops.woocommerce.calls import base_of
from dinero.shops.woocommerce.hooks import Grant, authorize_url, is_ping, is_signed, read_grant
from dinero.shops.woocommerce.signing import signed
from woocommerce_fake import KEY, SECRET, FakeShop, client, shop

__all__ = ["shop"]


def why(shop: FakeShop, **keys: str) -> Text:
    with pytest.raises(DashboardError) as raised:
        client(shop, look_ups=None, **keys).check()
    return raised.value.text


def test_a_key_that_reads_orders_is_sent_in_the_header_and_the_oldest_order_is_the_sample(shop: FakeShop) -> None:
    shop.add(5, 5)
    shop.add(3, 9)
    found = client(shop).check()
    assert (found.keys, found.name, found.address) == ({"way": "basic"}, "Kops webshop", "https://shop.example")
    assert found.sample["id"] == 3
    assert not [url for url in shop.urls if SECRET in url or KEY in url]


def test_a_new_shop_has_no_sample(shop: FakeShop) -> None:
    assert client(shop).check().sample is None


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"believes_in_https": False}, {"way": "oauth", "scheme": "http"}),
        ({"strips_header": True}, {"way": "oauth", "scheme": "https"}),
        ({"base": "http://127.0.0.1:8080/butik"}, {"way": "oauth", "scheme": "http"}),
    ],
)
def test_where_the_header_is_not_looked_at_a_signature_goes_and_the_secret_is_not_sent(
    shop: FakeShop, changes: dict[str, Any], keys: dict[str, str]
) -> None:
    for name, value in changes.items():
        setattr(shop, name, value)
    shop.add(1, 1)
    found = client(shop).check()
    assert found.keys == keys
    shop.urls.clear()
    shop.authorizations.clear()
    list(client(shop, look_ups=None, **found.keys).fetch(None, lambda ids: frozenset()))
    assert shop.urls
    assert not [url for url in shop.urls if SECRET in url]
    assert set(shop.authorizations) == {""}


def test_the_key_is_put_into_the_address_only_when_the_owner_allowed_it(shop: FakeShop) -> None:
    shop.strips_header, shop.takes_signatures = True, False
    assert why(shop) == sentences.HEADER_STRIPPED
    assert not [url for url in shop.urls if SECRET in url]
    assert client(shop, in_query="yes").check().keys == {"way": "query"}


@pytest.mark.parametrize(
    ("changes", "keys", "sentence"),
    [
        ({}, {"key": "ck_" + "9" * 40}, sentences.KEY_REFUSED),
        ({}, {"secret": "cs_" + "9" * 40}, sentences.SECRET_WRONG),
        ({}, {"key": ""}, sentences.KEY_REFUSED),
        ({}, {"key": "ck_æ"}, sentences.KEY_REFUSED),
        ({"may_read": False}, {}, sentences.RIGHT_MISSING),
        ({"may_read": False, "believes_in_https": False}, {}, sentences.RIGHT_MISSING),
        ({"believes_in_https": False}, {"secret": "cs_" + "9" * 40}, sentences.NO_HTTPS),
        ({"strips_header": True, "takes_signatures": False}, {}, sentences.HEADER_STRIPPED),
        ({"has_permalinks": False}, {}, sentences.PERMALINKS_OFF),
        ({"has_woocommerce": False}, {}, sentences.NO_WOOCOMMERCE),
        ({"page": "<html>Log ind</html>"}, {}, sentences.NO_JSON),
        ({"page": "\ufeff<br />Warning: []"}, {}, sentences.NO_JSON),
    ],
)
def test_each_reason_has_its_own_sentence(
    shop: FakeShop, changes: dict[str, Any], keys: dict[str, str], sentence: Text
) -> None:
    for name, value in changes.items():
        setattr(shop, name, value)
    assert why(shop, **keys) == sentence


def test_an_address_with_no_wordpress_is_the_wrong_one(shop: FakeShop) -> None:
    shop.failures = [(404, "<html>", {}), (404, "<html>", {})]
    assert why(shop) == sentences.WRONG_ADDRESS
    for address in ("", "https://", "ftp://shop.example", "https://[", "en butik"):
        shop.base = address
        assert why(shop) == sentences.WRONG_ADDRESS


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((301, "", {"Location": "https://www.shop.example/wp-json/wc/v3/orders?x=1"}), "https://www.shop.example)"),
        ((403, {"code": "rest_cannot_access", "message": "x"}, {}), "rest_cannot_access"),
        ((403, {"code": "woocommerce_rest_cannot_view", "message": "x"}, {}), "må ikke læse"),
        ((200, {"orders": []}, {}), "ikke en liste"),
    ],
)
def test_other_answers_say_what_they_are(shop: FakeShop, answer: Any, said: str) -> None:
    shop.failures = [answer]
    assert said in why(shop).render("da")


@pytest.mark.parametrize("status", [429, 503])
def test_a_shop_that_is_busy_is_tried_later(shop: FakeShop, status: int) -> None:
    shop.failures = [(status, "", {"Retry-After": "30"})]
    with pytest.raises(TryLater) as raised:
        client(shop).check()
    assert raised.value.seconds == 30


def test_a_woocommerce_that_does_not_know_what_was_changed_is_too_old_and_its_version_is_told(shop: FakeShop) -> None:
    shop.add(1, 1)
    shop.knows_changes = False
    assert "5.4.2" in why(shop).render("da")


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("https://Shop.example", "https://shop.example"),
        ("shop.example/", "https://shop.example"),
        ("https://shop.example/butik/", "https://shop.example/butik"),
        ("https://shop.example/butik/wp-json/wc/v3/orders", "https://shop.example/butik"),
        ("https://shop.example/wp-json", "https://shop.example"),
        ("https://shop.example/wp-admin/admin.php?page=wc-settings", "https://shop.example"),
        (" http://127.0.0.1:8081/wp-json/ ", "http://127.0.0.1:8081"),
        ("https://ejer:kode@shop.example/", "https://shop.example"),
    ],
)
def test_an_address_is_read_however_it_was_copied(written: str, base: str) -> None:
    assert base_of(written) == base


def test_the_signature_is_that_of_the_standards_example_of_parameters() -> None:
    # RFC 5849, 3.4.1: sorted by escaped name, spaces as %20, the query's own parameters among them.
    told = signed("http://shop.example/a", {"b": "x y", "a": "1,2"}, "k", "s", nonce="n", seconds=1)
    base = (
        "GET&http%3A%2F%2Fshop.example%2Fa&a%3D1%252C2%26b%3Dx%2520y%26oauth_consumer_key%3Dk%26oauth_nonce%3Dn%26"
        "oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1%26oauth_version%3D1.0"
    )
    made = hmac.new(b"s&", base.encode(), hashlib.sha256).digest()
    assert told["oauth_signature"] == base64.b64encode(made).decode()


def test_the_owner_is_sent_to_make_a_key_that_may_read() -> None:
    url = authorize_url(
        "https://shop.example/butik/wp-json",
        app_name="Dashboard",
        state="hemmelig",
        return_url="https://d.example/klar",
        callback_url="https://d.example/kald",
    )
    query = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert url.startswith("https://shop.example/butik/wc-auth/v1/authorize?")
    assert query == {
        "app_name": "Dashboard",
        "user_id": "hemmelig",
        "return_url": "https://d.example/klar",
        "callback_url": "https://d.example/kald",
        "scope": "read",
    }


GRANT = {"key_id": 1, "user_id": "hemmelig", "consumer_key": KEY, "consumer_secret": SECRET, "key_permissions": "read"}


@pytest.mark.parametrize(("rights", "can_write"), [("read", False), ("read_write", True)])
def test_a_grant_is_read_and_tells_a_right_that_was_not_asked_for(rights: str, can_write: bool) -> None:
    body = json.dumps(GRANT | {"key_permissions": rights}).encode()
    assert read_grant(body, "application/json; charset=UTF-8") == Grant("hemmelig", KEY, SECRET, can_write)
    assert SECRET not in repr(read_grant(body, "application/json"))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(GRANT), "text/html"),
        ("webhook_id=4", "application/x-www-form-urlencoded"),
        ("[]", "application/json"),
        ("{", "application/json"),
        (json.dumps(GRANT | {"consumer_key": ""}), "application/json"),
        (json.dumps(GRANT | {"consumer_secret": ["x"]}), "application/json"),
        (json.dumps(GRANT | {"user_id": None}), "application/json"),
        (json.dumps(GRANT | {"key_permissions": "write"}), "application/json"),
        (json.dumps(GRANT | {"more": "x" * 20_000}), "application/json"),
    ],
)
def test_what_is_no_grant_is_refused(body: str, kind: str) -> None:
    with pytest.raises(DashboardError):
        read_grant(body.encode(), kind)


def test_a_webhook_is_known_by_the_signature_of_its_whole_body() -> None:
    body = b'{"id":7}'
    signature = base64.b64encode(hmac.new(b"a&b", body, hashlib.sha256).digest()).decode()
    assert is_signed(body, signature, "a&amp;b")
    assert not is_signed(body + b" ", signature, "a&amp;b")
    assert not is_signed(body, signature, "")
    assert not is_signed(body, "æ\udc80", "a&amp;b")


@pytest.mark.parametrize(
    ("body", "kind", "ping"),
    [
        (b"webhook_id=4", "application/x-www-form-urlencoded; charset=utf-8", True),
        (b"webhook_id=4&id=7", "application/x-www-form-urlencoded", False),
        (b"webhook_id=4", "application/json", False),
        (b'{"id":7}', "application/json", False),
    ],
)
def test_a_saved_webhook_pings_with_a_form(body: bytes, kind: str, ping: bool) -> None:
    assert is_ping(body, kind) is ping
