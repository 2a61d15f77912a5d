"""The docs tell the truth: what they name exists, and what exists is named."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from dinero import __version__
from dinero.cli.main import main
from texts import catalogue, one_or_more

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


def test_every_module_of_the_library_has_its_place_among_the_rooms() -> None:
    named = paths_named((ROOT / "docs" / "rooms.md").read_text())
    # A folder's own file says in a line what the folder is.
    assert {relative(path) for path in LIBRARY if path.name != "__init__.py"} - named == set()


def test_the_newest_change_is_the_version_that_runs() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    heads = re.findall(r"^## (.+)$", changes, re.MULTILINE)
    read = [re.fullmatch(r"(\d{4}\.\d{1,2}\.\d+) · (\d{4})-(\d\d)-\d\d · .+", head) for head in heads]
    versions = [(head[1], f"{head[2]}.{int(head[3])}.") for head in read if head]
    assert len(versions) == len(heads), "each head is a version, its day and what it is about"
    assert [version for version, month in versions if not version.startswith(month)] == []
    counted = [tuple(map(int, version.split("."))) for version, _ in versions]
    assert counted == sorted(set(counted), reverse=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert versions[0][0] == __version__ == project


def helped(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What `python -m dinero … --help` prints, on lines long enough for anything."""
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    return capsys.readouterr().out


def commands_in(text: str) -> list[str]:
    """The commands that a help lists."""
    return re.findall(r"^    ([\w-]+)", text, re.MULTILINE)


def what_it_takes(text: str) -> tuple[set[str], list[str]]:
    """A command's options, and how its other arguments are named, by its help."""
    arguments = re.search(r"^positional arguments:\n(.*?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)) - {"--help"}
    others = re.findall(r"^  (\S+)", arguments[1], re.MULTILINE) if arguments else []
    return options, [name for name in others if name != "command"]  # commands below it are listed by themselves


def what_readme_says(usage: str, values: set[str]) -> tuple[set[str], list[str]]:
    """The same by a line of README; `values` are the options that are followed by a value."""
    words = re.sub(r"[\[\]]", "", usage).split()
    rest = [word for word, before in zip(words, ["", *words], strict=False) if before not in values]
    return {word for word in words if word.startswith("--")}, [w for w in rest if w != "|" and w[:2] != "--"]


def every_command(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The commands by their help; one that has commands of its own stands for each of them: "payouts read"."""
    found = []
    for name in re.findall(r"^    ([\w-]+)", helped(capsys), re.MULTILINE):
        own = re.findall(r"^    ([\w-]+)", helped(capsys, name), re.MULTILINE)
        found += [f"{name} {one}" for one in own] or [name]
    return found


def test_the_readme_lists_each_command_with_each_option_and_no_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    commands = []
    for name in commands_in(helped(capsys)):
        text = helped(capsys, name)
        below = commands_in(text)
        by_itself = not below or what_it_takes(text)[0]  # one that others stand below has options of its own
        commands += [f"{name} {one}" for one in below] + ([name] if by_itself else [])
    readme = re.sub(r" \\\n +", " ", (ROOT / "README.md").read_text())  # a command may go on in the next line
    listed = re.findall(r"^    python -m dinero (.*?)(?:  .*)?$", readme, re.MULTILINE)
    named_by = [(max((c for c in commands if f"{line} ".startswith(f"{c} ")), key=len), line) for line in listed]
    lines = [(name, line.removeprefix(name)) for name, line in named_by]
    assert sorted(name for name, _ in lines) == sorted(commands)
    assert len(lines) == len(listed) > 15
    for name, usage in lines:
        text = helped(capsys, *name.split())
        options, arguments = what_it_takes(text)
        told, named = what_readme_says(usage, set(re.findall(r"^  (--[\w-]+) \S", text, re.MULTILINE)))
        assert told == options, name
        assert len(named) == len(arguments), name
        choices = [argument[1:-1].replace(",", "|") for argument in arguments if argument.startswith("{")]
        assert [word for word in named if "|" in word] == choices, name


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
    told = [message.string if danish else message.id for message in catalogue()]
    shown = [text for texts in told for text in one_or_more(texts or "") if text]
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
