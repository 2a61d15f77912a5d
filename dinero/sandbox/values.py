"""Values of requests and answers as Dinero reads and writes them, and how it says no (facts.md, Dinero 2, 3)."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stdnum import ean

from dinero.model.money import AmountError, Money, decimal_from_json

Json = dict[str, Any]

TIMESTAMP_REQUIRED = "The Timestamp field is required."


class Refusal(Exception):
    """Dinero says no: an HTTP status and an error body (facts.md, Dinero 3)."""

    def __init__(
        self, status: int, code: int, message: str, *, validation: Json | None = None, errors: list[Json] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "validationErrors": validation, "errorMessageList": errors}


def invalid(name: str, text: str) -> Refusal:
    """A validation error on one field (400/42)."""
    return Refusal(400, 42, "Validation Error", validation={name: text})


def listed_error(code: str, message: str) -> Refusal:
    """A validation error that is named in the error list, such as guidMustBeUnique (400/42)."""
    return Refusal(400, 42, "Validation Error", errors=[{"Code": code, "Message": message}])


def lowered(body: Mapping[str, Any]) -> Json:
    """A body with its names in lower case: Dinero reads them in any (facts.md, Dinero 2.4)."""
    return {str(name).lower(): value for name, value in body.items()}


def required_text(body: Json, name: str) -> str:
    """A text that must be there and not be blank. Raises Refusal."""
    value = body.get(name.lower())
    if not isinstance(value, str) or not value.strip():
        raise invalid(name, "is required")
    return value


def reference(body: Json) -> str | None:
    """The caller's own id, of at most 128 characters (facts.md, Dinero 4.37). Raises Refusal."""
    value = body.get("externalreference")
    if isinstance(value, str) and len(value) > 128:
        raise invalid("ExternalReference", "is longer than 128")
    return value


def flag(body: Json, name: str, *, default: bool | None = False) -> bool:
    """A yes or no; without a default it must be there. Raises Refusal."""
    value = body.get(name.lower(), default)
    if value is None and default is not None:
        return default
    if not isinstance(value, bool):
        raise invalid(name, "must be true or false" if value is not None else "is required")
    return value


def amount(body: Json, name: str) -> int:
    """An amount in øre that must be there and differ from 0. Raises Refusal."""
    if body.get(name.lower()) is None:
        raise invalid(name, f"The {name} field is required")
    try:
        found = Money.from_json(body[name.lower()]).ore
    except AmountError as error:
        raise invalid(name, str(error)) from error
    if found == 0:
        raise invalid(name, "must not be 0")
    return found


def decimal(value: Any, name: str) -> Decimal:
    """A number of a request. Raises Refusal."""
    try:
        return decimal_from_json(value)
    except AmountError as error:
        raise invalid(name, str(error)) from error


def guid(value: Any, name: str) -> str:
    """The caller's own Guid in lower case, or a new one. Raises Refusal."""
    if value is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(str(value)))
    except ValueError as error:
        raise invalid(name, "is not a Guid") from error


def day(value: Any, name: str) -> date | None:
    """A date, YYYY-MM-DD. Raises Refusal."""
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(name, "must be YYYY-MM-DD") from error


def is_ean(number: Any) -> bool:
    """Whether it is a valid EAN or GLN number."""
    return isinstance(number, str) and len(number) == 13 and bool(ean.is_valid(number))


def instant(moment: datetime) -> str:
    """A time as Dinero writes it: UTC, with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def kroner(ore: int) -> int | float:
    """Øre (or cents) as a number of JSON."""
    return Money(ore).json_number()


def to_ore(number: int | float) -> int:
    """A number of JSON in øre (or cents)."""
    return Money.from_json(Decimal(str(number))).ore


def rounded(value: Decimal) -> int:
    """To whole øre, halves away from 0."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def plain(value: Decimal) -> int | float:
    """A number of JSON without a needless fraction."""
    return int(value) if value == value.to_integral_value() else float(value)


def pdf(text: str) -> bytes:
    """A PDF of one page with one line of text: as small as it can be and still be one."""
    shown = text.replace("\\", "").replace("(", "").replace(")", "").encode("latin-1", "replace")
    content = b"BT /F1 16 Tf 72 760 Td (" + shown + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    found, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(found))
    return found + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
