"""The state machine that takes a plan to a booked, paid invoice or a settled credit note, exactly once.

A document's `step` is what Dinero has confirmed; `pending` is the write whose answer is not recorded yet. It is
committed before the write is sent and cleared with its answer, so whatever was cut off (a lost answer, a kill, a
power failure) is seen by the next run, which looks in Dinero first (facts.md, rule 1-5).

    claimed --contact, create--> drafted --compare--> verified --book--> booked --pay--> done

A credit note goes the same way; its payment is the refund on the invoice it credits, after a look at that invoice
(`settling`). An invoice to an EAN number is sent instead of paid.
"""

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dinero.api.client import Dinero, amount_of, field, guid_of
from dinero.intake.assessing import BOOKED_STEPS, Assessment, Assessor, mistake
from dinero.intake.backfill import document_name
from dinero.intake.chart import refresh_chart
from dinero.intake.customers import differences as differences_of
from dinero.intake.customers import find_customer, mirror, mirror_created, new_guid, sync_contacts
from dinero.intake.fetching import CURSOR
from dinero.model.chart import Chart
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.documents import (
    FINISHED,
    Action,
    Document,
    Event,
    Mark,
    OperationOrder,
    OrderKey,
    Progress,
    State,
    Step,
    StoredOrder,
)
from dinero.model.errors import (
    BROKEN,
    DRAFT_DELETED,
    UNREAD,
    UNREAD_FIX,
    UNSURE,
    AnswerUnknown,
    ConnectionStopped,
    DashboardError,
    Deleted,
    Duplicate,
    NotFound,
    Refused,
    SettingsError,
    Stale,
    StorageFailed,
    TryLater,
    Unread,
)
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money, total
from dinero.model.orders import LineKind
from dinero.model.plans import InvoicePlan, Kind, PlanLine, document_guid
from dinero.model.settings import Settings
from dinero.rules import changes, checks
from dinero.rules.credits import plan_difference, plan_undo
from dinero.rules.invoices import plan_invoice
from dinero.rules.originals import Original, left_lines
from dinero.rules.payments import payment_date, plan_payment
from dinero.rules.questions import payment_rule
from dinero.store import Store
from dinero.store.charts import cache_key
from dinero.store.leases import Lease, LeaseLost
from dinero.store.look_ups import RESTORED

log = logging.getLogger(__name__)

BATCH = 50
LEASE_SECONDS = 180.0
YEARS_AGE = timedelta(days=1)
# An order takes four writes and as many looks; more rounds than this mean that it goes in circles.
MAX_ROUNDS = 24
MAX_UNSURE = 3
MAX_CORRECTIONS = 20

DELETED = "deleted"
MISTAKE = Text("The dashboard made a mistake and stopped the transfer. See the log, then try again.")
FOUND_CREDIT = Finding(
    "found_credit",
    Text(
        "Since a backup was restored, Dinero has a credit note for this invoice that was not known here. It was taken "
        "over, and nothing else was done."
    ),
    Text("Look at the order as it is now, and ask again if it is still to be corrected."),
)
UNKNOWN_CREDIT = Finding(
    "unknown_credit",
    Text(
        "Since a backup was restored, Dinero has a credit note for this invoice that could not be taken over yet, so "
        "it is not known what is left of the invoice."
    ),
    Text("Transfer all orders, then try again. The reconciliation names the credit note."),
)
DOCUMENT_DELETED = Text("The invoice was deleted in Dinero.")
NO_PAYMENT = Text("No payment was registered from here.")
PUSH_AGAIN = Text("Transfer the order again.")
DELETE_DRAFT = Text("Delete the draft in Dinero, then transfer the order again.")
LOOK_IN_DINERO = Text(
    "Compare it in Dinero with the order. Take it over as it is there, with your reason; after that it can also be "
    "taken back from here with a credit note."
)


class _Held(Exception):
    """Our own checks stop this document."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__([finding.code for finding in findings])
        self.findings = findings


def run_operation(operation_id: str, *, dinero: Dinero, store: Store, load_settings: Callable[[], Settings]) -> bool:
    """Works through a push. Returns False when another worker holds the organization right now.

    Ends with the operation `finished`, or `stopped` with its reason when the connection or the set-up needs
    the owner or Dinero can't be reached; what is left stands where it was and the next push goes on from there.
    """
    lease = store.leases.acquire(f"push:{dinero.organization}", seconds=LEASE_SECONDS)
    if lease is None:
        return False
    operation = store.operations.get(operation_id)
    if operation is None or operation.status not in ("waiting", "running"):  # another worker was quicker
        store.leases.release(lease)
        return True
    run = _Run(operation_id, lease, dinero, store)
    before = dinero.session.calls - int(operation.calls)
    dinero.session.on_wait = lambda seconds: store.leases.renew(lease, extra=seconds)
    store.operations.update(operation_id, status=Progress.RUNNING, started=True)
    try:
        run.everything(load_settings)
    except LeaseLost:
        log.warning("another worker took over push %s", operation_id)
    except StorageFailed:
        raise  # nothing can be noted now: the push stays as it is, and the next worker takes it up
    except DashboardError as error:
        log.warning("push %s stopped: %s", operation_id, error)
        needs_owner = isinstance(error, ConnectionStopped | SettingsError)
        run.stop(error.text, dinero.session.calls - before, needs_owner=needs_owner)
        if needs_owner:
            raise
    except Exception:
        run.stop(MISTAKE, dinero.session.calls - before)
        raise
    else:
        calls = dinero.session.calls - before
        if run.paused:
            store.operations.update(operation_id, calls=calls)
        else:
            store.operations.update(operation_id, status=Progress.FINISHED, finished=True, calls=calls)
    finally:
        dinero.session.on_wait = lambda seconds: None
        store.leases.release(lease)
    return True


class _Run:
    """One push by the holder of the lease."""

    def __init__(self, operation_id: str, lease: Lease, dinero: Dinero, store: Store) -> None:
        self.operation_id = operation_id
        self.lease = lease
        self.dinero = dinero
        self.store = store
        self.settings = Settings()
        self.assess = Assessor(store, self.settings)
        self.paused = False
        self.unsure_in_a_row = 0
        self.unsure_before: set[tuple[str, str]] = set()
        # Documents whose order was checked in this run: claimed now, or taken up from an earlier run.
        self.checked: set[str] = set()
        # By an invoice's Guid: its credit notes that Dinero had and nothing here knew of, each with its order.
        self.unknown_credits: Mapping[str, dict[str, tuple[str, str]]] = {}

    def everything(self, load_settings: Callable[[], Settings]) -> None:
        """Fetches what the checks need anew, then takes the orders batch by batch."""
        waiting = [row for row in self.store.operations.orders_of(self.operation_id) if row.result is None]
        if not waiting:
            return
        self.unsure_before = {(row.shop, row.order_id) for row in waiting if row.state == "unsure"}
        chosen = load_settings()
        if missing := chosen.missing():
            text = Text("The set-up is not complete. Complete the steps on the set-up page.")
            raise SettingsError(text, detail=", ".join(missing))
        if chosen.organization != self.dinero.organization:
            raise SettingsError(Text("Another organization was chosen meanwhile. Transfer the orders again."))
        years = self.store.look_ups.get(cache_key(self.dinero.organization, "years"))
        stale = years is None or self.store.clock.now() - years[1] > YEARS_AGE
        self.settings = replace(chosen, chart=refresh_chart(self.dinero, self.store, years_too=stale))
        self.assess = Assessor(self.store, self.settings)
        sync_contacts(self.dinero, self.store)
        changed = self.look_after_restore()
        operation = self.store.operations.get(self.operation_id)
        if operation is not None and operation.action != Action.PUSH:
            for row in waiting:
                if (row.shop, row.order_id) in changed:  # it was asked for without knowing of that
                    document = self.store.documents.newest(OrderKey(row.shop, row.order_id), Kind.INVOICE)
                    self.result(row.shop, row.order_id, document.state if document else State.HELD, [FOUND_CREDIT])
                else:
                    self.correct(row, operation.action, operation.detail)
            return
        # Credit notes after the invoices: one may be for an order of the same push.
        invoices = [row for row in waiting if not (row.total_ore or 0) < 0]
        credits = [row for row in waiting if (row.total_ore or 0) < 0]
        for rows in (invoices, credits):
            if rows is credits and rows:  # what an invoice that was just found is credited with already
                self.look_after_restore()
            for start in range(0, len(rows), BATCH):
                if self.pause_asked():
                    return
                self.batch(rows[start : start + BATCH])

    def pause_asked(self) -> bool:
        """Whether the owner has asked for a pause; the batch that is begun is always brought to its end."""
        operation = self.store.operations.get(self.operation_id)
        self.paused = operation is not None and operation.status == "paused"
        return self.paused

    def stop(self, text: Text, calls: int, *, needs_owner: bool = False) -> None:
        """Records why the run stops: one alarm, not one for each order (facts.md, rule 11)."""
        reasons = [Finding("needs_owner" if needs_owner else "stopped", text)]
        self.store.operations.update(
            self.operation_id, status=Progress.STOPPED, reasons=reasons, finished=True, calls=calls
        )
        self.store.history.add(Event("push stopped", text, operation_id=self.operation_id))

    def batch(self, rows: Sequence[OperationOrder]) -> None:
        """Drafts all, compares all with one list call, then books and pays one by one, in order."""
        drafted = []
        for row in rows:
            begun = self.begin(row.key)
            document = self.drive(begun, until=("drafted",)) if begun is not None else None
            if document is not None:
                drafted.append(document)
        if any(document.step == "drafted" for document in drafted):
            listed = {guid_of(row): row for row in self.dinero.drafts()}
            drafted = [self.verify_listed(document, listed.get(document.guid)) for document in drafted]
        for document in drafted:
            self.drive(document, until=())

    # --- one order -----------------------------------------------------------------------------------

    def begin(self, key: OrderKey) -> Document | None:
        """The order's document, claimed now or earlier; None when the order has its result."""
        shop, order_id = key
        seen = self.store.documents.generations(OrderKey(shop, order_id))
        document = self.store.documents.newest(OrderKey(shop, order_id))
        invoice = self.store.documents.newest(OrderKey(shop, order_id), Kind.INVOICE)
        if document is not None and invoice is not None and invoice.state == "done":
            document = next(iter(self.open_corrections(invoice)), document)
        if document is not None and self.is_finished(document):
            if (known := self.store.orders.get(OrderKey(shop, order_id))) is not None and known.rebook:
                return self.claim(shop, order_id, seen)
            self.finish(document, document.state, ())
            return None
        if document is not None and document.organization != self.dinero.organization:
            self.finish(document, document.state, [_other_organization(document.organization)])
            return None
        if document is None or document.step == DELETED:
            if document is not None and self.is_correction(document):
                return self.claim_correction(key, *self.correction_of(document), seen)
            return self.claim(shop, order_id, seen)
        return document

    def claim(self, shop: str, order_id: str, seen: Mapping[Kind, int]) -> Document | None:
        """Checks the order as it is now and commits the claim, before anything is sent (facts.md, rule 2). `seen` are the
        generations that were there when the order was looked at."""
        row = self.store.orders.get(OrderKey(shop, order_id))
        if row is None:
            text = Text("The order is not known here. Fetch the orders from the shop, then try again.")
            self.result(shop, order_id, State.HELD, [Finding("unknown", text)])
            return None
        state, findings, found = self.assessed(row)
        plan = found.plan if found is not None else None
        invoice, order = plan.credit_for if plan is not None else "", (shop, order_id)
        if invoice and (self.is_barred(invoice, but=order) or self.is_elsewhere(invoice, order)):
            state, findings, plan = "waiting", [UNKNOWN_CREDIT], None
        if plan is None or found is None:
            reasons = findings
            self.store.orders.set_states([(OrderKey(shop, order_id), State(state), reasons)])
            self.result(shop, order_id, State(state), reasons)
            return None
        text = Text("The transfer of order {number}, {total}, was begun.", number=plan.number, total=plan.total)
        contact = found.original.contact_guid if found.original else None
        for note in plan.notes:
            self.store.history.add(
                Event("note", Text.loads(note), order=OrderKey(shop, order_id), operation_id=self.operation_id)
            )
        return self.commit_claim(plan, text, seen, raw=row.raw, contact_guid=contact)

    def assessed(self, row: StoredOrder) -> tuple[str, list[Finding], Assessment | None]:
        """An order's state and reasons as it is now, with all that the checks say if they could be made."""
        found = self.assess.safely(row)
        return found.state, found.findings, found

    def commit_claim(
        self, plan: InvoicePlan, text: Text, seen: Mapping[Kind, int], *, raw: str, contact_guid: str | None
    ) -> Document | None:
        """The claim as a row in the store; None when the order has its result from somebody else's claim."""
        number = seen.get(Kind(plan.kind), 0) + 1
        document = self.store.documents.claim(
            self.lease,
            organization=self.dinero.organization,
            generation=number,
            guid=document_guid(self.dinero.organization, plan.shop, plan.order_id, plan.kind, number),
            plan=plan,
            operation_id=self.operation_id,
            text=text,
            raw=raw,
            contact_guid=contact_guid,
        )
        if document is None:  # somebody else has claimed it meanwhile
            return self.begin(OrderKey(plan.shop, plan.order_id))
        self.checked.add(document.guid)
        return document

    # --- corrections of what was booked --------------------------------------------------------------

    def correct(self, row: OperationOrder, action: str, reason: str) -> None:
        """Takes an invoice back, credits a difference, registers a late payment, or takes over what differs; `action`
        is of changes.py."""
        if action == Action.PAY:
            self.pay_later(row)
            return
        if action == Action.ACCEPT:
            self.accept(row, reason)
            return
        shop, order_id = row.shop, row.order_id
        before = seen = self.store.documents.generations(OrderKey(shop, order_id))
        document = self.store.documents.newest(OrderKey(shop, order_id))
        last = self.store.documents.newest(OrderKey(shop, order_id), Kind.CREDIT_NOTE)
        # A correction whose draft was deleted is begun anew, as the owner asks for it now.
        begun = document is not None and not self.is_finished(document) and document.step != DELETED
        # Settled by this operation, which was cut off before it recorded its result.
        settled = last is not None and last.operation_id == self.operation_id
        if begun and not settled and document is not None and document.kind == Kind.INVOICE:
            # An invoice that is still on its way is brought to its end first, and then corrected.
            if (document := self.begin(row.key)) is not None:
                self.drive(document, until=())
            seen = self.store.documents.generations(OrderKey(shop, order_id))
            document = self.store.documents.newest(OrderKey(shop, order_id), Kind.INVOICE)
            if document is None or document.state != "done" or seen.get(Kind.INVOICE) != before.get(Kind.INVOICE):
                return
            if (shop, order_id) in self.look_after_restore():
                self.result(shop, order_id, document.state, [FOUND_CREDIT])
                return
            begun = False
        document = self.begin(row.key) if begun or settled else self.claim_correction(row.key, action, reason, seen)
        if document is not None:
            self.drive(document, until=())

    def is_finished(self, document: Document) -> bool:
        """Whether nothing is left to do; a correction is finished when its invoice was marked as credited."""
        return document.state in FINISHED and not (document.state == "done" and self.is_correction(document))

    def claim_correction(self, key: OrderKey, action: str, reason: str, seen: Mapping[Kind, int]) -> Document | None:
        """Claims the credit note that an action asks for."""
        shop, order_id = key
        known = self.store.orders.get(OrderKey(shop, order_id))
        if known is None:
            raise ValueError("a correction of an unknown order")
        original = self.assess.original(shop, order_id)
        if original is not None and original.organization not in ("", self.dinero.organization):
            self.result(shop, order_id, State(known.state), [_other_organization(original.organization)])
            return None
        if original is not None and original.under_way:
            text = Text(
                "A credit note for order {number} was begun and is not booked yet. What is left of invoice "
                "{invoice} is only known after that.",
                number=original.under_way[0],
                invoice=original.invoice_number,
            )
            fix = Text("Transfer order {number} first, then try again.", number=original.under_way[0])
            self.result(shop, order_id, State(known.state), [Finding("credit_under_way", text, fix)])
            return None
        if original is not None and self.is_barred(original.guid):
            self.result(shop, order_id, State(known.state), [UNKNOWN_CREDIT])
            return None
        plan = plan_correction(
            self.assess, known, original, seen.get(Kind.CREDIT_NOTE, 0) + 1, action, self.store.clock
        )
        if plan is None or original is None:
            self.result(shop, order_id, State(known.state), [no_correction(order_id, original, action)])
            return None
        if not self.has_year(plan):
            text = Text("Dinero has no accounting year for {date}.", date=plan.issued_on)
            self.result(shop, order_id, State(known.state), [Finding("no_year", text)])
            return None
        text = Text(
            "{total} of invoice {invoice} are taken back: {reason}",
            total=plan.total,
            invoice=original.invoice_number,
            reason=reason or "–",
        )
        return self.commit_claim(plan, text, seen, raw=known.raw, contact_guid=original.contact_guid)

    def has_year(self, plan: InvoicePlan) -> bool:
        years = self.settings.chart.years
        return not years or any(first <= plan.issued_on <= last for first, last in years)

    def is_correction(self, document: Document) -> bool:
        """Whether a credit note takes the order's own invoice back, rather than being a return of its own."""
        return (
            document.kind == Kind.CREDIT_NOTE and self.store.documents.newest(document.order, Kind.INVOICE) is not None
        )

    def correction_of(self, document: Document) -> tuple[str, str]:
        """The action and reason that a correcting credit note was begun for."""
        # A push that made a deleted draft anew does what its predecessor was begun for.
        for begun in self.store.documents.credit_notes_until(document):
            if begun.credit_for != document.credit_for:
                continue
            operation = self.store.operations.get(begun.operation_id)
            if operation is not None and operation.action != "push":
                return operation.action, operation.detail
        return Action.UNDO, ""

    def corrected(self, document: Document) -> None:
        """What follows from a correction that is settled: the invoice is credited, and booked anew if asked.

        The credit note's own state is changed last, so that a run that is cut off here does it all again.
        """
        shop, order_id = document.order
        action, _ = self.correction_of(document)
        original = self.assess.original(shop, order_id)
        invoice = self.store.documents.newest(OrderKey(shop, order_id), Kind.INVOICE)
        # A return's credit note that is begun may still be deleted: only what is booked has taken the invoice back.
        whole = (
            original is None or original.remaining is None or (original.remaining.ore == 0 and not original.under_way)
        )
        if invoice is not None and whole:
            self.store.documents.set_state(self.lease, invoice, State.CREDITED)
        if whole and (action == Action.REBOOK or self.is_booked_anew(document)):
            self.store.orders.set_rebook(self.lease, OrderKey(shop, order_id))
        # What the credit note was made of: what the shop has changed since then is shown by the next fetch.
        self.store.orders.accept_change(OrderKey(shop, order_id), raw=document.raw, lease=self.lease)
        text = Text("The invoice is taken back.") if whole else Text("The difference is credited.")
        self.note(document, "credited", text, state="credited", order_state=None if whole else State.DONE)
        fresh = self.begin(OrderKey(shop, order_id))
        if fresh is not None:
            self.drive(fresh, until=())

    def is_booked_anew(self, credit: Document) -> bool:
        """Whether Dinero has the order's next invoice though nothing here says that it was made: a credit note that a
        push began was found in Dinero, or its draft was deleted there."""
        shop, order_id = credit.order
        first = self.store.documents.generations(OrderKey(shop, order_id))[Kind.INVOICE] + 1
        for number in range(first, first + MAX_CORRECTIONS):
            try:
                found = self.dinero.invoice(
                    document_guid(self.dinero.organization, shop, order_id, Kind.INVOICE, number)
                )
            except NotFound:
                return False
            except Deleted:
                continue
            if not field(found, "DeletedAt"):
                return True
        return False

    def pay_later(self, row: OperationOrder) -> None:
        """Registers the payment of an invoice that was booked with days to pay, now that the shop has it paid."""
        shop, order_id = row.shop, row.order_id
        document, known = (
            self.store.documents.newest(OrderKey(shop, order_id), Kind.INVOICE),
            self.store.orders.get(OrderKey(shop, order_id)),
        )
        newest = self.store.documents.newest(OrderKey(shop, order_id))
        taken_back = newest is not None and self.is_correction(newest) and not self.is_finished(newest)
        if document is not None and document.organization != self.dinero.organization:
            self.result(shop, order_id, document.state, [_other_organization(document.organization)])
            return
        if document is not None and not self.is_finished(document):
            self.drive(document, until=())
            return
        plan = document.plan if document and document.state == "done" else None
        if document is None or plan is None or plan.payment is not None or known is None or taken_back:
            text = Text("There is no booked invoice without a payment for this order.")
            self.result(shop, order_id, State(known.state) if known else State.HELD, [Finding("nothing_to_pay", text)])
            return
        order = self.assess.read(known)
        day = payment_date(order, copenhagen_date(self.store.clock.now()))
        rules = self.settings.with_answers({**known.answers, payment_rule(order): "money"})
        payment = plan_payment(replace(order, ean_number=""), rules, day, plan.total, plan.reference)
        if payment is None and plan.total.ore:
            text = Text(
                "No payment was registered: payments in {currency} are registered by hand, as you chose.",
                currency=plan.total.currency,
            )
            fix = Text("Register the payment in Dinero, then leave the invoice here as it is.")
            self.result(shop, order_id, document.state, [Finding("paid_by_hand", text, fix)])
            return
        plan = replace(plan, payment=payment, e_invoice=False)
        document = self.note(document, None, plan=plan, step="booked", state="booked")
        self.store.orders.accept_change(OrderKey(shop, order_id), lease=self.lease)
        self.drive(document, until=())

    def take_over_corrections(self, document: Document, plan: InvoicePlan, invoice: Mapping[str, Any]) -> None:
        """Claims the credit notes that took an invoice back which is found booked: after a backup was put back, only
        Dinero knows of them. What they are claimed for is found there under their Guid, so nothing is made anew."""
        (shop, order_id), organization = document.order, self.dinero.organization
        booked, row = as_booked(invoice, plan, self.settings.chart), self.store.orders.get(OrderKey(shop, order_id))
        if plan.kind == Kind.CREDIT_NOTE or booked is None or row is None:
            return
        number = str(field(invoice, "Number"))
        original = Original(order_id, plan.number, document.state, booked, document.guid, invoice_number=number)
        for generation in range(1, MAX_CORRECTIONS + 1):
            guid = document_guid(organization, shop, order_id, Kind.CREDIT_NOTE, generation)
            try:
                note = self.dinero.document(Kind.CREDIT_NOTE, guid)
            except NotFound:
                return
            except Deleted:
                continue
            ours = str(field(note, "CreditNoteFor") or "").lower() == document.guid
            if field(note, "DeletedAt") or field(note, "Status") != "Booked" or not ours or not left_lines(original):
                continue
            whole = plan_undo(original, booked.issued_on, generation)
            credit = as_booked(note, whole, self.settings.chart)
            if credit is None:
                continue
            if credit.payment is not None:
                credit = replace(credit, payment=replace(credit.payment, on=credit.issued_on))
            original = replace(original, credits=(*original.credits, credit))
            text = Text(
                "A credit note over {total} for invoice {invoice} was found in Dinero.",
                total=credit.total,
                invoice=number,
            )
            self.store.documents.claim(
                self.lease,
                organization=organization,
                generation=generation,
                guid=guid,
                plan=credit,
                operation_id=self.operation_id,
                text=text,
                raw=row.raw,
                contact_guid=str(field(note, "ContactGuid") or "").lower(),
            )

    def look_after_restore(self) -> set[tuple[str, str]]:
        """After a backup was put back, Dinero may have documents of ours that nothing here knows of. Without its credit
        notes more is left of an invoice than there is, so they are taken over before anything else is done; invoices
        are found when their orders are transferred anew. This is looked at again until nothing unknown is left: the
        credit note of a return is only taken over after the invoice it credits. Returns the orders of invoices of which
        a credit note was found."""
        restored, key = self.store.look_ups.get(RESTORED), f"looked after restore:{self.dinero.organization}"
        looked = self.store.look_ups.get(key)
        if restored is None or (looked is not None and looked[0] == restored[0]):
            return set()
        # By all dates: the credit note of a return is dated as the shop has it.
        tomorrow = copenhagen_date(self.store.clock.now()) + timedelta(days=1)
        found = {
            guid_of(row): row
            for row in self.dinero.sales(date(2000, 1, 1), tomorrow)
            if not field(row, "DeletedAt") and str(field(row, "Status") or "").lower() != "draft"
        }
        unknown = self.unknown(found)
        notes = [row for row in unknown if _kind(row) == Kind.CREDIT_NOTE]
        self.unknown_credits = defaultdict(dict)
        for row in notes:
            note = self.dinero.document(Kind.CREDIT_NOTE, guid_of(row))
            self.unknown_credits[str(field(note, "CreditNoteFor") or "").lower()][guid_of(row)] = _order_of(row)
        for row in sorted(notes, key=lambda row: (str(field(row, "Date")), str(field(row, "Number")).zfill(12))):
            self.take_over_credit(*_order_of(row), guid_of(row))
        if all(self.is_told(row, found) for row in self.unknown(found)):
            self.store.look_ups.put(key, restored[0])
        taken = self.store.documents.by_guid([guid_of(row) for row in unknown])
        credited = self.store.documents.by_guid([row.credit_for for row in taken.values() if row.credit_for])
        return {row.order for row in credited.values()}

    def unknown(self, found: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of Dinero's documents that were made from here, as their Guid tells, and are not booked here."""
        known = self.booked_here(list(found))
        return [row for guid, row in found.items() if guid not in known and self.is_ours(row)]

    def booked_here(self, guids: Sequence[str]) -> set[str]:
        """Those of these Guids that are of documents which are known here as booked."""
        return {guid for guid, row in self.store.documents.by_guid(guids).items() if row.step in BOOKED_STEPS}

    def is_barred(self, invoice: str, *, but: tuple[str, str] | None = None) -> bool:
        """Whether Dinero has a credit note of ours for this invoice that is not known here, other than that of an
        order: what is left of the invoice is not known then."""
        notes = {guid: order for guid, order in self.unknown_credits.get(invoice, {}).items() if order != but}
        return notes.keys() > self.booked_here(list(notes))

    def is_elsewhere(self, invoice: str, order: tuple[str, str]) -> bool:
        """Whether Dinero has an order's credit note for another invoice than this one."""
        notes = [
            guid
            for other, found in self.unknown_credits.items()
            for guid in found
            if other != invoice and found[guid] == order
        ]
        return len(notes) > len(self.booked_here(notes))

    def is_ours(self, row: Mapping[str, Any]) -> bool:
        """Whether one of Dinero's documents has the Guid that one made from here has."""
        (shop, order_id), kind = _order_of(row), _kind(row)
        numbers = range(
            1, self.store.documents.generations(OrderKey(shop, order_id)).get(kind, 0) + MAX_CORRECTIONS + 1
        )
        organization = self.dinero.organization
        return guid_of(row) in {document_guid(organization, shop, order_id, kind, number) for number in numbers}

    def is_gone(self, shop: str, order_id: str) -> bool:
        """Whether the shop no longer has an order: all of its orders were fetched, and this one is not known."""
        return self.store.orders.get(OrderKey(shop, order_id)) is None and self.store.look_ups.get(CURSOR) is not None

    def is_told(self, document: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether nothing more can be found out of one of Dinero's documents. An order that is not to be transferred,
        because it was cancelled since for example, says that Dinero has an invoice of it. That of any other order is
        found when it is transferred anew."""
        order = _order_of(document)
        if _kind(document) == Kind.CREDIT_NOTE:
            invoice = next((guid for guid, notes in self.unknown_credits.items() if guid_of(document) in notes), "")
            return self.is_gone(*order) and invoice in found and self.is_gone(*_order_of(found[invoice]))
        if self.is_gone(*order):
            return True
        row = self.store.orders.get(OrderKey(*order))
        if row is None or (row.guid is not None and not row.rebook):
            return False
        state, _, _ = self.assessed(row)
        if state in ("ignored", "not due") and row.ignored_reason is None:
            self.store.orders.set_suspects([(row.key, document_name(document))])
            state, findings, _ = self.assessed(self.store.orders.get(row.key) or row)
            self.store.orders.set_states([(row.key, State(state), findings)])
            return True
        return state == "ignored" or (state == "held" and bool(row.suspect))

    def take_over_credit(self, shop: str, order_id: str, guid: str) -> None:
        """Takes over a credit note of ours that is booked in Dinero and not known here."""
        known = self.store.documents.by_guid([guid]).get(guid)
        if known is not None and known.step in (*BOOKED_STEPS, DELETED):  # taken over with the one before it
            return
        if self.is_gone(shop, order_id):  # Afstemning shows its credit note
            return
        if self.store.orders.get(OrderKey(shop, order_id)) is None:
            raise TryLater(
                Text(
                    "Dinero has a credit note of an order that is not known here since a backup was "
                    "restored. Fetch the orders from the shop, then transfer again."
                )
            )
        invoice = self.store.documents.newest(OrderKey(shop, order_id), Kind.INVOICE)
        document: Document | None = None
        if invoice is None:  # a return of its own
            document = self.begin(OrderKey(shop, order_id))
        elif invoice.state == "done":
            try:
                booked = self.dinero.document(Kind.INVOICE, invoice.guid)
            except Deleted:
                return
            self.take_over_corrections(invoice, invoice.plan, booked)
            document = next(iter(self.open_corrections(invoice)), None)
        if document is not None:
            self.drive(document, until=())

    def open_corrections(self, document: Document) -> list[Document]:
        """The credit notes of an order's own invoice that are begun and not settled."""
        if document.kind == Kind.CREDIT_NOTE:
            return []
        return [
            credit
            for credit in self.store.documents.credits_of(document.guid)
            if credit.subject == document.subject and credit.state != "credited"
        ]

    def accept(self, row: OperationOrder, reason: str) -> None:
        """Takes over a document that Dinero has booked with other amounts, as it is there and for the owner's reason.

        A payment of another amount than planned is never registered: it is not known what was paid of it.
        """
        shop, order_id = row.shop, row.order_id
        document, known = (
            self.store.documents.newest(OrderKey(shop, order_id)),
            self.store.orders.get(OrderKey(shop, order_id)),
        )
        if document is not None and document.organization != self.dinero.organization:
            self.result(shop, order_id, document.state, [_other_organization(document.organization)])
            return
        if document is not None and self.was_accepted(document):
            self.drive(document, until=())
            return
        if document is None or not changes.can_accept(document.state, document.reasons):
            text = Text("Nothing of this order differs from Dinero.")
            state = State(known.state) if known else State.HELD
            self.result(shop, order_id, state, [Finding("nothing_differs", text)])
            return
        planned = document.plan
        try:
            found = self.dinero.document(planned.kind, document.guid)
        except Deleted:
            found = {}
        plan = as_booked(found, planned, self.settings.chart)
        if plan is None:
            text = Text(
                "What Dinero has can't be taken over: its lines don't add up, or it is in another currency or "
                "for another invoice."
            )
            fix = Text("Make a credit note for it in Dinero, and enter the order there by hand.")
            self.refuse(document, [Finding(changes.DIFFERS, text, fix)])
            return
        text = Text("It was taken over as it is in Dinero, {total}: {reason}", total=plan.total, reason=reason or "–")
        if plan.e_invoice and str(field(found, "MailOutStatus") or "NotSent") != "NotSent":
            plan = replace(plan, e_invoice=False)
        left = plan.payment is not None and plan.total != planned.total and not self.is_registered(document, plan)
        step, event, told = ("done", "done", NO_PAYMENT) if left else ("booked", None, None)
        self.store.history.add(Event("accepted", text, order=OrderKey(shop, order_id), operation_id=self.operation_id))
        document = self.note(
            document,
            event,
            told,
            pending=None,
            step=step,
            state=step,
            plan=plan,
            contact_guid=str(field(found, "ContactGuid") or "").lower() or None,
        )
        self.drive(document, until=())

    def was_accepted(self, document: Document) -> bool:
        """Whether this operation has taken a document over already, and was cut off after that."""
        order = document.order
        last = next(iter(self.store.history.list(order=order, events=("accepted",), limit=1)), None)
        return document.state != "refused" and last is not None and last.operation_id == self.operation_id

    def is_registered(self, document: Document, plan: InvoicePlan) -> bool:
        """Whether Dinero has our payment of a document already."""
        payments = field(self.dinero.payments(plan.credit_for or document.guid), "Payments")
        if not isinstance(payments, list):
            raise Unread(BROKEN, detail="payments that can't be read")
        reference = plan.payment.reference if plan.payment else None
        return any(field(payment, "ExternalReference") == reference for payment in payments)

    def drive(self, document: Document, *, until: tuple[str, ...]) -> Document | None:
        """Takes a document step by step to one of `until` or to its end; None when it has its result.

        Whatever goes wrong with this order stays with this order; only trouble with the connection is raised.
        """
        lost = 0
        for _ in range(MAX_ROUNDS):
            settled = document.pending is None and document.guid in self.checked
            if settled and document.step in (*until, "done"):
                self.unsure_in_a_row = 0
                if document.step in until:
                    return document
                if document.state == "done" and self.is_correction(document):
                    order = document.order
                    if self.is_barred(document.credit_for, but=order):  # with a return it may have taken back all
                        reasons = [UNKNOWN_CREDIT]
                        self.note(document, "unsure", UNKNOWN_CREDIT.text, state="unsure", reasons=reasons)
                        self.finish(document, State.UNSURE, reasons)
                        return None
                    try:
                        self.corrected(document)
                    except Unread:
                        self.leave_unread(document)
                elif found := self.open_corrections(document):
                    self.drive(found[0], until=())  # it begins the next one when it is settled
                else:
                    self.finish(document, document.state, ())
                return None
            try:
                document = self.next(document)
            except AnswerUnknown as error:
                document = self.note(
                    self.reread(document),
                    "unsure",
                    error.text,
                    state="unsure",
                    reasons=[Finding("unsure", error.text)],
                )
                lost += 1
                if lost == 2:  # looked once in this run; the next run looks again
                    self.leave_unsure(document)
                    return None
            except Unread:
                self.leave_unread(document)
                return None
            except TryLater:
                document = self.reread(document)
                if document.state == "unsure":
                    self.finish(document, State.UNSURE, document.reasons)
                raise
            except _Held as held:
                self.refuse(self.reread(document), held.findings)
                return None
            except Deleted:
                self.leave_deleted(self.reread(document))
                return None
            except Refused as error:
                self.refuse(self.reread(document), [Finding(error.code or "refused", error.text)])
                return None
            except (DashboardError, LeaseLost):
                raise
            except Exception:  # noqa: BLE001 - see assessing.mistake
                self.refuse(self.reread(document), [mistake()])
                return None
        log.error("an order went in circles at step %s", document.step)
        self.refuse(document, [Finding("circles", BROKEN)])
        return None

    def leave_deleted(self, document: Document) -> None:
        """Leaves a document that was deleted in Dinero. The next push makes a draft anew, as a new generation; what was
        booked is never booked again."""
        if document.step in BOOKED_STEPS:
            self.refuse(document, _booked_differs([DOCUMENT_DELETED]))
        else:
            self.refuse(document, [Finding("deleted", DRAFT_DELETED, PUSH_AGAIN)], step=DELETED, pending=None)

    def leave_unread(self, document: Document) -> None:
        """Leaves an order of which Dinero's answer can't be read; that is said once, not by each run."""
        document = self.reread(document)
        event = None if document.state == "unsure" else "unsure"
        reasons = [Finding("unsure", UNREAD, UNREAD_FIX)]
        self.leave_unsure(self.note(document, event, UNREAD, state="unsure", reasons=reasons))

    def leave_unsure(self, document: Document) -> None:
        """Leaves an order for the next run. Several in a row are no bad luck: then the run stops. One that was unsure
        before says nothing about Dinero now, or three such orders would keep all others from going."""
        self.finish(document, State.UNSURE, document.reasons)
        if document.order in self.unsure_before:
            return
        self.unsure_in_a_row += 1
        if self.unsure_in_a_row >= MAX_UNSURE:
            raise TryLater(BROKEN, detail="several answers in a row were lost")

    def next(self, document: Document) -> Document:
        """One step: a look at what is pending, or the next write."""
        plan = document.plan
        if document.pending is not None:
            return self.look(document, plan)
        if document.guid not in self.checked:
            document = self.resume(document, plan)
            self.checked.add(document.guid)
            return document
        match document.step:
            case "claimed" if document.contact_guid is None:
                return self.ensure_contact(document, plan)
            case "claimed":
                return self.create(document, plan)
            case "drafted":
                return self.verify(document, plan)
            case "verified":
                return self.book(document, plan)
            case "booked" if plan.payment is None:
                return self.send(document, plan) if plan.e_invoice else self.without_payment(document, plan)
            case "booked" if plan.kind == Kind.CREDIT_NOTE:
                return self.look_for_payment(document, plan, self.dinero.invoice(plan.credit_for))
            case "booked" | "settling":
                return self.pay(document, plan)
        raise ValueError(f"no step after {document.step}")

    # --- what an earlier run left --------------------------------------------------------------------

    def resume(self, document: Document, plan: InvoicePlan) -> Document:
        """Takes up a document of an earlier run, whose order or settings may have changed since."""
        if document.step == "done":
            return self.note(document, None, state="done") if document.state == "unsure" else document
        if document.step in ("booked", "settling"):
            return self.resume_booked(document, plan)
        row = self.store.orders.get(document.order)
        if row is None:
            raise ValueError("a document without its order")
        if self.is_correction(document):  # its plan depends on the invoice alone, which does not change
            step = "claimed" if document.step == "claimed" else "drafted"
            return self.note(document, None, step=step, state=step)
        found = self.assess(row)
        if found.plan is None:
            raise _Held(found.findings)
        if document.step == "claimed":  # nothing of it is in Dinero but perhaps the customer
            contact = found.original.contact_guid if found.original else None
            return self.note(
                document,
                None,
                plan=found.plan,
                contact_guid=contact,
                state="claimed",
                raw=row.raw,
            )
        if _substance(found.plan) != _substance(plan):
            if self.is_deleted(document, plan):
                raise Deleted(DRAFT_DELETED)
            text = Text("The order or the accounts were changed after the draft was made in Dinero.")
            raise _Held([Finding("changed_since_draft", text, DELETE_DRAFT)])
        # The payment is not in the draft: it goes where and when it would go now.
        plan = replace(plan, payment=found.plan.payment)
        return self.note(document, None, plan=plan, step="drafted", state="drafted")

    def is_deleted(self, document: Document, plan: InvoicePlan) -> bool:
        """Whether the owner has deleted a draft in Dinero, as the reason of `changed_since_draft` asks for."""
        try:
            return bool(field(self.dinero.document(plan.kind, document.guid), "DeletedAt"))
        except (NotFound, Deleted):
            return True

    def resume_booked(self, document: Document, plan: InvoicePlan) -> Document:
        """A booked document whose payment is open goes to the booking account as it is chosen now."""
        payment = plan.payment
        found = self.dinero.document(plan.kind, document.guid)
        self.require_equal(document, plan, found)
        if payment is None:
            return self.note(document, None, step="booked", state="booked", timestamp=_timestamp(found))
        if plan.kind == Kind.CREDIT_NOTE:
            return self.look_for_payment(document, plan, self.dinero.invoice(plan.credit_for))
        row = self.store.orders.get(document.order)
        number = self.settings.booking_account_of(row.payment_method if row else "")
        if number is not None and payment.account != number:
            deposit = self.settings.chart.deposits.get(number)
            payment = replace(payment, account=number, account_name=deposit.name if deposit else "")
            plan = replace(plan, payment=payment)
            document = self.note(document, None, plan=plan)
        return self.look_for_payment(document, plan, found)

    def require_equal(self, document: Document, plan: InvoicePlan, found: Mapping[str, Any]) -> None:
        """A document that was booked with other amounts is never taken for the order's, however often it is pushed.
        Its customer may have been put together with another one in Dinero since."""
        if different := differences(found, plan, str(field(found, "ContactGuid") or "").lower()):
            raise _Held(_booked_differs(different))

    def look(self, document: Document, plan: InvoicePlan) -> Document:
        """Looks in Dinero for what became of a write whose answer is not recorded."""
        looked = Text("Looked in Dinero for what became of the last step.")
        if document.pending == "contact":
            try:
                contact = self.dinero.contact(document.contact_guid or "")
            except NotFound:
                return self.note(document, "looked", looked, pending=None, contact_guid=None, state=document.step)
            except Deleted:
                contact = {"ContactGuid": document.contact_guid, "DeletedAt": True}
            live = mirror(self.store, self.dinero.organization, contact)
            guid = document.contact_guid if live else None
            return self.note(document, "looked", looked, pending=None, contact_guid=guid, state=document.step)
        try:
            invoice = self.dinero.document(plan.kind, document.guid)
        except NotFound:
            # Created once more under the same Guid: if it is there after all, Dinero says so (409/72).
            return self.note(document, "looked", looked, pending=None, step="claimed", state="claimed")
        if field(invoice, "Status") == "Booked":
            if document.step not in ("booked", "settling"):
                self.take_over_corrections(document, plan, invoice)
                document = self.take_booked(document, plan, invoice)
            self.require_equal(document, plan, invoice)
            return self.look_after_booking(document, plan, invoice)
        # A draft, created or not booked: it is compared again before it is booked.
        return self.note(
            document, "looked", looked, pending=None, step="drafted", state="drafted", timestamp=_timestamp(invoice)
        )

    def look_after_booking(self, document: Document, plan: InvoicePlan, found: Mapping[str, Any]) -> Document:
        """What is left to do with a document that Dinero has as booked (`found`)."""
        if plan.payment is not None:
            invoice = self.dinero.invoice(plan.credit_for) if plan.kind == Kind.CREDIT_NOTE else found
            return self.look_for_payment(document, plan, invoice)
        if plan.e_invoice and str(field(found, "MailOutStatus") or "NotSent") != "NotSent":
            return self.take_sent(document, plan)
        return self.note(document, None, pending=None, step="booked", state="booked", timestamp=_timestamp(found))

    def look_for_payment(self, document: Document, plan: InvoicePlan, invoice: Mapping[str, Any]) -> Document:
        """Whether the payment (or a credit note's refund) is registered on the invoice. `invoice` was fetched first:
        a payment that lands after that changes its TimeStamp, so the next attempt with that TimeStamp is refused
        instead of paying twice."""
        payment = plan.payment
        if payment is None:
            raise ValueError("a look for no payment")
        refund = plan.kind == Kind.CREDIT_NOTE
        answer = self.dinero.payments(plan.credit_for if refund else document.guid)
        payments = field(answer, "Payments")
        remaining = amount_of(answer, "RemainingAmount", plan.total.currency)
        if not isinstance(payments, list) or remaining is None:
            raise Unread(BROKEN, detail="payments without RemainingAmount")
        ours = next((p for p in payments if field(p, "ExternalReference") == payment.reference), None)
        if ours is not None:
            return self.take_paid(document, plan, str(field(ours, "Guid") or ""))
        # A booked credit note is set off against its invoice, so exactly the refund is overpaid (facts.md, Dinero 4.25).
        if remaining == payment.amount and (refund or not payments):
            text = Text("Looked in Dinero: the sale is not registered yet.")
            if refund:
                text = Text("Looked in Dinero: the refund is not registered yet.")
            return self.note(
                document,
                "looked",
                text,
                pending=None,
                step="settling" if refund else "booked",
                state="booked",
                timestamp=_timestamp(invoice),
            )
        if remaining.ore == 0:
            text = Text("The invoice was paid in Dinero already, so no payment was registered from here.")
            if refund:
                text = Text("The credit note was settled in Dinero already, so no refund was registered from here.")
            return self.note(document, "done", text, pending=None, step="done", state="done")
        text = Text(
            "Invoice {invoice} has other payments in Dinero: {remaining} of {total} remain.",
            invoice=document.invoice_number,
            remaining=remaining,
            total=plan.total,
        )
        fix = Text("Look at the invoice's payments in Dinero and register there what is missing.")
        raise _Held([Finding("other_payments", text, fix)])

    # --- the steps -----------------------------------------------------------------------------------

    def ensure_contact(self, document: Document, plan: InvoicePlan) -> Document:
        """Finds the customer in the mirror, or creates it under our own Guid."""
        organization = self.dinero.organization
        found = find_customer(self.store, organization, plan.customer)
        if found is not None:
            told = differences_of(self.store, organization, found, plan.customer)
            text = told[0] if told else Text("The customer is in Dinero already.")
            return self.note(document, "customer found", text, contact_guid=found)
        guid = new_guid(self.store, organization, plan.customer)
        document = self.note(document, None, pending="contact", contact_guid=guid)
        try:
            self.dinero.create_contact(plan.customer.body(guid))
        except Duplicate:
            return self.look(document, plan)
        except Refused:
            self.note(document, None, pending=None, contact_guid=None)
            raise
        mirror_created(self.store, organization, guid, plan.customer)
        return self.note(document, "customer created", Text("The customer was created in Dinero."), pending=None)

    def create(self, document: Document, plan: InvoicePlan) -> Document:
        """Creates the draft under our own Guid."""
        document = self.note(document, None, pending="create")
        try:
            answer = self.dinero.create(plan.kind, plan.body(document.guid, document.contact_guid or ""))
        except Duplicate:
            found = self.look(document, plan)
            if found.step != "claimed":
                return found
            if document.operation_id == self.operation_id:  # made just now, and perhaps not readable yet
                self.note(found, None, pending="create")
                raise AnswerUnknown(UNSURE, detail="there and not there") from None
            raise Deleted(DRAFT_DELETED) from None
        except Refused:
            self.note(document, None, pending=None)
            raise
        if guid_of(answer) != document.guid or not field(answer, "TimeStamp"):
            raise AnswerUnknown(UNSURE, detail="a created draft without our Guid or a TimeStamp")
        return self.note(
            document,
            "drafted",
            Text("The draft was made in Dinero."),
            pending=None,
            step="drafted",
            state="drafted",
            timestamp=_timestamp(answer),
        )

    def verify_listed(self, document: Document, row: Mapping[str, Any] | None) -> Document:
        """Marks a draft of the batch as compared when the list shows it as planned; else it is fetched by itself."""
        plan = document.plan
        if document.step != "drafted" or row is None or differences(row, plan, document.contact_guid):
            return document
        if plan.kind == Kind.CREDIT_NOTE:  # the list does not tell which invoice it credits
            return document
        return self.mark_verified(document)

    def verify(self, document: Document, plan: InvoicePlan) -> Document:
        """Fetches one document and compares it with the plan (facts.md, rule 4)."""
        try:
            invoice = self.dinero.document(plan.kind, document.guid)
        except NotFound:
            return self.note(document, None, step="claimed", state="claimed")
        if field(invoice, "DeletedAt"):
            raise Deleted(DRAFT_DELETED)
        if field(invoice, "Status") == "Booked":
            self.take_over_corrections(document, plan, invoice)
            return self.look_after_booking(self.take_booked(document, plan, invoice), plan, invoice)
        different = differences(invoice, plan, document.contact_guid)
        if plan.credit_for and not field(invoice, "CreditNoteFor"):  # this answer always tells it
            different.append(Text("The credit note in Dinero is for another invoice."))
        if different:
            raise _Held([Finding("draft_differs", text, DELETE_DRAFT) for text in different])
        return self.mark_verified(document, timestamp=_timestamp(invoice))

    def book(self, document: Document, plan: InvoicePlan) -> Document:
        """Books the draft for good."""
        document = self.note(document, None, pending="book")
        try:
            invoice = self.dinero.book(plan.kind, document.guid, document.timestamp)
        except Stale:
            # Changed or booked meanwhile: compared again, and booked with the fresh TimeStamp if it still fits.
            return self.look(document, plan)
        except Refused:
            document = self.look(document, plan)
            if document.step in ("booked", "settling", "done"):
                return document
            raise
        if field(invoice, "Status") != "Booked" or not field(invoice, "Number"):
            raise AnswerUnknown(UNSURE, detail="a booked invoice without a number")
        return self.take_booked(document, plan, invoice, pending=None)

    def pay(self, document: Document, plan: InvoicePlan) -> Document:
        """Registers the sale on the booking account, or the refund of a credit note on its invoice."""
        payment = plan.payment
        if payment is None:
            raise ValueError("a payment of nothing")
        body = plan.payment_body(document.timestamp, self.in_kroner(document, plan))
        document = self.note(document, None, pending="pay")
        try:
            answer = self.dinero.pay_invoice(plan.credit_for or document.guid, body)
        except Stale:
            return self.look(document, plan)
        except Refused:
            self.note(document, None, pending=None)
            raise
        if not field(answer, "Guid"):
            raise AnswerUnknown(UNSURE, detail="a payment without a Guid")
        return self.take_paid(document, plan, str(field(answer, "Guid")))

    def in_kroner(self, document: Document, plan: InvoicePlan) -> Money | None:
        """Dinero's own value of a document in another currency, with the payment's sign; the difference to what the
        bank pays out comes with the payout (facts.md, Dinero 4.29)."""
        if plan.payment is None or plan.total.currency == DKK:
            return None
        value = self.dinero.value_in_kroner(document.guid, plan.reference)
        if value is None or value.ore == 0:
            text = Text(
                "Dinero does not tell what invoice {invoice} is worth in kroner, so its payment can't be registered.",
                invoice=document.invoice_number,
            )
            fix = Text("Register the payment in Dinero by hand.")
            raise _Held([Finding("no_value", text, fix)])
        return Money(abs(value.ore) if plan.payment.amount.ore > 0 else -abs(value.ore))

    def send(self, document: Document, plan: InvoicePlan) -> Document:
        """Sends a booked invoice to the customer's EAN number."""
        document = self.note(document, None, pending="send")
        body = {
            "PaymentMeanEnum": "Domestic",
            "OrderReference": plan.number,
            "AttPerson": plan.customer.attention or None,
            "Timestamp": document.timestamp,
        }
        try:
            self.dinero.send_e_invoice(document.guid, body)
        except Stale:
            return self.look(document, plan)
        except Refused:
            self.note(document, None, pending=None)
            raise
        return self.take_sent(document, plan)

    # --- records -------------------------------------------------------------------------------------

    def take_booked(
        self, document: Document, plan: InvoicePlan, invoice: Mapping[str, Any], **changes: Any
    ) -> Document:
        """Records that the invoice is booked, whoever booked it."""
        number = str(field(invoice, "Number"))
        different = differences(invoice, plan, document.contact_guid)
        text = Text("The invoice was booked with number {invoice}.", invoice=number)
        if plan.kind == Kind.CREDIT_NOTE:
            text = Text("The credit note was booked with number {invoice}.", invoice=number)
        document = self.note(
            document,
            "booked",
            text,
            step="booked",
            state="booked",
            invoice_number=number,
            timestamp=_timestamp(invoice),
            **changes,
        )
        is_credit = plan.kind == Kind.CREDIT_NOTE
        self.store.operations.mark(
            self.operation_id,
            document.order,
            booked=not is_credit,
            credited=is_credit,
        )
        if different:
            raise _Held(_booked_differs(different))
        return document

    def take_paid(self, document: Document, plan: InvoicePlan, payment_guid: str) -> Document:
        """Records that the sale or the refund is registered: the order is done."""
        payment = plan.payment
        account = payment.account_name if payment else ""
        text = Text("{total} was registered on {account}.", total=plan.total, account=account)
        if plan.kind == Kind.CREDIT_NOTE:
            text = Text("The refund of {total} was registered on {account}.", total=plan.total, account=account)
        else:
            self.store.operations.mark(self.operation_id, document.order, paid=True)
        deposit: dict[str, Any] = {}
        if payment is not None and payment.amount.currency == DKK:
            deposit = {"deposit_account": payment.account, "deposit_ore": payment.amount.ore}
        return self.note(
            document, "done", text, pending=None, step="done", state="done", payment_guid=payment_guid, **deposit
        )

    def without_payment(self, document: Document, plan: InvoicePlan) -> Document:
        """Records a document that has nothing to be registered as paid."""
        text = Text("No payment is due from here.")
        if plan.days is not None:
            text = Text("The invoice is to be paid within {days} days.", days=plan.days)
        return self.note(document, "done", text, pending=None, step="done", state="done")

    def take_sent(self, document: Document, plan: InvoicePlan) -> Document:
        """Records that the invoice was sent to the EAN number."""
        text = Text("The invoice was sent to EAN number {ean}.", ean=plan.customer.ean)
        return self.note(document, "done", text, pending=None, step="done", state="done")

    def mark_verified(self, document: Document, **changes: Any) -> Document:
        text = Text("The draft in Dinero was compared with the order: it fits to the øre.")
        return self.note(document, "verified", text, step="verified", state="verified", **changes)

    def refuse(self, document: Document, findings: list[Finding], **changes: Any) -> None:
        """Records that this order stops here, with what the owner can do."""
        reasons = findings
        document = self.note(document, "refused", findings[0].text, reasons=reasons, state="refused", **changes)
        self.finish(document, State.REFUSED, reasons)

    def note(
        self,
        document: Document,
        event: str | None,
        text: Text | None = None,
        *,
        reasons: Sequence[Finding] = (),
        order_state: State | None = None,
        **changes: Any,
    ) -> Document:
        """Commits a change of the document; with an event also a row of the history."""
        kinds = {"step": Step, "state": State, "pending": Mark}
        read: dict[str, Any] = {
            name: kinds[name](value) if name in kinds and value else value for name, value in changes.items()
        }
        after = replace(document, reasons=tuple(reasons), **read)
        state = after.state if "state" in changes else None
        told = Event(event, text, operation_id=self.operation_id, state=state) if event is not None else None
        order_state = order_state or state
        return self.store.documents.advance(self.lease, document, after, told, order_state=order_state)

    def reread(self, document: Document) -> Document:
        return self.store.documents.get(document.id) or document

    def finish(self, document: Document, state: State, reasons: Sequence[Finding]) -> None:
        self.result(*document.order, state, reasons)

    def result(self, shop: str, order_id: str, state: State, reasons: Sequence[Finding]) -> None:
        self.store.operations.finish_order(self.operation_id, OrderKey(shop, order_id), state, reasons)


def preview_correction(assess: Assessor, row: StoredOrder, action: str, clock: Clock) -> InvoicePlan | None:
    """What `plan_correction` would make of a booked order now."""
    shop, order_id = row.shop, row.id
    number = assess.store.documents.generations(OrderKey(shop, order_id)).get(Kind.CREDIT_NOTE, 0) + 1
    return plan_correction(assess, row, assess.original(shop, order_id), number, action, clock)


def plan_correction(
    assess: Assessor, row: StoredOrder, original: Original | None, number: int, action: str, clock: Clock
) -> InvoicePlan | None:
    """The credit note that a correction of a booked order is, dated today, as generation `number`; None when there is
    nothing left to credit this way. The preview and the transfer both ask here."""
    if original is None or original.plan is None:
        return None
    if action == Action.REBOOK and _returns(row.id, original):
        return None  # the invoice that is booked anew would not have its returns
    today = copenhagen_date(clock.now())
    try:
        if action != Action.DIFFERENCE:
            return plan_undo(original, today, number)
        order = assess.read(row)
        chosen = assess.settings.with_answers(row.answers)
        if checks.check_order(order, chosen):
            return None
        return plan_difference(original, plan_invoice(order, chosen), today, number)
    except ValueError:
        return None


def no_correction(order_id: str, original: Original | None, action: str) -> Finding:
    """Why `plan_correction` made none, and what the owner can do instead."""
    if action == Action.REBOOK and original is not None and (returns := _returns(order_id, original)):
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
    if action == Action.DIFFERENCE and original is not None and original.plan is not None and left_lines(original):
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


def _other_organization(organization: str) -> Finding:
    text = Text(
        "The transfer of this order was begun in another organization, {organization}.", organization=organization
    )
    fix = Text("Choose that organization on the set-up page and transfer the order there.")
    return Finding("other_organization", text, fix)


def differences(invoice: Mapping[str, Any], plan: InvoicePlan, contact_guid: str | None) -> list[Text]:
    """How an invoice as Dinero holds it differs from the plan, to the øre; empty when it does not. A draft must have
    the plan's date and accounts too, as far as the answer tells them: once it is booked, its VAT period stands."""
    found = []
    currency = plan.total.currency
    gross, net = (amount_of(invoice, name, currency) for name in ("TotalInclVat", "TotalExclVat"))
    if gross != plan.total:
        found.append(_differs(Text("The total in Dinero is {there}, but the order's is {here}."), gross, plan.total))
    if gross is None or net is None or gross - net != plan.vat:
        vat = gross - net if gross is not None and net is not None else None
        found.append(_differs(Text("The VAT in Dinero is {there}, but the plan's is {here}."), vat, plan.vat))
    if str(field(invoice, "ContactGuid") or "").lower() != contact_guid:
        found.append(Text("The invoice in Dinero is for another customer."))
    if (field(invoice, "Currency") or DKK) != currency:
        found.append(Text("The invoice in Dinero is in another currency."))
    if field(invoice, "DeletedAt"):
        found.append(DOCUMENT_DELETED)
    if str(field(invoice, "CreditNoteFor") or plan.credit_for).lower() != plan.credit_for:  # not all answers tell it
        found.append(Text("The credit note in Dinero is for another invoice."))
    if str(field(invoice, "Status") or "").lower() == "draft":
        found += _of_another_period(invoice, plan) + _on_other_accounts(invoice, plan)
    return found


def _of_another_period(draft: Mapping[str, Any], plan: InvoicePlan) -> list[Text]:
    told = str(field(draft, "Date") or "")[:10]
    if told in ("", plan.issued_on.isoformat()):
        return []
    try:
        there: date | str = date.fromisoformat(told)
    except ValueError:
        there = told
    return [
        Text("The draft in Dinero has the date {there}, but the order's is {here}.", there=there, here=plan.issued_on)
    ]


def _on_other_accounts(draft: Mapping[str, Any], plan: InvoicePlan) -> list[Text]:
    """The accounts on which a draft has another sum (incl. VAT) than the plan. Lists tell no lines."""
    lines = field(draft, "ProductLines")
    if not isinstance(lines, list):
        return []
    currency = plan.total.currency
    lines = [row for row in lines if str(field(row, "LineType") or "").lower() != "text"]
    told = [(str(field(row, "AccountNumber")), amount_of(row, "TotalAmountInclVat", currency)) for row in lines]
    planned = [(str(line.account), line.amount) for line in plan.lines]
    there, here = _by_account(told), _by_account(planned)
    if any(amount is None for _, amount in told):  # the total is compared, and so are the accounts alone
        there, here = dict.fromkeys(there, 0), dict.fromkeys(here, 0)
    return [
        Text(
            "On account {account} the draft in Dinero has {there}, but the order has {here}.",
            account=account,
            there=Money(there.get(account, 0), currency),
            here=Money(here.get(account, 0), currency),
        )
        for account in sorted({*there, *here})
        if there.get(account) != here.get(account)
    ]


def _by_account(lines: Sequence[tuple[str, Money | None]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for account, amount in lines:
        sums[account] += amount.ore if amount is not None else 0
    return dict(sums)


def as_booked(found: Mapping[str, Any], plan: InvoicePlan, chart: Chart) -> InvoicePlan | None:
    """The plan with the lines and amounts that Dinero has of it; None when they can't be told to the øre."""
    currency = plan.total.currency
    gross, net = (amount_of(found, name, currency) for name in ("TotalInclVat", "TotalExclVat"))
    if gross is None or net is None or (field(found, "Currency") or DKK) != currency or field(found, "DeletedAt"):
        return None
    if plan.credit_for and str(field(found, "CreditNoteFor") or "").lower() != plan.credit_for:
        return None
    planned = list(plan.lines)
    lines: list[PlanLine] = []
    for row in field(found, "ProductLines") or []:
        if field(row, "LineType") == "Text":
            continue
        incl, excl = (amount_of(row, name, currency) for name in ("TotalAmountInclVat", "TotalAmount"))
        number = field(row, "AccountNumber")
        account = chart.accounts.get(number)
        if incl is None or excl is None or account is None:
            return None
        text = str(field(row, "Description") or "")
        like = next((line for line in planned if (line.text, line.account) == (text, number)), None)
        if like is not None:
            planned.remove(like)
        kind, key = (like.kind, like.key) if like else (LineKind.PRODUCT.value, f"dinero:{len(lines)}")
        lines.append(PlanLine(text, 1, number, account.name, account.vat_code, incl, incl - excl, incl, kind, key))
    sums = total([line.amount for line in lines], currency), total([line.vat for line in lines], currency)
    if sums != (gross, gross - net):
        return None
    payment = plan.payment
    if payment is not None:
        amount = -gross if plan.kind == Kind.CREDIT_NOTE else gross
        payment = replace(payment, amount=amount) if gross.ore else None
    try:
        day = date.fromisoformat(str(field(found, "Date"))[:10])
    except ValueError:
        return None
    return replace(plan, lines=tuple(lines), total=gross, vat=gross - net, payment=payment, issued_on=day)


def _booked_differs(different: Sequence[Text]) -> list[Finding]:
    return [Finding(changes.DIFFERS, text, LOOK_IN_DINERO) for text in different]


def _differs(text: Text, there: Money | None, here: Money) -> Text:
    return Text(text.message, there=there if there is not None else "?", here=here)


def _substance(plan: InvoicePlan) -> tuple[object, ...]:
    """What a draft can't be booked without, if the order's plan has become another."""
    return plan.lines, plan.customer.key, plan.credit_for, plan.days, plan.e_invoice


def _kind(row: Mapping[str, Any]) -> Kind:
    """The kind of one of Dinero's listed documents."""
    return Kind.CREDIT_NOTE if str(field(row, "Type")).lower() == "creditnote" else Kind.INVOICE


def _order_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Shop and id of the order that one of Dinero's listed documents names."""
    shop, _, rest = str(field(row, "ExternalReference") or "").partition(":")
    return shop, rest.partition(":")[0]


def _timestamp(answer: Mapping[str, Any]) -> str:
    return str(field(answer, "TimeStamp") or "")


def _dumps(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _loads(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    return value
