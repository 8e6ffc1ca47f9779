"""How much of the public internet a set of address ranges is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from connectors._network.ranges import Interval, interval, public_part, ranges_of

__all__ = ["Interval", "Share", "interval", "public_share"]

_SMALL = 0.001  # a share below it is written as one of so many


class Share(NamedTuple):
    """A part of the public addresses of one family."""

    part: float  # 0 to 1
    version: int  # 4 or 6

    def __str__(self) -> str:
        if self.part == 1:
            return f"all of IPv{self.version}"
        is_small = 0 < self.part < _SMALL
        share = f"1 of every {round(1 / self.part):,}" if is_small else f"{_in_hundred(self.part)} of every 100"
        return f"{share} public IPv{self.version} addresses"


def public_share(intervals: Iterable[Interval]) -> Share:
    """Return the share of the public addresses that intervals have together; of the family of which it is more."""
    every = list(intervals)
    return max(Share(public_part(version, ranges_of(version, every)), version) for version in (4, 6))


def _in_hundred(part: float) -> str:
    """Write how many of a hundred a share is, to one digit, and never rounded up to all."""
    hundredths = part * 100
    return "over 99.9" if hundredths > 99.9 else f"{hundredths:.1f}"  # noqa: PLR2004  the last share that one digit can show
