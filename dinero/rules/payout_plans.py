"""What a payout becomes in Dinero's ledger: bank, fee and the rest, each against the booking account (facts.md, Payouts
7.5).

All of it together takes from the booking account what the payout's sales and refunds brought there. Chargebacks have no
line: they stay on the account until the owner decides them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dinero.model.acquirers import NO_VAT, STAYS, AcquirerChoice, Way, acquirer_of
from dinero.model.findings import Choice, Question
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem, LedgerLine, LedgerPlan, Purpose
from dinero.model.money import DKK, Money
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.model.settlements import LineState, StoredLine, StoredPayout

MOST_TEXT = 120  # how long a Description may be is not known; this much is shown everywhere
# Above this part of a sale the difference is hardly the exchange alone (a part captured, a mistake): it is asked.
FAR_PERCENT = 10

NEGATIVE = Question(
    "negative_payout",
    Text(
        "More went back to customers than was sold, so you owe the acquirer. Only your bank statement says whether "
        "the amount was drawn."
    ),
    (
        Choice("drawn", Text("It was drawn from the bank account: book it there")),
        Choice("carried", Text("It is taken from the next payout: it stays on the booking account")),
    ),
    can_be_rule=False,
)
EXCHANGE_OPEN = Question(
    "exchange_open",
    Text(
        "The difference between what is registered in Dinero and what was paid out is only known when the orders "
        "are transferred. Without it, the difference stays on the booking account."
    ),
    (Choice("without", Text("Book without the difference of these orders")),),
    can_be_rule=False,
)
EXCHANGE_FAR = Question(
    "exchange_far",
    Text("The exchange rate alone rarely makes more than a few percent. A part of an order can be the reason, too."),
    (
        Choice("exchange", Text("It is the exchange rate: book the difference")),
        Choice("stays", Text("It is something else: the difference stays on the booking account")),
    ),
    can_be_rule=False,
)

_ALREADY = "already_booked:"
_BACK = re.compile(r"Tilbageført bilag \S+: ")
SAME, REST, OTHER = "same", "rest", "other"


@dataclass(frozen=True, slots=True)
class TiedVoucher:
    """A voucher of the owner's in Dinero that is this payout, as the owner has said: by its number and day. With
    `is_bank_only` it is the bank's line alone, and the rest is booked from here."""

    number: str
    on: date
    is_bank_only: bool


def already_key(number: str, on: date) -> str:
    """The key of the question whether a voucher of the owner's is this payout, under which its answer is kept in the
    payout's `answers`: "same" ties the voucher to the payout, "rest" ties it as the bank's line alone, "other" lets the
    payout be booked beside it."""
    return f"{_ALREADY}{on.isoformat()}:{number}"


def tied_voucher(payout: StoredPayout) -> TiedVoucher | None:
    """The voucher that the owner has said to be this payout, None where there is none."""
    for key, answer in payout.answers.items():
        if key.startswith(_ALREADY) and answer in (SAME, REST):
            day, _, number = key.removeprefix(_ALREADY).partition(":")
            return TiedVoucher(number, date.fromisoformat(day), answer == REST)
    return None


@dataclass(frozen=True, slots=True)
class Posting:
    """A line that is wanted: `ore` in debit on `account`. None is a choice that the owner has not made. `role` is the
    kind by which its account is named, where it is one of NAMED_KINDS."""

    purpose: Purpose
    ore: int
    account: int | None
    text: str
    vat_code: str | None = NO_VAT
    role: Movement | None = None


def way_of(payout: StoredPayout, choice: AcquirerChoice) -> Way | None:
    """How far a payout is taken: as chosen, but the bank's line is left where the owner has booked it already."""
    tied = tied_voucher(payout)
    return Way.FEE if tied is not None and tied.is_bank_only and choice.way is not Way.NOTHING else choice.way


def has_bank_line(payout: StoredPayout, choice: AcquirerChoice) -> bool:
    """Whether the bank's side is booked from here: not where the owner matches it in Dinero, and not what the acquirer
    carries on to the next payout."""
    books = way_of(payout, choice) in (Way.BOOK, Way.DRAFT)
    return books and payout.net_ore != 0 and not (payout.net_ore < 0 and NEGATIVE.answer(payout.answers) == "carried")


def postings(payout: StoredPayout, lines: Sequence[StoredLine], settings: Settings) -> list[Posting]:
    """The lines that a payout wants, also those for which a choice is missing; none of 0, and none of what stays."""
    choice = settings.acquirer(payout.acquirer)
    if way_of(payout, choice) in (None, Way.NOTHING):
        return []
    wanted = []
    if has_bank_line(payout, choice):
        text = told(payout, "udbetaling", orders=True)
        wanted.append(Posting(Purpose.BANK, payout.net_ore, choice.bank_account, text))
    fees = -sum(line.fee_ore for line in lines)
    wanted.append(Posting(Purpose.FEE, fees, choice.fee_account, told(payout, "gebyr"), choice.fee_vat))
    for kind, (role, purpose, word) in _NAMED.items():
        ore = -sum(line.gross_ore for line in lines if line.kind is kind)
        wanted.append(Posting(purpose, ore, choice.accounts.get(role), told(payout, word), role=role))
    difference = sum(exchange_difference(line) for line in differing(payout, lines))
    wanted.append(Posting(Purpose.EXCHANGE, difference, settings.exchange_account, told(payout, "kursdifference")))
    return [posting for posting in wanted if posting.ore and not _stays(posting, choice)]


_NAMED = {
    Movement.RESERVE: (Movement.RESERVE, Purpose.RESERVE, "tilbageholdt"),
    Movement.RESERVE_RELEASED: (Movement.RESERVE, Purpose.RESERVE, "frigivet"),
    Movement.CORRECTION: (Movement.CORRECTION, Purpose.OTHER, "korrektion"),
    Movement.OTHER: (Movement.OTHER, Purpose.OTHER, "øvrigt"),
}


def _stays(posting: Posting, choice: AcquirerChoice) -> bool:
    """Whether an amount is left on the booking account, as the owner chose for its kind."""
    return posting.role is not None and posting.account in (STAYS, choice.account) and posting.account is not None


def plan_payout(payout: StoredPayout, lines: Sequence[StoredLine], settings: Settings) -> LedgerPlan | None:
    """The ledger item of a payout; None where a choice for it is missing, or nothing is to be booked. Whether it may go
    is payout_checks.standing's to say."""
    choice = settings.acquirer(payout.acquirer)
    wanted = postings(payout, lines, settings)
    unanswered = payout.net_ore < 0 and has_bank_line(payout, choice) and NEGATIVE.answer(payout.answers) is None
    account, names = choice.account, settings.chart
    if not wanted or account is None or payout.currency != DKK or unanswered:
        return None
    made = []
    for posting in wanted:
        if posting.account is None or posting.vat_code is None:
            return None
        made.append(
            LedgerLine(
                purpose=posting.purpose,
                text=posting.text,
                amount=Money(posting.ore),
                account=posting.account,
                account_name=names.name_of(posting.account),
                vat_code=posting.vat_code,
                balancing=account,
                balancing_name=names.name_of(account),
            )
        )
    return LedgerPlan(
        payout=payout.key,
        kind=ItemKind.PAYOUT,
        on=payout.paid_on,
        text=told(payout, "udbetaling", orders=True),
        lines=tuple(made),
        leave_unbooked=choice.way is Way.DRAFT,
    )


def counter_plan(item: LedgerItem, settings: Settings, today: date) -> LedgerPlan:
    """The item that takes a booked one back, line by line, on the same day, so that the account is right on every day.
    Where that day's year is closed, or its VAT was reported, it is dated `today`."""
    plan = item.plan
    closed = not any(first <= plan.on <= last for first, last in settings.chart.years)
    has_vat = any(line.vat_code != NO_VAT for line in plan.lines)
    reported = has_vat and settings.reported_until is not None and plan.on <= settings.reported_until
    return LedgerPlan(
        payout=plan.payout,
        kind=ItemKind.COUNTER,
        on=today if closed or reported else plan.on,
        text=_back(item, plan.text),
        lines=tuple(
            LedgerLine(
                purpose=line.purpose,
                text=_back(item, line.text),
                amount=-line.amount,
                account=line.account,
                account_name=line.account_name,
                vat_code=line.vat_code,
                balancing=line.balancing,
                balancing_name=line.balancing_name,
            )
            for line in plan.lines
        ),
    )


# --- sales in other currencies (facts.md, Payouts 7.5) --------------------------------------------------


def sold_abroad(line: StoredLine) -> bool:
    """Whether a line is of an order in another currency than kroner."""
    return (
        line.kind in (Movement.SALE, Movement.REFUND)
        and not line.is_sum
        and line.sold_for_currency not in ("", DKK)
        and bool(line.order_id)
    )


def exchange_difference(line: StoredLine) -> int:
    """What was registered of a line's order and not paid out of it, in øre."""
    return (line.registered_ore or 0) - line.gross_ore


def differing(payout: StoredPayout, lines: Sequence[StoredLine]) -> list[StoredLine]:
    """The lines whose difference is booked as one of exchange."""
    stays = EXCHANGE_FAR.answer(payout.answers) == "stays"
    return [line for line in _registered(lines) if not (stays and is_far(line))]


def far(lines: Sequence[StoredLine]) -> list[StoredLine]:
    """The lines whose difference is more than an exchange rate makes."""
    return [line for line in _registered(lines) if is_far(line)]


def not_registered(lines: Sequence[StoredLine]) -> list[StoredLine]:
    """The lines in other currencies whose order is known and not registered, so that their difference is not known."""
    unknown = (LineState.NOT_TRANSFERRED, LineState.NO_CREDIT_NOTE)
    return [line for line in lines if sold_abroad(line) and line.registered_ore is None and line.state in unknown]


def is_far(line: StoredLine) -> bool:
    """Whether a difference is more than an exchange rate makes."""
    return abs(exchange_difference(line)) * 100 > abs(line.registered_ore or 0) * FAR_PERCENT


def _registered(lines: Sequence[StoredLine]) -> list[StoredLine]:
    tied = (LineState.MATCHED, LineState.DIFFERS)
    return [line for line in lines if sold_abroad(line) and line.registered_ore is not None and line.state in tied]


# --- texts, in Danish because they stand in the owner's books -------------------------------------------


def told(payout: StoredPayout, what: str, *, orders: bool = False) -> str:
    """A line's text: whose it is, what it is, and by which name the bank knows the payout."""
    name = acquirer_of(payout.acquirer).name
    count = ""
    if orders and payout.orders:
        count = f" · {payout.orders} {'ordre' if payout.orders == 1 else 'ordrer'}"
    known = payout.bank_text.strip() or f"{payout.payout} {payout.paid_on.isoformat()}"
    return _short(f"{name} {what} {known}", MOST_TEXT - len(count)) + count


def own_texts(payout: StoredPayout) -> frozenset[str]:
    """The texts that lines of a payout have, by which its postings are known where a backup was put back."""
    words = ["gebyr", "kursdifference", *[word for _, _, word in _NAMED.values()]]
    return frozenset({told(payout, "udbetaling", orders=True), *[told(payout, word) for word in words]})


def _back(item: LedgerItem, text: str) -> str:
    return _short(f"Tilbageført bilag {item.voucher_number}: {text}", MOST_TEXT)


def taken_back_text(text: str) -> str:
    """The text of the line that a line takes back, or its own."""
    return _BACK.sub("", text)


def _short(text: str, most: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
