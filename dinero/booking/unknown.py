"""What Dinero has of ours that nothing here knows of: after a backup was put back, or after a lost answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dinero.booking.run import Run
from dinero.model.documents import Document, OrderKey
from dinero.model.errors import Deleted, NotFound
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import InvoicePlan, Kind, document_guid
from dinero.model.responses import SalesDocument
from dinero.rules.compare import as_booked
from dinero.rules.credits import plan_undo
from dinero.rules.originals import Original, left_lines

MAX_CORRECTIONS = 20
UNKNOWN_CREDIT = Finding(
    "unknown_credit",
    Text(
        "Since a backup was restored, Dinero has a credit note for this invoice that could not be taken over "
        "yet, so we don't know what is left of the invoice."
    ),
    Text("Transfer all orders, then try again. The reconciliation names the credit note."),
)


def unknown_documents(run: Run, found: Mapping[str, SalesDocument]) -> list[SalesDocument]:
    """Those of Dinero's documents that were made from here, as their Guid tells, and are not booked here."""
    known = booked_here(run, found)
    return [document for guid, document in found.items() if guid not in known and _is_ours(run, document)]


def booked_here(run: Run, guids: Iterable[str]) -> set[str]:
    """Those of these Guids that are of documents which are known here as booked."""
    found = run.store.documents.by_guid(list(guids))
    return {guid for guid, document in found.items() if document.is_booked}


def is_barred(run: Run, invoice: str, *, but: OrderKey | None = None) -> bool:
    """Whether Dinero has a credit note of ours for this invoice that is not known here, other than that of an order:
    what is left of the invoice is not known then."""
    notes = {guid: order for guid, order in run.unknown_credits.get(invoice, {}).items() if order != but}
    return notes.keys() > booked_here(run, notes)


def is_elsewhere(run: Run, invoice: str, order: OrderKey) -> bool:
    """Whether Dinero has an order's credit note for another invoice than this one."""
    notes = [
        guid
        for other, found in run.unknown_credits.items()
        for guid in found
        if other != invoice and found[guid] == order
    ]
    return len(notes) > len(booked_here(run, notes))


def guids_of(run: Run, order: OrderKey, kind: Kind, numbers: Iterable[int]) -> list[str]:
    """The Guids that an order's documents of these generations have."""
    return [document_guid(run.organization, *order, kind, number) for number in numbers]


def _is_ours(run: Run, document: SalesDocument) -> bool:
    """Whether one of Dinero's documents has the Guid that one made from here has."""
    newest = run.store.documents.generations(document.order).get(document.kind, 0)
    return document.guid in guids_of(run, document.order, document.kind, range(1, newest + MAX_CORRECTIONS + 1))


def claim_credit_notes(run: Run, document: Document, found: SalesDocument) -> None:
    """Claims the credit notes that took an invoice back which is found booked: after a backup was put back, only Dinero
    knows of them. What they are claimed for is found there under their Guid, so nothing is made anew."""
    order, plan = document.order, document.plan
    booked, row = as_booked(found, plan, run.settings.chart), run.store.orders.get(order)
    if document.kind is Kind.CREDIT_NOTE or booked is None or row is None:
        return
    original = Original(order.id, plan.number, document.state, booked, document.guid, invoice_number=found.number)
    for generation, guid in enumerate(guids_of(run, order, Kind.CREDIT_NOTE, range(1, MAX_CORRECTIONS + 1)), 1):
        try:
            note = run.dinero.document(Kind.CREDIT_NOTE, guid)
        except NotFound:
            return
        except Deleted:
            continue
        credit = _credit_of(run, note, original, generation)
        if credit is None:
            continue
        original = replace(original, credits=(*original.credits, credit))
        text = Text(
            "A credit note over {total} for invoice {invoice} was found in Dinero.",
            total=credit.total,
            invoice=found.number,
        )
        run.store.documents.claim(
            run.lease,
            organization=run.organization,
            plan=credit,
            generation=generation,
            guid=guid,
            operation_id=run.operation_id,
            text=text,
            raw=row.raw,
            contact_guid=note.contact_guid,
        )


def _credit_of(run: Run, note: SalesDocument, original: Original, generation: int) -> InvoicePlan | None:
    """The plan that a credit note in Dinero stands for; None when it does not take this invoice back."""
    ours = note.credit_for == original.guid and note.is_booked and not note.deleted
    if not ours or original.plan is None or not left_lines(original):
        return None
    whole = plan_undo(original, original.plan.issued_on, generation)
    credit = as_booked(note, whole, run.settings.chart)
    if credit is None or credit.payment is None:
        return credit
    return replace(credit, payment=replace(credit.payment, on=credit.issued_on))
