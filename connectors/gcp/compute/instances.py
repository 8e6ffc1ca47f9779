"""Instances, and the metadata that all instances of a project share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud, compute, in_every_place
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import placed
from connectors.gcp.compute.networks import COMPUTE_OFF

INSTANCES = compute("instances.aggregatedList")
PROJECT = Operation("compute", "v1", "compute.projects.get")

_FLAGS = frozenset({"enable-oslogin", "enable-oslogin-2fa", "serial-port-enable", "block-project-ssh-keys"})
"""Metadata that decide something and hold no secret; the values of all others are taken out."""


class AccessConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """An external address of an interface; without one Google gives a new one with each start."""

    nat_ip: str = field(default="", name="natIP")


class Interface(Struct, frozen=True, kw_only=True, rename="camel"):
    """A network interface. Google leaves out what it does not have."""

    access_configs: tuple[AccessConfig, ...] = ()
    ipv6_access_configs: tuple[AccessConfig, ...] = ()


class AttachedAccount(Struct, frozen=True, kw_only=True, rename="camel"):
    """The service account that an instance runs as."""

    email: str
    scopes: tuple[str, ...] = ()  # left out where there are none


class Shielded(Struct, frozen=True, kw_only=True, rename="camel"):
    """What of shielded VM is on. Google leaves out what is false."""

    enable_vtpm: bool = False
    enable_integrity_monitoring: bool = False


@resource(
    "gcp.compute.instance",
    key="place",
    volatile=("fingerprint", "labelFingerprint", "lastStartTimestamp", "lastStopTimestamp", "resourceStatus"),
    redact=("metadata.items.value",),
)
class Instance(Struct, frozen=True, kw_only=True, rename="camel"):
    """An instance; `flags` are those of its metadata that decide something."""

    place: str
    name: str
    flags: dict[str, str]
    network_interfaces: tuple[Interface, ...]
    service_accounts: tuple[AttachedAccount, ...] = ()  # left out where none is attached
    shielded_instance_config: Shielded | None = None  # left out where the image does not support it


@gcp.collects(Instance, at="project", call=INSTANCES.id, permissions="compute.instances.list", unused=COMPUTE_OFF)
def instances(client: GoogleCloud) -> Iterator[Body]:
    items = in_every_place("instances")
    for instance in placed(client.google.pages(INSTANCES, key=items, project=client.project, maxResults=500)):
        yield {**instance, "flags": flags_of(instance.get("metadata", {}))}


@resource(
    "gcp.compute.project",
    volatile=("quotas",),
    redact=("commonInstanceMetadata.items.value",),
)
class ComputeProject(Struct, frozen=True, kw_only=True, rename="camel"):
    """What all instances of a project share; `flags` are those of the metadata that decide something."""

    flags: dict[str, str]


@gcp.collects(ComputeProject, at="project", call=PROJECT.id, permissions="compute.projects.get", unused=COMPUTE_OFF)
def compute_project(client: GoogleCloud) -> Iterator[Body]:
    found = client.google.ask(PROJECT, project=client.project)
    # An answer without the metadata, which every project has, is one to something else.
    yield {**found, "flags": flags_of(found["commonInstanceMetadata"])}


def flags_of(metadata: Body) -> dict[str, Any]:
    """Return the values of metadata that hold no secret."""
    return {item["key"]: item.get("value", "") for item in metadata.get("items", ()) if item["key"] in _FLAGS}
