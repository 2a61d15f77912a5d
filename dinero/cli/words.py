"""What commands say: texts in the owner's language, reasons as sentences, and values as JSON."""

import json
import sys
from collections.abc import Iterable

from dinero.dashboard.dashboard import dashboard as this_dashboard
from dinero.model.errors import DashboardError
from dinero.model.findings import Finding, advised_once
from dinero.model.i18n import Text
from dinero.store.database import DatabaseMistake


def language() -> str:
    """The language that the owner chose; Danish where the database can't say."""
    try:
        return this_dashboard().settings.language()
    except (DashboardError, DatabaseMistake):
        return "da"


def say(text: Text) -> None:
    """Writes a sentence, at once."""
    print(text.render(language()), flush=True)


def complain(error: DashboardError) -> int:
    """Writes what stopped a command to the errors, and gives its exit code."""
    print(error.text.render(language()), file=sys.stderr)
    return error.exit_code


def print_json(value: object) -> None:
    """Writes a value for another program."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def sentence(finding: Finding) -> str:
    """A reason, and what can be done about it."""
    chosen = language()
    fix = f" {finding.fix.render(chosen)}" if finding.fix else ""
    return finding.text.render(chosen) + fix


def sentences(findings: Iterable[Finding]) -> str:
    """Reasons one after the other, the same advice once."""
    return " ".join(sentence(finding) for finding in advised_once(findings))
