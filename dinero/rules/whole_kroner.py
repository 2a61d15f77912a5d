"""A shop that reckons in whole kroner: total, lines and VAT are each rounded to a krone (facts.md, rule 9)."""

from dataclasses import replace

from dinero.model.findings import Answers, Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Order
from dinero.model.settings import Settings
from dinero.rules.charged import rates_of, spread_discount, vat_of

WHOLE_KRONER = Question(
    "whole_kroner",
    Text(
        "A shop that shows no øre rounds the VAT to whole kroner too. The customer paid the total, so it is booked to "
        "the øre; Dinero reckons the VAT from it, a fifth of what has 25 %, and that may be some øre from the shop's."
    ),
    (Choice("as_charged", Text("Book the total as it was charged, with the VAT as Dinero reckons it")),),
)


def check_whole_kroner(order: Order, settings: Settings) -> list[Finding]:
    """Asked once of a shop that reckons in whole kroner. A credit note's VAT is its invoice's."""
    if order.smallest_ore <= 1 or order.is_credit or WHOLE_KRONER.answer(settings.rules) is not None:
        return []
    text = Text("The shop reckons in whole kroner, and so the VAT is rounded to {vat}.", vat=order.vat)
    return [Finding("whole_kroner", text, question=WHOLE_KRONER)]


def with_exact_vat(order: Order, rules: Answers) -> Order:
    """The order with the VAT that its lines have to the øre, where the shop rounded it to more than that."""
    if order.smallest_ore <= 1 or order.is_credit or WHOLE_KRONER.answer(rules) is None or order.vat is None:
        return order
    rates = rates_of(order)
    if rates is None:
        return order
    return replace(order, vat=Money(vat_of(order, rates, spread_discount(order)), order.currency))
