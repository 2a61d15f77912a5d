"""Orders from the shop into the store: new and changed ones, each with its state and reasons.

The shop's filter is a help, not a promise (Shoporama FACTS 2): windows overlap, a whole scan runs once a day,
and every row that came is kept under its id, so an order that comes twice is one order.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dinero import checks, settings
from dinero.checks import assess
from dinero.i18n import Text
from dinero.orders import Order
from dinero.settings import Settings
from dinero.shops import values
from dinero.shops.shoporama import Shoporama, read_order
from dinero.store import Row, Store

SHOP = "shoporama"
OVERLAP = timedelta(days=1)
WHOLE_SCAN = timedelta(days=1)
LOOKUP_AGE = timedelta(days=1)
SAVE_BATCH = 200

CURSOR = "fetch.since"
SCANNED = "fetch.whole_scan"
COUNTRIES = "shop:countries"
GATEWAYS = "shop:gateways"
PRICES = "shop:prices_include_vat"

OrderReader = Callable[[Mapping[str, Any]], Order]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch brought: orders seen, of which new ones and changed ones."""

    seen: int
    new: int
    changed: int


def fetch_orders(shop: Shoporama, store: Store) -> Fetched:
    """Reads new and changed orders from the shop. Raises DashboardError; what was read until then is kept."""
    started = store.clock.now().astimezone(UTC)
    _refresh_lookups(shop, store)
    cursor, scanned = store.cached(CURSOR), store.cached(SCANNED)
    whole = cursor is None or scanned is None or started - datetime.fromisoformat(scanned[0]) >= WHOLE_SCAN
    since = None if whole or cursor is None else datetime.fromisoformat(cursor[0]) - OVERLAP
    read, chosen = order_reader(store), settings.load(store)
    seen = new = changed = 0
    page: list[Row] = []
    try:
        for raw in shop.orders(since):
            row, before = _row(raw, read, chosen, store)
            seen += 1
            new += before is None
            changed += before is not None and before["raw_hash"] != row["raw_hash"]
            page.append(row)
            if len(page) >= SAVE_BATCH:
                store.save_orders(page)
                page = []
    finally:
        store.save_orders(page)
    store.save_cached(CURSOR, started.isoformat())
    if whole:
        store.save_cached(SCANNED, started.isoformat())
    if new or changed:
        text = Text("{new} new and {changed} changed orders were fetched from the shop.", new=new, changed=changed)
        store.remember(event="fetched", text=text)
    return Fetched(seen, new, changed)


def reassess(store: Store) -> None:
    """Gives every order without a document its state anew, after the settings or the accounts changed."""
    read, chosen = order_reader(store), settings.load(store)
    offset = 0
    while rows := store.orders(limit=SAVE_BATCH, offset=offset):
        states = []
        for row in rows:
            if row["guid"] is None:
                state, findings = assess(read(row), chosen, ignored_reason=row["ignored_reason"])
                states.append((row["shop"], row["id"], state, checks.dumps(findings)))
        store.set_order_states(states)
        offset += len(rows)


def order_reader(store: Store) -> OrderReader:
    """Reads an order from its stored row, with the shop's look-ups as they were fetched last."""
    countries, gateways, prices = (store.cached(key) for key in (COUNTRIES, GATEWAYS, PRICES))

    def read(row: Mapping[str, Any]) -> Order:
        return read_order(
            values.loads(row["raw"]),
            shop=row["shop"],
            countries=countries[0] if countries else {},
            gateways=gateways[0] if gateways else {},
            prices_include_vat=prices[0] if prices else True,
        )

    return read


def _row(raw: Any, read: OrderReader, chosen: Settings, store: Store) -> tuple[Row, Row | None]:
    """An order's row as it is now, and the one that was known before."""
    text = values.dumps(raw)
    digest = hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode()).hexdigest()
    order = read({"raw": text, "shop": SHOP})
    # An order without an id is kept too, under a name of its own, so that it is seen and not left out.
    order_id = order.id or f"unknown-{digest[:16]}"
    known = store.order(SHOP, order_id)
    state, findings = assess(order, chosen, ignored_reason=known["ignored_reason"] if known else None)
    row = {
        "shop": SHOP,
        "id": order_id,
        "number": order.number,
        "placed_at": order.placed_at.astimezone(UTC).isoformat() if order.placed_at else None,
        "placed_on": order.placed_on.isoformat() if order.placed_on else None,
        "customer": order.customer_name,
        "email": order.email,
        "total_ore": order.total.ore if order.total else None,
        "currency": order.currency,
        "paid": int(order.paid),
        "sent": int(order.sent),
        "payment_method": order.payment_method,
        "raw": text,
        "raw_hash": digest,
        "state": state,
        "reasons": checks.dumps(findings),
    }
    return row, known


def _refresh_lookups(shop: Shoporama, store: Store) -> None:
    for key, fetch in ((COUNTRIES, shop.countries), (GATEWAYS, shop.payment_gateways)):
        cached = store.cached(key)
        if cached is None or store.clock.now() - cached[1] > LOOKUP_AGE:
            store.save_cached(key, fetch())


def ids(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """(shop, order id) of order rows for a push, the oldest order first: it gets the lowest invoice number."""
    return [(row["shop"], row["id"]) for row in sorted(rows, key=lambda row: (row["placed_at"] or "", row["id"]))]
