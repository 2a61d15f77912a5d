"""Why an order is held, not due, left out, or may go."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dinero.model.chart import Account, DepositAccount
from dinero.model.findings import Finding, advised_once, dumps, loads
from dinero.model.i18n import LANGUAGES, Text
from dinero.model.money import Money
from dinero.model.orders import LineKind, Problem
from dinero.rules.changes import Change
from dinero.rules.checks import check_order
from dinero.rules.interpreting import interpret
from dinero.rules.states import assess
from factory import CHART, PARTY, SETTINGS, line, order

EUROS = {
    "currency": "EUR",
    "lines": (replace(line(24900), total=Money(24900, "EUR")),),
    "total": Money(24900, "EUR"),
    "vat": Money(4980, "EUR"),
}


def codes(made: Any, settings: Any = SETTINGS) -> list[str]:
    return [finding.code for finding in check_order(made, settings)]


def test_a_plain_danish_order_may_go() -> None:
    assert assess(order(), SETTINGS) == ("waiting", [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": (), "total": Money(0), "vat": Money(0)}, "no_lines"),
        ({"total": Money(25000)}, "sum_differs"),
        ({"total": None}, "total_missing"),
        ({"total": Money(-24900)}, "credit_of_unknown"),
        ({"credit_of": "12"}, "credit_of_untransferred"),
        ({"total": Money(0), "vat": Money(0)}, "zero_total"),
        ({"email": ""}, "email_missing"),
        ({"email": "aase@@example.com"}, "email_malformed"),
        ({"email": "aase@example"}, "email_malformed"),
        ({"email": "a b@example.com"}, "email_malformed"),
        (EUROS, "currency"),
        ({"vat": Money(4000)}, "vat_differs"),
        ({"vat": None}, "vat_missing"),
        ({"ean_number": "5790000000000", "paid": False}, "ean"),
        ({"vat_number": "12345678"}, "cvr_invalid"),
        ({"billing": replace(PARTY, country="SE", country_text="Sverige")}, "eu_consumer"),
        ({"billing": replace(PARTY, country=None, country_text="Andeby")}, "country_unknown"),
        ({"billing": replace(PARTY, country=None)}, "country_missing"),
        ({"billing": replace(PARTY, name="")}, "name_missing"),
        ({"number": ""}, "no_number"),
        ({"placed_at": None, "paid_at": None}, "no_date"),
        ({"paid_at": datetime(2025, 12, 31, 12, tzinfo=UTC)}, "no_year"),
        ({"prices_include_vat": False}, "net_prices"),
        ({"problems": (Problem("unreadable", Text("The amount can't be read.")),)}, "unreadable"),
    ],
)
def test_an_order_that_can_not_be_booked_rightly_is_held_with_its_reason(changes: dict[str, Any], code: str) -> None:
    made = order(**changes)
    state, findings = assess(made, SETTINGS)
    assert state == "held"
    assert code in [finding.code for finding in findings]
    for language in LANGUAGES:
        assert all(finding.text.render(language) for finding in findings)


def unreadable(name: str, value: str) -> Problem:
    field = Text("“{field}” is “{value}”", field=Text(name), value=value)
    return Problem(name, Text("“{field}” is “{value}” and can't be read.", field=Text(name), value=value), field)


def test_several_fields_that_can_not_be_read_are_one_reason_with_the_advice_once() -> None:
    problems = unreadable("Total", "1.234,50"), Problem("line", Text("Line {line} can't be read.", line=2))
    found = check_order(order(problems=(*problems, unreadable("VAT", "x"), unreadable("Total", "1.234,50"))), SETTINGS)
    assert [finding.text.render("da") for finding in found] == [
        "Flere felter kan ikke læses: ”Total” står som ”1.234,50”, ”Moms” står som ”x”.",
        "Linje 2 kan ikke læses.",
    ]
    assert [finding.fix.render("da") for finding in advised_once(found) if finding.fix] == ["Se ordren i Shoporama."]
    assert loads(dumps(found)) == found


def test_a_sentence_lists_no_more_than_ten_fields() -> None:
    (found,) = check_order(order(problems=[unreadable(f"Line {n}", "x") for n in range(500)]), SETTINGS)
    told = found.text.render("da")
    assert told.endswith("”Line 9” står som ”x”, 490 mere.")
    assert told.startswith("Flere felter kan ikke læses: ”Line 0” står som ”x”, ")


def test_one_field_that_can_not_be_read_says_what_stands_there() -> None:
    (found,) = check_order(order(problems=(unreadable("Total", "1.234,50"),)), SETTINGS)
    assert (found.code, found.text.render("da")) == ("Total", "”Total” står som ”1.234,50” og kan ikke læses.")


def test_different_advice_is_told_each_time_and_the_same_with_the_last_finding() -> None:
    one, other = Text("See the order in Shoporama."), Text("Enter it in Dinero by hand, then leave it out here.")
    found = [Finding(str(n), Text("Total"), fix) for n, fix in enumerate((one, other, None, one, None))]
    assert [finding.fix for finding in advised_once(found)] == [None, other, None, one, None]


def test_all_findings_are_told_at_once() -> None:
    assert {"email_missing", "sum_differs", "no_number"} <= set(
        codes(order(email="", total=Money(1), number="", vat=Money(0)))
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((line(-100), line(25000)), "line_negative"),
        ((line(100), line(100, kind=LineKind.DISCOUNT)), "discount_positive"),
        ((line(100, text=""),), "line_without_text"),
    ],
)
def test_odd_lines_are_held(lines: Any, code: str) -> None:
    assert code in codes(order(*lines))


def test_an_account_with_another_vat_than_the_shop_charged_holds_the_order() -> None:
    accounts = {**CHART.accounts, 1000: Account(1000, "Salg", "none")}
    assert codes(order(), replace(SETTINGS, chart=replace(CHART, accounts=accounts))) == ["account_vat"]


def test_a_hidden_account_holds_the_order() -> None:
    accounts = {**CHART.accounts, 1000: Account(1000, "Salg", "U25", hidden=True)}
    assert codes(order(), replace(SETTINGS, chart=replace(CHART, accounts=accounts))) == ["account_missing"]


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (DepositAccount(55100, "Webshop salg", hidden=True), "booking_account_missing"),
        (DepositAccount(55100, "Stripe"), "booking_account_renamed"),
    ],
)
def test_a_booking_account_that_changed_holds_the_order(account: DepositAccount, code: str) -> None:
    chart = replace(CHART, deposits={55100: account})
    assert codes(order(), replace(SETTINGS, chart=chart)) == [code]


@pytest.mark.parametrize(
    ("changes", "trigger", "state"),
    [
        ({"paid": False}, "paid", "not due"),
        ({"sent": False}, "paid", "waiting"),
        ({"sent": False}, "sent", "not due"),
        ({"paid": False}, "sent", "held"),
        ({"cancelled": True, "paid": False}, "paid", "ignored"),
        ({"cancelled": True}, "paid", "held"),
        ({"placed_at": datetime(2025, 12, 31, 12, tzinfo=UTC)}, "paid", "ignored"),
    ],
)
def test_an_order_has_exactly_one_state(changes: dict[str, Any], trigger: str, state: str) -> None:
    assert assess(order(**changes), replace(SETTINGS, trigger=trigger))[0] == state


def test_orders_below_the_first_order_number_are_left_to_what_was_used_before() -> None:
    settings = replace(SETTINGS, take_over_date=None, take_over_number=1078)
    assert assess(order(), settings)[0] == "ignored"
    assert assess(order(number="1078"), settings)[0] == "waiting"


def test_an_order_that_the_owner_left_out_stays_out_with_the_owners_reason() -> None:
    state, findings = assess(order(), SETTINGS, ignored_reason="bogført i hånden")
    assert state == "ignored"
    assert "bogført i hånden" in findings[0].text.render("da")


def test_nothing_goes_before_the_set_up_is_complete() -> None:
    assert assess(order(), replace(SETTINGS, booking_account=None))[0] == "held"


def test_the_payment_needs_an_accounting_year_as_the_invoice_does() -> None:
    ordered = datetime(2025, 12, 30, 11, tzinfo=UTC)
    made = order(
        placed_at=ordered, paid_at=datetime(2025, 12, 30, 12, tzinfo=UTC), sent_at=datetime(2026, 1, 2, 12, tzinfo=UTC)
    )
    assert codes(made, replace(SETTINGS, trigger="sent")) == ["no_year"]


def test_findings_survive_the_store() -> None:
    _, findings = assess(order(total=Money(1), paid_at=datetime(2019, 1, 1, tzinfo=UTC)), SETTINGS)
    assert loads(dumps(findings)) == findings


def test_the_date_of_take_over_is_a_copenhagen_date() -> None:
    made = order(placed_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    assert assess(made, replace(SETTINGS, take_over_date=date(2026, 2, 1)))[0] == "waiting"


@pytest.mark.parametrize(
    ("told", "actions"),
    [
        (("taken_back",), ("undo", "leave")),
        (("taken_back", "unpaid"), ("undo", "leave")),
        (("taken_back", "edited"), ("rebook", "undo", "leave")),
        (("taken_back", "destination"), ("rebook", "undo", "leave")),
        (("destination",), ("rebook", "leave")),
    ],
)
def test_what_comes_back_can_always_be_taken_back_here(told: tuple[str, ...], actions: tuple[str, ...]) -> None:
    change = Change(told, 24900, 24900, "DKK")
    assert change.actions == actions
    assert all(text.render(language) for text in change.texts for language in LANGUAGES)


def test_goods_that_are_collected_by_a_buyer_abroad_are_asked_about_once_for_each_way() -> None:
    swede = replace(PARTY, country="SE", zipcode="21120", city="Malmö")
    made = order(billing=swede, shipping_method="Afhentning i butik")
    (finding,) = check_order(made, SETTINGS)
    assert finding.code == "collected_abroad"
    assert finding.question is not None
    assert (finding.question.key, finding.question.can_be_rule) == ("collected:afhentningibutik", True)
    here = replace(SETTINGS, rules={"collected:afhentningibutik": "collected"})
    assert codes(made, here) == []
    assert interpret(interpret(made, here), here) == interpret(made, here)
    there = replace(SETTINGS, rules={"collected:afhentningibutik": "sent"})
    assert codes(made, there) == ["eu_consumer"]
