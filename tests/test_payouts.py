"""Payouts: whose figures are to be trusted, and what a reader of an acquirer's files promises."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinero.acquirers.acquirer import FileRead, PayoutFile, PayoutReader, TableRow, checked
from dinero.acquirers.words import NO_WORDS, Words
from dinero.model.i18n import Text
from dinero.model.money import AmountError, Money
from dinero.model.payouts import Movement, Payout, PayoutLine, RowProblem, problems_of


def line(row: int, gross: int, fee: int, kind: Movement = Movement.SALE, name: str = "") -> PayoutLine:
    return PayoutLine(row, kind, name or f"t{row}", Money(gross), Money(fee), Money(gross + fee), order=str(1000 + row))


def payout(*lines: PayoutLine, name: str = "p1", account: str = "shop") -> Payout:
    net = Money(sum(one.net.ore for one in lines))
    return Payout("clearhaus", account, name, date(2026, 11, 24), net, lines)


SOUND = payout(line(2, 24900, -361), line(3, 15000, -218), line(4, -15000, 0, Movement.REFUND))


def told(found: Sequence[RowProblem]) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.code) for problem in found]


def with_line(place: int, **changes: object) -> Payout:
    lines = list(SOUND.lines)
    lines[place] = replace(lines[place], **changes)  # type: ignore[arg-type]
    return replace(SOUND, lines=tuple(lines))


def test_a_payout_whose_figures_add_up_has_no_problem() -> None:
    assert problems_of(SOUND) == []
    assert problems_of(payout(line(2, 0, -9900, Movement.FEE))) == [], "fees alone: the owner owes"


@given(st.integers(0, 2), st.sampled_from(["gross", "fee", "net"]), st.sampled_from([-1, 1]))
def test_an_oere_too_many_anywhere_in_a_line_is_found_in_its_row(place: int, name: str, ore: int) -> None:
    amount: Money = getattr(SOUND.lines[place], name)
    found = told(problems_of(with_line(place, **{name: Money(amount.ore + ore)})))
    assert (place + 2, "line_sum") in found
    assert ((None, "payout_sum") in found) is (name == "net")


def test_a_payout_of_which_a_line_is_missing_is_told_with_both_sums() -> None:
    (problem,) = problems_of(replace(SOUND, lines=SOUND.lines[:2]))
    assert (problem.row, problem.code) == (None, "payout_sum")
    shown = problem.text.render("da")
    assert "393,21" in shown
    assert "243,21" in shown


@pytest.mark.parametrize("name", ["gross", "fee", "net"])
def test_a_line_in_another_currency_is_told_and_nothing_is_added_up(name: str) -> None:
    amount: Money = getattr(SOUND.lines[1], name)
    found = problems_of(with_line(1, **{name: Money(amount.ore, "EUR")}))
    assert told(found) == [(3, "line_currency")]


def test_a_payout_in_another_currency_than_all_its_lines_is_told() -> None:
    assert {code for _, code in told(problems_of(replace(SOUND, net=Money(24321, "EUR"))))} == {"line_currency"}


@pytest.mark.parametrize(
    ("kind", "gross", "code"),
    [
        (Movement.SALE, -100, "line_way"),
        (Movement.REFUND, 100, "line_way"),
        (Movement.CHARGEBACK, 100, "line_way"),
        (Movement.CHARGEBACK_RETURNED, -100, "line_way"),
    ],
)
def test_money_that_goes_the_wrong_way_for_its_kind_is_told(kind: Movement, gross: int, code: str) -> None:
    assert told(problems_of(payout(line(2, gross, 0, kind)))) == [(2, code)]
    assert problems_of(payout(line(2, -gross, 0, kind))) == []


def test_a_fee_with_the_files_own_sign_is_told_even_where_the_sums_fit() -> None:
    assert told(problems_of(payout(line(2, 24900, 361)))) == [(2, "fee_way")]


def test_a_line_that_is_there_twice_is_told_where_it_comes_again() -> None:
    twice = payout(line(2, 100, 0, name="t"), line(3, 100, 0, name="t"), line(4, -100, 0, Movement.REFUND, name="t"))
    assert told(problems_of(twice)) == [(3, "line_twice")], "a refund of the same transaction is another line"
    assert told(checked([twice]).problems) == [(3, "line_twice")], "and of the file it is told no second time"


def test_one_problem_refuses_the_whole_file() -> None:
    broken = payout(line(9, -5, 0), name="p2")
    assert checked([SOUND]) == FileRead(payouts=(SOUND,))
    assert (checked([SOUND, broken]).payouts, told(checked([SOUND, broken]).problems)) == ((), [(9, "line_way")])


def test_what_the_reader_could_not_read_refuses_the_file_too() -> None:
    problem = RowProblem(7, "amount", Text("Row {row} has no amount.", row=7))
    assert checked([SOUND], [problem]) == FileRead(problems=(problem,))


def test_a_file_without_a_payout_is_no_success() -> None:
    assert told(checked([]).problems) == [(None, "no_payouts")]


def test_a_line_in_two_payouts_of_a_file_is_told_once() -> None:
    first, second = payout(line(2, 100, 0, name="t")), payout(line(3, 100, 0, name="t"), name="p2")
    assert told(checked([first, second]).problems) == [(3, "line_twice")]
    assert checked([first, replace(second, account="another")]).problems == (), "another account has its own ids"


def test_a_payout_that_is_there_twice_is_told_once() -> None:
    again = payout(line(5, 100, 0))
    assert told(checked([SOUND, again, replace(again, lines=())]).problems).count((None, "payout_twice")) == 1


class Sample:
    """A reader as small as can be: columns id, gross, fee, net; each file is one payout."""

    name = "sample"
    acquirer = "sample"
    columns = ("id", "gross", "fee", "net")

    def recognizes(self, file: PayoutFile) -> bool:
        return self.columns in file.headers

    def read(self, file: PayoutFile, words: Words = NO_WORDS) -> FileRead:
        if not self.recognizes(file):
            return checked([], [RowProblem(1, "header", Text("The file is of no known kind."))])
        lines, problems = [], []
        for row in file.table(self.columns).rows:
            try:
                gross, fee, net = (Money.from_json(cell) for cell in row.cells[1:4])
                lines.append(PayoutLine(row.number, Movement.SALE, row.cells[0], gross, fee, net))
            except (AmountError, ValueError):
                problems.append(RowProblem(row.number, "amount", Text("Row {row} has no amount.", row=row.number)))
        whole = Payout(self.acquirer, "", "1", date(2026, 11, 24), Money(sum(one.net.ore for one in lines)), (*lines,))
        return checked([whole], problems)


def a_file(*rows: Sequence[str]) -> PayoutFile:
    return PayoutFile("sample.csv", tuple(TableRow(n, tuple(cells)) for n, cells in enumerate(rows, start=1)))


READER: PayoutReader = Sample()


HEADER = Sample.columns


def test_a_reader_gives_payouts_or_problems_with_their_rows() -> None:
    sound = READER.read(a_file(HEADER, ("a", "249.00", "-3.61", "245.39")))
    assert [one.net for one in sound.payouts] == [Money(24539)]
    broken = READER.read(a_file(HEADER, ("a", "249.00", "-3.61", "245.39"), ("b", "x", "0", "1")))
    assert told(broken.problems) == [(3, "amount")]
    assert told(READER.read(a_file(HEADER, ("a", "249.00", "-3.61", "245.38"))).problems) == [(2, "line_sum")]
    assert told(READER.read(a_file(("something",))).problems) == [(1, "header")]


CELLS = st.one_of(st.text(max_size=8), st.integers(-999, 999).map(lambda ore: f"{ore / 100:.2f}"))


@given(st.lists(st.lists(CELLS, max_size=5), max_size=6), st.booleans())
def test_a_reader_gives_either_payouts_or_problems_of_any_rows(rows: list[list[str]], with_header: bool) -> None:
    found = READER.read(a_file(*([HEADER] if with_header else []), *rows))
    assert bool(found.payouts) is not bool(found.problems)


def test_the_four_sums_of_a_payout_are_its_net() -> None:
    whole = payout(*SOUND.lines, line(5, 0, -9900, Movement.FEE), line(6, -24900, -7500, Movement.CHARGEBACK))
    sums = (whole.sold, whole.refunded, whole.fees, whole.other)
    assert sums == (Money(39900), Money(-15000), Money(-17979), Money(-24900))
    assert sum(one.ore for one in sums) == whole.net.ore
