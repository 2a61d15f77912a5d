"""The sandbox's payouts as Vipps MobilePay reports them: a ledger of the funds and one of the fees (facts.md, Payouts
4a.1-4a.4).

A payout is the last entry of the last day that it is of; the bank has it later, which the ledger does not tell."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from dinero.model.clock import copenhagen_date, midnight
from dinero.model.payouts import Movement, Payout, PayoutLine

Report = list[dict[str, Any]]

TYPES = {
    Movement.SALE: "capture",
    Movement.REFUND: "refund",
    Movement.CHARGEBACK: "retained-disputed-capture",
    Movement.CHARGEBACK_RETURNED: "returned-disputed-capture",
}

# What is kept on the ledger is no entry: the payout is less, or more, than the balance.
KEPT = (Movement.RESERVE, Movement.RESERVE_RELEASED)


class _Entry(NamedTuple):
    at: datetime
    day: date
    kind: str
    ore: int
    name: str
    order: str | None


def funds_of(payouts: Sequence[Payout], handle: str, ledger: str) -> Report:
    """What moved the money that is the owner's: the oldest payout first."""
    entries = [entry for payout, begin in _begun(payouts) for entry in _funds(payout, begin, ledger)]
    return _report(entries, payouts, handle)


def fees_of(payouts: Sequence[Payout], handle: str, ledger: str) -> Report:
    """What the owner owes in fees, until they are kept or invoiced."""
    entries = [entry for payout, begin in _begun(payouts) for entry in _fees(payout, begin, ledger)]
    return _report(entries, payouts, handle)


def _begun(payouts: Sequence[Payout]) -> Iterator[tuple[Payout, date]]:
    """Each payout with the first day of what it is of: no day has entries of two."""
    before = date.min
    for payout in payouts:
        yield payout, before + timedelta(days=1)
        before = _last(payout)


def _funds(payout: Payout, begin: date, ledger: str) -> Iterator[_Entry]:
    lines = [line for line in payout.lines if line.kind not in (Movement.FEE, *KEPT)]
    entries = [
        _Entry(*_when(payout, line, begin), TYPES.get(line.kind, line.text or "correction"), line.gross.ore, *_of(line))
        for line in lines
    ]
    yield from sorted(entries, key=lambda entry: entry.at)
    last = _last(payout)
    end = midnight(last + timedelta(days=1))
    if payout.fees.ore and not payout.is_gross:
        yield _Entry(end, last, "fees-retained", payout.fees.ore, _number(payout), None)
    yield _Entry(end, last, "payout-scheduled", -payout.net.ore, f"{ledger}-{payout.id}", payout.bank_text or payout.id)


def _fees(payout: Payout, begin: date, ledger: str) -> Iterator[_Entry]:
    charged = [line for line in payout.lines if line.fee.ore]
    entries = [_Entry(*_when(payout, line, begin), "capture-fee", line.fee.ore, *_of(line)) for line in charged]
    yield from sorted(entries, key=lambda entry: entry.at)
    if payout.fees.ore:
        last = _last(payout)
        end = midnight(last + timedelta(days=1))
        kind = "fees-invoiced" if payout.is_gross else "fees-retained"
        yield _Entry(end, last, kind, -payout.fees.ore, _number(payout), _number(payout))


def _when(payout: Payout, line: PayoutLine, begin: date) -> tuple[datetime, date]:
    at = line.at or midnight(_last(payout))
    on = min(max(copenhagen_date(at), begin), _last(payout))
    return (at if copenhagen_date(at) == on else midnight(on)), on


def _of(line: PayoutLine) -> tuple[str, str | None]:
    return line.transaction or line.id, line.order or None


def _last(payout: Payout) -> date:
    return payout.last_day or payout.paid_on


def _number(payout: Payout) -> str:
    return f"fees-{payout.id}"


def _report(entries: Sequence[_Entry], payouts: Sequence[Payout], handle: str) -> Report:
    rows, balance = list[dict[str, Any]](), 0
    currency = payouts[0].net.currency if payouts else "DKK"
    for entry in entries:
        rows.append(
            {
                "pspReference": entry.name,
                "time": entry.at.isoformat(timespec="microseconds"),
                "ledgerDate": entry.day.isoformat(),
                "entryType": entry.kind,
                **({"reference": entry.order} if entry.order else {}),
                "currency": currency,
                "amount": entry.ore,
                "recipientHandle": handle,
                "balanceBefore": balance,
                "balanceAfter": balance + entry.ore,
            }
        )
        balance += entry.ore
    return rows
