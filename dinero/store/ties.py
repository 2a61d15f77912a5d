"""Which sales, postings and lines of payouts are each other's beyond doubt, and which are left to be looked at. There
may be a hundred thousand of each, so the database compares them, and only what is left is handed on."""

import json
from collections.abc import Sequence
from datetime import date

from dinero.store.database import Part
from dinero.store.keys import ENTRIES, ORDER, REGISTERED, SHOP, order_key

Key = tuple[str, int, str]  # what a sale and its posting have in common: day, øre, and the invoice's number


class Ties(Part):
    """Sales of an account with its postings and its payouts' lines."""

    def in_doubt(self, organization: str, account: int) -> list[Key]:
        """All that a sale or a posting (but what years began with) has that may not be tied by that alone: it is not
        exactly one sale's and one posting's, or the voucher has other postings too."""
        return self._database.tuples(
            f"select day, ore, number from (select d.deposit_on as day, d.deposit_ore as ore, "
            f"coalesce(d.invoice_number, '') as number, 1 as sale {REGISTERED} "
            f"union all select e.day, e.ore, e.voucher_number, 0 {ENTRIES}) "
            "group by day, ore, number having count(*) != 2 or sum(sale) != 1 "
            f"union select e.day, e.ore, e.voucher_number {ENTRIES} and e.voucher_guid in (select e.voucher_guid "
            f"{ENTRIES} and e.voucher_guid != '' group by e.voucher_guid having count(*) > 1)",
            {"organization": organization, "account": account},
        )

    def open_orders(self, organization: str, account: int, last: date, payouts: Sequence[int]) -> list[str]:
        """The orders (`order_key`) of which something may be left once these payouts are settled: all but those of
        which each sale or refund up to the day `last` is a line's, and each line is one's, to the øre and alone."""
        own = "l.is_sum or l.sold_for_currency != '' or l.kind not in ('sale', 'refund')"
        rows = self._database.tuples(
            f"select distinct {order_key('shop', 'number')} from (select {SHOP} as shop, {ORDER} as number, "
            f"d.deposit_ore as ore, 1 as sale {REGISTERED} and d.deposit_on <= :last "
            f"union all select l.shop, l.order_id, iif({own}, null, l.gross_ore), 0 from payout_lines l "
            "where l.payout in (select value from json_each(:payouts)) and l.order_id != '') "
            "group by shop, number, ore having count(*) != 2 or sum(sale) != 1",
            {
                "organization": organization,
                "account": account,
                "last": last.isoformat(),
                "payouts": json.dumps(list(payouts)),
            },
        )
        return [order for (order,) in rows]
