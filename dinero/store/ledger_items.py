"""What is written in Dinero's ledger for payouts: the claims, and how far each is."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from dinero.model.documents import Event, Mark, State, Step
from dinero.model.findings import dumps, loads
from dinero.model.i18n import Text
from dinero.model.ledger import ItemKind, LedgerItem, LedgerPlan, ledger_plan
from dinero.store.database import Database, Part, Row
from dinero.store.history import History
from dinero.store.leases import Lease, Leases

# What of an item becomes another; the rest is settled by its claim.
_CHANGING = ("step", "state", "pending", "timestamp", "voucher_number")


class LedgerItems(Part):
    """Ledger items by payout, kind and generation."""

    def __init__(self, database: Database, leases: Leases, history: History) -> None:
        super().__init__(database)
        self._leases = leases
        self._history = history

    def claim(
        self, lease: Lease, *, organization: str, payout: int, plan: LedgerPlan, generation: int, guid: str, text: Text
    ) -> LedgerItem | None:
        """Commits the claim on a payout's item before anything is sent.

        Returns the item, or None when it is claimed already: the unique key (payout, kind, generation) decides.
        Raises LeaseLost.
        """
        values = {
            "organization": organization,
            "payout": payout,
            "kind": plan.kind,
            "generation": generation,
            "guid": guid,
            "plan": json.dumps(plan.to_json(), ensure_ascii=False),
            "step": Step.CLAIMED,
            "state": State.CLAIMED,
            "created_at": self._database.stamp(),
            "updated_at": self._database.stamp(),
        }
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        with self._database.transaction():
            self._leases.renew(lease)
            sql = f"insert or ignore into ledger_items ({names}) values ({marks})"
            if self._database.change(sql, list(values.values())) != 1:
                return None
            self._history.add(Event("claimed", text, payout=payout, state=State.CLAIMED))
            return self._one("guid = ?", [guid])

    def get(self, number: int) -> LedgerItem | None:
        """An item as it is stored now."""
        return self._one("id = ?", [number])

    def of(self, payout: int) -> list[LedgerItem]:
        """All items of a payout, the oldest first."""
        return self._all("payout = ? order by id", [payout])

    def newest(self, payout: int, kind: ItemKind | None = None) -> LedgerItem | None:
        """The newest item of a payout, of one kind or of any."""
        chosen = "and kind = ? " if kind else ""
        return self._one(f"payout = ? {chosen}order by id desc limit 1", [payout, *([kind] if kind else [])])

    def last_generation(self, payout: int, kind: ItemKind) -> int:
        """The newest generation of a payout's items of a kind, 0 for none."""
        row = self._database.row(
            "select coalesce(max(generation), 0) as n from ledger_items where payout = ? and kind = ?", [payout, kind]
        )
        return int(row["n"]) if row else 0

    def vouchers(self, organization: str, first: date, last: date) -> tuple[set[str], set[tuple[str, date]]]:
        """The Guids of an organization's items of some days, and the numbers and days of those that are booked."""
        rows = self._database.rows(
            "select guid, voucher_number, json_extract(plan, '$.on') as day from ledger_items "
            "where organization = ? and json_extract(plan, '$.on') between ? and ?",
            [organization, first.isoformat(), last.isoformat()],
        )
        booked = {
            (row["voucher_number"], date.fromisoformat(row["day"])) for row in rows if row["voucher_number"] is not None
        }
        return {row["guid"] for row in rows}, booked

    def booked(self, organization: str) -> list[LedgerItem]:
        """All items that Dinero has booked, the oldest first."""
        return self._all("organization = ? and voucher_number is not null order by id", [organization])

    def accounts(self, organization: str) -> list[int]:
        """The booking accounts that anything was moved from, or may have been."""
        rows = self._database.rows(
            "select distinct l.value ->> '$.balancing' as account from ledger_items i, json_each(i.plan, '$.lines') l "
            "where i.organization = ? and i.step not in (?, ?)",
            [organization, Step.CLAIMED, Step.DELETED],
        )
        return sorted(int(row["account"]) for row in rows)

    def listed(self, organization: str) -> list[LedgerItem]:
        """All items, however far they are, the oldest first."""
        return self._all("organization = ? order by id", [organization])

    def advance(self, lease: Lease, before: LedgerItem, after: LedgerItem, event: Event | None = None) -> LedgerItem:
        """Commits what became of an item, and the event, at once. Only what differs is written, and always the
        reasons. Raises LeaseLost when another worker has taken over: then nothing is written."""
        changes = {name: getattr(after, name) for name in _CHANGING if getattr(before, name) != getattr(after, name)}
        if before.plan != after.plan:
            changes["plan"] = json.dumps(after.plan.to_json(), ensure_ascii=False)
        changes |= {"reasons": dumps(after.reasons), "updated_at": self._database.stamp()}
        assigned = ", ".join(f"{name} = ?" for name in changes)
        with self._database.transaction():
            self._leases.renew(lease)
            self._database.change(f"update ledger_items set {assigned} where id = ?", [*changes.values(), after.id])
            if event is not None:
                self._history.add(event)
            return self.get(after.id) or after

    def set_mark(self, lease: Lease, item: LedgerItem) -> LedgerItem:
        """Commits which write is on its way. Raises LeaseLost."""
        with self._database.transaction():
            self._leases.renew(lease)
            self._database.change(
                "update ledger_items set pending = ?, updated_at = ? where id = ?",
                [item.pending, self._database.stamp(), item.id],
            )
            return self.get(item.id) or item

    def _all(self, condition: str, parameters: Sequence[Any]) -> list[LedgerItem]:
        return [_item(row) for row in self._database.rows(f"select * from ledger_items where {condition}", parameters)]

    def _one(self, condition: str, parameters: Sequence[Any]) -> LedgerItem | None:
        return next(iter(self._all(condition, parameters)), None)


def _item(row: Row) -> LedgerItem:
    return LedgerItem(
        id=row["id"],
        organization=row["organization"],
        payout=row["payout"],
        kind=ItemKind(row["kind"]),
        generation=row["generation"],
        guid=row["guid"],
        plan=ledger_plan(json.loads(row["plan"])),
        step=Step(row["step"]),
        state=State(row["state"]),
        pending=Mark(row["pending"]) if row["pending"] else None,
        timestamp=row["timestamp"] or "",
        voucher_number=row["voucher_number"],
        reasons=tuple(loads(row["reasons"])),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
