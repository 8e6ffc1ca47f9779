"""Checks of roles over time: custom roles, assignments that outlive their principal, and standing privileges."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.authorization.resources import (
    AssignmentSchedule,
    Principal,
    RoleAssignment,
    RoleDefinition,
    RoleEligibility,
    is_over_subscription,
    role_of,
)
from connectors.azure.authorization.role_actions import GIVE_ACCESS, access_management, is_broad, is_privileged

_PEOPLE = frozenset({"User", "Group", "ForeignGroup"})


@check(
    "azure_authorization_no_custom_owner_roles",
    title="No custom role equals owner",
    severity="medium",
    fix="Take out of the role what it is not for, or delete it and give Owner to the few who need it",
)
def no_custom_owner_roles(role: RoleDefinition) -> Verdict:
    """Whoever may change everything and touch who may do what is an owner, whatever notActions leave out besides.

    So is whoever may give any role to anybody: Owner to themselves, in one step.
    """
    said = role.properties
    if said.type != "CustomRole":
        return not_applicable(f"{said.role_name} is one of Azure's own roles")
    if not any(is_over_subscription(scope) for scope in said.assignable_scopes):
        return passed(f"{said.role_name} is for groups of resources only")
    managing = access_management(said.permissions)
    if not is_broad(said.permissions):
        if GIVE_ACCESS in managing:
            return failed(f"{said.role_name} may give every role, that of an owner too, to whoever has it")
        return passed()
    if managing:
        return failed(f"{said.role_name} may change everything, and {first_few(managing)}")
    return passed(f"{said.role_name} may change everything but who may do what, as Contributor")


@check(
    "azure_authorization_no_orphaned_assignments",
    title="Role assignments have existing principals",
    severity="medium",
    fix="Delete the assignments of principals that are gone",
)
def no_orphaned_assignments(assignments: All[RoleAssignment], principals: All[Principal]) -> Verdict:
    known: frozenset[str] | None = None
    orphans: list[str] = []
    foreign: list[str] = []
    for assignment in assignments:
        known = frozenset(principal.id for principal in principals) if known is None else known
        said = assignment.properties
        if said.principal_type == "ForeignGroup":
            foreign.append(said.principal_id)
        elif said.principal_id not in known:
            orphans.append(f"{said.principal_id} at {said.scope}")
    if orphans:
        return failed(f"not in the directory any more: {first_few(orphans)}")
    if foreign:
        return unknown(f"whether groups of other tenants still exist is not shown: {first_few(foreign)}")
    return not_applicable("nobody has a role here") if known is None else passed()


@check(
    "azure_authorization_privileged_roles_eligible",
    title="Privileged roles are eligible rather than permanent",
    severity="medium",
    fix="Make people eligible for the role in Privileged Identity Management, and remove the standing assignment",
)
def privileged_roles_eligible(
    assignments: All[RoleAssignment],
    definitions: All[RoleDefinition],
    schedules: All[AssignmentSchedule],
    eligibilities: All[RoleEligibility],
    *,
    now: datetime,
    min_ratio: float = 1.0,
    longest: timedelta = timedelta(days=365),
) -> Verdict:
    """Of what people have over the subscription. What was activated, or ends within `longest`, is not standing.

    A year is the longest that Privileged Identity Management proposes.
    """
    roles = {role_of(definition.id): definition for definition in definitions}
    privileged: list[RoleAssignment] = []
    doubts: list[str] = []
    for assignment in assignments:
        said = assignment.properties
        if said.principal_type not in _PEOPLE or not is_over_subscription(said.scope):
            continue
        role = roles.get(role_of(said.role_definition_id))
        if role is None:
            doubts.append(f"the role of {assignment.id} is not listed")
        elif is_privileged(role.properties.permissions):
            privileged.append(assignment)
    ending = {
        (each.properties.principal_id, role_of(each.properties.role_definition_id), each.properties.scope.lower())
        for each in schedules
        if each.properties.assignment_type == "Activated" or _ends(each.properties.end_date_time, now + longest)
    }
    standing = [
        each.properties.principal_id
        for each in privileged
        if (each.properties.principal_id, role_of(each.properties.role_definition_id), each.properties.scope.lower())
        not in ending
    ]
    eligible = sum(
        role is not None and is_privileged(role.properties.permissions)
        for each in eligibilities
        if is_over_subscription(each.properties.scope)
        for role in (roles.get(role_of(each.properties.role_definition_id)),)
    )
    number = len(privileged) + eligible
    if not number and not doubts:
        return not_applicable("nobody has a privileged role here, and nobody is eligible for one")
    if number and number - len(standing) < min_ratio * number:
        return failed(f"{len(standing)} of {number} privileged roles of people are permanent: {first_few(standing)}")
    return unknown(first_few(doubts)) if doubts else passed()


def _ends(end: datetime | None, latest: datetime) -> bool:
    return end is not None and end <= latest
