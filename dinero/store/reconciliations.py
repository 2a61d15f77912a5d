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
            db.executemany("insert into reconciliation values (?, ?, ?)", packed)

    def forget(self) -> None:
        """Removes the last reconciliation."""
        with self._database.transaction():
            self._look_ups.put(RECONCILIATION, None)
            self._database.change("delete from reconciliation")

    def head(self) -> dict[str, Any] | None:
        """The head of the last reconciliation."""
        found = self._look_ups.get(RECONCILIATION)
        return found[0] if found else None

    def entries(
        self, statuses: Sequence[str] = (), *, shop: str = "", limit: int = -1, offset: int = 0
    ) -> list[dict[str, Any]]:
        """Entries of the last reconciliation in their order, those of one `shop` where it is named; all of them without
        a limit."""
        conditions, parameters = ["1 = 1"], list[Any]()
        if statuses:
            conditions.append("status in (select value from json_each(?))")
            parameters.append(json.dumps(list(statuses)))
        if shop:
            conditions.append("entry ->> '$.shop' = ?")
            parameters.append(shop)
        sql = f"select entry from reconciliation where {' and '.join(conditions)} order by place limit ? offset ?"
        return [json.loads(row["entry"]) for row in self._database.rows(sql, [*parameters, limit, offset])]
