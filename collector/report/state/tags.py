"""The tags of resources, in the shapes in which platforms give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.core.ports import Stored
    from collector.core.scopes import Scope

_NAMES = frozenset({"tags", "taglist", "tagset", "labels", "topics"})
"""Top-level keys, in small letters, under which platforms keep tags."""


@dataclass
class Tagged:
    """The resources of one kind that have the tags, and those whose tags could not be read."""

    matching: set[tuple[Scope, str]] = field(default_factory=set)
    unread: set[tuple[Scope, str]] = field(default_factory=set)


def tagged(resources: Iterable[Stored], asked: Sequence[tuple[str, str | None]]) -> Tagged:
    """Choose resources that have all these tags; names and values are compared without case."""
    found = Tagged()
    for stored in resources:
        place = (stored.task.scope, stored.key)
        if stored.blob is None or any(name.casefold() in _NAMES for name in stored.unread):
            found.unread.add(place)
            continue
        have = {(name.casefold(), value.casefold()) for name, value in tags_of(body_of(stored.blob))}
        names = {name for name, _ in have}
        if all(_has(have, names, name.casefold(), value) for name, value in asked):
            found.matching.add(place)
    return found


def _has(have: set[tuple[str, str]], names: set[str], name: str, value: str | None) -> bool:
    return name in names if value is None else (name, value.casefold()) in have


def body_of(blob: bytes) -> dict[str, Any]:
    """Return the platform's own JSON out of a stored blob."""
    return _ENVELOPE.decode(blob).body


class _Envelope(msgspec.Struct):
    body: dict[str, Any]


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def tags_of(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the tags of a body as (name, value); a bare label has an empty value."""
    for name, value in body.items():
        if name.casefold() in _NAMES:
            yield from _read(value)


def _read(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, list | dict):
                yield from _read(inner) if name.casefold() in _NAMES else ()
            elif inner is not None:
                yield name, str(inner)
    elif isinstance(value, list):
        for tag in value:
            if isinstance(tag, str):
                yield tag, ""
            elif isinstance(tag, dict):
                low = {key.casefold(): inner for key, inner in tag.items()}
                if "key" in low:
                    yield str(low["key"]), str(low.get("value") or "")
                elif "name" in low:
                    yield str(low["name"]), str(low.get("value") or "")
