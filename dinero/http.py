"""One exchange over HTTP, as all clients make it: no redirect, a bounded answer, and only our own credentials."""

import time
from collections.abc import Mapping

import requests

from dinero import __version__

ANSWER_BYTES = 20_000_000
ANSWER_SECONDS = 120.0


class AnswerTooLarge(requests.RequestException):
    """The answer was larger than it may be (ANSWER_BYTES, or less) or took longer than ANSWER_SECONDS."""


def exchange(
    http: requests.Session,
    method: str,
    url: str,
    *,
    authorization: str,
    timeout: tuple[float, float],
    parameters: Mapping[str, str | int] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    most: int = ANSWER_BYTES,
) -> tuple[int, bytes, Mapping[str, str]]:
    """Status, body and headers of the answer; without credentials where `authorization` is "". `headers` are sent
    besides the usual ones, or instead of them. Raises requests.RequestException when none came whole."""

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As `auth` and not among the headers, so that a .netrc on the machine can't replace it or add one.
        if authorization:
            request.headers["Authorization"] = authorization
        return request

    started = time.monotonic()
    with http.request(
        method,
        url,
        params=parameters,
        data=body,
        headers={
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"dinero-dashboard/{__version__}",
            **(headers or {}),
        },
        auth=sign,
        timeout=timeout,
        allow_redirects=False,
        stream=True,
    ) as response:
        return response.status_code, read_whole(response, started=started, most=most), response.headers


def read_whole(response: requests.Response, *, started: float, most: int = ANSWER_BYTES) -> bytes:
    """The body of an answer that is streamed: at most `most` bytes, within ANSWER_SECONDS of `started` (a monotonic
    time). Raises AnswerTooLarge."""
    answer = bytearray()
    for chunk in response.iter_content(65536):
        answer += chunk
        if len(answer) > most or time.monotonic() - started > ANSWER_SECONDS:
            raise AnswerTooLarge("answer too large or too slow")
    return bytes(answer)
