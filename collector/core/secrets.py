"""A secret that names where it comes from and never shows what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


_revealed: set[str] = set()
_SHORTEST = 6


def revealed() -> frozenset[str]:
    """Every value that was used so far, so that none of them gets into a message. In memory only."""
    return frozenset(_revealed)


class Secret:
    """A value by reference: read when it is used, so that a rotated one is picked up, and kept out of every repr."""

    __slots__ = ("_read", "source")

    def __init__(self, source: str, read: Callable[[], str]) -> None:
        self.source = source
        self._read = read

    def reveal(self) -> str:
        """Return the value itself. Raises ConfigError where the reference leads nowhere."""
        value = self._read()
        if len(value) >= _SHORTEST:
            _revealed.add(value)
        return value

    def __repr__(self) -> str:
        return f"Secret({self.source})"
