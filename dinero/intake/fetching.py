"""Orders from a shop into the store: new and changed ones, each with its state and reasons.

A shop's filter is a help, not a promise (facts.md, Shoporama 2): each fetch reaches back, a whole scan runs once a day,
and every row that came is kept under its shop and id, so an order that comes twice is one order.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dinero.intake.assessing import Assessment, Assessor, products_with_vat
from dinero.intake.reading import LOOK_UPS, system_of_shop
from dinero.intake.reassessing import (
    limit_passed,
    reassess,
    reassess_credits,
    reassess_orders,
    reassess_taken_back,
    safe_figures,
)
from dinero.model.documents import Event, OrderKey, State, StoredOrder
from dinero.model.errors import ListIncomplete, NotFound
from dinero.model.i18n import Text
from dinero.model.orders import UNKNOWN_ORDER, LineKind
from dinero.model.plans import Kind
from dinero.rules import changes
from dinero.rules.answers import outdated
from dinero.rules.vat_free import product_of
from dinero.shops import values
from dinero.shops.shop_system import Batch, Cursor, OnPage, ShopClient, ShopSystem
from dinero.store import Store
from dinero.store.look_ups import RESTORED, of_shop

log = logging.getLogger(__name__)

WHOLE_SCAN = timedelta(days=1)
LOOK_UP_AGE = timedelta(days=1)
SAVE_BATCH = 500
MOST_ASKED = 200  # orders that are asked for by their id after a whole scan; more than that are not hidden, but gone

# Of each shop (look_ups.of_shop): where the next fetch goes on, when all orders were read last, and where a whole
# reading was broken off.
CURSOR = "cursor"
SCANNED = "whole_scan"
SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch brought: orders seen, of which new ones and changed ones."""

    seen: int
    new: int
    changed: int

    def __add__(self, other: "Fetched") -> "Fetched":
        """What two fetches brought together."""
        return Fetched(self.seen + other.seen, self.new + other.new, self.changed + other.changed)


def fetch_orders(
    client: ShopClient, store: Store, shop: str, *, whole: bool = False, on_page: OnPage | None = None
) -> Fetched:
    """Reads new and changed orders of one shop (by name), or all of them (`whole`), as it does by itself once a day.
    `on_page` is told of pages read and orders seen so far. Raises DashboardError; what was read until then is kept."""
    return _Fetch(client, store, shop).run(whole=whole, on_page=on_page)


class _Fetch:
    """One fetch from one shop."""

    def __init__(self, client: ShopClient, store: Store, shop: str) -> None:
        self._client = client
        self._store = store
        self._shop = shop
        self._found = set[str]()
        self._seen = self._new = self._changed = 0
        self._with_vat = store.products.all_with_vat(shop)
        chosen = store.settings.load()
        self._system = system_of_shop(chosen, shop)
        self._assess = Assessor(store, chosen)

    def run(self, *, whole: bool, on_page: OnPage | None) -> Fetched:
        store, shop = self._store, self._shop
        began = store.clock.now().astimezone(UTC)
        _refresh_look_ups(self._client, store, shop)
        restored = store.look_ups.get(RESTORED)
        cursor, scanned = (store.look_ups.get(of_shop(shop, name)) for name in (CURSOR, SCANNED))
        whole = whole or cursor is None or scanned is None or began - datetime.fromisoformat(scanned[0]) >= WHOLE_SCAN
        since: Cursor | None = None if whole or cursor is None else cursor[0]
        ended = store.look_ups.get(of_shop(shop, SCAN)) if whole else None
        if ended is not None and began - (then := datetime.fromisoformat(ended[0]["began"])) < WHOLE_SCAN:
            # A whole reading that was broken off goes on where it was.
            since, began = ended[0]["cursor"], then
            self._found |= store.orders.seen_since(shop, began)
        last: Cursor | None = None
        for batch in self._batches(since, on_page):
            self._found |= batch.unchanged
            for rows in _in_parts(batch.rows):
                self._save(rows)
            # After a restore in the middle, what was saved before it is gone: the next fetch must read it all again.
            if batch.cursor is not None and store.look_ups.get(RESTORED) == restored:
                last = batch.cursor
                told: object = {"began": began.isoformat(), "cursor": last} if whole else last
                store.look_ups.put(of_shop(shop, SCAN if whole else CURSOR), told)
        if whole:
            self._look_for_missing()
        self._reassess()
        if whole and last is not None and store.look_ups.get(RESTORED) == restored:
            store.look_ups.put(of_shop(shop, CURSOR), last)
            store.look_ups.put(of_shop(shop, SCANNED), began.isoformat())
            store.look_ups.put(of_shop(shop, SCAN), None)
        if self._new or self._changed:
            text = Text(
                "{new} new and {changed} changed orders were fetched from the shop.",
                new=self._new,
                changed=self._changed,
            )
            if title := store.shops.titles().get(shop):
                text = Text(
                    "{new} new and {changed} changed orders were fetched from {webshop}.",
                    new=self._new,
                    changed=self._changed,
                    webshop=title,
                )
            store.history.add(Event("fetched", text))
        return Fetched(self._seen, self._new, self._changed)

    def _batches(self, since: Cursor | None, on_page: OnPage | None) -> Iterator[Batch]:
        """What the shop tells. A list that was not whole is not gone on with: it is read from its beginning again."""
        try:
            yield from self._client.fetch(since, self._known, on_page)
        except ListIncomplete:
            self._store.look_ups.put(of_shop(self._shop, SCAN), None)
            raise

    def _known(self, ids: Sequence[str]) -> Set[str]:
        return self._store.orders.by_id(self._shop, ids).keys()

    def _save(self, rows: Sequence[Any]) -> None:
        told = list({order.id: order for order in (_Told.of(raw, self._system) for raw in rows)}.values())
        self._found.update(order.id for order in told)
        known = self._store.orders.by_id(self._shop, [order.id for order in told])
        for order in told:
            if (row := self._without_outdated_answers(known.get(order.id), order)) is not None:
                known[order.id] = row
        assessed = [self._assessed(order, known.get(order.id)) for order in told]
        if self._note_products(assessed):  # an order of the same page may have one of them without VAT
            self._assess = Assessor(self._store, self._assess.settings)
            assessed = [
                self._assessed(order, known.get(order.id)) if _is_doubtful(now) else now
                for order, now in zip(told, assessed, strict=True)
            ]
        saved = [self._row(order, known.get(order.id), now) for order, now in zip(told, assessed, strict=True)]
        self._store.orders.save(saved)
        self._seen += len(saved)
        self._new += sum(row.id not in known for row in saved)
        self._changed += sum(row.id in known and known[row.id].raw_hash != row.raw_hash for row in saved)

    def _look_for_missing(self) -> None:
        """After all orders were read: those that were not among them are asked for by their id, and are gone where the
        shop has none of it. A booked one is gone only when the shop said so; it is changed since it was booked."""
        orders, shop = self._store.orders, self._shop
        missing = orders.not_among(shop, self._found)
        booked = orders.booked_not_among(shop, self._found, MOST_ASKED)
        asked = {order_id: self._ask(order_id) for order_id in [*missing[:MOST_ASKED], *booked]}
        for rows in _in_parts([raw for raw in asked.values() if raw is not None]):
            self._save(rows)
        gone = orders.set_gone(shop, self._found)
        reassess_orders(self._store, [(shop, order_id) for order_id in gone])
        for order in [OrderKey(shop, order_id) for order_id in booked if asked[order_id] is None]:
            document = self._store.documents.newest(order)
            if document is not None:
                orders.set_gone_after_booking(order, changes.deleted(document.plan).to_json())
                self._changed += 1

    def _ask(self, order_id: str) -> Any:
        try:
            return self._client.order(order_id)
        except NotFound:
            return None

    def _reassess(self) -> None:
        # A credit note may have come before its order, and a sale to an EU consumer may have passed the year's limit.
        reassess_taken_back(self._store)
        reassess_credits(self._store)
        if (self._new or self._changed) and limit_passed(self._store) != self._assess.settings.eu_limit_passed:
            reassess(self._store)

    def _note_products(self, found: Iterable[Assessment]) -> bool:
        """Remembers the products that were sold with VAT; returns whether there were new ones."""
        new: dict[str, str] = {}
        for assessed in found:
            order, known = assessed.order, self._with_vat
            keys = {product_of(line) for line in order.lines if line.kind is LineKind.PRODUCT} - known - new.keys()
            if keys and assessed.state != State.HELD:  # what is held may have other VAT than it seems
                new |= dict.fromkeys(products_with_vat(order) & keys, order.number)
        if new:
            self._store.products.save(self._shop, new)
            self._with_vat |= new.keys()
        return bool(new)

    def _assessed(self, told: "_Told", known: StoredOrder | None) -> Assessment:
        seen = replace(known or StoredOrder(self._shop, told.id), raw=told.text, forgotten_at=None, gone_at=None)
        return self._assess.safely(seen)

    def _row(self, told: "_Told", known: StoredOrder | None, found: Assessment) -> StoredOrder:
        """An order's row as it is now; `known` is the one from before."""
        order = found.order
        return StoredOrder(
            shop=self._shop,
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
            payment_title=order.payment_title,
            raw=told.text,
            raw_hash=told.digest,
            state=found.state,
            reasons=tuple(found.findings),
            change=self._change_safely(known, told),
            credit_of=order.credit_of if order.is_credit and order.credit_of != UNKNOWN_ORDER else "",
            **asdict(safe_figures(found, self._assess)),
        )

    def _change_safely(self, known: StoredOrder | None, told: "_Told") -> Mapping[str, Any] | None:
        """`_change`, where a failure with one order is told in the log and keeps what was known."""
        try:
            return self._change(known, told)
        except Exception:
            log.exception("the change of an order could not be told")
            return known.change if known is not None else None

    def _change(self, known: StoredOrder | None, told: "_Told") -> Mapping[str, Any] | None:
        """How the order differs from what was booked, as JSON; None when it does not or nothing was booked."""
        if known is None or known.guid is None or known.state == State.CREDITED or known.rebook:
            return None
        if known.raw_hash == told.digest and known.change is not None and known.gone_at is None:
            return known.change
        documents, key = self._store.documents, known.key
        document = documents.newest(key, Kind.INVOICE) or documents.newest(key, Kind.CREDIT_NOTE)
        if document is None or not document.is_booked:
            return None
        # What was told between the claim and the booking is in the order's row already, but not in what was booked.
        if document.raw == told.text:
            return None
        read = self._assess.read
        before = read(StoredOrder(self._shop, told.id, raw=document.raw or known.raw))
        chosen = self._assess.settings.of_order(self._shop, known.answers)
        now = read(StoredOrder(self._shop, told.id, raw=told.text))
        change = changes.compare(before, now, document.plan, chosen)
        return change.to_json() if change is not None else None

    def _without_outdated_answers(self, known: StoredOrder | None, told: "_Told") -> StoredOrder | None:
        """The row from before without the owner's answers that were about something else than the order is now."""
        if known is None or known.raw_hash == told.digest or (known.guid is not None and not known.rebook):
            return known
        answers = known.answers
        if not answers:
            return known
        readable = self._assess.readable
        before, now = (readable(StoredOrder(self._shop, told.id, raw=raw)) for raw in (known.raw, told.text))
        gone = outdated(answers, before, now)
        for key in sorted(gone):
            text = Text(
                "The answer about {question} was taken back: the order was changed in the shop since.", question=key
            )
            self._store.orders.answer(known.key, key, None, text=text)
        return replace(known, answers={key: value for key, value in answers.items() if key not in gone})


def _in_parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Orders as they are saved together: many to a transaction, and never too many."""
    yield from (rows[start : start + SAVE_BATCH] for start in range(0, len(rows), SAVE_BATCH))


@dataclass(frozen=True, slots=True)
class _Told:
    """An order as the shop tells it: its id, its JSON, and the hash by which a change is seen."""

    id: str
    text: str
    digest: str

    @classmethod
    def of(cls, raw: Any, system: ShopSystem) -> "_Told":
        digest = system.digest(raw)
        # An order without an id is kept too, under a name of its own, so that it is seen and not left out.
        return cls(system.id_of(raw) or f"unknown-{digest[:16]}", values.dumps(raw), digest)


def _is_doubtful(found: Assessment) -> bool:
    return any(finding.code == "danish_without_vat" for finding in found.findings)


def _refresh_look_ups(client: ShopClient, store: Store, shop: str) -> None:
    cached = store.look_ups.get(key := of_shop(shop, LOOK_UPS))
    if cached is None or store.clock.now() - cached[1] > LOOK_UP_AGE:
        store.look_ups.put(key, {**(cached[0] if cached else {}), **client.look_ups()})


def ids(rows: Iterable[StoredOrder]) -> list[OrderKey]:
    """(shop, order id) of order rows for a push, the oldest order first: it gets the lowest invoice number."""
    return [row.key for row in sorted(rows, key=lambda row: (row.placed_at or "", row.id))]
