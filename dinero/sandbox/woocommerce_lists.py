"""What a list of the sandbox's WooCommerce was asked for, and the page that it answers with.

Filters are played with their traps (facts.md's chapter WooCommerce): a bound is exclusive and to the second; one with a
zone is moved to local time first, also where GMT was asked for; a name that nobody knows is ignored without a word.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dinero.model.clock import COPENHAGEN
from dinero.sandbox.woocommerce_json import Raw, gmt
from dinero.sandbox.woocommerce_store import STATUSES, UNSEEN, Key, Orders

MOST_PER_PAGE, PER_PAGE = 100, 10
ORDERBY = ("date", "id", "include", "title", "slug", "modified")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?")
_LIST_KEY = re.compile(r"(\w+)\[\d*\]")


class Invalid(Exception):
    """Parameters that are refused: what is wrong with each, and WordPress's code for it."""

    def __init__(self, params: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(", ".join(params))
        self.params = params

    @property
    def body(self) -> Raw:
        """The answer's JSON."""
        details = {
            name: {"code": code, "message": message, "data": None} for name, (code, message) in self.params.items()
        }
        params = {name: message for name, (_, message) in self.params.items()}
        return error(
            "rest_invalid_param", f"Invalid parameter(s): {', '.join(self.params)}", 400, params=params, details=details
        )


def error(code: str, message: str, status: int, **more: Any) -> Raw:
    """An error as WordPress words it."""
    return {"code": code, "message": message, "data": {"status": status, **more}}


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a list, read. A bound is as times are kept; None and empty are not asked for."""

    page: int = 1
    per_page: int = PER_PAGE
    offset: int | None = None
    order: str = "desc"
    orderby: str = "date"
    dp: int | None = None
    statuses: Sequence[str] = ("any",)
    include: Sequence[int] = ()
    exclude: Sequence[int] = ()
    parent: Sequence[int] = ()
    created_via: Sequence[str] = ()
    customer: int | None = None
    product: int | None = None
    after: str | None = None
    before: str | None = None
    modified_after: str | None = None
    modified_before: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of ids, and how many there are in all."""

    ids: Sequence[int]
    total: int
    pages: int
    page: int


def asked(pairs: Iterable[tuple[str, str]], statuses: Set[str]) -> Asked:
    """Reads a query. `statuses` are those that the shop knows now. Raises Invalid for all that is wrong at once."""
    single, listed = _given(pairs)
    wrong: dict[str, tuple[str, str]] = {}

    def read(name: str, reader: Callable[[str], Any], default: Any) -> Any:
        if name not in single:
            return default
        try:
            return reader(single[name])
        except _WrongError as problem:
            wrong[name] = (problem.code, problem.message.format(name=name))
            return default

    def read_list(name: str, reader: Callable[[str], Any], default: Sequence[Any] = ()) -> Sequence[Any]:
        values = []
        for place, written in enumerate(listed.get(name, ())):
            try:
                values.append(reader(written))
            except _WrongError as problem:
                wrong.setdefault(name, (problem.code, problem.message.format(name=f"{name}[{place}]")))
        return values or default

    is_gmt = single.get("dates_are_gmt", "").lower() in ("true", "1")
    bounds = {name: read(name, lambda text: _bound(text, is_gmt), None) for name in _BOUNDS}
    found = Asked(
        page=read("page", _number(1), 1),
        per_page=read("per_page", _number(1, MOST_PER_PAGE), PER_PAGE),
        offset=read("offset", _number(), None),
        order=read("order", _one_of(("asc", "desc")), "desc"),
        orderby=read("orderby", _one_of(ORDERBY), "date"),
        dp=read("dp", _number(), None),
        statuses=read_list("status", _one_of(("any", "trash", *sorted(statuses))), ("any",)),
        include=read_list("include", _number()),
        exclude=read_list("exclude", _number()),
        parent=read_list("parent", _number()),
        created_via=listed.get("created_via", ()),
        customer=read("customer", _number(), None),
        product=read("product", _number(), None),
        **bounds,
    )
    if wrong:
        raise Invalid(wrong)
    return found


def page_of(wanted: Asked, orders: Orders, off: Set[str]) -> Found:
    """The orders that were asked for. `off` are statuses whose plugin is off: they are in no list."""
    name = wanted.orderby if wanted.orderby in ("date", "modified") else "id"
    keys: Sequence[Key] = orders.sorted_by(name)
    low, high = _range(wanted, name)
    keys = keys[bisect_left(keys, low) : bisect_left(keys, high) if high is not None else None]
    keys = _kept(keys, name, wanted, orders, off)
    if wanted.orderby == "include" and wanted.include:
        places = {order_id: place for place, order_id in enumerate(wanted.include)}
        ids = sorted((order_id for _, order_id in keys), key=places.__getitem__)
    else:
        ids = [order_id for _, order_id in (keys if wanted.order == "asc" else reversed(keys))]
    return found(ids, wanted)


def found(ids: Sequence[int], wanted: Asked) -> Found:
    """The page of some ids. One beyond the last is empty."""
    start = wanted.offset if wanted.offset is not None else (wanted.page - 1) * wanted.per_page
    pages = -(-len(ids) // wanted.per_page)
    return Found(ids[start : start + wanted.per_page], len(ids), pages, wanted.page)


def within(refund: Mapping[str, Any], wanted: Asked) -> bool:
    """Whether a refund is asked for; it was made and changed at the same time."""
    made = str(refund["date_created_gmt"])
    lowest = max(bound for bound in (wanted.after, wanted.modified_after, "") if bound is not None)
    highest = [bound for bound in (wanted.before, wanted.modified_before) if bound is not None]
    return (
        made > lowest
        and all(made < bound for bound in highest)
        and (not wanted.include or refund["id"] in wanted.include)
        and refund["id"] not in wanted.exclude
        and (not wanted.parent or refund["parent_id"] in wanted.parent)
    )


def cut(answer: Raw, fields: str) -> Raw:
    """An answer's fields that were named, "billing.email" too; all of them where none was."""
    names = [name.strip() for name in fields.split(",") if name.strip()]
    if not names:
        return answer
    tops = {name.partition(".")[0] for name in names if "." not in name}
    below: dict[str, set[str]] = {}
    for name in names:
        top, dot, rest = name.partition(".")
        if dot and top not in tops:
            below.setdefault(top, set()).add(rest)
    cut_down: Raw = {}
    for key, value in answer.items():
        if key in tops:
            cut_down[key] = value
        elif key in below and isinstance(value, dict):
            cut_down[key] = {inner: told for inner, told in value.items() if inner in below[key]}
    return cut_down


_BOUNDS = ("after", "before", "modified_after", "modified_before")


class _WrongError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _given(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Each parameter's last value, and the values of those that may be lists: a,b or name[]=a."""
    single: dict[str, str] = {}
    listed: dict[str, list[str]] = {}
    for name, value in pairs:
        if match := _LIST_KEY.fullmatch(name):
            listed.setdefault(match[1], []).append(value)
        else:
            single[name] = value
            listed[name] = [part for part in re.split(r"[\s,]+", value) if part]
    return single, listed


def _number(low: int | None = None, high: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,18}", text):
            raise _WrongError("rest_invalid_type", "{name} is not of type integer.")
        value = int(text)
        if low is not None and high is not None and not low <= value <= high:
            raise _WrongError(
                "rest_out_of_bounds", f"{{name}} must be between {low} (inclusive) and {high} (inclusive)"
            )
        if low is not None and value < low:
            raise _WrongError("rest_out_of_bounds", f"{{name}} must be greater than or equal to {low}")
        return value

    return read


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            listed = " and ".join(choices) if len(choices) == 2 else f"{', '.join(choices[:-1])}, and {choices[-1]}"
            raise _WrongError("rest_not_in_enum", f"{{name}} is not one of {listed}.")
        return text

    return read


def _bound(text: str, is_gmt: bool) -> str:
    """A bound as times are kept. With a zone it becomes the shop's local time, and that is then taken for GMT where the
    dates are said to be: in Copenhagen an hour or two too late."""
    if not _MOMENT.fullmatch(text):
        raise _WrongError("rest_invalid_date", "Invalid date.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _WrongError("rest_invalid_date", "Invalid date.") from None
    local = moment.astimezone(COPENHAGEN).replace(tzinfo=None) if moment.tzinfo is not None else moment
    return gmt(local.replace(tzinfo=UTC if is_gmt else COPENHAGEN))


_LAST = 2**63


def _range(wanted: Asked, name: str) -> tuple[Key, Key | None]:
    """Where a list by a time begins and ends."""
    after, before = {
        "date": (wanted.after, wanted.before),
        "modified": (wanted.modified_after, wanted.modified_before),
        "id": (None, None),
    }[name]
    return (after, _LAST) if after is not None else ("", -1), (before, -1) if before is not None else None


def _kept(keys: Sequence[Key], name: str, wanted: Asked, orders: Orders, off: Set[str]) -> Sequence[Key]:
    """What the other filters leave of a list by `name`."""
    hidden = set(wanted.exclude)
    if "any" in wanted.statuses:
        hidden |= orders.with_status(UNSEEN | off)
    else:
        has = orders.with_status(status for status in wanted.statuses if status not in off)
        keys = [key for key in keys if key[1] in has]
    if hidden:
        keys = [key for key in keys if key[1] not in hidden]
    if wanted.include:
        wished = set(wanted.include)
        keys = [key for key in keys if key[1] in wished]
    for column, time_of, after, before in (
        ("date", orders.created, wanted.after, wanted.before),
        ("modified", orders.modified, wanted.modified_after, wanted.modified_before),
    ):
        if column == name:
            continue  # the list was cut by it
        if after is not None:
            keys = [key for key in keys if time_of(key[1]) > after]
        if before is not None:
            keys = [key for key in keys if time_of(key[1]) < before]
    tests = list(_of_order(wanted))
    if tests:
        keys = [key for key in keys if (order := orders.get(key[1])) and all(test(order) for test in tests)]
    return keys


def _of_order(wanted: Asked) -> Iterable[Callable[[Raw], bool]]:
    """The filters that look into the orders themselves."""
    if wanted.parent:
        yield lambda order: order.get("parent_id", 0) in wanted.parent
    if wanted.customer is not None:
        yield lambda order: order.get("customer_id") == wanted.customer
    if wanted.created_via:
        yield lambda order: order.get("created_via") in wanted.created_via
    if wanted.product is not None:
        yield lambda order: any(line.get("product_id") == wanted.product for line in order.get("line_items", []))


def known_statuses(extra: Iterable[str]) -> set[str]:
    """The statuses that the shop knows: WooCommerce's own, and those of plugins that are on."""
    return {*STATUSES, *extra}


def encoded(answer: Any) -> bytes:
    """JSON as it is sent."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
