"""The house: layers, pins and secrets, checked on the code itself."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIBRARY = sorted((ROOT / "dinero").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_knows_no_streamlit_and_no_page(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[0] in ("streamlit", "pages")}


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_xml_is_read_by_defusedxml_only(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[0] in ("xml", "lxml", "pyexpat")}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_speaks_no_http_and_no_sql(path: Path) -> None:
    forbidden = {"requests", "sqlite3", "sqlite_utils", "dinero.api", "dinero.booking.push", "urllib.request"}
    assert not {name for name in imports(path) if any(name == f or name.startswith(f + ".") for f in forbidden)}
    assert not re.search(r"\b(select|insert into|update|delete from)\b .*\b(from|values|set|where)\b", path.read_text())


@pytest.mark.parametrize("name", ["app.py", "pages/orders.py", "dinero/booking/push.py", "dinero/web/routes.py"])
def test_the_linter_s_security_rules_hold_everywhere(name: str) -> None:
    bad = 'import subprocess\nsubprocess.run("ls " + x, shell=True)\nassert eval(x)\n'
    options = ["--no-cache", "--output-format", "json", "--stdin-filename", name, "-"]
    command = [sys.executable, "-m", "ruff", "check", *options]
    done = subprocess.run(command, cwd=ROOT, input=bad, capture_output=True, text=True, check=False, timeout=60)
    assert {"S101", "S307", "S602"} <= {found["code"] for found in json.loads(done.stdout)}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned(name: str) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    packages = [line for line in lines if line and not line.startswith(("#", "-r"))]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][^ ]*", line) for line in packages)


def test_the_workflow_runs_everything_on_the_oldest_and_a_newer_python_with_few_rights() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    versions = re.search(r"python: \[(.+)\]", workflow)
    assert versions is not None
    first, last = re.findall(r'"(\d+\.\d+)"', versions[1])
    assert first == oldest
    assert int(last.split(".")[1]) > int(first.split(".")[1])
    assert re.search(r"^      - run: \.ci/run$", workflow, re.MULTILINE)
    assert re.search(r"^    timeout-minutes: \d+$", workflow, re.MULTILINE)
    assert re.findall(r"permissions:\n(?: +.+\n)+", workflow) == ["permissions:\n  contents: read\n"]
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@(v\d+|[0-9a-f]{40})", action)] == []


def test_the_data_folder_is_never_committed() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert not [name for name in listed.stdout.split() if name.startswith("data/") or name.endswith((".db", ".key"))]
