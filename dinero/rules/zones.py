"""Which VAT applies to an order: by where the goods go, who buys, and what the shop charged.

The rules are those of the VAT Directive (2006/112/EC art. 5-8, 33, 138, 146) and of Dinero (facts.md, Dinero 5b). Where
they leave the answer to the owner's accountant, the zone is None and a finding asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from stdnum.dk import cvr
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

from dinero.model.findings import Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.orders import Order
from dinero.rules.places import destination, territory

DANISH_VAT = Decimal("0.25")


class Zone(StrEnum):
    """A VAT zone. OSS is a sale with another country's VAT, which Dinero can't book (facts.md, Dinero 5b.3)."""

    DOMESTIC = "domestic"
    DOMESTIC_FREE = "domestic_free"
    REVERSE_CHARGE = "reverse_charge"  # a Danish company pays the VAT itself (ML § 46)
    EU_BUSINESS = "eu_business"
    EU_CONSUMER = "eu_consumer"
    WORLD = "world"
    OSS = "oss"


ZONE_NAMES: Mapping[Zone, Text] = {
    Zone.DOMESTIC: Text("Denmark"),
    Zone.DOMESTIC_FREE: Text("Denmark, VAT-free"),
    Zone.REVERSE_CHARGE: Text("Denmark, reverse charge"),
    Zone.EU_BUSINESS: Text("EU, business"),
    Zone.EU_CONSUMER: Text("EU, consumer (Danish VAT)"),
    Zone.WORLD: Text("Outside the EU"),
    Zone.OSS: Text("EU, consumer (OSS)"),
}

# The VAT codes that an account of the zone must have (facts.md, Dinero 5a); "" and "none" are an account without VAT.
# Which code Dinero has for domestic reverse charge is not known: there it may be any that is not known to be for
# something else.
ZONE_CODES: Mapping[Zone, frozenset[str]] = {
    Zone.DOMESTIC: frozenset({"U25"}),
    Zone.DOMESTIC_FREE: frozenset({"", "none"}),
    Zone.EU_CONSUMER: frozenset({"U25"}),
    Zone.EU_BUSINESS: frozenset({"UEUV", "UEUV2", "UEUY"}),
    Zone.WORLD: frozenset({"UVV", "UVY"}),
    Zone.REVERSE_CHARGE: frozenset(),
}


def compact_vat_number(written: str) -> str:
    """A VAT number without spaces, dots and dashes, in capitals; Greece as EL."""
    compact = "".join(character for character in written.upper() if character.isalnum())
    return "EL" + compact[2:] if compact.startswith("GR") and eu_vat.is_valid("EL" + compact[2:]) else compact


def eu_vat_number(order: Order) -> str | None:
    """The buyer's VAT number of another EU country, when its format and check digits are right; else None.

    A number without its prefix is read by the buyer's own country only: eight digits are a number in Denmark, and by
    chance one in Finland too, where the goods go.
    """
    number = compact_vat_number(order.vat_number)
    own = "EL" if order.billing.country == "GR" else order.billing.country or ""
    for candidate in (number, f"{own}{number}"):
        prefix = candidate[:2]
        if prefix == "XI" and gb_vat.is_valid(candidate[2:]):
            return candidate
        if prefix.isalpha() and prefix not in ("DK", "EU") and eu_vat.is_valid(candidate):
            return candidate
    return None


def danish_number(order: Order) -> str | None:
    """The buyer's CVR number, eight digits, when its check digit is right; else None."""
    digits = cvr_digits(order.vat_number)
    return digits if cvr.is_valid(digits) else None


def cvr_digits(vat_number: str) -> str:
    """A Danish VAT number as Dinero keeps it: eight digits without DK, spaces or dashes (facts.md, Dinero 6.9)."""
    compact = "".join(character for character in vat_number.upper() if character.isalnum())
    return compact.removeprefix("DK")


EU_CONSUMERS = Question(
    "eu_consumers",
    Text(
        "Sales to consumers in other EU countries have Danish VAT until they pass EUR 10,000 a year (this year or the "
        "last). Above it, or after a registration for One Stop Shop, they have the buyer's country's VAT."
    ),
    (
        Choice("danish", Text("We are below the limit: Danish VAT, as long as the year's counter is below it")),
        Choice("oss", Text("We are registered for OSS: hold these orders and list them for the OSS return")),
    ),
)
NORTHERN_IRELAND = Question(
    "northern_ireland",
    Text(
        "For goods, Northern Ireland counts as the EU (VAT numbers begin with XI), but it is not known which country "
        "Dinero wants on the customer. With GB, Dinero counts the customer as outside the EU."
    ),
    (
        Choice("eu", Text("Treat it as the EU, with GB on the customer in Dinero")),
        Choice("world", Text("Treat it as outside the EU, as the rest of the United Kingdom")),
    ),
)


def _charged_anyway(key: str) -> Question:
    return Question(
        key,
        Text(
            "Danish VAT that was charged must be paid to SKAT. Booking the order as it was charged keeps the books "
            "true to what the customer paid; changing it needs another invoice to the customer."
        ),
        (Choice("as_charged", Text("Book the order with Danish VAT, as it was charged")),),
    )


CONSUMER_AFTER_ALL = Question(
    "vat_number_wrong",
    Text("Without a valid VAT number a company in another EU country is treated as a consumer."),
    (Choice("consumer", Text("Treat the buyer as a consumer")),),
    can_be_rule=False,
)

# The same key as vat_free's question about one order: the VAT that the shop left out by mistake is in the price.
VAT_IN_THE_PRICE = Question(
    "vat_taken_off",
    Text(
        "Without a valid VAT number of another EU country the sale has VAT. If the shop charged none by mistake, a "
        "fifth of what the customer paid is owed to SKAT all the same."
    ),
    (
        Choice("contains", Text("The shop left the VAT out by mistake: the price contains Danish VAT")),
        Choice("exempt", Text("The goods are exempt from VAT (ML § 13): book it without VAT")),
    ),
    can_be_rule=False,
)

MEND_NUMBER = Text("Correct the VAT number on the order in Shoporama, then fetch again.")


@dataclass(frozen=True, slots=True)
class Decision:
    """The zone of an order, or None and the findings that say why there is none (yet)."""

    zone: Zone | None
    findings: tuple[Finding, ...] = ()


def decide(order: Order, answers: Mapping[str, str], charged: str | None) -> Decision:
    """The VAT zone of an order. `charged` is what the shop charged: "none", "danish" or "other" (see
    `invoices.charged_vat`), None when it can't be told. An order without a known country has no zone and no
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
    return Decision(Zone.DOMESTIC_FREE)  # dinero.rules.vat_free asks why


def _in_eu(order: Order, answers: Mapping[str, str], charged: str) -> Decision:
    if eu_vat_number(order) and CONSUMER_AFTER_ALL.answer(answers) is None:
        if charged == "none":
            return Decision(Zone.EU_BUSINESS)
        asked = _charged_anyway("eu_business_charged")
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
        text = Text("The VAT number “{number}” can't exist.", number=order.vat_number[:40])
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
    asked = _charged_anyway("world_charged")
    if charged == "danish":
        if asked.answer(answers):
            return Decision(Zone.DOMESTIC)
        text = Text("The order goes outside the EU, but the shop charged Danish VAT.")
        return Decision(None, (Finding("world_charged", text, question=asked),))
    return Decision(None)


NORWEGIAN_VAT = Question(
    "norwegian_vat",
    Text(
        "Norway and Denmark both have 25 %. A shop that is registered for VOEC charges Norwegian VAT on goods up to "
        "NOK 3,000, which is paid to Norway and not to SKAT. Danish VAT that was charged must be paid to SKAT."
    ),
    (
        Choice("voec", Text("It is Norwegian VAT (VOEC): hold these orders, it is not Dinero's Danish VAT")),
        Choice("as_charged", Text("It is Danish VAT: book the order with it, as it was charged")),
    ),
)


def _in_norway(answers: Mapping[str, str]) -> Decision:
    """25 % on goods to Norway may be either country's VAT."""
    answer = NORWEGIAN_VAT.answer(answers)
    if answer == "as_charged":
        return Decision(Zone.DOMESTIC)
    if answer == "voec":
        text = Text("The order has Norwegian VAT (VOEC), which Dinero can't book.")
        fix = Text(
            "Report it in the VOEC return. Enter the sale in Dinero as your accountant says, and leave it out "
            "here with the reason."
        )
        return Decision(None, (Finding("voec", text, fix),))
    text = Text("The order goes to Norway, and the shop charged 25 % VAT: Danish or Norwegian.")
    return Decision(None, (Finding("world_charged", text, question=NORWEGIAN_VAT),))
