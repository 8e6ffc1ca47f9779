"""Which types a view has at a path of the body."""

from __future__ import annotations

import typing
from typing import Any

from msgspec import Struct
from msgspec.structs import fields


def types_at(view: type[Struct], path: str) -> set[Any]:
    """Return the plain types that a view, or a struct inside it, reads at a dotted path; lists are passed through."""
    found: set[Any] = {view}
    for step in path.split("."):
        found = {inner for one in found for inner in _below(one, step)}
    return found


def _below(of: Any, step: str) -> set[Any]:
    if not (isinstance(of, type) and issubclass(of, Struct)):
        return set()
    hints = typing.get_type_hints(of)
    return {inner for field in fields(of) if step in {"*", field.encode_name} for inner in _plain(hints[field.name])}


def _plain(hint: Any) -> set[Any]:
    """The types inside unions and lists, and the values of mappings."""
    arguments = typing.get_args(hint)
    return {inner for one in arguments for inner in _plain(one)} if arguments else {hint}
