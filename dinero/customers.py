"""Customers: the e-mail is the key, people and companies apart, found in a local mirror of Dinero's contacts.

The mirror costs one call a run (`changesSince`); a look-up of each customer would cost one call an order.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dinero.api.client import Dinero, field
from dinero.invoices import Customer, contact_guid
from dinero.store import Store

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
    """The Guid of the oldest live contact with this e-mail and kind, or None."""
    return next(
        (
            str(row["guid"])
            for row in store.contacts(organization, customer.email)
            if not row["deleted"] and bool(row["is_person"]) is customer.is_person
        ),
        None,
    )


def new_guid(store: Store, organization: str, customer: Customer) -> str:
    """Our own Guid for a customer to be created; one that was deleted in Dinero is not used again."""
    guids = (contact_guid(organization, customer.email, customer.is_person, n) for n in range(MAX_GENERATIONS))
    return next(guid for guid in guids if not _is_deleted(store.contact(organization, guid)))


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
    }
    store.save_contacts(organization, [row])


def _is_deleted(row: Mapping[str, Any] | None) -> bool:
    return bool(row and row["deleted"])


def _mirrored(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "guid": str(field(row, "ContactGuid") or "").lower(),
        "email": str(field(row, "Email") or "").strip().lower(),
        "name": str(field(row, "Name") or ""),
        "is_person": int(bool(field(row, "IsPerson"))),
        "deleted": int(bool(field(row, "DeletedAt"))),
        "created_at": str(field(row, "CreatedAt") or ""),
    }
