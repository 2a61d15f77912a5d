"""How a payout is drawn: its arithmetic in one line, its way from sold to bank as a picture, and its posting."""

from collections.abc import Sequence
from html import escape

from dinero.model.acquirers import acquirer_of
from dinero.model.ledger import LedgerPlan
from dinero.model.money import DKK
from dinero.model.settlements import PAYOUT_STATE_NAMES, PayoutState, StoredPayout
from dinero.rules.payout_checks import CHOOSE
from dinero.rules.postings import ledger_postings
from pages import drawn, paper, ui
from pages.ui import t

TOLD = "payouts/told"  # in the session: what became of the files that were read last
# A state is told by sign, word and colour.
LOOKS = {
    PayoutState.HELD: ("▲", "orange"),
    PayoutState.READY: ("◔", "blue"),
    PayoutState.BOOKING: ("↻", "violet"),
    PayoutState.UNSURE: ("?", "orange"),
    PayoutState.REFUSED: ("✕", "red"),
    PayoutState.IN_LEDGER: ("✎", "violet"),
    PayoutState.BOOKED: ("✓", "green"),
    PayoutState.LEFT: ("–", "gray"),
}


def title(payout: StoredPayout) -> str:
    """Who paid, under which name the bank shows it."""
    return f"{acquirer_of(payout.acquirer).name} · {payout.bank_text or payout.payout}"


def state(of: PayoutState) -> str:
    """A payout's state in HTML."""
    sign, colour = LOOKS[of]
    return f'<span class="state {colour}">{sign} {escape(ui.say(PAYOUT_STATE_NAMES[of]))}</span>'


def arithmetic(payout: StoredPayout) -> str:
    """The sum that ends in the bank's amount: "1.000,00 sold − 14,50 fee = 985,50 kr. to the bank on 2 Sep.\""""
    parts = []
    if payout.sold_ore:
        parts.append(t("{amount} sold", amount=_bare(payout.sold_ore, payout.currency)))
    for ore, word in (
        (payout.fees_ore, t("fee")),
        (payout.refunded_ore, t("refunded")),
        (payout.other_ore, t("kept back and other")),
    ):
        if ore:
            sign = "− " if ore < 0 else "+ " if parts else ""
            parts.append(f"{sign}{_bare(abs(ore), payout.currency)} {word}")
    net = ui.amount(payout.net_ore, payout.currency)
    to = t("{net} to the bank on {day}", net=net, day=ui.day(payout.paid_on))
    return f"{' '.join(parts)} = {to}"


def setup_of(payout: StoredPayout) -> str:
    """The address where what a payout waits for is chosen; "" where nothing of that kind is missing."""
    if all(finding.fix != CHOOSE for finding in payout.reasons):
        return ""
    return drawn.to("/setup", tab="payouts", show=payout.acquirer)


def _bare(ore: int, currency: str) -> str:
    """An amount without the word for kroner, which stands once behind the sum."""
    return ui.amount(ore, currency).removesuffix("kr.").strip()


def waterfall(payout: StoredPayout) -> str:
    """From what was sold to what the bank gets, a step a row; each bar begins where the one before it ended."""
    steps = [
        (t("Sold"), payout.sold_ore, "blue"),
        (t("Refunded"), payout.refunded_ore, "violet"),
        (t("Fees"), payout.fees_ore, "orange"),
        (t("Kept back and other"), payout.other_ore, "gray"),
    ]
    steps = [step for step in steps if step[1]]
    ends = [0]
    for _, ore, _ in steps:
        ends.append(ends[-1] + ore)
    low, high = min(ends), max(ends)
    whole = (high - low) or 1
    rows = [
        _step(name, ore, payout.currency, colour, (min(before, after) - low) / whole, abs(ore) / whole)
        for (name, ore, colour), before, after in zip(steps, ends, ends[1:], strict=False)
    ]
    rows.append(
        _step(
            t("To the bank"),
            payout.net_ore,
            payout.currency,
            "green",
            (min(0, payout.net_ore) - low) / whole,
            abs(payout.net_ore) / whole,
            is_sum=True,
        )
    )
    return f'<ul class="fall water" aria-label="{escape(arithmetic(payout))}">{"".join(rows)}</ul>'


def _step(name: str, ore: int, currency: str, colour: str, begins: float, share: float, *, is_sum: bool = False) -> str:
    bar = f'<i class="{colour}" style="margin-left:{begins:.3%};width:max(2px,{share:.3%})"></i>'
    look = "step sum" if is_sum else "step"
    return (
        f'<li class="{look}"><span>{escape(name)}</span><div>{bar}</div><b>{escape(ui.amount(ore, currency))}</b></li>'
    )


def posting(*plans: LedgerPlan, booked: bool, sentences: Sequence[str] = ()) -> str:
    """What ledger items do to the books, in HTML: one table, so that its columns stand below each other."""
    heading = t("How it was booked") if booked else t("How it will be booked")
    below = "".join(f'<p class="quiet">{escape(sentence)}</p>' for sentence in sentences)
    return f'<div class="papers booking">{paper.posting_table(heading, "".join(map(_posted, plans)), below)}</div>'


def _posted(plan: LedgerPlan) -> str:
    dated = f'<tr class="part"><td colspan="3">{escape(f"{ui.day(plan.on)} · {plan.text}")}</td></tr>'
    return f"<tbody>{dated}{paper.posting_rows(ledger_postings(plan))}</tbody>"


def sums(payouts: Sequence[StoredPayout]) -> str:
    """What payouts bring to the bank together, each currency by itself."""
    found: dict[str, int] = {}
    for payout in payouts:
        found[payout.currency] = found.get(payout.currency, 0) + payout.net_ore
    return ui.by_currency(found or {DKK: 0})
