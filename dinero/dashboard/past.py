"""The past, as pages show it: days, the transfers of each, and the way of one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dinero.model.clock import Clock, copenhagen_date, midnight, utc_text
from dinero.model.documents import Document, OperationOrder, OrderKey, PastEvent, StoredOrder
from dinero.model.past import PastDay
from dinero.model.payouts import Movement
from dinero.model.transfers import TransferRecord
from dinero.reports.fees import measured
from dinero.reports.way import PaidOut, Track, tracks, with_payouts
from dinero.store import Store
from dinero.store.history import HELD

STRIP_DAYS = 90
# The events that end something, or that the owner must know of.
ENDED = ("done", "credited", "refused", "unsure", "changed", HELD)


@dataclass(frozen=True, slots=True)
class OrderWay:
    """An order with the tracks of its documents, also of other orders' credit notes for its invoices, and its whole
    history, oldest first."""

    row: StoredOrder
    tracks: tuple[Track, ...]
    events: tuple[PastEvent, ...]


class Past:
    """What happened in one data folder."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def strip(self) -> list[PastDay]:
        """The last 90 days, today included, the oldest first."""
        today = copenhagen_date(self._clock.now())
        return self._store.past.days(today - timedelta(days=STRIP_DAYS - 1), today)

    def day(self, day: date) -> PastDay:
        """One day."""
        return self._store.past.days(day, day)[0]

    # With a `shop` these are of it alone.

    def orders(self, day: date, *, shop: str = "", limit: int, offset: int = 0) -> list[StoredOrder]:
        """The orders that a day's numbers are of, the newest first."""
        return self._store.orders.list(placed_on=(str(day), str(day)), shop=shop, limit=limit, offset=offset)

    def transfers(self, day: date | None, *, shop: str = "", limit: int, offset: int = 0) -> list[TransferRecord]:
        """Transfers and corrections that were asked for on a day, or ever, the newest first."""
        since, until = span(day)
        return self._store.transfers.records(limit=limit, offset=offset, since=since, until=until or "9999", shop=shop)

    def count_transfers(self, day: date | None) -> int:
        """How many there are."""
        since, until = span(day)
        return self._store.transfers.count(since=since, until=until or "9999")

    def orders_of(self, operation_id: str, *, limit: int, offset: int = 0) -> list[OperationOrder]:
        """A transfer's orders: those that did not come to their end first."""
        return self._store.operations.page(operation_id, limit=limit, offset=offset)

    def events(
        self,
        kinds: Sequence[str],
        search: str,
        since: str,
        until: str,
        *,
        shop: str = "",
        limit: int,
        offset: int = 0,
    ) -> list[PastEvent]:
        """The history, the newest first; `since` and `until` (exclusive) are UTC ISO texts or ""."""
        return self._store.history.list(
            events=kinds, search=search, since=since, until=until, shop=shop, limit=limit, offset=offset
        )

    def way(self, address: str) -> OrderWay | None:
        """An order's way, by its address (see OrderKey); None for one that is not known here."""
        row = self._store.orders.with_id(address)
        if row is None:
            return None
        events = self._events_of(row.key)
        documents = self._store.documents.of(row.key)
        found = [*tracks(row, documents, events)]
        for invoice in [track.guid for track in found if track.guid]:
            for note in self._store.documents.credits_of(invoice):
                if note.order != row.key:
                    documents.append(note)
                    found += [track for track in self._tracks_of(note.order) if track.guid == note.guid]
        return OrderWay(row, with_payouts(found, documents, self._paid_out(row, documents)), tuple(events))

    def _paid_out(self, row: StoredOrder, documents: Sequence[Document]) -> PaidOut:
        """Where an order and its returns were paid out; a return that no payout names has what its order's payouts took
        off of the same amount."""
        lines = [
            found
            for order in dict.fromkeys([row.key, *(document.order for document in documents)])
            for found in self._store.payouts.lines_of_order(*order)
        ]
        own = [document for document in documents if document.order == row.key and document.credit_for]
        if not lines and own and len(own) == len(documents):
            sales = self._store.documents.by_guid([document.credit_for for document in own]).values()
            of_sales = [found for sale in sales for found in self._store.payouts.lines_of_order(*sale.order)]
            amounts = {document.deposit_ore for document in own}
            lines = [
                (payout, line)
                for payout, line in of_sales
                if line.kind is Movement.REFUND and line.gross_ore in amounts
            ]
        known = measured(self._store, copenhagen_date(self._clock.now()))
        lines.sort(key=lambda found: (found[0].paid_on, found[0].id, found[1].place))
        return PaidOut(lines, known.paid_since.get(row.payment_method, ""))

    def _tracks_of(self, order: OrderKey) -> tuple[Track, ...]:
        row = self._store.orders.get(order)
        return tracks(row, self._store.documents.of(order), self._events_of(order)) if row is not None else ()

    def _events_of(self, order: OrderKey) -> list[PastEvent]:
        return self._store.history.list(order=order, oldest_first=True, limit=-1)


def span(first: date | None, last: date | None = None) -> tuple[str, str]:
    """The UTC times (ISO) from which and until which Copenhagen's clocks show these days; "" for what is not given.
    Without `last` it is one day."""
    if first is None:
        return "", ""
    return utc_text(midnight(first)), utc_text(midnight((last or first) + timedelta(days=1)))
