"""Secrets of the configuration: their repr shows the source and never the value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


_revealed: set[str] = set()
_SHORTEST = 6


def revealed() -> frozenset[str]:
    """Return every secret value used so far, so that messages can be redacted. In memory only."""
    return frozenset(_revealed)


class Secret:
    """A reference to a secret value, read at each use, so that a rotated value is picked up; never in a repr."""

    __slots__ = ("_read", "source")

    def __init__(self, source: str, read: Callable[[], str]) -> None:
        self.source = source
        self._read = read

    def reveal(self) -> str:
        """Return the value. Raises ConfigError where the reference cannot be resolved."""
        value = self._read()
        if len(value) >= _SHORTEST:
            _revealed.add(value)
        return value

    def __repr__(self) -> str:
        return f"Secret({self.source})"
