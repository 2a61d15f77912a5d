"""A payout and its lines as rows of their tables, and back."""

import json
from datetime import date, datetime
from typing import Any

from dinero.model.clock import utc_text
from dinero.model.findings import loads
from dinero.model.ledger import ItemKind
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine
from dinero.model.settlements import LineState, PayoutState, StoredLine, StoredPayout
from dinero.store.database import Row

_SUMS = ("net_ore", "sold_ore", "refunded_ore", "fees_ore", "other_ore")


def sums_of(payout: Payout) -> dict[str, int]:
    """The sums of a payout by the names of their columns."""
    amounts = (payout.net, payout.sold, payout.refunded, payout.fees, payout.other)
    return {name: amount.ore for name, amount in zip(_SUMS, amounts, strict=True)}


def orders_in(payout: Payout) -> int:
    """How many lines are one order's."""
    return sum(line.is_of_order for line in payout.lines)


def is_same(there: StoredPayout, payout: Payout) -> bool:
    """Whether a payout has the sums of the one that is here."""
    sums = {name: getattr(there, name) for name in _SUMS}
    return sums == sums_of(payout) and there.currency == payout.net.currency


def line_row(number: int, place: int, payout: Payout, line: PayoutLine) -> tuple[Any, ...]:
    """The row of a line at a place of the payout in row `number`, in the order of the table's columns."""
    state = LineState.SUM if line.is_sum else LineState.NO_ORDER if line.kind in OF_ORDERS else LineState.NONE
    return (
        number,
        place,
        line.row,
        payout.acquirer,
        payout.account,
        line.kind,
        line.id,
        line.gross.ore,
        line.fee.ore,
        line.net.ore,
        line.order,
        line.transaction,
        utc_text(line.at) if line.at else None,
        line.sold_for.ore if line.sold_for else None,
        line.sold_for.currency if line.sold_for else "",
        int(line.is_sum),
        line.text,
        state,
    )


def payout_of(row: Row) -> StoredPayout:
    """A payout out of its row."""
    read = {
        "paid_on": date.fromisoformat(row["paid_on"]),
        "first_day": date.fromisoformat(row["first_day"]) if row["first_day"] else None,
        "last_day": date.fromisoformat(row["last_day"]) if row["last_day"] else None,
        "is_gross": bool(row["is_gross"]),
        "is_unproven": bool(row["is_unproven"]),
        "state": PayoutState(row["state"]),
        "reasons": tuple(loads(row["reasons"])),
        "answers": json.loads(row["answers"]),
        "wanted_kind": ItemKind(row["wanted_kind"]) if row["wanted_kind"] else None,
    }
    return StoredPayout(**row | read)


def line_of(row: Row) -> StoredLine:
    """A line out of its row, with its order's number."""
    told = {name: value for name, value in row.items() if name not in ("acquirer", "account", "transaction_id")}
    read = {
        "kind": Movement(row["kind"]),
        "at": datetime.fromisoformat(row["at"]) if row["at"] else None,
        "is_sum": bool(row["is_sum"]),
        "state": LineState(row["state"]),
        "transaction": row["transaction_id"],
    }
    return StoredLine(**told | read)
