"""The past: what a day was, which list its numbers are of, and the way of one order on every kind of end."""

import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conftest import World
from dinero.dashboard.past import ENDED, OrderWay, span
from dinero.intake.matching import match
from dinero.model.clock import copenhagen_date
from dinero.model.documents import Action, Progress, State
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.past import DayState, PastDay, counted_as
from dinero.model.payouts import Movement, PayoutLine
from dinero.reports.way import Standing, Track, WayStep, tracks
from dinero.store import Store
from dinero.store.migrations import migrations
from payouts import line, read
from test_corrections import delete_the_next_draft, edit, fewer_pieces, municipality, refund

DAY = date(2026, 11, 20)
INVOICE = r"/invoices/[^/]+$"
TOO_LARGE = {"status": 400, "body": {"code": 43, "message": "no"}}
DONE, OPEN, OWNER, REFUSED = Standing.DONE, Standing.OPEN, Standing.OWNER, Standing.REFUSED
WAITING, LEFT = Standing.WAITING, Standing.LEFT


def change_in_the_shop(world: World, **more: str) -> None:
    """The first order has one cup less than it was booked with."""
    edit(world, 1, **fewer_pieces(), **more)
    assert world.row(1).change is not None


# --- a day -------------------------------------------------


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (PastDay(DAY, fetched=True, expected=True), DayState.NO_SALE),
        (PastDay(DAY), DayState.NO_SALE),  # before anything was fetched
        (PastDay(DAY, left_out=2, fetched=True, expected=True), DayState.NO_SALE),
        (PastDay(DAY, through=3, left_out=1, transfers=1, expected=True), DayState.THROUGH),
        (PastDay(DAY, through=3), DayState.THROUGH),
        (PastDay(DAY, expected=True), DayState.NOT_RUN),
        (PastDay(DAY, through=3, expected=True), DayState.NOT_RUN),
        (PastDay(DAY, through=3, waiting=1, fetched=True, expected=True), DayState.WAITING),
        (PastDay(DAY, waiting=1, expected=True), DayState.WAITING),
        (PastDay(DAY, through=3, waiting=1, owner=1, fetched=True, expected=True), DayState.OWNER),
        (PastDay(DAY, through=3, owner=1, refused=1, fetched=True, expected=True), DayState.STOPPED),
        (PastDay(DAY, through=3, transfers=2, stopped=1, unmended=1, expected=True), DayState.STOPPED),
        (PastDay(DAY, through=3, transfers=2, stopped=1, expected=True), DayState.THROUGH),
    ],
)
def test_a_day_is_never_green_while_something_of_it_is_open(day: PastDay, state: DayState) -> None:
    assert day.state is state


@pytest.mark.parametrize("state", list(State))
def test_every_order_of_a_day_is_in_one_count(state: State) -> None:
    counted = {"through", "left_out", "waiting", "owner", "refused"}
    assert {counted_as(state, changed=changed) for changed in (True, False)} <= counted
    assert counted_as(state, changed=True) in ("owner", "refused"), "a change in the shop is the owner's"
    assert (counted_as(state, changed=False) == "through") is (state in (State.DONE, State.CREDITED))


def test_a_days_sentences_say_what_became_of_its_orders_and_transfers() -> None:
    day = PastDay(DAY, through=3, owner=1, transfers=1, stopped=1, expected=True)
    assert [text.render("en") for text in day.sentences] == [
        "4 orders.",
        "3 are transferred.",
        "1 needs you.",
        "1 transfer stopped, and that is mended.",
    ]
    hole = PastDay(DAY, expected=True)
    assert [text.render("en") for text in hole.sentences] == [
        "No orders.",
        "Nothing was fetched or transferred that day.",
    ]


def test_a_days_numbers_are_those_of_the_lists_it_opens(world: World) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    world.order(2, time="2026-11-20 23:59:59")
    world.order(3, time="2026-11-20 00:00:01", currency="EUR")
    world.order(4, time="2026-11-21 00:00:01")
    world.push(1)
    past, day = world.dashboard.past, world.dashboard.past.day(DAY)
    assert (day.through, day.waiting, day.owner, day.orders) == (1, 1, 1, 3)
    assert day.orders == len(past.orders(DAY, limit=100))
    today = copenhagen_date(world.clock.now())
    assert past.day(today).transfers == len(past.transfers(today, limit=100)) == past.count_transfers(today) == 1
    assert past.transfers(DAY, limit=100) == []


def test_an_order_that_the_shop_changed_after_it_was_booked_is_counted_as_the_owners(world: World) -> None:
    world.order(1, time="2026-11-20 10:00:00")
    world.push()
    assert world.dashboard.past.day(DAY).state is DayState.THROUGH
    change_in_the_shop(world, time="2026-11-20 10:00:00")
    day = world.dashboard.past.day(DAY)
    assert (day.through, day.owner, day.state) == (0, 1, DayState.OWNER)


def test_a_transfer_belongs_to_the_copenhagen_day_on_which_it_was_asked_for(world: World) -> None:
    world.order(1)
    world.clock.advance((datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC) - world.clock.now()).total_seconds())
    world.push()
    world.clock.advance(2)  # midnight in Copenhagen
    world.push()
    days = {day.day: day.transfers for day in world.dashboard.past.strip()}
    assert (days[date(2026, 11, 24)], days[date(2026, 11, 25)]) == (1, 1)


def test_the_strip_is_ninety_days_to_today_also_over_the_change_of_the_clocks(world: World) -> None:
    strip = world.dashboard.past.strip()
    assert len(strip) == 90
    assert strip[-1].day == copenhagen_date(world.clock.now())
    assert [day.day for day in strip] == [strip[0].day + timedelta(days=n) for n in range(90)]
    assert strip[0].day < date(2026, 10, 25) < strip[-1].day, "the clocks went back in it"


def test_a_day_without_a_fetch_or_a_transfer_is_a_hole_and_a_fetch_of_nothing_new_is_none(world: World) -> None:
    world.order(1)
    world.push()
    for _ in range(2):
        world.clock.advance(86_400)
    world.dashboard.orders.fetch()  # nothing new
    states = [day.state for day in world.dashboard.past.strip()][-4:]
    assert states == [DayState.NO_SALE, DayState.NO_SALE, DayState.NOT_RUN, DayState.NO_SALE]
    assert world.dashboard.past.strip()[-4].expected is False, "before anything was fetched"


def stopped(store: Store, operation_id: str) -> None:
    store.operations.open(operation_id, [("shoporama", "1")], actor="owner")
    reason = Finding("stopped", Text("The order was left out by the owner."))
    store.operations.update(operation_id, status=Progress.STOPPED, reasons=[reason], finished=True)


def test_a_day_is_red_until_its_stopped_transfer_is_seen_to_or_followed_by_a_good_one(world: World) -> None:
    store, today = world.dashboard.store, copenhagen_date(world.clock.now())
    stopped(store, "a")
    assert world.dashboard.past.day(today).state is DayState.STOPPED
    world.dashboard.transfers.dismiss("a")
    day = world.dashboard.past.day(today)
    assert (day.state, day.stopped, day.unmended) == (DayState.NO_SALE, 1, 0)
    stopped(store, "b")
    assert world.dashboard.past.day(today).state is DayState.STOPPED
    assert [record.unmended for record in world.dashboard.past.transfers(today, limit=9)] == [True, False]
    world.push()
    assert world.dashboard.past.day(today).unmended == 0
    assert [record.unmended for record in world.dashboard.past.transfers(today, limit=9)] == [False] * 3


# --- the way of one order -------------------------------------------------


def way(world: World, number: int = 1) -> OrderWay:
    found = world.dashboard.past.way(str(number))
    assert found is not None
    return found


def standing(track: Track) -> list[Standing]:
    return [step.standing for step in track.steps]


def names(track: Track) -> list[str]:
    return [step.name.render("en").replace("\xa0", " ") for step in track.steps]


def here(track: Track) -> WayStep:
    """The step at which it stands: the last that is reached, or the first that is not."""
    return next(step for step in reversed(track.steps) if step.standing is not OPEN)


def act(world: World, number: int, action: Action) -> None:
    operation_id = str(uuid.uuid4())
    assert world.dashboard.corrections.start(operation_id, world.row(number), action, reason="Fortrudt", actor="owner")
    world.dashboard.transfers.run(operation_id)


def test_a_transferred_order_has_gone_five_steps_each_with_its_time(world: World) -> None:
    world.order(1)
    world.clock.advance(3600)
    world.push()
    (track,) = way(world).tracks
    number = world.row(1).invoice_number
    assert track.title.render("en") == f"Invoice {number}"
    assert names(track) == [
        "Fetched",
        "Customer",
        "Draft checked",
        f"Invoice {number} booked",
        "737,00 kr. registered on Webshop salg",
    ]
    assert standing(track) == [DONE] * 5
    assert all(step.at is not None for step in track.steps)
    assert track.steps[0].waited is None
    assert track.steps[1].waited is not None
    assert track.steps[1].waited >= timedelta(hours=1)
    assert (track.number, track.guid) == (number, world.row(1).guid)


def test_a_held_order_shows_where_it_stands_and_why(world: World) -> None:
    world.order(1, currency="EUR")
    (track,) = way(world).tracks
    assert standing(track) == [DONE, OWNER, OPEN, OPEN, OPEN, OPEN]
    assert here(track).told[0] == world.row(1).reasons[0].text
    assert here(track).at is not None


def test_an_order_that_waits_is_not_yet_anywhere(world: World) -> None:
    world.order(1)
    (track,) = way(world).tracks
    assert standing(track) == [DONE, WAITING, OPEN, OPEN, OPEN, OPEN]
    world.dashboard.orders.ignore(world.row(1), "Test")
    (track,) = way(world).tracks
    assert standing(track) == [DONE, LEFT], "nothing is to come of an order that is left out"


def test_an_unsure_order_is_amber_where_the_answer_was_lost(world: World) -> None:
    world.order(1)
    world.sandbox.fault("drop", method="POST", path="/book$")
    world.sandbox.fault("status", method="GET", path=INVOICE, times=50)
    world.push()
    (track,) = way(world).tracks
    assert standing(track) == [DONE, DONE, DONE, OWNER, OPEN]
    assert here(track).told[0] == world.row(1).reasons[0].text


def test_a_refused_payment_is_red_at_the_last_step_of_a_booked_invoice(world: World) -> None:
    world.order(1)
    world.sandbox.fault("status", method="POST", path="/payments$", **TOO_LARGE)
    world.push()
    (track,) = way(world).tracks
    assert standing(track) == [DONE, DONE, DONE, DONE, REFUSED]
    assert here(track).told[0] == world.row(1).reasons[0].text
    assert here(track).at is not None


def test_an_invoice_that_was_taken_back_has_its_credit_note_as_a_second_track(world: World) -> None:
    world.order(1)
    world.push()
    act(world, 1, Action.UNDO)
    invoice, note = way(world).tracks
    assert standing(invoice) == [DONE] * 5
    assert standing(note) == [DONE] * 4
    assert names(note) == [
        "Correction begun",
        "Draft checked",
        f"Credit note {note.number} booked",
        "Refund of 737,00 kr. registered on Webshop salg",
    ]
    assert all(step.at is not None for step in (*invoice.steps, *note.steps))


def test_a_booking_that_is_found_after_its_credit_note_was_begun_stays_on_its_own_track(world: World) -> None:
    world.order(1)
    world.push()
    act(world, 1, Action.UNDO)
    store = world.dashboard.store
    key, documents = world.row(1).key, store.documents.of(world.row(1).key)
    events = store.history.list(order=key, oldest_first=True, limit=-1)
    claimed = [event for event in events if event.event == "claimed"]
    # As after a restored backup: the credit note is claimed before its invoice is known to be booked.
    mixed = [*claimed, *(event for event in events if event not in claimed)]
    mixed = [replace(event, at=f"2026-11-24T10:{place:02}:00.000+00:00") for place, event in enumerate(mixed)]
    booked = [event.at for event in mixed if event.event == "booked"]
    found = tracks(world.row(1), documents, mixed)
    assert [track.steps[-2].at for track in found] == [datetime.fromisoformat(at) for at in booked]


def test_a_customer_whose_creation_is_in_doubt_is_where_the_order_stands(world: World) -> None:
    world.order(1)
    world.sandbox.fault("drop", method="POST", path="/contacts$")
    world.sandbox.fault("status", method="GET", path="/contacts/", times=50)
    world.push()
    (track,) = way(world).tracks
    assert standing(track) == [DONE, OWNER, OPEN, OPEN, OPEN]


def test_an_order_that_was_booked_anew_has_three_tracks(world: World) -> None:
    world.order(1)
    world.push()
    act(world, 1, Action.REBOOK)
    tracks = way(world).tracks
    assert [track.number for track in tracks] == [
        document.invoice_number for document in world.dashboard.store.documents.of(world.row(1).key)
    ]
    assert [standing(track) for track in tracks] == [[DONE] * 5, [DONE] * 4, [DONE] * 5]
    assert names(tracks[2])[0] == "Begun anew"


def test_a_return_is_the_way_of_a_credit_note_and_stands_below_the_invoice_it_takes_back(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1))
    (to_come,) = way(world, 2).tracks
    assert standing(to_come) == [DONE, WAITING, OPEN, OPEN, OPEN]
    assert names(to_come)[-2:] == ["Credit note booked", "Refund registered"]
    world.push(2)
    (note,) = way(world, 2).tracks
    assert standing(note) == [DONE] * 4
    assert names(note)[0] == "Fetched"
    invoice, same = way(world, 1).tracks
    assert standing(invoice) == [DONE] * 5
    assert (same.guid, same.order.id, same.steps) == (note.guid, "2", note.steps)


@pytest.mark.usefixtures("deletion")
def test_a_draft_that_was_deleted_in_dinero_is_red_until_the_next_one_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(1)
    delete_the_next_draft(world, monkeypatch)
    world.push()
    monkeypatch.undo()
    (track,) = way(world).tracks
    assert standing(track)[-1] is REFUSED
    assert here(track).told
    world.push()
    deleted, invoice = way(world).tracks
    assert standing(deleted)[-1] is LEFT
    assert standing(invoice) == [DONE] * 5


def test_an_invoice_to_an_ean_number_ends_with_its_sending(world: World) -> None:
    world.dashboard.settings.save(rules={"ean": "e_invoice"})
    world.order(1, **municipality())
    world.push()
    (track,) = way(world).tracks
    assert standing(track) == [DONE] * 5
    assert names(track)[-1] == "Sent to EAN 5790000000005"


def test_an_order_that_the_shop_changed_since_stands_amber_behind_its_invoice(world: World) -> None:
    world.order(1)
    world.push()
    change_in_the_shop(world)
    (track,) = way(world).tracks
    assert standing(track) == [DONE] * 5 + [OWNER]
    assert here(track).told


def test_an_unknown_order_has_no_way(world: World) -> None:
    assert world.dashboard.past.way("77") is None


# --- the history -------------------------------------------------


def test_the_history_is_read_newest_first_by_kind_day_and_page(world: World) -> None:
    for number in (1, 2):
        world.order(number)
        world.push(number)
        world.clock.advance(86_400)
    world.order(3, currency="EUR")
    past = world.dashboard.past
    ended = past.events(ENDED, "", "", "", limit=10)
    assert [(event.event, event.order and event.order.id) for event in ended] == [
        ("state", "3"),
        ("done", "2"),
        ("done", "1"),
    ]
    assert [past.events(ENDED, "", "", "", limit=1, offset=n)[0].id for n in range(3)] == [row.id for row in ended]
    since, until = span(copenhagen_date(world.clock.now()) - timedelta(days=1))
    assert [event.order and event.order.id for event in past.events(ENDED, "", since, until, limit=10)] == ["2"]
    assert [event.event for event in past.events(ENDED, "1003", "", "", limit=10)] == ["state"]
    everything = past.events((), "", "", "", limit=1000)
    assert [event.id for event in everything] == sorted((event.id for event in everything), reverse=True)


@pytest.mark.parametrize("few", [0, 500], ids=["many found", "few found"])
def test_a_search_finds_the_same_events_however_many_orders_it_finds(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    for number in (1, 2, 3):
        world.order(number, **({"currency": "EUR"} if number == 3 else {}))
    world.push()
    monkeypatch.setattr("dinero.store.history.FEW", few)
    past = world.dashboard.past
    found = past.events((), "kunde2@example.com", "", "", limit=100)
    assert [event.id for event in found] == [
        event.id for event in past.events((), "", "", "", limit=100) if event.order and event.order.id == "2"
    ]
    assert [event.event for event in past.events(ENDED, "kunde", "", "", limit=100)] == ["done", "done", "state"]
    assert len(past.events(ENDED, "kunde", "", "", limit=1, offset=1)) == 1


def test_a_transfers_orders_that_are_not_at_their_end_come_first(world: World) -> None:
    for number in (1, 2, 3):
        world.order(number, **({"currency": "EUR"} if number == 2 else {}))
    world.push()
    (record,) = world.dashboard.past.transfers(None, limit=10)
    assert [row.order_id for row in world.dashboard.past.orders_of(record.id, limit=10)] == ["2", "1", "3"]
    assert [row.order_id for row in world.dashboard.past.orders_of(record.id, limit=1, offset=1)] == ["1"]


def test_the_days_of_fetches_before_they_were_noted_are_taken_from_the_history(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "dinero.db")) as db:
        migrations.apply(db, stop_before="m018_the_past_by_days")
        db.execute("insert into history (at, event) values ('2026-11-20T23:30:00.000+00:00', 'fetched')")
        db.commit()
    days = Store(tmp_path).past.days(date(2026, 11, 19), date(2026, 11, 22))
    assert [(day.fetched, day.expected) for day in days] == [
        (False, False),
        (False, False),
        (True, True),  # half past midnight in Copenhagen
        (False, True),
    ]


# --- past the transfer -------------------------------------------------------------------------


def pay_out(world: World, *lines: PayoutLine, name: str = "CH1234567", on: str = "2026-11-23") -> int:
    found = read(world.dashboard.store, *lines, name=name, on=on)
    match(world.dashboard.store, world.dashboard.settings.load())
    return found


def last(track: Track) -> tuple[str, Standing]:
    step = track.steps[-1]
    return plain(step.name), step.standing


def plain(text: Text) -> str:
    return text.render("en").replace("\N{NO-BREAK SPACE}", " ")


def test_a_transferred_order_goes_on_to_its_payout_and_its_fee(world: World) -> None:
    world.order(1)
    world.order(2)
    world.push()
    before = way(world).tracks
    assert len(before[0].steps) == 5, "nothing is said of payouts while none was read"
    pay_out(world, line("1001", 73700, -361))
    assert last(way(world).tracks[0]) == ("Paid out on 23 Nov 2026 in CH CH1234567, fee 3,61 kr.", DONE)
    assert last(way(world, 2).tracks[0]) == ("Awaits the payout", WAITING)
    pay_out(world, line("1002", 73700), name="CH2")
    assert last(way(world, 2).tracks[0]) == ("Paid out on 23 Nov 2026 in CH CH2", DONE)


def test_an_order_of_before_the_first_payout_or_of_another_way_to_pay_awaits_none(world: World) -> None:
    for number, more in ((1, {}), (2, {"payment_gateway": "Bankoverførsel", "payment_gateway_id": None}), (3, {})):
        world.order(number, **more)
    world.dashboard.settings.save(rules={"payment:Bankoverførsel": "money"})
    world.push()
    pay_out(world, line("1001", 73700, -361))
    assert len(way(world, 2).tracks[0].steps) == 5
    assert len(way(world, 3).tracks[0].steps) == 6
    world.dashboard.store.look_ups.put("payouts:fees", None)
    with world.dashboard.store.transaction() as db:
        db.execute("update payouts set first_day = '2026-12-24'")
    assert len(way(world, 3).tracks[0].steps) == 5


def test_a_refund_stands_on_its_credit_note_and_a_chargeback_on_the_invoice(world: World) -> None:
    world.order(1)
    world.push(1)
    world.order(2, **refund(1))
    world.push(2)
    pay_out(world, line("1001", 73700, -361), line("1001", -73700), line("1001", -73700, kind=Movement.CHARGEBACK))
    invoice, note = way(world).tracks
    assert [plain(step.name) for step in invoice.steps[5:]] == [
        "Paid out on 23 Nov 2026 in CH CH1234567, fee 3,61 kr.",
        "Charged back on 23 Nov 2026 in CH CH1234567",
    ]
    assert [step.standing for step in invoice.steps[5:]] == [DONE, OWNER]
    assert last(note) == ("Refund taken off on 23 Nov 2026 in CH CH1234567", DONE)
    (alone,) = way(world, 2).tracks
    assert last(alone) == last(note)


def test_what_was_paid_out_and_is_not_transferred_or_differs_needs_the_owner(world: World) -> None:
    world.order(1)
    pay_out(world, line("1001", 73700, -361))
    (track,) = way(world).tracks
    assert track.steps[-1].standing is OWNER
    assert [text.render("en") for text in track.steps[-1].told] == ["Order not transferred"]
    world.push(1)
    match(world.dashboard.store, world.dashboard.settings.load())
    assert last(way(world).tracks[0])[1] is DONE
    pay_out(world, line("1001", 73700), name="again", on="2026-11-24")
    steps = way(world).tracks[0].steps
    assert [step.standing for step in steps[5:]] == [DONE, OWNER]
