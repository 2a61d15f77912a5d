"""What was registered from here on booking accounts: sales, and refunds below 0."""

import json
from collections.abc import Sequence
from datetime import date

from dinero.model.documents import Document, OrderKey
from dinero.model.settlements import Registered
from dinero.store.database import Part, Row
from dinero.store.keys import IS_REGISTERED, OF_INVOICE, ORDER, REGISTERED, SHOP, order_key
from dinero.store.ties import Key


class RegisteredSales(Part):
    """Payments of documents whose amount in kroner is known."""

    def in_doubt(self, organization: str, account: int, keys: Sequence[Key]) -> list[tuple[str, str]]:
        """The Guids of the documents with these `keys` of `Ties.in_doubt`, each with its order (`order_key`)."""
        return self._database.tuples(
            f"select d.guid, {order_key(SHOP, ORDER)} from json_each(:keys) k cross join documents d "
            f"indexed by documents_registered_by_day {OF_INVOICE} where d.deposit_on = k.value ->> 0 and "
            "d.deposit_ore = k.value ->> 1 and coalesce(d.invoice_number, '') = k.value ->> 2 and "
            f"d.organization = :organization and d.deposit_account = :account and {IS_REGISTERED}",
            {"organization": organization, "account": account, "keys": json.dumps(keys)},
        )

    def of_orders(self, organization: str, account: int, last: date, orders: Sequence[str]) -> list[str]:
        """The Guids of what is registered of orders (`order_key`) up to the day `last`."""
        rows = self._database.tuples(
            f"select d.guid {REGISTERED} and d.deposit_on <= :last and "
            f"{order_key(SHOP, ORDER)} in (select value from json_each(:orders))",
            {
                "organization": organization,
                "account": account,
                "last": last.isoformat(),
                "orders": json.dumps(orders),
            },
        )
        return [guid for (guid,) in rows]

    def days(self, organization: str, account: int, last: date) -> list[tuple[str, int, str, str]]:
        """All up to the day `last`: day (ISO), øre, the document's Guid and its order (`order_key`)."""
        return self._database.tuples(
            f"select d.deposit_on, d.deposit_ore, d.guid, {order_key(SHOP, ORDER)} {REGISTERED} "
            "and d.deposit_on <= :last",
            {"organization": organization, "account": account, "last": last.isoformat()},
        )

    def methods(self, organization: str, account: int) -> dict[str, str]:
        """The ways to pay of the orders that anything is registered of on an account, by `order_key`."""
        rows = self._database.tuples(
            f"select {order_key(SHOP, ORDER)}, o.payment_method from documents d "
            f"indexed by documents_registered_by_day {OF_INVOICE} join orders o on o.shop = {SHOP} and o.id = {ORDER} "
            f"where d.organization = ? and d.deposit_account = ? and {IS_REGISTERED}",
            [organization, account],
        )
        return dict(rows)

    def of(self, guids: Sequence[str]) -> list[Registered]:
        """What was registered of these documents."""
        rows = self._database.rows(
            f"select d.guid, d.payment_guid, coalesce(d.invoice_number, '') as number, {SHOP} as source, "
            f"{ORDER} as subject, "
            "coalesce(o.number, '') as order_number, coalesce(o.payment_method, '') as method, d.deposit_account, "
            "d.deposit_ore, d.deposit_on, d.kind, coalesce(d.credit_for, '') as invoice_guid, "
            "coalesce(i.invoice_number, '') as invoice_number, d.updated_at from documents d "
            f"{OF_INVOICE} left join orders o on o.shop = {SHOP} and o.id = {ORDER} "
            f"where d.guid in (select value from json_each(?)) and {IS_REGISTERED} order by d.deposit_on, d.id",
            [json.dumps(guids)],
        )
        return [_registered(row) for row in rows]

    def payments(
        self, organization: str, accounts: Sequence[int], first: date, last: date
    ) -> list[tuple[int, date, int]]:
        """Account, day and øre of all that was registered on accounts from `first` to `last`, both included."""
        rows = self._database.tuples(
            "select d.deposit_account, d.deposit_on, d.deposit_ore from documents d "
            "indexed by documents_registered_by_day where d.organization = ? and d.deposit_account in "
            f"(select value from json_each(?)) and d.deposit_on between ? and ? and {IS_REGISTERED}",
            [organization, json.dumps(list(accounts)), first.isoformat(), last.isoformat()],
        )
        return [(account, date.fromisoformat(day), ore) for account, day, ore in rows]

    def first_day(self, organization: str, account: int | None = None) -> date | None:
        """The first day on which anything was registered, on an account or on any."""
        chosen = "and d.deposit_account = ? " if account is not None else ""
        row = self._database.row(
            f"select min(d.deposit_on) as day from documents d where d.organization = ? {chosen}and {IS_REGISTERED}",
            [organization, *([account] if account is not None else [])],
        )
        return date.fromisoformat(row["day"]) if row and row["day"] else None

    def accounts(self, organization: str) -> list[int]:
        """The accounts that anything was registered on."""
        of = f"select min(d.deposit_account) from documents d where d.organization = :of and {IS_REGISTERED}"
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
            "select distinct d.source, d.subject from json_each(?) k cross join documents d "
            "on d.source = k.value ->> 0 and d.subject = k.value ->> 1 "
            f"where +d.organization = ? and d.deposit_account != ? and {IS_REGISTERED}",
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
