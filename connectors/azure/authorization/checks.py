"""Checks of who has which role: owners, the root, guests, what the source itself may do."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.azure.authorization.resources import (
    GROUP_KIND,
    USER_KIND,
    OwnAssignment,
    Principal,
    RoleAssignment,
    RoleDefinition,
    is_over_subscription,
    role_of,
)
from connectors.azure.authorization.role_actions import (
    access_management,
    beyond_reading,
    is_owner,
    is_privileged,
)

READ_ACTIONS = ("Microsoft.PolicyInsights/policyStates/summarize/action",)
"""What annexd asks for besides Reader: a question that is sent by POST and changes nothing."""


class _Given(Struct, frozen=True):
    """An assignment with its role; None where the role is not among those that Azure lists."""

    assignment: RoleAssignment
    role: RoleDefinition | None


def _given(assignments: All[RoleAssignment], definitions: All[RoleDefinition]) -> Iterator[_Given]:
    """Yield the assignments that hold for the whole subscription, with their roles."""
    roles = {role_of(definition.id): definition for definition in definitions}
    for assignment in assignments:
        if is_over_subscription(assignment.properties.scope):
            yield _Given(assignment, roles.get(role_of(assignment.properties.role_definition_id)))


@check(
    "azure_authorization_owner_count_limited",
    title="Subscription owners are within the limit",
    severity="high",
    fix="Take owners away until few are left, and make them eligible for the role instead of holding it",
)
def owner_count(
    assignments: All[RoleAssignment],
    definitions: All[RoleDefinition],
    principals: All[Principal],
    *,
    min_owners: int = 1,
    max_owners: int = 3,
) -> Verdict:
    """Count whoever may change everything and give this right to others, by any role, group or place of inheritance."""
    known = None
    owners: set[str] = set()
    doubts: list[str] = []
    for given in _given(assignments, definitions):
        if given.role is None:
            doubts.append(f"the role of {given.assignment.id} is not listed")
            continue
        if not is_owner(given.role.properties.permissions):
            continue
        known = {principal.id: principal for principal in principals} if known is None else known
        who, why = _people(given.assignment, known)
        owners |= who
        doubts += why
    counted = f"{plural(len(owners), 'owner')}; {min_owners} to {max_owners} are allowed"
    if len(owners) > max_owners:
        return failed(f"the subscription has {counted}: {first_few(sorted(owners))}")
    if doubts:
        return unknown(f"the subscription has {len(owners)} owners at least, and {first_few(dict.fromkeys(doubts))}")
    return passed(f"the subscription has {counted}") if len(owners) >= min_owners else failed(f"it has {counted}")


def _people(assignment: RoleAssignment, known: dict[str, Principal]) -> tuple[set[str], list[str]]:
    """Return the object ids of whom an assignment is for, groups dissolved, and what is not known of them."""
    id_, kind = assignment.properties.principal_id, assignment.properties.principal_type
    if kind == "ForeignGroup":
        return set(), [f"who is in the group {id_} of another tenant is not shown"]
    principal = known.get(id_)
    if principal is None:
        return set(), []  # it is not in the directory any more, so nobody can sign in as it
    if principal.kind != GROUP_KIND:
        return {id_}, []
    return {member.id for member in principal.people or () if member.kind != GROUP_KIND}, []


@check(
    "azure_authorization_no_user_access_admin_at_root",
    title="No standing User Access Administrator at root scope",
    severity="high",
    fix="Remove the elevated access in the properties of Microsoft Entra ID, or delete the assignment at the root",
)
def no_access_admin_at_root(assignments: All[RoleAssignment], definitions: All[RoleDefinition]) -> Verdict:
    """User Access Administrator is what elevated access leaves; any role there that gives roles is as strong."""
    found: list[str] = []
    doubts: list[str] = []
    for given in _given(assignments, definitions):
        if given.assignment.properties.scope != "/":
            continue
        principal = given.assignment.properties.principal_id
        if given.role is None:
            doubts.append(f"the role that {principal} has at the root is not listed")
        elif access_management(given.role.properties.permissions):
            found.append(f"{principal} is {given.role.properties.role_name}")
    if found:
        return failed(f"at the root of the tenant {first_few(found)}: over every subscription there is")
    return unknown(first_few(doubts)) if doubts else passed()


@check(
    "azure_authorization_guests_not_privileged",
    title="Guests hold no privileged subscription role",
    severity="high",
    fix="Remove the assignment, or take the guest out of the group that has it",
)
def guests_not_privileged(
    assignments: All[RoleAssignment], definitions: All[RoleDefinition], principals: All[Principal]
) -> Verdict:
    """Privileged is what may change anything there is, or who may do what; groups are looked into at every depth."""
    known = None
    guests: list[str] = []
    doubts: list[str] = []
    for given in _given(assignments, definitions):
        if given.role is None:
            doubts.append(f"the role of {given.assignment.id} is not listed")
            continue
        if not is_privileged(given.role.properties.permissions):
            continue
        if given.assignment.properties.principal_type == "ForeignGroup":
            guests.append(f"the group {given.assignment.properties.principal_id} of another tenant")
            continue
        known = {principal.id: principal for principal in principals} if known is None else known
        principal = known.get(given.assignment.properties.principal_id)
        for account in (principal.people or ()) if principal is not None else ():
            # An application that is a member has no type, and is no guest.
            if account.kind != USER_KIND:
                continue
            if account.user_type == "Guest":
                guests.append(f"{account.id} ({given.role.properties.role_name})")
            elif account.user_type is None:
                doubts.append(f"whether {account.id} is a guest is not said")
    if guests:
        return failed(f"privileged over the subscription: {first_few(dict.fromkeys(guests))}")
    return unknown(first_few(dict.fromkeys(doubts))) if doubts else passed()


@check(
    "azure_collector_read_only",
    title="The evidence collector holds only reader roles",
    severity="high",
    fix="Give the source Reader and the custom role that annexd permissions azure prints, and nothing else",
)
def collector_read_only(
    own: All[OwnAssignment], definitions: All[RoleDefinition], *, allowed_actions: tuple[str, ...] = READ_ACTIONS
) -> Verdict:
    """What the source may do here by roles of its own or of its groups. Roles in Entra and Graph are not in it."""
    roles = {role_of(definition.id): definition for definition in definitions}
    held: list[str] = []
    too_much: list[str] = []
    doubts: list[str] = []
    for assignment in own:
        role = roles.get(role_of(assignment.properties.role_definition_id))
        if role is None:
            doubts.append(f"the role of {assignment.id} is not listed")
            continue
        held.append(role.properties.role_name)
        beyond = beyond_reading(role.properties.permissions, allowed_actions)
        if beyond:
            too_much.append(f"{role.properties.role_name} at {assignment.properties.scope}: {first_few(beyond)}")
    if too_much:
        return failed(f"the source may do more than read: {first_few(dict.fromkeys(too_much))}")
    if doubts:
        return unknown(first_few(dict.fromkeys(doubts)))
    if not held:
        return unknown("Azure shows no role of the source, and yet lets it read: by which right is not told")
    return passed(f"the source is {first_few(sorted(set(held)))}")
