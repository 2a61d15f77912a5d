"""What is not imported costs nothing: each command waits only for what it uses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dinero.store import Store

ROOT = Path(__file__).parent.parent
# Packages that take a tenth of a second of work or more, alone or together.
HEAVY = {"PIL", "authlib", "babel", "cryptography", "fontTools", "fpdf", "joserfc", "numpy", "pandas", "requests"} | {
    "sqlite_utils",
    "starlette",
    "stdnum",
    "streamlit",
    "urllib3",
    "uvicorn",
}
JOB = {"babel", "cryptography", "joserfc", "requests", "stdnum", "urllib3"}
AFTER = """
import json, sys
{job}
print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))
"""
HELP = """
from dinero.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
"""


def imported_by(job: str) -> set[str]:
    """The packages of HEAVY that a fresh process has imported after a job."""
    command = [sys.executable, "-c", AFTER.format(job=job)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    return HEAVY & set(json.loads(done.stdout.splitlines()[-1]))


def test_the_help_imports_nothing_that_is_heavy() -> None:
    assert imported_by(HELP) == set()


def test_a_store_without_a_new_step_imports_nothing_that_is_heavy(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.settings.put({"a": 1})
    job = f"from pathlib import Path; from dinero.store import Store; Store(Path({str(tmp_path)!r})).settings.all()"
    assert imported_by(job) == set()


@pytest.mark.parametrize(
    "module",
    [
        "dashboard.dashboard",
        "safekeeping.backup",
        "automatic.runner",
        "reports.export",
        "booking.push",
        "cli.orders",
        "cli.running",
        "cli.keeping",
    ],
)
def test_the_library_imports_no_maker_of_tables_pages_or_papers(module: str) -> None:
    assert imported_by(f"import dinero.{module}") <= JOB
