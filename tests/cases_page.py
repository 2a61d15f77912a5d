"""The table of orders as a page of the docs. `make cases` writes docs/orders.md; a test holds the two together."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from cases import CASES, Case
from dinero.model.findings import Finding
from dinero.model.i18n import show
from dinero.model.money import Money
from dinero.model.orders import LineKind
from dinero.model.plans import InvoicePlan
from dinero.model.zones import ZONE_NAMES, Zone
from dinero.rules.credits import plan_credit
from dinero.rules.invoices import plan_invoice
from dinero.rules.states import assess
from recorded import RECORDED, Recorded, outcome
from stories import PLAIN, STORIES, Owner, Shop, Story

PAGE = Path(__file__).parent.parent / "docs" / "orders.md"
HEAD = """# Every order, and what becomes of it

This page is made from the tests (`make cases`): each row is an order as the shop tells it, and what the dashboard
does with it. Amounts incl. VAT, with the VAT in parentheses. “Held” means that nothing is sent before the owner has
acted; the word after it is the reason's code, and the sentence is what the owner reads. “facts.md” is the project's
[collection of facts](facts.md); ML is the Danish VAT act (momsloven).

Below the orders are [WooCommerce's own answers](#woocommerces-own-answers) and [situations from the real
world](#from-the-real-world), with what the owner does about them.
"""
WOOCOMMERCE = """
# WooCommerce's own answers

{count} orders and refunds as a real WooCommerce 11.0.1 answered them (tests/data/woocommerce; an invented shop), each
read to the øre or held with the sentence that fits. The owner has said that orders which are marked as paid by bank
transfer (bacs) are paid, and that what is refunded of them went back; nothing else. Answers with six decimals, which
are never asked for, are held.
"""
WORLD = """
# From the real world

{count} situations that people reported in public for shops and accounting systems, told in own words with invented
data, and further ones of the same kinds. Each is played on the sandbox by the tests. What the shop tells is said as
far as it is unlike the plain order: one cup for 249,00 kr. with 25 % VAT, paid by card, sent, to a private customer in
Denmark. Unless something else stands there, the owner transfers all of it at the end. “Order 1” and so on are the
orders of the situation; a source such as owner/name #1 is a public report on GitHub.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, f"{len(CASES)} orders.\n"]
    for name, cases in groupby(CASES, key=lambda case: case.group):
        parts.append(f"\n## {name}\n")
        parts.append("| The order | What the shop tells | What becomes of it | Source |\n|---|---|---|---|")
        parts += [
            f"| {_cell(case.name)} | {_cell(_told(case))} | {_cell(_outcome(case))} | {_cell(case.source)} |"
            for case in cases
        ]
    parts.append(WOOCOMMERCE.format(count=len(RECORDED)))
    parts.append("| The answer | What it shows | What becomes of it |\n|---|---|---|")
    parts += [f"| {_cell(_name(one))} | {_cell(one.shows)} | {_cell(_becomes(one))} |" for one in RECORDED]
    parts.append(WORLD.format(count=len(STORIES)))
    for name, stories in groupby(STORIES, key=lambda story: story.root):
        parts.append(f"\n## {name}\n")
        parts.append("| The situation | What happens | What stands in Dinero | Source |\n|---|---|---|---|")
        parts += [
            f"| {_cell(story.name)} | {_cell(_played(story))} | {_cell(_ending(story))} | {_cell(story.source)} |"
            for story in stories
        ]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    escaped = text.replace("\u00a0", " ").replace("|", "\\|").replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;")
    return escaped.replace("\n", "<br>")


def _told(case: Case) -> str:
    order = case.order
    lines = []
    for line in order.lines:
        pieces = f"{line.quantity.normalize():f} × ".replace(".", ",") if line.quantity != 1 else ""
        rate = "" if line.vat_rate is None else f" ({show(line.vat_rate * 100)} %)"
        lines.append(f"{pieces}{line.text or '–'} {show(line.total)}{rate if line.kind is LineKind.PRODUCT else ''}")
    total = show(order.total) if order.total is not None else "–"
    vat = show(order.vat) if order.vat is not None else "–"
    lines.append(f"total {total}, VAT {vat}")
    where = order.delivery.country or order.billing.country or "–"
    if where != "DK":
        lines.append(f"to {where} {order.billing.zipcode}".strip())
    lines += [f"rule {key}: {value}" for key, value in case.settings.rules.items()]
    return "\n".join(lines)


def _outcome(case: Case) -> str:
    state, findings = assess(
        case.order,
        case.settings,
        original=case.original,
        suspect=case.suspect,
        consultation=case.consultation,
        checked=case.checked,
    )
    if state != "waiting":
        return _told_reasons(state, findings)
    plan = (
        plan_credit(case.order, case.settings, case.original)
        if case.original is not None
        else plan_invoice(case.order, case.settings)
    )
    return _told_plan(plan)


def _told_reasons(state: str, findings: Sequence[Finding]) -> str:
    word = {"held": "Held", "not due": "Not due yet", "ignored": "Left out"}[state]
    return "\n".join(f"{word}, {finding.code}: {finding.text.render('en')}" for finding in findings)


def _told_plan(plan: InvoicePlan) -> str:
    lines = [
        f"{line.account} {line.account_name} [{line.vat_code or 'none'}] {show(line.amount)} ({show(line.vat)})"
        for line in plan.lines
    ]
    lines.append(f"{plan.kind}, {ZONE_NAMES[Zone(plan.zone)].render('en')}: {show(plan.total)} ({show(plan.vat)})")
    if plan.payment is not None:
        lines.append(f"registered on {plan.payment.account}: {show(plan.payment.amount)}")
    elif plan.days is not None:
        lines.append(f"{plan.days} days to pay" + (", sent to the EAN number" if plan.e_invoice else ""))
    return "\n".join(lines)


def _name(one: Recorded) -> str:
    return f"{one.name}, refund {one.refund}" if one.refund else one.name


def _becomes(one: Recorded) -> str:
    state, findings, plan = outcome(one)
    return _told_plan(plan) if plan is not None else _told_reasons(state, findings)


# --- stories -------------------------------------------------------------------------------------------------------

# The shop's own names, as a reader says them; those without a word are said as they are.
WORDS = {
    "order_name": "name",
    "order_company_name": "company",
    "order_country": "country",
    "order_zipcode": "postcode",
    "order_city": "town",
    "order_address": "street",
    "del_name": "delivery to",
    "del_company_name": "delivery company",
    "del_country": "delivery country",
    "del_zipcode": "delivery postcode",
    "del_city": "delivery town",
    "del_address": "delivery street",
    "vat_number": "VAT number",
    "ean_number": "EAN number",
    "payment_gateway": "paid by",
    "paid": "paid",
    "time": "ordered",
    "status": "status",
    "email": "e-mail",
    "shipping_name": "sent by",
    "shipping_price": "freight",
    "payment_fee": "fee",
    "voucher_code": "voucher",
    "voucher_type": "kind of voucher",
    "voucher_discount": "voucher's per cent",
    "voucher_discount_amount": "discount",
    "gift_card_amount": "gift card",
    "paid_amount": "paid so far",
    "refunded_amount": "paid back",
    "is_test": "marked as a test",
    "test": "marked as a test",
    "withdrawn": "marked as withdrawn",
    "refunded": "paid back on",
    "currency": "currency",
    "comments": "comment",
    "webshop_order_id": "number",
    "credited_order_id": "credits order",
    "original_order_id": "made of order",
}
AMOUNTS = (
    "shipping_price",
    "payment_fee",
    "voucher_discount_amount",
    "gift_card_amount",
    "paid_amount",
    "refunded_amount",
)
DEEDS = {
    "push": "transferred",
    "fetch": "fetched again",
    "rule": "the owner's rule {0}: {1}",
    "answer": "the owner answers {1} of order {0}: {2}",
    "ignore": "the owner leaves order {0} out: {1}",
    "correct": "the owner corrects order {0}: {1}",
    "contact": "a contact in Dinero: {0}",
    "gone": "the shop no longer has order {0}",
}
MEANT = {"undo": "take it back", "rebook": "credit it and book it anew", "difference": "credit the difference"}
LONGEST = 60


def _played(story: Story) -> str:
    """What the shop tells and the owner does, a line each; a transfer of everything at the end goes without saying."""
    steps = list(story.steps)
    pushes = [step for step in steps if isinstance(step, Owner) and step.does == "push"]
    if len(pushes) == 1 and steps[-1] is pushes[0]:
        steps.pop()
    several = len({step.number for step in steps if isinstance(step, Shop)}) > 1
    told: set[int] = set()
    rows = [f"in the settings {name}: {_short(value)}" for name, value in story.settings.items()]
    for step in steps:
        if isinstance(step, Owner):
            values = [MEANT.get(value, value) if isinstance(value, str) else value for value in step.values]
            rows.append(DEEDS[step.does].format(*map(_short, values)))
            continue
        again = "again, " if step.number in told else ""
        told.add(step.number)
        rows.append((f"order {step.number}: " if several else "") + again + _order_told(step.changes))
    return "\n".join(rows)


def _order_told(changes: Mapping[str, Any]) -> str:
    """What a shop's order is unlike the plain one."""
    parts = []
    for line in changes.get("products", ()):
        pieces = "" if line["amount"] == 1 else f"{_figure(line['amount'])} × "
        own = f" (the line's total {_figure(line['total_price'])})" if "total_price" in line else ""
        rate = "no rate" if line["vat"] is None else f"{_figure(line['vat'])} %".replace("% %", "%")
        parts.append(f"{pieces}{_short(line['name'])} {_figure(line['unit_price'])} ({rate}){own}")
    for name, value in changes.items():
        if name in ("products", "price", "total_price", "vat", "last_modified"):
            continue
        if name == "paid" and not value:
            parts.append("not paid")
        elif value != PLAIN.get(name) or name in ("credited_order_id", "original_order_id"):
            shown = _figure(value) if name in AMOUNTS else _short(value)
            parts.append(WORDS.get(name, name) + ("" if value in (1, True) else f" {shown}"))
    if "total_price" in changes or "vat" in changes:
        total, vat = (changes.get(name, PLAIN[name]) for name in ("total_price", "vat"))
        parts.append(f"total {_figure(total)}, VAT {_figure(vat)}")
    return ", ".join(parts) or "the plain order"


def _figure(value: Any) -> str:
    """A number of the shop's: as an amount where it is one, else as it came."""
    if isinstance(value, int | float) and not isinstance(value, bool) and round(value, 2) == value:
        return f"{value:.2f}".replace(".", ",").removesuffix(",00")
    return str(value)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_short(part)}" for name, part in value.items())
    text = re.sub(r"^#(\d+)$", r"\1", str(value)) or "left empty"
    return text if len(text) <= LONGEST else f"{text[:20]}… ({len(text)} letters)"


def _ending(story: Story) -> str:
    """The orders' states, and the documents in Dinero with account, amount incl. VAT and the VAT in it."""
    several = len(story.states) > 1
    rows = []
    for number, state in story.states.items():
        word, _, code = state.partition(" ")
        if state.startswith("not due"):
            word, code = "not due", state.removeprefix("not due").strip()
        word = {
            "done": "transferred",
            "held": "held",
            "ignored": "left out",
            "credited": "credited",
            "not due": "not due yet",
        }.get(word, word)
        if word != "transferred" or several:
            rows.append((f"order {number}: " if several else "") + word + (f", {code}" if code else ""))
    for kind, lines in story.books:
        booked = ", ".join(f"{account} {_kroner(amount)} ({_kroner(vat)})" for account, amount, vat in lines)
        rows.append(f"{kind}: {booked}")
    if story.paid:
        rows.append("registered: " + ", ".join(_kroner(amount) for amount in story.paid))
    if story.says:
        rows.append("it says: " + "; ".join(story.says))
    if story.notes:
        rows.append("in the history: " + "; ".join(story.notes))
    if story.contacts:
        rows.append("on the contact: " + ", ".join(story.contacts))
    for number, codes in story.changes.items():
        rows.append(f"order {number} is shown as changed: {', '.join(codes)}" if codes else "no change is shown")
    return "\n".join(rows) or "nothing"


def _kroner(amount: str) -> str:
    return show(Money.from_json(amount))


if __name__ == "__main__":
    PAGE.write_text(page())
