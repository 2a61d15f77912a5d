"""An amount is whole øre (or cents) and never travels without its currency (facts.md, rule 9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

DKK = "DKK"

# Above this a double can no longer carry two decimals exactly, and no webshop order comes near it. It bounds what comes
# in and what is sent; sums in between are whole numbers without a bound.
MAX_ORE = 10**13
# Computers send 14.309999999999999 for 14.31: less than a thousandth of an øre from whole øre is that figure.
NOISE = Decimal("0.001")

_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")


class AmountError(ValueError):
    """The text or value is not an exact amount in kroner and øre."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """Whole `ore` of `currency` (cents for EUR and USD)."""

    ore: int
    currency: str = DKK

    def __post_init__(self) -> None:
        if type(self.ore) is not int and (not isinstance(self.ore, int) or isinstance(self.ore, bool)):
            raise AmountError(f"not a whole amount: {self.ore!r}")

    @classmethod
    def from_json(cls, value: object, currency: str = DKK) -> "Money":
        """Reads a JSON number (parsed with `parse_float=Decimal`) or a plain decimal text such as "199.00".

        Raises AmountError for anything else: floats, parts of an øre beyond a computer's noise, "1.234,50".
        """
        return cls(_to_ore(without_noise(decimal_from_json(value))), currency)

    @classmethod
    def from_danish(cls, text: str, currency: str = DKK) -> "Money":
        """Reads what an owner types, "1.234,50" or "249"; strict, so "1234.50" is an AmountError, not 123450.

        A minus sign as the pages show it counts as a hyphen.
        """
        from babel.numbers import NumberFormatError, parse_decimal

        cleaned = text.replace("\N{MINUS SIGN}", "-").strip().removesuffix("kr.").removesuffix("kr").strip()
        try:
            return cls(_to_ore(parse_decimal(cleaned, locale="da_DK", strict=True)), currency)
        except NumberFormatError as error:
            raise AmountError(str(error)) from error

    def json_number(self) -> int | float:
        """The amount as a JSON number with at most two decimals (facts.md, Dinero 6.18).

        Division of a bounded whole number by 100 gives the double nearest to the decimal, and its shortest
        text is that decimal again; MAX_ORE keeps it so. Raises AmountError above it.
        """
        if abs(self.ore) > MAX_ORE:
            raise AmountError("out of bounds")
        return self.ore // 100 if self.ore % 100 == 0 else self.ore / 100

    @property
    def decimal(self) -> Decimal:
        """The amount in kroner, with two decimals."""
        return Decimal(self.ore).scaleb(-2)

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.ore + other.ore, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.ore - other.ore, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.ore, self.currency)

    def times(self, quantity: int | Decimal) -> "Money":
        """The amount of `quantity` pieces. Raises AmountError when that is not whole øre."""
        return Money(_whole(Decimal(self.ore) * Decimal(quantity)), self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise AmountError(f"{self.currency} and {other.currency} do not add up")


def total(amounts: list[Money], currency: str = DKK) -> Money:
    """The sum of amounts in one currency; zero for none."""
    for amount in amounts:
        if amount.currency != currency:
            raise AmountError(f"{currency} and {amount.currency} do not add up")
    return Money(sum(amount.ore for amount in amounts), currency)


def net_of_vat(gross: Money, rate: Decimal) -> Money:
    """The part without VAT of an amount that contains VAT, as Dinero computes it for one line.

    With 25 %: gross × 0.8 rounded to whole øre; VAT is the rest, so the total never moves (facts.md, Dinero 4.32).
    """
    net = (Decimal(gross.ore) / (1 + rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(int(net), gross.currency)


def whole_parts(exact: Sequence[Decimal], wanted: int) -> list[int] | None:
    """Whole øre that add up to `wanted`, each within one øre of its exact part; None when that can't be."""
    whole = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in exact]
    left = wanted - sum(whole)
    if not 0 <= left <= len(whole):
        return None
    by_remainder = sorted(range(len(whole)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[:left]:
        whole[i] += 1
    return whole


def decimal_from_json(value: object) -> Decimal:
    """A JSON number or plain decimal text, exactly. Raises AmountError for anything else."""
    if isinstance(value, bool) or value is None:
        raise AmountError(f"not a number: {value!r}")
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value.strip()):
        try:
            return Decimal(value.strip())
        except InvalidOperation as error:
            raise AmountError(f"not a number: {value!r}") from error
    raise AmountError(f"not an exact number: {value!r:.60}")


def without_noise(value: Decimal) -> Decimal:
    """The figure with two decimals that a number is meant to be, where it is less than a thousandth of an øre from
    it; else the number as it is."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -2 or value.adjusted() > 14:
        return value
    near = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return near if abs(value - near) * 100 < NOISE else value


def _to_ore(kroner: Decimal) -> int:
    if not kroner.is_finite() or abs(kroner) * 100 > MAX_ORE:
        raise AmountError("out of bounds")
    return _whole(kroner * 100)


def _whole(ore: Decimal) -> int:
    if ore != ore.to_integral_value():
        raise AmountError(f"not whole øre: {ore}")
    return int(ore)
