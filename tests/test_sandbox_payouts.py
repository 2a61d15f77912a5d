"""What the sandbox's acquirers pay out: of its own orders, to the øre, and the same in every file that they write."""

import base64
import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from conftest import PLENTY
from dinero.acquirers.acquirer import checked
from dinero.cli.main import main
from dinero.model.clock import SimulatedClock, copenhagen_date
from dinero.model.payouts import Movement, Payout, PayoutLine
from dinero.sandbox import Sandbox
from dinero.sandbox.generate import make_orders
from dinero.sandbox.payout_files import FORMATS, files, write, write_files
from dinero.sandbox.settlements import CLEARHAUS, VIPPS, make_payouts, settle

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORDERS = make_orders(200, 1, NOW, returns=True)
PAYOUTS = make_payouts(ORDERS, 1, NOW)
BY_NUMBER = {str(order["webshop_order_id"]): order for order in ORDERS}
BY_ID = {str(order["order_id"]): order for order in ORDERS}
HOUSES = {"quickpayv10": CLEARHAUS, "nets": CLEARHAUS, "mobilepay": VIPPS}


def lines(*kinds: Movement, of: Iterable[Payout] = PAYOUTS) -> list[PayoutLine]:
    return [line for payout in of for line in payout.lines if not kinds or line.kind in kinds]


def of(acquirer: str, payouts: Iterable[Payout] = PAYOUTS) -> list[Payout]:
    return [payout for payout in payouts if payout.acquirer == acquirer]


def plainly(acquirer: str, payouts: Iterable[Payout] = PAYOUTS) -> list[Payout]:
    """Those of sales and refunds alone, which every format has words for."""
    return [p for p in of(acquirer, payouts) if {line.kind for line in p.lines} <= {Movement.SALE, Movement.REFUND}]


def ore_of(order: dict[str, Any]) -> int:
    told = str(order["total_price"])
    return int(Decimal(told.replace(".", "").replace(",", ".") if "," in told else told) * 100)


# --- the payouts --------------------------------------------------------------------------------------------------


@given(st.integers(0, 120), st.integers(0, 50), st.integers(-6000, 2000), st.booleans())
def test_whatever_the_orders_every_payout_adds_up_and_no_line_is_there_twice(
    count: int, seed: int, hours: int, returns: bool
) -> None:
    moment = NOW + timedelta(hours=hours)
    payouts = make_payouts(make_orders(count, seed, moment, returns=returns), seed, moment)
    assert not payouts or checked(payouts).problems == ()
    assert all(payout.net.ore > 0 and payout.paid_on <= copenhagen_date(moment) for payout in payouts)


def test_the_same_seed_pays_the_same_and_another_one_does_not() -> None:
    assert make_payouts(make_orders(200, 1, NOW, returns=True), 1, NOW) == PAYOUTS
    assert make_payouts(make_orders(200, 2, NOW, returns=True), 2, NOW) != PAYOUTS


def test_every_sale_is_an_order_that_was_paid_once_through_its_acquirer_for_its_total() -> None:
    sales = [(payout.acquirer, line) for payout in PAYOUTS for line in payout.lines if line.kind is Movement.SALE]
    assert len(sales) > 100
    assert len({line.order for _, line in sales}) == len(sales)
    for acquirer, line in sales:
        order = BY_NUMBER[line.order]
        assert HOUSES[order["payment_gateway"]] == acquirer
        assert order["paid"] not in (None, 0, "0", "")
        assert order["status"] != "cancelled"
        assert (line.sold_for or line.gross).ore == ore_of(order)
        assert (line.sold_for.currency if line.sold_for else "DKK") == order["currency"]
        assert line.at is not None
        assert line.at > datetime.fromisoformat(order["paid"]).replace(tzinfo=line.at.tzinfo)


def test_what_is_in_no_payout_is_not_card_or_mobilepay_or_not_captured_or_too_new() -> None:
    paid_out = {line.order for line in lines(Movement.SALE)}
    first_unsent = True
    for number, order in BY_NUMBER.items():
        card = HOUSES.get(order["payment_gateway"])
        really = card and order["paid"] not in (None, 0, "0", "") and order["status"] != "cancelled" and ore_of(order)
        if not really or number in paid_out:
            continue
        if order["status"] == "new" and first_unsent:
            first_unsent = False  # the one that was never sent, nor captured
            continue
        assert copenhagen_date(NOW) - date.fromisoformat(order["paid"][:10]) < timedelta(days=20), number


def test_a_credit_note_of_what_was_captured_goes_back_in_a_payout_after_it_under_the_sale_s_number() -> None:
    sales = {line.order: line for line in lines(Movement.SALE)}
    refunds = lines(Movement.REFUND)
    wanted = defaultdict(list)
    for note in ORDERS:
        sold = BY_ID.get(str(note.get("credited_order_id")))
        if sold is not None:
            wanted[str(sold["webshop_order_id"])].append((ore_of(note), note["time"]))
    assert refunds
    for line in refunds:
        notes = wanted[line.order]
        assert line.gross.ore in [ore for ore, _ in notes]
        assert line.fee.ore == 0
        assert line.at is not None
        assert line.at > (sales[line.order].at or line.at)
        assert f"{line.at:%Y-%m-%d %H:%M:%S}" > min(time for _, time in notes)


def test_clearhaus_pays_tuesday_to_monday_on_thursday_and_the_newest_week_waits() -> None:
    weeks = [payout for payout in of(CLEARHAUS) if payout.first_day and payout.last_day]
    for payout in weeks:
        assert payout.first_day is not None
        assert payout.last_day is not None
        assert (payout.first_day.weekday(), payout.last_day.weekday(), payout.paid_on.weekday()) == (1, 0, 3)
        assert payout.paid_on - payout.last_day == timedelta(days=3)
        assert payout.bank_text == f"CH{payout.account} {payout.paid_on}"
    assert weeks[-1].last_day == date(2026, 11, 16), "the week to 23 November is paid on the 26th"


def test_mobilepay_pays_whole_days_each_bank_day() -> None:
    days = of(VIPPS)
    covered = [
        payout.first_day + timedelta(days=day)
        for payout in days
        if payout.first_day and payout.last_day
        for day in range((payout.last_day - payout.first_day).days + 1)
    ]
    assert len(covered) == len(set(covered)), "no day is in two payouts"
    assert all(payout.paid_on.weekday() < 5 for payout in days)


def test_every_line_moved_on_a_day_of_its_payout() -> None:
    for payout in PAYOUTS:
        if payout.first_day and payout.last_day:
            moved = {copenhagen_date(line.at) for line in payout.lines if line.at}
            assert moved
            assert payout.first_day <= min(moved) <= max(moved) <= payout.last_day


def test_fees_are_rounded_half_up_as_in_clearhaus_s_own_export() -> None:
    payout = settle([], CLEARHAUS, [("1", 100_000), ("2", 10_000), ("3", 1_000)], on=date(2026, 11, 24))
    assert [line.fee.ore for line in payout.lines] == [-1450, -145, -15]


def test_the_month_has_one_chargeback_one_correction_and_one_reserve_that_comes_back() -> None:
    (chargeback,) = lines(Movement.CHARGEBACK)
    (sale,) = [line for line in lines(Movement.SALE) if line.order == chargeback.order]
    assert chargeback.gross == -sale.gross
    assert chargeback.fee.ore < 0
    assert BY_NUMBER[chargeback.order]["currency"] == "DKK"
    assert chargeback.order not in {line.order for line in lines(Movement.REFUND)}
    assert len(lines(Movement.CORRECTION)) == 1
    (kept,), (back,) = lines(Movement.RESERVE), lines(Movement.RESERVE_RELEASED)
    assert kept.net == -back.net
    (alone,) = [payout for payout in PAYOUTS if back in payout.lines]
    (before,) = [payout for payout in PAYOUTS if kept in payout.lines]
    assert alone.lines == (back,)
    assert alone.paid_on > before.paid_on
    assert alone.id.startswith(before.id)


def test_what_the_shop_and_the_payouts_say_is_the_same_money() -> None:
    """Sold, refunded, fees and the rest are what the bank got: nothing comes from nowhere."""
    for acquirer in (CLEARHAUS, VIPPS):
        whole = of(acquirer)
        parts = [sum(getattr(p, part).ore for p in whole) for part in ("sold", "refunded", "fees", "other")]
        assert sum(parts) == sum(payout.net.ore for payout in whole)


def test_more_went_back_than_came_in_so_mobilepay_carries_it_on() -> None:
    sold, back = (
        dict[str, Any](webshop_order_id=number, order_id=number, status="sent", currency="DKK") for number in (1, 2)
    )
    common: dict[str, Any] = {
        "payment_gateway": "mobilepay",
        "products": [],
        "order_country_id": 1001,
        "voucher_discount_amount": 0,
    }
    sold |= common | {"paid": "2026-11-02 10:00:00", "time": "2026-11-02 10:00:00", "total_price": 100}
    back |= common | {"paid": None, "time": "2026-11-05 10:00:00", "total_price": -60, "credited_order_id": 1}
    later = sold | {"webshop_order_id": 3, "order_id": 3, "paid": "2026-11-09 10:00:00", "total_price": 50}
    last = later | {"webshop_order_id": 4, "order_id": 4, "paid": "2026-11-10 10:00:00"}
    first, second = make_payouts([sold, back, later, last], 1, NOW)
    assert (first.sold.ore, first.refunded.ore) == (10_000, 0)
    assert [line.order for line in second.lines] == ["1", "3", "4"]
    assert second.first_day == date(2026, 11, 5)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_cancelled_is_paid_out_and_what_was_refunded_is_not_disputed_too(seed: int) -> None:
    orders = make_orders(200, seed, NOW, returns=True)
    payouts = make_payouts(orders, seed, NOW)
    cancelled = {str(order["webshop_order_id"]) for order in orders if order["status"] == "cancelled"}
    assert not cancelled & {line.order for line in lines(of=payouts)}
    (disputed,) = lines(Movement.CHARGEBACK, of=payouts)
    assert disputed.order not in {line.order for line in lines(Movement.REFUND, of=payouts)}


# --- for tests ----------------------------------------------------------------------------------------------------


def test_a_test_lets_an_acquirer_pay_what_it_likes(sandbox: Sandbox) -> None:
    first = sandbox.settle(CLEARHAUS, [("1001", 24900)], reserve_ore=1000, on=date(2026, 11, 19))
    second = sandbox.settle(
        CLEARHAUS, [("1002", 5000)], [("1001", 1000)], [("1002", 500)], correction_ore=-250, on=date(2026, 11, 26)
    )
    back = sandbox.release(first, date(2026, 11, 26))
    other = sandbox.settle(VIPPS, [("1003", 10000)], on=date(2026, 11, 20))
    assert sandbox.payouts == [first, second, back, other]
    assert checked(sandbox.payouts).problems == ()
    assert first.net.ore == 24900 - 361 - 1000
    assert second.net.ore == 5000 - 73 - 1000 - 500 - 15000 - 250
    assert (second.first_day, second.last_day) == (date(2026, 11, 19), date(2026, 11, 25))
    assert (back.net.ore, other.net.ore) == (1000, 10000 - 175)
    with pytest.raises(ValueError, match="has paid out until 2026-11-19"):
        sandbox.settle(VIPPS, [("1004", 1)], on=date(2026, 11, 20))


def test_payouts_are_made_of_the_orders_that_it_began_with_when_they_are_asked_for(clock: SimulatedClock) -> None:
    asked_later = Sandbox(orders=60, clock=clock, returns=True)
    assert "payouts" not in vars(asked_later), "a hundred thousand orders cost nothing until somebody asks"
    asked_later.shop.orders.clear()
    clock.advance(40 * 86_400)
    assert asked_later.payouts == make_payouts(make_orders(60, 1, NOW, returns=True), 1, NOW)
    assert Sandbox(orders=60, payouts=False).payouts == []


# --- the files ----------------------------------------------------------------------------------------------------


def table(content: bytes, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


def ore(text: str) -> int:
    assert re.fullmatch(r"-?\d+(\.\d{1,2})?", text), text
    return int(Decimal(text) * 100)


def komma(text: str) -> int:
    return ore(text.replace(".", "").replace(",", "."))


def test_clearhaus_s_file_has_sums_with_its_own_identities() -> None:
    content = write(of(CLEARHAUS), "clearhaus")
    rows = table(content)
    assert all(cell.startswith('"') and cell.endswith('"') for cell in content.decode().split("\n")[1].split(","))
    settlements = [payout for payout in of(CLEARHAUS) if payout.first_day]
    assert [row["id"] for row in rows] == [payout.id for payout in reversed(settlements)]
    for row, payout in zip(reversed(rows), settlements, strict=True):
        parts = ("sales", "credits", "refunds", "chargebacks", "fees", "other_postings")
        assert ore(row["summary_net"]) == sum(ore(row[f"summary_{part}"]) for part in parts)
        assert ore(row["summary_fees"]) == sum(ore(row[name]) for name in row if name.startswith("fees_"))
        kept = ore(row["reserve_amount"]) if row["reserve_amount"] else 0
        assert ore(row["payout_amount"]) == ore(row["summary_net"]) - kept == payout.net.ore
        assert ore(row["summary_sales"]) == payout.sold.ore
        assert ore(row["summary_refunds"]) == payout.refunded.ore
        assert (row["payout_date"], row["payout_descriptor"]) == (str(payout.paid_on), payout.bank_text)
    (with_reserve,) = [row for row in rows if row["reserve_amount"]]
    (back,) = [payout for payout in PAYOUTS if payout.id == f"{with_reserve['id']}-reserve"]
    assert ore(with_reserve["reserve_amount"]) == back.net.ore
    assert (with_reserve["reserve_date"], with_reserve["reserve_descriptor"]) == (str(back.paid_on), back.bank_text)


def test_a_reserve_that_has_not_come_back_yet_stands_with_its_date() -> None:
    kept = settle([], CLEARHAUS, [("1", 10000)], reserve_ore=500, on=date(2026, 11, 19))
    (row,) = table(write([kept], "clearhaus"))
    assert (row["reserve_amount"], row["reserve_date"], row["reserve_descriptor"]) == ("5.00", "2026-12-03", "")


def portal(rows: list[dict[str, Any]], words: tuple[str, ...]) -> None:
    """The report of the portal, as its balance tells it, is MobilePay's payouts."""
    sale, refund, fee, payout_word, amount, balance, number, msn = words
    running, at = 0, 0
    expected = plainly(VIPPS)
    own_fees = net = 0
    for row in rows:
        moved = round(float(row[amount]) * 100)
        running += moved
        assert round(float(row[balance]) * 100) == running
        assert str(row[msn]) == expected[at].account
        own_fees += round(float(row["Gebyr"] or 0) * 100) if row["Type"] in (sale, refund) else 0
        net += moved if row["Type"] in (sale, refund) else 0
        if row["Type"] == fee:
            assert moved == own_fees
        elif row["Type"] == payout_word:
            assert running == 0
            assert (str(row[number]), -moved) == (expected[at].id, expected[at].net.ore)
            assert net + own_fees == expected[at].net.ore
            own_fees, net, at = 0, 0, at + 1
        else:
            assert row["Type"] in (sale, refund)
    assert at == len(expected) > 10


NORWEGIAN = (
    "Belastning",
    "Refusjon",
    "Gebyrer fratrukket",
    "Utbetaling planlagt",
    "Beløp",
    "Balanse",
    "Utbetalingsnummer",
    "MSN/Vippsnummer",
)
DANISH = (
    "Betaling gennemført",
    "Refusion",
    "Gebyrer fratrukket",
    "Udbetaling planlagt",
    "Beløb",
    "Saldo",
    "Udbetalingsnummer",
    "MSN",
)


@pytest.mark.parametrize(("language", "words"), [("no", NORWEGIAN), ("da", DANISH)])
def test_mobilepay_s_report_runs_to_0_with_each_payout_in_both_forms(language: str, words: tuple[str, ...]) -> None:
    content = write(plainly(VIPPS), f"vipps_portal_{language}")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = table(content, encoding="utf-8-sig")
    portal(rows, words)
    assert any("\n" in row["Melding" if language == "no" else "Besked"] for row in rows) is any(
        len(payout.lines) > 2 for payout in plainly(VIPPS)
    )
    book = openpyxl.load_workbook(io.BytesIO(write(plainly(VIPPS), f"vipps_portal_{language}_xlsx")))
    cells = [list(row) for row in book.active.iter_rows(values_only=True)]
    portal([dict(zip(cells[6], row, strict=True)) for row in cells[7:]], words)
    numbers = {line.order for line in lines(Movement.SALE, of=plainly(VIPPS))}
    reference = "Ordre-ID/Referanse" if language == "no" else "Ordre-ID/Reference"
    assert numbers <= {row[reference] for row in rows}


def test_myshop_s_transfers_are_the_sum_of_their_rows() -> None:
    rows = table(write(plainly(VIPPS), "myshop"), ";")
    transfers: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        transfers[row["TransferID"]].append(row)
        assert datetime.fromisoformat(row["Date and time"]).utcoffset() is not None
        assert row["Comment"] == ""
    for payout in plainly(VIPPS):
        head, *moved = transfers[payout.id]
        assert (head["Event"], komma(head["Amount"])) == ("Transfer", payout.net.ore)
        assert sum(komma(row["Amount"]) for row in moved) == payout.net.ore
        assert sum(komma(row["Amount"]) for row in moved if row["Event"] == "Retainable") == payout.fees.ore


def sums(
    rows: list[dict[str, str]], payout: str, read: Callable[[str], int], *names: str
) -> dict[str, tuple[int, ...]]:
    """By payout the sums of the columns."""
    found: dict[str, tuple[int, ...]] = {}
    for row in rows:
        before = found.get(row[payout], (0,) * len(names))
        found[row[payout]] = tuple(old + read(row[name]) for old, name in zip(before, names, strict=True))
    return found


@pytest.mark.parametrize(
    ("name", "delimiter", "encoding", "payout", "prefix", "read", "columns"),
    [
        ("stripe", ",", "utf-8", "automatic_payout_id", "po_", ore, ("gross", "fee", "net")),
        ("shopify", ",", "utf-8", "Payout ID", "", ore, ("Amount", "Fee", "Net")),
        ("own", ";", "cp1252", "Udbetaling", "", komma, ("Brutto", "Gebyr", "Netto")),
    ],
)
def test_a_table_with_a_row_for_each_line_adds_up_to_the_payouts_with_fees_above_0(
    name: str,
    delimiter: str,
    encoding: str,
    payout: str,
    prefix: str,
    read: Callable[[str], int],
    columns: tuple[str, ...],
) -> None:
    told = [p for p in of(CLEARHAUS) if all(line.kind in FORMATS[name].kinds for line in p.lines)]
    rows = table(write(told, name), delimiter, encoding)
    gross, fee, net = columns
    assert all(read(row[gross]) - read(row[fee]) == read(row[net]) for row in rows)
    assert sums(rows, payout, read, fee, net) == {prefix + p.id: (-p.fees.ore, p.net.ore) for p in told}
    assert {line.order for line in lines(of=told)} - {""} <= set(re.findall(r"\b1\d{4}\b", str(rows)))


def test_a_sale_in_another_currency_is_told_with_what_was_paid() -> None:
    (foreign,) = [line for line in lines() if line.sold_for]
    assert foreign.sold_for is not None
    (told,) = [payout for payout in PAYOUTS if foreign in payout.lines]
    (row,) = [row for row in table(write([told], "stripe")) if row["customer_facing_currency"] != "dkk"]
    assert (ore(row["customer_facing_amount"]), ore(row["gross"])) == (foreign.sold_for.ore, foreign.gross.ore)
    (row,) = [row for row in table(write([told], "shopify")) if row["Presentment Currency"] != "DKK"]
    assert (row["Presentment Currency"], ore(row["Presentment Amount"])) == ("EUR", foreign.sold_for.ore)


def test_paypal_s_withdrawals_empty_its_balance() -> None:
    rows = table(write(plainly(VIPPS), "paypal"))
    balance = 0
    for row in rows:
        assert ore(row["Gross"]) + ore(row["Fee"]) == ore(row["Net"])
        balance += ore(row["Net"])
        assert ore(row["Balance"]) == balance
        assert balance == 0 or row["Type"] != "General Withdrawal"
    taken = [-ore(row["Net"]) for row in rows if row["Type"] == "General Withdrawal"]
    assert taken == [payout.net.ore for payout in plainly(VIPPS)]


def test_nets_easy_s_payouts_are_charged_less_refunded_less_fees() -> None:
    told = json.loads(write(plainly(VIPPS), "nets_easy"))
    assert told["numberOfPayouts"] == len(told["payouts"]) == len(plainly(VIPPS))
    for row, payout in zip(told["payouts"], plainly(VIPPS), strict=True):
        assert row["chargedAmount"] - row["refundedAmount"] - row["fees"] == row["amount"] == payout.net.ore


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.kinds != frozenset(Movement)])
def test_a_format_without_a_word_for_a_line_is_not_written(name: str) -> None:
    missing = sorted(set(Movement) - FORMATS[name].kinds)[0]
    line = PayoutLine(1, missing, "x", *(lines()[0].gross,) * 3)
    odd = Payout(CLEARHAUS, "1", "p", date(2026, 11, 24), line.net, (line,))
    with pytest.raises(ValueError, match="no known word"):
        write([odd], name)


@pytest.mark.parametrize("name", FORMATS)
def test_no_payouts_are_a_file_without_rows(name: str) -> None:
    assert write([], name)


def test_the_files_that_an_owner_could_drop_are_written_into_a_folder(tmp_path: Path) -> None:
    write_files(PAYOUTS, tmp_path / "udbetalinger")
    folder = tmp_path / "udbetalinger"
    own = {path.name for path in folder.iterdir() if path.is_file()}
    assert own == {"clearhaus-settlements.csv", "clearhaus-egne-kolonner.csv", "mobilepay.csv", "mobilepay.xlsx"}
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == {format_.file for format_ in FORMATS.values()}
    assert (folder / "clearhaus-settlements.csv").read_bytes() == write(of(CLEARHAUS), "clearhaus")


def test_the_payouts_are_shown_with_their_files(clock: SimulatedClock) -> None:
    with Sandbox(orders=60, clock=clock, returns=True, calls_per_minute=PLENTY) as sandbox:
        told = requests.get(f"{sandbox.url}/_sandbox/payouts", timeout=10).json()
        assert [payout["id"] for payout in told["payouts"]] == [payout.id for payout in sandbox.payouts]
        assert told["payouts"][0]["net"]["ore"] == sandbox.payouts[0].net.ore
        assert told["payouts"][0]["paid_on"] == str(sandbox.payouts[0].paid_on)
        read = {name: base64.b64decode(content) for name, content in told["files"].items()}
        assert set(read) == set(files(sandbox.payouts))
        assert read["mobilepay.csv"] == files(sandbox.payouts)["mobilepay.csv"]


def test_the_sandbox_writes_its_files_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("dinero.cli.demo.serve", lambda **options: given.update(options))
    assert main(["sandbox", "--payout-files", str(tmp_path)]) == 0
    assert given["payout_files"] == tmp_path
