"""Dinero's postings on deposit accounts, mirrored: what the booking account's balance is made of."""

import json
from collections.abc import Iterable, Sequence
from datetime import date

from dinero.model.settlements import LedgerEntry
from dinero.store.database import Part, Row


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
