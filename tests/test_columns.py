"""The generic reader: a file of any acquirer, whose columns the owner names once."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinero.acquirers.acquirer import FileRead, PayoutFile, TableRow
from dinero.acquirers.columns.asking import Ask
from dinero.acquirers.columns.forms import amount_form, date_form, moment_of, ore_of
from dinero.acquirers.columns.layout import fingerprint, layout_of
from dinero.acquirers.columns.mapping import (
    BankFigure,
    ColumnMapping,
    DayOrder,
    DecimalSign,
    FeeSign,
    OrderPattern,
    Role,
    order_in,
)
from dinero.acquirers.columns.proposing import Proposal, proposal
from dinero.acquirers.columns.reading import order_refs, read_by_columns
from dinero.acquirers.opening import open_file
from dinero.acquirers.words import Apart, Meaning
from dinero.model.clock import COPENHAGEN
from dinero.model.money import Money
from dinero.model.payouts import Movement

BOUGHT = """Ordre;Transaktion;Type;Brutto;Gebyr;Netto;Udbetalings-ID;Udbetalingsdato;Dato;Valuta;Navn
#1001;t1;Salg;1.249,00;3,61;1.245,39;P1;02-11-2026;31-10-2026 23:30;DKK;Anna Ævl
#1002;t2;Salg;150,00;2,18;147,82;P1;02-11-2026;01-11-2026 10:00;DKK;Bo
#1001;t3;Refusion;-249,00;0,00;-249,00;P1;02-11-2026;01-11-2026 11:00;DKK;Anna Ævl
;t4;Abonnement;-99,00;0,00;-99,00;P1;02-11-2026;01-11-2026 12:00;DKK;
;t5;Udbetaling;-1.045,21;;-1.045,21;P1;02-11-2026;02-11-2026 00:10;DKK;
"""
KINDS: Mapping[str, Meaning] = {"abonnement": Movement.FEE}


def file_of(text: str) -> PayoutFile:
    file = open_file("payouts.csv", text.encode())
    assert isinstance(file, PayoutFile), file
    return file


def answered(text: str, **more: object) -> ColumnMapping:
    """The mapping that is proposed for a file, with the owner's answers."""
    mapping = proposal(file_of(text)).mapping
    answers = {"acquirer": "Betalingsfabrikken", "kinds": {**mapping.kinds, **KINDS}, **more}
    return replace(mapping, **answers)  # type: ignore[arg-type]


def read(text: str, **more: object) -> FileRead:
    return read_by_columns(file_of(text), answered(text, **more))


def codes(found: FileRead | Proposal) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.code) for problem in found.problems]


def asked(found: Proposal) -> list[tuple[Ask, str]]:
    return [(one.ask, one.column or one.word or one.payout) for one in found.questions]


def test_a_file_is_read_to_the_oere_with_the_signs_that_all_readers_end_in() -> None:
    found = read(BOUGHT)
    assert found.problems == ()
    (payout,) = found.payouts
    assert (payout.acquirer, payout.id, payout.paid_on) == ("Betalingsfabrikken", "P1", date(2026, 11, 2))
    assert [amount.ore for amount in (payout.sold, payout.refunded, payout.fees, payout.net)] == [
        139900,
        -24900,
        -10479,
        104521,
    ]
    sale, _, refund, fee = payout.lines
    assert (sale.row, sale.kind, sale.order, sale.id) == (2, Movement.SALE, "1001", "t1")
    assert (sale.gross, sale.fee, sale.net) == (Money(124900), Money(-361), Money(124539))
    assert sale.at == datetime(2026, 10, 31, 23, 30, tzinfo=COPENHAGEN)
    assert (refund.kind, refund.gross, refund.order) == (Movement.REFUND, Money(-24900), "1001")
    assert (fee.kind, fee.gross, fee.fee, fee.net, fee.text) == (
        Movement.FEE,
        Money(0),
        Money(-9900),
        Money(-9900),
        "Abonnement",
    )


def test_names_in_columns_without_a_role_are_nowhere_in_what_was_read() -> None:
    assert "Anna" not in repr(read(BOUGHT))
    assert "Anna" not in repr(read(BOUGHT.replace("1.249,00", "1.249,01")))


def test_a_file_without_decimals_signs_or_kinds_is_read_by_its_amounts_alone() -> None:
    text = "Ref,Amount\n1001,249.00\n1002,-100.50\n"
    figure = {"": BankFigure(Money(14850), date(2026, 11, 2))}
    mapping = ColumnMapping("X", {"Ref": Role.ORDER, "Amount": Role.GROSS}, is_one_payout=True, figures=figure)
    (payout,) = read_by_columns(file_of(text), mapping).payouts
    assert [(one.kind, one.order, one.gross.ore, one.fee.ore) for one in payout.lines] == [
        (Movement.SALE, "1001", 24900, 0),
        (Movement.REFUND, "1002", -10050, 0),
    ]
    assert payout.id == "2026-11-02 148.50", "the same when the file is read again"


@pytest.mark.parametrize("order", ["0123456789", "9876543210", "3914872605"])
def test_columns_may_stand_in_any_order(order: str) -> None:
    places = [int(place) for place in order]
    rows = [line.split(";") for line in BOUGHT.splitlines()]
    text = "\n".join(";".join([*(row[place] for place in places), row[10]]) for row in rows) + "\n"
    assert read(text).payouts == read(BOUGHT).payouts
    assert proposal(file_of(text)).fingerprint == proposal(file_of(BOUGHT)).fingerprint


def test_a_mapping_is_the_same_after_it_was_kept() -> None:
    mapping = replace(
        answered(BOUGHT),
        decimals={"Brutto": DecimalSign.COMMA},
        days={"Dato": DayOrder.MONTH_FIRST},
        fee_sign=FeeSign.TAKEN,
        pattern=OrderPattern.WORD,
        kinds={"x": Apart.LEFT_OUT, "y": Apart.PAYOUT, "": Movement.OTHER},
        figures={"P1": BankFigure(Money(5, "EUR"), date(2026, 11, 2)), "P2": BankFigure(Money(-5))},
    )
    assert ColumnMapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping
    assert mapping.kept().figures == {}


def test_the_fingerprint_knows_a_file_by_its_names_and_doubles_by_their_place() -> None:
    assert fingerprint(["b", "a"]) == fingerprint([" a ", "b"])
    assert fingerprint(["a", "b"]) != fingerprint(["a", "b", "c"])
    both = file_of("Dato;Beløb;Dato\n01-11-2026;1,00;x\n")
    turned = file_of("Beløb;Dato;Dato\n1,00;01-11-2026;x\n")
    assert proposal(both).fingerprint != proposal(turned).fingerprint
    assert [one.name for one in proposal(both).columns] == ["Dato", "Beløb", "Dato (2)"]


# -- The bank's side ---------------------------------------------------------------------------------------------------

NO_PAYOUT_ROW = "".join(line for line in BOUGHT.splitlines(keepends=True) if "t5" not in line)


def test_without_a_row_of_the_payout_the_bank_s_figure_is_asked_and_must_fit_to_the_oere() -> None:
    mapping = answered(NO_PAYOUT_ROW)
    assert asked(proposal(file_of(NO_PAYOUT_ROW), mapping)) == [(Ask.BANK_FIGURE, "P1")]
    assert codes(read_by_columns(file_of(NO_PAYOUT_ROW), mapping)) == [(None, "ask_bank_figure")]
    assert len(read(NO_PAYOUT_ROW, figures={"P1": BankFigure(Money(104521))}).payouts) == 1
    found = read(NO_PAYOUT_ROW, figures={"P1": BankFigure(Money(104520))})
    assert codes(found) == [(None, "bank_figure")]
    shown = found.problems[0].text.render("da")
    assert "1.045,21" in shown
    assert "1.045,20" in shown


def test_a_payout_row_that_differs_refuses_the_file_with_both_figures() -> None:
    found = read(BOUGHT.replace("-1.045,21", "-1.045,22"))
    assert codes(found) == [(6, "payout_sum")]
    assert {"1.045,21", "1.045,22"} <= set(found.problems[0].text.render("da").split())


def test_a_bank_figure_is_held_against_the_payout_s_own_row_too() -> None:
    assert codes(read(BOUGHT, figures={"P1": BankFigure(Money(1))})) == [(None, "bank_figure")]


def test_payout_rows_may_have_either_sign_but_one_in_a_file() -> None:
    assert len(read(BOUGHT.replace("-1.045,21", "1.045,21")).payouts) == 1
    rows = "A;Type;Brutto;Udbetaling;Udbetalingsdato\n{}".format
    two = "1;Salg;10,00;P1;02-11-2026\n;Udbetaling;-10,00;P1;02-11-2026\n2;Salg;5,00;P2;13-11-2026\n"
    assert len(read(rows(two + ";Udbetaling;-5,00;P2;13-11-2026\n")).payouts) == 2
    assert [code for _, code in codes(read(rows(two + ";Udbetaling;5,00;P2;13-11-2026\n")))] == ["payout_sum"]


def test_a_bank_figure_of_a_payout_that_the_file_has_not_refuses_the_file() -> None:
    figures = {"P1": BankFigure(Money(104521)), "P2": BankFigure(Money(5000))}
    assert codes(read(BOUGHT, figures=figures)) == [(None, "bank_figure")]


def test_rows_that_name_no_payout_are_not_paid_out_yet_and_that_is_told() -> None:
    found = read(BOUGHT + "#1003;t6;Salg;10,00;0,10;9,90;;;02-11-2026 10:00;DKK;\n")
    assert len(found.payouts) == 1
    assert [note.render("en") for note in found.notes] == [
        "1 row is not paid out yet. It comes with the file of its payout."
    ]


def test_payouts_are_told_apart_by_their_date_where_they_have_no_id() -> None:
    text = "Ordre;Beløb;Udbetalingsdato\n1;10,00;02-11-2026\n2;5,50;13-11-2026\n3;1,00;02-11-2026\n"
    figures = {"2026-11-02": BankFigure(Money(1100)), "2026-11-13": BankFigure(Money(550))}
    found = read(text, figures=figures)
    assert [(one.id, one.net.ore) for one in found.payouts] == [("2026-11-02 11.00", 1100), ("2026-11-13 5.50", 550)]


def test_two_dates_of_one_payout_refuse_the_file() -> None:
    assert codes(read(BOUGHT.replace("P1;02-11-2026;01-11-2026 10:00", "P1;03-11-2026;01-11-2026 10:00"))) == [
        (3, "payout_date")
    ]


def test_a_second_row_of_a_payout_and_a_row_in_another_currency_refuse_the_file() -> None:
    last = BOUGHT.splitlines(keepends=True)[-1]
    assert (7, "payout_twice") in codes(read(BOUGHT + last))
    assert codes(read(BOUGHT.replace("10:00;DKK", "10:00;EUR"))) == [(3, "line_currency")]
    assert codes(read(BOUGHT.replace("10:00;DKK", "10:00;kroner"))) == [(3, "no_currency")]


def test_the_same_row_twice_refuses_the_file() -> None:
    row = "#1002;t2;Salg;150,00;2,18;147,82;P1;02-11-2026;01-11-2026 10:00;DKK;Bo\n"
    assert (4, "line_twice") in codes(
        read(NO_PAYOUT_ROW.replace(row, row * 2), figures={"P1": BankFigure(Money(119303))})
    )


# -- Kinds -------------------------------------------------------------------------------------------------------------


def test_each_word_that_nobody_explained_is_asked_with_its_count_and_sum() -> None:
    found = proposal(file_of(BOUGHT), replace(answered(BOUGHT), kinds={"salg": Movement.SALE}))
    assert asked(found) == [(Ask.KIND, "Type")] * 3
    assert [one.word for one in found.questions] == ["refusion", "abonnement", "udbetaling"]
    assert ("salg", 2, Money(139321)) in [(one.word, one.rows, one.net) for one in found.kinds]
    read_so = read_by_columns(file_of(BOUGHT), replace(answered(BOUGHT), kinds={"salg": Movement.SALE}))
    assert "Abonnement" in str([problem.text.render("en") for problem in read_so.problems])


def test_what_a_danish_report_usually_says_is_proposed() -> None:
    report = BOUGHT.replace("Udbetalingsdato", "Udbetalt den").replace("Abonnement", "Tilbageholdt")
    found = proposal(file_of(report), replace(proposal(file_of(report)).mapping, acquirer="Betalingsfabrikken"))
    assert (found.mapping.roles["Udbetalt den"], found.questions) == (Role.PAID_ON, ())
    assert found.mapping.kinds["tilbageholdt"] == Movement.RESERVE


def test_the_bank_s_figure_is_asked_with_the_day_where_the_file_tells_it() -> None:
    (question,) = proposal(file_of(NO_PAYOUT_ROW), answered(NO_PAYOUT_ROW)).questions
    assert "2. nov. 2026" in question.text.render("da")
    assert not question.needs_date


def test_words_are_the_same_in_any_case_and_with_spaces_around() -> None:
    assert read(BOUGHT.replace(";Salg;", "; sALG ;")).payouts[0].net == Money(104521)


def test_rows_that_the_owner_leaves_out_are_counted_in_a_note() -> None:
    more = BOUGHT + "Sum;;I alt;i alt;;9.999,99;;;;DKK;\n"
    found = read(more, kinds={**answered(BOUGHT).kinds, "i alt": Apart.LEFT_OUT})
    assert [note.render("da") for note in found.notes] == ["1 række med ”I alt” er udeladt."]
    assert found.payouts == read(BOUGHT).payouts


def test_a_column_of_names_is_no_column_of_kinds() -> None:
    text = "Ordre;Navn;Beløb;Udbetalingsdato\n" + "".join(f"{n};Kunde {n};1,50;02-11-2026\n" for n in range(200))
    roles = {**answered(text).roles, "Navn": Role.KIND}
    found = proposal(file_of(text), replace(answered(text), roles=roles))
    assert codes(found) == [(None, "too_many_kinds")]


def test_amounts_without_any_sign_take_that_of_their_kind_and_the_payout_proves_it() -> None:
    text = (
        "Ordre;Type;Beløb;Udbetaling;Udbetalingsdato\n1;Salg;100,00;P;13-11-2026\n2;Refusion;30,00;P;13-11-2026\n"
        ";Gebyr;2,50;P;13-11-2026\n;Udbetaling;67,50;P;13-11-2026\n"
    )
    (payout,) = read(text).payouts
    assert [one.ore for one in (payout.sold, payout.refunded, payout.fees)] == [10000, -3000, -250]
    assert codes(read(text.replace("67,50", "132,50"))) == [(5, "payout_sum")]


# -- Fees --------------------------------------------------------------------------------------------------------------


def with_fees(*rows: tuple[str, str, str], header: str = "Brutto;Gebyr;Netto") -> str:
    return f"Ordre;{header}\n" + "".join(f"{n};{';'.join(row)}\n" for n, row in enumerate(rows, 1))


def one_payout(ore: int) -> dict[str, object]:
    return {"is_one_payout": True, "figures": {"": BankFigure(Money(ore), date(2026, 11, 2))}}


@pytest.mark.parametrize("fees", [("2,00", "0,00", "-1,00"), ("-2,00", "0,00", "1,00")])
def test_the_fee_s_sign_is_the_one_that_holds_on_every_row(fees: tuple[str, str, str]) -> None:
    text = with_fees(("100,00", fees[0], "98,00"), ("50,00", fees[1], "50,00"), ("-50,00", fees[2], "-49,00"))
    (payout,) = read(text, **one_payout(9900)).payouts
    assert [line.fee.ore for line in payout.lines] == [-200, 0, 100]


def test_the_first_row_that_does_not_add_up_is_told_with_its_figures() -> None:
    text = with_fees(("100,00", "2,00", "98,00"), ("50,00", "1,00", "51,00"), ("70,00", "1,00", "69,00"))
    found = read(text, **one_payout(21800))
    assert codes(found) == [(3, "row_sum")]
    assert {"50,00", "1,00", "51,00"} <= set(found.problems[0].text.render("da").replace(",00 kr.", ",00").split())


def test_the_fee_s_sign_is_asked_where_no_net_tells_it() -> None:
    text = "Ordre;Brutto;Gebyr\n1;100,00;2,00\n"
    assert asked(proposal(file_of(text), answered(text, **one_payout(9800)))) == [(Ask.FEE_SIGN, "Gebyr")]
    (payout,) = read(text, **one_payout(9800), fee_sign=FeeSign.TAKEN).payouts
    assert payout.fees == Money(-200)
    assert codes(read(text, **one_payout(9800), fee_sign=FeeSign.SIGNED))[0] == (None, "bank_figure")


def test_a_fee_that_no_column_has_is_the_rest_of_gross_and_net() -> None:
    (payout,) = read("Ordre;Brutto;Netto\n1;100,00;98,00\n", **one_payout(9800)).payouts
    assert payout.fees == Money(-200)


# -- Amounts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["12,50"], ","),
        (["1.234,5"], ","),
        (["1,234.50"], "."),
        (["1.234.567"], ","),
        (["1,234", "7.5"], "."),
        (["1.234", "0,00"], ","),
        (["1 234,50", "1.234"], ","),
        (["0.125"], "."),
        (["1234.567"], "."),
        (["14.309999999999999"], "."),
    ],
)
def test_the_decimal_sign_is_told_by_all_rows(cells: list[str], sign: str) -> None:
    assert amount_form(["", "100", "Ialt", *cells]).sign == sign


def test_one_group_of_three_digits_alone_is_asked() -> None:
    assert amount_form(["1.234", "-100", "9.999"]).open == "1.234"
    text = "Ordre;Beløb\n1;1.234\n2;-100\n"
    found = proposal(file_of(text), answered(text, is_one_payout=True, in_ore=False))
    assert asked(found) == [(Ask.DECIMAL, "Beløb")]
    answers = {**one_payout(113400), "in_ore": False}
    assert read(text, **answers, decimals={"Beløb": DecimalSign.COMMA}).payouts[0].net == Money(113400)
    assert codes(read(text, **answers, decimals={"Beløb": DecimalSign.POINT}))[0] == (2, "no_gross")


def test_two_decimal_signs_in_a_column_refuse_the_file() -> None:
    found = read("Ordre;Beløb\n1;12,50\n2;12.50\n", **one_payout(2500))
    assert codes(found) == [(None, "decimals_clash")]
    assert "12,50" in found.problems[0].text.render("en")


def test_amounts_without_decimals_are_kroner_or_oere_and_that_is_asked() -> None:
    text = "Ordre;Beløb\n1;24900\n2;15000\n"
    assert asked(proposal(file_of(text), answered(text, is_one_payout=True)))[0] == (Ask.UNIT, "")
    assert read(text, **one_payout(39900), in_ore=True).payouts[0].sold == Money(39900)
    assert codes(read(text, **one_payout(39900), in_ore=False)) == [(None, "bank_figure")]
    assert answered("Ordre;Beløb\n1;249,00\n").in_ore is False, "the next file may have none by chance"


@pytest.mark.parametrize(
    ("cell", "ore"),
    [
        ("-1.234,50", -123450),
        ("1.234,50-", -123450),
        ("(1.234,50)", -123450),
        ("−1 234,50", -123450),
        ("1'234,5", 123450),
        ("1\N{NO-BREAK SPACE}234", 123400),
        ("+12", 1200),
        ("14,309999999999999", 1431),
        ("1234567890,12", 123456789012),
    ],
)
def test_amounts_are_read_as_people_and_programs_write_them(cell: str, ore: int) -> None:
    assert ore_of(cell, ",") == ore


@pytest.mark.parametrize(
    "cell", ["", "-", "--5", "12,345", "1.23,00", "1.234 567,00", "kr", "1e3", "١٢", "12,", "(5", "9" * 15]
)
def test_what_is_no_whole_oere_is_no_amount(cell: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        ore_of(cell, ",")


@given(st.integers(-(10**12), 10**12), st.sampled_from([",", "."]), st.sampled_from(["", " ", "'", "group"]))
def test_any_amount_comes_back_from_any_form(ore: int, sign: str, by: str) -> None:
    group = {"group": "." if sign == "," else ","}.get(by, by)
    text = f"{abs(ore) // 100:,}".replace(",", group) + f"{sign}{abs(ore) % 100:02}"
    for cell in (f"-{text}", f"({text})", f"{text}-") if ore < 0 else (text, f" {text} "):
        assert amount_form([cell]).sign == sign
        assert ore_of(cell, sign) == ore


def test_numbers_that_excel_destroyed_and_formulas_refuse_the_file_where_they_are_read() -> None:
    lost = BOUGHT.replace(";t2;", ";2,03E+11;")
    assert codes(read(lost)) == [(3, "numbers_lost")]
    assert "Transaktion" in read(lost).problems[0].text.render("da")
    assert codes(read(BOUGHT.replace("150,00;", "=100+50;"))) == [(3, "formula")]
    assert codes(read(BOUGHT.replace("#1002", "=1002"))) == [(3, "formula")]
    assert codes(read(BOUGHT.replace("Bo\n", "=Bo()\n"))) == [], "a message is the customer's"


# -- Dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["02-11-2026", "2.11.2026", "02/11/2026", "2026-11-02", "2026/11/02", "20261102"])
@pytest.mark.parametrize("clock", ["", " 14:30", " 14.30.05", "T14:30:05.123", " 14:30:05+01:00", "T13:30:05Z"])
def test_dates_are_read_in_every_form(cell: str, clock: str) -> None:
    moment = moment_of(cell + clock, DayOrder.DAY_FIRST)
    assert moment.astimezone(COPENHAGEN).date() == date(2026, 11, 2)
    assert not clock or moment.astimezone(UTC).hour == 13


def test_a_day_above_twelve_tells_which_is_first_and_else_it_is_asked() -> None:
    assert date_form(["03/04/2026", "13/04/2026"]).order is DayOrder.DAY_FIRST
    assert date_form(["03/04/2026 10:00", "04/13/2026 11:00"]).order is DayOrder.MONTH_FIRST
    assert date_form(["03.04.2026"]).order is DayOrder.DAY_FIRST
    assert date_form(["03/04/2026", "05/05/2026"]).open == "03/04/2026"
    assert (date_form(["05/05/2026", "2026"]).order, date_form(["05/05/2026"]).open) == (None, "")
    text = "Ordre;Beløb;Udbetalingsdato\n1;10,00;03/04/2026\n"
    assert asked(proposal(file_of(text), answered(text)))[0] == (Ask.DAY_ORDER, "Udbetalingsdato")
    for order, day in ((DayOrder.DAY_FIRST, "2026-04-03"), (DayOrder.MONTH_FIRST, "2026-03-04")):
        found = read(text, days={"Udbetalingsdato": order}, figures={day: BankFigure(Money(1000))})
        assert [str(one.paid_on) for one in found.payouts] == [day]


@pytest.mark.parametrize(
    "cells", [["13/04/2026", "04/13/2026"], ["2026-04-03", "13/04/2026"], ["13-04-2026", "13/04/2026"]]
)
def test_dates_that_a_spreadsheet_turned_around_refuse_the_file(cells: list[str]) -> None:
    assert date_form(cells).clash is not None
    text = "Ordre;Beløb;Udbetalingsdato\n" + "".join(f"{n};10,00;{cell}\n" for n, cell in enumerate(cells))
    assert codes(read(text)) == [(None, "dates_clash")]


@pytest.mark.parametrize(
    "cell", ["31-02-2026", "00-01-2026", "2026", "1-1-26", "02-11/2026", "2026-11-02 25:00", "x", "01-01-1899"]
)
def test_what_is_no_date_is_none(cell: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        moment_of(cell, None)


def test_a_moment_of_another_zone_is_a_copenhagen_day() -> None:
    text = "Ordre;Beløb;Udbetalingsdato\n1;10,00;2026-11-01T23:30:00Z\n"
    assert asked(proposal(file_of(text), answered(text))) == [(Ask.BANK_FIGURE, "2026-11-02")]


# -- Where the table is ------------------------------------------------------------------------------------------------


def test_the_names_of_columns_are_found_below_twenty_rows_of_other_things() -> None:
    above = "".join(f"Linje {n};{n}\n" for n in range(20))
    found = read(above.replace("\n", ";" * 9 + "\n") + BOUGHT)
    assert [one.row for one in found.payouts[0].lines] == [22, 23, 24, 25]
    assert layout_of(file_of("Rapport;x\n\n" + BOUGHT)).header_row == 3  # type: ignore[union-attr]


def test_a_file_without_names_has_the_letters_of_a_spreadsheet_and_is_never_kept() -> None:
    found = proposal(file_of("1001;249,00;02-11-2026\n1002;150,00;02-11-2026\n"))
    assert ([one.name for one in found.columns], found.header_row, found.fingerprint) == (["A", "B", "C"], None, "")
    roles = {"A": Role.ORDER, "B": Role.GROSS}
    mapping = ColumnMapping("X", roles, is_one_payout=True, figures={"": BankFigure(Money(39900), date(2026, 11, 2))})
    text = "1001;249,00;02-11-2026\n1002;150,00;02-11-2026\n"
    assert [one.row for one in read_by_columns(file_of(text), mapping).payouts[0].lines] == [1, 2]


def test_a_row_with_a_cell_too_few_or_too_many_refuses_the_file() -> None:
    assert codes(read(BOUGHT.replace("#1002;t2;", "#1002;"), roles=answered(BOUGHT).roles)) == [(3, "cells")]
    assert codes(read(BOUGHT.replace("150,00;", "150,00;9;"), roles=answered(BOUGHT).roles)) == [(3, "cells")]
    assert len(read(BOUGHT.replace("\n", ";\n")).payouts) == 1, "some end each line with a separator"


def test_a_mapping_for_other_columns_is_told_and_one_role_twice_too() -> None:
    assert codes(read_by_columns(file_of(BOUGHT), ColumnMapping("X", {"Amount": Role.GROSS})))[0] == (
        None,
        "column_missing",
    )
    roles = {**answered(BOUGHT).roles, "Navn": Role.ORDER}
    assert {code for _, code in codes(read(BOUGHT, roles=roles))} == {"role_twice"}


def test_nothing_said_yet_is_asked_for_all_that_is_needed() -> None:
    text = "X;Y;Z\na;1,50;b\nc;2,50;d\n"
    assert [one for one, _ in asked(proposal(file_of(text)))] == [Ask.ACQUIRER, Ask.AMOUNT, Ask.PAYOUT]
    assert codes(read_by_columns(PayoutFile("x", json={}), ColumnMapping())) == [(None, "no_table")]
    assert codes(read_by_columns(PayoutFile("x", (TableRow(1, ("a", "b")),)), ColumnMapping())) == [(None, "no_rows")]


@pytest.mark.parametrize("char", ["1", " ", "\n", "-", "#", ".", "e", "=", "order ", "1."])
def test_a_cell_that_is_far_too_long_takes_no_time(char: str) -> None:
    cell = f'"{char * (100_000 // len(char))}x"'
    for old in ("#1002", "150,00", "02-11-2026", "Ordre", "Salg", "t2"):
        file = open_file("x", BOUGHT.replace(old, cell, 1).encode())
        if isinstance(file, PayoutFile):
            proposal(file)
            found = read_by_columns(file, answered(BOUGHT))
            assert bool(found.payouts) != bool(found.problems)


def test_an_older_mapping_is_the_proposal_for_other_columns() -> None:
    found = proposal(file_of(BOUGHT.replace("Gebyr", "Fee 2027")), answered(BOUGHT))
    assert found.mapping.column(Role.FEE) is None
    assert found.mapping.column(Role.GROSS) == "Brutto"
    assert found.mapping.acquirer == "Betalingsfabrikken"


# -- Orders ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "pattern", "order"),
    [
        ("#1001", OrderPattern.HASH, "1001"),
        ("Faktura # 1001, tak", OrderPattern.HASH, "1001"),
        ("Order 1001", OrderPattern.WORD, "1001"),
        ("Ordrenr. 1001", OrderPattern.WORD, "1001"),
        ("Betaling for ordre #1001", OrderPattern.WORD, "1001"),
        ("order no. 1001 / Bo", OrderPattern.WORD, "1001"),
        ("Recorder 1001", OrderPattern.WORD, ""),
        ("Order 1001, Order 1002", OrderPattern.WORD, ""),
        ("94136-000165", OrderPattern.WHOLE, "94136-000165"),
        ("#1001", OrderPattern.WHOLE, "1001"),
        ("Anna Ævl", OrderPattern.WHOLE, ""),
    ],
)
def test_an_order_s_number_is_found_in_its_cell(cell: str, pattern: OrderPattern, order: str) -> None:
    assert order_in(cell, pattern) == order


def test_what_each_pattern_finds_is_shown_and_can_be_counted() -> None:
    found = proposal(file_of(BOUGHT.replace("#1002", "ordre 1002")), answered(BOUGHT))
    assert {one.pattern: (one.found, one.missed, one.without) for one in found.patterns} == {
        OrderPattern.HASH: (2, 1, ("ordre 1002",)),
        OrderPattern.WORD: (1, 2, ("#1001",)),
        OrderPattern.WHOLE: (2, 1, ("ordre 1002",)),
    }
    assert order_refs(file_of(BOUGHT), answered(BOUGHT)) == ("1001", "1002", "1001")
    assert order_refs(file_of(BOUGHT), answered(BOUGHT), 2) == ("1001", "1002")
    assert order_refs(file_of(BOUGHT), ColumnMapping()) == ()


def test_an_acquirer_that_is_known_is_known_under_any_of_its_names() -> None:
    mapping = replace(answered(BOUGHT), acquirer=" paypal ")
    assert read_by_columns(file_of(BOUGHT), mapping).payouts[0].acquirer == "paypal"


CELL = st.one_of(
    st.sampled_from(
        ["", " ", "1.234", "12,50", "-3", "(1)", "02/03/2026", "2026-02-30", "Salg", "DKK", "208", "=1", "2,03E+11"]
    ),
    st.text(max_size=6),
)
TABLE = st.lists(st.lists(CELL, max_size=5), max_size=6)
ROLES = st.dictionaries(st.one_of(st.sampled_from(list("ABCDE")), CELL), st.sampled_from(Role), max_size=5)


@given(TABLE, ROLES, st.booleans(), st.sampled_from(OrderPattern), st.sampled_from([None, *FeeSign]))
def test_no_table_and_no_mapping_whatever_make_it_fall(
    table: list[list[str]], roles: dict[str, Role], is_one: bool, pattern: OrderPattern, fee_sign: FeeSign | None
) -> None:
    file = PayoutFile("x", tuple(TableRow(number, tuple(row)) for number, row in enumerate(table, 1)))
    mapping = ColumnMapping("X", roles, pattern, {"salg": Movement.SALE}, is_one_payout=is_one, fee_sign=fee_sign)
    found = read_by_columns(file, mapping)
    assert bool(found.payouts) != bool(found.problems)
    assert isinstance(proposal(file), Proposal)
    assert isinstance(proposal(file, mapping), Proposal)
    assert isinstance(order_refs(file, mapping), tuple)
