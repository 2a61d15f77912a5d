"""The sums of the sandbox's WooCommerce, held against what a real one answered (tests/data/woocommerce/)."""

import json
import random
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dinero.sandbox.woocommerce_cart import Cart, Coupon, Fee, GiftCard, Item, Settings, calculate
from dinero.sandbox.woocommerce_carts import SETTINGS, random_cart
from dinero.sandbox.woocommerce_json import AMOUNTS, LINES, kept_amounts, shown

RECORDED = Path(__file__).parent / "data" / "woocommerce"
PRICES = {"Kop": (10, "249"), "Clips": (11, "12.34"), "Perle": (13, "0.99"), "Netto": (46, "99.95")}
TEN, FIFTY = Coupon("ti", "percent", Decimal(10)), Coupon("halvtreds", "fixed_cart", Decimal(50), 15)
WITH_VAT, WITHOUT_VAT, WHOLE = Settings(), Settings(prices_include_tax=False), Settings(decimals=0)
AT_SUBTOTAL = Settings(prices_include_tax=False, round_at_subtotal=True)


def goods(**pieces: int) -> list[Item]:
    return [Item(name, Decimal(PRICES[name][1]), n, "", name.upper(), PRICES[name][0]) for name, n in pieces.items()]


KOP = goods(Kop=1)
# The cart that was bought, and the shop's settings, for each recorded answer that a cart made.
CARTS = {
    "three-odd": (WITH_VAT, Cart(goods(Clips=3, Perle=7))),
    "coupon-percent": (WITH_VAT, Cart(goods(Kop=1, Clips=3), [TEN])),
    "coupon-fixed-cart": (WITH_VAT, Cart(goods(Kop=1, Clips=3, Perle=1), [FIFTY])),
    "excl": (WITHOUT_VAT, Cart(goods(Netto=3, Clips=1), [TEN])),
    "exclsub": (AT_SUBTOTAL, Cart(goods(Netto=3, Clips=1, Perle=7), [TEN])),
    "d0": (WHOLE, Cart(goods(Clips=3, Kop=1), [TEN])),
    "fee-negative": (WITH_VAT, Cart(KOP, fees=[Fee("Rabat stamkunde", Decimal(-20))])),
    "fee-taxed": (WITH_VAT, Cart(KOP, fees=[Fee("Betalingsgebyr", Decimal(4))])),
    "fee-untaxed": (WITH_VAT, Cart(KOP, fees=[Fee("Gavekort", Decimal(-100), taxable=False)])),
    "pw": (WITH_VAT, Cart(KOP, gift_cards=[GiftCard("", Decimal(100), "pw")])),
    "yith": (WITH_VAT, Cart(KOP, gift_cards=[GiftCard("ABCD-EFGH-IJKL-MNOP", Decimal(100))])),
    "yith.default-in-0-decimals": (WITH_VAT, Cart(KOP, gift_cards=[GiftCard("ABCD-EFGH-IJKL-MNOP", Decimal(100))])),
    "de-19": (WITH_VAT, Cart(KOP, country="DE")),
    "no-export": (WITH_VAT, Cart(KOP, country="NO")),
    "exempt": (WITH_VAT, Cart(KOP, country="DE", exempt=True)),
    "taxes-off": (Settings(calc_taxes=False), Cart(KOP)),
    "completed": (WITH_VAT, Cart(KOP)),
    "refund-partial-line": (WITH_VAT, Cart(goods(Kop=2, Clips=1))),
}
FILES = sorted(path.name for path in RECORDED.glob("real-*.json") if path.name[5:].split(".")[0] in CARTS)


def without_ids(value: Any) -> Any:
    """Without what is counted up: the ids of lines and entries."""
    if isinstance(value, dict):
        return {key: without_ids(inner) for key, inner in value.items() if key != "id"}
    return [without_ids(inner) for inner in value] if isinstance(value, list) else value


def sold(cart: Cart, settings: Settings, dp: int | None = 2, read_by: Settings | None = None) -> dict[str, Any]:
    """The order of a cart as the API answers it."""
    kept = kept_amounts(calculate(cart, settings), cart, settings, count(1))
    return shown({"id": 1, **kept}, [], read_by or settings, dp, "https://shop.example")


@pytest.mark.parametrize("file", [name for name in FILES if "refunds" not in name])
def test_a_cart_comes_out_as_the_real_one_told(file: str) -> None:
    name, _, how = file.removeprefix("real-").removesuffix(".json").partition(".")
    settings, cart = CARTS[f"{name}.{how}" if f"{name}.{how}" in CARTS else name]
    read_by = WHOLE if how.startswith("default") else settings
    told = json.loads((RECORDED / file).read_text())
    got = sold(cart, settings, {"": 2, "dp6": 6}.get(how), read_by)
    for key in ("prices_include_tax", *AMOUNTS, *LINES):
        assert without_ids(got[key]) == without_ids(told[key]), key
    cards = [entry for entry in told["meta_data"] if entry["key"].startswith("_ywgc")]
    assert {entry["key"]: entry["value"] for entry in got["meta_data"]} == {
        entry["key"]: entry["value"] for entry in cards
    }


def test_each_recorded_cart_is_tried() -> None:
    assert len(FILES) >= 22
    assert {name.removeprefix("real-").split(".")[0] for name in FILES} == {name.split(".")[0] for name in CARTS}


def test_the_same_order_is_rounded_by_the_settings_of_the_moment() -> None:
    cart = Cart(goods(Netto=3, Clips=1), [TEN])
    taxes = [
        sold(cart, WITHOUT_VAT, 2, read_by)["line_items"][0]["total_tax"] for read_by in (WITHOUT_VAT, WITH_VAT, WHOLE)
    ]
    assert taxes == ["67.47", "67.46", "67.00"]


def test_an_official_gift_card_is_a_number_and_the_total_is_after_it() -> None:
    order = sold(Cart(KOP, gift_cards=[GiftCard("SU9F", Decimal("20.5"), "official")]), WITH_VAT)
    assert (order["total"], order["total_tax"]) == ("267.50", "57.60")
    assert order["gift_cards"] == [{"id": 1, "code": "SU9F", "amount": 20.5}]
    assert list(order).index("gift_cards") == list(order).index("currency_symbol") - 1


def test_a_payment_fee_that_comes_after_raises_the_total_without_vat() -> None:
    order = sold(Cart(KOP, fees=[Fee("Payment Fee", Decimal(5), after=True)]), WITH_VAT)
    assert (order["total"], order["total_tax"]) == ("293.00", "57.60")
    assert [(fee["total"], fee["total_tax"], fee["tax_status"]) for fee in order["fee_lines"]] == [
        ("5.00", "0.00", "none")
    ]


def test_goods_without_vat_have_a_rate_of_nothing_and_a_gift_card_that_is_sold_has_none() -> None:
    free = Item("Foredrag", Decimal(150), tax_class="zero-rate")
    order = sold(Cart([*KOP, free, Item("Gavekort", Decimal(500), taxable=False)]), WITH_VAT)
    assert order["line_items"][1]["taxes"] == [{"id": 3, "total": "0.00", "subtotal": "0.00"}]
    assert (order["line_items"][2]["taxes"], order["line_items"][2]["tax_class"]) == ([], "")
    assert [line["rate_code"] for line in order["tax_lines"]] == ["DK-MOMS-1", "DK-MOMSFRI-1"]


def test_a_negative_fee_over_two_rates_has_the_vat_of_each_part() -> None:
    mixed = [Item("Bog", Decimal(125)), Item("Foredrag", Decimal(100), tax_class="zero-rate")]
    order = sold(Cart(mixed, fees=[Fee("Rabat", Decimal(-20))], freight=None), WITH_VAT)
    assert order["fee_lines"][0]["taxes"] == [
        {"id": 1, "total": "-2.50", "subtotal": ""},
        {"id": 3, "total": "0.00", "subtotal": ""},
    ]
    assert (order["total"], order["total_tax"]) == ("202.50", "22.50")


def test_a_negative_fee_takes_no_more_than_there_is() -> None:
    order = sold(Cart(KOP, fees=[Fee("Rabat", Decimal(-1000))], freight=None), WITH_VAT)
    assert (order["total"], order["fee_lines"][0]["total"], order["fee_lines"][0]["amount"]) == (
        "0.00",
        "-199.20",
        "-1000",
    )


def test_freight_whose_vat_is_half_an_ore_is_rounded_up_in_the_head_and_down_in_its_line() -> None:
    order = sold(Cart(KOP, freight=Decimal("31.22")), WITH_VAT)
    assert (order["shipping_tax"], order["shipping_lines"][0]["total_tax"]) == ("7.81", "7.80")


@pytest.mark.parametrize("setting", SETTINGS)
def test_random_carts_add_up_as_the_real_ones_did(setting: str) -> None:
    """Lines with VAT, or net lines and the head's VAT, are the total (facts.md's chapter WooCommerce)."""
    dice = random.Random(setting)
    settings = SETTINGS[setting]
    off, vat_differs, carts = 0, 0, 0
    for _ in range(400):
        two, none, told = random_cart(dice, setting)
        order = two if settings.decimals else none
        if told.cart.gift_cards:
            continue
        carts += 1
        lines = [line for kind in ("line_items", "shipping_lines", "fee_lines") for line in order[kind]]
        net = sum(Decimal(line["total"]) for line in lines)
        tax = sum(Decimal(line["total_tax"]) for line in lines)
        head = Decimal(order["total_tax"])
        off += net + (tax if settings.prices_include_tax else head) != Decimal(order["total"])
        vat_differs += tax != head
        assert told.total == int(Decimal(two["total"]) * 100)
    assert carts > 300
    assert off <= (0 if settings.decimals else 10)
    assert (vat_differs > 20) == settings.round_at_subtotal
