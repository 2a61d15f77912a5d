"""A part of the fault matrix (`make faults` runs all of it): each call of a transfer with two of the troubles."""

import pytest

from benchmarks.faults import CALLS, TROUBLES, Call, Trouble, run

# Each call meets two troubles, so that all troubles are met.
PARTS = [(call, TROUBLES[(place + step) % len(TROUBLES)]) for place, call in enumerate(CALLS) for step in (0, 10)]


@pytest.mark.parametrize(("call", "trouble"), PARTS, ids=lambda part: part.name)
def test_no_trouble_with_a_call_books_twice_or_loses_an_order(call: Call, trouble: Trouble) -> None:
    cell = run(call, trouble)
    assert cell.struck, "the trouble must meet the call, or the test shows nothing"
    assert cell.fine, cell


def test_the_parts_meet_every_call_and_every_trouble() -> None:
    assert {call for call, _ in PARTS} == set(CALLS)
    assert {trouble.name for _, trouble in PARTS} == {trouble.name for trouble in TROUBLES}
