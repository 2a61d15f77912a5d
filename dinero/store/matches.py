"""Lines of payouts beside the orders that they may be of, many at once."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from dinero.model.documents import Event, OrderKey
from dinero.model.money import DKK
from dinero.model.payouts import Movement
from dinero.model.settlements import LineState
from dinero.store.database import Database, Part
from dinero.store.history import History

BY_OWNER = "owner"  # `matched_by` of a line whose order the owner chose
MANY = 5000  # orders: if more than that changed, all lines are looked at
_KINDS = "('sale', 'refund', 'chargeback', 'chargeback_returned')"
_OPEN = "l.state not in ('matched', 'none', 'sum')"
_LINES = (
    "select l.payout, l.place, l.kind, l.gross_ore, l.order_ref, l.shop, l.order_id, l.matched_by, l.state, "
    "l.registered_ore, l.sold_for_ore, l.sold_for_currency, l.acquirer, l.account, p.payout, p.paid_on, p.currency, "
    "p.state in ('booking', 'unsure', 'in ledger', 'booked') "
)
_OF_ONE = f"l.is_sum = 0 and l.kind in {_KINDS}"


# What is registered of documents in another currency: in that, and on which account.
_FOREIGN = (
    "select d.guid, json_extract(d.plan, '$.payment.amount.ore'), coalesce(d.deposit_account, "
    "json_extract(d.plan, '$.payment.account')) from json_each(?) g cross join documents d on d.guid = g.value "
    "where d.payment_guid is not null and d.plan ->> '$.payment' is not null"
)


class LineToMatch(NamedTuple):
    """A line that is one order's, with what is stored of its match; kind and state are the words of Movement and
    LineState. `payout_name` is the acquirer's id of the payout, `paid_on` a Copenhagen date (ISO)."""

    payout: int
    place: int
    kind: str
    gross_ore: int
    order_ref: str
    shop: str
    order_id: str
    matched_by: str
    state: str
    registered_ore: int | None
    sold_for_ore: int | None
    sold_for_currency: str
    acquirer: str
    account: str
    payout_name: str
    paid_on: str
    currency: str
    is_posted: int  # 0 or 1: whether its payout was booked, or is about to be

    @property
    def order(self) -> OrderKey | None:
        """The order that it is of, as far as that is known."""
        return OrderKey(self.shop, self.order_id) if self.order_id else None


class PaidOut(NamedTuple):
    """A payout that an order is in: its row, the acquirer's id, the text that the bank shows (or its id), and its
    Copenhagen day."""

    payout: int
    id: str
    name: str
    on: date


class Candidate(NamedTuple):
    """An order that a reference may mean. `credit_of` is what a return names as its order."""

    order: OrderKey
    number: str
    credit_of: str


class RegisteredDocument(NamedTuple):
    """A document of an order with what is registered of it from here. `account` is None where nothing is; `ore` is in
    kroner (None: not known), `amount_ore` in the document's currency; a refund's are below 0."""

    order: OrderKey
    guid: str
    is_credit: int  # 0 or 1
    credit_for: str | None
    account: int | None
    ore: int | None
    currency: str
    amount_ore: int | None


class Likely(NamedTuple):
    """An order that is in no payout, with the Copenhagen dates (ISO) on which it was placed and, as far as its invoice
    tells, paid."""

    order: OrderKey
    placed_on: str
    paid_on: str | None


class Match(NamedTuple):
    """What a line's match becomes; `before` is who matched it when it was read."""

    shop: str
    order_id: str
    matched_by: str
    state: LineState
    registered_ore: int | None
    payout: int
    place: int
    before: str


class Matches(Part):
    """Which order each line is of, and what is registered of it."""

    def __init__(self, database: Database, history: History) -> None:
        super().__init__(database)
        self._history = history

    # --- lines ---------------------------------------------------------------------------------------

    def lines(self, payouts: Sequence[int] | None = None) -> list[LineToMatch]:
        """The lines of payouts, or of all."""
        if payouts is None:
            return self._lines(f"from payouts p join payout_lines l on l.payout = p.id where {_OF_ONE}")
        return self._lines(
            f"from json_each(?) n join payouts p on p.id = n.value join payout_lines l on l.payout = p.id "
            f"where {_OF_ONE}",
            payouts,
        )

    def lines_of(self, orders: Iterable[OrderKey]) -> list[LineToMatch]:
        """The lines that are known as these orders'."""
        return self._lines(
            "from json_each(?) k join payout_lines l on l.order_id != '' and l.shop = k.value ->> 0 and "
            f"l.order_id = k.value ->> 1 join payouts p on p.id = l.payout where {_OF_ONE}",
            list(orders),
        )

    def lines_to_see_to(self, since: int) -> list[LineToMatch]:
        """The lines that are not settled, and those that may be of an order of which the history has told something
        since its row `since`."""
        touched = self._database.tuples(
            "select distinct h.shop, h.order_id, o.number from history h join orders o on o.shop = h.shop and "
            "o.id = h.order_id where h.id > ? limit ?",
            [since, MANY + 1],
        )
        if len(touched) > MANY:
            return self.lines()
        found = self._lines(
            "from payouts p cross join payout_lines l on l.payout = p.id where p.matched < p.orders and "
            f"{_OPEN} and {_OF_ONE}"
        )
        found += self.lines_of(OrderKey(shop, order) for shop, order, _ in touched)
        found += self._lines(
            "from json_each(?) r join payout_lines l on l.order_ref != '' and l.order_ref = r.value "
            f"join payouts p on p.id = l.payout where {_OF_ONE}",
            sorted({name for _, *names in touched for name in names if name}),
        )
        return list({(line.payout, line.place): line for line in found}.values())

    def line(self, payout: int, place: int) -> LineToMatch | None:
        """One line that is one order's."""
        found = self._lines(
            "from payout_lines l join payouts p on p.id = l.payout where l.payout = json_extract(?, '$[0]') and "
            f"l.place = {int(place)} and {_OF_ONE}",
            [payout],
        )
        return next(iter(found), None)

    def _lines(self, rest: str, values: Sequence[Any] | None = None) -> list[LineToMatch]:
        rows = self._database.tuples(_LINES + rest, [json.dumps(list(values))] if values is not None else [])
        return [*map(LineToMatch._make, rows)]

    # --- orders --------------------------------------------------------------------------------------

    def by_number(self, numbers: Iterable[str]) -> dict[str, OrderKey | None]:
        """The order with each of these numbers; None for one that several orders have."""
        found: dict[str, OrderKey | None] = {}
        for number, shop, order in self._database.tuples(
            "select r.value, o.shop, o.id from json_each(?) r cross join orders o on o.number = r.value",
            [json.dumps(list(numbers))],
        ):
            found[number] = None if number in found else OrderKey(shop, order)
        return found

    def all_by_number(self, numbers: Iterable[str]) -> dict[str, list[Candidate]]:
        """All orders with these numbers."""
        return self._candidates("join orders o on o.number = r.value", numbers)

    def by_id(self, ids: Iterable[str]) -> dict[str, list[Candidate]]:
        """The orders with these ids of their shops."""
        wanted = list(ids)
        if not wanted:
            return {}
        return self._candidates(
            "join (select distinct shop from orders) s join orders o on o.shop = s.shop and o.id = r.value", wanted
        )

    def are_of_several_shops(self) -> bool:
        """Whether there are orders of more than one shop."""
        row = self._database.row("select (select min(shop) from orders) < (select max(shop) from orders) as several")
        return bool(row and row["several"])

    def _candidates(self, joined: str, references: Iterable[str]) -> dict[str, list[Candidate]]:
        found: dict[str, list[Candidate]] = {}
        for reference, shop, order, number, credit_of in self._database.tuples(
            "select r.value, o.shop, o.id, o.number, iif(o.total_ore < 0, o.credit_of, '') "
            f"from json_each(?) r cross {joined}",
            [json.dumps(list(references))],
        ):
            found.setdefault(reference, []).append(Candidate(OrderKey(shop, order), number, credit_of))
        return found

    def registered(self, orders: Iterable[OrderKey]) -> list[RegisteredDocument]:
        """The documents of orders with what is registered of them."""
        found = []
        for shop, ids in _by_shop(orders).items():
            rows = self._database.tuples(
                "select d.subject, d.guid, d.kind = 'credit note', d.credit_for, d.deposit_account, d.deposit_ore, "
                "d.currency from json_each(?) k cross join documents d indexed by documents_of_orders "
                "on d.source = ? and d.subject = k.value",
                [json.dumps(ids), shop],
            )
            found += [
                RegisteredDocument(OrderKey(shop, order), guid, is_credit, credit_for, account, ore, currency, ore)
                for order, guid, is_credit, credit_for, account, ore, currency in rows
            ]
        foreign = [document.guid for document in found if document.currency != DKK]
        if not foreign:
            return found
        amounts = {guid: told for guid, *told in self._database.tuples(_FOREIGN, [json.dumps(foreign)])}
        return [
            document._replace(amount_ore=amount, account=account)
            for document in found
            for amount, account in [amounts.get(document.guid, (document.ore, document.account))]
        ]

    def credit_notes(self, invoices: Iterable[str]) -> list[OrderKey]:
        """The orders whose credit notes take back these invoices (Guids)."""
        rows = self._database.tuples(
            "select distinct d.source, d.subject from json_each(?) g cross join documents d on d.credit_for = g.value",
            [json.dumps(list(invoices))],
        )
        return [OrderKey(*row) for row in rows]

    def invoiced(self, invoices: Iterable[str]) -> list[OrderKey]:
        """The orders whose invoices these are (Guids)."""
        rows = self._database.tuples(
            "select d.source, d.subject from json_each(?) g cross join documents d on d.guid = g.value",
            [json.dumps(list(invoices))],
        )
        return [OrderKey(*row) for row in rows]

    def likely(
        self, ore: int, currency: str, methods: Sequence[str], placed: tuple[str, str], *, limit: int
    ) -> list[Likely]:
        """The orders of this total, one of these ways to pay (or any), placed between two Copenhagen dates (ISO, both
        included), that are in no payout."""
        rows = self._database.tuples(
            "select o.shop, o.id, o.placed_on, (select json_extract(d.plan, '$.payment.on') from documents d "
            "where d.source = o.shop and d.subject = o.id and d.current = 1) from orders o "
            "where o.placed_on between ? and ? and o.total_ore = ? and o.currency = ? "
            "and (? = '[]' or o.payment_method in (select value from json_each(?))) "
            "and not exists (select 1 from payout_lines l where l.order_id != '' and l.shop = o.shop "
            "and l.order_id = o.id) order by o.placed_on, o.id limit ?",
            [*placed, ore, currency, *[json.dumps(list(methods))] * 2, limit],
        )
        return [Likely(OrderKey(shop, order), placed_on, paid_on) for shop, order, placed_on, paid_on in rows]

    # --- what becomes of them ------------------------------------------------------------------------

    def save(self, matches: Sequence[Match]) -> None:
        """Stores matches, but for lines whose order the owner has chosen since they were read, and counts anew how many
        lines of their payouts fit: by that the payouts are told that have others."""
        with self._database.transaction() as db:
            db.executemany(
                "update payout_lines set shop = ?, order_id = ?, matched_by = ?, state = ?, registered_ore = ? "
                "where payout = ? and place = ? and matched_by = ?",
                matches,
            )
            self._recount({match.payout for match in matches})

    def choose(self, payout: int, place: int, order: OrderKey | None, event: Event) -> None:
        """Remembers the owner's order of a line; None leaves it to its reference again."""
        shop, order_id = order or ("", "")
        with self._database.transaction() as db:
            db.execute(
                "update payout_lines set shop = ?, order_id = ?, matched_by = ?, state = 'no order', "
                "registered_ore = null where payout = ? and place = ?",
                [shop, order_id, BY_OWNER if order else "", payout, place],
            )
            self._recount([payout])
            self._history.add(event)

    def paid_out(self, orders: Iterable[OrderKey], last: date) -> dict[tuple[OrderKey, Movement], PaidOut]:
        """The last payout, up to the day `last`, that each order's sale, refund or chargeback is in."""
        rows = self._database.tuples(
            "select l.shop, l.order_id, l.kind, p.id, p.payout, iif(p.bank_text = '', p.payout, p.bank_text), "
            "p.paid_on from json_each(?) k cross join payout_lines l on l.shop = k.value ->> 0 and "
            "l.order_id = k.value ->> 1 join payouts p on p.id = l.payout where l.order_id != '' and p.paid_on <= ? "
            "order by p.paid_on, p.id",
            [json.dumps(sorted(set(orders))), last.isoformat()],
        )
        return {
            (OrderKey(shop, order), Movement(kind)): PaidOut(payout, own_id, name, date.fromisoformat(on))
            for shop, order, kind, payout, own_id, name, on in rows
        }

    def _recount(self, payouts: Iterable[int]) -> None:
        self._database.change(
            "update payouts set matched = (select count(*) from payout_lines l where l.payout = payouts.id and "
            "l.state = 'matched') where id in (select value from json_each(?))",
            [json.dumps([*payouts])],
        )

    def newest_event(self) -> int:
        """The newest row of the history, 0 without any."""
        row = self._database.row("select max(id) as id from history")
        return int(row["id"] or 0) if row else 0

    def unknown_values(self) -> int:
        """How many payments in another currency there are whose kroner are not known."""
        row = self._database.row(
            "select count(*) as n from documents where payment_guid is not null and deposit_account is null"
        )
        return int(row["n"]) if row else 0

    def newest_payout(self) -> int:
        """The payout that was read last, 0 without any."""
        row = self._database.row("select max(id) as id from payouts")
        return int(row["id"] or 0) if row else 0


def _by_shop(orders: Iterable[OrderKey]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for shop, order in orders:
        found.setdefault(shop, []).append(order)
    return found
