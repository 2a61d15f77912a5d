"""Transfers and corrections that were asked for, each with its orders."""

from collections.abc import Sequence
from typing import Any

from dinero.store.database import Part, Row, Rows


class Operations(Part):
    """Pushes and corrections by id."""

    def open(
        self,
        operation_id: str,
        orders: Sequence[tuple[str, str]],
        *,
        actor: str,
        action: str = "push",
        detail: str = "",
    ) -> bool:
        """Stores a push of these (shop, order id) under an id made when its form was drawn.

        Another `action` than "push" is a correction of what was booked; `detail` is the owner's reason for it.

        Returns False when that id is there already: a double click is one push (DESIGN rule 13).
        """
        with self._database.transaction() as db:
            cursor = db.execute(
                "insert or ignore into operations (id, actor, status, created_at, action, detail) "
                "values (?, ?, 'waiting', ?, ?, ?)",
                [operation_id, actor, self._database.stamp(), action, detail],
            )
            if cursor.rowcount != 1:
                return False
            for position, (shop, order_id) in enumerate(dict.fromkeys(orders)):
                db.execute(
                    "insert into operation_orders (operation_id, position, shop, order_id) values (?, ?, ?, ?)",
                    [operation_id, position, shop, order_id],
                )
        return True

    def get(self, operation_id: str) -> Row | None:
        """A push."""
        return self._database.row("select * from operations where id = ?", [operation_id])

    def next(self) -> str | None:
        """The oldest push that is not finished."""
        return self._oldest("waiting", "running")

    def unfinished(self) -> str | None:
        """The oldest push that is not finished, paused ones too."""
        return self._oldest("waiting", "running", "paused")

    def _oldest(self, *statuses: str) -> str | None:
        marks = ", ".join("?" for _ in statuses)
        row = self._database.row(
            f"select id from operations where status in ({marks}) order by created_at, rowid limit 1", statuses
        )
        return row["id"] if row else None

    def list(self, *, limit: int = 20) -> Rows:
        """The latest pushes, newest first."""
        return self._database.rows(
            "select p.*, (select count(*) from operation_orders r where r.operation_id = p.id) as orders, "
            "(select count(*) from operation_orders r where r.operation_id = p.id and r.state is not null) "
            "as finished from operations p order by p.created_at desc, p.rowid desc limit ?",
            [limit],
        )

    def orders_of(self, operation_id: str) -> Rows:
        """A push's orders in their order, each with its result so far."""
        return self._database.rows(
            "select r.position, r.shop, r.order_id, r.state as result, r.reasons as result_reasons, r.booked, "
            "r.paid, r.credited, o.number, o.customer, o.total_ore, o.currency, o.state, o.reasons, "
            "d.invoice_number, d.step "
            "from operation_orders r left join orders o on o.shop = r.shop and o.id = r.order_id "
            "left join documents d on d.shop = r.shop and d.order_id = r.order_id and d.current = 1 "
            "where r.operation_id = ? order by r.position",
            [operation_id],
        )

    def update(self, operation_id: str, **changes: Any) -> None:
        """Stores a push's status, reason (JSON of texts), calls or times."""
        for name in ("started_at", "finished_at"):
            if changes.get(name) is True:
                changes[name] = self._database.stamp()
        assigned = ", ".join(f"{name} = ?" for name in changes)
        with self._database.transaction() as db:
            db.execute(f"update operations set {assigned} where id = ?", [*changes.values(), operation_id])

    def pause(self, operation_id: str) -> None:
        """Marks a push as paused; one that is over stays so."""
        self._change_status(operation_id, "paused", ("waiting", "running"))

    def resume(self, operation_id: str) -> None:
        """Lets a paused push wait for its worker again."""
        self._change_status(operation_id, "waiting", ("paused",))

    def _change_status(self, operation_id: str, status: str, before: tuple[str, ...]) -> None:
        marks = ", ".join("?" for _ in before)
        with self._database.transaction() as db:
            db.execute(
                f"update operations set status = ? where id = ? and status in ({marks})",
                [status, operation_id, *before],
            )

    def finish_order(self, operation_id: str, shop: str, order_id: str, state: str, reasons: str) -> None:
        """Stores the result of one order of a push."""
        with self._database.transaction() as db:
            db.execute(
                "update operation_orders set state = ?, reasons = ? where operation_id = ? and shop = ? "
                "and order_id = ?",
                [state, reasons, operation_id, shop, order_id],
            )

    def mark(
        self,
        operation_id: str,
        shop: str,
        order_id: str,
        *,
        booked: bool = False,
        paid: bool = False,
        credited: bool = False,
    ) -> None:
        """Stores that this push booked an order's invoice, registered its payment, or booked a credit note."""
        with self._database.transaction() as db:
            db.execute(
                "update operation_orders set booked = max(booked, ?), paid = max(paid, ?), credited = max(credited, ?) "
                "where operation_id = ? and shop = ? and order_id = ?",
                [int(booked), int(paid), int(credited), operation_id, shop, order_id],
            )
