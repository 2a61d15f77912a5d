"""The credit note that takes an invoice back, whole or in part: planned, claimed, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dinero.booking.claims import commit, other_organization
from dinero.booking.run import Run
from dinero.booking.unknown import MAX_CORRECTIONS, UNKNOWN_CREDIT, guids_of, is_barred
from dinero.intake.assessing import Assessor
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.documents import FINISHED, Action, Document, OrderKey, State, StoredOrder
from dinero.model.errors import Deleted, NotFound
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import InvoicePlan, Kind
from dinero.rules import checks
from dinero.rules.credits import plan_difference, plan_undo
from dinero.rules.invoices import plan_invoice
from dinero.rules.originals import Original, left_lines


def preview_correction(assess: Assessor, row: StoredOrder, action: Action, clock: Clock) -> InvoicePlan | None:
    """What `plan_correction` would make of a booked order now."""
    number = assess.store.documents.generations(row.key).get(Kind.CREDIT_NOTE, 0) + 1
    return plan_correction(assess, row, assess.original(*row.key), number, action, clock)


def plan_correction(
    assess: Assessor, row: StoredOrder, original: Original | None, number: int, action: Action, clock: Clock
) -> InvoicePlan | None:
    """The credit note that a correction of a booked order is, dated today, as generation `number`; None when there is
    nothing left to credit this way. The preview and the transfer both ask here."""
    if original is None or original.plan is None:
        return None
    if action is Action.REBOOK and _returns(row.id, original):
        return None  # the invoice that is booked anew would not have its returns
    settings, today = assess.settings.of_shop(row.shop), copenhagen_date(clock.now())
    try:
        if action is not Action.DIFFERENCE:
            return plan_undo(original, today, number, settings.shop_label)
        order = assess.read(row)
        chosen = settings.with_answers(row.answers)
        if checks.check_order(order, chosen):
            return None
        return plan_difference(original, plan_invoice(order, chosen), today, number, chosen.shop_label)
    except ValueError:
        return None


def no_correction(order_id: str, original: Original | None, action: Action) -> Finding:
    """Why `plan_correction` made none, and what the owner can do instead."""
    if action is Action.REBOOK and original is not None and (returns := _returns(order_id, original)):
        text = Text(
            "Invoice {invoice} has a return, {numbers}. An order that is booked anew would be without it.",
            invoice=original.invoice_number,
            numbers=", ".join(returns),
        )
        fix = Text(
            "Credit the difference, if the order became smaller. Otherwise take the invoice back, which credits "
            "what is left of it, and enter in Dinero by hand what the customer keeps."
        )
        return Finding("has_return", text, fix)
    if action is Action.DIFFERENCE and original is not None and original.plan is not None and left_lines(original):
        text = Text(
            "The difference can't be credited alone: the order did not only become smaller, or it can't be "
            "booked as it is now."
        )
        fix = Text("Correct the order in the shop, or take the invoice back and book the order anew.")
        return Finding("no_difference", text, fix)
    return Finding("nothing_left", Text("There is nothing left of this order's invoice to credit this way."))


def _returns(order_id: str, original: Original) -> list[str]:
    """The numbers of the returns that credit a part of an order's invoice."""
    return [credit.number for credit in original.credits if credit.order_id != order_id]


def is_correction(run: Run, document: Document) -> bool:
    """Whether a credit note takes the order's own invoice back, rather than being a return of its own."""
    if document.kind is not Kind.CREDIT_NOTE:
        return False
    return run.store.documents.newest(document.order, Kind.INVOICE) is not None


def open_corrections(run: Run, invoice: Document) -> Sequence[Document]:
    """The credit notes of an order's own invoice that are begun and not settled."""
    if invoice.kind is Kind.CREDIT_NOTE:
        return []
    credits = run.store.documents.credits_of(invoice.guid)
    return [credit for credit in credits if credit.order == invoice.order and credit.state is not State.CREDITED]


def is_finished(run: Run, document: Document) -> bool:
    """Whether nothing is left to do; a correction is finished when its invoice was marked as credited."""
    if document.state not in FINISHED:
        return False
    return document.state is not State.DONE or not is_correction(run, document)


def claim_correction(
    run: Run, order: OrderKey, action: Action, reason: str, seen: Mapping[Kind, int]
) -> Document | None:
    """Claims the credit note that an action asks for; None when the order has its result. Raises ClaimedMeanwhile."""
    row = run.store.orders.get(order)
    if row is None:
        raise ValueError("a correction of an unknown order")
    original = run.assess.original(*order)
    if (finding := _obstacle(run, original)) is not None:
        run.result(order, row.state, [finding])
        return None
    number = seen.get(Kind.CREDIT_NOTE, 0) + 1
    plan = plan_correction(run.assess, row, original, number, action, run.store.clock)
    if plan is None or original is None:
        run.result(order, row.state, [no_correction(order.id, original, action)])
        return None
    if not _has_year(run, plan):
        text = Text("Dinero has no accounting year for {date}.", date=plan.issued_on)
        run.result(order, row.state, [Finding("no_year", text)])
        return None
    text = Text(
        "{total} of invoice {invoice} are taken back: {reason}",
        total=plan.total,
        invoice=original.invoice_number,
        reason=reason or "–",
    )
    return commit(run, plan, text, seen, raw=row.raw, contact_guid=original.contact_guid)


def _obstacle(run: Run, original: Original | None) -> Finding | None:
    """Why nothing can be credited of an invoice right now."""
    if original is None:
        return None
    if original.organization not in ("", run.organization):
        return other_organization(original.organization)
    if original.under_way:
        text = Text(
            "A credit note for order {number} was begun and is not booked yet. What is left of invoice "
            "{invoice} is only known after that.",
            number=original.under_way[0],
            invoice=original.invoice_number,
        )
        fix = Text("Transfer order {number} first, then try again.", number=original.under_way[0])
        return Finding("credit_under_way", text, fix)
    return UNKNOWN_CREDIT if is_barred(run, original.guid) else None


def _has_year(run: Run, plan: InvoicePlan) -> bool:
    years = run.settings.chart.years
    return not years or any(first <= plan.issued_on <= last for first, last in years)


def correction_of(run: Run, document: Document) -> tuple[Action, str]:
    """The action and reason that a correcting credit note was begun for. A push that made a deleted draft anew does
    what its predecessor was begun for."""
    for begun in run.store.documents.credit_notes_until(document):
        if begun.credit_for != document.credit_for:
            continue
        operation = run.store.operations.get(begun.operation_id)
        if operation is not None and operation.action is not Action.PUSH:
            return operation.action, operation.detail
    return Action.UNDO, ""


def record_correction(run: Run, document: Document) -> None:
    """Records what follows from a correction that is settled: the invoice is credited, and to be booked anew if asked.

    The credit note's own state is changed last, so that a run that is cut off here does it all again.
    """
    order = document.order
    action, _ = correction_of(run, document)
    original = run.assess.original(*order)
    invoice = run.store.documents.newest(order, Kind.INVOICE)
    # A return's credit note that is begun may still be deleted: only what is booked has taken the invoice back.
    whole = original is None or original.remaining is None or (original.remaining.ore == 0 and not original.under_way)
    if invoice is not None and whole:
        run.store.documents.set_state(run.lease, invoice, State.CREDITED)
    if whole and (action is Action.REBOOK or _is_booked_anew(run, order)):
        run.store.orders.set_rebook(run.lease, order)
    # What the credit note was made of: what the shop has changed since then is shown by the next fetch.
    run.store.orders.accept_change(order, raw=document.raw, lease=run.lease)
    text = Text("The invoice is taken back.") if whole else Text("The difference is credited.")
    settled = replace(document, state=State.CREDITED)
    run.note(document, settled, "credited", text, order_state=None if whole else State.DONE)


def _is_booked_anew(run: Run, order: OrderKey) -> bool:
    """Whether Dinero has the order's next invoice though nothing here says that it was made: a credit note that a push
    began was found in Dinero, or its draft was deleted there."""
    first = run.store.documents.generations(order)[Kind.INVOICE] + 1
    for guid in guids_of(run, order, Kind.INVOICE, range(first, first + MAX_CORRECTIONS)):
        try:
            found = run.dinero.invoice(guid)
        except NotFound:
            return False
        except Deleted:
            continue
        if not found.deleted:
            return True
    return False
