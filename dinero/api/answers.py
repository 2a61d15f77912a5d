"""Dinero's JSON read into values: the one place that knows how its answers are spelled.

Keys are read whatever their case, because lists spell them as they were asked for (facts.md, Dinero 2.4).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from dinero.model.chart import Account, DepositAccount
from dinero.model.documents import Contact
from dinero.model.errors import BROKEN, Unread
from dinero.model.money import DKK, AmountError, Money
from dinero.model.plans import Kind
from dinero.model.responses import (
    Draft,
    LedgerDraft,
    LedgerDraftLine,
    LedgerStatus,
    Organization,
    Payment,
    Payments,
    SalesDocument,
    SalesLine,
)
from dinero.model.settlements import LedgerEntry
from dinero.rules.vat_numbers import cvr_digits

Read = TypeVar("Read")


def field(row: Any, name: str) -> Any:
    """The value of a key whatever its case, None when it is not there."""
    if not isinstance(row, Mapping):
        return None
    if name in row:
        return row[name]
    return next((value for key, value in row.items() if str(key).lower() == name.lower()), None)


def rows(answer: Any) -> list[dict[str, Any]]:
    """A list answer. Anything else is trouble, not an empty list: nothing may look as if it were not there."""
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise Unread(BROKEN, detail="an answer that should be a list is not")
    return answer


def count(answer: Any, name: str) -> int:
    """A whole number above 0; 0 for anything else."""
    value = field(answer, name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def amount(row: Any, name: str, currency: str) -> Money | None:
    """An amount; None when it is not there or not one to the øre."""
    try:
        return Money.from_json(field(row, name), currency)
    except AmountError:
        return None


def text(row: Any, name: str) -> str:
    """A text, "" when it is not there."""
    return str(field(row, name) or "")


def guid(row: Any, name: str = "Guid") -> str:
    """A Guid in lower case, "" when it is not there."""
    return text(row, name).lower()


def all_of(read: Callable[[Any], Read], answer: Any) -> list[Read]:
    """Every row of a list answer, read by one of the functions below."""
    return [read(row) for row in rows(answer)]


def account(row: Any) -> Account:
    """An entry account."""
    return Account(
        number=_known_number(row),
        name=text(row, "Name"),
        vat_code=text(row, "VatCode"),
        hidden=bool(field(row, "IsHidden")),
    )


def deposit_account(row: Any) -> DepositAccount:
    """An account that a payment can be registered on."""
    bank = ("BankRegistrationNumber", "BankAccountNumber", "BankSwiftNumber", "BankIbanNumber")
    return DepositAccount(
        number=_known_number(row),
        name=text(row, "Name"),
        is_default=bool(field(row, "IsDefault")),
        hidden=bool(field(row, "IsHidden")),
        has_bank_details=any(field(row, name) for name in bank),
    )


def _known_number(row: Any) -> int:
    number = _account_number(row)
    if number is None:
        raise Unread(BROKEN, detail="an account without a number")
    return number


def _account_number(row: Any, name: str = "AccountNumber") -> int | None:
    told = str(field(row, name))
    return int(told) if told.isascii() and told.isdigit() else None


def accounting_years(answer: Any) -> list[tuple[date, date]]:
    """The accounting years that have both of their days. Raises Unread for a day that is none."""
    days = [(text(row, "FromDate")[:10], text(row, "ToDate")[:10]) for row in rows(answer)]
    try:
        return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in days if first and last]
    except ValueError as error:
        raise Unread(BROKEN, detail="an accounting year without its days") from error


def organization(row: Any) -> Organization:
    """An organization that the user reaches."""
    return Organization(
        id=text(row, "Id"),
        name=text(row, "Name"),
        has_pro=bool(field(field(row, "Subscription"), "HasPro")),
        vat_number=cvr_digits(text(row, "VatNumber")),
    )


def sales_document(row: Any, kind: Kind | None = None) -> SalesDocument:
    """A sales document; a list's row tells its own kind."""
    currency = text(row, "Currency") or DKK
    if kind is None:
        kind = Kind.CREDIT_NOTE if text(row, "Type").lower() == "creditnote" else Kind.INVOICE
    lines = field(row, "ProductLines")
    return SalesDocument(
        guid=guid(row),
        kind=kind,
        number=text(row, "Number"),
        status=text(row, "Status"),
        date=text(row, "Date")[:10],
        currency=currency,
        gross=amount(row, "TotalInclVat", currency),
        net=amount(row, "TotalExclVat", currency),
        contact_guid=guid(row, "ContactGuid"),
        contact_name=text(row, "ContactName"),
        reference=text(row, "ExternalReference"),
        description=text(row, "Description"),
        credit_for=guid(row, "CreditNoteFor"),
        value_in_kroner=amount(row, "TotalInclVatInDkk", DKK),
        lines=_lines(lines, currency) if isinstance(lines, list) else None,
        timestamp=text(row, "TimeStamp"),
        is_sent=(text(row, "MailOutStatus") or "NotSent") != "NotSent",
        deleted=bool(field(row, "DeletedAt")),
    )


def _lines(told: list[Any], currency: str) -> tuple[SalesLine, ...]:
    return tuple(_line(row, currency) for row in told if text(row, "LineType").lower() != "text")


def _line(row: Any, currency: str) -> SalesLine:
    return SalesLine(
        text=text(row, "Description"),
        account=_account_number(row),
        gross=amount(row, "TotalAmountInclVat", currency),
        net=amount(row, "TotalAmount", currency),
    )


def draft(answer: Any) -> Draft:
    """The answer to a new draft."""
    return Draft(guid(answer), text(answer, "TimeStamp"))


def payments(answer: Any, currency: str) -> Payments:
    """An invoice's payments. Raises Unread without them or without what remains."""
    told = field(answer, "Payments")
    remaining = amount(answer, "RemainingAmount", currency)
    if not isinstance(told, list) or remaining is None:
        raise Unread(BROKEN, detail="payments without RemainingAmount")
    return Payments(tuple(Payment(text(row, "Guid"), text(row, "ExternalReference")) for row in told), remaining)


def ledger_status(answer: Any, wanted: str) -> LedgerStatus:
    """How far a ledger item is. Raises Unread where the answer is about another."""
    found = [row for row in rows(answer) if guid(row, "Id") == wanted.lower()]
    if len(found) != 1 or not text(found[0], "Status"):
        raise Unread(BROKEN, detail="a status of no ledger item, or of another")
    row = found[0]
    return LedgerStatus(text(row, "Status"), text(row, "Version"), text(row, "VoucherNumber"))


def ledger_draft(row: Any) -> LedgerDraft:
    """A ledger item as it lies unbooked. Raises Unread without its lines."""
    lines = field(row, "Lines")
    if not isinstance(lines, list):
        raise Unread(BROKEN, detail="a ledger item without lines")
    return LedgerDraft(
        guid=guid(row, "Id"),
        version=text(row, "Version"),
        on=text(row, "VoucherDate")[:10],
        lines=tuple(_draft_line(line) for line in lines),
    )


def _draft_line(row: Any) -> LedgerDraftLine:
    return LedgerDraftLine(
        amount=amount(row, "Amount", DKK),
        account=_account_number(row),
        vat_code=text(row, "AccountVatCode") or None,
        balancing=_account_number(row, "BalancingAccountNumber"),
        balancing_vat_code=text(row, "BalancingAccountVatCode") or None,
    )


def entry(row: Any) -> LedgerEntry:
    """A posting. Raises Unread for one without its account, day, Guid or amount to the øre: a sum would be wrong."""
    ore, number, on = amount(row, "Amount", DKK), _account_number(row), text(row, "Date")[:10]
    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise Unread(BROKEN, detail="a posting without a day") from error
    if ore is None or number is None or not guid(row, "EntryGuid"):
        raise Unread(BROKEN, detail="a posting without its amount, account or Guid")
    return LedgerEntry(
        guid=guid(row, "EntryGuid"),
        account=number,
        on=day,
        ore=ore.ore,
        text=text(row, "Description"),
        voucher_number=text(row, "VoucherNumber"),
        voucher_guid=guid(row, "VoucherGuid"),
        voucher_type=text(row, "VoucherType"),
        is_primo=text(row, "Type").lower() == "primo",
    )


def contact(row: Any) -> Contact:
    """A customer."""
    return Contact(
        guid=guid(row, "ContactGuid"),
        email=text(row, "Email").strip().lower(),
        name=text(row, "Name"),
        is_person=bool(field(row, "IsPerson")),
        deleted=bool(field(row, "DeletedAt")),
        created_at=text(row, "CreatedAt"),
        vat_number=cvr_digits(text(row, "VatNumber")),
        ean=text(row, "EanNumber").strip(),
        country=text(row, "CountryKey").upper(),
    )
