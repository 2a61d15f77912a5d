"""Queries and lists as Dinero's OpenAPI document says: fields, filters, changes, order, pages (facts.md, Dinero 2.7-2.14).

What the document does not know is refused, so that a client's mistake shows here and not in somebody's books.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Literal

from dinero.sandbox.values import Json, Refusal

PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
STATUSES = ("Draft", "Overdue", "Booked", "OverPaid", "Paid")  # in the order in which they are sorted
SORTS = ("VoucherNumber", "VoucherDate", "Status", "Contact")

Kind = Literal["text", "guid", "bool"]


class Query:
    """The query of one call; names are read in any case. Raises Refusal for a name that the call does not have."""

    def __init__(self, given: Iterable[tuple[str, str]], allowed: Iterable[str]) -> None:
        known = {name.lower() for name in allowed}
        self._values: dict[str, str] = {}
        for name, value in given:
            if name.lower() not in known:
                raise Refusal(400, 45, f"Unknown parameter {name}")
            self._values[name.lower()] = value

    def text(self, name: str) -> str | None:
        """A text; None when it is not there or empty."""
        return self._values.get(name.lower()) or None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no."""
        value = self.text(name)
        if value is not None and value.lower() not in ("true", "false"):
            raise Refusal(400, 44, f"{name} must be true or false")
        return default if value is None else value.lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.text(name) or default)
        except ValueError as error:
            raise Refusal(400, 44, f"{name} must be a number") from error

    def day(self, name: str) -> date | None:
        """A date, YYYY-MM-DD, with or without a time of day."""
        value = self.text(name)
        try:
            return datetime.fromisoformat(value).date() if value else None
        except ValueError as error:
            raise Refusal(400, 44, f"{name} must be YYYY-MM-DD") from error

    def moment(self, name: str) -> datetime | None:
        """A time in UTC, to the second; a date alone begins at 0:00."""
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value) if value else None
        except ValueError as error:
            raise Refusal(400, 44, f"{name} must be YYYY-MM-DDTHH:mm:ssZ") from error
        return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def select(rows: Iterable[Json], fields: str | None, default: str, allowed: Iterable[str]) -> list[Json]:
    """Sparse rows with the keys spelled as they were asked for (facts.md, Dinero 2.4). Raises Refusal for an unknown name."""
    known = {name.lower(): name for name in allowed}
    asked = [name.strip() for name in (fields or default).split(",") if name.strip()]
    if unknown := [name for name in asked if name.lower() not in known]:
        raise Refusal(400, 46, f"Unknown field {unknown[0]}")
    return [{name: row.get(known[name.lower()]) for name in asked} for row in rows]


def changed_since(rows: Iterable[Json], since: str | None) -> list[Json]:
    """Rows created, changed or deleted at or after a UTC time (facts.md, Dinero 2.14). Raises Refusal for another form."""
    if not since:
        return list(rows)
    try:
        moment = datetime.strptime(since, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal(400, 46, "changesSince must be YYYY-MM-DDTHH:mm:ssZ") from error
    return [row for row in rows if datetime.fromisoformat(row["UpdatedAt"]) >= moment]


def living(rows: Iterable[Json], query: Query, *, all_by_default: bool = False) -> list[Json]:
    """Rows by `deletedOnly`: the deleted ones, or those that live; with changesSince deletions are told too."""
    if query.flag("deletedOnly"):
        return [row for row in rows if row["DeletedAt"]]
    if all_by_default or query.text("changesSince"):
        return list(rows)
    return [row for row in rows if not row["DeletedAt"]]


def matching(rows: Iterable[Json], query: str | None, allowed: Mapping[str, Kind]) -> list[Json]:
    """Rows that a queryFilter lets through: `Field eq|contains 'value'`, joined by `;` (facts.md, Dinero 2.8). A value is read as
    its field's kind. Raises Refusal."""
    found = list(rows)
    known = {name.lower(): name for name in allowed}
    for condition in (query or "").split(";") if query else []:
        parts = re.fullmatch(r"(\w+)\s+(\w+)\s+'(.*)'", condition.strip())
        if parts is None or parts[1].lower() not in known or parts[2].lower() not in ("eq", "contains"):
            raise Refusal(400, 46, "Wrong filter format")
        name, exact = known[parts[1].lower()], parts[2].lower() == "eq"
        wanted = _parsed(parts[3].replace("''", "'"), allowed[name])
        found = [
            row
            for row in found
            if (text := str(row.get(name) if row.get(name) is not None else "").lower()) == wanted
            or (not exact and wanted in text)
        ]
    return found


def _parsed(value: str, kind: Kind) -> str:
    """A filter's value in lower case, as rows are compared with it."""
    if kind == "guid":
        try:
            return str(uuid.UUID(value))
        except ValueError as error:
            raise Refusal(400, 46, f"Could not parse value input '{value}' as guid.") from error
    if kind == "bool" and value.lower() not in ("true", "false"):
        raise Refusal(400, 46, f"Could not parse value input '{value}' as boolean.")
    return value.lower()


def searched(rows: Iterable[Json], wanted: str | None, names: Iterable[str]) -> list[Json]:
    """Rows of which one of these fields contains a text, whatever its case; amounts are found with point or comma."""
    if not wanted:
        return list(rows)
    text, fields = wanted.strip().lower(), list(names)

    def shown(value: object) -> str:
        if isinstance(value, float):
            return f"{value:.2f} {value:.2f}".replace(".", ",", 1)
        return str(value).lower() if value is not None else ""

    return [row for row in rows if any(text in shown(row.get(name)) for name in fields)]


def with_status(rows: Iterable[Json], wanted: str | None) -> list[Json]:
    """Rows whose payment status is one of a comma-separated list. Raises Refusal for another word."""
    states = {name.strip().lower() for name in (wanted or "").split(",") if name.strip()}
    if not states <= {name.lower() for name in STATUSES}:
        raise Refusal(400, 46, "Wrong statusFilter")
    return [row for row in rows if not states or row["PaymentStatus"].lower() in states]


def dated(rows: Iterable[Json], query: Query) -> list[Json]:
    """Rows from startDate to endDate, which come together; drafts ignore them (facts.md, Dinero 6.15). Raises Refusal."""
    first, last = query.day("startDate"), query.day("endDate")
    if (first is None) != (last is None):
        raise Refusal(400, 46, "startDate and endDate must come together")
    if first is None or last is None:
        return list(rows)
    between = first.isoformat(), last.isoformat()
    return [row for row in rows if row["Status"] == "Draft" or between[0] <= row["Date"] <= between[1]]


def ordered(rows: Iterable[Json], query: Query) -> list[Json]:
    """Rows by `sort` and `sortOrder`; the status has one order whatever is asked. Raises Refusal for another name."""
    order = (query.text("sortOrder") or "descending").lower()
    if order not in ("ascending", "descending"):
        raise Refusal(400, 46, "sortOrder must be ascending or descending")
    known = {name.lower(): name for name in SORTS}
    names = [name.strip() for name in (query.text("sort") or "VoucherNumber,VoucherDate").split(",") if name.strip()]
    if unknown := [name for name in names if name.lower() not in known]:
        raise Refusal(400, 46, f"Unknown sort {unknown[0]}")
    found = list(rows)
    for name in reversed([known[name.lower()] for name in names]):
        if name == "Status":
            found.sort(key=lambda row: STATUSES.index(row["PaymentStatus"]))
        else:
            field = {"VoucherNumber": "Number", "VoucherDate": "Date", "Contact": "ContactName"}[name]
            found.sort(key=lambda row: row[field] or (0 if field == "Number" else ""), reverse=order == "descending")
    return found


def paged(query: Query, rows: list[Json], default: str, allowed: Iterable[str]) -> Json:
    """One page of rows, counted from 0 (facts.md, Dinero 2.7). Raises Refusal for a size out of bounds."""
    page, size = query.number("page", 0), query.number("pageSize", PAGE_SIZE)
    if page < 0 or not 0 < size <= MAX_PAGE_SIZE:
        raise Refusal(400, 43, "Page or page size out of bounds")
    shown = select(rows[page * size : (page + 1) * size], query.text("fields"), default, allowed)
    return {
        "Collection": shown,
        "Pagination": {
            "MaxPageSizeAllowed": MAX_PAGE_SIZE,
            "PageSize": size,
            "Result": len(shown),
            "ResultWithoutFilter": len(rows),
            "Page": page,
        },
    }
