"""Rules in the order in which Okta looks at them: the first that applies decides, and the others do not count.

Policies are considered in the order of their priority, and the rules of each in theirs; where the conditions of a
policy, or those of all its rules, are not met, the next policy is considered. What is inactive is left out.
https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from collector.core.errors import Unread
from connectors.okta._policy.conditions import ALL_ZONES, Match
from connectors.okta._policy.formulas import Formula, can_hold, every, fact, negated, some

T = TypeVar("T")


class _Prioritised(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def priority(self) -> int | None: ...
    @property
    def system(self) -> bool: ...


R = TypeVar("R", bound=_Prioritised)


class Reach(Enum):
    """Whether somebody can come upon a rule, or several at once."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True)
class Ranked(Generic[T]):
    """A rule, when it applies by itself, and when it is the first that applies (`decides`)."""

    rule: T
    match: Match
    decides: Match


def ranked(rules: Iterable[tuple[T, Match]]) -> list[Ranked[T]]:
    """Return rules, which come in their order, with when each of them is the one that decides."""
    found: list[Ranked[T]] = []
    for rule, match in rules:
        before = [earlier.match for earlier in found]
        decides = Match(
            every(match.at_most, *(negated(earlier.at_least) for earlier in before)),
            every(match.at_least, *(negated(earlier.at_most) for earlier in before)),
            every(match.possibly, *(negated(earlier.surely) for earlier in before)),
            every(match.surely, *(negated(earlier.possibly) for earlier in before)),
        )
        found.append(Ranked(rule, match, decides))
    return found


def in_order(rules: Sequence[R], what: str) -> list[R]:
    """Return rules or policies by priority; one that Okta made and gave none is the last.

    Raises Unread where two have the same priority, or one has none.
    """
    last = [rule for rule in rules if rule.priority is None and rule.system]
    numbered = [rule for rule in rules if rule not in last]
    priorities = [rule.priority for rule in numbered]
    if len(last) > 1 or None in priorities or len(set(priorities)) < len(priorities):
        message = f"which of {what} comes first is not shown: their priorities are {priorities}"
        raise Unread(message)
    return [*sorted(numbered, key=lambda rule: rule.priority or 0), *last]


def reach(world: Formula, *matches: Match) -> Reach:
    """Return whether somebody can come upon rules that each decide when these match; `world` always holds."""
    if can_hold(every(world, *(match.at_most for match in matches))) is False:
        return Reach.NO
    if can_hold(every(world, *(match.surely for match in matches))):
        return Reach.YES
    return Reach.MAYBE


def world(facts: Collection[str], *, everybody: Collection[str] = (), empty_zones: Collection[str] = ()) -> Formula:
    """Return what always holds of the facts that rules speak of.

    Somebody has one level of risk and signs in by one provider at most; an address in any zone is in a zone.
    `everybody` are groups that all people are in, `empty_zones` zones without any address.
    """
    always = [fact(f"group {group}") for group in everybody]
    always += [negated(fact(f"zone {zone}")) for zone in empty_zones]
    always += [
        some(negated(fact(name)), fact(f"zone {ALL_ZONES}"))
        for name in facts
        if name.startswith("zone ") and name != f"zone {ALL_ZONES}"
    ]
    for kind in ("risk ", "provider ", "authentication "):
        always += _at_most_one(sorted(name for name in facts if name.startswith(kind)))
    return every(*always)


def facts_in(formula: Formula) -> set[str]:
    """Return the names of all facts that a statement speaks of."""
    if formula.op == "fact":
        return {formula.name}
    return {name for part in formula.parts for name in facts_in(part)}


def _at_most_one(names: Sequence[str]) -> list[Formula]:
    return [
        some(negated(fact(one)), negated(fact(other)))
        for number, one in enumerate(names)
        for other in names[number + 1 :]
    ]
