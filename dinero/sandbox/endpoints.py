"""What an endpoint of the sandbox's Dinero is given and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dinero.sandbox.connect import Client
from dinero.sandbox.lists import Query
from dinero.sandbox.values import Json

ORG = "{organization}"
PAGING = ("page", "pageSize")


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its path's parts, query, body with names in lower case (a list is under "items"), and who asks."""

    path: Mapping[str, str]
    query: Query
    body: Json
    raw: bytes
    content_type: str
    wants_pdf: bool
    client: Client

    @property
    def guid(self) -> str:
        """The document or customer that the path names."""
        return self.path["guid"]

    @property
    def items(self) -> list[Json]:
        """A body that is a list."""
        return list(self.body.get("items", ()))


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file."""

    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path of Dinero's, the query's names that it knows, and what it does: JSON, a Download, or nothing.

    `form` takes the body as it came, for uploads.
    """

    method: str
    path: str
    work: Callable[[Asked], Any]
    query: tuple[str, ...] = ()
    form: bool = False
