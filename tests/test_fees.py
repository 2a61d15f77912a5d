"""What the bank will receive, and where the estimate comes from."""

from decimal import Decimal

import pytest

from dinero.model.errors import SettingsError
from dinero.model.money import Money
from dinero.model.settings import FeeRate, parse_percent
from dinero.rules.fees import estimate_payout


def test_without_the_owners_rates_the_guides_example_is_used_and_said_to_be_one() -> None:
    payout = estimate_payout([("Dankort", Money(24900))], {})
    assert (payout.sold, payout.received, payout.is_example) == (Money(24900), Money(24100), True)


def test_the_owners_rates_are_used_by_payment_method() -> None:
    rates = {"Kort": FeeRate(Decimal("1.45"), 70), "Konto": FeeRate(Decimal(0), 0)}
    payout = estimate_payout([("Kort", Money(10000)), ("Konto", Money(5000))], rates)
    assert (payout.sold, payout.received, payout.is_example) == (Money(15000), Money(14785), False)


@pytest.mark.parametrize("text", ["abc", "-1", "21", "", "NaN"])
def test_a_percent_that_can_not_be_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_percent(text)
