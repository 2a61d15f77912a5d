"""What the bank will receive, and where the estimate comes from."""

from decimal import Decimal

import pytest

from conftest import World
from dinero.model.errors import SettingsError
from dinero.model.money import Money
from dinero.model.settings import FeeRate, parse_percent
from dinero.model.words import is_paid_directly
from dinero.rules.fees import Sales, estimate_payout, rounded


def test_without_the_owners_rates_the_guides_example_is_used_and_said_to_be_one() -> None:
    payout = estimate_payout([Sales("Dankort", Money(24900))], {})
    assert (payout.sold, payout.received, payout.is_example) == (Money(24900), Money(24100), True)


def test_the_owners_rates_are_used_by_payment_method() -> None:
    rates = {"Kort": FeeRate(Decimal("1.45"), 70), "Konto": FeeRate(Decimal(0), 0)}
    payout = estimate_payout([Sales("Kort", Money(10000)), Sales("Konto", Money(5000))], rates)
    assert (payout.sold, payout.received, payout.is_example) == (Money(15000), Money(14785), False)


def test_fees_are_a_share_of_the_sum_and_a_fixed_part_of_each_sale() -> None:
    payout = estimate_payout([Sales("Kort", Money(100_000), 3)], {"Kort": FeeRate(Decimal("1.5"), 100)})
    assert (payout.fees, payout.is_example) == (Money(1500 + 300), False)


def test_what_goes_straight_into_the_bank_has_no_fee_and_needs_no_rate() -> None:
    payout = estimate_payout([Sales("Bankoverførsel", Money(10000), is_direct=True), Sales("Kort", Money(24900))], {})
    assert (payout.sold, payout.fees, payout.is_example) == (Money(34900), Money(800), True)
    assert not estimate_payout([Sales("EAN", Money(10000), is_direct=True)], {}).is_example


@pytest.mark.parametrize(
    "method", ["Bankoverførsel", "bank transfer", "Netbank", "Faktura 8 dage", "EAN-faktura", "FIK 71", "Överföring"]
)
def test_a_bank_transfer_and_an_invoice_go_straight_into_the_bank(method: str) -> None:
    assert is_paid_directly(method)


@pytest.mark.parametrize(
    "method",
    ["Dankort", "Stripe faktura", "Klarna Invoice", "MobilePay", "giropay", "QuickPay", "Gavekort", "", "Fiks"],
)
def test_a_card_a_wallet_and_an_unknown_way_do_not(method: str) -> None:
    assert not is_paid_directly(method)


def test_orders_paid_by_transfer_by_ean_and_with_days_to_pay_count_without_a_fee(world: World) -> None:
    rules = {"ean": "invoice", "payment:Aftale": "terms"}
    world.dashboard.settings.save(rules=rules)
    world.order(1)
    world.order(2, payment_gateway="Bankoverførsel", payment_gateway_id=None)
    world.order(3, ean_number="5790000000005", paid=None, status="sent")
    world.order(4, payment_gateway="Aftale", payment_gateway_id=None, status="sent")
    rows = {row.id: row for row in world.dashboard.store.orders.list()}
    assert world.dashboard.orders.estimate([rows["2"], rows["3"], rows["4"]]).fees == Money(0)
    payout = world.dashboard.orders.estimate(rows.values())
    assert payout.fees == world.dashboard.orders.estimate([rows["1"]]).fees != Money(0)
    world.dashboard.settings.save(rules={**rules, "payment:Bankoverførsel": "money"})
    world.push()
    now = world.dashboard.orders.overview()
    assert now.month.count == 4, "all were transferred"
    assert (now.payout.fees, now.payout.sold) == (payout.fees, payout.sold), "what the bank receives is the same after"


@pytest.mark.parametrize(
    ("ore", "shown"),
    [
        (9_949, 9_900),
        (95_949, 95_900),
        (154_949, 155_000),
        (999_449, 999_000),
        (1_234_567, 1_230_000),
        (17_104_831, 17_100_000),
        (0, 0),
    ],
)
def test_an_estimate_has_no_more_figures_than_are_known(ore: int, shown: int) -> None:
    assert rounded(Money(ore)) == Money(shown)
    assert rounded(Money(-ore)) == Money(-shown)


@pytest.mark.parametrize("kroner", [249, 991, 5_000, 96_137, 176_726])
def test_what_the_bank_gets_and_the_fees_add_up_to_what_was_sold_as_far_as_they_are_told(kroner: int) -> None:
    told = estimate_payout([Sales("Dankort", Money(kroner * 100))], {})
    parts = rounded(told.received) + rounded(told.fees, like=told.received)
    assert parts == rounded(told.sold, like=told.received)


@pytest.mark.parametrize("text", ["abc", "-1", "21", "", "NaN"])
def test_a_percent_that_can_not_be_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_percent(text)
