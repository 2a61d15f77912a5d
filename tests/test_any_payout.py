"""Any sequence of what happens with payouts, more of it than test_any_sequence has room for: booked once, taken back
once, and the account explained to the øre after every step. `make any-sequence` tries more than CI does.
"""

import os

from hypothesis import HealthCheck, settings

from test_any_sequence import Bookkeeping

STEPS = int(os.environ.get("DINERO_STEPS", "150"))
STEPS_EACH = 25


class Paying(Bookkeeping):
    """The same, with orders that are only sold, transferred, returned and corrected."""

    # The fewer there are here, the more is done with payouts. Hypothesis leaves out a rule whose name is no rule any
    # more.
    the_runner_works_for_a_while = the_same_click_in_two_tabs = None  # type: ignore[assignment]
    push_while_another_worker_pushes_too = leave_out_and_take_in = None  # type: ignore[assignment]
    push_and_die_at_a_write = push_and_die_at_a_commit = push_and_die_at_a_mark = None  # type: ignore[assignment]
    somebody_saves_a_draft_in_dinero = somebody_deletes_a_draft_in_dinero = None  # type: ignore[assignment]
    correct_and_die = take_a_piece_off = cancel = break_something = None  # type: ignore[assignment]
    write_a_note = change_a_status = edit_a_line = refund_a_lamp = delete_a_refund = None  # type: ignore[assignment]
    delete_a_lamp = a_lamp_changes_while_orders_are_listed = read_all_again = None  # type: ignore[assignment]
    the_host_fails = the_host_is_mended = pause_the_shop = resume_the_shop = None  # type: ignore[assignment]
    remove_the_shop = add_the_shop_again = rename_the_shop = None  # type: ignore[assignment]


Paying.TestCase.settings = settings(
    max_examples=max(1, STEPS // STEPS_EACH),
    stateful_step_count=STEPS_EACH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnyPayout = Paying.TestCase
