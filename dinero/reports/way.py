"""The way of one order, document by document, as steps that one can see: what is behind it, where it stands and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dinero.model.documents import Document, Mark, OrderKey, PastEvent, State, Step, StoredOrder
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement
from dinero.model.plans import Kind
from dinero.model.settlements import LINE_STATE_NAMES, LineState, StoredLine, StoredPayout
from dinero.rules import changes


class Standing(StrEnum):
    """What of a step can be said: behind it, under way or waiting, stopped for the owner or by Dinero, not reached, or
    not to be reached any more."""

    DONE = "done"
    WAITING = "waiting"
    OWNER = "owner"
    REFUSED = "refused"
    OPEN = "open"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class WayStep:
    """A step: when it was reached (aware; None where nothing tells), how long after the one before it, and why it
    stands still."""

    name: Text
    standing: Standing
    at: datetime | None = None
    waited: timedelta | None = None
    told: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Track:
    """The steps of one document, or of an order that has none yet. `guid` and `number` are the document's in Dinero,
    "" until it is booked; `order_number` is the shop's."""

    title: Text
    steps: tuple[WayStep, ...]
    order: OrderKey
    order_number: str
    guid: str = ""
    number: str = ""


_CHECKED = (Step.VERIFIED, Step.BOOKED, Step.SETTLING, Step.DONE)
_BEFORE = {
    State.WAITING: (Text("Waits for the transfer"), Standing.WAITING),
    State.NOT_DUE: (Text("Not due yet"), Standing.WAITING),
    State.HELD: (Text("Needs you"), Standing.OWNER),
    State.IGNORED: (Text("Left out"), Standing.LEFT),
}
_STOPPED = {State.REFUSED: Standing.REFUSED, State.UNSURE: Standing.OWNER}
CUSTOMER, CHECKED = Text("Customer"), Text("Draft checked")


def tracks(row: StoredOrder, documents: Sequence[Document], events: Sequence[PastEvent]) -> tuple[Track, ...]:
    """The way of an order by its documents and its history, both oldest first: a track for each document, and one for
    what is to come of an order that has none or is to be booked anew. How far each is, its document says; the history
    has the times alone, and may know less than that."""
    told = _by_document(documents, events)
    found = [
        _document_track(row, document, told[document.id], is_first=position == 0)
        for position, document in enumerate(documents)
    ]
    if not documents or row.rebook:
        found.append(_track_to_come(row, events, is_first=not documents))
    if row.change is not None and found:
        found = _with_change(row, documents, found, events)
    return tuple(replace(track, steps=_with_times_between(track.steps)) for track in found)


@dataclass(frozen=True, slots=True)
class PaidOut:
    """What is known of an order's payouts: its lines in them, the oldest first, and from which day on (ISO) those of
    its way to pay were read order by order; "" where none was."""

    lines: Sequence[tuple[StoredPayout, StoredLine]]
    since: str = ""


def with_payouts(found: Sequence[Track], documents: Sequence[Document], paid_out: PaidOut) -> tuple[Track, ...]:
    """The tracks with what comes after the transfer: where their documents' sales and refunds were paid out, or that
    they wait for it."""
    by_guid = {document.guid: document for document in documents}
    places = [n for n, track in enumerate(found) if track.guid in by_guid]
    more: dict[int, list[WayStep]] = {n: [] for n in range(len(found))}
    for payout, line in paid_out.lines:
        place = _place_of(line, [(n, by_guid[found[n].guid]) for n in places])
        more[len(found) - 1 if place is None else place].append(_paid_out_step(payout, line))
    kinds = {line.kind for _, line in paid_out.lines}
    for n in places:
        document = by_guid[found[n].guid]
        payment = document.plan.payment
        is_credit = document.kind is Kind.CREDIT_NOTE
        is_there = (Movement.REFUND if is_credit else Movement.SALE) in kinds
        is_done = document.current and document.step is Step.DONE and document.state is State.DONE
        if is_there or not is_done or payment is None or document.deposit_account is None or not paid_out.since:
            continue
        if payment.on.isoformat() >= paid_out.since:
            name = Text("The refund is in no payout yet") if is_credit else Text("Awaits the payout")
            more[n].append(WayStep(name, Standing.WAITING))
    return tuple(replace(track, steps=(*track.steps, *more[n])) for n, track in enumerate(found))


def _place_of(line: StoredLine, documents: Sequence[tuple[int, Document]]) -> int | None:
    """The track that a line stands on: a refund on the credit note of its amount, what is none on the invoice."""
    invoices = [n for n, document in documents if document.kind is Kind.INVOICE]
    notes = [n for n, document in documents if document.kind is Kind.CREDIT_NOTE]
    equal = [n for n, document in documents if n in notes and document.deposit_ore == line.gross_ore]
    if line.kind is Movement.REFUND:
        return next(iter([*equal, *reversed(notes), *reversed(invoices)]), None)
    return next(reversed(invoices or notes), None)


_PAID_OUT: Mapping[Movement, Text] = {
    Movement.SALE: Text("Paid out on {day} in {payout}"),
    Movement.REFUND: Text("Refund taken off on {day} in {payout}"),
    Movement.CHARGEBACK: Text("Charged back on {day} in {payout}"),
    Movement.CHARGEBACK_RETURNED: Text("Chargeback returned on {day} in {payout}"),
}
_WITH_FEE = Text("Paid out on {day} in {payout}, fee {fee}")


def _paid_out_step(payout: StoredPayout, line: StoredLine) -> WayStep:
    """A line of a payout: behind the order, unless its amount or account is to be seen to."""
    name = _WITH_FEE if line.kind is Movement.SALE and line.fee_ore < 0 else _PAID_OUT[line.kind]
    fee = Money(-line.fee_ore, payout.currency)
    text = Text(name.message, day=payout.paid_on, payout=payout.bank_text or payout.payout, fee=fee)
    if line.state is LineState.MATCHED:
        return WayStep(text, Standing.DONE)
    return WayStep(text, Standing.OWNER, told=(LINE_STATE_NAMES[line.state],))


def _by_document(documents: Sequence[Document], events: Sequence[PastEvent]) -> dict[int, list[PastEvent]]:
    """Each document's events. The history names none: a claim begins the next document, and a booking tells its number,
    where Dinero is found to have an earlier one booked."""
    found: dict[int, list[PastEvent]] = {document.id: [] for document in documents}
    begun, current = iter(documents), None
    for event in events:
        if event.event == "claimed":
            current = next(begun, current)
        elif event.event == "booked" and event.text is not None and current is not None:
            number = event.text.values.get("invoice")
            if current.invoice_number != number:
                current = next((one for one in documents if one.invoice_number == number), current)
        if current is not None:
            found[current.id].append(event)
    return found


def _document_track(row: StoredOrder, document: Document, events: Sequence[PastEvent], *, is_first: bool) -> Track:
    is_credit = document.kind is Kind.CREDIT_NOTE
    times = {event.event: _moment(event.at) for event in events}  # of each the last
    steps = [_first_step(row, document, is_first=is_first)]
    if not is_credit:
        customer = max((at for at in (times.get("customer found"), times.get("customer created")) if at), default=None)
        known = document.contact_guid is not None and document.pending is not Mark.CONTACT
        steps.append(_step(CUSTOMER, customer, done=known or document.step is not Step.CLAIMED))
    if document.step is Step.DELETED:
        last = WayStep(Text("Draft deleted in Dinero"), Standing.LEFT, times.get("refused"))
        steps.append(_stopped_at(last, document) if document.state is State.REFUSED and document.current else last)
        return Track(Text("Deleted draft"), tuple(steps), document.order, row.number)
    number = document.invoice_number or ""
    steps += [
        _step(CHECKED, times.get("verified"), done=document.step in _CHECKED),
        _step(_booked_name(is_credit, number), times.get("booked"), done=document.is_booked),
        _last_step(document, events, times.get("done")),
    ]
    title = Text("Credit note {number}", number=number) if is_credit else Text("Invoice {number}", number=number)
    if not number:
        title = Text("Credit note") if is_credit else Text("Invoice")
    stopped_at = max((at for at in (times.get("refused"), times.get("unsure")) if at), default=None)
    return Track(
        title,
        _with_standing(steps, document, stopped_at),
        document.order,
        row.number,
        document.guid if number else "",
        number,
    )


def _first_step(row: StoredOrder, document: Document, *, is_first: bool) -> WayStep:
    if is_first:
        return _fetched(row)
    name = Text("Correction begun") if document.kind is Kind.CREDIT_NOTE else Text("Begun anew")
    return WayStep(name, Standing.DONE, _moment(document.created_at))


def _fetched(row: StoredOrder) -> WayStep:
    return WayStep(Text("Fetched"), Standing.DONE, _moment(row.first_seen_at))


def _booked_name(is_credit: bool, number: str) -> Text:
    if not number:
        return Text("Credit note booked") if is_credit else Text("Invoice booked")
    if is_credit:
        return Text("Credit note {number} booked", number=number)
    return Text("Invoice {number} booked", number=number)


def _last_step(document: Document, events: Sequence[PastEvent], at: datetime | None) -> WayStep:
    """The end of a document's way: what is registered as paid, or what is done instead of that."""
    plan, done = document.plan, document.step is Step.DONE
    payment, told = plan.payment, tuple[Text, ...]()
    if payment is not None and (document.payment_guid or not done):
        text = Text("{total} registered on {account}", total=plan.total, account=payment.account_name)
        if document.kind is Kind.CREDIT_NOTE:
            text = Text("Refund of {total} registered on {account}", total=plan.total, account=payment.account_name)
    elif payment is None and plan.e_invoice:
        text = Text("Sent to EAN {ean}", ean=plan.customer.ean)
    elif payment is None and plan.days is not None:
        text = Text("To be paid within {days} days", days=plan.days)
    else:
        text = Text("No payment from here")
        told = tuple(event.text for event in events if event.event == "done" and event.text is not None)[-1:]
    return replace(_step(text, at, done=done), told=told)


def _with_standing(steps: Sequence[WayStep], document: Document, stopped_at: datetime | None) -> tuple[WayStep, ...]:
    """The first step that is not done is where the document stands; one that is unsure after its end stands there."""
    if document.state is State.UNSURE and document.step is Step.DONE:
        return (*steps[:-1], _stopped_at(replace(steps[-1], at=stopped_at), document))
    here = next((position for position, step in enumerate(steps) if step.standing is Standing.OPEN), None)
    if here is None:
        return tuple(steps)
    stands = replace(steps[here], standing=Standing.WAITING)
    if document.state in _STOPPED:
        stands = _stopped_at(replace(stands, at=stopped_at), document)
    return (*steps[:here], stands, *steps[here + 1 :])


def _stopped_at(step: WayStep, document: Document) -> WayStep:
    return replace(step, standing=_STOPPED[document.state], told=_reasons(document.reasons))


def _track_to_come(row: StoredOrder, events: Sequence[PastEvent], *, is_first: bool) -> Track:
    """An order that has no document, or is to be booked anew: where it stands, and what is still before it."""
    name, standing = _BEFORE.get(row.state, (Text("Waits for the transfer"), Standing.WAITING))
    since = [event.at for event in events if event.event == "state" and event.state is row.state]
    steps = [_fetched(row)] if is_first else []
    steps.append(WayStep(name, standing, _moment(since[-1]) if since else None, told=_reasons(row.reasons)))
    if standing is not Standing.LEFT:
        last = Text("Refund registered") if row.is_credit else Text("Registered as paid")
        names = [CHECKED, _booked_name(row.is_credit, ""), last]
        steps += [WayStep(text, Standing.OPEN) for text in ([] if row.is_credit else [CUSTOMER]) + names]
    title = Text("Credit note") if row.is_credit else Text("Invoice")
    return Track(title if is_first else Text("Booked anew"), tuple(steps), row.key, row.number)


def _with_change(
    row: StoredOrder, documents: Sequence[Document], found: Sequence[Track], events: Sequence[PastEvent]
) -> list[Track]:
    """What the shop changed since the order was booked stands at the end of the document that it is about."""
    at = [event.at for event in events if event.event == "changed"]
    told = tuple(changes.from_json(row.change).texts) if row.change is not None else ()
    step = WayStep(Text("Changed in the shop"), Standing.OWNER, _moment(at[-1]) if at else None, told=told)
    current = {document.guid for document in documents if document.current}
    return [
        replace(track, steps=(*track.steps, step)) if track.guid and track.guid in current else track for track in found
    ]


def _step(name: Text, at: datetime | None, *, done: bool) -> WayStep:
    return WayStep(name, Standing.DONE, at) if done else WayStep(name, Standing.OPEN)


def _with_times_between(steps: Sequence[WayStep]) -> tuple[WayStep, ...]:
    """Each step with the time since the last one before it that has a time."""
    found: list[WayStep] = []
    before: datetime | None = None
    for step in steps:
        waited = step.at - before if step.at is not None and before is not None and step.at >= before else None
        found.append(replace(step, waited=waited))
        before = step.at or before
    return tuple(found)


def _reasons(found: Sequence[Finding]) -> tuple[Text, ...]:
    return tuple(text for finding in found for text in (finding.text, finding.fix) if text is not None)


def _moment(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None
