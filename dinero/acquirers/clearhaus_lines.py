"""What a settlement of Clearhaus becomes: a payout with a line for each transaction, compared with its summary to the
øre, and the reserve that is paid on a date of its own (facts.md, Payouts 3a.2, 3a.3)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import combinations
from typing import Any

from dinero.acquirers import fields
from dinero.acquirers.fields import Unreadable
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem, problems_of

ACQUIRER = "clearhaus"
RELEASED = "-reserve"  # behind a settlement's id: the payout of what was kept back of it

# Types of transactions; None moves no money but may have a fee. There are debits too: what they are is not known.
# Chargebacks are no transactions (facts.md, Payouts 3a.3).
KINDS: Mapping[str, Movement | None] = {
    "capture": Movement.SALE,
    "refund": Movement.REFUND,
    "credit": Movement.CORRECTION,
    "authorization": None,
    "void": None,
}
# Fees of the settlement itself. Others may be in the transactions or not: the sums decide.
OWN_FEES = ("service", "wire_transfer", "minimum_processing")
TOTAL = "total"  # an older field among the fees: their sum
MOST_FEES = 10  # kinds of fees whose sums are tried

WHAT = {
    "sales": Text("sales"),
    "credits": Text("money sent to cards"),
    "refunds": Text("refunds"),
    "chargebacks": Text("chargebacks"),
    "fees": Text("fees"),
    "other_postings": Text("other postings"),
    "net": Text("net"),
}
SUMS = tuple(name for name in WHAT if name != "net")


class NotYet(Exception):
    """The settlement is paid, but its transactions are not told whole yet."""


class Unsound(Exception):
    """The settlement can't be used, for the reasons that are told."""

    def __init__(self, *problems: RowProblem) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that goes to the owner's bank on a date, or was to go there before it was cancelled."""

    ore: int
    on: date
    cancelled_on: date | None
    text: str  # on the bank statement


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement as it is told, in whole øre with Clearhaus's signs: what costs the owner is below 0."""

    id: str
    account: str  # the merchant's number, "" where it is not told
    currency: str
    first_day: date | None
    last_day: date | None
    payout: Transfer | None
    reserve: Transfer | None
    kept_back: int
    summary: Mapping[str, int]
    fees: Mapping[str, int]
    postings: tuple[tuple[str, int], ...]


def read(row: Mapping[str, Any]) -> Settlement:
    """A settlement of the list. Raises Unreadable with the name of the field."""
    name = fields.text(row, "id")
    if not name:
        raise Unreadable("id")
    period, summary, fees = (fields.part(row, part) for part in ("period", "summary", "fees"))
    fields.needed(summary, "net")
    payout, reserve = _transfer(row, "payout"), _transfer(row, "reserve")
    account = fields.part(fields.part(row, "_embedded"), "ch:account")
    texts = [transfer.text for transfer in (payout, reserve) if transfer is not None]
    return Settlement(
        id=name,
        account=fields.text(account, "merchant_id") or _merchant(texts),
        currency=fields.currency(row),
        first_day=fields.day(period, "start_date"),
        last_day=fields.day(period, "end_date"),
        payout=payout,
        reserve=reserve,
        kept_back=abs(fields.ore(fields.part(row, "reserve"), "amount")),
        summary={part: fields.ore(summary, part) for part in (*SUMS, "net")},
        fees={str(part): fields.ore(fees, part) for part in fees if part != TOTAL},
        postings=tuple(
            (fields.text(posting, "text"), fields.needed(posting, "amount"))
            for posting in fields.rows(row, "other_postings")
        ),
    )


def payout_of(settlement: Settlement, transactions: Sequence[Mapping[str, Any]]) -> Payout:
    """What was paid out, with its lines. Raises NotYet, Unsound, and Unreadable for a field of a transaction."""
    paid = settlement.payout
    if paid is None:
        raise Unreadable("payout")
    read_lines = [_line(settlement, row, transaction) for row, transaction in enumerate(transactions, 1)]
    lines = [line for line in read_lines if line is not None]
    wrong = [*_own_sums(settlement), *_against_the_summary(settlement, lines)]
    unnamed = _without_transaction(settlement, lines) if not wrong else None
    if wrong or unnamed is None:
        if any(_waits(transaction) for transaction in transactions):
            raise NotYet
        raise Unsound(*(wrong or [_differs(settlement, "fees", total_fees(lines))]))
    whole = [*lines, *_numbered(unnamed, len(transactions) + 1)]
    payout = _payout(settlement, settlement.id, paid, whole, settlement.first_day, settlement.last_day)
    if problems := problems_of(payout):
        raise Unsound(*problems)
    return payout


def release_of(settlement: Settlement) -> Payout:
    """What was kept back of the settlement and is paid on its own date: a payout with one line. Raises Unsound."""
    reserve = settlement.reserve
    if reserve is None:
        raise Unreadable("reserve")
    amount, name = Money(settlement.kept_back, settlement.currency), settlement.id + RELEASED
    line = PayoutLine(1, Movement.RESERVE_RELEASED, name, amount, Money(0, settlement.currency), amount)
    whole = Transfer(settlement.kept_back, reserve.on, None, reserve.text)
    return _payout(settlement, name, whole, [line], None, None)


def total_fees(lines: Iterable[PayoutLine]) -> int:
    """The fees of these lines, in øre."""
    return sum(line.fee.ore for line in lines)


def _payout(
    settlement: Settlement,
    name: str,
    paid: Transfer,
    lines: Sequence[PayoutLine],
    first_day: date | None,
    last_day: date | None,
) -> Payout:
    if not settlement.account:
        text = Text("Clearhaus does not tell which merchant payout {payout} is of.", payout=name)
        raise Unsound(RowProblem(None, "no_account", text))
    return Payout(
        ACQUIRER,
        settlement.account,
        name,
        paid.on,
        Money(paid.ore, settlement.currency),
        tuple(lines),
        bank_text=paid.text,
        first_day=first_day,
        last_day=last_day,
    )


def _transfer(row: Mapping[str, Any], name: str) -> Transfer | None:
    told = fields.part(row, name)
    on = fields.day(told, "date")
    if on is None:
        return None
    amount = fields.needed(told, "amount")
    return Transfer(amount, on, fields.day(told, "cancelled_date"), fields.text(told, "descriptor"))


def _merchant(texts: Iterable[str]) -> str:
    """The merchant's number in the text of a bank transfer: "CH1234567 2021-09-02" (facts.md, Payouts 3a.2)."""
    found = (re.match(r"CH(\d{4,20})\b", text) for text in texts)
    return next((match[1] for match in found if match), "")


def _waits(transaction: Mapping[str, Any]) -> bool:
    """Whether the money of a transaction is not settled yet."""
    return KINDS.get(fields.text(transaction, "type")) is not None and not fields.part(transaction, "settlement")


def _line(settlement: Settlement, row: int, transaction: Mapping[str, Any]) -> PayoutLine | None:
    word, name = fields.text(transaction, "type"), fields.text(transaction, "id")
    if word not in KINDS:
        text = Text(
            "Clearhaus calls a transaction of payout {payout} “{word}”, which is not known here.",
            payout=settlement.id,
            word=word,
        )
        raise Unsound(RowProblem(row, "unknown_kind", text))
    if not name:
        raise Unreadable("id")
    told = fields.part(transaction, "settlement")
    if not told:
        return None
    if "currency" in told and fields.currency(told) != settlement.currency:
        text = Text("Row {row} is in another currency than its payout.", row=row)
        raise Unsound(RowProblem(row, "line_currency", text))
    kind = KINDS[word]
    gross, fee = (fields.needed(told, "amount_gross"), fields.ore(told, "fees"))
    net = fields.needed(told, "amount_net")
    if kind is None:
        if not (gross or fee or net):
            return None
        kind = Movement.FEE if not gross else Movement.CORRECTION
    own = settlement.currency
    sold = fields.currency(transaction) if transaction.get("currency") is not None else own
    return PayoutLine(
        row,
        kind,
        name,
        Money(gross, own),
        Money(fee, own),
        Money(net, own),
        order=fields.text(transaction, "reference"),
        transaction=name,
        at=fields.moment(transaction, "processed_at", UTC),
        sold_for=Money(fields.needed(transaction, "amount"), sold) if sold != own else None,
        text="" if kind in (Movement.SALE, Movement.REFUND) else word,
    )


def _own_sums(settlement: Settlement) -> list[RowProblem]:
    """Where the settlement contradicts itself: its summary, its fees, its postings."""
    summary, found = settlement.summary, []
    parts = {
        "net": sum(summary[name] for name in SUMS),
        "other_postings": sum(amount for _, amount in settlement.postings),
        "fees": sum(settlement.fees.values()) if settlement.fees else summary["fees"],
    }
    for name, told in parts.items():
        if told != summary[name]:
            text = Text(
                "Payout {payout}: Clearhaus's summary says {summary} ({what}), but the parts of it add up to {parts}.",
                what=WHAT[name],
                payout=settlement.id,
                summary=Money(summary[name], settlement.currency),
                parts=Money(told, settlement.currency),
            )
            found.append(RowProblem(None, "summary_sum", text))
    return found


def _against_the_summary(settlement: Settlement, lines: Sequence[PayoutLine]) -> list[RowProblem]:
    """Where the transactions contradict the summary."""
    kinds = {"sales": Movement.SALE, "refunds": Movement.REFUND, "credits": Movement.CORRECTION}
    told = {name: sum(line.gross.ore for line in lines if line.kind is kind) for name, kind in kinds.items()}
    return [_differs(settlement, name, ore) for name, ore in told.items() if ore != settlement.summary[name]]


def _differs(settlement: Settlement, name: str, lines: int) -> RowProblem:
    text = Text(
        "Payout {payout}: Clearhaus's summary says {summary} ({what}), but its transactions add up to {lines}.",
        what=WHAT[name],
        payout=settlement.id,
        summary=Money(settlement.summary[name], settlement.currency),
        lines=Money(lines, settlement.currency),
    )
    return RowProblem(None, "transactions_sum", text)


def _without_transaction(settlement: Settlement, lines: Sequence[PayoutLine]) -> list[PayoutLine] | None:
    """Lines for what the settlement tells and no transaction has; None where its fees fit no set of them."""
    own, found = settlement.currency, list[PayoutLine]()

    def line(kind: Movement, name: str, gross: int, fee: int, text: str, *, is_sum: bool = False) -> None:
        amounts = (Money(gross, own), Money(fee, own), Money(gross + fee, own))
        found.append(PayoutLine(0, kind, f"{settlement.id}:{name}", *amounts, is_sum=is_sum, text=text))

    chargebacks = settlement.summary["chargebacks"]
    if chargebacks:
        kind = Movement.CHARGEBACK if chargebacks < 0 else Movement.CHARGEBACK_RETURNED
        line(kind, "chargebacks", chargebacks, 0, "chargebacks", is_sum=True)
    fees = _fees_without_transaction(settlement, total_fees(lines))
    if fees is None:
        return None
    for name in fees:
        line(Movement.FEE, f"fees.{name}", 0, settlement.fees[name], name)
    for number, (text, amount) in enumerate(settlement.postings, 1):
        if amount:
            line(Movement.CORRECTION, f"other_postings.{number}", amount, 0, text)
    if settlement.kept_back:
        line(Movement.RESERVE, "reserve", -settlement.kept_back, 0, "reserve")
    return found


def _fees_without_transaction(settlement: Settlement, in_lines: int) -> Sequence[str] | None:
    """The kinds of fees that are in no transaction: those of the settlement itself, and the fewest others with which
    the sum is the summary's. None where no set of them is."""
    own = [name for name in OWN_FEES if settlement.fees.get(name)]
    others = [name for name, amount in settlement.fees.items() if amount and name not in OWN_FEES][:MOST_FEES]
    left = settlement.summary["fees"] - in_lines - sum(settlement.fees[name] for name in own)
    for size in range(len(others) + 1):
        for names in combinations(others, size):
            if sum(settlement.fees[name] for name in names) == left:
                return [*own, *names]
    return None


def _numbered(lines: Iterable[PayoutLine], first: int) -> Iterable[PayoutLine]:
    return [replace(line, row=row) for row, line in enumerate(lines, first)]
