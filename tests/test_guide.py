"""The guide beside the pages: in the reader's language, with its pictures, and nothing else of the folder."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.exceptions import HTTPException

from dinero.web.guide import CHAPTERS, FILES, PICTURES, anchor, chapter, guide_page, guide_picture

ROOT = Path(__file__).parent.parent


def drawn(language: str) -> str:
    return bytes(guide_page(language).body).decode()


def anchors(page: str) -> set[str]:
    return set(re.findall(r'<h\d id="([^"]+)"', page))


@pytest.mark.parametrize("language", FILES)
def test_every_heading_of_the_guide_has_its_anchor_and_every_link_within_it_arrives(language: str) -> None:
    page = drawn(language)
    assert f'<html lang="{language}">' in page
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / FILES[language]).read_text(), re.MULTILINE)
    assert anchors(page) == {anchor(heading) for heading in headings}
    within = [unquote(target) for target in re.findall(r'href="#([^"]+)"', page)]
    assert len(within) > 15
    assert set(within) <= anchors(page)


@pytest.mark.parametrize("language", FILES)
def test_every_chapter_that_a_page_s_question_mark_opens_is_in_the_guide(language: str) -> None:
    for page in CHAPTERS:
        assert chapter(page, language).partition("#")[2] in anchors(drawn(language)), page
    assert chapter("a-page-of-tomorrow", language) == "/guide"


def test_every_page_of_the_dashboard_has_its_chapter() -> None:
    listed = (ROOT / "pages" / "navigation.py").read_text()
    found = re.findall(r'url_path="([^"]+)"|owners\(.+, "([^"]+)"\)', listed)
    paths = {one or other for one, other in found} - {"start"}  # the accountant's start is the reconciliation
    assert len(paths) > 7
    assert paths - set(CHAPTERS) == set()


@pytest.mark.parametrize("language", FILES)
def test_every_picture_of_the_guide_is_there_and_links_lead_to_what_is_here(language: str) -> None:
    page = drawn(language)
    pictures = re.findall(r'<img src="/guide/pictures/([^"]+)" alt="[^"]+"', page)
    assert len(pictures) == page.count("<img") - 1  # the mark
    assert pictures
    for name in pictures:
        assert guide_picture(name).media_type == "image/png"
    other = "en" if language == "da" else "da"
    targets = set(re.findall(r'href="([^"#][^"]*)"', page))
    assert targets <= {"/", "/mark.svg", f"/guide?language={other}"}, "what is not served here is no link"
    assert "README" in page


@pytest.mark.parametrize(
    "name",
    [
        "../guide.md",
        "en/../../guide.md",
        "..%2Fguide.md",
        "en",
        "",
        "/etc/passwd",
        f"{PICTURES}/orders.png",
        "./orders.png",
        "en//orders.png",
        "orders.png\x00",
        "ORDERS.PNG.",
    ],
)
def test_nothing_but_a_picture_is_served_by_its_name(name: str) -> None:
    with pytest.raises(HTTPException) as refused:
        guide_picture(name)
    assert refused.value.status_code == 404


@pytest.mark.parametrize("language", FILES)
def test_the_guide_brings_no_script_and_no_style_but_its_own(language: str) -> None:
    answer, page = guide_page(language), drawn(language)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in page
    assert "style=" not in page
    assert page.count("<style>") == 1


def test_a_language_that_there_is_none_of_is_english() -> None:
    answer: Any = guide_page("../../da")
    assert b'<html lang="en">' in answer.body


def test_the_guide_is_found_from_another_working_directory(tmp_path: Path) -> None:
    ask = "from dinero.web.guide import guide_page, guide_picture; guide_page('da'); guide_picture('orders.png')"
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, env=environment, check=True, timeout=60)
