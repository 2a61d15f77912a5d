"""What was registered from here on booking accounts: sales, and refunds below 0."""

import json
from collections.abc import Sequence
from datetime import date

from dinero.model.documents import Document, OrderKey
from dinero.model.settlements import Registered
from dinero.store.database import Part, Row
from dinero.store.keys import line_key, order_key, tie_key

# What is registered is read from an index alone, which has this condition.
_REGISTERED = "d.payment_guid is not null and d.deposit_account is not null and d.deposit_on is not null"


class RegisteredSales(Part):
    """Payments of documents whose amount in kroner is known."""

    def keys(self, organization: str, account: int, last: date) -> list[tuple[str, str, str, str]]:
        """All on an account, each as texts that are compared whole, because there may be many: what its posting has in
        common with it (`tie_key`), its document's Guid, its order (`order_key`), and what a payout's line has in common
        with it (`line_key`; "" for what is dated after `last`)."""
        return self._database.tuples(
            f"select {tie_key('d.deposit_on', 'd.deposit_ore', 'd.invoice_number')}, d.guid, "
            f"{order_key('d.source', 'd.subject')}, iif(d.deposit_on <= ?, "
            f"{line_key('d.source', 'd.subject', 'd.deposit_ore')}, '') "
            "from documents d indexed by documents_registered_by_day where d.organization = ? and "
            f"d.deposit_account = ? and {_REGISTERED}",
            [last.isoformat(), organization, account],
        )

    def methods(self, organization: str, account: int) -> dict[str, str]:
        """The ways to pay of the orders that anything is registered of on an account, by `order_key`."""
        rows = self._database.tuples(
            f"select {order_key('d.source', 'd.subject')}, o.payment_method from documents d "
            "indexed by documents_registered_by_day join orders o on o.shop = d.source and o.id = d.subject "
            f"where d.organization = ? and d.deposit_account = ? and {_REGISTERED}",
            [organization, account],
        )
        return dict(rows)

    def of(self, guids: Sequence[str]) -> list[Registered]:
        """What was registered of these documents."""
        rows = self._database.rows(
            "select d.guid, d.payment_guid, coalesce(d.invoice_number, '') as number, d.source, d.subject, "
            "coalesce(o.number, '') as order_number, coalesce(o.payment_method, '') as method, d.deposit_account, "
            "d.deposit_ore, d.deposit_on, d.kind, coalesce(d.credit_for, '') as invoice_guid, "
            "coalesce(i.invoice_number, '') as invoice_number, d.updated_at from documents d "
            "left join orders o on o.shop = d.source and o.id = d.subject "
            "left join documents i on i.guid = d.credit_for "
            f"where d.guid in (select value from json_each(?)) and {_REGISTERED} order by d.deposit_on, d.id",
            [json.dumps(guids)],
        )
        return [_registered(row) for row in rows]

    def first_day(self, organization: str, account: int | None = None) -> date | None:
        """The first day on which anything was registered, on an account or on any."""
        chosen = "and d.deposit_account = ? " if account is not None else ""
        row = self._database.row(
            f"select min(d.deposit_on) as day from documents d where d.organization = ? {chosen}and {_REGISTERED}",
            [organization, *([account] if account is not None else [])],
        )
        return date.fromisoformat(row["day"]) if row and row["day"] else None

    def accounts(self, organization: str) -> list[int]:
        """The accounts that anything was registered on."""
        of = f"select min(d.deposit_account) from documents d where d.organization = :of and {_REGISTERED}"
        rows = self._database.rows(
            f"with recursive found(account) as ({of} union select ({of} and d.deposit_account > found.account) "
            "from found where found.account is not null) select account from found where account is not null",
            {"of": organization},
        )
        return [row["account"] for row in rows]

    def without_value(self, organization: str) -> list[str]:
        """The Guids of documents in another currency, whose payment's value in kroner is Dinero's to tell."""
        rows = self._database.rows(
            "select d.guid from documents d where d.organization = ? and d.payment_guid is not null and "
            "d.deposit_account is null and d.currency != 'DKK'",
            [organization],
        )
        return [row["guid"] for row in rows]

    def set_value(self, document: Document, account: int, ore: int) -> None:
        """Keeps what Dinero posted (øre of kroner) for a payment in another currency."""
        self._database.change(
            "update documents set deposit_account = ?, deposit_ore = ? where id = ? and deposit_account is null",
            [account, ore, document.id],
        )

    def other_accounts(self, organization: str, account: int, orders: Sequence[OrderKey]) -> set[OrderKey]:
        """Those of these orders of which something is registered on another account than `account`."""
        rows = self._database.rows(
            "select distinct d.source, d.subject from documents d join json_each(?) j "
            "on d.source = json_extract(j.value, '$[0]') and d.subject = json_extract(j.value, '$[1]') "
            f"where d.organization = ? and d.deposit_account != ? and {_REGISTERED}",
            [json.dumps(orders), organization, account],
        )
        return {OrderKey(row["source"], row["subject"]) for row in rows}


def _registered(row: Row) -> Registered:
    return Registered(
        guid=row["guid"],
        payment_guid=row["payment_guid"],
        number=row["number"],
        shop=row["source"],
        order_id=row["subject"],
        order_number=row["order_number"],
        method=row["method"],
        account=row["deposit_account"],
        ore=row["deposit_ore"],
        on=date.fromisoformat(row["deposit_on"]),
        is_credit=row["kind"] == "credit note",
        invoice_guid=row["invoice_guid"],
        invoice_number=row["invoice_number"],
        at=row["updated_at"],
    )
