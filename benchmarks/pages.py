"""How long each page's script takes with 1,000, 10,000 and 100,000 orders over three shops, beside an empty Streamlit
page; the lists also where one shop's orders are shown alone.

Part of `make bench`. All in one run on one machine, in turns, so that noise strikes all alike; medians are compared.
Exits non-zero when a page at 100,000 orders takes more than 1.5 × its time at 1,000 and 25 ms more, or is more than
100 ms above the empty page.
"""

import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from benchmarks.world import BOOKING_ACCOUNT, World, insert
from dinero.intake.postings import sync_entries
from dinero.model.clock import SimulatedClock, copenhagen_date
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.shops import FIRST_SHOP, Shop
from dinero.store.connections import Connection

SIZES = (1_000, 10_000, 100_000)
PAGES = ("overview.py", "orders.py", "history.py", "reconcile.py", "oss.py", "automatic.py", "setup.py")
OF_SHOP = tuple(f"{page}?lampehuset" for page in ("orders.py", "history.py", "reconcile.py", "oss.py"))
ROUNDS = 9
PAYOUTS, LINES, UNBOOKED = 1_000, 20, 5
# A page that costs little with few orders may grow by some milliseconds, whatever that is as a ratio.
MOST_TIMES, MOST_MORE_MS, MOST_MS = 1.5, 25.0, 100.0
OTHERS = ("lampehuset", "havebutikken")
SHOP_OF = f"case n.i % 3 when 0 then '{FIRST_SHOP}' when 1 then '{OTHERS[0]}' else '{OTHERS[1]}' end"
EMPTY = "import streamlit as st\nst.title('empty')"


def multiply(made: World, size: int) -> None:
    """Fills the store from three orders: one done, one that waits, one that is held; spread over a year and over three
    shops."""
    made.sell(1)
    made.dashboard.orders.fetch()
    made.dashboard.transfers.run(made.open_push())
    made.sell(2)
    made.sell(3, currency="EUR")
    made.dashboard.orders.fetch()
    for name in OTHERS:
        made.dashboard.store.shops.save(Shop(name, FIRST_SHOP, "Shoporama", name.capitalize()))
    today = copenhagen_date(made.clock.now())
    first = (today - timedelta(days=364)).isoformat()
    day = f"date('{first}', '+' || (n.i % 365) || ' days')"
    with made.dashboard.store.transaction() as db:
        db.execute("create temp table n (i integer primary key)")
        db.execute(
            "with recursive c(i) as (select 4 union all select i + 1 from c where i < ?) insert into n select i from c",
            [size],
        )
        # Of a hundred orders, five wait (the newest day's among them) and one is held.
        kind = "case when n.i % 100 < 5 then '2' when n.i % 100 = 5 then '3' else '1' end"
        own = {
            "shop": SHOP_OF,
            "id": "cast(n.i as text)",
            "number": "cast(n.i as text)",
            "email": "'kunde' || n.i || '@example.com'",
            "placed_on": day,
            "placed_at": f"{day} || 'T10:00:00+00:00'",
            "first_seen_at": f"{day} || 'T10:00:00.000+00:00'",
            "done_on": f"case when o.id = '1' then {day} end",
        }
        _copy(db, "orders", "o", own, f"o.id = {kind}")
        done = "n.i % 100 > 5"
        own = {
            "id": "n.i + 10",
            "source": SHOP_OF,
            "subject": "cast(n.i as text)",
            "guid": "printf('%032x', n.i)",
            "invoice_number": "cast(n.i as text)",
            "issued_on": day,
        }
        _copy(db, "documents", "o", own, f"{done} and o.subject = '1'")
        own = {"id": "null", "shop": SHOP_OF, "order_id": "cast(n.i as text)", "at": f"{day} || 'T11:00:00.000+00:00'"}
        _copy(db, "history", "o", own, f"{done} and o.order_id = '1'")


def compare(made: World, size: int) -> None:
    """Keeps a reconciliation with a row for each order, as one of a whole year has."""
    made.dashboard.proof.reconcile(copenhagen_date(made.clock.now()), copenhagen_date(made.clock.now()))
    store = made.dashboard.store
    head, (entry, *_) = store.reconciliations.head(), store.reconciliations.entries()
    shops, status = list(store.shops.all()), entry["status"]
    by_shop = {shop: {status: len(range(n, size, len(shops)))} for n, shop in enumerate(shops)}
    head = (head or {}) | {"counts": {status: size}, "by_shop": by_shop}
    rows = ({**entry, "number": str(n), "shop": shops[n % len(shops)]} for n in range(size))
    store.reconciliations.save(head, rows)


def pay_out(made: World) -> None:
    """PAYOUTS payouts of the year's transferred orders, booked but for the last ones, and Dinero's postings of all."""
    store, part = made.dashboard.store, made.dashboard.payouts
    made.choose_payouts()
    with store.transaction() as db:
        done = [(row["number"], row["total_ore"]) for row in db.query("select * from orders where state = 'done'")]
    each = min(LINES, max(1, len(done) // PAYOUTS))
    today, payouts = copenhagen_date(made.clock.now()), []
    for n in range(min(PAYOUTS, len(done) // each)):
        lines = [
            PayoutLine(place, Movement.SALE, f"{n}-{place}", Money(ore), Money(-145), Money(ore - 145), order=number)
            for place, (number, ore) in enumerate(done[n * each : (n + 1) * each], start=1)
        ]
        net, name, day = Money(sum(line.net.ore for line in lines)), f"P{n}", today - timedelta(days=n % 365)
        payouts.append(Payout("clearhaus", "1234567", name, day, net, tuple(lines), bank_text=name))
    first, *others = store.payouts.add(payouts, source="bench").new
    part.book([first], actor="bench")
    part.work()
    chosen = made.dashboard.settings.load()
    sync_entries(made.dashboard.connection.dinero(), store, chosen)
    booked = others[:-UNBOOKED]
    organization = chosen.organization or ""
    with store.transaction() as db:
        (item,) = [dict(row) for row in db.query("select * from ledger_items")]
        for number in booked:
            own = {"id": number + 10, "payout": number, "guid": str(uuid.UUID(int=number))}
            insert(db, "ledger_items", item | own | {"voucher_number": f"B{number}"})
        db.executemany("update payouts set state = 'booked' where id = ?", [(number,) for number in booked])
        documents = [dict(row) for row in db.query("select guid, invoice_number from documents")]
    postings = store.entries.between(organization, [BOOKING_ACCOUNT], today - timedelta(days=365), today)
    taken = [entry for entry in postings if entry.voucher_guid == item["guid"]]
    sold = next(entry for entry in postings if entry not in taken)
    copies = [
        replace(one, guid=f"{one.guid} {number}", voucher_guid=str(uuid.UUID(int=number)), voucher_number=f"B{number}")
        for number in booked
        for one in taken
    ]
    copies += [
        replace(sold, guid=f"sale {one['guid']}", voucher_guid=one["guid"], voucher_number=one["invoice_number"])
        for one in documents
        if one["invoice_number"] != sold.voucher_number
    ]
    store.entries.save(organization, copies)
    made.dashboard.balance.forget()
    part.refresh()
    balance = made.dashboard.balance.latest()
    if balance is None or not balance.is_explained:
        raise SystemExit(
            f"the postings of the benchmark are not those of its payouts: {balance and balance.sentence()}"
        )


def _copy(db: Connection, table: str, alias: str, own: dict[str, str], where: str) -> None:
    names = [column["name"] for column in db.query(f"pragma table_info({table})")]
    values = ", ".join(own.get(name, f"{alias}.{name}") for name in names)
    sql = f"insert into {table} ({', '.join(names)}) select {values} from n join {table} {alias} where {where}"  # noqa: S608
    db.execute(f"{sql} order by n.i")


def seconds(page: AppTest) -> float:
    """The time of one run of a script."""
    started = time.perf_counter()
    page.run()
    taken = time.perf_counter() - started
    if page.exception:
        raise RuntimeError(page.exception[0].message)
    return taken


def main() -> int:
    """Prints the table; 0 when the bounds hold."""
    with tempfile.TemporaryDirectory() as folder, patch("pages.ui.role", lambda: "owner"):
        worlds = {}
        for size in SIZES:
            worlds[size] = World(Path(folder) / str(size), SimulatedClock())
            multiply(worlds[size], size)
            compare(worlds[size], size)
        try:
            return measure(worlds)
        finally:
            for made in worlds.values():
                made.stop()


def measure(worlds: dict[int, World]) -> int:
    """Runs every page of every store in turns."""
    empty = AppTest.from_string(EMPTY, default_timeout=60)
    times: dict[tuple[str, int], list[float]] = {}
    base = []
    for path in (*PAGES, *OF_SHOP):
        pages = {}
        page, _, shop = path.partition("?")
        for size, made in worlds.items():
            with patch("dinero.dashboard.dashboard.dashboard", lambda made=made: made.dashboard):
                pages[size] = AppTest.from_file("../pages/navigation.py", default_timeout=60).run()
                if shop:
                    pages[size].query_params["shop"] = shop
                pages[size].switch_page(page).run()  # the first run imports
        for _ in range(ROUNDS):
            base.append(seconds(empty))
            for size, made in worlds.items():
                with patch("dinero.dashboard.dashboard.dashboard", lambda made=made: made.dashboard):
                    times.setdefault((path, size), []).append(seconds(pages[size]))
    nothing = statistics.median(base)
    print(f"empty page: {nothing * 1000:.1f} ms")
    print(f"{'page':26}" + "".join(f"{size:>12,}" for size in SIZES) + "   largest/smallest   × empty   above empty")
    fine = True
    for path in (*PAGES, *OF_SHOP):
        taken = [statistics.median(times[path, size]) for size in SIZES]
        growth, above = taken[-1] / taken[0], (taken[-1] - nothing) * 1000
        more = (taken[-1] - taken[0]) * 1000
        holds = (growth <= MOST_TIMES or more <= MOST_MORE_MS) and above <= MOST_MS
        fine = fine and holds
        columns = "".join(f"{one * 1000:9.1f} ms" for one in taken)
        verdict = "" if holds else "   too slow"
        print(f"{path:26}{columns}{growth:19.2f}{taken[-1] / nothing:10.1f}{above:11.1f} ms{verdict}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
