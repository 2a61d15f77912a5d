"""Numbers in fields that a shop has no meaning for: the owner says once of each field what stands in it.

Plugins keep a buyer's CVR, VAT or EAN number under names of their own. A number is never taken for one of them by its
check digits alone: customer numbers and phone numbers pass them too.
"""

from collections.abc import Sequence

from stdnum import ean
from stdnum.dk import cvr
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

from dinero.model.findings import Answers, Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.orders import NumberField, Order
from dinero.model.settings import Settings
from dinero.rules.places import destination, territory
from dinero.rules.vat_numbers import compact_vat_number, cvr_digits

VAT_NUMBER, EAN_NUMBER, NEITHER = "vat_number", "ean_number", "neither"
_MEANINGS = {
    VAT_NUMBER: Text("It is the buyer's CVR or VAT number"),
    EAN_NUMBER: Text("It is the buyer's EAN number"),
    NEITHER: Text("It is neither of them"),
}


def number_rule(field: NumberField) -> str:
    """The key of the question what stands in a field."""
    return f"number_field:{field.name}"


def number_question(field: NumberField) -> Question:
    """What stands in a field: what its value can be by its check digits, or neither."""
    return Question(
        number_rule(field),
        Text(
            "Shops and their plugins call these fields what they like. A CVR or VAT number stands on the invoice, and "
            "without it a sale without VAT has no reason; an EAN number is where an electronic invoice goes."
        ),
        tuple(Choice(value, _MEANINGS[value]) for value in (*_possible(field.value), NEITHER)),
    )


def numbers_told(order: Order, rules: Answers) -> tuple[str, str]:
    """The buyer's VAT number and EAN number: the shop's own fields, else those that the owner gave a meaning."""
    vat = order.vat_number or _first(order.numbers, VAT_NUMBER, rules)
    return vat, order.ean_number or compact_vat_number(_first(order.numbers, EAN_NUMBER, rules))


def check_numbers(order: Order, settings: Settings) -> list[Finding]:
    """Asks of the fields of an order whose meaning is not known yet, each number once: where one field was answered,
    the same number in another says nothing more."""
    if order.is_credit or not _matters(order):
        return []
    known = {_number(field.value) for field in order.numbers if _said(field, settings.rules) is not None}
    known |= {_number(order.vat_number), _number(order.ean_number)}
    found = list[Finding]()
    for field in order.numbers:
        if _number(field.value) in known or not _possible(field.value):
            continue
        known.add(_number(field.value))
        text = Text("“{number}” stands in the field “{field}”.", number=field.value[:40], field=field.name[:60])
        found.append(Finding("number_field", text, question=number_question(field)))
    return found


def _matters(order: Order) -> bool:
    """Whether a number changes what is booked: the name and number on a company's invoice, the reason why there is no
    VAT, the zone of a sale abroad, where an invoice goes that is still to be paid. A private customer who paid a Danish
    sale with VAT is booked the same with a number and without."""
    where = territory(destination(order))
    abroad = where is None or where.kind != "dk"
    return bool(order.billing.company) or not (order.vat and order.vat.ore) or not order.paid or abroad


def _said(field: NumberField, rules: Answers) -> str | None:
    answer = rules.get(number_rule(field))
    return answer if answer in _MEANINGS else None


def _first(fields: Sequence[NumberField], meaning: str, rules: Answers) -> str:
    """The value of the first field of this meaning, one that can be right before one that can't."""
    told = [field.value for field in fields if _said(field, rules) == meaning and field.value.strip()]
    return next((value for value in told if meaning in _possible(value)), told[0] if told else "")


def _possible(value: str) -> list[str]:
    """What a value can be by its check digits."""
    number = compact_vat_number(value)
    foreign = number[:2].isalpha() and (
        eu_vat.is_valid(number) or (number[:2] == "XI" and bool(gb_vat.is_valid(number[2:])))
    )
    possible = [VAT_NUMBER] if cvr.is_valid(cvr_digits(value)) or foreign else []
    return possible + ([EAN_NUMBER] if len(number) == 13 and number.isdecimal() and ean.is_valid(number) else [])


def _number(value: str) -> str:
    return cvr_digits(value)
