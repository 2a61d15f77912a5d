"""Vipps MobilePay's Report API: the finished days of a ledger, and the payouts that they hold (facts.md, Payouts
4a.1)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from dinero.acquirers.calls import MAX_PAGES, NO_LIST, TIMEOUT, TOO_LONG, Calls, SignIn
from dinero.acquirers.fields import Unreadable, days
from dinero.acquirers.source import Batch
from dinero.acquirers.vipps_lines import ACQUIRER, Entry, payout_of, payouts_among, read
from dinero.model.acquirers import acquirer_of
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.errors import DashboardError, NotFound, SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.model.payouts import Payout, RowProblem

FUNDS, FEES = "funds", "fees"
DAY = timedelta(days=1)
# The first payout is of sales from before its day: so far back at most, which is more than a month's payout needs.
LOOK_BACK = timedelta(days=45)

# A day's report is whole the next day; what is not so much later is no longer only late.
PATIENCE = timedelta(days=7)

NOT_WHOLE = Text("MobilePay's report is not finished yet. The payouts are fetched later by themselves.")
NOT_FINISHED = Text(
    "{acquirer} still has no whole report of a day that ended more than a week ago. Ask {acquirer}'s support about it."
)
NO_LEDGER = Text(
    "MobilePay has no settlements for this merchant serial number. Check that it is the number that the keys belong to."
)


@dataclass(frozen=True)
class _Span:
    """The days of one payout, both included, whose last entry is the payout. `left` is what the payout before left on
    the ledger, None where that is not known."""

    first: date
    last: date
    left: int | None


@dataclass(frozen=True)
class _Place:
    """How far a ledger was read: its next payout is of the days from `begin`, and up to `seen` there is none. `left`
    is what the last one left on the ledger, and `held` are those that could not be used."""

    begin: date
    seen: date
    left: int | None = None
    held: tuple[_Span, ...] = ()


@dataclass
class _Places:
    """How far each ledger was read."""

    since: date
    of: dict[str, _Place] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str, since: date) -> "_Places":
        """The places that a cursor tells; one that can't be read begins anew."""
        try:
            told = json.loads(cursor)
            of = {str(ledger): _place(*place) for ledger, place in told.items()}
        except (ValueError, TypeError, AttributeError):
            of = {}
        return cls(since, of)

    def __str__(self) -> str:
        told = {
            ledger: [
                place.begin.isoformat(),
                place.seen.isoformat(),
                place.left,
                *([span.first.isoformat(), span.last.isoformat(), span.left] for span in place.held),
            ]
            for ledger, place in self.of.items()
        }
        return json.dumps(told, separators=(",", ":"))

    def begun(self, ledger: str) -> _Place:
        """How far a ledger was read, or where it begins."""
        begin = self.since - LOOK_BACK
        return self.of.get(ledger) or _Place(begin, begin - DAY)

    def go_on(self, ledger: str, on: date, span: _Span | None, left: int, *, held: bool) -> None:
        """A day was read. `span` is the payout that it ends, which may be held, and `left` what that left."""
        place = self.begun(ledger)
        if span is None:
            self.of[ledger] = replace(place, seen=on)
        else:
            self.of[ledger] = _Place(on + DAY, on, left, (*place.held, span) if held else place.held)

    def mend(self, ledger: str, span: _Span) -> None:
        """A payout that was held can be used, or is not wanted any more."""
        place = self.begun(ledger)
        self.of[ledger] = replace(place, held=tuple(one for one in place.held if one != span))


def _place(begin: str, seen: str, left: int | None, *held: tuple[str, str, int | None]) -> _Place:
    spans = tuple(
        _Span(date.fromisoformat(first), date.fromisoformat(last), _whole(kept)) for first, last, kept in held
    )
    return _Place(date.fromisoformat(begin), date.fromisoformat(seen), _whole(left), spans)


def _whole(value: Any) -> int | None:
    """A whole number or None. Raises ValueError."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise ValueError(value)
    return value


class _Unfinished(TryLater):
    """The report is not whole yet."""


class _Unusable(Exception):
    """A day's report can't be read."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class VippsMobilePay:
    """Reads the payouts of one sales unit, `msn`. `since` is the first date of a payout that is read.

    A payout is dated by its ledger: the day on which it left Vipps MobilePay, some days before the bank has it
    (facts.md, Payouts 4a.2).
    `spend` is called before every call and `on_outcome` is told how each use ended. It is a
    `dinero.acquirers.source.PayoutSource`; what its methods raise stands there, and SettingsError for an `msn` that
    has no settlements.
    """

    acquirer = ACQUIRER

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        subscription_key: str,
        msn: str,
        *,
        since: date,
        clock: Clock,
        spend: Callable[[], None] = lambda: None,
        timeout: tuple[float, float] = TIMEOUT,
        on_outcome: Callable[[DashboardError | None], None] = lambda error: None,
    ) -> None:
        self._since = since
        self._clock = clock
        self._msn = msn.strip()
        keys = client_id.strip(), client_secret.strip(), subscription_key.strip(), self._msn
        both = {"Ocp-Apim-Subscription-Key": keys[2], "Merchant-Serial-Number": keys[3]}
        sign_in = SignIn(
            "/accesstoken/get", headers={"client_id": keys[0], "client_secret": keys[1], **both}, secrets=keys
        )
        name = acquirer_of(ACQUIRER).name
        self._calls = Calls(
            name, url, sign_in, clock=clock, spend=spend, timeout=timeout, on_outcome=on_outcome, headers=both
        )

    def check(self) -> None:
        """A token, and the ledgers of the sales unit."""
        with self._calls.told():
            self._ledgers()

    def payouts(self, cursor: str) -> Iterator[Batch]:
        """A batch for each payout, and one for the days that were read and have none yet. Days are read once when they
        are finished, and once more with their payout."""
        with self._calls.told():
            places = _Places.read(cursor, self._since)
            for ledger in self._ledgers():
                yield from self._held(ledger, places)
                yield from self._new(ledger, places)

    def _held(self, ledger: str, places: _Places) -> Iterator[Batch]:
        """The payouts that could not be used before, tried again."""
        for span in places.begun(ledger).held:
            payout, problems = self._payout(ledger, span, {})
            if not problems:
                places.mend(ledger, span)
            yield Batch(str(places), (payout,) if payout else (), tuple(problems))

    def _new(self, ledger: str, places: _Places) -> Iterator[Batch]:
        """The payouts of the days that were not read before."""
        told, known = str(places), dict[date, list[Entry]]()
        for on in days(places.begun(ledger).seen + DAY, copenhagen_date(self._clock.now()) - DAY):
            try:
                known[on] = self._day(ledger, FUNDS, on)
                span = self._paid(places.begun(ledger), on, known[on])
                payout, problems = self._payout(ledger, span, known) if span else (None, [])
            except _Unfinished:
                break
            except _Unusable as error:
                # Whether it is a payout is not known, so nothing after it can be one either.
                yield Batch(str(places), problems=(error.problem,))
                break
            if problems:
                yield Batch(str(places), problems=tuple(problems))
            places.go_on(ledger, on, span, known[on][-1].after if span else 0, held=bool(problems))
            known = {} if span else known
            if payout is not None:
                yield Batch(told := str(places), (payout,))
        if str(places) != told:
            yield Batch(str(places))

    def _paid(self, place: _Place, on: date, entries: Sequence[Entry]) -> _Span | None:
        """The days of the payout that a day ends with; None where it has none."""
        paid = payouts_among(entries)
        if paid and paid != list(entries[-1:]):
            raise _Unusable(_not_last(paid[0]))
        return _Span(place.begin, on, place.left) if paid else None

    def _payout(
        self, ledger: str, span: _Span, known: Mapping[date, list[Entry]]
    ) -> tuple[Payout | None, list[RowProblem]]:
        """The payout of these days, some of whose funds are known; none where it is from before the first date."""
        if span.last < self._since:
            return None, []
        try:
            spanned = list(days(span.first, span.last))
            funds = [known[on] if on in known else self._day(ledger, FUNDS, on) for on in spanned]
            charged = [entry for on in spanned for entry in self._day(ledger, FEES, on)]
        except _Unusable as error:
            return None, [error.problem]
        return payout_of(self._msn, ledger, [entry for day in funds for entry in day], charged, span.left)

    def _ledgers(self) -> list[str]:
        """The ledgers in which the sales unit's payments are settled."""
        handle = f"api:{self._msn}"
        path, asked = "/settlement/v1/ledgers", {"settlesForRecipientHandles": handle}
        found = []
        for row in self._items(path, asked):
            handles = row.get("settlesForRecipientHandles")
            name = row.get("ledgerId")
            if isinstance(handles, list) and handle not in handles:
                continue
            if not isinstance(name, str | int) or isinstance(name, bool) or not str(name):
                raise self._calls.wrong(NO_LIST, f"GET {path}: a ledger without an id")
            found.append(str(name))
        if not found:
            raise SettingsError(NO_LEDGER, detail=f"GET {path}: no ledger")
        return list(dict.fromkeys(found))

    def _day(self, ledger: str, topic: str, on: date) -> list[Entry]:
        """The entries of a finished day. Raises _Unfinished and _Unusable."""
        path = f"/report/v2/ledgers/{quote(ledger, safe='')}/{topic}/dates/{on.isoformat()}"
        try:
            rows = self._items(path, {})
        except NotFound:
            if on >= self._since:
                raise
            return []  # from before the ledger was opened
        except _Unfinished:
            if copenhagen_date(self._clock.now()) - on > PATIENCE:
                raise self._calls.wrong(NOT_FINISHED, f"GET {path}: tryLater") from None
            raise
        try:
            entries = [read(row) for row in rows]
        except Unreadable as error:
            raise _Unusable(_unreadable(on, str(error))) from None
        if any(entry.day != on for entry in entries):
            raise _Unusable(_unreadable(on, "ledgerDate"))
        return entries

    def _items(self, path: str, parameters: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """The items of all pages. Raises _Unfinished where they are not whole yet."""
        found: list[Mapping[str, Any]] = []
        asked: dict[str, str] = dict(parameters)
        for _ in range(MAX_PAGES):
            answer = self._calls.get(path, asked)
            if answer.get("tryLater") is True:
                raise _Unfinished(NOT_WHOLE, detail=f"GET {path}: tryLater")
            items, cursor = answer.get("items"), answer.get("cursor")
            if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
                raise self._calls.wrong(NO_LIST, f"GET {path}: no items")
            if not isinstance(cursor, str | None):
                raise self._calls.wrong(NO_LIST, f"GET {path}: a cursor that can't be read")
            found += items
            if not cursor:
                return found
            if cursor == asked.get("cursor"):
                break
            asked["cursor"] = cursor
        raise self._calls.wrong(TOO_LONG, f"GET {path}: {len(found)} items and no end")


def _not_last(paid: Entry) -> RowProblem:
    text = Text(
        "Payout {payout} is not the last entry of {date} in MobilePay's report. What it is of can't be told.",
        payout=paid.id,
        date=paid.day,
    )
    return RowProblem(None, "payout_not_last", text)


def _unreadable(on: date, name: str) -> RowProblem:
    text = Text(
        "The field “{field}” in MobilePay's report of {date} is in a form that is not known here.",
        field=name,
        date=on,
    )
    return RowProblem(None, "unreadable", text)
