"""Alarms of the booking accounts: what is unexplained, and what was sold and never paid out. Each is told of once."""

from collections.abc import Sequence

from dinero.automatic.alarms import Alarms
from dinero.model.balance import Balance, BalanceRow
from dinero.model.i18n import Text
from dinero.store import Store

TOLD_UNEXPLAINED, TOLD_OVERDUE = "balance.unexplained", "balance.overdue"
NAMED = 10  # orders that an alarm names


def tell_of_unexplained(store: Store, alarms: Alarms, balances: Sequence[Balance]) -> None:
    """An alarm for each account of which something is unexplained, again when that becomes another amount."""
    cached = store.look_ups.get(TOLD_UNEXPLAINED)
    told = dict(cached[0]) if cached else {}
    now = {str(balance.account): balance.unexplained_ore for balance in balances if not balance.is_explained}
    for balance in balances:
        ore = now.get(str(balance.account))
        if ore is not None and told.get(str(balance.account)) != ore:
            alarms.raise_("balance", balance.sentence())
    if now != told:
        store.look_ups.put(TOLD_UNEXPLAINED, now)


def tell_of_overdue(store: Store, alarms: Alarms, rows: Sequence[BalanceRow]) -> None:
    """One alarm for the orders that were sold and never paid out since the last look; `rows` are oldest first."""
    cached = store.look_ups.get(TOLD_OVERDUE)
    told = set(cached[0]) if cached else set[str]()
    names = {"\n".join(row.order): row for row in rows if row.order is not None}
    fresh = [row for name, row in names.items() if name not in told]
    if fresh:
        text = Text(
            "{n} order was sold {days} days ago, and never paid out: {numbers}. Look at it with the acquirer.",
            "{n} orders were sold up to {days} days ago, and never paid out: {numbers}. Look at them with the "
            "acquirer.",
            n=len(fresh),
            days=max(row.days for row in fresh),
            numbers=", ".join(row.number for row in fresh[:NAMED]) + (" …" if len(fresh) > NAMED else ""),
        )
        alarms.raise_("overdue", text)
    if told != set(names):
        store.look_ups.put(TOLD_OVERDUE, sorted(names))
