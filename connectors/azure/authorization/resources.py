"""Roles and who has them in a subscription, with what is inherited from management groups and the root."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field

from collector.core.errors import Unexpected
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation
from connectors.azure.authorization.role_actions import Permission

_AT = "GET /subscriptions/{subscription}/providers/Microsoft.Authorization"

ASSIGNMENTS = operation(f"{_AT}/roleAssignments", "2022-04-01")
OWN_ASSIGNMENTS = operation(f"{_AT}/roleAssignments?$filter=assignedTo('{{principal}}')", "2022-04-01")
DEFINITIONS = operation(f"{_AT}/roleDefinitions", "2022-04-01")
ELIGIBLE = operation(f"{_AT}/roleEligibilityScheduleInstances", "2020-10-01")
SCHEDULES = operation(f"{_AT}/roleAssignmentScheduleInstances", "2020-10-01")
LOCKS = operation(f"{_AT}/locks", "2016-09-01")

READ_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments/read"
READ_DEFINITIONS = "Microsoft.Authorization/roleDefinitions/read"

_GROUP_SCOPE = "/providers/microsoft.management/managementgroups/"


def is_over_subscription(scope: str) -> bool:
    """Whether a scope is a subscription or lies above it: a management group, or the root."""
    words = scope.lower().rstrip("/")
    is_subscription = re.fullmatch("/subscriptions/[^/]+", words) is not None
    return words == "" or words.startswith(_GROUP_SCOPE) or is_subscription


def role_of(definition_id: str) -> str:
    """Return the id of a role without the scope in front of it, which differs between assignments."""
    return definition_id.rpartition("/")[2].lower()


class Assigned(Struct, frozen=True, kw_only=True, rename="camel"):
    """To whom a role is given, where."""

    role_definition_id: str
    principal_id: str
    principal_type: str  # User, Group, ServicePrincipal, ForeignGroup, Device
    scope: str
    condition: str | None = None  # null or left out: the role is given without a condition


@resource(
    "azure.authorization.role_assignment",
    key="id",
    redact=(
        *MAKERS,
        "properties.description",
    ),
)
class RoleAssignment(Struct, frozen=True, kw_only=True):
    """A role that somebody has on the subscription, above it, or on something in it."""

    id: str
    properties: Assigned


@azure.collects(RoleAssignment, at="subscription", call=ASSIGNMENTS, permissions=READ_ASSIGNMENTS)
def assignments(subscription: Azure) -> Iterator[Body]:
    """Without a filter Azure lists what applies to the subscription and to what is in it, inherited ones too."""
    return subscription.pages(ASSIGNMENTS)


@resource(
    "azure.authorization.own_assignment",
    key="id",
    redact=(
        *MAKERS,
        "properties.description",
    ),
)
class OwnAssignment(Struct, frozen=True, kw_only=True):
    """A role that the source itself has here, by its own name or by a group."""

    id: str
    properties: Assigned


@azure.collects(OwnAssignment, at="subscription", call=OWN_ASSIGNMENTS, permissions=READ_ASSIGNMENTS)
def own_assignments(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(OWN_ASSIGNMENTS, principal=subscription.object_id())


class Defined(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a role allows, and where it may be given."""

    role_name: str
    type: str  # BuiltInRole, CustomRole
    permissions: tuple[Permission, ...]
    assignable_scopes: tuple[str, ...]


@resource(
    "azure.authorization.role_definition", key="name", redact=(*MAKERS, "properties.createdBy", "properties.updatedBy")
)
class RoleDefinition(Struct, frozen=True, kw_only=True):
    """A role: every custom one that may be given here, and of the built-in ones those that somebody has."""

    id: str
    name: str
    properties: Defined


@azure.collects(
    RoleDefinition, at="subscription", call=(DEFINITIONS, ASSIGNMENTS), permissions=(READ_DEFINITIONS, READ_ASSIGNMENTS)
)
def definitions(subscription: Azure) -> Iterator[Body]:
    """Azure has hundreds of built-in roles, the same in every subscription."""
    given = {role_of(body["properties"]["roleDefinitionId"]) for body in subscription.pages(ASSIGNMENTS)}
    for body in subscription.pages(DEFINITIONS):
        if body["properties"]["type"] != "BuiltInRole" or role_of(body["id"]) in given:
            yield body


class Eligible(Struct, frozen=True, kw_only=True, rename="camel"):
    """To whom a role is open, who has to activate it before use."""

    role_definition_id: str
    principal_id: str
    scope: str


@resource(
    "azure.authorization.role_eligibility",
    key="id",
    redact=(
        *MAKERS,
        "properties.expandedProperties.principal.displayName",
        Redact("properties.expandedProperties.principal.email", keep="domain"),
    ),
)
class RoleEligibility(Struct, frozen=True, kw_only=True):
    """A role that somebody may activate (Privileged Identity Management)."""

    id: str
    properties: Eligible


@azure.collects(
    RoleEligibility,
    at="subscription",
    call=ELIGIBLE,
    permissions="Microsoft.Authorization/roleEligibilityScheduleInstances/read",
)
def eligibilities(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(ELIGIBLE)


class Scheduled(Struct, frozen=True, kw_only=True, rename="camel"):
    """To whom a role is given, and for how long."""

    role_definition_id: str
    principal_id: str
    scope: str
    assignment_type: str  # Activated: by somebody who was eligible; Assigned: by an administrator
    end_date_time: datetime | None = None  # left out or null: it has no end


@resource(
    "azure.authorization.assignment_schedule",
    key="id",
    redact=(
        *MAKERS,
        "properties.expandedProperties.principal.displayName",
        Redact("properties.expandedProperties.principal.email", keep="domain"),
    ),
)
class AssignmentSchedule(Struct, frozen=True, kw_only=True):
    """A role that somebody has now, with its end (Privileged Identity Management)."""

    id: str
    properties: Scheduled


@azure.collects(
    AssignmentSchedule,
    at="subscription",
    call=SCHEDULES,
    permissions="Microsoft.Authorization/roleAssignmentScheduleInstances/read",
)
def schedules(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(SCHEDULES)


class Locked(Struct, frozen=True, kw_only=True):
    """What a lock forbids."""

    level: str  # CanNotDelete, ReadOnly, NotSpecified


@resource(
    "azure.authorization.lock",
    key="id",
    redact=(
        *MAKERS,
        "properties.notes",
    ),
)
class Lock(Struct, frozen=True, kw_only=True):
    """A lock on the subscription, a group in it, or a resource; it holds for all that is below."""

    id: str
    properties: Locked

    @property
    def scope(self) -> str:
        """The id of what is locked, in lower case."""
        return self.id.lower().partition("/providers/microsoft.authorization/locks/")[0]


@azure.collects(Lock, at="subscription", call=LOCKS, permissions="Microsoft.Authorization/locks/read")
def locks(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(LOCKS)


# Whom assignments name, as the directory knows them ------------------------------------------------------------------

PRINCIPALS = "POST /v1.0/directoryObjects/getByIds"
USER = "GET /v1.0/users/{id}"
MEMBERS = "GET /v1.0/groups/{id}/transitiveMembers"

READ_DIRECTORY = "Microsoft Graph Directory.Read.All"

USER_KIND = "#microsoft.graph.user"
GROUP_KIND = "#microsoft.graph.group"
_MOST_IDS = 1000  # of one request: https://learn.microsoft.com/graph/api/directoryobject-getbyids


class Account(Struct, frozen=True, kw_only=True, rename="camel"):
    """A user, or a member of a group; what is no user has no type of users."""

    id: str
    kind: str = field(name="@odata.type")
    user_type: str | None = None  # Member or Guest; Graph leaves it out of what is no user, and of old accounts
    account_enabled: bool | None = None


@resource("azure.authorization.principal", key="id", redact=("people.displayName",))
class Principal(Struct, frozen=True, kw_only=True):
    """Somebody who has a role here, as the directory knows them. One who is not listed is not in the directory."""

    id: str
    kind: str = field(name="@odata.type")
    people: tuple[Account, ...] | None  # null: it was deleted meanwhile


@azure.collects(
    Principal,
    at="subscription",
    call=(ASSIGNMENTS, PRINCIPALS),
    permissions=(READ_ASSIGNMENTS, READ_DIRECTORY),
)
def principals(subscription: Azure) -> Iterator[Body]:
    """Graph leaves out ids that it does not have. Those of other directories, as partners have, are not its own."""
    ids = sorted({body["properties"]["principalId"] for body in subscription.pages(ASSIGNMENTS)})
    for start in range(0, len(ids), _MOST_IDS):
        answer = subscription.graph_post(PRINCIPALS, {"ids": ids[start : start + _MOST_IDS]})
        found = answer.get("value")
        if not isinstance(found, list) or answer.get("@odata.nextLink") is not None:
            raise Unexpected(f"{PRINCIPALS} was answered without a whole list")
        for body in found:
            yield {"id": body["id"], "@odata.type": body["@odata.type"]}


@azure.part(Principal, "people", call=(USER, MEMBERS), permissions=READ_DIRECTORY, absent="Request_ResourceNotFound")
def people(subscription: Azure, body: Body) -> list[Body]:
    """The user, or the members of a group at every depth: only what tells a guest and a blocked account."""
    chosen = {"$select": "id,userType,accountEnabled"}
    match body["@odata.type"]:
        case kind if kind == USER_KIND:
            return [{"@odata.type": USER_KIND, **subscription.graph_get(USER, query=chosen, id=body["id"])}]
        case kind if kind == GROUP_KIND:
            return list(subscription.graph_pages(MEMBERS, query={**chosen, "$top": 999}, id=body["id"]))
        case _:
            return []  # an application is nobody
