"""Sets of source addresses of one family: whom a gate lets through surely, and whom possibly.

Where what decides was not read, everybody may possibly come through and nobody surely does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors._network.ranges import Interval, Ranges, common, everything, joined, public_part, ranges_of, without
from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.address_space import Share


@dataclass(frozen=True)
class Space:
    """Addresses of one family."""

    version: int  # 4 or 6
    ranges: Ranges = ()

    def __or__(self, other: Space) -> Space:
        return Space(self.version, joined((*self.ranges, *other.ranges)))

    def __and__(self, other: Space) -> Space:
        return Space(self.version, common(self.ranges, other.ranges))

    def __sub__(self, other: Space) -> Space:
        return Space(self.version, without(self.ranges, other.ranges))

    @property
    def rest(self) -> Space:
        """Every other address of the family."""
        return everybody(self.version) - self

    @property
    def share(self) -> Share:
        """The share of the public addresses of the family."""
        return Share(public_part(self.version, self.ranges), self.version)

    def __str__(self) -> str:
        return str(self.share) if self.share.part else f"no public IPv{self.version} address"


def space_of(version: int, intervals: Iterable[Interval]) -> Space:
    """Return those addresses of some intervals that are of a family."""
    return Space(version, ranges_of(version, intervals))


def everybody(version: int) -> Space:
    """Return every address of a family."""
    return Space(version, everything(version))


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
