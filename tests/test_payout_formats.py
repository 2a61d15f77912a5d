"""The formats of acquirers: each is read to the øre, by the names of its columns, or refused with a sentence."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinero.acquirers.acquirer import FileRead, PayoutFile
from dinero.acquirers.cells import day_of, days_of, moment_of, ore_of
from dinero.acquirers.opening import open_file
from dinero.acquirers.readers import READERS, read, recognized
from dinero.acquirers.words import MEANINGS, Apart, Meaning, Words
from dinero.model.acquirers import ACQUIRERS
from dinero.model.money import AmountError, Money
from dinero.model.payouts import Movement, Payout, PayoutLine, problems_of
from dinero.sandbox.generate import make_orders
from dinero.sandbox.payout_files import FORMATS as SANDBOX_FORMATS
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import VIPPS as MOBILEPAY
from dinero.sandbox.settlements import make_payouts, settle
from payout_files import (
    CLEARHAUS,
    COPIED,
    NETS,
    PAYPAL,
    SHOPIFY,
    SOUND,
    STRIPE,
    TRANSFERS,
    VIPPS,
    changed,
    in_order,
    of_csv,
    of_path,
    of_rows,
    rows_of,
    without_column,
)

SAMPLES = Path(__file__).parents[2] / "shared" / "payouts" / "samples"
NO_SAMPLES = "the samples that may not be copied are not here"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TABLES = [(name, file) for name, file in SOUND if file.rows]


def payouts(file: PayoutFile, name: str = "") -> dict[str, Payout]:
    """A sound file's payouts by their ids."""
    found = read(file, name)
    assert [problem.text.render("en") for problem in found.problems] == []
    return {one.id: one for one in found.payouts}


def lines(payout: Payout) -> list[tuple[str, str, int, int]]:
    return [(one.kind.value, one.order, one.gross.ore, one.fee.ore) for one in payout.lines]


def refused(file: PayoutFile, name: str = "") -> list[tuple[int | None, str]]:
    found = read(file, name)
    assert found.payouts == ()
    return [(problem.row, problem.code) for problem in found.problems]


def said(file: PayoutFile) -> str:
    """The first sentence on a file that is refused, in Danish, with plain spaces."""
    return read(file).problems[0].text.render("da").replace("\xa0", " ")


def notes(file: PayoutFile) -> list[str]:
    return [note.render("en") for note in read(file).notes]


# What every reader promises.


def test_every_reader_has_a_sound_file_a_name_of_its_own_and_an_acquirer_that_is_known() -> None:
    assert [reader.name for reader in READERS] == [name for name, _ in SOUND]
    assert {reader.acquirer for reader in READERS} == set(ACQUIRERS)


@pytest.mark.parametrize(("name", "file"), SOUND)
def test_a_file_is_recognized_by_one_reader_alone(name: str, file: PayoutFile) -> None:
    assert [reader.name for reader in READERS if reader.recognizes(file)] == [name]
    reader = recognized(file)
    assert reader is not None
    assert read(file) == read(file, name) == reader.read(file)


@pytest.mark.parametrize(("name", "file"), SOUND)
def test_a_sound_file_gives_payouts_whose_sums_hold(name: str, file: PayoutFile) -> None:
    for one in payouts(file, name).values():
        assert problems_of(one) == []
        assert sum(part.ore for part in (one.sold, one.refunded, one.fees, one.other)) == one.net.ore


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_columns_in_another_order_and_columns_besides_change_nothing(name: str, file: PayoutFile) -> None:
    chance = random.Random(name)
    for _ in range(5):
        assert read(in_order(file, lambda places: chance.sample(places, len(places)))) == read(file)
    rows = rows_of(file)
    wider = of_rows([["Something new", *rows[0], "fees"], *(["x", *row, "y"] for row in rows[1:])])
    assert read(wider) == read(file)


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_names_of_columns_in_capitals_with_spaces_and_below_other_rows_are_found(name: str, file: PayoutFile) -> None:
    rows = rows_of(file)
    rows[0] = [f"\ufeff {cell.upper()} " for cell in rows[0]]
    above = of_rows([["Rapport"], [], *rows])
    found = read(above)
    assert [one.id for one in found.payouts] == [one.id for one in read(file).payouts]
    assert found.payouts[0].lines[0].row == read(file).payouts[0].lines[0].row + 2


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_a_needed_column_that_is_missing_is_named_and_another_is_not_missed(name: str, file: PayoutFile) -> None:
    missed = {}
    for column in file.rows[0].cells:
        found = read(without_column(file, column), name)
        assert bool(found.payouts) is not bool(found.problems)
        if found.problems:
            missed[column] = [problem.text.render("en") for problem in found.problems]
    assert len(missed) >= 7
    # Without one of these the sums are not whole.
    summed = {"fees_refunds", "fees_chargebacks", "fees_interchange", "fees_scheme", "reserve_amount"}
    assert {column for column, told in missed.items() if column not in told[0]} - summed == set()
    personal = {"Kundens navn", "Kundens telefonnummer", "Melding", "Customer name", "MP-number", "Comment", "Name"}
    assert not personal & set(missed)


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_what_names_a_customer_is_in_no_payout_and_in_no_sentence(name: str, file: PayoutFile) -> None:
    personal = {"Kundens navn", "Kundens telefonnummer", "Melding", "Customer name", "MP-number", "Comment", "Name"}
    personal |= {"From Email Address", "Subject", "Card Brand"}
    rows = rows_of(file)
    for place, column in enumerate(rows[0]):
        for row in rows[1:]:
            row[place] = "MetteHolm" if column in personal else row[place]
    assert "MetteHolm" not in repr(read(of_rows(rows)))
    shifted = [rows[0], *([*row[1:], row[0]] for row in rows[1:])]
    assert "MetteHolm" not in " ".join(str(problem.text) for problem in read(of_rows(shifted)).problems)


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_half_a_row_refuses_the_file(name: str, file: PayoutFile) -> None:
    rows = rows_of(file)
    rows[-1] = rows[-1][: len(rows[-1]) // 2]
    assert (len(rows), "cells") in refused(of_rows(rows))
    rows = rows_of(file)
    rows[1].insert(3, "62")  # a decimal comma without quotes
    assert (2, "cells") in refused(of_rows(rows))


def test_a_separator_at_the_end_of_every_row_is_no_cell() -> None:
    rows = rows_of(STRIPE)
    assert read(of_rows([rows[0], *([*row, ""] for row in rows[1:])])) == read(STRIPE)
    assert read(of_rows([[*row, ""] for row in rows])) == read(STRIPE)


def test_a_spreadsheet_may_leave_out_empty_cells_at_the_end() -> None:
    rows = rows_of(VIPPS)
    assert rows[-1][-3:] == ["", "", ""]
    rows[-1] = rows[-1][:-3]
    assert payouts(of_rows(rows, "rapport.XLSX")).keys() == payouts(VIPPS).keys()


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_empty_rows_are_passed_over_and_two_columns_of_one_name_are_refused(name: str, file: PayoutFile) -> None:
    rows = rows_of(file)
    gaps = [rows[0], [""] * len(rows[0]), [], *rows[1:], [" "]]
    assert [one.id for one in read(of_rows(gaps)).payouts] == [one.id for one in read(file).payouts]
    column = {"vipps-mobilepay": "Beløp", "clearhaus": "summary_net", "stripe": "net"}.get(name)
    if column:
        place = rows[0].index(column)
        assert refused(of_rows([[*row, row[place]] for row in rows])) == [(1, "column_twice")]


@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        (CLEARHAUS, 3, "id"),
        (VIPPS, 2, "PSP-referanse"),
        (VIPPS, 2, "Ordre-ID/Referanse"),
        (TRANSFERS, 3, "TransactionID"),
        (STRIPE, 2, "balance_transaction_id"),
        (PAYPAL, 2, "Invoice Number"),
        (SHOPIFY, 2, "Payout ID"),
    ],
)
def test_an_id_that_a_spreadsheet_made_a_number_or_that_is_a_formula_is_refused(
    file: PayoutFile, row: int, column: str
) -> None:
    assert (row, "spreadsheet") in refused(changed(file, row, column, "2,03E+11"))
    assert "regneark" in said(changed(file, row, column, "2.03E+11"))
    assert (row, "id") in refused(changed(file, row, column, '=HYPERLINK("x")'))
    assert (row, "id") in refused(changed(file, row, column, "9" * 300))


CELLS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["", "1.00", "-1.00", "2026-11-02", "x", "DKK", "EUR", "0001-01-01", "\x00", "١"]),
)


@given(st.data(), st.sampled_from(TABLES))
def test_whatever_stands_in_a_cell_a_reader_gives_sound_payouts_or_a_sentence(
    data: st.DataObject, sound: tuple[str, PayoutFile]
) -> None:
    name, file = sound
    rows = rows_of(file)
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, len(rows) - 1))
        if rows[row]:
            rows[row][data.draw(st.integers(0, len(rows[row]) - 1))] = data.draw(CELLS)
    found = read(of_rows(rows), name)
    assert bool(found.payouts) is not bool(found.problems)
    assert [problem for one in found.payouts for problem in problems_of(one)] == []
    for problem in found.problems:
        assert problem.text.render("da")
        assert problem.text.render("en")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.decimals(allow_nan=True), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["payouts", "payout", "id", "date", "fees", "numberOfPayouts"]), inner, max_size=4
        ),
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from([*NETS.json["payouts"][0]]))
def test_whatever_json_is_read_as_payouts_or_told(told: Any, field: str) -> None:
    for whole in (told, {**NETS.json["payouts"][0], field: told}, [told, NETS.json["payouts"][1]]):
        found = read(PayoutFile("x.json", json=whole), "nets-easy")
        assert bool(found.payouts) is not bool(found.problems)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_file_of_another_kind_is_told_by_each_reader(reader: Any) -> None:
    for other in (of_rows([["Dato", "Beløb", "Saldo"], ["1", "2", "3"]]), of_rows([]), PayoutFile("x", json={"a": 1})):
        assert not reader.recognizes(other)
        found = reader.read(other)
        assert found.payouts == ()
        assert found.problems


def test_a_reader_that_is_unknown_and_a_file_that_nobody_knows_are_told_with_what_is_known() -> None:
    assert refused(STRIPE, "klarna") == [(None, "no_reader")]
    assert "mobilepay-transfers" in read(STRIPE, "klarna").problems[0].text.render("en")
    assert "Clearhaus, MobilePay, Stripe" in said(of_rows([["a", "b"]]))


# Cells.


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("123.45", 12345),
        ("-0,75", -75),
        ("84", 8400),
        ("2602.5", 260250),
        ("-4,2", -420),
        (" −99.95 ", -9995),
        ("1.234,50", 123450),
        ("-1,234,567.89", -123456789),
        ("14.309999999999999", 1431),
        ("0.00", 0),
        ("99999999999.99", 9999999999999),
    ],
)
def test_an_amount_is_read_in_every_way_that_means_one_thing(text: str, ore: int) -> None:
    assert ore_of(text) == ore


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.234",
        "1,234",
        "1.000",
        "12.345,6",
        "1,23,45",
        "1.2.3",
        "--1",
        "1-",
        "1e3",
        "1,0E+02",
        "=1+1",
        "kr. 5",
        "١",
        "1 234,50",
        "0.12345",
        "NaN",
        "12. mar",
        "999999999999.00",
        "9.999.999.999.999,99",
    ],
)
def test_what_is_no_amount_or_may_be_two_is_none(text: str) -> None:
    with pytest.raises(AmountError):
        ore_of(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-08-27T03:43:24.0339786+02:00", datetime(2021, 8, 27, 1, 43, 24, tzinfo=UTC)),
        ("2026-08-30 16:59:53 +0400", datetime(2026, 8, 30, 12, 59, 53, tzinfo=UTC)),
        ("2026-08-30T16:59:53Z", datetime(2026, 8, 30, 16, 59, 53, tzinfo=UTC)),
        ("2026-03-23 14:24:30", datetime(2026, 3, 23, 13, 24, 30, tzinfo=UTC)),
        ("2026-07-23 14:24", datetime(2026, 7, 23, 12, 24, tzinfo=UTC)),
        ("23-07-2026 14:24", datetime(2026, 7, 23, 12, 24, tzinfo=UTC)),
        ("3.7.2026", datetime(2026, 7, 2, 22, tzinfo=UTC)),
        ("2026-07-03", datetime(2026, 7, 2, 22, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_copenhagens(text: str, moment: datetime) -> None:
    assert moment_of(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "3/7/2026", "20260703", "2026-W12-1", "2026-02-30", "0001-01-01", "46000", "23-07-26", "2026-07-03 25:00"],
)
def test_what_is_no_date_or_may_be_two_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_of(text)


def test_a_date_is_copenhagens_also_where_the_time_is_told_in_another_zone() -> None:
    assert day_of("2026-07-03T23:30:00Z") == date(2026, 7, 4)
    assert day_of("2026-07-03T23:30:00") == date(2026, 7, 3)


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["29/12/2015", "12/02/2016"], [date(2015, 12, 29), date(2016, 2, 12)]),
        (["9/4/2018", "9/14/2018"], [date(2018, 9, 4), date(2018, 9, 14)]),
        (["01/11/2026", "02/11/2026", "01/12/2026"], [date(2026, 11, 1), date(2026, 11, 2), date(2026, 12, 1)]),
        (["05/05/2026"], [date(2026, 5, 5)]),
        (["2026-11-01", "02-11-2026"], [date(2026, 11, 1), date(2026, 11, 2)]),
        ([], []),
    ],
)
def test_all_rows_together_tell_the_month_from_the_day(texts: list[str], days: list[date]) -> None:
    assert days_of(texts) == days


@pytest.mark.parametrize(
    "texts", [["03/04/2026"], ["13/13/2026"], ["29/12/2015", "12/29/2015"], ["29/12/2015", "2016-01-01"], ["1/1/1"]]
)
def test_dates_that_do_not_tell_are_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        days_of(texts)


# Files as they came.


def test_clearhauss_own_file_is_read_to_the_oere() -> None:
    file = of_path(COPIED / "clearhaus-settlements.csv")
    found = [*payouts(file).values()]
    assert [one.net.ore for one in found] == [98550, 3901854, 1853458, 1796351, 1229960, 851946, 291813, 1564531]
    assert sum(one.sold.ore for one in found) == 11821882
    assert sum(one.fees.ore for one in found) == -233419
    assert [one.refunded.ore + one.other.ore for one in found] == [0] * 8
    first = found[0]
    assert (first.account, first.bank_text, first.paid_on) == ("1234567", "CH1234567 2021-09-02", date(2021, 9, 2))
    assert (first.first_day, first.last_day) == (date(2021, 8, 24), date(2021, 8, 30))
    assert notes(file) == ["What was sold from 31 Aug 2021 is not paid out yet."]


def test_mobilepays_own_transfers_are_read_to_the_oere() -> None:
    found = payouts(of_path(COPIED / "mobilepay-transfer-overview-2021.csv"))
    assert {name: one.net.ore for name, one in found.items()} == {
        "02000123450012608215": 7425,
        "02000123450012508218": 4850,
    }
    assert lines(found["02000123450012508218"]) == [("sale", "", 2500, -75), ("sale", "", 2500, -75)]
    assert found["02000123450012608215"].paid_on == date(2021, 8, 27)
    assert found["02000123450012608215"].account == "12345"


@pytest.mark.parametrize(
    "name", ["mobilepay-sales-overview-2021.csv", "epay-transactions.csv", "vipps-settlement-report.csv"]
)
def test_a_file_without_payouts_that_can_be_proved_is_nobodys(name: str) -> None:
    assert refused(of_path(COPIED / name)) == [(None, "no_reader")]


def test_the_sales_overview_read_as_transfers_lacks_its_transfers() -> None:
    file = of_path(COPIED / "mobilepay-sales-overview-2021.csv")
    assert refused(file, "mobilepay-transfers") == [(1, "column_missing")]
    assert "TransferID" in read(file, "mobilepay-transfers").problems[0].text.render("en")


def test_every_copied_file_has_its_source_and_licence() -> None:
    told = (COPIED / "SOURCES.md").read_text()
    assert [path.name for path in COPIED.glob("*.csv") if f"`{path.name}`" not in told] == []
    assert "Copyright (c) 2016-2018, BornHack" in told
    assert "Copyright (c) 2023 Vipps MobilePay AS" in told


@pytest.mark.skipif(not SAMPLES.exists(), reason=NO_SAMPLES)
@pytest.mark.parametrize(
    ("name", "reader", "figures"),
    [
        ("stripe-itemized-fixture.csv", "stripe", (90050, 100000, -2000, -2950, -5000)),
        ("shopify-payments-transactions.csv", "shopify", (297592, 476337, -159870, -18875, 0)),
        ("vipps-portal-settlement-2026.csv", "vipps-mobilepay", (265275, 270000, 0, -4725, 0)),
    ],
)
def test_files_that_may_only_be_looked_at_are_read_to_the_oere(
    name: str, reader: str, figures: tuple[int, ...]
) -> None:
    file = of_path(SAMPLES / name)
    found = recognized(file)
    assert found is not None
    assert found.name == reader
    (one,) = payouts(file).values()
    assert tuple(part.ore for part in (one.net, one.sold, one.refunded, one.fees, one.other)) == figures


@pytest.mark.skipif(not SAMPLES.exists(), reason=NO_SAMPLES)
def test_a_paypal_account_with_conversions_is_refused_at_each_of_them() -> None:
    found = refused(of_path(SAMPLES / "paypal-activity-en.csv"))
    assert {(row, "conversion") for row in (3, 4, 6, 7, 13, 14)} <= set(found)


@pytest.mark.skipif(not SAMPLES.exists(), reason=NO_SAMPLES)
def test_each_sample_is_recognized_by_one_reader_at_most() -> None:
    for path in SAMPLES.glob("*.csv"):
        file = of_path(path)
        assert len([reader for reader in READERS if reader.recognizes(file)]) <= 1, path.name


# Clearhaus.


def test_a_settlement_has_a_line_for_each_sum_that_is_not_0() -> None:
    found = payouts(CLEARHAUS)
    assert lines(found["s2"]) == [
        ("sale", "", 250000, 0),
        ("refund", "", -30000, 0),
        ("chargeback", "", -60000, 0),
        ("correction", "", -5000, 0),
        ("correction", "", 2500, 0),
        ("fee", "", 0, -10400),
    ]
    assert [line.text for line in found["s2"].lines if line.kind is Movement.CORRECTION] == [
        "credits",
        "other postings",
    ]
    assert all(line.is_sum for line in found["s2"].lines if line.kind is not Movement.FEE)
    assert lines(found["s3"]) == [("sale", "", 24900, 0), ("fee", "", 0, -361)]


def test_chargebacks_of_which_more_came_back_are_money_that_was_returned() -> None:
    rows = rows_of(CLEARHAUS)
    for column, value in {"summary_chargebacks": "50.00", "summary_net": "295.39", "payout_amount": "295.39"}.items():
        rows[2][rows[0].index(column)] = value
    assert lines(payouts(of_rows(rows))["s3"])[1] == ("chargeback_returned", "", 5000, 0)


def test_a_reserve_is_kept_back_and_comes_as_a_payout_of_its_own_when_it_has_a_date() -> None:
    found = payouts(CLEARHAUS)
    assert lines(found["s1"])[-1] == ("reserve", "", -10000, 0)
    released = found["s1-reserve"]
    assert (released.paid_on, released.net.ore, released.bank_text) == (
        date(2027, 5, 12),
        10000,
        "CH7654321R 2027-05-12",
    )
    assert lines(released) == [("reserve_released", "", 10000, 0)]
    without = payouts(changed(CLEARHAUS, 5, "reserve_date", ""))
    assert without.keys() == {"s1", "s2", "s3"}
    assert without["s1"] == found["s1"]


def test_a_reserve_below_zero_is_the_same_reserve() -> None:
    assert payouts(changed(CLEARHAUS, 5, "reserve_amount", "-100.00")) == payouts(CLEARHAUS)


def test_a_reserve_that_was_not_kept_back_is_noted_and_one_that_would_be_paid_is_refused() -> None:
    whole = changed(CLEARHAUS, 5, "payout_amount", "985.00")
    assert refused(whole) == [(5, "payout_sum")]
    noted = changed(whole, 5, "reserve_date", "")
    assert payouts(noted)["s1"].net.ore == 98500
    assert any("Row 5 names a reserve" in note for note in notes(noted))


@pytest.mark.parametrize(
    ("row", "column", "value", "code", "figures"),
    [
        (3, "summary_sales", "250.00", "row_sum", ("245,39", "246,39")),
        (3, "summary_net", "245.40", "row_sum", ("245,40", "245,39")),
        (4, "fees_chargebacks", "-74.00", "row_sum", ("−104,00", "−103,00")),
        (3, "payout_amount", "245.38", "payout_sum", ("245,38", "245,39")),
        (5, "reserve_amount", "99.99", "payout_sum", ("885,00", "985,00", "99,99")),
    ],
)
def test_a_settlement_whose_figures_do_not_hold_is_told_with_both(
    row: int, column: str, value: str, code: str, figures: tuple[str, ...]
) -> None:
    file = changed(CLEARHAUS, row, column, value)
    assert refused(file) == [(row, code)]
    assert all(figure in said(file) for figure in (*figures, f"Række {row}"))


def test_a_settlement_that_is_neither_open_nor_settled_is_refused() -> None:
    assert refused(changed(CLEARHAUS, 3, "settled", "maybe")) == [(3, "unknown_kind")]
    assert refused(changed(CLEARHAUS, 3, "payout_date", "")) == [(3, "date")]


def test_a_settled_week_without_anything_is_noted() -> None:
    rows = rows_of(CLEARHAUS)
    quiet = [*rows[1]]
    for column, value in {"settled": "TRUE", "period_end_date": "2026-11-30", "id": "s5"}.items():
        quiet[rows[0].index(column)] = value
    for place, column in enumerate(rows[0]):
        if column.startswith(("summary_", "fees_")):
            quiet[place] = "0.00"
    assert "Nothing was sold from 24 Nov 2026 to 30 Nov 2026." in notes(of_rows([*rows, quiet]))


# Vipps MobilePay.


def test_sales_belong_to_the_next_payout_of_their_point_of_sale_and_the_fee_is_counted_once() -> None:
    found = payouts(VIPPS)
    assert lines(found["2000001"]) == [("sale", "1001", 24900, -361), ("sale", "1002", 10000, -150)]
    assert lines(found["2000002"]) == [("sale", "1003", 8000, -120)]
    first = found["2000001"]
    assert (first.account, first.paid_on, first.bank_text) == (
        "548005",
        date(2026, 11, 5),
        "Utb. 2000001 Vippsnr 548005",
    )
    assert (first.first_day, first.last_day, first.is_gross) == (date(2026, 11, 2), date(2026, 11, 3), False)
    assert first.lines[0].at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert notes(VIPPS) == ["1 row is not paid out yet. It comes with the file of its payout."]


def test_a_report_with_the_newest_row_first_and_one_without_kategori_are_read_alike() -> None:
    rows = rows_of(VIPPS)
    turned = payouts(of_rows([rows[0], *reversed(rows[1:])]))
    assert {name: lines(one) for name, one in turned.items()} == {
        name: lines(one) for name, one in payouts(VIPPS).items()
    }
    assert read(without_column(VIPPS, "Kategori")) == read(VIPPS)


def test_each_point_of_sale_has_payouts_of_its_own() -> None:
    rows = rows_of(VIPPS)
    other = [[cell.replace("548005", "600001") for cell in row] for row in rows[1:5]]
    for row, name in zip(other, "abcd", strict=True):
        row[rows[0].index("PSP-referanse")] = f"other-{name}"
    other[-1][rows[0].index("Utbetalingsnummer")] = "3000001"
    mixed = [rows[0], *(row for pair in zip(rows[1:5], other, strict=True) for row in pair), *rows[5:]]
    found = read(of_rows(mixed)).payouts
    assert sorted((one.account, one.id, one.net.ore) for one in found) == [
        ("548005", "2000001", 34389),
        ("548005", "2000002", 7880),
        ("600001", "3000001", 34389),
    ]


DANISH = {
    "MSN/Vippsnummer": "MSN",
    "Bokføringsdato": "Bogføringsdato",
    "Beløp": "Beløb",
    "Nettobeløp": "Nettobeløb",
    "Balanse": "Saldo",
    "Kategori": "Kategori",
    "PSP-referanse": "PSP-reference",
    "Ordre-ID/Referanse": "Ordre-ID/Reference",
    "Utbetalingsnummer": "Udbetalingsnummer",
    "Planlagt utbetalingsdato": "Planlagt udbetalingsdato",
}


def in_danish(names: Mapping[str, str] = DANISH) -> PayoutFile:
    rows = rows_of(VIPPS)
    rows[0] = [names.get(cell, cell) for cell in rows[0]]
    kind = rows[0].index("Type")
    for row in rows[1:]:
        row[kind] = "Betaling gennemført" if row[kind] == "Belastning" else row[kind]
        place = rows[0].index(names["Bokføringsdato"])
        row[place] = f"{row[place]}T00:00:00"
    return of_rows(rows)


def test_danish_names_that_are_known_are_read_alike() -> None:
    assert payouts(in_danish()) == payouts(VIPPS)


def test_a_danish_name_that_is_not_known_is_missed_and_a_word_stops_the_file() -> None:
    file = in_danish({**DANISH, "Utbetalingsnummer": "Udbetaling nr."})
    assert refused(file) == [(1, "column_missing")]
    assert "Udbetalingsnummer" in said(file)
    word = changed(in_danish(), 5, "Type", "Udbetaling planlagt")
    assert refused(word) == [(5, "unknown_kind")]
    assert said(word) == "Hvad er rækker med ”Udbetaling planlagt” i kolonnen ”Type”? Der er 1, på −343,89 kr."


ENGLISH = {
    "MSN/Vippsnummer": "MSN",
    "Tidspunkt": "Time",
    "Bokføringsdato": "Booking date",
    "Beløp": "Amount",
    "Balanse": "Balance",
    "Gebyr": "Fee",
    "Nettobeløp": "Net amount",
    "Valuta": "Currency",
    "PSP-referanse": "PSP reference",
    "Ordre-ID/Referanse": "Order ID/Reference",
    "Utbetalingsnummer": "Payout number",
    "Planlagt utbetalingsdato": "Scheduled payout date",
}


def test_likely_english_names_are_read_alike() -> None:
    rows = rows_of(VIPPS)
    rows[0] = [ENGLISH.get(cell, cell) for cell in rows[0]]
    file = of_rows(rows)
    assert [reader.name for reader in READERS if reader.recognizes(file)] == ["vipps-mobilepay"]
    assert payouts(file) == payouts(VIPPS)


# Words that a reader does not know.

REPORT = [settle([], MOBILEPAY, [("1001", 24900), ("1002", 49800)], [("0999", 10000)], on=date(2026, 11, 12))]
REPORT.append(settle(REPORT, MOBILEPAY, [("1003", 15000)], [("1002", 49), ("1001", 4900)], on=date(2026, 11, 19)))
EXPLAINED: Words = {"refusion": Movement.REFUND, "udbetaling planlagt": Apart.PAYOUT}


def report(format: str = "vipps_portal_da", **words: str) -> PayoutFile:
    """The sandbox's report in Danish, with other words for some of its own."""
    file = open_file("mobilepay-dansk", write(REPORT, format))
    assert isinstance(file, PayoutFile)
    rows = rows_of(file)
    for row in rows:
        row[:] = [words.get(cell.split()[0].casefold(), cell) if cell.strip() else cell for cell in row]
    return of_rows(rows, file.name)


@pytest.mark.parametrize("format", ["vipps_portal_da", "vipps_portal_da_xlsx"])
def test_a_danish_report_is_asked_about_word_by_word_and_then_read_to_the_oere(format: str) -> None:
    file = open_file("mobilepay-dansk", write(REPORT, format))
    assert isinstance(file, PayoutFile)
    asked = read(file)
    assert (asked.payouts, [problem.code for problem in asked.problems]) == ((), ["unknown_kind"] * 2)
    assert [(one.word, one.rows, one.total, one.suggestion) for one in asked.unknown] == [
        ("Refusion", 3, Money(-14949), Movement.REFUND),
        ("Udbetaling planlagt", 2, Money(-sum(one.net.ore for one in REPORT)), Apart.PAYOUT),
    ]
    half = read(file, words={"refusion": Movement.REFUND})
    assert [one.word for one in half.unknown] == ["Udbetaling planlagt"]
    found = read(file, words=EXPLAINED)
    assert (found.problems, found.unknown) == ((), ())
    for one, own in zip(found.payouts, REPORT, strict=True):
        assert (one.net, one.sold, one.refunded, one.fees) == (own.net, own.sold, own.refunded, own.fees)
        assert lines(one) == lines(own)
        assert (one.id, one.account, one.paid_on, one.bank_text) == (own.id, own.account, own.paid_on, own.bank_text)


@pytest.mark.parametrize("meaning", [one for one in MEANINGS if one is not Movement.FEE])
def test_fees_that_are_called_something_else_are_never_taken_for_it(meaning: Meaning) -> None:
    file = report(gebyrer="Gebyr taget")
    found = read(file, words={**EXPLAINED, "gebyr taget": meaning})
    assert found.payouts == ()
    assert found.problems
    right = read(file, words={**EXPLAINED, "gebyr taget": Movement.FEE})
    assert right.payouts == read(report(), words=EXPLAINED).payouts


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("refusion", Movement.SALE),
        ("refusion", Movement.CHARGEBACK_RETURNED),
        ("refusion", Movement.FEE),
        ("refusion", Apart.PAYOUT),
        ("refusion", Apart.LEFT_OUT),
        *(("udbetaling planlagt", one) for one in MEANINGS if one is not Apart.PAYOUT),
    ],
)
def test_a_word_that_was_explained_wrongly_gives_sums_that_do_not_hold(word: str, meaning: Meaning) -> None:
    found = read(report(), words={**EXPLAINED, word: meaning})
    assert (found.payouts, found.unknown) == ((), ())
    assert found.problems


def test_a_word_that_the_reader_knows_is_what_the_reader_knows() -> None:
    told = {**EXPLAINED, "betaling gennemført": Movement.OTHER, "gebyrer fratrukket": Apart.LEFT_OUT}
    assert read(report(), words=told).payouts == read(report(), words=EXPLAINED).payouts


def test_letters_case_and_spaces_are_no_other_word_and_an_empty_one_is_asked_about_too() -> None:
    file = report(refusion=" REFUSION ")
    assert read(file, words=EXPLAINED).payouts
    empty = read(report(refusion=" "))
    assert [(one.key, one.rows) for one in empty.unknown] == [("", 3), ("udbetaling planlagt", 2)]
    assert "nothing in column “Type”" in empty.problems[0].text.render("en")
    assert read(report(refusion=" "), words={**EXPLAINED, "": Movement.REFUND}).payouts


def test_what_is_wrong_besides_is_told_before_words_are_asked_about() -> None:
    broken = read(changed(report(), 2, "Beløb", "x"))
    assert (broken.unknown, next(problem.code for problem in broken.problems)) == ((), "amount")


def test_a_column_with_many_words_is_none_of_kinds() -> None:
    rows = rows_of(VIPPS)
    kind = rows[0].index("Type")
    many = [[*rows[1][:kind], f"Ord {n}", *rows[1][kind + 1 :]] for n in range(40)]
    found = read(of_rows([rows[0], *many]))
    assert (found.unknown, [problem.code for problem in found.problems]) == ((), ["too_many_kinds"])


@pytest.mark.parametrize(
    ("name", "file", "row", "column", "kind"),
    [
        ("vipps-mobilepay", VIPPS, 2, "Type", Movement.SALE),
        ("mobilepay-transfers", TRANSFERS, 3, "Event", Movement.SALE),
        ("stripe", STRIPE, 2, "reporting_category", Movement.SALE),
        ("stripe", STRIPE, 7, "reporting_category", Movement.FEE),
        ("paypal", PAYPAL, 2, "Type", Movement.SALE),
        ("shopify", SHOPIFY, 2, "Type", Movement.SALE),
    ],
)
def test_every_reader_of_words_asks_and_is_told(
    name: str, file: PayoutFile, row: int, column: str, kind: Movement
) -> None:
    strange = changed(file, row, column, "Noget nyt")
    asked = read(strange)
    assert [(one.word, one.column, one.row, one.rows) for one in asked.unknown] == [("Noget nyt", column, row, 1)]
    assert asked.unknown[0].total is not None
    assert [problem.code for problem in asked.problems] == ["unknown_kind"]
    told = read(strange, name, {"noget nyt": kind})
    sums = [(one.id, one.net, one.sold, one.refunded, one.fees) for one in told.payouts]
    assert sums == [(one.id, one.net, one.sold, one.refunded, one.fees) for one in read(file).payouts]
    wrong = read(strange, name, {"noget nyt": Movement.REFUND})
    assert (wrong.payouts == ()) is (kind is Movement.SALE), "money goes the other way"


@pytest.mark.parametrize(
    ("file", "column", "meaning"),
    [
        (SHOPIFY, "Type", Apart.LEFT_OUT),
        (SHOPIFY, "Type", Apart.PAYOUT),
        (STRIPE, "reporting_category", Apart.LEFT_OUT),
        (PAYPAL, "Type", Apart.PAYOUT),
    ],
)
def test_what_nothing_in_a_file_would_prove_is_no_choice(file: PayoutFile, column: str, meaning: Apart) -> None:
    strange = changed(file, 2, column, "Noget nyt")
    (asked,) = read(strange, words={"noget nyt": meaning}).unknown
    assert meaning not in asked.choices


@pytest.mark.parametrize(("file", "column"), [(TRANSFERS, "Event"), (PAYPAL, "Type"), (VIPPS, "Type")])
def test_what_is_left_out_must_have_moved_nothing(file: PayoutFile, column: str) -> None:
    found = read(changed(file, 3, column, "Noget nyt"), words={"noget nyt": Apart.LEFT_OUT})
    assert found.payouts == ()
    assert found.unknown == ()


@given(st.data(), st.sampled_from(TABLES), st.dictionaries(st.sampled_from(["x", "y", ""]), st.sampled_from(MEANINGS)))
def test_whatever_is_said_of_words_a_reader_gives_sound_payouts_or_a_sentence(
    data: st.DataObject, sound: tuple[str, PayoutFile], words: dict[str, Meaning]
) -> None:
    name, file = sound
    rows = rows_of(file)
    column = next((cell for cell in rows[0] if cell in ("Type", "Event", "reporting_category")), rows[0][0])
    for row in rows[1:]:
        row[rows[0].index(column)] = data.draw(st.sampled_from(["x", "y", "", row[rows[0].index(column)]]))
    found = read(of_rows(rows), name, words)
    assert bool(found.payouts) is not bool(found.problems)
    assert [problem for one in found.payouts for problem in problems_of(one)] == []
    assert not {one.key for one in found.unknown} & {word for word, one in words.items() if one in Movement}


@pytest.mark.parametrize(
    ("row", "column", "value", "told", "figures"),
    [
        (2, "Nettobeløp", "245.40", (2, "row_sum"), ("245,40", "245,39")),
        (3, "Balanse", "350.00", (3, "balance"), ("350,00", "349,00")),
        (3, "Beløp", "101.00", (3, "balance"), ("349,00", "350,00")),
        (5, "Planlagt utbetalingsdato", "", (5, "date"), ()),
        (5, "Utbetalingsnummer", "", (5, "empty"), ()),
        (3, "PSP-referanse", "p1", (3, "line_twice"), ()),
        (3, "Valuta", "NOK", (3, "line_currency"), ()),
    ],
)
def test_a_report_whose_figures_do_not_hold_is_told_with_both(
    row: int, column: str, value: str, told: tuple[int, str], figures: tuple[str, ...]
) -> None:
    file = changed(VIPPS, row, column, value)
    assert refused(file) == [told]
    assert all(figure in said(file) for figure in figures)


def test_fees_beside_the_sales_that_are_not_those_that_were_kept_are_told_with_both() -> None:
    file = changed(changed(VIPPS, 2, "Gebyr", "-3.62"), 2, "Nettobeløp", "245.38")
    assert refused(file) == [(4, "row_sum")]
    assert "−5,11" in said(file)
    assert "−5,12" in said(file)


def test_a_report_that_begins_in_the_middle_of_a_payout_or_lacks_a_row_is_refused() -> None:
    rows = rows_of(VIPPS)
    begun = of_rows([rows[0], *rows[2:]])
    assert refused(begun) == [(4, "payout_sum")]
    assert "343,89" in said(begun)
    assert "94,89" in said(begun)
    assert refused(of_rows([*rows[:2], *rows[3:]])) == [(3, "balance")]


def test_a_payout_that_leaves_something_is_refused() -> None:
    rows = rows_of(VIPPS)
    for row in rows[1:]:
        place = rows[0].index("Balanse")
        row[place] = str(Decimal(row[place]) + 10)
    assert refused(of_rows(rows)) == [(5, "balance")]


def test_without_rows_of_fees_the_whole_sale_was_paid() -> None:
    rows = rows_of(VIPPS)
    gross = [rows[0], rows[1], [*rows[4]]]
    gross[2][rows[0].index("Beløp")] = "-249.00"
    (one,) = payouts(of_rows(gross)).values()
    assert (one.is_gross, one.net.ore, one.fees.ore) == (True, 24900, 0)


# MobilePay's transfers.


def test_the_fee_of_a_payment_is_the_row_of_the_same_transaction() -> None:
    (one,) = payouts(TRANSFERS).values()
    assert lines(one) == [("sale", "", 125000, -175), ("refund", "", -7500, 0)]
    assert [line.transaction for line in one.lines] == ["X1", "X0"]
    assert one.paid_on == date(2022, 3, 5)
    assert notes(TRANSFERS) == ["1 row is not paid out yet. It comes with the file of its payout."]


def test_a_fee_without_its_payment_is_a_line_of_its_own() -> None:
    (one,) = payouts(changed(TRANSFERS, 4, "TransactionID", "X9")).values()
    assert lines(one) == [("sale", "", 125000, 0), ("fee", "", 0, -175), ("refund", "", -7500, 0)]


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (3, "Amount", "1.250,01", (2, "payout_sum")),
        (2, "Amount", "1173,26", (2, "payout_sum")),
        (4, "Currency", "EUR", (4, "line_currency")),
        (5, "Event", "Gift", (5, "unknown_kind")),
        (2, "Event", "Payment", (2, "payout_missing")),
        (2, "TransferID", "T2", (3, "payout_missing")),
        (3, "Event", "Transfer", (3, "payout_twice")),
        (5, "Amount", "1.234", (5, "amount")),
    ],
)
def test_transfers_that_do_not_hold_are_told(row: int, column: str, value: str, told: tuple[int, str]) -> None:
    assert told in refused(changed(TRANSFERS, row, column, value))


def test_a_transfer_that_its_rows_do_not_make_is_told_with_both_sums() -> None:
    file = changed(TRANSFERS, 2, "Amount", "1.173,26")
    assert "1.173,26" in said(file)
    assert "1.173,25" in said(file)


# Stripe.


def test_stripes_rows_are_lines_and_its_payout_row_proves_them() -> None:
    (one,) = payouts(STRIPE).values()
    assert lines(one) == [
        ("sale", "1001", 24900, -554),
        ("sale", "1002", 14920, -410),
        ("refund", "1001", -10000, 0),
        ("chargeback", "998", -3000, -1500),
        ("chargeback_returned", "998", 3000, 1500),
        ("fee", "", 0, -200),
        ("reserve", "", -2000, 0),
    ]
    assert (one.id, one.paid_on, one.net.ore, one.account) == ("po_1", date(2026, 11, 6), 26656, "")
    assert [line.sold_for for line in one.lines] == [None, Money(2000, "EUR"), *[None] * 5]
    assert notes(STRIPE) == ["1 row is not paid out yet. It comes with the file of its payout."]


def test_a_time_is_of_utc_where_its_column_says_so_and_else_of_copenhagen() -> None:
    def first(file: PayoutFile) -> PayoutLine:
        (one,) = payouts(file).values()
        return one.lines[0]

    rows = rows_of(STRIPE)
    rows[0] = [name.removesuffix("_utc") for name in rows[0]]
    assert first(STRIPE).at == datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    assert first(of_rows(rows)).at == datetime(2026, 11, 2, 22, 30, tzinfo=UTC)
    late = changed(of_rows(rows), 2, "created", "2026-11-05 23:30:00")
    assert first(late).at == datetime(2026, 11, 5, 22, 30, tzinfo=UTC)


def test_the_columns_that_are_needed_suffice_and_an_untold_sum_is_noted() -> None:
    needed = {"balance_transaction_id", "currency", "gross", "fee", "net", "reporting_category", "automatic_payout_id"}
    few = STRIPE
    for column in set(STRIPE.rows[0].cells) - needed - {"automatic_payout_effective_at_utc"}:
        few = without_column(few, column)
    (one,) = payouts(few).values()
    assert one.net.ore == 26656
    rows = rows_of(few)
    untold = of_rows([row for row in rows if "payout" not in row])
    assert payouts(untold)["po_1"].net.ore == 26656
    assert any("does not say what the payout came to" in note for note in notes(untold))


@pytest.mark.parametrize(
    ("description", "order"),
    [
        ("Webshoppen – Order 1001", "1001"),
        ("Order #1001", "1001"),
        ("ordre nr. 1001", "1001"),
        ("Ordre: 1001", "1001"),
        ("Order W-1001, tak", "W-1001"),
        ("Reorder 17 pieces", ""),
        ("border 1001", ""),
        ("In order to pay", ""),
        ("1001", ""),
        ("", ""),
    ],
)
def test_an_order_is_taken_from_stripes_description_only_where_it_is_called_one(description: str, order: str) -> None:
    (one,) = payouts(changed(STRIPE, 2, "description", description)).values()
    assert one.lines[0].order == order


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (2, "net", "243.47", (2, "row_sum")),
        (2, "fee", "-5.54", (2, "row_sum")),
        (9, "gross", "-266.57", (9, "row_sum")),
        (3, "reporting_category", "contribution", (3, "unknown_kind")),
        (3, "currency", "eur", (3, "line_currency")),
        (3, "currency", "kroner", (3, "currency")),
        (3, "automatic_payout_effective_at_utc", "2026-11-07 00:00:00", (3, "payout_date")),
        (3, "automatic_payout_effective_at_utc", "", (3, "date")),
        (3, "balance_transaction_id", "", (3, "empty")),
        (3, "balance_transaction_id", "txn_1", (3, "line_twice")),
        (8, "reporting_category", "payout", (9, "payout_twice")),
        (4, "reporting_category", "charge", (4, "line_way")),
        (3, "automatic_payout_id", "po_2", (9, "payout_sum")),
    ],
)
def test_a_report_of_stripe_that_does_not_hold_is_told(
    row: int, column: str, value: str, told: tuple[int, str]
) -> None:
    assert told in refused(changed(STRIPE, row, column, value))


def test_a_payout_of_stripe_that_its_rows_do_not_make_is_told_with_both_sums() -> None:
    file = changed(changed(STRIPE, 9, "gross", "-266.57"), 9, "net", "-266.57")
    assert refused(file) == [(9, "payout_sum")]
    assert "266,57" in said(file)
    assert "266,56" in said(file)


def test_a_payout_that_was_made_by_hand_is_noted() -> None:
    rows = rows_of(STRIPE)
    by_hand = [*rows[8]]
    by_hand[rows[0].index("balance_transaction_id")] = "txn_10"
    by_hand[rows[0].index("automatic_payout_id")] = ""
    assert any("not made by Stripe itself" in note for note in notes(of_rows([*rows, by_hand])))


# PayPal.


def test_a_withdrawal_is_a_payout_of_what_moved_the_balance_and_of_what_is_left_there() -> None:
    found = payouts(PAYPAL)
    assert lines(found["W1"]) == [
        ("sale", "1001", 24900, -907),
        ("sale", "1002", 110000, -3800),
        ("refund", "", -10000, 0),
        ("reserve", "", -20193, 0),
    ]
    assert lines(found["W2"]) == [
        ("chargeback", "", -6000, 0),
        ("other", "", -4193, 0),
        ("reserve_released", "", 20193, 0),
    ]
    assert [line.transaction for line in found["W1"].lines] == ["S1", "S2", "S1", ""], "a refund names its sale"
    assert [(one.paid_on, one.net.ore) for one in found.values()] == [
        (date(2026, 11, 15), 100000),
        (date(2026, 11, 18), 10000),
    ]
    assert notes(PAYPAL) == ["2 rows are not paid out yet. They come with the file of their payout."]


def test_a_withdrawal_is_the_same_whatever_day_the_file_begins_with() -> None:
    rows = rows_of(PAYPAL)
    for first in range(2, 6):
        later = of_rows([rows[0], *rows[first:]])
        found = read(later)
        assert [lines(one) for one in found.payouts] == [lines(payouts(PAYPAL)["W2"])]
        assert any("began before the file" in note for note in notes(later))
    assert refused(of_rows([rows[0], *rows[2:6]])) == [(5, "payout_begun")]


def test_the_newest_row_first_and_the_american_order_of_dates_are_read_alike() -> None:
    rows = rows_of(PAYPAL)
    turned = payouts(of_rows([rows[0], *reversed(rows[1:])]))
    assert {name: lines(one) for name, one in turned.items()} == {
        name: lines(one) for name, one in payouts(PAYPAL).items()
    }
    for row in rows[1:]:
        day, month, year = row[0].split("/")
        row[0] = f"{month}/{day}/{year}"
    assert payouts(of_rows(rows)) == payouts(PAYPAL)


def test_a_withdrawal_that_waits_is_read_when_it_is_completed() -> None:
    waits = changed(PAYPAL, 9, "Status", "Pending")
    assert payouts(waits).keys() == {"W1"}
    assert notes(waits) == ["5 rows are not paid out yet. They come with the file of their payout."]
    assert payouts(changed(PAYPAL, 6, "Status", "Completed")).keys() == {"W1", "W2"}


def test_a_hold_that_moves_nothing_is_passed_over() -> None:
    rows = rows_of(PAYPAL)
    hold = [*rows[2]]
    for column, value in {
        "Type": "Hold on Balance for Dispute",
        "Gross": "-60.00",
        "Fee": "0",
        "Net": "-60.00",
    }.items():
        hold[rows[0].index(column)] = value
    for place in (1, 3):
        assert payouts(of_rows([*rows[:place], hold, *rows[place:]])).keys() == {"W1", "W2"}


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (2, "Net", "239.94", (2, "row_sum")),
        (3, "Balance", "1301.94", (3, "balance")),
        (3, "Currency", "EUR", (3, "currencies")),
        (3, "Type", "General Currency Conversion", (3, "conversion")),
        (3, "Type", "Payment Reversal", (3, "unknown_kind")),
        (3, "Status", "Denied", (3, "unknown_kind")),
        (3, "TimeZone", "XYZ", (3, "zone")),
        (3, "TimeZone", "../../etc/passwd", (3, "zone")),
        (3, "Time", "noon", (3, "date")),
        (3, "Time", "2026-11-13", (3, "date")),
        (3, "Date", "31/11/2026", (None, "date")),
        (3, "Transaction ID", "S1", (3, "line_twice")),
    ],
)
def test_an_activity_that_does_not_hold_is_told(
    row: int, column: str, value: str, told: tuple[int | None, str]
) -> None:
    assert told in refused(changed(PAYPAL, row, column, value))


def test_dates_that_may_be_of_two_months_are_refused() -> None:
    rows = rows_of(PAYPAL)
    for row in rows[1:]:
        row[0] = "03/04/2026"
    assert refused(of_rows(rows)) == [(None, "date")]


# Nets Easy.


def nets(**changes: object) -> PayoutFile:
    return replace(NETS, json={**NETS.json["payouts"][0], **changes})


def test_a_payout_of_nets_easy_is_its_sums_whatever_sign_its_fees_have() -> None:
    found = payouts(NETS)
    assert lines(found["n1"]) == [("sale", "", 34900, 0), ("refund", "", -10000, 0), ("fee", "", 0, -1361)]
    assert lines(found["n2"]) == [("sale", "", 10000, 0), ("fee", "", 0, -150)]
    assert (found["n1"].bank_text, found["n1"].paid_on, found["n1"].net.ore) == (
        "NETS EASY 1",
        date(2026, 11, 5),
        23539,
    )
    assert lines(payouts(nets(fees=-1361, refundedAmount=-10000))["n1"]) == lines(found["n1"])
    assert payouts(replace(NETS, json=NETS.json["payouts"])) == found


def test_a_payout_of_nets_easy_whose_sums_do_not_hold_is_told_with_them() -> None:
    file = nets(depositedAmount=23540)
    assert refused(file) == [(1, "payout_sum")]
    assert all(figure in said(file) for figure in ("235,40", "249,00", "13,61"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("date", "soon"),
        ("currency", "kr"),
        ("fees", None),
        ("chargedAmount", "349.00"),
        ("fees", Decimal("1.5")),
    ],
)
def test_a_field_that_can_not_be_read_is_named(field: str, value: object) -> None:
    file = nets(**{field: value})
    assert refused(file, "nets-easy") == [(1, "field")]
    assert field in read(file, "nets-easy").problems[0].text.render("en")


def test_payouts_on_other_pages_of_the_answer_are_noted() -> None:
    assert notes(NETS) == []
    assert notes(replace(NETS, json={**NETS.json, "numberOfPayouts": 9})) == [
        "The file has 2 of 9 payouts. Fetch the others too."
    ]


# Shopify Payments.


def test_shopifys_rows_are_lines_with_their_orders() -> None:
    (one,) = payouts(SHOPIFY).values()
    assert lines(one) == [
        ("sale", "1001", 24900, -500),
        ("sale", "1002", 14920, -400),
        ("refund", "1001", -4900, 0),
        ("chargeback", "0998", -6000, -10000),
        ("correction", "", 1000, 0),
        ("reserve", "", -2000, 0),
    ]
    assert one.lines[1].sold_for == Money(2000, "EUR")
    assert one.lines[0].sold_for is None
    assert one.lines[0].at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert (one.id, one.paid_on, one.net.ore) == ("901", date(2026, 11, 5), 17020)
    assert len(notes(SHOPIFY)) == 2


def test_a_payout_that_is_on_its_way_is_noted() -> None:
    rows = rows_of(SHOPIFY)
    for row in rows[1:7]:
        row[rows[0].index("Payout Status")] = "in_transit"
    assert refused(of_rows(rows)) == [(None, "no_payouts")]


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (2, "Net", "244.01", (2, "row_sum")),
        (2, "Fee", "-5.00", (2, "row_sum")),
        (3, "Type", "payout_failure", (3, "unknown_kind")),
        (3, "Payout Status", "pending", (3, "payout_status")),
        (3, "Payout Status", "maybe", (3, "unknown_kind")),
        (3, "Payout Date", "2026-11-06", (3, "payout_date")),
        (3, "Payout ID", "", (3, "empty")),
        (3, "Currency", "EUR", (3, "line_currency")),
        (4, "Type", "charge", (4, "line_way")),
    ],
)
def test_transactions_of_shopify_that_do_not_hold_are_told(
    row: int, column: str, value: str, told: tuple[int, str]
) -> None:
    assert told in refused(changed(SHOPIFY, row, column, value))


def test_a_row_that_is_there_twice_is_told() -> None:
    rows = rows_of(SHOPIFY)
    assert refused(of_rows([*rows, rows[1]])) == [(9, "line_twice")]


def test_a_file_with_other_separators_is_the_same_file() -> None:
    rows = rows_of(STRIPE)
    text = "\n".join("\t".join(row) for row in rows)
    assert read(of_csv(text, "\t")) == read(STRIPE)


def test_nothing_that_is_read_twice_differs() -> None:
    for name, file in SOUND:
        first, second = read(file, name), read(replace(file), name)
        assert isinstance(first, FileRead)
        assert first == second


# The sandbox writes the same formats, by other hands.

MADE = make_payouts(make_orders(120, 1, NOW, returns=True), 1, NOW)
FORMATS = {
    "clearhaus": "clearhaus",
    "vipps_portal_no": "vipps-mobilepay",
    "myshop": "mobilepay-transfers",
    "stripe": "stripe",
    "paypal": "paypal",
    "nets_easy": "nets-easy",
    "shopify": "shopify",
}


@pytest.mark.parametrize("made", FORMATS)
def test_what_the_sandbox_writes_of_its_payouts_is_read_as_the_same(made: str) -> None:
    format_ = SANDBOX_FORMATS[made]
    own = [one for one in MADE if one.acquirer == format_.of]
    told = [one for one in own if all(line.kind in format_.kinds for line in one.lines)]
    content = format_.write(told).decode("utf-8-sig")
    separator = ";" if content.count(";") > content.count(",") else ","
    is_json = content.startswith("{")
    file = PayoutFile("made.json", json=json.loads(content)) if is_json else of_csv(content, separator)
    found = recognized(file)
    assert found is not None
    assert found.name == FORMATS[made]
    figures = {name: (one.net, one.sold, one.refunded, one.fees) for name, one in payouts(file).items()}
    prefix = "po_" if made == "stripe" else ""
    expected = {f"{prefix}{one.id}": (one.net, one.sold, one.refunded, one.fees) for one in told}
    assert len(told) > 2
    assert {name: figures.get(name) for name in expected} == expected
    # A reserve that is still kept has its date already.
    assert {name for name in figures.keys() - expected.keys() if not name.endswith("-reserve")} == set()
