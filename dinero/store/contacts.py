"""Customers, mirrored from Dinero."""

from collections.abc import Iterable

from dinero.store.database import Part, Row, Rows


class Contacts(Part):
    """The customers of an organization in Dinero."""

    def save(self, organization: str, contacts: Iterable[Row]) -> None:
        """Mirrors contacts: rows of guid, name, email (lower case), is_person, deleted, created_at, vat_number, ean,
        country."""
        with self._database.transaction() as db:
            for contact in contacts:
                db.execute(
                    "insert into contacts values (:organization, :guid, :email, :name, :is_person, :deleted, "
                    ":created_at, :vat_number, :ean, :country) on conflict do update set email = excluded.email, "
                    "name = excluded.name, is_person = excluded.is_person, deleted = excluded.deleted, "
                    "created_at = excluded.created_at, vat_number = excluded.vat_number, ean = excluded.ean, "
                    "country = excluded.country",
                    {"country": "", **contact, "organization": organization},
                )

    def by_email(self, organization: str, email: str) -> Rows:
        """The mirrored contacts with this e-mail (lower case), oldest first, deleted ones too."""
        return self._with(organization, "email", email)

    def by_number(self, organization: str, name: str, number: str) -> Rows:
        """The mirrored contacts with this number ("vat_number" or "ean"), oldest first, deleted ones too."""
        return self._with(organization, {"vat_number": "vat_number", "ean": "ean"}[name], number)

    def _with(self, organization: str, column: str, value: str) -> Rows:
        return self._database.rows(
            f"select * from contacts where organization = ? and {column} = ? order by created_at, guid",
            [organization, value],
        )

    def get(self, organization: str, guid: str) -> Row | None:
        """One mirrored contact."""
        return self._database.row("select * from contacts where organization = ? and guid = ?", [organization, guid])
