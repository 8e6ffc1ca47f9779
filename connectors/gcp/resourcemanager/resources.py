"""The organization, its folders and its projects, found by walking: a list by parent is consistent, a search is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from collector.core import containers
from collector.core.connectors import Found
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.policies import Policy
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.settings import Settings
from connectors.gcp.logging.sinks import Sink

_API = ("cloudresourcemanager", "v3")
GET_ORGANIZATION = Operation(*_API, "cloudresourcemanager.organizations.get")
GET_FOLDER = Operation(*_API, "cloudresourcemanager.folders.get")
LIST_FOLDERS = Operation(*_API, "cloudresourcemanager.folders.list")
GET_PROJECT = Operation(*_API, "cloudresourcemanager.projects.get")
LIST_PROJECTS = Operation(*_API, "cloudresourcemanager.projects.list")
ORGANIZATION_POLICY = Operation(*_API, "cloudresourcemanager.organizations.getIamPolicy")
FOLDER_POLICY = Operation(*_API, "cloudresourcemanager.folders.getIamPolicy")
SERVICES = Operation("serviceusage", "v1", "serviceusage.services.list")
ORGANIZATION_SINKS = Operation("logging", "v2", "logging.organizations.sinks.list")
FOLDER_SINKS = Operation("logging", "v2", "logging.folders.sinks.list")

CONDITIONS_TOO = {"options": {"requestedPolicyVersion": 3}}
"""Without it Google leaves out the conditions of bindings, and calls it the policy all the same."""


@resource("gcp.resourcemanager.container", key="name", volatile=("etag", "updateTime"))
class Container(Struct, frozen=True, kw_only=True, rename="camel"):
    """The organization, or a folder at any depth, with the policy that everything below inherits."""

    name: str  # organizations/1234567890 or folders/1234567890
    display_name: str
    state: str  # ACTIVE, or DELETE_REQUESTED
    path: tuple[str, ...]  # from the root down
    policy: Policy
    sinks: tuple[Sink, ...]
    directory_customer_id: str = ""  # left out for folders


@resource("gcp.resourcemanager.project", key="projectId", volatile=("etag", "updateTime"))
class Project(Struct, frozen=True, kw_only=True, rename="camel"):
    """A project, those that are being deleted too."""

    project_id: str
    name: str  # projects/1234567890
    state: str
    path: tuple[str, ...]  # the containers above it, from the root down; empty for one that the settings name
    services: tuple[str, ...]  # the APIs that are enabled


@gcp.collects(
    Container,
    at="source",
    call=(GET_ORGANIZATION.id, GET_FOLDER.id, LIST_FOLDERS.id),
    permissions=("resourcemanager.organizations.get", "resourcemanager.folders.get", "resourcemanager.folders.list"),
    when=lambda settings: settings.containers,
)
def all_containers(source: GoogleCloud) -> Iterator[Body]:
    for path, container in _walked(source):
        yield {**container, "path": list(path)}


@gcp.part(
    Container,
    "policy",
    call=(ORGANIZATION_POLICY.id, FOLDER_POLICY.id),
    permissions=("resourcemanager.organizations.getIamPolicy", "resourcemanager.folders.getIamPolicy"),
)
def container_policy(source: GoogleCloud, container: Body) -> Any:
    operation = ORGANIZATION_POLICY if _is_organization(container) else FOLDER_POLICY
    return source.policy(operation, resource=container["name"], body=CONDITIONS_TOO)


@gcp.part(Container, "sinks", call=(ORGANIZATION_SINKS.id, FOLDER_SINKS.id), permissions="logging.sinks.list")
def container_sinks(source: GoogleCloud, container: Body) -> Any:
    operation = ORGANIZATION_SINKS if _is_organization(container) else FOLDER_SINKS
    return list(source.google.pages(operation, key="sinks", parent=container["name"]))


def _project_below(settings: Settings, body: Body) -> Found | None:
    if not settings.wants(body):
        return None
    facts: dict[str, Any] = {"number": body["name"].removeprefix("projects/")}
    if "services" in body:  # it could be read
        facts["services"] = body["services"]
    return Found(body["projectId"], facts)


@gcp.discovers(Project, level="project", below=_project_below)
@gcp.collects(
    Project,
    at="source",
    call=(GET_PROJECT.id, LIST_PROJECTS.id, GET_ORGANIZATION.id, GET_FOLDER.id, LIST_FOLDERS.id),
    permissions=(
        "resourcemanager.projects.get",
        "resourcemanager.projects.list",
        "resourcemanager.organizations.get",
        "resourcemanager.folders.get",
        "resourcemanager.folders.list",
    ),
)
def all_projects(source: GoogleCloud) -> Iterator[Body]:
    seen: set[str] = set()
    for path, container in _walked(source):
        query = {"parent": container["name"], "showDeleted": True, "pageSize": 300}
        for project in source.google.pages(LIST_PROJECTS, key="projects", **query):
            seen.add(project["projectId"])
            yield {**project, "path": list(path)}
    for id_ in source.settings.projects:
        if id_ not in seen:
            yield {**source.google.ask(GET_PROJECT, name=f"projects/{id_}"), "path": []}


@gcp.part(Project, "services", call=SERVICES.id, permissions="serviceusage.services.list")
def enabled_services(source: GoogleCloud, project: Body) -> Any:
    query = {"parent": project["name"], "filter": "state:ENABLED", "pageSize": 200}
    listed = source.google.pages(SERVICES, key="services", **query)
    return sorted(service["name"].rpartition("/")[2] for service in listed)


def _walked(source: GoogleCloud) -> Iterator[tuple[containers.Path, Body]]:
    def roots() -> Iterator[Body]:
        if source.settings.organization is not None:
            yield source.google.ask(GET_ORGANIZATION, name=f"organizations/{source.settings.organization}")
        for folder in source.settings.folders:
            yield source.google.ask(GET_FOLDER, name=f"folders/{folder}")

    def children(container: Body) -> Iterable[Body]:
        query = {"parent": container["name"], "showDeleted": True, "pageSize": 300}
        return source.google.pages(LIST_FOLDERS, key="folders", **query)

    return containers.walk(roots(), children, id_of=lambda container: str(container["name"]))


def _is_organization(container: Body) -> bool:
    return str(container["name"]).startswith("organizations/")
