"""A ledger item, as Dinero's kassekladde has it: what a payout becomes in the books, as data; nothing else is sent.

Its lines are in kroner: a positive amount debits `account` and credits `balancing` (facts.md, Payouts 7.1).
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from dinero.model.documents import BOOKED_STEPS, Mark, State, Step
from dinero.model.findings import Finding
from dinero.model.money import Money, total
from dinero.model.payouts import PayoutKey

_NAMESPACE = uuid.UUID("5f1de9a0-7c0c-4d8a-9a55-2f8d1c6f3b17")


class ItemKind(StrEnum):
    """What a ledger item is of a payout."""

    PAYOUT = "payout"
    COUNTER = "counter item"  # takes a booked one back, line by line


class Purpose(StrEnum):
    """What a line of a ledger item books."""

    BANK = "bank"
    FEE = "fee"
    RESERVE = "reserve"
    EXCHANGE = "exchange"
    OTHER = "other"


def item_guid(organization: str, payout: PayoutKey, kind: ItemKind, generation: int) -> str:
    """Our own Id of a ledger item, by which Dinero knows a repeat (409, code 72)."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join([organization, *payout, kind, str(generation)])))


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """`amount` (kroner) in debit on `account` and in credit on `balancing`, the booking account."""

    purpose: Purpose
    text: str
    amount: Money
    account: int
    account_name: str
    vat_code: str
    balancing: int
    balancing_name: str


@dataclass(frozen=True, slots=True)
class LedgerPlan:
    """The ledger item that a payout becomes. `leave_unbooked`: it is laid in kassekladde, and the owner books it."""

    payout: PayoutKey
    kind: ItemKind
    on: date
    text: str
    lines: tuple[LedgerLine, ...]
    leave_unbooked: bool = False

    @property
    def moved(self) -> Money:
        """What it takes from the booking account."""
        return total([line.amount for line in self.lines])

    def body(self, guid: str) -> dict[str, Any]:
        """Dinero's LedgerItemModelV2."""
        return {
            "Id": guid,
            "VoucherDate": self.on.isoformat(),
            "Lines": [
                {
                    "Description": line.text,
                    "Amount": line.amount.json_number(),
                    "AccountNumber": line.account,
                    "AccountVatCode": line.vat_code,
                    "BalancingAccountNumber": line.balancing,
                    "BalancingAccountVatCode": "none",
                }
                for line in self.lines
            ],
        }

    def to_json(self) -> dict[str, Any]:
        """JSON for the store; `ledger_plan` reads it back to an equal plan."""
        return asdict(self) | {"on": self.on.isoformat(), "payout": list(self.payout)}


def ledger_plan(packed: Mapping[str, Any]) -> LedgerPlan:
    """The plan that `to_json` packed: what was claimed is what is sent, also after a restart."""
    lines = tuple(
        LedgerLine(**{**line, "purpose": Purpose(line["purpose"]), "amount": Money(**line["amount"])})
        for line in packed["lines"]
    )
    values = {**packed, "lines": lines, "kind": ItemKind(packed["kind"]), "on": date.fromisoformat(packed["on"])}
    return LedgerPlan(**values | {"payout": PayoutKey(*packed["payout"])})


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """What is written in Dinero for a payout, and how far it is. `payout` is its row in the store."""

    id: int
    organization: str
    payout: int
    kind: ItemKind
    generation: int
    guid: str
    plan: LedgerPlan
    step: Step
    state: State
    pending: Mark | None = None
    timestamp: str = ""  # Dinero's Version
    voucher_number: str | None = None
    reasons: tuple[Finding, ...] = ()
    created_at: str = ""
    updated_at: str = ""

    @property
    def is_booked(self) -> bool:
        """Whether Dinero has it booked, as far as is known here."""
        return self.step in BOOKED_STEPS
