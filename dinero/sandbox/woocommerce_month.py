"""A month's sales of Lampehuset, an invented Danish webshop on WooCommerce: the everyday ones, and each kind that a
bookkeeper stops at."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from dinero.model.clock import Clock
from dinero.sandbox.stock import CITIES, FIRST, LAST, STREETS
from dinero.sandbox.woocommerce import WooCommerce
from dinero.sandbox.woocommerce_cart import Cart, Coupon, Fee, GiftCard, Item, Rate, Settings
from dinero.sandbox.woocommerce_json import Raw

DAYS = 30
# The seller is under the EU limit, so a German pays Danish VAT.
RATES = (
    Rate(1, "DK", Decimal(25), "Moms"),
    Rate(2, "DE", Decimal(25), "Moms"),
    Rate(3, "DK", Decimal(0), "Momsfri", "zero-rate", on_freight=False),
)
LAMPS = (
    Item("Pendel i messing", Decimal("1299"), sku="PENDEL-01", product_id=101),
    Item("Bordlampe, opal", Decimal("649.95"), sku="BORD-02", product_id=102),
    Item("Væglampe", Decimal("449"), sku="VAEG-03", product_id=103, variation_id=1031, meta={"Farve": "Sort"}),
    Item("LED-pære E27", Decimal("79.95"), sku="LED-04", product_id=104),
    Item("Tekstilledning 3 m", Decimal("149"), sku="LEDN-05", product_id=105),
    Item("Lampeskærm i hør", Decimal("333.33"), sku="SKAERM-06", product_id=106),
)
CARD = Item("Gavekort", Decimal("500"), product_id=120, taxable=False, meta={"_ywgc_amount": "500"})
FEE = Fee("Payment Fee", Decimal("5.50"), taxable=False, after=True)
COMPANIES = (("Lys & Rum ApS", "13585628"), ("Café Glød ApS", "25313763"))
FREIGHTS = (Decimal("31.20"), Decimal("39.20"), Decimal(0))


Later = Callable[[WooCommerce, int, datetime], object]  # what happens to an order afterwards


@dataclass(slots=True)
class Sale:
    """A sale that is about to be made, and what happens to it later."""

    cart: Cart
    status: str = "completed"
    method: str = "quickpay"
    paid: bool | None = None
    email: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    later: Later | None = None


def make_shop(count: int, seed: int, clock: Clock, neighbours: Sequence[Raw] = ()) -> WooCommerce:
    """A shop with `count` orders of the last month, the newest last, and then their refunds. Some of its customers buy
    from the Shoporama shop too, whose orders `neighbours` are. Order numbers begin at 10400, as that shop's do."""
    shop = WooCommerce(clock, Settings(rates=RATES))
    shop.fill = partial(_fill, shop, count, random.Random(f"woocommerce {seed}"), clock.now(), neighbours)
    return shop


def _fill(shop: WooCommerce, count: int, dice: random.Random, now: datetime, neighbours: Sequence[Raw]) -> None:
    minutes = sorted((dice.randrange(60, DAYS * 24 * 60) for _ in range(count)), reverse=True)
    known = [order for order in neighbours if "@" in str(order.get("email")) and order["order_country_id"] == 1001]
    later: list[tuple[datetime, int, Later]] = []
    for place, before in enumerate(minutes):
        sale = _sale(dice, place, known)
        made = now - timedelta(minutes=before)
        order_id = _sold(shop, sale, made, now)
        if sale.later is not None:
            later.append((min(made + timedelta(days=3), now - timedelta(minutes=30)), order_id, sale.later))
    for moment, order_id, happens in sorted(later, key=lambda one: one[:2]):
        happens(shop, order_id, moment)


def _sold(shop: WooCommerce, sale: Sale, made: datetime, now: datetime) -> int:
    """Places an order; one that was sent is finished a day later."""
    status = "processing" if sale.status == "completed" else sale.status
    order_id = shop.sell(
        cart=sale.cart,
        email=sale.email,
        status=status,
        paid=sale.paid,
        when=made,
        method=sale.method,
        address=sale.address,
        told=sale.told,
        **sale.fields,
    )
    if sale.status == "completed":
        shop.change(order_id, status="completed", when=min(made + timedelta(days=1), now - timedelta(minutes=40)))
    return order_id


def _sale(dice: random.Random, place: int, known: Sequence[Raw]) -> Sale:
    """Any sale; every third is one of the special kinds until each has been."""
    items = [
        replace(lamp, quantity=dice.choice((1, 1, 1, 2, 3))) for lamp in dice.sample(LAMPS, dice.choice((1, 1, 2, 3)))
    ]
    sale = Sale(Cart(items, freight=dice.choice(FREIGHTS)))
    sale.status = dice.choices(("completed", "processing", "on-hold", "cancelled"), (85, 9, 3, 3))[0]
    sale.method = dice.choices(("quickpay", "mobilepay", "bacs"), (6, 3, 1))[0]
    if sale.status in ("on-hold", "cancelled"):
        sale.method, sale.paid = "bacs", False
    _customer(dice, sale, known)
    if place % 3 == 2 and place // 3 < len(SPECIAL):
        SPECIAL[place // 3](sale)
    if sale.method in ("quickpay", "mobilepay"):
        sale.told |= {"TRANSACTION_ORDER_ID": str(10400 + place), "_quickpay_failed_payment_count": "0"}
    return sale


def _customer(dice: random.Random, sale: Sale, known: Sequence[Raw]) -> None:
    if known and dice.random() < 0.3:
        order = dice.choice(known)
        first, _, last = str(order["order_name"]).partition(" ")
        sale.email = str(order["email"])
        street, zipcode, city = (str(order[f"order_{part}"]) for part in ("address", "zipcode", "city"))
    else:
        first, last = dice.choice(FIRST), dice.choice(LAST)
        street, (zipcode, city) = f"{dice.choice(STREETS)} {dice.randrange(1, 120)}", dice.choice(CITIES)
        sale.email = f"lampe{dice.randrange(10**6):06d}@example.com"
    names = {"first_name": first, "last_name": last, "address_1": street, "postcode": zipcode, "city": city}
    sale.address = names


def _with(**changes: Any) -> Callable[[Sale], None]:
    """Changes of the cart."""

    def change(sale: Sale) -> None:
        sale.cart = replace(sale.cart, **changes)
        _paid_by_card(sale)

    return change


def _paid_by_card(sale: Sale) -> None:
    sale.status, sale.method, sale.paid = "completed", "quickpay", None


def _status(status: str, method: str = "quickpay", paid: bool | None = False) -> Callable[[Sale], None]:
    def change(sale: Sale) -> None:
        sale.status, sale.method, sale.paid = status, method, paid

    return change


def _company(place: int) -> Callable[[Sale], None]:
    name, number = COMPANIES[place]

    def change(sale: Sale) -> None:
        _paid_by_card(sale)
        sale.address = {**sale.address, "company": name}
        sale.told |= {"_billing_cvr": number}
        sale.email = f"firma{number}@example.com"

    return change


def _abroad(country: str, zipcode: str, city: str) -> Callable[[Sale], None]:
    def change(sale: Sale) -> None:
        _paid_by_card(sale)
        sale.cart = replace(sale.cart, country=country)
        sale.address = {**sale.address, "postcode": zipcode, "city": city}

    return change


def _then(later: Later) -> Callable[[Sale], None]:
    def change(sale: Sale) -> None:
        _paid_by_card(sale)
        sale.later = later

    return change


def _one_piece_back(shop: WooCommerce, order_id: int, when: datetime) -> None:
    shop.refund(order_id, {shop.line_ids(order_id)[0]: 1}, reason="Retur", money_sent=True, when=when)


def _all_back(shop: WooCommerce, order_id: int, when: datetime) -> None:
    order = shop.orders.get(order_id) or {}
    lines = {line["id"]: line["quantity"] for line in order["line_items"]}
    shop.refund(order_id, lines, freight=True, reason="Fortrudt", money_sent=True, when=when)


SPECIAL: Sequence[Callable[[Sale], None]] = (
    _then(_one_piece_back),
    _company(0),
    _with(coupons=(Coupon("efterår", "percent", Decimal(10)),)),
    _with(fees=(FEE,)),
    _with(gift_cards=(GiftCard("ABCD-EFGH-IJKL-MNOP", Decimal(200)),)),
    _then(lambda shop, order_id, when: shop.refund(order_id, amount=50, reason="Prisafslag", when=when)),
    _with(items=(CARD,), freight=None),
    _then(lambda shop, order_id, when: shop.change(order_id, status="refunded", when=when)),
    _abroad("DE", "10115", "Berlin"),
    _status("on-hold", "bacs"),
    _status("pending"),
    _status("failed"),
    _then(_all_back),
    _with(coupons=(Coupon("lys100", "fixed_cart", Decimal(100), 15),)),
    _status("processing", "cod", None),
    _abroad("NO", "0150", "Oslo"),
    _status("cancelled"),
    _company(1),
    _with(fees=(Fee("Stamkunderabat", Decimal(-40)),)),
    _with(gift_cards=(GiftCard("QRST-UVWX", Decimal(150), "pw"),)),
)
