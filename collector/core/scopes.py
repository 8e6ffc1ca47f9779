"""Where something was seen: a path from what a client can see down to one part of it."""

from __future__ import annotations

from collections.abc import Iterator

from collector.core.canonical import encode

Scope = tuple[str, ...]
"""A path such as (account, region) or (organization, repository); () is the whole source."""


def show_scope(scope: Scope) -> str:
    """Write a scope for people: its parts with slashes, or `(source)` for the whole of it."""
    return "/".join(scope) if scope else "(source)"


def enclosing(scope: Scope) -> Iterator[Scope]:
    """Yield the scope itself and then each one around it, the nearest first, () last."""
    for length in range(len(scope), -1, -1):
        yield scope[:length]


def within(inner: Scope, outer: Scope) -> bool:
    """Whether `inner` is `outer` itself or lies inside it."""
    return inner[: len(outer)] == outer


def scope_text(scope: Scope) -> str:
    """Write a scope as one text that sorts and compares the same in Python and in a database: canonical JSON."""
    return encode(list(scope)).decode("utf-8")
