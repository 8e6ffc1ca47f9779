"""Which accounts have which roles: by themselves or by a group through all levels, now or by activating them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.entra.directory.tenant import P2_PLANS, Sku, has_plan
from connectors.entra.roles.assignments import Eligibility, RoleAssignment

_PLANS_WITH_ELIGIBLE_ROLES = P2_PLANS | {"Entra_Identity_Governance"}


@dataclass
class Holder:
    """Who has privileged roles: active ones, and those that can be activated, by id."""

    id: str
    active: set[str] = field(default_factory=set)
    eligible: set[str] = field(default_factory=set)

    @property
    def roles(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self.active | self.eligible)


def holders(
    assignments: Iterable[RoleAssignment], eligible: Iterable[Eligibility], *, by_activation: bool
) -> dict[str, Holder]:
    """Return who has a role by their id: users, members of groups, and whatever else an assignment names.

    With `by_activation` also who may activate a role, or the membership of a group that has one. Raises Unread where
    the members of a group that has a role could not be read.
    """
    found: dict[str, Holder] = defaultdict(lambda: Holder(""))
    for assignment in assignments:
        for name in _who(assignment):
            found[name].active.add(assignment.role_definition_id)
        for name in _who_may(assignment) if by_activation else ():
            found[name].eligible.add(assignment.role_definition_id)
    for possible in eligible if by_activation else ():
        for name in (*_who(possible), *_who_may(possible)):
            found[name].eligible.add(possible.role_definition_id)
    for name, holder in found.items():
        holder.id = name
    return dict(found)


def can_be_eligible(skus: Iterable[Sku]) -> bool:
    """Whether the tenant has a licence with roles that are activated; without one there are none to activate."""
    return has_plan(skus, _PLANS_WITH_ELIGIBLE_ROLES)


def _who(assignment: RoleAssignment | Eligibility) -> Iterator[str]:
    if assignment.principal is None:
        return  # it was deleted
    members = assignment.group_members
    if members is None:
        yield assignment.principal_id
        return
    for member in members:
        yield member.id


def _who_may(assignment: RoleAssignment | Eligibility) -> Iterator[str]:
    """Yield who may make themselves a member or an owner of the group that has the role."""
    if assignment.principal is not None and assignment.group_members is not None:
        for member in assignment.eligible_members or ():
            yield member.principal_id
