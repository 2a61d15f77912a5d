"""The proof of the booking account: every øre that Dinero has on it has its row."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import integers, randoms

from any_books import ACCOUNT, DAYS, FIRST, START, AnyBooks, any_books, proof
from conftest import World
from dinero.api.client import Dinero
from dinero.cli.main import main
from dinero.dashboard.dashboard import Dashboard
from dinero.model.acquirers import NO_VAT, STAYS, AcquirerChoice, Way
from dinero.model.balance import OpeningAsked, RowKind
from dinero.model.clock import copenhagen_date
from dinero.model.documents import State, Step
from dinero.model.errors import DashboardError, SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem, LedgerLine, LedgerPlan, Purpose, item_guid
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.model.settlements import LedgerEntry, PayoutState
from dinero.reports.balance_export import balance_csv, payouts_csv
from dinero.reports.cells import decimal
from dinero.reports.export import reconciliation_pdf
from dinero.rules.balance import overdue, prove
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import VIPPS
from dinero.store.ties import Key, Ties

LATE = FIRST + timedelta(days=DAYS + 30)


def test_what_was_registered_is_explained_order_by_order(world: World) -> None:
    world.order(1)
    world.order(2)
    world.push()
    balance = world.dashboard.balance.ask()
    assert balance.unexplained_ore == 0
    assert [(row.kind, row.number) for row in balance.rows] == [("sale", "1001"), ("sale", "1002")]
    assert balance.dinero_ore == sum(row.ore for row in balance.rows) > 0


@settings(max_examples=400, deadline=None)
@given(randoms(use_true_random=False), integers(0, 60), integers(0, DAYS + 20))
def test_whatever_happened_every_ore_is_explained_on_every_day(random: Random, events: int, days: int) -> None:
    made = any_books(random, events)
    balance = proof(made, FIRST + timedelta(days=days))
    assert balance.differences == ()
    assert balance.unexplained_ore == 0
    assert balance.since is None


@settings(max_examples=150, deadline=None)
@given(randoms(use_true_random=False), integers(1, 50))
def test_a_posting_of_ours_that_is_gone_or_another_in_dinero_is_found_with_its_day(random: Random, events: int) -> None:
    made = any_books(random, events, random.choice(["guid", "number"]))
    made.sell(31337)
    sale, posting = made.registered[-1], made.entries[-1]
    # A stranger's voucher under the same number is taken for the sale's: then it is not the whole sale that is missing.
    assume(all(one.voucher_number != posting.voucher_number for one in made.entries[:-1]))
    less = random.choice([posting.ore, 100])
    made.entries[-1:] = [replace(posting, ore=posting.ore - less)] if less != posting.ore else []
    balance = proof(made, LATE)
    assert balance.unexplained_ore == -less
    (difference,) = balance.differences
    assert (difference.said_ore, difference.shown_ore) == (sale.ore, sale.ore - less)
    assert (difference.number, balance.since) == (sale.order_number, sale.on)
    assert proof(made, sale.on - timedelta(days=1)).is_explained


@settings(max_examples=150, deadline=None)
@given(randoms(use_true_random=False), integers(1, 50))
def test_a_ledger_item_that_dinero_posted_otherwise_is_found(random: Random, events: int) -> None:
    made = any_books(random, events, "guid")
    made._item(77, made.day(), [98000, 1450], 0, 0)
    made.entries.pop()
    balance = proof(made, LATE)
    assert balance.unexplained_ore == 1450
    assert [difference.payout for difference in balance.differences] == [77]


def test_the_time_before_the_start_is_asked_about_once_and_a_later_change_of_it_is_seen() -> None:
    made = AnyBooks(Random(1), first_ore=123_456, confirms=False)
    made.sell()
    asked = proof(made, LATE)
    assert asked.opening == OpeningAsked(START, 123_456)
    assert asked.unexplained_ore == 123_456
    made.confirms = True
    confirmed = proof(made, LATE)
    assert confirmed.opening is None
    assert confirmed.is_explained
    books = made.books(LATE)
    late = LedgerEntry("late", ACCOUNT, START - timedelta(days=1), 500)
    changed = prove(replace(books, dinero_ore=books.dinero_ore + 500, entries=[*books.entries, late]))
    assert (changed.unexplained_ore, changed.since) == (500, START)


def test_nothing_is_asked_where_nothing_was_there_before_the_start() -> None:
    made = AnyBooks(Random(1), confirms=False)
    made.sell()
    assert proof(made, LATE).opening is None


def test_an_exchange_difference_that_was_booked_leaves_nothing_of_a_sale_in_euro() -> None:
    made = AnyBooks(Random(1))
    made.sell()
    (sale,) = made.registered
    line = made._line(1, 0, Movement.SALE, sale.ore - 30, sale)
    line = replace(line, fee_ore=0, net_ore=line.gross_ore, sold_for_ore=999, sold_for_currency="EUR")
    line = replace(line, registered_ore=sale.ore)
    made._book(1, [line])
    paid = replace(made.payouts.pop(), by_owner=False)
    made.moved, made.entries = [], made.entries[:1]
    made.payouts.append(paid)
    made._item(1, paid.payout.paid_on, [line.net_ore, 30], 0, 0)
    made.moved = [replace(made.moved[0], exchange_ore=30)]
    balance = proof(made, LATE)
    assert (balance.dinero_ore, balance.rows, balance.differences) == (0, (), ())


def test_a_year_that_dinero_began_with_another_balance_is_unexplained_by_the_difference() -> None:
    made = AnyBooks(Random(1))
    made.sell()
    books = made.books(LATE)
    balance = prove(replace(books, dinero_ore=books.dinero_ore + 9, gap_ore=9, year_start=date(2026, 2, 1)))
    assert (balance.unexplained_ore, balance.since) == (9, date(2026, 2, 1))


def test_sales_are_overdue_after_the_days_that_their_acquirer_needs() -> None:
    made = AnyBooks(Random(1))
    made.sell()
    (sale,) = made.registered

    def late(days: int, normal: dict[str, int]) -> int:
        books = replace(made.books(sale.on + timedelta(days=days)), acquirers={"": "clearhaus"})
        return len(overdue(prove(books), normal))

    assert [late(14, {}), late(15, {})] == [0, 1]
    assert [late(3, {"clearhaus": 3}), late(4, {"clearhaus": 3})] == [0, 1]


# --- over the sandbox ------------------------------------------------------------------------------------------


def line_of(row: int, kind: Movement, gross: int, fee: int = 0, order: str = "") -> PayoutLine:
    return PayoutLine(row, kind, f"t{row}-{order}", Money(gross), Money(fee), Money(gross + fee), order=order)


def store_payout(world: World, *lines: PayoutLine, name: str = "CH1") -> int:
    """A payout of today whose lines are tied to their orders, as the matching does."""
    store = world.dashboard.store
    net = Money(sum(line.net.ore for line in lines))
    payout = Payout("clearhaus", "1", name, copenhagen_date(world.clock.now()), net, lines)
    (number,) = store.payouts.add([payout], source="clearhaus.csv").new
    with store.transaction() as db:
        db.execute(
            "update payout_lines set shop = 'shoporama', order_id = cast(order_ref - 1000 as text), state = 'matched' "
            "where payout = ? and order_ref != ''",
            [number],
        )
    return number


def book(
    world: World, number: int, *postings: tuple[Purpose, int, int], kind: ItemKind = ItemKind.PAYOUT
) -> LedgerItem:
    """A ledger item (purpose, øre, account) that is claimed, booked in Dinero and recorded."""
    store, dinero = world.dashboard.store, world.dashboard.connection.dinero()
    payout = store.payouts.get(number)
    assert payout is not None
    lines = tuple(
        LedgerLine(purpose, "Clearhaus", Money(ore), account, "", "none", 55100, "Webshop salg")
        for purpose, ore, account in postings
    )
    plan = LedgerPlan(payout.key, kind, payout.paid_on, "Clearhaus", lines)
    guid = item_guid("210001", payout.key, kind, 1)
    lease = store.leases.acquire("push:210001", seconds=60)
    assert lease is not None
    item = store.ledger_items.claim(
        lease, organization="210001", payout=number, plan=plan, generation=1, guid=guid, text=Text("The set-up.")
    )
    assert item is not None
    dinero.book_ledger_item(guid, dinero.create_ledger_item(plan, guid))
    dinero.ledger_status(guid)
    voucher = dinero.ledger_status(guid).voucher_number
    done = replace(item, step=Step.DONE, state=State.DONE, voucher_number=voucher)
    done = store.ledger_items.advance(lease, item, done)
    store.leases.release(lease)
    store.payouts.set_state(number, PayoutState.BOOKED)
    return done


def voucher(world: World, ore: int, on: str, text: str = "Udbetaling") -> None:
    """A voucher that the owner books in Dinero on the booking account, against the bank."""
    books = world.sandbox.books
    line = {"description": text, "accountnumber": 55100, "balancingaccountnumber": 55000, "amount": f"{ore / 100:.2f}"}
    made = books.create_voucher({"voucherdate": on, "lines": [line]})
    books.book_voucher(made["Guid"], {"timestamp": made["Timestamp"]})


def test_a_month_with_a_payout_its_fee_and_a_chargeback_is_explained(world: World) -> None:
    for number in (1, 2, 3):
        world.order(number)
    world.push()
    before = world.dashboard.balance.ask()
    sold = {row.number: row.ore for row in before.rows}
    number = store_payout(
        world,
        line_of(2, Movement.SALE, sold["1001"], -361, "1001"),
        line_of(3, Movement.SALE, sold["1002"], -361, "1002"),
        line_of(4, Movement.CHARGEBACK, -sold["1001"], -10000, "1001"),
        line_of(5, Movement.RESERVE, -5000),
        line_of(6, Movement.SALE, 777, 0, ""),
    )
    net = sold["1002"] + 777 - 10722 - 5000
    book(world, number, (Purpose.BANK, net, 55000), (Purpose.FEE, 10722, 7420))
    balance = world.dashboard.balance.ask()
    assert balance.differences == ()
    assert balance.unexplained_ore == 0
    found = sorted((row.kind, row.number, row.ore) for row in balance.rows)
    assert found == [
        ("chargeback", "1001", sold["1001"]),
        ("no order", "", -777),
        ("reserve", "", 5000),
        ("sale", "1003", sold["1003"]),
    ]
    assert {row.payout_name for row in balance.rows} == {"", "CH1"}


def test_what_is_read_matched_and_booked_by_the_dashboard_is_explained_on_every_day(world: World) -> None:
    for number in (1, 2, 3):
        world.order(number)
    world.push()
    dashboard = world.dashboard
    ore = {row.number: row.ore for row in dashboard.balance.ask().rows}
    dashboard.acquirers.choose_bank_account(55000)
    accounts = {Movement.RESERVE: 54040, Movement.CORRECTION: 7420, Movement.OTHER: STAYS}
    dashboard.acquirers.choose(VIPPS, way=Way.BOOK, fee_vat=NO_VAT, accounts=accounts)
    sales = [("1001", ore["1001"]), ("1002", ore["1002"] + 100), ("1099", 5000)]
    world.sandbox.settle(VIPPS, sales, on=date(2026, 11, 24))
    outcome = dashboard.payouts.read("portal.csv", write(world.sandbox.payouts, "vipps_portal_no"))
    assert outcome.problems == ()
    dashboard.payouts.refresh()
    assert dashboard.payouts.book(outcome.new, actor="test") == 1
    while not dashboard.payouts.work():
        pass
    balance = dashboard.balance.ask()
    assert balance.differences == ()
    assert sorted((row.kind, row.number, row.ore) for row in balance.rows) == [
        ("differs", "1002", -100),
        ("no order", "1099", -5000),
        ("sale", "1003", ore["1003"]),
    ]
    for days in range(300):
        past = dashboard.balance.latest(on=date(2026, 11, 24) - timedelta(days=days))
        assert past is not None
        assert past.is_explained


def test_an_item_that_takes_a_payout_back_makes_its_sales_wait_again(world: World) -> None:
    world.order(1)
    world.push()
    (row,) = world.dashboard.balance.ask().rows
    number = store_payout(world, line_of(2, Movement.SALE, row.ore, -361, "1001"))
    lines = (Purpose.BANK, row.ore - 361, 55000), (Purpose.FEE, 361, 7420)
    book(world, number, *lines)
    assert world.dashboard.balance.ask().rows == ()
    book(world, number, *((purpose, -ore, account) for purpose, ore, account in lines), kind=ItemKind.COUNTER)
    balance = world.dashboard.balance.ask()
    assert [(r.kind, r.number) for r in balance.rows] == [("unbooked", "1001")]
    assert balance.is_explained


def test_the_owners_bank_line_and_our_fee_settle_a_payout_together(world: World) -> None:
    world.order(1)
    world.push()
    (row,) = world.dashboard.balance.ask().rows
    world.dashboard.settings.save(acquirers={"clearhaus": AcquirerChoice(Way.FEE)})
    number = store_payout(world, line_of(2, Movement.SALE, row.ore, -361, "1001"))
    book(world, number, (Purpose.FEE, 361, 7420))
    half = world.dashboard.balance.ask()
    assert sorted((r.kind, r.ore) for r in half.rows) == [("part", -361), ("unbooked", row.ore)]
    assert half.is_explained
    voucher(world, -(row.ore - 361), "2026-11-26")
    world.clock.advance(3 * 86400)
    whole = world.dashboard.balance.ask()
    assert (whole.rows, whole.unexplained_ore, whole.dinero_ore) == ((), 0, 0)
    past = world.dashboard.balance.latest(on=date(2026, 11, 25))
    assert past is not None
    assert past.is_explained
    assert {r.kind for r in past.rows} == {"part", "unbooked"}, "the bank's line came a day later"


def test_what_others_booked_is_listed_voucher_by_voucher(world: World) -> None:
    voucher(world, 12345, "2026-11-20", "Gebyr for oktober")
    balance = world.dashboard.balance.ask()
    (row,) = balance.rows
    assert (row.kind, row.ore, row.voucher, row.on) == ("other", 12345, "1", date(2026, 11, 20))
    assert "Gebyr for oktober" in row.text.render("da")
    assert balance.is_explained


@pytest.mark.parametrize("more", [0, 7000])
def test_a_payout_without_orders_pays_out_what_was_registered_in_its_period(
    world: World, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    world.order(1)
    world.order(2)
    world.push()
    rows = world.dashboard.balance.ask().rows
    total, day = sum(row.ore for row in rows) + more, rows[0].on
    payout = Payout(
        "clearhaus",
        "1",
        "CH1",
        copenhagen_date(world.clock.now()),
        Money(total - 500),
        (replace(line_of(2, Movement.SALE, total, -500), is_sum=True),),
        first_day=day - timedelta(days=3),
        last_day=rows[-1].on,
    )
    (number,) = world.dashboard.store.payouts.add([payout], source="clearhaus.csv").new
    read = world.dashboard.balance.ask()
    assert {(row.kind, row.payout) for row in read.rows} == {("unbooked", number)}, "they wait for the booking alone"
    assert overdue(read, {}, otherwise=-1) == []
    book(world, number, (Purpose.BANK, total - 500, 55000), (Purpose.FEE, 500, 7420))
    balance = world.dashboard.balance.ask()
    assert ([(row.kind, row.ore) for row in balance.rows], balance.unexplained_ore) == (
        [("period", -more)] if more else [],
        0,
    )
    look_at_all(monkeypatch)
    world.dashboard.balance.forget()
    assert world.dashboard.balance.latest() == balance, "what is left out because it is beyond doubt changes nothing"


def test_what_was_there_before_the_start_is_confirmed_once(world: World) -> None:
    voucher(world, 50000, "2025-12-20")
    world.order(1)
    world.push()
    asked = world.dashboard.balance.ask()
    start = date(2026, 1, 1)
    assert (asked.unexplained_ore, asked.opening) == (50000, OpeningAsked(start, 50000))
    with pytest.raises(SettingsError):
        world.dashboard.balance.confirm_opening(55100, 49999, start)
    confirmed = world.dashboard.balance.confirm_opening(55100, 50000, start)
    assert confirmed is not None
    assert confirmed.is_explained
    assert [row.kind for row in confirmed.rows] == ["opening", "sale"]
    voucher(world, -50000, "2025-12-30")
    later = world.dashboard.balance.ask()
    assert (later.unexplained_ore, later.since) == (-50000, start)
    assert "50.000" not in later.sentence().render("da")
    assert "500,00" in later.sentence().render("da")


def test_a_proof_of_a_year_costs_few_calls_and_the_next_one_a_single_call(world: World) -> None:
    world.clock.advance(36 * 86400)  # to the end of December
    world.order(1)
    world.push()

    def calls() -> list[str]:
        before = len(world.sandbox.calls)
        world.dashboard.balance.ask()
        return [call.path for call in world.sandbox.calls[before:] if call.path.startswith("/v1/")]

    assert len(calls()) <= 15
    assert [path.rpartition("/")[2] for path in calls()] == ["changes"]
    before = len(world.sandbox.calls)
    world.dashboard.balance.latest()
    assert len(world.sandbox.calls) == before, "a look asks nobody"


def test_a_new_year_goes_on_from_what_the_old_one_came_to(world: World) -> None:
    world.order(1)
    world.push()
    world.dashboard.balance.ask()
    world.sandbox.books.years.append((date(2027, 1, 1), date(2027, 12, 31)))
    world.clock.advance(40 * 86400)
    balance = world.dashboard.balance.ask()
    assert (balance.on.year, balance.unexplained_ore, len(balance.rows)) == (2027, 0, 1)
    assert balance.rows[0].days > 30
    voucher(world, 700, "2026-12-30", "For sent")
    voucher(world, 800, "2027-01-02", "Ny")
    later = world.dashboard.balance.ask()
    assert (later.unexplained_ore, [row.ore for row in later.of(RowKind.OTHER)]) == (0, [700, 800])
    past = world.dashboard.balance.latest(on=date(2026, 12, 31))
    assert past is not None
    assert [row.ore for row in past.of(RowKind.OTHER)] == [700]


def test_a_sale_that_was_registered_after_dinero_was_asked_is_not_missed_there(world: World) -> None:
    world.order(1)
    world.push()
    world.dashboard.balance.ask()
    world.clock.advance(60)
    world.order(2)
    world.push(2)
    old = world.dashboard.balance.latest()
    assert old is not None
    assert old.is_explained
    assert [row.number for row in old.rows] == ["1001"]
    assert [row.number for row in world.dashboard.balance.ask().rows] == ["1001", "1002"]


def test_a_payment_that_is_gone_in_dinero_is_unexplained_since_its_day(world: World) -> None:
    world.order(1)
    world.order(2)
    world.push()
    world.dashboard.balance.ask()
    payment = world.sandbox.books.payments.pop()
    world.clock.advance(400 * 86400)  # so long a gap that all is read anew
    world.sandbox.books.years.append((date(2027, 1, 1), date(2027, 12, 31)))
    balance = world.dashboard.balance.ask()
    assert balance.unexplained_ore == -payment["_dkk"]
    (difference,) = balance.differences
    assert (difference.shown_ore, difference.said_ore) == (0, payment["_dkk"])
    assert balance.since == date.fromisoformat(payment["PaymentDate"])


def look_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is beyond doubt any more: each posting and each order is looked at."""

    def all_keys(ties: Ties, organization: str, account: int) -> list[Key]:
        return ties._database.tuples(
            "select deposit_on, deposit_ore, coalesce(invoice_number, '') from documents "
            "where payment_guid is not null union "
            "select day, ore, voucher_number from ledger_entries where is_primo = 0"
        )

    def all_orders(ties: Ties, organization: str, account: int, last: date, payouts: list[int]) -> list[str]:
        rows = ties._database.tuples(
            "select source || char(31) || subject from documents union "
            "select shop || char(31) || order_id from payout_lines where order_id != ''"
        )
        return [order for (order,) in rows]

    monkeypatch.setattr(Ties, "in_doubt", all_keys)
    monkeypatch.setattr(Ties, "open_orders", all_orders)


def test_what_is_left_out_because_it_is_beyond_doubt_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        world.order(number)
    world.push()
    ore = {row.number: row.ore for row in world.dashboard.balance.ask().rows}
    lines = [line_of(n + 2, Movement.SALE, ore[f"100{n}"], -361, f"100{n}") for n in (1, 2, 3)]
    number = store_payout(world, *lines)
    net = sum(line.net.ore for line in lines)
    book(world, number, (Purpose.BANK, net, 55000), (Purpose.FEE, 3 * 361, 7420))
    again = store_payout(world, line_of(9, Movement.SALE, ore["1001"], 0, "1001"), name="CH2")
    book(world, again, (Purpose.BANK, ore["1001"], 55000))
    store_payout(world, line_of(12, Movement.SALE, ore["1002"], 0, "1002"), name="CH3")
    short = world.dashboard.balance.ask()
    assert sorted((row.kind, row.number) for row in short.rows) == [
        ("differs", "1001"),
        ("sale", "1004"),
        ("sale", "1005"),
    ]
    look_at_all(monkeypatch)
    world.dashboard.balance.forget()
    assert world.dashboard.balance.latest() == short


def test_the_command_tells_the_proof_as_other_programs_read_it(
    world: World, process: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    world.order(1)
    world.push()
    voucher(world, 900, "2026-11-23")
    assert main(["balance", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    sale, other = sorted(told["rows"], key=lambda row: str(row["kind"]), reverse=True)
    assert told["account"] == 55100
    assert told["on"] == "2026-11-24"
    assert told["unexplained_ore"] == 0
    assert told["dinero_ore"] == told["explained_ore"] == sale["ore"] + 900
    assert [(row["kind"], row["order"], row["payout"]) for row in (sale, other)] == [
        ("sale", "1001", None),
        ("other", None, None),
    ]
    assert main(["balance", "--on", "2026-11-01"]) == 0
    assert "Webshop salg: 0,00" in capsys.readouterr().out
    assert main(["balance", "--on", "yesterday"]) == 2
    assert main(["balance", "--on", "2025-11-01"]) == 2
    world.sandbox.books.payments.clear()
    with process.store.transaction() as db:
        db.execute("delete from ledger_entries where voucher_type = ''")
    assert main(["balance"]) == 1


def test_a_sale_in_euro_is_worth_what_dinero_posted_of_it(world: World) -> None:
    world.dashboard.settings.save(rules={"currency:EUR": "dinero_rate"})
    world.order(1, currency="EUR")
    (result,) = world.push()
    assert result.state == "done", result.reasons
    balance = world.dashboard.balance.ask()
    (row,) = balance.rows
    (payment,) = world.sandbox.books.payments
    assert (row.kind, row.number, row.ore) == ("sale", "1001", payment["_dkk"])
    assert balance.is_explained


# --- told of ---------------------------------------------------------------------------------------------------


def test_what_is_never_paid_out_needs_the_owner_and_is_told_of_once(world: World) -> None:
    dashboard = world.dashboard
    world.order(1)
    world.order(2)
    world.push()
    ore = {row.number: row.ore for row in dashboard.balance.ask().rows}
    dashboard.balance.tell(dashboard.alarms)
    assert dashboard.store.alarms.list() == [], "no payout was read, so nothing is known of them"
    number = store_payout(world, line_of(2, Movement.SALE, ore["1001"], -361, "1001"))
    book(world, number, (Purpose.BANK, ore["1001"] - 361, 55000), (Purpose.FEE, 361, 7420))
    dashboard.balance.tell(dashboard.alarms)
    assert dashboard.attention.groups() == []
    world.clock.advance(34 * 86400)
    for _ in range(2):
        dashboard.balance.tell(dashboard.alarms)
    (alarm,) = dashboard.store.alarms.list()
    assert (alarm.cause, "1002" in alarm.text.render("da")) == ("overdue", True)
    (group,) = dashboard.attention.groups()
    assert (group.id, group.keys, group.sums) == ("overdue", (world.row(2).key,), {"DKK": ore["1002"]})
    assert dashboard.attention.count() == 1
    owner = dashboard.day.minute().overview.owner
    assert (owner.count, owner.sums) == (1, {"DKK": ore["1002"]}), "the overview counts what the navigation counts"
    (reason,) = dashboard.attention.reasons(world.row(2))
    assert reason.code == "overdue"


def test_what_is_unexplained_is_an_alarm_once_for_each_change(world: World) -> None:
    dashboard = world.dashboard
    world.order(1)
    world.push()
    dashboard.balance.ask()
    store_payout(world, line_of(2, Movement.SALE, 100, 0, "1099"))
    for ore in (0, 5000, 5000, 0, 7000):
        with dashboard.store.transaction() as db:
            db.execute("delete from ledger_entries where guid = 'primo'")
        primo = LedgerEntry("primo", 55100, date(2026, 1, 1), ore, is_primo=True)
        dashboard.store.entries.save("210001", [primo] if ore else [])
        dashboard.balance.tell(dashboard.alarms)
    assert [alarm.cause for alarm in dashboard.store.alarms.list()] == ["balance", "balance"]


def test_a_round_by_itself_explains_the_account(world: World) -> None:
    world.order(1)
    world.push()
    store_payout(world, line_of(2, Movement.SALE, 100, 0, "1099"))
    assert world.dashboard.automatic.runner("test").once() is None
    balance = world.dashboard.balance.latest()
    assert balance is not None
    assert balance.is_explained


def test_the_papers_of_a_period_have_its_proof_and_its_payouts(world: World) -> None:
    world.order(1)
    world.push()
    dashboard = world.dashboard
    assert dashboard.balance.of_period(date(2026, 11, 1), date(2026, 11, 30)) is None
    (row,) = dashboard.balance.ask().rows
    store_payout(world, line_of(2, Movement.SALE, row.ore, -361, "1001"), line_of(3, Movement.SALE, 700))
    period = dashboard.balance.of_period(date(2026, 11, 1), date(2026, 11, 30))
    assert period is not None
    sold = decimal(row.ore + 700)
    (line,) = list(csv.DictReader(io.StringIO(payouts_csv(period.payouts, "en")[1:]), delimiter=";"))
    assert (line["Payout"], line["Sold"], line["Fees"], line["To the bank"]) == (
        "CH1",
        sold,
        "-3,61",
        decimal(row.ore + 700 - 361),
    )
    told = list(csv.DictReader(io.StringIO(balance_csv(period.balances[0], "en")[1:]), delimiter=";"))
    assert [one["Amount"] for one in told] == [decimal(row.ore), "0,00", decimal(row.ore)]
    result = dashboard.proof.reconcile(date(2026, 11, 1), date(2026, 11, 30))
    plain = reconciliation_pdf(result, "Åse", "da")
    assert len(reconciliation_pdf(result, "Åse", "da", period)) > len(plain)


def test_trouble_in_the_middle_leaves_the_mirror_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(1)
    world.push()
    asked: list[date] = []
    entries = Dinero.entries

    def failing(dinero: Dinero, first: date, last: date, *, primo: bool) -> list[LedgerEntry]:
        asked.append(first)
        if len(asked) == 7:
            raise TryLater(Text("The set-up."))
        return entries(dinero, first, last, primo=primo)

    monkeypatch.setattr(Dinero, "entries", failing)
    with pytest.raises(TryLater):
        world.dashboard.balance.ask()
    assert world.dashboard.balance.latest() is None
    assert world.dashboard.store.entries.count("210001") == 0
    whole = world.dashboard.balance.ask()
    assert whole.is_explained
    world.order(2)
    world.push(2)
    world.clock.advance(1)
    world.sandbox.fault("status", method="GET", path="/entries/changes", times=50, status=500)
    with pytest.raises(DashboardError):
        world.dashboard.balance.ask()
    old = world.dashboard.balance.latest()
    assert old is not None
    assert old.asked_at == whole.asked_at


def test_a_return_that_is_an_order_of_its_own_is_paid_back_under_its_sale(world: World) -> None:
    world.order(1)
    world.push()
    world.give_back(1, 2)
    world.push()
    sale, refund = sorted(world.dashboard.balance.ask().rows, key=lambda row: -row.ore)
    assert (sale.number, refund.number, refund.kind) == ("1001", "1001", "refund")
    lines = (line_of(2, Movement.SALE, sale.ore, 0, "1001"), line_of(3, Movement.REFUND, refund.ore, 0, "1001"))
    number = store_payout(world, *lines)
    rows = world.dashboard.balance.ask().rows
    assert [(row.kind, row.number) for row in rows] == [("unbooked", "1001")] * 2
    book(world, number, (Purpose.BANK, sale.ore + refund.ore, 55000))
    assert world.dashboard.balance.ask().rows == ()
