"""Payouts of the rows that moved money, each held against what says it from another side: the payout's own row, or the
figure that the owner read at the bank."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from dinero.acquirers.columns.asking import Ask, Question, Trouble
from dinero.acquirers.columns.mapping import ColumnMapping, Role
from dinero.acquirers.columns.moving import Told
from dinero.acquirers.columns.signing import Moved
from dinero.acquirers.words import Apart
from dinero.model.acquirers import ACQUIRERS
from dinero.model.clock import copenhagen_date
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.money import Money
from dinero.model.payouts import OF_ORDERS, Movement, Payout, PayoutLine


@dataclass(slots=True)
class _Group:
    """One payout's rows."""

    name: str
    moved: list[Moved] = field(default_factory=list)
    paid: list[Told] = field(default_factory=list)  # the rows of the transfer itself

    @property
    def net(self) -> int:
        """What its movements come to, in øre."""
        return sum(one.net for one in self.moved)

    @property
    def first(self) -> Told:
        """The row that its currency is told by."""
        return self.moved[0].told if self.moved else self.paid[0]

    def days(self) -> list[date]:
        """The dates of the payout that its rows tell."""
        return list(dict.fromkeys(row.paid_on for row in self.rows() if row.paid_on is not None))

    def rows(self) -> list[Told]:
        """Those of the movements and of the transfer."""
        return [*(one.told for one in self.moved), *self.paid]


def acquirer_key(name: str) -> str:
    """The key of an acquirer that is known here, by its key or name in any case; else the name as it is."""
    plain = " ".join(name.split())
    for key, acquirer in ACQUIRERS.items():
        if plain.casefold() in (key, acquirer.name.casefold()):
            return key
    return plain


def payouts_of(
    moved: Sequence[Moved], apart: Sequence[Told], mapping: ColumnMapping, trouble: Trouble
) -> tuple[list[Payout], list[Text]]:
    """The payouts and notes on what is in none. Rows that name no payout are not paid out yet."""
    groups: dict[str, _Group] = {}
    pending = 0
    for one in moved:
        name = _group_of(one.told, mapping)
        if name is None:
            pending += 1
        else:
            groups.setdefault(name, _Group(name)).moved.append(one)
    for row in apart:
        if row.meaning is not Apart.PAYOUT:
            continue
        name = _group_of(row, mapping)
        if name is None or (row.net is None and row.gross is None):
            text = Text("Row {row} is a payout without its id, its date or its amount.", row=row.row)
            trouble.refuse(row.row, "payout_row", text)
        else:
            groups.setdefault(name, _Group(name)).paid.append(row)
    for name in mapping.figures.keys() - groups.keys():
        text = Text("The bank's figure for {payout} has no rows in the file.", payout=name or mapping.acquirer)
        trouble.refuse(None, "bank_figure", text)
    turn = _turn(groups.values())
    found = [_payout(group, mapping, turn, trouble) for group in groups.values()]
    return [payout for payout in found if payout is not None], [*_left_out(apart), *_not_paid(pending)]


def _group_of(row: Told, mapping: ColumnMapping) -> str | None:
    if mapping.column(Role.PAYOUT) is not None:
        return row.payout or None
    if mapping.is_one_payout:
        return ""
    return None if row.paid_on is None else row.paid_on.isoformat()


def _turn(groups: Collection[_Group]) -> int:
    """1 where the file's payout rows have the sign of what they pay, −1 where they take it from a balance."""
    each = [(group.net, _paid(row)) for group in groups for row in group.paid]

    def fit(turn: int) -> tuple[int, int]:
        return sum(net == turn * paid for net, paid in each), sum(net * turn * paid > 0 for net, paid in each)

    return -1 if fit(-1) > fit(1) else 1


def _paid(row: Told) -> int:
    return row.net if row.net is not None else row.gross or 0


def _payout(group: _Group, mapping: ColumnMapping, turn: int, trouble: Trouble) -> Payout | None:
    """A payout that agrees with the other side; None where it does not, or where that is not known."""
    figure = mapping.figures.get(group.name)
    name, currency = group.name or mapping.acquirer, group.first.currency
    day = _day(group, name, trouble)
    if len(group.paid) > 1:
        text = Text("Row {row} is a second payout {payout}.", row=group.paid[1].row, payout=name[:LONGEST_SHOWN])
        trouble.refuse(group.paid[1].row, "payout_twice", text)
        return None
    day = day or (figure and figure.paid_on) or _own_day(group)
    if day is None or (figure is None and not group.paid):
        text = Text("What came to your bank, and when?")
        if group.name:
            text = Text("What came to your bank for {payout}?", payout=group.name[:LONGEST_SHOWN])
            if day is not None:
                text = Text("What came to your bank on {day} for {payout}?", day=day, payout=group.name[:LONGEST_SHOWN])
        trouble.questions.append(Question(Ask.BANK_FIGURE, text, payout=group.name, needs_date=day is None))
        return None
    if any(one.told.currency != currency for one in group.moved) or any(row.currency != currency for row in group.paid):
        row = next(one for one in group.rows() if one.currency != currency)
        text = Text("Row {row} is in another currency than its payout.", row=row.row)
        trouble.refuse(row.row, "line_currency", text)
        return None
    net = Money(group.net, currency)
    for row in group.paid:
        _agree(row.row, name, net, Money(turn * _paid(row), currency), trouble)
    if figure is not None and figure.net != net:
        text = Text(
            "The rows of {payout} add up to {net}, but {typed} came to your bank. Nothing of the file is used.",
            payout=name[:LONGEST_SHOWN],
            net=net,
            typed=figure.net,
        )
        trouble.refuse(None, "bank_figure", text)
    # What came on a day is one payout: a file that gives it no id is the same payout when it is read again.
    has_id = mapping.column(Role.PAYOUT) is not None
    own = group.name if has_id else f"{day.isoformat()} {net.decimal}"
    return Payout(acquirer_key(mapping.acquirer), "", own, day, net, _lines(group, own, currency))


def _day(group: _Group, name: str, trouble: Trouble) -> date | None:
    days = group.days()
    if len(days) > 1:
        row = next(row for row in group.rows() if row.paid_on == days[1])
        text = Text(
            "Row {row}: {payout} is of {day}, but of {other} in a row above.",
            row=row.row,
            payout=name[:LONGEST_SHOWN],
            day=days[1],
            other=days[0],
        )
        trouble.refuse(row.row, "payout_date", text)
    return days[0] if days else None


def _own_day(group: _Group) -> date | None:
    """The date of the payout's own row, where no column is the payout's date."""
    return next((copenhagen_date(row.at) for row in group.paid if row.at is not None), None)


def _agree(row: int, name: str, net: Money, paid: Money, trouble: Trouble) -> None:
    if net != paid:
        text = Text(
            "Row {row}: {paid} was paid out in {payout}, but its rows add up to {lines}. Fetch the file again, from an "
            "earlier day if it begins in the middle of the payout.",
            row=row,
            payout=name[:LONGEST_SHOWN],
            lines=net,
            paid=paid,
        )
        trouble.refuse(row, "payout_sum", text)


def _lines(group: _Group, payout: str, currency: str) -> tuple[PayoutLine, ...]:
    """The rows as lines. One without an id of the acquirer's gets one by its place among those of its order, so that
    the same file gives the same."""
    seen: Counter[str] = Counter()
    money = {ore: Money(ore, currency) for ore in {ore for one in group.moved for ore in (one.gross, one.fee, one.net)}}
    lines = []
    for one in group.moved:
        told = one.told
        name = told.transaction
        if not name:
            own = f"{payout}/{one.kind}/{told.order}"
            seen[own] += 1
            name = f"{own}/{seen[own]}"
        is_order_s = one.kind in OF_ORDERS
        gross, fee, net = (money[ore] for ore in (one.gross, one.fee, one.net))
        text = "" if one.kind in (Movement.SALE, Movement.REFUND) else told.word[:LONGEST_SHOWN]
        order = told.order if is_order_s else ""
        line = PayoutLine(told.row, one.kind, name, gross, fee, net, order, told.transaction, told.at, text=text)
        lines.append(line)
    return tuple(lines)


def _left_out(apart: Sequence[Told]) -> list[Text]:
    counted = Counter(row.word for row in apart if row.meaning is Apart.LEFT_OUT)
    return [
        Text(
            "{n} row with “{word}” is left out.",
            "{n} rows with “{word}” are left out.",
            n=rows,
            word=word[:LONGEST_SHOWN],
        )
        for word, rows in counted.items()
    ]


def _not_paid(rows: int) -> list[Text]:
    if not rows:
        return []
    text = Text(
        "{n} row is not paid out yet. It comes with the file of its payout.",
        "{n} rows are not paid out yet. They come with the file of their payout.",
        n=rows,
    )
    return [text]
