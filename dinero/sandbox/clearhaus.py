"""The sandbox's payouts as Clearhaus tells them: settlements with their summary, and transactions (facts.md, Payouts
3a.1-3a.3)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dinero.model.clock import midnight, utc_text
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.sandbox.settlements import RESERVE_DAYS, back_of, reserved

Row = dict[str, Any]

TYPES = {Movement.SALE: "capture", Movement.REFUND: "refund"}  # a chargeback is in the summary alone
# The kinds of fees, and those that transactions have.
FEES = (
    *("sales", "refunds", "authorisations", "credits", "interchange", "scheme", "service", "wire_transfer"),
    *("chargebacks", "retrieval_requests", "series", "3dsecure", "late_capture"),
)
_OF_TRANSACTIONS = {
    Movement.SALE: "sales",
    Movement.REFUND: "refunds",
    Movement.CHARGEBACK: "chargebacks",
    Movement.CHARGEBACK_RETURNED: "chargebacks",
}


def settlements_of(payouts: Sequence[Payout], today: date) -> list[Row]:
    """The settlements, the newest first. One whose period is not over is open: it has no payout yet."""
    released = {back_of(payout): payout for payout in payouts if back_of(payout)}
    return [_settlement(payout, released, today) for payout in reversed(payouts) if not back_of(payout)]


def transactions_of(payout: Payout, today: date) -> list[Row]:
    """What customers paid and got back in one settlement. Of an open one nothing is settled."""
    rows = [_transaction(payout, line) for line in payout.lines if line.kind in TYPES]
    return rows if _is_settled(payout, today) else [row | {"settlement": None} for row in rows]


def _is_settled(payout: Payout, today: date) -> bool:
    return (payout.last_day or payout.paid_on) < today or payout.paid_on <= today


def _settlement(payout: Payout, released: Mapping[str, Payout], today: date) -> Row:
    last = payout.last_day or payout.paid_on
    settled = _is_settled(payout, today)
    release = released.get(payout.id)
    kept = reserved(payout).ore
    back_on = release.paid_on if release else payout.paid_on + timedelta(days=RESERVE_DAYS)
    postings = [line for line in payout.lines if line.kind in (Movement.CORRECTION, Movement.OTHER)]
    fees = dict.fromkeys(FEES, 0)
    for line in payout.lines:
        name = line.text if line.kind is Movement.FEE and line.text in fees else "service"
        fees[_OF_TRANSACTIONS.get(line.kind, name)] += line.fee.ore
    summary = {
        "sales": _sum(payout.lines, Movement.SALE),
        "credits": 0,
        "refunds": _sum(payout.lines, Movement.REFUND),
        "chargebacks": _sum(payout.lines, Movement.CHARGEBACK, Movement.CHARGEBACK_RETURNED),
        "fees": sum(fees.values()),
        "other_postings": sum(line.gross.ore for line in postings),
        "net": payout.net.ore + kept,
    }
    return {
        "id": payout.id,
        "settled": settled,
        "currency": payout.net.currency,
        "period": {
            "start_date": (payout.first_day or last).isoformat(),
            "end_date": last.isoformat() if settled else None,
        },
        "payout": _transfer(payout.net.ore, payout.paid_on, payout) if settled else _transfer(None, None, payout),
        "summary": summary,
        "reserve": _transfer(kept, back_on, release or payout) if kept and settled else _transfer(None, None, payout),
        "fees": fees,
        "other_postings": [
            {"date": last.isoformat(), "text": line.text or "Korrektion", "amount": line.gross.ore} for line in postings
        ],
        "_embedded": {"ch:account": {"merchant_id": payout.account}},
        "_links": {"ch:transactions": {"href": f"/settlements/{payout.id}/transactions"}},
    }


def _transfer(ore: int | None, on: date | None, payout: Payout) -> Row:
    return {
        "amount": ore,
        "date": on.isoformat() if on else None,
        "cancelled_date": None,
        "reference_number": f"{payout.account}{on:%m%d}" if on else None,
        "descriptor": (payout.bank_text if on == payout.paid_on else f"CH{payout.account} {on}") if on else None,
    }


def _transaction(payout: Payout, line: PayoutLine) -> Row:
    own, paid = payout.net.currency, line.sold_for or line.gross
    return {
        "id": line.transaction or line.id,
        "rrn": f"{line.row:012d}",
        "arn": f"{line.row:023d}",
        "type": TYPES[line.kind],
        "processed_at": utc_text(line.at or midnight(payout.first_day or payout.paid_on)),
        "amount": abs(paid.ore),
        "currency": paid.currency,
        "text_on_statement": "Keramikhuset",
        "reference": line.order,
        "threed_secure": True,
        "recurring": False,
        "region": "inter",
        "payment_method": "card",
        "status": {"code": 20000, "message": "Approved"},
        "settlement": {
            "amount_gross": line.gross.ore,
            "amount_net": line.net.ore,
            "fees": line.fee.ore,
            "fee_details": [{"type": _OF_TRANSACTIONS[line.kind], "amount": line.fee.ore}],
            "currency": own,
        },
    }


def _sum(lines: Iterable[PayoutLine], *kinds: Movement) -> int:
    return sum(line.gross.ore for line in lines if line.kind in kinds)
