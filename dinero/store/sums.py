"""Counts and sums of orders: for lists, the overview, and VAT in the EU."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dinero.model.clock import utc_text
from dinero.model.documents import OrderSum, State, StoredOrder
from dinero.model.money import DKK
from dinero.store.database import Part
from dinero.store.search import ORDERS, order_filter, stored_order

_COUNTED = "count(*) as n, coalesce(sum(total_ore < 0), 0) as credit_notes, coalesce(sum(total_ore), 0) as ore"
_BY_SHOP = "select shop, count(*) as n from orders group by shop"
METHODS_SHOWN = 30  # payment methods that the set-up lists, the most used first


class Sums(Part):
    """Figures that SQL makes alone."""

    def by_day(self, first: str, last: str) -> list[OrderSum]:
        """Orders placed from `first` to `last` (Copenhagen dates): day, state, currency, count `n` and sum `ore`."""
        return self._summed(
            f"select placed_on as day, state, currency, {_COUNTED} from orders "
            "where placed_on between ? and ? group by placed_on, state, currency",
            [first, last],
        )

    def by_state(self, states: Sequence[str] = (), *, shop: str = "") -> list[OrderSum]:
        """For each state (of `states`, if there are any) and currency: how many orders (`n`), and their sum (`ore`); of
        one shop, where it is named."""
        where, parameters = order_filter(states, "", shop=shop)
        return self._summed(
            f"select state, currency, {_COUNTED} from orders o{where} group by state, currency",
            parameters,
        )

    def by_shop(self) -> dict[str, int]:
        """How many orders there are of each shop."""
        return {row["shop"]: row["n"] for row in self._database.rows(_BY_SHOP)}

    def state_counts(self) -> dict[str, tuple[int, int]]:
        """For each state: how many orders, and their sum in øre (DKK orders only)."""
        found: dict[str, tuple[int, int]] = {}
        for row in self.by_state():
            n, ore = found.get(row.state or "", (0, 0))
            found[row.state or ""] = (n + row.n, ore + (row.ore if row.currency == DKK else 0))
        return found

    def transfers_by_day(self, first: str, last: str) -> list[OrderSum]:
        """Orders that became done from `first` to `last` (Copenhagen dates) and still are: day, currency, count `n` and
        sum in øre. An order whose invoice was taken back is not among them."""
        return self._summed(
            f"select done_on as day, currency, {_COUNTED} from orders "
            "indexed by orders_by_done where done_on between ? and ? and state = 'done' group by done_on, currency",
            [first, last],
        )

    def transfers_by_method(self, first: str, last: str) -> list[OrderSum]:
        """The same by payment method: payment_method, currency, `n` and `ore`."""
        return self._summed(
            f"select payment_method, currency, {_COUNTED} from orders "
            "indexed by orders_by_done where done_on between ? and ? and state = 'done' "
            "group by payment_method, currency",
            [first, last],
        )

    def transfers_by_shop(self, first: str, last: str) -> dict[str, dict[str, int]]:
        """What these orders come to for each shop: by its name, and by currency in øre."""
        found: dict[str, dict[str, int]] = {}
        for shop, currency, ore in self._database.tuples(
            "select shop, currency, coalesce(sum(total_ore), 0) from orders indexed by orders_by_done "
            "where done_on between ? and ? and state = 'done' group by shop, currency order by shop, currency",
            [first, last],
        ):
            found.setdefault(shop, {})[currency] = ore
        return found

    def unregistered_by_method(self, first: str, last: str) -> list[OrderSum]:
        """Those of these orders of which no payment was registered from here, because the customer pays an invoice:
        payment_method, currency, `n` and `ore`."""
        return self._summed(
            "select o.payment_method, o.currency, count(*) as n, sum(o.total_ore < 0) as credit_notes, "
            "sum(o.total_ore) as ore from documents d indexed by documents_without_payment "
            "cross join orders o on o.shop = d.source and o.id = d.subject "
            "where d.deposit_account is null and d.current = 1 and d.step = 'done' "
            "and o.done_on between ? and ? and o.state = 'done' group by o.payment_method, o.currency",
            [first, last],
        )

    def documents(self, first: str, last: str) -> list[OrderSum]:
        """Documents that are booked and dated from `first` to `last` (Copenhagen dates), whenever that was done:
        currency, count `n`, credit notes among them, and sum in øre, credit notes taken off."""
        return self._summed(
            "select currency, count(*) as n, sum(kind = 'credit note') as credit_notes, "
            "sum(iif(kind = 'credit note', -total_ore, total_ore)) as ore from documents indexed by documents_by_day "
            "where issued_on between ? and ? and step in ('booked', 'settling', 'done') group by currency",
            [first, last],
        )

    def _summed(self, sql: str, parameters: Sequence[Any]) -> list[OrderSum]:
        rows = self._database.rows(sql, parameters)
        return [OrderSum(**row | ({"state": State(row["state"])} if "state" in row else {})) for row in rows]

    def seen_since(self, moment: datetime) -> int:
        """How many orders were read for the first time at `moment` or later."""
        row = self._database.row("select count(*) as n from orders where first_seen_at >= ?", [utc_text(moment)])
        return int(row["n"]) if row else 0

    def has_orders(self) -> bool:
        """Whether any order was read."""
        return bool(self._database.rows("select 1 from orders limit 1"))

    def deposits(self, account: int) -> int:
        """The sum of what was registered from here on a deposit account, refunds taken off, in øre of kroner."""
        row = self._database.row(
            "select coalesce(sum(deposit_ore), 0) as ore from documents where deposit_account = ?", [account]
        )
        return int(row["ore"]) if row else 0

    def payment_methods(self, *, shop: str = "", limit: int = METHODS_SHOWN) -> list[str]:
        """The payment methods that orders name, of all shops or of one, the most used first."""
        of_shop, parameters = (" where shop = ?", [shop, limit]) if shop else ("", [limit])
        rows = self._database.rows(
            f"select payment_method from orders{of_shop} group by payment_method order by count(*) desc limit ?",
            parameters,
        )
        return [row["payment_method"] for row in rows]

    def payment_titles(self, methods: Sequence[str], *, shop: str = "") -> dict[str, str]:
        """What the customer reads of these payment methods, where it is another name, as the order read last tells."""
        of_shop = " and shop = ?" if shop else ""
        newest = f"select payment_title from orders where payment_method = ?{of_shop} order by rowid desc limit 50"
        found = {}
        for method in methods:
            row = self._database.row(
                f"select payment_title from ({newest}) where payment_title != '' limit 1",
                [method, shop] if shop else [method],
            )
            if row is not None:
                found[method] = row["payment_title"]
        return found

    def eu_limit_passed(self, limit: int, *, year: int, elsewhere: int) -> dict[int, tuple[str, str]]:
        """For each Copenhagen year, the first order (placed_at, id) that took the year's sales to EU consumers above
        `limit` øre; in `year`, `elsewhere` øre were sold that no order here tells of."""
        rows = self._database.rows(
            "select year, placed_at, id from (select cast(substr(placed_on, 1, 4) as integer) as year, placed_at, id, "
            "sum(eu_net_ore) over (partition by substr(placed_on, 1, 4) order by placed_at, id) as sold from orders "
            "where eu_net_ore is not null and placed_at is not null) "
            "where sold + case when year = ? then ? else 0 end > ? order by placed_at desc, id desc",
            [year, elsewhere, limit],
        )
        return {row["year"]: (row["placed_at"], row["id"]) for row in rows}

    def eu_sales(self, year: int) -> int:
        """The year's sales to EU consumers in øre without VAT."""
        row = self._database.row(
            "select coalesce(sum(eu_net_ore), 0) as ore from orders "
            "indexed by orders_by_eu_sales where eu_net_ore is not null "
            "and placed_on between ? and ?",
            [f"{year}-01-01", f"{year}-12-31"],
        )
        return int(row["ore"]) if row else 0

    def oss(self, first: str, last: str) -> list[StoredOrder]:
        """All sales and returns with another EU country's VAT, placed from `first` to `last` (Copenhagen dates), by
        country, the oldest first. What was cancelled or never paid is no sale (unless it is booked), nor is what the
        owner left out or what was taken back."""
        return [order for order, counted in self._with_oss_vat(first, last) if counted]

    def oss_not_counted(self, first: str, last: str) -> list[StoredOrder]:
        """The other orders with another EU country's VAT of these days, which are no sales (or no longer)."""
        return [order for order, counted in self._with_oss_vat(first, last) if not counted]

    def _with_oss_vat(self, first: str, last: str) -> list[tuple[StoredOrder, bool]]:
        counted = (
            "o.ignored_reason is null and o.state != 'credited' and (coalesce(d.step, '') in ('booked', 'settling', "
            "'done') or (coalesce(o.cancelled, 0) = 0 and (o.paid = 1 or coalesce(o.total_ore, 0) < 0)))"
        )
        rows = self._database.tuples(
            ORDERS.replace("select", f"select {counted},", 1)
            + " where o.zone = 'oss' and o.placed_on between ? and ? order by o.country, o.placed_at, o.id",
            [first, last],
        )
        return [(stored_order(row), bool(counted)) for counted, *row in rows]
