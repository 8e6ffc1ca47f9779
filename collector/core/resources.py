"""Kinds of resources, and the typed views that checks read them through."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import fields

from collector.core.people import Person, require_readable
from collector.core.redaction import Redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.change_summary import Summarize

V = TypeVar("V", bound=Struct)

Body = dict[str, Any]
"""One resource in the platform's own JSON, as a collection yields it."""


@dataclass(frozen=True)
class Kind:
    """A resource type as declared by `@resource`: name, key, volatile keys, redaction rules, view.

    `plain` are the keys that the view reads, which redaction does not treat as secrets by name. `person` says where an
    account says whose it is; None for kinds of other things. `summary` is for kinds of changes.
    """

    name: str
    key: tuple[str, ...]
    volatile: frozenset[str]
    redact: tuple[Redact, ...]
    view: type[Struct]
    plain: frozenset[str]
    event_time: str = ""
    person: Person | None = None
    summary: Summarize | None = None

    def key_of(self, body: Body) -> str:
        """Return the key of a resource within its list. Raises KeyError where a part of the key is missing or null."""
        if not self.key:
            return ONLY
        for name in self.key:
            if body[name] is None:
                raise KeyError(name)
        parts = [str(body[name]) for name in self.key]
        if len(parts) == 1:
            # The empty subject means the scope as a whole.
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
    person: Person | None = None,
    summary: Summarize | None = None,
) -> Callable[[type[V]], type[V]]:
    """Declare a Struct as the view of a resource kind.

    `key`: the top-level keys of the body that identify it, none where a scope has exactly one. `volatile`: top-level
    keys that change without any action; they are stored apart and make no new version. `redact`: paths whose text is
    secret or personal; see Redact. `event_time`: the top-level key with the time of an event; empty for a state.
    `person`: for a kind of accounts, the paths by which each says whose it is; raises TypeError where the view shows
    that a path cannot be right, or where a mail address is not redacted. `summary`: for a kind of changes, what a
    sampling sheet says of one; see ChangeSummary.
    """

    def mark(view: type[V]) -> type[V]:
        kind = Kind(
            name=name,
            key=(key,) if isinstance(key, str) else key,
            volatile=frozenset(volatile),
            redact=tuple(rule if isinstance(rule, Redact) else Redact(rule) for rule in redact),
            view=view,
            plain=frozenset(_read_names(view, set())),
            event_time=event_time,
            person=person,
            summary=summary,
        )
        if person is not None:
            require_readable(person, view, kind.redact)
        setattr(view, _MARK, kind)
        return view

    return mark


def kind_of(view: type[Struct]) -> Kind:
    """Return the kind that a view was declared for. Raises TypeError for a Struct without `@resource`."""
    kind = view.__dict__.get(_MARK)
    if not isinstance(kind, Kind):
        message = f"{view.__name__} is not a resource: it lacks the @resource decorator"
        raise TypeError(message)
    return kind


def _read_names(view: type[Struct], seen: set[type]) -> set[str]:
    """Return every key that a view and the views inside it read."""
    if view in seen:
        return set()
    seen.add(view)
    names = {field.encode_name for field in fields(view)}
    hints = typing.get_type_hints(view)
    for hint in hints.values():
        for inner in _structs(hint):
            names |= _read_names(inner, seen)
    return names


def _structs(hint: Any) -> list[type[Struct]]:  # noqa: ANN401  any annotation
    if isinstance(hint, type) and issubclass(hint, Struct):
        return [hint]
    return [inner for argument in typing.get_args(hint) for inner in _structs(argument)]


def service_of(collection: str) -> str:
    """Return the service that a kind belongs to: the second part of its name, such as `iam` of `aws.iam.user`."""
    return collection.split(".")[1]
