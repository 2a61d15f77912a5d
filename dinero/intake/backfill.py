"""Older orders: what a transfer of a period from before the take-over would be, checked before anything is let in.

Orders are let in, not days: what the check has not looked for in Dinero (`checked_at` in the store), because the shop
told of it later, is held until the period is checked again.

Another integration, or somebody by hand, may have booked them: a document in Dinero that names the order's number, or
that is for the same customer, amount and day, makes the order a suspect, which is held with a question (facts.md,
Dinero 5c.9).
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dinero.api.client import Dinero
from dinero.intake.assessing import Assessor
from dinero.model.clock import utc_text
from dinero.model.documents import OrderKey, State, StoredOrder
from dinero.model.findings import Finding
from dinero.model.i18n import Text, show
from dinero.model.money import DKK, Money
from dinero.model.plans import Kind
from dinero.model.responses import SalesDocument
from dinero.model.settings import Settings
from dinero.rules.compare import date_of
from dinero.store import Store
from dinero.store.search import folded

# A document of another integration may be dated some days after the order: when it was paid or sent.
DAYS_AROUND = timedelta(days=14)
CALLS_AN_ORDER = 4  # a new customer, an invoice, its booking and its payment
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Backfill:
    """The plan for a period: `ready` orders of `total` øre (DKK) would go, in about `seconds`.

    `problems` must be solved first; `held` counts orders that wait for the owner by the code of their first finding,
    and `suspects` of them may be in Dinero already.
    """

    first: date
    last: date
    ready: tuple[tuple[str, str], ...]
    total: Money
    others: Mapping[str, int]
    held: Mapping[str, int]
    suspects: int
    seconds: int
    problems: tuple[Finding, ...]


def plan_backfill(
    dinero: Dinero, store: Store, settings: Settings, first: date, last: date, *, calls_per_minute: int
) -> Backfill:
    """Checks the orders placed from `first` to `last`, and marks them as checked and the suspects among them in the
    store. Raises DashboardError."""
    problems = _period_problems(settings, first, last)
    rows = [row for row in store.orders.between(first.isoformat(), last.isoformat()) if row.guid is None]
    documents = [
        row for row in dinero.sales(first - DAYS_AROUND, last + DAYS_AROUND) if not row.deleted and not row.is_draft
    ]
    suspects = find_suspects(store, dinero.organization, rows, documents)
    store.orders.mark_checked(rows, suspects)
    checked_at = utc_text(store.clock.now())
    assess = Assessor(store, replace(settings, backfills=(*settings.backfills, (first, last))))
    ready, total = [], 0
    others: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    for row in rows:
        suspect = suspects.get(row.key, "")
        found = assess(replace(row, suspect=suspect, checked_at=checked_at))
        if found.state == State.WAITING and found.plan is not None:
            ready.append(row.key)
            sign = -1 if found.plan.kind == Kind.CREDIT_NOTE else 1
            total += sign * found.plan.total.ore if found.plan.total.currency == DKK else 0
        elif found.state == State.HELD:
            held[found.findings[0].code] += 1
        else:
            others[found.state] += 1
    return Backfill(
        first=first,
        last=last,
        ready=tuple(ready),
        total=Money(total),
        others=dict(others),
        held=dict(held),
        suspects=len(suspects),
        seconds=len(ready) * CALLS_AN_ORDER * 60 // calls_per_minute,
        problems=tuple(problems),
    )


def _period_problems(settings: Settings, first: date, last: date) -> list[Finding]:
    """Accounting years that are missing (code 47), and a VAT period that was reported (facts.md, Dinero 4.34, 4.35)."""
    found = []
    day = first
    while day <= last:
        year = next(((start, end) for start, end in settings.chart.years if start <= day <= end), None)
        if year is None:
            text = Text("Dinero has no accounting year for {date}.", date=day)
            fix = Text("Create the accounting year in Dinero, then fetch the accounts again under Set-up.")
            found.append(Finding("no_year", text, fix))
            starts = [start for start, _ in settings.chart.years if start > day]
            day = min(starts) if starts else last + timedelta(days=1)
        else:
            day = year[1] + timedelta(days=1)
    if settings.reported_until is not None and first <= settings.reported_until:
        text = Text("VAT is reported until {date}, and the period begins before that.", date=settings.reported_until)
        fix = Text("Choose a later first day. If the report is to be corrected, change the date under Set-up.")
        found.append(Finding("period_reported", text, fix))
    return found


def find_suspects(
    store: Store, organization: str, orders: list[StoredOrder], documents: list[SalesDocument]
) -> dict[OrderKey, str]:
    """For each order (shop, id) that may be in Dinero already, which document it may be.

    A document that names the order's number as a whole number in its text or reference, or that is for a customer of
    the order's e-mail with the same amount within two weeks: an invoice for a sale, a credit note for a return. Our
    own documents are known by their Guid.
    """
    ours = store.documents.by_guid([row.guid for row in documents])
    others = [row for row in documents if row.guid not in ours]
    by_number: dict[str, SalesDocument] = {}
    by_sale: dict[tuple[bool, str, int], list[SalesDocument]] = defaultdict(list)
    for row in others:
        for text in (row.description, row.reference):
            for number in _NUMBER.findall(text):
                by_number.setdefault(number, row)
        contact = store.contacts.get(organization, row.contact_guid)
        if row.gross is not None and contact is not None and contact.email:
            by_sale[row.is_credit, folded(contact.email), abs(row.gross.ore)].append(row)
    found: dict[OrderKey, str] = {}
    for order in orders:
        named = by_number.get(order.number) or by_number.get(order.id)
        sale = order.is_credit, folded(order.email), abs(order.total_ore or 0)
        same = by_sale.get(sale) if order.total_ore else None
        near = next((row for row in same or [] if _near(row, order.placed_on)), None)
        if (document := named or near) is not None:
            found[order.key] = document_name(document)
    return found


def _near(document: SalesDocument, placed_on: str | None) -> bool:
    day = date_of(document)
    return day is None or placed_on is None or abs(day - date.fromisoformat(placed_on)) <= DAYS_AROUND


def document_name(document: SalesDocument) -> str:
    """A document in words: number, date and amount."""
    shown = show(document.gross) if document.gross is not None else ""
    return " ".join(part for part in (document.number or "?", document.date, shown) if part)
