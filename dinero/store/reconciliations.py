"""The last reconciliation: its head and its entries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dinero.store.database import Database, Part
from dinero.store.look_ups import LookUps

RECONCILIATION = "reconciliation"  # the look-up that is its head


class Reconciliations(Part):
    """The last reconciliation; another one takes its place."""

    def __init__(self, database: Database, look_ups: LookUps) -> None:
        super().__init__(database)
        self._look_ups = look_ups

    def save(self, head: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> None:
        """Keeps a reconciliation (JSON) in the place of the last one: its `head`, and its `entries` in their order,
        each with its "status"."""
        with self._database.transaction() as db:
            self._look_ups.put(RECONCILIATION, head)
            db.execute("delete from reconciliation")
            packed = ((place, entry["status"], json.dumps(entry)) for place, entry in enumerate(entries))
            db.conn.executemany("insert into reconciliation values (?, ?, ?)", packed)

    def head(self) -> dict[str, Any] | None:
        """The head of the last reconciliation."""
        found = self._look_ups.get(RECONCILIATION)
        return found[0] if found else None

    def entries(self, statuses: Sequence[str] = (), *, limit: int = -1, offset: int = 0) -> list[dict[str, Any]]:
        """Entries of the last reconciliation in their order; all of them without a limit."""
        chosen = "where status in (select value from json_each(?)) " if statuses else ""
        sql = f"select entry from reconciliation {chosen}order by place limit ? offset ?"
        parameters = [json.dumps(list(statuses))] if statuses else []
        return [json.loads(row["entry"]) for row in self._database.rows(sql, [*parameters, limit, offset])]
