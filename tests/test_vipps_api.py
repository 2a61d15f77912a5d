"""Vipps MobilePay over its Report API: a payout is all that moved the funds since the one before, or none."""

import copy
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinero.acquirers.fields import Unreadable
from dinero.acquirers.source import Batch, PayoutSource
from dinero.acquirers.vipps_api import VippsMobilePay
from dinero.acquirers.vipps_lines import payout_of, read
from dinero.model.clock import SimulatedClock
from dinero.model.errors import ConnectionStopped, DashboardError, NotFound, NotUnderstood, SettingsError, TryLater
from dinero.model.i18n import LANGUAGES
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem, problems_of
from dinero.sandbox import Sandbox, acquirers
from dinero.sandbox.acquirers import (
    MSN,
    VIPPS_CLIENT_ID,
    VIPPS_CLIENT_SECRET,
    VIPPS_SUBSCRIPTION_KEY,
)

SINCE = date(2026, 11, 1)  # the clock stands on 24 November 2026
DAY = 86_400


def line(name: str, on: date, kind: Movement, gross: int, fee: int = 0, order: str = "", text: str = "") -> PayoutLine:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    amounts = Money(gross), Money(fee), Money(gross + fee)
    own = name if kind in (Movement.SALE, Movement.REFUND) else f"{name}:{on}"
    return PayoutLine(0, kind, own, *amounts, order=order, transaction=name, at=at, text=text)


def payout(name: str, on: date, *lines: PayoutLine, first: date | None = None, is_gross: bool = False) -> Payout:
    lines = lines or (line(f"{name}-1", on, Movement.SALE, 24900, -361, "1001"),)
    lines = tuple(replace(one, row=row) for row, one in enumerate(lines, 1))
    net = Money(sum(one.net.ore for one in lines))
    return Payout(
        *("vipps_mobilepay", MSN, name, on, net, lines),
        bank_text=f"Udb. {name} Vippsnr {MSN}",
        first_day=first or on,
        last_day=on,
        is_gross=is_gross,
    )


MONDAY, THIRD, FOURTH = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)
WEEK = payout(
    "2000002",
    date(2026, 11, 9),
    line("p1", THIRD, Movement.SALE, 100000, -1450, "1001"),
    line("p2", FOURTH, Movement.SALE, 24900, -361, "1002"),
    line("p3", FOURTH, Movement.REFUND, -24900, 0, "1001"),
    line("p4", date(2026, 11, 5), Movement.CHARGEBACK, -5000, 0, "1000", "retained-disputed-capture"),
    line("p5", date(2026, 11, 6), Movement.CHARGEBACK_RETURNED, 5000, 0, "1000", "returned-disputed-capture"),
    line("p6", date(2026, 11, 6), Movement.CORRECTION, 1234, 0, text="correction"),
    line("p7", date(2026, 11, 6), Movement.OTHER, 100, 0, text="credit-note"),
    line("302321-2000001", date(2026, 11, 7), Movement.OTHER, 24539, 0, text="payout-aborted"),
    line("p8", date(2026, 11, 8), Movement.OTHER, 10, 0, text="top-up"),
    line("p0", date(2026, 11, 8), Movement.FEE, 0, -75, "0999", "capture-fee"),
    first=THIRD,
)
PAYOUTS = [
    payout("2000001", MONDAY),
    WEEK,
    payout(
        "2000003",
        date(2026, 11, 16),
        line("g1", date(2026, 11, 10), Movement.SALE, 5000, 0, "1003"),
        first=date(2026, 11, 10),
    ),
    payout("2000004", date(2026, 11, 23)),
]


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    before = payout("2000000", date(2026, 10, 26))
    sandbox.payouts = [before, *PAYOUTS]
    return sandbox


Make = Callable[..., VippsMobilePay]
Bend = Callable[[str, Callable[[Any], None]], None]


@pytest.fixture
def make(box: Sandbox, clock: SimulatedClock) -> Make:
    def made(
        client_id: str = VIPPS_CLIENT_ID,
        secret: str = VIPPS_CLIENT_SECRET,
        subscription: str = VIPPS_SUBSCRIPTION_KEY,
        msn: str = MSN,
        since: date = SINCE,
        **options: Any,
    ) -> VippsMobilePay:
        options = {"timeout": (5.0, 5.0)} | options
        return VippsMobilePay(
            f"{box.url}/vipps", client_id, secret, subscription, msn, since=since, clock=clock, **options
        )

    return made


@pytest.fixture
def bend(monkeypatch: pytest.MonkeyPatch) -> Bend:
    """The reports ("funds", "fees") are told with a change from now on."""
    real = {name: getattr(acquirers, f"{name}_of") for name in ("funds", "fees")}

    def bent(name: str, change: Callable[[Any], None]) -> None:
        def rows(*arguments: Any) -> Any:
            found = real[name](*arguments)
            change(found)
            return found

        monkeypatch.setattr(acquirers, f"{name}_of", rows)

    return bent


def as_it_is(rows: Any) -> None:
    """No change."""


def given_by(batches: Sequence[Batch]) -> list[Payout]:
    return [one for batch in batches for one in batch.payouts]


def names(batches: Sequence[Batch]) -> list[str]:
    return [one.id for one in given_by(batches)]


def codes(batches: Sequence[Batch]) -> list[str]:
    return [problem.code for batch in batches for problem in batch.problems]


def reports(box: Sandbox) -> list[str]:
    """The reports that were asked for, as "funds 2026-11-02"."""
    parts = [call.path.split("/") for call in box.calls if "/dates/" in call.path]
    return [f"{part[-3]} {part[-1]}" for part in parts]


# --- what is read --------------------------------------------------------------------------------------------------


def test_payouts_are_read_to_the_oere_with_their_orders_fees_and_everything_else(make: Make) -> None:
    source: PayoutSource = make()
    found = given_by(list(source.payouts("")))
    assert found == PAYOUTS
    assert [problems_of(one) for one in found] == [[]] * 4


def test_what_was_given_is_never_given_again_whichever_cursor_was_kept_last(make: Make) -> None:
    batches = list(make().payouts(""))
    for place, batch in enumerate(batches, 1):
        assert given_by(list(make().payouts(batch.cursor))) == given_by(batches[place:])


def test_a_day_is_read_once_when_it_is_finished_and_once_more_with_its_payout(
    make: Make, box: Sandbox, clock: SimulatedClock
) -> None:
    cursor = list(make().payouts(""))[-1].cursor
    box.payouts.append(payout("2000005", date(2026, 11, 27)))
    asked = []
    for _ in range(4):
        box.calls.clear()
        for _ in range(3):
            batches = list(make().payouts(cursor))
            cursor = batches[-1].cursor if batches else cursor
        asked.append(reports(box))
        clock.advance(DAY)
    assert asked[:3] == [[], ["funds 2026-11-24"], ["funds 2026-11-25"]]
    box.calls.clear()
    batches = list(make().payouts(cursor))
    assert names(batches) == ["2000005"]
    assert reports(box).count("funds 2026-11-27") == 1
    assert reports(box).count("funds 2026-11-26") == 1


def test_nothing_from_before_the_first_date_is_given_and_the_first_payout_is_whole(make: Make) -> None:
    assert names(list(make(since=date(2026, 11, 3)).payouts(""))) == ["2000002", "2000003", "2000004"]
    assert given_by(list(make(since=date(2026, 11, 9)).payouts("")))[0] == WEEK
    assert names(list(make(since=date(2026, 11, 24)).payouts(""))) == []


def test_today_is_not_read(make: Make, box: Sandbox, clock: SimulatedClock) -> None:
    box.payouts.append(payout("2000005", date(2026, 11, 24)))
    batches = list(make().payouts(""))
    assert "2000005" not in names(batches)
    assert "2026-11-24" not in " ".join(reports(box))
    clock.advance(DAY)
    assert names(list(make().payouts(batches[-1].cursor))) == ["2000005"]


def test_a_day_that_is_not_finished_there_is_waited_for_and_told_after_a_week(
    make: Make, box: Sandbox, clock: SimulatedClock
) -> None:
    later = {"cursor": "", "tryLater": True, "items": []}
    box.fault("status", path="funds/dates/2026-11-23", status=200, body=later)
    batches = list(make().payouts(""))
    assert names(batches) == ["2000001", "2000002", "2000003"]
    box.fault("status", path="fees/dates/2026-11-23", status=200, body=later)
    assert given_by(list(make().payouts(batches[-1].cursor))) == []
    assert names(list(make().payouts(batches[-1].cursor))) == ["2000004"]
    clock.advance(8 * DAY)
    box.fault("status", path="funds/dates/2026-11-23", status=200, body=later)
    with pytest.raises(DashboardError) as raised:
        list(make().payouts(batches[-1].cursor))
    assert "en uge" in raised.value.text.render("da")


def test_long_days_are_read_page_by_page(make: Make, box: Sandbox) -> None:
    lines = [line(f"x{n}", MONDAY, Movement.SALE, 100 + n, -1, str(n)) for n in range(25)]
    box.payouts = [payout("2000001", MONDAY, *lines)]
    box.acquirers.page_size = 10
    (found,) = given_by(list(make().payouts("")))
    assert found.lines == tuple(replace(one, row=row) for row, one in enumerate(lines, 1))
    asked = [call.query.get("cursor") for call in box.calls if call.path.endswith("funds/dates/2026-11-02")]
    assert asked == [None, "10", "20"]


def test_the_whole_sale_is_paid_where_the_fees_are_invoiced(make: Make, box: Sandbox, bend: Bend) -> None:
    gross = payout("2000001", MONDAY, line("a", MONDAY, Movement.SALE, 24900, 0, "1001"), is_gross=True)
    box.payouts = [gross]
    day = MONDAY.isoformat()

    def invoiced(rows: Any) -> None:
        told = {"ledgerDate": day, "currency": "DKK", "time": f"{day}T12:00:00Z"}
        rows += [
            {"entryType": "capture-fee", "pspReference": "a", "amount": -361, "balanceBefore": 0, "balanceAfter": -361}
            | told,
            {"entryType": "fees-invoiced", "pspReference": "i", "amount": 361, "balanceBefore": -361, "balanceAfter": 0}
            | told,
        ]

    bend("fees", invoiced)
    assert given_by(list(make().payouts(""))) == [gross]


def test_several_fees_of_one_capture_are_one_fee() -> None:
    found, problems = made(FUNDS, FEES)
    assert problems == []
    assert found is not None
    assert [(one.order, one.gross.ore, one.fee.ore) for one in found.lines] == [
        ("A-1", 10000, -500),
        ("A-2", 20000, -400),
        ("A-1", -10000, 0),
    ]
    assert (found.id, found.net, found.bank_text) == ("2000023", Money(19100), "Udb. 2000023 Vippsnr 654321")


def entry(kind: str, ore: int, before: int, name: str, order: str = "", **changes: Any) -> dict[str, Any]:
    """An entry in the shape that Vipps MobilePay documents."""
    told = {
        "pspReference": name,
        "time": "2026-11-02T16:33:00.824993+01:00",
        "ledgerDate": "2026-11-02",
        "entryType": kind,
        "currency": "DKK",
        "amount": ore,
        "balanceBefore": before,
        "balanceAfter": before + ore,
        "recipientHandle": f"api:{MSN}",
    }
    return told | ({"reference": order} if order else {}) | changes


FUNDS = [
    entry("capture", 10000, 0, "1", "A-1"),
    entry("capture", 20000, 10000, "2", "A-2"),
    entry("refund", -10000, 30000, "3", "A-1"),
    entry("fees-retained", -900, 20000, "F"),
    entry("scheduled-for-payout", -19100, 19100, "2000023", "Udb. 2000023 Vippsnr 654321"),
]
FEES = [
    entry("capture-fee", -400, 0, "1", "A-1"),
    entry("capture-fee", -100, -400, "1", "A-1"),
    entry("capture-fee", -400, -500, "2", "A-2"),
    entry("fees-retained", 900, -900, "F", "F"),
]


def made(funds: Sequence[Any], fees: Sequence[Any], left: int | None = 0) -> tuple[Payout | None, Sequence[RowProblem]]:
    """The payout of these entries."""
    return payout_of(MSN, "302321", [read(row) for row in funds], [read(row) for row in fees], left)


def test_what_stays_on_the_ledger_is_a_reserve_and_comes_back_from_it() -> None:
    kept = [entry("capture", 30000, 500, "1", "A-1"), entry("payout-scheduled", -29000, 30500, "302321-7", "Udb. 7")]
    found, problems = made(kept, [], left=500)
    assert problems == []
    assert found is not None
    assert (found.id, found.net) == ("7", Money(29000))
    assert [(one.kind, one.net.ore) for one in found.lines] == [(Movement.SALE, 30000), (Movement.RESERVE, -1000)]
    back = [entry("capture", 100, 1500, "2", "A-2"), entry("payout-scheduled", -1600, 1600, "302321-8", "Udb. 8")]
    found, problems = made(back, [], left=1500)
    assert problems == []
    assert found is not None
    assert [(one.kind, one.net.ore) for one in found.lines] == [(Movement.SALE, 100), (Movement.RESERVE_RELEASED, 1500)]


@pytest.mark.parametrize("left", [None, 0, 400])
def test_a_payout_must_begin_where_the_one_before_it_ended(left: int | None) -> None:
    rows = [entry("capture", 30000, 500, "1", "A-1"), entry("payout-scheduled", -30500, 30500, "302321-7", "Udb. 7")]
    found, problems = made(rows, [], left)
    assert (found, [problem.code for problem in problems]) == (None, ["balance"])


def test_one_capture_may_be_disputed_charged_late_and_corrected_several_times() -> None:
    funds = [
        entry("retained-disputed-capture", -5000, 0, "1", "A-1"),
        entry("returned-disputed-capture", 5000, -5000, "1", "A-1"),
        entry("retained-disputed-capture", -5000, 0, "1", "A-1"),
        entry("capture", 10000, -5000, "2", "A-2"),
        entry("fees-retained", -310, 5000, "F"),
        entry("payout-scheduled", -4690, 4690, "302321-9", "Udb. 9"),
    ]
    fees = [
        entry("capture-fee", -100, 0, "2", "A-2"),
        entry("capture-fee", -200, -100, "1", "A-1"),
        entry("capture-fee", -20, -300, "1", "A-1"),
        entry("correction", 10, -320, "1", "A-1"),
        entry("fees-retained", 310, -310, "another number"),
    ]
    found, problems = made(funds, fees)
    assert problems == []
    assert found is not None
    assert [(one.id, one.kind, one.net.ore) for one in found.lines] == [
        ("1:2026-11-02", Movement.CHARGEBACK, -5000),
        ("1:2026-11-02", Movement.CHARGEBACK_RETURNED, 5000),
        ("1:2026-11-02:2", Movement.CHARGEBACK, -5000),
        ("2", Movement.SALE, 9900),
        ("1:2026-11-02", Movement.FEE, -200),
        ("1:2026-11-02:2", Movement.FEE, -20),
        ("1:2026-11-02:3", Movement.FEE, 10),
    ]


def test_all_that_the_sandbox_pays_out_is_read_with_every_order(clock: SimulatedClock) -> None:
    with Sandbox(orders=300, clock=clock, returns=True) as box:
        keys = VIPPS_CLIENT_ID, VIPPS_CLIENT_SECRET, VIPPS_SUBSCRIPTION_KEY, MSN
        source = VippsMobilePay(f"{box.url}/vipps", *keys, since=date(2026, 1, 1), clock=clock)
        paid_out = [one for one in box.payouts if one.acquirer == "vipps_mobilepay"]
        read_again = given_by(list(source.payouts("")))
    assert len(paid_out) > 10
    for found, expected in zip(read_again, paid_out, strict=True):
        assert (found.key, found.net, found.bank_text) == (expected.key, expected.net, expected.bank_text)
        assert [(one.kind, one.gross, one.fee, one.order, one.at) for one in found.lines] == [
            (one.kind, one.gross, one.fee, one.order, one.at) for one in expected.lines
        ]


def test_a_payout_is_dated_by_its_ledger_where_the_bank_has_it_later(make: Make, box: Sandbox) -> None:
    box.payouts = [replace(payout("2000001", MONDAY), paid_on=FOURTH)]
    (found,) = given_by(list(make().payouts("")))
    assert (found.paid_on, found.last_day) == (MONDAY, MONDAY)


def test_a_payout_whose_entry_is_missing_is_not_taken_for_the_next_one(make: Make, bend: Bend) -> None:
    def without(rows: Any) -> None:
        del rows[next(number for number, row in enumerate(rows) if row["pspReference"] == "302321-2000003")]

    bend("funds", without)
    batches = list(make().payouts(""))
    assert (names(batches), codes(batches)) == (["2000001", "2000002"], ["balance"])


SAMPLES = Path(__file__).parents[2] / "shared" / "payouts" / "samples"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendor's example is not ours to publish")
def test_the_vendors_own_example_is_read() -> None:
    topics = ("funds", "fees")
    funds, fees = (json.loads((SAMPLES / f"vipps-report-api-{topic}.json").read_text())["items"] for topic in topics)
    found, problems = made(funds, fees)
    assert problems == []
    assert found is not None
    assert (found.id, found.net, found.sold, found.fees) == (
        "2000023",
        Money(28800, "NOK"),
        Money(40000, "NOK"),
        Money(-1200, "NOK"),
    )


# --- what can't be used --------------------------------------------------------------------------------------------


def test_a_payout_that_can_not_be_used_is_told_held_and_given_when_it_is_mended(
    make: Make, bend: Bend, clock: SimulatedClock, box: Sandbox
) -> None:
    def unknown(rows: Any) -> None:
        next(row for row in rows if row["pspReference"] == "p6")["entryType"] = "cashback"

    bend("funds", unknown)
    batches = list(make().payouts(""))
    assert codes(batches) == ["unknown_kind"]
    assert "cashback" in next(batch for batch in batches if batch.problems).problems[0].text.render("da")
    assert names(batches) == ["2000001", "2000003", "2000004"], "the others are not held up by it"
    again = list(make().payouts(batches[-1].cursor))
    assert (codes(again), names(again)) == (["unknown_kind"], []), "it is told again"
    assert [batch.cursor for batch in again] == [batches[-1].cursor]
    bend("funds", as_it_is)
    box.payouts.append(payout("2000005", date(2026, 11, 24)))
    clock.advance(DAY)
    mended = list(make().payouts(batches[-1].cursor))
    assert given_by(mended)[0] == WEEK
    assert names(mended) == ["2000002", "2000005"]
    assert list(make().payouts(mended[-1].cursor)) == []


def test_what_is_held_is_let_go_when_the_first_date_is_moved_past_it(make: Make, bend: Bend) -> None:
    bend("funds", lambda rows: rows[3].update(amount=1))
    cursor = list(make().payouts(""))[-1].cursor
    later = list(make(since=date(2026, 11, 20)).payouts(cursor))
    assert (codes(later), names(later)) == ([], [])
    assert list(make().payouts(later[-1].cursor)) == []


def test_a_cursor_that_was_kept_after_a_problem_still_leads_back_to_it(make: Make, bend: Bend) -> None:
    bend("funds", lambda rows: rows[3].update(amount=1))
    batches = list(make().payouts(""))
    for place, batch in enumerate(batches):
        bend("funds", as_it_is)
        rest = names(list(make().payouts(batch.cursor)))
        given_before = names(batches[: place + 1])
        assert sorted([*given_before, *rest]) == ["2000001", "2000002", "2000003", "2000004"]


@pytest.mark.parametrize(
    ("place", "changes", "code"),
    [
        (0, {"balanceAfter": 10001}, "balance"),
        (1, {"balanceBefore": 9999, "balanceAfter": 29999}, "balance"),
        (1, {"amount": 20001, "balanceAfter": 30001}, "balance"),
        (3, {"amount": -899, "balanceAfter": 19101}, "balance"),
        (0, {"entryType": "cashback"}, "unknown_kind"),
        (0, {"entryType": "payout-scheduled"}, "unknown_kind"),
        (1, {"currency": "NOK"}, "line_currency"),
        (3, {"currency": "NOK"}, "line_currency"),
        (1, {"pspReference": "1"}, "line_twice"),
        (0, {"balanceBefore": 1, "balanceAfter": 10001}, "balance"),
    ],
)
def test_an_entry_that_does_not_fit_gives_no_payout(place: int, changes: dict[str, Any], code: str) -> None:
    rows = copy.deepcopy(FUNDS)
    rows[place] |= changes
    found, problems = made(rows, FEES)
    assert found is None
    assert code in [problem.code for problem in problems]
    for problem in problems:
        for language in LANGUAGES:
            assert problem.text.render(language).endswith(".")


def test_a_missing_entry_is_found_wherever_it_is() -> None:
    for topic in (FUNDS, FEES):
        for place in range(len(topic) - (topic is FUNDS)):
            funds, fees = ([row for row in rows if row is not topic[place]] for rows in (FUNDS, FEES))
            found, problems = made(funds, fees)
            assert (found, bool(problems)) == (None, True), (topic[place], problems)


def test_fees_that_are_not_those_of_the_sales_are_told_with_both_figures() -> None:
    fees = [
        FEES[0],
        FEES[1] | {"amount": -99, "balanceAfter": -499},
        FEES[2] | {"balanceBefore": -499, "balanceAfter": -899},
    ]
    last = FEES[3] | {"amount": 900, "balanceBefore": -899, "balanceAfter": 1}
    found, (problem,) = made(FUNDS, [*fees, last])
    assert found is None
    assert "−9,00" in problem.text.render("da")
    assert "−8,99" in problem.text.render("da")


def test_a_payout_that_is_not_the_last_of_its_day_stops_there(make: Make, bend: Bend) -> None:
    def more(rows: Any) -> None:
        place = next(number for number, row in enumerate(rows) if row["pspReference"] == "302321-2000002")
        rows.insert(place + 1, rows[place] | {"entryType": "capture", "pspReference": "late"})

    bend("funds", more)
    batches = list(make().payouts(""))
    assert codes(batches) == ["payout_not_last"]
    assert names(batches) == ["2000001"]
    bend("funds", as_it_is)
    assert names(list(make().payouts(batches[-1].cursor))) == ["2000002", "2000003", "2000004"]


@pytest.mark.parametrize(
    "changes", [{"amount": 1.5}, {"amount": "100"}, {"pspReference": None}, {"time": "now"}, {"currency": "kroner"}]
)
def test_an_entry_that_can_not_be_read_stops_there(make: Make, bend: Bend, changes: dict[str, Any]) -> None:
    bend("funds", lambda rows: next(row for row in rows if row["pspReference"] == "p6").update(changes))
    batches = list(make().payouts(""))
    assert (codes(batches), names(batches)) == (["unreadable"], ["2000001"])
    assert names(list(make().payouts(batches[-1].cursor))) == []


def test_an_entry_of_another_day_is_not_taken(make: Make, box: Sandbox) -> None:
    told = {"cursor": "", "tryLater": False, "items": FUNDS}
    box.fault("status", path="funds/dates/2026-11-03", status=200, body=told)
    assert codes(list(make().payouts(""))) == ["unreadable"]


# --- keys, faults, bounds ------------------------------------------------------------------------------------------


def test_a_check_is_a_token_and_one_call(make: Make, box: Sandbox) -> None:
    make().check()
    assert [(call.method, call.path) for call in box.calls] == [
        ("POST", "/vipps/accesstoken/get"),
        ("GET", "/vipps/settlement/v1/ledgers"),
    ]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("wrong", ["wrong", "", "æ", "a\r\nX-Evil: 1"])
def test_refused_keys_stop_the_connection(make: Make, place: int, wrong: str) -> None:
    keys = [VIPPS_CLIENT_ID, VIPPS_CLIENT_SECRET, VIPPS_SUBSCRIPTION_KEY, MSN]
    keys[place] = wrong
    outcomes: list[DashboardError | None] = []
    with pytest.raises(ConnectionStopped) as raised:
        make(*keys, on_outcome=outcomes.append).check()
    assert outcomes == [raised.value]
    assert "MobilePay" in raised.value.text.render("da")


def test_a_sales_unit_without_settlements_is_told(make: Make, box: Sandbox) -> None:
    box.fault("status", path="/ledgers$", status=200, body={"items": [], "cursor": ""})
    with pytest.raises(SettingsError):
        make().check()
    other = {"items": [{"ledgerId": "9", "settlesForRecipientHandles": ["api:1"]}], "cursor": ""}
    box.fault("status", path="/ledgers$", status=200, body=other)
    with pytest.raises(SettingsError):
        make().check()


def test_a_token_that_ended_early_is_renewed_in_the_middle_of_a_fetch(make: Make, box: Sandbox) -> None:
    batches = make().payouts("")
    found = [next(batches)]
    box.expire_tokens()
    found += batches
    assert given_by(found) == PAYOUTS
    assert len([call for call in box.calls if call.path.endswith("/accesstoken/get")]) == 2


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("status", {"status": 401, "times": 2}, ConnectionStopped),
        ("status", {"status": 403}, ConnectionStopped),
        ("status", {"status": 404}, NotFound),
        ("status", {"status": 400}, NotUnderstood),
        ("status", {"status": 429}, TryLater),
        ("status", {"status": 302}, DashboardError),
        ("status", {"status": 500, "times": 3}, TryLater),
        ("status", {"status": 200, "body": {}}, DashboardError),
        ("status", {"status": 200, "body": {"items": [1]}}, DashboardError),
        ("status", {"status": 200, "body": {"items": [], "cursor": 1}}, DashboardError),
        ("status", {"status": 200, "body": {"items": [], "cursor": "5"}, "times": 3}, DashboardError),
        ("garbage", {"times": 3}, TryLater),
        ("reset", {"times": 3}, TryLater),
        ("drop", {"times": 3}, TryLater),
        ("status", {"status": 503}, None),
        ("reset", {"times": 2}, None),
    ],
)
@pytest.mark.parametrize("path", ["funds/dates/2026-11-09", "fees/dates/2026-11-05"])
def test_after_any_trouble_the_rest_comes_next_time_and_nothing_twice(
    make: Make, box: Sandbox, path: str, kind: Any, options: Any, error: type[DashboardError] | None
) -> None:
    box.fault(kind, path=path, **options)
    found: list[Payout] = []
    cursor = ""
    outcomes: list[DashboardError | None] = []

    def fetch() -> None:
        nonlocal cursor
        for batch in make(on_outcome=outcomes.append).payouts(cursor):
            cursor = batch.cursor
            found.extend(batch.payouts)

    if error is not None:
        with pytest.raises(error):
            fetch()
        assert [one.id for one in found] == ["2000001"]
        assert isinstance(outcomes[0], error)
        box.faults.clear()
    fetch()
    assert found == PAYOUTS
    assert outcomes[-1] is None


def test_days_from_before_the_ledger_are_empty(make: Make, box: Sandbox) -> None:
    box.payouts = PAYOUTS
    box.fault("status", path=r"/dates/2026-(09|10)-", status=404, times=99)
    assert given_by(list(make().payouts(""))) == PAYOUTS


def test_no_secret_is_in_an_error_or_in_the_log(make: Make, box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    box.fault("reset", path="^/vipps/accesstoken", times=3)
    source = make()
    with pytest.raises(DashboardError) as raised:
        source.check()
    list(source.payouts(""))
    said = caplog.text + repr(raised.value.__dict__) + repr(vars(source))
    for secret in (VIPPS_CLIENT_SECRET, VIPPS_SUBSCRIPTION_KEY, VIPPS_CLIENT_ID, "Bearer "):
        assert secret not in said


@pytest.mark.parametrize(
    "cursor",
    [
        "{",
        "[]",
        "null",
        '{"302321": []}',
        '{"302321": ["a", "b"]}',
        '{"302321": ["2026-11-01", "2026-11-01", "0"]}',
        '{"302321": 5}',
    ],
)
def test_a_cursor_that_can_not_be_read_begins_anew(make: Make, cursor: str) -> None:
    assert given_by(list(make().payouts(cursor))) == PAYOUTS


def test_a_quiet_year_is_a_short_cursor(make: Make, box: Sandbox, clock: SimulatedClock) -> None:
    cursor = list(make().payouts(""))[-1].cursor
    clock.advance(300 * DAY)
    cursor = list(make().payouts(cursor))[-1].cursor
    assert len(cursor) < 100
    box.calls.clear()
    assert list(make().payouts(cursor)) == []
    assert reports(box) == []


ANY: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.integers(-30000, 30000) | st.text(max_size=9) | st.just([])
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_report_whatever_gives_a_payout_whose_sums_do_not_hold(data: st.DataObject) -> None:
    funds, fees = copy.deepcopy(FUNDS), copy.deepcopy(FEES)
    for _ in range(data.draw(st.integers(1, 3))):
        row: Any = data.draw(st.sampled_from([*funds, *fees]))
        row[data.draw(st.sampled_from(sorted(row)))] = data.draw(ANY)
    try:
        found, problems = made(funds, fees)
    except Unreadable:
        return
    assert (found is None) == bool(problems)
    if found is not None:
        assert problems_of(found) == []
        assert found.net.ore == -funds[-1]["amount"]


def test_the_days_are_those_of_the_ledger_and_no_more_than_six_weeks_before_the_first_date(
    make: Make, box: Sandbox
) -> None:
    list(make().payouts(""))
    assert reports(box)[0] == f"funds {SINCE - timedelta(days=45)}"
