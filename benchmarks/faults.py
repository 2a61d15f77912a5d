"""Every call of a transfer × everything that can go wrong with it: nothing twice, nothing lost, nothing crossed, every
state true.

`make faults`. Each cell is a world of its own with two orders or two payouts; "2 shops" are orders of two shops of
different systems with the same ids and numbers, the second shop's before the first's. The fault strikes one call of the
transfer; then it is mended, the library is started anew and runs to its end, and the sandbox's books are counted.
"""

import logging
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.world import (
    PAYOUTS,
    Count,
    Strike,
    World,
    count,
    count_payouts,
    first,
    second,
    work_payouts,
    world,
)
from dinero.api import auth, session
from dinero.intake.postings import sync_entries
from dinero.model.documents import Action
from dinero.model.errors import DashboardError
from dinero.sandbox.connect import API_KEY, CONNECT_CLIENT_SECRET, PERSONAL_CLIENT_SECRET

SECRETS = (API_KEY, PERSONAL_CLIENT_SECRET, CONNECT_CLIENT_SECRET, "sandbox-shop-key")
TIMEOUT, LATE, SLOW = 0.25, 0.6, 0.1  # seconds
FOR_GOOD = 99  # times: until it is mended


@dataclass(frozen=True)
class Call:
    """A call of a transfer; `prepare` brings the world to where it is made, `work` makes it."""

    name: str
    method: str
    path: str
    prepare: Callable[[World], None] = lambda made: None
    work: str = "push"  # or "undo", or "payouts"
    shops: int = 1


def _expired(made: World) -> None:
    made.clock.sleep(7200)
    made.sandbox.expire_tokens()


def _expired_at_visma(made: World) -> None:
    made.connect_through_visma()
    _expired(made)


def _lost(path: str) -> Callable[[World], None]:
    """A write of the first order loses its answer, so that Dinero is looked at."""
    return lambda made: made.sandbox.fault("drop", method="POST", path=path)


def _transferred(made: World) -> None:
    made.dashboard.transfers.run(made.open_push())


def _transferred_and_lost(path: str) -> Callable[[World], None]:
    def prepare(made: World) -> None:
        _transferred(made)
        _lost(path)(made)

    return prepare


def _to_a_municipality(made: World) -> None:
    made.dashboard.settings.save(rules={"ean": "e_invoice"})
    made.sell(1, email="kunde1@example.com", ean_number="5790000000005", order_company_name="Køge Kommune", paid=None)
    made.dashboard.orders.fetch()


def _paid_out(made: World) -> None:
    """Two payouts are asked for; Dinero's postings were read before."""
    made.choose_payouts()
    dinero, store = made.dashboard.connection.dinero(), made.dashboard.store
    sync_entries(dinero, store, made.dashboard.settings.load())
    made.pay_out("CH1", "CH2")


def _paid_out_and_lost(path: str) -> Callable[[World], None]:
    def prepare(made: World) -> None:
        _paid_out(made)
        _lost(path)(made)

    return prepare


def _to_be_taken_back(made: World) -> None:
    """Two payouts are booked, and the first is to be taken back."""
    _paid_out(made)
    work_payouts(made.dashboard)
    made.dashboard.store.payouts.want_back(1, reason="prøve", actor="bench")


def _refunded(made: World) -> None:
    """The lamp was transferred and one half of it is given back, while the first shop sells an order with the id of
    the refund."""
    _transferred(made)
    made.clock.sleep(60)
    made.sandbox.woocommerce.refund(1, amount=250)
    made.sell(2)
    made.dashboard.orders.fetch()


INVOICE, NOTE = r"/invoices/[^/]+", r"/creditnotes/[^/]+"
CALLS = (
    Call("token", "POST", r"/oauth/token$", _expired),
    Call("refresh at Visma", "POST", r"/connect/token$", _expired_at_visma),
    Call("accounts", "GET", r"/accounts/entry$"),
    Call("deposit accounts", "GET", r"/accounts/deposit$"),
    Call("contacts list", "GET", r"/v2/[^/]+/contacts$"),
    Call("contact create", "POST", r"/contacts$"),
    Call("contact look", "GET", r"/contacts/[^/]+$", _lost(r"/contacts$")),
    Call("invoice create", "POST", r"/invoices$"),
    Call("verify list", "GET", r"/sales$"),
    Call("invoice look", "GET", INVOICE + "$", _lost(r"/invoices$")),
    Call("book", "POST", INVOICE + "/book$"),
    Call("pay", "POST", INVOICE + "/payments$"),
    Call("payments look", "GET", INVOICE + "/payments$", _lost(INVOICE + "/payments$")),
    Call("e-invoice send", "POST", INVOICE + "/e-invoice$", _to_a_municipality),
    Call("credit create", "POST", r"/creditnotes$", _transferred, "undo"),
    Call("credit verify", "GET", NOTE + "$", _transferred, "undo"),
    Call("credit book", "POST", NOTE + "/book$", _transferred, "undo"),
    Call("credited look", "GET", INVOICE + "/payments$", _transferred, "undo"),
    Call("refund", "POST", INVOICE + "/payments$", _transferred, "undo"),
    Call("refund look", "GET", INVOICE + "$", _transferred_and_lost(INVOICE + "/payments$"), "undo"),
    Call("2 shops contact", "POST", r"/contacts$", shops=2),
    Call("2 shops create", "POST", r"/invoices$", shops=2),
    Call("2 shops look", "GET", INVOICE + "$", _lost(r"/invoices$"), shops=2),
    Call("2 shops book", "POST", INVOICE + "/book$", shops=2),
    Call("2 shops pay", "POST", INVOICE + "/payments$", shops=2),
    Call("2 shops paid", "GET", INVOICE + "/payments$", _lost(INVOICE + "/payments$"), shops=2),
    Call("2 shops credit", "POST", r"/creditnotes$", _refunded, shops=2),
    Call("2 shops b. credit", "POST", NOTE + "/book$", _refunded, shops=2),
    Call("2 shops refund", "POST", INVOICE + "/payments$", _refunded, shops=2),
    Call("postings", "GET", r"/entries/changes$", _paid_out, PAYOUTS),
    Call("ledger create", "POST", r"/ledgeritems$", _paid_out, PAYOUTS),
    Call("ledger look", "POST", r"/ledgeritems/status$", _paid_out_and_lost(r"/ledgeritems$"), PAYOUTS),
    Call("ledger compare", "POST", r"/ledgeritems/ledgers$", _paid_out, PAYOUTS),
    Call("ledger book", "POST", r"/ledgeritems/book$", _paid_out, PAYOUTS),
    Call("ledger status", "POST", r"/ledgeritems/status$", _paid_out, PAYOUTS),
    Call("ledger read back", "GET", r"/entries$", _paid_out, PAYOUTS),
    Call("counter create", "POST", r"/ledgeritems$", _to_be_taken_back, PAYOUTS),
    Call("counter book", "POST", r"/ledgeritems/book$", _to_be_taken_back, PAYOUTS),
)


@dataclass(frozen=True)
class Trouble:
    """A fault on the wire (for Sandbox.fault), or one of the worker's own machine."""

    name: str
    wire: Mapping[str, Any] = field(default_factory=dict)
    machine: tuple[str, bool] | None = None  # what, after the answer


def _answer(status: int, code: str) -> dict[str, Any]:
    return {"kind": "status", "status": status, "body": {"code": code, "message": "fault"}}


TROUBLES = (
    Trouble("429", {"kind": "status", "status": 429}),
    Trouble("429 wait", {"kind": "status", "status": 429, "retry_after": 7}),
    Trouble("500", {"kind": "status", "status": 500}),
    Trouble("500 done", {"kind": "status", "status": 500, "after_work": True}),
    Trouble("timeout", {"kind": "delay", "delay": LATE}),
    Trouble("reset", {"kind": "reset"}),
    Trouble("reset done", {"kind": "reset", "after_work": True}),
    Trouble("garbage", {"kind": "garbage"}),
    Trouble("garb. done", {"kind": "garbage", "after_work": True}),
    Trouble("401", {"kind": "status", "status": 401}),
    Trouble("401 ever", {"kind": "status", "status": 401, "times": FOR_GOOD}),
    Trouble("403/90", _answer(403, "90") | {"times": FOR_GOOD}),
    Trouble("480", _answer(480, "") | {"times": FOR_GOOD}),
    Trouble("slow", {"kind": "delay", "delay": SLOW}),
    Trouble("stale 58", _answer(400, "58")),
    Trouble("kill", machine=("kill", False)),
    Trouble("kill done", machine=("kill", True)),
    Trouble("disk", machine=("full", False)),
    Trouble("disk done", machine=("full", True)),
    Trouble("locked", machine=("locked", False)),
    Trouble("lock. done", machine=("locked", True)),
)


@dataclass(frozen=True)
class Cell:
    """What became of a call with a trouble. `struck` says that the trouble met it, `leaks` how many secrets it
    brought into a log."""

    count: Count
    struck: bool
    leaks: int

    @property
    def fine(self) -> bool:
        """Whether the trouble struck and did no harm."""
        return self.count.fine and self.struck and not self.leaks

    def __str__(self) -> str:
        if not self.struck:
            return "missed"
        more = f"!{self.count.untrue}" if self.count.untrue else ""
        more += f"x{self.count.crossed}" if self.count.crossed else ""
        return f"{self.count.doubled}/{self.count.lost}{more}" + (f" leak{self.leaks}" if self.leaks else "")


def run(call: Call, trouble: Trouble) -> Cell:
    """One cell."""
    with _heard() as heard, _short_timeouts(), world() as made:
        _sell(made, call)
        made.dashboard.orders.fetch()
        call.prepare(made)
        operation_id = PAYOUTS if call.work == PAYOUTS else _undo(made) if call.work == "undo" else made.open_push()
        if trouble.machine is not None:
            what, after = trouble.machine
            worker = made.worker(operation_id, Strike(what, call.method, call.path, after))
            worker.wait()
            struck = "STRUCK" in worker.output
            heard.append(worker.output)
        else:
            made.sandbox.fault(**{"method": call.method, "path": call.path, **trouble.wire})
            fault = made.sandbox.faults[-1]
            before = fault.times
            try:
                if call.work == PAYOUTS:
                    work_payouts(made.dashboard)
                else:
                    made.dashboard.transfers.run(operation_id)
            except DashboardError as error:
                heard.append(f"{error} {error.text.render('en')} {error.detail}")
            struck = fault.times < before
        made.finish()
        found = _counted(made, call)
        history = " ".join(str(row) for row in made.dashboard.store.history.list(limit=1000))
        text = " ".join([*heard, history])
        tokens = [*made.sandbox.tokens._access, *made.sandbox.tokens._refresh]
        return Cell(found, struck, sum(secret in text for secret in [*SECRETS, *tokens]))


def _sell(made: World, call: Call) -> None:
    if call.shops == 2:
        made.add_second_shop()
        made.sell_a_lamp(made.sandbox.woocommerce.orders.next_id())
        made.clock.sleep(60)
        made.sell(1)
    elif call.work != PAYOUTS:
        made.sell(1)
        made.sell(2)


def _undo(made: World) -> str:
    operation_id = str(uuid.uuid4())
    row = made.dashboard.store.orders.get(first(1))
    if row is None:
        raise ValueError("order 1 is not there")
    made.dashboard.corrections.start(operation_id, row, Action.UNDO, reason="prøve", actor="bench")
    return operation_id


def _counted(made: World, call: Call) -> Count:
    if call.work == PAYOUTS:
        made.finish_payouts()
        return count_payouts(made, {1: "ready" if call.prepare is _to_be_taken_back else "booked", 2: "booked"})
    if call.name == "e-invoice send":
        return _count_sent(made)
    if call.prepare is _refunded:
        return count(made, {first(1): "done", first(2): "done", second(1): "refunded", second(2): "refund"})
    if call.shops == 2:
        return count(made, {first(1): "done", second(1): "done"})
    return count(made, {first(1): "credited" if call.work == "undo" else "done", first(2): "done"})


def _count_sent(made: World) -> Count:
    """An e-invoice is sent once and not paid from here."""
    books = made.sandbox.books
    sent, rest = len(books.e_invoices), count(made, {first(2): "done"})
    booked = sum(i["ExternalReference"] == "shoporama:1" and i["Status"] == "Booked" for i in books.invoices.values())
    row = made.dashboard.store.orders.get(first(1))
    doubled, lost = rest.doubled + (sent > 1 or booked > 1), rest.lost + (sent < 1 or booked < 1)
    return Count(doubled, lost, rest.untrue + (row is None or row.state != "done"), rest.crossed)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """All that is logged meanwhile, to the last detail."""
    lines: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    root, ear = logging.getLogger(), Ear()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(ear)
        root.setLevel(level)


@contextmanager
def _short_timeouts() -> Iterator[None]:
    before = session.READ_SECONDS, auth.TIMEOUT
    session.READ_SECONDS, auth.TIMEOUT = TIMEOUT, (TIMEOUT, TIMEOUT)
    try:
        yield
    finally:
        session.READ_SECONDS, auth.TIMEOUT = before


def main() -> int:
    """Prints the matrix; 0 when every cell is fine."""
    started, bad, cells = time.monotonic(), [], 0
    wide = max(len(trouble.name) for trouble in TROUBLES) + 1
    print("Each cell: orders or payouts booked or paid twice / lost, after the fault was mended; 2 a cell, 4 refunded.")
    print(" " * 18 + "".join(f"{trouble.name:>{wide}}" for trouble in TROUBLES))
    for call in CALLS:
        print(f"{call.name:18}", end="", flush=True)
        for trouble in TROUBLES:
            cell = run(call, trouble)
            cells += 1
            if not cell.fine:
                bad.append((call.name, trouble.name, str(cell)))
            print(f"{cell!s:>{wide}}", end="", flush=True)
        print()
    print(f"{cells} cells, {len(bad)} bad, in {time.monotonic() - started:.0f} s")
    for line in bad:
        print(*line, sep=": ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
