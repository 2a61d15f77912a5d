"""The parts of docs/architecture.md and docs/rooms.md that are made from the code. `python tests/architecture_page.py`
writes them."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dinero.booking import ledger
from dinero.booking.driver import StageOf, always
from dinero.booking.ways import WAYS

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "docs" / "architecture.md", ROOT / "docs" / "rooms.md")
# From the ground up: a file imports its own room and those of lower floors, never one beside it.
FLOORS = (
    "__init__",
    "model http collector",
    "rules shops acquirers sandbox environment",
    "store",
    "api signin",
    "intake",
    "booking reports automatic",
    "safekeeping",
    "dashboard web",
    "cli",
    "__main__",
)


def parts() -> Mapping[str, str]:
    """Each part of the page by its name."""
    return {"rooms": rooms(), "ways": ways(), "doubts": doubts()}


def rooms() -> str:
    """Every module with its first sentence, from the top floor down."""
    rows = [row for floor in reversed(FLOORS) for room in floor.split() for row in _room(room)]
    return "\n".join(["| room, module | what it is for |", "|---|---|", *rows]) + "\n"


def _room(room: str) -> Iterator[str]:
    folder = ROOT / "dinero" / room
    if not folder.is_dir():
        path = folder.with_suffix(".py")
        yield f"| `{path.relative_to(ROOT)}` | {_sentence(path)} |"
        return
    yield f"| **`dinero/{room}/`** | **{_sentence(folder / '__init__.py')}** |"
    for path in sorted(folder.rglob("*.py")):
        if path.name != "__init__.py":
            yield f"| `{path.relative_to(ROOT)}` | {_sentence(path)} |"


def _sentence(path: Path) -> str:
    """The first sentence of a module's docstring."""
    told = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=[.?])\s+(?=[A-Z`])", told)[0].replace("|", "\\|")


def every_way() -> Mapping[str, Sequence[StageOf[Any]]]:
    """The way of each kind of document, and that of a ledger item, whatever it books."""
    return {**{str(kind): way for kind, way in WAYS.items()}, "ledger item": ledger.WAY}


def ways() -> str:
    """The stages of each kind of document."""
    rows = ["| document | after | the stage | mark | what it does |", "|---|---|---|---|---|"]
    for kind, way in every_way().items():
        rows += [f"| {kind} | `{stage.after}` | {_name(stage)} | {_mark(stage)} | {stage.does} |" for stage in way]
    return "\n".join(rows) + "\n"


def doubts() -> str:
    """What is done about each write whose answer is missing. Stages that two kinds share are one row."""
    stages = dict.fromkeys(stage for way in every_way().values() for stage in way if stage.mark is not None)
    rows = ["| mark | the write | when its answer is missing, the next look is |", "|---|---|---|"]
    rows += [f"| {_mark(stage)} | {stage.does} | {stage.if_lost} |" for stage in stages]
    return "\n".join(rows) + "\n"


def _name(stage: StageOf[Any]) -> str:
    """The stage, and where it is taken: what its condition's docstring says."""
    if stage.when is always:
        return stage.name
    return f"{stage.name}: {(stage.when.__doc__ or '').strip().rstrip('.').replace('Whether', 'where', 1)}"


def _mark(stage: StageOf[Any]) -> str:
    return f"`{stage.mark}`" if stage.mark is not None else "–"


def written(page: str) -> str:
    """The page with its made parts as they are made now."""
    for name, text in parts().items():
        begin, end = f"<!-- {name}: made by `make architecture` -->\n", f"<!-- end of {name} -->\n"
        before, found, rest = page.partition(begin)
        _, ended, after = rest.partition(end)
        if not (found and ended):
            continue
        page = before + begin + "\n" + text + "\n" + end + after
    return page


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(written(page.read_text()))
