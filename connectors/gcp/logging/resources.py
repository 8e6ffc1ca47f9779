"""Sinks and log buckets of a project."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp.logging.sinks import Sink

SINKS = Operation("logging", "v2", "logging.projects.sinks.list")
BUCKETS = Operation("logging", "v2", "logging.projects.locations.buckets.list")


@resource("gcp.logging.sink", key="name", volatile=("updateTime",))
class ProjectSink(Sink, frozen=True, kw_only=True, rename="camel"):
    """A sink of a project."""


@gcp.collects(ProjectSink, at="project", call=SINKS.id, permissions="logging.sinks.list")
def sinks(client: GoogleCloud) -> Iterator[Body]:
    yield from client.whatever.pages(SINKS, key="sinks", parent=client.name, pageSize=1000)


@resource("gcp.logging.bucket", key="name", volatile=("updateTime",))
class LogBucket(Struct, frozen=True, kw_only=True, rename="camel"):
    """A log bucket of a project."""

    name: str  # projects/acme/locations/global/buckets/_Default
    retention_days: int
    lifecycle_state: str


@gcp.collects(LogBucket, at="project", call=BUCKETS.id, permissions="logging.buckets.list")
def buckets(client: GoogleCloud) -> Iterator[Body]:
    parent = f"{client.name}/locations/-"
    yield from client.whatever.pages(BUCKETS, key="buckets", parent=parent, pageSize=1000)
