"""How the columns and words of acquirers' files are read, as the owner has said."""

import json
from collections.abc import Mapping
from typing import Any

from dinero.store.database import Part

_WORDS = "words:"  # and the name of a reader, in the place of a fingerprint


class ColumnMappings(Part):
    """Mappings by the fingerprint of their columns; and by reader what the words mean that it does not know."""

    def of(self, fingerprint: str) -> Any:
        """How files with these columns are read (JSON), as the owner said last; None where that was never said."""
        row = self._database.row("select mapping from column_mappings where fingerprint = ?", [fingerprint])
        return json.loads(row["mapping"]) if row else None

    def newest(self) -> Any:
        """The mapping (JSON) that was kept last, as a proposal for other columns."""
        row = self._database.row(
            "select mapping from column_mappings where fingerprint not like ? order by saved_at desc limit 1",
            [f"{_WORDS}%"],
        )
        return json.loads(row["mapping"]) if row else None

    def keep(self, fingerprint: str, mapping: Mapping[str, Any]) -> None:
        """Keeps how files with these columns are read (JSON)."""
        self._database.change(
            "insert into column_mappings values (?, ?, ?) on conflict do update set mapping = excluded.mapping, "
            "saved_at = excluded.saved_at",
            [fingerprint, json.dumps(mapping, ensure_ascii=False), self._database.stamp()],
        )

    def words(self, reader: str) -> dict[str, str]:
        """What the owner said that words mean, for a reader by its name."""
        return self.of(f"{_WORDS}{reader}") or {}

    def keep_words(self, reader: str, words: Mapping[str, str]) -> None:
        """Keeps what words mean, all that a reader was told."""
        self.keep(f"{_WORDS}{reader}", words)
