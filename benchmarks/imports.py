"""What it costs to take 100,000 orders into the store, beside a bare sqlite3 executemany of the same rows.

Part of `make bench`. The bare one writes the same columns into a table with the same indexes, in one transaction; the
store keeps what was there, gives states and writes in batches as they come from the shop. Reading and checking an
order before that (JSON, sums, VAT) is measured beside it, and each system's reader by itself. Exits non-zero above 3
times, and above 0.5 ms for an order in a reader.
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.world import World
from dinero.intake.fetching import SAVE_BATCH, _Fetch, _Told
from dinero.model.clock import SimulatedClock
from dinero.model.documents import StoredOrder
from dinero.model.shops import FIRST_SHOP
from dinero.sandbox import make_order
from dinero.sandbox.woocommerce_carts import SETTINGS, random_cart
from dinero.shops import values
from dinero.shops.shop_system import ReadContext
from dinero.shops.systems import system_of
from dinero.store import Store

SIZE, MOST = 100_000, 3.0
READING, GOES = 0.5, 5  # ms for an order at most
SAMPLE = 2_000  # orders whose reading and checks are timed


def order_rows(made: World, size: int) -> tuple[list[StoredOrder], float]:
    """Rows as the intake makes them, and the seconds that reading and checking takes for each order."""
    raws = [make_order(order_id=n, webshop_order_id=n, email=f"kunde{n}@example.com") for n in range(1, SAMPLE + 1)]
    started = time.perf_counter()
    fetch = _Fetch(made.dashboard.shops.client(FIRST_SHOP), made.dashboard.store, FIRST_SHOP)
    told = [_Told.of(raw, system_of(FIRST_SHOP)) for raw in raws]
    read = [fetch._row(order, None, fetch._assessed(order, None)) for order in told]
    each = (time.perf_counter() - started) / len(read)
    rows = []
    for n in range(1, size + 1):
        row = read[n % len(read)]
        raw = json.loads(row.raw) | {"order_id": n, "webshop_order_id": n}
        rows.append(replace(row, id=str(n), number=str(n), raw=json.dumps(raw), raw_hash=f"{n:064}"))
    return rows, each


def bare(folder: Path, rows: list[StoredOrder], store: Store) -> float:
    """Seconds for executemany of the rows that the store has, into the same table."""
    sql = "select sql from sqlite_master where tbl_name = 'orders' and sql is not null order by type = 'index'"
    schema = [row["sql"] for row in store.rows(sql)]
    kept = [tuple(row.values()) for row in store.rows("select * from orders")]
    with sqlite3.connect(folder / "bare.db") as db:
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        for statement in schema:
            db.execute(statement)
        marks = ", ".join("?" for _ in kept[0])
        started = time.perf_counter()
        db.executemany(f"insert into orders values ({marks})", kept)  # noqa: S608 - only question marks
        db.commit()
        return time.perf_counter() - started


def reading() -> dict[str, float]:
    """Milliseconds that each system's reader takes for an order that came from the shop: its JSON, its hash, its
    `Order`; of several goes the shortest, because a machine is never quiet."""
    texts = {
        FIRST_SHOP: [values.dumps(make_order(order_id=n, webshop_order_id=n)) for n in range(1, SAMPLE + 1)],
        "woocommerce": [values.dumps(made) for made in _woocommerce()],
    }
    found = {}
    for key, told in texts.items():
        system, context = system_of(key), ReadContext(key)
        goes = []
        for _ in range(GOES):
            started = time.perf_counter()
            for text in told:
                raw = values.loads(text)
                system.digest(raw)
                system.read(raw, context)
            goes.append(time.perf_counter() - started)
        found[system.name] = 1000 * min(goes) / len(told)
    return found


def _woocommerce() -> list[Any]:
    """Random orders of a WooCommerce shop in all settings."""
    dice = random.Random(1)
    return [random_cart(dice, dice.choice(list(SETTINGS)))[0] for _ in range(SAMPLE)]


def main() -> int:
    """Prints the figures; 0 when the bounds hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("size", type=int, nargs="?", default=SIZE)
    size = parser.parse_args().size
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder) / "world", SimulatedClock())
        rows, each = order_rows(made, size)
        made.stop()
        store = Store(Path(folder) / "store")
        started = time.perf_counter()
        for start in range(0, size, SAVE_BATCH):
            store.orders.save(rows[start : start + SAVE_BATCH])
        taken = time.perf_counter() - started
        alone = bare(Path(folder), rows, store)
        print(
            f"{size:,} orders into the store: {taken:.1f} s; bare executemany: {alone:.1f} s; "
            f"{taken / alone:.2f} times (allowed {MOST:.0f})"
        )
        print(f"reading and checking an order before that: {each * 1000:.2f} ms ({each * size:.0f} s for all)")
        told = reading()
        for name, milliseconds in told.items():
            print(f"reading an order of {name}: {milliseconds:.2f} ms (allowed {READING:.1f})")
        return 0 if taken / alone <= MOST and max(told.values()) <= READING else 1


if __name__ == "__main__":
    sys.exit(main())
