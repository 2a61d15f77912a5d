"""The house: floors, sizes, pins and secrets, checked on the code itself."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from architecture_page import FLOORS

ROOT = Path(__file__).parent.parent
LIBRARY = sorted((ROOT / "dinero").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms.split()}
WIRE = {"requests", "urllib3", "urllib.request", "http.client", "httpx"}
SPEAKS = tuple(f"dinero/{part}" for part in ["api/", "shops/", "acquirers/", "sandbox/", "http.py", "signin/oidc.py"])
DATABASE = {"sqlite3", "sqlite_utils"}
SQL = re.compile(
    r"\b(select\b.+\bfrom|insert (or \w+ )?into|update \w+ set|delete from|(create|alter|drop) table)\b", re.DOTALL
)
# What a value or a rule may use: no clock, socket, file or process.
PURE = (
    "babel stdnum collections dataclasses datetime decimal enum functools itertools json math re typing unicodedata "
    "uuid zoneinfo"
)
# The clock that everybody is handed, and the texts that every value speaks with.
BESIDES = {
    "dinero/model/settings.py": {"ipaddress"},
    "dinero/model/clock.py": {"threading", "time"},
    "dinero/model/i18n.py": {"gettext", "io", "pathlib"},
}
LONGEST_FILE, LONGEST_CLASS = 400, 300


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it; of `from package import module` the module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in names if (ROOT / f"{name.replace('.', '/')}.py").exists()}
            found |= modules if len(modules) == len(names) else modules | {node.module}
    return found


def room(module: str) -> str:
    """The part of the library that a module belongs to; "__init__" for the library itself."""
    return module.split(".")[1] if "." in module else "__init__"


def texts(path: Path) -> Iterator[str]:
    """The strings of a file, without what its definitions say of themselves."""
    tree = ast.parse(path.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def outside_its_floor(path: Path, name: str) -> Iterator[str]:
    """What a file imports that is above it or beside it, or that only others may use."""
    own = room(name_of(path))
    for module in imports(path):
        theirs = room(module) if module.split(".")[0] == "dinero" else None
        if theirs is not None and theirs != own and FLOOR[theirs] >= FLOOR[own]:
            yield f"{name} imports {module}"
        if any(module == one or module.startswith(f"{one}.") for one in WIRE) and not name.startswith(SPEAKS):
            yield f"{name} imports {module}"
        if module.split(".")[0] in DATABASE and own != "store":
            yield f"{name} imports {module}"
        pure = theirs in ("model", "rules") or module.split(".")[0] in {*PURE.split(), *BESIDES.get(name, ())}
        if own in ("model", "rules") and not pure:
            yield f"{name} imports {module}"


def asks_the_clock(path: Path) -> bool:
    """Whether a file looks at the machine's own clock: `datetime.now(…)`, `date.today()`."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
        for node in ast.walk(ast.parse(path.read_text()))
    )


def too_long(path: Path, name: str) -> Iterator[str]:
    """A file or class that nobody reads at one go, unless a sentence at its top says "Long because"."""
    tree = ast.parse(path.read_text())
    if len(path.read_text().splitlines()) > LONGEST_FILE and "Long because" not in (ast.get_docstring(tree) or ""):
        yield f"{name} is long"
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or "Long because" in (ast.get_docstring(node) or ""):
            continue
        if (node.end_lineno or 0) - node.lineno >= LONGEST_CLASS:
            yield f"{name} has the long class {node.name}"


def name_of(path: Path) -> str:
    """The module that a file is."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def in_circles(modules: Mapping[str, set[str]]) -> set[str]:
    """The modules that import themselves by way of others."""
    found = set()
    for start in modules:
        reached, left = set[str](), list(modules[start] - {start})
        while left:
            module = left.pop()
            if module in modules and module not in reached:
                reached.add(module)
                left += modules[module]
        found |= {start} & reached
    return found


def against_the_house() -> set[str]:
    """Everything of the library that is not where it belongs, or too long, a sentence each."""
    modules = {name_of(path): imports(path) for path in LIBRARY}
    found = {f"{module} is in a circle" for module in in_circles(modules)}
    for path in LIBRARY:
        name = str(path.relative_to(ROOT))
        found |= set(outside_its_floor(path, name)) | set(too_long(path, name))
        if any(SQL.search(text) for text in texts(path)) and not name.startswith("dinero/store/"):
            found.add(f"{name} speaks SQL")
        if name.startswith(("dinero/model/", "dinero/rules/")) and name not in BESIDES and asks_the_clock(path):
            found.add(f"{name} asks the clock")
    return found


def test_each_file_keeps_to_its_floor_and_can_be_read_at_one_go() -> None:
    assert against_the_house() == set()


def signatures(path: Path) -> Iterator[tuple[str, str]]:
    """The public functions of a file, each with the types that it names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            named = [argument.annotation for argument in (*node.args.args, *node.args.kwonlyargs)]
            yield node.name, " ".join(ast.unparse(one) for one in (*named, node.returns) if one is not None)


@pytest.mark.parametrize("wing", ["booking", "rules", "intake", "reports"])
def test_what_matters_most_has_nouns_and_no_dictionaries(wing: str) -> None:
    found = [
        f"{path.name}: {name}"
        for path in (ROOT / "dinero" / wing).rglob("*.py")
        for name, types in signatures(path)
        if "dict[str, Any]" in types or "Row" in types.split()
    ]
    assert found == []


def test_every_room_has_its_floor() -> None:
    assert {room(name_of(path)) for path in LIBRARY} == set(FLOOR)


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
