"""Works a transfer off: by one worker, batch by batch, to its result or the reason why it stopped."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat

from dinero.api.client import Dinero
from dinero.booking.actions import act
from dinero.booking.machine import drive
from dinero.booking.restored import FOUND_CREDIT, look_after_restore
from dinero.booking.run import Run
from dinero.booking.sales import compare_listed
from dinero.booking.whole_way import begin, bring_to_end, follow
from dinero.intake.assessing import Assessor
from dinero.intake.chart import refresh_chart
from dinero.intake.customers import sync_contacts
from dinero.model.documents import Action, Document, Event, Operation, OperationOrder, Progress, State, Step
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, StorageFailed
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.plans import Kind
from dinero.model.settings import Settings
from dinero.store import Store
from dinero.store.leases import Lease, LeaseLost

log = logging.getLogger(__name__)

# The first batches are small, so that the first invoice is there within seconds and a pause is soon obeyed; each costs
# a call that lists the drafts, so they grow.
FIRST_BATCHES = (5, 10, 25)
BATCH = 50
LEASE_SECONDS = 180.0
YEARS_AGE = timedelta(days=1)
MISTAKE = Text("The dashboard made a mistake and stopped the transfer. See the log, then try again.")


def run_operation(operation_id: str, *, dinero: Dinero, store: Store, load_settings: Callable[[], Settings]) -> bool:
    """Works through a transfer. Returns False when another worker holds the organization right now.

    Ends with the operation `finished`, or `stopped` with its reason when the connection or the set-up needs
    the owner or Dinero can't be reached; what is left stands where it was and the next transfer goes on from there.
    """
    lease = store.leases.acquire(f"push:{dinero.organization}", seconds=LEASE_SECONDS)
    if lease is None:
        return False
    operation = store.operations.get(operation_id)
    if operation is None or operation.status not in (Progress.WAITING, Progress.RUNNING):  # another was quicker
        store.leases.release(lease)
        return True
    dinero.session.on_wait = lambda seconds: store.leases.renew(lease, extra=seconds)
    try:
        _work(operation, lease, dinero, store, load_settings)
    finally:
        dinero.session.on_wait = lambda seconds: None
        store.leases.release(lease)
    return True


def _work(
    operation: Operation, lease: Lease, dinero: Dinero, store: Store, load_settings: Callable[[], Settings]
) -> None:
    """Works as the holder of the lease, and records how the transfer ended. Raises ConnectionStopped and SettingsError,
    which need the owner, and what was our own mistake."""
    before = dinero.session.calls - operation.calls
    store.operations.begin(operation.id)
    try:
        paused = _everything(operation, lease, dinero, store, load_settings)
    except LeaseLost:
        log.warning("another worker took over push %s", operation.id)
    except StorageFailed:
        raise  # nothing can be noted now: the push stays as it is, and the next worker takes it up
    except DashboardError as error:
        log.warning("push %s stopped: %s", operation.id, error)
        needs_owner = isinstance(error, ConnectionStopped | SettingsError)
        reason = Finding("needs_owner" if needs_owner else "stopped", error.text)
        _stop(store, operation.id, reason, dinero.session.calls - before)
        if needs_owner:
            raise
    except Exception:
        _stop(store, operation.id, Finding("stopped", MISTAKE), dinero.session.calls - before)
        raise
    else:
        calls = dinero.session.calls - before
        if paused:
            store.operations.update(operation.id, calls=calls)
        else:
            store.operations.update(operation.id, status=Progress.FINISHED, finished=True, calls=calls)


def _stop(store: Store, operation_id: str, reason: Finding, calls: int) -> None:
    """Records why a transfer stops: one alarm, not one for each order (facts.md, rule 11)."""
    store.operations.update(operation_id, status=Progress.STOPPED, reasons=[reason], finished=True, calls=calls)
    store.history.add(Event("push stopped", reason.text, operation_id=operation_id))


def _everything(
    operation: Operation, lease: Lease, dinero: Dinero, store: Store, load_settings: Callable[[], Settings]
) -> bool:
    """Fetches what the checks need anew, then takes the orders that have no result yet. Returns whether it was
    paused."""
    waiting = [row for row in store.operations.orders_of(operation.id) if row.result is None]
    if not waiting:
        return False
    settings = _fresh_settings(dinero, store, load_settings())
    sync_contacts(dinero, store)
    unsure = frozenset(row.key for row in waiting if row.state is State.UNSURE)
    run = Run(operation.id, lease, dinero, store, settings, Assessor(store, settings), unsure)
    changed = look_after_restore(run)
    if operation.action is Action.PUSH:
        return _push(run, waiting)
    for row in waiting:
        if row.key in changed:  # it was asked for without knowing of that
            document = store.documents.newest(row.key, Kind.INVOICE)
            run.result(row.key, document.state if document else State.HELD, [FOUND_CREDIT])
        else:
            act(run, row.key, operation.action, operation.detail)
    return False


def _fresh_settings(dinero: Dinero, store: Store, chosen: Settings) -> Settings:
    """The settings with the chart of accounts as Dinero has it now. Raises SettingsError."""
    if missing := chosen.missing():
        text = Text("The set-up is not complete. Go on under Set-up.")
        raise SettingsError(text, detail=", ".join(missing))
    if chosen.organization != dinero.organization:
        raise SettingsError(Text("Another organization was chosen meanwhile. Transfer the orders again."))
    fetched_at = store.charts.years_fetched_at(dinero.organization)
    stale = fetched_at is None or store.clock.now() - fetched_at > YEARS_AGE
    return replace(chosen, chart=refresh_chart(dinero, store, years_too=stale))


def _push(run: Run, waiting: Sequence[OperationOrder]) -> bool:
    """Takes the orders batch by batch, credit notes after the invoices: one may be for an order of the same push.
    Returns whether it was paused; the batch that is begun is always brought to its end."""
    sizes = chain(FIRST_BATCHES, repeat(BATCH))
    invoices = [row for row in waiting if not row.is_credit]
    credits = [row for row in waiting if row.is_credit]
    for rows in (invoices, credits):
        if rows is credits and rows:  # what an invoice that was just found is credited with already
            look_after_restore(run)
        start = 0
        while start < len(rows):
            operation = run.store.operations.get(run.operation_id)
            if operation is not None and operation.status is Progress.PAUSED:
                return True
            size = next(sizes)
            _batch(run, rows[start : start + size])
            start += size
    return False


def _batch(run: Run, rows: Sequence[OperationOrder]) -> None:
    """Drafts all, compares all with one list call, then books and pays one by one, in order."""
    drafted = []
    for row in rows:
        begun = begin(run, row.key)
        document = drive(run, begun, until=(Step.DRAFTED,)) if begun is not None else None
        if document is None:
            continue
        if document.step is Step.DRAFTED:
            drafted.append(document)
        else:
            follow(run, document)
    for document in _compared(run, drafted):
        bring_to_end(run, document)


def _compared(run: Run, drafted: Sequence[Document]) -> list[Document]:
    """The drafts, those marked as compared that Dinero's list shows as planned."""
    if not drafted:
        return []
    listed = {found.guid: found for found in run.dinero.drafts()}
    compared = []
    for document in drafted:
        outcome = compare_listed(document, listed.get(document.guid))
        compared.append(run.record(document, outcome) if outcome is not None else document)
    return compared
