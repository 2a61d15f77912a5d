"""Why a payout is held, left or ready: the owner's choices, Dinero's chart and years, what is booked there already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from dinero.model.acquirers import NO_VAT, Way, acquirer_of
from dinero.model.chart import PURCHASE_VAT
from dinero.model.findings import Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.ledger import LedgerPlan, Purpose
from dinero.model.money import DKK, Money
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.model.settlements import LedgerEntry, LineState, PayoutState, StoredLine, StoredPayout
from dinero.rules.payout_plans import (
    EXCHANGE_FAR,
    EXCHANGE_OPEN,
    NEGATIVE,
    OTHER,
    REST,
    SAME,
    Posting,
    already_key,
    exchange_difference,
    far,
    has_bank_line,
    not_registered,
    plan_payout,
    postings,
    tied_voucher,
)

NEAR = timedelta(days=5)  # how far a posting's day may be from the payout's (facts.md, Payouts 10.6)
NAMED = 3  # orders that a sentence names
CHOOSE = Text("Choose it on the set-up page, at payouts.")
# The period question of a fee with VAT; that of a sale speaks of sales.
REPORTED_FEE = Question(
    "reported_period",
    Text(
        "A fee with VAT that is dated in a period that was reported to SKAT changes the VAT of that period, and the "
        "report must be corrected (efterangivelse)."
    ),
    (Choice("book", Text("Book it at its own date; I correct the report")),),
    can_be_rule=False,
)
ALL_TWICE = Question(
    "all_twice",
    Text("The same payout booked twice is money that never came."),
    (Choice("book", Text("The bank got this money, too: book it")),),
    can_be_rule=False,
)
UNPROVEN = Question(
    "sum_at_bank",
    Text("See in your bank what came from the acquirer around that day: it must be the same to the øre."),
    (Choice("came", Text("The bank got exactly that")),),
    can_be_rule=False,
)
KIND_NAMES = {
    Movement.RESERVE: Text("amounts that the acquirer keeps back"),
    Movement.CORRECTION: Text("corrections"),
    Movement.OTHER: Text("other amounts"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a payout stands: HELD, READY or LEFT, why, and what would be sent; the plan is there when it may go."""

    state: PayoutState
    reasons: tuple[Finding, ...] = ()
    plan: LedgerPlan | None = None


def standing(
    payout: StoredPayout,
    lines: Sequence[StoredLine],
    settings: Settings,
    others: Iterable[LedgerEntry],
    twin: StoredPayout | None = None,
) -> Standing:
    """How a payout stands now. `others` are Dinero's postings on the bank and booking account around its day that are
    neither ours nor tied to another payout; `twin` is a payout that was read before in another way and may be the same.
    Preview, assessment and booking all ask here."""
    choice = settings.acquirer(payout.acquirer)
    tied, name = tied_voucher(payout), acquirer_of(payout.acquirer).name
    if tied is not None and not tied.is_bank_only:
        text = Text(
            "It is in Dinero already, as you said: voucher {voucher} of {date}.", voucher=tied.number, date=tied.on
        )
        return Standing(PayoutState.LEFT, (Finding("booked_by_owner", text),))
    if twin is not None and payout.answers.get(_twin_key(twin)) == SAME:
        text = Text("It is payout {payout} of {date} once more, as you said.", payout=twin.payout, date=twin.paid_on)
        return Standing(PayoutState.LEFT, (Finding("read_twice", text),))
    if choice.way is Way.NOTHING:
        text = Text("You chose to book the payouts of {acquirer} yourself.", acquirer=name)
        return Standing(PayoutState.LEFT, (Finding("left_by_choice", text),))
    if found := check_payout(payout, lines, settings):
        return Standing(PayoutState.HELD, tuple(found))
    plan = plan_payout(payout, lines, settings)
    if plan is None:
        text = Text("Nothing of this payout is booked from here.")
        return Standing(PayoutState.LEFT, (Finding("nothing_to_book", text),))
    if twin is not None and payout.answers.get(_twin_key(twin)) != OTHER:
        return Standing(PayoutState.HELD, (_may_be_twin(twin),))
    if (already := booked_already(payout, plan, settings, others)) is not None:
        return Standing(PayoutState.HELD, (already,))
    return Standing(PayoutState.READY, plan=plan)


def check_payout(payout: StoredPayout, lines: Sequence[StoredLine], settings: Settings) -> list[Finding]:
    """Every reason why a payout can't be booked as it is; empty when it can."""
    choice = settings.acquirer(payout.acquirer)
    if choice.way is None:
        text = Text(
            "It is not chosen yet how payouts of {acquirer} are booked.", acquirer=acquirer_of(payout.acquirer).name
        )
        return [Finding("way_not_chosen", text, CHOOSE)]
    if payout.currency != DKK:
        text = Text("The payout is in {currency}, and only payouts in kroner are booked.", currency=payout.currency)
        return [Finding("payout_currency", text, Text("Book it in Dinero."))]
    if sum(line.net_ore for line in lines) != payout.net_ore:  # a guard: readers let no such payout in
        text = Text(
            "The lines add up to {lines}, but {net} was paid out.",
            lines=Money(sum(line.net_ore for line in lines)),
            net=Money(payout.net_ore),
        )
        return [Finding("payout_sum", text, Text("Report this: such a payout should never have been taken in."))]
    wanted = postings(payout, lines, settings)
    return [
        *_check_accounts(payout, settings),
        *[finding for posting in wanted for finding in _check_posting(posting, payout, settings)],
        *_check_date(payout, wanted, settings),
        *_check_twice(payout, lines),
        *_check_proven(payout),
        *_check_negative(payout, settings),
        *_check_exchange(payout, lines, settings),
    ]


def _check_accounts(payout: StoredPayout, settings: Settings) -> list[Finding]:
    """The booking account, and the bank account where its side is booked from here."""
    choice, deposits = settings.acquirer(payout.acquirer), settings.chart.deposits
    found = []
    booking = deposits.get(choice.account or 0)
    if booking is None or booking.hidden:
        text = Text("The booking account of these payouts is not in use in Dinero.")
        found.append(Finding("payout_account_missing", text, CHOOSE))
    if not has_bank_line(payout, choice):
        return found
    bank = deposits.get(choice.bank_account or 0)
    if choice.bank_account is None:
        text = Text("No bank account is chosen for payouts.")
        found.append(Finding("bank_account_unnamed", text, CHOOSE))
    elif bank is None or bank.hidden:
        text = Text(
            "Account {number}, on which payouts arrive, is not a deposit account in use in Dinero.",
            number=str(choice.bank_account),
        )
        found.append(Finding("bank_account_missing", text, CHOOSE))
    elif choice.bank_account == choice.account:
        text = Text("Payouts can't arrive on account {number}: sales are registered there.", number=str(bank.number))
        found.append(Finding("bank_is_booking_account", text, CHOOSE))
    return found


def _check_posting(posting: Posting, payout: StoredPayout, settings: Settings) -> list[Finding]:
    """The account and the VAT code of a line, the bank's aside."""
    name, chart = acquirer_of(payout.acquirer).name, settings.chart
    if posting.purpose is Purpose.BANK:
        return []
    if posting.account is None and posting.role is not None:
        text = Text(
            "No account is named for {kind} of {acquirer}, here {amount}.",
            kind=KIND_NAMES[posting.role],
            acquirer=name,
            amount=Money(abs(posting.ore)),
        )
        return [Finding(f"{posting.role}_unnamed", text, CHOOSE)]
    if posting.account is None:
        text = Text(
            "Sales in other currencies were paid out with a difference of {amount}, and no account is chosen for it.",
            amount=Money(posting.ore),
        )
        return [Finding("exchange_account_unnamed", text, CHOOSE)]
    own = posting.account == settings.acquirer(payout.acquirer).account
    deposit_fee = posting.purpose is Purpose.FEE and posting.account in chart.deposits
    if own or deposit_fee or not chart.is_in_use(posting.account):
        text = Text(
            "Account {number}, for “{line}”, can't be used in Dinero.", number=str(posting.account), line=posting.text
        )
        return [Finding("payout_line_account", text, CHOOSE)]
    if posting.vat_code is None:
        text = Text("It is not confirmed yet whether the fees of {acquirer} have VAT.", acquirer=name)
        return [Finding("fee_vat_unconfirmed", text, CHOOSE)]
    if posting.vat_code != NO_VAT and posting.vat_code not in PURCHASE_VAT:
        text = Text("“{code}” is no VAT code for purchases.", code=posting.vat_code)
        return [Finding("fee_vat_unknown", text, CHOOSE)]
    return []


def _check_date(payout: StoredPayout, wanted: Sequence[Posting], settings: Settings) -> list[Finding]:
    """The day is in an accounting year, has come, and is in no reported period where VAT is in the fee."""
    day, found = payout.paid_on, []
    if settings.chart.years and not any(first <= day <= last for first, last in settings.chart.years):
        text = Text("Dinero has no accounting year for {date}.", date=day)
        fix = Text("Create the accounting year in Dinero, then fetch the accounts again under Set-up.")
        found.append(Finding("no_year", text, fix))
    if settings.today is not None and day > settings.today:
        text = Text("It is to be paid out on {date}. It can be booked from that day.", date=day)
        found.append(Finding("not_paid_out_yet", text))
    has_vat = any(posting.vat_code not in (None, NO_VAT) for posting in wanted)
    reported = settings.reported_until is not None and day <= settings.reported_until
    if has_vat and reported and REPORTED_FEE.answer(payout.answers) is None:
        text = Text("The date {date} is in a VAT period that you marked as reported.", date=day)
        found.append(Finding("period_reported", text, question=REPORTED_FEE))
    return found


def _check_twice(payout: StoredPayout, lines: Sequence[StoredLine]) -> list[Finding]:
    """A payout of nothing but sales that another one paid out is hardly a payout of its own."""
    sales = [line for line in lines if line.kind is Movement.SALE and not line.is_sum]
    if not sales or any(line.state is not LineState.TWICE for line in sales):
        return []
    if ALL_TWICE.answer(payout.answers) is not None:
        return []
    text = Text("All its sales are in another payout already: {orders}.", orders=_orders(sales))
    return [Finding("all_twice", text, Text("If it is the same payout, leave it."), ALL_TWICE)]


def _check_proven(payout: StoredPayout) -> list[Finding]:
    """A file that does not tell what came to the bank may have lost a row: the owner's bank says it."""
    if not payout.is_unproven or UNPROVEN.answer(payout.answers) is not None:
        return []
    text = Text(
        "The file does not say what the payout came to. Its rows add up to {net}.",
        net=Money(payout.net_ore, payout.currency),
    )
    fix = Text("If the bank got another amount, a row is missing: fetch the file again, or book the payout in Dinero.")
    return [Finding("sum_not_told", text, fix, UNPROVEN)]


def _check_negative(payout: StoredPayout, settings: Settings) -> list[Finding]:
    asked = payout.net_ore < 0 and has_bank_line(payout, settings.acquirer(payout.acquirer))
    if not asked or NEGATIVE.answer(payout.answers) is not None:
        return []
    text = Text("The payout is below zero: {net}.", net=Money(payout.net_ore))
    return [Finding("negative_payout", text, question=NEGATIVE)]


def _check_exchange(payout: StoredPayout, lines: Sequence[StoredLine], settings: Settings) -> list[Finding]:
    """Sales in other currencies: what is not known of their difference yet, and what is hardly one of exchange."""
    found = []
    missing, wide = not_registered(lines), far(lines)
    if missing and EXCHANGE_OPEN.answer(payout.answers) is None:
        text = Text(
            "Orders in other currencies are not transferred yet: {orders}.",
            orders=_orders(missing),
        )
        found.append(Finding("exchange_open", text, Text("Transfer them first."), EXCHANGE_OPEN))
    if wide and EXCHANGE_FAR.answer(payout.answers) is None:
        text = Text(
            "{orders}: what was paid out differs by {amount} from what is registered in Dinero.",
            orders=_orders(wide),
            amount=Money(sum(exchange_difference(line) for line in wide)),
        )
        found.append(Finding("exchange_far", text, question=EXCHANGE_FAR))
    return found


def _orders(lines: Sequence[StoredLine]) -> str:
    names = [line.number or line.order_ref or line.line_id for line in lines]
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


# --- the same payout, read in another way ------------------------------------------------------------------


def may_be_same(one: StoredPayout, other: StoredPayout) -> bool:
    """Whether two payouts may be one that was read twice in different ways: by file and by API, or by columns and by a
    reader, which give it different names. Two of one source are two; but without the acquirer's account the same file
    may have been read by other columns, or with another day at the bank, which gives it another name, too."""
    ways = (one.acquirer, one.account, one.source) != (other.acquirer, other.account, other.source)
    ways = ways or (not one.account and one.read_at != other.read_at)
    amounts = (one.net_ore, one.currency) == (other.net_ore, other.currency)
    return one.id != other.id and ways and amounts and abs(one.paid_on - other.paid_on) <= NEAR


def _twin_key(twin: StoredPayout) -> str:
    return f"same_payout:{twin.id}"


def _may_be_twin(twin: StoredPayout) -> Finding:
    text = Text(
        "Payout {payout} from {acquirer} of {date} has the same amount, {net}, and was read in another way. Is it the "
        "same payout?",
        payout=twin.bank_text or twin.payout,
        acquirer=acquirer_of(twin.acquirer).name,
        date=twin.paid_on,
        net=Money(twin.net_ore, twin.currency),
    )
    explanation = Text("The same payout booked twice is money that never came.")
    same, other = Text("It is the same: leave this one out"), Text("They are two payouts")
    question = Question(_twin_key(twin), explanation, (Choice(SAME, same), Choice(OTHER, other)), can_be_rule=False)
    return Finding("may_be_twin", text, question=question)


# --- already booked by somebody (facts.md, Payouts 10.6) ------------------------------------------------


def booked_already(
    payout: StoredPayout, plan: LedgerPlan, settings: Settings, others: Iterable[LedgerEntry]
) -> Finding | None:
    """The nearest posting of somebody else's that may be this payout, as a question; None when there is none, or each
    was said to be another thing."""
    near = [
        entry
        for entry in others
        if abs(entry.on - payout.paid_on) <= NEAR
        and not entry.is_primo
        and _may_be(entry, payout, plan, settings)
        and payout.answers.get(already_key(voucher_of(entry), entry.on)) not in (REST, OTHER)
    ]
    if not near:
        return None
    entry = min(near, key=lambda one: (abs(one.on - payout.paid_on), one.guid))
    text = Text(
        "Voucher {voucher} of {date} in Dinero has {amount} on account {account}: “{text}”. Is it this payout?",
        voucher=entry.voucher_number or "–",
        date=entry.on,
        amount=Money(entry.ore),
        account=str(entry.account),
        text=entry.text,
    )
    return Finding("already_booked", text, question=_question(entry, plan))


def _may_be(entry: LedgerEntry, payout: StoredPayout, plan: LedgerPlan, settings: Settings) -> bool:
    choice, net = settings.acquirer(payout.acquirer), payout.net_ore
    if entry.account == choice.account:
        whole = plan.moved.ore if _has_bank(plan) else plan.moved.ore + net
        return -entry.ore in {plan.moved.ore, whole, net if _has_bank(plan) else whole} - {0}
    return entry.account == choice.bank_account and _has_bank(plan) and entry.ore == net != 0


def _question(entry: LedgerEntry, plan: LedgerPlan) -> Question:
    choices = [Choice(SAME, Text("It is this payout, whole: nothing is booked from here"))]
    if _has_bank(plan) and len(plan.lines) > 1:
        choices.append(Choice(REST, Text("It is the bank's amount alone: the rest is booked from here")))
    choices.append(Choice(OTHER, Text("It is something else: book the payout")))
    explanation = Text("Money that is booked here and in Dinero's bank reconciliation is booked twice.")
    return Question(already_key(voucher_of(entry), entry.on), explanation, tuple(choices), can_be_rule=False)


def _has_bank(plan: LedgerPlan) -> bool:
    return any(line.purpose is Purpose.BANK for line in plan.lines)


def voucher_of(entry: LedgerEntry) -> str:
    """By what a posting's voucher is known: its number, else Dinero's Guid of it or of the posting."""
    return entry.voucher_number or entry.voucher_guid or entry.guid


def with_currency(line: StoredLine, currency: str, total_ore: int | None) -> StoredLine:
    """A line with the currency of its order, where the acquirer did not tell it."""
    if line.sold_for_currency or currency == DKK:
        return line
    return replace(line, sold_for_currency=currency, sold_for_ore=total_ore)
