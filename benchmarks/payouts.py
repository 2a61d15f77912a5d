"""50,000 lines of payouts against 100,000 orders: read, stored and matched, beside what pandas needs to read the file
and one indexed look-up a line.

`make bench-payouts`. Times are the processor's, so that other work on the machine does not count. Fails when reading
and matching take more than MOST times as long as the floor.
"""

import csv
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from dinero.acquirers.opening import open_file
from dinero.acquirers.readers import read
from dinero.intake.matching import match, needs_match
from dinero.model.payouts import RowProblem
from dinero.model.settings import Settings
from dinero.store import Store

ORDERS, LINES, PAYOUTS = 100_000, 50_000, 50
MOST = 3.0
SETTINGS = Settings(organization="210001", booking_account=55100)
T = TypeVar("T")
COLUMNS = (
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "payment_metadata[order_id]",
    "automatic_payout_id",
    "automatic_payout_effective_at_utc",
)
RAW = "x" * 1500  # an order and a plan are about as long


def main() -> int:
    """Prints the times, and 1 when they are too long."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        store, file = Store(Path(folder)), Path(folder) / "lines.csv"
        fill(store)
        write(file)
        data = file.read_bytes()
        table, read_by_pandas = timed(lambda: pd.read_csv(file, dtype=str, keep_default_na=False))
        references = list(table["payment_metadata[order_id]"])
        _, looked_up = timed(lambda: look_up(store, references))
        opened, opening = timed(lambda: open_file(file.name, data))
        if isinstance(opened, RowProblem):
            raise SystemExit(str(opened.text))
        found, reading = timed(lambda: read(opened))
        if found.problems:
            raise SystemExit(str(found.problems[0].text))
        _, stored = timed(lambda: store.payouts.add(found.payouts, source="bench"))
        changed, matched = timed(lambda: match(store, SETTINGS))
        again, looked_again = timed(lambda: needs_match(store, SETTINGS))
        if changed != LINES or again:
            raise SystemExit(f"{changed} of {LINES} lines were matched")
        store.close()
    floor = read_by_pandas + looked_up
    told = {
        "pandas reads the file": read_by_pandas,
        "one indexed look-up a line": looked_up,
        "file opened": opening,
        "file read": reading,
        "payouts stored": stored,
        "lines matched": matched,
        "whether anything is to be matched": looked_again,
    }
    for name, seconds in told.items():
        print(f"{name:36}{seconds:8.3f} s{seconds / LINES * 1e6:10.1f} µs a line")
    ratio = (opening + reading + matched) / floor
    print(f"read and matched: {ratio:.2f} of the floor; with storing: {ratio + stored / floor:.2f}; at most {MOST}")
    return int(ratio > MOST)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What some work gives, and its seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def look_up(store: Store, references: list[str]) -> None:
    """One indexed look-up for each line."""
    with store.connect() as db:
        for reference in references:
            db.execute("select shop, id from orders where number = ?", [reference]).fetchone()


def fill(store: Store) -> None:
    """Orders with a booked and paid invoice each; of a hundredth there is a credit note too."""
    with store.transaction() as db:
        db.executemany(
            "insert into orders (shop, id, number, placed_at, placed_on, customer, email, total_ore, currency, paid, "
            "sent, payment_method, raw, raw_hash, state, first_seen_at, seen_at) values ('shoporama', ?, ?, ?, ?, '', "
            "'', ?, 'DKK', 1, 1, 'Kort', ?, '', 'done', '', '')",
            (
                (str(n), str(200_000 + n), f"2026-01-01T10:00:{n % 60:02}", "2026-01-01", amount(n), RAW)
                for n in range(ORDERS)
            ),
        )
        db.executemany(
            "insert into documents (organization, source, subject, kind, generation, guid, plan, step, state, "
            "operation_id, created_at, updated_at, invoice_number, payment_guid, current, credit_for, issued_on, raw, "
            "deposit_account, deposit_ore, total_ore, currency) values ('210001', 'shoporama', ?, ?, 1, ?, ?, "
            "'done', 'done', '', '', '', ?, ?, ?, ?, '2026-01-01', ?, 55100, ?, ?, 'DKK')",
            (row for n in range(ORDERS) for row in documents(n)),
        )


def documents(n: int) -> list[tuple[object, ...]]:
    """The invoice of an order, and its credit note."""
    guid, plan = str(uuid.UUID(int=n)), f'{{"plan": "{RAW}"}}'
    rows: list[tuple[object, ...]] = [
        (str(n), "invoice", guid, plan, str(n), guid, 1, None, RAW, amount(n), amount(n)),
    ]
    if n % 100 == 0:
        note = str(uuid.UUID(int=ORDERS + n))
        rows.append((str(n), "credit note", note, plan, f"k{n}", note, 0, guid, RAW, -5000, 5000))
    return rows


def amount(n: int) -> int:
    """What an order is of, in øre."""
    return 10_000 + n % 90_000


def write(file: Path) -> None:
    """Lines as Stripe's itemized report has them, with a refund for each forty-nine sales."""
    with file.open("w", newline="") as told:
        rows = csv.writer(told)
        rows.writerow(COLUMNS)
        for n in range(LINES):
            gross, kind = (amount(n * 2), "charge") if n % 50 else (-5000, "refund")
            fee = gross * 145 // 10_000 if gross > 0 else 0
            payout = n // (LINES // PAYOUTS)
            paid_on = date(2026, 1, 2) + timedelta(days=payout)
            cells = [f"{value / 100:.2f}" for value in (gross, fee, gross - fee)]
            at = f"{paid_on - timedelta(days=1)} 10:00:{n % 60:02}"
            order = 200_000 + n * 2
            rows.writerow([f"txn_{n}", at, "dkk", *cells, kind, order, f"po_{payout}", f"{paid_on} 00:00:00"])


if __name__ == "__main__":
    sys.exit(main())
