"""Why may an order's VAT not go: is what the shop charged what its zone asks for?"""

from dataclasses import replace

from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.orders import Order
from dinero.model.settings import Settings
from dinero.model.zones import Zone
from dinero.rules.accounts import account_role
from dinero.rules.charged import charged_vat, goods_of, line_rates, spread_discount
from dinero.rules.line_checks import check_sum
from dinero.rules.oss import check_oss
from dinero.rules.places import destination, doubtful_place, may_be_collected_here, territory
from dinero.rules.questions import ASK_SHOP, CREDIT_VAT, DANISH_PLACE, may_be_gift_card
from dinero.rules.vat_free import findings as vat_free_findings
from dinero.rules.vat_free import order_question
from dinero.rules.zones import zone_of


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
    if order.vat is None:  # a credit's VAT is its invoice's, told or not
        missing = Finding("vat_missing", Text("The order does not say how much of it is VAT."), ASK_SHOP)
        return [] if order.is_credit else [missing]
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
            "From here on the buyer's country's VAT applies: register for OSS, and change the answer about sales "
            "to EU consumers under Set-up."
        )
        return [Finding("eu_limit", text, fix)]
    if decision.zone is Zone.EU_CONSUMER and order.currency != DKK and order.currency not in settings.rates:
        text = Text("The counter of sales to EU consumers needs a rate for {currency}.", currency=order.currency)
        return [Finding("rate_missing", text, Text("Enter the rate under Set-up."))]
    known = territory(destination(order)) is not None
    if decision.zone is None and not decision.findings and known:
        asked = None if order.vat.ore else order_question(order)  # lines that name 25 %, and no VAT in all
        return [replace(_vat_differs(order), question=asked)]
    return [*decision.findings, *_check_vat_free(order, settings, decision.zone)]


def _check_oss(order: Order, settings: Settings) -> list[Finding]:
    """What is said of another country's VAT; a rate is asked about when it is known which lines are gift cards."""
    found = check_oss(order, settings)
    unsure = any(may_be_gift_card(line, settings) for line in order.lines)
    return [finding for finding in found if finding.code != "oss_rate"] if unsure else found


def _check_vat_free(order: Order, settings: Settings, zone: Zone | None) -> list[Finding]:
    """0 % in Denmark always has a reason that somebody gave (vat_free.py)."""
    rates = line_rates(order)
    if zone is None or zone is Zone.OSS or rates is None:
        return []
    free = [
        (line, line.total + cut)
        for line, rate, cut in zip(goods_of(order), rates, spread_discount(order), strict=True)
        if not rate
        and not may_be_gift_card(line, settings)
        and account_role(line, rate, zone)[0].endswith(f".{Zone.DOMESTIC_FREE.value}")
    ]
    return vat_free_findings(order, free, settings)


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
