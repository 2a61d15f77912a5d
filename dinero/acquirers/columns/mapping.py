"""What the owner said a file's columns are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from dinero.acquirers.words import Meaning, meaning_of, plain_word
from dinero.model.money import DKK, Money


class Role(StrEnum):
    """What a column tells. One without a role is not read."""

    ORDER = "order"  # the shop's order, somewhere in the cell
    TRANSACTION = "transaction"  # the acquirer's id of the row
    KIND = "kind"  # the word for what the row is
    GROSS = "gross"
    FEE = "fee"
    NET = "net"
    PAYOUT = "payout"  # the acquirer's id of the payout
    PAID_ON = "paid_on"  # the payout's date
    AT = "at"  # the row's own date
    CURRENCY = "currency"


AMOUNTS = (Role.GROSS, Role.FEE, Role.NET)
DATES = (Role.PAID_ON, Role.AT)
TEXTS = (Role.ORDER, Role.TRANSACTION, Role.KIND, Role.PAYOUT)


class FeeSign(StrEnum):
    """How a file writes a fee of 3,61 that is kept."""

    TAKEN = "taken"  # 3,61: net = gross − fee
    SIGNED = "signed"  # −3,61: net = gross + fee


class DecimalSign(StrEnum):
    """What parts kroner and øre."""

    COMMA = ","
    POINT = "."


class DayOrder(StrEnum):
    """Which comes first in 03/04/2026."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class OrderPattern(StrEnum):
    """Where in its cell the order's number stands."""

    WHOLE = "whole"
    HASH = "hash"  # the digits after "#"
    WORD = "word"  # the digits after "Order" or "Ordre"


_IN_CELL = {
    # Words are no number of an order, and may be a name: they are never taken as a whole.
    OrderPattern.WHOLE: re.compile(r"^#?([^\s#]{1,64})$"),
    OrderPattern.HASH: re.compile(r"#\s?(\d{1,20})(?!\d)"),
    OrderPattern.WORD: re.compile(
        r"\bord(?:er|re)(?:[ -]?(?:n(?:umme)?r|no|number|id|ref)?\.?)?[ :#-]{0,3}(\d{1,20})(?!\d)", re.I
    ),
}


def order_in(cell: str, pattern: OrderPattern) -> str:
    """The order's number in a cell; "" where there is none, or more than one."""
    found = _IN_CELL[pattern].findall(cell)
    return str(found[0]) if found and found.count(found[0]) == len(found) else ""


@dataclass(frozen=True, slots=True)
class BankFigure:
    """What the owner's bank says of one payout: the amount that came, and the date where the file has none."""

    net: Money
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The owner's answers for files with one set of columns. `acquirer` is its name as the owner calls it.

    `kinds` has words in small letters. `decimals` and `days` settle only what a column's own cells leave open.
    `in_ore` is None until the owner said it of a file without any decimals. `figures` are of one file: by the id of
    the payout, "" where the file is one payout; `kept` is without them.
    """

    acquirer: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    pattern: OrderPattern = OrderPattern.WHOLE
    kinds: Mapping[str, Meaning] = field(default_factory=dict)
    decimals: Mapping[str, DecimalSign] = field(default_factory=dict)
    days: Mapping[str, DayOrder] = field(default_factory=dict)
    fee_sign: FeeSign | None = None
    in_ore: bool | None = None
    currency: str = DKK
    is_one_payout: bool = False
    figures: Mapping[str, BankFigure] = field(default_factory=dict)

    def column(self, role: Role) -> str | None:
        """The column that has a role, by its name."""
        return next((name for name, own in self.roles.items() if own is role), None)

    def meaning(self, word: str) -> Meaning | None:
        """What rows of this word are; None for a word that nobody explained."""
        return self.kinds.get(plain_word(word))

    def kept(self) -> "ColumnMapping":
        """What holds for the next file with the same columns."""
        return replace(self, figures={})

    def to_json(self) -> dict[str, Any]:
        """Ready for JSON; `from_json` reads it back to an equal mapping."""
        figures = {
            payout: [one.net.ore, one.net.currency, one.paid_on.isoformat() if one.paid_on else None]
            for payout, one in self.figures.items()
        }
        return {
            "acquirer": self.acquirer,
            "roles": dict(self.roles),
            "pattern": self.pattern,
            "kinds": dict(self.kinds),
            "decimals": dict(self.decimals),
            "days": dict(self.days),
            "fee_sign": self.fee_sign,
            "in_ore": self.in_ore,
            "currency": self.currency,
            "is_one_payout": self.is_one_payout,
            "figures": figures,
        }

    @classmethod
    def from_json(cls, packed: Mapping[str, Any]) -> "ColumnMapping":
        """The mapping that `to_json` packed. Raises KeyError and ValueError for anything else."""
        return cls(
            acquirer=packed["acquirer"],
            roles={name: Role(role) for name, role in packed["roles"].items()},
            pattern=OrderPattern(packed["pattern"]),
            kinds={word: meaning_of(kind) for word, kind in packed["kinds"].items()},
            decimals={name: DecimalSign(sign) for name, sign in packed["decimals"].items()},
            days={name: DayOrder(order) for name, order in packed["days"].items()},
            fee_sign=FeeSign(packed["fee_sign"]) if packed["fee_sign"] else None,
            in_ore=packed["in_ore"],
            currency=packed["currency"],
            is_one_payout=packed["is_one_payout"],
            figures={
                payout: BankFigure(Money(ore, currency), date.fromisoformat(day) if day else None)
                for payout, (ore, currency, day) in packed["figures"].items()
            },
        )
