"""The threads of the dashboard's process: one works pushes and payouts off while pages only watch, the other runs by
itself."""

import logging
import threading
import time
from collections.abc import Callable

from dinero.automatic.runner import Runner
from dinero.model.errors import DashboardError
from dinero.store import Store

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
PATIENCE_SECONDS = 15.0  # before payouts are looked at again that Dinero has not booked yet


class Worker:
    """Works in the background. `run` works one push off and `book` the payouts that were asked for, False while another
    worker has the organization; `runner` makes a runner that ends at an event, and it works while it is `wanted`."""

    def __init__(
        self,
        store: Store,
        *,
        run: Callable[[str], bool],
        book: Callable[[], bool],
        runner: Callable[[threading.Event], Runner],
        wanted: Callable[[], bool],
    ) -> None:
        self._store = store
        self._run = run
        self._book = book
        self._book_after = 0.0
        self._runner = runner
        self._wanted = wanted
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts both threads, unless they run already."""
        if any(thread.is_alive() for thread in self._threads):
            return
        self._stop.clear()
        runner = self._runner(self._stop)
        self._threads = [
            threading.Thread(target=self._work, name="push", daemon=True),
            threading.Thread(target=runner.loop, args=(self._wanted,), name="run", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Asks both to end; what they have begun is taken up at the next start."""
        self._stop.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            worked = self._work_one_off()
            if not (self._book_payouts() or worked):
                self._stop.wait(IDLE_SECONDS)

    def _work_one_off(self) -> bool:
        try:
            operation_id = self._store.operations.next()
            return operation_id is not None and self._run(operation_id)
        except DashboardError as error:
            log.warning("a push needs the owner: %s", error)
        except Exception:  # the worker lives on; the push is marked as stopped
            log.exception("a push failed")
        return False

    def _book_payouts(self) -> bool:
        """Works off the payouts that were asked for. What is left then waits for Dinero, and is not asked about all the
        time."""
        try:
            if time.monotonic() < self._book_after or not self._store.payouts.wanted():
                return False
            worked = self._book()
            if self._store.payouts.wanted():
                self._book_after = time.monotonic() + (PATIENCE_SECONDS if worked else IDLE_SECONDS)
            return worked
        except DashboardError as error:
            log.warning("payouts need the owner: %s", error)
        except Exception:  # the worker lives on; the payouts stay asked for
            log.exception("the booking of payouts failed")
        self._book_after = time.monotonic() + PATIENCE_SECONDS
        return False
