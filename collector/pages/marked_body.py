"""A body as lines of JSON, each with its JSON pointer, so that the fields that a check read can be marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REDACTED = "[redacted "
_STEP = "  "


class Mark(NamedTuple):
    """A field that a check read: its JSON pointer, its number on the page, and which call filled it."""

    pointer: str
    number: int
    why: str


class Line(NamedTuple):
    """A line: what stands before the value, the key, the value with its look, what ends it, and its mark."""

    indent: str
    key: str
    value: str
    look: str
    end: str
    mark: Mark | None


def marked_lines(body: dict[str, Any], marks: Iterable[Mark]) -> list[Line]:
    """Return the lines of a body; a mark is at the line on which its field begins."""
    by_pointer: dict[str, Mark] = {}
    for mark in marks:
        by_pointer.setdefault(mark.pointer, mark)
    return list(_lines(body, "", "", "", "", by_pointer))


def _lines(
    value: Any,  # noqa: ANN401  JSON
    pointer: str,
    indent: str,
    key: str,
    end: str,
    marks: dict[str, Mark],
) -> Iterator[Line]:
    mark = marks.get(pointer)
    if isinstance(value, dict) and value:
        yield Line(indent, key, "{", "", "", mark)
        last = len(value) - 1
        for number, (name, member) in enumerate(sorted(value.items())):
            token = name.replace("~", "~0").replace("/", "~1")
            comma = "," if number < last else ""
            yield from _lines(member, f"{pointer}/{token}", indent + _STEP, _text(name), comma, marks)
        yield Line(indent, "", "}", "", end, None)
    elif isinstance(value, list) and value:
        yield Line(indent, key, "[", "", "", mark)
        last = len(value) - 1
        for number, member in enumerate(value):
            yield from _lines(member, f"{pointer}/{number}", indent + _STEP, "", "," if number < last else "", marks)
        yield Line(indent, "", "]", "", end, None)
    else:
        yield Line(indent, key, _text(value), _look(value), end, mark)


def _look(value: object) -> str:
    if isinstance(value, str):
        return "muted" if value.startswith(_REDACTED) else "s"
    return "l"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
