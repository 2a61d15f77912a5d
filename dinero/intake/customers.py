"""Customers: the e-mail is the key (a company's CVR number where there is one), people and companies apart.

They are found in a local mirror of Dinero's contacts, which costs one call a run (`changesSince`); a look-up of each
customer would cost one call an order.
"""

from datetime import UTC, datetime, timedelta

from dinero.api.client import Dinero
from dinero.model.documents import Contact
from dinero.model.i18n import Text
from dinero.model.plans import Customer, contact_guid
from dinero.model.words import company_key
from dinero.store import Store

# changesSince is inclusive and in whole seconds; the overlap covers clocks that differ.
OVERLAP = timedelta(minutes=10)
MAX_GENERATIONS = 500  # companies that one bookkeeper buys for


def _cursor(organization: str) -> str:
    return f"contacts:{organization}"


def sync_contacts(dinero: Dinero, store: Store) -> None:
    """Mirrors what was created, changed or deleted since the last time. Raises DashboardError."""
    cached = store.look_ups.get(_cursor(dinero.organization))
    since = datetime.fromisoformat(cached[0]) - OVERLAP if cached else None
    started = store.clock.now().astimezone(UTC)
    changed = list(dinero.contacts_changed_since(since))  # all are there before the database is locked for them
    store.contacts.save(dinero.organization, changed)
    store.look_ups.put(_cursor(dinero.organization), started.isoformat())


def find_customer(store: Store, organization: str, customer: Customer) -> str | None:
    """The Guid of the oldest live contact that is this customer, or None.

    By EAN number, then a company by its CVR or VAT number, then by e-mail. A company found by e-mail must not have
    another number or another name: a bookkeeper's e-mail buys for many companies (facts.md, Dinero 6.9). Where the
    document has no VAT because of the buyer's number, the contact must have that number. The collective customer is
    found under our own Guid.
    """
    if customer.ean:
        found = store.contacts.by_number(organization, "ean", customer.ean)
    elif not customer.email and not customer.vat_number:
        ours = store.contacts.get(organization, contact_guid(organization, customer.key, True, 0))
        found = [ours] if ours else []
    elif customer.is_person:
        found = store.contacts.by_email(organization, customer.email)
    else:
        by_email = store.contacts.by_email(organization, customer.email) if customer.email else []
        found = _by_number(store, organization, customer) + [row for row in by_email if is_same_company(row, customer)]
    return next(
        (str(row.guid) for row in found if not row.deleted and bool(row.is_person) is customer.is_person),
        None,
    )


def _by_number(store: Store, organization: str, customer: Customer) -> list[Contact]:
    """Contacts with the company's number, also where the owner typed it without its country's prefix."""
    number = customer.vat_number
    if not number:
        return []
    found = store.contacts.by_number(organization, "vat_number", number)
    if number[:2].isalpha():
        bare = store.contacts.by_number(organization, "vat_number", number[2:])
        found += [row for row in bare if row.country in (number[:2], _PREFIXES.get(number[:2]))]
    return found


_PREFIXES = {"EL": "GR", "XI": "GB"}


def is_same_company(row: Contact, customer: Customer) -> bool:
    """Whether a company's contact with the customer's e-mail is the customer: no other number, and the same name."""
    if row.ean or (row.vat_number not in ("", customer.vat_number) and customer.vat_number):
        return False
    if customer.needs_number and row.vat_number != customer.vat_number:
        return False
    return company_key(row.name) == company_key(customer.name)


def differences(store: Store, organization: str, guid: str, customer: Customer) -> list[Text]:
    """In what the contact in Dinero disagrees with the order: said, never changed by itself (facts.md, Dinero 6.10)."""
    row = store.contacts.get(organization, guid)
    if row is None:
        return []
    told = []
    if row.country and customer.email and row.country != customer.country:
        told.append(
            Text(
                "The customer in Dinero is in {there}, but the order is from {here}.",
                there=row.country,
                here=customer.country,
            )
        )
    if not customer.is_person and company_key(row.name) != company_key(customer.name):
        told.append(
            Text(
                "The customer in Dinero is called “{there}”, but the order is from “{here}”.",
                there=row.name[:80],
                here=customer.name[:80],
            )
        )
    bare = row.vat_number[2:] if row.vat_number[:2].isalpha() else row.vat_number
    if row.vat_number and customer.vat_number and bare not in customer.vat_number:
        told.append(
            Text(
                "The customer in Dinero has the number {there}, but the order has {here}.",
                there=row.vat_number,
                here=customer.vat_number,
            )
        )
    return told


def new_guid(store: Store, organization: str, customer: Customer) -> str:
    """Our own Guid for a customer to be created; one that is another company's by its number or name, or was deleted in
    Dinero, is not used again."""

    def usable(row: Contact | None) -> bool:
        return row is None or (not row.deleted and (customer.is_person or is_same_company(row, customer)))

    guids = (contact_guid(organization, customer.key, customer.is_person, n) for n in range(MAX_GENERATIONS))
    return next(guid for guid in guids if usable(store.contacts.get(organization, guid)))


def mirror(store: Store, organization: str, contact: Contact) -> bool:
    """Keeps one contact as Dinero told it; returns whether it is live."""
    store.contacts.save(organization, [contact])
    return not contact.deleted


def mirror_created(store: Store, organization: str, guid: str, customer: Customer) -> None:
    """Keeps a contact that was created just now."""
    row = Contact(
        guid=guid,
        email=customer.email,
        name=customer.name,
        is_person=customer.is_person,
        deleted=False,
        created_at=store.clock.now().astimezone(UTC).isoformat(),
        vat_number=customer.vat_number,
        ean=customer.ean,
        country=customer.country,
    )
    store.contacts.save(organization, [row])
