"""Read models as JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INDENT = 2
_ESCAPED = re.compile("[^\x00-\x7e]+")


def json_text(shape: Any) -> str:  # noqa: ANN401  any of the documented shapes
    """Return a view as JSON in ASCII."""
    return _text(msgspec.to_builtins(shape))


def json_pieces(shape: msgspec.Struct, name: str, items: Iterable[Any]) -> Iterator[str]:
    """Yield pieces of the same JSON of a view whose last list, of this name, is empty and gets these items.

    No more than one item is in memory. The items hold what a store keeps, and so no lone surrogates; a float may be
    written with another exponent.
    """
    plain = msgspec.to_builtins(shape)
    if list(plain)[-1] != name:
        raise ValueError(f"{name} is not the last field")
    before, _, _ = _text({**plain, name: []}).rpartition("[]")
    separator, indent = "[", " " * _INDENT
    yield before
    for item in items:
        # Several times as fast as the encoder of the standard library, which indents in Python.
        text = msgspec.json.format(msgspec.json.encode(item), indent=_INDENT).decode()
        yield f"{separator}\n{indent * 2}" + _ESCAPED.sub(_escape, text).replace("\n", f"\n{indent * 2}")
        separator = ","
    yield "[]\n}" if separator == "[" else f"\n{indent}]\n}}"


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be").hex(" ", 2)
    return "".join(f"\\u{unit}" for unit in units.split(" "))


def _text(plain: Any) -> str:  # noqa: ANN401  as above
    return json.dumps(plain, indent=_INDENT, ensure_ascii=True).replace("\x7f", "\\u007f")
