"""What acquirers kept of the sales that they paid out, and how long they took, summed by SQL."""

from typing import NamedTuple

from dinero.model.money import DKK
from dinero.store.database import Part

# Payouts whose fees are kept from the payout itself; without any, they come with an invoice or by themselves.
_MEASURED = "p.paid_on >= ? and p.is_gross = 0 and p.fees_ore != 0 and p.currency = ?"


class PaidOut(NamedTuple):
    """Sales of a payout by one of the shop's ways to pay: how many, their sum and the fees of their own lines (below
    0), in øre; and of the whole payout what it sold and all of its fees."""

    acquirer: str
    method: str
    sales: int
    gross_ore: int
    fee_ore: int
    sold_ore: int
    fees_ore: int


class Kept(NamedTuple):
    """What an acquirer sold and kept (below 0), in øre, in how many payouts."""

    acquirer: str
    payouts: int
    sold_ore: int
    fees_ore: int


class Delay(NamedTuple):
    """When a sale was made or, where `at` (UTC, ISO) is "", registered as paid (a Copenhagen date), and paid out; or
    from which to which day the sales were that a payout is of."""

    paid_on: str
    at: str
    registered_on: str
    first_day: str
    last_day: str


class Fees(Part):
    """Measured figures of payouts."""

    def token(self) -> list[int]:
        """What changes when a payout is read or a line finds its order."""
        row = self._database.row("select coalesce(max(id), 0) as n, coalesce(sum(matched), 0) as m from payouts")
        return [row["n"], row["m"]] if row else [0, 0]

    def by_method(self, first: str) -> list[PaidOut]:
        """The sales with their orders in payouts since a Copenhagen date (ISO), by payout and way to pay."""
        rows = self._database.tuples(
            "select p.acquirer, o.payment_method, count(*), sum(l.gross_ore), sum(l.fee_ore), p.sold_ore, p.fees_ore "
            "from payouts p join payout_lines l on l.payout = p.id join orders o on o.shop = l.shop and "
            f"o.id = l.order_id where {_MEASURED} and l.kind = 'sale' and l.is_sum = 0 and l.state = 'matched' "
            "group by p.id, o.payment_method",
            [first, DKK],
        )
        return [*map(PaidOut._make, rows)]

    def first_days(self, first: str) -> dict[str, str]:
        """The ways to pay of the orders in payouts since a Copenhagen date (ISO), each with the first day whose sales
        were paid out."""
        return dict(
            self._database.tuples(
                "select o.payment_method, min(coalesce(p.first_day, substr(l.at, 1, 10), o.placed_on, p.paid_on)) "
                "from payouts p join payout_lines l on l.payout = p.id "
                "join orders o on o.shop = l.shop and o.id = l.order_id where p.paid_on >= ? and l.kind = 'sale' "
                "and l.state = 'matched' group by o.payment_method",
                [first],
            )
        )

    def by_acquirer(self, first: str) -> list[Kept]:
        """What acquirers kept in payouts since a Copenhagen date (ISO)."""
        rows = self._database.tuples(
            "select p.acquirer, count(*), sum(p.sold_ore), sum(p.fees_ore) from payouts p "
            f"where {_MEASURED} group by p.acquirer",
            [first, DKK],
        )
        return [*map(Kept._make, rows)]

    def delays(self, acquirer: str, *, limit: int) -> list[Delay]:
        """The newest sales of an acquirer that were paid out, at most `limit`."""
        rows = self._database.tuples(
            "select p.paid_on, coalesce(l.at, ''), coalesce(iif(l.at is null, (select json_extract(d.plan, "
            "'$.payment.on') from documents d where d.source = l.shop and d.subject = l.order_id and d.current = 1), "
            "''), ''), iif(l.is_sum, coalesce(p.first_day, ''), ''), iif(l.is_sum, coalesce(p.last_day, ''), '') "
            "from payouts p indexed by payouts_by_day cross join payout_lines l on l.payout = p.id "
            "where p.acquirer = ? and l.kind = 'sale' and (l.at is not null or l.state = 'matched' or l.is_sum = 1) "
            "order by p.paid_on desc, p.id desc limit ?",
            [acquirer, limit],
        )
        return [*map(Delay._make, rows)]
