"""What counts for one shop alone, and what for the company: rules, and what a shop is known to sell with VAT."""

from dataclasses import replace
from pathlib import Path

import pytest

from cases import booked
from dinero.intake.assessing import Assessor
from dinero.model.clock import SimulatedClock
from dinero.model.findings import dumps, loads
from dinero.model.money import Money
from dinero.model.settings import Settings
from dinero.model.shops import Shop, ShopState
from dinero.rules.answers import is_of_shop
from dinero.rules.credits import plan_credit, plan_difference, plan_undo
from dinero.rules.invoices import plan_invoice
from dinero.rules.states import assess
from dinero.store import Store
from factory import PARTY, SETTINGS, line, order
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


LAMPS = Shop("lampehuset", "woocommerce", "WooCommerce", "Lampehuset")
KOPS = Shop("koppehuset", "shoporama", "Shoporama", "Koppehuset")


def shops(*known: Shop) -> Settings:
    """The settings of Lampehuset, where the owner has these shops."""
    return replace(SETTINGS, known_shops={shop.name: shop for shop in known}).of_shop("lampehuset")


@pytest.mark.parametrize(
    ("known", "name"), [((LAMPS,), "WooCommerce"), ((LAMPS, KOPS), "WooCommerce (Lampehuset)"), ((), "Shoporama")]
)
def test_what_is_to_be_done_in_the_shop_names_it(known: tuple[Shop, ...], name: str) -> None:
    chosen = shops(*known)
    for made in (
        order(email=""),
        order(total=Money(30000)),
        order(vat_number="12345678", billing=replace(PARTY, company="A")),
        order(credit_of="12", lines=(line(-5000, quantity="-1", text=""),), total=Money(-5000), vat=Money(-1000)),
    ):
        _, findings = assess(made, chosen)
        fixes = [found.fix.render("en") for found in findings if found.fix and "{shop}" in found.fix.message]
        assert fixes
        assert all(f"in {name}" in fix for fix in fixes)
        assert loads(dumps(findings)) == findings


def test_an_order_of_a_shop_that_is_paused_waits_and_says_why() -> None:
    chosen = shops(replace(LAMPS, state=ShopState.PAUSED), KOPS)
    state, (found,) = assess(order(shop="lampehuset"), chosen)
    assert (state, found.code) == ("not due", "shop_paused")
    assert found.text.render("en") == "The shop WooCommerce (Lampehuset) is paused."


def test_an_order_of_a_shop_that_was_removed_is_left_out_and_says_why() -> None:
    chosen = shops(replace(LAMPS, state=ShopState.REMOVED))
    state, (found,) = assess(order(shop="lampehuset"), chosen)
    assert (state, found.code) == ("ignored", "shop_removed")
    assert found.text.render("en") == "The shop WooCommerce was removed here."


def test_what_the_owner_left_out_keeps_its_own_reason_whatever_becomes_of_the_shop() -> None:
    for state in ShopState:
        told, (found,) = assess(order(), shops(replace(LAMPS, state=state)), ignored_reason="Prøve")
        assert (told, found.code) == ("ignored", "owner")


def test_documents_name_the_shop_where_there_are_several() -> None:
    made = order(voucher_code="SOMMER", shop="lampehuset")
    several, one = shops(LAMPS, KOPS), shops(LAMPS)
    invoice = plan_invoice(made, several)
    assert invoice.comment == "Webshop-ordre 1077, Lampehuset. Rabatkode: SOMMER."
    assert invoice.reference == "lampehuset:77"
    assert plan_invoice(made, one).comment == "Webshop-ordre 1077. Rabatkode: SOMMER."
    original = booked(made, plan=invoice)
    note = order(credit_of="12", lines=(line(-5000, quantity="-1"),), total=Money(-5000), vat=Money(-1000))
    assert plan_credit(note, several, original).comment == "Kreditnota til faktura 8, webshop-ordre 1012, Lampehuset."
    assert plan_credit(note, one, original).comment == "Kreditnota til faktura 8, webshop-ordre 1012."
    day, label = invoice.issued_on, several.shop_label
    assert plan_undo(original, day, 1, label).comment == "Tilbageførsel: faktura 8, webshop-ordre 1077, Lampehuset."
    less = plan_invoice(order(line(10000), shop="lampehuset"), several)
    assert plan_difference(original, less, day, 1, label).comment == (
        "Kreditering af ændring: faktura 8, webshop-ordre 1077, Lampehuset."
    )
    assert plan_undo(original, day, 1).comment == "Tilbageførsel: faktura 8, webshop-ordre 1077."
