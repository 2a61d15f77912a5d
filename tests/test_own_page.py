"""Streamlit's page as ours: its language, name, script and style, and its files sent small."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
import streamlit
from starlette.types import Message, Receive, Scope, Send

from dinero.web.page import Squeezed, own_page, page_file
from dinero.web.requests import PAGE_FILES
from dinero.web.words import WORDS

INDEX = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()


@pytest.mark.parametrize("language", ["da", "en"])
def test_streamlits_page_is_in_the_owners_language_and_has_our_name_script_and_style(language: str) -> None:
    page = own_page(INDEX, language).decode()
    assert f'<html lang="{language}">' in page
    assert "<title>Ordrebro</title>" in page
    for file in ("/page.js", "/page.css", "/mark.svg"):
        assert f'"{file}"' in page
        assert page_file(file).body


def test_each_block_of_the_style_closes_what_it_opens() -> None:
    depth = 0
    for line in bytes(page_file("/page.css").body).decode().splitlines():
        assert not (line.startswith("/*") and depth), f"something is open before {line}"
        depth += line.count("{") - line.count("}")
    assert depth == 0


def test_what_streamlit_says_at_bad_moments_is_said_in_danish() -> None:
    page = own_page(INDEX, "da").decode()
    for english in ("Connection error", "Page not found"):
        assert WORDS[english].render("da") in page
        assert WORDS[english].render("da") != english


def test_a_page_of_our_own_is_sent_as_it_is() -> None:
    assert own_page(b"<html><body>login</body></html>", "da") == b"<html><body>login</body></html>"


def test_each_page_gets_a_file_of_its_own_however_often_it_is_asked_for() -> None:
    """What stands before the routes changes the headers of the answer it is given."""
    for path in PAGE_FILES:
        page_file(path).headers["content-length"] = "1"
        assert page_file(path).headers["content-length"] == str(len(page_file(path).body))


def ask(app: Any, path: str, **headers: str) -> tuple[Message, bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(app(scope, receive, send))
    return sent[0], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_script_is_squeezed_once_and_sent_small_to_browsers_that_can_read_it() -> None:
    asked: list[str] = []

    async def files(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        there = "missing" not in scope["path"]
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200 if there else 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"let a = 1;" * 100})

    app = Squeezed(files)
    for _ in range(2):
        start, body = ask(app, "/static/js/a.js", accept_encoding="gzip, br")
        assert gzip.decompress(body) == b"let a = 1;" * 100
        assert (b"content-encoding", b"gzip") in start["headers"]
        assert (b"content-length", str(len(body)).encode()) in start["headers"]
        start["headers"].append((b"content-length", b"1"))  # what stands before it may do so
    assert asked == ["/static/js/a.js"]
    assert ask(app, "/static/js/a.js")[1] == b"let a = 1;" * 100
    assert ask(app, "/static/js/missing.js", accept_encoding="gzip")[0]["status"] == 404
    assert ask(app, "/static/media/a.woff2", accept_encoding="gzip")[1] == b"let a = 1;" * 100


def test_a_file_that_was_cut_off_because_its_browser_went_away_is_whole_for_the_next_one() -> None:
    cut_off = [True]

    async def files(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        if not cut_off.pop():
            await send({"type": "http.response.body", "body": b"let a = 1;"})

    app = Squeezed(files)
    assert ask(app, "/static/js/a.js", accept_encoding="gzip")[1] == b""
    cut_off.append(False)
    assert gzip.decompress(ask(app, "/static/js/a.js", accept_encoding="gzip")[1]) == b"let a = 1;"
