"""Several shops of one company: each by its name, and nothing of one is another's."""

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.dashboard.shop_ways import Bell
from dinero.environment import Environment
from dinero.intake.fetching import ids
from dinero.model.documents import Action, OrderKey, StoredOrder
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError
from dinero.model.plans import Kind, document_guid
from dinero.model.shops import ShopState
from dinero.rules import changes
from dinero.sandbox import make_order
from dinero.sandbox.woocommerce import FOLDER
from dinero.sandbox.woocommerce_keys import KEY, SECRET

KEYS = {"key": KEY, "secret": SECRET}


@pytest.fixture
def both(world: World) -> World:
    """A world with a Shoporama shop and a WooCommerce shop."""
    add(world)
    return world


def add(world: World, title: str = "Lampehuset", **choices: Any) -> str:
    """Adds the sandbox's WooCommerce as a shop; its name."""
    told: dict[str, Any] = {"trigger": "paid", "take_over_date": date(2026, 1, 1)} | choices
    shop = world.dashboard.shops.add("woocommerce", KEYS, address=f"{world.sandbox.url}{FOLDER}", title=title, **told)
    return shop.name


def lamp(world: World, number: int, **fields: Any) -> None:
    """A paid and completed order of the WooCommerce shop, fetched."""
    told = {"status": "completed", "email": f"kunde{number}@example.com"} | fields
    world.sandbox.woocommerce.sell(id=number, **told)
    world.clock.sleep(2.0)
    world.dashboard.orders.fetch()


def of(world: World, number: int, shop: str = "lampehuset") -> StoredOrder:
    """An order of the second shop, as it is stored."""
    row = world.dashboard.store.orders.get(OrderKey(shop, str(number)))
    assert row is not None
    return row


def push_all(world: World) -> None:
    """Pushes all that waits, of all shops."""
    rows = world.dashboard.store.orders.list(states=["waiting"], limit=-1)
    operation_id = str(uuid.uuid4())
    world.dashboard.transfers.push(operation_id, ids(rows), actor="test")
    world.dashboard.transfers.run(operation_id)


def references(world: World) -> list[str]:
    return sorted(str(invoice["ExternalReference"]) for invoice in world.sandbox.books.invoices.values())


# --- the same numbers -----------------------------------------------------------------------------------------------


def test_orders_of_two_shops_with_the_same_id_and_number_are_two_sales(both: World) -> None:
    both.order(7, webshop_order_id=7)
    lamp(both, 7)
    push_all(both)
    push_all(both)
    assert references(both) == ["lampehuset:7", "shoporama:7"]
    assert {row.shop: row.state for row in both.dashboard.store.orders.find("7")} == {
        "shoporama": "done",
        "lampehuset": "done",
    }


def test_one_customer_of_two_shops_is_one_customer_in_dinero(both: World) -> None:
    both.order(7)
    lamp(both, 8, email="kunde7@example.com")
    push_all(both)
    invoices = both.sandbox.books.invoices.values()
    assert len({invoice["ContactGuid"] for invoice in invoices}) == 1
    assert len(both.writes("/contacts")) == 1


def test_the_first_shoporama_shop_keeps_its_name_and_its_guids_whatever_it_is_called(world: World) -> None:
    world.order(1)
    world.dashboard.shops.rename("shoporama", "Keramikhuset")
    world.push(1)
    document = world.dashboard.store.documents.newest(OrderKey("shoporama", "1"))
    assert document is not None
    assert document.guid == document_guid("210001", "shoporama", "1", Kind.INVOICE, 1)


# --- adding ---------------------------------------------------------------------------------------------------------


def test_a_shop_that_is_added_again_under_another_name_is_the_same_shop(both: World) -> None:
    lamp(both, 7)
    push_all(both)
    assert add(both, "Et andet navn") == "lampehuset"
    both.dashboard.orders.fetch(whole=True)
    push_all(both)
    assert references(both) == ["lampehuset:7"]


def test_a_removed_shop_that_comes_back_books_nothing_twice(both: World) -> None:
    lamp(both, 7)
    push_all(both)
    both.dashboard.shops.remove("lampehuset")
    with pytest.raises(SettingsError):
        both.dashboard.shops.resume("lampehuset")
    assert not both.dashboard.shops.has_keys("lampehuset")
    assert of(both, 7).state == "done", "what was booked stays"
    assert add(both) == "lampehuset"
    both.dashboard.orders.fetch(whole=True)
    push_all(both)
    assert references(both) == ["lampehuset:7"]


def test_another_key_of_a_shop_that_is_known_is_the_same_shop(world: World) -> None:
    world.order(1)
    world.sandbox.shop.key = "another-key-of-the-same-shop"
    shop = world.dashboard.shops.add("shoporama", {"key": world.sandbox.shop.key}, title="Noget andet")
    assert shop.name == "shoporama", "its orders are known under that name"
    world.dashboard.orders.fetch()


def test_the_key_of_another_shop_does_not_take_a_shop_over(world: World) -> None:
    world.order(1)
    world.sandbox.shop.orders[:] = [make_order(order_id=1, webshop_order_id=99, time="2026-01-02 03:04:05")]
    with pytest.raises(SettingsError):
        world.dashboard.shops.connect("shoporama", {"key": world.sandbox.shop.key})


@pytest.mark.parametrize("keys", [{}, {"key": KEY}, {"key": KEY, "secret": " "}])
def test_a_shop_without_all_of_its_keys_is_not_added(world: World, keys: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        world.dashboard.shops.add("woocommerce", keys, address=f"{world.sandbox.url}{FOLDER}")
    assert [shop.name for shop in world.dashboard.shops.all()] == ["shoporama"]


def test_keys_that_the_shop_refuses_add_nothing(world: World) -> None:
    with pytest.raises(DashboardError):
        world.dashboard.shops.add("woocommerce", KEYS | {"secret": "cs_wrong"}, address=f"{world.sandbox.url}{FOLDER}")
    assert [shop.name for shop in world.dashboard.shops.all()] == ["shoporama"]


@pytest.mark.parametrize("address", ["", "http://shop.example", "https://10.0.0.1", "https://shop.example", "ftp://x"])
def test_keys_are_sent_to_no_address_that_is_not_the_shops(world: World, address: str) -> None:
    with pytest.raises(SettingsError):
        world.dashboard.shops.add("woocommerce", KEYS, address=address)


def test_names_are_made_of_titles_and_never_given_twice(both: World) -> None:
    shops = both.dashboard.shops
    with pytest.raises(SettingsError):
        shops.rename("shoporama", "Lampehuset")
    assert shops.rename("lampehuset", "Æbler & Øl").name == "lampehuset", "Guids hang on it"
    assert shops.named("Æbler & Øl").name == "lampehuset"


# --- each its own ---------------------------------------------------------------------------------------------------


def test_a_shop_has_its_own_moment_and_its_own_start(world: World) -> None:
    add(world, trigger="sent", take_over_date=date(2026, 11, 1))
    lamp(world, 8, when=world.clock.now() - timedelta(days=40))
    lamp(world, 7, status="processing")
    world.order(7, status="new")
    assert (of(world, 7).state, of(world, 8).state) == ("not due", "ignored")
    assert world.row(7).state == "waiting", "the first shop transfers when paid, from January"


def test_an_answer_for_all_orders_is_for_those_of_its_shop(both: World) -> None:
    both.order(7, payment_gateway_id=None, payment_gateway="bacs")
    lamp(both, 7, method="bacs")
    row = of(both, 7)
    (question,) = [finding.question for finding in row.reasons if finding.question]
    both.dashboard.orders.answer(row, question, "money", as_rule=True)
    assert of(both, 7).state == "waiting"
    assert both.row(7).state == "held", "what “bacs” is worth in one shop says nothing of another"
    both.dashboard.orders.forget_rule(question.key, "lampehuset")
    assert of(both, 7).state == "held"


def test_a_way_to_pay_has_its_account_by_shop(both: World) -> None:
    both.dashboard.shops.choose("lampehuset", booking_account=55000)
    lamp(both, 7)
    both.order(7)
    assert [finding.text.render("en") for finding in of(both, 7).reasons] == []
    push_all(both)
    accounts = {
        shop: document.plan.payment.account
        for shop in ("lampehuset", "shoporama")
        if (document := both.dashboard.store.documents.newest(OrderKey(shop, "7"))) and document.plan.payment
    }
    assert accounts == {"lampehuset": 55000, "shoporama": 55100}


def test_a_period_that_was_let_in_before_a_shop_was_added_lets_nothing_of_it_in(world: World) -> None:
    period = (date(2026, 1, 1), date(2026, 10, 31))
    world.dashboard.settings.save(take_over_date=date(2026, 11, 1), backfills=(period,))
    add(world, take_over_date=date(2026, 11, 1))
    lamp(world, 7, when=world.clock.now() - timedelta(days=40))
    assert of(world, 7).state == "ignored"
    world.dashboard.older.let_in(*period)
    assert of(world, 7).state == "held", "it is let in, and not looked for in Dinero yet"


def test_the_eu_limit_is_the_company_s_over_all_of_its_shops(both: World) -> None:
    both.dashboard.settings.save(rules={"eu_consumers": "danish"})
    germany = {"order_country_id": 1003, "order_country": "Tyskland", "del_country_id": 1003, "del_country": "Tyskland"}
    both.order(7, **germany)
    both.dashboard.settings.save(eu_limit=(both.row(7).eu_net_ore or 0) + 10_000)
    assert both.row(7).state == "waiting"
    both.clock.sleep(60.0)
    address = {"country": "DE", "postcode": "10115", "city": "Berlin"}
    lamp(both, 8, address=address)
    assert [finding.code for finding in of(both, 8).reasons] == ["eu_limit"], "both together are above it"


def test_a_credit_note_of_no_order_is_offered_the_customer_s_orders_of_its_own_shop(both: World) -> None:
    lamp(both, 5, email="kunde7@example.com")
    both.order(7)
    push_all(both)
    both.order(9, email="kunde7@example.com", total_price=-149.5, price=-149.5, vat=-29.9, shipping_price=0, paid=None)
    (question,) = [finding.question for finding in both.row(9).reasons if finding.code == "credit_of_unknown"]
    assert question is not None
    assert [choice.value for choice in question.choices] == ["7"]


# --- paused, removed, failing ---------------------------------------------------------------------------------------


def test_a_paused_shop_is_neither_read_nor_transferred_and_goes_on_where_it_was(both: World) -> None:
    lamp(both, 7)
    both.order(7)
    both.dashboard.shops.pause("lampehuset")
    assert of(both, 7).state == "not due"
    assert of(both, 7).reasons
    both.sandbox.woocommerce.sell(id=8, status="completed")
    both.dashboard.orders.fetch()
    push_all(both)
    assert references(both) == ["shoporama:7"]
    assert both.dashboard.store.orders.get(OrderKey("lampehuset", "8")) is None
    both.dashboard.shops.resume("lampehuset")
    both.dashboard.orders.fetch()
    push_all(both)
    assert references(both) == ["lampehuset:7", "lampehuset:8", "shoporama:7"]


def test_orders_of_a_removed_shop_are_left_out_with_the_reason(both: World) -> None:
    lamp(both, 7)
    both.dashboard.shops.remove("lampehuset")
    assert of(both, 7).state == "ignored"
    assert of(both, 7).reasons
    push_all(both)
    assert references(both) == []


def test_a_shop_that_fails_stops_no_other_and_says_so_by_itself(both: World) -> None:
    lamp(both, 7)
    both.sandbox.woocommerce.trouble.down = True
    both.sandbox.shop.add(make_order(order_id=9, last_modified=both.now()))
    fetched = both.dashboard.orders.fetch()
    assert set(fetched.failed) == {"lampehuset"}
    assert both.row(9).state == "waiting"
    records = both.dashboard.orders.last_fetches()
    assert (records["lampehuset"] or records["shoporama"]).problem is not None  # type: ignore[union-attr]
    assert records["shoporama"] is not None
    assert records["shoporama"].problem is None
    well = {health.name: health.well for health in both.dashboard.health.connections()}
    assert well == {"dinero": True, "shop": True, "shop:lampehuset": False}


def test_a_round_transfers_of_the_shops_that_could_be_read_and_tells_once_of_the_other(both: World) -> None:
    lamp(both, 7)
    both.sandbox.woocommerce.trouble.down = True
    both.sandbox.shop.add(make_order(order_id=9, last_modified=both.now()))
    for _ in range(2):
        assert both.dashboard.automatic.runner("command").once() is None
        both.clock.sleep(1000.0)
    assert references(both) == ["shoporama:9"], "an order of the other may have been cancelled since"
    alarms = both.dashboard.store.rows("select cause from alarms where cause like 'shop %'")
    assert [row["cause"] for row in alarms] == ["shop lampehuset"]
    both.sandbox.woocommerce.trouble.down = False
    both.dashboard.automatic.runner("command").once()
    assert references(both) == ["lampehuset:7", "shoporama:9"]


def test_when_every_shop_fails_the_round_fails(both: World) -> None:
    both.sandbox.woocommerce.trouble.down = True
    both.sandbox.shop.key = "revoked"
    error = both.dashboard.automatic.runner("command").once()
    assert isinstance(error, ConnectionStopped)


def test_one_click_leaves_the_orders_of_a_shop_that_could_not_be_read(both: World) -> None:
    lamp(both, 7)
    both.order(9)
    both.sandbox.woocommerce.trouble.down = True
    keys = [OrderKey("lampehuset", "7"), OrderKey("shoporama", "9")]
    both.dashboard.day.fetch_and_push("op-1", keys)
    both.dashboard.transfers.run("op-1")
    assert references(both) == ["shoporama:9"]


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_whole_reading_that_was_broken_off_goes_on_where_it_was(world: World) -> None:
    for number in range(1, 251):
        world.sandbox.woocommerce.sell(id=number, status="completed")
        world.clock.sleep(1.0)
    add(world)
    world.sandbox.woocommerce.after(2, lambda: setattr(world.sandbox.woocommerce.trouble, "down", True))
    assert set(world.dashboard.orders.fetch().failed) == {"lampehuset"}
    read = world.dashboard.store.sums.by_shop()["lampehuset"]
    assert 0 < read < 250
    world.sandbox.woocommerce.trouble.down = False
    before = len(world.sandbox.calls)
    world.dashboard.orders.fetch()
    assert world.dashboard.store.sums.by_shop()["lampehuset"] == 250
    lists = [call for call in world.sandbox.calls[before:] if call.path.endswith("/wc/v3/orders")]
    assert len(lists) <= 4, "what was read is not read again"
    assert not [row for row in world.dashboard.store.orders.list(limit=-1) if row.gone_at]


def test_a_shop_of_whole_kroner_is_read_in_them_from_the_first_fetch_on(world: World) -> None:
    world.sandbox.woocommerce.settings = replace(world.sandbox.woocommerce.settings, decimals=0)
    add(world)
    lamp(world, 7)
    first = of(world, 7)
    assert json.loads(first.raw)["_dp"] == 0
    assert [finding.code for finding in first.reasons] == ["whole_kroner"]
    world.dashboard.orders.fetch(whole=True)
    assert of(world, 7).raw_hash == first.raw_hash, "the second fetch sees no change"
    (finding,) = first.reasons
    assert finding.question is not None
    world.dashboard.orders.answer(first, finding.question, finding.question.choices[0].value, as_rule=True)
    push_all(world)
    (invoice,) = world.sandbox.books.invoices.values()
    assert invoice["TotalInclVat"] == Decimal("288")


def test_an_order_that_the_list_hides_is_not_gone_and_one_that_is_deleted_is(both: World) -> None:
    lamp(both, 7)
    lamp(both, 8)
    lamp(both, 9)
    both.sandbox.woocommerce.change(8, touch=False, status="wc-egen")
    both.sandbox.woocommerce.trouble.off = {"wc-egen", "egen"}
    both.sandbox.woocommerce.delete(9)
    both.dashboard.orders.fetch(whole=True)
    assert (of(both, 7).gone_at, of(both, 8).gone_at) == (None, None)
    assert of(both, 9).gone_at is not None
    assert (of(both, 7).state, of(both, 9).state) == ("waiting", "held")


def test_a_refund_that_is_deleted_in_the_shop_is_not_booked(both: World) -> None:
    lamp(both, 7)
    push_all(both)
    refund = both.sandbox.woocommerce.refund(7, amount=50)
    both.clock.sleep(2.0)
    both.dashboard.orders.fetch()
    assert of(both, refund).state == "waiting"
    both.sandbox.woocommerce.delete_refund(refund)
    both.dashboard.orders.fetch(whole=True)
    assert of(both, refund).state == "held"
    push_all(both)
    assert both.sandbox.books.credit_notes == {}


def told_of(world: World, number: int) -> tuple[str, ...]:
    """The codes of the change that waits for the owner's decision."""
    change = of(world, number).change
    return changes.from_json(change).codes if change is not None else ()


def test_a_booked_order_or_refund_that_the_shop_deletes_is_told_once_and_the_order_can_be_taken_back(
    both: World,
) -> None:
    for number in (7, 8, 9):
        lamp(both, number)
    shop, orders = both.sandbox.woocommerce, both.dashboard.orders
    push_all(both)
    refund = shop.refund(7, amount=50)
    both.clock.sleep(2.0)
    orders.fetch()
    push_all(both)
    assert len(both.sandbox.books.credit_notes) == 1
    shop.delete_refund(refund)
    shop.delete(8)
    shop.trash(9)
    orders.fetch(whole=True)
    assert [told_of(both, number) for number in (refund, 8, 9)] == [("deleted",), ("deleted",), ("cancelled",)]
    for number, action in ((refund, Action.LEAVE), (8, Action.UNDO)):
        change = changes.from_json(of(both, number).change or {})
        assert change.actions[0] is action
    corrections, operation = both.dashboard.corrections, str(uuid.uuid4())
    corrections.leave(of(both, refund), "pengene er sendt")
    corrections.start(operation, of(both, 8), Action.UNDO, reason="slettet", actor="test")
    both.dashboard.transfers.run(operation)
    assert of(both, 8).state == "credited"
    before = len(both.sandbox.books.credit_notes)
    orders.fetch(whole=True)
    assert [told_of(both, number) for number in (refund, 8)] == [(), ()], "what was decided is not asked again"
    assert len(both.sandbox.books.credit_notes) == before == 2


def test_a_deleted_order_that_comes_back_is_not_changed_any_more(both: World) -> None:
    lamp(both, 7)
    push_all(both)
    kept = both.sandbox.woocommerce.orders.get(7)
    assert kept is not None
    both.sandbox.woocommerce.delete(7)
    both.dashboard.orders.fetch(whole=True)
    assert told_of(both, 7) == ("deleted",)
    both.sandbox.woocommerce.orders.put(kept)
    both.dashboard.orders.fetch(whole=True)
    assert (told_of(both, 7), of(both, 7).gone_at) == ((), None)


def test_a_copy_of_a_shop_does_not_take_its_place_and_one_that_was_removed_may_move(both: World) -> None:
    lamp(both, 7)
    shops, here = both.dashboard.shops, f"{both.sandbox.url}{FOLDER}"
    there = here.replace("127.0.0.1", "localhost")
    with pytest.raises(SettingsError, match="Leave a copy"):
        shops.add("woocommerce", KEYS, address=there, title="Kopien")
    assert (shops.named("lampehuset").address, len(shops.all())) == (here, 2)
    shops.remove("lampehuset")
    assert shops.add("woocommerce", KEYS, address=there).name == "lampehuset"
    assert shops.named("lampehuset").address == there


@pytest.mark.parametrize("first", ["lampehuset", "kopien"])
def test_one_site_that_was_added_as_two_shops_is_booked_once(both: World, first: str) -> None:
    keys = {"lampehuset": KEY, "kopien": "ck_" + "9" * 40}

    def fetch(shop: str) -> None:
        both.sandbox.woocommerce.keys.key = keys[shop]
        both.dashboard.orders.fetch(shop=shop)

    both.sandbox.woocommerce.keys.key = keys["kopien"]
    address = f"{both.sandbox.url.replace('127.0.0.1', 'localhost')}{FOLDER}"
    told = {"key": keys["kopien"], "secret": SECRET}
    copy = both.dashboard.shops.add("woocommerce", told, address=address, title="Kopien", trigger="paid")
    assert copy.name == "kopien", "without an order nothing tells that it is the same site"
    both.sandbox.woocommerce.sell(id=7, status="completed", email="kunde@example.com")
    both.clock.sleep(2.0)
    for shop in sorted(keys, key=lambda shop: shop != first):
        fetch(shop)
    push_all(both)
    push_all(both)
    assert len(references(both)) == 1
    assert {of(both, 7).state, of(both, 7, "kopien").state} == {"done", "held"}
    held = next(row for row in (of(both, 7), of(both, 7, "kopien")) if row.state == "held")
    assert [finding.code for finding in held.reasons] == ["same_in_other_shop"]


# --- set-up and the bell --------------------------------------------------------------------------------------------


def test_a_company_with_woocommerce_alone_is_set_up_by_the_environment(world: World, tmp_path: Any) -> None:
    told = world.sandbox.environment(woocommerce=True) | {"DINERO_DATA_DIR": str(tmp_path / "alone")}
    told.pop("SHOPORAMA_KEY")
    alone = Dashboard(Environment.read(told), clock=world.clock)
    alone.set_up.from_environment()
    assert [(shop.name, shop.system) for shop in alone.shops.all()] == [("woocommerce", "woocommerce")]
    assert alone.checkup.findings() == []
    world.sandbox.woocommerce.sell(id=7, status="completed")
    assert alone.orders.fetch().new == 1


def test_half_of_a_shops_variables_is_no_shop(world: World, tmp_path: Any) -> None:
    told = world.sandbox.environment(woocommerce=True) | {"DINERO_DATA_DIR": str(tmp_path / "alone")}
    told.pop("WOOCOMMERCE_SECRET")
    with pytest.raises(SettingsError):
        Dashboard(Environment.read(told), clock=world.clock).set_up.from_environment()


def call(secret: str, body: bytes) -> dict[str, str]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"content-type": "application/json", "x-wc-webhook-signature": signature}


def test_a_bell_rings_only_when_it_is_signed_and_a_ping_rings_nothing(both: World) -> None:
    rung: list[bool] = []
    bell, shops = Bell(both.dashboard.shops, lambda: rung.append(True)), both.dashboard.shops
    secret, body = shops.webhook_secret("lampehuset"), json.dumps({"id": 7}).encode()
    assert bell.ring("lampehuset", "wrong", body, call(secret, body)) == 404
    assert bell.ring("lampehuset", secret, body, call("another secret", body)) == 401
    assert bell.ring("lampehuset", secret, body + b" ", call(secret, body)) == 401
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert bell.ring("lampehuset", secret, b"webhook_id=4", form) == 200
    assert bell.ring("nobody", shops.webhook_secret("nobody"), body, call(secret, body)) == 204
    assert rung == []
    assert bell.ring("lampehuset", secret, body, call(secret, body)) == 204
    assert rung == [True]
    assert shops.webhook_secret("lampehuset") != shops.webhook_secret("shoporama")


def test_a_paused_shop_wakes_nobody(both: World) -> None:
    rung: list[bool] = []
    both.dashboard.shops.pause("lampehuset")
    secret = both.dashboard.shops.webhook_secret("lampehuset")
    Bell(both.dashboard.shops, lambda: rung.append(True)).ring("lampehuset", secret, b"{}", call(secret, b"{}"))
    assert rung == []


def test_what_is_chosen_for_one_shop_survives_a_restart(both: World) -> None:
    both.dashboard.shops.choose("lampehuset", trigger="sent", accounts={"sales.domestic": 1010})
    again = both.restart().settings.load()
    assert again.shops["lampehuset"].accounts == {"sales.domestic": 1010}
    assert again.of_shop("lampehuset").trigger == "sent"
    assert again.of_shop("lampehuset").account("sales.domestic") == 1010
    assert again.of_shop("shoporama").account("sales.domestic") == 1000
    assert replace(again.known_shops["lampehuset"], state=ShopState.ACTIVE).title == "Lampehuset"
