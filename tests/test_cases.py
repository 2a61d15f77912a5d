"""The table of orders: every case becomes what an accountant expects (see cases.py and docs/orders.md)."""

import pytest

from cases import CASES, Case, kr
from cases_page import PAGE, page
from dinero.model.plans import InvoicePlan
from dinero.rules.credits import plan_credit
from dinero.rules.invoices import plan_invoice
from dinero.rules.states import assess


def plan_of(case: Case) -> InvoicePlan:
    if case.original is not None:
        return plan_credit(case.order, case.settings, case.original)
    return plan_invoice(case.order, case.settings)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.group}: {case.name}" for case in CASES])
def test_the_order_becomes_what_the_table_says(case: Case) -> None:
    state, findings = assess(
        case.order,
        case.settings,
        original=case.original,
        suspect=case.suspect,
        consultation=case.consultation,
        checked=case.checked,
    )
    codes = [finding.code for finding in findings]
    if case.held:
        assert (state, codes) == ("held", list(case.held))
        return
    if case.not_due or case.ignored:
        assert (state, codes) == ("not due" if case.not_due else "ignored", [case.not_due or case.ignored])
        return
    assert (state, codes) == ("waiting", [])
    plan = plan_of(case)
    currency = case.order.currency
    assert [(line.account, line.amount, line.vat) for line in plan.lines] == [
        (account, kr(amount, currency), kr(vat, currency)) for account, amount, vat in case.books
    ]
    assert plan.total.ore == sum(line.amount.ore for line in plan.lines)
    assert plan.vat.ore == sum(line.vat.ore for line in plan.lines)
    if case.total:
        assert plan.total == kr(case.total, currency)
    if case.vat:
        assert plan.vat == kr(case.vat, currency)
    if case.zone:
        assert plan.zone == case.zone
    if case.paid is not None:
        assert (plan.payment.amount if plan.payment else None) == (kr(case.paid, currency) if case.paid else None)
    assert plan.days == case.days
    if case.texts:
        assert tuple(line.text for line in plan.lines) == case.texts
    for name, value in case.customer.items():
        assert getattr(plan.customer, name) == value


def test_the_table_is_large_enough_and_its_names_are_different() -> None:
    assert len(CASES) >= 120
    assert len({(case.group, case.name) for case in CASES}) == len(CASES)
    assert all(case.source for case in CASES)
    assert all(case.books or case.held or case.not_due or case.ignored for case in CASES)


def test_the_page_of_the_docs_shows_the_table_as_it_is() -> None:
    assert PAGE.read_text() == page(), "run `make cases`"
