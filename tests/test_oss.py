"""Sales with another EU country's VAT: booked as the accountant says, and counted as they are booked."""

from decimal import Decimal
from typing import Any

import pytest

from conftest import World
from dinero.model.documents import OrderKey
from dinero.model.plans import Kind, plan_from_json
from dinero.rules.eu_rates import RATES
from dinero.rules.oss import country_of
from dinero.rules.places import EU
from dinero.sandbox import make_order

BERLIN = {
    "order_country_id": 1003,
    "order_country": "Tyskland",
    "order_zipcode": "10115",
    "order_city": "Berlin",
    "del_country_id": 1003,
    "del_country": "Tyskland",
    "shipping_price": 0,
    "voucher_discount_amount": 0,
}


def sale(pieces: int, price: float, rate: Any, total: float, vat: float) -> dict[str, Any]:
    line = make_order()["products"][0] | {"amount": pieces, "unit_price": price, "vat": rate}
    return {**BERLIN, "products": [line], "total_price": total, "price": total, "vat": vat}


def accountant_says(world: World, goods: int = 1050, owed: int = 63080) -> None:
    world.dashboard.settings.save(rules={"oss_booking": "book"}, accounts={"sales.oss": goods, "oss_vat": owed})


def test_what_is_counted_for_the_return_is_what_is_booked_returns_too(world: World) -> None:
    accountant_says(world)
    world.order(1, **sale(2, 119, 19, 238, 38))
    assert [row.result for row in world.push(1)] == ["done"]
    back = {"credited_order_id": 1, "paid": None, "status": "new"}
    world.order(2, **back, **sale(-1, 119, 0, -119, 0))  # told without VAT: its invoice's counts
    assert [row.result for row in world.push(2)] == ["done"]
    world.dashboard.orders.fetch()
    rows = world.dashboard.store.sums.oss("2026-10-01", "2026-12-31")
    assert [(row.country, row.net_ore, row.vat_ore) for row in rows] == [
        ("DE", 20000, 3800),
        ("DE", -10000, -1900),
    ]
    entries = world.sandbox.books.entries(*world.sandbox.books.years[-1])
    owed = sum(round(entry["Amount"] * 100) for entry in entries if entry["AccountNumber"] == 63080)
    assert owed == -sum(row.vat_ore or 0 for row in rows)


@pytest.mark.parametrize(("goods", "owed"), [(1000, 63080), (1050, 1000), (0, 63080), (1050, 0)])
def test_an_account_with_a_vat_code_or_none_at_all_holds_the_order(world: World, goods: int, owed: int) -> None:
    accountant_says(world, goods, owed)
    world.order(1, **sale(1, 119, 19, 119, 19))
    assert world.row(1).state == "held"
    codes = {finding.code for finding in world.row(1).reasons}
    assert codes <= {"account_vat", "account_unnamed"}
    assert codes
    world.push()
    assert world.writes("/invoices") == []


def test_without_the_accountants_word_it_is_held_as_before(world: World) -> None:
    world.order(1, **sale(1, 119, 19, 119, 19))
    assert [finding.code for finding in world.row(1).reasons] == ["oss"]


def test_vat_that_fits_no_rate_holds_the_order(world: World) -> None:
    accountant_says(world)
    world.order(1, **sale(1, 119, 19, 119, 21))
    assert [finding.code for finding in world.row(1).reasons] == ["oss_rate"]


def test_a_return_counts_in_its_invoices_country_wherever_its_own_address_is(world: World) -> None:
    accountant_says(world)
    world.order(1, **sale(1, 119, 19, 119, 19))
    world.push(1)
    at_home = {
        "order_country_id": 1001,
        "order_country": "Danmark",
        "order_zipcode": "8000",
        "del_country_id": None,
        "del_country": "",
    }
    world.order(2, credited_order_id=1, paid=None, status="new", **(sale(-1, 119, 19, -119, -19) | at_home))
    assert [row.result for row in world.push(2)] == ["done"]
    world.dashboard.orders.fetch()
    rows = world.dashboard.store.sums.oss("2026-10-01", "2026-12-31")
    assert [(row.country, row.net_ore) for row in rows] == [("DE", 10000), ("DE", -10000)]
    texts = [line["Description"] for note in world.sandbox.books.credit_notes.values() for line in note["ProductLines"]]
    assert all("DE" in text for text in texts)


def test_the_country_of_a_plan_from_before_it_was_kept_is_read_from_its_lines(world: World) -> None:
    accountant_says(world)
    world.order(1, **sale(1, 119, 19, 119, 19))
    world.push(1)
    document = world.dashboard.store.documents.newest(OrderKey("shoporama", "1"), Kind.INVOICE)
    assert document is not None
    packed = document.plan.to_json()
    assert packed.pop("country") == "DE"
    assert country_of(plan_from_json(packed)) == "DE"


def test_a_gift_card_that_pays_a_part_takes_nothing_off_the_return(world: World) -> None:
    accountant_says(world)
    world.order(1, **(sale(1, 119, 19, 69, 11.02) | {"gift_card_amount": 50.0}))
    assert [row.result for row in world.push(1)] == ["done"]
    rows = world.dashboard.store.sums.oss("2026-10-01", "2026-12-31")
    assert [(row.net_ore, row.vat_ore) for row in rows] == [(10000, 1900)]


@pytest.mark.parametrize("country", sorted(RATES))
def test_each_rate_of_the_table_is_a_rate_that_the_directive_allows(country: str) -> None:
    assert max(RATES[country]) >= Decimal("0.15")
    assert all(Decimal("0.02") <= rate <= Decimal("0.27") for rate in RATES[country])
    assert country == "XI" or country in EU


def test_every_other_country_of_the_eu_has_its_rates() -> None:
    assert RATES.keys() >= EU - {"DK"}


def test_what_may_be_a_gift_card_is_asked_about_before_its_rate(world: World) -> None:
    accountant_says(world)
    cup = sale(1, 119, 19, 319, 19)
    card = cup["products"][0] | {"own_id": "GAVE", "name": "Gavekort", "unit_price": 200, "vat": 0}
    world.order(1, **(cup | {"products": [*cup["products"], card]}))
    assert [finding.code for finding in world.row(1).reasons] == ["gift_card_product"]
    [finding] = world.row(1).reasons
    assert finding.question is not None
    world.dashboard.orders.answer(world.row(1), finding.question, "product")
    assert [finding.code for finding in world.row(1).reasons] == ["oss_rate"]
