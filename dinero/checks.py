"""Pure checks of an order: all findings at once, each with its fix; and the one state an order is in.

A finding holds the order: nothing is guessed, nothing is booked that does not add up to the øre. Where the right
booking depends on the owner's accountant, the finding carries a question (dinero.findings).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from babel.numbers import get_currency_precision
from stdnum import ean

from dinero.accounts import Account
from dinero.charged import charged_vat, goods_of, line_rates, spread_discount
from dinero.clock import copenhagen_date
from dinero.consultation import Consultation
from dinero.credit_lines import CREDIT_RATE, Original, TooMuchVat, UnclearVat, credit_lines
from dinero.credits import dated_after_its_invoice, refund_rule
from dinero.evidence import check_vies
from dinero.findings import Answers, Choice, Finding, Question, dumps, loads
from dinero.i18n import Text
from dinero.invoices import (
    ANY_VOUCHER,
    UNKNOWN_ORDER,
    account_role,
    below_zero_rule,
    currency_rule,
    gift_card_rule,
    has_terms,
    interpret,
    invoice_date,
    payment_date,
    payment_rule,
    proves_money,
    voucher_rule,
    zone_of,
)
from dinero.money import DKK, Money, total
from dinero.orders import Line, LineKind, Order, Problem
from dinero.oss import check_oss
from dinero.places import destination, doubtful_place, prefix_contradicts, territory
from dinero.settings import Settings
from dinero.vat_free import findings as vat_free_findings
from dinero.words import Status, is_cpr, is_discount, is_gift_card, is_known_voucher, plain, proves_payment, status_of
from dinero.zones import CONSUMER_AFTER_ALL, ZONE_CODES, Zone, danish_number, eu_vat_number

__all__ = ["Finding", "assess", "check_order", "dumps", "loads"]

# What may stand before the @ is wide (RFC 5321: an apostrophe may); what can't be in an address at all is not.
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"'()\[\]\\]+\.[^\s@.<>,;:\"'()\[\]\\]{2,}")

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
    findings = _check_future(order, settings)
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


def _check_future(order: Order, settings: Settings) -> list[Finding]:
    """A date that has not come yet is a mistake in the shop or a clock that is wrong: asked, because an invoice of the
    future is in a VAT period of the future."""
    told = [copenhagen_date(moment) for moment in (order.placed_at, order.paid_at, order.sent_at) if moment]
    if settings.today is None or not told or max(told) <= settings.today or IN_FUTURE.answer(settings.rules):
        return []
    text = Text("The order has the date {date}, which has not come yet.", date=max(told))
    return [Finding("date_in_future", text, question=IN_FUTURE)]


IN_FUTURE = Question(
    "date_in_future",
    Text("The document gets that date, and its VAT belongs to that period. Correct the date in the shop if it is "
         "wrong."),
    (Choice("book", Text("The date is right: book with it")),),
    can_be_rule=False,
)  # fmt: skip

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
    if order.currency != DKK and get_currency_precision(order.currency) != DECIMALS:
        text = Text("{currency} has no hundredths, and only currencies that have them can be booked from here.",
                    currency=order.currency)  # fmt: skip
        findings.append(Finding("currency_decimals", text, BY_HAND))
    for line in order.lines:
        if _may_be_gift_card(line, settings):
            text = Text("“{product}” looks like a gift card.", product=line.text[:80])
            question = _gift_card_question(gift_card_rule(line))
            findings.append(Finding("gift_card_product", text, question=question))
    return findings + _check_voucher(order, settings)


def _may_be_gift_card(line: Line, settings: Settings) -> bool:
    named = line.kind is LineKind.PRODUCT and is_gift_card(line.text)
    return named and _gift_card_question(gift_card_rule(line)).answer(settings.rules) is None


DECIMALS = 2


def _check_voucher(order: Order, settings: Settings) -> list[Finding]:
    """A voucher of a fixed amount may be a gift card (FACTS 8e): asked when it looks like one, or when the shop is
    known to sell gift cards."""
    rules = settings.rules
    sells = any(key.startswith("gift_card_product:") and value == "multi" for key, value in rules.items())
    fixed = any(line.kind is LineKind.DISCOUNT for line in order.lines) and not order.voucher_is_percent
    named = is_gift_card(order.voucher_code) or not is_known_voucher(order.voucher_kind)
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


def check_status(order: Order, settings: Settings) -> list[Finding]:
    """The status is one that a sale has. Known bad ones have their own sentence, an unknown one is asked about once."""
    findings = []
    rules = settings.rules
    status = Status.WITHDRAWN if order.withdrawn else status_of(order.status)
    if order.cancelled:
        status = Status.CANCELLED
    if status is None:
        question = status_question(order)
        if question.answer(rules) is None:
            text = Text("The order's status “{status}” is not known here.", status=order.status[:40])
            findings.append(Finding("status_unknown", text, question=question))
    elif status is not Status.GOOD and not (order.is_credit and status in _OF_A_CREDIT_NOTE):
        code, text = NO_SALE[status]
        if order.is_credit and status is Status.CANCELLED:
            code, text = "credit_cancelled", Text("The credit note is cancelled in the shop.")
        if not _is_sale_after_all(rules):
            findings.append(Finding(code, Text(text.message, status=order.status[:40]), question=SALE_AFTER_ALL))
    if order.is_test and TEST_ORDER.answer(rules) is None:
        findings.append(Finding("test_order", Text("The shop marks the order as a test."), question=TEST_ORDER))
    if order.refunded is not None and order.refunded.ore and not order.is_credit and not findings:
        text = Text("The shop says that {refunded} of the order were paid back.", refunded=Money(
            abs(order.refunded.ore), order.currency))  # fmt: skip
        if not _is_sale_after_all(rules):
            findings.append(Finding("refunded_in_shop", text, question=SALE_AFTER_ALL))
    part = order.paid_amount
    if part is not None and order.paid and order.total is not None and part != order.total and not order.is_credit:
        text = Text("The shop says that {paid} of {total} were paid.", paid=part, total=order.total)
        if PAID_IN_PART.answer(rules) is None:
            findings.append(Finding("paid_in_part", text, question=PAID_IN_PART))
    return findings


def _is_sale_after_all(rules: Answers) -> bool:
    return SALE_AFTER_ALL.answer(rules) is not None or EVENS_OUT.answer(rules) == "book"


_OF_A_CREDIT_NOTE = (Status.REFUNDED, Status.RETURNED, Status.WITHDRAWN)
# What a status says that is no sale: the finding's code and its sentence.
NO_SALE: Mapping[Status, tuple[str, Text]] = {
    Status.CANCELLED: ("cancelled_paid", Text("The order is cancelled, but paid.")),
    Status.WITHDRAWN: ("withdrawn_paid", Text("The customer withdrew from the order, but it is paid.")),
    Status.REFUNDED: ("status_refunded", Text("The order's status “{status}” says that the money went back.")),
    Status.RETURNED: ("status_returned", Text("The order's status “{status}” says that the goods came back.")),
    Status.FAILED: ("status_failed", Text("The order's status “{status}” says that the payment failed.")),
    Status.DRAFT: ("status_draft", Text("The order's status “{status}” says that it is no sale yet.")),
}
SALE_AFTER_ALL = Question(
    "sale_after_all",
    Text(
        "A sale that was taken back is no income. If the goods were delivered and a credit note follows in the shop, "
        "book the order, and the credit note after it. Otherwise leave it out with the reason."
    ),
    (Choice("book", Text("It is a sale: book it; what goes back gets a credit note in the shop")),),
    can_be_rule=False,
)
TEST_ORDER = Question(
    "test_order",
    Text("A test is no sale. Leave it out with the reason, unless it is one after all."),
    (Choice("book", Text("It is a real sale: book it")),),
    can_be_rule=False,
)
PAID_IN_PART = Question(
    "paid_in_part",
    Text(
        "The whole total would be registered as paid. If the rest is still to come, leave the order out here, or wait."
    ),
    (Choice("whole", Text("All of it is paid: register the whole total")),),
    can_be_rule=False,
)


def status_question(order: Order) -> Question:
    """Whether orders with a status are sales: asked once for each word."""
    return Question(
        f"status:{plain(order.status)}",
        Text("Shops have statuses of their own. The answer counts for this word only, and can be kept for all orders."),
        (
            Choice("sale", Text("Orders with this status are sales like others")),
            Choice("wait", Text("They are none yet: let them wait until the status changes")),
        ),
    )


def check_country(order: Order, settings: Settings) -> list[Finding]:
    """Both countries are understood, and nothing in the address speaks against them: where the goods go decides the
    VAT."""
    findings = {}
    where = destination(order)
    if (other := prefix_contradicts(where)) is not None:
        text = Text("The address says “{country}”, but its postcode {zipcode} says {other}.",
                    country=where.country_text or where.country, zipcode=where.zipcode, other=other)  # fmt: skip
        findings["country_contradictory"] = Finding("country_contradictory", text, ASK_SHOP)
    place = doubtful_place(order)
    if place is not None and DANISH_PLACE.answer(settings.rules) is None:
        text = Text("The address says Denmark, but “{place}” may be in Greenland or in the Faroe Islands.",
                    place=f"{where.zipcode} {where.city}".strip()[:60])  # fmt: skip
        findings["danish_place"] = Finding("danish_place", text, question=DANISH_PLACE)
    for party in (order.billing, where):
        if party.country is None and party.country_text:
            text = Text("The country “{country}” is not understood.", country=party.country_text)
            findings["country_unknown"] = Finding("country_unknown", text, ASK_SHOP)
    if not findings and where.country is None:
        text = Text("The order has no country, and that decides the VAT.")
        findings["country_missing"] = Finding("country_missing", text, ASK_SHOP)
    return list(findings.values())


DANISH_PLACE = Question(
    "danish_place",
    Text("Greenland and the Faroe Islands are outside the VAT area: goods that are sent there are sold without VAT. "
         "Many shops have only “Danmark” in their list of countries."),
    (
        Choice("DK", Text("The address is in Denmark")),
        Choice("GL", Text("It is in Greenland")),
        Choice("FO", Text("It is in the Faroe Islands")),
    ),
    can_be_rule=False,
)  # fmt: skip


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
    where = territory(destination(order))
    number_fits = danish_number(order) or eu_vat_number(order)
    if order.vat_number and where is not None and where.kind == "dk" and not number_fits:
        text = Text("The CVR number “{number}” can't exist.", number=order.vat_number[:40])
        if is_cpr(order.vat_number):  # a personal number is not repeated
            text = Text("What stands in the field for the CVR number can't be one.")
        fix = Text("Correct the CVR number on the order in Shoporama, then fetch again.")
        findings.append(Finding("cvr_invalid", text, fix, CONSUMER_AFTER_ALL))
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
    """There are products, what is below zero is understood, and the discount is no larger than the goods."""
    findings = []
    goods = goods_of(order)
    if not goods and order.is_credit and not order.lines:
        return []  # a credit note of its total alone follows the invoice
    if not goods or (not order.is_credit and all(line.kind in (LineKind.SHIPPING, LineKind.FEE) for line in goods)):
        findings.append(Finding("no_lines", Text("The order has no products."), ASK_SHOP))
    below = _below_zero(order, goods, settings)
    if below is not None:
        findings.append(below)
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


def _is_told_positive(order: Order) -> bool:
    """Whether an order names another one as credited, though more goes out than comes back."""
    return order.is_credit and sum(line.total.ore for line in order.lines if line.quantity < 0) < 0


EXCHANGE = Question(
    "exchange",
    Text("An exchange is two things: what comes back is credited, and what goes out is sold. One document with both is "
         "right in money and VAT, but it names the first invoice only where it is a credit note. Whether Dinero takes "
         "lines below zero is not known; the draft is compared to the øre before it is booked."),
    (Choice("net", Text("Book both in one document, what goes the other way as a line below zero")),),
    can_be_rule=False,
)  # fmt: skip


def _below_zero(order: Order, goods: Sequence[Line], settings: Settings) -> Finding | None:
    """What a line below zero is: freight or a fee that the shop keeps of a return goes; an exchange, a fee below zero
    and a line of no known meaning have their own sentences."""
    below = [line for line in goods if line.quantity <= 0 or line.total.ore < 0]
    if order.is_credit and all(line.kind in (LineKind.SHIPPING, LineKind.FEE) for line in below):
        return None
    for line in below:
        if line.kind in (LineKind.SHIPPING, LineKind.FEE) and not order.is_credit:
            word = Text("The freight of {amount} is below zero.", amount=line.total)
            if line.kind is LineKind.FEE:
                word = Text("The fee of {amount} is below zero.", amount=line.total)
            return Finding("below_zero", word, question=_below_zero_question(line))
        if line.kind is LineKind.PRODUCT and line.total.ore < 0 and not order.is_credit and is_discount(line.text):
            word = Text("The line “{line}” of {amount} is below zero.", line=line.text[:60], amount=line.total)
            return Finding("below_zero", word, question=_below_zero_question(line))
        others = [other for other in goods if other.kind is LineKind.PRODUCT and other.total.ore > 0]
        exchanged = order.is_credit or bool(order.refers_to)
        if line.kind is LineKind.PRODUCT and line.total.ore < 0 and others and exchanged:
            if EXCHANGE.answer(settings.rules) is not None and not _is_told_positive(order):
                return None
            text = Text("It is an exchange: “{one}” and “{other}” go different ways.", one=line.text[:60],
                        other=others[0].text[:60])  # fmt: skip
            if _is_told_positive(order):
                fix = Text("Take the first invoice back, or credit its part, and enter what goes out in Dinero by "
                           "hand. Then leave this order out with the reason.")  # fmt: skip
                return Finding("exchange", text, fix)
            return Finding("exchange", text, question=EXCHANGE)
    if not below:
        return None
    text = Text("The line “{line}” has a quantity or an amount below zero.", line=below[0].text[:60])
    return Finding("line_negative", text, ASK_SHOP)


def _below_zero_question(line: Line) -> Question:
    return Question(
        below_zero_rule(line),
        Text("A discount lowers the sale and its VAT. What is no discount can't be booked from here: correct it in the "
             "shop, or enter the order in Dinero by hand."),
        (Choice("discount", Text("It is a discount: take it off the goods")),),
    )  # fmt: skip


def _discount(order: Order) -> int:
    return sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)


def check_sum(order: Order, settings: Settings) -> list[Finding]:
    """Lines and shipping less the discount are the total, to the øre (DESIGN rule 14), or differ by no more than
    the owner's limit, for which there is an account."""
    if order.total is None:
        return [Finding("total_missing", Text("The order has no total that can be read."), ASK_SHOP)]
    if order.is_credit and not order.lines:
        return []  # a credit note of its total alone
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
    if order.is_credit and not order.lines:
        return []
    if order.is_credit:  # its VAT is that of the invoice it credits, unless what it tells contradicts itself
        unclear = charged_vat(order) == "other" and CREDIT_VAT.answer(settings.rules) is None
        return [replace(_vat_differs(order), question=CREDIT_VAT)] if unclear else []
    if decision.zone is Zone.OSS:
        return check_oss(order, settings)
    if decision.zone is Zone.EU_CONSUMER and _over_limit(order, settings):
        text = Text("Sales to consumers in other EU countries have passed {limit} without VAT, this year or the last.",
                    limit=Money(settings.eu_limit))  # fmt: skip
        fix = Text("From here on the buyer's country's VAT applies: register for OSS, and change the answer about "
                   "sales to EU consumers on the set-up page.")  # fmt: skip
        return [Finding("eu_limit", text, fix)]
    if decision.zone is Zone.EU_CONSUMER and order.currency != DKK and order.currency not in settings.rates:
        text = Text("The counter of sales to EU consumers needs a rate for {currency}.", currency=order.currency)
        return [Finding("rate_missing", text, Text("Enter the rate on the set-up page."))]
    known = territory(destination(order)) is not None
    if decision.zone is None and not decision.findings and known:
        return [_vat_differs(order)]
    return [*decision.findings, *_check_vat_free(order, settings, decision.zone)]


def _check_vat_free(order: Order, settings: Settings, zone: Zone | None) -> list[Finding]:
    """0 % in Denmark always has a reason that somebody gave (dinero.vat_free)."""
    rates = line_rates(order)
    if zone is None or rates is None:
        return []
    free = [
        line
        for line, rate in zip(goods_of(order), rates, strict=True)
        if not rate
        and not _may_be_gift_card(line, settings)
        and account_role(line, rate, zone)[0].endswith(f".{Zone.DOMESTIC_FREE.value}")
    ]
    return vat_free_findings(order, free, settings)


CREDIT_VAT = Question(
    CREDIT_RATE,
    Text("What is given back carries the VAT that it was sold with. The invoice says which that was, line by line; a "
         "sum that names no line of it may be of the goods with VAT, of those without, or of all in proportion."),
    (
        Choice("invoice", Text("As the invoice has it; what names no line of it in proportion")),
        Choice("taxed", Text("It is of the goods with VAT")),
        Choice("free", Text("It is of the goods without VAT")),
    ),
    can_be_rule=False,
)  # fmt: skip


def _vat_differs(order: Order) -> Finding:
    text = Text("VAT of {vat} in {total} does not fit 25 % or VAT-free lines.", vat=order.vat, total=order.total)
    return Finding("vat_differs", text, ASK_SHOP)


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


def fits(account: Account, codes: frozenset[str]) -> bool:
    """Whether an account's VAT code is one of these; without any (domestic reverse charge, whose code is not known), it
    must not be known to be for something else."""
    known = account.vat_rate is not None and account.vat_code not in ZONE_CODES[Zone.DOMESTIC_FREE]
    return account.vat_code in codes if codes else not known and not account.vat_code.startswith("I")


def _check_account(number: int, codes: frozenset[str], settings: Settings) -> Finding | None:
    account = settings.chart.accounts.get(number)
    if not number:
        text = Text("No account is named for domestic reverse charge.")
        return Finding("account_unnamed", text, Text("Name it on the set-up page, under accounts."))
    if account is None or account.hidden:
        return Finding(
            "account_missing",
            Text("Account {number}, which this order's lines go to, is not in use in Dinero.", number=str(number)),
            Text("Choose another account on the set-up page, or show the account again in Dinero."),
        )
    if fits(account, codes):
        return None
    if not codes:
        text = Text("Account {number} {name} has the VAT code “{code}”, which is not for domestic reverse charge.",
                    number=str(account.number), name=account.name, code=account.vat_code)  # fmt: skip
        return Finding("account_vat", text, Text("Choose the account that your accountant names on the set-up page."))
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
    check_status,
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
CREDIT_CHECKS = (check_readable, check_identity, check_status, check_kind, check_lines, check_sum, check_vat)


def check_order(order: Order, settings: Settings) -> list[Finding]:
    """All findings of all checks of an order as the shop tells it."""
    order = interpret(order, settings)
    return [finding for check in CHECKS for finding in check(order, settings)]


def check_credit(order: Order, settings: Settings, original: Original | None) -> list[Finding]:
    """All findings of a credit note in the shop, with the order it credits (FACTS 4.24, 4.25)."""
    order = interpret(dated_after_its_invoice(order, original), settings)
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
            findings.append(_too_large(order.total, original.remaining, original))
        elif original.has_gift_card:
            text = Text("A part of invoice {invoice} was paid with a gift card, and it is not known how much of it "
                        "goes back to the card.", invoice=original.invoice_number)  # fmt: skip
            findings.append(Finding("credit_gift_card", text, BY_HAND))
        elif not findings:
            findings += _check_credit_lines(order, settings, original)
        if order.total.ore == 0:
            findings.append(Finding("credit_zero", Text("The credit note's total is 0."), BY_HAND))
        findings += _check_refund(order, settings, original)
    return findings


def _too_large(asked: Money, left: Money, original: Original) -> Finding:
    """More is credited than is left of the invoice; what was taken back here may be the same return."""
    ours = original.taken_back
    if ours is not None and asked.ore <= left.ore + ours.ore:
        text = Text("You took back {ours} of invoice {invoice} from here, and {left} of it remain. The shop's credit "
                    "note over {asked} may be for the same return.", ours=ours, left=left, asked=asked,
                    invoice=original.invoice_number)  # fmt: skip
        return Finding("already_taken_back", text, question=SAME_RETURN)
    text = Text("The credit note is over {total}, but only {remaining} of invoice {invoice} remain.",
                total=asked, remaining=left, invoice=original.invoice_number)  # fmt: skip
    return Finding("credit_too_large", text, BY_HAND)


SAME_RETURN = Question(
    "same_return",
    Text("Both together would give back more than was sold. If it is another return, credit it in Dinero by hand."),
    (Choice("same", Text("It is the same return: leave the shop's credit note out")),),
    can_be_rule=False,
)


def _check_credit_lines(order: Order, settings: Settings, original: Original) -> list[Finding]:
    """The VAT and the accounts of what is credited are those of the invoice, and in use."""
    try:
        lines = credit_lines(order, settings, original)
    except UnclearVat:
        text = Text("Invoice {invoice} has goods with VAT and goods without, and the credit note does not name which "
                    "of them it is for.", invoice=original.invoice_number)  # fmt: skip
        return [Finding("credit_vat_unclear", text, question=CREDIT_VAT)]
    except TooMuchVat as error:
        without = Text("The credit note takes back {asked} of goods without VAT, and {left} of them are left.",
                       asked=error.asked, left=error.left)  # fmt: skip
        taxed = Text("The credit note takes back {asked} of goods with VAT, and {left} of them are left.",
                     asked=error.asked, left=error.left)  # fmt: skip
        text = taxed if error.with_vat else without
        return [Finding("credit_rate_exceeded", text, BY_HAND, CREDIT_VAT)]
    except ValueError:
        text = Text("The accounts of the credit note are not all in use in Dinero.")
        return [Finding("account_missing", text, Text("Choose another account on the set-up page, or show the account "
                                                      "again in Dinero."))]  # fmt: skip
    accounts = settings.chart.accounts
    gone = [line for line in lines if line.account not in accounts or accounts[line.account].hidden]
    missing = (_check_account(line.account, frozenset({line.vat_code}), settings) for line in gone)
    return [finding for finding in missing if finding is not None]


def _check_refund(order: Order, settings: Settings, original: Original) -> list[Finding]:
    """The money goes back the way it came, or by a known way; another word is asked about once (a store credit leaves
    no bank)."""
    names = (order.payment_type, order.payment_method)
    usual = not any(name.strip() for name in names) or proves_payment(names)
    if usual or original.plan is None or original.plan.payment is None:
        return []
    question = refund_question(order)
    if order.payment_method == original.payment_method or question.answer(settings.rules) is not None:
        return []
    text = Text("The credit note is paid by “{method}”, and the order was not.", method=order.payment_method[:60])
    return [Finding("refund_way", text, question=question)]


def refund_question(order: Order) -> Question:
    """How the money of credit notes with this way to pay goes back."""
    return Question(
        refund_rule(order),
        Text(
            "A store credit or a gift card leaves no bank account: it is a debt to the customer (63080 Gavekort). A "
            "refund to the card or to the customer's account is registered on the booking account of the sale."
        ),
        (
            Choice("money", Text("The money went back: register the refund on the account of the sale")),
            Choice(
                "by_hand", Text("No money went back: book the credit note, and I move its amount to 63080 in Dinero")
            ),
        ),
    )


def _without_invoice(order: Order, original: Original | None) -> Finding:
    if order.credit_of == UNKNOWN_ORDER:
        text = Text("The order is a credit note, but does not say which order it credits.")
        return Finding("credit_of_unknown", text, Text("Choose the order below, or enter it in Dinero by hand."))
    if original is None:
        text = Text("The credit note is for order {order}, which is not known here.", order=order.credit_of)
    elif original.left_out:
        text = Text("The credit note is for order {order}, which you left out: {reason}",
                    order=original.number or original.order_id, reason=original.left_out)  # fmt: skip
        return Finding("credit_of_left_out", text, question=LEFT_OUT_TOO)
    else:
        text = Text("The credit note is for order {order}, which was not transferred from here.",
                    order=original.number or original.order_id)  # fmt: skip
    return Finding("credit_of_untransferred", text, BY_HAND)


LEFT_OUT_TOO = Question(
    "left_out_too",
    Text("If the order is not in Dinero at all, its credit note must not be either. If you entered the order in Dinero "
         "by hand, enter the credit note there too."),
    (Choice("leave_out", Text("Leave the credit note out as well")),),
    can_be_rule=False,
)  # fmt: skip
EVENS_OUT = Question(
    "evens_out",
    Text("Together they come to 0, and neither is in Dinero yet. Leaving both out keeps the books the same."),
    (
        Choice("leave_out", Text("Leave out the order and its credit note")),
        Choice("book", Text("Book both: the goods were delivered and came back")),
    ),
    can_be_rule=False,
)


ON_THE_WAY = ("waiting", "not due", "held", "claimed", "drafted", "verified", "booked", "unsure", "refused")


def assess(
    order: Order,
    settings: Settings,
    *,
    ignored_reason: str | None = None,
    original: Original | None = None,
    suspect: str = "",
    rebook: bool = False,
    gone: bool = False,
    credited: Money | None = None,
    consultation: Consultation | None = None,
    checked: bool = False,
) -> tuple[str, list[Finding]]:
    """The state of an order that has no document yet, with its reasons (DESIGN rule 10).

    `ignored_reason` is what the owner wrote when leaving the order out; `original` is the order that a credit note
    credits; `suspect` names a document in Dinero that may be this order's from another integration; `rebook` says that
    the order was booked from here before, so that nobody else has it; `gone` that the shop no longer has it;
    `credited` is what the shop's own credit notes take back of it; `consultation` is what VIES said last of its number;
    `checked` says that the check of older orders has looked for it in Dinero, without which no order of a period that
    was let in goes.
    """
    if ignored_reason is not None:
        return "ignored", [Finding("owner", Text("You left this order out: {reason}", reason=ignored_reason))]
    if settings.missing():
        return "held", [
            Finding("set_up", Text("The set-up is not complete."), Text("Complete the steps on the set-up page."))
        ]
    if not rebook and before_take_over(order, settings) and (original is None or original.plan is None):
        if not is_let_in(order, settings):
            return "ignored", [_before_take_over(order, settings)]
        if not checked:
            return "held", [NOT_CHECKED]
    already = []
    if suspect and ALREADY_THERE.answer(settings.rules) is None:
        text = Text("Dinero has {document}, which may be this order's.", document=suspect)
        already = [Finding("already_in_dinero", text, question=ALREADY_THERE)]
    if order.is_credit:
        return _assess_credit(order, settings, original, already, gone=gone)
    if order.cancelled and not order.paid:
        cancelled = Finding("cancelled", Text("The order was cancelled in the shop and never paid."))
        return ("held", [*already, cancelled]) if already else ("ignored", [cancelled])
    if (EVENS_OUT.answer(settings.rules) == "leave_out" and credited is not None and credited == order.total
            and not already):  # fmt: skip
        text = Text("The order and its credit note in the shop come to 0, and you left both out.")
        return "ignored", [Finding("evens_out", text)]
    early, asked = _due(order, settings)
    if early is not None:
        return ("held", [*already, *early[1]]) if already else early
    findings = _evened_out(order, check_order(order, settings), credited) + asked + already
    if gone and GONE.answer(settings.rules) is None:
        findings.append(Finding("gone", Text("The order is no longer in the shop."), question=GONE))
    if not findings or consultation is not None:  # VIES is asked when nothing else is in the way
        findings += check_vies(order, settings, consultation)
    return ("held", findings) if findings else ("waiting", [])


NOT_CHECKED = Finding(
    "not_checked",
    Text("The order's period was let in, but the order is not checked yet: Dinero may have it already."),
    Text("Check its period again under Older orders. It may go when the check has not found it in Dinero."),
)


def _before_take_over(order: Order, settings: Settings) -> Finding:
    """Why an order is left to what was used before; where its moment came after the take-over, with the question."""
    text = Text("The order is from before the dashboard took over, and is left to what was used before.")
    if not straddles(order, settings):
        return Finding("before_take_over", text)
    text = Text("The order is from {date}, before the dashboard took over, and is left to what was used before, "
                "though its moment came after that: the order's date decides.", date=order.placed_on)  # fmt: skip
    return Finding("before_take_over", text, question=STRADDLING)


def _assess_credit(
    order: Order, settings: Settings, original: Original | None, already: list[Finding], *, gone: bool
) -> tuple[str, list[Finding]]:
    rules = settings.rules
    if original is not None and original.plan is None:
        number = original.number or original.order_id
        if original.state in ON_THE_WAY:
            text = Text("The credit note waits until order {order} is transferred.", order=number)
            return "not due", [Finding("waits_for_order", text)]
        evens = original.order_total is not None and order.total is not None and (
            original.order_total.ore == abs(order.total.ore)
        )  # fmt: skip
        if original.left_out and ((evens and original.cancelled) or LEFT_OUT_TOO.answer(rules) == "leave_out"):
            text = Text("Order {order}, which it credits, was left out: neither is booked from here.", order=number)
            return "ignored", [Finding("credit_left_out", text)]
    findings = check_credit(order, settings, original) + already
    codes = {finding.code for finding in findings}
    if "already_taken_back" in codes and SAME_RETURN.answer(rules) == "same":
        text = Text("It is the return that you took back from here already.")
        return "ignored", [Finding("same_return", text)]
    if gone and GONE.answer(rules) is None:
        findings.append(Finding("gone", Text("The order is no longer in the shop."), question=GONE))
    return ("held", findings) if findings else ("waiting", [])


_TAKEN_BACK = ("cancelled_paid", "withdrawn_paid", "status_refunded", "status_returned", "refunded_in_shop")


def _evened_out(order: Order, findings: list[Finding], credited: Money | None) -> list[Finding]:
    """One question instead of what is said of an order that was cancelled and credited in full in the shop."""
    if credited is None or credited != order.total or not any(finding.code in _TAKEN_BACK for finding in findings):
        return findings
    text = Text("The order was taken back in the shop, and its credit note of {credited} takes back all of it.",
                credited=credited)  # fmt: skip
    return [Finding("evens_out", text, question=EVENS_OUT)]


GONE = Question(
    "gone",
    Text("All orders of the shop were read, and this one was not among them: it was deleted, or the shop no longer "
         "lists it. A sale that was deleted is none; leave it out with the reason."),
    (Choice("book", Text("It is a sale all the same: book it")),),
    can_be_rule=False,
)  # fmt: skip
STRADDLING = Question(
    "straddling",
    Text("The take-over counts by the order's date unless you say otherwise. What was used before may have booked it "
         "when it was paid or sent; if it was switched off before that, nobody has it."),
    (
        Choice("theirs", Text("What was used before has such orders: leave them out here")),
        Choice("ours", Text("It was switched off by then: transfer such orders from here")),
    ),
)  # fmt: skip


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
    if status_of(order.status) is None and settings.rules.get(f"status:{plain(order.status)}") == "wait":
        text = Text("Orders with the status “{status}” wait until it changes, as you chose.", status=order.status[:40])
        return ("not due", [Finding("status_waits", text)]), []
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
        before = order.placed_on < settings.take_over_date
        return before and not (straddles(order, settings) and settings.rules.get("straddling") == "ours")
    if settings.take_over_number is not None and order.number.isascii() and order.number.isdigit():
        return int(order.number) < settings.take_over_number
    return False


def straddles(order: Order, settings: Settings) -> bool:
    """Whether an order was placed before the take-over and came to its moment (paid or sent) after it, as far as the
    shop tells when."""
    moment = order.sent_at if settings.trigger == "sent" else order.paid_at
    first: date | None = settings.take_over_date
    if first is None or order.placed_on is None or moment is None or order.is_credit:
        return False
    return order.placed_on < first <= copenhagen_date(moment)
