"""Sets of source addresses of one family: whom a gate lets through surely, and whom possibly.

Where what decides was not read, everybody may possibly come through and nobody surely does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.address_space import Interval, Share, public_share

_BITS = {4: 32, 6: 128}


@dataclass(frozen=True)
class Space:
    """Addresses of one family as ranges that are in order, do not overlap and do not touch."""

    version: int  # 4 or 6
    ranges: tuple[tuple[int, int], ...] = ()

    def __or__(self, other: Space) -> Space:
        joined: list[tuple[int, int]] = []
        for first, last in sorted((*self.ranges, *other.ranges)):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return Space(self.version, tuple(joined))

    def __and__(self, other: Space) -> Space:
        both = [
            (max(first, start), min(last, end))
            for first, last in self.ranges
            for start, end in other.ranges
            if max(first, start) <= min(last, end)
        ]
        return Space(self.version, tuple(sorted(both)))

    def __sub__(self, other: Space) -> Space:
        return self & other.rest

    @property
    def rest(self) -> Space:
        """Every other address of the family."""
        edges = [-1]
        for first, last in self.ranges:
            edges += [first, last]
        edges.append(1 << _BITS[self.version])
        gaps = ((edges[i] + 1, edges[i + 1] - 1) for i in range(0, len(edges), 2))
        return Space(self.version, tuple(gap for gap in gaps if gap[0] <= gap[1]))

    @property
    def share(self) -> Share:
        """The share of the public addresses of the family."""
        part = public_share(Interval(self.version, first, last) for first, last in self.ranges).part
        return Share(part, self.version)

    def __str__(self) -> str:
        return str(self.share) if self.share.part else f"no public IPv{self.version} address"


def space_of(version: int, intervals: Iterable[Interval]) -> Space:
    """Return those addresses of some intervals that are of a family."""
    space = Space(version)
    for each in intervals:
        if each.version == version:
            space |= Space(version, ((each.first, each.last),))
    return space


def everybody(version: int) -> Space:
    """Return every address of a family."""
    return Space(version).rest


@dataclass(frozen=True)
class Sources:
    """Whom a gate lets through: `surely` is a part of `possibly`."""

    surely: Space
    possibly: Space

    def __and__(self, other: Sources) -> Sources:
        return Sources(self.surely & other.surely, self.possibly & other.possibly)

    def __or__(self, other: Sources) -> Sources:
        return Sources(self.surely | other.surely, self.possibly | other.possibly)

    def reaches(self, max_public_share: float) -> Truth:
        """Return whether more of the public internet comes through than a share of it."""
        if self.surely.share.part > max_public_share:
            return Truth.YES
        return Truth.MAYBE if self.possibly.share.part > max_public_share else Truth.NO


def just(space: Space) -> Sources:
    """Return a gate of which everything is known."""
    return Sources(space, space)


def untold(version: int) -> Sources:
    """Return a gate of which nothing is known."""
    return Sources(Space(version), everybody(version))
