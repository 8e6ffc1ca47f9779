"""What the model says of a resource, in the same words for a database, a load balancer, an endpoint and others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collector.core.plain_text import first_few
from connectors.aws._exposure.sources import Sources
from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.address_space import Share

INTERNET = "internet"


@dataclass(frozen=True)
class Exposure:
    """Whether the internet reaches a resource.

    `path` are the steps from the internet to the resource. `because` says what closes it for NO, and what would decide
    it for MAYBE; it is empty for YES. `share` is how much of the public internet comes through at most.
    """

    truth: Truth
    path: tuple[str, ...]
    share: Share
    because: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = self.path[-1]
        match self.truth:
            case Truth.YES:
                return " -> ".join(self.path)
            case Truth.MAYBE:
                return f"whether the internet reaches {name} cannot be told: {first_few(self.because, 4, '; ')}"
            case _:
                return f"the internet does not reach {name}: {first_few(self.because, 4, '; ')}"


@dataclass(frozen=True)
class Gate:
    """One thing on the way: whom it lets through, the step it is in a path, and what is not known of it."""

    sources: Sources
    step: str
    closed: str = ""
    doubts: tuple[str, ...] = ()


def through(name: str, gates: Iterable[Gate], max_public_share: float) -> Exposure:
    """Return whether the internet reaches what lies behind gates that stand one behind the other.

    There is at least one gate. A resource policy, a list of ranges and a network are gates alike.
    """
    every = list(gates)
    together = every[0].sources
    for gate in every[1:]:
        together &= gate.sources
    truth = together.reaches(max_public_share)
    path = (INTERNET, *(gate.step for gate in every if gate.step), name)
    if truth is Truth.YES:
        return Exposure(truth, path, together.possibly.share)
    if truth is Truth.MAYBE:
        doubts = tuple(dict.fromkeys(doubt for gate in every for doubt in gate.doubts))
        return Exposure(truth, path, together.possibly.share, doubts)
    closing = [gate for gate in every if gate.sources.reaches(max_public_share) is Truth.NO]
    why = tuple(dict.fromkeys(gate.closed for gate in closing if gate.closed))
    return Exposure(
        truth, path, together.possibly.share, why or ("what each part of the way lets through is another part",)
    )


def open_question(name: str, doubt: str, version: int = 4) -> Exposure:
    """Return what is said of a resource where what decides was not read; `doubt` says why."""
    return Exposure(Truth.MAYBE, (INTERNET, name), Share(1.0, version), (doubt,))


def widest(exposures: Iterable[Exposure]) -> Exposure:
    """Return the one that is most open, with the reasons of all that are as open; there is at least one."""
    every = list(exposures)
    best = max(every, key=lambda each: (each.truth, each.share.part))
    if best.truth is Truth.YES:
        return best
    same = (why for each in every if each.truth is best.truth for why in each.because)
    return Exposure(best.truth, best.path, best.share, tuple(dict.fromkeys(same)))


def one_of(exposures: Iterable[Exposure], which: str) -> Exposure:
    """Return what holds of one of several, of which it is not known which; `which` says what would decide it."""
    every = list(exposures)
    best = widest(every)
    if len({each.truth for each in every}) == 1 or best.truth is Truth.NO:
        return best
    because = best.because if best.truth is Truth.MAYBE else ()
    return Exposure(Truth.MAYBE, best.path, best.share, (*because, which))
