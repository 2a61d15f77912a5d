"""The table of orders as a page of the docs. `make cases` writes docs/orders.md; a test holds the two together."""

from itertools import groupby
from pathlib import Path

from cases import CASES, Case
from dinero.credits import plan_credit
from dinero.i18n import show
from dinero.invoices import plan_invoice
from dinero.orders import LineKind
from dinero.states import assess
from dinero.zones import ZONE_NAMES, Zone

PAGE = Path(__file__).parent.parent / "docs" / "orders.md"
HEAD = """# Every order, and what becomes of it

This page is made from the tests (`make cases`): each row is an order as the shop tells it, and what the dashboard
does with it. Amounts incl. VAT, with the VAT in parentheses. “Held” means that nothing is sent before the owner has
acted; the word after it is the reason's code, and the sentence is what the owner reads. FACTS and DESIGN are the
project's own collections of facts; ML is the Danish VAT act (momsloven).
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
    state, findings = assess(case.order, case.settings, original=case.original, suspect=case.suspect,
                             consultation=case.consultation, checked=case.checked)  # fmt: skip
    if state != "waiting":
        word = {"held": "Held", "not due": "Not due yet", "ignored": "Left out"}[state]
        return "\n".join(f"{word}, {finding.code}: {finding.text.render('en')}" for finding in findings)
    plan = (
        plan_credit(case.order, case.settings, case.original)
        if case.original is not None
        else plan_invoice(case.order, case.settings)
    )
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


if __name__ == "__main__":
    PAGE.write_text(page())
