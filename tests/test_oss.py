"""The OSS sums: every sale with another EU country's VAT, and nothing that is no sale."""

from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.export import oss_csv
from dinero.i18n import Text
from dinero.services import Services

QUARTER = "2026-10-01", "2026-12-31"
LINE = {"order_product_id": 1, "product_id": 1, "own_id": "K1", "name": "Kop", "amount": 1, "unit_price": 119,
        "vat": 19, "attributes": []}  # fmt: skip
GERMAN = {
    "order_country": "Tyskland", "order_country_id": 1003, "order_zipcode": "10115", "order_city": "Berlin",
    "del_country": "Tyskland", "del_country_id": 1003, "del_zipcode": "10115", "del_city": "Berlin",
    "total_price": 119, "price": 119, "vat": 19, "shipping_price": 0, "products": [LINE],
}  # fmt: skip


@pytest.fixture
def registered(world: World) -> World:
    """The library of a shop that is registered for OSS."""
    world.dashboard.save(rules={"eu_consumers": "oss"})
    return world


def counted(world: World) -> list[str]:
    return [row["id"] for row in world.dashboard.store.oss_orders(*QUARTER)]


def not_counted(world: World) -> list[str]:
    return [row["id"] for row in world.dashboard.store.oss_not_counted(*QUARTER)]


def test_a_paid_sale_with_german_vat_is_counted(registered: World) -> None:
    registered.order(1, **GERMAN)
    assert (counted(registered), not_counted(registered)) == (["1"], [])


@pytest.mark.parametrize(
    "changes",
    [{"paid": None, "status": "cancelled"}, {"paid": None, "status": "new"}, {"paid": None}, {"status": "cancelled"}],
    ids=["cancelled and never paid", "new and not paid", "sent and not paid", "paid and cancelled"],
)
def test_what_was_cancelled_or_never_paid_is_no_sale(registered: World, changes: dict[str, Any]) -> None:
    registered.order(1, **GERMAN | changes)
    registered.order(2, **GERMAN)
    assert (counted(registered), not_counted(registered)) == (["2"], ["1"])


def test_an_order_that_is_cancelled_later_leaves_the_sums(registered: World) -> None:
    registered.order(1, **GERMAN)
    registered.clock.advance(60)
    registered.order(1, **GERMAN | {"status": "cancelled"})
    assert counted(registered) == []


def test_what_the_owner_left_out_is_no_sale_until_it_is_taken_back(registered: World) -> None:
    registered.order(1, **GERMAN)
    registered.dashboard.ignore(registered.row(1), "En prøve")
    assert (counted(registered), not_counted(registered)) == ([], ["1"])
    registered.dashboard.ignore(registered.row(1), None)
    assert counted(registered) == ["1"]


def test_a_sale_from_before_the_take_over_is_a_sale(registered: World) -> None:
    registered.order(1, **GERMAN)
    registered.dashboard.save(take_over_date=date(2026, 11, 25))
    assert registered.row(1)["state"] == "ignored"
    assert counted(registered) == ["1"]


def test_a_return_is_taken_off_though_no_refund_is_marked(registered: World) -> None:
    registered.order(1, **GERMAN)
    registered.order(2, **GERMAN | {
        "total_price": -119, "price": -119, "vat": -19, "paid": None, "credited_order_id": 1,
        "products": [LINE | {"amount": -1}]})  # fmt: skip
    rows = registered.dashboard.store.oss_orders(*QUARTER)
    assert [(row["id"], row["net_ore"], row["vat_ore"]) for row in rows] == [("1", 10000, 1900), ("2", -10000, -1900)]


@pytest.fixture
def page(process: Services, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page with the EU sales, on the data folder of `world`."""
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    return AppTest.from_file("../pages/navigation.py", default_timeout=30).switch_page("oss.py")


def da(message: str, plural: str | None = None, /, **values: object) -> str:
    return Text(message, plural, **values).render("da")  # type: ignore[arg-type]


def test_the_page_sums_what_is_counted_and_lists_the_rest_with_its_state(registered: World, page: AppTest) -> None:
    for number in (1, 2):
        registered.order(number, **GERMAN)
    registered.order(3, **GERMAN | {"paid": None, "status": "cancelled"})
    page.run()
    page.switch_page("oss.py").run()
    assert not page.exception
    (sums,) = page.table
    assert list(sums.value[da("Orders")]) == [2]
    assert list(sums.value[da("Net")]) == [20000]
    told = da("{n} more order is not counted: cancelled, not paid, left out or taken back.",
              "{n} more orders are not counted: cancelled, not paid, left out or taken back.", n=1)  # fmt: skip
    assert told in [caption.value for caption in page.caption]
    (listed,) = page.dataframe
    assert len(listed.value) == 3
    assert list(listed.value[da("Counted")]) == [da("yes"), da("yes"), da("no")]


def test_the_file_has_every_order_with_its_state_and_whether_it_is_counted(registered: World) -> None:
    registered.order(1, **GERMAN)
    registered.order(2, **GERMAN | {"paid": None, "status": "cancelled"})
    store = registered.dashboard.store
    rows = oss_csv([*store.oss_orders(*QUARTER), *store.oss_not_counted(*QUARTER)], "en").splitlines()
    assert rows[0].removeprefix("\ufeff") == "Country;VAT rate;Order;Date;Currency;Net;VAT;Counted;State;Reason"
    assert rows[1].startswith("DE;19,0;1001;2026-11-20;DKK;100,00;19,00;yes;Held;")
    assert rows[2].startswith("DE;19,0;1002;2026-11-20;DKK;100,00;19,00;no;Left out;The order was cancelled")
