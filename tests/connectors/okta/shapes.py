"""Okta's own shapes: every played answer is checked against them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_FOLDER = Path(__file__).parents[2] / "recorded" / "okta"


@cache
def _all() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / "shapes.json").read_text())
    return found


@cache
def documented() -> dict[str, Any]:
    """What Okta documents of each operation: scopes, whether an API token will do, parameters."""
    found: dict[str, Any] = json.loads((_FOLDER / "oauth_scopes.json").read_text())
    return found


def calls() -> list[str]:
    """Every call whose shape is known, the most specific first."""
    known = [call for call in _all()["calls"] if not call.startswith("(")]
    return sorted(known, key=lambda call: (call.count("{"), -len(call)))


@cache
def _pattern(call: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/?]+", re.escape(call)))


def call_of(operation: str) -> str | None:
    """Return the call that a verb with a path, and for policies their type, is of."""
    return next((call for call in calls() if _pattern(call).fullmatch(operation)), None)


@cache
def _validator(call: str) -> Draft202012Validator:
    return Draft202012Validator({**_all()["calls"][call], "$defs": _all()["$defs"]})


def problems(call: str, body: Any) -> list[str]:
    """Return where Okta would not answer so."""
    return [f"{call} {error.json_path}: {error.message[:200]}" for error in _validator(call).iter_errors(body)]
