"""How much of a table is read, and the sentences for more than that and for less."""

from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem

MAX_ROWS = 60_000
MAX_COLUMNS = 200


def too_many_rows() -> RowProblem:
    """The problem of a file with more than MAX_ROWS rows."""
    text = Text("The file has more than {most} rows. Fetch a shorter period.", most=MAX_ROWS)
    return RowProblem(None, "too_many_rows", text)


def too_many_columns(row: int) -> RowProblem:
    """The problem of a row with more than MAX_COLUMNS cells."""
    text = Text("Row {row} has more than {most} columns. Is it a file from an acquirer?", row=row, most=MAX_COLUMNS)
    return RowProblem(row, "too_many_columns", text)


def no_table() -> RowProblem:
    """The problem of a file in which no rows with columns are found."""
    text = Text("There is no table in the file. Fetch the acquirer's payout report, as CSV or XLSX.")
    return RowProblem(None, "no_table", text)
