"""What an owner's answer was about.

An answer about one order counts only while what it was about is the same: an order changes in the shop after a question
was answered (other goods, another address, another number), and then it is asked again. An answer that is kept as a
rule is about one shop or about the company.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from dinero.model.orders import Line, Order
from dinero.model.words import plain, status_of
from dinero.rules.places import destination
from dinero.rules.vat_numbers import compact_vat_number

Basis = Callable[[Order], object]


def _money(order: Order) -> object:
    lines = sorted((line.kind.value, _name(line), line.total.ore, str(line.vat_rate)) for line in order.lines)
    total, vat = (amount.ore if amount is not None else None for amount in (order.total, order.vat))
    return total, vat, order.currency, lines


def _name(line: Line) -> str:
    return line.item or line.sku or line.text  # what a product is called and numbered now may change with the catalogue


def _place(order: Order) -> object:
    where = destination(order)
    return where.country, plain(where.zipcode), plain(where.city), plain(order.shipping_method)


def _number(order: Order) -> object:
    return compact_vat_number(order.vat_number)


def _sale(order: Order) -> object:
    refunded = order.refunded.ore if order.refunded is not None else 0
    total = order.total.ore if order.total is not None else None
    return status_of(order.status) or plain(order.status), order.withdrawn, order.cancelled, refunded, total


def _dates(order: Order) -> object:
    moments: tuple[datetime | None, ...] = (order.placed_at, order.paid_at, order.sent_at)
    return tuple(moment.isoformat() if moment else "" for moment in moments)


def _paid(order: Order) -> object:
    part = order.paid_amount.ore if order.paid_amount is not None else None
    return part, _money(order)


def _way(order: Order) -> object:
    return order.payment_method, order.payment_title, order.payment_type, order.ean_number


def _tax(order: Order) -> object:
    return _money(order), _place(order), _number(order), order.billing.country


# By the first part of a question's key; all others are about the order's money.
_BASES: Mapping[str, Basis] = {
    "vies_unanswered": _number,
    "vat_number_wrong": _number,
    "danish_place": _place,
    "northern_ireland": _place,
    "collected": _place,
    "vat_taken_off": _tax,
    "vat_free": _tax,
    "domestic_free": _tax,
    "eu_business_charged": _tax,
    "world_charged": _tax,
    "norwegian_vat": _tax,
    "eu_consumers": _tax,
    "sale_after_all": _sale,
    "evens_out": _sale,
    "test_order": _sale,
    "status": _sale,
    "paid_in_part": _paid,
    "date_in_future": _dates,
    "dates_contradict": _dates,
    "reported_period": _dates,
    "straddling": _dates,
    "payment": _way,
    "refund": _way,
    "ean": _way,
    "number_field": lambda order: order.numbers,
    "credit_of": lambda order: (order.credit_of, order.refers_to),
    "sale_or_credit": lambda order: (order.credit_of, order.refers_to, _money(order)),
}


# Rules about what a shop sells, charges and calls things: the same word means something else in another shop. All other
# rules are the company's, whichever shop an order is of: zones, currencies, countries, the EU limit, public customers.
_OF_SHOP = frozenset(
    {
        "below_zero",
        "collected",
        "domestic_free",
        "gift_card_product",
        "number_field",
        "payment",
        "refund",
        "short_of_lines",
        "status",
        "vat_free",
        "voucher",
        "voucher_kind",
        "whole_kroner",
    }
)


def is_of_shop(key: str) -> bool:
    """Whether a rule counts for the shop alone in which it was answered; else it is the company's, for all shops."""
    return key.partition(":")[0] in _OF_SHOP


def outdated(answers: Mapping[str, str], before: Order, now: Order) -> set[str]:
    """The keys of those answers about an order that were about something else than it is now."""
    found = set()
    for key in answers:
        basis = _BASES.get(key.partition(":")[0], _money)
        if basis(before) != basis(now):
            found.add(key)
    return found
