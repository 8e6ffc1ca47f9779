"""Evidence for checks, made of what the double has, with what a test changes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tests.connectors.azure.estate import a_resource, a_role, an_assignment
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    TODAY,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    verdict,
)

V = TypeVar("V", bound=Struct)

__all__ = [
    "FAIL",
    "HERE",
    "NOTHING",
    "PASS",
    "TODAY",
    "UNKNOWN",
    "CompleteSet",
    "UnreadSet",
    "a_resource",
    "a_role",
    "ago",
    "an_assignment",
    "made",
    "merged",
    "status",
    "unread",
    "verdict",
]

HERE = "11111111-1111-1111-1111-111111111111"


def merged(body: Mapping[str, Any], but: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body in which some values are others, at any depth; a value of `...` takes the key out."""
    found = copy.deepcopy(dict(body))
    for key, value in but.items():
        if value is ...:
            found.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(found.get(key), Mapping):
            found[key] = merged(found[key], value)
        else:
            found[key] = value
    return found


def made(view: type[V], body: Mapping[str, Any], **but: Any) -> V:
    """Return the view of a body with some values changed."""
    return msgspec.convert(merged(body, but), view)
