"""WooCommerce's refunds, and what is said of raw orders: changes, the forgotten, fields in the owner's words."""

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from dinero.model.money import Money
from dinero.model.orders import LineKind, Order
from dinero.rules.states import assess
from dinero.shops import values
from dinero.shops.woocommerce.meanings import MEANINGS, meaning
from dinero.shops.woocommerce.refunds import wrapped
from dinero.shops.woocommerce.system import WOOCOMMERCE
from factory import SETTINGS
from test_woocommerce_reader import DATA, codes, lines, read, recorded


def refund_of(name: str, **changes: Any) -> Order:
    (refund,) = recorded(f"{name}.refunds")
    return read(wrapped(refund | changes, recorded(name)))


def test_a_refund_is_a_credit_note_of_its_own_that_names_order_and_line() -> None:
    credit = refund_of("refund-partial-line")
    assert (credit.id, credit.number, credit.credit_of) == ("38", "37-R38", "37")
    assert (credit.total, credit.vat, codes(credit)) == (Money(-24900), Money(-4980), [])
    (line,) = credit.lines
    assert (line.item, line.quantity, line.total, line.vat_rate) == ("67", Decimal(-1), Money(-24900), Decimal("0.25"))
    assert (credit.billing.name, credit.comment, credit.paid) == ("Test Kunde", "Retur af 1 kop", False)


@pytest.mark.parametrize(("name", "ore"), [("refund-amount-only", -5000), ("refund-full-by-status", -28800)])
def test_a_refund_without_lines_has_its_amount_alone(name: str, ore: int) -> None:
    credit = refund_of(name)
    assert (credit.total, credit.vat, credit.lines, codes(credit)) == (Money(ore), None, (), [])


def test_the_amount_of_a_refund_counts_before_its_lines() -> None:
    more, less = refund_of("refund-partial-line", amount="288.00"), refund_of("refund-partial-line", amount="200.00")
    assert [(line.text, line.total.ore, line.vat_rate) for line in more.lines[1:]] == [("Refundering", -3900, None)]
    assert (more.vat, less.vat, less.lines, less.total) == (None, None, (), Money(-20000))


def test_a_refunded_part_of_a_line_and_a_refunded_discount_keep_their_signs() -> None:
    (row,) = recorded("refund-partial-line.refunds")
    line = row["line_items"][0]
    fee = {**line, "id": 80, "name": "Rabat", "total": "20.00", "total_tax": "5.00"}
    part = {**line, "quantity": 0}
    credit = read(
        wrapped(row | {"amount": "224.00", "line_items": [part], "fee_lines": [fee]}, recorded("fee-negative"))
    )
    assert [(one.kind, one.quantity, one.total.ore) for one in credit.lines] == [
        (LineKind.PRODUCT, Decimal(1), -24900),
        (LineKind.DISCOUNT, Decimal(1), 2500),
    ]


def test_a_refund_of_an_unknown_order_is_held() -> None:
    assert codes(read({"refund": recorded("refund-partial-line.refunds")[0], "order": None})) == ["id_missing"]


@pytest.mark.parametrize(
    "change",
    [
        {"payment_url": "x"},
        {"is_editable": True},
        {"needs_payment": True},
        {"_links": {}},
        {"date_modified_gmt": "2026-12-01T00:00:00"},
    ],
)
def test_what_changes_by_itself_is_no_change_of_the_order(change: dict[str, Any]) -> None:
    raw = recorded("meta")
    assert WOOCOMMERCE.digest(raw | change) == WOOCOMMERCE.digest(raw)


def test_a_product_that_was_renamed_or_deleted_is_no_change_and_money_is_one() -> None:
    raw = recorded("meta")
    other = copy.deepcopy(raw)
    other["line_items"][0] |= {"sku": None, "product_id": 0, "image": {}, "price": 1, "parent_name": "x"}
    other["meta_data"] = [{**meta, "id": 1, "display_key": "x"} for meta in reversed(other["meta_data"])]
    assert WOOCOMMERCE.digest(other) == WOOCOMMERCE.digest(raw)
    changes: list[Mapping[str, Any]] = [{"total": "1.00"}, {"status": "x"}, {"meta_data": []}, {"billing": {}}]
    other["line_items"][0]["total"] = "1.00"
    assert len({WOOCOMMERCE.digest(one) for one in (raw, other, *(raw | change for change in changes))}) == 6


@pytest.mark.parametrize("name", ["yith", "fee-untaxed", "coupon-percent", "d0"])
def test_a_forgotten_customers_order_comes_to_the_same(name: str) -> None:
    raw = recorded(name)
    raw["line_items"][0]["meta_data"] = [{"key": "pw_gift_card_to", "value": "mor@example.invalid"}]
    kept = WOOCOMMERCE.without_customer(raw)
    assert "mor@example.invalid" not in values.dumps(kept)
    assert read(kept).lines == read(raw).lines


def test_a_list_that_php_wrote_as_an_object_is_read_like_a_list() -> None:
    raw = recorded("coupon-percent")
    gaps = {str(2 * i): row for i, row in enumerate(raw["line_items"])}
    assert read(raw | {"line_items": gaps}).lines == read(raw).lines
    assert codes(read(raw | {"line_items": {"a": 1}})) == ["line_items_unreadable"]


def test_a_difference_between_whole_amounts_is_none_of_whole_kroner() -> None:
    raw = recorded("fee-taxed") | {"total": "249.00", "total_tax": "50.00", "fee_lines": [], "shipping_lines": []}
    raw["line_items"][0] |= {"total": "200.00", "total_tax": "50.00"}
    assert (read(raw).smallest_ore, lines(read(raw))) == (1, "250.00 25%")


def test_a_difference_that_no_rounding_explains_is_none_of_whole_kroner() -> None:
    raw = recorded("fee-taxed") | {"total": "200.00", "total_tax": "50.00"}
    raw["line_items"][0] |= {"total": "200.00", "total_tax": "50.00"}
    raw["shipping_lines"] = []
    raw["fee_lines"][0] |= {"total": "4.50", "total_tax": "0.00", "taxes": []}
    assert (read(raw).smallest_ore, lines(read(raw))) == (1, "250.00 25%; gebyr 4.50 0%")


def test_a_forgotten_customer_leaves_goods_money_and_time() -> None:
    raw = recorded("meta")
    kept = WOOCOMMERCE.without_customer(raw)
    text = values.dumps(kept)
    for name in (*WOOCOMMERCE.names_in(raw), "Test", "2100", "192.0.2.1", raw["order_key"], raw["transaction_id"]):
        assert name not in text
    before, after = read(raw), read(kept)
    assert (after.lines, after.total, after.vat, after.placed_at) == (
        before.lines,
        before.total,
        before.vat,
        before.placed_at,
    )
    refund = wrapped(recorded("refund-partial-line.refunds")[0], recorded("refund-partial-line"))
    assert read(WOOCOMMERCE.without_customer(refund)).lines == read(refund).lines
    assert WOOCOMMERCE.names_in(refund)[0] == "Test Kunde"


def test_every_field_of_a_recorded_order_is_known_and_has_words() -> None:
    for path in sorted(DATA.glob("real-*.json")):
        raw = values.loads(path.read_text())
        if not isinstance(raw, dict) or "line_items" not in raw:
            continue
        assert WOOCOMMERCE.unused_keys(raw) == [], path.name
        for found in WOOCOMMERCE.explain(raw, read(raw), "da"):
            assert not found.meaning.render("da").startswith("”"), found.name
    assert all(meaning(name).render("da") for name in MEANINGS)


def test_a_field_that_nobody_knows_is_shown() -> None:
    raw = recorded("completed") | {"weight": 1}
    raw["line_items"][0]["colour"] = "x"
    assert WOOCOMMERCE.unused_keys(raw) == ["line_items[].colour", "weight"]
    found = {one.source: one for one in WOOCOMMERCE.explain(raw, read(raw), "da")}
    assert found["line_items[0].quantity"].meaning.render("da") == "Ordrelinje 1: Antal"
    assert found["total"].value == "288,00\xa0kr."
    assert found["weight"].value == "1"


def test_a_field_that_can_not_be_read_holds_the_order_with_a_sentence_in_the_owners_words() -> None:
    raw = recorded("completed") | {"total": "1.234,50"}
    (problem,) = read(raw).problems
    assert problem.text.render("da") == "”Total” står som ”1.234,50” og kan ikke læses."
    state, findings = assess(read(raw), SETTINGS)
    assert state == "held"
    assert "total_unreadable" in [found.code for found in findings]


def test_the_order_is_found_in_wordpress_and_a_refund_at_its_order() -> None:
    address = "https://shop.example/wp-admin/post.php?post=37&action=edit"
    refund = wrapped(recorded("refund-partial-line.refunds")[0], recorded("refund-partial-line"))
    assert WOOCOMMERCE.page_of(refund, "https://shop.example/") == address
    assert WOOCOMMERCE.page_of({}, "https://shop.example") == ""


def test_amounts_and_times_that_nothing_is_read_from_are_shown_as_such() -> None:
    raw = recorded("refund-partial-line") | {"shipping_total": "31.20", "discount_total": "some"}
    raw |= {"date_modified_gmt": "2026-11-28T18:23:40"}
    shown = {field.name: field.value for field in WOOCOMMERCE.explain(raw, read(raw), "da")}
    assert (shown["shipping_total"], shown["discount_total"]) == ("31,20\xa0kr.", "some")
    assert shown["date_modified_gmt"] == "28. nov. 2026 19.23", "Danish time"


def test_the_total_of_a_refunds_order_is_the_orders_own() -> None:
    (row,) = recorded("refund-partial-line.refunds")
    raw = wrapped(row, recorded("refund-partial-line"))
    shown = {field.name: field.value for field in WOOCOMMERCE.explain(raw, read(raw), "da")}
    assert (shown["refund.amount"], shown["order.total"]) == ("−249,00\xa0kr.", "549,34\xa0kr.")
