"""A WooCommerce shop's server brings its key: once, with the state that the owner left with, and proven before the shop
is told that it came."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import World, started
from dinero.dashboard.dashboard import Dashboard
from dinero.dashboard.shop_ways import WantedShop
from dinero.dashboard.woocommerce_way import LATER, OK, STRANGER, WRONG
from dinero.model.errors import DashboardError, SettingsError
from dinero.sandbox import Sandbox

PUBLIC = "https://bogholderi.example"
JSON = "application/json; charset=utf-8"
PATHS = {"back": "/back", "keys": "/keys"}


@pytest.fixture
def reachable(world: World, tmp_path: Path) -> Iterator[Dashboard]:
    """The dashboard of the world at a public address, with a Shoporama shop."""
    dashboard = started(world.sandbox, tmp_path, DINERO_PUBLIC_URL=PUBLIC)
    yield dashboard
    dashboard.store.close()


def address(sandbox: Sandbox) -> str:
    return sandbox.environment(woocommerce=True)["WOOCOMMERCE_URL"]


def left(dashboard: Dashboard, wanted: WantedShop) -> str:
    """Leaves for the shop; the state that goes along."""
    ticket = dashboard.shop_forms.keep(wanted)
    asked = parse_qs(urlsplit(dashboard.woocommerce_way.start(ticket, **PATHS)).query)
    (state,) = asked["user_id"]
    return state


def brought(sandbox: Sandbox, state: str, **changes: Any) -> bytes:
    """What the shop's server sends."""
    given = sandbox.environment(woocommerce=True)
    key = {"key_id": 7, "user_id": state, "key_permissions": "read"}
    key |= {"consumer_key": given["WOOCOMMERCE_KEY"], "consumer_secret": given["WOOCOMMERCE_SECRET"]}
    return json.dumps(key | changes).encode()


def test_the_owner_is_sent_to_the_shop_with_a_state_and_comes_back_to_a_shop_that_is_connected(
    reachable: Dashboard, world: World
) -> None:
    wanted = WantedShop(title="Lampehuset", address=address(world.sandbox), trigger="sent", first=date(2026, 11, 1))
    ticket, way = reachable.shop_forms.keep(wanted), reachable.woocommerce_way
    url = urlsplit(way.start(ticket, **PATHS))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.path.endswith("/butik/wc-auth/v1/authorize")
    assert (asked["scope"], asked["callback_url"], asked["return_url"]) == ("read", f"{PUBLIC}/keys", f"{PUBLIC}/back")
    assert way.take_key(brought(world.sandbox, asked["user_id"]), JSON) == OK
    assert way.back({"success": "1", "user_id": asked["user_id"]}) == "lampehuset"
    (shop,) = [shop for shop in reachable.shops.all() if shop.system == "woocommerce"]
    chosen = reachable.settings.load().of_shop(shop.name)
    assert (shop.title, chosen.trigger, chosen.take_over_date) == ("Lampehuset", "sent", date(2026, 11, 1))
    assert reachable.shops.look_ups(shop.name)["decimals"] == 2
    assert way.told() is None


def test_a_key_that_nobody_asked_for_adds_nothing_and_asks_nobody(reachable: Dashboard, world: World) -> None:
    left(reachable, WantedShop(address=address(world.sandbox)))
    before = len(world.sandbox.calls)
    for state in ("made-up", "", "x" * 5000):
        assert reachable.woocommerce_way.take_key(brought(world.sandbox, state), JSON) in (STRANGER, WRONG)
    assert (len(reachable.shops.all()), len(world.sandbox.calls)) == (1, before)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"user_id": 1}', b"\xff", b"x" * 20_000])
def test_what_is_no_key_is_refused(reachable: Dashboard, body: bytes) -> None:
    assert reachable.woocommerce_way.take_key(body, JSON) == WRONG
    assert reachable.woocommerce_way.told() is None


def test_a_state_counts_once_and_half_an_hour(reachable: Dashboard, world: World) -> None:
    way, wanted = reachable.woocommerce_way, WantedShop(title="Lampehuset", address=address(world.sandbox))
    state = left(reachable, wanted)
    assert way.take_key(brought(world.sandbox, state), JSON) == OK
    assert way.take_key(brought(world.sandbox, state), JSON) == STRANGER
    state = left(reachable, wanted)
    world.clock.sleep(31 * 60)
    assert way.take_key(brought(world.sandbox, state), JSON) == STRANGER


def test_a_sign_in_elsewhere_meanwhile_does_not_end_the_way_to_the_shop(reachable: Dashboard, world: World) -> None:
    state = left(reachable, WantedShop(title="Lampehuset", address=address(world.sandbox)))
    world.clock.sleep(20 * 60)
    with pytest.raises(SettingsError):  # whose states live ten minutes
        reachable.shoporama_way.finish({"state": "made-up"})
    assert reachable.woocommerce_way.take_key(brought(world.sandbox, state), JSON) == OK


def test_a_key_that_reads_nothing_is_deleted_again_and_the_owner_reads_why(reachable: Dashboard, world: World) -> None:
    way, state = reachable.woocommerce_way, left(reachable, WantedShop(address=address(world.sandbox)))
    assert way.take_key(brought(world.sandbox, state, consumer_secret="cs_" + "0" * 40), JSON) == WRONG
    assert len(reachable.shops.all()) == 1
    told = way.told()
    assert told is not None
    assert told.render("en").startswith("The webshop")
    with pytest.raises(SettingsError) as caught:
        way.back({"success": "1", "user_id": state})
    assert caught.value.text == told


def test_a_shop_with_trouble_is_asked_to_come_again(reachable: Dashboard, world: World) -> None:
    state = left(reachable, WantedShop(address=address(world.sandbox)))
    world.sandbox.woocommerce.trouble.busy = 3
    assert reachable.woocommerce_way.take_key(brought(world.sandbox, state), JSON) == LATER


def test_a_no_at_the_shop_is_told_and_so_is_a_way_back_without_a_key(reachable: Dashboard, world: World) -> None:
    state = left(reachable, WantedShop(address=address(world.sandbox)))
    for answer, said in (
        ({"success": "0", "user_id": state}, "You said no"),
        ({"success": "1", "user_id": state}, "has brought no key"),
        ({"success": "1", "user_id": "another"}, "has brought no key"),
        ({}, "has brought no key"),
    ):
        with pytest.raises(SettingsError) as caught:
            reachable.woocommerce_way.back(answer)
        assert said in caught.value.text.render("en")


def test_only_what_was_filled_in_here_leads_to_a_shop(reachable: Dashboard, world: World) -> None:
    ticket = reachable.shop_forms.keep(WantedShop(address=address(world.sandbox)))
    reachable.woocommerce_way.start(ticket, **PATHS)
    for made_up in (ticket, "", "made-up", address(world.sandbox)):
        with pytest.raises(SettingsError):
            reachable.woocommerce_way.start(made_up, **PATHS)


def test_without_an_https_address_there_is_no_such_way(world: World) -> None:
    ticket = world.dashboard.shop_forms.keep(WantedShop(address=address(world.sandbox)))
    assert not world.dashboard.woocommerce_way.is_open
    with pytest.raises(SettingsError):
        world.dashboard.woocommerce_way.start(ticket, **PATHS)


def test_a_shop_that_is_there_gets_a_new_key_and_only_its_own(reachable: Dashboard, world: World) -> None:
    given = world.sandbox.environment(woocommerce=True)
    keys = {"key": given["WOOCOMMERCE_KEY"], "secret": given["WOOCOMMERCE_SECRET"]}
    shop = reachable.shops.add("woocommerce", keys, address=given["WOOCOMMERCE_URL"], title="Lampehuset")
    state = left(reachable, WantedShop(shop=shop.name))
    assert reachable.woocommerce_way.take_key(brought(world.sandbox, state, key_permissions="read_write"), JSON) == OK
    assert reachable.woocommerce_way.back({"success": "1", "user_id": state}) == shop.name
    told = reachable.woocommerce_way.told()
    assert told is not None
    assert "may write" in told.render("en")


def test_a_further_shoporama_shop_has_what_was_chosen_before_it_was_approved(world: World) -> None:
    way = world.dashboard.shoporama_way
    wanted = WantedShop(title="Tysk webshop", trigger="sent", first=date(2026, 11, 28))
    ticket = world.dashboard.shop_forms.keep(wanted)
    state = parse_qs(urlsplit(way.start("http://127.0.0.1/back", form=ticket)).query)["state"][0]
    world.sandbox.shop.key = "another-key-of-another-shop"
    way.finish({"token": world.sandbox.shop.key, "state": state, "shop_name": "Keramik", "prices_include_vat": "1"})
    (shop,) = [shop for shop in world.dashboard.shops.all() if shop.title == "Tysk webshop"]
    chosen = world.dashboard.settings.load().of_shop(shop.name)
    assert (shop.name, chosen.trigger, chosen.take_over_date) == ("tysk-webshop", "sent", date(2026, 11, 28))
    with pytest.raises(DashboardError):
        way.start("http://127.0.0.1/back", form=ticket)
