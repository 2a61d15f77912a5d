"""The guide to read beside the pages: docs/vejledning.md and docs/guide.md as HTML, with their pictures."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

from dinero.model.i18n import Text
from dinero.web.forms import templates
from dinero.web.gate import source_hash
from dinero.web.page import NAME
from dinero.web.requests import GUIDE, GUIDE_PICTURES

if TYPE_CHECKING:
    from markdown_it.token import Token

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "pictures"
FILES = {"da": "vejledning.md", "en": "guide.md"}
OTHER = {file: language for language, file in FILES.items()}

# The chapter that a page's "?" opens, in Danish and in English; a page is named by its path.
CHAPTERS: Mapping[str, tuple[str, str]] = {
    "": ("hver-dag-på-et-minut", "every-day-in-a-minute"),
    "orders": ("se-efter-først-eller-tag-kun-nogle", "look-first-or-take-only-some"),
    "needs-you": ("spørgsmålene", "the-questions"),
    "history": ("historik", "history"),
    "payouts": ("udbetalinger", "payouts"),
    "reconciliation": ("til-din-revisor", "for-your-accountant"),
    "eu-sales": ("oss-et-andet-eu-lands-moms", "oss-another-eu-countrys-vat"),
    "automatic": ("lad-det-køre-af-sig-selv", "let-it-run-by-itself"),
    "setup": ("sæt-det-op", "set-it-up"),
    "raw": ("når-en-ordre-er-tilbageholdt", "when-an-order-is-held"),
    "rules": ("til-din-revisor", "for-your-accountant"),
}


def chapter(page: str, language: str) -> str:
    """The address of the guide where it tells of a page; its beginning for a page that it does not tell of."""
    danish, english = CHAPTERS.get(page, ("", ""))
    anchor = danish if language == "da" else english
    return f"{GUIDE}#{anchor}" if anchor else GUIDE


def anchor(heading: str) -> str:
    """The anchor that a heading has, as on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def guide_page(language: str) -> Response:
    """The guide in a language, "da" or "en"; any other is English."""
    language = language if language in FILES else "en"
    style = templates().get_template("guide.css").render()
    page = (
        templates()
        .get_template("guide.html")
        .render(language=language, name=NAME, title=Text("Guide").render(language), body=_body(language))
    )
    policy = (
        f"default-src 'none'; style-src {source_hash(style)}; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store", "Content-Security-Policy": policy})


def guide_picture(name: str) -> Response:
    """One of the guide's pictures; the name is looked up and never made a path. Raises HTTPException."""
    path = _pictures().get(name)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, headers={"Cache-Control": "private, max-age=3600"})


@cache
def _pictures() -> Mapping[str, Path]:
    return {path.relative_to(PICTURES).as_posix(): path for path in PICTURES.rglob("*.png")}


@cache
def _body(language: str) -> str:
    from markdown_it import MarkdownIt  # imported when the guide is read: no command needs it

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse((DOCS / FILES[language]).read_text())
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            said = (child.content for child in tokens[place + 1].children or ())
            token.attrSet("id", anchor("".join(said)))
        elif token.attrs.pop("style", None):  # the alignment of a column
            token.attrSet("class", "number")
        if token.children:
            _mend(token.children)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _mend(tokens: Sequence["Token"]) -> None:
    """Makes links and pictures lead to where they are here. Of what is not here (README), the words are left."""
    opened: list[bool] = []  # of each link that is open, whether it leads somewhere
    for token in tokens:
        if token.type == "image":
            name = str(token.attrs["src"]).removeprefix("pictures/")
            token.attrs |= {"src": f"{GUIDE_PICTURES}/{name}", "loading": "lazy"}
        elif token.type == "link_open":
            target = str(token.attrs["href"])
            file, _, place = target.partition("#")
            if file in OTHER:
                token.attrSet("href", f"{GUIDE}?language={OTHER[file]}" + (f"#{place}" if place else ""))
            opened.append(not file or file in OTHER or target.startswith("https://"))
            token.hidden = not opened[-1]
        elif token.type == "link_close":
            token.hidden = not opened.pop()
