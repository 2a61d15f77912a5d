"""Turns a file's own signs into those of `model/payouts.py`, and proves each row while doing it."""

from collections.abc import Sequence
from typing import NamedTuple

from dinero.acquirers.columns.asking import Ask, Trouble
from dinero.acquirers.columns.mapping import ColumnMapping, FeeSign, Role
from dinero.acquirers.columns.moving import Told
from dinero.acquirers.words import Apart
from dinero.model.i18n import Text
from dinero.model.money import Money
from dinero.model.payouts import Movement

# Kinds whose money goes from the owner: in a file that writes no sign at all, the kind is the sign.
_AGAINST = frozenset({Movement.REFUND, Movement.CHARGEBACK, Movement.FEE, Movement.RESERVE})


class Moved(NamedTuple):
    """A movement of money: øre as `PayoutLine` has them, of the row that tells it."""

    told: Told
    kind: Movement
    gross: int
    fee: int
    net: int


def moved_rows(rows: Sequence[Told], mapping: ColumnMapping, trouble: Trouble) -> list[Moved]:
    """The rows that move money, with each sign as it is here."""
    moving = [row for row in rows if not isinstance(row.meaning, Apart)]
    for row in moving:
        if row.gross is None and row.net is None and not row.fee:
            text = Text("Row {row} has no amount.", row=row.row)
            trouble.refuse(row.row, "no_amount", text)
            return []
    factor = -1 if _fee_sign(moving, mapping, trouble) is FeeSign.TAKEN else 1
    has_fee = mapping.column(Role.FEE) is not None
    moved = [_moved(row, factor, has_fee=has_fee) for row in moving]
    if any((row.gross or 0) < 0 or (row.net or 0) < 0 for row in moving):
        return moved
    return [_turned(one) if one.told.meaning in _AGAINST else one for one in moved]


def _fee_sign(rows: Sequence[Told], mapping: ColumnMapping, trouble: Trouble) -> FeeSign | None:
    """The sign with which gross, fee and net agree in every row that has them; asked where no row has all three
    (facts.md, Payouts 2.7)."""
    whole = [row for row in rows if row.gross is not None and row.net is not None]
    fees = [row for row in rows if row.fee]
    if mapping.column(Role.FEE) is None or not fees:
        if mapping.column(Role.FEE) is not None:
            _prove(whole, 1, trouble)
        return None
    proving = [row for row in whole if row.fee]
    if not proving:
        _prove(whole, 1, trouble)
        if mapping.fee_sign is None:
            row = fees[0]
            text = Text(
                "Row {row} has a fee of {fee}. Is that kept from you, or paid to you?",
                row=row.row,
                fee=Money(row.fee or 0, row.currency),
            )
            trouble.ask(Ask.FEE_SIGN, text, column=mapping.column(Role.FEE) or "")
        return mapping.fee_sign
    failing = {sign: [row for row in whole if not _agrees(row, sign)] for sign in (1, -1)}
    sign = min(failing, key=lambda one: len(failing[one]))
    _prove(whole, sign, trouble)
    return FeeSign.SIGNED if sign == 1 else FeeSign.TAKEN


def _agrees(row: Told, sign: int) -> bool:
    return (row.gross or 0) + sign * (row.fee or 0) == (row.net or 0)


def _prove(rows: Sequence[Told], sign: int, trouble: Trouble) -> None:
    """Notes the first row that does not add up."""
    row = next((row for row in rows if not _agrees(row, sign)), None)
    if row is not None:
        text = Text(
            "Row {row} does not add up: gross {gross}, fee {fee}, net {net}.",
            row=row.row,
            gross=Money(row.gross or 0, row.currency),
            fee=Money(row.fee or 0, row.currency),
            net=Money(row.net or 0, row.currency),
        )
        trouble.refuse(row.row, "row_sum", text)


def _moved(row: Told, sign: int, *, has_fee: bool) -> Moved:
    """What a row has not is the rest of what it has; a fee that is a row of its own has nothing sold in it."""
    fee = sign * (row.fee or 0)
    if row.net is None:
        gross = row.gross or 0
        net = gross + fee
    elif row.gross is None:
        gross, net = row.net - fee, row.net
    else:
        gross, net = row.gross, row.net
        fee = fee if has_fee else net - gross
    kind = row.meaning if isinstance(row.meaning, Movement) else _by_sign(gross, fee)
    return Moved(row, kind, 0, net, net) if kind is Movement.FEE else Moved(row, kind, gross, fee, net)


def _by_sign(gross: int, fee: int) -> Movement:
    """What a row is where no column says it."""
    if gross == 0 and fee != 0:
        return Movement.FEE
    return Movement.REFUND if gross < 0 else Movement.SALE


def _turned(one: Moved) -> Moved:
    """A row whose amount has no sign, as its kind says it; its fee has one of its own."""
    if one.told.gross is None and one.told.net is None:
        return one
    return one._replace(gross=-one.gross, fee=-one.fee if one.kind is Movement.FEE else one.fee, net=-one.net)
