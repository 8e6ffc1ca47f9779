"""Sinks, log buckets and log-based metrics of a project."""

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
METRICS = Operation("logging", "v2", "logging.projects.metrics.list")


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
    locked: bool = False  # Google leaves out what is false


@gcp.collects(LogBucket, at="project", call=BUCKETS.id, permissions="logging.buckets.list")
def buckets(client: GoogleCloud) -> Iterator[Body]:
    parent = f"{client.name}/locations/-"
    yield from client.whatever.pages(BUCKETS, key="buckets", parent=parent, pageSize=1000)


class MetricShape(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a metric counts. Left out: entries."""

    value_type: str = "INT64"


@resource("gcp.logging.metric", key="name", volatile=("updateTime",))
class LogMetric(Struct, frozen=True, kw_only=True, rename="camel"):
    """A metric of the entries that a filter takes. Google leaves out what is false or empty."""

    name: str
    filter: str
    bucket_name: str = ""  # of the entries in that log bucket; else of those that the project itself receives
    disabled: bool = False
    value_extractor: str = ""
    metric_descriptor: MetricShape = MetricShape()


@gcp.collects(LogMetric, at="project", call=METRICS.id, permissions="logging.logMetrics.list")
def metrics(client: GoogleCloud) -> Iterator[Body]:
    yield from client.whatever.pages(METRICS, key="metrics", parent=client.name, pageSize=1000)
