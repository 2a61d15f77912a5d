"""Nets Easy's payouts, the JSON of its reporting API: sums without orders (facts.md, Payouts 4.3)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from dinero.acquirers.acquirer import FileRead, PayoutFile, checked
from dinero.acquirers.cells import currency_of, day_of
from dinero.acquirers.sheet import LONGEST_ID
from dinero.acquirers.words import NO_WORDS, Words
from dinero.model.i18n import Text
from dinero.model.money import MAX_ORE, Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem

_SIGNS = ("chargedAmount", "refundedAmount", "fees")


class _Missing(ValueError):
    """A field that is missing or of another kind; its name is what it says."""


class NetsEasyPayouts:
    """Reads one payout or a list of them. The fields of single payments were never seen, so a line is a sum."""

    name = "nets-easy"
    acquirer = "nets_easy"

    def recognizes(self, file: PayoutFile) -> bool:
        """Whether the file is JSON of payouts, each with its sums."""
        told = _payouts_in(file.json)
        return bool(told) and all(isinstance(one, dict) and one.keys() >= {*_SIGNS} for one in told)

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        """A payout for each that the answer has."""
        payouts, problems, told = [], [], _payouts_in(file.json)
        for number, one in enumerate(told, start=1):
            try:
                payouts.append(self._payout(number, one if isinstance(one, dict) else {}))
            except _Missing as missing:
                text = Text("Payout number {n}: “{field}” is missing or can't be read.", n=number, field=str(missing))
                problems.append(RowProblem(number, "field", text))
            except _SumError as error:
                problems.append(error.problem)
        return checked(payouts, problems, [*_not_all(file.json, len(told))])

    def _payout(self, number: int, told: Mapping[str, Any]) -> Payout:
        currency, name, day = _currency(told), _text(told, "id", "payoutId"), _day(told)
        charged, refunded, fees = (Money(_ore(told, key), currency) for key in _SIGNS)
        net = Money(_ore(told, "depositedAmount" if told.get("depositedAmount") is not None else "amount"), currency)
        sold, returned = charged, Money(-abs(refunded.ore), currency)
        # Whether a fee is told as a cost or as a loss was never seen: the sum tells.
        kept = next((fee for fee in (-fees, fees) if sold + returned + fee == net), None)
        if kept is None:
            raise _SumError(number, sold + returned, fees, net)
        none, lines = Money(0, currency), []
        for kind, amount in ((Movement.SALE, sold), (Movement.REFUND, returned)):
            if amount.ore:
                lines.append(PayoutLine(number, kind, f"{name}:{kind}", amount, none, amount, is_sum=True))
        if kept.ore:
            lines.append(PayoutLine(number, Movement.FEE, f"{name}:fee", none, kept, kept))
        account, words = _text_or_nothing(told, "merchantNumber"), _text_or_nothing(told, "reference")
        return Payout(self.acquirer, account, name, day, net, (*lines,), words)


class _SumError(ValueError):
    """A payout whose sums are not what was paid."""

    def __init__(self, number: int, sold: Money, fees: Money, net: Money) -> None:
        super().__init__(number)
        text = Text(
            "Payout number {n}: {sold} with fees of {fees} are not the {net} that were paid out.",
            n=number,
            sold=sold,
            fees=fees,
            net=net,
        )
        self.problem = RowProblem(number, "payout_sum", text)


def _payouts_in(told: Any) -> list[Any]:
    """The payouts of an answer: one, a list of them, or a list under its name."""
    if isinstance(told, dict):
        inner = told.get("payouts", told.get("payout"))
        return inner if isinstance(inner, list) else [inner if isinstance(inner, dict) else told]
    return told if isinstance(told, list) else []


def _not_all(told: Any, found: int) -> Iterator[Text]:
    """The note on payouts that are on another page of the answer."""
    count = told.get("numberOfPayouts") if isinstance(told, dict) else None
    if isinstance(count, int) and count > found:
        yield Text("The file has {found} of {n} payouts. Fetch the others too.", found=found, n=count)


def _ore(told: Mapping[str, Any], key: str) -> int:
    value = told.get(key)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _Missing(key)
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) > MAX_ORE or exact != int(exact):
        raise _Missing(key)
    return int(exact)


def _text(told: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        if text := _text_or_nothing(told, key):
            return text
    raise _Missing(keys[0])


def _text_or_nothing(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    text = str(value).strip() if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
    return text if len(text) <= LONGEST_ID else ""


def _currency(told: Mapping[str, Any]) -> str:
    try:
        return currency_of(_text(told, "currency"))
    except _Missing:
        raise
    except ValueError:
        raise _Missing("currency") from None


def _day(told: Mapping[str, Any]) -> date:
    try:
        return day_of(_text(told, "date"))
    except _Missing:
        raise
    except ValueError:
        raise _Missing("date") from None
