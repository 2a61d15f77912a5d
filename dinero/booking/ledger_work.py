"""Works off what was asked for with payouts: by one worker, item by item, each to its result or the reason why it
stands.

One call tells of many where that saves calls: what lies in the ledger, how far the bookings are, what was posted.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from dinero.api.client import Dinero
from dinero.booking import ledger
from dinero.booking.ledger import drive
from dinero.booking.ledger_lost import counter_generation, payout_generation
from dinero.booking.ledger_run import LedgerRun
from dinero.intake.chart import refresh_chart
from dinero.intake.postings import sync_entries
from dinero.intake.settling import PayoutAssessor
from dinero.model.chart import Chart
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Event, State, Step
from dinero.model.errors import NotFound, SettingsError, Unread
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem, LedgerPlan, item_guid
from dinero.model.responses import LedgerDraft, LedgerStatus
from dinero.model.settings import Settings
from dinero.model.settlements import LedgerEntry, PayoutState, StoredPayout
from dinero.rules.payout_checks import NEAR
from dinero.rules.payout_plans import counter_plan
from dinero.store import Store
from dinero.store.leases import Lease, LeaseLost

log = logging.getLogger(__name__)

BATCH = 25
LEASE_SECONDS = 180.0
CHART_AGE, YEARS_AGE = timedelta(hours=1), timedelta(days=1)
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)  # seconds between the looks at bookings; then the next run looks
PATIENCE = 3  # looks at which an item may still be called a draft after its booking was begun
# Postings that one call asks for: of at most so many days, and of no time in between that nobody needs. Weekly payouts
# are read together.
MOST_DAYS, MOST_BETWEEN = timedelta(days=31), timedelta(days=8)


def work_off_payouts(dinero: Dinero, store: Store, load_settings: Callable[[], Settings]) -> bool:
    """Works off all payouts that were asked for, and looks whether what was laid in the ledger was booked there.
    Returns False when another worker holds the organization right now.

    Raises ConnectionStopped or SettingsError when the owner must act, and TryLater when Dinero can't be reached: what
    was asked for stays asked for, and the next run goes on from where it stands.
    """
    if not store.payouts.wanted() and not store.payouts.count(states=[PayoutState.IN_LEDGER]):
        return True
    lease = store.leases.acquire(f"push:{dinero.organization}", seconds=LEASE_SECONDS)
    if lease is None:
        return False
    dinero.session.on_wait = lambda seconds: store.leases.renew(lease, extra=seconds)
    try:
        _work(lease, dinero, store, load_settings())
    except LeaseLost:
        log.warning("another worker took the payouts over")
        return False
    finally:
        dinero.session.on_wait = lambda seconds: None
        store.leases.release(lease)
    return True


def _work(lease: Lease, dinero: Dinero, store: Store, chosen: Settings) -> None:
    settings = _fresh_settings(dinero, store, chosen)
    wanted = store.payouts.wanted()
    earlier = _look_around(dinero, store, settings, wanted)
    unsure = frozenset(payout.id for payout in wanted if payout.state is PayoutState.UNSURE)
    run = LedgerRun(lease, dinero, store, settings, PayoutAssessor(store, settings, wanted, earlier), unsure)
    for start in range(0, len(wanted), BATCH):
        begun = [begin(run, payout) for payout in wanted[start : start + BATCH]]
        _bring_on(run, [item for item in begun if item is not None])
    _look_at_laid(run)


def _fresh_settings(dinero: Dinero, store: Store, chosen: Settings) -> Settings:
    """The settings with a chart of accounts that is not older than an hour. Raises SettingsError."""
    if chosen.organization != dinero.organization:
        raise SettingsError(Text("Another organization was chosen meanwhile. Book the payouts again."))
    now, charts = store.clock.now(), store.charts
    fetched, years = charts.accounts_fetched_at(dinero.organization), charts.years_fetched_at(dinero.organization)
    if fetched is None or now - fetched > CHART_AGE:
        chart = refresh_chart(dinero, store, years_too=years is None or now - years > YEARS_AGE)
    else:
        chart = charts.load(dinero.organization)
    return replace(chosen, chart=chart)


def _look_around(dinero: Dinero, store: Store, settings: Settings, wanted: Sequence[StoredPayout]) -> list[LedgerEntry]:
    """Brings the mirror of Dinero's postings up to now where payouts are about to be booked or taken back: somebody may
    have booked them just now (facts.md, Payouts 10.6). Returns what was posted around days of before the mirror's
    first."""
    days = [payout.paid_on for payout in wanted if _is_about_to_be_claimed(store, payout)]
    if not days:
        return []
    mirror = sync_entries(dinero, store, settings)
    around = {day + timedelta(days=away) for day in days for away in range(-NEAR.days, NEAR.days + 1)}
    earlier = _periods((day for day in around if day < mirror.first), settings.chart)
    return [entry for first, last in earlier for entry in dinero.entries(first, last, primo=False)]


def _is_about_to_be_claimed(store: Store, payout: StoredPayout) -> bool:
    item = store.ledger_items.newest(payout.id)
    if payout.wanted_kind is ItemKind.COUNTER:
        return item is not None and item.kind is ItemKind.PAYOUT
    if item is None or item.kind is ItemKind.COUNTER:
        return True
    fell_back = item.step is Step.BOOKING and item.state is State.REFUSED
    return fell_back or item.step in (Step.CLAIMED, Step.DRAFTED, Step.VERIFIED, Step.DELETED)


# --- begun ----------------------------------------------------------------------------------------------


def begin(run: LedgerRun, payout: StoredPayout) -> LedgerItem | None:
    """The item that a payout wants, claimed now or earlier; None when the payout has its result."""
    item = run.store.ledger_items.newest(payout.id)
    if item is not None and item.organization != run.organization:
        text = Text("It was begun in another organization, {organization}.", organization=item.organization)
        fix = Text("Choose that organization on the set-up page and book the payout there.")
        return _result(run, payout, PayoutState.REFUSED, Finding("other_organization", text, fix))
    if item is None or (item.kind is ItemKind.COUNTER and item.step is Step.DONE):
        return _claim_payout(run, payout)
    if item.kind is ItemKind.COUNTER:
        return _go_on_with_counter(run, payout, item)
    if item.step is Step.DELETED:
        return _claim_payout(run, payout)
    if item.step is Step.DONE:
        return _claim_counter(run, payout, item) if _wants_back(payout) else _result(run, payout, PayoutState.BOOKED)
    if _wants_back(payout):
        text = Text("The payout is not booked as planned, so it can't be taken back from here.")
        return _result(run, payout, PayoutState.REFUSED, Finding("not_booked", text), *item.reasons)
    if item.step is Step.CLAIMED and item.pending is None:  # nothing of it is in Dinero
        found = run.assess.standing(payout)
        if found.plan is None:
            return _result(run, payout, found.state, *found.reasons)
    return item


def _wants_back(payout: StoredPayout) -> bool:
    return payout.wanted_kind is ItemKind.COUNTER


def _go_on_with_counter(run: LedgerRun, payout: StoredPayout, item: LedgerItem) -> LedgerItem | None:
    """A counter item that is under way goes on, whatever was asked for since; of one that is not in Dinero nothing was
    taken back."""
    is_nowhere = item.pending is None and item.step in (Step.CLAIMED, Step.DELETED)
    if is_nowhere and not _wants_back(payout):
        return _result(run, payout, PayoutState.BOOKED)
    booked = run.store.ledger_items.newest(payout.id, ItemKind.PAYOUT)
    if item.step is Step.DELETED and booked is not None:
        return _claim_counter(run, payout, booked)
    return item


def _claim_payout(run: LedgerRun, payout: StoredPayout) -> LedgerItem | None:
    found = run.assess.standing(payout)
    if _wants_back(payout) or found.plan is None:
        return _result(run, payout, found.state, *found.reasons)
    return _claim(run, payout, found.plan, payout_generation(run, payout), Text("The booking of the payout began."))


def _claim_counter(run: LedgerRun, payout: StoredPayout, booked: LedgerItem) -> LedgerItem | None:
    plan = counter_plan(booked, run.settings, copenhagen_date(run.store.clock.now()))
    text = Text(
        "Taking voucher {voucher} back began: {reason}",
        voucher=booked.voucher_number or "",
        reason=payout.wanted_reason or "–",
    )
    return _claim(run, payout, plan, counter_generation(run, payout, booked), text)


def _claim(run: LedgerRun, payout: StoredPayout, plan: LedgerPlan, generation: int, text: Text) -> LedgerItem | None:
    """Commits the claim on a payout's next item (facts.md, rule 2)."""
    guid = item_guid(run.organization, payout.key, plan.kind, generation)
    item = run.store.ledger_items.claim(
        run.lease,
        organization=run.organization,
        payout=payout.id,
        plan=plan,
        generation=generation,
        guid=guid,
        text=text,
    )
    if item is None:  # only the holder of the lease claims, so another has it now
        raise LeaseLost(f"payout {payout.id} was claimed by another")
    run.checked.add(guid)
    run.claimed.add(guid)
    return item


def _result(run: LedgerRun, payout: StoredPayout, state: PayoutState, *findings: Finding) -> LedgerItem | None:
    """Gives a payout its result; there is no item to bring on. What needs the owner is told in the history."""
    with run.store.transaction():
        run.store.payouts.settle(payout.id, state, findings)
        if state in (PayoutState.HELD, PayoutState.REFUSED) and findings:
            event = "payout held" if state is PayoutState.HELD else "refused"
            run.store.history.add(Event(event, findings[0].text, payout=payout.id))
    return None


# --- brought to its end ---------------------------------------------------------------------------------


def _bring_on(run: LedgerRun, items: Sequence[LedgerItem]) -> None:
    """Lays all in the ledger, compares all with one call, asks for the bookings, and waits for all of them together."""
    laid = _driven(run, items, (Step.DRAFTED, Step.BOOKING, Step.BOOKED))
    run.drafts = _drafts(run, [item.guid for item in laid if item.step is Step.DRAFTED])
    left = [item for item in laid if item.plan.leave_unbooked and item.step is Step.DRAFTED]
    for item in _driven(run, left, (Step.VERIFIED, Step.BOOKING, Step.BOOKED)):
        if item.step is Step.VERIFIED:
            run.store.payouts.settle(item.payout, PayoutState.IN_LEDGER)
        else:
            _finish(run, [item])
    _finish(run, _driven(run, [item for item in laid if item not in left], (Step.BOOKING, Step.BOOKED)))


def _driven(run: LedgerRun, items: Iterable[LedgerItem], until: Sequence[Step]) -> list[LedgerItem]:
    """The items that came to one of these steps or to their end; the others have their result."""
    return [on for item in items if (on := drive(run, item, until)) is not None]


def _finish(run: LedgerRun, items: Sequence[LedgerItem]) -> None:
    """Waits for bookings, and reads back what was posted. What Dinero has not booked by then stays asked for."""
    pending = [item for item in items if item.step is Step.BOOKING]
    booked = [item for item in items if item.step is not Step.BOOKING]
    booked += _driven(run, _awaited(run, pending), (Step.BOOKED,))
    _read_back(run, booked)
    for item in _driven(run, booked, ()):
        run.finish(item)
    run.posted.clear()


def _awaited(run: LedgerRun, items: Sequence[LedgerItem]) -> list[LedgerItem]:
    """Those of these items of whose booking Dinero says something, asked with growing pauses."""
    waiting = {item.guid: item for item in items}
    settled, begun = list[LedgerItem](), set[str]()
    for looks, pause in enumerate(PAUSES):
        if not waiting:
            break
        run.dinero.session.wait(pause)
        statuses = _statuses(run, list(waiting))
        for guid in list(waiting):
            status = statuses.get(guid)
            if status is not None and _is_under_way(status, was_begun=guid in begun or looks >= PATIENCE):
                begun |= {guid} if not status.is_draft else set()
                continue
            if status is not None:
                run.statuses[guid] = status
            settled.append(waiting.pop(guid))
        if looks == 0 and waiting:  # its postings may be there already, and are read anyway
            settled += _found_posted(run, waiting)
    return settled


def _is_under_way(status: LedgerStatus, *, was_begun: bool) -> bool:
    """Whether more is to be heard of a booking: a draft may only not have been begun yet."""
    return not was_begun if status.is_draft else not status.is_settled


def _found_posted(run: LedgerRun, waiting: dict[str, LedgerItem]) -> list[LedgerItem]:
    """Those of the waiting items whose postings Dinero has under their own Guid; they wait no longer."""
    _read_back(run, list(waiting.values()))
    found = []
    for entry in run.posted.values():
        if entry.voucher_guid in waiting and entry.voucher_number:
            run.statuses[entry.voucher_guid] = LedgerStatus("Booked", "", entry.voucher_number)
            found.append(waiting.pop(entry.voucher_guid))
    return found


def _read_back(run: LedgerRun, items: Sequence[LedgerItem]) -> None:
    """Reads the postings of the days of items, unless they were read already. One that can't be read is left to the
    items themselves."""
    known = {(entry.voucher_number, entry.on) for entry in run.posted.values()}
    days = [item.plan.on for item in items if (item.voucher_number, item.plan.on) not in known]
    for first, last in _periods(days, run.settings.chart):
        try:
            entries = run.dinero.entries(first, last, primo=False)
        except Unread:
            continue
        run.posted |= {entry.guid: entry for entry in entries}


def _drafts(run: LedgerRun, guids: Sequence[str]) -> dict[str, LedgerDraft]:
    """What lies in the ledger of items; none where one of them refuses them all, or the answer can't be read."""
    try:
        return run.dinero.ledger_drafts(guids) if guids else {}
    except (NotFound, Unread):
        return {}


def _statuses(run: LedgerRun, guids: Sequence[str]) -> dict[str, LedgerStatus]:
    """How far items are; those without an answer are to be asked by themselves."""
    try:
        return run.dinero.ledger_statuses(guids)
    except (NotFound, Unread):
        return {}


# --- laid in the ledger, for the owner to book ----------------------------------------------------------


def _look_at_laid(run: LedgerRun) -> None:
    """Whether the owner has booked or deleted what was laid in the ledger."""
    payouts = run.store.payouts.listed(states=[PayoutState.IN_LEDGER])
    items = [item for payout in payouts if (item := run.store.ledger_items.newest(payout.id)) is not None]
    items = [item for item in items if item.organization == run.organization and item.guid not in run.checked]
    booked = []
    for start in range(0, len(items), BATCH):
        part = items[start : start + BATCH]
        statuses = _statuses(run, [item.guid for item in part])
        for item in part:
            run.checked.add(item.guid)
            status = statuses.get(item.guid) or _status_alone(run, item)
            if status is not None and not status.is_draft:
                booked.append(run.record(item, ledger.told(item, status)))
    _finish(run, booked)


def _status_alone(run: LedgerRun, item: LedgerItem) -> LedgerStatus | None:
    """How far an item is; None when it was deleted, which is noted, or can't be read now."""
    try:
        return run.dinero.ledger_status(item.guid)
    except NotFound:
        ledger.leave_deleted(run, item)
    except Unread:
        log.warning("the status of a ledger item could not be read")
    return None


# --- periods --------------------------------------------------------------------------------------------


def _periods(days: Iterable[date], chart: Chart) -> list[tuple[date, date]]:
    """Days as few periods, each of at most a month and within one accounting year; days of no year are left out."""
    found = list[tuple[date, date]]()
    for day in sorted(set(days)):
        year = next((year for year in chart.years if year[0] <= day <= year[1]), None)
        if year is None:
            continue
        if found and found[-1][0] >= year[0] and day - found[-1][0] < MOST_DAYS and day - found[-1][1] <= MOST_BETWEEN:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
