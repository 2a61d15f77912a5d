"""Any sequence of what happens in two shops with the same ids and numbers, more of it than test_any_sequence has room
for: nothing twice, nothing lost, nothing crossed. `make any-sequence` tries more than CI does.
"""

import os

from hypothesis import HealthCheck, settings

from test_any_sequence import Bookkeeping

STEPS = int(os.environ.get("DINERO_STEPS", "250"))
STEPS_EACH = 25


class TwoShops(Bookkeeping):
    """The same, with payouts that are only paid out, read and booked."""

    # The fewer there are here, the more is done with shops. Hypothesis leaves out a rule whose name is no rule any
    # more.
    release_a_reserve = read_a_file_of_sums = work_off = book_a_payout = None  # type: ignore[assignment]
    take_back_a_payout = answer_a_payout = choose_another_way = ask_for_the_proof = None  # type: ignore[assignment]
    somebody_books_in_dinero = the_owner_books_a_payout_in_dinero_and_says_so = None  # type: ignore[assignment]
    the_owner_sees_to_the_ledger = break_a_ledger_call = dinero_takes_its_time = None  # type: ignore[assignment]
    die_at_a_ledger_call = die_at_a_commit_of_payouts = another_worker_books_payouts_too = None  # type: ignore[assignment]
    somebody_saves_a_draft_in_dinero = take_a_piece_off = the_same_click_in_two_tabs = None  # type: ignore[assignment]


TwoShops.TestCase.settings = settings(
    max_examples=max(1, STEPS // STEPS_EACH),
    stateful_step_count=STEPS_EACH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnyShops = TwoShops.TestCase
