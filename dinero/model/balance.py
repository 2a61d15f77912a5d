"""The proof of a booking account: what Dinero has on it on a day, and of what that is made, krone by krone.

Amounts are øre; debit, which is the owner's, is positive. Dates are Copenhagen's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dinero.model.documents import OrderKey
from dinero.model.i18n import Text
from dinero.model.money import Money


class RowKind(StrEnum):
    """What a part of the balance is."""

    SALE = "sale"  # registered, and not paid out
    REFUND = "refund"  # registered, and in no payout
    UNBOOKED = "unbooked"  # registered, and in a payout that was read and is not booked
    CHARGEBACK = "chargeback"
    RESERVE = "reserve"
    CORRECTION = "correction"
    DIFFERS = "differs"
    NOT_TRANSFERRED = "not transferred"  # paid out, and not registered
    OTHER_ACCOUNT = "other account"  # paid out here and registered on another account, or the other way round
    NO_ORDER = "no order"
    NO_CREDIT_NOTE = "no credit note"
    PERIOD = "period"  # of a payout that names a period and no orders
    PART = "part"  # moved for a payout that is not wholly booked
    OPENING = "opening"
    OTHER = "other"  # booked by others


# Kinds that call for nothing but time.
WAITING_KINDS = (RowKind.SALE, RowKind.REFUND, RowKind.UNBOOKED)

ROW_NAMES = {
    RowKind.SALE: Text("Waits for its payout"),
    RowKind.REFUND: Text("Refund waits for its payout"),
    RowKind.UNBOOKED: Text("Paid out, not booked yet"),
    RowKind.CHARGEBACK: Text("Chargeback"),
    RowKind.RESERVE: Text("Kept back"),
    RowKind.CORRECTION: Text("Correction"),
    RowKind.DIFFERS: Text("Amount differs"),
    RowKind.NOT_TRANSFERRED: Text("Order not transferred"),
    RowKind.OTHER_ACCOUNT: Text("On another account"),
    RowKind.NO_ORDER: Text("No such order"),
    RowKind.NO_CREDIT_NOTE: Text("Refund without credit note"),
    RowKind.PERIOD: Text("Sum of the period"),
    RowKind.PART: Text("Payout booked in part"),
    RowKind.OPENING: Text("From before the start"),
    RowKind.OTHER: Text("Booked by others"),
}


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A part of the balance. `payout` is its row in the store and `payout_name` the acquirer's id of it. `days` are
    from `on` to the day of the proof. `acquirer` is the one that a sale is expected from, "" where several may be."""

    kind: RowKind
    ore: int
    on: date
    text: Text
    days: int = 0
    order: OrderKey | None = None
    number: str = ""
    payout: int | None = None
    payout_name: str = ""
    voucher: str = ""
    acquirer: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where Dinero and the store disagree about what was booked from here: `shown_ore` is Dinero's figure."""

    on: date
    shown_ore: int
    said_ore: int
    text: Text
    order: OrderKey | None = None
    number: str = ""
    payout: int | None = None
    voucher: str = ""

    @property
    def ore(self) -> int:
        """How much more Dinero has than is known here."""
        return self.shown_ore - self.said_ore


@dataclass(frozen=True, slots=True)
class OpeningAsked:
    """What Dinero had on the account the day before `on`, the dashboard's first day, for the owner to confirm."""

    on: date
    ore: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The proof of an account at the end of day `on`, from what Dinero told at `asked_at`. The rows sum to
    `explained_ore`. `since` is the first day from which on something is unexplained, and `differences` say what."""

    account: int
    name: str
    on: date
    asked_at: datetime
    dinero_ore: int
    rows: tuple[BalanceRow, ...] = ()
    differences: tuple[Difference, ...] = ()
    since: date | None = None
    opening: OpeningAsked | None = None  # to be confirmed

    @property
    def explained_ore(self) -> int:
        """What the rows sum to."""
        return sum(row.ore for row in self.rows)

    @property
    def unexplained_ore(self) -> int:
        """What must be 0."""
        return self.dinero_ore - self.explained_ore

    @property
    def is_explained(self) -> bool:
        """Whether every øre has its row."""
        return self.unexplained_ore == 0

    def to_json(self) -> dict[str, Any]:
        """JSON for the store; `balance_from_json` reads it back to an equal proof."""
        return {
            "account": self.account,
            "name": self.name,
            "on": self.on.isoformat(),
            "asked_at": self.asked_at.isoformat(),
            "dinero_ore": self.dinero_ore,
            "rows": [_packed(row) for row in self.rows],
            "differences": [_packed(difference) for difference in self.differences],
            "since": self.since.isoformat() if self.since else None,
            "opening": _packed(self.opening) if self.opening else None,
        }

    def sums(self) -> dict[RowKind, tuple[int, int]]:
        """How many rows there are of each kind that there is, and what they sum to (øre), in the order of the kinds."""
        count, ore = Counter[RowKind](), Counter[RowKind]()
        for row in self.rows:
            count[row.kind] += 1
            ore[row.kind] += row.ore
        return {kind: (count[kind], ore[kind]) for kind in RowKind if count[kind]}

    def of(self, *kinds: RowKind) -> list[BalanceRow]:
        """The rows of some kinds."""
        return [row for row in self.rows if row.kind in kinds]

    def sentence(self) -> Text:
        """The proof in one sentence."""
        there = Money(self.dinero_ore)
        if self.opening is not None:
            return Text(
                "{account}: {there} in Dinero. Confirm what was there before {date}, and it can be explained.",
                account=self.name,
                there=there,
                date=self.opening.on,
            )
        if not self.is_explained:
            return Text(
                "{account}: {there} in Dinero, of which {unexplained} is unexplained since {date}.",
                account=self.name,
                there=there,
                unexplained=Money(self.unexplained_ore),
                date=self.since,
            )
        waiting = len({row.order for row in self.of(RowKind.SALE)})
        paid = len({row.payout for row in self.of(RowKind.UNBOOKED)})
        if paid:
            return Text(
                "{account}: {there} in Dinero, explained to the øre. {n} payout is not booked yet, with {waiting} "
                "still to be paid out.",
                "{account}: {there} in Dinero, explained to the øre. {n} payouts are not booked yet, with {waiting} "
                "still to be paid out.",
                account=self.name,
                there=there,
                n=paid,
                waiting=Text("{n} order", "{n} orders", n=waiting),
            )
        if not waiting:
            return Text("{account}: {there} in Dinero, explained to the øre.", account=self.name, there=there)
        return Text(
            "{account}: {there} in Dinero, explained to the øre: {n} order waits for its payout",
            "{account}: {there} in Dinero, explained to the øre: {n} orders wait for their payout",
            account=self.name,
            there=there,
            n=waiting,
        )


def oldest_first(rows: Sequence[BalanceRow]) -> list[BalanceRow]:
    """Rows by their day."""
    return sorted(rows, key=lambda row: (row.on, row.number, row.payout_name, row.voucher))


def _packed(part: "BalanceRow | Difference | OpeningAsked") -> dict[str, Any]:
    told = {name: getattr(part, name) for name in part.__dataclass_fields__}
    told["on"] = part.on.isoformat()
    return told if isinstance(part, OpeningAsked) else told | {"text": part.text.to_json()}


def _unpacked(told: Mapping[str, Any]) -> dict[str, Any]:
    order = told["order"]
    read = {"on": date.fromisoformat(told["on"]), "text": Text.from_json(told["text"])}
    return {**told, **read, "order": OrderKey(*order) if order else None}


def balance_from_json(packed: Mapping[str, Any]) -> Balance:
    """The proof that `Balance.to_json` packed."""
    since, opening = packed["since"], packed["opening"]
    read = {
        "on": date.fromisoformat(packed["on"]),
        "asked_at": datetime.fromisoformat(packed["asked_at"]),
        "rows": tuple(BalanceRow(**_unpacked(row) | {"kind": RowKind(row["kind"])}) for row in packed["rows"]),
        "differences": tuple(Difference(**_unpacked(told)) for told in packed["differences"]),
        "since": date.fromisoformat(since) if since else None,
        "opening": OpeningAsked(date.fromisoformat(opening["on"]), opening["ore"]) if opening else None,
    }
    return Balance(**{**packed, **read})
