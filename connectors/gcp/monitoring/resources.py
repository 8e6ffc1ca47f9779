"""Alert policies and notification channels of a project, and the projects that may watch its metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp

POLICIES = Operation("monitoring", "v3", "monitoring.projects.alertPolicies.list")
CHANNELS = Operation("monitoring", "v3", "monitoring.projects.notificationChannels.list")
SCOPES = Operation("monitoring", "v1", "monitoring.locations.global.metricsScopes.listMetricsScopesByMonitoredProject")


class Aggregation(Struct, frozen=True, kw_only=True, rename="camel"):
    """How points become one value. Google leaves out what nobody chose."""

    per_series_aligner: str = "ALIGN_NONE"
    cross_series_reducer: str = "REDUCE_NONE"


class Trigger(Struct, frozen=True, kw_only=True):
    """How many time series have to be over the threshold."""

    count: int = 0
    percent: float = 0


class Threshold(Struct, frozen=True, kw_only=True, rename="camel"):
    """A condition on the value of a metric. Google leaves out what is zero or nobody chose."""

    filter: str
    comparison: str = ""
    threshold_value: float = 0
    duration: str = "0s"
    trigger: Trigger = Trigger()
    aggregations: tuple[Aggregation, ...] = ()
    denominator_filter: str = ""
    forecast_options: dict[str, Any] | None = None  # None: it is about values now


class MatchedLog(Struct, frozen=True, kw_only=True):
    """A condition on entries of the project's own log."""

    filter: str


class Query(Struct, frozen=True, kw_only=True):
    """A condition in a query language."""

    query: str = ""


class Condition(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a policy waits for; one of these is there. One on values that are absent has no part in this."""

    condition_threshold: Threshold | None = None
    condition_matched_log: MatchedLog | None = None
    condition_monitoring_query_language: Query | None = None
    condition_prometheus_query_language: Query | None = None
    condition_sql: Query | None = None


class Strategy(Struct, frozen=True, kw_only=True, rename="camel"):
    """When somebody is told. Left out: when an incident begins."""

    notification_prompts: tuple[str, ...] = ()


@resource(
    "gcp.monitoring.alert_policy",
    key="name",
    volatile=("mutationRecord",),
    redact=("creationRecord.mutatedBy", "mutationRecord.mutatedBy", "documentation.content"),
)
class AlertPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """An alert policy of a project. Google leaves out what is empty."""

    name: str  # projects/acme-prod/alertPolicies/1234567890
    enabled: bool
    display_name: str = ""
    combiner: str = ""
    conditions: tuple[Condition, ...] = ()
    notification_channels: tuple[str, ...] = ()
    alert_strategy: Strategy = Strategy()
    validity: dict[str, Any] | None = None  # only there where something is wrong with the policy


@gcp.collects(AlertPolicy, at="project", call=POLICIES.id, permissions="monitoring.alertPolicies.list")
def alert_policies(client: GoogleCloud) -> Iterator[Body]:
    yield from client.whatever.pages(POLICIES, key="alertPolicies", name=client.name, pageSize=1000)


@resource(
    "gcp.monitoring.notification_channel",
    key="name",
    volatile=("mutationRecords",),
    redact=("labels.*", "creationRecord.mutatedBy", "mutationRecords.mutatedBy"),
)
class NotificationChannel(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where alerts are sent to. The address is redacted."""

    name: str  # projects/acme-prod/notificationChannels/1234567890
    type: str
    enabled: bool = False  # Google leaves out what is false
    verification_status: str = ""  # left out for types that need no verification

    @property
    def is_working(self) -> bool:
        """Whether it sends: one that is UNVERIFIED is non-functioning, in Google's words."""
        return self.enabled and self.verification_status != "UNVERIFIED"


@gcp.collects(NotificationChannel, at="project", call=CHANNELS.id, permissions="monitoring.notificationChannels.list")
def notification_channels(client: GoogleCloud) -> Iterator[Body]:
    yield from client.whatever.pages(CHANNELS, key="notificationChannels", name=client.name, pageSize=1000)


@resource("gcp.monitoring.metrics_scope", key="name", volatile=("updateTime",))
class MetricsScope(Struct, frozen=True, kw_only=True):
    """A project, by its number, whose alert policies may watch the metrics of this one: itself, and others."""

    name: str  # locations/global/metricsScopes/1234567890


@gcp.collects(MetricsScope, at="project", call=SCOPES.id, permissions="resourcemanager.projects.get")
def metrics_scopes(client: GoogleCloud) -> Iterator[Body]:
    answer = client.whatever.ask(SCOPES, monitoredResourceContainer=client.name)
    for scope in answer["metricsScopes"]:  # the project's own is always the first of them
        yield {name: value for name, value in scope.items() if name != "monitoredProjects"}
