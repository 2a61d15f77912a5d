"""Streamlit's page as ours: its language, its name, its words, our script and style; and its files sent small.

Streamlit 1.67 has no setting for the language of its page (facts.md, Streamlit 1.7) and sends its own files as they
are, so both are done on the way out.
"""

import gzip
import html
import json
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dinero.web.requests import Parts
from dinero.web.words import WORDS

NAME = "Ordrebro"
FILES = Path(__file__).parent / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
NOT_PASSED_ON = (b"accept-encoding", b"if-none-match", b"if-modified-since")
SQUEEZED = (".js", ".css", ".json", ".wasm")


class OwnPage:
    """Makes Streamlit's page ours in the owner's language. It is small and changes with the language, so it is
    sent whole each time."""

    def __init__(self, app: ASGIApp, *, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        # Whole and not squeezed, so that it can be read.
        asked = [header for header in scope["headers"] if header[0] not in NOT_PASSED_ON]
        start: Message | None = None
        body = b""

        async def send_own(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                if not _is_page(message):
                    await send(message)
            elif start is None or not _is_page(start):
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    await self._send_page(start, body, send)

        await self._app({**scope, "headers": asked}, receive, send_own)

    async def _send_page(self, start: Message, body: bytes, send: Send) -> None:
        page = own_page(body, self._parts.language())
        headers = MutableHeaders(scope=start)
        for name in ("etag", "last-modified"):
            if name in headers:
                del headers[name]
        headers["content-length"] = str(len(page))
        await send(start)
        await send({"type": "http.response.body", "body": page})


def _is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def own_page(body: bytes, language: str) -> bytes:
    """Streamlit's index.html with our language, name and files; any other page as it is."""
    if b'<div id="root">' not in body:
        return body
    said = {english: text.render(language) for english, text in WORDS.items()}
    words = json.dumps({a: b for a, b in said.items() if a != b}, ensure_ascii=False).replace("<", "\\u003c")
    ours = (
        f'<link rel="stylesheet" href="/page.css"><script type="application/json" id="own-words">{words}</script>'
        '<script src="/page.js"></script></head>'
    )
    changes = {
        '<html lang="en">': f'<html lang="{html.escape(language)}">',
        "<title>Streamlit</title>": f"<title>{NAME}</title>",
        'href="./favicon.png"': 'href="/mark.svg"',
        "</head>": ours,
    }
    page = body.decode()
    for before, after in changes.items():
        page = page.replace(before, after, 1)
    return page.encode()


def page_file(path: str) -> Response:
    """One of PAGE_FILES."""
    return Response(_read(path), media_type=KINDS[Path(path).suffix], headers={"Cache-Control": "no-cache"})


@cache
def _read(path: str) -> bytes:
    return (FILES / path.lstrip("/")).read_bytes()


class Squeezed:
    """Sends Streamlit's scripts and styles gzipped. Their names change with their content, so each is squeezed once
    and kept: some five megabytes, when all are asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        wanted = (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and path.startswith("/static/")
            and path.endswith(SQUEEZED)
            and "gzip" in Headers(scope=scope).get("accept-encoding", "")
            and not {"range", "if-none-match"} & set(Headers(scope=scope))
        )
        if not wanted:
            await self._app(scope, receive, send)
            return
        if path not in self._kept and not await self._squeeze(path, scope, receive, send):
            return
        start, body = self._kept[path]
        await send({**start, "headers": list(start["headers"])})  # what passes it on may add to them
        await send({"type": "http.response.body", "body": body})

    async def _squeeze(self, path: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Keeps the file, squeezed; False when it is none, and the answer was passed on."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        headers = MutableHeaders(scope=start)
        # A file is cut off, without a word, when the browser goes away while it is read.
        whole = headers.get("content-length") == str(len(body))
        if start["status"] != 200 or "content-encoding" in headers or not whole:
            for message in messages:
                await send(message)
            return False
        small = gzip.compress(body, 6, mtime=0)
        headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(small))
        headers.add_vary_header("Accept-Encoding")
        self._kept[path] = (start, small)
        return True
