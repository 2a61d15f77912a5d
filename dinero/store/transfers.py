"""Transfers as they are looked back at and watched: summed by SQL, never an order at a time."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dinero.model.documents import FINISHED, PUSHABLE, Action, Progress, State
from dinero.model.findings import loads
from dinero.model.transfers import Outcomes, Stages, TransferRecord
from dinero.store.database import Part, Row

_DONE = {state.value for state in FINISHED}
_OWNER = {State.HELD.value, State.UNSURE.value}
# The document that a transfer works on for an order: the one that stands for it, or the credit note of a correction.
_WORKED_ON = (
    "select max(d.id) from documents d where d.source = r.shop and d.subject = r.order_id and "
    "(d.operation_id = r.operation_id or (p.action = 'push' and d.current = 1 and d.state != 'credited'))"
)
_BOOKED = "(d.step in ('booked', 'settling', 'done'))"
_DRAFTED = "(d.step in ('drafted', 'verified', 'booked', 'settling', 'done'))"
_ENDED = "coalesce(r.state in ('done', 'credited'), 0)"

# Of an operation p: whether it stopped and nobody has seen to that, nor has a later one of its kind come to its end.
UNMENDED = (
    "(p.status = 'stopped' and p.dismissed_at is null and not exists (select 1 from operations l "
    "where l.status = 'finished' and l.rowid > p.rowid and l.action = p.action))"
)
LAST_TIME = "9999"  # after any time as it is stored


class Transfers(Part):
    """Records of transfers and corrections, and how far one is."""

    def records(
        self, *, limit: int, offset: int = 0, since: str = "", until: str = LAST_TIME, shop: str = ""
    ) -> list[TransferRecord]:
        """The newest first, of those that were asked for from `since` to `until` (exclusive), UTC ISO texts; with a
        `shop` those with an order of it."""
        of_shop = (
            "and exists (select 1 from operation_orders r where r.operation_id = p.id and r.shop = ?) " if shop else ""
        )
        condition = f"where created_at >= ? and created_at < ? {of_shop}order by created_at desc, rowid desc"
        chosen = [shop] if shop else []
        return self._read(f"{condition} limit ? offset ?", [since, until, *chosen, limit, offset])

    def record(self, operation_id: str) -> TransferRecord | None:
        """One of them."""
        return next(iter(self._read("where id = ?", [operation_id])), None)

    def count(self, *, since: str = "", until: str = LAST_TIME) -> int:
        """How many there are that were asked for from `since` to `until` (exclusive), UTC ISO texts."""
        row = self._database.row(
            "select count(*) as n from operations where created_at >= ? and created_at < ?", [since, until]
        )
        return int(row["n"]) if row else 0

    def needing_attention(self) -> TransferRecord | None:
        """The newest that stopped, unless the owner has seen to it or a later one of its kind came to its end."""
        found = self._read(
            "where id = (select id from operations where status = 'stopped' order by rowid desc limit 1) "
            f"and {UNMENDED}",
            [],
        )
        return next(iter(found), None)

    def dismiss(self, operation_id: str) -> None:
        """The owner has seen that it stopped."""
        self._database.change(
            "update operations set dismissed_at = ?, changes = changes + 1 where id = ? and status = 'stopped'",
            [self._database.stamp(), operation_id],
        )

    def left_of(self, operation_id: str) -> list[tuple[str, str]]:
        """The orders (shop, id) of a transfer that are not at their end and can be taken up; of a correction those that
        have no result."""
        return self._database.tuples(
            "select r.shop, r.order_id from operation_orders r join operations p on p.id = r.operation_id "
            "left join orders o on o.shop = r.shop and o.id = r.order_id where r.operation_id = ? and "
            "iif(p.action = 'push', o.state in (select value from json_each(?)), r.state is null) order by r.position",
            [operation_id, json.dumps(PUSHABLE)],
        )

    def token(self, operation_id: str) -> str:
        """Another text whenever anything of the transfer changed; "" for one that is not there."""
        row = self._database.row("select changes, status from operations where id = ?", [operation_id])
        return f"{row['changes']}-{row['status']}" if row else ""

    def stages(self, operation_id: str) -> Stages | None:
        """How far it is; None for one that is not there."""
        row = self._database.row(
            "select p.id, p.action, p.status, p.changes, p.working_since, p.done_before, p.seconds_left, "
            "count(r.order_id) as total, coalesce(sum(r.state is not null), 0) as finished, "
            f"coalesce(sum({_ENDED}), 0) as registered, "
            f"coalesce(sum({_ENDED} or coalesce({_BOOKED}, 0)), 0) as booked, "
            f"coalesce(sum({_ENDED} or coalesce({_DRAFTED}, 0)), 0) as drafted, "
            f"coalesce(sum({_ENDED} or coalesce({_DRAFTED} or d.contact_guid is not null, 0)), 0) as customers, "
            f"coalesce(sum(r.state is null and coalesce({_BOOKED}, 0)), 0) as to_register, "
            f"coalesce(sum(r.state is null and coalesce({_DRAFTED}, 0) and not coalesce({_BOOKED}, 0)), 0) as to_book, "
            f"coalesce(sum(r.state is null and not coalesce({_DRAFTED}, 0) and d.contact_guid is not null), 0) "
            "as to_draft from operations p left join operation_orders r on r.operation_id = p.id "
            f"left join documents d on d.id = ({_WORKED_ON}) where p.id = ? group by p.id",
            [operation_id],
        )
        if row is None:
            return None
        since = row.pop("working_since")
        read = {
            "action": Action(row["action"]),
            "status": Progress(row["status"]),
            "working_since": _moment(since),
            "token": f"{row.pop('changes')}-{row['status']}",
        }
        return Stages(**row | read)

    def shorten(self, operation_id: str, seconds: int) -> None:
        """Remembers the time that is said to be left, if it is less than what was said before."""
        self._database.change(
            "update operations set seconds_left = ? where id = ? and (seconds_left is null or seconds_left > ?)",
            [seconds, operation_id, seconds],
        )

    def _read(self, condition: str, parameters: Sequence[Any]) -> list[TransferRecord]:
        rows = self._database.rows(
            "select id, actor, action, status, created_at, started_at, finished_at, reasons, dismissed_at, "
            f"{UNMENDED} as unmended from operations p {condition}",
            parameters,
        )
        sums: dict[str, list[Row]] = {row["id"]: [] for row in rows}
        for part in self._database.rows(
            "select operation_id, state, currency, account, account_name, count(*) as n, sum(booked) as invoices, "
            "sum(credited) as credit_notes, sum(paid) as payments, sum(booked_ore) as ore from operation_orders "
            "indexed by operation_orders_by_outcome where operation_id in (select value from json_each(?)) "
            "group by operation_id, state, currency, account, account_name",
            [json.dumps(list(sums))],
        ):
            sums[part["operation_id"]].append(part)
        return [_record(row, sums[row["id"]]) for row in rows]


def _record(row: Row, parts: Sequence[Row]) -> TransferRecord:
    sums: dict[str, int] = {}
    accounts: dict[tuple[int, str], int] = {}
    for part in parts:
        if part["currency"] is not None and part["ore"] is not None:
            sums[part["currency"]] = sums.get(part["currency"], 0) + part["ore"]
        if part["account"] is not None:
            key = (part["account"], part["account_name"] or "")
            accounts[key] = accounts.get(key, 0) + part["n"]
    main = max(accounts, key=lambda key: accounts[key], default=None)
    return TransferRecord(
        id=row["id"],
        actor=row["actor"],
        action=Action(row["action"]),
        status=Progress(row["status"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        started_at=_moment(row["started_at"]),
        finished_at=_moment(row["finished_at"]),
        orders=sum(part["n"] for part in parts),
        outcomes=_outcomes(parts),
        invoices=sum(part["invoices"] for part in parts),
        credit_notes=sum(part["credit_notes"] for part in parts),
        payments=sum(part["payments"] for part in parts),
        sums=sums,
        account=main[0] if main else None,
        account_name=main[1] if main else "",
        other_accounts=len({number for number, _ in accounts}) > 1,
        reasons=tuple(loads(row["reasons"])),
        dismissed=row["dismissed_at"] is not None,
        unmended=bool(row["unmended"]),
    )


def _outcomes(parts: Sequence[Row]) -> Outcomes:
    def count(states: set[str]) -> int:
        return sum(part["n"] for part in parts if part["state"] in states)

    done, owner, refused = count(_DONE), count(_OWNER), count({State.REFUSED.value})
    return Outcomes(done, owner, refused, sum(part["n"] for part in parts) - done - owner - refused)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
