"""Orders from the shop into the store: new and changed ones, each with its state and reasons.

The shop's filter is a help, not a promise (facts.md, Shoporama 2): windows overlap, a whole scan runs once a day,
and every row that came is kept under its id, so an order that comes twice is one order.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dinero.intake.assessing import Assessment, Assessor, figures, products_with_vat
from dinero.intake.reading import COUNTRIES, GATEWAYS
from dinero.model.documents import Event, Figures, OrderKey, State, StoredOrder
from dinero.model.i18n import Text
from dinero.model.orders import UNKNOWN_ORDER, LineKind
from dinero.model.plans import Kind
from dinero.rules import changes
from dinero.rules.answers import outdated
from dinero.rules.vat_free import product_of
from dinero.shops import values
from dinero.shops.shoporama.client import OnPage, Shoporama
from dinero.shops.shoporama.orders import id_of
from dinero.store import Store
from dinero.store.look_ups import RESTORED

log = logging.getLogger(__name__)

SHOP = "shoporama"
OVERLAP = timedelta(days=1)
WHOLE_SCAN = timedelta(days=1)
LOOKUP_AGE = timedelta(days=1)
SAVE_BATCH = 500
# A credit note's state and reason that follow from what became of its order and of the order's other credit notes.
CREDIT_REASONS = (
    (State.NOT_DUE, "waits_for_order"),
    (State.HELD, "credit_of_untransferred"),
    (State.HELD, "credit_of_left_out"),
    (State.HELD, "credit_of_ambiguous"),
    (State.HELD, "credit_too_large"),
    (State.HELD, "credit_rate_exceeded"),
    (State.HELD, "already_taken_back"),
    (State.IGNORED, "credit_left_out"),
)
# The other way round: what a credit note that came later changes of the order that it credits.
TAKEN_BACK_REASONS = (
    (State.HELD, "cancelled_paid"),
    (State.HELD, "withdrawn_paid"),
    (State.HELD, "status_refunded"),
    (State.HELD, "status_returned"),
    (State.HELD, "refunded_in_shop"),
    (State.HELD, "evens_out"),
    (State.IGNORED, "evens_out"),
)

CURSOR = "fetch.since"
SCANNED = "fetch.whole_scan"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch brought: orders seen, of which new ones and changed ones."""

    seen: int
    new: int
    changed: int


def fetch_orders(shop: Shoporama, store: Store, *, whole: bool = False, on_page: OnPage | None = None) -> Fetched:
    """Reads new and changed orders from the shop, or all of them (`whole`), as it does by itself once a day. `on_page`
    is told of pages read and orders seen so far. Raises DashboardError; what was read until then is kept."""
    started = store.clock.now().astimezone(UTC)
    _refresh_lookups(shop, store)
    restored = store.look_ups.get(RESTORED)
    cursor, scanned = store.look_ups.get(CURSOR), store.look_ups.get(SCANNED)
    whole = whole or cursor is None or scanned is None or started - datetime.fromisoformat(scanned[0]) >= WHOLE_SCAN
    since = None if whole or cursor is None else datetime.fromisoformat(cursor[0]) - OVERLAP
    assess = Assessor(store, store.settings.load())
    seen = new = changed = 0
    page: list[Any] = []
    found: set[str] = set()
    with_vat: set[str] = store.products.all_with_vat(SHOP)

    def save() -> None:
        nonlocal seen, new, changed, assess
        told = [_Told.of(raw) for raw in page]
        page.clear()
        found.update(order.id for order in told)
        known = store.orders.by_id(SHOP, [order.id for order in told])
        for order in told:
            if (row := _without_outdated_answers(known.get(order.id), order, assess)) is not None:
                known[order.id] = row
        assessed = [_assessed(order, known.get(order.id), assess) for order in told]
        if _note_products(store, assessed, with_vat):  # an order of the same page may have one of them without VAT
            assess = Assessor(store, assess.settings)
            assessed = [
                _assessed(order, known.get(order.id), assess) if _is_doubtful(now) else now
                for order, now in zip(told, assessed, strict=True)
            ]
        rows = [_row(order, known.get(order.id), now, assess) for order, now in zip(told, assessed, strict=True)]
        store.orders.save(rows)
        seen += len(rows)
        new += sum(row.id not in known for row in rows)
        changed += sum(row.id in known and known[row.id].raw_hash != row.raw_hash for row in rows)

    try:
        for raw in shop.orders(since, on_page):
            page.append(raw)
            if len(page) >= SAVE_BATCH:
                save()
    finally:
        save()
    if whole:
        reassess_orders(store, [(SHOP, order_id) for order_id in store.orders.set_gone(SHOP, found)])
    # A credit note may have come before its order, and a sale to an EU consumer may have passed the year's limit.
    reassess_taken_back(store)
    reassess_credits(store)
    if (new or changed) and _passed(store) != assess.settings.eu_limit_passed:
        reassess(store)
    # After a restore in the middle, what was saved before it is gone: the next fetch must read it all again.
    if store.look_ups.get(RESTORED) == restored:
        store.look_ups.put(CURSOR, started.isoformat())
        if whole:
            store.look_ups.put(SCANNED, started.isoformat())
    if new or changed:
        text = Text("{new} new and {changed} changed orders were fetched from the shop.", new=new, changed=changed)
        store.history.add(Event("fetched", text))
    return Fetched(seen, new, changed)


def _note_products(store: Store, found: Iterable[Assessment], known: set[str]) -> bool:
    """Remembers the products that were sold with VAT; returns whether there were new ones."""
    new: dict[str, str] = {}
    for assessed in found:
        order = assessed.order
        keys = {product_of(line) for line in order.lines if line.kind is LineKind.PRODUCT} - known - new.keys()
        if keys and assessed.state != State.HELD:  # what is held may have other VAT than it seems
            new |= dict.fromkeys(products_with_vat(order) & keys, order.number)
    if new:
        store.products.save(SHOP, new)
        known |= new.keys()
    return bool(new)


def _passed(store: Store) -> Mapping[int, tuple[str, str]]:
    return store.settings.load().eu_limit_passed


def reassess(store: Store) -> None:
    """Gives every order without a document its state anew, after the settings or the accounts changed."""
    for _ in range(2):  # the figures decide when the EU limit was passed, and that decides states
        assess = Assessor(store, store.settings.load())
        after = 0
        while rows := store.orders.to_assess(after=after, limit=SAVE_BATCH):
            states, sums = [], []
            for _, row in rows:
                found = assess.safely(row)
                states.append((row.key, found.state, found.findings))
                if not row.forgotten_at:  # without its address an order's zone can't be told again
                    sums.append((row.key, _figures(found, assess)))
            store.orders.set_states(states)
            store.orders.set_figures(sums)
            after = rows[-1][0]
        if _passed(store) == assess.settings.eu_limit_passed:
            return


def reassess_one(store: Store, order: OrderKey) -> None:
    """Gives one order its state anew, after the owner answered a question about it."""
    row = store.orders.get(order)
    if row is not None and (row.guid is None or row.rebook):
        found = Assessor(store, store.settings.load()).safely(row)
        store.orders.set_states([(order, found.state, found.findings)])
        reassess_taken_back(store)
        reassess_credits(store)


def reassess_credits(store: Store) -> None:
    """Gives credit notes whose reason lies with another order or credit note their state anew."""
    assess = Assessor(store, store.settings.load())
    for state, code in CREDIT_REASONS:
        _assess_again(store, assess, store.orders.with_reason(state, code))


def reassess_taken_back(store: Store) -> None:
    """Gives orders that were taken back in the shop their state anew: their credit note may have come by now, or it was
    changed, cancelled or left out."""
    assess = Assessor(store, store.settings.load())
    for state, code in TAKEN_BACK_REASONS:
        _assess_again(store, assess, store.orders.with_reason(state, code))


def reassess_orders(store: Store, orders: Iterable[tuple[str, str]]) -> None:
    """Gives some orders without a document their state anew."""
    assess = Assessor(store, store.settings.load())
    rows = [row for shop, order_id in orders if (row := store.orders.get(OrderKey(shop, order_id))) is not None]
    _assess_again(store, assess, [row for row in rows if row.guid is None or row.rebook])


def _assess_again(store: Store, assess: Assessor, rows: Iterable[StoredOrder]) -> None:
    found = [(row, assess.safely(row)) for row in rows]
    store.orders.set_states([(row.key, now.state, now.findings) for row, now in found])


@dataclass(frozen=True, slots=True)
class _Told:
    """An order as the shop tells it: its id, its JSON, and the hash by which a change is seen."""

    id: str
    text: str
    digest: str

    @classmethod
    def of(cls, raw: Any) -> "_Told":
        text = values.dumps(raw)
        digest = hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode()).hexdigest()
        # An order without an id is kept too, under a name of its own, so that it is seen and not left out.
        return cls(id_of(raw) or f"unknown-{digest[:16]}", text, digest)


def _assessed(told: _Told, known: StoredOrder | None, assess: Assessor) -> Assessment:
    seen = replace(known or StoredOrder(SHOP, told.id), raw=told.text, forgotten_at=None, gone_at=None)
    return assess.safely(seen)


def _is_doubtful(found: Assessment) -> bool:
    return any(finding.code == "danish_without_vat" for finding in found.findings)


def _row(told: _Told, known: StoredOrder | None, found: Assessment, assess: Assessor) -> StoredOrder:
    """An order's row as it is now; `known` is the one from before."""
    order = found.order
    return StoredOrder(
        shop=SHOP,
        id=told.id,
        number=order.number,
        placed_at=order.placed_at.astimezone(UTC).isoformat() if order.placed_at else None,
        placed_on=order.placed_on.isoformat() if order.placed_on else None,
        customer=order.customer_name,
        email=order.email,
        total_ore=order.total.ore if order.total else None,
        currency=order.currency,
        paid=order.paid,
        sent=order.sent,
        payment_method=order.payment_method,
        raw=told.text,
        raw_hash=told.digest,
        state=found.state,
        reasons=tuple(found.findings),
        change=_change_safely(known, told, assess),
        credit_of=order.credit_of if order.is_credit and order.credit_of != UNKNOWN_ORDER else "",
        **asdict(_figures(found, assess)),
    )


def _figures(found: Assessment, assess: Assessor) -> Figures:
    """An order's figures; empty for one that we failed with, which is held and says so."""
    try:
        return figures(found.order, assess.settings, found.plan if found.original is not None else None)
    except Exception:
        if found.state != State.HELD:
            raise
        log.exception("the figures of a held order could not be told")
        return Figures()


def _change_safely(known: StoredOrder | None, told: _Told, assess: Assessor) -> Mapping[str, Any] | None:
    """`_change`, where a failure with one order is told in the log and keeps what was known."""
    try:
        return _change(known, told, assess)
    except Exception:
        log.exception("the change of an order could not be told")
        return known.change if known is not None else None


def _without_outdated_answers(known: StoredOrder | None, told: _Told, assess: Assessor) -> StoredOrder | None:
    """The row from before without the owner's answers that were about something else than the order is now."""
    if known is None or known.raw_hash == told.digest or (known.guid is not None and not known.rebook):
        return known
    answers = known.answers
    if not answers:
        return known
    before, now = (assess.readable(StoredOrder(SHOP, told.id, raw=raw)) for raw in (known.raw, told.text))
    gone = outdated(answers, before, now)
    for key in sorted(gone):
        text = Text(
            "The answer about {question} was taken back: the order was changed in the shop since.", question=key
        )
        assess.store.orders.answer(OrderKey(SHOP, known.id), key, None, text=text)
    return replace(known, answers={key: value for key, value in answers.items() if key not in gone})


def _change(known: StoredOrder | None, told: _Told, assess: Assessor) -> Mapping[str, Any] | None:
    """How the order differs from what was booked, as JSON; None when it does not or nothing was booked."""
    if known is None or known.guid is None or known.state == State.CREDITED or known.rebook:
        return None
    if known.raw_hash == told.digest and known.change is not None:
        return known.change
    store = assess.store
    document = store.documents.newest(OrderKey(SHOP, known.id), Kind.INVOICE) or store.documents.newest(
        OrderKey(SHOP, known.id), Kind.CREDIT_NOTE
    )
    if document is None or not document.is_booked:
        return None
    # What was told between the claim and the booking is in the order's row already, but not in what was booked.
    if document.raw == told.text:
        return None
    before = assess.read(StoredOrder(SHOP, told.id, raw=document.raw or known.raw))
    chosen = assess.settings.with_answers(known.answers)
    now = assess.read(StoredOrder(SHOP, told.id, raw=told.text))
    change = changes.compare(before, now, document.plan, chosen)
    return change.to_json() if change is not None else None


def _refresh_lookups(shop: Shoporama, store: Store) -> None:
    for key, fetch in ((COUNTRIES, shop.countries), (GATEWAYS, shop.payment_gateways)):
        cached = store.look_ups.get(key)
        if cached is None or store.clock.now() - cached[1] > LOOKUP_AGE:
            store.look_ups.put(key, fetch())


def ids(rows: Iterable[StoredOrder]) -> list[OrderKey]:
    """(shop, order id) of order rows for a push, the oldest order first: it gets the lowest invoice number."""
    return [row.key for row in sorted(rows, key=lambda row: (row.placed_at or "", row.id))]
