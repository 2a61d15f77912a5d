"""Fixtures: a sandbox on loopback with a clock that stands still, and the library set up on it."""

import contextlib
import copy
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import settings

from caller import Caller
from contract import tell_of_no_contract
from dinero.dashboard import dashboard as library
from dinero.dashboard.dashboard import Dashboard
from dinero.dashboard.sources import KEYS
from dinero.environment import Environment
from dinero.intake.fetching import ids
from dinero.model.clock import COPENHAGEN, SimulatedClock
from dinero.model.documents import OperationOrder, OrderKey, StoredOrder
from dinero.sandbox import Sandbox, make_order
from dinero.store.vault import KEY_FILE

# How long an example takes says more of the machine than of the code; times are the benchmarks'.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

PLENTY = 100_000
# The files that take the longest, so that no worker begins one when the others are nearly done.
LONG = (
    "test_stories.py",
    "test_main_job_in_a_browser.py",
    "test_gate_on_a_fresh_server.py",
    "test_cli.py",
    "test_corrections.py",
    "test_any_order.py",
    "test_web.py",
    "test_taken_over.py",
    "test_pages.py",
    "test_runner.py",
    "test_faults.py",
    "test_safekeeping.py",
    "test_exactly_once.py",
    "test_any_sequence.py",
    "test_any_shops.py",
    "test_any_payout.py",
    "test_any_restore.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the long files first, each in one piece."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@dataclass
class World:
    """A shop, a Dinero and the library between them."""

    sandbox: Sandbox
    dashboard: Dashboard
    clock: SimulatedClock
    restart: Callable[[], Dashboard]

    def order(self, number: int = 1, **overrides: Any) -> None:
        """A new order in the shop, fetched."""
        of = overrides.get("credited_order_id")  # a credit note is the same customer's
        known = next((raw["email"] for raw in self.sandbox.shop.orders if of and raw["order_id"] == of), None)
        values = {
            "order_id": number,
            "webshop_order_id": 1000 + number,
            "last_modified": self.now(),
            "email": known or f"kunde{number}@example.com",
        }
        self.sandbox.shop.add(make_order(**(values | overrides)))
        self.dashboard.orders.fetch()

    def give_back(self, sold: int, number: int) -> None:
        """A return of one cup of an order, as an order of its own in the shop, fetched."""
        cup = {**make_order()["products"][0], "amount": -1}
        figures = {"total_price": -149.5, "price": -149.5, "vat": -29.9, "shipping_price": 0, "paid": None}
        self.order(number, products=[cup], credited_order_id=sold, **figures)

    def now(self) -> str:
        """The time as Shoporama writes it."""
        return self.clock.now().astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")

    def push(self, *numbers: int, dashboard: Dashboard | None = None) -> list[OperationOrder]:
        """Pushes these orders (all that exist without numbers) and returns their results."""
        dashboard = dashboard or self.dashboard
        rows = dashboard.store.orders.list(limit=1000)
        rows = sorted((row for row in rows if not numbers or int(row.id) in numbers), key=lambda row: row.id)
        operation_id = str(uuid.uuid4())
        dashboard.transfers.push(operation_id, ids(rows), actor="test")
        dashboard.transfers.run(operation_id)
        return dashboard.store.operations.orders_of(operation_id)

    def row(self, number: int) -> StoredOrder:
        """An order as the store has it."""
        row = self.dashboard.store.orders.get(OrderKey("shoporama", str(number)))
        assert row is not None
        return row

    def writes(self, path: str = "") -> list[str]:
        """The writes that reached Dinero's API, as "POST path"."""
        return [
            f"{c.method} {c.path}"
            for c in self.sandbox.calls
            if c.method == "POST" and c.path.startswith("/v1/") and path in c.path
        ]


def wait_until_healthy(origin: str, process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Waits until a server answers its health check. What a busy machine does meanwhile (no connection, a read that
    takes too long, a reset) is no failure; only the deadline or the server's end is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{origin}/health", timeout=10).ok:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{origin} did not answer in {seconds} s (ended: {process.poll()})")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ends a server, by force if it takes its time."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell_of_no_contract(terminalreporter)


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit runs a page as the main module, and another process of ours would run that page at its start."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def sandbox(clock: SimulatedClock) -> Iterator[Sandbox]:
    with Sandbox(orders=0, woocommerce=0, clock=clock, calls_per_minute=PLENTY) as running:
        yield running


@pytest.fixture
def dinero(sandbox: Sandbox) -> Caller:
    """Dinero's API on the sandbox, signed in."""
    return Caller(sandbox)


def keys_to_acquirers(sandbox: Sandbox) -> dict[str, str]:
    """The variables by which the headless set-up connects the sandbox's acquirers."""
    names = [key.variable for keys in KEYS.values() for key in keys]
    return {name: value for name, value in sandbox.environment().items() if name in names}


def started(sandbox: Sandbox, folder: Path, **variables: str) -> Dashboard:
    """The library on this sandbox, as its environment says, with nothing chosen yet. The keys to acquirers are left out
    unless they are named: `keys_to_acquirers` has them."""
    given = {name: value for name, value in sandbox.environment().items() if name not in keys_to_acquirers(sandbox)}
    environment = Environment.read(given | {"DINERO_DATA_DIR": str(folder)} | variables)
    return Dashboard(environment, clock=sandbox.clock)


@dataclass(frozen=True)
class SetUp:
    """A data folder after the headless set-up, and the sandbox it was done on."""

    folder: Path
    sandbox: Sandbox

    def repeat(self, folder: Path, sandbox: Sandbox) -> None:
        """Brings a folder and a new sandbox to where the set-up brought these: the same database and key, the same
        books and tokens. Switches of the sandbox stay as the test has them."""
        for name in ("dinero.db", KEY_FILE):
            shutil.copy(self.folder / name, folder / name)
        memo: dict[int, Any] = {id(self.sandbox.clock): sandbox.clock}
        parts = ("books", "tokens", "shop", "api")
        memo |= {id(getattr(self.sandbox, part)): getattr(sandbox, part) for part in parts}
        for part in parts:
            state = {k: v for k, v in vars(getattr(self.sandbox, part)).items() if not isinstance(v, bool | int | str)}
            vars(getattr(sandbox, part)).update(copy.deepcopy(state, memo))
        sandbox.calls[:] = copy.deepcopy(self.sandbox.calls)


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> SetUp:
    """The headless set-up, done once."""
    folder = tmp_path_factory.mktemp("set-up")
    with Sandbox(orders=0, woocommerce=0, clock=SimulatedClock(), calls_per_minute=PLENTY) as sandbox:
        dashboard = started(sandbox, folder)
        dashboard.set_up.from_environment()
        dashboard.store.close()
    return SetUp(folder, sandbox)


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox, clock: SimulatedClock, set_up: SetUp) -> Iterator[World]:
    """The library, set up on the sandbox by the headless set-up."""
    set_up.repeat(tmp_path, sandbox)
    dashboard = started(sandbox, tmp_path)
    yield World(sandbox, dashboard, clock, lambda: started(sandbox, tmp_path))
    dashboard.store.close()


@pytest.fixture(params=["DeletedAt", "code 65"])
def deletion(request: pytest.FixtureRequest, sandbox: Sandbox) -> None:
    """A test of deleted documents runs twice: Dinero answers with a DeletedAt, or with 400 and code 65."""
    sandbox.books.deleted_is_refused = request.param == "code 65"


@pytest.fixture
def process(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """The library as a page or a command finds it: by the environment, on the world's data folder and clock."""
    for name, value in world.sandbox.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DINERO_DATA_DIR", str(world.dashboard.store.folder))
    monkeypatch.setattr("dinero.dashboard.dashboard.SystemClock", lambda: world.clock)
    library.dashboard.cache_clear()
    yield library.dashboard()
    library.dashboard.cache_clear()
