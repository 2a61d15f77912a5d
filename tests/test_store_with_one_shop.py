"""A database of the time when there was one shop: its shop keeps its name, and no document is looked at again.

tests/data/store-2026-11-28.db.gz was made by commit 07f7c47 with the sandbox, by the steps of `lived` below. The
secrets were taken out of it.
"""

import gzip
from pathlib import Path

import pytest

from conftest import World
from dinero.dashboard.dashboard import Dashboard
from dinero.model.shops import Shop, ShopState
from dinero.store import Store
from test_store_of_before import lived as lived_before

MADE = Path(__file__).parent / "data" / "store-2026-11-28.db.gz"


def lived(world: World) -> None:
    """What Dinero and the shop have of the orders in the database."""
    rules = {"payment:Bankoverførsel": "money", "voucher_kind:point": "discount", "eu_consumers": "danish"}
    world.dashboard.settings.save(rules=rules, method_accounts={"MobilePay": 55100})
    lived_before(world)
    world.order(12, payment_gateway_id=None, payment_gateway="Bankoverførsel")
    world.push()


@pytest.fixture
def aged(world: World) -> Dashboard:
    """The library on the database of before; Dinero and the shop are as they were then."""
    lived(world)
    folder = world.dashboard.store.folder
    world.dashboard.store.close()
    for old in folder.glob("dinero.db*"):
        old.unlink()
    (folder / "dinero.db").write_bytes(gzip.decompress(MADE.read_bytes()))
    world.dashboard = world.restart()
    world.dashboard.set_up.from_environment()
    return world.dashboard


def test_a_push_of_everything_after_the_migration_sends_nothing_and_looks_at_no_document(
    world: World, aged: Dashboard
) -> None:
    aged.orders.fetch(whole=True)
    states = {row.id: row.state for row in aged.store.orders.list(limit=100)}
    before = len(world.sandbox.calls)
    for _ in range(2):
        world.push()
    asked = [call.path for call in world.sandbox.calls[before:] if call.path.startswith("/v1/")]
    documents = [path for path in asked if "invoices" in path or "sales" in path]
    assert documents == [], "no invoice, credit note or payment is asked for or made"
    assert {row.id: row.state for row in aged.store.orders.list(limit=100)} == states
    assert states["12"] == "done", "the rule about its way to pay went along"
    assert {row.shop for row in aged.store.orders.list(limit=100)} == {"shoporama"}


def test_what_was_of_the_shop_is_of_the_first_shop(aged: Dashboard) -> None:
    chosen = aged.settings.load()
    assert aged.shops.all() == [Shop("shoporama", "shoporama", "Shoporama", "Shoporama", "", ShopState.ACTIVE)]
    assert chosen.rules == {"eu_consumers": "danish"}
    own = {"payment:Bankoverførsel": "money", "voucher_kind:point": "discount"}
    assert chosen.shops["shoporama"].rules == own
    assert chosen.of_shop("shoporama").rules == {"eu_consumers": "danish", **own}
    assert chosen.of_shop("another").rules == {"eu_consumers": "danish"}


def test_a_fetch_goes_on_where_the_one_before_the_migration_ended(world: World, aged: Dashboard) -> None:
    record = aged.orders.last_fetch()
    assert record is not None
    assert record.at is not None
    before = len(world.sandbox.calls)
    aged.orders.fetch()
    (listed,) = [call for call in world.sandbox.calls[before:] if call.path == "/REST/order"]
    assert "last_modified" in listed.query, "not all orders are read again"


def test_an_empty_database_of_before_has_no_shop(tmp_path: Path) -> None:
    assert Store(tmp_path).shops.all() == {}
