"""What the files of payouts have in common: whose they are, and how days, amounts and tables are written."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dinero.model.clock import COPENHAGEN, midnight
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine

Rows = list[list[Any]]
SHOP_NAME, PLACE, BANK = "Eksempel Webshop ApS", "Keramikhuset", "DK9999990000123456"


def lines_of(payouts: Iterable[Payout], words: Mapping[Movement, str]) -> Iterable[tuple[Payout, PayoutLine]]:
    """All lines, with their payouts. ValueError for one of a kind that has no word."""
    for payout in payouts:
        for line in payout.lines:
            if line.kind not in words:
                raise no_word(line)
            yield payout, line


def no_word(line: PayoutLine) -> ValueError:
    """What is raised for a line that a format can't tell."""
    return ValueError(f"the format has no known word for {line.kind}")


def days_of(payout: Payout) -> tuple[date, date]:
    """The first and last day of what a payout is of."""
    return payout.first_day or payout.paid_on, payout.last_day or payout.paid_on


def moment_of(payout: Payout, line: PayoutLine) -> datetime:
    """When a line's money moved, in Copenhagen."""
    return (line.at or midnight(payout.paid_on)).astimezone(COPENHAGEN)


def danish(amount: Money, *, thousands: bool = True) -> str:
    """1.234,50, or 1234,50."""
    text = f"{amount.decimal:,}" if thousands else f"{amount.decimal}"
    return text.translate(str.maketrans(",.", ".,"))


def table(columns: Sequence[str], rows: Rows, *, lineterminator: str = "\n", **options: Any) -> bytes:
    """The rows of a CSV file below the names of its columns, in UTF-8."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator=lineterminator, **options)
    writer.writerow(columns)
    writer.writerows(rows)
    return content.getvalue().encode()
