"""What the entries of Vipps MobilePay's ledger become: a payout is all that moved its funds since the payout before it
(facts.md, Payouts 4a.2-4a.4)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
# What moves the funds besides payouts and the fees that are kept. What is no sale of the shop's is named by the
# acquirer's word, and the owner says on which account it is booked.
KINDS: Mapping[str, Movement] = {
    "capture": Movement.SALE,
    "refund": Movement.REFUND,
    "retained-disputed-capture": Movement.CHARGEBACK,
    "returned-disputed-capture": Movement.CHARGEBACK_RETURNED,
    "correction": Movement.CORRECTION,
    "credit-note": Movement.OTHER,  # of an invoice that was paid by a top-up
    "payout-aborted": Movement.OTHER,
    "top-up": Movement.OTHER,
}
CHARGES = (CAPTURE_FEE, "correction", "credit-note")
ORDINARY = (Movement.SALE, Movement.REFUND)


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


def payout_of(
    account: str, ledger: str, funds: Sequence[Entry], charged: Sequence[Entry], left: int | None
) -> tuple[Payout | None, list[RowProblem]]:
    """The payout that the last entry of `funds` is, of the others, and of the fees `charged` on the same days; or why
    it can't be used. `left` is what the payout before left on the ledger, None where that is not known.

    What stays on the ledger is a reserve, which some agreements have.
    """
    *moved, paid = funds
    name = paid.id.removeprefix(f"{ledger}-")
    problems = [*_breaks(name, funds, left or 0), *_breaks(name, charged, None), *_unknown(name, moved, charged)]
    problems += _in_another_currency(name, paid, [*moved, *charged])
    if problems:
        return None, problems
    kept = [entry for entry in moved if entry.kind == RETAINED]
    is_gross = not kept and bool(charged) and RETAINED not in [entry.kind for entry in charged]
    if not is_gross and (wrong := _fees_differ(name, paid, kept, charged)):
        return None, [wrong]
    lines = [*_lines(moved, [] if is_gross else [entry for entry in charged if entry.kind in CHARGES])]
    if stays := paid.after - funds[0].before:
        kind = Movement.RESERVE if stays > 0 else Movement.RESERVE_RELEASED
        lines.append(_line(kind, f"{name}-reserve", Money(-stays, paid.amount.currency)))
    payout = Payout(
        ACQUIRER,
        account,
        name,
        paid.day,
        -paid.amount,
        tuple(replace(line, row=row) for row, line in enumerate(lines, 1)),
        bank_text=paid.order,
        first_day=funds[0].day,
        last_day=paid.day,
        is_gross=is_gross,
    )
    problems = problems_of(payout)
    return (None, problems) if problems else (payout, [])


def _lines(moved: Iterable[Entry], fees: Iterable[Entry]) -> Iterator[PayoutLine]:
    """A line for each movement, sales with their fees; and one for each fee whose sale is not among them: it was late,
    or corrects one. One sale may be disputed or charged several times: such lines are told apart by their day."""
    of_sales: dict[str, list[Entry]] = defaultdict(list)
    seen: Counter[tuple[Movement, str]] = Counter()
    sales, alone = {entry.id for entry in moved if KINDS.get(entry.kind) is Movement.SALE}, list[Entry]()
    for fee in fees:
        if fee.kind == CAPTURE_FEE and fee.id in sales:
            of_sales[fee.id].append(fee)
        else:
            alone.append(fee)

    def own_name(kind: Movement, entry: Entry) -> str:
        name = f"{entry.id}:{entry.day}"
        seen[kind, name] += 1
        return name if seen[kind, name] == 1 else f"{name}:{seen[kind, name]}"

    for entry in moved:
        if entry.kind == RETAINED:
            continue
        kind = KINDS[entry.kind]
        fee_of = [fee.amount for fee in of_sales.pop(entry.id, [])] if kind is Movement.SALE else []
        name = entry.id if kind in ORDINARY else own_name(kind, entry)
        yield _line(kind, name, entry.amount, total(fee_of, entry.amount.currency), entry)
    for entry in alone:
        nothing = Money(0, entry.amount.currency)
        yield _line(Movement.FEE, own_name(Movement.FEE, entry), nothing, entry.amount, entry)


def _line(kind: Movement, name: str, gross: Money, fee: Money | None = None, entry: Entry | None = None) -> PayoutLine:
    """A line whose number comes later."""
    fee = fee or Money(0, gross.currency)
    if entry is None:
        return PayoutLine(0, kind, name, gross, fee, gross + fee, text="reserve")
    return PayoutLine(
        0,
        kind,
        name,
        gross,
        fee,
        gross + fee,
        order=entry.order,
        transaction=entry.id,
        at=entry.at,
        text="" if kind in ORDINARY else entry.kind,
    )


def _breaks(payout: str, entries: Sequence[Entry], begin: int | None) -> list[RowProblem]:
    """The first place where a balance is not the one before and the amount: an entry is missing, or wrong. `begin` is
    the balance that the first must have, None for any."""
    balance = entries[0].before if begin is None and entries else begin or 0
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
    for entries, known in ((moved, (*KINDS, RETAINED)), (charged, (*CHARGES, RETAINED, INVOICED))):
        words = dict.fromkeys(entry.kind for entry in entries if entry.kind not in known)
        for word in words:
            text = Text(
                "MobilePay calls an entry of payout {payout} “{word}”, which is not known here.",
                payout=payout,
                word=word,
            )
            found.append(RowProblem(None, "unknown_kind", text))
    return found


def _in_another_currency(payout: str, paid: Entry, entries: Iterable[Entry]) -> list[RowProblem]:
    currencies = {entry.amount.currency for entry in entries} - {paid.amount.currency}
    text = Text("Entries of payout {payout} are in another currency than the payout.", payout=payout)
    return [RowProblem(None, "line_currency", text)] if currencies else []


def _fees_differ(payout: str, paid: Entry, kept: Sequence[Entry], charged: Sequence[Entry]) -> RowProblem | None:
    """Where the fees that were kept are not those of the same days, or one ledger has another sum than the other. The
    vendor's own examples have two numbers for the two sides, so these are not compared."""
    own = paid.amount.currency
    told = total([entry.amount for entry in kept], own)
    of_captures = total([entry.amount for entry in charged if entry.kind in CHARGES], own)
    settled = total([-entry.amount for entry in charged if entry.kind == RETAINED], own)
    if told == of_captures == settled and not any(entry.kind == INVOICED for entry in charged):
        return None
    text = Text(
        "MobilePay kept fees of {kept} from payout {payout}, but the fees of its days add up to {fees}.",
        kept=told,
        payout=payout,
        fees=of_captures if told != of_captures else settled,
    )
    return RowProblem(None, "fees_sum", text)
