"""What needs the owner, in groups that say the same: by question, then by problem, with what Dinero may have booked
first. Each order is in exactly one group, that of its first reason which is not answered."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from zlib import crc32

from dinero.model.attention import Group, Need, NeedingOrder
from dinero.model.balance import BalanceRow
from dinero.model.documents import CHANGED, State
from dinero.model.findings import Answers, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import DKK
from dinero.model.settings import Settings
from dinero.model.shops import FIRST_SHOP
from dinero.rules.answers import is_of_shop

DIFFERS = "…"  # stands for a value in which the orders of a group differ

_ORDER = list(Need)
_BY_STATE = {State.REFUSED: Need.REFUSED, State.UNSURE: Need.UNSURE}
# What a group says that is no question's or problem's.
_TITLES = {
    Need.REFUSED: Text("The transfer was refused. Mend the reason, then transfer the order again."),
    Need.UNSURE: Text("An answer from Dinero is missing. The next transfer looks there before it sends anything."),
    Need.CHANGED: Text("Changed in the shop after the invoice was booked."),
}
_NO_REASON = Text("The order is held.")


def first_reason(reasons: Sequence[Finding], answers: Answers, chosen: Settings) -> Finding | None:
    """The first reason of an order that is not a question with an answer (the order's own in `answers`, or a rule);
    else the first; None where there is none."""
    rules = chosen.with_answers(answers).rules
    left = (reason for reason in reasons if reason.question is None or reason.question.answer(rules) is None)
    return next(left, reasons[0] if reasons else None)


def group_orders(orders: Iterable[NeedingOrder], chosen: Settings) -> list[Group]:
    """The groups of orders that need the owner: first where money is involved, then the questions and the problems,
    those of most orders first. What a shop's own rule would answer is asked for each shop by itself."""
    found: dict[tuple[Need, str], list[tuple[NeedingOrder, Finding | None]]] = {}
    for order in orders:
        finding = first_reason(order.reasons, order.answers, chosen.of_shop(order.key.shop))
        found.setdefault(_place(order, finding, chosen), []).append((order, finding))
    groups = [_group(need, name, members) for (need, name), members in found.items()]
    return sorted(groups, key=lambda group: (_ORDER.index(group.need), -group.count, group.id))


def overdue_group(rows: Sequence[BalanceRow]) -> Group | None:
    """The orders that were sold and never paid out, the oldest first, with what is missing of each."""
    orders = {row.order: row for row in rows if row.order is not None}
    if not orders:
        return None
    finding = overdue_finding(max(orders.values(), key=lambda row: row.days), several=len(orders) > 1)
    sums = {DKK: sum(row.ore for row in orders.values())}
    return Group(Need.OVERDUE, Need.OVERDUE, finding.text, finding.fix, None, tuple(orders), sums)


def overdue_finding(row: BalanceRow, *, several: bool = False) -> Finding:
    """Why an order needs the owner that was sold and never paid out; of `several` it is the oldest."""
    text = Text("Sold {n} day ago, never paid out.", "Sold {n} days ago, never paid out.", n=row.days)
    if several:
        text = Text("Sold up to {n} day ago, never paid out.", "Sold up to {n} days ago, never paid out.", n=row.days)
    fix = Text(
        "Look for the payment with the acquirer. If it was paid out, read the payout under Payouts; if it was never "
        "drawn, draw it."
    )
    return Finding("overdue", text, fix)


def _place(order: NeedingOrder, finding: Finding | None, chosen: Settings) -> tuple[Need, str]:
    """What an order needs, and the name of its group."""
    if need := _BY_STATE.get(order.state):
        return need, need.value
    if order.state != State.HELD:
        return Need.CHANGED, CHANGED
    if finding is None:
        return Need.PROBLEM, "held"
    question = finding.question
    if question is None or question.answer(chosen.of_order(order.key.shop, order.answers).rules) is not None:
        # One code may have several sentences, which are different mistakes.
        return Need.PROBLEM, _named(finding.code, [finding.text.message, finding.text.values.get("n")])
    if not question.can_be_rule:  # its choices may be this order's own
        return Need.QUESTION, question.key
    name = _named(question.key, [choice.value for choice in question.choices])
    is_anothers = is_of_shop(question.key) and order.key.shop != FIRST_SHOP
    return Need.QUESTION, f"{name}-{order.key.shop}" if is_anothers else name


def _named(name: str, of: object) -> str:
    """A name for an address, which stays the same as long as what it is of does."""
    return f"{name}-{crc32(json.dumps(of, ensure_ascii=False).encode()):08x}"


def _group(need: Need, name: str, members: Sequence[tuple[NeedingOrder, Finding | None]]) -> Group:
    findings = [finding for _, finding in members if finding is not None]
    sums: dict[str, int] = {}
    for order, _ in members:
        sums[order.currency] = sums.get(order.currency, 0) + order.ore
    title, fix, question = _TITLES.get(need, _NO_REASON), None, None
    if need in (Need.QUESTION, Need.PROBLEM) and findings:
        title = _common([finding.text for finding in findings])
        fixes = [finding.fix for finding in findings if finding.fix is not None]
        fix = _common(fixes) if len(fixes) == len(findings) else None
    if need is Need.QUESTION:
        question = _one(findings)
    keys = tuple(order.key for order, _ in members)
    shop = keys[0].shop if question is not None and question.can_be_rule and is_of_shop(question.key) else ""
    return Group(name, need, title, fix, question, keys, dict(sorted(sums.items())), shop)


def _one(findings: Sequence[Finding]) -> Question | None:
    """The question that all ask."""
    first = findings[0].question
    return first if all(finding.question == first for finding in findings) else None


def _common(texts: Sequence[Text]) -> Text:
    """What the sentences have in common: the most frequent one, with "…" where their values differ."""
    kinds = Counter((text.message, text.plural, text.values.get("n")) for text in texts)
    message, plural, n = kinds.most_common(1)[0][0]
    same = [text.values for text in texts if (text.message, text.plural, text.values.get("n")) == (message, plural, n)]
    values = {
        name: value if all(other.get(name) == value for other in same) else DIFFERS for name, value in same[0].items()
    }
    return Text(message, plural, **values)
