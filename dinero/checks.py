"""Pure checks of an order: all findings at once, each with its fix; and the one state an order is in.

A finding holds the order: nothing is guessed, nothing is booked that does not add up to the øre. Where the right
booking depends on the owner's accountant, the finding carries a question (dinero.findings).
"""

import re
from collections.abc import Callable

from stdnum import ean

from dinero.credits import Original
from dinero.findings import Choice, Finding, Question, dumps, loads
from dinero.i18n import Text
from dinero.invoices import (
    ANY_VOUCHER,
    UNKNOWN_ORDER,
    account_role,
    charged_vat,
    currency_rule,
    gift_card_rule,
    goods_of,
    has_terms,
    interpret,
    invoice_date,
    line_rates,
    payment_date,
    payment_rule,
    proves_money,
    spread_discount,
    voucher_rule,
    zone_of,
)
from dinero.money import DKK, Money, total
from dinero.orders import LineKind, Order, Problem
from dinero.settings import Settings
from dinero.zones import ZONE_CODES, Zone, danish_number, eu_vat_number, territory
from dinero.zones import destination as destination_of

__all__ = ["Finding", "assess", "check_order", "dumps", "loads"]

_EMAIL = re.compile(r"[^\s@<>,;\"'()\\]{1,64}@[^\s@<>,;\"'()\\]+\.[^\s@.<>,;\"'()\\]{2,}")
_GIFT_CARD = re.compile(r"gave ?kort|gift ?card|værdibevis", re.IGNORECASE)

ASK_SHOP = Text("Look at the order in Shoporama. If the dashboard reads it wrongly, see the raw order.")
BY_HAND = Text("Enter it in Dinero by hand, and leave it out here with the reason.")


def check_readable(order: Order, settings: Settings) -> list[Finding]:
    """What the reader could not make out."""
    told: dict[str, Problem] = {}
    for problem in order.problems:  # a field that is read twice is one problem
        told.setdefault(problem.text.dumps(), problem)
    return [Finding(problem.code, problem.text, ASK_SHOP) for problem in told.values()]


def check_identity(order: Order, settings: Settings) -> list[Finding]:
    """An order needs a number and a date in an accounting year (code 47) and in no VAT period that was reported
    (FACTS 4.34, 4.35)."""
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
    if settings.reported_until is not None and day <= settings.reported_until:
        question = REPORTED_PERIOD
        if question.answer(settings.rules) is None:
            text = Text("The date {date} is in a VAT period that you marked as reported.", date=day)
            findings.append(Finding("period_reported", text, question=question))
    return findings


REPORTED_PERIOD = Question(
    "reported_period",
    Text(
        "A sale dated in a period that was reported to SKAT changes the VAT of that period, and the report must be "
        "corrected (efterangivelse)."
    ),
    (Choice("book", Text("Book it at its own date; I correct the report")),),
    can_be_rule=False,
)


def check_kind(order: Order, settings: Settings) -> list[Finding]:
    """What depends on the owner's accountant: nothing to pay, another currency, an EAN number, gift cards."""
    findings = []
    rules = settings.rules
    if order.total is not None and order.total.ore == 0 and not order.is_credit and ZERO_TOTAL.answer(rules) is None:
        text = Text("The order's total is 0, so there is no sale to pay.")
        findings.append(Finding("zero_total", text, question=ZERO_TOTAL))
    if order.currency != DKK:
        asked = _currency_question(order)
        if asked.answer(rules) is None and not order.is_credit:
            text = Text("The order is in {currency}.", currency=order.currency)
            findings.append(Finding("currency", text, question=asked))
    if not order.prices_include_vat:
        text = Text("The order's prices are without VAT, but lines, VAT and total do not add up as such.")
        findings.append(Finding("net_prices", text, ASK_SHOP))
    for line in order.lines:
        asked = _gift_card_question(gift_card_rule(line))
        if line.kind is LineKind.PRODUCT and _GIFT_CARD.search(line.text) and asked.answer(rules) is None:
            text = Text("“{product}” looks like a gift card.", product=line.text[:80])
            findings.append(Finding("gift_card_product", text, question=asked))
    return findings + _check_voucher(order, settings)


def _check_voucher(order: Order, settings: Settings) -> list[Finding]:
    """A voucher of a fixed amount may be a gift card (FACTS 8e): asked when it looks like one, or when the shop is
    known to sell gift cards."""
    rules = settings.rules
    sells = any(key.startswith("gift_card_product:") and value == "multi" for key, value in rules.items())
    fixed = any(line.kind is LineKind.DISCOUNT for line in order.lines) and not order.voucher_is_percent
    named = bool(_GIFT_CARD.search(order.voucher_code))
    known = rules.get(voucher_rule(order), rules.get(ANY_VOUCHER)) in ("discount", "gift_card")
    if not (fixed and (named or sells)) or known:
        return []
    text = Text("The voucher “{code}” takes a fixed amount off, and may be a gift card.", code=order.voucher_code[:40])
    return [Finding("voucher", text, question=_voucher_question(order))]


ZERO_TOTAL = Question(
    "zero_total",
    Text("There is nothing to post for a total of 0. Whether Dinero books an invoice of 0 is not known; it says so "
         "before anything is booked."),
    (Choice("book", Text("Book an invoice of 0 without a payment, so that the customer has one")),),
)  # fmt: skip


def _currency_question(order: Order) -> Question:
    return Question(
        currency_rule(order),
        Text(
            "The invoice is made in {currency}, and Dinero uses the day's rate. What you receive in kroner is known "
            "only with the payout; the difference belongs on 1445 Valutakursdifferencer.",
            currency=order.currency,
        ),
        (
            Choice("dinero_rate", Text("Register the payment at Dinero's own rate; the difference comes with the "
                                       "payout")),
            Choice("by_hand", Text("Register no payment; I register it in Dinero when the money comes")),
        ),
    )  # fmt: skip


def _gift_card_question(key: str) -> Question:
    return Question(
        key,
        Text(
            "A gift card for anything in the shop is no sale yet: it is a debt to its holder (63080) without VAT, and "
            "the VAT comes when it is used. A gift card for one kind of goods is sold with VAT at once."
        ),
        (
            Choice("multi", Text("A gift card for anything: book it on the gift card account without VAT")),
            Choice("product", Text("A sale with VAT as the shop charged it")),
        ),
    )


def _voucher_question(order: Order) -> Question:
    return Question(
        voucher_rule(order),
        Text(
            "A discount lowers the sale and its VAT. A gift card is a payment: the whole sale is booked with its VAT, "
            "and the card's amount is taken from the gift card account."
        ),
        (
            Choice("discount", Text("It is a discount")),
            Choice("gift_card", Text("It is a gift card: take its amount from the gift card account")),
        ),
    )


def check_country(order: Order, settings: Settings) -> list[Finding]:
    """Both countries are understood: where the goods go decides the VAT."""
    findings = {}
    for party in (order.billing, order.delivery):
        if party.country is None and party.country_text:
            text = Text("The country “{country}” is not understood.", country=party.country_text)
            findings["country_unknown"] = Finding("country_unknown", text, ASK_SHOP)
    if not findings and order.billing.country is None and order.delivery.country is None:
        text = Text("The order has no country, and that decides the VAT.")
        findings["country_missing"] = Finding("country_missing", text, ASK_SHOP)
    return list(findings.values())


NO_EMAIL = Question(
    "no_email",
    Text(
        "The e-mail is the key to the customer in Dinero. Without one, the order can go to one collective customer; "
        "the order's own name and address are on the invoice all the same."
    ),
    (Choice("collective", Text("Book it on the collective customer")),),
)


def check_customer(order: Order, settings: Settings) -> list[Finding]:
    """The e-mail is the key to the customer in Dinero; a Danish company needs a CVR number that can exist."""
    findings = []
    if not order.email:
        if not order.ean_number and NO_EMAIL.answer(settings.rules) is None:
            text = Text("The order has no e-mail, and that is the key to the customer in Dinero.")
            fix = Text("Enter the customer's e-mail on the order in Shoporama, then fetch again.")
            findings.append(Finding("email_missing", text, fix, NO_EMAIL))
    elif len(order.email) > 254 or not _EMAIL.fullmatch(order.email.strip()):
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
    where = territory(destination_of(order))
    number_fits = danish_number(order) or eu_vat_number(order)
    if order.vat_number and where is not None and where.kind == "dk" and not number_fits:
        findings.append(
            Finding(
                "cvr_invalid",
                Text("The CVR number “{number}” can't exist.", number=order.vat_number[:40]),
                Text("Correct the CVR number on the order in Shoporama, then fetch again."),
            )
        )
    if order.ean_number and has_terms(order, settings):
        if len(order.ean_number) != 13 or not ean.is_valid(order.ean_number):
            text = Text("The EAN number “{number}” can't exist.", number=order.ean_number[:40])
            fix = Text("Correct the EAN number on the order in Shoporama, then fetch again.")
            findings.append(Finding("ean_invalid", text, fix))
        elif not order.billing.name and settings.rules.get("ean") == "e_invoice":
            text = Text("An electronic invoice needs an attention person, and the order has no name.")
            fix = Text("Enter the name on the order in Shoporama, then fetch again.")
            findings.append(Finding("ean_attention", text, fix))
    return findings


def check_lines(order: Order, settings: Settings) -> list[Finding]:
    """There are products, none of them negative, and the discount is no larger than the goods."""
    findings = []
    goods = goods_of(order)
    if not goods or (not order.is_credit and all(line.kind in (LineKind.SHIPPING, LineKind.FEE) for line in goods)):
        findings.append(Finding("no_lines", Text("The order has no products."), ASK_SHOP))
    if any(line.quantity <= 0 or line.total.ore < 0 for line in goods):
        findings.append(Finding("line_negative", Text("A line has a quantity or an amount below zero."), ASK_SHOP))
    elif any(line.total.ore > 0 for line in order.lines if line not in goods):
        findings.append(Finding("discount_positive", Text("The discount would make the order dearer."), ASK_SHOP))
    elif total([line.total for line in order.lines], order.currency).ore < 0:
        findings.append(Finding("discount_too_large", Text("The discount is larger than the order."), ASK_SHOP))
    elif sum(part.ore for part in spread_discount(order)) != _discount(order):
        text = Text("The discount is larger than the goods that it can be taken off.")
        findings.append(Finding("discount_too_large", text, ASK_SHOP))
    if any(not line.text for line in goods):
        findings.append(Finding("line_without_text", Text("A line has no text."), ASK_SHOP))
    return findings


def _discount(order: Order) -> int:
    return sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)


def check_sum(order: Order, settings: Settings) -> list[Finding]:
    """Lines and shipping less the discount are the total, to the øre (DESIGN rule 14), or differ by no more than
    the owner's limit, for which there is an account."""
    if order.total is None:
        return [Finding("total_missing", Text("The order has no total that can be read."), ASK_SHOP)]
    lines = total([line.total for line in order.lines], order.currency)
    difference = order.total - lines
    if not difference.ore:
        return []
    if abs(difference.ore) <= settings.rounding_limit and settings.rounding_account is not None:
        return []
    text = Text(
        "The lines add up to {lines}, but the order says {total}: a difference of {difference}.",
        lines=lines,
        total=order.total,
        difference=difference,
    )
    return [Finding("sum_differs", text, ASK_SHOP)]


def check_vat(order: Order, settings: Settings) -> list[Finding]:
    """The VAT the shop charged is what the order's zone asks for: 25 %, none, or a mixture told line by line."""
    if order.total is None or order.total.ore < 0 or check_sum(order, settings):
        return []
    if order.total.ore == 0:
        return [] if order.is_credit else list(zone_of(order, settings).findings)
    if order.vat is None:
        return [Finding("vat_missing", Text("The order does not say how much of it is VAT."), ASK_SHOP)]
    decision = zone_of(order, settings)
    if order.is_credit:  # its zone is that of the invoice it credits
        return [_vat_differs(order)] if charged_vat(order) == "other" else []
    if decision.zone is Zone.OSS:
        return [_oss(order, settings)]
    if decision.zone is Zone.EU_CONSUMER and _over_limit(order, settings):
        text = Text("Sales to consumers in other EU countries have passed {limit} without VAT, this year or the last.",
                    limit=Money(settings.eu_limit))  # fmt: skip
        fix = Text("From here on the buyer's country's VAT applies: register for OSS, and change the answer about "
                   "sales to EU consumers on the set-up page.")  # fmt: skip
        return [Finding("eu_limit", text, fix)]
    if decision.zone is Zone.EU_CONSUMER and order.currency != DKK and order.currency not in settings.rates:
        text = Text("The counter of sales to EU consumers needs a rate for {currency}.", currency=order.currency)
        return [Finding("rate_missing", text, Text("Enter the rate on the set-up page."))]
    known = territory(destination_of(order)) is not None
    if decision.zone is None and not decision.findings and known:
        return [_vat_differs(order)]
    return list(decision.findings)


def _vat_differs(order: Order) -> Finding:
    text = Text("VAT of {vat} in {total} does not fit 25 % or VAT-free lines.", vat=order.vat, total=order.total)
    return Finding("vat_differs", text, ASK_SHOP)


def _oss(order: Order, settings: Settings) -> Finding:
    text = Text("The order has another EU country's VAT (OSS), which Dinero can't book.")
    fix = Text("It is listed under OSS for the return. Enter it in Dinero as your accountant says, and leave it out "
               "here with the reason.")  # fmt: skip
    return Finding("oss", text, fix)


def _over_limit(order: Order, settings: Settings) -> bool:
    """Whether the order took the year's counter over the limit, came after the one that did, or the limit was passed
    the year before (Directive 2006/112 art. 59c)."""
    day = order.placed_on
    if day is None or order.placed_at is None:
        return False
    if day.year - 1 in settings.eu_limit_passed:
        return True
    passed = settings.eu_limit_passed.get(day.year)
    return passed is not None and (order.placed_at.isoformat(), order.id) >= passed


def check_accounts(order: Order, settings: Settings) -> list[Finding]:
    """Every line's account exists, is in use, and has the VAT code of the order's zone (FACTS 4.30)."""
    rates, zone = line_rates(order), zone_of(order, settings).zone
    wanted: dict[int, frozenset[str]] = {}
    if rates is not None and zone not in (None, Zone.OSS):
        for line, rate in zip(goods_of(order), rates, strict=True):
            role, codes = account_role(line, rate, zone)
            wanted[settings.account(role)] = codes
    without_vat = ZONE_CODES[Zone.DOMESTIC_FREE]
    if any(line.kind is LineKind.GIFT_CARD for line in order.lines):
        wanted[settings.account("gift_card")] = without_vat
    rounded = order.total is not None and total([line.total for line in order.lines], order.currency) != order.total
    if rounded and settings.rounding_account is not None:
        wanted[settings.rounding_account] = without_vat
    return [finding for number, codes in wanted.items() if (finding := _check_account(number, codes, settings))]


def _check_account(number: int, codes: frozenset[str], settings: Settings) -> Finding | None:
    account = settings.chart.accounts.get(number)
    if account is None or account.hidden:
        return Finding(
            "account_missing",
            Text("Account {number}, which this order's lines go to, is not in use in Dinero.", number=str(number)),
            Text("Choose another account on the set-up page, or show the account again in Dinero."),
        )
    if account.vat_code in codes:
        return None
    text = Text(
        "Account {number} {name} has the VAT code “{code}” in Dinero, and this order needs {wanted}.",
        number=str(account.number),
        name=account.name,
        code=account.vat_code or "–",
        wanted=", ".join(sorted(code or "–" for code in codes)),
    )
    fix = Text("Choose an account with the right VAT code on the set-up page, or correct the account in Dinero.")
    return Finding("account_vat", text, fix)


def check_booking_account(order: Order, settings: Settings) -> list[Finding]:
    """The account on which the sale is registered is still a deposit account in use, under its chosen name."""
    number = settings.booking_account_of(order.payment_method)
    if number is None or has_terms(order, settings):
        return []
    account = settings.chart.deposits.get(number)
    fix = Text("Choose the booking account again on the set-up page.")
    if account is None or account.hidden:
        text = Text("The booking account {number} is no longer in use in Dinero.", number=str(number))
        return [Finding("booking_account_missing", text, fix)]
    chosen = settings.booking_account_name if number == settings.booking_account else ""
    if chosen and account.name != chosen:
        text = Text(
            "The booking account {number} was called “{before}” and is now called “{now}”.",
            number=str(number),
            before=chosen,
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
# A credit note follows the invoice it credits: its customer, zone, accounts and booking account are that one's.
CREDIT_CHECKS = (check_readable, check_identity, check_kind, check_lines, check_sum, check_vat)


def check_order(order: Order, settings: Settings) -> list[Finding]:
    """All findings of all checks of an order as the shop tells it."""
    order = interpret(order, settings)
    return [finding for check in CHECKS for finding in check(order, settings)]


def check_credit(order: Order, settings: Settings, original: Original | None) -> list[Finding]:
    """All findings of a credit note in the shop, with the order it credits (FACTS 4.24, 4.25)."""
    order = interpret(order, settings)
    findings = [finding for check in CREDIT_CHECKS for finding in check(order, settings)]
    if original is None or original.plan is None:
        findings.append(_without_invoice(order, original))
    elif order.total is not None and original.remaining is not None:
        if original.organization not in ("", settings.organization):
            text = Text("Invoice {invoice} was booked in another organization, {organization}.",
                        invoice=original.invoice_number, organization=original.organization)  # fmt: skip
            fix = Text("Choose that organization on the set-up page and transfer the credit note there.")
            findings.append(Finding("credit_other_organization", text, fix))
        elif order.currency != original.plan.total.currency:
            text = Text("The credit note is in another currency than invoice {invoice}.",
                        invoice=original.invoice_number)  # fmt: skip
            findings.append(Finding("credit_currency", text, BY_HAND))
        elif order.total.ore > original.remaining.ore:
            text = Text("The credit note is over {total}, but only {remaining} of invoice {invoice} remain.",
                        total=order.total, remaining=original.remaining, invoice=original.invoice_number)  # fmt: skip
            findings.append(Finding("credit_too_large", text, BY_HAND))
        elif original.has_gift_card:
            text = Text("A part of invoice {invoice} was paid with a gift card, and it is not known how much of it "
                        "goes back to the card.", invoice=original.invoice_number)  # fmt: skip
            findings.append(Finding("credit_gift_card", text, BY_HAND))
        if order.total.ore == 0:
            findings.append(Finding("credit_zero", Text("The credit note's total is 0."), BY_HAND))
    return findings


def _without_invoice(order: Order, original: Original | None) -> Finding:
    if order.credit_of == UNKNOWN_ORDER:
        text = Text("The order is a credit note, but does not say which order it credits.")
        return Finding("credit_of_unknown", text, Text("Choose the order below, or enter it in Dinero by hand."))
    if original is None:
        text = Text("The credit note is for order {order}, which is not known here.", order=order.credit_of)
    else:
        text = Text("The credit note is for order {order}, which was not transferred from here.",
                    order=original.number or original.order_id)  # fmt: skip
    return Finding("credit_of_untransferred", text, BY_HAND)


ON_THE_WAY = ("waiting", "not due", "held", "claimed", "drafted", "verified", "booked", "unsure", "refused")


def assess(
    order: Order,
    settings: Settings,
    *,
    ignored_reason: str | None = None,
    original: Original | None = None,
    suspect: str = "",
    rebook: bool = False,
    checked: bool = False,
) -> tuple[str, list[Finding]]:
    """The state of an order that has no document yet, with its reasons (DESIGN rule 10).

    `ignored_reason` is what the owner wrote when leaving the order out; `original` is the order that a credit note
    credits; `suspect` names a document in Dinero that may be this order's from another integration; `rebook` says that
    the order was booked from here before, so that nobody else has it; `checked` that the check of older orders has
    looked for it in Dinero, without which no order of a period that was let in goes.
    """
    if ignored_reason is not None:
        return "ignored", [Finding("owner", Text("You left this order out: {reason}", reason=ignored_reason))]
    if settings.missing():
        return "held", [
            Finding("set_up", Text("The set-up is not complete."), Text("Complete the steps on the set-up page."))
        ]
    if not rebook and before_take_over(order, settings) and (original is None or original.plan is None):
        if not is_let_in(order, settings):
            text = Text("The order is from before the dashboard took over, and is left to what was used before.")
            return "ignored", [Finding("before_take_over", text)]
        if not checked:
            return "held", [NOT_CHECKED]
    already = []
    if suspect and ALREADY_THERE.answer(settings.rules) is None:
        text = Text("Dinero has {document}, which may be this order's.", document=suspect)
        already = [Finding("already_in_dinero", text, question=ALREADY_THERE)]
    if order.is_credit:
        if original is not None and original.plan is None and original.state in ON_THE_WAY:
            text = Text("The credit note waits until order {order} is transferred.",
                        order=original.number or original.order_id)  # fmt: skip
            return "not due", [Finding("waits_for_order", text)]
        findings = check_credit(order, settings, original) + already
        return ("held", findings) if findings else ("waiting", [])
    if order.cancelled and not order.paid:
        cancelled = Finding("cancelled", Text("The order was cancelled in the shop and never paid."))
        return ("held", [*already, cancelled]) if already else ("ignored", [cancelled])
    early, asked = _due(order, settings)
    if early is not None:
        return ("held", [*already, *early[1]]) if already else early
    findings = check_order(order, settings) + asked + already
    if order.cancelled:
        fix = Text("Refund the customer or take back the cancellation in Shoporama, then fetch again.")
        findings.append(Finding("cancelled_paid", Text("The order is cancelled, but paid."), fix))
    return ("held", findings) if findings else ("waiting", [])


NOT_CHECKED = Finding(
    "not_checked",
    Text("The order's period was let in, but the order is not checked yet: Dinero may have it already."),
    Text("Check its period again under Older orders. It may go when the check has not found it in Dinero."),
)


ALREADY_THERE = Question(
    "already_in_dinero",
    Text(
        "If another integration or somebody by hand booked this order, a transfer would book the sale twice. Look at "
        "the document in Dinero; leave the order out here if it is the same sale."
    ),
    (Choice("another", Text("It is another sale: transfer this order")),),
    can_be_rule=False,
)


def _due(order: Order, settings: Settings) -> tuple[tuple[str, list[Finding]] | None, list[Finding]]:
    """The state of an order whose moment has not come, or the questions about its payment.

    The paid mark counts as money only where the payment method proves it; an invoice with terms is made when the
    goods are sent, because it would never become paid by itself (Shoporama FACTS 5).
    """
    not_sent = ("not due", [Finding("not_sent", Text("The order is not sent yet."))])
    not_paid = ("not due", [Finding("not_paid", Text("The order is not paid yet."))])
    proof = proves_money(order, settings)
    if order.paid and proof:
        return (not_sent if settings.trigger == "sent" and not order.sent else None), []
    if has_terms(order, settings):
        return (None if order.sent else not_sent), []
    doubtful = bool(order.ean_number) or proof is None
    if settings.trigger == "paid" and not order.paid and not (order.sent and doubtful):
        return not_paid, []
    if settings.trigger == "sent" and not order.sent:
        return not_sent, []
    if not order.paid and settings.rules.get(payment_rule(order)) == "money":
        return not_paid, []
    if order.ean_number:
        return None, [Finding("ean", Text("The order has an EAN number and is still to be paid."), question=EAN)]
    if order.paid:
        text = Text("The paid mark of “{method}” may be set without money.", method=order.payment_method[:60])
        return None, [Finding("paid_without_proof", text, question=_payment_question(order))]
    text = Text("The order is sent, but not paid.")
    return None, [Finding("sent_not_paid", text, question=_payment_question(order))]


EAN = Question(
    "ean",
    Text(
        "Public customers pay an electronic invoice some weeks later, so it is booked with days to pay and without a "
        "payment. Dinero can send it to the EAN number."
    ),
    (
        Choice("e_invoice", Text("Book the invoice and send it electronically to the EAN number")),
        Choice("invoice", Text("Book the invoice; I send it myself")),
    ),
)


def _payment_question(order: Order) -> Question:
    return Question(
        payment_rule(order),
        Text(
            "With card and MobilePay the paid mark means money. With invoice, bank transfer and other ways it may only "
            "mean that somebody set it."
        ),
        (
            Choice("money", Text("The paid mark means that the money has come: register the sale as paid then")),
            Choice("terms", Text("Book an invoice with days to pay when the order is sent, without a payment")),
        ),
    )


def is_let_in(order: Order, settings: Settings) -> bool:
    """Whether the order was placed in a period of older orders that the owner let in."""
    return order.placed_on is not None and any(first <= order.placed_on <= last for first, last in settings.backfills)


def before_take_over(order: Order, settings: Settings) -> bool:
    """Whether an earlier integration has this order. An order without a date or number is not: it is held."""
    if settings.take_over_date is not None and order.placed_on is not None:
        return order.placed_on < settings.take_over_date
    if settings.take_over_number is not None and order.number.isascii() and order.number.isdigit():
        return int(order.number) < settings.take_over_number
    return False
