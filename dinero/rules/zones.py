"""Which VAT applies to an order: by where the goods go, who buys, and what the shop charged.

The rules are those of the VAT Directive (2006/112/EC art. 5-8, 33, 138, 146) and of Dinero (facts.md, Dinero 5b). Where
they leave the answer to the owner's accountant, the zone is None and a finding asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.orders import LineKind, Order
from dinero.model.settings import Settings
from dinero.model.zones import Zone
from dinero.rules.charged import charged_vat, goods_of
from dinero.rules.places import destination, territory
from dinero.rules.questions import (
    CONSUMER_AFTER_ALL,
    EU_CONSUMERS,
    MEND_NUMBER,
    NORTHERN_IRELAND,
    NORWEGIAN_VAT,
    VAT_IN_THE_PRICE,
    charged_anyway,
)
from dinero.rules.vat_free import EXEMPT, THIS_ORDER, is_reverse_charge
from dinero.rules.vat_numbers import danish_number, eu_vat_number


@dataclass(frozen=True, slots=True)
class Decision:
    """The zone of an order, or None and the findings that say why there is none (yet)."""

    zone: Zone | None
    findings: tuple[Finding, ...] = ()


def decide(order: Order, answers: Mapping[str, str], charged: str | None) -> Decision:
    """The VAT zone of an order. `charged` is what the shop charged: "none", "danish" or "other" (see
    `charged.charged_vat`), None when it can't be told. An order without a known country has no zone and no
    finding here: `checks.check_country` tells."""
    where = territory(destination(order))
    if where is None or charged is None:
        return Decision(None)
    match where.kind:
        case "dk":
            return _in_denmark(charged)
        case "eu":
            return _in_eu(order, answers, charged)
        case "xi":
            answer = NORTHERN_IRELAND.answer(answers)
            if answer is None:
                text = Text("The order goes to Northern Ireland.")
                return Decision(None, (Finding("northern_ireland", text, question=NORTHERN_IRELAND),))
            return _in_eu(order, answers, charged) if answer == "eu" else _in_world(order, answers, charged)
    return _in_world(order, answers, charged)


def _in_denmark(charged: str) -> Decision:
    if charged == "other":
        return Decision(None)
    if charged == "danish":
        return Decision(Zone.DOMESTIC)
    return Decision(Zone.DOMESTIC_FREE)  # vat_free asks why


def _in_eu(order: Order, answers: Mapping[str, str], charged: str) -> Decision:
    if eu_vat_number(order) and CONSUMER_AFTER_ALL.answer(answers) is None:
        if charged == "none":
            return Decision(Zone.EU_BUSINESS)
        asked = charged_anyway("eu_business_charged")
        if charged == "danish" and asked.answer(answers):
            return Decision(Zone.DOMESTIC)
        text = Text("The buyer is a company in the EU with a valid VAT number, but the shop charged VAT.")
        question = asked if charged == "danish" else None
        return Decision(None, (Finding("eu_business_charged", text, None if question else MEND_NUMBER, question),))
    if order.vat_number and danish_number(order):
        if charged == "danish":  # a Danish company that has goods sent abroad is no consumer
            return Decision(Zone.DOMESTIC)
        text = Text("A Danish company has the goods sent to another EU country, and the shop charged no Danish VAT.")
        return Decision(None, (Finding("danish_company_abroad", text, MEND_NUMBER, VAT_IN_THE_PRICE),))
    if order.vat_number and not CONSUMER_AFTER_ALL.answer(answers):
        text = Text("“{number}” is not a valid VAT number.", number=order.vat_number[:40])
        return Decision(None, (Finding("vat_number_invalid", text, MEND_NUMBER, CONSUMER_AFTER_ALL),))
    if charged == "none":
        text = Text("The order goes to another EU country without VAT, but the buyer has no valid VAT number.")
        return Decision(None, (Finding("eu_without_vat", text, MEND_NUMBER, VAT_IN_THE_PRICE),))
    answer = EU_CONSUMERS.answer(answers)
    if charged == "other" or answer == "oss":
        return Decision(Zone.OSS)
    if answer is None:
        text = Text("The order goes to a consumer in another EU country.")
        return Decision(None, (Finding("eu_consumer", text, question=EU_CONSUMERS),))
    return Decision(Zone.EU_CONSUMER)


def _in_world(order: Order, answers: Mapping[str, str], charged: str) -> Decision:
    if charged == "none":
        return Decision(Zone.WORLD)
    where = territory(destination(order))
    if charged == "danish" and where is not None and where.country == "NO":
        return _in_norway(answers)
    asked = charged_anyway("world_charged")
    if charged == "danish":
        if asked.answer(answers):
            return Decision(Zone.DOMESTIC)
        text = Text("The order goes outside the EU, but the shop charged Danish VAT.")
        return Decision(None, (Finding("world_charged", text, question=asked),))
    return Decision(None)


def _in_norway(answers: Mapping[str, str]) -> Decision:
    """25 % on goods to Norway may be either country's VAT."""
    answer = NORWEGIAN_VAT.answer(answers)
    if answer == "as_charged":
        return Decision(Zone.DOMESTIC)
    if answer == "voec":
        text = Text("The order has Norwegian VAT (VOEC), which Dinero can't book.")
        fix = Text(
            "Report it in the VOEC return. Enter the sale in Dinero as your accountant says, then leave it out here."
        )
        return Decision(None, (Finding("voec", text, fix),))
    text = Text("The order goes to Norway, and the shop charged 25 % VAT: Danish or Norwegian.")
    return Decision(None, (Finding("world_charged", text, question=NORWEGIAN_VAT),))


def zone_of(order: Order, settings: Settings) -> Decision:
    """The VAT zone of an interpreted order."""
    charged = charged_vat(order)
    where = territory(destination(order))
    if order.total is not None and order.total.ore == 0 and where is not None:
        # Nothing is charged, so nothing speaks against the VAT that the goods would have.
        charged = "none" if where.kind == "world" or (where.kind == "eu" and eu_vat_number(order)) else "danish"
    decision = decide(order, settings.rules, charged)
    if decision.zone is Zone.DOMESTIC_FREE and is_reverse_charge(order, settings.rules):
        return Decision(Zone.REVERSE_CHARGE)
    without = {finding.code for finding in decision.findings} & {"eu_without_vat", "danish_company_abroad"}
    if without and charged == "none" and _is_free_everywhere(order, settings):
        return Decision(Zone.DOMESTIC_FREE)
    return decision


def _is_free_everywhere(order: Order, settings: Settings) -> bool:
    """Whether an order to another EU country has no VAT because of what is sold: gift cards alone, or what the owner
    said of this order. What is exempt in Denmark by rule may not be so where it goes."""
    products = [line for line in goods_of(order) if line.kind in (LineKind.PRODUCT, LineKind.GIFT_CARD_SOLD)]
    cards = bool(products) and all(line.kind is LineKind.GIFT_CARD_SOLD for line in products)
    return cards or settings.rules.get(THIS_ORDER) == EXEMPT
