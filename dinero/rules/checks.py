"""Pure checks of an order: all findings at once, each with its fix; and the one state an order is in.

A finding holds the order: nothing is guessed, nothing is booked that does not add up to the øre. Where the right
booking depends on the owner's accountant, the finding carries a question (dinero.model.findings).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from babel.numbers import get_currency_precision
from stdnum import ean

from dinero.model.chart import Account
from dinero.model.clock import copenhagen_date
from dinero.model.findings import Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money, total
from dinero.model.orders import Line, LineKind, Order, Party, Problem
from dinero.model.settings import Settings
from dinero.rules.charged import charged_vat, goods_of, line_rates, spread_discount
from dinero.rules.credit_lines import CREDIT_RATE
from dinero.rules.invoices import (
    COLLECTED,
    account_role,
    below_zero_rule,
    collected_rule,
    country_rule,
    currency_rule,
    gift_card_rule,
    has_terms,
    interpret,
    invoice_date,
    payment_date,
    voucher_answer,
    voucher_kind_rule,
    voucher_rule,
    zone_of,
)
from dinero.rules.oss import check_oss
from dinero.rules.places import destination, doubtful_place, may_be_collected_here, prefix_contradicts, territory
from dinero.rules.sale_checks import check_status
from dinero.rules.vat_free import SENT, order_question
from dinero.rules.vat_free import findings as vat_free_findings
from dinero.rules.words import is_cpr, is_discount, is_gift_card, is_known_voucher, plain
from dinero.rules.zones import CONSUMER_AFTER_ALL, ZONE_CODES, Zone, danish_number, eu_vat_number

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
    (facts.md, Dinero 4.34, 4.35)."""
    findings = _check_future(order, settings) + _check_past(order, settings)
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


def _check_past(order: Order, settings: Settings) -> list[Finding]:
    """Nothing is paid or sent before it is ordered: a time long before is another order's, or mistyped."""
    if order.placed_at is None or order.is_credit or DATES_CONTRADICT.answer(settings.rules):
        return []
    told = [moment for moment in (order.paid_at, order.sent_at) if moment and moment < order.placed_at - CLOCKS_DIFFER]
    if not told:
        return []
    text = Text(
        "The order was paid or sent on {date}, but ordered only on {ordered}.",
        date=copenhagen_date(min(told)),
        ordered=order.placed_on,
    )
    return [Finding("dates_contradict", text, question=DATES_CONTRADICT)]


CLOCKS_DIFFER = timedelta(days=1)
DATES_CONTRADICT = Question(
    "dates_contradict",
    Text(
        "The document and its payment get the dates of the payment or the sending, and the VAT belongs to that "
        "period. Correct the date in the shop if it is wrong."
    ),
    (Choice("book", Text("The dates are right: book with them")),),
    can_be_rule=False,
)
IN_FUTURE = Question(
    "date_in_future",
    Text(
        "The document gets that date, and its VAT belongs to that period. Correct the date in the shop if it is wrong."
    ),
    (Choice("book", Text("The date is right: book with it")),),
    can_be_rule=False,
)

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
        asked, exact = _currency_question(order), get_currency_precision(order.currency) == DECIMALS
        if exact and asked.answer(rules) is None and not order.is_credit:
            text = Text("The order is in {currency}.", currency=order.currency)
            findings.append(Finding("currency", text, question=asked))
    if not order.prices_include_vat:
        text = Text("The order's prices are without VAT, but lines, VAT and total do not add up as such.")
        findings.append(Finding("net_prices", text, ASK_SHOP))
    if order.currency != DKK and get_currency_precision(order.currency) != DECIMALS:
        text = Text(
            "{currency} has no hundredths, and only currencies that have them can be booked from here.",
            currency=order.currency,
        )
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
    """A voucher of a fixed amount may be a gift card (facts.md, Shoporama 8e): asked of each that looks like one, or
    when the shop is known to sell gift cards; of a kind that is not known once."""
    rules = settings.rules
    sells = any(key.startswith("gift_card_product:") and value == "multi" for key, value in rules.items())
    fixed = any(line.kind is LineKind.DISCOUNT for line in order.lines) and not order.voucher_is_percent
    by_code = is_gift_card(order.voucher_code) or sells
    unknown = not is_known_voucher(order.voucher_kind)
    if not (fixed and (by_code or unknown)) or voucher_answer(order, rules) is not None:
        return []
    if not by_code:
        text = Text(
            "The voucher “{code}” is of the kind “{kind}”, which is not known here, and may be a gift card.",
            code=order.voucher_code[:40],
            kind=order.voucher_kind[:40],
        )
        return [Finding("voucher", text, question=_voucher_question(voucher_kind_rule(order)))]
    text = Text("The voucher “{code}” takes a fixed amount off, and may be a gift card.", code=order.voucher_code[:40])
    return [Finding("voucher", text, question=_voucher_question(voucher_rule(order)))]


ZERO_TOTAL = Question(
    "zero_total",
    Text(
        "There is nothing to post for a total of 0. Whether Dinero books an invoice of 0 is not known; it says so "
        "before anything is booked."
    ),
    (Choice("book", Text("Book an invoice of 0 without a payment, so that the customer has one")),),
)


def _currency_question(order: Order) -> Question:
    return Question(
        currency_rule(order),
        Text(
            "The invoice is made in {currency}, and Dinero uses the day's rate. What you receive in kroner is known "
            "only with the payout; the difference belongs on 1445 Valutakursdifferencer.",
            currency=order.currency,
        ),
        (
            Choice(
                "dinero_rate", Text("Register the payment at Dinero's own rate; the difference comes with the payout")
            ),
            Choice("by_hand", Text("Register no payment; I register it in Dinero when the money comes")),
        ),
    )


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


def _voucher_question(key: str) -> Question:
    return Question(
        key,
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
    """Both countries are understood, and nothing in the address speaks against them: where the goods go decides the
    VAT."""
    findings = {}
    where = destination(order)
    if (other := prefix_contradicts(where)) is not None:
        text = Text(
            "The address says “{country}”, but its postcode {zipcode} says {other}.",
            country=where.country_text or where.country,
            zipcode=where.zipcode,
            other=other,
        )
        findings["country_contradictory"] = Finding("country_contradictory", text, ASK_SHOP)
    if may_be_collected_here(order):
        text = Text(
            "The shipping method “{method}” says that the goods are collected, but the address is abroad.",
            method=order.shipping_method[:60],
        )
        findings["collected_abroad"] = Finding("collected_abroad", text, question=_collected_question(order))
    place = doubtful_place(order)
    if place is not None and DANISH_PLACE.answer(settings.rules) is None:
        text = Text(
            "The address says Denmark, but “{place}” may be in Greenland or in the Faroe Islands.",
            place=f"{where.zipcode} {where.city}".strip()[:60],
        )
        findings["danish_place"] = Finding("danish_place", text, question=DANISH_PLACE)
    for party in (order.billing, where):
        if party.country is None and party.country_text:
            text = Text("The country “{country}” is not understood.", country=party.country_text)
            one_word = " / " not in party.country_text and plain(party.country_text)
            question = _country_question(party) if one_word else None
            findings[f"country_unknown {party.country_text}"] = Finding("country_unknown", text, ASK_SHOP, question)
    if not findings and where.country is None:
        text = Text("The order has no country, and that decides the VAT.")
        findings["country_missing"] = Finding("country_missing", text, ASK_SHOP)
    return list(findings.values())


def _collected_question(order: Order) -> Question:
    return Question(
        collected_rule(order),
        Text(
            "Goods that are collected at the shop stay in Denmark and are sold with Danish VAT, whoever collects "
            "them. Goods that are collected near the customer were sent: the country they went to decides."
        ),
        (
            Choice(COLLECTED, Text("They are collected at the shop in Denmark")),
            Choice(SENT, Text("They are sent to the customer's country")),
        ),
    )


# Where shops that sell from Denmark send most; another country is written on the order in the shop.
COUNTRY_CHOICES: Mapping[str, Text] = {
    "DK": Text("Denmark"),
    "SE": Text("Sweden"),
    "NO": Text("Norway"),
    "DE": Text("Germany"),
    "FI": Text("Finland"),
    "NL": Text("The Netherlands"),
    "GB": Text("The United Kingdom"),
    "GL": Text("Greenland"),
    "FO": Text("The Faroe Islands"),
    "IS": Text("Iceland"),
    "CH": Text("Switzerland"),
    "US": Text("The United States"),
}


def _country_question(party: Party) -> Question:
    return Question(
        country_rule(party),
        Text(
            "Where the goods go decides the VAT. The answer counts for this word. Another country than these is "
            "corrected on the order in the shop."
        ),
        tuple(Choice(code, name) for code, name in COUNTRY_CHOICES.items()),
    )


DANISH_PLACE = Question(
    "danish_place",
    Text(
        "Greenland and the Faroe Islands are outside the VAT area: goods that are sent there are sold without VAT. "
        "Many shops have only “Danmark” in their list of countries."
    ),
    (
        Choice("DK", Text("The address is in Denmark")),
        Choice("GL", Text("It is in Greenland")),
        Choice("FO", Text("It is in the Faroe Islands")),
    ),
    can_be_rule=False,
)


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
    numbered = order.is_company and bool(danish_number(order) or eu_vat_number(order))
    if not order.email:
        if not order.ean_number and not numbered and NO_EMAIL.answer(settings.rules) is None:
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
    Text(
        "An exchange is two things: what comes back is credited, and what goes out is sold. One document with both is "
        "right in money and VAT, but it names the first invoice only where it is a credit note. Whether Dinero takes "
        "lines below zero is not known; the draft is compared to the øre before it is booked."
    ),
    (Choice("net", Text("Book both in one document, what goes the other way as a line below zero")),),
    can_be_rule=False,
)


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
            text = Text(
                "It is an exchange: “{one}” and “{other}” go different ways.",
                one=line.text[:60],
                other=others[0].text[:60],
            )
            if _is_told_positive(order):
                fix = Text(
                    "Take the first invoice back, or credit its part, and enter what goes out in Dinero by "
                    "hand. Then leave this order out with the reason."
                )
                return Finding("exchange", text, fix)
            return Finding("exchange", text, question=EXCHANGE)
    if not below:
        return None
    text = Text("The line “{line}” has a quantity or an amount below zero.", line=below[0].text[:60])
    return Finding("line_negative", text, ASK_SHOP)


def _below_zero_question(line: Line) -> Question:
    return Question(
        below_zero_rule(line),
        Text(
            "A discount lowers the sale and its VAT. What is no discount can't be booked from here: correct it in the "
            "shop, or enter the order in Dinero by hand."
        ),
        (Choice("discount", Text("It is a discount: take it off the goods")),),
    )


def _discount(order: Order) -> int:
    return sum(line.total.ore for line in order.lines if line.kind is LineKind.DISCOUNT)


def check_sum(order: Order, settings: Settings) -> list[Finding]:
    """Lines and shipping less the discount are the total, to the øre (facts.md, rule 14), or differ by no more than
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
        if order.is_credit:
            return []
        nothing = zone_of(order, settings)
        if nothing.zone is Zone.OSS:
            return _check_oss(order, settings)
        worth = any((line.total + cut).ore for line, cut in zip(goods_of(order), spread_discount(order), strict=True))
        if worth and line_rates(order) is None:  # a sale that a gift card paid has its VAT
            return [_vat_differs(order)]
        return [*nothing.findings, *_check_vat_free(order, settings, nothing.zone)]
    if doubtful_place(order) is not None and DANISH_PLACE.answer(settings.rules) is None and not order.is_credit:
        return []  # where the goods go is asked first, and decides the rest
    if order.vat is None:
        return [Finding("vat_missing", Text("The order does not say how much of it is VAT."), ASK_SHOP)]
    decision = zone_of(order, settings)
    if may_be_collected_here(order) and not order.is_credit:
        return []  # asked first: where the goods go decides the VAT
    if order.is_credit and not order.lines:
        return []
    if order.is_credit:  # its VAT is that of the invoice it credits, unless what it tells contradicts itself
        unclear = charged_vat(order) == "other" and CREDIT_VAT.answer(settings.rules) is None
        return [replace(_vat_differs(order), question=CREDIT_VAT)] if unclear else []
    if decision.zone is Zone.OSS:
        return _check_oss(order, settings)
    if decision.zone is Zone.EU_CONSUMER and _over_limit(order, settings):
        text = Text(
            "Sales to consumers in other EU countries have passed {limit} without VAT, this year or the last.",
            limit=Money(settings.eu_limit),
        )
        fix = Text(
            "From here on the buyer's country's VAT applies: register for OSS, and change the answer about "
            "sales to EU consumers on the set-up page."
        )
        return [Finding("eu_limit", text, fix)]
    if decision.zone is Zone.EU_CONSUMER and order.currency != DKK and order.currency not in settings.rates:
        text = Text("The counter of sales to EU consumers needs a rate for {currency}.", currency=order.currency)
        return [Finding("rate_missing", text, Text("Enter the rate on the set-up page."))]
    known = territory(destination(order)) is not None
    if decision.zone is None and not decision.findings and known:
        asked = None if order.vat.ore else order_question(order)  # lines that name 25 %, and no VAT in all
        return [replace(_vat_differs(order), question=asked)]
    return [*decision.findings, *_check_vat_free(order, settings, decision.zone)]


def _check_oss(order: Order, settings: Settings) -> list[Finding]:
    """What is said of another country's VAT; a rate is asked about when it is known which lines are gift cards."""
    found = check_oss(order, settings)
    unsure = any(_may_be_gift_card(line, settings) for line in order.lines)
    return [finding for finding in found if finding.code != "oss_rate"] if unsure else found


def _check_vat_free(order: Order, settings: Settings, zone: Zone | None) -> list[Finding]:
    """0 % in Denmark always has a reason that somebody gave (dinero.rules.vat_free)."""
    rates = line_rates(order)
    if zone is None or zone is Zone.OSS or rates is None:
        return []
    free = [
        (line, line.total + cut)
        for line, rate, cut in zip(goods_of(order), rates, spread_discount(order), strict=True)
        if not rate
        and not _may_be_gift_card(line, settings)
        and account_role(line, rate, zone)[0].endswith(f".{Zone.DOMESTIC_FREE.value}")
    ]
    return vat_free_findings(order, free, settings)


CREDIT_VAT = Question(
    CREDIT_RATE,
    Text(
        "What is given back carries the VAT that it was sold with. The invoice says which that was, line by line; a "
        "sum that names no line of it may be of the goods with VAT, of those without, or of all in proportion."
    ),
    (
        Choice("invoice", Text("As the invoice has it; what names no line of it in proportion")),
        Choice("taxed", Text("It is of the goods with VAT")),
        Choice("free", Text("It is of the goods without VAT")),
    ),
    can_be_rule=False,
)


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
    """Every line's account exists, is in use, and has the VAT code of the order's zone (facts.md, Dinero 4.30)."""
    rates, zone = line_rates(order), zone_of(order, settings).zone
    wanted: dict[int, frozenset[str]] = {}
    if rates is not None and zone not in (None, Zone.OSS):
        for line, rate in zip(goods_of(order), rates, strict=True):
            role, codes = account_role(line, rate, zone)
            wanted[settings.account(role)] = codes
    without_vat = ZONE_CODES[Zone.DOMESTIC_FREE]
    sold = zone is Zone.OSS and any(line.kind is LineKind.GIFT_CARD_SOLD for line in order.lines)
    if sold or any(line.kind is LineKind.GIFT_CARD for line in order.lines):
        wanted[settings.account("gift_card")] = without_vat
    rounded = order.total is not None and total([line.total for line in order.lines], order.currency) != order.total
    if rounded and settings.rounding_account is not None:
        wanted[settings.rounding_account] = without_vat
    return [finding for number, codes in wanted.items() if (finding := check_account(number, codes, settings))]


def fits(account: Account, codes: frozenset[str]) -> bool:
    """Whether an account's VAT code is one of these; without any (domestic reverse charge, whose code is not known), it
    must not be known to be for something else."""
    known = account.vat_rate is not None and account.vat_code not in ZONE_CODES[Zone.DOMESTIC_FREE]
    return account.vat_code in codes if codes else not known and not account.vat_code.startswith("I")


def check_account(number: int, codes: frozenset[str], settings: Settings) -> Finding | None:
    """Why an account can't be used for lines that need one of these VAT codes; None when it can."""
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
        text = Text(
            "Account {number} {name} has the VAT code “{code}”, which is not for domestic reverse charge.",
            number=str(account.number),
            name=account.name,
            code=account.vat_code,
        )
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


def check_order(order: Order, settings: Settings) -> list[Finding]:
    """All findings of all checks of an order as the shop tells it."""
    order = interpret(order, settings)
    return [finding for check in CHECKS for finding in check(order, settings)]
