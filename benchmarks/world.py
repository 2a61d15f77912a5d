"""A shop, a Dinero and the library between them, with workers in processes of their own that can be killed."""

import itertools
import multiprocessing
import os
import re
import resource
import signal
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from dinero.booking.ledger_work import work_off_payouts
from dinero.dashboard.dashboard import Dashboard
from dinero.environment import Environment
from dinero.intake.fetching import ids
from dinero.intake.settling import assess_payouts
from dinero.model.acquirers import NO_VAT, AcquirerChoice, Way
from dinero.model.clock import COPENHAGEN, Clock, SimulatedClock, copenhagen_date
from dinero.model.documents import OrderKey
from dinero.model.errors import ConnectionStopped, DashboardError
from dinero.model.ledger import ItemKind
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.settlements import PayoutState
from dinero.model.shops import FIRST_SHOP
from dinero.sandbox import Sandbox, make_order
from dinero.sandbox.connect import CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET
from dinero.sandbox.woocommerce import FOLDER
from dinero.sandbox.woocommerce_keys import KEY, SECRET
from dinero.store import database as stores
from dinero.store.connections import Connection

PLENTY = 1_000_000  # calls a minute
# Workers are forked from a process that has everything imported and no threads.
PAYOUTS, FETCH, FETCH_ALL = "payouts", "fetch", "fetch all"  # in place of a push's id: what a worker does
SECOND = "lampehuset"  # the second shop, a WooCommerce
LAMP = 500  # kroner, and one more for each lamp: no two orders cost the same
BANK, BOOKING_ACCOUNT = 55000, 55100
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["dinero.dashboard.dashboard", "dinero.sandbox"])


@dataclass(frozen=True)
class Strike:
    """What happens to a worker's own machine at its first call that matches, before it or after its answer came.

    `what` is "kill" (SIGKILL), "full" (no file may grow any more) or "locked" (another program holds the database).
    """

    what: str
    method: str
    path: str
    after: bool


def insert(db: Connection, table: str, row: Mapping[str, Any]) -> None:
    """Puts a row into a table of the store."""
    marks = ", ".join("?" for _ in row)
    db.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))  # noqa: S608


def first(number: int) -> OrderKey:
    """An order of the first shop."""
    return OrderKey(FIRST_SHOP, str(number))


def second(number: int) -> OrderKey:
    """An order of the second shop: it has the ids and numbers of the first."""
    return OrderKey(SECOND, str(number))


class World:
    """The library, set up on a sandbox. `clock` is simulated unless another is handed in. `sold` is what each order
    costs (øre), with its customer's e-mail."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.clock = clock or SimulatedClock()
        self.folder = folder
        self.sandbox = Sandbox(orders=0, woocommerce=0, clock=self.clock, calls_per_minute=PLENTY)
        self.sandbox.shop.calls_a_day = PLENTY
        self.sandbox.start()
        self.sold: dict[OrderKey, tuple[int, str]] = {}
        self.dashboard = self.restart()
        self.dashboard.set_up.from_environment()

    def add_second_shop(self) -> None:
        """The owner has a WooCommerce too, whose orders and refunds have the ids of the first shop's."""
        self.sandbox.woocommerce.orders._ids = itertools.count(1)
        keys, address = {"key": KEY, "secret": SECRET}, f"{self.sandbox.url}{FOLDER}"
        self.dashboard.shops.add(
            "woocommerce",
            keys,
            address=address,
            title="Lampehuset",
            trigger="paid",
            take_over_date=date(2026, 1, 1),
        )

    def variables(self) -> dict[str, str]:
        """The environment of this world's processes."""
        return self.sandbox.environment() | {
            "DINERO_DATA_DIR": str(self.folder),
            "DINERO_CONNECT_CLIENT_ID": CONNECT_CLIENT_ID,
            "DINERO_CONNECT_CLIENT_SECRET": CONNECT_CLIENT_SECRET,
        }

    def restart(self) -> Dashboard:
        """The library as a process finds it that starts now."""
        self.dashboard = Dashboard(Environment.read(self.variables()), clock=self.clock)
        return self.dashboard

    def connect_through_visma(self) -> None:
        """Connects as the owner does it, through the consent page."""
        back = "http://127.0.0.1:8501/oauth/callback"
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.dashboard.connection.start(back)).query).items()}
        answer = requests.post(
            f"{self.sandbox.url}/connect/authorize",
            data=asked | {"answer": "approve"},
            allow_redirects=False,
            timeout=10,
        )
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.dashboard.connection.finish({name: values[0] for name, values in query.items()})

    def sell(self, number: int, **overrides: Any) -> None:
        """A new order in the shop; `fetch` reads it."""
        now = self.clock.now().astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")
        values = {
            "order_id": number,
            "webshop_order_id": number,
            "email": f"kunde{number}@example.com",
            "last_modified": now,
        }
        order = make_order(**(values | overrides))
        self.sold[first(number)] = (round(Decimal(str(order["total_price"])) * 100), order["email"])
        self.sandbox.shop.add(order)

    def sell_a_lamp(self, number: int, email: str = "") -> None:
        """A new order in the second shop; `fetch` reads it."""
        shop, email = self.sandbox.woocommerce, email or f"lampekunde{number}@example.com"
        shop.sell((f"Lampe {number}", LAMP + number, 1), id=number, email=email, status="completed")
        order = shop.orders.get(number)
        self.sold[second(number)] = (round(Decimal(order["total"]) * 100) if order else 0, email)

    def open_push(self, **only: Any) -> str:
        """Stores a push of everything (or of the orders in `states`) and returns its id."""
        operation_id = str(uuid.uuid4())
        rows = self.dashboard.store.orders.list(limit=100_000, **only)
        self.dashboard.transfers.push(operation_id, ids(rows), actor="bench")
        return operation_id

    def choose_payouts(self) -> None:
        """The owner's choices for payouts."""
        choice = AcquirerChoice(way=Way.BOOK, fee_vat=NO_VAT)
        self.dashboard.settings.save(bank_account=BANK, acquirers={"clearhaus": choice})

    def pay_out(self, *names: str) -> list[int]:
        """Payouts of these names were read and are asked for; their rows."""
        day = copenhagen_date(self.clock.now())
        payouts = [_payout(name, place, day) for place, name in enumerate(names, start=1)]
        numbers = list(self.dashboard.store.payouts.add(payouts, source="bench").new)
        assess_payouts(self.dashboard.store, self.dashboard.settings.load(), numbers)
        self.dashboard.store.payouts.want(numbers, actor="bench")
        return numbers

    def finish_payouts(self) -> None:
        """What follows a fault that is mended: what was cut off goes on, and what was refused is asked for again."""
        store = self.dashboard.store
        for _ in range(2):
            work_payouts(self.dashboard)
            refused = store.payouts.listed(states=[PayoutState.REFUSED])
            for payout in refused:
                item = store.ledger_items.newest(payout.id)
                if item is not None and item.kind is ItemKind.COUNTER:
                    store.payouts.want_back(payout.id, reason="prøve", actor="bench")
            store.payouts.want([payout.id for payout in refused], actor="bench")

    def worker(self, operation_id: str, strike: Strike | None = None) -> "Worker":
        """Another process that works a push off, started now."""
        simulated = isinstance(self.clock, SimulatedClock)
        return Worker(self.variables(), self.clock.now() if simulated else None, operation_id, strike)

    def finish(self) -> None:
        """What follows a fault that is mended: a restart, what was cut off goes on, and everything is pushed again."""
        self.sandbox.faults.clear()
        if isinstance(self.clock, SimulatedClock):
            self.clock.sleep(300)  # pauses after a 429 are over, and leases of this process
        dashboard = self.restart()
        for _ in range(2):
            try:
                while operation_id := dashboard.store.operations.next():
                    dashboard.transfers.run(operation_id)
                dashboard.transfers.run(self.open_push())
                return
            except ConnectionStopped:  # the owner connects again
                given = dashboard.environment
                dashboard.connection.connect_personal(given.client_id, given.client_secret, given.api_key)

    def stop(self) -> None:
        """Ends the sandbox."""
        self.sandbox.stop()


def _payout(name: str, place: int, day: date) -> Payout:
    sold, fee = Money(10_000 * place), Money(-145 * place)
    line = PayoutLine(2, Movement.SALE, name, sold, fee, sold + fee, order=name)
    return Payout("clearhaus", "1234567", name, day, line.net, (line,), bank_text=name)


def work_payouts(dashboard: Dashboard) -> bool:
    """Works off the payouts that were asked for."""
    return work_off_payouts(dashboard.connection.dinero(), dashboard.store, dashboard.settings.load)


class Worker:
    """A process that works a push off, or the payouts. What it logs comes back as `output`."""

    def __init__(
        self, variables: Mapping[str, str], now: datetime | None, operation_id: str, strike: Strike | None
    ) -> None:
        self._reader, writer = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=_work, args=(dict(variables), now, operation_id, strike, writer))
        self._process.start()
        writer.close()
        self.output = ""

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def wait(self, seconds: float = 60.0) -> int:
        """Its exit code (negative: the signal that ended it)."""
        while chunk := os.read(self._reader.fileno(), 65536):
            self.output += chunk.decode("utf-8", "replace")
        self._process.join(seconds)
        if self._process.exitcode is None:
            self._process.kill()
            raise TimeoutError("a worker did not end")
        self._reader.close()
        return int(self._process.exitcode)


def _work(
    variables: Mapping[str, str], now: datetime | None, operation_id: str, strike: Strike | None, writer: Any
) -> None:
    import logging

    for descriptor in (1, 2):
        os.dup2(writer.fileno(), descriptor)
    logging.basicConfig(level=logging.DEBUG)
    if strike is not None:
        _arm(strike, Path(variables["DINERO_DATA_DIR"]) / "dinero.db")
    dashboard = Dashboard(Environment.read(variables), clock=SimulatedClock(now) if now else None)
    try:
        while not _worked(dashboard, operation_id):
            dashboard.clock.sleep(0.1)
    except DashboardError as error:
        raise SystemExit(error.exit_code) from None


def _worked(dashboard: Dashboard, work: str) -> bool:
    if work == PAYOUTS:
        return work_payouts(dashboard)
    if work in (FETCH, FETCH_ALL):
        return not dashboard.orders.fetch(whole=work == FETCH_ALL).failed
    return dashboard.transfers.run(work)


def _arm(strike: Strike, database: Path) -> None:
    """Lets the strike happen in this process, at the call as it leaves or as its answer has come."""
    real = requests.adapters.HTTPAdapter.send
    left = [1]
    if strike.what == "locked":
        stores.BUSY_SECONDS = 0.05  # of the connections that this process will open

    def happen() -> None:
        left[0] = 0
        os.write(1, b"STRUCK\n")
        match strike.what:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "full":
                resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
            case "locked":
                other = sqlite3.connect(database)
                other.execute("BEGIN IMMEDIATE")
                left.append(other)  # type: ignore[arg-type] # held until the process ends

    def send(self: Any, request: Any, **options: Any) -> Any:
        path = urlsplit(request.url).path
        strikes = left[0] and request.method == strike.method and re.search(strike.path, path)
        if strikes and not strike.after:
            happen()
        answer = real(self, request, **options)
        if strikes and strike.after:
            happen()
        return answer

    requests.adapters.HTTPAdapter.send = send  # type: ignore[assignment,method-assign]


@contextmanager
def world(clock: Clock | None = None, prepare: Callable[[World], None] = lambda _: None) -> Iterator[World]:
    """A world in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder), clock)
        try:
            prepare(made)
            yield made
        finally:
            made.stop()


@dataclass(frozen=True)
class Count:
    """What the sandbox's books say of the orders: how many are booked or paid too often, and how many too seldom;
    `untrue` are orders whose state here is not what Dinero has, `crossed` those that were booked with another one's
    total, customer or money."""

    doubled: int = 0
    lost: int = 0
    untrue: int = 0
    crossed: int = 0

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return self == Count()


# What each kind of order should have in Dinero: booked invoices, payments, booked credit notes, refunds.
_WANTED = {"done": (1, 1, 0, 0), "credited": (1, 1, 1, 1), "refunded": (1, 1, 1, 1)}


def count(made: World, orders: Mapping[OrderKey, str]) -> Count:
    """Compares the books with what each order should be: "done" (one invoice, paid once), "credited" (one invoice,
    taken back once, refunded once), "refunded" (the same by a refund of the shop's, which is an order of its own), a
    "refund", or anything else (nothing booked)."""
    books = made.sandbox.books
    booked = [i for i in books.invoices.values() if i["Status"] == "Booked"]
    notes = [n for n in books.credit_notes.values() if n["Status"] == "Booked"]
    doubled = lost = untrue = 0
    for key, wanted in orders.items():
        invoices = {i["Guid"] for i in booked if i["ExternalReference"] == f"{key.shop}:{key.id}"}
        credited = [n for n in notes if n["CreditNoteFor"] in invoices]
        amounts = [p["Amount"] for p in books.payments if p["InvoiceGuid"] in invoices]
        found = (len(invoices), sum(a > 0 for a in amounts), len(credited), sum(a < 0 for a in amounts))
        should = _WANTED.get(wanted, (0, 0, 0, 0))
        doubled += any(there > here for there, here in zip(found, should, strict=True))
        lost += any(there < here for there, here in zip(found, should, strict=True))
        row = made.dashboard.store.orders.get(key)
        untrue += row is None or row.state != {"refunded": "done", "refund": "done"}.get(wanted, wanted)
    emails = [c["Email"] for c in books.contacts.values() if "kunde" in c["Email"] and not c["DeletedAt"]]
    doubled += len(emails) - len(set(emails))
    return Count(doubled, lost, untrue, sum(_is_crossed(made, invoice) for invoice in booked))


def _is_crossed(made: World, invoice: Mapping[str, Any]) -> bool:
    """Whether an invoice is not the order's that it names: by its total, its customer, its lamp, or its payments."""
    books, reference = made.sandbox.books, str(invoice["ExternalReference"])
    key = OrderKey(*reference.split(":")[:2])
    told = (round(invoice["TotalInclVat"] * 100), books.contacts[invoice["ContactGuid"]]["Email"])
    lamps = [line["Description"] for line in invoice["ProductLines"] if "Lampe" in line["Description"]]
    paid = [p["ExternalReference"] for p in books.payments if p["InvoiceGuid"] == invoice["Guid"] and p["Amount"] > 0]
    wanted = [f"Lampe {key.id}"] if key.shop == SECOND else []
    return made.sold.get(key) != told or lamps != wanted or any(one != f"{reference}:payment" for one in paid)


def count_payouts(made: World, payouts: Mapping[int, str]) -> Count:
    """Compares the books with what each payout, by its row, should be: "booked" (one item, never taken back) or
    "ready" (one item, taken back once)."""
    items = [item for item in made.sandbox.books.ledger_items.values() if item["Status"] == "Booked"]
    doubled = lost = untrue = 0
    for number, wanted in payouts.items():
        payout = made.dashboard.store.payouts.get(number)
        name = payout.payout if payout else ""
        texts = [str(item["Lines"][0]["Description"]) for item in items]
        own = [text for text in texts if f" {name} " in f"{text} "]
        back = sum(text.startswith("Tilbageført") for text in own)
        found, should = (len(own) - back, back), (1, int(wanted == "ready"))
        doubled += any(there > here for there, here in zip(found, should, strict=True))
        lost += any(there < here for there, here in zip(found, should, strict=True))
        untrue += payout is None or payout.state != wanted
    return Count(doubled, lost, untrue)
