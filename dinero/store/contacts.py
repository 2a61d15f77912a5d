"""Customers, mirrored from Dinero."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Literal

from dinero.model.documents import Contact
from dinero.store.database import Part
from dinero.store.search import folded


class Contacts(Part):
    """The customers of an organization in Dinero."""

    def save(self, organization: str, contacts: Sequence[Contact]) -> None:
        """Mirrors contacts."""
        with self._database.transaction() as db:
            for contact in contacts:
                db.execute(
                    "insert into contacts values (:organization, :guid, :email, :name, :is_person, :deleted, "
                    ":created_at, :vat_number, :ean, :country) on conflict do update set email = excluded.email, "
                    "name = excluded.name, is_person = excluded.is_person, deleted = excluded.deleted, "
                    "created_at = excluded.created_at, vat_number = excluded.vat_number, ean = excluded.ean, "
                    "country = excluded.country",
                    asdict(contact) | {"organization": organization},
                )

    def by_email(self, organization: str, email: str) -> list[Contact]:
        """The mirrored contacts with this e-mail (lower case), oldest first, deleted ones too."""
        return self._with(organization, "email", email)

    def known(self, organization: str, emails: Iterable[str]) -> set[str]:
        """Those of these e-mails (lower case) that a contact has which is not deleted."""
        rows = self._database.rows(
            "select distinct email from contacts where organization = ? and deleted = 0 "
            "and email in (select value from json_each(?))",
            [organization, json.dumps(list(emails))],
        )
        return {row["email"] for row in rows}

    def by_number(self, organization: str, name: Literal["vat_number", "ean"], number: str) -> list[Contact]:
        """The mirrored contacts with this number, oldest first, deleted ones too."""
        return self._with(organization, name, number)

    def get(self, organization: str, guid: str) -> Contact | None:
        """One mirrored contact."""
        return next(iter(self._with(organization, "guid", guid)), None)

    def forget(self, email: str) -> int:
        """Removes the contacts with this e-mail, whatever its capitals; returns how many there were."""
        rows = self._database.rows("select distinct email from contacts")
        same = [row["email"] for row in rows if folded(row["email"]) == folded(email)]
        return sum(self._database.change("delete from contacts where email = ?", [name]) for name in same)

    def _with(self, organization: str, column: str, value: str) -> list[Contact]:
        rows = self._database.rows(
            f"select * from contacts where organization = ? and {column} = ? order by created_at, guid",
            [organization, value],
        )
        told = ({name: row[name] for name in row if name != "organization"} for row in rows)
        return [Contact(**row | {name: bool(row[name]) for name in ("is_person", "deleted")}) for row in told]
