"""From the policies that set a value to the values that people get.

The API gives values that were set explicitly, each with whom it applies to. What one person gets is decided by the
policy with the greatest `sortOrder` of those that apply to that person, setting by setting (Max) or field by field
(Merge): https://docs.cloud.google.com/identity/docs/concepts/policy-api-concepts.

Who is in which group, and who holds which licence, is not asked. In their place stand all sets of people that the
clauses of the policies can tell apart: the policies that decide for a person also decide for everybody who meets their
clauses, so whatever anybody gets is among the values of these sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from connectors.googleworkspace._policy.conditions import Clauses, Of, clauses_of
from connectors.googleworkspace._policy.people import EVERYBODY, Units
from connectors.googleworkspace.policy.policies import Policy


class Reducer(Enum):
    """What the policy with the greatest order decides: all fields of a setting, or those that it has."""

    MAX = "Max"
    MERGE = "Merge"


@dataclass(frozen=True)
class Setting:
    """A type of setting. `defaults` are those that Google documents for fields that no policy sets."""

    type: str
    reducer: Reducer = Reducer.MAX
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __call__(self, name: str) -> Field:
        """Return one of its fields."""
        return Field(self, name)


@dataclass(frozen=True)
class Field:
    """A field of a setting."""

    setting: Setting
    name: str

    @property
    def decided_by(self) -> tuple[str, str]:
        """What is decided together: the fields of a setting of Max by one policy, those of Merge one by one."""
        return self.setting.type, self.name if self.setting.reducer is Reducer.MERGE else ""


@dataclass(frozen=True)
class Value:
    """What some people get of a field, and by which policy; `policy` is None for Google's default, or for nothing."""

    value: Any
    policy: Policy | None

    @property
    def is_default(self) -> bool:
        """Whether it is what Google documents for a field that nothing sets."""
        return self.policy is None and self.value is not None


@dataclass(frozen=True)
class Situation:
    """A set of people and what they get.

    `applies`: whether the policies that decide are known to apply to them. `exists`: whether there are such people, as
    far as the policies show it.
    """

    people: Clauses
    values: Mapping[Field, Value]
    applies: bool
    exists: bool


@dataclass(frozen=True)
class Applied:
    """A policy with the clauses of those it applies to; None: the query is not understood, and may be of anybody."""

    policy: Policy
    people: Clauses | None
    order: float


class Policies:
    """All policies of a customer, with the tree of units that they apply to."""

    def __init__(self, policies: Iterable[Policy], units: Units) -> None:
        self.units = units
        self._by_type: dict[str, list[Applied]] = defaultdict(list)
        for policy in policies:
            query = policy.query
            clauses = clauses_of(query.query, query.org_unit, query.group)
            if clauses is None or query.sort_order is None or not units.knows(clauses):
                self._by_type[policy.type].append(Applied(policy, None, _order(query.sort_order)))
            elif (people := units.normal(clauses)) is not None:
                self._by_type[policy.type].append(Applied(policy, people, query.sort_order))
        for of_type in self._by_type.values():
            of_type.sort(key=lambda applied: -applied.order)

    def applied(self, setting: str) -> Sequence[Applied]:
        """Return the policies of one type of setting, the one with the greatest order first."""
        return self._by_type.get(setting, ())

    def situations(self, fields: Sequence[Field]) -> Iterator[Situation]:
        """Yield what people get of the fields, for every set of people that their policies tell apart."""
        found: set[Clauses] = {EVERYBODY}
        for decided in {one.decided_by: one for one in fields}.values():
            told_apart = {applied.people for applied in self._setting(decided) if applied.people is not None}
            found |= {
                both
                for people in found
                for more in told_apart
                if (both := self.units.normal(people | more)) is not None
            }
        for people in sorted(found, key=self.units.named):
            values = {one: self._value(one, people) for one in fields}
            yield Situation(people, values, applies=True, exists=self._exist(people, values))
            yield from self._by_unread_queries(people, values)

    def _setting(self, one: Field) -> Iterator[Applied]:
        """Yield the policies that decide about a field, the one with the greatest order first."""
        for applied in self.applied(one.setting.type):
            if one.setting.reducer is Reducer.MAX or one.name in applied.policy.value:
                yield applied

    def _value(self, one: Field, people: Clauses) -> Value:
        for applied in self._setting(one):
            if applied.people is not None and self.units.holds(applied.people, people):
                return _value_in(one, applied.policy)
        return Value(one.setting.defaults.get(one.name), None)

    def _by_unread_queries(self, people: Clauses, values: Mapping[Field, Value]) -> Iterator[Situation]:
        """Yield what people get by policies that may apply to them."""
        for one, value in values.items():
            order = _order(value.policy.query.sort_order) if value.policy is not None else float("-inf")
            for applied in self._setting(one):
                if applied.people is None and applied.order > order:
                    changed = {
                        other: _value_in(other, applied.policy) if other.decided_by == one.decided_by else values[other]
                        for other in values
                    }
                    yield Situation(people, changed, applies=False, exists=True)

    @staticmethod
    def _exist(people: Clauses, values: Mapping[Field, Value]) -> bool:
        """Return whether there are such people, as far as the policies show it.

        Google's own policies name licences of which the company may hold none. What an administrator has set for a
        unit or a group is taken to be set for somebody.
        """
        if not any(clause.of in {Of.LICENCE, Of.NO_LICENCE} for clause in people):
            return True
        return any(value.policy is not None and value.policy.is_admins for value in values.values())


def _order(order: float | None) -> float:
    """Return the order of a policy; of one without it, that it may come before all others."""
    return float("inf") if order is None else order


def _value_in(one: Field, policy: Policy) -> Value:
    if one.name in policy.value:
        return Value(policy.value[one.name], policy)
    return Value(one.setting.defaults.get(one.name), None)
