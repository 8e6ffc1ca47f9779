"""Ranges of IP addresses as numbers: what they cover together, and how much of the public internet that is.

Counted are addresses that can come from the internet: of IPv4 all but the special ranges; of IPv6 what IANA has given
to the registries, and the space that it gives from. A range in many pieces counts as much as in one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

Ranges = tuple[tuple[int, int], ...]
"""First and last addresses of one family: in order, and ranges neither overlap nor touch."""

_BITS = {4: 32, 6: 128}

# Not reached from the internet. https://www.iana.org/assignments/iana-ipv4-special-registry, multicast included.
_IPV4_SPECIAL = ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                 "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                 "203.0.113.0/24", "224.0.0.0/3")  # fmt: skip
# Global unicast that IANA gives from. https://www.iana.org/assignments/ipv6-address-space
_IPV6_GLOBAL = ("2000::/3",)
_IPV6_SPECIAL = ("2001:db8::/32", "2001:10::/28", "3fff::/20")
# What it has given to the registries; nearly all addresses in use are in these, a small part of 2000::/3.
# https://www.iana.org/assignments/ipv6-unicast-address-assignments
_IPV6_GIVEN = ("2001::/16", "2003::/18", "2400::/11", "2600::/12", "2610::/23", "2620::/23", "2630::/12", "2800::/12",
               "2a00::/11", "2c00::/12")  # fmt: skip


class Interval(NamedTuple):
    """Addresses of one family from the first to the last, both included, as numbers."""

    version: int
    first: int
    last: int


def interval(text: str) -> Interval | None:
    """Return the addresses of a CIDR or of one address; None for a text that is neither."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return Interval(network.version, int(network.network_address), int(network.broadcast_address))


def ranges_of(version: int, intervals: Iterable[Interval]) -> Ranges:
    """Return what those intervals that are of a family cover together."""
    return joined((each.first, each.last) for each in intervals if each.version == version)


def everything(version: int) -> Ranges:
    """Return every address of a family."""
    return ((0, (1 << _BITS[version]) - 1),)


def joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return ranges in order, as few as cover the same."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def common(these: Ranges, others: Ranges) -> Ranges:
    """Return the addresses that are in both."""
    both = ((max(first, start), min(last, end)) for first, last in these for start, end in others)
    return joined((first, last) for first, last in both if first <= last)


def without(these: Ranges, others: Ranges) -> Ranges:
    """Return the addresses of the one that are not in the other."""
    left: list[tuple[int, int]] = []
    for first, last in these:
        start = first
        for taken, end in others:
            if end < start or taken > last:
                continue
            if taken > start:
                left.append((start, taken - 1))
            start = end + 1
        if start <= last:
            left.append((start, last))
    return tuple(left)


def size(ranges: Ranges) -> int:
    """Return how many addresses there are."""
    return sum(last - first + 1 for first, last in ranges)


def public_part(version: int, ranges: Ranges) -> float:
    """Return which part of the public addresses of a family ranges are, from 0 to 1.

    Of IPv6 the larger of two parts counts: that of the addresses in use, and that of all there may be.
    """
    return max(size(common(ranges, space)) / size(space) for space in _public(version))


@cache
def _public(version: int) -> tuple[Ranges, ...]:
    if version == 6:  # noqa: PLR2004  the one other version
        special = _covered(6, _IPV6_SPECIAL)
        return without(_covered(6, _IPV6_GLOBAL), special), without(_covered(6, _IPV6_GIVEN), special)
    return (without(everything(4), _covered(4, _IPV4_SPECIAL)),)


def _covered(version: int, texts: Iterable[str]) -> Ranges:
    return ranges_of(version, [each for each in map(interval, texts) if each is not None])
