"""Transfers and corrections that were asked for, each with its orders."""

from collections.abc import Sequence
from typing import Any

from dinero.model.documents import Action, Did, Document, Operation, OperationOrder, OrderKey, Progress, State, Step
from dinero.model.findings import Finding, dumps, loads
from dinero.store.database import Part, Row

Listed = list[Operation]  # the name of the class is hidden by the method in it


class Operations(Part):
    """Pushes and corrections by id."""

    def open(
        self,
        operation_id: str,
        orders: Sequence[tuple[str, str]],
        *,
        actor: str,
        action: Action = Action.PUSH,
        detail: str = "",
    ) -> bool:
        """Stores a push of these orders under an id made when its form was drawn.

        Another `action` than a push is a correction of what was booked; `detail` is the owner's reason for it.

        Returns False when that id is there already: a double click is one push (facts.md, rule 13).
        """
        with self._database.transaction() as db:
            cursor = db.execute(
                "insert or ignore into operations (id, actor, status, created_at, action, detail) "
                "values (?, ?, 'waiting', ?, ?, ?)",
                [operation_id, actor, self._database.stamp(), action, detail],
            )
            if cursor.rowcount != 1:
                return False
            for position, order in enumerate(dict.fromkeys(orders)):
                db.execute(
                    "insert into operation_orders (operation_id, position, shop, order_id) values (?, ?, ?, ?)",
                    [operation_id, position, *order],
                )
        return True

    def get(self, operation_id: str) -> Operation | None:
        """A push."""
        return next(iter(self._read("where p.id = ?", [operation_id])), None)

    def next(self) -> str | None:
        """The oldest push that is not finished."""
        return self._oldest(Progress.WAITING, Progress.RUNNING)

    def unfinished(self) -> str | None:
        """The oldest push that is not finished, paused ones too."""
        return self._oldest(Progress.WAITING, Progress.RUNNING, Progress.PAUSED)

    def _oldest(self, *statuses: Progress) -> str | None:
        marks = ", ".join("?" for _ in statuses)
        row = self._database.row(
            f"select id from operations where status in ({marks}) order by created_at, rowid limit 1", statuses
        )
        return row["id"] if row else None

    def list(self, *, limit: int = 20) -> Listed:
        """The latest pushes, newest first."""
        return self._read("order by p.created_at desc, p.rowid desc limit ?", [limit])

    def _read(self, condition: str, parameters: Sequence[Any]) -> Listed:
        rows = self._database.rows(
            "select p.id, p.actor, p.status, p.created_at, p.started_at, p.finished_at, p.reasons, p.calls, p.action, "
            "p.detail, (select count(*) from operation_orders r where r.operation_id = p.id) as orders, "
            "(select count(*) from operation_orders r where r.operation_id = p.id and r.state is not null) "
            f"as finished from operations p {condition}",
            parameters,
        )
        return [_operation(row) for row in rows]

    def orders_of(self, operation_id: str) -> "Results":
        """A push's orders in their order, each with its result so far."""
        return self._orders("order by r.position", [operation_id])

    def page(self, operation_id: str, *, limit: int, offset: int = 0) -> "Results":
        """Some of a push's orders: those that did not come to their end first, then in their order."""
        chosen = (
            "select rowid from operation_orders where operation_id = ? "
            "order by coalesce(state in ('done', 'credited'), 0), position limit ? offset ?"
        )
        order = "order by coalesce(r.state in ('done', 'credited'), 0), r.position"
        return self._orders(f"and r.rowid in ({chosen}) {order}", [operation_id, operation_id, limit, offset])

    def latest(self, operation_id: str, *, limit: int) -> "Results":
        """The orders of a push of which something changed last, the newest first."""
        return self._orders("and r.changed > 0 order by r.changed desc limit ?", [operation_id, limit])

    def _orders(self, condition: str, parameters: Sequence[Any]) -> "Results":
        rows = self._database.rows(
            "select r.position, r.shop, r.order_id, r.state as result, r.reasons as result_reasons, r.booked, "
            "r.paid, r.credited, o.number, o.customer, o.total_ore, o.currency, o.state, o.reasons, "
            "d.invoice_number, d.step, r.booked_ore "
            "from operation_orders r left join orders o on o.shop = r.shop and o.id = r.order_id "
            "left join documents d on d.source = r.shop and d.subject = r.order_id and d.current = 1 "
            f"where r.operation_id = ? {condition}",
            parameters,
        )
        return [_result(row) for row in rows]

    def update(
        self,
        operation_id: str,
        *,
        status: Progress | None = None,
        reasons: Sequence[Finding] | None = None,
        calls: int | None = None,
        finished: bool = False,
    ) -> None:
        """Stores what of a push has become another; that it was finished now."""
        changes = {
            "status": status,
            "reasons": None if reasons is None else dumps(reasons),
            "calls": calls,
            "finished_at": self._database.stamp() if finished else None,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        assigned = "".join(f"{name} = ?, " for name in given)
        self._database.change(
            f"update operations set {assigned}changes = changes + 1 where id = ?", [*given.values(), operation_id]
        )

    def begin(self, operation_id: str) -> None:
        """Marks a push as running from now on, for the first time or again."""
        now = self._database.stamp()
        self._database.change(
            "update operations set status = 'running', started_at = coalesce(started_at, ?), working_since = ?, "
            "done_before = (select count(*) from operation_orders r where r.operation_id = operations.id and "
            "r.state is not null), changes = changes + 1 where id = ?",
            [now, now, operation_id],
        )

    def touch(self, operation_id: str, order: OrderKey) -> None:
        """Counts that something of an order changed, for those who watch."""
        with self._database.transaction() as db:
            db.execute("update operations set changes = changes + 1 where id = ?", [operation_id])
            db.execute(
                "update operation_orders set changed = (select changes from operations where id = ?) "
                "where operation_id = ? and shop = ? and order_id = ?",
                [operation_id, operation_id, *order],
            )

    def pause(self, operation_id: str) -> None:
        """Marks a push as paused; one that is over stays so."""
        self._change_status(operation_id, Progress.PAUSED, (Progress.WAITING, Progress.RUNNING))

    def resume(self, operation_id: str) -> None:
        """Lets a paused push wait for its worker again."""
        self._change_status(operation_id, Progress.WAITING, (Progress.PAUSED,))

    def _change_status(self, operation_id: str, status: Progress, before: tuple[Progress, ...]) -> None:
        marks = ", ".join("?" for _ in before)
        self._database.change(
            f"update operations set status = ?, changes = changes + 1 where id = ? and status in ({marks})",
            [status, operation_id, *before],
        )

    def finish_order(self, operation_id: str, order: OrderKey, state: State, reasons: Sequence[Finding]) -> None:
        """Stores the result of one order of a push."""
        with self._database.transaction() as db:
            db.execute(
                "update operation_orders set state = ?, reasons = ? "
                "where operation_id = ? and shop = ? and order_id = ?",
                [state, dumps(reasons), operation_id, *order],
            )
            self.touch(operation_id, order)

    def is_busy(self, order: OrderKey) -> bool:
        """Whether a push that is not over has an order without a result."""
        return bool(
            self._database.rows(
                "select 1 from operation_orders r join operations p on p.id = r.operation_id where r.shop = ? and "
                "r.order_id = ? and r.state is null and p.status in ('waiting', 'running', 'paused')",
                order,
            )
        )

    def of(self, order: OrderKey) -> Listed:
        """All pushes that an order was in."""
        return self._read(
            "where p.id in (select operation_id from operation_orders where shop = ? and order_id = ?)", order
        )

    def reword(self, operation_id: str, detail: str) -> None:
        """Stores the owner's reason in other words."""
        self._database.change("update operations set detail = ? where id = ?", [detail, operation_id])

    def stop_all(self, reasons: Sequence[Finding]) -> None:
        """Stops every push that is not over."""
        self._database.change(
            "update operations set status = 'stopped', finished_at = ?, reasons = ?, changes = changes + 1 "
            "where status in ('waiting', 'running', 'paused')",
            [self._database.stamp(), dumps(reasons)],
        )

    def mark(self, operation_id: str, document: Document, did: Did) -> None:
        """Stores that this push booked an order's invoice or a credit note, or registered its payment: what was booked
        is summed, and the account is that of the payment, as it is now."""
        total = {Did.BOOKED: document.plan.total.ore, Did.CREDITED: -document.plan.total.ore, Did.PAID: 0}[did]
        payment = document.plan.payment
        account, name = (payment.account, payment.account_name) if payment else (None, None)
        self._database.change(
            f"update operation_orders set {did.value} = 1, booked_ore = coalesce(booked_ore, 0) + ?, currency = ?, "
            "account = coalesce(?, account), account_name = coalesce(?, account_name) "
            "where operation_id = ? and shop = ? and order_id = ?",
            [total, document.plan.total.currency, account, name, operation_id, *document.order],
        )


Results = list[OperationOrder]


def _operation(row: Row) -> Operation:
    read = {"status": Progress(row["status"]), "action": Action(row["action"]), "reasons": tuple(loads(row["reasons"]))}
    return Operation(**row | read)


def _result(row: Row) -> OperationOrder:
    read = {
        "result": State(row["result"]) if row["result"] else None,
        "result_reasons": tuple(loads(row["result_reasons"])),
        "state": State(row["state"]) if row["state"] else None,
        "reasons": tuple(loads(row["reasons"] or "[]")),
        "step": Step(row["step"]) if row["step"] else None,
        **{name: bool(row[name]) for name in ("booked", "paid", "credited")},
    }
    return OperationOrder(**row | read)
