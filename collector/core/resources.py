"""Kinds of resources, and the typed views that checks read them through."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import fields

from collector.core.redaction import Redact

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V", bound=Struct)

Body = dict[str, Any]
"""One resource in the platform's own JSON, as a collection yields it."""


@dataclass(frozen=True)
class Kind:
    """What is known of a resource type without any of its resources."""

    name: str
    key: tuple[str, ...]
    volatile: frozenset[str]
    redact: tuple[Redact, ...]
    view: type[Struct]
    plain: frozenset[str]
    event_time: str = ""

    def key_of(self, body: Body) -> str:
        """Return what tells this resource from the others of its list. Raises KeyError where a part is missing."""
        if not self.key:
            return ONLY
        for name in self.key:
            if body[name] is None:
                raise KeyError(name)
        parts = [str(body[name]) for name in self.key]
        if len(parts) == 1:
            # The empty subject is that of a scope itself.
            if parts[0] == "":
                raise KeyError(self.key[0])
            return parts[0]
        return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


_MARK = "__annexd_kind__"

ONLY = "-"
"""The key of a resource of which a scope has exactly one."""


def resource(
    name: str,
    *,
    key: str | tuple[str, ...] = (),
    volatile: tuple[str, ...] = (),
    redact: tuple[Redact | str, ...] = (),
    event_time: str = "",
) -> Callable[[type[V]], type[V]]:
    """Make a Struct the view of a kind.

    `key`: the top-level keys of the body that identify it, none where a scope has exactly one. `volatile`: top-level
    keys that change by themselves; they are kept apart and make no new version. `redact`: paths whose text is secret
    or personal; see Redact. `event_time`: of an event, the top-level key that says when it was; a state has none.
    """

    def mark(view: type[V]) -> type[V]:
        kind = Kind(
            name=name,
            key=(key,) if isinstance(key, str) else key,
            volatile=frozenset(volatile),
            redact=tuple(rule if isinstance(rule, Redact) else Redact(rule) for rule in redact),
            view=view,
            plain=frozenset(_names(view, set())),
            event_time=event_time,
        )
        setattr(view, _MARK, kind)
        return view

    return mark


def kind_of(view: type[Struct]) -> Kind:
    """Return the kind that a view was declared for. Raises TypeError for a Struct that is none."""
    kind = view.__dict__.get(_MARK)
    if not isinstance(kind, Kind):
        message = f"{view.__name__} is not a resource: it lacks the @resource decorator"
        raise TypeError(message)
    return kind


def _names(view: type[Struct], seen: set[type]) -> set[str]:
    """Every name that a view and the views inside it read: their author has looked at these."""
    if view in seen:
        return set()
    seen.add(view)
    names = {field.encode_name for field in fields(view)}
    hints = typing.get_type_hints(view)
    for hint in hints.values():
        for inner in _structs(hint):
            names |= _names(inner, seen)
    return names


def _structs(hint: Any) -> list[type[Struct]]:  # noqa: ANN401  any annotation
    if isinstance(hint, type) and issubclass(hint, Struct):
        return [hint]
    return [inner for argument in typing.get_args(hint) for inner in _structs(argument)]


def service_of(collection: str) -> str:
    """Return the service that a kind belongs to: the second word of its name."""
    return collection.split(".")[1]
