"""Dinero's postings on deposit accounts, mirrored: what the booking account's balance is made of."""

import json
from collections.abc import Iterable, Sequence
from datetime import date

from dinero.model.settlements import LedgerEntry
from dinero.store.database import Part, Row
from dinero.store.ties import Key


class Entries(Part):
    """Postings by organization and Dinero's Guid of each."""

    def save(self, organization: str, entries: Iterable[LedgerEntry]) -> None:
        """Adds postings. One that is here is replaced: what a year began with changes (Dinero keeps its Guid)."""
        rows = [
            (
                organization,
                entry.guid,
                entry.account,
                entry.on.isoformat(),
                entry.ore,
                entry.text,
                entry.voucher_number,
                entry.voucher_guid,
                entry.voucher_type,
                int(entry.is_primo),
            )
            for entry in entries
        ]
        with self._database.transaction() as db:
            db.executemany("insert or replace into ledger_entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def count(self, organization: str) -> int:
        """How many postings are mirrored."""
        row = self._database.row("select count(*) as n from ledger_entries where organization = ?", [organization])
        return int(row["n"]) if row else 0

    def forget(self, organization: str) -> None:
        """Removes the mirror of an organization, which is read anew then."""
        self._database.change("delete from ledger_entries where organization = ?", [organization])

    def forget_beginning(self, organization: str, start: date) -> None:
        """Removes what a year that began on `start` began with."""
        self._database.change(
            "delete from ledger_entries where organization = ? and is_primo = 1 and day = ?",
            [organization, start.isoformat()],
        )

    def unknown(self, organization: str, guids: Sequence[str]) -> set[str]:
        """Those of these postings that are not here."""
        rows = self._database.tuples(
            "select value from json_each(?) where not exists "
            "(select 1 from ledger_entries where organization = ? and guid = value)",
            [json.dumps(guids), organization],
        )
        return {guid for (guid,) in rows}

    def sum(self, organization: str, account: int, first: date, last: date, *, primo: bool) -> int:
        """The sum of the postings from `first` to `last`: either those of the time, or what years began with."""
        row = self._database.row(
            "select coalesce(sum(ore), 0) as ore from ledger_entries indexed by ledger_entries_by_day where "
            "organization = ? and account = ? and day between ? and ? and is_primo = ?",
            [organization, account, first.isoformat(), last.isoformat(), int(primo)],
        )
        return int(row["ore"]) if row else 0

    def in_doubt(self, organization: str, account: int, keys: Sequence[Key]) -> list[LedgerEntry]:
        """The postings with these `keys` of `Ties.in_doubt`, the oldest first."""
        rows = self._database.rows(
            "select e.* from json_each(:keys) k cross join ledger_entries e indexed by ledger_entries_by_day "
            "where e.day = k.value ->> 0 and e.ore = k.value ->> 1 and e.voucher_number = k.value ->> 2 and "
            "e.organization = :organization and e.account = :account and e.is_primo = 0 order by e.day, e.guid",
            {"organization": organization, "account": account, "keys": json.dumps(keys)},
        )
        return [_entry(row) for row in rows]

    def between(self, organization: str, accounts: Sequence[int], first: date, last: date) -> list[LedgerEntry]:
        """Postings on accounts from `first` to `last`, both included, the oldest first; also what years began with."""
        rows = self._database.rows(
            "select * from ledger_entries where organization = ? and account in (select value from json_each(?)) "
            "and day between ? and ? order by day, guid",
            [organization, json.dumps(list(accounts)), first.isoformat(), last.isoformat()],
        )
        return [_entry(row) for row in rows]

    def of_voucher(self, organization: str, voucher_number: str, on: date) -> list[LedgerEntry]:
        """The postings of a voucher on a day."""
        rows = self._database.rows(
            "select * from ledger_entries where organization = ? and voucher_number = ? and day = ? order by guid",
            [organization, voucher_number, on.isoformat()],
        )
        return [_entry(row) for row in rows]


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(
        guid=row["guid"],
        account=row["account"],
        on=date.fromisoformat(row["day"]),
        ore=row["ore"],
        text=row["text"],
        voucher_number=row["voucher_number"],
        voucher_guid=row["voucher_guid"],
        voucher_type=row["voucher_type"],
        is_primo=bool(row["is_primo"]),
    )
