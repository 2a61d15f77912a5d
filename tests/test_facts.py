"""The code's references to facts, and docs/facts.md, are the same: none leads nowhere, and no fact is unused."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FACTS = ROOT / "docs" / "facts.md"
FOLDERS = ("dinero", "pages", "tests", "benchmarks", "docs")
NUMBER = r"\d+[a-z]?(?:\.\d+)?(?: [A-C]\b)?"
REFERENCE = re.compile(
    r"facts\.md, (rules?|Dinero's API|Dinero|Shoporama|WooCommerce|Payouts|Streamlit) "
    rf"({NUMBER}(?:(?:-|, ){NUMBER}(?![\w%]))*)"
)
# The collections that the facts came from, which are not part of the project.
OUTSIDE = re.compile(r"\bFACTS\b|\bDESIGN\b|\bAPI-NOTES\b|\bSTREAMLIT\.md\b|\border-samples\b|\.\./shared\b|§\d")


def sources() -> list[Path]:
    """All that may refer to a fact: code, docs and the Makefile, but not the facts and this test."""
    inside = [path for top in FOLDERS for kind in ("*.py", "*.md") for path in (ROOT / top).rglob(kind)]
    above = [ROOT / name for name in ("app.py", "README.md", "CONTRIBUTING.md", "Makefile")]
    return sorted({*inside, *above} - {FACTS, Path(__file__)})


def in_one_line(text: str) -> str:
    """A text without its line ends, so that a reference may stand on two lines of a comment."""
    return re.sub(r"\s*\n[ \t]*(?:# )?", " ", text)


def facts() -> set[tuple[str, str]]:
    """Book and number of each entry of docs/facts.md."""
    found: set[tuple[str, str]] = set()
    for chapter in re.split(r"^## ", FACTS.read_text(), flags=re.MULTILINE)[1:]:
        book = chapter.split("\n", 1)[0]
        found |= {(book, number) for number in re.findall(rf"^- \*\*({NUMBER})\*\* ", chapter, re.MULTILINE)}
    return found


def headings() -> dict[tuple[str, str], bool]:
    """Book and number of each numbered heading of docs/facts.md, and whether it has entries without a number."""
    found = {}
    for chapter in re.split(r"^## ", FACTS.read_text(), flags=re.MULTILINE)[1:]:
        book = chapter.split("\n", 1)[0]
        for section in re.split(r"^### ", chapter, flags=re.MULTILINE)[1:]:
            found[(book, section.split(" ", 1)[0])] = bool(re.search(r"^- (?!\*\*\d)", section, re.MULTILINE))
    return found


def numbers_named(text: str) -> Iterator[str]:
    """The numbers of `1.11-1.13, 5a`: each of a range, and what stands alone."""
    for part in text.split(", "):
        first, _, last = part.partition("-")
        head, _, low = first.rpartition(".")
        high = last.rpartition(".")[2] or low
        yield from ((f"{head}.{i}" if head else str(i)) for i in range(int(low), int(high) + 1)) if last else (first,)


def references(path: Path) -> set[tuple[str, str]]:
    """Book and number of each fact that a file refers to."""
    return {
        ("Rules" if book.startswith("rule") else book, number)
        for book, numbers in REFERENCE.findall(in_one_line(path.read_text()))
        for number in numbers_named(numbers)
    }


def test_the_facts_are_many_and_each_number_is_there_once() -> None:
    numbers = re.findall(rf"^- \*\*({NUMBER})\*\* |^## (.+)$", FACTS.read_text(), re.MULTILINE)
    assert len([number for number, _ in numbers if number]) == len(facts()) > 100
    assert {int(number) for book, number in facts() if book == "Rules"} == set(range(1, 21))


def test_a_range_is_each_number_in_it() -> None:
    assert list(numbers_named("1.14-1.16, 5a, 4.2")) == ["1.14", "1.15", "1.16", "5a", "4.2"]
    assert list(numbers_named("1-3")) == ["1", "2", "3"]


def test_every_reference_leads_to_a_fact() -> None:
    known = facts() | set(headings())
    assert {path.name: lost for path in sources() if (lost := references(path) - known)} == {}


def test_every_mention_of_a_fact_has_the_form_that_is_checked() -> None:
    texts = {path.name: in_one_line(path.read_text()) for path in sources()}
    mentions = {name: len(re.findall(r"\bfacts\.md,", text)) for name, text in texts.items()}
    assert mentions == {name: len(REFERENCE.findall(text)) for name, text in texts.items()}
    assert sum(mentions.values()) > 300


def test_every_fact_is_leaned_on() -> None:
    named = set().union(*(references(path) for path in sources()))
    rules = {fact for fact in facts() if fact[0] == "Rules"}
    assert facts() - named - rules == set()
    assert {heading for heading, bare in headings().items() if bare} - named == set()


def test_no_collection_outside_the_project_is_referred_to() -> None:
    lines = [f"{path.name}: {line}" for path in (FACTS, *sources()) for line in path.read_text().splitlines()]
    # The contract alone may lie beside the checkout.
    assert [line for line in lines if OUTSIDE.search(line) and "../shared/dinero/openapi.json" not in line] == []
