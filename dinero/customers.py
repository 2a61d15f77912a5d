"""Customers: the e-mail is the key (a company's CVR number where there is one), people and companies apart.

They are found in a local mirror of Dinero's contacts, which costs one call a run (`changesSince`); a look-up of each
customer would cost one call an order.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dinero.api.client import Dinero, field
from dinero.invoices import Customer, contact_guid
from dinero.store import Store
from dinero.zones import cvr_digits

# changesSince is inclusive and in whole seconds; the overlap covers clocks that differ.
OVERLAP = timedelta(minutes=10)
MAX_GENERATIONS = 20


def _cursor(organization: str) -> str:
    return f"contacts:{organization}"


def sync_contacts(dinero: Dinero, store: Store) -> None:
    """Mirrors what was created, changed or deleted since the last time. Raises DashboardError."""
    cached = store.cached(_cursor(dinero.organization))
    since = datetime.fromisoformat(cached[0]) - OVERLAP if cached else None
    started = store.clock.now().astimezone(UTC)
    store.save_contacts(dinero.organization, [_mirrored(row) for row in dinero.contacts_changed_since(since)])
    store.save_cached(_cursor(dinero.organization), started.isoformat())


def find_customer(store: Store, organization: str, customer: Customer) -> str | None:
    """The Guid of the oldest live contact that is this customer, or None.

    By EAN number, then a company by its CVR or VAT number, then by e-mail; a company found by e-mail must not have
    another number, or it is another company (FACTS 6.9). The collective customer is found under our own Guid.
    """
    if customer.ean:
        found = store.contacts_by_number(organization, "ean", customer.ean)
    elif not customer.email:
        ours = store.contact(organization, contact_guid(organization, customer.key, True, 0))
        found = [ours] if ours else []
    else:
        found = store.contacts(organization, customer.email)
        if customer.vat_number:
            by_number = store.contacts_by_number(organization, "vat_number", customer.vat_number)
            same = [row for row in found if row["vat_number"] in ("", customer.vat_number)]
            found = by_number + same
        elif not customer.is_person:
            found = [row for row in found if not row["ean"]]
    return next(
        (str(row["guid"]) for row in found if not row["deleted"] and bool(row["is_person"]) is customer.is_person),
        None,
    )


def new_guid(store: Store, organization: str, customer: Customer) -> str:
    """Our own Guid for a customer to be created; one that is another company's by its number, or was deleted in
    Dinero, is not used again."""

    def usable(row: Mapping[str, Any] | None) -> bool:
        return row is None or (not row["deleted"] and row["vat_number"] in ("", customer.vat_number))

    guids = (contact_guid(organization, customer.key, customer.is_person, n) for n in range(MAX_GENERATIONS))
    return next(guid for guid in guids if usable(store.contact(organization, guid)))


def mirror(store: Store, organization: str, contact: Mapping[str, Any]) -> bool:
    """Keeps one contact as Dinero told it; returns whether it is live."""
    row = _mirrored(contact)
    store.save_contacts(organization, [row])
    return not row["deleted"]


def mirror_created(store: Store, organization: str, guid: str, customer: Customer) -> None:
    """Keeps a contact that was created just now."""
    row = {
        "guid": guid,
        "email": customer.email,
        "name": customer.name,
        "is_person": int(customer.is_person),
        "deleted": 0,
        "created_at": store.clock.now().astimezone(UTC).isoformat(),
        "vat_number": customer.vat_number,
        "ean": customer.ean,
    }
    store.save_contacts(organization, [row])


def _mirrored(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "guid": str(field(row, "ContactGuid") or "").lower(),
        "email": str(field(row, "Email") or "").strip().lower(),
        "name": str(field(row, "Name") or ""),
        "is_person": int(bool(field(row, "IsPerson"))),
        "deleted": int(bool(field(row, "DeletedAt"))),
        "created_at": str(field(row, "CreatedAt") or ""),
        "vat_number": cvr_digits(str(field(row, "VatNumber") or "")),
        "ean": str(field(row, "EanNumber") or "").strip(),
    }
