"""What the entries of Vipps MobilePay's ledger become: a payout is all that moved its funds since the payout before it
(facts.md, Payouts 4.7)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dinero.acquirers import fields
from dinero.acquirers.fields import Unreadable
from dinero.model.i18n import Text
from dinero.model.money import Money, total
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem, problems_of

ACQUIRER = "vipps_mobilepay"

PAYOUTS = ("payout-scheduled", "scheduled-for-payout")  # today's name and the one of before
CAPTURE_FEE, RETAINED, INVOICED = "capture-fee", "fees-retained", "fees-invoiced"
# What moves the funds besides payouts and the fees that are kept. Of the last four, the names alone are known: the
# owner says on which account they are booked.
KINDS: Mapping[str, Movement] = {
    "capture": Movement.SALE,
    "refund": Movement.REFUND,
    "retained-disputed-capture": Movement.CHARGEBACK,
    "returned-disputed-capture": Movement.CHARGEBACK_RETURNED,
    "correction": Movement.CORRECTION,
    "credit-note": Movement.CORRECTION,
    "payout-aborted": Movement.OTHER,
    "top-up": Movement.OTHER,
}
FEES = (CAPTURE_FEE, RETAINED, INVOICED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of a ledger, in whole øre with its own sign."""

    kind: str
    id: str
    day: date
    at: datetime | None
    order: str
    amount: Money
    before: int
    after: int


def read(row: Mapping[str, Any]) -> Entry:
    """An entry of a report. Raises Unreadable with the name of the field."""
    kind, name, on = fields.text(row, "entryType"), fields.text(row, "pspReference"), fields.day(row, "ledgerDate")
    for field, value in (("entryType", kind), ("pspReference", name), ("ledgerDate", on)):
        if not value:
            raise Unreadable(field)
    return Entry(
        kind=kind,
        id=name,
        day=on or date.min,
        at=fields.moment(row, "time"),
        order=fields.text(row, "reference"),
        amount=Money(fields.needed(row, "amount"), fields.currency(row)),
        before=fields.needed(row, "balanceBefore"),
        after=fields.needed(row, "balanceAfter"),
    )


def payouts_among(entries: Iterable[Entry]) -> list[Entry]:
    """The payouts of these entries."""
    return [entry for entry in entries if entry.kind in PAYOUTS]


def payout_of(account: str, funds: Sequence[Entry], charged: Sequence[Entry]) -> tuple[Payout | None, list[RowProblem]]:
    """The payout that the last entry of `funds` is, of the others, and of the fees `charged` on the same days; or why
    it can't be used."""
    *moved, paid = funds
    problems = [*_breaks(paid.id, funds), *_breaks(paid.id, charged), *_unknown(paid.id, moved, charged)]
    if problems:
        return None, problems
    kept = [entry for entry in moved if entry.kind == RETAINED]
    is_gross = not kept and bool(charged) and RETAINED not in [entry.kind for entry in charged]
    if not is_gross and (wrong := _fees_differ(paid, kept, charged)):
        return None, [wrong]
    lines = _lines(moved, [] if is_gross else [entry for entry in charged if entry.kind == CAPTURE_FEE])
    payout = Payout(
        ACQUIRER,
        account,
        paid.id,
        paid.day,
        -paid.amount,
        tuple(lines),
        bank_text=paid.order,
        first_day=funds[0].day,
        last_day=paid.day,
        is_gross=is_gross,
    )
    problems = problems_of(payout)
    return (None, problems) if problems else (payout, [])


def _lines(moved: Iterable[Entry], fees: Iterable[Entry]) -> list[PayoutLine]:
    """A line for each movement with its fees, and one for each fee whose movement is not among these."""
    of: dict[str, list[Money]] = defaultdict(list)
    left = list(fees)
    for entry in left:
        of[entry.id].append(entry.amount)
    lines: list[PayoutLine] = []
    for entry in moved:
        if entry.kind == RETAINED:
            continue
        kind, own = KINDS[entry.kind], entry.amount.currency
        fee = total(of.pop(entry.id, []), own) if kind is Movement.SALE else Money(0, own)
        ordinary = kind in (Movement.SALE, Movement.REFUND)
        lines.append(
            PayoutLine(
                len(lines) + 1,
                kind,
                entry.id,
                entry.amount,
                fee,
                entry.amount + fee,
                order=entry.order,
                transaction=entry.id,
                at=entry.at,
                text="" if ordinary else entry.kind,
            )
        )
    for entry in left:
        if entry.id in of:
            amount = total(of.pop(entry.id), entry.amount.currency)
            nothing = Money(0, amount.currency)
            lines.append(
                PayoutLine(
                    len(lines) + 1,
                    Movement.FEE,
                    entry.id,
                    nothing,
                    amount,
                    amount,
                    order=entry.order,
                    transaction=entry.id,
                    at=entry.at,
                    text=entry.kind,
                )
            )
    return lines


def _breaks(payout: str, entries: Sequence[Entry]) -> list[RowProblem]:
    """The first place where a balance is not the one before and the amount: an entry is missing, or wrong."""
    balance = entries[0].before if entries else 0
    for row, entry in enumerate(entries, 1):
        for told, expected in ((entry.before, balance), (entry.after, entry.before + entry.amount.ore)):
            if told != expected:
                text = Text(
                    "Entry {row} of payout {payout}: the balance is {told}, but should be {expected}.",
                    row=row,
                    payout=payout,
                    told=Money(told, entry.amount.currency),
                    expected=Money(expected, entry.amount.currency),
                )
                return [RowProblem(row, "balance", text)]
        balance = entry.after
    return []


def _unknown(payout: str, moved: Iterable[Entry], charged: Iterable[Entry]) -> list[RowProblem]:
    """The kinds of entries that are not known here, and payouts within a payout."""
    found = []
    for entries, known in ((moved, (*KINDS, RETAINED)), (charged, FEES)):
        words = dict.fromkeys(entry.kind for entry in entries if entry.kind not in known)
        for word in words:
            text = Text(
                "Vipps MobilePay calls an entry of payout {payout} “{word}”, which is not known here.",
                payout=payout,
                word=word,
            )
            found.append(RowProblem(None, "unknown_kind", text))
    return found


def _fees_differ(paid: Entry, kept: Sequence[Entry], charged: Sequence[Entry]) -> RowProblem | None:
    """Where the fees that were kept are not those of the captures, or not settled under the same number."""
    own = paid.amount.currency
    if {entry.amount.currency for entry in (*kept, *charged)} - {own}:
        text = Text("The fees of payout {payout} are in another currency than the payout.", payout=paid.id)
        return RowProblem(None, "line_currency", text)
    told = total([entry.amount for entry in kept], own)
    of_captures = total([entry.amount for entry in charged if entry.kind == CAPTURE_FEE], own)
    settled = {(entry.id, -entry.amount) for entry in charged if entry.kind in (RETAINED, INVOICED)}
    if told == of_captures and settled == {(entry.id, entry.amount) for entry in kept}:
        return None
    text = Text(
        "Vipps MobilePay kept fees of {kept} from payout {payout}, but the fees of its sales add up to {fees}.",
        kept=told,
        payout=paid.id,
        fees=of_captures,
    )
    return RowProblem(None, "fees_sum", text)
