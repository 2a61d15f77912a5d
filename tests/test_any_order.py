"""Any order whatever: what is booked adds up to the øre, and what is bad is held and never reaches Dinero.

`DINERO_EXAMPLES=50000 pytest tests/test_any_order.py` tries more than CI does.
"""

import os
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cases import consulted
from conftest import World
from dinero.assessing import figures
from dinero.changes import compare
from dinero.invoices import plan_invoice
from dinero.money import Money, net_of_vat
from dinero.orders import LineKind
from dinero.plans import plan_from_json
from dinero.sandbox import make_order
from dinero.shops import values
from dinero.shops.shoporama import read_order
from dinero.states import assess
from dinero.zones import ZONE_CODES, Zone
from factory import CHART, SETTINGS

EXAMPLES = int(os.environ.get("DINERO_EXAMPLES", "2000"))
COUNTRIES = {"1001": "DK", "1002": "SE", "1003": "DE", "1004": "NO", "1005": "US", "1006": "GL"}
EVERY_RULE = {
    "eu_consumers": "danish", "eu_business_charged": "as_charged", "world_charged": "as_charged",
    "domestic_free": "exempt", "zero_total": "book", "no_email": "collective", "currency:EUR": "dinero_rate",
    "payment:kort": "money", "payment:faktura": "terms", "ean": "invoice", "voucher:*": "gift_card",
    "gift_card_product:GAVE": "multi",
}  # fmt: skip
RULES = st.sets(st.sampled_from(sorted(EVERY_RULE))).map(lambda keys: {key: EVERY_RULE[key] for key in keys})


@st.composite
def raw_orders(draw: st.DrawFn) -> dict[str, Any]:
    """Orders as a shop would store them: sums that fit, in all countries, with all kinds of lines."""
    lines, goods = [], 0
    with_vat = draw(st.sampled_from([True, True, True, False]))
    for number in range(draw(st.integers(1, 6))):
        pieces, ore = draw(st.integers(1, 20)), draw(st.integers(0, 200_000))
        rate = draw(st.sampled_from([25, 25, 25, 0, None])) if with_vat else draw(st.sampled_from([0, 25, None]))
        gift = draw(st.integers(0, 9)) == 0
        goods += pieces * ore
        lines.append({"name": f"Vare {number}", "own_id": "GAVE" if gift else f"V{number}", "amount": pieces,
                      "unit_price": ore / 100, "vat": 0 if gift else rate})  # fmt: skip
    shipping = draw(st.sampled_from([0, 0, 3900, 4950, 7777]))
    fee = draw(st.sampled_from([0, 0, 0, 500]))
    discount = draw(st.integers(0, goods)) if draw(st.booleans()) else 0
    gift_card = draw(st.integers(0, goods - discount)) if draw(st.integers(0, 4)) == 0 else 0
    total = goods + shipping + fee - discount - gift_card
    if with_vat:
        exempt = sum(line["amount"] * round(line["unit_price"] * 100) for line in lines if line["vat"] == 0)
        share = Decimal(exempt) * (1 - Decimal(discount) / goods) if goods else Decimal(0)
        base = total + gift_card - int(share)
        vat = base - net_of_vat(Money(max(base, 0)), Decimal("0.25")).ore if base > 0 else 0
    else:
        vat = 0
    country = draw(st.sampled_from([1001, 1001, 1001, 1002, 1003, 1004, 1005, 1006]))
    return make_order(
        products=lines, shipping_price=shipping / 100, payment_fee=fee / 100,
        voucher_discount_amount=discount / 100, voucher_code="KODE" if discount else "",
        voucher_discount=draw(st.sampled_from([None, 10])), gift_card_amount=gift_card / 100,
        total_price=total / 100, price=total / 100, vat=max(vat, 0) / 100,
        order_country_id=country, order_country=None, del_country_id=country, del_country=None,
        currency=draw(st.sampled_from(["DKK", "DKK", "EUR"])),
        email=draw(st.sampled_from(["a@example.com", ""])),
        vat_number=draw(st.sampled_from([None, None, "DE136695976", "13585628"])),
        ean_number=draw(st.sampled_from([None, None, "5790000000005"])),
        paid=draw(st.sampled_from(["2026-11-20 12:00:00", None])), status="sent",
    )  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw_orders(), RULES, st.integers(0, 3))
def test_what_may_go_adds_up_to_the_øre_and_every_line_has_its_account(
    raw: dict[str, Any], rules: dict[str, str], rounding: int
) -> None:
    from dataclasses import replace

    read = values.loads(values.dumps(raw))
    order = read_order(read, shop="shoporama", countries=COUNTRIES, gateways={})
    chosen = replace(SETTINGS, rules=rules, rounding_limit=rounding, rounding_account=7380,
                     rates={"EUR": Decimal(746)})  # fmt: skip
    figures(order, chosen)
    state, findings = assess(order, chosen, consultation=consulted(order, chosen))
    assert state in ("waiting", "held", "not due", "ignored")
    assert findings or state == "waiting"
    if state != "waiting":
        return
    plan = plan_invoice(order, chosen)
    assert order.total is not None
    assert plan.total == order.total
    assert sum(line.amount.ore for line in plan.lines) == plan.total.ore
    assert sum(line.vat.ore for line in plan.lines) == plan.vat.ore
    for line in plan.lines:
        account = CHART.accounts[line.account]
        assert line.unit.ore * line.quantity == line.amount.ore
        rate = account.vat_rate
        assert rate is not None
        assert line.vat.ore == line.amount.ore - net_of_vat(line.amount, rate).ore
        if line.kind in (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE):
            zones = {plan.zone, Zone.DOMESTIC_FREE.value}
            assert any(account.vat_code in ZONE_CODES[Zone(zone)] for zone in zones)
        # However Dinero multiplies and rounds, pieces come to the same: each piece's VAT is whole øre.
        if line.quantity > 1:
            piece = line.unit.ore - net_of_vat(line.unit, rate).ore
            assert piece * line.quantity == line.vat.ore
    if plan.zone in (Zone.WORLD.value, Zone.EU_BUSINESS.value):
        assert plan.vat.ore == 0
    if plan.zone == Zone.EU_BUSINESS.value:  # never without a checked number
        assert assess(order, chosen)[0] == "held"
    if plan.payment is not None:
        assert plan.payment.amount == plan.total
    assert plan_from_json(values.loads(values.dumps(plan.to_json()))) == plan


GOOD = read_order(values.loads(values.dumps(make_order())), shop="shoporama", countries=COUNTRIES, gateways={})
BAD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**40), 10**40), st.floats(), st.text(max_size=40),
    st.sampled_from(["<script>alert(1)</script>", "=1+1", "🏺", "1.234,50", "NaN", "-1", "9" * 400, [], {}, [[]],
                     [None], {"0": None}, "\ud800", "\x00"]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)  # fmt: skip


@settings(max_examples=max(200, EXAMPLES // 5), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(sorted(make_order())), BAD, min_size=1, max_size=4), st.data())
def test_a_field_with_anything_in_it_never_makes_a_wrong_total(changes: dict[str, Any], data: st.DataObject) -> None:
    raw = make_order(**changes)
    if data.draw(st.booleans()) and isinstance(raw.get("products"), list) and raw["products"]:
        line = dict(make_order()["products"][0])
        line[data.draw(st.sampled_from(sorted(line)))] = data.draw(BAD)
        raw["products"] = [line, *raw["products"][1:]]
    order = read_order(values.loads(values.dumps(raw)), shop="shoporama", countries=COUNTRIES, gateways={})
    figures(order, SETTINGS)
    compare(GOOD, order, plan_invoice(GOOD, SETTINGS), SETTINGS)
    state, findings = assess(order, SETTINGS)
    assert findings or state == "waiting"
    assume(state == "waiting")
    plan = plan_invoice(order, SETTINGS)
    assert order.total is not None
    assert plan.total == order.total
    assert plan.total.ore > 0


def test_bad_orders_in_one_fetch_are_kept_held_and_never_reach_dinero(world: World) -> None:
    bad: list[dict[str, Any]] = [
        {"total_price": None, "price": None},
        {"total_price": "tolv", "price": "tolv"},
        {"total_price": 1e30, "price": 1e30},
        {"total_price": -5, "price": -5},
        {"vat": True},
        {"products": {"a": 1}},
        {"products": [make_order()["products"][0]] * 10_000},
        {"order_name": {"x": 1}},
        {"email": ["a@example.com"]},
        {"time": "i går"},
        {"shipping_price": "<b>39</b>"},
        {"currency": "🏺"},
        {"order_country_id": "Andeby", "order_country": "Andeby"},
    ]
    for number, changes in enumerate(bad, 1):
        world.sandbox.shop.add(
            make_order(**({"order_id": number, "webshop_order_id": number, "last_modified": world.now()} | changes))
        )
    assert world.dashboard.fetch().seen == len(bad)
    assert {world.row(number)["state"] for number in range(1, len(bad) + 1)} == {"held"}
    world.push()
    assert world.writes() == []
    assert all(world.row(number)["reasons"] != "[]" for number in range(1, len(bad) + 1))
