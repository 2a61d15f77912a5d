"""50,000 lines of payouts against 100,000 orders: stored and matched, beside what pandas needs to read such a file and
one indexed look-up a line.

`make bench-payouts`. Fails when reading, storing and matching take more than MOST times as long.
"""

import csv
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from dinero.intake.matching import match, needs_match
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, problems_of
from dinero.model.settings import Settings
from dinero.store import Store

ORDERS, LINES, PAYOUTS = 100_000, 50_000, 50
MOST = 3.0
SETTINGS = Settings(organization="210001", booking_account=55100)
T = TypeVar("T")
RAW = "x" * 1500  # an order and a plan are about as long


def main() -> int:
    """Prints the times, and 1 when they are too long."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        store, file = Store(Path(folder)), Path(folder) / "lines.csv"
        fill(store)
        write(file)
        table, read_by_pandas = timed(lambda: pd.read_csv(file, dtype=str, keep_default_na=False))
        references = list(table["order"])
        _, looked_up = timed(lambda: look_up(store, references))
        payouts, made = timed(lambda: payouts_of(table.to_dict("list")))
        problems, checked = timed(lambda: [problem for payout in payouts for problem in problems_of(payout)])
        assert not problems, problems[:3]
        _, stored = timed(lambda: store.payouts.add(payouts, source="bench"))
        changed, matched = timed(lambda: match(store, SETTINGS))
        assert changed == LINES, changed
        again, looked_again = timed(lambda: needs_match(store, SETTINGS))
        assert not again
        _, incremental = timed(lambda: match(store, SETTINGS))
        store.close()
    floor = read_by_pandas + looked_up
    told = {
        "pandas reads the file": read_by_pandas,
        "one indexed look-up a line": looked_up,
        "lines made of the rows": made,
        "checked": checked,
        "stored": stored,
        "matched": matched,
        "whether anything is to be matched": looked_again,
        "matched again, nothing new": incremental,
    }
    for name, seconds in told.items():
        print(f"{name:36}{seconds:8.3f} s{seconds / LINES * 1e6:10.1f} µs a line")
    ratio = (read_by_pandas + made + checked + matched) / floor
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
    """Lines as a file of an acquirer has them, with a refund for each fiftieth sale."""
    with file.open("w", newline="") as told:
        rows = csv.writer(told)
        rows.writerow(["payout", "id", "type", "order", "gross", "fee", "net", "currency", "at", "text"])
        for n in range(LINES):
            gross, kind = (amount(n * 2), "sale") if n % 50 else (-5000, "refund")
            fee = -gross * 145 // 10_000 if gross > 0 else 0
            cells = [f"{value / 100:.2f}" for value in (gross, fee, gross + fee)]
            at = f"2026-01-01T10:00:{n % 60:02}+01:00"
            rows.writerow([n // (LINES // PAYOUTS), f"tr_{n}", kind, 200_000 + n * 2, *cells, "DKK", at, "Kort"])


def payouts_of(table: dict[str, list[str]]) -> list[Payout]:
    """The payouts of the file, as a reader makes them."""
    lines: dict[str, list[PayoutLine]] = {}
    kinds = {"sale": Movement.SALE, "refund": Movement.REFUND}
    columns = (table[name] for name in ("payout", "id", "type", "order", "gross", "fee", "net"))
    for row, (payout, name, kind, order, *cells) in enumerate(zip(*columns, strict=True), start=2):
        gross, fee, net = (Money(int(cell.replace(".", ""))) for cell in cells)
        lines.setdefault(payout, []).append(PayoutLine(row, kinds[kind], name, gross, fee, net, order=order))
    first = Payout("clearhaus", "1234567", "", date(2026, 1, 1), Money(0), ())
    return [
        replace(
            first,
            id=name,
            paid_on=date(2026, 1, 1) + timedelta(days=n),
            net=Money(sum(line.net.ore for line in told)),
            lines=tuple(told),
        )
        for n, (name, told) in enumerate(lines.items())
    ]


if __name__ == "__main__":
    sys.exit(main())
