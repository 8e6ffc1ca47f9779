"""Canonical JSON: equal values give equal bytes. And the digests of bytes.

RFC 8785 (JSON Canonicalization Scheme), except that integers stay exact at any size and integral floats become
integers. Bytes are encoded once, stored and hashed; verification hashes the stored bytes and never encodes again.
"""

from __future__ import annotations

import hashlib
import math
import re
from base64 import b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NewType

import orjson

from collector.core.spans import show_time

if TYPE_CHECKING:
    from collections.abc import Iterator

Digest = NewType("Digest", str)
"""`sha256:` followed by 64 hexadecimal digits."""

_MAX_DEPTH = 200
_PLAIN = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_WRITTEN_AT_ONCE = frozenset({str, int, bool, type(None), datetime, bytes})
_SMALL = re.compile(rb"[0-9]e-6(?:[,\]}]|\Z)")
"""Where such a number may end: names of things have the three characters in them too ("place-6")."""


class NotCanonicalError(ValueError):
    """The value has no canonical form: NaN, a lone surrogate, a key that is not text, more than 200 levels."""


def digest_of(data: bytes) -> Digest:
    """Return the SHA-256 of these bytes as a Digest."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def plain(value: Any, *, depth: int = 0) -> Any:  # noqa: ANN401  any JSON-like value
    """Return the value in JSON types: RFC 3339 UTC for times, base64 for bytes, integers for integral floats.

    Raises NotCanonicalError.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if depth > _MAX_DEPTH:
        message = f"nested deeper than {_MAX_DEPTH} levels"
        raise NotCanonicalError(message)
    if isinstance(value, dict):
        return {_key(key): plain(inner, depth=depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, depth=depth + 1) for inner in value]
    return scalar(value)


def scalar(value: Any) -> Any:  # noqa: ANN401  what is left after text, numbers, lists and objects
    """Return a value that is no object, list or null as text, number or boolean. Raises NotCanonicalError."""
    match value:
        case float():
            if not math.isfinite(value):
                message = f"{value!r} is not a JSON number"
                raise NotCanonicalError(message)
            return int(value) if value.is_integer() else value
        case datetime():
            return _utc_text(value)
        case date():
            return value.isoformat()
        case bytes() | bytearray():
            return b64encode(value).decode("ascii")
        case Decimal() if value.is_finite():
            return int(value) if value == value.to_integral_value() else scalar(float(value))
        case str():
            return str(value)
        case bool() | int():
            return int(value)
        case _:
            message = f"a value of type {type(value).__name__} has no place in evidence"
            raise NotCanonicalError(message)


def _utc_text(value: datetime) -> str:
    try:
        return show_time(value if value.tzinfo is not None else value.replace(tzinfo=UTC))
    except OverflowError as error:
        message = f"{value.isoformat()} has no place in UTC's calendar"
        raise NotCanonicalError(message) from error


def _key(key: Any) -> str:  # noqa: ANN401  anything can be a key in Python
    if not isinstance(key, str):
        message = f"the key {key!r} is not text"
        raise NotCanonicalError(message)
    return key


def canonical(value: Any) -> bytes:  # noqa: ANN401  any JSON-like value
    """Return the canonical bytes of a value of any JSON-like type. Raises NotCanonicalError."""
    return encode(plain(value))


def plain_bytes(value: Any) -> bytes | None:  # noqa: ANN401  any JSON-like value
    """Return the same bytes as `canonical`, or None for what it takes a closer look at: numbers with a point, say."""
    try:
        data = orjson.dumps(value, option=_PLAIN, default=scalar)
    except (TypeError, RecursionError):
        return None
    return _copied(data) if not _is_special(data) and _is_plain(value) else None


def _is_plain(value: Any) -> bool:  # noqa: ANN401  any JSON-like value
    """Whether a value that orjson could write has nothing but types that are written in one way."""
    if type(value) in _WRITTEN_AT_ONCE:
        return True
    waiting = [value]
    for outer in waiting:
        kind = type(outer)
        if kind is not dict and kind is not list:
            return False
        inners = outer.values() if kind is dict else outer
        if not _WRITTEN_AT_ONCE.issuperset(map(type, inners)):
            waiting += [inner for inner in inners if type(inner) not in _WRITTEN_AT_ONCE]
    return True


def encode(value: Any) -> bytes:  # noqa: ANN401  any JSON value
    """Return the canonical bytes of a value in JSON types, as `plain` or a Redactor returns it.

    Raises NotCanonicalError.
    """
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        return _encode_slowly(value, error)
    return _encode_slowly(value, None) if _is_special(data) else _copied(data)


def _copied(data: bytes) -> bytes:
    """Return the same bytes in no more memory than they need: what orjson returns holds four kilobytes at least."""
    return b"%b" % data


def _is_special(data: bytes) -> bool:
    """Whether RFC 8785 may write a document otherwise than orjson has."""
    # Bytes from 0xEE on start U+E000 and above; only a document that has some can be ordered differently in UTF-16.
    # Numbers from 0.000001 to 0.00001 are the only ones that orjson writes with an exponent and RFC 8785 without.
    return (not data.isascii() and max(data) >= 0xEE) or (b"e-6" in data and _SMALL.search(data) is not None)  # noqa: PLR2004  explained above


def _encode_slowly(value: Any, cause: TypeError | None) -> bytes:  # noqa: ANN401  any JSON value
    try:
        return b"".join(_pieces(value))
    except (TypeError, ValueError) as error:
        # ValueError: Python writes no integer of more than some thousand digits.
        message = f"no canonical form: {cause or error}"
        raise NotCanonicalError(message) from error


def _pieces(value: Any) -> Iterator[bytes]:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        separator = b"{"
        for key in sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass")):
            yield separator + orjson.dumps(key) + b":"
            yield from _pieces(value[key])
            separator = b","
        yield b"}" if value else b"{}"
    elif isinstance(value, list | tuple):
        separator = b"["
        for inner in value:
            yield separator
            yield from _pieces(inner)
            separator = b","
        yield b"]" if value else b"[]"
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value).encode("ascii")
    else:
        data = orjson.dumps(value)
        yield f"{Decimal(data.decode()):f}".encode("ascii") if data.endswith(b"e-6") else data
