"""Sets of addresses: what ranges cover together, and how much of the public internet that is."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_BITS = {4: 32, 6: 128}

Interval = tuple[int, int]
"""The first and the last address."""


@dataclass(frozen=True)
class Space:
    """Addresses of one version of IP, as intervals in order that do not touch."""

    version: int
    intervals: tuple[Interval, ...]

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __sub__(self, other: Space) -> Space:
        left: list[Interval] = []
        for first, last in self.intervals:
            start = first
            for taken_first, taken_last in other.intervals:
                if taken_last < start or taken_first > last:
                    continue
                if taken_first > start:
                    left.append((start, taken_first - 1))
                start = taken_last + 1
            if start <= last:
                left.append((start, last))
        return Space(self.version, tuple(left))

    def __or__(self, other: Space) -> Space:
        return Space(self.version, _joined([*self.intervals, *other.intervals]))

    def __and__(self, other: Space) -> Space:
        return self - (self - other)

    @property
    def size(self) -> int:
        """How many addresses there are."""
        return sum(last - first + 1 for first, last in self.intervals)

    @property
    def public_part(self) -> float:
        """Which part of all public addresses this is, from 0 to 1."""
        everything = public_space(self.version)
        return (everything.size - (everything - self).size) / everything.size


def space_of(version: int, ranges: Iterable[str]) -> Space:
    """Return what ranges of a version cover. Raises ValueError for a text that is no range."""
    networks = [ipaddress.ip_network(text, strict=False) for text in ranges]
    mine = [
        (int(network.network_address), int(network.broadcast_address))
        for network in networks
        if network.version == version
    ]
    return Space(version, _joined(mine))


def everybody(version: int) -> Space:
    """Return all addresses."""
    return Space(version, ((0, (1 << _BITS[version]) - 1),))


@lru_cache(maxsize=2)
def public_space(version: int) -> Space:
    """Return the addresses of the internet: all but those that IANA gave to other purposes."""
    if version == 6:  # noqa: PLR2004  the one other version
        return space_of(6, ["2000::/3"]) - space_of(6, ["2001:db8::/32"])
    return everybody(4) - space_of(
        4,
        [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ],
    )


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)
