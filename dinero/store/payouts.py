"""Payouts as they were read, with their lines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dinero.collector import collector_at_rest
from dinero.model.findings import Finding, dumps
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind
from dinero.model.money import Money
from dinero.model.payouts import Payout, PayoutKey, PayoutLine, RowProblem
from dinero.model.settlements import LineState, PayoutState, StoredLine, StoredPayout
from dinero.store.database import Part
from dinero.store.keys import order_key
from dinero.store.payout_rows import is_same, line_of, line_row, orders_in, payout_of, sums_of

_UNASKED = (PayoutState.HELD, PayoutState.READY, PayoutState.LEFT)
_SELECT_LINES = (
    "select l.*, coalesce(o.number, '') as number from payout_lines l "
    "left join orders o on o.shop = l.shop and o.id = l.order_id"
)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of payouts that were read: the rows of the new ones, how many were here already, and of these the
    rows of those that got their orders now, where only sums were known before, and of those that got lines which the
    file before had lost."""

    new: tuple[int, ...] = ()
    known: int = 0
    detailed: tuple[int, ...] = ()
    completed: tuple[int, ...] = ()


class Refused(Exception):
    """Payouts that contradict what was read before; nothing was stored."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Payouts(Part):
    """Payouts by acquirer, account and the acquirer's id."""

    @collector_at_rest()
    def add(self, payouts: Sequence[Payout], *, source: str) -> Added:
        """Stores sound payouts with their lines, all or none. One that is here with the same sums is left as it is: its
        other file may tell the day of the ledger rather than the bank's, and only sums where this one tells orders.
        Orders take the place of sums, and lines are added to a payout whose sum no file told and the owner has not
        confirmed. Raises Refused for one that is here with other sums otherwise, and for a line that is in another
        payout."""
        new, detailed, completed, known = list[int](), list[int](), list[int](), 0
        with self._database.transaction():
            for payout in payouts:
                there = self.by_key(payout.key)
                if there is None:
                    new.append(self._add(payout, source))
                elif is_same(there, payout):
                    known += 1
                    if payout.has_orders and not there.orders:
                        self._detail(there.id, payout)
                        detailed.append(there.id)
                elif (lost := self._lost(there, payout)) is not None:
                    known += 1
                    self._complete(there, payout, lost)
                    completed.append(there.id)
                else:
                    text = Text(
                        "Payout {payout} was read before with {before}, and here it is {now}.",
                        payout=payout.id,
                        before=Money(there.net_ore, there.currency),
                        now=payout.net,
                    )
                    raise Refused(RowProblem(None, "payout_changed", text))
        return Added(tuple(new), known, tuple(detailed), tuple(completed))

    def _add(self, payout: Payout, source: str) -> int:
        values = {
            "acquirer": payout.acquirer,
            "account": payout.account,
            "payout": payout.id,
            "paid_on": payout.paid_on.isoformat(),
            "currency": payout.net.currency,
            **sums_of(payout),
            "lines": len(payout.lines),
            "orders": orders_in(payout),
            "bank_text": payout.bank_text,
            "first_day": payout.first_day.isoformat() if payout.first_day else None,
            "last_day": payout.last_day.isoformat() if payout.last_day else None,
            "is_gross": int(payout.is_gross),
            "is_unproven": int(payout.is_unproven),
            "source": source,
            "read_at": self._database.stamp(),
            "state": PayoutState.HELD,
        }
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        with self._database.transaction() as db:
            cursor = db.execute(f"insert into payouts ({names}) values ({marks})", list(values.values()))
            number = int(cursor.lastrowid or 0)
            self._add_lines(number, payout, payout.lines)
        return number

    def _detail(self, number: int, payout: Payout) -> None:
        """Puts lines that tell orders in the place of sums."""
        with self._database.transaction() as db:
            db.execute("delete from payout_lines where payout = ?", [number])
            self._add_lines(number, payout, payout.lines)
            counted = [len(payout.lines), orders_in(payout), number]
            db.execute("update payouts set lines = ?, orders = ?, matched = 0 where id = ?", counted)

    def _lost(self, there: StoredPayout, payout: Payout) -> list[PayoutLine] | None:
        """The lines that a payout has beyond those that are here; None unless it has all of these, too, and nothing
        rests on their sum: the file told none, and the owner has answered and asked for nothing."""
        rests = not there.is_unproven or there.answers or there.wanted_at is not None or there.state not in _UNASKED
        if rests or there.currency != payout.net.currency:
            return None
        here = {(line.line_id, line.kind, line.gross_ore, line.fee_ore) for line in self.lines(there.id)}
        lost = [line for line in payout.lines if (line.id, line.kind, line.gross.ore, line.fee.ore) not in here]
        return lost if len(payout.lines) == len(here) + len(lost) else None

    def _complete(self, there: StoredPayout, payout: Payout, lost: Sequence[PayoutLine]) -> None:
        """Adds lines behind those that are here, which keep their places and the owner's orders."""
        with self._database.transaction() as db:
            self._add_lines(there.id, payout, lost, first=there.lines + 1)
            sums = {**sums_of(payout), "lines": len(payout.lines), "orders": orders_in(payout)}
            sums["is_unproven"] = int(payout.is_unproven)
            names = ", ".join(f"{name} = ?" for name in sums)
            db.execute(f"update payouts set {names} where id = ?", [*sums.values(), there.id])

    def _add_lines(self, number: int, payout: Payout, lines: Sequence[PayoutLine], first: int = 1) -> None:
        with self._database.transaction() as db:
            rows = [line_row(number, place, payout, line) for place, line in enumerate(lines, start=first)]
            cursor = db.executemany(
                "insert or ignore into payout_lines (payout, place, row, acquirer, account, kind, line_id, gross_ore, "
                "fee_ore, net_ore, order_ref, transaction_id, at, sold_for_ore, sold_for_currency, is_sum, text, "
                "state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            if cursor.rowcount != len(rows):
                raise Refused(self._line_elsewhere(number, payout))

    def _line_elsewhere(self, number: int, payout: Payout) -> RowProblem:
        for line in payout.lines:
            row = self._database.row(
                "select p.payout from payout_lines l join payouts p on p.id = l.payout where l.acquirer = ? and "
                "l.account = ? and l.line_id = ? and l.kind = ? and l.payout != ?",
                [payout.acquirer, payout.account, line.id, line.kind, number],
            )
            if row is not None:
                text = Text("Row {row} is in payout {payout} already.", row=line.row, payout=row["payout"])
                return RowProblem(line.row, "line_in_payout", text)
        raise AssertionError("a line was left out, and is in no other payout")

    # --- asked for -----------------------------------------------------------------------------------

    def get(self, number: int) -> StoredPayout | None:
        """A payout by its row."""
        return self._one("id = ?", [number])

    def by_key(self, key: PayoutKey) -> StoredPayout | None:
        """A payout by the acquirer's own names."""
        return self._one("acquirer = ? and account = ? and payout = ?", key)

    def named(self, name: str) -> list[StoredPayout]:
        """The payouts with this id of an acquirer's, bank text or row number."""
        return self._all("payout = ? or bank_text = ? or cast(id as text) = ? order by paid_on desc", [name] * 3)

    def listed(
        self,
        *,
        states: Sequence[PayoutState] = (),
        acquirer: str = "",
        first: date | None = None,
        last: date | None = None,
        limit: int = -1,
        offset: int = 0,
    ) -> list[StoredPayout]:
        """Payouts, the newest first; `first` and `last` are days of payment, both included."""
        where, parameters = _chosen(states, acquirer, first, last)
        return self._all(f"{where} order by paid_on desc, id desc limit ? offset ?", [*parameters, limit, offset])

    def count(
        self,
        *,
        states: Sequence[PayoutState] = (),
        acquirer: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> int:
        """How many payouts there are."""
        where, parameters = _chosen(states, acquirer, first, last)
        row = self._database.row(f"select count(*) as n from payouts where {where}", parameters)
        return int(row["n"]) if row else 0

    def acquirers(self) -> list[str]:
        """The acquirers that payouts were read of."""
        return [row["acquirer"] for row in self._database.rows("select distinct acquirer from payouts order by 1")]

    def accounts(self, acquirer: str) -> list[str]:
        """The owner's accounts with an acquirer that payouts were read of."""
        rows = self._database.rows("select distinct account from payouts where acquirer = ? order by 1", [acquirer])
        return [row["account"] for row in rows]

    def lines(
        self, number: int, *, states: Sequence[LineState] = (), limit: int = -1, offset: int = 0
    ) -> list[StoredLine]:
        """A payout's lines in the file's order."""
        chosen = "and l.state in (select value from json_each(?)) " if states else ""
        rows = self._database.rows(
            f"{_SELECT_LINES} where l.payout = ? {chosen}order by l.place limit ? offset ?",
            [number, *([json.dumps(states)] if states else []), limit, offset],
        )
        return [line_of(row) for row in rows]

    def orders_of(self, numbers: Sequence[int]) -> set[str]:
        """The orders (`order_key`) that payouts have lines of."""
        rows = self._database.tuples(
            f"select distinct {order_key('l.shop', 'l.order_id')} from payout_lines l "
            "where l.payout in (select value from json_each(?)) and l.order_id != ''",
            [json.dumps(list(numbers))],
        )
        return {order for (order,) in rows}

    def lines_but(self, numbers: Sequence[int], closed: Sequence[int], orders: Sequence[str]) -> list[StoredLine]:
        """The lines of payouts; of those that are `closed` without the lines of orders that are none of `orders` (their
        `order_key`)."""
        rows = self._database.rows(
            f"{_SELECT_LINES} where l.payout in (select value from json_each(?)) and (l.order_id = '' or l.is_sum "
            f"or l.payout not in (select value from json_each(?)) or {order_key('l.shop', 'l.order_id')} in "
            "(select value from json_each(?))) order by l.payout, l.place",
            [json.dumps(numbers), json.dumps(closed), json.dumps(orders)],
        )
        return [line_of(row) for row in rows]

    def line_states(self, number: int) -> dict[LineState, int]:
        """How many lines of a payout are in each state."""
        rows = self._database.rows(
            "select state, count(*) as n from payout_lines where payout = ? group by state", [number]
        )
        return {LineState(row["state"]): row["n"] for row in rows}

    def lines_of_order(self, shop: str, order_id: str) -> list[tuple[StoredPayout, StoredLine]]:
        """Where an order was paid out or taken back, the oldest first."""
        rows = self._database.rows(f"{_SELECT_LINES} where l.shop = ? and l.order_id = ?", [shop, order_id])
        found = [(payout, line_of(row)) for row in rows if (payout := self.get(row["payout"])) is not None]
        return sorted(found, key=lambda pair: (pair[0].paid_on, pair[0].id))

    # --- what becomes of one -------------------------------------------------------------------------

    def set_state(self, number: int, state: PayoutState, reasons: Sequence[Finding] = ()) -> None:
        """Stores how far a payout is, and why."""
        self._database.change("update payouts set state = ?, reasons = ? where id = ?", [state, dumps(reasons), number])

    def answer(self, number: int, answers: Mapping[str, str | None]) -> None:
        """Stores the owner's answers to a payout's questions beside those that were given before; None takes one
        back."""
        self._database.change(
            "update payouts set answers = json_patch(answers, ?) where id = ?", [json.dumps(answers), number]
        )

    def assessed(self, payout: StoredPayout, state: PayoutState, reasons: Sequence[Finding]) -> bool:
        """Stores how a payout stands that nobody has asked for meanwhile; returns whether anything changed."""
        if (payout.state, payout.reasons) == (state, tuple(reasons)):
            return False
        changed = self._database.change(
            "update payouts set state = ?, reasons = ? where id = ? and wanted_at is null and "
            "state in (select value from json_each(?))",
            [state, dumps(reasons), payout.id, json.dumps(_UNASKED)],
        )
        return changed == 1

    def want(self, numbers: Sequence[int], *, actor: str) -> int:
        """Asks for the booking of payouts that are ready, refused or unsure; returns of how many. Asking twice is
        asking once."""
        may = [PayoutState.READY, PayoutState.REFUSED, PayoutState.UNSURE]
        return self._want(numbers, may, ItemKind.PAYOUT, actor, "")

    def want_back(self, number: int, *, reason: str, actor: str) -> bool:
        """Asks for the item that takes a booked payout back, also once more where it was refused; False when it can't
        be asked for now."""
        may = [PayoutState.BOOKED, PayoutState.REFUSED, PayoutState.UNSURE]
        return self._want([number], may, ItemKind.COUNTER, actor, reason) == 1

    def _want(self, numbers: Sequence[int], may: Sequence[PayoutState], kind: ItemKind, actor: str, reason: str) -> int:
        return self._database.change(
            "update payouts set wanted_at = ?, wanted_by = ?, wanted_kind = ?, wanted_reason = ?, state = ?, "
            "reasons = '[]' where wanted_at is null and id in (select value from json_each(?)) and "
            "state in (select value from json_each(?))",
            [
                self._database.stamp(),
                actor,
                kind,
                reason,
                PayoutState.BOOKING,
                json.dumps(list(numbers)),
                json.dumps(list(may)),
            ],
        )

    def wanted(self) -> list[StoredPayout]:
        """The payouts whose booking was asked for and has no result, in the order in which it was asked."""
        return self._all("wanted_at is not null order by wanted_at, paid_on, id", [])

    def settle(self, number: int, state: PayoutState, reasons: Sequence[Finding] = ()) -> None:
        """Stores the result of a booking that was asked for."""
        self._database.change(
            "update payouts set state = ?, reasons = ?, wanted_at = null, wanted_by = null, wanted_kind = null, "
            "wanted_reason = '' where id = ?",
            [state, dumps(reasons), number],
        )

    def mark(self) -> tuple[int | str | None, ...]:
        """Another one with each step of the history, each payout, and each line that is tied to its order."""
        row = self._database.row(
            "select (select max(id) from history) as event, count(*) as n, sum(matched) as matched, "
            "max(read_at) as at, (select max(updated_at) from ledger_items) as item from payouts"
        )
        return tuple(row.values()) if row else ()

    def _all(self, condition: str, parameters: Sequence[Any]) -> list[StoredPayout]:
        return [payout_of(row) for row in self._database.rows(f"select * from payouts where {condition}", parameters)]

    def _one(self, condition: str, parameters: Sequence[Any]) -> StoredPayout | None:
        return next(iter(self._all(condition, parameters)), None)


def _chosen(
    states: Sequence[PayoutState], acquirer: str, first: date | None, last: date | None
) -> tuple[str, list[Any]]:
    where, parameters = ["1 = 1"], list[Any]()
    if states:
        where.append("state in (select value from json_each(?))")
        parameters.append(json.dumps(states))
    for condition, value in (("acquirer = ?", acquirer), ("paid_on >= ?", first), ("paid_on <= ?", last)):
        if value:
            where.append(condition)
            parameters.append(str(value))
    return " and ".join(where), parameters
