"""The differences of two bodies, field by field. Bodies are redacted before: secrets are fingerprints in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class Difference(Struct, frozen=True, kw_only=True):
    """A path at which two bodies differ, with both values.

    `appeared`: there was no value before; `gone`: there is none now. The value is None then, as for a JSON null.
    """

    path: str
    was: Any
    now: Any
    appeared: bool = False
    gone: bool = False


def differences(was: Any, now: Any, path: str = "") -> Iterator[Difference]:  # noqa: ANN401  any JSON value
    """Yield the paths at which two JSON values differ, sorted by key; lists are compared by position."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            yield from _member(was, now, key, f"{path}.{key}" if path else key)
    elif isinstance(was, list) and isinstance(now, list):
        before, after = dict(enumerate(was)), dict(enumerate(now))
        for number in sorted({*before, *after}):
            yield from _member(before, after, number, f"{path}[{number}]")
    elif type(was) is not type(now) or was != now:  # in Python true is 1, and in JSON it is not
        yield Difference(path=path, was=was, now=now)


def _member(was: dict[Any, Any], now: dict[Any, Any], key: Any, path: str) -> Iterator[Difference]:  # noqa: ANN401  a name or a position
    if key not in was:
        yield Difference(path=path, was=None, now=now[key], appeared=True)
    elif key not in now:
        yield Difference(path=path, was=was[key], now=None, gone=True)
    else:
        yield from differences(was[key], now[key], path)
