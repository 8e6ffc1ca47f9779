"""Administrators: roles, to whom they are assigned, and how many people hold all rights."""

from __future__ import annotations

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed
from collector.core.connectors import Listed
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import ROLES
from connectors.googleworkspace.directory.groups import Group, members_of
from connectors.googleworkspace.directory.users import User

ROLES_LIST = "directory.roles.list"
ASSIGNMENTS = "directory.roleAssignments.list"


@resource("googleworkspace.directory.role", key="roleId", volatile=("etag",))
class Role(Struct, frozen=True, kw_only=True):
    """A role of administrators, with its privileges."""

    id: str = field(name="roleId")
    name: str = field(name="roleName", default="")  # left out where nobody has named it
    is_super_admin: bool = field(name="isSuperAdminRole", default=False)  # left out where it is false


@resource("googleworkspace.directory.role_assignment", key="roleAssignmentId", volatile=("etag",))
class RoleAssignment(Struct, frozen=True, kw_only=True):
    """A role in the hands of a user, a group or a service account."""

    id: str = field(name="roleAssignmentId")
    role_id: str = field(name="roleId")
    assigned_to: str = field(name="assignedTo")
    assignee_type: str = field(name="assigneeType", default="")  # left out for service accounts


@googleworkspace.collects(Role, at="customer", call=ROLES_LIST, permissions=ROLES)
def roles(client: Workspace) -> Listed:
    yield from client.pages(ROLES_LIST, key="items", never_empty=True, customer=client.customer, maxResults=100)


@googleworkspace.collects(RoleAssignment, at="customer", call=ASSIGNMENTS, permissions=ROLES)
def role_assignments(client: Workspace) -> Listed:
    yield from client.pages(ASSIGNMENTS, key="items", never_empty=True, customer=client.customer, maxResults=200)


@check(
    "googleworkspace_directory_super_admin_count",
    title="Super admins are between the limits",
    severity="high",
    fix="Give narrower roles to those who do not need all rights, and keep a second super admin for emergencies",
)
def super_admin_count(
    assignments: All[RoleAssignment],
    roles: All[Role],
    users: All[User],
    groups: All[Group],
    *,
    min_admins: int = 2,
    max_admins: int = 4,
) -> Verdict:
    names = sorted(user.primary_email for user in super_admins(assignments, roles, users, groups))
    listed = f"{len(names)} active super admins ({', '.join(names[:10])}{', ...' if len(names) > 10 else ''})"  # noqa: PLR2004  a reason is short
    if not min_admins <= len(names) <= max_admins:
        return failed(f"{listed}; {min_admins} to {max_admins} are allowed")
    return passed(listed)


def super_admins(
    assignments: All[RoleAssignment], roles: All[Role], users: All[User], groups: All[Group]
) -> list[User]:
    """Return the active users with all rights: marked so by Google, by a role of theirs, or by one of a group."""
    super_roles = {role.id for role in roles if role.is_super_admin}
    held = [assignment for assignment in assignments if assignment.role_id in super_roles]
    direct = {assignment.assigned_to for assignment in held}
    in_groups = members_of(groups, {one.assigned_to for one in held if one.assignee_type.upper() == "GROUP"})
    return [user for user in users if user.is_active and (user.is_admin or user.id in direct or in_groups.has(user.id))]
