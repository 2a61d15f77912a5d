"""Proof of completeness: every order of a period beside every invoice and credit note in Dinero with our reference.

Dinero is asked with one list call a thousand documents; the orders and what was booked of them are the store's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dinero.api.client import Dinero
from dinero.model.clock import copenhagen_date
from dinero.model.documents import BOOKED_STEPS, STATE_NAMES, UNDER_WAY, ListedDocument, OrderKey, State, Step
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.plans import Kind
from dinero.model.responses import SalesDocument
from dinero.model.shops import FIRST_SHOP
from dinero.rules.compare import date_of
from dinero.store import Store

# What a row can be, the worst first; an order without a document has its state.
TWICE, UNKNOWN, MISSING, DIFFERS, EQUAL = "twice", "unknown", "missing", "differs", "equal"
PROBLEMS = (TWICE, UNKNOWN, MISSING, DIFFERS)
# Of the states without a document, those that come next.
WORST = (State.REFUSED, State.UNSURE, State.HELD, State.WAITING)
NAMES: Mapping[str, Text] = {
    TWICE: Text("Twice in Dinero"),
    UNKNOWN: Text("In Dinero, unknown here"),
    MISSING: Text("Missing in Dinero"),
    DIFFERS: Text("Differs"),
    EQUAL: Text("In both and equal"),
    **{str(state): name for state, name in STATE_NAMES.items()},
}
ACTIONS: Mapping[str, Text] = {
    TWICE: Text("Compare the two in Dinero, and credit the one that is too many."),
    UNKNOWN: Text("See in Dinero who made it. Fetch the orders, if the shop should know the order."),
    MISSING: Text("Look for the document in Dinero, also under other dates. If it is gone, ask Dinero's support."),
    DIFFERS: Text("Compare the document in Dinero with the order."),
    State.WAITING: Text("Transfer it on the orders page."),
    State.HELD: Text("Answer or mend it under Needs you."),
    State.REFUSED: Text("Mend it under Needs you, and transfer it again."),
    **dict.fromkeys(UNDER_WAY, Text("It is under way. If no transfer runs, start one: it goes on where it was left.")),
    State.UNSURE: Text("Transfer it again: Dinero is looked at first."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One document or order: `ours` and `theirs` are totals incl. VAT in øre (a credit note's are negative), None
    where there is none. `status` is one of the words above or the state of an order without a document."""

    status: str
    kind: str
    order_id: str
    number: str
    customer: str
    day: str
    currency: str
    ours: int | None
    theirs: int | None
    invoice_number: str
    guid: str
    reasons: list[Any]
    shop: str = FIRST_SHOP

    @property
    def order(self) -> OrderKey | None:
        """The order that it is of, None for one that is unknown here."""
        return OrderKey(self.shop, self.order_id) if self.order_id else None

    @property
    def texts(self) -> list[Text]:
        """What is not right, or why the order has no document."""
        return [Text.from_json(packed) for packed in self.reasons]


@dataclass(frozen=True, slots=True)
class Total:
    """A sum in øre of one currency, under a VAT zone or a booking account."""

    name: str
    currency: str
    net: int
    vat: int

    @property
    def gross(self) -> int:
        """The sum with VAT."""
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The result for a period. `doubled` and `left_out` are the promise; both must be 0. `counts` says how many rows
    of each status there are, `by_shop` the same of each shop; `rows` may be left in the store, where there are many."""

    first: str
    last: str
    made_at: str
    calls: int
    counts: Counter[str]
    zones: tuple[Total, ...]
    accounts: tuple[Total, ...]
    doubled: int
    left_out: int
    rows: tuple[Entry, ...] = ()
    by_shop: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def problems(self) -> int:
        """How many rows the owner must look at."""
        return sum(self.counts[status] for status in PROBLEMS)

    @property
    def fine(self) -> bool:
        """Whether every document of ours is in Dinero once and equal, and nothing is left out."""
        return not (self.problems or self.doubled or self.left_out)

    def to_json(self) -> Mapping[str, object]:
        """As JSON, with all rows under "rows"."""
        return asdict(self) | {"counts": dict(self.counts)}  # asdict takes a Counter apart wrongly

    def head(self) -> Mapping[str, object]:
        """As JSON, without the rows."""
        return {name: value for name, value in replace(self, rows=()).to_json().items() if name != "rows"}

    def entries(self) -> Iterable[Mapping[str, object]]:
        """The rows, each as JSON."""
        return map(asdict, self.rows)


def from_json(packed: Mapping[str, Any]) -> Reconciliation:
    """The reconciliation that `to_json` or `head` packed."""
    values = dict(packed) | {"counts": Counter(packed["counts"])}
    values["rows"] = tuple(Entry(**row) for row in packed.get("rows", ()))
    for name in ("zones", "accounts"):
        values[name] = tuple(Total(**row) for row in values[name])
    return Reconciliation(**values)


def reconcile(dinero: Dinero, store: Store, first: date, last: date) -> Reconciliation:
    """Compares a period, both days included (Copenhagen dates). Raises DashboardError."""
    before = dinero.session.calls
    days = first.isoformat(), last.isoformat()
    ours_begin = tuple(f"{name}:" for name in store.shops.all())
    theirs = [row for row in dinero.sales(first, last) if row.reference.startswith(ours_begin) and not row.deleted]
    by_guid = {row.guid: row for row in theirs}
    here = [row for row in store.documents.between(*days) if row.document.organization == dinero.organization]
    ours = {row.document.guid: row for row in here}
    # Documents that Dinero dates in the period and we do not are ours too: they differ by their date.
    ours |= store.documents.listed([guid for guid in by_guid if guid not in ours])
    booked = [row for row in ours.values() if row.document.is_booked]
    rows = [_document(row, by_guid.get(row.document.guid)) for row in booked]
    # A draft that was given up here, and booked in Dinero after all, is as strange as one we never made.
    known = {guid for guid, row in ours.items() if row.document.step != Step.DELETED}
    rows += [_stranger(row, store) for guid, row in by_guid.items() if guid not in known and not row.is_draft]
    rows = _with_doubles(rows, by_guid, _doubles(dinero, by_guid, last, copenhagen_date(store.clock.now())))
    rows += list(_without_document(store, *days))
    doubled = sum(row.status == TWICE for row in rows)
    left_out = sum(row.status == MISSING for row in rows) + sum(
        row.status not in (*PROBLEMS, EQUAL, State.WAITING, *UNDER_WAY) and not row.reasons for row in rows
    )
    order = {status: place for place, status in enumerate((*PROBLEMS, *WORST))}
    rows.sort(key=lambda row: (order.get(row.status, 99), row.day, row.number))
    return Reconciliation(
        first=days[0],
        last=days[1],
        made_at=store.clock.now().astimezone(UTC).isoformat(timespec="seconds"),
        calls=dinero.session.calls - before,
        rows=tuple(rows),
        counts=Counter(row.status for row in rows),
        zones=tuple(_by_zone(booked)),
        accounts=tuple(_by_account(booked)),
        doubled=doubled,
        left_out=left_out,
        by_shop=_by_shop(rows),
    )


def _by_shop(rows: Iterable[Entry]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[row.shop][row.status] += 1
    return {shop: dict(counts) for shop, counts in sorted(found.items())}


def _doubles(dinero: Dinero, by_guid: Mapping[str, SalesDocument], last: date, today: date) -> dict[OrderKey, int]:
    """How many invoices too many Dinero has of each order, by Dinero's list alone: its booked invoices less
    those that its credit notes can have taken back. A credit note may be dated after the period."""
    found = _standing(by_guid.values())
    if found and last < today:
        later = [row for row in dinero.sales(last + timedelta(days=1), today + timedelta(days=1)) if row.is_credit]
        found = _standing([*by_guid.values(), *(row for row in later if row.order in found)])
    return {order: n - 1 for order, n in found.items()}


def _standing(documents: Iterable[SalesDocument]) -> dict[OrderKey, int]:
    """The orders of which more than one booked invoice stands, and how many. A credit note takes back one invoice at
    most, and what is credited of an order must be as much as the invoices that were taken back."""
    invoices: dict[OrderKey, list[int]] = defaultdict(list)
    credits: dict[OrderKey, list[int]] = defaultdict(list)
    for row in documents:
        if not row.is_draft and not row.deleted:
            (credits if row.is_credit else invoices)[row.order].append(abs(row.gross.ore) if row.gross else 0)
    found = {}
    for order, amounts in invoices.items():
        back, left = 0, sum(credits[order])
        for amount in sorted(amounts)[: len(credits[order])]:
            left -= amount
            back += left >= 0
        if len(amounts) - back > 1:
            found[order] = len(amounts) - back
    return found


def _with_doubles(
    rows: list[Entry], theirs: Mapping[str, SalesDocument], doubles: Mapping[OrderKey, int]
) -> list[Entry]:
    """The rows with those invoices as twice that are too many of an order: what was not made here first, then the
    latest numbers."""
    left = dict(doubles)
    places = sorted(
        (place for place, row in enumerate(rows) if row.kind == Kind.INVOICE and row.theirs is not None),
        key=lambda place: (rows[place].status in (TWICE, UNKNOWN), _number(rows[place].invoice_number)),
        reverse=True,
    )
    for place in places:
        row = rows[place]
        order = theirs[row.guid].order
        if left.get(order, 0) <= 0:
            continue
        left[order] -= 1
        if row.status != TWICE:
            text = Text("Dinero has more than one invoice of this order that was not taken back.")
            rows[place] = replace(row, status=TWICE, reasons=[text.to_json(), *row.reasons])
    return rows


def _document(row: ListedDocument, theirs: SalesDocument | None) -> Entry:
    ours, plan = row.document, row.document.plan
    reasons: list[Text] = []
    status = EQUAL
    if theirs is None:
        status = MISSING
        reasons.append(Text("Booked from here, but not in Dinero's list of the period."))
    else:
        reasons = _differences(row, theirs)
        status = DIFFERS if reasons else EQUAL
    sign = _sign(plan.kind)
    return Entry(
        status=status,
        kind=plan.kind,
        order_id=ours.subject,
        number=row.number,
        customer=row.customer,
        day=plan.issued_on.isoformat(),
        currency=plan.total.currency,
        ours=sign * plan.total.ore,
        theirs=_ore(theirs.gross, sign) if theirs is not None else None,
        invoice_number=ours.invoice_number or "",
        guid=ours.guid,
        reasons=[text.to_json() for text in reasons],
        shop=ours.source,
    )


def _differences(row: ListedDocument, theirs: SalesDocument) -> list[Text]:
    ours, plan = row.document, row.document.plan
    found = []
    gross, vat = theirs.gross, theirs.vat
    if theirs.currency != plan.total.currency:
        found.append(Text("In Dinero it is in {currency}.", currency=theirs.currency))
    elif gross != plan.total:
        text = Text("The total in Dinero is {there}, but the order's is {here}.", there=gross or "?", here=plan.total)
        found.append(text)
    elif vat != plan.vat:
        found.append(Text("The VAT in Dinero is {there}, but the plan's is {here}.", there=vat or "?", here=plan.vat))
    if theirs.is_draft:
        found.append(Text("In Dinero it is a draft."))
    elif theirs.number != ours.invoice_number:
        found.append(Text("In Dinero it has the number {number}.", number=theirs.number))
    if theirs.date != plan.issued_on.isoformat():
        found.append(Text("In Dinero it has the date {date}.", date=date_of(theirs) or theirs.date))
    paid_from_here = plan.kind == Kind.INVOICE and ours.payment_guid is not None and ours.state == State.DONE
    if paid_from_here and theirs.is_unpaid:
        found.append(Text("The sale was registered from here, but in Dinero the invoice is not paid."))
    if ours.state not in (State.DONE, State.CREDITED):
        found.append(Text("The transfer is not complete. Transfer the order again."))
    if row.changed:
        found.append(Text("The order was changed in the shop after it was booked."))
    return found


def _stranger(theirs: SalesDocument, store: Store) -> Entry:
    """A booked document with our reference that we did not make."""
    reference, row = theirs.reference, store.orders.get(theirs.order)
    # An order that is to be booked anew has nothing booked here that this could be the second of.
    status = TWICE if row is not None and row.guid is not None and not row.rebook else UNKNOWN
    text = Text("Dinero has a second document with the reference {reference}.", reference=reference)
    if status == UNKNOWN:
        text = Text(
            "Dinero has a document with the reference {reference}, which was not made here.", reference=reference
        )
    return Entry(
        status=status,
        kind=theirs.kind,
        order_id=row.id if row else "",
        number=row.number if row else "",
        customer=theirs.contact_name,
        day=theirs.date,
        currency=theirs.currency,
        ours=None,
        theirs=_ore(theirs.gross, _sign(theirs.kind)),
        invoice_number=theirs.number,
        guid=theirs.guid,
        reasons=[text.to_json()],
        shop=theirs.order.shop,
    )


def _without_document(store: Store, first: str, last: str) -> Iterable[Entry]:
    for row in store.orders.between(first, last):
        if row.guid is not None and row.step in BOOKED_STEPS and not row.rebook:
            continue
        yield Entry(
            status=row.state,
            kind=Kind.CREDIT_NOTE if row.is_credit else Kind.INVOICE,
            order_id=row.id,
            number=row.number,
            customer=row.customer,
            day=row.placed_on or "",
            currency=row.currency,
            ours=row.total_ore,
            theirs=None,
            invoice_number="",
            guid="",
            reasons=[finding.text.to_json() for finding in row.reasons],
            shop=row.shop,
        )


def _by_zone(documents: Iterable[ListedDocument]) -> Iterable[Total]:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for plan in (row.document.plan for row in documents):
        total = sums[plan.zone, plan.total.currency]
        sign = _sign(plan.kind)
        total[0] += sign * (plan.total.ore - plan.vat.ore)
        total[1] += sign * plan.vat.ore
    return [Total(zone, currency, net, vat) for (zone, currency), (net, vat) in sorted(sums.items())]


def _by_account(documents: Iterable[ListedDocument]) -> Iterable[Total]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for document, plan in ((row.document, row.document.plan) for row in documents):
        if plan.payment is not None and document.payment_guid is not None:  # planned, and registered from here
            sums[f"{plan.payment.account} {plan.payment.account_name}", plan.total.currency] += plan.payment.amount.ore
    return [Total(account, currency, ore, 0) for (account, currency), ore in sorted(sums.items())]


def _sign(kind: Kind) -> int:
    return -1 if kind == Kind.CREDIT_NOTE else 1


def _number(number: str) -> int:
    """An invoice number as a number; 0 for what is none."""
    return int(number) if number.isascii() and number.isdigit() else 0


def _ore(amount: Money | None, sign: int) -> int | None:
    return None if amount is None else sign * amount.ore


def made_at(result: Reconciliation) -> datetime:
    """When the comparison was made."""
    return datetime.fromisoformat(result.made_at)
