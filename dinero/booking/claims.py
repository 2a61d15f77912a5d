"""The claim: a document as a row in the store, committed before anything is sent (facts.md, rule 2)."""

from collections.abc import Mapping

from dinero.booking.run import Run
from dinero.booking.unknown import UNKNOWN_CREDIT, is_barred, is_elsewhere
from dinero.model.documents import Document, Event, OrderKey, State
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import InvoicePlan, Kind, document_guid


class ClaimedMeanwhile(Exception):
    """Somebody else has claimed the order's next document since it was looked at: look again."""


def claim(run: Run, order: OrderKey, seen: Mapping[Kind, int]) -> Document | None:
    """Checks the order as it is now and commits the claim; None when the order has its result. `seen` are the
    generations that were there when the order was looked at. Raises ClaimedMeanwhile."""
    row = run.store.orders.get(order)
    if row is None:
        text = Text("The order is not known here. Fetch the orders from the shop, then try again.")
        run.result(order, State.HELD, [Finding("unknown", text)])
        return None
    found = run.assess.safely(row)
    state, findings, plan = found.state, found.findings, found.plan
    invoice = plan.credit_for if plan is not None else ""
    if invoice and (is_barred(run, invoice, but=order) or is_elsewhere(run, invoice, order)):
        state, findings, plan = State.WAITING, [UNKNOWN_CREDIT], None
    if plan is None:
        run.store.orders.set_states([(order, state, findings)])
        run.result(order, state, findings)
        return None
    text = Text("The transfer began.")
    for note in plan.notes:
        run.store.history.add(Event("note", Text.loads(note), order, run.operation_id))
    contact = found.original.contact_guid if found.original else None
    return commit(run, plan, text, seen, raw=row.raw, contact_guid=contact)


def commit(
    run: Run, plan: InvoicePlan, text: Text, seen: Mapping[Kind, int], *, raw: str, contact_guid: str | None
) -> Document:
    """Commits the claim on an order's next document. Raises ClaimedMeanwhile."""
    kind = plan.kind
    number = seen.get(kind, 0) + 1
    document = run.store.documents.claim(
        run.lease,
        organization=run.organization,
        plan=plan,
        generation=number,
        guid=document_guid(run.organization, plan.shop, plan.order_id, kind, number),
        operation_id=run.operation_id,
        text=text,
        raw=raw,
        contact_guid=contact_guid,
    )
    if document is None:
        raise ClaimedMeanwhile
    run.checked.add(document.guid)
    return document


def other_organization(organization: str) -> Finding:
    """A document that was begun in another organization is left to it."""
    text = Text(
        "The transfer of this order was begun in another organization, {organization}.", organization=organization
    )
    fix = Text("Choose that organization on the set-up page and transfer the order there.")
    return Finding("other_organization", text, fix)
