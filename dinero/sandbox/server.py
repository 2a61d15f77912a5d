"""The sandbox as a server on loopback: the app, its log of calls, and faults for the next matching calls.

Long because starting, stopping, logging and failing on purpose are one server, which tests start hundreds of times.
"""

import asyncio
import base64
import json
import re
import signal
import socket
import struct
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dinero.model.clock import Clock, SystemClock, copenhagen_date
from dinero.model.i18n import show
from dinero.model.money import Money, decimal_from_json
from dinero.model.payouts import Payout
from dinero.sandbox.acquirers import Acquirers
from dinero.sandbox.books import Books
from dinero.sandbox.connect import API_KEY, PAGE, PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET, Tokens
from dinero.sandbox.dinero_api import DineroApi
from dinero.sandbox.generate import make_orders
from dinero.sandbox.lines import shown
from dinero.sandbox.payout_files import files, write_files
from dinero.sandbox.settlements import make_payouts, release, settle
from dinero.sandbox.shop import Shop
from dinero.sandbox.vies import Vies
from dinero.sandbox.woocommerce_month import make_shop

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Kind = Literal["status", "delay", "drop", "reset", "garbage"]

ORGANIZATION = "210001"
CONTROL = "/_sandbox/"
IN_WOOCOMMERCE = 60  # orders in that shop unless more or fewer are asked for


@dataclass(slots=True)
class Call:
    """One request as it came, and the status it was answered with (0: no answer was sent)."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    at: datetime
    answer: Any = None


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `times` calls that match."""

    kind: Kind
    method: str | None = None
    path: str | None = None
    times: int = 1
    status: int = 500
    delay: float = 0.0
    after_work: bool = False
    body: Any = None
    retry_after: int | None = None

    def matches(self, method: str, path: str) -> bool:
        """Whether it strikes this call."""
        return (
            self.times > 0
            and self.method in (None, method)
            and (self.path is None or re.search(self.path, path) is not None)
        )


class Sandbox:
    """Dinero, Visma Connect, the personal token server, Shoporama, WooCommerce, VIES and two acquirers on one loopback
    port.

    `calls_per_minute` None means Dinero's real limits. All times are the `clock`'s. `latency` (seconds) is
    waited before each answer of Dinero's API, for demonstrations. `payouts`: acquirers have paid out the first orders.
    `woocommerce` is how many orders that shop has; none of them is paid out.
    """

    def __init__(
        self,
        orders: int = 200,
        seed: int = 1,
        calls_per_minute: int | None = None,
        clock: Clock | None = None,
        webshop_account: bool = True,
        latency: float = 0.0,
        returns: bool = False,
        payouts: bool = True,
        woocommerce: int = IN_WOOCOMMERCE,
    ) -> None:
        self.clock = clock or SystemClock()
        self.books = Books(self.clock, webshop_account=webshop_account)
        self.tokens = Tokens(self.clock)
        now = self.clock.now()
        invented = make_orders(orders, seed, now, returns=returns)
        self.shop = Shop(list(invented), self.clock)
        self.woocommerce = make_shop(woocommerce, seed, self.clock, invented)
        self._paid_out = partial(make_payouts, invented if payouts else [], seed, now)
        self.api = DineroApi(self.books, self.tokens, self.clock, calls_per_minute)
        self.vies = Vies()
        self.acquirers = Acquirers(self.clock, lambda: self.payouts)
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.latency = latency
        self._webshop_account = webshop_account
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""
        self._seed_contacts()
        control = [
            Route("/_sandbox/faults", self._add_fault, methods=["POST"]),
            Route("/_sandbox/calls", self._show_calls, methods=["GET"]),
            Route("/_sandbox/books", self._show_books, methods=["GET"]),
            Route("/_sandbox/payouts", self._show_payouts, methods=["GET"]),
            Route("/_sandbox/orders", self._add_order, methods=["POST"]),
            Route("/_sandbox/settings", self._change, methods=["POST"]),
            Route("/_sandbox/expire-tokens", self._expire, methods=["POST"]),
            Route("/{organization:int}/sales/{guid}", self._invoice_page, methods=["GET"]),
        ]
        rooms = (self.tokens, self.shop, self.woocommerce, self.vies, self.acquirers, self.api)
        routes = [*control, *(route for room in rooms for route in room.routes())]
        self.app = _Wire(self, Starlette(routes=routes))

    # --- for tests -----------------------------------------------------------------------------------------

    @cached_property
    def payouts(self) -> list[Payout]:
        """What acquirers have paid out: of the orders that it began with, made when first asked for, and then what
        `settle` and `release` add."""
        return self._paid_out()

    def settle(
        self,
        acquirer: str,
        sales: Iterable[tuple[str, int]],
        refunds: Iterable[tuple[str, int]] = (),
        chargebacks: Iterable[tuple[str, int]] = (),
        reserve_ore: int = 0,
        correction_ore: int = 0,
        *,
        on: date,
    ) -> Payout:
        """An acquirer's next payout, paid on a day: orders by number with the øre that moved, all above 0. See `settle`
        in settlements.py."""
        made = settle(self.payouts, acquirer, sales, refunds, chargebacks, reserve_ore, correction_ore, on=on)
        self.payouts.append(made)
        return made

    def release(self, kept: Payout, on: date) -> Payout:
        """A payout's reserve comes back, in a payout of its own."""
        self.payouts.append(release(kept, on))
        return self.payouts[-1]

    def fault(self, kind: Kind, **options: Any) -> None:
        """Programs a fault for the next matching calls. `drop` does the work unless told otherwise."""
        options.setdefault("after_work", kind == "drop")
        self.faults.append(Fault(kind, **options))

    def expire_tokens(self) -> None:
        """Every access token is expired from now on."""
        self.tokens.expire()
        self.acquirers.expire()

    def environment(self, woocommerce: bool = False) -> dict[str, str]:
        """The variables of a headless set-up on this sandbox (all but DINERO_DATA_DIR), with its WooCommerce or not."""
        # Before the oldest order, also in January.
        first = copenhagen_date(self.clock.now() - timedelta(days=60)).replace(month=1, day=1)
        return {
            "DINERO_API_URL": self.url,
            "DINERO_CONNECT_URL": self.url,
            "DINERO_TOKEN_URL": f"{self.url}/dineroapi/oauth/token",
            "SHOPORAMA_URL": self.url,
            "VIES_URL": f"{self.url}/vies",
            "DINERO_CLIENT_ID": PERSONAL_CLIENT_ID,
            "DINERO_CLIENT_SECRET": PERSONAL_CLIENT_SECRET,
            "DINERO_API_KEY": API_KEY,
            "DINERO_ORGANIZATION": ORGANIZATION,
            "DINERO_BOOKING_ACCOUNT": "55100" if self._webshop_account else "55000",
            "DINERO_TRIGGER": "paid",
            "DINERO_FROM_DATE": first.isoformat(),
            "SHOPORAMA_KEY": self.shop.key,
            "DINERO_CALLS_PER_MINUTE": str(self.api.calls_per_minute or 60),
            **self.acquirers.environment(self.url),
            **(self.woocommerce.environment(self.url) if woocommerce else {}),
        }

    def start(self, port: int = 0) -> None:
        """Serves on 127.0.0.1 from a thread; returns when it accepts calls."""
        # Named TCP, or asyncio leaves Nagle's algorithm on, and each answer takes 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_level="critical", lifespan="off", ws="none", http="h11")
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            threading.Event().wait(0.005)

    def stop(self) -> None:
        """Stops serving."""
        if self._server is not None and self._thread is not None:
            self._server.end()
            self._thread.join(10)

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _seed_contacts(self) -> None:
        def contact(name: str, email: str, *, person: bool = True) -> str:
            body = {
                "name": name,
                "countrykey": "DK",
                "email": email,
                "isperson": person,
                "ismember": False,
                "usecvr": False,
            }
            return str(self.books.create_contact(body)["ContactGuid"])

        contact("Fælles Person", "faelles@example.com")
        contact("Fælles Firma ApS", "faelles@example.com", person=False)
        self.books.delete_contact(contact("Slettet Kunde", "slettet@example.com"))
        known = next((order for order in self.shop.orders if order.get("email")), None)
        if known is not None:
            contact(str(known["order_name"]), str(known["email"]))

    # --- control over HTTP ---------------------------------------------------------------------------------

    async def _add_fault(self, request: Request) -> Response:
        options = await request.json()
        self.fault(options.pop("kind"), **options)
        return JSONResponse({"faults": len(self.faults)})

    async def _show_calls(self, request: Request) -> Response:
        return JSONResponse([asdict(call) | {"at": call.at.isoformat()} for call in self.calls])

    async def _show_books(self, request: Request) -> Response:
        return JSONResponse(
            {
                "invoices": [shown(invoice) for invoice in self.books.invoices.values()],
                "contacts": list(self.books.contacts.values()),
                "credit_notes": [shown(note) for note in self.books.credit_notes.values()],
                "payments": [shown(payment) for payment in self.books.payments],
                "e_invoices": self.books.e_invoices,
                "deposits": list(self.books.deposits.values()),
            }
        )

    async def _show_payouts(self, request: Request) -> Response:
        """The payouts, and the files of them as base64."""
        written = {name: base64.b64encode(content).decode() for name, content in files(self.payouts).items()}
        told = json.dumps({"payouts": [asdict(payout) for payout in self.payouts], "files": written}, default=str)
        return Response(told, media_type="application/json")

    async def _add_order(self, request: Request) -> Response:
        self.shop.add(await request.json())
        return JSONResponse({"orders": len(self.shop.orders)})

    async def _change(self, request: Request) -> Response:
        """{"pro": bool, "hide": number, "rename": [number, name], "calls_per_minute": number, "key": text,
        "vies": {"unavailable": bool, "invalid": [number], "down": [country], "slow": [number]},
        "deleted_is_refused": bool, "gives_bank_details": bool,
        "pending_calls": number, "failing_bookings": number, "late_numbers": number,
        "woocommerce": {…} (see `configure` in woocommerce.py; what it answers comes back)}"""
        wanted = await request.json()
        if "pro" in wanted:
            self.books.set_pro(ORGANIZATION, bool(wanted["pro"]))
        if "hide" in wanted:
            self.books.hide_account(int(wanted["hide"]))
        if "rename" in wanted:
            self.books.rename_account(int(wanted["rename"][0]), str(wanted["rename"][1]))
        if "calls_per_minute" in wanted:
            self.api.calls_per_minute = int(wanted["calls_per_minute"])
        for switch in ("deleted_is_refused", "gives_bank_details"):
            if switch in wanted:
                setattr(self.books, switch, bool(wanted[switch]))
        for count in ("pending_calls", "failing_bookings", "late_numbers"):
            if count in wanted:
                setattr(self.books, count, int(wanted[count]))
        if "key" in wanted:
            self.shop.key = str(wanted["key"])
        if "vies" in wanted:
            self.vies.change(wanted["vies"])
        if "woocommerce" in wanted:
            return JSONResponse({"woocommerce": self.woocommerce.configure(wanted["woocommerce"])})
        return JSONResponse({})

    async def _expire(self, request: Request) -> Response:
        self.expire_tokens()
        return JSONResponse({})

    async def _invoice_page(self, request: Request) -> Response:
        """An invoice as an owner sees it in Dinero."""
        documents = self.books.invoices | self.books.credit_notes
        invoice = documents.get(str(request.path_params["guid"]).lower())
        if invoice is None:
            return HTMLResponse(PAGE.format(title="Fakturaen findes ikke", body=""), 404)
        number = invoice["Number"] if invoice["Status"] == "Booked" else "kladde"
        total = Money.from_json(decimal_from_json(str(invoice["TotalInclVat"])), invoice["Currency"])
        body = f"<p>{invoice['Comment']}</p><p>{show(total)} · {invoice['PaymentStatus']}</p>"
        word = "Kreditnota" if "CreditNoteFor" in invoice else "Faktura"
        return HTMLResponse(PAGE.format(title=f"{word} {number}", body=body))


class _Server(uvicorn.Server):
    """Ends when it is told to. Uvicorn looks every tenth of a second, and waits another one for its clients: that was
    most of the time of a test."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Ends it, from another thread; once it has ended, nothing more happens."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._told.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Serves until it is told to end."""
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hangs up on everybody."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the connections hear of it


class _Wire:
    """The outermost layer: logs each call, and lets faults strike on the wire itself."""

    def __init__(self, sandbox: Sandbox, app: Starlette) -> None:
        self._sandbox = sandbox
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = dict(parse_qsl(scope["query_string"].decode()))
        call = Call(scope["method"], scope["path"], query, _json(body), 0, self._sandbox.clock.now())
        self._sandbox.calls.append(call)
        fault = next((f for f in self._sandbox.faults if f.matches(call.method, call.path)), None)
        if fault is not None:
            fault.times -= 1
        if self._sandbox.latency and re.match(r"/v\d", scope["path"]):
            await asyncio.sleep(self._sandbox.latency)
        work = fault is None or fault.after_work or fault.kind == "delay"
        answer = await self._work(scope, body) if work else []
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        match fault.kind if fault is not None else None:
            case "drop":
                self._transport(receive).close()
            case "reset":
                self._reset(receive)
            case "status" if fault is not None:
                await self._say(call, send, fault.status, fault.body, fault.retry_after)
            case "garbage":
                await self._say(call, send, 200, "<html>{not json")
            case _:
                for message in answer:
                    if message["type"] == "http.response.start":
                        call.status = message["status"]
                    else:
                        call.answer = _json(message.get("body", b""))
                    await send(message)

    async def _work(self, scope: Message, body: bytes) -> list[Message]:
        """What the app answers, not sent yet."""
        answer: list[Message] = []

        async def whole() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, whole, keep)
        return answer

    async def _say(self, call: Call, send: Send, status: int, body: Any, retry_after: int | None = None) -> None:
        text = body if isinstance(body, str) else json.dumps(body if body is not None else {"message": "fault"})
        headers = [(b"content-type", b"application/json" if not isinstance(body, str) else b"text/plain")]
        if retry_after is not None:
            headers.append((b"retry-after", str(retry_after).encode()))
        call.status = status
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    @staticmethod
    def _transport(receive: Receive) -> asyncio.Transport:
        # uvicorn's request cycle; ASGI itself has no way to hang up without an answer.
        transport: asyncio.Transport = receive.__self__.transport  # type: ignore[attr-defined]
        return transport

    def _reset(self, receive: Receive) -> None:
        transport = self._transport(receive)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def serve(
    port: int = 8600,
    orders: int = 200,
    seed: int = 1,
    calls_per_minute: int | None = None,
    webshop_account: bool = True,
    latency: float = 0.0,
    returns: bool = False,
    payout_files: Path | None = None,
    woocommerce: int | None = None,
) -> None:
    """Prints one JSON line with the variables of a headless set-up, and serves until SIGINT or SIGTERM. The files of
    its payouts are written into the folder `payout_files`. `woocommerce`: so many orders are in that shop, and its
    variables are printed too."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    here = IN_WOOCOMMERCE if woocommerce is None else woocommerce
    sandbox = Sandbox(orders, seed, calls_per_minute, None, webshop_account, latency, returns, woocommerce=here)
    if payout_files is not None:
        write_files(sandbox.payouts, payout_files)
    sandbox.start(port)
    sys.stdout.write(json.dumps(sandbox.environment(woocommerce is not None)) + "\n")
    sys.stdout.flush()
    stop.wait()
    sandbox.stop()


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError:
        return None
