"""Clearhaus's Merchant API: settlements that were paid out, with their transactions (facts.md, Payouts 3a.1)."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from dinero.acquirers.calls import MAX_PAGES, NO_LIST, TIMEOUT, TOO_LONG, Calls, SignIn
from dinero.acquirers.clearhaus_lines import (
    ACQUIRER,
    RELEASED,
    NotYet,
    Settlement,
    Transfer,
    Unsound,
    payout_of,
    read,
    release_of,
)
from dinero.acquirers.fields import Unreadable
from dinero.acquirers.source import Batch
from dinero.model.acquirers import acquirer_of
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.errors import DashboardError
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Payout, RowProblem

PER_PAGE = 50
# Settlements that were paid so long ago at most are looked at again: one may appear late, or be cancelled.
LOOK_BACK = timedelta(days=60)
# A settlement is paid days after its period. So long after its payout, transactions that are missing don't come.
PATIENCE = timedelta(days=14)


@dataclass(frozen=True)
class _Place:
    """How far was read: of what is paid on `begin` or later, all but `given` (the dates by the ids) is new."""

    begin: date
    given: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str, since: date) -> "_Place":
        """The place that a cursor tells; one that can't be read begins anew."""
        try:
            told = json.loads(cursor)
            given = {str(name): date.fromisoformat(on) for name, on in told["given"].items()}
            return cls(max(date.fromisoformat(told["from"]), since), given)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(since)

    def __str__(self) -> str:
        given = {name: on.isoformat() for name, on in self.given.items()}
        return json.dumps({"from": self.begin.isoformat(), "given": given}, separators=(",", ":"))

    def with_given(self, due: "_Due", earliest: date) -> "_Place":
        """The place once `due` is stored, where nothing before `earliest` is asked for again."""
        begin = max(self.begin, earliest)
        given = {**self.given, due.id: due.on}
        return _Place(begin, {name: on for name, on in given.items() if on >= begin})


@dataclass(frozen=True)
class _Due:
    """A transfer of a settlement that the owner's bank has by now, or would have."""

    on: date
    id: str
    settlement: Settlement
    transfer: Transfer

    @property
    def is_release(self) -> bool:
        """Whether it is the reserve."""
        return self.id != self.settlement.id


class Clearhaus:
    """Reads one owner's settlements. `url` is Clearhaus's address, `since` the first date of a payout that is read.

    `spend` is called before every call and `on_outcome` is told how each use ended. It is a
    `dinero.acquirers.source.PayoutSource`; what its methods raise stands there.
    """

    acquirer = ACQUIRER

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        since: date,
        clock: Clock,
        spend: Callable[[], None] = lambda: None,
        timeout: tuple[float, float] = TIMEOUT,
        on_outcome: Callable[[DashboardError | None], None] = lambda error: None,
    ) -> None:
        self._since = since
        self._clock = clock
        keys = client_id.strip(), client_secret.strip()
        sign_in = SignIn(
            "/oauth/token",
            authorization="Basic " + base64.b64encode(":".join(keys).encode()).decode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"grant_type": "client_credentials", "audience": url.rstrip("/")}).encode(),
            secrets=keys,
        )
        name = acquirer_of(ACQUIRER).name
        self._calls = Calls(
            name, url, sign_in, clock=clock, spend=spend, timeout=timeout, on_outcome=on_outcome, headers=_HEADERS
        )

    def check(self) -> None:
        """A token and one settlement."""
        with self._calls.told():
            self._rows(self._calls.get("/settlements", {"page": 1, "per_page": 1}), "ch:settlements")

    def payouts(self, cursor: str) -> Iterator[Batch]:
        """A batch for each settlement that was paid out by today, and for each reserve whose date has come."""
        with self._calls.told():
            place, today = _Place.read(cursor, self._since), copenhagen_date(self._clock.now())
            held: date | None = None
            settlements, unreadable = self._settlements(place.begin, today)
            if unreadable:
                held = place.begin
                yield Batch(str(place), problems=tuple(unreadable))
            for due in self._due(settlements, place, today):
                if due.transfer.cancelled_on is not None:
                    if due.id in place.given:
                        yield Batch(str(place), problems=(_cancelled(due),))
                    continue
                if due.id in place.given:
                    continue
                try:
                    payout = self._payout(due)
                except Unsound as error:
                    problems: tuple[RowProblem, ...] = error.problems
                except Unreadable as error:
                    problems = (_unreadable(due.settlement.id, str(error)),)
                except NotYet:
                    problems = (_unsettled(due),) if today - due.on > PATIENCE else ()
                else:
                    place = place.with_given(due, min(held or due.on, due.on, today - LOOK_BACK))
                    yield Batch(str(place), payouts=(payout,))
                    continue
                held = held or due.on
                if problems:
                    yield Batch(str(place), problems=problems)

    def _due(self, settlements: Sequence[Settlement], place: _Place, today: date) -> list[_Due]:
        """The transfers from the place to today, the oldest first."""
        found = []
        for one in settlements:
            for name, transfer in ((one.id, one.payout), (one.id + RELEASED, one.reserve)):
                kept = one.kept_back or name == one.id
                if transfer is not None and kept and place.begin <= transfer.on <= today:
                    found.append(_Due(transfer.on, name, one, transfer))
        return sorted(found, key=lambda due: (due.on, due.id))

    def _payout(self, due: _Due) -> Payout:
        if due.is_release:
            return release_of(due.settlement)
        path = f"/settlements/{quote(due.settlement.id, safe='')}/transactions"
        return payout_of(due.settlement, list(self._list(path, "ch:transactions", {}).values()))

    def _settlements(self, begin: date, today: date) -> tuple[list[Settlement], list[RowProblem]]:
        """The settlements whose payout or reserve is between the dates, and why others can't be read."""
        rows: dict[str, Mapping[str, Any]] = {}
        for name in ("payout", "reserve"):
            query = f"settled:true {name}.date:{begin.isoformat()}..{today.isoformat()}"
            rows |= self._list("/settlements", "ch:settlements", {"query": query})
        found, problems = [], []
        for name, row in rows.items():
            try:
                found.append(read(row))
            except Unreadable as error:
                problems.append(_unreadable(name, str(error)))
        return found, problems

    def _list(self, path: str, name: str, parameters: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
        """The rows of all pages by their ids. A page without a new one is an error: the list would never end."""
        rows: dict[str, Mapping[str, Any]] = {}
        asked: Mapping[str, str | int] = {**parameters, "page": 1, "per_page": PER_PAGE}
        for _ in range(MAX_PAGES):
            answer = self._calls.get(path, asked)
            page, known = self._rows(answer, name), len(rows)
            for row in page:
                if not isinstance(row.get("id"), str) or not row["id"]:
                    raise self._calls.wrong(NO_LIST, f"GET {path}: a row without an id")
                rows[row["id"]] = row
            following = self._next(answer, path)
            if following is None:
                return rows
            if len(rows) == known:
                break
            # Only what it asks for is taken from the link: the token goes to no other address.
            asked = {**asked, **following}
        raise self._calls.wrong(TOO_LONG, f"GET {path}: {len(rows)} rows and no end")

    def _rows(self, answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        embedded = answer.get("_embedded")
        if embedded is None and answer.get("count") == 0:
            return []
        rows = embedded.get(name) if isinstance(embedded, Mapping) else None
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise self._calls.wrong(NO_LIST, f"no {name} in the answer")
        return rows

    def _next(self, answer: Mapping[str, Any], path: str) -> dict[str, str] | None:
        """What the link to the next page asks for; None where there is no such link."""
        links = answer.get("_links")
        link = links.get("next") if isinstance(links, Mapping) else None
        if link is None:
            return None
        href = link.get("href") if isinstance(link, Mapping) else None
        try:
            asked = dict(parse_qsl(urlsplit(href).query)) if isinstance(href, str) else {}
        except ValueError:
            asked = {}
        if not asked:
            raise self._calls.wrong(NO_LIST, f"GET {path}: a link to the next page that can't be read")
        return asked


_HEADERS = {"Accept": "application/hal+json"}


def _cancelled(due: _Due) -> RowProblem:
    text = Text(
        "Clearhaus has cancelled payout {payout} of {amount}, which was read before. If it is booked, take it back.",
        payout=due.id,
        amount=Money(due.transfer.ore, due.settlement.currency),
    )
    return RowProblem(None, "cancelled", text)


def _unsettled(due: _Due) -> RowProblem:
    text = Text(
        "Clearhaus paid out {amount} as payout {payout} on {date}, but still does not tell all of its transactions. "
        "Ask Clearhaus's support about it.",
        amount=Money(due.transfer.ore, due.settlement.currency),
        payout=due.id,
        date=due.on,
    )
    return RowProblem(None, "not_settled", text)


def _unreadable(payout: str, name: str) -> RowProblem:
    text = Text(
        "The field “{field}” of payout {payout} is in a form that is not known here.",
        field=name,
        payout=payout[:80],
    )
    return RowProblem(None, "unreadable", text)
