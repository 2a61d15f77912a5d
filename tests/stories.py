"""Situations that people reported in public for shops and accounting systems, told in own words with invented data.

A story is what a shop sends and what the owner does, in order, and what stands in Dinero at the end. Each stands for
its kind; those without a source are further ones of the same kind. `tests/test_stories.py` plays them on the sandbox,
and docs/orders.md shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Raw = dict[str, Any]
Books = Sequence[tuple[str, Sequence[tuple[int, str, str]]]]

CUP: Raw = {"own_id": "KOP-01", "name": "Kop", "amount": 1, "unit_price": 249.0, "vat": 25, "attributes": []}
PLAIN: Raw = {
    "status": "sent",
    "time": "2026-11-20 12:00:00",
    "paid": "2026-11-20 12:01:00",
    "order_name": "Karen Eksempel",
    "order_company_name": "",
    "order_address": "Prøvevej 12",
    "order_zipcode": "8000",
    "order_city": "Aarhus C",
    "order_country": "Danmark",
    "order_country_id": None,
    "vat_number": None,
    "ean_number": None,
    "del_name": "",
    "del_company_name": "",
    "del_address": "",
    "del_zipcode": "",
    "del_city": "",
    "del_country": "",
    "del_country_id": None,
    "currency": "DKK",
    "payment_gateway": "quickpayv10",
    "payment_gateway_id": None,
    "shipping_price": 0,
    "voucher_code": "",
    "voucher_discount": None,
    "voucher_discount_amount": 0,
    "extras": [],
    "comments": "",
    "products": [CUP],
    "total_price": 249.0,
    "price": 249.0,
    "vat": 49.8,
}


@dataclass(frozen=True)
class Shop:
    """The shop tells an order (its first number within the story, from 1), changed from the plain one."""

    number: int
    changes: Raw


@dataclass(frozen=True)
class Owner:
    """What the owner does: "push", "fetch", "answer" (order, question, choice), "rule" (question, choice), "ignore"
    (order, reason), "correct" (order, action), "contact" (fields of a contact in Dinero), "gone" (order)."""

    does: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Story:
    """`states` are those of the orders at the end, each with the code of its first reason where it has one; `books`
    the documents in Dinero in the order of their numbers, each with account, amount incl. VAT and the VAT in it;
    `paid` what was registered; `says` are parts of the last document's comment, `notes` of the orders' history."""

    root: str
    name: str
    source: str
    steps: tuple[Shop | Owner, ...]
    states: Mapping[int, str]
    books: Books = ()
    paid: Sequence[str] = ()
    says: Sequence[str] = ()
    notes: Sequence[str] = ()
    contacts: Sequence[str] = ()
    changes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


STORIES: list[Story] = []
_root = ""


def root(name: str) -> None:
    """Begins a part of the table."""
    global _root
    _root = name


def story(
    name: str, source: str, *steps: Shop | Owner, states: Mapping[int, str] | None = None, **expected: Any
) -> None:
    """Adds a story; without steps of the owner's the order is pushed."""
    played = steps if any(isinstance(step, Owner) and step.does == "push" for step in steps) else (*steps, push())
    numbers = [step.number for step in steps if isinstance(step, Shop)]
    STORIES.append(Story(_root, name, source, played, states or dict.fromkeys(numbers, "done"), **expected))


def shop(number: int = 1, **changes: Any) -> Shop:
    """The shop tells an order."""
    return Shop(number, changes)


def total(kroner: float, vat: float) -> Raw:
    """The order's total and the VAT in it."""
    return {"total_price": kroner, "price": kroner, "vat": vat}


def line(name: str, price: float, vat: Any, pieces: Any = 1, sku: str | None = None, **more: Any) -> Raw:
    """A line of the order."""
    number = sku if sku is not None else name.upper()[:8]
    return CUP | {"own_id": number, "name": name, "amount": pieces, "unit_price": price, "vat": vat} | more


def credit(of: int, kroner: float, vat: float, *lines: Raw, number: int = 2, **more: Any) -> Shop:
    """The shop's own credit note of an order of the story."""
    made = {"credited_order_id": f"#{of}", "paid": None, "status": "new", "products": list(lines)}
    return Shop(number, made | total(-kroner, -vat) | more)


def push() -> Owner:
    """All orders of the story are transferred."""
    return Owner("push")


def does(what: str, *values: Any) -> Owner:
    """Something the owner does."""
    return Owner(what, values)


INVOICE, NOTE = "invoice", "credit note"
FREE = does("rule", "vat_free:FOREDRAG", "exempt")
TALK = line("Foredrag", 150.0, 0)
FREE_CUP: Raw = {"products": [line("Kop", 199.2, 0, sku="KOP-01")], **total(199.2, 0)}
GERMAN: Raw = {
    "order_company_name": "Beispiel GmbH",
    "order_country": "Tyskland",
    "order_zipcode": "10115",
    "order_city": "Berlin",
    "vat_number": "DE136695976",
}
NORWAY: Raw = {"order_country": "Norge", "order_zipcode": "0150", "order_city": "Oslo"}
SOLD = [(INVOICE, [(1000, "249.00", "49.80")])]
SOLD_EXEMPT = [(INVOICE, [(1050, "150.00", "0.00")])]
HELD = "held"


def held(code: str, number: int = 1) -> Mapping[int, str]:
    """One order that is held for a reason."""
    return {number: f"held {code}"}


root("0 % VAT in Denmark is never silent")
story(
    "a German company has goods delivered in Denmark, and the shop took the VAT off",
    "shopware/shopware #19897",
    shop(
        **GERMAN,
        **FREE_CUP,
        del_name="Lager",
        del_address="Havnevej 3",
        del_zipcode="6330",
        del_city="Padborg",
        del_country="Danmark",
    ),
    states=held("danish_without_vat"),
)
story(
    "the same, and the owner says that the price contains the VAT",
    "ML § 14",
    shop(
        **GERMAN,
        **FREE_CUP,
        del_name="Lager",
        del_address="Havnevej 3",
        del_zipcode="6330",
        del_city="Padborg",
        del_country="Danmark",
    ),
    does("answer", 1, "vat_free:KOP-01", "contains"),
    books=[(INVOICE, [(1000, "199.20", "39.84")])],
    paid=["199.20"],
)
story(
    "a Danish company's number, and the shop took the VAT off at home",
    "strangerstudios/pmpro-vat-tax #18",
    shop(order_company_name="Prøve ApS", vat_number="DK13585628", **FREE_CUP),
    states=held("danish_without_vat"),
)
story(
    "a Danish company buys goods that are exempt by a rule",
    "ML § 13",
    FREE,
    shop(order_company_name="Prøve ApS", vat_number="13585628", products=[TALK], **total(150, 0)),
    books=SOLD_EXEMPT,
)
story(
    "a domestic reverse charge is asked about",
    "ZUGFeRD/mustangproject #1035",
    shop(
        order_company_name="Prøve ApS",
        vat_number="13585628",
        products=[line("Mobiltelefon X", 4000, 0)],
        **total(4000, 0),
    ),
    states=held("danish_without_vat"),
)
story(
    "the accountant named no account for domestic reverse charge",
    "ML § 46",
    shop(
        order_company_name="Prøve ApS",
        vat_number="13585628",
        products=[line("Mobiltelefon X", 4000, 0)],
        **total(4000, 0),
    ),
    does("answer", 1, "vat_free:MOBILTEL", "reverse_charge"),
    states=held("account_unnamed"),
)
story(
    "domestic reverse charge on the account that the accountant named",
    "ML § 46, § 52 a",
    shop(
        order_company_name="Prøve ApS",
        vat_number="13585628",
        products=[line("Mobiltelefon X", 4000, 0)],
        **total(4000, 0),
    ),
    does("answer", 1, "vat_free:MOBILTEL", "reverse_charge"),
    settings={"accounts": {"sales.reverse_charge": 1050}},
    books=[(INVOICE, [(1050, "4000.00", "0.00")])],
    says=["Omvendt betalingspligt", "13585628"],
)
story(
    "a product is sold without VAT for the first time",
    "facts.md, rule 15",
    shop(products=[TALK], **total(150, 0)),
    states=held("danish_without_vat"),
)
story(
    "it is asked once, and never again",
    "facts.md, rule 15",
    shop(products=[TALK], **total(150, 0)),
    FREE,
    shop(2, products=[TALK], **total(150, 0)),
    books=[*SOLD_EXEMPT, *SOLD_EXEMPT],
)
story(
    "a product that was sold with 25 % is not exempt, whatever a rule says",
    "ML § 4",
    does("rule", "vat_free:KOP-01", "exempt"),
    shop(),
    shop(2, **FREE_CUP),
    push(),
    states={1: "done", 2: "held danish_without_vat"},
    books=SOLD,
)
story(
    "freight without VAT beside goods that have it",
    "facts.md, Dinero 5b.1",
    shop(shipping_price=39.0, products=[CUP, TALK], **total(438, 49.8)),
    FREE,
    push(),
    states=held("danish_without_vat"),
)
story(
    "freight of exempt goods follows them",
    "facts.md, Dinero 5b.1",
    FREE,
    shop(shipping_price=39.0, products=[TALK], **total(189, 0)),
    push(),
    books=[(INVOICE, [(1050, "150.00", "0.00"), (1300, "39.00", "0.00")])],
)
story(
    "a shop with VAT switched off whose prices contain it",
    "facts.md, rule 15",
    shop(products=[line("Kop", 250.0, None, sku="UDEN")], **total(250, 0)),
    does("rule", "domestic_free", "contains"),
    books=[(INVOICE, [(1000, "250.00", "50.00")])],
)
story(
    "the answer for the whole shop is no answer for a company with a number",
    "ML § 4",
    does("rule", "domestic_free", "exempt"),
    shop(order_company_name="Prøve ApS", vat_number="13585628", **FREE_CUP),
    push(),
    states=held("danish_without_vat"),
)
story(
    "Nuuk with the country Danmark, without VAT",
    "DanmarksAdresser/Dawa #260",
    shop(order_zipcode="3900", order_city="Nuuk", **FREE_CUP),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
    contacts=["GL"],
    says=["Eksport"],
)
story(
    "Nuuk with the country Danmark, with 25 %",
    "jquery-validation/jquery-validation #2071",
    shop(order_zipcode="3900", order_city="Nuuk"),
    states=held("world_charged"),
)
story(
    "Tórshavn with three digits and the country Danmark",
    "ML § 2",
    shop(order_zipcode="100", order_city="Tórshavn", **FREE_CUP),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
    contacts=["FO"],
)
story(
    "FO before the postcode",
    "ML § 2",
    shop(order_zipcode="FO-700", order_city="Klaksvík", **FREE_CUP),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
    contacts=["FO"],
)
story(
    "GL before the postcode, with 25 %",
    "ML § 2",
    shop(order_zipcode="GL-3911", order_city="Sisimiut"),
    states=held("world_charged"),
)
story(
    "a town of Greenland with a Danish postcode is asked about",
    "ML § 2",
    shop(order_zipcode="3000", order_city="Ilulissat"),
    states=held("danish_place"),
)
story(
    "three digits with a Danish town are asked about",
    "ML § 2",
    shop(order_zipcode="800", order_city="Aarhus C", **FREE_CUP),
    states=held("danish_place"),
)
story(
    "the owner says that it is in Denmark",
    "ML § 2",
    shop(order_zipcode="800", order_city="Aarhus C"),
    does("answer", 1, "danish_place", "DK"),
    books=SOLD,
)
for name in ("Gift voucher 500 kr", "Gavebevis 500", "Tilgodebevis", "Gave-kort 500", "E-gavekort"):
    story(
        f"a product called {name}",
        "smartlabsAT/sonata #204",
        shop(products=[line(name, 500, 0)], **total(500, 0)),
        states=held("gift_card_product"),
    )
for name in ("Værdikupon 300", "Presentkort", "Geschenkgutschein", "Oplevelse til to"):
    story(
        f"a gift card under another name, {name}",
        "Directive 2006/112 art. 30b",
        shop(products=[line(name, 300, 0)], **total(300, 0)),
        states=held("danish_without_vat" if "Oplev" in name else "gift_card_product"),
    )
story(
    "a gift card for one kind of goods, and the shop charged no VAT",
    "Directive 2006/112 art. 30b",
    shop(products=[line("Gavekort til kursus", 500, 0)], **total(500, 0)),
    does("rule", "gift_card_product:GAVEKORT", "product"),
    push(),
    states=held("danish_without_vat"),
)

story(
    "a consumer in the EU, and the shop charged no VAT by mistake",
    "facts.md, Dinero 5b.3",
    does("rule", "eu_consumers", "danish"),
    shop(order_country="Sverige", order_zipcode="21120", order_city="Malmö", **FREE_CUP),
    does("answer", 1, "vat_taken_off", "contains"),
    push(),
    books=[(INVOICE, [(1000, "199.20", "39.84")])],
)
story(
    "a Danish company has goods sent to Sweden, and the shop charged no VAT by mistake",
    "ML § 14",
    shop(
        order_company_name="Prøve ApS",
        vat_number="13585628",
        del_name="Lager",
        del_zipcode="21120",
        del_city="Malmö",
        del_country="Sverige",
        **FREE_CUP,
    ),
    does("answer", 1, "vat_taken_off", "contains"),
    push(),
    books=[(INVOICE, [(1000, "199.20", "39.84")])],
)

story(
    "freight without VAT beside goods that cost nothing",
    "ML § 27",
    shop(shipping_price=39.0, products=[line("Prøve", 0, 0)], **total(39, 0)),
    states=held("danish_without_vat"),
)
story(
    "freight without VAT beside goods that a code takes off",
    "ML § 27",
    shop(shipping_price=39.0, voucher_code="HELE", voucher_discount_amount=249, **total(39, 0)),
    states=held("danish_without_vat"),
)
story(
    "a fee without VAT alone, and the owner says that it contains VAT",
    "ML § 27",
    shop(payment_fee=15.0, products=[line("Prøve", 0, 0)], **total(15, 0)),
    does("rule", "vat_free:fee", "contains"),
    push(),
    books=[(INVOICE, [(1050, "0.00", "0.00"), (1000, "15.00", "3.00")])],
)
story(
    "a sale that is wholly paid with a gift card has its VAT",
    "facts.md, Dinero 5b.5",
    does("rule", "zero_total", "book"),
    shop(products=[line("Bog", 249, 0)], gift_card_amount=249, **total(0, 0)),
    push(),
    states=held("danish_without_vat"),
)
story(
    "lines that name 25 %, and no VAT in all",
    "facts.md, rule 14",
    shop(vat=0),
    does("answer", 1, "vat_taken_off", "contains"),
    books=SOLD,
)
story(
    "an answer counts only while what it was about is the same",
    "facts.md, rule 15",
    shop(order_zipcode="800", order_city="Aarhus", **FREE_CUP),
    does("answer", 1, "danish_place", "GL"),
    shop(order_zipcode="8000", order_city="Aarhus", **FREE_CUP),
    push(),
    states=held("danish_without_vat"),
)
story(
    "an exemption of one order does not outlive its goods",
    "facts.md, rule 15",
    shop(2),
    shop(**FREE_CUP),
    does("answer", 1, "vat_taken_off", "exempt"),
    shop(products=[line("Kop", 5000, 0, sku="KOP-01")], **total(5000, 0)),
    push(),
    states={1: "held danish_without_vat", 2: "done"},
    books=SOLD,
)
story(
    "an item number of 0 is none",
    "facts.md, Shoporama 2",
    does("rule", "vat_free:Foredrag", "exempt"),
    shop(products=[line("Foredrag", 150, 0, sku="0")], **total(150, 0)),
    shop(2, products=[line("Sofa", 9000, 0, sku="0")], **total(9000, 0)),
    push(),
    states={1: "done", 2: "held danish_without_vat"},
    books=SOLD_EXEMPT,
)
story(
    "the answer for the whole shop ends when the shop sells with VAT",
    "ML § 47",
    does("rule", "domestic_free", "exempt"),
    shop(),
    shop(2, products=[line("Vase", 100, 0)], **total(100, 0)),
    push(),
    states={1: "done", 2: "held danish_without_vat"},
    books=SOLD,
)
story(
    "a discount that belongs to the taxed goods of a mixed order",
    "facts.md, Dinero 5b.7",
    FREE,
    shop(
        products=[line("Kop", 100, 25, sku="KOP-01"), TALK],
        voucher_code="KOP20",
        voucher_discount_amount=20,
        **total(230, 16),
    ),
    push(),
    books=[(INVOICE, [(1000, "80.00", "16.00"), (1050, "150.00", "0.00")])],
)
story(
    "an EU company without an e-mail is known by its number",
    "ML § 52 a",
    does("rule", "no_email", "collective"),
    shop(**GERMAN, email="", **FREE_CUP),
    push(),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
    says=["DE136695976"],
    contacts=["DE136695976"],
)
story(
    "a gift card to a consumer in the EU",
    "Directive 2006/112 art. 30b",
    does("rule", "gift_card_product:GAVEKORT", "multi"),
    shop(
        order_country="Sverige",
        order_zipcode="21120",
        order_city="Malmö",
        products=[line("Gavekort 500", 500, 0)],
        **total(500, 0),
    ),
    push(),
    books=[(INVOICE, [(63080, "500.00", "0.00")])],
)
story(
    "a gift card and goods whose lines name no rate",
    "facts.md, Dinero 5b.5",
    does("rule", "gift_card_product:GAVEKORT", "multi"),
    shop(products=[line("Gavekort 500", 500, None), line("Kop", 249, None, sku="KOP-01")], **total(749, 49.8)),
    push(),
    books=[(INVOICE, [(63080, "500.00", "0.00"), (1000, "249.00", "49.80")])],
)
story(
    "an exempt product that companies buy is asked about once too",
    "ML § 13",
    shop(order_company_name="Prøve ApS", vat_number="13585628", products=[TALK], **total(150, 0)),
    FREE,
    shop(2, order_company_name="Prøve ApS", vat_number="13585628", products=[TALK], **total(150, 0)),
    push(),
    books=[*SOLD_EXEMPT, *SOLD_EXEMPT],
)

root("A credit note's VAT is its invoice's")
story(
    "the whole return of a taxed order, told without VAT",
    "woocommerce/woocommerce #22157",
    shop(),
    push(),
    credit(1, 249, 0, line("Kop", 249, 0, -1, "KOP-01")),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
    paid=["249.00", "-249.00"],
)
story(
    "a sum without VAT of a taxed order",
    "woocommerce/woocommerce #10792",
    shop(),
    push(),
    credit(1, 100, 0, line("Refundering", 100, 0, -1, "")),
    push(),
    books=[*SOLD, (NOTE, [(1000, "100.00", "20.00")])],
)
story(
    "a credit note of its total alone",
    "shuup/shuup #596",
    shop(),
    push(),
    credit(1, 100, 20),
    push(),
    books=[*SOLD, (NOTE, [(1000, "100.00", "20.00")])],
)
story(
    "exempt goods come back, told with 25 %",
    "vendure-ecommerce/vendure #989",
    FREE,
    shop(products=[TALK], **total(150, 0)),
    push(),
    credit(1, 150, 30, line("Foredrag", 150, 25, -1)),
    push(),
    books=[*SOLD_EXEMPT, (NOTE, [(1050, "150.00", "0.00")])],
)
story(
    "the exempt part of a mixed order comes back",
    "vendure-ecommerce/vendure #989",
    FREE,
    shop(products=[CUP, TALK], **total(399, 49.8)),
    push(),
    credit(1, 150, 0, line("Foredrag", 150, 0, -1)),
    push(),
    books=[(INVOICE, [(1000, "249.00", "49.80"), (1050, "150.00", "0.00")]), (NOTE, [(1050, "150.00", "0.00")])],
)
story(
    "the taxed part of a mixed order comes back, told without VAT",
    "ML § 27",
    FREE,
    shop(products=[CUP, TALK], **total(399, 49.8)),
    push(),
    credit(1, 249, 0, line("Kop", 249, 0, -1, "KOP-01")),
    push(),
    books=[(INVOICE, [(1000, "249.00", "49.80"), (1050, "150.00", "0.00")]), (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "a sum of a mixed order with VAT told in proportion",
    "mollie/Shopware6 #1374",
    FREE,
    shop(products=[line("Kop", 100, 25, sku="KOP-01"), line("Foredrag", 50, 0)], **total(150, 20)),
    push(),
    credit(1, 60, 8, line("Refundering", 60, 25, -1, "")),
    push(),
    states={1: "done", 2: "held vat_differs"},
    books=[(INVOICE, [(1000, "100.00", "20.00"), (1050, "50.00", "0.00")])],
)
story(
    "a sum of a mixed order without VAT is asked about",
    "ML § 27",
    FREE,
    shop(products=[CUP, TALK], **total(399, 49.8)),
    push(),
    credit(1, 60, 0, line("Refundering", 60, 0, -1, "")),
    push(),
    states={1: "done", 2: "held credit_vat_unclear"},
    books=[(INVOICE, [(1000, "249.00", "49.80"), (1050, "150.00", "0.00")])],
)
story(
    "a sum of a mixed order in proportion, as the owner says",
    "ML § 27",
    FREE,
    shop(products=[line("Kop", 100, 25, sku="KOP-01"), line("Foredrag", 50, 0)], **total(150, 20)),
    push(),
    credit(1, 60, 0, line("Refundering", 60, 0, -1, "")),
    does("answer", 2, "credit_rate", "invoice"),
    push(),
    books=[
        (INVOICE, [(1000, "100.00", "20.00"), (1050, "50.00", "0.00")]),
        (NOTE, [(1000, "40.00", "8.00"), (1050, "20.00", "0.00")]),
    ],
)
story(
    "more is given back of the taxed goods than was sold of them",
    "ML § 27",
    FREE,
    shop(products=[line("Kop", 100, 25, sku="KOP-01"), line("Foredrag", 150, 0)], **total(250, 20)),
    push(),
    credit(1, 120, 24, line("Kop", 120, 25, -1, "KOP-01")),
    push(),
    states={1: "done", 2: "held credit_rate_exceeded"},
    books=[(INVOICE, [(1000, "100.00", "20.00"), (1050, "150.00", "0.00")])],
)
story(
    "the whole return whose VAT field contradicts its line",
    "woocommerce/woocommerce #22157",
    shop(),
    push(),
    credit(1, 249, 0, line("Kop", 249, 25, -1, "KOP-01")),
    push(),
    states={1: "done", 2: "held vat_differs"},
    books=SOLD,
)
story(
    "a negative price with positive pieces",
    "vendure-ecommerce/vendure #989",
    shop(),
    push(),
    credit(1, 249, 49.8, line("Kop", -249, 25, 1, "KOP-01")),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "an EU company returns",
    "vendure-ecommerce/vendure #989",
    shop(**GERMAN, **FREE_CUP),
    push(),
    credit(1, 199.2, 0, line("Kop", 199.2, 0, -1, "KOP-01"), **GERMAN),
    push(),
    books=[(INVOICE, [(1100, "199.20", "0.00")]), (NOTE, [(1100, "199.20", "0.00")])],
    says=["Reverse charge", "DE136695976"],
)
story(
    "an order in euro is returned",
    "microsoft/BCApps #6138",
    does("rule", "currency:EUR", "dinero_rate"),
    shop(currency="EUR"),
    push(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), currency="EUR"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
    paid=["249.00", "-249.00"],
)
story(
    "the return comes before the transfer, and one push takes both",
    "pretix/pretix #585",
    shop(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01")),
    push(),
    does("fetch"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "the last of three part refunds is an øre too large: what remains is credited",
    "woocommerce/woocommerce #64668",
    shop(products=[line("Clips", 100, 25)], **total(100, 20)),
    push(),
    credit(1, 33.34, 6.67, line("Clips", 33.34, 25, -1)),
    push(),
    credit(1, 33.33, 6.67, line("Clips", 33.33, 25, -1), number=3),
    push(),
    credit(1, 33.34, 6.67, line("Clips", 33.34, 25, -1), number=4),
    push(),
    states={1: "done", 2: "done", 3: "done", 4: "done"},
    books=[
        (INVOICE, [(1000, "100.00", "20.00")]),
        (NOTE, [(1000, "33.34", "6.67")]),
        (NOTE, [(1000, "33.33", "6.67")]),
        (NOTE, [(1000, "33.33", "6.67")]),
    ],
)
story(
    "the last part is two øre too large, and the owner's øre limit is no leave to credit more than was sold",
    "woocommerce/woocommerce #64668",
    shop(products=[line("Clips", 100, 25)], **total(100, 20)),
    push(),
    credit(1, 66.67, 13.33, line("Clips", 66.67, 25, -1)),
    push(),
    credit(1, 33.35, 6.67, line("Clips", 33.35, 25, -1), number=3),
    push(),
    states={1: "done", 2: "done", 3: "held credit_too_large"},
    settings={"rounding_limit": 5, "rounding_account": 7380},
    books=[(INVOICE, [(1000, "100.00", "20.00")]), (NOTE, [(1000, "66.67", "13.33")])],
)
story(
    "three pieces come back one by one, each with its share of the discount; the last share is what remains",
    "woocommerce/woocommerce #64668",
    shop(
        products=[line("Clips", 33.35, 25, 3)], voucher_code="TI", voucher_discount_amount=10.0, **total(90.05, 18.01)
    ),
    push(),
    *(
        step
        for number in (2, 3, 4)
        for step in (
            credit(
                1,
                30.02,
                6.0,
                line("Clips", 33.35, 25, -1),
                number=number,
                voucher_code="TI",
                voucher_discount_amount=-3.33,
            ),
            push(),
        )
    ),
    states={1: "done", 2: "done", 3: "done", 4: "done"},
    books=[
        (INVOICE, [(1000, "90.05", "18.01")]),
        (NOTE, [(1000, "30.02", "6.00")]),
        (NOTE, [(1000, "30.02", "6.00")]),
        (NOTE, [(1000, "30.01", "6.00")]),
    ],
)
story(
    "goodwill: the freight of the return is paid back on top",
    "woocommerce/woocommerce #64668",
    shop(),
    push(),
    credit(1, 294, 58.8, line("Kop", 249, 25, -1, "KOP-01"), line("Returporto", 45, 25, -1)),
    push(),
    states={1: "done", 2: "held credit_too_large"},
    books=SOLD,
)
story(
    "goodwill: more is paid back than was sold for",
    "woocommerce/woocommerce #64668",
    shop(),
    push(),
    credit(1, 294, 58.8, line("Kop", 294, 25, -1, "KOP-01")),
    push(),
    states={1: "done", 2: "held credit_too_large"},
    books=SOLD,
)

MIXED: Raw = {"products": [line("Kop", 100, 25, sku="KOP-01"), line("Foredrag", 50, 0)]}
MIXED_FREIGHT: Raw = MIXED | {"shipping_price": 39.0, **total(189, 27.8)}
MIXED_SOLD = [(INVOICE, [(1000, "100.00", "20.00"), (1050, "50.00", "0.00"), (1350, "39.00", "7.80")])]
for name, told in (
    ("in one sum", credit(1, 189, 27.8, line("Refundering", 189, None, -1, ""))),
    ("in one sum that names 25 %", credit(1, 189, 37.8, line("Refundering", 189, 25, -1, ""))),
    ("in one sum without VAT", credit(1, 189, 0, line("Refundering", 189, 0, -1, ""))),
    ("as a total alone", credit(1, 189, 27.8)),
    (
        "as a sum of the goods, and the freight",
        credit(1, 189, 27.8, line("Refundering", 150, None, -1, ""), shipping_price=-39.0),
    ),
):
    story(
        f"all of a mixed order with freight comes back, told {name}",
        "ML § 27",
        FREE,
        shop(**MIXED_FREIGHT),
        push(),
        told,
        push(),
        books=[*MIXED_SOLD, (NOTE, MIXED_SOLD[0][1])],
        paid=["189.00", "-189.00"],
    )
story(
    "what is left of a mixed order comes back in one sum",
    "ML § 27",
    FREE,
    shop(**MIXED_FREIGHT),
    push(),
    credit(1, 100, 20, line("Kop", 100, 25, -1, "KOP-01")),
    push(),
    credit(1, 89, 7.8, line("Refundering", 89, None, -1, ""), number=3),
    push(),
    books=[
        *MIXED_SOLD,
        (NOTE, [(1000, "100.00", "20.00")]),
        (NOTE, [(1050, "50.00", "0.00"), (1350, "39.00", "7.80")]),
    ],
)
story(
    "all of an order with an øre line comes back in one sum",
    "facts.md, rule 14",
    shop(**total(249.02, 49.8)),
    push(),
    credit(1, 249.02, 49.8, line("Refundering", 249.02, 25, -1, "")),
    push(),
    settings={"rounding_limit": 5, "rounding_account": 7380},
    books=[
        (INVOICE, [(1000, "249.00", "49.80"), (7380, "0.02", "0.00")]),
        (NOTE, [(1000, "249.00", "49.80"), (7380, "0.02", "0.00")]),
    ],
)
story(
    "the freight that the shop keeps of a mixed order is freight, as the owner says",
    "OCA/account-invoicing #784",
    FREE,
    shop(**MIXED, **total(150, 20)),
    push(),
    credit(1, 120, 12, line("Kop", 100, 25, -1, "KOP-01"), line("Foredrag", 50, 0, -1), shipping_price=30.0),
    does("answer", 2, "credit_rate", "invoice"),
    push(),
    books=[
        (INVOICE, [(1000, "100.00", "20.00"), (1050, "50.00", "0.00")]),
        (
            NOTE,
            [(1000, "100.00", "20.00"), (1050, "50.00", "0.00"), (1350, "-20.00", "-4.00"), (1300, "-10.00", "0.00")],
        ),
    ],
)
ALIKE: Raw = {"products": [line("Kursus", 125, 25, sku="K-25"), line("Kursus", 80, 0, sku="K-0")], **total(205, 25)}
ALIKE_SOLD = [(INVOICE, [(1000, "125.00", "25.00"), (1050, "80.00", "0.00")])]
for rate, vat, price, account, in_it in ((25, 10, 50, 1000, "10.00"), (0, 0, 40, 1050, "0.00")):
    story(
        f"one of two lines of one name comes back, the one with {rate} %",
        "ML § 27",
        does("rule", "vat_free:K-0", "exempt"),
        shop(**ALIKE),
        push(),
        credit(1, price, vat, line("Kursus", price, rate, -1, "")),
        push(),
        books=[*ALIKE_SOLD, (NOTE, [(account, f"{price}.00", in_it)])],
    )
story(
    "one of two lines of one name comes back, and it is not told which",
    "ML § 27",
    does("rule", "vat_free:K-0", "exempt"),
    shop(**ALIKE),
    push(),
    credit(1, 50, 0, line("Kursus", 50, None, -1, "")),
    push(),
    states={1: "done", 2: "held credit_vat_unclear"},
    books=ALIKE_SOLD,
)
story(
    "a return that repeats the discount as a line of its own",
    "facts.md, Shoporama 6",
    does("rule", "below_zero:Rabat", "discount"),
    shop(products=[CUP, line("Rabat", -24, 25, sku="")], **total(225, 45)),
    push(),
    credit(1, 225, 45, line("Kop", 249, 25, -1, "KOP-01"), line("Rabat", 24, 25, 1, "")),
    push(),
    books=[(INVOICE, [(1000, "225.00", "45.00")]), (NOTE, [(1000, "225.00", "45.00")])],
)

root("Lists name what is safe; all else is asked once")
for word, code in (
    ("refunded", "status_refunded"),
    ("failed", "status_failed"),
    ("draft", "status_draft"),
    ("on-hold", "status_unknown"),
):
    story(f"paid, with the status {word}", "libracore/WooCommerceConnector #8", shop(status=word), states=held(code))
for word, code in (
    ("Delvist refunderet", "status_refunded"),
    ("Betaling fejlet", "status_failed"),
    ("Kladde", "status_draft"),
    ("Returneret", "status_returned"),
    ("Fortrudt", "withdrawn_paid"),
    ("Annulleret", "cancelled_paid"),
    ("storniert", "cancelled_paid"),
    ("Chargeback", "status_refunded"),
    ("Til godkendelse", "status_unknown"),
    ("pending-review", "status_unknown"),
):
    story(f"paid, with the status {word}", "facts.md, Shoporama 5, 10.3", shop(status=word), states=held(code))
for word in ("Afsendt", "completed", "Under behandling", "Leveret", "packed", ""):
    story(f"paid, with the status {word or 'left empty'}", "facts.md, Shoporama 4b", shop(status=word), books=SOLD)
for word in ("Отменён", "已取消", "Επιστράφηκε", "ملغي", "closed", "Lukket"):
    story(f"paid, with the status {word}", "facts.md, rule 15", shop(status=word), states=held("status_unknown"))
story(
    "a status in another alphabet is a word of its own",
    "facts.md, rule 15",
    does("rule", "status:оплачен", "sale"),
    shop(status="Оплачен"),
    shop(2, status="Отменён"),
    push(),
    states={1: "done", 2: "held status_unknown"},
    books=SOLD,
)
for name in ("Ελλάδα ΑΕ", "Компания", "株式会社"):
    story(
        f"a company called {name} is one",
        "ML § 52 a",
        shop(order_company_name=name),
        books=SOLD,
        contacts=[name],
    )
story(
    "a status that nobody can read says nothing",
    "facts.md, rule 15",
    shop(status="--"),
    books=SOLD,
)
for word in ("sendt", "Afsendt", "shipped", "Dispatched", "delivered", "Leveret", "completed", "Fuldført", "afsluttet"):
    story(
        f"transferred when sent, with the status {word}",
        "facts.md, Shoporama 4b",
        shop(status=word),
        settings={"trigger": "sent"},
        books=SOLD,
    )
for word in ("packed", "processing", "Delvist sendt", "Klar til afsendelse", "klar til afhentning"):
    story(
        f"not sent yet, with the status {word}",
        "facts.md, Shoporama 4b",
        shop(status=word),
        settings={"trigger": "sent"},
        states={1: "not due not_sent"},
    )
story(
    "an unknown status is asked about once",
    "facts.md, rule 15",
    shop(status="Til pluk"),
    does("rule", "status:tilpluk", "sale"),
    shop(2, status="til-pluk"),
    push(),
    books=[*SOLD, *SOLD],
)
story(
    "orders with a status that is no sale yet wait",
    "facts.md, rule 15",
    shop(status="Reserveret"),
    does("rule", "status:reserveret", "wait"),
    push(),
    states={1: "not due status_waits"},
)
for word in (
    "Betal på faktura",
    "Betaling via faktura 14 dage",
    "Netbank overførsel",
    "Kontooverførsel",
    "Betaling ved afhentning",
    "EAN-faktura",
):
    story(
        f"marked as paid by “{word}”",
        "shinesoftware/shineisp #83",
        shop(payment_gateway=word),
        states=held("paid_without_proof"),
    )
for word in ("MobilePay manuelt", "Efterkrav", "Betal senere", "Gavekort", "Kontant i butikken", "Rate"):
    story(
        f"marked as paid by “{word}”",
        "facts.md, Shoporama 5",
        shop(payment_gateway=word),
        states=held("paid_without_proof"),
    )
for word in (
    "FI-kort",
    "FIK kort",
    "Giro kort",
    "Kort 71",
    "Kort kredit",
    "Kort betalingsfrist",
    "Kort på regning",
    "Indbetalings kort",
    "MobilePay Box 12345",
    "MobilePay nummer 12345",
    "MobilePay 12345",
    "Offline card",
    "Stripe SEPA Debit",
    "Klarna Faktura",
    "Visa при получении",
):
    story(
        f"marked as paid by “{word}”",
        "facts.md, rule 15",
        shop(payment_gateway=word),
        states=held("paid_without_proof"),
    )
for word in (
    "Forbrugsforeningen",
    "Eurocard",
    "Hævekort",
    "Paylike",
    "Farpay",
    "Bank Axept",
    "Resurs Bank",
    "Ratepay",
    "Collector Checkout",
    "giropay",
    "Debit card",
    "Credit/debit card",
    "Betal online med kreditkort",
):
    story(f"paid by {word}", "facts.md, Shoporama 8e", shop(payment_gateway=word), books=SOLD)
for word in ("Kort (Clearhaus)", "MobilePay", "Stripe", "Dankort/Visa", "PayPal", "Klarna Checkout"):
    story(f"paid by {word}", "facts.md, Shoporama 8e", shop(payment_gateway=word), books=SOLD)
story(
    "a way to pay is asked about once",
    "facts.md, rule 15",
    shop(payment_gateway="Ukendt Pay"),
    does("rule", "payment:Ukendt Pay", "money"),
    shop(2, payment_gateway="Ukendt Pay"),
    push(),
    books=[*SOLD, *SOLD],
)
story(
    "a return paid as store credit",
    "PrestaShop/PrestaShop #16826",
    shop(),
    push(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), payment_gateway="Tilgodebevis"),
    push(),
    states={1: "done", 2: "held refund_way"},
    books=SOLD,
)
story(
    "no money leaves the bank for a store credit",
    "facts.md, Dinero 5b.5",
    shop(),
    push(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), payment_gateway="Tilgodebevis"),
    does("rule", "refund:Tilgodebevis", "by_hand"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
    paid=["249.00"],
)
story(
    "a voucher of an unknown kind is asked about",
    "facts.md, Shoporama 8e",
    shop(voucher_code="A1", voucher_type="loyalty points", voucher_discount_amount=49, **total(200, 40)),
    states=held("voucher"),
)
story(
    "vouchers of an unknown kind are asked about once, whatever their codes",
    "facts.md, Shoporama 8e",
    does("rule", "voucher_kind:loyaltypoints", "discount"),
    shop(voucher_code="A1", voucher_type="loyalty points", voucher_discount_amount=49, **total(200, 40)),
    shop(2, voucher_code="B2", voucher_type="Loyalty-points", voucher_discount_amount=49, **total(200, 40)),
    push(),
    books=[(INVOICE, [(1000, "200.00", "40.00")])] * 2,
)
story(
    "a kind that is a gift card",
    "facts.md, Shoporama 8e",
    does("rule", "voucher_kind:julehilsen", "gift_card"),
    shop(voucher_code="A1", voucher_type="Julehilsen", voucher_discount_amount=49, **total(200, 40)),
    push(),
    books=[(INVOICE, [(1000, "249.00", "49.80"), (63080, "-49.00", "0.00")])],
)
story(
    "a code that looks like a gift card is asked about, whatever its kind",
    "facts.md, Shoporama 8e",
    does("rule", "voucher_kind:loyaltypoints", "discount"),
    shop(voucher_code="GAVEKORT-7", voucher_type="loyalty points", voucher_discount_amount=49, **total(200, 40)),
    push(),
    states=held("voucher"),
)
story(
    "an answer about the code counts, also where the kind is not known",
    "facts.md, Shoporama 8e",
    does("rule", "voucher:A1", "discount"),
    shop(voucher_code="A1", voucher_type="loyalty points", voucher_discount_amount=49, **total(200, 40)),
    push(),
    books=[(INVOICE, [(1000, "200.00", "40.00")])],
)
for word in ("-", "ingen", "n/a", "0", "Privat"):
    story(
        f"a private customer writes “{word}” in the field for the number",
        "akretion/fr-einvoicing #60",
        shop(vat_number=word),
        books=SOLD,
    )
story(
    "a private customer writes “ingen” for the number and “privat” for the company",
    "akretion/fr-einvoicing #60",
    shop(vat_number="ingen", order_company_name="privat", email="privat@example.com"),
    books=SOLD,
    contacts=["Karen Eksempel"],
)
story(
    "a personal number in the field is not repeated",
    "NKoonen/vatchecker #61",
    shop(vat_number="010190-1234"),
    states=held("cvr_invalid"),
)
story(
    "a number that can't exist, and the buyer is a private customer",
    "akretion/fr-einvoicing #60",
    shop(vat_number="12345678"),
    does("answer", 1, "vat_number_wrong", "consumer"),
    books=SOLD,
)
story(
    "“n/a” of a consumer in the EU",
    "akretion/fr-einvoicing #60",
    does("rule", "eu_consumers", "danish"),
    shop(vat_number="n/a", order_country="Tyskland", order_zipcode="10115", order_city="Berlin"),
    books=SOLD,
)
story("an order that the shop marks as a test", "facts.md, Shoporama 5", shop(is_test=True), states=held("test_order"))
story(
    "the shop says that a part is paid", "facts.md, Shoporama 5", shop(paid_amount=100.0), states=held("paid_in_part")
)
story(
    "the shop says that it was paid back",
    "facts.md, Shoporama 6",
    shop(refunded_amount=249.0),
    states=held("refunded_in_shop"),
)

root("One sentence for one thing")
story(
    "an item was taken off the order, and its line stays with 0 pieces",
    "msupply-foundation/open-msupply #4984",
    shop(products=[CUP, line("Vase", 399, 25, 0)]),
    books=SOLD,
)
story(
    "the shop keeps the freight of a return",
    "OCA/account-invoicing #784",
    shop(),
    push(),
    credit(1, 210, 42, line("Kop", 249, 25, -1, "KOP-01"), shipping_price=39.0),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80"), (1350, "-39.00", "-7.80")])],
    paid=["249.00", "-210.00"],
)
story(
    "the shop keeps a fee of a return",
    "OCA/rma #505",
    shop(),
    push(),
    credit(1, 229, 45.8, line("Kop", 249, 25, -1, "KOP-01"), payment_fee=20.0),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80"), (1000, "-20.00", "-4.00")])],
)
story(
    "a dearer exchange that the customer pays for",
    "microsoft/BCApps #10467",
    shop(),
    push(),
    shop(
        2,
        credited_order_id="#1",
        products=[line("Kop", 249, 25, -1, "KOP-01"), line("Vase", 399, 25)],
        **total(150, 30),
    ),
    push(),
    states={1: "done", 2: "held exchange"},
    books=SOLD,
)
story(
    "a cheaper exchange",
    "microsoft/BCApps #10467",
    shop(),
    push(),
    credit(1, 49, 9.8, line("Kop", 249, 25, -1, "KOP-01"), line("Skål", 200, 25, 1)),
    push(),
    states={1: "done", 2: "held exchange"},
    books=SOLD,
)
story(
    "a cheaper exchange in one document, as the owner says",
    "facts.md, Dinero 5b.5",
    shop(),
    push(),
    credit(1, 49, 9.8, line("Kop", 249, 25, -1, "KOP-01"), line("Skål", 200, 25, 1)),
    does("answer", 2, "exchange", "net"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80"), (1000, "-200.00", "-40.00")])],
    paid=["249.00", "-49.00"],
)
story(
    "a fee of −10 for paying by bank",
    "awesomemotive/easy-digital-downloads #8208",
    shop(payment_fee=-10.0, **total(239, 47.8)),
    states=held("below_zero"),
)
story(
    "freight of −39 as a compensation",
    "awesomemotive/easy-digital-downloads #9834",
    shop(shipping_price=-39.0, **total(210, 42)),
    states=held("below_zero"),
)
story(
    "a negative fee that is a discount",
    "facts.md, Dinero 5b.7",
    shop(payment_fee=-10.0, **total(239, 47.8)),
    does("rule", "below_zero:fee", "discount"),
    push(),
    books=[(INVOICE, [(1000, "239.00", "47.80")])],
)
story(
    "a discount as a product below zero",
    "facts.md, Dinero 5b.7",
    shop(products=[CUP, line("Rabat nyhedsbrev", -49, 25)], **total(200, 40)),
    states=held("below_zero"),
)
story(
    "a product below zero that nobody can explain",
    "facts.md, rule 14",
    shop(products=[CUP, line("Diverse", -49, 25)], **total(200, 40)),
    states=held("line_negative"),
)
story(
    "a code that pays the freight",
    "PrestaShop/PrestaShop #17333",
    shop(shipping_price=39.0, voucher_code="FRIFRAGT", voucher_discount_amount=39.0),
    books=SOLD,
)
story(
    "a code that pays the freight of exempt goods",
    "PrestaShop/PrestaShop #14191",
    FREE,
    shop(shipping_price=39.0, voucher_code="FRIFRAGT", voucher_discount_amount=39.0, products=[TALK], **total(150, 0)),
    push(),
    books=SOLD_EXEMPT,
)
story(
    "a code that pays the freight of a mixed order",
    "cubecart/v6 #4244",
    FREE,
    shop(
        shipping_price=39,
        voucher_code="FRIFRAGT",
        voucher_discount_amount=39,
        products=[line("Kop", 100, 25, sku="KOP-01"), TALK],
        **total(250, 20),
    ),
    push(),
    books=[(INVOICE, [(1000, "100.00", "20.00"), (1050, "150.00", "0.00")])],
)
story(
    "a code of the freight's amount under another name, in a mixed order",
    "cubecart/v6 #4244",
    FREE,
    shop(
        shipping_price=39,
        voucher_code="SOMMER",
        voucher_discount_amount=39,
        products=[line("Kop", 100, 25, sku="KOP-01"), TALK],
        **total(250, 20),
    ),
    push(),
    books=[(INVOICE, [(1000, "100.00", "20.00"), (1050, "150.00", "0.00")])],
)
story(
    "a kind of voucher that pays the freight",
    "facts.md, Shoporama 8e",
    shop(shipping_price=49.0, voucher_code="VIP", voucher_type="free_shipping", voucher_discount_amount=49.0),
    books=SOLD,
)
story(
    "goods are exchanged one for one, and the total is 0",
    "facts.md, Shoporama 6",
    shop(),
    push(),
    shop(
        2,
        original_order_id="#1",
        products=[line("Kop", 249, 25, -1, "KOP-01"), line("Kop blå", 249, 25)],
        **total(0, 0),
    ),
    push(),
    states={1: "done", 2: "held zero_total"},
    books=SOLD,
)
story(
    "a bundle and its parts both carry prices",
    "woocommerce/woocommerce #30197",
    shop(
        products=[line("Gavesæt", 300, 25), line("Kop i sæt", 100, 25, 2), line("Fad i sæt", 100, 25)], **total(300, 60)
    ),
    states=held("sum_differs"),
)

root("Numbers as computers send them")
story(
    "a price as it lies in binary",
    "woocommerce/woocommerce #27911",
    shop(products=[line("Kop", 14.309999999999999, 25, 10, "KOP-01")], **total(143.1, 28.62)),
    books=[(INVOICE, [(1000, "143.10", "28.62")])],
    paid=["143.10"],
)
story(
    "a total and a VAT as they lie in binary",
    "woocommerce/woocommerce #46695",
    shop(**total(249.00000000000003, 49.800000000000004)),
    books=SOLD,
)
story(
    "a third of 100 as it lies in binary",
    "woocommerce/woocommerce #31593",
    shop(products=[line("Kop", 33.333333333333336, 25, 3, "KOP-01")], **total(100, 20)),
    books=[(INVOICE, [(1000, "100.00", "20.00")])],
)
story(
    "the line's own total beats its pieces",
    "woocommerce/woocommerce #29657",
    shop(products=[line("Kop", 33.33, 25, 3, "KOP-01", total_price=100.0)], **total(100, 20)),
    settings={"rounding_limit": 5, "rounding_account": 7380},
    books=[(INVOICE, [(1000, "100.00", "20.00")])],
)
story(
    "the line's own total beats a price with four decimals",
    "woocommerce/woocommerce #30197",
    shop(products=[line("Kop", 33.3333, 25, 3, "KOP-01", total_price=100.0)], **total(100, 20)),
    books=[(INVOICE, [(1000, "100.00", "20.00")])],
)
story(
    "without the line's own total the owner's øre limit counts",
    "iex.dk: øreafrunding i Dinero",
    shop(products=[line("Kop", 33.33, 25, 3, "KOP-01")], **total(100, 20)),
    settings={"rounding_limit": 5, "rounding_account": 7380},
    books=[(INVOICE, [(1000, "99.99", "20.00"), (7380, "0.01", "0.00")])],
)
story(
    "a line's own total that the order's total does not know",
    "facts.md, rule 14",
    shop(products=[line("Kop", 33.33, 25, 3, "KOP-01", total_price=101.0)], **total(99.99, 20)),
    states=held("line_total_differs"),
)
story(
    "a discount of ten per cent with half an øre",
    "facts.md, Dinero 5b.7",
    shop(
        products=[line("Kop", 123.45, 25, sku="KOP-01")],
        voucher_code="TI",
        voucher_discount=10,
        voucher_discount_amount=12.345,
        **total(111.11, 22.22),
    ),
    books=[(INVOICE, [(1000, "111.11", "22.22")])],
)
story("a VAT with five decimals", "facts.md, Dinero 4.32", shop(vat=49.80004), books=SOLD)
story(
    "rates written as 25%, 25,00 and 0.25",
    "facts.md, Shoporama 2",
    shop(products=[line("Kop", 100, "25%", sku="KOP-01"), line("Vase", 100, "25,00"), line("Fad", 49, 0.25)]),
    books=[(INVOICE, [(1000, "100.00", "20.00"), (1000, "100.00", "20.00"), (1000, "49.00", "9.80")])],
)
story(
    "a currency of thousandths",
    "facts.md, rule 9",
    shop(currency="KWD", products=[line("Kop", 12.345, 25, sku="KOP-01")], **total(12.345, 2.469)),
    states=held("total_unreadable"),
)
story(
    "a currency without hundredths",
    "facts.md, rule 9",
    does("rule", "currency:ISK", "dinero_rate"),
    shop(currency="ISK", products=[line("Kop", 4990, 25, sku="KOP-01")], **total(4990, 998)),
    states=held("currency_decimals"),
)
for word in ("kr.", "DKR", "dkk"):
    story(f"kroner written as {word}", "facts.md, Shoporama 5", shop(currency=word), books=SOLD)
story("euro written as €", "facts.md, Shoporama 5", shop(currency="€"), states=held("currency"))
for share in (1.25, 49.8):
    story(
        f"a rate of {share} on a line whose VAT is 25 %",
        "facts.md, Shoporama 2",
        shop(products=[line("Kop", 249, share, sku="KOP-01")]),
        states=held("vat_differs"),
    )

root("Who and where")
story(
    "a billing address in Norway, and the empty delivery form stands at Danmark",
    "magento/magento2 #24136",
    shop(**NORWAY, **FREE_CUP, del_country="Danmark"),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
)
story(
    "a German company, and the empty delivery form stands at Danmark",
    "Automattic/woocommerce-services #623",
    shop(**GERMAN, **FREE_CUP, del_country="Danmark"),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
    contacts=["DE136695976"],
)
story(
    "an empty delivery form at Danmark for a Swedish consumer",
    "extcode/cart #242",
    shop(order_country="Sverige", order_zipcode="21120", order_city="Malmö", del_country="Danmark"),
    states=held("eu_consumer"),
)
story(
    "a delivery address without a country goes by the buyer's",
    "facts.md, Shoporama 4b",
    shop(**NORWAY, **FREE_CUP, del_name="Nabo", del_address="Vei 2", del_zipcode="0151", del_city="Oslo"),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
)
story("25 % to Norway may be Norwegian", "skatteetaten.no: VOEC", shop(**NORWAY), states=held("world_charged"))
story(
    "Norwegian VAT is held by rule",
    "skatteetaten.no: VOEC",
    does("rule", "norwegian_vat", "voec"),
    shop(**NORWAY),
    push(),
    states=held("voec"),
)
story(
    "the contact has no number, and the sale has no VAT because of it",
    "ledgersmb/LedgerSMB #4835",
    does("contact", {"name": "Beispiel GmbH", "countrykey": "DE", "isperson": False}),
    shop(**GERMAN, **FREE_CUP),
    push(),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
    contacts=["DE136695976"],
)
story(
    "the number on the contact without its prefix is the same",
    "facts.md, Dinero 6.9",
    does("contact", {"name": "Beispiel", "countrykey": "DE", "isperson": False, "vatnumber": "123456704"}),
    shop(**GERMAN | {"vat_number": "DE123456704"}, **FREE_CUP),
    push(),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
    contacts=["Beispiel"],
)
story(
    "the invoice of an EU company says why it has no VAT",
    "invoiceninja/invoiceninja #8540",
    shop(**GERMAN, shipping_price=50.0, products=[line("Kop", 199.2, 0, sku="KOP-01")], **total(249.2, 0)),
    books=[(INVOICE, [(1100, "199.20", "0.00"), (1100, "50.00", "0.00")])],
    says=["Reverse charge", "intra-Community supply", "DE136695976"],
)
story(
    "a bookkeeper buys for two companies",
    "customeros/customeros #970",
    shop(order_company_name="Alfa ApS", vat_number="11223303", email="bog@example.com"),
    push(),
    shop(2, order_company_name="Beta ApS", email="bog@example.com"),
    push(),
    books=[*SOLD, *SOLD],
    contacts=["Alfa ApS", "Beta ApS"],
)
story(
    "the same company with another legal form is the same",
    "customeros/customeros #970",
    shop(order_company_name="Gamma IVS", email="g@example.com"),
    push(),
    shop(2, order_company_name="GAMMA ApS", email="g@example.com"),
    push(),
    books=[*SOLD, *SOLD],
    contacts=["Gamma IVS", "Gamma IVS"],
)
story(
    "the contact is in another country",
    "erp-mafia/accounted #2906",
    does("contact", {"name": "Karen Eksempel", "countrykey": "DE"}),
    shop(),
    push(),
    books=SOLD,
    notes=["The customer in Dinero is in DE, but the order is from DK."],
)
story(
    "the contact is Danish, and the order goes to Norway",
    "erp-mafia/accounted #2906",
    does("contact", {"name": "Karen Eksempel", "countrykey": "DK"}),
    shop(**NORWAY, **FREE_CUP),
    push(),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
    notes=["The customer in Dinero is in DK, but the order is from NO."],
)
story(
    "a couple with one e-mail",
    "Automattic/jetpack #33711",
    shop(email="familien@example.com"),
    push(),
    shop(2, order_name="Per Eksempel", email="familien@example.com"),
    push(),
    books=[*SOLD, *SOLD],
    contacts=["Karen Eksempel", "Karen Eksempel"],
)
story(
    "two orders of one new customer in one push",
    "Automattic/jetpack #33711",
    shop(email="Ny.Kunde@Example.com"),
    shop(2, email="ny.kunde@example.com "),
    push(),
    books=[*SOLD, *SOLD],
)
story(
    "an e-mail with an apostrophe is one",
    "SuiteCRM/SuiteCRM-Core #1021",
    shop(email="sinead.o'brien@example.com"),
    books=SOLD,
)
story(
    "e-mails with a plus, with Danish letters before the @, and with a Danish domain",
    "mautic/mautic #10411",
    shop(1, email="kunde+butik@example.com"),
    shop(2, email="æble@example.com"),
    shop(3, email="kunde@blåbær.example"),
    push(),
    books=[*SOLD, *SOLD, *SOLD],
)
story("mailto: before the e-mail", "mautic/mautic #10411", shop(email="mailto:kunde@example.com"), books=SOLD)
story(
    "emoji in names and texts go through",
    "Automattic/jetpack #33711",
    shop(order_name="Mia 👩‍🎨 Prøve", email="mia@example.com", products=[line("Kop 🎁❤️ jul", 249, 25)]),
    books=SOLD,
    contacts=["Mia 👩🎨 Prøve"],
)
story(
    "very long texts go through",
    "Automattic/jetpack #33711",
    shop(
        order_name="N" * 300,
        order_company_name="F" * 300,
        order_address="G" * 300,
        order_city="B" * 300,
        comments="K" * 3000,
        email="lang@example.com",
        products=[line("P" * 400, 249, 25)],
    ),
    books=SOLD,
)
story(
    "an e-mail that ends with a dot is none",
    "mautic/mautic #10411",
    shop(email="kunde@example.com."),
    states=held("email_malformed"),
)
story(
    "HTML's entities are decoded once",
    "facts.md, Shoporama 2",
    shop(order_company_name="S&oslash;n &amp; Co", email="s@example.com"),
    books=SOLD,
    contacts=["Søn & Co"],
)
story(
    "eight digits without a prefix are no Finnish number",
    "ML § 34",
    shop(
        vat_number="13585628",
        order_company_name="Friis ApS",
        del_name="Lager",
        del_address="Katu 1",
        del_zipcode="00100",
        del_city="Helsinki",
        del_country="Finland",
        **FREE_CUP,
    ),
    states=held("danish_company_abroad"),
)
for method in (
    "Afhentning i butik",
    "Afhentning hos ombud",
    "DB Schenker ombud - afhentning",
    "Levering inkl. afhentning af gammel vare",
    "Abholung DPD Paketshop",
):
    story(
        f"a German company, and the shipping method says “{method}”",
        "ML § 14, § 34",
        shop(**GERMAN, **FREE_CUP, shipping_name=method),
        states=held("collected_abroad"),
    )
story(
    "“Hent i butikk” in Norway",
    "ML § 14, § 34",
    shop(**NORWAY, **FREE_CUP, shipping_name="Hent i butikk"),
    states=held("collected_abroad"),
)
story(
    "it is asked whatever VAT was charged",
    "ML § 14",
    shop(**GERMAN, shipping_name="Hent selv i butikken"),
    states=held("collected_abroad"),
)
story(
    "a German company collects in Denmark, without VAT",
    "ML § 14",
    does("rule", "collected:afhentningibutik", "collected"),
    shop(**GERMAN, **FREE_CUP, shipping_name="Afhentning i butik"),
    push(),
    states=held("danish_without_vat"),
)
story(
    "a German company collects in Denmark, with Danish VAT",
    "ML § 14",
    shop(**GERMAN, shipping_name="Hent selv i butikken"),
    does("answer", 1, "collected:hentselvibutikken", "collected"),
    books=SOLD,
    contacts=["DE136695976"],
)
story(
    "goods collected near the customer were sent to Germany",
    "ML § 34",
    does("rule", "collected:afhentninghosombud", "sent"),
    shop(**GERMAN, **FREE_CUP, shipping_name="Afhentning hos ombud"),
    push(),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
)
story(
    "collected in Denmark by a buyer with a Danish address",
    "ML § 14",
    shop(shipping_name="Afhentning hos ombud"),
    books=SOLD,
)
story(
    "collected by a buyer whose address is not told",
    "ML § 14",
    shop(order_country="", order_address="", order_zipcode="", order_city="", shipping_name="Afhentning i butik"),
    books=SOLD,
)
story(
    "a buyer in Denmark typed a Swedish number",
    "facts.md, Dinero 6.9",
    shop(order_company_name="Prov AB", vat_number="SE556036079301"),
    books=SOLD,
    contacts=["DK"],
)
story(
    "a buyer in Denmark with a German number has the goods sent to Germany",
    "Directive 2006/112 art. 226(4)",
    shop(
        order_company_name="Beispiel GmbH",
        vat_number="DE136695976",
        del_name="Lager",
        del_address="Hauptstrasse 3",
        del_zipcode="10115",
        del_city="Berlin",
        del_country="Tyskland",
        **FREE_CUP,
    ),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
    contacts=["DK"],
    says=["DE136695976"],
)
story(
    "a parcel shop is no collection",
    "ML § 34",
    shop(**GERMAN, **FREE_CUP, shipping_name="GLS pakkeshop"),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
)
for name, code in (
    ("Österreich", "AT"),
    ("Nederland", "NL"),
    ("The Netherlands", "NL"),
    ("España", "ES"),
    ("Deutschland (DE)", "DE"),
    ("SWE", "SE"),
    ("Suomi", "FI"),
    ("Polska", "PL"),
):
    story(
        f"a consumer in a country that is called {name}",
        "facts.md, Dinero 5b.3",
        does("rule", "eu_consumers", "danish"),
        shop(order_country=name, order_zipcode="", order_city="Byen"),
        push(),
        books=SOLD,
        contacts=[code],
    )
for name, code in (("United Kingdom (UK)", "GB"), ("Svalbard", "SJ"), ("Ålandsøerne", "AX"), ("NOR", "NO")):
    story(
        f"an export to a place that is called {name}",
        "Directive 2006/112 art. 146",
        shop(order_country=name, order_zipcode="", order_city="Byen", **FREE_CUP),
        books=[(INVOICE, [(1255, "199.20", "0.00")])],
        contacts=[code],
    )
for name in ("Dänemark", "Danmark (DK)", "DNK", "Danemark", "Denmark (Danmark)"):
    story(f"Denmark is called {name}", "facts.md, Shoporama 4b", shop(order_country=name), books=SOLD, contacts=["DK"])
for name in ("Andeby", "Danmark (Grønland)", "n/a", "Дания и др."):
    story(
        f"a country that is called {name} is asked about",
        "facts.md, rule 15",
        shop(order_country=name),
        states=held("country_unknown"),
    )
story(
    "a country's word is asked about once",
    "facts.md, rule 15",
    does("rule", "country:kongeriget", "DK"),
    shop(order_country="Kongeriget"),
    push(),
    books=SOLD,
    contacts=["DK"],
)
story(
    "a country's word that means Norway, as the owner says",
    "facts.md, rule 15",
    shop(order_country="Fjellheimen", order_zipcode="0150", order_city="Oslo", **FREE_CUP),
    does("answer", 1, "country:fjellheimen", "NO"),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
    contacts=["NO"],
)
story(
    "the postcode's prefix contradicts the country",
    "facts.md, rule 14",
    shop(order_zipcode="DE-24937", order_city="Flensburg"),
    states=held("country_contradictory"),
)
story(
    "Åland with its country's prefix",
    "Directive 2006/112 art. 6",
    shop(order_country="Finland", order_zipcode="FI-22100", order_city="Mariehamn", **FREE_CUP),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
)
story(
    "a Belgian number that begins with 1",
    "arthurdejong/python-stdnum #182",
    shop(
        **FREE_CUP,
        order_company_name="Proef BV",
        vat_number="BE1000050006",
        order_country="Belgien",
        order_zipcode="1000",
        order_city="Brussel",
    ),
    books=[(INVOICE, [(1100, "199.20", "0.00")])],
)
story(
    "a Belgian number with a wrong check digit",
    "validatorjs/validator.js #2876",
    shop(
        **FREE_CUP,
        order_company_name="Exemple SRL",
        vat_number="BE1000050023",
        order_country="Belgien",
        order_zipcode="1000",
        order_city="Bruxelles",
    ),
    states=held("vat_number_invalid"),
)

root("Time")
story(
    "the customer withdrew before the transfer",
    "woocommerce/woocommerce #65443",
    shop(withdrawn=1, status="new"),
    states=held("withdrawn_paid"),
)
story(
    "the customer withdrew, and the goods were delivered all the same",
    "nopSolutions/nopCommerce #8161",
    shop(withdrawn=1),
    does("answer", 1, "sale_after_all", "book"),
    books=SOLD,
)
story(
    "cancelled and credited before the transfer",
    "Pinelab-studio/pinelab-vendure-plugins #495",
    shop(status="cancelled"),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01")),
    push(),
    states={1: "held evens_out", 2: "not due waits_for_order"},
)
story(
    "one answer ends both",
    "Parex: cancelled order updates",
    shop(status="cancelled"),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01")),
    does("answer", 1, "evens_out", "leave_out"),
    push(),
    states={1: "ignored evens_out", 2: "ignored credit_left_out"},
)
story(
    "or books both",
    "pretix/pretix #585",
    shop(status="refunded"),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01")),
    does("answer", 1, "evens_out", "book"),
    push(),
    does("fetch"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "the owner left the cancelled order out, and its credit note follows",
    "pretix/pretix #585",
    shop(status="cancelled"),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01")),
    push(),
    does("ignore", 1, "annulleret og refunderet"),
    does("fetch"),
    push(),
    states={1: "ignored owner", 2: "ignored credit_left_out"},
)
BOTH = {1: "ignored evens_out", 2: "ignored credit_left_out"}
BACK = line("Kop", 249, 25, -1, "KOP-01")
for name, then in (
    ("is smaller than it was", [credit(1, 100, 20, line("Kop", 100, 25, -1, "KOP-01"))]),
    ("was cancelled", [credit(1, 249, 49.8, BACK, status="cancelled")]),
    ("is no longer in the shop", [does("gone", 2)]),
    ("was left out by the owner", [does("ignore", 2, "fejl i webshoppen")]),
):
    story(
        f"order and credit note evened out, and the credit note {name}",
        "Pinelab-studio/pinelab-vendure-plugins #495",
        shop(status="cancelled"),
        credit(1, 249, 49.8, BACK),
        does("answer", 1, "evens_out", "leave_out"),
        *then,
        push(),
        states={1: "held cancelled_paid", 2: "ignored owner" if "owner" in name else "not due waits_for_order"},
    )
story(
    "they evened out, and the credit note came back as it was",
    "facts.md, rule 10",
    shop(status="cancelled"),
    credit(1, 249, 49.8, BACK),
    does("answer", 1, "evens_out", "leave_out"),
    credit(1, 100, 20, line("Kop", 100, 25, -1, "KOP-01")),
    credit(1, 249, 49.8, BACK),
    push(),
    states=BOTH,
)
story(
    "two credit notes even a cancelled order out, and one answer ends all three",
    "Parex: cancelled order updates",
    shop(status="cancelled"),
    credit(1, 100, 20, line("Kop", 100, 25, -1, "KOP-01")),
    credit(1, 149, 29.8, line("Kop", 149, 25, -1, "KOP-01"), number=3),
    does("answer", 1, "evens_out", "leave_out"),
    push(),
    states={**BOTH, 3: "ignored credit_left_out"},
)
story(
    "an order that was cancelled and never paid takes its credit note with it",
    "pretix/pretix #585",
    shop(status="cancelled", paid=None),
    credit(1, 249, 49.8, BACK),
    push(),
    states={1: "ignored cancelled", 2: "ignored credit_left_out"},
)
story(
    "the owner left a sale out that was no mistake, and a return of a part follows",
    "facts.md, rule 10",
    shop(),
    does("ignore", 1, "tastet i hånden"),
    credit(1, 49, 9.8, line("Kop", 49, 25, -1, "KOP-01")),
    push(),
    states={1: "ignored owner", 2: "held credit_of_left_out"},
)
story(
    "the owner took the invoice back, and the shop's credit note is of the same return",
    "ML § 52",
    shop(),
    push(),
    does("correct", 1, "undo"),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01")),
    push(),
    states={1: "credited", 2: "held already_taken_back"},
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "a credit note is never dated before its invoice",
    "ML § 52",
    shop(paid="2026-11-22 12:00:00"),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), time="2026-11-21 12:00:00"),
    push(),
    does("fetch"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
    says=["dated 2026-11-22"],
)
story("an order that the shop no longer has", "facts.md, rule 10", shop(), does("gone", 1), push(), states=held("gone"))
story(
    "a date that has not come yet",
    "facts.md, rule 14",
    shop(time="2027-01-05 12:00:00", paid="2027-01-05 12:01:00"),
    states={1: "held date_in_future"},
)
story(
    "paid long before it was ordered",
    "facts.md, rule 14",
    shop(paid="2025-12-30 12:00:00"),
    states=held("dates_contradict"),
)
story(
    "sent long before it was ordered",
    "facts.md, rule 14",
    shop(sent_time="2026-01-15 12:00:00"),
    states=held("dates_contradict"),
)
story(
    "the owner says that it was paid before it was ordered",
    "facts.md, rule 14",
    shop(paid="2026-11-02 12:00:00"),
    does("answer", 1, "dates_contradict", "book"),
    books=SOLD,
    says=["dated 2026-11-02"],
)
story(
    "paid a moment before it was ordered",
    "facts.md, rule 14",
    shop(paid="2026-11-20 11:58:00"),
    books=SOLD,
)
story(
    "two minutes around midnight, in three forms",
    "odoo/odoo #41111",
    shop(1, time="2026-10-25 02:30:00", paid="2026-10-25 02:30:00"),
    shop(2, time=1782856799, paid=1782856799),
    shop(3, time="2026-06-30T22:30:00Z", paid="2026-06-30T22:30:00Z"),
    push(),
    books=[*SOLD, *SOLD, *SOLD],
    says=["dated 2026-07-01"],
)

root("A changed order is a change of money or of the buyer")
story(
    "a product was renamed after the booking",
    "openfoodfoundation/openfoodnetwork #13969",
    shop(),
    push(),
    shop(products=[line("Kop, blå (ny udgave)", 249, 25, sku="KOP-01")]),
    books=SOLD,
    changes={1: []},
)
story(
    "a product without an item number was renamed",
    "Sylius/Sylius #8628",
    shop(products=[line("Kop", 249, 25, sku="")]),
    push(),
    shop(products=[line("Krus", 249, 25, sku="")]),
    books=SOLD,
    changes={1: []},
)
story(
    "a label was put on the order",
    "mailchimp/mc-woocommerce #607",
    shop(),
    push(),
    shop(comments="haster", extras={"label": "gave"}),
    books=SOLD,
    changes={1: []},
)
story(
    "a company was written on the order after the booking",
    "piesync/billbo #116",
    shop(),
    push(),
    shop(order_company_name="Prøve ApS", vat_number="13585628"),
    does("fetch"),
    books=SOLD,
    changes={1: ["buyer"]},
)
story(
    "the company is written on the invoice by crediting it and booking it anew",
    "piesync/billbo #116",
    shop(),
    push(),
    shop(order_company_name="Prøve ApS", vat_number="13585628"),
    does("correct", 1, "rebook"),
    does("fetch"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")]), *SOLD],
    paid=["249.00", "-249.00", "249.00"],
    contacts=["Karen Eksempel", "Karen Eksempel", "Prøve ApS"],
)
story(
    "a line became dearer after the booking",
    "facts.md, rule 10",
    shop(),
    push(),
    shop(products=[line("Kop", 299, 25, sku="KOP-01")], **total(299, 59.8)),
    books=SOLD,
    changes={1: ["edited"]},
)
story(
    "the customer withdrew after the booking, told by the status",
    "woocommerce/woocommerce #65443",
    shop(),
    push(),
    shop(status="Fortrudt"),
    books=SOLD,
    changes={1: ["withdrawn"]},
)

for word in ("refunded", "Tilbagebetalt", "Returneret", "failed", "Chargeback"):
    story(
        f"the shop says “{word}” after the booking",
        "ML § 27",
        shop(),
        push(),
        shop(status=word),
        books=SOLD,
        changes={1: ["taken_back"]},
    )
story(
    "the shop says that money was paid back after the booking",
    "ML § 27",
    shop(),
    push(),
    shop(refunded_amount=249.0),
    books=SOLD,
    changes={1: ["taken_back"]},
)
story(
    "more was paid back after the booking than before it",
    "ML § 27",
    shop(refunded_amount=49.0),
    does("answer", 1, "sale_after_all", "book"),
    push(),
    shop(refunded_amount=249.0),
    books=SOLD,
    changes={1: ["taken_back"]},
)
story(
    "what was paid back before the booking is no change",
    "ML § 27",
    shop(refunded_amount=49.0),
    does("answer", 1, "sale_after_all", "book"),
    push(),
    shop(refunded_amount=49.0, comments="haster"),
    books=SOLD,
    changes={1: []},
)
story(
    "the shop's status says refunded, and the owner takes the invoice back",
    "ML § 27",
    shop(),
    push(),
    shop(status="refunded"),
    does("correct", 1, "undo"),
    states={1: "credited"},
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "an export is delivered in Denmark after the booking",
    "ML § 14",
    shop(**NORWAY, **FREE_CUP),
    push(),
    shop(**FREE_CUP),
    books=[(INVOICE, [(1255, "199.20", "0.00")])],
    changes={1: ["destination"]},
)
story(
    "a sale in Denmark goes to Norway after the booking",
    "ML § 34",
    shop(),
    push(),
    shop(del_name="Kari", del_address="Gata 1", del_zipcode="0150", del_city="Oslo", del_country="Norge"),
    books=SOLD,
    changes={1: ["destination"]},
)
story(
    "another street in Denmark after the booking",
    "facts.md, rule 10",
    shop(),
    push(),
    shop(order_address="Prøvevej 14", order_zipcode="2100", order_city="København Ø"),
    books=SOLD,
    changes={1: []},
)

root("A new paid order is a sale, whatever it refers to")
story(
    "a renewal names the first order",
    "woocommerce/woocommerce #9325",
    shop(),
    push(),
    shop(2, original_order_id="#1"),
    push(),
    books=[*SOLD, *SOLD],
    paid=["249.00", "249.00"],
)
story(
    "a paid order names another as credited",
    "microsoft/BCApps #10741",
    shop(),
    push(),
    shop(2, credited_order_id="#1"),
    push(),
    books=[*SOLD, *SOLD],
)
story(
    "an unpaid re-order that names its original waits for its money",
    "microsoft/BCApps #8554",
    shop(),
    push(),
    shop(2, original_order_id="#1", paid=None, status="new"),
    push(),
    states={1: "done", 2: "not due not_paid"},
    books=SOLD,
)
story(
    "a negative order that names its original is a credit note",
    "facts.md, Shoporama 6",
    shop(),
    push(),
    shop(2, original_order_id="#1", paid=None, products=[line("Kop", 249, 25, -1, "KOP-01")], **total(-249, -49.8)),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
story(
    "two orders have the number that a credit note names",
    "magento/data-migration-tool #731",
    shop(1, webshop_order_id="N1"),
    shop(2, webshop_order_id="N1", email="anden@example.com"),
    push(),
    shop(
        3,
        credited_order_id="N1",
        paid=None,
        status="new",
        products=[line("Kop", 249, 25, -1, "KOP-01")],
        email="anden@example.com",
        **total(-249, -49.8),
    ),
    push(),
    states={1: "done", 2: "done", 3: "held credit_of_ambiguous"},
    books=[*SOLD, *SOLD],
)

story(
    "a positive, unpaid order that names another as credited is asked about",
    "microsoft/BCApps #10741",
    shop(),
    push(),
    shop(2, credited_order_id="#1", paid=None, status="new"),
    push(),
    states={1: "done", 2: "held sale_or_credit"},
    books=SOLD,
)
story(
    "a credit note told with positive amounts, as the owner says",
    "facts.md, Dinero 4.24",
    shop(),
    push(),
    shop(2, credited_order_id="#1", paid=None, status="new"),
    does("answer", 2, "sale_or_credit", "credit"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
    paid=["249.00", "-249.00"],
)
story(
    "a sale that names another order waits for its money, as the owner says",
    "microsoft/BCApps #8554",
    shop(),
    push(),
    shop(2, credited_order_id="#1", paid=None, status="new"),
    does("answer", 2, "sale_or_credit", "sale"),
    push(),
    states={1: "done", 2: "not due not_paid"},
    books=SOLD,
)
story(
    "it was asked about, and then it was paid",
    "microsoft/BCApps #10741",
    shop(),
    push(),
    shop(2, credited_order_id="#1", paid=None, status="new"),
    shop(2, credited_order_id="#1"),
    push(),
    books=[*SOLD, *SOLD],
)
story(
    "an order's id is another order's number",
    "magento/data-migration-tool #731",
    shop(1, webshop_order_id="A1"),
    shop(2, webshop_order_id="#1", email="anden@example.com"),
    push(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), number=3, email="anden@example.com"),
    push(),
    states={1: "done", 2: "done", 3: "held credit_of_ambiguous"},
    books=[*SOLD, *SOLD],
)
story(
    "an order's id is another order's number, and the owner chooses",
    "magento/data-migration-tool #731",
    shop(1, webshop_order_id="A1"),
    shop(2, webshop_order_id="#1", email="anden@example.com"),
    push(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), number=3, email="anden@example.com"),
    does("answer", 3, "credit_of", "#2"),
    push(),
    books=[*SOLD, *SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)
NAMES: tuple[tuple[str, Raw, Raw], ...] = (
    ("id", {}, {}),
    ("number", {"webshop_order_id": "N1"}, {"credited_order_id": "N1"}),
)
for name, number, more in NAMES:
    story(
        f"a credit note names by {name} another customer's order",
        "magento/data-migration-tool #731",
        shop(1, **number),
        push(),
        credit(
            1,
            249,
            49.8,
            line("Kop", 249, 25, -1, "KOP-01"),
            email="anden@example.com",
            **more,
        ),
        push(),
        states={1: "done", 2: "held credit_of_ambiguous"},
        books=SOLD,
    )
story(
    "it is the same customer with another e-mail, as the owner says",
    "magento/data-migration-tool #731",
    shop(1, webshop_order_id="N1"),
    push(),
    credit(1, 249, 49.8, line("Kop", 249, 25, -1, "KOP-01"), email="anden@example.com", credited_order_id="N1"),
    does("answer", 2, "credit_of", "#1"),
    push(),
    books=[*SOLD, (NOTE, [(1000, "249.00", "49.80")])],
)

root("Sales with another EU country's VAT (OSS)")
OSS: Raw = {"accounts": {"sales.oss": 1050, "oss_vat": 63080}}
BERLIN: Raw = {"order_country": "Tyskland", "order_zipcode": "10115", "order_city": "Berlin"}
story(
    "19 % to Germany without the accountant's word",
    "facts.md, Dinero 5b.3",
    shop(**BERLIN, products=[line("Kop", 119, 19, sku="KOP-01")], **total(119, 19)),
    states=held("oss"),
)
story(
    "the accountant named no accounts",
    "facts.md, Dinero 5b.3",
    does("rule", "oss_booking", "book"),
    shop(**BERLIN, products=[line("Kop", 119, 19, sku="KOP-01")], **total(119, 19)),
    push(),
    states=held("account_unnamed"),
)
story(
    "the goods without VAT, and the other country's VAT as a debt",
    "facts.md, Dinero 5b.3",
    does("rule", "oss_booking", "book"),
    shop(**BERLIN, shipping_price=59.5, products=[line("Kop", 119, 19, sku="KOP-01")], **total(178.5, 28.5)),
    push(),
    settings=OSS,
    books=[(INVOICE, [(1050, "100.00", "0.00"), (1050, "50.00", "0.00"), (63080, "28.50", "0.00")])],
    paid=["178.50"],
)
story(
    "two rates in one order",
    "Directive 2006/112 art. 369a",
    does("rule", "oss_booking", "book"),
    shop(**BERLIN, products=[line("Kop", 119, 19, sku="KOP-01"), line("Bog", 107, 7)], **total(226, 26)),
    push(),
    settings=OSS,
    books=[
        (
            INVOICE,
            [(1050, "100.00", "0.00"), (1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "7.00", "0.00")],
        )
    ],
)
story(
    "the rate is not told, but the VAT fits one",
    "facts.md, Dinero 5b.3",
    does("rule", "oss_booking", "book"),
    shop(**BERLIN, products=[line("Kop", 119, None, sku="KOP-01")], **total(119, 19)),
    push(),
    settings=OSS,
    books=[(INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00")])],
)
story(
    "a part of it comes back, told without VAT",
    "ML § 27",
    does("rule", "oss_booking", "book"),
    shop(**BERLIN, products=[line("Kop", 119, 19, sku="KOP-01")], **total(119, 19)),
    push(),
    credit(1, 59.5, 0, line("Kop", 59.5, 0, -1, "KOP-01"), **BERLIN),
    push(),
    settings=OSS,
    books=[
        (INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00")]),
        (NOTE, [(1050, "50.00", "0.00"), (63080, "9.50", "0.00")]),
    ],
    paid=["119.00", "-59.50"],
)
BOOK = does("rule", "oss_booking", "book")
GERMAN_CUP = line("Kop", 119, 19, sku="KOP-01")
SOLD_IN_BERLIN = (INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00")])
for name, tax in (("of the whole", 19), ("of the rest", 11.02)):
    story(
        f"a part is paid with a gift card, and the shop tells the VAT {name}",
        "facts.md, Dinero 5b.3",
        BOOK,
        shop(**BERLIN, products=[GERMAN_CUP], gift_card_amount=50.0, **total(69, tax)),
        push(),
        settings=OSS,
        books=[(INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "-50.00", "0.00")])],
        paid=["69.00"],
    )
story(
    "a part is paid with a gift card, and no line names its rate",
    "facts.md, Dinero 5b.3",
    BOOK,
    shop(**BERLIN, products=[line("Kop", 119, None, sku="KOP-01")], gift_card_amount=50.0, **total(69, 11.02)),
    push(),
    settings=OSS,
    books=[(INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "-50.00", "0.00")])],
)
story(
    "two øre of rounding have a line of their own",
    "facts.md, rule 14",
    BOOK,
    shop(**BERLIN, products=[GERMAN_CUP], **total(119.02, 19)),
    push(),
    settings=OSS | {"rounding_limit": 5, "rounding_account": 7380},
    books=[(INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (7380, "0.02", "0.00")])],
)
FOR_NOTHING: tuple[tuple[str, Raw, list[tuple[int, str, str]]], ...] = (
    ("a discount", {"voucher_discount_amount": 119.0, "voucher_code": "ALT"}, [(1050, "0.00", "0.00")]),
    (
        "a gift card",
        {"gift_card_amount": 119.0},
        [(1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "-119.00", "0.00")],
    ),
)
for name, fields, books in FOR_NOTHING:
    story(
        f"{name} leaves a total of 0",
        "facts.md, Dinero 5b.3",
        BOOK,
        does("rule", "zero_total", "book"),
        does("rule", "eu_consumers", "oss"),
        shop(**BERLIN, products=[GERMAN_CUP], **fields, **total(0, 0)),
        push(),
        settings=OSS,
        books=[(INVOICE, books)],
    )
story(
    "a gift card that is sold is no sale with another country's VAT",
    "facts.md, Dinero 5b.5",
    BOOK,
    does("rule", "gift_card_product:GAVEKORT", "multi"),
    shop(**BERLIN, products=[GERMAN_CUP, line("Gavekort", 200, 0)], **total(319, 19)),
    push(),
    settings=OSS,
    books=[(INVOICE, [(1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "200.00", "0.00")])],
)
SWEDEN: Raw = {"order_country": "Sverige", "order_zipcode": "11122", "order_city": "Stockholm"}
for name, where, products, sums in (
    ("0 % on a line to Germany", BERLIN, [GERMAN_CUP, line("Vase", 100, 0)], total(219, 19)),
    ("Danish VAT to Germany", BERLIN, [line("Kop", 125, 25, sku="KOP-01")], total(125, 25)),
    ("German VAT to Sweden", SWEDEN, [GERMAN_CUP], total(119, 19)),
):
    story(
        f"{name} is asked about",
        "VAT rates applied in the Member States of the EU",
        BOOK,
        does("rule", "eu_consumers", "oss"),
        shop(**where, products=products, **sums),
        push(),
        settings=OSS,
        states=held("oss_rate"),
    )
story(
    "a zero rate that the country has, as the owner says",
    "VAT rates applied in the Member States of the EU",
    BOOK,
    does("rule", "oss_rate:IE:0", "right"),
    shop(
        order_country="Irland",
        order_zipcode="D02",
        order_city="Dublin",
        products=[line("Kop", 123, 23, sku="KOP-01"), line("Bog", 100, 0)],
        **total(223, 23),
    ),
    push(),
    settings=OSS,
    books=[(INVOICE, [(1050, "100.00", "0.00"), (1050, "100.00", "0.00"), (63080, "23.00", "0.00")])],
)
for name, told in (
    ("with its line's rate", credit(1, 119, 19, line("Kop", 119, 19, -1, "KOP-01"), **BERLIN)),
    ("from an address in Denmark", credit(1, 119, 19, line("Kop", 119, 19, -1, "KOP-01"))),
    ("in one sum", credit(1, 119, 19, line("Refundering", 119, 19, -1, ""))),
    ("as a total alone", credit(1, 119, 19)),
):
    story(
        f"all of it comes back, told {name}",
        "ML § 27",
        BOOK,
        shop(**BERLIN, products=[GERMAN_CUP], **total(119, 19)),
        push(),
        told,
        push(),
        settings=OSS,
        books=[SOLD_IN_BERLIN, (NOTE, SOLD_IN_BERLIN[1])],
        paid=["119.00", "-119.00"],
    )
TWO_RATES: Raw = {"products": [GERMAN_CUP, line("Bog", 107, 7)], **total(226, 26)}
SOLD_AT_TWO = (
    INVOICE,
    [(1050, "100.00", "0.00"), (1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "7.00", "0.00")],
)
story(
    "a sum of an order with two rates in proportion, as the owner says",
    "ML § 27",
    BOOK,
    shop(**BERLIN, **TWO_RATES),
    push(),
    credit(1, 113, 0, line("Refundering", 113, None, -1, ""), **BERLIN),
    does("answer", 2, "credit_rate", "invoice"),
    push(),
    settings=OSS,
    books=[
        SOLD_AT_TWO,
        (NOTE, [(1050, "50.00", "0.00"), (1050, "50.00", "0.00"), (63080, "9.50", "0.00"), (63080, "3.50", "0.00")]),
    ],
)
story(
    "a part of what comes back goes to a gift card, and two øre are rounded off",
    "facts.md, Dinero 5b.5",
    BOOK,
    shop(**BERLIN, products=[GERMAN_CUP], **total(119, 19)),
    push(),
    credit(1, 68.98, 19, line("Kop", 119, 19, -1, "KOP-01"), gift_card_amount=-50.0),
    push(),
    settings=OSS | {"rounding_limit": 5, "rounding_account": 7380},
    books=[
        SOLD_IN_BERLIN,
        (
            NOTE,
            [(1050, "100.00", "0.00"), (63080, "19.00", "0.00"), (63080, "-50.00", "0.00"), (7380, "-0.02", "0.00")],
        ),
    ],
    paid=["119.00", "-68.98"],
)
