"""Reads the orders and refunds of one WooCommerce shop.

The promise of the list is completeness: whatever looks as if rows were missing is an error, never a short list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from dinero.model.errors import ConnectionStopped, DashboardError, ListIncomplete, NotFound, TryLater
from dinero.model.i18n import Text
from dinero.shops import values
from dinero.shops.shop_system import Access, Batch, Checked, Cursor, OnPage
from dinero.shops.values import Unreadable
from dinero.shops.woocommerce import sentences
from dinero.shops.woocommerce.calls import AGAIN, Answer, Calls
from dinero.shops.woocommerce.connecting import connect
from dinero.shops.woocommerce.paging import PER_PAGE, Keyset, ListPage, id_in
from dinero.shops.woocommerce.refunds import wrapped

Known = Callable[[Sequence[str]], Set[str]]

MAX_REFUND_PAGES = 100
MOST_LOST = 3  # orders whose refunds can't be read: more than that are not theirs alone, but the shop's trouble
FEWER = 20  # orders a page where a shop fails over the most that it gives
# Orders that lists do not show (facts.md, WooCommerce 3.5).
_NOT_LISTED = frozenset({"checkout-draft", "auto-draft", "trash"})


class WooCommerce:
    """Reads from one shop (facts.md, WooCommerce 3). Every method raises as ShopClient says."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._calls = Calls(access)
        self._per_page = PER_PAGE
        self._dp = _decimals(access.look_ups)

    def check(self) -> Checked:
        """Proves with few calls that the keys can read orders, and finds out how the shop takes them."""
        with self._told():
            return connect(self._calls, self._access.keys)

    def look_ups(self) -> Mapping[str, Any]:
        """The titles of ways to pay, and the settings that amounts depend on; what may not be read is left out."""
        with self._told():
            gateways, general, tax = (
                self._optional(path) for path in ("/payment_gateways", "/settings/general", "/settings/tax")
            )
        titles = {one: title for row in gateways if (one := id_in(row)) and (title := _text(row.get("title")))}
        chosen = {id_in(row): _text(row.get("value")) for row in (*general, *tax) if isinstance(row, dict)}
        found: dict[str, Any] = {"payment_gateways": titles} if titles else {}
        decimals, currency = chosen.get("woocommerce_price_num_decimals", ""), chosen.get("woocommerce_currency", "")
        if decimals.isascii() and decimals.isdigit():
            found["decimals"] = int(decimals[:2])
        if currency:
            found["currency"] = currency
        for name, setting in _FLAGS.items():
            if chosen.get(setting) in ("yes", "no"):
                found[name] = chosen[setting] == "yes"
        if "decimals" in found:
            self._dp = _decimals(found)  # what is read next is read as the shop is now
        return found

    def fetch(self, cursor: Cursor | None, known: Known, on_page: OnPage | None = None) -> Iterator[Batch]:
        """All orders changed since a `cursor` (None: all there are), with their refunds that are not `known`, a page
        at a time. A whole reading that was not interrupted is compared with the shop's own count."""
        with self._told():
            keyset = Keyset.at(cursor, self._order_page, self._now())
            seen, unreadable, missing = set[str](), 0, list[str]()

            def batches() -> Iterator[Batch]:
                nonlocal unreadable
                for number, page in enumerate(keyset.pages(), 1):
                    rows = [self._marked(row) for row in page if isinstance(row, dict)]
                    unreadable += len(page) - len(rows)
                    seen.update(map(id_in, rows))
                    refunds, unchanged, lost = self._refunds(rows, known)
                    missing.extend(lost)
                    if on_page is not None:
                        on_page(number, keyset.read)
                    # Once something is missing, nothing is passed over: the next fetch begins before it.
                    at = None if missing or unreadable else keyset.cursor
                    yield Batch([*rows, *refunds], at, unchanged)

            yield from batches()
            if cursor is None and (counted := self._counted()) is not None and len(seen) < counted:
                yield from batches()  # what came meanwhile
                again = self._counted() if len(seen) < counted else None
                if again is not None and len(seen) < again:
                    text = Text(sentences.INCOMPLETE.message, read=len(seen), total=again)
                    raise ListIncomplete(text, detail="GET /orders: fewer than reports/orders/totals")
            if missing:
                text = Text(sentences.REFUNDS_MISSING.message, order=missing[0])
                raise DashboardError(text, detail="GET /orders/{id}/refunds: refunds are missing")
            if unreadable:
                text = Text(sentences.ROWS_UNREADABLE.message, sentences.ROWS_UNREADABLE.plural, n=unreadable)
                raise DashboardError(text, detail=f"GET /orders: {unreadable} rows are no objects")
            yield Batch([], keyset.end)

    def order(self, order_id: str) -> Any:
        """One order or one refund with its order, as raw as `fetch` brings it. Raises NotFound."""
        if not (order_id.isascii() and order_id.isdigit()):
            raise NotFound(sentences.UNKNOWN, detail="no id of WooCommerce")
        with self._told():
            try:
                return self._one(order_id)
            except NotFound as error:
                refund = self._refund(order_id)
                if refund is None:
                    raise error from None
                return refund

    def _one(self, order_id: str) -> dict[str, Any]:
        told = self._calls.read(f"/orders/{order_id}", {"dp": self._dp}).told
        if not isinstance(told, dict) or id_in(told) != order_id:
            raise DashboardError(sentences.NO_ORDER, detail="GET /orders/{id}: another shape or id")
        return self._marked(told)

    def _refund(self, refund_id: str) -> dict[str, Any] | None:
        """A refund by its own id, where the shop can list refunds (facts.md, WooCommerce 2.4)."""
        try:
            rows = _rows(self._calls.read("/refunds", {"include": refund_id, "dp": self._dp, "per_page": PER_PAGE}))
        except (NotFound, ConnectionStopped):
            return None
        for row in rows:
            parent = _text(row.get("parent_id")) if isinstance(row, dict) else ""
            if id_in(row) == refund_id and parent.isdigit():
                return wrapped(self._marked(row), self._one(parent))
        return None

    def _refunds(
        self, orders: Sequence[dict[str, Any]], known: Known
    ) -> tuple[list[dict[str, Any]], Set[str], list[str]]:
        """The refunds of some orders that are not known, the ids of those that are, and the orders of which not all
        came. A refund never changes, so it is read once."""
        named = {id_in(order): [id_in(row) for row in _listed(order.get("refunds"))] for order in orders}
        there = known([one for ids in named.values() for one in ids if one]) if any(named.values()) else set[str]()
        found, lost = list[dict[str, Any]](), list[str]()
        for order in orders:
            new = {one for one in named[id_in(order)] if one not in there}
            if not new:
                continue
            try:
                rows = {id_in(row): row for row in self._refunds_of(id_in(order))}
            except DashboardError as error:
                # One order's refunds that can't be read stop no other order; a host that fails does.
                if not _is_of_one(error) or len(lost) == MOST_LOST:
                    raise
                rows = {}
            found += [wrapped(self._marked(row), order) for one, row in rows.items() if one in new]
            if not new <= rows.keys():
                lost.append(id_in(order))
        return found, frozenset(one for ids in named.values() for one in ids if one in there), lost

    def _refunds_of(self, order_id: str) -> Iterator[dict[str, Any]]:
        for page in range(1, MAX_REFUND_PAGES + 1):
            asked = {"per_page": PER_PAGE, "page": page, "dp": self._dp}
            rows = _rows(self._calls.read(f"/orders/{order_id}/refunds", asked))
            yield from (row for row in rows if isinstance(row, dict))
            if len(rows) < PER_PAGE:
                return

    def _order_page(self, parameters: Mapping[str, str | int]) -> ListPage:
        try:
            answer = self._calls.read("/orders", {**parameters, "per_page": self._per_page, "dp": self._dp})
        except NotFound as error:  # a list that is not there is no order that is missing
            raise ConnectionStopped(error.text, status=error.status, code=error.code, detail=error.detail) from None
        except TryLater as error:
            # A small host has no memory or time for a whole page. Offsets hang on its size.
            if error.code != AGAIN or self._per_page == FEWER or "offset" in parameters:
                raise
            self._per_page = FEWER
            return self._order_page(parameters)
        return ListPage(_rows(answer), answer.total, answer.date)

    def _counted(self) -> int | None:
        """How many orders the shop counts of those that lists show; None where it does not say."""
        rows = self._optional("/reports/orders/totals")
        totals = [_number(row.get("total")) for row in rows if isinstance(row, dict) and _is_listed(row)]
        told = [one for one in totals if one is not None]
        return sum(told) if told else None

    def _optional(self, path: str) -> list[Any]:
        """The rows of a list that a shop or a key may not have."""
        try:
            return _rows(self._calls.read(path))
        except NotFound:
            return []
        except ConnectionStopped as error:
            if error.status not in (401, 403):
                raise
            return []

    def _marked(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row that says with how many decimals it was asked for."""
        return {**row, "_dp": self._dp}

    def _now(self) -> datetime:
        return self._access.clock.now().astimezone(UTC)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells of how reading went. That one order is not there is no failure."""
        try:
            yield
        except DashboardError as error:
            if not isinstance(error, NotFound):
                self._access.on_outcome(error)
            raise
        self._access.on_outcome(None)


_FLAGS = {
    "prices_include_tax": "woocommerce_prices_include_tax",
    "round_at_subtotal": "woocommerce_tax_round_at_subtotal",
    "taxes": "woocommerce_calc_taxes",
}


def _is_of_one(error: DashboardError) -> bool:
    """Whether an error may be one order's alone: not the key's, and not a host's that asks for a pause."""
    return error.code == AGAIN if isinstance(error, TryLater) else not isinstance(error, ConnectionStopped)


def _decimals(look_ups: Mapping[str, Any]) -> int:
    """With how many decimals amounts are asked for. A shop that shows whole kroner reckons in them: there only the
    figures without øre add up (facts.md, WooCommerce 1.3). Else it is two, whatever the shop shows (facts.md,
    WooCommerce 1.1)."""
    return 0 if look_ups.get("decimals") == 0 else 2


def _rows(answer: Answer) -> list[Any]:
    if not isinstance(answer.told, list):
        raise DashboardError(sentences.NO_LIST, detail=f"{type(answer.told).__name__} instead of a list")
    return answer.told


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_listed(row: Mapping[str, Any]) -> bool:
    return _text(row.get("slug")).removeprefix("wc-") not in _NOT_LISTED


def _text(value: Any) -> str:
    try:
        return values.text(value)
    except Unreadable:
        return ""


def _number(value: Any) -> int | None:
    written = _text(value)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None
