"""The customer of a document: found in the mirror, or created under our own Guid."""

from dataclasses import replace

from dinero.booking.driver import LOOKED
from dinero.booking.run import Outcome, Run, Write
from dinero.intake.customers import differences, find_customer, mirror, mirror_created, new_guid
from dinero.model.documents import Contact, Document, State
from dinero.model.errors import Deleted, NotFound
from dinero.model.i18n import Text


def find_or_create(run: Run, document: Document) -> Write | Outcome:
    """Takes the contact that is the customer, or creates it."""
    organization, customer = run.organization, document.plan.customer
    found = find_customer(run.store, organization, customer)
    if found is not None:
        told = differences(run.store, organization, found, customer)
        text = told[0] if told else Text("The customer is in Dinero already.")
        return Outcome(replace(document, contact_guid=found), "customer found", text)
    guid = new_guid(run.store, organization, customer)

    def created(marked: Document, _: None) -> Outcome:
        mirror_created(run.store, organization, guid, customer)
        text = Text("The customer was created in Dinero.")
        return Outcome(replace(marked, pending=None), "customer created", text)

    return Write.of(
        replace(document, contact_guid=guid), lambda: run.dinero.create_contact(customer.body(guid)), created
    )


def look(run: Run, document: Document) -> Outcome:
    """Whether the contact is there. One that was deleted is mirrored as such, so that another Guid is taken."""
    guid = document.contact_guid or ""
    try:
        contact = run.dinero.contact(guid)
    except NotFound:
        return _looked(document, None)
    except Deleted:
        contact = Contact(guid, "", "", is_person=False, deleted=True, created_at="")
    return _looked(document, guid if mirror(run.store, run.organization, contact) else None)


def _looked(document: Document, guid: str | None) -> Outcome:
    after = replace(document, pending=None, contact_guid=guid, state=State(document.step))
    return Outcome(after, "looked", LOOKED)
