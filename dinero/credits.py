"""Credit notes: for a return in the shop, to take a transfer back, or to credit the difference after a change.

A credit note's lines are positive, it names the invoice it credits, and Dinero sets it off against that by itself;
the refund is then a negative payment on the invoice (FACTS 4.24, 4.25). Money goes back through the gateway's own
panel (Shoporama FACTS 5), so the refund is registered on the account that the sale was registered on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dinero.invoices import (
    CREDIT_NOTE,
    InvoicePlan,
    PlanLine,
    PlanPayment,
    interpret,
    invoice_date,
    plan_lines,
)
from dinero.money import Money, net_of_vat, total
from dinero.orders import LineKind, Order
from dinero.settings import Settings
from dinero.zones import Zone


@dataclass(frozen=True, slots=True)
class Original:
    """The order that a credit note credits: its `state`, and what was booked of it, if anything.

    `credits` are the plans of the credit notes that were begun or booked for it; `under_way` are the numbers of the
    orders whose credit note is begun and not booked yet.
    """

    order_id: str
    number: str
    state: str
    plan: InvoicePlan | None = None
    guid: str = ""
    contact_guid: str = ""
    invoice_number: str = ""
    organization: str = ""
    credits: tuple[InvoicePlan, ...] = ()
    under_way: tuple[str, ...] = ()

    @property
    def remaining(self) -> Money | None:
        """What can still be credited."""
        if self.plan is None:
            return None
        return self.plan.total - total([credit.total for credit in self.credits], self.plan.total.currency)

    @property
    def has_gift_card(self) -> bool:
        """Whether a part of the invoice was paid with a gift card."""
        return self.plan is not None and any(line.kind == LineKind.GIFT_CARD for line in self.plan.lines)


def plan_credit(order: Order, settings: Settings, original: Original) -> InvoicePlan:
    """The credit note for a return in the shop, in the VAT zone and on the accounts of the invoice it credits.

    Raises ValueError for an order that has findings: the checks say why in the owner's words.
    """
    order = interpret(order, settings)
    day = invoice_date(order, settings)
    if original.plan is None or day is None:
        raise ValueError("the credit note has findings")
    lines = [_on_same_account(line, original.plan) for line in plan_lines(order, settings, Zone(original.plan.zone))]
    return _credit_note(
        original,
        lines,
        day,
        shop=order.shop,
        order_id=order.id,
        number=order.number,
        reference=f"{order.shop}:{order.id}",
        comment=f"Kreditnota til faktura {original.invoice_number}, webshop-ordre {original.number}.",
    )


def plan_undo(original: Original, day: date, generation: int) -> InvoicePlan:
    """The credit note that takes back what is left of an invoice. Raises ValueError when nothing is left."""
    plan = original.plan
    lines = left_lines(original)
    if plan is None or not lines:
        raise ValueError("there is nothing left to credit")
    return _correction(original, plan, lines, day, generation, "Tilbageførsel")


def plan_difference(original: Original, fresh: InvoicePlan, day: date, generation: int) -> InvoicePlan:
    """The credit note for what an order lost since it was booked: each line's old amount less its new one.

    Raises ValueError when a line has become larger or is new: then only crediting all and booking anew is right.
    """
    plan = original.plan
    now = {line.key: line for line in fresh.lines}
    before = {line.key: line for line in left_lines(original)}
    if plan is None or fresh.zone != plan.zone or not now.keys() <= before.keys():
        raise ValueError("the order is not the same less something")
    lines = []
    for key, line in before.items():
        kept = now.get(key)
        less = line.amount - kept.amount if kept else line.amount
        if less.ore < 0 or (kept and kept.account != line.account):
            raise ValueError("a line has become larger")
        if less.ore:
            lines.append(_with_amount(line, less))
    if not lines:
        raise ValueError("nothing became less")
    return _correction(original, plan, lines, day, generation, "Kreditering af ændring")


def left_lines(original: Original) -> list[PlanLine]:
    """The invoice's lines less what was credited of them; those of which nothing is left are gone.

    A credit takes from the line of the same key first, then from lines on the same account, then from lines with the
    same VAT, then from any: what is left adds up to what remains of the invoice.
    """
    if original.plan is None:
        return []
    lines = list(original.plan.lines)
    left = [line.amount.ore for line in lines]
    for credit in original.credits:
        for part in credit.lines:
            taken = part.amount.ore
            same = [i for i, line in enumerate(lines) if line.key == part.key]
            others = [i for i, line in enumerate(lines) if line.account == part.account]
            alike = [i for i, line in enumerate(lines) if bool(line.vat.ore) == bool(part.vat.ore)]
            for i in dict.fromkeys([*same, *others, *alike, *range(len(lines))]):
                share = max(min(taken, left[i]), 0) if taken > 0 else taken
                left[i] -= share
                taken -= share
    return [
        line if line.amount.ore == ore else _with_amount(line, Money(ore, line.amount.currency))
        for line, ore in zip(lines, left, strict=True)
        if ore
    ]


def _on_same_account(line: PlanLine, invoice: InvoicePlan) -> PlanLine:
    """The line on the account that the invoice used for its kind and VAT, whatever was chosen since."""
    alike = [other for other in invoice.lines if other.kind == line.kind and bool(other.vat.ore) == bool(line.vat.ore)]
    named = next((other for other in alike if other.key == line.key), None) or next(iter(alike), None)
    if named is None:
        return line
    return replace(line, account=named.account, account_name=named.account_name, vat_code=named.vat_code)


def _with_amount(line: PlanLine, amount: Money) -> PlanLine:
    rate = Decimal("0.25") if line.vat.ore else Decimal(0)
    return replace(line, amount=amount, quantity=1, unit=amount, vat=amount - net_of_vat(amount, rate))


def _correction(
    original: Original, plan: InvoicePlan, lines: Sequence[PlanLine], day: date, generation: int, word: str
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
        comment=f"{word}: faktura {original.invoice_number}, webshop-ordre {plan.number}.",
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
        comment=comment,
        reference=reference,
        payment=refund,
        kind=CREDIT_NOTE,
        zone=plan.zone,
        credit_for=original.guid,
    )
