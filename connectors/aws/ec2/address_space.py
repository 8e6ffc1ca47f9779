"""How much of the public internet a set of address ranges is.

Counted are addresses that can come from the internet: of IPv4 all but the special ranges; of IPv6 what IANA has given
to the registries, and the space that it gives from. A range in many pieces counts as much as in one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

# Not reached from the internet. https://www.iana.org/assignments/iana-ipv4-special-registry, multicast included.
_IPV4_SPECIAL = (
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
)

# Global unicast that IANA gives from. https://www.iana.org/assignments/ipv6-address-space
_IPV6_GLOBAL = ("2000::/3",)
_IPV6_SPECIAL = ("2001:db8::/32", "2001:10::/28", "3fff::/20")
# What it has given to the registries; nearly all addresses in use are in these, a small part of 2000::/3.
# https://www.iana.org/assignments/ipv6-unicast-address-assignments
_IPV6_GIVEN = ("2001::/16", "2003::/18", "2400::/11", "2600::/12", "2610::/23", "2620::/23", "2630::/12", "2800::/12",
               "2a00::/11", "2c00::/12")  # fmt: skip


_SMALL = 0.001  # a share below it is written as one of so many


class Interval(NamedTuple):
    """Addresses of one family from the first to the last, both included, as numbers."""

    version: int
    first: int
    last: int


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


def interval(cidr: str) -> Interval | None:
    """Return the addresses of a CIDR; None for a text that is none."""
    try:
        network = ipaddress.ip_network(cidr.strip(), strict=False)
    except ValueError:
        return None
    return Interval(network.version, int(network.network_address), int(network.broadcast_address))


def public_share(intervals: Iterable[Interval]) -> Share:
    """Return the share of the public addresses that intervals have together; of the family of which it is more."""
    every = list(intervals)
    ipv4 = _joined(each for each in every if each.version == 4)  # noqa: PLR2004  the version
    ipv6 = _joined(each for each in every if each.version == 6)  # noqa: PLR2004  the version
    return max(
        Share(_part(ipv4, _IPV4), 4),
        Share(max(_part(ipv6, space) for space in (_IPV6_WHOLE, _IPV6_IN_USE)), 6),
    )


_Ranges = list[tuple[int, int]]
"""Joined, in order, and without overlap."""


def _joined(intervals: Iterable[Interval]) -> _Ranges:
    joined: _Ranges = []
    for _, first, last in sorted(intervals):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _part(ranges: _Ranges, space: _Ranges) -> float:
    covered = sum(max(0, min(last, end) - max(first, start) + 1) for first, last in ranges for start, end in space)
    return covered / sum(end - start + 1 for start, end in space)


def _space(cidrs: Iterable[str], without: Iterable[str]) -> _Ranges:
    """Return the addresses of some CIDRs without those of others."""
    remaining = [(each.first, each.last) for cidr in cidrs if (each := interval(cidr)) is not None]
    for cidr in without:
        hole = interval(cidr)
        if hole is not None:
            remaining = [
                piece
                for first, last in remaining
                for piece in ((first, min(last, hole.first - 1)), (max(first, hole.last + 1), last))
                if piece[0] <= piece[1]
            ]
    return sorted(remaining)


def _in_hundred(part: float) -> str:
    """Write how many of a hundred a share is, to one digit, and never rounded up to all."""
    hundredths = part * 100
    return "over 99.9" if hundredths > 99.9 else f"{hundredths:.1f}"  # noqa: PLR2004  the last share that one digit can show


_IPV4 = _space(("0.0.0.0/0",), _IPV4_SPECIAL)
_IPV6_WHOLE = _space(_IPV6_GLOBAL, _IPV6_SPECIAL)
_IPV6_IN_USE = _space(_IPV6_GIVEN, _IPV6_SPECIAL)
