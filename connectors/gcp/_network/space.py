"""Sets of addresses: what ranges cover together, and how much of the public internet that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors._network.ranges import Ranges, common, everything, interval, joined, public_part, ranges_of, without


@dataclass(frozen=True)
class Space:
    """Addresses of one version of IP, as intervals in order that do not touch."""

    version: int
    intervals: Ranges

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __sub__(self, other: Space) -> Space:
        return Space(self.version, without(self.intervals, other.intervals))

    def __or__(self, other: Space) -> Space:
        return Space(self.version, joined((*self.intervals, *other.intervals)))

    def __and__(self, other: Space) -> Space:
        return Space(self.version, common(self.intervals, other.intervals))

    @property
    def public_part(self) -> float:
        """Which part of all public addresses this is, from 0 to 1."""
        return public_part(self.version, self.intervals)


def space_of(version: int, ranges: Iterable[str]) -> Space:
    """Return what ranges of a version cover. Raises ValueError for a text that is no range."""
    found = []
    for text in ranges:
        addresses = interval(text)
        if addresses is None:
            message = f"{text!r} is no range of addresses"
            raise ValueError(message)
        found.append(addresses)
    return Space(version, ranges_of(version, found))


def everybody(version: int) -> Space:
    """Return all addresses."""
    return Space(version, everything(version))
