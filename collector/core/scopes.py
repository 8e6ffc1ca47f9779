"""Scopes: paths such as (account, region) that say where in a source something was observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from collector.core.canonical import encode

Scope = tuple[str, ...]
"""A path such as (account, region) or (organization, repository); () is the whole source."""


def is_scope(said: object) -> bool:
    """Return whether this is a scope whose parts all have a name that can be written down."""
    return isinstance(said, tuple) and all(is_scope_name(part) for part in said)


def is_scope_name(said: object) -> bool:
    """Return whether this can be one part of a scope: a text that is not empty and has no lone surrogates."""
    return type(said) is str and said != "" and said == said.encode("utf-8", "replace").decode("utf-8")


def show_scope(scope: Scope) -> str:
    """Return a scope as text for people: its parts joined by slashes, or `(source)` for the whole source."""
    return "/".join(scope) if scope else "(source)"


def enclosing(scope: Scope) -> Iterator[Scope]:
    """Yield the scope itself and then each scope that contains it, the nearest first, () last."""
    for length in range(len(scope), -1, -1):
        yield scope[:length]


def within(inner: Scope, outer: Scope) -> bool:
    """Return whether `inner` is `outer` itself or lies inside it."""
    return inner[: len(outer)] == outer


class ScopeIndex:
    """Scopes by their depth and by each scope that contains them: to find those below one costs what is found."""

    def __init__(self, scopes: Iterable[Scope] = ()) -> None:
        self._below: dict[tuple[int, Scope], list[Scope]] = {}
        for scope in scopes:
            self.add(scope)

    def add(self, scope: Scope) -> None:
        """Add a scope, which must not be in the index yet."""
        for outer in enclosing(scope):
            self._below.setdefault((len(scope), outer), []).append(scope)

    def below(self, depth: int, under: Scope = ()) -> Sequence[Scope]:
        """Return the scopes of a depth that are `under` itself or inside it, in the order in which they were added."""
        return self._below.get((depth, under), ())


def scope_text(scope: Scope) -> str:
    """Return a scope as canonical JSON, which sorts and compares the same in Python and in a database."""
    return encode(list(scope)).decode("utf-8")
