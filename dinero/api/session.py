"""Calls to Dinero: the shared budget, timeouts, and what each answer means.

The one place that decides whether a call may be repeated (facts.md, rule 3): a clear no that did nothing (401,
429) and a connection that never opened may; a write without a readable answer never, it is AnswerUnknown.
"""

import json
import logging
import ssl
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import requests
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from dinero.http import ANSWER_BYTES, exchange
from dinero.model.clock import Clock
from dinero.model.errors import (
    BROKEN,
    NO_CONTACT_WITH,
    RECONNECT,
    UNSURE,
    WAIT,
    AnswerUnknown,
    ConnectionStopped,
    DashboardError,
    TryLater,
    Unread,
    classify,
)
from dinero.store import Store

log = logging.getLogger(__name__)

Body = Mapping[str, Any] | Sequence[Mapping[str, Any]]

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
RATE_WINDOW = 60.5  # Dinero counts by the minute; half a second covers calls that travel unevenly.
MAX_WAITS = 4
MAX_READS = 3


class Tokens(Protocol):
    """Where access tokens come from."""

    def token(self, spend: Callable[[], None]) -> str:
        """A token that is valid now; `spend` takes a call from the budget when one must be fetched."""

    def renew(self, refused: str, spend: Callable[[], None]) -> str:
        """Another token than the one that was refused. Raises ConnectionStopped or TryLater."""


class Session:
    """Calls on one connection, counted against one budget for all threads and processes.

    `calls_per_minute` is Dinero's limit for each organization and client (facts.md, Dinero 3, "Limits"). `on_wait` is
    told of every wait (seconds) before it begins, so that a worker can keep its lease. `on_outcome` is told of each
    call's path and of the error in which it ended, None when it was answered.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens,
        store: Store,
        *,
        calls_per_minute: int,
        clock: Clock,
        bucket: str = "dinero",
        on_wait: Callable[[float], None] = lambda seconds: None,
        on_outcome: Callable[[str, DashboardError | None], None] = lambda path, error: None,
    ) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._store = store
        self._limit = calls_per_minute
        self._clock = clock
        self._bucket = bucket
        self._http = requests.Session()
        self.on_wait = on_wait
        self._on_outcome = on_outcome
        self.calls = 0

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None, *, most: int = ANSWER_BYTES) -> Any:
        """A read, repeated a few times on network trouble; its answer has at most so many bytes. Raises
        DashboardError."""
        return self._read_again(_Request("GET", path, parameters=parameters, most=most))

    def ask(self, path: str, body: Body) -> Any:
        """A read that Dinero takes as a POST, repeated like `get`. Raises DashboardError."""
        return self._read_again(_Request("POST", path, body=body))

    def _read_again(self, request: "_Request") -> Any:
        with self._told(request.path):
            for attempt in range(MAX_READS):
                try:
                    return self._call(request)
                except TryLater as error:
                    if error.status == 429 or attempt == MAX_READS - 1:
                        raise
                    self.wait(float(2**attempt))
            raise AssertionError("unreachable")

    def post(self, path: str, body: Body) -> Any:
        """A write, sent once. Raises AnswerUnknown when no readable answer came."""
        with self._told(path):
            return self._call(_Request("POST", path, body=body, is_read=False))

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except DashboardError as error:
            self._on_outcome(path, error)
            raise
        self._on_outcome(path, None)

    def _call(self, request: "_Request") -> Any:
        if self._store.in_transaction:
            raise RuntimeError(f"{request} in the middle of a write")
        token = self._tokens.token(self._spend)
        renewed = False
        for _ in range(MAX_WAITS):
            self._spend()
            status, answer, retry_after = self._send(request, token)
            if status == 401 and not renewed:
                token = self._tokens.renew(token, self._spend)
                renewed = True
            elif status == 429:
                pause = min(retry_after or 60.0, 120.0)
                log.warning("Dinero answered 429; waiting %.0f s", pause)
                self._store.calls.pause(self._bucket, pause)
            else:
                return _read(request, status, answer)
        if status == 401:
            raise ConnectionStopped(RECONNECT, status=401)
        raise TryLater(WAIT, status=429)

    def _spend(self) -> None:
        while (seconds := self._store.calls.take(self._bucket, limit=self._limit, window=RATE_WINDOW)) > 0:
            self.wait(seconds)
        self.calls += 1

    def wait(self, seconds: float) -> None:
        """Waits, and tells of it before it begins."""
        self.on_wait(seconds)
        self._clock.sleep(seconds)

    def _send(self, request: "_Request", token: str) -> tuple[int, bytes, float | None]:
        started = time.monotonic()
        try:
            status, answer, headers = exchange(
                self._http,
                request.method,
                self._base_url + request.path,
                authorization=f"Bearer {token}",
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                parameters=request.parameters,
                body=None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode(),
                most=request.most,
            )
        except requests.RequestException as error:
            raise _network_error(error, request) from None
        retry_after = headers.get("Retry-After", "")
        log.info("%s -> %d in %.0f ms", request, status, (time.monotonic() - started) * 1000)
        return status, answer, float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent. A read did nothing when its answer is lost, whatever its method."""

    method: str
    path: str
    parameters: Mapping[str, str | int] | None = None
    body: Body | None = None
    is_read: bool = True
    most: int = ANSWER_BYTES

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def without_answer(self, detail: str) -> DashboardError:
        """The error for an answer that did not come, or can't be read."""
        return Unread(BROKEN, detail=detail) if self.is_read else AnswerUnknown(UNSURE, detail=detail)


def _read(request: _Request, status: int, answer: bytes) -> Any:
    detail = f"{request} -> {status}"
    if 200 <= status < 300:
        try:
            return json.loads(answer, parse_float=Decimal) if answer.strip() else None
        except ValueError:
            raise request.without_answer(detail + ", unreadable") from None
    if not 400 <= status < 500:
        raise request.without_answer(detail)
    codes, message = read_error(answer)
    raise classify(status, codes, message, detail=f"{detail}, codes {codes}")


def read_error(answer: bytes) -> tuple[list[str], str]:
    """The codes and the message of an error body, read defensively (facts.md, Dinero 3, "Error body shape").

    Codes are the entries of errorMessageList and validationErrors first, the general code last.
    """
    try:
        body = json.loads(answer)
    except ValueError:
        return [], answer.decode("utf-8", "replace").strip()[:200]
    if not isinstance(body, dict):
        return [], str(body)[:200]
    fields = {str(key).lower(): value for key, value in body.items()}
    codes: list[str] = []
    messages: list[str] = []
    for entry in fields.get("errormessagelist") or []:
        if isinstance(entry, dict):
            lowered = {str(key).lower(): value for key, value in entry.items()}
            codes.append(str(lowered.get("code", "")))
            messages.append(str(lowered.get("message", "")))
    for container in (fields.get("validationerrors"), fields.get("errors")):
        if isinstance(container, dict):
            for name, text in container.items():
                codes.append(str(text))
                messages.append(f"{name}: {text}")
    if fields.get("code") is not None:
        codes.append(str(fields["code"]))
    general = fields.get("message") or fields.get("title") or fields.get("error_description") or ""
    return codes, " · ".join(part for part in [str(general), *messages] if part)[:200]


def _network_error(error: requests.RequestException, request: _Request) -> DashboardError:
    """Whether the connection never opened (nothing was sent) or the answer was lost on the way."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    never_opened = (
        isinstance(error, requests.ConnectTimeout)
        or isinstance(reason, NewConnectionError | ConnectTimeoutError | NameResolutionError)
        or _was_no_handshake(error)
    )
    detail = f"{request}: {type(error).__name__}"
    log.warning("%s%s", detail, " (never opened)" if never_opened else "")
    if never_opened:
        return TryLater(NO_CONTACT_WITH, detail=detail)
    return request.without_answer(detail)


def _was_no_handshake(error: BaseException) -> bool:
    """Whether TLS failed before anything of ours was sent. It can fail later too, in the middle of an answer."""
    seen: list[BaseException] = []
    chain: list[Any] = [error]
    while chain:
        cause = chain.pop()
        if not isinstance(cause, BaseException) or cause in seen:
            continue
        seen.append(cause)
        chain += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
        names = [frame.f_code.co_name for frame, _ in traceback.walk_tb(cause.__traceback__)]
        if isinstance(cause, ssl.SSLCertVerificationError) or (
            isinstance(cause, ssl.SSLError) and "do_handshake" in names
        ):
            return True
    return False
