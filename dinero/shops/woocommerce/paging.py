"""A list of orders that is read whole while orders change.

Pages by number lose rows when one order changes between two of them (facts.md, WooCommerce 3.3). So each page is asked
for by where the one before ended: what was changed after a second, less the orders of that second that were seen.

An order that changes again while it is left out so would be missed. It was changed after the reading began, and so the
next fetch goes on from there: the last cursor is never later than the beginning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from dinero.model.clock import COPENHAGEN
from dinero.model.errors import DashboardError
from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shop_system import Cursor
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce import sentences

PER_PAGE = 100  # the most that WooCommerce gives (facts.md, WooCommerce 3.1)
MAX_PAGES = 20_000
MAX_EXCLUDED = 5_000  # characters of ids in an address
# What is younger than this when a fetch begins may still be changed within the same second, or be saved later than it
# says: it is read again by the next.
YOUNG = timedelta(seconds=60)
_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)

Ask = Callable[[Mapping[str, str | int]], "ListPage"]


@dataclass(frozen=True, slots=True)
class ListPage:
    """The rows of one answer, and of how many in all where it is told."""

    rows: Sequence[Any]
    total: int | None = None
    at: datetime | None = None  # the time on the shop's clock


@dataclass(slots=True)
class Keyset:
    """All orders changed since a cursor, page by page, with the cursor after each page.

    `ask` reads one page, `begun` is when the first fetch of this reading began (aware). What looks as if rows were
    missing raises DashboardError.
    """

    ask: Ask
    begun: datetime
    after: datetime | None = None  # what was changed after this (exclusive, whole seconds, UTC) is to come
    seen: dict[str, datetime] = field(default_factory=dict)  # what came of it: by id, when it was changed
    read: int = 0

    @classmethod
    def at(cls, cursor: Cursor | None, ask: Ask, now: datetime) -> "Keyset":
        """The reading that a cursor goes on with; from the beginning where it is None or can't be read."""
        told = cursor or {}
        after, begun, seen = _moment(told.get("after")), _moment(told.get("begun")), told.get("seen")
        if after is None:
            return cls(ask, now)
        ids = {one: after + _SECOND for one in seen if isinstance(one, str)} if isinstance(seen, list) else {}
        return cls(ask, begun or now, after, ids)

    @property
    def cursor(self) -> Cursor | None:
        """Where a fetch goes on that is interrupted here; None where nothing came yet."""
        if self.after is None:
            return None
        return {"after": _naive(self.after), "begun": _naive(self.begun), "seen": sorted(self.seen)}

    @property
    def end(self) -> Cursor:
        """Where the next fetch begins when this one has come to its end."""
        settled = self.begun.replace(microsecond=0) - YOUNG
        # Of the last second all were seen, unless it is young.
        last = max(self.seen.values(), default=self.after)
        return {"after": _naive(settled if last is None else min(last, settled))}

    def pages(self) -> Iterator[list[Any]]:
        """The rows of each page until none are left."""
        for _ in range(MAX_PAGES):
            if self.after is not None and len(",".join(self.seen)) > MAX_EXCLUDED:
                yield from self._window(max(self.seen.values()))
                continue
            page = self.ask(self._parameters())
            rows = list(page.rows)
            if page.at is not None:  # the earlier of both clocks, so that nothing counts as over that is not
                self.begun = min(self.begun, page.at.astimezone(UTC))
            if not rows:
                return
            moments = [self._checked(row) for row in rows]
            if not any(moment is not None and id_in(row) for row, moment in zip(rows, moments, strict=True)):
                yield rows
                # Nothing to go on by: the same page would come again.
                raise DashboardError(sentences.NO_LIST, detail="GET /orders: rows without an id or a time")
            told = [moment for moment in moments if moment is not None]
            # By local time an hour comes twice in October.
            if any(moment < latest - _HOUR for moment, latest in zip(told, accumulate(told, max), strict=True)):
                yield rows
                raise _ignored("orderby")
            self._advance(rows, moments)
            yield rows
        raise DashboardError(Text(sentences.TOO_LONG.message, read=self.read), detail="GET /orders: too many pages")

    def _parameters(self) -> dict[str, str | int]:
        asked: dict[str, str | int] = {"per_page": PER_PAGE, "orderby": "modified", "order": "asc"}
        if self.after is not None:
            # Without a zone: with one it is moved to local time first, and orders are lost (facts.md, WooCommerce 3.2).
            asked |= {"modified_after": _naive(self.after), "dates_are_gmt": "true"}
        if self.seen:
            asked["exclude"] = ",".join(self.seen)
        return asked

    def _checked(self, row: Any) -> datetime | None:
        """When a row was changed. Raises for one that was not asked for: the filter is ignored, and the list may be
        short in other ways too."""
        moment = modified_at(row)
        if self.after is not None and (moment is None or moment <= self.after) and isinstance(row, dict):
            raise _ignored("modified_after")
        if id_in(row) in self.seen:
            raise _ignored("exclude")
        return moment

    def _advance(self, rows: Sequence[Any], moments: Sequence[datetime | None]) -> None:
        self.read += len(rows)
        key = _before(max(moment for moment in moments if moment is not None))
        self.after = key if self.after is None else max(self.after, key)
        new = {id_in(row): moment for row, moment in zip(rows, moments, strict=True) if moment is not None}
        self.seen = {one: moment for one, moment in {**self.seen, **new}.items() if one and moment > self.after}

    def _window(self, last: datetime) -> Iterator[list[Any]]:
        """All orders between `after` and `last`, of which there are more than an address can leave out: a bulk edit.

        That time is over, so orders only leave it, by being changed again. Read from its last page to its first, an
        order that leaves moves the others to where is still to be read, or was read: none is missed.
        """
        if self.after is None:
            raise AssertionError("a window has a beginning")
        window: dict[str, str | int] = {
            "per_page": PER_PAGE,
            "orderby": "id",
            "order": "asc",
            "modified_after": _naive(self.after),
            "modified_before": _naive(last + _SECOND),
            "dates_are_gmt": "true",
        }
        first = self.ask(window)
        if first.total is None or first.total > MAX_PAGES * PER_PAGE:
            raise DashboardError(sentences.NO_LIST, detail=f"GET /orders: {first.total} orders in one second")
        # A server that gives fewer rows than were asked for gives that many each time.
        size = max(1, min(len(first.rows), PER_PAGE))
        came = set[str]()
        for offset in range((first.total - 1) // size * size, -1, -size):
            rows = list(self.ask({**window, "offset": offset}).rows)
            for row in rows:
                moment = modified_at(row)
                if moment is None or not self.after < moment <= last:
                    raise _ignored("modified_before")
            came.update(map(id_in, rows))
            self.read += len(rows)
            if rows:
                yield rows
        left = self.ask(window).total
        if left is None or len(came) < left:
            raise _ignored("offset")
        self.after, self.seen = last, {}


def id_in(row: Any) -> str:
    """The id of a row, "" where there is none."""
    try:
        return values.identifier(row.get("id")) if isinstance(row, dict) else ""
    except Unreadable:
        return ""


def modified_at(row: Any) -> datetime | None:
    """When a row was changed last, in UTC; None where it does not say."""
    return _moment(row.get("date_modified_gmt")) if isinstance(row, dict) else None


def _before(moment: datetime) -> datetime:
    """From where on to ask when the list came as far as `moment`: the second before, so that the rest of its second
    comes. The older storage sorts by local time, where an hour comes twice in October: then the hour before too
    (facts.md, WooCommerce 3.6)."""
    local = moment.astimezone(COPENHAGEN).replace(tzinfo=None)
    twice = local.replace(tzinfo=COPENHAGEN, fold=0).utcoffset() != local.replace(tzinfo=COPENHAGEN, fold=1).utcoffset()
    return moment - (_HOUR + _SECOND if twice else _SECOND)


def _ignored(parameter: str) -> DashboardError:
    text = Text(sentences.FILTER_IGNORED.message, parameter=parameter)
    return DashboardError(text, detail=f"GET /orders: {parameter} is ignored")


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _moment(written: Any) -> datetime | None:
    """A time in UTC without its zone, as WooCommerce writes it and as cursors keep it."""
    try:
        return values.moment(f"{written}Z" if isinstance(written, str) and written[-1:].isdigit() else None)
    except Unreadable:
        return None
