"""100,000 orders in the store, 5,000 of them waiting, 20 signed-in tabs and one runner: nothing fails or starves.

`make load`. The dashboard runs as the owner starts it; each tab is a websocket that asks for page after page, as a
browser does. Prints page times, orders transferred a minute with the tabs and without, and the memory used.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from benchmarks.world import PLENTY, World, count, first, insert
from dinero.model.clock import SystemClock

STORED, WAITING, TABS = 100_000, 5_000, 20
SECONDS_WITH, SECONDS_WITHOUT = 60.0, 30.0
PAGES = ("orders.py", "history.py", "reconcile.py", "oss.py", "automatic.py", "setup.py")
LOOKS = 3.0  # seconds that somebody looks at a page
DINERO_ALLOWS = 100 / 3.08  # orders a minute by its limit of calls: less than that is starving
MEMORY_MB = 1500


def fill(made: World) -> None:
    """Multiplies one transferred order in the store, by SQL, and puts the waiting ones into the shop."""
    made.sell(1)
    made.dashboard.orders.fetch()
    made.dashboard.transfers.run(made.open_push())
    made.sell(2)
    made.dashboard.orders.fetch()
    with made.dashboard.store.transaction() as db:
        done = next(iter(db.query("select * from orders where id = '1'")))
        waiting = next(iter(db.query("select * from orders where id = '2'")))
        document = next(iter(db.query("select * from documents")))
        history = list(db.query("select * from history where order_id = '1'"))
        for n in range(3, STORED + 1):
            source = waiting if n > STORED - WAITING + 1 else done
            day = f"2026-{1 + n % 11:02}-{1 + n % 28:02}"
            raw = json.loads(source["raw"]) | {"order_id": n, "webshop_order_id": n, "email": f"kunde{n}@example.com"}
            insert(
                db,
                "orders",
                source
                | {
                    "id": str(n),
                    "number": str(n),
                    "placed_at": f"{day}T10:00:00+00:00",
                    "placed_on": day,
                    "email": raw["email"],
                    "raw": json.dumps(raw),
                },
            )
            if source is done:
                insert(
                    db,
                    "documents",
                    document
                    | {
                        "id": n,
                        "subject": str(n),
                        "guid": str(uuid.UUID(int=n)),
                        "invoice_number": str(n),
                        "issued_on": day,
                    },
                )
                for row in history:
                    insert(db, "history", {**row, "id": None, "order_id": str(n), "at": f"{day}T11:00:00.000+00:00"})


class Tab(threading.Thread):
    """A browser's tab that goes from page to page."""

    def __init__(self, port: int, cookie: str, stop: threading.Event, first: int) -> None:
        super().__init__(daemon=True)
        self.port, self.cookie, self.stop, self.place = port, cookie, stop, first
        self.seconds: list[tuple[str, float]] = []
        self.failures: list[str] = []

    def run(self) -> None:
        try:
            with connect(
                f"ws://127.0.0.1:{self.port}/_stcore/stream",
                origin=Origin(f"http://127.0.0.1:{self.port}"),
                subprotocols=[Subprotocol("streamlit")],
                additional_headers={"Cookie": self.cookie},
                proxy=None,
                max_size=None,
            ) as websocket:
                hashes: dict[str, str] = {}
                while not self.stop.is_set():
                    name = PAGES[self.place % len(PAGES)]
                    self.place += 1
                    message = BackMsg()
                    message.rerun_script.page_script_hash = hashes.get(name, "")
                    started = time.monotonic()
                    websocket.send(message.SerializeToString())
                    self.read(websocket, hashes)
                    self.seconds.append((name if hashes else "first", time.monotonic() - started))
                    self.stop.wait(LOOKS)
        except Exception as error:  # noqa: BLE001 - every failure of a tab is counted
            self.failures.append(f"{type(error).__name__}: {error}")

    def read(self, websocket, hashes: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(websocket.recv(timeout=120))
            if answer.HasField("navigation"):
                for page in answer.navigation.app_pages:
                    path = page.url_pathname or "orders"
                    hashes[FILES.get(path, path)] = page.page_script_hash
            if answer.HasField("delta") and answer.delta.new_element.HasField("exception"):
                self.failures.append(answer.delta.new_element.exception.message)
            if answer.HasField("script_finished"):
                return


FILES = {
    "orders": "orders.py",
    "": "orders.py",
    "history": "history.py",
    "reconciliation": "reconcile.py",
    "eu-sales": "oss.py",
    "automatic": "automatic.py",
    "setup": "setup.py",
}


def peak(pid: int) -> float:
    """The most memory a process has used, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def booked(made: World) -> int:
    """Orders whose payment is in the sandbox's books."""
    return len(made.sandbox.books.payments)


def main() -> int:
    """Prints the figures; 0 when nothing failed and the runner went on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tabs", type=int, default=TABS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder) / "data", SystemClock())
        try:
            started = time.monotonic()
            fill(made)
            size = made.dashboard.store.path.stat().st_size / 1e6
            print(f"{STORED:,} orders, {WAITING:,} waiting, {size:.0f} MB, in {time.monotonic() - started:.0f} s")
            return measure(made, Path(folder) / "log.txt", options.tabs)
        finally:
            made.stop()


def measure(made: World, log: Path, tabs: int) -> int:
    """Runs the dashboard with the runner on, with tabs and without."""
    made.dashboard.sign_in.set_password("fire helt tilfældige ord")
    cookie = f"dinero_session={made.dashboard.sign_in.make_cookie()}"
    made.dashboard.settings.save(automatic=True, every_minutes=1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DINERO_", "STREAMLIT_"))}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("w") as out:
        environment = kept | made.variables() | {"DINERO_CALLS_PER_MINUTE": str(PLENTY)}
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        for _ in range(600):
            try:
                if requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok:
                    break
            except requests.ConnectionError:
                time.sleep(0.1)
        before = booked(made)
        while booked(made) == before:
            time.sleep(0.1)
        alone = rate(made, SECONDS_WITHOUT)
        stop = threading.Event()
        watching = [Tab(port, cookie, stop, place) for place in range(tabs)]
        for tab in watching:
            tab.start()
        together = rate(made, SECONDS_WITH)
        stop.set()
        for tab in watching:
            tab.join(130)
        memory = peak(process.pid)
    finally:
        process.terminate()
        process.wait(60)
    return report(made, log.read_text(), watching, alone, together, memory)


def rate(made: World, seconds: float) -> float:
    """Orders transferred a minute, over some seconds."""
    before, started = booked(made), time.monotonic()
    time.sleep(seconds)
    return (booked(made) - before) * 60 / (time.monotonic() - started)


def report(made: World, log: str, watching: list[Tab], alone: float, together: float, memory: float) -> int:
    """Prints all; 0 when all is as it should be."""
    times = [seconds for tab in watching for _, seconds in tab.seconds]
    failures = [failure for tab in watching for failure in tab.failures]
    for name in PAGES:
        own = [seconds for tab in watching for page, seconds in tab.seconds if page == name]
        if len(own) > 1:
            print(f"  {name}: {len(own)} times, median {statistics.median(own):.2f} s, slowest {max(own):.2f} s")
    locked, traces = log.count("locked"), log.count("Traceback")
    transferred = booked(made)
    doubled = count(made, dict.fromkeys(map(first, range(STORED - 50, STORED + 1)), "done")).doubled
    print(
        f"{len(watching)} tabs: {len(times)} pages drawn, {len(failures)} failures, median "
        f"{statistics.median(times):.2f} s, "
        f"95th percentile {statistics.quantiles(times, n=20)[-1]:.2f} s"
    )
    print(
        f"the runner: {alone:.0f} orders a minute alone, {together:.0f} with the tabs "
        f"(Dinero allows {DINERO_ALLOWS:.0f}); "
        f"{transferred} transferred, {doubled} doubled"
    )
    print(f"log: {locked} times locked, {traces} tracebacks; the server used at most {memory:.0f} MB")
    for failure in failures[:5]:
        print(f"  {failure}")
    fine = not failures and not locked and not traces and not doubled and together >= DINERO_ALLOWS
    return 0 if fine and memory <= MEMORY_MB and len(times) > len(watching) else 1


if __name__ == "__main__":
    sys.exit(main())
