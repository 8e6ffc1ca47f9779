"""Which accounts have which roles: by themselves or by a group through all levels, now or by activating them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.entra.directory.tenant import P2_PLANS, Sku, has_plan
from connectors.entra.roles.assignments import Eligibility, RoleAssignment

_TENANT = "/"
_PLANS_WITH_ELIGIBLE_ROLES = P2_PLANS | {"Entra_Identity_Governance"}


@dataclass
class Holder:
    """Who has privileged roles: active ones, and those that can be activated, by id.

    Of all of these, `of_tenant` are those that are for the whole tenant, and not for an administrative unit or an
    application: conditional access knows no others.
    https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups#include-users
    """

    id: str
    active: set[str] = field(default_factory=set)
    eligible: set[str] = field(default_factory=set)
    of_tenant: set[str] = field(default_factory=set)

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

    def give(names: Iterable[str], given: RoleAssignment | Eligibility, *, is_active: bool) -> None:
        for name in names:
            holder = found[name]
            (holder.active if is_active else holder.eligible).add(given.role_definition_id)
            if given.directory_scope_id == _TENANT:
                holder.of_tenant.add(given.role_definition_id)

    for assignment in assignments:
        give(_who(assignment), assignment, is_active=True)
        if by_activation:
            give(_who_may(assignment), assignment, is_active=False)
    for possible in eligible if by_activation else ():
        give((*_who(possible), *_who_may(possible)), possible, is_active=False)
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
