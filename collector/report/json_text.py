"""Read models as JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_INDENT = 2
_ESCAPED = re.compile("[^\x00-\x7e]+")


def json_text(shape: Any) -> str:  # noqa: ANN401  any of the documented shapes
    """Return a view as JSON in ASCII."""
    return _text(msgspec.to_builtins(shape))


def json_pieces(shape: msgspec.Struct, lists: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    """Yield pieces of the same JSON of a view whose lists of these names are replaced by these items, in their order.

    No more than one item is in memory. The items hold what a store keeps, and so no lone surrogates; a float may be
    written with another exponent.
    """
    tail, indent = "", " " * _INDENT
    yield "{"
    for name, value in _fields(shape):
        yield f"{tail}\n{indent}{json.dumps(name)}: "
        tail = ","
        if name in lists:
            yield from _items(lists[name], indent)
        else:
            yield _text(msgspec.to_builtins(value)).replace("\n", f"\n{indent}")
    yield "\n}"


def _fields(shape: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a view with their names in JSON, its tag first."""
    config = shape.__struct_config__
    if config.tag is not None:
        yield str(config.tag_field), config.tag
    for field, name in zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True):
        yield name, getattr(shape, field)


def _items(items: Iterable[Any], indent: str) -> Iterator[str]:
    separator = "["
    for item in items:
        # Several times as fast as the encoder of the standard library, which indents in Python.
        text = msgspec.json.format(msgspec.json.encode(item), indent=_INDENT).decode()
        yield f"{separator}\n{indent * 2}" + _ESCAPED.sub(_escape, text).replace("\n", f"\n{indent * 2}")
        separator = ","
    yield "[]" if separator == "[" else f"\n{indent}]"


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be").hex(" ", 2)
    return "".join(f"\\u{unit}" for unit in units.split(" "))


def _text(plain: Any) -> str:  # noqa: ANN401  as above
    return json.dumps(plain, indent=_INDENT, ensure_ascii=True).replace("\x7f", "\\u007f")
