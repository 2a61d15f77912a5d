"""Asks VIES about the VAT numbers that orders wait for, and gives these orders their state anew.

Nobody else's orders wait for it: it is asked beside a fetch and before a push, a bounded number of times, and a
register that is silent is left alone for some minutes. Orders whose number got no answer are held, and say so.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from dinero.intake.assessing import Assessment, Assessor
from dinero.model.consultation import UNANSWERED, Consultation
from dinero.model.documents import StoredOrder
from dinero.model.errors import DashboardError
from dinero.model.settings import Settings
from dinero.model.zones import Zone
from dinero.rules.evidence import FRESH, NOT_ANSWERED
from dinero.store import Store
from dinero.store.leases import LeaseLost

log = logging.getLogger(__name__)

MAX_ASKED = 100  # questions a round
MAX_SECONDS = timedelta(seconds=60)  # in which a round begins its questions
MAX_ORDERS = 1000  # orders looked at a round
RETRY = timedelta(minutes=5)  # between two questions to a register that did not answer
OFTEN = 12  # questions about one order, after which it is asked by the hour
RARELY = timedelta(hours=1)
LEASE, LEASE_SECONDS = "vies", 120.0
# The trouble is one country's register; any other trouble is VIES's own, or the way to it.
ONE_COUNTRY = frozenset({"MS_UNAVAILABLE", "MS_MAX_CONCURRENT_REQ", "MS_MAX_CONCURRENT_REQ_TIME", "TIMEOUT"})


class Register(Protocol):
    """Who is asked."""

    def ask(self, number: str) -> Consultation:
        """What is known of a VAT number."""


def consult(store: Store, settings: Settings, register: Callable[[], Register]) -> int:
    """Asks about the orders that nothing but VIES holds; returns how many of them have their answer now.

    `register` is called when there is something to ask. Of two who come at once one asks, and the other goes on.
    """
    if settings.missing() or not (rows := _rows(store)):
        return 0
    lease = store.leases.acquire(LEASE, seconds=LEASE_SECONDS)
    if lease is None:
        return 0
    try:
        return _Round(store, settings, register(), lambda: store.leases.renew(lease)).answer(rows)
    except LeaseLost:
        return 0
    finally:
        store.leases.release(lease)


def _rows(store: Store) -> list[StoredOrder]:
    return store.orders.to_consult(NOT_ANSWERED, Zone.EU_BUSINESS.value, limit=MAX_ORDERS)


class _Round:
    """One round of questions. `keep` renews the right to ask."""

    def __init__(self, store: Store, settings: Settings, register: Register, keep: Callable[[], None]) -> None:
        self.store = store
        self.register = register
        self.keep = keep
        self.assess = Assessor(store, settings)
        self.asked = 0
        self.until = self.now + MAX_SECONDS
        # Countries whose register is silent; "" is VIES itself.
        self.silent: set[str] = set()
        for row in store.consultations.since(self.now - RETRY):
            self.hear(row.number, row.outcome, row.error)

    @property
    def now(self) -> datetime:
        return self.store.clock.now()

    def hear(self, number: str, outcome: str, error: str) -> None:
        """Notes who is silent, and who speaks again."""
        country = number[:2]
        if outcome == UNANSWERED:
            self.silent.add(country if error in ONE_COUNTRY else "")
        else:
            self.silent -= {country, ""}

    def answer(self, rows: list[StoredOrder]) -> int:
        """Gives each order its answer, as far as there is one."""
        answered = 0
        for row in rows:
            found = self.assessed(row)
            if found is None or found.number is None or [item.code for item in found.findings] != [NOT_ANSWERED]:
                continue
            consultation = self.consultation(row, found.number)
            if consultation is None:
                continue
            self.store.consultations.add(row.key, consultation)
            answered += consultation.outcome != UNANSWERED
            if (fresh := self.store.orders.get(row.key)) and (now := self.assessed(fresh)) is not None:
                self.store.orders.set_states([(row.key, now.state, now.findings)])
        return answered

    def assessed(self, row: StoredOrder) -> Assessment | None:
        """An order as it is now. One that can't be assessed keeps no other waiting; it is told of by its transfer."""
        try:
            return self.assess(row)
        except DashboardError:
            raise
        except Exception:
            log.exception("an order could not be assessed")
            return None

    def consultation(self, row: StoredOrder, number: str) -> Consultation | None:
        """What VIES says now, or said lately of the same number; None when it can't be asked yet."""
        if (known := self.store.consultations.valid(number, since=self.now - FRESH)) is not None:
            return known
        last = self.store.consultations.latest(row.key, number)
        wait = RETRY if last is None or last.times < OFTEN else RARELY
        early = last is not None and self.now - last.asked_at < wait
        over = self.asked >= MAX_ASKED or self.now > self.until
        if early or over or self.silent & {number[:2], ""}:
            return None
        self.asked += 1
        self.keep()
        consultation = self.register.ask(number)
        self.hear(number, consultation.outcome, consultation.error)
        return consultation
