"""Who has a role of the directory: by assignment, for how long, and who may activate one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.errors import ConnectorError
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import (
    ACTIVE_ROLES,
    ELIGIBLE_ROLES,
    GROUP_ELIGIBILITY,
    GROUP_MEMBERS,
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    permissions,
)
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra._sdk.errors import GONE
from connectors.entra.directory.groups import GroupMember, members_of

NO_GROUP = "no group"
"""The code for a principal that has no members."""

USER = "#microsoft.graph.user"
GROUP = "#microsoft.graph.group"
SERVICE_PRINCIPAL = "#microsoft.graph.servicePrincipal"

_PERSONAL = tuple(
    f"principal.{name}"
    for name in (
        "businessPhones",
        "mobilePhone",
        "officeLocation",
        "givenName",
        "surname",
        "jobTitle",
        "preferredLanguage",
        "mail",
        "otherMails",
        "proxyAddresses",
        "streetAddress",
        "city",
        "postalCode",
        "employeeId",
        "passwordCredentials",
        "keyCredentials",
    )
)
_EXPANDED = {"expand": ("principal",)}


class Principal(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whoever has the role. Fields are those of its own type."""

    id: str
    type: str = field(name="@odata.type")
    display_name: str | None = None  # left out of objects of which only the id may be read
    user_principal_name: str | None = None  # users only


class EligibleMember(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who may make themselves a member or an owner of a group for a while."""

    principal_id: str
    access_id: str  # member or owner; an owner can let others in


@resource("entra.role.assignment", key="id", redact=_PERSONAL)
class RoleAssignment(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role that somebody has now, for good or because it was activated."""

    id: str
    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None  # / is the whole tenant; null where it is the scope of one application
    principal: Principal | None  # null: the principal was deleted, and the assignment is left over
    group_members: tuple[GroupMember, ...] | None  # null: the principal is no group
    eligible_members: tuple[EligibleMember, ...] | None  # as above


@resource("entra.role.definition", key="id")
class RoleDefinition(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role, of Microsoft's or the tenant's own."""

    id: str
    display_name: str
    is_built_in: bool
    template_id: str


@resource("entra.role.eligibility", key="id", redact=_PERSONAL)
class Eligibility(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role that somebody may activate."""

    id: str
    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None  # as in an assignment
    end_date_time: datetime | None  # null: it does not end
    principal: Principal | None  # as in an assignment
    group_members: tuple[GroupMember, ...] | None  # as in an assignment
    eligible_members: tuple[EligibleMember, ...] | None  # as in an assignment


@resource("entra.role.active_assignment", key="id", redact=_PERSONAL)
class ActiveAssignment(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role that somebody has now, with how it came about and when it ends."""

    id: str
    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None  # as in an assignment
    assignment_type: str  # Assigned, or Activated from an eligible role
    end_date_time: datetime | None  # null: it does not end
    principal: Principal | None  # as in an assignment


@entra.collects(RoleAssignment, at="tenant", call=ROLE_ASSIGNMENTS, permissions=permissions(ROLE_ASSIGNMENTS))
def role_assignments(client: Graph) -> Iterator[Body]:
    return client.pages(ROLE_ASSIGNMENTS, lambda graph: graph.role_management.directory.role_assignments, _EXPANDED)


@entra.collects(RoleDefinition, at="tenant", call=ROLE_DEFINITIONS, permissions=permissions(ROLE_DEFINITIONS))
def role_definitions(client: Graph) -> Iterator[Body]:
    return client.pages(ROLE_DEFINITIONS, lambda graph: graph.role_management.directory.role_definitions)


@entra.collects(Eligibility, at="tenant", call=ELIGIBLE_ROLES, permissions=permissions(ELIGIBLE_ROLES))
def eligible(client: Graph) -> Iterator[Body]:
    return client.pages(
        ELIGIBLE_ROLES,
        lambda graph: graph.role_management.directory.role_eligibility_schedule_instances,
        _EXPANDED,
    )


@entra.collects(ActiveAssignment, at="tenant", call=ACTIVE_ROLES, permissions=permissions(ACTIVE_ROLES))
def active(client: Graph) -> Iterator[Body]:
    return client.pages(
        ACTIVE_ROLES,
        lambda graph: graph.role_management.directory.role_assignment_schedule_instances,
        _EXPANDED,
    )


@entra.part(
    RoleAssignment,
    "groupMembers",
    call=GROUP_MEMBERS,
    permissions=permissions(GROUP_MEMBERS),
    absent=(NO_GROUP, *GONE),
)
def assigned_members(client: Graph, body: Body) -> Any:
    return _members(client, body)


@entra.part(
    Eligibility,
    "groupMembers",
    call=GROUP_MEMBERS,
    permissions=permissions(GROUP_MEMBERS),
    absent=(NO_GROUP, *GONE),
)
def eligible_members(client: Graph, body: Body) -> Any:
    return _members(client, body)


@entra.part(
    RoleAssignment,
    "eligibleMembers",
    call=GROUP_ELIGIBILITY,
    permissions=permissions(GROUP_ELIGIBILITY),
    absent=(NO_GROUP, *GONE),
)
def assigned_eligible_members(client: Graph, body: Body) -> Any:
    return _eligible_members(client, body)


@entra.part(
    Eligibility,
    "eligibleMembers",
    call=GROUP_ELIGIBILITY,
    permissions=permissions(GROUP_ELIGIBILITY),
    absent=(NO_GROUP, *GONE),
)
def eligible_eligible_members(client: Graph, body: Body) -> Any:
    return _eligible_members(client, body)


def _members(client: Graph, body: Body) -> list[Body]:
    return members_of(client, _group_of(body))


def _eligible_members(client: Graph, body: Body) -> list[Body]:
    group = _group_of(body)
    options = {"filter": f"groupId eq '{group}'"}

    def build(graph: Any) -> Any:
        return graph.identity_governance.privileged_access.group.eligibility_schedule_instances

    def listed() -> list[Body]:
        fields = ("principalId", "accessId", "endDateTime")
        found = client.pages(GROUP_ELIGIBILITY, build, options)
        return [{name: item.get(name) for name in fields} for item in found]

    return client.once.get(f"eligible members of {group}", listed)


def _group_of(body: Body) -> str:
    """Return the id of the group that has a role. Raises ConnectorError where it is no group."""
    principal = body.get("principal")
    if principal is None or principal.get("@odata.type") != GROUP:
        raise ConnectorError("the principal is no group", code=NO_GROUP)
    name: str = body["principalId"]
    return name
