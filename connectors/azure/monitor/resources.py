"""Where the activity log of a subscription goes, workspaces with their retention, and alerts on it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS, makers
from connectors.azure._sdk.operations import operation, places_of
from connectors.azure.monitor.diagnostics import DiagnosticSetting

_AT = "GET /subscriptions/{subscription}"
_INSIGHTS = f"{_AT}/providers/Microsoft.Insights"

SUBSCRIPTION_DIAGNOSTICS = operation(f"{_INSIGHTS}/diagnosticSettings", "2021-05-01-preview")
RESOURCE_DIAGNOSTICS = operation(
    "GET /{+resource}/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"
)
ACTIVITY_ALERTS = operation(f"{_INSIGHTS}/activityLogAlerts", "2020-10-01")
WORKSPACES = operation(f"{_AT}/providers/Microsoft.OperationalInsights/workspaces", "2022-10-01")
TABLES = operation(
    f"{_AT}/resourceGroups/{{group}}/providers/Microsoft.OperationalInsights/workspaces/{{workspace}}/tables",
    "2022-10-01",
)

READ_DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings/read"


@resource("azure.monitor.subscription_diagnostic", key="name", redact=MAKERS)
class SubscriptionDiagnostic(DiagnosticSetting, frozen=True, kw_only=True):
    """A diagnostic setting of the subscription: it sends the activity log."""


@azure.collects(SubscriptionDiagnostic, at="subscription", call=SUBSCRIPTION_DIAGNOSTICS, permissions=READ_DIAGNOSTICS)
def subscription_diagnostics(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(SUBSCRIPTION_DIAGNOSTICS)


def diagnostics_of(subscription: Azure, resource_id: str) -> list[Body]:
    """Return the diagnostic settings of a resource."""
    return subscription.items(RESOURCE_DIAGNOSTICS, resource=resource_id.strip("/"))


class Retained(Struct, frozen=True, kw_only=True, rename="camel"):
    """How long a workspace keeps logs where a table has no time of its own."""

    retention_in_days: int | None = None  # left out while the workspace is being made


class TableRetention(Struct, frozen=True, kw_only=True, rename="camel"):
    """How long a table keeps logs, those in its archive too."""

    total_retention_in_days: int


class Table(Struct, frozen=True, kw_only=True):
    """A table of a workspace."""

    name: str
    properties: TableRetention


@resource("azure.monitor.log_workspace", key="id", volatile=("etag",), redact=makers("tables"))
class LogWorkspace(Struct, frozen=True, kw_only=True):
    """A Log Analytics workspace."""

    id: str
    name: str
    properties: Retained
    tables: tuple[Table, ...]


@azure.collects(
    LogWorkspace, at="subscription", call=WORKSPACES, permissions="Microsoft.OperationalInsights/workspaces/read"
)
def workspaces(subscription: Azure) -> Iterator[Body]:
    """Keys of a workspace are another operation, which is never called."""
    return subscription.pages(WORKSPACES)


@azure.part(LogWorkspace, "tables", call=TABLES, permissions="Microsoft.OperationalInsights/workspaces/tables/read")
def tables(subscription: Azure, body: Body) -> list[Body]:
    return subscription.items(TABLES, **places_of(body["id"], "workspace"))


class AlertCondition(Struct, frozen=True, kw_only=True, rename="camel"):
    """One condition on a field of an event; with `any_of`, that one of several holds."""

    field_: str | None = field(name="field", default=None)  # null in one that has any_of
    equals: str | None = None
    contains_any: tuple[str, ...] | None = None
    any_of: tuple[AlertCondition, ...] | None = None


class AlertConditions(Struct, frozen=True, kw_only=True, rename="camel"):
    """Conditions that have to hold together."""

    all_of: tuple[AlertCondition, ...]


class AlertAction(Struct, frozen=True, kw_only=True, rename="camel"):
    """An action group that an alert goes to."""

    action_group_id: str


class AlertActions(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an alert does."""

    action_groups: tuple[AlertAction, ...] | None = None  # left out where there are none


class AlertRule(Struct, frozen=True, kw_only=True):
    """When an alert is raised, for what, and for whom."""

    enabled: bool
    scopes: tuple[str, ...]
    condition: AlertConditions
    actions: AlertActions


@resource(
    "azure.monitor.activity_log_alert",
    key="id",
    redact=(
        *MAKERS,
        "properties.actions.actionGroups.webhookProperties.*",
    ),
)
class ActivityLogAlert(Struct, frozen=True, kw_only=True):
    """A rule that raises an alert on an event of the activity log."""

    id: str
    name: str
    properties: AlertRule


@azure.collects(
    ActivityLogAlert, at="subscription", call=ACTIVITY_ALERTS, permissions="Microsoft.Insights/activityLogAlerts/read"
)
def activity_log_alerts(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(ACTIVITY_ALERTS)
