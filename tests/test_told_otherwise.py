"""What a shop tells otherwise than it is: gift cards that are not told or told as discounts, and whole kroner."""

import random
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from dinero.model.findings import Finding
from dinero.model.money import Money, net_of_vat
from dinero.model.orders import Line, LineKind, Order
from dinero.model.settings import Settings
from dinero.rules.interpreting import interpret
from dinero.rules.invoices import plan_invoice
from dinero.rules.states import assess
from factory import PARTY, SETTINGS, line, order

FREIGHT = LineKind.SHIPPING
FREE = {"vat_free:Bog": "exempt"}


def chosen(**rules: str) -> Settings:
    return SETTINGS.with_answers({**FREE, **rules})


def held(sold: Order, **rules: str) -> list[tuple[str, str]]:
    state, findings = assess(sold, chosen(**rules))
    assert state == "held"
    return [(found.code, found.question.key if found.question else "") for found in findings]


def books(sold: Order, **rules: str) -> list[tuple[int, int, int]]:
    made = chosen(**rules)
    assert assess(sold, made) == ("waiting", [])
    assert interpret(interpret(sold, made), made) == interpret(sold, made)
    plan = plan_invoice(sold, made)
    assert plan.total == sold.total
    assert sum(one.amount.ore for one in plan.lines) == plan.total.ore
    return [(one.account, one.amount.ore, one.vat.ore) for one in plan.lines]


# --- a gift card that the shop does not tell -----------------------------------------------------------------------

KOP, GLS = line(24900), line(3900, kind=FREIGHT, text="GLS")
PW = order(KOP, GLS, total=Money(18800), vat=Money(5760))  # of real-pw.json
SHORT = [("short_of_lines", "short_of_lines")]
AS_CARD = {"short_of_lines": "gift_card"}


def test_a_total_below_the_lines_with_the_vat_of_the_whole_is_asked_about() -> None:
    assert held(PW) == SHORT
    (found,) = assess(PW, SETTINGS)[1]
    assert found.question is not None
    assert found.question.can_be_rule
    assert found.text.values["difference"] == Money(10000)


def test_what_was_paid_with_a_card_that_is_not_told_is_taken_from_the_gift_card_account() -> None:
    assert books(PW, **AS_CARD) == [(1000, 24900, 4980), (1350, 3900, 780), (63080, -10000, 0)]
    plan = plan_invoice(PW, chosen(**AS_CARD))
    assert plan.payment is not None
    assert plan.payment.amount == Money(18800)


def test_the_same_of_prices_without_vat() -> None:
    net = order(line(19920), line(3120, kind=FREIGHT), total=Money(18800), vat=Money(5760), prices_include_vat=False)
    assert held(net) == SHORT
    assert books(net, **AS_CARD) == [(1000, 24900, 4980), (1350, 3900, 780), (63080, -10000, 0)]


def test_the_same_of_goods_with_and_without_vat() -> None:
    mixed = order(line(20000), line(20000, rate="0", text="Bog"), total=Money(10000), vat=Money(4000))
    assert held(mixed) == SHORT
    assert books(mixed, **AS_CARD) == [(1000, 20000, 4000), (1050, 20000, 0), (63080, -30000, 0)]


def test_the_same_of_an_order_that_a_card_paid_wholly() -> None:
    whole = replace(PW, total=Money(0))
    assert held(whole, zero_total="book") == SHORT
    rules = {**AS_CARD, "zero_total": "book"}
    assert books(whole, **rules) == [(1000, 24900, 4980), (1350, 3900, 780), (63080, -28800, 0)]


@pytest.mark.parametrize(
    "sold",
    [
        order(KOP, total=Money(14900), vat=Money(2980)),  # its VAT is that of the total
        order(KOP, total=Money(24898), vat=Money(4980)),  # two øre
        order(line(10000, rate="0", text="Bog"), total=Money(5000), vat=Money(0)),  # no VAT to tell it by
        order(KOP, total=Money(14900), vat=Money(4000)),  # of neither
        order(KOP, total=Money(29900), vat=Money(4980)),  # above the lines
        # The book may be cheaper, with the same VAT: it may as well be a discount.
        order(line(20000), line(20000, rate="0", text="Bog"), total=Money(30000), vat=Money(4000)),
    ],
)
def test_any_other_difference_is_none_that_a_card_explains(sold: Order) -> None:
    assert ("sum_differs", "") in held(sold)
    assert ("sum_differs", "") in held(sold, **AS_CARD)


# --- a store credit that is told as a coupon -----------------------------------------------------------------------


def coupon(*lines: Line, **changes: Any) -> Order:
    told = {"voucher_code": "X7K2", "voucher_kind": "smart_coupon", **changes}
    return order(*(lines or (replace(KOP, total=Money(14900), discount=Money(10000)),)), **told)


ASKED = [("voucher", "voucher_kind:smartcoupon")]
CREDIT = {"voucher_kind:smartcoupon": "gift_card"}


def test_a_coupon_of_a_kind_that_is_not_known_is_asked_about_though_the_lines_have_it_inside() -> None:
    assert held(coupon()) == ASKED
    assert books(coupon(), **{"voucher_kind:smartcoupon": "discount"}) == [(1000, 14900, 2980)]


def test_a_coupon_that_is_a_store_credit_pays_and_the_sale_has_the_vat_of_the_whole() -> None:
    assert books(coupon(), **CREDIT) == [(1000, 24900, 4980), (63080, -10000, 0)]


def test_a_store_credit_off_several_lines_is_put_back_on_each() -> None:
    lines = (
        replace(KOP, total=Money(14900), discount=Money(10000), quantity=Decimal(2), unit_price=Money(7450)),
        replace(line(5000, rate="0", text="Bog"), discount=Money(3000)),
        GLS,
    )
    assert books(coupon(*lines), **CREDIT) == [
        (1000, 24900, 4980),
        (1050, 8000, 0),
        (1350, 3900, 780),
        (63080, -13000, 0),
    ]


def test_a_store_credit_in_prices_without_vat_is_put_back_with_vat() -> None:
    kop = replace(KOP, total=Money(11920), discount=Money(8000))
    net = coupon(kop, total=Money(14900), vat=Money(2980), prices_include_vat=False)
    assert held(net) == ASKED
    assert books(net, **CREDIT) == [(1000, 24900, 4980), (63080, -10000, 0)]


def test_a_fixed_coupon_whose_code_looks_like_a_gift_card_is_asked_about() -> None:
    sold = coupon(voucher_kind="fixed_cart", voucher_code="GAVEKORT-77")
    assert held(sold) == [("voucher", "voucher:GAVEKORT-77")]
    assert books(sold, **{"voucher:GAVEKORT-77": "gift_card"}) == [(1000, 24900, 4980), (63080, -10000, 0)]


@pytest.mark.parametrize(
    "changes",
    [
        {"voucher_kind": "percent", "voucher_is_percent": True, "voucher_code": "GAVEKORT10"},
        {"voucher_kind": "fixed_cart", "voucher_code": "SOMMER"},
        {"voucher_kind": "", "voucher_code": ""},  # a price that was lowered by hand
    ],
)
def test_a_discount_that_is_plainly_one_is_not_asked_about(changes: dict[str, Any]) -> None:
    assert books(coupon(**changes)) == [(1000, 14900, 2980)]


def test_the_invoice_tells_a_discount_inside_of_a_lines_total() -> None:
    (one,) = plan_invoice(coupon(voucher_kind="fixed_cart", voucher_code="SOMMER"), SETTINGS).lines
    assert one.text.replace("\xa0", " ") == "Kop (rabat 100,00 kr.)"
    (one,) = plan_invoice(coupon(), chosen(**CREDIT)).lines[:1]
    assert one.text == "Kop"


def test_a_line_that_the_shop_tells_as_a_gift_card_is_asked_about_whatever_it_is_called() -> None:
    sold = order(replace(line(50000, rate="?", text="Beløb 500"), is_card=True), vat=Money(0))
    assert held(sold) == [("gift_card_product", "gift_card_product:Beløb 500")]
    assert books(sold, **{"gift_card_product:Beløb 500": "multi"}) == [(63080, 50000, 0)]


# --- whole kroner ---------------------------------------------------------------------------------------------------


def whole(*lines: Line, vat: int, **changes: Any) -> Order:
    return order(*lines, vat=Money(vat), smallest_ore=100, **changes)


KRONER = {"whole_kroner": "as_charged"}
D0 = (line(18800), line(5000, kind=FREIGHT, text="GLS"))  # VAT 47.60, told as 48


def test_a_shop_that_reckons_in_whole_kroner_is_asked_once_and_about_nothing_else() -> None:
    assert held(whole(*D0, vat=4800)) == [("whole_kroner", "whole_kroner")]
    assert held(whole(line(24900), vat=5000)) == [("whole_kroner", "whole_kroner")]


def test_the_total_of_whole_kroner_is_booked_with_the_vat_that_dinero_reckons() -> None:
    sold = whole(*D0, vat=4800)
    assert books(sold, **KRONER) == [(1000, 18800, 3760), (1350, 5000, 1000)]
    assert interpret(sold, chosen(**KRONER)).vat == Money(4760)


def test_half_a_krone_a_line_is_no_difference_and_more_is_one() -> None:
    lines = [line(9900, text=f"Kop {n}") for n in range(6)]  # VAT 118.80
    assert books(whole(*lines, vat=12200), **KRONER) == [(1000, 9900, 1980)] * 6
    assert held(whole(*lines, vat=12300), **KRONER) == [("vat_differs", "")]


def test_lines_with_and_without_vat_in_whole_kroner_keep_the_rates_that_they_name() -> None:
    sold = whole(line(18800), line(9900, rate="0", text="Bog"), vat=3800)
    assert books(sold, **KRONER) == [(1000, 18800, 3760), (1050, 9900, 0)]


def test_a_fee_without_vat_in_whole_kroner_is_asked_about_all_the_same() -> None:
    sold = whole(line(24900), line(500, rate="0", kind=LineKind.FEE, text="Gebyr"), vat=5000)
    assert held(sold, **KRONER) == [("danish_without_vat", "vat_free:fee:Gebyr")]


def test_lines_in_whole_kroner_that_do_not_add_up_are_held() -> None:
    sold = whole(*D0, vat=4800, total=Money(23900))
    assert held(sold, **KRONER) == [("sum_differs", "")]


def test_another_countrys_vat_in_whole_kroner_is_owed_to_the_oere() -> None:
    accounts = {"sales.oss": 1050, "oss_vat": 63080}
    made = replace(SETTINGS, accounts=accounts, rules={"eu_consumers": "oss", "oss_booking": "book", **KRONER})
    german = whole(replace(line(24900), vat_rate=Decimal("0.19")), vat=4000, billing=replace(PARTY, country="DE"))
    assert assess(german, made) == ("waiting", [])
    assert [one.amount.ore for one in plan_invoice(german, made).lines] == [20924, 3976]


def test_a_credit_note_of_a_shop_of_whole_kroner_asks_nothing_of_its_own() -> None:
    note = whole(replace(D0[0], total=Money(-18800), quantity=Decimal(-1)), vat=-3800, credit_of="12")
    found: list[Finding] = assess(note, chosen())[1]
    assert [one.code for one in found] == ["credit_of_untransferred"]


# --- carts of every kind ----------------------------------------------------------------------------------------------

RULES = {**FREE, **AS_CARD, **CREDIT, **KRONER, "vat_free:fee:Gebyr": "exempt", "zero_total": "book"}
GOODS = [("Kop", "25"), ("Vase", "25"), ("Bog", "0")]


def any_cart(dice: random.Random) -> tuple[Order, int]:
    """A cart as a shop that rounds line by line tells it, and the VAT (øre) that is owed of it."""
    whole_kroner, net = dice.random() < 0.25, dice.random() < 0.4
    step, lines, owed, told = 100 if whole_kroner else 1, list[Line](), 0, 0
    kinds = [(*dice.choice(GOODS), LineKind.PRODUCT) for _ in range(dice.randint(1, 5))]
    kinds += [("GLS", "25", FREIGHT)] * dice.randint(0, 1) + [("Gebyr", "0", LineKind.FEE)] * dice.randint(0, 1)
    coupon_rate, card = dice.choice((0, 0, 3)), dice.random() < 0.3
    for place, (text, rate, kind) in enumerate(kinds):
        gross = dice.randint(1, 90_000 // step) * step
        off = gross * coupon_rate // 10 // step * step if kind is LineKind.PRODUCT else 0
        share = Decimal("0.25") if rate == "25" else Decimal(0)
        vat = (gross - off) - net_of_vat(Money(gross - off), share).ore
        owed += gross - net_of_vat(Money(gross), share).ore  # a store credit is no discount: the VAT is of the whole
        rounded = int((Decimal(vat) / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
        told += rounded
        amount, inside = (gross - off, off) if not net else (gross - off - rounded, net_of_vat(Money(off), share).ore)
        one = replace(line(amount, rate=rate, kind=kind, text=text), item=str(place))
        lines.append(replace(one, discount=Money(inside)) if inside else one)
    charged = sum(one.total.ore for one in lines) + (told if net else 0)
    paid = charged - dice.randint(1, charged // step) * step if card else charged
    made = order(*lines, total=Money(paid), vat=Money(told), prices_include_vat=not net, smallest_ore=step)
    coded = {"voucher_code": "X7K2", "voucher_kind": "smart_coupon"} if coupon_rate else {}
    return replace(made, **coded), owed  # type: ignore[arg-type]


def test_any_cart_is_booked_as_it_was_sold_and_paid_or_held() -> None:
    dice, books_made, chosen_now = random.Random(16), 0, chosen(**RULES)
    for _ in range(3000):
        sold, owed = any_cart(dice)
        state, findings = assess(sold, chosen_now)
        if state == "held":
            assert {found.code for found in findings} <= {"sum_differs", "net_prices", "vat_differs"}, sold
            continue
        books_made += 1
        plan = plan_invoice(sold, chosen_now)
        assert plan.total == sold.total
        assert abs(plan.vat.ore - owed) <= 1 + len(sold.lines), (sold, plan)
    assert books_made > 2600
