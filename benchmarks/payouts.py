"""50,000 lines of payouts against 100,000 orders: a file is opened, read, stored and matched, beside what pandas needs
to read that file and one indexed look-up a line.

`make bench-payouts`. Shopify's and Stripe's files and one whose columns the owner named, each as one payout and as
1,000. Times are the processor's, so that other work on the machine does not count, and they are compared within one
run. Fails when reading and matching take more than MOST times as long as the floor.
"""

import csv
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.columns.mapping import ColumnMapping, FeeSign, Role
from dinero.acquirers.columns.reading import read_by_columns
from dinero.acquirers.opening import open_file
from dinero.acquirers.readers import read
from dinero.acquirers.words import Apart
from dinero.intake.matching import match, needs_match
from dinero.model.payouts import Movement, RowProblem
from dinero.model.settings import Settings
from dinero.store import Store

ORDERS, LINES = 100_000, 50_000
MOST = 3.0
SETTINGS = Settings(organization="210001", booking_account=55100)
T = TypeVar("T")
RAW = "x" * 1500  # an order and a plan are about as long


@dataclass(frozen=True)
class Sold:
    """A line as all of the files tell it, in øre; the fee is what the acquirer kept."""

    place: int
    payout: int
    paid_on: date
    order: int
    gross: int
    fee: int

    @property
    def at(self) -> str:
        """The time of day before the payout, of which no two lines of an order are."""
        return f"{self.paid_on - timedelta(days=1)} 10:{self.place // 60 % 60:02}:{self.place % 60:02}"

    @property
    def amounts(self) -> list[str]:
        """Gross, fee and net."""
        return [f"{ore / 100:.2f}" for ore in (self.gross, self.fee, self.gross - self.fee)]


@dataclass(frozen=True)
class Format:
    """A file that acquirers give: its columns, how a line is told in it, and how it is read."""

    name: str
    order: str  # the column that is looked up
    columns: str
    row: Callable[[Sold], list[object]]
    read: Callable[[PayoutFile], FileRead]
    total: Callable[[Sold, int], list[object]] | None = None  # the row of a payout's own, where the file has one


MAPPING = ColumnMapping(
    acquirer="Betaling ApS",
    roles={
        "Udbetaling": Role.PAYOUT,
        "Dato": Role.PAID_ON,
        "Tid": Role.AT,
        "Id": Role.TRANSACTION,
        "Type": Role.KIND,
        "Ordre": Role.ORDER,
        "Brutto": Role.GROSS,
        "Gebyr": Role.FEE,
        "Netto": Role.NET,
        "Valuta": Role.CURRENCY,
    },
    kinds={"salg": Movement.SALE, "retur": Movement.REFUND, "udbetaling": Apart.PAYOUT},
    fee_sign=FeeSign.TAKEN,
)
FORMATS = (
    Format(
        "Shopify",
        "Order",
        "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,"
        "Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency",
        lambda sold: [
            f"{sold.at} +0100",
            "charge" if sold.gross > 0 else "refund",
            sold.order,
            "visa",
            "online",
            "paid",
            sold.paid_on,
            80_000_000 + sold.payout,
            sold.paid_on,
            *sold.amounts,
            f"#{30_000_000 + sold.place}",
            "card",
            sold.amounts[0],
            "DKK",
            "DKK",
        ],
        read,
    ),
    Format(
        "Stripe",
        "payment_metadata[order_id]",
        "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,payment_metadata[order_id],"
        "automatic_payout_id,automatic_payout_effective_at_utc",
        lambda sold: [
            f"txn_{sold.place}",
            sold.at,
            "dkk",
            *sold.amounts,
            "charge" if sold.gross > 0 else "refund",
            sold.order,
            f"po_{sold.payout}",
            f"{sold.paid_on} 00:00:00",
        ],
        read,
    ),
    Format(
        "columns by the owner",
        "Ordre",
        ",".join(MAPPING.roles),
        lambda sold: [
            f"U{sold.payout}",
            sold.paid_on,
            sold.at,
            f"T{sold.place}",
            "Salg" if sold.gross > 0 else "Retur",
            sold.order,
            *sold.amounts,
            "DKK",
        ],
        lambda file: read_by_columns(file, MAPPING),
        lambda last, net: [
            f"U{last.payout}",
            last.paid_on,
            last.at,
            "",
            "Udbetaling",
            "",
            f"{net / 100:.2f}",
            "0.00",
            f"{net / 100:.2f}",
            "DKK",
        ],
    ),
)


def main() -> int:
    """Prints the times, and 1 when they are too long."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        store, file = Store(Path(folder)), Path(folder) / "lines.csv"
        fill(store)
        for form in FORMATS:
            for payouts in (1, 1000):
                write(file, form, payouts)
                print(f"\n{form.name}, payouts: {payouts}")
                worst = max(worst, measured(store, file, form, payouts))
                forget(store)
        store.close()
    print(f"\nread and matched: {worst:.2f} of the floor at worst, at most {MOST}")
    return int(worst > MOST)


def measured(store: Store, file: Path, form: Format, payouts: int) -> float:
    """Prints the parts of one file's way, and returns how many times the floor reading and matching take."""
    import pandas as pd

    data = file.read_bytes()
    table, by_pandas = timed(lambda: pd.read_csv(file, dtype=str, keep_default_na=False))
    references = list(table[form.order])
    del table
    _, looked_up = timed(lambda: look_up(store, references))
    opened, opening = timed(lambda: open_file(file.name, data))
    if isinstance(opened, RowProblem):
        raise SystemExit(str(opened.text))
    found, reading = timed(lambda: form.read(opened))
    if found.problems or len(found.payouts) != payouts:
        raise SystemExit(f"{len(found.payouts)} payouts, {[str(problem.text) for problem in found.problems[:3]]}")
    _, stored = timed(lambda: store.payouts.add(found.payouts, source="bench"))
    changed, matched = timed(lambda: match(store, SETTINGS))
    again, looked_again = timed(lambda: needs_match(store, SETTINGS))
    if changed != LINES or again:
        raise SystemExit(f"{changed} of {LINES} lines were matched")
    told = {
        "pandas reads the file": by_pandas,
        "one indexed look-up a line": looked_up,
        "file opened": opening,
        "file read": reading,
        "payouts stored": stored,
        "lines matched": matched,
        "whether anything is to be matched": looked_again,
    }
    for name, seconds in told.items():
        print(f"  {name:36}{seconds:8.3f} s{seconds / LINES * 1e6:10.1f} µs a line")
    floor = by_pandas + looked_up
    ratio = (opening + reading + matched) / floor
    print(f"  read and matched: {ratio:.2f} of the floor; with storing: {ratio + stored / floor:.2f}")
    return ratio


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


def forget(store: Store) -> None:
    """Takes the payouts away again, and that they were matched."""
    with store.transaction() as db:
        for statement in ("delete from payout_lines", "delete from payouts", "delete from cache"):
            db.execute(statement)


def write(file: Path, form: Format, payouts: int) -> None:
    """A file of LINES lines in so many payouts, with a refund for each forty-nine sales."""
    with file.open("w", newline="") as told:
        rows = csv.writer(told)
        rows.writerow(form.columns.split(","))
        net = 0
        for sold in sales(payouts):
            rows.writerow(form.row(sold))
            net += sold.gross - sold.fee
            if form.total is not None and (sold.place + 1) % (LINES // payouts) == 0:
                rows.writerow(form.total(sold, net))
                net = 0


def sales(payouts: int) -> Iterator[Sold]:
    """The lines of all payouts, one a day."""
    for n in range(LINES):
        gross = amount(n * 2) if n % 50 else -5000
        payout = n // (LINES // payouts)
        fee = gross * 145 // 10_000 if gross > 0 else 0
        yield Sold(n, payout, date(2023, 1, 2) + timedelta(days=payout), 200_000 + n * 2, gross, fee)


if __name__ == "__main__":
    sys.exit(main())
