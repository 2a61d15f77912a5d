"""Shoporama's REST API.

The promise of the list is completeness: whatever looks as if rows were missing is an error, never a short list.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from dinero.http import AnswerTooLarge, exchange
from dinero.model.clock import COPENHAGEN, Clock
from dinero.model.errors import ConnectionStopped, DashboardError, NotFound, Refused, TryLater
from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shop_system import Batch, Checked, Cursor, OnPage
from dinero.shops.shoporama.orders import id_of

log = logging.getLogger(__name__)

PAGE_SIZE = 100  # What Shoporama's own examples use; the most it allows is not stated (facts.md, Shoporama 2).
MAX_PAGES = 1000
MAX_READS = 3
# Whether `last_modified` is meant as Danish time is not confirmed (facts.md, Shoporama 2), and an hour in October comes
# twice: three hours more cost a few repeated rows and miss none.
OVERLAP = timedelta(hours=3)
# The shop's filter is a help, not a promise (facts.md, Shoporama 2): each fetch reaches back a day beyond the last one.
REACH_BACK = timedelta(days=1)
BATCH = 500  # orders that are handed on together

KEY_REFUSED = Text(
    "Shoporama does not accept the key. Make a new key in Shoporama under Account > Webshop > API access, with "
    "the right to read, and enter it under Set-up."
)
BUDGET_USED = Text(
    "The day's calls to Shoporama are used (1,000 for a key). The orders are fetched later by themselves. "
    "Shoporama's support can raise the limit."
)
BROKEN = Text("Shoporama has trouble right now. Try again in a few minutes.")
NO_CONTACT = Text("Shoporama can't be reached. Check the internet connection and try again.")
NO_JSON = Text(
    "Shoporama answered with a web page instead of data. Try again in a few minutes. If it stays so, check the "
    "key and the shop's address under Set-up."
)
REDIRECTED = Text(
    "Shoporama sends the call on to another address, and the key is not sent there. Check the shop's address "
    "(SHOPORAMA_URL)."
)
UNKNOWN = Text("Shoporama does not have what was asked for. Fetch the orders again.")
REFUSED = Text("Shoporama said no (code {status}). Check the key's rights in Shoporama.")
NO_LIST = Text(
    "Shoporama's answer is not a list, so nothing was read. Try again. If it stays so, report it to the "
    "developer of the dashboard."
)
NO_ORDER = Text("Shoporama's answer is not the order that was asked for. Fetch the orders again.")
INCOMPLETE = Text(
    "Shoporama's list ended too early: {read} of {total} were read. They are read again at the next fetch. If it "
    "stays so, ask Shoporama's support."
)
REPEATING = Text(
    "Shoporama gives the same page of its list again and again, so only {read} were read. Ask Shoporama's "
    "support about it."
)
TOO_LONG = Text("Shoporama's list is longer than {read} rows, and the rest was not read. Choose a later first date.")
ROWS_UNREADABLE = Text(
    "An order from Shoporama could not be read. The rest is fetched. If an order is missing here, report it to "
    "the developer of the dashboard.",
    "{n} orders from Shoporama could not be read. The rest is fetched. If an order is missing here, report it to "
    "the developer of the dashboard.",
)


class Shoporama:
    """Reads from one shop, which the key decides (facts.md, Shoporama 1).

    `url` is Shoporama's address without a path. `spend` is called before every call and raises TryLater when the
    day's calls are used. `on_outcome` is told of each answer: the error that it is, None for one that is understood.
    Every method raises ConnectionStopped (key refused), TryLater (budget, network, trouble
    at Shoporama), NotFound, or another DashboardError for an answer that is not understood.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        clock: Clock,
        spend: Callable[[], None],
        timeout: tuple[float, float] = (5, 30),
        on_outcome: Callable[[DashboardError | None], None] = lambda error: None,
    ) -> None:
        self._base = url.rstrip("/") + "/REST"
        self._key = key.strip()
        self._clock = clock
        self._spend = spend
        self._timeout = timeout
        self._on_outcome = on_outcome
        self._http = requests.Session()

    def fetch(
        self,
        cursor: Cursor | None,
        known: Callable[[Sequence[str]], Set[str]] = lambda ids: frozenset(),
        on_page: OnPage | None = None,
    ) -> Iterator[Batch]:
        """See ShopClient. Pages by offset say nothing of where an ended fetch could go on, so the last part alone has a
        cursor: when this fetch began."""
        began = self._clock.now().astimezone(UTC)
        since = None if cursor is None else datetime.fromisoformat(cursor["since"]) - REACH_BACK
        rows: list[Any] = []
        try:
            for row in self.orders(since, on_page):
                rows.append(row)
                if len(rows) == BATCH:
                    yield Batch(tuple(rows))
                    rows.clear()
        except DashboardError:
            yield Batch(tuple(rows))
            raise
        yield Batch(tuple(rows), {"since": began.isoformat()})

    def orders(self, since: datetime | None, on_page: OnPage | None = None) -> Iterator[dict[str, Any]]:
        """All orders, as JSON, each id once with what came last; of those changed after `since` (aware) at least.

        The shop may ignore `since`, and then gives all of them. When something goes wrong on the way, the orders
        read so far are yielded before the error is raised. `on_page` is told of each page: how many were read, and how
        many orders were on them.
        """
        parameters = {}
        if since is not None:
            local = (since - OVERLAP).astimezone(COPENHAGEN)
            parameters["last_modified"] = local.strftime("%Y-%m-%dT%H:%M:%S")
        return self._list("/order", ("orders", "data"), parameters, id_of, on_page)

    def order(self, order_id: str) -> dict[str, Any]:
        """One order, as JSON. Raises NotFound."""
        answer = self._get(f"/order/{quote(order_id, safe='')}")
        for key in ("order", "data"):
            if isinstance(answer, dict) and isinstance(answer.get(key), dict) and not id_of(answer):
                answer = answer[key]
        if not isinstance(answer, dict) or id_of(answer) != order_id:
            raise DashboardError(NO_ORDER, detail="GET /order/{id}: another shape or id")
        return answer

    def countries(self) -> dict[str, str]:
        """Country id → ISO code if the shop tells it, else name. Empty where the shop has no such list."""
        names = ("iso", "iso_code", "iso2", "country_code", "code", "name", "title")
        return self._names("/country", ("countries", "country", "data"), ("country_id", "id"), names)

    def payment_gateways(self) -> dict[str, str]:
        """Payment gateway id → name. Empty where the shop has no such list."""
        lists = ("payment_gateways", "payment-gateways", "paymentGateways", "data")
        return self._names("/payment-gateway", lists, ("payment_gateway_id", "id"), ("name", "title", "type"))

    def look_ups(self) -> Mapping[str, Any]:
        """The names behind the ids of countries and ways to pay."""
        return {"countries": self.countries(), "gateways": self.payment_gateways()}

    def check(self) -> Checked:
        """One call that shows whether the key can read orders. Raises like every method."""
        with self._told("/order"):
            page = _page(self._get("/order", {"limit": 1, "offset": 0}), ("orders", "data"), "/order")
        return Checked(sample=page[0] if page else None)

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """Tells of how reading went. That there is no list of countries or gateways is no failure."""
        try:
            yield
        except DashboardError as error:
            if path == "/order" or not isinstance(error, NotFound):
                self._on_outcome(error)
            raise
        self._on_outcome(None)

    def _names(
        self, path: str, lists: tuple[str, ...], id_names: tuple[str, ...], names: tuple[str, ...]
    ) -> dict[str, str]:
        found = {}
        try:
            for row in self._list(path, lists, {}, lambda row: _first(row, id_names)):
                name = _first(row, names)
                if name:
                    found[_first(row, id_names)] = name
        except NotFound:
            return {}
        return found

    def _list(
        self,
        path: str,
        keys: tuple[str, ...],
        parameters: Mapping[str, str],
        id_of_row: Callable[[Any], str],
        on_page: OnPage | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The rows of all pages, each id once. What was read is yielded first, also before an error."""
        rows: dict[str, dict[str, Any]] = {}
        error: DashboardError | None = None
        try:
            with self._told(path):
                self._read_pages(path, keys, parameters, id_of_row, rows, on_page)
        except DashboardError as raised:
            error = raised
        yield from rows.values()
        if error is not None:
            raise error

    def _read_pages(
        self,
        path: str,
        keys: tuple[str, ...],
        parameters: Mapping[str, str],
        id_of_row: Callable[[Any], str],
        rows: dict[str, dict[str, Any]],
        on_page: OnPage | None,
    ) -> None:
        offset = unreadable = 0
        for number in range(1, MAX_PAGES + 1):
            answer = self._get(path, {"limit": PAGE_SIZE, "offset": offset, **parameters})
            page = _page(answer, keys, path)
            known = len(rows)
            for row in page:
                if isinstance(row, dict):
                    # One without an id is kept as it is, so that it is seen and held.
                    rows[id_of_row(row) or values.dumps(row)] = row
                else:
                    unreadable += 1
            if on_page is not None:
                on_page(number, len(rows))
            offset += len(page)
            total, size = _paging(answer, "total"), _paging(answer, "limit")
            if page and len(rows) == known:
                # Nothing new: the shop ignores `offset`. A page that is not full was all there is.
                if len(page) >= (size or PAGE_SIZE) or len(rows) + unreadable < (total or 0):
                    _raise_unreadable(unreadable, path)
                    raise DashboardError(Text(REPEATING.message, read=len(rows)), detail=f"GET {path}: same page")
                break
            if not page and total is not None and offset < total:
                text = Text(INCOMPLETE.message, read=offset, total=total)
                raise DashboardError(text, detail=f"GET {path}: ended at {offset} of {total}")
            # Without the shop's word on its page size a short page may be its maximum, so only an empty one ends.
            full = len(page) >= (PAGE_SIZE if size is None else min(size, PAGE_SIZE))
            if not page or (not full and (offset >= total if total is not None else size is not None)):
                break
        else:
            raise DashboardError(Text(TOO_LONG.message, read=offset), detail=f"GET {path}: over {MAX_PAGES} pages")
        _raise_unreadable(unreadable, path)

    def _get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Any:
        """A read, repeated twice on network trouble and 5xx."""
        for attempt in range(MAX_READS):
            self._spend()
            try:
                return self._read(path, *self._send(path, parameters))
            except TryLater as error:
                if error.code != _AGAIN or attempt == MAX_READS - 1:
                    raise
                self._clock.sleep(float(2**attempt))
        raise AssertionError("unreachable")

    def _send(self, path: str, parameters: Mapping[str, str | int] | None) -> tuple[int, bytes]:
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            raise ConnectionStopped(KEY_REFUSED, detail="the key is empty or not printable")
        started = time.monotonic()
        try:
            status, answer, _ = exchange(
                self._http,
                "GET",
                self._base + path,
                authorization=f"Shoporama {self._key}",
                timeout=self._timeout,
                parameters=parameters,
            )
        except AnswerTooLarge:
            raise TryLater(BROKEN, detail=f"GET {path}: answer too large or too slow") from None
        except requests.RequestException as error:
            # `from None`: the original's text may hold the address with its parameters.
            raise TryLater(NO_CONTACT, code=_AGAIN, detail=f"GET {path}: {type(error).__name__}") from None
        log.info("GET shop %s -> %d in %.0f ms", path, status, (time.monotonic() - started) * 1000)
        return status, answer

    def _read(self, path: str, status: int, answer: bytes) -> Any:
        detail = f"GET {path} -> {status}"
        if status in (401, 403):
            raise ConnectionStopped(KEY_REFUSED, status=status, detail=detail)
        if status in (404, 410):
            raise NotFound(UNKNOWN, status=status, detail=detail)
        if status == 429:
            raise TryLater(BUDGET_USED, seconds=3600.0, status=status, detail=detail)
        if 300 <= status < 400:
            raise DashboardError(REDIRECTED, status=status, detail=detail)
        if 400 <= status < 500:
            raise Refused(Text(REFUSED.message, status=status), status=status, detail=detail)
        if not 200 <= status < 300:
            raise TryLater(BROKEN, status=status, code=_AGAIN, detail=detail)
        try:
            return values.loads(answer)
        except ValueError:
            raise TryLater(NO_JSON, status=status, detail=f"{detail}, unreadable") from None


_AGAIN = "again"  # The code of errors after which a read is repeated at once.


def _page(answer: Any, keys: tuple[str, ...], path: str) -> list[Any]:
    """The rows of one answer: a bare list, or under one of `keys` (facts.md, Shoporama 2). Anything else is an
    error."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        for key in keys:
            if isinstance(answer.get(key), list):
                return list(answer[key])
            if key in answer and values.is_empty(answer[key]) and _paging(answer, "total") == 0:
                return []
    raise DashboardError(NO_LIST, detail=f"GET {path}: {type(answer).__name__} without a list")


def _paging(answer: Any, name: str) -> int | None:
    """A whole number of the envelope's `paging`; None when it is not told."""
    paging = answer.get("paging") if isinstance(answer, dict) else None
    value = paging.get(name) if isinstance(paging, dict) else None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    usable = isinstance(value, int) and not isinstance(value, bool) and value >= (1 if name == "limit" else 0)
    return value if usable else None


def _first(row: Any, names: tuple[str, ...]) -> str:
    """The first of `names` that has a readable text in `row`; "" for none."""
    for name in names:
        try:
            if found := values.text(row.get(name)):
                return found
        except values.Unreadable:
            continue
    return ""


def _raise_unreadable(count: int, path: str) -> None:
    if count:
        text = Text(ROWS_UNREADABLE.message, ROWS_UNREADABLE.plural, n=count)
        raise DashboardError(text, detail=f"GET {path}: {count} rows without a readable id")
