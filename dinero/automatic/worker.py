"""The threads of the dashboard's process: one works pushes off while pages only watch, the other runs by itself."""

import logging
import threading
from collections.abc import Callable

from dinero.automatic.runner import Runner
from dinero.model.errors import DashboardError
from dinero.store import Store

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0


class Worker:
    """Works in the background. `run` works one push off, False while another worker has the organization; `runner`
    makes a runner that ends at an event, and it works while it is `wanted`."""

    def __init__(
        self,
        store: Store,
        *,
        run: Callable[[str], bool],
        runner: Callable[[threading.Event], Runner],
        wanted: Callable[[], bool],
    ) -> None:
        self._store = store
        self._run = run
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
            if not self._work_one_off():
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
