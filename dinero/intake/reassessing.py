"""Gives orders without a document their state anew: after a choice, an answer, or another order's coming."""

import logging
from collections.abc import Iterable, Mapping

from dinero.intake.assessing import Assessment, Assessor, figures
from dinero.model.documents import Figures, OrderKey, State, StoredOrder
from dinero.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 500  # orders that are assessed and stored together
# A credit note's state and reason that follow from what became of its order and of the order's other credit notes.
CREDIT_REASONS = (
    (State.NOT_DUE, "waits_for_order"),
    (State.HELD, "credit_of_untransferred"),
    (State.HELD, "credit_of_left_out"),
    (State.HELD, "credit_of_ambiguous"),
    (State.HELD, "credit_too_large"),
    (State.HELD, "credit_rate_exceeded"),
    (State.HELD, "already_taken_back"),
    (State.IGNORED, "credit_left_out"),
)
# The other way round: what a credit note that came later changes of the order that it credits.
TAKEN_BACK_REASONS = (
    (State.HELD, "cancelled_paid"),
    (State.HELD, "withdrawn_paid"),
    (State.HELD, "status_refunded"),
    (State.HELD, "status_returned"),
    (State.HELD, "refunded_in_shop"),
    (State.HELD, "evens_out"),
    (State.IGNORED, "evens_out"),
)


def limit_passed(store: Store) -> Mapping[int, tuple[str, str]]:
    """In each year the first order that took the company's sales to EU consumers over the limit, in all its shops."""
    return store.settings.load().eu_limit_passed


def reassess(store: Store) -> None:
    """Gives every order without a document its state anew, after the settings or the accounts changed."""
    for _ in range(2):  # the figures decide when the EU limit was passed, and that decides states
        assess = Assessor(store, store.settings.load())
        after = 0
        while rows := store.orders.to_assess(after=after, limit=AT_ONCE):
            states, sums = [], []
            for _, row in rows:
                found = assess.safely(row)
                states.append((row.key, found.state, found.findings))
                if not row.forgotten_at:  # without its address an order's zone can't be told again
                    sums.append((row.key, safe_figures(found, assess)))
            store.orders.set_states(states)
            store.orders.set_figures(sums)
            after = rows[-1][0]
        if limit_passed(store) == assess.settings.eu_limit_passed:
            return


def reassess_one(store: Store, order: OrderKey) -> None:
    """Gives one order its state anew, after the owner answered a question about it."""
    reassess_answered(store, [order])


def reassess_answered(store: Store, orders: Iterable[OrderKey]) -> None:
    """Gives orders that were answered their state anew, and those whose reason lies with another order."""
    reassess_orders(store, orders)
    reassess_taken_back(store)
    reassess_credits(store)


def reassess_credits(store: Store) -> None:
    """Gives credit notes whose reason lies with another order or credit note their state anew."""
    assess = Assessor(store, store.settings.load())
    for state, code in CREDIT_REASONS:
        _assess_again(store, assess, store.orders.with_reason(state, code))


def reassess_taken_back(store: Store) -> None:
    """Gives orders that were taken back in the shop their state anew: their credit note may have come by now, or it was
    changed, cancelled or left out."""
    assess = Assessor(store, store.settings.load())
    for state, code in TAKEN_BACK_REASONS:
        _assess_again(store, assess, store.orders.with_reason(state, code))


def reassess_orders(store: Store, orders: Iterable[tuple[str, str]]) -> None:
    """Gives some orders without a document their state anew."""
    assess = Assessor(store, store.settings.load())
    rows = [row for shop, order_id in orders if (row := store.orders.get(OrderKey(shop, order_id))) is not None]
    _assess_again(store, assess, [row for row in rows if row.guid is None or row.rebook])


def _assess_again(store: Store, assess: Assessor, rows: Iterable[StoredOrder]) -> None:
    found = [(row, assess.safely(row)) for row in rows]
    store.orders.set_states([(row.key, now.state, now.findings) for row, now in found])


def safe_figures(found: Assessment, assess: Assessor) -> Figures:
    """An order's figures; empty for one that we failed with, which is held and says so."""
    try:
        chosen = assess.of_shop(found.order.shop)
        return figures(found.order, chosen, found.plan if found.original is not None else None)
    except Exception:
        if found.state != State.HELD:
            raise
        log.exception("the figures of a held order could not be told")
        return Figures()
