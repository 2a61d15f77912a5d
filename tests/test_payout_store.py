"""What the store keeps of payouts: each once, with its lines, and nothing of a file that contradicts it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dinero.model.acquirers import AcquirerChoice, Way
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.settlements import LedgerEntry, LineState, Opening, PayoutState
from dinero.store import Store
from dinero.store.payouts import Added, Refused


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def a_line(row: int, gross: int, fee: int = 0, kind: Movement = Movement.SALE, name: str = "") -> PayoutLine:
    return PayoutLine(row, kind, name or f"t{row}", Money(gross), Money(fee), Money(gross + fee), order=str(1000 + row))


def a_payout(*lines: PayoutLine, name: str = "p1", on: date = date(2026, 11, 24)) -> Payout:
    return Payout("clearhaus", "1234567", name, on, Money(sum(line.net.ore for line in lines)), lines, bank_text="CH 1")


SOUND = a_payout(
    a_line(2, 24900, -361),
    a_line(3, -10000, 0, Movement.REFUND),
    a_line(4, 0, -500, Movement.FEE),
    replace(a_line(5, 90000), is_sum=True, order=""),
)


def test_a_payout_is_stored_with_its_sums_and_lines(store: Store) -> None:
    (number,) = store.payouts.add([SOUND], source="clearhaus.csv").new
    (kept,) = store.payouts.listed()
    assert (kept.id, kept.key, kept.state) == (number, SOUND.key, PayoutState.HELD)
    sums = (kept.sold_ore, kept.refunded_ore, kept.fees_ore, kept.other_ore)
    assert sums == (114900, -10000, -861, 0)
    assert sum(sums) == kept.net_ore == SOUND.net.ore
    assert (kept.lines, kept.orders, kept.matched) == (4, 2, 0)
    lines = store.payouts.lines(number)
    assert [line.state for line in lines] == [LineState.NO_ORDER, LineState.NO_ORDER, LineState.NONE, LineState.SUM]
    assert [line.order_ref for line in lines] == ["1002", "1003", "1004", ""]


def test_the_same_payout_is_stored_once(store: Store) -> None:
    assert store.payouts.add([SOUND], source="a.csv") == Added((1,), 0)
    assert store.payouts.add([SOUND], source="again.csv") == Added((), 1)
    assert store.payouts.count() == 1


@pytest.mark.parametrize(
    ("payout", "code"),
    [
        (a_payout(a_line(2, 24900, -362), *SOUND.lines[1:]), "payout_changed"),
        (a_payout(a_line(7, 500, name="t2"), name="p2"), "line_in_payout"),
    ],
)
def test_nothing_is_stored_of_a_file_that_contradicts_what_was_read_before(
    store: Store, payout: Payout, code: str
) -> None:
    store.payouts.add([SOUND], source="a.csv")
    new = a_payout(a_line(9, 100), name="p0")
    with pytest.raises(Refused) as refused:
        store.payouts.add([new, payout], source="b.csv")
    assert refused.value.problem.code == code
    assert store.payouts.count() == 1
    assert store.payouts.by_key(new.key) is None


def test_a_file_that_tells_orders_takes_the_place_of_one_that_told_sums(store: Store) -> None:
    sums = a_payout(replace(a_line(2, 35000), is_sum=True, order=""), a_line(3, 0, -508, Movement.FEE))
    told = replace(a_payout(a_line(2, 24900, -361), a_line(3, 10100, -147)), paid_on=date(2026, 11, 25))
    (number,) = store.payouts.add([sums], source="sums.csv").new
    store.payouts.set_state(number, PayoutState.BOOKED)
    assert store.payouts.add([told], source="api") == Added((), 1, (number,))
    kept = store.payouts.get(number)
    assert kept is not None
    assert (kept.orders, kept.lines, kept.state, kept.paid_on) == (2, 2, PayoutState.BOOKED, sums.paid_on)
    assert [line.order_ref for line in store.payouts.lines(number)] == ["1002", "1003"]
    assert store.payouts.add([sums], source="sums.csv") == Added((), 1), "and stays"
    assert len(store.payouts.lines(number)) == 2


def unproven(*rows: int, name: str = "p1") -> Payout:
    return replace(a_payout(*[a_line(row, 1000 * row, -row) for row in rows], name=name), is_unproven=True)


def test_a_file_that_had_lost_rows_is_completed_by_the_whole_one(store: Store) -> None:
    (number,) = store.payouts.add([unproven(2, 4)], source="half.csv").new
    assert store.payouts.add([unproven(2, 3, 4, 5)], source="whole.csv") == Added((), 1, (), (number,))
    (kept,) = store.payouts.listed()
    assert (kept.net_ore, kept.sold_ore, kept.fees_ore, kept.lines, kept.orders) == (13986, 14000, -14, 4, 4)
    assert [line.line_id for line in store.payouts.lines(number)] == ["t2", "t4", "t3", "t5"], "places are kept"
    assert [line.place for line in store.payouts.lines(number)] == [1, 2, 3, 4]
    with pytest.raises(Refused):
        store.payouts.add([unproven(2, 4)], source="half.csv")
    assert store.payouts.add([replace(unproven(2, 3, 4, 5))], source="whole.csv") == Added((), 1)


@pytest.mark.parametrize(
    "why", ["other lines", "another amount", "answered", "asked for", "booked", "told by the file"]
)
def test_nothing_is_added_to_a_payout_on_whose_sum_something_rests(store: Store, why: str) -> None:
    half = unproven(2, 4)
    (number,) = store.payouts.add([replace(half, is_unproven=why != "told by the file")], source="half.csv").new
    whole = unproven(2, 3, 4)
    if why == "other lines":
        whole = unproven(2, 3, 5)
    elif why == "another amount":
        whole = unproven(2, 3, 4)
        whole = replace(a_payout(a_line(2, 2001, -3), *whole.lines[1:]), is_unproven=True)
    elif why == "answered":
        store.payouts.answer(number, {"sum_at_bank": "came"})
    elif why == "asked for":
        store.payouts.set_state(number, PayoutState.READY)
        store.payouts.want([number], actor="test")
    elif why == "booked":
        store.payouts.set_state(number, PayoutState.BOOKED)
    with pytest.raises(Refused) as refused:
        store.payouts.add([whole], source="whole.csv")
    assert refused.value.problem.code == "payout_changed"
    assert [line.line_id for line in store.payouts.lines(number)] == ["t2", "t4"]


def test_asking_twice_for_a_booking_is_asking_once(store: Store) -> None:
    (number,) = store.payouts.add([SOUND], source="a.csv").new
    assert store.payouts.want([number], actor="owner") == 0, "a held payout is not booked"
    store.payouts.set_state(number, PayoutState.READY)
    assert store.payouts.want([number], actor="owner") == 1
    assert store.payouts.want([number], actor="command") == 0
    assert [(payout.id, payout.wanted_by) for payout in store.payouts.wanted()] == [(number, "owner")]
    store.payouts.settle(number, PayoutState.BOOKED)
    assert store.payouts.wanted() == []


def test_choices_of_acquirers_and_openings_come_back_as_they_were_saved(store: Store) -> None:
    choice = AcquirerChoice(Way.BOOK, 55110, fee_vat="none", accounts={"reserve": 55120}, methods=("Kort",))
    store.settings.save(
        booking_account=55100, acquirers={"clearhaus": choice}, openings={55110: Opening(date(2026, 1, 1), 12345)}
    )
    chosen = store.settings.load()
    assert chosen.acquirers["clearhaus"] == choice
    assert chosen.acquirer("clearhaus").account == 55110
    assert (chosen.acquirer("stripe").account, chosen.acquirer("stripe").fee_account) == (55100, 7420)
    assert chosen.openings == {55110: Opening(date(2026, 1, 1), 12345)}


def test_what_a_year_began_with_is_replaced_and_other_postings_are_added(store: Store) -> None:
    primo = LedgerEntry("g1", 55110, date(2026, 1, 1), 100, is_primo=True)
    sale = LedgerEntry("g2", 55110, date(2026, 11, 2), 24900, voucher_number="7")
    store.entries.save("1", [primo, sale])
    store.entries.save("1", [replace(primo, ore=250)])
    assert store.entries.between("1", [55110], date(2026, 1, 1), date(2026, 12, 31)) == [replace(primo, ore=250), sale]
    assert store.entries.between("2", [55110], date(2026, 1, 1), date(2026, 12, 31)) == []
