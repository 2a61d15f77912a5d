"""What the bank will receive: the acquirer keeps its fees of every payout.

That is why sales are booked on an account between and not on the bank (facts.md, Dinero 5c.1; facts.md, Shoporama
8a.5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from dinero.model.money import Money
from dinero.model.settings import EXAMPLE_PAYOUT, EXAMPLE_SALE, FeeRate


@dataclass(frozen=True, slots=True)
class PayoutEstimate:
    """The sum of some sales and an estimate of what the bank receives of it (both DKK).

    `is_example` says that at least one payment method has no rate of the owner's own, so that the guide's
    example (249 kr. sold, 241 kr. received) was used for it.
    """

    sold: Money
    received: Money
    is_example: bool


def estimate_payout(sales: Iterable[tuple[str, Money]], rates: Mapping[str, FeeRate]) -> PayoutEstimate:
    """The payout of sales given as (payment method, amount)."""
    sold = received = Money(0)
    is_example = False
    for method, amount in sales:
        rate = rates.get(method)
        is_example = is_example or rate is None
        sold = sold + amount
        received = received + amount - _fee(amount, rate)
    return PayoutEstimate(sold, received, is_example)


def estimate_fees(sales: Iterable[tuple[str, int, Money]], rates: Mapping[str, FeeRate]) -> tuple[Money, bool]:
    """What the acquirers keep of sales given as (payment method, number of sales, their sum in DKK), and whether the
    guide's example was used for some of them. Rounded once for each method."""
    fees, is_example = Money(0), False
    for method, count, amount in sales:
        rate = rates.get(method)
        is_example = is_example or rate is None
        fees = fees + _fee(amount, rate, count)
    return fees, is_example


def _fee(amount: Money, rate: FeeRate | None, count: int = 1) -> Money:
    if rate is None:
        exact = Decimal(amount.ore) * (EXAMPLE_SALE.ore - EXAMPLE_PAYOUT.ore) / EXAMPLE_SALE.ore
        fixed = 0
    else:
        exact = Decimal(amount.ore) * rate.percent / 100
        fixed = rate.fixed_ore * count
    return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)) + fixed, amount.currency)
