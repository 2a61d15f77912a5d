"""One call to WooCommerce: its address, its key, and what an answer means. Knows no order."""

import logging
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from dinero.http import AnswerTooLarge, exchange
from dinero.model.errors import ConnectionStopped, DashboardError, NotFound, Refused, TryLater
from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shop_system import Access
from dinero.shops.woocommerce import sentences
from dinero.shops.woocommerce.signing import BASIC, OAUTH, QUERY, Way, basic, in_query, signed, way_of

log = logging.getLogger(__name__)

API = "/wp-json/wc/v3"
MAX_READS = 3
LONGEST_PAUSE = 3600.0
AGAIN = "again"  # the code of errors after which a read is repeated at once
# What WooCommerce says to a caller whom it does not know, and to a key that may not (facts.md, WooCommerce 6.1).
CANNOT_VIEW, NOT_AUTHENTIC = "woocommerce_rest_cannot_view", "woocommerce_rest_authentication_error"
# What owners copy along with the address.
_BEHIND = re.compile(r"/(?:wp-json|wp-admin|wp-login\.php)(?:/.*)?$")


def base_of(address: str) -> str:
    """WordPress's own address, of whatever of it an owner copied: with its folder, without a slash at the end. Raises
    DashboardError for what is no address."""
    written = address.strip()
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host = parts.netloc.rpartition("@")[2].lower()
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and " " not in written
    except ValueError:
        usable = False
    if not usable:
        raise DashboardError(sentences.WRONG_ADDRESS, detail="no address")
    return f"{parts.scheme.lower()}://{host}{_BEHIND.sub('', parts.path.rstrip('/')).rstrip('/')}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `told` is its JSON, `is_json` whether it was any."""

    status: int
    headers: Mapping[str, str]
    told: Any = None
    is_json: bool = False

    @property
    def code(self) -> str:
        """WooCommerce's word for an error, "" where there is none."""
        return self._said("code")

    @property
    def message(self) -> str:
        """WooCommerce's sentence for an error, in the shop's language."""
        return self._said("message")

    def _said(self, name: str) -> str:
        found = self.told.get(name) if isinstance(self.told, dict) else None
        return found[:200] if isinstance(found, str) else ""

    @property
    def total(self) -> int | None:
        """How many rows there are on all pages, where it is told."""
        written = self.headers.get("X-WP-Total", "").strip()
        return int(written) if re.fullmatch(r"\d{1,9}", written, re.ASCII) else None

    @property
    def date(self) -> datetime | None:
        """The time on the shop's clock, where it is told."""
        return _http_date(self.headers.get("Date", ""))


class Calls:
    """Calls to one shop. `way` is how the key is carried."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._http = requests.Session()
        self._key, self._secret = (access.keys.get(name, "").strip() for name in ("key", "secret"))
        self.way = way_of(access.keys)

    @property
    def base(self) -> str:
        """WordPress's own address."""
        return base_of(self._access.address)

    def read(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Answer:
        """A read of `wc/v3` that succeeded and is JSON, repeated twice on network trouble and 5xx. Raises
        ConnectionStopped, TryLater, NotFound, or another DashboardError."""
        for attempt in range(MAX_READS):
            try:
                answer = self.ask(API + path, parameters, self.way)
                if (error := error_of(answer, path)) is not None:
                    raise error
                return answer
            except TryLater as error:
                if error.code != AGAIN or attempt == MAX_READS - 1:
                    raise
                self._access.clock.sleep(float(2**attempt))
        raise AssertionError("unreachable")

    def ask(
        self, path: str, parameters: Mapping[str, str | int] | None, way: Way, *, key: str = "", secret: str = ""
    ) -> Answer:
        """One call and its answer, whatever it is; with another `key` or `secret` where a check wants to know what is
        said to that. Raises TryLater where no answer came."""
        key, secret = key or self._key, secret or self._secret
        if not all(value and value.isascii() and value.isprintable() and ":" not in value for value in (key, secret)):
            raise ConnectionStopped(sentences.KEY_REFUSED, detail="the key is empty or not printable")
        url = self.base + path
        told = {name: str(value) for name, value in (parameters or {}).items()}
        if way.name == OAUTH:
            signed_for = f"{way.scheme}://{url.partition('://')[2]}" if way.scheme else url
            seconds = int(self._access.clock.now().timestamp())
            told = signed(signed_for, told, key, secret, nonce=secrets.token_hex(16), seconds=seconds)
        elif way.name == QUERY:
            told |= in_query(key, secret)
        # A comma written as itself, so that a long list of ids stays short (facts.md, WooCommerce 3.4).
        query = urlencode(told, safe=",:")
        return self._send(path, f"{url}?{query}" if query else url, basic(key, secret) if way.name == BASIC else "")

    def _send(self, path: str, url: str, authorization: str) -> Answer:
        self._access.spend()
        started = time.monotonic()
        try:
            status, body, headers = exchange(
                self._http, "GET", url, authorization=authorization, timeout=self._access.timeout
            )
        except AnswerTooLarge:
            raise TryLater(sentences.BROKEN, detail=f"GET {path}: answer too large or too slow") from None
        except (requests.RequestException, UnicodeError) as error:
            # `from None`: the original's text may hold the address with its parameters.
            raise TryLater(sentences.NO_CONTACT, code=AGAIN, detail=f"GET {path}: {type(error).__name__}") from None
        log.info("GET shop %s -> %d in %.0f ms", path, status, (time.monotonic() - started) * 1000)
        try:
            return Answer(status, headers, values.loads(body), True)
        except ValueError:
            return Answer(status, headers)


def error_of(answer: Answer, path: str) -> DashboardError | None:
    """The error that an answer is; None for JSON that was asked for."""
    status, code = answer.status, answer.code
    detail = f"GET {path} -> {status} {code}".strip()
    if 200 <= status < 300:
        # A page that stays in the way is the owner's; one that goes by itself is nobody's.
        return None if answer.is_json else TryLater(sentences.NO_JSON, status=status, detail=f"{detail}, no JSON")
    if status in (429, 503):
        return TryLater(sentences.BUSY, seconds=_pause(answer), status=status, detail=detail)
    if 300 <= status < 400:
        text = Text(sentences.REDIRECTED.message, address=_place(answer.headers.get("Location", "")))
        return DashboardError(text, status=status, detail=detail)
    if status >= 500 or status < 200:
        return TryLater(sentences.BROKEN, status=status, code=AGAIN, detail=detail)
    if status in (404, 410):
        return NotFound(_not_found(answer), status=status, code=code, detail=detail)
    if status in (401, 403):
        return _closed(answer, detail)
    text = Text(sentences.REFUSED.message, code=code[:60] or str(status))
    return Refused(text, status=status, code=code, detail=detail)


def _not_found(answer: Answer) -> Text:
    if not answer.is_json:
        return sentences.WRONG_ADDRESS
    return sentences.NO_WOOCOMMERCE if answer.code == "rest_no_route" else sentences.UNKNOWN


def _closed(answer: Answer, detail: str) -> DashboardError:
    status, code = answer.status, answer.code
    if not answer.is_json:
        return TryLater(sentences.NO_JSON, status=status, detail=f"{detail}, no JSON")
    if code and not code.startswith("woocommerce_"):
        text = Text(sentences.CLOSED.message, code=code[:60])
        return ConnectionStopped(text, status=status, code=code, detail=detail)
    known = status == 403  # WordPress says 401 to strangers, and 403 to a user who may not
    text = sentences.RIGHT_MISSING if known else sentences.KEY_REFUSED
    return ConnectionStopped(text, status=status, code=code, detail=detail)


def _pause(answer: Answer) -> float:
    """How long the shop asks to wait, within bounds."""
    written = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", written, re.ASCII):
        return min(max(float(written), 1.0), LONGEST_PAUSE)
    until, now = _http_date(written), answer.date
    if until is not None and now is not None:
        return min(max((until - now).total_seconds(), 1.0), LONGEST_PAUSE)
    return 60.0


def _http_date(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _place(location: str) -> str:
    """The address that a call is sent on to, without its parameters, which hold the key where that is in the query."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return "…"
    return f"{parts.scheme}://{parts.netloc}{_BEHIND.sub('', parts.path)}"[:100] if parts.netloc else "…"
