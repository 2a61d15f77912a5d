"""A plan beside the document that Dinero has of it, to the øre."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from dinero.model.chart import Chart
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import Money, total
from dinero.model.orders import LineKind
from dinero.model.plans import InvoicePlan, Kind, PlanLine
from dinero.model.responses import SalesDocument, SalesLine
from dinero.rules.changes import DIFFERS

DOCUMENT_DELETED = Text("The invoice was deleted in Dinero.")
DELETE_DRAFT = Text("Delete the draft in Dinero, then transfer the order again.")
LOOK_IN_DINERO = Text(
    "Compare it in Dinero with the order. Take it over as it is there, and write why; after that you can also "
    "take it back from here with a credit note."
)
_ANOTHER_INVOICE = Text("The credit note in Dinero is for another invoice.")


def differences(found: SalesDocument, plan: InvoicePlan, contact_guid: str | None) -> list[Text]:
    """How a document as Dinero holds it differs from the plan, to the øre; empty when it does not. A draft must have
    the plan's date and accounts too, as far as the answer tells them: once it is booked, its VAT period stands."""
    told = []
    currency = plan.total.currency
    gross, vat = _in(currency, found.gross), _in(currency, found.vat)
    if gross != plan.total:
        told.append(_differs(Text("The total in Dinero is {there}, but the order's is {here}."), gross, plan.total))
    if vat != plan.vat:
        told.append(_differs(Text("The VAT in Dinero is {there}, but the plan's is {here}."), vat, plan.vat))
    if found.contact_guid != contact_guid:
        told.append(Text("The invoice in Dinero is for another customer."))
    if found.currency != currency:
        told.append(Text("The invoice in Dinero is in another currency."))
    if found.deleted:
        told.append(DOCUMENT_DELETED)
    if found.credit_for not in ("", plan.credit_for):  # not all answers tell it
        told.append(_ANOTHER_INVOICE)
    if found.is_draft:
        told += _of_another_period(found, plan) + _on_other_accounts(found, plan)
    return told


def draft_differences(found: SalesDocument, plan: InvoicePlan, contact_guid: str | None) -> list[Finding]:
    """Why a draft that was fetched by itself may not be booked. That answer always tells which invoice is credited."""
    told = differences(found, plan, contact_guid)
    if plan.credit_for and not found.credit_for:
        told.append(_ANOTHER_INVOICE)
    return [Finding("draft_differs", text, DELETE_DRAFT) for text in told]


def booked_otherwise(told: Iterable[Text]) -> tuple[Finding, ...]:
    """What is not as planned about a booked document, with what the owner can do."""
    return tuple(Finding(DIFFERS, text, LOOK_IN_DINERO) for text in told)


def is_another_draft(before: InvoicePlan, now: InvoicePlan) -> bool:
    """Whether a draft that was made by the plan of before can't be booked for the order as it is planned now."""
    return _substance(before) != _substance(now)


def _substance(plan: InvoicePlan) -> tuple[object, ...]:
    return plan.lines, plan.customer.key, plan.credit_for, plan.days, plan.e_invoice


def as_booked(found: SalesDocument, plan: InvoicePlan, chart: Chart) -> InvoicePlan | None:
    """The plan with the lines and amounts that Dinero has of it; None when they can't be told to the øre."""
    currency, gross, vat = plan.total.currency, found.gross, found.vat
    if gross is None or vat is None or found.currency != currency or found.deleted:
        return None
    if plan.credit_for and found.credit_for != plan.credit_for:
        return None
    lines = _lines_as_booked(found.lines or (), plan, chart)
    if lines is None:
        return None
    if (total([line.amount for line in lines], currency), total([line.vat for line in lines], currency)) != (
        gross,
        vat,
    ):
        return None
    payment = plan.payment
    if payment is not None:
        amount = -gross if plan.kind == Kind.CREDIT_NOTE else gross
        payment = replace(payment, amount=amount) if gross.ore else None
    day = date_of(found)
    if day is None:
        return None
    return replace(plan, lines=tuple(lines), total=gross, vat=vat, payment=payment, issued_on=day)


def date_of(document: SalesDocument) -> date | None:
    """The day a document is dated; None when Dinero's answer names none."""
    try:
        return date.fromisoformat(document.date)
    except ValueError:
        return None


def _lines_as_booked(found: Sequence[SalesLine], plan: InvoicePlan, chart: Chart) -> list[PlanLine] | None:
    planned = list(plan.lines)
    lines: list[PlanLine] = []
    for line in found:
        account = chart.accounts.get(line.account) if line.account is not None else None
        if line.gross is None or line.net is None or account is None:
            return None
        like = next((one for one in planned if (one.text, one.account) == (line.text, account.number)), None)
        if like is not None:
            planned.remove(like)
        kind, key = (like.kind, like.key) if like else (LineKind.PRODUCT.value, f"dinero:{len(lines)}")
        vat, code = line.gross - line.net, account.vat_code
        told = PlanLine(line.text, 1, account.number, account.name, code, line.gross, vat, line.gross, kind, key)
        lines.append(replace(told, item=like.item) if like else told)
    return lines


def _of_another_period(draft: SalesDocument, plan: InvoicePlan) -> list[Text]:
    if draft.date in ("", plan.issued_on.isoformat()):
        return []
    return [
        Text(
            "The draft in Dinero has the date {there}, but the order's is {here}.",
            there=date_of(draft) or draft.date,
            here=plan.issued_on,
        )
    ]


def _on_other_accounts(draft: SalesDocument, plan: InvoicePlan) -> list[Text]:
    """The accounts on which a draft has another sum (incl. VAT) than the plan. Lists tell no lines."""
    if draft.lines is None:
        return []
    currency = plan.total.currency
    there = _by_account((str(line.account), line.gross) for line in draft.lines)
    here = _by_account((str(line.account), line.amount) for line in plan.lines)
    if any(line.gross is None for line in draft.lines):  # the total is compared, and so are the accounts alone
        there, here = dict.fromkeys(there, 0), dict.fromkeys(here, 0)
    return [
        Text(
            "On account {account} the draft in Dinero has {there}, but the order has {here}.",
            account=account,
            there=Money(there.get(account, 0), currency),
            here=Money(here.get(account, 0), currency),
        )
        for account in sorted({*there, *here})
        if there.get(account) != here.get(account)
    ]


def _by_account(lines: Iterable[tuple[str, Money | None]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for account, amount in lines:
        sums[account] += amount.ore if amount is not None else 0
    return dict(sums)


def _in(currency: str, amount: Money | None) -> Money | None:
    """An amount as if it were in the plan's currency, so that another currency is said once and not as three sums."""
    return Money(amount.ore, currency) if amount is not None else None


def _differs(text: Text, there: Money | None, here: Money) -> Text:
    return Text(text.message, there=there if there is not None else "?", here=here)
