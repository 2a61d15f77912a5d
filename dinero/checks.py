"""Pure checks of an order: all findings at once, each with its fix; and the one state an order is in.

A finding holds the order: nothing is guessed, nothing is booked that does not add up to the øre.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from stdnum.dk import cvr

from dinero.accounts import Account
from dinero.i18n import Text
from dinero.invoices import DANISH_VAT, account_number, cvr_digits, invoice_date, line_rates, payment_date
from dinero.money import DKK, total
from dinero.orders import LineKind, Order
from dinero.settings import Settings

_EMAIL = re.compile(r"[^\s@<>,;\"'()\\]{1,64}@[^\s@<>,;\"'()\\]+\.[^\s@.<>,;\"'()\\]{2,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an order is held (or not due), and what the owner can do. `code` is stable; texts are translated."""

    code: str
    text: Text
    fix: Text | None = None


def dumps(findings: Sequence[Finding]) -> str:
    """Findings as JSON for the store: a list of {"code", "text", "fix"}."""
    return json.dumps(
        [{"code": f.code, "text": f.text.to_json(), "fix": f.fix.to_json() if f.fix else None} for f in findings],
        ensure_ascii=False,
    )


def loads(packed: str) -> list[Finding]:
    """The findings that `dumps` packed."""
    return [
        Finding(row["code"], Text.from_json(row["text"]), Text.from_json(row["fix"]) if row.get("fix") else None)
        for row in json.loads(packed)
    ]


ASK_SHOP = Text("Look at the order in Shoporama. If the dashboard reads it wrongly, see the raw order.")
LATER = Text("Enter this order in Dinero by hand for now, and mark it as ignored here with the reason.")


def check_readable(order: Order, settings: Settings) -> list[Finding]:
    """What the reader could not make out."""
    return [Finding(problem.code, problem.text, ASK_SHOP) for problem in order.problems]


def check_identity(order: Order, settings: Settings) -> list[Finding]:
    """An order needs a number and a date that can be dated in an accounting year (Dinero code 47)."""
    findings = []
    if not order.number:
        findings.append(Finding("no_number", Text("The order has no order number."), ASK_SHOP))
    day = invoice_date(order, settings)
    if day is None:
        findings.append(Finding("no_date", Text("The order has no date."), ASK_SHOP))
        return findings
    for needed in sorted({day, payment_date(order, day)}):
        if settings.chart.years and not any(first <= needed <= last for first, last in settings.chart.years):
            text = Text("Dinero has no accounting year for {date}.", date=needed)
            fix = Text("Create the accounting year in Dinero, then fetch the accounts again on the set-up page.")
            findings.append(Finding("no_year", text, fix))
    return findings


def check_kind(order: Order, settings: Settings) -> list[Finding]:
    """Only sales in Danish kroner with prices incl. VAT so far; everything else is held."""
    findings = []
    if order.credit_of or (order.total is not None and order.total.ore < 0):
        findings.append(
            Finding("credit_note", Text("This is a credit note, and those are not transferred yet."), LATER)
        )
    if order.total is not None and order.total.ore == 0:
        findings.append(Finding("zero_total", Text("The order's total is 0, so there is no sale to book."), LATER))
    if order.currency != DKK:
        findings.append(
            Finding(
                "currency",
                Text("The order is in {currency}. Only Danish kroner are transferred so far.", currency=order.currency),
                LATER,
            )
        )
    if not order.prices_include_vat:
        findings.append(
            Finding("net_prices", Text("The order's prices are without VAT, which is not supported yet."), LATER)
        )
    if order.ean_number:
        findings.append(
            Finding(
                "ean",
                Text("The order has an EAN number and needs an electronic invoice, which is not sent yet."),
                LATER,
            )
        )
    return findings


def check_country(order: Order, settings: Settings) -> list[Finding]:
    """Both addresses must be in Denmark: the country decides the VAT."""
    findings = []
    for party in (order.billing, order.delivery):
        if party.country is None and party.country_text:
            text = Text("The country “{country}” is not understood.", country=party.country_text)
            findings.append(Finding("country_unknown", text, ASK_SHOP))
        elif party.country not in (None, "DK"):
            text = Text(
                "The order goes to {country}. Only orders within Denmark are transferred so far.",
                country=party.country_text or party.country,
            )
            findings.append(Finding("country_foreign", text, LATER))
    if not findings and order.billing.country is None and order.delivery.country is None:
        findings.append(
            Finding("country_missing", Text("The order has no country, and that decides the VAT."), ASK_SHOP)
        )
    return list({finding.code: finding for finding in findings}.values())


def check_customer(order: Order, settings: Settings) -> list[Finding]:
    """The e-mail is the key to the customer in Dinero; a company needs a CVR number that can exist."""
    findings = []
    if not order.email:
        findings.append(
            Finding(
                "email_missing",
                Text("The order has no e-mail, and that is the key to the customer in Dinero."),
                Text("Enter the customer's e-mail on the order in Shoporama, then fetch again."),
            )
        )
    elif len(order.email) > 254 or not _EMAIL.fullmatch(order.email):
        findings.append(
            Finding(
                "email_malformed",
                Text("The e-mail “{email}” is not an e-mail address.", email=order.email[:80]),
                Text("Correct the customer's e-mail on the order in Shoporama, then fetch again."),
            )
        )
    if not order.customer_name.strip():
        findings.append(
            Finding(
                "name_missing",
                Text("The order has no name of the customer."),
                Text("Enter the name on the order in Shoporama, then fetch again."),
            )
        )
    if order.vat_number and not cvr.is_valid(cvr_digits(order.vat_number)):
        findings.append(
            Finding(
                "cvr_invalid",
                Text("The CVR number “{number}” can't exist.", number=order.vat_number[:40]),
                Text("Correct the CVR number on the order in Shoporama, then fetch again."),
            )
        )
    return findings


def check_lines(order: Order, settings: Settings) -> list[Finding]:
    """There are products, none of them negative, and the discount is no larger than the goods."""
    findings = []
    goods = [line for line in order.lines if line.kind is not LineKind.DISCOUNT]
    if not any(line.kind is LineKind.PRODUCT for line in order.lines):
        findings.append(Finding("no_lines", Text("The order has no products."), ASK_SHOP))
    if order.credit_of or (order.total is not None and order.total.ore <= 0):
        return findings
    if any(line.quantity <= 0 or line.total.ore < 0 for line in goods):
        findings.append(Finding("line_negative", Text("A line has a quantity or an amount below zero."), ASK_SHOP))
    elif any(line.total.ore > 0 for line in order.lines if line.kind is LineKind.DISCOUNT):
        findings.append(Finding("discount_positive", Text("The discount would make the order dearer."), ASK_SHOP))
    elif total([line.total for line in order.lines], order.currency).ore < 0:
        findings.append(Finding("discount_too_large", Text("The discount is larger than the order."), ASK_SHOP))
    if any(not line.text for line in goods):
        findings.append(Finding("line_without_text", Text("A line has no text."), ASK_SHOP))
    return findings


def check_sum(order: Order, settings: Settings) -> list[Finding]:
    """Lines and shipping less the discount are the total, to the øre (DESIGN rule 14)."""
    if order.total is None:
        return [Finding("total_missing", Text("The order has no total that can be read."), ASK_SHOP)]
    lines = total([line.total for line in order.lines], order.currency)
    if lines == order.total:
        return []
    text = Text(
        "The lines add up to {lines}, but the order says {total}: a difference of {difference}.",
        lines=lines,
        total=order.total,
        difference=order.total - lines,
    )
    return [Finding("sum_differs", text, ASK_SHOP)]


def check_vat(order: Order, settings: Settings) -> list[Finding]:
    """The VAT the shop charged is what the lines' rates give: 25 %, none, or a mixture that is told line by line."""
    if order.total is None or order.total.ore <= 0 or check_sum(order, settings):
        return []
    if order.vat is None:
        return [Finding("vat_missing", Text("The order does not say how much of it is VAT."), ASK_SHOP)]
    unusual = {
        line.vat_rate
        for line in order.lines
        if line.vat_rate is not None and line.vat_rate not in (Decimal(0), DANISH_VAT)
    }
    if unusual or line_rates(order) is None:
        text = Text("VAT of {vat} in {total} does not fit 25 % or VAT-free lines.", vat=order.vat, total=order.total)
        return [Finding("vat_differs", text, ASK_SHOP)]
    return []


def check_accounts(order: Order, settings: Settings) -> list[Finding]:
    """Every line's account exists, is in use, and has the VAT that the shop charged (FACTS 4.30)."""
    rates = line_rates(order)
    if rates is None:
        return []
    goods = [line for line in order.lines if line.kind is not LineKind.DISCOUNT]
    findings: dict[int, Finding] = {}
    for line, rate in zip(goods, rates, strict=True):
        number = account_number(line, rate, settings)
        account = settings.chart.accounts.get(number)
        if account is None or account.hidden:
            findings[number] = Finding(
                "account_missing",
                Text("Account {number}, which this order's lines go to, is not in use in Dinero.", number=str(number)),
                Text("Choose another account on the set-up page, or show the account again in Dinero."),
            )
        elif account.vat_rate != rate:
            findings[number] = _wrong_vat(account)
    return list(findings.values())


def check_booking_account(order: Order, settings: Settings) -> list[Finding]:
    """The account on which the sale is registered is still a deposit account in use, under its chosen name."""
    number = settings.booking_account
    if number is None:
        return []
    account = settings.chart.deposits.get(number)
    fix = Text("Choose the booking account again on the set-up page.")
    if account is None or account.hidden:
        text = Text("The booking account {number} is no longer in use in Dinero.", number=str(number))
        return [Finding("booking_account_missing", text, fix)]
    if settings.booking_account_name and account.name != settings.booking_account_name:
        text = Text(
            "The booking account {number} was called “{before}” and is now called “{now}”.",
            number=str(number),
            before=settings.booking_account_name,
            now=account.name,
        )
        return [Finding("booking_account_renamed", text, fix)]
    return []


CHECKS: tuple[Callable[[Order, Settings], list[Finding]], ...] = (
    check_readable,
    check_identity,
    check_kind,
    check_country,
    check_customer,
    check_lines,
    check_sum,
    check_vat,
    check_accounts,
    check_booking_account,
)


def check_order(order: Order, settings: Settings) -> list[Finding]:
    """All findings of all checks."""
    return [finding for check in CHECKS for finding in check(order, settings)]


def assess(order: Order, settings: Settings, *, ignored_reason: str | None = None) -> tuple[str, list[Finding]]:
    """The state of an order that has no document yet, with its reasons (DESIGN rule 10).

    `ignored_reason` is what the owner wrote when leaving the order out.
    """
    if ignored_reason is not None:
        return "ignored", [Finding("owner", Text("You left this order out: {reason}", reason=ignored_reason))]
    if settings.missing():
        return "held", [
            Finding("set_up", Text("The set-up is not complete."), Text("Complete the steps on the set-up page."))
        ]
    if before_take_over(order, settings):
        text = Text("The order is from before the dashboard took over, and is left to what was used before.")
        return "ignored", [Finding("before_take_over", text)]
    if order.cancelled and not order.paid:
        return "ignored", [Finding("cancelled", Text("The order was cancelled in the shop and never paid."))]
    if settings.trigger == "paid" and not order.paid:
        return "not due", [Finding("not_paid", Text("The order is not paid yet."))]
    if settings.trigger == "sent" and not order.sent:
        return "not due", [Finding("not_sent", Text("The order is not sent yet."))]
    findings = check_order(order, settings)
    if order.cancelled:
        fix = Text("Refund the customer or take back the cancellation in Shoporama, then fetch again.")
        findings.append(Finding("cancelled_paid", Text("The order is cancelled, but paid."), fix))
    if not order.paid:
        findings.append(
            Finding("sent_not_paid", Text("The order is sent, but not paid, so no payment can be registered."), LATER)
        )
    return ("held", findings) if findings else ("waiting", [])


def before_take_over(order: Order, settings: Settings) -> bool:
    """Whether an earlier integration has this order. An order without a date or number is not: it is held."""
    if settings.take_over_date is not None and order.placed_on is not None:
        return order.placed_on < settings.take_over_date
    if settings.take_over_number is not None and order.number.isascii() and order.number.isdigit():
        return int(order.number) < settings.take_over_number
    return False


def _wrong_vat(account: Account) -> Finding:
    text = Text(
        "Account {number} {name} has the VAT code “{code}” in Dinero, which is not the VAT the shop charged.",
        number=str(account.number),
        name=account.name,
        code=account.vat_code or "–",
    )
    fix = Text("Choose an account with the right VAT code on the set-up page, or correct the account in Dinero.")
    return Finding("account_vat", text, fix)
