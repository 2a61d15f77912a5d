"""What VIES said of VAT numbers: evidence, which only grows."""

from dataclasses import replace
from datetime import datetime

from dinero.model.clock import utc_text
from dinero.model.consultation import UNANSWERED, VALID, Consultation
from dinero.model.documents import ListedConsultation, OrderKey
from dinero.store.database import Part, Row


class Consultations(Part):
    """Consultations about orders' VAT numbers."""

    def add(self, order: OrderKey, consultation: Consultation) -> None:
        """Keeps what VIES said of an order's VAT number. Nothing of it is ever changed."""
        with self._database.transaction() as db:
            db.execute(
                "insert into consultations (shop, order_id, number, outcome, asked_at, consultation_number, name, "
                "requester, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *order,
                    consultation.number,
                    consultation.outcome,
                    utc_text(consultation.asked_at),
                    consultation.consultation_number,
                    consultation.name,
                    consultation.requester,
                    consultation.error,
                ],
            )

    def forget(self, order: OrderKey) -> None:
        """Removes the company's name from what VIES said about an order."""
        self._database.change(
            "update consultations set name = '' where shop = ? and order_id = ? and name != ''", order
        )

    def latest(self, order: OrderKey, number: str) -> Consultation | None:
        """The latest consultation about an order's VAT number. A yes or no is not undone by a later silence."""
        rows = self._database.rows(
            "select * from consultations where shop = ? and order_id = ? and number = ? order by id desc",
            [*order, number],
        )
        answered = next((row for row in rows if row["outcome"] != UNANSWERED), None)
        if not rows or answered is not None:
            return _consultation(answered) if answered else None
        since = datetime.fromisoformat(rows[-1]["asked_at"])
        return replace(_consultation(rows[0]), since=since, times=len(rows))

    def valid(self, number: str, *, since: datetime) -> Consultation | None:
        """The latest yes about a VAT number that VIES gave at `since` or later, for whichever order."""
        row = self._database.row(
            "select * from consultations where number = ? and asked_at >= ? and outcome = ? order by asked_at desc "
            "limit 1",
            [number, utc_text(since), VALID],
        )
        return _consultation(row) if row else None

    def since(self, moment: datetime) -> list[Consultation]:
        """All consultations at `moment` or later, in the order of time."""
        rows = self._database.rows(
            "select * from consultations where asked_at >= ? order by asked_at, id", [utc_text(moment)]
        )
        return [_consultation(row) for row in rows]

    def of(self, order: OrderKey) -> list[Consultation]:
        """All consultations about an order's VAT number, oldest first."""
        rows = self._database.rows("select * from consultations where shop = ? and order_id = ? order by id", order)
        return [_consultation(row) for row in rows]

    def between(self, first: str, last: str) -> list[ListedConsultation]:
        """All consultations about orders placed from `first` to `last` (Copenhagen dates), by order and in their order,
        with the order's number, date, customer and invoice."""
        rows = self._database.rows(
            "select c.*, o.number as order_number, o.placed_on, o.customer, d.invoice_number from consultations c "
            "cross join orders o on c.shop = o.shop and c.order_id = o.id left join documents d "
            "on d.source = o.shop and d.subject = o.id and d.current = 1 "
            "where o.placed_on between ? and ? "
            "order by o.placed_at, o.id, c.id",
            [first, last],
        )
        of_order = ("order_number", "placed_on", "customer", "invoice_number", "shop")
        return [ListedConsultation(_consultation(row), **{name: row[name] for name in of_order}) for row in rows]


def _consultation(row: Row) -> Consultation:
    told = {name: row[name] for name in ("number", "outcome", "consultation_number", "name", "requester", "error")}
    return Consultation(asked_at=datetime.fromisoformat(row["asked_at"]), **told)
