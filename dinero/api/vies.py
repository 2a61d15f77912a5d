"""VIES, the EU's register of VAT numbers, over its REST API.

Asked with the owner's own number it gives a consultation number, which proves that the question was put. Whatever is
not a plain yes or no is "unanswered": a country's register that is closed says nothing about a number.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests

from dinero.http import exchange
from dinero.model.clock import Clock
from dinero.model.consultation import INVALID, UNANSWERED, VALID, Consultation

__all__ = ["Consultation", "Vies"]

log = logging.getLogger(__name__)

TIMEOUT = (5.0, 20.0)  # seconds to connect and to read: some countries' registers take more than 15
REQUESTER_REFUSED = "INVALID_REQUESTER_INFO"
TIMED_OUT, UNREACHABLE, UNREADABLE = "TIMEOUT", "UNREACHABLE", "UNREADABLE"
ANOTHER_NUMBER = "ANOTHER_NUMBER"
_NO_NAME = "---"  # what is told where a country tells no names


class Vies:
    """VIES at `url`. `requester` is the owner's own VAT number with its prefix, "" where there is none; `timeout` is
    in seconds, to connect and to read."""

    def __init__(self, url: str, clock: Clock, *, requester: str = "", timeout: tuple[float, float] = TIMEOUT) -> None:
        self._url = url
        self._clock = clock
        self._requester = requester
        self._timeout = timeout
        self._http = requests.Session()
        self._refused = False

    def ask(self, number: str) -> Consultation:
        """Asks about a VAT number with its prefix. Never raises: what went wrong is the answer's `error`.

        When VIES refuses the owner's number, it is asked without it: there is no consultation number then, and
        `error` says why.
        """
        if self._requester and not self._refused:
            answer = self._ask(number, self._requester)
            if answer.error != REQUESTER_REFUSED:
                return answer
            log.warning("VIES does not know the owner's VAT number; it is asked without it")
            self._refused = True
        answer = self._ask(number, "")
        return replace(answer, error=REQUESTER_REFUSED) if self._refused and not answer.error else answer

    def _ask(self, number: str, requester: str) -> Consultation:
        body = {"countryCode": number[:2], "vatNumber": number[2:]}
        if requester:
            body |= {"requesterMemberStateCode": requester[:2], "requesterNumber": requester[2:]}
        asked = Consultation(number, UNANSWERED, self._clock.now(), requester=requester)
        try:
            status, answer, _ = exchange(
                self._http,
                "POST",
                f"{self._url}/check-vat-number",
                authorization="",
                timeout=self._timeout,
                body=json.dumps(body).encode(),
            )
        except requests.ReadTimeout:
            asked = replace(asked, error=TIMED_OUT)
        except requests.RequestException:
            asked = replace(asked, error=UNREACHABLE)
        else:
            asked = _read(asked, status, answer)
        log.info("VIES about a number of %s: %s %s", number[:2], asked.outcome, asked.error)
        return asked


def _read(asked: Consultation, status: int, answer: bytes) -> Consultation:
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    if not isinstance(told, Mapping):
        return replace(asked, error=UNREADABLE if status == 200 else f"HTTP_{status}")
    error = _error(told)
    if error == "INVALID_INPUT":  # no number of that country looks like this
        return replace(asked, outcome=INVALID, error=error)
    valid = told.get("valid", told.get("isValid"))
    if error or status != 200 or not isinstance(valid, bool):
        return replace(asked, error=error or (UNREADABLE if status == 200 else f"HTTP_{status}"))
    if not _is_about(told, asked.number):
        return replace(asked, error=ANOTHER_NUMBER)
    if not valid:
        return replace(asked, outcome=INVALID, consultation_number=_text(told, "requestIdentifier", 60))
    name = _text(told, "name", 200)
    return replace(
        asked,
        outcome=VALID,
        consultation_number=_text(told, "requestIdentifier", 60),
        name="" if name == _NO_NAME else name,
    )


def _is_about(told: Mapping[str, Any], number: str) -> bool:
    """Whether an answer is about the number that was asked, as far as it names one."""
    country, rest = (
        "".join(c for c in _text(told, name, 60).upper() if c.isalnum()) for name in ("countryCode", "vatNumber")
    )
    country = "EL" if country == "GR" else country
    return country in ("", number[:2]) and rest in ("", number[2:], number)


def _error(told: Mapping[str, Any]) -> str:
    """VIES's word for what went wrong, "" when nothing did."""
    wrappers = told.get("errorWrappers")
    words = [row.get("error") for row in wrappers if isinstance(row, Mapping)] if isinstance(wrappers, list) else []
    words += [told.get("userError")] + (["ERROR"] if told.get("actionSucceed") is False else [])
    found = (re.sub(r"[^A-Z0-9_-]", "", word.upper())[:40] for word in words if isinstance(word, str))
    return next((word for word in found if word not in ("", "VALID", "INVALID")), "")


def _text(told: Mapping[str, Any], name: str, longest: int) -> str:
    value = told.get(name)
    return " ".join(value.split())[:longest] if isinstance(value, str) else ""
