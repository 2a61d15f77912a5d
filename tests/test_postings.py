"""What a document does to the books: debit is credit, for every kind of order of the accountant's table."""

from datetime import date

import pytest

from cases import CASES, Case
from dinero.model.money import Money, total
from dinero.model.plans import Kind
from dinero.rules.credits import plan_credit
from dinero.rules.invoices import plan_invoice
from dinero.rules.postings import RECEIVABLES, SALES_VAT, Posting, postings
from factory import SETTINGS, line, order
from test_cases import plan_of

BOOKED = [case for case in CASES if case.books]


def told(found: tuple[Posting, ...]) -> list[tuple[int | None, int]]:
    return [(posting.account, posting.amount.ore) for posting in found]


@pytest.mark.parametrize("case", BOOKED, ids=[f"{case.group}: {case.name}" for case in BOOKED])
def test_debit_is_credit_to_the_ore_for_every_order_that_is_booked(case: Case) -> None:
    plan = plan_of(case)
    found = postings(plan)
    currency = plan.total.currency
    for part in (found, [posting for posting in found if posting.of_payment]):
        debit = total([posting.debit for posting in part if posting.debit], currency)
        credit = total([posting.credit for posting in part if posting.credit], currency)
        assert debit == credit
    way = -1 if plan.kind is Kind.CREDIT_NOTE else 1
    document = [posting for posting in found if not posting.of_payment]
    assert total([p.amount for p in document if p.name is SALES_VAT], currency) == plan.vat.times(-way)
    assert total([p.amount for p in document if p.name is RECEIVABLES], currency) == plan.total.times(way)
    assert {p.account for p in document if p.account} <= {line.account for line in plan.lines}
    assert all(bool(p.debit) != bool(p.credit) for p in found), "each is on one side"


def test_there_are_many_of_them_and_credit_notes_terms_and_other_currencies_are_among_them() -> None:
    plans = [plan_of(case) for case in BOOKED]
    assert len(plans) > 100
    assert any(plan.kind is Kind.CREDIT_NOTE for plan in plans)
    assert any(plan.days is not None and plan.payment is None for plan in plans)
    assert any(plan.total.currency != "DKK" for plan in plans)


def test_a_sale_goes_by_the_customers_to_the_booking_account() -> None:
    found = postings(plan_invoice(order(line(19920), line(4980)), SETTINGS))
    assert told(found) == [(None, 24900), (1000, -19920), (None, -4980), (55100, 24900), (None, -24900)]
    assert [posting.name for posting in found if posting.account is None] == [RECEIVABLES, SALES_VAT, RECEIVABLES]


def test_a_credit_note_is_its_invoice_the_other_way_round() -> None:
    (case,) = [case for case in BOOKED if case.name == "a return of everything"]
    assert case.original is not None
    assert case.original.plan is not None
    credit = postings(plan_credit(case.order, case.settings, case.original))
    assert sorted(told(credit), key=str) == sorted(
        [(account, -ore) for account, ore in told(postings(case.original.plan))], key=str
    )


def test_nothing_is_posted_of_a_payment_that_is_not_registered_from_here() -> None:
    chosen = SETTINGS.with_answers({"payment:Kort": "terms"})
    plan = plan_invoice(order(paid=False, paid_at=None), chosen)
    assert plan.payment is None
    assert told(postings(plan)) == [(None, 24900), (1000, -19920), (None, -4980)]
    assert plan.issued_on == date(2026, 11, 20)
    assert plan.total == Money(24900)
