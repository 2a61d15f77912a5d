"""Lines of payouts and their orders: each line has one state, whatever was read first, and nothing is guessed."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conftest import World
from dinero.intake.matching import match, needs_match
from dinero.intake.suggesting import choose_order, evidence, suggestion
from dinero.model.acquirers import AcquirerChoice
from dinero.model.documents import Document, Event, OrderKey
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.payouts import Movement
from dinero.model.settlements import LineState
from dinero.rules.matching import OrderLine, Registration, judge
from dinero.store import Store
from factory import SETTINGS
from payouts import line, lines_of, read, registered, sold, states
from test_corrections import refund

SALE, REFUND = Movement.SALE, Movement.REFUND
CHARGEBACK, RETURNED = Movement.CHARGEBACK, Movement.CHARGEBACK_RETURNED


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


# --- the rule ------------------------------------------------------------------------------------


def of(*amounts: int | tuple[Movement, int], account: int = 55100) -> list[OrderLine]:
    told = [(SALE if one >= 0 else REFUND, one) if isinstance(one, int) else one for one in amounts]
    return [
        OrderLine(date(2026, 11, 1 + n), ("clearhaus",), 1, n, kind, ore, account=account)
        for n, (kind, ore) in enumerate(told)
    ]


def paid(*amounts: int, account: int = 55100) -> list[Registration]:
    return [Registration(ore < 0, account, ore, ore=ore) for ore in amounts]


@pytest.mark.parametrize(
    ("lines", "parts", "wanted"),
    [
        (of(249), paid(249), ["matched"]),
        (of(249), [], ["not transferred"]),
        (of(249), paid(199), ["differs"]),
        (of(100, 149), paid(249), ["matched", "matched"]),  # captured in two parts
        (of(100), paid(249), ["differs"]),
        (of(249, 249), paid(249), ["matched", "twice"]),
        (of(249, 249, 249), paid(249), ["matched", "twice", "twice"]),
        (of(249, 20), paid(249), ["matched", "differs"]),
        (of(20, 249), paid(249), ["differs", "matched"]),
        (of(100, 149, 100, 149), paid(249), ["matched", "matched", "twice", "twice"]),
        (of(249, -249), paid(249), ["matched", "no credit note"]),
        (of(249, -249), paid(249, -249), ["matched", "matched"]),
        (of(249, -50), paid(249, -249), ["matched", "differs"]),
        (of(249, -50, -30), paid(249, -80), ["matched", "matched", "matched"]),
        (of(249, -80), paid(249, -50, -30), ["matched", "matched"]),
        (of(249, -50, -30), paid(249, -30), ["matched", "no credit note", "matched"]),
        (of(249, -50, -50), paid(249, -50), ["matched", "matched", "no credit note"]),
        (of(-50), paid(-50), ["matched"]),  # the sale was paid out before anything was read
        (of(249, -249), [], ["not transferred", "no credit note"]),
        (of(249, 249, -249), paid(249), ["matched", "matched", "matched"]),  # drawn twice, and one given back
        (of(249, -50), paid(199), ["matched", "matched"]),  # refunded before it was transferred
        (of(249), paid(249, 249, -249), ["matched"]),  # booked anew: the correction moved no money
        (of(249, -50), paid(249, -249, 199), ["matched", "matched"]),  # booked anew with another amount
        (of(199), paid(249, -249, 199), ["matched"]),
        (of(180), paid(249, -249, 199), ["differs"]),
        (of(249, (CHARGEBACK, -249)), paid(249), ["matched", "chargeback"]),
        (of(249, (CHARGEBACK, -249)), paid(249, -249), ["matched", "matched"]),
        (of(249, (CHARGEBACK, -249), (RETURNED, 249)), paid(249), ["matched", "matched", "matched"]),
        (of(249, (CHARGEBACK, -249), (RETURNED, 100)), paid(249), ["matched", "chargeback", "chargeback"]),
        (of((CHARGEBACK, -249), (CHARGEBACK, -9), (RETURNED, 249)), [], ["matched", "chargeback", "matched"]),
        (of((CHARGEBACK, -249), (RETURNED, 249)), paid(249, -249), ["matched", "chargeback"]),
        (of(249, -249, (CHARGEBACK, -249)), paid(249, -249), ["matched", "matched", "chargeback"]),
        (of(249), paid(249, account=55110), ["other account"]),
        (of(249, -249), paid(249, -249, account=55110), ["other account", "other account"]),
        (of(249), [*paid(249), *paid(249, -249, account=55110)], ["matched"]),
        (of((CHARGEBACK, -249), (RETURNED, 249)), paid(249, account=55110), ["matched", "matched"]),
    ],
)
def test_each_line_has_the_state_of_its_case(
    lines: list[OrderLine], parts: list[Registration], wanted: list[str]
) -> None:
    for seed in range(4):
        shuffled, others = list(lines), list(parts)
        random.Random(seed).shuffle(shuffled)
        random.Random(seed).shuffle(others)
        found = judge(shuffled, others)
        assert list(found.lines) == lines
        assert [verdict.state.value for verdict in found.verdicts] == wanted


def test_an_order_that_was_paid_through_two_acquirers_is_on_the_account_of_one() -> None:
    first, second = of(249)[0], replace_line(of(249, account=55110)[0])
    found = judge([first, second], paid(249))
    assert [verdict.state for verdict in found.verdicts] == [LineState.MATCHED, LineState.TWICE]
    assert [v.state for v in judge([second], paid(249)).verdicts] == [LineState.OTHER_ACCOUNT]


def replace_line(line: OrderLine) -> OrderLine:
    return line._replace(paid_on=date(2026, 11, 9), payout=9)


def test_without_a_booking_account_of_the_acquirer_no_line_is_on_another() -> None:
    (line,) = of(249)
    assert judge([line._replace(account=None)], paid(249)).verdicts[0].state is LineState.MATCHED


@pytest.mark.parametrize(("sold_for", "state"), [(3000, "matched"), (2900, "differs"), (None, "differs")])
def test_a_sale_in_another_currency_fits_by_what_the_customer_paid_and_not_by_a_rate(
    sold_for: int | None, state: str
) -> None:
    sale = of(22310)[0]._replace(sold_for_ore=sold_for, sold_for_currency="EUR" if sold_for else "")
    found = judge([sale], [Registration(False, 55100, 3000, "EUR", 22380)])
    assert (found.verdicts[0].state.value, found.verdicts[0].registered_ore) == (state, 22380)
    unknown = judge([sale], [Registration(False, 55100, 3000, "EUR", None)])
    assert (unknown.verdicts[0].state.value, unknown.verdicts[0].registered_ore) == (state, None)


def test_what_is_registered_is_shared_among_its_lines_and_never_more_than_once() -> None:
    for seed in range(3000):
        chance = random.Random(seed)
        lines = of(*(chance.choice([10, 20, 30, 50, -10, -20, -30]) for _ in range(chance.randint(1, 5))))
        parts = paid(*(chance.choice([10, 20, 30, 50, 60, -10, -20, -50]) for _ in range(chance.randint(0, 4))))
        found = judge(lines, parts)
        pairs = list(zip(found.lines, found.verdicts, strict=True))
        shared = sum(verdict.registered_ore or 0 for _, verdict in pairs)
        net = sum(part.amount_ore for part in parts)
        if all(v.state is LineState.MATCHED for _, v in pairs):
            assert shared == sum(one.gross_ore for one in lines)
            assert all(v.registered_ore is not None for _, v in pairs)
        for kind, is_credit in ((SALE, False), (REFUND, True)):
            mine = [v for one, v in pairs if one.kind is kind]
            all_of = sum(part.amount_ore for part in parts if part.is_credit == is_credit)
            if any(v.state is LineState.DIFFERS for _, v in pairs):
                assert abs(sum(v.registered_ore or 0 for v in mine)) <= abs(all_of)
            if not all_of and mine:
                missing = LineState.NO_CREDIT_NOTE if is_credit else LineState.NOT_TRANSFERRED
                balanced = sum(one.gross_ore for one in lines) == net and any(not p.is_credit for p in parts)
                assert {v.state for v in mine} == ({LineState.MATCHED} if balanced else {missing})


def test_fifty_thousand_lines_of_one_order_are_no_matter() -> None:
    lines = [OrderLine(date(2026, 11, 1), ("clearhaus",), n, 1, SALE, 249, account=55100) for n in range(50_000)]
    found = judge(lines, paid(249))
    assert [v.state for v in found.verdicts].count(LineState.TWICE) == 49_999


# --- in the store --------------------------------------------------------------------------------


def test_a_line_is_of_the_order_whose_number_it_names(store: Store) -> None:
    key = sold(store, "1001")
    registered(store, key)
    payout = read(store, line(" 1001 ", 24900, -361), line("#1001"), line("01001"), line(""))
    assert needs_match(store, SETTINGS)
    assert match(store, SETTINGS) == 1
    assert states(store, payout) == ["matched", "no order", "no order", "no order"]
    first, *_ = lines_of(store, payout)
    assert (OrderKey(first.shop, first.order_id), first.matched_by, first.registered_ore) == (key, "number", 24900)
    kept = store.payouts.get(payout)
    assert kept is not None
    assert (kept.orders, kept.matched) == (4, 1)
    assert not needs_match(store, SETTINGS)
    assert match(store, SETTINGS) == 0


def test_the_shops_own_id_counts_only_where_no_order_has_the_number(store: Store) -> None:
    registered(store, sold(store, "1001", order_id="7"))
    registered(store, sold(store, "7", 100, order_id="8"), 100)
    payout = read(store, line("7", 100), line("8", 100))
    match(store, SETTINGS)
    assert [one.order_id for one in lines_of(store, payout)] == ["8", "8"]
    assert states(store, payout) == ["matched", "twice"]


def test_a_number_of_two_shops_orders_is_no_match_and_both_are_suggested(store: Store) -> None:
    first = sold(store, "1001")
    registered(store, first)
    payout = read(store, line("1001"))
    match(store, SETTINGS)
    assert states(store, payout) == ["matched"]
    second = sold(store, "1001", shop="woo")
    assert needs_match(store, SETTINGS)
    match(store, SETTINGS)
    (found,) = lines_of(store, payout)
    assert found.state is LineState.NO_ORDER
    told = suggestion(store, SETTINGS, found)
    assert told is not None
    assert {row.key for row in told.orders} == {first, second}
    assert "1001" in str(told.evidence)
    choose_order(store, SETTINGS, payout, 1, first, actor="owner")
    assert states(store, payout) == ["matched"]


def test_a_number_that_is_another_shops_id_is_asked_too(store: Store) -> None:
    numbered = sold(store, "77", order_id="1")
    named = sold(store, "1077", order_id="77", shop="woo")
    registered(store, numbered)
    payout = read(store, line("77"))
    match(store, SETTINGS)
    (found,) = lines_of(store, payout)
    assert found.state is LineState.NO_ORDER
    told = suggestion(store, SETTINGS, found)
    assert told is not None
    assert {row.key for row in told.orders} == {numbered, named}


def test_a_shops_own_number_goes_before_its_id_beside_another_shop(store: Store) -> None:
    numbered = sold(store, "77", order_id="1")
    sold(store, "1077", order_id="77")
    sold(store, "5", order_id="5", shop="woo")
    registered(store, numbered)
    payout = read(store, line("77"))
    match(store, SETTINGS)
    assert [found.order_id for found in lines_of(store, payout)] == ["1"]


def test_a_return_of_another_shop_is_no_return_of_the_order_with_that_id(store: Store) -> None:
    first = sold(store, "77", order_id="9")
    back = sold(store, "77", -24900, order_id="10", shop="woo", credit_of="9")
    payout = read(store, line("77", -24900, kind=REFUND))
    match(store, SETTINGS)
    (found,) = lines_of(store, payout)
    told = suggestion(store, SETTINGS, found)
    assert told is not None
    assert {row.key for row in told.orders} == {first, back}


@pytest.mark.parametrize(("state", "kept"), [("held", False), ("ready", False), ("booked", True), ("in ledger", True)])
def test_what_was_booked_stays_with_its_order_when_a_shop_with_the_same_numbers_comes(
    store: Store, state: str, kept: bool
) -> None:
    first = sold(store, "1001")
    registered(store, first)
    payout = read(store, line("1001"))
    match(store, SETTINGS)
    with store.transaction() as db:
        db.execute("update payouts set state = ? where id = ?", [state, payout])
    sold(store, "1001", shop="woo")
    match(store, SETTINGS)
    assert states(store, payout) == (["matched"] if kept else ["no order"])
    sold(store, "1001", order_id="again")  # two of its own shop's have the number: now it is not told any more
    match(store, SETTINGS)
    assert states(store, payout) == ["no order"]


def test_a_return_with_its_orders_own_number_is_not_meant_beside_it(store: Store) -> None:
    key = sold(store, "1001")
    invoice = registered(store, key)
    note = sold(store, "1001", -24900, order_id="r1", credit_of="1001")
    registered(store, note, -24900, credit_for=invoice)
    payout = read(store, line("1001"), line("1001", -24900))
    match(store, SETTINGS)
    assert states(store, payout) == ["matched", "matched"]
    assert {one.order_id for one in lines_of(store, payout)} == {key.id}


def test_a_refund_is_the_credit_note_of_its_orders_return_whichever_of_both_it_names(store: Store) -> None:
    key = sold(store, "1001")
    invoice = registered(store, key)
    payout = read(store, line("1001"), line("1001", -10000), line("2001", -4900))
    match(store, SETTINGS)
    assert states(store, payout) == ["matched", "no credit note", "no order"]
    for number, ore in (("2000", -10000), ("2001", -4900)):
        note = sold(store, number, ore, credit_of="1001")
        registered(store, note, ore, credit_for=invoice)
    match(store, SETTINGS)
    assert states(store, payout) == ["matched", "matched", "matched"]


def test_a_later_transfer_credit_note_or_account_is_seen(store: Store) -> None:
    key = sold(store, "1001")
    payout = read(store, line("1001"), line("1001", -24900))
    match(store, SETTINGS)
    assert states(store, payout) == ["not transferred", "no credit note"]
    invoice = registered(store, key)
    match(store, SETTINGS)
    assert states(store, payout) == ["matched", "no credit note"]
    registered(store, key, -24900, credit_for=invoice)
    match(store, SETTINGS)
    assert states(store, payout) == ["matched", "matched"]
    moved = replace(SETTINGS, acquirers={"clearhaus": AcquirerChoice(account=55110)})
    assert needs_match(store, moved)
    match(store, moved)
    assert states(store, payout) == ["other account", "other account"]
    assert [one.registered_ore for one in lines_of(store, payout)] == [None, None]


def test_lines_of_one_order_in_several_payouts_are_looked_at_together(store: Store) -> None:
    registered(store, sold(store, "1001"))
    first = read(store, line("1001", 10000), on="2026-11-10")
    match(store, SETTINGS, [first])
    assert states(store, first) == ["differs"]
    second = read(store, line("1001", 14900), on="2026-11-12")
    match(store, SETTINGS, [second])
    assert states(store, first, second) == ["matched", "matched"]
    assert sum(one.registered_ore or 0 for one in lines_of(store, first, second)) == 24900


def test_a_line_that_is_taken_from_its_order_is_open_at_once(store: Store) -> None:
    key = sold(store, "1001")
    registered(store, key)
    payout = read(store, line("1001", 24900))
    match(store, SETTINGS)
    before, seen = store.payouts.get(payout), store.matches.newest_event()
    assert before is not None
    assert (before.matched, store.matches.lines_to_see_to(seen)) == (1, [])
    store.matches.choose(payout, 1, None, Event("order chosen", Text("Chosen."), payout=payout))
    after = store.payouts.get(payout)
    assert after is not None
    assert (after.matched, [one.place for one in store.matches.lines_to_see_to(store.matches.newest_event())]) == (
        0,
        [1],
    )


@pytest.mark.parametrize("seed", range(25))
def test_what_was_read_or_matched_first_makes_no_difference(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    numbers = [str(1000 + n) for n in range(6)]
    lines = [
        line(
            chance.choice([*numbers, "", "9999"]),
            chance.choice([5000, 10000, 20000, 24900, -5000, -24900]),
            kind=None,
            name=f"{n}",
        )
        for n in range(24)
    ]
    lines += [line(chance.choice(numbers), -24900, kind=CHARGEBACK, name="c"), line("1001", 24900, kind=RETURNED)]
    parts: list[list[int]] = [
        [chance.choice([24900, 20000, 10000]), chance.choice([0, -5000, -24900])] for _ in numbers
    ]
    ways = [chance.sample(range(4), 4) for _ in range(3)]
    found = []
    for n, order in enumerate([[0, 1, 2, 3], *ways]):
        store = Store(tmp_path / str(n))
        rows: dict[int, int] = {}
        todo: list[tuple[str, int]] = [("payout", place) for place in order]
        todo += [("order", place) for place in range(len(numbers))] if n < 2 else []
        if n >= 2:
            todo = [("order", place) for place in range(len(numbers))] + todo
        for what, place in todo:
            if what == "payout":
                rows[place] = read(store, *lines[place::4], on=f"2026-11-{10 + place}")
                if n != 1:
                    match(store, SETTINGS, [rows[place]] if n == 2 else None)
            else:
                key = sold(store, numbers[place])
                invoice = registered(store, key, parts[place][0])
                if parts[place][1]:
                    registered(store, key, parts[place][1], credit_for=invoice)
        match(store, SETTINGS)
        found.append(
            [(one.state, one.order_id, one.registered_ore) for one in lines_of(store, *(rows[p] for p in range(4)))]
        )
        assert match(store, SETTINGS, [rows[0]]) == 0
        store.look_ups.put("payouts:matched", None)
        assert match(store, SETTINGS) == 0
    assert found[1:] == found[:1] * 3


# --- suggested and chosen ------------------------------------------------------------------------

PERIOD = ("2026-11-16", "2026-11-22")


def test_the_only_order_that_fits_is_suggested_with_its_evidence_and_taken_with_a_click(store: Store) -> None:
    key = sold(store, "1001")
    registered(store, key)
    sold(store, "1002", 19900)
    payout = read(store, line("gw-77"), days=PERIOD)
    match(store, SETTINGS)
    (found,) = lines_of(store, payout)
    told = suggestion(store, SETTINGS, found)
    assert told is not None
    assert [row.key for row in told.orders] == [key]
    assert plain(told.evidence).startswith("Samme beløb, 249,00 kr., betalt 20. nov. 2026 med Kort.")
    choose_order(store, SETTINGS, payout, 1, key, actor="owner")
    (found,) = lines_of(store, payout)
    assert (found.state, found.matched_by, found.number) == (LineState.MATCHED, "owner", "1001")
    assert suggestion(store, SETTINGS, found) is None
    assert match(store, SETTINGS) == 0, "a choice stays"
    choose_order(store, SETTINGS, payout, 1, None, actor="owner")
    (found,) = lines_of(store, payout)
    assert (found.state, found.matched_by, found.order_id) == (LineState.NO_ORDER, "", "")
    events = store.history.list(payout=payout)
    assert [event.event for event in events] == ["order chosen", "order chosen"]


@pytest.mark.parametrize(
    "more",
    [
        {"number": "1002"},  # another that fits as well
        {"number": "1002", "method": "MobilePay"},
        {"number": "1002", "placed_on": "2026-11-16"},
    ],
)
def test_two_orders_that_fit_are_no_suggestion(store: Store, more: dict[str, str]) -> None:
    sold(store, "1001")
    sold(store, **more)  # type: ignore[arg-type]
    payout = read(store, line("gw-77"), days=PERIOD)
    (found,) = lines_of(store, payout)
    assert suggestion(store, SETTINGS, found) is None
    chosen = replace(SETTINGS, acquirers={"clearhaus": AcquirerChoice(methods=("Kort",))})
    assert (suggestion(store, chosen, found) is not None) is ("method" in more)


def test_an_order_of_another_day_amount_or_payout_is_not_suggested(store: Store) -> None:
    sold(store, "1001", placed_on="2026-11-15")
    sold(store, "1002", placed_on="2026-11-23")
    sold(store, "1003", 24901)
    sold(store, "1004")
    read(store, line("1004"), on="2026-11-17")
    match(store, SETTINGS)
    payout = read(store, line("gw-77"), days=PERIOD)
    assert suggestion(store, SETTINGS, lines_of(store, payout)[0]) is None


def test_the_line_that_an_order_is_taken_from_gives_what_is_registered_to_the_others(store: Store) -> None:
    registered(store, sold(store, "1001"))
    other = sold(store, "1002")
    first, second = read(store, line("1001"), on="2026-11-10"), read(store, line("1001"), on="2026-11-12")
    match(store, SETTINGS)
    assert states(store, first, second) == ["matched", "twice"]
    choose_order(store, SETTINGS, first, 1, other, actor="owner")
    assert states(store, first, second) == ["not transferred", "matched"]
    with pytest.raises(SettingsError):
        choose_order(store, SETTINGS, first, 1, OrderKey("shoporama", "none"), actor="owner")
    with pytest.raises(SettingsError):
        choose_order(store, SETTINGS, first, 7, None, actor="owner")


def test_every_state_is_told_with_its_figures(store: Store) -> None:
    registered(store, sold(store, "1001"))
    registered(store, sold(store, "1002"), 19900)
    registered(store, sold(store, "1003"), account=55110)
    sold(store, "1004")
    first = read(store, line("1001"), on="2026-11-10")
    payout = read(
        store,
        line("1001"),
        line("1002"),
        line("1003"),
        line("1004"),
        line("1001", -5000),
        line("1002", -5000, kind=CHARGEBACK),
        line("77"),
        line(""),
        on="2026-11-12",
    )
    match(store, SETTINGS)
    said = [plain(*evidence(store, SETTINGS, one)) for one in lines_of(store, first, payout)]
    assert said == [
        "Indløseren oplyser ordrenummer 1001. 249,00 kr. er registreret i Dinero.",
        "Indløseren oplyser ordrenummer 1001. 249,00 kr. er registreret og er udbetalt i CH 2026-11-10.",
        "Indløseren oplyser ordrenummer 1002. 199,00 kr. er registreret, og 249,00 kr. er udbetalt.",
        "Indløseren oplyser ordrenummer 1003. 249,00 kr. er registreret på konto 55110, men det, som Clearhaus "
        "udbetaler, står på 55100.",
        "Indløseren oplyser ordrenummer 1004. Der er ikke registreret nogen betaling af ordre 1004 herfra.",
        "Indløseren oplyser ordrenummer 1001. 50,00 kr. gik tilbage til kunden, og der er ikke registreret nogen "
        "refusion af dem.",
        "Indløseren oplyser ordrenummer 1002. Kunden gør indsigelse mod betalingen. Der er ikke lavet nogen "
        "kreditnota.",
        "Ingen ordre er alene om nummer 77.",
        "Indløseren oplyser intet ordrenummer.",
    ]


def plain(*texts: Text) -> str:
    return " ".join(map(str, texts)).replace("\N{NO-BREAK SPACE}", " ")


# --- kroner of foreign sales ---------------------------------------------------------------------


def test_a_foreign_sale_and_its_refund_keep_the_kroner_that_were_registered(world: World) -> None:
    euros(world)
    (sale, note) = documents(world)
    assert (sale.plan.total.currency, sale.deposit_account, note.deposit_account) == ("EUR", 55100, 55100)
    assert sale.deposit_ore is not None
    assert note.deposit_ore is not None
    on_account = [
        entry["Amount"]
        for entry in world.sandbox.books.entries(date(2026, 1, 1), date(2026, 12, 31), primo=False)
        if entry["AccountNumber"] == 55100
    ]
    assert sorted(round(float(amount) * 100) for amount in on_account) == sorted([sale.deposit_ore, note.deposit_ore])


def test_a_foreign_sale_fits_before_its_kroner_are_known_and_has_them_after(world: World) -> None:
    euros(world)
    store, settings = world.dashboard.store, world.dashboard.settings.load()
    (sale, note) = documents(world)
    assert sale.deposit_ore
    with store.transaction() as db:
        db.execute("update documents set deposit_ore = null, deposit_account = null")
    total = sale.plan.total
    payout = read(store, line("1001", 549000, sold_for=total), line("1001", -549000, sold_for=-total))
    match(store, settings)
    found = [(one.state, one.registered_ore) for one in lines_of(store, payout)]
    assert found == [(LineState.MATCHED, None)] * 2
    assert not needs_match(store, settings)
    for document in (sale, note):
        store.registered.set_value(document, 55100, document.deposit_ore or 0)
    assert needs_match(store, settings)
    match(store, settings)
    assert [one.registered_ore for one in lines_of(store, payout)] == [sale.deposit_ore, note.deposit_ore]


def euros(world: World) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1, currency="EUR")
    world.push(1)
    world.order(2, currency="EUR", **refund(1))
    world.push(2)


def documents(world: World) -> Sequence[Document]:
    rows = world.dashboard.store.rows("select guid from documents order by id")
    found = world.dashboard.store.documents.by_guid([row["guid"] for row in rows])
    return [found[row["guid"]] for row in rows]


def test_strange_references_match_nothing_and_stop_nothing(store: Store) -> None:
    registered(store, sold(store, "1001"))
    strange = ["1001\0", "\ud800", "'; drop table orders; --", "1" * 5000, "\N{NO-BREAK SPACE}1001\n", "１００１", "%"]
    lines = [line("", name=f"s{n}") for n in range(len(strange))]
    payout = read(store, *lines)
    with store.transaction() as db:
        for place, reference in enumerate(strange, start=1):
            if reference != "\ud800":  # which no database keeps
                db.execute("update payout_lines set order_ref = ? where place = ?", [reference, place])
    match(store, SETTINGS)
    assert [n for n, state in enumerate(states(store, payout)) if state == "matched"] == [4]


def test_a_line_without_a_reference_is_not_of_the_order_without_a_number(store: Store) -> None:
    registered(store, sold(store, "", order_id="7"))
    payout = read(store, line(""), line(" "))
    match(store, SETTINGS)
    assert states(store, payout) == ["no order", "no order"]
