"""Clearhaus over its API: each settlement once and to the øre, or a reason why not."""

import copy
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinero.acquirers import calls, clearhaus_api
from dinero.acquirers.clearhaus_api import Clearhaus
from dinero.acquirers.clearhaus_lines import NotYet, Unsound, payout_of, read
from dinero.acquirers.fields import Unreadable
from dinero.acquirers.source import Batch, PayoutSource
from dinero.environment import Environment
from dinero.model.clock import SimulatedClock
from dinero.model.errors import (
    ConnectionStopped,
    DashboardError,
    NotFound,
    NotUnderstood,
    Refused,
    SettingsError,
    TryLater,
)
from dinero.model.i18n import LANGUAGES
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, problems_of
from dinero.sandbox import Sandbox, acquirers
from dinero.sandbox.acquirers import CLEARHAUS_CLIENT_ID, CLEARHAUS_CLIENT_SECRET

SINCE = date(2026, 11, 1)  # the clock stands on 24 November 2026
SETTLEMENTS, TRANSACTIONS = "^/clearhaus/settlements$", "/transactions$"


def line(row: int, kind: Movement, gross: int, fee: int = 0, **changes: Any) -> PayoutLine:
    money = Money(gross), Money(fee), Money(gross + fee)
    of_order = kind in (Movement.SALE, Movement.REFUND)
    told: dict[str, Any] = {
        "order": f"{1000 + row}" if of_order else "",
        "transaction": f"t{row}" if of_order else "",
        "at": datetime(2026, 11, 3, 12, tzinfo=UTC) if of_order else None,
    } | changes
    return PayoutLine(row, kind, told.pop("id", f"t{row}"), *money, **told)


def payout(name: str, on: date, *lines: PayoutLine) -> Payout:
    lines = lines or (line(1, Movement.SALE, 24900, -361, id=f"{name}-1", transaction=f"{name}-1"),)
    net = Money(sum(one.net.ore for one in lines))
    first, last = on - timedelta(days=9), on - timedelta(days=3)
    text = f"CH1234567 {on}"
    return Payout("clearhaus", "1234567", name, on, net, lines, bank_text=text, first_day=first, last_day=last)


WHOLE = payout(
    "whole",
    date(2026, 11, 5),
    line(1, Movement.SALE, 100000, -1450),
    line(2, Movement.SALE, 24900, -361, sold_for=Money(3340, "EUR")),
    line(3, Movement.REFUND, -24900, -50),
    line(4, Movement.CHARGEBACK, -5000, id="whole:chargebacks", is_sum=True, text="chargebacks"),
    line(5, Movement.FEE, 0, -900, id="whole:fees.service", text="service"),
    line(6, Movement.FEE, 0, -500, id="whole:fees.wire_transfer", text="wire_transfer"),
    line(7, Movement.CORRECTION, 1234, id="whole:other_postings.1", text="Regulering"),
    line(8, Movement.RESERVE, -10000, id="whole:reserve", text="reserve"),
)
RELEASE = replace(
    payout("whole-reserve", date(2026, 11, 20), line(1, Movement.RESERVE_RELEASED, 10000, id="whole-reserve")),
    first_day=None,
    last_day=None,
)


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    sandbox.payouts = [WHOLE, RELEASE, payout("b", date(2026, 11, 12)), payout("c", date(2026, 11, 19))]
    return sandbox


Make = Callable[..., Clearhaus]


@pytest.fixture
def make(box: Sandbox, clock: SimulatedClock) -> Make:
    def made(
        client_id: str = CLEARHAUS_CLIENT_ID, secret: str = CLEARHAUS_CLIENT_SECRET, since: date = SINCE, **options: Any
    ) -> Clearhaus:
        url = f"{box.url}/clearhaus"
        return Clearhaus(url, client_id, secret, since=since, clock=clock, **({"timeout": (5.0, 5.0)} | options))

    return made


def given_by(batches: Sequence[Batch]) -> list[Payout]:
    return [one for batch in batches for one in batch.payouts]


def codes(batches: Sequence[Batch]) -> list[str]:
    return [problem.code for batch in batches for problem in batch.problems]


def paths(box: Sandbox) -> list[str]:
    return [call.path.removeprefix("/clearhaus") for call in box.calls]


Bend = Callable[[str, Callable[[Any], None]], None]


@pytest.fixture
def bend(monkeypatch: pytest.MonkeyPatch) -> Bend:
    """Clearhaus's rows ("settlements", "transactions") are told with a change from now on; None takes it back."""
    real = {name: getattr(acquirers, f"{name}_of") for name in ("settlements", "transactions")}

    def bent(name: str, change: Callable[[Any], None]) -> None:
        def rows(*arguments: Any) -> Any:
            found = real[name](*arguments)
            change(found)
            return found

        monkeypatch.setattr(acquirers, f"{name}_of", rows)

    return bent


def as_it_is(rows: Any) -> None:
    """No change."""


def told(box: Sandbox, change: Callable[[Any], None], path: str = TRANSACTIONS, **query: str) -> None:
    """The next answer of `path` is the sandbox's own with a change."""
    answers = [call.answer for call in box.calls if call.path.endswith(path.strip("^$")) and call.answer]
    body = copy.deepcopy(answers[-1])
    change(body)
    box.fault("status", path=path, status=200, body=body)


# --- what is read --------------------------------------------------------------------------------------------------


def test_a_settlement_is_read_to_the_oere_with_its_orders_and_what_is_in_no_transaction(make: Make) -> None:
    source: PayoutSource = make()
    first, b, c, release = given_by(list(source.payouts("")))
    assert first == WHOLE
    assert release == RELEASE
    assert (b.id, c.id) == ("b", "c")
    assert [problems_of(one) for one in (first, b, c, release)] == [[], [], [], []]


def test_what_was_given_is_never_given_again_whichever_cursor_was_kept_last(make: Make, box: Sandbox) -> None:
    batches = list(make().payouts(""))
    for place, batch in enumerate(batches, 1):
        again = given_by(list(make().payouts(batch.cursor)))
        assert again == given_by(batches[place:])
    box.calls.clear()
    assert list(make().payouts(batches[-1].cursor)) == []
    assert not [path for path in paths(box) if path.endswith("/transactions")]


def test_a_new_settlement_is_read_alone(make: Make, box: Sandbox) -> None:
    cursor = list(make().payouts(""))[-1].cursor
    box.payouts.append(payout("d", date(2026, 11, 24)))
    box.payouts.append(payout("late", date(2026, 11, 4)))
    assert [one.id for one in given_by(list(make().payouts(cursor)))] == ["late", "d"]


def test_nothing_from_before_the_first_date_and_nothing_that_the_bank_has_not_yet_is_given(
    make: Make, box: Sandbox, clock: SimulatedClock
) -> None:
    box.payouts = [payout("old", date(2026, 10, 31)), payout("coming", date(2026, 11, 26))]
    assert list(make().payouts("")) == []
    clock.advance(2 * 86_400)
    assert [one.id for one in given_by(list(make().payouts("")))] == ["coming"]


def test_a_reserve_is_given_when_its_date_has_come_also_where_its_settlement_is_long_given(
    make: Make, box: Sandbox, clock: SimulatedClock
) -> None:
    late = replace(RELEASE, paid_on=date(2027, 3, 1), bank_text="CH1234567 2027-03-01")
    box.payouts = [WHOLE, late]
    cursor = ""
    seen: list[Payout] = []
    for _ in range(30):
        for batch in make().payouts(cursor):
            cursor, seen = batch.cursor, [*seen, *batch.payouts]
        clock.advance(5 * 86_400)
    assert seen == [WHOLE, late]


def test_the_cursor_stays_short_over_years(make: Make, box: Sandbox, clock: SimulatedClock) -> None:
    cursor, seen = "", 0
    for number in range(300):
        on = (clock.now() + timedelta(days=1)).date()
        box.payouts = [*box.payouts[-90:], payout(f"n{number}", on)]
        clock.advance(86_400)
        if number % 20 == 19:
            batches = list(make().payouts(cursor))
            cursor, seen = batches[-1].cursor, seen + len(given_by(batches))
    assert seen == 304
    assert len(cursor) < 2500


def test_long_lists_are_read_page_by_page(make: Make, box: Sandbox) -> None:
    lines = [line(row, Movement.SALE, 100 + row, -1) for row in range(1, 121)]
    box.payouts = [payout("long", date(2026, 11, 12), *lines)]
    box.payouts += [payout(f"p{n}", SINCE + timedelta(days=n % 20)) for n in range(70)]
    found = given_by(list(make().payouts("")))
    assert len(found) == 71
    assert next(one for one in found if one.id == "long").lines == tuple(lines)
    pages = [call.query["page"] for call in box.calls if call.path.endswith("/long/transactions")]
    assert pages == ["1", "2", "3"]


def test_the_next_page_is_asked_of_the_same_host_wherever_the_link_points(make: Make, box: Sandbox) -> None:
    lines = [line(row, Movement.SALE, 100, -1) for row in range(1, 61)]
    box.payouts = [payout("long", date(2026, 11, 12), *lines)]
    list(make().payouts(""))

    def elsewhere(answer: Any) -> None:
        answer["_links"]["next"] = {"href": "https://elsewhere.example/settlements/long/transactions?page=2"}
        answer["_embedded"]["ch:transactions"] = first_page

    first_page = next(call.answer for call in box.calls if call.path.endswith(TRANSACTIONS[:-1]))["_embedded"][
        "ch:transactions"
    ]
    told(box, elsewhere)
    assert len(given_by(list(make().payouts("")))[0].lines) == 60


def test_a_merchant_is_told_with_the_settlement_or_by_the_text_on_the_bank_statement(make: Make, bend: Bend) -> None:
    def wordless(rows: Any) -> None:
        for row in rows:
            row["payout"]["descriptor"] = row["reserve"]["descriptor"] = "Clearhaus A/S"

    def nameless(rows: Any) -> None:
        for row in rows:
            del row["_embedded"]

    def neither(rows: Any) -> None:
        wordless(rows)
        nameless(rows)

    for change in (wordless, nameless):
        bend("settlements", change)
        assert {one.account for one in given_by(list(make().payouts("")))} == {"1234567"}
    bend("settlements", neither)
    batches = list(make().payouts(""))
    assert codes(batches) == ["no_account"] * 4
    assert given_by(batches) == []


def test_a_chargeback_is_in_no_transaction_and_becomes_a_line_of_its_own_with_its_fee(make: Make, box: Sandbox) -> None:
    lost = line(2, Movement.CHARGEBACK, -24900, -15000, order="1002", transaction="t2")
    box.payouts = [payout("b", date(2026, 11, 12), line(1, Movement.SALE, 100000, -1450), lost)]
    (found,) = given_by(list(make().payouts("")))
    assert [(one.kind, one.gross.ore, one.fee.ore, one.order, one.is_sum) for one in found.lines[1:]] == [
        (Movement.CHARGEBACK, -24900, 0, "", True),
        (Movement.FEE, 0, -15000, "", False),
    ]
    assert found.net == box.payouts[0].net


def test_all_that_the_sandbox_pays_out_is_read_with_every_order(clock: SimulatedClock) -> None:
    with Sandbox(orders=300, clock=clock, returns=True) as box:
        source = Clearhaus(
            f"{box.url}/clearhaus", CLEARHAUS_CLIENT_ID, CLEARHAUS_CLIENT_SECRET, since=date(2026, 1, 1), clock=clock
        )
        paid_out = [one for one in box.payouts if one.acquirer == "clearhaus"]
        read_again = given_by(list(source.payouts("")))
    assert sorted(one.key for one in read_again) == sorted(one.key for one in paid_out)
    by_key = {one.key: one for one in read_again}
    kinds = {one.kind for payout in paid_out for one in payout.lines}
    assert {Movement.CHARGEBACK, Movement.RESERVE, Movement.RESERVE_RELEASED, Movement.CORRECTION} <= kinds
    for expected in paid_out:
        found = by_key[expected.key]
        assert replace(found, lines=()) == replace(expected, lines=())
        assert _of_orders(found) == _of_orders(expected)
        assert (found.fees, found.other) == (expected.fees, expected.other)


def _of_orders(payout: Payout) -> list[Any]:
    kinds = (Movement.SALE, Movement.REFUND)
    return [
        (one.kind, one.gross, one.fee, one.order, one.at, one.sold_for) for one in payout.lines if one.kind in kinds
    ]


# --- sums that contradict, and what is not whole --------------------------------------------------------------------


def test_transactions_that_contradict_the_summary_give_no_payout_and_both_figures(make: Make, box: Sandbox) -> None:
    cursor = next(make().payouts("")).cursor
    box.fault("status", path="/b/transactions$", status=200, body=_empty())
    batches = list(make().payouts(cursor))
    assert codes(batches) == ["transactions_sum"]
    assert batches[0].cursor == cursor, "it is read again"
    shown = batches[0].problems[0].text.render("da")
    assert "249,00" in shown
    assert "0,00" in shown
    assert [one.id for one in given_by(batches)] == ["c", "whole-reserve"], "the others are not held up by it"
    assert [one.id for one in given_by(list(make().payouts(batches[-1].cursor)))] == ["b"], "and it is not left behind"


def test_a_settlement_that_stays_wrong_is_told_at_each_fetch_and_given_when_it_is_mended(
    make: Make, box: Sandbox, clock: SimulatedClock
) -> None:
    sound = payout("b", date(2026, 11, 12))
    cursor = ""
    for _ in range(5):
        box.fault("status", path="/b/transactions$", status=200, body=_empty())
        batches = list(make().payouts(cursor))
        assert codes(batches) == ["transactions_sum"]
        cursor = batches[-1].cursor
        clock.advance(30 * 86_400)
        on = clock.now().date()
        box.payouts.append(payout(f"n{on}", on))
    assert sound in given_by(list(make().payouts(cursor)))


def _empty() -> dict[str, Any]:
    return {"_links": {}, "_embedded": {"ch:transactions": []}}


def _row(**changes: Any) -> dict[str, Any]:
    """A settlement in the shape that Clearhaus documents, with two sales, a refund and a wire transfer's fee."""
    return {
        "id": "s",
        "settled": True,
        "currency": "DKK",
        "period": {"start_date": "2026-11-03", "end_date": "2026-11-09"},
        "payout": {
            "amount": 98000,
            "date": "2026-11-12",
            "cancelled_date": None,
            "reference_number": "1234567808",
            "descriptor": "CH1234567 2026-11-12",
        },
        "summary": {
            "sales": 110000,
            "credits": 0,
            "refunds": -10000,
            "chargebacks": 0,
            "fees": -2000,
            "other_postings": 0,
            "net": 98000,
        },
        "reserve": None,
        "fees": {"sales": -1500, "refunds": 0, "wire_transfer": -500, "total": -2000},
        "other_postings": [],
    } | changes


def _transaction(name: str, kind: str, gross: int, fees: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "processed_at": "2026-11-04T10:11:12.123456",
        "amount": abs(gross),
        "currency": "DKK",
        "reference": f"order-{name}",
        "card": {"cardholder": "Kunde 1"},
        "settlement": {
            "amount_gross": gross,
            "amount_net": gross + fees,
            "fees": fees,
            "fee_details": [],
            "currency": "DKK",
        },
    } | changes


TWO = [
    _transaction("t1", "capture", 100000, -1400),
    _transaction("t2", "capture", 10000, -100),
    _transaction("t3", "refund", -10000, 0),
]


def test_the_documented_shape_is_read() -> None:
    found = payout_of(read(_row()), TWO)
    assert problems_of(found) == []
    assert [(one.kind, one.order, one.gross.ore, one.fee.ore, one.text) for one in found.lines] == [
        (Movement.SALE, "order-t1", 100000, -1400, ""),
        (Movement.SALE, "order-t2", 10000, -100, ""),
        (Movement.REFUND, "order-t3", -10000, 0, ""),
        (Movement.FEE, "", 0, -500, "wire_transfer"),
    ]
    assert (found.account, found.net, found.bank_text) == ("1234567", Money(98000), "CH1234567 2026-11-12")
    assert found.lines[0].at == datetime(2026, 11, 4, 10, 11, 12, 123456, tzinfo=UTC)
    assert "Kunde" not in repr(found)


def test_a_fee_of_authorisations_is_a_line_of_its_own_only_where_no_transaction_has_it() -> None:
    fees = {"sales": -1500, "authorisations": -500}
    alone = payout_of(read(_row(fees=fees)), TWO)
    assert [(one.fee.ore, one.text) for one in alone.lines[3:]] == [(-500, "authorisations")]
    told_there = payout_of(read(_row(fees=fees)), [*TWO, _transaction("t4", "authorization", 0, -500)])
    assert [(one.id, one.fee.ore, one.text) for one in told_there.lines[3:]] == [("t4", -500, "authorization")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fees": {"sales": -1500, "wire_transfer": -499}}, "summary_sum"),
        ({"other_postings": [{"date": "2026-11-09", "text": "x", "amount": 1}]}, "summary_sum"),
        ({"payout": _row()["payout"] | {"amount": 98001}}, "payout_sum"),
        ({"reserve": {"amount": 100, "date": "2027-02-01"}}, "payout_sum"),
        ({"summary": _row()["summary"] | {"net": 98001}}, "summary_sum"),
        ({"summary": _row()["summary"] | {"sales": 110001, "fees": -2001}}, "transactions_sum"),
        ({"summary": _row()["summary"] | {"credits": -1, "sales": 110001}}, "transactions_sum"),
        ({"fees": {}, "summary": _row()["summary"]}, "transactions_sum"),
        ({"fees": {"sales": -1999, "wire_transfer": -1}}, "transactions_sum"),
    ],
)
def test_an_oere_of_difference_anywhere_is_told(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Unsound) as raised:
        payout_of(read(_row(**changes)), TWO)
    assert code in [problem.code for problem in raised.value.problems]
    for problem in raised.value.problems:
        for language in LANGUAGES:
            assert problem.text.render(language).endswith(".")


def test_a_kind_that_is_not_known_is_named() -> None:
    with pytest.raises(Unsound, match="unknown_kind") as raised:
        payout_of(read(_row()), [*TWO, _transaction("t4", "debit", 500, 0)])
    assert "debit" in raised.value.problems[0].text.render("da")


def test_transactions_without_their_settlement_are_waited_for_but_not_where_the_sums_hold_without_them() -> None:
    waiting = {name: value for name, value in TWO[1].items() if name != "settlement"}
    with pytest.raises(NotYet):
        payout_of(read(_row()), [TWO[0], waiting, TWO[2]])
    declined = waiting | {"id": "declined"}
    assert len(payout_of(read(_row()), [*TWO, declined]).lines) == 4


def test_a_settlement_that_is_not_told_whole_is_tried_again_and_after_two_weeks_told(
    make: Make, bend: Bend, clock: SimulatedClock
) -> None:
    def unsettled(rows: Any) -> None:
        for row in rows:
            if row["id"] == "b-1":
                row["settlement"] = None

    cursor = next(make().payouts("")).cursor
    bend("transactions", unsettled)
    batches = list(make().payouts(cursor))
    assert [one.id for one in given_by(batches)] == ["c", "whole-reserve"]
    assert codes(batches) == []
    clock.advance(5 * 86_400)
    assert codes(list(make().payouts(batches[-1].cursor))) == ["not_settled"]
    bend("transactions", as_it_is)
    assert [one.id for one in given_by(list(make().payouts(batches[-1].cursor)))] == ["b"]


def test_a_cancelled_payout_is_not_given_and_one_that_was_given_is_told(make: Make, bend: Bend) -> None:
    def cancelled(rows: Any) -> None:
        next(row for row in rows if row["id"] == "b")["payout"]["cancelled_date"] = "2026-11-13"

    before = list(make().payouts(""))
    bend("settlements", cancelled)
    assert [one.id for one in given_by(list(make().payouts("")))] == ["whole", "c", "whole-reserve"]
    (batch,) = make().payouts(before[-1].cursor)
    assert [problem.code for problem in batch.problems] == ["cancelled"]
    assert (batch.payouts, batch.cursor) == ((), before[-1].cursor)


def test_a_settlement_that_can_not_be_read_is_told_and_does_not_hold_up_the_others(make: Make, bend: Bend) -> None:
    def odd(rows: Any) -> None:
        next(row for row in rows if row["id"] == "b")["payout"]["amount"] = "245,39"

    bend("settlements", odd)
    batches = list(make().payouts(""))
    assert codes(batches) == ["unreadable"]
    assert [one.id for one in given_by(batches)] == ["whole", "c", "whole-reserve"]
    bend("settlements", as_it_is)
    assert [one.id for one in given_by(list(make().payouts(batches[-1].cursor)))] == ["b"]


# --- keys, faults, bounds ------------------------------------------------------------------------------------------


def test_a_check_is_a_token_and_one_call_that_writes_nothing(make: Make, box: Sandbox) -> None:
    make().check()
    assert [(call.method, call.path) for call in box.calls] == [
        ("POST", "/clearhaus/oauth/token"),
        ("GET", "/clearhaus/settlements"),
    ]


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("another", CLEARHAUS_CLIENT_SECRET), (CLEARHAUS_CLIENT_ID, "wrong"), ("", ""), ("æøå", "x"), ("a\nb", "x")],
)
def test_refused_keys_stop_the_connection(make: Make, client_id: str, secret: str) -> None:
    outcomes: list[DashboardError | None] = []
    with pytest.raises(ConnectionStopped) as raised:
        make(client_id, secret, on_outcome=outcomes.append).check()
    assert outcomes == [raised.value]
    assert "Clearhaus" in raised.value.text.render("da")


def test_a_token_is_kept_for_its_life_and_one_that_ended_early_is_renewed(
    make: Make, box: Sandbox, clock: SimulatedClock
) -> None:
    source = make()
    source.check()
    source.check()
    assert paths(box).count("/oauth/token") == 1
    box.expire_tokens()
    source.check()
    assert paths(box).count("/oauth/token") == 2
    clock.advance(3600)
    box.calls.clear()
    source.check()
    assert [call.status for call in box.calls] == [200, 200], "an old token is not even tried"


def test_a_refusal_with_a_new_token_stops_the_connection(make: Make, box: Sandbox) -> None:
    source = make()
    source.check()
    box.fault("status", path=SETTLEMENTS, status=401, times=2)
    with pytest.raises(ConnectionStopped):
        source.check()


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("status", {"status": 403}, ConnectionStopped),
        ("status", {"status": 404}, NotFound),
        ("status", {"status": 400}, NotUnderstood),
        ("status", {"status": 418}, Refused),
        ("status", {"status": 302}, DashboardError),
        ("status", {"status": 500, "times": 3}, TryLater),
        ("status", {"status": 200, "body": []}, DashboardError),
        ("status", {"status": 200, "body": {}}, DashboardError),
        ("status", {"status": 200, "body": {"_embedded": {"ch:settlements": [{"id": 7}]}}}, DashboardError),
        ("status", {"status": 200, "body": {"_embedded": {"ch:settlements": [], "_links": 1}}}, None),
        ("garbage", {"times": 3}, TryLater),
        ("reset", {"times": 3}, TryLater),
        ("drop", {"times": 3}, TryLater),
        ("status", {"status": 503}, None),
        ("reset", {}, None),
    ],
)
def test_trouble_on_the_way_is_told_by_what_to_do_next(
    make: Make, box: Sandbox, kind: Any, options: Any, error: type[DashboardError] | None
) -> None:
    outcomes: list[DashboardError | None] = []
    box.fault(kind, path=SETTLEMENTS, **options)
    if error is None:
        list(make(on_outcome=outcomes.append).payouts(""))
        assert outcomes == [None]
        return
    with pytest.raises(error) as raised:
        list(make(on_outcome=outcomes.append).payouts(""))
    assert outcomes == [raised.value]
    for language in LANGUAGES:
        assert "Clearhaus" in raised.value.text.render(language)


def test_too_many_calls_are_answered_with_the_wait_that_is_asked_for(make: Make, box: Sandbox) -> None:
    box.fault("status", path=SETTLEMENTS, status=429, retry_after=17)
    with pytest.raises(TryLater) as raised:
        make().check()
    assert raised.value.seconds == 17
    assert paths(box).count("/settlements") == 1, "it is not asked again at once"


def test_what_was_read_before_a_fault_is_given_and_the_rest_comes_next_time(make: Make, box: Sandbox) -> None:
    box.fault("status", path="/b/transactions$", status=429)
    found: list[Batch] = []
    with pytest.raises(TryLater):
        found.extend(make().payouts(""))
    batches: Iterator[Batch] = make().payouts("")
    box.fault("status", path="/b/transactions$", status=429)
    first = next(batches)
    with pytest.raises(TryLater):
        next(batches)
    assert [one.id for one in first.payouts] == ["whole"]
    assert [one.id for one in given_by(list(make().payouts(first.cursor)))] == ["b", "c", "whole-reserve"]


def test_a_slow_answer_is_not_waited_for(make: Make, box: Sandbox) -> None:
    box.fault("delay", path=SETTLEMENTS, delay=0.4, times=3)
    with pytest.raises(TryLater):
        make(timeout=(5.0, 0.05)).check()


def test_a_list_that_never_ends_is_an_error(make: Make, box: Sandbox) -> None:
    list(make().payouts(""))

    def endless(answer: Any) -> None:
        answer["_links"]["next"] = {"href": "?page=2"}

    told(box, endless, SETTLEMENTS)
    box.faults[-1].times = 9
    with pytest.raises(DashboardError) as raised:
        list(make().payouts(""))
    assert not isinstance(raised.value, TryLater)


def test_a_large_answer_and_a_long_fetch_are_cut_off(make: Make, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "ANSWER_BYTES", 100)
    with pytest.raises(TryLater):
        make().check()
    monkeypatch.setattr(calls, "ANSWER_BYTES", 10_000_000)
    monkeypatch.setattr(calls, "PATIENCE", -1.0)
    with pytest.raises(TryLater):
        make().check()


def test_every_call_is_paid_for(make: Make, box: Sandbox) -> None:
    spent: list[int] = []
    list(make(spend=lambda: spent.append(1)).payouts(""))
    assert len(spent) == len(box.calls)

    def none_left() -> None:
        raise TryLater(calls.WAIT)

    box.calls.clear()
    with pytest.raises(TryLater):
        make(spend=none_left).check()
    assert box.calls == []


@pytest.mark.parametrize("fault", ["status", "garbage", "reset"])
def test_no_secret_is_in_an_error_or_in_the_log(
    make: Make, box: Sandbox, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    times = 3 if fault == "reset" else 1
    box.fault(fault, path="^/clearhaus/oauth", times=times, **({"status": 401} if fault == "status" else {}))
    source = make()
    with pytest.raises(DashboardError) as raised:
        source.check()
    source.check()
    said = caplog.text + repr(raised.value) + raised.value.detail + repr(vars(source)) + repr(raised.value.__dict__)
    assert CLEARHAUS_CLIENT_SECRET not in said
    assert "Basic " not in said
    assert "Bearer " not in said


@pytest.mark.parametrize("cursor", ["{", "[]", "null", '{"from": 1, "given": {}}', '{"from": "2026-11-01"}', "x" * 99])
def test_a_cursor_that_can_not_be_read_begins_anew(make: Make, cursor: str) -> None:
    assert len(given_by(list(make().payouts(cursor)))) == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_answer_whatever_gives_a_payout_whose_sums_do_not_hold(data: st.DataObject) -> None:
    row, transactions = copy.deepcopy(_row()), copy.deepcopy(TWO)
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = data.draw(st.sampled_from([row, *transactions]))
        while True:
            key = data.draw(st.sampled_from(sorted(place)))
            if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
                break
            place = place[key]
        place[key] = data.draw(JSON | st.integers(-(10**6), 10**6))
    try:
        found = payout_of(read(json.loads(json.dumps(row))), transactions)
    except (Unsound, Unreadable, NotYet):
        return
    assert problems_of(found) == []
    assert found.net == Money(row["payout"]["amount"], row["currency"])


# --- the environment -----------------------------------------------------------------------------------------------


def test_the_sandbox_is_found_by_its_variables_and_by_those_of_before(box: Sandbox) -> None:
    told_all = box.environment()
    environment = Environment.read(told_all)
    assert (environment.clearhaus_url, environment.vipps_url) == (f"{box.url}/clearhaus", f"{box.url}/vipps")
    assert environment.clearhaus_client_id == CLEARHAUS_CLIENT_ID
    before = {name: value for name, value in told_all.items() if not name.startswith(("CLEARHAUS_", "VIPPS_"))}
    assert Environment.read(before).clearhaus_url == environment.clearhaus_url
    assert Environment.read({}).clearhaus_url == "https://merchant.clearhaus.com"
    shown = repr(environment)
    assert not [value for name, value in told_all.items() if "SECRET" in name or "_KEY" in name if value in shown]
    named = Environment.read({"DINERO_BANK_ACCOUNT": " 55000 ", "DINERO_FEE_ACCOUNT": "7420", "VIPPS_MSN": "1"})
    assert (named.bank_account, named.fee_account, named.vipps_msn) == ("55000", "7420", "1")
    with pytest.raises(SettingsError):
        Environment.read({"CLEARHAUS_URL": box.url})
    with pytest.raises(SettingsError):
        Environment.read({"VIPPS_URL": "http://api.vipps.no"})


def test_patience_and_look_back_are_longer_than_a_week() -> None:
    assert clearhaus_api.LOOK_BACK > clearhaus_api.PATIENCE > timedelta(days=7)
