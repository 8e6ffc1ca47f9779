"""Google's own descriptions of its answers, which come with its client, as schemas for what doubles play.

They mark no field as required; they do say names, types, words, numbers that are text, and forms of dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from connectors._google.services import Operation, description, methods

_PROSE = frozenset({"annotations", "id", "enumDescriptions", "enumDeprecated", "deprecated", "description", "readOnly"})
_TEXT_FORMATS = frozenset({"int64", "uint64"})
_DATE_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"
_DATE_TIMES = frozenset({"google-datetime", "date-time"})


def differences(operation: Operation, answer: Any) -> list[str]:
    """Return where an answer is not what Google describes for an operation; empty where it is."""
    validator = _validator(operation)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(answer)]


@lru_cache(maxsize=256)
def _validator(operation: Operation) -> Draft202012Validator:
    document = description(operation.api, operation.version)
    found = next(method for _, method in methods(document) if method["id"] == operation.id)
    return Draft202012Validator(
        {"$defs": _definitions(operation.api, operation.version), "$ref": f"#/$defs/{found['response']['$ref']}"}
    )


@lru_cache(maxsize=64)
def _definitions(api: str, version: str) -> Mapping[str, Any]:
    return {name: _schema(found) for name, found in description(api, version)["schemas"].items()}


def _schema(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description as a schema that refuses fields which Google does not have."""
    found = {key: value for key, value in described.items() if key not in _PROSE and key not in {"format", "required"}}
    if "$ref" in found:
        return {"$ref": f"#/$defs/{found['$ref']}"}
    if found.get("type") == "any":
        del found["type"]
    if described.get("format") in _TEXT_FORMATS:
        found["type"] = "string"
        found["pattern"] = r"^-?\d+$"
    if described.get("format") in _DATE_TIMES:
        found["pattern"] = _DATE_TIME
    if "properties" in found:
        found["properties"] = {name: _schema(inside) for name, inside in found["properties"].items()}
        found["additionalProperties"] = False
    for name in ("items", "additionalProperties"):
        if isinstance(found.get(name), dict):
            found[name] = _schema(found[name])
    return found
