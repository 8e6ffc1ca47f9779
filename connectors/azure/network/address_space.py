"""Sets of addresses, and how much of the public internet they are.

A range in many pieces counts as much as in one, so that no way of writing everybody is missed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

MAX_PUBLIC_SHARE = 0.0001
"""The share of the public internet from which on something counts as open to it. docs/adr/0027"""

_IPV4_SPECIAL = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
)  # fmt: skip
"""Not reached from the internet: https://www.iana.org/assignments/iana-ipv4-special-registry, multicast included."""

_IPV6_GIVEN = (
    "2001::/16", "2003::/18", "2400::/11", "2600::/12", "2610::/23", "2620::/23", "2630::/12", "2800::/12",
    "2a00::/11", "2c00::/12",
)  # fmt: skip
"""What is given to the registries, which is where hosts of the internet are.

https://www.iana.org/assignments/ipv6-unicast-address-assignments"""

_Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Space:
    """Addresses of both families, as ranges from first to last that are in order and do not touch."""

    ipv4: _Ranges = ()
    ipv6: _Ranges = ()

    def __or__(self, other: Space) -> Space:
        return Space(_joined(self.ipv4 + other.ipv4), _joined(self.ipv6 + other.ipv6))

    def __and__(self, other: Space) -> Space:
        return Space(_common(self.ipv4, other.ipv4), _common(self.ipv6, other.ipv6))

    def __sub__(self, other: Space) -> Space:
        return Space(_without(self.ipv4, other.ipv4), _without(self.ipv6, other.ipv6))

    @property
    def public_share(self) -> float:
        """The share of the public addresses, 0 to 1; of the family of which it is more."""
        return max(_part(self.ipv4, PUBLIC.ipv4), _part(self.ipv6, PUBLIC.ipv6))

    def __str__(self) -> str:
        share = self.public_share
        if share == 1:
            return "the whole internet"
        if share >= 0.001:  # noqa: PLR2004  what a percentage with one digit can show
            return f"{min(share * 100, 99.9):.1f} % of the internet"
        return f"1 of every {round(1 / share):,} public addresses" if share else "no public address"


def of_prefix(text: str) -> Space | None:
    """Return the addresses of a CIDR or of one address; None for a text that is neither."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    found = ((int(network.network_address), int(network.broadcast_address)),)
    return Space(ipv4=found) if network.version == 4 else Space(ipv6=found)  # noqa: PLR2004  the version


def of_range(first: str, last: str) -> Space | None:
    """Return the addresses from one to another; None where these are no addresses of one family in this order."""
    try:
        start, end = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    except ValueError:
        return None
    if start.version != end.version or int(start) > int(end):
        return None
    found = ((int(start), int(end)),)
    return Space(ipv4=found) if start.version == 4 else Space(ipv6=found)  # noqa: PLR2004  the version


def _joined(ranges: Iterable[tuple[int, int]]) -> _Ranges:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _common(these: _Ranges, others: _Ranges) -> _Ranges:
    found = ((max(a, c), min(b, d)) for a, b in these for c, d in others)
    return _joined((first, last) for first, last in found if first <= last)


def _without(these: _Ranges, others: _Ranges) -> _Ranges:
    left = list(these)
    for start, end in others:
        left = [
            piece
            for first, last in left
            for piece in ((first, min(last, start - 1)), (max(first, end + 1), last))
            if piece[0] <= piece[1]
        ]
    return _joined(left)


def _part(ranges: _Ranges, space: _Ranges) -> float:
    return _size(_common(ranges, space)) / _size(space)


def _size(ranges: _Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


def _every(prefixes: Iterable[str]) -> Space:
    space = Space()
    for prefix in prefixes:
        space |= of_prefix(prefix) or Space()
    return space


EVERYBODY = _every(("0.0.0.0/0", "::/0"))
PUBLIC = _every(("0.0.0.0/0", *_IPV6_GIVEN)) - _every((*_IPV4_SPECIAL, "2001:db8::/32"))
"""The addresses that can come from the internet."""
