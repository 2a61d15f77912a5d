"""Credit notes that tell little: an amount alone, no VAT, an øre too much, lines that are named by their id alone."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cases import booked
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.orders import Line, LineKind, Order
from dinero.model.plans import InvoicePlan, plan_from_json
from dinero.rules.changes import compare
from dinero.rules.credits import plan_credit, plan_difference
from dinero.rules.invoices import plan_invoice
from dinero.rules.originals import Original
from dinero.rules.states import assess
from factory import SETTINGS, line, order

FREIGHT, FEE = LineKind.SHIPPING, LineKind.FEE
FREE = replace(SETTINGS, rules={"vat_free:Bog": "exempt"})
MIXED = order(line(20000, text="Kop"), line(10000, rate="0", text="Bog"), line(5000, text="Fragt", kind=FREIGHT))


def back(ore: int, *lines: Line, **changes: Any) -> Order:
    """A credit note of order 12 that says nothing of VAT; its lines are below zero, as shops tell them."""
    told = {"id": "90", "number": "12-R90", "credit_of": "12", "status": "refunded", **changes}
    negative = tuple(replace(one, total=-one.total, quantity=-one.quantity) for one in lines)
    return order(**{"total": Money(-ore), "vat": None, "lines": negative, **told})


def credited(note: Order, original: Original, **answers: str) -> InvoicePlan:
    chosen = FREE.with_answers(answers)
    state, findings = assess(note, chosen, original=original)
    assert (state, findings) == ("waiting", [])
    plan = plan_credit(note, chosen, original)
    assert sum(one.amount.ore for one in plan.lines) == plan.total.ore
    assert plan_from_json(plan.to_json()) == plan
    return plan


def books(plan: InvoicePlan) -> list[tuple[int, int, int]]:
    return [(one.account, one.amount.ore, one.vat.ore) for one in plan.lines]


def sold(*lines: Line, **changes: Any) -> Original:
    return replace(booked(), plan=plan_invoice(order(*lines, **changes), FREE))


def test_an_amount_alone_has_the_vat_and_the_account_of_an_invoice_of_one_rate() -> None:
    plan = credited(back(9900), sold())
    assert books(plan) == [(1000, 9900, 1980)]
    assert plan.payment is not None
    assert plan.payment.amount == Money(-9900)


def test_an_amount_alone_is_without_vat_where_all_of_the_invoice_is() -> None:
    assert books(credited(back(4000), sold(line(10000, rate="0", text="Bog")))) == [(1050, 4000, 0)]


def test_an_amount_alone_has_its_vat_inside_whatever_the_shops_prices_are() -> None:
    assert books(credited(back(9900, prices_include_vat=False), sold())) == [(1000, 9900, 1980)]


def test_an_amount_alone_of_a_mixed_invoice_is_asked_about_and_follows_the_answer() -> None:
    original = replace(booked(), plan=plan_invoice(MIXED, FREE))
    state, findings = assess(back(9000), FREE, original=original)
    assert (state, [found.code for found in findings]) == ("held", ["credit_vat_unclear"])
    assert books(credited(back(9000), original, credit_rate="taxed")) == [(1000, 9000, 1800)]
    assert books(credited(back(9000), original, credit_rate="free")) == [(1050, 9000, 0)]
    assert sum(ore for _, ore, _ in books(credited(back(9000), original, credit_rate="invoice"))) == 9000


def test_the_whole_amount_alone_of_a_mixed_invoice_is_credited_as_it_was_sold() -> None:
    original = replace(booked(), plan=plan_invoice(MIXED, FREE))
    assert books(credited(back(35000), original)) == [(1000, 20000, 4000), (1050, 10000, 0), (1350, 5000, 1000)]


def test_lines_whose_vat_is_not_told_have_that_of_their_lines_on_the_invoice() -> None:
    original = replace(booked(), plan=plan_invoice(MIXED, FREE))
    note = back(15000, line(10000, rate="?", text="Bog"), line(5000, rate="?", text="Fragt", kind=FREIGHT))
    assert books(credited(note, original)) == [(1050, 10000, 0), (1350, 5000, 1000)]


def test_what_the_lines_leave_over_follows_the_invoice() -> None:
    note = back(12900, line(10000, rate="?"), line(2900, rate="?", text="Refundering"))
    assert books(credited(note, sold(line(20000)))) == [(1000, 10000, 2000), (1000, 2900, 580)]
    mixed = replace(booked(), plan=plan_invoice(MIXED, FREE))
    state, findings = assess(note, FREE, original=mixed)
    assert (state, [found.code for found in findings]) == ("held", ["credit_vat_unclear"])


def test_one_oere_more_than_remains_credits_what_remains_and_says_so() -> None:
    for note in (back(24901), back(24901, line(24901, rate="?"))):
        plan = credited(note, sold())
        assert books(plan) == [(1000, 24900, 4980)]
        assert plan.payment is not None
        assert plan.payment.amount == Money(-24900)
        (told,) = (Text.loads(packed).render("en").replace("\xa0", " ") for packed in plan.notes)
        assert (
            told == "The shop's credit note is over 249,01 kr., and 249,00 kr. of invoice 8 remained: that is credited."
        )


@pytest.mark.parametrize("note", [back(24902), back(24902, line(24902, rate="?"))])
def test_two_oere_more_than_remain_are_too_much(note: Order) -> None:
    state, findings = assess(note, FREE, original=sold())
    assert (state, [found.code for found in findings]) == ("held", ["credit_too_large"])


def test_one_oere_more_is_too_much_where_the_lines_are_not_what_remains() -> None:
    # Of the goods with VAT nothing is left, and the note takes them back once more.
    original = replace(booked(), plan=plan_invoice(order(line(10000), line(10000, rate="0", text="Bog")), FREE))
    first = credited(back(10000, line(10000)), original)
    note = back(10001, line(10001, rate="?"), id="91")
    state, findings = assess(note, FREE, original=replace(original, credits=(first,)))
    assert state == "held"
    assert findings[0].code in ("credit_too_large", "credit_rate_exceeded")


def test_all_of_an_invoice_whose_lines_are_rounded_otherwise_is_credited_as_it_was_sold() -> None:
    original = sold(line(3333, text="Kop"), line(3334, rate="0", text="Bog"))
    note = back(6667, line(3334, rate="?", text="Kop"), line(3333, rate="?", text="Bog"))
    assert books(credited(note, original)) == [(1000, 3333, 667), (1050, 3334, 0)]


def test_an_order_and_its_credit_note_even_out_though_the_note_is_an_oere_larger() -> None:
    cancelled = order(status="refunded")
    state, findings = assess(cancelled, SETTINGS, credited=Money(24901))
    assert (state, [found.code for found in findings]) == ("held", ["evens_out"])
    state, findings = assess(cancelled, SETTINGS, credited=Money(24902))
    assert [found.code for found in findings] == ["status_refunded"]


def test_a_credit_notes_line_is_of_the_line_that_it_names_whatever_both_are_called() -> None:
    taxed = replace(line(10000, text="Kop"), item="5727")
    free = replace(line(10000, rate="0", text="Bog"), item="5728")
    original = sold(taxed, free)
    note = back(4000, replace(line(4000, rate="?", text="Bog"), item="5727"))
    assert books(credited(note, original)) == [(1000, 4000, 800)]


def test_freight_of_two_parcels_is_credited_of_the_parcel_that_is_named() -> None:
    parcels = [replace(line(ore, text=name, kind=FREIGHT), item=name) for ore, name in ((3900, "GLS"), (5900, "DAO"))]
    plan = credited(back(5900, replace(parcels[1], vat_rate=None)), sold(line(10000), *parcels))
    assert [one.key for one in plan.lines] == ["shipping:2"]


def test_a_line_that_was_stored_without_its_id_is_found_as_before() -> None:
    original = sold(line(10000, text="Kop"))
    assert books(credited(back(4000, replace(line(4000, rate="?", text="Kop"), item="7")), original)) == [
        (1000, 4000, 800)
    ]
    packed = plan_invoice(order(), SETTINGS).to_json()
    for one in packed["lines"]:
        del one["item"]
    assert plan_from_json(packed) == plan_invoice(order(), SETTINGS)


def test_the_difference_is_told_line_by_line_though_the_product_is_called_and_numbered_anew() -> None:
    kop, vase = (
        Line(LineKind.PRODUCT, text, Decimal(1), Money(ore), vat_rate=Decimal("0.25"), sku=text, item=item)
        for text, ore, item in (("Kop", 10000, "1"), ("Vase", 20000, "2"))
    )
    before = order(kop, vase)
    original = replace(booked(), plan=plan_invoice(before, SETTINGS))
    anew = replace(vase, text="Vase, blå", sku="V-2", total=Money(15000))
    now = order(replace(kop, text="Krus", sku=""), anew)
    plan = plan_difference(original, plan_invoice(now, SETTINGS), plan_invoice(now, SETTINGS).issued_on, 1)
    assert [(one.text, one.amount.ore) for one in plan.lines] == [("Vase", 5000)]
    change = compare(before, now, plan_invoice(before, SETTINGS), SETTINGS)
    assert change is not None
    assert [(one.text, one.before, one.after) for one in change.lines] == [("Vase, blå", 20000, 15000)]


def test_lines_of_another_countrys_vat_keep_their_id() -> None:
    accounts = {"sales.oss": 1050, "oss_vat": 63080}
    chosen = replace(SETTINGS, accounts=accounts, rules={"eu_consumers": "oss", "oss_booking": "book"})
    germany = replace(order().billing, country="DE")
    made = replace(line(11900), vat_rate=Decimal("0.19"), item="31")
    german = order(made, vat=Money(1900), billing=germany)
    original = replace(booked(), plan=plan_invoice(german, chosen))
    assert original.plan is not None
    assert [one.item for one in original.plan.lines] == ["31", ""]
    note = back(5950, replace(made, total=Money(5950), vat_rate=None, text="Anders"), billing=germany)
    assert assess(note, chosen, original=original) == ("waiting", [])
    assert [one.item for one in plan_credit(note, chosen, original).lines] == ["31", ""]


def test_lines_without_vat_whose_vat_is_not_told_are_credited_with_their_vat() -> None:
    net = back(19900, line(8000, text="Kop"), line(9900, rate="0", text="Bog"), prices_include_vat=False)
    original = sold(line(20000, text="Kop"), line(10000, rate="0", text="Bog"))
    assert books(credited(net, original)) == [(1000, 10000, 2000), (1050, 9900, 0)]
    state, findings = assess(replace(net, total=Money(-21000)), FREE, original=original)
    assert (state, [found.code for found in findings]) == ("held", ["net_prices", "sum_differs"])


TWO = (replace(line(10001), item="1"), replace(line(4999, text="Vase"), item="2"))


@pytest.mark.parametrize(
    ("lines", "vat", "changed"),
    [
        ((replace(TWO[0], total=Money(10000)), replace(TWO[1], total=Money(5000))), 3000, False),
        (TWO, 3001, False),
        ((replace(TWO[0], total=Money(9999)), replace(TWO[1], total=Money(5001))), 3000, True),  # two øre
        (TWO, 3003, True),
        ((replace(TWO[0], vat_rate=Decimal(0)), TWO[1]), 3000, True),
        ((TWO[0], replace(TWO[1], item="3", total=Money(5000))), 3000, True),
        ((replace(TWO[0], item="", total=Money(10000)), replace(TWO[1], item="", total=Money(5000))), 3000, True),
    ],
)
def test_an_order_that_is_only_rounded_otherwise_was_not_changed(
    lines: tuple[Line, ...], vat: int, changed: bool
) -> None:
    before = order(*TWO, vat=Money(3000))
    now = order(*lines, vat=Money(vat), total=Money(15000))
    assert (compare(before, now, plan_invoice(before, SETTINGS), SETTINGS) is not None) is changed
