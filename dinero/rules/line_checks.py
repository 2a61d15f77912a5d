"""Why may an order's lines not go: is each understood, and do they add up to the total?"""

from collections.abc import Sequence

from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import total
from dinero.model.orders import Line, LineKind, Order
from dinero.model.settings import Settings
from dinero.model.words import is_discount
from dinero.rules.cards import found_short
from dinero.rules.charged import goods_of, spread_discount
from dinero.rules.questions import ASK_SHOP, EXCHANGE, below_zero_question


def check_lines(order: Order, settings: Settings) -> list[Finding]:
    """There are products, what is below zero is understood, and the discount is no larger than the goods."""
    findings = []
    goods = goods_of(order)
    if not goods and order.is_credit and not order.lines:
        return []  # a credit note of its total alone follows the invoice
    if not goods or (not order.is_credit and all(line.kind in (LineKind.SHIPPING, LineKind.FEE) for line in goods)):
        findings.append(Finding("no_lines", Text("The order has no products."), ASK_SHOP))
    below = _below_zero(order, goods, settings)
    if below is not None:
        findings.append(below)
    elif any(line.total.ore > 0 for line in order.lines if line not in goods):
        findings.append(Finding("discount_positive", Text("The discount would make the order dearer."), ASK_SHOP))
    elif total([line.total for line in order.lines], order.currency).ore < 0:
        findings.append(Finding("discount_too_large", Text("The discount is larger than the order."), ASK_SHOP))
    elif sum(part.ore for part in spread_discount(order)) != _discount(order):
        text = Text("The discount is larger than the goods that it can be taken off.")
        findings.append(Finding("discount_too_large", text, ASK_SHOP))
    if any(not line.text for line in goods):
        findings.append(Finding("line_without_text", Text("A line has no text."), ASK_SHOP))
    return findings


def _is_told_positive(order: Order) -> bool:
    """Whether an order names another one as credited, though more goes out than comes back."""
    return order.is_credit and sum(line.total.ore for line in order.lines if line.quantity < 0) < 0


def _below_zero(order: Order, goods: Sequence[Line], settings: Settings) -> Finding | None:
    """What a line below zero is: freight or a fee that the shop keeps of a return goes; an exchange, a fee below zero
    and a line of no known meaning have their own sentences."""
    below = [line for line in goods if line.quantity <= 0 or line.total.ore < 0]
    if order.is_credit and all(line.kind in (LineKind.SHIPPING, LineKind.FEE) for line in below):
        return None
    for line in below:
        if line.kind in (LineKind.SHIPPING, LineKind.FEE) and not order.is_credit:
            word = Text("The freight of {amount} is below zero.", amount=line.total)
            if line.kind is LineKind.FEE:
                word = Text("The fee of {amount} is below zero.", amount=line.total)
            return Finding("below_zero", word, question=below_zero_question(line))
        if line.kind is LineKind.PRODUCT and line.total.ore < 0 and not order.is_credit and is_discount(line.text):
            word = Text("The line “{line}” of {amount} is below zero.", line=line.text[:60], amount=line.total)
            return Finding("below_zero", word, question=below_zero_question(line))
        others = [other for other in goods if other.kind is LineKind.PRODUCT and other.total.ore > 0]
        exchanged = order.is_credit or bool(order.refers_to)
        if line.kind is LineKind.PRODUCT and line.total.ore < 0 and others and exchanged:
            if EXCHANGE.answer(settings.rules) is not None and not _is_told_positive(order):
                return None
            text = Text(
                "It is an exchange: “{one}” and “{other}” go different ways.",
                one=line.text[:60],
                other=others[0].text[:60],
            )
            if _is_told_positive(order):
                fix = Text(
                    "Take the first invoice back, or credit its part, and enter what goes out in Dinero by hand. "
                    "Then leave this order out."
                )
                return Finding("exchange", text, fix)
            return Finding("exchange", text, question=EXCHANGE)
    if not below:
        return None
    text = Text("The line “{line}” has a quantity or an amount below zero.", line=below[0].text[:60])
    return Finding("line_negative", text, ASK_SHOP)


def _discount(order: Order) -> int:
    return sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)


def check_sum(order: Order, settings: Settings) -> list[Finding]:
    """Lines and shipping less the discount are the total, to the øre (facts.md, rule 14), or differ by no more than
    the owner's limit, for which there is an account."""
    if order.total is None:
        if any(problem.code == "total_unreadable" for problem in order.problems):
            return []  # told already, with what stands there
        return [Finding("total_missing", Text("The order has no total that can be read."), ASK_SHOP)]
    if order.is_credit and not order.lines:
        return []  # a credit note of its total alone
    lines = total([line.total for line in order.lines], order.currency)
    difference = order.total - lines
    if not difference.ore:
        return []
    if abs(difference.ore) <= settings.rounding_limit and settings.rounding_account is not None:
        return []
    if (short := found_short(order)) is not None:
        return [short]
    text = Text(
        "The lines add up to {lines}, but the order says {total}: a difference of {difference}.",
        lines=lines,
        total=order.total,
        difference=difference,
    )
    return [Finding("sum_differs", text, ASK_SHOP)]
