"""The sandbox's Dinero over HTTP: who may call, how often, and how answers travel. What the paths do is in the modules
of routes."""

import json
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dinero.model.clock import Clock
from dinero.sandbox.books import Books
from dinero.sandbox.connect import Client, Tokens
from dinero.sandbox.endpoints import Asked, Download, Endpoint
from dinero.sandbox.files import FileRefused
from dinero.sandbox.lists import Query
from dinero.sandbox.other_routes import other_endpoints
from dinero.sandbox.sales_routes import sales_endpoints
from dinero.sandbox.values import Json, Refusal, lowered

WINDOW = 60.0
TOO_MANY = "API calls quota exceeded! maximum admitted {limit} per 1m."
PDF = "application/octet-stream"


class DineroApi:
    """Dinero's API on the books. `calls_per_minute` None means Dinero's real limits."""

    def __init__(self, books: Books, tokens: Tokens, clock: Clock, calls_per_minute: int | None) -> None:
        self.books = books
        self.tokens = tokens
        self.clock = clock
        self.calls_per_minute = calls_per_minute
        self._taken: dict[tuple[str, str], list[float]] = {}

    def routes(self) -> list[Route]:
        """All paths that the sandbox knows."""
        return [self._route(endpoint) for endpoint in (*other_endpoints(self.books), *sales_endpoints(self.books))]

    def _route(self, endpoint: Endpoint) -> Route:
        async def answer(request: Request) -> Response:
            return await self._answer(request, endpoint)

        return Route(endpoint.path, answer, methods=[endpoint.method])

    async def _answer(self, request: Request, endpoint: Endpoint) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        client = self.tokens.client_of(token) if scheme.lower() == "bearer" else None
        if client is None:
            return JSONResponse({"message": "Authorization has been denied for this request."}, 401)
        organization = str(request.path_params.get("organization", ""))
        limit = self.calls_per_minute or (60 if client.personal else 100)
        seconds = self._over(organization, client.client_id, limit)
        if seconds > 0:
            return PlainTextResponse(TOO_MANY.format(limit=limit), 429, {"Retry-After": str(int(seconds) + 1)})
        try:
            if organization:
                if client.personal and not self.books.organizations.get(organization, {}).get("Personal"):
                    raise Refusal(403, 41, "No access to this organization")
                self.books.require_pro(organization)
            answer = endpoint.work(await self._asked(request, endpoint, client))
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)
        except FileRefused as refused:
            return JSONResponse(str(refused), 400)
        if isinstance(answer, Download):
            return Response(answer.content, media_type=answer.media_type)
        if answer is None:
            return Response(status_code=201 if endpoint.method == "POST" else 200)
        return JSONResponse(answer)

    async def _asked(self, request: Request, endpoint: Endpoint, client: Client) -> Asked:
        raw = await request.body()
        return Asked(
            path=request.path_params,
            query=Query(request.query_params.multi_items(), endpoint.query),
            body={} if endpoint.form else _body(raw),
            raw=raw,
            content_type=request.headers.get("content-type", ""),
            wants_pdf=request.headers.get("accept", "").lower().startswith(PDF),
            client=client,
        )

    def _over(self, organization: str, client_id: str, limit: int) -> float:
        """Seconds until this call would be within the limit of the last minute; 0 counts it."""
        now = self.clock.now().timestamp()
        taken = self._taken.setdefault((organization, client_id), [])
        taken[:] = [at for at in taken if at > now - WINDOW]
        if len(taken) >= limit:
            return taken[0] + WINDOW - now
        taken.append(now)
        return 0.0


def _body(raw: bytes) -> Json:
    """A body of JSON with its names in lower case; a list is put under "items". Raises Refusal."""
    if not raw.strip():
        return {}
    try:
        body: Any = json.loads(raw, parse_float=Decimal)
    except ValueError as error:
        raise Refusal(400, 44, "Wrong format") from error
    if isinstance(body, list) and all(isinstance(item, dict) for item in body):
        return {"items": [lowered(item) for item in body]}
    if not isinstance(body, dict):
        raise Refusal(400, 45, "Invalid request")
    return lowered(body)
