"""Numbers in a shop's own fields: asked about once for each field, where it matters, and each number once."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dinero.model.money import Money
from dinero.model.orders import NumberField, Order
from dinero.rules.answers import outdated
from dinero.rules.interpreting import interpret
from dinero.rules.invoices import plan_invoice
from dinero.rules.states import assess
from factory import PARTY, SETTINGS, line, order

COMPANY = replace(PARTY, company="Prøve ApS")
# Two numbers in four fields, as the plugins of one shop write them.
FOUR = (
    NumberField("_billing_cvr", "12345674"),
    NumberField("_billing_ean", "5790000000005"),
    NumberField("_vat_number", "DK12345674"),
    NumberField("_wc_other/shop/ean", "5790000000005"),
)


def sold(*fields: tuple[str, str], **changes: Any) -> Order:
    return order(**{"billing": COMPANY, "numbers": tuple(NumberField(*field) for field in fields), **changes})


def asked(made: Order, **rules: str) -> dict[str, list[str]]:
    """The questions about fields, each with its choices."""
    _, findings = assess(made, SETTINGS.with_answers({f"number_field:{key}": value for key, value in rules.items()}))
    return {
        found.question.key: [choice.value for choice in found.question.choices]
        for found in findings
        if found.code == "number_field" and found.question
    }


def test_each_number_is_asked_about_once_with_what_its_check_digits_allow() -> None:
    made = sold(numbers=FOUR)
    assert asked(made) == {
        "number_field:_billing_cvr": ["vat_number", "neither"],
        "number_field:_billing_ean": ["ean_number", "neither"],
    }
    assert asked(made, _billing_cvr="vat_number", _billing_ean="ean_number") == {}
    assert asked(made, _vat_number="vat_number") == {"number_field:_billing_ean": ["ean_number", "neither"]}
    assert asked(made, _billing_cvr="neither", **{"_wc_other/shop/ean": "neither"}) == {}


def test_the_answer_puts_the_number_where_the_checks_and_the_invoice_look() -> None:
    chosen = SETTINGS.with_answers(
        {"number_field:_vat_number": "vat_number", "number_field:_billing_ean": "ean_number"}
    )
    made = sold(numbers=FOUR)
    assert (interpret(made, chosen).vat_number, interpret(made, chosen).ean_number) == ("DK12345674", "5790000000005")
    assert assess(made, chosen) == ("waiting", [])
    assert plan_invoice(made, chosen).customer.vat_number == "12345674"
    assert plan_invoice(made, chosen.with_answers({"number_field:_vat_number": "neither"})).customer.vat_number == ""


def test_a_danish_company_without_vat_is_one_by_the_number_that_the_owner_named() -> None:
    made = sold(("_billing_cvr", "13585628"), vat=Money(0), lines=(line(24900, rate="0", text="Guld"),))
    rules = {"number_field:_billing_cvr": "vat_number", "vat_free:Guld": "reverse_charge"}
    accounts = {"sales.reverse_charge": 1050}
    chosen = replace(SETTINGS, rules=rules, accounts=accounts)
    assert assess(made, chosen) == ("waiting", [])
    assert plan_invoice(made, chosen).zone == "reverse_charge"


def test_an_ean_number_that_the_owner_named_makes_an_order_that_is_still_to_be_paid_an_invoice() -> None:
    made = sold(
        numbers=FOUR, paid=False, paid_at=None, sent_at=datetime(2026, 11, 21, tzinfo=UTC), payment_method="EAN"
    )
    chosen = {"number_field:_billing_ean": "ean_number", "number_field:_billing_cvr": "vat_number"}
    state, findings = assess(made, replace(SETTINGS, rules=chosen))
    assert (state, [found.code for found in findings]) == ("held", ["ean"])
    done = replace(SETTINGS, rules={**chosen, "ean": "e_invoice"})
    assert assess(made, done) == ("waiting", [])
    assert plan_invoice(made, done).customer.ean == "5790000000005"


@pytest.mark.parametrize(
    ("matters", "changes"),
    [
        (False, {"billing": PARTY}),  # a private customer who paid a Danish sale with VAT
        (True, {"billing": COMPANY}),
        (True, {"billing": PARTY, "vat": Money(0)}),
        (True, {"billing": replace(PARTY, country="DE")}),
        (True, {"billing": PARTY, "paid": False, "payment_method": "Faktura", "payment_type": ""}),
    ],
)
def test_it_is_asked_where_it_changes_what_is_booked(matters: bool, changes: dict[str, Any]) -> None:
    assert bool(asked(sold(("cvr", "12345674"), **changes))) is matters


@pytest.mark.parametrize("value", ["12345678", "ja", "", "-", "5790000000002", "010190-1234", "96385074"])
def test_what_is_no_number_by_its_check_digits_is_not_asked_about(value: str) -> None:
    assert asked(sold(("cvr", value))) == {}


@pytest.mark.parametrize("number", ["DE136695976", "XI980780684", "SE556188840401"])
def test_a_vat_number_of_another_country_may_be_one(number: str) -> None:
    assert asked(sold(("vat", number))) == {"number_field:vat": ["vat_number", "neither"]}


def test_a_field_of_the_shops_own_goes_before_and_its_number_is_not_asked_about() -> None:
    made = sold(("cvr", "12345674"), vat_number="DK 1234 5674")
    assert asked(made) == {}
    other = sold(("cvr", "12345674"), vat_number="13585628")
    assert interpret(other, SETTINGS.with_answers({"number_field:cvr": "vat_number"})).vat_number == "13585628"


def test_a_field_that_is_a_cvr_number_by_rule_and_is_none_today_is_told() -> None:
    state, findings = assess(sold(("cvr", "12345678")), SETTINGS.with_answers({"number_field:cvr": "vat_number"}))
    assert (state, [found.code for found in findings]) == ("held", ["cvr_invalid"])


def test_of_two_fields_of_one_meaning_the_number_that_can_be_right_is_taken() -> None:
    rules = {"number_field:a": "vat_number", "number_field:b": "vat_number"}
    made = sold(("a", "ingen"), ("b", "12345674"))
    assert interpret(made, SETTINGS.with_answers(rules)).vat_number == "12345674"


def test_an_answer_about_one_order_counts_while_its_numbers_are_the_same() -> None:
    made = sold(("cvr", "12345674"))
    assert outdated({"number_field:cvr": "vat_number"}, made, replace(made, status="completed")) == set()
    assert outdated({"number_field:cvr": "vat_number"}, made, sold(("cvr", "13585628"))) == {"number_field:cvr"}
