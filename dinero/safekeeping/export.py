"""Everything as files, which a spreadsheet or another program can read.

No secret is in them.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from dinero.model import findings
from dinero.model.i18n import DEFAULT_LANGUAGE, Text
from dinero.model.money import Money
from dinero.model.settings import Settings
from dinero.reports.cells import decimal, write_csv
from dinero.safekeeping.backup import new_file
from dinero.store import Store
from dinero.store.sheets import SHEETS, Sheet

# The owner's choices by name: what else is in the settings (password, sessions) stays here.
_CHOICES = frozenset(item.name for item in fields(Settings)) | {"kind"}


def export_everything(store: Store, file: Path) -> None:
    """Writes orders, documents, history and the rest to a zip of CSV and JSON files, all of the same moment.

    No secret, password or session is in it. Raises SettingsError when the name is taken or can't be written.
    """
    language = str(store.settings.all().get("language", DEFAULT_LANGUAGE))
    with (
        new_file(file) as draft,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed,
        store.sheets.of_one_moment(),
    ):
        for sheet in SHEETS:
            with _member(packed, f"{sheet.name}.csv") as out:
                rows = (_told(row, language) for row in store.sheets.rows(sheet))
                write_csv(out, sheet.columns, ([row[name] for name in sheet.columns] for row in rows))
            if sheet.json:
                with _member(packed, f"{sheet.name}.json") as out:
                    _write_json(out, (_told_json(sheet, row, language) for row in store.sheets.rows(sheet)))
        chosen = dict(sorted(store.settings.all().items()))
        with _member(packed, "settings.json") as out:
            json.dump({key: value for key, value in chosen.items() if key in _CHOICES}, out, indent=1)


@contextmanager
def _member(packed: zipfile.ZipFile, name: str) -> Iterator[TextIOWrapper]:
    with (
        packed.open(name, "w", force_zip64=True) as member,
        TextIOWrapper(member, "utf-8", errors="replace", newline="") as out,
    ):
        yield out


def _write_json(out: TextIO, rows: Iterable[Mapping[str, Any]]) -> None:
    before = "[\n"
    for row in rows:
        out.write(before + json.dumps(row))
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


def _told(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A row with its sentences in words, and its amounts as decimal numbers too."""
    told = dict(row)
    for name in row:
        if name.endswith("_ore"):
            told[name.removesuffix("_ore")] = decimal(row[name])
    if row.get("text"):
        told["text"] = Text.loads(row["text"]).render(language)
    if "reason" in row:
        told["reason"] = " ".join(finding.text.render(language) for finding in findings.loads(row["reason"]))
    return told


def _told_json(sheet: Sheet, row: Mapping[str, Any], language: str) -> dict[str, Any]:
    told = {name: value for name, value in _told(row, language).items() if name in sheet.columns}
    for name in row:
        if name.endswith("_ore") and row[name] is not None:
            told[name.removesuffix("_ore")] = f"{Money(row[name]).decimal:.2f}"
    return told | {name: json.loads(row[name]) if row[name] else None for name in sheet.packed}
