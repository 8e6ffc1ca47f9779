"""Sets of addresses, and how much of the public internet they are.

A range in many pieces counts as much as in one, so that no way of writing everybody is missed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from connectors._network.ranges import Ranges, common, everything, interval, joined, public_part, without

MAX_PUBLIC_SHARE = 0.0001
"""The share of the public internet from which on something counts as open to it. docs/adr/0027"""


@dataclass(frozen=True)
class Space:
    """Addresses of both families, as ranges from first to last."""

    ipv4: Ranges = ()
    ipv6: Ranges = ()

    def __or__(self, other: Space) -> Space:
        return Space(joined(self.ipv4 + other.ipv4), joined(self.ipv6 + other.ipv6))

    def __and__(self, other: Space) -> Space:
        return Space(common(self.ipv4, other.ipv4), common(self.ipv6, other.ipv6))

    def __sub__(self, other: Space) -> Space:
        return Space(without(self.ipv4, other.ipv4), without(self.ipv6, other.ipv6))

    @property
    def public_share(self) -> float:
        """The share of the public addresses, 0 to 1; of the family of which it is more."""
        return max(public_part(4, self.ipv4), public_part(6, self.ipv6))

    def __str__(self) -> str:
        share = self.public_share
        if share == 1:
            return "the whole internet"
        if share >= 0.001:  # noqa: PLR2004  what a percentage with one digit can show
            return f"{min(share * 100, 99.9):.1f} % of the internet"
        return f"1 of every {round(1 / share):,} public addresses" if share else "no public address"


def of_prefix(text: str) -> Space | None:
    """Return the addresses of a CIDR or of one address; None for a text that is neither."""
    found = interval(text)
    return None if found is None else _of(found.version, found.first, found.last)


def of_range(first: str, last: str) -> Space | None:
    """Return the addresses from one to another; None where these are no addresses of one family in this order."""
    try:
        start, end = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    except ValueError:
        return None
    if start.version != end.version or int(start) > int(end):
        return None
    return _of(start.version, int(start), int(end))


def _of(version: int, first: int, last: int) -> Space:
    found = ((first, last),)
    return Space(ipv4=found) if version == 4 else Space(ipv6=found)  # noqa: PLR2004  the version


EVERYBODY = Space(everything(4), everything(6))
