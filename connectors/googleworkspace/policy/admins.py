"""Which factors administrators may sign in with: the settings of each person who holds a role."""

from __future__ import annotations

from collections.abc import Iterator

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.googleworkspace._policy.conditions import Clause, Of
from connectors.googleworkspace._policy.reducing import Policies
from connectors.googleworkspace.directory.groups import Group, Membership, members_of
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.directory.roles import RoleAssignment
from connectors.googleworkspace.directory.users import User
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy
from connectors.googleworkspace.policy.sign_in import ALLOWED_FACTORS, FACTOR_SETS, FACTORS, PHISHING_RESISTANT

_MOST_NAMED = 5


@check(
    "googleworkspace_policy_2sv_phishing_resistant_admins",
    title="Admins must use security keys or passkeys",
    severity="high",
    fix="Allow administrators, in a unit or group of theirs, only passkeys and security keys",
)
def phishing_resistant_admins(
    policies: All[Policy],
    units: All[OrgUnit],
    users: All[User],
    assignments: All[RoleAssignment],
    groups: All[Group],
) -> Verdict:
    every = all_policies(policies, units)
    of_groups = _named_groups(every)
    memberships = {group: members_of(groups, {group}) for group in of_groups}
    bad: list[str] = []
    unclear: list[str] = []
    admins = list(_admins(users, assignments, groups))
    for admin in admins:
        if not admin.is_enforced:
            bad.append(f"2-step verification is not enforced for {admin.primary_email}")
            continue
        factors = _possible_factors(every, admin, memberships)
        if factors <= PHISHING_RESISTANT:
            continue
        named = ", ".join(sorted(factors))
        if factors <= FACTOR_SETS and not factors & PHISHING_RESISTANT:
            bad.append(f"{admin.primary_email} may use {named}")
        else:
            unclear.append(f"{admin.primary_email} may use {named}, by groups or licences that are not compared")
    if bad:
        return failed(_first(bad))
    if unclear:
        return unknown(_first(unclear))
    if not admins:
        return unknown("no administrator is listed, and every company has one")
    return passed(f"{len(admins)} administrators may use passkeys and security keys only")


def _admins(users: All[User], assignments: All[RoleAssignment], groups: All[Group]) -> Iterator[User]:
    held = list(assignments)
    direct = {one.assigned_to for one in held}
    in_groups = members_of(groups, {one.assigned_to for one in held if one.assignee_type.upper() == "GROUP"})
    for user in users:
        holds = user.is_admin or user.is_delegated_admin or user.id in direct or in_groups.has(user.id)
        if user.is_active and holds:
            yield user


def _named_groups(policies: Policies) -> set[str]:
    """Return the groups that policies about factors name."""
    return {
        group
        for applied in policies.applied(FACTORS.type)
        for clause in applied.people or ()
        if clause.of is Of.GROUP
        for group in clause.values
    }


def _possible_factors(policies: Policies, admin: User, memberships: dict[str, Membership]) -> frozenset[str]:
    """Return the sets of factors that may hold for a person, from the greatest order down to the first sure one."""
    unit = next((unit for unit, path in policies.units.paths.items() if path == admin.org_unit_path), None)
    possible: set[str] = set()
    for applied in policies.applied(FACTORS.type):
        applies = _applies(applied.people, admin, policies.units.lines.get(unit or "", frozenset()), memberships)
        if unit is None and applies is False:
            applies = None
        if applies is not False:
            default = FACTORS.defaults[ALLOWED_FACTORS.name]
            possible.add(str(applied.policy.value.get(ALLOWED_FACTORS.name, default)))
        if applies:
            return frozenset(possible)
    return frozenset({*possible, str(FACTORS.defaults[ALLOWED_FACTORS.name])})


def _applies(
    people: frozenset[Clause] | None, admin: User, line: frozenset[str], memberships: dict[str, Membership]
) -> bool | None:
    """Return whether a policy applies to a person; None where that is not known."""
    if people is None:
        return None
    answers = [_meets(clause, admin, line, memberships) for clause in people]
    if False in answers:
        return False
    return None if None in answers else True


def _meets(clause: Clause, admin: User, line: frozenset[str], memberships: dict[str, Membership]) -> bool | None:
    match clause.of:
        case Of.UNIT:
            return clause.values <= line
        case Of.GROUP:
            (group,) = clause.values
            found = memberships[group]
            # A group that the list does not have, such as Google's own of all administrators.
            return found.has(admin.id) if found.is_listed else None
        case _:
            return None


def _first(texts: list[str]) -> str:
    more = f"; and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
    return "; ".join(texts[:_MOST_NAMED]) + more
