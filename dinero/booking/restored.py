"""After a backup was put back: what Dinero has of ours and nothing here knows of is looked for and taken over.

Without its credit notes more is left of an invoice than there is, so they are taken over before anything else is done;
invoices are found when their orders are transferred anew. It is looked at again until nothing unknown is left: the
credit note of a return is only taken over after the invoice it credits.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from dinero.booking import unknown
from dinero.booking.corrections import open_corrections
from dinero.booking.run import Run
from dinero.booking.whole_way import begin, bring_to_end
from dinero.intake.backfill import document_name
from dinero.intake.fetching import CURSOR
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Document, OrderKey, State, Step
from dinero.model.errors import Deleted, TryLater
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import Kind
from dinero.model.responses import SalesDocument
from dinero.store.look_ups import RESTORED, of_shop

FOUND_CREDIT = Finding(
    "found_credit",
    Text(
        "Since a backup was restored, Dinero has a credit note for this invoice that was not known here. It was taken "
        "over, and nothing else was done."
    ),
    Text("Look at the order as it is now, and ask again if it is still to be corrected."),
)


def look_after_restore(run: Run) -> set[OrderKey]:
    """Takes over the credit notes that only Dinero knows of. Returns the orders of invoices of which one was found."""
    restored, key = run.store.look_ups.get(RESTORED), f"looked after restore:{run.organization}"
    looked = run.store.look_ups.get(key)
    if restored is None or (looked is not None and looked[0] == restored[0]):
        return set()
    found = _documents(run)
    missing = unknown.unknown_documents(run, found)
    notes = [document for document in missing if document.kind is Kind.CREDIT_NOTE]
    run.unknown_credits = _by_invoice(run, notes)
    for note in sorted(notes, key=lambda note: (note.date, note.number.zfill(12))):
        _take_over(run, note.order, note.guid)
    if all(_is_told(run, document, found) for document in unknown.unknown_documents(run, found)):
        run.store.look_ups.put(key, restored[0])
    taken = run.store.documents.by_guid([document.guid for document in missing])
    credited = run.store.documents.by_guid([row.credit_for for row in taken.values() if row.credit_for])
    return {invoice.order for invoice in credited.values()}


def _documents(run: Run) -> dict[str, SalesDocument]:
    """What Dinero has booked, of all dates: the credit note of a return is dated as the shop has it."""
    tomorrow = copenhagen_date(run.store.clock.now()) + timedelta(days=1)
    listed = run.dinero.sales(date(2000, 1, 1), tomorrow)
    return {document.guid: document for document in listed if not document.deleted and not document.is_draft}


def _by_invoice(run: Run, notes: list[SalesDocument]) -> Mapping[str, dict[str, OrderKey]]:
    """Credit notes and their orders by the invoice they credit, which the list does not tell."""
    found: dict[str, dict[str, OrderKey]] = defaultdict(dict)
    for note in notes:
        found[run.dinero.document(Kind.CREDIT_NOTE, note.guid).credit_for][note.guid] = note.order
    return found


def _take_over(run: Run, order: OrderKey, guid: str) -> None:
    """Takes over a credit note of ours that is booked in Dinero and not known here."""
    known = run.store.documents.by_guid([guid]).get(guid)
    if known is not None and (known.is_booked or known.step is Step.DELETED):  # taken over with the one before it
        return
    if _is_gone(run, order):  # the reconciliation shows its credit note
        return
    if run.store.orders.get(order) is None:
        raise TryLater(
            Text(
                "Dinero has a credit note of an order that has been unknown here since a backup was restored. "
                "Fetch the orders from the shop, then transfer again."
            )
        )
    document = _claimed(run, order)
    if document is not None:
        bring_to_end(run, document)


def _claimed(run: Run, order: OrderKey) -> Document | None:
    """The order's credit note, claimed here; None when there is none to take over now."""
    invoice = run.store.documents.newest(order, Kind.INVOICE)
    if invoice is None:  # a return of its own
        return begin(run, order)
    if invoice.state is not State.DONE:
        return None
    try:
        booked = run.dinero.document(Kind.INVOICE, invoice.guid)
    except Deleted:
        return None
    unknown.claim_credit_notes(run, invoice, booked)
    return next(iter(open_corrections(run, invoice)), None)


def _is_gone(run: Run, order: OrderKey) -> bool:
    """Whether the shop no longer has an order: all of its orders were fetched, and this one is not known."""
    return run.store.orders.get(order) is None and run.store.look_ups.get(of_shop(order.shop, CURSOR)) is not None


def _is_told(run: Run, document: SalesDocument, found: Mapping[str, SalesDocument]) -> bool:
    """Whether nothing more can be found out of one of Dinero's documents. An order that is not to be transferred,
    because it was cancelled since for example, says that Dinero has an invoice of it. That of any other order is found
    when it is transferred anew."""
    order = document.order
    if document.kind is Kind.CREDIT_NOTE:
        invoice = next((guid for guid, notes in run.unknown_credits.items() if document.guid in notes), "")
        return _is_gone(run, order) and invoice in found and _is_gone(run, found[invoice].order)
    if _is_gone(run, order):
        return True
    row = run.store.orders.get(order)
    if row is None or (row.guid is not None and not row.rebook):
        return False
    state = run.assess.safely(row).state
    if state in (State.IGNORED, State.NOT_DUE) and row.ignored_reason is None:
        run.store.orders.set_suspects([(order, document_name(document))])
        fresh = run.assess.safely(run.store.orders.get(order) or row)
        run.store.orders.set_states([(order, fresh.state, fresh.findings)])
        return True
    return state == State.IGNORED or (state == State.HELD and bool(row.suspect))
