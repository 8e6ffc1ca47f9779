"""Repositories of Artifact Registry, and whether images in them are scanned."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp._sdk.unused import off

LOCATIONS = Operation("artifactregistry", "v1", "artifactregistry.projects.locations.list")
REPOSITORIES = Operation("artifactregistry", "v1", "artifactregistry.projects.locations.repositories.list")


class Scanning(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether images are scanned, as Google itself sees it."""

    enablement_state: str = "ENABLEMENT_STATE_UNSPECIFIED"
    enablement_state_reason: str = ""  # left out where there is none


@resource("gcp.artifactregistry.repository", key="name", volatile=("updateTime", "sizeBytes"))
class Repository(Struct, frozen=True, kw_only=True, rename="camel"):
    """A repository."""

    name: str
    format: str
    vulnerability_scanning_config: Scanning = Scanning()  # left out for formats that are not scanned


@gcp.collects(
    Repository,
    at="project",
    call=(LOCATIONS.id, REPOSITORIES.id),
    permissions=("artifactregistry.locations.list", "artifactregistry.repositories.list"),
    unused=off("artifactregistry.googleapis.com"),
)
def repositories(client: GoogleCloud) -> Iterator[Body]:
    for location in client.locations(LOCATIONS):
        yield from client.google.pages(REPOSITORIES, key="repositories", parent=location, pageSize=1000)


@check(
    "gcp_artifactregistry_scanning_enabled",
    title="Container images are scanned for vulnerabilities",
    severity="medium",
    fix="Enable the Container Scanning API, and scanning of the repository",
)
def scanning_enabled(repository: Repository) -> Verdict:
    name = last_of(repository.name)
    if repository.format != "DOCKER":
        return not_applicable(f"{name} holds {repository.format}, and no container images")
    scanning = repository.vulnerability_scanning_config
    said = f"{name} is {scanning.enablement_state}: {scanning.enablement_state_reason}".removesuffix(": ")
    match scanning.enablement_state:
        case "SCANNING_ACTIVE":
            return passed()
        case "SCANNING_DISABLED":
            return failed(said)
        case _:
            return unknown(said)
