"""The gate of a list of ranges, as a managed endpoint or a resource policy has it."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.aws._exposure.sources import Sources, everybody, space_of
from connectors.aws._exposure.verdict import Gate
from connectors.aws.ec2.address_space import interval


def ranges_gate(cidrs: Iterable[str], version: int, what: str) -> Gate:
    """Return whom a list of ranges lets in; a text that is no range may be anybody."""
    by_cidr = {cidr: interval(cidr) for cidr in cidrs}
    surely = space_of(version, (each for each in by_cidr.values() if each is not None))
    doubts = tuple(f"{cidr!r} is no range of addresses" for cidr, each in by_cidr.items() if each is None)
    possibly = everybody(version) if doubts else surely
    return Gate(Sources(surely, possibly), what, f"{what} lets in {surely}", doubts)
