"""GitHub's own shapes: every played answer is checked against them, and made from them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_FILE = Path(__file__).parents[2] / "recorded" / "github" / "schemas.json"
_NULL = {"type": "null"}
_PLAIN: dict[str, Any] = {"array": [], "integer": 1, "number": 1, "boolean": False}
_TIME = "2026-03-01T00:00:00Z"


@cache
def _all() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text())
    return found


def calls() -> list[str]:
    """Every call whose shape is known, the most specific first."""
    return sorted(_all()["calls"], key=lambda call: (call.count("{"), -len(call)))


@cache
def _pattern(call: str) -> re.Pattern[str]:
    path = call.partition(" ")[2]
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


def call_of(path: str) -> str | None:
    """Return the call that a path is of."""
    return next((call for call in calls() if _pattern(call).fullmatch(path)), None)


@cache
def _validator(call: str, status: str) -> Draft202012Validator | None:
    schema = _all()["calls"][call][status]
    return None if schema is None else Draft202012Validator({**schema, "$defs": _all()["$defs"]})


def check(call: str, status: int, body: Any) -> None:
    """Raise where GitHub would not answer so."""
    validator = _validator(call, str(status))
    if validator is None:
        assert body is None, f"{call} has no content"
    else:
        errors = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]
        assert not errors, f"{call}: {errors[:3]}"


def item(call: str, key: str | None = None, /, **but: Any) -> dict[str, Any]:
    """Return the smallest item of a list that GitHub might give, changed as said."""
    schema = _all()["calls"][call]["200"]
    schema = _resolved(schema)
    if key is not None:
        schema = _resolved(schema["properties"][key])
    if schema.get("type") == "array":
        schema = schema["items"]
    return {**_made(_without_null(schema), ""), **but}


def is_list(call: str) -> bool:
    """Whether a call answers with a list, or with a list and its count."""
    schema = _resolved(_all()["calls"][call].get("200") or {})
    return schema.get("type") == "array" or "total_count" in schema.get("properties", {})


def named(definition: str, /, **but: Any) -> dict[str, Any]:
    """Return the smallest value of a definition, changed as said."""
    return {**_made(_all()["$defs"][definition], ""), **but}


def completed(call: str, body: Any) -> Any:
    """Fill in what an answer leaves out of GitHub's shape, and leave what it says as it is."""
    return None if body is None else _filled(_all()["calls"][call]["200"], body)


def _filled(schema: dict[str, Any], value: Any) -> Any:
    schema = _without_null(schema)
    if isinstance(value, list):
        return [_filled(schema.get("items", {}), entry) for entry in value]
    if not isinstance(value, dict):
        return value
    for alternative in ("anyOf", "oneOf"):
        if alternative in schema:
            schema = _without_null(schema[alternative][0])
    known_fields: dict[str, Any] = {}
    for entry in schema.get("allOf", [schema]):
        known_fields |= _resolved(entry).get("properties", {})
    made = _made(schema, "") if "type" in schema or "allOf" in schema else {}
    return {**made, **{name: _filled(known_fields.get(name, {}), entry) for name, entry in value.items()}}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = _all()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of a value that may also be null."""
    schema = _resolved(schema)
    if _NULL in schema.get("anyOf", ()):
        return _without_null(next(entry for entry in schema["anyOf"] if entry != _NULL))
    return schema


def _made(schema: dict[str, Any], name: str) -> Any:
    schema = _resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    for alternative in ("anyOf", "oneOf"):
        if alternative in schema:
            if _NULL in schema[alternative]:
                return None
            return _made(schema[alternative][0], name)
    if "allOf" in schema:
        return {key: value for entry in schema["allOf"] for key, value in _made(entry, name).items()}
    if schema.get("type") == "string":
        return _TIME if name.endswith(("_at", "timestamp")) else name or "text"
    if schema.get("type") in _PLAIN:
        return _PLAIN[schema["type"]]
    properties = schema.get("properties", {})
    return {key: _made(properties.get(key, {}), key) for key in schema.get("required", ())}
