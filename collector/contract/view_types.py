"""The types that a view has at a path of the body."""

from __future__ import annotations

import typing
from typing import Any

from msgspec import Struct
from msgspec.structs import fields


def types_at(view: type[Struct], path: str) -> set[Any]:
    """Return the plain types that a view, or a struct inside it, reads at a dotted path; lists are passed through."""
    types: set[Any] = {view}
    for step in path.split("."):
        types = {inner for kind in types for inner in _below(kind, step)}
    return types


def _below(of: Any, step: str) -> set[Any]:
    if not (isinstance(of, type) and issubclass(of, Struct)):
        return set()
    hints = typing.get_type_hints(of)
    return {inner for field in fields(of) if step in {"*", field.encode_name} for inner in _plain(hints[field.name])}


def _plain(hint: Any) -> set[Any]:
    """Return the types inside unions, lists and mappings."""
    arguments = typing.get_args(hint)
    return {inner for argument in arguments for inner in _plain(argument)} if arguments else {hint}
