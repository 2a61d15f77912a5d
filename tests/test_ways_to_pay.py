"""A way to pay with a stable id and a title that the owner typed: the id proves, and the title may speak against it."""

from dataclasses import replace
from typing import Any

import pytest

from cases import booked
from dinero.model.money import Money
from dinero.model.orders import Order
from dinero.rules.answers import outdated
from dinero.rules.fees import is_direct
from dinero.rules.payments import proves_money
from dinero.rules.states import assess
from factory import SETTINGS, line, order


def paid_by(method: str, title: str, **changes: Any) -> Order:
    return order(payment_method=method, payment_title=title, payment_type="", **changes)


@pytest.mark.parametrize(
    ("method", "title", "proven"),
    [
        ("quickpay", "Kort og MobilePay", True),
        ("quickpay", "", True),
        ("bambora", "Betal sikkert online", True),
        ("onpay_card", "Betalingskort", True),
        ("quickpay", "Faktura", None),  # the gateway's name, and an invoice all the same
        ("stripe", "Bankoverførsel", None),
        ("bacs", "MobilePay", None),  # the owner's own words for what the customer does by hand
        ("cod", "Kort", None),
        ("cheque", "Dankort", None),
        ("alg_custom_gateway_1", "MobilePay", None),
        ("MobilePay", "", True),  # a shop that has names alone
        ("Kort", "", True),
    ],
)
def test_the_id_must_prove_the_money_and_the_title_must_not_speak_against_it(
    method: str, title: str, proven: bool | None
) -> None:
    sold = paid_by(method, title)
    assert proves_money(sold, SETTINGS) is proven
    state, findings = assess(sold, SETTINGS)
    assert (state, [found.code for found in findings]) == (
        ("waiting", []) if proven else ("held", ["paid_without_proof"])
    )


def test_the_question_hangs_on_the_id_and_calls_the_way_by_its_title() -> None:
    (found,) = assess(paid_by("bacs", "Overfør til 1234"), SETTINGS)[1]
    assert found.question is not None
    assert found.question.key == "payment:bacs"
    assert found.text.values["method"] == "Overfør til 1234"
    terms = SETTINGS.with_answers({"payment:bacs": "money"})
    assert assess(paid_by("bacs", "MobilePay"), terms) == ("waiting", [])


def test_a_paid_mark_is_not_told_to_be_more_than_a_promise() -> None:
    (found,) = assess(paid_by("bacs", "Bank"), SETTINGS)[1]
    assert found.question is not None
    told = [found.question.explanation, *(choice.text for choice in found.question.choices)]
    assert [
        text.render("en") for text in told if "money" in text.render("en") and "reserved" not in text.render("en")
    ] == []


def test_the_booking_account_hangs_on_the_id() -> None:
    chosen = replace(SETTINGS, method_accounts={"bacs": 55000}, rules={"payment:bacs": "money"})
    assert chosen.booking_account_of(paid_by("bacs", "Bank").payment_method) == 55000


def test_a_refund_whose_title_is_a_store_credit_is_asked_about_by_its_id() -> None:
    note = paid_by("stripe", "Tilgodebevis", lines=(line(-24900, quantity="-1"),), credit_of="12", total=Money(-24900))
    state, findings = assess(replace(note, vat=Money(-4980)), SETTINGS, original=booked(payment_method="quickpay"))
    assert (state, [found.code for found in findings]) == ("held", ["refund_way"])
    assert findings[0].question is not None
    assert findings[0].question.key == "refund:stripe"
    assert findings[0].text.values["method"] == "Tilgodebevis"


@pytest.mark.parametrize(
    ("method", "title", "direct"),
    [("bacs", "", True), ("own", "Bankoverførsel", True), ("quickpay", "Faktura", False), ("quickpay", "Kort", False)],
)
def test_no_acquirer_is_between_where_the_customer_pays_into_the_bank(method: str, title: str, direct: bool) -> None:
    assert is_direct(paid_by(method, title), SETTINGS) is direct


def test_an_answer_about_the_way_to_pay_is_outdated_when_the_title_changes() -> None:
    sold = paid_by("own", "Faktura")
    assert outdated({"payment:own": "terms"}, sold, replace(sold, payment_title="Kort")) == {"payment:own"}
