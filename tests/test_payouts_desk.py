"""What may be asked about payouts: files are read whole or not at all, payouts stand as they are now, and what is
asked for is booked once."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date

import pytest

from conftest import World
from dinero.acquirers.columns.mapping import ColumnMapping, Role
from dinero.acquirers.words import Apart, Words
from dinero.dashboard.payout_files import OTHER_ACCOUNT, FileOutcome
from dinero.model.acquirers import NO_VAT, STAYS, Way
from dinero.model.documents import OrderKey
from dinero.model.errors import SettingsError
from dinero.model.ledger import Purpose
from dinero.model.payouts import Movement, Payout
from dinero.model.settlements import LineState, PayoutState
from dinero.sandbox.payout_files import FORMATS, write
from dinero.sandbox.settlements import CLEARHAUS, VIPPS, settle

BANK, FEES, RESERVES = 55000, 7420, 54040
FIRST, SECOND = date(2026, 11, 12), date(2026, 11, 19)
# What MobilePay calls a refund and a payout in Danish is not known: facts.md, Payouts 10.2.
STRANGE = ("vipps_portal_da", "vipps_portal_da_xlsx")
EXPLAINED: Words = {"Udbetaling planlagt": Apart.PAYOUT, "Refusion": Movement.REFUND}
SALES = [("1001", 24900), ("1002", 49800)]


def payouts_of(acquirer: str = CLEARHAUS, *, sales: Sequence[tuple[str, int]] = SALES) -> list[Payout]:
    """Two payouts, each of one sale."""
    made: list[Payout] = []
    for sale, on in zip(sales, (FIRST, SECOND), strict=True):
        made.append(settle(made, acquirer, [sale], on=on))
    return made


def read(world: World, payouts: list[Payout], format: str = "clearhaus", name: str = "payouts.csv") -> FileOutcome:
    return world.dashboard.payouts.read(name, write(payouts, format))


def choose(world: World, way: Way = Way.BOOK) -> None:
    world.dashboard.acquirers.choose_bank_account(BANK)
    for acquirer in (CLEARHAUS, VIPPS):
        accounts = {Movement.RESERVE: RESERVES, Movement.CORRECTION: FEES, Movement.OTHER: STAYS}
        world.dashboard.acquirers.choose(acquirer, way=way, fee_vat=NO_VAT, accounts=accounts)


def ready(world: World) -> tuple[int, int]:
    """The rows of two payouts that are ready, the first one first."""
    choose(world)
    read(world, payouts_of())
    second, first = world.dashboard.payouts.listed((PayoutState.READY,))
    return first.id, second.id


def state(world: World, number: int) -> PayoutState:
    payout = world.dashboard.payouts.get(number)
    assert payout is not None
    return payout.state


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_recognized_and_read_once(world: World) -> None:
    payouts = payouts_of()
    first = read(world, payouts)
    assert (len(first.new), first.known, first.problems, first.proposal) == (2, 0, (), None)
    again = read(world, payouts, name="again.csv")
    assert (again.new, again.known, again.is_refused) == ((), 2, False)
    assert "read before" in again.sentences[0].render("en")
    assert [(row.net_ore, row.source) for row in world.dashboard.payouts.listed()] == [
        (payout.net.ore, "payouts.csv") for payout in reversed(payouts)
    ]


def test_periods_that_overlap_store_what_is_new(world: World) -> None:
    payouts = payouts_of()
    read(world, payouts[:1])
    outcome = read(world, payouts)
    assert (len(outcome.new), outcome.known) == (1, 1)


@pytest.mark.parametrize("format", sorted(name for name in FORMATS if name != "own"))
def test_each_format_is_recognized_by_itself_and_by_its_name(world: World, format: str) -> None:
    payouts = payouts_of(FORMATS[format].of)
    data = write(payouts, format)
    outcome = world.dashboard.payouts.read("file", data)
    if format in STRANGE:
        assert [problem.code for problem in outcome.problems] == ["unknown_kind"]
        assert [one.word for one in outcome.unknown] == ["Udbetaling planlagt"]
        assert outcome.proposal is None, "the owner says what the word means, and not what the columns are"
        outcome = world.dashboard.payouts.read("file", data, words=EXPLAINED)
    assert (len(outcome.new), outcome.problems) == (2, ())
    nets = sorted(row.net_ore for row in world.dashboard.payouts.listed())
    assert nets == sorted(payout.net.ore for payout in payouts)


def with_refunds() -> list[Payout]:
    """MobilePay's payouts of two weeks, with refunds."""
    first = settle([], VIPPS, SALES, [("0999", 10000)], on=FIRST)
    return [first, settle([first], VIPPS, [("1003", 15000)], [("1001", 4900)], on=SECOND)]


def test_words_are_asked_about_once_and_the_next_file_is_read_without(world: World) -> None:
    first, second = with_refunds()
    data = write([first], "vipps_portal_da")
    asked = world.dashboard.payouts.read("a.csv", data)
    assert asked.is_refused
    assert [(one.word, one.rows) for one in asked.unknown] == [("Refusion", 1), ("Udbetaling planlagt", 1)]
    assert "Payouts" in asked.sentences[-1].render("en")
    assert world.dashboard.payouts.count() == 0
    assert len(world.dashboard.payouts.read("a.csv", data, words=EXPLAINED).new) == 1
    outcome = world.dashboard.payouts.read("b.xlsx", write([first, second], "vipps_portal_da_xlsx"))
    assert (len(outcome.new), outcome.known, outcome.problems) == (1, 1, ())
    sums = [(row.sold_ore, row.refunded_ore, row.fees_ore, row.net_ore) for row in world.dashboard.payouts.listed()]
    assert sums == [(p.sold.ore, p.refunded.ore, p.fees.ore, p.net.ore) for p in (second, first)]


def test_words_that_were_explained_wrongly_are_told_with_the_figures_and_not_kept(world: World) -> None:
    data = write(with_refunds(), "vipps_portal_da")
    wrong = world.dashboard.payouts.read("a.csv", data, words={**EXPLAINED, "refusion ": Movement.FEE})
    assert "−108,97" in wrong.problems[0].text.render("da")
    assert {one.key: one.suggestion for one in wrong.unknown} == {
        "refusion": Movement.FEE,
        "udbetaling planlagt": Apart.PAYOUT,
    }, "both are asked about once more, as they were explained"
    assert world.dashboard.payouts.count() == 0
    again = world.dashboard.payouts.read("a.csv", data)
    assert [problem.code for problem in again.problems] == ["unknown_kind"] * 2


def test_a_word_that_was_kept_and_does_not_fit_any_more_is_asked_about_anew(world: World) -> None:
    first, second = with_refunds()
    data = write([first], "vipps_portal_da")
    assert world.dashboard.payouts.read("a.csv", data, words=EXPLAINED).new
    # A word of another day: now it is what a sale is called.
    strange = write([second], "vipps_portal_da").replace("Betaling gennemført".encode(), b"Refusion")
    outcome = world.dashboard.payouts.read("b.csv", strange)
    assert [problem.code for problem in outcome.problems] == ["line_way"]
    assert ("refusion", Movement.REFUND) in [(one.key, one.suggestion) for one in outcome.unknown]
    assert world.dashboard.payouts.count() == 1


def test_what_was_said_of_words_is_no_proposal_for_the_columns_of_other_files(world: World) -> None:
    mapping = ColumnMapping(acquirer="Hos os", roles={"Beløb": Role.NET, "Dag": Role.PAID_ON})
    world.dashboard.store.column_mappings.keep("x", mapping.to_json())
    data = write(with_refunds(), "vipps_portal_da")
    assert world.dashboard.payouts.read("a.csv", data, words=EXPLAINED).new
    other = "Dag;Beløb;Tekst\n12-11-2026;100,00;a\n".encode()
    proposal = world.dashboard.payouts.read("b.csv", other).proposal
    assert proposal is not None
    assert proposal.mapping.acquirer == "Hos os"


def test_a_broken_file_is_told_as_it_is_although_its_words_are_known_by_then(world: World) -> None:
    data = write(with_refunds(), "vipps_portal_da")
    assert world.dashboard.payouts.read("a.csv", data, words=EXPLAINED).new
    outcome = world.dashboard.payouts.read("a.csv", data.replace(b"249.00", b"24x.00"))
    assert outcome.problems
    assert outcome.unknown == (), "it is not the words"


def test_a_file_with_a_figure_that_does_not_fit_stores_nothing(world: World) -> None:
    payouts = payouts_of()
    data = write(payouts, "clearhaus").replace(b"-3.61", b"-3.60")
    before = len(world.dashboard.store.history.list())
    outcome = world.dashboard.payouts.read("broken.csv", data)
    assert outcome.is_refused
    assert outcome.problems[0].row is not None
    assert world.dashboard.payouts.count() == 0
    assert len(world.dashboard.store.history.list()) == before


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"%PDF-1.4", b"a;b\n1;2\n", b"PK\x03\x04", b"<html>", b"{}", b"[1"])
def test_what_is_no_file_of_payouts_is_a_sentence_and_stores_nothing(world: World, data: bytes) -> None:
    outcome = world.dashboard.payouts.read("x", data)
    assert outcome.is_refused
    assert all(text.render(language).endswith((".", "?")) for text in outcome.sentences for language in ("da", "en"))
    assert world.dashboard.payouts.count() == 0


def test_a_file_that_contradicts_what_was_read_is_refused_whole(world: World) -> None:
    read(world, payouts_of()[:1])
    other = payouts_of(sales=[("1001", 25000), ("1002", 49800)])
    outcome = read(world, other)
    assert [problem.code for problem in outcome.problems] == ["payout_changed"]
    assert world.dashboard.payouts.count() == 1


def test_half_a_file_that_tells_no_sum_is_completed_by_the_whole_one(world: World) -> None:
    world.order(1)
    (payout,) = with_refunds()[:1]
    whole = write([payout], "shopify")
    half = b"".join(whole.splitlines(keepends=True)[:-1])
    assert len(world.dashboard.payouts.read("half.csv", half).new) == 1
    outcome = world.dashboard.payouts.read("whole.csv", whole)
    assert (outcome.problems, outcome.new, outcome.known, outcome.completed) == ((), (), 1, 1)
    assert "fuldstændig" in " ".join(text.render("da") for text in outcome.sentences)
    (row,) = world.dashboard.payouts.listed()
    assert (row.net_ore, row.lines) == (payout.net.ore, len(payout.lines))
    assert [line.number for line in world.dashboard.payouts.lines(row.id)].count("1001") == 1
    again = world.dashboard.payouts.read("half.csv", half)
    assert [problem.code for problem in again.problems] == ["payout_changed"]
    assert world.dashboard.payouts.listed()[0].net_ore == payout.net.ore


def test_a_file_of_another_merchant_is_let_in_by_the_owner_alone(world: World) -> None:
    payouts = payouts_of()
    data = write(payouts, "clearhaus")
    other = write(payouts_of(sales=[("1003", 100), ("1004", 200)]), "clearhaus").replace(
        payouts[0].account.encode(), b"1111111"
    )
    other = other.replace(payouts[0].id.encode(), b"a" * 8).replace(payouts[1].id.encode(), b"b" * 8)
    assert len(world.dashboard.payouts.read("mine.csv", data).new) == 2
    outcome = world.dashboard.payouts.read("other.csv", other)
    assert [problem.code for problem in outcome.problems] == [OTHER_ACCOUNT]
    assert "1111111" in outcome.problems[0].text.render("en")
    assert world.dashboard.payouts.count() == 2
    assert len(world.dashboard.payouts.read("other.csv", other, another=True).new) == 2
    assert world.dashboard.payouts.read("other.csv", other).known == 2, "it is known from then on"


def test_a_reader_may_be_named_and_one_that_is_not_known_is_wrong_use(world: World) -> None:
    data = write(payouts_of(), "clearhaus")
    assert world.dashboard.payouts.read("a", data, reader="stripe").is_refused
    assert len(world.dashboard.payouts.read("a", data, reader="clearhaus").new) == 2
    with pytest.raises(SettingsError):
        world.dashboard.payouts.read("a", data, reader="nobody")


def test_a_file_leaves_one_row_of_history_without_what_is_not_shown(world: World) -> None:
    name = "../../C:\\folder\\" + "ø" * 300 + "\x00\n.csv"
    read(world, payouts_of(), name=name)
    (event,) = [row for row in world.dashboard.store.history.list() if row.event == "payouts read"]
    assert event.text is not None
    assert event.text.values["file"] == "ø" * 80
    assert {row.source for row in world.dashboard.payouts.listed()} == {"ø" * 80}


# --- columns that the owner names ------------------------------------------------------------------------------------

OWN = (
    "Dato;Udbetaling;Bestilling;Kunde;Telefon;Brutto;Gebyr;Netto;Art\n"
    "13-11-2026;U1;1001;Ea Ejersen;+45 22334455;249,00;-3,61;245,39;salg\n"
    "13-11-2026;U1;;;;;;-245,39;overført\n"
).encode()
ROLES = {
    "Dato": Role.PAID_ON,
    "Udbetaling": Role.PAYOUT,
    "Bestilling": Role.ORDER,
    "Brutto": Role.GROSS,
    "Gebyr": Role.FEE,
    "Netto": Role.NET,
    "Art": Role.KIND,
}


def own_mapping() -> ColumnMapping:
    return ColumnMapping(acquirer="Nordic Pay", roles=ROLES, kinds={"salg": Movement.SALE, "overført": Apart.PAYOUT})


def test_columns_that_nobody_knows_are_asked_about_once(world: World) -> None:
    world.order(1)
    outcome = world.dashboard.payouts.read("egen.csv", OWN)
    assert outcome.is_refused
    assert outcome.proposal is not None
    assert world.dashboard.payouts.count() == 0
    told = world.dashboard.payouts.columns("egen.csv", OWN, own_mapping())
    assert not isinstance(told, tuple)
    assert (told.named, told.hits, told.proposal.questions, told.proposal.problems) == (1, 1, (), ())  # type: ignore[union-attr]
    assert len(world.dashboard.payouts.read("egen.csv", OWN, mapping=own_mapping()).new) == 1
    (payout,) = world.dashboard.payouts.listed()
    assert (payout.acquirer, payout.net_ore, payout.fees_ore) == ("Nordic Pay", 24539, -361)
    following = OWN.replace(b"U1", b"U2").replace(b"1001", b"1002")
    assert len(world.dashboard.payouts.read("naeste.csv", following).new) == 1, "the mapping was kept"


def test_a_mapping_that_fails_is_not_kept(world: World) -> None:
    broken = OWN.replace(b"245,39;salg", b"245,40;salg")
    outcome = world.dashboard.payouts.read("egen.csv", broken, mapping=own_mapping())
    assert outcome.problems
    assert outcome.proposal is not None
    assert world.dashboard.payouts.read("egen.csv", OWN).proposal is not None


def test_a_new_word_in_known_columns_is_asked_about(world: World) -> None:
    world.dashboard.payouts.read("egen.csv", OWN, mapping=own_mapping())
    outcome = world.dashboard.payouts.read("egen.csv", OWN.replace(b"salg", b"indsigelse").replace(b"U1", b"U3"))
    assert outcome.proposal is not None
    assert [question.word for question in outcome.proposal.questions] == ["indsigelse"]
    assert world.dashboard.payouts.count() == 1


def test_no_name_and_no_phone_number_of_a_file_is_stored(world: World) -> None:
    world.dashboard.payouts.read("egen.csv", OWN)
    world.dashboard.payouts.read("egen.csv", OWN, mapping=own_mapping())
    with closing(sqlite3.connect(world.dashboard.store.path)) as db:
        dump = "\n".join(db.iterdump())
    assert "U1" in dump
    assert [word for word in ("Ejersen", "22334455") if word in dump] == []


# --- how payouts stand ------------------------------------------------------------------------------------------------


def test_a_payout_stands_as_choices_and_orders_are_now(world: World) -> None:
    payouts = world.dashboard.payouts
    (number, _) = read(world, payouts_of(VIPPS), "vipps_portal_no").new
    assert state(world, number) is PayoutState.HELD
    choose(world)
    payouts.refresh()
    assert state(world, number) is PayoutState.READY
    assert payouts.line_states(number)[LineState.NO_ORDER] == 1
    world.order(1)
    payouts.refresh()
    assert payouts.line_states(number)[LineState.NOT_TRANSFERRED] == 1


def test_to_look_again_costs_nothing_while_nothing_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(world)
    world.dashboard.payouts.refresh()
    calls: list[str] = []
    for name in ("match", "assess_payouts"):
        monkeypatch.setattr(f"dinero.dashboard.payouts.{name}", lambda *given, name=name: calls.append(name))
    world.dashboard.payouts.refresh()
    assert calls == []
    world.order(1)
    world.dashboard.payouts.refresh()
    assert calls == ["match", "assess_payouts"]


# --- booked ----------------------------------------------------------------------------------------------------------


def test_what_is_shown_is_what_is_sent(world: World) -> None:
    (number, _) = ready(world)
    plan = world.dashboard.payouts.plan(number)
    assert plan is not None
    assert {line.purpose: line.amount.ore for line in plan.lines} == {Purpose.BANK: 24539, Purpose.FEE: 361}
    assert world.dashboard.payouts.book([number], actor="owner") == 1
    assert world.dashboard.payouts.book([number], actor="owner") == 0, "asking twice is asking once"
    assert world.dashboard.payouts.work()
    assert state(world, number) is PayoutState.BOOKED
    (item,) = world.dashboard.payouts.items(number)
    assert item.plan == plan
    assert world.dashboard.payouts.plan(number) is None


def test_a_payout_that_is_held_is_not_booked(world: World) -> None:
    (number, _) = read(world, payouts_of()).new
    assert world.dashboard.payouts.book([number], actor="owner") == 0
    world.dashboard.payouts.work()
    assert world.dashboard.payouts.items(number) == []


def test_a_booking_is_taken_back_by_a_counter_item_with_its_reason(world: World) -> None:
    (number, other) = ready(world)
    payouts = world.dashboard.payouts
    assert payouts.undo_plan(number) is None
    with pytest.raises(SettingsError):
        payouts.undo(number, reason="Forkert konto", actor="owner")
    payouts.book([number], actor="owner")
    payouts.work()
    plan = payouts.undo_plan(number)
    assert plan is not None
    for reason in ("", "  ", "x" * 201):
        with pytest.raises(SettingsError):
            payouts.undo(number, reason=reason, actor="owner")
    payouts.undo(number, reason="Forkert konto", actor="owner")
    payouts.work()
    assert [item.plan for item in payouts.items(number)][-1] == plan
    assert payouts.undo_plan(number) is None
    assert any("Forkert konto" in str(event.text) for event in payouts.events(number))
    assert state(world, other) is PayoutState.READY


def test_what_is_booked_without_a_click_is_what_the_owner_said(world: World) -> None:
    numbers = ready(world)
    assert world.dashboard.payouts.book_by_themselves(actor="automatic") == 0
    world.dashboard.acquirers.choose(VIPPS, by_itself=True)
    assert world.dashboard.payouts.book_by_themselves(actor="automatic") == 0
    world.dashboard.acquirers.choose(CLEARHAUS, by_itself=True)
    assert world.dashboard.payouts.book_by_themselves(actor="automatic") == 2
    world.dashboard.payouts.work()
    assert {state(world, number) for number in numbers} == {PayoutState.BOOKED}
    assert world.dashboard.payouts.book_by_themselves(actor="automatic") == 0


# --- the owner's words -----------------------------------------------------------------------------------------------


def negative(world: World) -> int:
    """The row of a payout below 0, about which the owner is asked."""
    choose(world)
    made = settle([], CLEARHAUS, [("1001", 10000)], [("1002", 30000)], on=FIRST)
    (number,) = read(world, [made]).new
    assert state(world, number) is PayoutState.HELD
    return number


def test_a_question_is_answered_with_one_of_its_choices_and_the_answer_can_be_taken_back(world: World) -> None:
    payouts, number = world.dashboard.payouts, negative(world)
    for key, value in (("negative_payout", "maybe"), ("other", "drawn"), ("negative_payout", "")):
        with pytest.raises(SettingsError):
            payouts.answer(number, key, value)
    payouts.answer(number, "negative_payout", "drawn")
    assert state(world, number) is PayoutState.READY
    with pytest.raises(SettingsError):
        payouts.answer(number, "negative_payout", "carried")
    payouts.take_answer_back(number, "negative_payout")
    assert state(world, number) is PayoutState.HELD
    with pytest.raises(SettingsError):
        payouts.take_answer_back(number, "negative_payout")
    assert [event.event for event in payouts.events(number)].count("answered") == 2


def test_an_answer_of_a_payout_that_is_asked_for_stays(world: World) -> None:
    payouts, number = world.dashboard.payouts, negative(world)
    payouts.answer(number, "negative_payout", "drawn")
    payouts.book([number], actor="owner")
    with pytest.raises(SettingsError):
        payouts.take_answer_back(number, "negative_payout")


def test_the_owner_says_which_order_a_line_is_of(world: World) -> None:
    payouts = world.dashboard.payouts
    world.order(7)
    (number, _) = read(world, payouts_of(VIPPS), "vipps_portal_no").new
    (line, *_) = payouts.lines(number)
    assert line.state is LineState.NO_ORDER
    assert payouts.suggestion(number, line.place) is None
    assert payouts.evidence(number, line.place)
    payouts.choose_order(number, line.place, OrderKey("shoporama", "7"))
    assert payouts.lines(number)[0].order_id == "7"
    payouts.choose_order(number, line.place, None)
    assert payouts.lines(number)[0].order_id == ""
    with pytest.raises(SettingsError):
        payouts.choose_order(number, line.place, OrderKey("shoporama", "99"))
    assert (payouts.suggestion(number, 0), payouts.suggestion(number, 99)) == (None, None)
