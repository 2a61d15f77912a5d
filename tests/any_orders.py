"""Orders of every kind that shops send, made by dice; and what must never be booked of them without a word.

The dice may be Hypothesis's (tests/test_any_order.py, which finds the smallest order that fails) or plain ones with a
seed (benchmarks/questions.py). The statement `booked_silently` is written from the law and from what was promised, on
the shop's JSON and the owner's rules alone: it calls none of the library's own rules.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dinero.model.consultation import Consultation
from dinero.model.plans import InvoicePlan
from stories import PLAIN

Raw = dict[str, Any]
TODAY = date(2026, 11, 28)

# --- words, by what they mean to a person who reads them -----------------------------------------------------------

GOOD_STATUSES = ("sent", "new", "Afsendt", "completed", "Under behandling", "Leveret", "")
BAD_STATUSES = (
    "refunded",
    "Delvist refunderet",
    "failed",
    "Betaling fejlet",
    "draft",
    "Kladde",
    "Returneret",
    "Fortrudt",
    "Annulleret",
    "storniert",
    "cancelled",
    "Chargeback",
)
UNKNOWN_STATUSES = {"on-hold": "onhold", "Til godkendelse": "tilgodkendelse", "Til pluk": "tilpluk"}
SURE_PAYMENTS = ("quickpayv10", "Kort (Clearhaus)", "MobilePay", "Dankort/Visa", "PayPal", "Klarna Checkout")
UNSURE_PAYMENTS = (
    "Betal på faktura",
    "Netbank overførsel",
    "Bankoverførsel",
    "Efterkrav",
    "Gavekort",
    "EAN-faktura",
    "Kontant i butikken",
    "Ukendt Pay",
    "MobilePay ved levering",
    "Stripe faktura",
    "other",
)
EU_NUMBERS = ("DE136695976", "BE1000050006", "ATU13585627", "FI20774740", "SE123456789701")
WRONG_NUMBERS = ("DE136695978", "BE1000050023", "12345678", "XX12", "010190-1234")
NO_NUMBERS = ("-", "ingen", "n/a", "0")
DANISH_NUMBERS = ("13585628", "DK13585628", "DK 13 58 56 28")
# Country as shops write it → where it is for VAT.
COUNTRIES = {
    "Danmark": "dk",
    "Tyskland": "eu",
    "Sverige": "eu",
    "Belgien": "eu",
    "Østrig": "eu",
    "Finland": "eu",
    "Norge": "world",
    "USA": "world",
    "Schweiz": "world",
    "Grønland": "world",
    "Færøerne": "world",
}
HOME = {"DE": "Tyskland", "BE": "Belgien", "AT": "Østrig", "FI": "Finland", "SE": "Sverige"}
COLLECTED = ("Afhentning i butik", "Hent selv")
GIFT_CARDS = ("Gavekort 500", "Gavebevis", "E-gavekort", "Værdikupon")
GIFT_CODES = ("GAVEKORT-77", "Tilgodebevis 12")
EXEMPT = ("FOREDRAG", "BOG-1")  # products that the invented shop sells without VAT
TAXED = ("KOP-01", "VASE-02", "FAD-03", "TE-04")
# Where an address that says Denmark is: postcode and town → "world", or "?" for one that a person would ask about.
PLACES = {
    ("3900", "Nuuk"): "world",
    ("GL-3911", "Sisimiut"): "world",
    ("3952", "Ilulissat"): "world",
    ("FO-700", "Klaksvík"): "world",
    ("100", "Tórshavn"): "world",
    ("110", ""): "world",
    ("3000", "Ilulissat"): "?",
    ("800", "Aarhus C"): "?",
    ("8000", "Klaksvík"): "?",
}
OUTSIDE = {
    ("22100", "Mariehamn", "Finland"),
    ("FI-22100", "Mariehamn", "Finland"),
    ("78266", "Büsingen", "Tyskland"),
    ("27498", "Helgoland", "Tyskland"),
}

# --- the owner's answers -------------------------------------------------------------------------------------------

RULES: Mapping[str, tuple[str, ...]] = {
    "eu_consumers": ("danish", "oss"),
    "eu_business_charged": ("as_charged",),
    "world_charged": ("as_charged",),
    "norwegian_vat": ("as_charged", "voec"),
    "domestic_free": ("exempt", "contains", "by_product"),
    "vat_taken_off": ("contains", "exempt", "reverse_charge", "sent"),
    "oss_booking": ("book",),
    "zero_total": ("book",),
    "no_email": ("collective",),
    "currency:EUR": ("dinero_rate", "by_hand"),
    "currency:ISK": ("dinero_rate",),
    "ean": ("invoice", "e_invoice"),
    "voucher:*": ("discount", "gift_card"),
    "sale_after_all": ("book",),
    "evens_out": ("book",),
    "test_order": ("book",),
    "paid_in_part": ("whole",),
    "date_in_future": ("book",),
    "exchange": ("net",),
    "credit_rate": ("invoice", "taxed", "free"),
    "vat_number_wrong": ("consumer", "book"),
    "vies_unanswered": ("book",),
    **{f"vat_free:{product}": ("exempt", "contains", "reverse_charge") for product in (*EXEMPT, *TAXED)},
    **{f"vat_free:{kind}": ("exempt", "contains") for kind in ("shipping", "fee")},
    **{f"status:{word}": ("sale", "wait") for word in UNKNOWN_STATUSES.values()},
    **{f"payment:{word}": ("money", "terms") for word in UNSURE_PAYMENTS},
    **{f"below_zero:{what}": ("discount",) for what in ("shipping", "fee", "Rabat nyhedsbrev")},
    **{f"gift_card_product:{name}": ("multi", "product") for name in GIFT_CARDS},
    **{f"refund:{word}": ("money", "by_hand") for word in ("Tilgodebevis", *UNSURE_PAYMENTS)},
}
# What an owner would say who sells these products, and books whatever may be booked.
USUAL = {key: values[0] for key, values in RULES.items() if not key.startswith(("vat_free:", "vat_", "domestic"))} | {
    f"vat_free:{product}": "exempt" for product in EXEMPT
}


def any_rules(dice: random.Random) -> dict[str, str]:
    """No rules, those of a usual owner, some of these, or anything whatever."""
    how = dice.randrange(4)
    if how < 2:
        return {} if how == 0 else dict(USUAL)
    chosen = dict(USUAL) if how == 2 else {}
    keys = list(RULES)
    for _ in range(dice.randrange(8)):
        key = dice.choice(keys)
        if how == 2 and dice.randrange(2):
            chosen.pop(key, None)
        else:
            chosen[key] = dice.choice(RULES[key])
    return chosen


# --- amounts -------------------------------------------------------------------------------------------------------


def vat_in(ore: int) -> int:
    """The VAT of 25 % in an amount (øre), half an øre away from zero."""
    sign = -1 if ore < 0 else 1
    return sign * (abs(ore) - (abs(ore) * 8 + 5) // 10)


def kroner(ore: int) -> float:
    """An amount as a shop's JSON has it."""
    return ore / 100


def ore_of(told: Any) -> int | None:
    """The whole øre that a shop's figure stands for; None where it is no figure."""
    try:
        return round(float(told) * 100)
    except (TypeError, ValueError, OverflowError):
        return None


def spread(amounts: Sequence[int], off: int) -> list[int]:
    """Each amount's part of a discount, the rounding on the last one."""
    base = sum(amounts)
    parts = [off * amount // base if base else 0 for amount in amounts]
    if parts:
        parts[-1] += off - sum(parts)
    return parts


# --- orders --------------------------------------------------------------------------------------------------------


@dataclass
class Basket:
    """An order while it is made: øre, and rates in per cent."""

    lines: list[Raw]
    amounts: list[int]
    rates: list[int]
    shipping: int = 0
    fee: int = 0
    discount: int = 0
    gift_card: int = 0
    vat: str = "right"  # as it should be, "none", "once" (rounded once), "foreign" (19 %), "wrong"
    raw: Raw = field(default_factory=dict)

    def total(self) -> int:
        return sum(self.amounts) + self.shipping + self.fee - self.discount - self.gift_card

    def charged(self) -> int:
        """The VAT that the shop tells, in øre."""
        if self.vat == "none":
            return 0
        if self.vat == "wrong":
            return self.total() // 7
        if self.vat == "foreign":
            return self.total() - round(self.total() / 1.19)
        freight = self.discount if self.raw.get("voucher_code") == "FRIFRAGT" else 0
        cuts = spread([max(amount, 0) for amount in self.amounts], self.discount - freight)
        taxed = [amount - cut for amount, cut, rate in zip(self.amounts, cuts, self.rates, strict=True) if rate]
        taxed += [self.shipping - freight, self.fee]
        return vat_in(sum(taxed)) if self.vat == "once" else sum(vat_in(amount) for amount in taxed)


def any_sale(dice: random.Random, number: int = 1) -> Raw:
    """An order of any kind: sums that fit (mostly), anywhere, of anybody, with up to four oddities."""
    basket = Basket([], [], [])
    where = dice.choice(("Danmark", "Danmark", "Danmark", *COUNTRIES))
    basket.raw = PLAIN | {
        "order_id": number,
        "webshop_order_id": 1000 + number,
        "email": f"k{number}@example.com",
        "order_country": where,
        "last_modified": "2026-11-20 12:05:00",
    }
    if where != "Danmark":
        basket.raw |= {"order_zipcode": "10115", "order_city": "By"}
    company = COUNTRIES[where] == "eu" and dice.randrange(3) == 2
    if company:
        eu_company(dice, basket)
    basket.vat = dice.choice(
        {
            "dk": ("right", "right", "right", "right", "right", "once", "none", "none", "wrong"),
            "eu": ("none", "none", "none", "right") if company else ("right", "right", "foreign", "foreign", "none"),
            "world": ("none", "none", "none", "right"),
        }[COUNTRIES[where]]
    )
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        _line(dice, basket)
    basket.shipping = dice.choice((0, 0, 3900, 4950, 7777))
    basket.fee = dice.choice((0, 0, 0, 0, 500))
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2, 3, 4))):
        dice.choice(ODDITIES)(dice, basket)
    total, vat = basket.total(), basket.charged()
    raw = basket.raw
    raw |= {
        "products": basket.lines,
        "shipping_price": kroner(basket.shipping),
        "payment_fee": kroner(basket.fee),
        "voucher_discount_amount": kroner(basket.discount),
        "gift_card_amount": kroner(basket.gift_card),
        "total_price": kroner(total),
        "price": kroner(total),
        "vat": kroner(vat),
    }
    match raw.pop("noise", ""):
        case "float":
            raw |= {"total_price": kroner(total) + 3e-14, "vat": kroner(vat) + 7e-15}
        case "unrounded":
            raw["vat"] = kroner(vat) + 0.00004
        case "wrong total":
            raw |= {"total_price": kroner(total + 1), "price": kroner(total + 1)}
        case "text":
            raw |= {"total_price": f"{kroner(total):.2f}", "vat": f"{kroner(vat):.2f}"}
    return raw


def _line(dice: random.Random, basket: Basket) -> None:
    sku = dice.choice((*TAXED, *TAXED, *TAXED, *EXEMPT))
    rate = 0 if sku in EXEMPT else 25
    pieces = dice.choice((1, 1, 1, 2, 3, 12))
    ore = dice.choice((24900, 19920, 9995, 3333, 1, 3, dice.randrange(200_000)))
    told: Any = {"foreign": 19, "none": dice.choice((0, 0, 0, None, None, 25))}.get(basket.vat, rate)
    if basket.vat in ("right", "once") and rate and dice.randrange(6) == 5:
        told = None
    _add(
        basket,
        {
            "own_id": sku,
            "name": sku.title(),
            "amount": pieces,
            "unit_price": kroner(ore),
            "vat": told,
            "attributes": [],
        },
        pieces * ore,
        rate,
    )


def _add(basket: Basket, line: Raw, ore: int, rate: int) -> None:
    basket.lines.append(line)
    basket.amounts.append(ore)
    basket.rates.append(rate)


Oddity = Callable[[random.Random, Basket], None]
ODDITIES: list[Oddity] = []


def oddity(change: Oddity) -> Oddity:
    """Adds a way in which an order may be unlike the plain one."""
    ODDITIES.append(change)
    return change


@oddity
def status(dice: random.Random, basket: Basket) -> None:
    basket.raw["status"] = dice.choice((*GOOD_STATUSES, *BAD_STATUSES, *UNKNOWN_STATUSES))


@oddity
def way_to_pay(dice: random.Random, basket: Basket) -> None:
    basket.raw["payment_gateway"] = dice.choice((*SURE_PAYMENTS, *UNSURE_PAYMENTS))


@oddity
def unpaid(dice: random.Random, basket: Basket) -> None:
    basket.raw["paid"] = dice.choice((None, 0, ""))


@oddity
def voucher(dice: random.Random, basket: Basket) -> None:
    goods = max(sum(basket.amounts), 0)
    basket.discount = dice.choice((min(goods, 4900), goods // 10, goods, dice.randrange(goods + 1)))
    kind = dice.choice(("", "", "fixed", "loyalty points", "giftcard"))
    basket.raw |= {"voucher_code": dice.choice(("SOMMER", "TI", *GIFT_CODES)), "voucher_type": kind}
    if basket.discount == goods // 10:
        basket.raw["voucher_discount"] = dice.choice((None, 10))


@oddity
def free_freight(dice: random.Random, basket: Basket) -> None:
    basket.shipping = basket.discount = dice.choice((3900, 4950))
    basket.raw |= {"voucher_code": "FRIFRAGT", "voucher_type": ""}


@oddity
def gift_card_used(dice: random.Random, basket: Basket) -> None:
    whole = max(basket.total(), 0)
    basket.gift_card = dice.choice((whole, whole, dice.randrange(whole + 1)))


@oddity
def gift_card_sold(dice: random.Random, basket: Basket) -> None:
    name = dice.choice(GIFT_CARDS)
    rate = dice.choice((0, 0, 25))
    _add(basket, {"own_id": name, "name": name, "amount": 1, "unit_price": 500, "vat": rate}, 50000, rate)


@oddity
def taken_off(dice: random.Random, basket: Basket) -> None:
    _add(basket, {"own_id": "VASE-02", "name": "Vase", "amount": 0, "unit_price": 399, "vat": 25}, 0, 25)


@oddity
def below_zero(dice: random.Random, basket: Basket) -> None:
    what = dice.choice(("shipping", "fee", "Rabat nyhedsbrev", "Diverse", "back"))
    if what == "shipping":
        basket.shipping = -3900
    elif what == "fee":
        basket.fee = -1000
    elif what == "back":
        _add(basket, {"own_id": "KOP-01", "name": "Kop", "amount": -1, "unit_price": 49, "vat": 25}, -4900, 25)
    else:
        _add(basket, {"own_id": what, "name": what, "amount": 1, "unit_price": -49, "vat": 25}, -4900, 25)


@oddity
def noise(dice: random.Random, basket: Basket) -> None:
    basket.raw["noise"] = dice.choice(("float", "unrounded", "wrong total", "text"))


@oddity
def line_total(dice: random.Random, basket: Basket) -> None:
    line = {
        "own_id": "KOP-01",
        "name": "Kop",
        "amount": 3,
        "unit_price": dice.choice((33.33, 33.3333)),
        "vat": 25,
        "total_price": dice.choice((100, 100.0, 99.99)),
    }
    _add(basket, line, 10000 if line["total_price"] == 100 else 9999, 25)


@oddity
def float_price(dice: random.Random, basket: Basket) -> None:
    line = {"own_id": "TE-04", "name": "Te", "amount": 10, "unit_price": 14.309999999999999, "vat": "25%"}
    _add(basket, line, 14310, 25)


@oddity
def delivery(dice: random.Random, basket: Basket) -> None:
    """An empty form that stands at a country, or a real address somewhere else."""
    country = dice.choice(("Danmark", *COUNTRIES))
    basket.raw["del_country"] = country
    if dice.randrange(3):
        basket.raw |= {"del_name": "Lager", "del_address": "Havnevej 3", "del_zipcode": "6330", "del_city": "Padborg"}


@oddity
def no_country(dice: random.Random, basket: Basket) -> None:
    basket.raw |= {"del_country": "", "del_name": "Nabo", "del_address": "Vej 2", "del_zipcode": "0151"}


@oddity
def written_as_denmark(dice: random.Random, basket: Basket) -> None:
    zipcode, city = dice.choice(list(PLACES))
    basket.raw |= {"order_country": "Danmark", "order_zipcode": zipcode, "order_city": city}


@oddity
def outside_the_area(dice: random.Random, basket: Basket) -> None:
    zipcode, city, country = dice.choice(sorted(OUTSIDE))
    basket.raw |= {"order_country": country, "order_zipcode": zipcode, "order_city": city}


@oddity
def northern_ireland(dice: random.Random, basket: Basket) -> None:
    basket.raw |= {"order_country": "Storbritannien", "order_zipcode": "BT1 1AA", "order_city": "Belfast"}


@oddity
def collected(dice: random.Random, basket: Basket) -> None:
    basket.raw["shipping_name"] = dice.choice(("GLS pakkeshop", *COLLECTED))


@oddity
def eu_company(dice: random.Random, basket: Basket) -> None:
    number = dice.choice(EU_NUMBERS)
    basket.raw |= {
        "order_company_name": "Beispiel GmbH",
        "vat_number": number,
        "order_country": HOME[number[:2]],
        "order_zipcode": "10115",
        "order_city": "By",
    }
    if dice.randrange(4) == 3:  # without its prefix
        basket.raw["vat_number"] = number[2:]


@oddity
def danish_company(dice: random.Random, basket: Basket) -> None:
    basket.raw |= {"order_company_name": "Prøve ApS", "vat_number": dice.choice(DANISH_NUMBERS)}


@oddity
def some_number(dice: random.Random, basket: Basket) -> None:
    basket.raw["vat_number"] = dice.choice((*NO_NUMBERS, *WRONG_NUMBERS, *EU_NUMBERS))


@oddity
def public_customer(dice: random.Random, basket: Basket) -> None:
    basket.raw |= {"ean_number": "5790000000005", "order_company_name": "Prøve Kommune"}


@oddity
def told_fields(dice: random.Random, basket: Basket) -> None:
    name, value = dice.choice(
        (
            ("withdrawn", 1),
            ("cancelled", 1),
            ("is_test", True),
            ("refunded_amount", 249.0),
            ("paid_amount", 100.0),
        )
    )
    basket.raw[name] = value


@oddity
def refers(dice: random.Random, basket: Basket) -> None:
    basket.raw[dice.choice(("credited_order_id", "original_order_id"))] = 999


@oddity
def future(dice: random.Random, basket: Basket) -> None:
    basket.raw[dice.choice(("time", "paid"))] = "2026-12-20 12:00:00"


@oddity
def currency(dice: random.Random, basket: Basket) -> None:
    basket.raw["currency"] = dice.choice(("EUR", "EUR", "ISK", "kr."))


@oddity
def no_email(dice: random.Random, basket: Basket) -> None:
    basket.raw["email"] = ""


@oddity
def free(dice: random.Random, basket: Basket) -> None:
    for line in basket.lines:
        line["unit_price"] = 0
        line.pop("total_price", None)
    basket.amounts = [0] * len(basket.amounts)
    basket.shipping = basket.fee = basket.discount = basket.gift_card = 0


# --- credit notes --------------------------------------------------------------------------------------------------


def any_credit(dice: random.Random, sold: Raw, number: int) -> Raw:
    """A credit note of a sale as shops make them: of its lines, a sum, the total alone, with what the shop keeps, with
    an exchange; its VAT told rightly, not at all, or wrongly."""
    raw = dict(sold) | {
        "order_id": number,
        "webshop_order_id": 1000 + number,
        "credited_order_id": sold["order_id"],
        "status": dice.choice(("new", "new", "refunded", "Returneret")),
        "paid": None,
        "time": dice.choice(("2026-11-21 12:00:00", "2026-11-21 12:00:00", "2026-11-01 12:00:00")),
        "gift_card_amount": 0,
        "voucher_discount_amount": 0,
        "shipping_price": 0,
        "payment_fee": 0,
        "total": None,
        "refunded_amount": None,
    }
    for name in ("withdrawn", "cancelled", "is_test", "paid_amount", "original_order_id"):
        raw.pop(name, None)
    how = dice.choice(("lines", "lines", "lines", "sum", "total", "everything"))
    lines, ore, vat = [], 0, 0
    whole = ore_of(sold["total_price"]) or 0
    if how == "total":
        ore = dice.randrange(1, max(whole, 1) + 3)
        vat = vat_in(ore)
    elif how == "sum":
        ore = dice.randrange(1, max(whole, 1) + 3)
        rate = dice.choice((25, 0, None))
        vat = vat_in(ore) if rate else 0
        lines.append({"own_id": "", "name": "Refundering", "amount": -1, "unit_price": kroner(ore), "vat": rate})
    else:
        for line in sold["products"]:
            price = ore_of(line["unit_price"]) or 0
            if price < 0 or float(line["amount"]) <= 0 or (how == "lines" and dice.randrange(3) == 2):
                continue
            pieces = dice.randrange(1, int(line["amount"]) + 1) if how == "lines" else int(line["amount"])
            price = dice.choice((price, price, price, price // 2, price + 1)) if how == "lines" else price
            ore += pieces * price
            vat += vat_in(pieces * price) if line["vat"] not in (0, None) else 0
            told = dice.choice((line["vat"], line["vat"], line["vat"], 0, 25, None))
            lines.append(
                {k: v for k, v in line.items() if k != "total_price"}
                | {"amount": -pieces, "unit_price": kroner(price), "vat": told}
            )
        if how == "everything":
            off = ore_of(sold["voucher_discount_amount"]) or 0
            raw |= {
                "shipping_price": -sold["shipping_price"],
                "payment_fee": -sold["payment_fee"],
                "voucher_discount_amount": -kroner(off),
            }
            ore += (ore_of(sold["shipping_price"]) or 0) + (ore_of(sold["payment_fee"]) or 0) - off
            vat = ore_of(sold["vat"]) or 0
    match dice.choice(("", "", "", "freight kept", "fee kept", "exchange", "freight back")):
        case "freight kept":
            raw["shipping_price"] = 39.0
            ore, vat = ore - 3900, vat - vat_in(3900)
        case "fee kept":
            raw["payment_fee"] = 20.0
            ore, vat = ore - 2000, vat - vat_in(2000)
        case "freight back":
            raw["shipping_price"] = -45.0
            ore, vat = ore + 4500, vat + vat_in(4500)
        case "exchange":
            lines.append({"own_id": "FAD-03", "name": "Fad", "amount": 1, "unit_price": 20.0, "vat": 25})
            ore, vat = ore - 2000, vat - vat_in(2000)
    vat = dice.choice((vat, vat, vat, 0, vat_in(ore), ore // 7))
    total = -kroner(ore)
    if dice.randrange(12) == 11:  # told with positive amounts
        total, vat = -total, -vat
        raw["paid"] = dice.choice((None, sold["paid"]))
    if dice.randrange(6) == 5:
        raw["payment_gateway"] = dice.choice(("Tilgodebevis", *UNSURE_PAYMENTS))
    return raw | {"products": lines, "total_price": total, "price": total, "vat": -kroner(vat)}


# --- VIES ----------------------------------------------------------------------------------------------------------


def any_consultation(dice: random.Random, number: str | None) -> Consultation | None:
    """What VIES said of the number that it is asked about, if anything; perhaps of another one, or long before."""
    if number is None:
        return None
    asked = datetime(2026, 11, 20, 11, 1, tzinfo=UTC)
    outcome = dice.choice(("valid", "valid", "valid", "invalid", "unanswered", "", "other", "old"))
    if not outcome:
        return None
    if outcome == "other":
        number = "DE999999999"
    if outcome == "old":
        asked -= timedelta(days=40)
    return Consultation(number, outcome if outcome in ("invalid", "unanswered") else "valid", asked)


# --- what must never be booked without a word ----------------------------------------------------------------------


def goes_to(raw: Raw, rules: Mapping[str, str]) -> str:
    """Where an order's goods go for VAT: "dk", "eu", "world", "xi", or "?" where a person would have to ask."""
    if raw.get("shipping_name") in COLLECTED and rules.get("vat_taken_off") != "sent":
        return "dk"
    parts = ("name", "company_name", "address", "zipcode", "city")
    side = "del" if any(str(raw.get(f"del_{part}") or "").strip() for part in parts) else "order"
    country = raw[f"{side}_country"] or raw["order_country"]
    zipcode, city = raw[f"{side}_zipcode"], raw[f"{side}_city"]
    if country == "Danmark":
        place = PLACES.get((zipcode, city), "dk")
        answer = rules.get("danish_place")
        return place if place != "?" or answer is None else "dk" if answer == "DK" else "world"
    if (zipcode, city, country) in OUTSIDE:
        return "world"
    if country == "Storbritannien":
        return "xi" if zipcode.startswith("BT") else "world"
    return COUNTRIES[country]


def eu_number(raw: Raw) -> str | None:
    """The buyer's number of another EU country, where a person would read one."""
    written = str(raw["vat_number"] or "")
    if written in EU_NUMBERS:
        return written
    home = {number[2:]: number for number in EU_NUMBERS if HOME[number[:2]] == raw["order_country"]}
    return home.get(written)


def is_plain_discount(raw: Raw) -> bool:
    """Whether nothing says that the order's discount is a gift card."""
    return not (raw["voucher_code"] in GIFT_CODES or raw.get("voucher_type") in ("loyalty points", "giftcard"))


def booked_silently(
    raw: Raw, rules: Mapping[str, str], before: Mapping[str, str], plan: InvoicePlan, vies: Consultation | None
) -> list[str]:
    """What is wrong with the invoice of an order, given the owner's answers: sentences, none if all is well. `before`
    are the products that were sold with 25 % earlier."""
    wrong = []

    def never(happened: object, sentence: str) -> None:
        if happened:
            wrong.append(sentence)

    said, total = rules.get, ore_of(raw["total_price"])
    never(plan.total.ore != total, f"the plan's total is {plan.total.ore} and the shop's {total}")
    never(plan.kind != "invoice", "an order above zero became a credit note")
    # The sale itself.
    status = raw["status"]
    after_all = said("sale_after_all") == "book" or said("evens_out") == "book"
    never(status in BAD_STATUSES and not after_all, f"the status {status}")
    key = f"status:{UNKNOWN_STATUSES.get(status)}"
    never(status in UNKNOWN_STATUSES and said(key) != "sale", f"the unknown status {status}")
    taken_back = raw.get("withdrawn") or raw.get("cancelled") or raw.get("refunded_amount")
    never(taken_back and not after_all, "withdrawn, cancelled or refunded")
    never(raw.get("is_test") and not said("test_order"), "a test order")
    never(
        raw.get("paid_amount")
        and raw["paid"]
        and raw["paid_amount"] != kroner(total or 0)
        and not said("paid_in_part"),
        "paid in part",
    )
    never(total == 0 and not said("zero_total"), "a total of 0")
    never(raw["currency"] == "EUR" and not said("currency:EUR"), "euro")
    never(raw["currency"] == "ISK", "a currency without hundredths")
    nameless = not raw["email"] and not raw["ean_number"] and not plan.customer.vat_number
    never(nameless and not said("no_email"), "no e-mail, and no number by which the buyer is known")
    late = max(raw["time"], raw["paid"] or "") > f"{TODAY} 23:59:59"
    never(late and not said("date_in_future"), "a date that has not come")
    # The money.
    if plan.payment is not None:
        word = raw["payment_gateway"]
        never(plan.payment.amount != plan.total, "another payment than the total")
        never(not raw["paid"], "a payment of an unpaid order")
        never(word not in SURE_PAYMENTS and said(f"payment:{word}") != "money", f"paid by {word}")
    # Lines below zero, gift cards, vouchers.
    for line in raw["products"]:
        amount = float(line["amount"]) * float(line["unit_price"])
        name = line["name"]
        if amount < 0:
            answered = said(f"below_zero:{name}") == "discount" and "Rabat" in name
            exchange = said("exchange") == "net" and (raw.get("credited_order_id") or raw.get("original_order_id"))
            never(not answered and not exchange, f"{name} below zero")
        if name in GIFT_CARDS and amount and "kort" in name.lower():
            never(said(f"gift_card_product:{name}") is None, f"the gift card {name}")
    for kind in ("shipping", "fee"):
        told = raw["shipping_price"] if kind == "shipping" else raw["payment_fee"]
        never(told < 0 and said(f"below_zero:{kind}") != "discount", f"{kind} below zero")
    cards = [line for line in plan.lines if line.kind == "gift_card"]
    if raw["voucher_discount_amount"] and not is_plain_discount(raw) and not raw.get("voucher_discount"):
        asked = said(f"voucher:{raw['voucher_code']}") or said("voucher:*")
        never(not asked and raw.get("voucher_type") != "giftcard", "a voucher that may be a gift card")
    return wrong + _vat_silently(raw, rules, before, plan, vies, bool(cards))


def _vat_silently(
    raw: Raw,
    rules: Mapping[str, str],
    before: Mapping[str, str],
    plan: InvoicePlan,
    vies: Consultation | None,
    has_card: bool,
) -> list[str]:
    wrong, said = [], rules.get
    where, number = goes_to(raw, rules), eu_number(raw)
    goods = [line for line in plan.lines if line.kind in ("product", "shipping", "fee") and line.amount.ore]
    without = [line for line in goods if line.vat_code != "U25"]
    oss = [line for line in plan.lines if line.kind == "oss_vat"]
    consumer = said("vat_number_wrong") == "consumer"
    if where == "?":
        wrong.append("an address that may be in Greenland or in the Faroe Islands")
    if where == "xi" and not said("northern_ireland"):
        wrong.append("Northern Ireland")
    if where == "dk" and plan.zone in ("world", "eu_business", "eu_consumer", "oss"):
        wrong.append(f"goods in Denmark were sold as {plan.zone}")
    by_word = where == "eu" and plan.zone == "domestic_free" and (said("vat_taken_off") == "exempt" or not goods)
    if where != "dk" and plan.zone in ("domestic_free", "reverse_charge") and not by_word:
        wrong.append(f"goods in {where} were sold as {plan.zone}")
    if where == "world" and len(without) < len(goods):
        asked = said("norwegian_vat") if raw["order_country"] == "Norge" else said("world_charged")
        if "as_charged" not in (asked, said("world_charged")):
            wrong.append("Danish VAT outside the EU")
    if where == "eu":
        # An answer from more than a day before the sale tells nothing of it.
        sold = datetime.fromisoformat(raw["time"]).replace(tzinfo=UTC) - timedelta(hours=1)
        told = vies.outcome if vies and vies.number == number and vies.asked_at >= sold - timedelta(days=1) else ""
        evidence, refused = told == "valid", told == "invalid"
        word = said("vat_number_wrong") == "book" or (said("vies_unanswered") == "book" and not refused)
        zones = ("domestic", "eu_consumer", "oss")
        if plan.zone == "eu_business" or (len(without) == len(goods) > 0 and plan.zone not in zones and not by_word):
            if number is None or consumer:
                wrong.append("no VAT in the EU without a number")
            elif not evidence and not word:
                wrong.append("no VAT in the EU without a checked number")
        if plan.zone == "eu_consumer" and said("eu_consumers") != "danish":
            wrong.append("an EU consumer nobody spoke of")
        if number and not consumer and len(without) < len(goods) and not said("eu_business_charged"):
            wrong.append("an EU company with Danish VAT")
    if (oss or plan.zone == "oss") and said("oss_booking") != "book":
        wrong.append("another country's VAT without the accountant's word")
    if where in ("dk", "?") or plan.zone in ("domestic", "eu_consumer"):
        wrong += _free_silently(raw, rules, before, plan, without)
    # The VAT is what the shop charged, unless the owner said that it took it off by mistake.
    contains = "contains" in (
        said("vat_taken_off"),
        said("domestic_free"),
        *(value for key, value in rules.items() if key.startswith("vat_free:")),
    )
    charged = round(float(raw["vat"]) * 100)
    booked = plan.vat.ore + sum(line.amount.ore for line in oss)
    if plan.total.ore and not contains and not has_card and abs(booked - charged) > 1 + len(plan.lines):
        wrong.append(f"the shop charged VAT of {charged}, and {booked} is booked")
    return wrong


def _free_silently(
    raw: Raw, rules: Mapping[str, str], before: Mapping[str, str], plan: InvoicePlan, without: Sequence[Any]
) -> list[str]:
    """Lines without VAT in Denmark (or under Danish VAT abroad) that nothing the owner said explains."""
    said, wrong = rules.get, []
    if said("vat_taken_off") == "exempt":
        return []  # the owner's word about this order
    danish = str(raw["vat_number"] or "") in DANISH_NUMBERS
    has_number = danish or eu_number(raw) is not None
    has_number = has_number and said("vat_number_wrong") != "consumer"
    goods = {line["own_id"] for line in raw["products"] if float(line["amount"]) * float(line["unit_price"])}
    all_reverse = all(said(f"vat_free:{sku}") == "reverse_charge" for sku in goods)
    if danish and said("vat_number_wrong") != "consumer" and (said("vat_taken_off") == "reverse_charge" or all_reverse):
        return []
    for line in without:
        product = line.key.split(":")[1] if line.kind == "product" else line.kind
        if line.kind != "product":
            follows = not ore_of(raw["vat"]) and any(other.kind == "product" for other in without)
            own = next((value for key, value in rules.items() if key.startswith(f"vat_free:{product}:")), None)
            explained = (own or said(f"vat_free:{product}")) == "exempt" or follows  # freight follows exempt goods
        else:
            whole = said("domestic_free") == "exempt" and not has_number
            explained = (said(f"vat_free:{product}") == "exempt" or whole) and product not in before
        if not explained:
            wrong.append(f"{product} without VAT")
    return wrong
