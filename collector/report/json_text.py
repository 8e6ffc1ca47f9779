"""Read models as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INDENT = 2


def json_text(shape: Any) -> str:  # noqa: ANN401  any of the documented shapes
    """Return a view as JSON in ASCII."""
    return _text(msgspec.to_builtins(shape))


def json_pieces(shape: msgspec.Struct, name: str, items: Iterable[Any]) -> Iterator[str]:
    """Yield pieces of the same JSON of a view whose last list, of this name, is empty and gets these items.

    No more than one item is in memory.
    """
    plain = msgspec.to_builtins(shape)
    if list(plain)[-1] != name:
        raise ValueError(f"{name} is not the last field")
    before, _, _ = _text({**plain, name: []}).rpartition("[]")
    separator, indent = "[", " " * _INDENT
    yield before
    for item in items:
        yield f"{separator}\n{indent * 2}" + json_text(item).replace("\n", f"\n{indent * 2}")
        separator = ","
    yield "[]\n}" if separator == "[" else f"\n{indent}]\n}}"


def _text(plain: Any) -> str:  # noqa: ANN401  as above
    return json.dumps(plain, indent=_INDENT, ensure_ascii=True).replace("\x7f", "\\u007f")
