"""What the bank will receive, and where the estimate comes from."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conftest import World
from dinero.intake.matching import match
from dinero.model.acquirers import AcquirerChoice
from dinero.model.errors import SettingsError
from dinero.model.money import Money
from dinero.model.payouts import Movement
from dinero.model.settings import FeeRate, parse_percent
from dinero.model.words import is_paid_directly
from dinero.reports.fees import NormalDays, measured, normal_days
from dinero.rules.fees import MeasuredFee, Sales, estimate_payout, rounded
from dinero.store import Store
from factory import SETTINGS
from payouts import line, read, registered, sold


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


# --- measured --------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


TODAY = date(2026, 11, 24)


def paid_out(store: Store, *sales: tuple[str, str, int, int], **more: Any) -> int:
    """A payout of sales (number, way to pay, øre, fee), all of them registered."""
    for number, method, ore, _ in sales:
        registered(store, sold(store, number, ore, method=method), ore)
    found = read(store, *(line(number, ore, -fee) for number, _, ore, fee in sales), **more)
    match(store, SETTINGS)
    return found


def test_what_was_measured_goes_before_the_owners_rate_and_that_before_the_example() -> None:
    measured_fees = {"Kort": MeasuredFee(214, 3, 1_000_000, 14_500)}
    rates = {"Kort": FeeRate(Decimal(3), 0), "Konto": FeeRate(Decimal(2), 0)}
    sales = [Sales("Kort", Money(10000)), Sales("Konto", Money(10000)), Sales("Andet", Money(24900))]
    told = estimate_payout(sales, rates, measured_fees)
    assert told.fees == Money(145 + 200 + 800)
    assert (told.is_typed, told.is_example, told.measured) == (True, True, measured_fees["Kort"])
    alone = estimate_payout(sales[:1], rates, measured_fees)
    assert (alone.is_typed, alone.is_example) == (False, False)


def test_fees_are_measured_by_way_to_pay_and_acquirer_to_the_ore(store: Store) -> None:
    paid_out(store, ("1", "Kort", 24900, 361), ("2", "Kort", 10000, 145), ("3", "MobilePay", 9900, 99))
    paid_out(store, ("4", "Kort", 5000, 73), name="p2")
    read(store, line("77", 90000, -9000), name="no order")  # nobody knows how it was paid
    found = measured(store, TODAY)
    assert found.methods == {"Kort": MeasuredFee(3, 2, 39900, 579), "MobilePay": MeasuredFee(1, 1, 9900, 99)}
    assert found.acquirers == {"clearhaus": MeasuredFee(0, 3, 139800, 9678)}
    assert found.methods["Kort"].percent == Decimal("1.45")


def test_fees_that_are_lines_of_their_own_are_shared_by_what_was_sold(store: Store) -> None:
    for number, method in (("1", "Kort"), ("2", "MobilePay")):
        registered(store, sold(store, number, 10000, method=method), 10000)
    read(store, line("1", 10000), line("2", 10000), line("", 0, -300, kind=Movement.FEE))
    match(store, SETTINGS)
    assert {method: fee.kept_ore for method, fee in measured(store, TODAY).methods.items()} == {
        "Kort": 150,
        "MobilePay": 150,
    }


def test_a_payout_without_fees_or_of_long_ago_measures_nothing(store: Store) -> None:
    paid_out(store, ("1", "Kort", 24900, 0))
    paid_out(store, ("2", "Kort", 24900, 361), on="2026-08-25")
    assert measured(store, TODAY).methods == {}
    assert measured(store, date(2026, 11, 23)).methods == {"Kort": MeasuredFee(1, 1, 24900, 361)}


def test_a_payout_of_sums_measures_the_ways_to_pay_that_the_owner_named(store: Store) -> None:
    read(store, replace(line("", 100_000, -1450), is_sum=True), days=("2026-11-16", "2026-11-22"))
    choice = AcquirerChoice(methods=("Kort",))
    found = measured(store, TODAY)
    assert found.of_methods(SETTINGS) == {}
    assert found.of_methods(replace(SETTINGS, acquirers={"clearhaus": choice})) == {
        "Kort": MeasuredFee(0, 1, 100_000, 1450)
    }


def test_days_are_measured_from_the_sale_to_the_payout(store: Store) -> None:
    assert normal_days(store, "clearhaus") is None
    for n in range(40):
        at = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=n % 20)
        paid_on = at.date() + timedelta(days=9 if n == 7 else 3)
        read(store, replace(line(str(n)), at=at), on=paid_on.isoformat(), name=f"p{n}")
    assert normal_days(store, "clearhaus") == NormalDays(3, 3, 40)
    for n in range(3):
        read(store, replace(line(f"s{n}"), at=datetime(2026, 11, 1, 12, tzinfo=UTC)), on="2026-11-21", name=f"s{n}")
    assert normal_days(store, "clearhaus") == NormalDays(3, 20, 43)


def test_days_without_a_time_are_from_what_was_registered_and_of_sums_from_their_period(store: Store) -> None:
    paid_out(store, ("1", "Kort", 24900, 361), on="2026-11-24")  # registered on the 20th
    assert normal_days(store, "clearhaus") == NormalDays(4, 4, 1)
    sums = replace(line("", 100_000, -1450), is_sum=True)
    read(store, sums, on="2026-11-26", acquirer="other", days=("2026-11-16", "2026-11-22"))
    assert normal_days(store, "other") == NormalDays(7, 10, 7)


def test_the_overview_and_the_estimate_take_what_was_measured(world: World) -> None:
    world.order(1)
    world.push(1)
    row = world.row(1)
    assert row.total_ore is not None
    read(world.dashboard.store, line(row.number, row.total_ore, -1000), on="2026-11-23")
    match(world.dashboard.store, world.dashboard.settings.load())
    told = world.dashboard.orders.overview().payout
    assert (told.fees, told.is_example) == (Money(1000), False)
    assert told.measured == MeasuredFee(1, 1, row.total_ore, 1000)
    assert world.dashboard.orders.estimate([row]).measured == told.measured
