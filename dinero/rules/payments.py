"""Is the order paid, when, and what is registered as paid?"""

from datetime import date

from dinero.model.clock import copenhagen_date
from dinero.model.money import DKK, Money
from dinero.model.orders import Order
from dinero.model.plans import PlanPayment
from dinero.model.settings import Settings
from dinero.model.words import (
    proves_payment,
)
from dinero.rules.questions import currency_rule, payment_rule


def proves_money(order: Order, settings: Settings) -> bool | None:
    """Whether the paid mark of the order's payment method means that the money has come or is reserved; None: the owner
    must say.

    Only known ways to pay prove it (words.py): "Other" gateways can mark every order as paid (facts.md, Shoporama 5).
    Where the shop has an id and a title, the id must prove it, because a title is whatever the owner typed; and the
    title must not speak against it.
    """
    answer = settings.rules.get(payment_rule(order))
    if answer in ("money", "terms"):
        return answer == "money"
    nothing_due = order.total is not None and order.total.ore == 0
    names = (order.payment_type, order.payment_method)
    proven = proves_payment(names) and proves_payment((*names, order.payment_title))
    return True if nothing_due or proven else None


def has_terms(order: Order, settings: Settings) -> bool:
    """Whether the order becomes an invoice that is still to be paid."""
    if order.paid and proves_money(order, settings):
        return False
    if order.ean_number:
        return settings.rules.get("ean") in ("e_invoice", "invoice")
    return settings.rules.get(payment_rule(order)) == "terms"


def invoice_date(order: Order, settings: Settings) -> date | None:
    """The Copenhagen date on which the moment of transfer came: sent or paid, else ordered. A credit note has its
    own day (facts.md, Dinero 4.36)."""
    if order.is_credit:
        moment = order.placed_at
    else:
        moment = order.sent_at if settings.trigger == "sent" or has_terms(order, settings) else None
        moment = moment or order.paid_at or order.placed_at
    return copenhagen_date(moment) if moment else None


def payment_date(order: Order, otherwise: date) -> date:
    """The Copenhagen date of the payment, as far as the shop tells it."""
    return copenhagen_date(order.paid_at) if order.paid_at and not order.is_credit else otherwise


def plan_payment(order: Order, settings: Settings, day: date, amount: Money, reference: str) -> PlanPayment | None:
    """The payment of the invoice; none for an invoice with terms, a zero total, or by the owner's choice."""
    number = settings.booking_account_of(order.payment_method)
    by_hand = order.currency != DKK and settings.rules.get(currency_rule(order)) == "by_hand"
    if number is None or has_terms(order, settings) or by_hand or amount.ore == 0:
        return None
    deposit = settings.chart.deposits.get(number)
    return PlanPayment(
        account=number,
        account_name=deposit.name if deposit else "",
        amount=amount,
        on=payment_date(order, day),
        reference=f"{reference}:payment",
    )
