"""The gate of a resource policy: whom it lets in, by the evaluator of policies.

What answers at an address of AWS's own, such as an API or a bucket, has no network in front of it: its gates are the
entrance and its policies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from connectors.aws._exposure.sources import Sources, Space, everybody, just, untold
from connectors.aws._exposure.verdict import Gate
from connectors.aws._policy.context import Known
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.statements import Policy
from connectors.aws.ec2.address_space import Interval, interval

_SOURCE = "aws:sourceip"
_LAST = {4: (1 << 32) - 1, 6: (1 << 128) - 1}


def entrance(step: str, version: int = 4) -> Gate:
    """Return the gate of what everybody on the internet can ask."""
    return Gate(just(everybody(version)), step)


def effect_gate(effect: Effect, whose: str, version: int = 4) -> Gate:
    """Return whether a policy lets everybody through, wherever they come from. `whose` is what it is called."""
    match effect.outcome:
        case Outcome.ALLOWS:
            return Gate(just(everybody(version)), f"{whose} ({effect.by})")
        case Outcome.UNDECIDED:
            by = f" ({effect.by})" if effect.by else ""
            doubt = f"{whose}{by} may let everybody in, which would be decided by: {effect.question}"
            return Gate(untold(version), whose, doubts=(doubt,))
        case Outcome.DOES_NOT:
            return Gate(just(Space(version)), whose, f"{whose} lets in nobody whom it does not name")
        case _:
            assert_never(effect.outcome)


def policy_gate(ask: Callable[[Known | None], Effect], policies: Iterable[Policy], whose: str, version: int) -> Gate:
    """Return from which addresses policies let everybody in.

    `ask` says what they do with one that comes from an address, or from whichever it likes. Between two ends of ranges
    in conditions no policy can tell one address from another, so that one is asked for all of them.
    """
    ranges = _ranges(policies)
    if ranges is None:
        return effect_gate(ask(None), whose, version)
    found = Sources(Space(version), Space(version))
    letting: list[str] = []
    doubts: list[str] = []
    for cell in _cells(ranges, version):
        effect = ask(Known((_address(cell),)))
        gate = effect_gate(effect, whose, version)
        here = Space(version, ((cell.first, cell.last),))
        found |= Sources(gate.sources.surely & here, gate.sources.possibly & here)
        doubts += gate.doubts
        if effect.outcome is Outcome.ALLOWS:
            letting.append(effect.by)
    closed = f"{whose} lets in nobody whom it does not name"
    if found.possibly.share.part:
        closed = f"{whose} lets everybody in from {found.possibly} only"
    step = f"{whose} ({', '.join(dict.fromkeys(letting))}) from {found.surely}" if letting else whose
    return Gate(found, step, closed, tuple(dict.fromkeys(doubts)))


def _address(cell: Interval) -> str:
    """Return the first address of a range, as AWS writes it."""
    return str(ipaddress.IPv4Address(cell.first) if cell.version == 4 else ipaddress.IPv6Address(cell.first))  # noqa: PLR2004  the version


def _cells(ranges: Iterable[Interval], version: int) -> Iterator[Interval]:
    """Yield all addresses of a family, in parts of which each is in a range as a whole or not at all."""
    starts = {0}
    for each in ranges:
        if each.version == version:
            starts |= {each.first, each.last + 1}
    ordered = sorted(start for start in starts if start <= _LAST[version])
    ends = [*(start - 1 for start in ordered[1:]), _LAST[version]]
    for first, last in zip(ordered, ends, strict=True):
        yield Interval(version, first, last)


def _ranges(policies: Iterable[Policy]) -> list[Interval] | None:
    """Return every range that conditions compare the address with; None where it is compared as text."""
    found: list[Interval] = []
    for statement in (statement for policy in policies for statement in policy.statements):
        if _SOURCE in statement.keys_of_variables:
            return None
        for condition in (each for each in statement.conditions if each.key == _SOURCE):
            read = [interval(value) for value in condition.values]
            if "ipaddress" not in condition.operator or None in read:
                return None
            found += [each for each in read if each is not None]
    return found
