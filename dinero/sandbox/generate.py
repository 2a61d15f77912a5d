"""Orders of an invented ceramics shop, from a seed: the everyday ones, and every kind that must be held.

The layout is a best guess (facts.md, Shoporama 4a, 4b); types drift as they were seen to (facts.md, Shoporama 2).
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stdnum.dk import cvr

from dinero.model.clock import COPENHAGEN
from dinero.model.money import Money
from dinero.sandbox.stock import CITIES, COUNTRIES, FIRST, GATEWAYS, LAST, PRODUCTS, STREETS, WITHOUT_VAT

Raw = dict[str, Any]


def make_order(**overrides: Any) -> Raw:
    """One valid raw order of a Danish consumer, paid and sent; keywords replace its fields as they are."""
    order = _order(
        random.Random(1),
        order_id=1,
        moment=datetime(2026, 11, 20, 12, 0, tzinfo=COPENHAGEN),
        products=[_line(1, PRODUCTS[0], 2), _line(2, PRODUCTS[1], 1)],
        shipping=3900,
        discount=0,
    )
    return order | overrides


def make_orders(count: int, seed: int, now: datetime, *, returns: bool = False) -> list[Raw]:
    """`count` orders of the last 50 days, the newest last; with `returns` some are credit notes for earlier ones."""
    dice = random.Random(seed)
    start = now.astimezone(COPENHAGEN) - timedelta(days=50)
    minutes = sorted(dice.randrange(50 * 24 * 60 - 600) for _ in range(count))
    customers: list[Raw] = []
    orders: list[Raw] = []
    for place, minute in enumerate(minutes):
        order = _random_order(dice, place, start + timedelta(minutes=minute), customers)
        # The special kinds come first, so that a small sandbox has each of them too.
        special = SPECIAL[place // 4] if place % 4 == 3 and place // 4 < len(SPECIAL) else None
        if special is not None:
            special(order)
        elif returns and place % 16 == 13 and len(orders) > 8:
            _return_of(next(old for old in orders[place // 2 :] if is_plain(old)), order)
        if dice.random() < 0.1:  # types drift
            order |= {"order_id": str(order["order_id"]), "shipping_price": f"{order['shipping_price']:.2f}"}
        orders.append(order)
    return orders


def _random_order(dice: random.Random, place: int, moment: datetime, customers: list[Raw]) -> Raw:
    lines = []
    for number in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        product = WITHOUT_VAT if dice.random() < 0.04 else dice.choice(PRODUCTS)
        lines.append(_line(number + 1 + place * 10, product, dice.choice((1, 1, 1, 2, 3)), dice))
    goods = sum(_ore(line["unit_price"]) * int(line["amount"]) for line in lines)
    discount = goods * dice.choice((10, 15, 20)) // 100 if dice.random() < 0.15 else 0
    shipping = dice.choice((0, 3900, 3900, 4900, 5500))
    order = _order(dice, order_id=1893000 + place, moment=moment, products=lines, shipping=shipping, discount=discount)
    order["webshop_order_id"] = 10400 + place
    if customers and dice.random() < 0.25:
        order |= dice.choice(customers)
    else:
        customers.append(
            {
                name: value
                for name, value in order.items()
                if name.startswith(("order_", "del_", "email")) and name != "order_id"
            }
        )
    if dice.random() < 0.06:
        _company(dice, order)
    if dice.random() < 0.06:
        order |= {"paid": dice.choice((None, 0, "0", "")), "status": "new"}
    elif dice.random() < 0.05:
        order["status"] = "new"
    return order


def _order(
    dice: random.Random, *, order_id: int, moment: datetime, products: list[Raw], shipping: int, discount: int
) -> Raw:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    zipcode, city = dice.choice(CITIES)
    gateway = dice.choices(list(GATEWAYS), (50, 25, 20, 5))[0]
    paid = moment + timedelta(minutes=1, seconds=dice.randrange(60))
    order: Raw = {
        "order_id": order_id,
        "webshop_order_id": 10000 + order_id,
        "invoice_id": None,
        "basket_id": 7730000 + order_id,
        "status": "sent",
        "time": _local(moment),
        "last_modified": _local(moment + timedelta(hours=5)),
        "paid": _local(paid),
        "order_name": f"{first} {last}",
        "order_company_name": "",
        "order_address": f"{dice.choice(STREETS)} {dice.randrange(1, 120)}",
        "order_zipcode": zipcode,
        "order_city": city,
        "order_country_id": 1001,
        "order_country": "Danmark",
        "vat_number": None,
        "ean_number": None,
        "email": f"{_ascii(first)}.{_ascii(last)}{dice.randrange(1000)}@example.com",
        "phone": f"20{dice.randrange(10**6):06d}",
        "comments": dice.choice(("", "", "Stil gerne pakken i carporten")),
        "customer_id": None,
        "currency": "DKK",
        "payment_gateway_id": gateway,
        "payment_gateway": GATEWAYS[gateway][0],
        "shipping_id": 52,
        "shipping_price": _kroner(shipping),
        "pickup_address": "",
        "tracking_number": None,
        "tracking_url": None,
        "voucher_id": 881 if discount else None,
        "voucher_code": "EFTERÅR" if discount else "",
        "voucher_discount": None,
        "voucher_discount_amount": _kroner(discount),
        "products": products,
        "extras": [],
    }
    order |= {
        f"del_{name}": order[f"order_{name}"]
        for name in ("name", "company_name", "address", "zipcode", "city", "country_id", "country")
    }
    return order | _sums(products, shipping, discount)


def _line(number: int, product: tuple[str, str, int, Any], pieces: int, dice: random.Random | None = None) -> Raw:
    sku, name, ore, variants = product
    return {
        "order_product_id": 5511000 + number,
        "product_id": 3042600 + number,
        "own_id": sku,
        "name": name,
        "amount": pieces,
        "unit_price": _kroner(ore),
        "vat": 0 if product is WITHOUT_VAT else 25,
        "attributes": [{"name": key, "val": dice.choice(values) if dice else values[0]} for key, values in variants],
    }


def _sums(products: list[Raw], shipping: int, discount: int) -> Raw:
    """Total and VAT: the discount is spread over the products by the largest remainders, then VAT a line."""
    amounts = [_ore(line["unit_price"]) * int(line["amount"]) for line in products]
    goods = sum(amounts)
    exact = [Decimal(discount * amount) / goods if goods else Decimal(0) for amount in amounts]
    cuts = [int(value) for value in exact]
    for place in sorted(range(len(cuts)), key=lambda i: (cuts[i] - exact[i], i))[: discount - sum(cuts)]:
        cuts[place] += 1
    vat = sum(_vat(amount - cut) for amount, cut, line in zip(amounts, cuts, products, strict=True) if line["vat"])
    if shipping and any(line["vat"] for line in products):
        vat += _vat(shipping)
    total = _kroner(goods - discount + shipping)
    return {"total_price": total, "price": total, "vat": _kroner(vat)}


def _company(dice: random.Random, order: Raw) -> None:
    digits = f"{dice.randrange(1000000, 9999999)}"
    number = (
        next(n for n in (f"{digits}{end}" for end in range(10)) if cvr.is_valid(n))
        if any(cvr.is_valid(f"{digits}{end}") for end in range(10))
        else "13585628"
    )
    name = f"{order['order_name'].split()[-1]} & Co. ApS"
    order |= {
        "order_company_name": name,
        "del_company_name": name,
        "vat_number": f"DK{number}",
        "email": f"firma{number}@example.com",
    }


def _country(number: int) -> Callable[[Raw], None]:
    def change(order: Raw) -> None:
        name = COUNTRIES[number][1]
        order |= {"order_country_id": number, "order_country": name, "del_country_id": number, "del_country": name}

    return change


def _eu_company(order: Raw) -> None:
    _country(1003)(order)
    order |= {"order_company_name": "Keramik GmbH", "vat_number": "DE136695976", "vat": 0}


def _world(order: Raw) -> None:
    _country(1004)(order)
    order["vat"] = 0


def _ean(order: Raw) -> None:
    order |= {"ean_number": "5790000000005", "order_company_name": "Køge Kommune", "paid": None}


def _euros(order: Raw) -> None:
    order["currency"] = "EUR"


def _credit(order: Raw) -> None:
    """A credit note for an order that the shop does not know."""
    for line in order["products"]:
        line["amount"] = -line["amount"]
    order |= {
        name: -order[name] for name in ("total_price", "price", "vat", "shipping_price", "voucher_discount_amount")
    }
    order |= {"credited_order_id": 4711, "status": "new", "paid": None}


def is_plain(order: Raw) -> bool:
    """Whether it is a Danish consumer's, paid, sent, in kroner with VAT and without a discount."""
    return (
        order["order_country_id"] == 1001
        and bool(order["paid"])
        and order["status"] == "sent"
        and not order["voucher_discount_amount"]
        and not order.get("credited_order_id")
        and isinstance(order["total_price"], int | float)
        and order["total_price"] > 0
        and bool(order["products"])
        and all(line["vat"] == 25 for line in order["products"])
        and order["currency"] == "DKK"
    )


def _return_of(sold: Raw, order: Raw) -> None:
    """Makes an order the shop's credit note for the first line of an earlier one."""
    line = sold["products"][0]
    names = ("name", "company_name", "address", "zipcode", "city", "country_id", "country")
    kept = {f"{side}_{name}": sold[f"{side}_{name}"] for side in ("order", "del") for name in names}
    total = _ore(line["unit_price"]) * int(line["amount"])
    order |= kept | {
        "email": sold["email"],
        "vat_number": sold["vat_number"],
        "payment_gateway": sold["payment_gateway"],
        "payment_gateway_id": sold["payment_gateway_id"],
        "currency": sold["currency"],
        "products": [{**line, "amount": -int(line["amount"])}],
        "shipping_price": 0,
        "voucher_discount_amount": 0,
        "voucher_code": "",
        "voucher_id": None,
        "status": "new",
        "paid": None,
        "credited_order_id": sold["order_id"],
        "total_price": -_kroner(total),
        "price": -_kroner(total),
        "vat": -_kroner(_vat(total)),
    }


def _gift_card(order: Raw) -> None:
    line = {
        **order["products"][0],
        "own_id": "GAVE-500",
        "name": "Gavekort 500 kr.",
        "amount": 1,
        "unit_price": 500,
        "vat": 0,
        "attributes": [],
    }
    order |= {
        "products": [line],
        "shipping_price": 0,
        "voucher_discount_amount": 0,
        "voucher_code": "",
        "total_price": 500,
        "price": 500,
        "vat": 0,
    }


def _german_vat(order: Raw) -> None:
    _country(1003)(order)
    line = {**order["products"][0], "amount": 1, "unit_price": 238, "vat": 19}
    order |= {
        "products": [line],
        "shipping_price": 0,
        "voucher_discount_amount": 0,
        "voucher_code": "",
        "total_price": 238,
        "price": 238,
        "vat": 38,
    }


def _belfast(order: Raw) -> None:
    _country(1007)(order)
    order |= {"order_zipcode": "BT1 1AA", "del_zipcode": "BT1 1AA", "vat": 0}


def _greenland(order: Raw) -> None:
    _country(1006)(order)
    order["vat"] = 0


def _free(order: Raw) -> None:
    for line in order["products"]:
        line["unit_price"] = 0
    order |= {"total_price": 0, "price": 0, "vat": 0, "shipping_price": 0, "voucher_discount_amount": 0}


def _wrong_sum(order: Raw) -> None:
    order |= {"total_price": order["total_price"] + 1, "price": order["price"] + 1}


def _unreadable(order: Raw) -> None:
    order |= {"total_price": "1.234,50", "price": "1.234,50"}


def _set(**values: Any) -> Callable[[Raw], None]:
    return lambda order: order.update(values)


SPECIAL: list[Callable[[Raw], None]] = [
    _set(paid=None, status="new"),
    _wrong_sum,
    _ean,
    _country(1002),
    _set(status="cancelled", paid=None),
    _set(email=""),
    _credit,
    _eu_company,
    _world,
    _set(email="karen(at)example.com"),
    _set(products=[]),
    _euros,
    _free,
    _unreadable,
    _set(status="cancelled"),
    _country(1005),
    _set(vat_number="DK12345678"),
    _gift_card,
    _german_vat,
    _belfast,
    _greenland,
]


def _vat(ore: int) -> int:
    return ore - int((Decimal(ore) * 4 / 5).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _ore(kroner: int | float) -> int:
    return Money.from_json(Decimal(str(kroner))).ore


def _kroner(ore: int) -> int | float:
    return Money(ore).json_number()


def _local(moment: datetime) -> str:
    return moment.astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M:%S")


def _ascii(name: str) -> str:
    table = {"æ": "ae", "ø": "oe", "å": "aa"}
    return "".join(table.get(letter, letter) for letter in name.lower())
