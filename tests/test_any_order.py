"""Any order whatever: what is booked adds up to the øre, nothing is booked silently that somebody must answer for, and
what is bad is held and never reaches Dinero.

`DINERO_EXAMPLES=50000 pytest tests/test_any_order.py` tries more than CI does. The orders and the statement of what
must never be booked silently are in any_orders.py.
"""

import os
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from any_orders import TAXED, TODAY, any_consultation, any_credit, any_rules, any_sale, booked_silently, ore_of
from conftest import PLENTY, World, started
from dinero.intake.assessing import figures
from dinero.intake.fetching import fetch_orders, reassess
from dinero.model.clock import SimulatedClock
from dinero.model.money import net_of_vat
from dinero.model.orders import LineKind, Order
from dinero.model.plans import InvoicePlan, plan_from_json
from dinero.model.settings import Settings
from dinero.model.zones import ZONE_CODES, Zone
from dinero.rules.changes import compare
from dinero.rules.credits import plan_credit, plan_undo
from dinero.rules.evidence import number_to_check
from dinero.rules.invoices import plan_invoice
from dinero.rules.originals import Original
from dinero.rules.states import assess
from dinero.sandbox import Sandbox, make_order
from dinero.shops import values
from dinero.shops.shoporama.orders import read_order
from dinero.store import Store
from factory import CHART, SETTINGS
from stories import PLAIN, Raw, total
from stories import line as product

EXAMPLES = int(os.environ.get("DINERO_EXAMPLES", "2000"))
NAMED = {"sales.oss": 1050, "oss_vat": 63080, "sales.reverse_charge": 1050}
DICE = st.randoms(use_true_random=False)
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
HALF = settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(max_examples=max(200, EXAMPLES // 5), deadline=None, suppress_health_check=list(HealthCheck))


def read(raw: Any) -> Order:
    return read_order(values.loads(values.dumps(raw)), shop="shoporama", countries={}, gateways={})


def any_settings(dice: random.Random) -> tuple[Settings, dict[str, str]]:
    """Some owner's settings, and the products that were sold with 25 % before."""
    before = {dice.choice(TAXED): "900"} if dice.randrange(3) == 2 else {}
    limit = dice.choice((0, 0, 3))
    chosen = replace(
        SETTINGS,
        rules=any_rules(dice),
        rounding_limit=limit,
        rounding_account=7380 if limit else None,
        rates={"EUR": Decimal(746)},
        accounts=NAMED if dice.randrange(3) else {},
        today=TODAY,
        sold_with_vat=before,
        sells_with_vat=bool(before) or bool(dice.randrange(2)),
        trigger=dice.choice(("paid", "paid", "sent")),
    )
    return chosen, before


def adds_up(plan: InvoicePlan) -> None:
    """A plan's lines are its total and its VAT, each line by the account it is on, however Dinero rounds pieces."""
    assert sum(line.amount.ore for line in plan.lines) == plan.total.ore
    assert sum(line.vat.ore for line in plan.lines) == plan.vat.ore
    for line in plan.lines:
        account = CHART.accounts[line.account]
        assert line.vat_code == account.vat_code
        assert line.unit.ore * line.quantity == line.amount.ore
        rate = account.vat_rate
        assert rate is not None
        assert line.vat.ore == line.amount.ore - net_of_vat(line.amount, rate).ore
        if line.quantity > 1:
            piece = line.unit.ore - net_of_vat(line.unit, rate).ore
            assert piece * line.quantity == line.vat.ore
    assert plan_from_json(values.loads(values.dumps(plan.to_json()))) == plan


@MANY
@given(DICE)
def test_what_may_go_adds_up_and_nothing_is_booked_silently(dice: random.Random) -> None:
    raw = any_sale(dice)
    order = read(raw)
    chosen, before = any_settings(dice)
    figures(order, chosen)
    vies = any_consultation(dice, number_to_check(order, chosen))
    state, findings = assess(order, chosen, consultation=vies)
    assert state in ("waiting", "held", "not due", "ignored")
    assert findings or state == "waiting"
    if state != "waiting":
        return
    plan = plan_invoice(order, chosen)
    wrong = booked_silently(raw, chosen.rules, before, plan, vies)
    assert wrong == []
    assert order.total == plan.total
    adds_up(plan)
    for line in plan.lines:
        if line.kind in (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE) and plan.zone not in ("oss",):
            zones = {plan.zone, Zone.DOMESTIC_FREE.value}
            codes = [ZONE_CODES[Zone(zone)] for zone in zones]
            assert any(line.vat_code in fit or not fit for fit in codes)
    if plan.zone in (Zone.WORLD.value, Zone.EU_BUSINESS.value):
        assert plan.vat.ore == 0


@HALF
@given(DICE)
def test_credit_notes_take_back_what_was_sold_and_no_more(dice: random.Random) -> None:
    raw = any_sale(dice)
    chosen, _ = any_settings(dice)
    order = read(raw)
    vies = any_consultation(dice, number_to_check(order, chosen))
    state, _ = assess(order, chosen, consultation=vies)
    sold = plan_invoice(order, chosen) if state == "waiting" else None
    if sold is None:
        return
    original = Original(
        order.id,
        order.number,
        "done",
        sold,
        "guid",
        invoice_number="1",
        organization="210001",
        payment_method=order.payment_method,
        order_total=order.total,
    )
    for number in range(2, 3 + dice.randrange(3)):
        told = any_credit(dice, raw, number)
        credit = read(told)
        rules = any_rules(dice) if dice.randrange(2) else chosen.rules
        now = replace(chosen, rules=rules)
        state, findings = assess(credit, now, original=original)
        assert findings or state == "waiting"
        if state != "waiting":
            continue
        if not credit.is_credit:
            assert (ore_of(told["total_price"]) or 0) >= 0, "what goes back became a sale"
            continue
        plan = plan_credit(credit, now, original)
        adds_up(plan)
        assert plan.total.ore == abs(ore_of(told["total_price"]) or 0) > 0
        assert (ore_of(told["total_price"]) or 0) < 0 or not told["paid"], "a paid order became a credit note"
        assert plan.issued_on >= sold.issued_on
        assert plan.zone == sold.zone
        if plan.payment is not None:
            assert sold.payment is not None
            assert plan.payment.amount == -plan.total
            assert plan.payment.account == sold.payment.account
        original = replace(original, credits=(*original.credits, plan))
        takes_no_more(sold, original.credits)
    if original.remaining is not None and original.remaining.ore:
        undo = plan_undo(original, TODAY, 1)
        assert undo.total == original.remaining
        takes_no_more(sold, (*original.credits, undo))


def takes_no_more(sold: InvoicePlan, credits: tuple[InvoicePlan, ...]) -> None:
    """The credits together are no more than the sale: in all, of goods with VAT and without, and of the VAT itself, to
    what Dinero's rounding of each line makes of it."""
    assert sum(plan.total.ore for plan in credits) <= sold.total.ore
    there, taken = sums([sold]), sums(credits)
    lines = sum(len(plan.lines) for plan in credits) + len(sold.lines)
    for kind, ore in taken.items():
        slack = lines // 2 + 1 if kind == "VAT" else 0
        assert ore <= max(there[kind], 0) + slack, (kind, ore, there[kind])


def sums(plans: Iterable[InvoicePlan]) -> Counter[str]:
    """Amounts (øre) by their rate of VAT; what rounding adds to a document and what a gift card paid are none."""
    found: Counter[str] = Counter()
    for plan in plans:
        for line in plan.lines:
            if "Øreafrunding" in line.text or line.kind == "gift_card":
                continue
            found[line.rate or line.vat_code.replace("U25", "25").strip("UEVYnoe") or "0"] += line.amount.ore
            found["VAT"] += line.vat.ore + (line.amount.ore if line.kind == "oss_vat" else 0)
    return found


# --- what the random orders found: each was wrong once --------------------------------------------------------------


SOLD = {"order_id": 1, "webshop_order_id": 1001, "email": "k@example.com"}
GIFT = {"gift_card_amount": 249.0, **total(0, 0)}
GERMANY = {"order_country": "Tyskland", "order_zipcode": "10115", "order_city": "Berlin"}
WRONG: dict[str, tuple[dict[str, str], Raw]] = {
    "a Danish order that a gift card pays in full, and no rate is told": (
        {"zero_total": "book"},
        {"products": [product("Kop", 249.0, None)], **GIFT},
    ),
    "a Danish order that a gift card pays in full, and the shop tells 0 %": (
        {"zero_total": "book"},
        {"products": [product("Kop", 249.0, 0)], **GIFT},
    ),
    "a German consumer's order that a gift card pays in full": (
        {"zero_total": "book", "eu_consumers": "danish"},
        {**GERMANY, "products": [product("Kop", 249.0, 25)], **GIFT},
    ),
    "freight without VAT of a free sample": (
        {},
        {"products": [product("Prøve", 0, 25)], "shipping_price": 39.0, **total(39, 0)},
    ),
    "freight without VAT of a free sample without a rate": (
        {},
        {"products": [product("Prøve", 0, None)], "shipping_price": 39.0, **total(39, 0)},
    ),
}
WITHOUT_PLAN: dict[str, tuple[int, Raw]] = {
    "OSS and a gift card's part": (0, {"gift_card_amount": 19.0, **total(100, 19)}),
    "OSS and a voucher of everything": (
        0,
        {"voucher_code": "ALT", "voucher_discount": 100, "voucher_discount_amount": 119.0, **total(0, 0)},
    ),
    "OSS and a rounding within the owner's limit": (5, total(119.01, 19)),
}


@pytest.mark.parametrize("name", WRONG)
def test_goods_in_denmark_without_vat_are_asked_about(name: str) -> None:
    rules, changes = WRONG[name]
    raw, chosen = PLAIN | SOLD | changes, replace(SETTINGS, rules=rules, today=TODAY)
    order = read(raw)
    if assess(order, chosen)[0] == "waiting":
        assert booked_silently(raw, rules, {}, plan_invoice(order, chosen), None) == []


@pytest.mark.parametrize("name", WITHOUT_PLAN)
def test_an_oss_order_that_may_go_has_a_plan(name: str) -> None:
    limit, changes = WITHOUT_PLAN[name]
    rules = {"eu_consumers": "oss", "oss_booking": "book", "zero_total": "book"}
    chosen = replace(
        SETTINGS,
        rules=rules,
        accounts=NAMED,
        today=TODAY,
        rounding_limit=limit,
        rounding_account=7380 if limit else None,
    )
    order = read(PLAIN | SOLD | GERMANY | {"products": [product("Kop", 119, 19)]} | changes)
    if assess(order, chosen)[0] == "waiting":
        assert plan_invoice(order, chosen).total == order.total


def test_an_undo_after_a_return_of_which_the_freight_was_kept_takes_back_the_rest_and_no_more() -> None:
    voucher = {"voucher_code": "TI", "voucher_discount_amount": 24.9, **total(224.1, 44.82)}
    chosen = replace(SETTINGS, today=TODAY)
    sold = plan_invoice(read(PLAIN | SOLD | voucher), chosen)
    original = Original("1", "1001", "done", sold, "guid", invoice_number="1", organization="210001")
    back = {
        "order_id": 2,
        "credited_order_id": 1,
        "paid": None,
        "status": "new",
        "shipping_price": 39.0,
        "products": [product("Kop", 249, 25, -1, "KOP-01")],
        **total(-210, -42),
    }
    credit = plan_credit(read(PLAIN | SOLD | back), chosen, original)
    original = replace(original, credits=(credit,))
    assert plan_undo(original, TODAY, 1).total == original.remaining


def test_an_undo_after_a_return_that_was_rounded_down_takes_no_more_of_the_goods_than_were_sold() -> None:
    chosen = replace(SETTINGS, accounts=NAMED, today=TODAY, rounding_limit=5, rounding_account=7380)
    sold = plan_invoice(read(PLAIN | SOLD), chosen)
    original = Original("1", "1001", "done", sold, "guid", invoice_number="1", organization="210001")
    for number in (2, 3):
        back = {
            "order_id": number,
            "webshop_order_id": 1000 + number,
            "credited_order_id": 1,
            "paid": None,
            "status": "new",
            "products": [product("Kop", -100, 25)],
            **total(-99.99, -20),
        }
        credit = plan_credit(read(PLAIN | SOLD | back), chosen, original)
        assert [line.amount.ore for line in credit.lines] == [10000, -1]
        original = replace(original, credits=(*original.credits, credit))
    undo = plan_undo(original, TODAY, 1)
    assert [(line.account, line.amount.ore) for line in undo.lines] == [(sold.lines[0].account, 4900), (7380, 2)]
    takes_no_more(sold, (*original.credits, undo))


# --- whatever a fetch brings ----------------------------------------------------------------------------------------

FEW = settings(max_examples=max(25, EXAMPLES // 80), deadline=None, suppress_health_check=list(HealthCheck))
HUGE = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.sampled_from(
        [
            10**13,
            10**16,
            1e30,
            -1e15,
            92233720368547758.07,
            "9" * 400,
            "1e400",
            "1e-400",
            999_999_999_999.99,
            -999_999_999_999.99,
        ]
    ),
)
AMOUNTS = (
    "total_price",
    "price",
    "vat",
    "shipping_price",
    "payment_fee",
    "voucher_discount_amount",
    "gift_card_amount",
    "refunded_amount",
    "paid_amount",
    "voucher_discount",
)


class Told:
    """A shop that tells these orders."""

    def __init__(self, orders: list[Any]) -> None:
        self.told = orders

    def orders(self, since: object = None) -> list[Any]:
        return self.told

    def countries(self) -> dict[str, str]:
        return {}

    payment_gateways = countries


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of a library that is set up, for one example after the other."""
    with Sandbox(orders=0, clock=SimulatedClock(), calls_per_minute=PLENTY) as sandbox:
        dashboard = started(sandbox, tmp_path_factory.mktemp("any"))
        dashboard.set_up.from_environment()
    return dashboard.store


@FEW
@given(DICE, st.lists(st.tuples(st.sampled_from(AMOUNTS), HUGE), min_size=1, max_size=4), HUGE)
def test_a_fetch_never_stops_and_every_order_has_a_state(
    shelf: Store, dice: random.Random, amounts: list[tuple[str, Any]], other: Any
) -> None:
    with shelf.transaction() as db:
        db.execute("delete from orders")
        db.execute("delete from products_with_vat")
    shelf.settings.save(rules=any_rules(dice))
    told = [any_sale(dice, number) for number in (1, 2)]
    told.append(any_sale(dice, 3) | dict(amounts))
    told.append(any_credit(dice, told[0], 4) | {"paid": None})
    told.append(any_credit(dice, told[0], 5) | dict(amounts))
    told.append(any_sale(dice, 6))
    told[-1]["products"] = [
        {**told[-1]["products"][0], dice.choice(("amount", "unit_price", "vat", "total_price")): other}
    ]
    assert fetch_orders(Told(told), shelf, whole=True).seen == len(told)
    rows = {row.id: row for row in shelf.orders.list(limit=20)}
    assert set(rows) == {"1", "2", "3", "4", "5", "6"}
    for row in rows.values():
        assert row.state in ("waiting", "held", "not due", "ignored")
        codes = {finding.code for finding in row.reasons}
        assert codes or row.state == "waiting"
        assert "mistake" not in codes, "the library made a mistake with it"
    reassess(shelf)


GOOD = read(make_order())
BAD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "=1+1",
            "🏺",
            "1.234,50",
            "NaN",
            "-1",
            "9" * 400,
            [],
            {},
            [[]],
            [None],
            {"0": None},
            "\ud800",
            "\x00",
        ]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@SOME
@given(st.dictionaries(st.sampled_from(sorted(make_order())), BAD, min_size=1, max_size=4), st.data())
def test_a_field_with_anything_in_it_never_makes_a_wrong_total(changes: dict[str, Any], data: st.DataObject) -> None:
    raw = make_order(**changes)
    if data.draw(st.booleans()) and isinstance(raw.get("products"), list) and raw["products"]:
        line = dict(make_order()["products"][0])
        line[data.draw(st.sampled_from(sorted(line)))] = data.draw(BAD)
        raw["products"] = [line, *raw["products"][1:]]
    order = read(raw)
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
    assert world.dashboard.orders.fetch().seen == len(bad)
    assert {world.row(number).state for number in range(1, len(bad) + 1)} == {"held"}
    world.push()
    assert world.writes() == []
    assert all(world.row(number).reasons for number in range(1, len(bad) + 1))
