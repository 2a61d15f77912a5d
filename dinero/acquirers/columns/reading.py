"""Reads a file by the columns that the owner named."""

from dataclasses import dataclass
from itertools import islice

from dinero.acquirers.acquirer import FileRead, PayoutFile, checked
from dinero.acquirers.columns.asking import Ask, Trouble
from dinero.acquirers.columns.layout import Layout, layout_of
from dinero.acquirers.columns.mapping import TEXTS, ColumnMapping, Role
from dinero.acquirers.columns.moving import Told, named_orders, told_rows
from dinero.acquirers.columns.paying import payouts_of
from dinero.acquirers.columns.signing import moved_rows
from dinero.acquirers.spoiled import spoiled
from dinero.acquirers.words import Apart
from dinero.collector import collector_at_rest
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.payouts import OF_ORDERS, Payout, RowProblem

MOST_TOLD = 100  # problems of one file; a page that lists more helps nobody


@dataclass(frozen=True, slots=True)
class Work:
    """How far a file got with a mapping: its rows, and its payouts where nothing stands in the way."""

    rows: tuple[Told, ...]
    payouts: tuple[Payout, ...]
    notes: tuple[Text, ...]


@collector_at_rest()
def read_by_columns(file: PayoutFile, mapping: ColumnMapping) -> FileRead:
    """The file's payouts, proven to the øre by a row of each payout or by the figure that the owner read at the bank.
    Else why not, with what is still to be asked as problems. Never raises; columns without a role are not read."""
    layout = layout_of(file)
    if isinstance(layout, RowProblem):
        return FileRead(problems=(layout,))
    trouble = Trouble()
    work = work_of(layout, mapping, trouble)
    if trouble:
        return FileRead(problems=tuple(trouble.all()[:MOST_TOLD]))
    read = checked(work.payouts, notes=work.notes)
    return FileRead(read.payouts, read.problems[:MOST_TOLD], read.notes)


def work_of(layout: Layout, mapping: ColumnMapping, trouble: Trouble) -> Work:
    """As much as can be told of a table; what stands in the way of the rest is noted in `trouble`."""
    _roles(layout, mapping, trouble)
    if trouble.problems:
        return Work((), (), ())
    rows = told_rows(layout, mapping, trouble)
    if trouble.stops:
        return Work(tuple(rows), (), ())
    moved = moved_rows(rows, mapping, trouble)
    if trouble.stops:
        return Work(tuple(rows), (), ())
    apart = [row for row in rows if isinstance(row.meaning, Apart)]
    payouts, notes = payouts_of(moved, apart, mapping, trouble)
    return Work(tuple(rows), tuple(payouts), tuple(notes))


def order_refs(file: PayoutFile, mapping: ColumnMapping, limit: int | None = None) -> tuple[str, ...]:
    """The order that each row names which is, or may be, an order's; "" for one that names none. How many of them are
    orders of the shop tells whether the mapping is right. Never raises."""
    layout = layout_of(file)
    if isinstance(layout, RowProblem) or layout.ragged() or mapping.column(Role.ORDER) not in layout.places:
        return ()
    named = named_orders(layout, mapping)
    return tuple(islice((order for order, meaning in named if meaning is None or meaning in OF_ORDERS), limit))


def _roles(layout: Layout, mapping: ColumnMapping, trouble: Trouble) -> None:
    """Whether the columns are there, are enough and hold what the acquirer wrote."""
    ragged = layout.ragged()
    if ragged is not None:
        trouble.problems.append(ragged)
        return
    if not layout.rows:
        trouble.refuse(None, "no_rows", Text("The file has no rows below the names of its columns."))
        return
    named = list(mapping.roles.values())
    for name, role in mapping.roles.items():
        if name not in layout.places:
            text = Text("Column “{column}” is not in the file.", column=name[:LONGEST_SHOWN])
            trouble.refuse(None, "column_missing", text)
        elif named.count(role) > 1:
            text = Text("Column “{column}” has the same role as another.", column=name[:LONGEST_SHOWN])
            trouble.refuse(None, "role_twice", text)
    # An amount or a date that is spoiled is none, which is found where it is read.
    texts = [name for name, role in mapping.roles.items() if role in TEXTS and name in layout.places]
    trouble.problems += spoiled(layout.rows, [(layout.places[name], name) for name in texts])
    if not mapping.acquirer.strip():
        trouble.ask(Ask.ACQUIRER, Text("Who paid this out?"))
    if mapping.column(Role.GROSS) is None and mapping.column(Role.NET) is None:
        trouble.ask(Ask.AMOUNT, Text("Which column is the amount, before or after the fee?"))
    if not mapping.is_one_payout and mapping.column(Role.PAYOUT) is None and mapping.column(Role.PAID_ON) is None:
        trouble.ask(Ask.PAYOUT, Text("Which column tells payouts apart? Or is the file one payout?"))
