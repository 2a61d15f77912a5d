"""Shoporama's JSON: what is read, what becomes a problem, and that nothing whatever makes the reader fall."""

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinero.model.i18n import LANGUAGES
from dinero.model.money import Money
from dinero.model.orders import LineKind, Order
from dinero.rules.states import assess
from dinero.sandbox import make_order
from dinero.shops import values
from dinero.shops.shoporama.explain import explain, unused_keys
from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS
from dinero.shops.shoporama.orders import read_order as read_raw
from dinero.shops.shoporama.sign_in import oauth_start_url, read_oauth_return
from factory import SETTINGS

COUNTRIES = {"1001": "DK", "1002": "Sverige"}
GATEWAYS = {"311": "Kort (Clearhaus)"}


def read(raw: Any) -> Order:
    return read_raw(values.loads(values.dumps(raw)), shop="shoporama", countries=COUNTRIES, gateways=GATEWAYS)


def codes(order: Order) -> list[str]:
    return [problem.code for problem in order.problems]


def line(**changes: Any) -> dict[str, Any]:
    return {"name": "Kop", "amount": 2, "unit_price": 99.5, "vat": 25, "own_id": "K-1", "attributes": []} | changes


def test_a_danish_order_is_read_whole() -> None:
    order = read(make_order(order_id=7, webshop_order_id=1007))
    assert (order.id, order.number, order.paid, order.sent, order.currency) == ("7", "1007", True, True, "DKK")
    assert order.billing.country == "DK"
    assert order.total == Money(sum(part.total.ore for part in order.lines))
    assert order.problems == ()


def test_amount_is_the_number_of_pieces_and_the_variant_is_in_the_text() -> None:
    raw = make_order(products=[line(attributes=[{"name": "Farve", "val": "Sort"}, {"name": "Størrelse", "val": "M"}])])
    part = read(raw).lines[0]
    assert (part.text, part.quantity, part.total, part.sku) == (
        "Kop (Farve: Sort, Størrelse: M)",
        Decimal(2),
        Money(19900),
        "K-1",
    )


def test_a_total_that_can_not_be_read_holds_the_order_with_one_reason_in_the_owners_words() -> None:
    problem, *_ = read(make_order(total_price="1.234,50", price=None)).problems
    assert problem.text.render("da") == "”Total” står som ”1.234,50” og kan ikke læses."
    state, found = assess(read(make_order(total_price="1.234,50", price=None)), SETTINGS)
    assert (state, [finding.code for finding in found]) == ("held", ["total_unreadable"])


def test_a_field_of_a_line_is_told_with_the_lines_number() -> None:
    problem, *_ = read(make_order(products=[line(), line(amount="to")])).problems
    assert problem.text.render("da") == "”Linje 2: Antal” står som ”to” og kan ikke læses."


@pytest.mark.parametrize("flag", ["0", 0, False])
def test_an_order_that_says_both_unpaid_and_when_it_was_paid_is_not_paid_and_says_so(flag: Any) -> None:
    order = read(make_order(paid=flag, paid_time="2026-11-20 11:00:00"))
    assert (order.paid, order.paid_at, codes(order)) == (False, None, ["paid_contradictory"])


def test_shipping_and_discount_are_lines_of_their_own_kind() -> None:
    order = read(make_order(shipping_price="39.00", voucher_discount_amount=54.75, voucher_code="FORÅR"))
    assert [(part.kind, part.total.ore) for part in order.lines[-2:]] == [
        (LineKind.SHIPPING, 3900),
        (LineKind.DISCOUNT, -5475),
    ]
    assert read(make_order(voucher_discount_amount=-54.75)).lines[-1].total == Money(-5475)


@pytest.mark.parametrize(
    ("value", "paid"),
    [
        ("2026-11-20 12:00:00", True),
        (1, True),
        ("1", True),
        (True, True),
        (0, False),
        ("0", False),
        ("", False),
        (None, False),
        (False, False),
    ],
)
def test_paid_comes_in_many_forms(value: Any, paid: bool) -> None:
    order = read(make_order(paid=value))
    assert order.paid is paid
    assert order.problems == ()


def test_a_paid_that_is_not_understood_is_a_problem_and_not_paid() -> None:
    order = read(make_order(paid="måske"))
    assert not order.paid
    assert codes(order)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01 12:00:00", datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
        ("2026-12-31 23:59:59", datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)),
        ("2026-07-01T12:00:00+02:00", datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_danish(text: str, moment: datetime) -> None:
    assert read(make_order(time=text)).placed_at == moment


@pytest.mark.parametrize(
    "changes",
    [
        {"total_price": "1.234,50", "price": "1.234,50"},
        {"total_price": "NaN", "price": "NaN"},
        {"total_price": None, "price": None},
        {"total_price": 199, "price": 200},
        {"total_price": 0.001, "price": 0.001},
        {"vat": "mange penge"},
        {"time": "i går"},
        {"time": None},
        {"currency": "rigsdaler"},
        {"products": "ingen"},
        {"products": [line(amount="to")]},
        {"products": [line(unit_price=None)]},
        {"products": [line(amount=3, unit_price=0.333)], "total_price": 999, "price": 999},
        {"products": [line(discount=10)]},
        {"products": [line(total_price=1)]},
        {"products": [line()] * 501},
        {"products": ["kop"]},
        {"payment_fee": "fem"},
        {"shipping_price": "gratis"},
        {"voucher_discount_amount": [1]},
    ],
)
def test_what_can_not_be_read_for_certain_is_a_problem_or_missing_and_never_guessed(changes: dict[str, Any]) -> None:
    order = read(make_order(**changes))
    assert order.problems or order.total is None or order.vat is None
    for problem in order.problems:
        for language in LANGUAGES:
            assert problem.text.render(language).strip().endswith(".")


@pytest.mark.parametrize(
    ("changes", "country"),
    [
        ({"order_country": "Danmark"}, "DK"),
        ({"order_country": "Denmark"}, "DK"),
        ({"order_country": "SE", "order_country_id": None}, "SE"),
        ({"order_country": None, "order_country_id": "1002"}, "SE"),
        ({"order_country": "Tyskland", "order_country_id": None}, "DE"),
        ({"order_country": "Tyskland", "order_country_id": 1001}, None),
        ({"order_country": "Andeby", "order_country_id": None}, None),
    ],
)
def test_countries_are_understood_by_code_name_or_id(changes: dict[str, Any], country: str | None) -> None:
    assert read(make_order(**changes)).billing.country == country


def test_ids_may_be_numbers_or_texts() -> None:
    assert read(make_order(order_id="0042")).id == "0042"
    assert read(make_order(order_id=42)).id == "42"


def test_a_price_that_says_how_it_was_read_lies_beside_the_raw_order() -> None:
    raw = values.loads(values.dumps(make_order(strange_field=1)))
    found = {field.name: field for field in explain(raw, read(raw))}
    assert found["total"].source == "total_price"
    assert found["number"].source == "webshop_order_id"
    assert found["lines.1.quantity"].source == "products[0].amount"
    assert (found["paid"].value, found["cancelled"].value) == ("ja", "nej")
    assert "strange_field" in unused_keys(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_no_json_whatever_makes_the_reader_fall(raw: Any) -> None:
    order = read(raw)
    assert order.problems
    explain(raw, order)
    unused_keys(raw)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_an_order_with_any_fields_broken_is_still_read(data: st.DataObject) -> None:
    raw = copy.deepcopy(make_order())
    for name in data.draw(
        st.lists(st.sampled_from(sorted({n for names in FIELDS.values() for n in names})), max_size=4)
    ):
        raw[name] = data.draw(JSON)
    if isinstance(raw["products"], list) and raw["products"] and isinstance(raw["products"][0], dict):
        for name in data.draw(
            st.lists(st.sampled_from(sorted({n for v in LINE_FIELDS.values() for n in v})), max_size=3)
        ):
            raw["products"][0][name] = data.draw(JSON)
    order = read(raw)
    assert order.total is None or isinstance(order.total, Money)
    assert all(part.total.currency == order.currency for part in order.lines)
    explain(values.loads(values.dumps(raw)), order)


def test_the_way_to_shoporama_names_the_way_back_and_the_state() -> None:
    url = oauth_start_url("https://www.shoporama.dk", "https://x.example/oauth/shop/callback", "s3cret")
    assert url.startswith("https://www.shoporama.dk/admin/oauth/login?")
    assert "state=s3cret" in url


def test_a_forged_return_can_not_send_calls_elsewhere() -> None:
    answer = {
        "token": "hemmelig",
        "api_endpoint": "https://evil.example/REST",
        "shop_name": "X",
        "prices_include_vat": "1",
    }
    grant = read_oauth_return(answer, "https://www.shoporama.dk")
    assert grant.api_url == "https://www.shoporama.dk/REST"
    assert grant.prices_include_vat is True
    assert "hemmelig" not in repr(grant)


def total_of(**changes: Any) -> dict[str, Any]:
    """An order whose total and price are what is given."""
    total = changes.pop("total")
    return make_order(total_price=total, price=changes.pop("price", total), **changes)


def one(**changes: Any) -> dict[str, Any]:
    """A line of one piece."""
    return line(amount=1, **changes)


def kinds(order: Any) -> list[tuple[str, int]]:
    return [(line.kind.value, line.total.ore) for line in order.lines]


def test_a_lines_own_discount_that_the_price_does_not_have_yet_is_taken_off() -> None:
    order = read(total_of(products=[one(unit_price=200, discount=20)], shipping_price=0, total=180, vat=36))
    assert (kinds(order), order.problems) == ([("product", 18000)], ())


def test_a_lines_own_discount_that_the_price_has_already_is_not_taken_off_again() -> None:
    order = read(total_of(products=[one(unit_price=180, discount=20)], shipping_price=0, total=180, vat=36))
    assert (kinds(order), order.problems) == ([("product", 18000)], ())


def test_a_lines_own_discount_that_fits_neither_way_is_a_problem() -> None:
    order = read(total_of(products=[one(unit_price=200, discount=20)], shipping_price=0, total=190, vat=38))
    assert [problem.code for problem in order.problems] == ["line_discount"]


def test_fee_discount_and_gift_card_are_lines_of_their_own() -> None:
    order = read(
        total_of(
            products=[one(unit_price=200)],
            shipping_price=39,
            payment_fee=5,
            gift_card_amount=50,
            voucher_discount_amount=20,
            voucher_code="X",
            total=174,
            vat=44.8,
        )
    )
    assert kinds(order) == [
        ("product", 20000),
        ("shipping", 3900),
        ("fee", 500),
        ("gift_card", -5000),
        ("discount", -2000),
    ]


def test_a_voucher_that_calls_itself_a_gift_card_is_a_payment() -> None:
    order = read(
        total_of(
            products=[one(unit_price=200)],
            shipping_price=0,
            voucher_type="gift_card",
            voucher_discount_amount=50,
            voucher_code="X",
            total=150,
            vat=40,
        )
    )
    assert kinds(order)[-1] == ("gift_card", -5000)


@pytest.mark.parametrize(
    ("rate", "off", "percent"), [(10, 20, True), (10, 25, False), (None, 20, False), ("x", 20, False)]
)
def test_a_voucher_is_a_percentage_when_its_amount_fits_its_rate(rate: Any, off: int, percent: bool) -> None:
    order = read(
        total_of(
            products=[one(unit_price=200)],
            shipping_price=0,
            voucher_discount=rate,
            voucher_discount_amount=off,
            voucher_code="X",
            total=200 - off,
            vat=0,
        )
    )
    assert order.voucher_is_percent is percent


def test_two_totals_are_one_when_the_other_is_a_part_of_it() -> None:
    fits = read(total_of(products=[one(unit_price=200)], shipping_price=39, total=239, price=200, vat=47.8))
    assert (fits.total, fits.problems) == (Money(23900), ())
    differs = read(total_of(products=[one(unit_price=200)], shipping_price=39, total=239, price=210, vat=47.8))
    assert [problem.code for problem in differs.problems] == ["total_ambiguous"]


def test_variants_and_extras_are_kept() -> None:
    order = read(make_order(extras={"Gravering": "Til Åse", "tom": "", "liste": [1]}))
    assert order.extras == (("Gravering", "Til Åse"),)
    assert "Farve: Hvid" in order.lines[1].text


def test_the_shops_currency_counts_where_an_order_names_none() -> None:
    raw = values.loads(values.dumps(make_order(currency=None)))
    assert read_raw(raw, shop="s", countries={}, gateways={}, currency="EUR").currency == "EUR"


def test_a_raw_order_for_people_is_the_same_order_with_letters_as_letters() -> None:
    raw = values.loads('{"name": "Ærø 🎂", "half": "\\ud83d", "price": 149.50, "huge": 12345678901234567890.5}')
    shown = values.pretty(raw)
    assert "Ærø 🎂" in shown
    assert "\\ud83d" in shown
    assert values.loads(shown) == values.loads(values.dumps(raw))
    shown.encode()
