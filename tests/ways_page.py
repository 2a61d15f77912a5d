"""The tables of docs/architecture.md that are made from the ways. `python tests/ways_page.py` writes them."""

from pathlib import Path

from dinero.booking.ways import WAYS, Stage, always
from dinero.model.plans import Kind

PAGE = Path(__file__).parent.parent / "docs" / "architecture.md"
BEGIN, END = "<!-- made from dinero/booking/ways.py: make ways -->\n", "<!-- until here -->\n"


def tables() -> str:
    """Each kind's way, and what is done about each write whose answer is missing."""
    return _ways() + "\n" + _doubts()


def _ways() -> str:
    rows = ["| document | after | the stage | mark | what it does |", "|---|---|---|---|---|"]
    for kind, way in WAYS.items():
        rows += [f"| {kind} | `{stage.after}` | {_name(stage)} | {_mark(stage)} | {stage.does} |" for stage in way]
    return "\n".join(rows) + "\n"


def _doubts() -> str:
    """Stages that two kinds share are one row."""
    stages = dict.fromkeys(stage for way in WAYS.values() for stage in way if stage.mark is not None)
    rows = ["| mark | the write | when its answer is missing, the next look is |", "|---|---|---|"]
    rows += [f"| {_mark(stage)} | {stage.does} | {stage.if_lost} |" for stage in stages]
    return "\n".join(rows) + "\n"


def _name(stage: Stage) -> str:
    return stage.name if stage.when is always else f"{stage.name}, where it {stage.when.__name__.replace('_', ' ')}"


def _mark(stage: Stage) -> str:
    return f"`{stage.mark}`" if stage.mark is not None else "–"


def written(page: str) -> str:
    """The page with the tables as they are made now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + tables() + "\n" + END + after


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
    print(f"{len(Kind)} ways")  # noqa: T201
