"""How the columns of acquirers' files are read, and what their words mean, as the owner has said."""

import json
from collections.abc import Mapping
from typing import Any

from dinero.store.database import Part

WORDS = "words:"


class ColumnMappings(Part):
    """Mappings by the fingerprint of their columns; under WORDS and a reader's name the words that it was told."""

    def of(self, fingerprint: str) -> Any:
        """How files with these columns are read (JSON), as the owner said last; None where that was never said."""
        row = self._database.row("select mapping from column_mappings where fingerprint = ?", [fingerprint])
        return json.loads(row["mapping"]) if row else None

    def newest(self) -> Any:
        """The mapping (JSON) that was kept last, as a proposal for other columns."""
        row = self._database.row(
            "select mapping from column_mappings where fingerprint not like ? order by saved_at desc limit 1",
            [f"{WORDS}%"],
        )
        return json.loads(row["mapping"]) if row else None

    def keep(self, fingerprint: str, mapping: Mapping[str, Any]) -> None:
        """Keeps how files with these columns are read (JSON)."""
        self._database.change(
            "insert into column_mappings values (?, ?, ?) on conflict do update set mapping = excluded.mapping, "
            "saved_at = excluded.saved_at",
            [fingerprint, json.dumps(mapping, ensure_ascii=False), self._database.stamp()],
        )
