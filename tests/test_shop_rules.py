"""What counts for one shop alone, and what for the company: rules, and what a shop is known to sell with VAT."""

from pathlib import Path

from dinero.intake.assessing import Assessor
from dinero.model.clock import SimulatedClock
from dinero.model.money import Money
from dinero.rules.answers import is_of_shop
from dinero.store import Store
from factory import SETTINGS, line, order
from pages.rules import QUESTIONS

OF_SHOP = {
    "below_zero",
    "collected",
    "domestic_free",
    "gift_card_product",
    "number_field",
    "payment",
    "refund",
    "short_of_lines",
    "status",
    "vat_free",
    "voucher",
    "voucher_kind",
    "whole_kroner",
}
OF_COMPANY = {
    "country",
    "currency",
    "ean",
    "eu_business_charged",
    "eu_consumers",
    "no_email",
    "northern_ireland",
    "norwegian_vat",
    "oss_booking",
    "oss_rate",
    "straddling",
    "world_charged",
    "zero_total",
}


def test_every_rule_is_a_shops_own_or_the_companys() -> None:
    assert set(QUESTIONS) == OF_SHOP | OF_COMPANY, "a new rule must be placed"
    assert not OF_SHOP & OF_COMPANY
    assert {key for key in QUESTIONS if is_of_shop(key)} == OF_SHOP


def test_a_rule_about_one_thing_is_placed_by_what_it_is_about() -> None:
    assert is_of_shop("payment:bacs")
    assert is_of_shop("vat_free:fee:gebyr: 5 kr.")
    assert not is_of_shop("country:danmark")
    assert not is_of_shop("currency:EUR")


def test_a_shop_with_vat_switched_off_is_asked_though_another_shop_sells_with_vat(tmp_path: Path) -> None:
    store = Store(tmp_path, clock=SimulatedClock())
    store.products.save("lampehuset", {"LAMPE": "1041"})
    sold = order(line(24900, rate="?"), vat=Money(0), shop="koppehuset")
    assert not Assessor(store, SETTINGS).chosen(sold, {}).sells_with_vat
    store.products.save("koppehuset", {"VASE": "1042"})
    assert Assessor(store, SETTINGS).chosen(sold, {}).sells_with_vat
    assert store.products.any_with_vat()
    assert not store.products.any_with_vat("glashuset")
