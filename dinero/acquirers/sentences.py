"""What more than one reader says of a file."""

from datetime import date

from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import RowProblem


def not_paid_yet(rows: int) -> tuple[Text, ...]:
    """The note on rows that belong to a payout which is still to come; none for no rows."""
    if not rows:
        return ()
    text = Text(
        "{n} row is not paid out yet. It comes with the file of its payout.",
        "{n} rows are not paid out yet. They come with the file of their payout.",
        n=rows,
    )
    return (text,)


def sum_not_told(payouts: int) -> tuple[Text, ...]:
    """The note on payouts whose amount the file does not tell, so that a lost row is not seen; none for no payouts."""
    if not payouts:
        return ()
    text = Text(
        "The file does not say what the payout came to. You are asked to compare its sum with your bank.",
        "The file does not say what {n} payouts came to. You are asked to compare their sums with your bank.",
        n=payouts,
    )
    return (text,)


def sum_differs(row: int, payout: str, lines: Money, paid: Money) -> RowProblem:
    """The rows of a payout are not what its own row says."""
    text = Text(
        "Row {row}: {paid} was paid out in {payout}, but its rows add up to {lines}. Fetch the file again, from an "
        "earlier day if it begins in the middle of the payout.",
        row=row,
        payout=payout,
        lines=lines,
        paid=paid,
    )
    return RowProblem(row, "payout_sum", text)


def does_not_add_up(row: int, column: str, told: Money, parts: Money) -> RowProblem:
    """A figure of a row is not the sum of its parts."""
    text = Text(
        "Row {row}: {told} stands in column “{column}”, but its parts add up to {parts}.",
        row=row,
        column=column,
        told=told,
        parts=parts,
    )
    return RowProblem(row, "row_sum", text)


def balance_differs(row: int, told: Money, computed: Money) -> RowProblem:
    """A balance that does not follow from the one before: rows are missing, or an amount was changed."""
    text = Text(
        "Row {row}: the balance is {told}, but the row before and its amount make {computed}. Fetch the file again.",
        row=row,
        told=told,
        computed=computed,
    )
    return RowProblem(row, "balance", text)


def days_differ(row: int, payout: str, day: date, other: date) -> RowProblem:
    """One payout has two dates."""
    text = Text(
        "Row {row}: payout {payout} is of {day}, but of {other} in a row above.",
        row=row,
        payout=payout,
        day=day,
        other=other,
    )
    return RowProblem(row, "payout_date", text)


def other_currency(row: int) -> RowProblem:
    """A payout is in one currency."""
    return RowProblem(row, "line_currency", Text("Row {row} is in another currency than its payout.", row=row))


def payout_twice(row: int, payout: str) -> RowProblem:
    """A payout has a second row of its own."""
    return RowProblem(row, "payout_twice", Text("Payout {payout} is there twice.", payout=payout))
