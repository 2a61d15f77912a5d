"""Amounts: one way in, whole øre, exact in and out."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinero.model.money import MAX_ORE, AmountError, Money, net_of_vat, total

ORE = st.integers(min_value=-(10**11), max_value=10**11)


@pytest.mark.parametrize(
    ("value", "ore"),
    [
        (249, 24900),
        (Decimal("249.5"), 24950),
        ("199.00", 19900),
        ("-0.05", -5),
        (Decimal("1E2"), 10000),
        ("1.500", 150),
    ],
)
def test_json_amounts_are_read_exactly(value: object, ore: int) -> None:
    assert Money.from_json(value) == Money(ore)


@pytest.mark.parametrize(
    "value", ["1.234,50", "1,5", "", "abc", None, True, 1.5, "NaN", Decimal("NaN"), Decimal("0.001"), "1e5", [], 10**14]
)
def test_what_is_not_an_exact_amount_is_refused(value: object) -> None:
    with pytest.raises(AmountError):
        Money.from_json(value)


@pytest.mark.parametrize(("text", "ore"), [("1.234,50", 123450), ("249", 24900), ("0,70 kr.", 70), ("-5", -500)])
def test_what_an_owner_types_is_read_as_danes_write(text: str, ore: int) -> None:
    assert Money.from_danish(text) == Money(ore)


@pytest.mark.parametrize("text", ["1234.50", "1,234.50", "12,345", "kr", "", "1.23,4"])
def test_an_amount_typed_another_way_is_an_error_and_not_another_amount(text: str) -> None:
    with pytest.raises(AmountError):
        Money.from_danish(text)


@given(ORE)
def test_an_amount_survives_json_there_and_back(ore: int) -> None:
    text = json.dumps(Money(ore).json_number())
    assert Money.from_json(json.loads(text, parse_float=Decimal)) == Money(ore)


@given(st.integers(min_value=0, max_value=10**9))
def test_net_and_vat_of_a_line_always_add_up_to_what_was_paid(ore: int) -> None:
    net = net_of_vat(Money(ore), Decimal("0.25"))
    vat = Money(ore) - net
    assert net + vat == Money(ore)
    assert abs(vat.ore - Decimal(ore) / 5) <= Decimal("0.5")


def test_the_proven_example_of_rounding_holds() -> None:
    assert net_of_vat(Money(1235), Decimal("0.25")) == Money(988)


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(AmountError):
        total([Money(1), Money(1, "EUR")])


def test_an_amount_beyond_all_orders_is_refused() -> None:
    with pytest.raises(AmountError):
        Money.from_json(MAX_ORE // 100 + 1)
