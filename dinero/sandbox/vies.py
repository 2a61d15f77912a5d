"""The sandbox's VIES: any number that can exist is valid, unless a switch says otherwise."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

# These countries tell neither name nor address.
SILENT = ("DE", "ES")


class Vies:
    """VIES under /vies. Numbers have their prefix, countries are VIES's codes (EL, XI).

    `invalid` numbers are not registered; `unavailable` is all of VIES, `down` the registers of single countries;
    `slow` numbers or countries are answered after `seconds`; `requesters` that are refused are in `refused`.
    """

    def __init__(self) -> None:
        self.invalid: set[str] = set()
        self.unavailable = False
        self.down: set[str] = set()
        self.slow: set[str] = set()
        self.refused: set[str] = set()
        self.seconds = 0.6
        self.asked: list[str] = []

    def change(self, wanted: dict[str, Any]) -> None:
        """Sets switches by their names."""
        self.unavailable = bool(wanted.get("unavailable", self.unavailable))
        for name in ("invalid", "down", "slow", "refused"):
            if name in wanted:
                setattr(self, name, {str(value) for value in wanted[name]})

    def routes(self) -> list[Route]:
        """The one route that is asked."""
        return [Route("/vies/check-vat-number", self.check, methods=["POST"])]

    async def check(self, request: Request) -> Response:
        """Whether a number is valid now."""
        body = await request.json()
        country, number = str(body.get("countryCode") or ""), str(body.get("vatNumber") or "")
        whole = country + number
        self.asked.append(whole)
        requester = f"{body.get('requesterMemberStateCode') or ''}{body.get('requesterNumber') or ''}"
        if self.slow & {whole, country}:
            await asyncio.sleep(self.seconds)
        if self.unavailable:
            return _error("SERVICE_UNAVAILABLE")
        if country in self.down:
            return _error("MS_UNAVAILABLE")
        if requester and (requester in self.refused or not eu_vat.is_valid(requester)):
            return _error("INVALID_REQUESTER_INFO")
        if not (gb_vat.is_valid(number) if country == "XI" else country != "GR" and eu_vat.is_valid(whole)):
            return _error("INVALID_INPUT")
        valid = whole not in self.invalid
        told = valid and country not in SILENT
        answer = {
            "countryCode": country,
            "vatNumber": number,
            "requestDate": "2026-11-24T09:00:00.000Z",
            "valid": valid,
            "requestIdentifier": f"WAPIAAAA{len(self.asked):08d}" if requester else "",
            "name": f"Firma {whole}" if told else "---",
            "address": "Hauptstraße 1" if told else "---",
        }
        return JSONResponse(answer)


def _error(word: str) -> Response:
    return JSONResponse({"actionSucceed": False, "errorWrappers": [{"error": word}]})
