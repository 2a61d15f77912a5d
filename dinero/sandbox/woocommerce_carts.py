"""Random carts in five settings of a shop, each with what is known of it: for tests that read thousands of them."""

import random
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

from dinero.sandbox.woocommerce_cart import STANDARD, Cart, Coupon, Fee, GiftCard, Item, Settings
from dinero.sandbox.woocommerce_json import Raw, shown
from dinero.sandbox.woocommerce_orders import Buyer, placed

SETTINGS: Mapping[str, Settings] = {
    "with VAT, rounded by line": Settings(),
    "with VAT, rounded at subtotal": Settings(round_at_subtotal=True),
    "without VAT, rounded by line": Settings(prices_include_tax=False),
    "without VAT, rounded at subtotal": Settings(prices_include_tax=False, round_at_subtotal=True),
    "whole kroner": Settings(decimals=0),
}
# Without VAT, and chosen so that their VAT is whole øre, as owners choose them who want a price with VAT.
FREIGHTS = tuple(map(Decimal, ("31.20", "31.20", "39.20", "44", "0", "59.96")))
FEES = (
    Fee("Betalingsgebyr", Decimal("4")),
    Fee("Gaveindpakning", Decimal("19.96")),
    Fee("Kortgebyr", Decimal("3.75"), taxable=False),
    Fee("Payment Fee", Decimal("5.50"), taxable=False, after=True),
    Fee("Rabat stamkunde", Decimal("-20")),
    Fee("Mængderabat", Decimal("-33.33")),
    Fee("Gavekort", Decimal("-100"), taxable=False),
)
CARDS = (
    GiftCard("ABCD-EFGH-IJKL-MNOP", Decimal(0)),
    GiftCard("ABCD-EFGH-IJKL-MNOP", Decimal(0)),
    GiftCard("SU9F-MGB5-KS5V-EZFT", Decimal(0), "official"),
    GiftCard("QRST-UVWX", Decimal(0), "pw"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a random cart: its `kinds` are words such as "coupon", "fee without VAT", "mixed rates",
    "negative fee", "gift card", "gift card as a fee", "PW"; amounts are in øre as the shop tells them."""

    setting: str
    cart: Cart
    kinds: Set[str]
    total: int
    tax: int


def random_cart(dice: random.Random, setting: str, order_id: int = 10400) -> tuple[Raw, Raw, Facts]:
    """An order of a random cart as it is read with two decimals and with none, and what is known of it."""
    settings = SETTINGS[setting]
    cart = Cart(
        [_item(dice, settings, place) for place in range(dice.choice((1, 1, 2, 2, 3, 4, 6)))],
        _coupons(dice),
        _fees(dice),
        None if dice.random() < 0.1 else dice.choice(FREIGHTS),
    )
    if dice.random() < 0.15:
        card = replace(dice.choice(CARDS), amount=Decimal(dice.choice((50, 100, 250, 1000))))
        cart = replace(cart, gift_cards=(card,))
    kept = placed(order_id, cart, settings, Buyer(), count(1), "2026-11-24T09:00:00")
    two, none = (shown(kept, [], settings, places, "https://butik.example") for places in (2, 0))
    return two, none, Facts(setting, cart, _kinds(cart), _ore(two["total"]), _ore(two["total_tax"]))


def _item(dice: random.Random, settings: Settings, place: int) -> Item:
    """Prices as shops have them: whole kroner, 95 øre, and any."""
    kind = dice.random()
    ore = dice.randrange(1, 2000) * 100
    if kind > (0.3 if settings.decimals else 0.85):
        ore = ore - 5 if kind < 0.6 else dice.randrange(25, 150_000)
    tax_class = "zero-rate" if dice.random() < 0.08 else STANDARD
    name = f"Vare {place + 1}"
    return Item(name, Decimal(ore) / 100, dice.choice((1, 1, 1, 2, 3, 7, 12)), tax_class, f"V-{place + 1}", 200 + place)


def _coupons(dice: random.Random) -> list[Coupon]:
    coupons = []
    if dice.random() < 0.25:
        coupons.append(Coupon("procent", "percent", Decimal(dice.choice((5, 10, 15, 20, 33)))))
    if dice.random() < 0.15:
        coupons.append(Coupon("kroner", "fixed_cart", Decimal(dice.choice((25, 50, 100, 500))), 15))
    return coupons


def _fees(dice: random.Random) -> list[Fee]:
    return dice.sample(FEES, dice.choice((1, 1, 1, 2))) if dice.random() < 0.25 else []


def _kinds(cart: Cart) -> Set[str]:
    told = {
        "coupon": bool(cart.coupons),
        "negative fee": any(fee.amount < 0 for fee in cart.fees),
        "gift card as a fee": any(fee.name == "Gavekort" for fee in cart.fees),
        "fee": any(fee.amount > 0 and fee.taxable for fee in cart.fees),
        "fee without VAT": any(fee.amount > 0 and not fee.taxable for fee in cart.fees),
        "freight": bool(cart.freight),
        "zero rate": any(item.tax_class for item in cart.items),
        "mixed rates": len({item.tax_class for item in cart.items}) > 1,
        "gift card": any(card.plugin != "pw" for card in cart.gift_cards),
        "PW": any(card.plugin == "pw" for card in cart.gift_cards),
    }
    return frozenset(kind for kind, there in told.items() if there)


def _ore(amount: str) -> int:
    return int(Decimal(amount) * 100)
