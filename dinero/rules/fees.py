"""What the bank will receive: the acquirer keeps its fees of every payout.

That is why sales are booked on an account between and not on the bank (facts.md, Dinero 5c.1; facts.md, Shoporama
8a.5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from dinero.model.money import Money
from dinero.model.orders import Order
from dinero.model.settings import EXAMPLE_PAYOUT, EXAMPLE_SALE, FeeRate, Settings
from dinero.model.words import is_paid_directly, proves_payment
from dinero.rules.payments import has_terms


@dataclass(frozen=True, slots=True)
class Sales:
    """Sales by one payment method: their sum (DKK) and number. `is_direct` says that no acquirer is between customer
    and bank, so that there is no fee: bank transfer, EAN, an invoice with days to pay."""

    method: str
    amount: Money
    count: int = 1
    is_direct: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredFee:
    """What was kept of sales that were paid out: of `sold_ore` the `kept_ore`, in `count` orders (0 where only the sums
    of `payouts` are known)."""

    count: int
    payouts: int
    sold_ore: int
    kept_ore: int

    @property
    def percent(self) -> Decimal:
        """The same in per cent, with two decimals."""
        return (Decimal(self.kept_ore) * 100 / self.sold_ore).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def __add__(self, other: "MeasuredFee") -> "MeasuredFee":
        return MeasuredFee(
            self.count + other.count,
            self.payouts + other.payouts,
            self.sold_ore + other.sold_ore,
            self.kept_ore + other.kept_ore,
        )


@dataclass(frozen=True, slots=True)
class PayoutEstimate:
    """The sum of some sales and an estimate of what the bank receives of it (both DKK).

    `is_example` says that at least one payment method was not measured and has no rate of the owner's own, so that the
    guide's example (249 kr. sold, 241 kr. received) was used for it; `is_typed` that the owner's rate was used for one,
    and `measured` is what the others were measured on.
    """

    sold: Money
    received: Money
    is_example: bool
    is_typed: bool = False
    measured: MeasuredFee | None = None

    @property
    def fees(self) -> Money:
        """What the acquirers keep."""
        return self.sold - self.received


def estimate_payout(
    sales: Iterable[Sales], rates: Mapping[str, FeeRate], measured: Mapping[str, MeasuredFee] | None = None
) -> PayoutEstimate:
    """The payout of sales: by what was measured of their payment method, else by the owner's rate, else by the example.
    The fee is rounded once for each of them."""
    sold = received = Money(0)
    is_example = is_typed = False
    used: dict[str, MeasuredFee] = {}
    for part in sales:
        sold, received = sold + part.amount, received + part.amount
        if part.is_direct:
            continue
        rate = (measured or {}).get(part.method) or rates.get(part.method)
        if isinstance(rate, MeasuredFee):
            used[part.method] = rate
        is_typed = is_typed or isinstance(rate, FeeRate)
        is_example = is_example or rate is None
        received = received - _fee(part, rate)
    # Ways to pay of one acquirer may have one measure between them.
    all_of: MeasuredFee | None = None
    for measure in {id(measure): measure for measure in used.values()}.values():
        all_of = measure if all_of is None else all_of + measure
    return PayoutEstimate(sold, received, is_example, is_typed, all_of)


def _fee(part: Sales, rate: FeeRate | MeasuredFee | None) -> Money:
    if isinstance(rate, MeasuredFee):
        exact, fixed = Decimal(part.amount.ore) * rate.kept_ore / rate.sold_ore, 0
    elif rate is None:
        exact, fixed = Decimal(part.amount.ore) * (EXAMPLE_SALE.ore - EXAMPLE_PAYOUT.ore) / EXAMPLE_SALE.ore, 0
    else:
        exact, fixed = Decimal(part.amount.ore) * rate.percent / 100, rate.fixed_ore * part.count
    return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)) + fixed, part.amount.currency)


def is_direct(order: Order, settings: Settings) -> bool:
    """Whether the customer pays into the bank, with no acquirer between that keeps a fee."""
    titled = not proves_payment((order.payment_method,)) and is_paid_directly(order.payment_title)
    return (
        has_terms(order, settings)
        or bool(order.ean_number and not order.paid)
        or is_direct_method(order.payment_method, settings.rules)
        or titled
    )


def is_direct_method(method: str, rules: Mapping[str, str]) -> bool:
    """The same by a payment method alone: by its words, or by the owner's rule that it means an invoice to be paid."""
    return rules.get(f"payment:{method}") == "terms" or is_paid_directly(method)


def rounded(amount: Money, like: Money | None = None) -> Money:
    """An estimate with no more figures than are known: whole kroner below a thousand, tens below 10,000, hundreds from
    there, and thousands from 100,000. As fine as `like`, where the two are to be added up."""
    kroner = abs((like or amount).ore) // 100
    step = 100 * (1 if kroner < 1000 else 10 if kroner < 10_000 else 100 if kroner < 100_000 else 1000)
    return Money(int((Decimal(amount.ore) / step).quantize(Decimal(1), ROUND_HALF_UP)) * step, amount.currency)
