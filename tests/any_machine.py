"""What every random sequence has: a shop, acquirers, a Dinero, and the library, which may die anywhere."""

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from conftest import started
from dinero.api.client import Dinero
from dinero.intake.postings import sync_entries
from dinero.model.clock import SimulatedClock, copenhagen_date
from dinero.sandbox import Sandbox

FAULTS = st.sampled_from(["drop", "reset", "status", "garbage"])


class Crash(BaseException):
    """The process dies here."""


class AnyMachine(RuleBasedStateMachine):
    """The world in which things happen, of which it knows what the shop sold (`orders`, by number)."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SimulatedClock()
        self.sandbox = Sandbox(orders=0, woocommerce=0, clock=self.clock, calls_per_minute=100_000)
        self.sandbox.books.years.append((date(2027, 1, 1), date(2027, 12, 31)))
        self.sandbox.start()
        self.folder = Path(tempfile.mkdtemp())
        self.dashboard = started(self.sandbox, self.folder)
        self.dashboard.set_up.from_environment()
        # Each later look at the postings costs one call.
        sync_entries(self.dashboard.connection.dinero(), self.dashboard.store, self.dashboard.settings.load())
        self.orders: list[int] = []

    @property
    def today(self) -> date:
        """The day in Copenhagen."""
        return copenhagen_date(self.clock.now())

    def restart(self) -> None:
        """Another process takes up what the one before left."""
        self.dashboard = started(self.sandbox, self.folder)

    def dying(self, owner: type, name: str, nth: int, after: bool, work: Callable[[], None]) -> None:
        """Does work in a process that dies at the nth call of a method, before it or after it."""
        real, seen = getattr(owner, name), [0]

        def dies(*arguments: Any, **more: Any) -> Any:
            seen[0] += 1
            if seen[0] != nth + 1:
                return real(*arguments, **more)
            if after:
                real(*arguments, **more)
            raise Crash

        setattr(owner, name, dies)
        try:
            work()
        finally:
            setattr(owner, name, real)

    def interrupted(
        self, step: str, nth: int, after: bool, other: Callable[[], None], work: Callable[[], None]
    ) -> None:
        """Does `work`, and `other` once in the middle of it: before or after the nth call of a method of Dinero's."""
        real, seen = getattr(Dinero, step), [0]

        def once(*arguments: Any, **more: Any) -> Any:
            seen[0] += 1
            if seen[0] != nth + 1:
                return real(*arguments, **more)
            if not after:
                other()
            answer = real(*arguments, **more)
            if after:
                other()
            return answer

        setattr(Dinero, step, once)
        try:
            work()
        finally:
            setattr(Dinero, step, real)
