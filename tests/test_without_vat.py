"""What has no VAT in Denmark: fees and freight beside goods that have it, and a shop with VAT switched off."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dinero.model.findings import Finding
from dinero.model.money import Money
from dinero.model.orders import Line, LineKind, Order
from dinero.model.settings import Settings
from dinero.rules.invoices import plan_invoice
from dinero.rules.states import assess
from factory import PARTY, SETTINGS, line, order

FREIGHT, FEE = LineKind.SHIPPING, LineKind.FEE
KINDS = {FEE: 1000, FREIGHT: 1350}


def held(sold: Order, chosen: Settings = SETTINGS) -> list[Finding]:
    state, findings = assess(sold, chosen)
    assert state == "held"
    return findings


def books(sold: Order, **rules: str) -> list[tuple[int, int, int]]:
    chosen = SETTINGS.with_answers({key.replace("__", ":"): value for key, value in rules.items()})
    assert assess(sold, chosen) == ("waiting", [])
    plan = plan_invoice(sold, chosen)
    assert plan.total == sold.total
    return [(one.account, one.amount.ore, one.vat.ore) for one in plan.lines]


def extra(kind: LineKind, rate: str = "?", ore: int = 500) -> Line:
    return line(ore, rate=rate, kind=kind, text="Gebyr")


def in_net(*extras: Line) -> Order:
    """249 kr. with VAT, told without it, and what else there is without VAT."""
    whole = 24900 + sum(one.total.ore for one in extras)
    return order(line(19920), *extras, vat=Money(4980), total=Money(whole), prices_include_vat=False)


def forms(kind: LineKind) -> list[Order]:
    """A sale of 249 kr. with VAT and 5 kr. without, in each way in which a shop tells it."""
    fee = extra(kind)
    return [
        order(line(24900), replace(fee, vat_rate=Decimal(0)), vat=Money(4980)),
        order(line(24900), fee, vat=Money(4980)),
        order(line(24900, rate="?"), fee, vat=Money(4980)),
        in_net(replace(fee, vat_rate=Decimal(0))),
        in_net(fee),
        replace(in_net(fee), lines=(line(19920, rate="?"), fee)),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", range(6))
def test_what_has_no_vat_beside_goods_that_have_it_is_asked_about_by_its_name(kind: LineKind, form: int) -> None:
    sold = forms(kind)[form]
    (found,) = held(sold)
    assert found.question is not None
    assert (found.code, found.question.key) == ("danish_without_vat", f"vat_free:{kind.value}:Gebyr")
    assert found.question.can_be_rule
    assert [choice.value for choice in found.question.choices] == ["contains", "exempt"]
    key = {f"vat_free:{kind.value}:Gebyr": "contains"}
    assert books(sold, **key) == [(1000, 24900, 4980), (KINDS[kind], 500, 100)]
    without = 1050 if kind is FEE else 1300
    assert books(sold, **dict.fromkeys(key, "exempt")) == [(1000, 24900, 4980), (without, 500, 0)]


def test_the_answer_about_one_fee_says_nothing_of_another() -> None:
    other = order(line(24900), replace(extra(FEE), text="Kortgebyr"), vat=Money(4980))
    (found,) = held(other, SETTINGS.with_answers({"vat_free:fee:Gebyr": "exempt"}))
    assert found.question is not None
    assert found.question.key == "vat_free:fee:Kortgebyr"


def test_an_answer_about_all_fees_from_before_they_had_names_still_counts() -> None:
    sold = order(line(24900), extra(FEE), vat=Money(4980))
    assert books(sold, vat_free__fee="contains") == [(1000, 24900, 4980), (1000, 500, 100)]
    both = {"vat_free:fee": "contains", "vat_free:fee:Gebyr": "exempt"}
    assert books(sold, **both) == [(1000, 24900, 4980), (1050, 500, 0)]


def test_two_fees_without_vat_are_asked_about_each() -> None:
    sold = order(line(24900), extra(FEE, "0"), replace(extra(FEE, "0", 700), text="Kortgebyr"), vat=Money(4980))
    assert [found.question.key for found in held(sold) if found.question] == [
        "vat_free:fee:Gebyr",
        "vat_free:fee:Kortgebyr",
    ]


def test_a_fee_without_vat_beside_freight_with_vat_is_told_from_it() -> None:
    sold = order(line(24900), line(3900, rate="?", kind=FREIGHT, text="GLS"), extra(FEE), vat=Money(5760))
    assert books(sold, vat_free__fee__Gebyr="contains") == [(1000, 24900, 4980), (1350, 3900, 780), (1000, 500, 100)]


def test_a_fee_without_vat_in_a_sale_abroad_with_danish_vat_is_asked_about() -> None:
    germany = replace(PARTY, country="DE")
    sold = order(line(24900), extra(FEE, "0"), vat=Money(4980), billing=germany)
    (found,) = held(sold, SETTINGS.with_answers({"eu_consumers": "danish"}))
    assert found.code == "danish_without_vat"


def untaxed(**changes: object) -> Order:
    """A Danish order of a shop with VAT switched off: no line names a rate."""
    freight, fee = line(3120, rate="?", kind=FREIGHT, text="GLS pakkeshop"), extra(FEE)
    return replace(order(line(24900, rate="?"), freight, fee), **changes)  # type: ignore[arg-type]


COMPANY = {"vat_number": "13585628", "billing": replace(PARTY, company="Prøve ApS")}


@pytest.mark.parametrize("buyer", [{}, COMPANY], ids=["a consumer", "a company"])
def test_a_shop_with_vat_switched_off_is_asked_once_whoever_buys(buyer: dict[str, object]) -> None:
    sold = untaxed(**buyer)
    (found,) = held(sold)
    assert found.question is not None
    assert found.question.key == "domestic_free"
    assert found.question.can_be_rule
    assert books(sold, domestic_free="contains") == [(1000, 24900, 4980), (1350, 3120, 624), (1000, 500, 100)]


def test_a_company_is_no_reason_for_a_shop_that_is_exempt_and_is_asked_about_by_product() -> None:
    (found,) = held(untaxed(**COMPANY), SETTINGS.with_answers({"domestic_free": "exempt"}))
    assert found.question is not None
    assert found.question.key == "vat_free:Kop"
    assert [choice.value for choice in found.question.choices] == ["exempt", "contains", "reverse_charge"]


def test_the_owner_may_be_asked_product_by_product() -> None:
    (found,) = held(untaxed(), SETTINGS.with_answers({"domestic_free": "by_product"}))
    assert found.question is not None
    assert found.question.key == "vat_free:Kop"
    rules = {"domestic_free": "by_product", "vat_free:Kop": "exempt"}
    assert books(untaxed(), **rules) == [(1050, 24900, 0), (1300, 3120, 0), (1050, 500, 0)]


def test_freight_alone_contains_vat_in_a_shop_whose_prices_do() -> None:
    card = replace(line(50000, rate="?", text="Gavekort"))
    sold = order(card, line(3120, rate="?", kind=FREIGHT, text="GLS"))
    rules = {"domestic_free": "contains", "gift_card_product:Gavekort": "multi"}
    assert books(sold, **rules) == [(63080, 50000, 0), (1350, 3120, 624)]
