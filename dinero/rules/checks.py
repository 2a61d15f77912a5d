"""Pure checks of an order: all findings at once, each with its fix.

A finding holds the order: nothing is guessed, nothing is booked that does not add up to the øre. Where the right
booking depends on the owner's accountant, the finding carries a question (questions.py).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from babel.numbers import get_currency_precision
from stdnum import ean

from dinero.model.clock import copenhagen_date
from dinero.model.findings import Finding, told_of
from dinero.model.i18n import Text
from dinero.model.money import DKK
from dinero.model.orders import LineKind, Order, Problem
from dinero.model.settings import Settings
from dinero.model.words import is_cpr, is_gift_card, is_known_voucher, plain
from dinero.rules.accounts import check_accounts, check_booking_account
from dinero.rules.cards import short_of_lines, takes_off_lines
from dinero.rules.interpreting import interpret
from dinero.rules.line_checks import check_lines, check_sum
from dinero.rules.number_fields import check_numbers
from dinero.rules.payments import has_terms, invoice_date, payment_date
from dinero.rules.places import destination, doubtful_place, may_be_collected_here, prefix_contradicts, territory
from dinero.rules.questions import (
    ASK_SHOP,
    BY_HAND,
    CONSUMER_AFTER_ALL,
    DANISH_PLACE,
    DATES_CONTRADICT,
    IN_FUTURE,
    NO_EMAIL,
    REPORTED_PERIOD,
    ZERO_TOTAL,
    collected_question,
    country_question,
    currency_question,
    gift_card_question,
    gift_card_rule,
    may_be_gift_card,
    voucher_answer,
    voucher_kind_rule,
    voucher_question,
    voucher_rule,
)
from dinero.rules.sale_checks import check_status
from dinero.rules.vat_checks import check_vat
from dinero.rules.vat_numbers import danish_number, eu_vat_number
from dinero.rules.whole_kroner import check_whole_kroner

# What may stand before the @ is wide (RFC 5321: an apostrophe may); what can't be in an address at all is not.
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"'()\[\]\\]+\.[^\s@.<>,;:\"'()\[\]\\]{2,}")


MOST_FIELDS = 10  # that one sentence lists


def check_readable(order: Order, settings: Settings) -> list[Finding]:
    """What the reader could not make out; several fields in one sentence, with the advice once."""
    told: dict[str, Problem] = {}
    for problem in order.problems:  # a field that is read twice is one problem
        told.setdefault(problem.text.dumps(), problem)
    fields = {key: problem.field for key, problem in told.items() if problem.field is not None}
    if len(fields) > 1:
        listed = list(fields.values())
        if left := len(listed[MOST_FIELDS:]):
            listed[MOST_FIELDS:] = [Text("{n} more", n=left)]
        text = Text("Several fields can't be read: {fields}.", fields=tuple(listed))
        first = next(iter(fields))
        told = {first: replace(told[first], text=text)} | {key: told[key] for key in told if key not in fields}
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
            fix = Text("Create the accounting year in Dinero, then fetch the accounts again under Set-up.")
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


def check_kind(order: Order, settings: Settings) -> list[Finding]:
    """What depends on the owner's accountant: nothing to pay, another currency, an EAN number, gift cards."""
    findings = []
    rules = settings.rules
    if order.total is not None and order.total.ore == 0 and not order.is_credit and ZERO_TOTAL.answer(rules) is None:
        text = Text("The order is of 0 kr., so there is nothing to register.")
        findings.append(Finding("zero_total", text, question=ZERO_TOTAL))
    if order.currency != DKK:
        asked, exact = currency_question(order), get_currency_precision(order.currency) == DECIMALS
        if exact and asked.answer(rules) is None and not order.is_credit:
            text = Text("The order is in {currency}.", currency=order.currency)
            findings.append(Finding("currency", text, question=asked))
    told_alone = order.is_credit and not order.lines  # a credit of its total alone has its VAT inside
    if not order.prices_include_vat and not told_alone and short_of_lines(order) is None:
        text = Text("The order's prices are without VAT, but lines and VAT together are not the total.")
        findings.append(Finding("net_prices", text, ASK_SHOP))
    if order.currency != DKK and get_currency_precision(order.currency) != DECIMALS:
        text = Text(
            "{currency} has no hundredths, and only currencies that have them can be booked from here.",
            currency=order.currency,
        )
        findings.append(Finding("currency_decimals", text, BY_HAND))
    for line in order.lines:
        if may_be_gift_card(line, settings):
            text = Text("“{product}” looks like a gift card.", product=line.text[:80])
            question = gift_card_question(gift_card_rule(line))
            findings.append(Finding("gift_card_product", text, question=question))
    return findings + _check_voucher(order, settings)


DECIMALS = 2


def _check_voucher(order: Order, settings: Settings) -> list[Finding]:
    """A voucher of a fixed amount may be a gift card (facts.md, Shoporama 8e): asked of each that looks like one, or
    when the shop is known to sell gift cards; of a kind that is not known once."""
    rules = settings.rules
    sells = any(key.startswith("gift_card_product:") and value == "multi" for key, value in rules.items())
    fixed = any(line.kind is LineKind.DISCOUNT for line in order.lines) and not order.voucher_is_percent
    fixed = fixed or takes_off_lines(order)
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
        return [Finding("voucher", text, question=voucher_question(voucher_kind_rule(order)))]
    text = Text("The voucher “{code}” takes a fixed amount off, and may be a gift card.", code=order.voucher_code[:40])
    return [Finding("voucher", text, question=voucher_question(voucher_rule(order)))]


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
        findings["collected_abroad"] = Finding("collected_abroad", text, question=collected_question(order))
    place = doubtful_place(order)
    if place is not None and DANISH_PLACE.answer(settings.rules) is None:
        text = Text(
            "The address says Denmark, but “{place}” may be in Greenland or in the Faroe Islands.",
            place=f"{where.zipcode} {where.city}".strip()[:60],
        )
        findings["danish_place"] = Finding("danish_place", text, question=DANISH_PLACE)
    for party in (order.billing, where):
        if party.country is None and party.country_text:
            text = Text("We don't know the country “{country}”.", country=party.country_text)
            one_word = " / " not in party.country_text and plain(party.country_text)
            question = country_question(party) if one_word else None
            findings[f"country_unknown {party.country_text}"] = Finding("country_unknown", text, ASK_SHOP, question)
    if not findings and where.country is None:
        text = Text("The order has no country, and that decides the VAT.")
        findings["country_missing"] = Finding("country_missing", text, ASK_SHOP)
    return list(findings.values())


def check_customer(order: Order, settings: Settings) -> list[Finding]:
    """The e-mail is the key to the customer in Dinero; a Danish company needs a CVR number that can exist."""
    findings = []
    numbered = order.is_company and bool(danish_number(order) or eu_vat_number(order))
    if not order.email:
        if not order.ean_number and not numbered and NO_EMAIL.answer(settings.rules) is None:
            text = Text("The order has no e-mail, and that is the key to the customer in Dinero.")
            fix = Text("Enter the customer's e-mail on the order in {shop}, then fetch again.")
            findings.append(Finding("email_missing", text, fix, NO_EMAIL))
    elif len(order.email) > 254 or not _EMAIL.fullmatch(order.email.strip()):
        findings.append(
            Finding(
                "email_malformed",
                Text("The e-mail “{email}” is not an e-mail address.", email=order.email[:80]),
                Text("Correct the customer's e-mail on the order in {shop}, then fetch again."),
            )
        )
    if not order.customer_name.strip():
        findings.append(
            Finding(
                "name_missing",
                Text("The order has no name of the customer."),
                Text("Enter the name on the order in {shop}, then fetch again."),
            )
        )
    where = territory(destination(order))
    number_fits = danish_number(order) or eu_vat_number(order)
    if order.vat_number and where is not None and where.kind == "dk" and not number_fits:
        text = Text("“{number}” is not a valid CVR number.", number=order.vat_number[:40])
        if is_cpr(order.vat_number):  # a personal number is not repeated
            text = Text("What stands in the field for the CVR number is not one.")
        fix = Text("Correct the CVR number on the order in {shop}, then fetch again.")
        findings.append(Finding("cvr_invalid", text, fix, CONSUMER_AFTER_ALL))
    if order.ean_number and has_terms(order, settings):
        if len(order.ean_number) != 13 or not ean.is_valid(order.ean_number):
            text = Text("“{number}” is not a valid EAN number.", number=order.ean_number[:40])
            fix = Text("Correct the EAN number on the order in {shop}, then fetch again.")
            findings.append(Finding("ean_invalid", text, fix))
        elif not order.billing.name and settings.rules.get("ean") == "e_invoice":
            text = Text("An electronic invoice needs an attention person, and the order has no name.")
            fix = Text("Enter the name on the order in {shop}, then fetch again.")
            findings.append(Finding("ean_attention", text, fix))
    return findings


CHECKS: tuple[Callable[[Order, Settings], list[Finding]], ...] = (
    check_readable,
    check_identity,
    check_status,
    check_kind,
    check_whole_kroner,
    check_country,
    check_customer,
    check_numbers,
    check_lines,
    check_sum,
    check_vat,
    check_accounts,
    check_booking_account,
)


def check_order(order: Order, settings: Settings) -> list[Finding]:
    """All findings of all checks of an order as the shop tells it."""
    order = interpret(order, settings)
    return told_of((finding for check in CHECKS for finding in check(order, settings)), settings.shop_title)
