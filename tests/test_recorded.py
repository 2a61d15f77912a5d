"""Each recorded answer of a real WooCommerce is read to the øre, or held with the sentence that fits."""

import pytest

from dinero.rules.states import assess
from recorded import NEVER_ASKED_FOR, OWNERS, RECORDED, Recorded, files, outcome, raw_of, read


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: f"{one.name} {one.refund or ''}".strip())
def test_a_recorded_answer_becomes_what_the_table_says(one: Recorded) -> None:
    state, findings, plan = outcome(one)
    assert (state, [finding.code for finding in findings]) == (one.state, list(one.codes))
    if plan is not None:
        assert (plan.total.ore, plan.vat.ore) == (one.total, one.vat)
        assert sum(line.amount.ore for line in plan.lines) == one.total


def test_every_recorded_order_is_in_the_table() -> None:
    known = {one.name for one in RECORDED} | {*NEVER_ASKED_FOR, "excl.dp6"}
    assert set(files()) == known


@pytest.mark.parametrize("name", NEVER_ASKED_FOR)
def test_decimals_that_nobody_asked_for_are_never_rounded_away(name: str) -> None:
    order = read(raw_of(name))
    assert order.problems
    assert assess(order, OWNERS)[0] == "held"
