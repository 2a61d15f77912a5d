"""What a payout becomes in the books, case by case (facts.md, Payouts 7.5), and why it is held."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinero.model.acquirers import NO_VAT, STAYS, AcquirerChoice, Way
from dinero.model.chart import Account, Chart, DepositAccount
from dinero.model.documents import State, Step
from dinero.model.ledger import ItemKind, LedgerItem, ledger_plan
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.model.settlements import LedgerEntry, LineState, PayoutState, StoredLine, StoredPayout
from dinero.rules.ledger_compare import posting_difference
from dinero.rules.payout_checks import Standing, standing
from dinero.rules.payout_plans import already_key, counter_plan, plan_payout, tied_voucher

BANK, BOOKING, RESERVE, FEES, EXCHANGE, LOSSES = 55000, 55110, 55120, 7420, 1445, 7340
DAY = date(2021, 9, 2)
CHART = Chart(
    accounts={
        number: Account(number, name, code)
        for number, name, code in [
            (FEES, "Indløsere", ""),
            (7400, "Betalingsløsning", "I25"),
            (EXCHANGE, "Valutakursdifferencer", ""),
            (LOSSES, "Tab", "U25"),
        ]
    },
    deposits={
        number: DepositAccount(number, name)
        for number, name in [(BANK, "Bank"), (BOOKING, "Webshop salg"), (RESERVE, "Reserve")]
    },
    years=((date(2021, 1, 1), date(2021, 12, 31)),),
)
CHOICE = AcquirerChoice(
    way=Way.BOOK,
    account=BOOKING,
    bank_account=BANK,
    fee_vat=NO_VAT,
    accounts={Movement.RESERVE: RESERVE, Movement.CORRECTION: LOSSES, Movement.OTHER: STAYS},
)
CHOSEN = Settings(organization="1", chart=CHART, acquirers={"clearhaus": CHOICE}, today=date(2021, 10, 1))


def chosen(choice: AcquirerChoice = CHOICE, **more: Any) -> Settings:
    return replace(CHOSEN, acquirers={"clearhaus": choice}, **more)


def a_line(kind: Movement, gross: int, fee: int = 0, **more: Any) -> StoredLine:
    values: dict[str, Any] = {"payout": 1, "place": 1, "row": 2, "line_id": "l", "state": LineState.MATCHED}
    return StoredLine(**values | {"kind": kind, "gross_ore": gross, "fee_ore": fee, "net_ore": gross + fee} | more)


def sale(gross: int, fee: int = 0, **more: Any) -> StoredLine:
    return a_line(Movement.SALE, gross, fee, **more)


def a_payout(lines: Sequence[StoredLine], **more: Any) -> StoredPayout:
    orders = sum(line.kind is Movement.SALE for line in lines)
    values: dict[str, Any] = {
        "id": 1,
        "acquirer": "clearhaus",
        "account": "1234567",
        "payout": "p1",
        "paid_on": DAY,
        "currency": "DKK",
        "net_ore": sum(line.net_ore for line in lines),
        "sold_ore": 0,
        "refunded_ore": 0,
        "fees_ore": 0,
        "other_ore": 0,
        "lines": len(lines),
        "orders": orders,
        "matched": orders,
        "bank_text": "CH1234567 2021-09-02",
    }
    return StoredPayout(**values | more)


def stands(
    lines: Sequence[StoredLine], settings: Settings = CHOSEN, others: Sequence[LedgerEntry] = (), **payout: Any
) -> Standing:
    return standing(a_payout(lines, **payout), lines, settings, others)


def codes(found: Standing) -> list[str]:
    return [finding.code for finding in found.reasons]


def posted(lines: Sequence[StoredLine], settings: Settings = CHOSEN, **payout: Any) -> list[tuple[int, int]]:
    """The postings of a payout as (account, øre)."""
    found = stands(lines, settings, **payout)
    assert found.plan is not None, codes(found)
    assert all(line.balancing == BOOKING for line in found.plan.lines)
    assert posting_difference(entries_of(found.plan), found.plan) is None
    return [(line.account, line.amount.ore) for line in found.plan.lines]


def entries_of(plan: Any) -> list[LedgerEntry]:
    """What Dinero posts of a plan without VAT."""
    sides = [(line.account, line.amount.ore, line.balancing) for line in plan.lines]
    found = [(account, ore) for account, ore, _ in sides] + [(balancing, -ore) for _, ore, balancing in sides]
    return [LedgerEntry(str(place), account, plan.on, ore) for place, (account, ore) in enumerate(found)]


# --- the postings, case by case -------------------------------------------------------------------------


def test_sold_for_249_the_bank_gets_241() -> None:
    found = stands([sale(24900, -800)])
    assert found.plan is not None
    assert posted([sale(24900, -800)]) == [(BANK, 24100), (FEES, 800)]
    assert found.plan.moved.ore == 24900
    assert found.plan.on == DAY
    assert [line.text for line in found.plan.lines] == [
        "Clearhaus udbetaling CH1234567 2021-09-02 · 1 ordre",
        "Clearhaus gebyr CH1234567 2021-09-02",
    ]
    assert {line.vat_code for line in found.plan.lines} == {NO_VAT}


REFUND = a_line(Movement.REFUND, -10000)
CHARGEBACK = a_line(Movement.CHARGEBACK, -5000, -500)
RESERVE_LINE, RELEASED = a_line(Movement.RESERVE, -3000), a_line(Movement.RESERVE_RELEASED, 3000)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([sale(100000, -1450), REFUND], [(BANK, 88550), (FEES, 1450)]),
        ([sale(100000, -1450), CHARGEBACK], [(BANK, 93050), (FEES, 1950)]),
        ([sale(100000, -1450), RESERVE_LINE], [(BANK, 95550), (FEES, 1450), (RESERVE, 3000)]),
        ([RELEASED], [(BANK, 3000), (RESERVE, -3000)]),
        ([sale(100000), RESERVE_LINE, RELEASED], [(BANK, 100000), (RESERVE, 3000), (RESERVE, -3000)]),
        ([sale(100000), a_line(Movement.FEE, 0, -5000)], [(BANK, 95000), (FEES, 5000)]),
        ([sale(100000), a_line(Movement.FEE, 0, 200)], [(BANK, 100200), (FEES, -200)]),
        ([sale(100000), a_line(Movement.CORRECTION, -700)], [(BANK, 99300), (LOSSES, 700)]),
        ([sale(100000), a_line(Movement.OTHER, -700)], [(BANK, 99300)]),
        ([sale(100000, -1450), a_line(Movement.REFUND, -98550)], [(FEES, 1450)]),
        ([sale(100000)], [(BANK, 100000)]),
    ],
    ids=[
        "a refund has no line",
        "a chargeback has none, its fee has",
        "a reserve is kept back",
        "a reserve is released",
        "both at once",
        "a fee of its own",
        "a fee that came back",
        "a correction",
        "what stays has no line",
        "a payout of zero",
        "gross settlement: the bank's line alone",
    ],
)
def test_each_case_has_its_postings(lines: list[StoredLine], expected: list[tuple[int, int]]) -> None:
    assert posted(lines) == expected


def test_with_the_owner_s_own_bank_line_the_fee_alone_moves_the_same() -> None:
    lines = [sale(100000, -1450), RESERVE_LINE]
    settings = chosen(replace(CHOICE, way=Way.FEE))
    assert posted(lines, settings) == [(FEES, 1450), (RESERVE, 3000)]
    assert stands([sale(100000)], settings).state is PayoutState.LEFT


def test_a_payout_that_is_left_unbooked_says_so_in_its_plan() -> None:
    found = stands([sale(24900, -800)], chosen(replace(CHOICE, way=Way.DRAFT)))
    assert found.plan is not None
    assert found.plan.leave_unbooked


def test_nothing_is_left_to_the_owner() -> None:
    found = stands([sale(24900, -800)], chosen(replace(CHOICE, way=Way.NOTHING)))
    assert (found.state, codes(found)) == (PayoutState.LEFT, ["left_by_choice"])


@pytest.mark.parametrize(("answer", "expected"), [("drawn", [(BANK, -5300), (FEES, 300)]), ("carried", [(FEES, 300)])])
def test_a_payout_below_zero_is_asked_about(answer: str, expected: list[tuple[int, int]]) -> None:
    lines = [sale(5000, -300), REFUND]
    assert codes(stands(lines)) == ["negative_payout"]
    assert plan_payout(a_payout(lines), lines, CHOSEN) is None
    assert posted(lines, answers={"negative_payout": answer}) == expected


def test_a_reserve_on_the_booking_account_itself_stays() -> None:
    settings = chosen(replace(CHOICE, accounts={Movement.RESERVE: BOOKING}))
    assert posted([sale(100000), RESERVE_LINE], settings) == [(BANK, 97000)]


# --- other currencies -----------------------------------------------------------------------------------

EURO: dict[str, Any] = {"sold_for_ore": 10000, "sold_for_currency": "EUR", "order_id": "7", "shop": "shoporama"}


@pytest.mark.parametrize("state", [LineState.MATCHED, LineState.DIFFERS])
def test_the_difference_of_a_sale_in_euro_goes_to_the_account_of_exchange(state: LineState) -> None:
    lines = [sale(74000, -1000, registered_ore=74600, state=state, **EURO)]
    assert codes(stands(lines)) == ["exchange_account_unnamed"]
    settings = chosen(exchange_account=EXCHANGE)
    assert posted(lines, settings) == [(BANK, 73000), (FEES, 1000), (EXCHANGE, 600)]
    back = [a_line(Movement.REFUND, -74000, registered_ore=-74600, **EURO), sale(200000)]
    assert posted(back, settings)[-1] == (EXCHANGE, -600)


def test_a_sale_in_euro_that_is_not_registered_yet_waits_for_its_order() -> None:
    lines = [sale(74000, state=LineState.NOT_TRANSFERRED, **EURO)]
    assert codes(stands(lines)) == ["exchange_open"]
    assert posted(lines, answers={"exchange_open": "without"}) == [(BANK, 74000)]


def test_a_difference_that_no_exchange_rate_makes_is_asked_about() -> None:
    lines = [sale(37000, registered_ore=74600, **EURO)]
    settings = chosen(exchange_account=EXCHANGE)
    assert codes(stands(lines, settings)) == ["exchange_far"]
    assert posted(lines, settings, answers={"exchange_far": "stays"}) == [(BANK, 37000)]
    assert posted(lines, settings, answers={"exchange_far": "exchange"}) == [(BANK, 37000), (EXCHANGE, 37600)]


def test_another_amount_of_an_order_in_kroner_stays_on_the_account() -> None:
    assert posted([sale(24000, registered_ore=24900, order_id="7", state=LineState.DIFFERS)]) == [(BANK, 24000)]


# --- why it is held -------------------------------------------------------------------------------------

SOLD = [sale(24900, -800)]


@pytest.mark.parametrize(
    ("code", "choice", "more"),
    [
        ("way_not_chosen", {"way": None}, {}),
        ("payout_account_missing", {"account": 55990}, {}),
        ("bank_account_unnamed", {"bank_account": None}, {}),
        ("bank_account_missing", {"bank_account": FEES}, {}),
        ("bank_account_missing", {"bank_account": 55990}, {}),
        ("bank_is_booking_account", {"bank_account": BOOKING}, {}),
        ("payout_line_account", {"fee_account": 7999}, {}),
        ("payout_line_account", {"fee_account": RESERVE}, {}),
        ("fee_vat_unconfirmed", {"fee_vat": None}, {}),
        ("fee_vat_unknown", {"fee_vat": "U25"}, {}),
        ("no_year", {}, {"chart": replace(CHART, years=((date(2020, 1, 1), date(2020, 12, 31)),))}),
        ("not_paid_out_yet", {}, {"today": DAY - timedelta(days=1)}),
        ("period_reported", {"fee_vat": "I25"}, {"reported_until": DAY}),
    ],
)
def test_what_is_missing_holds_it(code: str, choice: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    found = stands(SOLD, chosen(replace(CHOICE, **choice), **more))
    assert (found.state, codes(found), found.plan) == (PayoutState.HELD, [code], None)


def test_hidden_accounts_hold_it() -> None:
    accounts = {**CHART.accounts, FEES: replace(CHART.accounts[FEES], hidden=True)}
    deposits = {**CHART.deposits, BANK: replace(CHART.deposits[BANK], hidden=True)}
    assert codes(stands(SOLD, chosen(chart=replace(CHART, accounts=accounts)))) == ["payout_line_account"]
    assert codes(stands(SOLD, chosen(chart=replace(CHART, deposits=deposits)))) == ["bank_account_missing"]


@pytest.mark.parametrize("kind", [Movement.RESERVE, Movement.RESERVE_RELEASED, Movement.CORRECTION, Movement.OTHER])
def test_a_kind_without_an_account_holds_it(kind: Movement) -> None:
    found = stands([*SOLD, a_line(kind, -700)], chosen(replace(CHOICE, accounts={})))
    role = Movement.RESERVE if kind is Movement.RESERVE_RELEASED else kind
    assert codes(found) == [f"{role}_unnamed"]


def test_a_reported_period_is_no_matter_without_vat_and_can_be_answered() -> None:
    assert stands(SOLD, chosen(reported_until=DAY)).state is PayoutState.READY
    with_vat = chosen(replace(CHOICE, fee_vat="I25"), reported_until=DAY)
    assert stands(SOLD, with_vat, answers={"reported_period": "book"}).state is PayoutState.READY


def test_a_payout_in_another_currency_is_held() -> None:
    assert codes(stands(SOLD, currency="EUR")) == ["payout_currency"]
    assert plan_payout(a_payout(SOLD, currency="EUR"), SOLD, CHOSEN) is None


def test_lines_that_do_not_add_up_are_never_booked() -> None:
    assert codes(stands(SOLD, net_ore=24101)) == ["payout_sum"]


def test_the_fee_only_way_needs_no_bank_account() -> None:
    assert posted(SOLD, chosen(replace(CHOICE, way=Way.FEE, bank_account=None))) == [(FEES, 800)]


# --- booked already -------------------------------------------------------------------------------------


def an_entry(account: int, ore: int, away: int = 0, **more: Any) -> LedgerEntry:
    return LedgerEntry("e", account, DAY + timedelta(days=away), ore, **{"voucher_number": "12"} | more)


@pytest.mark.parametrize(
    ("entry", "is_asked"),
    [
        (an_entry(BANK, 24100), True),
        (an_entry(BOOKING, -24100, 5), True),
        (an_entry(BOOKING, -24900, -5), True),
        (an_entry(BANK, -24100), False),
        (an_entry(BOOKING, 24900), False),
        (an_entry(BANK, 24900), False),
        (an_entry(RESERVE, 24100), False),
        (an_entry(BANK, 24100, 6), False),
        (an_entry(BANK, 24100, is_primo=True), False),
    ],
)
def test_a_posting_that_may_be_it_is_asked_about(entry: LedgerEntry, is_asked: bool) -> None:
    assert (stands(SOLD, others=[entry]).state is PayoutState.HELD) is is_asked


def test_each_posting_that_may_be_it_is_asked_about_the_nearest_first() -> None:
    near, far = an_entry(BANK, 24100, 1), an_entry(BANK, 24100, -3, voucher_number="13")
    answers = dict[str, str]()
    for asked in (near, far):
        (question,) = [finding.question for finding in stands(SOLD, others=[far, near], answers=answers).reasons]
        assert question is not None
        assert question.key == already_key(asked.voucher_number, asked.on)
        answers[question.key] = "other"
    assert stands(SOLD, others=[far, near], answers=answers).state is PayoutState.READY


def test_an_answer_ties_the_voucher_by_number_and_day() -> None:
    key = already_key("12", DAY)
    found = stands(SOLD, others=[an_entry(BANK, 24100)])
    (question,) = [finding.question for finding in found.reasons]
    assert question is not None
    assert question.key == key
    tied = tied_voucher(a_payout(SOLD, answers={key: "same"}))
    assert tied is not None
    assert (tied.number, tied.on, tied.is_bank_only) == ("12", DAY, False)
    assert stands(SOLD, others=[an_entry(BANK, 24100)], answers={key: "same"}).state is PayoutState.LEFT
    assert stands(SOLD, others=[an_entry(BANK, 24100)], answers={key: "other"}).state is PayoutState.READY
    assert posted(SOLD, answers={key: "rest"}) == [(FEES, 800)]


def test_in_the_fee_only_way_the_owner_s_bank_line_is_no_double_but_the_same_fee_is() -> None:
    settings = chosen(replace(CHOICE, way=Way.FEE))
    assert stands(SOLD, settings, [an_entry(BANK, 24100), an_entry(BOOKING, -24100)]).state is PayoutState.READY
    assert stands(SOLD, settings, [an_entry(BOOKING, -800)]).state is PayoutState.HELD
    assert stands(SOLD, settings, [an_entry(BOOKING, -24900)]).state is PayoutState.HELD


# --- any payout -----------------------------------------------------------------------------------------

KINDS = st.sampled_from(list(Movement))


@st.composite
def any_line(draw: st.DrawFn) -> StoredLine:
    kind = draw(KINDS)
    gross, fee = draw(st.integers(-(10**9), 10**9)), draw(st.integers(-(10**6), 10**6))
    return a_line(kind, 0 if kind is Movement.FEE else gross, fee)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(any_line(), min_size=1, max_size=12),
    st.sampled_from([Way.BOOK, Way.DRAFT, Way.FEE]),
    st.sets(st.sampled_from([Movement.RESERVE, Movement.CORRECTION, Movement.OTHER])),
    st.sampled_from(["drawn", "carried"]),
)
def test_what_any_payout_moves_is_the_gross_of_what_is_posted(
    lines: list[StoredLine], way: Way, staying: set[Movement], answer: str
) -> None:
    accounts = {Movement.RESERVE: RESERVE, Movement.CORRECTION: LOSSES, Movement.OTHER: LOSSES}
    choice = replace(CHOICE, way=way, accounts={kind: STAYS if kind in staying else n for kind, n in accounts.items()})
    payout = a_payout(lines, answers={"negative_payout": answer})
    plan = plan_payout(payout, lines, chosen(choice))
    stays = staying | ({Movement.RESERVE_RELEASED} if Movement.RESERVE in staying else set())
    named = {*accounts, Movement.RESERVE_RELEASED} - stays
    gross = sum(line.gross_ore for line in lines if line.kind not in named)
    left_out = way is Way.FEE or (payout.net_ore < 0 and answer == "carried")
    assert (plan.moved.ore if plan else 0) == gross - (payout.net_ore if left_out else 0)
    if plan is not None:
        assert ledger_plan(plan.to_json()) == plan
        assert all(line.amount.ore and len(line.text) <= 120 for line in plan.lines)
        assert posting_difference(entries_of(plan), plan) is None
        assert sum(entry.ore for entry in entries_of(plan)) == 0


# --- taken back -----------------------------------------------------------------------------------------


def booked(lines: Sequence[StoredLine], settings: Settings = CHOSEN) -> LedgerItem:
    plan = plan_payout(a_payout(lines), lines, settings)
    assert plan is not None
    return LedgerItem(1, "1", 1, ItemKind.PAYOUT, 1, "guid", plan, Step.DONE, State.DONE, voucher_number="12")


def test_a_counter_item_has_every_line_turned_on_the_same_day() -> None:
    item = booked([sale(24900, -800)])
    counter = counter_plan(item, CHOSEN, date(2021, 12, 1))
    assert [(line.account, line.amount.ore) for line in counter.lines] == [(BANK, -24100), (FEES, -800)]
    assert counter.moved.ore == -item.plan.moved.ore
    assert (counter.on, counter.kind, counter.leave_unbooked) == (DAY, ItemKind.COUNTER, False)
    assert all("bilag 12" in line.text for line in counter.lines)


def test_a_counter_item_is_dated_today_where_the_day_is_closed() -> None:
    today = date(2022, 1, 10)
    closed = replace(CHOSEN, chart=replace(CHART, years=((date(2022, 1, 1), date(2022, 12, 31)),)))
    assert counter_plan(booked(SOLD), closed, today).on == today
    with_vat = chosen(replace(CHOICE, fee_vat="I25"))
    reported = replace(with_vat, reported_until=DAY)
    assert counter_plan(booked(SOLD, with_vat), reported, today).on == today
    assert counter_plan(booked(SOLD), replace(CHOSEN, reported_until=DAY), today).on == DAY


@pytest.mark.parametrize(("code", "fee", "is_fine"), [("I25", 640, True), ("I25", 642, False), ("IEUY", 800, True)])
def test_a_fee_with_vat_is_compared_without_it(code: str, fee: int, is_fine: bool) -> None:
    plan = booked(SOLD, chosen(replace(CHOICE, fee_vat=code))).plan
    posted = [an_entry(BANK, 24100), an_entry(BOOKING, -24900), an_entry(FEES, fee), an_entry(64060, 800 - fee)]
    assert (posting_difference(posted, plan) is None) is is_fine


def test_a_code_that_the_account_brought_in_by_itself_is_seen() -> None:
    plan = booked(SOLD).plan
    posted = [an_entry(BANK, 24100), an_entry(BOOKING, -24900), an_entry(FEES, 640), an_entry(64060, 160)]
    assert posting_difference(posted, plan) is not None


def test_a_payout_whose_amount_no_file_tells_waits_for_what_the_bank_says() -> None:
    lines = [sale(24900, -361)]
    found = stands(lines, is_unproven=True)
    assert (found.state, codes(found)) == (PayoutState.HELD, ["sum_not_told"])
    assert stands(lines, is_unproven=True, answers={"sum_at_bank": "came"}).state is PayoutState.READY


def test_a_payout_of_sales_that_another_one_paid_out_is_asked_about() -> None:
    twice = [sale(24900, -361, state=LineState.TWICE, order_ref="1001")]
    assert codes(stands(twice)) == ["all_twice"]
    assert stands(twice, answers={"all_twice": "book"}).state is PayoutState.READY
    assert stands([*twice, sale(10000, -145)]).state is PayoutState.READY
