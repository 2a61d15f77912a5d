"""Calls to an acquirer's API: read only, with a token that is kept for its life, and a sentence for each refusal."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests

from dinero.acquirers import fields
from dinero.http import AnswerTooLarge, exchange
from dinero.model.clock import Clock
from dinero.model.errors import ConnectionStopped, DashboardError, NotFound, NotUnderstood, Refused, TryLater
from dinero.model.i18n import Text

log = logging.getLogger(__name__)

MAX_READS = 3
ANSWER_BYTES = 8_000_000
MAX_PAGES = 400
PATIENCE = 900.0  # seconds that one fetch may take; what is left is fetched the next time
TIMEOUT = (5.0, 30.0)
EARLY = 60  # seconds before its end that a token is no longer used
LONGEST_WAIT = 3600.0

KEYS_REFUSED = Text("{acquirer} does not accept the keys. Make new ones at {acquirer} and enter them under Set-up.")
NO_RIGHT = Text(
    "{acquirer} does not let these keys read payouts. Check at {acquirer} what they may do, then try again."
)
WAIT = Text("{acquirer} allows no more calls right now. The payouts are fetched later by themselves.")
BROKEN = Text("{acquirer} has trouble right now. Try again in a few minutes.")
NO_CONTACT = Text("{acquirer} can't be reached. Check the internet connection and try again.")
NO_JSON = Text("{acquirer} answered with a web page instead of data. Try again in a few minutes.")
REDIRECTED = Text(
    "{acquirer} sends the call on to another address, and the keys are not sent there. Check its address."
)
UNKNOWN = Text("{acquirer} does not have what was asked for. Fetch the payouts again.")
NOT_UNDERSTOOD = Text(
    "{acquirer} did not understand what was asked, so no payout was read. Report it to the developer of the dashboard."
)
REFUSED = Text("{acquirer} said no (code {status}). Check at {acquirer} what the keys may do.")
NO_LIST = Text(
    "{acquirer}'s answer has another form than it should, so nothing of it was read. Try again. If it stays so, report "
    "it to the developer of the dashboard."
)
TOO_LONG = Text("{acquirer}'s list does not come to an end, so it was not used. Ask {acquirer}'s support about it.")
UNFINISHED = Text("{acquirer} has more payouts than can be read at once. The rest is fetched later by itself.")


@dataclass(frozen=True)
class SignIn:
    """How a token is asked for: a POST to `path`. `secrets` are what the owner entered, for a look at their form."""

    path: str
    authorization: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Token:
    text: str = field(repr=False)
    until: datetime


class Calls:
    """One acquirer at `url`, which may have a path. `headers` go with each read and `spend` is called before each call.

    `on_outcome` is told how each `told` ended: the error that it was, None for all well.
    """

    def __init__(
        self,
        acquirer: str,
        url: str,
        sign_in: SignIn,
        *,
        clock: Clock,
        spend: Callable[[], None],
        timeout: tuple[float, float],
        on_outcome: Callable[[DashboardError | None], None],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._acquirer = acquirer
        self._base = url.rstrip("/")
        self._sign_in = sign_in
        self._headers = dict(headers or {})
        self._clock = clock
        self._spend = spend
        self._timeout = timeout
        self._on_outcome = on_outcome
        self._http = requests.Session()
        self._kept: _Token | None = None
        self._until: float | None = None

    @contextmanager
    def told(self) -> Iterator[None]:
        """One piece of work, at most PATIENCE long; tells how it went."""
        self._until = time.monotonic() + PATIENCE
        try:
            yield
        except DashboardError as error:
            self._on_outcome(error)
            raise
        self._on_outcome(None)

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Mapping[str, Any]:
        """The object that a read answers; repeated twice on network trouble and 5xx. Raises ConnectionStopped,
        TryLater, NotFound, NotUnderstood, or another DashboardError."""
        return self._patiently(lambda: self._get(path, parameters))

    def wrong(self, text: Text, detail: str) -> DashboardError:
        """The error for an answer that can't be used, with the acquirer's name in its sentence."""
        return DashboardError(self._say(text), detail=detail)

    def _patiently(self, work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        for attempt in range(MAX_READS):
            try:
                return work()
            except TryLater as error:
                if error.code != _AGAIN or attempt == MAX_READS - 1:
                    raise
                self._clock.sleep(float(2**attempt))
        raise AssertionError("unreachable")

    def _get(self, path: str, parameters: Mapping[str, str | int] | None) -> Mapping[str, Any]:
        kept = self._kept
        answer = self._send("GET", path, f"Bearer {self._token()}", self._headers, parameters)
        if answer.status == 401 and kept is not None and kept is self._kept:
            # One that was kept may have been ended early; one that is new is refused for good.
            self._kept = None
            answer = self._send("GET", path, f"Bearer {self._token()}", self._headers, parameters)
        return self._read(answer)

    def _token(self) -> str:
        if self._kept is None or self._kept.until <= self._clock.now():
            self._kept = self._sign(self._sign_in)
        return self._kept.text

    def _sign(self, how: SignIn) -> _Token:
        if not all(secret and secret.isascii() and secret.isprintable() for secret in how.secrets):
            raise ConnectionStopped(self._say(KEYS_REFUSED), detail="a key is empty or not printable")
        answer = self._send("POST", how.path, how.authorization, how.headers, body=how.body)
        if answer.status == 400:  # OAuth's answer to a client that it does not know (RFC 6749 5.2)
            raise ConnectionStopped(self._say(KEYS_REFUSED), status=400, detail=answer.detail)
        told = self._read(answer)
        token, seconds = told.get("access_token"), str(told.get("expires_in"))
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise TryLater(self._say(BROKEN), detail=f"{answer.detail}, no token")
        life = min(int(seconds[:9]), 86_400) if seconds.isascii() and seconds.isdigit() else 600
        return _Token(token, self._clock.now() + timedelta(seconds=max(life - EARLY, life // 2)))

    def _send(
        self,
        method: str,
        path: str,
        authorization: str,
        headers: Mapping[str, str],
        parameters: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
    ) -> "_Answer":
        if self._until is not None and time.monotonic() > self._until:
            raise TryLater(self._say(UNFINISHED), detail=f"{method} {path}: over {PATIENCE:.0f} s")
        self._spend()
        started = time.monotonic()
        try:
            status, answer, told = exchange(
                self._http,
                method,
                self._base + path,
                authorization=authorization,
                timeout=self._timeout,
                parameters=parameters,
                body=body,
                headers=headers,
                most=ANSWER_BYTES,
            )
        except AnswerTooLarge:
            raise TryLater(self._say(BROKEN), detail=f"{method} {path}: answer too large or too slow") from None
        except (requests.RequestException, ValueError) as error:
            # `from None`: the original's text may hold what was sent.
            detail = f"{method} {path}: {type(error).__name__}"
            raise TryLater(self._say(NO_CONTACT), code=_AGAIN, detail=detail) from None
        log.info("%s %s %s -> %d in %.0f ms", method, self._acquirer, path, status, (time.monotonic() - started) * 1000)
        return _Answer(status, answer, told.get("Retry-After", ""), f"{method} {path} -> {status}")

    def _read(self, answer: "_Answer") -> Mapping[str, Any]:
        status, detail = answer.status, answer.detail
        if status == 401:
            raise ConnectionStopped(self._say(KEYS_REFUSED), status=status, detail=detail)
        if status == 403:
            raise ConnectionStopped(self._say(NO_RIGHT), status=status, detail=detail)
        if status in (404, 410):
            raise NotFound(self._say(UNKNOWN), status=status, detail=detail)
        if status in (400, 422):
            raise NotUnderstood(self._say(NOT_UNDERSTOOD), status=status, detail=detail)
        if status == 429:
            raise TryLater(self._say(WAIT), seconds=answer.wait, status=status, detail=detail)
        if 300 <= status < 400:
            raise DashboardError(self._say(REDIRECTED), status=status, detail=detail)
        if 400 <= status < 500:
            text = Text(REFUSED.message, acquirer=self._acquirer, status=status)
            raise Refused(text, status=status, detail=detail)
        if not 200 <= status < 300:
            raise TryLater(self._say(BROKEN), status=status, code=_AGAIN, detail=detail)
        try:
            told = fields.loads(answer.body)
        except ValueError:
            raise TryLater(self._say(NO_JSON), status=status, detail=f"{detail}, unreadable") from None
        if not isinstance(told, Mapping):
            raise self.wrong(NO_LIST, f"{detail}: {type(told).__name__}")
        return told

    def _say(self, text: Text) -> Text:
        return Text(text.message, acquirer=self._acquirer)


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes = field(repr=False)
    retry_after: str
    detail: str

    @property
    def wait(self) -> float:
        """Seconds until the next call is welcome."""
        told = self.retry_after.strip()
        return min(float(told[:9]), LONGEST_WAIT) if told.isascii() and told.isdigit() else 60.0


_AGAIN = "again"  # the code of errors after which a read is repeated at once
