"""Administrators: users, groups and applications with roles, by whatever way they have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import IN_BODY, PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import (
    APPS,
    CLIENT_ROLES,
    GROUP_ROLES,
    GROUP_USERS,
    GROUPS,
    ROLE_ASSIGNEES,
    USER_ROLES,
    scopes_of,
)
from connectors.okta.applications.apps import is_for_programs
from connectors.okta.people.users import CAN_SIGN_IN, CANNOT_SIGN_IN, User
from connectors.okta.permissions import ROLE_VIEWER

SUPER_ADMIN = "SUPER_ADMIN"
_USER, _GROUP, _CLIENT = "user", "group", "client"
_MEMBERS_A_PAGE = 1000
# The first is how the description of the API writes it, the second how it is written elsewhere.
_HAS_ROLES = ("hasAdminPrivlege", "hasAdminPrivilege")


class Role(Struct, frozen=True, kw_only=True):
    """A role that is assigned. One of the type CUSTOM names its `role` and the `resource-set` that it is for."""

    type: str
    label: str | None = None  # None: Okta documents it as optional
    status: str | None = None  # likewise
    role: str | None = None  # None: a standard role
    resource_set: str | None = field(name="resource-set", default=None)  # None: a standard role


@resource("okta.role.assignment", key=("principal", "id"))
class RoleAssignment(Struct, frozen=True, kw_only=True):
    """A user, group or OAuth client with its roles; of a group, `members` are the ids of its users."""

    principal: str  # user, group or client
    id: str
    name: str | None  # None: a user
    roles: tuple[Role, ...]
    members: tuple[str, ...]

    @property
    def is_super(self) -> bool:
        """Whether one of its roles can do everything."""
        return any(role.type == SUPER_ADMIN and role.status != "INACTIVE" for role in self.roles)

    @property
    def is_app(self) -> bool:
        """Whether it is an OAuth client, and no person."""
        return self.principal == _CLIENT

    @property
    def users(self) -> frozenset[str]:
        """The ids of the users who have the roles by this; none for an OAuth client."""
        return frozenset({self.id}) if self.principal == _USER else frozenset(self.members)


@okta.collects(
    RoleAssignment,
    at="organization",
    call=(ROLE_ASSIGNEES, GROUPS, GROUP_ROLES, GROUP_USERS, APPS),
    permissions=(*scopes_of(ROLE_ASSIGNEES, GROUPS, APPS), ROLE_VIEWER),
)
def role_assignments(client: Okta) -> Iterator[Body]:
    for user in client.pages(ROLE_ASSIGNEES, key="value", paging=IN_BODY, query={"limit": PAGE}):
        yield {"principal": _USER, "id": user["id"], "name": None, "members": []}
    for group, members in groups_with_roles(client):
        yield {"principal": _GROUP, "id": group["id"], "name": group["profile"]["name"], "members": members}
    for app in client.pages(APPS, query={"limit": PAGE}):
        if is_for_programs(app):
            yield {"principal": _CLIENT, "id": app["id"], "name": app["label"], "members": []}


def groups_with_roles(client: Okta) -> Iterator[tuple[Body, list[str]]]:
    """Yield the groups that have a role, with the ids of their users."""
    for group in client.pages(GROUPS, query={"limit": PAGE, "expand": "stats"}):
        if may_have_roles(group) and roles_of_group(client, group["id"]):
            yield group, client.once(f"users of {group['id']}", partial(_members, client, group["id"]))


def roles_of_group(client: Okta, group: str) -> list[Body]:
    """Return the roles of a group, which is asked once."""
    return client.once(f"roles of {group}", partial(client.items, GROUP_ROLES, groupId=group))


def may_have_roles(group: Body) -> bool:
    """Whether a group may have a role: it is asked, unless Okta says that it has none."""
    stats = (group.get("_embedded") or {}).get("stats") or {}
    return not any(stats.get(name) is False for name in _HAS_ROLES)


def _members(client: Okta, group: str) -> list[str]:
    listed = client.pages(GROUP_USERS, query={"limit": _MEMBERS_A_PAGE}, groupId=group)
    return sorted({user["id"] for user in listed})


@okta.part(
    RoleAssignment,
    "roles",
    call=(USER_ROLES, CLIENT_ROLES),
    permissions=(*scopes_of(USER_ROLES), ROLE_VIEWER),
)
def roles(client: Okta, assignment: Body) -> Any:
    match assignment["principal"]:
        case "user":
            return client.items(USER_ROLES, userId=assignment["id"])
        case "group":
            return roles_of_group(client, assignment["id"])
        case _:
            return client.items(CLIENT_ROLES, clientId=assignment["id"])


def super_admins(assignments: Iterable[RoleAssignment]) -> set[str]:
    """Return the ids of the users who can do everything, directly or by a group."""
    return {user for assignment in assignments if assignment.is_super for user in assignment.users}


@check(
    "okta_super_admin_count_limited",
    title="Super admins are between the limits",
    severity="high",
    fix="Give people standard or custom administrator roles in place of Super Administrator",
)
def super_admin_count_limited(
    assignments: All[RoleAssignment], users: All[User], *, at_least: int = 2, at_most: int = 5
) -> Verdict:
    people = super_admins(assignments)
    listed = {user.id: user for user in users if user.id in people}
    names = sorted(user.profile.login for user in listed.values() if user.status in CAN_SIGN_IN)
    apps = [assignment.name or "" for assignment in assignments if assignment.is_super and assignment.is_app]
    besides = f", besides the applications {first_few(apps)}" if apps else ""
    reason = f"{len(names)} super administrators ({first_few(names)}){besides}; {at_least} to {at_most} are allowed"
    # An application can do as much as a person, and cannot stand in for one.
    if len(names) + len(apps) > at_most:
        return failed(reason)
    if people - listed.keys():
        return unknown(f"{reason}; {len(people - listed.keys())} more are not in the list of users")
    if odd := sorted({user.status for user in listed.values()} - CAN_SIGN_IN - CANNOT_SIGN_IN):
        return unknown(f"{reason}; what the status {first_few(odd)} of others means is not known")
    return passed(reason) if len(names) >= at_least else failed(reason)
