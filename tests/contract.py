"""Dinero's OpenAPI document as a judge: are a call and its answer what the document allows?"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parent.parent.parent / "shared" / "dinero" / "openapi.json"


NO_CONTRACT = "no contract: ../shared/dinero/openapi.json is not here"


@cache
def document() -> dict[str, Any]:
    """The document. Where it is not there the test is skipped, or fails if DINERO_REQUIRE_CONTRACT is set."""
    if not DOCUMENT.exists() and os.environ.get("DINERO_REQUIRE_CONTRACT"):
        pytest.fail(NO_CONTRACT)
    if not DOCUMENT.exists():
        pytest.skip(NO_CONTRACT)
    found: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return found


def tell_of_no_contract(reporter: pytest.TerminalReporter) -> None:
    """Says at the end of a run that nothing was held against the document, so that green does not look like more."""
    if not DOCUMENT.exists():
        reporter.write_line(NO_CONTRACT)


def operation_for(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """The document's path and operation for a call, the most literal match first."""
    paths = sorted(document()["paths"], key=lambda pattern: pattern.count("{"))
    for pattern in paths:
        expression = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(pattern))
        if re.fullmatch(expression, path) and method.lower() in document()["paths"][pattern]:
            return pattern, document()["paths"][pattern][method.lower()]
    return None


def problems(method: str, path: str, query: dict[str, str], body: Any, status: int, answer: Any) -> list[str]:
    """What the document has against a call; empty when nothing."""
    found = operation_for(method, path)
    if found is None:
        return [f"{method} {path} is not in the document"]
    pattern, operation = found
    where = f"{method} {pattern}"
    parameters = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
    told = [f"{where}: query {name} is not in the document" for name in query if name not in parameters]
    schema = _json_schema(operation.get("requestBody", {}))
    if body is not None and schema is not None:
        told += [f"{where}: body {error}" for error in _errors(schema, body)]
    if 200 <= status < 300 and answer is not None:
        schema = _json_schema(operation["responses"].get("200", {}))
        if schema is not None:
            told += [f"{where}: answer {error}" for error in _errors(schema, answer, sparse=method == "GET")]
    return told


def _json_schema(holder: dict[str, Any]) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = holder.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _errors(schema: dict[str, Any], value: Any, *, sparse: bool = False) -> list[str]:
    """Errors of a value. In sparse list rows nothing is required, but every name must exist, in any case."""
    root = {"components": document()["components"], **schema}
    told = []
    for error in Draft202012Validator(root).iter_errors(_canonical(schema, value) if sparse else value):
        if sparse and error.validator == "required" and _in_list(error.absolute_path):
            continue
        told.append(f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    return told


def _in_list(path: Any) -> bool:
    return any(isinstance(part, int) for part in path)


def _canonical(schema: dict[str, Any], value: Any) -> Any:
    """The value with its keys spelled as in the document: lists answer with the spelling that was asked for."""
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        return [_canonical(schema.get("items", {}), item) for item in value]
    if isinstance(value, dict):
        names = {name.lower(): name for name in schema.get("properties", {})}
        spelled = {names.get(key.lower(), key): item for key, item in value.items()}
        return {key: _canonical(schema.get("properties", {}).get(key, {}), item) for key, item in spelled.items()}
    return value
