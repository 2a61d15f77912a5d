"""Reading a WooCommerce shop's list: nothing is missed while orders change, and what looks short is an error."""

import json
from collections.abc import Sequence, Set
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import World
from dinero.intake.fetching import fetch_orders
from dinero.model.clock import SimulatedClock
from dinero.model.errors import ConnectionStopped, DashboardError, ListIncomplete, NotFound, TryLater
from dinero.shops.shop_system import Access, Batch, Cursor
from dinero.shops.woocommerce.client import WooCommerce
from dinero.shops.woocommerce.system import WOOCOMMERCE
from woocommerce_fake import KEY, NO_ROUTE, NOT_THERE, SECRET, START, FakeShop, at, client, shop

__all__ = ["shop"]


def nothing(ids: Sequence[str]) -> Set[str]:
    return frozenset()


def fetched(shop: FakeShop, cursor: Cursor | None = None, **more: Any) -> tuple[dict[str, Any], Cursor | None]:
    """What a fetch brings, the last of each id, and where the next one begins."""
    rows: dict[str, Any] = {}
    at: Cursor | None = None
    for batch in client(shop, **more).fetch(cursor, nothing):
        rows |= {WOOCOMMERCE.id_of(row): row for row in batch.rows}
        at = json.loads(json.dumps(batch.cursor))
    return rows, at


def asked(shop: FakeShop, at: int = -1) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(shop.urls[at]).query).items()}


def lists(shop: FakeShop) -> list[dict[str, str]]:
    return [asked(shop, i) for i, url in enumerate(shop.urls) if urlsplit(url).path.endswith("/orders")]


def test_all_orders_come_a_page_at_a_time_and_the_next_fetch_brings_nothing(shop: FakeShop) -> None:
    for number in range(1, 251):
        shop.add(number, number // 7)
    rows, cursor = fetched(shop)
    assert set(rows) == {str(number) for number in range(1, 251)}
    assert cursor == {"after": at(250 // 7)}
    assert fetched(shop, cursor) == ({}, cursor)
    assert not any({"page", "offset"} & set(one) for one in lists(shop))


def test_the_time_that_is_asked_from_has_no_zone_or_hours_would_be_lost(shop: FakeShop) -> None:
    shop.add(1, 0)
    shop.add(2, 60)
    rows, _ = fetched(shop, {"after": at(0)})
    assert set(rows) == {"2"}
    assert (asked(shop, 0)["modified_after"], asked(shop, 0)["dates_are_gmt"]) == (at(0), "true")


@pytest.mark.parametrize("look_ups", [{}, {"decimals": 2}, {"decimals": 3}])
def test_amounts_are_asked_for_with_two_decimals_and_the_order_says_so(
    shop: FakeShop, look_ups: dict[str, Any]
) -> None:
    shop.add(1, 0)
    rows, _ = fetched(shop, look_ups=look_ups)
    assert (rows["1"]["_dp"], asked(shop, 0)["dp"]) == (2, "2")


def test_a_shop_of_whole_kroner_is_asked_without_decimals(shop: FakeShop) -> None:
    shop.add(1, 0)
    rows, _ = fetched(shop, look_ups={"decimals": 0})
    assert (rows["1"]["_dp"], asked(shop, 0)["dp"]) == (0, "0")


def test_orders_that_change_while_they_are_listed_come_in_this_fetch_or_the_next(shop: FakeShop) -> None:
    for number in range(1, 401):
        shop.add(number, number)
    clock = 3600 * 24

    def change(shop: FakeShop, call: int) -> None:
        # One that was read, one that was not, and one that is left out just now, all while pages are read.
        for number in (call * 40 % 400 + 1, 400 - call, call * 100):
            if number in shop.orders and call < 6:
                shop.add(number, clock + call, total=f"{call}.00")

    shop.between = change
    rows, cursor = fetched(shop)
    assert len(rows) == 400
    shop.between = lambda shop, call: None
    later, _ = fetched(shop, cursor)
    assert {number: row["total"] for number, row in {**rows, **later}.items()} == {
        str(number): order["total"] for number, order in shop.orders.items()
    }


def test_an_order_saved_in_the_second_of_the_last_page_is_not_lost(shop: FakeShop) -> None:
    now = 3600 * 24
    shop.add(1, now)
    rows, cursor = fetched(shop)
    shop.add(1, now, total="20.00")
    shop.add(2, now)
    later, _ = fetched(shop, cursor)
    assert (set(rows), set(later), later["1"]["total"]) == ({"1"}, {"1", "2"}, "20.00")


def test_a_shop_whose_clock_is_behind_loses_no_second_either(shop: FakeShop) -> None:
    shop.headers["Date"] = "Sun, 01 Nov 2026 08:10:00 GMT"
    shop.add(1, 600)
    _, cursor = fetched(shop)
    assert cursor == {"after": at(540)}


def test_a_bulk_edit_of_thousands_in_one_second_comes_whole_in_bounded_calls(shop: FakeShop) -> None:
    for number in range(100_001, 103_001):
        shop.add(number, 50)
    shop.add(1, 10)
    shop.add(2, 90)
    rows, cursor = fetched(shop)
    assert len(rows) == 3002
    assert cursor == {"after": at(90)}
    assert len(shop.urls) < 60
    assert max(map(len, shop.urls)) < 6000


def test_a_bulk_edit_comes_whole_while_its_orders_are_changed_again(shop: FakeShop) -> None:
    for number in range(100_001, 102_001):
        shop.add(number, 50)

    def change(shop: FakeShop, call: int) -> None:
        for number in range(100_001 + call * 20, 100_001 + call * 20 + 13):
            if number in shop.orders:
                shop.add(number, 3600 * 24 + call)

    shop.between = change
    rows, _ = fetched(shop)
    assert len(rows) == 2000


def test_a_second_of_more_orders_than_can_be_left_out_goes_on_after_an_interruption(shop: FakeShop) -> None:
    for number in range(100_001, 102_001):
        shop.add(number, 50)
    some = list(islice(client(shop).fetch(None, nothing), 12))
    rows, _ = fetched(shop, json.loads(json.dumps(some[-1].cursor)))
    assert len({row["id"] for batch in some for row in batch.rows} | {row["id"] for row in rows.values()}) == 2000


def test_an_interrupted_first_fetch_goes_on_where_it_was(shop: FakeShop) -> None:
    for number in range(1, 301):
        shop.add(number, number)
    batch = next(client(shop).fetch(None, nothing))
    shop.urls.clear()
    rows, cursor = fetched(shop, json.loads(json.dumps(batch.cursor)))
    assert [row["id"] for row in batch.rows] == list(range(1, 101))
    assert set(rows) == {str(number) for number in range(101, 301)}
    assert cursor == {"after": at(300)}


def test_the_older_storage_that_sorts_by_local_time_loses_nothing_in_the_hour_that_comes_twice(
    shop: FakeShop,
) -> None:
    # 25 October 2026: 00:30 UTC is 02:30 of summer, 01:10 UTC is 02:10 of winter and stands before it.
    for number in range(1, 100):
        shop.add(number, number)["date_modified_gmt"] = "2026-10-24T20:00:00"
    pages = [
        [{"id": n, "date_modified_gmt": "2026-10-25T01:10:00", "status": "processing"} for n in range(1, 101)],
        [{"id": 101, "date_modified_gmt": "2026-10-25T00:30:00", "status": "processing"}],
        [],
    ]
    shop.failures = [(200, page, {}) for page in pages]
    shop.has_reports = False
    rows, _ = fetched(shop)
    assert len(rows) == 101


def test_a_host_that_gives_fewer_rows_than_asked_for_is_read_to_its_end(shop: FakeShop) -> None:
    shop.most_per_page = 30
    for number in range(1, 1201):
        shop.add(100_000 + number, 5)
    assert len(fetched(shop)[0]) == 1200


@pytest.mark.parametrize("ignored", ["modified_after", "exclude", "modified_before", "offset"])
def test_a_filter_that_is_ignored_is_an_error_and_not_a_longer_list(shop: FakeShop, ignored: str) -> None:
    for number in range(1, 1501):
        shop.add(100_000 + number, 5)
    for number in range(1, 50):
        shop.add(number, 3)
        shop.add(1000 + number, 9)
    shop.ignores = frozenset({ignored})
    with pytest.raises(DashboardError) as raised:
        fetched(shop)
    assert ignored in raised.value.text.render("da")


def test_a_list_that_repeats_its_page_for_ever_ends_in_an_error(shop: FakeShop) -> None:
    for number in range(1, 50):
        shop.add(number, number)
    shop.ignores = frozenset({"exclude", "modified_after"})
    with pytest.raises(DashboardError):
        fetched(shop)
    assert len(shop.urls) == 2


def test_a_whole_scan_with_fewer_orders_than_the_shop_counts_is_an_error_after_what_came(shop: FakeShop) -> None:
    for number in range(1, 21):
        shop.add(number, number)
    shop.add(21, 21, status="checkout-draft")
    shop.add(22, 22, status="trash")
    shop.hidden = frozenset({7})
    came: list[Batch] = []
    with pytest.raises(DashboardError) as raised:
        came.extend(client(shop).fetch(None, nothing))
    assert "20" in raised.value.text.render("da")
    assert sum(len(batch.rows) for batch in came) == 19
    assert fetched(shop, {"after": at(0)})[0].keys() == {str(n) for n in range(1, 21) if n != 7}


def test_a_list_that_was_not_whole_is_no_success_at_the_next_try_either(world: World, shop: FakeShop) -> None:
    for number in range(1, 251):
        shop.add(number, number)
    shop.hidden = frozenset({7})
    for _ in range(3):
        with pytest.raises(ListIncomplete):
            fetch_orders(client(shop), world.dashboard.store, "shoporama")
    shop.hidden = frozenset()
    assert fetch_orders(client(shop), world.dashboard.store, "shoporama").seen == 250


def test_a_list_that_is_sorted_the_other_way_is_an_error(shop: FakeShop) -> None:
    for number in range(1, 251):
        shop.add(number, number * 60)
    shop.ignores = frozenset({"order"})
    with pytest.raises(DashboardError, match="orderby"):
        fetched(shop, {"after": at(0)})


def test_an_order_that_comes_before_the_count_is_read_and_no_false_alarm(shop: FakeShop) -> None:
    shop.add(1, 1)

    def arrives(shop: FakeShop, call: int) -> None:
        if call == 2:  # after the last page, before the count
            shop.add(2, 3600 * 24)

    shop.between = arrives
    assert set(fetched(shop)[0]) == {"1", "2"}


def test_a_shop_without_counts_is_read_without_them(shop: FakeShop) -> None:
    shop.add(1, 1)
    shop.has_reports = False
    assert set(fetched(shop)[0]) == {"1"}


def refund(number: int, **told: Any) -> dict[str, Any]:
    return {"id": number, "amount": "5.00", "line_items": [], "date_created_gmt": at(1), **told}


def test_a_refund_is_a_row_of_its_own_and_a_known_one_is_not_read_again(shop: FakeShop) -> None:
    shop.add(1, 1, refunds=[{"id": 11, "total": "-5.00"}, {"id": 12, "total": "-5.00"}], currency="DKK")
    shop.add(2, 2, refunds=[{"id": 13, "total": "-5.00"}])
    shop.refunds = {1: [refund(11), refund(12)], 2: [refund(13)]}

    def known(ids: Sequence[str]) -> Set[str]:
        return {"11", "13"} & set(ids)

    batches = list(client(shop).fetch(None, known))
    rows = [row for batch in batches for row in batch.rows]
    assert [WOOCOMMERCE.id_of(row) for row in rows] == ["1", "2", "12"]
    assert (rows[2]["order"]["id"], rows[2]["order"]["currency"], rows[2]["refund"]["_dp"]) == (1, "DKK", 2)
    assert batches[0].unchanged == {"11", "13"}
    assert not [url for url in shop.urls if "/orders/2/refunds" in url]


def test_an_order_of_many_refunds_is_read_page_by_page(shop: FakeShop) -> None:
    shop.add(1, 1, refunds=[{"id": number} for number in range(1000, 1150)])
    shop.refunds = {1: [refund(number) for number in range(1000, 1150)]}
    assert len(fetched(shop)[0]) == 151


def test_a_refund_that_is_named_and_not_shown_is_an_error_and_is_asked_for_again(shop: FakeShop) -> None:
    shop.add(1, 1, refunds=[{"id": 11}])
    came: list[Batch] = []
    with pytest.raises(DashboardError, match="refunds"):
        came.extend(client(shop).fetch(None, nothing))
    assert [(len(batch.rows), batch.cursor) for batch in came] == [(1, None)]


@pytest.mark.parametrize("answer", [(500, "<html>", {}), NOT_THERE, (200, {}, {}), (400, {"code": "x"}, {})])
def test_an_order_whose_refunds_can_not_be_read_stops_no_other_and_is_told(shop: FakeShop, answer: Any) -> None:
    shop.add(1, 1, refunds=[{"id": 11}])
    shop.add(2, 2, refunds=[{"id": 13}])
    shop.refunds = {2: [refund(13)]}
    shop.broken = {1: (404, NOT_THERE, {}) if answer is NOT_THERE else answer}
    came: list[Batch] = []
    with pytest.raises(DashboardError, match="refunds"):
        came.extend(client(shop).fetch(None, nothing))
    assert [WOOCOMMERCE.id_of(row) for batch in came for row in batch.rows] == ["1", "2", "13"]
    assert {batch.cursor is None for batch in came} == {True}, "it is read again"


def test_a_host_that_fails_over_every_order_s_refunds_is_not_asked_for_all_of_them(shop: FakeShop) -> None:
    for number in range(1, 51):
        shop.add(number, number, refunds=[{"id": number + 100}])
        shop.broken[number] = (500, "<html>", {})
    with pytest.raises(TryLater):
        fetched(shop)
    assert len(shop.urls) < 20


def test_one_order_and_one_refund_are_read_by_their_id(shop: FakeShop) -> None:
    shop.add(1, 1, refunds=[{"id": 11}], currency="DKK")
    shop.refunds = {1: [refund(11)]}
    one = client(shop)
    assert (one.order("1")["id"], one.order("1")["_dp"]) == (1, 2)
    assert WOOCOMMERCE.id_of(one.order("11")) == "11"
    assert WOOCOMMERCE.read(one.order("11"), _context()).credit_of == "1"
    for missing in ("12", "x", "1/2", ""):
        with pytest.raises(NotFound):
            one.order(missing)


def _context() -> Any:
    from dinero.shops.shop_system import ReadContext

    return ReadContext("kop")


def test_look_ups_leave_out_what_may_not_be_read(shop: FakeShop) -> None:
    assert client(shop).look_ups() == {
        "payment_gateways": {"bacs": "Bankoverførsel"},
        "decimals": 0,
        "currency": "DKK",
        "taxes": False,
    }
    shop.failures = [(404, NO_ROUTE, {})] * 3
    assert client(shop).look_ups() == {}


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "120", 120.0), (503, "999999", 3600.0), (503, "", 60.0), (429, "soon", 60.0), (503, "0", 1.0)],
)
def test_a_shop_that_asks_for_a_pause_gets_one_within_bounds(
    shop: FakeShop, status: int, header: str, seconds: float
) -> None:
    shop.failures = [(status, "busy", {"Retry-After": header})]
    with pytest.raises(TryLater) as raised:
        fetched(shop)
    assert raised.value.seconds == seconds
    assert len(shop.urls) == 1


def test_trouble_at_the_shop_is_tried_again_and_then_told(shop: FakeShop) -> None:
    shop.add(1, 1)
    shop.failures = [(500, "<html>", {}), (502, "", {})]
    assert set(fetched(shop)[0]) == {"1"}
    shop.failures = [(500, "<html>", {})] * 6
    with pytest.raises(TryLater):
        fetched(shop)


def test_a_shop_that_fails_over_a_whole_page_is_asked_for_smaller_ones(shop: FakeShop) -> None:
    for number in range(1, 51):
        shop.add(number, number)
    shop.failures = [(500, "<html>", {})] * 3
    assert len(fetched(shop)[0]) == 50
    assert {one["per_page"] for one in lists(shop)} == {"100", "20"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, "<html>Log ind</html>", {}), TryLater),
        ((200, {"message": "hej"}, {}), DashboardError),
        ((403, "<html>Access denied</html>", {}), TryLater),
        ((401, {"code": "woocommerce_rest_cannot_view"}, {}), ConnectionStopped),
        ((401, {"code": "rest_cannot_access"}, {}), ConnectionStopped),
        ((403, {"code": "woocommerce_rest_cannot_view"}, {}), ConnectionStopped),
        ((404, NO_ROUTE, {}), ConnectionStopped),
        ((404, "<html>", {}), ConnectionStopped),
        ((301, "", {"Location": "https://www.shop.example/wp-json/wc/v3/orders?consumer_secret=x"}), DashboardError),
        ((400, {"code": "rest_invalid_param"}, {}), DashboardError),
        ((200, ["x"], {}), DashboardError),
        ((200, [{"id": 1}], {}), DashboardError),
    ],
)
def test_an_answer_that_is_no_list_of_orders_is_an_error_and_never_an_empty_list(
    shop: FakeShop, answer: Any, error: type[DashboardError]
) -> None:
    shop.failures = [answer]
    with pytest.raises(error) as raised:
        fetched(shop)
    assert raised.value.text.render("da") != raised.value.text.render("en")
    assert "consumer_secret" not in raised.value.text.render("en") + raised.value.detail


def test_each_call_is_spent_and_each_outcome_told(shop: FakeShop) -> None:
    shop.add(1, 1)
    spent: list[int] = []
    outcomes: list[DashboardError | None] = []
    access = Access(
        shop.base,
        {"key": KEY, "secret": SECRET},
        SimulatedClock(),
        spend=lambda: spent.append(1),
        on_outcome=outcomes.append,
    )
    list(WooCommerce(access).fetch(None, nothing))
    assert len(spent) == len(shop.urls)
    shop.failures = [(401, {"code": "woocommerce_rest_cannot_view"}, {})]
    with pytest.raises(ConnectionStopped):
        list(WooCommerce(access).fetch(None, nothing))
    assert [type(one) for one in outcomes] == [type(None), ConnectionStopped]


def test_nothing_that_is_logged_has_a_key_in_it(shop: FakeShop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    shop.add(1, 1)
    list(client(shop, way="query").fetch(None, nothing))
    assert shop.urls
    assert "consumer_secret" in shop.urls[0]
    assert KEY not in caplog.text
    assert SECRET not in caplog.text


def test_time_in_the_fake_is_what_the_tests_think_it_is() -> None:
    assert at(3600) == (START + timedelta(hours=1)).isoformat()
