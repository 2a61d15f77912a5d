"""The plan of a ledger item beside what Dinero has of it, before and after the booking, to the øre."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from dinero.model.acquirers import NO_VAT
from dinero.model.chart import PURCHASE_VAT
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.ledger import LedgerLine, LedgerPlan
from dinero.model.money import Money, net_of_vat, total
from dinero.model.responses import LedgerDraft
from dinero.model.settlements import LedgerEntry

DIFFERS = "ledger_differs"
DELETE_ITEM = Text("Delete it in Dinero's ledger (kassekladde), then book the payout again.")
LOOK_AT_VOUCHER = Text("Compare the voucher in Dinero with the posting here, and correct it there.")

_Line = tuple[int | None, str | None, int | None, int | None]


def draft_difference(found: LedgerDraft, plan: LedgerPlan) -> Finding | None:
    """How an item that lies unbooked differs from its plan; None when it does not."""
    there = Counter[_Line](
        (line.amount.ore if line.amount else None, line.vat_code, line.account, line.balancing) for line in found.lines
    )
    here = Counter[_Line]((line.amount.ore, line.vat_code, line.account, line.balancing) for line in plan.lines)
    with_vat = any(line.balancing_vat_code not in (None, NO_VAT) for line in found.lines)
    if found.on != plan.on.isoformat():
        text = Text(
            "The item in Dinero's ledger is dated {there}, but {here} was planned.", there=found.on, here=plan.on
        )
        return Finding(DIFFERS, text, DELETE_ITEM)
    if there == here and not with_vat:
        return None
    text = Text(
        "What lies in Dinero's ledger is not what was planned: {there} in {n} lines, planned are {here} in {m}.",
        there=total([line.amount for line in found.lines if line.amount is not None]),
        n=len(found.lines),
        here=plan.moved,
        m=len(plan.lines),
    )
    return Finding(DIFFERS, text, DELETE_ITEM)


def posting_difference(entries: Iterable[LedgerEntry], plan: LedgerPlan) -> Finding | None:
    """How what Dinero posted of an item differs from its plan; None when it does not. VAT has accounts of its own,
    which are not known here: what is on them is the rest."""
    there: dict[int, int] = defaultdict(int)
    for entry in entries:
        there[entry.account] += entry.ore
    here = _expected(plan)
    rounding = sum(PURCHASE_VAT.get(line.vat_code, 0) != 0 for line in plan.lines)
    with_vat = {line.account for line in plan.lines if line.vat_code != NO_VAT}
    for account in sorted({*here, *(there if not with_vat else ())}):
        near = rounding if account in with_vat else 0
        if abs(there.get(account, 0) - here.get(account, 0)) > near:
            return _differs(account, there, here)
    return None


def _differs(account: int, there: Mapping[int, int], here: Mapping[int, int]) -> Finding:
    text = Text(
        "Dinero posted {there} on account {account}, but {here} was planned.",
        there=Money(there.get(account, 0)),
        account=str(account),
        here=Money(here.get(account, 0)),
    )
    return Finding(DIFFERS, text, LOOK_AT_VOUCHER)


def _expected(plan: LedgerPlan) -> dict[int, int]:
    """What a plan posts, by account; the VAT that is within a line is on another account."""
    here: dict[int, int] = defaultdict(int)
    for line in plan.lines:
        here[line.account] += _without_vat(line)
        here[line.balancing] -= line.amount.ore
    return here


def _without_vat(line: LedgerLine) -> int:
    rate = PURCHASE_VAT.get(line.vat_code)
    return net_of_vat(line.amount, rate).ore if rate else line.amount.ore


def of_item(entries: Sequence[LedgerEntry], guid: str, plan: LedgerPlan) -> list[LedgerEntry]:
    """Of the postings that have a voucher's number those of one item: invoices have numbers too. Told by Dinero's Guid
    of the voucher where that is the item's, else by what fits, else by the text."""
    if own := [entry for entry in entries if entry.voucher_guid == guid]:
        return own
    vouchers: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        vouchers[entry.voucher_guid].append(entry)
    fitting = [found for found in vouchers.values() if posting_difference(found, plan) is None]
    texts = {line.text for line in plan.lines}
    told = [found for found in vouchers.values() if any(entry.text in texts for entry in found)]
    return next(iter([*fitting, *told]), list(entries) if len(vouchers) == 1 else [])
