"""The time, as something that can be handed in.

Everything that waits or stamps takes a `Clock`, so that tests and benchmarks run minutes of waiting in
milliseconds, and so that the rate limit is measured on the same clock on both sides of the wire.
"""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


class Clock(Protocol):
    """What the library needs of time."""

    def now(self) -> datetime:
        """The time in UTC, timezone-aware."""

    def sleep(self, seconds: float) -> None:
        """Waits. A simulated clock moves instead."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The machine's time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Waits for `seconds`; not at all for 0 or less."""
        if seconds > 0:
            time.sleep(seconds)


class SimulatedClock:
    """A clock that stands still until somebody sleeps or moves it. Safe to share between threads."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The time to which the clock was moved last, in UTC."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Moves the clock on by `seconds` without waiting."""
        if seconds > 0:
            with self._lock:
                self._now += timedelta(seconds=seconds)

    advance = sleep


def copenhagen_date(moment: datetime) -> date:
    """The business date of a moment: an order paid 23:30 UTC on 31 December is next year's (facts.md, Dinero 6.19)."""
    return moment.astimezone(COPENHAGEN).date()


def midnight(day: date) -> datetime:
    """The moment at which a Copenhagen day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=COPENHAGEN)


def utc_text(moment: datetime) -> str:
    """A moment as it is stored: UTC, ISO, to the millisecond, so that texts are in the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
