"""The plan: what an order becomes, to the øre."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dinero.model.money import Money, net_of_vat
from dinero.model.orders import LineKind, Party
from dinero.model.plans import Kind, contact_guid, document_guid, plan_from_json
from dinero.rules.charged import spread_discount
from dinero.rules.checks import check_order
from dinero.rules.invoices import plan_invoice
from factory import CHART, SETTINGS, line, order

DISCOUNT, SHIPPING = LineKind.DISCOUNT, LineKind.SHIPPING


def test_each_line_goes_to_the_account_that_its_kind_and_vat_ask_for() -> None:
    plan = plan_invoice(
        order(line(10000), line(5000, rate="0"), line(3900, rate="25", kind=SHIPPING, text="Fragt")), SETTINGS
    )
    assert [(item.account, item.vat_code, item.vat.ore) for item in plan.lines] == [
        (1000, "U25", 2000),
        (1050, "none", 0),
        (1350, "U25", 780),
    ]
    assert plan.total == Money(18900)
    assert plan.vat == Money(2780)


def test_shipping_of_an_order_without_vat_goes_to_the_account_without_vat() -> None:
    plan = plan_invoice(order(line(5000, rate="0"), line(3900, rate="0", kind=SHIPPING)), SETTINGS)
    assert [item.account for item in plan.lines] == [1050, 1300]


def test_several_pieces_are_one_line_with_the_lines_total() -> None:
    (item,) = plan_invoice(order(line(39800, quantity="2", text="T-shirt")), SETTINGS).lines
    assert (item.text, item.quantity, item.amount) == ("2 × T-shirt", 1, Money(39800))


def test_a_discount_is_taken_off_the_products_and_said_on_them() -> None:
    plan = plan_invoice(
        order(line(20000, text="Vase"), line(10000), line(-3000, kind=DISCOUNT), line(4900, kind=SHIPPING)), SETTINGS
    )
    assert [item.amount.ore for item in plan.lines] == [18000, 9000, 4900]
    assert "rabat" in plan.lines[0].text
    assert plan.total == Money(31900)


@given(st.lists(st.integers(min_value=1, max_value=10**7), min_size=1, max_size=12), st.data())
def test_the_parts_of_a_discount_add_up_to_it_and_no_line_falls_below_zero(
    amounts: list[int], data: st.DataObject
) -> None:
    discount = data.draw(st.integers(min_value=0, max_value=sum(amounts)))
    made = order(*(line(amount) for amount in amounts), line(-discount, kind=DISCOUNT))
    parts = spread_discount(made)
    assert -sum(part.ore for part in parts) == discount
    assert all(amount + part.ore >= 0 for amount, part in zip(amounts, parts, strict=True))


@given(st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from(["25", "0"])), min_size=1, max_size=12))
def test_a_plan_has_the_orders_total_and_the_vat_that_dinero_computes(lines: list[tuple[int, str]]) -> None:
    made = order(*(line(ore, rate=rate) for ore, rate in lines))
    settings = replace(SETTINGS, rules={"vat_free:Kop": "exempt"})
    assert check_order(made, settings) == []
    plan = plan_invoice(made, settings)
    assert plan.total == made.total
    assert plan.vat.ore == sum(
        item.amount.ore - net_of_vat(item.amount, CHART.accounts[item.account].vat_rate or Decimal(0)).ore
        for item in plan.lines
    )


def test_the_invoice_says_that_it_is_paid_and_asks_nobody_for_money() -> None:
    body = plan_invoice(order(), SETTINGS).body("guid", "contact")
    assert body["PaymentConditionType"] == "Paid"
    assert body["IsMobilePayInvoiceEnabled"] is False
    assert body["ShowLinesInclVat"] is True
    assert body["ExternalReference"] == "shoporama:77"
    assert "PaymentConditionNumberOfDays" not in body


def test_the_payment_is_the_whole_sale_on_the_booking_account_and_the_fee_is_not_guessed() -> None:
    body = plan_invoice(order(), SETTINGS).payment_body("0000000000000001")
    assert (body["Amount"], body["DepositAccountNumber"], body["RemainderIsFee"]) == (249, 55100, False)
    assert body["ExternalReference"] == "shoporama:77:payment"


def test_an_order_paid_late_on_new_years_eve_in_utc_belongs_to_the_next_year_in_copenhagen() -> None:
    paid = order(paid_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert plan_invoice(paid, SETTINGS).issued_on == date(2027, 1, 1)


def test_an_invoice_with_days_to_pay_has_the_day_it_was_sent_on_whatever_moment_was_chosen() -> None:
    unpaid = order(
        paid=False, paid_at=None, payment_method="Bankoverførsel", sent_at=datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    )
    chosen = replace(SETTINGS, trigger="paid", rules={"payment:Bankoverførsel": "terms"})
    plan = plan_invoice(unpaid, chosen)
    assert (plan.days, plan.issued_on) == (8, date(2026, 11, 27))


def test_a_company_is_a_company_with_its_cvr_number_without_prefix() -> None:
    party = Party(name="Ib Friis", company="Friis ApS", street="Vej 1", zipcode="8000", city="Aarhus", country="DK")
    customer = plan_invoice(order(billing=party, vat_number="DK 13 58 56 28"), SETTINGS).customer
    assert (customer.name, customer.is_person, customer.vat_number, customer.attention) == (
        "Friis ApS",
        False,
        "13585628",
        "Ib Friis",
    )
    assert customer.body("g")["VatNumber"] == "13585628"


def test_a_person_has_no_fields_of_a_company() -> None:
    body = plan_invoice(order(), SETTINGS).customer.body("g")
    assert body["IsPerson"] is True
    assert not {"VatNumber", "AttPerson", "EanNumber"} & body.keys()


def test_a_stored_plan_is_read_back_equal() -> None:
    plan = plan_invoice(order(line(100), line(333, rate="0")), SETTINGS)
    assert plan_from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_guids_differ_by_everything_that_makes_a_document_another_one() -> None:
    base, credit = ("210001", "shoporama", "77", Kind.INVOICE, 1), Kind.CREDIT_NOTE
    others = [("210002", *base[1:]), (*base[:2], "78", Kind.INVOICE, 1), (*base[:3], credit, 1), (*base[:4], 2)]
    guids = {document_guid(*parts) for parts in [base, *others]}
    assert len(guids) == 5
    assert document_guid(*base) == document_guid(*base)
    assert contact_guid("210001", "a@b.dk", True, 0) != contact_guid("210001", "a@b.dk", False, 0)


def test_a_plan_of_the_first_version_is_still_read() -> None:
    plan = plan_invoice(order(), SETTINGS)
    new = json.loads(json.dumps(plan.to_json()))
    old = {
        name: new[name] for name in ("shop", "order_id", "number", "issued_on", "total", "vat", "address", "comment")
    }
    old["lines"] = [{k: v for k, v in item.items() if k not in ("unit", "kind", "key")} for item in new["lines"]]
    customer = {k: v for k, v in new["customer"].items() if k not in ("vat_number", "ean")}
    old |= {
        "customer": customer | {"cvr": "13585628"},
        "paid_on": "2026-11-20",
        "booking_account": 55100,
        "booking_account_name": "Webshop salg",
    }
    read = plan_from_json(old)
    assert (read.total, read.reference, read.payment) == (plan.total, plan.reference, plan.payment)
    assert read.customer.vat_number == "13585628"
    assert [item.amount for item in read.lines] == [item.amount for item in plan.lines]
