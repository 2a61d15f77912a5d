"""The docs tell the truth: what they name exists, and what exists is named."""

import ast
import re
from pathlib import Path

import pytest

from texts import catalogue

ROOT = Path(__file__).parent.parent
DOCS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
HOUSE = [ROOT / "docs" / "architecture.md", ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
LIBRARY = sorted((ROOT / "dinero").rglob("*.py"))
FOLDERS = ("dinero", "pages", "tests", "benchmarks", "deploy", "docs")

FILE = re.compile(r"(?<![\w./>-])[\w./-]+\.py\b")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def paths_named(text: str) -> set[str]:
    """Paths of the project that a text names in code, such as `dinero/store/database.py` or `tests/`."""
    return {name for name in CODE.findall(text) if re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*", name)}


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in HEADING.findall(text)}


@pytest.mark.parametrize("page", HOUSE, ids=relative)
def test_every_file_that_the_docs_name_exists(page: Path) -> None:
    text = page.read_text()
    assert not {name for name in paths_named(text) if not (ROOT / name).exists()}
    # In a drawing of the house a file stands without its folder.
    files = [f"/{relative(path)}" for top in FOLDERS for path in (ROOT / top).rglob("*.py")] + ["/app.py"]
    assert not {name for name in FILE.findall(text) if not any(path.endswith(f"/{name}") for path in files)}


def test_every_module_of_the_library_is_in_the_architecture() -> None:
    named = paths_named((ROOT / "docs" / "architecture.md").read_text())
    assert {relative(path) for path in LIBRARY} - named == set()


@pytest.mark.parametrize("page", DOCS, ids=relative)
def test_every_picture_and_link_leads_somewhere(page: Path) -> None:
    missing = []
    for target in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (anchor and anchor not in anchors(path.read_text())):
            missing.append(target)
    assert not missing


@pytest.mark.parametrize("page", DOCS, ids=relative)
def test_every_picture_says_what_it_shows(page: Path) -> None:
    assert all(len(alt.strip()) > 10 for alt in re.findall(r"!\[([^\]]*)\]", page.read_text()))


def test_both_guides_have_the_same_chapters_and_pictures() -> None:
    danish, english = ((ROOT / "docs" / name).read_text() for name in ("vejledning.md", "guide.md"))
    levels = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in (danish, english)]
    assert levels[0] == levels[1]
    pictures = [re.findall(r"!\[[^\]]*\]\((\S+)\)", text) for text in (danish, english)]
    assert [name.replace("pictures/", "pictures/en/") for name in pictures[0]] == pictures[1]
    assert danish.count("\n|") == english.count("\n|")


@pytest.mark.parametrize(("page", "danish"), [("vejledning.md", True), ("guide.md", False)])
def test_what_the_guides_print_in_bold_is_on_the_screen(page: str, danish: bool) -> None:
    shown = []
    for message in catalogue():
        texts = message.string if danish else message.id
        shown += [text for text in (texts if isinstance(texts, tuple) else (texts,)) if text]
    # A sentence of a longer text may be quoted alone; what stands in its {places} is the guide's example.
    patterns = [re.sub(r"\\{\w+\\}", ".+", re.escape(text)) for text in shown]
    whole = [re.compile(pattern) for pattern in patterns]
    for found in BOLD.findall((ROOT / "docs" / page).read_text()):
        name = " ".join(found.split())
        label = re.sub(r" \([^)]*kr[^)]*\)$", "", name)  # a button may have its sum behind it
        begins = any(text.startswith(f"{name} ") and name[-1] in ".;:" for text in shown)
        assert begins or any(pattern.fullmatch(name) or pattern.fullmatch(label) for pattern in whole), name


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=relative)
def test_every_make_target_that_the_docs_name_exists(page: Path) -> None:
    targets = set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^    )make ([\w./-]+)", page.read_text(), re.MULTILINE)) <= targets


@pytest.mark.parametrize("path", LIBRARY, ids=relative)
def test_everything_public_says_what_it_is(path: Path) -> None:
    module = ast.parse(path.read_text())
    silent = [] if ast.get_docstring(module) else ["the module"]
    for node in module.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        silent += [] if ast.get_docstring(node) else [node.name]
        if isinstance(node, ast.ClassDef):
            silent += [
                f"{node.name}.{method.name}"
                for method in node.body
                if isinstance(method, Function) and not method.name.startswith("_") and not ast.get_docstring(method)
            ]
    assert not silent


def test_lines_of_the_docs_are_no_longer_than_120_characters() -> None:
    long = [
        f"{path.name}: {line[:60]}"
        for path in DOCS
        for line in path.read_text().splitlines()
        if len(line) > 120 and not line.lstrip().startswith(("|", "!["))
    ]
    assert long == []
