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
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from any_orders import TAXED, TODAY, any_consultation, any_credit, any_rules, any_sale, booked_silently, ore_of
from conftest import PLENTY, World, started
from dinero.intake.assessing import Assessor, figures
from dinero.intake.fetching import fetch_orders
from dinero.intake.reassessing import reassess
from dinero.model.clock import SimulatedClock
from dinero.model.documents import State, StoredOrder
from dinero.model.errors import NotFound
from dinero.model.i18n import Text
from dinero.model.money import Money, net_of_vat
from dinero.model.orders import LineKind, Order
from dinero.model.plans import InvoicePlan, Kind, plan_from_json
from dinero.model.settings import Settings
from dinero.model.zones import ZONE_CODES, Zone
from dinero.rules.changes import compare
from dinero.rules.credits import plan_credit, plan_difference, plan_undo
from dinero.rules.evidence import number_to_check
from dinero.rules.invoices import plan_invoice
from dinero.rules.originals import Original, left_lines, with_amount
from dinero.rules.oss import country_of, oss_sums
from dinero.rules.states import assess
from dinero.sandbox import Sandbox, make_order
from dinero.shops import values
from dinero.shops.shop_system import Batch, ShopClient
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
def stored(raw: dict[str, Any]) -> StoredOrder:
    """An order as it is stored that nothing was read of yet."""
    return StoredOrder("shoporama", "77", raw=values.dumps(raw), state=State.WAITING)


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
        State.DONE,
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
        over = abs(ore_of(told["total_price"]) or 0) - plan.total.ore
        # One øre more than remains is a refund of all of it that the shop rounds by itself, and the owner is told.
        assert over == 0 or (over == 1 and plan.total == original.remaining and plan.notes)
        assert plan.total.ore > 0
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
    original = Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", organization="210001")
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
    original = Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", organization="210001")
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


def test_an_øre_with_vat_that_is_more_than_was_sold_of_it_is_taken_from_what_has_vat() -> None:
    cups = [product("Kop", price, 25, 1, "KOP-01") for price in (249.0, 33.33, 33.33, 0.01)]
    talk = product("Foredrag", 498.0, 0)
    told = PLAIN | SOLD | {"products": [*cups, talk], "shipping_price": 39.0, **total(852.67, 70.93)}
    chosen = replace(SETTINGS, today=TODAY, rules={"vat_free:FOREDRAG": "exempt"})
    sold = plan_invoice(read(told), chosen)
    cup = sold.lines[0]
    assert [(line.account, line.vat_code) for line in (sold.lines[3], sold.lines[5])] == [(1000, "U25"), (1350, "U25")]
    too_much = [with_amount(cup, Money(31567)), with_amount(cup, Money(1))]
    assert too_much[1].vat.ore == 0, "an øre has no VAT that shows"
    back = replace(sold, kind=Kind.CREDIT_NOTE, lines=tuple(too_much), total=Money(31568), vat=too_much[0].vat)
    original = Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", credits=(back,))
    assert [(line.account, line.amount.ore) for line in left_lines(original)] == [(1050, 49800), (1350, 3899)]


@pytest.mark.parametrize(
    ("name", "kroner", "left"),
    [
        ("Vase", 100, {"Foredrag": 49800, "Kop": 24900, "Fragt": 3900, "Gebyr": 1000}),
        ("Kop", 355, {"Foredrag": 49800, "Fragt": 3900, "Gebyr": 400}),
        ("Kop", 365, {"Foredrag": 49800, "Fragt": 3300}),
        ("Foredrag", 500, {"Kop": 24700, "Vase": 10000, "Fragt": 3900, "Gebyr": 1000}),
    ],
    ids=["its own line", "lines on its account", "lines with its VAT", "any line"],
)
def test_a_credit_takes_from_its_own_line_then_its_account_then_its_vat(
    name: str, kroner: int, left: dict[str, int]
) -> None:
    goods = [product("Foredrag", 498.0, 0), product("Kop", 249.0, 25), product("Vase", 100.0, 25)]
    told = PLAIN | SOLD | {"products": goods, "shipping_price": 39.0, "payment_fee": 10.0, **total(896, 79.6)}
    chosen = replace(SETTINGS, today=TODAY, rules={"vat_free:FOREDRAG": "exempt"})
    sold = plan_invoice(read(told), chosen)
    names = dict(zip(("Foredrag", "Kop", "Vase", "Fragt", "Gebyr"), sold.lines, strict=True))
    assert [line.account for line in names.values()] == [1050, 1000, 1000, 1350, 1000]
    taken = with_amount(names[name], Money(kroner * 100))
    back = replace(sold, kind=Kind.CREDIT_NOTE, lines=(taken,), total=taken.amount, vat=taken.vat)
    original = Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", credits=(back,))
    keys = {line.key: told_name for told_name, line in names.items()}
    assert {keys[line.key]: line.amount.ore for line in left_lines(original)} == left


def booked(*lines: Raw, **changes: Any) -> Original:
    """An order of these lines with freight, as it was transferred."""
    sold = plan_invoice(read(PLAIN | SOLD | {"products": list(lines)} | changes), replace(SETTINGS, today=TODAY))
    return Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", organization="210001")


def test_an_undo_is_never_dated_before_its_invoice() -> None:
    original = booked(product("Kop", 249.0, 25), **total(249, 49.8))
    assert original.plan is not None
    day = original.plan.issued_on
    assert plan_undo(original, day - timedelta(days=3), 1).issued_on == day
    assert plan_undo(original, day + timedelta(days=3), 1).issued_on == day + timedelta(days=3)


def test_a_difference_of_an_order_that_went_to_another_account_or_zone_is_none() -> None:
    original = booked(product("Kop", 249.0, 25), product("Vase", 100.0, 25), **total(349, 69.8))
    less = plan_invoice(read(PLAIN | SOLD | {"products": [product("Kop", 249.0, 25)], **total(249, 49.8)}), SETTINGS)
    credit = plan_difference(original, less, TODAY, 1)
    assert [(line.account, line.amount.ore) for line in credit.lines] == [(1000, 10000)]
    moved = tuple(replace(line, account=1050) for line in less.lines)
    for other in (replace(less, lines=moved), replace(less, zone=Zone.EU_CONSUMER.value)):
        with pytest.raises(ValueError, match=r"larger|not the same"):
            plan_difference(original, other, TODAY, 1)


def test_a_return_is_of_the_line_with_its_item_number_whatever_it_is_called_now() -> None:
    chosen = replace(SETTINGS, today=TODAY, rules={"vat_free:BOG-1": "exempt"})
    lines = [product("Bog", 150.0, 0, sku="BOG-1"), product("Kop", 249.0, 25, sku="KOP-1")]
    sold = plan_invoice(read(PLAIN | SOLD | {"products": lines, **total(399, 49.8)}), chosen)
    original = Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", organization="210001")
    told = {"credited_order_id": 1, "paid": None, "status": "new", "order_id": 2}
    back = PLAIN | SOLD | told | {"products": [product("Bog", 100.0, 25, -1, "KOP-1")], **total(-100, -20)}
    credit = plan_credit(read(back), chosen, original)
    assert [(line.account, line.amount.ore, line.vat.ore) for line in credit.lines] == [(1000, 10000, 2000)]


def test_no_more_of_another_country_s_rate_is_credited_than_was_sold_with_it() -> None:
    chosen = replace(
        SETTINGS, today=TODAY, accounts=NAMED, rules={"eu_consumers": "oss", "oss_booking": "book"}, sells_with_vat=True
    )
    lines = [product("Kop", 119.0, 19), product("Bog", 107.0, 7)]
    sold = plan_invoice(read(PLAIN | SOLD | GERMANY | {"products": lines, **total(226, 26)}), chosen)
    assert [country_of(plan) for plan in (sold, replace(sold, country=""))] == ["DE", "DE"], "as its lines say"
    original = Original("1", "1001", State.DONE, sold, "guid", invoice_number="1", organization="210001")
    told = {"credited_order_id": 1, "paid": None, "status": "new", "order_id": 2}
    for kroner, expected in ((107.0, []), (214.0, ["credit_rate_exceeded"])):
        back = {"products": [product("Bog", kroner, 7, -1)], **total(-kroner, -round(kroner * 7 / 107, 2))}
        _, findings = assess(read(PLAIN | SOLD | GERMANY | told | back), chosen, original=original)
        assert [finding.code for finding in findings] == expected


def test_the_oss_return_counts_the_whole_vat_of_a_sale_that_a_gift_card_paid_a_part_of() -> None:
    told = {"products": [product("Kop", 119.0, 19)], "gift_card_amount": 19.0, **total(100, 15.97)}
    assert oss_sums(read(PLAIN | SOLD | GERMANY | told)) == (10000, 1900)


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

    def fetch(self, cursor: object, known: object, on_page: object = None) -> list[Batch]:
        return [Batch(self.told)]

    def look_ups(self) -> dict[str, str]:
        return {}

    def order(self, order_id: str) -> Any:
        raise NotFound(Text("none"))


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
    assert fetch_orders(cast(ShopClient, Told(told)), shelf, "shoporama", whole=True).seen == len(told)
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
            99_999_999_999.99,
            99_999_999_999,
            999_999,
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


LINE_FIELDS = sorted(make_order()["products"][0])
CHANGED_LINES = st.lists(st.tuples(st.sampled_from(LINE_FIELDS), BAD), max_size=3)


@SOME
@given(st.dictionaries(st.sampled_from(sorted(make_order())), BAD, max_size=4), CHANGED_LINES)
def test_a_field_with_anything_in_it_never_makes_a_wrong_total(
    shelf: Store, changes: dict[str, Any], lines: list[tuple[str, Any]]
) -> None:
    raw = make_order(**changes)
    if isinstance(raw.get("products"), list):
        raw["products"] = [*({**PLAIN["products"][0], name: value} for name, value in lines), *raw["products"]]
    assessor = Assessor(shelf, replace(SETTINGS, rounding_limit=3, rounding_account=7380))
    found = assessor(stored(raw))
    figures(found.order, SETTINGS)
    compare(GOOD, found.order, plan_invoice(GOOD, SETTINGS), SETTINGS)
    assert found.findings or found.state == "waiting"
    assert (found.plan is not None) == (found.state == "waiting")
    if found.plan is not None:
        assert found.order.total == found.plan.total
        assert found.plan.total.ore > 0
        adds_up(found.plan)


@pytest.mark.parametrize("pieces", [1, 999_999])
def test_lines_whose_sum_is_beyond_all_bounds_are_held_and_stop_nothing(shelf: Store, pieces: int) -> None:
    line = PLAIN["products"][0] | {"amount": pieces, "unit_price": 99_999_999_999.99 if pieces == 1 else 90_000.0}
    raw = make_order(products=[line, line, line], total_price=99_999_999_999.99, price=99_999_999_999.99)
    found = Assessor(shelf, SETTINGS)(stored(raw))
    assert (found.state, found.plan) == ("held", None)
    assert found.findings


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
