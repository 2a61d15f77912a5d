"""Credit notes: for a return in the shop, to take a transfer back, or to credit the difference after a change.

A credit note's lines are positive, it names the invoice it credits, and Dinero sets it off against that by itself;
the refund is then a negative payment on the invoice (facts.md, Dinero 4.24, 4.25). Money goes back through the
gateway's own panel (facts.md, Shoporama 5), so the refund is registered on the account that the sale was registered on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from dinero.model.clock import COPENHAGEN
from dinero.model.i18n import Text
from dinero.model.money import total
from dinero.model.orders import Order
from dinero.model.plans import InvoicePlan, Kind, PlanLine, PlanPayment
from dinero.model.settings import Settings
from dinero.rules.credit_lines import credit_lines, item_number
from dinero.rules.interpreting import interpret
from dinero.rules.invoices import numbered, vat_sentence
from dinero.rules.originals import Original, left_lines, with_amount
from dinero.rules.payments import invoice_date


def dated_after_its_invoice(order: Order, original: Original | None) -> Order:
    """A credit note that is never dated before the invoice it credits: an invoice is dated when it was paid or sent,
    and a return may have been entered before that."""
    plan = original.plan if original is not None else None
    if plan is None or order.placed_on is None or order.placed_on >= plan.issued_on:
        return order
    return replace(order, placed_at=datetime.combine(plan.issued_on, time(12), COPENHAGEN))


def plan_credit(order: Order, settings: Settings, original: Original) -> InvoicePlan:
    """The credit note for a return in the shop, in the VAT zone and on the accounts of the invoice it credits.

    Raises ValueError for an order that has findings: the checks say why in the owner's words.
    """
    order = interpret(dated_after_its_invoice(order, original), settings)
    day = invoice_date(order, settings)
    if original.plan is None or day is None:
        raise ValueError("the credit note has findings")
    sold = numbered(original.number, settings.shop_label)
    plan = _credit_note(
        original,
        credit_lines(order, settings, original),
        day,
        shop=order.shop,
        order_id=order.id,
        number=order.number,
        reference=f"{order.shop}:{order.id}",
        comment=f"Kreditnota til faktura {original.invoice_number}, webshop-ordre {sold}.",
    )
    if order.total is not None and order.total != plan.total:
        text = Text(
            "The shop's credit note is over {asked}, and {left} of invoice {invoice} remained: that is credited.",
            asked=order.total,
            left=plan.total,
            invoice=original.invoice_number,
        )
        plan = replace(plan, notes=(text.dumps(),))
    # No money leaves the bank for a store credit.
    return replace(plan, payment=None) if settings.rules.get(refund_rule(order)) == "by_hand" else plan


def refund_rule(order: Order) -> str:
    """The key of the question how a credit note's money goes back."""
    return f"refund:{order.payment_method}"


def plan_undo(original: Original, day: date, generation: int, label: str = "") -> InvoicePlan:
    """The credit note that takes back what is left of an invoice; `label` names the shop on it where there are several.
    Raises ValueError when nothing is left."""
    plan = original.plan
    lines = left_lines(original)
    if plan is None or not lines:
        raise ValueError("there is nothing left to credit")
    return _correction(original, plan, lines, max(day, plan.issued_on), generation, "Tilbageførsel", label)


def plan_difference(original: Original, fresh: InvoicePlan, day: date, generation: int, label: str = "") -> InvoicePlan:
    """The credit note for what an order lost since it was booked: each line's old amount less its new one; `label`
    names the shop on it where there are several.

    Raises ValueError when a line has become larger or is new: then only crediting all and booking anew is right.
    """
    plan = original.plan
    left = left_lines(original)
    now, before = _by_name(fresh.lines, left), _by_name(left, fresh.lines)
    if plan is None or fresh.zone != plan.zone or not now.keys() <= before.keys():
        raise ValueError("the order is not the same less something")
    lines = []
    for key, line in before.items():
        kept = now.get(key)
        less = line.amount - kept.amount if kept else line.amount
        if less.ore < 0 or (kept and kept.account != line.account):
            raise ValueError("a line has become larger")
        if less.ore:
            lines.append(with_amount(line, less))
    if not lines:
        raise ValueError("nothing became less")
    return _correction(original, plan, lines, max(day, plan.issued_on), generation, "Kreditering af ændring", label)


def _by_name(lines: Sequence[PlanLine], others: Sequence[PlanLine]) -> dict[str, PlanLine]:
    """Lines by the shop's id of each, where it is on both sides; else by their item number where that is one line's
    alone on both sides, whatever it is called now; else by the whole key."""

    def alone(line: PlanLine, among: Sequence[PlanLine]) -> bool:
        number = item_number(line)
        return bool(number) and sum(item_number(other) == number for other in among) <= 1

    def name(line: PlanLine) -> str:
        if line.item and any(other.item == line.item for other in others):
            return f"line:{line.item}:{line.kind}:{line.rate}"  # another country's VAT is a line of its own
        return f"item:{item_number(line)}" if alone(line, lines) and alone(line, others) else line.key

    return {name(line): line for line in lines}


def _correction(
    original: Original, plan: InvoicePlan, lines: Sequence[PlanLine], day: date, generation: int, word: str, label: str
) -> InvoicePlan:
    """A credit note for an order's own invoice; `word` says why on it."""
    return _credit_note(
        original,
        lines,
        day,
        shop=plan.shop,
        order_id=plan.order_id,
        number=plan.number,
        reference=f"{plan.reference}:credit:{generation}",
        comment=f"{word}: faktura {original.invoice_number}, webshop-ordre {numbered(plan.number, label)}.",
    )


def _credit_note(
    original: Original,
    lines: Sequence[PlanLine],
    day: date,
    *,
    shop: str,
    order_id: str,
    number: str,
    reference: str,
    comment: str,
) -> InvoicePlan:
    plan = original.plan
    if plan is None:
        raise ValueError("there is no invoice to credit")
    amount = total([line.amount for line in lines], plan.total.currency)
    paid = plan.payment
    refund = None
    if paid is not None and amount.ore:
        refund = PlanPayment(paid.account, paid.account_name, -amount, day, f"{reference}:refund")
    return InvoicePlan(
        shop=shop,
        order_id=order_id,
        number=number,
        issued_on=day,
        lines=tuple(lines),
        total=amount,
        vat=total([line.vat for line in lines], amount.currency),
        customer=plan.customer,
        address=plan.address,
        comment="\n".join(part for part in (comment, vat_sentence(plan.zone, plan.customer)) if part),
        reference=reference,
        payment=refund,
        kind=Kind.CREDIT_NOTE,
        zone=plan.zone,
        country=plan.country,
        credit_for=original.guid,
    )
