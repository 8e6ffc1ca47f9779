"""Policies of projects, roles, service accounts and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.people import AccountType, Person
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.policies import Policy
from connectors.gcp._iam.powers import READ_ENTRIES, WRITING, is_kept
from connectors.gcp._sdk.client import TEST_PERMISSIONS, GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp.resourcemanager.resources import CONDITIONS_TOO

POLICY = Operation("cloudresourcemanager", "v3", "cloudresourcemanager.projects.getIamPolicy")
ANCESTRY = Operation("cloudresourcemanager", "v1", "cloudresourcemanager.projects.getAncestry")
ACCOUNTS = Operation("iam", "v1", "iam.projects.serviceAccounts.list")
KEYS = Operation("iam", "v1", "iam.projects.serviceAccounts.keys.list")
PROJECT_ROLES = Operation("iam", "v1", "iam.projects.roles.list")
ORGANIZATION_ROLES = Operation("iam", "v1", "iam.organizations.roles.list")
PREDEFINED_ROLES = Operation("iam", "v1", "iam.roles.list")


class ResourceId(Struct, frozen=True, kw_only=True, rename="camel"):
    """A project, folder or organization by type and number, or by id where it is a project."""

    type: str
    id: str


class Ancestor(Struct, frozen=True, kw_only=True, rename="camel"):
    """One step of the way from a project up to its organization."""

    resource_id: ResourceId


@resource("gcp.iam.policy", key="name")
class ProjectPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """The policy of a project. `held` are permissions to write, or to read content, that annexd itself has."""

    name: str
    policy: Policy
    ancestry: tuple[Ancestor, ...]  # the project itself first, then what is above it
    held: tuple[str, ...]


@gcp.collects(ProjectPolicy, at="project", call=POLICY.id, permissions="resourcemanager.projects.getIamPolicy")
def project_policy(client: GoogleCloud) -> Iterator[Body]:
    yield {"name": client.name, "policy": client.policy(POLICY, resource=client.name, body=CONDITIONS_TOO)}


@gcp.part(ProjectPolicy, "ancestry", call=ANCESTRY.id, permissions="resourcemanager.projects.get")
def ancestry(client: GoogleCloud, _policy: Body) -> Any:
    return client.google.ask(ANCESTRY, projectId=client.project, body={})["ancestor"]


@gcp.part(ProjectPolicy, "held", call=TEST_PERMISSIONS.id)
def held(client: GoogleCloud, _policy: Body) -> Any:
    wanted = {READ_ENTRIES} if client.settings.changes else frozenset[str]()
    return sorted(client.held([each for each in WRITING if each not in wanted]))


@resource("gcp.iam.role", key="name", volatile=("etag",))
class CustomRole(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role that a project has made."""

    name: str  # projects/acme/roles/deployer
    included_permissions: tuple[str, ...] = ()  # left out where there are none


@gcp.collects(CustomRole, at="project", call=PROJECT_ROLES.id, permissions="iam.roles.list")
def custom_roles(client: GoogleCloud) -> Iterator[Body]:
    yield from client.whatever.pages(PROJECT_ROLES, key="roles", parent=client.name, view="FULL", pageSize=1000)


@resource("gcp.iam.role_powers")
class RolePowers(Struct, frozen=True, kw_only=True, rename="camel"):
    """Google's own roles and those of the organization, each with those of its permissions that checks ask for."""

    roles: Mapping[str, tuple[str, ...]]


@gcp.collects(
    RolePowers,
    at="source",
    call=(PREDEFINED_ROLES.id, ORGANIZATION_ROLES.id),
    permissions="iam.roles.list",
)
def role_powers(source: GoogleCloud) -> Iterator[Body]:
    found: dict[str, list[str]] = {}
    query = {"view": "FULL", "pageSize": 1000}
    for role in source.whatever.pages(PREDEFINED_ROLES, key="roles", **query):
        found[role["name"]] = powers_of(role)
    if source.settings.organization is not None:
        parent = f"organizations/{source.settings.organization}"
        for role in source.whatever.pages(ORGANIZATION_ROLES, key="roles", parent=parent, **query):
            found[role["name"]] = powers_of(role)
    yield {"roles": found}


def powers_of(role: Body) -> list[str]:
    """Return the permissions of a role that checks ask for."""
    return sorted(permission for permission in role.get("includedPermissions", []) if is_kept(permission))


class Key(Struct, frozen=True, kw_only=True, rename="camel"):
    """A key of a service account that somebody has made. Google leaves out what is false."""

    name: str
    valid_after_time: datetime
    valid_before_time: datetime
    key_origin: str  # GOOGLE_PROVIDED, or USER_PROVIDED: a certificate that somebody uploaded, with dates of their own
    disabled: bool = False


@resource(
    "gcp.iam.service_account",
    key="email",
    volatile=("etag",),
    redact=("keys.publicKeyData",),
    person=Person(id="uniqueId", name="email", account=AccountType.SERVICE),
)
class ServiceAccount(Struct, frozen=True, kw_only=True, rename="camel"):
    """A service account of a project. Google leaves out what is false."""

    email: str
    keys: tuple[Key, ...]
    disabled: bool = False


@gcp.collects(ServiceAccount, at="project", call=ACCOUNTS.id, permissions="iam.serviceAccounts.list")
def service_accounts(client: GoogleCloud) -> Iterator[Body]:
    yield from client.whatever.pages(ACCOUNTS, key="accounts", name=client.name, pageSize=100)


@gcp.part(ServiceAccount, "keys", call=KEYS.id, permissions="iam.serviceAccountKeys.list")
def keys(client: GoogleCloud, account: Body) -> Any:
    answer = client.whatever.ask(KEYS, name=account["name"], keyTypes=["USER_MANAGED"])
    return answer.get("keys", [])  # Google leaves an empty list out
